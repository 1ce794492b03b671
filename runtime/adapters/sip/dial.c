/* runtime/adapters/sip/dial.c - Calls that begin at this exchange: dialled from a routing point for the dialer, or
 * by an agent at a telephone.
 *
 *     the dialer:       a number outside is called; who answers stands at the routing point
 *     an agent's desk:  their own telephone rings; who answers there hears the one that they want to reach ring
 *     their telephone:  it dials itself, and is answered once the other one is
 *
 * In both cases the first leg, the one that is dialled first, counts as the caller: treatments are played to it.
 * `wants` is where that caller goes once the first leg has answered. A number outside is dialled through the trunks
 * that the setting `outbound` names, and only if the setting `dialable` allows it. */
#include <string.h>

#include "runtime/adapters/sip/announce.h"
#include "runtime/adapters/sip/passing.h"
#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/adapters/sip/trunk_answer.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/dialled.h"

/* The cause of the end of a dialled call. 403 from a telephone of ours means that a person has refused; from a trunk
 * it means that the trunk has. */
enum cause dial_cause(const struct leg *leg, uint16_t status)
{
    const struct trunk_answer *answer = trunk_answer_of(status);
    return *leg->dn && answer->code == code_rejected ? cause_refused : answer->cause;
}

/* Ends the call, because its first leg ended before anybody answered. */
void dialled_closed(struct talk *talk, uint16_t status)
{
    talk_gone(talk, dial_cause(talk->caller, status));
}

/* Ends a call that nobody has answered in time. A trunk that has not even sent `100 Trying` is out of service:
 * nobody was called, so the cause says nothing about the number. */
static void dial_on_unanswered(void *self)
{
    struct talk *talk = self;
    bool away = talk->caller && *talk->caller->outside && !talk->caller->heard;
    talk_gone(talk, away ? cause_no_circuit : cause_no_answer);
}

/* Sends the caller, who has answered, to the destination `wants`. */
static void dialled_goes(struct talk *talk)
{
    const struct exchange *exchange = talk->exchange;
    const char *why;
    if (!TALK_HOLDS(talk, *talk->wants && !talk->called)) return;
    if (talk->from_point || setting_is_point(&exchange->setting, talk->wants)) {
        talk_stands(talk, talk->wants);
        farewell_person(talk);
        return;
    }
    enum code code = reach_check(exchange, talk->wants, &why);
    talk->called = code == code_ok ? reach_call(talk, talk->wants) : NULL;
    if (!talk->called) talk_gone(talk, code == code_ok ? cause_no_circuit : reach_cause_of_code(code));
}

static void dialled_on_time(void *self)
{
    dialled_goes(self);
}

/* Goes on after the first leg has answered, by a timer and not within that leg's handler: if the destination is busy
 * by now, the leg ends, and its handler would still read it. */
void dialled_answered(struct talk *talk)
{
    struct call *call = talk_call(talk);
    cti_clock(&talk->exchange->cti);
    if (call) call->answered_us = talk->exchange->cti.now_us;
    farewell_answered(talk);
    if (!detect_answered(talk)) alarm_set(&talk->timer, 0, dialled_on_time, talk);
}

/* --- A request to dial --- */

/* Makes the call in the call model; nothing is dialled yet. NULL: the call model has no room, and the request is
 * refused. */
static struct talk *dialled_begin(struct exchange *exchange, uint64_t ask, const struct call_facts *facts)
{
    struct talk *talk = talk_new(exchange);
    struct call_facts named = *facts;
    named.call_id = talk->id;
    cti_clock(&exchange->cti);
    if (cti_call(&exchange->cti, &named)) return talk;
    talk_free(talk);
    cti_refused(&exchange->cti, ask, code_overload, "the call cannot be made");
    return NULL;
}

/* Takes the detector's verdict: a person goes on to the destination; a machine may be left a message; else the call
 * ends. */
static void dialled_heard(struct talk *talk, enum cause verdict)
{
    if (verdict == cause_ok)
        dialled_goes(talk);
    else if (verdict != cause_machine || !farewell_machine(talk))
        talk_gone(talk, verdict);
}

/* Starts to wait for the first leg to answer; without a leg the call ends at once with dial_error. The detector
 * begins before the answer, because busy tones and announcements of the network come as early sound. */
