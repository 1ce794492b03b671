/* tests/unit/core_chaos.c - Any order of events: the invariants hold after each, and the same events give the same
 * digest. The seed is printed where one fails. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/state.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_chaos, .timeout = 120);

enum { CALLS = 6, PEOPLE = 4, ROUNDS = 60, STEPS = 250 };

static const char *const people[PEOPLE] = {"marie", "paul", "jean", "olga"};
static const char *const dns[PEOPLE] = {"7001", "7002", "7003", "7004"};
static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static void observe(struct world *world, uint64_t conn, uint64_t *seed)
{
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, conn);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_last_ref, draw(seed, 8));
    writer_u(writer, Observed_at_routing_point, draw(seed, 2));
    world_post(world);
}

static void call_event(struct world *world, uint64_t *seed)
{
    uint64_t conn = 0x10000000 + 1 + draw(seed, CALLS), who = draw(seed, PEOPLE);
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
        writer_conn(writer, EventPartyChanged_prev_conn, 0x10000000 + 1 + draw(seed, CALLS));
        world_post(world);
    }
    }
}

/* An answer to one of the newest effects, as an adapter would give it; now and then another one. */
static void answer(struct world *world, uint64_t *seed)
{
    static const char *const entered[] = {"4711", "1", "2", "2", NULL};
    if (world->sent_count == 0) return;
    uint32_t kept = world->sent_count < 16 ? world->sent_count : 16;
    struct sent sent = world->sent[(world->sent_count - 1 - (uint32_t)draw(seed, kept < 8 ? kept : 8)) % 16];
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

static void arrival(struct world *world, uint64_t *seed)
{
    uint64_t conn = 0x10000000 + 1 + draw(seed, CALLS), who = draw(seed, PEOPLE);
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

static void other_event(struct world *world, uint64_t *seed)
{
    uint64_t who = draw(seed, PEOPLE);
    switch (draw(seed, 16)) {
    case 0:
        link_down(world);
        break;
    case 1:
        link_up(world, caps);
        break;
    case 2:
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
        writer_u(writer, AdminRequest_op, draw(seed, 5));
        writer_text(writer, AdminRequest_name, draw(seed, 2) == 0 ? people[who] : "1-000000000001");
        world_post(world);
        break;
    }
    case 5:
        skill(world, people[who], "French", (int)draw(seed, 12));
        commit(world, false);
        break;
    default:
        agent(world, people[who], dns[draw(seed, PEOPLE)], (enum agent_state)(draw(seed, 8)));
    }
}

Test(core_chaos, invariants_hold_and_replay_agrees_whatever_happens)
{
    const char *more = getenv("CHAOS_ROUNDS");
    uint64_t rounds = more != NULL ? strtoull(more, NULL, 10) : ROUNDS;
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t seed = round * 7919 + 1;
        struct world *world = world_new();
        if (round % 2 == 1) world->core->pools.walk_max = 0; /* the replay below walks: the choices are the same */
        if (getenv("CHAOS") != NULL) fprintf(stderr, "round %lu\n", (unsigned long)round);
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
        if (getenv("CHAOS") != NULL) {
            struct core_status status;
            struct queue_row row = {0};
            core_status(world->core, &status);
            core_queue(world->core, 0, &row);
            fprintf(stderr, "entered %lu distributed %lu abandoned %lu cleared %lu routed %lu defaulted %lu\n",
                    (unsigned long)row.entered, (unsigned long)row.distributed, (unsigned long)row.abandoned,
                    (unsigned long)row.cleared, (unsigned long)status.routed, (unsigned long)status.defaulted);
        }
        cr_assert_eq(core_digest(world->core), world_replayed_digest(world), "round %lu", (unsigned long)round);
        world_free(world);
    }
}
