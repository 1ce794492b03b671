/* runtime/adapters/sip/leg.c - A leg's session of SIP: offers and answers, ringing, the answer and the end.
 *
 *     peer                         leg                           talk
 *      |--- INVITE (offer) ------->|                              |
 *      |<-- 180, 183 --------------|                              |
 *      |                           |<-- leg_answer() -------------|
 *      |<-- 200 (answer) ----------|                              |
 *      |--- ACK ------------------>|                              |
 *      |--- INVITE, UPDATE ------->|  (a new offer) -- held() --->|
 *      |--- BYE ------------------>|  ------------- closed() ---->|
 *
 * The leg reports to its talk by struct leg_ops. closed() may free the leg, so nothing reads the leg after it. */
#include "runtime/adapters/sip/leg.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/transport.h"
#include "runtime/adapters/sip/passing.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/adapters/sip/trunk_answer.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"

/* An outlet that has not answered for this time has got the INVITE three times (RFC 3261, 17.1.1.2), and the call
 * model still waits for an answer. */
enum { OUTLET_SILENT_MS = 1700 };
enum { USER_TO_USER = 80 };

/* --- Offers and answers --- */

/* Takes over the peer's description, and reports when the peer begins or ends a hold. A description that is repeated,
 * or that only has a new port, does not end a hold that the desktop has begun. */
static void leg_wants(struct leg *leg, const struct sdp *described)
{
    bool held = leg_holds(leg);
    leg->offer = *described;
    if (leg_holds(leg) != held) leg_tells(leg)->held(leg, leg_holds(leg));
}

/* Notes that the session was refreshed, because an INVITE within the session has been accepted. */
static void leg_refreshed(struct leg *leg, const struct sip_msg *message)
{
    refresh_agree(leg, message);
    refresh_heard(leg);
}

/* Answers a new offer of the peer, by which the peer begins a hold, ends it, or moves to another address. An error as
 * result makes the session answer 488; the earlier description stays in force. */
static int leg_on_offer(struct mbuf **answer, const struct sip_msg *message, void *self)
{
    struct leg *leg = self;
    struct sdp offer;
    if (!leg_describes(
            message)) { /* an INVITE without a description asks for our offer; the peer describes itself with the ACK */
        *answer = leg_sdp(leg, NULL, stream_law(leg->stream));
        leg_refreshed(leg, message);
        return 0;
    }
    if (!leg_read_sdp(leg, message, &offer) || !stream_agree(leg->stream, &offer)) return EPROTO;
    *answer = leg_sdp(leg, &offer, LAW_A);
    leg_refreshed(leg, message);
    leg_wants(leg, &offer);
    return 0;
}

/* Counts and logs an answer of the peer that we refuse. The peer learns of the refusal by a BYE; if the call goes on,
 * the peer may not learn of the refusal. */
static void leg_tell_refused(const struct leg *leg, enum refused why)
{
    const struct cti *cti = &leg->talk->exchange->cti;
    char peer[64] = "";
    (void)re_snprintf(peer, sizeof peer, "%J", &leg->peer);
    refused_tell(cti->link, cti->services, why, "call=%s: the answer of %s to our INVITE", leg->talk->id, peer);
}

/* Takes the peer's answer to our offer. If the peer's INVITE had no description, the answer comes in the ACK, and by it
 * the peer may begin or end a hold. If one side encrypts and the other does not, both would hear noise. ECONNABORTED
 * ends the call in any case. EPROTO ends the call only if this is the answer to the first INVITE; later the earlier
 * description stays in force. */
static int leg_on_answer(const struct sip_msg *message, void *self)
{
    struct leg *leg = self;
    struct sdp answer;
    if (!leg_takes(leg, message, &answer)) {
        leg_tell_refused(leg, REFUSED_sip_codec);
        return leg_is_noise(leg, message) ? ECONNABORTED : EPROTO;
    }
    if (message->req && leg->state == LEG_TALKING) leg_wants(leg, &answer);
    return 0;
}

