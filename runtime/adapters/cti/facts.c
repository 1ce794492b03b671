/* runtime/adapters/cti/facts.c - Reports of the switch go into the model, to the core, to the clients, in this
 * order.
 *
 * The plugin calls a function for each thing that the switch reports. Most do these five things, and the order
 * matters:
 *
 *     1. the ask that expected this fact is taken out (asks.h): it names the asker
 *     2. the model changes: call, party, agent, DN
 *     3. the log gets a line, with numbers masked
 *     4. the core gets an event, with the asker's `ref`; the event is the answer to its effect
 *     5. the clients at the DN get their event, the asker with its ReferenceID
 *
 * A call of which the core has not heard (`announced` is false) is told to clients only; the resync tells the core
 * of it. A call for which the core had no room (`refused`) goes to the default destinations, and is told when they
 * lead it to an agent. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/consults.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/json_kv.h"
#include "runtime/adapters/cti/ports.h"
#include "runtime/adapters/cti/recordings.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/memory.h"

static const struct asker *asker_of(const struct ask *ask)
{
    return !ask ? NULL : &ask->asker;
}

enum party_role party_role_of(const struct cti *cti, const struct call *call, const char *number)
{
    if (port_has(call, number)) return party_role_device;
    const struct dn *dn = dns_find(&cti->dns, number);
    switch (!dn ? dn_type_other : dn->type) {
    case dn_type_extension:
    case dn_type_position:
        return party_role_agent;
    case dn_type_ivr_port:
    case dn_type_treatment_port:
        return party_role_device;
    case dn_type_trunk:
        return party_role_customer;
    default:
        return party_role_other;
    }
}

/* --- Calls --- */

/* Without the core the call is not announced; with a core that has no room it is refused. */
static void post_created(struct cti *cti, struct call *call, const char *origin_dn, const struct asker *asker)
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

/* The data that a call brings along are its user data, until the core says more. */
static void take_brought(struct cti *cti, struct call *call, const json_t *data)
{
    struct error error = {0};
    if (data && !json_to_kv(data, &call->data, &error)) {
        kv_clear(&call->data);
        cti_log(cti, GCX_LOG_WARNING, call, "passed over: its userData: %s", error.text);
    }
}

void call_tell_conn(struct cti *cti, struct call *call)
{
    call->unnamed = cti->aside; /* the one that leads may have named it */
    if (!cti->aside && cti->ops->created) cti->ops->created(cti->self, call);
}

const char *call_number_told(const char *number)
{
    return number ? contract_caller(number) : NULL;
}

struct call *call_make(struct cti *cti, const struct call_facts *facts)
{
    if (!facts->call_id || facts->call_id[0] == 0 || strlen(facts->call_id) >= NAME_SIZE) return NULL;
    /* The correlator is ours where its high part is this link's: the call was here before this process was. */
    bool ours = facts->correlator != 0 && facts->correlator >> 48 == cti->services->link(cti->link) &&
                !calls_by_conn(&cti->calls, facts->correlator);
    uint64_t conn = ours ? facts->correlator : cti->services->new_conn(cti->link);
    struct call *call = calls_add(&cti->calls, facts->call_id, conn);
    if (!call) return NULL;
    call->type = facts->type;
    text_set(call->ani, sizeof call->ani, call_number_told(facts->ani));
    text_set(call->dnis, sizeof call->dnis, facts->dnis);
    call->correlator = ours ? 0 : facts->correlator;
    call->hops = facts->hops;
    call->since_us = cti->now_us - facts->waited_us;
    const struct call *main = !facts->main_id ? NULL : calls_by_id(&cti->calls, facts->main_id);
    call->prev_conn = !main ? 0 : main->conn;
    take_brought(cti, call, facts->data);
    if (!ours) call_tell_conn(cti, call);
    return call;
}

