/* runtime/sim/world.c - Runs the agenda of a test, and lets people react to the switch's reports.
 *
 * The agenda contains everything that the test says of people: items at their times, arrivals, answers, ends of
 * conversations. The world does what is due, handles each report of the switch, and plans what follows from it. The
 * world does not know the core: by the functions in `hands` it does what a person would do at a telephone, desktop or
 * browser; the virtual player and the rig supply different functions. A statement that is impossible is a problem of
 * the test, reported once with its line.
 *
 * Counters show when a test is over: `scripted` counts statements not yet done, `living` the arrivals that have come
 * and not gone; world_done() is true when both are 0. An entry of the agenda is never removed. An entry contains the
 * call, or the agent's turn, for which it was planned, and does nothing if that has changed. */
#include "runtime/sim/world_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t or_default(uint64_t us, uint64_t absent)
{
    return us == 0 ? absent : us;
}

/* Plans the items of the test; `callers`: what callers do at once, and what is expected at a moment; else all items
 * except arrivals and answers. */
static void plan_items(struct world *w, bool callers)
{
    static const bool planned[ITEM_KINDS] = {
        [ITEM_AGENT] = true, [ITEM_QUEUE] = true,  [ITEM_NUMBER] = true, [ITEM_CALLER] = true,    [ITEM_LINK] = true,
        [ITEM_PLACE] = true, [ITEM_SOURCE] = true, [ITEM_TABLE] = true,  [ITEM_PARAMETER] = true, [ITEM_EXPECT] = true};
    for (size_t i = 0; i < w->test->count; i++) {
        const struct scenario_item *item = &w->test->items[i];
        bool last = item->kind == ITEM_EXPECT || (item->kind == ITEM_CALLER && item->at_us == 0);
        if (!planned[item->kind] || last != callers || (item->kind == ITEM_EXPECT && item->at_us == 0)) continue;
        agenda_add(&w->agenda, item->at_us, ACT_ITEM, (uint32_t)i, 0);
        w->scripted++;
    }
}

/* Notes the few lines that each step of each caller looks through: a test may have a hundred thousand others. */
static void plan_answers(struct world *w)
{
    w->used = world_array(w->test->count, sizeof *w->used);
    w->answers = world_array(w->test->count, sizeof *w->answers);
    for (size_t i = 0; i < w->test->count; i++) {
        const struct scenario_item *item = &w->test->items[i];
        if (item->kind == ITEM_ANSWER || (item->kind == ITEM_CALLER && item->caller.digits))
            w->answers[w->answer_count++] = (uint32_t)i;
    }
}

/* Items of the same time are done in the order in which they are put on the agenda: agents and faults first, then
 * arrivals, then what callers do at the very beginning. */
struct world *world_new(const struct scenario_test *test, const struct plan *plan, struct trace *trace,
                        const struct world_hands *hands, const struct world_options *options)
{
    struct world *w = world_array(1, sizeof *w);
    w->test = test;
    w->plan = plan;
    w->trace = trace;
    w->hands = *hands;
    w->options = *options;
    w->options.queue_us = or_default(options->queue_us, 5000000);
    w->options.desk_us = or_default(options->desk_us, 30000000);
    w->agents = world_array(plan->agent_count, sizeof *w->agents);
    w->places = world_array(plan->place_count, sizeof *w->places);
    plan_answers(w);
    /* Agents get their states before the first call, and callers act after it: at the same time, items come first. */
    plan_items(w, false);
    arrivals_plan(w);
    plan_items(w, true);
    return w;
}

void world_free(struct world *w)
{
    if (!w) return;
    for (uint32_t i = 0; i < w->count; i++) free(w->arrivals[i].used);
    agenda_free(&w->agenda);
    free(w->agents);
    free(w->places);
    free(w->arrivals);
    free(w->made);
    free(w->expected);
    free(w->of_call);
    free(w->used);
    free(w->answers);
    free(w->problems);
    free(w);
}

void world_begin(struct world *w, struct sim_switch *sw)
{
    w->sw = sw;
}

/* ---- entries of the agenda ---- */

/* Does what a line says about callers: all who are there, unless it names one. A signal also reaches a caller whose
 * place is kept. */
static void caller_item(struct world *w, const struct scenario_item *item)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const char *as = w->expected[i].as;
        bool kept = w->arrivals[i].kept[0] != '\0' && item->caller.signal;
        if (w->arrivals[i].arrived && (!w->arrivals[i].gone || kept) &&
            (!item->caller.of || (as && strcmp(as, item->caller.of) == 0)))
            caller_does(w, i, &item->caller);
    }
}

