/* tests/unit/core_blend.c - An agent with a telephone at the link of a T-Server, and e-mails and chats at that of a
 * desk: one person with one capacity, each medium by its own link; what happens to one link closes its own media alone.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/read/read.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_blend, .timeout = 60);

enum { DESK = LINK + 1, HOME = LINK + 2 }; /* HOME takes e-mails and chats in */

static const char *const tserver_caps[] = {"calls", "pull_back", "set_agent", "desktops", "preview", NULL};

/* The adapter announces those media; media_none ends them. */
static void link_serves_as(struct core_world *world, unsigned link, const char *name, const char *const *caps,
                           const enum media *media)
{
    struct writer *writer = world_event(world, SOURCE_HOST, caps ? KIND_LinkUp : KIND_LinkDown, 0, 0, 0);
    writer_u(writer, caps ? LinkUp_link : LinkDown_link, link);
    if (caps) {
        writer_text(writer, LinkUp_name, name);
        writer_list_begin(writer, LinkUp_caps);
        for (; *caps; caps++) writer_list_text(writer, span_of(*caps));
        writer_list_end(writer);
        writer_list_begin(writer, LinkUp_media);
        for (; *media != media_none; media++) writer_list_u(writer, *media);
        writer_list_end(writer);
    }
    world_post(world);
}

static void link_is(struct core_world *world, unsigned link, const char *name, const char *const *caps)
{
    link_serves_as(world, link, name, caps, &(const enum media){media_none});
}

static void resync_of(struct core_world *world, unsigned link, bool begin)
{
    world_event(world, link, begin ? KIND_ResyncBegin : KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

static void desk_up(struct core_world *world)
{
    static const char *const caps[] = {"desktops", "preview", NULL};
    link_is(world, DESK, "desk", caps);
    resync_of(world, DESK, true);
}

static void telephones_up(struct core_world *world)
{
    link_is(world, LINK, "tserver", tserver_caps);
    resync_of(world, LINK, true);
}

static void observed(struct core_world *world, unsigned link, const char *dn, enum media medium, enum agent_state state)
{
    struct writer *writer = world_event(world, link, KIND_Observed, 0, 0, 0);
    writer_u(writer, Observed_what, object_agent);
    writer_u(writer, Observed_media, medium);
    writer_text(writer, Observed_dn, dn);
    writer_text(writer, Observed_agent, "marie");
    writer_u(writer, Observed_state, state);
    world_post(world);
}

/* A report of the desk, or what it tells in its resync. */
static void sim_desk_says(struct core_world *world, const char *dn, enum media medium, enum agent_state state,
                          bool in_resync)
{
    if (in_resync) {
        observed(world, DESK, dn, medium, state);
        return;
    }
    struct writer *writer = world_event(world, DESK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "marie");
    writer_text(writer, EventAgentState_dn, dn);
    writer_u(writer, EventAgentState_media, medium);
    writer_u(writer, EventAgentState_state, state);
    world_post(world);
}

static void at_desk(struct core_world *world, bool in_resync)
{
    sim_desk_says(world, "email.marie", media_email, agent_state_ready, in_resync);
    sim_desk_says(world, "chat.marie", media_chat, agent_state_ready, in_resync);
}

static struct core_world *begin(void)
{
    static const char *const home_caps[] = {"sessions", NULL};
    struct core_world *world = world_new();
    link_is(world, HOME, "mails", home_caps);
    resync_of(world, HOME, true);
    resync_of(world, HOME, false);
    telephones_up(world);
    resync_of(world, LINK, false);
    desk_up(world);
    resync_of(world, DESK, false);
    world_run(world, program_serving(
                         &(struct serving_program){.media = 1u << media_voice | 1u << media_email | 1u << media_chat,
                                                   .answer_s = 20,
                                                   .queue = "desk",
                                                   .blended = true}));
    activate(world, "mail");
    directory(world, table_group_member, "overflow/marie",
              (const char *const[]){"group", "overflow", "agent", "marie", NULL});
    directory(world, table_agent, "marie", (const char *const[]){"name", "marie", "capacity", "blended", NULL});
    commit(world, false);
    world_forget(world);
    return world;
}

/* Marie is ready at both. `desk_first`: she came to the desk before the telephone. */
static struct core_world *at_both(bool desk_first)
{
    struct core_world *world = begin();
    if (desk_first) at_desk(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    if (!desk_first) at_desk(world, false);
    world_forget(world);
    return world;
}

/* As the plugins announce it: the telephones serve calls alone, and at the desk agents log in for each medium. */
static void announced(struct core_world *world)
{
    static const char *const caps[] = {"desktops", "preview", NULL};
    link_serves_as(world, LINK, "tserver", tserver_caps, (const enum media[]){media_voice, media_none});
    resync_of(world, LINK, true);
    resync_of(world, LINK, false);
    link_serves_as(world, DESK, "desk", caps, (const enum media[]){media_email, media_chat, media_none});
    resync_of(world, DESK, true);
    resync_of(world, DESK, false);
    world_forget(world);
}

static const struct agent *marie(const struct core_world *world)
{
    uint32_t number = AGENT_NONE;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("marie")), &number));
    return agent_at(world->core->agents, number);
}

