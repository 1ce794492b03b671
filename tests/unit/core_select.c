/* tests/unit/core_select.c - The longest idle first, the best in rank first, and nobody twice. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/core.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/candidates.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "tests/unit/core_fixture.h"
#include "vm/profile.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

TestSuite(core_select, .timeout = 30);

static struct core_status status_of(struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status;
}

static void french(struct core_world *world, const char *name)
{
    skill(world, name, "French", 9);
    skill(world, name, "Sales", 1);
    commit(world, false);
}

Test(core_select, the_longest_idle_is_chosen)
{
    struct core_world *world = world_new();
    french(world, "olga");
    agent(world, "olga", "7004", agent_state_ready);
    world_advance(world, 1000);
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "olga", "7004", agent_state_not_ready);
    world_advance(world, 1000);
    agent(world, "olga", "7004", agent_state_ready); /* ready again: she starts anew */
    world_forget(world);
    call_until_selection(world, CALL, "2", "basic");
    cr_assert(strstr(world->trace, "RequestRouteCall 7001\n"));
    world_free(world);
}

/* The third line takes the group; it opens after 40 s. */
Test(core_select, who_comes_to_a_place_of_the_group_is_chosen_for_those_that_wait)
{
    struct core_world *world = world_new();
    directory(world, table_group_place, "overflow/window",
              (const char *const[]){"group", "overflow", "place", "window", NULL});
    directory(world, table_place_dn, "7001", (const char *const[]){"place", "window", NULL});
    commit(world, false);
    agent(world, "paul", "7002", agent_state_ready);
    call_until_selection(world, CALL, "2", "basic");
    world_advance(world, 45000000);
    cr_assert_null(strstr(world->trace, "RequestRouteCall 7"));
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "paul");
    writer_text(writer, EventAgentState_place, "window"); /* ready as before: only the place is another one */
    writer_text(writer, EventAgentState_dn, "7002");
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, agent_state_ready);
    world_post(world);
    cr_assert(strstr(world->trace, "RequestRouteCall 7002\n"));
    world_end(world);
}

Test(core_select, one_agent_and_two_callers_is_one_claim)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "basic");
    call_until_selection(world, OTHER, "2", "basic");
    cr_assert_eq(status_of(world).claims, 1u);
    cr_assert_eq(status_of(world).waiting, 2u);
    world_free(world);
}

static struct image *selecting(struct image_writer *w, uint16_t strategy, uint16_t vq, uint16_t function)
{
    uint16_t main = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(writer_constant(w, TYPE_VQ, vq)));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_line_leaf(w, OPERAND_NONE, function, NULL, 0);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    writer_place(w, failed);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, main, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* select in vq service { FAULT >= 1; } timeout 20s; stop. FAULT: 0 / 0, or the largest number and itself. */
static struct image *faulty(enum opcode op, int64_t number)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise"), vq = program_name(w, TYPE_VQ, "service");
    uint16_t function = writer_function_begin(w, "divides", FUNCTION_LEAF, IMAGE_NONE, 0, TYPE_BOOL);
    uint8_t operand = writer_register(w, TYPE_INT), yes = writer_register(w, TYPE_BOOL);
    writer_abx(w, OP_LOAD, operand, writer_constant(w, TYPE_INT, (uint64_t)number));
    writer_abc(w, op, operand, operand, operand);
    writer_abc(w, OP_LE, yes, operand, operand);
    writer_abc(w, OP_RETURN, yes, 0, 0);
    writer_function_end(w);
    return selecting(w, strategy, vq, function);
}

/* select in vq service { 1 / skill["Sales"] >= 0 and skill["French"] >= 1; } timeout 20s; stop. */
static struct image *faulty_without_sales(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise"), vq = program_name(w, TYPE_VQ, "service");
    uint16_t function = writer_function_begin(w, "divides", FUNCTION_LEAF, IMAGE_NONE, 0, TYPE_BOOL);
    uint8_t name = writer_register(w, TYPE_SKILL), level = writer_register(w, TYPE_INT),
            one = writer_register(w, TYPE_INT), yes = writer_register(w, TYPE_BOOL);
    writer_abx(w, OP_LOAD, name, writer_constant(w, TYPE_SKILL, program_name(w, TYPE_SKILL, "Sales")));
    writer_abc(w, OP_LEVEL, level, name, 0);
    writer_abx(w, OP_LOAD_INT, one, 1);
    writer_abc(w, OP_DIV, one, one, level);
    writer_abx(w, OP_LOAD, name, writer_constant(w, TYPE_SKILL, program_name(w, TYPE_SKILL, "French")));
    writer_abc(w, OP_LEVEL, level, name, 0);
    writer_abx(w, OP_LOAD_INT, one, 1);
    writer_abc(w, OP_LE, yes, one, level);
    writer_abc(w, OP_RETURN, yes, 0, 0);
    writer_function_end(w);
    return selecting(w, strategy, vq, function);
}

