/* tests/unit/core_session.c - Agents' states as they are said and asked for: while busy, disturbed, out of service. */
#include <criterion/criterion.h>

#include "runtime/core/base/state.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/sessions/session.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"

TestSuite(core_session, .timeout = 30);

static unsigned state_of(struct core_world *world, const char *name)
{
    struct agent_row row;
    for (uint32_t at = 0; core_agent(world->core, at, &row); at++)
        if (span_is(row.name, name)) return row.state;
    cr_assert(false, "nobody is called %s", name);
    return 0;
}

static uint32_t ready(struct core_world *world)
{
    struct core_status status;
    core_status(world->core, &status);
    return (uint32_t)status.agents_ready;
}

/* The state now, or as before (unknown), and what is to come. */
static void says(struct core_world *world, enum agent_state now, enum agent_state after)
{
    struct writer *writer = world_event(world, LINK, KIND_EventAgentState, 0, 0, 0);
    writer_text(writer, EventAgentState_agent, "marie");
    writer_text(writer, EventAgentState_dn, "7001");
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, now);
    writer_u(writer, EventAgentState_after, after);
    world_post(world);
}

static void asks(struct core_world *world, enum agent_state now, enum agent_state after)
{
    world->client = 3;
    world->req = 77;
    struct writer *writer = world_event(world, LINK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, "marie");
    writer_u(writer, RequestAgentState_state, now);
    writer_u(writer, RequestAgentState_after, after);
    world_post(world);
    world->client = world->req = 0;
}

/* Marie talks, and another caller waits for her. */
static struct core_world *busy(void)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    call_until_selection(world, CALL, "2", "basic");
    talk(world, CALL, "7001", "marie");
    call_until_selection(world, OTHER, "2", "basic");
    world_forget(world);
    return world;
}

static void hangs_up(struct core_world *world, uint64_t conn)
{
    party(world, conn, "7001", "marie", party_role_agent, party_change_Released);
}

Test(core_session, a_state_said_while_busy_comes_before_anybody_may_choose_the_agent_again)
{
    struct core_world *world = busy();
    says(world, agent_state_ready, agent_state_after_call_work);
    cr_assert_eq(state_of(world, "marie"), agent_state_ready);
    hangs_up(world, CALL);
    expect(world, ""); /* and no RequestRouteCall */
    cr_assert_eq(state_of(world, "marie"), agent_state_after_call_work);
    says(world, agent_state_ready, agent_state_unknown);
    expect(world, "RequestRouteCall 7001\n");
    world_free(world);
}

Test(core_session, it_comes_with_the_end_of_the_last_claim)
{
    struct core_world *world = busy();
    created(world, THIRD); /* one that nobody routed */
    party(world, THIRD, "7001", "marie", party_role_agent, party_change_Established);
    says(world, agent_state_unknown, agent_state_not_ready);
    hangs_up(world, CALL);
    cr_assert_eq(state_of(world, "marie"), agent_state_ready);
    hangs_up(world, THIRD);
    cr_assert_eq(state_of(world, "marie"), agent_state_not_ready);
    expect(world, "");
    world_free(world);
}

Test(core_session, what_is_said_later_counts)
{
    struct core_world *world = busy();
    says(world, agent_state_unknown, agent_state_after_call_work);
    says(world, agent_state_ready, agent_state_unknown); /* thought better of it */
    hangs_up(world, CALL);
    expect(world, "RequestRouteCall 7001\n");
    world_free(world);
}

Test(core_session, who_is_not_busy_is_in_that_state_at_once)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    says(world, agent_state_unknown, agent_state_not_ready);
    cr_assert_eq(state_of(world, "marie"), agent_state_not_ready);
    cr_assert_eq(ready(world), 0u);
    world_free(world);
}

Test(core_session, who_logs_out_after_the_call_is_gone_with_it)
{
    struct core_world *world = busy();
    says(world, agent_state_unknown, agent_state_logged_out);
    cr_assert_eq(state_of(world, "marie"), agent_state_ready);
    hangs_up(world, CALL);
    cr_assert_eq(state_of(world, "marie"), agent_state_logged_out);
    expect(world, "");
    world_free(world);
}

