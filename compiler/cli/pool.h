/* compiler/cli/pool.h - Many tasks in several processes: their results come back in the order of the tasks.
 *
 * Processes, not threads: a task that ends its process or never ends is a result like others, and what it changes in
 * memory is lost with it. A task sees the memory of the caller as it was when pool_run was called. */
#ifndef COMPILER_CLI_POOL_H
#define COMPILER_CLI_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pool_end {
    POOL_DONE,
    POOL_BROKE, /* its process ended within it */
    POOL_LATE,  /* it took longer than it may */
};

/* Bytes that a task says, appended; an all-zero one is empty. */
struct pool_bytes {
    uint8_t *bytes; /* malloc'ed */
    size_t length, room;
};
void pool_put(struct pool_bytes *, const void *bytes, size_t length);

struct pool_work {
    void *self;
    uint32_t count;    /* of tasks */
    unsigned jobs;     /* processes at a time; 1 and neither `alone` nor a limit: in this one */
    bool alone;        /* each task in a process of its own */
    uint64_t limit_us; /* of the processor's time of a task; 0: it may take what it takes */
    /* In a process of the pool. */
    void (*run)(void *self, uint32_t task, struct pool_bytes *said);
    /* In the caller's, in the order of the tasks; the bytes are borrowed. */
    void (*done)(void *self, uint32_t task, enum pool_end, const uint8_t *bytes, size_t length);
    /* Now and then, in the caller's; false: no task is begun any more. May be NULL. */
    bool (*goes_on)(void *self, uint32_t finished, uint64_t spent_us);
};

/* How many tasks were done: less than all where it was not to go on. */
uint32_t pool_run(const struct pool_work *);

unsigned pool_jobs(uint64_t asked); /* 0: as many as there are processors for this process */
uint64_t pool_clock_us(void);       /* of a clock that never jumps */

#endif
