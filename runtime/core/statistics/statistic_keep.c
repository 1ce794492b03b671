/* runtime/core/statistics/statistic_keep.c - How statistics are written to snapshots and read.
 *
 * Definitions are not written: the same programs, learnt in the same order, give the same definitions, including
 * what changes them. Only the time since which each definition is counted is written. A figure is written with its
 * watchers in their order; statistic_rewatch makes their watches when all parts are read. */
#include "runtime/core/statistics/figure.h"

#include "vm/keep.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/line_keep.h"
#include "runtime/core/queues/vq_keep.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/definition.h"
#include "runtime/core/statistics/level.h"

/* Writes or reads the definitions; fails if the programs give another number of them than the snapshot says. */
static void keep_definitions(struct statistics *statistics, struct keeper *keeper)
{
    uint32_t programs = keep_index(keeper, statistics->programs, statistics->strategies->program_count + 1, 0);
    if (keep_reading(keeper) && keep_good(keeper)) definitions_restore(statistics, programs);
    keep_same(keeper, statistics->definition_count, "its programs read other statistics");
    for (uint32_t at = 0; at < statistics->definition_count && keep_good(keeper); at++) {
        struct definition *definition = &statistics->definitions[at];
        definition->since_us = keep_u64(keeper, definition->since_us);
        definition->begins_wall_us = keep_i64(keeper, definition->begins_wall_us);
        definition->ends_wall_us = keep_i64(keeper, definition->ends_wall_us);
        if (definition->since_us > statistics->now->time_us) keep_fail(keeper, "a statistic is kept from later on");
    }
}

static void read_watch(struct statistics *statistics, uint32_t figure, uint32_t watcher, uint32_t before)
{
    uint32_t slot = statistics->watch_count++;
    statistics->watches = memory_grow(statistics->watches, &statistics->watch_capacity, statistics->watch_count,
                                      sizeof *statistics->watches);
    statistics->watches[slot] = (struct watch){figure, watcher, before, WATCHER_NONE, WATCHER_NONE};
    *(before == WATCHER_NONE ? &statistics->figures[figure].watches : &statistics->watches[before].next_of_figure) =
        slot;
}

static void keep_watches(struct statistics *statistics, struct keeper *keeper, uint32_t number)
{
    struct figure *figure = &statistics->figures[number];
    uint32_t count = 0;
    if (keep_reading(keeper)) figure->watches = WATCHER_NONE;
    for (uint32_t at = figure->watches; at != WATCHER_NONE; at = statistics->watches[at].next_of_figure) count++;
    count = keep_count(keeper, count, UINT32_MAX);
    for (uint32_t at = figure->watches; at != WATCHER_NONE; at = statistics->watches[at].next_of_figure)
        keep_u32(keeper, statistics->watches[at].watcher);
    for (uint32_t before = WATCHER_NONE; keep_reading(keeper) && count > 0 && keep_good(keeper); count--) {
        read_watch(statistics, number, keep_u32(keeper, 0), before);
        before = statistics->watch_count - 1;
    }
}

static void keep_figure(struct statistics *statistics, struct keeper *keeper, uint32_t number)
{
    struct figure *figure = &statistics->figures[number];
    uint64_t span_us = 0;
    uint32_t of = keep_index(keeper, (uint32_t)(figure->key >> 32), statistics->definition_count, DEFINITION_LATCH);
    bool named = of != DEFINITION_LATCH && statistics->definitions[of].of != MEASURED_AGENT;
    uint32_t object = (uint32_t)figure->key;
    object = named ? name_keep(statistics->names, keeper, object) : keep_u32(keeper, object);
    figure->key = (uint64_t)of << 32 | object;
    if (of != DEFINITION_LATCH && statistics->definitions[of].window_us > 0)
        span_us = (uint64_t)statistics->definitions[of].window_us;
    window_keep(&figure->window, keeper, span_us, statistics->now->time_us);
    keep_watches(statistics, keeper, number);
    lookup_restore(&statistics->by_key, keeper, number);
}

