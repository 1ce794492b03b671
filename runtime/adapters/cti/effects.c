/* runtime/adapters/cti/effects.c - Effects of the core: each is checked, and requested of the switch.
 *
 * An effect on a call is remembered with its answer as long as the call lives; if it comes again it is only
 * answered.
 *
 * What happens to an effect on a call:
 *
 *     cti_perform()        finds the call; a call that is gone answers unknown_conn_id
 *     perform_on_call()    an effect that this call has seen (ixn, ref) is answered from memory; else it is noted
 *     effect_...()         what is asked for is checked against the model
 *     job_ask()            an ask is opened: which fact will answer, until when
 *     ops->...()           the plugin asks the switch
 *     facts.c              the fact comes, takes the ask, and its event answers the effect
 *
 * An effect is answered exactly once: by a fact, by a refusal of the switch, by the ask's deadline, or by the end of
 * its call. While the link to the switch is down, a route waits (LINK_GRACE_US), the core sends a treatment again
 * later, and all other effects are refused. */
#include "runtime/adapters/cti/effects.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/records.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/bytes.h"

void job_done(const struct cti_job *job, enum outcome outcome, enum code code, const char *text)
{
    if (outcome != outcome_ok) {
        cti_log(job->cti, GCX_LOG_INFO, job->call, "EventError effect=%s code=%s %s", kind_name(job->effect->kind),
                enum_name_code(code), text);
    }
    post_done(job->cti, job->call, &job->asker, outcome, code, text);
}

void job_refuse(const struct cti_job *job, enum code code, const char *text)
{
    job_done(job, outcome_error, code, text);
}

struct effect_name job_name(const struct cti_job *job, unsigned field)
{
    struct effect_name name;
    text_set_span(name.text, sizeof name.text, message_text(job->effect, field));
    return name;
}

/* Adds the ask of an effect. A slow switch gets more time: its lag is added twice, for the request and the answer. */
struct ask *job_ask(const struct cti_job *job, enum expect expect, const char *dn)
{
    uint64_t conn = job->call ? job->call->conn : 0;
    if (expect == EXPECT_DIALLED) conn = job->cti->services->new_conn(job->cti->link);
    int64_t given_us = message_i(job->effect, ENVELOPE_timeout);
    int64_t deadline_us =
        job->cti->now_us + (given_us > 0 && given_us < ASK_US ? given_us : ASK_US) + 2 * job->cti->switch_lag_us;
    return asks_add(&job->cti->asks, expect, &job->asker, conn, dn, deadline_us);
}

void job_take_data(const struct cti_job *job, unsigned revision_field, unsigned data_field)
{
    assert(job->call);
    uint64_t revision = message_u(job->effect, revision_field);
    if (revision >= job->call->revision) {
        call_set_data(job->call, message_text(job->effect, data_field));
        job->call->revision = revision;
    }
}

/* --- Dialling calls, agents --- */

#define SAME_FIELD(field)                                                                                              \
    static_assert((int)RequestMakePredictiveCall_##field == (int)RequestMakeCall_##field, "read by one function")
SAME_FIELD(number);
SAME_FIELD(origin);
SAME_FIELD(caller_id);
SAME_FIELD(ring);
SAME_FIELD(data);
#undef SAME_FIELD

/* Has the switch dial a call; this is never repeated, even if no call is known to have come of it. The call has our
 * ConnID from its first moment, so that a later process recognizes it too. */
static void effect_make_call(struct cti_job *job)
{
    struct cti *cti = job->cti;
    struct effect_name origin = job_name(job, RequestMakeCall_origin);
    char number[ADDRESS_SIZE], caller_id[ADDRESS_SIZE], correlator[CONN_TEXT];
    text_set_span(number, sizeof number, message_text(job->effect, RequestMakeCall_number));
    text_set_span(caller_id, sizeof caller_id, message_text(job->effect, RequestMakeCall_caller_id));
    if (!cti->ops->dial) {
        job_done(job, outcome_unsupported, code_unsupported, "this switch cannot");
        return;
    }
    if (!cti->switch_up) {
        job_refuse(job, code_link_down, "the link to the switch is down");
        return;
    }
    char shown[NUMBER_MASKED];
    number_mask(span_of(number), shown);
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "%s dn=%s number=%s", kind_name(job->effect->kind), origin.text, shown);
    struct ask *open = job_ask(job, EXPECT_DIALLED, origin.text);
    struct dial_ask dial = {.origin = origin.text,
                            .number = number,
                            .caller_id = caller_id,
                            .correlator = correlator,
                            .ring_us = message_i(job->effect, RequestMakeCall_ring),
                            .predictive = job->effect->kind == KIND_RequestMakePredictiveCall,
                            .back = message_u(job->effect, RequestMakeCall_record) == 0,
                            .data = message_text(job->effect, RequestMakeCall_data)};
    ident_print_conn(open->conn, correlator);
    cti->ops->dial(cti->self, open->id, &dial);
}

