/* compiler/cli/pool.h - Many tasks in several processes: their results come back in the order of the tasks.
 *
 * Processes, not threads: a task that ends its process or never ends is a result like others, and what it changes in
 * memory is lost with it. A task sees the memory of the caller as it was when pool_run was called. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pool_end {
    POOL_DONE,
    POOL_BROKE, /* the process ended before its task was done */
    POOL_LATE,  /* the task took longer than it may */
};

/* The bytes of a task's result; an all-zero one is empty. */
struct pool_bytes {
    uint8_t *bytes; /* malloc'ed */
    size_t length, room;
};
void pool_put(void *said, const void *bytes, size_t length);

struct pool_work {
    void *self;
    uint32_t count; /* how many tasks there are */
    /* How many processes at a time; 1 without `alone` and without a limit: tasks run in the caller's process. */
    unsigned jobs;
    bool alone;        /* each task in a process of its own */
    uint64_t limit_us; /* the processor time that a task may take; 0: no limit */
    /* Runs a task, in a process of the pool. */
    void (*run)(void *self, uint32_t task, struct pool_bytes *said);
    /* Takes a result, in the caller's process and in the order of the tasks; the bytes are borrowed. */
    void (*done)(void *self, uint32_t task, enum pool_end, const uint8_t *bytes, size_t length);
    /* Is called now and then in the caller's process; false: no other task is begun. May be NULL. */
    bool (*goes_on)(void *self, uint32_t finished, uint64_t spent_us);
};

/* Runs the tasks and returns how many were done: fewer than all where goes_on() stopped it. */
uint32_t pool_run(const struct pool_work *);

/* Returns how many processes to use; `asked` 0: one for each processor that this process may use. */
unsigned pool_jobs(uint64_t asked);
uint64_t pool_clock_us(void); /* microseconds of a clock that never jumps */
