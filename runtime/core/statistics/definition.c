/* runtime/core/statistics/definition.c - Learns definitions from images, and finds out which facts and states change
 * them.
 *
 *     image's row (measure, object, window, medium) --> definition, shared by equal rows
 *     definition --> by_fact[], by_level[], by_queue ...: what has to change when a fact is told
 *
 * A core whose programs read no statistics has no definitions, and then a fact costs one comparison. Definitions are
 * numbered as they are learnt, so the same programs in the same order give the same numbers after a restore. */
#include "runtime/core/statistics/definition.h"
#include "runtime/core/statistics/subjects.h"

#include <string.h>

#include "runtime/core/base/facts.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/level.h"
#include "vm/clock.h"
#include "vm/image.h"

#define DAY_US    INT64_C(86400000000)
#define SECOND_US INT64_C(1000000)

static void definition_feed(struct fed *fed, uint32_t definition)
{
    fed->definitions = memory_grow(fed->definitions, &fed->capacity, fed->count + 1, sizeof *fed->definitions);
    fed->definitions[fed->count++] = definition;
}

static void feeds_level(struct statistics *statistics, unsigned level, uint32_t definition)
{
    levels_count(statistics);
    statistics->media_asked = media_set_with(statistics->media_asked, statistics->definitions[definition].medium, true);
    definition_feed(&statistics->by_level[level], definition);
}

