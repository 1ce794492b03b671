/* Calls to agents of another switch: the hand-over, whatever order the two links tell in, and whatever is told. */
#include <criterion/criterion.h>

#include "vm/steps.h"
#include "tests/unit/core_fixture.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/rows.h"

enum { FAR = LINK + 1, FAR_CALL = 0x0011000010000001, FAR_OTHER = 0x0011000010000002 };

static const char *const cross_caps[] = {"calls", "treatments", "pull_back", "set_agent", NULL};

/* Olga is at the far switch, and ready. */
static struct core_world *cross_begin_world(const char *types)
{
    struct core_world *world = world_new();
    world_run(world, program_serving(&(struct serving_program){.media = 1u << media_voice, .answer_s = 30}));
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, FAR);
    writer_text(writer, LinkUp_name, "far");
    writer_list_begin(writer, LinkUp_caps);
    for (unsigned i = 0; cross_caps[i]; i++) writer_list_text(writer, span_of(cross_caps[i]));
    writer_list_end(writer);
    world_post(world);
    world_event(world, FAR, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, FAR, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
    directory(
        world, table_access, "tserver/far",
        (const char *const[]){"from", "tserver", "to", "far", "code", "98", "types", types, "points", "1990", NULL});
    commit(world, false);
    writer = world_event(world, FAR, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "olga");
    writer_text(writer, EventAgentState_dn, "7004");
    writer_u(writer, EventAgentState_state, agent_state_ready);
    world_post(world);
    world_forget(world);
    created(world, CALL);
    route_request(world, CALL, 0);
    return world;
}

static struct core_status status_of(const struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status;
}

static void far_created(struct core_world *world, uint64_t conn, const char *dnis, uint64_t brought)
{
    struct writer *writer = world_event(world, FAR, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_text(writer, EventCallCreated_ani, "+33145550101");
    writer_text(writer, EventCallCreated_dnis, dnis);
    writer_u(writer, EventCallCreated_correlator, brought);
    world_post(world);
}

static void far_request(struct core_world *world, uint64_t conn)
{
    writer_text(world_event(world, FAR, KIND_EventRouteRequest, 0, 0, conn), EventRouteRequest_dn, "1990");
    world_post(world);
}

static void far_used(struct core_world *world, uint64_t conn)
{
    struct writer *writer = world_event(world, FAR, KIND_EventRouteUsed, 0, 0, conn);
    writer_text(writer, EventRouteUsed_dn, "1990");
    writer_text(writer, EventRouteUsed_to, "7004");
    writer_u(writer, EventRouteUsed_how, route_how_instructed);
    world_post(world);
}

static void far_party(struct core_world *world, uint64_t conn, enum party_change change)
{
    struct writer *writer = world_event(world, FAR, KIND_EventParty, 0, 0, conn);
    writer_text(writer, EventParty_dn, "7004");
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, party_role_agent);
    writer_text(writer, EventParty_agent, "olga");
    world_post(world);
}

static void far_deleted(struct core_world *world, uint64_t conn)
{
    writer_u(world_event(world, FAR, KIND_EventCallDeleted, 0, 0, conn), EventCallDeleted_cause, cause_ok);
    world_post(world);
}

static const struct interaction *the_call(const struct core_world *world)
{
    return interaction_at(world->core->interactions, world->core->interactions->first);
}

static void olga_has_it(struct core_world *world, uint64_t conn)
{
    far_party(world, conn, party_change_Ringing);
    far_party(world, conn, party_change_Established);
    cr_expect_eq(the_call(world)->state, (unsigned)IX_HANDLING);
    cr_expect_eq(the_call(world)->conn, conn);
    cr_expect_eq(world->core->interactions->live, 1u);
}

static void both_end(struct core_world *world, uint64_t conn)
{
    far_deleted(world, conn);
    deleted(world, CALL);
    cr_expect_eq(world->core->interactions->live, 0u);
    expect(world, "");
    world_end(world);
}

Test(core_cross, by_a_point_in_whatever_order_the_links_tell)
{
    for (int late = 0; late < 6; late++) {
        const char *const arrives =
            late < 3 ? "1990" : "981990"; /* the code is taken away, or the point has an alias */
        struct core_world *world = cross_begin_world("point");
        expect(world, "RequestRouteCall 981990\n");
        if (late % 3 == 0) route_used(world, CALL, "981990", route_how_instructed);
        far_created(world, FAR_CALL, arrives, 0);
        if (late % 3 == 1) route_used(world, CALL, "981990", route_how_instructed);
        expect(world, "Restore\n");
        far_request(world, FAR_CALL);
        if (late % 3 == 2) route_used(world, CALL, "981990", route_how_instructed);
        expect(world, "RequestRouteCall 7004\n");
        far_used(world, FAR_CALL);
        olga_has_it(world, FAR_CALL);
        both_end(world, FAR_CALL);
    }
}

