/* runtime/adapters/cti/effects_call.c - The core's effects on a call: routes, treatments, control.
 *
 * perform_on_call() calls each function here: the call exists, the effect comes for the first time, and, except for
 * a route, the link to the switch is up. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/cti/effects.h"
#include "runtime/adapters/cti/recordings.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/bytes.h"
#include "base/utf8.h"

/* Notes the core's reason, which the switch gets for its own log; a longer text is cut between two characters. */
static void take_why(const struct cti_job *job, unsigned field)
{
    assert(job->call); /* perform_on_call() has found the call */
    struct span why = message_text(job->effect, field);
    uint32_t length = utf8_cut((const char *)why.bytes, why.length, CALL_WHY);
    text_set_span(job->call->why, sizeof job->call->why, (struct span){why.bytes, length});
}

/* --- Routing --- */

static bool effect_at_routing_point(const struct cti_job *job)
{
    assert(job->call);
    if (job->call->visit.dn[0] == 0 || job->call->visit.at_ivr) {
        job_refuse(job, code_invalid_state, "the call does not stand at a routing point");
        return false;
    }
    return true;
}

/* Takes the telephones that ring together with the destination; a name that is too long is none of ours. */
static void take_also(struct call *call, struct span list)
{
    struct span element;
    call->also_count = 0;
    for (uint32_t at = 0; call->also_count < CALL_ALSO && message_next_text(list, &at, &element);)
        if (element.length != 0 && element.length < NAME_SIZE)
            text_set_span(call->also[call->also_count++], NAME_SIZE, element);
}

/* Performs a route: to a destination, to the default destinations, or a rejection. The data are taken over first, as
 * the desktop shows them when the call rings. */
void effect_route_call(struct cti_job *job)
{
    struct cti *cti = job->cti;
    struct call *call = job->call;
    enum route_type type = (enum route_type)message_u(job->effect, RequestRouteCall_type);
    struct effect_name destination = job_name(job, RequestRouteCall_dest);
    job_take_data(job, RequestRouteCall_revision, RequestRouteCall_data);
    if (!effect_at_routing_point(job)) return;
    cti_log(cti, GCX_LOG_INFO, call, "RequestRouteCall dn=%s dest=%s data=%u bytes", call->visit.dn, destination.text,
            (unsigned)call->data.length);
    if ((type == route_type_default || type == route_type_reject) && !cti->switch_up) {
        job_refuse(job, code_link_down, "the link to the switch is down");
    } else if (type == route_type_default) {
        routing_default(cti, call, cause_other, job->asker.ixn, job->asker.ref);
    } else if (call->visit.defaulting) {
        job_refuse(job, code_invalid_state, "its default destinations are being tried");
    } else if (type == route_type_reject) {
        cti->ops->reject(cti->self, job_ask(job, EXPECT_CALL_GONE, call->visit.dn)->id, call, cause_refused);
    } else if (destination.text[0] == 0) {
        job_refuse(job, code_invalid_destination, "no destination");
    } else if (message_has(job->effect, RequestRouteCall_also) && !cti->ops->rings_together) {
        job_done(job, outcome_unsupported, code_unsupported, "this switch rings one telephone at a time");
    } else {
        struct kv_value stays, whisper;
        struct span ext = message_text(job->effect, RequestRouteCall_ext);
        call->stays = kv_get(ext, "stays", &stays);
        call->crosses = type == route_type_direct;
        call->whisper[0] = 0;
        call->whisper_prompt = kv_get(ext, "whisper_prompt", &whisper);
        if ((call->whisper_prompt || kv_get(ext, "whisper", &whisper)) && whisper.tag == KV_TEXT)
            text_set_span(call->whisper, sizeof call->whisper, whisper.span);
        take_also(call, message_text(job->effect, RequestRouteCall_also));
        struct ask *open = job_ask(job, EXPECT_ROUTE_USED, call->visit.dn);
        memcpy(open->destination, destination.text, sizeof destination.text);
        if (cti->switch_up)
            cti->ops->route(cti->self, open->id, call, destination.text);
        else /* the link was lost during the call: the route is requested when the switch is back */
            open->deadline_us = cti->now_us + LINK_GRACE_US;
    }
}

