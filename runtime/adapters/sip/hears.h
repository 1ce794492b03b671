/* runtime/adapters/sip/hears.h - The table hears.def as values: who hears whom. */
#pragma once

/* Each sound is a bit; a cell of the table is a set of sounds. */
enum {
    HEARS_SILENCE = 0, /* packets with silence in them */
    HEARS_CALLER = 1,
    HEARS_CALLED = 2,
    HEARS_THIRD = 4,
    HEARS_TREATMENT = 8,
    HEARS_RINGING = 16,
    HEARS_BUSY = 32,
    HEARS_MUSIC = 64,
    HEARS_NOTHING = 128 /* no packet */
};

enum hears_state {
#define HEARS(state, doc, caller, called, third) HEARS_AT_##state,
#include "runtime/adapters/sip/hears.def"
    HEARS_STATES
};

struct hears {
    const char *state, *doc;
    unsigned caller, called, third;
};

extern const struct hears hears_table[HEARS_STATES];