Test(core_cross, a_call_that_does_not_come_is_pulled_back_and_its_point_rests)
{
    struct core_world *world = cross_begin_world("point");
    route_used(world, CALL, "981990", route_how_instructed);
    world_forget(world);
    world_advance(world, 10000001);
    expect(world, "RequestCallControl pull_back 981990\n");
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    cr_expect_eq(status_of(world).hand_overs_failed, 1u);
    world_forget(world);
    far_created(world, FAR_CALL, "1990", 0); /* too late */
    cr_expect_eq(world->core->interactions->live, 2u);
    far_deleted(world, FAR_CALL);
    deleted(world, CALL);
    world_forget(world);
    world_end(world);
}

Test(core_cross, the_next_route_type_is_tried_where_the_first_is_refused)
{
    struct core_world *world = cross_begin_world("direct,point");
    expect(world, "RequestRouteCall 987004\n");
    done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code_no_circuit);
    expect(world, "RequestRouteCall 981990\n");
    directory(world, table_access, "west/far",
              (const char *const[]){"from", "west", "to", "far", "code", "97", "types", "point", "points",
                                    "1990,971990", NULL});
    commit(world, false);
    far_created(world, FAR_OTHER, "971990", 0); /* somebody else's: this one was not sent from there */
    cr_expect_eq(world->core->interactions->live, 2u);
    far_deleted(world, FAR_OTHER);
    world_forget(world);
    far_created(world, FAR_CALL, "981990", CALL); /* and brings the ConnID all the same */
    far_request(world, FAR_CALL);
    far_used(world, FAR_CALL);
    olga_has_it(world, FAR_CALL);
    world_forget(world);
    both_end(world, FAR_CALL);
}

Test(core_cross, a_call_is_told_by_its_connid_and_by_no_other)
{
    struct core_world *world = cross_begin_world("direct");
    route_used(world, CALL, "987004", route_how_instructed);
    far_created(world, FAR_OTHER, "7004", OTHER); /* another's */
    cr_expect_eq(world->core->interactions->live, 2u);
    far_created(world, FAR_CALL, "7004", CALL);
    cr_expect_eq(world->core->interactions->live, 2u);
    far_deleted(world, FAR_OTHER);
    olga_has_it(world, FAR_CALL);
    far_created(world, FAR_OTHER + 1, "7004", CALL); /* the same once more */
    cr_expect_eq(world->core->interactions->live, 2u);
    far_deleted(world, FAR_OTHER + 1);
    world_forget(world);
    both_end(world, FAR_CALL);
}

Test(core_cross, who_does_not_answer_gives_the_call_back_to_where_it_came_from)
{
    struct core_world *world = cross_begin_world("direct");
    route_used(world, CALL, "987004", route_how_instructed);
    far_created(world, FAR_CALL, "7004", CALL);
    far_party(world, FAR_CALL, party_change_Ringing);
    world_forget(world);
    world_advance(world, 30000001);
    expect(world, "RequestCallControl pull_back 987004\n");
    route_request(world, CALL, world->last_ref[KIND_RequestCallControl]);
    cr_expect_eq(world->core->interactions->live, 1u);
    far_party(world, FAR_CALL, party_change_Released);
    far_deleted(world, FAR_CALL);
    cr_expect_eq(world->core->interactions->live, 1u);
    world_forget(world);
    deleted(world, CALL);
    world_end(world);
}

Test(core_cross, a_restarted_adapter_observes_the_call_that_has_come)
{
    struct core_world *world = cross_begin_world("point");
    route_used(world, CALL, "981990", route_how_instructed);
    world_forget(world);
    struct writer *writer = world_event(world, FAR, KIND_Observed, 0, 0, FAR_CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1990");
    writer_u(writer, Observed_at_routing_point, 1);
    world_post(world);
    expect(world, "RequestRouteCall 7004\nRestore\n");
    far_used(world, FAR_CALL);
    olga_has_it(world, FAR_CALL);
    world_forget(world);
    both_end(world, FAR_CALL);
}

/* Olga sends a call across: the two switches tell in either order. */
Test(core_cross, a_call_that_a_person_sends_across_is_one_call)
{
    for (int late = 0; late < 2; late++) {
        struct core_world *world = cross_begin_world("direct");
        route_used(world, CALL, "987004", route_how_instructed);
        far_created(world, FAR_CALL, "7004", CALL);
        olga_has_it(world, FAR_CALL);
        world_forget(world);
        directory(world, table_access, "far/tserver",
                  (const char *const[]){"from", "far", "to", "tserver", "code", "97", "types", "direct", NULL});
        commit(world, false);
        world_forget(world);
        far_party(world, FAR_CALL, party_change_Released);
        for (int step = 0; step < 2; step++) {
            if (step == late) {
                struct writer *writer = world_event(world, FAR, KIND_EventParty, 0, 0, FAR_CALL);
                writer_text(writer, EventParty_dn, "971800");
                writer_u(writer, EventParty_change, party_change_Ringing);
                world_post(world);
            } else {
                struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, OTHER);
                writer_u(writer, EventCallCreated_media, media_voice);
                writer_text(writer, EventCallCreated_dnis, "1800");
                writer_u(writer, EventCallCreated_correlator, FAR_CALL);
                world_post(world);
            }
        }
        cr_expect_eq(world->core->interactions->live, 1u);
        cr_expect_eq(the_call(world)->conn, (uint64_t)OTHER);
        world_forget(world);
        deleted(world, OTHER);
        far_deleted(world, FAR_CALL);
        deleted(world, CALL);
        cr_expect_eq(world->core->interactions->live, 0u);
        world_end(world);
    }
}

