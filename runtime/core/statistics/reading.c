/* runtime/core/statistics/reading.c - Reads figures, and values from other tables of the core.
 *
 * Some measures are counted here (counts, times, levels), others are read from their own tables: waiting and
 * expected wait from the queues, idle time and load from the agents. `changes_us` is the time at which the value
 * changes by time alone; UINT64_MAX: only when something happens. */
#include "runtime/core/statistics/statistic.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/definition.h"
#include "runtime/core/statistics/figure.h"
#include "runtime/core/statistics/level.h"
#include "vm/image.h"

/* How many interactions wait in a queue or virtual queue. */
struct waiting {
    uint32_t count;
    uint64_t expected_us; /* how long a new interaction would wait; UINT64_MAX: unknown */
    uint64_t oldest_us;   /* when the wait of the oldest one began; UINT64_MAX: nobody waits */
};

/* Reads the waiting interactions. `oldest`: the oldest age is needed; queues keep ages from then on. In an unknown
 * queue nobody waits. */
static struct waiting waiting_in(const struct statistics *statistics, const struct definition *definition,
                                 uint32_t name, bool oldest)
{
    struct waiting waiting = {0, UINT64_MAX, UINT64_MAX};
    const struct acd_queues *acd_queues = &statistics->acd_queues;
    const struct acd_queue *queue = definition->of == MEASURED_QUEUE ? acd_queue(acd_queues, name) : NULL;
    if (queue)
        return (struct waiting){queue->count, pace_expected_us(&queue->pace, queue->count + 1),
                                acd_oldest_us(acd_queues, queue)};
    uint32_t vq = definition->of == MEASURED_VQ ? vq_find(statistics->vqs, name) : VQS_MAX;
    if (vq == VQS_MAX) return waiting;
    waiting.count = (uint32_t)statistics->vqs->all[vq].waiting;
    waiting.expected_us = vq_expected_us(statistics->vqs, vq, waiting.count + 1);
    if (oldest) waiting.oldest_us = vq_oldest_us(statistics->vqs, vq);
    return waiting;
}

static int64_t asked_of_queue(const struct statistics *statistics, const struct definition *definition, uint32_t name,
                              uint64_t *changes_us)
{
    bool oldest = definition->measure == MEASURE_ID_longest_wait;
    struct waiting waiting = waiting_in(statistics, definition, name, oldest);
    if (definition->measure == MEASURE_ID_waiting) return waiting.count;
    if (!oldest) return waiting.expected_us == UINT64_MAX ? 0 : (int64_t)waiting.expected_us;
    if (waiting.count != 0) *changes_us = statistics->now->time_us + WINDOW_STEP_US;
    return waiting.oldest_us < statistics->now->time_us ? (int64_t)(statistics->now->time_us - waiting.oldest_us) : 0;
}

static int64_t idle_us(const struct statistics *statistics, uint32_t agent, uint64_t *changes_us)
{
    const struct agent *who = agent_at(statistics->agents, agent);
    if (who->idle_rank == 0 || who->claimed != 0) return 0;
    *changes_us = statistics->now->time_us + WINDOW_STEP_US;
    return (int64_t)(statistics->now->time_us - who->idle_us);
}

/* Finds the object that a word means: an agent's slot, or a name. False: there is none. Words of agents are slots +
 * 1; other words are numbers in the program's list of names. */
static bool definition_object(const struct statistics *statistics, uint16_t program,
                              const struct definition *definition, uint64_t word, uint32_t *object)
{
    if (definition->of == MEASURED_AGENT) {
        *object = (uint32_t)(word - 1);
        return word > 0 && word <= statistics->agents->count;
    }
    const struct site_program *names = &statistics->strategies->programs[program];
    if (word >= image_count(names->image, SECTION_NAMES)) return false;
    *object = names->names[word];
    if (definition->of == MEASURED_QUEUE) *object = core_directory_queue_dn(statistics->directory, *object);
    return true;
}

