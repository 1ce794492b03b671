/* tests/unit/core_fork.c - Race and parallel in the core: what each child waits for, what becomes of the others, links
 * that go and come, and that the same events give the same decisions. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/state.h"
#include "runtime/core/step.h"
#include "tests/unit/core_fixture.h"
#include "vm/writer.h"

TestSuite(core_fork, .timeout = 30);

enum { CALL = 0x0010000010000001 };
#define CONSTANT(number)  ((uint16_t)(OPERAND_CONSTANT | (number)))
#define SECONDS(w, count) CONSTANT(writer_constant(w, TYPE_DURATION, (uint64_t)(count)*1000000))

static const char *const all_caps[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

static uint16_t name(struct image_writer *w, uint16_t kind, const char *text)
{
    return writer_name(w, kind, text, (uint32_t)strlen(text));
}

static void stop(struct image_writer *w, const char *why)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, CONSTANT(writer_constant_text(w, why, (uint32_t)strlen(why))));
    writer_step(w, STEP_ID_stop, REGISTER_NONE);
}

static uint16_t asks(struct image_writer *w, const char *called, uint16_t strategy, uint16_t statement, bool failure)
{
    uint16_t type = TYPE_INT | TYPE_OPTIONAL;
    uint16_t number = writer_function_begin(w, called, FUNCTION_BUSY, strategy, 0, type);
    uint8_t result = writer_register(w, type);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_statement(w, statement);
    writer_wait_timeout(w, SECONDS(w, 5));
    if (failure) writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_query_value, result);
    writer_abc(w, OP_RETURN, result, 0, 0);
    writer_place(w, failed);
    writer_abc(w, OP_LOAD_NONE, result, 0, 0);
    writer_abc(w, OP_RETURN, result, 0, 0);
    writer_function_end(w);
    return number;
}

static uint16_t music(struct image_writer *w, uint16_t strategy, const char *called)
{
    uint16_t number = writer_function_begin(w, called, FUNCTION_BUSY, strategy, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_ivr_music_prompt,
                         CONSTANT(writer_constant(w, TYPE_PROMPT, name(w, TYPE_PROMPT, "hold"))));
    writer_wait_argument(w, PARAMETER_ivr_music_duration, SECONDS(w, 30));
    writer_wait_timeout(w, SECONDS(w, 40));
    writer_step(w, STEP_ID_ivr_music, REGISTER_NONE);
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    return number;
}

static uint16_t chooses(struct image_writer *w, uint16_t strategy, uint16_t busy)
{
    uint16_t number = writer_function_begin(w, "chooses", FUNCTION_BUSY, strategy, 0, TYPE_TARGET);
    uint8_t result = writer_register(w, TYPE_TARGET);
    uint16_t group = writer_constant(w, TYPE_GROUP, name(w, TYPE_GROUP, "overflow"));
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(writer_constant(w, TYPE_VQ, name(w, TYPE_VQ, "service"))));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_busy(w, busy, NULL, 0);
    writer_step(w, STEP_ID_select, result);
    writer_abc(w, OP_RETURN, result, 0, 0);
    writer_function_end(w);
    return number;
}

static struct image *loaded(struct image_writer *w)
{
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

/* race { query; select beside music; delay }, or parallel { query else none; query else none; music } timeout 20s. */
static struct image *forked(enum step_number step)
{
    static const char sql[] = "select 1", other[] = "select 2";
    bool race = step == STEP_ID_race;
    struct image_writer *w = image_writer_new();
    uint16_t source = name(w, TYPE_SOURCE, "customers"), type = TYPE_INT | TYPE_OPTIONAL;
    uint16_t one = writer_statement(w, source, STATEMENT_VALUE, type, 0, sql, sizeof sql - 1);
    uint16_t two = writer_statement(w, source, STATEMENT_VALUE, type, 0, other, sizeof other - 1);
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_voice, INT64_C(28800000000));
    writer_slot(w, strategy, "due", type, false);
    uint16_t played = music(w, strategy, "music"), children[3];
    children[0] = asks(w, "one", strategy, one, !race);
    children[1] = race ? chooses(w, strategy, played) : asks(w, "two", strategy, two, true);
    children[2] = race ? music(w, strategy, "unused") : music(w, strategy, "plays");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t first = writer_register(w, type), second = writer_register(w, race ? (uint16_t)TYPE_TARGET : type);
    uint32_t failed = writer_label(w), answered = writer_label(w), chosen = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_child(w, children[0], NULL, 0, first);
    writer_wait_child(w, children[1], NULL, 0, second);
    if (!race) writer_wait_child(w, children[2], NULL, 0, REGISTER_NONE);
    if (race) writer_wait_exit(w, answered);
    if (race) writer_wait_exit(w, chosen);
    if (!race) writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, step, REGISTER_NONE);
    writer_place(w, answered);
    writer_abx(w, OP_SLOT_SET, first, 0);
    stop(w, "answered");
    writer_place(w, chosen);
    if (race) {
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_route_target, second);
        writer_wait_timeout(w, SECONDS(w, 20));
        writer_wait_answer(w, SECONDS(w, 15));
        writer_step(w, STEP_ID_route, REGISTER_NONE);
    }
    writer_place(w, failed);
    stop(w, "failed");
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return loaded(w);
}

