/* tests/unit/core_chat.c - Chats: submitted with a session, answered by a strategy, routed, written in, ended; flow M2.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/media/sending.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/read/read.h"
#include "runtime/core/run/reply.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_chat, .timeout = 60);

enum { DESK = LINK + 1 }; /* the link of the desktops; LINK has the sessions */

static struct image *serving(void)
{
    return program_serving(
        &(struct serving_program){.media = 1u << media_chat, .says = "One moment, please.", .answer_s = 30});
}

static void observed(struct core_world *world, const char *name, const char *place)
{
    struct writer *writer = world_event(world, DESK, KIND_Observed, 0, 0, 0);
    writer_u(writer, Observed_what, object_agent);
    writer_text(writer, Observed_dn, place);
    writer_text(writer, Observed_agent, name);
    writer_u(writer, Observed_state, agent_state_ready);
    world_post(world);
}

/* The desk tells of that agent, if there is a name. */
static void desk_up(struct core_world *world, const char *name, const char *place)
{
    world_desk_begins(world, DESK);
    if (name) observed(world, name, place);
    world_event(world, DESK, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

static void state_is(struct core_world *world, const char *name, const char *place, enum agent_state state)
{
    struct writer *writer = world_event(world, DESK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, name);
    writer_text(writer, EventAgentState_dn, place);
    writer_u(writer, EventAgentState_state, state);
    world_post(world);
}

static void ready(struct core_world *world, const char *name, const char *place)
{
    state_is(world, name, place, agent_state_ready);
}

static struct core_world *begin_with(struct image *image)
{
    static const char *const caps[] = {"sessions", "texts", NULL};
    struct core_world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    desk_up(world, NULL, NULL);
    directory(world, table_group_member, "overflow/marie",
              (const char *const[]){"group", "overflow", "agent", "marie", NULL});
    commit(world, false);
    world->earlier = world->image;
    world->image = image;
    activate(world, "chats");
    world_forget(world);
    return world;
}

static struct core_world *begin(void)
{
    return begin_with(serving());
}

static void comes_as(struct core_world *world, const char *id)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, CALL);
    writer_u(writer, Submit_media, media_chat);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, "chats");
    writer_u(writer, Submit_online, 1);
    writer_text(writer, Submit_from, "Dupont");
    world_post(world);
    world->client = 0;
}

static void comes(struct core_world *world)
{
    comes_as(world, "session-1");
}

static void delivered(struct core_world *world)
{
    uint32_t ref = world->last_ref[KIND_SendMessage];
    struct writer *writer = world_event(world, LINK, KIND_EventDelivery, 0, ref, CALL);
    writer_u(writer, EventDelivery_state, delivery_accepted);
    world_post(world);
}

static void accepts(struct core_world *world, uint64_t number)
{
    world->client = 9;
    world->req++;
    writer_u(world_event(world, DESK, KIND_RequestAccept, 0, 0, 0), RequestAccept_claim, UINT64_C(1) << 48 | number);
    world_post(world);
    world->client = 0;
}

static void of_party(struct core_world *world, const char *dn, const char *agent, enum party_role role,
                     enum party_change change)
{
    party(world, CALL, dn, agent, role, change);
}

static void writes(struct core_world *world, unsigned link, const char *actor, const char *text)
{
    uint64_t asked = world->req;
    world->client = link == DESK ? 9 : 0;
    world->req = link == DESK ? asked + 1 : 0;
    struct writer *writer =
        world_event(world, link, KIND_EventMessage, link == DESK ? world->ixn : 0, 0, link == DESK ? 0 : CALL);
    writer_text(writer, ENVELOPE_actor, actor);
    writer_text(writer, EventMessage_msg_id, "m1");
    writer_u(writer, EventMessage_kind, message_kind_text);
    writer_text(writer, EventMessage_text, text);
    world_post(world);
    world->client = 0;
    world->req = asked + 1;
}

static void stops(struct core_world *world)
{
    world->client = 9;
    world->req++;
    writer_text(world_event(world, DESK, KIND_RequestStop, world->ixn, 0, 0), ENVELOPE_actor, "marie");
    world_post(world);
    world->client = 0;
}

static void session_ended(struct core_world *world)
{
    world_event(world, LINK, KIND_EventSessionEnded, 0, 0, CALL);
    world_post(world);
}

