/* runtime/adapters/sip/talk.c - A call's life: it comes, stands at a routing point, is talked, ends.
 *
 *     at a routing point -- route --> a telephone is called -- 18x --> it rings -- 200 --> they talk --> gone
 *            ^                              |                            |
 *            '------ refused ---------------'<-- declined, pulled back --'
 */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/adapters/sip/brought.h"
#include "runtime/adapters/sip/number.h"
#include "runtime/adapters/sip/passing.h"
#include "runtime/adapters/sip/redirect.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/memory.h"

/* --- Life --- */

struct talk *talk_find(const struct exchange *exchange, const char *id)
{
    struct talk *talk = exchange->first;
    while (talk && strcmp(talk->id, id) != 0) talk = talk->next;
    return talk;
}

static bool talk_is_at(const struct talk *talk, const char *dn)
{
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));)
        if (strcmp(leg->dn, dn) == 0) return true;
    return talk->towards && strcmp(talk->towards->dn, dn) == 0;
}

struct talk *talk_of_dn(const struct exchange *exchange, const char *dn)
{
    struct talk *talk = exchange->first;
    while (talk && !talk_is_at(talk, dn)) talk = talk->next;
    return talk;
}

struct call *talk_call(const struct talk *talk)
{
    return calls_by_id(&talk->exchange->cti.calls, talk->id);
}

/* A call ends with this process: its sound goes through it. */
static void talks_counted(struct exchange *exchange)
{
    exchange->cti.services->holds(exchange->cti.link, exchange->talk_count);
}

struct talk *talk_new(struct exchange *exchange)
{
    struct talk *talk = memory_zeroed(1, sizeof *talk);
    talk->exchange = exchange;
    snprintf(talk->id, sizeof talk->id, "%08x-%llu", exchange->born, (unsigned long long)++exchange->talks);
    talk->next = exchange->first;
    if (talk->next) talk->next->previous = talk;
    exchange->first = talk;
    exchange->talk_count++;
    talks_counted(exchange);
    return talk;
}

void talk_free(struct talk *talk)
{
    struct exchange *exchange = talk->exchange;
    assert(exchange->talk_count > 0 && !talk->consult);
    *(talk->previous ? &talk->previous->next : &exchange->first) = talk->next;
    if (talk->next) talk->next->previous = talk->previous;
    exchange->talk_count--;
    talks_counted(exchange);
    alarm_stop(&talk->timer);
    if (talk->redirecting.kept)
        refuse_leg(talk->caller, REFUSED_sip_led_nowhere); /* nobody has told the caller anything */
    treating_free(talk);
    sound_release(talk->music);
    detect_end(talk);
    farewell_end(talk);
    recorder_end(talk);
    conference_end(talk);
    if (talk->main) consult_untie(talk);
    for (struct leg *guest = talk->guests, *next; guest; guest = next) {
        next = guest->next_guest;
        leg_free(guest);
    }
    leg_free(talk->towards);
    leg_free(talk->called);
    leg_free(talk->caller);
    free(talk->passing.lines);
    free(talk->passing.index);
    free(talk);
}

void talks_end(struct exchange *exchange)
{
    while (exchange->first) {
        struct talk *talk = exchange->first;
        while (talk->consult) talk = talk->consult;
        talk_free(talk);
    }
}

void talk_gone(struct talk *talk, enum cause cause)
{
    struct exchange *exchange = talk->exchange;
    struct leg *holder = talk->holds ? talk->asker : NULL;
    if (talk->consult) consult_drop(talk->consult);
    if (talk->completes) consult_refused(talk, talk->complete_ask, code_invalid_state, "the consultation is over");
    cti_clock(&exchange->cti);
    treatment_stop(talk, 0);
    struct call *call = talk_call(talk);
    dialled_over(talk, party_change_Released, cause);
    if (talk->caller && talk->caller->talk == talk) leg_refuse(talk->caller, cause);
    if (call) cti_call_gone(&exchange->cti, call, cause);
    talk_free(talk);
    if (holder && !leg_holds(holder)) talk_leg_held(holder, false);
}

bool talk_faulty(const struct talk *talk, const char *what, const char *where)
{
    const struct gcx_services *services = talk->exchange->cti.services;
    exchange_log(talk->exchange, GCX_LOG_ERROR,
                 "sip: call=%s: a fault of the exchange, which ends this call: %s does not hold in %s", talk->id, what,
                 where);
    services->count(talk->exchange->cti.link, "faults", 1);
    order_clear(talk, cause_dropped);
    return false;
}

