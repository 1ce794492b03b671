/* runtime/adapters/sip/redirect.c - Redirects a call by a 302 to its destination, and reports it to the call model. */
#include "runtime/adapters/sip/redirect.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/passing.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/adapters/sip/transport.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

/* --- A session --- */

static int redirect_on_offer(struct mbuf **answer, const struct sip_msg *message, void *self)
{
    (void)answer, (void)message, (void)self;
    return EPROTO; /* no session description is agreed on: nobody answers this call */
}

static int redirect_on_answer(const struct sip_msg *message, void *self)
{
    (void)message, (void)self;
    return EPROTO;
}

static void redirect_on_established(const struct sip_msg *message, void *self)
{
    (void)message, (void)self;
}

/* Ends the call: the caller has cancelled before the decision, and libre has answered the INVITE. */
static void redirect_on_close(int error, const struct sip_msg *message, void *self)
{
    struct leg *leg = self;
    (void)error, (void)message;
    leg->state = LEG_GONE;
    leg_tells(leg)->closed(leg, 0);
}

static const struct session_ops redirect_ops = {.offer = redirect_on_offer,
                                                .answer = redirect_on_answer,
                                                .established = redirect_on_established,
                                                .closed = redirect_on_close};

/* Notes the proxy's own address: where the INVITE came from. Over TCP and TLS the port is taken from the proxy's Via,
 * since the proxy does not listen at the port of its connection. */
static void redirect_proxy(struct redirecting *redirecting, const struct sip_msg *invite)
{
    redirecting->proxy = invite->src;
    redirecting->transport = invite->tp;
    if (invite->tp != SIP_TRANSP_UDP) sa_set_port(&redirecting->proxy, ua_via_port(invite));
}

/* --- An INVITE is kept, and answered --- */

enum {
    /* if the call is not decided by then, its next tick sends 180, within the 200 ms of RFC 3261 */
    LATE_MS = 100,
    REPEATED_MS = 32000, /* how long the sender may repeat an INVITE */
    STRAGGLING_MS = 5000 /* how long a packet may stay in the network (T4) */
};

struct leg *redirect_accept(struct talk *talk, const struct sip_msg *invite)
{
    struct leg *leg = leg_blank(talk);
    leg->state = LEG_OFFERED;
    leg->peer = invite->src;
    talk->redirecting.only = true;
    redirect_proxy(&talk->redirecting, invite);
    redirect_keep(talk, invite);
    return leg;
}

/* Gives a call that is not decided in time a session and sends 180; the session's transaction then repeats answers
 * that are lost. */
static void redirect_waits(struct redirect_kept *kept)
{
    struct talk *talk = kept->talk;
    struct exchange *exchange = talk->exchange;
    struct leg *leg = talk->caller;
    char contact[CONTACT_SIZE];
    transport_contact(exchange, kept->invite->tp, "gcx", contact);
    prack_begin(leg, kept->invite);
    leg->session = session_accept(&exchange->ua, kept->invite, contact, &redirect_ops, leg);
    if (!leg->session) {
        refuse_leg(talk->caller, REFUSED_sip_no_session);
        talk_gone(talk, cause_overload);
        return;
    }
    if (*leg->dn) session_peer_is(leg->session, leg->dn);
    prack_put(leg);
    kept->talk = NULL;
    talk->redirecting.kept = NULL;
    redirect_forget(exchange->redirects, kept, &exchange->redirects->asked);
}

/* Takes a CANCEL that comes before any answer was sent. */
static void redirect_cancelled(struct redirect_kept *kept)
{
    struct talk *talk = kept->talk;
    redirect_answer_kept(talk, 487, "Request Terminated", "");
    leg_tells(talk->caller)->closed(talk->caller, 0);
}

/*     what comes      the call is not decided yet        the call is decided
 *     CANCEL          200, then 487: it is over          200
 *     INVITE again    a session, which says 180          the same answer again
 *     ACK             -                                  the answer is not repeated any more
 */
bool redirect_heard(struct exchange *exchange, const struct sip_msg *message)
{
    struct redirects *redirects = exchange->redirects;
    bool cancels = pl_strcmp(&message->met, "CANCEL") == 0, acknowledges = pl_strcmp(&message->met, "ACK") == 0;
    if (!cancels && !acknowledges && pl_strcmp(&message->met, "INVITE") != 0) return false;
    struct redirect_kept *kept = redirect_find(redirects, message);
    if (!kept || (kept->invite && !sa_cmp(&kept->invite->src, &message->src, SA_ADDR))) return false;
    if (cancels) ua_answer_once(&exchange->ua, message, 200, "OK", NULL);
    if (cancels && kept->talk) {
        redirect_cancelled(kept);
    } else if (acknowledges && !kept->talk && kept->invite) {
        kept->invite = mem_deref(kept->invite);
        redirect_move(kept, &redirects->said, &redirects->settled);
    } else if (!cancels && !acknowledges && kept->talk) {
        redirect_waits(kept);
    } else if (!cancels && !acknowledges && kept->invite) {
        redirect_say(exchange, kept);
    }
    return true;
}

