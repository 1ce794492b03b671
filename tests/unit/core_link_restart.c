/* tests/unit/core_link_restart.c - A core that begins anew before its links are back: after a crash, and with a journal
 * that was put back. */
#include <criterion/criterion.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/link_observed.h"

TestSuite(core_link_restart, .timeout = 30);

/* The first event of the next process, and what it says of the time between. */
static void recover(struct core_world *world, int64_t gap_us)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_Recovered, 0, 0, 0);
    writer_i(writer, Recovered_gap, gap_us);
    world_post(world);
    world_advance(world, (uint64_t)gap_us);
}

Test(core_link_restart, what_fell_due_while_the_core_was_away_waits_for_the_resync)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    uint32_t music = world->last_ref[KIND_RequestApplyTreatment];
    world_forget(world);
    recover(world, 600000000); /* much more than the selection's three minutes */
    world_advance(world, 1000000);
    expect(world, "");
    cr_assert_eq(status_of(world).waiting, 1u);
    link_up(world, all_caps);
    observe_call(world, CALL, true, music);
    expect(world, "Configure 1800 active\nResync\nRestore\n");
    resync(world, false);
    world_advance(world, 1000000);
    expect(world, "RequestRouteCall 5000\n"); /* the selection was to be looked at first: its time is over */
    cr_assert_eq(status_of(world).waiting, 0u);
    cr_assert_eq(world_replayed_digest(world), core_digest(world->core));
    world_free(world);
}

Test(core_link_restart, who_waited_is_served_after_the_resync_with_the_age_of_all_that_time)
{
    struct core_world *world = world_new();
    agent(world, "jean", "7003", agent_state_not_ready); /* French 5: after 20 s */
    call_until_selection(world, CALL, "2", "gold");
    uint32_t music = world->last_ref[KIND_RequestApplyTreatment];
    recover(world, 25000000);
    link_up(world, all_caps);
    observe_agent(world, "jean", "7003", agent_state_ready);
    observe_call(world, CALL, true, music);
    world_forget(world);
    resync(world, false);
    expect(world, "RequestRouteCall 7003\n");
    world_free(world);
}

Test(core_link_restart, a_claim_outlives_the_absence_until_the_resync_tells_what_became_of_it)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "gold");
    recover(world, 600000000);
    cr_assert_eq(status_of(world).claims, 1u);
    link_up(world, all_caps);
    observe_agent(world, "marie", "7001", agent_state_ready);
    resync(world, false); /* the call is gone */
    world_advance(world, 1000000);
    cr_assert_eq(status_of(world).claims, 0u);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_free(world);
}

Test(core_link_restart, a_link_that_does_not_come_back_after_a_recovery_is_lost)
{
    struct core_world *world = world_new();
    call_until_selection(world, CALL, "2", "gold");
    recover(world, 3000000);
    world_advance(world, 14000000);
    cr_assert_eq(status_of(world).waiting, 1u);
    world_advance(world, 2000000);
    cr_assert_eq(status_of(world).waiting, 0u);
    world_free(world);
}

Test(core_link_restart, a_query_under_way_is_asked_again_by_the_next_process)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    treatment_end(world, CALL, "4711");
    treatment_end(world, CALL, "2");
    uint32_t query = world->last_ref[KIND_Query];
    cr_assert_neq(query, 0);
    world_forget(world);
    recover(world, 0);
    expect(world, "Query customers\n");
    cr_assert_eq(world->last_ref[KIND_Query], query);
    customer(world, "Dupont", "gold", "French");
    cr_assert_eq(status_of(world).waiting, 1u);
    world_free(world);
}

