/* runtime/adapters/sip/treatment.c - Treatments at a routing point: callers hear prompts, press keys and speak; one
 * treatment at a time.
 *
 *     begins --> its text is spoken --> it plays --> digits, or the caller's words --> ends
 *
 * Each of these stages may be missing. A digit ends the prompt; the next treatment, a route or the end of the call
 * ends the treatment.
 *
 * A sound that loops goes on after the treatment's time is over: the core decides what comes next, and may be away.
 * While the core is away, a caller who hears nothing hears the music from before (treatment_comfort). */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/sip/announce.h"
#include "runtime/adapters/sip/exchange.h"
#include "runtime/adapters/sip/leg.h"
#include "runtime/adapters/sip/speech.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/dialled.h"
#include "base/memory.h"

enum {
    END_LATE_MS = 2000,
    FIRST_KEY_MS = 5000,
    GAP_MS = 5000,
    GAP_MOST_MS = 60000,
    TEXT_SIZE = 128,
    SPOKEN_SIZE = 4097
};

static const uint64_t DAY_US = UINT64_C(86400000000);

struct treating {
    struct talk *talk;
    uint64_t ref;
    bool collects;        /* digits */
    bool prompted;        /* the prompt of this treatment plays, and the first digit ends it */
    char keys[TEXT_SIZE]; /* the keys that a menu accepts; "": all */
    char end;             /* the key that ends the number; 0: none */
    char abort, clear;    /* the keys that end the step without a number, and that take all digits back; 0: none */
    unsigned min, max, count;
    uint64_t first_ms; /* the time for the first digit */
    uint64_t gap_ms;   /* the time without a digit after which the number is complete */
    bool speaks;       /* the text of this treatment must be made into sound first */
    bool records;      /* the caller's words are recorded after the prompt */
    uint64_t most_ms;
    struct dictation *dictation; /* the recording of the caller's words; NULL: it has not begun */
    struct speech_wait speech;   /* our place among those who wait for the text as sound */
    struct announcement *after;  /* sounds to play after the spoken text: choices, or a beep; NULL: none */
    char digits[KEYED_MAX + 1];
    struct alarm timer;
};

/* --- The treatment's parameters, as the strategy gave them --- */

/* The number in the parameter `key`; 0: there is no such parameter, or it is not above 0. A number above `most`
 * gives `most`. */
static uint64_t param_number(struct span params, const char *key, uint64_t most)
{
    struct kv_value value;
    bool there = kv_get(params, key, &value) && (value.tag == KV_INT || value.tag == KV_TIME) && value.word > 0;
    return !there ? 0 : (uint64_t)value.word > most ? most : (uint64_t)value.word;
}

/* --- The end of a treatment --- */

/* Frees the treatment without telling the core; a recording of the caller's words is dropped. */
void treatment_free_treating(struct talk *talk)
{
    if (!talk->treating) return;
    struct recording_facts facts;
    char key[TEXT_SIZE];
    alarm_stop(&talk->treating->timer);
    if (talk->treating->dictation) (void)dictate_end(talk->treating->dictation, false, &facts, key, sizeof key);
    speeches_forget(talk->exchange->speeches, &talk->treating->speech);
    if (talk->treating->after) announce_release(talk->treating->after);
    free(talk->treating->after);
    sodium_memzero(talk->treating->digits, sizeof talk->treating->digits); /* the digits may be a secret */
    free(talk->treating);
    talk->treating = NULL;
}

/* Ends the treatment and tells the core; the treatment is freed before that, because the core may begin the next one
 * at once. Digits are reported only if the treatment has ended by itself. */
static void treatment_tell_end(struct talk *talk, enum cause cause)
{
    struct cti *cti = &talk->exchange->cti;
    struct call *call = talk_call(talk);
    struct recording_facts facts;
    char key[TEXT_SIZE];
    bool told = cause != cause_interrupted, said = false;
    if (talk->treating->dictation) said = dictate_end(talk->treating->dictation, told, &facts, key, sizeof key);
    if (talk->treating->dictation && cause == cause_ok && !said) cause = cause_no_input;
    talk->treating->dictation = NULL;
    struct treating ended = *talk->treating;
    treatment_free_treating(talk);
    cti_clock(cti);
    const char *digits = ended.collects && told ? ended.digits : NULL;
    if (call) cti_treatment(cti, call, treatment_change_End, ended.ref, digits, NULL, said ? &facts : NULL, cause);
    sodium_memzero(ended.digits, sizeof ended.digits);
}

