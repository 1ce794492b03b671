/* tests/unit/core_invite.c - Agents who are asked first: answers in every order, and whatever else happens
 * meanwhile. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/steps.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/total.h"
#include "runtime/core/check.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/candidates.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/read/why.h"
#include "runtime/core/steps/invite.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

TestSuite(core_invite, .timeout = 120);

enum { PEOPLE = 4, CALLS = 5, ROUNDS = 60, STEPS = 500 };

static const char *const people[PEOPLE] = {"marie", "paul", "jean", "olga"};
static const char *const dns[PEOPLE] = {"7001", "7002", "7003", "7004"};
static const char *const caps[] = {"calls",    "treatments", "pull_back", "set_agent",
                                   "desktops", "preview",    "sessions",  NULL};

struct asks {
    enum wait_order order;
    bool by_route;  /* the route asks, not the selection */
    bool twice;     /* both ask */
    bool tells;     /* why nobody could be asked is attached */
    bool mandatory; /* the busy block is, for a while */
    bool chats;     /* it is for chats, which go to agents of any link */
};

/* mandatory { delay 7s; } delay 5s, over and over. */
static uint16_t busy_block(struct image_writer *w, uint16_t strategy)
{
    uint16_t busy = writer_function_begin(w, "busy", FUNCTION_BUSY, strategy, 0, TYPE_VOID);
    for (uint64_t on = 1; on <= 1; on--) {
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_mandatory_on, CONSTANT(writer_constant(w, TYPE_INT, on)));
        writer_step(w, STEP_ID_mandatory, REGISTER_NONE);
        program_delay(w, on ? 7 : 5);
    }
    writer_abc(w, OP_END, 0, 0, 0);
    writer_function_end(w);
    return busy;
}

static void select_wait(struct image_writer *w, const struct asks *asks, uint16_t busy, uint8_t who, uint32_t failed)
{
    uint16_t group = writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"));
    uint16_t vq = writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"));
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq, CONSTANT(vq));
    if (!asks->by_route || asks->twice) writer_wait_argument(w, PARAMETER_select_preview, SECONDS(w, 20));
    writer_wait_timeout(w, SECONDS(w, 60));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP, CONSTANT(group));
    writer_wait_order(w, asks->order);
    if (asks->mandatory) writer_wait_busy(w, busy, NULL, 0);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
}

static struct image *asking(const struct asks *asks)
{
    struct image_writer *w = image_writer_new();
    unsigned medium = asks->chats ? media_chat : media_voice;
    uint16_t strategy = writer_strategy(w, "enterprise", 1u << medium, INT64_C(28800000000));
    if (asks->tells) writer_slot(w, strategy, "why", TYPE_INT, false);
    uint16_t busy = busy_block(w, strategy);
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET), error = writer_register(w, TYPE_ERROR),
            why = writer_register(w, TYPE_INT);
    uint32_t failed = writer_label(w), unasked = writer_label(w);
    select_wait(w, asks, busy, who, failed);
    if (asks->by_route) {
        writer_wait_begin(w, NULL);
        writer_wait_argument(w, PARAMETER_preview_target, who);
        writer_wait_argument(w, PARAMETER_preview_countdown, SECONDS(w, 15));
        writer_wait_timeout(w, SECONDS(w, 15));
        writer_wait_failure(w, unasked, error);
        writer_live(w, who);
        writer_step(w, STEP_ID_preview, REGISTER_NONE);
    }
    program_route(w, who, 10, 10, failed);
    writer_place(w, unasked);
    writer_abc(w, OP_FIELD, why, error, 0);
    if (asks->tells) writer_abx(w, OP_SLOT_SET, why, 0);
    writer_place(w, failed);
    program_stop(w, program_text(w, "failed"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *begin_with(struct image *image)
{
    struct core_world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    for (unsigned i = 0; i < PEOPLE; i++) {
        char key[40];
        (void)snprintf(key, sizeof key, "overflow/%s", people[i]);
        directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", people[i], NULL});
    }
    commit(world, false);
    world_run(world, image);
    world_forget(world);
    return world;
}

static struct core_world *begin(const struct asks *asks)
{
    return begin_with(asking(asks));
}

static void arrives(struct core_world *world, uint64_t conn)
{
    created(world, conn);
    route_request(world, conn, 0);
}

static void chat_arrives(struct core_world *world)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, CALL);
    writer_u(writer, Submit_media, media_chat);
    writer_text(writer, Submit_external_id, "session-1");
    writer_text(writer, Submit_queue, "1800");
    writer_u(writer, Submit_online, 1);
    writer_text(writer, Submit_from, "Dupont");
    world_post(world);
    world->client = 0;
}

