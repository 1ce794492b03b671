/* runtime/adapters/sip/talk_legs.c - What legs report (ringing, answer, end, hold, keys), and how their call changes
 * by it.
 *
 *     leg reports     its part of the call          what happens
 *     rings           called                        the route is used; the caller hears it ring
 *     rings           towards                       the agent who transfers is let go
 *     answered        called                        both talk
 *     closed          called, before it rings       the route is refused
 *     closed          called, while it rings        back to the routing point
 *     closed          caller                        the call ends
 *     closed          one of several                the others stay
 *
 * All functions here run in the callback of a session. Only closed() may free the leg that reports. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/sip/along.h"
#include "runtime/adapters/sip/orders.h"
#include "runtime/adapters/sip/talk.h"

/* Takes the report that a leg rings. A route of the core is answered here as used; from then on the core limits the
 * ringing. */
static void talk_leg_rings(struct leg *leg)
{
    struct talk *talk = leg->talk;
    struct exchange *exchange = talk->exchange;
    struct call *call = talk_call(talk);
    if (leg == talk->caller) return; /* the first leg of a call that begins here: its ringing changes nothing */
    if (leg->monitors) {
        monitor_rings(leg);
        return;
    }
    if (along_rings(talk) && along_is(talk, leg)) { /* another one rings already */
        talk_tell(talk, party_change_Ringing, leg->dn, NULL, cause_other);
        return;
    }
    bool routed = call && call->visit.dn[0] != '\0' && (leg == talk->called || along_is(talk, leg));
    alarm_stop(&talk->timer);
    talk->reach_ask = 0;
    if (leg == talk->towards) {
        member_hands_over(talk);
    } else {
        treatment_leave(talk);
        reach_ringback(talk);
        cti_clock(&exchange->cti);
        if (routed)
            cti_route_used(&exchange->cti, call, *talk->together ? talk->together : leg_name(leg), route_how_instructed,
                           cause_other);
        talk_tell(talk, party_change_Ringing, leg->dn, NULL, cause_other);
        if (routed) along_tells_silent(talk);
    }
    if (!routed) reach_await_answer(talk);
    if (talk->completes) consult_completes(talk, talk->complete_ask);
}

/* Takes the report that a leg is answered. If the caller has gone at this moment, nothing is reported: the end of
 * the caller's leg follows. */
void talk_leg_answered(struct leg *leg)
{
    struct talk *talk = leg->talk;
    /* stops the timer of the desktop's request to answer: the report of the answer answers that, too */
    if (leg->answer_ask != 0) alarm_stop(&leg->timer);
    leg->answer_ask = 0;
    if (leg->monitors) {
        monitor_answered(leg);
        return;
    }
    along_answered(talk, leg);
    if (!TALK_HOLDS(talk, leg == talk->called || leg == talk->caller)) return;
    alarm_stop(&talk->timer);
    if (leg == talk->caller) {
        dialled_answered(talk);
        return;
    }
    if (!leg_answer(talk->caller)) return; /* the caller's leg is about to end */
    farewell_served(talk);
    talk_sound_two(talk);
    talk_tell(talk, party_change_Established, leg->dn, NULL, cause_other);
    talk_tell_dialler(talk, party_change_Established, cause_other);
}

/* May the call go back to its routing point? False if the caller stays in the call after the agent: then the strategy
 * goes on as after any agent. */
static bool talk_leg_goes_back(const struct leg *leg)
{
    const struct talk *talk = leg->talk;
    bool has = leg == talk->called && !talk->main && talk->caller && talk->caller->state == LEG_TALKING;
    return has && !talk->leaver && *talk->point && !members_confer(talk) && !member_is_stayed(talk, leg);
}

/* True: the leg has handed its call on and is gone. Agents hang up at the same moment as they hand the call on, or
 * soon after. If the transfer fails, the call goes back to its last routing point. */
static bool talk_leg_hands_on(struct leg *leg)
{
    struct exchange *exchange = leg->talk->exchange;
    char id[NAME_SIZE], dn[NAME_SIZE];
    memcpy(id, leg->talk->id, sizeof id);
    memcpy(dn, leg->dn, sizeof dn);
    if (leg->state != LEG_TALKING || leg->monitors || !*dn) return false;
    order_hands_on(leg);
    struct talk *talk = talk_find(exchange, id);
    if (!talk || talk_leg_at(talk, dn) != leg || consult_is_left(leg)) return true;
    if (loop_ms() >= leg->vain_until_ms || !talk_leg_goes_back(leg)) return false;
    refer_left(leg, talk->point);
    if (leg->consult) talk_drop_consult(leg->consult);
    control_to_point(talk, leg, talk->point);
    return true;
}

