/* tests/unit/core_link_desktop.c - Agents whose desktop was there when their link went: chosen once it is back. */
#include <criterion/criterion.h>

#include "runtime/vocabulary/events_agent.h"
#include "tests/unit/link_observed.h"

TestSuite(core_link_desktop, .timeout = 30);

enum { GRACE = 60000000 };

/* As an adapter with desktops says it: marie, whose desktop is there or away. */
static void observe_marie(struct core_world *world, bool desktop)
{
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, 0);
    writer_u(writer, Observed_what, object_agent);
    writer_text(writer, Observed_dn, "7001");
    writer_text(writer, Observed_agent, "marie");
    writer_u(writer, Observed_state, agent_state_ready);
    writer_u(writer, Observed_up, desktop);
    writer_i(writer, Observed_desktop_grace, desktop ? 0 : GRACE);
    world_post(world);
}

static void desktop(struct core_world *world, bool up)
{
    struct writer *writer = world_event(world, LINK, KIND_EventClient, 0, 0, 0);
    writer_u(writer, EventClient_up, up);
    writer_text(writer, EventClient_agent, "marie");
    world_post(world);
}

/* The adapter crashes, and the next one says what it finds. */
static void adapter_anew(struct core_world *world, bool with_desktop)
{
    link_down(world);
    link_up(world, all_caps);
    observe_marie(world, with_desktop);
    resync(world, false);
}

Test(core_link_desktop, who_had_a_desktop_is_not_chosen_until_it_is_back)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    desktop(world, true);
    call_until_selection(world, CALL, "3", "none");
    adapter_anew(world, false);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    world_advance(world, GRACE / 2);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    desktop(world, true);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_advance(world, GRACE);
    cr_assert_eq(status_of(world).agents_ready, 1u, "nothing is due any more");
    adapter_anew(world, true);
    cr_assert_eq(status_of(world).agents_ready, 1u, "it has come back before the link");
    world_end(world);
}

Test(core_link_desktop, who_never_had_a_desktop_is_chosen_after_the_resync)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    adapter_anew(world, false);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_end(world);
}

Test(core_link_desktop, whose_desktop_does_not_come_back_within_its_grace_is_logged_out)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    desktop(world, true);
    adapter_anew(world, false);
    world_forget(world);
    world_advance(world, GRACE);
    expect(world, "SetAgentState marie logged_out\n");
    cr_assert_eq(status_of(world).agents_logged_in, 0u);
    agent(world, "marie", "7001", agent_state_ready);
    cr_assert_eq(status_of(world).agents_ready, 1u, "a new login begins without a desktop");
    world_end(world);
}

Test(core_link_desktop, a_desktop_is_awaited_anew_where_the_link_is_lost_meanwhile)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    desktop(world, true);
    adapter_anew(world, false);
    world_advance(world, GRACE - 1000000);
    link_down(world);
    world_advance(world, 2000000);
    link_up(world, all_caps);
    observe_marie(world, false);
    resync(world, false);
    cr_assert_eq(status_of(world).agents_logged_in, 1u);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    desktop(world, true);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_end(world);
}

Test(core_link_desktop, a_desktop_that_goes_takes_its_agent_out_of_the_choice_at_once)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    uint64_t digest = status_of(world).digest;
    desktop(world, true);
    cr_assert_neq(status_of(world).digest, digest, "the digest tells a core with desktops from one without");
    desktop(world, false);
    cr_assert_eq(status_of(world).agents_ready, 0u);
    world_advance(world, 2 * GRACE);
    cr_assert_eq(status_of(world).agents_logged_in, 1u, "its T-Server logs it out");
    desktop(world, true);
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_end(world);
}

Test(core_link_desktop, whom_the_resync_does_not_name_logs_in_anew_without_a_desktop)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    desktop(world, true);
    adapter_anew(world, false);
    link_down(world);
    world_advance(world, 20000000); /* beyond the link's grace, within the desktop's */
    link_up(world, all_caps);
    resync(world, false);
    agent(world, "marie", "7001", agent_state_ready);
    cr_assert_eq(status_of(world).agents_ready, 1u, "she logged in at a telephone");
    world_forget(world);
    world_advance(world, GRACE);
    expect(world, "");
    cr_assert_eq(status_of(world).agents_ready, 1u);
    world_end(world);
}

enum { NEXT_LINK = LINK + 1 };

static void log_in_at_next_link(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, NEXT_LINK);
    writer_text(writer, LinkUp_name, "next");
    writer_list_begin(writer, LinkUp_caps);
    for (const char *const *cap = all_caps; *cap; cap++) writer_list_text(writer, span_of(*cap));
    writer_list_end(writer);
    world_post(world);
    world_event(world, NEXT_LINK, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
    writer = world_event(world, NEXT_LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "marie");
    writer_text(writer, EventAgentState_dn, "7101");
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, agent_state_ready);
    world_post(world);
}

Test(core_link_desktop, who_logs_in_at_another_link_left_the_desktop_at_the_first)
{
    for (int awaited = 0; awaited < 2; awaited++) {
        struct core_world *world = world_new();
        agent(world, "marie", "7001", agent_state_ready);
        desktop(world, true);
        if (awaited)
            adapter_anew(world, false);
        else
            desktop(world, false);
        log_in_at_next_link(world);
        cr_assert_eq(status_of(world).agents_ready, 1u, "awaited: %d", awaited);
        world_forget(world);
        world_advance(world, 2 * GRACE);
        expect(world, "");
        cr_assert_eq(status_of(world).agents_ready, 1u);
        world_end(world);
    }
}
