/* runtime/adapters/cti/facts.c - Reports of the switch change the model, and are then sent to the core and to the
 * clients.
 *
 * The plugin calls a function for each fact that the switch reports. Most of these functions do five things, and their
 * order matters:
 *
 *     1. the ask that expected this fact is taken out (asks.h): it names the asker
 *     2. the model changes: call, party, agent, DN
 *     3. the log gets a line, with numbers masked
 *     4. the core gets an event, with the asker's `ref`; the event is the answer to its effect
 *     5. the clients at the DN get their event, the asker with its ReferenceID
 *
 * A call that the core does not know yet (`announced` is false) is reported to clients only; the resync tells the
 * core of it. A call for which the core had no room (`refused`) goes to the default destinations, and the core is
 * told when an agent gets it.
 *
 * The files, from the lowest: facts_agent.c has the agents and DNs, facts_party.c the parties, this file the calls. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/consults.h"
#include "runtime/adapters/cti/facts.h"
#include "runtime/adapters/cti/json_kv.h"
#include "runtime/adapters/cti/ports.h"
#include "runtime/adapters/cti/recordings.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/events_call.h"
#include "base/memory.h"

/* --- Calls --- */

/* Announces the call to the core; without a core it is not announced, and if the core has no room it is refused. */
static void post_created(struct cti *cti, struct call *call, const char *origin_dn, const struct cti_asker *asker)
{
    assert(!call->announced && !call->refused);
    struct writer *writer = post_begin(cti, KIND_EventCallCreated, call, asker);
    writer_u(writer, EventCallCreated_media, media_voice);
    writer_u(writer, EventCallCreated_call_type, call->type);
    writer_text(writer, EventCallCreated_call_id, call->id);
    writer_text(writer, EventCallCreated_ani, call->ani);
    writer_text(writer, EventCallCreated_dnis, call->dnis);
    writer_text(writer, EventCallCreated_origin_dn, origin_dn);
    if (call->prev_conn != 0) writer_conn(writer, EventCallCreated_prev_conn, call->prev_conn);
    writer_u(writer, EventCallCreated_correlator, call->correlator);
    writer_u(writer, EventCallCreated_hops, call->hops);
    writer_kv(writer, EventCallCreated_data, &call->data);
    call->announced = cti->core_up && post_end(cti, NULL, NULL);
    call->refused = cti->core_up && !call->announced && !cti->aside;
    cti->refused += call->refused;
    char ani[NUMBER_MASKED], dnis[NUMBER_MASKED], id[NUMBER_MASKED];
    caller_mask(span_of(call->ani), ani);
    number_mask(span_of(call->dnis), dnis);
    cti_log(cti, call_level(call), call, "EventCallCreated call=%s ani=%s dnis=%s%s", name_mask(call->id, id), ani,
            dnis,
            call->announced ? ""
            : call->refused ? " (no room in the core)"
            : cti->aside    ? " (another core may lead)"
                            : " (the core is away)");
}

/* Takes the data with which the call comes as its user data, until the core sends others. */
static void take_brought(struct cti *cti, struct call *call, const json_t *data)
{
    struct error error = {0};
    if (data && !json_to_kv(data, &call->data, &error)) {
        kv_clear(&call->data);
        cti_log(cti, GCX_LOG_WARNING, call, "passed over: its userData: %s", error.text);
    }
}

void facts_tell_conn(struct cti *cti, struct call *call)
{
    call->unnamed = cti->aside; /* the process that leads may have given the call a ConnID */
    if (!cti->aside && cti->ops->created) cti->ops->created(cti->self, call);
}

const char *facts_number_told(const char *number)
{
    return number ? contract_caller(number) : NULL;
}

struct call *facts_make_call(struct cti *cti, const struct call_facts *facts)
{
    if (!facts->call_id || facts->call_id[0] == 0 || strlen(facts->call_id) >= NAME_SIZE) return NULL;
    /* A correlator whose high part is this link's is our ConnID: an earlier process had the call. */
    bool ours = facts->correlator != 0 && facts->correlator >> 48 == cti->services->link(cti->link) &&
                !calls_by_conn(&cti->calls, facts->correlator);
    uint64_t conn = ours ? facts->correlator : cti->services->new_conn(cti->link);
    struct call *call = calls_add(&cti->calls, facts->call_id, conn);
    if (!call) return NULL;
    call->type = facts->type;
    text_set(call->ani, sizeof call->ani, facts_number_told(facts->ani));
    text_set(call->dnis, sizeof call->dnis, facts->dnis);
    call->correlator = ours ? 0 : facts->correlator;
    call->hops = facts->hops;
    call->since_us = cti->now_us - facts->waited_us;
    const struct call *main = !facts->main_id ? NULL : calls_by_id(&cti->calls, facts->main_id);
    call->prev_conn = !main ? 0 : main->conn;
    take_brought(cti, call, facts->data);
    if (!ours) facts_tell_conn(cti, call);
    return call;
}