static void fault_item(struct world *w, uint32_t index, bool down)
{
    const struct scenario_item *item = &w->test->items[index];
    assert((item->kind == ITEM_LINK || item->kind == ITEM_SOURCE) && w->hands.fault);
    trace_say(w->trace, w->now_us, item->kind == ITEM_LINK ? "link" : "source", NO_ARRIVAL, "Fault name=%s state=%s",
              item->fault.name, down ? "down" : "up");
    w->hands.fault(w->hands.self, item->kind, item->fault.name, down);
    if (down && item->fault.for_us != SCENARIO_NEVER) {
        agenda_add(&w->agenda, w->now_us + item->fault.for_us, ACT_RECOVER, index, 0);
        w->scripted++;
    }
}

static void setting_item(struct world *w, uint32_t index)
{
    const struct scenario_item *item = &w->test->items[index];
    assert(item->kind == ITEM_PARAMETER || item->kind == ITEM_TABLE);
    const char *what = item->kind == ITEM_TABLE ? "table" : "parameter";
    bool said = item->at_us == 0 && item->setting.for_us == SCENARIO_NEVER;
    if (said && w->hands.says_over) return; /* the directory's file has such a setting from its beginning (sheets.c) */
    trace_say(w->trace, w->now_us, "admin", NO_ARRIVAL, "Change %s=%s", what, item->setting.name);
    w->hands.setting(w->hands.self, item->kind, &item->setting, false);
    if (w->hands.says_over && item->setting.for_us != SCENARIO_NEVER) {
        agenda_add(&w->agenda, w->now_us + item->setting.for_us, ACT_RECOVER, index, 0);
        w->scripted++;
    }
}

static const char *name_said(const struct scenario_item *item)
{
    return item->kind == ITEM_LINK || item->kind == ITEM_SOURCE ? item->fault.name : item->setting.name;
}

/* Has a later statement of the test replaced the given one? A fault or setting with an end is undone at its end,
 * unless a later statement about the same name has replaced it. */
static bool is_said_anew(const struct world *w, const struct scenario_item *item)
{
    for (size_t i = 0; i < w->test->count; i++) {
        const struct scenario_item *other = &w->test->items[i];
        bool later = other->at_us > item->at_us || (other->at_us == item->at_us && other > item);
        if (other->kind == item->kind && later && other->at_us <= w->now_us &&
            strcmp(name_said(other), name_said(item)) == 0)
            return true;
    }
    return false;
}

static void setting_over(struct world *w, const struct scenario_item *item)
{
    assert(w->hands.says_over); /* the end of a setting is only planned if it has to be reported */
    trace_say(w->trace, w->now_us, "admin", NO_ARRIVAL, "Over %s=%s", item->kind == ITEM_TABLE ? "table" : "parameter",
              item->setting.name);
    w->hands.setting(w->hands.self, item->kind, &item->setting, true);
}

/* Judges an expectation at its own time; a failure is reported at the end, with the others. */
static void expected_item(struct world *w, const struct scenario_item *item)
{
    char why[1000];
    assert(w->hands.looks);
    const struct expect_view view = w->hands.looks(w->hands.looker);
    if (!expect_holds(&item->expect, &view, why, sizeof why)) world_problem(w, item->line, "%s", why);
}

static void do_item(struct world *w, uint32_t index)
{
    assert(index < w->test->count);
    const struct scenario_item *item = &w->test->items[index];
    switch (item->kind) {
    case ITEM_AGENT:
        agent_says(w, item);
        break;
    case ITEM_QUEUE: {
        uint32_t queue = plan_queue_named(w->plan, item->queue.name);
        switch_set_reachable(w->sw, w->plan->queues[queue].dn, item->queue.reachable);
        break;
    }
    case ITEM_NUMBER:
        switch_set_reachable(w->sw, item->queue.name, item->queue.reachable);
        break;
    case ITEM_PLACE:
        place_says(w, &item->place);
        break;
    case ITEM_CALLER:
        caller_item(w, item);
        break;
    case ITEM_LINK:
    case ITEM_SOURCE:
        fault_item(w, index, true);
        break;
    case ITEM_PARAMETER:
    case ITEM_TABLE:
        setting_item(w, index);
        break;
    case ITEM_EXPECT:
        expected_item(w, item);
        break;
    default:
        break;
    }
    assert(w->scripted > 0); /* each line of the test was counted when it was planned */
    w->scripted--;
}

