/* runtime/adapters/sip/control.c - What an agent may ask for the call that they have: hold, hand on, release; also
 * answers a call at a strategy's request. */
#include <string.h>

#include "runtime/adapters/sip/along.h"
#include "runtime/adapters/sip/orders.h"
#include "runtime/adapters/sip/talk.h"

/* --- Handing on: the agent leaves the call once it is at a routing point or rings at another telephone --- */

/* Hands the call on to a routing point. The DN is copied first, because member_replace() frees the leg that owns it. */
void control_to_point(struct talk *talk, struct leg *leg, const char *point)
{
    char dn[NAME_SIZE];
    memcpy(dn, leg->dn, sizeof dn);
    refer_over(leg, code_ok);
    member_replace(talk, leg, NULL);
    talk_stands(talk, point);
    talk_tell(talk, party_change_Released, dn, point, cause_transferred);
}

/* Hands the call on to a telephone: the agent stays in the call until that telephone rings, or hangs up before.
 * `leaver` and `towards` say that a transfer is under way; the request is answered when it ends. */
static void control_to_telephone(struct talk *talk, uint64_t ask, struct leg *leg, const char *to)
{
    const char *why;
    enum code code = reach_check(talk->exchange, to, &why);
    if (code == code_ok && !talks_have_ports(talk->exchange, 1)) {
        code = code_no_circuit;
        why = NO_PORT;
    }
    if (code == code_ok && !(talk->towards = reach_call(talk, to))) {
        code = code_out_of_service;
        why = "the telephone cannot be called";
    }
    if (code != code_ok) {
        refer_refused(talk->exchange, leg, ask, code, why);
        return;
    }
    talk->leaver = leg;
    talk->reach_ask = ask;
}

/* Refuses a request: tells the desktop that asked, or the telephone that sent REFER. */
static void control_refuse(struct exchange *exchange, uint64_t ask, struct leg *leg, enum party_ask what,
                           const char *why)
{
    refer_refused(exchange, order_hands_over(what) ? leg : NULL, ask, code_invalid_state, why);
}

static void control_transfer(struct talk *talk, uint64_t ask, struct leg *leg, const char *to)
{
    if (members_confer(talk))
        control_refuse(talk->exchange, ask, leg, ASK_TRANSFER, "it is a conference: ask whom it may go to first");
    else if (talk->main && leg == talk->caller)
        control_refuse(talk->exchange, ask, leg, ASK_TRANSFER, "it is the consultation, not the call");
    else if (leg->consult || talk->towards)
        control_refuse(talk->exchange, ask, leg, ASK_TRANSFER, "it is being handed on already");
    else if (setting_is_point(&talk->exchange->setting, to))
        control_to_point(talk, leg, to);
    else
        control_to_telephone(talk, ask, leg, to);
}

/* --- What desktops and telephones ask --- */

static void control_reconnect(struct leg *leg)
{
    if (leg->consult) talk_drop_consult(leg->consult);
    refer_forget(leg);
    talk_hold_set(leg, false);
}

static void control_complete(struct talk *talk, uint64_t ask, struct leg *leg, enum party_ask what)
{
    if (leg->consult && what == ASK_COMPLETE)
        consult_completes(leg->consult, ask);
    else if (leg->consult)
        consult_confers(leg->consult, ask);
    else
        control_refuse(talk->exchange, ask, leg, what, "there is no consultation");
}

/* Releases the agent from the call. If the agent has asked for a transfer that still waits, the transfer is done by
 * this release and answered as done, and the request to release is refused. */
static void control_release(struct talk *talk, uint64_t ask, struct leg *leg)
{
    struct cti *cti = &talk->exchange->cti;
    bool hands_on = leg == talk->leaver;
    if (consult_is_left(leg))
        hands_on = true;
    else if (leg == talk->caller || leg->monitors || leg->state == LEG_TALKING)
        member_leaves(talk, leg, cause_ok);
    else if (along_has_others(talk, leg))
        along_drops(talk, leg, cause_refused);
    else if (*talk->point)
        reach_returns(talk, talk->point, cause_refused);
    else
        talk_gone(talk, cause_refused);
    if (hands_on) cti_refused(cti, ask, code_invalid_state, "the call is handed on already");
}

