/* runtime/adapters/sip/talk_sound.c - The sound of a call: two parties hear each other as hears.def says, more than
 * two by a mix.
 *
 * A leg on hold hears nothing of the call, and the other party hears music. A telephone does not learn that the desktop
 * has put it on hold: it goes on sending sound, which nobody hears. That telephone may be used for a consultation
 * meanwhile, since a leg is on hold in its own call only. A telephone on hold is not in the mix during that time. Keys
 * are not passed on in a conference. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/hears.h"
#include "runtime/adapters/sip/mix.h"
#include "runtime/adapters/sip/talk.h"
#include "base/memory.h"

struct conference {
    struct talk *talk;
    struct mix *mix;
    struct stream_mixer mixer;
};

/* --- Two --- */

bool talk_hold_is(const struct talk *talk, const struct leg *leg)
{
    return leg->held && leg->talk == talk;
}

/* Sets what the leg hears in this talk; does nothing for a leg that a consultation borrows, which hears the
 * consultation. */
static void control_hears(const struct talk *talk, const struct leg *leg, unsigned hears, const struct leg *other)
{
    if (leg_is_borrowed(leg) && leg->talk == talk) return;
    if (hears & (HEARS_CALLER | HEARS_CALLED))
        stream_join(leg->stream, other->stream);
    else if (hears & HEARS_MUSIC)
        leg_music(leg);
    else
        stream_clear(leg->stream);
}

/* The row of hears.def for two legs that talk, depending on which of them is on hold. */
static const struct hears *control_row(const struct talk *talk)
{
    static const enum hears_state states[2][2] = {{HEARS_AT_talks, HEARS_AT_called_holds},
                                                  {HEARS_AT_caller_holds, HEARS_AT_both_hold}};
    return &hears_table[states[talk_hold_is(talk, talk->caller)][talk_hold_is(talk, talk->called)]];
}

void talk_sound_two(struct talk *talk)
{
    struct leg *caller = talk->caller, *called = talk->called;
    if (!TALK_HOLDS(talk, caller && called && caller->state == LEG_TALKING && called->state == LEG_TALKING)) return;
    talk_sound(talk);
    if (talk->conference) return;
    if (talk->aside) { /* the caller's leg belongs to the main call now */
        control_hears(talk, called, talk_hold_is(talk, called) ? HEARS_SILENCE : HEARS_MUSIC, caller);
        return;
    }
    const struct hears *row = control_row(talk);
    control_hears(talk, caller, row->caller, called);
    control_hears(talk, called, row->called, caller);
}

/* --- Sound by a mix --- */

/* Does a beat of a conference: first the mix computes what each seat hears, then each stream sends that in the same
 * beat. */
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

void talk_sound_off(struct leg *leg)
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

/* Ends the mix of a conference: each leg gives back its seat before the mix is freed. */
void talk_sound_end(struct talk *talk)
{
    struct conference *conference = talk->conference;
    if (!conference) return;
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));) talk_sound_off(leg);
    stream_mixer_end(&talk->exchange->clock, &conference->mixer);
    talk->conference = NULL;
    mix_free(conference->mix);
    free(conference);
}

/* Does the listener hear the speaker? For a supervisor the rows in hears.def decide, where `called` is the agent who
 * is supervised. */
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

/* Does the call need a mix? A supervisor whose telephone still rings, and who hears nothing yet, needs no mix. */
static bool conference_needs_mix(const struct talk *talk)
{
    for (const struct leg *leg = talk->guests; leg; leg = leg->next_guest)
        if (!leg->monitors || leg->state == LEG_TALKING) return true;
    return false;
}

/* Sets the sound of the call; if only one party is not on hold, that party hears music. Whether two streams are joined
 * or a mix is used follows from the present state of the legs alone, so this is called after every change of a leg. */
void talk_sound(struct talk *talk)
{
    if (!conference_needs_mix(talk)) {
        bool was = talk->conference != NULL;
        talk_sound_end(talk);
        if (was && talk->called && talk->called->state == LEG_TALKING) talk_sound_two(talk);
        return;
    }
    if (!talk->conference) conference_begin(talk);
    bool alone = conference_speakers(talk) < 2;
    for (struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));) {
        bool music = alone && !leg->monitors && leg_speaks(leg);
        if (leg_speaks(leg) && !music)
            conference_seat(talk->conference->mix, leg);
        else
            talk_sound_off(leg);
        if (music) leg_music(leg);
    }
    conference_let(talk);
}

/* --- Hold --- */

/* Puts the leg on hold, or ends the hold. A hold of the telephone itself is ignored while a consultation borrows its
 * leg. */
void talk_hold_set(struct leg *leg, bool held)
{
    struct talk *talk = leg->talk;
    const struct leg *other = talk_other(talk, leg);
    bool talking = other && other->state == LEG_TALKING && leg->state == LEG_TALKING;
    if (*leg->dn == '\0' || !talking || leg->held == held || leg_is_borrowed(leg) || leg == talk->towards) return;
    leg->held = held;
    if (held) stream_mute(leg->stream, false);
    talk_sound_two(talk);
    talk_tell(talk, held ? party_change_Held : party_change_Retrieved, leg->dn, NULL, cause_other);
}
