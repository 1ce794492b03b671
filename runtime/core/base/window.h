/* runtime/core/base/window.h - Counts over a window, and the time that something lasted in it.
 *
 * A window over a span is counted in sixtieths of the span, which begin at logical time 0: it holds the sixtieth of now
 * and the sixty before it. So an entry counts for the span, and up to a sixtieth longer. A window since a moment begins
 * anew when that moment becomes another one. A level is how many are in a state; while it is not 0, the total grows by
 * it with each microsecond. */
#pragma once

#include <stdint.h>

struct keeper;

enum { WINDOW_PARTS = 61, WINDOW_STEP_US = 1000000 };

struct window_rule {
    uint64_t span_us;   /* 0: since a moment: */
    int64_t moment_us;  /* its wall time, which stays the same when the wall clock is set; */
    uint64_t begins_us; /* its logical time; UINT64_MAX: never; */
    uint64_t ends_us;   /* and the logical time at which another one takes its place */
};

struct window {
    int64_t total, level;
    uint64_t since_us; /* the total holds the level up to then */
    int64_t moment_us; /* of a window since a moment: the moment of the total */
    uint64_t part;     /* of a window over a span: number of the newest sixtieth */
    int64_t *parts;    /* of a window over a span: owned, a ring indexed by number; NULL: nothing was counted */
};

void window_free(struct window *);
/* Adds to the total now; adds to the level from now on. Times never go back. */
void window_add(struct window *, const struct window_rule *, uint64_t now_us, int64_t amount);
void window_level(struct window *, const struct window_rule *, uint64_t now_us, int64_t change);
int64_t window_total(struct window *, const struct window_rule *, uint64_t now_us);
/* The total of a window over a span that has no level, and stays as it is. */
int64_t window_look(const struct window *, const struct window_rule *, uint64_t now_us);
/* The next time at which the total is another one without any call of the above; UINT64_MAX: there is none. While a
 * level is not 0 it is WINDOW_STEP_US from now. */
uint64_t window_changes_us(const struct window *, const struct window_rule *, uint64_t now_us);

/* Writes or reads it (vm/keep.h); it has been counted up to `now_us` at most, always over that span. */
void window_keep(struct window *, struct keeper *, uint64_t span_us, uint64_t now_us);
