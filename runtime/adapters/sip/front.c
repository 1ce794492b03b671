/* runtime/adapters/sip/front.c - Decides on each SIP request whether its sender may send it, before its content is
 * believed.
 *
 * A request of an unknown address is answered 403, without a trace in memory; REGISTER is judged by its password. A
 * request that requires an extension which we do not have gets 420. A request within a session goes to that session.
 *
 *     request
 *       |-- within a session: from its peer? --> the session, or 403
 *       |-- from a stranger -------------------> 403, nothing is kept
 *       |-- REGISTER, OPTIONS -----------------> answered here
 *       '-- INVITE --> hops, loops, trunk or telephone, room --> arrival.c, dial.c or replaces.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/fork.h"
#include "runtime/adapters/sip/number.h"
#include "runtime/adapters/sip/orders.h"
#include "runtime/adapters/sip/passing.h"
#include "runtime/adapters/sip/peer.h"
#include "runtime/adapters/sip/redirect.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/adapters/sip/transport.h"
#include "runtime/vocabulary/bytes.h"

static const char ALLOW[] = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, REFER, REGISTER\r\n";

/* --- Requests --- */

static const char *const extensions[] = {"100rel", "timer", "replaces"};

/* Writes an "Unsupported" line for an extension that we do not have; libre has split the list, so each header has
 * one word. */
static bool front_put_required(const struct sip_hdr *header, const struct sip_msg *message, void *self)
{
    (void)message;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (pl_strcasecmp(&header->val, extensions[i]) == 0) return false;
    (void)mbuf_printf(self, "Unsupported: %r\r\n", &header->val);
    return false;
}

/* False: the request's body should describe a session, but cannot be read, and the request has been refused. */
static bool front_reads(struct exchange *exchange, const struct sip_msg *message)
{
    static const char *const methods[] = {"INVITE", "UPDATE", "PRACK"};
    struct raw_text found;
    bool describes = false;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (pl_strcmp(&message->met, methods[i]) == 0) describes = true;
    if (!describes || leg_described(message, &found) != BODY_UNREAD) return true;
    refuse_kept(exchange, message, REFUSED_sip_body, "Accept: application/sdp, multipart/mixed\r\n");
    return false;
}

/* False: a session timer is too short, and the message has been answered. */
static bool front_keeps_time(struct exchange *exchange, const struct sip_msg *message)
{
    char least[32];
    snprintf(least, sizeof least, "Min-SE: %u\r\n", (unsigned)REFRESH_LEAST);
    if (!refresh_too_often(message)) return true;
    refuse_kept(exchange, message, REFUSED_sip_interval, least);
    return false;
}

/* True: we lack an extension that the request requires, and the request has been answered by 420 with a list of what
 * is lacking. */
static bool front_requires(struct exchange *exchange, const struct sip_msg *message)
{
    if (!sip_msg_hdr(message, SIP_HDR_REQUIRE)) return false;
    struct mbuf *list = mbuf_alloc(256);
    if (!list) abort();
    (void)sip_msg_hdr_apply(message, true, SIP_HDR_REQUIRE, front_put_required, list);
    bool lacks = list->end > 0;
    (void)mbuf_write_u8(list, '\0');
    bool known = peer_known(exchange, &message->src); /* the answer is kept only for a known sender */
    if (lacks) (known ? refuse_kept : refuse_once)(exchange, message, REFUSED_sip_extension, (const char *)list->buf);
    mem_deref(list);
    return lacks;
}

static void front_options(struct exchange *exchange, const struct sip_msg *message)
{
    char headers[256];
    (void)re_snprintf(headers, sizeof headers,
                      "%sAccept: application/sdp, multipart/mixed\r\nSupported: %s, %s, %s\r\n", ALLOW, extensions[0],
                      extensions[1], extensions[2]);
    ua_answer_once(&exchange->ua, message, 200, "OK", &(struct content){.headers = headers});
}

/* Does the sender prove by its password that it is the leg's telephone? A telephone that has moved has another
 * address, and may not have registered there yet. */
static bool front_moved(struct exchange *exchange, const struct sip_msg *message, struct leg *leg)
{
    const struct telephone *telephone = telephone_proved(exchange, message);
    if (!telephone) return false;
    if (strcmp(telephone->dn, leg->dn) != 0) {
        refuse_kept(exchange, message, REFUSED_sip_stranger_within, "");
        return false;
    }
    leg->peer = message->src;
    return true;
}

/* True: the request within a dialog comes from the dialog's peer. False: the request comes from somebody else, and is
 * dropped or refused. */
static bool front_obeys(struct exchange *exchange, const struct sip_msg *message)
{
    struct leg *leg = session_owner(&exchange->ua, message);
    bool acknowledges = pl_strcmp(&message->met, "ACK") == 0;
    if (leg ? peer_speaks(leg, &message->src) : peer_known(exchange, &message->src)) return true;
    if (acknowledges) return false;
    if (leg && *leg->dn) return front_moved(exchange, message, leg);
    refuse_once(exchange, message, REFUSED_sip_stranger_within, "");
    return false;
}

