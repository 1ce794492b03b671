/* runtime/adapters/desk/over.h - Conversations that their customers have ended, until their agents are done with them.
 *
 * The router has ended such a conversation: it takes no capacity, and nothing can be said in it. Its agent still says
 * what came of it, by a wrap-up code and notes, and is done with it then. The rows are kept in the file of the setting
 * `state` (web/saved.h), so they are there again after a restart, and when the agent logs in the next time. A row goes
 * also where the contact store has erased the conversation, after some days, and where its agent has very many. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { OVER_DAYS = 7 };

struct desk;
struct desk_agent;
struct desk_request;
struct desk_said;
struct item;

/* Has the customer ended the conversation that the agent owns? Then its agent's page is told, and true returned: the
 * caller removes the item and tells nothing. */
bool over_begin(const struct item *, const char *reason);
void over_put_all(const struct desk_agent *, json_t *items); /* the agent's, as pages get them */
/* The core shows the item. One that has lost its state counts its interactions anew: a row of this number goes. */
void over_shown(const struct item *);
void over_tick(struct desk *);
/* Asks the core to note what came of a conversation or, by its ConnID, of a call, either of which may have ended.
 * `note` may be NULL. The caller sends it. */
struct desk_request *over_ask_wrap_up(struct desk_agent *, uint64_t ixn, uint64_t conn, const char *code,
                                      const char *note);
/* Handles `done` of such a conversation. False: the message is about something else. */
bool over_done(struct desk_said *);
