/* runtime/sources/workers.h - Threads for libraries that block; each thread runs a source's queries one after the
 * other.
 *
 *     any thread: ask --> queue --> a thread: run, answer
 *                 cancel: takes it out |   or sets its flag and interrupts the thread's connection
 *
 * Each thread has its own connection, made by the source's kind. */
#pragma once

#include "runtime/sources/kind.h"

struct workers;

struct workers_ops {
    /* Makes the state that a thread needs for its queries; it does not connect yet. The options outlive it. */
    void *(*begin)(const struct source_options *);
    void (*run)(void *, const struct source_query *, struct answer *);
    /* Checks whether the database can be reached, called by one thread while there are no queries; if not, the
     * answer fails. NULL: only queries tell. */
    void (*look)(void *, struct answer *);
    void (*interrupt)(
        void *); /* Makes run() end soon; called by another thread. NULL: run() checks the query's cancel flag itself */
    void (*end)(void *);
};

/* Returns NULL and sets the error if no thread can be started. */
struct workers *workers_new(struct source *, const struct source_options *, uint32_t threads,
                            const struct workers_ops *, struct error *);

/* The operations of struct source_kind (kind.h) for a kind that uses such threads. */
void workers_free(void *workers);
bool workers_ask(void *workers, struct source_query *);
bool workers_cancel(void *workers, uint64_t ixn, uint64_t ref);
void source_workers_read(void *workers,
                         /* `open` is false if the last query or check did not reach the database */
                         struct source_row *);
