/* runtime/adapters/sip/peer.h - The address at which a peer is reached, and the judge of who speaks for a dialog.
 *
 *     Contact: <sip:7001@10.1.2.3:5060>, from 198.51.100.7:40001     reached at 198.51.100.7:40001
 *     Contact: <sip:gw@carrier.example>, from 203.0.113.9:5060       reached at 203.0.113.9:5060
 *
 * A telephone behind a router tells its private address, and a carrier tells a name. Both are reached where their
 * message came from. libre sends ACK, BYE and re-INVITE of a dialog to the Contact, so the Contact is replaced while
 * libre reads it (--wrap=sip_dialog_accept, sip_dialog_create, sip_dialog_update).
 *
 * A request within a dialog is obeyed only if its peer sends it: peer_speaks() is the one judge. */
#ifndef SIP_PEER_H
#define SIP_PEER_H

#include <stdbool.h>

#include "runtime/adapters/sip/libre.h"

struct exchange;
struct leg;

/* libre's dialogs are of this exchange from now on; NULL: of none. */
void peers_of(struct exchange *);
/* The address at which the sender of the message is reached, who names that Contact. */
struct sa peer_reached(const struct exchange *, const struct sip_msg *, const struct uri *contact);
/* Does the URI name that address, and no other? */
bool peer_is_told(const struct uri *, enum sip_transp, const struct sa *);
/* Does the message come from an address of ours: a trunk's, an outlet's, or a registered telephone's? */
bool peer_known(const struct exchange *, const struct sa *source);
/* Does the source belong to the peer of the leg's dialog? A trunk's peer has the addresses of all trunks. */
bool peer_speaks(const struct leg *, const struct sa *source);

#endif
