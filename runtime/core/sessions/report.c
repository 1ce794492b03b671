/* runtime/core/sessions/report.c - Takes the states of agents that links report.
 *
 *     EventAgentState --> session_on_state()  voice, or all media that have no state of their own
 *                     --> medium_is()         one other medium
 *     both            --> where is the agent (report_where), which state, which reason
 *
 * A report tells what has happened and is never refused. If a report contradicts the known state, this is counted and
 * reported as a fact (look_odd), and the report is taken all the same. */
#include "runtime/core/sessions/report.h"

#include <string.h>

#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/facts_owner.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/table.h"
#include "runtime/core/links/link.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/sessions/login.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/sessions/status.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/place.h"
#include "runtime/core/site/reason.h"
#include "runtime/vocabulary/events_agent.h"

/* Handles a report that the agent has logged out at a DN. True: the agent is still at another DN, or was not at this
 * one. */
static bool leaves_others(struct sessions *sessions, uint32_t agent, const struct told_at *at)
{
    uint32_t main = agent_at(sessions->agents, agent)->lines;
    if (at->dn == 0) return login_leaves_link(sessions, agent, at->source);
    if (login_leaves(sessions, agent, at->source, at->dn)) return true;
    return main != LINE_NONE && line_on(sessions->agents, at->source, at->dn) != main;
}

/* Notes where the agent is, by a report of a state other than logged_out. */
static void comes_to(struct sessions *sessions, uint32_t agent, const struct told_at *at)
{
    bool joins = login_is_one_more(sessions, agent, media_voice, at);
    if (joins) login_joins(sessions, agent, media_voice, at);
    uint32_t dn = joins || at->dn == 0 ? line_agent_dn(sessions->agents, agent) : at->dn;
    unsigned source = joins || at->dn == 0 ? agent_at(sessions->agents, agent)->source : at->source;
    login_takes(sessions, agent, source, dn);
    places_agent_at(sessions->directory, agent, source, dn, at->place);
    if (joins || (dn != 0 && source != at->source)) return; /* the report names no DN, or comes from another link */
    login_at(sessions, agent, dn, at->source);
    if (dn != 0) login_serves(sessions, at->source, dn, media_voice, false);
}

/* Takes a report. The DN is set before the state: only an agent who is somewhere may have a state. */
void report_apply(struct sessions *sessions, uint32_t agent, enum agent_state state, const struct told_at *where,
                  const struct report *report)
{
    struct told_at at = *where;
    if (status_do_not_disturb(sessions, agent, state)) return;
    if (at.place == at.dn) at.place = 0; /* a link without places reports the DN as the place */
    /* the report is newer than a state that was requested for later */
    status_forget_after(agent_at(sessions->agents, agent));
    if (state == agent_state_logged_out && leaves_others(sessions, agent, &at)) return;
    if (state == agent_state_logged_out) {
        places_agent_at(sessions->directory, agent, at.source, 0, at.place);
        login_at(sessions, agent, 0, at.source);
    } else {
        comes_to(sessions, agent, &at);
    }
    status_set(sessions, agent, state, report);
    if (state == agent_state_ready) session_works(sessions, agent);
    agent_settle(sessions->agents, agent, sessions->now->time_us, false);
    status_look(sessions, agent);
}

/* Returns the label of the switch, otherwise the first text among the reasons that is not secret. */
struct span report_reason(const struct message *message)
{
    struct span label = message_text(message, EventAgentState_label);
    struct kv_pair pair;
    if (label.length != 0) return label;
    struct span reasons = message_text(message, EventAgentState_reasons);
    for (uint32_t at = 0; kv_next(reasons, &at, &pair);)
        if (pair.value.tag == KV_TEXT && !pair.value.secret) return pair.value.span;
    return label;
}

struct report report_of(struct sessions *sessions, uint32_t agent, const struct message *message)
{
    struct span reason = report_reason(message);
    if (message_u(message, ENVELOPE_ref) == 0)
        reasons_given(sessions->directory, agent_at(sessions->agents, agent)->name,
                      names_pass(sessions->names, reason));
    return (struct report){.reason = reason, .work_mode = (unsigned)message_u(message, EventAgentState_work_mode)};
}

/* Logs in or out for a medium. True: the caller must set the medium's state. False: the login for the medium has
 * ended, or there is none. */
