/* tests/unit/core_audit.c - Reports of agents' states that are repeated, late or contradicting are counted, and an
 * audit corrects what the core knows otherwise than the adapter. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_audit, .timeout = 30);

enum { AUDIT_US = 60000000, NEXT_LINK = LINK + 1 };

static struct core_status status(const struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return status;
}

static unsigned state_of(const struct core_world *world, const char *name)
{
    uint32_t index;
    struct agent_row row;
    cr_assert(core_agent_named(world->core, span_of(name), &index) && core_agent(world->core, index, &row));
    return row.state;
}

static void report(struct core_world *world, unsigned source, const char *name, const char *dn, enum agent_state state,
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

static void observed(struct core_world *world, const char *name, const char *dn, enum agent_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_Observed, 0, 0, 0);
    writer_u(writer, Observed_what, object_agent);
    writer_text(writer, Observed_dn, dn);
    writer_text(writer, Observed_agent, name);
    writer_u(writer, Observed_state, state);
    world_post(world);
}

/* The link comes up, with agents who are ready, and is audited. */
static struct core_world *audited(void)
{
    struct core_world *world = world_new();
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
    struct core_world *world = audited();
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
    struct core_world *world = audited();
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
    struct core_world *world = audited();
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

static void gives(struct core_world *world, const char *name, enum agent_state state, const char *reason)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, name);
    writer_text(writer, EventAgentState_dn, "7001");
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, state);
    if (reason) writer_text(writer, EventAgentState_label, reason);
    world_post(world);
}

static void has_reason(const struct core_world *world, const char *name, const char *reason, const char *display)
{
    uint32_t index;
    struct agent_row row;
    cr_assert(core_agent_named(world->core, span_of(name), &index) && core_agent(world->core, index, &row));
    cr_expect(span_is(row.reason, reason) && span_is(row.display, display), "%.*s, %.*s", (int)row.reason.length,
              (const char *)row.reason.bytes, (int)row.display.length, (const char *)row.display.bytes);
}

