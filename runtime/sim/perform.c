/* runtime/sim/perform.c - Carries out the core's effects as services of the switch; what the switch refuses becomes
 * an EventError.
 *
 *     bridge_perform()  reads the effect, shows it in the timeline, asks whether the test lets it fail
 *       about a call    perform_about_a_call() finds its leg: route, default, treatment, call control
 *       of a source     bridge_source(): queries and requests get the test's answer
 *       of people       perform_invite(), perform_set_agent(): the world's agents
 *       others          sessions, records, messages, by their own files
 *
 * Before an effect is carried out the decisions that led to it are added to the trace (bridge_joined), so that the
 * trace has the order in which things happened. A test's answer to a step comes from the world (world_answer). */
#include <assert.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/sim/bridge_state.h"
#include "runtime/sim/events.h"
#include "runtime/sim/holding.h"
#include "runtime/sim/treatment.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/wrap_up.h"
#include "base/memory.h"

enum { NAME_ROOM = 65 };

/* Posts EventError for an effect that the switch refused. */
static void perform_refuse(struct bridge *b, const struct message *effect, enum code code)
{
    bridge_done(b, effect, code, enum_name_code(code));
}

/* Routes the call to the destination, and to those that ring along. */
static enum code perform_rings(struct bridge *b, const struct message *effect, uint64_t call, const char *dest)
{
    char also[SWITCH_ALONG][NAME_ROOM];
    const char *names[SWITCH_ALONG];
    uint32_t at = 0, count = 0;
    uint64_t ref = message_u(effect, ENVELOPE_ref);
    struct span list = message_text(effect, RequestRouteCall_also), element;
    while (count < SWITCH_ALONG && message_next_text(list, &at, &element)) {
        sim_copy_text(also[count], sizeof also[count], element);
        names[count] = also[count];
        count++;
    }
    if (count == 0) return switch_route(b->sw, call, dest, ref, b->now_us);
    return switch_route_several(b->sw, call, dest, names, count, ref, b->now_us);
}

/* Routes the call; whisper and whether the caller stays are set after that, as they belong to the route. */
static void perform_route(struct bridge *b, const struct message *effect, const struct bridge_leg *leg)
{
    assert(effect->kind == KIND_RequestRouteCall);
    char dest[NAME_ROOM];
    sim_copy_text(dest, sizeof dest, message_text(effect, RequestRouteCall_dest));
    uint32_t queue = plan_queue_at(b->plan, dest);
    if (queue != NO_QUEUE) bridge_needs_queue(b, b->plan->queues[queue].name);
    enum code code = world_route(b->world, world_arrival_of(b->world, leg->call));
    if (code == code_ok) code = perform_rings(b, effect, leg->call, dest);
    struct span ext = message_text(effect, RequestRouteCall_ext);
    struct kv_value value;
    if (code != code_ok) {
        perform_refuse(b, effect, code);
        return;
    }
    int64_t wrap_up_us = wrap_up_wished(message_text(effect, RequestRouteCall_data));
    if (wrap_up_us >= 0) world_wraps_up(b->world, world_arrival_of(b->world, leg->call), (uint64_t)wrap_up_us);
    if (kv_get(ext, "stays", &value)) switch_stays(b->sw, leg->call);
    bool prompt = kv_get(ext, "whisper_prompt", &value);
    if (prompt || kv_get(ext, "whisper", &value)) {
        char text[SWITCH_WHISPER + 1];
        sim_copy_text(text, sizeof text, value.span);
        switch_whisper(b->sw, leg->call, text, prompt);
    }
}

/* Returns where the interaction's strategy had a fault; NULL: there was none. */
static json_t *fault_json(const struct bridge *b, uint64_t ixn)
{
    struct span where = core_fault(partition_core(b->partition), ixn);
    return where.length == 0 ? NULL : json_pack("{s:s%}", "fault", (const char *)where.bytes, (size_t)where.length);
}

