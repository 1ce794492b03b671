/* tests/unit/detector_sounds.h - Sounds as calls have them, made without a library: tones, cadences, special
 * information tones, voices of vowels and hisses, noise. All draws come from the seed of the sound. 8000 samples a
 * second. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SOUND_RATE = 8000, SOUND_MAX = 30 * SOUND_RATE };

/* What was made so far. `off` is what all frequencies are too high by, as a factor (1 is right). */
struct detected_sound {
    float samples[SOUND_MAX];
    size_t count;
    uint64_t seed;
    double off;
};
void sound_begin(struct detected_sound *, uint64_t seed);
double sound_draw(struct detected_sound *, double low, double high);

/* Each goes on where the last ended; times in ms, levels in dBm0 of the whole. */
void sound_silence(struct detected_sound *, double ms);
void sound_tone(struct detected_sound *, double f1, double f2, double dbm0,
                double ms); /* f2 0: one frequency, else half the power each */
void sound_cadence(struct detected_sound *, double f1, double f2, double dbm0, const double times[4], unsigned cycles);
void sound_special(struct detected_sound *, double f1, double ms1, double f2, double ms2, double dbm0);
/* Syllables with short gaps between them; `pitch` in Hz. */
void sound_voice(struct detected_sound *, double pitch, double dbm0, double ms);
/* Samples of somebody else, at this level. */
void sound_add(struct detected_sound *, const int16_t *samples, size_t count, double dbm0);

enum sound_noise { SOUND_white, SOUND_pink, SOUND_hum }; /* hum: of mains, 50 Hz and what is above it */
void sound_noise(struct detected_sound *, enum sound_noise, double dbm0); /* beneath all that there is */
/* The samples, as they come over a line; the caller has room for `count`. */
void sound_samples(const struct detected_sound *, int16_t *samples);
