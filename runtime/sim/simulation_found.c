/* runtime/sim/simulation_found.c - Collects the measures of a simulation: counts, histograms of waits, a series,
 * occupancy.
 *
 * A call is counted if it arrives between warm-up and end; then everything about it counts, also after the end. A call
 * is counted in three figures: all, its strategy, its medium. Virtual queues count visits, by the core's own facts: a
 * call that waits in two at once has a visit in each. Times of agents are sums of intervals, limited to the counted
 * time. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/facts_queue.h"
#include "runtime/core/read/read.h"
#include "runtime/sim/simulation_state.h"
#include "base/memory.h"

const struct simulated_measure measure_rows[MEASURES] = {
#define MEASURE(name, unit, of, title, doc) {#name, title, doc, UNIT_##unit, OF_##of},
#include "runtime/sim/measures.def"
};

const char *const scope_words[SCOPE_KINDS] = {"all", "strategy", "vq", "agents", "campaign", "medium"};

bool scope_has(enum scope_kind kind, enum measure measure)
{
    switch (measure_rows[measure].of) {
    case OF_CALLS:
        return kind != SCOPE_TEAM && kind != SCOPE_CAMPAIGN;
    case OF_STRATEGIES:
        return kind == SCOPE_ALL || kind == SCOPE_STRATEGY || kind == SCOPE_MEDIUM;
    case OF_CAMPAIGNS:
        return kind == SCOPE_CAMPAIGN;
    case OF_MEDIA:
        return kind == SCOPE_MEDIUM;
    default:
        return kind == SCOPE_TEAM;
    }
}

/* Returns the part of the series in which a call arrived, whenever it ends: a part's service level is that of the
 * people who called then. */
static struct simulation_part *simulation_part_of(const struct simulation *s, struct counted *c, uint64_t arrived_us)
{
    assert(arrived_us >= s->plan->warm_up_us); /* arrivals during the warm-up are not counted */
    uint64_t part = (arrived_us - s->plan->warm_up_us) / s->part_us;
    return &c->series[part < SERIES_PARTS ? part : SERIES_PARTS - 1];
}

static void simulation_count_in(const struct simulation *s, struct counted *c, uint64_t arrived_us)
{
    c->offered++;
    simulation_part_of(s, c, arrived_us)->offered++;
}

/* Counts a call or a visit that has ended: answered, abandoned, or neither. */
static void count_out(const struct simulation *s, struct counted *c, uint64_t arrived_us, uint64_t waited_us,
                      bool answered, bool abandoned)
{
    struct simulation_part *part = simulation_part_of(s, c, arrived_us);
    c->delayed += waited_us > 0;
    c->waited_us += (double)waited_us;
    c->longest_us = waited_us > c->longest_us ? waited_us : c->longest_us;
    if (answered) {
        bool within = waited_us <= s->plan->within_us;
        c->answered++;
        c->within += within;
        sim_histogram_add(&c->waits, waited_us);
        part->answered++;
        part->within += within;
        part->wait_us += (double)waited_us;
    } else if (abandoned) {
        c->abandoned++;
        part->abandoned++;
    } else {
        c->cleared++;
    }
}

/* A call is counted in three figures: all calls, its strategy, its medium. */
enum { FIGURES = 3 };

static struct counted *call_figures(struct simulation *s, const struct simulated_call *call, unsigned which)
{
    assert(which < FIGURES && (which != 1 || call->flow < s->plan->flow_count));
    return which == 0   ? &s->counted[0]
           : which == 1 ? &s->counted[s->strategy[call->flow]]
                        : &s->of_medium[call_medium(s, call)];
}

/* Is this an e-mail or chat after the end of the counted time? E-mails and chats that are still there at that time
 * count as open. Calls are played to their end. */
static bool is_late(const struct simulation *s, bool submitted)
{
    return submitted && s->now_us >= s->plan->until_us;
}

void sim_count_offered(struct simulation *s, const struct simulated_call *call)
{
    if (!call->counted) return;
    for (unsigned i = 0; i < FIGURES; i++) simulation_count_in(s, call_figures(s, call, i), call->arrived_us);
}

void sim_count_call_ends(struct simulation *s, struct simulated_call *call, bool answered, bool abandoned)
{
    if (!call->counted || call->told || is_late(s, call->submitted)) return;
    assert(s->now_us >= call->arrived_us);
    call->told = true;
    call->served = answered;
    uint64_t waited_us = s->now_us - call->arrived_us;
    for (unsigned i = 0; i < FIGURES; i++)
        count_out(s, call_figures(s, call, i), call->arrived_us, waited_us, answered, abandoned);
}

