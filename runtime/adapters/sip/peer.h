/* runtime/adapters/sip/peer.h - The address at which a peer is reached, and the judge of who speaks for a dialog.
 *
 *     Contact: <sip:7001@10.1.2.3:5060>, from 198.51.100.7:40001     reached at 198.51.100.7:40001
 *     Contact: <sip:gw@carrier.example>, from 203.0.113.9:5060       reached at 203.0.113.9:5060
 *
 * A telephone behind a router tells its private address, and a carrier tells a name. Both are reached where their
 * message came from: a dialog sends its ACK, BYE and INVITE there, and not to the Contact (struct ua_ops).
 *
 * A request within a dialog is obeyed only if its peer sends it: peer_speaks() is the one judge. */
#pragma once

#include <stdbool.h>

#include "runtime/adapters/sip/ua/ua.h"

struct exchange;
struct leg;

/* The address at which the sender of the message is reached, who names that Contact. */
struct sa peer_reached(const struct exchange *, const struct sip_msg *, const struct uri *contact);
/* The URIs by which dialogs reach the sender of a message, or the proxy before it, where those they have told are of no
 * use (ua/ua.h). */
bool peer_contact(void *exchange, const struct sip_msg *, const struct sip_addr *contact, char uri[UA_URI]);
bool peer_proxy(void *exchange, const struct sip_msg *, const struct sip_addr *proxy, char uri[UA_URI]);
/* Does the URI name that address, and no other? */
bool peer_is_told(const struct uri *, enum sip_transp, const struct sa *);
/* Does the message come from an address of ours: a trunk's, an outlet's, or a registered telephone's? */
bool peer_known(const struct exchange *, const struct sa *source);
/* Does the source belong to the peer of the leg's dialog? A trunk's peer has the addresses of all trunks. */
bool peer_speaks(const struct leg *, const struct sa *source);
