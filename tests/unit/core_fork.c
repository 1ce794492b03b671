/* tests/unit/core_fork.c - Race and parallel in the core: what each child waits for, what becomes of the others, links
 * that go and come, and that the same events give the same decisions. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_fork, .timeout = 30);

static const char *const all_caps[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

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
                         CONSTANT(writer_constant(w, TYPE_PROMPT, program_name(w, TYPE_PROMPT, "hold"))));
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
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq,
                         CONSTANT(writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"))));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_busy(w, busy, NULL, 0);
    writer_step(w, STEP_ID_select, result);
    writer_abc(w, OP_RETURN, result, 0, 0);
    writer_function_end(w);
    return number;
}

/* race { query; select beside music; delay }, or parallel { query else none; query else none; music } timeout 20s. */
static struct image *forked(enum step_number step)
{
    static const char sql[] = "select 1", other[] = "select 2";
    bool race = step == STEP_ID_race;
    struct image_writer *w = image_writer_new();
    uint16_t source = program_name(w, TYPE_SOURCE, "customers"), type = TYPE_INT | TYPE_OPTIONAL;
    uint16_t one = writer_statement(w, source, STATEMENT_VALUE, type, 0, sql, sizeof sql - 1);
    uint16_t two = writer_statement(w, source, STATEMENT_VALUE, type, 0, other, sizeof other - 1);
    uint16_t strategy = program_strategy(w, "enterprise");
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
    writer_step(w, (uint16_t)step, REGISTER_NONE);
    writer_place(w, answered);
    writer_abx(w, OP_SLOT_SET, first, 0);
    program_stop(w, program_text(w, "answered"));
    writer_place(w, chosen);
    if (race) {
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_route_target, second);
        writer_wait_timeout(w, SECONDS(w, 20));
        writer_wait_answer(w, SECONDS(w, 15));
        writer_step(w, STEP_ID_route, REGISTER_NONE);
    }
    writer_place(w, failed);
    program_stop(w, program_text(w, "failed"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *begin(enum step_number step)
{
    struct core_world *world = world_new();
    world_run(world, forked(step));
    created(world, CALL);
    world_forget(world);
    route_request(world, CALL, 0);
    return world;
}

static uint32_t ref_of(const struct core_world *world, unsigned kind, unsigned nth)
{
    uint32_t refs[16], count = 0;
    unsigned from = world->sent_count > 16 ? world->sent_count - 16 : 0;
    for (unsigned at = from; at < world->sent_count; at++)
        if (world->sent[at % 16].kind == kind) refs[count++] = world->sent[at % 16].ref;
    cr_assert_lt(nth, count);
    return refs[nth];
}

/* A row with one number, or none. */
static void answer(struct core_world *world, uint32_t ref, int64_t number)
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

static struct interaction *interaction(const struct core_world *world)
{
    return interaction_by_conn(world->core->interactions, CALL);
}

Test(core_fork, the_winner_goes_on_and_the_others_are_cancelled_first)
{
    struct core_world *world = begin(STEP_ID_race);
    expect(world, "Query customers\nRequestApplyTreatment Music hold\n");
    cr_assert(interaction(world)->forked && world->core->effects->outstanding == 2);
    answer(world, ref_of(world, KIND_Query, 0), 7);
    expect(world, "EventAttachedDataChanged due\nRequestCallControl disconnect 1800\n");
    cr_assert(!interaction(world)->forked && interaction(world)->visit == VISIT_NONE);
    cr_assert_eq(world->core->forks->taken, 0);
    world_end(world);
}

Test(core_fork, how_far_its_children_are_is_in_the_digest)
{
    struct core_world *world = begin(STEP_ID_race);
    struct fork *fork = fork_of(world->core->forks, interaction(world));
    uint64_t content = interaction_content(world->core->interactions, interaction(world));
    fork->left--;
    cr_assert_neq(interaction_content(world->core->interactions, interaction(world)), content);
    fork->left++;
    fork->strands[0].parent++;
    cr_assert_neq(interaction_content(world->core->interactions, interaction(world)), content);
    fork->strands[0].parent--;
    cr_assert_eq(interaction_content(world->core->interactions, interaction(world)), content);
    world_end(world);
}

Test(core_fork, who_becomes_ready_wins_and_the_answer_that_comes_late_is_nobodys)
{
    struct core_world *world = begin(STEP_ID_race);
    uint32_t query = ref_of(world, KIND_Query, 0);
    treatment_end(world, CALL, "");
    cr_assert_eq(interaction(world)->forked, true, "the music plays on beside the selection");
    world_forget(world);
    agent(world, "olga", "7004", agent_state_ready);
    expect(world, "Cancel\nRequestRouteCall 7004\n");
    answer(world, query, 7);
    expect(world, "");
    world_end(world);
}

Test(core_fork, when_all_have_failed_the_race_fails)
{
    struct core_world *world = begin(STEP_ID_race);
    struct writer *writer =
        world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, ref_of(world, KIND_Query, 0), 0);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_unavailable);
    world_post(world);
    cr_assert(interaction(world)->forked && fork_of(world->core->forks, interaction(world))->left == 1);
    world_forget(world);
    world_advance(world, 60000000);
    cr_assert(strstr(world->trace, "RequestCallControl disconnect 1800\n"), "%s", world->trace);
    world_end(world);
}

