/* runtime/sim/agent.c - The agents of a test: their states, and how they react to calls and invitations.
 *
 * An agent behaves as the test said last (agent_says). Planned actions, such as becoming ready after a pause, carry
 * the agent's `turn` number; a later statement of the test, or another state, increases it and so cancels them. A
 * call occupies one of the agent's lines from the moment it rings until it leaves the agent. The agent acts through
 * world_hands, never on the switch directly, so the same code also plays over the wire. */
#include "runtime/sim/world_state.h"

#include <assert.h>
#include <string.h>

enum { INSIST_US = 3000000 };
enum { CONSULTS_US = 5000000 };
enum {
    READY_AGAIN_US = 10000000
}; /* an agent who was made not ready for not answering is ready again after this time */

static void agent_enter_state(struct world *w, uint32_t agent, enum agent_state state)
{
    assert(agent < w->plan->agent_count);
    trace_say(w->trace, w->now_us, "desktop", NO_ARRIVAL, "SetState agent=%s state=%s dn=%s",
              w->plan->agents[agent].name, enum_name_agent_state(state), w->plan->agents[agent].dn);
    w->hands.set_state(w->hands.self, agent, state);
}

/* Applies the test's skills, groups, place, capacity and profile of an agent: the first statement is the directory at
 * the start; later ones change it. */
static void agent_learn(struct world *w, uint32_t agent, const struct scenario_item *item)
{
    assert(agent < w->plan->agent_count);
    struct world_agent *a = &w->agents[agent];
    const struct scenario_agent *says = &item->agent;
    bool same = a->skills && json_equal(a->skills->skills, says->skills) != 0 &&
                (!says->groups || json_equal(a->skills->groups, says->groups) != 0);
    bool can = says->skills || says->groups;
    bool moves = says->place && a->place && strcmp(says->place, a->place) != 0;
    bool takes = says->capacity && a->known && (!a->capacity || strcmp(says->capacity, a->capacity) != 0);
    bool prefers = says->profile && a->known && (!a->profile || strcmp(says->profile, a->profile) != 0);
    bool changes = (can && a->skills && !same) || moves || takes || prefers;
    /* the directory has capacity and profile in one row: the one that the test does not give now stays as it was */
    struct scenario_agent all = *says;
    if (takes || prefers) {
        all.capacity = says->capacity ? says->capacity : a->capacity;
        all.profile = says->profile ? says->profile : a->profile;
    }
    if (changes) w->hands.learn(w->hands.self, agent, a->skills ? a->skills : says, &all);
    a->skills = can ? says : a->skills;
    a->place = says->place ? says->place : a->place;
    a->capacity = says->capacity ? says->capacity : a->capacity;
    a->profile = says->profile ? says->profile : a->profile;
}

/* Applies a statement of the test about the agent, at the beginning or later. */
void agent_says(struct world *w, const struct scenario_item *item)
{
    const struct scenario_agent *says = &item->agent;
    uint32_t agent = plan_agent_named(w->plan, says->name);
    struct world_agent *a = &w->agents[agent];
    agent_learn(w, agent, item);
    bool out = strcmp(says->state, "logged_out") == 0;
    a->says = says;
    a->no_answer = says->no_answer;
    a->declines = says->declines;
    a->transfers_to = says->transfers_to;
    a->wants_ready = strcmp(says->state, "ready") == 0;
    a->wraps_up = false;
    a->turn++;
    if (!out && !a->logged_in) {
        a->logged_in = true;
        agent_enter_state(w, agent, agent_state_logged_in);
    }
    if (a->logged_in && out) {
        a->logged_in = false;
        agent_enter_state(w, agent, agent_state_logged_out);
    } else if (!out && (a->wants_ready || a->known)) {
        agent_enter_state(w, agent, a->wants_ready ? agent_state_ready : agent_state_not_ready);
    }
    a->known = true;
    if (says->state_for_us != SCENARIO_NEVER)
        agenda_add(&w->agenda, w->now_us + says->state_for_us, ACT_READY, agent, a->turn);
}

/* Makes the agent ready again: after work, after a pause that the test limits, or after having been made not ready. */
void agent_becomes_ready(struct world *w, uint32_t agent, uint64_t turn)
{
    assert(agent < w->plan->agent_count);
    struct world_agent *a = &w->agents[agent];
    if (a->turn != turn) return;
    a->wants_ready = true;
    if (!a->logged_in) {
        a->logged_in = true;
        agent_enter_state(w, agent, agent_state_logged_in);
    }
    agent_enter_state(w, agent, agent_state_ready);
}

/* Asks for after-call work before the call is released, so that at no moment another call can be routed to the agent.
 * If the caller hung up first, the call has already been released. */
