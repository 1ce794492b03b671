/* runtime/adapters/sip/talk.c - How a call ends. How a call begins is in arrival.c, dial.c and consult.c.
 *
 *     at a routing point -- route --> a telephone is called -- 18x --> it rings -- 200 --> they talk --> gone
 *            ^                              |                            |
 *            '------ refused ---------------'<-- declined, pulled back --'
 */
#include "runtime/adapters/sip/talk.h"

#include <stdlib.h>

#include "runtime/adapters/sip/along.h"
#include "runtime/adapters/sip/refuse.h"

/* Frees a talk. The order matters: what listens to a stream or plays on it ends first, then the legs, each of which
 * owns a stream. */
void talk_free(struct talk *talk)
{
    talks_forget(talk);
    alarm_stop(&talk->timer);
    if (talk->redirecting.kept)
        refuse_leg(talk->caller, REFUSED_sip_led_nowhere); /* the caller's INVITE has not been answered */
    treatment_free_treating(talk);
    sound_release(talk->music);
    detect_end(talk);
    farewell_end(talk);
    recorder_end(talk);
    talk_sound_end(talk);
    if (talk->main) consult_untie(talk);
    for (struct leg *guest = talk->guests, *next; guest; guest = next) {
        next = guest->next_guest;
        leg_free(guest);
    }
    along_end(talk, false, NULL, cause_other);
    leg_free(talk->towards);
    leg_free(talk->called);
    leg_free(talk->caller);
    free(talk->passing.lines);
    free(talk->passing.index);
    free(talk);
}

/* Ends all talks; consultations first, since a call must not be freed while a consultation points to it. */
void talks_end(struct exchange *exchange)
{
    while (exchange->first) {
        struct talk *talk = exchange->first;
        while (talk->consult) talk = talk->consult;
        talk_free(talk);
    }
}

/* Ends a call, its consultation first. The caller is refused before the core is told,
 * and the talk is freed last; a party that was on hold only because of this consultation is retrieved. */
void talk_gone(struct talk *talk, enum cause cause)
{
    struct exchange *exchange = talk->exchange;
    struct leg *holder = talk->holds ? talk->asker : NULL;
    if (talk->consult) talk_drop_consult(talk->consult);
    if (talk->completes) consult_refused(talk, talk->complete_ask, code_invalid_state, "the consultation is over");
    cti_clock(&exchange->cti);
    treatment_stop(talk, 0);
    struct call *call = talk_call(talk);
    talk_tell_dialler(talk, party_change_Released, cause);
    if (talk->caller && talk->caller->talk == talk) leg_refuse(talk->caller, cause);
    if (call) cti_call_gone(&exchange->cti, call, cause);
    talk_free(talk);
    if (holder && !leg_holds(holder)) talk_hold_set(holder, false);
}

void talk_clear(struct talk *talk, enum cause cause)
{
    if (cause == cause_other) cause = cause_ok;
    if (!farewell_puts_off(talk, cause)) talk_gone(talk, cause);
}

/* Ends a consultation; the main call stays on hold, because its telephone has put it on hold. */
void talk_drop_consult(struct talk *consult)
{
    consult->holds = false;
    talk_gone(consult, cause_ok);
}
