/* tests/unit/core_desk.c - Whatever comes in whatever order about e-mails and chats: one owner at any time, capacity
 * debited and credited once, nothing lost, and the same when it is played again. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/workbin.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

TestSuite(core_desk, .timeout = 240);

enum { PEOPLE = 3, DESK = LINK + 1, PHONES = LINK + 2, STEPS = 600, KNOWN = 64 };

static const char *const people[PEOPLE] = {"marie", "paul", "jean"};
static const char *const places[PEOPLE] = {"desk-1", "desk-2", "desk-3"};
static const char *const telephones[PEOPLE] = {"7001", "7002", "7003"};
static const char *const queues[] = {"mail", "desk", "drafts", "nowhere"};

static struct image *serving(void)
{
    return program_serving(
        &(struct serving_program){.media = 1u << media_email | 1u << media_chat, .queue = "desk", .answer_s = 20});
}

static void link_is(struct core_world *world, unsigned link, bool up)
{
    struct writer *writer = world_event(world, SOURCE_HOST, up ? KIND_LinkUp : KIND_LinkDown, 0, 0, 0);
    writer_u(writer, up ? LinkUp_link : LinkDown_link, link);
    if (up) {
        writer_text(writer, LinkUp_name, link == DESK ? "desk" : "tserver");
        writer_list_begin(writer, LinkUp_caps);
        writer_list_text(writer, span_of(link == DESK ? "desktops" : "calls"));
        writer_list_text(writer, span_of("preview"));
        writer_list_text(writer, span_of("desktops"));
        writer_list_end(writer);
    }
    world_post(world);
    if (!up) return;
    world_event(world, link, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
}

static void resynced(struct core_world *world, unsigned link)
{
    world_event(world, link, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

static struct core_world *begin(void)
{
    static const char *const caps[] = {"sessions", NULL};
    struct core_world *world = world_new();
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    for (unsigned link = DESK; link <= PHONES; link++) {
        link_is(world, link, true);
        resynced(world, link);
    }
    for (unsigned i = 0; i < PEOPLE; i++) {
        char key[40];
        (void)snprintf(key, sizeof key, "overflow/%s", people[i]);
        directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", people[i], NULL});
    }
    commit(world, false);
    world->earlier = world->image;
    world->image = serving();
    activate(world, "mail");
    world_forget(world);
    return world;
}

struct chaos {
    struct core_world *world;
    uint64_t seed, ids[KNOWN];
    uint32_t count, submitted;
};

static uint32_t draw_below(struct chaos *c, uint32_t below)
{
    c->seed = c->seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(c->seed >> 33) % below;
}

static uint64_t some_ixn(struct chaos *c)
{
    return c->count == 0 ? 1 : c->ids[draw_below(c, c->count < KNOWN ? c->count : KNOWN)];
}

static uint64_t conn_of(uint32_t number)
{
    return (uint64_t)LINK << 48 | 0x10000u | number;
}

/* One of the newest chats. */
static uint64_t some_conn(struct chaos *c)
{
    uint32_t back = draw_below(c, 6);
    return conn_of((c->submitted > back ? c->submitted - back : 0) | 1u);
}

static void submits(struct chaos *c)
{
    char id[24];
    uint32_t number = draw_below(c, 8) == 0 && c->submitted > 0 ? draw_below(c, c->submitted) : c->submitted++;
    bool chat = number % 2 == 1;
    (void)snprintf(id, sizeof id, "<%u>", number);
    struct writer *writer = world_event(c->world, LINK, KIND_Submit, 0, 0, chat ? conn_of(number) : 0);
    writer_u(writer, Submit_media, chat ? media_chat : media_email);
    writer_text(writer, Submit_external_id, id);
    writer_text(writer, Submit_queue, queues[draw_below(c, 2)]);
    world_post(c->world);
    c->ids[c->count++ % KNOWN] = c->world->ixn;
}

