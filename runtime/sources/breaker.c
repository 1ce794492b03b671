/* runtime/sources/breaker.c - Pauses that grow, and a breaker that opens after failures.
 *
 *     CLOSED --`limit` failures in a row--> OPEN --its pause is over--> DUE --a query is sent--> PROBING
 *        ^                                   ^                                                     | |
 *        |                                   '-------------------- it fails, a longer pause -------' |
 *        '------------------------------------------------------------ it is answered ---------------'
 */
#include "runtime/sources/breaker.h"

#include <assert.h>

void backoff_init(struct backoff *backoff, uint64_t first_us, uint64_t max_us)
{
    assert(first_us > 0);
    *backoff = (struct backoff){first_us, max_us < first_us ? first_us : max_us, first_us};
}

uint64_t backoff_next(struct backoff *backoff, uint32_t chance)
{
    uint64_t pause_us = backoff->next_us, half = pause_us / 2;
    backoff->next_us = pause_us > backoff->max_us / 2 ? backoff->max_us : 2 * pause_us;
    assert(half <= UINT32_MAX); /* at most an hour (conf.def), so the product below cannot overflow */
    return pause_us - half + half * chance / UINT32_MAX;
}

void backoff_reset(struct backoff *backoff)
{
    backoff->next_us = backoff->first_us;
}

void breaker_init(struct breaker *breaker, uint32_t limit, uint64_t pause_us, uint64_t pause_max_us)
{
    *breaker = (struct breaker){.limit = limit, .state = BREAKER_CLOSED};
    backoff_init(&breaker->pause, pause_us, pause_max_us);
}

enum breaker_state breaker_state(struct breaker *breaker, uint64_t now_us)
{
    if (breaker->state == BREAKER_OPEN && now_us >= breaker->until_us) breaker->state = BREAKER_DUE;
    return breaker->state;
}

void breaker_probe(struct breaker *breaker)
{
    assert(breaker->state == BREAKER_DUE);
    breaker->state = BREAKER_PROBING;
}

bool breaker_bad(struct breaker *breaker, uint64_t now_us, uint32_t chance)
{
    assert(breaker->state <= BREAKER_PROBING);
    bool was_closed = breaker->state == BREAKER_CLOSED;
    if (breaker->failures < UINT32_MAX) breaker->failures++;
    if (breaker->limit == 0 || breaker->state == BREAKER_OPEN || (was_closed && breaker->failures < breaker->limit))
        return false;
    breaker->state = BREAKER_OPEN;
    breaker->until_us = now_us + backoff_next(&breaker->pause, chance);
    return was_closed;
}

bool breaker_good(struct breaker *breaker)
{
    bool was_open = breaker->state != BREAKER_CLOSED;
    breaker->failures = 0;
    breaker->state = BREAKER_CLOSED;
    backoff_reset(&breaker->pause);
    return was_open;
}

void breaker_hope(struct breaker *breaker)
{
    if (breaker->state != BREAKER_CLOSED) breaker->state = BREAKER_DUE;
}