bool report_medium_at(struct sessions *sessions, uint32_t agent, enum media medium, enum agent_state state,
                      const struct told_at *at)
{
    struct agent *who = agent_at(sessions->agents, agent);
    if (state == agent_state_logged_out) {
        uint32_t dn = at->dn != 0 ? at->dn : line_dn_for_agent(sessions->agents, agent, medium);
        unsigned source = at->dn != 0 ? at->source : line_link_for_agent(sessions->agents, agent, medium);
        if (!login_is_there(sessions->agents, agent, source, dn, medium)) return agent_logged_in(who);
        if (!login_leaves_for(sessions, agent, source, dn, medium))
            report_apply(sessions, agent, state, at, &status_no_reason);
        return false;
    }
    if (login_is_one_more(sessions, agent, medium, at))
        login_joins(sessions, agent, medium, at);
    else if (agent_logged_in(who) && login_is_there(sessions->agents, agent, at->source, at->dn, media_none))
        login_serves(sessions, at->source, at->dn, medium, false);
    if (login_is_there(sessions->agents, agent, at->source, at->dn, media_none))
        login_seen(sessions->agents, agent, at->source, at->dn);
    if (agent_logged_in(who) || at->dn == 0) return agent_logged_in(who);
    report_apply(sessions, agent, agent_state_not_ready, at, &status_no_reason);
    login_serves(sessions, at->source, at->dn, medium, true);
    return true;
}

/* Returns the DN of an agent at a desk when none is named: where the agent serves the medium at that desk, or else
 * AGENT@LINK. */
static uint32_t report_desk_dn(struct sessions *sessions, struct span name, enum media medium, unsigned source)
{
    struct span link = names_text(sessions->names, link_at(sessions->links, source)->name);
    uint32_t agent;
    uint8_t text[512];
    if (agent_find(sessions->agents, names_find(sessions->names, name), &agent) &&
        line_exists_for_agent(sessions->agents, agent, medium) &&
        line_link_for_agent(sessions->agents, agent, medium) == source)
        return line_dn_for_agent(sessions->agents, agent, medium);
    if (name.length == 0 || name.length + link.length + 1u > sizeof text) return 0;
    memcpy(text, name.bytes, name.length);
    text[name.length] = '@';
    if (link.length != 0) memcpy(text + name.length + 1, link.bytes, link.length);
    return names_pass(sessions->names, (struct span){text, name.length + 1 + link.length});
}

struct told_at report_where(struct sessions *sessions, const struct message *message, enum media medium,
                            struct span agent, const struct span dn_and_place[2])
{
    struct told_at at = {names_pass(sessions->names, dn_and_place[0]), names_pass(sessions->names, dn_and_place[1]),
                         (unsigned)message_u(message, ENVELOPE_source)};
    if (at.dn == 0 && !status_is_main(medium) && link_is_desk(sessions->links, at.source))
        at.dn = report_desk_dn(sessions, agent, medium, at.source);
    return at;
}

/* True: no interaction has asked for what the report answers. The refs of interactions are counted apart from
 * others. */
static bool of_partition(const struct message *message)
{
    return message_u(message, ENVELOPE_ixn) == 0;
}

/* Takes a report about one medium other than voice. Such a report changes no other medium. Without a DN the report is
 * ignored for an agent who is not logged in; with a DN it logs the agent in there for this medium, not ready for the
 * others. */
static void medium_is(struct sessions *sessions, const struct message *message, enum media medium)
{
    enum agent_state state = (enum agent_state)message_u(message, EventAgentState_state);
    enum agent_state after = (enum agent_state)message_u(message, EventAgentState_after);
    uint32_t agent, name = names_find(sessions->names, message_text(message, EventAgentState_agent));
    const struct span texts[] = {message_text(message, EventAgentState_dn),
                                 message_text(message, EventAgentState_place)};
    struct told_at at = report_where(sessions, message, medium, message_text(message, EventAgentState_agent), texts);
    if (!agent_find(sessions->agents, name, &agent)) return;
    uint64_t ref = message_u(message, ENVELOPE_ref);
    if (ref != 0 && of_partition(message)) session_state_answered(sessions, agent, ref);
    if (status_is_of_medium(state) && !report_medium_at(sessions, agent, medium, state, &at)) return;
    if (!agent_logged_in(agent_at(sessions->agents, agent))) return;
    struct report report = report_of(sessions, agent, message);
    if (status_is_of_medium(state)) status_set_medium(sessions, agent, medium, state, &report);
    if (status_is_of_medium(after)) status_after(sessions, agent, medium, after, false);
}

void report_odd(struct sessions *sessions, uint32_t agent, unsigned what)
{
    fact_tell(sessions->facts, &(struct fact){.what = (uint16_t)what, .name = agent_at(sessions->agents, agent)->name});
}

uint32_t report_unknown(struct sessions *sessions, uint32_t name)
{
    uint32_t agent = agent_add_unknown(sessions->agents, name);
    if (agent == AGENT_NONE) fact_tell(sessions->facts, &(struct fact){.what = FACT_agent_ignored});
    return agent;
}

