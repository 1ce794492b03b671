/* tests/unit/core_register.c - What a desk is told over its link: logins by medium, states of agents, contents of
 * queues and workbins, owners, who is there, changed data, and what its agents have after a resync. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/media/register.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"

TestSuite(watch_register, .timeout = 60);

enum { DESK = LINK + 1 }; /* the link of the desk; LINK has the mail server */

static void desk_ends(struct core_world *world)
{
    world_event(world, DESK, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

/* A desk, a mail server, and the queue `desk`, which has no strategy. */
static struct core_world *begin(void)
{
    static const char *const caps[] = {"sessions", NULL};
    struct core_world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    world_desk_begins(world, DESK);
    desk_ends(world);
    world_forget(world);
    return world;
}

static struct writer *asks(struct core_world *world, unsigned kind, const char *actor, uint64_t ixn)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, DESK, kind, ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, actor);
    return writer;
}

static void post(struct core_world *world)
{
    world_post(world);
    world->client = 0;
}

static void agent_state_is(struct core_world *world, const char *agent, const char *dn, enum media medium,
                           enum agent_state state)
{
    struct writer *writer = asks(world, KIND_RequestAgentState, agent, 0);
    writer_text(writer, RequestAgentState_agent, agent);
    writer_text(writer, RequestAgentState_dn, dn);
    writer_u(writer, RequestAgentState_media, medium);
    writer_u(writer, RequestAgentState_state, state);
    post(world);
}

static void registers(struct core_world *world, enum object object, const char *name, const char *whose, bool on)
{
    struct writer *writer = asks(world, KIND_RequestRegister, "marie", 0);
    writer_u(writer, RequestRegister_object, object);
    writer_text(writer, RequestRegister_name, name);
    writer_u(writer, RequestRegister_on, on);
    writer_text(writer, RequestRegister_whose, whose);
    post(world);
}

static void comes(struct core_world *world, const char *id)
{
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, "desk");
    writer_text(writer, Submit_subject, "My bill");
    post(world);
}

static void pulls(struct core_world *world, const char *agent)
{
    struct writer *writer = asks(world, KIND_RequestPull, agent, 0);
    writer_text(writer, RequestPull_queue, "desk");
    post(world);
}

static void moves(struct core_world *world, const char *agent, enum move how, enum move_to to, const char *name)
{
    struct writer *writer = asks(world, KIND_RequestMove, agent, world->ixn);
    writer_u(writer, RequestMove_how, how);
    writer_u(writer, RequestMove_to, to);
    writer_text(writer, RequestMove_name, name);
    post(world);
}

static void reason(struct core_world *world, const char *name, const char *display)
{
    directory(world, table_reason, name, (const char *const[]){display ? "display" : NULL, display, NULL});
}

Test(watch_register, desktops_are_told_the_reasons_of_the_directory)
{
    struct core_world *world = begin();
    reason(world, "lunch", "Lunch break");
    commit(world, false);
    expect(world, "Notify ReasonsChanged lunch=Lunch break\nReply ok\n");
    reason(world, "lunch", "Lunch break"); /* the same again */
    commit(world, false);
    expect(world, "Reply ok\n");
    world_desk_begins(world, DESK);
    cr_expect(strstr(world->trace, "Notify ReasonsChanged lunch=Lunch break\n"), "%s", world->trace);
    desk_ends(world);
    world_forget(world);
    reason(world, "lunch", NULL);
    commit(world, false);
    expect(world, "Notify ReasonsChanged\nReply ok\n");
    world_end(world);
}

Test(watch_register, an_agent_logs_in_by_medium_and_the_core_is_master_of_the_state)
{
    struct core_world *world = begin();
    registers(world, object_agent, "marie", "", true);
    expect(world, "Reply ok\nNotify AgentState marie voice=logged_out reasons= has=0\n");
    agent_state_is(world, "marie", "", media_email, agent_state_ready);
    expect(world, "Reply error not_logged_in\n");
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_logged_in);
    expect(world, "Reply ok\nNotify AgentState marie voice=not_ready email=not_ready reasons= has=0\n");
    agent_state_is(world, "marie", "chat.marie", media_chat, agent_state_ready);
    expect(world, "Reply ok\nNotify AgentState marie voice=not_ready email=not_ready chat=ready reasons= has=0\n");
    agent_state_is(world, "nobody", "email.nobody", media_email, agent_state_ready);
    expect(world, "Reply error invalid_attribute\n");
    agent_state_is(world, "marie", "chat.marie", media_chat, agent_state_logged_out);
    world_forget(world);
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_logged_out);
    expect(world, "Reply ok\nNotify AgentState marie voice=logged_out reasons= has=0\n");
    world_end(world);
}

