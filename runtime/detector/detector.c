/* runtime/detector/detector.c - A detector from its begin to its last verdict: its rules, samples into frames,
 * frames into verdicts.
 *
 *      samples -> without_hum -> frames of DETECTOR_FRAME samples -> tones_hear, voice_hear -> verdict
 *
 * A frame has at most one verdict, and a tone counts before a voice: speech can still be reported later, but a
 * cadence has ended. A final verdict ends the detector. The detector needs no memory besides its struct, so a call
 * costs the same at its end as at its beginning; and the same samples give the same verdicts however they are
 * divided into pieces. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "runtime/detector/hear.h"

static const struct {
    const char *name;
    enum cause cause;
    bool final;
} sounds[] = {
    {"nothing", cause_other, false},
#define SOUND(name, cause, final, doc) {#name, cause_##cause, final},
#include "runtime/detector/sounds.def"
};

const char *detector_sound_name(enum detector_sound sound)
{
    return sounds[sound].name;
}

const struct detector_rules detector_rules_usual = {
#define PARAMETER(name, value, least, most, unit, doc) .name = value,
#include "runtime/detector/parameters.def"
};

bool detector_rule_set(struct detector_rules *rules, const char *name, int64_t value)
{
#define PARAMETER(row, usual, least, most, unit, doc)                                                                  \
    if (strcmp(name, #row) == 0) {                                                                                     \
        if (value < (least) || value > (most)) return false;                                                           \
        rules->row = (int32_t)value;                                                                                   \
        return true;                                                                                                   \
    }
#include "runtime/detector/parameters.def"
    return false;
}

void detector_begin(struct detector *d, const struct detector_rules *rules, int country)
{
    assert(country >= 0);
    memset(d, 0, sizeof *d);
    d->rules = *rules;
    d->country = (uint8_t)country;
    d->tone_least = hear_energy(rules->tone_level);
    d->voice_least = hear_energy(rules->voice_level);
    d->voice_times = hear_ratio(rules->voice_over);
    tones_begin(d);
}

void detector_answered(struct detector *d)
{
    if (d->answered) return;
    d->answered = true;
    d->quiet = d->frame;
    d->patience = 0;
}

static void frame_hear(struct detector *d, struct detector_verdict *verdict)
{
    assert(!d->over); /* after a final verdict nothing is heard */
    d->energy[1] = d->energy[0];
    d->energy[0] = 0;
    for (unsigned at = 0; at < DETECTOR_FRAME; at++) d->energy[0] += d->samples[at] * d->samples[at];
    enum detector_sound sound = tones_hear(d), voice = voice_hear(d);
    if (sound == DETECTOR_nothing) sound = voice;
    assert(sound < sizeof sounds / sizeof *sounds);
    d->frame++;
    if (sound == DETECTOR_nothing) return;
    *verdict = (struct detector_verdict){sound, sounds[sound].cause, sounds[sound].final, d->frame * FRAME_MS};
    d->over = verdict->final;
    if (sound == DETECTOR_ringing) d->rang = true;
}

/* Removes what is below 150 Hz from a sample: there is only hum. */
static float without_hum(struct detector *d, int16_t sample)
{
    float out = (float)sample - d->direct[0] + 0.882f * d->direct[1];
    d->direct[0] = (float)sample;
    d->direct[1] = fabsf(out) < 1e-6f ? 0 : out; /* processors are slow with numbers that are almost 0 */
    return out;
}

size_t detector_hear(struct detector *d, const int16_t *samples, size_t count, struct detector_verdict *verdict)
{
    *verdict = (struct detector_verdict){.sound = DETECTOR_nothing};
    if (d->over) return count;
    for (size_t at = 0; at < count; at++) {
        d->samples[d->filled++] = without_hum(d, samples[at]);
        if (d->filled < DETECTOR_FRAME) continue;
        d->filled = 0;
        frame_hear(d, verdict);
        if (verdict->sound != DETECTOR_nothing) return at + 1;
    }
    return count;
}
