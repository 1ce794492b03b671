/* tests/unit/core_chaos.c - Any order of events and faults: the invariants hold after each, all ends once the faults
 * do, and the same events give the same digest. The round, its seed, is printed where one fails. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/queues/candidates.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

TestSuite(core_chaos, .timeout = 120);

enum { CALLS = 6, PEOPLE = 4, ROUNDS = 60, STEPS = 600 };

static const char *const people[PEOPLE] = {"marie", "paul", "jean", "olga"};
static const char *const dns[PEOPLE] = {"7001", "7002", "7003", "7004"};
static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static void observe(struct core_world *world, uint64_t conn, uint64_t *seed)
{
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, conn);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_last_ref, draw(seed, 8));
    writer_u(writer, Observed_at_routing_point, draw(seed, 2));
    world_post(world);
}

static void call_event(struct core_world *world, uint64_t *seed)
{
    uint64_t conn = 0x0010000010000000 + 1 + draw(seed, CALLS), who = draw(seed, PEOPLE);
    uint32_t ref = (uint32_t)draw(seed, 12);
    struct interaction_row row;
    uint64_t ixn = core_find(world->core, conn, &row) ? row.ixn : 0;
    static const char *const keys[] = {"1", "2", "4711", "", "99"};
    switch (draw(seed, 12)) {
    case 0:
    case 1:
        created(world, conn);
        break;
    case 2:
        route_request(world, conn, draw(seed, 3) == 0 ? ref : 0);
        break;
    case 3:
        treatment(world, conn, ref, (enum treatment_change)(draw(seed, 5)), keys[draw(seed, 5)]);
        break;
    case 4:
        treatment(world, conn, world->last_ref[KIND_RequestApplyTreatment], treatment_change_End, keys[draw(seed, 3)]);
        break;
    case 5:
        world->ixn = ixn;
        world->last_ref[KIND_Query] = draw(seed, 2) == 0 ? ref : world->last_ref[KIND_Query];
        customer(world, draw(seed, 4) == 0 ? NULL : "Dupont", draw(seed, 2) == 0 ? "gold" : "basic", NULL);
        break;
    case 6:
        route_used(world, conn, draw(seed, 2) == 0 ? dns[who] : "5000", (enum route_how)(draw(seed, 3)));
        break;
    case 7:
    case 8:
        party(world, conn, dns[who], people[who], (enum party_role)(draw(seed, 6)),
              (enum party_change)(draw(seed, 14)));
        break;
    case 9:
        done(world, ixn, ref, (enum outcome)(draw(seed, 6)), (enum code)(draw(seed, 35)));
        break;
    case 10:
        if (draw(seed, 3) == 0)
            deleted(world, conn);
        else
            observe(world, conn, seed);
        break;
    default: {
        struct writer *writer = world_event(world, LINK, KIND_EventPartyChanged, 0, 0, conn);
        writer_conn(writer, EventPartyChanged_prev_conn, 0x0010000010000000 + 1 + draw(seed, CALLS));
        world_post(world);
    }
    }
}

static bool is_answered(unsigned kind)
{
    return kind == KIND_RequestApplyTreatment || kind == KIND_Query || kind == KIND_RequestRouteCall ||
           kind == KIND_RequestCallControl || kind == KIND_RouteDefault;
}

/* An answer to one of the newest effects, as an adapter would give it; now and then another one. */
static void answer(struct core_world *world, uint64_t *seed)
{
    static const char *const entered[] = {"4711", "1", "2", "2", NULL};
    if (world->sent_count == 0) return;
    uint32_t kept = world->sent_count < 16 ? world->sent_count : 16, back = 0;
    struct sent sent;
    do { /* mostly the newest that wants one */
        sent = world->sent[(world->sent_count - 1 - back++) % 16];
    } while (back < kept && (!is_answered(sent.kind) || draw(seed, 3) == 0));
    switch (sent.kind) {
    case KIND_RequestApplyTreatment:
        treatment(world, sent.conn, sent.ref, treatment_change_Applied, NULL);
        treatment(world, sent.conn, sent.ref, draw(seed, 12) == 0 ? treatment_change_NotApplied : treatment_change_End,
                  entered[draw(seed, 5)]);
        break;
    case KIND_Query:
        world->ixn = sent.ixn;
        world->last_ref[KIND_Query] = sent.ref;
        customer(world, draw(seed, 4) == 0 ? NULL : "Dupont", draw(seed, 2) == 0 ? "gold" : "basic", NULL);
        break;
    case KIND_RequestRouteCall:
        if (draw(seed, 5) == 0) {
            done(world, sent.ixn, sent.ref, outcome_error, draw(seed, 2) == 0 ? code_invalid_destination : code_busy);
            break;
        }
        route_used(world, sent.conn, sent.dest, route_how_instructed);
        if (draw(seed, 6) != 0) party(world, sent.conn, sent.dest, NULL, party_role_agent, party_change_Ringing);
        if (draw(seed, 3) != 0)
            party(world, sent.conn, sent.dest, NULL, party_role_agent, party_change_Established);
        else
            world_advance(world, 15000000);
        break;
    case KIND_RequestCallControl:
        if (draw(seed, 4) == 0)
            done(world, sent.ixn, sent.ref, outcome_error, code_invalid_state);
        else
            route_request(world, sent.conn, sent.ref);
        break;
    case KIND_RouteDefault:
        route_used(world, sent.conn, "5001", route_how_default);
        break;
    default:
        break;
    }
}