/* A call is ours to announce when it is new; where it comes of a dialling, it answers that effect. */
struct call *cti_call(struct cti *cti, const struct call_facts *facts)
{
    struct call *call = !facts->call_id ? NULL : calls_by_id(&cti->calls, facts->call_id);
    if (!call && (call = call_make(cti, facts))) {
        struct ask *ask = asks_take(&cti->asks, EXPECT_DIALLED, call->conn, NULL);
        if (ask) {
            call->ixn = call->dial_ixn = ask->asker.ixn;
            call->dial_ref = ask->asker.ref;
            call->dials = call->instructed = true;
        }
        post_created(cti, call, facts->origin_dn, asker_of(ask));
        consult_tell_state(cti, call);
        free(ask);
    }
    return call;
}

/* The core hears how a dialled call has ended, or that somebody has answered. */
static void post_result(struct cti *cti, struct call *call, enum cause result)
{
    cti_log(cti, GCX_LOG_INFO, call, "EventCallProgress result=%s", enum_name_cause(result));
    if (call->announced) {
        struct writer *writer = post_begin(cti, KIND_EventCallProgress, call, NULL);
        writer_u(writer, EventCallProgress_result, result);
        writer_u(writer, EventCallProgress_by, progress_by_switch);
        writer_u(writer, EventCallProgress_final, 1);
        post_end(cti, call, NULL);
    }
}

/* The result of the dialling goes out before the event that shows it. */
static void post_progress(struct cti *cti, struct call *call, enum cause result)
{
    if (!call->dials) return;
    call->dials = false;
    post_result(cti, call, result);
}

void cti_call_unserved(struct cti *cti, struct call *call)
{
    if (!call->dials) post_result(cti, call, cause_abandoned);
}

/* A DN where calls wait for the core may be an ACD queue to the clients: the strategy is what distributes its calls.
 * The core has the same events for both. */
static bool facts_is_queue(const struct cti *cti, const char *number)
{
    const struct dn *dn = dns_find(&cti->dns, number);
    return dn && dn->type == dn_type_queue;
}

/* A call that was pulled back comes here, too: its ask is answered by the new request. One that nobody pulled back is
 * the IVR's, where one is registered at the DN. */
void cti_route_request(struct cti *cti, struct call *call, const char *dn, const char *visit, const char *queue,
                       const char *digits)
{
    struct ask *ask = asks_take(&cti->asks, EXPECT_ROUTE_REQUEST, call->conn, NULL);
    post_progress(cti, call, cause_ok);
    call->visit = (struct visit){.since_us = cti->now_us};
    call->since_us = cti->now_us;
    text_set(call->visit.dn, sizeof call->visit.dn, dn);
    call->why[0] = 0;
    text_set(call->visit.id, sizeof call->visit.id, visit);
    call_set_party(call, dn, PARTY_ROUTING, cti->now_us);
    char ani[NUMBER_MASKED], dnis[NUMBER_MASKED];
    caller_mask(span_of(call->ani), ani);
    number_mask(span_of(call->dnis), dnis);
    enum client_event what = facts_is_queue(cti, dn) ? CLIENT_EventQueued : CLIENT_EventRouteRequest;
    cti_log(cti, call_level(call), call, "%s dn=%s ani=%s dnis=%s", client_event_name(what), dn, ani, dnis);
    if (!ask && !call->refused && port_is_served(cti, dn)) {
        port_take(cti, call);
        return;
    }
    if (call->announced) {
        struct writer *writer = post_begin(cti, KIND_EventRouteRequest, call, asker_of(ask));
        writer_text(writer, EventRouteRequest_dn, dn);
        writer_text(writer, EventRouteRequest_queue, queue);
        writer_text(writer, EventRouteRequest_digits, digits);
        if (call->answered_us != 0) writer_i(writer, EventRouteRequest_answered, cti->now_us - call->answered_us);
        call->answered_us = 0;
        post_route_request(cti, call, asker_of(ask));
    }
    notify_send(cti, dn, notify_call(cti, what, call, dn, asker_of(ask)), asker_of(ask));
    consult_tell_state(cti, call);
    free(ask);
    if (call->refused) routing_default(cti, call, cause_overload, 0, 0);
}