void leg_prack(struct leg *leg, const struct sip_msg *message)
{
    if (prack_heard(leg, message)) (void)leg_send_answer(leg);
}

/* Answers an UPDATE. An UPDATE with an offer is refused while our own offer is open (491) and before the leg talks (RFC
 * 3311, 5.2). An UPDATE without an offer only refreshes the session timer. */
void leg_update(struct leg *leg, const struct sip_msg *message)
{
    struct exchange *exchange = leg->talk->exchange;
    struct dialog *dialog = session_dialog(leg->session);
    struct mbuf *answer = NULL;
    char timer[SESSION_HEADERS], contact[CONTACT_SIZE], headers[CONTACT_SIZE + SESSION_HEADERS + 16];
    bool offers = leg_describes(message);
    if (!dialog_counts(dialog, message) || (offers && leg->state != LEG_TALKING)) {
        refuse_once(exchange, message, REFUSED_sip_out_of_order, "Retry-After: 5\r\n");
        return;
    }
    if (offers && session_offers(leg->session)) {
        refuse_kept(exchange, message, REFUSED_sip_pending, "");
        return;
    }
    if (offers && leg_on_offer(&answer, message, leg) != 0) {
        refuse_kept(exchange, message, REFUSED_sip_codec, "");
        return;
    }
    if (leg->state == LEG_TALKING) refresh_agree(leg, message);
    refresh_heard(leg);
    dialog_follow(&exchange->ua, dialog, message);
    refresh_headers(leg, false, timer);
    transport_contact(exchange, message->tp, "gcx", contact);
    snprintf(headers, sizeof headers, "Contact: <%s>\r\n%s", contact, timer);
    const struct content content = content_of(headers, answer);
    ua_answer_kept(&exchange->ua, message, 200, "OK", &content);
    mem_deref(answer);
}

/* --- What happens to a leg that is dialled --- */

static bool leg_dials_on(struct leg *, uint16_t status);

/* Notes that the outlet of the leg has answered; an answer above `100 Trying` means that the outlet has taken the
 * call. */
static void leg_heard(struct leg *leg, bool takes)
{
    alarm_stop(&leg->silent);
    leg->heard = true;
    if (takes && *leg->outside) trunk_outlet_took(leg->talk->exchange, leg->outlet);
}

static void leg_begins_to_ring(struct leg *leg)
{
    leg->state = LEG_RINGING;
    leg_tells(leg)->rings(leg);
}

static void leg_hear_early(void *self, bool sent, const struct stream_sound *sound)
{
    struct leg *leg = self;
    (void)sound;
    if (!sent) leg_tells(leg)->early(leg);
}

/* Takes a provisional answer. The tags of the early dialog are kept, because another telephone may pick up this call
 * by Replaces while it rings. `100 Trying` only shows that the trunk works; it does not mean that the telephone
 * rings. */
static void leg_on_progress(const struct sip_msg *message, void *self)
{
    struct leg *leg = self;
    struct sdp early;
    leg_heard(leg, message->scode > 100);
    leg->peer = message->src;
    if (pl_strcpy(&message->from.tag, leg->own_tag, LEG_TAG) != 0 ||
        pl_strcpy(&message->to.tag, leg->peer_tag, LEG_TAG) != 0)
        *leg->own_tag = *leg->peer_tag = '\0';
    if (message->scode > 100 && leg->state == LEG_CALLING) leg_begins_to_ring(leg);
    if (*leg->outside && leg_describes(message) && leg_takes(leg, message, &early)) /* tones of the network */
        stream_set_tap(leg->stream, TAP_EARLY, &(struct stream_tap){leg, leg_hear_early});
}

static void leg_on_established(const struct sip_msg *message, void *self)
{
    struct leg *leg = self;
    if (leg->state == LEG_TALKING) return; /* the caller's ACK */
    leg_heard(leg, true);
    leg->peer = message->src;
    stream_set_tap(leg->stream, TAP_EARLY, NULL);
    if (leg->state == LEG_CALLING) leg_begins_to_ring(leg);
    leg->state = LEG_TALKING;
    stream_steady(leg->stream);
    leg_tells(leg)->answered(leg);
}