/* The agent who asks is no party of the consultation: the main call has them. */
void talk_tell(const struct talk *talk, enum party_change change, const char *dn, const char *to, enum cause cause)
{
    struct cti *cti = &talk->exchange->cti;
    struct call *call = talk_call(talk);
    char other[ADDRESS_SIZE]; /* it may be a party's, and parties move as one is added */
    if (!call || *dn == '\0' || (talk->main && strcmp(dn, talk->asker->dn) == 0)) return;
    text_set(other, sizeof other, call_other(call, dn));
    struct party_facts facts = {.to = to, .other = other, .cause = cause};
    cti_clock(cti);
    cti_party(cti, call, change, dn, &facts);
}

/* --- Ports of sound --- */

enum { SHORT_MS = 60000 };

/* Somebody was turned away for want of a port within the last minute: the plugin's own resource is a neighbour. */
static void ports_tell(struct exchange *exchange)
{
    const struct gcx_services *services = exchange->cti.services;
    unsigned left = stream_ports_left(&exchange->clock);
    bool away = exchange->short_ms > 0 && loop_ms() - exchange->short_ms < SHORT_MS;
    char why[160];
    if (left == UINT_MAX) return;
    snprintf(why, sizeof why, "calls were refused within the last minute: rtp_ports has %u, and each call takes two",
             rtp_ports(exchange->clock.first_port, exchange->clock.last_port));
    services->figure(exchange->cti.link, "rtp_ports_left", left);
    services->neighbour(exchange->cti.link, "rtp_ports", !away, away ? why : "");
}

static unsigned talk_owes(const struct talk *talk)
{
    bool called = talk->called || talk->guests || talk->towards;
    return talk->redirecting.only ? 0 : (unsigned)!talk->caller + (unsigned)!called;
}

bool talks_have_ports(struct exchange *exchange, unsigned more)
{
    unsigned left = stream_ports_left(&exchange->clock), owed = 0;
    for (const struct talk *talk = exchange->first; talk; talk = talk->next) owed += talk_owes(talk);
    if (left >= owed && left - owed >= more) return true;
    exchange->short_ms = loop_ms(); /* the next tick tells it */
    return false;
}

unsigned talk_ports_kept(const struct exchange *exchange, const char *to)
{
    return exchange->setting.emergency_count == 0 || setting_is_emergency(&exchange->setting, to) ? 0 : 2;
}

unsigned talk_ports(const struct exchange *exchange, const char *to)
{
    return 2 + talk_ports_kept(exchange, to);
}

/* --- Its legs --- */

struct leg *talk_leg_at(const struct talk *talk, const char *dn)
{
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));)
        if (*dn && strcmp(leg->dn, dn) == 0 && leg->talk == talk) return leg;
    return NULL;
}

struct leg *talk_other(const struct talk *talk, const struct leg *leg)
{
    return leg == talk->called ? talk->caller : talk->called;
}

void talk_replace(struct talk *talk, struct leg *leaver, struct leg *instead)
{
    bool two = leaver == talk->called || (leaver == talk->caller && !talk->main);
    if (!TALK_HOLDS(talk, two && !leaver->consult)) return;
    monitors_end(talk, leaver->dn);
    if (leaver == talk->caller) {
        talk->caller = talk->called;
        recorder_follow(talk);
    }
    talk->called = instead;
    if (instead) instead->talk = talk;
    leg_free(leaver);
}

/* --- It arrives --- */

void talk_stands(struct talk *talk, const char *point)
{
    char visit[NAME_SIZE], at[NAME_SIZE];
    struct call *call = talk_call(talk);
    if (!TALK_HOLDS(talk, !talk->called && *point)) return;
    memcpy(at, point, strlen(point) + 1); /* it may be the talk's own */
    text_set(talk->point, sizeof talk->point, at);
    snprintf(visit, sizeof visit, "%.32s.%u", talk->id, ++talk->visits);
    alarm_stop(&talk->timer);
    cti_clock(&talk->exchange->cti);
    if (call) cti_route_request(&talk->exchange->cti, call, talk->point, visit, NULL, NULL);
}

/* True: one of the words, which end with NULL, stands in the value, or the value is too long to be read. */
static bool privacy_has(const struct pl *value, const char *const words[])
{
    static const char between[] = "; ,\t\"-";
    char text[ADDRESS_SIZE];
    if (pl_strcpy(value, text, sizeof text) != 0) return true;
    for (const char *at = text + strspn(text, between); *at; at += strspn(at, between)) {
        size_t length = strcspn(at, between);
        for (const char *const *word = words; *word; word++)
            if (strlen(*word) == length && strncasecmp(at, *word, length) == 0) return true;
        at += length;
    }
    return false;
}

