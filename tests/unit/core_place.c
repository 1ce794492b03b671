/* tests/unit/core_place.c - Routes to places where nobody is logged in: who has the place, when it is free again, and
 * whatever else happens meanwhile. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "vm/steps.h"
#include "runtime/core/base/facts_interaction.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/base/total.h"
#include "runtime/core/check.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/site/place_claim.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

TestSuite(core_place, .timeout = 120);

enum { PLACES = 3, CALLS = 4, ROUNDS = 40, STEPS = 400 };

static const char *const places[PLACES] = {"gate", "lobby", "porter"};
static const char *const dns[PLACES] = {"6001", "6002", "6003"};
static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "ring", NULL};
static const char *const one_alone[] = {"calls", "treatments", "pull_back", "set_agent", NULL};
static const char *const no_way_back[] = {"calls", "treatments", "set_agent", NULL};

/* route to a place, or to the group of all, answer 10s, else stop; `again`: else delay 1s, and the same once more.
 * telephones 0: without waiting for the answer, as an image of an older compiler. */
static struct image *routes(uint16_t type, const char *name, unsigned telephones, bool again)
{
    struct image_writer *w = image_writer_new();
    uint16_t strategy = program_strategy(w, "enterprise");
    uint16_t body = writer_function_begin(w, "enterprise", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint32_t failed = writer_label(w), begins = writer_label(w);
    writer_place(w, begins);
    if (again) program_delay(w, 1);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_route_target, CONSTANT(writer_constant(w, type, program_name(w, type, name))));
    if (telephones != 0)
        writer_wait_argument(w, PARAMETER_route_telephones, CONSTANT(writer_constant(w, TYPE_INT, telephones)));
    writer_wait_timeout(w, SECONDS(w, 10));
    writer_wait_answer(w, SECONDS(w, 10));
    writer_wait_failure(w, again ? begins : failed, REGISTER_NONE);
    writer_step(w, STEP_ID_route, REGISTER_NONE);
    writer_place(w, failed);
    program_stop(w, program_text(w, "failed"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return program_loaded(w);
}

static struct core_world *begin(struct image *image, const char *const *can)
{
    struct core_world *world = world_new();
    link_up(world, can);
    resync(world, true);
    resync(world, false);
    for (unsigned i = PLACES; i-- > 0;) { /* not in the order of their names */
        char key[40];
        directory(world, table_dn, dns[i], (const char *const[]){"number", dns[i], NULL});
        directory(world, table_place, places[i], (const char *const[]){"name", places[i], NULL});
        directory(world, table_place_dn, dns[i], (const char *const[]){"dn", dns[i], "place", places[i], NULL});
        (void)snprintf(key, sizeof key, "watch/%s", places[i]);
        directory(world, table_group_place, key, (const char *const[]){"group", "watch", "place", places[i], NULL});
    }
    commit(world, false);
    world_run(world, image);
    world_forget(world);
    return world;
}

static struct core_world *to_porter(void)
{
    return begin(routes(TYPE_PLACE, "porter", 1, false), caps);
}

static void arrives(struct core_world *world, uint64_t conn)
{
    created(world, conn);
    route_request(world, conn, 0);
}

static void rings(struct core_world *world, uint64_t conn, const char *dn)
{
    route_used(world, conn, dn, route_how_instructed);
    party(world, conn, dn, NULL, party_role_device, party_change_Ringing);
}

static void leaves(struct core_world *world, uint64_t conn, const char *dn, enum party_change change, enum cause cause)
{
    struct writer *writer = world_event(world, LINK, KIND_EventParty, 0, 0, conn);
    writer_text(writer, EventParty_dn, dn);
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, party_role_device);
    writer_u(writer, EventParty_cause, cause);
    world_post(world);
}

/* The claims of the places, in the order of `places`: - free, r it rings, t somebody talks. */
static void claimed_are(const struct core_world *world, const char *wanted)
{
    const struct place_claims *claims = world->core->place_claims;
    char is[PLACES + 1] = "";
    for (unsigned i = 0; i < PLACES; i++) {
        uint32_t row, name = names_find(world->core->names, span_of(places[i]));
        bool found = name != 0 && lookup_find(&claims->by_place, name, &row);
        is[i] = found ? (claims->all[row].talks ? 't' : 'r') : '-';
    }
    cr_assert_str_eq(is, wanted);
}

Test(core_place, one_place_has_one_call_until_its_telephone_has_left)
{
    struct core_world *world = to_porter();
    arrives(world, CALL);
    expect(world, "RequestRouteCall 6003\n");
    claimed_are(world, "--r");
    arrives(world, OTHER);
    expect(world, "RequestCallControl disconnect 1800\n");
    rings(world, CALL, "6003");
    party(world, CALL, "6003", NULL, party_role_device, party_change_Established);
    claimed_are(world, "--t");
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    arrives(world, THIRD);
    expect(world, "RequestCallControl disconnect 1800\n");
    leaves(world, CALL, "6003", party_change_Released, cause_ok);
    claimed_are(world, "---");
    deleted(world, CALL);
    deleted(world, OTHER);
    deleted(world, THIRD);
    world_end(world);
}

Test(core_place, nobody_answers_and_the_strategy_goes_on)
{
    struct core_world *world = to_porter();
    arrives(world, CALL);
    rings(world, CALL, "6003");
    world_forget(world);
    world_advance(world, 10000000);
    expect(world, "RequestCallControl pull_back 6003\n");
    claimed_are(world, "--r"); /* until the call is back */
    leaves(world, CALL, "6003", party_change_Diverted, cause_no_answer);
    claimed_are(world, "--r");
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    expect(world, "RequestCallControl disconnect 1800\n");
    claimed_are(world, "---");
    cr_assert_eq(interaction_by_conn(world->core->interactions, CALL)->parties, PARTY_NONE);
    deleted(world, CALL);
    world_end(world);
}

/* The switch tells nothing of that telephone but that the call has gone there. */
Test(core_place, a_call_that_does_not_ring_there_any_more_is_left_to_who_has_it)
{
    struct core_world *world = to_porter();
    arrives(world, CALL);
    route_used(world, CALL, "6003", route_how_instructed);
    world_forget(world);
    world_advance(world, 10000000);
    expect(world, "RequestCallControl pull_back 6003\n");
    done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_error, code_invalid_state);
    expect(world, "");
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    claimed_are(world, "--t");
    deleted(world, CALL);
    claimed_are(world, "---");
    world_end(world);
}

