/* runtime/adapters/sip/refresh.c - Session timers, as the one who is called. */
#include "runtime/adapters/sip/refresh.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/leg.h"

int __real_sip_contact_print(struct re_printf *, const struct sip_contact *);
int __wrap_sip_contact_print(struct re_printf *, const struct sip_contact *);

enum { REFRESH_LONGEST = 86400 };

/* A contact with a timer is `URI|SECONDS;refresher=WHO`; no URI of ours has that character. */
static const char REFRESH_MARK = '|';
static bool refresh_asks;  /* the message that is printed now is our request */
static bool refresh_quiet; /* it has no timer yet */

/* --- The headers --- */

int __wrap_sip_contact_print(struct re_printf *print, const struct sip_contact *contact)
{
    const char *mark = contact && contact->uri ? strchr(contact->uri, REFRESH_MARK) : NULL;
    if (!mark) return __real_sip_contact_print(print, contact);
    struct pl uri = {contact->uri, (size_t)(mark - contact->uri)};
    bool theirs = strstr(mark, "=uac") != NULL;
    int error = re_hprintf(print, "Contact: <%r>\r\n", &uri);
    if (error || refresh_quiet) return error;
    if (refresh_asks)
        return re_hprintf(print, "Supported: timer\r\nSession-Expires: %u;refresher=uac\r\n", atoi(mark + 1));
    return re_hprintf(print, "%sSession-Expires: %s\r\n", theirs ? "Require: timer\r\n" : "", mark + 1);
}

void refresh_headers(const struct leg *leg, char text[REFRESH_SIZE])
{
    const struct refresh *refresh = &leg->refresh;
    *text = '\0';
    if (refresh->seconds > 0)
        snprintf(text, REFRESH_SIZE, "%sSession-Expires: %u;refresher=%s\r\n",
                 refresh->ours ? "" : "Require: timer\r\n", refresh->seconds, refresh->ours ? "uas" : "uac");
}

void refresh_keep_quiet(bool quiet)
{
    refresh_quiet = quiet;
}

/* False: the message asks for no interval that can be read. */
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

bool refresh_too_often(const struct sip_msg *invite)
{
    struct pl refresher;
    uint32_t seconds;
    return refresh_interval(invite, &seconds, &refresher) && seconds < REFRESH_LEAST &&
           sip_msg_hdr_has_value(invite, SIP_HDR_SUPPORTED, "timer");
}

/* --- The timer --- */

static void refresh_on_time(void *self)
{
    struct leg *leg = self;
    struct exchange *exchange = leg->talk->exchange;
    if (!leg->refresh.ours) {
        exchange_log(exchange, GCX_LOG_WARNING, "sip: call=%s: not refreshed for %u s, it is ended", leg->talk->id,
                     leg->refresh.seconds);
        talk_leg_closed(leg, 0);
        return;
    }
    refresh_heard(leg);
    refresh_asks = true;
    leg_offer_again(leg);
    refresh_asks = false;
}

/* The one who waits gives up before the interval is over (RFC 4028, section 10). */
void refresh_heard(struct leg *leg)
{
    struct refresh *refresh = &leg->refresh;
    uint64_t third = refresh->seconds / 3, early = third < 32 ? third : 32;
    if (refresh->seconds == 0 || leg->state != LEG_TALKING) return;
    uint64_t after = refresh->ours ? refresh->seconds / 2 : refresh->seconds - early;
    tmr_start(&refresh->timer, after * 1000, refresh_on_time, leg);
}

void refresh_begin(struct leg *leg, const struct sip_msg *invite, char contact[CONTACT_SIZE])
{
    struct refresh *refresh = &leg->refresh;
    struct pl refresher;
    uint32_t seconds;
    if (!refresh_interval(invite, &seconds, &refresher) || seconds < REFRESH_LEAST ||
        !sip_msg_hdr_has_value(invite, SIP_HDR_SUPPORTED, "timer"))
        return;
    assert(refresh->seconds == 0);
    refresh->seconds = seconds;
    refresh->ours = pl_strcasecmp(&refresher, "uas") == 0;
    size_t length = strlen(contact);
    snprintf(contact + length, CONTACT_SIZE - length, "%c%u;refresher=%s", REFRESH_MARK, seconds,
             refresh->ours ? "uas" : "uac");
}

void refresh_end(struct leg *leg)
{
    tmr_cancel(&leg->refresh.timer);
    leg->refresh.seconds = 0;
}