static void control_mute(struct talk *talk, uint64_t ask, struct leg *leg, bool muted)
{
    stream_mute(leg->stream, muted);
    cti_answered(&talk->exchange->cti, ask);
}

/* Sends the keys to the other party. In a conference they would be for nobody, or for all. */
static void control_digits(struct talk *talk, uint64_t ask, struct leg *leg, const char *digits)
{
    if (members_confer(talk)) {
        control_refuse(talk->exchange, ask, leg, ASK_DIGITS, "keys go to one other party alone");
        return;
    }
    struct stream *stream = talk_other(talk, leg)->stream;
    if (strlen(digits) > stream_key_room(stream)) {
        control_refuse(talk->exchange, ask, leg, ASK_DIGITS,
                       "too many keys still wait to be sent: ask again a moment later");
        return;
    }
    for (; *digits; digits++) stream_press(stream, *digits);
    cti_answered(&talk->exchange->cti, ask);
}

/* Does what an agent asks who talks with somebody. */
static void control_talking(struct talk *talk, uint64_t ask, struct leg *leg, enum party_ask what, const char *to)
{
    if (what == ASK_TRANSFER && (!leg->held || leg->refers)) /* telephones hold before REFER */
        control_transfer(talk, ask, leg, to);
    else if (what == ASK_CONSULT && !leg->held)
        consult_begins(talk, ask, leg, to);
    else if (what == ASK_HOLD && !leg->held)
        talk_hold_set(leg, true);
    else if ((what == ASK_MUTE || what == ASK_UNMUTE) && !leg->held)
        control_mute(talk, ask, leg, what == ASK_MUTE);
    else if (what == ASK_DIGITS && !leg->held)
        control_digits(talk, ask, leg, to);
    else if ((what == ASK_COMPLETE || what == ASK_CONFERENCE) && (leg->consult || leg->held))
        control_complete(talk, ask, leg, what);
    else if (what == ASK_SWAP && leg->consult)
        consult_swaps(leg->consult, ask);
    else if (what == ASK_RECONNECT && leg->consult && leg->consult->aside)
        talk_drop_consult(leg->consult);
    else if (what == ASK_RETRIEVE && leg->held && leg->consult && leg->consult->aside)
        talk_hold_set(leg, false); /* the question stays */
    else if ((what == ASK_RETRIEVE || what == ASK_RECONNECT) && leg->held)
        control_reconnect(leg);
    else
        control_refuse(talk->exchange, ask, leg, what, "not in this state of the call");
}

/* Answers a call at its routing point for a strategy: the caller pays from now on. A call that is answered already
 * stays as it is. */
static void control_answers(struct talk *talk, uint64_t ask)
{
    if (talk->redirecting.only)
        cti_refused(&talk->exchange->cti, ask, code_unsupported,
                    "calls of this routing point are only decided here, and not answered");
    else if (leg_answer(talk->caller))
        cti_answered(&talk->exchange->cti, ask);
    else
        cti_refused(&talk->exchange->cti, ask, code_invalid_state, "the caller is gone");
}

/* Does a request for the call, or refuses it; the order of the conditions matters. Supervisors' requests, release
 * and answer are allowed in any state of the call; all other requests need an agent and another party who talk. */
void control_asks(struct talk *talk, uint64_t ask, const char *dn, enum party_ask what, const char *to)
{
    struct leg *leg = talk_leg_at(talk, dn);
    const struct leg *other = leg ? talk_other(talk, leg) : NULL;
    if (leg) refer_forget(leg);
    if (!leg && what == ASK_ANSWER && talk->caller && strcmp(dn, talk->point) == 0)
        control_answers(talk, ask);
    else if (what >= ASK_LISTEN)
        monitor_asks(talk, ask, dn, what, to);
    else if (leg && what == ASK_RELEASE)
        control_release(talk, ask, leg);
    else if (leg && what == ASK_ANSWER)
        answer_asked(talk, ask, leg);
    else if (talk->aside && (order_hands_over(what) || what == ASK_CONSULT))
        control_refuse(talk->exchange, ask, leg, what, "who asks has put this on hold");
    else if (leg && other && !leg->monitors && leg->state == LEG_TALKING && other->state == LEG_TALKING)
        control_talking(talk, ask, leg, what, to);
    else
        control_refuse(talk->exchange, ask, leg, what, "not in this state of the call");
}