Test(core_place, it_is_answered_while_the_call_is_asked_back)
{
    struct core_world *world = to_porter();
    arrives(world, CALL);
    rings(world, CALL, "6003");
    world_advance(world, 10000000);
    party(world, CALL, "6003", NULL, party_role_device, party_change_Established);
    world_forget(world);
    done(world, world->ixn, world->last_ref[KIND_RequestCallControl], outcome_error, code_invalid_state);
    expect(world, "");
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    claimed_are(world, "--t");
    deleted(world, CALL);
    world_end(world);
}

Test(core_place, busy_refused_and_not_there_hold_nothing)
{
    static const enum code refusals[] = {code_busy, code_invalid_destination, code_invalid_dn, code_out_of_service};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct core_world *world = to_porter();
        arrives(world, CALL);
        world_forget(world);
        done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, refusals[i]);
        expect(world, "RequestCallControl disconnect 1800\n");
        claimed_are(world, "---");
        deleted(world, CALL);
        world_end(world);
    }
}

Test(core_place, the_caller_hangs_up)
{
    for (unsigned how = 0; how < 2; how++) {
        struct core_world *world = to_porter();
        arrives(world, CALL);
        rings(world, CALL, "6003");
        if (how == 0)
            party(world, CALL, "1800", NULL, party_role_customer, party_change_Abandoned);
        else
            deleted(world, CALL);
        claimed_are(world, "---");
        deleted(world, CALL);
        world_end(world);
    }
}

