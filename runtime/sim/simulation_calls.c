/* runtime/sim/simulation_calls.c - The switch of a simulation with its callers and agents: where calls are, what agents
 * do, and the events that a T-Server would make of it.
 *
 * A call is a slot that goes from place to place (enum place). Each move counts (call_moves), and a deed that was
 * planned names the count: the answer of an agent from whom the call was pulled back finds another count and does
 * nothing. Nothing is ever taken from the agenda.
 *
 * An agent is busy with calls of any medium and with wrap-ups. A change of shift is wanted at once and happens when the
 * agent is no longer busy (desk_changes). The core is told in a T-Server's order: after-call work before the release,
 * the end of a treatment before the route, so that it never sees a moment that a real switch would not show. */
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

/* A caller's patience goes on wherever the call is, so DEED_HANG_UP names the call alone and asks whether the caller
 * still waits. A treatment's end names the treatment, since a second one may have begun at the same place. All others
 * name the turn. */
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

/* The lookups hold slots only; these say by what a slot is found. */
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
    assert(slot < s->call_count && call->number != 0); /* a call is dropped once */
    s->living -= call->counted && !call->submitted;
    sim_count_ended(s, call);
    if (call->conn != 0) lookup_remove(&s->by_conn, call->conn);
    if (call->ixn != 0) lookup_remove(&s->by_ixn, call->ixn);
    free(call->used);
    *call = (struct simulated_call){.next_free = s->free_call};
    s->free_call = slot;
}

/* A caller's own stream per purpose: a change of the plan for one purpose leaves the others as they were. Common
 * random numbers: two plans that differ in one figure are compared with the same callers, of the same patience, and
 * their difference is the figure's. */
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

/* How long it talks; a list of real calls may say so. */
uint64_t call_talk_us(const struct simulation *s, const struct simulated_call *call)
{
    const struct arrivals *a = &call_flow(s, call)->arrivals;
    double said_us = a->kind == ARRIVALS_LISTED ? a->calls[call->index].talk_us : -1;
    return said_us >= 0 ? (uint64_t)said_us
                        : simulation_drawn(s, call, PURPOSE_HANDLING, &call_flow(s, call)->handling);
}

/* ---- events ---- */

/* Changes of parties are told with the agent who has the call, so before it is taken from them. `to`: where it is
 * diverted; else NULL. */
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

/* A slot's pointer holds until the next take_slot(). The warm-up and the time after the end are played and not
 * counted: queues are neither empty at the beginning of what is measured, nor cut off at its end. */
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

/* The core hears of the end of a treatment that is still playing; else there is nothing to say. */
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

/* Is the moment of the day in a row of that kind? `any`: there is such a row. A shift past midnight ends behind 24 h:
 * its morning part is asked for a day later. */
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

/* So long after a moment of the day begins or ends something next; INFINITY: never. */
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

/* The agent comes, goes or has a break, as wanted. Each medium's turn goes up, so that an agent who has gone home is
 * not made ready by the wrap-up of the last call. */
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
        agent->turn[medium]++; /* whenever they were to be ready: that is over */
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

/* A deed about a medium of an agent says the medium, and its turn. */
enum { MEDIUM_AT = 56 };

void sim_desk_ready_after(struct simulation *s, uint32_t number, enum media medium, uint64_t after_us)
{
    uint64_t turn = ++s->agents[number].turn[medium];
    agenda_add(&s->agenda, s->now_us + after_us, DEED_READY, number, (uint64_t)medium << MEDIUM_AT | turn);
}

/* An agent who has become free may pull what is parked. */
static void looks_busy(struct simulation *s, struct simulated_agent *agent)
{
    sim_count_busy(s, agent, agent->calls != 0 || !media_set_is_empty(agent->wraps));
    if (!agent->busy) sim_media_look(s);
}

/* The wrap-up is over even where the agent goes home now: wraps and busyness are settled before the state is told. */
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

/* One interaction less; wrap-up and busyness are the caller's to settle. */
static void has_less(struct simulation *s, const struct simulated_call *call)
{
    struct simulated_agent *agent = &s->agents[call->agent];
    enum media medium = call_medium(s, call);
    assert(agent->calls > 0 && agent->has[medium] > 0);
    agent->calls--;
    sim_count_has(s, agent, medium, agent->has[medium] - 1);
}

