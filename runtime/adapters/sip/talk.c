/* runtime/adapters/sip/talk.c - The states of a call, told to the call model as facts.
 *
 *     at a routing point -- route --> a telephone is called -- 18x --> it rings -- 200 --> they talk --> gone
 *            ^                              |                            |
 *            '------ refused ---------------'<-- declined, pulled back --'
 *
 * A route is told as used once the telephone rings: until then the call stands where it stood, and a telephone that is
 * busy, or says nothing, is a route that was refused. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/memory.h"

/* The call model waits five seconds for a route; a caller who was left alone waits for the core to take the call back.
 */
enum { SILENT_MS = 4000, ALONE_MS = 10000 };

/* --- Life --- */

struct talk *talk_find(const struct exchange *exchange, const char *id)
{
    struct talk *talk = exchange->first;
    while (talk && strcmp(talk->id, id) != 0) talk = talk->next;
    return talk;
}

struct talk *talk_of_dn(const struct exchange *exchange, const char *dn)
{
    struct talk *talk = exchange->first;
    while (talk && !(talk->agent && strcmp(talk->agent->dn, dn) == 0)) talk = talk->next;
    return talk;
}

struct call *talk_call(const struct talk *talk)
{
    return calls_by_id(&talk->exchange->cti.calls, talk->id);
}

static struct talk *talk_new(struct exchange *exchange)
{
    struct talk *talk = memory_zeroed(1, sizeof *talk);
    talk->exchange = exchange;
    snprintf(talk->id, sizeof talk->id, "%08x-%llu", exchange->born, (unsigned long long)++exchange->talks);
    tmr_init(&talk->timer);
    talk->next = exchange->first;
    if (talk->next) talk->next->previous = talk;
    exchange->first = talk;
    exchange->talk_count++;
    return talk;
}

static void talk_free(struct talk *talk)
{
    struct exchange *exchange = talk->exchange;
    assert(exchange->talk_count > 0);
    *(talk->previous ? &talk->previous->next : &exchange->first) = talk->next;
    if (talk->next) talk->next->previous = talk->previous;
    exchange->talk_count--;
    tmr_cancel(&talk->timer);
    treating_free(talk);
    leg_free(talk->agent);
    leg_free(talk->caller);
    free(talk);
}

void talks_end(struct exchange *exchange)
{
    while (exchange->first) talk_free(exchange->first);
}

static void talk_gone(struct talk *talk, enum cause cause)
{
    struct exchange *exchange = talk->exchange;
    cti_clock(&exchange->cti);
    treatment_stop(talk, 0);
    struct call *call = talk_call(talk);
    if (call) cti_call_gone(&exchange->cti, call, cause);
    talk_free(talk);
}

static void talk_tell(const struct talk *talk, enum party_change change, const char *dn, const char *to,
                      enum cause cause)
{
    struct cti *cti = &talk->exchange->cti;
    struct call *call = talk_call(talk);
    if (!call) return;
    struct party_facts facts = {.to = to, .other = call->ani, .cause = cause};
    cti_clock(cti);
    cti_party(cti, call, change, dn, &facts);
}

/* --- It arrives --- */

/* The call comes to the routing point, or is there again: a stay of its own. */
static void talk_stands(struct talk *talk, const char *point)
{
    char visit[NAME_SIZE], at[NAME_SIZE];
    struct call *call = talk_call(talk);
    assert(!talk->agent && *point);
    memcpy(at, point, strlen(point) + 1); /* it may be the talk's own */
    text_set(talk->point, sizeof talk->point, at);
    snprintf(visit, sizeof visit, "%.32s.%u", talk->id, ++talk->visits);
    tmr_cancel(&talk->timer);
    cti_clock(&talk->exchange->cti);
    if (call) cti_route_request(&talk->exchange->cti, call, talk->point, visit, NULL, NULL);
}