Test(core_audit, the_reason_of_an_agent_is_known_and_called_as_the_directory_does)
{
    struct core_world *world = audited();
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
    struct core_world *world = audited();
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

static void audited_at(struct core_world *world, unsigned source, const char *dn, enum media medium,
                       enum agent_state state, bool seen)
{
    struct writer *writer = world_event(world, source, seen ? KIND_Observed : KIND_EventAgentState, 0, 0, 0);
    if (seen) {
        writer_u(writer, Observed_what, object_agent);
        writer_u(writer, Observed_media, medium);
        writer_text(writer, Observed_dn, dn);
        writer_text(writer, Observed_agent, "olga");
        writer_u(writer, Observed_state, state);
    } else {
        writer_text(writer, EventAgentState_agent, "olga");
        writer_text(writer, EventAgentState_dn, dn);
        writer_u(writer, EventAgentState_media, medium);
        writer_u(writer, EventAgentState_state, state);
    }
    world_post(world);
}

static struct core_world *desk_of_two(void)
{
    struct core_world *world = audited();
    directory(world, table_place, "desk", (const char *const[]){"name", "desk", NULL});
    const char *const dns[] = {"7004", "7104"};
    for (unsigned i = 0; i < 2; i++) {
        directory(world, table_dn, dns[i], (const char *const[]){"number", dns[i], NULL});
        directory(world, table_place_dn, dns[i], (const char *const[]){"dn", dns[i], "place", "desk", NULL});
    }
    commit(world, false);
    return world;
}

static const struct agent *audited_agent(struct core_world *world, const char *name)
{
    uint32_t index;
    cr_assert(core_agent_named(world->core, span_of(name), &index));
    return agent_at(world->core->agents, index);
}

Test(core_audit, an_audit_finds_nothing_wrong_in_two_dns_of_voice)
{
    struct core_world *world = desk_of_two();
    audited_at(world, LINK, "7104", media_voice, agent_state_ready, false);
    world_advance(world, AUDIT_US);
    observed(world, "marie", "7001", agent_state_ready);
    audited_at(world, LINK, "7004", media_voice, agent_state_ready, true);
    audited_at(world, LINK, "7104", media_voice, agent_state_ready, true);
    resync(world, false);
    cr_expect_eq(status(world).agent_corrected, 0u, "%lu", (unsigned long)status(world).agent_corrected);
    world_end(world);
}

Test(core_audit, an_audit_compares_the_state_of_the_medium_that_is_observed)
{
    struct core_world *world = desk_of_two();
    audited_at(world, LINK, "7104", media_chat, agent_state_not_ready, false);
    world_advance(world, AUDIT_US);
    observed(world, "marie", "7001", agent_state_ready);
    audited_at(world, LINK, "7004", media_voice, agent_state_ready, true);
    audited_at(world, LINK, "7104", media_chat, agent_state_not_ready, true);
    resync(world, false);
    cr_expect_eq(status(world).agent_corrected, 0u, "%lu", (unsigned long)status(world).agent_corrected);
    cr_expect_eq(status(world).agents_ready, 2u);
    world_end(world);
}

Test(core_audit, a_telephone_at_another_link_leaves_the_state_of_chat_alone)
{
    struct core_world *world = desk_of_two();
    agent(world, "olga", "7004", agent_state_logged_out);
    audited_at(world, NEXT_LINK, "7104", media_chat, agent_state_ready, false);
    audited_at(world, LINK, "7004", media_voice, agent_state_ready, false);
    cr_expect(has_medium(audited_agent(world, "olga")->own, media_chat), "still has a state of chat");
    cr_expect(has_medium(audited_agent(world, "olga")->own_ready, media_chat), "still ready for chat");
    uint32_t line = line_on(world->core->agents, NEXT_LINK, names_find(world->core->names, span_of("7104")));
    cr_assert(line != LINE_NONE);
    cr_expect_eq(line_at(world->core->agents, line)->source, NEXT_LINK, "of link %u",
                 line_at(world->core->agents, line)->source);
    world_end(world);
}

Test(core_audit, who_leaves_the_telephone_is_asked_through_the_link_of_the_chats)
{
    struct core_world *world = desk_of_two();
    audited_at(world, NEXT_LINK, "7104", media_chat, agent_state_ready, false);
    audited_at(world, LINK, "7004", media_voice, agent_state_logged_out, false);
    cr_expect_eq(audited_agent(world, "olga")->source, NEXT_LINK, "the chats are asked at link %u",
                 audited_agent(world, "olga")->source);
    world_end(world);
}

Test(core_audit, a_resync_without_the_telephone_leaves_the_chats)
{
    struct core_world *world = desk_of_two();
    audited_at(world, LINK, "7104", media_chat, agent_state_ready, false);
    resync(world, true);
    observed(world, "marie", "7001", agent_state_ready);
    audited_at(world, LINK, "7104", media_chat, agent_state_ready, true);
    resync(world, false);
    cr_expect_neq(audited_agent(world, "olga")->state, agent_state_logged_out, "she was told to be ready for chat");
    world_end(world);
}

Test(core_audit, a_medium_at_two_dns_is_over_with_the_last_one)
{
    struct core_world *world = desk_of_two();
    directory(world, table_dn, "7204", (const char *const[]){"number", "7204", NULL});
    directory(world, table_place_dn, "7204", (const char *const[]){"dn", "7204", "place", "desk", NULL});
    commit(world, false);
    audited_at(world, LINK, "7104", media_chat, agent_state_ready, false);
    audited_at(world, LINK, "7204", media_chat, agent_state_ready, false);
    audited_at(world, LINK, "7204", media_chat, agent_state_logged_out, false);
    cr_expect(has_medium(audited_agent(world, "olga")->own_ready, media_chat), "she is at 7104 still");
    world_end(world);
}

static void dn_is(struct core_world *world, const char *dn, enum dn_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_EventDN, 0, 0, 0);
    writer_text(writer, EventDN_dn, dn);
    writer_u(writer, EventDN_state, state);
    world_post(world);
}

Test(core_audit, a_telephone_out_of_service_keeps_no_chats_away)
{
    struct core_world *world = desk_of_two();
    audited_at(world, LINK, "7104", media_chat, agent_state_ready, false);
    dn_is(world, "7004", dn_state_out);
    cr_expect(agent_takes(audited_agent(world, "olga"), media_chat), "chats are served at 7104");
    world_end(world);
}