/* Remote-Party-ID, from before RFC 3325: the privacy of the party who calls. */
static bool party_is_private(const struct sip_hdr *header, const struct sip_msg *invite, void *unused)
{
    static const char *const words[] = {"full", "uri", NULL};
    struct sip_addr address;
    struct pl party, privacy;
    (void)invite, (void)unused;
    if (sip_addr_decode(&address, &header->val) != 0) return false;
    if (msg_param_decode(&address.params, "party", &party) == 0 && pl_strcasecmp(&party, "calling") != 0) return false;
    return msg_param_decode(&address.params, "privacy", &privacy) == 0 && privacy_has(&privacy, words);
}

/* True: the caller withholds the number (RFC 3323 and 3325: Privacy with id, user or full). */
static bool wants_privacy(const struct sip_msg *invite)
{
    static const char *const words[] = {"id", "user", "full", NULL};
    const struct sip_hdr *privacy = sip_msg_hdr(invite, SIP_HDR_PRIVACY);
    return (privacy && privacy_has(&privacy->val, words)) ||
           sip_msg_xhdr_apply(invite, true, "Remote-Party-ID", party_is_private, NULL) != NULL;
}

/* The caller's number: the trunk is trusted with what it asserts (RFC 3325). A number that is withheld is given to
 * emergency services alone. */
static void caller_number(const struct exchange *exchange, const struct sip_msg *invite, const char *point,
                          char ani[ADDRESS_SIZE])
{
    const struct sip_hdr *asserted = sip_msg_hdr(invite, SIP_HDR_P_ASSERTED_IDENTITY);
    struct sip_addr address;
    *ani = '\0';
    if (wants_privacy(invite) && !setting_is_emergency(&exchange->setting, point)) return;
    if (asserted && sip_addr_decode(&address, &asserted->val) == 0) number_of_uri(&address.uri, ani, ADDRESS_SIZE);
    if (!*ani) number_of_uri(&invite->from.uri, ani, ADDRESS_SIZE);
}

void talk_begin(struct exchange *exchange, const struct sip_msg *invite, const char *point, const char *dnis)
{
    char ani[ADDRESS_SIZE];
    uint16_t status;
    bool only_decided = setting_redirects(&exchange->setting, point);
    if (!only_decided && !talks_have_ports(exchange, talk_ports(exchange, point))) {
        refuse_once(exchange, invite, REFUSED_sip_no_port, "Retry-After: 10\r\n");
        return;
    }
    struct talk *talk = talk_new(exchange);
    passing_begin(talk, invite);
    talk->caller = only_decided ? redirect_accept(talk, invite) : leg_accept(talk, invite, "", &status);
    caller_number(exchange, invite, point, ani);
    if (!talk->caller) {
        refuse_kept(exchange, invite, refuse_why(status), "");
        talk_free(talk);
        return;
    }
    struct brought brought;
    const struct trunk *trunk = setting_trunk(&exchange->setting, &invite->src);
    brought_read(&brought, invite, trunk && trunk->leads_to_switch);
    struct json_t *data = brought_data(&brought);
    struct call_facts facts = {.call_id = talk->id, .ani = ani, .dnis = dnis, .type = call_type_inbound, .data = data};
    /* A ConnID of our own would be a call's that is here: none comes from outside. */
    if (brought.conn >> 48 != exchange->cti.services->link(exchange->cti.link)) facts.correlator = brought.conn;
    cti_clock(&exchange->cti);
    const struct call *call = cti_call(&exchange->cti, &facts);
    brought_data_free(data);
    if (!call) {
        talk_gone(talk, cause_overload);
        return;
    }
    talk_stands(talk, point);
}

bool talk_answer(struct talk *talk)
{
    return leg_answer(talk->caller);
}

/* --- Its legs tell --- */

void talk_leg_answered(struct leg *leg)
{
    struct talk *talk = leg->talk;
    if (leg->answer_ask != 0) alarm_stop(&leg->timer); /* the party's change answers it */
    leg->answer_ask = 0;
    if (leg->monitors) {
        monitor_answered(leg);
        return;
    }
    if (!TALK_HOLDS(talk, leg == talk->called || leg == talk->caller)) return;
    alarm_stop(&talk->timer);
    if (leg == talk->caller) {
        dialled_answered(talk);
        return;
    }
    if (!talk_answer(talk)) return; /* the caller is about to be gone */
    farewell_served(talk);
    control_join(talk);
    talk_tell(talk, party_change_Established, leg->dn, NULL, cause_other);
    dialled_over(talk, party_change_Established, cause_other);
}

/* An agent who hands the call on is needed no more once the other telephone rings; until then it goes with them. */
static void talk_forget_towards(struct talk *talk, enum code code, const char *why)
{
    uint64_t ask = talk->reach_ask;
    if (!talk->towards) return;
    refer_over(talk->leaver, code);
    leg_free(talk->towards);
    talk->towards = talk->leaver = NULL;
    talk->reach_ask = 0;
    alarm_stop(&talk->timer);
    cti_clock(&talk->exchange->cti);
    cti_refused(&talk->exchange->cti, ask, code, why);
}

