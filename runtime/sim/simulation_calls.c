/* runtime/sim/simulation_calls.c - The switch of a simulation with its callers and agents: where calls are, what
 * agents do, and the events that a T-Server would send.
 *
 * A call is a slot that moves from place to place (enum place). Each move is counted (call_moves), and a planned
 * action contains the count: if the call was taken back from an agent, the planned answer finds another count and
 * does nothing. So nothing has to be removed from the agenda.
 *
 * An agent is busy with interactions of any medium and with wrap-ups. A change of shift is noted at once but happens
 * when the agent is no longer busy (desk_changes). The core gets events in a T-Server's order: after-call work
 * before the release, the end of a treatment before the route, so that it never sees a state that a real switch
 * would not show. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/events.h"
#include "runtime/sim/simulation_state.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "base/memory.h"

/* Is a planned action still valid? A caller's patience continues wherever the call is, so DEED_HANG_UP only names
 * the call, and is valid while the caller still waits. The end of a treatment names the treatment, since a second
 * one may have begun at the same place. All other actions name the count of moves. */
bool call_is_due(const struct simulation *s, const struct agenda_entry *entry)
{
    const struct simulated_call *call = &s->calls[entry->who];
    switch (entry->kind) {
    case DEED_HANG_UP:
        return call->number == entry->what && !call->kept && (call->place == AT_POINT || call->place == RINGING);
    case DEED_TREATED:
        return call->number == entry->what >> 32 && call->treatment == (uint32_t)entry->what;
    default:
        return call_turn(call) == entry->what;
    }
}

/* ---- slots ---- */

/* The lookup tables contain only slots; the key_ functions return the key by which a slot is found. */
static uint64_t key_conn(const void *owner, uint32_t slot)
{
    return ((const struct simulation *)owner)->calls[slot].conn;
}

static uint64_t key_ixn(const void *owner, uint32_t slot)
{
    return ((const struct simulation *)owner)->calls[slot].ixn;
}

void calls_init(struct simulation *s)
{
    lookup_init(&s->by_conn, s, key_conn);
    lookup_init(&s->by_ixn, s, key_ixn);
    s->free_call = NOBODY;
}

void simulation_calls_free(struct simulation *s)
{
    lookup_free(&s->by_conn);
    lookup_free(&s->by_ixn);
    for (uint32_t i = 0; i < s->call_count; i++) free(s->calls[i].used);
    free(s->calls);
}

static uint32_t take_slot(struct simulation *s)
{
    uint32_t slot = s->free_call;
    assert(slot == NOBODY || slot < s->call_count);
    if (slot != NOBODY) {
        s->free_call = s->calls[slot].next_free;
        return slot;
    }
    s->calls = memory_more(s->calls, s->call_count, sizeof *s->calls);
    return s->call_count++;
}

static void simulation_drop_slot(struct simulation *s, uint32_t slot)
{
    struct simulated_call *call = &s->calls[slot];
    assert(slot < s->call_count && call->number != 0); /* a call is dropped only once */
    s->living -= call->counted && !call->submitted;
    sim_count_ended(s, call);
    if (call->conn != 0) lookup_remove(&s->by_conn, call->conn);
    if (call->ixn != 0) lookup_remove(&s->by_ixn, call->ixn);
    free(call->used);
    *call = (struct simulated_call){.next_free = s->free_call};
    s->free_call = slot;
}

/* Returns a caller's own stream for a purpose: a change of the plan for one purpose does not affect the others.
 * These are common random numbers: two plans that differ in one figure are compared with the same callers and the
 * same patience, so their difference is due to that figure. */
static struct draws draws_for(const struct simulation *s, const struct simulated_call *call, enum purpose purpose)
{
    return draws_of(s->seed, (uint32_t)purpose + PURPOSES * call->flow, call->index);
}

static uint64_t simulation_drawn(const struct simulation *s, const struct simulated_call *call, enum purpose purpose,
                                 const struct spread *spread)
{
    struct draws draws = draws_for(s, call, purpose);
    return spread_draw(spread, &draws);
}

