/* runtime/adapters/sip/telephone_register.c - The registrar: a telephone says where it is reached, and for how long. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"
#include "runtime/adapters/sip/peer.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

/* The telephone that had refused a call is offered calls again. */
void telephone_speaks(struct exchange *exchange, struct telephone *telephone)
{
    if (!telephone->refused) return;
    telephone->refused = false;
    cti_clock(&exchange->cti);
    cti_device_again(&exchange->cti, telephone->dn);
}

/* Is the text plain enough to stand in a URI of ours? */
static bool contact_user_good(const char *user)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+*=";
    return *user && strspn(user, plain) == strlen(user);
}

/* Is it a URI that may stand between brackets of ours? */
static bool contact_uri_good(const char *uri)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,;?/:@%[]";
    return strncasecmp(uri, "sip", 3) == 0 && strspn(uri, plain) == strlen(uri);
}

/* Do requests to it go there? What was taken out of it may have made another one of it. */
static bool telephone_path_leads(const char *text, enum sip_transp transport, const struct sa *to)
{
    struct pl all;
    struct uri uri;
    pl_set_str(&all, text);
    return contact_uri_good(text) && uri_decode(&uri, &all) == 0 && peer_is_told(&uri, transport, to);
}

/* An edge says by Path (RFC 3327) that calls for the telephone come to the edge, with the telephone's own Contact. It
 * must be the machine that the REGISTER came from: no other one can be called so. dialog_new() adds `;lr` to a route.
 */
static void telephone_path(struct telephone *telephone, const struct sip_msg *message)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_PATH);
    struct sip_addr path;
    *telephone->path = '\0';
    if (!*telephone->contact || !header || sip_addr_decode(&path, &header->val) != 0) return;
    const char *end = path.auri.p + path.auri.l, *loose = path.auri.p;
    while (loose < end && strncasecmp(loose, ";lr", 3) != 0) loose++;
    struct pl before = {path.auri.p, (size_t)(loose - path.auri.p)}, behind = {loose, 0};
    if (loose < end) {
        for (behind.p = loose + 3; behind.p < end && *behind.p != ';';) behind.p++;
        behind.l = (size_t)(end - behind.p);
    }
    if (re_snprintf(telephone->path, TELEPHONE_PATH, "%r%r", &before, &behind) <= 0 ||
        !telephone_path_leads(telephone->path, message->tp, &message->src))
        *telephone->path = '\0';
}

static void telephone_contact(struct telephone *telephone, const struct pl *contact)
{
    if (pl_strcpy(contact, telephone->contact, TELEPHONE_CONTACT) != 0 || !contact_uri_good(telephone->contact))
        *telephone->contact = '\0';
}

/* A telephone that asks for `rport` (RFC 3581) hears where it sends from; another one may listen at a port beside. */
static void telephone_reach(const struct exchange *exchange, struct telephone *telephone, const struct sip_msg *message,
                            const struct uri *contact)
{
    struct pl port;
    bool symmetric = msg_param_exists(&message->via.params, "rport", &port) == 0;
    telephone->at = symmetric ? message->src : peer_reached(exchange, message, contact);
    telephone->alive.behind = message->tp != SIP_TRANSP_UDP || !peer_is_told(contact, message->tp, &telephone->at);
    telephone->transport = message->tp;
    if (pl_strcpy(&contact->user, telephone->user, sizeof telephone->user) != 0 || !contact_user_good(telephone->user))
        text_set(telephone->user, sizeof telephone->user, telephone->dn);
}

static uint32_t seconds_asked(const struct sip_setting *setting, const struct sip_msg *message, const struct pl *params)
{
    struct pl expires;
    uint64_t seconds = setting->expires;
    if (params && msg_param_decode(params, "expires", &expires) == 0)
        seconds = pl_u32(&expires);
    else if (pl_isset(&message->expires))
        seconds = pl_u32(&message->expires);
    return (uint32_t)(seconds > setting->expires ? setting->expires : seconds);
}

/* Is it the device that registered last? Another one may have the same number. Compared in this order: the Call-ID of
 * the REGISTER, the instance (RFC 5626), then the address. A device that cannot be reached at its old place counts as
 * the same. */
