/* runtime/adapters/sip/replaces.c - A peer names one of our dialogs, and a new session replaces it: Replaces (RFC
 * 3891).
 *
 *     REFER with Refer-To: <URI?Replaces=...>   a telephone joins the two calls that it has: the call and its
 *                                               consultation, as if the desktop had completed the transfer
 *     INVITE with Replaces                      a telephone goes on with its own call by another session; or a trunk's
 *                                               caller becomes another one behind the same trunk
 *
 * We never send Replaces. A dialog is named by its Call-ID and both tags, and only its own peer may replace it. */
#include <string.h>

#include "runtime/adapters/sip/refuse.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"

/* --- The dialog --- */

struct replaces {
    struct pl call_id, to_tag, from_tag; /* our tag, the peer's */
    bool early_only;
};

static bool replaces_read(const struct pl *text, struct replaces *replaces)
{
    struct pl params, ignored;
    *replaces = (struct replaces){0};
    if (re_regex(text->p, text->l, "[^; \t]+[ \t]*[^]*", &replaces->call_id, NULL, &params) != 0 ||
        replaces->call_id.p != text->p)
        return false;
    replaces->early_only = msg_param_exists(&params, "early-only", &ignored) == 0;
    return msg_param_decode(&params, "to-tag", &replaces->to_tag) == 0 && pl_isset(&replaces->to_tag) &&
           msg_param_decode(&params, "from-tag", &replaces->from_tag) == 0 && pl_isset(&replaces->from_tag);
}

/* Finds the ringing leg whose early dialog is named; a session knows its dialog only from the 200 on. */
static struct leg *replaced_ringing(const struct exchange *exchange, const struct replaces *replaces)
{
    for (const struct talk *talk = exchange->first; talk; talk = talk->next) {
        struct leg *leg = talk->called;
        if (leg && leg->session && leg->state == LEG_RINGING && pl_strcmp(&replaces->to_tag, leg->own_tag) == 0 &&
            pl_strcmp(&replaces->from_tag, leg->peer_tag) == 0 &&
            pl_strcmp(&replaces->call_id, session_call_id(leg->session)) == 0)
            return leg;
    }
    return NULL;
}

/* The leg whose dialog is named; NULL: no dialog of ours has this name. */
static struct leg *replaced_leg(const struct exchange *exchange, const struct replaces *replaces)
{
    struct sip_msg as = {.req = true,
                         .callid = replaces->call_id}; /* a message as the peer would send it within this dialog */
    as.from.tag = replaces->from_tag;
    as.to.tag = replaces->to_tag;
    struct leg *leg = session_owner(&exchange->ua, &as);
    return leg ? leg : replaced_ringing(exchange, replaces);
}

/* --- REFER --- */

/* Joins the call and the consultation of one agent; two other legs are not joined. The REFER may come on either of
 * the agent's two legs. */
static enum code talk_joins_leg(struct talk *talk, const struct leg *leg, const struct leg *named)
{
    if (!named) return code_unknown_conn_id;
    if (strcmp(named->dn, leg->dn) != 0 || named == leg) return code_rejected;
    bool asks = talk->consult && talk->consult->asker == leg && talk->consult->caller == named;
    bool asked = talk->main && talk->caller == leg && talk->asker == named;
    if (!asks && !asked) return code_rejected;
    consult_completes(asks ? talk->consult : talk, 0);
    return code_ok;
}

void replaces_join(struct talk *talk, const char *dn, const struct pl *text)
{
    struct replaces replaces;
    struct leg *leg = talk_leg_at(talk, dn);
    if (!leg || !leg->refers) return; /* the leg that has sent REFER is gone */
    enum code code = code_unknown_conn_id;
    if (replaces_read(text, &replaces)) code = talk_joins_leg(talk, leg, replaced_leg(talk->exchange, &replaces));
    if (code == code_ok) return;
    exchange_log(talk->exchange, GCX_LOG_INFO, "sip: call=%s dn=%s: the calls are not joined: %s", talk->id, dn,
                 code == code_unknown_conn_id ? "no call of ours has that name"
                                              : "they are not a call and its consultation");
    refer_refused(talk->exchange, leg, 0, code, "");
}

/* --- INVITE --- */