static void arrival(struct core_world *world, uint64_t *seed)
{
    uint64_t conn = 0x0010000010000000 + 1 + draw(seed, CALLS), who = draw(seed, PEOPLE);
    struct interaction_row row;
    bool there = core_find(world->core, conn, &row) && !span_is(row.state, "ended");
    if (!there) {
        created(world, conn);
        route_request(world, conn, 0);
    } else if (span_is(row.state, "handling") || draw(seed, 8) == 0) {
        deleted(world, conn);
    }
    if (draw(seed, 2) == 0) agent(world, people[who], dns[who], agent_state_ready);
}

static void peer_link(struct core_world *world, bool up)
{
    writer_u(world_event(world, LINK, KIND_PeerLink, 0, 0, 0), PeerLink_up, up);
    world_post(world);
}

/* The adapter, its switch or the core goes, for a moment or longer; then what is there is told, or some of it. */
static void fault(struct core_world *world, uint64_t *seed)
{
    uint64_t what = draw(seed, 3);
    if (what == 0) {
        link_down(world);
    } else if (what == 1) {
        peer_link(world, false);
    } else {
        writer_i(world_event(world, SOURCE_HOST, KIND_Recovered, 0, 0, 0), Recovered_gap,
                 (int64_t)draw(seed, 20000000));
        world_post(world);
    }
    world_advance(world, draw(seed, draw(seed, 3) == 0 ? 40000000 : 2000000));
    if (draw(seed, 6) == 0) return;
    if (what == 1)
        peer_link(world, true);
    else
        link_up(world, caps);
    if (draw(seed, 6) == 0) return;
    resync(world, true);
    for (uint64_t conn = 1; conn <= CALLS; conn++)
        if (draw(seed, 4) != 0) observe(world, 0x0010000010000000 + conn, seed);
    for (uint64_t who = 0; who < PEOPLE; who++) {
        if (draw(seed, 4) == 0) continue;
        struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, 0);
        writer_u(writer, Observed_what, object_agent);
        if (draw(seed, 4) == 0) writer_u(writer, Observed_media, media_chat);
        writer_text(writer, Observed_dn, dns[who]);
        writer_text(writer, Observed_agent, people[who]);
        writer_u(writer, Observed_state, draw(seed, 3) != 0 ? agent_state_ready : draw(seed, 8));
        world_post(world);
    }
    if (draw(seed, 6) != 0) resync(world, false);
}

/* The requests of desktops, right ones and wrong ones. */
static void request(struct core_world *world, uint64_t *seed)
{
    static const char *const keys[] = {"account", "language", "customer", "note", "priority"};
    uint64_t conn = 0x0010000010000000 + 1 + draw(seed, CALLS);
    char text[600];
    world->client = 1 + draw(seed, 3);
    world->req = 1 + draw(seed, 1000);
    if (draw(seed, 3) == 0) {
        struct writer *writer = world_event(world, LINK, KIND_RequestAgentState, 0, 0, 0);
        writer_text(writer, RequestAgentState_agent, people[draw(seed, PEOPLE)]);
        if (draw(seed, 2) == 0) writer_u(writer, RequestAgentState_media, draw(seed, 10));
        writer_u(writer, RequestAgentState_state, draw(seed, 8));
    } else {
        struct kv pairs;
        kv_init(&pairs);
        for (uint64_t count = draw(seed, 3); count > 0; count--) {
            const char *key = keys[draw(seed, 5)];
            memset(text, 'a' + (char)draw(seed, 26), sizeof text);
            if (draw(seed, 4) == 0)
                kv_put_int(&pairs, key, draw(seed, 2) == 0 ? INT64_MIN : (int64_t)draw(seed, 100));
            else if (draw(seed, 4) == 0)
                kv_put_text(&pairs, key, span_of("French"));
            else
                kv_put_text(&pairs, key, (struct span){(const uint8_t *)text, (uint32_t)draw(seed, sizeof text)});
        }
        struct writer *writer = world_event(world, LINK, KIND_RequestUserData, 0, 0, conn);
        writer_u(writer, RequestUserData_op, draw(seed, 6));
        writer_kv(writer, RequestUserData_pairs, &pairs);
        writer_list_begin(writer, RequestUserData_keys);
        if (draw(seed, 2) == 0) writer_list_text(writer, span_of(keys[draw(seed, 5)]));
        writer_list_end(writer);
        kv_free(&pairs);
    }
    world_post(world);
    world->client = world->req = 0;
}

