/* runtime/adapters/cti/facts_agent.c - Reports of the switch on agents and DNs. Each report has its effects in the
 * order that facts.c describes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/facts.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/wrap_up.h"

static void post_agent(struct cti *cti, const struct agent_session *session, enum agent_state change,
                       const struct cti_asker *asker)
{
    struct writer *writer = post_begin(cti, KIND_EventAgentState, NULL, asker);
    writer_text(writer, EventAgentState_agent, session->agent);
    writer_text(writer, EventAgentState_place, session->dn);
    writer_text(writer, EventAgentState_dn, session->dn);
    writer_text(writer, EventAgentState_queue, session->queue);
    writer_u(writer, EventAgentState_media, media_voice);
    writer_u(writer, EventAgentState_state, change);
    writer_u(writer, EventAgentState_work_mode, session->work_mode);
    writer_kv(writer, EventAgentState_reasons, &session->reasons);
    writer_u(writer, EventAgentState_origin, state_origin_switch);
    writer_i(writer, EventAgentState_since, cti_wall(cti, session->since_us));
    post_end(cti, NULL, NULL);
}

/* Sets the end of after-call work that this T-Server has begun; what the agent, the core or the switch began does not
 * end by itself. After a restart such after-call work is recognized by its reason, if the switch keeps reasons. */
static void time_after_call_work(const struct cti *cti, struct agent_session *session, enum agent_state change,
                                 const struct ask *ask, struct span reasons)
{
    struct kv_value mark;
    if (change != agent_state_after_call_work || ask)
        session->ready_at_us = 0;
    else if (session->ready_at_us == 0 && kv_get(reasons, "wrap_up", &mark))
        session->ready_at_us =
            cti->now_us +
            (mark.tag == KV_INT && mark.word > 0 && mark.word <= WRAP_UP_MOST_US ? mark.word : cti->wrap_up_us);
}

/* Ends the session. An agent who stays logged in at another DN then has the state of the session there, if the ended
 * session was the latest. */
static void end_session(struct cti *cti, struct agent_session *session, enum agent_state was, bool latest)
{
    assert(session->agent[0] != 0 && session->dn[0] != 0);
    char agent[NAME_SIZE];
    memcpy(agent, session->agent, sizeof agent);
    agents_logout(&cti->agents, session);
    const struct agent_session *rest = agents_of(&cti->agents, agent);
    if (rest && latest && rest->state != was && !rest->leaving && cti->switch_up)
        post_agent(cti, rest, rest->state, NULL);
}

/* Logs out another agent who was at the DN, as a DN has one agent. */
static void takes_dn(struct cti *cti, const char *agent, const char *dn)
{
    struct agent_session *other = agents_at(&cti->agents, dn);
    if (!other || strcmp(other->agent, agent) == 0) return;
    cti_log(cti, GCX_LOG_WARNING, NO_CALL, "dn=%s: agent=%s logs in, and agent=%s is logged out there", dn, agent,
            other->agent);
    notify_agent(cti, other, agent_state_logged_out, NULL);
    end_session(cti, other, other->state, agents_of(&cti->agents, other->agent) == other);
}

/* Sets the agent's new state. While a snapshot is read the core is not told: the resync afterwards tells it. */
static void facts_agent_is(struct cti *cti, const char *agent, const char *dn, const char *queue,
                           enum agent_state change, enum work_mode mode, struct span reasons, const struct ask *ask)
{
    assert(*agent && *dn);
    takes_dn(cti, agent, dn);
    struct agent_session *session = agents_login(&cti->agents, agent, dn, cti->now_us);
    enum agent_state was = session->state;
    bool latest = agents_of(&cti->agents, agent) == session;
    time_after_call_work(cti, session, change, ask, reasons);
    if (queue && queue[0] != 0) text_set(session->queue, sizeof session->queue, queue);
    if (change == agent_state_logged_in)
        agent_session_set(&cti->agents, session, session->state, session->work_mode, reasons, cti->now_us);
    else
        agent_session_set(&cti->agents, session, change, mode, reasons, cti->now_us);
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "EventAgentState agent=%s dn=%s state=%s", agent, dn,
            enum_name_agent_state(change));
    if (cti->switch_up) /* otherwise a snapshot is being read, and the resync tells the core */
        post_agent(cti, session, change, fact_asker(ask));
    if (ask && ask->asker.client != 0 && change != agent_state_logged_out)
        /* this comes after the report, since the core must know of the login first */
        client_join(cti, session, ask->asker.client);
    notify_agent(cti, session, change, fact_asker(ask));
    if (change == agent_state_logged_out) end_session(cti, session, was, latest);
}

