/* tests/unit/core_ring.c - Several telephones ring together for one call: who has it, who is free again, and whatever
 * else happens meanwhile. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

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
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

TestSuite(core_ring, .timeout = 120);

enum { PEOPLE = 4, CALLS = 3, ROUNDS = 40, STEPS = 400 };

static const char *const people[PEOPLE] = {"marie", "paul", "jean", "olga"};
static const char *const dns[PEOPLE] = {"7001", "7002", "7003", "7004"};
static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "ring", NULL};
static const char *const alone[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

/* again: who = select ... ring N exclude 5s; route who answer 10s else goto again */
static struct image *ringing(unsigned most)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t who = writer_register(w, TYPE_TARGET);
    uint32_t failed = writer_label(w), again = writer_label(w);
    writer_place(w, again);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_select_vq,
                         CONSTANT(writer_constant(w, TYPE_VQ, program_name(w, TYPE_VQ, "service"))));
    writer_wait_argument(w, PARAMETER_select_ring, CONSTANT(writer_constant(w, TYPE_INT, most)));
    writer_wait_timeout(w, SECONDS(w, 120));
    writer_wait_line_target(w, OPERAND_NONE, TYPE_GROUP,
                            CONSTANT(writer_constant(w, TYPE_GROUP, program_name(w, TYPE_GROUP, "overflow"))));
    writer_wait_order(w, ORDER_longest_idle);
    writer_wait_failure(w, failed, REGISTER_NONE);
    writer_step(w, STEP_ID_select, who);
    program_route(w, who, 10, 10, again);
    writer_place(w, failed);
    program_stop(w, program_text(w, "failed"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *begin(unsigned most, const char *const *can)
{
    struct core_world *world = world_new();
    link_up(world, can);
    resync(world, true);
    resync(world, false);
    for (unsigned i = 0; i < PEOPLE; i++) {
        char key[40];
        (void)snprintf(key, sizeof key, "overflow/%s", people[i]);
        directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", people[i], NULL});
    }
    commit(world, false);
    world_run(world, ringing(most));
    world_forget(world);
    return world;
}

static void arrives(struct core_world *world, uint64_t conn)
{
    created(world, conn);
    route_request(world, conn, 0);
}

static const struct agent *person(const struct core_world *world, unsigned number)
{
    uint32_t at;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of(people[number])), &at));
    return agent_at(world->core->agents, at);
}

/* How many claims each of the people has, as digits. */
static void claimed_are(const struct core_world *world, const char *digits)
{
    char is[PEOPLE + 1] = "";
    for (unsigned i = 0; digits[i] != '\0'; i++) is[i] = (char)('0' + person(world, i)->claimed);
    cr_assert_str_eq(is, digits);
}

/* So many are ready, and the first call rings at all of those that may ring. */
static struct core_world *rings(unsigned ready, unsigned most)
{
    struct core_world *world = begin(most, caps);
    for (unsigned i = 0; i < ready; i++) agent(world, people[i], dns[i], agent_state_ready);
    world_forget(world);
    arrives(world, CALL);
    expect(world, "RequestRouteCall 7001\n");
    route_used(world, CALL, "7001", route_how_instructed);
    for (unsigned i = 0; i < ready && i < most; i++)
        party(world, CALL, dns[i], people[i], party_role_agent, party_change_Ringing);
    expect(world, "");
    return world;
}

static void leaves(struct core_world *world, unsigned who, enum party_change change, enum cause cause)
{
    struct writer *writer = world_event(world, LINK, KIND_EventParty, 0, 0, CALL);
    writer_text(writer, EventParty_dn, dns[who]);
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, party_role_agent);
    writer_text(writer, EventParty_agent, people[who]);
    writer_u(writer, EventParty_cause, cause);
    world_post(world);
}

Test(core_ring, the_first_to_answer_has_it_and_nobody_else_is_held)
{
    struct core_world *world = rings(3, 3);
    claimed_are(world, "111");
    agent(world, "olga", "7004", agent_state_ready);
    arrives(world, OTHER); /* nobody of those who ring is given it */
    expect(world, "RequestRouteCall 7004\n");
    leaves(world, 0, party_change_Diverted, cause_redirected);
    claimed_are(world, "0111");
    party(world, CALL, "7002", "paul", party_role_agent, party_change_Established);
    claimed_are(world, "0101");
    leaves(world, 2, party_change_Diverted, cause_redirected);
    expect(world, "");
    for (unsigned i = 0; i < 3; i++) cr_expect_eq(person(world, i)->state, agent_state_ready);
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    deleted(world, CALL);
    claimed_are(world, "0001");
    deleted(world, OTHER);
    world_end(world);
}