/* The caller's number: the trunk is trusted with what it asserts (RFC 3325). */
static void caller_number(const struct sip_msg *invite, char ani[ADDRESS_SIZE])
{
    const struct sip_hdr *asserted = sip_msg_hdr(invite, SIP_HDR_P_ASSERTED_IDENTITY);
    struct sip_addr address;
    *ani = '\0';
    if (asserted && sip_addr_decode(&address, &asserted->val) == 0) front_number(&address.uri.user, ani, ADDRESS_SIZE);
    if (!*ani) front_number(&invite->from.uri.user, ani, ADDRESS_SIZE);
}

void talk_begin(struct exchange *exchange, const struct sip_msg *invite, const char *point)
{
    char ani[ADDRESS_SIZE], dnis[ADDRESS_SIZE];
    uint16_t status;
    struct talk *talk = talk_new(exchange);
    talk->caller = leg_accept(talk, invite, &status);
    caller_number(invite, ani);
    front_number(&invite->uri.user, dnis, sizeof dnis);
    struct call_facts facts = {.call_id = talk->id, .ani = ani, .dnis = dnis, .type = call_type_inbound};
    if (!talk->caller) {
        (void)sip_treply(NULL, exchange->sip, invite, status, status == 488 ? "Not Acceptable Here" : "Not Now");
        talk_free(talk);
        return;
    }
    cti_clock(&exchange->cti);
    if (!cti_call(&exchange->cti, &facts)) {
        leg_refuse(talk->caller, cause_overload);
        talk_free(talk);
        return;
    }
    talk_stands(talk, point);
}

bool talk_answer(struct talk *talk)
{
    return leg_answer(talk->caller);
}

/* --- It is routed --- */

static enum code code_of_status(uint16_t status)
{
    switch (status) {
    case 486:
    case 600:
        return code_busy;
    case 403:
    case 603:
        return code_rejected;
    case 404:
    case 410:
    case 484:
    case 604:
        return code_invalid_destination;
    default:
        return code_out_of_service;
    }
}

static void talk_route_refused(struct talk *talk, enum code code, const char *text)
{
    uint64_t ask = talk->route_ask;
    leg_free(talk->agent);
    talk->agent = NULL;
    talk->route_ask = 0;
    tmr_cancel(&talk->timer);
    cti_clock(&talk->exchange->cti);
    cti_refused(&talk->exchange->cti, ask, code, text);
}

static void talk_on_silent(void *self)
{
    struct talk *talk = self;
    assert(talk->agent && talk->agent->state == LEG_CALLING);
    talk_route_refused(talk, code_out_of_service, "the telephone says nothing");
}

static void talk_pass_point(struct talk *talk, struct call *call, const char *point)
{
    struct cti *cti = &talk->exchange->cti;
    treatment_stop(talk, 0);
    cti_route_used(cti, call, point, route_how_instructed, cause_other);
    talk_stands(talk, point);
}

void talk_route(struct talk *talk, uint64_t ask, const char *destination)
{
    struct exchange *exchange = talk->exchange;
    struct call *call = talk_call(talk);
    const struct telephone *telephone = telephones_find(&exchange->telephones, destination);
    cti_clock(&exchange->cti);
    if (!call || call->visit.dn[0] == '\0' || talk->agent) {
        cti_refused(&exchange->cti, ask, code_invalid_state, "the call does not stand at a routing point");
    } else if (setting_is_point(&exchange->setting, destination)) {
        talk_pass_point(talk, call, destination);
    } else if (!telephone) {
        cti_refused(&exchange->cti, ask, code_invalid_destination, "there is no such telephone");
    } else if (!telephone->registered) {
        cti_refused(&exchange->cti, ask, code_out_of_service, "the telephone is not registered");
    } else if (talk_of_dn(exchange, destination)) {
        cti_refused(&exchange->cti, ask, code_busy, "the telephone has a call");
    } else {
        enum law law =
            stream_agreed(talk->caller->stream) ? stream_law(talk->caller->stream) : exchange->setting.first_law;
        talk->agent = leg_invite(talk, telephone, call->ani, law);
        talk->route_ask = ask;
        if (talk->agent)
            tmr_start(&talk->timer, SILENT_MS, talk_on_silent, talk);
        else
            talk_route_refused(talk, code_out_of_service, "the telephone cannot be called");
    }
}

