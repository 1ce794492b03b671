/* runtime/sim/arrival.c - The arrivals of a test: plans them, knows their calls, and lets them come and go.
 *
 * Arrivals are numbered in the test's order, repeated ones several times; the agents' consultations come last, each
 * made when an agent asks for it. An arrival may have several calls one after another (a kept place, a record that
 * is dialled again): `call` is the present one, and of_call finds the arrival of a call. */
#include "runtime/sim/world_state.h"

#include <assert.h>
#include <string.h>

/* Puts all arrivals on the agenda before the play begins, including repetitions, so that no event of the play can
 * shift a later arrival. */
void arrivals_plan(struct world *w)
{
    for (size_t i = 0; i < w->test->count; i++) {
        w->count += w->test->items[i].kind == ITEM_ARRIVE ? w->test->items[i].arrival.times : 0;
        w->made_count += w->test->items[i].kind == ITEM_AGENT && w->test->items[i].agent.transfers_to;
    }
    w->made = world_array(w->made_count, sizeof *w->made);
    w->count += w->made_count;
    w->arrivals = world_array(w->count, sizeof *w->arrivals);
    w->expected = world_array(w->count, sizeof *w->expected);
    uint32_t at = 0;
    for (size_t i = 0; i < w->test->count; i++) {
        const struct scenario_item *item = &w->test->items[i];
        for (uint32_t n = 0; item->kind == ITEM_ARRIVE && n < item->arrival.times; n++, at++) {
            w->arrivals[at].item = item;
            w->arrivals[at].used = world_array(item->arrival.count, sizeof(uint32_t));
            w->expected[at] =
                (struct expect_arrival){item->arrival.as, item->at_us + n * item->arrival.every_us, false};
            agenda_add(&w->agenda, w->expected[at].at_us, ACT_ARRIVE, at, 0);
            w->scripted++;
        }
    }
    assert(at + w->made_count == w->count); /* consultations are numbered last */
    for (size_t i = 0, made = 0; i < w->test->count; i++) {
        const struct scenario_item *item = &w->test->items[i];
        if (item->kind != ITEM_AGENT || !item->agent.transfers_to) continue;
        w->made[made] = (struct scenario_item){.kind = ITEM_ARRIVE, .line = item->line};
        w->made[made].arrival = (struct scenario_arrival){.media = "voice",
                                                          .strategy = item->agent.transfers_strategy,
                                                          .from = item->agent.name,
                                                          .to = item->agent.transfers_to,
                                                          .times = 1,
                                                          .hangs_up_us = SCENARIO_NEVER};
        w->arrivals[at].item = &w->made[made++];
        w->arrivals[at].used = world_array(0, sizeof(uint32_t));
        w->expected[at++] = (struct expect_arrival){.at_us = item->at_us, .absent = true}; /* until agent.c makes it */
    }
}

uint32_t world_arrivals(const struct world *w)
{
    return w->count;
}

uint32_t world_interactions(const struct world *w)
{
    uint32_t absent = 0;
    for (uint32_t i = 0; i < w->count; i++) absent += w->expected[i].absent;
    return w->count - absent;
}

const struct scenario_arrival *world_says(const struct world *w, uint32_t arrival)
{
    assert(arrival < w->count);
    return &w->arrivals[arrival].item->arrival;
}

const char *world_number(const struct world *w, uint32_t arrival, uint32_t n)
{
    const struct scenario_arrival *says = world_says(w, arrival);
    return n == 0 ? says->number : json_string_value(json_array_get(says->chain, n - 1));
}

bool world_is_record(const struct world *w, uint32_t arrival)
{
    return strcmp(world_says(w, arrival)->media, "outbound") == 0;
}

/* Does the arrival wait to be called by the system? */
static bool is_dialled(const struct scenario_arrival *says)
{
    return strcmp(says->media, "callback") == 0 || strcmp(says->media, "outbound") == 0;
}

const struct expect_arrival *world_expected(const struct world *w)
{
    return w->expected;
}

/* Begins a consultation about the call from that number, if it is there; else about a call of which the test says
 * nothing more. */
static uint64_t arrival_consult(struct world *w, uint32_t arrival)
{
    struct arrival *a = &w->arrivals[arrival];
    const struct scenario_arrival *says = &a->item->arrival;
    assert(a->main == 0);
    assert(says->main);
    for (uint32_t i = 0; i < w->count && a->main == 0; i++) {
        const struct arrival *other = &w->arrivals[i];
        if (i != arrival && other->arrived && !other->gone && strcmp(other->item->arrival.from, says->main) == 0)
            a->main = other->call;
    }
    a->alone = a->main == 0;
    if (a->alone) a->main = switch_talk(w->sw, says->main, w->now_us);
    return switch_consult(w->sw, a->main, says->from, says->to, w->now_us);
}

static void plan_own(struct world *w, uint32_t arrival)
{
    const struct scenario_arrival *says = &w->arrivals[arrival].item->arrival;
    for (size_t i = 0; i < says->count; i++)
        if (says->items[i].kind == ITEM_CALLER)
            agenda_add(&w->agenda, w->now_us + says->items[i].at_us, ACT_OWN, arrival, i);
}

/* Lets an arrival come: a call arrives at the switch; submitted interactions, and people to be dialled, are passed
 * to the bridge. `gone` for an arrival by callback means that it has no leg yet: otherwise the play would not end
 * while it only waits to be dialled. */