static void talk_on_alone(void *self)
{
    talk_gone(self, cause_ok);
}

/* The other one is let go, but for the caller of a call that stays. */
void talk_leave(struct talk *talk, struct leg *leg, enum cause cause)
{
    struct call *call = talk_call(talk);
    char dn[NAME_SIZE];
    memcpy(dn, leg->dn, sizeof dn);
    if (leg->monitors || (conference_is(talk) && (leg != talk->caller || *leg->dn))) {
        conference_leaves(talk, leg, cause);
        return;
    }
    if (leg->consult) consult_drop(leg->consult);
    talk_forget_towards(talk, code_invalid_state, "the call was left");
    bool stays = call && call->stays && leg == talk->called && *talk->caller->dn == '\0';
    if (stays) {
        talk_replace(talk, leg, NULL);
        alarm_set(&talk->timer, ALONE_MS, talk_on_alone, talk);
    }
    talk_tell(talk, party_change_Released, dn, NULL, cause);
    if (!stays) talk_gone(talk, *dn ? cause_ok : cause);
}

void talk_leg_closed(struct leg *leg, uint16_t status)
{
    struct talk *talk = leg->talk;
    enum code code = code_of_leg(leg, status);
    enum cause told = *leg->outside ? dial_cause(leg, status) : cause_of_code(code_of_status(status));
    char text[64];
    answer_over(leg, "the telephone does not take the call");
    snprintf(text, sizeof text, status == 0 ? "the telephone cannot be reached" : "the telephone answers %u", status);
    if (leg->monitors)
        talk_leave(talk, leg, cause_remote_release);
    else if (leg == talk->towards)
        talk_forget_towards(talk, code, text);
    else if (leg == talk->caller && talk->main)
        talk_gone(talk, cause_ok);
    else if (leg == talk->caller && (leg->state == LEG_CALLING || leg->state == LEG_RINGING))
        dialled_closed(talk, status);
    else if (leg == talk->caller && !(talk->called && talk->called->state == LEG_TALKING))
        talk_gone(talk, cause_abandoned);
    else if (leg == talk->caller || leg->state == LEG_TALKING)
        talk_leave(talk, leg, cause_remote_release);
    else if (leg->state == LEG_CALLING)
        reach_failed(talk, code, told, text);
    else if (*talk->point)
        reach_returns(talk, talk->point, told == cause_busy ? cause_busy : cause_refused);
    else
        talk_gone(talk, told);
}

void talk_clear(struct talk *talk, enum cause cause)
{
    if (cause == cause_other) cause = cause_ok;
    if (!farewell_puts_off(talk, cause)) talk_gone(talk, cause);
}

/* A telephone, or a trunk, that vanished says nothing any more, not even BYE. */
static bool leg_vanished(const struct leg *leg, const struct leg *other)
{
    const struct exchange *exchange = leg->talk->exchange;
    uint64_t silence_ms = exchange->setting.silence * 1000;
    bool asked = consult_borrows(leg) && leg->consult->called && leg->consult->called->state == LEG_TALKING;
    if (leg->state != LEG_TALKING || (leg->held && !asked) || (other->held && !asked)) return false;
    if (silence_ms == 0 || !stream_silent(leg->stream, silence_ms)) return false;
    exchange_log(exchange, GCX_LOG_WARNING, "sip: call=%s dn=%s: no sound from the %s for %u s, it is ended",
                 leg->talk->id, *leg->dn ? leg->dn : other->dn, *leg->dn ? "telephone" : "caller",
                 (unsigned)exchange->setting.silence);
    return true;
}

static struct leg *talk_vanished(const struct talk *talk)
{
    struct leg *caller = talk->caller, *called = talk->called;
    if (!called || caller->state != LEG_TALKING || called->state != LEG_TALKING) return NULL;
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));)
        if (leg_vanished(leg, talk_other(talk, leg))) return leg;
    return NULL;
}

void talks_tick(struct exchange *exchange)
{
    ports_tell(exchange);
    for (struct talk *talk = exchange->first; talk && !exchange->cti.core_up; talk = talk->next)
        treatment_comfort(talk);
    for (struct talk *talk = exchange->first; talk;) {
        struct leg *gone = talk_vanished(talk);
        if (!gone) {
            talk = talk->next;
            continue;
        }
        if (conference_is(talk) || gone->monitors)
            talk_leave(talk, gone, cause_dropped);
        else
            talk_gone(talk, cause_dropped);
        talk = exchange->first; /* its consultation went with it */
    }
}