static bool is_owned(const struct core_world *world, const char *state, const char *kind, const char *owner)
{
    struct interaction_row row;
    cr_assert(core_find(world->core, world->ixn, &row));
    return span_is(row.state, state) && span_is(row.owner_kind, kind) && span_is(row.owner, owner);
}

/* Up to marie, who has joined. */
static struct core_world *with_marie(void)
{
    struct core_world *world = begin();
    comes(world);
    expect(world, "Reply ok\nSendMessage\n"); /* 1-5 */
    ready(world, "marie", "desk-1");
    delivered(world);
    expect(world, "Invite\n");
    accepts(world, 1);
    expect(world, "Reply ok\nRequestRouteCall desk-1\n"); /* 6 */
    route_used(world, CALL, "desk-1", route_how_instructed);
    of_party(world, "desk-1", "marie", party_role_agent, party_change_Established);
    expect(world, "Notify PartyAdded 1-000000000001 agent=marie role=agent\n");
    cr_assert(is_owned(world, "handling", "agent", "marie"));
    return world;
}

/* The browser of that agent is there, or has gone. */
static void page(struct core_world *world, const char *agent, bool there)
{
    struct writer *writer = world_event(world, DESK, KIND_EventClient, 0, 0, 0);
    writer_u(writer, EventClient_up, there);
    writer_text(writer, EventClient_agent, agent);
    world_post(world);
}

/* The desk could not show the newest offer. */
static void not_shown(struct core_world *world)
{
    struct writer *writer = world_event(world, DESK, KIND_EventDone, world->ixn, world->last_ref[KIND_Invite], 0);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_unreached);
    world_post(world);
}

/* Chats come to a strategy that leaves out for five minutes whom it could not route to. */
static struct core_world *excluding(void)
{
    return begin_with(
        program_serving(&(struct serving_program){.media = 1u << media_chat, .answer_s = 30, .exclude_s = 300}));
}

Test(core_chat, whom_an_offer_never_reached_is_not_left_out_and_gets_it_when_the_page_is_back)
{
    struct core_world *world = excluding();
    ready(world, "marie", "desk-1");
    comes(world);
    expect(world, "Reply ok\nInvite\n");
    not_shown(world);
    expect(world, ""); /* she is no candidate */
    world_advance(world, 20000000);
    expect(world, "");
    page(world, "marie", true);
    expect(world, "Invite\n");
    accepts(world, 2);
    expect(world, "Reply ok\nRequestRouteCall desk-1\n");
    world_end(world);
}

Test(core_chat, a_desk_that_begins_anew_gets_offers_for_those_whose_pages_are_there)
{
    struct core_world *world = excluding();
    ready(world, "marie", "desk-1");
    page(world, "marie", true);
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, DESK);
    world_post(world);
    desk_up(world, "marie", "desk-1");
    world_forget(world);
    comes(world);
    expect(world, "Reply ok\n");
    page(world, "marie", false);
    expect(world, "");
    page(world, "marie", true);
    expect(world, "Invite\n");
    world_end(world);
}

Test(core_chat, a_chat_goes_to_the_dn_where_its_agent_serves_chats)
{
    struct core_world *world = begin();
    directory(world, table_place, "desk", (const char *const[]){"name", "desk", NULL});
    static const char *const dns[] = {"7004", "chat-1"};
    for (unsigned i = 0; i < 2; i++) {
        directory(world, table_dn, dns[i], (const char *const[]){"number", dns[i], NULL});
        directory(world, table_place_dn, dns[i], (const char *const[]){"dn", dns[i], "place", "desk", NULL});
    }
    commit(world, false);
    comes(world);
    ready(world, "marie", "7004");
    struct writer *writer = world_event(world, DESK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "marie");
    writer_text(writer, EventAgentState_dn, "chat-1");
    writer_u(writer, EventAgentState_media, media_chat);
    writer_u(writer, EventAgentState_state, agent_state_ready);
    world_post(world);
    delivered(world);
    world_forget(world);
    accepts(world, 1);
    expect(world, "Reply ok\nRequestRouteCall chat-1\n");
    route_used(world, CALL, "chat-1", route_how_instructed);
    of_party(world, "chat-1", "marie", party_role_agent, party_change_Established);
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

/* An interaction of its own, without a session: what its agent writes goes to the number that wrote, and is sent again
 * until the home has it; what is meant for agents does not. */
/* marie has a short message that came by itself. */
static struct core_world *with_a_page(void)
{
    struct core_world *world = begin_with(program_serving(&(struct serving_program){.media = 1u << media_sms}));
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_sms);
    writer_text(writer, Submit_external_id, "sms-1");
    writer_text(writer, Submit_queue, "chats");
    writer_text(writer, Submit_from, "+33612345678");
    writer_list_begin(writer, Submit_to);
    writer_list_text(writer, span_of("+33145550101"));
    writer_list_end(writer);
    world_post(world);
    world->client = 0;
    ready(world, "marie", "desk-1");
    accepts(world, 1);
    world_forget(world);
    return world;
}

