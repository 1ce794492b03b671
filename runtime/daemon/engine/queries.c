/* runtime/daemon/engine/queries.c - Keeps the running queries, which are found by interaction and number, and counts
 * how they end.
 *
 * A query that is sent to a source is put into a chain with its start time. The answer takes the query out again,
 * and is counted in two ways: how the query ended, and how long it took. So each query is counted once, whether it
 * was answered, ran out of time, or was cancelled. The lock guards the chains alone; the counters are atomic, and
 * the metrics read them without any lock.
 *
 * The index of a counter: 0 ok, 1 timeout, 2 cancelled, and from 3 on the codes of the vocabulary. */
#include "runtime/daemon/engine/queries.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "runtime/host/real.h"
#include "runtime/vocabulary/events_host.h"
#include "base/memory.h"

enum { CHAINS = 1024, EXIT_OK = 0, EXIT_TIMEOUT = 1, EXIT_CANCELLED = 2, EXIT_CODES = 3 };

struct open_query {
    struct open_query *next;
    uint64_t ixn, ref, began_us;
    size_t source;
};

struct cost { /* of one source */
    struct histogram seconds;
    atomic_uint_fast64_t exits[QUERY_EXITS];
};

struct queries {
    pthread_mutex_t lock; /* of the chains */
    struct open_query *chains[CHAINS];
    struct cost *costs;
    size_t sources;
};

struct queries *queries_new(size_t sources)
{
    struct queries *queries = memory_zeroed(1, sizeof *queries);
    pthread_mutex_init(&queries->lock, NULL);
    queries->costs = memory_zeroed(sources, sizeof *queries->costs);
    queries->sources = sources;
    return queries;
}

void queries_free(struct queries *queries)
{
    if (!queries) return;
    for (size_t i = 0; i < CHAINS; i++)
        for (struct open_query *asked = queries->chains[i], *next; asked; asked = next) {
            next = asked->next;
            free(asked);
        }
    pthread_mutex_destroy(&queries->lock);
    free(queries->costs);
    free(queries);
}

/* Returns the chain in which a running query is found, by its interaction and number. */
static struct open_query **queries_chain_of(struct queries *queries, uint64_t ixn, uint64_t ref)
{
    return &queries->chains[(ixn * 31 + ref) % CHAINS];
}

void queries_asked(struct queries *queries, size_t source, const struct message *query)
{
    assert(query);
    struct open_query *asked = memory_zeroed(1, sizeof *asked), **chain;
    assert(source < queries->sources);
    *asked = (struct open_query){.ixn = message_u(query, ENVELOPE_ixn),
                                 .ref = message_u(query, ENVELOPE_ref),
                                 .began_us = host_monotonic_us(),
                                 .source = source};
    pthread_mutex_lock(&queries->lock);
    chain = queries_chain_of(queries, asked->ixn, asked->ref);
    asked->next = *chain;
    *chain = asked;
    pthread_mutex_unlock(&queries->lock);
}

/* Takes the query out of its chain; the caller frees it. NULL: the query is not running. */
static struct open_query *queries_take(struct queries *queries, uint64_t ixn, uint64_t ref)
{
    struct open_query *asked, **at;
    pthread_mutex_lock(&queries->lock);
    at = queries_chain_of(queries, ixn, ref);
    while (*at && ((*at)->ixn != ixn || (*at)->ref != ref)) at = &(*at)->next;
    asked = *at;
    if (asked) *at = asked->next;
    pthread_mutex_unlock(&queries->lock);
    return asked;
}

/* An answer to no running query is not counted: the query was cancelled, or is older than this process. */
void queries_answered(struct queries *queries, const struct message *done)
{
    assert(done);
    struct open_query *asked = queries_take(queries, message_u(done, ENVELOPE_ixn), message_u(done, ENVELOPE_ref));
    unsigned outcome = (unsigned)message_u(done, EventDone_outcome), exit = EXIT_OK;
    if (!asked) return;
    if (outcome == outcome_timeout)
        exit = EXIT_TIMEOUT;
    else if (outcome != outcome_ok)
        exit = EXIT_CODES + (unsigned)message_u(done, EventDone_code);
    if (exit >= QUERY_EXITS) exit = EXIT_CODES; /* other */
    atomic_fetch_add(&queries->costs[asked->source].exits[exit], 1);
    histogram_add(&queries->costs[asked->source].seconds, host_monotonic_us() - asked->began_us);
    free(asked);
}

void queries_cancelled(struct queries *queries, uint64_t ixn, uint64_t ref)
{
    struct open_query *asked = queries_take(queries, ixn, ref);
    if (!asked) return; /* the step that is cancelled need not be a query, and an answer may have come before */
    atomic_fetch_add(&queries->costs[asked->source].exits[EXIT_CANCELLED], 1);
    free(asked);
}

const struct histogram *queries_seconds(const struct queries *queries, size_t source)
{
    assert(source < queries->sources);
    return &queries->costs[source].seconds;
}

uint64_t queries_count(const struct queries *queries, size_t source, unsigned exit)
{
    assert(source < queries->sources && exit < QUERY_EXITS);
    return atomic_load(&queries->costs[source].exits[exit]);
}

/* True for the exits that /metrics shows of each source from the start; other exits are shown once a query has ended
 * so. */
bool queries_exit_is_shown(const struct queries *queries, size_t source, unsigned exit)
{
    static const unsigned codes[] = {code_unavailable, code_refused, code_too_large, code_outcome_unknown,
                                     code_bad_row,     code_status,  code_bad_body};
    if (exit < EXIT_CODES || queries_count(queries, source, exit) > 0) return true;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (exit == EXIT_CODES + codes[i]) return true;
    return false;
}

const char *queries_exit(unsigned exit)
{
    assert(exit < QUERY_EXITS);
    if (exit == EXIT_OK) return "ok";
    if (exit == EXIT_TIMEOUT) return "timeout";
    return exit == EXIT_CANCELLED ? "cancelled" : enum_name_code(exit - EXIT_CODES);
}