static void treatment_over(struct talk *talk, enum cause cause)
{
    if (!farewell_plays(talk)) stream_stop(talk->caller->stream);
    treatment_tell_end(talk, cause);
}

/* Is the caller at a routing point, where they hear treatments, or a sound that a treatment has left playing? */
static bool treatment_is_heard(const struct talk *talk)
{
    const struct call *call = talk_call(talk);
    return call && !call->visit.at_ivr && *talk->point && !talk->called && !talk->main && talk->caller &&
           talk->caller->state == LEG_TALKING && !talk->farewell && !talk->detecting;
}

void treatment_stop(struct talk *talk, uint64_t ref)
{
    if (talk->treating && (ref == 0 || talk->treating->ref == ref))
        treatment_over(talk, cause_interrupted);
    else if (!talk->treating && ref != 0 &&
             treatment_is_heard(talk)) /* the treatment has ended, but its sound is still heard */
        stream_stop(talk->caller->stream);
}

void treatment_comfort(struct talk *talk)
{
    if (talk->treating || !treatment_is_heard(talk) || stream_plays(talk->caller->stream)) return;
    if (talk->music)
        stream_play(talk->caller->stream, talk->music, true);
    else
        leg_music(talk->caller);
}

void treatment_leave(struct talk *talk)
{
    if (!talk->treating) return;
    if (talk->treating->prompted) stream_stop(talk->caller->stream);
    treatment_tell_end(talk, cause_interrupted);
}

void treatment_move(struct talk *from, struct talk *to, struct leg *hears)
{
    if (!from->treating || !TALK_HOLDS(to, !to->treating)) return;
    to->treating = from->treating;
    to->treating->talk = to;
    from->treating = NULL;
    stream_move(from->caller->stream, hears->stream);
}

/* No more keys come. Ends the collecting of digits: no digit at all is no input, even if the end key was pressed. */
static void treatment_collected(struct treating *treating)
{
    treatment_over(treating->talk, treating->count == 0              ? cause_no_input
                                   : treating->count < treating->min ? cause_invalid_input
                                                                     : cause_ok);
}

static void treatment_on_time(void *self)
{
    struct treating *treating = self;
    if (treating->collects)
        treatment_collected(treating);
    else
        treatment_tell_end(treating->talk,
                           cause_ok); /* a sound that loops goes on until the core decides what comes next */
}

/* Begins the time for the first key, once nothing plays any more; to ask again is up to the core. */
static void treatment_await_key(struct treating *treating)
{
    if (treating->count == 0) alarm_set(&treating->timer, treating->first_ms, treatment_on_time, treating);
}

bool treatment_dictates(const struct talk *talk)
{
    return talk->treating && talk->treating->dictation;
}

static void treatment_dictated(void *self)
{
    struct treating *treating = self;
    treatment_over(treating->talk, cause_ok);
}

static void treatment_not_applied(struct talk *talk, const char *why)
{
    struct cti *cti = &talk->exchange->cti;
    struct call *call = talk_call(talk);
    uint64_t ref = talk->treating->ref;
    treatment_free_treating(talk);
    cti_clock(cti);
    if (call) cti_not_applied(cti, call, ref, code_not_applied, why);
}

/* Plays the text, which is sound now; a caller who has already pressed a key does not hear it. */
static void treatment_spoken(void *self, struct sound *sound, const char *why)
{
    struct treating *treating = self;
    struct talk *talk = treating->talk;
    treating->prompted = sound != NULL;
    if (!sound) {
        treatment_not_applied(talk, why);
        return;
    }
    if (treating->count > 0) { /* the caller has pressed a key before the text was spoken */
        treating->prompted = false;
        return;
    }
    struct sound *sounds[1 + ANNOUNCED_MAX] = {sound};
    unsigned after = treating->after ? treating->after->count : 0;
    for (unsigned i = 0; i < after; i++) sounds[1 + i] = treating->after->sounds[i];
    stream_play_all(talk->caller->stream, sounds, 1 + after, false);
}

