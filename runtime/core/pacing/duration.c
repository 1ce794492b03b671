/* runtime/core/pacing/duration.c - Durations: how long things lasted, counted in buckets by length. */
#include "runtime/core/pacing/duration.h"

#include <assert.h>

#include "vm/keep.h"

/* Sixteen buckets of one unit each, then eight buckets for each doubling of the length. */
enum { LINEAR = 16, PER_OCTAVE = 8, FIRST_OCTAVE = 4 };

static unsigned bucket_of(uint64_t us)
{
    uint64_t units = us >> DURATION_SHIFT;
    if (units < LINEAR) return (unsigned)units;
    unsigned octave = 63 - (unsigned)__builtin_clzll(units);
    unsigned bucket = LINEAR + (octave - FIRST_OCTAVE) * PER_OCTAVE + (unsigned)(units >> (octave - 3)) % PER_OCTAVE;
    return bucket < DURATION_BUCKETS ? bucket : DURATION_BUCKETS - 1;
}

/* Returns how many low bits of a length in microseconds say where in its bucket the length is. */
static unsigned bits_of(unsigned bucket)
{
    return DURATION_SHIFT + (bucket < LINEAR ? 0 : 1 + (bucket - LINEAR) / PER_OCTAVE);
}

static uint64_t begins_us(unsigned bucket)
{
    uint64_t units = bucket < LINEAR ? bucket : (bucket - LINEAR) % PER_OCTAVE + PER_OCTAVE;
    return units << bits_of(bucket);
}

void durations_add(struct durations *durations, uint64_t us)
{
    for (unsigned bucket = 0, last = bucket_of(us); bucket <= last; bucket++) durations->at_least[bucket]++;
}

void durations_halve(struct durations *durations)
{
    for (unsigned bucket = 0; bucket < DURATION_BUCKETS; bucket++) durations->at_least[bucket] /= 2;
}

uint32_t durations_count(const struct durations *durations)
{
    return durations->at_least[0];
}

uint64_t durations_mean_us(const struct durations *durations)
{
    uint64_t sum = 0;
    if (durations->at_least[0] == 0) return 0;
    for (unsigned bucket = 0; bucket < DURATION_BUCKETS; bucket++) {
        uint64_t here = durations->at_least[bucket];
        uint64_t beyond = bucket + 1 < DURATION_BUCKETS ? durations->at_least[bucket + 1] : 0;
        sum += (here + beyond) << (bits_of(bucket) - 1);
    }
    return sum / durations->at_least[0];
}

uint64_t durations_lasting(const struct durations *durations, uint64_t us)
{
    unsigned bucket = bucket_of(us), bits = bits_of(bucket);
    uint64_t here = durations->at_least[bucket];
    uint64_t beyond = bucket + 1 < DURATION_BUCKETS ? durations->at_least[bucket + 1] : 0;
    uint64_t into = us - begins_us(bucket);
    if (into >> bits > 0) into = UINT64_C(1) << bits; /* beyond the last bucket */
    return (here << 16) - ((here - beyond) * (into >> (bits - 16)));
}

uint64_t durations_quantile_us(const struct durations *durations, uint32_t share)
{
    assert(share <= CHANCE_ONE);
    uint64_t all = durations->at_least[0];
    if (all == 0) return 0;
    uint64_t longer = all - all * share / CHANCE_ONE;
    unsigned low = 0, high = DURATION_BUCKETS; /* the search keeps: at_least[low] >= longer > at_least[high] */
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        if (durations->at_least[middle] >= longer)
            low = middle;
        else
            high = middle;
    }
    uint64_t here = durations->at_least[low], beyond = high < DURATION_BUCKETS ? durations->at_least[high] : 0;
    return begins_us(low) + (((here - longer) << bits_of(low)) / (here - beyond));
}

uint32_t durations_ends(const struct durations *durations, uint64_t age_us, uint64_t within_us)
{
    uint64_t now = durations_lasting(durations, age_us);
    if (now == 0) return 0;
    return (uint32_t)(((now - durations_lasting(durations, age_us + within_us)) << 30) / now);
}

void durations_keep(struct durations *durations, struct keeper *keeper)
{
    for (unsigned bucket = 0; bucket < DURATION_BUCKETS; bucket++) {
        uint32_t *here = &durations->at_least[bucket];
        *here = keep_u32(keeper, *here);
        if (bucket > 0 && *here > here[-1]) keep_fail(keeper, "more have lasted long than at all");
    }
}
