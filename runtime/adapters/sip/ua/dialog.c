/* runtime/adapters/sip/ua/dialog.c - Makes dialogs from messages, and writes the headers of a dialog into its
 * requests.
 *
 *     Call-ID       the same on both sides
 *     own tag       of our From or To         peer tag    of theirs; NULL: nobody has answered
 *     target        the peer's Contact        routes      the proxies between, nearest first
 *     CSeq          own_number goes up with each request of ours, peer_number with each of theirs
 *
 * A dialog (RFC 3261, 12) is what two sides must know to send requests to each other. `first` is the proxy to which
 * requests are sent, if there is one. `strict` is a proxy of RFC 2543 (without `lr`): then the proxy's URI is in the
 * request line, and the target is the last Route. `perhaps` is another target, at which the peer may be now. */
#include "runtime/adapters/sip/ua/dialog.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/ua/message.h"
#include "base/memory.h"

static char *text_of(const struct pl *text)
{
    return memory_format("%.*s", (int)text->l, text->l > 0 ? text->p : "");
}

static void dialog_replace(char **place, char *text)
{
    free(*place);
    *place = text;
}

/* --- Where the peer is reached --- */

static bool contact_read(const struct sip_msg *message, struct sip_addr *address)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_CONTACT);
    return header && sip_addr_decode(address, &header->val) == 0;
}

/* The URI at which the peer is reached: its Contact, which is replaced if there is no proxy between and the Contact
 * cannot be used. */
static char *dialog_target(struct ua *ua, const struct sip_msg *message, const struct sip_addr *contact, bool routed)
{
    char uri[UA_URI];
    bool turned = !routed && ua->ops->contact(ua->self, message, contact, uri);
    return turned ? memory_text(uri) : text_of(&contact->auri);
}

struct dialog_routes {
    struct ua *ua;
    struct mbuf *lines;
    char *first, *strict;
};

/* Called for each Record-Route. The first Record-Route is the next hop, and is read; the others are only copied. True:
 * the header cannot be read, so the search ends. */
static bool dialog_put_route(const struct sip_hdr *header, const struct sip_msg *message, void *self)
{
    struct dialog_routes *routes = self;
    struct sip_addr address;
    char uri[UA_URI];
    if (routes->first) {
        (void)mbuf_printf(routes->lines, "Route: %r\r\n", &header->val);
        return false;
    }
    if (sip_addr_decode(&address, &header->val) != 0) return true;
    struct pl loose;
    bool turned = routes->ua->ops->proxy(routes->ua->self, message, &address, uri);
    routes->first = turned ? memory_text(uri) : text_of(&address.auri);
    if (msg_param_exists(&address.uri.params, "lr", &loose) != 0)
        routes->strict = text_of(&address.auri);
    else if (turned)
        (void)mbuf_printf(routes->lines, "Route: <%s>\r\n", uri);
    else
        (void)mbuf_printf(routes->lines, "Route: %r\r\n", &header->val);
    return false;
}

/* Takes the proxies that stay in the dialog, the nearest first; false: the first one cannot be read. */
static bool dialog_take_routes(struct ua *ua, struct dialog *dialog, const struct sip_msg *message)
{
    struct dialog_routes routes = {ua, message_new(), NULL, NULL};
    bool good = !sip_msg_hdr_apply(message, message->req, SIP_HDR_RECORD_ROUTE, dialog_put_route, &routes);
    (void)mbuf_write_u8(routes.lines, '\0');
    dialog_replace(&dialog->routes, memory_text((const char *)routes.lines->buf));
    dialog_replace(&dialog->first, routes.first);
    dialog_replace(&dialog->strict, routes.strict);
    mem_deref(routes.lines);
    return good;
}

/* Takes the target, the proxies, the URI and the tag of the peer from a message that makes a dialog. False: the
 * peer's Contact cannot be read; the address from which the message came is used, so that the dialog can be ended by
 * a request. */
static bool dialog_learns(struct ua *ua, struct dialog *dialog, const struct sip_msg *message)
{
    struct sip_addr contact;
    char source[UA_URI] = "";
    bool known = dialog_take_routes(ua, dialog, message) && contact_read(message, &contact);
    if (!known) (void)re_snprintf(source, sizeof source, "sip:%J%s", &message->src, ua_transport_param(message->tp));
    dialog_replace(&dialog->target,
                   known ? dialog_target(ua, message, &contact, dialog->first != NULL) : memory_text(source));
    dialog_replace(&dialog->to, text_of(message->req ? &message->from.val : &message->to.val));
    dialog_replace(&dialog->peer_tag, text_of(message->req ? &message->from.tag : &message->to.tag));
    return known;
}

/* --- Life --- */

static struct dialog *dialog_blank(void)
{
    struct dialog *dialog = memory_zeroed(1, sizeof *dialog);
    dialog->own_number = 1 + randombytes_uniform(UINT16_MAX);
    return dialog;
}

struct dialog *dialog_new(const char *target, const char *to, const char *name, const char *from, const char *route)
{
    struct dialog *dialog = dialog_blank();
    char call_id[UA_WORD];
    ua_word(call_id);
    ua_word(dialog->own_tag);
    dialog->call_id = memory_text(call_id);
    dialog->target = memory_text(target);
    dialog->routes = route ? memory_format("Route: <%s;lr>\r\n", route) : memory_text("");
    dialog->first = route ? memory_text(route) : NULL;
    dialog->to = memory_format("<%s>", to);
    dialog->from = name ? memory_format("\"%s\" <%s>;tag=%s", name, from, dialog->own_tag)
                        : memory_format("<%s>;tag=%s", from, dialog->own_tag);
    return dialog;
}