static void treatment_dictate(struct talk *talk)
{
    struct treating *treating = talk->treating;
    const struct call *call = talk_call(talk);
    char name[TEXT_SIZE], why[512] = "the call is gone";
    if (call) {
        snprintf(name, sizeof name, "%s-said-%llu", call->conn_text, (unsigned long long)treating->ref);
        treating->dictation = dictate_begin(talk->exchange, talk->caller->stream, name, treating->most_ms,
                                            treatment_dictated, treating, why, sizeof why);
    }
    if (!treating->dictation) treatment_not_applied(talk, why);
}

void treatment_played(struct talk *talk)
{
    struct treating *treating = talk->treating;
    if (!treating) return;
    treating->prompted = false;
    if (treating->records)
        treatment_dictate(talk);
    else if (treating->collects)
        treatment_await_key(treating);
    else
        treatment_over(talk, cause_ok);
}

/* The caller ends the input: by the key `abort`, which is reported alone, or by the end key. */
static void treatment_ended_by(struct treating *treating, char digit)
{
    if (digit != treating->abort) {
        treatment_collected(treating);
        return;
    }
    sodium_memzero(treating->digits, sizeof treating->digits);
    treating->digits[0] = digit;
    treating->count = 1;
    treatment_over(treating->talk, cause_ok);
}

/* Takes a key of the caller. The end key may still come after the last digit has completed the number. For a moment the
 * end key still belongs to that number, and is not the first key of the next question. */
void treatment_digit(struct talk *talk, char digit)
{
    struct treating *treating = talk->treating;
    bool late = digit == talk->late_end && loop_ms() < talk->late_until_ms;
    talk->late_end = '\0';
    if (late)
        return;                                                          /* the key is the end key of the number
                                                                          * before */
    if (treating && treating->dictation) treatment_over(talk, cause_ok); /* the caller ends the recording by a key */
    if (!talk->treating || !treating->collects) return;
    if (treating->prompted) stream_stop(talk->caller->stream);
    treating->prompted = false;
    if (digit == treating->end || digit == treating->abort) {
        treatment_ended_by(treating, digit);
        return;
    }
    if (digit == treating->clear) {
        treating->count = 0;
        sodium_memzero(treating->digits, sizeof treating->digits);
        treatment_await_key(treating);
        return;
    }
    if (!TALK_HOLDS(talk, treating->count < treating->max)) return;
    treating->digits[treating->count++] = digit;
    bool known = !*treating->keys || strchr(treating->keys, digit);
    bool full = treating->count == treating->max;
    if (full && !*treating->keys) {
        talk->late_end = treating->end;
        talk->late_until_ms = loop_ms() + END_LATE_MS;
    }
    if (!known || full)
        treatment_over(talk, known ? cause_ok : cause_invalid_input);
    else
        alarm_set(&treating->timer, treating->gap_ms, treatment_on_time, treating);
}

/* --- The beginning of a treatment --- */

static int tone_for(enum treatment type)
{
    return type == treatment_RingBack   ? TONE_RINGBACK
           : type == treatment_Busy     ? TONE_BUSY
           : type == treatment_FastBusy ? TONE_FAST_BUSY
           : type == treatment_Beep     ? TONE_BEEP
           : type == treatment_Silence  ? TONE_SILENCE
                                        : -1;
}

static bool type_plays_prompt(enum treatment type)
{
    return type == treatment_PlayAnnouncement || type == treatment_PlayAnnouncementAndDigits ||
           type == treatment_CollectDigits || type == treatment_VerifyDigits || type == treatment_Music ||
           type == treatment_RecordUserAnnouncement;
}

/* Is it a tone for a call that nobody has answered? If so, the tone is played without answering the call. */
static bool type_says_unanswered(enum treatment type)
{
    return type == treatment_RingBack || type == treatment_Busy || type == treatment_FastBusy;
}

static bool type_collects(enum treatment type)
{
    return type == treatment_PlayAnnouncementAndDigits || type == treatment_CollectDigits ||
           type == treatment_VerifyDigits;
}

/* Does the treatment speak a text, because of its type or instead of a prompt? */
static bool treatment_speaks(const struct treatment_ask *ask)
{
    struct kv_value value;
    return ask->type == treatment_Say ||
           ((type_collects(ask->type) || ask->type == treatment_RecordUserAnnouncement) &&
            !kv_get(ask->params, "prompt", &value) && kv_get(ask->params, "text", &value));
}