/* Logs the agent out at every DN. */
static void log_out_all(struct cti *cti, struct agent_session *asked, const struct agent_ask *as)
{
    for (struct agent_session *also = agents_of(&cti->agents, asked->agent), *next; also; also = next) {
        struct agent_ask change = *as;
        next = also->also;
        if (also == asked) continue;
        also->leaving = true;
        change.dn = also->dn;
        change.queue = also->queue;
        cti->ops->agent(cti->self, 0, &change);
    }
}

/* Logs an agent in at a telephone of this switch, for a strategy. The log-in is refused if another agent is at that
 * telephone, or if the agent is at another one. */
static void log_agent_in(struct cti_job *job, const char *agent, const char *dn)
{
    struct cti *cti = job->cti;
    const struct cti_dn *at = dns_find(&cti->dns, dn);
    const struct agent_session *there = agents_at(&cti->agents, dn), *elsewhere = agents_of(&cti->agents, agent);
    bool telephone = at && at->known && (at->type == dn_type_extension || at->type == dn_type_position);
    if (!telephone) {
        job_refuse(job, code_invalid_dn, "the switch has no such telephone");
        return;
    }
    if ((there && strcmp(there->agent, agent) != 0) || (elsewhere && elsewhere != there)) {
        job_refuse(job, there && there != elsewhere ? code_taken : code_already_logged_in,
                   "another agent is logged in there, or this one elsewhere");
        return;
    }
    struct agent_ask change = {
        .agent = agent, .dn = dn, .queue = there ? there->queue : "", .state = agent_state_logged_in};
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "SetAgentState agent=%s dn=%s state=logged_in", agent, dn);
    struct ask *open = job_ask(job, EXPECT_AGENT, dn);
    open->state = agent_state_logged_in;
    cti->ops->agent(cti->self, open->id, &change);
}

/* Changes an agent's state in the session at the DN, or else the one that changed last, or else that of the agent
 * who is there; a logout is for all sessions. */
static void set_agent_state(struct cti_job *job)
{
    assert(job->cti->switch_up);
    struct cti *cti = job->cti;
    struct effect_name agent = job_name(job, SetAgentState_agent), dn = job_name(job, SetAgentState_dn);
    enum agent_state state = (enum agent_state)message_u(job->effect, SetAgentState_state);
    if (state == agent_state_logged_in && agent.text[0] != 0 && dn.text[0] != 0) {
        log_agent_in(job, agent.text, dn.text);
        return;
    }
    struct agent_session *session = agents_of_at(&cti->agents, agent.text, dn.text);
    if (!session && dn.text[0] != 0) session = agents_at(&cti->agents, dn.text);
    if (!session) {
        job_refuse(job, code_not_logged_in, "the agent is not logged in");
        return;
    }
    enum media medium = (enum media)message_u(job->effect, SetAgentState_media);
    if (medium != media_none && medium != media_voice) {
        job_done(job, outcome_unsupported, code_unsupported, "the switch has states of calls only");
        return;
    }
    struct agent_ask change = {.agent = session->agent,
                               .dn = session->dn,
                               .queue = session->queue,
                               .state = state,
                               .work_mode = (enum work_mode)message_u(job->effect, SetAgentState_work_mode),
                               .reasons = message_text(job->effect, SetAgentState_reasons)};
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "SetAgentState agent=%s state=%s", session->agent,
            enum_name_agent_state(state));
    struct ask *open = job_ask(job, EXPECT_AGENT, session->dn);
    open->state = state;
    session->leaving |= state == agent_state_logged_out;
    cti->ops->agent(cti->self, open->id, &change);
    if (state == agent_state_logged_out) log_out_all(cti, session, &change);
}