Test(core_audit, one_of_two_dns_of_chat_out_of_service_keeps_no_chats_away)
{
    struct core_world *world = desk_of_two();
    agent(world, "olga", "7004", agent_state_logged_out);
    audited_at(world, LINK, "7004", media_chat, agent_state_ready, false);
    audited_at(world, LINK, "7104", media_chat, agent_state_ready, false);
    cr_expect(agent_takes(audited_agent(world, "olga"), media_chat), "before");
    dn_is(world, "7104", dn_state_out);
    cr_expect(agent_takes(audited_agent(world, "olga"), media_chat), "the main DN is in service");
    world_end(world);
}

/* The agent serves voice at 7004 of the one link and chats at 7104 of the other. */
static struct core_world *desk_at_two_links(void)
{
    struct core_world *world = desk_of_two();
    audited_at(world, NEXT_LINK, "7104", media_chat, agent_state_ready, false);
    cr_assert_eq(audited_agent(world, "olga")->source, LINK);
    return world;
}

static const char *dn_for(struct core_world *world, enum media medium)
{
    static char dn[16];
    uint32_t index;
    cr_assert(core_agent_named(world->core, span_of("olga"), &index));
    struct span name = core_name(world->core, line_dn_for_agent(world->core->agents, index, medium));
    snprintf(dn, sizeof dn, "%.*s", (int)name.length, name.bytes);
    return dn;
}

static void expect_chats_alone(struct core_world *world)
{
    cr_expect_eq(state_of(world, "olga"), agent_state_not_ready, "nothing of voice is left");
    cr_expect_str_eq(dn_for(world, media_chat), "7104");
    cr_expect_str_eq(dn_for(world, media_voice), "7104", "no call goes to the dead DN");
    cr_expect(agent_takes(audited_agent(world, "olga"), media_chat));
    cr_expect_eq(audited_agent(world, "olga")->source, NEXT_LINK);
    cr_expect(agents_check(world->core->agents));
}

Test(core_audit, a_resync_that_finds_nobody_leaves_what_is_at_another_link)
{
    struct core_world *world = desk_at_two_links();
    resync(world, true);
    observed(world, "marie", "7001", agent_state_ready);
    resync(world, false);
    expect_chats_alone(world);
    audited_at(world, LINK, "7004", media_voice, agent_state_ready, false);
    cr_expect_str_eq(dn_for(world, media_voice), "7004");
    cr_expect(agent_takes(audited_agent(world, "olga"), media_chat), "still");
    world_end(world);
}

/* The link is down for so long that it is lost. */
static void lose(struct core_world *world, unsigned link)
{
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, link);
    world_post(world);
    world_advance(world, 16000000);
}

static void next_link_up(struct core_world *world)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, NEXT_LINK);
    writer_text(writer, LinkUp_name, "chats");
    world_post(world);
    world_event(world, NEXT_LINK, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
}

Test(core_audit, a_lost_link_takes_its_own_dn_alone)
{
    struct core_world *world = desk_of_two();
    next_link_up(world);
    audited_at(world, NEXT_LINK, "7104", media_chat, agent_state_ready, false);
    lose(world, NEXT_LINK);
    cr_expect_eq(line_on(world->core->agents, NEXT_LINK, names_find(world->core->names, span_of("7104"))), LINE_NONE);
    cr_expect_eq(state_of(world, "olga"), agent_state_ready);
    next_link_up(world);
    audited_at(world, NEXT_LINK, "7104", media_chat, agent_state_ready, false);
    lose(world, LINK);
    expect_chats_alone(world);
    cr_expect_eq(state_of(world, "marie"), agent_state_unknown, "she has no other");
    world_end(world);
}

Test(core_audit, an_audit_leaves_a_dn_that_is_not_observed_and_counts_it)
{
    struct core_world *world = desk_of_two();
    audited_at(world, LINK, "7104", media_chat, agent_state_ready, false);
    world_advance(world, AUDIT_US);
    observed(world, "marie", "7001", agent_state_ready);
    audited_at(world, LINK, "7004", media_voice, agent_state_ready, true);
    resync(world, false);
    cr_expect_eq(status(world).agent_corrected, 1u, "%lu", (unsigned long)status(world).agent_corrected);
    cr_expect_str_eq(dn_for(world, media_chat), "7004");
    cr_expect_eq(state_of(world, "olga"), agent_state_ready);
    world_end(world);
}