Test(core_place, a_switch_that_takes_nothing_back_has_the_call_at_once)
{
    struct core_world *world = begin(routes(TYPE_PLACE, "porter", 1, false), no_way_back);
    arrives(world, CALL);
    route_used(world, CALL, "6003", route_how_instructed);
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    claimed_are(world, "--t");
    world_forget(world);
    world_advance(world, 60000000);
    expect(world, "");
    deleted(world, CALL);
    claimed_are(world, "---");
    world_end(world);
}

Test(core_place, an_image_of_an_older_compiler_waits_for_nothing_and_claims_nothing)
{
    struct core_world *world = begin(routes(TYPE_PLACE, "porter", 0, false), caps);
    arrives(world, CALL);
    arrives(world, OTHER);
    expect(world, "RequestRouteCall 6003\nRequestRouteCall 6003\n");
    claimed_are(world, "---");
    route_used(world, CALL, "6003", route_how_instructed);
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    deleted(world, CALL);
    deleted(world, OTHER);
    world_end(world);
}

Test(core_place, who_is_logged_in_there_is_claimed_and_not_the_place)
{
    struct core_world *world = to_porter();
    agent(world, "marie", "6003", agent_state_ready);
    world_forget(world);
    arrives(world, CALL);
    expect(world, "RequestRouteCall 6003\n");
    claimed_are(world, "---");
    deleted(world, CALL);
    world_end(world);
}

Test(core_place, an_answer_while_the_link_was_away_is_seen_when_it_is_back)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 3, false), caps);
    arrives(world, CALL);
    rings(world, CALL, "6001");
    claimed_are(world, "rrr");
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
    writer_text(writer, Party_dn, "6002");
    writer_u(writer, Party_role, party_role_device);
    writer_u(writer, Party_change, party_change_Established);
    writer_record_end(writer);
    writer_list_end(writer);
    world_post(world);
    resync(world, false);
    claimed_are(world, "-t-");
    cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
    deleted(world, CALL);
    world_end(world);
}

Test(core_place, of_a_group_the_first_to_answer_has_the_call_and_the_others_are_free)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 3, false), caps);
    arrives(world, CALL);
    expect(world, "RequestRouteCall 6001\n");
    leaves(world, CALL, "6002", party_change_Diverted, cause_busy);
    claimed_are(world, "rrr"); /* that is a report of an earlier leg */
    rings(world, CALL, "6001");
    leaves(world, CALL, "6002", party_change_Diverted, cause_busy);
    claimed_are(world, "r-r");
    leaves(world, CALL, "6001", party_change_Diverted, cause_refused);
    claimed_are(world, "--r");
    party(world, CALL, "6003", NULL, party_role_device, party_change_Ringing);
    party(world, CALL, "6003", NULL, party_role_device, party_change_Established);
    claimed_are(world, "--t");
    leaves(world, CALL, "6001", party_change_Diverted, cause_redirected);
    const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL);
    cr_expect_eq(ix->owner, names_find(world->core->names, span_of("6003")));
    arrives(world, OTHER);
    claimed_are(world, "rrt");
    expect(world, "RequestRouteCall 6001\n");
    deleted(world, CALL);
    deleted(world, OTHER);
    claimed_are(world, "---");
    world_end(world);
}

Test(core_place, of_a_group_one_says_that_it_is_busy_and_the_others_ring_on)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 3, false), caps);
    arrives(world, CALL);
    rings(world, CALL, "6001");
    world_forget(world);
    leaves(world, CALL, "6001", party_change_DestinationBusy, cause_other);
    claimed_are(world, "-rr");
    leaves(world, CALL, "1800", party_change_DestinationBusy, cause_busy); /* none of those that ring */
    leaves(world, CALL, "6003", party_change_DestinationBusy, cause_busy);
    claimed_are(world, "-r-");
    expect(world, "");
    leaves(world, CALL, "6002", party_change_DestinationBusy, cause_busy);
    expect(world, "RequestCallControl pull_back 6001\n");
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    expect(world, "RequestCallControl disconnect 1800\n");
    claimed_are(world, "---");
    deleted(world, CALL);
    world_end(world);
}