/* Returns how long the call talks; a list of real calls may say so. */
uint64_t call_talk_us(const struct simulation *s, const struct simulated_call *call)
{
    const struct arrivals *a = &call_flow(s, call)->arrivals;
    double said_us = a->kind == ARRIVALS_LISTED ? a->calls[call->index].talk_us : -1;
    return said_us >= 0 ? (uint64_t)said_us
                        : simulation_drawn(s, call, PURPOSE_HANDLING, &call_flow(s, call)->handling);
}

/* ---- events ---- */

/* Posts a change of a party, with the agent who has the call; so it must be called before the call is taken from the
 * agent. `to`: where the call is diverted to; else NULL. */
static void say_party(struct simulation *s, const struct simulated_call *call, enum party_change change, const char *dn,
                      const char *to, enum cause cause)
{
    bool agent = call->agent != NOBODY;
    enum party_role role = change == party_change_Abandoned ? party_role_customer
                           : agent                          ? party_role_agent
                                                            : party_role_device;
    event_put_party(simulation_event(s, KIND_EventParty, call, 0),
                    &(struct event_party){.dn = span_of(dn),
                                          .change = change,
                                          .role = role,
                                          .agent = agent ? s->agents[call->agent].name : NULL,
                                          .to = to,
                                          .cause = cause});
    simulation_post(s);
}

void sim_desk_says(struct simulation *s, uint32_t agent, enum media medium, enum agent_state state, enum work_mode mode,
                   uint64_t ref)
{
    assert(agent < s->agent_count);
    if (medium != media_voice) s->agents[agent].own = media_set_with(s->agents[agent].own, medium, true);
    struct writer *w = simulation_event(s, KIND_EventAgentState, NULL, ref);
    event_put_agent(w, s->agents[agent].name, s->agents[agent].dn, medium, state, mode);
    simulation_post(s);
}

static void say_deleted(struct simulation *s, const struct simulated_call *call, enum cause cause)
{
    struct writer *w = simulation_event(s, KIND_EventCallDeleted, call, 0);
    writer_u(w, EventCallDeleted_cause, cause);
    simulation_post(s);
}

static void say_route_request(struct simulation *s, const struct simulated_call *call, uint32_t flow, uint64_t ref)
{
    struct writer *w = simulation_event(s, KIND_EventRouteRequest, call, ref);
    writer_text(w, EventRouteRequest_dn, s->sources[flow].dn);
    simulation_post(s);
}

static void say_treatment(struct simulation *s, const struct simulated_call *call, uint32_t ref,
                          enum treatment_change change, enum cause cause)
{
    event_put_treatment(simulation_event(s, KIND_EventTreatment, call, ref), change, NULL, cause);
    simulation_post(s);
}

/* ---- callers ---- */

/* The returned slot's pointer is valid until the next take_slot(). Calls during the warm-up and after the end are
 * played but not counted: so queues are neither empty when counting begins, nor cut off when it ends. */
uint32_t call_arrives(struct simulation *s, uint32_t flow)
{
    assert(flow < s->plan->flow_count);
    const struct simulation_plan *plan = s->plan;
    uint32_t slot = take_slot(s);
    struct simulated_call *call = &s->calls[slot];
    char id[24], ani[24];
    *call = (struct simulated_call){.number = ++s->number,
                                    .index = s->sources[flow].count,
                                    .conn = s->first_conn + s->number,
                                    .arrived_us = s->now_us,
                                    .flow = flow,
                                    .agent = NOBODY,
                                    .place = AT_POINT,
                                    .counted = s->now_us >= plan->warm_up_us && s->now_us < plan->until_us};
    call->submitted = plan->flows[flow].submitted;
    sim_count_offered(s, call);
    answers_begin(s, call, call->index);
    if (call->submitted) return slot;
    s->living += call->counted;
    lookup_add(&s->by_conn, slot);
    s->unknown = memory_more(s->unknown, s->unknown_count, sizeof *s->unknown);
    s->unknown[s->unknown_count++] = slot;
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)call->number);
    (void)snprintf(ani, sizeof ani, "+1555%07llu", (unsigned long long)(call->index % 10000000));
    event_put_created(simulation_event(s, KIND_EventCallCreated, call, 0),
                      &(struct event_created){.medium = call_medium(s, call),
                                              .type = call_type_inbound,
                                              .call_id = id,
                                              .ani = ani,
                                              .dnis = answers_called(s, call),
                                              .data = answers_data(s, answers_of_call(call))});
    simulation_post(s);
    say_route_request(s, call, flow, 0);
    return slot;
}