void talk_leg_rings(struct leg *leg)
{
    struct talk *talk = leg->talk;
    struct exchange *exchange = talk->exchange;
    struct call *call = talk_call(talk);
    assert(leg == talk->agent);
    tmr_cancel(&talk->timer);
    talk->route_ask = 0;
    treatment_leave(talk);
    if (talk->caller->state == LEG_TALKING && !stream_plays(talk->caller->stream)) {
        struct sound *ringing = sounds_tone(exchange->sounds, TONE_RINGBACK);
        stream_play(talk->caller->stream, ringing, true);
        sound_release(ringing);
    }
    cti_clock(&exchange->cti);
    if (call) cti_route_used(&exchange->cti, call, leg->dn, route_how_instructed, cause_other);
    talk_tell(talk, party_change_Ringing, leg->dn, NULL, cause_other);
}

void talk_leg_answered(struct leg *leg)
{
    struct talk *talk = leg->talk;
    assert(leg == talk->agent && leg->state == LEG_TALKING);
    if (!talk_answer(talk)) return; /* the caller is about to be gone */
    stream_join(talk->caller->stream, leg->stream);
    talk_tell(talk, party_change_Established, leg->dn, NULL, cause_other);
}

/* --- It comes back, or ends --- */

/* Rings no more there: the call stands at its routing point again. */
static void talk_returns(struct talk *talk, const char *to, enum cause cause)
{
    char dn[NAME_SIZE];
    memcpy(dn, talk->agent->dn, sizeof dn);
    leg_free(talk->agent);
    talk->agent = NULL;
    if (cause != cause_no_answer) talk_tell(talk, party_change_DestinationBusy, dn, NULL, cause);
    talk_tell(talk, party_change_Diverted, dn, to, cause);
    talk_stands(talk, to);
}

static void talk_on_alone(void *self)
{
    talk_gone(self, cause_ok);
}

/* The agent has left: so does the caller, but for a call that stays. */
static void talk_left(struct talk *talk, enum cause cause)
{
    struct call *call = talk_call(talk);
    char dn[NAME_SIZE];
    memcpy(dn, talk->agent->dn, sizeof dn);
    leg_free(talk->agent);
    talk->agent = NULL;
    talk_tell(talk, party_change_Released, dn, NULL, cause);
    if (call && call->stays)
        tmr_start(&talk->timer, ALONE_MS, talk_on_alone, talk);
    else
        talk_gone(talk, cause_ok);
}

void talk_leg_closed(struct leg *leg, uint16_t status)
{
    struct talk *talk = leg->talk;
    enum code code = code_of_status(status);
    if (leg == talk->caller) {
        bool talked = talk->agent && talk->agent->state == LEG_TALKING;
        talk_gone(talk, talked ? cause_remote_release : cause_abandoned);
    } else if (leg->state == LEG_CALLING) {
        char text[64];
        snprintf(text, sizeof text, "the telephone answers %u", status);
        talk_route_refused(talk, code, status == 0 ? "the telephone cannot be reached" : text);
    } else if (leg->state == LEG_RINGING) {
        talk_returns(talk, talk->point, code == code_busy ? cause_busy : cause_refused);
    } else {
        talk_left(talk, cause_remote_release);
    }
}

void talk_deflect(struct talk *talk, uint64_t ask, const char *dn, const char *to)
{
    struct exchange *exchange = talk->exchange;
    const char *point = setting_is_point(&exchange->setting, to) ? to : talk->point;
    const struct call *call = talk_call(talk);
    if (talk->agent && strcmp(talk->agent->dn, dn) == 0 && talk->agent->state != LEG_TALKING)
        talk_returns(talk, point, cause_no_answer);
    else if (!talk->agent && call && call->visit.dn[0] == '\0')
        talk_stands(talk, point); /* who had it has left */
    else
        cti_refused(&exchange->cti, ask, code_invalid_state, "it does not ring there");
}