/* Sends the call to the default destinations: the core gives it up, and names the destinations that it has tried,
 * which are skipped. */
void effect_route_default(struct cti_job *job)
{
    struct call *call = job->call;
    struct span tried = message_text(job->effect, RouteDefault_tried), element;
    for (uint32_t at = 0; message_next_text(tried, &at, &element);) {
        struct effect_name name;
        text_set_span(name.text, sizeof name.text, element);
        call_add_tried(call, name.text);
    }
    if (!effect_at_routing_point(job)) return;
    take_why(job, RouteDefault_why);
    if (call->why[0] == 0 && message_u(job->effect, RouteDefault_reason) != 0)
        text_set(call->why, sizeof call->why, enum_name_code((enum code)message_u(job->effect, RouteDefault_reason)));
    if (call->visit.defaulting) { /* the defaults are being tried already: their outcome answers this effect too */
        call->visit.default_ixn = job->asker.ixn;
        call->visit.default_ref = job->asker.ref;
        return;
    }
    routing_default(job->cti, call, cause_other, job->asker.ixn, job->asker.ref);
}

/* Starts a treatment; the call's newest treatment is the only one that counts. A treatment that has not begun after
 * ASK_US has failed (watch_treatments). */
void effect_apply_treatment(struct cti_job *job)
{
    struct call *call = job->call;
    struct effect_name language = job_name(job, RequestApplyTreatment_language);
    struct treatment_ask treatment = {
        .ref = job->asker.ref,
        .type = (enum treatment)message_u(job->effect, RequestApplyTreatment_type),
        .dn = call->visit.dn,
        .language = language.text,
        .params = message_text(job->effect, RequestApplyTreatment_params),
        .secret = message_u(job->effect, RequestApplyTreatment_secret) != 0,
    };
    if (!effect_at_routing_point(job)) return;
    call->treatment = treatment.ref;
    call->treatment_type = treatment.type;
    call->treatment_secret = treatment.secret;
    call->treatment_running = treatment.ref;
    call->treatment_started = false;
    call->treatment_deadline_us = job->cti->now_us + ASK_US;
    cti_log(job->cti, GCX_LOG_INFO, call, "RequestApplyTreatment dn=%s type=%s", call->visit.dn,
            enum_name_treatment(treatment.type));
    job->cti->ops->treat(job->cti->self, call, &treatment);
}

/* --- Call control --- */

static const char *ringing_at(const struct call *call)
{
    for (unsigned i = 0; i < call->party_count; i++)
        if (call->parties[i].state == PARTY_RINGING && !call->parties[i].monitors) return call->parties[i].dn;
    return "";
}

/* Takes the call from where it rings, waits or was left, back to its routing point; the new route request is the
 * answer. */
static void pull_back(struct cti_job *job, const char *dn)
{
    struct cti *cti = job->cti;
    struct call *call = job->call;
    char from[NAME_SIZE], to[NAME_SIZE];
    text_set(from, sizeof from, dn[0] != 0 ? dn : ringing_at(call));
    const struct call_party *party = call_party(call, from);
    /* the call rings at other telephones of this route */
    if (call->also_count != 0 && (!party || party->state != PARTY_RINGING)) {
        text_set(from, sizeof from, ringing_at(call));
        party = call_party(call, from);
    }
    /* after a restart the last routing point is not known: the dialled number is that of the routing point */
    text_set(to, sizeof to, call->last_point[0] != 0 ? call->last_point : call->dnis);
    bool left = !party && call->stays && call->party_count == 0 && from[0] != 0;
    if (!left && (!party || (party->state != PARTY_RINGING && party->state != PARTY_QUEUED))) {
        job_refuse(job, code_invalid_state, "it does not ring there");
    } else if (!cti->ops->deflect) {
        job_done(job, outcome_unsupported, code_unsupported, "this switch cannot");
    } else {
        cti_log(cti, GCX_LOG_INFO, call, "RequestCallControl op=pull_back dn=%s to=%s", from, to);
        struct ask *open = job_ask(job, EXPECT_ROUTE_REQUEST, from);
        memcpy(open->destination, to, sizeof to);
        cti->ops->deflect(cti->self, open->id, call, from, to);
    }
}

