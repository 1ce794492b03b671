/* runtime/debugger/session.h - Debugging a test, a world or a journal from its beginning to `quit`.
 *
 * It ties the others together: sources become tests (runtime/sim) or a journal becomes a past (past.h), a debugger
 * plays them, and a front (gcxdb.c, dap.c) reads commands where the debugger stops. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/debugger/debugger.h"

struct sim_tests;
struct past;

#define SESSION_WORLD UINT32_MAX

struct debugger_session { /* everything is borrowed */
    debugger_front *front;
    const struct sim_tests *tests;
    uint32_t test; /* the test's index; SESSION_WORLD: no test, somebody is the world */
    struct sources sources;
    uint64_t seed;
};

/* From the beginning of a journal, or from an interaction or a time on (see gcxdb(1)); NULL: the beginning. False:
 * `from` is none of these, which is told. */
bool session_replay(debugger_front *, struct past *, const struct sources *, const char *from);
/* The time of the wall clock, in us, before which nothing of what `from` names happened: that of a ConnID, less a
 * minute by which the switch's clock may be wrong, or of a TIME. 0: it does not say. */
int64_t session_since(const char *from);
/* One interaction of a running gcxvm (live.h), whose journal `past` is. */
struct live;
bool session_attach(debugger_front *, struct past *, const struct sources *, struct live *);
/* True where somebody quit, whatever became of the test; false: it cannot be played, which is told. */
bool session_run(const struct debugger_session *);

/* Comparison: the interactions of a journal, one by one, as another version would have served them (compare.c). */
enum compared { COMPARED_SAME, COMPARED_DIFFERS, COMPARED_NOT };

/* The table of all of them, and their sum. The past has another version (past_compare). COMPARED_NOT: it could not be
 * done, which is told to standard error. */
enum compared compare_all(struct past *, bool only_different, FILE *out);
/* Runs one interaction by the other version, and the others by the old one. Tells the first difference, and sets
 * `at_us` to the time at which to look at it. False: there is none, which is told, too. */
bool compare_one(struct past *, uint64_t ixn, uint64_t *at_us, FILE *out);
