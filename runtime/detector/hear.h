/* runtime/detector/hear.h - What the detector's files call of one another; nobody outside does. */
#ifndef DETECTOR_HEAR_H
#define DETECTOR_HEAR_H

#include "runtime/detector/detector.h"

enum { FRAME_MS = 1000 * DETECTOR_FRAME / DETECTOR_RATE, TONES_SURE = 18 };

/* Energy of a frame that is so loud: of its samples' squares. */
float hear_energy(int dbm0);
float hear_ratio(int db);

void bin_begin(struct detector_bin *, float hz);
void bin_hear(struct detector_bin *, const float samples[DETECTOR_FRAME]);

/* Tones of the country and those that are the same everywhere. */
void tones_begin(struct detector *);
/* The frame that was heard. Returns what is known by it. */
enum detector_sound tones_hear(struct detector *);
/* For how many frames there has been a tone that is there now; from TONES_SURE on it is no vowel. */
unsigned tones_sound(const struct detector *);

enum detector_sound voice_hear(struct detector *);

#endif
