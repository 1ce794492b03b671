/* runtime/core/pacing/ages.c - Ages, a ring of counts. */
#include "runtime/core/pacing/ages.h"

#include <assert.h>
#include <stdbool.h>

void ages_init(struct ages *ages, uint32_t shift)
{
    *ages = (struct ages){.shift = shift};
}

void ages_move(struct ages *ages, uint64_t now_us)
{
    uint64_t step = now_us >> ages->shift;
    assert(step >= ages->newest);
    for (unsigned moved = 0; ages->newest < step && moved < AGES; moved++) {
        ages->newest++;
        ages->older += ages->began[ages->newest % AGES];
        ages->began[ages->newest % AGES] = 0;
    }
    ages->newest = step;
}

void ages_begin(struct ages *ages, uint64_t now_us)
{
    ages_move(ages, now_us);
    ages->began[ages->newest % AGES]++;
    ages->total++;
}

void ages_end(struct ages *ages, uint64_t now_us, uint64_t since_us)
{
    ages_move(ages, now_us);
    uint64_t step = since_us >> ages->shift;
    assert(step <= ages->newest && ages->total > 0);
    bool counted = ages->newest - step < AGES;
    assert(counted ? ages->began[step % AGES] > 0 : ages->older > 0);
    if (counted)
        ages->began[step % AGES]--;
    else
        ages->older--;
    ages->total--;
}

uint64_t ages_us(const struct ages *ages, unsigned at, uint64_t now_us)
{
    uint64_t back = (ages->newest - at) % AGES; /* steps since that one */
    uint64_t middle_us = ((ages->newest - back) << ages->shift) + (UINT64_C(1) << (ages->shift - 1));
    return middle_us < now_us ? now_us - middle_us : 0;
}

uint64_t ages_oldest_us(const struct ages *ages)
{
    return (uint64_t)AGES << ages->shift;
}
