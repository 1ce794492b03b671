/* runtime/detector/hear.h - Functions that only the detector's own files call. */
#pragma once

#include "runtime/detector/detector.h"

enum { FRAME_MS = 1000 * DETECTOR_FRAME / DETECTOR_RATE, TONES_SURE = 18 };

/* The energy of a frame of this level: the sum of its samples' squares. */
float hear_energy(int dbm0);
float hear_ratio(int db);

void bin_begin(struct detector_bin *, float hz);
void bin_hear(struct detector_bin *, const float samples[DETECTOR_FRAME]);

/* Adds the country's tones, and those that are the same everywhere. */
void tones_begin(struct detector *);
/* Takes the frame in d->samples. Returns the sound that is known by it. */
enum detector_sound tones_hear(struct detector *);
/* How many frames the longest tone that sounds now has lasted; from TONES_SURE on it is no vowel. */
unsigned tones_sound(const struct detector *);

/* Takes the frame for voices and silence, after tones_hear(). Returns the sound that is known by it. */
enum detector_sound voice_hear(struct detector *);