/* Olga asks whoever is at that number about her call. */
static void far_asks(struct core_world *world, const char *dn)
{
    struct writer *writer = world_event(world, FAR, KIND_EventCallCreated, 0, 0, FAR_OTHER);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call_type_consult);
    writer_conn(writer, EventCallCreated_prev_conn, FAR_CALL);
    world_post(world);
    writer = world_event(world, FAR, KIND_EventParty, 0, 0, FAR_OTHER);
    writer_text(writer, EventParty_dn, dn);
    writer_u(writer, EventParty_change, party_change_Ringing);
    world_post(world);
}

/* Olga asks Marie, who is at the switch where the call came from, and makes a conference. */
Test(core_cross, a_conference_goes_on_with_whoever_stays)
{
    for (int olga = 0; olga < 2; olga++) {
        struct core_world *world = cross_begin_world("direct");
        agent(world, "marie", "7001", agent_state_ready);
        route_used(world, CALL, "987004", route_how_instructed);
        far_created(world, FAR_CALL, "7004", CALL);
        olga_has_it(world, FAR_CALL);
        directory(world, table_access, "far/tserver",
                  (const char *const[]){"from", "far", "to", "tserver", "code", "97", "types", "direct", NULL});
        commit(world, false);
        uint64_t id = the_call(world)->id;
        far_party(world, FAR_CALL, party_change_Held);
        far_asks(world, "977001");
        struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, OTHER);
        writer_u(writer, EventCallCreated_media, media_voice);
        writer_text(writer, EventCallCreated_dnis, "7001");
        writer_u(writer, EventCallCreated_correlator, FAR_CALL);
        world_post(world);
        party(world, OTHER, "7001", "marie", party_role_agent, party_change_Established);
        cr_expect_eq(world->core->interactions->live, 2u);
        writer = world_event(world, FAR, KIND_EventPartyChanged, 0, 0, FAR_CALL);
        writer_conn(writer, EventPartyChanged_prev_conn, FAR_OTHER);
        writer_u(writer, EventPartyChanged_how, party_how_conference);
        world_post(world);
        far_party(world, FAR_CALL, party_change_Retrieved);
        far_deleted(world, FAR_OTHER);
        cr_assert_eq(world->core->interactions->live, 1u);
        cr_expect_eq(the_call(world)->conn, (uint64_t)OTHER);
        if (olga == 0) {
            far_party(world, FAR_CALL, party_change_Released);
        } else {
            party(world, OTHER, "7001", "marie", party_role_agent, party_change_Released);
            deleted(world, OTHER);
        }
        cr_assert_eq(world->core->interactions->live, 1u);
        cr_expect_eq(the_call(world)->id, id);
        cr_expect_eq(the_call(world)->conn, olga == 0 ? (uint64_t)OTHER : (uint64_t)FAR_CALL);
        cr_expect_eq(the_call(world)->state, (unsigned)IX_HANDLING);
        deleted(world, OTHER);
        far_deleted(world, FAR_CALL);
        deleted(world, CALL);
        cr_expect_eq(world->core->interactions->live, 0u);
        world_forget(world);
        world_end(world);
    }
}

/* Olga transfers a call to Marie, and the other switch tells of its leg when that is complete: in an event, in the
 * report of a resync, or never. */