Test(core_session, what_is_asked_of_the_core_the_switch_is_told_when_it_comes)
{
    struct core_world *world = busy();
    asks(world, agent_state_unknown, agent_state_not_ready);
    expect(world, "Reply ok\n");
    hangs_up(world, CALL);
    expect(world, "SetAgentState marie not_ready\n");
    cr_assert_eq(state_of(world, "marie"), agent_state_not_ready);
    world_free(world);
}

static void dn_is(struct core_world *world, enum dn_state state)
{
    struct writer *writer = world_event(world, LINK, KIND_EventDN, 0, 0, 0);
    writer_text(writer, EventDN_dn, "7001");
    writer_u(writer, EventDN_state, state);
    world_post(world);
}

/* A call is offered to marie's telephone, which refuses it. */
static void refuses(struct core_world *world, enum code code)
{
    world_forget(world);
    call_until_selection(world, CALL, "2", "basic");
    cr_assert(strstr(world->trace, "RequestRouteCall 7001"), "%s", world->trace);
    done(world, world->ixn, world->last_ref[KIND_RequestRouteCall], outcome_error, code);
    deleted(world, CALL);
}

static struct core_world *refused(enum code code)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    refuses(world, code);
    return world;
}

/* The seconds after which a call may come there again, which is refused again. */
static unsigned again_after(struct core_world *world, enum code code)
{
    unsigned seconds = 0;
    for (; ready(world) == 0 && seconds < 100; seconds++) world_advance(world, 1000000);
    refuses(world, code);
    return seconds;
}

Test(core_session, the_pause_of_a_telephone_that_is_dead_is_short_and_grows)
{
    static const unsigned wanted[] = {5, 10, 20, 40, 60, 60};
    struct core_world *world = refused(code_out_of_service);
    struct agent_row row;
    uint32_t index;
    cr_assert(core_agent_named(world->core, span_of("marie"), &index) && core_agent(world->core, index, &row));
    cr_expect(span_is(row.not_chosen, "could not be reached lately"));
    cr_expect_gt(row.rests_until_us, 0u);
    for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect_eq(again_after(world, code_out_of_service), wanted[i], "%u", i);
    world_free(world);
    world = refused(code_busy);
    for (unsigned i = 0; i < 3; i++)
        cr_expect_eq(again_after(world, code_busy), 5u, "who is busy is busy for a moment");
    world_free(world);
}

static void dials(struct core_world *world)
{
    created(world, OTHER);
    party(world, OTHER, "7001", "marie", party_role_agent, party_change_Dialing);
    deleted(world, OTHER);
}

static void registers(struct core_world *world)
{
    dn_is(world, dn_state_in);
}

static void says_ready(struct core_world *world)
{
    agent(world, "marie", "7001", agent_state_ready);
}

Test(core_session, a_telephone_that_speaks_has_calls_again_at_once)
{
    void (*const speaks[])(struct core_world *) = {dials, registers, says_ready};
    for (unsigned i = 0; i < sizeof speaks / sizeof *speaks; i++) {
        struct core_world *world = refused(code_out_of_service);
        cr_expect_eq(again_after(world, code_out_of_service), 5u);
        speaks[i](world);
        cr_expect_eq(again_after(world, code_out_of_service), 0u, "%u", i);
        cr_expect_eq(again_after(world, code_out_of_service), 5u, "%u: and its pause is short again", i);
        world_free(world);
    }
}