static uint64_t submits(struct core_world *world, enum media medium)
{
    char id[24];
    snprintf(id, sizeof id, "<%u>", (unsigned)++world->req);
    world->client = 5;
    struct writer *writer = world_event(world, HOME, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, medium);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, "mail");
    world_post(world);
    world->client = 0;
    return world->ixn;
}

static void accepts_at(struct core_world *world, unsigned link, uint64_t number)
{
    world->client = 9;
    world->req++;
    writer_u(world_event(world, link, KIND_RequestAccept, 0, 0, 0), RequestAccept_claim, UINT64_C(1) << 48 | number);
    world_post(world);
    world->client = 0;
}

static uint64_t last_claim(const struct core_world *world)
{
    return world->core->claims->last_id & 0xffffffff;
}

static unsigned last_link(const struct core_world *world)
{
    return world->sent[(world->sent_count + 15) % 16].link;
}

/* Something of the medium is given to Marie, who takes it at the desk. */
static bool takes(struct core_world *world, enum media medium)
{
    submits(world, medium);
    bool asked = strstr(world->trace, "Invite\n") && last_link(world) == DESK;
    world_forget(world);
    if (asked) accepts_at(world, DESK, last_claim(world));
    bool taken = strcmp(world->trace, "Reply ok\n") == 0;
    world_forget(world);
    return asked && taken;
}

/* A request of Marie's page about what waits in the queue, or about one interaction. */
static struct writer *page_asks(struct core_world *world, unsigned kind, uint64_t ixn)
{
    world->client = 9;
    world->req++;
    struct writer *writer = world_event(world, DESK, kind, ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, "marie");
    return writer;
}

static void moves_to(struct core_world *world, uint64_t ixn, const char *agent)
{
    struct writer *writer = page_asks(world, KIND_RequestMove, ixn);
    writer_u(writer, RequestMove_how, move_Transfer);
    writer_u(writer, RequestMove_to, move_to_agent);
    writer_text(writer, RequestMove_name, agent);
    writer_u(writer, RequestMove_supervises, 1);
    world_post(world);
    world->client = 0;
}

static void pulls_it(struct core_world *world, uint64_t ixn)
{
    struct writer *writer = page_asks(world, KIND_RequestPull, 0);
    writer_list_begin(writer, RequestPull_ids);
    writer_list_u(writer, ixn);
    writer_list_end(writer);
    world_post(world);
    world->client = 0;
}

/* Why nothing of the medium can be given to Marie; "": no medium's room is why. */
static const char *lacks(const struct core_world *world, uint64_t ixn)
{
    static char text[CORE_ROOM_TEXT];
    uint32_t number = AGENT_NONE;
    agent_find(world->core->agents, names_find(world->core->names, span_of("marie")), &number);
    return core_agent_room(world->core, ixn, number, text) ? text : "";
}

