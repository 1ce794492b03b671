/* runtime/adapters/sip/refuse.c - Refuses requests: the row of the reason in refusals.def gives the answer, and each
 * refusal is counted and logged. No other file of the plugin sends a status of 400 or above. */
#include "runtime/adapters/sip/refuse.h"

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"
#include "runtime/adapters/sip/number.h"
#include "runtime/adapters/sip/redirect_kept.h"
#include "runtime/adapters/sip/trunk_answer.h"

void refuse_told(struct exchange *exchange, const struct sip_msg *message, enum refused why)
{
    char from[64] = "", number[NAME_SIZE], shown[NUMBER_MASKED];
    (void)re_snprintf(from, sizeof from, "%J", &message->src);
    number_of_uri(&message->uri, number, sizeof number);
    refused_tell(exchange->cti.link, exchange->cti.services, why, "%.*s to `%s` from %s", (int)message->met.l,
                 message->met.l > 0 ? message->met.p : "", name_mask(number, shown), from);
}

/* Refuses a request without a transaction: the same request, if repeated, is judged again. This is for senders about
 * whom nothing is kept in memory. */
void refuse_once(struct exchange *exchange, const struct sip_msg *message, enum refused why, const char *headers)
{
    refuse_told(exchange, message, why);
    ua_answer_once(&exchange->ua, message, (uint16_t)refused_code(why), refused_words(why),
                   &(struct content){.headers = headers});
}

/* Refuses a request with a transaction: the same request, if repeated, gets the same answer without being judged
 * again. */
void refuse_kept(struct exchange *exchange, const struct sip_msg *message, enum refused why, const char *headers)
{
    refuse_told(exchange, message, why);
    ua_answer_kept(&exchange->ua, message, (uint16_t)refused_code(why), refused_words(why),
                   &(struct content){.headers = headers});
}

/* The header Retry-After, or "". A trunk that reads this header sends no call at all for that time: so it is written if
 * no call has room, but not if a strategy refuses one call as overload. */
static const char *refuse_until(const struct talk *talk, enum refused why)
{
    const struct call *call = calls_by_id(&talk->exchange->cti.calls, talk->id);
    return why == REFUSED_sip_overload && (!call || call->visit.defaulting) ? "Retry-After: 1\r\n" : "";
}

/* Refuses the call of a leg. The refusal is counted and logged once, even if the leg has no session any more that
 * could be answered. */
void refuse_leg(struct leg *leg, enum refused why)
{
    struct exchange *exchange = leg->talk->exchange;
    const char *headers = refuse_until(leg->talk, why);
    refused_tell(exchange->cti.link, exchange->cti.services, why, "call=%s", leg->talk->id);
    if (redirect_refuse(leg->talk, (uint16_t)refused_code(why), refused_words(why), headers) || !leg->session) return;
    (void)session_reject(leg->session, (uint16_t)refused_code(why), refused_words(why), headers);
}

/* Counts and logs that a trunk has refused a call. An answer about the number alone, such as busy, is no refusal of
 * the trunk and is not counted. */
void refuse_outside(const struct leg *leg, const struct sip_msg *answer)
{
    const struct exchange *exchange = leg->talk->exchange;
    enum trunk_answer_whose whose = trunk_answer_of(answer->scode)->whose;
    char said[TRUNK_ANSWER_TEXT], at[64] = "", shown[NUMBER_MASKED];
    if (whose == ANSWER_NUMBER) return;
    trunk_answer_words(answer, said);
    (void)re_snprintf(at, sizeof at, "%J", &exchange->setting.outlets[leg->outlet].at);
    refused_tell(exchange->cti.link, exchange->cti.services,
                 whose == ANSWER_NAMED ? REFUSED_sip_by_number : REFUSED_sip_by_trunk,
                 "call=%s: trunk %s says of `%s`: %s", leg->talk->id, at, name_mask(leg->outside, shown), said);
}

enum refused refuse_why(uint16_t status)
{
    return status == 488   ? REFUSED_sip_codec
           : status == 482 ? REFUSED_sip_loop
           : status == 491 ? REFUSED_sip_pending
           : status == 500 ? REFUSED_sip_out_of_order
           : status == 501 ? REFUSED_sip_method
           : status == 503 ? REFUSED_sip_no_port
           : status == 481 ? REFUSED_sip_no_call
           : status == 486 ? REFUSED_sip_dialled_busy
           : status == 403 ? REFUSED_sip_dialled_forbidden
           : status == 400 ? REFUSED_sip_malformed
                           : REFUSED_sip_no_session;
}
