/* runtime/daemon/past.h - Why an interaction of the past has the agent that it has, or has none: gcxctl why --journal.
 *
 * Replays the journal into a core of its own and looks into it at the moment when somebody was chosen, or at the last
 * one at which the interaction waited. Reads only; a gcxvm may be writing the journal meanwhile. */
#pragma once

#include <stdbool.h>

struct conf;

/* Answers the request `why` of the admin socket, as JSON in one line on standard output. False: it was refused, which
 * the answer says. */
bool past_why(const struct conf *, const char *request);