Test(watch_register, a_name_of_the_site_is_that_of_one_medium)
{
    struct core_world *world = begin();
    struct interactions *media = world->core->interactions;
    interactions_name_medium(media, 0, "claims", 6);
    interactions_name_medium(media, 1, "letters", 7);
    interactions_name_medium(media, 2, "claims", 6); /* it was declared anew with another number */
    cr_expect_str_eq(interactions_medium(media, media_own1), "own1");
    cr_expect_str_eq(interactions_medium(media, media_own3), "claims");
    cr_expect_eq(interactions_medium_named(media, span_of("claims")), media_own3);
    cr_expect_eq(interactions_medium_named(media, span_of("own1")), media_own1);
    cr_expect_eq(interactions_medium_named(media, span_of("form")), media_none);
    for (unsigned own = 3; own < MEDIA_OWN_MAX; own++) {
        enum media medium = (enum media)medium_of_own(own);
        char word[8];
        (void)snprintf(word, sizeof word, "own%u", own + 1);
        cr_expect_str_eq(interactions_medium(media, medium), word);
        cr_expect_eq(interactions_medium_named(media, span_of(word)), medium);
        cr_expect_eq(own_of_medium(medium), own);
    }
    world_end(world);
}

Test(watch_register, who_logs_out_of_a_medium_gives_back_what_is_of_it)
{
    struct core_world *world = begin();
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_ready);
    agent_state_is(world, "marie", "chat.marie", media_chat, agent_state_ready);
    comes(world, "<1>");
    pulls(world, "marie");
    world_forget(world);
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_logged_out);
    expect(world, "Notify PartyRemoved 1-000000000001 agent=marie role=agent\nWithdraw\nReply ok\n");
    cr_expect_eq(interaction_by_id(world->core->interactions, world->ixn)->state, IX_QUEUED);
    world_end(world);
}

Test(watch_register, who_has_a_telephone_elsewhere_has_mails_at_the_desk)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_ready);
    comes(world, "<1>");
    pulls(world, "marie");
    const struct interaction *ix = interaction_by_id(world->core->interactions, world->ixn);
    cr_assert_neq(ix->claims, CLAIM_NONE);
    cr_expect_eq(claim_at(world->core->claims, ix->claims)->link, DESK);
    world_forget(world);
    world_desk_begins(world, DESK); /* the desk has nobody any more */
    desk_ends(world);
    cr_expect_eq(ix->state, IX_QUEUED);
    registers(world, object_agent, "marie", "", true);
    expect(world, "Resync\nNotify PartyRemoved 1-000000000001 agent=marie role=agent\n"
                  "Withdraw\nNotify Shown\n"
                  "Reply ok\nNotify AgentState marie voice=ready email=logged_out reasons= has=0\n");
    world_end(world);
}

static void watches_workbin(struct core_world *world, const char *agent, const char *whose, bool supervises)
{
    struct writer *writer = asks(world, KIND_RequestRegister, agent, 0);
    writer_u(writer, RequestRegister_object, object_workbin);
    writer_text(writer, RequestRegister_name, "drafts");
    writer_u(writer, RequestRegister_on, true);
    writer_text(writer, RequestRegister_whose, whose);
    writer_u(writer, RequestRegister_supervises, supervises);
    post(world);
}

Test(watch_register, a_workbin_is_told_of_to_whom_it_is_open_and_to_supervisors)
{
    struct core_world *world = begin();
    watches_workbin(world, "olga", "overflow", false);
    expect(world, "Reply ok\nNotify WorkbinContentChanged drafts overflow count=0\n");
    watches_workbin(world, "paul", "*", false);
    expect(world, "Reply ok\nNotify WorkbinContentChanged drafts * count=0\n");
    watches_workbin(world, "paul", "overflow", false);
    expect(world, "Reply error no_privilege\n");
    watches_workbin(world, "paul", "marie", false);
    expect(world, "Reply error no_privilege\n");
    watches_workbin(world, "nobody", "marie", false);
    expect(world, "Reply error no_privilege\n");
    watches_workbin(world, "paul", "marie", true);
    expect(world, "Reply ok\nNotify WorkbinContentChanged drafts marie count=0\n");
    world_end(world);
}

