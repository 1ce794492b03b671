/* runtime/adapters/sip/members.c - The members of a call: they come in, leave, and take each other's place.
 *
 *     caller ==== called         a call
 *        \         //
 *          guests                a conference: all hear each other (talk_sound.c)
 *
 * A guest is a colleague who came by a consultation, or a supervisor who listens (monitor.c). If the caller or the
 * called one leaves, a guest takes their place; a guest may also hand their place to a colleague they have asked; if
 * the caller from outside leaves, the conference ends. An agent who hands the call on is replaced by the telephone
 * that is called for them, when it rings or when the agent hangs up before. */
#include <string.h>

#include "runtime/adapters/sip/mix.h"
#include "runtime/adapters/sip/talk.h"

static void member_on(struct talk *talk, struct leg *guest)
{
    guest->talk = talk;
    guest->next_guest = talk->guests;
    talk->guests = guest;
}

static struct leg *member_off(struct talk *talk, struct leg *guest)
{
    struct leg **at = &talk->guests;
    while (*at != guest) at = &(*at)->next_guest;
    *at = guest->next_guest;
    guest->next_guest = NULL;
    return guest;
}

/* Adds the leg as a guest; false: with this leg the call would have more than the MIX_SEATS seats of a mix. */
bool member_joins(struct talk *talk, struct leg *leg)
{
    unsigned count = 1;
    for (const struct leg *other = NULL; (other = talk_next_leg(talk, other));) count++;
    if (count > MIX_SEATS) return false;
    member_on(talk, leg);
    return true;
}

/* The first guest who is no supervisor; NULL: there is none. */
static struct leg *member_guest(const struct talk *talk)
{
    struct leg *guest = talk->guests;
    while (guest && guest->monitors) guest = guest->next_guest;
    return guest;
}

bool members_confer(const struct talk *talk)
{
    return member_guest(talk) != NULL;
}

static void member_leaves_others(struct talk *talk, struct leg *leg, enum cause cause);

void members_unwatch(struct talk *talk, const char *of)
{
    for (struct leg *leg = talk->guests, *next; leg; leg = next) {
        next = leg->next_guest;
        if (leg->monitors && strcmp(leg->of, of) == 0) member_leaves_others(talk, leg, cause_ok);
    }
}

void member_replace(struct talk *talk, struct leg *leaver, struct leg *instead)
{
    bool two = leaver == talk->called || (leaver == talk->caller && !talk->main);
    bool guest = !two && leaver != talk->caller && leaver->talk == talk && instead;
    if (!TALK_HOLDS(talk, (two || guest) && !leaver->consult)) return;
    members_unwatch(talk, leaver->dn);
    talk_sound_off(leaver);
    if (guest) {
        leg_free(member_off(talk, leaver));
        member_on(talk, instead);
        return;
    }
    if (leaver == talk->caller) {
        talk->caller = talk->called;
        /* the new caller, a telephone that was called, was never at the routing point */
        if (talk->caller && *talk->caller->dn) *talk->point = '\0';
        recorder_follow(talk);
    }
    talk->called = instead;
    if (instead) instead->talk = talk;
    leg_free(leaver);
}

bool member_may_leave(const struct talk *talk, const struct leg *agent)
{
    bool two = talk->caller && talk->called && talk->caller->state == LEG_TALKING && talk->called->state == LEG_TALKING;
    return two && agent && !agent->consult && !talk->towards;
}

bool member_takes_over(struct leg *supervisor)
{
    struct talk *talk = supervisor->talk;
    struct leg *agent = talk_leg_at(talk, supervisor->of);
    struct call *call = talk_call(talk);
    char dn[NAME_SIZE];
    if (!member_may_leave(talk, agent)) return false;
    recorder_mark(talk, supervisor, false);
    memcpy(dn, agent->dn, sizeof dn);
    talk_sound_off(supervisor);
    supervisor->monitors = false;
    member_replace(talk, agent, member_off(talk, supervisor));
    talk_sound_two(talk);
    if (call) cti_takes_over(&talk->exchange->cti, call, supervisor->dn);
    talk_tell(talk, party_change_Established, supervisor->dn, NULL, cause_other);
    talk_tell(talk, party_change_Released, dn, supervisor->dn, cause_taken);
    return true;
}

/* Replaces the agent who hands the call on by the telephone that is called; its ringing is reported now, or later if
 * it does not ring yet. The fields `leaver` and `towards` are cleared before the events are sent, because their
 * receivers read them. */
void member_hands_over(struct talk *talk)
{
    struct leg *leaver = talk->leaver, *next = talk->towards;
    char dn[NAME_SIZE];
    if (!TALK_HOLDS(talk, leaver && next)) return;
    memcpy(dn, leaver->dn, sizeof dn);
    talk->leaver = talk->towards = NULL;
    talk->reach_ask = 0;
    refer_over(leaver, code_ok);
    member_replace(talk, leaver, next);
    reach_ringback(talk);
    if (next->state != LEG_CALLING) talk_tell(talk, party_change_Ringing, next->dn, NULL, cause_other);
    talk_tell(talk, party_change_Released, dn, leg_name(next), cause_transferred);
}

static void member_leaves_others(struct talk *talk, struct leg *leg, enum cause cause)
{
    char dn[NAME_SIZE];
    if (!TALK_HOLDS(talk, leg != talk->caller || *leg->dn)) return;
    memcpy(dn, leg->dn, sizeof dn);
    if (!leg->monitors) members_unwatch(talk, dn);
    if (leg->monitors && leg->state == LEG_TALKING) recorder_mark(talk, leg, true);
    if (leg->consult) talk_drop_consult(leg->consult);
    talk_sound_off(leg);
    if (leg == talk->caller || leg == talk->called)
        member_replace(talk, leg, member_off(talk, member_guest(talk)));
    else
        leg_free(member_off(talk, leg));
    talk_sound(talk);
    talk_tell(talk, party_change_Released, dn, NULL, cause);
}

static void talk_on_alone(void *self)
{
    talk_gone(self, cause_ok);
}

bool member_is_stayed(const struct talk *talk, const struct leg *leg)
{
    const struct call *call = talk_call(talk);
    return call && call->stays && leg == talk->called && *talk->caller->dn == '\0';
}

/* Takes a leg out of the call, in the first of these four ways that fits: a guest or a member of a conference leaves,
 * and the others talk on; an agent who transfers leaves early, and the telephone that is called takes the agent's
 * place; if the called agent leaves a call that stays, the caller waits for the core to take the call back; otherwise
 * the call is over, and the other party's leg ends, too. */
void member_leaves(struct talk *talk, struct leg *leg, enum cause cause)
{
    char dn[NAME_SIZE];
    memcpy(dn, leg->dn, sizeof dn);
    if (leg->monitors || (members_confer(talk) && (leg != talk->caller || *leg->dn))) {
        member_leaves_others(talk, leg, cause);
        return;
    }
    if (leg == talk->leaver) {
        refer_left(leg, leg_name(talk->towards));
        member_hands_over(talk);
        return;
    }
    if (leg->consult) talk_drop_consult(leg->consult);
    reach_forget_towards(talk, code_invalid_state, "the call was left");
    bool stays = member_is_stayed(talk, leg);
    if (stays) {
        member_replace(talk, leg, NULL);
        alarm_set(&talk->timer, ALONE_MS, talk_on_alone, talk);
    }
    talk_tell(talk, party_change_Released, dn, NULL, cause);
    if (!stays) talk_gone(talk, *dn ? cause_ok : cause);
}
