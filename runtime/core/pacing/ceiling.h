/* runtime/core/pacing/ceiling.h - Ceiling: how many calls were answered and how many of these were abandoned in a
 * sliding window, and how far that is below the limit.
 *
 * The window is counted in sixtieths of its length, aligned to time 0. The window contains the present sixtieth and the
 * sixty before it. Plain data. Times never go back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct keeper;

enum { CEILING_PARTS = 61 };

struct ceiling {
    uint64_t part_us, part; /* length of a sixtieth; number of the newest sixtieth */
    uint64_t limit;         /* how many of a thousand answered calls may be abandoned */
    uint32_t answered[CEILING_PARTS], abandoned[CEILING_PARTS];
    uint32_t all_answered, all_abandoned;
};

void ceiling_init(struct ceiling *, uint64_t window_us);
/* Sets the length of the window. Counts that belong to the new window are kept. */
void ceiling_window(struct ceiling *, uint64_t window_us, uint64_t now_us);
bool ceiling_is_empty(const struct ceiling *, uint64_t now_us); /* True: nobody has answered in the window */
void ceiling_limit(struct ceiling *, uint32_t limit);
void ceiling_answered(struct ceiling *, uint64_t now_us);
void ceiling_abandoned(struct ceiling *, uint64_t now_us);
void ceiling_move(struct ceiling *, uint64_t now_us); /* moves the window up to now */
/* Returns how many more people could be abandoned within the limit, in thousandths; below 0: the limit is exceeded.
 * This number is the smaller of two credits: for the present window, and for the window without its oldest sixtieth, so
 * that the share stays within the limit when that sixtieth has passed. */
int64_t ceiling_credit(const struct ceiling *, uint64_t now_us);

/* Does the same as ceiling_credit for a short window, in which one person may be abandoned however few have
 * answered. */
int64_t ceiling_credit_of_few(const struct ceiling *, uint64_t now_us);

/* Counts how many people answered in the last `parts` sixtieths, and how many of these were abandoned. */
void ceiling_last(const struct ceiling *, uint64_t now_us, unsigned parts, uint64_t *answered, uint64_t *abandoned);

/* Writes or reads the ceiling (vm/keep.h), which was counted up to `now_us` at most. */
void ceiling_keep(struct ceiling *, struct keeper *, uint64_t now_us);
