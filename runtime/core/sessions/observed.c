/* runtime/core/sessions/observed.c - Takes a link's report about its agents in a resync or an audit, and logs out
 * agents who are not in it.
 *
 *     began: `seen` is cleared for the link's agents and lines
 *     Observed: each agent that is reported is seen, and its state is taken over
 *     ended: who is not seen has left
 *
 * A resync replaces what the core knew. An audit compares while both sides work: a request of the core that the
 * switch has not answered yet is no difference; a real difference is reported as a correction. */
#include "runtime/core/sessions/session.h"

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/table.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/sessions/desktop.h"
#include "runtime/core/sessions/login.h"
#include "runtime/core/sessions/report.h"
#include "runtime/core/sessions/status.h"
#include "runtime/vocabulary/events_link.h"

/* Takes an Observed(agent): in a resync the report replaces earlier knowledge whatever its times are, since it is
 * the present state. */
void session_observed(struct sessions *sessions, const struct message *message)
{
    uint32_t name = names_pass(sessions->names, message_text(message, Observed_agent));
    enum agent_state state = (enum agent_state)message_u(message, Observed_state);
    uint32_t agent;
    if (!agent_find(sessions->agents, name, &agent)) {
        agent = state <= agent_state_logged_out ? AGENT_NONE : report_unknown(sessions, name);
        if (agent == AGENT_NONE) return;
    }
    enum media medium = (enum media)message_u(message, Observed_media);
    bool there = message_u(message, Observed_up) != 0;
    int64_t grace_us = message_i(message, Observed_desktop_grace);
    const struct span texts[] = {message_text(message, Observed_dn), message_text(message, Observed_place)};
    struct told_at at = report_where(sessions, message, medium, message_text(message, Observed_agent), texts);
    if (!status_is_main(medium)) {
        if (!status_is_of_medium(state) || !report_medium_at(sessions, agent, medium, state, &at)) return;
        status_set_medium(sessions, agent, medium, state, &status_no_reason);
    } else {
        agent_at(sessions->agents, agent)->switch_since_us = message_i(message, Observed_since);
        report_apply(sessions, agent, state, &at, &status_no_reason);
        login_seen(sessions->agents, agent, at.source, at.dn);
    }
    if (there || grace_us > 0) desktop_is(sessions, agent, at.source, there, there ? 0 : (uint64_t)grace_us);
}

/* Begins a resync: removes the marks of agents without a line, and of lines. */
void session_resync_began(struct agents *agents, unsigned source)
{
    for (uint32_t at = 0; at < agents->count; at++)
        if (agents->all[at].source == source) agents->all[at].seen = false;
    for (uint32_t at = 0; at < agents->lines.count; at++)
        if (agents->lines.all[at].source == source) agents->lines.all[at].seen = false;
}

/* The core knew otherwise. */
static void observed_corrected(struct sessions *sessions, uint32_t agent, enum agent_state was, enum agent_state state)
{
    fact_tell(sessions->facts, &(struct fact){.what = FACT_agent_corrected,
                                              .value = (uint16_t)state,
                                              .name = agent_at(sessions->agents, agent)->name,
                                              .was = (uint16_t)was});
}

enum leaving { LEFT_LOST, LEFT_RESYNC, LEFT_AUDIT };

/* Removes agents from DNs that the link does not report any more or knows nothing about; an agent keeps the only DN.
 * The main DNs come last: then only agents are left who have a line at another link. */
static void leave_lines(struct sessions *sessions, unsigned source, enum leaving why)
{
    for (unsigned round = 0; round < 2; round++)
        for (uint32_t at = 0; at < sessions->agents->lines.count; at++) {
            const struct line line = sessions->agents->lines.all[at];
            if (line.dn == 0 || line.source != source || (why != LEFT_LOST && line.seen)) continue;
            const struct agent *who = agent_at(sessions->agents, line.agent);
            if ((who->lines == at) != (round == 1) || (why == LEFT_AUDIT && who->not_ready_ref != 0)) continue;
            enum agent_state was = session_state(who, line_medium(&line));
            if (login_leaves(sessions, line.agent, line.source, line.dn) && why == LEFT_AUDIT)
                observed_corrected(sessions, line.agent, was, agent_state_logged_out);
        }
}