static void agent_wrap_up(struct world *w, uint32_t agent, uint64_t call)
{
    assert(agent < w->plan->agent_count);
    struct world_agent *a = &w->agents[agent];
    uint32_t arrival = world_arrival_of(w, call);
    bool wished = arrival != NO_ARRIVAL && w->arrivals[arrival].wraps_up;
    uint64_t us = wished ? w->arrivals[arrival].wrap_up_us : w->options.after_call_work_us;
    if (a->wants_ready && !a->wraps_up && us > 0) {
        a->wraps_up = true;
        a->wrap_up_us = us;
        agent_enter_state(w, agent, agent_state_after_call_work);
    }
}

/* Begins a transfer: the agent dials that number, and five seconds after the answer leaves the call to the person
 * called. */
static bool begins_transfer(struct world *w, uint32_t agent, uint64_t call)
{
    struct world_agent *a = &w->agents[agent];
    const char *to = a->transfers_to, *dn = w->plan->agents[agent].dn;
    if (!to) return false;
    a->transfers_to = NULL;
    uint32_t arrival = w->count - w->made_count;
    while (arrival < w->count && (w->arrivals[arrival].arrived || w->arrivals[arrival].item->arrival.to != to))
        arrival++;
    uint64_t consult = arrival < w->count ? switch_consult(w->sw, call, dn, to, w->now_us) : 0;
    if (consult == 0) return false;
    struct arrival *made = &w->arrivals[arrival];
    made->arrived = true;
    made->main = call;
    made->consults = agent + 1;
    w->expected[arrival].at_us = w->now_us;
    w->expected[arrival].absent = false;
    w->living++;
    world_remember_call(w, arrival, consult);
    trace_say(w->trace, w->now_us, "desktop", arrival, "Consults agent=%s to=%s", w->plan->agents[agent].name, to);
    agenda_add(&w->agenda, w->now_us + CONSULTS_US, ACT_TRANSFER, arrival, consult);
    return true;
}

/* Returns the agent's line with that call; `call` 0: a free line. NULL: there is none. */
static uint64_t *agent_line(struct world *w, uint32_t agent, uint64_t call)
{
    uint64_t *calls = w->agents[agent].calls;
    for (uint32_t i = 0; i < w->plan->agents[agent].lines; i++)
        if (calls[i] == call) return &calls[i];
    return NULL;
}

/* Answers or hangs up, and tries again if nothing happens, such as while the T-Server is unreachable. */
void agent_telephones(struct world *w, const struct agenda_entry *entry)
{
    const struct switch_call *call = switch_call(w->sw, entry->what);
    bool answers = entry->kind == ACT_ANSWER;
    if (!call || !agent_line(w, entry->who, entry->what) || (call->place == SWITCH_ALERTING) != answers) return;
    if (!answers && begins_transfer(w, entry->who, entry->what)) return;
    agenda_add(&w->agenda, w->now_us + INSIST_US, entry->kind, entry->who, entry->what);
    if (!answers) agent_wrap_up(w, entry->who, entry->what);
    (answers ? w->hands.answer : w->hands.release)(w->hands.self, entry->who, entry->what);
}

/* Removes the invitation from those that the desktop shows. False: no invitation with that claim is shown. */
static bool invitation_over(struct world_agent *a, uint64_t claim)
{
    assert(a->invited <= INVITATIONS);
    uint32_t at = 0;
    while (at < a->invited && a->invitations[at] != claim) at++;
    if (at == a->invited) return false;
    a->invitations[at] = a->invitations[--a->invited];
    return true;
}

void agent_answers(struct world *w, const struct agenda_entry *entry)
{
    struct world_agent *a = &w->agents[entry->who];
    if (!invitation_over(a, entry->what)) return; /* the invitation has been withdrawn */
    trace_say(w->trace, w->now_us, "desktop", NO_ARRIVAL, "%s agent=%s",
              entry->kind == ACT_ACCEPT ? "Accepts" : "Declines", w->plan->agents[entry->who].name);
    w->hands.invitation(w->hands.self, entry->who, entry->what, entry->kind == ACT_ACCEPT);
}

static bool has_calls(const struct world *w, uint32_t agent)
{
    for (uint32_t i = 0; i < w->plan->agents[agent].lines; i++)
        if (w->agents[agent].calls[i] != 0) return true;
    return false;
}

/* Is an agent consulting somebody before leaving the call, or about to? As long as that is true, the result of the call
 * is open. */
bool agents_ask(const struct world *w)
{
    for (uint32_t i = 0; i < w->plan->agent_count; i++)
        if (w->agents[i].transfers_to && has_calls(w, i)) return true;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->arrivals[i].consults != 0 && !w->arrivals[i].gone) return true;
    return false;
}

bool world_wants_ready(const struct world *w, uint32_t agent)
{
    assert(agent < w->plan->agent_count);
    return w->agents[agent].wants_ready;
}