/* Returns the value that a test has set for the statistic of the object, or whether it has set one. */
static int64_t given_read(const struct statistics *statistics, uint16_t program, const struct definition *definition,
                          uint64_t word)
{
    int64_t value = 0;
    uint32_t object = definition->of == MEASURED_AGENT ? agent_at(statistics->agents, (uint32_t)(word - 1))->name
                                                       : statistics->strategies->programs[program].names[word];
    enum given_how how =
        setting_given(statistics->directory, (uint32_t)definition->within_us, definition->of, object, &value);
    return definition->measure == MEASURE_GIVEN ? (int64_t)how : value;
}

/* True: the figure is a present level, which is read from the counts. */
static bool is_level(const struct definition *definition)
{
    return definition->measure == MEASURE_ID_running || definition_level(definition->measure) >= 0;
}

/* Reads the value of a definition for the object `of`, which the program calls `object`. `figure` NULL: nothing has
 * happened to it. */
static int64_t reading_value(struct statistics *statistics, uint16_t program, struct definition *definition,
                             struct figure *figure, uint32_t of, uint64_t object, uint64_t *changes_us)
{
    if (definition->measure >= MEASURE_GIVEN) return given_read(statistics, program, definition, object);
    if (definition_serves(definition))
        return serving_count(&statistics->servings, of, definition->medium,
                             (unsigned)definition_level(definition->measure));
    switch (definition->measure) {
#define LEVEL(measure, objects, level) case MEASURE_ID_##measure:
#include "runtime/core/statistics/statistics.def"
        return figure->window.level;
    case MEASURE_ID_running:
        return figure->window.level;
    case MEASURE_ID_waiting:
    case MEASURE_ID_longest_wait:
    case MEASURE_ID_ewt:
        return asked_of_queue(statistics, definition, of, changes_us);
    case MEASURE_ID_idle_time:
        return idle_us(statistics, of, changes_us);
    case MEASURE_ID_load:
        return agent_load_share(statistics->agents, of);
    default:
        break;
    }
    if (!figure) return 0;
    struct window_rule rule = definition_rule(statistics, definition, of);
    int64_t total = window_total(&figure->window, &rule, statistics->now->time_us);
    *changes_us = window_changes_us(&figure->window, &rule, statistics->now->time_us);
    return total;
}

/* Reads a value. A figure that is watched must exist, so that it can store its watchers. */
int64_t statistic_read(struct statistics *statistics, uint16_t program, uint32_t row, uint64_t object,
                       uint64_t *changes_us)
{
    uint32_t of, slot;
    *changes_us = UINT64_MAX;
    feed_catch_up(statistics);
    assert(program < statistics->programs);
    uint32_t number = statistics->of_program[program][row];
    struct definition *definition = &statistics->definitions[number];
    if (!definition_object(statistics, program, definition, object, &of)) return 0;
    bool known = figure_find(statistics, number, of, &slot);
    if (statistics->watcher != WATCHER_NONE || (!known && !definition_serves(definition) && is_level(definition))) {
        figure_of(statistics, number, of, 0);
        known = figure_find(statistics, number, of, &slot);
    }
    struct figure *figure = known ? &statistics->figures[slot] : NULL;
    if (statistics->watcher != WATCHER_NONE) watch_figure(statistics, figure);
    return reading_value(statistics, program, definition, figure, of, object, changes_us);
}

int64_t statistic_look(struct statistics *statistics, uint16_t program, uint32_t row, uint64_t object)
{
    uint32_t of, slot;
    uint64_t ignored;
    feed_catch_up(statistics);
    assert(program < statistics->programs);
    uint32_t number = statistics->of_program[program][row];
    struct definition *definition = &statistics->definitions[number];
    if (!definition_object(statistics, program, definition, object, &of)) return 0;
    bool known = figure_find(statistics, number, of, &slot);
    struct figure copy = {.key = 0}; /* reading moves a window on, so a copy of the figure is read */
    if (known) copy = statistics->figures[slot];
    if (copy.window.parts) {
        copy.window.parts = memory_zeroed(WINDOW_PARTS, sizeof *copy.window.parts);
        memcpy(copy.window.parts, statistics->figures[slot].window.parts, WINDOW_PARTS * sizeof *copy.window.parts);
    }
    if (!known && is_level(definition)) copy.window.level = levels_add_up(statistics, definition, of);
    bool there = known || is_level(definition);
    int64_t value = reading_value(statistics, program, definition, there ? &copy : NULL, of, object, &ignored);
    window_free(&copy.window);
    return value;
}