/* select in vq service { where holds(): true; } timeout 20s; stop. `true` is computed by holds(), too, so that one
 * function is a condition of the line and a value of it. */
static struct image *one_function_for_both(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise"), vq = program_name(w, TYPE_VQ, "service");
    uint16_t holds = writer_function_begin(w, "holds", FUNCTION_PLAIN, IMAGE_NONE, 0, TYPE_BOOL);
    uint8_t yes = writer_register(w, TYPE_BOOL);
    writer_abx(w, OP_LOAD, yes, writer_constant(w, TYPE_BOOL, 1));
    writer_abc(w, OP_RETURN, yes, 0, 0);
    writer_function_end(w);
    uint16_t leaf = writer_function_begin(w, "taken", FUNCTION_LEAF, IMAGE_NONE, 1, TYPE_BOOL);
    writer_abc(w, OP_RETURN, writer_register(w, TYPE_BOOL), 0, 0);
    writer_function_end(w);
    uint16_t main = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w);
    const uint16_t captured[] = {CONSTANT(writer_constant(w, TYPE_BOOL, 0))};
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(writer_constant(w, TYPE_VQ, vq)));
    writer_wait_timeout(w, SECONDS(w, 20));
    writer_wait_value(w, holds, NULL, 0, true, 0);
    writer_wait_where(w, holds, NULL, 0, true);
    writer_wait_line_leaf(w, OPERAND_NONE, leaf, captured, 1);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    writer_place(w, failed);
    program_stop(w, program_text(w, "end"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, main, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

Test(core_select, a_condition_and_a_value_of_one_function_are_two)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_not_ready);
    world_run(world, one_function_for_both());
    created(world, CALL);
    route_request(world, CALL, 0);
    world_advance(world, 3000000); /* both are computed each second */
    cr_assert_eq(status_of(world).waiting, 1u);
    agent(world, "marie", "7001", agent_state_ready);
    cr_assert_eq(status_of(world).claims, 1u);
    world_free(world);
}

/* Paul speaks no French, and so nobody asks whether he sells; marie does both. */
static uint64_t digest_with(struct profile *profile, uint64_t *faults)
{
    struct core_world *world = world_new();
    world->unchecked = true; /* the checks ask about everybody */
    skill(world, "paul", "Sales", 0);
    commit(world, false);
    if (profile) core_profile(world->core, profile);
    agent(world, "paul", "7002", agent_state_ready);
    agent(world, "marie", "7001", agent_state_not_ready);
    world_run(world, faulty_without_sales());
    created(world, CALL);
    route_request(world, CALL, 0);
    agent(world, "marie", "7001", agent_state_ready);
    world_advance(world, 21000000);
    uint64_t digest = core_digest(world->core);
    *faults = status_of(world).condition_faults;
    if (profile) profile_end(profile);
    world_free(world);
    profile_free(profile);
    return digest;
}

Test(core_select, a_condition_that_faults_for_who_is_excluded_is_the_same_beside_a_profile)
{
    uint64_t faults[3], digest = digest_with(NULL, &faults[0]);
    cr_expect_eq(digest, digest_with(profile_new(true), &faults[1]));
    cr_expect_eq(faults[0], 0u);
    cr_expect_eq(faults[1], 0u);
    digest_with(profile_new(false), &faults[2]);
    cr_expect_gt(faults[2], 0u, "it runs all conditions, and there is a fault to be seen");
}

static void nobody_is_chosen(struct image *image, const char *what)
{
    struct core_world *world = world_new();
    struct condition_fault_row fault = {0};
    agent(world, "marie", "7001", agent_state_ready);
    world_run(world, image);
    cr_expect_not(core_condition_fault(world->core, &fault));
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_expect_gt(status_of(world).condition_faults, 0u);
    cr_assert(core_condition_fault(world->core, &fault));
    cr_expect_str_eq(fault.what, what);
    cr_expect_eq(status_of(world).waiting, 1u, "she is not eligible");
    cr_expect_eq(status_of(world).claims, 0u);
    world_end(world);
}

Test(core_select, who_is_asked_by_a_line_with_a_fault_is_not_eligible_and_it_is_counted)
{
    nobody_is_chosen(faulty(OP_DIV, 0), "division by zero");
    nobody_is_chosen(faulty(OP_ADD, INT64_MAX), "overflow");
}