/* So many of the people are ready, and the first call has come: this is sent. */
static struct core_world *called(const struct asks *asks, unsigned ready, const char *sent)
{
    struct core_world *world = begin(asks);
    for (unsigned i = 0; i < ready; i++) agent(world, people[i], dns[i], agent_state_ready);
    arrives(world, CALL);
    expect(world, sent);
    return world;
}

/* By the `number`th claim ever made. */
static void answers(struct core_world *world, uint64_t number, bool accepts)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, LINK, accepts ? KIND_RequestAccept : KIND_RequestReject, 0, 0, 0);
    writer_u(writer, accepts ? RequestAccept_claim : RequestReject_claim, UINT64_C(1) << 48 | number);
    world_post(world);
    world->client = 0;
}

static const struct asks in_turn = {.order = ORDER_longest_idle}, all = {.order = ORDER_everyone},
                         routing = {.order = ORDER_longest_idle, .by_route = true},
                         chats_in_turn = {.order = ORDER_longest_idle, .chats = true},
                         all_for_chats = {.order = ORDER_everyone, .chats = true};

Test(core_invite, who_accepts_is_routed_to)
{
    struct core_world *world = called(&in_turn, 1, "Invite\n");
    answers(world, 1, true);
    expect(world, "Reply ok\nRequestRouteCall 7001\n");
    answers(world, 1, true); /* said again */
    expect(world, "Reply ok\n");
    talk(world, CALL, "7001", "marie");
    deleted(world, CALL);
    answers(world, 1, true);
    expect(world, "Reply error taken\n");
    world_end(world);
}

Test(core_invite, who_declines_is_passed_over_and_who_says_nothing_is_not_ready)
{
    struct core_world *world = called(&in_turn, 2, "Invite\n");
    answers(world, 1, false);
    expect(world, "Reply ok\nInvite\n");
    world_advance(world, 21000000);
    expect(world, "Withdraw\nSetAgentState paul not_ready\n");
    answers(world, 2, true);
    expect(world, "Reply error taken\n");
    agent(world, "marie", "7001", agent_state_not_ready);
    agent(world, "marie", "7001", agent_state_ready); /* and is left out still */
    expect(world, "");
    agent(world, "jean", "7003", agent_state_ready);
    expect(world, "Invite\n");
    deleted(world, CALL);
    expect(world, "Withdraw\n");
    world_end(world);
}

Test(core_invite, an_invitation_that_the_link_refuses_is_as_one_declined)
{
    struct core_world *world = called(&in_turn, 2, "Invite\n");
    uint32_t ref = world->last_ref[KIND_Invite];
    world_forget(world);
    done(world, world->ixn, ref, outcome_error, code_unavailable);
    expect(world, "Invite\n");
    done(world, world->ixn, ref, outcome_error, code_unavailable); /* late */
    expect(world, "");
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, the_history_says_why_an_agent_could_not_be_asked)
{
    struct core_world *world = called(&in_turn, 2, "Invite\n");
    struct happening_row row, last = {0};
    done(world, world->ixn, world->last_ref[KIND_Invite], outcome_error, code_unavailable);
    for (uint64_t at = 0; core_happening_at(world->core, at, &row); at++)
        if (row.fact == FACT_question_failed) last = row;
    cr_expect_eq(last.value, (unsigned)code_unavailable, "it says %s", enum_name_code(last.value));
    cr_expect_gt(last.name.length, 0u);
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, of_everyone_the_first_has_it_and_the_others_are_told)
{
    struct core_world *world = called(&all, 2, "Invite\nInvite\n");
    agent(world, "jean", "7003", agent_state_ready);
    expect(world, "Invite\n");
    arrives(world, OTHER); /* nobody is left for it */
    expect(world, "");
    answers(world, 2, true);
    expect(world, "Reply ok\nWithdraw\nWithdraw\nRequestRouteCall 7002\nInvite\nInvite\n");
    answers(world, 1, true);
    expect(world, "Reply error taken\n");
    deleted(world, OTHER);
    expect(world, "Withdraw\nWithdraw\n");
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, of_many_who_decline_nobody_is_asked_twice)
{
    enum { MANY = 100 };
    struct core_world *world = begin(&in_turn);
    for (unsigned i = 0; i < MANY; i++) {
        char name[16], dn[16], key[40];
        (void)snprintf(name, sizeof name, "helper%u", i);
        (void)snprintf(dn, sizeof dn, "%u", 72000 + i);
        (void)snprintf(key, sizeof key, "overflow/%s", name);
        directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", name, NULL});
        commit(world, false);
        agent(world, name, dn, agent_state_ready);
    }
    world_forget(world);
    arrives(world, CALL);
    expect(world, "Invite\n");
    for (uint64_t number = 1; number < MANY; number++) {
        answers(world, number, false);
        expect(world, "Reply ok\nInvite\n");
    }
    answers(world, MANY, false);
    expect(world, "Reply ok\n");
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, a_link_that_cannot_ask)
{
    struct core_world *world = begin(&in_turn);
    static const char *const fewer[] = {"calls", "treatments", NULL};
    link_up(world, fewer);
    resync(world, true);
    resync(world, false);
    world_forget(world);
    agent(world, "marie", "7001", agent_state_ready);
    arrives(world, CALL);
    expect(world, "RequestCallControl disconnect 1800\n");
    world_end(world);
}

