/* runtime/adapters/sip/answer.c - An agent answers from the desktop: RequestAnswerCall at a telephone.
 *
 *     desk_answer = "again"   the telephone rings; once the desktop answers, it is called again, and answers by itself
 *     desk_answer = "only"    it is called once the desktop answers; at once where no agent is logged in at it
 *     desk_answer = "no"      it is answered at the telephone
 *
 * A telephone answers by itself if it is set to do so always, or if the INVITE asks it to by one of the three headers
 * that telephones know. Two other kinds of calls ask the telephone to answer by itself, too, because a desktop has
 * wanted them: the agent's leg of a call that is dialled, and a supervisor's. */
#include <string.h>

#include "runtime/adapters/sip/along.h"
#include "runtime/adapters/sip/talk.h"

enum { BY_ITSELF_MS = 2000 };

/* The three headers: Call-Info as Snom, Yealink, Grandstream and Linphone read it, Alert-Info as Polycom and Cisco
 * do, and Answer-Mode of RFC 5373. */
const char answer_by_itself[] = "Call-Info: <sip:answer>;answer-after=0\r\n"
                                "Alert-Info: <http://127.0.0.1>;info=alert-autoanswer;delay=0\r\n"
                                "Answer-Mode: Auto\r\n";

static bool answer_is(const struct exchange *exchange, const char *how)
{
    return strcmp(exchange->setting.desk_answer, how) == 0;
}

/* The headers that make a telephone answer by itself; "" if `desk_answer` is "no". The headers are also sent with
 * `desk_answer` "again", because a desktop that dials has asked for the call, so its telephone need not ring. */
const char *answer_headers(const struct exchange *exchange)
{
    return answer_is(exchange, "no") ? "" : answer_by_itself;
}

bool answer_waits(const struct exchange *exchange, const char *dn)
{
    return answer_is(exchange, "only") && agents_at(&exchange->cti.agents, dn);
}

/* Refuses the desktop's request, because the telephone has not answered by itself in time; a telephone that was
 * called again goes on ringing. */
static void answer_on_time(void *self)
{
    struct leg *leg = self;
    leg_answer_failed(leg, "the telephone does not answer by itself");
    /* 480 would mean that a person has refused */
    if (answer_is(leg->talk->exchange, "only")) leg_tells(leg)->closed(leg, 408);
}

/* Calls the same telephone again by a new leg that replaces the old one, with the headers for answering; neither the
 * call model nor the caller notices. */
static struct leg *answer_again(struct leg *old)
{
    struct talk *talk = old->talk;
    const struct call *call = talk_call(talk);
    const struct telephone *telephone = telephones_find(&talk->exchange->telephones, old->dn);
    const struct stream *heard = talk->caller->stream;
    enum law law = stream_agreed(heard) ? stream_law(heard) : talk->exchange->setting.first_law;
    session_leave(old->session); /* ends the old session first: otherwise the telephone would be busy with it */
    old->session = NULL;
    stream_free(old->stream); /* frees the old stream's port of sound for the new leg */
    old->stream = NULL;
    struct leg *leg = telephone ? leg_invite(talk, telephone, call ? call->ani : "", law, answer_by_itself) : NULL;
    if (!leg) return NULL;
    leg->state = LEG_RINGING;
    leg->next_guest = old->next_guest;
    *along_place(talk, old) = leg;
    leg_free(old);
    return leg;
}

void answer_asked(struct talk *talk, uint64_t ask, struct leg *leg)
{
    struct cti *cti = &talk->exchange->cti;
    struct leg *rings = leg;
    if (answer_is(talk->exchange, "no") || (leg != talk->called && !along_is(talk, leg))) {
        cti_refused(cti, ask, code_unsupported, "it is answered at the telephone");
    } else if (leg->state != LEG_RINGING || leg->answer_ask != 0) {
        cti_refused(cti, ask, code_invalid_state, "it does not ring there, or is being answered");
    } else if ((leg = answer_again(leg))) {
        leg->answer_ask = ask;
        alarm_set(&leg->timer, BY_ITSELF_MS, answer_on_time, leg);
    } else {
        cti_refused(cti, ask, code_out_of_service, "the telephone cannot be called");
        leg_tells(rings)->closed(rings, 0);
    }
}
