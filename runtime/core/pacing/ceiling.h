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
    uint64_t limit;         /* permille of the answered calls that may be abandoned */
    uint32_t answered[CEILING_PARTS], abandoned[CEILING_PARTS];
    uint32_t all_answered, all_abandoned;
};

void ceiling_init(struct ceiling *, uint64_t window_us);
/* Sets the length of the window. The counts that are within the new window stay. */
void ceiling_window(struct ceiling *, uint64_t window_us, uint64_t now_us);
bool ceiling_is_empty(const struct ceiling *, uint64_t now_us); /* nobody has answered in the window */
void ceiling_limit(struct ceiling *, uint32_t limit);
void ceiling_answered(struct ceiling *, uint64_t now_us);
void ceiling_abandoned(struct ceiling *, uint64_t now_us);
void ceiling_move(struct ceiling *, uint64_t now_us); /* moves the window up to now */
/* How many more people could be abandoned within the limit, in thousandths; below 0: the limit is exceeded. This is the
 * smaller of two credits: of the present window, and of the window without its oldest sixtieth, so that the share is
 * not above the limit either when that sixtieth has passed. */
int64_t ceiling_credit(const struct ceiling *, uint64_t now_us);

/* As ceiling_credit, for a short window, in which one person may be abandoned however few have answered. */
int64_t ceiling_credit_of_few(const struct ceiling *, uint64_t now_us);

/* Counts who has answered, and who of them was abandoned, in the last `parts` sixtieths. */
void ceiling_last(const struct ceiling *, uint64_t now_us, unsigned parts, uint64_t *answered, uint64_t *abandoned);

/* Writes or reads the ceiling (vm/keep.h), which was counted up to `now_us` at most. */
void ceiling_keep(struct ceiling *, struct keeper *, uint64_t now_us);