static void leg_closed(struct leg *leg, uint16_t status)
{
    alarm_stop(&leg->silent);
    if (leg->state == LEG_OFFERED) leg->state = LEG_GONE; /* the caller has cancelled, and the INVITE is answered */
    if (!leg_dials_on(leg, status)) leg_tells(leg)->closed(leg, status);
}

/* Ends the leg: passes its last status on. A trunk whose answer could not be used counts as 488, so that the call
 * model gets a cause; 0: there was no answer at all. */
static void leg_on_close(int error, const struct sip_msg *message, void *self)
{
    struct leg *leg = self;
    bool answered = message && !message->req;
    if (error == EBADMSG) leg_tell_refused(leg, REFUSED_sip_malformed);
    if (answered && *leg->outside && leg->state != LEG_TALKING) refuse_outside(leg, message);
    leg_closed(leg, answered                                                                          ? message->scode
                    : *leg->outside && (error == EBADMSG || error == EPROTO || error == ECONNABORTED) ? 488
                                                                                                      : 0);
}

static void leg_on_silent(void *self)
{
    leg_closed(self, 0);
}

static void leg_on_digit(void *self, char digit)
{
    struct leg *leg = self;
    leg_tells(leg)->digit(leg, digit);
}

/* The key that the body of an INFO names: gateways write the key itself, or the number of its event. 0: no key. */
static char leg_key_of(struct pl word)
{
    static const char keys[] = "0123456789*#ABCD";
    if (word.l == 2 && word.p[0] == '1' && word.p[1] >= '0' && word.p[1] <= '5') return keys[10 + word.p[1] - '0'];
    return word.l == 1 && strchr(keys, *word.p) ? *word.p : '\0';
}

/* Takes a key that gateways send by INFO: `Signal=5` and `Duration=160`, or the key alone. */
static void leg_on_info(const struct sip_msg *message, void *self)
{
    struct pl body = {(const char *)mbuf_buf(message->mb), mbuf_get_left(message->mb)}, word = {NULL, 0};
    bool relay = msg_ctype_cmp(&message->ctyp, "application", "dtmf-relay");
    if (body.l > 0 && !relay && !msg_ctype_cmp(&message->ctyp, "application", "dtmf")) {
        refuse_kept(((struct leg *)self)->talk->exchange, message, REFUSED_sip_body,
                    "Accept: application/dtmf-relay, application/dtmf\r\n");
        return;
    }
    ua_answer_kept(&((struct leg *)self)->talk->exchange->ua, message, 200, "OK", NULL);
    if (!relay || re_regex(body.p, body.l, "Signal=[ ]*[^ \t\r\n]+", NULL, &word) != 0)
        (void)re_regex(body.p, body.l, "[^ \t\r\n]+", &word);
    char key = leg_key_of(word);
    if (!key || !stream_takes_key(((struct leg *)self)->stream, key)) return;
    stream_pass_key(((struct leg *)self)->stream, key);
    leg_on_digit(self, key);
}

static void leg_on_played(void *self)
{
    struct leg *leg = self;
    leg_tells(leg)->played(leg);
}

static const struct session_ops leg_session_ops = {.offer = leg_on_offer,
                                                   .answer = leg_on_answer,
                                                   .progress = leg_on_progress,
                                                   .established = leg_on_established,
                                                   .info = leg_on_info,
                                                   .refer = refer_heard,
                                                   .closed = leg_on_close,
                                                   .headers = refresh_headers};

/* --- Life --- */

struct leg *leg_blank(struct talk *talk)
{
    struct leg *leg = memory_zeroed(1, sizeof *leg);
    leg->talk = talk;
    leg->seat = -1;
    return leg;
}