Test(core_session, who_leaves_one_of_two_telephones_is_at_the_other)
{
    struct core_world *world = world_new();
    struct agent_row row;
    uint32_t index;
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "marie", "7003", agent_state_logged_in);
    agent(world, "marie", "7003", agent_state_ready);
    cr_assert(core_agent_named(world->core, span_of("marie"), &index) && core_agent(world->core, index, &row));
    cr_expect(span_is(row.dn, "7003"), "calls go to the later one");
    agent(world, "marie", "7003", agent_state_logged_out);
    cr_expect_eq(state_of(world, "marie"), agent_state_ready);
    refuses(world, code_busy); /* it has come to 7001 */
    agent(world, "marie", "7001", agent_state_logged_out);
    cr_expect_eq(state_of(world, "marie"), agent_state_logged_out);
    world_free(world);
}

static bool is_not_chosen(const struct core_world *world, const char *why)
{
    struct agent_row row;
    uint32_t index;
    cr_assert(core_agent_named(world->core, span_of("marie"), &index) && core_agent(world->core, index, &row));
    return span_is(row.not_chosen, why);
}

Test(core_session, whose_telephone_is_out_of_service_is_not_chosen_for_that)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    cr_expect(is_not_chosen(world, ""));
    dn_is(world, dn_state_out);
    cr_expect(is_not_chosen(world, "DN out of service"), "and the link is up");
    dn_is(world, dn_state_in);
    cr_expect(is_not_chosen(world, ""));
    agent(world, "marie", "7003", agent_state_logged_in);
    agent(world, "marie", "7003", agent_state_ready);
    dn_is(world, dn_state_out);
    cr_expect(is_not_chosen(world, ""), "her other telephone is in service");
    link_down(world);
    cr_expect(is_not_chosen(world, "link is down"), "it says of no telephone whether it is there");
    world_free(world);
}

Test(core_session, a_dn_out_of_service_and_an_agent_not_to_be_disturbed_are_two_things)
{
    struct core_world *world = world_new();
    agent(world, "marie", "7001", agent_state_ready);
    agent(world, "marie", "7001", agent_state_dnd_on);
    dn_is(world, dn_state_out);
    dn_is(world, dn_state_in);
    cr_assert_eq(ready(world), 0u, "she still does not want to be disturbed");
    agent(world, "marie", "7001", agent_state_dnd_off);
    cr_assert_eq(ready(world), 1u);
    dn_is(world, dn_state_out);
    agent(world, "marie", "7001", agent_state_dnd_on);
    agent(world, "marie", "7001", agent_state_dnd_off);
    cr_assert_eq(ready(world), 0u, "her telephone is still out of service");
    dn_is(world, dn_state_in);
    cr_assert_eq(ready(world), 1u);
    cr_assert_eq(state_of(world, "marie"), agent_state_ready);
    world_free(world);
}

/* ---- a supervisor sets the state ---- */

/* The desk needs no switch; the agent is there with two media, and at a telephone. */
enum { AGENTS_DESK = SOURCE_LINKS + 5 };

static void at_desk(struct core_world *world, enum media medium, enum agent_state state)
{
    struct writer *writer = world_event(world, AGENTS_DESK, KIND_RequestAgentState, 0, 0, 0);
    writer_text(writer, RequestAgentState_agent, "marie");
    writer_text(writer, RequestAgentState_dn, medium == media_chat ? "chat.marie" : "email.marie");
    writer_u(writer, RequestAgentState_media, medium);
    writer_u(writer, RequestAgentState_state, state);
    world_post(world);
}