Test(core_chat, what_an_agent_answers_to_a_page_in_a_resync_is_refused)
{
    struct core_world *world = with_a_page();
    resync(world, true);
    writes(world, DESK, "marie", "Until six.");
    expect(world, "Reply error link_down\n");
    resync(world, false);
    world_forget(world);
    writes(world, DESK, "marie", "Until six.");
    expect(world, "Reply ok\nSendMessage +33145550101\n");
    world_end(world);
}

/* That link says that who wrote the page is gone. */
static void page_abandoned(struct core_world *world, unsigned link)
{
    struct writer *writer = world_event(world, link, KIND_EventParty, world->ixn, 0, 0);
    writer_u(writer, EventParty_change, party_change_Abandoned);
    world_post(world);
}

Test(core_chat, only_its_adapter_says_that_who_wrote_a_page_is_gone_and_then_nothing_is_held)
{
    struct core_world *world = with_a_page();
    writes(world, DESK, "marie", "Until six.");
    const struct interaction *ix = interaction_by_id(world->core->interactions, world->ixn);
    page_abandoned(world, DESK);
    cr_assert(!ix->gone && sending_next(world->core, ix, SENDING_NONE) != SENDING_NONE);
    page_abandoned(world, LINK);
    cr_assert(ix->gone && sending_next(world->core, ix, SENDING_NONE) == SENDING_NONE);
    world_end(world);
}

Test(core_chat, a_short_message_by_itself_is_answered_by_the_agent_who_has_it)
{
    struct core_world *world = with_a_page();
    writes(world, DESK, "marie", "Until six.");
    expect(world, "Reply ok\nSendMessage +33145550101\n");
    uint32_t ref = world->last_ref[KIND_SendMessage];
    resync(world, true);
    resync(world, false);
    expect(world, "SendMessage +33145550101\n");
    cr_assert_eq(world->last_ref[KIND_SendMessage], ref);
    writer_u(world_event(world, LINK, KIND_EventDelivery, world->ixn, ref, 0), EventDelivery_state, delivery_accepted);
    world_post(world);
    cr_assert_eq(sending_next(world->core, interaction_by_id(world->core->interactions, world->ixn), SENDING_NONE),
                 SENDING_NONE);
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, DESK, KIND_EventMessage, world->ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, "marie");
    writer_text(writer, EventMessage_msg_id, "m2");
    writer_u(writer, EventMessage_kind, message_kind_text);
    writer_u(writer, EventMessage_visible, visible_agents);
    writer_text(writer, EventMessage_text, "An angry one.");
    world_post(world);
    expect(world, "Reply ok\n");
    world_end(world);
}

Test(core_chat, what_an_agent_writes_while_the_customers_adapter_is_away_is_refused)
{
    struct core_world *world = with_marie();
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, LINK);
    world_post(world);
    world_forget(world);
    writes(world, DESK, "marie", "Are you there?");
    expect(world, "Reply error link_down\n");
    world_end(world);
}

static void home_is(struct core_world *world, bool up)
{
    static const char *const caps[] = {"sessions", NULL};
    if (!up) link_down(world);
    if (!up) return;
    link_up(world, caps);
    resync(world, true);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_chat);
    writer_u(writer, Observed_at_routing_point, 1);
    world_post(world);
}

/* The newest effect but so many is a SendMessage to the home with that ref. */
static bool was_sent(const struct core_world *world, uint32_t back, uint32_t ref)
{
    const struct sent *sent = &world->sent[(world->sent_count - 1 - back) % 16];
    return sent->kind == KIND_SendMessage && sent->link == LINK && sent->ref == ref;
}