Test(watch_register, contents_of_queues_and_workbins_are_told_as_they_change)
{
    struct core_world *world = begin();
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_not_ready);
    world_forget(world);
    registers(world, object_queue, "desk", "", true);
    registers(world, object_workbin, "drafts", "", true);
    expect(world, "Reply ok\nNotify QueueContentChanged desk count=0\n"
                  "Reply ok\nNotify WorkbinContentChanged drafts marie count=0\n");
    comes(world, "<1>");
    expect(world, "Reply ok\nNotify QueueContentChanged desk count=1\n");
    pulls(world, "marie");
    expect(world, "Reply ok\nInvite\nNotify PartyAdded 1-000000000001 agent=marie role=agent\n"
                  "Notify QueueContentChanged desk count=0\n");
    moves(world, "marie", move_Place, move_to_workbin, "drafts");
    expect(world, "Reply ok\nNotify PartyRemoved 1-000000000001 agent=marie role=agent\n"
                  "Notify WorkbinContentChanged drafts marie count=1\n");
    registers(world, object_queue, "desk", "", false);
    comes(world, "<2>");
    expect(world, "Reply ok\nReply ok\n");
    registers(world, object_queue, "nowhere", "", true);
    registers(world, object_place, "desk-1", "", true);
    expect(world, "Reply error invalid_attribute\nReply error invalid_attribute\n");
    world_end(world);
}

Test(watch_register, the_owner_of_an_interaction_is_told_until_it_ends)
{
    struct core_world *world = begin();
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_not_ready);
    comes(world, "<1>");
    world_forget(world);
    registers(world, object_interaction, "1-000000000001", "", true);
    expect(world, "Reply ok\nNotify InteractionChanged 1-000000000001 state=queued owner_kind=queue owner=desk\n");
    pulls(world, "marie");
    world_forget(world);
    asks(world, KIND_RequestStop, "marie", world->ixn);
    post(world);
    expect(world, "Reply ok\nNotify Stopped 1-000000000001\n");
    cr_expect_eq(world->core->registers->by_object.count, 0u);
    registers(world, object_interaction, "1-000000000001", "", true);
    expect(world, "Reply error invalid_attribute\n");
    world_end(world);
}

Test(watch_register, who_has_it_hears_of_changed_data_and_of_who_joins)
{
    struct core_world *world = begin();
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_not_ready);
    agent_state_is(world, "paul", "email.paul", media_email, agent_state_not_ready);
    comes(world, "<1>");
    pulls(world, "marie");
    world_forget(world);
    struct writer *writer = asks(world, KIND_RequestUserData, "marie", world->ixn);
    writer_u(writer, RequestUserData_op, data_op_Attach);
    kv_clear(&world->core->scratch);
    kv_put_text(&world->core->scratch, "topic", span_of("bill"));
    writer_kv(writer, RequestUserData_pairs, &world->core->scratch);
    post(world);
    expect(world, "Reply ok\nEventAttachedDataChanged topic\n");
    moves(world, "marie", move_Conference, move_to_agent, "paul");
    expect(world, "Reply ok\nInvite\n");
    writer_u(asks(world, KIND_RequestAccept, "paul", 0), RequestAccept_claim, UINT64_C(1) << 48 | 2);
    post(world);
    expect(world, "Reply ok\nNotify PartyAdded 1-000000000001 agent=paul role=agent\n"
                  "Notify PartyAdded marie agent=paul\n");
    moves(world, "paul", move_Leave, move_to_other, "");
    expect(world, "Reply ok\nNotify PartyRemoved 1-000000000001 agent=paul role=agent\n");
    world_end(world);
}

Test(watch_register, after_a_resync_a_desk_is_shown_what_its_agents_have)
{
    struct core_world *world = begin();
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_ready);
    agent_state_is(world, "paul", "email.paul", media_email, agent_state_ready);
    comes(world, "<1>");
    comes(world, "<2>");
    pulls(world, "marie");
    pulls(world, "paul");
    registers(world, object_queue, "desk", "", true);
    uint64_t pauls = world->ixn;
    world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0);
    writer_u(&world->writer, LinkDown_link, DESK);
    world_post(world);
    world_desk_begins(world, DESK);
    cr_expect_eq(world->core->registers->by_object.count, 0u);
    world_forget(world);
    struct writer *writer = world_event(world, DESK, KIND_Observed, 0, 0, 0);
    writer_u(writer, Observed_what, object_agent);
    writer_u(writer, Observed_media, media_email);
    writer_text(writer, Observed_dn, "email.marie");
    writer_text(writer, Observed_agent, "marie");
    writer_u(writer, Observed_state, agent_state_ready);
    world_post(world);
    desk_ends(world);
    expect(world, "Notify PartyRemoved 1-000000000002 agent=paul role=agent\nWithdraw\nInvite\nNotify Shown\n");
    cr_expect_eq(interaction_by_id(world->core->interactions, pauls)->state, IX_QUEUED);
    world_end(world);
}

