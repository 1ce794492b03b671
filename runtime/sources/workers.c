/* runtime/sources/workers.c - Worker threads, their queue, and what each thread does.
 *
 * The lock guards the queue, `running`, `stop` and what is known about the database; each thread has its own
 * connection. `running` is cleared under the lock before the query is answered and freed, so that a cancel never
 * touches a freed query.
 *
 *     workers_ask() --> queue --> worker_main() --> ops.run() --> source_answer()
 *                                    '-- nothing to do: the first thread looks at the database
 *
 * `look` checks the database even when there are no queries, each LOOK_S seconds, and each LOOK_AWAY_S while it
 * cannot be reached. */
#include "runtime/sources/workers.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/host/real.h"
#include "base/aways.h"
#include "base/memory.h"

enum { AGAIN_NS = 50000000, LOOK_S = 30, LOOK_AWAY_S = 1 };

struct source_worker {
    struct workers *workers;
    pthread_t thread;
    void *connection;
    struct source_query *running;
};

struct workers {
    struct source *source;
    const struct source_options *options;
    struct workers_ops ops;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct query_queue queue;
    bool stop, away;
    char trouble[sizeof((struct source_row *)0)->trouble]; /* why it is away */
    /* why the database is away, as last reported to the operator */
    struct aways aways;
    struct source_worker *all;
    uint32_t count;
};

/* Notes whether the answer shows that the database can be reached, and tells the operator of a change. An answer
 * that came too late shows nothing. */
static void workers_note(struct workers *workers, const struct answer *answer)
{
    bool good = answer_ok(answer), away = !good && answer->code == code_unavailable;
    if (!good && answer->code == code_timeout) return;
    pthread_mutex_lock(&workers->lock);
    bool news = workers->away != away;
    if (news) aways_drop(&workers->aways, "");
    bool another = away && aways_add(&workers->aways, "", answer->text);
    workers->away = away;
    snprintf(workers->trouble, sizeof workers->trouble, "%.150s", away ? answer->text : "");
    pthread_mutex_unlock(&workers->lock);
    if (another) source_note(workers->source, false, "is %saway: %.300s", news ? "" : "still ", answer->text);
    if (news && !away) source_note(workers->source, true, "is there again");
}

/* Checks the database and reports a change; called with the lock, which it releases meanwhile. */
static void worker_look(struct source_worker *worker)
{
    struct workers *workers = worker->workers;
    struct answer answer;
    pthread_mutex_unlock(&workers->lock);
    answer_init(&answer, workers->options->name, 0, 0);
    workers->ops.look(worker->connection, &answer);
    workers_note(workers, &answer);
    answer_free(&answer);
    pthread_mutex_lock(&workers->lock);
}

/* Waits for a query, with the lock held; the first thread also checks the database after a long wait; `looked_s`: time
 * of its last check. */
static void worker_rests(struct source_worker *worker, time_t *looked_s)
{
    struct workers *workers = worker->workers;
    struct timespec now, until = {.tv_sec = *looked_s + (workers->away ? LOOK_AWAY_S : LOOK_S)};
    if (!workers->ops.look || worker != workers->all) {
        pthread_cond_wait(&workers->wake, &workers->lock);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec >= until.tv_sec || now.tv_sec < *looked_s) { /* the clock may have been set back since */
        *looked_s = now.tv_sec;
        worker_look(worker);
    } else {
        pthread_cond_timedwait(&workers->wake, &workers->lock, &until);
    }
}

/* Runs a query without the lock, which is taken only to clear `running`: a thread that cancels must not find a freed
 * query. */
static void source_worker_run(struct source_worker *worker, struct source_query *query)
{
    struct workers *workers = worker->workers;
    struct answer answer;
    assert(worker->running == query); /* only this thread sets `running` */
    source_answer_init(query, &answer);
    if (host_monotonic_us() >= query->deadline_us)
        answer_fail(&answer, outcome_timeout, code_timeout, "no time left when its turn came");
    else
        workers->ops.run(worker->connection, query, &answer);
    pthread_mutex_lock(&workers->lock);
    worker->running = NULL;
    pthread_mutex_unlock(&workers->lock);
    workers_note(workers, &answer);
    source_answer(query, &answer);
}

