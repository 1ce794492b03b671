/* runtime/daemon/past.h - Why an interaction of the past has the agent that it has, or none: gcxctl why --journal.
 *
 * Replays the journal in a separate core and examines it at the moment when an agent was chosen, or at the last
 * moment at which the interaction waited. Only reads; a gcxvm may be writing the journal meanwhile. */
#pragma once

#include <stdbool.h>

struct conf;

/* Answers a `why` request as the admin socket would, in one line of JSON on standard output. False: the request was
 * refused, as the answer says. */
bool past_why(const struct conf *, const char *request);
