/* runtime/adapters/sip/consult.c - An agent asks elsewhere about the call that they have: a consultation.
 *
 *     main           customer --- A, who holds            ASK_CONSULT: a call of its own, in which A's leg is used
 *     consultation          A --- B, or a routing point
 *
 *     main           customer --- B                       ASK_COMPLETE: both are the main call, and A is out of it
 *
 *     main           customer --- A, B                    ASK_CONFERENCE: all are in the main call
 *
 * B's leg, the treatment that runs and the stay at a routing point move to the main call. If the consultation ends
 * first, A holds the main call still, and takes it back; if the main call does, both end. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"

/* --- It begins --- */

static struct talk *consult_new(struct talk *main, struct leg *leg, const char *to)
{
    struct talk *consult = talk_new(main->exchange);
    struct call_facts facts = {
        .call_id = consult->id, .ani = leg->dn, .dnis = to, .type = call_type_consult, .main_id = main->id};
    consult->main = main;
    consult->caller = leg;
    main->consult = leg->consult = consult;
    cti_clock(&main->exchange->cti);
    (void)cti_call(&main->exchange->cti, &facts);
    return consult;
}

static void consult_reach(struct talk *consult, const char *to)
{
    if (setting_is_point(&consult->exchange->setting, to)) {
        talk_stands(consult, to);
        return;
    }
    consult->called = reach_call(consult, to);
    if (!consult->called) reach_failed(consult, code_out_of_service, "the telephone cannot be called");
}

void talk_consults(struct talk *main, uint64_t ask, struct leg *leg, const char *to)
{
    struct exchange *exchange = main->exchange;
    const char *why = "";
    enum code code = setting_is_point(&exchange->setting, to) ? code_ok : reach_check(exchange, to, &why);
    if (main->consult || main->towards) {
        code = code_invalid_state;
        why = "the call has a consultation, or is being handed on";
    } else if (exchange->talk_count >= exchange->setting.calls) {
        code = code_no_circuit;
        why = "there are too many calls";
    }
    if (code != code_ok) {
        cti_refused(&exchange->cti, ask, code, why);
        return;
    }
    talk_leg_held(leg, true);
    consult_reach(consult_new(main, leg, to), to);
}

/* --- It is completed --- */

/* The agent's leg is left out: who stays is the caller, who is called is whom the consultation has. */
static void consult_move_legs(struct talk *main, struct talk *consult)
{
    struct leg *leg = consult->caller, *next = consult->called;
    treatment_move(consult, main, talk_other(main, leg));
    main->consult = leg->consult = consult->main = NULL;
    consult->caller = consult->called = NULL;
    text_set(main->point, sizeof main->point, *consult->point ? consult->point : main->point);
    talk_replace(main, leg, next);
}

static void consult_sound(struct talk *main, bool watched)
{
    if (!main->called) return;
    if (main->called->state == LEG_TALKING) {
        control_join(main);
        return;
    }
    if (!main->caller->held && !main->treating) stream_stop(main->caller->stream);
    reach_ringback(main);
    if (!watched) reach_await_answer(main);
}

static void consult_tell(struct talk *main, struct talk *consult, const char *dn)
{
    struct cti *cti = &main->exchange->cti;
    struct call *call = talk_call(main), *ends = talk_call(consult);
    cti_clock(cti);
    if (call && ends) cti_merged(cti, call, ends, NULL, party_how_transfer);
    talk_tell(main, party_change_Released, dn, NULL, cause_transferred);
    if (ends) cti_call_gone(cti, ends, cause_transferred);
}

static bool consult_talks(const struct talk *consult)
{
    return consult->called && consult->called->state == LEG_TALKING;
}

void talk_completes(struct talk *consult, uint64_t ask)
{
    struct talk *main = consult->main;
    const struct call *call = talk_call(consult);
    bool stands = call && call->visit.dn[0] != '\0', talks = consult_talks(consult),
         watched = !tmr_isrunning(&consult->timer);
    char dn[NAME_SIZE];
    consult->complete_ask = 0;
    if (consult->called && consult->called->state == LEG_CALLING) {
        consult->complete_ask = ask; /* it is not known yet whether it rings */
        return;
    }
    if ((!consult->called && !stands) || (conference_is(main) && !talks)) {
        cti_refused(&main->exchange->cti, ask, code_invalid_state, "nobody is there whom it could go to");
        return;
    }
    memcpy(dn, consult->caller->dn, sizeof dn);
    consult_move_legs(main, consult);
    consult_sound(main, watched);
    consult_tell(main, consult, dn);
    talk_free(consult);
}

/* --- All come together --- */

void talk_confers(struct talk *consult, uint64_t ask)
{
    struct talk *main = consult->main;
    struct cti *cti = &main->exchange->cti;
    struct leg *leg = consult->caller, *guest = consult->called;
    if (!consult_talks(consult) || !conference_joins(main, guest)) {
        cti_refused(cti, ask, code_invalid_state,
                    consult_talks(consult) ? "there are too many in it" : "nobody talks in the consultation");
        return;
    }
    stream_part(leg->stream);
    main->consult = leg->consult = consult->main = NULL;
    consult->caller = consult->called = NULL;
    leg->held = false;
    conference_sound(main);
    struct call *call = talk_call(main), *ends = talk_call(consult);
    cti_clock(cti);
    if (call && ends) cti_merged(cti, call, ends, NULL, party_how_conference);
    talk_tell(main, party_change_Retrieved, leg->dn, NULL, cause_conferenced);
    if (ends) cti_call_gone(cti, ends, cause_conferenced);
    talk_free(consult);
}
