/* tests/unit/core_telephone.c - Agents who act at the telephone that they dial from: whose call is whose, what each
 * answer of the link comes to, and that no call acts for a telephone that it was not made from. */
#include <criterion/criterion.h>
#include <string.h>

#include "vm/image_writer.h"
#include "vm/steps.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/read/read.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/link_observed.h"

TestSuite(core_telephone, .timeout = 30);

/* delay 10s; STEP else e { attach reason = e.reason; reject 486; } delay 10s; stop "done"; log_in is of Marie. */
static struct image *image_of(enum step_number step)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    writer_slot(w, strategy, "reason", TYPE_INT, false);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t error = writer_register(w, TYPE_ERROR), reason = writer_register(w, TYPE_INT);
    uint8_t found = writer_register(w, TYPE_AGENT | TYPE_OPTIONAL), name = writer_register(w, TYPE_STR);
    uint8_t who = writer_register(w, TYPE_AGENT);
    uint32_t failed = writer_label(w);
    program_delay(w, 10);
    writer_abx(w, OP_LOAD, name, writer_constant_text(w, "marie", 5));
    writer_abc(w, OP_NAMED, found, name, 0);
    writer_abc(w, OP_UNWRAP, who, found, 0);
    writer_wait_begin(w, NULL);
    if (step == STEP_ID_agents_log_in) {
        writer_wait_argument(w, PARAMETER_agents_log_in_who, who);
        writer_wait_timeout(w, SECONDS(w, 10));
    }
    writer_wait_failure(w, failed, error);
    writer_step(w, (uint16_t)step, REGISTER_NONE);
    program_delay(w, 10);
    program_stop(w, program_text(w, "done"));
    writer_place(w, failed);
    writer_abc(w, OP_FIELD, reason, error, ERROR_FIELD_REASON);
    writer_abx(w, OP_SLOT_SET, reason, 0);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_reject_code, CONSTANT(writer_constant(w, TYPE_INT, 486)));
    writer_step(w, STEP_ID_reject, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static void dialled(struct core_world *world, enum call_type type, const char *dn)
{
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, CALL);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, type);
    writer_text(writer, EventCallCreated_ani, dn);
    writer_text(writer, EventCallCreated_dnis, "1800");
    writer_text(writer, EventCallCreated_origin_dn, dn);
    world_post(world);
    route_request(world, CALL, 0);
}

/* A call of this type from 7001, where marie is in this state; in ten seconds it does the step. */
static struct core_world *begin(enum step_number step, enum call_type type, enum agent_state state)
{
    struct core_world *world = world_new();
    world_run(world, image_of(step));
    directory(world, table_agent, "marie", (const char *const[]){"name", "marie", NULL});
    commit(world, false);
    agent(world, "marie", "7001", state);
    dialled(world, type, "7001");
    world_forget(world);
    return world;
}

static struct core_world *called(enum step_number step)
{
    return begin(step, call_type_internal, agent_state_ready);
}

static void fails_with(struct core_world *world, enum code code)
{
    uint64_t word;
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    cr_assert(ix && block_slot(block_at(world->core->slab, ix->block), 0, &word));
    cr_assert_eq(word, code, "%u", (unsigned)word);
    cr_assert(strstr(world->trace, "RequestCallControl reject 1800\n"), "%s", world->trace);
    cr_assert(!strstr(world->trace, "SetAgentState"), "%s", world->trace);
    world_end(world);
}

static void ten_seconds(struct core_world *world)
{
    world_advance(world, 10000000);
}

Test(core_telephone, the_telephone_that_dials_is_paused_and_logged_out)
{
    struct core_world *world = called(STEP_ID_agents_pause);
    ten_seconds(world);
    expect(world, "SetAgentState marie not_ready\n");
    world_end(world);
    world = called(STEP_ID_agents_log_out);
    ten_seconds(world);
    expect(world, "SetAgentState marie logged_out\n");
    world_end(world);
}

