/* runtime/sim/service.c - A table of the switch link's services, each a few lines that call the model.
 *
 * Data from the link are not trusted: members are read by their types, and a missing or wrong one is an error of
 * that service. A function returns the model's code, and fills `out` with what the log shows. The other direction is
 * below: reports and rows of the model are sent as events of the link (gcx-tserver(5)).
 *
 * A call is identified by its number, a visit to a routing point by call and count ("r12-3"): a RouteSelect for a
 * past visit is refused, however late it comes, and so never routes the call's next visit. */
#include "runtime/sim/service.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/events.h"
#include "runtime/sim/values.h"

/* Returns a code's word on the link: the core's word with one exception, as a switch knows calls, not ConnIDs. */
const char *service_code(enum code code)
{
    return code == code_unknown_conn_id ? "unknown_call" : enum_name_code(code);
}

struct service {
    struct sim_switch *sw;
    json_t *request;
    uint64_t call, now_us, invoke;
    unsigned way; /* which of the services that share one function */
    struct service_outcome *out;
};

/* Returns a text member; "" if it is missing or no text, so that callers need no check. */
static const char *service_text(const struct service *s, const char *key)
{
    const char *text = json_string_value(json_object_get(s->request, key));
    return !text ? "" : text;
}

/* Adds to the line of the log; what does not fit is cut. */
static void service_say(const struct service *s, const char *what, const char *text)
{
    size_t used = strlen(s->out->what);
    (void)snprintf(s->out->what + used, sizeof s->out->what - used, "%s%s=%s", used == 0 ? "" : " ", what, text);
}

static void say_why(const struct service *s)
{
    s->out->why = service_text(s, "why")[0] != '\0' ? service_text(s, "why") : NULL;
    if (s->out->why) service_say(s, "why", s->out->why);
}

static enum code service_associate(const struct service *s)
{
    service_say(s, "correlator", service_text(s, "correlator"));
    return switch_associate(s->sw, s->call, service_text(s, "correlator"));
}

/* Is the request about the call's present visit? */
static bool same_visit(const struct service *s)
{
    const struct switch_call *call = switch_call(s->sw, s->call);
    char visit[48];
    if (!call) return true; /* the model reports that the call is gone */
    (void)snprintf(visit, sizeof visit, "r%llu-%u", (unsigned long long)call->id, call->visit);
    return strcmp(visit, service_text(s, "routeID")) == 0;
}

/* Routes a call; its correlator is set first, so that it is there when the call rings; whisper and stay apply only
 * if the route is accepted. */
static enum code route_select(const struct service *s)
{
    service_say(s, "destination", service_text(s, "destination"));
    say_why(s);
    if (!same_visit(s)) return code_invalid_state;
    if (service_text(s, "correlator")[0] != '\0') (void)switch_associate(s->sw, s->call, service_text(s, "correlator"));
    enum code code = switch_route(s->sw, s->call, service_text(s, "destination"), s->invoke, s->now_us);
    if (code == code_ok && json_is_true(json_object_get(s->request, "stays"))) switch_stays(s->sw, s->call);
    bool prompt = service_text(s, "whisperPrompt")[0] != '\0';
    if (code == code_ok) switch_whisper(s->sw, s->call, service_text(s, prompt ? "whisperPrompt" : "whisper"), prompt);
    return code;
}

/* Returns the cause that the request names; `absent` if it names none, or an unknown one. */
static enum cause service_cause(const struct service *s, enum cause absent)
{
    const char *word = service_text(s, "cause");
    int cause = enum_value_cause(word, (uint32_t)strlen(word));
    return cause < 0 ? absent : (enum cause)cause;
}

/* Ends the call at its routing point, with the cause that the request names. */
static enum code route_reject(const struct service *s)
{
    say_why(s);
    return same_visit(s) ? switch_clear(s->sw, s->call, service_cause(s, cause_refused), s->now_us)
                         : code_invalid_state;
}

/* Ends a call; `keep`, how long its place is to be kept, is only logged. */
static enum code clear_call(const struct service *s)
{
    s->out->keep = service_text(s, "keep")[0] != '\0' ? service_text(s, "keep") : NULL;
    if (s->out->keep) service_say(s, "keep", s->out->keep);
    say_why(s);
    return switch_clear(s->sw, s->call, service_cause(s, cause_ok), s->now_us);
}