/* Finds the number that is called. True: the number is an emergency number or service, and is replaced by its
 * destination. */
static bool front_called(const struct exchange *exchange, const struct sip_msg *invite, char number[NAME_SIZE])
{
    bool service = pl_strcasecmp(&invite->uri.scheme, "urn") == 0;
    if (!service)
        number_of_uri(&invite->uri, number, NAME_SIZE);
    else if (pl_strcpy(&invite->ruri, number, NAME_SIZE) != 0)
        *number = '\0';
    const char *to = *number ? setting_emergency(&exchange->setting, number) : NULL;
    if (to) text_set(number, NAME_SIZE, to);
    if (service && !to) *number = '\0';
    return to != NULL;
}

/* May the sender's request be looked at? An emergency call of a stranger may: the stranger may prove to be a
 * telephone whose registration has ended. */
static bool front_lets_in(const struct exchange *exchange, const struct sip_msg *message)
{
    char number[NAME_SIZE];
    return peer_known(exchange, &message->src) ||
           (pl_strcmp(&message->met, "INVITE") == 0 && front_called(exchange, message, number));
}

/* Judges a request. True: nothing is left to do about it. False: the user agent passes the request on, to the session
 * or to front_on_invite(). The checks go by trust: first whether the request belongs to a session, then who the sender
 * is, and only then what the request wants. */
static bool front_on_request(void *self, const struct sip_msg *message)
{
    struct exchange *exchange = self;
    bool registers = pl_strcmp(&message->met, "REGISTER") == 0;
    if (redirect_heard(exchange, message)) return true;
    if (pl_strcmp(&message->met, "CANCEL") == 0) return false;
    if (pl_isset(&message->to.tag) && !registers) { /* a To tag: within a session; 481 if nobody knows that session */
        if (!front_obeys(exchange, message)) return true;
        if (pl_strcmp(&message->met, "ACK") == 0) return false;
        return front_requires(exchange, message) || !front_reads(exchange, message) ||
               !front_keeps_time(exchange, message);
    }
    if (pl_strcmp(&message->met, "ACK") == 0) return false;
    if (!registers && !front_lets_in(exchange, message)) {
        bool calls = pl_strcmp(&message->met, "INVITE") == 0;
        refuse_once(exchange, message, calls ? REFUSED_sip_stranger_call : REFUSED_sip_stranger, "");
        return true;
    }
    if (front_requires(exchange, message)) return true;
    if (registers) {
        telephones_register(exchange, message);
        return true;
    }
    if (pl_strcmp(&message->met, "OPTIONS") == 0) {
        front_options(exchange, message);
        return true;
    }
    if (pl_strcmp(&message->met, "INVITE") == 0) return false;
    refuse_once(exchange, message, REFUSED_sip_method, ALLOW);
    return true;
}

/* Can this INVITE begin a call? Else it is answered. */
static bool front_fits(struct exchange *exchange, const struct sip_msg *invite, bool emergency)
{
    if (!front_reads(exchange, invite) || !front_keeps_time(exchange, invite)) return false;
    if (!emergency && exchange->talk_count >= exchange->setting.calls)
        refuse_once(exchange, invite, REFUSED_sip_calls, "Retry-After: 10\r\n");
    else if (exchange->cti.aside)
        refuse_once(exchange, invite, REFUSED_sip_aside, "Retry-After: 1\r\n");
    else
        return true;
    return false;
}

/* False: the call has come back to this exchange or has no hops left, and has been refused. */
static bool front_goes_on(struct exchange *exchange, const struct sip_msg *invite)
{
    if (passing_hops(invite) == 0)
        refuse_once(exchange, invite, REFUSED_sip_hops, "");
    else if (passing_loops(exchange, invite))
        refuse_once(exchange, invite, REFUSED_sip_loop, "");
    else
        return true;
    return false;
}

/* Takes an INVITE that an agent has dialled at the telephone. The telephone must prove itself by its password: its
 * address is no proof, because other telephones may be behind the same router. */
static void front_on_telephone(struct exchange *exchange, const struct sip_msg *invite, const char *number,
                               bool emergency)
{
    struct telephone *telephone = telephone_proved(exchange, invite);
    if (!telephone || !front_fits(exchange, invite, emergency)) return;
    telephone_speaks(exchange, telephone);
    if (sip_msg_hdr(invite, SIP_HDR_REPLACES))
        replaces_take(exchange, invite, telephone->dn);
    else
        dial_at_telephone(exchange, invite, telephone->dn, number);
}

/* Takes an INVITE that begins a call; the checks that cost least come first. An emergency is not held to the rate of
 * calls, to their number, or to the end of the exchange, but its loops and its body are checked. */
