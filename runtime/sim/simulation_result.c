/* runtime/sim/simulation_result.c - Turns the counts of a simulation into the scopes and measures of its result.
 *
 *     counted (one per strategy, queue, medium)  -> set_scope()      calls, shares, waits
 *     teams                                      -> occupancy        busy time of the time at work
 *     campaigns                                  -> campaigns_result()
 *
 * A measure without any calls is NAN: a service level of 0 would be wrong if nobody called. Scopes are in the order
 * in which they are shown, `all` first; queues by name, since the core's numbers differ between two versions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/read.h"
#include "runtime/sim/simulation_state.h"
#include "runtime/sim/site_media.h"
#include "runtime/sim/values.h"
#include "base/memory.h"

static double simulation_share(uint64_t part, uint64_t of)
{
    return of == 0 ? NAN : (double)part / (double)of;
}

/* Fills in a scope; shares and times of a scope without calls are NAN. */
static void set_scope(const struct simulation *s, const struct counted *c, struct simulation_scope *scope)
{
    double *value = scope->value;
    value[MEASURE_offered] = (double)c->offered;
    value[MEASURE_answered] = (double)c->answered;
    value[MEASURE_abandoned] = (double)c->abandoned;
    value[MEASURE_cleared] = (double)c->cleared;
    value[MEASURE_sl] = simulation_share(c->within, c->offered);
    value[MEASURE_abandonment] = simulation_share(c->abandoned, c->offered);
    value[MEASURE_delayed] = simulation_share(c->delayed, c->offered);
    if (c->answered > 0) {
        value[MEASURE_asa] = c->waits.sum_us / (double)c->answered / 1e6;
        value[MEASURE_p50] = histogram_quantile(&c->waits, 0.5) / 1e6;
        value[MEASURE_p90] = histogram_quantile(&c->waits, 0.9) / 1e6;
        value[MEASURE_p99] = histogram_quantile(&c->waits, 0.99) / 1e6;
    }
    uint64_t gone = c->answered + c->abandoned + c->cleared;
    if (gone > 0) value[MEASURE_mean] = c->waited_us / (double)gone / 1e6;
    if (c->offered > 0) value[MEASURE_longest] = (double)c->longest_us / 1e6;
    if (scope->kind != SCOPE_QUEUE) {
        value[MEASURE_defaulted] = (double)c->defaulted;
        value[MEASURE_failures] = (double)c->failures;
    }
    for (uint64_t i = 0; i < CURVE_POINTS; i++)
        scope->curve[i] = c->offered == 0 ? NAN
                                          : histogram_share(&c->waits, s->plan->within_us * i / CURVE_PER) *
                                                (double)c->answered / (double)c->offered;
    memcpy(scope->series, c->series, sizeof scope->series);
}

/* Adds a scope; simulation_result_make() has reserved space for all. */
static struct simulation_scope *new_scope(struct simulation_result *result, enum scope_kind kind, const char *name)
{
    struct simulation_scope *scope = &result->scopes[result->count++];
    *scope = (struct simulation_scope){.kind = kind};
    (void)snprintf(scope->name, sizeof scope->name, "%s", name);
    for (unsigned m = 0; m < MEASURES; m++) scope->value[m] = NAN;
    return scope;
}

/* Fills in the media; `open` is what was offered and is neither handled nor gone yet. */
static void set_media(const struct simulation *s, struct simulation_result *result)
{
    double works_us = 0;
    for (uint32_t i = 0; i < s->plan->team_count; i++) works_us += s->teams[i].works_us;
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++) {
        const struct counted *c = &s->of_medium[medium];
        bool comes = false;
        for (uint32_t i = 0; i < s->plan->flow_count; i++)
            comes = comes || call_medium(s, &(struct simulated_call){.flow = i}) == medium;
        if (!comes) continue;
        char name[SIMULATION_NAME + 1];
        struct span said = media_said(s->image, (enum media)medium);
        sim_copy_text(name, sizeof name, said);
        struct simulation_scope *scope = new_scope(result, SCOPE_MEDIUM, name);
        set_scope(s, c, scope);
        scope->value[MEASURE_handled] = (double)c->handled;
        scope->value[MEASURE_open] = (double)(c->offered - c->handled - c->abandoned - c->cleared);
        scope->value[MEASURE_busy] = works_us > 0 ? s->busy_us[medium] / works_us : NAN;
    }
}