Test(core_ring, only_so_many_ring)
{
    struct core_world *world = rings(4, 2);
    claimed_are(world, "1100");
    deleted(world, CALL);
    claimed_are(world, "0000");
    world_end(world);
}

Test(core_ring, nobody_answers_and_all_stay_ready_and_rest_for_five_seconds)
{
    struct core_world *world = rings(3, 3);
    world_advance(world, 10000000);
    expect(world, "RequestCallControl pull_back 7001\n");
    leaves(world, 2, party_change_Diverted, cause_no_answer);
    leaves(world, 1, party_change_Diverted, cause_no_answer);
    leaves(world, 0, party_change_Diverted, cause_no_answer);
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    expect(world, "");
    claimed_are(world, "000");
    for (unsigned i = 0; i < 3; i++) cr_expect_eq(person(world, i)->state, agent_state_ready);
    world_advance(world, 4900000);
    expect(world, "");
    world_advance(world, 200000);
    expect(world, "RequestRouteCall 7001\n");
    claimed_are(world, "111");
    deleted(world, CALL);
    world_end(world);
}

/* The switch brings the call back and says of nobody that it rings there no more. */
Test(core_ring, a_call_that_comes_back_rings_nowhere)
{
    struct core_world *world = rings(3, 3);
    route_request(world, CALL, 0);
    expect(world, "");
    claimed_are(world, "000");
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    cr_assert_eq(ix->parties, PARTY_NONE);
    deleted(world, CALL);
    world_end(world);
}

Test(core_ring, one_refuses_and_the_others_ring_on)
{
    struct core_world *world = rings(3, 3);
    leaves(world, 0, party_change_Diverted, cause_refused);
    claimed_are(world, "011");
    leaves(world, 2, party_change_Released, cause_busy);
    claimed_are(world, "010");
    expect(world, "");
    cr_expect_eq(total_of(world->core->totals, FACT_offer_refused), 1, "whoever is busy has refused nothing");
    party(world, CALL, "7002", "paul", party_role_agent, party_change_Established);
    claimed_are(world, "010");
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    deleted(world, CALL);
    world_end(world);
}

/* A switch may report a busy telephone by an event of its own. */
Test(core_ring, one_says_that_it_is_busy_and_the_others_ring_on)
{
    struct core_world *world = rings(3, 3);
    leaves(world, 1, party_change_DestinationBusy, cause_other);
    claimed_are(world, "101");
    leaves(world, 1, party_change_Diverted, cause_busy);
    claimed_are(world, "101");
    leaves(world, 0, party_change_DestinationBusy, cause_refused);
    claimed_are(world, "001");
    cr_expect_eq(total_of(world->core->totals, FACT_offer_refused), 1);
    expect(world, "");
    leaves(world, 2, party_change_DestinationBusy, cause_busy); /* the last one: the call is asked back */
    expect(world, "RequestCallControl pull_back 7001\n");
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    claimed_are(world, "000");
    cr_expect_eq(total_of(world->core->totals, FACT_offer_unanswered), 0);
    deleted(world, CALL);
    world_end(world);
}

/* One telephone is out of order, and the switch says so once the others ring. */
Test(core_ring, whose_telephone_cannot_ring_is_free_at_once_and_has_missed_nothing)
{
    struct core_world *world = begin(3, caps);
    for (unsigned i = 0; i < 3; i++) agent(world, people[i], dns[i], agent_state_ready);
    world_forget(world);
    arrives(world, CALL);
    expect(world, "RequestRouteCall 7001\n");
    leaves(world, 0, party_change_Diverted, cause_busy);
    claimed_are(world, "111"); /* that is a report of an earlier leg */
    route_used(world, CALL, "7001", route_how_instructed);
    party(world, CALL, dns[1], people[1], party_role_agent, party_change_Ringing);
    leaves(world, 0, party_change_Diverted, cause_busy);
    claimed_are(world, "011");
    leaves(world, 2, party_change_Diverted, cause_busy);
    claimed_are(world, "010");
    leaves(world, 1, party_change_Diverted, cause_busy); /* the last one: the call comes back */
    route_request(world, CALL, 0);
    claimed_are(world, "000");
    cr_expect_eq(total_of(world->core->totals, FACT_offer_unanswered), 0);
    deleted(world, CALL);
    world_end(world);
}