/* --- Data, answers, objects --- */

/* Tells the clients of all parties that the data changed; the event for the client that asked has its reference. */
static void tell_data(struct cti *cti, struct call *call, const struct cti_asker *asker, const char *asked_at)
{
    bool told = !asker;
    for (unsigned i = 0; i < call->party_count; i++) {
        char dn[NAME_SIZE]; /* a client that is closed meanwhile changes no parties, but a copy is safe */
        memcpy(dn, call->parties[i].dn, sizeof dn);
        bool here = asker && strcmp(dn, asked_at) == 0;
        const struct cti_asker *owed = here ? asker : NULL;
        notify_send(cti, dn, notify_call(cti, CLIENT_EventAttachedDataChanged, call, dn, owed), owed);
        told |= here;
    }
    if (!told) /* the client that asked is registered at no party any more, and still needs its answer */
        notify_send(cti, "", notify_call(cti, CLIENT_EventAttachedDataChanged, call, asked_at, asker), asker);
}

/* Takes over user data from the core, which decides on them: a client's change becomes true only here. */
static void effect_data_changed(struct cti_job *job)
{
    struct call *call = job->call;
    if (!call) return;
    struct ask *open = asks_take(&job->cti->asks, EXPECT_DATA, call->conn, NULL);
    call_change_data(call, message_text(job->effect, EventAttachedDataChanged_changed),
                     message_text(job->effect, EventAttachedDataChanged_deleted));
    call->revision = message_u(job->effect, EventAttachedDataChanged_revision);
    call->instructed = true; /* a strategy works on the call */
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(message_text(job->effect, EventAttachedDataChanged_changed), &at, &pair);) {
        cti_log(job->cti, GCX_LOG_INFO, call, "EventAttachedDataChanged key=%.*s", (int)pair.key.length,
                (const char *)pair.key.bytes);
    }
    tell_data(job->cti, call, !open ? NULL : &open->asker, !open ? "" : open->dn);
    free(open);
}

/* Handles the core's answer to a client's request about data, an invitation, a record or listening. */
static void effect_reply_data(struct cti_job *job)
{
    struct cti *cti = job->cti;
    uint64_t client = message_u(job->effect, ENVELOPE_client), reference = message_u(job->effect, ENVELOPE_req);
    struct ask *open = asks_take_reply(&cti->asks, client, reference);
    if (!open) return; /* the ask was answered before */
    enum outcome outcome = (enum outcome)message_u(job->effect, Reply_outcome);
    bool invited = open->expect == EXPECT_ACCEPTED || open->expect == EXPECT_REJECTED;
    if (invited && outcome == outcome_ok) {
        invite_answered(cti, open, code_ok);
        free(open);
        return;
    }
    if (open->expect == EXPECT_MAY && outcome == outcome_ok) {
        requests_listen_allowed(cti, open);
        free(open);
        return;
    }
    if (open->expect == EXPECT_RECORD && outcome == outcome_ok) {
        records_done(cti, open, job->effect);
        free(open);
        return;
    }
    if (outcome == outcome_ok || outcome == outcome_duplicate) {
        /* If data changed, an effect with the new data follows and answers the client; after this time without one
         * nothing has changed, and the present data are the answer. */
        enum { SETTLE_US = 100000 };
        asks_add(&cti->asks, EXPECT_DATA, &open->asker, open->conn, open->dn, cti->now_us + SETTLE_US);
        free(open);
        return;
    }
    char text[256];
    text_set_span(text, sizeof text, message_text(job->effect, Reply_text));
    enum code code = (enum code)message_u(job->effect, Reply_code);
    if (invited) invite_answered(cti, open, code);
    ask_failed(cti, open, code, text[0] != 0 ? text : "refused by the core");
}

