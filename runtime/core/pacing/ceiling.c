/* runtime/core/pacing/ceiling.c - The ceiling of abandoned calls, counted in parts of a sliding window. */
#include "runtime/core/pacing/ceiling.h"

#include <assert.h>

#include "vm/keep.h"

void ceiling_init(struct ceiling *ceiling, uint64_t window_us)
{
    assert(window_us >= CEILING_PARTS);
    *ceiling = (struct ceiling){.part_us = window_us / (CEILING_PARTS - 1)};
}

void ceiling_limit(struct ceiling *ceiling, uint32_t limit)
{
    assert(limit < 1000);
    ceiling->limit = limit;
}

static unsigned ceiling_newest(struct ceiling *ceiling, uint64_t now_us)
{
    uint64_t part = now_us / ceiling->part_us;
    assert(part >= ceiling->part);
    for (unsigned moved = 0; ceiling->part < part && moved < CEILING_PARTS; moved++) {
        unsigned at = (unsigned)(++ceiling->part % CEILING_PARTS);
        ceiling->all_answered -= ceiling->answered[at];
        ceiling->all_abandoned -= ceiling->abandoned[at];
        ceiling->answered[at] = ceiling->abandoned[at] = 0;
    }
    ceiling->part = part;
    return (unsigned)(part % CEILING_PARTS);
}

void ceiling_move(struct ceiling *ceiling, uint64_t now_us)
{
    (void)ceiling_newest(ceiling, now_us);
}

/* Sets the window's length. A part is dropped by its last moment, so nothing leaves the window too early. */
void ceiling_window(struct ceiling *ceiling, uint64_t window_us, uint64_t now_us)
{
    struct ceiling from = *ceiling;
    if (from.part_us == window_us / (CEILING_PARTS - 1)) return;
    ceiling_init(ceiling, window_us);
    ceiling->limit = from.limit;
    if (from.part_us == 0) return;
    ceiling_move(&from, now_us);
    ceiling_move(ceiling, now_us);
    for (unsigned age = 0; age < CEILING_PARTS && age <= from.part; age++) {
        uint64_t last_us = age == 0 ? now_us : (from.part - age + 1) * from.part_us - 1;
        uint64_t part = last_us / ceiling->part_us;
        if (ceiling->part - part >= CEILING_PARTS) return;
        unsigned of = (unsigned)((from.part - age) % CEILING_PARTS), to = (unsigned)(part % CEILING_PARTS);
        ceiling->answered[to] += from.answered[of];
        ceiling->abandoned[to] += from.abandoned[of];
        ceiling->all_answered += from.answered[of];
        ceiling->all_abandoned += from.abandoned[of];
    }
}

bool ceiling_is_empty(const struct ceiling *ceiling, uint64_t now_us)
{
    struct ceiling now = *ceiling;
    ceiling_move(&now, now_us);
    return now.all_answered == 0 && now.all_abandoned == 0;
}

void ceiling_answered(struct ceiling *ceiling, uint64_t now_us)
{
    ceiling->answered[ceiling_newest(ceiling, now_us)]++;
    ceiling->all_answered++;
}

void ceiling_abandoned(struct ceiling *ceiling, uint64_t now_us)
{
    ceiling->abandoned[ceiling_newest(ceiling, now_us)]++;
    ceiling->all_abandoned++;
}

static int64_t ceiling_credit_of(const struct ceiling *ceiling, uint32_t answered, uint32_t abandoned)
{
    return (int64_t)(answered * ceiling->limit) - (int64_t)abandoned * 1000;
}

/* Returns the window at the given moment: the ceiling itself if it is up to date, else a copy that was moved. */
static const struct ceiling *ceiling_at(const struct ceiling *ceiling, struct ceiling *moved, uint64_t now_us)
{
    if (ceiling->part == now_us / ceiling->part_us) return ceiling;
    *moved = *ceiling;
    ceiling_move(moved, now_us);
    return moved;
}

int64_t ceiling_credit(const struct ceiling *ceiling, uint64_t now_us)
{
    struct ceiling moved;
    const struct ceiling *at = ceiling_at(ceiling, &moved, now_us);
    unsigned oldest = (unsigned)((at->part + 1) % CEILING_PARTS);
    int64_t now = ceiling_credit_of(at, at->all_answered, at->all_abandoned);
    int64_t goes = ceiling_credit_of(at, at->answered[oldest], at->abandoned[oldest]);
    return goes > 0 ? now - goes : now;
}

int64_t ceiling_credit_of_few(const struct ceiling *ceiling, uint64_t now_us)
{
    struct ceiling moved;
    const struct ceiling *at = ceiling_at(ceiling, &moved, now_us);
    /* An eighth is kept in reserve: a window that begins at another moment has other counts. */
    int64_t most = (int64_t)(at->all_answered * at->limit) / 8 * 7;
    return (most > 1000 ? most : 1000) - (int64_t)at->all_abandoned * 1000;
}

void ceiling_last(const struct ceiling *ceiling, uint64_t now_us, unsigned parts, uint64_t *answered,
                  uint64_t *abandoned)
{
    struct ceiling now = *ceiling;
    unsigned newest = ceiling_newest(&now, now_us);
    *answered = *abandoned = 0;
    assert(parts <= CEILING_PARTS);
    for (unsigned back = 0; back < parts; back++) {
        unsigned at = (newest + CEILING_PARTS - back) % CEILING_PARTS;
        *answered += now.answered[at];
        *abandoned += now.abandoned[at];
    }
}

void ceiling_keep(struct ceiling *ceiling, struct keeper *keeper, uint64_t now_us)
{
    uint64_t answered = 0, abandoned = 0;
    ceiling->part_us = keep_u64(keeper, ceiling->part_us);
    ceiling->part = keep_u64(keeper, ceiling->part);
    ceiling->limit = keep_u64(keeper, ceiling->limit);
    for (unsigned at = 0; at < CEILING_PARTS; at++) {
        answered += ceiling->answered[at] = keep_u32(keeper, ceiling->answered[at]);
        abandoned += ceiling->abandoned[at] = keep_u32(keeper, ceiling->abandoned[at]);
    }
    ceiling->all_answered = keep_u32(keeper, ceiling->all_answered);
    ceiling->all_abandoned = keep_u32(keeper, ceiling->all_abandoned);
    bool good = ceiling->part_us != 0 && ceiling->part <= now_us / ceiling->part_us && ceiling->limit < 1000 &&
                answered == ceiling->all_answered && abandoned == ceiling->all_abandoned;
    if (!good) keep_fail(keeper, "a window of answered calls does not add up");
}
