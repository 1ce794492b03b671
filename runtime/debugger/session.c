/* runtime/debugger/session.c - Runs a debugging session: makes the debugger for a test or journal, and plays until
 * the user leaves.
 *
 *     session_run()      a test, or the world: without a test the user is the world (acts.h)
 *     session_replay()   a journal; where to begin is said by a ConnID, an interaction or a time
 *     session_attach()   one interaction of a running gcxvm
 *
 * Each function makes a debugger on the stack, plays until the user leaves, and frees the debugger. The journal
 * belongs to the caller. */
#include "runtime/debugger/session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/acts.h"
#include "runtime/debugger/commands.h"
#include "runtime/debugger/live.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/variant.h"
#include "base/written.h"
#include "runtime/vocabulary/ident.h"
#include "base/shown.h"

/* With --batch a session is good only if every command could be done. */
static bool session_is_good(const struct debugger *d)
{
    return !lines_is_batch() || d->troubles == 0;
}

bool session_run(const struct debugger_session *session)
{
    struct debugger d;
    bool world = session->test == SESSION_WORLD;
    debugger_init(&d, session->front, session->tests, session->test);
    d.seed = session->seed;
    d.sources = session->sources;
    lines_open(&names_completion);
    if (world) d.acts = acts_new(&session->sources, sim_tests_image(session->tests));
    struct sim_test test = world ? (struct sim_test){0} : sim_tests_at(session->tests, session->test);
    if (world)
        puts("You are the world: agent, arrive, advance; help tells the commands.");
    else
        shown_print(stdout, "The test \"%s\" of %s; help tells the commands.\n", test.name, test.file);
    bool passed = debugger_play(&d);
    bool good = d.core && session_is_good(&d) && !(lines_is_batch() && d.over && !passed);
    lines_close();
    debugger_free(&d);
    acts_free(d.acts);
    return good;
}

/* ---- a journal ---- */

/* 2026-11-22T09:02:15Z */
static bool read_wall(const char *from, int64_t *wall_us)
{
    char text[40];
    size_t length = strlen(from);
    (void)snprintf(text, sizeof text, "%s%s", from, length == sizeof "2026-11-22T09:02:15" - 1 ? "Z" : "");
    return written_moment(text, strlen(text), wall_us);
}

/* Reads a time of the wall clock as logical time. */
static bool session_read_moment(const struct past *past, const char *from, uint64_t *at_us)
{
    int64_t wall_us;
    if (!read_wall(from, &wall_us)) return false;
    int64_t logical_us = wall_us - past_clock(past);
    *at_us = logical_us < 0 ? 0 : (uint64_t)logical_us;
    return true;
}

/* Reads an interaction's number as the debugger shows it, 12, or as logs do, 1-00000000000c. */
static bool read_interaction(const struct past *past, const char *from, uint64_t *interaction)
{
    size_t count;
    const struct interaction_row *rows = past_interactions(past, &count);
    char *end;
    if (ident_read_ixn(from, interaction)) return true;
    uint64_t number = strtoull(from, &end, 10);
    *interaction = (count > 0 ? rows[0].ixn >> IXN_COUNTER_BITS : 0) << IXN_COUNTER_BITS | number;
    return *end == '\0' && end > from;
}

/* Returns the time that a ConnID or a TIME names; a ConnID contains seconds and a number of the call. */
int64_t session_since(const char *from)
{
    enum { CALL_BITS = 16, SECONDS_BITS = 32, MARGIN_S = 60 };
    int64_t wall_us = 0;
    uint64_t conn;
    if (ident_read_conn(from, &conn)) {
        uint64_t seconds = conn >> CALL_BITS & ((UINT64_C(1) << SECONDS_BITS) - 1);
        return seconds > MARGIN_S ? (int64_t)(seconds - MARGIN_S) * 1000000 : 0;
    }
    return read_wall(from, &wall_us) && wall_us > 0 ? wall_us : 0;
}

