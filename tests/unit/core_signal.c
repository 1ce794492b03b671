/* tests/unit/core_signal.c - Signals: waited for, handled, kept one deep, refused with a reason; and who is left
 * out. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/read/read.h"
#include "runtime/core/run/signal.h"
#include "runtime/core/run/strategy.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_signal, .timeout = 30);

/* delay 10s; wait for payment; stop what it brought. on signal recall: stop "recalled". */
static struct image *waits(void)
{
    struct image_writer *w = image_writer_new();
    const struct writer_field fields[] = {{"amount", 6, TYPE_INT, false}, {"ref", 3, TYPE_STR, false}};
    uint16_t payment = writer_record(w, "payment", fields, 2);
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t recall = writer_function_begin(w, "recall", FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
    program_stop(w, program_text(w, "recalled"));
    writer_function_end(w);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t paid = writer_register(w, payment), ref = writer_register(w, TYPE_STR);
    program_delay(w, 10);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_wait_for_signal, program_text(w, "payment"));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_step(w, STEP_ID_wait_for, paid);
    writer_abc(w, OP_FIELD, ref, paid, 1);
    program_stop(w, ref);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    writer_handler(w, strategy, EVENT_SIGNAL, "recall", recall);
    return program_loaded(w);
}

static struct core_world *begin(void)
{
    struct core_world *world = world_new();
    world_run(world, waits());
    created(world, CALL);
    route_request(world, CALL, 0);
    world_forget(world);
    return world;
}

/* ref NULL: without it. By somebody who waits for an answer. */
static void signal(struct core_world *world, const char *name, int64_t amount, const char *ref)
{
    struct kv kv;
    kv_init(&kv);
    kv_put_int(&kv, "amount", amount);
    if (ref) kv_put_text(&kv, "ref", span_of(ref));
    world->client = 7;
    world->req = 1;
    struct writer *writer = world_event(world, LINK, KIND_Signal, 0, 0, CALL);
    writer_text(writer, Signal_name, name);
    writer_kv(writer, Signal_payload, &kv);
    world_post(world);
    world->client = world->req = 0;
    kv_free(&kv);
}

Test(core_signal, one_that_is_waited_for_ends_the_wait)
{
    struct core_world *world = begin();
    world_advance(world, 11000000);
    signal(world, "payment", 42, "a reference that is long");
    expect(world, "Reply ok\nRequestCallControl disconnect 1800\n");
    cr_assert_eq(world->core->signals->kept, 0);
    world_end(world);
}

Test(core_signal, one_that_comes_early_is_kept_and_the_newest_counts)
{
    struct core_world *world = begin();
    signal(world, "payment", 1, "first");
    signal(world, "payment", 2, "second");
    signal(world, "other", 3, "x");
    cr_assert_eq(world->core->signals->kept, 2);
    world_forget(world);
    world_advance(world, 11000000);
    expect(world, "RequestCallControl disconnect 1800\n");
    cr_assert_eq(world->core->signals->kept, 1, "the other one, until the call ends");
    deleted(world, CALL);
    cr_assert_eq(world->core->signals->kept, 0);
    world_end(world);
}

Test(core_signal, what_does_not_fit_is_refused_and_one_waits_on)
{
    struct core_world *world = begin();
    world_advance(world, 11000000);
    world_forget(world);
    signal(world, "payment", 42, NULL);
    cr_assert(strstr(world->trace, "Reply error"), "%s", world->trace);
    signal(world, "payment", 42, "now");
    cr_assert(strstr(world->trace, "RequestCallControl disconnect"), "%s", world->trace);
    world_end(world);
}

Test(core_signal, what_was_refused_is_told_so_in_the_history)
{
    static const char *const said[] = {"Signal refused invalid_attribute payment", "Signal payment"};
    struct core_world *world = begin();
    struct kv history;
    struct kv_pair pair;
    unsigned count = 0;
    world_advance(world, 11000000);
    signal(world, "payment", 42, NULL);
    signal(world, "payment", 42, "now");
    kv_init(&history);
    cr_assert(core_history_from(world->core, CALL, &(uint64_t){0}, UINT32_MAX, &history));
    for (uint32_t at = 0; kv_next(kv_span(&history), &at, &pair);) {
        if (pair.value.span.length < 6 || memcmp(pair.value.span.bytes, "Signal", 6) != 0) continue;
        cr_assert(count < 2 && span_is(pair.value.span, said[count]), "%.*s", (int)pair.value.span.length,
                  (const char *)pair.value.span.bytes);
        count++;
    }
    cr_assert_eq(count, 2);
    kv_free(&history);
    world_end(world);
}

Test(core_signal, one_that_comes_early_and_does_not_fit_is_refused)
{
    struct core_world *world = begin();
    world_forget(world);
    signal(world, "payment", 42, NULL);
    cr_assert(strstr(world->trace, "Reply error"), "%s", world->trace);
    cr_assert_eq(world->core->signals->kept, 0);
    world_end(world);
}