/* Stops a treatment that is still playing and posts its end; otherwise posts nothing. */
void call_treatment_stops(struct simulation *s, uint32_t slot)
{
    struct simulated_call *call = &s->calls[slot];
    uint32_t ref = call->treatment;
    if (ref == 0) return;
    call->treatment = 0;
    say_treatment(s, call, ref, treatment_change_End, cause_interrupted);
}

/* ---- shifts ---- */

#define DAY_US 86400e6

/* Is the time of day in a shift, or in a break (`pause`)? `any`: there is such a shift or break. A shift past
 * midnight ends after 24 h: so its part after midnight is checked with a day added. */
static bool is_within(const struct simulation_agents *like, bool pause, double day_us, bool *any)
{
    bool within = false;
    *any = false;
    for (uint32_t i = 0; i < like->shift_count; i++) {
        const struct simulation_shift *shift = &like->shifts[i];
        if (shift->pause != pause) continue;
        *any = true;
        within = within || (shift->from_us <= day_us && day_us < shift->to_us) || day_us + DAY_US < shift->to_us;
    }
    return within;
}

static enum presence presence_at(const struct simulation_agents *like, double day_us)
{
    bool any, works = is_within(like, false, day_us, &any);
    if (any && !works) return AT_HOME;
    return is_within(like, true, day_us, &any) ? ON_BREAK : AT_WORK;
}

/* Returns how long after this time of day the next shift or break begins or ends; INFINITY: never. */
static double changes_after(const struct simulation_agents *like, double day_us)
{
    double after_us = INFINITY;
    for (uint32_t i = 0; i < 2 * like->shift_count; i++) {
        const struct simulation_shift *shift = &like->shifts[i / 2];
        double wait_us = fmod((i % 2 == 0 ? shift->from_us : shift->to_us) - day_us + 2 * DAY_US, DAY_US);
        after_us = fmin(after_us, wait_us > 0 ? wait_us : DAY_US);
    }
    return after_us;
}

/* Lets the agent begin or end work or a break, as wanted. The turn of each medium is increased, so that an agent who
 * has gone home is not made ready by the wrap-up of the last call. */
static void desk_changes(struct simulation *s, uint32_t number)
{
    struct simulated_agent *agent = &s->agents[number];
    if (agent->is == agent->wants) return;
    sim_count_works(s, agent);
    if (agent->is == AT_HOME) sim_desk_says(s, number, media_voice, agent_state_logged_in, work_mode_manual_in, 0);
    agent->is = agent->wants;
    enum agent_state state = agent->is == AT_HOME    ? agent_state_logged_out
                             : agent->is == ON_BREAK ? agent_state_not_ready
                                                     : agent_state_ready;
    if (agent->is == AT_HOME) agent->own = (struct media_set){{0}};
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++) {
        agent->turn[medium]++; /* the new turn cancels the ends of wrap-ups that were planned before */
        if (medium == media_voice || has_medium(agent->own, medium))
            sim_desk_says(s, number, (enum media)medium, state, work_mode_manual_in, 0);
    }
}

void sim_desk_shift(struct simulation *s, uint32_t number)
{
    assert(number < s->agent_count);
    struct simulated_agent *agent = &s->agents[number];
    const struct simulation_agents *like = &s->plan->agents[agent->like];
    double day_us = fmod(s->plan->origin_us + (double)s->now_us, DAY_US), after_us = changes_after(like, day_us);
    agent->wants = (uint8_t)presence_at(like, day_us);
    if (!agent->busy) desk_changes(s, number);
    if (!isinf(after_us)) agenda_add(&s->agenda, s->now_us + (uint64_t)ceil(after_us), DEED_SHIFT, number, 0);
}

/* A planned action about a medium of an agent contains the medium and its turn. */
enum { MEDIUM_AT = 56 };

