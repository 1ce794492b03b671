/* runtime/adapters/tserver/services.c - Requests of the T-Server to the switch: one function for each service.
 *
 * A service is requested by a line to the switch with a number; its result or error comes back under that number
 * (swlink.h). Most services are answered by events, and not by their results: for SERVICE_ASK only refusals are
 * reported to the call model. For SERVICE_RESULT the result itself is the answer.
 *
 *     {"service": "HoldCall", "invokeId": 12, "callID": ..., "device": ...}   -->  switch
 *     an error of 12            <--  tserver_refused(): the ask is answered with it
 *     the event of the call     <--  answers the ask where nothing went wrong
 */
#include <assert.h>

#include "runtime/adapters/cti/json_kv.h"
#include "runtime/adapters/tserver/carried.h"
#include "runtime/adapters/tserver/tserver.h"
#include "runtime/vocabulary/dialled.h"

static void service_ask(void *self, const char *name, json_t *arguments, uint64_t id)
{
    struct tserver *tserver = self;
    struct service service = {.kind = id == 0 ? SERVICE_PLAIN : SERVICE_ASK, .ask = id};
    swlink_ask(&tserver->link, name, arguments, &service);
}

static void service_created(void *self, const struct call *call)
{
    service_ask(self, "AssociateData", json_pack("{s:s,s:s}", "callID", call->id, "correlator", call->conn_text), 0);
}

/* Adds the core's reason, for the switch's own log. */
static void set_why(json_t *arguments, const struct call *call)
{
    if (call->why[0] != 0) json_object_set_new(arguments, "why", json_string(call->why));
}

/* Routes the call. The correlator is sent too, so that another switch at which the call arrives knows the call's
 * ConnID. */
static void service_route(void *self, uint64_t id, const struct call *call, const char *destination)
{
    json_t *arguments = json_pack("{s:s,s:s,s:s,s:s}", "callID", call->id, "routeID", call->visit.id, "destination",
                                  destination, "correlator", call->conn_text);
    if (call->stays) json_object_set_new(arguments, "stays", json_true());
    if (call->whisper[0] != 0)
        json_object_set_new(arguments, call->whisper_prompt ? "whisperPrompt" : "whisper", json_string(call->whisper));
    if (call->visit.default_ref != 0) set_why(arguments, call);
    carried_put(arguments, kv_span(&call->data));
    service_ask(self, "RouteSelect", arguments, id);
}

static void service_reject(void *self, uint64_t id, const struct call *call, enum cause cause)
{
    json_t *arguments =
        json_pack("{s:s,s:s,s:s}", "callID", call->id, "routeID", call->visit.id, "cause", enum_name_cause(cause));
    set_why(arguments, call);
    service_ask(self, "RouteReject", arguments, id);
}

static void service_treat(void *self, const struct call *call, const struct treatment_ask *treatment)
{
    struct tserver *tserver = self;
    struct service service = {.kind = SERVICE_TREATMENT, .conn = call->conn, .ref = treatment->ref};
    json_t *arguments = json_pack("{s:s,s:s,s:I,s:s,s:o}", "callID", call->id, "device", treatment->dn, "treatment",
                                  (json_int_t)treatment->ref, "type", enum_name_treatment(treatment->type), "params",
                                  json_from_kv(treatment->params));
    if (treatment->language[0] != 0) json_object_set_new(arguments, "language", json_string(treatment->language));
    if (treatment->secret) json_object_set_new(arguments, "secret", json_true());
    swlink_ask(&tserver->link, "ApplyTreatment", arguments, &service);
}

static void service_stop_treatment(void *self, const struct call *call, uint64_t ref)
{
    service_ask(self, "StopTreatment", json_pack("{s:s,s:I}", "callID", call->id, "treatment", (json_int_t)ref), 0);
}

/* Requests a service for a party, by the service's name for the model's `what`. */
static void service_party(void *self, uint64_t id, const struct call *call, const char *dn, enum party_ask what,
                          const char *to)
{
    static const char *const names[] = {
        [ASK_ANSWER] = "AnswerCall",
        [ASK_HOLD] = "HoldCall",
        [ASK_RETRIEVE] = "RetrieveCall",
        [ASK_RELEASE] = "ClearConnection",
        [ASK_TRANSFER] = "SingleStepTransferCall",
        [ASK_CONSULT] = "ConsultationCall",
        [ASK_COMPLETE] = "TransferCall",
        [ASK_CONFERENCE] = "ConferenceCall",
        [ASK_RECONNECT] = "ReconnectCall",
        [ASK_SWAP] = "AlternateCall",
        [ASK_LISTEN] = "ListenToCall",
        [ASK_COACH] = "CoachCall",
        [ASK_BARGE_IN] = "BargeIntoCall",
    };
    if (what == ASK_MUTE || what == ASK_UNMUTE || what == ASK_DIGITS) { /* only the telephone itself can */
        struct tserver *tserver = self;
        cti_refused(&tserver->cti, id, code_unsupported,
                    what == ASK_DIGITS ? "this switch presses no keys" : "this switch mutes nobody");
        return;
    }
    assert(what < sizeof names / sizeof *names && names[what]);
    json_t *arguments = json_pack("{s:s,s:s}", "callID", call->id, "device", dn);
    if (to) json_object_set_new(arguments, "destination", json_string(to));
    if (what == ASK_TRANSFER || what == ASK_CONSULT) /* such a call may go to another switch */
        json_object_set_new(arguments, "correlator", json_string(call->conn_text));
    service_ask(self, names[what], arguments, id);
}