static void calls(struct core_world *world, uint64_t conn)
{
    created(world, conn);
    route_request(world, conn, 0);
}

/* A call comes to Marie, who talks. */
static bool talks(struct core_world *world, uint64_t conn, const char *dn)
{
    char sent[64];
    snprintf(sent, sizeof sent, "RequestRouteCall %s\n", dn);
    calls(world, conn);
    bool given = strstr(world->trace, sent) != NULL;
    if (given) talk(world, conn, dn, "marie");
    world_forget(world);
    return given;
}

static void hangs_up(struct core_world *world, uint64_t conn)
{
    party(world, conn, "7001", "marie", party_role_agent, party_change_Released);
    deleted(world, conn);
    world_forget(world);
}

static bool is_owned(const struct core_world *world, uint64_t ixn, const char *state, const char *owner)
{
    struct interaction_row row;
    return core_find(world->core, ixn, &row) && span_is(row.state, state) && span_is(row.owner, owner);
}

static void over(struct core_world *world)
{
    cr_expect(agents_check(world->core->agents));
    world_end(world);
}

Test(core_blend, each_medium_goes_by_its_own_link_in_whichever_order_the_agent_came)
{
    for (int desk_first = 0; desk_first < 2; desk_first++) {
        struct core_world *world = at_both(desk_first != 0);
        cr_expect(takes(world, media_email), "desk first: %d", desk_first);
        cr_expect(talks(world, CALL, "7001"), "a call interrupts an e-mail; desk first: %d", desk_first);
        hangs_up(world, CALL);
        cr_expect(takes(world, media_chat));
        cr_expect_eq(marie(world)->source, LINK, "the telephone is the main DN");
        over(world);
    }
}

Test(core_blend, who_comes_in_a_resync_is_given_nothing_until_it_has_ended)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "marie", "7001", agent_state_logged_out);
    telephones_up(world);
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect_not(talks(world, CALL, "7001"));
    resync_of(world, LINK, false);
    cr_expect_neq(strstr(world->trace, "RequestRouteCall 7001\n"), NULL);
    over(world);
}

Test(core_blend, what_is_asked_by_the_desk_is_answered_there_alone)
{
    struct core_world *world = at_both(false);
    submits(world, media_email);
    world_forget(world);
    accepts_at(world, LINK, last_claim(world));
    expect(world, "Reply error taken\n");
    accepts_at(world, DESK, last_claim(world));
    expect(world, "Reply ok\n");
    over(world);
}

Test(core_blend, a_call_interrupts_an_email_and_keeps_chats_away_and_so_does_the_work_after_it)
{
    struct core_world *world = at_both(false);
    cr_expect(takes(world, media_email));
    cr_expect(talks(world, CALL, "7001"));
    cr_expect_not(takes(world, media_chat), "a call blocks chats");
    cr_expect_not(takes(world, media_email), "an e-mail does not come beside a call");
    agent(world, "marie", "7001", agent_state_after_call_work);
    party(world, CALL, "7001", "marie", party_role_agent, party_change_Released);
    deleted(world, CALL);
    cr_expect_eq(marie(world)->claimed, 1u, "the e-mail");
    world_forget(world);
    cr_expect_not(takes(world, media_chat), "after-call work is like a call");
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect_neq(strstr(world->trace, "Invite\n"), NULL, "what waited comes");
    cr_expect_eq(last_link(world), DESK);
    over(world);
}