static void agent_is(struct chaos *c)
{
    static const enum agent_state states[] = {agent_state_ready, agent_state_ready, agent_state_ready,
                                              agent_state_not_ready, agent_state_logged_out};
    static const enum media media[] = {media_none, media_none, media_email, media_chat};
    uint32_t who = draw_below(c, PEOPLE);
    bool telephone = draw_below(c, 3) == 0;
    enum media medium = telephone ? media_voice : media[draw_below(c, 4)];
    struct writer *writer = world_event(c->world, telephone ? PHONES : DESK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, people[who]);
    if (telephone || draw_below(c, 4) != 0)
        writer_text(writer, EventAgentState_dn,
                    (telephone ? telephones : places)[draw_below(c, 8) == 0 ? draw_below(c, PEOPLE) : who]);
    writer_u(writer, EventAgentState_media, medium);
    writer_u(writer, EventAgentState_state, states[draw_below(c, 5)]);
    world_post(c->world);
}

/* An agent asks for a state of e-mails or chats, at a DN of its own for each. */
static void asks_for_state(struct chaos *c)
{
    static const enum agent_state states[] = {agent_state_ready, agent_state_ready, agent_state_not_ready,
                                              agent_state_logged_in, agent_state_logged_out};
    uint32_t who = draw_below(c, PEOPLE);
    enum media medium = draw_below(c, 2) == 0 ? media_email : media_chat;
    char dn[24];
    (void)snprintf(dn, sizeof dn, "%s.%s", people[who], enum_name_media(medium));
    struct writer *writer = world_event(c->world, DESK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, people[who]);
    writer_text(writer, RequestAgentState_dn, dn);
    writer_u(writer, RequestAgentState_media, medium);
    writer_u(writer, RequestAgentState_state, states[draw_below(c, 5)]);
    world_post(c->world);
}

static void desktop_is(struct chaos *c)
{
    struct writer *writer = world_event(c->world, draw_below(c, 2) == 0 ? DESK : PHONES, KIND_EventClient, 0, 0, 0);
    writer_u(writer, EventClient_up, draw_below(c, 3) != 0);
    writer_text(writer, EventClient_agent, people[draw_below(c, PEOPLE)]);
    world_post(c->world);
}

static void answers(struct chaos *c)
{
    uint64_t last = c->world->core->claims->last_id & 0xffffffff;
    bool accepts = draw_below(c, 4) != 0;
    uint64_t claim = UINT64_C(1) << 48 | (last > 4 ? last - draw_below(c, 5) : last);
    struct writer *writer = world_event(c->world, DESK, accepts ? KIND_RequestAccept : KIND_RequestReject, 0, 0, 0);
    writer_u(writer, accepts ? RequestAccept_claim : RequestReject_claim, claim);
    world_post(c->world);
}

static struct writer *asks(struct chaos *c, unsigned kind, uint64_t ixn)
{
    struct writer *writer = world_event(c->world, DESK, kind, ixn, 0, 0);
    writer_text(writer, ENVELOPE_actor, people[draw_below(c, PEOPLE)]);
    return writer;
}

/* The own workbin, one of others, or none. */
static const char *some_owner(struct chaos *c)
{
    static const char *const owners[] = {"", "", "marie", "overflow", WORKBIN_OF_ALL, "nobody"};
    return owners[draw_below(c, 6)];
}

static void pulls(struct chaos *c)
{
    struct writer *writer = asks(c, KIND_RequestPull, 0);
    writer_text(writer, draw_below(c, 3) == 0 ? RequestPull_workbin : RequestPull_queue, queues[draw_below(c, 4)]);
    writer_u(writer, RequestPull_count, draw_below(c, 4));
    writer_text(writer, RequestPull_whose, some_owner(c));
    world_post(c->world);
}

static void moves(struct chaos *c)
{
    enum move_to to = (enum move_to)draw_below(c, 5);
    struct writer *writer = asks(c, KIND_RequestMove, some_ixn(c));
    writer_u(writer, RequestMove_how, draw_below(c, move_Hold + 1));
    writer_u(writer, RequestMove_to, to);
    writer_text(writer, RequestMove_name,
                to == move_to_agent ? people[draw_below(c, PEOPLE)] : queues[draw_below(c, 4)]);
    writer_text(writer, RequestMove_whose, some_owner(c));
    writer_u(writer, RequestMove_supervises, draw_below(c, 4) == 0);
    world_post(c->world);
}