/* Something that changes nothing: an event that was posted before, or that another link posts. */
static void void_event(struct core_world *world, uint64_t *seed)
{
    static const unsigned kinds[] = {KIND_EventRouteUsed, KIND_EventCallDeleted, KIND_EventParty,
                                     KIND_Observed,       KIND_EventTreatment,   KIND_EventRouteRequest};
    world_advance(world, 0); /* a timer that is due by now would fire with it */
    uint64_t conn = 0x0010000010000000 + 1 + draw(seed, CALLS), before = core_digest(world->core);
    struct interaction_row row;
    bool living = core_find(world->core, conn, &row) && !span_is(row.state, "ended") && !span_is(row.state, "closing");
    if (!living || draw(seed, 2) == 0) {
        world->seq[LINK]--;
        deleted(world, conn);
    } else {
        struct writer *writer = world_event(world, LINK + 1, kinds[draw(seed, 6)], 0, 1 + draw(seed, 8), conn);
        (void)writer;
        world_post(world);
    }
    cr_assert_eq(core_digest(world->core), before);
}

/* Faults have stopped and nobody is there any more: nothing waits for ever. */
static void all_ends(struct core_world *world)
{
    struct core_status status;
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    world_advance(world, UINT64_C(3) * 86400 * 1000000);
    core_status(world->core, &status);
    cr_assert_eq(status.interactions, 0u);
    cr_assert_eq(status.waiting, 0u);
    cr_assert_eq(status.claims, 0u);
    cr_assert_eq(core_next_timer(world->core), UINT64_MAX);
}

/* A report of an agent at one DN or another of a place, of this medium or that one. */
static void report(struct core_world *world, uint64_t *seed)
{
    static const char *const more[] = {"7101", "7102", "7103", "7104"}, *const places[] = {"", "desk", "door"};
    static const enum media media[] = {media_none, media_voice, media_chat, media_email};
    uint64_t who = draw(seed, PEOPLE);
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, draw(seed, 8) == 0 ? "" : people[who]);
    writer_text(writer, EventAgentState_place, places[draw(seed, 3)]);
    writer_text(writer, EventAgentState_dn,
                (draw(seed, 2) == 0 ? dns : more)[draw(seed, 3) == 0 ? draw(seed, 4) : who]);
    writer_u(writer, EventAgentState_media, media[draw(seed, 4)]);
    writer_u(writer, EventAgentState_state, draw(seed, 3) == 0 ? agent_state_ready : draw(seed, 8));
    writer_u(writer, EventAgentState_after, draw(seed, 4) == 0 ? draw(seed, 8) : 0);
    world_post(world);
}

/* One of three debuggers attaches, goes on up to some instructions, changes something, or dies. */
static void debug(struct core_world *world, uint64_t *seed)
{
    enum debug_op op = (enum debug_op)draw(seed, 8);
    char conn[20];
    struct kv pairs;
    snprintf(conn, sizeof conn, "%016llx", 0x0010000010000000 + 1 + (unsigned long long)draw(seed, CALLS));
    world->client = 1 + draw(seed, 3);
    world->req = 1 + draw(seed, 1000);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_Debug, 0, 0, 0);
    writer_u(writer, Debug_op, op);
    writer_text(writer, Debug_name, op == debug_op_arm ? "1800" : conn);
    writer_u(writer, Debug_one_in, draw(seed, 3));
    writer_i(writer, Debug_bound, (int64_t)draw(seed, 20000000));
    if (op == debug_op_go && draw(seed, 8) == 0) world_everywhere(writer, Debug_breaks);
    if (op == debug_op_go && draw(seed, 2) == 0) world_everywhere(writer, Debug_steps);
    if (draw(seed, 2) == 0) writer_u(writer, Debug_depth, draw(seed, 3));
    if (draw(seed, 2) == 0) writer_u(writer, Debug_fiber, draw(seed, 3));
    if (draw(seed, 2) == 0) writer_u(writer, Debug_variable, draw(seed, 12));
    writer_u(writer, Debug_function, draw(seed, 6));
    kv_init(&pairs);
    kv_put_text(&pairs, draw(seed, 2) == 0 ? "account" : "language", span_of(draw(seed, 2) == 0 ? "French" : "1"));
    writer_kv(writer, Debug_pairs, &pairs);
    world_post(world);
    kv_free(&pairs);
    world->client = world->req = 0;
}

