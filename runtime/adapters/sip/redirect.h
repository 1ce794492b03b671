/* runtime/adapters/sip/redirect.h - Calls that are redirected and not answered here: their INVITE gets `302 Moved
 * Temporarily`, which names the destination.
 *
 *     INVITE --> it stands at its routing point -- route --> 302 --> gone, cause `redirected`
 *                  |                                ^
 *                  '-- not decided in time --> 180 -'
 *
 * The proxy that sent the call takes it to the destination. So a redirected call has no sound here, nothing is played,
 * and its session ends with the decision. A decision takes milliseconds: until then the INVITE is kept without a
 * transaction of the user agent, as RFC 3261 section 8.2.7 describes it. An INVITE that is repeated gets the same
 * answer again, until its ACK has come. A call that waits longer gets a session, whose transaction repeats lost
 * answers. */
#pragma once

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/redirect_kept.h"

/* Keeps the INVITE, and makes the caller's leg, which has no stream. */
struct leg *redirect_accept(struct talk *, const struct sip_msg *invite);
/* Redirects the call to the destination: the talk is gone afterwards, or the route is refused. */
void redirect_route(struct talk *, uint64_t ask, const char *destination);
/* Takes an INVITE that is repeated, or an ACK or CANCEL for a kept INVITE; true: it was one of these, and is done. */
bool redirect_heard(struct exchange *, const struct sip_msg *);
void redirects_tick(struct exchange *);
