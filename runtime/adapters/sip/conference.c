/* runtime/adapters/sip/conference.c - A call of more than two: who comes in, who leaves, who hears whom.
 *
 *     caller ==== called         a call
 *        \\         //
 *          guests                a conference: all hear each other, by one mix
 *
 * A guest came by a consultation. If one of the two leaves, a guest takes their place; with the caller from outside the
 * call ends. A telephone that holds is out of the mix meanwhile. Keys are not passed on in a conference. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/mix.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/memory.h"

struct conference {
    struct talk *talk;
    struct mix *mix;
    struct stream_mixer mixer;
};

struct leg *talk_next_leg(const struct talk *talk, const struct leg *leg)
{
    if (!leg && talk->caller) return talk->caller;
    if ((!leg || leg == talk->caller) && talk->called) return talk->called;
    return !leg || leg == talk->caller || leg == talk->called ? talk->guests : leg->next_guest;
}

/* --- Sound --- */

static void conference_on_beat(void *self)
{
    const struct conference *conference = self;
    mix_beat(conference->mix);
    for (struct leg *leg = NULL; (leg = talk_next_leg(conference->talk, leg));)
        if (leg->seat >= 0) stream_fill(leg->stream, mix_heard(conference->mix, leg->seat));
}

static void conference_hear(void *self, bool sent, const struct stream_sound *sound)
{
    const struct leg *leg = self;
    assert(leg->seat >= 0);
    if (!sent) mix_say(leg->talk->conference->mix, leg->seat, sound->law, sound->codes, sound->count);
}

static void conference_seat(struct mix *mix, struct leg *leg)
{
    const struct stream_tap tap = {leg, conference_hear};
    stream_clear(leg->stream);
    leg->seat = mix_enter(mix);
    assert(leg->seat >= 0); /* conference_joins() has counted */
    stream_set_tap(leg->stream, TAP_MIX, &tap);
    for (struct leg *other = NULL; (other = talk_next_leg(leg->talk, other));) {
        if (other == leg || other->seat < 0) continue;
        mix_let(mix, leg->seat, other->seat, true);
        mix_let(mix, other->seat, leg->seat, true);
    }
}

static void conference_unseat(struct leg *leg)
{
    if (leg->seat < 0) return;
    stream_set_tap(leg->stream, TAP_MIX, NULL);
    mix_leave(leg->talk->conference->mix, leg->seat);
    leg->seat = -1;
}

static void conference_begin(struct talk *talk)
{
    struct conference *conference = memory_zeroed(1, sizeof *conference);
    conference->talk = talk;
    conference->mix = mix_new();
    conference->mixer = (struct stream_mixer){.self = conference, .beat = conference_on_beat};
    talk->conference = conference;
    stream_mixer_begin(&talk->exchange->clock, &conference->mixer);
}

void conference_end(struct talk *talk)
{
    struct conference *conference = talk->conference;
    if (!conference) return;
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));) conference_unseat(leg);
    stream_mixer_end(&talk->exchange->clock, &conference->mixer);
    talk->conference = NULL;
    mix_free(conference->mix);
    free(conference);
}

void conference_sound(struct talk *talk)
{
    if (!talk->guests) {
        conference_end(talk);
        if (talk->caller->state == LEG_TALKING && talk->called && talk->called->state == LEG_TALKING)
            control_join(talk);
        return;
    }
    if (!talk->conference) conference_begin(talk);
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));) {
        bool in = leg->state == LEG_TALKING && !leg->held;
        if (in && leg->seat < 0) conference_seat(talk->conference->mix, leg);
        if (!in) conference_unseat(leg);
    }
}

/* --- People --- */

bool conference_joins(struct talk *talk, struct leg *leg)
{
    unsigned count = 1;
    for (const struct leg *other = NULL; (other = talk_next_leg(talk, other));) count++;
    if (count > MIX_SEATS) return false;
    leg->talk = talk;
    leg->next_guest = talk->guests;
    talk->guests = leg;
    return true;
}

/* Takes the guest off the list; NULL: the one who came last. */
static struct leg *conference_off(struct talk *talk, struct leg *guest)
{
    struct leg **at = &talk->guests;
    while (guest && *at != guest) at = &(*at)->next_guest;
    guest = *at;
    *at = guest->next_guest;
    guest->next_guest = NULL;
    return guest;
}

void conference_leaves(struct talk *talk, struct leg *leg, enum cause cause)
{
    char dn[NAME_SIZE];
    assert(talk->guests && (leg != talk->caller || *leg->dn));
    memcpy(dn, leg->dn, sizeof dn);
    if (leg->consult) talk_gone(leg->consult, cause_ok);
    conference_unseat(leg);
    if (leg == talk->caller || leg == talk->called)
        talk_replace(talk, leg, conference_off(talk, NULL));
    else
        leg_free(conference_off(talk, leg));
    conference_sound(talk);
    talk_tell(talk, party_change_Released, dn, NULL, cause);
}