void sim_desk_ready_after(struct simulation *s, uint32_t number, enum media medium, uint64_t after_us)
{
    uint64_t turn = ++s->agents[number].turn[medium];
    agenda_add(&s->agenda, s->now_us + after_us, DEED_READY, number, (uint64_t)medium << MEDIUM_AT | turn);
}

/* An agent who has become free may pull a parked interaction: plans that, unless it is planned already. */
static void looks_busy(struct simulation *s, struct simulated_agent *agent)
{
    sim_count_busy(s, agent, agent->calls != 0 || !media_set_is_empty(agent->wraps));
    if (!agent->busy) sim_media_look(s);
}

/* Ends a wrap-up, even if the agent goes home now: wrap-up and busyness are updated before the state is posted. */
void sim_desk_ready(struct simulation *s, const struct agenda_entry *entry)
{
    struct simulated_agent *agent = &s->agents[entry->who];
    enum media medium = (enum media)(entry->what >> MEDIUM_AT);
    if (agent->turn[medium] != (entry->what & ((UINT64_C(1) << MEDIUM_AT) - 1))) return;
    agent->wraps = media_set_with(agent->wraps, medium, false);
    looks_busy(s, agent);
    if (agent->is != agent->wants && !agent->busy)
        desk_changes(s, entry->who);
    else if (agent->is == AT_WORK)
        sim_desk_says(s, entry->who, medium, agent_state_ready, work_mode_manual_in, 0);
}

void call_gets_agent(struct simulation *s, struct simulated_call *call, uint32_t number)
{
    assert(number < s->agent_count);
    struct simulated_agent *agent = &s->agents[number];
    enum media medium = call_medium(s, call);
    call->agent = number;
    agent->calls++;
    sim_count_has(s, agent, medium, agent->has[medium] + 1);
    sim_count_busy(s, agent, true);
}

/* Counts one interaction less for the agent; the caller has to update wrap-up and busyness. */
static void has_less(struct simulation *s, const struct simulated_call *call)
{
    struct simulated_agent *agent = &s->agents[call->agent];
    enum media medium = call_medium(s, call);
    assert(agent->calls > 0 && agent->has[medium] > 0);
    agent->calls--;
    sim_count_has(s, agent, medium, agent->has[medium] - 1);
}

/* Takes the call from its agent; a break that became due during the call begins here, before the core can assign
 * another one. */
void call_loses_agent(struct simulation *s, struct simulated_call *call)
{
    if (call->agent == NOBODY) return;
    struct simulated_agent *agent = &s->agents[call->agent];
    has_less(s, call);
    looks_busy(s, agent);
    if (!agent->busy) desk_changes(s, call->agent);
    call->agent = NOBODY;
}

/* Returns the DN of the agent who has the call, or else of its routing point. */
static const char *call_dn(const struct simulation *s, const struct simulated_call *call)
{
    return call->agent != NOBODY ? s->agents[call->agent].dn : s->sources[call->flow].dn;
}

void call_is_over(struct simulation *s, uint32_t slot, bool abandoned)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    enum cause cause = abandoned ? cause_abandoned : cause_ok;
    sim_count_call_ends(s, call, false, abandoned);
    call_treatment_stops(s, slot);
    say_party(s, call, abandoned ? party_change_Abandoned : party_change_Released, call_dn(s, call), NULL, cause);
    say_deleted(s, call, cause);
    call_loses_agent(s, call);
    simulation_drop_slot(s, slot);
}

/* ---- kept places in the queue ---- */

#define DIALLED_CONN (UINT64_C(1) << 40) /* ConnIDs of dialled legs begin here */

/* Ends the caller's leg; the interaction goes on without it. */
static void simulation_caller_leaves(struct simulation *s, struct simulated_call *call, enum cause cause)
{
    say_deleted(s, call, cause);
    lookup_remove(&s->by_conn, call->conn);
    call->conn = 0;
    call_moves(call, AWAY);
}

/* The caller keeps the place in the queue and hangs up: the leg ends, slot and interaction stay. */
void call_leaves(struct simulation *s, uint32_t slot)
{
    struct simulated_call *call = &s->calls[slot];
    assert(call->place == AT_POINT);
    call->kept = true;
    call_treatment_stops(s, slot);
    say_party(s, call, party_change_Released, call_dn(s, call), NULL, cause_ok);
    simulation_caller_leaves(s, call, cause_ok);
}

