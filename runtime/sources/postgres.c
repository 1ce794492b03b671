/* runtime/sources/postgres.c - A PostgreSQL database as a source: a pool of sessions in the caller's event loop.
 *
 * Queries come from any thread into one queue with a limit; the loop gives them to the session with the fewest
 * queries, and more than one to a session only when all are busy. A lost server is tried again with growing pauses;
 * after some failures in a row the circuit opens, and queries are refused at once until one has been answered again.
 *
 *     any thread    ask --> queue --wake--> pool_dispatch
 *                   cancel: takes it out of the queue, else notes it for the loop
 *     the loop      pool_dispatch: first of the queue --> circuit closed? --> a session with room? --> pgsession_send
 *                   pool_on_timer: late queries are answered so, late sessions given up, the next look is set
 *     sessions say  up, room --> pool_dispatch     down --> trouble, a new attempt later
 *                   again --> back to the front of the queue, TRIES_MAX times at most     settled --> the breaker
 *
 * The lock protects the queue, the cancels and the row that `status` shows; all else is used only by the loop.
 * Connections are made one at a time, so that not all of them begin at once when a server comes back. */
#include <assert.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/adapter/aside.h"
#include "runtime/sources/breaker.h"
#include "runtime/sources/conninfo.h"
#include "runtime/sources/kind.h"
#include "runtime/sources/pgsession.h"
#include "base/aways.h"
#include "base/memory.h"

enum { TRIES_MAX = 3, TICK_MIN_US = 2000 };

struct cancel {
    uint64_t ixn, ref;
};

struct postgres {
    struct source *source;
    const struct source_options *options;
    pthread_mutex_t lock; /* protects the queue, the cancels, `soonest_us` and `row` */
    struct query_queue queue;
    struct cancel *cancels;
    size_t cancel_count;
    uint64_t soonest_us;   /* the earliest deadline of queries that came since the loop last looked */
    struct source_row row; /* the source as `status` shows it */
    int fd;                /* wakes the loop */
    /* The loop alone uses the fields from here on. */
    struct event_base *base;
    struct event *wake, *timer;
    uint64_t timer_us; /* when the timer fires next; 0: it does not run */
    /* two threads: a cancel for a host that is gone must not delay a name look-up */
    struct aside *resolver, *canceller;
    struct pgsession **sessions; /* options->connections of them */
    struct backoff backoff;
    uint64_t connect_us; /* no connection is begun before this time */
    bool resolving, closing;
    struct breaker breaker;
    uint64_t lost, cancelled, opened;
    char trouble[sizeof((struct source_row *)0)->trouble]; /* why there is no connection; "": there is one, or was until
                                                              now */
    bool told;                                             /* the current trouble was reported to an operator */
    /* the reasons of all lost connections and failed attempts since the source was last connected */
    struct aways aways;
};

/* Returns a random number, so that programs which wait for the same server have different pauses. */
static uint32_t postgres_chance(void)
{
    uint32_t number = 0;
    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number) number = UINT32_MAX;
    return number;
}

/* Fills the row for `status`; called from any thread. */
static void pool_row_fill(struct postgres *pool)
{
    uint64_t in_flight = 0, connected = 0;
    for (uint32_t i = 0; i < pool->options->connections; i++) {
        in_flight += pgsession_load(pool->sessions[i]);
        connected += pgsession_up(pool->sessions[i]);
    }
    pthread_mutex_lock(&pool->lock);
    pool->row.in_flight = in_flight;
    pool->row.connections = pool->options->connections;
    pool->row.connected = connected;
    pool->row.lost = pool->lost;
    pool->row.cancelled = pool->cancelled;
    pool->row.opened = pool->opened;
    pool->row.open = pool->breaker.state != BREAKER_CLOSED;
    memcpy(pool->row.trouble, pool->trouble, sizeof pool->trouble);
    pthread_mutex_unlock(&pool->lock);
}

static bool pool_connected(const struct postgres *pool)
{
    bool is = false;
    for (uint32_t i = 0; i < pool->options->connections; i++) is = is || pgsession_up(pool->sessions[i]);
    return is;
}

/* ---- connecting ---- */

struct resolve_job {
    struct aside_job job;
    struct postgres *pool;
    struct conninfo *info;
    bool good;
    char why[160];
};

static void pool_dispatch(struct postgres *);
static void pool_timer_set(struct postgres *, uint64_t at_us);