static void registers(struct chaos *c)
{
    static const enum object objects[] = {object_agent, object_queue, object_workbin, object_interaction};
    char id[24];
    enum object object = objects[draw_below(c, 4)];
    (void)snprintf(id, sizeof id, "1-%012lx", (unsigned long)(some_ixn(c) & 0xffffffffffff));
    struct writer *writer = asks(c, KIND_RequestRegister, 0);
    writer_u(writer, RequestRegister_object, object);
    writer_text(writer, RequestRegister_name,
                object == object_interaction ? id
                : object == object_agent     ? people[draw_below(c, PEOPLE)]
                                             : queues[draw_below(c, 4)]);
    writer_u(writer, RequestRegister_on, draw_below(c, 4) != 0);
    writer_text(writer, RequestRegister_whose, some_owner(c));
    world_post(c->world);
}

static void attaches(struct chaos *c)
{
    struct kv pairs;
    struct writer *writer = asks(c, KIND_RequestUserData, some_ixn(c));
    writer_u(writer, RequestUserData_op, data_op_Attach);
    kv_init(&pairs);
    kv_put_text(&pairs, "topic", span_of(queues[draw_below(c, 4)]));
    writer_kv(writer, RequestUserData_pairs, &pairs);
    kv_free(&pairs);
    world_post(c->world);
}

static void stops(struct chaos *c)
{
    asks(c, KIND_RequestStop, some_ixn(c));
    world_post(c->world);
}

/* An agent's message in a chat that the agent has. False: there is none. */
static bool agent_writes(struct chaos *c)
{
    struct core *core = c->world->core;
    for (uint32_t at = core->interactions->first; at != INTERACTION_NONE;
         at = interaction_at(core->interactions, at)->next) {
        const struct interaction *ix = interaction_at(core->interactions, at);
        if (!ix->leg || ix->owner_kind != OWNER_AGENT || draw_below(c, 3) == 0) continue;
        struct writer *writer = world_event(c->world, DESK, KIND_EventMessage, ix->id, 0, 0);
        writer_bytes(writer, ENVELOPE_actor, core_name(core, ix->owner));
        writer_text(writer, EventMessage_text, "yes");
        world_post(c->world);
        return true;
    }
    return false;
}

static void writes(struct chaos *c)
{
    bool customer = draw_below(c, 2) == 0;
    if (!customer && agent_writes(c)) return;
    struct writer *writer = customer ? world_event(c->world, LINK, KIND_EventMessage, 0, 0, some_conn(c))
                                     : asks(c, KIND_EventMessage, some_ixn(c));
    writer_text(writer, EventMessage_text, "so");
    world_post(c->world);
}

/* The home tells what became of what was written last. */
static void confirms(struct chaos *c)
{
    const struct core_world *world = c->world;
    for (uint32_t back = 1; back <= 16 && back <= world->sent_count; back++) {
        struct sent sent = world->sent[(world->sent_count - back) % 16];
        if (sent.kind != KIND_SendMessage || sent.link != LINK || draw_below(c, 3) == 0) continue;
        struct writer *writer = world_event(c->world, LINK, KIND_EventDelivery, sent.ixn, sent.ref, 0);
        writer_u(writer, EventDelivery_state, draw_below(c, delivery_expired + 1));
        world_post(c->world);
        return;
    }
}

/* The events that a session's home tells of it: parties, its routing, its end. */
static void session(struct chaos *c)
{
    static const enum party_change changes[] = {party_change_Established, party_change_Released,
                                                party_change_Established, party_change_Abandoned};
    uint64_t conn = some_conn(c);
    uint32_t who = draw_below(c, PEOPLE), what = draw_below(c, 16);
    struct writer *writer;
    if (what == 0) {
        world_event(c->world, LINK, draw_below(c, 3) == 0 ? KIND_EventCallDeleted : KIND_EventSessionEnded, 0, 0, conn);
    } else if (what < 7) {
        writer = world_event(c->world, LINK, KIND_EventRouteUsed, 0, 0, conn);
        writer_text(writer, EventRouteUsed_to, places[who]);
        writer_u(writer, EventRouteUsed_how, draw_below(c, 5) == 0 ? route_how_default : route_how_instructed);
    } else {
        enum party_change change = changes[draw_below(c, 4)];
        bool customer = change == party_change_Abandoned || draw_below(c, 5) == 0;
        writer = world_event(c->world, LINK, KIND_EventParty, 0, 0, conn);
        writer_text(writer, EventParty_dn, customer ? "" : places[who]);
        writer_u(writer, EventParty_change, change);
        writer_u(writer, EventParty_role, customer ? party_role_customer : party_role_agent);
        writer_text(writer, EventParty_agent, customer ? "" : people[who]);
    }
    world_post(c->world);
}

