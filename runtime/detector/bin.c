/* runtime/detector/bin.c - One frequency of the sound: its power in a frame by Goertzel's algorithm, and its phase
 * against a clock that runs from the first sample. */
#include <math.h>

#include "runtime/detector/hear.h"

float hear_ratio(int db)
{
    return powf(10, (float)db / 10);
}

/* The energy of a frame of a sine at that level: a sine of 3.14 dBm0 has the amplitude 32768. */
float hear_energy(int dbm0)
{
    return 0.5f * 32768 * 32768 * powf(10, ((float)dbm0 - 3.14f) / 10) * DETECTOR_FRAME;
}

static void bin_turned(float to[2], const float a[2], const float b[2])
{
    float real = a[0] * b[0] - a[1] * b[1];
    to[1] = a[0] * b[1] + a[1] * b[0];
    to[0] = real;
}

void bin_begin(struct detector_bin *bin, float hz)
{
    float step = 2 * (float)M_PI * hz / DETECTOR_RATE;
    *bin = (struct detector_bin){.hz = hz, .cosine = cosf(step), .sine = sinf(step), .coefficient = 2 * cosf(step)};
    bin->turn[0] = cosf(step * DETECTOR_FRAME);
    bin->turn[1] = -sinf(step * DETECTOR_FRAME);
    bin->phase[0] = cosf(step * (DETECTOR_FRAME - 1));
    bin->phase[1] = -sinf(step * (DETECTOR_FRAME - 1));
}

void bin_hear(struct detector_bin *bin, const float samples[DETECTOR_FRAME])
{
    float last = 0, before = 0;
    for (unsigned at = 0; at < DETECTOR_FRAME; at++) {
        float now = samples[at] + bin->coefficient * last - before;
        before = last;
        last = now;
    }
    float sum[2] = {last - before * bin->cosine, before * bin->sine};
    bin->before[0] = bin->now[0];
    bin->before[1] = bin->now[1];
    bin_turned(bin->now, sum, bin->phase);
    bin_turned(bin->phase, bin->phase, bin->turn);
    /* keeps the length of the phase at 1: otherwise rounding would let it grow or shrink over hours */
    float grown = bin->phase[0] * bin->phase[0] + bin->phase[1] * bin->phase[1];
    bin->phase[0] *= 1.5f - 0.5f * grown;
    bin->phase[1] *= 1.5f - 0.5f * grown;
}
