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

static void gives(struct world *world, const char *name, enum agent_state state, const char *reason)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, name);
    writer_text(writer, EventAgentState_dn, "7001");
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, state);
    if (reason) writer_text(writer, EventAgentState_label, reason);
    world_post(world);
}

static void has_reason(const struct world *world, const char *name, const char *reason, const char *display)
{
    uint32_t index;
    struct agent_row row;
    cr_assert(core_agent_named(world->core, span_of(name), &index) && core_agent(world->core, index, &row));
    cr_expect(span_is(row.reason, reason) && span_is(row.display, display), "%.*s, %.*s", (int)row.reason.length,
              (const char *)row.reason.bytes, (int)row.display.length, (const char *)row.display.bytes);
}

Test(core_audit, the_reason_of_an_agent_is_known_and_called_as_the_directory_does)
{
    struct world *world = audited();
    gives(world, "marie", agent_state_not_ready, "lunch");
    has_reason(world, "marie", "lunch", "");
    cr_expect_eq(status(world).agent_reason_unknown, 0u, "the directory has no reasons");
    directory(world, table_reason, "lunch", (const char *const[]){"name", "lunch", "display", "Lunch break", NULL});
    commit(world, false);
    has_reason(world, "marie", "lunch", "Lunch break");
    gives(world, "marie", agent_state_not_ready, NULL);
    has_reason(world, "marie", "lunch", "Lunch break");
    gives(world, "marie", agent_state_ready, NULL);
    has_reason(world, "marie", "", "");
    cr_expect_eq(status(world).agent_reason_unknown, 0u);
    world_free(world);
}

Test(core_audit, a_reason_that_the_directory_does_not_have_is_shown_and_counted_and_listed_once)
{
    struct world *world = audited();
    struct reason_row row;
    directory(world, table_reason, "lunch", (const char *const[]){"name", "lunch", "display", "Lunch break", NULL});
    commit(world, false);
    for (unsigned times = 0; times < 3; times++) gives(world, "marie", agent_state_not_ready, "smoke");
    has_reason(world, "marie", "smoke", "");
    cr_expect_eq(status(world).agent_reason_unknown, 3u);
    cr_expect(core_reason(world->core, 0, &row) && span_is(row.display, "Lunch break"));
    cr_expect(core_reason(world->core, 1, &row) && span_is(row.name, "smoke") && row.display.length == 0);
    cr_expect(!core_reason(world->core, 2, &row));
    directory(world, table_reason, "smoke", (const char *const[]){"name", "smoke", "display", "Cigarette", NULL});
    commit(world, false);
    has_reason(world, "marie", "smoke", "Cigarette");
    gives(world, "marie", agent_state_not_ready, "smoke");
    cr_expect_eq(status(world).agent_reason_unknown, 3u);
    directory(world, table_reason, "smoke", (const char *const[]){NULL});
    commit(world, false);
    has_reason(world, "marie", "smoke", "");
    world_free(world);
}