void talk_clear(struct talk *talk, enum cause cause)
{
    leg_refuse(talk->caller, cause);
    talk_gone(talk, cause == cause_other ? cause_ok : cause);
}

/* A telephone, or a trunk, that vanished says nothing any more, not even BYE. */
void talks_tick(struct exchange *exchange)
{
    uint64_t silence_ms = exchange->setting.silence * 1000;
    for (struct talk *talk = exchange->first, *next; talk; talk = next) {
        const struct leg *agent = talk->agent;
        next = talk->next;
        if (silence_ms == 0 || !agent || agent->state != LEG_TALKING || agent->held) continue;
        bool callers = stream_silent(talk->caller->stream, silence_ms);
        if (!callers && !stream_silent(agent->stream, silence_ms)) continue;
        exchange_log(exchange, GCX_LOG_WARNING, "sip: call=%s dn=%s: no sound from the %s for %u s, it is ended",
                     talk->id, agent->dn, callers ? "caller" : "telephone", (unsigned)exchange->setting.silence);
        talk_gone(talk, cause_dropped);
    }
}

/* --- Hold: the caller hears music, and neither hears the other --- */

static void talk_play_hold(struct talk *talk)
{
    struct sounds *sounds = talk->exchange->sounds;
    char why[256];
    struct sound *sound = sounds_prompt(sounds, "hold", NULL, NULL, why, sizeof why);
    if (!sound) sound = sounds_tone(sounds, TONE_SILENCE);
    stream_play(talk->caller->stream, sound, true);
    sound_release(sound);
}

void talk_leg_held(struct leg *leg, bool held)
{
    struct talk *talk = leg->talk;
    if (leg != talk->agent || leg->state != LEG_TALKING || leg->held == held) return;
    leg->held = held;
    if (held) {
        stream_part(leg->stream);
        talk_play_hold(talk);
    } else {
        stream_join(talk->caller->stream, leg->stream);
    }
    talk_tell(talk, held ? party_change_Held : party_change_Retrieved, leg->dn, NULL, cause_other);
}

/* The agent hands the call on to a routing point, and is out of it. */
static void talk_hands_on(struct talk *talk, const char *point)
{
    char dn[NAME_SIZE];
    memcpy(dn, talk->agent->dn, sizeof dn);
    leg_free(talk->agent);
    talk->agent = NULL;
    talk_stands(talk, point);
    talk_tell(talk, party_change_Released, dn, point, cause_transferred);
}

void talk_asks_party(struct talk *talk, uint64_t ask, const char *dn, enum party_ask what, const char *to)
{
    struct leg *leg = talk->agent && strcmp(talk->agent->dn, dn) == 0 ? talk->agent : NULL;
    struct cti *cti = &talk->exchange->cti;
    bool talking = leg && leg->state == LEG_TALKING;
    if (what == ASK_RELEASE && talking)
        talk_left(talk, cause_ok);
    else if (what == ASK_RELEASE && leg)
        talk_returns(talk, talk->point, cause_refused);
    else if (what == ASK_HOLD && talking && !leg->held)
        talk_leg_held(leg, true);
    else if (what == ASK_RETRIEVE && talking && leg->held)
        talk_leg_held(leg, false);
    else if (what == ASK_TRANSFER && talking && setting_is_point(&talk->exchange->setting, to))
        talk_hands_on(talk, to);
    else if (what == ASK_ANSWER && leg)
        cti_refused(cti, ask, code_unsupported, "it is answered at the telephone");
    else if (what == ASK_RELEASE || what == ASK_HOLD || what == ASK_RETRIEVE)
        cti_refused(cti, ask, code_invalid_state, "not in this state of the call");
    else
        cti_refused(cti, ask, code_unsupported, "this exchange can transfer to routing points only, yet");
}
