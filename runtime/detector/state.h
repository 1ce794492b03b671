/* runtime/detector/state.h - The state of a detector. It stands in a header so that owners can keep detectors where
 * they like; only runtime/detector/ reads and writes it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/detector/detector.h"

enum {
    DETECTOR_FRAME = 80, /* samples, 10 ms: all times are counted in these */
    DETECTOR_BINS = 14,
    DETECTOR_TONES = 8,
    DETECTOR_PAST = 8,  /* bursts and pauses of a tone that are remembered, an even number */
    DETECTOR_SLOW = 80, /* samples of a fourth of the rate, 40 ms, in which a voice's period is looked for */
    DETECTOR_FLAT = 16, /* frames in which a level that does not change is steady */
    DETECTOR_SLOTS = 20 /* tenths of a second in which the noise is what was softest */
};

/* One frequency, frame by frame (Goertzel's algorithm). Phases are counted from the first sample, so that frames can be
 * added up; a phase that turns from frame to frame tells how far the tone is from the frequency. */
struct detector_bin {
    float hz, coefficient, cosine, sine;
    float turn[2], phase[2]; /* by which the phase turns in a frame; the phase now */
    float now[2], before[2]; /* the frequency's part in this frame, and in the last one */
};

/* A tone of one or two bins. A chord needs both of them, a band one. */
struct detector_tone {
    uint8_t first, count; /* its first bin, and how many bins it has */
    bool chord, on;
    uint8_t frames;                       /* how many frames are looked at together: 1 or 2 */
    uint32_t since, last;                 /* frames: when this burst or pause began; when it was there last */
    uint32_t paused;                      /* when the pause before this burst began */
    uint32_t past[DETECTOR_PAST];         /* frames that the pauses and bursts before lasted, the latest first */
    float drift[2][2], ended_drift[2][2]; /* of this burst, of the one before; each bin's */
};

/* A greeting, or noise that may be one. */
struct detector_greeting {
    bool on;
    uint32_t since, last;            /* frames */
    uint32_t loud, periodic, steady; /* how many of its frames were so */
};

struct detector {
    struct detector_rules rules;
    uint8_t country, bins, tones;
    bool over, answered, rang;
    uint32_t frame;    /* number of frames that were heard */
    uint32_t quiet;    /* frame since which nothing was heard: the answer, or the end of the last tone */
    uint32_t patience; /* frames added to the usual length of silence, as it rings */
    float tone_least, voice_least, voice_times; /* of the rules: energies of a frame, a ratio */
    uint16_t filled;
    float samples[DETECTOR_FRAME];
    float direct[2]; /* the last sample, before and after what takes hum away */
    float energy[2]; /* energy of this frame, and of the last one */
    struct detector_bin bin[DETECTOR_BINS];
    struct detector_tone tone[DETECTOR_TONES];
    float slow[DETECTOR_SLOW];
    float level[5];              /* energies of the latest frames */
    float flat[DETECTOR_FLAT];   /* energies of the latest frames, smoothed */
    float floor[DETECTOR_SLOTS]; /* least energy of each slot, the latest first */
    uint32_t slots;
    struct detector_greeting greeting, greeting_before; /* now; when a tone began, while there is one */
};