/* A break that became due during the call is taken here, before the core could give the next one. */
void call_loses_agent(struct simulation *s, struct simulated_call *call)
{
    if (call->agent == NOBODY) return;
    struct simulated_agent *agent = &s->agents[call->agent];
    has_less(s, call);
    looks_busy(s, agent);
    if (!agent->busy) desk_changes(s, call->agent);
    call->agent = NOBODY;
}

/* The DN of the agent who has the call, or of its routing point. */
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

/* ---- places that are kept ---- */

#define DIALLED_CONN (UINT64_C(1) << 40) /* legs that are dialled are counted from here */

/* Ends the caller's leg; the interaction goes on without it. */
static void simulation_caller_leaves(struct simulation *s, struct simulated_call *call, enum cause cause)
{
    say_deleted(s, call, cause);
    lookup_remove(&s->by_conn, call->conn);
    call->conn = 0;
    call_moves(call, AWAY);
}

/* The caller keeps the place in the queue and hangs up: the leg goes, slot and interaction stay. */
void call_leaves(struct simulation *s, uint32_t slot)
{
    struct simulated_call *call = &s->calls[slot];
    assert(call->place == AT_POINT);
    call->kept = true;
    call_treatment_stops(s, slot);
    say_party(s, call, party_change_Released, call_dn(s, call), NULL, cause_ok);
    simulation_caller_leaves(s, call, cause_ok);
}

/* SPREAD_NEVER where one of the two never is. */
static uint64_t one_after_other_us(const struct spread *one, const struct spread *other, struct draws *draws)
{
    uint64_t one_us = spread_draw(one, draws), other_us = spread_draw(other, draws);
    return one_us == SPREAD_NEVER || other_us == SPREAD_NEVER ? SPREAD_NEVER : one_us + other_us;
}

/* The same draw decides whether somebody answers and when, so that it is known now which deed is to come. */
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
    if (call->record) { /* whoever was not reached is nobody who came */
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
        return; /* the call's own leg says when it ends */
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

/* A failed route counts: the strategy has wasted somebody's time, whatever it does next. */
static void refuse_route(struct simulation *s, const struct simulated_call *call, uint64_t ref, enum code code)
{
    event_put_done(simulation_event(s, KIND_EventDone, call, ref), code, NULL);
    simulation_post(s);
    sim_count_failure(s, call);
}

/* Each agent takes a time of their own, after that of the switch. */
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

/* Somebody whom the core does not know takes the call: in a queue of the switch, or at a number outside. */
static void goes_elsewhere(struct simulation *s, uint32_t slot, const char *dn)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    call_moves(call, ELSEWHERE);
    sim_count_call_ends(s, call, false, false);
    say_party(s, call, party_change_Queued, dn, NULL, cause_other);
    agenda_add(&s->agenda, s->now_us + call_talk_us(s, call), DEED_RELEASE, slot, call_turn(call));
}

/* Has the agent as much as can be had at that telephone? With a rule it is the core that counts. */
static bool is_taken(const struct simulation *s, const struct simulated_agent *agent)
{
    return agent->calls != 0 && s->plan->agents[agent->like].capacity[0] == '\0';
}

/* A route, or the default: to an agent, to another routing point, or to a queue of the switch, which is the end for
 * us. */
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

/* It has rung too long: the call is at its routing point again. */
void call_pulled_back(struct simulation *s, uint32_t slot, uint64_t ref)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    if (call->place != RINGING) {
        refuse_route(s, call, ref, code_unknown_conn_id);
        return;
    }
    assert(call->agent != NOBODY); /* a call that is ringing has an agent */
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

/* After-call work is said before the call is released, so that there is no moment at which another could be routed to
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

/* A new treatment takes the place of the one that plays. */
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

/* Patience begins with the first wait, and runs from then on. */
void call_waits(struct simulation *s, uint32_t slot)
{
    assert(slot < s->call_count);
    struct simulated_call *call = &s->calls[slot];
    enum media medium = call_medium(s, call);
    if (call->impatient || medium == media_email || medium == media_sms || medium == media_mms ||
        medium == media_social || medium >= media_fax)
        return; /* who has written a mail, a message or a post does not leave */
    call->impatient = true;
    uint64_t patience_us = simulation_drawn(s, call, PURPOSE_PATIENCE, &call_flow(s, call)->patience);
    if (patience_us != SPREAD_NEVER) agenda_add(&s->agenda, s->now_us + patience_us, DEED_HANG_UP, slot, call->number);
}