Test(core_telephone, who_is_ready_is_so_when_the_call_has_ended_though_its_party_has_left_before)
{
    struct core_world *world = begin(STEP_ID_agents_ready, call_type_internal, agent_state_not_ready);
    ten_seconds(world);
    expect(world, "");
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    expect(world, "");
    deleted(world, CALL);
    cr_assert(strstr(world->trace, "SetAgentState marie ready\n"), "%s", world->trace);
    world_end(world);
}

/* The link says that marie is in the state; `label` is the switch's reason, `ref` the request that this answers. */
static void says(struct core_world *world, enum agent_state state, const char *label, uint32_t ref)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, ref, 0);
    writer_text(writer, EventAgentState_agent, "marie");
    writer_text(writer, EventAgentState_dn, "7001");
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, state);
    if (label) writer_text(writer, EventAgentState_label, label);
    world_post(world);
}

/* Somebody else, as a supervisor, asks for marie's state. */
static void supervisor_puts(struct core_world *world, enum agent_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, "marie");
    writer_u(writer, RequestAgentState_state, state);
    world_post(world);
}

/* Marie, who pauses for lunch, has said `ready` in a call that goes on. */
static struct core_world *has_said_ready(void)
{
    struct core_world *world = begin(STEP_ID_agents_ready, call_type_internal, agent_state_not_ready);
    says(world, agent_state_not_ready, "lunch", 0);
    ten_seconds(world);
    world_forget(world);
    return world;
}

/* Ends the call, and looks whether marie becomes ready. */
static void call_ends(struct core_world *world, bool ready)
{
    world_forget(world);
    deleted(world, CALL);
    bool becomes = strstr(world->trace, "SetAgentState marie ready\n") != NULL;
    cr_assert_eq(becomes, ready, "%s", world->trace);
    world_end(world);
}

Test(core_telephone, a_pause_from_elsewhere_during_the_call_stays)
{
    static const enum agent_state states[] = {agent_state_not_ready, agent_state_logged_out};
    for (unsigned at = 0; at < sizeof states / sizeof *states; at++) {
        struct core_world *world = has_said_ready();
        supervisor_puts(world, states[at]);
        call_ends(world, false);
        world = has_said_ready();
        says(world, states[at], "training", 0);
        if (states[at] == agent_state_logged_out) says(world, agent_state_not_ready, NULL, 0);
        call_ends(world, false);
    }
    struct core_world *world = has_said_ready();
    says(world, agent_state_ready, NULL, 0);
    says(world, agent_state_not_ready, NULL, 0);
    call_ends(world, false);
}

Test(core_telephone, what_says_nothing_new_of_the_pause_leaves_the_agent_ready)
{
    call_ends(has_said_ready(), true);
    struct core_world *world = has_said_ready();
    says(world, agent_state_not_ready, NULL, 0);
    says(world, agent_state_not_ready, "lunch", 0);
    says(world, agent_state_not_ready, "the switch's word", 7); /* the answer to what was asked before */
    call_ends(world, true);
}

Test(core_telephone, a_call_that_is_not_internal_acts_for_nobody)
{
    static const enum call_type types[] = {call_type_unknown, call_type_inbound, call_type_outbound, call_type_consult};
    static const enum step_number steps[] = {STEP_ID_agents_log_in, STEP_ID_agents_log_out, STEP_ID_agents_pause,
                                             STEP_ID_agents_ready};
    for (unsigned type = 0; type < sizeof types / sizeof *types; type++)
        for (unsigned step = 0; step < sizeof steps / sizeof *steps; step++) {
            struct core_world *world = begin(steps[step], types[type], agent_state_ready);
            ten_seconds(world);
            fails_with(world, code_no_place);
        }
}

Test(core_telephone, a_call_that_was_transferred_or_joined_acts_for_nobody)
{
    static const enum party_how hows[] = {party_how_transfer, party_how_conference, party_how_other};
    for (unsigned how = 0; how < sizeof hows / sizeof *hows; how++) {
        struct core_world *world = called(STEP_ID_agents_pause);
        struct writer *writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, CALL);
        writer_conn(writer, EventPartyChanged_prev_conn, OTHER);
        writer_u(writer, EventPartyChanged_how, hows[how]);
        world_post(world);
        world_forget(world);
        ten_seconds(world);
        fails_with(world, code_no_place);
    }
}