Test(core_cross, a_transfer_that_is_complete_before_the_other_switch_tells_is_one_call)
{
    for (int told = 0; told < 3; told++) {
        struct core_world *world = cross_begin_world("direct");
        agent(world, "marie", "7001", agent_state_ready);
        route_used(world, CALL, "987004", route_how_instructed);
        far_created(world, FAR_CALL, "7004", CALL);
        olga_has_it(world, FAR_CALL);
        directory(world, table_access, "far/tserver",
                  (const char *const[]){"from", "far", "to", "tserver", "code", "97", "types", "direct", NULL});
        commit(world, false);
        uint64_t id = the_call(world)->id;
        far_party(world, FAR_CALL, party_change_Held);
        far_asks(world, "977001");
        struct writer *writer = world_event(world, FAR, KIND_EventPartyChanged, 0, 0, FAR_CALL);
        writer_conn(writer, EventPartyChanged_prev_conn, FAR_OTHER);
        writer_u(writer, EventPartyChanged_how, party_how_transfer);
        world_post(world);
        far_party(world, FAR_CALL, party_change_Released);
        far_deleted(world, FAR_OTHER);
        cr_assert_eq(world->core->interactions->live, 1u);
        if (told == 0) {
            writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, OTHER);
            writer_u(writer, EventCallCreated_media, media_voice);
            writer_text(writer, EventCallCreated_dnis, "7001");
            writer_u(writer, EventCallCreated_correlator, FAR_CALL);
            world_post(world);
        } else if (told == 1) {
            writer = world_event(world, LINK, KIND_Observed, 0, 0, OTHER);
            writer_u(writer, Observed_what, object_call);
            writer_u(writer, Observed_media, media_voice);
            writer_text(writer, Observed_dnis, "7001");
            writer_text(writer, Observed_dn, "7001");
            writer_u(writer, Observed_correlator, FAR_CALL);
            world_post(world);
        }
        cr_assert_eq(world->core->interactions->live, 1u);
        cr_expect_eq(the_call(world)->id, id);
        cr_expect_eq(the_call(world)->conn, told == 2 ? (uint64_t)FAR_CALL : (uint64_t)OTHER);
        if (told != 2) {
            party(world, OTHER, "7001", "marie", party_role_agent, party_change_Established);
            cr_expect_eq(the_call(world)->state, (unsigned)IX_HANDLING);
            deleted(world, OTHER);
        }
        far_deleted(world, FAR_CALL);
        deleted(world, CALL);
        cr_expect_eq(world->core->interactions->live, 0u);
        cr_expect_eq(status_of(world).claims, 0u);
        world_forget(world);
        world_end(world);
    }
}

/* The transfer is complete while the link of the switch where it is made is down: its report is of the call alone, at
 * the number that the consultation has dialled. */
Test(core_cross, a_transfer_that_its_switch_has_not_told_is_seen_in_its_report)
{
    struct core_world *world = cross_begin_world("direct");
    agent(world, "marie", "7001", agent_state_ready);
    route_used(world, CALL, "987004", route_how_instructed);
    far_created(world, FAR_CALL, "7004", CALL);
    olga_has_it(world, FAR_CALL);
    directory(world, table_access, "far/tserver",
              (const char *const[]){"from", "far", "to", "tserver", "code", "97", "types", "direct", NULL});
    commit(world, false);
    uint64_t id = the_call(world)->id;
    far_party(world, FAR_CALL, party_change_Held);
    far_asks(world, "977001");
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, OTHER);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_text(writer, EventCallCreated_dnis, "7001");
    writer_u(writer, EventCallCreated_correlator, FAR_CALL);
    world_post(world);
    party(world, OTHER, "7001", "marie", party_role_agent, party_change_Established);
    cr_assert_eq(world->core->interactions->live, 2u);
    world_event(world, FAR, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    writer = world_event(world, FAR, KIND_Observed, 0, 0, FAR_CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "977001");
    writer_list_begin(writer, Observed_parties);
    writer_record_begin(writer);
    writer_text(writer, Party_dn, "977001");
    writer_u(writer, Party_role, party_role_other);
    writer_u(writer, Party_change, party_change_Established);
    writer_record_end(writer);
    writer_list_end(writer);
    world_post(world);
    world_event(world, FAR, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
    cr_assert_eq(world->core->interactions->live, 1u);
    cr_expect_eq(the_call(world)->id, id);
    cr_expect_eq(the_call(world)->conn, (uint64_t)OTHER);
    cr_expect_eq(the_call(world)->state, (unsigned)IX_HANDLING);
    cr_expect_eq(status_of(world).claims, 1u); /* hers; Olga is free */
    deleted(world, OTHER);
    far_deleted(world, FAR_CALL);
    deleted(world, CALL);
    cr_expect_eq(world->core->interactions->live, 0u);
    cr_expect_eq(status_of(world).claims, 0u);
    world_forget(world);
    world_end(world);
}

/* A switch may give a ConnID again at once. The core believes the later call, whatever the earlier one claimed. */
Test(core_cross, a_connid_that_comes_again_with_another_call_is_the_later_calls)
{
    struct core_world *world = cross_begin_world("direct");
    created(world, CALL + 1);
    created(world, CALL + 2);
    far_created(world, FAR_CALL, "7004", CALL + 1);
    far_deleted(world, FAR_CALL);
    far_created(world, FAR_CALL, "7004", CALL + 2);
    far_deleted(world, FAR_CALL);
    world_end(world);
}
