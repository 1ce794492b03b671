/* runtime/core/sessions/desk.h - Agents who work at desks. Only the files of this folder use it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct links;
struct sessions;

/* True: the RequestAgentState comes from an agent of a desk, about a medium that is served at the named DN. */
bool desk_is_asked(const struct links *, const struct message *);
/* Logs the agent in or out at the DN, or sets the requested state, and replies. */
void desk_on_request(struct sessions *, const struct message *, uint32_t agent);