Test(core_blend, a_chat_keeps_calls_away_and_so_does_the_work_after_it)
{
    struct core_world *world = at_both(false);
    cr_expect(takes(world, media_chat));
    uint64_t chat = world->ixn;
    cr_expect_not(talks(world, CALL, "7001"));
    sim_desk_says(world, "chat.marie", media_chat, agent_state_after_call_work, false);
    world_event(world, SOURCE_ADMIN, KIND_RequestStop, chat, 0, 0);
    world_post(world);
    cr_expect_null(strstr(world->trace, "RequestRouteCall"), "work after a chat is like a chat");
    cr_expect(takes(world, media_email), "an e-mail comes beside it");
    sim_desk_says(world, "chat.marie", media_chat, agent_state_ready, false);
    cr_expect_neq(strstr(world->trace, "RequestRouteCall 7001\n"), NULL, "then the call comes: %s", world->trace);
    over(world);
}

Test(core_blend, while_the_desks_link_is_down_calls_go_on_and_what_waits_comes_with_it)
{
    struct core_world *world = at_both(false);
    cr_expect(takes(world, media_email));
    uint64_t mail = world->ixn;
    link_is(world, DESK, NULL, NULL);
    cr_expect_not(takes(world, media_email));
    cr_expect(talks(world, CALL, "7001"));
    hangs_up(world, CALL);
    cr_expect(is_owned(world, mail, "handling", "marie"), "she has it still");
    desk_up(world);
    cr_expect_not(takes(world, media_chat), "not until all is told");
    cr_expect(talks(world, OTHER, "7001"));
    hangs_up(world, OTHER);
    at_desk(world, true);
    resync_of(world, DESK, false);
    cr_expect_neq(strstr(world->trace, "Invite\n"), NULL, "%s", world->trace);
    cr_expect(is_owned(world, mail, "handling", "marie"));
    over(world);
}

Test(core_blend, while_the_link_of_the_telephones_is_down_chats_go_on)
{
    struct core_world *world = at_both(false);
    cr_expect(talks(world, CALL, "7001"));
    link_down(world);
    hangs_up(world, CALL);
    cr_expect(takes(world, media_chat));
    telephones_up(world);
    cr_expect(takes(world, media_chat), "in the resync, too");
    observed(world, LINK, "7001", media_voice, agent_state_ready);
    resync_of(world, LINK, false);
    cr_expect(takes(world, media_chat));
    cr_expect(takes(world, media_email));
    cr_expect_eq(marie(world)->state, agent_state_ready);
    over(world);
}

Test(core_blend, a_resync_of_one_link_ends_nothing_of_the_other)
{
    struct core_world *world = at_both(true);
    cr_expect(takes(world, media_email));
    uint64_t mail = world->ixn;
    cr_expect(talks(world, CALL, "7001"));
    resync_of(world, DESK, true);
    at_desk(world, true);
    resync_of(world, DESK, false);
    cr_expect_eq(marie(world)->claimed, 2u, "the call and the e-mail");
    telephones_up(world);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    world_post(world);
    resync_of(world, LINK, false); /* it names no agent */
    cr_expect_eq(marie(world)->state, agent_state_not_ready, "of voice nothing is left");
    cr_expect(is_owned(world, mail, "handling", "marie"));
    cr_expect_eq(marie(world)->source, DESK);
    over(world);
}

Test(core_blend, a_resync_of_the_desk_without_the_agent_gives_back_what_it_had_there)
{
    struct core_world *world = at_both(false);
    cr_expect(takes(world, media_email));
    uint64_t mail = world->ixn;
    cr_expect(talks(world, CALL, "7001"));
    resync_of(world, DESK, true);
    resync_of(world, DESK, false);
    cr_expect_not(is_owned(world, mail, "handling", "marie"));
    cr_expect_eq(marie(world)->claimed, 1u, "the call");
    cr_expect_eq(marie(world)->state, agent_state_ready);
    hangs_up(world, CALL);
    cr_expect_not(takes(world, media_email), "nobody is at the desk");
    cr_expect(talks(world, OTHER, "7001"));
    over(world);
}