/* ---- another link ---- */

static struct core_status status_of(const struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status;
}

enum { FAR = LINK + 1 };

static const char *const no_preview[] = {"calls", "treatments", NULL};

static void far_resync(struct core_world *world, bool begins)
{
    world_event(world, FAR, begins ? KIND_ResyncBegin : KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

static void far_up(struct core_world *world, const char *const *can)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, FAR);
    writer_list_begin(writer, LinkUp_caps);
    for (unsigned i = 0; can[i]; i++) writer_list_text(writer, span_of(can[i]));
    writer_list_end(writer);
    world_post(world);
    far_resync(world, true);
}

static void far_down(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0);
    writer_u(writer, LinkDown_link, FAR);
    world_post(world);
}

static void far_agent(struct core_world *world, const char *name, const char *dn)
{
    struct writer *writer = world_event(world, FAR, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, name);
    writer_text(writer, EventAgentState_dn, dn);
    writer_u(writer, EventAgentState_state, agent_state_ready);
    world_post(world);
}

static struct core_world *begin_far(const struct asks *asks, const char *const *can)
{
    struct core_world *world = begin(asks);
    far_up(world, can);
    far_resync(world, false);
    world_forget(world);
    return world;
}

static uint32_t who(const struct core_world *world, const char *name)
{
    uint32_t agent = AGENT_NONE;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of(name)), &agent));
    return agent;
}

Test(core_invite, of_everyone_who_is_on_a_link_that_cannot_ask_is_left_out)
{
    struct core_world *world = begin_far(&all, no_preview);
    far_agent(world, "olga", "7004"); /* idle longest */
    arrives(world, CALL);
    expect(world, "");
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "Invite\n");
    far_agent(world, "jean", "7003");
    expect(world, "");
    struct why_match match;
    uint32_t olga = who(world, "olga");
    cr_expect(core_why_match(world->core, world->ixn, 0, olga, &match) && match.unasked && !match.matches);
    cr_expect(core_why_match(world->core, world->ixn, 0, who(world, "marie"), &match) && !match.unasked);
    agent(world, "paul", "7002", agent_state_ready);
    expect(world, "Invite\n");
    answers(world, 2, true);
    expect(world, "Reply ok\nWithdraw\nRequestRouteCall 7002\n");
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, a_call_is_not_offered_to_an_agent_whose_telephone_is_at_another_switch)
{
    struct core_world *world = begin_far(&in_turn, caps);
    far_agent(world, "olga", "7004");
    arrives(world, CALL);
    expect(world, "");
    cr_expect_eq(status_of(world).out_of_reach, 1u, "nobody can be reached");
    agent(world, "marie", "7001", agent_state_ready);
    expect(world, "Invite\n");
    answers(world, 1, true);
    expect(world, "Reply ok\nRequestRouteCall 7001\n");
    arrives(world, OTHER);
    cr_expect_eq(status_of(world).out_of_reach, 1u, "who is busy can be reached");
    deleted(world, OTHER);
    deleted(world, CALL);
    world_end(world);
}

/* ---- the same numbers at two switches ---- */

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

enum { FAR_CALL = 0x0011000010000001 };

static void state_at(struct core_world *world, unsigned link, const char *name, const char *dn, enum agent_state state)
{
    struct writer *writer = world_event(world, link, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, name);
    writer_text(writer, EventAgentState_dn, dn);
    writer_u(writer, EventAgentState_state, state);
    world_post(world);
}

static void dn_at(struct core_world *world, unsigned link, const char *dn, enum dn_state state)
{
    struct writer *writer = world_event(world, link, KIND_EventDN, 0, 0, 0);
    writer_text(writer, EventDN_dn, dn);
    writer_u(writer, EventDN_state, state);
    world_post(world);
}

static void call_at(struct core_world *world, unsigned link, uint64_t conn)
{
    struct writer *writer = world_event(world, link, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_dnis, "1800");
    world_post(world);
}

/* The switch names the DN alone, as of a call that somebody dials to it. */
static void talks_at(struct core_world *world, unsigned link, uint64_t conn, const char *dn, enum party_change change)
{
    struct writer *writer = world_event(world, link, KIND_EventParty, 0, 0, conn);
    writer_text(writer, EventParty_dn, dn);
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, party_role_agent);
    world_post(world);
}

