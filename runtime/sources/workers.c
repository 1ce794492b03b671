/* runtime/sources/workers.c - The threads, their queue, and what each runs.
 *
 * The lock guards the queue, `running` and `stop`; what a thread has for its queries is its own. `running` is cleared
 * under the lock before the query is answered and freed, so a cancel never touches a query that is gone. */
#include "config.h"

#include "runtime/sources/workers.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/host/real.h"
#include "runtime/vocabulary/memory.h"

enum { AGAIN_NS = 50000000 };

struct source_worker {
    struct workers *workers;
    pthread_t thread;
    void *connection;
    struct source_query *running;
};

struct workers {
    const struct source_options *options;
    struct workers_ops ops;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct query_queue queue;
    bool stop;
    struct source_worker *all;
    uint32_t count;
};

/* Without the lock, but for the moment of leaving: who cancels must not find what is freed. */
static void source_worker_run(struct source_worker *worker, struct source_query *query)
{
    struct workers *workers = worker->workers;
    struct answer answer;
    assert(worker->running == query); /* the worker is the only one who changes it */
    source_answer_init(query, &answer);
    if (clock_monotonic_us() >= query->deadline_us)
        answer_fail(&answer, outcome_timeout, code_timeout, "no time left when its turn came");
    else
        workers->ops.run(worker->connection, query, &answer);
    pthread_mutex_lock(&workers->lock);
    worker->running = NULL;
    pthread_mutex_unlock(&workers->lock);
    source_answer(query, &answer);
}

static void *worker_main(void *self)
{
    struct source_worker *worker = self;
    struct workers *workers = worker->workers;
    pthread_mutex_lock(&workers->lock);
    while (!workers->stop) {
        struct source_query *query = query_queue_take(&workers->queue);
        if (!query) {
            pthread_cond_wait(&workers->wake, &workers->lock);
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

/* With the lock. */
static void worker_interrupt(struct source_worker *worker)
{
    if (!worker->running) return;
    atomic_store(&worker->running->cancelled, true);
    if (worker->workers->ops.interrupt) worker->workers->ops.interrupt(worker->connection);
}

/* A library may miss an interruption that comes just before it begins: it is said again until the thread has ended. */
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

struct workers *workers_new(const struct source_options *options, uint32_t threads, const struct workers_ops *ops,
                            struct error *error)
{
    struct workers *workers = memory_zeroed(1, sizeof *workers);
    assert(threads > 0);
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

/* If it still waits it is taken out; where it runs it is interrupted. */
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
    pthread_mutex_unlock(&workers->lock);
}
