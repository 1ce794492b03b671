/* runtime/sources/workers.h - Threads that run a source's queries, one after the other each, for libraries that block.
 *
 *   any thread: ask --> queue --> a thread: run, answer
 *               cancel: takes it out |   or sets its flag and interrupts the thread's connection
 *
 * Each thread has a connection of its own, which the kind makes. */
#pragma once

#include "runtime/sources/kind.h"

struct workers;

struct workers_ops {
    /* Makes what a thread has for its queries; nothing is connected yet. The options outlive it. */
    void *(*begin)(const struct source_options *);
    void (*run)(void *, const struct source_query *, struct answer *);
    /* Looks whether the database can be reached, by one thread while there are no queries; the answer fails if not.
     * NULL: only queries tell. */
    void (*look)(void *, struct answer *);
    void (*interrupt)(
        void *); /* called by another thread: run() is to end soon. NULL: run() looks at the query's flag by itself */
    void (*end)(void *);
};

/* NULL with the error: no thread can be started. */
struct workers *workers_new(struct source *, const struct source_options *, uint32_t threads,
                            const struct workers_ops *, struct error *);

/* The operations of struct source_kind (kind.h) for a kind that uses such threads. */
void workers_free(void *workers);
bool workers_ask(void *workers, struct source_query *);
bool workers_cancel(void *workers, uint64_t ixn, uint64_t ref);
void source_workers_read(void *workers,
                         struct source_row *); /* `open`: the last query or look did not reach the database */
