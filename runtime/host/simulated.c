/* runtime/host/simulated.c - A host for tests: virtual clock, random bytes from a seed, and appends that end when
 * the test wants.
 *
 *     simulated_due()      the next moment at which something happens: a wake-up or an answer
 *     simulated_advance()  the clock goes there, and an append that is due is answered
 *
 * One append runs at a time, as in the real journal. The result of an append comes `append_delay_us` later and is
 * chosen by a function of the test, so that a test can have a disk that fails. Nothing happens by itself: without a
 * call to this file the clock stands still. */
#include "runtime/host/simulated.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* `wake_us` UINT64_MAX: no wake-up is asked for. */
struct simulated {
    struct simulated_options options;
    struct host host;
    uint64_t now_us, wake_us, random;
    int64_t wall_us;
    bool appending, answered;
    enum append_result answer;
    uint64_t number, append_due_us, slower_us;
    uint8_t *batch;
    uint32_t length;
};

static uint64_t simulated_monotonic_us(void *self)
{
    return ((struct simulated *)self)->now_us;
}

static int64_t simulated_wall_us(void *self)
{
    struct simulated *simulated = self;
    return simulated->wall_us + (int64_t)simulated->now_us;
}

/* The next random number by splitmix64 (Steele, Lea, Flood 2014), which has one word of state and accepts any seed. */
static uint64_t next_random(struct simulated *simulated)
{
    uint64_t z = simulated->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void simulated_entropy(void *self, void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) ((uint8_t *)bytes)[i] = (uint8_t)next_random(self);
}

static void wake_at(void *self, uint64_t at_us)
{
    ((struct simulated *)self)->wake_us = at_us;
}

/* Begins an append with a copy of the batch, because the caller may reuse its memory before the result comes. */
static void simulated_append(void *self, uint64_t number, struct span batch)
{
    struct simulated *simulated = self;
    assert(!simulated->appending); /* one at a time */
    simulated->appending = true;
    simulated->answered = false;
    simulated->number = number;
    simulated->append_due_us = simulated->now_us + simulated->options.append_delay_us + simulated->slower_us;
    simulated->slower_us = 0;
    simulated->batch = memory_grown(simulated->batch, batch.length, 1);
    memcpy(simulated->batch, batch.bytes, batch.length);
    simulated->length = batch.length;
}

static void simulated_release(void *self, unsigned link, struct span frame)
{
    struct simulated *simulated = self;
    if (simulated->options.release) simulated->options.release(simulated->options.self, link, frame);
}

static void simulated_committed(void *self, unsigned source, uint64_t seq)
{
    struct simulated *simulated = self;
    if (simulated->options.committed) simulated->options.committed(simulated->options.self, source, seq);
}

struct simulated *simulated_new(const struct simulated_options *options)
{
    struct simulated *simulated = memory_zeroed(1, sizeof *simulated);
    simulated->options = *options;
    simulated->host =
        (struct host){simulated,        simulated_monotonic_us, simulated_wall_us,   simulated_entropy, wake_at,
                      simulated_append, simulated_release,      simulated_committed, options->boot};
    simulated->now_us = options->start_us;
    simulated->wake_us = UINT64_MAX;
    simulated->random = options->seed;
    simulated->wall_us = options->wall_us;
    return simulated;
}

void simulated_free(struct simulated *simulated)
{
    if (!simulated) return;
    free(simulated->batch);
    free(simulated);
}

const struct host *simulated_host(const struct simulated *simulated)
{
    return &simulated->host;
}
uint64_t simulated_now(const struct simulated *simulated)
{
    return simulated->now_us;
}

uint64_t simulated_due(const struct simulated *simulated)
{
    if (simulated->appending && simulated->append_due_us < simulated->wake_us) return simulated->append_due_us;
    return simulated->wake_us;
}

/* Puts the batch into the store now; the result is reported later. So a test can let a crash happen between the write
 * and its result. */
void simulated_reach(struct simulated *simulated)
{
    if (!simulated->appending || simulated->answered) return;
    enum append_result result = APPEND_OK;
    simulated->answered = true;
    if (simulated->options.append)
        result = simulated->options.append(simulated->options.self, simulated->number,
                                           (struct span){simulated->batch, simulated->length});
    simulated->answer = result;
}

/* Takes the result back: the `append` function is asked again at the time `at_us`. */
void simulated_again(struct simulated *simulated, uint64_t at_us)
{
    simulated->answered = false;
    simulated->append_due_us = at_us;
}

void simulated_advance(struct simulated *simulated, uint64_t now_us)
{
    if (now_us > simulated->now_us) simulated->now_us = now_us;
    if (simulated->wake_us <= simulated->now_us) simulated->wake_us = UINT64_MAX; /* it is now */
    if (!simulated->appending || simulated->append_due_us > simulated->now_us) return;
    simulated_reach(simulated);
    if (!simulated->answered) return;
    simulated->appending = false;
    simulated->options.appended(simulated->options.self, simulated->answer);
}

void simulated_wall_jump(struct simulated *simulated, int64_t by_us)
{
    simulated->wall_us += by_us;
}

bool simulated_appends(const struct simulated *simulated)
{
    return simulated->appending;
}

void simulated_slow(struct simulated *simulated, uint64_t by_us)
{
    simulated->slower_us = by_us;
}