static void effect_restore(struct cti_job *job)
{
    if (job->call) {
        job_take_data(job, Restore_revision, Restore_data);
        job->call->instructed |= message_u(job->effect, Restore_instructed) != 0;
        job->call->announced = true;
    }
}

/* Takes over the core's directory entry of a routing point, which replaces the one before entirely. */
static void effect_configure(struct cti_job *job)
{
    struct effect_name number = job_name(job, Configure_dn);
    struct cti_dn *dn = dns_get(&job->cti->dns, number.text);
    if (!dn) {
        job_refuse(job, code_invalid_dn, "no good name of a DN");
        return;
    }
    struct span defaults = message_text(job->effect, Configure_defaults), element;
    destinations_free(&dn->point.defaults);
    dn->point = (struct routing_point){
        .configured = true,
        .active = message_u(job->effect, Configure_active) != 0,
        .answer_timeout_us = message_i(job->effect, Configure_answer_timeout),
        .router_grace_us = message_i(job->effect, Configure_router_grace),
    };
    for (uint32_t at = 0; message_next_text(defaults, &at, &element);) destinations_add(&dn->point.defaults, element);
    cti_log(job->cti, GCX_LOG_INFO, NO_CALL, "Configure dn=%s defaults=%u", dn->number, dn->point.defaults.count);
    job_done(job, outcome_ok, code_ok, NULL);
}

/* Answers the core's question about one object by Observed. */
static void effect_query_address(struct cti_job *job)
{
    struct cti *cti = job->cti;
    struct effect_name name = job_name(job, QueryAddress_name);
    const struct agent_session *session;
    const struct cti_dn *dn;
    switch ((enum object)message_u(job->effect, QueryAddress_what)) {
    case object_agent:
        if ((session = agents_of(&cti->agents, name.text))) {
            resync_agent(cti, session, &job->asker);
            return;
        }
        break;
    case object_dn:
        if ((dn = dns_find(&cti->dns, name.text)) && dn->known) {
            resync_dn(cti, dn, &job->asker);
            return;
        }
        break;
    default:
        if (job->call) {
            resync_call(cti, job->call, &job->asker);
            return;
        }
        job_refuse(job, code_unknown_conn_id, "no such call");
        return;
    }
    job_refuse(job, code_unavailable, "no such object");
}

/* Returns the call that the effect `ref` has dialled; NULL: there is none. A ref is unique only within an
 * interaction, so both numbers are compared. */
static struct call *dialled_by(const struct cti_job *job, uint64_t ref)
{
    if (job->call) {
        bool its = job->asker.ixn == 0 || job->call->dial_ixn == job->asker.ixn;
        return its && job->call->dial_ref == ref ? job->call : NULL;
    }
    struct call *call = job->asker.ixn == 0 ? NULL : job->cti->calls.first;
    while (call && (call->dial_ref != ref || call->dial_ixn != job->asker.ixn)) call = call->next;
    return call;
}

/* Cancels an effect: a dialled call is hung up, a running treatment is stopped. No other effect can be cancelled
 * here. */
static void effect_cancel_asked(struct cti_job *job)
{
    uint64_t of = message_u(job->effect, Cancel_of);
    struct call *dialled = of == 0 ? NULL : dialled_by(job, of);
    if (dialled && job->cti->switch_up) {
        job->cti->ops->clear(job->cti->self, 0, dialled, cause_ok);
        return;
    }
    if (job->call && of != 0 && job->call->treatment == of && job->cti->switch_up)
        job->cti->ops->stop_treatment(job->cti->self, job->call, of);
}