/* A supervisor gives the agent a level of French or a place in a group, for a while or not, or takes that back. */
static void by_hand(struct core_world *world, const char *name, uint64_t *seed)
{
    struct kv row;
    bool skill = draw(seed, 2) == 0;
    kv_init(&row);
    kv_put_int(&row, "value", (int64_t)draw(seed, skill ? 12 : 2));
    directory(world, table_agent, name, (const char *const[]){"name", name, NULL});
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, skill ? table_agent_skill : table_group_member);
    writer_text(writer, DirectoryRow_key, name);
    if (draw(seed, 3) != 0) writer_kv(writer, DirectoryRow_row, &row);
    if (draw(seed, 2) == 0)
        writer_i(writer, DirectoryRow_until, now_wall_us(world->core->now) + (int64_t)draw(seed, 60000000));
    writer_u(writer, DirectoryRow_hand, true);
    writer_text(writer, DirectoryRow_item, skill ? "French" : "overflow");
    world_post(world);
    kv_free(&row);
}

static void other_event(struct core_world *world, uint64_t *seed)
{
    uint64_t who = draw(seed, PEOPLE);
    switch (draw(seed, 16)) {
    case 0:
        fault(world, seed);
        break;
    case 1:
        request(world, seed);
        break;
    case 2:
        void_event(world, seed);
        break;
    case 6:
        resync(world, draw(seed, 2) == 0);
        break;
    case 3: {
        struct writer *writer = world_event(world, LINK, KIND_EventDN, 0, 0, 0);
        writer_text(writer, EventDN_dn, dns[who]);
        writer_u(writer, EventDN_state, draw(seed, 3));
        world_post(world);
        break;
    }
    case 4: {
        struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
        bool sets = draw(seed, 3) == 0;
        writer_text(writer, ENVELOPE_actor, "anna");
        writer_u(writer, AdminRequest_op, sets ? admin_op_set_state : draw(seed, 5));
        writer_text(writer, AdminRequest_name, sets || draw(seed, 2) == 0 ? people[who] : "1-000000000001");
        writer_text(writer, AdminRequest_why, "flu");
        writer_u(writer, AdminRequest_state, sets ? draw(seed, 8) : agent_state_unknown);
        world_post(world);
        break;
    }
    case 5:
        if (draw(seed, 2) == 0)
            by_hand(world, people[who], seed);
        else
            skill(world, people[who], "French", (int)draw(seed, 12));
        commit(world, false);
        break;
    case 7:
    case 8:
        report(world, seed);
        break;
    case 9:
    case 10:
    case 11:
        debug(world, seed);
        break;
    default:
        agent(world, people[who], dns[draw(seed, 4) == 0 ? draw(seed, PEOPLE) : who],
              draw(seed, 3) == 0 ? (enum agent_state)draw(seed, 8) : agent_state_ready);
    }
}

Test(core_chaos, invariants_hold_and_replay_agrees_whatever_happens)
{
    const char *more = getenv("CHAOS_ROUNDS");
    uint64_t rounds = more ? strtoull(more, NULL, 10) : ROUNDS;
    const uint64_t from = drawn_from();
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t seed = (from + round) * 7919 + 1;
        struct core_world *world = world_new();
        if (round % 2 == 1)
            world->core->candidates->few = 0; /* the replay below looks at all: the choices are the same */
        if (getenv("CHAOS")) fprintf(stderr, "round %lu\n", (unsigned long)round);
        for (int step = 0; step < STEPS; step++) {
            uint64_t kind = draw(&seed, 40);
            if (kind < 24)
                answer(world, &seed);
            else if (kind < 30)
                arrival(world, &seed);
            else if (kind < 32 + (round & 3))
                call_event(world, &seed);
            else if (kind < 38)
                other_event(world, &seed);
            else
                world_advance(world, draw(&seed, draw(&seed, 6) == 0 ? 60000000 : 3000000));
            world_forget(world);
        }
        if (getenv("CHAOS")) {
            struct core_status status;
            struct queue_row row = {0};
            core_status(world->core, &status);
            core_queue(world->core, 0, &row);
            fprintf(stderr, "entered %lu distributed %lu abandoned %lu cleared %lu routed %lu defaulted %lu\n",
                    (unsigned long)row.entered, (unsigned long)row.distributed, (unsigned long)row.abandoned,
                    (unsigned long)row.cleared, (unsigned long)status.routed, (unsigned long)status.defaulted);
        }
        all_ends(world);
        cr_assert_eq(core_digest(world->core), world_replayed_digest(world), "round %lu", (unsigned long)round);
        world_free(world);
    }
}