Test(core_ring, a_route_that_is_refused_holds_nobody)
{
    struct core_world *world = begin(3, caps);
    for (unsigned i = 0; i < 3; i++) agent(world, people[i], dns[i], agent_state_ready);
    arrives(world, CALL);
    world_forget(world);
    done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_busy);
    expect(world, "");
    claimed_are(world, "000"); /* and nobody is asked again at once */
    deleted(world, CALL);
    world_end(world);
}

Test(core_ring, the_caller_hangs_up)
{
    struct core_world *world = rings(3, 3);
    party(world, CALL, "1800", NULL, party_role_customer, party_change_Abandoned);
    claimed_are(world, "000");
    deleted(world, CALL);
    world_end(world);
}

/* Whoever logs out while it rings, at the first telephone or at another one, and picks up, has the call. */
Test(core_ring, who_logs_out_while_it_rings_and_answers_has_it)
{
    for (unsigned who = 0; who < 3; who++) {
        struct core_world *world = rings(3, 3);
        agent(world, people[who], dns[who], agent_state_logged_out);
        party(world, CALL, dns[who], NULL, party_role_agent, party_change_Established);
        expect(world, "");
        claimed_are(world, "000");
        cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
        world_advance(world, 20000000);
        expect(world, "");
        deleted(world, CALL);
        world_end(world);
    }
}

/* The telephone that the route names is busy, so the other one is the only one that rings. */
Test(core_ring, who_logs_out_while_only_that_telephone_rings_and_answers_has_it)
{
    struct core_world *world = rings(2, 2);
    leaves(world, 0, party_change_Diverted, cause_busy);
    agent(world, "paul", "7002", agent_state_logged_out);
    party(world, CALL, "7002", NULL, party_role_agent, party_change_Established);
    expect(world, "");
    claimed_are(world, "00");
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    deleted(world, CALL);
    world_end(world);
}

Test(core_ring, an_answer_while_the_link_was_away_is_seen_when_it_is_back)
{
    struct core_world *world = rings(3, 3);
    link_down(world);
    world_advance(world, 5000000);
    link_up(world, caps);
    resync(world, true);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_list_begin(writer, Observed_parties);
    writer_record_begin(writer);
    writer_text(writer, Party_dn, "7003");
    writer_u(writer, Party_role, party_role_agent);
    writer_u(writer, Party_change, party_change_Established);
    writer_text(writer, Party_agent, "jean");
    writer_record_end(writer);
    writer_list_end(writer);
    world_post(world);
    for (unsigned i = 0; i < 3; i++) agent(world, people[i], dns[i], agent_state_ready);
    resync(world, false);
    claimed_are(world, "001");
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    deleted(world, CALL);
    claimed_are(world, "000");
    world_end(world);
}

Test(core_ring, a_link_that_cannot_fails)
{
    struct core_world *world = begin(3, alone);
    agent(world, "marie", "7001", agent_state_ready);
    world_forget(world);
    arrives(world, CALL);
    expect(world, "RequestCallControl disconnect 1800\n");
    deleted(world, CALL);
    world_end(world);
}

/* The second and the third of the people are lent here by domain 2, until so long after now. */
static struct core_world *rings_with_lent(const int64_t *lent_us)
{
    enum { DOMAINS_LINK = LINK + 1 };
    struct core_world *world = world_of(1);
    struct writer *writer;
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    for (unsigned i = 0; i < 3; i++) {
        char key[40];
        struct kv row;
        (void)snprintf(key, sizeof key, "overflow/%s", people[i]);
        directory(world, table_group_member, key, (const char *const[]){"group", "overflow", "agent", people[i], NULL});
        if (i == 0) continue;
        kv_init(&row);
        kv_put_int(&row, "home", 2);
        writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
        writer_u(writer, DirectoryRow_version, 1);
        writer_u(writer, DirectoryRow_table, table_agent);
        writer_text(writer, DirectoryRow_key, people[i]);
        writer_kv(writer, DirectoryRow_row, &row);
        kv_free(&row);
        world_post(world);
    }
    commit(world, false);
    writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, DOMAINS_LINK);
    writer_text(writer, LinkUp_name, "domains");
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("sessions"));
    writer_list_text(writer, span_of("domains"));
    writer_list_end(writer);
    world_post(world);
    world_event(world, DOMAINS_LINK, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, DOMAINS_LINK, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
    world_run(world, ringing(3));
    for (unsigned i = 0; i < 3; i++) agent(world, people[i], dns[i], agent_state_ready);
    for (unsigned i = 1; i < 3; i++) {
        writer = world_event(world, DOMAINS_LINK, KIND_EventLent, 0, 0, 0);
        writer_text(writer, EventLent_agent, people[i]);
        writer_u(writer, EventLent_domain, 2);
        writer_u(writer, EventLent_number, i);
        writer_i(writer, EventLent_from, (int64_t)world->time_us);
        writer_i(writer, EventLent_until, (int64_t)world->time_us + lent_us[i - 1]);
        world_post(world);
    }
    world_forget(world);
    return world;
}