/* Routes to the routing point's defaults, one after another; when all are used, nobody is left. */
static void route_default(struct bridge *b, const struct message *effect, const struct bridge_leg *leg)
{
    assert(effect->kind == KIND_RouteDefault);
    uint64_t ref = message_u(effect, ENVELOPE_ref);
    const struct switch_call *call = switch_call(b->sw, leg->call);
    if (!call) {
        perform_refuse(b, effect, code_unknown_conn_id);
        return;
    }
    char why[200];
    struct span text = message_text(effect, RouteDefault_why);
    if (text.length != 0) sim_copy_text(why, sizeof why, text);
    trace_happened(b->trace, b->now_us, world_arrival_of(b->world, leg->call), "failed", NULL,
                   text.length != 0 ? why : enum_name_code(message_u(effect, RouteDefault_reason)),
                   fault_json(b, message_u(effect, ENVELOPE_ixn)));
    if (switch_route_default(b->sw, leg->call, b->plan->last, ref, b->now_us) != code_ok)
        switch_clear(b->sw, leg->call, cause_no_circuit, b->now_us);
}

/* Begins a treatment; if the switch refuses it, posts NotApplied; if the call is gone, an error. */
static void perform_treat(struct bridge *b, const struct message *effect, const struct bridge_leg *leg)
{
    assert(effect->kind == KIND_RequestApplyTreatment);
    struct treatment_room room;
    struct switch_treatment t = treatment_read(&room, effect);
    enum code code = switch_treat(b->sw, leg->call, &t, b->now_us);
    treatment_free(&t);
    if (code == code_ok) return;
    if (code == code_unknown_conn_id) {
        perform_refuse(b, effect, code);
        return;
    }
    bridge_event(b, KIND_EventTreatment, leg, message_u(effect, ENVELOPE_ref));
    event_put_treatment(&b->writer, treatment_change_NotApplied, NULL, cause_other);
    bridge_post(b);
}

/* Ends a step that takes no time as the test says, or by default successfully. The core has a time limit for each of
 * these steps; with the outcome `timeout` no event is posted, so that it applies. */
static void at_once(struct bridge *b, const struct message *effect, const struct bridge_leg *leg, const char *step)
{
    assert(effect->kind == KIND_RequestCallControl);
    uint32_t arrival = world_arrival_of(b->world, leg->call);
    struct step_call call = {.step = step, .args = json_object()};
    const struct scenario_outcome *outcome = bridge_answer(b, arrival, &call);
    enum call_op op = (enum call_op)message_u(effect, RequestCallControl_op);
    bool fails = outcome && outcome->fail;
    json_decref(call.args);
    enum code code = op == call_op_answer || fails ? code_ok : switch_record(b->sw, leg->call, op);
    if (fails && strcmp(outcome->fail, "timeout") == 0) return; /* it says nothing */
    if (fails)
        perform_refuse(b, effect, strcmp(outcome->fail, "unsupported") == 0 ? code_unsupported : code_not_applied);
    else if (code != code_ok)
        perform_refuse(b, effect, code);
    else
        bridge_done(b, effect, code_ok, "");
}

/* Notes why the core ends an interaction; one without a leg ends without an effect, so this call is the only notice. */
void bridge_ending(struct bridge *b, uint64_t ixn, struct span why, uint64_t now_us)
{
    bridge_booked(b, now_us); /* a call-back that ends at once is no longer on the list when the core's turn is over */
    b->stops = memory_more(b->stops, b->stop_count, sizeof *b->stops);
    b->stops[b->stop_count] = (struct stop){.ixn = ixn};
    sim_copy_text(b->stops[b->stop_count].why, sizeof b->stops->why, why);
    b->stop_count++;
}

/* Returns the last noted stop of the interaction, of which there may be several. */
static struct stop *stop_of(struct bridge *b, uint64_t ixn)
{
    for (uint32_t i = b->stop_count; i-- > 0;)
        if (b->stops[i].ixn == ixn) return &b->stops[i];
    return NULL;
}

