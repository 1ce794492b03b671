/* runtime/adapters/sip/passing.h - The headers that a call carries on when it goes out again.
 *
 *     INVITE, Max-Forwards: 12, History-Info, Diversion, Identity, Reason
 *         --> INVITE to the trunk, Max-Forwards: 11, the same lines, and a line of History-Info for the new destination
 *
 * So a loop through several switches ends: an INVITE with Max-Forwards 0 is refused with 483, and one that has passed
 * us before, by its Via, with 482.
 *
 * A consultation carries on what its main call has brought, since it may come back, too. A call that a telephone dials
 * has the hops that its INVITE says. */
#pragma once

#include <stdbool.h>

#include "runtime/adapters/sip/ua/libre.h"

enum { PASSING_SIZE = 4096 };

struct exchange;
struct talk;

/* The rest of its way; 0: it may go no further. */
unsigned passing_hops(const struct sip_msg *invite);
/* Has it been at this exchange before? A call that a telephone of ours has begun may come back by its number. */
bool passing_loops(const struct exchange *, const struct sip_msg *invite);
/* The talk's caller has brought this INVITE. */
void passing_begin(struct talk *, const struct sip_msg *invite);
/* The talk goes out because of another one: what that has brought goes along (NULL: there is none). A telephone has
 * dialled it by this INVITE; NULL: a desktop asks for it. */
void passing_follow(struct talk *, const struct talk *main, const struct sip_msg *invite);
/* The lines for an INVITE of that talk to the URI `to` beyond a trunk, each with its end: all that the call carries. */
void passing_put(const struct talk *, const char *to, char lines[PASSING_SIZE]);
/* The lines of History-Info for an answer that sends the call to that URI. */
void passing_history(const struct talk *, const char *to, char lines[PASSING_SIZE]);
