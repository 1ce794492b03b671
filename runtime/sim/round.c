/* runtime/sim/round.c - The call that goes round: the one whose timer is due, or the one that changed last. */
#include "runtime/sim/round.h"

#include <stdio.h>

#include "runtime/core/read/read.h"

static uint64_t due_now(const struct core *core, uint64_t now_us)
{
    struct timer_row timer;
    for (uint32_t i = 0; core_timer(core, i, &timer); i++)
        if (timer.of_interaction && timer.deadline_us <= now_us) return timer.object;
    return 0;
}

void round_tell(const struct core *core, uint64_t now_us, uint64_t since_us, char *text, size_t size)
{
    const uint64_t within = (UINT64_C(1) << 48) - 1; /* of an id, without the partition: what a timer has */
    uint64_t due = due_now(core, now_us), cursor = 0;
    struct interaction_row row, found = {0};
    struct where_row where = {0};
    while (core_interaction(core, &cursor, &row)) {
        if (row.outcome.length > 0) break; /* from here on those that have ended */
        bool is_due = due != 0 && (row.ixn & within) == due;
        if (is_due || found.ixn == 0 || (row.changed_us >= found.changed_us && (found.ixn & within) != due))
            found = row;
    }
    double after_s = (double)(now_us - since_us) / 1e6;
    int length = snprintf(text, size, "a call goes round without a pause after %.3f s", after_s);
    if (found.ixn == 0 || length < 0 || (size_t)length >= size) return;
    (void)core_where(core, found.ixn, false, &where);
    if (where.line == 0)
        (void)snprintf(text + length, size - (size_t)length, ": strategy %.*s", (int)found.strategy.length,
                       (const char *)found.strategy.bytes);
    else
        (void)snprintf(text + length, size - (size_t)length, ": strategy %.*s, %.*s:%u; let it wait there, or end",
                       (int)found.strategy.length, (const char *)found.strategy.bytes, (int)where.file.length,
                       (const char *)where.file.bytes, where.line);
}
