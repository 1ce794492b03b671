/* tests/unit/core_http.c - Requests to endpoints: what is sent, each way they end, answers that come too late, twice or
 * for nobody, and what JSON is worth by the type that was declared. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_http, .timeout = 30);

enum { SLOT_FOUND, SLOT_CODE };

/* attach found = http.e("a b", 90s) timeout 2s else { attach code = why }; stop; when the caller leaves, a second
 * more. */
static struct image *asks(enum statement_mode mode, uint16_t type)
{
    static const char get[] = "https://host/{1}?for={2}\nnumber\nlasts", post[] = "/{1}\nnumber\nlasts";
    struct image_writer *w = image_writer_new();
    bool body = mode == STATEMENT_PUT || mode == STATEMENT_POST, gives = type != TYPE_VOID;
    const char *text = body ? post : get;
    uint16_t endpoint = program_name(w, TYPE_SOURCE, "e");
    uint16_t statement = writer_statement(w, endpoint, mode, type, 2, text, (uint32_t)strlen(text));
    uint16_t strategy = program_strategy(w, "enterprise");
    writer_slot(w, strategy, "found", gives ? type : TYPE_INT, false);
    writer_slot(w, strategy, "code", TYPE_INT, false);
    uint16_t gone = writer_function_begin(w, "enterprise.abandoned", FUNCTION_HANDLER, strategy, 0, TYPE_VOID);
    program_delay(w, 1);
    program_stop(w, program_text(w, "gone"));
    writer_function_end(w);
    uint16_t function = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t found = writer_register(w, gives ? type : TYPE_INT), error = writer_register(w, TYPE_ERROR);
    uint8_t code = writer_register(w, TYPE_INT);
    uint32_t failed = writer_label(w), end = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_http_get_value, program_text(w, "a b"));
    writer_wait_argument(w, PARAMETER_http_get_value + 1, CONSTANT(writer_constant(w, TYPE_DURATION, 90000000)));
    writer_wait_statement(w, statement);
    writer_wait_timeout(w, SECONDS(w, 2));
    writer_wait_failure(w, failed, error);
    writer_step(w, (uint16_t)(STEP_ID_http_get + (mode - STATEMENT_GET)), gives ? found : REGISTER_NONE);
    if (gives) writer_abx(w, OP_SLOT_SET, found, SLOT_FOUND);
    writer_jump(w, OP_JUMP, 0, 0, end);
    writer_place(w, failed);
    writer_abc(w, OP_FIELD, code, error, 0);
    writer_abx(w, OP_SLOT_SET, code, SLOT_CODE);
    writer_place(w, end);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, function, gone, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *asked(enum statement_mode mode, uint16_t type)
{
    struct core_world *world = world_new();
    world_run(world, asks(mode, type));
    created(world, CALL);
    world_forget(world);
    route_request(world, CALL, 0);
    expect(world, "HttpRequest\n");
    return world;
}

static void post_done(struct core_world *world, uint32_t ref, enum outcome outcome, enum code code,
                      const struct kv *value, bool cut)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, ref, 0);
    writer_u(writer, EventDone_outcome, outcome);
    writer_u(writer, EventDone_code, code);
    if (value) writer_kv(writer, EventDone_value, value);
    if (cut) writer_u(writer, EventDone_cut, 1);
    world_post(world);
}

static void answered(struct core_world *world, const struct kv_value *value)
{
    struct kv kv;
    kv_init(&kv);
    if (value) kv_put(&kv, span_of("answer"), value);
    post_done(world, world->last_ref[KIND_HttpRequest], outcome_ok, code_ok, &kv, false);
    kv_free(&kv);
}

/* The value under the key; KV_NONE: there is none. */
static struct kv_value kept(struct core_world *world, const char *key, struct kv *kv)
{
    struct kv_value value = {.tag = KV_NONE};
    kv_init(kv);
    cr_assert(core_data(world->core, CALL, kv));
    if (!kv_get(kv_span(kv), key, &value)) value.tag = KV_NONE;
    return value;
}