/* Reads a number, or a moment as {"$time_us": n}; absent or null gives 0. False: it has another type, or is
 * negative. */
static bool service_number(json_t *params, const char *key, uint64_t *out)
{
    json_t *value = json_object_get(params, key);
    json_t *us = json_object_get(value, "$time_us");
    value = !us ? value : us;
    *out = 0;
    if (!value || json_is_null(value)) return true;
    *out = json_is_integer(value) && json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

/* Begins a treatment; numbers that the model cannot store are refused; texts are borrowed from the request. */
static enum code apply_treatment(const struct service *s)
{
    json_t *params = json_object_get(s->request, "params");
    const char *type = service_text(s, "type"), *end = json_string_value(json_object_get(params, "end"));
    const char *abort = json_string_value(json_object_get(params, "abort"));
    const char *clear = json_string_value(json_object_get(params, "clear"));
    int kind = enum_value_treatment(type, (uint32_t)strlen(type));
    uint64_t number, min, max;
    struct switch_treatment t = {.type = kind < 0 ? treatment_other : (enum treatment)kind,
                                 .prompt = json_string_value(json_object_get(params, "prompt")),
                                 .text = json_string_value(json_object_get(params, "text")),
                                 .keys = json_string_value(json_object_get(params, "keys")),
                                 .end = !end ? '\0' : end[0],
                                 .abort = !abort ? '\0' : abort[0],
                                 .clear = !clear ? '\0' : clear[0]};
    service_say(s, "type", type);
    if (t.prompt || t.text) service_say(s, t.prompt ? "prompt" : "text", t.prompt ? t.prompt : t.text);
    if (service_text(s, "language")[0] != '\0') service_say(s, "language", service_text(s, "language"));
    if (json_is_string(json_object_get(params, "site_language")))
        service_say(s, "site_language", json_string_value(json_object_get(params, "site_language")));
    if (!service_number(s->request, "treatment", &number) || number == 0 || number > UINT32_MAX ||
        !service_number(params, "min", &min) || min > SWITCH_DIGITS || !service_number(params, "max", &max) ||
        max > SWITCH_DIGITS || !service_number(params, "gap", &t.gap_us) ||
        !service_number(params, "first_key", &t.first_us) || !service_number(params, "duration_us", &t.duration_us))
        return code_invalid_attribute;
    t.number = (uint32_t)number;
    t.min = (unsigned)min;
    t.max = (unsigned)max;
    t.choices = value_list_of_pairs(json_object_get(params, "choices"));
    t.values = value_list_of_pairs(json_object_get(params, "values"));
    t.secret = json_is_true(json_object_get(s->request, "secret"));
    t.name = json_string_value(json_object_get(params, "name"));
    t.arguments = json_object_get(params, "arguments");
    enum code code = switch_treat(s->sw, s->call, &t, s->now_us);
    json_decref(t.choices);
    json_decref(t.values);
    return code;
}

/* Adds origin and destination to the log. */
static void say_way(const struct service *s)
{
    service_say(s, "device", service_text(s, "device"));
    service_say(s, "destination", service_text(s, "destination"));
}

/* Dials; for MakePredictiveCall the switch detects who has answered. */
static enum code service_dial(const struct service *s)
{
    struct switch_dial dial = {.origin = service_text(s, "device"),
                               .number = service_text(s, "destination"),
                               .caller_id = service_text(s, "callingDevice"),
                               .correlator = service_text(s, "correlator"),
                               .detects = s->way != 0};
    say_way(s);
    if (!service_number(s->request, "ring_us", &dial.ring_us)) return code_invalid_attribute;
    return switch_dial(s->sw, &dial, s->now_us, &s->out->call);
}

static enum code serve_stop_treatment(const struct service *s)
{
    uint64_t number;
    return service_number(s->request, "treatment", &number) && number <= UINT32_MAX
               ? switch_stop_treatment(s->sw, s->call, (uint32_t)number, s->now_us)
               : code_invalid_attribute;
}

static enum code serve_record(const struct service *s)
{
    return switch_record(s->sw, s->call, (enum call_op)s->way);
}

static enum code serve_answer_call(const struct service *s)
{
    return switch_answer(s->sw, s->call, service_text(s, "device"), s->now_us);
}

/* Holds or retrieves a call, depending on `way`. */
static enum code serve_hold_call(const struct service *s)
{
    return switch_hold(s->sw, s->call, service_text(s, "device"), s->way != 0, s->now_us);
}

static enum code single_step_transfer(const struct service *s)
{
    say_way(s);
    return switch_hand_on(s->sw, s->call, service_text(s, "device"), service_text(s, "destination"), s->now_us);
}

static enum code consultation_call(const struct service *s)
{
    say_way(s);
    return switch_asks_first(s->sw, s->call, service_text(s, "device"), service_text(s, "destination"), s->now_us);
}

static enum code transfer_call(const struct service *s)
{
    return switch_leaves_there(s->sw, s->call, service_text(s, "device"), s->now_us);
}

static enum code serve_reconnect_call(const struct service *s)
{
    return switch_takes_back(s->sw, s->call, service_text(s, "device"), s->now_us);
}

static enum code serve_alternate_call(const struct service *s)
{
    return switch_swaps(s->sw, s->call, service_text(s, "device"), s->now_us);
}

static enum code clear_connection(const struct service *s)
{
    return switch_release(s->sw, s->call, service_text(s, "device"), s->now_us);
}

static enum code serve_deflect(const struct service *s)
{
    say_way(s);
    return switch_deflect(s->sw, s->call, service_text(s, "device"), service_text(s, "destination"), s->invoke,
                          s->now_us);
}

/* Sets an agent's state; only states that a telephone can have are accepted. */
static enum code serve_set_agent(const struct service *s)
{
    const char *state = service_text(s, "state"), *mode = service_text(s, "workMode");
    int number = enum_value_agent_state(state, (uint32_t)strlen(state));
    int work = enum_value_work_mode(mode, (uint32_t)strlen(mode));
    service_say(s, "agent", service_text(s, "agent"));
    service_say(s, "state", state);
    if (number != agent_state_logged_in && number != agent_state_logged_out && number != agent_state_ready &&
        number != agent_state_not_ready && number != agent_state_after_call_work)
        return code_invalid_attribute;
    return switch_set_agent(s->sw, service_text(s, "device"), service_text(s, "agent"), (enum agent_state)number,
                            work < 0 ? work_mode_unknown : (enum work_mode)work, s->invoke, s->now_us);
}

static const struct {
    const char *name;
    enum code (*perform)(const struct service *);
    unsigned way;
} services[] = {
    {"AssociateData", service_associate, 0},
    {"RouteSelect", route_select, 0},
    {"RouteReject", route_reject, 0},
    {"ApplyTreatment", apply_treatment, 0},
    {"StopTreatment", serve_stop_treatment, 0},
    {"AnswerCall", serve_answer_call, 0},
    {"HoldCall", serve_hold_call, true},
    {"RetrieveCall", serve_hold_call, false},
    {"SingleStepTransferCall", single_step_transfer, 0},
    {"ConsultationCall", consultation_call, 0},
    {"TransferCall", transfer_call, 0},
    {"ReconnectCall", serve_reconnect_call, 0},
    {"AlternateCall", serve_alternate_call, 0},
    {"ClearConnection", clear_connection, 0},
    {"ClearCall", clear_call, 0},
    {"MakeCall", service_dial, false},
    {"MakePredictiveCall", service_dial, true},
    {"DeflectCall", serve_deflect, 0},
    {"SetAgentState", serve_set_agent, 0},
    {"StartRecording", serve_record, call_op_recording_start},
    {"PauseRecording", serve_record, call_op_recording_pause},
    {"ResumeRecording", serve_record, call_op_recording_resume},
    {"StopRecording", serve_record, call_op_recording_stop},
};

/* Performs a service; it only reads the request's members, and the model decides whether the request is possible. An
 * unknown name is unsupported, so that a T-Server knows that the switch does not have this service. */
void service_perform(struct sim_switch *sw, const char *name, json_t *request, uint64_t now_us,
                     struct service_outcome *out)
{
    assert(name && request && out);
    const char *call = json_string_value(json_object_get(request, "callID"));
    struct service s = {.sw = sw, .request = request, .now_us = now_us, .out = out};
    s.call = !call ? 0 : strtoull(call, NULL, 10);
    s.invoke = (uint64_t)json_integer_value(json_object_get(request, "invokeId"));
    out->call = s.call;
    out->code = code_unsupported;
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        if (strcmp(name, services[i].name) == 0) {
            s.way = services[i].way;
            out->code = services[i].perform(&s);
            return;
        }
    }
}