/* After the first of their leases nobody may answer as who was lent: all stop ringing then. */
Test(core_ring, who_is_lent_for_the_shortest_time_says_how_long_all_ring)
{
    static const int64_t lent_us[][2] = {{10000000, 8000000}, {8000000, 10000000}};
    for (unsigned row = 0; row < 2; row++) {
        struct core_world *world = rings_with_lent(lent_us[row]);
        arrives(world, CALL);
        cr_assert_neq(world->last_ref[KIND_RequestRouteCall], 0u, "%s", world->trace);
        claimed_are(world, "111");
        cr_expect_eq(world->last_until, world->time_us + 8000000 - LOAN_MARGIN_US, "row %u: %" PRIu64, row,
                     world->last_until);
        world_end(world);
    }
}

Test(core_ring, an_administrator_takes_one_out)
{
    struct core_world *world = rings(3, 3);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, admin_op_log_out);
    writer_text(writer, AdminRequest_name, "marie");
    world_post(world);
    world_forget(world);
    party(world, CALL, "7003", "jean", party_role_agent, party_change_Established);
    claimed_are(world, "001");
    deleted(world, CALL);
    world_end(world);
}

/* ---- any order: a switch that does as it is told, and people ---- */

/* Returns an agent at whom the call may ring, by chance; PEOPLE: there is none. */
static unsigned some_routed(const struct core_world *world, const struct interaction *ix, uint64_t *seed)
{
    unsigned from = (unsigned)(table_mix64(++*seed) % PEOPLE);
    for (unsigned i = 0; i < PEOPLE; i++) {
        unsigned who = (from + i) % PEOPLE;
        for (uint32_t at = ix->claims; at != CLAIM_NONE; at = claim_at(world->core->claims, at)->next_of_interaction) {
            const struct claim *claim = claim_at(world->core->claims, at);
            if (claim->routed_by_us && claim->state < CLAIM_ACTIVE &&
                agent_at(world->core->agents, claim->agent) == person(world, who))
                return who;
        }
    }
    return PEOPLE;
}

static uint64_t drawn(uint64_t *seed, uint64_t below)
{
    return table_mix64(++*seed) % below;
}

/* The switch's next word about a call that is routed. */
static void switch_says(struct core_world *world, uint64_t conn, uint64_t *seed)
{
    struct interaction *ix = interaction_by_conn(world->core->interactions, conn);
    unsigned who = some_routed(world, ix, seed);
    if (ix->route_phase == ROUTE_ASKED) {
        char to[32];
        struct span name = core_name(world->core, ix->route_to);
        (void)snprintf(to, sizeof to, "%.*s", (int)name.length, (const char *)name.bytes);
        if (drawn(seed, 6) == 0)
            done(world, ix->id, world->last_ref[KIND_RequestRouteCall], outcome_error, code_busy);
        else
            route_used(world, conn, to, route_how_instructed);
    } else if (ix->route_phase == ROUTE_PULLING && drawn(seed, 3) == 0) {
        route_request(world, conn, world->last_ref[KIND_RequestCallControl]);
    } else if (who != PEOPLE) {
        static const enum party_change changes[] = {party_change_Ringing,     party_change_Ringing,
                                                    party_change_Diverted,    party_change_Released,
                                                    party_change_Established, party_change_DestinationBusy};
        enum party_change change = changes[drawn(seed, 6)];
        party(world, conn, dns[who], drawn(seed, 8) == 0 ? NULL : people[who], party_role_agent, change);
    }
}