Test(core_select, the_best_in_rank_is_served_whatever_else_it_wants)
{
    struct core_world *world = world_new();
    skill(world, "anna", "French", 9);
    skill(world, "anna", "English", 9);
    skill(world, "anna", "Sales", 1);
    commit(world, false);
    call_until_selection(world, CALL, "2", "basic");
    world_advance(world, 1000);
    call_until_selection(world, OTHER, "1", "gold"); /* English, and of higher priority */
    uint64_t gold = world->ixn;
    world_forget(world);
    agent(world, "anna", "7009", agent_state_ready);
    expect(world, "RequestRouteCall 7009\n");
    cr_assert_eq(world->ixn, gold);
    world_free(world);
}

Test(core_select, who_ends_a_call_is_idle_from_then_on_and_gets_the_next_caller)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "basic");
    talk(world, CALL, "7001", "marie");
    call_until_selection(world, OTHER, "2", "basic");
    world_forget(world);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    expect(world, "RequestRouteCall 7001\n");
    world_free(world);
}

Test(core_select, a_skill_given_meanwhile_finds_who_waits)
{
    struct core_world *world = world_new();
    agent(world, "olga", "7004", agent_state_ready);
    call_until_selection(world, CALL, "2", "basic");
    world_forget(world);
    french(world, "olga");
    cr_assert(strstr(world->trace, "RequestRouteCall 7004\n"));
    world_free(world);
}

Test(core_select, who_is_routed_to_another_place_keeps_rank_when_it_fails)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    world_forget(world);
    done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_busy);
    expect(world, "RequestRouteCall 5000\n");
    world_advance(world, 5000001); /* her line is looked at again; the desk has not answered */
    cr_assert_eq(status_of(world).agents_ready, 1u);
    cr_assert_eq(status_of(world).claims, 0u);
    world_free(world);
}

Test(core_select, the_index_gives_the_choice_that_looking_at_all_gives)
{
    struct core_world *world = world_new();
    static const char *const names[] = {"marie", "olga", "jean", "paul"};
    static const char *const dns[] = {"7001", "7004", "7003", "7002"};
    world->core->candidates->few = 0; /* the choices are made by the index */
    for (int at = 1; at < 4; at++) french(world, names[at]);
    for (uint64_t round = 0; round < 60; round++) {
        uint64_t who = round * 7 % 4, conn = 0x0010000020000000 + round;
        agent(world, names[who], dns[who], round % 5 == 4 ? agent_state_not_ready : agent_state_ready);
        call_until_selection(world, conn, round % 3 == 0 ? "1" : "2", "basic");
        if (round % 2 == 0) deleted(world, conn);
        if (round % 11 == 0) world_advance(world, 6000000);
    }
    cr_assert_eq(core_digest(world->core), world_replayed_digest(world)); /* by looking at all who are ready */
    world_free(world);
}

Test(core_select, why_is_kept_for_every_choice)
{
    struct core_world *world = world_new();
    struct decision_row row;
    agent(world, "paul", "7002", agent_state_ready); /* speaks English only */
    call_until_selection(world, CALL, "2", "basic");
    uint64_t ixn = world->ixn, cursor = 0;
    cr_assert(core_decision_next(world->core, ixn, &cursor, &row));
    cr_assert_eq(row.chosen.length, 0u);
    cr_assert_eq(row.not_matching, 1u);
    agent(world, "marie", "7001", agent_state_ready);
    cr_assert(core_decision_next(world->core, ixn, &cursor, &row));
    cr_assert(span_is(row.chosen, "marie") && span_is(row.vq, "service"));
    cr_assert_not(core_decision_next(world->core, ixn, &cursor, &row));
    world_free(world);
}

Test(core_select, many_who_want_the_same_are_served_in_order)
{
    enum { MANY = 90 };
    struct core_world *world = world_new();
    uint64_t order[MANY];
    for (uint64_t at = 0; at < MANY; at++) {
        call_until_selection(world, 0x20000000 + at, "2", at % 3 == 0 ? "gold" : "basic");
        order[at] = world->ixn;
        world_advance(world, 1000);
    }
    for (uint64_t served = 0; served < MANY; served++) {
        uint64_t gold = (MANY + 2) / 3;
        uint64_t turn = served < gold ? served * 3 : (served - gold) / 2 * 3 + 1 + (served - gold) % 2;
        world_forget(world);
        agent(world, "marie", "7001", agent_state_ready);
        cr_assert_eq(world->ixn, order[turn], "%lu", (unsigned long)served);
        talk(world, 0x20000000 + turn, "7001", "marie");
        agent(world, "marie", "7001", agent_state_not_ready);
        deleted(world, 0x20000000 + turn);
    }
    world_free(world);
}