struct forked {
    struct world *world;
};

static struct forked begin_with(struct image *image)
{
    struct forked f = {.world = world_new()};
    f.world->earlier = f.world->image;
    f.world->image = image;
    activate(f.world, "1800");
    created(f.world, CALL);
    world_forget(f.world);
    route_request(f.world, CALL, 0);
    return f;
}

static struct forked begin(enum step_number step)
{
    return begin_with(forked(step));
}

static void end(struct forked *f)
{
    cr_assert_eq(world_replayed_digest(f->world), core_digest(f->world->core));
    struct image *earlier = f->world->earlier;
    world_free(f->world);
    image_free(earlier);
}

static uint32_t ref_of(const struct world *world, unsigned kind, unsigned nth)
{
    uint32_t refs[16], count = 0;
    unsigned from = world->sent_count > 16 ? world->sent_count - 16 : 0;
    for (unsigned at = from; at < world->sent_count; at++)
        if (world->sent[at % 16].kind == kind) refs[count++] = world->sent[at % 16].ref;
    cr_assert_lt(nth, count);
    return refs[nth];
}

/* A row with one number, or none. */
static void answer(struct world *world, uint32_t ref, int64_t number)
{
    struct kv kv;
    kv_init(&kv);
    kv_list_begin(&kv, span_of("1"));
    kv_put_int(&kv, "n", number);
    kv_list_end(&kv);
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, ref, 0);
    writer_u(writer, EventDone_outcome, outcome_ok);
    writer_kv(writer, EventDone_rows, &kv);
    world_post(world);
    kv_free(&kv);
}

static struct interaction *interaction(const struct world *world)
{
    return interaction_by_conn(world->core, CALL);
}

Test(core_fork, the_winner_goes_on_and_the_others_are_cancelled_first)
{
    struct forked f = begin(STEP_ID_race);
    expect(f.world, "Query customers\nRequestApplyTreatment Music hold\n");
    cr_assert(interaction(f.world)->forked && f.world->core->effects.outstanding == 2);
    answer(f.world, ref_of(f.world, KIND_Query, 0), 7);
    expect(f.world, "EventAttachedDataChanged due\nRequestCallControl disconnect 1800\n");
    cr_assert(!interaction(f.world)->forked && interaction(f.world)->visit == VISIT_NONE);
    cr_assert_eq(f.world->core->forks.taken, 0);
    end(&f);
}

Test(core_fork, who_becomes_ready_wins_and_the_answer_that_comes_late_is_nobodys)
{
    struct forked f = begin(STEP_ID_race);
    uint32_t query = ref_of(f.world, KIND_Query, 0);
    treatment_end(f.world, CALL, "");
    cr_assert_eq(interaction(f.world)->forked, true, "the music plays on beside the selection");
    world_forget(f.world);
    agent(f.world, "olga", "7004", agent_state_ready);
    expect(f.world, "Cancel\nRequestRouteCall 7004\n");
    answer(f.world, query, 7);
    expect(f.world, "");
    end(&f);
}

Test(core_fork, when_all_have_failed_the_race_fails)
{
    struct forked f = begin(STEP_ID_race);
    struct writer *writer =
        world_event(f.world, SOURCE_HOST, KIND_EventDone, f.world->ixn, ref_of(f.world, KIND_Query, 0), 0);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_unavailable);
    world_post(f.world);
    cr_assert(interaction(f.world)->forked && fork_of(f.world->core, interaction(f.world))->left == 1);
    world_forget(f.world);
    world_advance(f.world, 60000000);
    cr_assert(strstr(f.world->trace, "RequestCallControl disconnect 1800\n"), "%s", f.world->trace);
    end(&f);
}