static const struct agent *person(const struct core_world *world, const char *name)
{
    return agent_at(world->core->agents, who(world, name));
}

Test(core_invite, the_same_number_at_two_switches_is_two_dns)
{
    struct core_world *world = begin_far(&in_turn, caps);
    agent(world, "marie", "7001", agent_state_ready);
    far_agent(world, "paul", "7001");
    cr_expect_eq(person(world, "marie")->state, agent_state_ready, "nobody has logged her out");
    cr_expect_eq(person(world, "paul")->state, agent_state_ready);
    dn_at(world, FAR, "7001", dn_state_out);
    cr_expect_not(person(world, "marie")->dn_out);
    cr_expect(person(world, "paul")->dn_out);
    dn_at(world, FAR, "7001", dn_state_in);
    state_at(world, FAR, "", "7001", agent_state_not_ready);
    cr_expect_eq(person(world, "marie")->state, agent_state_ready);
    cr_expect_eq(person(world, "paul")->state, agent_state_not_ready, "the one at that switch");
    state_at(world, FAR, "marie", "7001", agent_state_logged_out);
    cr_expect_eq(person(world, "marie")->state, agent_state_ready, "she is at the other switch");
    call_at(world, FAR, FAR_CALL);
    talks_at(world, FAR, FAR_CALL, "7001", party_change_Established);
    cr_expect_eq(person(world, "marie")->claimed, 0u);
    cr_expect_eq(person(world, "paul")->claimed, 1u);
    far_resync(world, true);
    far_resync(world, false);
    cr_expect_eq(person(world, "marie")->state, agent_state_ready);
    cr_expect_eq(person(world, "paul")->state, agent_state_logged_out);
    world_end(world);
}

Test(core_invite, a_call_of_each_switch_goes_to_who_has_the_number_there)
{
    struct core_world *world = begin_far(&routing, caps);
    far_agent(world, "paul", "7001");
    agent(world, "marie", "7001", agent_state_ready);
    world_forget(world);
    arrives(world, CALL);
    expect(world, "Invite\n");
    answers(world, 1, true);
    expect(world, "Reply ok\nRequestRouteCall 7001\n");
    cr_expect_eq(person(world, "marie")->claimed, 1u);
    cr_expect_eq(person(world, "paul")->claimed, 0u);
    talk(world, CALL, "7001", "");
    cr_expect_eq(person(world, "marie")->claimed, 1u);
    cr_expect_eq(person(world, "paul")->claimed, 0u);
    deleted(world, CALL);
    world_end(world);
}

/* What one link may say about an agent. */
struct view {
    uint32_t dn, source, state, claimed, out;
};

static struct view view_of(const struct core_world *world, unsigned number)
{
    uint32_t at = AGENT_NONE;
    if (!agent_find(world->core->agents, names_find(world->core->names, span_of(people[number])), &at))
        return (struct view){0};
    const struct agent *one = agent_at(world->core->agents, at);
    uint32_t dn = line_agent_dn(world->core->agents, at); /* at none, the link is the one that reported last */
    return (struct view){dn, dn != 0 ? one->source : 0, one->state, one->claimed, one->dn_out};
}

static void says_anything(struct core_world *world, unsigned link, uint64_t *seed)
{
    const char *name = people[link == FAR ? 2 + draw(seed, 2) : draw(seed, 2)], *dn = dns[draw(seed, 2)];
    uint64_t conn = (uint64_t)link << 48 | 0x10000001;
    switch (draw(seed, 8)) {
    case 0:
        dn_at(world, link, dn, draw(seed, 2) == 0 ? dn_state_out : dn_state_in);
        break;
    case 1:
        state_at(world, link, "", dn, draw(seed, 2) == 0 ? agent_state_logged_out : agent_state_not_ready);
        break;
    case 2:
        state_at(world, link, people[draw(seed, PEOPLE)], dn, agent_state_logged_out);
        break;
    case 3:
        call_at(world, link, conn);
        talks_at(world, link, conn, dn, party_change_Established);
        break;
    case 4:
        talks_at(world, link, conn, dn, party_change_Released);
        break;
    default:
        state_at(world, link, name, dn, draw(seed, 3) == 0 ? agent_state_not_ready : agent_state_ready);
    }
}