/* Controls a call; ends of calls are added to the trace here, as the switch does not know who ended them. */
static void perform_control(struct bridge *b, const struct message *effect, struct bridge_leg *leg)
{
    assert(effect->kind == KIND_RequestCallControl);
    char dn[NAME_ROOM], why[200];
    uint64_t ref = message_u(effect, ENVELOPE_ref);
    const struct switch_call *call = switch_call(b->sw, leg->call);
    enum code code = code_unsupported;
    struct span text = message_text(effect, RequestCallControl_why);
    sim_copy_text(why, sizeof why, text);
    sim_copy_text(dn, sizeof dn, message_text(effect, RequestCallControl_dn));
    switch (message_u(effect, RequestCallControl_op)) {
    case call_op_pull_back:
        code = !call || !call->routing_point
                   ? code_unknown_conn_id
                   : switch_deflect(b->sw, leg->call, dn, call->routing_point, ref, b->now_us);
        break;
    case call_op_disconnect:
    case call_op_reject:
        if (message_text(effect, RequestCallControl_keep).length != 0) {
            bridge_keep(b, effect, leg);
            return;
        }
        leg->stopped = true;
        struct stop *stop = stop_of(b, message_u(effect, ENVELOPE_ixn));
        if (stop) stop->told = true;
        trace_happened(b->trace, b->now_us, world_arrival_of(b->world, leg->call),
                       message_u(effect, RequestCallControl_op) == call_op_reject ? "rejected" : "stopped", NULL, why,
                       NULL);
        code = switch_clear(b->sw, leg->call, cause_ok, b->now_us);
        break;
    default: {
        const char *step = holding_control_step(message_u(effect, RequestCallControl_op));
        if (!step) break;
        at_once(b, effect, leg, step);
        return;
    }
    }
    if (code != code_ok) perform_refuse(b, effect, code);
}

/* Sets an agent's state; an effect without a telephone means the agent's telephone in the plan. */
static void perform_set_agent(struct bridge *b, const struct message *effect)
{
    char agent[NAME_ROOM], dn[NAME_ROOM];
    sim_copy_text(agent, sizeof agent, message_text(effect, SetAgentState_agent));
    sim_copy_text(dn, sizeof dn, message_text(effect, SetAgentState_dn));
    uint32_t known = plan_agent_named(b->plan, agent);
    b->state_ref = message_u(effect, ENVELOPE_ref);
    b->state_ixn = message_u(effect, ENVELOPE_ixn);
    sim_copy_text(b->state_agent, sizeof b->state_agent, message_text(effect, SetAgentState_agent));
    enum code code = switch_set_agent(b->sw, dn[0] == '\0' && known != NO_AGENT ? b->plan->agents[known].dn : dn, agent,
                                      (enum agent_state)message_u(effect, SetAgentState_state),
                                      (enum work_mode)message_u(effect, SetAgentState_work_mode),
                                      message_u(effect, ENVELOPE_ref), b->now_us);
    if (code != code_ok) perform_refuse(b, effect, code);
}

/* Cancels a query, a dialled call or a treatment: the ref tells which, and each kind is tried. */
static void perform_cancel(struct bridge *b, const struct message *effect, const struct bridge_leg *leg)
{
    uint64_t of = message_u(effect, Cancel_of);
    bridge_query_cancelled(b, message_u(effect, ENVELOPE_ixn), of);
    if (bridge_dial_cancelled(b, message_u(effect, ENVELOPE_ixn), of, leg)) return;
    if (leg && of <= UINT32_MAX) (void)switch_stop_treatment(b->sw, leg->call, (uint32_t)of, b->now_us);
}

/* Invites an agent, on the desktop that the test simulates. */
static void perform_invite(struct bridge *b, const struct message *effect)
{
    char agent[NAME_ROOM];
    uint64_t ixn = message_u(effect, ENVELOPE_ixn);
    struct bridge_leg *leg = bridge_leg_of_conn(b, message_u(effect, ENVELOPE_conn));
    uint32_t arrival = !leg ? NO_ARRIVAL : world_arrival_of(b->world, leg->call);
    sim_copy_text(agent, sizeof agent, message_text(effect, Invite_agent));
    uint32_t known = plan_agent_named(b->plan, agent);
    for (uint32_t a = 0; arrival == NO_ARRIVAL && a < b->arrivals; a++) /* whose place is kept */
        arrival = b->ixns[a] == ixn ? a : arrival;
    if (known == NO_AGENT || arrival == NO_ARRIVAL) {
        perform_refuse(b, effect, code_not_logged_in);
        return;
    }
    if (leg) b->ixns[arrival] = leg->ixn = ixn;
    bridge_joined(b, arrival, ixn);
    if (message_u(effect, Invite_mode) == invite_mode_forced) return; /* the agent has it */
    world_invited(b->world, known, message_u(effect, Invite_claim), arrival, b->now_us);
}