/* As the core tells it: "email=ready chat=not_ready". */
static void pairs_of(struct kv *pairs, char *out, size_t size)
{
    struct kv_pair pair;
    size_t length = 0;
    out[0] = '\0';
    for (uint32_t at = 0; kv_next(kv_span(pairs), &at, &pair) && length < size;)
        length +=
            (size_t)snprintf(out + length, size - length, "%s%.*s=%.*s", length == 0 ? "" : " ", (int)pair.key.length,
                             pair.key.bytes, (int)pair.value.span.length, pair.value.span.bytes);
    kv_free(pairs);
}

static void media_are(const struct core_world *world, const char *states, const char *reasons)
{
    struct kv said[2];
    char text[200];
    kv_init(&said[0]);
    kv_init(&said[1]);
    core_agent_media(world->core, (uint32_t)(marie(world) - world->core->agents->all), &said[0], &said[1]);
    pairs_of(&said[0], text, sizeof text);
    cr_expect_str_eq(text, states);
    pairs_of(&said[1], text, sizeof text);
    cr_expect_str_eq(text, reasons);
}

static void desk_asks(struct core_world *world, enum media medium, enum agent_state state, const char *reason)
{
    struct writer *writer = world_event(world, DESK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, "marie");
    writer_text(writer, RequestAgentState_dn, medium == media_chat ? "chat.marie" : "email.marie");
    writer_u(writer, RequestAgentState_media, medium);
    writer_u(writer, RequestAgentState_state, state);
    writer_text(writer, RequestAgentState_label, reason);
    world_post(world);
}

Test(core_blend, each_medium_has_its_state_and_its_reason)
{
    struct core_world *world = at_both(false);
    media_are(world, "email=ready chat=ready", "");
    desk_asks(world, media_chat, agent_state_not_ready, "lunch");
    desk_asks(world, media_email, agent_state_not_ready, "training");
    media_are(world, "email=not_ready chat=not_ready", "email=training chat=lunch");
    desk_asks(world, media_chat, agent_state_not_ready, "");
    desk_asks(world, media_email, agent_state_ready, "");
    media_are(world, "email=ready chat=not_ready", ""); /* asked for without a reason, it has none */
    desk_asks(world, media_chat, agent_state_logged_out, "");
    media_are(world, "email=ready chat=logged_out", "");
    world_end(world);
}

Test(core_blend, a_chat_stays_with_its_agent_for_the_grace_of_the_desk_and_goes_back_when_she_logs_out)
{
    struct core_world *world = at_both(false);
    cr_expect(takes(world, media_chat));
    uint64_t chat = world->ixn;
    link_is(world, DESK, NULL, NULL);
    world_advance(world, 14000000);
    cr_expect(is_owned(world, chat, "handling", "marie"));
    desk_up(world);
    at_desk(world, true);
    resync_of(world, DESK, false);
    cr_expect(is_owned(world, chat, "handling", "marie"));
    link_is(world, DESK, NULL, NULL);
    world_advance(world, 16000000);
    cr_expect_not(is_owned(world, chat, "handling", "marie"));
    desk_up(world);
    at_desk(world, true);
    resync_of(world, DESK, false);
    world_forget(world);
    cr_expect(takes(world, media_chat));
    chat = world->ixn;
    desk_asks(world, media_chat, agent_state_logged_out, "");
    cr_expect_not(is_owned(world, chat, "handling", "marie"));
    over(world);
}

Test(core_blend, a_desk_that_is_lost_gives_back_what_was_there_and_calls_go_on)
{
    struct core_world *world = at_both(false);
    cr_expect(takes(world, media_email));
    uint64_t mail = world->ixn;
    link_is(world, DESK, NULL, NULL);
    world_advance(world, 16000000);
    cr_expect_not(is_owned(world, mail, "handling", "marie"));
    cr_expect(talks(world, CALL, "7001"));
    hangs_up(world, CALL);
    desk_up(world);
    at_desk(world, true);
    resync_of(world, DESK, false);
    world_forget(world);
    cr_expect(takes(world, media_chat));
    over(world);
}