/* Makes the dialog of a peer's INVITE; NULL: the INVITE has no readable Contact. */
struct dialog *dialog_accept(struct ua *ua, const struct sip_msg *invite)
{
    struct dialog *dialog = dialog_blank();
    (void)re_snprintf(dialog->own_tag, sizeof dialog->own_tag, "%016llx", invite->tag);
    dialog->call_id = text_of(&invite->callid);
    char *own = text_of(&invite->to.val);
    dialog->from = memory_format("%s;tag=%s", own, dialog->own_tag);
    free(own);
    dialog->peer_number = invite->cseq.num;
    if (dialog_learns(ua, dialog, invite)) return dialog;
    dialog_free(dialog);
    return NULL;
}

/* Makes the dialog of a second 200, from another telephone, only to send it ACK and BYE. */
struct dialog *dialog_of_fork(struct ua *ua, const struct sip_msg *answer)
{
    struct dialog *dialog = dialog_blank();
    (void)pl_strcpy(&answer->from.tag, dialog->own_tag, sizeof dialog->own_tag);
    dialog->call_id = text_of(&answer->callid);
    dialog->from = text_of(&answer->from.val);
    dialog->own_number = answer->cseq.num + 1;
    (void)dialog_learns(ua, dialog, answer);
    return dialog;
}

bool dialog_establish(struct ua *ua, struct dialog *dialog, const struct sip_msg *answer)
{
    return dialog_learns(ua, dialog, answer);
}

void dialog_follow(struct ua *ua, struct dialog *dialog, const struct sip_msg *message)
{
    struct sip_addr contact;
    if (!contact_read(message, &contact)) return;
    dialog_replace(&dialog->perhaps, NULL);
    dialog_replace(&dialog->target, dialog_target(ua, message, &contact, dialog->first != NULL));
}

/* Notes or sets a new address of the peer. False: the dialog goes through a proxy, or its peer is not at the old
 * address. `surely`: the new address is right; else the old one is used until it does not answer. */
bool dialog_move(struct ua *ua, struct dialog *dialog, const struct sa *from, const struct way *way, bool surely)
{
    char text[UA_URI];
    struct way before;
    struct uri uri;
    struct pl all;
    pl_set_str(&all, dialog->target);
    if (dialog->first || ua_way(ua, dialog->target, &before) != 0 || !sa_cmp(&before.to, from, SA_ALL) ||
        uri_decode(&uri, &all) != 0 ||
        re_snprintf(text, sizeof text, "sip:%r%s%J%s", &uri.user, pl_isset(&uri.user) ? "@" : "", &way->to,
                    ua_transport_param(way->transport)) <= 0)
        return false;
    dialog_replace(&dialog->perhaps, memory_text(text));
    return !surely || dialog_go_elsewhere(dialog);
}

bool dialog_go_elsewhere(struct dialog *dialog)
{
    if (!dialog->perhaps) return false;
    dialog_replace(&dialog->target, dialog->perhaps);
    dialog->perhaps = NULL;
    return true;
}

void dialog_free(struct dialog *dialog)
{
    if (!dialog) return;
    free(dialog->call_id);
    free(dialog->peer_tag);
    free(dialog->target);
    free(dialog->perhaps);
    free(dialog->routes);
    free(dialog->first);
    free(dialog->strict);
    free(dialog->to);
    free(dialog->from);
    free(dialog);
}

/* --- Messages of a dialog --- */

/* Is a word of the message, such as a tag, equal to the dialog's? A peer of RFC 2543 may have no tag. */
static bool dialog_says(const struct pl *said, const char *text)
{
    return said->l == strlen(text) && (said->l == 0 || memcmp(said->p, text, said->l) == 0);
}

bool dialog_is(const struct dialog *dialog, const struct sip_msg *message)
{
    return dialog->peer_tag && dialog_says(&message->callid, dialog->call_id) &&
           dialog_says(message->req ? &message->to.tag : &message->from.tag, dialog->own_tag) &&
           dialog_says(message->req ? &message->from.tag : &message->to.tag, dialog->peer_tag);
}

/* Is the request in order? A request with a lower CSeq than the last one is not (RFC 3261, 12.2.2). A request with the
 * same CSeq is accepted. */
bool dialog_counts(struct dialog *dialog, const struct sip_msg *request)
{
    if (request->cseq.num < dialog->peer_number) return false;
    dialog->peer_number = request->cseq.num;
    return true;
}

const char *dialog_next(const struct dialog *dialog)
{
    return dialog->first ? dialog->first : dialog->target;
}

const char *dialog_uri(const struct dialog *dialog)
{
    return dialog->strict ? dialog->strict : dialog->target;
}

void dialog_print_routes(struct mbuf *message, const struct dialog *dialog)
{
    (void)mbuf_write_str(message, dialog->routes);
    if (dialog->strict) (void)mbuf_printf(message, "Route: <%s>\r\n", dialog->target);
}

/* Writes the dialog's headers; `number` 0: the CSeq is the next of our own numbers. An ACK has the CSeq number of
 * its INVITE. */
void dialog_print(struct mbuf *message, struct dialog *dialog, const char *method, uint32_t number)
{
    dialog_print_routes(message, dialog);
    (void)mbuf_printf(message, "To: %s\r\nFrom: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n", dialog->to, dialog->from,
                      dialog->call_id, number > 0 ? number : dialog->own_number++, method);
}