/* Withdraws an invitation from all agents who may have got it, as the effect names none. */
static void perform_withdraw(struct bridge *b, const struct message *effect)
{
    uint32_t arrival = bridge_arrival_of(b, effect);
    bool overdue = message_u(effect, Withdraw_reason) == cause_no_reply;
    if (overdue && arrival != NO_ARRIVAL) trace_happened(b->trace, b->now_us, arrival, "no_reply", NULL, NULL, NULL);
    for (uint32_t agent = 0; agent < b->plan->agent_count; agent++)
        world_withdrawn(b->world, agent, message_u(effect, Withdraw_claim));
}

/* Posts an agent's answer to an invitation as an event. */
static void bridge_invitation(void *self, uint32_t agent, uint64_t claim, bool accepts)
{
    struct bridge *b = self;
    (void)agent;
    bridge_event(b, accepts ? KIND_RequestAccept : KIND_RequestReject, NULL, 0);
    event_put_invited(&b->writer, accepts, claim);
    bridge_post(b);
}

/* Carries out an effect about a call; the first one with an interaction's number shows to which call that belongs. */
static void perform_about_a_call(struct bridge *b, const struct message *effect, enum code refused)
{
    struct bridge_leg *leg = bridge_leg_of_conn(b, message_u(effect, ENVELOPE_conn));
    if (!leg) {
        perform_refuse(b, effect, code_unknown_conn_id);
        return;
    }
    if (message_u(effect, ENVELOPE_ixn) != 0) {
        leg->ixn = message_u(effect, ENVELOPE_ixn);
        uint32_t arrival = world_arrival_of(b->world, leg->call);
        if (arrival != NO_ARRIVAL) b->ixns[arrival] = leg->ixn;
        bridge_joined(b, arrival, leg->ixn);
    }
    if (refused != code_ok) {
        perform_refuse(b, effect, refused);
        return;
    }
    switch (effect->kind) {
    case KIND_RequestRouteCall:
        perform_route(b, effect, leg);
        break;
    case KIND_RouteDefault:
        route_default(b, effect, leg);
        break;
    case KIND_RequestApplyTreatment:
        perform_treat(b, effect, leg);
        break;
    case KIND_RequestCallControl:
        perform_control(b, effect, leg);
        break;
    default:
        perform_refuse(b, effect, code_unsupported);
        break;
    }
}

/* Shows an effect in the timeline, unless it only keeps the adapter informed. */
static void perform_show(struct bridge *b, const struct message *effect)
{
    char text[1200];
    if (!trace_listens(b->trace) || effect->kind == KIND_Configure || effect->kind == KIND_Resync ||
        effect->kind == KIND_Restore || effect->kind == KIND_Reply)
        return;
    (void)message_print(effect, text, sizeof text);
    trace_say(b->trace, b->now_us, "core", bridge_arrival_of(b, effect), "%s", text);
}