static char *treatment_recording(const struct talk *talk, const struct treatment_ask *ask, char *why, size_t why_size)
{
    char name[SPOKEN_SIZE];
    char *path = announce_text(ask->params, "recording", name, sizeof name) ? dictate_path(talk->exchange, name) : NULL;
    if (!path) snprintf(why, why_size, "it names no recording of a caller's words that lies here");
    return path;
}

static bool treatment_replay(struct talk *talk, const struct treatment_ask *ask, struct announcement *announcement,
                             char *why, size_t why_size)
{
    char *path = treatment_recording(talk, ask, why, why_size);
    struct sound *sound = path ? sound_read(path, why, why_size) : NULL;
    free(path);
    return sound && announce_add(announcement, sound, why, why_size);
}

/* Deletes a recording; the treatment ends at once. A recording that does not exist counts as deleted: the same order
 * may have been done before. */
static void treatment_delete(struct talk *talk, struct call *call, const struct treatment_ask *ask)
{
    struct cti *cti = &talk->exchange->cti;
    char why[512];
    char *path = treatment_recording(talk, ask, why, sizeof why);
    bool good = path && (unlink(path) == 0 || errno == ENOENT);
    if (path && !good) snprintf(why, sizeof why, "%s: %s", path, strerror(errno));
    free(path);
    if (!good) {
        cti_not_applied(cti, call, ask->ref, code_not_applied, why);
        return;
    }
    cti_treatment(cti, call, treatment_change_Applied, ask->ref, NULL, NULL, NULL, cause_other);
    cti_treatment(cti, call, treatment_change_End, ask->ref, NULL, NULL, NULL, cause_ok);
}

/* Finds the sounds that the treatment plays. False with the reason; a treatment that collects digits without a
 * prompt has no sounds, and is true. */
static bool treatment_announce(struct talk *talk, const struct treatment_ask *ask, struct announcement *announcement,
                               char *why, size_t why_size)
{
    struct sounds *sounds = talk->exchange->sounds;
    int tone = tone_for(ask->type);
    *why = '\0';
    announcement->count = 0;
    if (ask->type == treatment_PlayUserAnnouncement) return treatment_replay(talk, ask, announcement, why, why_size);
    if (tone >= 0) {
        announcement->sounds[announcement->count++] = sounds_tone(sounds, (enum tone_sound)tone);
        return true;
    }
    bool speaks = treatment_speaks(ask); /* the spoken text is asked for later, and is not among these sounds */
    if (!speaks && !type_plays_prompt(ask->type)) {
        snprintf(why, why_size, "%s is not played yet", enum_name_treatment(ask->type));
        return false;
    }
    if (!announce_make(announcement, sounds, ask->params, ask->language, why, why_size)) return false;
    if (ask->type == treatment_Music && announcement->count > 0)
        announce_music(announcement, sounds, ask->params, ask->language);
    if (ask->type == treatment_RecordUserAnnouncement)
        return announce_add(announcement, sounds_tone(sounds, TONE_BEEP), why, why_size);
    if (speaks || announcement->count > 0 || type_collects(ask->type)) return true;
    snprintf(why, why_size, "it names no prompt");
    return false;
}

static struct treating *treating_new(struct talk *talk, const struct treatment_ask *ask)
{
    struct treating *treating = memory_zeroed(1, sizeof *treating);
    char end[8];
    treating->talk = talk;
    treating->ref = ask->ref;
    treating->collects = type_collects(ask->type);
    treating->speaks = treatment_speaks(ask);
    (void)announce_text(ask->params, "keys", treating->keys, sizeof treating->keys);
    if (announce_text(ask->params, "end", end, sizeof end)) treating->end = end[0];
    if (announce_text(ask->params, "abort", end, sizeof end)) treating->abort = end[0];
    if (announce_text(ask->params, "clear", end, sizeof end)) treating->clear = end[0];
    treating->first_ms = param_number(ask->params, "first_key", DAY_US) / 1000;
    if (treating->first_ms == 0) treating->first_ms = FIRST_KEY_MS;
    treating->min = (unsigned)param_number(ask->params, "min", KEYED_MAX);
    treating->max = (unsigned)param_number(ask->params, "max", KEYED_MAX);
    if (treating->max == 0) treating->max = KEYED_MAX;
    treating->gap_ms = param_number(ask->params, "gap", (uint64_t)GAP_MOST_MS * 1000) / 1000;
    if (treating->gap_ms == 0) treating->gap_ms = GAP_MS;
    treating->records = ask->type == treatment_RecordUserAnnouncement;
    treating->most_ms = param_number(ask->params, "duration_us", DAY_US) / 1000;
    return treating;
}