/* Reads what to look for: 16 digits are a ConnID; a shorter number is an interaction. */
static bool read_sought(const struct past *past, const char *from, struct moment_sought *sought)
{
    struct moment_sought found = {.what = SOUGHT_CALL};
    if (!from) return true;
    if (ident_read_conn(from, &found.number)) {
        found.what = SOUGHT_CALL;
    } else if (session_read_moment(past, from, &found.number) || (found.number = commands_duration(from)) > 0) {
        found.what = SOUGHT_TIME;
    } else {
        found.what = SOUGHT_INTERACTION;
        if (!read_interaction(past, from, &found.number)) return false;
    }
    *sought = found;
    return true;
}

/* Limits the timeline to the interaction looked for, among the many others. 0: there is none, or it is no longer
 * known. */
static uint64_t session_narrow(struct past *past, const struct moment_sought *sought)
{
    size_t count;
    const struct interaction_row *rows = past_interactions(past, &count);
    for (size_t i = 0; i < count; i++) {
        if (sought->what == SOUGHT_CALL ? rows[i].conn != sought->number
                                        : sought->what != SOUGHT_INTERACTION || rows[i].ixn != sought->number)
            continue;
        past_only(past, &rows[i]);
        return rows[i].ixn;
    }
    return 0;
}

/* Finds the first moment at which the other version does something else with the interaction. */
static bool seek_difference(struct past *past, struct moment_sought *sought, uint64_t about)
{
    uint64_t at_us;
    if (about == 0) {
        fputs("gcxdb: --with plays one interaction: a ConnID, or an interaction's number; or none, and compares all\n",
              stderr);
        return false;
    }
    if (compare_one(past, about, &at_us, stdout)) {
        *sought = (struct moment_sought){SOUGHT_TIME, at_us};
        puts("This is the other version; from there on nothing answers it.");
    }
    assert(past_with(past));
    past_alone(past, about);
    return true;
}

/* Plays to the end, with the given sources but the program's own paths. */
static bool session_play(struct debugger *d, const struct sources *as)
{
    char *paths[VARIANT_SOURCES];
    d->sources = *as;
    d->sources.paths = (const char *const *)paths;
    d->sources.count = variant_sources(d->program, paths);
    lines_open(&names_completion);
    (void)debugger_play(d);
    bool good = session_is_good(d);
    lines_close();
    for (size_t i = 0; i < d->sources.count; i++) free(paths[i]);
    debugger_free(d);
    return good;
}

bool session_replay(debugger_front *front, struct past *past, const struct sources *as, const char *from)
{
    struct debugger d;
    struct moment_sought sought = {.what = SOUGHT_NOTHING};
    size_t count;
    if (!read_sought(past, from, &sought)) {
        shown_print(stderr,
                    "gcxdb: '%s' is no ConnID (16 digits), no interaction (1-00000000000c, 12), and no time "
                    "(2026-11-22T09:02:15Z, or 1m30s since the beginning)\n",
                    from);
        return false;
    }
    (void)past_interactions(past, &count);
    shown_print(stdout, "A journal; interactions: %zu, batches: %" PRIu64 "; help tells the commands.\n", count,
                past_batches(past));
    if (past_skipped(past))
        shown_print(stdout, "It begins at the snapshot after batch %" PRIu64 ", the newest before that.\n",
                    past_removed(past));
    else if (past_removed(past) > 0)
        shown_print(stdout, "It begins at the snapshot after batch %" PRIu64 ": older batches were removed.\n",
                    past_removed(past));
    if (past_hidden(past) > 0)
        printf("Keys of %" PRIu64
               " secrets are erased: those are stars, and what the strategy did by them may differ.\n",
               past_hidden(past));
    if (past_broken(past)) shown_print(stdout, "It can be replayed up to there only: %s\n", past_broken(past));
    uint64_t about = session_narrow(past, &sought);
    if (past_with(past) && !seek_difference(past, &sought, about)) return false;
    debugger_init_past(&d, front, past, sought, about);
    return session_play(&d, as);
}

bool session_attach(debugger_front *front, struct past *past, const struct sources *as, struct live *live)
{
    struct debugger d;
    struct interaction_row row;
    uint64_t ixn = live_found(live, past);
    if (ixn == 0 || !core_find(past_end(past), ixn, &row)) return false;
    if (past_removed(past) > 0)
        shown_print(stdout, "The debugger does not look at batches before the snapshot after batch %" PRIu64 ".\n",
                    past_removed(past));
    past_only(past, &row);
    debugger_init_live(&d, front, past, live, ixn);
    return session_play(&d, as);
}