void agent_has_call(struct world *w, uint32_t agent, uint64_t call)
{
    uint64_t *line = agent_line(w, agent, call);
    if (!line) line = agent_line(w, agent, 0);
    if (line) *line = call; /* the switch gives an agent no more calls than there are lines */
}

void agent_offered(struct world *w, uint32_t agent, const struct switch_report *r)
{
    assert(agent < w->plan->agent_count);
    struct world_agent *a = &w->agents[agent];
    agent_has_call(w, agent, r->call);
    /* A ringing call cannot be declined: an agent who would decline lets it ring. */
    if (a->declines > 0 || a->no_answer > 0) {
        --*(a->declines > 0 ? &a->declines : &a->no_answer);
        return;
    }
    agenda_add(&w->agenda, r->at_us + (!a->says ? 2000000 : a->says->answers_us), ACT_ANSWER, agent, r->call);
}

/* Handles an invitation; a repeated one is not answered twice, as the last claims are remembered. */
void world_invited(struct world *w, uint32_t agent, uint64_t claim, uint32_t arrival, uint64_t now_us)
{
    assert(agent < w->plan->agent_count && claim != 0);
    struct world_agent *a = &w->agents[agent];
    uint64_t at_us = now_us + (!a->says ? 2000000 : a->says->answers_us);
    for (uint32_t i = 0; i < ASKED_LATELY; i++)
        if (a->asked[i] == claim) return; /* said again */
    w->now_us = now_us;
    if (arrival != NO_ARRIVAL)
        trace_happened(w->trace, now_us, arrival, "offered", "agent", w->plan->agents[agent].name, NULL);
    a->asked[a->asked_next++ % ASKED_LATELY] = claim;
    if (a->invited < INVITATIONS) a->invitations[a->invited++] = claim;
    if (a->declines > 0) {
        a->declines--;
        agenda_add(&w->agenda, at_us, ACT_DECLINE, agent, claim);
    } else if (a->no_answer > 0) {
        a->no_answer--;
    } else {
        agenda_add(&w->agenda, at_us, ACT_ACCEPT, agent, claim);
    }
}

void world_withdrawn(struct world *w, uint32_t agent, uint64_t claim)
{
    (void)invitation_over(&w->agents[agent], claim);
}

void agent_lost_call(struct world *w, uint32_t agent, uint64_t call, bool talked)
{
    struct world_agent *a = &w->agents[agent];
    uint64_t *line = agent_line(w, agent, call);
    assert(agent < w->plan->agent_count);
    if (!line) return;
    *line = 0;
    if (talked) agent_wrap_up(w, agent, call);
    if (a->wraps_up) {
        a->wraps_up = false;
        a->turn++;
        agenda_add(&w->agenda, w->now_us + a->wrap_up_us, ACT_READY, agent, a->turn);
    }
}

void agents_calls_become(struct world *w, uint64_t call, uint64_t other)
{
    for (uint32_t agent = 0; agent < w->plan->agent_count; agent++) {
        uint64_t *line = agent_line(w, agent, call);
        if (line) *line = other;
    }
}

void world_wraps_up(struct world *w, uint32_t arrival, uint64_t us)
{
    if (arrival >= w->count) return;
    w->arrivals[arrival].wraps_up = true;
    w->arrivals[arrival].wrap_up_us = us;
}

uint32_t world_agent_at(const struct world *w, const char *dn)
{
    const char *there = switch_agent_at(w->sw, dn);
    uint32_t agent = there[0] != '\0' ? plan_agent_named(w->plan, there) : NO_AGENT;
    return agent != NO_AGENT ? agent : plan_agent_at(w->plan, dn);
}

/* True: a call from the telephone is under way, by which its agent may have changed the state. */
static bool agent_dials(const struct world *w, const char *dn)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const struct arrival *a = &w->arrivals[i];
        const char *caller = a->arrived && !a->gone ? a->item->arrival.agent : NULL;
        uint32_t agent = caller ? plan_agent_named(w->plan, caller) : NO_AGENT;
        if (agent != NO_AGENT && strcmp(w->plan->agents[agent].dn, dn) == 0) return true;
    }
    return false;
}

/* Handles a change of an agent's state. If others made the agent not ready, the agent becomes ready again after a
 * while. An agent who dials stays not ready. */
void world_agent_changed(struct world *w, const struct switch_report *r)
{
    uint32_t agent = plan_agent_named(w->plan, r->agent);
    if (agent == NO_AGENT) return;
    struct world_agent *a = &w->agents[agent];
    a->logged_in = r->state != agent_state_logged_out;
    if (r->state == agent_state_ready) a->wants_ready = true;
    if (agent_dials(w, r->dn) && (!a->logged_in || r->state == agent_state_not_ready)) a->wants_ready = false;
    if (r->state != agent_state_not_ready || !a->wants_ready) return;
    a->turn++;
    agenda_add(&w->agenda, r->at_us + READY_AGAIN_US, ACT_READY, agent, w->agents[agent].turn);
}
