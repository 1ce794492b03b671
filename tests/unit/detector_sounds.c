/* tests/unit/detector_sounds.c - Sounds as calls have them. */
#include <math.h>
#include <string.h>

#include "tests/unit/detector_sounds.h"

void sound_begin(struct detected_sound *sound, uint64_t seed)
{
    memset(sound->samples, 0, sizeof sound->samples);
    sound->count = 0;
    sound->seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    sound->off = 1;
}

double sound_draw(struct detected_sound *sound, double low, double high)
{
    uint64_t z = sound->seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return low + (high - low) * ((double)((z ^ z >> 31) >> 11) / 9007199254740992.0);
}

/* Of power 1: near enough to a normal one. */
static double normal(struct detected_sound *sound)
{
    double sum = 0;
    for (int i = 0; i < 12; i++) sum += sound_draw(sound, 0, 1);
    return sum - 6;
}

/* The amplitude whose mean square this is: a sine of 3.14 dBm0 is as loud as samples allow. */
static double rms(double dbm0)
{
    return 32768 / sqrt(2) * pow(10, (dbm0 - 3.14) / 20);
}

static size_t samples_of(const struct detected_sound *sound, double ms)
{
    size_t count = (size_t)(ms * SOUND_RATE / 1000);
    return count < SOUND_MAX - sound->count ? count : SOUND_MAX - sound->count;
}

void sound_silence(struct detected_sound *sound, double ms)
{
    sound->count += samples_of(sound, ms);
}

void sound_tone(struct detected_sound *sound, double f1, double f2, double dbm0, double ms)
{
    size_t count = samples_of(sound, ms);
    double amplitude = rms(dbm0) * (f2 > 0 ? 1 : sqrt(2)), phase = sound_draw(sound, 0, 6);
    for (size_t at = 0; at < count; at++) {
        double t = 2 * M_PI * (double)at / SOUND_RATE * sound->off;
        double wave = sin(f1 * t + phase) + (f2 > 0 ? sin(f2 * t) : 0);
        sound->samples[sound->count++] += (float)(amplitude * wave);
    }
}

void sound_cadence(struct detected_sound *sound, double f1, double f2, double dbm0, const double times[4],
                   unsigned cycles)
{
    for (unsigned cycle = 0; cycle < cycles; cycle++)
        for (unsigned at = 0; at < 4; at += 2) {
            sound_tone(sound, f1, f2, dbm0, times[at]);
            sound_silence(sound, times[at + 1]);
        }
}

void sound_special(struct detected_sound *sound, double f1, double ms1, double f2, double ms2, double dbm0)
{
    sound_tone(sound, f1, 0, dbm0, ms1);
    sound_tone(sound, f2, 0, dbm0, ms2);
    sound_tone(sound, 1776.7, 0, dbm0, 380);
}

/* A resonance at hz, so wide. */
struct formant {
    double a, b, gain, y1, y2;
};
static double formant(struct formant *f, double x)
{
    double y = f->gain * x + f->a * f->y1 + f->b * f->y2;
    f->y2 = f->y1;
    return f->y1 = y;
}
static void formant_set(struct formant *f, double hz, double wide)
{
    double r = exp(-M_PI * wide / SOUND_RATE);
    f->a = 2 * r * cos(2 * M_PI * hz / SOUND_RATE);
    f->b = -r * r;
    f->gain = 1 - r;
}

/* One syllable: a consonant's hiss, then a vowel whose pitch falls. */
static void syllable(struct detected_sound *sound, double pitch, size_t count)
{
    struct formant one = {0}, two = {0};
    formant_set(&one, sound_draw(sound, 300, 800), 80);
    formant_set(&two, sound_draw(sound, 900, 2300), 120);
    size_t hiss = (size_t)((double)count * sound_draw(sound, 0.1, 0.3));
    double phase = 0, ends = pitch * sound_draw(sound, 0.8, 1.1);
    for (size_t at = 0; at < count; at++) {
        double part = (double)at / (double)count, source = normal(sound) * 0.05, loud = sin(M_PI * pow(part, 0.6));
        if (at > hiss) {
            phase += (pitch + (ends - pitch) * part) / SOUND_RATE;
            if (phase >= 1) phase -= 1, source += 10;
        }
        double vowel = formant(&one, source) + 0.7 * formant(&two, source);
        sound->samples[sound->count++] += (float)((at > hiss ? vowel : source * 2) * loud);
    }
}

static void louder(struct detected_sound *sound, size_t from, double dbm0)
{
    double power = 0, times;
    for (size_t at = from; at < sound->count; at++) power += sound->samples[at] * sound->samples[at];
    times = rms(dbm0) / sqrt(power / (double)(sound->count - from) + 1e-9);
    for (size_t at = from; at < sound->count; at++) sound->samples[at] *= (float)times;
}

void sound_voice(struct detected_sound *sound, double pitch, double dbm0, double ms)
{
    size_t from = sound->count, end = from + samples_of(sound, ms);
    while (sound->count < end) {
        size_t count = (size_t)sound_draw(sound, 0.11 * SOUND_RATE, 0.28 * SOUND_RATE);
        if (count > end - sound->count) count = end - sound->count;
        syllable(sound, pitch * sound_draw(sound, 0.9, 1.2), count);
        double gap = sound_draw(sound, 0, 1) < 0.15 ? sound_draw(sound, 100, 350) : sound_draw(sound, 5, 50);
        if (sound->count + (size_t)(gap * 8) < end) sound_silence(sound, gap);
    }
    louder(sound, from, dbm0);
}

void sound_add(struct detected_sound *sound, const int16_t *samples, size_t count, double dbm0)
{
    size_t from = sound->count;
    for (size_t at = 0; at < count && sound->count < SOUND_MAX; at++) sound->samples[sound->count++] = samples[at];
    louder(sound, from, dbm0);
}

void sound_noise(struct detected_sound *sound, enum sound_noise kind, double dbm0)
{
    static float noise[SOUND_MAX];
    double power = 0, slow[3] = {0};
    for (size_t at = 0; at < sound->count; at++) {
        double white = normal(sound), t = 2 * M_PI * (double)at / SOUND_RATE * 50, out = white;
        if (kind == SOUND_pink) { /* three filters whose sum falls by some 3 dB an octave */
            slow[0] = 0.997 * slow[0] + 0.030 * white;
            slow[1] = 0.970 * slow[1] + 0.100 * white;
            slow[2] = 0.700 * slow[2] + 0.250 * white;
            out = slow[0] + slow[1] + slow[2] + 0.1 * white;
        } else if (kind == SOUND_hum)
            out = sin(t) + 0.5 * sin(2 * t) + 0.4 * sin(3 * t + 1) + 0.2 * sin(5 * t + 2);
        noise[at] = (float)out;
        power += out * out;
    }
    double times = rms(dbm0) / sqrt(power / (double)sound->count + 1e-9);
    for (size_t at = 0; at < sound->count; at++) sound->samples[at] += (float)(noise[at] * times);
}

void sound_samples(const struct detected_sound *sound, int16_t *samples)
{
    for (size_t at = 0; at < sound->count; at++) {
        float value = sound->samples[at];
        samples[at] = (int16_t)(value > 32767 ? 32767 : value < -32768 ? -32768 : lrintf(value));
    }
}
