/* runtime/core/sessions/session.c - Answers requests of desktops and administrators about agents.
 *
 * Unlike a report, a request may be refused and is always answered. The checks are made in the order of their
 * answers: no such agent, not allowed, no such reason, not logged in, wrong state. */
#include "runtime/core/sessions/session.h"

#include "runtime/core/base/part.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/authority.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/sessions/desk.h"
#include "runtime/core/sessions/report.h"
#include "runtime/core/sessions/status.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/reason.h"
#include "runtime/vocabulary/events_agent.h"

void sessions_init(struct sessions *sessions, const struct parts *parts)
{
    *sessions = (struct sessions){
        .now = parts->now,
        .facts = parts->facts,
        .rows = parts->rows,
        .media = parts->media,
        .names = parts->names,
        .timers = parts->timers,
        .scratch = parts->scratch,
        .agents = parts->agents,
        .claims = parts->claims,
        .directory = parts->directory,
        .links = parts->links,
        .interactions = parts->interactions,
        .effects = parts->effects,
        .forks = parts->forks,
    };
}

/* Returns the agent: found by name, or else by the DN. */
uint32_t session_who(const struct sessions *sessions, struct span agent, unsigned source, struct span dn)
{
    uint32_t who;
    if (agent_find(sessions->agents, names_find(sessions->names, agent), &who)) return who;
    if (agent_on_dn(sessions->agents, source, names_find(sessions->names, dn), &who)) return who;
    return AGENT_NONE;
}

uint32_t session_who_near(const struct sessions *sessions, struct span agent, unsigned source, struct span dn)
{
    uint32_t who = session_who(sessions, agent, source, dn);
    if (who == AGENT_NONE && !agent_near_dn(sessions->agents, source, names_find(sessions->names, dn), &who))
        return AGENT_NONE;
    return who;
}

uint32_t session_actor(const struct sessions *sessions, const struct message *message)
{
    uint32_t agent;
    if (!agent_find(sessions->agents, names_find(sessions->names, message_text(message, ENVELOPE_actor)), &agent))
        return AGENT_NONE;
    return agent_logged_in(agent_at(sessions->agents, agent)) ? agent : AGENT_NONE;
}

/* Returns the agent who asks, who must be logged in at the link that sends the request: a link must not speak for
 * agents of others. */
uint32_t session_asker(const struct sessions *sessions, const struct message *message)
{
    uint32_t agent = session_actor(sessions, message);
    if (agent == AGENT_NONE) return AGENT_NONE;
    return line_agent_on_link(sessions->agents, agent, (unsigned)message_u(message, ENVELOPE_source)) ? agent
                                                                                                      : AGENT_NONE;
}

/* True: a request about a medium may name this state: one that a medium can have, or none. */
static bool may_ask(enum agent_state state)
{
    return state == agent_state_unknown || status_is_of_medium(state);
}

/* True: the agent asks about the own state, which is the only one that an agent may set. A request that names no
 * asker is made by its link. */
static bool is_own(const struct message *message)
{
    struct span actor = message_text(message, ENVELOPE_actor), agent = message_text(message, RequestAgentState_agent);
    bool own = actor.length == 0 || span_equal(actor, agent);
    return authority_allows(ACT_state, own ? claim_kind_free : claim_kind_none, AUTHORITY_agent);
}

/* True: the directory has the reason. If the directory has any reasons, no other reason is accepted: that reason would
 * become a name for ever, and appear in no report. */
bool session_knows_reason(const struct sessions *sessions, struct span reason)
{
    const struct reasons *reasons = &sessions->directory->reasons;
    return reason.length == 0 || reasons->known == 0 ||
           reasons_display(reasons, names_find(sessions->names, reason)) != 0;
}

void session_on_request(struct sessions *sessions, const struct message *message)
{
    uint32_t agent;
    uint32_t name = names_find(sessions->names, message_text(message, RequestAgentState_agent));
    enum agent_state state = (enum agent_state)message_u(message, RequestAgentState_state);
    enum agent_state after = (enum agent_state)message_u(message, RequestAgentState_after);
    enum media medium = (enum media)message_u(message, RequestAgentState_media);
    if (!agent_find(sessions->agents, name, &agent)) {
        effect_reply(sessions->effects, message, outcome_error, code_invalid_attribute, "there is no such agent", NULL);
        return;
    }
    if (!is_own(message)) {
        effect_reply(sessions->effects, message, outcome_error, code_no_privilege,
                     "an agent sets no state but the own one", NULL);
        return;
    }
    if (!session_knows_reason(sessions, report_reason(message))) {
        effect_reply(sessions->effects, message, outcome_error, code_invalid_attribute,
                     "the directory has no such reason: choose one of its list", NULL);
        return;
    }
    bool desk = desk_is_asked(sessions->links, message), logs_in = desk && state == agent_state_logged_in;
    if (!desk &&
        ((state == agent_state_unknown && after == state) || !agent_logged_in(agent_at(sessions->agents, agent)))) {
        effect_reply(sessions->effects, message, outcome_error, code_not_logged_in, "the agent is not logged in", NULL);
        return;
    }
    if (!status_is_main(medium) && !((may_ask(state) || logs_in) && may_ask(after))) {
        effect_reply(sessions->effects, message, outcome_error, code_invalid_attribute,
                     "a medium is ready, not_ready, in after_call_work or logged_out", NULL);
        return;
    }
    if (desk) {
        desk_on_request(sessions, message, agent);
        return;
    }
    if (state != agent_state_unknown) status_begin(sessions, agent, medium, state, true);
    if (after != agent_state_unknown) status_after(sessions, agent, medium, after, true);
    effect_reply(sessions->effects, message, outcome_ok, code_ok, NULL, NULL);
}