/* Counts a report that repeats or contradicts the known state. The answer to a request of the core is not counted. */
static void look_odd(struct sessions *sessions, uint32_t agent, enum agent_state state, const struct told_at *at,
                     const struct message *message)
{
    uint32_t dn = at->dn;
    const struct agent *who = agent_at(sessions->agents, agent);
    int64_t since = message_i(message, EventAgentState_since);
    uint32_t other;
    bool in = agent_logged_in(who), joins = login_is_one_more(sessions, agent, media_voice, at) &&
                                            !login_is_there(sessions->agents, agent, at->source, dn, media_none);
    bool elsewhere = !joins && !login_is_of(sessions->agents, agent, at->source, dn);
    if (message_u(message, ENVELOPE_ref) != 0 || state == agent_state_unknown || state == agent_state_dnd_on ||
        state == agent_state_dnd_off)
        return;
    if (state == agent_state_logged_out) dn = 0;
    bool taken = dn != 0 && agent_on_dn(sessions->agents, at->source, dn, &other) && other != agent;
    if (taken || (in && elsewhere && state != agent_state_logged_out) ||
        (who->state == agent_state_logged_out && state != agent_state_logged_out && state != agent_state_logged_in))
        report_odd(sessions, agent, FACT_agent_contradicting);
    else if (state == who->state && !elsewhere &&
             (dn == 0 || login_is_there(sessions->agents, agent, at->source, dn, media_voice)) &&
             (since == 0 || since == who->switch_since_us))
        report_odd(sessions, agent, FACT_agent_repeated);
}

/* True: somebody has paused the agent, or logged the agent out, which is newer than what the agent has said by
 * telephone. The answer to a request says nothing new, nor does a pause that repeats the present one. */
static bool report_pauses(const struct sessions *sessions, const struct agent *who, enum agent_state state,
                          const struct message *message)
{
    if (message_u(message, ENVELOPE_ref) != 0) return false;
    if (state != agent_state_not_ready) return state == agent_state_logged_out;
    struct span reason = report_reason(message);
    return who->state == agent_state_ready ||
           (reason.length != 0 && !span_equal(reason, names_text(sessions->names, who->reason)));
}

/* Takes an EventAgentState. An agent whom the directory does not have is made from the report, up to a limit; one
 * who is reported as logged out is not made. */
void session_on_state(struct sessions *sessions, const struct message *message)
{
    enum media media = (enum media)message_u(message, EventAgentState_media);
    enum agent_state state = (enum agent_state)message_u(message, EventAgentState_state);
    enum agent_state after = (enum agent_state)message_u(message, EventAgentState_after);
    uint32_t name = names_pass(sessions->names, message_text(message, EventAgentState_agent));
    uint32_t dn = names_pass(sessions->names, message_text(message, EventAgentState_dn));
    unsigned source = (unsigned)message_u(message, ENVELOPE_source);
    uint32_t agent;
    if (!status_is_main(media)) {
        medium_is(sessions, message, media);
        return;
    }
    if (state == agent_state_unknown && after == state) return;
    if (!agent_find(sessions->agents, name, &agent) &&
        (name != 0 || !agent_on_dn(sessions->agents, source, dn, &agent))) {
        agent = state <= agent_state_logged_out ? AGENT_NONE : report_unknown(sessions, name);
        if (agent == AGENT_NONE) return;
    }
    struct agent *who = agent_at(sessions->agents, agent);
    login_seen(sessions->agents, agent, source, dn);
    uint64_t ref = message_u(message, ENVELOPE_ref);
    if (ref != 0 && of_partition(message)) session_state_answered(sessions, agent, ref);
    int64_t since = message_i(message, EventAgentState_since);
    /* The reports of one link come in order, even if its clock is set back. Of reports of two links the newer one
     * counts. */
    if (since != 0 && since < who->switch_since_us && !login_is_of(sessions->agents, agent, source, dn)) {
        report_odd(sessions, agent, FACT_agent_late);
        return;
    }
    struct told_at at = {dn, names_pass(sessions->names, message_text(message, EventAgentState_place)), source};
    look_odd(sessions, agent, state, &at, message);
    if (since != 0) who->switch_since_us = since;
    struct report report = report_of(sessions, agent, message);
    if (who->readies && report_pauses(sessions, who, state, message)) who->readies = false;
    if (state != agent_state_unknown) report_apply(sessions, agent, state, &at, &report);
    if (after != agent_state_unknown && agent_logged_in(who)) status_after(sessions, agent, media, after, false);
}