static int64_t number_kept(struct core_world *world, const char *key)
{
    struct kv kv;
    struct kv_value value = kept(world, key, &kv);
    kv_free(&kv);
    return value.tag == KV_NONE ? INT64_MIN : value.word;
}

static void failed_with(struct core_world *world, enum code code)
{
    cr_expect_eq(number_kept(world, "code"), (int64_t)code, "not with %d", (int)code);
    cr_expect_eq(number_kept(world, "found"), INT64_MIN);
    cr_expect(strstr(world->trace, "RequestCallControl disconnect 1800\n"));
    world_end(world);
}

Test(core_http, each_exit_of_the_server_is_one_of_the_step)
{
    static const enum code codes[] = {code_unavailable, code_status,          code_bad_body,
                                      code_too_large,   code_outcome_unknown, code_timeout};
    for (enum statement_mode mode = STATEMENT_GET; mode <= STATEMENT_DELETE; mode++)
        for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
            if (codes[i] == code_outcome_unknown && mode == STATEMENT_GET) continue;
            struct core_world *world = asked(mode, TYPE_INT);
            post_done(world, world->last_ref[KIND_HttpRequest],
                      codes[i] == code_outcome_unknown ? outcome_unknown : outcome_error, codes[i], NULL, false);
            failed_with(world, codes[i]);
        }
}

Test(core_http, an_answer_that_was_cut_is_too_large)
{
    struct core_world *world = asked(STATEMENT_GET, TYPE_INT);
    post_done(world, world->last_ref[KIND_HttpRequest], outcome_ok, code_ok, NULL, true);
    failed_with(world, code_too_large);
}

Test(core_http, who_does_not_answer_in_time_has_not_answered)
{
    struct core_world *world = asked(STATEMENT_GET, TYPE_INT);
    uint32_t ref = world->last_ref[KIND_HttpRequest];
    world_advance(world, 1999999);
    expect(world, "");
    world_advance(world, 1);
    cr_expect_eq(number_kept(world, "code"), (int64_t)code_timeout);
    world_forget(world);
    post_done(world, ref, outcome_ok, code_ok, NULL, false); /* too late */
    expect(world, "");
    world_end(world);
}

Test(core_http, what_was_answered_is_not_answered_again)
{
    struct core_world *world = asked(STATEMENT_GET, TYPE_INT);
    answered(world, &(struct kv_value){.tag = KV_INT, .word = 7});
    cr_expect_eq(number_kept(world, "found"), 7);
    world_forget(world);
    answered(world, &(struct kv_value){.tag = KV_INT, .word = 8});
    post_done(world, world->last_ref[KIND_HttpRequest], outcome_error, code_status, NULL, false);
    expect(world, "");
    cr_expect_eq(number_kept(world, "found"), 7);
    world_end(world);
}

Test(core_http, an_answer_to_nothing_that_was_asked_is_none)
{
    struct core_world *world = asked(STATEMENT_GET, TYPE_INT);
    post_done(world, world->last_ref[KIND_HttpRequest] + 1, outcome_error, code_status, NULL, false);
    struct writer *writer = world_event(world, LINK, KIND_EventDone, world->ixn, world->last_ref[KIND_HttpRequest], 0);
    writer_u(writer, EventDone_outcome, outcome_ok); /* a link is not who was asked */
    world_post(world);
    writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn + 1, world->last_ref[KIND_HttpRequest], 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    world_post(world);
    expect(world, "");
    answered(world, &(struct kv_value){.tag = KV_INT, .word = 7});
    cr_expect_eq(number_kept(world, "found"), 7);
    world_end(world);
}

Test(core_http, who_hangs_up_meanwhile_wants_no_answer)
{
    struct core_world *world = asked(STATEMENT_GET, TYPE_INT);
    uint32_t ref = world->last_ref[KIND_HttpRequest];
    deleted(world, CALL);
    expect(world, "Cancel\n");
    post_done(world, ref, outcome_ok, code_ok, NULL, false); /* it crossed the Cancel */
    expect(world, "");
    world_advance(world, 1000000);
    cr_expect_eq(number_kept(world, "found"), INT64_MIN);
    world_end(world);
}

