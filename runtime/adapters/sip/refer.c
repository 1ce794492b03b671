/* runtime/adapters/sip/refer.c - A telephone hands its call on without a desktop: REFER (RFC 3515).
 *
 *     telephone -- REFER, Refer-To: 7002 --> 202      as if the desktop had asked for a transfer in one step
 *               <-- NOTIFY 100, then 200 or why not   once it rings there, or stands at the routing point; then BYE
 *
 * If the telephone hangs up before the destination rings, the call is handed on as well, and the telephone gets the
 * 200 at once. The destinations are those of all transfers: a telephone, a routing point, or a number outside that
 * may be dialled. A URI with Replaces (RFC 3891) names the telephone's other call: both calls are joined here
 * (replaces.c), and nobody is called. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/sip/number.h"
#include "runtime/adapters/sip/orders.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/talk.h"

/* Sends a NOTIFY about the transfer; the call goes on even if no answer to it comes. */
static void refer_notify(const struct leg *leg, const char *state, const char *line)
{
    struct exchange *exchange = leg->talk->exchange;
    char headers[128];
    snprintf(headers, sizeof headers, "Event: refer\r\nSubscription-State: %s\r\n", state);
    const struct content content = {headers, "message/sipfrag;version=2.0", line, strlen(line)};
    (void)request_send(
        NULL, &exchange->ua,
        &(struct request_ask){.method = "NOTIFY", .dialog = session_dialog(leg->session), .content = &content});
}

/* Reports the end of the transfer to the telephone that has sent REFER; does nothing for a leg without REFER, so
 * every end of a transfer may call this. */
void refer_over(struct leg *leg, enum code code)
{
    if (!leg || !leg->refers) return;
    leg->refers = false;
    refer_notify(leg, "terminated;reason=noresource",
                 code == code_ok                    ? "SIP/2.0 200 OK\r\n"
                 : code == code_busy                ? "SIP/2.0 486 Busy Here\r\n"
                 : code == code_invalid_destination ? "SIP/2.0 404 Not Found\r\n"
                 : code == code_rejected            ? "SIP/2.0 603 Decline\r\n"
                 : code == code_unknown_conn_id     ? "SIP/2.0 481 Call Does Not Exist\r\n"
                                                    : "SIP/2.0 503 Service Unavailable\r\n");
}

/* The agent's leg in the main call, also if `leg` is the agent's second leg in a consultation. */
static struct leg *refer_keeper(struct leg *leg)
{
    return leg->talk->main && leg->talk->caller == leg ? leg->talk->asker : leg;
}

void refer_refused(struct exchange *exchange, struct leg *leg, uint64_t ask, enum code code, const char *why)
{
    refer_over(leg, code);
    if (leg && leg->state == LEG_TALKING) refer_keeper(leg)->vain_until_ms = loop_ms() + VAIN_MS;
    cti_refused(&exchange->cti, ask, code, why);
}

void refer_left(const struct leg *leg, const char *to)
{
    exchange_log(leg->talk->exchange, GCX_LOG_INFO,
                 "sip: call=%s dn=%s: left while it handed its caller on, who goes to %s", leg->talk->id, leg->dn, to);
}

void refer_forget(struct leg *leg)
{
    refer_keeper(leg)->vain_until_ms = 0;
}

enum { REPLACES_MOST = 512 };

/* Reads the number to which the call is to go, or the Replaces that names the other call; false: the message has
 * neither. */
static bool refer_reads(const struct sip_msg *message, char to[NAME_SIZE], char replaces[REPLACES_MOST])
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_REFER_TO);
    const struct pl name = {"Replaces", 8};
    struct sip_addr address;
    struct pl value;
    *to = *replaces = '\0';
    if (!header || sip_addr_decode(&address, &header->val) != 0) return false;
    if (pl_isset(&address.uri.headers))
        return uri_header_get(&address.uri.headers, &name, &value) == 0 &&
               re_snprintf(replaces, REPLACES_MOST, "%H", uri_header_unescape, &value) > 0;
    number_of_uri(&address.uri, to, NAME_SIZE);
    return *to != '\0';
}

/* Takes a REFER. The transfer is queued and not done here, because it may free this leg, whose session is still in
 * this call. */
void refer_heard(const struct sip_msg *message, void *self)
{
    struct leg *leg = self;
    struct exchange *exchange = leg->talk->exchange;
    char to[NAME_SIZE], replaces[REPLACES_MOST];
    if (*leg->dn == '\0' || leg->monitors) {
        refuse_kept(exchange, message, REFUSED_sip_no_transfer, ""); /* the strategy decides where a trunk's calls go */
    } else if (!refer_reads(message, to, replaces)) {
        refuse_kept(exchange, message, REFUSED_sip_malformed, "");
        if (!leg->refers) refer_refused(exchange, leg, 0, code_invalid_destination, "");
    } else if (leg->refers || leg->state != LEG_TALKING) {
        refuse_kept(exchange, message, REFUSED_sip_pending, "");
    } else {
        ua_answer_kept(&exchange->ua, message, 202, "Accepted", NULL);
        leg->refers = true;
        refer_notify(leg, "active;expires=60", "SIP/2.0 100 Trying\r\n");
        if (*replaces)
            order_join(leg, &(struct pl){replaces, strlen(replaces)});
        else
            order_transfer(leg, to);
    }
}