/* Two agents of each link share two numbers. */
Test(core_invite, what_a_switch_says_of_its_numbers_changes_nobody_at_another_one)
{
    for (uint64_t round = 1; round <= ROUNDS / 4; round++) {
        struct core_world *world = begin_far(&in_turn, caps);
        uint64_t seed = drawn_from() + round;
        for (unsigned step = 0; step < STEPS / 4; step++) {
            unsigned link = draw(&seed, 2) == 0 ? (unsigned)LINK : (unsigned)FAR, other = link == FAR ? 0 : 2;
            struct view one = view_of(world, other), two = view_of(world, other + 1);
            says_anything(world, link, &seed);
            struct view one_after = view_of(world, other), two_after = view_of(world, other + 1);
            bool same = memcmp(&one, &one_after, sizeof one) == 0 && memcmp(&two, &two_after, sizeof two) == 0;
            cr_assert(same, "round %u, step %u", (unsigned)round, step);
            cr_assert(agents_check(world->core->agents));
        }
        world_end(world);
    }
}

Test(core_invite, of_everyone_who_comes_to_a_link_that_can_ask_is_asked)
{
    struct core_world *world = begin_far(&all_for_chats, no_preview);
    far_agent(world, "olga", "7004");
    chat_arrives(world);
    expect(world, "Reply ok\n");
    agent(world, "olga", "7004", agent_state_ready);
    expect(world, "Invite\n");
    far_agent(world, "olga", "7004");
    expect(world, "Withdraw\n");
    far_agent(world, "jean", "7003");
    far_up(world, caps);
    far_agent(world, "jean", "7003");
    world_forget(world);
    far_resync(world, false);
    expect(world, "Invite\n");
    world_event(world, LINK, KIND_EventSessionEnded, 0, 0, CALL);
    world_post(world);
    expect(world, "Withdraw\n");
    world_end(world);
}

Test(core_invite, of_everyone_who_goes_to_a_link_that_cannot_ask_while_a_call_rings_is_left_out_afterwards)
{
    struct core_world *world = begin_far(&all, no_preview);
    world->core->candidates->few = 0; /* choices are made by the index */
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "paul", "7002", agent_state_ready);
    arrives(world, CALL);
    expect(world, "Invite\nInvite\n");
    answers(world, 1, true);
    expect(world, "Reply ok\nWithdraw\nRequestRouteCall 7001\n");
    far_agent(world, "marie", "7001");
    deleted(world, CALL);
    world_forget(world);
    arrives(world, CALL + 1);
    expect(world, "Invite\n");
    cr_expect_eq(agent_at(world->core->agents, who(world, "marie"))->claimed, 0);
    deleted(world, CALL + 1);
    expect(world, "Withdraw\n");
    world_end(world);
}

Test(core_invite, who_is_asked_by_a_link_that_comes_back_without_previews_is_not_any_more)
{
    struct core_world *world = begin_far(&chats_in_turn, caps);
    far_agent(world, "olga", "7004");
    chat_arrives(world);
    expect(world, "Reply ok\nInvite\n");
    far_down(world);
    far_up(world, no_preview);
    far_agent(world, "olga", "7004");
    agent(world, "marie", "7001", agent_state_ready);
    world_forget(world);
    far_resync(world, false);
    expect(world, "Withdraw\nInvite\n");
    world_end(world);
}