Test(core_blend, lost_telephones_leave_the_desk)
{
    struct core_world *world = at_both(false);
    cr_expect(takes(world, media_email));
    uint64_t mail = world->ixn;
    link_down(world);
    world_advance(world, 16000000);
    cr_expect(is_owned(world, mail, "handling", "marie"));
    cr_expect(takes(world, media_chat));
    cr_expect_eq(marie(world)->source, DESK);
    telephones_up(world);
    observed(world, LINK, "7001", media_voice, agent_state_ready);
    resync_of(world, LINK, false);
    cr_expect_eq(marie(world)->source, LINK);
    cr_expect_eq(marie(world)->claimed, 2u);
    over(world);
}

Test(core_blend, a_desktop_that_is_away_at_the_desk_closes_its_media_alone)
{
    struct core_world *world = at_both(false);
    for (int up = 1; up >= 0; up--) {
        struct writer *writer = world_event(world, DESK, KIND_EventClient, 0, 0, 0);
        writer_u(writer, EventClient_up, (uint64_t)up);
        writer_text(writer, EventClient_agent, "marie");
        world_post(world);
    }
    cr_expect_not(takes(world, media_email));
    cr_expect(talks(world, CALL, "7001"));
    char text[CORE_ROOM_TEXT] = "";
    hangs_up(world, CALL);
    uint64_t mail = submits(world, media_email);
    cr_expect(core_agent_room(world->core, mail, (uint32_t)(marie(world) - world->core->agents->all), text));
    cr_expect_str_eq(text, "link or desktop is away for email");
    over(world);
}

/* The page comes or goes. `telephone`: it is the desktop of the telephone, too. */
static void page(struct core_world *world, bool up, bool telephone)
{
    struct writer *writer = world_event(world, DESK, KIND_EventClient, 0, 0, 0);
    writer_u(writer, EventClient_up, up);
    writer_text(writer, EventClient_agent, "marie");
    writer_list_begin(writer, EventClient_media);
    if (telephone) writer_list_u(writer, media_voice);
    writer_list_end(writer);
    world_post(world);
}

static bool is_away(const struct core_world *world)
{
    struct agent_row row;
    uint32_t number = AGENT_NONE;
    agent_find(world->core->agents, names_find(world->core->names, span_of("marie")), &number);
    return core_agent(world->core, number, &row) && span_is(row.not_chosen, "desktop is away");
}

Test(core_blend, whose_page_is_the_telephones_desktop_is_offered_nothing_without_it)
{
    struct core_world *world = at_both(false);
    page(world, true, true);
    page(world, false, true);
    cr_expect(is_away(world));
    cr_expect_not(talks(world, CALL, "7001"));
    cr_expect_not(takes(world, media_chat));
    agent(world, "marie", "7001", agent_state_ready); /* the switch says nothing of pages */
    cr_expect(is_away(world));
    page(world, true, false);
    cr_expect_neq(strstr(world->trace, "RequestRouteCall 7001\n"), NULL, "who waits comes: %s", world->trace);
    cr_expect_not(is_away(world));
    over(world);
}

Test(core_blend, who_is_ready_for_calls_alone_is_offered_none_without_the_page)
{
    struct core_world *world = begin();
    agent(world, "marie", "7001", agent_state_ready);
    page(world, false, true);
    cr_expect(is_away(world));
    cr_expect_not(talks(world, CALL, "7001"));
    hangs_up(world, CALL);
    page(world, true, true);
    cr_expect(talks(world, OTHER, "7001"));
    over(world);
}

Test(core_blend, a_desk_that_is_gone_or_begins_anew_says_again_whose_pages_are_away)
{
    for (int lost = 0; lost < 2; lost++) {
        struct core_world *world = at_both(false);
        page(world, false, true);
        link_is(world, DESK, NULL, NULL);
        cr_expect_not(talks(world, CALL, "7001"), "in its grace it is so still");
        hangs_up(world, CALL);
        if (lost) {
            world_advance(world, 121000000);
            cr_expect(talks(world, OTHER, "7001"), "no desk is there that could say more");
        } else {
            desk_up(world);
            page(world, false, true);
            cr_expect_not(talks(world, OTHER, "7001"));
            hangs_up(world, OTHER);
            resync_of(world, DESK, false);
            cr_expect_not(talks(world, CALL, "7001"));
            page(world, true, true);
            cr_expect_neq(strstr(world->trace, "RequestRouteCall 7001\n"), NULL);
        }
        over(world);
    }
}