/* --- Which effect it is --- */

/* Performs an effect that changes a call at the switch: only once, and only if the call and the switch are there. */
static void perform_on_call(struct cti_job *job, void (*perform)(struct cti_job *))
{
    assert(perform && job->effect);
    struct span answer;
    if (!job->call) {
        job_refuse(job, code_unknown_conn_id, "no such call");
        return;
    }
    if (job->asker.ref != 0 && !call_begin(job->call, job->asker.ixn, job->asker.ref, &answer)) {
        if (answer.length > 0) post_again(job->cti, answer);
        return;
    }
    job->call->instructed = true;
    /* the core has the call, so a cancelled dial effect no longer hangs up */
    job->call->dial_ixn = job->call->dial_ref = 0;
    if (!job->cti->switch_up && perform == effect_apply_treatment) {
        /* the link was lost during the call: the core sends the effect again */
        call_not_done(job->call, job->asker.ref);
        return;
    }
    if (!job->cti->switch_up && perform != effect_route_call) {
        job_refuse(job, code_link_down, "the link to the switch is down");
        return;
    }
    perform(job);
}

/* Handles every effect of the core. Unknown notices are ignored; any other unknown effect is answered. */
void cti_perform(struct cti *cti, const struct message *effect)
{
    struct cti_job job = {.cti = cti, .effect = effect};
    job.asker = (struct cti_asker){.ixn = message_u(effect, ENVELOPE_ixn), .ref = message_u(effect, ENVELOPE_ref)};
    cti_clock(cti);
    job.call = calls_by_conn(&cti->calls, message_u(effect, ENVELOPE_conn));
    if (job.call && job.asker.ixn != 0) job.call->ixn = job.asker.ixn;
    switch (effect->kind) {
    case KIND_Configure:
        effect_configure(&job);
        break;
    case KIND_Resync:
        if (message_u(effect, Resync_what) == object_agent)
            resync_agents(cti, job.asker.ixn, job.asker.ref);
        else
            resync_all(cti, job.asker.ixn, job.asker.ref);
        break;
    case KIND_QueryAddress:
        effect_query_address(&job);
        break;
    case KIND_Restore:
        effect_restore(&job);
        break;
    case KIND_RequestRouteCall:
        perform_on_call(&job, effect_route_call);
        break;
    case KIND_RouteDefault:
        perform_on_call(&job, effect_route_default);
        break;
    case KIND_RequestApplyTreatment:
        perform_on_call(&job, effect_apply_treatment);
        break;
    case KIND_RequestCallControl:
        perform_on_call(&job, effect_call_control);
        break;
    case KIND_RequestParty:
        perform_on_call(&job, effect_party);
        break;
    case KIND_RequestMakeCall:
    case KIND_RequestMakePredictiveCall:
        effect_make_call(&job);
        break;
    case KIND_SetAgentState:
        if (cti->switch_up)
            set_agent_state(&job);
        else
            job_refuse(&job, code_link_down, "the link to the switch is down");
        break;
    case KIND_EventAttachedDataChanged:
        effect_data_changed(&job);
        break;
    case KIND_Invite:
        invite_perform(cti, effect);
        break;
    case KIND_Withdraw:
        cti_invite_withdraw(cti, effect);
        break;
    case KIND_Reply:
        effect_reply_data(&job);
        break;
    case KIND_Notify:
        if (message_u(effect, Notify_change) == notify_ReasonsChanged)
            notify_reasons(cti, message_text(effect, Notify_value));
        break;
    case KIND_Cancel:
        effect_cancel_asked(&job);
        break;
    default:
        if (effect_class(effect->kind) != CLASS_NOTICE)
            job_done(&job, outcome_unsupported, code_unsupported, "not by this adapter");
    }
}