/* Enters the definition into lists: the tables' lines, expanded here, say which fact or level changes a measure. */
static void begin_feeding(struct statistics *statistics, uint32_t number)
{
    const struct definition *definition = &statistics->definitions[number];
    switch (definition->measure) {
#define LASTED(measure, objects, level)                                                                                \
    case MEASURE_ID_##measure:                                                                                         \
        if (definition->of & (objects)) feeds_level(statistics, LEVEL_##level, number);                                \
        break;
#define LEVEL(measure, objects, level) LASTED(measure, objects, level)
#include "runtime/core/statistics/statistics.def"
    case MEASURE_ID_idle_time:
    case MEASURE_ID_load:
        levels_count(statistics);
        definition_feed(&statistics->by_agent, number);
        break;
    case MEASURE_ID_waiting:
    case MEASURE_ID_longest_wait:
    case MEASURE_ID_ewt:
        definition_feed(&statistics->by_queue, number);
        break;
    case MEASURE_ID_running:
        definition_feed(&statistics->by_strategy, number);
        break;
    default:
        break;
    }
    if (definition->measure >= MEASURE_GIVEN) definition_feed(&statistics->by_given, number);
    if (definition->window_us == MEASURE_SINCE_LOGIN) {
        levels_count(statistics);
        definition_feed(&statistics->by_login, number);
    }
    if (definition_serves(definition)) {
        levels_count(statistics);
        definition_feed(&statistics->by_serving, number);
        statistics->servings.wanted = true;
    }
    if (definition->of == MEASURED_QUEUE) statistics->queues_asked = true;
#define PASSED(measure_name, fact)                                                                                     \
    if (definition->measure == MEASURE_ID_##measure_name && definition->of == MEASURED_STRATEGY)                       \
        definition_feed(&statistics->by_fact[FACT_##fact], number);
#define CALLED(measure_name, fact, amount)                                                                             \
    if (definition->measure == MEASURE_ID_##measure_name && definition->of == MEASURED_CAMPAIGN)                       \
        definition_feed(&statistics->by_fact[FACT_##fact], number);
#define ACD(measure_name, way, amount)                                                                                 \
    if (definition->measure == MEASURE_ID_##measure_name && definition->of == MEASURED_QUEUE)                          \
        definition_feed(&statistics->by_way[ACD_##way], number);
#define COUNTED(measure_name, objects, fact, amount)                                                                   \
    if (definition->measure == MEASURE_ID_##measure_name && definition->of & (objects))                                \
        definition_feed(&statistics->by_fact[FACT_##fact], number);
#include "runtime/core/statistics/statistics.def"
}

/* True: the two zones have equal tables, including the name, so their clocks are the same. */
static bool same_zone(const uint32_t *a, const uint32_t *b)
{
    if (!a || !b) return a == b;
    size_t words = 4 + 3 * (size_t)a[2];
    return a[2] == b[2] && a[3] == b[3] && memcmp(a + 2, b + 2, (words - 2) * sizeof *a + a[3]) == 0;
}

/* Finds or makes a definition. Names are those of the core and not of the program, so two programs may share it. */
static uint32_t definition_of(struct statistics *statistics, const struct site_program *program,
                              const struct image_measure *row)
{
    const uint32_t *zone = row->zone == IMAGE_NONE ? NULL : clock_zone(program->image, row->zone);
    int64_t within_us = row->measure >= MEASURE_GIVEN ? program->names[row->within_us] : row->within_us;
    for (uint32_t at = 0; at < statistics->definition_count; at++) {
        const struct definition *known = &statistics->definitions[at];
        if (known->measure == row->measure && known->of == row->of && known->window_us == row->window_us &&
            known->within_us == within_us && known->medium == row->medium && same_zone(known->zone, zone))
            return at;
    }
    uint32_t number = statistics->definition_count++;
    statistics->definitions = memory_grow(statistics->definitions, &statistics->definition_capacity,
                                          statistics->definition_count, sizeof *statistics->definitions);
    statistics->definitions[number] = (struct definition){.window_us = row->window_us,
                                                          .within_us = within_us,
                                                          .zone = zone,
                                                          .since_us = statistics->now->time_us,
                                                          .measure = row->measure,
                                                          .of = row->of,
                                                          .medium = row->medium};
    begin_feeding(statistics, number);
    return number;
}

/* Learns definitions of new programs; programs are only added, so known ones are not read again. */
static void definition_learn(struct statistics *statistics, uint32_t programs)
{
    while (statistics->programs < programs) {
        const struct site_program *program = &statistics->strategies->programs[statistics->programs];
        const struct image *image = program->image;
        uint32_t rows = image_count(image, SECTION_MEASURES);
        uint32_t *definitions = memory_zeroed(rows + 1, sizeof *definitions);
        for (uint32_t at = 0; at < rows; at++)
            definitions[at] = definition_of(statistics, program, image_measure(image, at));
        statistics->of_program = memory_grow(statistics->of_program, &statistics->program_capacity,
                                             statistics->programs + 1, sizeof *statistics->of_program);
        statistics->of_program[statistics->programs++] = definitions;
    }
}

void definitions_learn(struct statistics *statistics)
{
    definition_learn(statistics, statistics->strategies->program_count);
}

void definitions_restore(struct statistics *statistics, uint32_t programs)
{
    /* Whether agents and queues are already counted is read from the snapshot afterwards. */
    statistics->agents->watched = true;
    statistics->holds = true;
    definition_learn(statistics, programs);
}

/* Returns the moment at which the zone's clocks show `shown_us`. */
static int64_t instant_us(const uint32_t *zone, int64_t shown_us)
{
    return shown_us - SECOND_US * clock_zone_offset_shown(zone, floor_to(shown_us, SECOND_US) / SECOND_US);
}

/* Finds when a window since a time of day begins: today, or yesterday if the time is still to come today. A window
 * "since 08:00" is stored in `window_us` as -(08:00 + 1), so that midnight is negative, too. The begin and the end of
 * the window are computed by the clocks that people see: a day on which the clocks change has 23 or 25 hours. */
static void find_moment(struct definition *definition, int64_t wall_us)
{
    if (definition->begins_wall_us <= wall_us && wall_us < definition->ends_wall_us) return;
    int64_t clock_us = -(definition->window_us + 1);
    int64_t shown_us =
        wall_us + SECOND_US * clock_zone_offset(definition->zone, floor_to(wall_us, SECOND_US) / SECOND_US);
    int64_t begins_us = floor_to(shown_us - clock_us, DAY_US) + clock_us;
    definition->begins_wall_us = instant_us(definition->zone, begins_us);
    definition->ends_wall_us = instant_us(definition->zone, begins_us + DAY_US);
}

static uint64_t logical_us(const struct statistics *statistics, int64_t wall_us)
{
    return wall_us > statistics->now->wall_offset_us ? (uint64_t)(wall_us - statistics->now->wall_offset_us) : 0;
}

/* Returns the window since the agent's login. Each login is a different moment, even if two begin in the same
 * microsecond. */
static struct window_rule since_login(const struct agent *agent)
{
    return (struct window_rule){.moment_us = agent->logins,
                                .begins_us = agent->logins != 0 ? agent->login_us : UINT64_MAX,
                                .ends_us = UINT64_MAX};
}

struct window_rule definition_rule(const struct statistics *statistics, struct definition *definition, uint32_t object)
{
    if (definition->window_us == MEASURE_SINCE_LOGIN) return since_login(agent_at(statistics->agents, object));
    if (definition->window_us > 0) return (struct window_rule){.span_us = (uint64_t)definition->window_us};
    if (!definition->zone) /* without a window only the present level is asked for */
        return (struct window_rule){.begins_us = UINT64_MAX, .ends_us = UINT64_MAX};
    find_moment(definition, now_wall_us(statistics->now));
    return (struct window_rule){.moment_us = definition->begins_wall_us,
                                .begins_us = logical_us(statistics, definition->begins_wall_us),
                                .ends_us = logical_us(statistics, definition->ends_wall_us)};
}