/* Has the core counted the visits of virtual queues in the same way? With a warm-up the counts cannot be compared,
 * since the core also counts the visits of the warm-up. */
static bool core_agrees(const struct simulation *s)
{
    struct queue_row row;
    bool agrees = true;
    for (uint32_t i = 0; s->plan->warm_up_us == 0 && !s->submits && core_queue(s->core, i, &row); i++) {
        static const struct counted none;
        const struct counted *c = i < s->vq_count ? &s->vqs[i].counted : &none;
        agrees = agrees && c->offered == row.entered && c->answered == row.distributed &&
                 c->abandoned == row.abandoned && c->cleared == row.cleared;
    }
    return agrees;
}

static int counted_by_name(const void *a, const void *b)
{
    return strcmp(((const struct simulated_vq *)a)->name, ((const struct simulated_vq *)b)->name);
}

/* Makes all scopes, in the order in which results are shown; agents' open intervals end here. */
void simulation_result_make(struct simulation *s, struct simulation_result *result)
{
    const struct simulation_plan *plan = s->plan;
    size_t most = (size_t)1 + s->strategy_count + s->vq_count + plan->team_count + plan->campaign_count + MEDIA_KINDS;
    *result = (struct simulation_result){.calls = s->number,
                                         .events = s->posted,
                                         .series_us = s->part_us,
                                         .digest = core_digest(s->core),
                                         .agrees = core_agrees(s)};
    result->scopes = memory_zeroed(most, sizeof *result->scopes);
    set_scope(s, &s->counted[0], new_scope(result, SCOPE_ALL, ""));
    for (uint32_t i = 1; i <= s->strategy_count; i++) {
        uint32_t flow = 0;
        while (s->strategy[flow] != i) flow++;
        set_scope(s, &s->counted[i], new_scope(result, SCOPE_STRATEGY, plan->flows[flow].strategy));
    }
    struct queue_row row;
    for (uint32_t i = 0; i < s->vq_count && core_queue(s->core, i, &row); i++)
        sim_copy_text(s->vqs[i].name, sizeof s->vqs[i].name, row.name);
    if (s->vq_count > 0) qsort(s->vqs, s->vq_count, sizeof *s->vqs, counted_by_name);
    for (uint32_t i = 0; i < s->vq_count; i++)
        if (s->vqs[i].counted.offered > 0)
            set_scope(s, &s->vqs[i].counted, new_scope(result, SCOPE_QUEUE, s->vqs[i].name));
    for (uint32_t i = 0; i < s->agent_count; i++) {
        sim_count_busy(s, &s->agents[i], false);
        sim_count_works(s, &s->agents[i]);
        for (unsigned medium = 0; medium < MEDIA_KINDS; medium++)
            sim_count_has(s, &s->agents[i], (enum media)medium, 0);
    }
    for (uint32_t i = 0; i < plan->team_count; i++) {
        struct simulation_scope *scope = new_scope(result, SCOPE_TEAM, plan->teams[i]);
        double works_us = s->teams[i].works_us;
        scope->value[MEASURE_occupancy] = works_us > 0 ? s->teams[i].busy_us / works_us : NAN;
    }
    campaigns_count(s, plan->until_us); /* unless that was done */
    for (uint32_t i = 0; i < plan->campaign_count; i++)
        campaigns_result(s, i, new_scope(result, SCOPE_CAMPAIGN, plan->campaigns[i].name));
    if (s->submits) set_media(s, result);
}

void simulation_result_free(struct simulation_result *result)
{
    free(result->scopes);
    *result = (struct simulation_result){0};
}