Test(core_invite, of_everyone_where_no_link_can_ask)
{
    struct core_world *world = begin(&all);
    link_up(world, no_preview);
    resync(world, true);
    resync(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    world_forget(world);
    arrives(world, CALL);
    expect(world, "RequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_invite, what_was_withdrawn_while_its_link_was_away_is_said_again)
{
    struct core_world *world = begin_far(&chats_in_turn, caps);
    far_agent(world, "olga", "7004");
    chat_arrives(world);
    expect(world, "Reply ok\nInvite\n");
    far_down(world);
    world_event(world, LINK, KIND_EventSessionEnded, 0, 0, CALL);
    world_post(world);
    world_advance(world, 8000000);
    world_forget(world);
    far_up(world, caps);
    far_agent(world, "olga", "7004");
    world_forget(world);
    far_resync(world, false);
    expect(world, "Withdraw\n");
    far_down(world);
    world_advance(world, 60000000); /* the desktop's own time is over */
    far_up(world, caps);
    world_forget(world);
    far_resync(world, false);
    expect(world, "");
    world_end(world);
}

/* The link is back after eight seconds, and has shown all of it: its call and who is ready. */
static void link_again(struct core_world *world)
{
    link_down(world);
    world_advance(world, 8000000);
    world_forget(world);
    link_up(world, caps);
    resync(world, true);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_at_routing_point, 1);
    world_post(world);
    agent(world, "marie", "7001", agent_state_ready);
    world_forget(world);
    resync(world, false);
}

Test(core_invite, who_is_asked_is_asked_again_when_the_link_is_up_and_has_time_to_answer)
{
    struct core_world *world = called(&in_turn, 1, "Invite\n");
    world_advance(world, 19000000);
    link_again(world);
    expect(world, "Invite\n");
    world_advance(world, 4000000);
    expect(world, "");
    answers(world, 1, true);
    expect(world, "Reply ok\nRequestRouteCall 7001\n");
    deleted(world, CALL);
    world_end(world);
}

/* The host has kept back what was sent again: the desk may show still what was sent first. */
Test(core_invite, who_is_asked_again_too_late_has_not_answered_and_the_question_is_withdrawn)
{
    static const struct asks telling = {.order = ORDER_longest_idle, .by_route = true, .tells = true};
    struct core_world *world = called(&telling, 1, "Invite\n");
    uint32_t ref = world->last_ref[KIND_Invite];
    link_again(world);
    expect(world, "Invite\n");
    cr_expect_eq(world->last_ref[KIND_Invite], ref);
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, ref, 0);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_no_answer);
    world_post(world);
    expect(world, "Withdraw\nEventAttachedDataChanged why\nRequestCallControl disconnect 1800\n");
    uint64_t why;
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    cr_assert(block_slot(block_at(world->core->slab, ix->block), 0, &why));
    cr_expect_eq(why, (uint64_t)code_no_answer, "it says %s", enum_name_code((unsigned)why));
    cr_expect_eq(agent_at(world->core->agents, who(world, "marie"))->state, agent_state_ready);
    answers(world, 1, true);
    expect(world, "Reply error taken\n");
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, a_route_that_asks)
{
    struct core_world *world = called(&routing, 1, "Invite\n");
    answers(world, 1, false);
    expect(world, "Reply ok\nRequestCallControl disconnect 1800\n");
    deleted(world, CALL);
    arrives(world, OTHER);
    expect(world, "Invite\n");
    agent(world, "marie", "7001", agent_state_logged_out);
    expect(world, "Withdraw\nRequestCallControl disconnect 1800\n");
    deleted(world, OTHER);
    world_end(world);
}

Test(core_invite, who_has_accepted_is_not_asked_again_by_the_route)
{
    static const struct asks twice = {.order = ORDER_longest_idle, .by_route = true, .twice = true};
    struct core_world *world = called(&twice, 1, "Invite\n");
    answers(world, 1, true);
    expect(world, "Reply ok\nRequestRouteCall 7001\n");
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, who_has_accepted_is_told_when_the_switch_refuses_the_route)
{
    struct core_world *world = called(&in_turn, 1, "Invite\n");
    answers(world, 1, true);
    expect(world, "Reply ok\nRequestRouteCall 7001\n");
    done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_busy);
    expect(world, "Withdraw\nRequestCallControl disconnect 1800\n");
    world_end(world);
}

Test(core_invite, what_is_said_again_of_an_earlier_leg_takes_nobody_who_is_asked)
{
    const struct asks *const either[] = {&in_turn, &routing};
    for (unsigned i = 0; i < 2; i++) {
        struct core_world *world = called(either[i], 1, "Invite\n");
        party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
        expect(world, "");
        answers(world, 1, true);
        expect(world, "Reply ok\nRequestRouteCall 7001\n");
        deleted(world, CALL);
        world_end(world);
    }
}

Test(core_invite, what_is_said_again_of_an_earlier_leg_takes_nobody_who_is_routed_to)
{
    struct core_world *world = called(&in_turn, 1, "Invite\n");
    answers(world, 1, true);
    world_forget(world);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    cr_expect_eq(agent_at(world->core->agents, who(world, "marie"))->claimed, 1);
    route_used(world, CALL, "7001", route_how_instructed);
    expect(world, "");
    world_advance(world, 11000000); /* it is not there: the answer is waited for, and then it is taken back */
    expect(world, "RequestCallControl pull_back 7001\n");
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, who_lets_it_ring_and_is_gone_before_the_route_is_used_has_not_had_the_call)
{
    struct core_world *world = called(&in_turn, 1, "Invite\n");
    answers(world, 1, true);
    world_forget(world);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    route_used(world, CALL, "7001", route_how_instructed);
    expect(world, "");
    route_request(world, CALL, 0); /* the switch brings it back */
    expect(world, "SetAgentState marie not_ready\nRequestCallControl disconnect 1800\n"); /* its route has failed */
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 0);
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, who_is_asked_and_has_the_call_by_another_way_is_not_asked_any_more)
{
    struct core_world *world = called(&in_turn, 2, "Invite\n");
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    expect(world, "Withdraw\nInvite\n"); /* paul is next, until the switch says that it is stolen */
    struct error error;
    cr_assert(core_check(world->core, &error), "%s", error.text);
    answers(world, 1, true);
    expect(world, "Reply error taken\n");
    party(world, CALL, "7002", "paul", party_role_agent, party_change_Established);
    expect(world, "Withdraw\n");
    cr_assert(core_check(world->core, &error), "%s", error.text);
    deleted(world, CALL);
    world_end(world);

    world = called(&routing, 1, "Invite\n");
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Ringing);
    expect(world, "Withdraw\nRequestCallControl disconnect 1800\n"); /* its step has ended */
    deleted(world, CALL);
    world_end(world);
}

