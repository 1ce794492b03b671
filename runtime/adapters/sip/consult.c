/* runtime/adapters/sip/consult.c - A consultation: an agent with a call asks a colleague, or somebody outside, about
 * that call.
 *
 *     main           customer --- A, who holds            ASK_CONSULT: a call of its own, in which A's leg is used
 *     consultation          A --- B, or a routing point   or A's telephone dials it: then it has a second leg of A's
 *
 *     main           customer --- B                       ASK_COMPLETE: both are the main call, and A is out of it
 *
 *     main           customer --- A, B                    ASK_CONFERENCE: all are in the main call
 *
 *     main           customer --- A                       ASK_SWAP: A talks to the customer, and B is on hold; once
 *     consultation                B, who hears music      more, and it is the other way round
 *
 * B's leg, the treatment that runs and the stay at a routing point move to the main call. If the consultation ends
 * first, A still has the main call on hold, and can retrieve it; if the main call ends first, both end. */
#include <string.h>

#include "runtime/adapters/sip/along.h"
#include "runtime/adapters/sip/passing.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"

/* --- A consultation begins --- */

/* Sends the consultation to its destination: at a routing point the core decides where it goes; a telephone is
 * called at once. */
static void consult_reach(struct talk *consult, const char *to)
{
    if (setting_is_point(&consult->exchange->setting, to)) {
        talk_stands(consult, to);
        return;
    }
    consult->called = reach_call(consult, to);
    if (!consult->called) reach_failed(consult, code_out_of_service, cause_no_answer, "the telephone cannot be called");
}

/* Checks before anything is changed that there is room for one more call, that the ports of sound suffice, and that
 * the destination can be called now. An emergency is let in even if the exchange is full. */
static enum code consult_room(struct exchange *exchange, const char *to, unsigned ports, const char **why)
{
    bool full = exchange->talk_count >= exchange->setting.calls;
    *why = "there are too many calls";
    if (full && !setting_is_emergency(&exchange->setting, to)) return code_no_circuit;
    *why = NO_PORT;
    if (!talks_have_ports(exchange, ports + talk_ports_kept(exchange, to))) return code_no_circuit;
    return setting_is_point(&exchange->setting, to) ? code_ok : reach_check(exchange, to, why);
}

static enum code consult_check(const struct talk *main, const char *to, unsigned ports, const char **why)
{
    *why = "the call has a consultation, is one, or is being handed on";
    if (main->consult || main->main || main->towards) return code_invalid_state;
    return consult_room(main->exchange, to, ports, why);
}

/* May the leg begin a consultation: does it talk with somebody in the main call? */
static bool consult_may(const struct talk *main, const struct leg *leg)
{
    const struct leg *other = talk_other(main, leg);
    return !leg->monitors && other && leg->state == LEG_TALKING && other->state == LEG_TALKING;
}

/* The consultation in which the telephone takes part; NULL: none, also for a supervisor who only listens to the main
 * call. */
static struct talk *consult_of_dn(const struct exchange *exchange, const char *dn)
{
    struct talk *talk = talk_of_dn(exchange, dn);
    const struct leg *leg = talk ? talk_leg_at(talk, dn) : NULL;
    return talk && talk->main ? talk : leg ? leg->consult : NULL;
}

/* Ends the telephone's consultation to make room for an emergency, but only if the emergency then has the room it
 * needs. The end of the consultation frees one port if the consultation borrows the agent's leg, and two if the
 * telephone dialled the consultation itself. */
enum code consult_yields(struct exchange *exchange, const char *dn, const char *to, unsigned ports, const char **why)
{
    struct talk *consult = consult_of_dn(exchange, dn);
    if (!consult) return code_ok;
    bool asks = strcmp(consult->asker->dn, dn) == 0;
    *why = "the telephone has an emergency already";
    if (consult->emergency) return asks ? code_busy : code_ok;
    unsigned frees = consult->caller == consult->asker ? 1 : 2, needs = asks ? ports : 2;
    /* a telephone that only takes part in the consultation dials the emergency as a call of its own */
    enum code code = asks ? code_ok : reach_check(exchange, dn, why);
    if (code == code_ok || code == code_busy) code = consult_room(exchange, to, needs > frees ? needs - frees : 0, why);
    if (code == code_ok) talk_drop_consult(consult);
    return code;
}