static void keep_figures(struct statistics *statistics, struct keeper *keeper)
{
    statistics->figures = keep_rows(keeper, statistics->figures, &statistics->figure_count,
                                    &statistics->figure_capacity, UINT32_MAX, sizeof *statistics->figures);
    for (uint32_t at = 0; at < statistics->figure_count && keep_good(keeper); at++) keep_figure(statistics, keeper, at);
    statistics->told = keep_rows(keeper, statistics->told, &statistics->told_count, &statistics->told_capacity,
                                 statistics->figure_count, sizeof *statistics->told);
    for (uint32_t at = 0; at < statistics->told_count && keep_good(keeper); at++) {
        statistics->told[at] = keep_index(keeper, statistics->told[at], statistics->figure_count, UINT32_MAX);
        if (statistics->told[at] == UINT32_MAX)
            keep_fail(keeper, "no figure has changed");
        else
            statistics->figures[statistics->told[at]].told = true;
    }
}

/* Reads an agent's states from an older snapshot, which lacks most media; no program reads states of these yet. */
static void keep_old_states(struct statistics *statistics, struct keeper *keeper, uint32_t agent)
{
    if (agent < statistics->agents->count) statistics->counted[agent].now = level_now(statistics, agent);
    keep_raw(keeper, statistics->counted[agent].now.states, media_kept(keeper));
}

static void keep_counted(struct statistics *statistics, struct keeper *keeper)
{
    uint32_t count = statistics->agent_capacity;
    statistics->counted = keep_rows(keeper, statistics->counted, &count, &statistics->agent_capacity, UINT32_MAX,
                                    sizeof *statistics->counted);
    for (uint32_t at = 0; at < count && keep_good(keeper); at++) {
        struct counted *counted = &statistics->counted[at];
        counted->vq = name_keep(statistics->names, keeper, counted->vq);
        counted->place = name_keep(statistics->names, keeper, counted->place);
        counted->logins = keep_u32(keeper, counted->logins);
        if (keep_has(keeper, 10))
            media_bytes_keep(keeper, counted->now.states);
        else
            keep_old_states(statistics, keeper, at);
    }
}

static void serving_line_keep(struct statistics *statistics, struct keeper *keeper, struct serving_line *line)
{
    line->program = program_keep(statistics->strategies, keeper, line->program);
    line->asked = keep_bool(keeper, line->asked);
    line_keep(statistics->vqs, keeper, line->program, &line->line);
    line->clause_count = (uint8_t)keep_index(keeper, line->clause_count, DEMAND_CLAUSES + 1, 0);
    for (uint32_t at = 0; at < line->clause_count; at++)
        line_clause_keep(statistics->vqs, keeper, &line->clauses[at], 1);
}

static void keep_serving(struct statistics *statistics, struct keeper *keeper, struct serving *serving)
{
    serving->vq = name_keep(statistics->names, keeper, serving->vq);
    serving->lines = keep_rows(keeper, serving->lines, &serving->line_count, &serving->line_capacity, UINT32_MAX,
                               sizeof *serving->lines);
    for (uint32_t at = 0; at < serving->line_count && keep_good(keeper); at++) {
        serving_line_keep(statistics, keeper, &serving->lines[at]);
        if (keep_reading(keeper)) serving->asked += serving->lines[at].asked;
    }
    if (keep_has(keeper, 10))
        serving->counted = media_set_keep(keeper, serving->counted);
    else if (keep_bool(keeper, false))
        serving->counted = media_set_until(MEDIA_OLD);
    serving->of = keep_owned(keeper, serving->of, &serving->of_capacity, UINT32_MAX);
    struct media_set kept = keep_has(keeper, 10) ? serving->counted : media_set_until(media_kept(keeper));
    EACH_MEDIUM(medium, kept)
    for (unsigned state = 0; state < SERVING_STATES; state++)
        serving->counts[medium][state] = keep_u32(keeper, serving->counts[medium][state]);
}

static void keep_servings(struct statistics *statistics, struct keeper *keeper)
{
    struct servings *servings = &statistics->servings;
    servings->all =
        keep_rows(keeper, servings->all, &servings->count, &servings->capacity, UINT32_MAX, sizeof *servings->all);
    for (uint32_t at = 0; at < servings->count && keep_good(keeper); at++) {
        keep_serving(statistics, keeper, &servings->all[at]);
        lookup_restore(&servings->by_vq, keeper, at);
    }
    servings->activated = keep_u32(keeper, servings->activated);
}

static void acd_wait_keep(struct keeper *keeper, struct acd_queues *acd_queues, struct acd_wait *wait)
{
    wait->queue = keep_index(keeper, wait->queue, acd_queues->queue_count + 1, 0);
    if (wait->queue == 0) return;
    wait->previous = keep_index(keeper, wait->previous, acd_queues->capacity, ACD_NONE);
    wait->next = keep_index(keeper, wait->next, acd_queues->capacity, ACD_NONE);
    wait->since_us = keep_u64(keeper, wait->since_us);
}