/* Returns the call of these facts. A new call is announced to the core here; if an effect dialled the call, that
 * answers the effect. */
struct call *cti_call(struct cti *cti, const struct call_facts *facts)
{
    struct call *call = !facts->call_id ? NULL : calls_by_id(&cti->calls, facts->call_id);
    if (!call && (call = facts_make_call(cti, facts))) {
        struct ask *ask = asks_take(&cti->asks, EXPECT_DIALLED, call->conn, NULL);
        if (ask) {
            call->ixn = call->dial_ixn = ask->asker.ixn;
            call->dial_ref = ask->asker.ref;
            call->dials = call->unmet = call->instructed = true;
        }
        post_created(cti, call, facts->origin_dn, fact_asker(ask));
        consult_tell_state(cti, call);
        free(ask);
    }
    return call;
}

void cti_call_unserved(struct cti *cti, struct call *call)
{
    if (!call->dials) facts_result(cti, call, cause_abandoned);
}

/* The call has come to a routing point. A call that was pulled back comes here too: the request answers its ask.
 * Another call goes to the IVR, if one is registered at the DN. */
void cti_route_request(struct cti *cti, struct call *call, const char *dn, const char *visit, const char *queue,
                       const char *digits)
{
    struct ask *ask = asks_take(&cti->asks, EXPECT_ROUTE_REQUEST, call->conn, NULL);
    facts_progress(cti, call, cause_ok);
    call->unmet = false;
    call->visit = (struct call_visit){.since_us = cti->now_us};
    call->since_us = cti->now_us;
    call->also_count = 0;
    text_set(call->visit.dn, sizeof call->visit.dn, dn);
    call->why[0] = 0;
    text_set(call->visit.id, sizeof call->visit.id, visit);
    call_set_party(call, dn, PARTY_ROUTING, cti->now_us);
    char ani[NUMBER_MASKED], dnis[NUMBER_MASKED];
    caller_mask(span_of(call->ani), ani);
    number_mask(span_of(call->dnis), dnis);
    enum client_event what = facts_is_queue(cti, dn) ? CLIENT_EventQueued : CLIENT_EventRouteRequest;
    cti_log(cti, call_level(call), call, "%s dn=%s ani=%s dnis=%s", cti_event_name(what), dn, ani, dnis);
    if (!ask && !call->refused && port_is_served(cti, dn)) {
        port_take(cti, call);
        return;
    }
    if (call->announced) {
        struct writer *writer = post_begin(cti, KIND_EventRouteRequest, call, fact_asker(ask));
        writer_text(writer, EventRouteRequest_dn, dn);
        writer_text(writer, EventRouteRequest_queue, queue);
        writer_text(writer, EventRouteRequest_digits, digits);
        if (call->answered_us != 0) writer_i(writer, EventRouteRequest_answered, cti->now_us - call->answered_us);
        call->answered_us = 0;
        post_route_request(cti, call, fact_asker(ask));
    }
    notify_send(cti, dn, notify_call(cti, what, call, dn, fact_asker(ask)), fact_asker(ask));
    consult_tell_state(cti, call);
    free(ask);
    if (call->refused) routing_default(cti, call, cause_overload, 0, 0);
}

/* The call was routed, and its visit is over. If the default destinations were being tried, the route counts as theirs,
 * whatever the switch reports. */
void cti_route_used(struct cti *cti, struct call *call, const char *to, enum route_how how, enum cause cause)
{
    if (call->visit.at_ivr) {
        port_used(cti, call, to);
        return;
    }
    struct ask *ask = asks_take(&cti->asks, EXPECT_ROUTE_USED, call->conn, NULL);
    struct call_visit visit = call->visit;
    struct cti_asker by_default = {.ixn = visit.default_ixn, .ref = visit.default_ref};
    const struct cti_asker *asker = fact_asker(ask);
    if (visit.defaulting) {
        how = route_how_default;
        cause = cause == cause_other ? visit.cause : cause;
        asker = by_default.ref != 0 ? &by_default : NULL;
    }
    call_end_visit(call);
    call->treatment_deadline_us = 0; /* the treatment ends with the visit */
    call->treatment_running = 0;
    call->treatment_started = false;
    memcpy(call->last_point, visit.dn, sizeof visit.dn);
    call_add_tried(call, to);
    char shown[NUMBER_MASKED];
    enum client_event what = facts_is_queue(cti, visit.dn) ? CLIENT_EventDiverted : CLIENT_EventRouteUsed;
    cti_log(cti, call_level(call), call, "%s dn=%s to=%s how=%s", cti_event_name(what), visit.dn, name_mask(to, shown),
            enum_name_route_how(how));
    if (call->announced) {
        struct writer *writer = post_begin(cti, KIND_EventRouteUsed, call, asker);
        writer_text(writer, EventRouteUsed_dn, visit.dn);
        writer_text(writer, EventRouteUsed_to, to);
        writer_u(writer, EventRouteUsed_how, how);
        writer_u(writer, EventRouteUsed_cause, cause);
        post_end(cti, call, asker);
    }
    json_t *event = notify_call(cti, what, call, visit.dn, NULL);
    json_object_set_new(event, "ThirdPartyDN", json_string(to));
    notify_send(cti, visit.dn, event, NULL);
    call_remove_party(call, visit.dn);
    free(ask);
}

