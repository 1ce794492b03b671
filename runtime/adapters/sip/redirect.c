/* runtime/adapters/sip/redirect.c - The destination of a call that is only decided here, and the facts of it for the
 * call model. */
#include "runtime/adapters/sip/redirect.h"

#include <assert.h>
#include <string.h>

#include "runtime/adapters/sip/talk.h"
#include "runtime/adapters/sip/transport.h"

/* --- The INVITE --- */

static int redirect_on_offer(struct mbuf **answer, const struct sip_msg *message, void *self)
{
    (void)answer, (void)message, (void)self;
    return EPROTO; /* nothing is agreed on within a session that nobody answers */
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

/* The caller gave up before the decision, and has been answered. */
static void redirect_on_close(int error, const struct sip_msg *message, void *self)
{
    struct leg *leg = self;
    (void)error, (void)message;
    leg->state = LEG_GONE;
    talk_leg_closed(leg, 0);
}

/* The proxy's own address. A connection comes from a port where it does not listen: its Via says that one. */
static void redirect_proxy(struct redirecting *redirecting, const struct sip_msg *invite)
{
    uint16_t port = sa_port(&invite->via.addr);
    redirecting->proxy = invite->src;
    redirecting->transport = invite->tp;
    if (invite->tp != SIP_TRANSP_UDP)
        sa_set_port(&redirecting->proxy, port ? port : invite->tp == SIP_TRANSP_TLS ? SIP_PORT_TLS : SIP_PORT);
}

struct leg *redirect_accept(struct talk *talk, const struct sip_msg *invite, uint16_t *status)
{
    struct leg *leg = leg_blank(talk);
    char contact[CONTACT_SIZE], headers[PRACK_HEADERS];
    leg->state = LEG_OFFERED;
    talk->redirecting.only = true;
    redirect_proxy(&talk->redirecting, invite);
    transport_contact(talk->exchange, invite->tp, "gcx", contact);
    prack_begin(leg, invite, headers);
    *status = 500;
    if (sipsess_accept(&leg->session, talk->exchange->sessions, invite, 180, "Ringing", contact, "application/sdp",
                       NULL, NULL, NULL, false, redirect_on_offer, redirect_on_answer, redirect_on_established, NULL,
                       NULL, redirect_on_close, leg, "%s", headers) == 0) {
        prack_sent(leg);
        return leg;
    }
    leg_free(leg);
    return NULL;
}

/* --- The decision --- */

enum { REDIRECT_SIZE = 256 };

/* A name that goes into a URI as it is. */
static bool redirect_name_plain(const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+*";
    return *name && name[strspn(name, plain)] == '\0';
}

static bool redirect_print(char contact[REDIRECT_SIZE], const char *user, const struct sa *at,
                           enum sip_transp transport)
{
    return re_snprintf(contact, REDIRECT_SIZE, "sip:%s@%J%s", user, at, sip_transp_param(transport)) > 0;
}

/* A telephone that is registered here is named by its own contact. Any other destination is the proxy's to find: a
 * telephone that registers elsewhere, a number that may be dialled, a routing point of ours where calls are served. */
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

static bool redirect_answer(struct leg *leg, const char *contact)
{
    assert(leg->state == LEG_OFFERED && leg->session);
    if (sipsess_reject(leg->session, 302, "Moved Temporarily", "Contact: <%s>\r\nContent-Length: 0\r\n\r\n", contact) !=
        0)
        return false;
    leg->state = LEG_GONE; /* nothing else is owed to it */
    return true;
}

/* An agent's call is over for us with the decision: the agent has had it, so the next one goes to another, and
 * after-call work begins where the site wants it. */
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
