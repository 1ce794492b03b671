/* runtime/adapter/worker.c - Owns one thread and its queue of jobs, and returns each job to the loop.
 *
 * worker_free() lets the thread finish the job that it is doing. Jobs that were not begun, and finished jobs that
 * the loop has not taken yet, are returned by dropped(), in the loop's thread. The thread's stack is large because a
 * job may recurse over data from outside. */
#include "runtime/adapter/worker.h"

#include <assert.h>
#include <event2/event.h>
#include <glib.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

enum { STACK_BYTES = 16 * 1024 * 1024 /* mails are nested */, JOBS_AT_ONCE = 64 };

struct worker {
    struct worker_calls calls;
    struct event *event;
    int fd;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t given;
    GQueue todo, finished; /* protected by the lock, like the members after it */
    bool ends;
    unsigned waiting;
};

/* Waits for a job and takes it, with the other waiting jobs if several can be done at once; 0: the thread has to
 * end. */
static unsigned next_jobs(struct worker *worker, void **jobs)
{
    unsigned count = 0, most = worker->calls.work_all ? JOBS_AT_ONCE : 1;
    pthread_mutex_lock(&worker->lock);
    while (!worker->ends && g_queue_is_empty(&worker->todo)) pthread_cond_wait(&worker->given, &worker->lock);
    while (!worker->ends && count < most && (jobs[count] = g_queue_pop_head(&worker->todo))) count++;
    pthread_mutex_unlock(&worker->lock);
    return count;
}

/* work() runs without the lock, so that the loop can give more jobs meanwhile. The eventfd counts the jobs, so
 * several jobs may wake the loop only once. */
static void *worker_run(void *self)
{
    struct worker *worker = self;
    void *jobs[JOBS_AT_ONCE];
    unsigned count;
    while ((count = next_jobs(worker, jobs)) > 0) {
        uint64_t one = 1;
        if (count > 1)
            worker->calls.work_all(worker->calls.self, jobs, count);
        else
            worker->calls.work(worker->calls.self, jobs[0]);
        pthread_mutex_lock(&worker->lock);
        for (unsigned i = 0; i < count; i++) g_queue_push_tail(&worker->finished, jobs[i]);
        pthread_mutex_unlock(&worker->lock);
        /* an eventfd's write fails only if its counter is full */
        if (write(worker->fd, &one, sizeof one) != sizeof one) abort();
    }
    return NULL;
}

static void *finished_job(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    void *job = g_queue_pop_head(&worker->finished);
    assert(!job || worker->waiting > 0); /* each job that the loop gave is returned once */
    if (job) worker->waiting--;
    pthread_mutex_unlock(&worker->lock);
    return job;
}

/* Passes the finished jobs to done(), which may give a new job. */
static void on_finished(evutil_socket_t fd, short what, void *self)
{
    struct worker *worker = self;
    uint64_t count;
    void *job;
    (void)what;
    if (read(fd, &count, sizeof count) != sizeof count) return;
    while ((job = finished_job(worker))) worker->calls.done(worker->calls.self, job);
}

static bool worker_start(struct worker *worker)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int wrong = pthread_create(&worker->thread, &attributes, worker_run, worker);
    pthread_attr_destroy(&attributes);
    return wrong == 0;
}

/* NULL: no thread or descriptor can be had, and nothing was allocated. */
struct worker *worker_new(struct event_base *base, const struct worker_calls *calls)
{
    assert(calls->work && calls->done && calls->dropped);
    struct worker *worker = memory_zeroed(1, sizeof *worker);
    worker->calls = *calls;
    worker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->given, NULL);
    g_queue_init(&worker->todo);
    g_queue_init(&worker->finished);
    worker->event = worker->fd >= 0 ? event_new(base, worker->fd, EV_READ | EV_PERSIST, on_finished, worker) : NULL;
    if (worker->event && event_add(worker->event, NULL) == 0 && worker_start(worker)) return worker;
    if (worker->event) event_free(worker->event);
    if (worker->fd >= 0) close(worker->fd);
    free(worker);
    return NULL;
}

void worker_give(struct worker *worker, void *job)
{
    assert(job);
    pthread_mutex_lock(&worker->lock);
    worker->waiting++;
    g_queue_push_tail(&worker->todo, job);
    pthread_cond_signal(&worker->given);
    pthread_mutex_unlock(&worker->lock);
}

unsigned worker_waiting(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    unsigned waiting = worker->waiting;
    pthread_mutex_unlock(&worker->lock);
    return waiting;
}

static void worker_drop(struct worker *worker, GQueue *jobs)
{
    void *job;
    while ((job = g_queue_pop_head(jobs))) worker->calls.dropped(worker->calls.self, job);
}

/* Waits for the job that the thread is doing. */
void worker_free(struct worker *worker)
{
    if (!worker) return;
    pthread_mutex_lock(&worker->lock);
    worker->ends = true;
    pthread_cond_signal(&worker->given);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    worker_drop(worker, &worker->finished);
    worker_drop(worker, &worker->todo);
    event_free(worker->event);
    close(worker->fd);
    pthread_mutex_destroy(&worker->lock);
    pthread_cond_destroy(&worker->given);
    free(worker);
}