static void write_recording(struct writer *writer, const struct recording_facts *recording)
{
    if (!recording) return;
    writer_blob_begin(writer, EventTreatment_recording);
    writer_text(writer, Blob_store, !recording->store ? "" : recording->store);
    writer_text(writer, Blob_key, !recording->key ? "" : recording->key);
    writer_u(writer, Blob_length, recording->length);
    if (recording->hashed)
        writer_bytes(writer, Blob_sha256, (struct span){recording->sha256, sizeof recording->sha256});
    writer_text(writer, Blob_media_type, !recording->media_type ? "" : recording->media_type);
    writer_blob_end(writer);
}

/* Writes the event of a treatment. Secret digits are a secret value of the result, so that neither journal nor log
 * shows them. */
static void write_treatment(struct cti *cti, const struct call *call, const struct cti_asker *asker,
                            enum treatment_change change, const char *digits, const char *secret_digits,
                            const struct kv *result, const struct recording_facts *recording, enum cause cause)
{
    struct writer *writer = post_begin(cti, KIND_EventTreatment, call, asker);
    writer_u(writer, EventTreatment_change, change);
    writer_text(writer, EventTreatment_digits, digits);
    if (secret_digits) {
        struct kv kept;
        kv_init(&kept);
        struct kv_value value = {.tag = KV_TEXT, .secret = true, .span = span_of(secret_digits)};
        kv_put(&kept, span_of("digits"), &value);
        writer_kv(writer, EventTreatment_result, &kept);
        kv_free(&kept);
    } else if (result) {
        writer_kv(writer, EventTreatment_result, result);
    }
    write_recording(writer, recording);
    writer_u(writer, EventTreatment_cause, cause);
}

/* Keeps the event of a treatment for later: the core must first know the call itself, by the resync. */
static void keep_unsaid(struct call *call, struct span frame)
{
    assert(!call->announced && frame.length > 0);
    call->unsaid = memory_grown(call->unsaid, frame.length, 1);
    memcpy(call->unsaid, frame.bytes, frame.length);
    call->unsaid_length = frame.length;
}

/* A treatment has changed. A report on a treatment that is not the newest changes nothing here, but is sent to the
 * core. The change `other` is not sent to desktops: they have no event for it. */
void cti_treatment(struct cti *cti, struct call *call, enum treatment_change change, uint64_t ref, const char *digits,
                   const struct kv *result, const struct recording_facts *recording, enum cause cause)
{
    static const enum client_event events[] = {[treatment_change_Applied] = CLIENT_EventTreatmentApplied,
                                               [treatment_change_End] = CLIENT_EventTreatmentEnd,
                                               [treatment_change_NotApplied] = CLIENT_EventTreatmentNotApplied,
                                               [treatment_change_Required] = CLIENT_EventTreatmentRequired};
    assert((size_t)change < sizeof events / sizeof *events);
    if (change == treatment_change_other) return;
    struct cti_asker asker = {.ixn = call->ixn, .ref = ref};
    bool newest = ref == call->treatment, secret = newest && call->treatment_secret;
    if (newest) {
        call->treatment_deadline_us = 0;
        call->treatment_running = change == treatment_change_Applied ? ref : 0;
        call->treatment_started = change == treatment_change_Applied;
    } else if (cti->aside && change == treatment_change_Applied) {
        call->instructed = true; /* another core works on the call */
    }
    cti_log(cti, GCX_LOG_INFO, call, "%s dn=%s type=%s%s%s%s%s", cti_event_name(events[change]), call->visit.dn,
            enum_name_treatment(newest ? call->treatment_type : treatment_other), digits ? " digits=" : "",
            !digits ? "" : "****",
            cause == cause_other ? "" : " cause=", cause == cause_other ? "" : enum_name_cause(cause));
    if (ref >= PORT_TREATMENTS) {
        port_treatment(cti, call, change, digits, cause);
        return;
    }
    write_treatment(cti, call, &asker, change, secret ? NULL : digits, secret ? digits : NULL, result, recording,
                    cause);
    if (call->announced)
        post_end(cti, call, &asker);
    else if (change == treatment_change_End)
        keep_unsaid(call, writer_end(&cti->writer));
    json_t *event = notify_call(cti, events[change], call, call->visit.dn, NULL);
    json_object_set_new(event, "TreatmentType", json_string(enum_name_treatment(call->treatment_type)));
    if (digits && !secret) json_object_set_new(event, "CollectedDigits", json_string(digits));
    notify_send(cti, call->visit.dn, event, NULL);
}

