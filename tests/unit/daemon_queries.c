/* tests/unit/daemon_queries.c - Each query that was asked is counted once, under what it came to. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/daemon/engine/queries.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"

static void tell(struct queries *queries, unsigned kind, uint64_t ref, enum outcome outcome)
{
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, kind);
    writer_u(&writer, ENVELOPE_ixn, 7);
    writer_u(&writer, ENVELOPE_ref, ref);
    if (kind == KIND_EventDone) writer_u(&writer, EventDone_outcome, outcome);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    if (kind == KIND_Query)
        queries_asked(queries, 0, &message);
    else
        queries_answered(queries, &message);
    writer_free(&writer);
}

static uint64_t count(const struct queries *queries, const char *exit)
{
    for (unsigned i = 0; i < QUERY_EXITS; i++)
        if (queries_exit(i) && strcmp(queries_exit(i), exit) == 0) return queries_count(queries, 0, i);
    cr_assert_fail("no exit %s", exit);
    return 0;
}

Test(daemon_queries, what_nobody_waits_for_any_more_is_counted_as_such, .timeout = 10)
{
    struct queries *queries = queries_new(1);
    for (uint64_t ref = 1; ref <= 4; ref++) tell(queries, KIND_Query, ref, 0);
    tell(queries, KIND_EventDone, 1, outcome_ok);
    tell(queries, KIND_EventDone, 2, outcome_timeout);
    queries_cancelled(queries, 7, 3);
    tell(queries, KIND_EventDone, 3, outcome_ok); /* too late */
    queries_cancelled(queries, 7, 1);             /* answered already */
    queries_cancelled(queries, 7, 9);             /* never asked: no query */
    cr_expect_eq(count(queries, "ok"), 1u);
    cr_expect_eq(count(queries, "timeout"), 1u);
    cr_expect_eq(count(queries, "cancelled"), 1u);
    queries_free(queries);
}