/* ---- events and rows of the snapshot ---- */

static json_t *call_id(uint64_t call)
{
    return json_sprintf("%llu", (unsigned long long)call);
}

/* Returns the name of a visit, in the form that same_visit() compares. */
static json_t *visit_id(uint64_t call, uint32_t visit)
{
    return json_sprintf("r%llu-%u", (unsigned long long)call, visit);
}

/* Returns an event's name: for reports about agents that of the new state, for all others what happened. */
const char *service_event_name(const struct switch_report *r)
{
    static const char *const names[] = {[SWITCH_ROUTE_REQUEST] = "RouteRequest",
                                        [SWITCH_ROUTE_USED] = "RouteUsed",
                                        [SWITCH_TREATMENT_STARTED] = "TreatmentStarted",
                                        [SWITCH_TREATMENT_ENDED] = "TreatmentEnded",
                                        [SWITCH_QUEUED] = "Queued",
                                        [SWITCH_DIVERTED] = "Diverted",
                                        [SWITCH_DELIVERED] = "Delivered",
                                        [SWITCH_ESTABLISHED] = "Established",
                                        [SWITCH_PUT_ON_HOLD] = "Held",
                                        [SWITCH_RETRIEVED] = "Retrieved",
                                        [SWITCH_CLEARED] = "ConnectionCleared",
                                        [SWITCH_CALL_CLEARED] = "CallCleared",
                                        [SWITCH_TRANSFERRED] = "Transferred",
                                        [SWITCH_ORIGINATED] = "Originated"};
    static const char *const states[] = {[agent_state_logged_in] = "AgentLoggedOn",
                                         [agent_state_logged_out] = "AgentLoggedOff",
                                         [agent_state_ready] = "AgentReady",
                                         [agent_state_after_call_work] = "AgentWorkingAfterCall"};
    if (r->kind != SWITCH_AGENT) return names[r->kind];
    return r->state < sizeof states / sizeof *states && states[r->state] ? states[r->state] : "AgentNotReady";
}