/* Counts a failure, which may open the circuit. */
static void postgres_bad(struct postgres *pool)
{
    if (!breaker_bad(&pool->breaker, host_monotonic_us(), postgres_chance())) return;
    pool->opened++;
    pool_timer_set(pool, 0); /* the timer then refuses the queries that wait */
    source_note(pool->source, false, "circuit open after %u failures in a row: queries are refused%s%s",
                pool->breaker.failures, pool->trouble[0] != '\0' ? ": " : "", pool->trouble);
}

/* Takes the failure of an attempt to connect. While other sessions are connected, such a failure only makes the
 * source slower. */
static void pool_failed(struct postgres *pool, const char *why)
{
    snprintf(pool->trouble, sizeof pool->trouble, "%s", why);
    if (aways_add(&pool->aways, "", why))
        source_note(pool->source, false, "%sno connection: %s", pool->told ? "still " : "", pool->trouble);
    pool->told = true;
    pool->connect_us = host_monotonic_us() + backoff_next(&pool->backoff, postgres_chance());
    pool_timer_set(pool, pool->connect_us);
    if (!pool_connected(pool)) postgres_bad(pool);
}

/* Begins the connection by a free session; there is one, because pool_grow() has checked that. */
static void pool_start(struct postgres *pool, struct conninfo *info)
{
    for (uint32_t i = 0; i < pool->options->connections; i++) {
        if (!pgsession_off(pool->sessions[i])) continue;
        pgsession_start(pool->sessions[i], conninfo_connect(info));
        break;
    }
    conninfo_free(info);
    pool_timer_set(pool, host_monotonic_us() + pool->options->connect_us);
}

static void resolve_work(struct aside_job *job)
{
    struct resolve_job *it = (struct resolve_job *)job;
    it->good = conninfo_resolve(it->info, it->why, sizeof it->why);
}

static void resolve_finish(struct aside_job *job)
{
    struct resolve_job *it = (struct resolve_job *)job;
    it->pool->resolving = false;
    if (!it->good) {
        pool_failed(it->pool, it->why);
        return;
    }
    pool_start(it->pool, it->info);
    it->info = NULL;
}

static void resolve_drop(struct aside_job *job)
{
    conninfo_free(((struct resolve_job *)job)->info);
    free(job);
}

/* Begins one more connection if a session is free for it, no other attempt is running, and the pause after the last
 * failure is over. */
static void pool_grow(struct postgres *pool)
{
    struct error error = {0};
    struct conninfo *info;
    bool room = false;
    for (uint32_t i = 0; i < pool->options->connections; i++) {
        room = room || pgsession_off(pool->sessions[i]);
        /* connections are made one at a time */
        if (!pgsession_off(pool->sessions[i]) && !pgsession_up(pool->sessions[i])) return;
    }
    if (!room || pool->resolving || pool->closing) return;
    if (host_monotonic_us() < pool->connect_us) {
        pool_timer_set(pool, pool->connect_us);
        return;
    }
    info = conninfo_new(pool->options, &error); /* reads the password's file again: it may have changed */
    if (!info) {
        pool_failed(pool, error.text);
    } else if (!conninfo_named(info)) {
        pool_start(pool, info);
    } else {
        struct resolve_job *it = memory_zeroed(1, sizeof *it);
        *it = (struct resolve_job){
            .job = {.work = resolve_work, .finish = resolve_finish, .drop = resolve_drop}, .pool = pool, .info = info};
        pool->resolving = aside_do(pool->resolver, &it->job);
        if (!pool->resolving) pool_failed(pool, "no thread can be had that asks for its address");
    }
}

/* ---- what sessions report ---- */

/* A session is connected, so the server works: the pauses become short again, and an open circuit lets the next
 * query try. */
static void pool_on_up(void *self)
{
    struct postgres *pool = self;
    if (pool->trouble[0] != '\0') source_note(pool->source, true, "connected");
    pool->trouble[0] = '\0';
    pool->told = false;
    aways_drop(&pool->aways, "");
    backoff_reset(&pool->backoff);
    pool->connect_us = 0;
    if (breaker_state(&pool->breaker, host_monotonic_us()) == BREAKER_OPEN) breaker_hope(&pool->breaker);
    pool_dispatch(pool);
}

static void on_room(void *self)
{
    pool_dispatch(self);
}

/* A session is lost. All connections to a server are lost at once when it ends: that counts as one failure, and the
 * pause stays short. */