/* By the medium, what the link says that it can do: does it hear what lives in a core that was put back? */
Test(core_link_restart, a_core_that_was_put_back_names_what_lives_to_who_wants_to_know)
{
    static const struct {
        enum media medium;
        const char *word;
        bool told;
    } rows[] = {{media_email, "mail", true}, {media_sms, "lives", true}, {media_mms, "lives", true},
                {media_sms, "mail", false},  {media_sms, "ends", false}, {media_email, "lives", false}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const caps[] = {"stateless", rows[i].word, NULL};
        struct core_world *world = world_new();
        world->earlier = world->image;
        world->image = program_serving(&(struct serving_program){.media = 1u << rows[i].medium});
        activate(world, "mail");
        world->client = world->req = 5;
        struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
        writer_u(writer, Submit_media, rows[i].medium);
        writer_text(writer, Submit_external_id, "1");
        writer_text(writer, Submit_queue, "mail");
        world_post(world);
        world->client = 0;
        cr_assert_eq(status_of(world).interactions, 1u);
        world_restored(world, 1); /* its batches have this number */
        world_forget(world);
        link_up(world, caps);
        resync(world, true);
        resync(world, false);
        cr_expect_eq(strstr(world->trace, "Restore\n") != NULL, rows[i].told, "%u: %s", i, world->trace);
        cr_assert_eq(core_digest(world->core), world_replayed_digest(world));
        world_free(world);
    }
}

static void restored(struct core_world *world, uint64_t second)
{
    world_restored(world, second);
    link_up(world, all_caps);
}

Test(core_link_restart, after_a_restore_the_caller_whom_the_switch_plays_something_later_is_asked_anew)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    uint32_t asked = world->last_ref[KIND_RequestApplyTreatment];
    restored(world, 1800000000);
    world_forget(world);
    observe_call(world, CALL, true, asked + 6);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\nRestore\n");
    uint32_t anew = world->last_ref[KIND_RequestApplyTreatment];
    cr_assert_gt(anew, 1800000000u, "no ref that the lost batches may have given");
    resync(world, false);
    treatment(world, CALL, asked, treatment_change_End, "4711");
    expect(world, ""); /* of the one before */
    treatment(world, CALL, anew, treatment_change_End, "4711");
    expect(world, "EventAttachedDataChanged account\nRequestApplyTreatment PlayAnnouncementAndDigits language\n");
    cr_assert_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}

/* The link ignores data of a revision that is older than what it has heard. */
Test(core_link_restart, a_link_that_has_heard_of_later_data_hears_what_is_changed_after_a_restore)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    uint32_t asked = world->last_ref[KIND_RequestApplyTreatment];
    link_down(world);
    link_up(world, all_caps);
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, CALL);
    writer_u(writer, Observed_what, object_call);
    writer_u(writer, Observed_media, media_voice);
    writer_text(writer, Observed_dn, "1800");
    writer_u(writer, Observed_revision, 1000);
    writer_u(writer, Observed_last_ref, asked);
    writer_u(writer, Observed_at_routing_point, true);
    world_post(world);
    cr_expect_geq(interaction_by_conn(world->core->interactions, CALL)->revision, 1000u);
    cr_assert_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}

/* Put back by hand, without a mark: the switch alone tells. */
Test(core_link_restart, a_switch_that_has_seen_more_than_the_core_has_asked_is_asked_anew)
{
    struct core_world *world = world_new();
    created(world, CALL);
    route_request(world, CALL, 0);
    uint32_t asked = world->last_ref[KIND_RequestApplyTreatment];
    link_down(world);
    link_up(world, all_caps);
    world_forget(world);
    observe_call(world, CALL, true, asked + 6);
    expect(world, "RequestApplyTreatment PlayAnnouncementAndDigits account_number\nRestore\n");
    cr_assert_gt(world->last_ref[KIND_RequestApplyTreatment], asked + 6);
    cr_assert_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}

Test(core_link_restart, after_a_restore_no_id_is_given_that_was_given_before_it)
{
    struct core_world *world = world_new();
    struct interaction_row row;
    restored(world, 1800000000);
    resync(world, false);
    created(world, CALL);
    cr_assert(core_find(world->core, CALL, &row));
    cr_assert_eq(row.ixn & 0xffffffffffff, (UINT64_C(1800000000) << 16) + 1);
    restored(world, 1800000100);
    resync(world, false);
    created(world, OTHER);
    cr_assert(core_find(world->core, OTHER, &row));
    cr_assert_eq(row.ixn & 0xffffffffffff, (UINT64_C(1800000100) << 16) + 1);
    cr_assert_eq(core_digest(world->core), world_replayed_digest(world));
    world_free(world);
}