/* Draws two times and adds them; SPREAD_NEVER if either of them is never. */
static uint64_t one_after_other_us(const struct spread *one, const struct spread *other, struct draws *draws)
{
    uint64_t one_us = spread_draw(one, draws), other_us = spread_draw(other, draws);
    return one_us == SPREAD_NEVER || other_us == SPREAD_NEVER ? SPREAD_NEVER : one_us + other_us;
}

/* Dials a call; one draw decides whether and when somebody answers, so that the following action can be planned now. */
void call_dialled(struct simulation *s, uint32_t slot, const struct message *effect)
{
    struct simulated_call *call = &s->calls[slot];
    assert(call->place == AWAY);
    uint64_t ring_us = (uint64_t)message_i(effect, RequestMakeCall_ring);
    struct draws draws = draws_of(s->seed, PURPOSE_RINGING + PURPOSES * call->flow, call->index | call->offers++ << 40);
    uint64_t after_us = one_after_other_us(&s->plan->called_back, &s->plan->switching, &draws);
    call->conn = s->first_conn + DIALLED_CONN + ++s->dialled;
    call->dial = (uint32_t)message_u(effect, ENVELOPE_ref);
    lookup_add(&s->by_conn, slot);
    call->fate = cause_no_answer;
    bool answers = call->record ? answers_dialled(s, call, ring_us, &after_us) : after_us < ring_us;
    call_moves(call, DIALLED);
    event_put_created(simulation_event(s, KIND_EventCallCreated, call, call->dial),
                      &(struct event_created){.type = call_type_outbound});
    simulation_post(s);
    agenda_add(&s->agenda, s->now_us + (after_us < ring_us ? after_us : ring_us),
               answers ? DEED_PICK_UP : DEED_RING_OUT, slot, call_turn(call));
}

void call_picks_up(struct simulation *s, uint32_t slot)
{
    struct simulated_call *call = &s->calls[slot];
    assert(call->place == DIALLED);
    call_moves(call, AT_POINT);
    if (call->record) { /* a person who was not reached is not counted as an arrival */
        call->told = false;
        call->arrived_us = s->now_us;
        sim_count_offered(s, call);
    }
    say_route_request(s, call, call->flow, 0);
}

void call_not_reached(struct simulation *s, uint32_t slot, enum cause cause)
{
    struct simulated_call *call = &s->calls[slot];
    event_put_progress(simulation_event(s, KIND_EventCallProgress, call, 0), cause);
    simulation_post(s);
    sim_count_failure(s, call);
    simulation_caller_leaves(s, call, cause);
}

void call_ended(struct simulation *s, uint32_t slot)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    if (call->submitted) {
        sim_media_unpark(s, slot);
        call_loses_agent(s, call);
    } else if (call->place != AWAY && call->place != DIALLED) {
        return; /* the call's own leg reports its end */
    }
    sim_count_call_ends(s, call, false, false);
    simulation_drop_slot(s, slot);
}

/* ---- routing ---- */

static void say_route_used(struct simulation *s, const struct simulated_call *call, struct span to, enum route_how how,
                           uint64_t ref)
{
    event_put_route_used(simulation_event(s, KIND_EventRouteUsed, call, ref), s->sources[call->flow].dn, to, how);
    simulation_post(s);
}

void call_of_record(struct simulation *s, struct span campaign, uint64_t record, uint64_t ixn)
{
    uint32_t flow = sim_flow_of_dn(s, campaign), known;
    if (flow == NOBODY || lookup_find(&s->by_ixn, ixn, &known)) return;
    uint32_t slot = take_slot(s);
    struct simulated_call *call = &s->calls[slot];
    *call = (struct simulated_call){.number = ++s->number,
                                    .index = s->sources[flow].count++,
                                    .ixn = ixn,
                                    .arrived_us = s->now_us,
                                    .flow = flow,
                                    .agent = NOBODY,
                                    .place = AWAY,
                                    .counted = s->now_us >= s->plan->warm_up_us && s->now_us < s->plan->until_us,
                                    .told = true,
                                    .record = true};
    s->living += call->counted;
    lookup_add(&s->by_ixn, slot);
    answers_begin(s, call, record);
}

