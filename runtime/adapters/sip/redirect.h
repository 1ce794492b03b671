/* runtime/adapters/sip/redirect.h - Calls that are only decided here: the answer to their INVITE is `302 Moved
 * Temporarily`, which names the destination.
 *
 *     INVITE --> it stands at its routing point -- route --> 302 --> gone, cause `redirected`
 *                  |                                ^
 *                  '-- not decided in time --> 180 -'
 *
 * The proxy that brought the call takes it to the destination. So the call has no sound here, nothing is played, and
 * its session ends with the decision. A decision takes milliseconds: the INVITE is kept meanwhile, without a
 * transaction of the user agent, as RFC 3261 section 8.2.7 has it. An INVITE that comes again is answered as before,
 * until its ACK is there. A call that waits for longer has a session, whose transaction repeats what is lost. */
#pragma once

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/redirect_kept.h"

/* The caller's leg of such a call, without a stream. */
struct leg *redirect_accept(struct talk *, const struct sip_msg *invite);
/* The decision: the talk is gone afterwards, or the route is refused. */
void redirect_route(struct talk *, uint64_t ask, const char *destination);
/* An INVITE that comes again, an ACK or a CANCEL of one that is kept here: true, it is done. */
bool redirect_heard(struct exchange *, const struct sip_msg *);
void redirects_tick(struct exchange *);
