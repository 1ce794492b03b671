/* runtime/core/statistics/asked.c - Figures that selections read about candidates: when they change, and the timer
 * for changes by time alone.
 *
 *     a condition asks for a figure of agent 7   --> watch: figure -> agent 7
 *     the figure changes by a fact               --> agent 7 is looked at again
 *     it changes by time alone (a window, idle)  --> agent 7 is awaited, one timer for all
 *
 * Only agents in the ready list are watched: selection looks at others when they become ready. */
#include "runtime/core/statistics/figure.h"

#include <assert.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/people/agent.h"

/* Returns the agent's row. Borrowed until the function is called for another agent. */
struct asked_agent *asked_agent_of(struct statistics *statistics, uint32_t agent)
{
    statistics->asked =
        memory_grow(statistics->asked, &statistics->asked_capacity, agent + 1, sizeof *statistics->asked);
    for (; statistics->asked_count <= agent; statistics->asked_count++)
        statistics->asked[statistics->asked_count] =
            (struct asked_agent){.watches = WATCHER_NONE, .again_us = UINT64_MAX};
    return &statistics->asked[agent];
}

static void asked_set_timer(struct statistics *statistics, uint64_t due_us)
{
    if (statistics->timer != 0 && statistics->timer_us <= due_us) return;
    timer_cancel(statistics->timers, &statistics->timer);
    statistics->timer_us = due_us;
    timer_set(statistics->timers, &(struct timer){.deadline_us = due_us, .kind = TIMER_CANDIDATE});
}

/* A figure about the agent will change by time alone: selection looks at the agent again at the next full second
 * after that. Because of the rounding, many agents are looked at together. */
static void asked_await(struct statistics *statistics, uint32_t agent, uint64_t changes_us)
{
    struct asked_agent *asked = &statistics->asked[agent];
    if (changes_us > UINT64_MAX - WINDOW_STEP_US) return;
    changes_us = (changes_us + WINDOW_STEP_US - 1) / WINDOW_STEP_US * WINDOW_STEP_US;
    if (asked->again_us == UINT64_MAX) {
        statistics->awaited = memory_grow(statistics->awaited, &statistics->awaited_capacity,
                                          statistics->awaited_count + 1, sizeof *statistics->awaited);
        statistics->awaited[statistics->awaited_count++] = agent;
    }
    if (changes_us < asked->again_us) asked->again_us = changes_us;
    asked_set_timer(statistics, asked->again_us);
}

/* Returns a figure; while `watcher` is set, each figure that is read is watched for that watcher. */
int64_t asked_figure(void *self, uint16_t program, uint32_t row, uint64_t object, bool watched)
{
    struct statistics *statistics = self;
    uint32_t agent = (uint32_t)(object - 1); /* where it is watched */
    uint64_t changes_us;
    watched = watched && !statistics->looks_only && agent_at(statistics->agents, agent)->listed;
    assert(statistics->watcher == WATCHER_NONE);
    if (watched) {
        statistics->watcher_list = &asked_agent_of(statistics, agent)->watches;
        statistics->watcher = WATCHER_AGENT | agent;
    }
    int64_t figure = statistic_read(statistics, program, row, object, &changes_us);
    if (watched) {
        statistic_watched(statistics);
        asked_await(statistics, agent, changes_us);
    }
    return figure;
}

/* The timer has fired: selection looks at the agents that are due; the remaining ones are moved together in the
 * list. */
static void asked_timer_fired(void *self, const struct timer *timer)
{
    struct statistics *statistics = self;
    uint64_t first_us = UINT64_MAX;
    uint32_t count = 0;
    (void)timer;
    for (uint32_t at = 0; at < statistics->awaited_count; at++) {
        uint32_t agent = statistics->awaited[at];
        struct asked_agent *asked = &statistics->asked[agent];
        if (asked->again_us <= statistics->now->time_us) {
            asked->again_us = UINT64_MAX;
            watch_look_again(statistics, agent);
            continue;
        }
        statistics->awaited[count++] = agent;
        if (asked->again_us < first_us) first_us = asked->again_us;
    }
    statistics->awaited_count = count;
    if (first_us != UINT64_MAX) asked_set_timer(statistics, first_us);
}

static uint32_t *asked_timer_handle(void *self, const struct timer *timer)
{
    struct statistics *statistics = self;
    (void)timer;
    return &statistics->timer;
}

static uint64_t asked_timer_number(const void *self, const struct timer *timer)
{
    (void)self, (void)timer;
    return 0;
}

bool statistic_awaits(const struct statistics *statistics, uint32_t agent)
{
    return agent < statistics->asked_count && statistics->asked[agent].again_us != UINT64_MAX;
}

/* True: some watcher still waits for a figure of the agent. The agent's own watches are dropped first: selection need
 * not look at an agent who is about to be removed. */
static bool is_watched(struct statistics *statistics, uint32_t agent)
{
    if (agent < statistics->asked_count) statistic_unwatch(statistics, &statistics->asked[agent].watches);
    for (uint32_t of = 0, at; of < statistics->definition_count; of++)
        if (statistics->definitions[of].of == MEASURED_AGENT && figure_find(statistics, of, agent, &at) &&
            (statistics->figures[at].watches != WATCHER_NONE || statistics->figures[at].told))
            return true;
    return false;
}

/* Removes the agent's figures. False: a watcher still waits for one of the figures, so the slot cannot be used
 * again. */
bool statistic_agent_goes(struct statistics *statistics, uint32_t agent)
{
    if (statistic_awaits(statistics, agent) || is_watched(statistics, agent)) return false;
    for (uint32_t of = 0, at; of < statistics->definition_count; of++) {
        if (statistics->definitions[of].of != MEASURED_AGENT || !figure_find(statistics, of, agent, &at)) continue;
        window_free(&statistics->figures[at].window);
        statistics->figures[at].window = (struct window){.since_us = statistics->definitions[of].since_us};
    }
    if (agent < statistics->agent_capacity) statistics->counted[agent] = (struct counted){0};
    return true;
}

/* While `only` is set, no reading is watched, so that it does not make selection look again. */
void statistic_look_only(struct statistics *statistics, bool only)
{
    statistics->looks_only = only;
}

const struct timer_ops timer_ops_candidate = {
    .handle = asked_timer_handle, .number = asked_timer_number, .fired = asked_timer_fired};