Test(core_http, without_a_type_nobody_reads_the_answer)
{
    struct core_world *world = asked(STATEMENT_POST, TYPE_VOID);
    answered(world, &(struct kv_value){.tag = KV_TEXT, .span = span_of("what?")});
    expect(world, "RequestCallControl disconnect 1800\n");
    cr_expect_eq(number_kept(world, "code"), INT64_MIN);
    world_end(world);
}

static void is_worth(uint16_t type, struct kv_value value, int64_t expected)
{
    struct core_world *world = asked(STATEMENT_GET, type);
    answered(world, &value);
    cr_expect_eq(number_kept(world, "found"), expected, "type %u: %lld", type, (long long)number_kept(world, "found"));
    world_end(world);
}

static void is_bad(uint16_t type, struct kv_value value)
{
    struct core_world *world = asked(STATEMENT_GET, type);
    answered(world, &value);
    failed_with(world, code_bad_body);
}

#define NUMBER(n)  ((struct kv_value){.tag = KV_INT, .word = (n)})
#define REAL(n)    ((struct kv_value){.tag = KV_FLOAT, .number = (n)})
#define LETTERS(t) ((struct kv_value){.tag = KV_TEXT, .span = span_of(t)})
#define NOTHING    ((struct kv_value){.tag = KV_NONE})

Test(core_http, durations_and_times_are_seconds)
{
    is_worth(TYPE_DURATION, NUMBER(90), 90000000);
    is_worth(TYPE_DURATION, NUMBER(-3), -3000000);
    is_worth(TYPE_DURATION, REAL(0.25), 250000);
    is_worth(TYPE_DURATION, REAL(2.3), 2300000);
    is_worth(TYPE_DURATION, REAL(-2.3), -2300000);
    is_bad(TYPE_DURATION, NUMBER(INT64_MAX / 2));
    is_bad(TYPE_DURATION, REAL(1e300));
    is_bad(TYPE_DURATION, (struct kv_value){.tag = KV_BOOL, .word = 1});
    is_worth(TYPE_TIME, NUMBER(1772445600), INT64_C(1772445600000000));
    is_worth(TYPE_TIME, REAL(1772445600.25), INT64_C(1772445600250000));
    is_worth(TYPE_TIME, LETTERS("2026-03-02T11:00:00.123456789+01:00"), INT64_C(1772445600123456));
    is_worth(TYPE_TIME, LETTERS("1969-12-31T23:59:60Z"), 0);
    is_bad(TYPE_TIME, LETTERS("9999999999T00:00:00Z"));
    is_bad(TYPE_TIME, LETTERS("2026-03-02"));
    is_bad(TYPE_TIME, LETTERS(""));
    is_bad(TYPE_TIME, NUMBER(INT64_MIN));
}

Test(core_http, what_is_of_another_type_is_no_answer)
{
    is_worth(TYPE_INT, NUMBER(INT64_MAX), INT64_MAX);
    is_bad(TYPE_INT, NUMBER(INT64_MIN)); /* the language has no such number */
    is_bad(TYPE_INT, REAL(1.5));
    is_bad(TYPE_INT, LETTERS("seven"));
    is_bad(TYPE_INT, NOTHING);
    is_bad(TYPE_BOOL, NUMBER(2));
    is_bad(TYPE_STR, (struct kv_value){.tag = KV_LIST});
    is_worth(TYPE_INT | TYPE_OPTIONAL, NOTHING, INT64_MIN);
    struct core_world *world = asked(STATEMENT_GET, TYPE_INT | TYPE_OPTIONAL);
    answered(world, NULL); /* no body at all */
    cr_expect_eq(number_kept(world, "code"), INT64_MIN);
    world_end(world);
    world = asked(STATEMENT_GET, TYPE_INT);
    answered(world, NULL);
    failed_with(world, code_bad_body);
}