/* True: the core already knows what the message says. */
static bool is_known(const struct agents *agents, uint32_t agent, uint32_t dn, const struct message *message)
{
    const struct agent *who = agent_at(agents, agent);
    enum media medium = (enum media)message_u(message, Observed_media);
    if (session_state(who, medium) != message_u(message, Observed_state)) return false;
    if (dn == 0) return who->lines == LINE_NONE;
    return login_is_there(agents, agent, (unsigned)message_u(message, ENVELOPE_source), dn, media_none);
}

/* Takes a report of an audit; one of another link counts only if it is newer than what is known. */
void session_audited(struct sessions *sessions, const struct message *message)
{
    uint32_t agent, dn = names_find(sessions->names, message_text(message, Observed_dn));
    enum agent_state state = (enum agent_state)message_u(message, Observed_state);
    enum media medium = (enum media)message_u(message, Observed_media);
    if (agent_find(sessions->agents, names_find(sessions->names, message_text(message, Observed_agent)), &agent)) {
        struct agent *who = agent_at(sessions->agents, agent);
        unsigned source = (unsigned)message_u(message, ENVELOPE_source);
        bool here = login_is_of(sessions->agents, agent, source, dn);
        if (here) login_seen(sessions->agents, agent, source, dn);
        if (here && is_known(sessions->agents, agent, dn, message)) return;
        if (here && who->not_ready_ref != 0) return; /* the switch has not yet answered a request of the core */
        if (!here && status_is_main(medium) && message_i(message, Observed_since) < who->switch_since_us) {
            report_odd(sessions, agent, FACT_agent_late);
            return;
        }
        observed_corrected(sessions, agent, session_state(who, medium), state);
    }
    session_observed(sessions, message);
}

/* True: the link, whose resync ends, has not reported the agent at any DN. */
static bool is_missing(const struct agents *agents, const struct agent *who, unsigned source)
{
    return who->source == source && !(who->lines != LINE_NONE ? line_at(agents, who->lines)->seen : who->seen);
}

/* Ends a resync. Lines come first: an agent who has lost one of several lines stays logged in. */
void session_resync_ended(struct sessions *sessions, unsigned source, bool audit)
{
    leave_lines(sessions, source, audit ? LEFT_AUDIT : LEFT_RESYNC);
    for (uint32_t at = 0; at < sessions->agents->count; at++) {
        struct agent *who = &sessions->agents->all[at];
        if (!is_missing(sessions->agents, who, source)) continue;
        if (audit && who->not_ready_ref != 0) continue;
        /* the login is forgotten also for an agent whose state is unknown, since the old login has ended */
        agent_forget_login(sessions->agents, at);
        if (!agent_logged_in(who)) continue;
        if (audit) observed_corrected(sessions, at, (enum agent_state)who->state, agent_state_logged_out);
        status_set(sessions, at, agent_state_logged_out, &status_no_reason);
        status_logged_out(sessions->agents, at);
        agent_settle(sessions->agents, at, sessions->now->time_us, false);
        status_look(sessions, at);
    }
}

/* Holds or frees the link's agents; all are updated at once, since a link may have most of them. */
void session_hold(struct sessions *sessions, unsigned source, bool held)
{
    for (uint32_t at = 0; at < sessions->agents->lines.count; at++)
        if (sessions->agents->lines.all[at].source == source && sessions->agents->lines.all[at].dn != 0)
            line_link(sessions->agents, at, held, link_serves(sessions->links, source));
    agents_settle(sessions->agents, sessions->now->time_us);
}

/* Sets the agents of the link to unknown and not to logged out: they may be there when the link comes back. */
void session_lost(struct sessions *sessions, unsigned source)
{
    leave_lines(sessions, source, LEFT_LOST);
    session_pages_forgotten(sessions, source);
    for (uint32_t at = 0; at < sessions->agents->count; at++) {
        struct agent *who = &sessions->agents->all[at];
        if (who->source != source || !agent_logged_in(who)) continue;
        status_set(sessions, at, agent_state_unknown, &status_no_reason);
        agent_settle(sessions->agents, at, sessions->now->time_us, false);
        status_look(sessions, at);
    }
}
