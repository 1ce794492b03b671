/* runtime/detector/wave.h - Reads sound files: RIFF WAVE with one channel of 8000 samples a second, as 16 bits,
 * A-law or mu-law (ITU-T G.711). Other files are refused with a sentence that says what they are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct wave {
    const uint8_t *bytes; /* the bytes of the samples, within the parsed file */
    size_t count;         /* number of samples */
    uint16_t format;      /* 1: 16 bits, 6: A-law, 7: mu-law */
};

/* Finds the sound in a complete file, whose bytes the caller must keep while the wave is read. False with the
 * reason. */
bool wave_parse(const uint8_t *file, size_t length, struct wave *, struct error *);
/* Reads at most `count` samples, the first is number `at`; returns how many were read. */
size_t wave_read(const struct wave *, size_t at, int16_t *samples, size_t count);
