/* runtime/core/admin.h - Requests of administrators to the core: to end an interaction, to log an agent out, to free a
 * claim. */
#pragma once

#include "runtime/vocabulary/message.h"

struct core;

/* Takes the event Intake: while the host refuses arrivals nothing new is dialled. */
void admin_on_intake(struct core *, const struct message *);
/* Takes an AdminRequest: carries it out and replies with the outcome. */
void admin_on_request(struct core *, const struct message *);