static void people_do(struct core_world *world, uint64_t *seed)
{
    unsigned who = (unsigned)drawn(seed, PEOPLE);
    static const enum agent_state states[] = {agent_state_ready, agent_state_ready, agent_state_ready,
                                              agent_state_not_ready, agent_state_logged_out};
    agent(world, people[who], dns[who], states[drawn(seed, 5)]);
}

static void link_fault(struct core_world *world, uint64_t *seed)
{
    link_down(world);
    world_advance(world, drawn(seed, 20000000));
    link_up(world, caps);
    resync(world, true);
    for (uint64_t call = 0; call < CALLS; call++) {
        const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL + call);
        if (drawn(seed, 5) == 0 || !ix || !ix->running) continue; /* it has ended meanwhile */
        struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL + call);
        writer_u(writer, Observed_what, object_call);
        writer_u(writer, Observed_media, media_voice);
        writer_text(writer, Observed_dn, "1800");
        writer_u(writer, Observed_at_routing_point, drawn(seed, 2) == 0);
        world_post(world);
    }
    for (unsigned who = 0; who < PEOPLE; who++)
        if (drawn(seed, 3) != 0) agent(world, people[who], dns[who], agent_state_ready);
    resync(world, false);
}

/* Nobody has two calls, and whoever has a call is the only one who is held for it. */
static void nobody_has_two(const struct core_world *world, unsigned round, unsigned step)
{
    for (unsigned who = 0; who < PEOPLE; who++) {
        uint32_t at;
        if (!agent_find(world->core->agents, names_find(world->core->names, span_of(people[who])), &at)) continue;
        cr_assert(agent_at(world->core->agents, at)->claimed <= 1, "round %u, step %u", round, step);
    }
    for (uint64_t call = 0; call < CALLS; call++) {
        const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL + call);
        unsigned has = 0, held = 0;
        for (uint32_t at = ix ? ix->claims : CLAIM_NONE; at != CLAIM_NONE;
             at = claim_at(world->core->claims, at)->next_of_interaction) {
            const struct claim *claim = claim_at(world->core->claims, at);
            has += claim->state == CLAIM_ACTIVE;
            held += claim->state != CLAIM_ACTIVE && (claim->routed_by_us || claim->rings == RINGS_ALONG);
        }
        cr_assert(held <= 3 && (has == 0 || held == 0), "round %u, step %u: %u have it, %u are held", round, step, has,
                  held);
        cr_assert(!ix || ix->running || held == 0, "round %u, step %u", round, step);
    }
}

Test(core_ring, whatever_happens_nobody_is_held_for_a_call_that_another_has)
{
    uint64_t routed = 0, missed = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t seed = (drawn_from() + round) * 104729 + 1;
        struct core_status status;
        struct core_world *world = begin(3, caps);
        for (unsigned step = 0; step < STEPS; step++) {
            uint64_t conn = CALL + drawn(&seed, CALLS);
            struct interaction *ix = interaction_by_conn(world->core->interactions, conn);
            switch (drawn(&seed, 12)) {
            case 0:
                if (drawn(&seed, 10) == 0) link_fault(world, &seed);
                break;
            case 1:
            case 2:
                people_do(world, &seed);
                break;
            case 3:
                world_advance(world, drawn(&seed, 4000000));
                break;
            case 4:
                if (ix && drawn(&seed, 3) == 0) deleted(world, conn);
                break;
            default:
                if (!ix)
                    arrives(world, conn);
                else if (ix->running && ix->route_phase >= ROUTE_ASKED && ix->route_phase <= ROUTE_PULLING)
                    switch_says(world, conn, &seed);
                else if (!ix->running && drawn(&seed, 4) == 0)
                    deleted(world, conn);
            }
            world_forget(world);
            nobody_has_two(world, round, step);
        }
        core_status(world->core, &status);
        routed += status.routed;
        missed += total_of(world->core->totals, FACT_offer_unanswered);
        link_up(world, caps);
        resync(world, true);
        resync(world, false);
        world_advance(world, UINT64_C(3) * 86400 * 1000000);
        core_status(world->core, &status);
        cr_assert_eq(status.interactions, 0u);
        cr_assert_eq(status.claims, 0u);
        world_end(world);
    }
    cr_assert(routed > ROUNDS && missed < UINT64_MAX);
}
