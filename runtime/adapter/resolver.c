/* runtime/adapter/resolver.c - getaddrinfo() on a thread, its result taken by the loop.
 *
 *     loop                               thread
 *     resolver_begin() ---- job ------->  address_find()     may block for long
 *     on_ready() <--- eventfd ----------  job_tell()
 *     both call job_leave(); the last one frees the job
 *
 * The job belongs to both, because neither can wait for the other: the resolver of the system
 * cannot be interrupted, and the loop must end in time. The write to the eventfd and the read
 * from it order the memory, so the result needs no lock. */
#include "runtime/adapter/resolver.h"

#include <assert.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

enum { WHY_MAX = 600 };

/* The thread and the loop share a job; the last of them frees it. */
struct job {
    atomic_uint holders;
    int ready; /* an eventfd: written once when the rest below is filled */
    unsigned turn;
    bool found;
    struct address address;
    char text[ADDRESS_WRITTEN], why[WHY_MAX];
};

struct resolver {
    struct event_base *base;
    resolver_done *done;
    void *self;
    struct job *job; /* NULL: none runs */
    struct event *taken;
    unsigned turn;
};

static void job_leave(struct job *job)
{
    assert(atomic_load(&job->holders) > 0);
    if (atomic_fetch_sub(&job->holders, 1) > 1) return;
    close(job->ready);
    free(job);
}

static void job_tell(struct job *job)
{
    static const uint64_t one = 1;
    if (write(job->ready, &one, sizeof one) != sizeof one) abort();
}

static void *job_run(void *self)
{
    struct job *job = self;
    job->found = address_find(&job->address, job->text, job->turn, job->why, sizeof job->why);
    job_tell(job);
    job_leave(job);
    return NULL;
}

/* Signals are the loop's. False where there is no thread to be had. All signals are blocked
 * while the thread is made, since it inherits the mask. */
static bool thread_begin(struct job *job)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int error = pthread_create(&thread, &attributes, job_run, job);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        snprintf(job->why, sizeof job->why, "`%s`: no thread to look it up: %s", job->text, strerror(error));
    return error == 0;
}

static void on_ready(evutil_socket_t fd, short what, void *self)
{
    struct resolver *resolver = self;
    struct job *job = resolver->job;
    uint64_t one;
    assert(job && resolver->taken);
    (void)what;
    if (read(fd, &one, sizeof one) != sizeof one)
        abort(); /* what was filled before the write is seen behind the read */
    event_free(resolver->taken);
    resolver->taken = NULL;
    resolver->job = NULL;
    resolver->done(resolver->self, job->found ? &job->address : NULL, job->why);
    job_leave(job);
}

struct resolver *resolver_new(struct event_base *base, resolver_done *done, void *self)
{
    struct resolver *resolver = memory_zeroed(1, sizeof *resolver);
    *resolver = (struct resolver){.base = base, .done = done, .self = self};
    return resolver;
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver) return;
    if (resolver->taken) event_free(resolver->taken);
    if (resolver->job) job_leave(resolver->job);
    free(resolver);
}

/* A numeric address needs no thread, but comes back by the loop all the same: the caller never
 * hears of it within this function. */
void resolver_begin(struct resolver *resolver, const char *text)
{
    if (resolver->job) return;
    assert(!resolver->taken); /* job and event come and go together */
    struct job *job = memory_zeroed(1, sizeof *job);
    atomic_init(&job->holders, 2);
    job->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (job->ready < 0) abort();
    job->turn = resolver->turn++;
    bool whole = snprintf(job->text, sizeof job->text, "%s", text) < (int)sizeof job->text;
    resolver->job = job;
    resolver->taken = event_new(resolver->base, job->ready, EV_READ, on_ready, resolver);
    if (!resolver->taken || event_add(resolver->taken, NULL) != 0) abort();
    if (!whole) snprintf(job->why, sizeof job->why, "an address has at most %d bytes", ADDRESS_WRITTEN - 1);
    if (whole && address_is_numeric(text)) job->found = address_parse(&job->address, text, job->why, sizeof job->why);
    if (whole && !address_is_numeric(text) && thread_begin(job)) return;
    job_tell(job); /* it is known already, or never will be */
    job_leave(job);
}