Test(core_chat, what_an_agent_has_written_is_sent_again_until_the_home_has_it)
{
    struct core_world *world = with_marie();
    writes(world, DESK, "marie", "One");
    uint32_t one = world->last_ref[KIND_SendMessage];
    delivered(world);
    writes(world, DESK, "marie", "Two");
    uint32_t two = world->last_ref[KIND_SendMessage];
    cr_expect_neq(one, two);
    home_is(world, false);
    home_is(world, true);
    world_forget(world);
    writes(world, DESK, "marie", "Three"); /* in the resync: after those that are sent again */
    expect(world, "Reply ok\n");
    resync(world, false);
    expect(world, "SendMessage\nSendMessage\n");
    uint32_t three = world->last_ref[KIND_SendMessage];
    cr_expect(was_sent(world, 1, two) && was_sent(world, 0, three) && three > two);
    delivered(world);
    world->last_ref[KIND_SendMessage] = two;
    delivered(world);
    home_is(world, false);
    home_is(world, true);
    world_forget(world);
    resync(world, false);
    expect(world, "");
    world_end(world);
}

Test(core_chat, what_an_agent_has_written_in_a_resync_goes_out_before_the_end)
{
    struct core_world *world = with_marie();
    home_is(world, false);
    home_is(world, true);
    writes(world, DESK, "marie", "Goodbye");
    world_forget(world);
    stops(world);
    expect(world, "Reply ok\n");
    resync(world, false);
    expect(world, "SendMessage\nCloseSession\n");
    world_end(world);
}

/* The newest effect is a CloseSession with that ref. */
static bool was_closed(const struct core_world *world, uint32_t ref)
{
    const struct sent *sent = &world->sent[(world->sent_count - 1) % 16];
    return sent->kind == KIND_CloseSession && sent->link == LINK && sent->ref == ref;
}

Test(core_chat, the_end_of_a_session_is_asked_for_again_until_the_home_has_ended_it)
{
    struct core_world *world = with_marie();
    stops(world);
    expect(world, "Reply ok\nCloseSession\n");
    uint32_t ref = world->last_ref[KIND_CloseSession];
    for (unsigned times = 0; times < 2; times++) {
        home_is(world, false);
        home_is(world, true);
        world_forget(world);
        resync(world, false);
        expect(world, "CloseSession\n");
        cr_expect(was_closed(world, ref));
    }
    session_ended(world);
    cr_expect_null(interaction_by_id(world->core->interactions, world->ixn));
    cr_expect_eq(world->core->sendings->by_slot.count, 0u);
    world_end(world);
}

Test(core_chat, a_session_whose_home_is_away_is_ended_when_it_is_back)
{
    struct core_world *world = with_marie();
    writes(world, DESK, "marie", "Goodbye");
    home_is(world, false);
    world_forget(world);
    stops(world);
    expect(world, "Reply ok\n");
    cr_expect(is_owned(world, "closing", "device", ""));
    world_advance(world, 20000000); /* beyond the grace */
    home_is(world, true);
    world_forget(world);
    resync(world, false);
    expect(world, "SendMessage\nCloseSession\n");
    session_ended(world);
    cr_expect_null(interaction_by_id(world->core->interactions, world->ixn));
    world_end(world);
}

Test(core_chat, a_home_that_has_confirmed_too_little_takes_no_more)
{
    struct core_world *world = with_marie();
    for (unsigned i = 0; i < SENDINGS_MAX; i++) {
        world_forget(world);
        writes(world, DESK, "marie", "So");
        expect(world, "Reply ok\nSendMessage\n");
    }
    writes(world, DESK, "marie", "So");
    expect(world, "Reply error overload\n");
    done(world, world->ixn, world->last_ref[KIND_SendMessage], outcome_unsupported, code_unsupported);
    writes(world, DESK, "marie", "So");
    expect(world, "Reply ok\nSendMessage\n");
    of_party(world, "", "", party_role_customer, party_change_Released);
    session_ended(world);
    cr_expect_eq(world->core->sendings->by_slot.count, 0u);
    world_end(world);
}

Test(core_chat, m2_a_chat_is_offered_routed_written_in_and_ended)
{
    struct core_world *world = with_marie();
    uint64_t ixn = world->ixn;
    writes(world, LINK, "", "Good morning"); /* 7 */
    expect(world, "SendMessage\n");
    writes(world, DESK, "marie", "What can I do for you?");
    expect(world, "Reply ok\nSendMessage\n");
    stops(world); /* 8 */
    expect(world, "Reply ok\nCloseSession\n");
    cr_expect(is_owned(world, "closing", "device", ""));
    writes(world, DESK, "marie", "One more thing");
    expect(world, "Reply error gone\n");
    of_party(world, "", "", party_role_customer, party_change_Released);
    session_ended(world); /* 9 */
    expect(world, "");
    cr_expect_null(interaction_by_id(world->core->interactions, ixn));
    session_ended(world); /* late */
    expect(world, "");
    cr_expect_eq(world->core->claims->debited, world->core->claims->credited);
    world_end(world);
}

