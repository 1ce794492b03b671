/* runtime/adapters/sip/peer.h - The address at which a peer is reached, and the check whether a message comes from a
 * dialog's peer.
 *
 *     Contact: <sip:7001@10.1.2.3:5060>, from 198.51.100.7:40001     reached at 198.51.100.7:40001
 *     Contact: <sip:gw@carrier.example>, from 203.0.113.9:5060       reached at 203.0.113.9:5060
 *
 * A telephone behind a router names its private address in its Contact, and a carrier a host name. So both are reached
 * where their messages came from: a dialog sends its ACK, BYE and INVITE there, and not to the Contact (struct ua_ops).
 *
 * A request within a dialog is obeyed only if the dialog's peer sends it; peer_speaks() alone decides that. */
#pragma once

#include <stdbool.h>

#include "runtime/adapters/sip/ua/ua.h"

struct exchange;
struct leg;

/* The address at which the sender of the message, who has that Contact, is reached. */
struct sa peer_reached(const struct exchange *, const struct sip_msg *, const struct uri *contact);
/* Write the URI by which dialogs reach the sender of a message, or the proxy that sent it, if the URI in the message
 * cannot be used (ua/ua.h). */
bool peer_contact(void *exchange, const struct sip_msg *, const struct sip_addr *contact, char uri[UA_URI]);
bool peer_proxy(void *exchange, const struct sip_msg *, const struct sip_addr *proxy, char uri[UA_URI]);
/* Does the URI name exactly that address? */
bool peer_is_told(const struct uri *, enum sip_transp, const struct sa *);
/* Is the address that of a trunk, an outlet or a registered telephone? */
bool peer_known(const struct exchange *, const struct sa *source);
/* Does a message from this address come from the peer of the leg's dialog? For a trunk's dialog the addresses of all
 * trunks count. */
bool peer_speaks(const struct leg *, const struct sa *source);
