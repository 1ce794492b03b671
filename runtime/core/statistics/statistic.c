/* runtime/core/statistics/statistic.c - The part of statistics: begins, ends and checks its tables.
 *
 * Statistics influence decisions, because a selection may compare them. So all additions are in the digest, and the
 * check computes levels and sums of rings again from the agents. */
#include "runtime/core/statistics/statistic.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/facts.h"
#include "runtime/core/base/part.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/figure.h"
#include "runtime/core/statistics/level.h"

static void statistics_init(void *self, const struct parts *parts)
{
    struct statistics *statistics = parts->statistics;
    (void)self;
    *statistics = (struct statistics){
        .now = parts->now,
        .names = parts->names,
        .timers = parts->timers,
        .agents = parts->agents,
        .claims = parts->claims,
        .vqs = parts->vqs,
        .interactions = parts->interactions,
        .directory = parts->directory,
        .strategies = parts->strategies,
        .media = parts->media,
    };
    statistics->watcher = statistics->free_watch = WATCHER_NONE;
    lookup_init(&statistics->by_key, statistics, figure_key);
    acd_queues_init(&statistics->acd_queues);
    statistics->servings = (struct servings){
        .agents = parts->agents,
        .vqs = parts->vqs,
        .directory = parts->directory,
        .strategies = parts->strategies,
        .statistics = statistics,
        .states_of = levels_counted,
    };
    servings_init(&statistics->servings);
}

static void fed_free(struct fed *fed)
{
    free(fed->definitions);
}

static void statistics_free(void *self)
{
    struct statistics *statistics = self;
    for (uint32_t at = 0; at < statistics->programs; at++) free(statistics->of_program[at]);
    for (uint32_t at = 0; at < statistics->figure_count; at++) window_free(&statistics->figures[at].window);
    for (unsigned at = 0; at < FACTS; at++) fed_free(&statistics->by_fact[at]);
    for (unsigned at = 0; at < AGENT_LEVELS; at++) fed_free(&statistics->by_level[at]);
    fed_free(&statistics->by_queue);
    fed_free(&statistics->by_strategy);
    fed_free(&statistics->by_login);
    for (unsigned at = 0; at < ACD_WAYS; at++) fed_free(&statistics->by_way[at]);
    acd_queues_free(&statistics->acd_queues);
    servings_free(&statistics->servings);
    fed_free(&statistics->by_serving);
    fed_free(&statistics->by_agent);
    fed_free(&statistics->by_given);
    free(statistics->of_program);
    free(statistics->definitions);
    free(statistics->figures);
    lookup_free(&statistics->by_key);
    free(statistics->counted);
    free(statistics->asked);
    free(statistics->awaited);
    free(statistics->watches);
    free(statistics->told);
}

/* Called when the event is over: counts what was not counted by a reading meanwhile, if anything has changed. */
static void statistics_settle(void *self)
{
    struct statistics *statistics = self;
    if (statistics->agents->touched_count != 0 || feed_given_is_old(statistics) ||
        statistics->programs != statistics->strategies->program_count ||
        (statistics->servings.wanted && statistics->servings.activated != statistics->directory->activated))
        feed_catch_up(statistics);
}

static uint64_t statistics_hash(const void *self)
{
    const struct statistics *statistics = self;
    return statistics->content;
}

static bool watches_hold(const struct statistics *statistics, uint32_t figure)
{
    uint32_t before = WATCHER_NONE;
    for (uint32_t at = statistics->figures[figure].watches; at != WATCHER_NONE;
         before = at, at = statistics->watches[at].next_of_figure)
        if (statistics->watches[at].figure != figure || statistics->watches[at].previous_of_figure != before)
            return false;
    return true;
}

/* True: the rows of agents who could serve are right. The check calls the lines' functions, without any lasting
 * effect. */
static bool servings_hold(const struct statistics *statistics)
{
    const struct servings *servings = &statistics->servings;
    bool hold = true;
    if (statistics->agents->touched_count != 0 || servings->activated != statistics->directory->activated) return true;
    for (uint32_t at = 0; hold && at < servings->count; at++) hold = serving_check(servings, &servings->all[at]);
    return hold;
}

/* True: all tables are right. Agents who are still marked as changed are skipped, since their levels are out of date
 * on purpose. */
static bool statistics_good(const void *self)
{
    const struct statistics *statistics = self;
    if (!servings_hold(statistics)) return false;
    if (!acd_queues_check(&statistics->acd_queues)) return false;
    for (uint32_t at = 0; statistics->agents->watched && at < statistics->agents->count; at++) {
        const struct agent *agent = agent_at(statistics->agents, at);
        struct agent_now was = levels_counted(statistics, at), is = level_now(statistics, at);
        if (agent->touched) continue;
        uint32_t place = at < statistics->agent_capacity ? statistics->counted[at].place : 0;
        if (memcmp(&was, &is, sizeof was) != 0 || place != agent->place) return false;
    }
    for (uint32_t at = 0; at < statistics->figure_count; at++) {
        const struct figure *figure = &statistics->figures[at];
        if (!watches_hold(statistics, at)) return false;
        if (figure->key >> 32 == DEFINITION_LATCH) continue;
        const struct definition *definition = &statistics->definitions[figure->key >> 32];
        int64_t total = 0;
        for (unsigned part = 0; figure->window.parts && part < WINDOW_PARTS; part++)
            total += figure->window.parts[part];
        if (figure->window.parts && total != figure->window.total) return false;
        if (statistics->agents->touched_count == 0 &&
            figure->window.level != levels_add_up(statistics, definition, (uint32_t)figure->key))
            return false;
    }
    return true;
}

const struct part_ops part_ops_statistics = {
    .size = sizeof(struct statistics),
    .init = statistics_init,
    .free = statistics_free,
    .settle = statistics_settle,
    .hash = statistics_hash,
    .check = statistics_good,
    .hear = feed_hear,
    .figure = asked_figure,
    .keep = statistics_keep,
    .sound = statistics_sound,
};