static void dialled_ring(struct talk *talk, struct leg *leg, uint64_t ring_ms, bool predictive)
{
    talk->caller = leg;
    if (!leg) {
        talk_gone(talk, cause_dial_error);
        return;
    }
    if (predictive) detect_begin(talk, dialled_heard);
    alarm_set(&talk->timer, ring_ms > 0 ? ring_ms : talk->exchange->setting.ring * 1000, dial_on_unanswered, talk);
}

/* May the call that is asked for be dialled? `itself`: the telephone dials and so can be reached, even if its
 * registration has ended, and may call an emergency. */
static enum code dialled_check(struct exchange *exchange, const struct dialled *dialled, bool itself, const char **why)
{
    char names[ADDRESS_SIZE];
    bool point = dialled->point, ends = exchange_ends(exchange);
    bool emergency = setting_is_emergency(&exchange->setting, dialled->to);
    enum code code = point ? code_ok : reach_check(exchange, dialled->from, why);
    if (emergency && (code == code_busy || (itself && code == code_out_of_service)))
        code = code_ok; /* an emergency comes in addition to the calls that the telephone has */
    if (code != code_ok) return code == code_invalid_destination ? code_invalid_dn : code;
    if (!emergency && (ends || exchange->talk_count >= exchange->setting.calls)) {
        *why = ends ? "this exchange ends" : "there are too many calls";
        return code_no_circuit;
    }
    if (!talks_have_ports(exchange, talk_ports(exchange, dialled->to))) {
        *why = NO_PORT;
        return code_no_circuit;
    }
    if (!point && setting_is_point(&exchange->setting, dialled->to)) return code_ok;
    if (strcmp(dialled->from, dialled->to) == 0) {
        *why = "a telephone cannot call itself";
        return code_invalid_destination;
    }
    if (point && telephones_find(&exchange->telephones, dialled->to)) {
        *why = "it is a telephone of ours";
        return code_invalid_destination;
    }
    if (point && emergency && !setting_dialable(&exchange->setting, dialled->to)) {
        *why = "it is a number of an emergency service, and people alone dial those";
        return code_rejected;
    }
    if (point && announce_text(dialled->data, "trunk", names, sizeof names) &&
        trunk_outlet_next(exchange, names, 0) < 0) {
        *why = "`outbound` has no trunk of the name that the call wants";
        return code_no_circuit;
    }
    if (point && dialled->predictive && !farewell_check(exchange, dialled->data, why)) return code_no_circuit;
    code = reach_check(exchange, dialled->to, why);
    if (!point || code != code_invalid_destination) return code;
    *why = "there is no such telephone, nor may it be dialled outside (the settings `dialable` and `outbound`)";
    return code_rejected; /* refused by our settings: the number itself may be right */
}

static struct call_facts dialled_facts(const struct exchange *exchange, const struct dialled *dialled)
{
    bool ours =
        setting_is_point(&exchange->setting, dialled->to) || telephones_find(&exchange->telephones, dialled->to);
    return (struct call_facts){.ani = *dialled->caller_id ? dialled->caller_id : dialled->from,
                               .dnis = dialled->to,
                               .origin_dn = dialled->from,
                               .type = ours ? call_type_internal : call_type_outbound,
                               .correlator = dialled->conn};
}

/* Is the call dialled from a routing point? A call-back counts as such: it is dialled from where it was booked,
 * which need not be one of `numbers`, as a form books it at the DN of its queue. Whoever answers is then at a
 * routing point of that name. */
static bool dialled_from_point(const struct exchange *exchange, const struct dialled *dialled)
{
    return setting_is_point(&exchange->setting, dialled->from) ||
           (dialled->back && !telephones_find(&exchange->telephones, dialled->from));
}

/* Dials a call at a request. All reasons to refuse are checked before the call exists; later the call model has the
 * call already, and is told of its end. An emergency dialled for a telephone that talks becomes a consultation. */