static struct leg *leg_new(struct talk *talk, const char *dn)
{
    struct leg *leg = leg_blank(talk);
    struct exchange *exchange = talk->exchange;
    struct stream_calls calls = {leg, leg_on_digit, leg_on_played};
    leg->sdp_session = randombytes_random();
    text_set(leg->dn, sizeof leg->dn, dn);
    leg->stream = stream_begin(&exchange->clock, &exchange->setting.own, &calls);
    if (leg->stream) return leg;
    exchange_log(exchange, GCX_LOG_WARNING, "sip: call=%s: no port for its sound can be had", talk->id);
    free(leg);
    return NULL;
}

/* Frees a leg in any state: its session is ended by CANCEL, BYE or the refusal that was set. A desktop whose request
 * to answer still waits is refused first, while the leg still has its name. */
void leg_free(struct leg *leg)
{
    if (!leg) return;
    refresh_end(leg);
    leg_answer_failed(leg, "it rings there no more");
    alarm_stop(&leg->silent);
    alarm_stop(&leg->timer);
    prack_end(leg);
    session_leave(leg->session);
    stream_free(leg->stream);
    free(leg);
}

/* On failure nothing has been sent, and `status` is the answer that the caller of this function must send to the
 * INVITE. An offer without a common codec gives 488. */
struct leg *leg_accept(struct talk *talk, const struct sip_msg *invite, const char *dn, uint16_t *status)
{
    struct leg *leg = leg_new(talk, dn);
    *status = 503;
    if (!leg) return NULL;
    char contact[CONTACT_SIZE];
    bool offered = leg_describes(invite);
    leg->peer = invite->src;
    if (offered && !leg_read_sdp(leg, invite, &leg->offer)) {
        *status = 488;
        leg_free(leg);
        return NULL;
    }
    if (offered && !stream_agree(leg->stream, &leg->offer)) leg->offer.law_count = 0;
    transport_contact(talk->exchange, invite->tp, "gcx", contact);
    refresh_agree(leg, invite);
    prack_begin(leg, invite);
    bool fits = !offered || leg->offer.law_count > 0;
    if (fits) leg->session = session_accept(&talk->exchange->ua, invite, contact, &leg_session_ops, leg);
    if (leg->session) {
        if (*dn) session_peer_is(leg->session, dn);
        prack_put(leg);
        return leg;
    }
    *status = fits ? 500 : 488;
    leg_free(leg);
    return NULL;
}

/* Sends the 200. The leg's state is set before the 200 is sent, because session_answer() may call the leg; the state is
 * set back if the 200 cannot be sent. */
bool leg_send_answer(struct leg *leg)
{
    const struct sdp *offer = leg->offer.law_count > 0 ? &leg->offer : NULL;
    struct mbuf *sdp = prack_has_told(leg) ? NULL
                       : leg->prack.early  ? mem_ref(leg->prack.early)
                       : offer             ? leg_sdp(leg, offer, LAW_A)
                                           : leg_offer(leg);
    leg->state = LEG_TALKING;
    bool answered = session_answer(leg->session, sdp);
    mem_deref(sdp);
    if (answered)
        stream_steady(leg->stream);
    else
        leg->state = LEG_OFFERED;
    refresh_heard(leg);
    return answered;
}

bool leg_hears(const struct leg *leg)
{
    const struct prack *prack = &leg->prack;
    return leg->state == LEG_TALKING ||
           (leg->state == LEG_OFFERED && (prack->early || (prack->offered && prack->over)));
}

/* Sends a 183 with our description, so that the caller hears sound before anybody pays for the call. */
bool leg_begin_early(struct leg *leg)
{
    if (leg_hears(leg)) return true;
    if (leg->state != LEG_OFFERED || !leg->session || leg->offer.law_count == 0) return false;
    leg->prack.early = leg_sdp(leg, &leg->offer, LAW_A);
    stream_steady(leg->stream);
    prack_early(leg);
    return true;
}