/* An agent's state, as the switch reports it; a state that facts_wrap_up() has reported already is not reported
 * again. */
void cti_agent(struct cti *cti, const char *agent, const char *dn, const char *queue, enum agent_state change,
               enum work_mode mode, struct span reasons)
{
    const struct agent_session *session = agents_at(&cti->agents, dn);
    if (change == agent_state_logged_out && session && strcmp(session->agent, agent) != 0)
        return; /* the report is late: another agent has logged in there since */
    struct ask *ask = asks_take_agent(&cti->asks, dn, change);
    bool told = !ask && change == agent_state_after_call_work && session && session->ready_at_us != 0 &&
                strcmp(session->agent, agent) == 0; /* facts_wrap_up() has reported this state before */
    if (!told && agent[0] != 0 && strlen(agent) < NAME_SIZE && dn[0] != 0 && strlen(dn) < NAME_SIZE)
        facts_agent_is(cti, agent, dn, queue, change, mode, reasons, ask);
    free(ask);
}

/* Puts an agent who was ready into after-call work when a routed call ends. The core is told of that before the
 * call's end: otherwise it could choose the agent for the next call at once. */
void facts_wrap_up(struct cti *cti, const struct call *call, const char *dn)
{
    const struct agent_session *session = agents_at(&cti->agents, dn);
    const struct call_party *party = call_party(call, dn);
    bool routed = call->instructed || call->last_point[0] != 0;
    int64_t wished_us = wrap_up_wished(kv_span(&call->data)), wrap_up_us = wished_us >= 0 ? wished_us : cti->wrap_up_us;
    if (wrap_up_us == 0 || !cti->switch_up || cti->aside || !routed || !session || !party ||
        session->state != agent_state_ready || (party->state != PARTY_ESTABLISHED && party->state != PARTY_HELD))
        return;
    struct kv reasons;
    kv_init(&reasons);
    if (wished_us >= 0)
        kv_put_int(&reasons, "wrap_up", wished_us);
    else
        kv_put_bool(&reasons, "wrap_up", true);
    struct agent_ask change = {.agent = session->agent,
                               .dn = session->dn,
                               .queue = session->queue,
                               .state = agent_state_after_call_work,
                               .work_mode = work_mode_after_call_work,
                               .reasons = kv_span(&reasons)};
    facts_agent_is(cti, session->agent, session->dn, NULL, change.state, change.work_mode, change.reasons, NULL);
    cti->ops->agent(cti->self, 0, &change);
    kv_free(&reasons);
}

static void device_post(struct cti *cti, const char *number, const struct cti_dn *dn)
{
    struct writer *writer = post_begin(cti, KIND_EventDN, NULL, NULL);
    writer_text(writer, EventDN_dn, number);
    writer_u(writer, EventDN_type, dn->type);
    writer_u(writer, EventDN_state, dn->state);
    post_end(cti, NULL, NULL);
}

void cti_device_again(struct cti *cti, const char *number)
{
    const struct cti_dn *dn = dns_get(&cti->dns, number);
    if (dn && dn->known && cti->switch_up) device_post(cti, number, dn);
}

/* A DN's state, as the switch reports it; a report that changes nothing is passed to nobody, as switches repeat the
 * state of all DNs. */
void cti_device(struct cti *cti, const char *number, enum dn_type type, enum dn_state state)
{
    struct cti_dn *dn = dns_get(&cti->dns, number);
    if (!dn) return;
    bool first = !dn->known;
    bool changed = first || dn->state != state;
    dn->known = true;
    dn->state = state;
    if (type != dn_type_other) dn->type = type;
    if (!changed || (first && !cti->switch_up)) /* the resync tells the core a DN's first state in a snapshot */
        return;
    device_post(cti, number, dn);
    enum client_event what = state == dn_state_in ? CLIENT_EventDNBackInService : CLIENT_EventDNOutOfService;
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "%s dn=%s", cti_event_name(what), number);
    json_t *event = cti_event_new(what);
    json_object_set_new(event, "ThisDN", json_string(number));
    notify_send(cti, number, event, NULL);
}
