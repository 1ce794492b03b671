/* runtime/adapters/desk/asks.h - Questions of agents, who serve a customer, to experts: each is a conversation of
 * the medium im, with the agent as its customer. */
#pragma once

#include "runtime/adapters/desk/said.h"

void asks_init(struct desk *);
/* Opens the store and the questions, if the settings name queues that may be asked. False with the reason. */
bool asks_open(struct desk *, struct event_base *, char *why, size_t why_size);
void asks_close(struct desk *);
void asks_said(struct desk_said *); /* the message `ask` */
/* Handles a browser's message about a question: of the agent who asked, or of a colleague at this desk who has it.
 * False: the message is about another interaction. */
bool asks_answer(struct desk_said *);
/* adds the questions that the agent has asked, for `welcome` */
void asks_put_all(const struct desk_agent *, json_t *items);
bool asks_perform(struct desk *, const struct message *effect); /* false: the effect is not about questions */
/* Answers requests that wait for the core, which is away now. */
void asks_away(struct desk *);
/* User data for the call that the question is about, with the name of the agent who has the question. NULL: nobody has
 * the question, or it is not this agent's. */
json_t *asks_data(const struct desk_agent *, const char *ixn);
