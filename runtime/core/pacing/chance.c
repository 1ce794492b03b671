/* runtime/core/pacing/chance.c - Chances: exact for each small number, and by the normal curve for large ones. */
#include "runtime/core/pacing/chance.h"

#include <assert.h>

void chances_init(struct chances *chances)
{
    chances->count = chances->most = 0;
    chances->mean = chances->variance = 0;
    chances->each[0] = CHANCE_ONE;
}

static uint32_t chance_times(uint32_t a, uint32_t b)
{
    return (uint32_t)((uint64_t)a * b >> 30);
}

/* Adds one more thing: the number of things that happen stays or grows by one. */
static void chance_enumerate(struct chances *chances, uint32_t chance)
{
    uint32_t moves = chance_times(chances->each[chances->most], chance);
    if (moves > 0 && ++chances->most > CHANCES_EXACT) return;
    if (moves > 0) chances->each[chances->most] = 0;
    for (uint32_t number = chances->most; number > 0; number--) {
        moves = chance_times(chances->each[number - 1], chance);
        chances->each[number] = chances->each[number] - chance_times(chances->each[number], chance) + moves;
    }
    chances->each[0] -= chance_times(chances->each[0], chance);
}

void chances_add(struct chances *chances, uint32_t chance, uint32_t count)
{
    assert(chance <= CHANCE_ONE);
    if (chance == 0) return;
    chances->mean += (uint64_t)chance * count;
    chances->variance += (uint64_t)chance_times(chance, CHANCE_ONE - chance) * count;
    chances->count += count;
    for (; count > 0 && chances->most <= CHANCES_EXACT; count--) chance_enumerate(chances, chance);
}

static uint32_t chance_exact(const struct chances *demand, const struct chances *supply, int64_t spare)
{
    uint64_t sum = 0;
    uint32_t beyond = 0; /* sum of the chances that demand is larger than spare + number */
    int64_t from = (int64_t)demand->most + 1;
    for (int64_t number = supply->most; number >= 0; number--) {
        for (; from > 0 && from > spare + number + 1; from--) beyond += demand->each[from - 1];
        sum += (uint64_t)beyond * supply->each[number];
    }
    uint64_t chance = sum >> 30;
    return chance < CHANCE_ONE ? (uint32_t)chance : CHANCE_ONE;
}

/* The normal curve's tail beyond each eighth of a standard deviation, from 0 to 4, in parts of CHANCE_ONE. */
static const uint32_t tail[33] = {536870912, 483464900, 430885802, 379922320, 331289660, 285599787, 243339267,
                                  204855931, 170354782, 139902672, 113440581, 90801753,  71733686,  55921848,
                                  43013192,  32637845,  24427768,  18031675,  13125928,  9421521,   6667577,
                                  4651931,   3199496,   2169106,   1449442,   954584,    619576,    396295,
                                  249784,    155135,    94937,     57244,     0};

static uint64_t chance_root(uint64_t square)
{
    uint64_t low = 0, bit = UINT64_C(1) << 62;
    while (bit > square) bit >>= 2;
    for (; bit > 0; bit >>= 2)
        if (square >= low + bit) {
            square -= low + bit;
            low = (low >> 1) + bit;
        } else
            low >>= 1;
    return low;
}

/* In parts of 2^25 */
static uint64_t deviation_of(const struct chances *demand, const struct chances *supply)
{
    return chance_root((demand->variance + supply->variance) << 20);
}

uint64_t chances_spread(const struct chances *demand, const struct chances *supply)
{
    return deviation_of(demand, supply) * 1000 >> 25;
}

static uint32_t chance_normal(const struct chances *demand, const struct chances *supply, int64_t spare)
{
    int64_t more = (int64_t)demand->mean - (int64_t)supply->mean;
    int64_t by = spare * (int64_t)CHANCE_ONE + CHANCE_ONE / 2 - more; /* half: numbers are whole */
    uint64_t deviation = deviation_of(demand, supply) << 5;
    if (deviation == 0) return by < 0 ? CHANCE_ONE : 0;
    uint64_t off = (uint64_t)(by < 0 ? -by : by);
    uint64_t eighths = off >= deviation * 4 ? UINT64_C(32) << 16 : (off << 19) / deviation;
    uint32_t at = (uint32_t)(eighths >> 16), into = (uint32_t)(eighths & 0xffff);
    uint32_t beyond = at >= 32 ? 0 : tail[at] - (uint32_t)((uint64_t)(tail[at] - tail[at + 1]) * into >> 16);
    return by < 0 ? CHANCE_ONE - beyond : beyond;
}

uint32_t chances_exceed(const struct chances *demand, const struct chances *supply, int64_t spare)
{
    /* demand within `spare` has no chance to exceed it; the normal curve would give a chance above 0 */
    if ((int64_t)demand->count <= spare) return 0;
    if (demand->most <= CHANCES_EXACT && supply->most <= CHANCES_EXACT) return chance_exact(demand, supply, spare);
    return chance_normal(demand, supply, spare);
}