Test(core_chat, the_customer_leaves_while_an_agent_is_there)
{
    struct core_world *world = with_marie();
    of_party(world, "", "", party_role_customer, party_change_Released);
    expect(world, "Notify PartyRemoved 1-000000000001 agent=marie role=agent\nWithdraw\n");
    cr_expect(is_owned(world, "closing", "device", ""));
    session_ended(world);
    cr_expect_null(interaction_by_id(world->core->interactions, world->ixn));
    world_end(world);
}

Test(core_chat, the_customer_leaves_while_an_agent_is_asked)
{
    struct core_world *world = begin();
    ready(world, "marie", "desk-1");
    comes(world);
    delivered(world);
    world_forget(world);
    of_party(world, "", "", party_role_customer, party_change_Abandoned);
    expect(world, "Withdraw\n");
    accepts(world, 1);
    expect(world, "Reply error taken\n");
    session_ended(world);
    cr_expect_null(interaction_by_id(world->core->interactions, world->ixn));
    world_end(world);
}

Test(core_chat, an_agent_who_vanishes_leaves_the_customer_to_the_queue)
{
    struct core_world *world = with_marie();
    of_party(world, "desk-1", "marie", party_role_agent, party_change_Released);
    world_advance(world, 1);
    cr_expect(is_owned(world, "routing", "strategy", "enterprise"));
    world_forget(world);
    delivered(world);
    expect(world, "Invite\n"); /* she is still ready */
    world_end(world);
}

Test(core_chat, a_strategy_that_stops_closes_the_session)
{
    struct core_world *world = begin();
    comes(world);
    delivered(world);
    world_forget(world);
    world_advance(world, 61000000);
    expect(world, "CloseSession\n");
    cr_expect(is_owned(world, "closing", "device", ""));
    world_advance(world, UINT64_C(3601000000)); /* nobody tells of the end */
    cr_expect_null(interaction_by_id(world->core->interactions, world->ixn));
    world_end(world);
}

Test(core_chat, who_has_not_got_it_writes_nothing)
{
    struct core_world *world = with_marie();
    ready(world, "paul", "desk-2");
    world_forget(world);
    writes(world, DESK, "paul", "Hello");
    expect(world, "Reply error no_privilege\n");
    world_end(world);
}

Test(core_chat, a_session_that_a_resync_does_not_tell_of_is_lost)
{
    struct core_world *world = with_marie();
    uint64_t ixn = world->ixn;
    resync(world, true);
    resync(world, false);
    cr_expect_null(interaction_by_id(world->core->interactions, ixn));
    world_end(world);
}

Test(core_chat, a_chat_that_is_stopped_while_a_strategy_works_on_it_is_closed)
{
    struct core_world *world = begin();
    comes(world);
    delivered(world);
    world_forget(world);
    world_event(world, SOURCE_ADMIN, KIND_RequestStop, world->ixn, 0, 0);
    world_post(world);
    expect(world, "Reply ok\nCloseSession\n");
    session_ended(world);
    cr_expect_null(interaction_by_id(world->core->interactions, world->ixn));
    world_end(world);
}

Test(core_chat, a_session_that_is_being_closed_goes_into_no_queue)
{
    struct core_world *world = with_marie();
    stops(world);
    world_forget(world);
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_RequestMove, world->ixn, 0, 0);
    writer_u(writer, RequestMove_how, move_Place);
    writer_u(writer, RequestMove_to, move_to_queue);
    writer_text(writer, RequestMove_name, "chats");
    world_post(world);
    expect(world, "Reply error invalid_state\n");
    cr_expect(is_owned(world, "closing", "device", ""));
    session_ended(world);
    cr_expect_null(interaction_by_id(world->core->interactions, world->ixn));
    world_end(world);
}

/* ---- whom the customer sees ---- */

