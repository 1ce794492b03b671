/* runtime/core/pacing/cohort.c - Cohorts: how many things began in each step of time, as a ring of counts. */
#include "runtime/core/pacing/cohort.h"

#include <assert.h>
#include <stdbool.h>

#include "vm/keep.h"

void cohorts_init(struct cohorts *cohorts, uint32_t shift)
{
    *cohorts = (struct cohorts){.shift = shift};
}

void cohorts_move(struct cohorts *cohorts, uint64_t now_us)
{
    uint64_t step = now_us >> cohorts->shift;
    assert(step >= cohorts->newest);
    for (unsigned moved = 0; cohorts->newest < step && moved < COHORTS; moved++) {
        cohorts->newest++;
        cohorts->older += cohorts->began[cohorts->newest % COHORTS];
        cohorts->began[cohorts->newest % COHORTS] = 0;
    }
    cohorts->newest = step;
}

void cohorts_begin(struct cohorts *cohorts, uint64_t now_us)
{
    cohorts_move(cohorts, now_us);
    cohorts->began[cohorts->newest % COHORTS]++;
    cohorts->total++;
}

void cohorts_end(struct cohorts *cohorts, uint64_t now_us, uint64_t since_us)
{
    cohorts_move(cohorts, now_us);
    uint64_t step = since_us >> cohorts->shift;
    assert(step <= cohorts->newest && cohorts->total > 0);
    bool counted = cohorts->newest - step < COHORTS;
    assert(counted ? cohorts->began[step % COHORTS] > 0 : cohorts->older > 0);
    if (counted)
        cohorts->began[step % COHORTS]--;
    else
        cohorts->older--;
    cohorts->total--;
}

void cohorts_earlier(struct cohorts *cohorts, uint64_t now_us, uint64_t since_us, uint64_t ago_us)
{
    cohorts_end(cohorts, now_us, since_us);
    uint64_t step = (since_us - ago_us) >> cohorts->shift;
    if (cohorts->newest - step < COHORTS)
        cohorts->began[step % COHORTS]++;
    else
        cohorts->older++;
    cohorts->total++;
}

uint64_t cohorts_age_us(const struct cohorts *cohorts, unsigned at, uint64_t now_us)
{
    uint64_t back = (cohorts->newest - at) % COHORTS; /* steps since that one */
    uint64_t middle_us = ((cohorts->newest - back) << cohorts->shift) + (UINT64_C(1) << (cohorts->shift - 1));
    return middle_us < now_us ? now_us - middle_us : 0;
}

uint64_t cohorts_oldest_us(const struct cohorts *cohorts)
{
    return (uint64_t)COHORTS << cohorts->shift;
}

void cohorts_keep(struct cohorts *cohorts, struct keeper *keeper, uint32_t shift, uint64_t now_us)
{
    cohorts->shift = shift;
    cohorts->newest = keep_u64(keeper, cohorts->newest);
    cohorts->older = keep_u32(keeper, (uint32_t)cohorts->older);
    uint64_t total = cohorts->older;
    for (unsigned at = 0; at < COHORTS; at++) total += cohorts->began[at] = keep_u32(keeper, cohorts->began[at]);
    cohorts->total = keep_u32(keeper, cohorts->total);
    if (total != cohorts->total || cohorts->newest > now_us >> shift)
        keep_fail(keeper, "a campaign's calls do not add up");
}
