/* runtime/debugger/stops_row.h - One breakpoint: for stops.c, which meets it, and stops_kept.c, which changes, shows
 * and saves it. */
#pragma once

#include "runtime/debugger/stops.h"

enum { STOP_NAME_BYTES = 256, STOP_VALUE_BYTES = 256 };

struct breakpoint {
    unsigned number;
    enum break_kind kind;
    char name[STOP_NAME_BYTES]; /* name of the file, function, step, exit code ("": any), message, variable or agent */
    uint32_t line;
    uint32_t function;
    uint64_t at_us;
    char condition[STOP_NAME_BYTES]; /* "": none */
    char value[STOP_VALUE_BYTES];    /* the last value of what is watched, or the agent's last state */
    char wanted[STOP_NAME_BYTES];    /* the agent's state at which the breakpoint stops; "": at any change */
    char log[STOP_NAME_BYTES];       /* "": the breakpoint stops; else this text is printed, and the play continues */
    char *commands;   /* what the prompt does when the breakpoint stops, a command per line; owned; NULL: nothing */
    bool once, known; /* known: `value` is from this play */
    bool disabled;    /* neither stops nor tells */
    uint64_t ignored; /* how many more times the breakpoint is passed before it stops */
    uint64_t hits;
};

/* Writes where and under which condition it stops: shop.gcx:12 if total > 5. */
void stops_describe(const struct breakpoint *, char *text, size_t size);
/* Is the condition of the breakpoint valid at all places where it may stop? False: `why` not. */
bool stops_good(const struct debugger *, const struct breakpoint *, char *why, size_t size);
void stops_take_away(struct debugger *, size_t index);