/* Somebody outside the core takes the call from a queue of the switch, or answers it at an outside number, talks a
 * while and leaves; the core only sees where it was. */
static void somebody_takes(struct world *w, uint64_t id)
{
    const struct switch_call *call = switch_call(w->sw, id);
    bool rings = call && call->place == SWITCH_ALERTING && plan_outside(w->plan, call->dn);
    if (!call || (call->place != SWITCH_AT_QUEUE && !rings)) return;
    char desk[SWITCH_DN + 8];
    (void)snprintf(desk, sizeof desk, "%s-desk", call->dn);
    if (rings)
        (void)switch_answer(w->sw, id, call->dn, w->now_us);
    else
        switch_distribute(w->sw, id, desk, w->now_us);
    agenda_add(&w->agenda, w->now_us + w->options.desk_us, ACT_LEAVE, 0, id);
}

/* Does a planned action; each case checks that its call or agent is unchanged, and otherwise does nothing. */
static void world_act(struct world *w, const struct agenda_entry *entry)
{
    assert(w->sw); /* world_begin() has set the switch */
    switch ((enum action)entry->kind) {
    case ACT_ITEM:
        do_item(w, entry->who);
        break;
    case ACT_ARRIVE:
        arrival_comes(w, entry->who);
        break;
    case ACT_OWN:
        caller_does(w, entry->who, &w->arrivals[entry->who].item->arrival.items[entry->what].caller);
        break;
    case ACT_KEY:
        caller_keys(w, entry);
        break;
    case ACT_SPEAK:
        caller_speaks(w, entry);
        break;
    case ACT_RESULT:
        caller_result(w, entry);
        break;
    case ACT_HANG_UP:
        if (entry->what == 0 || w->arrivals[entry->who].call == entry->what)
            caller_does(w, entry->who, &(struct scenario_caller){.hangs_up = true});
        break;
    case ACT_ANSWER:
    case ACT_RELEASE:
        agent_telephones(w, entry);
        break;
    case ACT_ACCEPT:
    case ACT_DECLINE:
        agent_answers(w, entry);
        break;
    case ACT_READY:
        agent_becomes_ready(w, entry->who, entry->what);
        break;
    case ACT_LIFT:
        place_lifts(w, entry);
        break;
    case ACT_TAKE:
        somebody_takes(w, entry->what);
        break;
    case ACT_LEAVE: {
        const struct switch_call *call = switch_call(w->sw, entry->what);
        if (call) switch_release(w->sw, entry->what, call->dn, w->now_us);
        break;
    }
    case ACT_TRANSFER:
        if (w->arrivals[entry->who].call == entry->what && !w->arrivals[entry->who].gone)
            caller_does(w, entry->who, &(struct scenario_caller){.transfers = true});
        break;
    case ACT_RECOVER:
        assert(w->scripted > 0);
        w->scripted--;
        if (is_said_anew(w, &w->test->items[entry->who])) break;
        if (w->test->items[entry->who].kind == ITEM_LINK || w->test->items[entry->who].kind == ITEM_SOURCE)
            fault_item(w, entry->who, false);
        else
            setting_over(w, &w->test->items[entry->who]);
        break;
    }
}

uint64_t world_next(const struct world *w)
{
    return agenda_next(&w->agenda);
}

void world_advance(struct world *w, uint64_t now_us)
{
    struct agenda_entry entry;
    /* Takes one entry at a time: the switch's reports about it are handled before the next entry. */
    if (agenda_take(&w->agenda, now_us, &entry)) {
        w->now_us = now_us;
        world_act(w, &entry);
    }
}

/* Does one of the items at the very beginning. The player calls this until it returns false, before anything else
 * happens. */
bool world_prepare(struct world *w)
{
    const struct agenda_entry *first = w->agenda.entries;
    if (w->agenda.count == 0 || first->at_us != 0 || first->kind != ACT_ITEM) return false;
    enum item_kind kind = w->test->items[first->who].kind;
    if (kind != ITEM_AGENT && kind != ITEM_QUEUE && kind != ITEM_NUMBER && kind != ITEM_PLACE) return false;
    world_advance(w, 0);
    return true;
}