Test(core_place, a_call_that_comes_back_rings_nowhere)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 2, false), caps);
    arrives(world, CALL);
    rings(world, CALL, "6001");
    party(world, CALL, "6002", NULL, party_role_device, party_change_Ringing);
    world_forget(world);
    route_request(world, CALL, 0);
    expect(world, "RequestCallControl disconnect 1800\n");
    claimed_are(world, "---");
    cr_assert_eq(interaction_by_conn(world->core->interactions, CALL)->parties, PARTY_NONE);
    deleted(world, CALL);
    world_end(world);
}

Test(core_place, one_that_stops_ringing_without_being_busy_is_not_put_behind_the_others)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 2, true), caps);
    arrives(world, CALL);
    world_advance(world, 1000000);
    expect(world, "RequestRouteCall 6001\n");
    rings(world, CALL, "6001");
    leaves(world, CALL, "6001", party_change_Diverted, cause_other);
    claimed_are(world, "-r-");
    world_advance(world, 10000000);
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    world_forget(world);
    world_advance(world, 1000000);
    expect(world, "RequestRouteCall 6001\n");
    claimed_are(world, "r-r");
    deleted(world, CALL);
    world_end(world);
}

Test(core_place, a_link_that_rings_one_telephone_at_a_time_fails)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 2, false), one_alone);
    arrives(world, CALL);
    expect(world, "RequestCallControl disconnect 1800\n");
    claimed_are(world, "---");
    deleted(world, CALL);
    world_end(world);
}

/* By a strategy that tries again: each once, before one again. */
Test(core_place, those_that_rang_in_vain_come_after_the_others)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 1, true), one_alone);
    static const char *const order[] = {"6001", "6002", "6003", "6001"};
    arrives(world, CALL);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        char line[40];
        world_advance(world, 1000000);
        (void)snprintf(line, sizeof line, "RequestRouteCall %s\n", order[i]);
        expect(world, line);
        if (i == 1) {
            done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_busy);
            continue;
        }
        rings(world, CALL, order[i]);
        world_advance(world, 10000000);
        route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
        world_forget(world);
    }
    deleted(world, CALL);
    world_end(world);
}

Test(core_place, those_with_an_agent_or_another_call_are_left_out_and_it_is_said)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 1, false), caps);
    agent(world, "marie", "6001", agent_state_not_ready);
    world_forget(world);
    arrives(world, CALL);
    arrives(world, OTHER);
    expect(world, "RequestRouteCall 6002\nRequestRouteCall 6003\n");
    claimed_are(world, "-rr");
    cr_expect_eq(total_of(world->core->totals, FACT_place_left_out), 3);
    arrives(world, THIRD); /* all are taken */
    expect(world, "RequestCallControl disconnect 1800\n");
    deleted(world, CALL);
    deleted(world, OTHER);
    deleted(world, THIRD);
    world_end(world);
}

/* The agent who has logged in meanwhile is held by the call that rings there, and is free when it is back. */
Test(core_place, an_agent_who_logs_in_where_it_rings_is_free_when_the_call_is_back)
{
    struct core_world *world = to_porter();
    uint32_t marie;
    arrives(world, CALL);
    route_used(world, CALL, "6003", route_how_instructed);
    agent(world, "marie", "6003", agent_state_ready);
    party(world, CALL, "6003", "marie", party_role_agent, party_change_Ringing);
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("marie")), &marie));
    cr_expect_neq(agent_at(world->core->agents, marie)->claims, CLAIM_NONE);
    world_advance(world, 10000000);
    world_forget(world);
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    expect(world, "RequestCallControl disconnect 1800\n");
    claimed_are(world, "---");
    cr_expect_eq(agent_at(world->core->agents, marie)->claims, CLAIM_NONE);
    deleted(world, CALL);
    world_end(world);
}