Test(core_telephone, a_call_that_its_telephone_has_left_acts_for_nobody)
{
    struct core_world *world = called(STEP_ID_agents_pause);
    party(world, CALL, "7001", NULL, party_role_device, party_change_Established);
    party(world, CALL, "7001", NULL, party_role_device, party_change_Released);
    world_forget(world);
    ten_seconds(world);
    fails_with(world, code_no_place);
}

Test(core_telephone, nobody_is_logged_in_at_the_telephone)
{
    struct core_world *world = begin(STEP_ID_agents_pause, call_type_internal, agent_state_logged_out);
    ten_seconds(world);
    fails_with(world, code_not_logged_in);
}

/* A call from 7001, where nobody is; in ten seconds marie is logged in there. */
static struct core_world *logs_in(void)
{
    struct core_world *world = begin(STEP_ID_agents_log_in, call_type_internal, agent_state_logged_out);
    ten_seconds(world);
    expect(world, "SetAgentState marie logged_in\n");
    world_forget(world);
    return world;
}

Test(core_telephone, the_links_report_ends_the_log_in)
{
    struct core_world *world = logs_in();
    uint32_t ref = world->last_ref[KIND_SetAgentState];
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, world->ixn, ref, 0);
    writer_text(writer, EventAgentState_agent, "marie");
    writer_text(writer, EventAgentState_dn, "7001");
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, agent_state_logged_in);
    world_post(world);
    ten_seconds(world);
    expect(world, "RequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_telephone, what_the_link_refuses_has_its_reason)
{
    static const enum code codes[][2] = {{code_invalid_dn, code_no_place},
                                         {code_already_logged_in, code_elsewhere},
                                         {code_taken, code_taken},
                                         {code_unsupported, code_unavailable},
                                         {code_link_down, code_unavailable}};
    for (unsigned at = 0; at < sizeof codes / sizeof *codes; at++) {
        struct core_world *world = logs_in();
        done(world, world->ixn, world->last_ref[KIND_SetAgentState], outcome_error, codes[at][0]);
        fails_with(world, codes[at][1]);
    }
}

Test(core_telephone, a_link_that_says_nothing_is_waited_for_no_longer_than_the_step_has)
{
    struct core_world *world = logs_in();
    ten_seconds(world);
    fails_with(world, code_timeout);
}

/* The link is lost while the log-in is under way, and comes back: the agent is there, or not; it has seen effects up to
 * `last_ref`. */
static struct core_world *comes_back(bool there, uint32_t last_ref)
{
    struct core_world *world = logs_in();
    uint32_t seen = last_ref == UINT32_MAX ? world->last_ref[KIND_SetAgentState] : last_ref;
    link_down(world);
    link_up(world, all_caps);
    resync(world, true);
    world_forget(world);
    if (there) observe_agent(world, "marie", "7001", agent_state_not_ready);
    observe_call(world, CALL, true, seen);
    resync(world, false);
    return world;
}

Test(core_telephone, a_log_in_that_was_lost_is_asked_for_again_and_one_that_was_done_is_done)
{
    struct core_world *world = comes_back(false, 0);
    cr_assert(strstr(world->trace, "SetAgentState marie logged_in\n"), "%s", world->trace);
    world_end(world);
    static const uint32_t seen[] = {0, UINT32_MAX};
    for (unsigned at = 0; at < sizeof seen / sizeof *seen; at++) {
        world = comes_back(true, seen[at]);
        cr_assert(!strstr(world->trace, "SetAgentState"), "%s", world->trace);
        world_forget(world);
        ten_seconds(world); /* what the link has not seen is done at once; else its answer is waited for first */
        if (seen[at] != 0) ten_seconds(world);
        expect(world, "RequestCallControl disconnect 1800\n");
        world_end(world);
    }
}