Test(core_signal, a_handler_takes_what_is_not_waited_for_once)
{
    struct core_world *world = begin();
    signal(world, "recall", 0, "");
    expect(world, "Reply ok\nRequestCallControl disconnect 1800\n");
    signal(world, "recall", 0, "");
    cr_assert_eq(world->core->signals->kept, 1, "one handles it already");
    deleted(world, CALL);
    world_end(world);
}

Test(core_signal, only_so_many_are_kept_and_for_those_who_are_there)
{
    struct core_world *world = begin();
    char name[] = "a";
    for (; *name <= 'h'; ++*name) signal(world, name, 0, "");
    cr_assert_eq(world->core->signals->kept, 8);
    world_forget(world);
    signal(world, "i", 0, "");
    cr_assert(strstr(world->trace, "Reply error"), "%s", world->trace);
    deleted(world, CALL);
    world_forget(world);
    signal(world, "a", 0, "");
    cr_assert(strstr(world->trace, "Reply error"), "%s", world->trace);
    cr_assert_eq(world->core->signals->kept, 0);
    world_end(world);
}

/* As gcxctl has it sent. */
static void by_hand(struct core_world *world, const char *name)
{
    world->client = 7;
    world->req = 1;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Signal, 0, 0, CALL);
    writer_text(writer, Signal_name, name);
    world_post(world);
    world->client = world->req = 0;
}

Test(core_signal, an_administrator_s_that_no_strategy_knows_is_refused)
{
    struct core_world *world = begin();
    by_hand(world, "nosuch");
    cr_assert(strstr(world->trace, "Reply error"), "%s", world->trace);
    cr_assert_eq(world->core->signals->kept, 0);
    world_forget(world);
    by_hand(world, "recall");
    expect(world, "Reply ok\nRequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_signal, who_is_left_out_comes_back_when_the_time_is_over)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    struct vm_line lines[EXCLUDED_MAX];
    uint64_t next_us = UINT64_MAX;
    for (uint64_t who = 1; who <= EXCLUDED_MAX + 4; who++)
        exclude_add(world->core->excludes, ix, TYPE_AGENT, who, who * 1000000);
    cr_assert_eq(exclude_lines(world->core->excludes, ix, lines, &next_us), EXCLUDED_MAX);
    cr_assert_eq(next_us, world->core->now->time_us + 5000000, "those that lapse first made room");
    exclude_add(world->core->excludes, ix, TYPE_AGENT, 7, 60000000);
    cr_assert_eq(exclude_lines(world->core->excludes, ix, lines, &next_us), EXCLUDED_MAX, "each is there once");
    cr_assert(exclude_has(world->core->excludes, ix, TYPE_AGENT, 7) &&
              !exclude_has(world->core->excludes, ix, TYPE_QUEUE, 7));
    for (uint64_t queue = 1; queue <= EXCLUDED_MAX + 4; queue++)
        exclude_add(world->core->excludes, ix, ROUTE_FAILED, queue, UINT64_MAX);
    cr_assert_eq(exclude_lines(world->core->excludes, ix, lines, &next_us), EXCLUDED_MAX,
                 "failed routes take none of the places");
    cr_assert(exclude_has(world->core->excludes, ix, TYPE_AGENT, 7) &&
              exclude_has(world->core->excludes, ix, ROUTE_FAILED, EXCLUDED_MAX + 4));
    exclude_add(world->core->excludes, ix, TYPE_AGENT, EXCLUDED_MAX + 5, 90000000);
    cr_assert(exclude_has(world->core->excludes, ix, ROUTE_FAILED, EXCLUDED_MAX), "nor the other way round");
    uint64_t content = interaction_content(world->core->interactions, ix), whole = core_digest(world->core);
    world->core->excludes->all[0].until_us++;
    cr_assert_neq(interaction_content(world->core->interactions, ix), content, "whom it leaves out decides");
    interaction_touch(world->core->interactions, ix);
    interactions_count(world->core->interactions);
    cr_assert_neq(core_digest(world->core), whole);
    exclude_forget(world->core->excludes, ix);
    interaction_touch(world->core->interactions, ix);
    cr_assert(!ix->excludes && exclude_lines(world->core->excludes, ix, lines, &next_us) == 0);
    world_free(world);
}

/* A signal to nobody is answered to nobody: its sender is the host, or another partition. */
Test(core_signal, the_host_is_answered_nothing)
{
    static const unsigned sources[] = {SOURCE_HOST, SOURCE_PARTITIONS};
    struct core_world *world = begin();
    for (size_t i = 0; i < 2; i++) {
        world->client = 9;
        world->req = 4;
        writer_text(world_event(world, sources[i], KIND_Signal, 0, 0, OTHER), Signal_name, "payment");
        world_post(world);
        expect(world, "");
    }
    writer_text(world_event(world, SOURCE_ADMIN, KIND_Signal, 0, 0, OTHER), Signal_name, "payment");
    world_post(world);
    expect(world, "Reply error gone\n");
    world_end(world);
}
