/* runtime/sources/pgsession.h - One connection to PostgreSQL, and the statements in flight on it, one behind the other.
 *
 * Each statement is prepared once a connection and ends by a sync of its own, so that an error hits only itself. A
 * write has the connection to itself. Queries in flight when the connection is lost go back (reads, and what was not
 * sent yet) or fail with outcome_unknown (writes). Nothing here waits; all on the loop's thread. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapter/aside.h"
#include "runtime/sources/kind.h"

struct pgsession;

enum pgsession_news { NEWS_GOOD, NEWS_BAD, NEWS_NEUTRAL }; /* the server answered; did not; neither */

struct pgsession_calls { /* to the owner: none of them may free the session */
    void *self;
    void (*up)(void *self);                                 /* the connection is made */
    void (*room)(void *self);                               /* there is room for more queries than before */
    void (*down)(void *self, bool was_up, const char *why); /* the connection is lost; it may be started again */
    void (*again)(void *self, struct source_query *, const char *why); /* the query was not run: ask it again */
    void (*settled)(void *self, enum pgsession_news);                  /* a statement is over */
};

struct pgsession *pgsession_new(struct event_base *, struct aside *, const struct source_options *,
                                const struct pgsession_calls *);
void pgsession_free(struct pgsession *); /* forgets what is in flight */

/* Takes the connection that has been started. */
void pgsession_start(struct pgsession *, PGconn *);
bool pgsession_off(const struct pgsession *); /* there is no connection, nor one being made */
bool pgsession_up(const struct pgsession *);
/* Returns how many of its queries are not answered yet. */
unsigned pgsession_load(const struct pgsession *);
/* Could it send one more query that would not wait behind a slow statement? */
bool pgsession_room(const struct pgsession *, bool write, uint64_t now_us);

/* Returns when pgsession_late() is to be called, as it runs a statement that nobody wants any more. UINT64_MAX: never.
 */
uint64_t pgsession_look(const struct pgsession *);

void pgsession_send(struct pgsession *, struct source_query *); /* takes the query; there is room for it */
bool pgsession_cancel(struct pgsession *, uint64_t ixn, uint64_t ref);
/* Gives up late queries, a connection that is not made in time, cancellations at the server. `*next_us` becomes the
 * next time to look, where that is earlier. Returns how many statements it had cancelled. */
unsigned pgsession_late(struct pgsession *, uint64_t now_us, uint64_t *next_us);