bool leg_answer(struct leg *leg)
{
    if (leg->state == LEG_TALKING) return true;
    if (leg->state != LEG_OFFERED || !leg->session)
        return false; /* no INVITE of the peer waits for our answer, or its session is gone */
    if (prack_lets_answer(leg)) return leg_send_answer(leg);
    leg->state = LEG_TALKING;
    return true;
}

void leg_refuse(struct leg *leg, enum cause cause)
{
    if (leg->state != LEG_OFFERED) return;
    refuse_leg(leg, cause == cause_busy             ? REFUSED_sip_led_busy
                    : cause == cause_refused        ? REFUSED_sip_led_declined
                    : cause == cause_invalid_number ? REFUSED_sip_led_unknown
                    : cause == cause_overload       ? REFUSED_sip_overload
                    : cause == cause_no_circuit     ? REFUSED_sip_led_full
                                                    : REFUSED_sip_led_nowhere);
}

/* `route`: NULL: none. */
static bool leg_connect(struct leg *leg, const char *to, const char *route, const char *from, enum sip_transp transport,
                        enum law preferred, const char *headers)
{
    struct exchange *exchange = leg->talk->exchange;
    const struct passing *passing = &leg->talk->passing;
    const struct provider *provider =
        *leg->outside ? providers_at(exchange, &exchange->setting.outlets[leg->outlet].at) : NULL;
    char own[CONTACT_SIZE], contact[CONTACT_SIZE];
    transport_contact(exchange, SIP_TRANSP_UDP, *from ? from : "anonymous", own);
    transport_contact(exchange, transport, "gcx", contact);
    leg->state = LEG_CALLING;
    const struct session_call call = {.to = to,
                                      .name = *from ? from : NULL,
                                      .from = own,
                                      .contact = contact,
                                      .route = route,
                                      .counts = passing->hops > 0,
                                      .hops = passing->hops > 0 ? passing->hops - 1 : 0,
                                      .headers = headers,
                                      .offer = leg_sdp(leg, NULL, preferred),
                                      .user = provider ? provider->name
                                                       : NULL, /* a name and password for a trunk that asks for them */
                                      .password = provider ? provider->password : NULL};
    leg->session = session_call(&exchange->ua, &call, &leg_session_ops, leg);
    mem_deref(call.offer);
    if (leg->session && *leg->dn) session_peer_is(leg->session, leg->dn);
    return leg->session != NULL;
}

struct leg *leg_invite(struct talk *talk, const struct telephone *telephone, const char *from, enum law preferred,
                       const char *headers)
{
    char to[TELEPHONE_URI];
    const char *route;
    struct leg *leg = leg_new(talk, telephone->dn);
    if (!leg) return NULL;
    leg->secure = telephone->transport == SIP_TRANSP_TLS && setting_yes(talk->exchange->setting.srtp);
    leg->peer = telephone->at;
    if (telephone_uri(telephone, to, &route) &&
        leg_connect(leg, to, route, from, telephone->transport, preferred, headers))
        return leg;
    leg_free(leg);
    return NULL;
}

static void leg_seems_to_ring(void *self)
{
    leg_begins_to_ring(self);
}

/* Makes the leg of a telephone that is not called yet. The leg's alarm reports at once that the telephone rings, but
 * only after the running handler, because the talk does not have this leg yet. */
struct leg *leg_await(struct talk *talk, const struct telephone *telephone)
{
    struct leg *leg = leg_new(talk, telephone->dn);
    if (!leg) return NULL;
    leg->state = LEG_CALLING;
    alarm_set(&leg->timer, 0, leg_seems_to_ring, leg);
    return leg;
}

/* The header by which another switch of the site knows which call this is (RFC 7433); "": the call does not go to
 * such a switch. */
static const char *leg_user_to_user(const struct talk *talk, char header[USER_TO_USER])
{
    const struct call *call = talk_call(talk);
    char digits[2 * CONN_TEXT] = "";
    if (!call || !call->crosses) return "";
    ident_print_hex((const uint8_t *)call->conn_text, strlen(call->conn_text), digits);
    snprintf(header, USER_TO_USER, "User-to-User: %s;encoding=hex\r\n", digits);
    return header;
}

