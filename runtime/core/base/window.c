/* runtime/core/base/window.c - Totals over a span of time, kept as a ring of sixtieths of the span, and totals since
 * a moment.
 *
 *     span 60 min:  [m0][m1] ... [m60]   a part per minute, one more than the span has: the newest
 *                                        has only begun; total = sum of the parts
 *
 * A window sums amounts, or a level over time: a level of 3 for 10 s adds 30 s. The level is added only when
 * somebody asks for the total or changes the level (window_follow), for the time since the last addition. */
#include "runtime/core/base/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/memory.h"

static uint64_t part_us(const struct window_rule *rule)
{
    return rule->span_us / (WINDOW_PARTS - 1);
}

void window_free(struct window *window)
{
    free(window->parts);
}

/* Moves the ring on so that it ends with that sixtieth; sixtieths that are too old are taken from the total. */
static void ring_to(struct window *window, uint64_t part)
{
    assert(part >= window->part);
    if (!window->parts || part == window->part) {
        window->part = part;
        return;
    }
    if (part - window->part >= WINDOW_PARTS) {
        memset(window->parts, 0, WINDOW_PARTS * sizeof *window->parts);
        window->total = 0;
        window->part = part;
    }
    while (window->part < part) {
        int64_t *oldest = &window->parts[++window->part % WINDOW_PARTS];
        window->total -= *oldest;
        *oldest = 0;
    }
}

static void ring_put(struct window *window, uint64_t part, int64_t amount)
{
    if (amount == 0) return;
    if (!window->parts) window->parts = memory_zeroed(WINDOW_PARTS, sizeof *window->parts);
    ring_to(window, part);
    window->parts[part % WINDOW_PARTS] += amount;
    window->total += amount;
}

/* Adds the level for the time since the last addition, divided among the sixtieths that it covers. Time that is
 * older than the ring is skipped. */
static void follow_span(struct window *window, const struct window_rule *rule, uint64_t now_us)
{
    uint64_t width = part_us(rule), newest = now_us / width;
    uint64_t oldest_us = newest < WINDOW_PARTS ? 0 : (newest - (WINDOW_PARTS - 1)) * width;
    uint64_t at_us = window->since_us > oldest_us ? window->since_us : oldest_us;
    while (window->level != 0 && at_us < now_us) {
        uint64_t part = at_us / width, end_us = (part + 1) * width;
        if (end_us > now_us) end_us = now_us;
        ring_put(window, part, window->level * (int64_t)(end_us - at_us));
        at_us = end_us;
    }
    ring_to(window, newest);
}

/* If the window's moment is another one than before, another window begins and its total starts again at 0. */
static void follow_moment(struct window *window, const struct window_rule *rule, uint64_t now_us)
{
    if (window->moment_us != rule->moment_us) {
        window->moment_us = rule->moment_us;
        window->total = 0;
    }
    uint64_t from_us = window->since_us > rule->begins_us ? window->since_us : rule->begins_us;
    if (from_us < now_us) window->total += window->level * (int64_t)(now_us - from_us);
}

/* Adds the level to the total up to now. */
static void window_follow(struct window *window, const struct window_rule *rule, uint64_t now_us)
{
    assert(now_us >= window->since_us);
    if (rule->span_us != 0)
        follow_span(window, rule, now_us);
    else
        follow_moment(window, rule, now_us);
    window->since_us = now_us;
}

void window_add(struct window *window, const struct window_rule *rule, uint64_t now_us, int64_t amount)
{
    window_follow(window, rule, now_us);
    if (rule->span_us != 0)
        ring_put(window, now_us / part_us(rule), amount);
    else
        window->total += amount;
}

void window_level(struct window *window, const struct window_rule *rule, uint64_t now_us, int64_t change)
{
    window_follow(window, rule, now_us);
    window->level += change;
    assert(window->level >= 0);
}

int64_t window_total(struct window *window, const struct window_rule *rule, uint64_t now_us)
{
    window_follow(window, rule, now_us);
    return window->total;
}

/* Returns the total without changing the window; only for windows without a level. */
int64_t window_look(const struct window *window, const struct window_rule *rule, uint64_t now_us)
{
    assert(rule->span_us != 0 && window->level == 0);
    /* how many sixtieths have left the window since it was last moved */
    uint64_t gone = now_us / part_us(rule) - window->part;
    int64_t total = 0;
    for (uint64_t age = 0; window->parts && age + gone < WINDOW_PARTS && age <= window->part; age++)
        total += window->parts[(window->part - age) % WINDOW_PARTS];
    return total;
}

/* Returns the next time at which the oldest sixtieth that is not 0 leaves the ring. */
uint64_t window_changes_us(const struct window *window, const struct window_rule *rule, uint64_t now_us)
{
    if (window->level != 0) return now_us + WINDOW_STEP_US;
    if (rule->span_us == 0) return window->total != 0 ? rule->ends_us : UINT64_MAX;
    for (uint64_t age = WINDOW_PARTS; window->total != 0 && age-- > 0;) {
        if (age > window->part || window->parts[(window->part - age) % WINDOW_PARTS] == 0) continue;
        return (window->part - age + WINDOW_PARTS) * part_us(rule);
    }
    return UINT64_MAX;
}

/* True: the window is possible: its newest sixtieth is not later than the time up to which it was counted, and its
 * level is not negative. */
static bool window_holds(const struct window *window, uint64_t span_us, uint64_t now_us)
{
    const struct window_rule rule = {.span_us = span_us};
    bool in_time = span_us == 0 ? !window->parts : window->part <= window->since_us / part_us(&rule);
    return in_time && window->since_us <= now_us && window->level >= 0 && window->level <= UINT32_MAX;
}

void window_keep(struct window *window, struct keeper *keeper, uint64_t span_us, uint64_t now_us)
{
    window->total = keep_i64(keeper, window->total);
    window->level = keep_i64(keeper, window->level);
    window->since_us = keep_u64(keeper, window->since_us);
    window->moment_us = keep_i64(keeper, window->moment_us);
    window->part = keep_u64(keeper, window->part);
    bool ring = keep_bool(keeper, window->parts != NULL);
    if (ring && !window->parts) window->parts = memory_zeroed(WINDOW_PARTS, sizeof *window->parts);
    for (unsigned at = 0; ring && at < WINDOW_PARTS; at++) window->parts[at] = keep_i64(keeper, window->parts[at]);
    if (keep_reading(keeper) && !window_holds(window, span_us, now_us))
        keep_fail(keeper, "a window was counted in the future");
}