static void report_set_text(json_t *event, const char *key, const char *text)
{
    if (text[0] != '\0') json_object_set_new(event, key, json_string(text));
}

static void set_cause(json_t *event, const struct switch_report *r)
{
    json_object_set_new(event, "cause", json_string(enum_name_cause(r->cause)));
}

static void set_recording(json_t *event, const struct switch_report *r)
{
    struct sim_recording recording = recording_of(r);
    if (recording.length == 0) return;
    char hash[2 * RECORDING_HASH + 1];
    sodium_bin2hex(hash, sizeof hash, recording.sha256, RECORDING_HASH);
    json_object_set_new(event, "recording",
                        json_pack("{s:s, s:s, s:I, s:s, s:s}", "store", recording.store, "key", recording.key, "length",
                                  (json_int_t)recording.length, "sha256", hash, "mediaType", recording.media_type));
}

/* Adds the members that only one kind of report has. */
static void report_describe(json_t *event, const struct switch_report *r, const struct switch_call *call)
{
    switch (r->kind) {
    case SWITCH_ROUTE_REQUEST:
        json_object_set_new(event, "routeID", visit_id(r->call, r->visit));
        break;
    case SWITCH_ROUTE_USED:
        json_object_set_new(event, "routeID", visit_id(r->call, r->visit));
        report_set_text(event, "destination", r->to);
        json_object_set_new(event, "how", json_string(enum_name_route_how(r->how)));
        break;
    case SWITCH_TREATMENT_ENDED:
        report_set_text(event, "digits", r->digits);
        if (r->secret) json_object_set_new(event, "secret", json_true());
        if (call && call->result) {
            json_t *result = json_loads(call->result, 0, NULL);
            json_object_set_new(event, "result", value_of_wire(result));
            json_decref(result);
        }
        set_recording(event, r);
        set_cause(event, r);
        __attribute__((fallthrough));
    case SWITCH_TREATMENT_STARTED:
        json_object_set_new(event, "treatment", json_integer(r->treatment));
        break;
    case SWITCH_TRANSFERRED:
        json_object_set_new(event, "secondaryCallID", call_id(r->other));
        if (call && call->place == SWITCH_AT_ROUTING_POINT)
            json_object_set_new(event, "routeID", visit_id(r->call, call->visit));
        break;
    case SWITCH_DIVERTED:
        report_set_text(event, "destination", r->to);
        set_cause(event, r);
        break;
    case SWITCH_CLEARED:
    case SWITCH_CALL_CLEARED:
        set_cause(event, r);
        break;
    case SWITCH_AGENT:
        json_object_set_new(event, "agent", json_string(r->agent));
        if (r->work_mode != work_mode_unknown)
            json_object_set_new(event, "workMode", json_string(enum_name_work_mode(r->work_mode)));
        break;
    default:
        break;
    }
}

