/* runtime/detector/state.h - The state of a detector. The struct is in a header so that owners can have detectors in
 * their own memory; only runtime/detector/ reads and writes it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/detector/detector.h"

enum {
    DETECTOR_FRAME = 80, /* samples in a frame of 10 ms: all times are counted in frames */
    DETECTOR_BINS = 14,
    DETECTOR_TONES = 8,
    DETECTOR_PAST = 8,  /* how many bursts and pauses of a tone are remembered: an even number */
    DETECTOR_SLOW = 80, /* samples at a fourth of the rate, 40 ms, in which the period of a voice is looked for */
    DETECTOR_FLAT = 16, /* if the level has not changed for so many frames, it is steady */
    DETECTOR_SLOTS = 20 /* how many tenths of a second count for the noise, which is their softest */
};

/* One frequency, frame by frame (Goertzel's algorithm). Phases are counted from the first sample, so that the values
 * of frames can be added; a phase that changes from frame to frame shows how far the tone is from the frequency. */
struct detector_bin {
    float hz, coefficient, cosine, sine;
    float turn[2], phase[2]; /* the change of the phase in a frame; the current phase */
    float now[2], before[2]; /* the part of this frequency in the current frame, and in the last one */
};

/* A tone of one or two bins (frequencies). A chord needs both of its bins, a band one of them. */
struct detector_tone {
    uint8_t first, count; /* the index of its first bin, and its number of bins */
    bool chord, on;
    uint8_t frames;                       /* how many frames are judged together: 1 or 2 */
    uint32_t since, last;                 /* frame in which this burst or pause began; last frame with the tone */
    uint32_t paused;                      /* frame in which the pause before this burst began */
    uint32_t past[DETECTOR_PAST];         /* the lengths of the last bursts and pauses in frames, the latest first */
    float drift[2][2], ended_drift[2][2]; /* drift of the phase in this burst, and in the burst before; for each bin */
};

/* A greeting, or noise that may be one. */
struct detector_greeting {
    bool on;
    uint32_t since, last;            /* frames */
    uint32_t loud, periodic, steady; /* how many of its frames were loud, periodic, steady */
};

struct detector {
    struct detector_rules rules;
    uint8_t country, bins, tones;
    bool over, answered, rang;
    uint32_t frame;    /* how many frames were heard */
    uint32_t quiet;    /* the frame from which silence counts: the answer, or the end of the last tone */
    uint32_t patience; /* frames added to the usual time of silence, because the ringing tone has pauses */
    float tone_least, voice_least, voice_times; /* from the rules: two energies of a frame, and a ratio */
    uint16_t filled;
    float samples[DETECTOR_FRAME];
    float direct[2]; /* the last sample, before and after hum was removed */
    float energy[2]; /* the energy of the current frame, and of the last one */
    struct detector_bin bin[DETECTOR_BINS];
    struct detector_tone tone[DETECTOR_TONES];
    float slow[DETECTOR_SLOW];
    float level[5];              /* energies of the latest frames */
    float flat[DETECTOR_FLAT];   /* energies of the latest frames, smoothed */
    float floor[DETECTOR_SLOTS]; /* the least energy in each slot of the noise, the latest slot first */
    uint32_t slots;
    /* the current greeting; the one before a tone began, while the tone lasts */
    struct detector_greeting greeting, greeting_before;
};
