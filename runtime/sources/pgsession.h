/* runtime/sources/pgsession.h - One connection to PostgreSQL, with its statements in flight, one behind the other.
 *
 * Each statement is prepared once for a connection and ends by a sync of its own, so that an error affects only that
 * statement. While a write runs, no other query is sent by the connection. If the connection is lost, its queries go
 * back to the pool (reads, and those not sent yet) or fail with outcome_unknown (writes). No function here waits;
 * all are called on the loop's thread. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapter/aside.h"
#include "runtime/sources/kind.h"

struct pgsession;

/* what an answer shows: the server works; it does not; neither */
enum pgsession_news { NEWS_GOOD, NEWS_BAD, NEWS_NEUTRAL };

struct pgsession_calls { /* functions of the owner; none of them may free the session */
    void *self;
    void (*up)(void *self);                                 /* the connection is made */
    void (*room)(void *self);                               /* there is room for more queries than before */
    void (*down)(void *self, bool was_up, const char *why); /* the connection is lost; it may be started again */
    /* the query was not run, and must be asked again */
    void (*again)(void *self, struct source_query *, const char *why);
    void (*settled)(void *self, enum pgsession_news); /* a statement is over */
};

struct pgsession *pgsession_new(struct event_base *, struct aside *, const struct source_options *,
                                const struct pgsession_calls *);
void pgsession_free(struct pgsession *); /* drops the queries in flight */

/* Uses the connection that has been started. */
void pgsession_start(struct pgsession *, PGconn *);
bool pgsession_off(const struct pgsession *); /* true: the session has no connection, and is not making one */
bool pgsession_up(const struct pgsession *);
/* Returns how many queries of the session are not answered yet. */
unsigned pgsession_load(const struct pgsession *);
/* Can the session send one more query that would not wait for a slow statement? */
bool pgsession_room(const struct pgsession *, bool write, uint64_t now_us);

/* Returns when to call pgsession_late(), because the session runs a statement whose answer nobody wants. UINT64_MAX:
 * never. */
uint64_t pgsession_look(const struct pgsession *);

void pgsession_send(struct pgsession *, struct source_query *); /* takes the query; there must be room for it */
bool pgsession_cancel(struct pgsession *, uint64_t ixn, uint64_t ref);
/* Gives up late queries and a connection that is not made in time, and asks the server to cancel statements. If the
 * next time to call it is earlier than `*next_us`, sets that. Returns for how many statements a cancel was sent. */
unsigned pgsession_late(struct pgsession *, uint64_t now_us, uint64_t *next_us);
