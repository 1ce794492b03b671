/* runtime/sim/simulation.c - The main loop of a simulation: arrivals when they are due, and everything that follows
 * from them.
 *
 * The loop (simulation_run_events) advances to the earliest entry of the agenda or the core's timers; one planned
 * action is done, and core and people react until nothing is left to do at that time (simulation_settle); then the next
 * action follows. So two actions of the same time never overlap, and a seed always gives the same day. The loop ends
 * when the plan's time is over and every counted call has ended. */
#include "runtime/sim/simulation.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/sim/events.h"
#include "runtime/sim/simulation_state.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"

enum { WATCH_CALLS = 4096 };
#define DRAIN_US (UINT64_C(86400) * 1000000) /* time for the remaining calls after the end of the plan */

/* ---- arrivals ---- */

/* Plans one arrival of a flow; the next one is planned when this one has come. */
static void plan_arrival(struct simulation *s, uint32_t flow)
{
    assert(flow < s->plan->flow_count);
    const struct arrivals *a = &s->plan->flows[flow].arrivals;
    struct simulated_source *source = &s->sources[flow];
    double begins_us = a->first_us - s->plan->origin_us;
    switch (a->kind) {
    case ARRIVALS_RATES:
        source->at_us = arrivals_rated(a, &source->draws, &source->row, source->at_us);
        break;
    case ARRIVALS_DRAWN: {
        uint64_t after_us = spread_draw(&a->between, &source->draws);
        source->at_us = after_us == SPREAD_NEVER ? INFINITY : source->at_us + (double)after_us;
        break;
    }
    case ARRIVALS_LISTED:
        source->at_us = source->count < a->count ? a->calls[source->count].at_us : INFINITY;
        break;
    }
    double at_us = source->at_us + (a->until_us > 0 ? begins_us : 0);
    if (at_us < (double)s->plan->until_us) agenda_add(&s->agenda, (uint64_t)at_us, DEED_ARRIVE, flow, 0);
}

/* ---- actions that are due ---- */

/* Does a planned action, unless it is about a call that has moved since it was planned (call_is_due). */
static void do_one(struct simulation *s, const struct agenda_entry *entry)
{
    uint32_t slot;
    switch ((enum deed)entry->kind) {
    case DEED_ARRIVE:
        slot = call_arrives(s, entry->who);
        if (s->calls[slot].submitted) media_arrives(s, slot);
        s->sources[entry->who].count++;
        plan_arrival(s, entry->who);
        return;
    case DEED_READY:
        sim_desk_ready(s, entry);
        return;
    case DEED_SHIFT:
        sim_desk_shift(s, entry->who);
        return;
    case DEED_ACCEPT:
        event_put_invited(simulation_event(s, KIND_RequestAccept, NULL, 0), true, entry->what);
        simulation_post(s);
        return;
    case DEED_ANSWERED:
        answers_due(s, entry->who);
        return;
    case DEED_PULL:
        media_pull(s);
        return;
    case DEED_CHANGE:
        simulation_post_frames(s, s->plan->change);
        return;
    case DEED_DUE:
        campaign_due(s, entry->who);
        return;
    default:
        break;
    }
    if (!call_is_due(s, entry)) return;
    switch ((enum deed)entry->kind) {
    case DEED_HANG_UP:
        if (s->calls[entry->who].submitted)
            media_left(s, entry->who);
        else
            call_is_over(s, entry->who, true);
        break;
    case DEED_ANSWER:
        simulation_call_answered(s, entry->who);
        break;
    case DEED_RELEASE:
        (s->calls[entry->who].submitted ? media_done : call_released)(s, entry->who);
        break;
    case DEED_PICK_UP:
        call_picks_up(s, entry->who);
        break;
    case DEED_RING_OUT:
        call_not_reached(s, entry->who, (enum cause)s->calls[entry->who].fate);
        break;
    default:
        call_treated(s, entry->who);
        break;
    }
}

static void simulation_run_events(struct simulation *s)
{
    const struct simulation_watch *watch = s->watch;
    struct agenda_entry entry;
    uint64_t told = 0;
    for (uint32_t flow = 0; flow < s->plan->flow_count; flow++) plan_arrival(s, flow);
    if (s->plan->change.length > 0) agenda_add(&s->agenda, s->plan->warm_up_us, DEED_CHANGE, 0, 0);
    while (!s->failed) {
        uint64_t due_us = agenda_next(&s->agenda), timer_us = core_next_timer(s->core);
        uint64_t next_us = due_us < timer_us ? due_us : timer_us;
        if (next_us == UINT64_MAX || (next_us >= s->plan->until_us && s->living == 0)) break;
        if (next_us > s->plan->until_us + DRAIN_US) {
            simulation_fail(s, "callers wait for more than a day: give them patience, or more agents");
            break;
        }
        campaigns_count(s, next_us);
        s->now_us = next_us > s->now_us ? next_us : s->now_us;
        /* Does one planned action, and then lets the core react before the next, so that two actions of the same time
         * do not overlap. */
        if (agenda_take(&s->agenda, s->now_us, &entry)) do_one(s, &entry);
        simulation_settle(s);
        if (watch && watch->at && s->number >= told + WATCH_CALLS) watch->at(watch->self, s->now_us, told = s->number);
    }
}

/* Numbers the strategies; flows with the same strategy are counted together. */
static void number_strategies(struct simulation *s)
{
    const struct simulation_plan *plan = s->plan;
    for (uint32_t i = 0; i < plan->flow_count; i++) {
        uint32_t same = 0;
        while (same < i && strcmp(plan->flows[same].strategy, plan->flows[i].strategy) != 0) same++;
        s->strategy[i] = same < i ? s->strategy[same] : ++s->strategy_count;
    }
}

/* Plays one replication from beginning to result; all its memory is freed here. */
bool simulation_play(const struct simulation_plan *plan, const struct image *image, uint64_t seed,
                     const struct simulation_watch *watch, struct simulation_result *result, struct error *error)
{
    struct simulation s = {.plan = plan, .image = image, .seed = seed, .watch = watch, .error = error};
    assert(plan->flow_count > 0 && plan->until_us > plan->warm_up_us);
    s.sources = memory_zeroed(plan->flow_count, sizeof *s.sources);
    s.strategy = memory_zeroed(plan->flow_count, sizeof *s.strategy);
    s.counted = memory_zeroed(plan->flow_count + 1u, sizeof *s.counted);
    s.of_medium = memory_zeroed(MEDIA_KINDS, sizeof *s.of_medium);
    for (uint32_t i = 0; i < plan->flow_count; i++) s.submits = s.submits || plan->flows[i].submitted;
    s.part_us = (plan->until_us - plan->warm_up_us + SERIES_PARTS - 1) / SERIES_PARTS;
    for (uint32_t i = 0; i < plan->flow_count; i++)
        s.sources[i].draws = draws_of(seed, PURPOSE_ARRIVAL + PURPOSES * i, 0);
    number_strategies(&s);
    calls_init(&s);
    stays_init(&s);
    answers_init(&s);
    campaigns_init(&s);
    if (simulation_open(&s)) simulation_run_events(&s);
    if (!s.failed) simulation_result_make(&s, result);
    simulation_close(&s);
    simulation_calls_free(&s);
    stays_free(&s);
    answers_free(&s);
    media_free(&s);
    campaigns_free(&s);
    agenda_free(&s.agenda);
    free(s.sources);
    free(s.strategy);
    free(s.counted);
    free(s.of_medium);
    return !s.failed;
}