Test(core_fork, parallel_waits_for_all_and_its_time_is_that_of_each)
{
    struct core_world *world = begin(STEP_ID_parallel);
    cr_assert_eq(world->core->effects->outstanding, 3);
    answer(world, ref_of(world, KIND_Query, 1), 2);
    answer(world, ref_of(world, KIND_Query, 0), 1);
    world_forget(world);
    treatment_end(world, CALL, "");
    expect(world, "EventAttachedDataChanged due\nRequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_fork, what_the_time_cuts_off_fails_and_one_without_else_fails_for_all)
{
    struct core_world *world = begin(STEP_ID_parallel);
    answer(world, ref_of(world, KIND_Query, 1), 2);
    world_advance(world, 6000000); /* the first question took too long: its else */
    cr_assert(interaction(world)->forked && fork_of(world->core->forks, interaction(world))->left == 1);
    world_advance(world, 15000000); /* and now the music */
    cr_assert(!interaction(world)->forked);
    cr_assert(strstr(world->trace, "RequestCallControl disconnect 1800\n"), "%s", world->trace);
    world_end(world);
}

Test(core_fork, who_hangs_up_takes_all_children_along)
{
    for (int i = 0; i < 2; i++) {
        struct core_world *world = begin(i ? STEP_ID_race : STEP_ID_parallel);
        deleted(world, CALL);
        cr_assert(!interaction(world) && world->core->forks->taken == 0);
        cr_assert_eq(world->core->effects->outstanding, 0);
        world_end(world);
    }
}

Test(core_fork, a_link_that_comes_back_finds_the_children_where_they_were)
{
    struct core_world *world = begin(STEP_ID_race);
    uint32_t query = ref_of(world, KIND_Query, 0), played = world->last_ref[KIND_RequestApplyTreatment];
    world_forget(world);
    link_down(world);
    world_advance(world, 3000000);
    link_up(world, all_caps);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_last_ref, played - 1); /* the music did not arrive */
    writer_u(writer, Observed_at_routing_point, true);
    world_post(world);
    resync(world, false);
    cr_assert(strstr(world->trace, "RequestApplyTreatment Music hold\n"), "%s", world->trace);
    cr_assert(interaction(world)->forked);
    world_forget(world);
    answer(world, query, 7);
    cr_assert(strstr(world->trace, "RequestCallControl disconnect 1800\n"), "%s", world->trace);
    world_end(world);
}

Test(core_fork, a_link_that_stays_away_fails_what_waits)
{
    for (int i = 0; i < 2; i++) {
        struct core_world *world = begin(i ? STEP_ID_race : STEP_ID_parallel);
        link_down(world);
        world_advance(world, 20000000);
        cr_assert_eq(world->core->forks->taken, 0);
        world_end(world);
    }
}

/* A debugger stops the call before each instruction, however many of its fibers stand at once. */
static void step_through(struct core_world *world)
{
    for (unsigned stops = 0; interaction(world) && interaction(world)->stands; stops++) {
        cr_assert_lt(stops, 200u, "%s", world->trace + (world->trace_length > 600 ? world->trace_length - 600 : 0));
        world->client = 7;
        struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Debug, 0, 0, 0);
        writer_u(writer, Debug_op, debug_op_go);
        world_everywhere(writer, Debug_steps);
        world_post(world);
        world->client = 0;
    }
}

Test(core_fork, stopped_before_each_instruction_the_children_do_the_same)
{
    for (int i = 0; i < 4; i++) {
        struct core_world *world = world_new();
        world_run(world, forked(i < 2 ? STEP_ID_race : STEP_ID_parallel));
        world->client = 7;
        struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Debug, 0, 0, 0);
        writer_u(writer, Debug_op, debug_op_arm);
        writer_text(writer, Debug_name, "1800");
        world_post(world);
        world->client = 0;
        created(world, CALL);
        route_request(world, CALL, 0);
        step_through(world);
        cr_assert(interaction(world)->forked);
        if (i == 1) {
            agent(world, "olga", "7004", agent_state_ready);
            step_through(world);
            cr_assert(strstr(world->trace, "RequestRouteCall 7004"), "%s", world->trace);
        } else if (i == 3) {
            world_advance(world, 120000000); /* nobody answers: all children fail, each where it stands */
            step_through(world);
        } else {
            answer(world, ref_of(world, KIND_Query, 0), 7);
            step_through(world);
            if (i == 2) answer(world, ref_of(world, KIND_Query, 1), 8);
            step_through(world);
            if (i == 2) treatment_end(world, CALL, "");
            step_through(world);
            cr_assert(strstr(world->trace, "EventAttachedDataChanged due\n"), "%s", world->trace);
        }
        cr_assert_eq(world->core->forks->taken, 0);
        world_end(world);
    }
}
