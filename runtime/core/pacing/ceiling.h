/* runtime/core/pacing/ceiling.h - Ceiling: how many answered and how many of them were abandoned in a sliding window,
 * and how far that is below the limit.
 *
 * The window is counted in sixtieths, which begin at time 0. It holds the sixtieth of now and the sixty before it.
 * Plain data. Times never go back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct keeper;

enum { CEILING_PARTS = 61 };

struct ceiling {
    uint64_t part_us, part; /* length of a sixtieth; number of the newest */
    uint64_t limit;         /* permille of the answered ones that may be abandoned */
    uint32_t answered[CEILING_PARTS], abandoned[CEILING_PARTS];
    uint32_t all_answered, all_abandoned;
};

void ceiling_init(struct ceiling *, uint64_t window_us);
/* From now on the window has that length. The counts stay, as far as they are within the window. */
void ceiling_window(struct ceiling *, uint64_t window_us, uint64_t now_us);
bool ceiling_is_empty(const struct ceiling *, uint64_t now_us); /* nobody has answered in the window */
void ceiling_limit(struct ceiling *, uint32_t limit);
void ceiling_answered(struct ceiling *, uint64_t now_us);
void ceiling_abandoned(struct ceiling *, uint64_t now_us);
void ceiling_move(struct ceiling *, uint64_t now_us); /* the window is that of now */
/* How many more could be abandoned of the ones who answered, in thousandths; below 0: the limit is exceeded. The
 * smaller of two: the credit of the window now, and of the one that is left when its oldest sixtieth has gone. The
 * counts that go away do not take it over the limit either. */
int64_t ceiling_credit(const struct ceiling *, uint64_t now_us);

/* The same of a short window, in which one may be abandoned though fewer have answered than the limit has one of. */
int64_t ceiling_credit_of_few(const struct ceiling *, uint64_t now_us);

/* How many have answered, and of them were abandoned, in so many sixtieths up to now. */
void ceiling_last(const struct ceiling *, uint64_t now_us, unsigned parts, uint64_t *answered, uint64_t *abandoned);

/* Writes or reads it (vm/keep.h); it has been counted up to `now_us` at most. */
void ceiling_keep(struct ceiling *, struct keeper *, uint64_t now_us);