static struct core_world *with_desk(void)
{
    struct core_world *world = world_new();
    directory(world, table_agent, "marie", (const char *const[]){"name", "marie", NULL});
    directory(world, table_reason, "lunch", (const char *const[]){"name", "lunch", "display", "Lunch", NULL});
    commit(world, false);
    world_desk_begins(world, AGENTS_DESK);
    world_event(world, AGENTS_DESK, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
    at_desk(world, media_chat, agent_state_ready);
    at_desk(world, media_email, agent_state_ready);
    world_forget(world);
    return world;
}

static void is_set(struct core_world *world, unsigned op, enum agent_state state, const char *reason)
{
    world->client = 3;
    world->req = 77;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_text(writer, ENVELOPE_actor, "anna");
    writer_u(writer, AdminRequest_op, op);
    writer_text(writer, AdminRequest_name, "marie");
    writer_text(writer, AdminRequest_why, "flu");
    writer_u(writer, AdminRequest_state, state);
    if (reason) writer_text(writer, AdminRequest_reason, reason);
    world_post(world);
    world->client = world->req = 0;
}

static struct agent_row row_of(struct core_world *world)
{
    struct agent_row row;
    uint32_t index;
    cr_assert(core_agent_named(world->core, span_of("marie"), &index) && core_agent(world->core, index, &row));
    return row;
}

static void expect_set_by(struct core_world *world, const char *by, const char *why)
{
    struct agent_row row = row_of(world);
    cr_expect(span_is(row.by, by) && span_is(row.why, why), "by %.*s: %.*s", (int)row.by.length, row.by.bytes,
              (int)row.why.length, row.why.bytes);
}

static uint32_t marie(struct core_world *world)
{
    uint32_t index;
    cr_assert(core_agent_named(world->core, span_of("marie"), &index));
    return index;
}

static enum agent_state in_medium(struct core_world *world, enum media medium)
{
    return session_state(agent_at(world->core->agents, marie(world)), medium);
}

static void expect_note(struct core_world *world, const char *before, const char *now)
{
    struct note_row note;
    struct kv_value was, is;
    uint64_t newest = core_notes(world->core, NOTES_OF_AGENTS) - 1;
    cr_assert(core_note(world->core, NOTES_OF_AGENTS, &newest, &note));
    cr_expect_str_eq(note.what, "state");
    cr_expect(span_is(note.name, "marie") && span_is(note.actor, "anna") && span_is(note.why, "flu"));
    cr_assert(kv_get(note.before, "value", &was) && kv_get(note.now, "value", &is));
    cr_expect(span_is(was.span, before) && span_is(is.span, now), "%.*s, then %.*s", (int)was.span.length,
              was.span.bytes, (int)is.span.length, is.span.bytes);
}

Test(core_session, a_supervisor_pauses_an_agent_in_all_media_and_who_and_why_is_told)
{
    struct core_world *world = with_desk();
    agent(world, "marie", "7001", agent_state_ready);
    at_desk(world, media_chat, agent_state_ready);
    at_desk(world, media_email, agent_state_logged_out);
    world_forget(world);
    is_set(world, admin_op_set_state, agent_state_not_ready, "lunch");
    expect(world, "SetAgentState marie not_ready (lunch) by anna: flu\nReply ok\n");
    cr_expect_eq(state_of(world, "marie"), agent_state_not_ready);
    cr_expect_eq(in_medium(world, media_chat), agent_state_not_ready);
    cr_expect_eq(in_medium(world, media_email), agent_state_logged_out, "who has left a medium does not come back");
    cr_expect(span_is(row_of(world).reason, "lunch"));
    expect_set_by(world, "anna", "flu");
    expect_note(world, "ready", "not_ready lunch");
    says(world, agent_state_not_ready, agent_state_unknown); /* the switch repeats it */
    at_desk(world, media_chat, agent_state_ready);
    expect_set_by(world, "anna", "flu");
    says(world, agent_state_ready, agent_state_unknown); /* the agent is back */
    expect_set_by(world, "", "");
    world_end(world);
}

Test(core_session, who_is_at_a_desk_alone_is_set_there_and_can_be_logged_out)
{
    struct core_world *world = with_desk();
    is_set(world, admin_op_set_state, agent_state_not_ready, "lunch");
    expect(world, "Reply ok\n");
    cr_expect_eq(in_medium(world, media_chat), agent_state_not_ready);
    cr_expect_eq(in_medium(world, media_email), agent_state_not_ready);
    expect_note(world, "ready", "not_ready lunch");
    is_set(world, admin_op_set_state, agent_state_not_ready, NULL); /* and now without a reason */
    expect_note(world, "not_ready lunch", "not_ready");
    is_set(world, admin_op_set_state, agent_state_ready, NULL);
    expect_note(world, "not_ready", "ready");
    cr_expect_eq(in_medium(world, media_email), agent_state_ready);
    at_desk(world, media_email, agent_state_ready); /* the agent says so, too */
    at_desk(world, media_chat, agent_state_ready);
    expect_set_by(world, "", "");
    is_set(world, admin_op_set_state, agent_state_not_ready, NULL);
    at_desk(world, media_chat, agent_state_ready); /* e-mail is as it was set */
    struct state_by by = session_set_by(world->core->sessions, marie(world));
    cr_expect(span_is(by.by, "anna") && by.state == agent_state_not_ready);
    at_desk(world, media_email, agent_state_ready);
    is_set(world, admin_op_log_out, agent_state_unknown, NULL);
    cr_expect_eq(state_of(world, "marie"), agent_state_logged_out);
    expect_set_by(world, "anna", "flu");
    expect_note(world, "ready", "logged_out log_out");
    world_end(world);
}

Test(core_session, who_leaves_the_telephone_takes_what_was_set_there_along)
{
    struct core_world *world = with_desk();
    agent(world, "marie", "7001", agent_state_ready);
    at_desk(world, media_chat, agent_state_ready);
    is_set(world, admin_op_set_state, agent_state_not_ready, "lunch");
    at_desk(world, media_chat, agent_state_ready);
    at_desk(world, media_email, agent_state_logged_out);
    expect_set_by(world, "anna", "flu");
    agent(world, "marie", "7001", agent_state_logged_out);
    cr_expect_eq(in_medium(world, media_chat), agent_state_ready);
    expect_set_by(world, "", "");
    world_end(world);
}

Test(core_session, the_audit_has_the_state_of_the_first_medium_where_there_is_no_telephone)
{
    struct core_world *world = with_desk();
    at_desk(world, media_email, agent_state_after_call_work);
    is_set(world, admin_op_set_state, agent_state_not_ready, NULL);
    expect_note(world, "after_call_work", "not_ready");
    at_desk(world, media_email, agent_state_logged_out);
    at_desk(world, media_chat, agent_state_ready);
    is_set(world, admin_op_set_state, agent_state_not_ready, NULL);
    expect_note(world, "ready", "not_ready");
    world_end(world);
}

Test(core_session, a_state_that_nobody_may_set_is_refused)
{
    struct core_world *world = with_desk();
    is_set(world, admin_op_set_state, agent_state_after_call_work, NULL);
    is_set(world, admin_op_set_state, agent_state_logged_out, NULL);
    is_set(world, admin_op_set_state, agent_state_unknown, NULL);
    is_set(world, admin_op_set_state, agent_state_ready, "lunch");
    is_set(world, admin_op_set_state, agent_state_not_ready, "made up");
    expect(world, "Reply error invalid_attribute\nReply error invalid_attribute\nReply error invalid_attribute\n"
                  "Reply error invalid_attribute\nReply error invalid_attribute\n");
    cr_expect_eq(in_medium(world, media_chat), agent_state_ready);
    cr_expect_eq(core_notes(world->core, NOTES_OF_AGENTS), 0u);
    is_set(world, admin_op_log_out, agent_state_unknown, NULL);
    world_forget(world);
    is_set(world, admin_op_set_state, agent_state_ready, NULL);
    expect(world, "Reply error not_logged_in\n");
    world_end(world);
}

Test(core_session, a_pause_that_a_supervisor_sets_while_the_agent_talks_keeps_the_call_and_lets_no_other_come)
{
    struct core_world *world = busy();
    is_set(world, admin_op_set_state, agent_state_not_ready, NULL);
    expect(world, "SetAgentState marie not_ready () by anna: flu\nReply ok\n");
    hangs_up(world, CALL);
    expect(world, "");
    is_set(world, admin_op_set_state, agent_state_ready, NULL);
    expect(world, "SetAgentState marie ready () by anna: flu\nReply ok\nRequestRouteCall 7001\n");
    world_free(world);
}