/* Carries out an effect; while the link is down effects to it are lost, those to the host's data sources are not. */
void bridge_perform(struct bridge *b, struct span frame, uint64_t now_us)
{
    struct message effect;
    struct error error = {0};
    b->now_us = now_us;
    if (!message_read(&effect, frame.bytes, frame.length, &error)) {
        world_problem(b->world, 0, "the core made a bad effect: %s", error.text);
        return;
    }
    bridge_look_at_booked(b);
    trace_look(b->trace, b->now_us, bridge_arrival_of(b, &effect), &effect, (struct message_mask){0});
    perform_show(b, &effect);
    if (b->down && message_u(&effect, ENVELOPE_source) == BRIDGE_LINK) return; /* lost with the link */
    enum code refused = bridge_asks(b, &effect);
    switch (effect.kind) {
    case KIND_Query:
    case KIND_HttpRequest:
        bridge_source(b, &effect);
        break;
    case KIND_RequestMakeCall:
        if (refused != code_ok)
            perform_refuse(b, &effect, refused);
        else
            bridge_dial(b, &effect);
        break;
    case KIND_Cancel:
        perform_cancel(b, &effect, bridge_leg_of_conn(b, message_u(&effect, ENVELOPE_conn)));
        break;
    case KIND_Resync:
        bridge_resync(b);
        break;
    case KIND_SetAgentState:
        perform_set_agent(b, &effect);
        break;
    case KIND_QueryAddress:
        if (!bridge_observe(b, message_u(&effect, ENVELOPE_conn), message_u(&effect, ENVELOPE_ref)))
            perform_refuse(b, &effect, code_unknown_conn_id);
        break;
    case KIND_Configure:
        bridge_done(b, &effect, code_ok, "");
        break;
    case KIND_AddRecord:
    case KIND_NoteConsent:
    case KIND_CancelRecord:
    case KIND_SendMessage:
        bridge_message(b, &effect);
        break;
    case KIND_Classify:
        bridge_classify(b, &effect);
        break;
    case KIND_Invite:
        perform_invite(b, &effect);
        break;
    case KIND_Withdraw:
        perform_withdraw(b, &effect);
        break;
    case KIND_Restore:
    case KIND_EventAttachedDataChanged:
    case KIND_Notify:
        break;
    case KIND_Note:
        bridge_step_done(b, &effect);
        break;
    case KIND_Submitted:
        bridge_work(b, &effect);
        break;
    case KIND_Reply:
        bridge_submitted(b, &effect);
        bridge_campaign_refused(b, &effect);
        /* a change that is too large is reported, else the test would continue without it unnoticed */
        if (message_u(&effect, Reply_code) == code_too_large) {
            struct span text = message_text(&effect, Reply_text);
            world_problem(b->world, 0, "%.*s", (int)text.length, (const char *)text.bytes);
        }
        break;
    default:
        if (!bridge_session(b, &effect) && !bridge_record(b, &effect)) perform_about_a_call(b, &effect, refused);
        break;
    }
}

/* ---- hands ---- */

static void perform_state(void *self, uint32_t agent, enum agent_state state)
{
    const struct bridge *b = self;
    const struct plan_agent *who = &b->plan->agents[agent];
    switch_set_agent(b->sw, who->dn, who->name, state, work_mode_manual_in, 0, b->now_us);
}

static void perform_answer(void *self, uint32_t agent, uint64_t call)
{
    const struct bridge *b = self;
    switch_answer(b->sw, call, b->plan->agents[agent].dn, b->now_us);
}

static void perform_release(void *self, uint32_t agent, uint64_t call)
{
    const struct bridge *b = self;
    switch_release(b->sw, call, b->plan->agents[agent].dn, b->now_us);
}

/* Returns the functions by which the test's people act on the bridge. The world has no other access to the core. */
struct world_hands bridge_hands(struct bridge *b)
{
    return (struct world_hands){.self = b,
                                .set_state = perform_state,
                                .answer = perform_answer,
                                .release = perform_release,
                                .invitation = bridge_invitation,
                                .learn = bridge_learn,
                                .fault = bridge_fault,
                                .signal = bridge_signal,
                                .call_back = bridge_call_back,
                                .submit = bridge_submit,
                                .leave = bridge_leaves,
                                .desk = bridge_desk,
                                .setting = bridge_setting};
}

/* Adds ends that no event has shown to the trace: of interactions that were stopped or failed without a call. */
void bridge_finish(struct bridge *b)
{
    const struct core *core = partition_core(b->partition);
    for (uint32_t a = 0; a < b->arrivals; a++) {
        struct interaction_row row;
        uint64_t booked = bridge_last_ixn(b, a); /* the interaction of the arrival's last call-back */
        bool known = booked != 0        ? core_find(core, booked, &row)
                     : b->conns[a] != 0 ? core_find_call(core, b->conns[a], &row)
                                        : false;
        if (!known) continue;
        bridge_joined(b, a, row.ixn);
        const struct bridge_leg *leg = bridge_leg_of_conn(b, row.conn);
        const struct stop *stop = stop_of(b, row.ixn);
        bool told = stop ? stop->told : leg ? leg->stopped : booked == 0;
        if (span_is(row.outcome, "stopped") && !told) /* the stop is not in the trace yet, as no call was hung up */
            trace_happened(b->trace, row.changed_us, a, "stopped", NULL, stop ? stop->why : NULL, NULL);
        if (span_is(row.outcome, "failed"))
            trace_happened(b->trace, row.changed_us, a, "failed", NULL, stop ? stop->why : NULL,
                           stop ? fault_json(b, row.ixn) : NULL);
    }
    trace_sort(b->trace);
}