static void moves(struct core_world *world, const char *who, enum move how, enum move_to to, const char *name)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, DESK, KIND_RequestMove, world->ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, who);
    writer_u(writer, RequestMove_how, how);
    writer_u(writer, RequestMove_to, to);
    writer_text(writer, RequestMove_name, name);
    writer_u(writer, RequestMove_supervises, strcmp(who, "paul") == 0);
    world_post(world);
    world->client = 0;
}

Test(core_chat, a_session_stays_in_its_domain)
{
    struct core_world *world = with_marie();
    queue_time(world, "desk", "elsewhere", 1);
    world_forget(world);
    moves(world, "marie", move_Place, move_to_queue, "desk");
    expect(world, "Reply error invalid_destination\n");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    stops(world);
    session_ended(world);
    queue_time(world, "chats", "elsewhere", 1);
    world_forget(world);
    comes_as(world, "session-2");
    expect(world, "Reply error invalid_destination\n");
    world_end(world);
}

/* Marie has it, and asks paul, who accepts. The home and the desks are told `told`. */
static struct core_world *asked(enum move how, const char *told)
{
    struct core_world *world = with_marie();
    ready(world, "paul", "desk-2");
    moves(world, "marie", how, move_to_agent, "paul");
    world_forget(world);
    accepts(world, 2);
    expect(world, told);
    return world;
}

Test(core_chat, a_supervisor_who_looks_on_is_nobody_to_the_customer)
{
    struct core_world *world = with_marie();
    ready(world, "paul", "desk-2");
    world_forget(world);
    moves(world, "paul", move_Monitor, move_to_other, "");
    expect(world, "Reply ok\nInvite\nNotify PartyAdded 1-000000000001 agent=paul role=supervisor\n"
                  "RequestParty observe paul supervisor\n");
    moves(world, "paul", move_Leave, move_to_other, "");
    expect(world, "Reply ok\nNotify PartyRemoved 1-000000000001 agent=paul role=supervisor\n"
                  "RequestParty remove paul supervisor\n");
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

Test(core_chat, a_supervisor_who_takes_over_comes_and_the_agent_leaves)
{
    struct core_world *world = with_marie();
    ready(world, "paul", "desk-2");
    moves(world, "paul", move_Monitor, move_to_other, "");
    world_forget(world);
    moves(world, "paul", move_Transfer, move_to_agent, "paul");
    expect(world, "Notify PartyRemoved 1-000000000001 agent=paul role=supervisor\n"
                  "RequestParty remove paul supervisor\nWithdraw\nReply ok\nInvite\n");
    accepts(world, 3);
    expect(world, "Reply ok\nNotify PartyAdded 1-000000000001 agent=paul role=agent\n"
                  "RequestParty add paul agent\n"
                  "Notify PartyRemoved 1-000000000001 agent=marie role=agent\n"
                  "RequestParty remove marie agent\nWithdraw\n");
    cr_expect(is_owned(world, "handling", "agent", "paul"));
    world_end(world);
}

Test(core_chat, a_colleague_who_is_consulted_is_nobody_to_the_customer)
{
    struct core_world *world = asked(move_Consult, "Reply ok\nNotify PartyAdded 1-000000000001 agent=paul role=agent\n"
                                                   "RequestParty observe paul supervisor\n"
                                                   "Notify PartyAdded marie agent=paul\n");
    moves(world, "paul", move_Leave, move_to_other, "");
    expect(world, "Reply ok\nNotify PartyRemoved 1-000000000001 agent=paul role=agent\n"
                  "RequestParty remove paul supervisor\n");
    world_end(world);
}

Test(core_chat, a_colleague_who_is_consulted_may_get_it_and_then_is_seen)
{
    struct core_world *world = asked(move_Consult, "Reply ok\nNotify PartyAdded 1-000000000001 agent=paul role=agent\n"
                                                   "RequestParty observe paul supervisor\n"
                                                   "Notify PartyAdded marie agent=paul\n");
    moves(world, "marie", move_Transfer, move_to_agent, "paul");
    world_forget(world);
    accepts(world, 3);
    expect(world, "Reply ok\nNotify PartyAdded 1-000000000001 agent=paul role=agent\n"
                  "RequestParty add paul agent\n"
                  "Notify PartyRemoved 1-000000000001 agent=marie role=agent\n"
                  "RequestParty remove marie agent\nWithdraw\n");
    cr_expect(is_owned(world, "handling", "agent", "paul"));
    world_end(world);
}

/* Who is consulted cannot write to the customer, so the chat is not left to them. */
Test(core_chat, an_agent_who_leaves_a_colleague_who_is_consulted_leaves_the_customer_to_the_queue)
{
    struct core_world *world = asked(move_Consult, "Reply ok\nNotify PartyAdded 1-000000000001 agent=paul role=agent\n"
                                                   "RequestParty observe paul supervisor\n"
                                                   "Notify PartyAdded marie agent=paul\n");
    moves(world, "marie", move_Leave, move_to_other, "");
    expect(world, "Reply ok\nNotify PartyRemoved 1-000000000001 agent=marie role=agent\n"
                  "RequestParty remove marie agent\n"
                  "Notify PartyRemoved 1-000000000001 agent=paul role=agent\n"
                  "RequestParty remove paul supervisor\nWithdraw\n");
    cr_expect(is_owned(world, "queued", "queue", "chats"));
    world_end(world);
}

Test(core_chat, in_a_conference_the_customer_sees_who_comes_and_who_leaves)
{
    struct core_world *world =
        asked(move_Conference, "Reply ok\nNotify PartyAdded 1-000000000001 agent=paul role=agent\n"
                               "RequestParty add paul agent\n"
                               "Notify PartyAdded marie agent=paul\n");
    moves(world, "marie", move_Leave, move_to_other, "");
    expect(world, "Reply ok\nNotify PartyRemoved 1-000000000001 agent=marie role=agent\n"
                  "RequestParty remove marie agent\nInvite\n");
    cr_expect(is_owned(world, "handling", "agent", "paul"));
    world_end(world);
}

static void called(struct core_world *world, const char *agent, const char *display)
{
    directory(world, table_agent, agent, (const char *const[]){"name", agent, "display", display, NULL});
    commit(world, false);
    world_forget(world);
}

static void says(struct core_world *world, const char *agent, enum party_role role)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, DESK, KIND_EventMessage, world->ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, agent);
    writer_text(writer, EventMessage_msg_id, "m2");
    writer_u(writer, EventMessage_kind, message_kind_text);
    writer_text(writer, EventMessage_from, agent);
    writer_u(writer, EventMessage_role, role);
    writer_text(writer, EventMessage_text, "Hello");
    world_post(world);
    world->client = 0;
}

