/* runtime/core/pacing/ages.h - Ages: how many of something are going on, by when they began.
 *
 * Beginnings are counted in steps of 2^shift µs; those that began more than AGES steps ago are counted together. Plain
 * data. Times never go back. */
#ifndef CORE_AGES_H
#define CORE_AGES_H

#include <stdint.h>

enum { AGES = 128 };

struct ages {
    uint64_t newest; /* number of the newest step; the ring holds it and the AGES - 1 before it */
    uint64_t older;  /* how many began before those */
    uint32_t shift, total;
    uint32_t began[AGES];
};

void ages_init(struct ages *, uint32_t shift);
void ages_begin(struct ages *, uint64_t now_us);
/* One of those that began then has ended. */
void ages_end(struct ages *, uint64_t now_us, uint64_t since_us);
/* Brings the ring up to now. Then `began[at]` holds those of age ages_us(.., at, ..), for each `at` below AGES, and
 * `older` the ones beyond. */
void ages_move(struct ages *, uint64_t now_us);
uint64_t ages_us(const struct ages *, unsigned at, uint64_t now_us);
uint64_t ages_oldest_us(const struct ages *); /* of those counted together: they are at least that old */

#endif