/* A supervisor makes somebody ready or not ready. */
static void sets_state(struct chaos *c)
{
    struct writer *writer = world_event(c->world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_text(writer, ENVELOPE_actor, "anna");
    writer_u(writer, AdminRequest_op, draw_below(c, 6) == 0 ? admin_op_log_out : admin_op_set_state);
    writer_text(writer, AdminRequest_name, people[draw_below(c, PEOPLE)]);
    writer_text(writer, AdminRequest_why, "flu");
    writer_u(writer, AdminRequest_state, draw_below(c, 2) == 0 ? agent_state_ready : agent_state_not_ready);
    world_post(c->world);
}

static void administers(struct chaos *c)
{
    if (draw_below(c, 3) == 0) {
        sets_state(c);
        return;
    }
    char name[24];
    uint64_t ixn = some_ixn(c);
    bool ends = draw_below(c, 4) == 0;
    (void)snprintf(name, sizeof name, "1-%012lx", (unsigned long)(ixn & 0xffffffffffff));
    struct writer *writer = world_event(c->world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, ends ? admin_op_end : admin_op_release_claim);
    writer_u(writer, AdminRequest_object, ends ? object_interaction : object_agent);
    writer_text(writer, AdminRequest_name, ends ? name : people[draw_below(c, PEOPLE)]);
    world_post(c->world);
}

static void link_breaks(struct chaos *c)
{
    static const char *const caps[] = {"sessions", NULL};
    unsigned link = draw_below(c, 3) == 0 ? PHONES : DESK;
    switch (draw_below(c, 40)) {
    case 0:
        link_is(c->world, link, false);
        break;
    case 1:
        link_is(c->world, link, true);
        resynced(c->world, link);
        break;
    case 2:
        link_down(c->world);
        break;
    case 3:
        link_up(c->world, caps);
        resync(c->world, true);
        resync(c->world, false);
        break;
    default:
        break;
    }
}

/* A call stays out of it: it is another medium's agent's. */
static void passes(struct chaos *c)
{
    static const uint64_t times_us[] = {1, 1000000, 21000000, 61000000, UINT64_C(4000000000), UINT64_C(11000000000)};
    world_advance(c->world, times_us[draw_below(c, draw_below(c, 10) == 0 ? 6 : 4)]);
}

static void (*const doings[])(struct chaos *) = {
    submits,        submits,   agent_is, answers,  answers,    answers,  pulls,  moves,       moves,
    stops,          writes,    session,  session,  session,    passes,   passes, link_breaks, administers,
    asks_for_state, registers, attaches, agent_is, desktop_is, confirms, writes};

/* Everybody is gone, and everything is stopped: nothing is left. */
static void is_over(struct chaos *c)
{
    struct core *core = c->world->core;
    for (uint32_t round = 0; core->interactions->live > 0 && round < 1000; round++) {
        uint64_t id = interaction_at(core->interactions, core->interactions->first)->id;
        world_event(c->world, SOURCE_ADMIN, KIND_RequestStop, id, 0, 0);
        world_post(c->world);
        if (interaction_by_id(core->interactions, id)) world_advance(c->world, UINT64_C(3601000000));
        world_forget(c->world);
    }
    cr_assert_eq(core->interactions->live, 0u);
    cr_assert_eq(core->claims->debited, core->claims->credited);
    cr_assert_eq(core->submissions->by_key.count, 0u);
}

Test(core_desk, one_owner_whatever_comes)
{
    const char *more = getenv("CHAOS_ROUNDS");
    uint64_t rounds = more ? strtoull(more, NULL, 10) : 20;
    const uint64_t from = drawn_from();
    for (uint64_t round = 0; round < rounds; round++) {
        struct chaos c = {.world = begin(), .seed = (from + round) * 7919 + 3};
        for (unsigned step = 0; step < STEPS; step++) {
            doings[draw_below(&c, sizeof doings / sizeof *doings)](&c);
            world_forget(c.world);
        }
        link_breaks(&c);
        is_over(&c);
        cr_assert_eq(core_digest(c.world->core), world_replayed_digest(c.world), "round %lu", (unsigned long)round);
        world_free(c.world);
    }
}
