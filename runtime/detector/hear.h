/* runtime/detector/hear.h - Functions that only the detector's own files call. */
#pragma once

#include "runtime/detector/detector.h"

enum { FRAME_MS = 1000 * DETECTOR_FRAME / DETECTOR_RATE, TONES_SURE = 18 };

/* The energy of a frame at this level: the sum of the squares of its samples. */
float hear_energy(int dbm0);
float hear_ratio(int db);

void bin_begin(struct detector_bin *, float hz);
void bin_hear(struct detector_bin *, const float samples[DETECTOR_FRAME]);

/* Prepares to listen for the tones of the country, and for those that are the same everywhere. */
void tones_begin(struct detector *);
/* Takes the frame in d->samples, and looks for tones. Returns the sound that the frame has completed; nothing: none. */
enum detector_sound tones_hear(struct detector *);
/* How many frames the longest current tone has lasted; from TONES_SURE on it cannot be a vowel. */
unsigned tones_sound(const struct detector *);

/* Takes the frame, and looks for voices and silence; must be called after tones_hear(). Returns the sound that the
 * frame has completed; nothing: none. */
enum detector_sound voice_hear(struct detector *);
