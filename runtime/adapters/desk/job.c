/* runtime/adapters/desk/job.c - Jobs for the contact store's thread: made in the loop, done in the thread, and
 * handled again in the loop.
 *
 *     loop                         thread
 *     desk_job_new()
 *     desk_job_give()  --------->  desk_job_work()
 *     desk_job_done()  <---------
 *     desk_job_dropped()           frees; also in place of done(), where the desk ends
 *
 * A job belongs to one thread at a time, so it has no lock. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"
#include "base/memory.h"

struct desk_job *desk_job_new(struct desk *desk, json_t *params)
{
    struct desk_job *job = memory_zeroed(1, sizeof *job);
    job->params = params;
    job->wall_us = (int64_t)desk->services->wall_us(desk->link);
    job->journal = desk->services->journal(desk->link);
    return job;
}

void desk_job_give(struct desk *desk, struct desk_job *job)
{
    assert(job->work && !job->good); /* the thread has not done the job yet */
    worker_give(desk->worker, job);
}

void desk_job_work(void *self, void *given)
{
    struct desk_job *job = given;
    assert(job->work && !job->good);
    struct store *store = ((struct desk *)self)->store;
    job->good = job->work(store, job);
    const char *odd = job->good ? store_odd(store) : NULL;
    if (odd) snprintf(job->error.text, sizeof job->error.text, "%s", odd);
}

void desk_job_dropped(void *self, void *given)
{
    struct desk_job *job = given;
    (void)self;
    (void)asker_end(&job->asker);
    json_decref(job->params);
    json_decref(job->out);
    if (job->bytes) g_byte_array_free(job->bytes, TRUE);
    if (job->errand.free) job->errand.free(job->errand.self);
    free(job);
}

/* Ends a job that the thread has not begun when the desk ends. A job for which no browser waits is still written, as
 * nobody would repeat it; one for which a browser waits is dropped. */
void desk_job_left(void *self, void *given)
{
    struct desk_job *job = given;
    if (!job->good && (job->lasting || !job->done) && !job->asker.http) desk_job_work(self, job);
    desk_job_dropped(self, job);
}

/* True: the store is away or full. What is refused for a reason that the browser reads is no failure of the store: a
 * contact that is closed to the agent, or was changed meanwhile. */
static bool job_failed(const struct desk_job *job)
{
    bool read = job->asker.asked && (job->error.code == ERROR_DENIED || job->error.code == ERROR_STATE);
    return !job->good && !read && store_again(&job->error);
}

/* Handles a job that is done. A temporary failure of the store is reported to the post office and to the probe. A
 * mistake in the request is no failure of the store. Even a job that succeeded may report something odd in the
 * store. */
void desk_job_done(void *self, void *given)
{
    struct desk_job *job = given;
    struct desk *desk = self;
    bool failed = job_failed(job);
    if (failed || (job->good && job->error.text[0] != '\0'))
        desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "the contact store: %s", job->error.text);
    if (failed) {
        office_store_failed(desk->asks.office, job->error.text);
        probe_failed(desk->probe, job->error.text);
    }
    if (job->done) job->done(desk, job);
    desk_job_dropped(self, job);
}
