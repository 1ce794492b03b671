/* runtime/adapters/sip/telephone_register.c - The registrar: a telephone registers the address at which it is
 * reached, and for how long. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"
#include "runtime/adapters/sip/peer.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

/* Lets the core offer calls again to a telephone that had refused one. */
void telephone_speaks(struct exchange *exchange, struct telephone *telephone)
{
    if (!telephone->refused) return;
    telephone->refused = false;
    cti_clock(&exchange->cti);
    cti_device_again(&exchange->cti, telephone->dn);
}

/* Is the text plain enough to be the user of a URI that we write? */
static bool contact_user_good(const char *user)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+*=";
    return *user && strspn(user, plain) == strlen(user);
}

/* Is it a URI that we may write between < and >? */
static bool contact_uri_good(const char *uri)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,;?/:@%[]";
    return strncasecmp(uri, "sip", 3) == 0 && strspn(uri, plain) == strlen(uri);
}

/* Does that URI still lead to the address, so that requests to it go there? Removing `lr` from it may have made
 * another URI of it. */
static bool telephone_path_leads(const char *text, enum sip_transp transport, const struct sa *to)
{
    struct pl all;
    struct uri uri;
    pl_set_str(&all, text);
    return contact_uri_good(text) && uri_decode(&uri, &all) == 0 && peer_is_told(&uri, transport, to);
}

/* Takes the edge from the header Path (RFC 3327): calls for the telephone go to the edge, with the telephone's own
 * Contact. The edge must be at the address that the REGISTER came from, so that no telephone can have another
 * machine called. dialog_new() adds `;lr` to a route. */
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

/* Sets where the telephone is reached: if it asks for `rport` (RFC 3581), at the address and port it sends from;
 * otherwise it may listen at another port. */
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

/* Does the REGISTER come from the device that registered last under this DN? Several devices may register under the
 * same DN. First the Call-ID of the REGISTER is compared, then the instance (RFC 5626), then the address. A device that
 * cannot be reached at its old place counts as the same. */
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

/* Moves the calls of a telephone whose address has changed to the new address. If the telephone may be another device,
 * the calls move there only if the old address does not answer when they end. */
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

/* Answers a REGISTER; a refused one changes nothing. keep_now() is called before the 200 is sent, so that with few
 * telephones a confirmed registration is in the file. */
void telephones_register(struct exchange *exchange, const struct sip_msg *message)
{
    struct telephone *telephone = telephone_proved(exchange, message);
    if (!telephone) return; /* any other answer has a transaction, so a repeated packet needs no second proof */
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
    if (all && seconds > 0) { /* Contact `*` may only end registrations */
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

/* Ends registrations whose time is over. */
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