void sim_count_ended(struct simulation *s, const struct simulated_call *call)
{
    if (!call->served || is_late(s, call->submitted)) return;
    for (unsigned i = 0; i < FIGURES; i++) call_figures(s, call, i)->handled++;
}

/* ---- visits of virtual queues ---- */

static uint64_t stay_key(const void *owner, uint32_t stay)
{
    return ((const struct simulation *)owner)->stays[stay].ixn;
}

void stays_init(struct simulation *s)
{
    lookup_init(&s->stay_of, s, stay_key);
    s->free_stay = NOBODY;
}

void stays_free(struct simulation *s)
{
    lookup_free(&s->stay_of);
    free(s->stays);
    free(s->vqs);
}

/* A stay begins; an interaction waiting in several queues has only one stay, which ends with the last of them. The
 * row of an ended stay is reused (free_stay). */
void stay_begins(struct simulation *s, const struct simulated_call *call)
{
    uint32_t stay;
    if (lookup_find(&s->stay_of, call->ixn, &stay)) {
        s->stays[stay].queues++;
        return;
    }
    stay = s->free_stay;
    if (stay == NOBODY) {
        s->stays = memory_more(s->stays, s->stay_count, sizeof *s->stays);
        stay = s->stay_count++;
    } else {
        s->free_stay = s->stays[stay].next_free;
    }
    s->stays[stay] = (struct stay){.ixn = call->ixn,
                                   .arrived_us = call->arrived_us,
                                   .queues = 1,
                                   .counted = call->counted,
                                   .submitted = call->submitted};
    lookup_add(&s->stay_of, stay);
}

static struct counted *of_vq(struct simulation *s, uint32_t vq)
{
    if (vq >= s->vq_count) {
        s->vqs = memory_grown(s->vqs, vq + 1, sizeof *s->vqs);
        memset(s->vqs + s->vq_count, 0, (vq + 1 - s->vq_count) * sizeof *s->vqs);
        s->vq_count = vq + 1;
    }
    return &s->vqs[vq].counted;
}

/* Counts the visit when it ends, as its result is only known then. */
void stay_ends(struct simulation *s, const struct fact *fact)
{
    uint32_t at;
    if (!lookup_find(&s->stay_of, fact->ixn, &at)) return;
    struct stay *stay = &s->stays[at];
    if (stay->counted && !is_late(s, stay->submitted)) {
        struct counted *c = of_vq(s, fact->queue);
        simulation_count_in(s, c, stay->arrived_us);
        count_out(s, c, stay->arrived_us, fact->waited_us, fact->what == FACT_distributed,
                  fact->what == FACT_abandoned_queued);
    }
    assert(stay->queues > 0);
    if (--stay->queues != 0) return;
    lookup_remove(&s->stay_of, fact->ixn);
    *stay = (struct stay){.next_free = s->free_stay};
    s->free_stay = at;
}

void sim_count_defaulted(struct simulation *s, const struct simulated_call *call)
{
    if (!call->counted) return;
    for (unsigned i = 0; i < FIGURES; i++) call_figures(s, call, i)->defaulted++;
}

void sim_count_failure(struct simulation *s, const struct simulated_call *call)
{
    if (!call->counted) return;
    for (unsigned i = 0; i < FIGURES; i++) call_figures(s, call, i)->failures++;
}

/* Returns how much of the time from `since_us` until now is within the counted time. */
static double counted_since(const struct simulation *s, uint64_t since_us)
{
    const struct simulation_plan *plan = s->plan;
    uint64_t from = since_us > plan->warm_up_us ? since_us : plan->warm_up_us;
    uint64_t until = s->now_us < plan->until_us ? s->now_us : plan->until_us;
    return until > from ? (double)(until - from) : 0;
}

void sim_count_works(struct simulation *s, struct simulated_agent *agent)
{
    if (agent->is == AT_WORK) s->teams[agent->team].works_us += counted_since(s, agent->works_since_us);
    agent->works_since_us = s->now_us;
}

void sim_count_busy(struct simulation *s, struct simulated_agent *agent, bool busy)
{
    if (agent->busy && !busy)
        s->teams[agent->team].busy_us += counted_since(s, agent->busy_since_us);
    else if (!agent->busy && busy)
        agent->busy_since_us = s->now_us;
    agent->busy = busy;
}

void sim_count_has(struct simulation *s, struct simulated_agent *agent, enum media medium, uint32_t count)
{
    if (agent->has[medium] != 0 && count == 0)
        s->busy_us[medium] += counted_since(s, agent->has_since_us[medium]);
    else if (agent->has[medium] == 0 && count != 0)
        agent->has_since_us[medium] = s->now_us;
    agent->has[medium] = count;
}