/* With GCX_TWIN a core that was loaded from a snapshot says the same. */
Test(core_chat, people_read_of_an_agent_by_the_name_of_the_directory)
{
    struct core_world *world = with_marie();
    called(world, "marie", "Marie Laurent");
    says(world, "marie", party_role_agent);
    expect(world, "Reply ok\nSendMessage Marie Laurent\n");
    called(world, "marie", "");
    says(world, "marie", party_role_agent);
    expect(world, "Reply ok\nSendMessage marie\n");
    called(world, "marie", "Marie Petit");
    moves(world, "marie", move_Place, move_to_queue, "chats");
    expect(world, "Reply ok\nNotify PartyRemoved 1-000000000001 agent=marie role=agent\n"
                  "RequestParty remove marie agent Marie Petit\n");
    world_end(world);
}

Test(core_chat, an_agent_to_whom_it_is_transferred_comes_and_the_other_leaves)
{
    struct core_world *world = asked(move_Transfer, "Reply ok\nNotify PartyAdded 1-000000000001 agent=paul role=agent\n"
                                                    "RequestParty add paul agent\n"
                                                    "Notify PartyRemoved 1-000000000001 agent=marie role=agent\n"
                                                    "RequestParty remove marie agent\nWithdraw\n");
    world_end(world);
}

Test(core_chat, an_agent_who_puts_it_into_a_queue_has_left)
{
    struct core_world *world = with_marie();
    moves(world, "marie", move_Place, move_to_queue, "chats");
    expect(world, "Reply ok\nNotify PartyRemoved 1-000000000001 agent=marie role=agent\n"
                  "RequestParty remove marie agent\n");
    world_end(world);
}

/* ---- replies ---- */

static struct core_world *with_reply_of(uint32_t reply_s, uint32_t absence_s)
{
    struct core_world *world = begin_with(program_serving(&(struct serving_program){
        .media = 1u << media_chat, .queue = "desk", .answer_s = 30, .reply_s = reply_s, .absence_s = absence_s}));
    ready(world, "marie", "desk-1");
    comes(world);
    accepts(world, 1);
    route_used(world, CALL, "desk-1", route_how_instructed);
    of_party(world, "desk-1", "marie", party_role_agent, party_change_Established);
    cr_assert(is_owned(world, "handling", "agent", "marie"));
    world_forget(world);
    return world;
}