/* Refuses a route; failed routes are counted, as the strategy has wasted time whatever it does next. */
static void refuse_route(struct simulation *s, const struct simulated_call *call, uint64_t ref, enum code code)
{
    event_put_done(simulation_event(s, KIND_EventDone, call, ref), code, NULL);
    simulation_post(s);
    sim_count_failure(s, call);
}

/* Returns how long the call rings: the switch's time plus the agent's, drawn for each agent anew. */
uint64_t call_rings_us(const struct simulation *s, struct simulated_call *call)
{
    struct draws draws = draws_of(s->seed, PURPOSE_RINGING + PURPOSES * call->flow, call->index | call->offers++ << 40);
    return one_after_other_us(&s->plan->ringing, &s->plan->switching, &draws);
}

static void simulation_rings(struct simulation *s, uint32_t slot, uint32_t agent)
{
    struct simulated_call *call = &s->calls[slot];
    assert(call->place == AT_POINT);
    call_gets_agent(s, call, agent);
    call_moves(call, RINGING);
    say_party(s, call, party_change_Ringing, call_dn(s, call), NULL, cause_other);
    uint64_t after_us = call_rings_us(s, call);
    if (after_us == 0)
        simulation_call_answered(s, slot);
    else if (after_us != SPREAD_NEVER)
        agenda_add(&s->agenda, s->now_us + after_us, DEED_ANSWER, slot, call_turn(call));
}

/* The call is taken by somebody unknown to the core: in a queue of the switch, or at an outside number. */
static void goes_elsewhere(struct simulation *s, uint32_t slot, const char *dn)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    call_moves(call, ELSEWHERE);
    sim_count_call_ends(s, call, false, false);
    say_party(s, call, party_change_Queued, dn, NULL, cause_other);
    agenda_add(&s->agenda, s->now_us + call_talk_us(s, call), DEED_RELEASE, slot, call_turn(call));
}

/* Is the agent busy, so that no further call can be delivered? If the agent has a rule of capacity, the core counts,
 * and this returns false. */
static bool is_taken(const struct simulation *s, const struct simulated_agent *agent)
{
    return agent->calls != 0 && s->plan->agents[agent->like].capacity[0] == '\0';
}

/* Routes a call, or sends it to its default: to an agent, to another routing point, or to a queue of the switch,
 * where the simulation of it ends. */
void call_goes(struct simulation *s, uint32_t slot, const struct message *effect, enum route_how how)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    char dn[SIMULATION_NAME + 1];
    uint64_t ref = message_u(effect, ENVELOPE_ref);
    struct span to = effect->kind == KIND_RequestRouteCall ? message_text(effect, RequestRouteCall_dest)
                                                           : span_of(SIMULATION_LAST_QUEUE);
    uint32_t agent = agent_of_dn(s, to), flow = sim_flow_of_dn(s, to);
    if (call->place != AT_POINT || (agent != NOBODY && is_taken(s, &s->agents[agent]))) {
        refuse_route(s, call, ref, call->place != AT_POINT ? code_invalid_state : code_busy);
        return;
    }
    sim_copy_text(dn, sizeof dn, to);
    call_treatment_stops(s, slot);
    say_route_used(s, call, to, how, ref);
    if (agent != NOBODY)
        simulation_rings(s, slot, agent);
    else if (flow != NOBODY)
        say_route_request(s, call, flow, 0);
    else
        goes_elsewhere(s, slot, dn);
}

/* The call has rung too long at an agent: returns it to its routing point. */
void call_pulled_back(struct simulation *s, uint32_t slot, uint64_t ref)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    if (call->place != RINGING) {
        refuse_route(s, call, ref, code_unknown_conn_id);
        return;
    }
    assert(call->agent != NOBODY); /* a ringing call has an agent */
    say_party(s, call, party_change_Diverted, call_dn(s, call), s->sources[call->flow].dn, cause_no_answer);
    sim_count_failure(s, call);
    call_loses_agent(s, call);
    call_moves(call, AT_POINT);
    say_route_request(s, call, call->flow, ref);
}

