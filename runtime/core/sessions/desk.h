/* runtime/core/sessions/desk.h - Agents of desks. For the files of this room. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct links;
struct sessions;

/* Does the RequestAgentState come from an agent of a desk, about a medium that is served at the named DN? */
bool desk_is_asked(const struct links *, const struct message *);
/* Logs the agent in or out at the DN, or takes over the requested state, and replies. */
void desk_on_request(struct sessions *, const struct message *, uint32_t agent);