/* The switch reports a call whose porter hung up while the link was away. */
Test(core_place, who_has_left_while_the_link_was_away_has_the_place_no_more)
{
    struct core_world *world = to_porter();
    arrives(world, CALL);
    rings(world, CALL, "6003");
    party(world, CALL, "6003", NULL, party_role_device, party_change_Established);
    claimed_are(world, "--t");
    link_down(world);
    link_up(world, caps);
    resync(world, true);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "6009");
    writer_list_begin(writer, Observed_parties);
    writer_record_begin(writer);
    writer_text(writer, Party_dn, "6009");
    writer_u(writer, Party_role, party_role_device);
    writer_u(writer, Party_change, party_change_Established);
    writer_record_end(writer);
    writer_list_end(writer);
    world_post(world);
    resync(world, false);
    claimed_are(world, "---");
    deleted(world, CALL);
    world_end(world);
}

/* Two calls ring no telephone, however the second one comes there. */
Test(core_place, an_agent_who_logs_in_where_a_call_is_gets_no_second_one)
{
    for (unsigned talks = 0; talks < 2; talks++) {
        struct core_world *world = to_porter();
        arrives(world, CALL);
        rings(world, CALL, "6003");
        if (talks) party(world, CALL, "6003", NULL, party_role_device, party_change_Established);
        agent(world, "marie", "6003", agent_state_ready);
        world_forget(world);
        arrives(world, OTHER);
        expect(world, "RequestCallControl disconnect 1800\n");
        deleted(world, CALL);
        world_advance(world, 60000000);
        world_forget(world);
        arrives(world, THIRD);
        expect(world, "RequestRouteCall 6003\n");
        deleted(world, OTHER);
        deleted(world, THIRD);
        world_end(world);
    }
}

/* ---- agents who log in or out at a telephone that a call has ---- */

/* The number of calls for which marie is claimed. */
static unsigned marie_has(const struct core_world *world)
{
    uint32_t agent;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("marie")), &agent));
    return agent_at(world->core->agents, agent)->claimed;
}

Test(core_place, who_logs_in_at_a_telephone_that_talks_has_that_call)
{
    for (unsigned told = 0; told < 2; told++) { /* by the switch: that it rings, and who talks */
        struct core_world *world = begin(routes(TYPE_PLACE, "porter", 1, false), told ? caps : no_way_back);
        arrives(world, CALL);
        route_used(world, CALL, "6003", route_how_instructed);
        if (told) party(world, CALL, "6003", NULL, party_role_device, party_change_Established);
        claimed_are(world, "--t");
        agent(world, "marie", "6003", agent_state_ready);
        cr_expect_eq(marie_has(world), 1u);
        agent(world, "marie", "6003", agent_state_ready);
        cr_expect_eq(marie_has(world), 1u);
        arrives(world, OTHER);
        claimed_are(world, "--t");
        cr_expect_eq(marie_has(world), 1u, "no second call");
        leaves(world, CALL, "6003", party_change_Released, cause_ok);
        cr_expect_eq(marie_has(world), 0u);
        claimed_are(world, "---");
        deleted(world, CALL);
        deleted(world, OTHER);
        world_end(world);
    }
}

/* A place is one caller's, also if it has two telephones. */
Test(core_place, who_logs_in_at_the_second_telephone_of_a_place_gets_no_call_beside_its_first_one)
{
    struct core_world *world = to_porter();
    directory(world, table_dn, "6004", (const char *const[]){"number", "6004", NULL});
    directory(world, table_place_dn, "6004", (const char *const[]){"dn", "6004", "place", "porter", NULL});
    commit(world, false);
    arrives(world, CALL);
    rings(world, CALL, "6003");
    party(world, CALL, "6003", NULL, party_role_device, party_change_Established);
    agent(world, "marie", "6004", agent_state_ready);
    world_forget(world);
    arrives(world, OTHER);
    expect(world, "RequestCallControl disconnect 1800\n");
    cr_expect_eq(marie_has(world), 0u);
    leaves(world, CALL, "6003", party_change_Released, cause_ok);
    world_advance(world, 60000000);
    world_forget(world);
    arrives(world, THIRD);
    expect(world, "RequestRouteCall 6004\n");
    deleted(world, CALL);
    deleted(world, OTHER);
    deleted(world, THIRD);
    world_end(world);
}