Test(core_blend, a_page_beside_a_telephone_of_its_own_desktop_closes_no_calls)
{
    struct core_world *world = at_both(false);
    page(world, true, false);
    page(world, false, false);
    cr_expect_not(takes(world, media_chat));
    cr_expect(talks(world, CALL, "7001"));
    over(world);
}

Test(core_blend, a_telephone_that_moves_takes_the_desk_along)
{
    struct core_world *world = at_both(true);
    cr_expect(takes(world, media_email));
    agent(world, "marie", "7009", agent_state_ready);
    cr_expect_eq(marie(world)->claimed, 1u);
    cr_expect(takes(world, media_email));
    cr_expect(talks(world, CALL, "7009"));
    over(world);
}

Test(core_blend, who_leaves_the_telephone_keeps_the_desk_and_the_other_way_round)
{
    struct core_world *world = at_both(false);
    cr_expect(takes(world, media_email));
    uint64_t mail = world->ixn;
    agent(world, "marie", "7001", agent_state_logged_out);
    cr_expect(takes(world, media_email));
    cr_expect_not(talks(world, CALL, "7001"));
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect_neq(strstr(world->trace, "RequestRouteCall 7001\n"), NULL);
    world_forget(world);
    sim_desk_says(world, "email.marie", media_email, agent_state_logged_out, false);
    cr_expect_not(is_owned(world, mail, "handling", "marie"));
    sim_desk_says(world, "chat.marie", media_chat, agent_state_logged_out, false);
    cr_expect_eq(marie(world)->state, agent_state_ready);
    cr_expect_eq(marie(world)->claimed, 1u, "the call");
    agent(world, "marie", "7001", agent_state_logged_out);
    cr_expect_eq(marie(world)->state, agent_state_logged_out);
    over(world);
}

Test(core_blend, an_agent_at_a_desk_needs_no_dn)
{
    struct core_world *world = begin();
    sim_desk_says(world, "", media_email, agent_state_ready, false);
    cr_expect(takes(world, media_email));
    sim_desk_says(world, "", media_chat, agent_state_ready, false);
    cr_expect(takes(world, media_chat));
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect(takes(world, media_chat));
    sim_desk_says(world, "", media_chat, agent_state_logged_out, false);
    cr_expect_eq(marie(world)->claimed, 1u, "chats go back, the e-mail stays");
    cr_expect(takes(world, media_email));
    cr_expect(talks(world, CALL, "7001"));
    hangs_up(world, CALL);
    sim_desk_says(world, "", media_email, agent_state_logged_out, false);
    cr_expect_eq(marie(world)->claimed, 0u);
    cr_expect_eq(marie(world)->state, agent_state_ready);
    over(world);
}

Test(core_blend, the_state_of_a_medium_is_told_to_its_own_link)
{
    struct core_world *world = at_both(false);
    world->client = 3;
    for (unsigned at = 0; at < 2; at++) {
        world->req++;
        struct writer *writer = world_event(world, DESK, KIND_RequestAgentState, 0, 0, 0);
        writer_text(writer, RequestAgentState_agent, "marie");
        writer_u(writer, RequestAgentState_media, at == 0 ? media_chat : media_voice);
        writer_u(writer, RequestAgentState_state, agent_state_not_ready);
        world_post(world);
        expect(world,
               at == 0 ? "Reply ok\n" : "SetAgentState marie not_ready\nReply ok\n"); /* the desk sets no states */
    }
    world->client = 0;
    static const char *const caps[] = {"desktops", "preview", "set_agent", NULL}; /* a switch of chats */
    link_is(world, DESK, "chats", caps);
    resync_of(world, DESK, true);
    at_desk(world, true);
    resync_of(world, DESK, false);
    submits(world, media_chat);
    world_forget(world);
    uint32_t before = world->sent_count;
    world_advance(world, 21000000); /* no answer */
    cr_expect_neq(strstr(world->trace, "SetAgentState marie not_ready chat\n"), NULL, "%s", world->trace);
    unsigned link = 0;
    for (uint32_t at = before; at < world->sent_count; at++)
        if (world->sent[at % 16].kind == KIND_SetAgentState) link = world->sent[at % 16].link;
    cr_expect_eq(link, DESK);
    over(world);
}

