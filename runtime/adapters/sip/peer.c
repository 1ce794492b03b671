/* runtime/adapters/sip/peer.c - Replaces the Contact of a peer that cannot be reached there, and tells peers from
 * strangers. */
#include "runtime/adapters/sip/peer.h"

#include <stdint.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"

int __real_sip_dialog_accept(struct sip_dialog **, const struct sip_msg *);
int __wrap_sip_dialog_accept(struct sip_dialog **, const struct sip_msg *);
int __real_sip_dialog_create(struct sip_dialog *, const struct sip_msg *);
int __wrap_sip_dialog_create(struct sip_dialog *, const struct sip_msg *);
int __real_sip_dialog_update(struct sip_dialog *, const struct sip_msg *);
int __wrap_sip_dialog_update(struct sip_dialog *, const struct sip_msg *);
const char *sip_dialog_uri(const struct sip_dialog *);
const struct uri *sip_dialog_route(const struct sip_dialog *);

enum { TURNED_SIZE = 256 };

static struct exchange *peers_exchange;

void peers_of(struct exchange *exchange)
{
    peers_exchange = exchange;
}

/* --- Who it is --- */

static bool peer_is_trunk(const struct exchange *exchange, const struct sa *source)
{
    return setting_is_trunk(&exchange->setting, source) || setting_is_outlet(&exchange->setting, source);
}

bool peer_known(const struct exchange *exchange, const struct sa *source)
{
    return peer_is_trunk(exchange, source) || telephones_know(&exchange->telephones, source);
}

bool peer_speaks(const struct leg *leg, const struct sa *source)
{
    const struct exchange *exchange = leg->talk->exchange;
    const struct telephone *telephone = *leg->dn ? telephones_find(&exchange->telephones, leg->dn) : NULL;
    if (!telephone) return peer_is_trunk(exchange, source) || sa_cmp(&leg->peer, source, SA_ADDR);
    return sa_cmp(&leg->peer, source, SA_ALL) || (telephone->registered && sa_cmp(&telephone->at, source, SA_ALL));
}

/* --- Where it is --- */

/* False: the URI names a host by its name. */
static bool peer_told(const struct uri *uri, enum sip_transp transport, struct sa *told)
{
    uint16_t port = uri->port ? uri->port : transport == SIP_TRANSP_TLS ? SIP_PORT_TLS : SIP_PORT;
    return sa_set(told, &uri->host, port) == 0;
}

bool peer_is_told(const struct uri *uri, enum sip_transp transport, const struct sa *at)
{
    struct sa told;
    return peer_told(uri, transport, &told) && sa_cmp(&told, at, SA_ALL);
}

/* A trunk may send from one of its addresses and listen at another; a registered telephone has one. */
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

/* --- The header, while libre reads it --- */

struct turned {
    struct sip_hdr *header; /* NULL: none is replaced */
    struct pl said;
    char text[TURNED_SIZE];
};

static void turned_to(struct turned *turned, const struct sip_hdr *header, const struct pl *user, const struct sa *at,
                      enum sip_transp transport, const char *params)
{
    int length = re_snprintf(turned->text, sizeof turned->text, "<sip:%r%s%J%s%s>", user, pl_isset(user) ? "@" : "", at,
                             sip_transp_param(transport), params);
    if (length <= 0) return;
    turned->header = (struct sip_hdr *)(uintptr_t)header;
    turned->said = turned->header->val;
    turned->header->val = (struct pl){turned->text, (size_t)length};
}

static void contact_turn_back(const struct turned *turned)
{
    if (turned->header) turned->header->val = turned->said;
}

static bool route_take_first(const struct sip_hdr *header, const struct sip_msg *message, void *self)
{
    const struct sip_hdr **first = self;
    (void)message;
    *first = header;
    return true;
}

/* The proxy that is asked first, of those that stay in the dialog; NULL: the peer itself is. */
static const struct sip_hdr *route_first(const struct sip_msg *message)
{
    const struct sip_hdr *first = NULL;
    (void)sip_msg_hdr_apply(message, message->req, SIP_HDR_RECORD_ROUTE, route_take_first, &first);
    return first;
}

/* A proxy is reached at the address that it tells, and where it tells a name, where its message came from. */
static void contact_turn_route(struct turned *turned, const struct sip_msg *message, const struct sip_hdr *route)
{
    struct sip_addr address;
    struct sa told;
    const struct pl nobody = {NULL, 0};
    if (sip_addr_decode(&address, &route->val) == 0 && !peer_told(&address.uri, message->tp, &told))
        turned_to(turned, route, &nobody, &message->src, message->tp, ";lr");
}

static void contact_turn_uri(struct turned *turned, const struct sip_msg *message)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_CONTACT);
    struct sip_addr address;
    if (!header || sip_addr_decode(&address, &header->val) != 0) return;
    struct sa at = peer_reached(peers_exchange, message, &address.uri);
    bool plain = pl_strcasecmp(&address.uri.scheme, "sip") == 0; /* libre sends to no other */
    if (plain && peer_is_told(&address.uri, message->tp, &at)) return;
    turned_to(turned, header, &address.uri.user, &at, message->tp, "");
}

/* `routed`: the dialog has proxies already, and its Contact is not where we send to. */
static void contact_turn(struct turned *turned, const struct sip_msg *message, bool routed)
{
    turned->header = NULL;
    if (!peers_exchange || !message || routed) return;
    const struct sip_hdr *route = route_first(message);
    if (route)
        contact_turn_route(turned, message, route);
    else
        contact_turn_uri(turned, message);
}

int __wrap_sip_dialog_accept(struct sip_dialog **dialog, const struct sip_msg *message)
{
    struct turned turned;
    contact_turn(&turned, message, false);
    int error = __real_sip_dialog_accept(dialog, message);
    contact_turn_back(&turned);
    return error;
}

int __wrap_sip_dialog_create(struct sip_dialog *dialog, const struct sip_msg *message)
{
    struct turned turned;
    contact_turn(&turned, message, false);
    int error = __real_sip_dialog_create(dialog, message);
    contact_turn_back(&turned);
    return error;
}

int __wrap_sip_dialog_update(struct sip_dialog *dialog, const struct sip_msg *message)
{
    struct turned turned;
    contact_turn(&turned, message, sip_dialog_route(dialog)->scheme.p != sip_dialog_uri(dialog));
    int error = __real_sip_dialog_update(dialog, message);
    contact_turn_back(&turned);
    return error;
}
