/* runtime/adapters/sip/redirect.h - Calls that are only decided here: the answer to their INVITE is `302 Moved
 * Temporarily`, which names the destination.
 *
 *     INVITE --> 180 --> it stands at its routing point -- route --> 302 --> gone, cause `redirected`
 *
 * The proxy that brought the call takes it to the destination. So the call has no sound here, nothing is played, and
 * its session ends with the decision: libre's transaction alone is left, which takes the ACK, and repeats the 302 for
 * an INVITE that comes again. */
#ifndef SIP_REDIRECT_H
#define SIP_REDIRECT_H

#include "runtime/adapters/sip/exchange.h"

/* The caller's leg of such a call, without a stream: 180 is sent. NULL with the status that the INVITE is owed. */
struct leg *redirect_accept(struct talk *, const struct sip_msg *invite, uint16_t *status);
/* The decision: the talk is gone afterwards, or the route is refused. */
void redirect_route(struct talk *, uint64_t ask, const char *destination);

#endif
