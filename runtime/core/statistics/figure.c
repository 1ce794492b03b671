/* runtime/core/statistics/figure.c - Finds and makes the values of statistics (figures), and adds to them.
 *
 * A figure is one definition applied to one object, such as "handled in the last hour, group sales". A figure is made
 * when something is counted for it or it is read, so the number of figures depends on use. The digest contains each
 * addition, in its order. */
#include "runtime/core/statistics/figure.h"

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/statistics/definition.h"
#include "runtime/core/statistics/level.h"

uint64_t figure_key(const void *owner, uint32_t slot)
{
    const struct statistics *statistics = owner;
    return statistics->figures[slot].key;
}

bool figure_find(const struct statistics *statistics, uint32_t definition, uint32_t object, uint32_t *figure)
{
    return lookup_find(&statistics->by_key, (uint64_t)definition << 32 | object, figure);
}

/* Finds or makes a figure. A new figure of a level begins with the present count, less `changed`, which the caller
 * is about to add. */
struct figure *figure_of(struct statistics *statistics, uint32_t definition, uint32_t object, int64_t changed)
{
    const struct definition *of = &statistics->definitions[definition];
    uint32_t slot;
    if (figure_find(statistics, definition, object, &slot)) return &statistics->figures[slot];
    slot = statistics->figure_count++;
    statistics->figures = memory_grow(statistics->figures, &statistics->figure_capacity, statistics->figure_count,
                                      sizeof *statistics->figures);
    statistics->figures[slot] = (struct figure){
        .key = (uint64_t)definition << 32 | object,
        .window = {.since_us = of->since_us, .level = levels_add_up(statistics, of, object) - changed},
        .watches = WATCHER_NONE,
    };
    lookup_add(&statistics->by_key, slot);
    return &statistics->figures[slot];
}

/* Notes that the figure has changed, once until the watchers are told. */
void figure_changed(struct statistics *statistics, struct figure *figure)
{
    if (figure->watches == WATCHER_NONE || figure->told) return;
    figure->told = true;
    statistics->told =
        memory_grow(statistics->told, &statistics->told_capacity, statistics->told_count + 1, sizeof *statistics->told);
    statistics->told[statistics->told_count++] = (uint32_t)(figure - statistics->figures);
}

static void figure_note(struct statistics *statistics, const struct figure *figure, int64_t amount)
{
    statistics->content = table_mix64(table_mix64(table_mix64(statistics->content + figure->key) + (uint64_t)amount) +
                                      statistics->now->time_us);
}

void figure_add(struct statistics *statistics, uint32_t number, uint32_t object, int64_t amount)
{
    struct window_rule rule = definition_rule(statistics, &statistics->definitions[number], object);
    struct figure *figure = figure_of(statistics, number, object, 0);
    window_add(&figure->window, &rule, statistics->now->time_us, amount);
    figure_note(statistics, figure, amount);
    figure_changed(statistics, figure);
}

void figure_level(struct statistics *statistics, uint32_t number, uint32_t object, int64_t change)
{
    struct window_rule rule = definition_rule(statistics, &statistics->definitions[number], object);
    struct figure *figure = figure_of(statistics, number, object, change);
    window_level(&figure->window, &rule, statistics->now->time_us, change);
    figure_note(statistics, figure, change);
    figure_changed(statistics, figure);
}

void figures_elsewhere_changed(struct statistics *statistics, const struct fed *fed, uint32_t object)
{
    for (uint32_t at = 0; at < fed->count; at++) {
        uint32_t slot;
        if (figure_find(statistics, fed->definitions[at], object, &slot))
            figure_changed(statistics, &statistics->figures[slot]);
    }
}
