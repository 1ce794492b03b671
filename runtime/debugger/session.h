/* runtime/debugger/session.h - Debugs a test, a simulated world or a journal from its beginning to the command
 * `quit`.
 *
 * A session connects the parts: sources become tests (runtime/sim) or a journal becomes a past (past.h), a debugger
 * plays it, and a front end (gcxdb.c, dap.c) reads commands when the debugger stops. */
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
    uint32_t test; /* the test's index; SESSION_WORLD: no test, the user plays caller and agents */
    struct sources sources;
    uint64_t seed;
};

/* Debugs a journal from its beginning (`from` NULL), or from an interaction or a time on (see gcxdb(1)). False:
 * `from` is none of these, and a message says so. */
bool session_replay(debugger_front *, struct past *, const struct sources *, const char *from);
/* Returns the wall-clock time in us before which nothing of what `from` names happened: for a ConnID its seconds
 * less a minute, by which the switch's clock may be wrong; for a TIME that time. 0: `from` contains no time. */
int64_t session_since(const char *from);
/* Debugs one interaction of a running gcxvm (live.h); `past` is the gcxvm's journal. */
struct live;
bool session_attach(debugger_front *, struct past *, const struct sources *, struct live *);
/* Debugs a test; true if the user quit, whether or not the test passed; false: it cannot be played, and a message says
 * why. With --batch the three session functions also return false if a command could not be done, or the test has
 * failed. */
bool session_run(const struct debugger_session *);

/* Comparison: shows for each interaction of a journal how another version would have served it (compare.c). */
enum compared { COMPARED_SAME, COMPARED_DIFFERS, COMPARED_NOT };

/* Prints the table of all interactions, and the totals. Another version must have been set before (past_compare).
 * COMPARED_NOT: it was not possible, and a message on standard error says why. */
enum compared compare_all(struct past *, bool only_different, FILE *out);
/* Runs one interaction with the other version, and the others with the old one. Prints the first difference, and
 * sets `at_us` to the time at which to look at it. False: there is no difference, which is printed, too. */
bool compare_one(struct past *, uint64_t ixn, uint64_t *at_us, FILE *out);
