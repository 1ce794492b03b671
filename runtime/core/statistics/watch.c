/* runtime/core/statistics/watch.c - Keeps the watches of figures, and tells watchers of changes.
 *
 *     figure --watches--> watch <--> watch           a watch is in two lists: those of its figure,
 *                           |                        in both directions, and those of its watcher
 *     watcher --list------> watch -> watch
 *
 * A watcher reads everything again: its watches are dropped and made anew while it reads. So a condition that now
 * reads other figures has no old watches. */
#include "runtime/core/statistics/figure.h"

#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/people/agent.h"

/* Notes that the watcher reads the figure; a figure that is read twice is watched once. */
void watch_figure(struct statistics *statistics, struct figure *figure)
{
    uint32_t number = (uint32_t)(figure - statistics->figures), slot = statistics->free_watch;
    for (uint32_t at = *statistics->watcher_list; at != WATCHER_NONE; at = statistics->watches[at].next_of_watcher)
        if (statistics->watches[at].figure == number) return;
    if (slot != WATCHER_NONE) {
        statistics->free_watch = statistics->watches[slot].next_of_watcher;
    } else {
        slot = statistics->watch_count++;
        statistics->watches = memory_grow(statistics->watches, &statistics->watch_capacity, statistics->watch_count,
                                          sizeof *statistics->watches);
    }
    statistics->watches[slot] =
        (struct watch){number, statistics->watcher, WATCHER_NONE, figure->watches, *statistics->watcher_list};
    if (figure->watches != WATCHER_NONE) statistics->watches[figure->watches].previous_of_figure = slot;
    figure->watches = *statistics->watcher_list = slot;
}

void statistic_watch(struct statistics *statistics, uint32_t watcher, uint32_t *list)
{
    assert(statistics->watcher == WATCHER_NONE && watcher != WATCHER_NONE);
    statistic_unwatch(statistics, list);
    statistics->watcher = watcher;
    statistics->watcher_list = list;
}

void statistic_watched(struct statistics *statistics)
{
    statistics->watcher = WATCHER_NONE;
    statistics->watcher_list = NULL;
}

void statistic_unwatch(struct statistics *statistics, uint32_t *list)
{
    while (*list != WATCHER_NONE) {
        uint32_t slot = *list;
        struct watch *watch = &statistics->watches[slot];
        uint32_t before = watch->previous_of_figure, after = watch->next_of_figure;
        *(before == WATCHER_NONE ? &statistics->figures[watch->figure].watches
                                 : &statistics->watches[before].next_of_figure) = after;
        if (after != WATCHER_NONE) statistics->watches[after].previous_of_figure = before;
        *list = watch->next_of_watcher;
        *watch = (struct watch){.next_of_watcher = statistics->free_watch};
        statistics->free_watch = slot;
    }
}

/* Notes that a watcher reads a latch; the figure of the latch is made at the first such reading. */
void statistic_latch_read(struct statistics *statistics, uint32_t latch)
{
    uint32_t slot;
    if (statistics->watcher == WATCHER_NONE) return;
    if (!figure_find(statistics, DEFINITION_LATCH, latch, &slot)) {
        slot = statistics->figure_count++;
        statistics->figures = memory_grow(statistics->figures, &statistics->figure_capacity, statistics->figure_count,
                                          sizeof *statistics->figures);
        statistics->figures[slot] =
            (struct figure){.key = (uint64_t)DEFINITION_LATCH << 32 | latch, .watches = WATCHER_NONE};
        lookup_add(&statistics->by_key, slot);
    }
    watch_figure(statistics, &statistics->figures[slot]);
}

void statistic_latch_turned(struct statistics *statistics, uint32_t latch)
{
    uint32_t slot;
    if (figure_find(statistics, DEFINITION_LATCH, latch, &slot)) figure_changed(statistics, &statistics->figures[slot]);
}

/* Tells the watchers. A watcher that is told may end a watch, so the next one is read before. */
void statistic_wake(struct statistics *statistics, struct core *owner, void (*wake)(struct core *, uint32_t watcher))
{
    feed_catch_up(statistics);
    for (uint32_t at = 0; at < statistics->told_count; at++) {
        struct figure *figure = &statistics->figures[statistics->told[at]];
        figure->told = false;
        for (uint32_t slot = figure->watches, next; slot != WATCHER_NONE; slot = next) {
            uint32_t watcher = statistics->watches[slot].watcher;
            next = statistics->watches[slot].next_of_figure;
            if (watcher & WATCHER_AGENT)
                watch_look_again(statistics, watcher & ~WATCHER_AGENT);
            else
                wake(owner, watcher);
        }
    }
    statistics->told_count = 0;
}

void watch_look_again(struct statistics *statistics, uint32_t agent)
{
    struct asked_agent *asked = &statistics->asked[agent];
    statistic_unwatch(statistics, &asked->watches);
    if (agent_at(statistics->agents, agent)->listed) agent_dirty(statistics->agents, agent);
}