void arrival_comes(struct world *w, uint32_t arrival)
{
    struct arrival *a = &w->arrivals[arrival];
    const struct scenario_arrival *says = &a->item->arrival;
    assert(w->scripted > 0 && !a->arrived);
    w->scripted--;
    a->arrived = true;
    if (is_dialled(says) && w->hands.call_back) {
        a->gone = true; /* a person who is to be called counts as gone until the number is dialled */
        plan_own(w, arrival);
        w->hands.call_back(w->hands.self, arrival, says->number);
        return;
    }
    if (strcmp(says->media, "voice") != 0 && w->hands.submit) {
        w->living++;
        a->submitted = true;
        plan_own(w, arrival);
        if (says->hangs_up_us != SCENARIO_NEVER)
            agenda_add(&w->agenda, w->now_us + says->hangs_up_us, ACT_HANG_UP, arrival, 0);
        trace_say(w->trace, w->now_us, "caller", arrival, "Writes from=%s to=%s", says->from, says->to);
        w->hands.submit(w->hands.self, arrival, says->media, says->from);
        return;
    }
    if (strcmp(says->media, "voice") != 0) {
        world_problem(w, a->item->line, "an arrival by %s cannot be played yet, only a call", says->media);
        a->gone = true;
        return;
    }
    uint32_t caller = says->agent ? plan_agent_named(w->plan, says->agent) : NO_AGENT;
    trace_say(w->trace, w->now_us, "caller", arrival, "Arrives from=%s to=%s",
              caller != NO_AGENT ? w->plan->agents[caller].dn : says->from, says->to);
    uint64_t call = says->main           ? arrival_consult(w, arrival)
                    : caller != NO_AGENT ? switch_arrive_from(w->sw, w->plan->agents[caller].dn, says->to, w->now_us)
                                         : switch_arrive(w->sw, says->from, says->to, w->now_us);
    if (call == 0) {
        trace_say(w->trace, w->now_us, "switch", arrival, "Refused to=%s", says->to);
        world_problem(w, a->item->line, "the switch refused a call to %s", says->to);
        a->gone = true;
        return;
    }
    w->living++;
    world_remember_call(w, arrival, call);
    if (says->hangs_up_us != SCENARIO_NEVER)
        agenda_add(&w->agenda, w->now_us + says->hangs_up_us, ACT_HANG_UP, arrival, 0);
    plan_own(w, arrival);
}

void arrival_answers(struct world *w, uint32_t arrival, uint64_t at_us)
{
    assert(arrival < w->count);
    const struct arrival *a = &w->arrivals[arrival];
    const struct scenario_arrival *says = &a->item->arrival;
    if (is_dialled(says) && says->hangs_up_us != SCENARIO_NEVER)
        agenda_add(&w->agenda, at_us + says->hangs_up_us, ACT_HANG_UP, arrival, a->call);
}

/* Ends a submitted interaction; this may be called twice, when the core ends it and when the caller takes it back. */
void world_submitted_over(struct world *w, uint32_t arrival)
{
    if (w->arrivals[arrival].gone) return;
    w->arrivals[arrival].gone = true;
    assert(w->living > 0);
    w->living--;
}

uint64_t world_handles_us(const struct world *w, uint32_t agent)
{
    return agent == NO_AGENT || !w->agents[agent].says ? 180000000 : w->agents[agent].says->handles_us;
}

uint64_t world_replies_us(const struct world *w, uint32_t agent)
{
    return agent == NO_AGENT || !w->agents[agent].says ? SCENARIO_NEVER : w->agents[agent].says->replies_us;
}

void arrival_gone(struct world *w, uint64_t call)
{
    uint32_t arrival = world_arrival_of(w, call);
    struct arrival *a = arrival == NO_ARRIVAL ? NULL : &w->arrivals[arrival];
    if (!a || a->gone) return;
    a->gone = true;
    assert(w->living > 0);
    w->living--;
    if (a->alone) switch_hang_up(w->sw, a->main, w->now_us);
    /* nobody was reached: the agent returns to the main call */
    else if (a->consults != 0 && switch_call(w->sw, a->main))
        agenda_add(&w->agenda, w->now_us, ACT_RELEASE, a->consults - 1, a->main);
}

/* A transfer is complete: the consultation is now the main call, with the parties of both. */
void arrival_transferred(struct world *w, const struct switch_report *r)
{
    uint32_t consult = world_arrival_of(w, r->other);
    agents_calls_become(w, r->other, r->call);
    for (size_t i = 0; i < w->agenda.count; i++) {
        struct agenda_entry *entry = &w->agenda.entries[i];
        bool of_call = entry->kind == ACT_ANSWER || entry->kind == ACT_RELEASE || entry->kind == ACT_TAKE ||
                       entry->kind == ACT_LEAVE;
        entry->what = of_call && entry->what == r->other ? r->call : entry->what;
    }
    if (consult == NO_ARRIVAL) return;
    w->arrivals[consult].main = 0;
    w->arrivals[consult].consults = 0;
    /* the joint call continues under the test's name for the main call */
    if (world_arrival_of(w, r->call) == NO_ARRIVAL) {
        w->arrivals[consult].alone = false;
        world_remember_call(w, consult, r->call);
    }
}
