/* runtime/core/sessions/desk.h - Agents of desks. For the files of this room. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct links;
struct sessions;

/* True: the RequestAgentState is of a desk's agent, about a medium that is served at the DN which it names. */
bool desk_is_asked(const struct links *, const struct message *);
/* Logs the agent in there or out, or takes the state over; replies. */
void desk_on_request(struct sessions *, const struct message *, uint32_t agent);
