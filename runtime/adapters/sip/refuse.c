/* runtime/adapters/sip/refuse.c - Refuses requests: the answer is that of the reason's row in refusals.def, and each
 * refusal is counted and told. No other file of the plugin answers with a status from 400 on. */
#include "runtime/adapters/sip/refuse.h"

#include <stdio.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"
#include "runtime/adapters/sip/redirect.h"

int __real_sip_reply(struct sip *, const struct sip_msg *, uint16_t, const char *);
int __wrap_sip_reply(struct sip *, const struct sip_msg *, uint16_t, const char *);

static const char NO_BODY[] = "Content-Length: 0\r\n\r\n";

void refuse_told(struct exchange *exchange, const struct sip_msg *message, enum refused why)
{
    char from[64] = "", number[NAME_SIZE], shown[NUMBER_MASKED];
    (void)re_snprintf(from, sizeof from, "%J", &message->src);
    front_number(&message->uri, number, sizeof number);
    refused_tell(exchange->cti.link, exchange->cti.services, why, "%.*s to `%s` from %s", (int)message->met.l,
                 message->met.l > 0 ? message->met.p : "", name_mask(number, shown), from);
}

void refuse_once(struct exchange *exchange, const struct sip_msg *message, enum refused why, const char *headers)
{
    refuse_told(exchange, message, why);
    (void)sip_replyf(exchange->sip, message, (uint16_t)refused_code(why), refused_words(why), "%s%s", headers, NO_BODY);
}

void refuse_kept(struct exchange *exchange, const struct sip_msg *message, enum refused why, const char *headers)
{
    refuse_told(exchange, message, why);
    (void)sip_treplyf(NULL, NULL, exchange->sip, message, false, (uint16_t)refused_code(why), refused_words(why),
                      "%s%s", headers, NO_BODY);
}

void refuse_leg(struct leg *leg, enum refused why)
{
    struct exchange *exchange = leg->talk->exchange;
    refused_tell(exchange->cti.link, exchange->cti.services, why, "call=%s", leg->talk->id);
    if (redirect_refuse(leg->talk, (uint16_t)refused_code(why), refused_words(why)) || !leg->session) return;
    (void)sipsess_reject(leg->session, (uint16_t)refused_code(why), refused_words(why), NULL);
}

enum refused refuse_why(uint16_t status)
{
    return status == 488   ? REFUSED_sip_codec
           : status == 503 ? REFUSED_sip_no_port
           : status == 481 ? REFUSED_sip_no_call
           : status == 486 ? REFUSED_sip_dialled_busy
           : status == 403 ? REFUSED_sip_dialled_forbidden
           : status == 400 ? REFUSED_sip_malformed
                           : REFUSED_sip_no_session;
}

/* libre answers requests of its sessions itself, and would give the words of an errno as the reason. */
int __wrap_sip_reply(struct sip *sip, const struct sip_msg *message, uint16_t status, const char *reason)
{
    enum refused why = refuse_why(status);
    return __real_sip_reply(sip, message, status, refused_code(why) == status ? refused_words(why) : reason);
}