static void pool_on_down(void *self, bool was_up, const char *why)
{
    struct postgres *pool = self;
    if (was_up) {
        pool->lost++;
        if (!pool_connected(pool)) {
            snprintf(pool->trouble, sizeof pool->trouble, "%s", why);
            pool->told = true;
            (void)aways_add(&pool->aways, "", why);
            source_note(pool->source, false, "connection lost: %s", pool->trouble);
            postgres_bad(pool);
        }
        pool_timer_set(pool, 0);
    } else {
        pool_failed(pool, why);
    }
    pool_row_fill(pool);
}

/* Takes back a query of a lost connection that the server has not done, or that only reads: it is queued again, or
 * fails if its time or its tries are over. */
static void pool_on_again(void *self, struct source_query *query, const char *why)
{
    struct postgres *pool = self;
    assert(query->tries < TRIES_MAX);
    if (pool->breaker.state == BREAKER_PROBING) breaker_hope(&pool->breaker);
    if (++query->tries >= TRIES_MAX || query->deadline_us <= host_monotonic_us()) {
        source_fail(query, outcome_error, code_unavailable, "%s", why);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    query_queue_back(&pool->queue, query);
    pthread_mutex_unlock(&pool->lock);
    pool_timer_set(pool, 0);
}

/* Handles the end of a statement. Only answers close the circuit: that a connection was made says little about the
 * server. */
static void on_settled(void *self, enum pgsession_news news)
{
    struct postgres *pool = self;
    if (news == NEWS_BAD)
        postgres_bad(pool);
    else if (news == NEWS_GOOD && breaker_good(&pool->breaker))
        source_note(pool->source, true, "circuit closed: queries are answered again");
    else if (news == NEWS_NEUTRAL && pool->breaker.state == BREAKER_PROBING)
        breaker_hope(&pool->breaker);
}

/* ---- queries ---- */

/* Finds the session with room that has the fewest queries; NULL: all are busy. */
static struct pgsession *pool_choose(struct postgres *pool, bool write, uint64_t now_us)
{
    struct pgsession *best = NULL;
    for (uint32_t i = 0; i < pool->options->connections; i++) {
        struct pgsession *session = pool->sessions[i];
        if (!pgsession_room(session, write, now_us)) continue;
        if (!best || pgsession_load(session) < pgsession_load(best)) best = session;
    }
    return best;
}

static struct source_query *pool_take_query(struct postgres *pool)
{
    struct source_query *query;
    pthread_mutex_lock(&pool->lock);
    query = query_queue_take(&pool->queue);
    pthread_mutex_unlock(&pool->lock);
    return query;
}

static bool next_is_write(struct postgres *pool, bool *write)
{
    bool is;
    pthread_mutex_lock(&pool->lock);
    is = pool->queue.first != NULL;
    *write = is && pool->queue.first->write;
    pthread_mutex_unlock(&pool->lock);
    return is;
}

/* Takes the first query if the circuit lets none through, and answers it as refused; true: it did. */
static bool pool_refused(struct postgres *pool, uint64_t now_us)
{
    struct source_query *query;
    enum breaker_state state = breaker_state(&pool->breaker, now_us);
    if (state == BREAKER_CLOSED || (state == BREAKER_DUE && pool_connected(pool))) return false;
    query = pool_take_query(pool);
    if (query)
        source_fail(query, outcome_error, code_unavailable, "circuit open after %u failures in a row%s%s",
                    pool->breaker.failures, pool->trouble[0] != '\0' ? ": " : "", pool->trouble);
    return true;
}

static void pool_dispatch(struct postgres *pool)
{
    bool write;
    while (!pool->closing && next_is_write(pool, &write)) {
        uint64_t now_us = host_monotonic_us();
        struct pgsession *session;
        struct source_query *query;
        if (pool_refused(pool, now_us)) continue;
        session = pool_choose(pool, write, now_us);
        if (!session || pgsession_load(session) > 0) pool_grow(pool);
        if (!session) break;
        query = pool_take_query(pool);
        if (!query) break; /* the query was cancelled meanwhile */
        if (query->write != write) {
            pthread_mutex_lock(&pool->lock);
            query_queue_back(&pool->queue, query);
            pthread_mutex_unlock(&pool->lock);
            continue;
        }
        if (breaker_state(&pool->breaker, now_us) == BREAKER_DUE) breaker_probe(&pool->breaker);
        pgsession_send(session, query);
    }
    for (uint32_t i = 0; i < pool->options->connections; i++) {
        uint64_t look_us = pgsession_look(pool->sessions[i]);
        if (look_us != UINT64_MAX) pool_timer_set(pool, look_us);
    }
    if (!pool_connected(pool))
        pool_grow(pool); /* one connection is always kept, so that a failure is known before a query comes */
    pool_row_fill(pool);
}

/* ---- time ---- */

static void pool_timer_set(struct postgres *pool, uint64_t at_us)
{
    uint64_t now_us = host_monotonic_us(), after_us;
    if (at_us < now_us + TICK_MIN_US) at_us = now_us + TICK_MIN_US;
    /* an earlier time stays: late queries must not put the timer off again and again */
    if (pool->timer_us != 0 && pool->timer_us <= at_us) return;
    pool->timer_us = at_us;
    after_us = at_us - now_us;
    struct timeval after = {.tv_sec = (time_t)(after_us / 1000000), .tv_usec = (suseconds_t)(after_us % 1000000)};
    if (event_add(pool->timer, &after) != 0) abort();
}

/* Answers queries whose time is over while they wait, each with the reason why it had to wait. */
static void queue_late(struct postgres *pool, uint64_t now_us, uint64_t *next_us)
{
    struct source_query *query;
    for (;;) {
        pthread_mutex_lock(&pool->lock);
        query = query_queue_late(&pool->queue, now_us, next_us);
        pthread_mutex_unlock(&pool->lock);
        if (!query) return;
        if (pool_connected(pool))
            source_fail(query, outcome_timeout, code_timeout, "no time left when its turn came");
        else
            source_fail(query, outcome_error, code_unavailable, "no connection in the time given: %s",
                        pool->trouble[0] != '\0' ? pool->trouble : "it was lost");
    }
}

static void pool_on_timer(evutil_socket_t fd, short what, void *self)
{
    struct postgres *pool = self;
    uint64_t now_us = host_monotonic_us(), next_us = UINT64_MAX;
    (void)fd, (void)what;
    pool->timer_us = 0;
    queue_late(pool, now_us, &next_us);
    for (uint32_t i = 0; i < pool->options->connections; i++)
        pool->cancelled += pgsession_late(pool->sessions[i], now_us, &next_us);
    pool_dispatch(pool);
    if (next_us != UINT64_MAX) pool_timer_set(pool, next_us);
}

/* Cancels queries that were not found in the queue: one may be in flight, may have come back meanwhile, or was
 * answered already, and then nothing is done. */
static void cancels_take(struct postgres *pool)
{
    struct cancel *cancels;
    size_t count;
    pthread_mutex_lock(&pool->lock);
    cancels = pool->cancels;
    count = pool->cancel_count;
    pool->cancels = NULL;
    pool->cancel_count = 0;
    pthread_mutex_unlock(&pool->lock);
    for (size_t k = 0; k < count; k++) {
        struct source_query *query; /* a cancelled query that was queued again after its connection was lost */
        pthread_mutex_lock(&pool->lock);
        query = query_queue_pick(&pool->queue, cancels[k].ixn, cancels[k].ref);
        pthread_mutex_unlock(&pool->lock);
        free(query);
        for (uint32_t i = 0; i < pool->options->connections; i++)
            if (pgsession_cancel(pool->sessions[i], cancels[k].ixn, cancels[k].ref)) {
                pool_timer_set(pool, 0); /* the timer soon handles the query, which nobody wants any more */
                break;
            }
    }
    free(cancels);
}

static void pool_on_wake(evutil_socket_t fd, short what, void *self)
{
    struct postgres *pool = self;
    uint64_t count, soonest_us;
    ssize_t n = read(fd, &count, sizeof count);
    (void)n, (void)what;
    pthread_mutex_lock(&pool->lock);
    soonest_us = pool->soonest_us;
    pool->soonest_us = UINT64_MAX;
    pthread_mutex_unlock(&pool->lock);
    if (soonest_us != UINT64_MAX) pool_timer_set(pool, soonest_us);
    cancels_take(pool);
    pool_dispatch(pool);
}

/* ---- the kind ---- */

static bool postgres_check(const struct source_options *options, struct error *error)
{
    struct error why = {0};
    if (conninfo_check(options->postgres, &why)) return true;
    return error_set(error, why.code, "source `%s`: postgres: %s", options->name, why.text);
}

static void pool_close(void *self)
{
    struct postgres *pool = self;
    pool->closing = true;
    aside_free(pool->resolver); /* no result of either thread comes back after this */
    aside_free(pool->canceller);
    for (uint32_t i = 0; i < pool->options->connections; i++) pgsession_free(pool->sessions[i]);
    event_free(pool->timer);
    event_free(pool->wake);
    close(pool->fd);
    query_queue_free(&pool->queue);
    pthread_mutex_destroy(&pool->lock);
    free(pool->sessions);
    free(pool->cancels);
    free(pool);
}

static void *pool_open(struct source *source, const struct source_options *options, struct event_base *base,
                       struct error *error)
{
    struct postgres *pool;
    if (!base) {
        error_set(error, ERROR_STATE, "source %s: there is no loop for PostgreSQL", options->name);
        return NULL;
    }
    pool = memory_zeroed(1, sizeof *pool);
    pool->source = source;
    pool->options = options;
    pool->base = base;
    pool->soonest_us = UINT64_MAX;
    snprintf(pool->trouble, sizeof pool->trouble, "not connected yet");
    pthread_mutex_init(&pool->lock, NULL);
    query_queue_init(&pool->queue, options->waiting_max, options->waiting_bytes);
    backoff_init(&pool->backoff, options->retry_us, options->retry_max_us);
    breaker_init(&pool->breaker, options->failures, 4 * options->retry_us, options->retry_max_us);
    pool->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (pool->fd < 0) abort();
    pool->wake = event_new(base, pool->fd, EV_READ | EV_PERSIST, pool_on_wake, pool);
    pool->timer = evtimer_new(base, pool_on_timer, pool);
    if (!pool->wake || !pool->timer || event_add(pool->wake, NULL) != 0) abort();
    pool->resolver = aside_new(base);
    pool->canceller = aside_new(base);
    pool->sessions = memory_zeroed(options->connections, sizeof *pool->sessions);
    for (uint32_t i = 0; i < options->connections; i++)
        pool->sessions[i] = pgsession_new(base, pool->canceller, options,
                                          &(struct pgsession_calls){.self = pool,
                                                                    .up = pool_on_up,
                                                                    .room = on_room,
                                                                    .down = pool_on_down,
                                                                    .again = pool_on_again,
                                                                    .settled = on_settled});
    pool_timer_set(pool, 0); /* the loop makes the first connection */
    return pool;
}

static void pool_wake(struct postgres *pool)
{
    uint64_t one = 1;
    if (write(pool->fd, &one, sizeof one) != sizeof one) abort();
}

static bool pool_ask(void *self, struct source_query *query)
{
    struct postgres *pool = self;
    bool taken;
    assert(query->source == pool->source);
    pthread_mutex_lock(&pool->lock);
    if (query->deadline_us < pool->soonest_us) pool->soonest_us = query->deadline_us;
    taken = query_queue_put(&pool->queue, query);
    pthread_mutex_unlock(&pool->lock);
    if (taken) pool_wake(pool);
    return taken;
}

static bool postgres_cancel(void *self, uint64_t ixn, uint64_t ref)
{
    struct postgres *pool = self;
    struct source_query *query;
    pthread_mutex_lock(&pool->lock);
    query = query_queue_pick(&pool->queue, ixn, ref);
    if (!query) { /* the query may be in flight: the loop finds out */
        pool->cancels = memory_more(pool->cancels, pool->cancel_count, sizeof *pool->cancels);
        pool->cancels[pool->cancel_count++] = (struct cancel){ixn, ref};
    }
    pthread_mutex_unlock(&pool->lock);
    if (!query) pool_wake(pool);
    free(query);
    return query != NULL;
}

static void postgres_read(void *self, struct source_row *row)
{
    struct postgres *pool = self;
    struct source_row told;
    pthread_mutex_lock(&pool->lock);
    told = pool->row;
    told.waiting = pool->queue.count;
    told.waiting_bytes = pool->queue.bytes;
    pthread_mutex_unlock(&pool->lock);
    told.name = row->name;
    told.type = row->type;
    told.database = row->database;
    told.queries = row->queries;
    told.errors = row->errors;
    *row = told;
}

const struct source_kind source_postgres = {"postgresql", postgres_check,  pool_open,     pool_close,
                                            pool_ask,     postgres_cancel, postgres_read, NULL};