static void supervises(struct core_world *world, enum move how, enum move_to to, const char *name, bool vouched)
{
    struct writer *writer = asks(world, KIND_RequestMove, "jean", world->ixn);
    writer_u(writer, RequestMove_how, how);
    writer_u(writer, RequestMove_to, to);
    writer_text(writer, RequestMove_name, name);
    writer_u(writer, RequestMove_supervises, vouched);
    post(world);
}

Test(watch_register, a_supervisor_looks_on_gives_it_to_another_and_places_it)
{
    struct core_world *world = begin();
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_not_ready);
    agent_state_is(world, "paul", "email.paul", media_email, agent_state_not_ready);
    agent_state_is(world, "jean", "email.jean", media_email, agent_state_not_ready);
    comes(world, "<1>");
    pulls(world, "marie");
    world_forget(world);
    supervises(world, move_Monitor, move_to_other, "", false);
    supervises(world, move_Transfer, move_to_agent, "paul", false);
    expect(world, "Reply error no_privilege\nReply error no_privilege\n");
    supervises(world, move_Monitor, move_to_other, "", true);
    expect(world, "Reply ok\nInvite\nNotify PartyAdded 1-000000000001 agent=jean role=supervisor\n");
    supervises(world, move_Leave, move_to_other, "", true);
    supervises(world, move_Transfer, move_to_agent, "paul", true);
    world_forget(world);
    writer_u(asks(world, KIND_RequestAccept, "paul", 0), RequestAccept_claim, UINT64_C(1) << 48 | 3);
    post(world);
    expect(world, "Reply ok\nNotify PartyAdded 1-000000000001 agent=paul role=agent\n"
                  "Notify PartyRemoved 1-000000000001 agent=marie role=agent\nWithdraw\n");
    supervises(world, move_Place, move_to_queue, "desk", true);
    expect(world, "Reply ok\nNotify PartyRemoved 1-000000000001 agent=paul role=agent\nWithdraw\n");
    cr_expect_eq(interaction_by_id(world->core->interactions, world->ixn)->state, IX_QUEUED);
    struct writer *writer = asks(world, KIND_RequestStop, "jean", world->ixn);
    writer_u(writer, RequestStop_supervises, 1);
    post(world);
    cr_expect_null(interaction_by_id(world->core->interactions, world->ixn));
    world_end(world);
}

Test(watch_register, a_supervisor_who_looks_on_takes_it_over_and_is_not_left_with_it)
{
    struct core_world *world = begin();
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_not_ready);
    agent_state_is(world, "jean", "email.jean", media_email, agent_state_not_ready);
    comes(world, "<1>");
    pulls(world, "marie");
    supervises(world, move_Monitor, move_to_other, "", true);
    world_forget(world);
    supervises(world, move_Transfer, move_to_agent, "jean", true);
    expect(world, "Notify PartyRemoved 1-000000000001 agent=jean role=supervisor\nWithdraw\nReply ok\nInvite\n");
    writer_u(asks(world, KIND_RequestAccept, "jean", 0), RequestAccept_claim, UINT64_C(1) << 48 | 3);
    post(world);
    expect(world, "Reply ok\nNotify PartyAdded 1-000000000001 agent=jean role=agent\n"
                  "Notify PartyRemoved 1-000000000001 agent=marie role=agent\nWithdraw\n");
    world_end(world);
}

Test(watch_register, who_looks_on_alone_has_nothing)
{
    struct core_world *world = begin();
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_not_ready);
    agent_state_is(world, "jean", "email.jean", media_email, agent_state_not_ready);
    comes(world, "<1>");
    pulls(world, "marie");
    supervises(world, move_Monitor, move_to_other, "", true);
    struct writer *writer = asks(world, KIND_RequestMove, "marie", world->ixn);
    writer_u(writer, RequestMove_how, move_Leave);
    post(world);
    cr_expect_eq(interaction_by_id(world->core->interactions, world->ixn)->claims, CLAIM_NONE);
    world_end(world);
}

