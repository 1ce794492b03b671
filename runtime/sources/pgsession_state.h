/* runtime/sources/pgsession_state.h - What pgsession.c (the connection) and flights.c (the queries in flight on it)
 * share. */
#pragma once

#include <event2/event.h>

#include "runtime/sources/rows.h"
#include "runtime/sources/pgsession.h"

enum {
    STATEMENTS_MAX = 512,
    PARAMS_MAX = 256,
    NULLS_MAX = 8,
    RESULTS_MAX = 64, /* results taken in one round: a server that sends without end must not block the loop */
    SLOW_US = 50000,
    UNWANTED_US = 50000,
    STRAY_US = 2000000
};

enum state { STATE_OFF, STATE_CONNECTING, STATE_SETTING, STATE_READY };

struct prepared {
    uint8_t hash[SOURCE_HASH];
    char name[24];
    bool ready;
    Oid types[PARAMS_MAX];
    int type_count;
    struct query_queue waiting; /* queries that wait until the session is ready */
};

struct flight {
    struct prepared *prepared;
    struct source_query *query; /* NULL: nobody waits for its answer, or it only prepares */
    bool runs;                  /* true: it runs its statement; false: it prepares it */
    bool write;
    /* how many results a preparing flight has got: first for the preparing, then for the description */
    unsigned results;
};

struct pgsession {
    struct event_base *base;
    struct aside *aside;
    const struct source_options *options;
    struct pgsession_calls calls;
    enum state state;
    PGconn *pg;
    struct event *event;
    struct event *rest; /* a timer: results that libpq has already are taken in the next round of the loop */
    evutil_socket_t fd;
    short watched;
    uint64_t generation, since_us, names;
    struct prepared *prepared[STATEMENTS_MAX];
    size_t prepared_count;
    struct flight *flights; /* a ring */
    unsigned capacity, first, count, load;
    unsigned unsent;       /* how many queries of `load` wait for a statement, and have no flight yet */
    struct rows rows;      /* the rows of the first flight */
    bool exclusive;        /* a write is in flight */
    uint64_t head_us;      /* when the first flight became the first */
    uint64_t unwanted_us;  /* since when nobody wants the answer of the first flight; 0: it is wanted */
    bool more;             /* libpq has results that were not taken yet; before that nothing is read */
    bool cancelling;       /* a cancel is being sent to the server */
    uint64_t cancelled_us; /* when the last cancel reached the server: it may still hit the next statement */
    char *scratch;         /* texts of parameters */
    size_t scratch_size;
};

struct flight *flight_at(const struct pgsession *, unsigned index);
/* Takes the query out of its flight, and drops the answer that was begun for it. NULL: the flight had no query. */
struct source_query *flight_leave(struct pgsession *, struct flight *);
/* Sends the query, or first prepares its statement. False: the connection is lost. */
bool flights_send(struct pgsession *, struct source_query *);
/* Takes answers that the server has sent; `more` is set if there are further ones. False: the connection is lost. */
bool flights_take(struct pgsession *);