bool consult_is_emergency(struct exchange *exchange, uint64_t ask, const char *dn, const char *to)
{
    const char *why;
    enum code code = consult_yields(exchange, dn, to, 1, &why);
    if (code != code_ok) {
        cti_refused(&exchange->cti, ask, code, why);
        return true;
    }
    struct talk *main = talk_of_dn(exchange, dn);
    struct leg *leg = main ? talk_leg_at(main, dn) : NULL;
    const struct call *call = main ? talk_call(main) : NULL;
    if (!leg || !call || !consult_may(main, leg) || consult_check(main, to, 1, &why) != code_ok) return false;
    /* ends a hold of the telephone's own, so that the desktop is told of the hold that follows */
    talk_hold_set(leg, false);
    cti_is_consult(&exchange->cti, ask, call);
    consult_begins(main, ask, leg, to);
    return true;
}

/* Begins a consultation that a desktop has asked for: the main call is put on hold first, so that the agent's leg is
 * free to hear the person who is asked. */
void consult_begins(struct talk *main, uint64_t ask, struct leg *leg, const char *to)
{
    const char *why;
    enum code code = consult_check(main, to, 1, &why);
    if (code != code_ok) {
        cti_refused(&main->exchange->cti, ask, code, why);
        return;
    }
    talk_hold_set(leg, true);
    struct talk *consult = talk_new(main->exchange);
    passing_follow(consult, main, NULL);
    consult_tie(consult, main, leg, leg, to);
    consult_reach(consult, to);
}

/* Begins the consultation that a telephone with a call has dialled itself. Some telephones put the first call on
 * hold before they dial, others only once the second call is there. */
enum code consult_dials(struct talk *main, struct leg *leg, const struct sip_msg *invite, const char *to,
                        const char **why)
{
    uint16_t status;
    enum code code = consult_check(main, to, 2, why);
    if (code != code_ok) return code == code_invalid_state ? code_busy : code;
    *why = "the telephone has a call";
    if (!consult_may(main, leg)) return code_busy;
    struct talk *consult = talk_new(main->exchange);
    struct leg *second = leg_accept(consult, invite, leg->dn, &status);
    if (!second) {
        talk_free(consult);
        refuse_kept(main->exchange, invite, refuse_why(status), "");
        return code_ok;
    }
    passing_follow(consult, main, invite);
    consult->holds = !leg->held;
    talk_hold_set(leg, true);
    consult_tie(consult, main, leg, second, to);
    consult_reach(consult, to);
    return code_ok;
}

/* --- A consultation is completed --- */

/* Moves the legs into the main call: the person that the consultation has called takes the place of the agent's leg. */
static void consult_move_legs(struct talk *main, struct talk *consult)
{
    struct leg *leg = consult->asker, *next = consult->called;
    if (next) along_end(consult, true, next->dn, cause_redirected); /* of several telephones only this one rings on */
    members_unwatch(main, leg->dn); /* supervisors leave before the caller hears anybody but the agent */
    treatment_move(consult, main, talk_other(main, leg));
    consult_part(consult);
    consult->called = NULL;
    member_replace(main, leg, next);
    main->reach_ask = consult->reach_ask;
    if (*consult->point && main->called == next) text_set(main->point, sizeof main->point, consult->point);
}

/* Starts what the two members of the main call now hear. `watched`: a timer of the main call already runs, so it is
 * not set anew. */
static void consult_sound(struct talk *main, bool watched)
{
    if (!main->called) return;
    if (main->called->state == LEG_TALKING) {
        talk_sound_two(main);
        return;
    }
    if (!talk_hold_is(main, main->caller) && !main->treating) stream_stop(main->caller->stream);
    reach_ringback(main);
    if (main->called->state == LEG_CALLING)
        reach_await_ringing(main);
    else if (!watched)
        reach_await_answer(main);
}

static void consult_tell(struct talk *main, struct talk *consult, const char *dn)
{
    struct cti *cti = &main->exchange->cti;
    struct call *call = talk_call(main), *ends = talk_call(consult);
    cti_clock(cti);
    if (call && ends) cti_merged(cti, call, ends, NULL, party_how_transfer);
    if (call) cti_route_follows(cti, main->reach_ask, call);
    talk_tell(main, party_change_Released, dn, NULL, cause_transferred);
    if (ends) cti_call_gone(cti, ends, cause_transferred);
}

