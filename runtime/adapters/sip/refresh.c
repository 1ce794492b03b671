/* runtime/adapters/sip/refresh.c - Session timers, as the called side of an INVITE.
 *
 *     Session-Expires: 1800;refresher=uas       agreed in the INVITE or its 200 (RFC 4028)
 *
 *     ours        we send a new INVITE after half of the interval
 *     the peer's  we wait until shortly before the end of the interval, then the call ends
 *
 * So the timer finds a peer that has vanished without BYE. Each INVITE or UPDATE within the session starts the time
 * again. */
#include "runtime/adapters/sip/refresh.h"

#include <stdio.h>

#include "runtime/adapters/sip/leg.h"

enum { REFRESH_LONGEST = 86400 };

/* --- The headers --- */

/* Writes the headers of a session timer. `asks`: they are for a request of ours. In a request of ours "uac" means
 * us; in an answer of ours "uas" means us. An answer that makes the peer refresh requires the peer to support
 * timers. */
void refresh_headers(const void *self, bool asks, char text[SESSION_HEADERS])
{
    const struct leg *leg = self;
    const struct refresh *refresh = &leg->refresh;
    *text = '\0';
    if (refresh->seconds > 0 && leg->state == LEG_TALKING)
        snprintf(text, SESSION_HEADERS, "%sSession-Expires: %u;refresher=%s\r\n",
                 asks            ? "Supported: timer\r\n"
                 : refresh->ours ? ""
                                 : "Require: timer\r\n",
                 refresh->seconds, refresh->ours == asks ? "uac" : "uas");
}

/* Reads the interval that the message asks for. False: there is none that can be read. */
static bool refresh_interval(const struct sip_msg *message, uint32_t *seconds, struct pl *refresher)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_SESSION_EXPIRES);
    struct pl digits;
    *refresher = (struct pl){NULL, 0};
    *seconds = 0;
    if (!header || re_regex(header->val.p, header->val.l, "[0-9]+", &digits) != 0 || digits.p != header->val.p)
        return false;
    struct pl params = {digits.p + digits.l, (size_t)(header->val.p + header->val.l - digits.p) - digits.l};
    (void)msg_param_decode(&params, "refresher", refresher);
    *seconds = digits.l > 6 ? REFRESH_LONGEST : pl_u32(&digits);
    if (*seconds > REFRESH_LONGEST) *seconds = REFRESH_LONGEST;
    return true;
}

/* Is the interval too short, so that 422 must be sent? A peer that does not support timers is not refused: it does not
 * know 422 either. */
bool refresh_too_often(const struct sip_msg *message)
{
    struct pl refresher;
    uint32_t seconds;
    return refresh_interval(message, &seconds, &refresher) && seconds < REFRESH_LEAST &&
           sip_msg_hdr_has_value(message, SIP_HDR_SUPPORTED, "timer");
}

/* --- The timer --- */

static void refresh_on_time(void *self)
{
    struct leg *leg = self;
    struct exchange *exchange = leg->talk->exchange;
    if (!leg->refresh.ours) {
        exchange_log(exchange, GCX_LOG_WARNING, "sip: call=%s: not refreshed for %u s, it is ended", leg->talk->id,
                     leg->refresh.seconds);
        leg_tells(leg)->closed(leg, 0);
        return;
    }
    refresh_heard(leg);
    leg_offer_again(leg);
}

/* Starts the time of the session timer again. A side that only waits gives up before the interval is over (RFC 4028,
 * section 10). */
void refresh_heard(struct leg *leg)
{
    struct refresh *refresh = &leg->refresh;
    uint64_t third = refresh->seconds / 3, early = third < 32 ? third : 32;
    if (refresh->seconds == 0 || leg->state != LEG_TALKING) return;
    uint64_t after = refresh->ours ? refresh->seconds / 2 : refresh->seconds - early;
    alarm_set(&refresh->timer, after * 1000, refresh_on_time, leg);
}

/* Takes over the interval that the peer asks for, up to a day. We refresh if the peer wants us to, or does not
 * support timers itself. */
void refresh_agree(struct leg *leg, const struct sip_msg *message)
{
    struct refresh *refresh = &leg->refresh;
    struct pl refresher;
    uint32_t seconds;
    if (!refresh_interval(message, &seconds, &refresher) || seconds < REFRESH_LEAST) return;
    refresh->seconds = seconds;
    refresh->ours =
        pl_strcasecmp(&refresher, "uas") == 0 || !sip_msg_hdr_has_value(message, SIP_HDR_SUPPORTED, "timer");
}

void refresh_end(struct leg *leg)
{
    alarm_stop(&leg->refresh.timer);
    leg->refresh.seconds = 0;
}