/* Plays the text at once if its sound is kept, or asks for it to be spoken. */
static bool treatment_speak(struct treating *treating, const struct treatment_ask *ask, char *why, size_t why_size)
{
    struct speeches *speeches = treating->talk->exchange->speeches;
    char text[SPOKEN_SIZE], site[TEXT_SIZE];
    (void)announce_text(ask->params, "site_language", site, sizeof site);
    const char *language = *ask->language ? ask->language : *site ? site : "en";
    if (!announce_text(ask->params, "text", text, sizeof text)) {
        snprintf(why, why_size, "its text is longer than %d bytes, or there is none", SPOKEN_SIZE - 1);
        return false;
    }
    struct sound *sound = speeches_find(speeches, language, text);
    treating->speech = (struct speech_wait){treatment_spoken, treating, NULL};
    if (!sound) return speeches_ask(speeches, language, text, &treating->speech, why, why_size);
    treatment_spoken(treating, sound, NULL);
    sound_release(sound);
    return true;
}

/* Begins a treatment. The order matters: the old treatment ends, the sounds are found, the call is answered, and
 * only then does the new treatment exist. So a treatment whose sounds are missing does not answer the call. */
void treatment_begin(struct talk *talk, const struct treatment_ask *ask)
{
    struct exchange *exchange = talk->exchange;
    struct cti *cti = &exchange->cti;
    struct call *call = talk_call(talk);
    char why[512];
    cti_clock(cti);
    treatment_stop(talk, 0);
    if (!call) return;
    if (ask->type == treatment_DeleteUserAnnouncement) {
        treatment_delete(talk, call, ask);
        return;
    }
    struct announcement announcement;
    bool good = treatment_announce(talk, ask, &announcement, why, sizeof why) && !talk->called &&
                ((type_says_unanswered(ask->type) && leg_begin_early(talk->caller)) || leg_answer(talk->caller));
    if (!good) {
        announce_release(&announcement);
        cti_not_applied(cti, call, ask->ref, code_not_applied, *why ? why : "the call is routed, or gone");
        return;
    }
    bool loops = ask->type == treatment_Music || (tone_for(ask->type) >= 0 && ask->type != treatment_Beep);
    uint64_t lasts_us = param_number(ask->params, "duration_us", DAY_US);
    struct treating *treating = talk->treating = treating_new(talk, ask);
    if (!loops) farewell_served(talk);
    if (treating->speaks && announcement.count > 0) {
        treating->after = memory_zeroed(1, sizeof announcement);
        *treating->after = announcement;
        announcement.count = 0;
    }
    bool silent = farewell_plays(talk); /* a farewell plays to its end, and counts as the sound of this treatment */
    if (announcement.count > 0 && !silent)
        stream_play_all(talk->caller->stream, announcement.sounds, announcement.count, loops);
    else if (!treating->speaks && !silent)
        stream_stop(talk->caller->stream); /* stops music or a prompt of the earlier treatment */
    if (ask->type == treatment_Music) {
        sound_release(talk->music);
        sound_hold(talk->music = announcement.sounds[0]);
    }
    treating->prompted = announcement.count > 0 && !loops && !silent;
    announce_release(&announcement);
    if (treating->speaks && !silent && !treatment_speak(treating, ask, why, sizeof why)) {
        treatment_not_applied(talk, why);
        return;
    }
    if (treating->collects && !treating->prompted && !treating->speaks && !silent) treatment_await_key(treating);
    if (lasts_us > 0 && loops) alarm_set(&treating->timer, lasts_us / 1000, treatment_on_time, treating);
    cti_treatment(cti, call, treatment_change_Applied, ask->ref, NULL, NULL, NULL, cause_other);
}
