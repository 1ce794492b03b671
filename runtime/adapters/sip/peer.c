/* runtime/adapters/sip/peer.c - Tells peers from strangers, and replaces the Contact of a peer that cannot be
 * reached at it.
 *
 *     Contact: <sip:100@10.0.0.5:5060>     behind a router: not reachable from here
 *     the packet came from 198.51.100.7:40001
 *         -> the dialog uses sip:100@198.51.100.7:40001
 *
 * A peer's Contact may name another address than the one from which its messages come. The Contact's address is used
 * only if both addresses are the same host, or both belong to trunks of ours; otherwise a stranger could direct our
 * requests to a third party. */
#include "runtime/adapters/sip/peer.h"

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"

/* --- Who a peer is --- */

static bool peer_is_trunk(const struct exchange *exchange, const struct sa *source)
{
    return setting_is_trunk(&exchange->setting, source) || setting_is_outlet(&exchange->setting, source);
}

bool peer_known(const struct exchange *exchange, const struct sa *source)
{
    return peer_is_trunk(exchange, source) || telephones_know(&exchange->telephones, source);
}

/* Does a message from this address come from the leg's peer? A telephone must match address and port, because other
 * telephones may be behind the same router. A trunk may use any port. */
bool peer_speaks(const struct leg *leg, const struct sa *source)
{
    const struct exchange *exchange = leg->talk->exchange;
    const struct telephone *telephone = *leg->dn ? telephones_find(&exchange->telephones, leg->dn) : NULL;
    if (!telephone) return peer_is_trunk(exchange, source) || sa_cmp(&leg->peer, source, SA_ADDR);
    return sa_cmp(&leg->peer, source, SA_ALL) || (telephone->registered && sa_cmp(&telephone->at, source, SA_ALL));
}

/* --- Where a peer is --- */

/* Reads the address that a URI names. False: the URI has a host name, or its `maddr` sends requests elsewhere. */
static bool peer_told(const struct uri *uri, enum sip_transp transport, struct sa *told)
{
    uint16_t port = uri->port ? uri->port : transport == SIP_TRANSP_TLS ? SIP_PORT_TLS : SIP_PORT;
    struct pl instead;
    if (msg_param_decode(&uri->params, "maddr", &instead) == 0 && pl_cmp(&instead, &uri->host) != 0) return false;
    return sa_set(told, &uri->host, port) == 0;
}

bool peer_is_told(const struct uri *uri, enum sip_transp transport, const struct sa *at)
{
    struct sa told;
    return peer_told(uri, transport, &told) && sa_cmp(&told, at, SA_ALL);
}

/* The address at which a peer is reached. A trunk may send from one of its addresses and listen at another; a
 * registered telephone has one address. */
struct sa peer_reached(const struct exchange *exchange, const struct sip_msg *message, const struct uri *contact)
{
    struct sa told;
    bool trunk = peer_is_trunk(exchange, &message->src);
    if (!peer_told(contact, message->tp, &told)) return message->src;
    if (!trunk && (message->tp != SIP_TRANSP_UDP || telephones_know(&exchange->telephones, &message->src)))
        return message->src;
    bool there = sa_cmp(&told, &message->src, SA_ADDR) || (trunk && peer_is_trunk(exchange, &told));
    return there ? told : message->src;
}

/* --- The URI by which a dialog reaches a peer --- */

static bool peer_put(const struct pl *user, const struct sa *at, enum sip_transp transport, const char *params,
                     char uri[UA_URI])
{
    return re_snprintf(uri, UA_URI, "sip:%r%s%J%s%s", user, pl_isset(user) ? "@" : "", at,
                       ua_transport_param(transport), params) > 0;
}

/* True: the URI of a proxy is replaced by the address its message came from, because it names a host name; an
 * address that it names is used as it is. */
bool peer_proxy(void *self, const struct sip_msg *message, const struct sip_addr *proxy, char uri[UA_URI])
{
    struct sa told;
    const struct pl nobody = {NULL, 0};
    (void)self;
    return !peer_told(&proxy->uri, message->tp, &told) && peer_put(&nobody, &message->src, message->tp, ";lr", uri);
}

bool peer_contact(void *self, const struct sip_msg *message, const struct sip_addr *contact, char uri[UA_URI])
{
    struct sa at = peer_reached(self, message, &contact->uri);
    bool plain = pl_strcasecmp(&contact->uri.scheme, "sip") == 0; /* a URI of sips or of another scheme is replaced */
    struct pl found;
    bool unnamed = message->tp != SIP_TRANSP_UDP && sa_cmp(&at, &message->src, SA_ALL) &&
                   msg_param_exists(&contact->uri.params, "transport", &found) != 0; /* the Contact names the peer's
                                                                                      * end of a connection, and no
                                                                                      * transport */
    if (plain && !unnamed && peer_is_told(&contact->uri, message->tp, &at)) return false;
    return peer_put(&contact->uri.user, &at, message->tp, "", uri);
}