void world_do(struct world *w, uint32_t arrival, const struct scenario_caller *what, uint64_t now_us)
{
    w->now_us = now_us;
    for (uint32_t i = 0; i < w->count; i++)
        if ((arrival == i || arrival == NO_ARRIVAL) && w->arrivals[i].arrived && !w->arrivals[i].gone)
            caller_does(w, i, what);
}

/* Is a caller still to hang up or press keys, or to be asked after the agent has left? */
static bool is_to_act(const struct world *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const struct arrival *a = &w->arrivals[i];
        const struct scenario_arrival *says = &a->item->arrival;
        if (!a->arrived || a->gone) continue;
        if (says->hangs_up_us != SCENARIO_NEVER || switch_will_stay(w->sw, a->call)) return true;
        for (size_t n = 0; n < says->count; n++) {
            bool later = w->expected[i].at_us + says->items[n].at_us > w->now_us;
            if (says->items[n].kind == ITEM_CALLER && later) return true;
        }
    }
    return false;
}

/* Is nothing left but the ends of conversations? If so, the rig ends the conversations at once, without waiting for
 * their whole time. */
bool world_idles(struct world *w, uint64_t now_us)
{
    const struct switch_call *call;
    uint32_t cursor = 0;
    w->now_us = now_us;
    if (w->scripted > 0 || agents_ask(w) || is_to_act(w)) return false;
    while ((call = switch_next_call(w->sw, &cursor)))
        if (call->place != SWITCH_TALKING && call->place != SWITCH_AT_QUEUE) return false;
    return true;
}

void world_hurry(struct world *w, uint64_t now_us)
{
    const struct switch_call *call;
    uint32_t cursor = 0;
    if (w->hurried) return;
    w->hurried = true;
    while ((call = switch_next_call(w->sw, &cursor))) {
        uint32_t agent = plan_agent_at(w->plan, call->dn);
        if (agent != NO_AGENT) {
            agenda_add(&w->agenda, now_us, ACT_RELEASE, agent, call->id);
        } else {
            agenda_add(&w->agenda, now_us, ACT_TAKE, 0, call->id);
            agenda_add(&w->agenda, now_us, ACT_LEAVE, 0, call->id);
        }
    }
}

bool world_done(const struct world *w)
{
    return w->scripted == 0 && w->living == 0;
}

/* ---- reports of the switch ---- */

/* How long the agent talks in this call. */
static uint64_t world_talks_us(const struct world *w, const struct scenario_agent *says, uint64_t call)
{
    const struct spread *handles = w->options.handles;
    struct draws draws = draws_of(w->options.seed, 0, call);
    if (handles && handles->kind != SPREAD_never) return spread_draw(handles, &draws);
    return !says ? 180000000 : says->handles_us;
}

/* Lets people react to a report: answers, conversations and their ends are planned here. */
void world_hear(struct world *w, const struct switch_report *r)
{
    w->now_us = r->at_us;
    uint32_t agent = plan_agent_at(w->plan, r->dn), place = plan_place_at(w->plan, r->dn);
    switch (r->kind) {
    case SWITCH_DELIVERED:
        if (agent != NO_AGENT)
            agent_offered(w, agent, r);
        else if (place != NO_PLACE)
            place_offered(w, place, r);
        else
            agenda_add(&w->agenda, r->at_us + w->options.queue_us, ACT_TAKE, 0, r->call);
        break;
    case SWITCH_ESTABLISHED:
        if (agent != NO_AGENT) {
            const struct scenario_agent *says = w->agents[agent].says;
            agent_has_call(w, agent, r->call);
            agenda_add(&w->agenda, r->at_us + world_talks_us(w, says, r->call), ACT_RELEASE, agent, r->call);
        }
        break;
    case SWITCH_QUEUED:
        agenda_add(&w->agenda, r->at_us + w->options.queue_us, ACT_TAKE, 0, r->call);
        break;
    case SWITCH_DIVERTED:
        if (agent != NO_AGENT) agent_lost_call(w, agent, r->call, false);
        break;
    case SWITCH_CLEARED:
        if (agent != NO_AGENT) agent_lost_call(w, agent, r->call, r->cause != cause_abandoned);
        break;
    case SWITCH_TRANSFERRED:
        arrival_transferred(w, r);
        break;
    case SWITCH_CALL_CLEARED:
        arrival_gone(w, r->call);
        break;
    case SWITCH_AGENT:
        world_agent_changed(w, r);
        break;
    default:
        break;
    }
}