/* Asks the next outlet. False: there is no other outlet, or the INVITE cannot be sent. Each outlet is tried once:
 * `outlets_tried` has a bit for each outlet. The timer for a silent outlet runs only if another outlet is left to be
 * asked. */
static bool leg_dials(struct leg *leg)
{
    const struct talk *talk = leg->talk;
    char to[256], header[USER_TO_USER], lines[PASSING_SIZE], headers[USER_TO_USER + PASSING_SIZE];
    int outlet = trunk_outlet_next(talk->exchange, talk->outlets, leg->outlets_tried);
    if (outlet < 0) return false;
    leg->outlet = (unsigned)outlet;
    leg->heard = false;
    leg->outlets_tried |= UINT32_C(1) << outlet;
    const struct sa *at = &talk->exchange->setting.outlets[outlet].at;
    leg->peer = *at;
    if (re_snprintf(to, sizeof to, "sip:%s@%J", leg->outside, at) <= 0) return false;
    if (trunk_outlet_next(talk->exchange, talk->outlets, leg->outlets_tried) >= 0)
        alarm_set(&leg->silent, OUTLET_SILENT_MS, leg_on_silent, leg);
    passing_put(talk, to, lines);
    snprintf(headers, sizeof headers, "%s%s", leg_user_to_user(talk, header), lines);
    return leg_connect(leg, to, NULL, leg->from, SIP_TRANSP_UDP, leg->preferred, headers);
}

/* Asks the next outlet when the last one was silent or could not take the call: such an answer is not the called
 * party's. False: the answer counts. */
static bool leg_dials_on(struct leg *leg, uint16_t status)
{
    struct exchange *exchange = leg->talk->exchange;
    bool away = trunk_answer_of(status)->whose == ANSWER_AWAY;
    if (!*leg->outside || leg->state != LEG_CALLING || !away) return false;
    trunk_outlet_failed(exchange, leg->outlet, status);
    if (trunk_outlet_next(exchange, leg->talk->outlets, leg->outlets_tried) < 0) return false;
    session_leave(leg->session);
    leg->session = NULL;
    return leg_dials(leg);
}

/* Dials a number outside. The leg of a number outside has no DN: `dn` is "" and `outside` is set, by which all other
 * files tell such legs from telephones. */
struct leg *leg_dial(struct talk *talk, const char *number, const char *from, enum law preferred)
{
    struct leg *leg = leg_new(talk, "");
    if (!leg) return NULL;
    text_set(leg->outside, sizeof leg->outside, number);
    text_set(leg->from, sizeof leg->from, from);
    leg->preferred = preferred;
    if (trunk_outlet_next(talk->exchange, talk->outlets, 0) < 0)
        exchange_log(talk->exchange, GCX_LOG_WARNING, "sip: call=%s: `outbound` has no trunk of the name %s", talk->id,
                     talk->outlets);
    if (leg_dials(leg)) return leg;
    leg_free(leg);
    return NULL;
}

const char *leg_name(const struct leg *leg)
{
    return *leg->dn ? leg->dn : leg->outside;
}

bool leg_is_borrowed(const struct leg *leg)
{
    return leg->consult && leg->consult->caller == leg && !leg->consult->aside;
}

void leg_music(const struct leg *leg)
{
    struct sounds *sounds = leg->talk->exchange->sounds;
    char why[256];
    struct sound *sound = sounds_prompt(sounds, "hold", NULL, NULL, why, sizeof why);
    if (!sound) sound = sounds_tone(sounds, TONE_SILENCE);
    stream_play(leg->stream, sound, true);
    sound_release(sound);
}

void leg_answer_failed(struct leg *leg, const char *why)
{
    uint64_t ask = leg->answer_ask;
    leg->answer_ask = 0;
    if (ask == 0) return;
    alarm_stop(&leg->timer);
    cti_refused(&leg->talk->exchange->cti, ask, code_unsupported, why);
}
