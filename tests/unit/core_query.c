/* tests/unit/core_query.c - What is bound to a statement, and what its answer becomes. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_query, .timeout = 30);

/* query tickets exec `...` with a duration, a time and no duration; then attach due = query tickets value duration. */
static struct image *tickets(void)
{
    static const char insert[] = "insert into ticket values (?, ?, ?)", read[] = "select due from ticket";
    const uint16_t maybe = TYPE_DURATION | TYPE_OPTIONAL;
    struct image_writer *w = image_writer_new();
    uint16_t source = program_name(w, TYPE_SOURCE, "tickets");
    uint16_t exec = writer_statement(w, source, STATEMENT_EXEC, TYPE_INT, 3, insert, sizeof insert - 1);
    uint16_t value = writer_statement(w, source, STATEMENT_VALUE, maybe, 0, read, sizeof read - 1);
    uint16_t strategy = program_strategy(w, "enterprise");
    writer_slot(w, strategy, "due", maybe, false);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t none = writer_register(w, maybe), due = writer_register(w, maybe), changed = writer_register(w, TYPE_INT);
    writer_abc(w, OP_LOAD_NONE, none, 0, 0);
    writer_wait_begin(w, NULL);
    const uint16_t bound[] = {CONSTANT(writer_constant(w, TYPE_DURATION, 5400999999)),
                              CONSTANT(writer_constant(w, TYPE_TIME, 1772442000250000)), none};
    for (uint16_t at = 0; at < 3; at++) writer_wait_argument(w, (uint16_t)(PARAMETER_query_exec_value + at), bound[at]);
    writer_wait_statement(w, exec);
    writer_wait_timeout(w, SECONDS(w, 2));
    writer_step(w, STEP_ID_query_exec, changed);
    writer_wait_begin(w, NULL);
    writer_wait_statement(w, value);
    writer_wait_timeout(w, SECONDS(w, 2));
    writer_step(w, STEP_ID_query_value, due);
    writer_abx(w, OP_SLOT_SET, due, 0);
    program_stop(w, program_text(w, ""));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* The database has made the change. */
static void changed_one(struct core_world *world)
{
    struct kv kv;
    kv_init(&kv);
    kv_put_int(&kv, "changed", 1);
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, world->last_ref[KIND_Query], 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    writer_kv(writer, EventDone_value, &kv);
    world_post(world);
    kv_free(&kv);
}

Test(core_query, a_duration_is_seconds_to_the_database_and_microseconds_to_the_strategy)
{
    struct core_world *world = world_new();
    struct kv_value kept = {0};
    world_run(world, tickets());
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_assert_str_eq(world->bound, "1=5400 2=time 1772442000250000 3=none");
    changed_one(world);
    struct kv kv;
    kv_init(&kv);
    kv_list_begin(&kv, span_of("1"));
    kv_put_int(&kv, "due", 5400000000); /* as sources answer what they keep as 5400 */
    kv_list_end(&kv);
    world_forget(world);
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, world->last_ref[KIND_Query], 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    writer_kv(writer, EventDone_rows, &kv);
    world_post(world);
    expect(world, "EventAttachedDataChanged due\nRequestCallControl disconnect 1800\n");
    kv_clear(&kv);
    cr_assert(core_data(world->core, CALL, &kv) && kv_get(kv_span(&kv), "due", &kept));
    cr_assert_eq(kept.word, 5400000000);
    kv_free(&kv);
    world_end(world);
}

/* The next process: the core, restored from the journal, hears of it first. */
static void recover(struct core_world *world)
{
    writer_i(world_event(world, SOURCE_HOST, KIND_Recovered, 0, 0, 0), Recovered_gap, 0);
    world_post(world);
}

Test(core_query, a_change_under_way_is_not_made_again_by_the_next_process_and_a_read_is)
{
    struct core_world *world = world_new();
    world_run(world, tickets());
    created(world, CALL);
    route_request(world, CALL, 0);
    uint32_t change = world->last_ref[KIND_Query];
    world_forget(world);
    recover(world);
    expect(world, "RouteDefault outcome_unknown\n");
    cr_expect_eq(world->last_ref[KIND_Query], change, "it may have been made already");
    world_end(world);

    world = world_new();
    world_run(world, tickets());
    created(world, CALL);
    route_request(world, CALL, 0);
    changed_one(world);
    uint32_t read = world->last_ref[KIND_Query];
    world_forget(world);
    recover(world);
    expect(world, "Query tickets\n");
    cr_expect_eq(world->last_ref[KIND_Query], read);
    world_end(world);
}
