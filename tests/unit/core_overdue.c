/* tests/unit/core_overdue.c - Very many timers that are due at once, as after an absence: the earliest first, not too
 * many in a batch, what happens meanwhile in between, and the same for whoever replays it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/check.h"
#include "runtime/core/core.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/semantics.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_overdue, .timeout = 60);

enum { CALLS = 2500, KEYED = 500, A_BATCH = 1000, SECOND = 1000000, HOUR_S = 3600 };
#define CONN UINT64_C(0x0010000010000000)

struct told {
    unsigned kind;
    uint64_t ixn;
};

struct run {
    struct image *image;
    struct core *core, *again; /* the same batches, without anybody who listens */
    struct writer event, events;
    uint32_t count;
    uint64_t number, time_us, seq[80];
    struct told told[4 * CALLS];
    uint32_t told_count;
};

static const struct image *image_of(void *self, const uint8_t hash[CORE_HASH])
{
    const struct run *run = self;
    return memcmp(hash, image_hash(run->image), CORE_HASH) == 0 ? run->image : NULL;
}

static void on_effect(void *self, struct span frame)
{
    struct run *run = self;
    struct message message;
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    cr_assert_lt(run->told_count, 4u * CALLS);
    run->told[run->told_count++] = (struct told){message.kind, message_u(&message, ENVELOPE_ixn) & 0xffffffffffff};
}

/* Applies the posted events now. Returns how many effects it had; they are told[0] and so on. */
static uint32_t apply(struct run *run)
{
    struct batch batch = {.partition = 1,
                          .epoch = 1,
                          .number = ++run->number,
                          .semantics = SEMANTICS_NUMBER,
                          .time_us = run->time_us,
                          .count = run->count,
                          .events = {run->events.bytes, (uint32_t)run->events.length}};
    run->told_count = 0;
    core_apply(run->core, &batch, &(struct effect_sink){on_effect, run});
    core_apply(run->again, &batch, NULL);
    cr_assert_eq(core_digest(run->core), core_digest(run->again));
    writer_clear(&run->events);
    run->count = 0;
    return run->told_count;
}

static struct writer *begin(struct run *run, unsigned source, unsigned kind, uint64_t ref, uint64_t conn)
{
    writer_clear(&run->event);
    writer_begin(&run->event, kind);
    writer_u(&run->event, ENVELOPE_ref, ref);
    writer_conn(&run->event, ENVELOPE_conn, conn);
    (void)source;
    return &run->event;
}

static void post(struct run *run, unsigned source)
{
    writer_stamp(&run->events, writer_end(&run->event), source, ++run->seq[source]);
    if (++run->count == A_BATCH) apply(run);
}

static void link_comes(struct run *run)
{
    struct writer *writer = begin(run, SOURCE_HOST, KIND_LinkUp, 0, 0);
    writer_u(writer, LinkUp_link, LINK);
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("calls"));
    writer_list_text(writer, span_of("treatments"));
    writer_list_end(writer);
    post(run, SOURCE_HOST);
}

static void resynced(struct run *run)
{
    begin(run, LINK, KIND_ResyncEnd, 0, 0);
    post(run, LINK);
}

static void arrives(struct run *run, uint64_t number)
{
    begin(run, LINK, KIND_EventCallCreated, 0, CONN + number);
    post(run, LINK);
    writer_text(begin(run, LINK, KIND_EventRouteRequest, 0, CONN + number), EventRouteRequest_dn, "1800");
    post(run, LINK);
}

/* Callers 1 to 2,500, who are asked for digits for at most 90 s. The first 500 enter them after 85 s, and are asked for
 * a key until 20 s later: so their time is over last. */