Test(watch_register, how_long_it_may_rest_says_its_queue)
{
    struct core_world *world = begin();
    queue_time(world, "desk", "handling_s", 600);
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_not_ready);
    comes(world, "<1>");
    pulls(world, "marie");
    world_forget(world);
    world_advance(world, UINT64_C(599000000));
    expect(world, "");
    world_advance(world, UINT64_C(2000000));
    expect(world, "Notify PartyRemoved 1-000000000001 agent=marie role=agent\nWithdraw\n");
    world_end(world);
}

Test(watch_register, how_long_a_colleague_has_to_accept_says_its_queue)
{
    struct core_world *world = begin();
    queue_time(world, "desk", "offer_s", 10);
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_not_ready);
    agent_state_is(world, "jean", "email.jean", media_email, agent_state_not_ready);
    comes(world, "<1>");
    pulls(world, "marie");
    world_forget(world);
    moves(world, "marie", move_Transfer, move_to_agent, "jean");
    expect(world, "Reply ok\nInvite\n");
    world_advance(world, UINT64_C(9000000));
    expect(world, "");
    world_advance(world, UINT64_C(2000000));
    cr_expect(strstr(world->trace, "Notify OfferRefused"));
    cr_expect(strstr(world->trace, "Withdraw"));
    world_forget(world);
    cr_expect_eq(interaction_by_id(world->core->interactions, world->ixn)->state, IX_HANDLING);
    world_end(world);
}

/* The answer as text: "count=2 item(id=... subject=My bill) more=true". */
static void say(struct span pairs, char *text, size_t size)
{
    uint32_t at = 0;
    struct kv_pair pair;
    for (size_t length = strlen(text); kv_next(pairs, &at, &pair); length = strlen(text)) {
        const char *between = length == 0 || text[length - 1] == '(' ? "" : " ";
        int key = (int)pair.key.length;
        if (pair.value.tag == KV_TIME || span_is(pair.key, "media") || span_is(pair.key, "priority")) continue;
        if (pair.value.tag == KV_TEXT)
            (void)snprintf(text + length, size - length, "%s%.*s=%.*s", between, key, pair.key.bytes,
                           (int)pair.value.span.length, pair.value.span.bytes);
        else if (pair.value.tag != KV_LIST)
            (void)snprintf(text + length, size - length, "%s%.*s=%ld", between, key, pair.key.bytes,
                           (long)pair.value.word);
        else {
            (void)snprintf(text + length, size - length, "%s%.*s(", between, key, pair.key.bytes);
            say(pair.value.span, text, size);
            (void)strcat(text, ")");
        }
    }
}

static void is_read(const struct core_world *world, struct view_asked asked, const char *expected)
{
    char text[1000] = "";
    struct kv into;
    kv_init(&into);
    core_view(world->core, &asked, &into);
    say(kv_span(&into), text, sizeof text - 1);
    cr_expect_str_eq(text, expected);
    kv_free(&into);
}

Test(watch_register, a_desk_reads_what_stands_in_a_bin_who_is_there_and_one_interaction)
{
    struct core_world *world = begin();
    agent_state_is(world, "marie", "email.marie", media_email, agent_state_ready);
    comes(world, "<1>");
    uint64_t first = world->ixn;
    comes(world, "<2>");
    is_read(world, (struct view_asked){.object = object_queue, .name = span_of("desk"), .count = 1},
            "count=2 item(id=1-000000000001 external_id=<1> to=desk subject=My bill) more=1");
    is_read(world, (struct view_asked){.object = object_queue, .name = span_of("desk"), .after = first},
            "count=2 item(id=1-000000000002 external_id=<2> to=desk subject=My bill)");
    is_read(world, (struct view_asked){.object = object_queue, .name = span_of("nowhere")}, "");
    moves(world, "marie", move_Place, move_to_workbin, "drafts");
    is_read(world, (struct view_asked){.object = object_workbin, .name = span_of("drafts"), .whose = span_of("marie")},
            "count=1 item(id=1-000000000002 external_id=<2> to=desk subject=My bill)");
    is_read(world, (struct view_asked){.object = object_agent}, "agent(name=marie voice=not_ready email=ready has=0)");
    is_read(
        world, (struct view_asked){.object = object_interaction, .name = span_of("1-000000000001")},
        "state=queued owner_kind=queue owner=desk id=1-000000000001 external_id=<1> to=desk subject=My bill data()");
    is_read(world, (struct view_asked){.object = object_interaction, .name = span_of("1-000000000009")}, "");
    world_end(world);
}