static void acd_queues_keep(struct statistics *statistics, struct keeper *keeper)
{
    struct acd_queues *acd_queues = &statistics->acd_queues;
    uint32_t slots = keep_count(keeper, acd_queues->capacity, UINT32_MAX);
    acd_queues->queues = keep_rows(keeper, acd_queues->queues, &acd_queues->queue_count, &acd_queues->queue_capacity,
                                   UINT32_MAX, sizeof *acd_queues->queues);
    for (uint32_t at = 0; at < acd_queues->queue_count && keep_good(keeper); at++) {
        struct acd_queue *queue = &acd_queues->queues[at];
        queue->name = name_keep(statistics->names, keeper, queue->name);
        queue->count = keep_u32(keeper, queue->count);
        queue->first = keep_index(keeper, queue->first, slots, ACD_NONE);
        queue->last = keep_index(keeper, queue->last, slots, ACD_NONE);
        vq_pace_keep(&queue->pace, keeper);
        lookup_restore(&acd_queues->by_name, keeper, at);
    }
    if (keep_reading(keeper) && keep_good(keeper)) {
        acd_queues->all = memory_zeroed(slots + 1u, sizeof *acd_queues->all);
        acd_queues->capacity = slots;
    }
    for (uint32_t slot = 0; slot < acd_queues->capacity && keep_good(keeper); slot++)
        acd_wait_keep(keeper, acd_queues, &acd_queues->all[slot]);
}

/* Writes or reads the agents about whom lines ask and whom selection looks at again as time passes. */
static void keep_awaited(struct statistics *statistics, struct keeper *keeper)
{
    statistics->awaited = keep_rows(keeper, statistics->awaited, &statistics->awaited_count,
                                    &statistics->awaited_capacity, AGENTS_MAX, sizeof *statistics->awaited);
    for (uint32_t at = 0; at < statistics->awaited_count && keep_good(keeper); at++) {
        statistics->awaited[at] = keep_index(keeper, statistics->awaited[at], AGENTS_MAX, 0);
        struct asked_agent *asked = asked_agent_of(statistics, statistics->awaited[at]);
        asked->again_us = keep_u64(keeper, asked->again_us);
    }
    statistics->timer = timer_keep(statistics->timers, keeper, statistics->timer, 1u << TIMER_CANDIDATE, 0, 0);
    statistics->timer_us = keep_u64(keeper, statistics->timer_us);
}

/* Writes or reads the statistics, without the watcher that reads at present, since nobody reads then. */
void statistics_keep(void *self, struct keeper *keeper)
{
    struct statistics *statistics = self;
    keep_definitions(statistics, keeper);
    keep_figures(statistics, keeper);
    keep_counted(statistics, keeper);
    keep_servings(statistics, keeper);
    statistics->holds = keep_bool(keeper, statistics->holds);
    acd_queues_keep(statistics, keeper);
    keep_awaited(statistics, keeper);
    statistics->given = keep_u64(keeper, statistics->given);
    statistics->content = keep_u64(keeper, statistics->content);
}

bool statistics_sound(void *self)
{
    struct statistics *statistics = self;
    for (uint32_t at = 0; at < statistics->figure_count; at++) {
        uint64_t key = statistics->figures[at].key;
        bool of_agent = key >> 32 != DEFINITION_LATCH && statistics->definitions[key >> 32].of == MEASURED_AGENT;
        if (of_agent && (uint32_t)key >= statistics->agents->count) return false;
    }
    return statistics->asked_count <= statistics->agents->count;
}

/* `list` returns the watches of a watcher that is no agent. False: a watcher does not exist. */
bool statistic_rewatch(struct statistics *statistics, struct core *owner,
                       uint32_t *(*list)(struct core *, uint32_t watcher))
{
    for (uint32_t at = 0; at < statistics->watch_count; at++) {
        uint32_t watcher = statistics->watches[at].watcher, agent = watcher & ~WATCHER_AGENT;
        uint32_t *watches = NULL;
        if (!(watcher & WATCHER_AGENT))
            watches = list(owner, watcher);
        else if (agent < statistics->agents->count)
            watches = &asked_agent_of(statistics, agent)->watches;
        if (!watches) return false;
        statistics->watches[at].next_of_watcher = *watches;
        *watches = at;
    }
    return true;
}
