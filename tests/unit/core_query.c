/* tests/unit/core_query.c - What is bound to a statement, and what its answer becomes. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/core_fixture.h"
#include "vm/writer.h"

TestSuite(core_query, .timeout = 30);

enum { CALL = 0x0010000010000001 };
#define CONSTANT(number) ((uint16_t)(OPERAND_CONSTANT | (number)))

static uint16_t name(struct image_writer *w, uint16_t kind, const char *text)
{
    return writer_name(w, kind, text, (uint32_t)strlen(text));
}

/* query tickets exec `...` with a duration, a time and no duration; then attach due = query tickets value duration. */
static struct image *tickets(void)
{
    static const char insert[] = "insert into ticket values (?, ?, ?)", read[] = "select due from ticket";
    const uint16_t maybe = TYPE_DURATION | TYPE_OPTIONAL;
    struct image_writer *w = image_writer_new();
    uint16_t source = name(w, TYPE_SOURCE, "tickets");
    uint16_t exec = writer_statement(w, source, STATEMENT_EXEC, TYPE_INT, 3, insert, sizeof insert - 1);
    uint16_t value = writer_statement(w, source, STATEMENT_VALUE, maybe, 0, read, sizeof read - 1);
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_voice, INT64_C(28800000000));
    writer_slot(w, strategy, "due", maybe, false);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t none = writer_register(w, maybe), due = writer_register(w, maybe), changed = writer_register(w, TYPE_INT);
    writer_abc(w, OP_LOAD_NONE, none, 0, 0);
    writer_wait_begin(w, NULL);
    const uint16_t bound[] = {CONSTANT(writer_constant(w, TYPE_DURATION, 5400999999)),
                              CONSTANT(writer_constant(w, TYPE_TIME, 1772442000250000)), none};
    for (uint16_t at = 0; at < 3; at++) writer_wait_argument(w, (uint16_t)(PARAMETER_query_exec_value + at), bound[at]);
    writer_wait_statement(w, exec);
    writer_wait_timeout(w, CONSTANT(writer_constant(w, TYPE_DURATION, 2000000)));
    writer_step(w, STEP_ID_query_exec, changed);
    writer_wait_begin(w, NULL);
    writer_wait_statement(w, value);
    writer_wait_timeout(w, CONSTANT(writer_constant(w, TYPE_DURATION, 2000000)));
    writer_step(w, STEP_ID_query_value, due);
    writer_abx(w, OP_SLOT_SET, due, 0);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, CONSTANT(writer_constant_text(w, "", 0)));
    writer_step(w, STEP_ID_stop, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    size_t length;
    struct error error = {0};
    void *bytes = image_writer_finish(w, &length, &error);
    cr_assert(bytes != NULL, "%s", error.text);
    image_writer_free(w);
    struct image *image = image_load(bytes, length, &error);
    cr_assert(image != NULL, "%s at %u", error.text, error.offset);
    free(bytes);
    return image;
}

Test(core_query, a_duration_is_seconds_to_the_database_and_microseconds_to_the_strategy)
{
    struct world *world = world_new();
    struct image *before = world->image;
    struct kv_value kept = {0};
    world->image = tickets();
    activate(world, "1800");
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_assert_str_eq(world->bound, "1=5400 2=time 1772442000250000 3=none");
    struct kv kv;
    kv_init(&kv);
    kv_put_int(&kv, "changed", 1);
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, world->last_ref[KIND_Query], 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    writer_kv(writer, EventDone_value, &kv);
    world_post(world);
    kv_clear(&kv);
    kv_list_begin(&kv, span_of("1"));
    kv_put_int(&kv, "due", 5400000000); /* as sources answer what they keep as 5400 */
    kv_list_end(&kv);
    world_forget(world);
    writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, world->last_ref[KIND_Query], 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    writer_kv(writer, EventDone_rows, &kv);
    world_post(world);
    expect(world, "EventAttachedDataChanged due\nRequestCallControl disconnect 1800\n");
    kv_clear(&kv);
    cr_assert(core_data(world->core, CALL, &kv) && kv_get(kv_span(&kv), "due", &kept));
    cr_assert_eq(kept.word, 5400000000);
    kv_free(&kv);
    world_free(world);
    image_free(before);
}