static void control_party(struct cti_job *job, const char *dn, enum party_ask what, enum expect expect)
{
    assert(job->call && job->cti->switch_up);
    if (!call_party(job->call, dn)) {
        job_refuse(job, code_invalid_dn, "no such party");
        return;
    }
    job->cti->ops->party(job->cti->self, job_ask(job, expect, dn)->id, job->call, dn, what, NULL);
}

static void effect_record(struct cti_job *job, enum call_op op)
{
    assert(job->call);
    if (!job->cti->ops->record)
        job_done(job, outcome_unsupported, code_unsupported, "this switch cannot");
    else
        (void)recording_ask(job->cti, job_ask(job, EXPECT_RESULT, ""), job->call, op);
}

void effect_call_control(struct cti_job *job)
{
    struct cti *cti = job->cti;
    struct call *call = job->call;
    struct effect_name dn = job_name(job, RequestCallControl_dn);
    enum call_op op = (enum call_op)message_u(job->effect, RequestCallControl_op);
    enum cause cause = (enum cause)message_u(job->effect, RequestCallControl_cause);
    switch (op) {
    case call_op_answer:
        control_party(job, dn.text, ASK_ANSWER, EXPECT_ESTABLISHED);
        return;
    case call_op_pull_back:
        pull_back(job, dn.text);
        return;
    case call_op_reject:
    case call_op_disconnect:
        text_set_span(call->keep, sizeof call->keep, message_text(job->effect, RequestCallControl_keep));
        take_why(job, RequestCallControl_why);
        if (call->visit.dn[0] != 0 && op == call_op_reject)
            cti->ops->reject(cti->self, job_ask(job, EXPECT_CALL_GONE, "")->id, call, cause);
        /* a strategy's release that comes too late does not end a conversation */
        else if (dn.text[0] != 0 && call->visit.dn[0] == 0)
            control_party(job, dn.text, ASK_RELEASE, EXPECT_RELEASED);
        else
            cti->ops->clear(cti->self, job_ask(job, EXPECT_CALL_GONE, "")->id, call, cause);
        return;
    case call_op_recording_start:
    case call_op_recording_pause:
    case call_op_recording_resume:
    case call_op_recording_stop:
        effect_record(job, op);
        return;
    default:
        job_done(job, outcome_unsupported, code_unsupported, "this switch cannot");
    }
}

/* --- Supervisors --- */

/* Calls a supervisor's telephone into an agent's call, changes how it takes part, or releases it. No agent needs to be
 * logged in at that telephone, and nobody becomes one. */
void effect_party(struct cti_job *job)
{
    struct cti *cti = job->cti;
    struct effect_name dn = job_name(job, RequestParty_dn), of = job_name(job, RequestParty_of);
    const struct cti_dn *at = dns_find(&cti->dns, dn.text);
    const struct call_party *party = call_party(job->call, dn.text);
    uint64_t op = message_u(job->effect, RequestParty_change);
    if (op == party_op_remove && party && party->monitors) {
        cti->ops->party(cti->self, job_ask(job, EXPECT_RELEASED, dn.text)->id, job->call, dn.text, ASK_RELEASE, NULL);
    } else if (op < party_op_listen || op > party_op_take_over) {
        job_refuse(job, code_invalid_state, "nobody listens there");
    } else if (op == party_op_take_over && !cti->ops->takes_over) {
        job_done(job, outcome_unsupported, code_unsupported, "at this switch nobody takes over a call");
    } else if (!at || !at->known || (at->type != dn_type_extension && at->type != dn_type_position)) {
        job_refuse(job, code_invalid_dn, "the switch has no such telephone");
    } else if (party && !party->monitors) {
        job_refuse(job, code_invalid_dn, "that telephone is in the call already");
    } else {
        struct ask *ask = job_ask(job, EXPECT_MONITORS, dn.text);
        text_set_span(ask->destination, sizeof ask->destination, message_text(job->effect, RequestParty_agent));
        cti->ops->party(cti->self, ask->id, job->call, dn.text, cti_ask_of((enum party_op)op), of.text);
    }
}
