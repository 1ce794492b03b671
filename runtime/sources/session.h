/* runtime/sources/session.h - One connection to PostgreSQL, and the statements in flight on it, one behind the other.
 *
 * Each statement is prepared once a connection and ends by a sync of its own, so that an error hits only itself. A
 * write has the connection to itself. What is in flight when the connection is lost goes back (reads, and what was not
 * sent yet) or fails with outcome_unknown (writes). Nothing here waits; all on the loop's thread. */
#ifndef SOURCES_SESSION_H
#define SOURCES_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/sources/aside.h"
#include "runtime/sources/kind.h"

struct session;

enum session_news { NEWS_GOOD, NEWS_BAD, NEWS_NEUTRAL }; /* the server answered; did not; neither */

struct session_calls { /* to the owner: none of them may free the session */
    void *self;
    void (*up)(void *self);                                            /* made, or made ready for more */
    void (*down)(void *self, bool was_up, const char *why);            /* it may be started again */
    void (*again)(void *self, struct source_query *, const char *why); /* not done: to be asked again */
    void (*settled)(void *self, enum session_news);                    /* of a statement */
};

struct session *session_new(struct event_base *, struct aside *, const struct source_options *,
                            const struct session_calls *);
void session_free(struct session *); /* forgets what is in flight */

/* Takes the connection that has been started. */
void session_start(struct session *, PGconn *);
bool session_off(const struct session *);   /* there is no connection, nor one being made */
bool session_ready(const struct session *); /* takes queries */
bool session_up(const struct session *);
/* Queries of it that are not answered. */
unsigned session_load(const struct session *);
/* Could one more go, and not wait behind a statement that takes its time? */
bool session_room(const struct session *, bool write, uint64_t now_us);

/* When it wants session_late to look: what runs there is not wanted any more. UINT64_MAX: not. */
uint64_t session_look(const struct session *);

void session_send(struct session *, struct source_query *); /* takes it; there is room */
bool session_cancel(struct session *, uint64_t ixn, uint64_t ref);
/* What is late: queries, the connection being made, what is to be cancelled at the server. `*next_us` becomes the next
 * time to look, where that is earlier. Returns how many statements it had cancelled. */
unsigned session_late(struct session *, uint64_t now_us, uint64_t *next_us);

#endif
