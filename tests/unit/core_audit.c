/* tests/unit/core_audit.c - Reports of agents' states that are repeated, late or contradicting are counted, and an
 * audit corrects what the core knows otherwise than the adapter. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_audit, .timeout = 30);

enum { AUDIT_US = 60000000, NEXT_LINK = LINK + 1 };

static struct core_status status(const struct world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status;
}

static unsigned state_of(const struct world *world, const char *name)
{
    uint32_t index;
    struct agent_row row;
    cr_assert(core_agent_named(world->core, span_of(name), &index) && core_agent(world->core, index, &row));
    return row.state;
}

static void report(struct world *world, unsigned source, const char *name, const char *dn, enum agent_state state,
                   int64_t since)
{
    struct writer *writer = world_event(world, source, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, name);
    writer_text(writer, EventAgentState_dn, dn);
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, state);
    writer_i(writer, EventAgentState_since, since);
    world_post(world);
}

static void observed(struct world *world, const char *name, const char *dn, enum agent_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, 0);
    writer_u(writer, Observed_what, object_agent);
    writer_text(writer, Observed_dn, dn);
    writer_text(writer, Observed_agent, name);
    writer_u(writer, Observed_state, state);
    world_post(world);
}

/* The link comes up, with agents who are ready, and is audited. */
static struct world *audited(void)
{
    struct world *world = world_new();
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, LINK);
    writer_text(writer, LinkUp_name, "tserver");
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("calls"));
    writer_list_text(writer, span_of("set_agent"));
    writer_list_end(writer);
    writer_i(writer, LinkUp_audit, AUDIT_US);
    world_post(world);
    resync(world, true);
    resync(world, false);
    agent(world, "marie", "7001", agent_state_logged_in);
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "olga", "7004", agent_state_logged_in);
    agent(world, "olga", "7004", agent_state_ready);
    return world;
}

Test(core_audit, reports_that_do_not_fit_are_counted)
{
    struct world *world = audited();
    cr_expect_eq(status(world).agent_repeated + status(world).agent_contradicting + status(world).agent_late, 0u);
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect_eq(status(world).agent_repeated, 1u);
    agent(world, "paul", "7001", agent_state_logged_in); /* marie is there */
    cr_expect_eq(status(world).agent_contradicting, 1u);
    cr_expect_eq(state_of(world, "marie"), agent_state_logged_out);
    agent(world, "marie", "7002", agent_state_ready); /* without a login */
    cr_expect_eq(status(world).agent_contradicting, 2u);
    report(world, LINK, "olga", "7004", agent_state_not_ready, 2000);
    report(world, NEXT_LINK, "olga", "7104", agent_state_ready, 1000);
    cr_expect_eq(status(world).agent_late, 1u);
    cr_expect_eq(state_of(world, "olga"), agent_state_not_ready);
    report(world, NEXT_LINK, "olga", "7104", agent_state_ready, 3000); /* she works at both links */
    cr_expect_eq(status(world).agent_contradicting, 3u);
    cr_expect_eq(status(world).agent_repeated, 1u, "%lu", (unsigned long)status(world).agent_repeated);
    world_advance(world, AUDIT_US);
    observed(world, "olga", "7004", agent_state_ready); /* this link has not heard that she went */
    cr_expect_eq(status(world).agent_late, 2u);
    resync(world, false);
    world_end(world);
}

Test(core_audit, what_the_core_knows_otherwise_is_corrected_and_counted)
{
    struct world *world = audited();
    struct correction_row row;
    uint64_t count;
    world_forget(world);
    world_advance(world, AUDIT_US);
    cr_assert(strstr(world->trace, "Resync"), "%s", world->trace);
    observed(world, "marie", "7001", agent_state_not_ready);
    cr_expect_eq(status(world).agent_corrected, 1u);
    cr_expect_eq(state_of(world, "marie"), agent_state_not_ready);
    cr_expect_eq(state_of(world, "olga"), agent_state_ready);
    cr_expect_str_eq(core_link_state(world->core, LINK), "up", "nothing is held");
    resync(world, false);
    cr_expect_eq(status(world).agent_corrected, 2u);
    cr_expect_eq(state_of(world, "olga"), agent_state_logged_out);
    cr_assert(core_correction(world->core, 1, &row, &count));
    cr_expect(count == 2 && span_is(row.agent, "olga") && row.was == agent_state_ready &&
              row.is == agent_state_logged_out);
    cr_expect_not(core_correction(world->core, 2, &row, &count));
    world_forget(world);
    world_advance(world, AUDIT_US); /* and again */
    cr_assert(strstr(world->trace, "Resync"), "%s", world->trace);
    observed(world, "marie", "7001", agent_state_not_ready);
    resync(world, false);
    cr_expect_eq(status(world).agent_corrected, 2u);
    world_end(world);
}

Test(core_audit, a_state_that_the_switch_has_yet_to_hear_of_stays)
{
    struct world *world = audited();
    world_advance(world, AUDIT_US);
    struct writer *writer = world_event(world, LINK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, "marie");
    writer_u(writer, RequestAgentState_state, agent_state_not_ready);
    world_post(world);
    cr_assert_eq(state_of(world, "marie"), agent_state_not_ready);
    observed(world, "marie", "7001", agent_state_ready); /* said before the switch has heard */
    observed(world, "olga", "7004", agent_state_ready);
    resync(world, false);
    cr_expect_eq(state_of(world, "marie"), agent_state_not_ready);
    cr_expect_eq(status(world).agent_corrected, 0u);
    world_end(world);
}