static void front_on_invite(void *self, const struct sip_msg *message)
{
    struct exchange *exchange = self;
    char number[NAME_SIZE];
    bool emergency = front_called(exchange, message, number);
    const char *point = *number ? setting_point(&exchange->setting, number) : NULL;
    struct trunk *trunk = setting_trunk(&exchange->setting, &message->src);
    if (!front_goes_on(exchange, message))
        return;
    else if (!trunk ||
             telephones_wrote(&exchange->telephones, message)) /* an edge sends calls of trunks and of telephones */
        front_on_telephone(exchange, message, number, emergency);
    else if (!emergency && !bucket_take(&trunk->calls, exchange->setting.trunk_rate, loop_ms()))
        refuse_once(exchange, message, REFUSED_sip_trunk_rate, "Retry-After: 1\r\n");
    else if (!emergency && ua_behind(&exchange->ua))
        refuse_once(exchange, message, REFUSED_sip_behind, "Retry-After: 1\r\n");
    else if (!front_fits(exchange, message, emergency))
        return;
    else if (sip_msg_hdr(message, SIP_HDR_REPLACES))
        replaces_take(exchange, message, "");
    else if (emergency)
        arrival_begin(exchange, message, number, number);
    else if (!point)
        refuse_kept(exchange, message, REFUSED_sip_unknown_number, "");
    else if (exchange_ends(exchange))
        refuse_once(exchange, message, REFUSED_sip_ends, "Retry-After: 30\r\n");
    else
        arrival_begin(exchange, message, point, number);
}

/* --- Requests within a session that no session has taken --- */

/* The caller's leg whose INVITE has that Call-ID, and is not answered; NULL: there is none. */
static const struct leg *front_offered(const struct exchange *exchange, const struct sip_msg *cancel)
{
    for (const struct talk *talk = exchange->first; talk; talk = talk->next) {
        const struct leg *leg = talk->caller;
        if (leg && leg->session && leg->state == LEG_OFFERED &&
            pl_strcmp(&cancel->callid, session_call_id(leg->session)) == 0)
            return leg;
    }
    return NULL;
}

/* True: the CANCEL comes from a stranger, and has been refused. The check is made before libre's transactions see the
 * CANCEL, since they would obey it. A stranger gets the same answer whether the call exists or not. */
static bool front_on_cancel(void *self, const struct sip_msg *message)
{
    struct exchange *exchange = self;
    if (pl_strcmp(&message->met, "CANCEL") != 0) return false;
    const struct leg *leg = front_offered(exchange, message);
    if (leg ? peer_speaks(leg, &message->src) : peer_known(exchange, &message->src)) return false;
    refuse_once(exchange, message, REFUSED_sip_stranger_within, "");
    return true;
}

/* Answers a request that no session has taken. If a leg owns the session, UPDATE, PRACK and OPTIONS are done here,
 * and other methods are refused; without a session the answer is 481. */
static void front_on_rest(void *self, const struct sip_msg *message)
{
    struct exchange *exchange = self;
    if (pl_strcmp(&message->met, "ACK") == 0) return;
    struct leg *leg = session_owner(&exchange->ua, message);
    if (!leg)
        refuse_once(exchange, message, REFUSED_sip_no_call, "");
    else if (pl_strcmp(&message->met, "UPDATE") == 0)
        leg_update(leg, message);
    else if (pl_strcmp(&message->met, "PRACK") == 0)
        leg_prack(leg, message);
    else if (pl_strcmp(&message->met, "OPTIONS") == 0)
        front_options(exchange, message);
    else
        refuse_once(exchange, message, REFUSED_sip_method, ALLOW);
}

/* Sends the refusal of a request that a session has refused. */
static void front_on_refusal(void *self, const struct sip_msg *message, uint16_t status, bool kept)
{
    const char *headers = status == 500 ? "Retry-After: 5\r\n" : status == 501 ? ALLOW : "";
    (kept ? refuse_kept : refuse_once)(self, message, refuse_why(status), headers);
}

/* --- Life --- */

/* Is the sender known, or in a call? Somebody who calls an emergency without a registration is in a call, and must
 * keep their connection. */
static bool front_knows(void *self, const struct sa *source)
{
    return peer_known(self, source) || talks_reach(self, source);
}

static const struct ua_ops front_ops = {.packet = guard_judges,
                                        .connects = guard_connects,
                                        .known = front_knows,
                                        .whole = guard_takes,
                                        .read = guard_reads,
                                        .cancel = front_on_cancel,
                                        .request = front_on_request,
                                        .invite = front_on_invite,
                                        .rest = front_on_rest,
                                        .forked = fork_ends,
                                        .refuse = front_on_refusal,
                                        .contact = peer_contact,
                                        .proxy = peer_proxy};

/* Opens the exchange for SIP. The tables of functions are set before the sockets are opened: a packet may come as
 * soon as a socket is open. */
bool front_open(struct exchange *exchange, char *why, size_t why_size)
{
    exchange->leg_ops = &talk_leg_ops;
    exchange->on_order = order_do;
    ua_begin(&exchange->ua, &front_ops, exchange);
    guard_begin(&exchange->guard);
    if (!transports_open(exchange, why, why_size)) return false;
    exchange_log(exchange, GCX_LOG_INFO, "sip: port %u, %u trunks, %u telephones", sa_port(&exchange->setting.own),
                 exchange->setting.trunk_count, exchange->telephones.count);
    return true;
}

void front_close(struct exchange *exchange)
{
    ua_end(&exchange->ua);
}