/* The visit is over. If the default destinations were tried, it was routed by them, whatever the switch says. */
void cti_route_used(struct cti *cti, struct call *call, const char *to, enum route_how how, enum cause cause)
{
    if (call->visit.at_ivr) {
        port_used(cti, call, to);
        return;
    }
    struct ask *ask = asks_take(&cti->asks, EXPECT_ROUTE_USED, call->conn, NULL);
    struct visit visit = call->visit;
    struct asker by_default = {.ixn = visit.default_ixn, .ref = visit.default_ref};
    const struct asker *asker = asker_of(ask);
    if (visit.defaulting) {
        how = route_how_default;
        cause = cause == cause_other ? visit.cause : cause;
        asker = by_default.ref != 0 ? &by_default : NULL;
    }
    call_end_visit(call);
    call->treatment_deadline_us = 0; /* it is over with the visit */
    call->treatment_running = 0;
    call->treatment_started = false;
    memcpy(call->last_point, visit.dn, sizeof visit.dn);
    call_add_tried(call, to);
    char shown[NUMBER_MASKED];
    enum client_event what = facts_is_queue(cti, visit.dn) ? CLIENT_EventDiverted : CLIENT_EventRouteUsed;
    cti_log(cti, call_level(call), call, "%s dn=%s to=%s how=%s", client_event_name(what), visit.dn,
            name_mask(to, shown), enum_name_route_how(how));
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

/* Secret digits go as a secret value of the result, so that neither journal nor log shows them. */
static void write_treatment(struct cti *cti, const struct call *call, const struct asker *asker,
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

/* The core first hears of the call itself, by the resync. */
static void keep_unsaid(struct call *call, struct span frame)
{
    assert(!call->announced && frame.length > 0);
    call->unsaid = memory_grown(call->unsaid, frame.length, 1);
    memcpy(call->unsaid, frame.bytes, frame.length);
    call->unsaid_length = frame.length;
}

/* A report on an older treatment than the newest changes nothing here, but the core hears it. A report of the
 * change `other` is passed over: desktops have no event for it. */
void cti_treatment(struct cti *cti, struct call *call, enum treatment_change change, uint64_t ref, const char *digits,
                   const struct kv *result, const struct recording_facts *recording, enum cause cause)
{
    static const enum client_event events[] = {[treatment_change_Applied] = CLIENT_EventTreatmentApplied,
                                               [treatment_change_End] = CLIENT_EventTreatmentEnd,
                                               [treatment_change_NotApplied] = CLIENT_EventTreatmentNotApplied,
                                               [treatment_change_Required] = CLIENT_EventTreatmentRequired};
    assert((size_t)change < sizeof events / sizeof *events);
    if (change == treatment_change_other) return;
    struct asker asker = {.ixn = call->ixn, .ref = ref};
    bool newest = ref == call->treatment, secret = newest && call->treatment_secret;
    if (newest) {
        call->treatment_deadline_us = 0;
        call->treatment_running = change == treatment_change_Applied ? ref : 0;
        call->treatment_started = change == treatment_change_Applied;
    } else if (cti->aside && change == treatment_change_Applied) {
        call->instructed = true; /* by another core */
    }
    cti_log(cti, GCX_LOG_INFO, call, "%s dn=%s type=%s%s%s%s%s", client_event_name(events[change]), call->visit.dn,
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

/* --- Parties --- */

static void facts_wrap_up(struct cti *, const struct call *, const char *dn);

/* How a change is asked for: the asks that it answers. -1: by none. */
static int expected_by(enum party_change change)
{
    switch (change) {
    case party_change_Dialing:
        return EXPECT_DIALING;
    case party_change_Established:
        return EXPECT_ESTABLISHED;
    case party_change_Held:
        return EXPECT_HELD;
    case party_change_Retrieved:
        return EXPECT_RETRIEVED;
    case party_change_Released:
    case party_change_Abandoned:
        return EXPECT_RELEASED;
    default:
        return -1;
    }
}

/* The party's state after the change; false where it is then gone. */
static bool state_after(enum party_change change, enum party_state *state)
{
    switch (change) {
    case party_change_Queued:
        *state = PARTY_QUEUED;
        return true;
    case party_change_Dialing:
    case party_change_NetworkReached:
        *state = PARTY_DIALING;
        return true;
    case party_change_Ringing:
        *state = PARTY_RINGING;
        return true;
    case party_change_Established:
    case party_change_Retrieved:
    case party_change_PartyAdded:
        *state = PARTY_ESTABLISHED;
        return true;
    case party_change_Held:
        *state = PARTY_HELD;
        return true;
    case party_change_DestinationBusy:
        *state = PARTY_FAILED;
        return true;
    default:
        return false;
    }
}

static void post_party(struct cti *cti, struct call *call, enum party_change change, const char *dn,
                       const struct party_facts *facts, const char *queue, const struct asker *asker)
{
    const struct agent_session *session = agents_at(&cti->agents, dn);
    struct writer *writer = post_begin(cti, KIND_EventParty, call, asker);
    writer_text(writer, EventParty_dn, dn);
    writer_u(writer, EventParty_change, change);
    writer_u(writer, EventParty_role, party_role_of(cti, call, dn));
    writer_text(writer, EventParty_agent, session ? session->agent : NULL);
    writer_text(writer, EventParty_other_dn, facts->other);
    writer_text(writer, EventParty_to, facts->to);
    writer_text(writer, EventParty_queue, queue);
    writer_u(writer, EventParty_cause, facts->cause);
    post_end(cti, call, asker);
}

static void notify_party(struct cti *cti, const struct call *call, enum party_change change, const char *dn,
                         const struct party_facts *facts, const struct asker *asker)
{
    json_t *event = notify_call(cti, client_event_of_party(change), call, dn, asker);
    if (facts->to) json_object_set_new(event, "ThirdPartyDN", json_string(facts->to));
    if (facts->cause != cause_other)
        json_object_set_new(event, "CallState", json_string(enum_name_cause(facts->cause)));
    notify_send(cti, dn, event, asker);
}

/* One party changes, or leaves. After-call work begins before the core hears that the agent is free. */
void cti_party(struct cti *cti, struct call *call, enum party_change change, const char *dn,
               const struct party_facts *facts)
{
    enum party_state state;
    int expected = expected_by(change);
    uint64_t conn = change == party_change_Dialing ? 0 : call->conn; /* who dials does not know it yet */
    struct ask *ask = expected < 0 ? NULL : asks_take(&cti->asks, (enum expect)expected, conn, dn);
    bool stays = state_after(change, &state);
    struct party *party = stays ? call_set_party(call, dn, state, cti->now_us) : call_party(call, dn);
    if (party && change == party_change_Held) party->muted = false; /* nobody hears who holds */
    if (party && facts->queue)
        text_set(party->queue, sizeof party->queue, facts->queue);
    else if (party && change == party_change_Ringing && facts_is_queue(cti, call->last_point))
        text_set(party->queue, sizeof party->queue, call->last_point);
    const char *queue = change == party_change_Queued ? dn : party ? party->queue : facts->queue;
    char at[NUMBER_MASKED], to[NUMBER_MASKED];
    cti_log(cti, call_level(call), call, "Event%s dn=%s%s%s%s%s data=%u bytes", enum_name_party_change(change),
            name_mask(dn, at), facts->to ? " to=" : "", facts->to ? name_mask(facts->to, to) : "",
            facts->cause != cause_other ? " cause=" : "",
            facts->cause != cause_other ? enum_name_cause(facts->cause) : "", (unsigned)call->data.length);
    bool monitors = party && party->monitors != NULL;
    if (!stays && !monitors) facts_wrap_up(cti, call, dn);
    if (change == party_change_Established && !monitors) post_progress(cti, call, cause_ok); /* who was dialled */
    if (monitors) {
        assert(!facts->queue); /* it was not distributed to them */
    } else if (call->announced) {
        post_party(cti, call, change, dn, facts, queue, asker_of(ask));
    } else if (call->refused && stays && cti->core_up && agents_at(&cti->agents, dn)) {
        call->refused = false; /* the default has led it to an agent, who is not free: that the core must know */
        resync_call(cti, call, NULL);
    }
    notify_party(cti, call, change, dn, facts, asker_of(ask));
    if (stays) consult_tell_state(cti, call);
    if (!stays) {
        if (strcmp(call->visit.dn, dn) == 0) call_end_visit(call);
        call_remove_party(call, dn);
    }
    free(ask);
}

void cti_monitors(struct cti *cti, struct call *call, const char *dn, const char *of, enum party_ask mode)
{
    static const char *const modes[] = {[ASK_LISTEN] = "Listen", [ASK_COACH] = "Coach", [ASK_BARGE_IN] = "BargeIn"};
    assert(mode >= ASK_LISTEN && mode <= ASK_BARGE_IN);
    struct ask *ask = asks_take(&cti->asks, EXPECT_MONITORS, call->conn, dn);
    struct party *party = call_party(call, dn);
    if (!party) party = call_set_party(call, dn, PARTY_DIALING, cti->now_us);
    if (party) party->monitors = modes[mode];
    cti_log(cti, GCX_LOG_INFO, call, "EventMonitoring dn=%s of=%s mode=%s", dn, of, modes[mode]);
    json_t *event = notify_call(cti, CLIENT_EventMonitoring, call, dn, asker_of(ask));
    if (event) json_object_set_new(event, "OtherDN", json_string(of));
    notify_send(cti, dn, event, asker_of(ask));
    free(ask);
}

/* The consultation's own end is a fact by itself (cti_call_gone); here its parties become the main call's. */
void cti_merged(struct cti *cti, struct call *main, struct call *consult, const char *visit, enum party_how how)
{
    assert(main != consult); /* the plugin tells of two calls */
    char conn[CONN_TEXT];
    conn_print(consult->conn, conn);
    call_take_over(main, consult, cti->now_us);
    consult->prev_conn = 0; /* its agent asks nobody any more */
    if (visit && main->visit.dn[0] != 0) text_set(main->visit.id, sizeof main->visit.id, visit);
    cti_log(cti, call_level(main), main, "EventPartyChanged previous=%s", conn);
    if (main->announced) {
        struct writer *writer = post_begin(cti, KIND_EventPartyChanged, main, NULL);
        writer_conn(writer, EventPartyChanged_prev_conn, consult->conn);
        writer_u(writer, EventPartyChanged_how, how);
        post_end(cti, main, NULL);
    }
    for (unsigned i = 0; i < main->party_count; i++) {
        json_t *event = notify_call(cti, CLIENT_EventPartyChanged, main, main->parties[i].dn, NULL);
        json_object_set_new(event, "PreviousConnID", json_string(conn));
        notify_send(cti, main->parties[i].dn, event, NULL);
    }
}

/* Parties whose end was not told end first, so that each has exactly one end. Asks about the call fail. */
void cti_call_gone(struct cti *cti, struct call *call, enum cause cause)
{
    struct ask *ask = asks_take(&cti->asks, EXPECT_CALL_GONE, call->conn, NULL);
    post_progress(cti, call, cause);
    consult_tell_over(cti, call, cause);
    while (call->party_count > 0) { /* those whose end was not told */
        char dn[NAME_SIZE];
        memcpy(dn, call->parties[0].dn, sizeof dn);
        bool answered = call->parties[0].state == PARTY_ESTABLISHED || call->parties[0].state == PARTY_HELD;
        struct party_facts facts = {.cause = cause};
        cti_party(cti, call, answered ? party_change_Released : party_change_Abandoned, dn, &facts);
    }
    asks_fail_call(cti, call->conn, code_gone, "the call is gone");
    cti_log(cti, call_level(call), call, "EventCallDeleted cause=%s", enum_name_cause(cause));
    if (call->announced) {
        struct writer *writer = post_begin(cti, KIND_EventCallDeleted, call, asker_of(ask));
        writer_u(writer, EventCallDeleted_cause, cause);
        post_end(cti, call, asker_of(ask));
    }
    free(ask);
    calls_remove(&cti->calls, call);
}

/* --- Agents and devices --- */

static void post_agent(struct cti *cti, const struct agent_session *session, enum agent_state change,
                       const struct asker *asker)
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

/* After-call work that this T-Server began ends by itself; what the agent, the core or the switch chose does not. The
 * reason tells it from others after a restart, where the switch keeps reasons. */
static void time_after_call_work(const struct cti *cti, struct agent_session *session, enum agent_state change,
                                 const struct ask *ask, struct span reasons)
{
    struct kv_value mark;
    if (change != agent_state_after_call_work || ask)
        session->ready_at_us = 0;
    else if (session->ready_at_us == 0 && kv_get(reasons, "wrap_up", &mark))
        session->ready_at_us = cti->now_us + cti->wrap_up_us;
}

/* Ends the session. An agent who stays logged in at another DN is again in the state of that one, if this one's counted
 * last. */
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

/* A DN has one agent: who was there is logged out by who logs in. */
static void takes_dn(struct cti *cti, const char *agent, const char *dn)
{
    struct agent_session *other = agents_at(&cti->agents, dn);
    if (!other || strcmp(other->agent, agent) == 0) return;
    cti_log(cti, GCX_LOG_WARNING, NO_CALL, "dn=%s: agent=%s logs in, and agent=%s is logged out there", dn, agent,
            other->agent);
    notify_agent(cti, other, agent_state_logged_out, NULL);
    end_session(cti, other, other->state, agents_of(&cti->agents, other->agent) == other);
}

/* The agent has this state now. While the snapshot is read the core is not told: the resync that follows tells it. */
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
    if (cti->switch_up) /* else it is of a snapshot, and the resync tells the core */
        post_agent(cti, session, change, asker_of(ask));
    if (ask && ask->asker.client != 0 && change != agent_state_logged_out)
        client_join(cti, session, ask->asker.client); /* now that the core knows of the login */
    notify_agent(cti, session, change, asker_of(ask));
    if (change == agent_state_logged_out) end_session(cti, session, was, latest);
}

/* An agent's state, as the switch tells it; one that we have told already (facts_wrap_up) is not told twice. */
void cti_agent(struct cti *cti, const char *agent, const char *dn, const char *queue, enum agent_state change,
               enum work_mode mode, struct span reasons)
{
    const struct agent_session *session = agents_at(&cti->agents, dn);
    if (change == agent_state_logged_out && session && strcmp(session->agent, agent) != 0)
        return; /* late: another agent has logged in there since */
    struct ask *ask = asks_take_agent(&cti->asks, dn, change);
    bool told = !ask && change == agent_state_after_call_work && session && session->ready_at_us != 0 &&
                strcmp(session->agent, agent) == 0; /* the switch does what facts_wrap_up() has said already */
    if (!told && agent[0] != 0 && strlen(agent) < NAME_SIZE && dn[0] != 0 && strlen(dn) < NAME_SIZE)
        facts_agent_is(cti, agent, dn, queue, change, mode, reasons, ask);
    free(ask);
}

/* An agent who was ready goes into after-call work when a routed call ends. The core hears of it first: else it could
 * choose the agent again in between. */
static void facts_wrap_up(struct cti *cti, const struct call *call, const char *dn)
{
    const struct agent_session *session = agents_at(&cti->agents, dn);
    const struct party *party = call_party(call, dn);
    bool routed = call->instructed || call->last_point[0] != 0;
    if (cti->wrap_up_us == 0 || !cti->switch_up || cti->aside || !routed || !session || !party ||
        session->state != agent_state_ready || (party->state != PARTY_ESTABLISHED && party->state != PARTY_HELD))
        return;
    struct kv reasons;
    kv_init(&reasons);
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

static void device_post(struct cti *cti, const char *number, const struct dn *dn)
{
    struct writer *writer = post_begin(cti, KIND_EventDN, NULL, NULL);
    writer_text(writer, EventDN_dn, number);
    writer_u(writer, EventDN_type, dn->type);
    writer_u(writer, EventDN_state, dn->state);
    post_end(cti, NULL, NULL);
}

void cti_device_again(struct cti *cti, const char *number)
{
    const struct dn *dn = dns_get(&cti->dns, number);
    if (dn && dn->known && cti->switch_up) device_post(cti, number, dn);
}

/* A DN of which nothing changes is told to nobody: switches repeat the state of all. */
void cti_device(struct cti *cti, const char *number, enum dn_type type, enum dn_state state)
{
    struct dn *dn = dns_get(&cti->dns, number);
    if (!dn) return;
    bool first = !dn->known;
    bool changed = first || dn->state != state;
    dn->known = true;
    dn->state = state;
    if (type != dn_type_other) dn->type = type;
    if (!changed || (first && !cti->switch_up)) /* what a snapshot says first is told by the resync */
        return;
    device_post(cti, number, dn);
    enum client_event what = state == dn_state_in ? CLIENT_EventDNBackInService : CLIENT_EventDNOutOfService;
    cti_log(cti, GCX_LOG_INFO, NO_CALL, "%s dn=%s", client_event_name(what), number);
    json_t *event = client_event_new(what);
    json_object_set_new(event, "ThisDN", json_string(number));
    notify_send(cti, number, event, NULL);
}

/* --- Refusals --- */

void cti_refused(struct cti *cti, uint64_t id, enum code code, const char *text)
{
    if (code == code_link_down && !cti->switch_up)
        return; /* cti_switch_down() has settled what does not wait for the link */
    struct ask *ask = asks_take_id(&cti->asks, id);
    if (ask) ask_failed(cti, ask, code, text);
}

/* A desktop alone is told: the call is the same to all others. */
static void party_mutes(struct cti *cti, struct call *call, const struct ask *ask)
{
    struct party *party = call_party(call, ask->dn);
    bool muted = ask->expect == EXPECT_MUTED;
    enum client_event what = muted ? CLIENT_EventMuteOn : CLIENT_EventMuteOff;
    if (!party) return;
    party->muted = muted;
    cti_log(cti, GCX_LOG_INFO, call, "%s dn=%s", client_event_name(what), ask->dn);
    notify_send(cti, ask->dn, notify_call(cti, what, call, ask->dn, &ask->asker), &ask->asker);
}

void cti_answered(struct cti *cti, uint64_t id)
{
    struct ask *ask = asks_take_id(&cti->asks, id);
    if (!ask) return; /* too late */
    struct call *call = calls_by_conn(&cti->calls, ask->conn);
    if (call && ask->expect == EXPECT_RESULT) recording_is(cti, call, ask);
    if (call && (ask->expect == EXPECT_MUTED || ask->expect == EXPECT_UNMUTED)) party_mutes(cti, call, ask);
    if (ask->asker.client == 0) post_done(cti, call, &ask->asker, outcome_ok, code_ok, "");
    free(ask);
}

void cti_not_applied(struct cti *cti, struct call *call, uint64_t ref, enum code code, const char *text)
{
    if (code == code_link_down && !cti->switch_up) return; /* the snapshot will tell whether it runs */
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
