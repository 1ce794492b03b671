/* runtime/daemon/past.h - Why an interaction of the past has the agent that it has, or has none: gcxctl why --journal.
 *
 * Replays the journal into a core of its own and looks into it at the moment when somebody was chosen, or at the last
 * one at which the interaction waited. Reads only; a gcxvm may be writing the journal meanwhile. */
#pragma once

#include <stdbool.h>

struct conf;

/* Answers a request `why` as the admin socket would, in one line of JSON on standard output. False: it was refused, as
 * the answer says. */
bool past_why(const struct conf *, const char *request);