static void *worker_main(void *self)
{
    struct source_worker *worker = self;
    struct workers *workers = worker->workers;
    time_t looked_s = 0;
    pthread_mutex_lock(&workers->lock);
    while (!workers->stop) {
        struct source_query *query = query_queue_take(&workers->queue);
        if (!query) {
            worker_rests(worker, &looked_s);
            continue;
        }
        worker->running = query;
        pthread_mutex_unlock(&workers->lock);
        source_worker_run(worker, query);
        pthread_mutex_lock(&workers->lock);
    }
    pthread_mutex_unlock(&workers->lock);
    workers->ops.end(worker->connection);
    return NULL;
}

/* Interrupts the thread's query; the lock must be held. */
static void worker_interrupt(struct source_worker *worker)
{
    if (!worker->running) return;
    atomic_store(&worker->running->cancelled, true);
    if (worker->workers->ops.interrupt) worker->workers->ops.interrupt(worker->connection);
}

/* Interrupts a thread's query and waits for the end of the thread; the interrupt is repeated, since a library may
 * miss one that comes just before its call begins. */
static void source_worker_join(struct source_worker *worker)
{
    for (;;) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += AGAIN_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (pthread_timedjoin_np(worker->thread, NULL, &until) == 0) return;
        pthread_mutex_lock(&worker->workers->lock);
        worker_interrupt(worker);
        pthread_mutex_unlock(&worker->workers->lock);
    }
}

/* Returns when all threads have ended: running queries are interrupted, and waiting ones are freed without an
 * answer. */
void workers_free(void *self)
{
    struct workers *workers = self;
    pthread_mutex_lock(&workers->lock);
    workers->stop = true;
    for (uint32_t i = 0; i < workers->count; i++) worker_interrupt(&workers->all[i]);
    pthread_cond_broadcast(&workers->wake);
    pthread_mutex_unlock(&workers->lock);
    for (uint32_t i = 0; i < workers->count; i++) source_worker_join(&workers->all[i]);
    query_queue_free(&workers->queue);
    pthread_cond_destroy(&workers->wake);
    pthread_mutex_destroy(&workers->lock);
    free(workers->all);
    free(workers);
}

struct workers *workers_new(struct source *source, const struct source_options *options, uint32_t threads,
                            const struct workers_ops *ops, struct error *error)
{
    struct workers *workers = memory_zeroed(1, sizeof *workers);
    assert(threads > 0);
    workers->source = source;
    workers->options = options;
    workers->ops = *ops;
    workers->all = memory_zeroed(threads, sizeof *workers->all);
    query_queue_init(&workers->queue, options->waiting_max, options->waiting_bytes);
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->wake, NULL);
    for (; workers->count < threads; workers->count++) {
        struct source_worker *worker = &workers->all[workers->count];
        worker->workers = workers;
        worker->connection = ops->begin(options);
        if (pthread_create(&worker->thread, NULL, worker_main, worker) == 0) continue;
        error_set(error, ERROR_SYSTEM, "source %s: no thread can be started", options->name);
        ops->end(worker->connection);
        workers_free(workers);
        return NULL;
    }
    return workers;
}

bool workers_ask(void *self, struct source_query *query)
{
    struct workers *workers = self;
    bool taken;
    assert(query->source);
    pthread_mutex_lock(&workers->lock);
    taken = query_queue_put(&workers->queue, query);
    pthread_cond_signal(&workers->wake);
    pthread_mutex_unlock(&workers->lock);
    return taken;
}

/* Cancels a query: if it still waits, it is taken out of the queue; if it runs, it is interrupted. */
bool workers_cancel(void *self, uint64_t ixn, uint64_t ref)
{
    struct workers *workers = self;
    struct source_query *query = NULL;
    bool runs = false;
    pthread_mutex_lock(&workers->lock);
    for (uint32_t i = 0; i < workers->count && !runs; i++) {
        struct source_worker *worker = &workers->all[i];
        runs = worker->running && worker->running->ixn == ixn && worker->running->ref == ref;
        if (runs) worker_interrupt(worker);
    }
    if (!runs) query = query_queue_pick(&workers->queue, ixn, ref);
    pthread_mutex_unlock(&workers->lock);
    free(query);
    return runs || query;
}

void source_workers_read(void *self, struct source_row *row)
{
    struct workers *workers = self;
    pthread_mutex_lock(&workers->lock);
    row->waiting = workers->queue.count;
    row->waiting_bytes = workers->queue.bytes;
    row->open = workers->away;
    memcpy(row->trouble, workers->trouble, sizeof row->trouble);
    pthread_mutex_unlock(&workers->lock);
}
