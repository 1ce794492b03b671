/* runtime/sources/pgsession_state.h - The parts that pgsession.c (the connection) and flights.c (the queries in flight
 * on it) share. */
#pragma once

#include <event2/event.h>

#include "runtime/sources/rows.h"
#include "runtime/sources/pgsession.h"

enum {
    STATEMENTS_MAX = 512,
    PARAMS_MAX = 256,
    NULLS_MAX = 8,
    RESULTS_MAX = 64, /* results taken in one round: a server that sends without end must not keep the loop */
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
    struct query_queue waiting; /* queries that wait until it is ready */
};

struct flight {
    struct prepared *prepared;
    struct source_query *query; /* NULL: nobody waits for it any more, or it only prepares */
    bool runs;                  /* true: it runs the statement; false: it prepares it */
    bool write;
    unsigned results; /* results of a flight that prepares: first that of preparing, then the description */
};

struct pgsession {
    struct event_base *base;
    struct aside *aside;
    const struct source_options *options;
    struct pgsession_calls calls;
    enum state state;
    PGconn *pg;
    struct event *event;
    struct event *rest; /* a timer: results that libpq has already are taken in the loop's next round */
    evutil_socket_t fd;
    short watched;
    uint64_t generation, since_us, names;
    struct prepared *prepared[STATEMENTS_MAX];
    size_t prepared_count;
    struct flight *flights; /* a ring */
    unsigned capacity, first, count, load;
    unsigned unsent;       /* how many of the load wait for their statement, and have no flight yet */
    struct rows rows;      /* rows of the first flight */
    bool exclusive;        /* the statement in flight is a write */
    uint64_t head_us;      /* when the first flight became the first */
    uint64_t unwanted_us;  /* since when nobody wants the first flight's answer; 0: it is wanted */
    bool more;             /* libpq has results that were not taken yet; until they are, nothing is read */
    bool cancelling;       /* a cancel is on its way to the server */
    uint64_t cancelled_us; /* when the last cancel had reached the server: it may hit the next statement */
    char *scratch;         /* texts of parameters */
    size_t scratch_size;
};

struct flight *flight_at(const struct pgsession *, unsigned index);
/* Takes the query out of its flight, and drops the answer begun for it. NULL: the flight had no query. */
struct source_query *flight_leave(struct pgsession *, struct flight *);
/* Sends the query, or first prepares its statement. False: the connection is lost. */
bool flights_send(struct pgsession *, struct source_query *);
/* Takes answers that the server has sent; `more` says whether there are others. False: the connection is lost. */
bool flights_take(struct pgsession *);