Test(core_blend, an_agent_is_offered_what_a_login_serves_and_nothing_else)
{
    struct core_world *world = begin();
    announced(world);
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect_not(takes(world, media_email), "she is ready for calls alone: %s", world->trace);
    uint64_t mail = world->ixn;
    cr_expect_str_eq(lacks(world, mail), "not logged in for email");
    cr_expect(talks(world, CALL, "7001"));
    hangs_up(world, CALL);
    sim_desk_says(world, "chat.marie", media_chat, agent_state_ready, false);
    cr_expect_null(strstr(world->trace, "Invite"), "she is ready for chats, too, and not for e-mails");
    cr_expect(takes(world, media_chat));
    sim_desk_says(world, "email.marie", media_email, agent_state_ready, false);
    cr_expect_neq(strstr(world->trace, "Invite\n"), NULL, "the mail comes: %s", world->trace);
    cr_expect_eq(last_link(world), DESK);
    over(world);
}

Test(core_blend, who_takes_what_no_login_serves_is_told_so)
{
    struct core_world *world = begin();
    announced(world);
    agent(world, "marie", "7001", agent_state_ready);
    sim_desk_says(world, "chat.marie", media_chat, agent_state_not_ready, false);
    submits(world, media_email);
    uint64_t mail = world->ixn;
    cr_expect_eq(world->core->claims->debited, 0u);
    world_advance(world, 61000000); /* nobody is found: it lies in its queue */
    world_forget(world);
    pulls_it(world, mail);
    expect(world, "Reply error not_logged_in\n");
    struct interaction_row row;
    cr_expect(core_find(world->core, mail, &row));
    cr_expect(span_is(row.state, "queued"), "it lies there still, %.*s of %.*s", (int)row.state.length,
              (const char *)row.state.bytes, (int)row.owner.length, (const char *)row.owner.bytes);
    moves_to(world, mail, "marie");
    expect(world, "Reply error not_logged_in\n");
    agent(world, "paul", "7002", agent_state_ready);
    world_forget(world);
    moves_to(world, mail, "paul");
    expect(world, "Reply error out_of_service\n");
    sim_desk_says(world, "email.marie", media_email, agent_state_not_ready, false);
    world_forget(world);
    pulls_it(world, mail);
    cr_expect(is_owned(world, mail, "handling", "marie"), "%s", world->trace);
    over(world);
}

Test(core_blend, a_switch_whose_desktops_take_emails_announces_them)
{
    struct core_world *world = begin();
    link_serves_as(world, LINK, "tserver", tserver_caps, (const enum media[]){media_voice, media_none});
    resync_of(world, LINK, true);
    agent(world, "marie", "7001", agent_state_ready);
    resync_of(world, LINK, false);
    submits(world, media_email);
    cr_expect_null(strstr(world->trace, "Invite"));
    link_serves_as(world, LINK, "tserver", tserver_caps, (const enum media[]){media_voice, media_email, media_none});
    resync_of(world, LINK, true);
    agent(world, "marie", "7001", agent_state_ready);
    resync_of(world, LINK, false);
    cr_expect_neq(strstr(world->trace, "Invite\n"), NULL, "what waits comes: %s", world->trace);
    cr_expect_eq(last_link(world), LINK);
    over(world);
}
