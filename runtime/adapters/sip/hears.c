/* runtime/adapters/sip/hears.c - The table of who hears whom. */
#include "runtime/adapters/sip/hears.h"

enum {
    SILENCE = HEARS_SILENCE,
    CALLER = HEARS_CALLER,
    CALLED = HEARS_CALLED,
    THIRD = HEARS_THIRD,
    TREATMENT = HEARS_TREATMENT,
    RINGING = HEARS_RINGING,
    BUSY = HEARS_BUSY,
    MUSIC = HEARS_MUSIC,
    NOTHING = HEARS_NOTHING
};

const struct hears hears_table[HEARS_STATES] = {
#define HEARS(state, doc, caller, called, third) [HEARS_AT_##state] = {#state, doc, caller, called, third},
#include "runtime/adapters/sip/hears.def"
};