static void service_deflect(void *self, uint64_t id, const struct call *call, const char *dn, const char *to)
{
    service_ask(self, "DeflectCall", json_pack("{s:s,s:s,s:s}", "callID", call->id, "device", dn, "destination", to),
                id);
}

static void services_clear(void *self, uint64_t id, const struct call *call, enum cause cause)
{
    json_t *arguments = json_pack("{s:s,s:s}", "callID", call->id, "cause", enum_name_cause(cause));
    if (call->keep[0] != 0) json_object_set_new(arguments, "keep", json_string(call->keep));
    set_why(arguments, call);
    service_ask(self, "ClearCall", arguments, id);
}

static void services_agent(void *self, uint64_t id, const struct agent_ask *change)
{
    json_t *arguments = json_pack("{s:s,s:s,s:s}", "device", change->dn, "agent", change->agent, "state",
                                  enum_name_agent_state(change->state));
    if (change->queue && change->queue[0] != 0) json_object_set_new(arguments, "queue", json_string(change->queue));
    if (change->work_mode != work_mode_unknown)
        json_object_set_new(arguments, "workMode", json_string(enum_name_work_mode(change->work_mode)));
    if (change->reasons.length > 0) json_object_set_new(arguments, "reasons", json_from_kv(change->reasons));
    service_ask(self, "SetAgentState", arguments, id);
}

static void service_make_call(void *self, uint64_t id, const char *dn, const char *to)
{
    service_ask(self, "MakeCall", json_pack("{s:s,s:s}", "device", dn, "destination", to), id);
}

/* Has the switch dial. A switch that cannot detect machines is asked to make a plain call; any answer then counts as
 * a person's. The correlator comes back in the events of the new call, by which the call is recognized as the
 * dialled one. */
static void switch_service_dial(void *self, uint64_t id, const struct dial_ask *dial)
{
    const struct tserver *tserver = self;
    bool predictive = dial->predictive && tserver->link.predictive;
    json_t *arguments = json_pack("{s:s,s:s,s:s,s:I}", "device", dial->origin, "destination", dial->number,
                                  "correlator", dial->correlator, "ring_us", (json_int_t)dial->ring_us);
    /* for a call-back that a mail has booked, `caller_id` is a mail address */
    if (dialled_is_writable(dial->caller_id))
        json_object_set_new(arguments, "callingDevice", json_string(dial->caller_id));
    service_ask(self, predictive ? "MakePredictiveCall" : "MakeCall", arguments, id);
}

static void service_record(void *self, uint64_t id, const struct call *call, enum call_op op)
{
    static const char *const names[] = {
        [call_op_recording_start] = "StartRecording",
        [call_op_recording_pause] = "PauseRecording",
        [call_op_recording_resume] = "ResumeRecording",
        [call_op_recording_stop] = "StopRecording",
    };
    struct tserver *tserver = self;
    assert(op < sizeof names / sizeof *names && names[op]);
    struct service service = {.kind = SERVICE_RESULT, .ask = id};
    swlink_ask(&tserver->link, names[op], json_pack("{s:s}", "callID", call->id), &service);
}

const struct cti_switch tserver_services = {
    .created = service_created,
    .route = service_route,
    .reject = service_reject,
    .treat = service_treat,
    .stop_treatment = service_stop_treatment,
    .party = service_party,
    .deflect = service_deflect,
    .clear = services_clear,
    .agent = services_agent,
    .make_call = service_make_call,
    .dial = switch_service_dial,
    .record = service_record,
};

void tserver_refused(void *self, const struct service *service, enum code code, const char *text)
{
    struct tserver *tserver = self;
    if (service->kind == SERVICE_ASK || service->kind == SERVICE_RESULT) {
        cti_refused(&tserver->cti, service->ask, code, text);
    } else if (service->kind == SERVICE_TREATMENT) {
        struct call *call = calls_by_conn(&tserver->cti.calls, service->conn);
        if (call) cti_not_applied(&tserver->cti, call, service->ref, code, text);
    }
}
