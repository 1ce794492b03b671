/* runtime/adapter/aside.c - The thread next to the loop, which ends when it has nothing to do.
 *
 *     loop: aside_do --> todo --> thread: work --> done --eventfd--> loop: finish, drop
 *
 * The loop and the thread share `struct shared`, and the last of them to leave frees it. The loop leaves by setting
 * `closed` and goes on at once; a thread that is in the middle of a job sees the flag afterwards, drops all jobs and
 * frees the rest. The thread never touches `struct aside`, which belongs to the loop. */
#include "runtime/adapter/aside.h"

#include <assert.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

enum { JOBS_MAX = 256 };

struct jobs {
    struct aside_job *first, **last;
};

struct shared { /* used by the loop and the thread: the last of them to leave frees it */
    pthread_mutex_t lock;
    struct jobs todo, done;
    unsigned count;
    int fd; /* tells the loop that a job is done */
    bool closed, thread;
};

struct aside {
    struct shared *shared;
    struct event *event;
};

static void aside_put_job(struct jobs *jobs, struct aside_job *job)
{
    assert(jobs->last && !*jobs->last); /* the list ends there */
    job->next = NULL;
    *jobs->last = job;
    jobs->last = &job->next;
}

static struct aside_job *aside_take_job(struct jobs *jobs)
{
    struct aside_job *job = jobs->first;
    if (!job) return NULL;
    jobs->first = job->next;
    if (!jobs->first) jobs->last = &jobs->first;
    return job;
}

static void shared_free(struct shared *shared)
{
    struct aside_job *job;
    while ((job = aside_take_job(&shared->todo))) job->drop(job);
    while ((job = aside_take_job(&shared->done))) job->drop(job);
    close(shared->fd);
    pthread_mutex_destroy(&shared->lock);
    free(shared);
}

static void aside_is_done(struct shared *shared, struct aside_job *job)
{
    uint64_t one = 1;
    aside_put_job(&shared->done, job);
    if (!shared->closed && write(shared->fd, &one, sizeof one) != sizeof one) abort();
}

static void *aside_main(void *argument)
{
    struct shared *shared = argument;
    struct aside_job *job;
    pthread_mutex_lock(&shared->lock);
    while (!shared->closed && (job = aside_take_job(&shared->todo))) {
        pthread_mutex_unlock(&shared->lock);
        job->work(job);
        pthread_mutex_lock(&shared->lock);
        aside_is_done(shared, job);
    }
    bool last = shared->closed;
    shared->thread = false;
    pthread_mutex_unlock(&shared->lock);
    if (last) shared_free(shared);
    return NULL;
}

/* Signals are the loop's. */
static bool aside_begins(struct shared *shared)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool good = pthread_create(&thread, NULL, aside_main, shared) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (good) pthread_detach(thread);
    return good;
}

/* Finishes one job in each turn of the loop, as the owner of the job may free the aside. */
static void aside_on_done(evutil_socket_t fd, short what, void *self)
{
    struct aside *aside = self;
    struct shared *shared = aside->shared;
    uint64_t count;
    ssize_t n = read(fd, &count, sizeof count);
    (void)n, (void)what;
    pthread_mutex_lock(&shared->lock);
    struct aside_job *job = aside_take_job(&shared->done);
    assert(!job || shared->count > 0);
    if (job) shared->count--;
    if (shared->done.first) event_active(aside->event, EV_READ, 1);
    pthread_mutex_unlock(&shared->lock);
    if (!job) return;
    job->finish(job);
    job->drop(job);
}

struct aside *aside_new(struct event_base *base)
{
    struct aside *aside = memory_zeroed(1, sizeof *aside);
    struct shared *shared = aside->shared = memory_zeroed(1, sizeof *shared);
    pthread_mutex_init(&shared->lock, NULL);
    shared->todo.last = &shared->todo.first;
    shared->done.last = &shared->done.first;
    shared->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (shared->fd < 0) abort();
    aside->event = event_new(base, shared->fd, EV_READ | EV_PERSIST, aside_on_done, aside);
    if (!aside->event || event_add(aside->event, NULL) != 0) abort();
    return aside;
}

void aside_free(struct aside *aside)
{
    bool thread;
    if (!aside) return;
    event_free(aside->event);
    pthread_mutex_lock(&aside->shared->lock);
    aside->shared->closed = true;
    thread = aside->shared->thread;
    pthread_mutex_unlock(&aside->shared->lock);
    if (!thread) shared_free(aside->shared);
    free(aside);
}

bool aside_do(struct aside *aside, struct aside_job *job)
{
    struct shared *shared = aside->shared;
    pthread_mutex_lock(&shared->lock);
    /* the thread cannot run before this function lets go of the lock */
    shared->thread = shared->thread || aside_begins(shared);
    bool good = shared->thread && shared->count < JOBS_MAX;
    if (good) {
        shared->count++;
        aside_put_job(&shared->todo, job);
    }
    pthread_mutex_unlock(&shared->lock);
    if (!good) job->drop(job);
    return good;
}

void aside_did(struct aside *aside, struct aside_job *job)
{
    pthread_mutex_lock(&aside->shared->lock);
    aside->shared->count++;
    aside_is_done(aside->shared, job);
    pthread_mutex_unlock(&aside->shared->lock);
}
