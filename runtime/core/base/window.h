/* runtime/core/base/window.h - Totals of counts, or of the time that a state lasted, over a window of time.
 *
 * A window over a span is counted in sixtieths of the span, aligned to logical time 0: it holds the present sixtieth
 * and the sixty before it. So an entry counts for the span, and up to a sixtieth longer. A window since a moment
 * starts again at 0 when that moment changes. A level is the number of things that are in a state; in each
 * microsecond the total grows by the level. */
#pragma once

#include <stdint.h>

struct keeper;

enum { WINDOW_PARTS = 61, WINDOW_STEP_US = 1000000 };

struct window_rule {
    uint64_t span_us;   /* length of the span in microseconds; 0: the window is since a moment */
    int64_t moment_us;  /* wall time of the moment, which stays the same when the wall clock is set */
    uint64_t begins_us; /* logical time of that moment; UINT64_MAX: never */
    uint64_t ends_us;   /* logical time at which the next moment replaces this one */
};

struct window {
    int64_t total, level;
    uint64_t since_us; /* logical time up to which the level has been added to the total */
    int64_t moment_us; /* window since a moment: the moment since which the total counts */
    uint64_t part;     /* window over a span: number of the newest sixtieth, from time 0 */
    int64_t *parts;    /* window over a span: owned ring with the totals of the sixtieths; NULL: nothing was counted */
};

void window_free(struct window *);
/* window_add adds `amount` to the total once; window_level changes the level by `change` from now on. Times never go
 * back. */
void window_add(struct window *, const struct window_rule *, uint64_t now_us, int64_t amount);
void window_level(struct window *, const struct window_rule *, uint64_t now_us, int64_t change);
int64_t window_total(struct window *, const struct window_rule *, uint64_t now_us);
/* Returns the total of a window over a span without a level, and leaves the window unchanged. */
int64_t window_look(const struct window *, const struct window_rule *, uint64_t now_us);
/* Returns the next time at which the total changes by itself; UINT64_MAX: never. While the level is not 0, this is
 * WINDOW_STEP_US from now. */
uint64_t window_changes_us(const struct window *, const struct window_rule *, uint64_t now_us);

/* Writes or reads the window (vm/keep.h), whose span is always the same, and which was counted up to `now_us` at
 * most. */
void window_keep(struct window *, struct keeper *, uint64_t span_us, uint64_t now_us);
