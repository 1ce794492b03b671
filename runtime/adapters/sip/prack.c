/* runtime/adapters/sip/prack.c - Repeats a provisional answer until PRACK comes.
 *
 *     caller                          exchange
 *       |--- INVITE, Supported: 100rel -->|
 *       |<-- 180, RSeq 4711 --------------|  repeated after T1, 2 T1, 4 T1 ... until:
 *       |--- PRACK, RAck 4711 1 INVITE -->|
 *       |<-- 200 of the PRACK ------------|
 *       |<-- 200 of the INVITE -----------|  waits for the PRACK if our description went out early
 *
 * A provisional answer over UDP may be lost (RFC 3262); repeating it makes it reliable. `sequence` 0 means that the
 * caller does not ask for PRACK, and each provisional answer is sent once. */
#include "runtime/adapters/sip/prack.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "runtime/adapters/sip/leg.h"
#include "runtime/adapters/sip/refuse.h"

static uint16_t prack_status(const struct leg *leg)
{
    return leg->prack.offered || leg->prack.early_sent ? 183 : 180;
}

/* Has the caller our description already, so that the 200 must not have one? */
bool prack_has_told(const struct leg *leg)
{
    return leg->prack.offered || (leg->prack.early_sent && leg->prack.sequence > 0);
}

static void prack_headers(const struct leg *leg, char headers[PRACK_HEADERS])
{
    *headers = '\0';
    if (leg->prack.sequence > 0)
        snprintf(headers, PRACK_HEADERS, "Require: 100rel\r\nRSeq: %u\r\n", leg->prack.sequence);
}

/* Decides whether provisional answers need PRACK: yes if the INVITE requires 100rel, or supports it and has an
 * offer. If an INVITE only supports 100rel and has no offer, our own offer goes out with the 200, as it would
 * without 100rel. */
void prack_begin(struct leg *leg, const struct sip_msg *invite)
{
    struct prack *prack = &leg->prack;
    bool requires = sip_msg_hdr_has_value(invite, SIP_HDR_REQUIRE, "100rel"), offers = leg_describes(invite);
    assert(prack->sequence == 0);
    if (requires || (offers && sip_msg_hdr_has_value(invite, SIP_HDR_SUPPORTED, "100rel"))) {
        /* RFC 3262, section 3: the first RSeq is below 2^31 */
        prack->sequence = 1 + (randombytes_random() & 0x3fffffff);
        prack->invite = invite->cseq.num;
        if (!offers && leg->stream) prack->offered = leg_offer(leg);
    }
}

static void prack_wait(struct leg *);

void prack_put(struct leg *leg)
{
    char headers[PRACK_HEADERS];
    uint16_t status = prack_status(leg);
    prack_headers(leg, headers);
    session_progress(leg->session, status, status == 183 ? "Session Progress" : "Ringing", headers,
                     leg->prack.offered      ? leg->prack.offered
                     : leg->prack.early_sent ? leg->prack.early
                                             : NULL);
    prack_wait(leg);
}

/* Sends 183 with our description for early sound; if PRACK for the first provisional answer has not come, the 183
 * waits for it (RFC 3262, section 3). */
void prack_early(struct leg *leg)
{
    struct prack *prack = &leg->prack;
    assert(prack->early && !prack->early_sent && !prack->offered);
    if (prack->sequence > 0) {
        if (!prack->acknowledged) return;
        prack->sequence++;
        prack->acknowledged = prack->over = false;
        prack->sent = 0;
    }
    prack->early_sent = true;
    prack_put(leg);
}

/* Refuses the call, as RFC 3262 wants it, because no PRACK has come or its answer does not fit. */
static void prack_fails(struct leg *leg)
{
    exchange_log(leg->talk->exchange, GCX_LOG_INFO, "sip: call=%s: a provisional answer is not acknowledged",
                 leg->talk->id);
    leg->prack.over = true;
    refuse_leg(leg, REFUSED_sip_not_acknowledged);
    if (leg->state == LEG_OFFERED) leg->state = LEG_GONE;
    leg_tells(leg)->closed(leg, 0);
}

/* Sends the provisional answer again; after six the call is given up. */
static void prack_on_time(void *self)
{
    enum { MOST = 6 }; /* a pause after each, T1, 2 T1, 4 T1 ...: together 63 T1 */
    struct leg *leg = self;
    if (leg->prack.sent == MOST)
        prack_fails(leg);
    else
        prack_put(leg);
}

static void prack_wait(struct leg *leg)
{
    if (leg->prack.sequence > 0) alarm_set(&leg->timer, (uint64_t)SIP_T1 << leg->prack.sent++, prack_on_time, leg);
}

/* May the 200 be sent now? False: the 200 waits for a PRACK, and prack_heard() sends it. If our description has not
 * been sent early, it goes out with the 200, and nothing waits. */
bool prack_lets_answer(struct leg *leg)
{
    struct prack *prack = &leg->prack;
    if (!prack->early_sent) prack->early = mem_deref(prack->early);
    prack->answers = prack_has_told(leg) && !prack->over;
    if (prack->answers) return false;
    if (prack->sequence > 0) alarm_stop(&leg->timer);
    return true;
}

void prack_end(struct leg *leg)
{
    leg->prack.offered = mem_deref(leg->prack.offered);
    leg->prack.early = mem_deref(leg->prack.early);
}

/* --- PRACK comes --- */

/* Does the PRACK acknowledge our answer? The PRACK's RAck has the number of the provisional answer, the CSeq of the
 * INVITE and its method (RFC 3262, 7.2). All three must agree. */
static bool prack_fits(const struct leg *leg, const struct sip_msg *message)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_RACK);
    struct pl sequence, invite, method;
    if (!header || re_regex(header->val.p, header->val.l, "[0-9]+[ \t]+[0-9]+[ \t]+[A-Z]+", &sequence, NULL, &invite,
                            NULL, &method) != 0)
        return false;
    return sequence.l <= 10 && pl_u64(&sequence) == leg->prack.sequence && invite.l <= 10 &&
           pl_u64(&invite) == leg->prack.invite && pl_strcmp(&method, "INVITE") == 0;
}

/* Takes a PRACK. A PRACK that does not fit is refused without a transaction, so that any number of them needs no
 * memory. True: the 200 of the INVITE must be sent now. */
bool prack_heard(struct leg *leg, const struct sip_msg *message)
{
    struct prack *prack = &leg->prack;
    bool first = prack->sequence > 0 && !prack->acknowledged && prack_fits(leg, message);
    if (!first || !dialog_counts(session_dialog(leg->session), message)) {
        refuse_once(leg->talk->exchange, message, REFUSED_sip_no_call, "");
        return false;
    }
    alarm_stop(&leg->timer);
    prack->acknowledged = true;
    bool body = leg_describes(message);
    if (prack->offered ? !leg_agrees(leg, message) : body) {
        refuse_kept(leg->talk->exchange, message, REFUSED_sip_codec, "");
        if (prack->offered) prack_fails(leg);
        return false;
    }
    ua_answer_kept(&leg->talk->exchange->ua, message, 200, "OK", NULL);
    prack->over = true;
    if (!prack->answers && prack->early && !prack->early_sent) prack_early(leg);
    return prack->answers;
}
