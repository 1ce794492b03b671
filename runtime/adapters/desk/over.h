/* runtime/adapters/desk/over.h - Conversations that their customers have ended, until their agents are done with them.
 *
 * The router has ended such a conversation: it takes no capacity, and nothing can be said in it. Its agent still says
 * what came of it, by a wrap-up code and notes, and is done with it then. The rows are kept in the file of the setting
 * `state` (web/saved.h), so they are there again after a restart, and when the agent logs in the next time. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct desk;
struct desk_agent;
struct desk_said;
struct item;

/* Has the customer ended the conversation that the agent owns? Then its agent's page is told, and true returned: the
 * caller removes the item and tells nothing. */
bool over_begin(const struct item *, const char *reason);
void over_put_all(const struct desk_agent *, json_t *items); /* the agent's, as pages get them */
/* Handles `done` of such a conversation. False: the message is about something else. */
bool over_done(struct desk_said *);