/* The call is gone. Parties whose end was not reported end first, so that each has exactly one end. Open asks about
 * the call fail. */
void cti_call_gone(struct cti *cti, struct call *call, enum cause cause)
{
    struct ask *ask = asks_take(&cti->asks, EXPECT_CALL_GONE, call->conn, NULL);
    facts_progress(cti, call, cause);
    struct ask *left = asks_take(&cti->asks, EXPECT_LEFT, call->conn, NULL);
    consult_tell_over(cti, call, cause, fact_asker(left));
    free(left);
    while (call->party_count > 0) { /* the end of these parties was not reported */
        char dn[NAME_SIZE];
        memcpy(dn, call->parties[0].dn, sizeof dn);
        bool answered = call->parties[0].state == PARTY_ESTABLISHED || call->parties[0].state == PARTY_HELD;
        struct party_facts facts = {.cause = cause};
        cti_party(cti, call, answered ? party_change_Released : party_change_Abandoned, dn, &facts);
    }
    asks_fail_call(cti, call->conn, code_gone, "the call is gone");
    cti_log(cti, call_level(call), call, "EventCallDeleted cause=%s", enum_name_cause(cause));
    if (call->announced) {
        struct writer *writer = post_begin(cti, KIND_EventCallDeleted, call, fact_asker(ask));
        writer_u(writer, EventCallDeleted_cause, cause);
        post_end(cti, call, fact_asker(ask));
    }
    free(ask);
    calls_remove(&cti->calls, call);
}

/* --- Refusals --- */

void cti_refused(struct cti *cti, uint64_t id, enum code code, const char *text)
{
    if (code == code_link_down && !cti->switch_up)
        return; /* cti_switch_down() has ended the asks that need the link; all others wait for it */
    struct ask *ask = asks_take_id(&cti->asks, id);
    if (ask) ask_failed(cti, ask, code, text);
}

/* Tells the desktop that asked for the mute; the other clients at the call are not told. */
static void party_mutes(struct cti *cti, struct call *call, const struct ask *ask)
{
    struct call_party *party = call_party(call, ask->dn);
    bool muted = ask->expect == EXPECT_MUTED;
    enum client_event what = muted ? CLIENT_EventMuteOn : CLIENT_EventMuteOff;
    if (!party) return;
    party->muted = muted;
    cti_log(cti, GCX_LOG_INFO, call, "%s dn=%s", cti_event_name(what), ask->dn);
    notify_send(cti, ask->dn, notify_call(cti, what, call, ask->dn, &ask->asker), &ask->asker);
}

void cti_is_consult(struct cti *cti, uint64_t id, const struct call *main)
{
    asks_expect(&cti->asks, id, EXPECT_HELD, main->conn);
}

void cti_route_follows(struct cti *cti, uint64_t id, const struct call *main)
{
    asks_expect(&cti->asks, id, EXPECT_ROUTE_USED, main->conn);
}

void cti_answered(struct cti *cti, uint64_t id)
{
    struct ask *ask = asks_take_id(&cti->asks, id);
    if (!ask) return; /* the ask was answered or given up before */
    struct call *call = calls_by_conn(&cti->calls, ask->conn);
    if (call && ask->expect == EXPECT_RESULT) recording_is(cti, call, ask);
    if (call && (ask->expect == EXPECT_MUTED || ask->expect == EXPECT_UNMUTED)) party_mutes(cti, call, ask);
    if (call && ask->expect == EXPECT_SENT)
        notify_send(cti, ask->dn, notify_call(cti, CLIENT_EventDTMFSent, call, ask->dn, &ask->asker), &ask->asker);
    if (ask->asker.client == 0) post_done(cti, call, &ask->asker, outcome_ok, code_ok, "");
    free(ask);
}

void cti_not_applied(struct cti *cti, struct call *call, uint64_t ref, enum code code, const char *text)
{
    if (code == code_link_down && !cti->switch_up) return; /* the next snapshot shows whether the treatment runs */
    cti_log(cti, GCX_LOG_WARNING, call, "EventTreatmentNotApplied code=%s %s", enum_name_code(code), text);
    if (ref >= PORT_TREATMENTS) {
        port_not_applied(cti, call, ref, code, text);
        return;
    }
    cti_treatment(cti, call, treatment_change_NotApplied, ref, NULL, NULL, NULL,
                  code == code_timeout     ? cause_timeout
                  : code == code_link_down ? cause_link_down
                                           : cause_refused);
}