static struct redirect_kept *redirect_due(const GQueue *queue, uint64_t after_ms)
{
    struct redirect_kept *first = queue->head ? queue->head->data : NULL;
    return first && loop_ms() >= first->at_ms + after_ms ? first : NULL;
}

/* Moves kept INVITEs on to their next state when the time of the current one is over. Each queue is ordered by time,
 * so only its first element is checked. */
void redirects_tick(struct exchange *exchange)
{
    struct redirects *redirects = exchange->redirects;
    struct redirect_kept *kept;
    while ((kept = redirect_due(&redirects->asked, LATE_MS))) redirect_waits(kept);
    while ((kept = redirect_due(&redirects->said, REPEATED_MS))) redirect_forget(redirects, kept, &redirects->said);
    while ((kept = redirect_due(&redirects->settled, STRAGGLING_MS)))
        redirect_forget(redirects, kept, &redirects->settled);
}

/* --- The decision --- */

/* Can the name go into a URI unescaped? */
static bool redirect_name_plain(const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+*";
    return *name && name[strspn(name, plain)] == '\0';
}

static bool redirect_print(char contact[REDIRECT_SIZE], const char *user, const struct sa *at,
                           enum sip_transp transport)
{
    return re_snprintf(contact, REDIRECT_SIZE, "sip:%s@%J%s", user, at, ua_transport_param(transport)) > 0;
}

/* Writes the URI of the destination. A telephone that is registered here is named by its own address. Every other
 * destination is left to the proxy to find, and is named at the proxy's address: a telephone registered elsewhere, a
 * number that may be dialled, a routing point here whose calls are served. */
static enum code redirect_contact(const struct talk *talk, const char *to, char contact[REDIRECT_SIZE],
                                  const char **why)
{
    const struct exchange *exchange = talk->exchange;
    const struct redirecting *redirecting = &talk->redirecting;
    const struct telephone *telephone = telephones_find(&exchange->telephones, to);
    bool here = telephone && !telephone->elsewhere;
    bool there = telephone || setting_is_point(&exchange->setting, to) || setting_dialable(&exchange->setting, to);
    if (here) {
        enum code code = reach_check(exchange, to, why);
        if (code != code_ok) return code;
    }
    *why = "there is no such telephone, nor may it be dialled outside";
    if (!there || (!here && !redirect_name_plain(to))) return code_invalid_destination;
    *why = "the destination is too long";
    bool whole = here ? redirect_print(contact, telephone->user, &telephone->at, telephone->transport)
                      : redirect_print(contact, to, &redirecting->proxy, redirecting->transport);
    return whole ? code_ok : code_invalid_destination;
}

/* Sends the 302; true: the caller has got it. An INVITE kept without a transaction and one with a session are
 * answered by different functions, never by both. */
static bool redirect_answer(struct leg *leg, const char *contact)
{
    char lines[PASSING_SIZE];
    assert(leg->state == LEG_OFFERED);
    passing_history(leg->talk, contact, lines);
    char *headers = memory_format("Contact: <%s>\r\n%s", contact, lines);
    bool kept = leg->talk->redirecting.kept != NULL;
    if (kept) redirect_answer_kept(leg->talk, 302, "Moved Temporarily", headers);
    bool answered = kept || session_reject(leg->session, 302, "Moved Temporarily", headers);
    free(headers);
    if (answered) leg->state = LEG_GONE; /* the caller has the final answer: no other may be sent */
    return answered;
}

/* Reports the call as taken and released by the agent, because it leaves this exchange now: the next call goes to
 * another agent, and after-call work begins if the site wants it. */
static void redirect_tell(struct talk *talk, const char *to)
{
    struct exchange *exchange = talk->exchange;
    const struct telephone *telephone = telephones_find(&exchange->telephones, to);
    char dn[NAME_SIZE] = "";
    if (telephone) memcpy(dn, telephone->dn, sizeof dn);
    cti_route_used(&exchange->cti, talk_call(talk), to, route_how_instructed, cause_other);
    talk_tell(talk, party_change_Ringing, dn, NULL, cause_other);
    talk_tell(talk, party_change_Established, dn, NULL, cause_other);
    talk_tell(talk, party_change_Released, dn, NULL, cause_redirected);
}

/* Redirects the call to the destination. The answer goes out before the core is told of the route, because a route
 * for which no answer can be sent is refused. */
void redirect_route(struct talk *talk, uint64_t ask, const char *destination)
{
    struct exchange *exchange = talk->exchange;
    char contact[REDIRECT_SIZE];
    const char *why = "";
    assert(talk->redirecting.only && talk_call(talk));
    enum code code = redirect_contact(talk, destination, contact, &why);
    if (code == code_ok && !redirect_answer(talk->caller, contact)) {
        code = code_out_of_service;
        why = "the caller cannot be answered";
    }
    if (code != code_ok) {
        cti_refused(&exchange->cti, ask, code, why);
        return;
    }
    redirect_tell(talk, destination);
    talk_gone(talk, cause_redirected);
}
