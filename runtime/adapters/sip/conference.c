/* runtime/adapters/sip/conference.c - A call of more than two: who comes in, who leaves, who hears whom.
 *
 *     caller ==== called         a call
 *        \\         //
 *          guests                a conference: all hear each other, by one mix
 *
 * A guest came by a consultation, or is a supervisor who listens (monitor.c). If one of the two leaves, a guest takes
 * their place; with the caller from outside the call ends. A telephone that holds is out of the mix meanwhile. Keys are
 * not passed on in a conference. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/hears.h"
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
    if (!sent && leg->seat >= 0) mix_say(leg->talk->conference->mix, leg->seat, sound->law, sound->codes, sound->count);
}

static void conference_seat(struct mix *mix, struct leg *leg)
{
    const struct stream_tap tap = {leg, conference_hear};
    if (leg->seat >= 0) return;
    stream_clear(leg->stream);
    leg->seat = mix_enter(mix);
    if (TALK_HOLDS(leg->talk, leg->seat >= 0)) stream_set_tap(leg->stream, TAP_MIX, &tap);
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

/* A supervisor's row says it, in which `called` is the agent whose call it is. */
static bool conference_hears(const struct leg *listener, const struct leg *speaker)
{
    const struct hears *row = &hears_table[speaker->mode == ASK_BARGE_IN ? HEARS_AT_barged
                                           : speaker->mode == ASK_COACH  ? HEARS_AT_coached
                                                                         : HEARS_AT_listened];
    if (!speaker->monitors) return true;
    if (listener->monitors) return speaker->mode == ASK_BARGE_IN;
    return ((strcmp(listener->dn, speaker->of) == 0 ? row->called : row->caller) & HEARS_THIRD) != 0;
}

static void conference_let(struct talk *talk)
{
    for (struct leg *speaker = NULL; (speaker = talk_next_leg(talk, speaker));)
        for (struct leg *other = NULL; (other = talk_next_leg(talk, other));)
            if (speaker != other && speaker->seat >= 0 && other->seat >= 0)
                mix_let(talk->conference->mix, speaker->seat, other->seat, conference_hears(other, speaker));
}

static bool leg_speaks(const struct leg *leg)
{
    return leg->state == LEG_TALKING && !leg->held;
}

/* Supervisors aside. */
static unsigned conference_speakers(const struct talk *talk)
{
    unsigned speakers = 0;
    for (const struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));) speakers += !leg->monitors && leg_speaks(leg);
    return speakers;
}

/* A supervisor whose telephone still rings hears nothing yet. */
static bool conference_needs_mix(const struct talk *talk)
{
    for (const struct leg *leg = talk->guests; leg; leg = leg->next_guest)
        if (!leg->monitors || leg->state == LEG_TALKING) return true;
    return false;
}

/* If one alone is not on hold, that one hears music. */
void conference_sound(struct talk *talk)
{
    if (!conference_needs_mix(talk)) {
        bool was = talk->conference != NULL;
        conference_end(talk);
        if (was && talk->called && talk->called->state == LEG_TALKING) control_join(talk);
        return;
    }
    if (!talk->conference) conference_begin(talk);
    bool alone = conference_speakers(talk) < 2;
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));) {
        bool music = alone && !leg->monitors && leg_speaks(leg);
        if (leg_speaks(leg) && !music)
            conference_seat(talk->conference->mix, leg);
        else
            conference_unseat(leg);
        if (music) control_music(leg);
    }
    conference_let(talk);
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

static struct leg *conference_guest(const struct talk *talk)
{
    struct leg *guest = talk->guests;
    while (guest && guest->monitors) guest = guest->next_guest;
    return guest;
}

bool conference_is(const struct talk *talk)
{
    return conference_guest(talk) != NULL;
}

static struct leg *conference_off(struct talk *talk, struct leg *guest)
{
    struct leg **at = &talk->guests;
    while (*at != guest) at = &(*at)->next_guest;
    *at = guest->next_guest;
    guest->next_guest = NULL;
    return guest;
}

void conference_leaves(struct talk *talk, struct leg *leg, enum cause cause)
{
    char dn[NAME_SIZE];
    if (!TALK_HOLDS(talk, leg != talk->caller || *leg->dn)) return;
    memcpy(dn, leg->dn, sizeof dn);
    if (!leg->monitors) monitors_end(talk, dn);
    if (leg->consult) consult_drop(leg->consult);
    conference_unseat(leg);
    if (leg == talk->caller || leg == talk->called)
        talk_replace(talk, leg, conference_off(talk, conference_guest(talk)));
    else
        leg_free(conference_off(talk, leg));
    conference_sound(talk);
    talk_tell(talk, party_change_Released, dn, NULL, cause);
}