static bool telephone_is_same(const struct exchange *exchange, const struct telephone *telephone,
                              const struct sip_msg *message, const struct sip_addr *contact, const struct way *before)
{
    struct pl instance;
    bool named = *telephone->instance && msg_param_decode(&contact->params, "+sip.instance", &instance) == 0;
    if (*telephone->registration && pl_strcmp(&message->callid, telephone->registration) == 0) return true;
    if (named) return pl_strcmp(&instance, telephone->instance) == 0;
    if (!ua_reaches(&exchange->ua, before)) return true; /* the device cannot be reached at its old place */
    return *telephone->contact && pl_strcmp(&contact->auri, telephone->contact) == 0 &&
           sa_cmp(&before->to, &telephone->at, SA_ADDR);
}

/* The calls of a telephone that has another address go on there. Those of one that may be another device end there,
 * too, if they are not heard to end where they were. */
static void telephone_follow(struct exchange *exchange, struct telephone *telephone, const struct sip_msg *message,
                             const struct sip_addr *contact, const struct way *before)
{
    const struct way way = {telephone->transport, telephone->at};
    struct pl instance;
    bool same = telephone_is_same(exchange, telephone, message, contact, before);
    if (!sa_cmp(&before->to, &telephone->at, SA_ALL))
        sessions_move(&exchange->ua, telephone->dn, &before->to, &way, same);
    if (pl_strcpy(&message->callid, telephone->registration, sizeof telephone->registration) != 0)
        *telephone->registration = '\0';
    if (msg_param_decode(&contact->params, "+sip.instance", &instance) != 0 ||
        pl_strcpy(&instance, telephone->instance, sizeof telephone->instance) != 0)
        *telephone->instance = '\0';
}

/* What is refused changes nothing. keep_now() stands before the 200, so that with few telephones a registration that
 * was confirmed is in the file. */
void telephones_register(struct exchange *exchange, const struct sip_msg *message)
{
    struct telephone *telephone = telephone_proved(exchange, message);
    if (!telephone) return; /* each other answer has a transaction: the same packet again is no second proof */
    if (pl_strcmp(&message->to.uri.user, telephone->dn) != 0) {
        refuse_kept(exchange, message, REFUSED_sip_foreign_name, "");
        return;
    }
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_CONTACT);
    struct sip_addr contact;
    bool all = header && pl_strcmp(&header->val, "*") == 0;
    if (header && !all && sip_addr_decode(&contact, &header->val) != 0) {
        refuse_kept(exchange, message, REFUSED_sip_malformed, "");
        return;
    }
    uint32_t seconds = seconds_asked(&exchange->setting, message, !header || all ? NULL : &contact.params);
    if (all && seconds > 0) { /* it is for an end only */
        refuse_kept(exchange, message, REFUSED_sip_malformed, "");
        return;
    }
    if (header) {
        if (seconds > 0) {
            const struct way before = {telephone->transport, telephone->at};
            telephone_reach(exchange, telephone, message, &contact.uri);
            telephone_follow(exchange, telephone, message, &contact, &before);
            telephone_contact(telephone, &contact.auri);
            telephone_path(telephone, message);
        }
        telephone->until_ms = loop_ms() + (uint64_t)seconds * 1000;
        telephone_is(exchange, telephone, seconds > 0);
        if (telephone->registered) telephone_speaks(exchange, telephone);
        keep_now(exchange);
    }
    if (!telephone->registered || !header || all) {
        ua_answer_kept(&exchange->ua, message, 200, "OK", NULL);
        return;
    }
    char *headers =
        memory_format("Contact: <%.*s>;expires=%u\r\n%s%s%s", (int)contact.auri.l, contact.auri.p, seconds,
                      *telephone->path ? "Path: <" : "", telephone->path, *telephone->path ? ";lr>\r\n" : "");
    ua_answer_kept(&exchange->ua, message, 200, "OK", &(struct content){.headers = headers});
    free(headers);
}

/* A registration that is over is noticed within one tick. */
void telephones_tick(struct exchange *exchange)
{
    uint64_t now_ms = loop_ms();
    for (unsigned i = 0; i < exchange->telephones.count; i++) {
        struct telephone *telephone = &exchange->telephones.all[i];
        if (!telephone->registered || telephone->until_ms > now_ms) continue;
        exchange_log(exchange, GCX_LOG_INFO, "sip: dn=%s: its registration has ended", telephone->dn);
        telephone_is(exchange, telephone, false);
    }
    alive_tick(exchange);
}