Test(core_fork, parallel_waits_for_all_and_its_time_is_that_of_each)
{
    struct forked f = begin(STEP_ID_parallel);
    cr_assert_eq(f.world->core->effects.outstanding, 3);
    answer(f.world, ref_of(f.world, KIND_Query, 1), 2);
    answer(f.world, ref_of(f.world, KIND_Query, 0), 1);
    world_forget(f.world);
    treatment_end(f.world, CALL, "");
    expect(f.world, "EventAttachedDataChanged due\nRequestCallControl disconnect 1800\n");
    end(&f);
}

Test(core_fork, what_the_time_cuts_off_fails_and_one_without_else_fails_for_all)
{
    struct forked f = begin(STEP_ID_parallel);
    answer(f.world, ref_of(f.world, KIND_Query, 1), 2);
    world_advance(f.world, 6000000); /* the first question took too long: its else */
    cr_assert(interaction(f.world)->forked && fork_of(f.world->core, interaction(f.world))->left == 1);
    world_advance(f.world, 15000000); /* and now the music */
    cr_assert(!interaction(f.world)->forked);
    cr_assert(strstr(f.world->trace, "RequestCallControl disconnect 1800\n"), "%s", f.world->trace);
    end(&f);
}

Test(core_fork, who_hangs_up_takes_all_children_along)
{
    for (int i = 0; i < 2; i++) {
        struct forked f = begin(i ? STEP_ID_race : STEP_ID_parallel);
        deleted(f.world, CALL);
        cr_assert(interaction(f.world) == NULL && f.world->core->forks.taken == 0);
        cr_assert_eq(f.world->core->effects.outstanding, 0);
        end(&f);
    }
}

Test(core_fork, a_link_that_comes_back_finds_the_children_where_they_were)
{
    struct forked f = begin(STEP_ID_race);
    uint32_t query = ref_of(f.world, KIND_Query, 0), played = f.world->last_ref[KIND_RequestApplyTreatment];
    world_forget(f.world);
    link_down(f.world);
    world_advance(f.world, 3000000);
    link_up(f.world, all_caps);
    struct writer *writer = world_event(f.world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_last_ref, played - 1); /* the music did not arrive */
    writer_u(writer, Observed_at_routing_point, true);
    world_post(f.world);
    resync(f.world, false);
    cr_assert(strstr(f.world->trace, "RequestApplyTreatment Music hold\n"), "%s", f.world->trace);
    cr_assert(interaction(f.world)->forked);
    world_forget(f.world);
    answer(f.world, query, 7);
    cr_assert(strstr(f.world->trace, "RequestCallControl disconnect 1800\n"), "%s", f.world->trace);
    end(&f);
}

Test(core_fork, a_link_that_stays_away_fails_what_waits)
{
    for (int i = 0; i < 2; i++) {
        struct forked f = begin(i ? STEP_ID_race : STEP_ID_parallel);
        link_down(f.world);
        world_advance(f.world, 20000000);
        cr_assert_eq(f.world->core->forks.taken, 0);
        end(&f);
    }
}

/* race { the step, in a child }; stop. No compiler makes that: the image is somebody else's. */
static struct image *sends_away(enum step_number step)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << media_voice, INT64_C(28800000000));
    uint16_t child = writer_function_begin(w, "child", FUNCTION_BUSY, strategy, 0, TYPE_VOID);
    if (step == STEP_ID_route) {
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_route_target,
                             CONSTANT(writer_constant(w, TYPE_DN, name(w, TYPE_DN, "7001"))));
        writer_wait_timeout(w, SECONDS(w, 20));
        writer_wait_answer(w, SECONDS(w, 15));
        writer_step(w, STEP_ID_route, REGISTER_NONE);
    } else {
        stop(w, "child");
    }
    writer_function_end(w);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t failed = writer_label(w), won = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_child(w, child, NULL, 0, REGISTER_NONE);
    writer_wait_exit(w, won);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_race, REGISTER_NONE);
    writer_place(w, won);
    writer_place(w, failed);
    stop(w, "failed");
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return loaded(w);
}

Test(core_fork, a_child_sends_the_call_nowhere)
{
    const enum step_number steps[] = {STEP_ID_route, STEP_ID_stop};
    for (unsigned at = 0; at < 2; at++) {
        struct forked f = begin_with(sends_away(steps[at]));
        expect(f.world, "RequestCallControl disconnect 1800\n");
        cr_assert(!interaction(f.world)->forked && step_of(f.world->core, interaction(f.world), 0) == STEP_ID_stop);
        end(&f);
    }
}