static struct run *run_new(void)
{
    struct run *run = calloc(1, sizeof *run);
    struct error error = {0};
    size_t length;
    void *bytes = world_image(&length);
    run->image = image_load(bytes, length, &error);
    cr_assert_not_null(run->image, "%s", error.text);
    free(bytes);
    struct core_options options = {
        .partition = 1, .seed = 7, .interactions_max = CALLS + 10, .image = image_of, .self = run};
    run->core = core_new(&options);
    run->again = core_new(&options);
    writer_init(&run->event);
    writer_init(&run->events);
    run->time_us = SECOND;
    link_comes(run);
    resynced(run);
    struct writer *writer = begin(run, SOURCE_ADMIN, KIND_Activate, 0, 0);
    writer_text(writer, Activate_at, "1800");
    writer_bytes(writer, Activate_image, (struct span){image_hash(run->image), IMAGE_HASH});
    writer_text(writer, Activate_strategy, "enterprise");
    post(run, SOURCE_ADMIN);
    for (uint64_t number = 1; number <= CALLS; number++, run->time_us += 100) arrives(run, number);
    apply(run);
    run->time_us += 85 * SECOND;
    for (uint64_t number = 1; number <= KEYED; number++) {
        writer = begin(run, LINK, KIND_EventTreatment, 1, CONN + number);
        writer_u(writer, EventTreatment_change, treatment_change_End);
        writer_text(writer, EventTreatment_digits, "4711");
        post(run, LINK);
    }
    apply(run);
    return run;
}

static void run_free(struct run *run)
{
    struct error error = {0};
    cr_expect(core_check(run->core, &error), "%s", error.text);
    core_free(run->core);
    core_free(run->again);
    image_free(run->image);
    writer_free(&run->event);
    writer_free(&run->events);
    free(run);
}

/* The batch has these callers' calls routed to the desk, in this order, from told[at]. */
static void routed(const struct run *run, uint32_t at, uint64_t first, uint64_t last)
{
    for (uint64_t number = first; number <= last; number++, at++) {
        cr_assert_lt(at, run->told_count);
        cr_assert_eq(run->told[at].kind, KIND_RequestRouteCall);
        cr_assert_eq(run->told[at].ixn, number);
    }
}

static void all_in_order(struct run *run)
{
    cr_assert_eq(apply(run), A_BATCH);
    routed(run, 0, KEYED + 1, KEYED + A_BATCH);
    cr_assert_eq(core_next_timer(run->core), run->time_us, "the others are due now");
    arrives(run, CALLS + 1); /* somebody who does not wait for all of them */
    cr_assert_eq(apply(run), A_BATCH + 1);
    routed(run, 0, KEYED + A_BATCH + 1, CALLS);
    cr_assert_eq(run->told[A_BATCH].kind, KIND_RequestApplyTreatment);
    cr_assert_eq(run->told[A_BATCH].ixn, CALLS + 1u);
    cr_assert_eq(apply(run), 3u * KEYED); /* the data, the query, and the prompt's end */
    for (uint32_t at = 0; at < KEYED; at++) {
        cr_assert_eq(run->told[3 * at].ixn, at + 1);
        cr_assert_eq(run->told[3 * at + 1].kind, KIND_Query);
    }
    cr_assert_gt(core_next_timer(run->core), run->time_us);
    run_free(run);
}

Test(core_overdue, the_earliest_come_first_and_not_too_many_in_a_batch)
{
    struct run *run = run_new();
    run->time_us += HOUR_S * (uint64_t)SECOND; /* as if nobody had come by for an hour */
    all_in_order(run);
}

Test(core_overdue, after_a_recovery_they_wait_until_the_link_is_found_again)
{
    struct run *run = run_new();
    writer_i(begin(run, SOURCE_HOST, KIND_Recovered, 0, 0), Recovered_gap, HOUR_S * INT64_C(1000000));
    post(run, SOURCE_HOST);
    apply(run);
    run->time_us += HOUR_S * (uint64_t)SECOND;
    for (int batches = 0; core_next_timer(run->core) <= run->time_us; batches++) {
        cr_assert_eq(apply(run), 0u);
        cr_assert_lt(batches, 3, "each is looked at once, and not again and again");
    }
    link_comes(run);
    for (uint64_t number = 1; number <= CALLS; number++) {
        struct writer *writer = begin(run, LINK, KIND_Observed, 0, CONN + number);
        writer_u(writer, Observed_what, object_call);
        writer_text(writer, Observed_dn, "1800");
        writer_u(writer, Observed_last_ref, 10); /* it has seen all that was asked of it */
        writer_u(writer, Observed_at_routing_point, 1);
        post(run, LINK);
    }
    resynced(run);
    apply(run);
    all_in_order(run);
}
