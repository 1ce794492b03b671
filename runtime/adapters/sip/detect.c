/* runtime/adapters/sip/detect.c - Listens to what has answered a dialled call: a person, a machine, a fax, or
 * nobody.
 *
 *     dialled --- early sound (busy, no such number) ---> gone, with that result
 *        '--- answered --- a short greeting, a pause ---> a person: goes on to the routing point
 *                     '--- a long greeting, a fax, nothing at all ---> gone, with that result
 *
 * Sound is heard in a handler of its socket, in which no call may end: a timer acts on the verdict after that
 * handler. The detector counts time by samples, so where a sender sent no packets, silence is filled in. */
#include <stdlib.h>

#include "runtime/adapters/sip/talk.h"
#include "runtime/adapters/sip/sound_fault.h"
#include "runtime/detector/detector.h"
#include "base/memory.h"

enum { GAP_SAMPLES_MOST = 8000 };

struct detecting {
    struct talk *talk;
    void (*over)(struct talk *, enum cause verdict);
    struct detector detector;
    uint32_t source, next; /* the sender (SSRC) of the packets, and the timestamp expected in the next packet */
    bool any;              /* has come */
    enum cause verdict;    /* other: no verdict yet */
    struct alarm timer;
};

/* Reports what has answered the call, when there is a verdict or the time for one is over. Without a verdict, a line
 * that sent any sound counts as a person, and one that sent none as silence. The listener is freed before over() is
 * called, because over() may free the talk. */
static void detect_on_time(void *self)
{
    struct detecting *detecting = self;
    struct talk *talk = detecting->talk;
    enum cause verdict = detecting->verdict;
    if (verdict == cause_other) verdict = detecting->any ? cause_ok : cause_silence;
    void (*over)(struct talk *, enum cause) = detecting->over;
    detect_end(talk);
    over(talk, verdict);
}

/* Gives the samples to the detector, which may stop in the middle to report something; the rest is given to it
 * again, until a final verdict or the end. */
static void detect_samples(struct detecting *detecting, const int16_t *samples, size_t count)
{
    while (count > 0 && detecting->verdict == cause_other) {
        struct detector_verdict verdict;
        size_t taken = detector_hear(&detecting->detector, samples, count, &verdict);
        if (!SOUND_HOLDS(taken <= count)) return;
        samples += taken;
        count -= taken;
        if (!verdict.final) continue;
        detecting->verdict = verdict.cause;
        alarm_set(&detecting->timer, 0, detect_on_time, detecting);
    }
}

static void detect_gap(struct detecting *detecting, uint32_t samples)
{
    static const int16_t silence[160];
    while (samples > 0) {
        uint32_t part = samples > 160 ? 160 : samples;
        detect_samples(detecting, silence, part);
        samples -= part;
    }
}

/* Listens to one packet. Timestamps of RTP wrap at 2^32, so the gap is an unsigned difference: more than half of the
 * range means that the packet is older than the last one. */
static void detect_hear(void *self, bool sent, const struct stream_sound *sound)
{
    struct detecting *detecting = self;
    int16_t samples[160];
    if (sent || detecting->verdict != cause_other) return;
    uint32_t gap = sound->timestamp - detecting->next;
    bool goes_on = detecting->any && sound->source == detecting->source;
    if (goes_on && gap > UINT32_MAX / 2) return; /* the packet is late or a duplicate */
    if (goes_on) detect_gap(detecting, gap > GAP_SAMPLES_MOST ? GAP_SAMPLES_MOST : gap);
    detecting->any = true;
    detecting->source = sound->source;
    detecting->next = sound->timestamp + (uint32_t)sound->count;
    for (size_t at = 0; at < sound->count;) {
        size_t part = 0;
        for (; part < 160 && at < sound->count; part++, at++) samples[part] = g711_decode(sound->law, sound->codes[at]);
        detect_samples(detecting, samples, part);
    }
}

void detect_begin(struct talk *talk, void (*over)(struct talk *, enum cause verdict))
{
    const struct sip_setting *setting = &talk->exchange->setting;
    if (!TALK_HOLDS(talk, !talk->detecting && talk->caller)) return;
    struct detecting *detecting = memory_zeroed(1, sizeof *detecting);
    struct detector_rules rules = detector_rules_usual;
    rules.greeting = (int32_t)setting->greeting;
    rules.pause = (int32_t)setting->greeting_pause;
    detecting->talk = talk;
    detecting->over = over;
    detecting->verdict = cause_other;
    detector_begin(&detecting->detector, &rules, setting->tone_country);
    talk->detecting = detecting;
    stream_set_tap(talk->caller->stream, TAP_DETECTOR, &(struct stream_tap){detecting, detect_hear});
}

bool detect_answered(struct talk *talk)
{
    struct detecting *detecting = talk->detecting;
    if (!detecting) return false;
    detector_answered(&detecting->detector);
    if (detecting->verdict == cause_other)
        alarm_set(&detecting->timer, talk->exchange->setting.decision, detect_on_time, detecting);
    return true;
}

void detect_end(struct talk *talk)
{
    if (!talk->detecting) return;
    alarm_stop(&talk->detecting->timer);
    if (talk->caller) stream_set_tap(talk->caller->stream, TAP_DETECTOR, NULL);
    free(talk->detecting);
    talk->detecting = NULL;
}
