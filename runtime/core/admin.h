/* runtime/core/admin.h - Requests of administrators to the core: to end an interaction, to log an agent out, to free a
 * claim. */
#pragma once

#include "runtime/vocabulary/message.h"

struct core;

/* Intake: nothing new is dialled while the host refuses arrivals. */
void admin_on_intake(struct core *, const struct message *);
/* AdminRequest: does what is asked and replies with the outcome. */
void admin_on_request(struct core *, const struct message *);
