/* runtime/sources/kind.h - The functions that each kind of database provides for sources, and the queries that they
 * get.
 *
 * The pool (source.c) makes a query; it belongs to the kind from ask() until source_answer(), which frees the query. */
#pragma once

#include <stdatomic.h>

#include "runtime/sources/answer.h"
#include "runtime/sources/source.h"

struct source; /* the pool's */

struct source_query {
    struct source_query *next; /* in a queue */
    struct source *source;
    uint64_t ixn, ref, conn;
    const uint8_t *hash;
    const char *text;
    const struct source_column *columns;
    size_t column_count;
    struct span params; /* kv: one value for each parameter, in order; stored after the struct */
    uint32_t rows;      /* the most rows that are wanted */
    bool write;         /* true: the step is `query exec` */
    bool secret;        /* true: its answer must not be shown anywhere */
    uint64_t asked_us;  /* monotonic */
    uint64_t deadline_us;
    unsigned tries; /* how often its connection was lost */
    atomic_bool cancelled;
};

/* A kind names all its functions in this order: a forgotten one would be NULL, so the kinds are compiled with
 * -Werror=missing-field-initializers. */
struct source_kind {
    const char *name;
    bool (*check)(const struct source_options *, struct error *);
    /* NULL with the error. The options outlive it. */
    void *(*open)(struct source *, const struct source_options *, struct event_base *, struct error *);
    void (*close)(void *);
    /* called from any thread; false: too many queries wait, and this one was not taken */
    bool (*ask)(void *, struct source_query *);
    /* From any thread. True: the query was here, and ends without an answer; false: it may be in another source. */
    bool (*cancel)(void *, uint64_t ixn, uint64_t ref);
    void (*read)(void *, struct source_row *); /* fills the fields that the pool does not know */
    /* Would the database accept the statement? The statement is prepared, but not run. NULL: this cannot be found
     * out without asking a server. */
    bool (*tries)(const struct source_options *, const char *statement, struct error *);
};

extern const struct source_kind source_sqlite, source_postgres, source_odbc;

/* Begins an answer without rows. */
void source_answer_init(const struct source_query *, struct answer *);
/* Posts the answer, unless the query was cancelled; frees query and answer. Any thread. */
void source_answer(struct source_query *, struct answer *);
/* Posts a failure for a query that has no answer yet. Returns false. */
bool source_fail(struct source_query *, enum outcome, enum code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void source_note(struct source *, bool good, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Waiting queries, limited in number and bytes. Has no lock. */
struct query_queue {
    struct source_query *first, **last;
    uint32_t count, count_max;
    uint64_t bytes, bytes_max;
};

void query_queue_init(struct query_queue *, uint32_t count_max, uint64_t bytes_max);
bool query_queue_put(struct query_queue *, struct source_query *); /* false: it is full */
/* puts the query at the front, without looking at the limits */
void query_queue_back(struct query_queue *, struct source_query *);
struct source_query *query_queue_take(struct query_queue *); /* NULL: empty */
struct source_query *query_queue_pick(struct query_queue *, uint64_t ixn, uint64_t ref);
/* Takes one query whose time is over; sets `*next_us` to the earliest deadline of the others. */
struct source_query *query_queue_late(struct query_queue *, uint64_t now_us, uint64_t *next_us);
void query_queue_free(struct query_queue *);
