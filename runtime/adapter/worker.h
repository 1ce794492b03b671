/* runtime/adapter/worker.h - A thread for what blocks (disk, database, mail servers), fed by the loop.
 *
 *     loop:   worker_give ---> todo                  finished ---> done
 *                                \                   ^   (an eventfd wakes the loop)
 *     thread:                     work ------------ /
 *
 * Jobs are done one after another, in their order; each comes back to the loop once, as done or as dropped. The worker
 * owns a job from worker_give() until then; the lock guards both queues and nothing of a job. */
#pragma once

#include <stdbool.h>

struct event_base;
struct worker;

struct worker_calls {
    void *self;
    void (*work)(void *self, void *job);    /* in the thread */
    void (*done)(void *self, void *job);    /* in the loop */
    void (*dropped)(void *self, void *job); /* in the loop: worker_free() came first */
    /* In the thread, several that wait, in their order; NULL: each by itself. */
    void (*work_all)(void *self, void *const *jobs, unsigned count);
};

/* NULL: there are no threads or descriptors left. */
struct worker *worker_new(struct event_base *, const struct worker_calls *);
void worker_give(struct worker *, void *job); /* from any thread */
unsigned worker_waiting(struct worker *);     /* jobs given and not back */
/* Waits for the job under way, and drops the others. */
void worker_free(struct worker *);