static bool consult_talks(const struct talk *consult)
{
    return consult->called && consult->called->state == LEG_TALKING;
}

/* Completes the consultation: the agent leaves, and the main call has the person who was asked. The agent's DN is
 * copied, because consult_move_legs() frees the agent's leg and the message of the agent's release still needs the
 * name. */
static void consult_hands_over(struct talk *consult)
{
    struct talk *main = consult->main;
    bool watched = !consult->timer.rings;
    char dn[NAME_SIZE];
    memcpy(dn, consult->asker->dn, sizeof dn);
    refer_over(consult->asker, code_ok);
    refer_over(consult->caller, code_ok);
    consult_move_legs(main, consult);
    consult_sound(main, watched);
    consult_tell(main, consult, dn);
    talk_free(consult);
}

bool consult_is_left(struct leg *leg)
{
    struct talk *consult = leg->talk->main && leg == leg->talk->caller ? leg->talk : leg->consult;
    if (!consult || !consult->completes || members_confer(consult->main)) return false;
    refer_left(consult->asker, leg_name(consult->called));
    consult_hands_over(consult);
    return true;
}

/* Completes the consultation at a request. If it is not yet known whether the telephone rings, the transfer waits:
 * it is done when the telephone rings or when the agent hangs up before, and is refused when the telephone cannot be
 * reached. */
void consult_completes(struct talk *consult, uint64_t ask)
{
    struct talk *main = consult->main;
    const struct call *call = talk_call(consult);
    bool stands = call && call->visit.dn[0] != '\0', talks = consult_talks(consult);
    /* the transfer waits as long as it is not known whether the telephone rings */
    consult->completes = consult->called && consult->called->state == LEG_CALLING;
    consult->complete_ask = ask;
    if (consult->completes) return;
    if ((!consult->called && !stands) || (members_confer(main) && !talks)) {
        consult_refused(consult, ask, code_invalid_state, "nobody is there whom it could go to");
        return;
    }
    consult_hands_over(consult);
}

/* --- A consultation is set aside --- */

/* Swaps the two calls. An agent whose telephone has dialled the consultation has two calls there, and only the
 * telephone can swap them. */
void consult_swaps(struct talk *consult, uint64_t ask)
{
    struct leg *leg = consult->asker;
    struct cti *cti = &consult->exchange->cti;
    if (consult->caller != leg) {
        cti_refused(cti, ask, code_unsupported, "the telephone has both calls: swap them there");
    } else if (!consult_talks(consult) || consult->aside == leg->held) {
        cti_refused(cti, ask, code_invalid_state, "nobody talks in the consultation");
    } else if (consult->aside) {
        talk_hold_set(leg, true);
        consult->aside = false;
        talk_sound_two(consult);
    } else {
        consult->aside = true;
        leg_music(consult->called);
        talk_hold_set(leg, false);
    }
}

/* --- A consultation becomes a conference --- */

/* Puts all three into the main call. The call model is told of the merge first and then of the end of the
 * consultation, so the core never sees the guest in no call at all. */
void consult_confers(struct talk *consult, uint64_t ask)
{
    struct talk *main = consult->main;
    struct cti *cti = &main->exchange->cti;
    struct leg *leg = consult->asker, *guest = consult->called;
    if (!consult_talks(consult) || !member_joins(main, guest)) {
        consult_refused(consult, ask, code_invalid_state,
                        consult_talks(consult) ? "there are too many in it" : "nobody talks in the consultation");
        return;
    }
    stream_part(consult->caller->stream);
    consult_part(consult);
    consult->called = NULL;
    leg->held = false;
    talk_sound(main);
    struct call *call = talk_call(main), *ends = talk_call(consult);
    cti_clock(cti);
    if (call && ends) cti_merged(cti, call, ends, NULL, party_how_conference);
    talk_tell(main, party_change_Retrieved, leg->dn, NULL, cause_conferenced);
    if (ends) cti_call_gone(cti, ends, cause_conferenced);
    talk_free(consult);
}
