/* runtime/adapters/desk/asks.h - Questions of agents, who have a customer, to those who know: each is a conversation of
 * the medium im, of which the agent is the customer. */
#pragma once

#include "runtime/adapters/desk/said.h"

void asks_init(struct desk *);
/* Opens the store where queues may be asked. False with the reason. */
bool asks_open(struct desk *, struct event_base *, char *why, size_t why_size);
void asks_close(struct desk *);
void asks_said(struct desk_said *); /* the message `ask` */
/* A message about something that was asked: of the agent who asked, or of a colleague at this desk who has it. False:
 * it is for others. */
bool asks_answer(struct desk_said *);
void asks_put_all(const struct desk_agent *, json_t *items);    /* what they have asked, for `welcome` */
bool asks_perform(struct desk *, const struct message *effect); /* false: it is for others */
void asks_away(struct desk *);                                  /* the core is */
/* User data for the call that it is about, which names who has it. NULL: nobody has it, or it is none of theirs. */
json_t *asks_data(const struct desk_agent *, const char *ixn);
