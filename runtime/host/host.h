/* runtime/host/host.h - The world outside of a core as one interface: clocks, random bytes, wake-up, appending to
 * the journal, adapter link.
 *
 * A core uses only this interface, so that the real world (host/real.c: threads, clocks, a disk) and the simulated
 * one (host/simulated.c: a virtual clock, faults on request) can be exchanged. */
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
    /* Asks for the partition's next turn at that monotonic time at the latest. UINT64_MAX: no wish. */
    void (*wake_at)(void *self, uint64_t monotonic_us);
    /* Starts to append one batch; one at a time. The result is given to partition_appended(). */
    void (*append)(void *self, uint64_t number, struct span batch);
    /* Takes an effect whose cause is durable in the journal. The frame is valid during the call only. */
    void (*release)(void *self, unsigned link, struct span frame);
    /* Is told that every event of this source up to `seq` is durable, so that the source may get its
     * acknowledgement. */
    void (*committed)(void *self, unsigned source, uint64_t seq);
    /* Names this run of the machine (boot), during which monotonic_us() counts on; NULL: not known. */
    const char *boot;
};