Test(core_place, who_logs_in_at_a_telephone_that_rings_gets_no_second_call)
{
    enum { ASKED, RINGS, ANSWERS, CASES };
    for (unsigned at = ASKED; at < CASES; at++) {
        struct core_world *world = to_porter();
        arrives(world, CALL);
        if (at != ASKED) rings(world, CALL, "6003");
        agent(world, "marie", "6003", agent_state_ready);
        cr_expect_eq(marie_has(world), 1u);
        if (at == ASKED) {
            done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_busy);
        } else if (at == RINGS) {
            world_advance(world, 10000000);
            route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
        } else {
            party(world, CALL, "6003", "marie", party_role_agent, party_change_Established);
            cr_expect_eq(total_of(world->core->totals, FACT_routed), 1);
            cr_expect_eq(marie_has(world), 1u);
            leaves(world, CALL, "6003", party_change_Released, cause_ok);
        }
        cr_expect_eq(marie_has(world), 0u, "case %u", at);
        claimed_are(world, "---");
        deleted(world, CALL);
        world_end(world);
    }
}

Test(core_place, of_several_that_ring_the_one_with_an_agent_is_free_when_another_has_answered)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 3, false), caps);
    arrives(world, CALL);
    rings(world, CALL, "6001");
    party(world, CALL, "6002", NULL, party_role_device, party_change_Ringing);
    agent(world, "marie", "6002", agent_state_ready);
    cr_expect_eq(marie_has(world), 1u);
    party(world, CALL, "6003", NULL, party_role_device, party_change_Established);
    cr_expect_eq(marie_has(world), 0u);
    claimed_are(world, "--t");
    deleted(world, CALL);
    world_end(world);
}

/* The switch has not told that the telephone rings, and tells that it cannot. */
Test(core_place, who_logs_in_at_a_telephone_that_cannot_ring_is_free_at_once)
{
    struct core_world *world = begin(routes(TYPE_GROUP, "watch", 3, false), caps);
    arrives(world, CALL);
    rings(world, CALL, "6001");
    agent(world, "marie", "6002", agent_state_ready);
    cr_expect_eq(marie_has(world), 1u);
    leaves(world, CALL, "6002", party_change_Diverted, cause_busy);
    cr_expect_eq(marie_has(world), 0u);
    claimed_are(world, "r-r");
    deleted(world, CALL);
    world_end(world);
}

Test(core_place, who_logs_out_and_talks_on_has_the_telephone)
{
    struct core_world *world = to_porter();
    agent(world, "marie", "6003", agent_state_ready);
    arrives(world, CALL);
    route_used(world, CALL, "6003", route_how_instructed);
    party(world, CALL, "6003", "marie", party_role_agent, party_change_Established);
    claimed_are(world, "---");
    agent(world, "marie", "6003", agent_state_logged_out);
    claimed_are(world, "--t");
    world_forget(world);
    arrives(world, OTHER);
    expect(world, "RequestCallControl disconnect 1800\n");
    leaves(world, CALL, "6003", party_change_Released, cause_ok);
    claimed_are(world, "---");
    cr_expect_eq(marie_has(world), 0u);
    deleted(world, CALL);
    deleted(world, OTHER);
    world_end(world);
}

/* ---- any order: a switch that does as it is told, and people ---- */

static uint64_t drawn(uint64_t *seed, uint64_t below)
{
    return table_mix64(++*seed) % below;
}