Test(core_select, do_not_disturb_is_not_a_state_of_its_own)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    for (unsigned on = 1; on <= 2; on++) {
        struct writer *writer = world_event(world, LINK, KIND_RequestAgentState, 0, 0, 0);
        writer_text(writer, RequestAgentState_agent, "marie");
        writer_u(writer, RequestAgentState_state, on == 1 ? agent_state_dnd_on : agent_state_dnd_off);
        world_post(world);
        struct agent_row row;
        cr_assert_eq(status_of(world).agents_ready, on - 1);
        for (uint32_t at = 0; core_agent(world->core, at, &row); at++)
            if (span_is(row.name, "marie")) cr_assert_eq(row.state, (unsigned)agent_state_ready);
    }
    world_free(world);
}

Test(core_select, who_becomes_ready_looks_at_those_who_wait_for_somebody_like_them)
{
    struct core_world *world = world_new();
    french(world, "anna");                            /* Sales at 1: what she can is not quite what Marie can */
    call_until_selection(world, CALL, "2", "basic");  /* French */
    call_until_selection(world, OTHER, "1", "basic"); /* English */
    agent(world, "jean", "7003", agent_state_ready);  /* French at 6: not yet */
    world_forget(world);
    agent(world, "anna", "7009", agent_state_ready);
    expect(world, "RequestRouteCall 7009\n");
    agent(world, "marie", "7001", agent_state_ready); /* nobody waits for French now */
    expect(world, "");
    skill(world, "jean", "English", 9);
    skill(world, "jean", "Sales", 1);
    commit(world, false); /* and now there is somebody who waits for him */
    expect(world, "Reply ok\nRequestRouteCall 7003\n");
    world_free(world);
}

/* Waits for one line from the beginning and another after 20 s, until what never holds, which time itself may
 * change. */
static struct image *until_never(void)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t vq = program_name(w, TYPE_VQ, "service"), skill = program_name(w, TYPE_SKILL, "French");
    uint16_t leaf = writer_function_begin(w, "leaf", FUNCTION_LEAF, IMAGE_NONE, 0, TYPE_BOOL);
    uint8_t level = writer_register(w, TYPE_INT), known = writer_register(w, TYPE_SKILL);
    uint8_t yes = writer_register(w, TYPE_BOOL), no = writer_register(w, TYPE_INT);
    writer_abx(w, OP_LOAD, known, writer_constant(w, TYPE_SKILL, skill));
    writer_abc(w, OP_LEVEL, level, known, 0);
    writer_abc(w, OP_LT, yes, no, level);
    writer_abc(w, OP_RETURN, yes, 0, 0);
    writer_function_end(w);
    uint16_t never = writer_function_begin(w, "never", FUNCTION_PLAIN, strategy, 0, TYPE_BOOL);
    writer_abc(w, OP_RETURN, writer_register(w, TYPE_BOOL), 0, 0);
    writer_function_end(w);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(writer_constant(w, TYPE_VQ, vq)));
    writer_wait_timeout(w, CONSTANT(writer_constant(w, TYPE_DURATION, 60000000)));
    writer_wait_line_leaf(w, OPERAND_NONE, leaf, NULL, 0);
    writer_wait_line_leaf(w, CONSTANT(writer_constant(w, TYPE_DURATION, 20000000)), leaf, NULL, 0);
    writer_wait_until(w, never, NULL, 0, true);
    writer_step(w, STEP_ID_select, writer_register(w, TYPE_TARGET));
    program_stop(w, program_text(w, "found"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

/* The condition is asked each second; who decides is asked, and recorded, when something has changed. */
Test(core_select, a_condition_asked_each_second_is_no_decision_each_second)
{
    struct core_world *world = world_new();
    world_run(world, until_never());
    created(world, CALL);
    route_request(world, CALL, 0);
    uint64_t before = world->core->records->decision_count;
    cr_assert_eq(before, 1);
    world_advance(world, 10000000);
    cr_assert_eq(world->core->records->decision_count, before);
    world_advance(world, 12000000);
    cr_assert_eq(world->core->records->decision_count, before + 1, "the second line has opened");
    french(world, "marie");
    world_forget(world);
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "RequestCallControl disconnect 1800\n");
    cr_assert_eq(world->core->records->decision_count, before + 2);
    world_end(world);
}