/* route preview; over and over: else goto the same. */
static struct image *asking_marie(bool on)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t found = writer_register(w, TYPE_AGENT | TYPE_OPTIONAL), name = writer_register(w, TYPE_STR);
    uint32_t again = writer_label(w);
    writer_place(w, again);
    writer_abx(w, OP_LOAD, name, writer_constant_text(w, "marie", 5));
    writer_abc(w, OP_NAMED, found, name, 0);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_preview_target, found);
    writer_wait_argument(w, PARAMETER_preview_countdown, SECONDS(w, 15));
    writer_wait_timeout(w, SECONDS(w, 15));
    uint32_t failed = writer_label(w);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_preview, REGISTER_NONE);
    program_stop(w, program_text(w, "accepted"));
    writer_place(w, failed);
    if (on)
        writer_jump(w, OP_LOOP, 0, 0, again);
    else
        program_stop(w, program_text(w, "failed"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

Test(core_invite, claims_that_are_released_are_those_that_were, .timeout = 10)
{
    struct core_world *world = begin_with(asking_marie(true));
    directory(world, table_agent, "marie", (const char *const[]){"name", "marie", NULL});
    commit(world, false);
    world_forget(world);
    agent(world, "marie", "7001", agent_state_ready);
    arrives(world, CALL);
    expect(world, "Invite\n");
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, admin_op_release_claim);
    writer_text(writer, AdminRequest_name, "marie");
    world_post(world);
    expect(world, "Withdraw\nInvite\nReply ok\n"); /* its strategy asks on */
    deleted(world, CALL);
    world_end(world);
}

Test(core_invite, who_talks_with_this_very_call_is_not_asked_about_it)
{
    struct core_world *world = begin_with(asking_marie(false));
    directory(world, table_agent, "marie", (const char *const[]){"name", "marie", NULL});
    commit(world, false);
    world_forget(world);
    agent(world, "marie", "7001", agent_state_ready);
    created(world, CALL);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Established);
    expect(world, "");
    route_request(world, CALL, 0);
    expect(world, "RequestCallControl disconnect 1800\n"); /* busy: its step has failed */
    cr_expect_eq(agent_at(world->core->agents, who(world, "marie"))->claimed, 1, "she talks still");
    deleted(world, CALL);
    world_end(world);
}

/* ---- any order ---- */

static void link_fault(struct core_world *world, uint64_t *seed)
{
    link_down(world);
    world_advance(world, draw(seed, draw(seed, 3) == 0 ? 40000000 : 8000000));
    link_up(world, caps);
    resync(world, true);
    for (uint64_t call = 1; call <= CALLS; call++) {
        if (draw(seed, 4) == 0) continue;
        struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, 0x0010000010000000 + call);
        writer_u(writer, Observed_what, object_call);
        writer_u(writer, Observed_media, media_voice);
        writer_text(writer, Observed_dn, "1800");
        writer_u(writer, Observed_at_routing_point, draw(seed, 5) != 0);
        world_post(world);
    }
    for (unsigned who = 0; who < PEOPLE; who++)
        if (draw(seed, 4) != 0) agent(world, people[who], dns[who], agent_state_ready);
    if (draw(seed, 5) != 0) resync(world, false);
}

static void admin(struct core_world *world, uint64_t *seed)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    static const enum admin_op ops[] = {admin_op_end, admin_op_release_claim, admin_op_log_out};
    writer_u(writer, AdminRequest_op, ops[draw(seed, 3)]);
    writer_text(writer, AdminRequest_name, draw(seed, 3) != 0 ? people[draw(seed, PEOPLE)] : "0010000010000001");
    world_post(world);
}

/* Mostly of one that is asked now. */
static uint64_t some_claim(const struct core_world *world, uint64_t *seed)
{
    const struct claims *claims = world->core->claims;
    uint64_t last = claims->last_id & 0xffffffff;
    uint32_t from = claims->count != 0 ? (uint32_t)draw(seed, claims->count) : 0;
    for (uint32_t at = 0; at < claims->count && draw(seed, 8) != 0; at++) {
        const struct claim *claim = &claims->all[(from + at) % claims->count];
        if (claim->state == CLAIM_INVITED) return claim->id & 0xffffffff;
    }
    return last > 6 ? last - draw(seed, 6) : 1 + draw(seed, 6);
}