static struct core_world *with_reply(void)
{
    return with_reply_of(120, 0);
}

Test(core_chat, an_agent_who_joins_and_says_nothing_loses_the_chat)
{
    struct core_world *world = with_reply();
    writes(world, LINK, "", "Hello?");
    world_advance(world, 119000000);
    cr_expect(is_owned(world, "handling", "agent", "marie"), "what the customer says is no reply");
    world_advance(world, 1000000);
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    cr_expect_eq(world->core->claims->debited, world->core->claims->credited);
    world_end(world);
}

Test(core_chat, an_agent_who_has_said_something_keeps_the_chat)
{
    struct core_world *world = with_reply();
    writes(world, DESK, "marie", "Good morning.");
    expect(world, "Reply ok\nNotify ReplyDue 1-000000000001\nSendMessage\n");
    writes(world, DESK, "marie", "How can I help?");
    expect(world, "Reply ok\nSendMessage\n"); /* no reply was due any more */
    world_advance(world, UINT64_C(600000000));
    cr_expect(is_owned(world, "handling", "agent", "marie"));
    world_end(world);
}

Test(core_chat, a_chat_that_is_done_with_owes_no_reply_while_it_closes)
{
    struct core_world *world = with_reply();
    cr_assert(reply_is_awaited(world->core, interaction_by_id(world->core->interactions, world->ixn)));
    stops(world);
    cr_assert(is_owned(world, "closing", "device", ""));
    cr_expect_not(reply_waits(world->core, interaction_by_id(world->core->interactions, world->ixn)));
    world_end(world);
}

/* What marie sends that no customer reads as an answer. */
static void sends(struct core_world *world, enum message_kind kind, enum visible visible)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, DESK, KIND_EventMessage, world->ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, "marie");
    writer_text(writer, EventMessage_msg_id, "m2");
    writer_u(writer, EventMessage_kind, kind);
    if (kind == message_kind_notice) writer_u(writer, EventMessage_notice, notice_typing);
    writer_u(writer, EventMessage_visible, visible);
    writer_text(writer, EventMessage_text, "Who knows?");
    world_post(world);
    world->client = 0;
}

Test(core_chat, who_only_types_or_asks_colleagues_has_not_replied)
{
    struct core_world *world = with_reply();
    sends(world, message_kind_notice, visible_all);
    sends(world, message_kind_text, visible_agents);
    world_advance(world, UINT64_C(120000000));
    cr_expect(is_owned(world, "queued", "queue", "desk"));
    world_end(world);
}

Test(core_chat, while_the_home_is_away_no_chat_is_taken_back)
{
    for (unsigned paused = 0; paused < 2; paused++) { /* no reply in time, or away for too long */
        struct core_world *world = paused ? with_reply_of(0, 120) : with_reply();
        if (paused) state_is(world, "marie", "desk-1", agent_state_not_ready);
        world_advance(world, 119000000);
        link_down(world);
        world_advance(world, 5000000);
        cr_expect(is_owned(world, "handling", "agent", "marie"));
        home_is(world, true);
        world_advance(world, 1000000);
        cr_expect(is_owned(world, "handling", "agent", "marie"));
        resync(world, false);
        world_advance(world, 0);
        cr_expect(is_owned(world, "queued", "queue", "desk"), "it is overdue, and its link is back");
        world_end(world);
    }
}

/* Her link was lost, which is noticed after 3 s, and told after 12 s. When it is back, what her desk shows is old. */
Test(core_chat, an_agent_whose_link_is_back_in_time_keeps_the_chat_and_is_told_so)
{
    for (unsigned warned = 0; warned < 2; warned++) {
        struct core_world *world = with_reply_of(0, 12);
        writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, DESK);
        world_post(world);
        world_advance(world, warned ? 13000000 : 5000000);
        cr_expect_neq(reply_away_due_us(world->core, interaction_by_id(world->core->interactions, world->ixn)), 0u);
        desk_up(world, "marie", "desk-1");
        world_forget(world);
        world_advance(world, UINT64_C(120000000));
        expect(world, "Notify ReplyDue 1-000000000001\n");
        cr_expect(is_owned(world, "handling", "agent", "marie"));
        world_end(world);
    }
}