/* The switch's next word about a call that is routed. */
static void switch_says(struct core_world *world, uint64_t conn, uint64_t *seed)
{
    const struct interaction *ix = interaction_by_conn(world->core->interactions, conn);
    if (ix->route_phase == ROUTE_ASKED) {
        char to[32];
        struct span name = core_name(world->core, ix->route_to);
        (void)snprintf(to, sizeof to, "%.*s", (int)name.length, (const char *)name.bytes);
        if (drawn(seed, 6) == 0)
            done(world, ix->id, world->last_ref[KIND_RequestRouteCall], outcome_error, code_busy);
        else
            route_used(world, conn, to, route_how_instructed);
    } else if (ix->route_phase == ROUTE_PULLING && drawn(seed, 3) == 0) {
        if (drawn(seed, 3) == 0)
            done(world, ix->id, world->last_ref[KIND_RequestCallControl], outcome_error, code_invalid_state);
        else
            route_request(world, conn, world->last_ref[KIND_RequestCallControl]);
    } else {
        static const enum party_change changes[] = {party_change_Ringing,     party_change_Ringing,
                                                    party_change_Diverted,    party_change_Released,
                                                    party_change_Established, party_change_DestinationBusy};
        static const enum cause causes[] = {cause_ok, cause_busy, cause_refused, cause_no_answer};
        unsigned who = (unsigned)drawn(seed, PLACES);
        uint32_t dn = names_find(world->core->names, span_of(dns[who]));
        if (place_claim_of(world->core->place_claims, ix, dn) == PLACE_CLAIM_NONE) return;
        enum party_change change = changes[drawn(seed, 6)];
        if (change != party_change_Ringing && change != party_change_Established)
            leaves(world, conn, dns[who], change, causes[drawn(seed, 4)]);
        else
            party(world, conn, dns[who], NULL, party_role_device, change);
    }
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
    resync(world, false);
}

/* A place rings only for a call that is on its way there, and what is over holds none. */
static void no_place_has_two(const struct core_world *world, unsigned round, unsigned step)
{
    const struct place_claims *claims = world->core->place_claims;
    uint32_t held = 0;
    for (uint64_t call = 0; call < CALLS; call++) {
        const struct interaction *ix = interaction_by_conn(world->core->interactions, CALL + call);
        bool under_way = ix && ix->running && ix->route_phase >= ROUTE_ASKED && ix->route_phase <= ROUTE_PULLING;
        unsigned ring = 0, talk = 0;
        for (unsigned i = 0; ix && i < PLACES; i++) {
            uint32_t row = place_claim_of(claims, ix, names_find(world->core->names, span_of(dns[i])));
            if (row == PLACE_CLAIM_NONE) continue;
            held++;
            ring += !claims->all[row].talks;
            talk += claims->all[row].talks;
        }
        cr_assert(ring == 0 || under_way, "round %u, step %u: call %u rings and is not routed", round, step,
                  (unsigned)call);
        cr_assert(talk <= 1 && (talk == 0 || ring == 0), "round %u, step %u", round, step);
    }
    cr_assert_eq(held, claims->by_place.count, "round %u, step %u: what has ended holds a place", round, step);
}

Test(core_place, whatever_happens_no_place_has_two_calls_and_none_is_held_for_nothing)
{
    uint64_t routed = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t seed = (drawn_from() + round) * 104729 + 1;
        struct core_status status;
        struct core_world *world = begin(routes(TYPE_GROUP, "watch", 1 + round % 3, true), caps);
        for (unsigned step = 0; step < STEPS; step++) {
            uint64_t conn = CALL + drawn(&seed, CALLS);
            const struct interaction *ix = interaction_by_conn(world->core->interactions, conn);
            switch (drawn(&seed, 12)) {
            case 0:
                if (drawn(&seed, 10) == 0) link_fault(world, &seed);
                break;
            case 1:
                if (drawn(&seed, 4) == 0) {
                    static const enum agent_state states[] = {agent_state_ready, agent_state_not_ready,
                                                              agent_state_logged_out, agent_state_logged_out};
                    agent(world, "marie", "6001", states[drawn(&seed, 4)]);
                }
                break;
            case 2:
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
            no_place_has_two(world, round, step);
        }
        core_status(world->core, &status);
        routed += status.routed;
        link_up(world, caps);
        resync(world, true);
        resync(world, false);
        world_advance(world, UINT64_C(3) * 86400 * 1000000);
        cr_assert_eq(world->core->agents->claimed, 0u, "an agent is claimed for nothing");
        core_status(world->core, &status);
        cr_assert_eq(status.interactions, 0u);
        claimed_are(world, "---");
        world_end(world);
    }
    cr_assert(routed > ROUNDS);
}
