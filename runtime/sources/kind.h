/* runtime/sources/kind.h - What a kind of database has to bring: connecting, and running one statement at a time.
 *
 * The pool (source.c) calls it from the source's own thread only. */
#ifndef SOURCES_KIND_H
#define SOURCES_KIND_H

#include <stdatomic.h>

#include "runtime/sources/answer.h"
#include "runtime/sources/source.h"

struct source_query {
    const uint8_t *hash;
    const char *text;
    const struct source_column *columns;
    size_t column_count;
    struct span params;   /* kv: one value each parameter, in order */
    uint32_t rows;        /* so many are wanted */
    uint64_t deadline_us; /* monotonic */
    const atomic_bool *cancelled;
};

struct source_kind {
    const char *name;
    void *(*open)(const struct source_options *); /* connects later: always succeeds. The options outlive it. */
    void (*close)(void *);
    void (*run)(void *, const struct source_query *, struct answer *);
};

extern const struct source_kind source_sqlite;

#endif
