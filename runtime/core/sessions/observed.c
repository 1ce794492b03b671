/* runtime/core/sessions/observed.c - What a link tells in a resync or an audit about its agents, and what becomes of
 * the others. */
#include "runtime/core/sessions/session.h"

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/table.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/sessions/desktop.h"
#include "runtime/core/sessions/login.h"
#include "runtime/core/sessions/report.h"
#include "runtime/core/sessions/status.h"
#include "runtime/vocabulary/events_link.h"

/* Observed(agent): a resync's report replaces earlier knowledge whatever its times are, since it is the present state.
 */
void session_observed(struct core *core, const struct message *message)
{
    uint32_t name = names_pass(core->names, message_text(message, Observed_agent));
    enum agent_state state = (enum agent_state)message_u(message, Observed_state);
    uint32_t agent;
    if (!agent_find(core->agents, name, &agent)) {
        agent = state <= agent_state_logged_out ? AGENT_NONE : report_unknown(core, name);
        if (agent == AGENT_NONE) return;
    }
    enum media medium = (enum media)message_u(message, Observed_media);
    bool there = message_u(message, Observed_up) != 0;
    int64_t grace_us = message_i(message, Observed_desktop_grace);
    const struct span texts[] = {message_text(message, Observed_dn), message_text(message, Observed_place)};
    struct told_at at = report_where(core, message, medium, message_text(message, Observed_agent), texts);
    if (!status_is_main(medium)) {
        if (!status_is_of_medium(state) || !report_medium_at(core, agent, medium, state, &at)) return;
        status_set_medium(core, agent, medium, state, &status_no_reason);
    } else {
        agent_at(core->agents, agent)->switch_since_us = message_i(message, Observed_since);
        report_apply(core, agent, state, &at, &status_no_reason);
        login_seen(core, agent, at.source, at.dn);
    }
    if (there || grace_us > 0) desktop_is(core, agent, at.source, there, there ? 0 : (uint64_t)grace_us);
}

void session_resync_began(struct core *core, unsigned source)
{
    for (uint32_t at = 0; at < core->agents->count; at++)
        if (core->agents->all[at].source == source) core->agents->all[at].seen = false;
    for (uint32_t at = 0; at < core->agents->lines.count; at++)
        if (core->agents->lines.all[at].source == source) core->agents->lines.all[at].seen = false;
}

/* The core knew otherwise. */
static void corrected(struct core *core, uint32_t agent, enum agent_state was, enum agent_state state)
{
    fact_tell(core->facts, &(struct fact){.what = FACT_agent_corrected,
                                          .value = (uint16_t)state,
                                          .name = agent_at(core->agents, agent)->name,
                                          .was = (uint16_t)was});
}

enum leaving { LEFT_LOST, LEFT_RESYNC, LEFT_AUDIT };

/* Agents leave the DNs that the link does not report any more, or of which nothing is known any more; but none its only
 * one. The main DNs come last: only those are left who are at one of another link. */
static void leave_lines(struct core *core, unsigned source, enum leaving why)
{
    for (unsigned round = 0; round < 2; round++)
        for (uint32_t at = 0; at < core->agents->lines.count; at++) {
            const struct line line = core->agents->lines.all[at];
            if (line.dn == 0 || line.source != source || (why != LEFT_LOST && line.seen)) continue;
            const struct agent *who = agent_at(core->agents, line.agent);
            if ((who->lines == at) != (round == 1) || (why == LEFT_AUDIT && who->not_ready_ref != 0)) continue;
            enum agent_state was = session_state(who, line_medium(&line));
            if (login_leaves(core, line.agent, line.source, line.dn) && why == LEFT_AUDIT)
                corrected(core, line.agent, was, agent_state_logged_out);
        }
}

/* True: the core knows what the message says. */
static bool is_known(const struct core *core, uint32_t agent, uint32_t dn, const struct message *message)
{
    const struct agent *who = agent_at(core->agents, agent);
    enum media medium = (enum media)message_u(message, Observed_media);
    if (session_state(who, medium) != message_u(message, Observed_state)) return false;
    if (dn == 0) return who->lines == LINE_NONE;
    return login_is_there(core, agent, (unsigned)message_u(message, ENVELOPE_source), dn, media_none);
}

void session_audited(struct core *core, const struct message *message)
{
    uint32_t agent, dn = names_find(core->names, message_text(message, Observed_dn));
    enum agent_state state = (enum agent_state)message_u(message, Observed_state);
    enum media medium = (enum media)message_u(message, Observed_media);
    if (agent_find(core->agents, names_find(core->names, message_text(message, Observed_agent)), &agent)) {
        struct agent *who = agent_at(core->agents, agent);
        unsigned source = (unsigned)message_u(message, ENVELOPE_source);
        bool here = login_is_of(core, agent, source, dn);
        if (here) login_seen(core, agent, source, dn);
        if (here && is_known(core, agent, dn, message)) return;
        if (here && who->not_ready_ref != 0) return; /* the switch has yet to hear what the core asked for */
        if (!here && status_is_main(medium) && message_i(message, Observed_since) < who->switch_since_us) {
            report_odd(core, agent, FACT_agent_late);
            return;
        }
        corrected(core, agent, session_state(who, medium), state);
    }
    session_observed(core, message);
}

/* Has the link, whose resync ends, reported the agent nowhere? */
static bool is_missing(const struct core *core, const struct agent *who, unsigned source)
{
    return who->source == source && !(who->lines != LINE_NONE ? line_at(core->agents, who->lines)->seen : who->seen);
}

void session_resync_ended(struct core *core, unsigned source, bool audit)
{
    leave_lines(core, source, audit ? LEFT_AUDIT : LEFT_RESYNC);
    for (uint32_t at = 0; at < core->agents->count; at++) {
        struct agent *who = &core->agents->all[at];
        if (!is_missing(core, who, source)) continue;
        if (audit && who->not_ready_ref != 0) continue;
        agent_forget_login(core->agents, at); /* also if the agent's state is unknown, since that login is over */
        if (!agent_logged_in(who)) continue;
        if (audit) corrected(core, at, (enum agent_state)who->state, agent_state_logged_out);
        status_set(core, at, agent_state_logged_out, &status_no_reason);
        login_ends(core, at);
        agent_settle(core->agents, at, core->now->time_us, false);
        status_look(core, at);
    }
}

void session_hold(struct core *core, unsigned source, bool held)
{
    for (uint32_t at = 0; at < core->agents->lines.count; at++)
        if (core->agents->lines.all[at].source == source && core->agents->lines.all[at].dn != 0)
            line_hold(core->agents, at, held);
    agents_settle(core->agents, core->now->time_us);
}

void session_lost(struct core *core, unsigned source)
{
    leave_lines(core, source, LEFT_LOST);
    for (uint32_t at = 0; at < core->agents->count; at++) {
        struct agent *who = &core->agents->all[at];
        if (who->source != source || !agent_logged_in(who)) continue;
        status_set(core, at, agent_state_unknown, &status_no_reason);
        agent_settle(core->agents, at, core->now->time_us, false);
        status_look(core, at);
    }
}