static const char *call_type(const struct switch_call *call)
{
    if (call->main != 0) return "consult";
    return call->outbound ? "outbound" : call->origin[0] != '\0' ? "internal" : "inbound";
}

/* Adds the data that the call brought, for a T-Server that has not seen the call arrive. */
static void set_brought(json_t *event, const struct switch_call *call, json_t *data)
{
    if (call->main != 0) json_object_set_new(event, "mainCallID", call_id(call->main));
    if (data) json_object_set_new(event, "userData", value_of_wire(data));
}

/* Makes the event for a report; `call` NULL: the call is gone, and only the report's own data are sent. The returned
 * object is the caller's. */
json_t *service_event(const struct switch_report *r, const struct switch_call *call, json_t *data)
{
    json_t *event = json_object();
    json_object_set_new(event, "event", json_string(service_event_name(r)));
    if (r->call != 0) json_object_set_new(event, "callID", call_id(r->call));
    if (r->kind != SWITCH_CALL_CLEARED && r->kind != SWITCH_TREATMENT_STARTED && r->kind != SWITCH_TREATMENT_ENDED)
        report_set_text(event, "device", r->dn);
    report_set_text(event, "queue", r->queue);
    report_describe(event, r, call);
    if (call) {
        report_set_text(event, "correlator", call->correlator);
        report_set_text(event, "callingDevice", call->ani);
        report_set_text(event, "calledDevice", call->dnis);
        json_object_set_new(event, "callType", json_string(call_type(call)));
        set_brought(event, call, data);
    }
    return event;
}

/* Makes a row of the snapshot, from which a T-Server learns which devices exist. */
json_t *service_device(const struct switch_device_row *row)
{
    return json_pack("{s:s, s:s, s:s, s:b}", "event", "SnapshotDevice", "device", row->dn, "type",
                     enum_name_dn_type(row->type), "inService", 1);
}

/* Makes a row of the snapshot: who is logged in at the device, in which state. */
json_t *service_agent(const struct switch_device_row *row)
{
    json_t *event = json_pack("{s:s, s:s, s:s, s:s}", "event", "SnapshotAgent", "agent", row->agent, "device", row->dn,
                              "state", enum_name_agent_state(row->state));
    if (row->work_mode != work_mode_unknown)
        json_object_set_new(event, "workMode", json_string(enum_name_work_mode(row->work_mode)));
    return event;
}

/* Makes a row of the snapshot for a call: where it is, and the treatment that runs or has ended there. */
json_t *service_call(const struct switch_call *call, json_t *data)
{
    static const char *const states[] = {"queued", "queued", "alerting", "connected", "held", "queued", "initiated"};
    json_t *event = json_pack("{s:s, s:o, s:s, s:s, s:s}", "event", "SnapshotCall", "callID", call_id(call->id),
                              "callingDevice", call->ani, "calledDevice", call->dnis, "callType", call_type(call));
    report_set_text(event, "correlator", call->correlator);
    set_brought(event, call, data);
    json_object_set_new(event, "connections",
                        call->place == SWITCH_LEFT
                            ? json_array()
                            : json_pack("[{s:s, s:s}]", "device", call->dn, "state", states[call->place]));
    if (call->place == SWITCH_AT_ROUTING_POINT) {
        json_object_set_new(event, "route",
                            json_pack("{s:s, s:o}", "device", call->dn, "routeID", visit_id(call->id, call->visit)));
    }
    if (call->treatment != 0) {
        json_object_set_new(event, "treatment", json_integer(call->treatment));
    } else if (call->ended && call->place == SWITCH_AT_ROUTING_POINT) {
        json_t *ended = json_object();
        report_describe(ended, call->ended, call);
        json_object_set_new(event, "treatmentEnded", ended);
    }
    return event;
}