/* ---- talking ---- */

void simulation_call_answered(struct simulation *s, uint32_t slot)
{
    struct simulated_call *call = &s->calls[slot];
    assert(call->place == RINGING);
    sim_count_call_ends(s, call, true, false);
    call_moves(call, TALKING);
    say_party(s, call, party_change_Established, call_dn(s, call), NULL, cause_other);
    agenda_add(&s->agenda, s->now_us + call_talk_us(s, call), DEED_RELEASE, slot, call_turn(call));
}

/* Releases a call; after-call work is posted before the release, so that at no moment another call can be routed to
 * the agent. */
void call_released(struct simulation *s, uint32_t slot)
{
    struct simulated_call *call = &s->calls[slot];
    assert(call->place == TALKING || call->place == ELSEWHERE);
    uint32_t number = call->agent;
    if (number != NOBODY) {
        struct simulated_agent *agent = &s->agents[number];
        uint64_t wraps_us = simulation_drawn(s, call, PURPOSE_WRAP_UP, &s->plan->wrap_up);
        enum media medium = call_medium(s, call);
        has_less(s, call);
        if (wraps_us != 0 && wraps_us != SPREAD_NEVER) {
            agent->wraps = media_set_with(agent->wraps, medium, true);
            sim_desk_says(s, number, medium, agent_state_after_call_work, work_mode_after_call_work, 0);
            sim_desk_ready_after(s, number, medium, wraps_us);
        }
        looks_busy(s, agent);
        if (!agent->busy && agent->is != agent->wants)
            sim_desk_says(s, number, media_voice, agent_state_not_ready, work_mode_manual_in, 0);
    }
    say_party(s, call, party_change_Released, number != NOBODY ? s->agents[number].dn : SIMULATION_LAST_QUEUE, NULL,
              cause_ok);
    say_deleted(s, call, cause_ok);
    simulation_drop_slot(s, slot);
    if (number != NOBODY && !s->agents[number].busy) desk_changes(s, number);
}

/* ---- treatments ---- */

/* Begins a treatment, which replaces the one that plays. */
void call_treat(struct simulation *s, uint32_t slot, const struct message *effect)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    uint32_t ref = (uint32_t)message_u(effect, ENVELOPE_ref);
    struct treated treated = {.refused = true};
    if (call->place == AT_POINT) treated = answers_treatment(s, call, effect);
    if (treated.refused) {
        sim_count_failure(s, call);
        say_treatment(s, call, ref, treatment_change_NotApplied, cause_other);
        return;
    }
    call_treatment_stops(s, slot);
    call->treatment = ref;
    call->treated = treated;
    say_treatment(s, call, ref, treatment_change_Applied, cause_other);
    if (!treated.hangs)
        agenda_add(&s->agenda, s->now_us + treated.after_us, DEED_TREATED, slot, call->number << 32 | ref);
}

void call_treated(struct simulation *s, uint32_t slot)
{
    struct simulated_call *call = &s->calls[slot];
    assert(call->treatment != 0);
    uint32_t ref = call->treatment;
    call->treatment = 0;
    if (call->treated.cause != cause_ok) sim_count_failure(s, call);
    struct writer *w = simulation_event(s, KIND_EventTreatment, call, ref);
    writer_u(w, EventTreatment_change, treatment_change_End);
    answers_put_treated(s, &call->treated);
    writer_u(w, EventTreatment_cause, call->treated.cause);
    simulation_post(s);
}

/* The call waits: the caller's patience begins with the first wait, and runs from then on. */
void call_waits(struct simulation *s, uint32_t slot)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    enum media medium = call_medium(s, call);
    if (call->impatient || medium == media_email || medium == media_sms || medium == media_mms ||
        medium == media_social || medium >= media_fax)
        return; /* authors of mails, messages or posts do not leave */
    call->impatient = true;
    uint64_t patience_us = simulation_drawn(s, call, PURPOSE_PATIENCE, &call_flow(s, call)->patience);
    if (patience_us != SPREAD_NEVER) agenda_add(&s->agenda, s->now_us + patience_us, DEED_HANG_UP, slot, call->number);
}