static bool replaces_may(const struct leg *leg, const struct sip_msg *invite, const char *dn)
{
    if (leg->monitors || strcmp(leg->dn, dn) != 0) return false;
    return *dn != '\0' || sa_cmp(&leg->peer, &invite->src, SA_ADDR);
}

/* Can a new leg replace this leg now, because no transfer, consultation, detection or dictation needs it? */
static bool replaces_can(const struct leg *leg)
{
    const struct talk *talk = leg->talk;
    bool hands_on = leg == talk->towards || leg == talk->leaver || leg->refers;
    return !leg->consult && !talk->main && !hands_on && !talk->detecting && !treatment_dictates(talk);
}

/* Replaces the old leg in its talk. For the core and the desktops nothing changes: it is the same call, by another
 * dialog. The order matters: the mix of a conference ends first, because the old leg has a seat in it. Then the new
 * leg takes the old one's place in the talk, the sound that plays moves over, the old leg is freed, and at last the
 * sound is set up again. */
static void replaces_take_place(struct leg *old, struct leg *leg)
{
    struct talk *talk = old->talk;
    bool held = old->held;
    talk_sound_end(talk);
    struct leg **place = old == talk->caller ? &talk->caller : old == talk->called ? &talk->called : &talk->guests;
    while (*place != old) place = &(*place)->next_guest;
    leg->next_guest = old->next_guest;
    text_set(leg->outside, sizeof leg->outside, old->outside);
    leg->held = held;
    *place = leg;
    if (talk->caller == leg) stream_move(old->stream, leg->stream);
    stream_mute(leg->stream, stream_muted(old->stream)); /* the desktop still shows the telephone as muted */
    stream_part(old->stream);
    if (leg == talk->caller) recorder_follow(talk);
    leg_free(old);
    if (talk->called && talk->called->state == LEG_TALKING) talk_sound_two(talk);
    if (held) talk_hold_set(leg, false);
}

/* Answers a call that rings at a telephone by another session of the same telephone. */
static void replaces_picks_up(struct leg *old, struct leg *leg)
{
    struct talk *talk = old->talk;
    talk->called = leg;
    leg_free(old);
    talk_leg_answered(leg);
}

/* May the named dialog be replaced (RFC 3891 section 3)? 0: yes; else the status with which the INVITE is refused. */
static uint16_t replaces_judge(const struct leg *leg, const struct replaces *replaces, const struct sip_msg *invite,
                               const char *dn)
{
    bool early = leg && leg->state != LEG_TALKING;
    if (!leg) return 481;
    if (!replaces_may(leg, invite, dn)) return 403;
    if (!early && replaces->early_only) return 486;
    if (early && (leg->state != LEG_RINGING || leg != leg->talk->called))
        return 481; /* an early dialog may be replaced only if we have sent its INVITE */
    return replaces_can(leg) ? 0 : 486;
}

/* Replaces a dialog by an INVITE. The new session is made and answered before the old one is freed, so a failure
 * leaves the call as it was. */
void replaces_take(struct exchange *exchange, const struct sip_msg *invite, const char *dn)
{
    struct replaces replaces;
    const struct sip_hdr *header = sip_msg_hdr(invite, SIP_HDR_REPLACES);
    bool one = sip_msg_hdr_count(invite, SIP_HDR_REPLACES) == 1 && !sip_msg_hdr(invite, SIP_HDR_JOIN);
    bool reads = one && replaces_read(&header->val, &replaces);
    struct leg *old = reads ? replaced_leg(exchange, &replaces) : NULL, *leg = NULL;
    uint16_t status = reads ? replaces_judge(old, &replaces, invite, dn) : 400;
    if (status == 0) leg = leg_accept(old->talk, invite, dn, &status);
    if (!leg) {
        exchange_log(exchange, GCX_LOG_INFO, "sip: an INVITE with Replaces is answered %u", status);
        refuse_kept(exchange, invite, refuse_why(status), "");
        return;
    }
    exchange_log(exchange, GCX_LOG_INFO, "sip: call=%s: a session is replaced", old->talk->id);
    if (!leg_answer(leg))
        leg_free(leg);
    else if (old->state == LEG_TALKING)
        replaces_take_place(old, leg);
    else
        replaces_picks_up(old, leg);
}