void dial_asked(struct exchange *exchange, uint64_t ask, const struct dialled *asked)
{
    const char *why = "";
    bool point = dialled_from_point(exchange, asked);
    struct dialled copy = *asked;
    const struct dialled *dialled = &copy;
    copy.point = point;
    if (point && !dialled_is_writable(asked->caller_id))
        copy.caller_id = setting_own_number(&exchange->setting, asked->from);
    if (!point && setting_is_emergency(&exchange->setting, dialled->to) &&
        consult_is_emergency(exchange, ask, dialled->from, dialled->to))
        return;
    enum code code = dialled_check(exchange, dialled, false, &why);
    cti_clock(&exchange->cti);
    if (code != code_ok) {
        cti_refused(&exchange->cti, ask, code, why);
        return;
    }
    struct call_facts facts = dialled_facts(exchange, dialled);
    struct talk *talk = dialled_begin(exchange, ask, &facts);
    if (!talk) return;
    text_set(talk->wants, sizeof talk->wants, point ? dialled->from : dialled->to);
    talk->from_point = point;
    text_set(talk->caller_id, sizeof talk->caller_id, dialled->caller_id);
    if (point) {
        reach_wishes(talk, dialled->data);
        if (dialled->predictive) farewell_begin(talk, dialled->data);
        dialled_ring(talk, leg_dial(talk, dialled->to, talk->caller_id, exchange->setting.first_law), dialled->ring_ms,
                     dialled->predictive);
        return;
    }
    talk_tell(talk, party_change_Dialing, dialled->from, NULL, cause_other);
    const struct telephone *telephone = telephones_find(&exchange->telephones, dialled->from);
    dialled_ring(talk, leg_invite(talk, telephone, dialled->to, exchange->setting.first_law, answer_headers(exchange)),
                 0, false);
}

/* --- The telephone itself dials --- */

/* Sends the INVITE of a telephone the answer that refuses it. */
static void dialled_refuse(struct exchange *exchange, const struct sip_msg *invite, enum code code, const char *why)
{
    exchange_log(exchange, GCX_LOG_INFO, "sip: what a telephone dials is refused: %s", why);
    refuse_kept(exchange, invite,
                code == code_busy                  ? REFUSED_sip_dialled_busy
                : code == code_invalid_destination ? REFUSED_sip_dialled_unknown
                : code == code_out_of_service      ? REFUSED_sip_dialled_away
                                                   : REFUSED_sip_dialled_full,
                "");
}

/* Dials what a telephone has dialled: without a call this is a new call; with a call it is a consultation. An emergency
 * first ends the consultation that the telephone has. The INVITE is checked before the consultation is ended, so that
 * no consultation ends for an INVITE that must be refused. */
void dial_at_telephone(struct exchange *exchange, const struct sip_msg *invite, const char *dn, const char *to)
{
    const char *why = "there are too many calls";
    uint16_t status;
    struct dialled dialled = {.from = dn, .to = to, .caller_id = ""};
    bool emergency = setting_is_emergency(&exchange->setting, to);
    if (emergency && !leg_could_accept(invite)) {
        refuse_kept(exchange, invite, refuse_why(488), "");
        return;
    }
    enum code code = emergency ? consult_yields(exchange, dn, to, 2, &why) : code_ok;
    if (code != code_ok) {
        dialled_refuse(exchange, invite, code, why);
        return;
    }
    struct talk *has = talk_of_dn(exchange, dn);
    struct leg *leg = has ? talk_leg_at(has, dn) : NULL;
    code = leg ? consult_dials(has, leg, invite, to, &why) : dialled_check(exchange, &dialled, true, &why);
    if (leg && code == code_ok) return;
    if (leg && code == code_busy && emergency) code = dialled_check(exchange, &dialled, true, &why);
    if (code != code_ok) {
        dialled_refuse(exchange, invite, code, why);
        return;
    }
    struct talk *talk = talk_new(exchange);
    struct call_facts facts = dialled_facts(exchange, &dialled);
    facts.call_id = talk->id;
    passing_follow(talk, NULL, invite);
    talk->caller = leg_accept(talk, invite, dn, &status);
    if (!talk->caller) {
        refuse_kept(exchange, invite, refuse_why(status), "");
        talk_free(talk);
        return;
    }
    cti_clock(&exchange->cti);
    if (!cti_call(&exchange->cti, &facts)) {
        talk_gone(talk, cause_overload);
        return;
    }
    text_set(talk->wants, sizeof talk->wants, to);
    talk_tell(talk, party_change_Dialing, dn, NULL, cause_other);
    dialled_goes(talk);
}