/* The switch's usual answer to the last route. */
static void routed(struct core_world *world, uint64_t conn, uint64_t *seed)
{
    for (unsigned at = 0; at < 16; at++) {
        const struct sent *sent = &world->sent[(world->sent_count - 1 - at) % 16];
        if (sent->kind != KIND_RequestRouteCall || sent->conn != conn) continue;
        if (draw(seed, 4) == 0) done(world, sent->ixn, sent->ref, outcome_error, code_busy);
        talk(world, conn, sent->dest, NULL);
        return;
    }
}

static void call_goes_on(struct core_world *world, uint64_t conn, uint64_t *seed)
{
    struct interaction_row row;
    bool there = core_find(world->core, conn, &row) && !span_is(row.state, "ended");
    if (!there)
        arrives(world, conn);
    else if (span_is(row.step, "route") && draw(seed, 3) != 0)
        routed(world, conn, seed);
    else if (span_is(row.state, "handling") || draw(seed, 5) == 0)
        deleted(world, conn);
}

/* Another link, which can ask or not, and to which people move. */
static void far_does(struct core_world *world, unsigned who, uint64_t *seed)
{
    switch (draw(seed, 6)) {
    case 0:
        far_down(world);
        break;
    case 1:
        far_up(world, draw(seed, 2) == 0 ? no_preview : caps);
        break;
    case 2:
        far_resync(world, false);
        break;
    default:
        far_agent(world, people[who], dns[who]);
    }
}

static void anything(struct core_world *world, uint64_t *seed)
{
    unsigned who = (unsigned)draw(seed, PEOPLE);
    uint64_t conn = 0x0010000010000001 + draw(seed, CALLS);
    switch (draw(seed, 15)) {
    case 14:
        far_does(world, who, seed);
        break;
    case 0:
        if (draw(seed, 4) == 0) link_fault(world, seed);
        break;
    case 1:
        if (draw(seed, 3) == 0) admin(world, seed);
        break;
    case 2:
    case 3:
    case 4:
        answers(world, some_claim(world, seed), draw(seed, 2) == 0);
        break;
    case 5:
        world_advance(world, draw(seed, draw(seed, 4) == 0 ? 30000000 : 5000000));
        break;
    case 6:
        world_advance(world, draw(seed, 3000000));
        break;
    case 7:
    case 8:
    case 9:
        call_goes_on(world, conn, seed);
        break;
    case 10:
        if (world->ixn != 0) done(world, world->ixn, world->last_ref[KIND_Invite], outcome_error, code_unavailable);
        break;
    default:
        agent(world, people[who], dns[who], draw(seed, 4) == 0 ? (enum agent_state)draw(seed, 8) : agent_state_ready);
    }
}

static void rounds(const struct asks *asks)
{
    const char *more = getenv("CHAOS_ROUNDS");
    uint64_t count = more ? strtoull(more, NULL, 10) : ROUNDS;
    struct core_status sum = {0};
    uint64_t routed = 0;
    const uint64_t from = drawn_from();
    for (uint64_t round = 0; round < count; round++) {
        uint64_t seed = (from + round) * 104729 + 1;
        struct core_status status;
        struct core_world *world = begin(asks);
        for (unsigned step = 0; step < STEPS; step++) {
            anything(world, &seed);
            world_forget(world);
        }
        core_status(world->core, &status);
        sum.accepted += status.accepted;
        sum.declined += status.declined;
        sum.unanswered += status.unanswered;
        sum.withdrawn += status.withdrawn;
        routed += status.routed;
        link_up(world, caps);
        resync(world, true);
        resync(world, false);
        world_advance(world, UINT64_C(3) * 86400 * 1000000);
        core_status(world->core, &status);
        cr_assert_eq(status.interactions, 0u);
        cr_assert_eq(status.claims, 0u);
        world_end(world);
    }
    if (getenv("CHAOS"))
        fprintf(stderr, "%lu accepted, %lu declined, %lu unanswered, %lu withdrawn, %lu routed\n", sum.accepted,
                sum.declined, sum.unanswered, sum.withdrawn, routed);
    cr_assert(sum.accepted > count && sum.declined > count && sum.unanswered > count / 2 && sum.withdrawn > count);
    cr_assert(routed > count);
}

Test(core_invite, whatever_happens_in_turn)
{
    rounds(&in_turn);
}

Test(core_invite, whatever_happens_to_everyone)
{
    rounds(&all);
}

Test(core_invite, whatever_happens_beside_what_is_mandatory)
{
    rounds(&(struct asks){.order = ORDER_longest_idle, .mandatory = true});
    rounds(&(struct asks){.order = ORDER_everyone, .mandatory = true});
}

Test(core_invite, whatever_happens_to_a_route_that_asks)
{
    rounds(&routing);
}
