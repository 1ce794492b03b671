/* runtime/adapters/sip/reach.c - Calls a telephone or number for a call: for a route, a consultation, or an agent
 * who hands the call on.
 *
 * A route counts as used once the telephone rings: until then the call stays at its routing point, and a telephone
 * that is busy or gives no answer means that the route is refused. */
#include <string.h>

#include "runtime/adapters/sip/along.h"
#include "runtime/adapters/sip/announce.h"
#include "runtime/adapters/sip/orders.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/adapters/sip/trunk_answer.h"
#include "runtime/vocabulary/dialled.h"

/* --- Why a destination is not reached --- */

enum code reach_code_of_status(uint16_t status)
{
    return trunk_answer_of(status)->code;
}

/* The code for the status of a leg: 480 from a telephone of ours counts as busy, because the person has set "do not
 * disturb" or rejected the call. */
enum code reach_code_of_leg(const struct leg *leg, uint16_t status)
{
    return *leg->dn && status == 480 ? code_busy : reach_code_of_status(status);
}

enum cause reach_cause_of_code(enum code code)
{
    switch (code) {
    case code_busy:
        return cause_busy;
    case code_rejected:
        return cause_refused;
    case code_invalid_destination:
        return cause_invalid_number;
    default:
        return cause_no_answer;
    }
}

/* Can a call go to that destination now? Agents read the text in `why`: it says what they can do themselves, and
 * names no setting. */
enum code reach_check(const struct exchange *exchange, const char *dn, const char **why)
{
    const struct telephone *telephone = telephones_find(&exchange->telephones, dn);
    if (!telephone && setting_dials(&exchange->setting, dn)) return code_ok;
    *why = "there is no such telephone, nor may it be dialled outside: look at the number, or take another one";
    if (!telephone) return code_invalid_destination;
    *why = "the telephone registers elsewhere, and no call goes there from here: take another number";
    if (telephone->elsewhere) return code_out_of_service;
    *why = "the telephone is not registered";
    if (!telephone->registered) return code_out_of_service;
    *why = "the telephone has a call";
    return talk_of_dn(exchange, dn) ? code_busy : code_ok;
}

/* Plays the busy tone to the agent whose consultation has failed. */
static void reach_busy_tone(const struct leg *leg)
{
    struct sound *busy = sounds_tone(leg->talk->exchange->sounds, TONE_BUSY);
    stream_play(leg->stream, busy, true);
    sound_release(busy);
}

/* Has an agent handed the call on, and left, before the new telephone rang? If so, the call is at no routing point, and
 * goes back to the last one. */
static bool reach_was_handed_on(const struct talk *talk)
{
    const struct call *call = talk_call(talk);
    return call && !talk->main && *talk->point && call->visit.dn[0] == '\0';
}

/* Ends the attempt to call a telephone: the request that wanted it is refused first. If a route wanted the telephone,
 * nothing else is done: the call is still at the routing point. If no route wanted it, a transfer that waited is
 * refused, and the call goes back to its routing point or ends. The telephone is marked as one that refused, until it
 * shows activity again. */
void reach_failed(struct talk *talk, enum code code, enum cause cause, const char *why)
{
    uint64_t ask = talk->reach_ask, completes = talk->complete_ask;
    bool borrows = talk->main && talk->caller == talk->asker, wanted = talk->completes;
    struct telephone *telephone = talk->called ? telephones_find(&talk->exchange->telephones, talk->called->dn) : NULL;
    if (telephone) telephone->refused = true;
    const struct leg *agent =
        borrows ? talk->caller : NULL; /* the agent whose leg the consultation borrows stays in the call */
    along_end(talk, false, NULL, cause_other);
    leg_free(talk->called);
    talk->called = NULL;
    talk->reach_ask = talk->complete_ask = 0;
    talk->completes = false;
    alarm_stop(&talk->timer);
    cti_clock(&talk->exchange->cti);
    cti_refused(&talk->exchange->cti, ask, code, why);
    /* a refused route: the consultation is still at its routing point, and is completed there */
    if (wanted && ask != 0) order_completes(talk->asker, completes);
    if (ask != 0) return;
    if (wanted) consult_refused(talk, completes, code, why);
    if (reach_was_handed_on(talk)) {
        talk_stands(talk, talk->point);
        return;
    }
    talk_gone(talk, cause);
    if (agent) reach_busy_tone(agent);
}

/* --- A destination is called --- */

