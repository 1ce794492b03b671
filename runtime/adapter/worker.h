/* runtime/adapter/worker.h - A thread for calls that block (disk, database, mail servers); the loop gives it jobs.
 *
 *     loop:   worker_give ---> todo                  finished ---> done
 *                                \                   ^   (an eventfd wakes the loop)
 *     thread:                     work ------------ /
 *
 * Jobs are done one after another, in their order; each job is returned to the loop once, as done or as dropped. The
 * worker owns a job from worker_give() until it is returned; the lock guards both queues, but not the jobs
 * themselves. */
#pragma once

#include <stdbool.h>

struct event_base;
struct worker;

struct worker_calls {
    void *self;
    void (*work)(void *self, void *job); /* in the thread */
    void (*done)(void *self, void *job); /* in the loop */
    /* returns a job that was not done(), in the loop, as worker_free() was called first */
    void (*dropped)(void *self, void *job);
    /* In the thread: does several waiting jobs at once, in their order; NULL: each job is done by itself. */
    void (*work_all)(void *self, void *const *jobs, unsigned count);
};

/* Starts the thread; NULL: no thread or descriptor can be had. */
struct worker *worker_new(struct event_base *, const struct worker_calls *);
void worker_give(struct worker *, void *job); /* from any thread */
unsigned worker_waiting(struct worker *);     /* how many jobs were given and not yet returned */
/* Waits for the running job, and drops the others. */
void worker_free(struct worker *);
