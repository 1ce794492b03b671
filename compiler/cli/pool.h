/* compiler/cli/pool.h - Runs many tasks in several processes: their results come back in the order of the tasks.
 *
 * Processes, not threads: a task that crashes or never ends gives a result like any other, and its changes in memory
 * are lost with the process. A task sees the caller's memory as it was at the call of pool_run(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pool_end {
    POOL_DONE,
    POOL_BROKE, /* the process ended before its task was done */
    POOL_LATE,  /* the task took longer than its limit */
};

/* The bytes of a task's result; all fields 0: empty. */
struct pool_bytes {
    uint8_t *bytes; /* malloc'ed */
    size_t length, room;
};
void pool_put(void *said, const void *bytes, size_t length);

struct pool_work {
    void *self;
    uint32_t count; /* how many tasks there are */
    /* The number of processes at a time; 1 without `alone` and without a limit: tasks run in the caller's process. */
    unsigned jobs;
    bool alone;        /* each task runs in a process of its own */
    uint64_t limit_us; /* the processor time that a task may take; 0: no limit */
    /* Runs one task, in a process of the pool. */
    void (*run)(void *self, uint32_t task, struct pool_bytes *said);
    /* Gets a task's result, in the caller's process and in the order of the tasks; the bytes are only valid during
     * the call. */
    void (*done)(void *self, uint32_t task, enum pool_end, const uint8_t *bytes, size_t length);
    /* Is called at intervals in the caller's process; false: no further task is started. May be NULL. */
    bool (*goes_on)(void *self, uint32_t finished, uint64_t spent_us);
};

/* Runs the tasks and returns how many were done: fewer than all where goes_on() stopped it. */
uint32_t pool_run(const struct pool_work *);

/* Returns how many processes to use; `asked` is the user's number, 0: one for each processor that this process may
 * use. */
unsigned pool_jobs(uint64_t asked);
uint64_t pool_clock_us(void); /* returns microseconds of a clock that is never set back or forward */