void reach_wishes(struct talk *talk, struct span data)
{
    char number[ADDRESS_SIZE];
    (void)announce_text(data, "trunk", talk->outlets, sizeof talk->outlets);
    if (!announce_text(data, "caller_id", number, sizeof number) || !*number) return;
    if (dialled_is_writable(number))
        memcpy(talk->caller_id, number, sizeof number);
    else
        exchange_log(talk->exchange, GCX_LOG_WARNING, "sip: call=%s: its caller_id is no number", talk->id);
}

/* Ends the leg of the telephone to which the call was to be handed on: the agent keeps the call. */
void reach_forget_towards(struct talk *talk, enum code code, const char *why)
{
    uint64_t ask = talk->reach_ask;
    if (!talk->towards) return;
    struct leg *leaver = talk->leaver;
    leg_free(talk->towards);
    talk->towards = talk->leaver = NULL;
    talk->reach_ask = 0;
    alarm_stop(&talk->timer);
    cti_clock(&talk->exchange->cti);
    refer_refused(talk->exchange, leaver, ask, code, why);
}

static void reach_on_silent(void *self)
{
    struct talk *talk = self;
    if (talk->towards) {
        leg_answer_failed(talk->towards, "the telephone does not take the call");
        reach_forget_towards(talk, code_out_of_service, "the telephone cannot be reached");
    } else {
        reach_failed(talk, code_out_of_service, *talk->called->outside ? cause_no_circuit : cause_no_answer,
                     *talk->called->outside ? "the trunk says nothing" : "the telephone says nothing");
    }
}

void reach_await_ringing(struct talk *talk)
{
    alarm_set(&talk->timer, SILENT_MS, reach_on_silent, talk);
}

/* Calls a telephone or a number outside. The law of the caller's stream is preferred, so that no sound has to be
 * converted. NULL: no leg could be made, and the caller of this function decides what becomes of the call. */
struct leg *reach_call(struct talk *talk, const char *dn)
{
    const struct exchange *exchange = talk->exchange;
    const struct telephone *telephone = telephones_find(&exchange->telephones, dn);
    const struct stream *stream = talk->caller->stream;
    const struct call *call = talk_call(talk);
    if (!telephone && call) reach_wishes(talk, kv_span(&call->data));
    enum law law = stream_agreed(stream) ? stream_law(stream) : exchange->setting.first_law;
    const char *from = *talk->caller_id ? talk->caller_id : call ? call->ani : "";
    struct leg *leg = !telephone                   ? leg_dial(talk, dn, from, law)
                      : answer_waits(exchange, dn) ? leg_await(talk, telephone)
                                                   : leg_invite(talk, telephone, call ? call->ani : "", law, "");
    if (leg) reach_await_ringing(talk);
    return leg;
}

/* --- The telephone rings --- */

/* Plays the ringing tone to the caller, unless the caller already hears something, such as music. */
void reach_ringback(struct talk *talk)
{
    if (!leg_hears(talk->caller) || stream_plays(talk->caller->stream)) return;
    struct sound *ringing = sounds_tone(talk->exchange->sounds, TONE_RINGBACK);
    stream_play(talk->caller->stream, ringing, true);
    sound_release(ringing);
}

/* Lets the caller hear the sound that the network sends before the answer, such as its ringing tone or an
 * announcement, instead of ours. */
void reach_early(struct leg *leg)
{
    struct talk *talk = leg->talk;
    struct leg *hears = talk->caller;
    if (leg != talk->called || leg->state != LEG_RINGING || !leg_begin_early(hears)) return;
    if (farewell_plays(talk)) return; /* a farewell is played to its end, and then the call ends */
    if (!talk_hold_is(talk, hears) && !talk->conference && !stream_joined(hears->stream))
        stream_join(hears->stream, leg->stream);
}

static void reach_on_unanswered(void *self)
{
    struct talk *talk = self;
    if (*talk->point)
        reach_returns(talk, talk->point, cause_no_answer);
    else
        talk_gone(talk, cause_no_answer);
}

/* Limits how long the telephone rings, for calls that the core has not routed; the core limits the ringing of its
 * own. */
void reach_await_answer(struct talk *talk)
{
    alarm_set(&talk->timer, talk->exchange->setting.ring * 1000, reach_on_unanswered, talk);
}

/* --- The call comes back --- */

void reach_returns(struct talk *talk, const char *to, enum cause cause)
{
    char dn[NAME_SIZE];
    memcpy(dn, talk->called->dn, sizeof dn);
    along_end(talk, true, to, cause);
    leg_free(talk->called);
    talk->called = NULL;
    talk->reach_ask = 0;
    if (cause != cause_no_answer) talk_tell(talk, party_change_DestinationBusy, dn, NULL, cause);
    talk_tell(talk, party_change_Diverted, dn, to, cause);
    talk_stands(talk, to);
}
