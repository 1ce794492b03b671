/* runtime/adapters/sip/monitor.c - A supervisor listens to an agent's call, coaches or barges in, at a telephone of
 * their own.
 *
 *     listens:     hears all, and is heard by nobody
 *     coaches:     is heard by that agent, too
 *     barges in:   is heard by all
 *     takes over:  is heard by all, in the agent's place, as soon as the telephone is answered; until then the agent
 *                  goes on, so that the caller is never alone
 *
 * The supervisor's telephone is called, and becomes a guest of the call; the mode may change while it takes part. The
 * telephone leaves when the supervisor hangs up, when the agent leaves, or when the call ends. The core is
 * told who listens (cti_monitors()); the other telephones learn nothing of the supervisor. */

#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"

static void monitor_tell(const struct leg *leg)
{
    struct cti *cti = &leg->talk->exchange->cti;
    struct call *call = talk_call(leg->talk);
    cti_clock(cti);
    if (call) cti_monitors(cti, call, leg->dn, leg->of, leg->mode);
}

static enum code monitor_call(struct talk *talk, const char *dn, struct leg **leg, const char **why)
{
    struct exchange *exchange = talk->exchange;
    const struct telephone *telephone = telephones_find(&exchange->telephones, dn);
    const struct call *call = talk_call(talk);
    *why = "there is no such telephone";
    enum code code = telephone ? reach_check(exchange, dn, why) : code_invalid_dn;
    if (code != code_ok) return code;
    *why = NO_PORT;
    if (!talks_have_ports(exchange, 1)) return code_no_circuit;
    *why = "the telephone cannot be called";
    *leg = leg_invite(talk, telephone, call ? call->ani : "", exchange->setting.first_law, answer_headers(exchange));
    if (!*leg) return code_out_of_service;
    *why = "there are too many in the call";
    if (member_joins(talk, *leg)) return code_ok;
    leg_free(*leg);
    return code_no_circuit;
}

/* Takes the call over. A supervisor who cannot, since the agent has begun to ask somebody or to hand the call on,
 * listens, and is told so. */
static bool monitor_takes(struct leg *leg)
{
    if (member_takes_over(leg)) return true;
    leg->mode = ASK_LISTEN;
    monitor_tell(leg);
    recorder_mark(leg->talk, leg, false);
    return false;
}

static void monitor_on_unanswered(void *self)
{
    struct leg *leg = self;
    member_leaves(leg->talk, leg, cause_no_answer);
}

void monitor_asks(struct talk *talk, uint64_t ask, const char *dn, enum party_ask mode, const char *of)
{
    const struct leg *agent = talk_leg_at(talk, of);
    struct leg *leg = talk_leg_at(talk, dn);
    const char *why = "nobody talks there";
    enum code code = code_ok;
    if (!agent || agent->monitors || agent->state != LEG_TALKING || talk->main)
        code = code_invalid_state;
    else if (mode == ASK_TAKE_OVER && !member_may_leave(talk, agent))
        code = code_invalid_state, why = "the agent asks somebody about the call, or hands it on";
    else if (!leg || !leg->monitors)
        code = monitor_call(talk, dn, &leg, &why);
    if (code != code_ok) {
        cti_refused(&talk->exchange->cti, ask, code, why);
        return;
    }
    if (!leg->monitors) alarm_set(&leg->timer, talk->exchange->setting.ring * 1000, monitor_on_unanswered, leg);
    leg->monitors = true;
    leg->mode = mode;
    text_set(leg->of, sizeof leg->of, of);
    talk_sound(talk);
    monitor_tell(leg);
    if (leg->state == LEG_TALKING && mode != ASK_TAKE_OVER) recorder_mark(talk, leg, false);
    if (leg->state == LEG_TALKING && mode == ASK_TAKE_OVER) monitor_takes(leg);
}

void monitor_rings(struct leg *leg)
{
    talk_tell(leg->talk, party_change_Ringing, leg->dn, NULL, cause_other);
}

void monitor_answered(struct leg *leg)
{
    alarm_stop(&leg->timer);
    if (leg->mode == ASK_TAKE_OVER && monitor_takes(leg)) return;
    if (leg->mode != ASK_TAKE_OVER) recorder_mark(leg->talk, leg, false);
    talk_sound(leg->talk);
    talk_tell(leg->talk, party_change_Established, leg->dn, NULL, cause_other);
}
