/* runtime/host/host.h - The outside as one interface: clocks, entropy, wake-up, journal append, adapter link.
 *
 * A program drives a core through this and nothing else, so that the real world (host/real.c: threads, clocks, a disk)
 * and the simulated one (host/simulated.c: a virtual clock, faults on request) are interchangeable. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum append_result { APPEND_OK, APPEND_DEPOSED, APPEND_UNKNOWN };

struct host {
    void *self;
    uint64_t (*monotonic_us)(void *self);
    int64_t (*wall_us)(void *self);
    void (*entropy)(void *self, void *bytes, size_t length);
    /* Asks that the partition's turn be taken at that monotonic time at the latest. UINT64_MAX: no wish. */
    void (*wake_at)(void *self, uint64_t monotonic_us);
    /* Starts to append one batch; one at a time. The result comes back through partition_appended(). */
    void (*append)(void *self, uint64_t number, struct span batch);
    /* Takes an effect whose cause is durable. The frame is valid during the call only. */
    void (*release)(void *self, unsigned link, struct span frame);
    /* Is told that everything of this source up to `seq` is durable, so that it may be acknowledged. */
    void (*committed)(void *self, unsigned source, uint64_t seq);
    /* Names this run of the machine, for as long as which monotonic_us() counts on; NULL: not known. */
    const char *boot;
};