/* Takes the report that a leg has ended. The order of the conditions matters: first special parts (supervisor,
 * transfer, consultation), then the caller, then the called leg by its state. */
static void talk_leg_closed(struct leg *leg, uint16_t status)
{
    struct talk *talk = leg->talk;
    if (talk_leg_hands_on(leg)) return;
    enum code code = reach_code_of_leg(leg, status);
    enum cause told = *leg->outside ? dial_cause(leg, status) : reach_cause_of_code(reach_code_of_status(status));
    char text[64];
    leg_answer_failed(leg, "the telephone does not take the call");
    snprintf(text, sizeof text, status == 0 ? "the telephone cannot be reached" : "the telephone answers %u", status);
    if (leg->monitors)
        member_leaves(talk, leg, cause_remote_release);
    else if (along_has_others(talk, leg))
        along_drops(talk, leg, told == cause_busy ? cause_busy : cause_refused);
    else if (leg == talk->towards)
        reach_forget_towards(talk, code, text);
    else if (leg == talk->caller && talk->main)
        talk_gone(talk, cause_ok);
    else if (leg == talk->caller && (leg->state == LEG_CALLING || leg->state == LEG_RINGING))
        dialled_closed(talk, status);
    else if (leg == talk->caller && !(talk->called && talk->called->state == LEG_TALKING))
        talk_gone(talk, cause_abandoned);
    else if (leg == talk->caller || leg->state == LEG_TALKING)
        member_leaves(talk, leg, cause_remote_release);
    else if (leg->state == LEG_CALLING && !along_rings(talk))
        reach_failed(talk, code, told, text);
    else if (*talk->point)
        reach_returns(talk, talk->point, told == cause_busy ? cause_busy : cause_refused);
    else
        talk_gone(talk, told);
}

/* The call whose treatments the leg hears: the consultation that borrows the leg, else the call of which it is the
 * caller's; NULL: none. */
static struct talk *leg_treated(const struct leg *leg)
{
    return leg_is_borrowed(leg) ? leg->consult : leg == leg->talk->caller ? leg->talk : NULL;
}

static void talk_leg_digit(struct leg *leg, char digit)
{
    struct talk *talk = leg_treated(leg);
    if (talk) treatment_digit(talk, digit);
}

static void talk_leg_played(struct leg *leg)
{
    struct talk *talk = leg_treated(leg);
    if (!talk) return;
    farewell_played(talk);
    treatment_played(talk);
}

static void talk_leg_held(struct leg *leg, bool held)
{
    refer_forget(leg);
    talk_hold_set(leg, held);
}

const struct leg_ops talk_leg_ops = {.rings = talk_leg_rings,
                                     .early = reach_early,
                                     .answered = talk_leg_answered,
                                     .closed = talk_leg_closed,
                                     .held = talk_leg_held,
                                     .digit = talk_leg_digit,
                                     .played = talk_leg_played};

/* --- They vanish --- */

/* Has the leg's peer vanished? True if the peer has been silent for longer than the setting `silence`, though it should
 * send sound; a telephone or trunk that has vanished does not even send BYE. */
static bool leg_vanished(const struct leg *leg, const struct leg *other)
{
    const struct exchange *exchange = leg->talk->exchange;
    uint64_t silence_ms = exchange->setting.silence * 1000;
    bool asked = leg_is_borrowed(leg) && leg->consult->called && leg->consult->called->state == LEG_TALKING;
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

/* Ends calls whose peer has vanished. The end of a call may end a consultation, too, so the list is gone through from
 * its beginning after each end. */
void talks_tick(struct exchange *exchange)
{
    talks_tell_ports(exchange);
    for (struct talk *talk = exchange->first; talk && !exchange->cti.core_up; talk = talk->next)
        treatment_comfort(talk);
    for (struct talk *talk = exchange->first; talk;) {
        struct leg *gone = talk_vanished(talk);
        if (!gone) {
            talk = talk->next;
            continue;
        }
        if (members_confer(talk) || gone->monitors || gone == talk->leaver)
            member_leaves(talk, gone, cause_dropped);
        else
            talk_gone(talk, cause_dropped);
        talk = exchange->first; /* from the beginning again: the consultation of the ended talk may be gone, too */
    }
}
