/* runtime/adapters/sip/passing.h - The headers that a call takes along when it goes out again.
 *
 *     INVITE, Max-Forwards: 12, History-Info, Diversion, Identity, Reason
 *         --> INVITE to the trunk, Max-Forwards: 11, the same lines, and a line of History-Info for the new destination
 *
 * So a loop through several switches ends: an INVITE with Max-Forwards 0 is refused with 483, and an INVITE that has
 * passed this exchange before, as its Via shows, with 482.
 *
 * A consultation takes along what its main call has brought, since it may come back, too. A call that a telephone
 * dials has the hops that the telephone's INVITE allows. */
#pragma once

#include <stdbool.h>

#include "runtime/adapters/sip/ua/libre.h"

enum { PASSING_SIZE = 4096 };

struct exchange;
struct talk;

/* How many hops the INVITE may still take; 0: it may not be sent on. */
unsigned passing_hops(const struct sip_msg *invite);
/* Has the INVITE passed this exchange before? A call that began at a telephone here may come back to a number of
 * ours, and does not count. */
bool passing_loops(const struct exchange *, const struct sip_msg *invite);
/* Keeps the headers of the INVITE that has brought this talk. */
void passing_begin(struct talk *, const struct sip_msg *invite);
/* Copies to this talk the headers of the main call from which it goes out; NULL: it has no main call. `invite`: the
 * INVITE by which a telephone has dialled the talk; NULL: a desktop has asked for it. */
void passing_follow(struct talk *, const struct talk *main, const struct sip_msg *invite);
/* Writes the header lines for the INVITE of that talk to the URI `to` through a trunk; each line has its end. */
void passing_put(const struct talk *, const char *to, char lines[PASSING_SIZE]);
/* Writes the lines of History-Info for a 302 that sends the call to that URI. */
void passing_history(const struct talk *, const char *to, char lines[PASSING_SIZE]);
