/* runtime/adapters/sip/wave8k.c - Converts sound of any rate to 8000 samples a second.
 *
 * Each new sample is the sum of the old samples around its time, weighted by a sinc within a Hann window:
 * frequencies above 3700 Hz are removed, since they would be heard as other frequencies. The weights are computed
 * for PHASES positions between two old samples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/speech.h"
#include "base/memory.h"

enum {
    PHASES = 64,
    ROOM = 16 /* the width of the window to each side, in periods of the cut-off frequency */,
    RATE_LEAST = 8000,
    RATE_MOST = 48000
};

static const double PI = 3.14159265358979323846;

static uint32_t wave_8k_number(const uint8_t *at, unsigned bytes)
{
    uint32_t value = 0;
    while (bytes-- > 0) value = value << 8 | at[bytes];
    return value;
}

static double wave_8k_weight(double distance, double cut, double half)
{
    double turn = 2 * PI * cut * distance;
    double sinc = fabs(turn) < 1e-9 ? 1 : sin(turn) / turn;
    return fabs(distance) >= half ? 0 : 2 * cut * sinc * (0.5 + 0.5 * cos(PI * distance / half));
}

/* Converts samples to 8000 a second. The weights are computed once for each phase; then each new sample costs one
 * sum. Samples before the beginning and after the end count as zero. */
static int16_t *wave_8k_converted(const int16_t *in, size_t in_count, unsigned rate, size_t *count)
{
    const double step = rate / 8000.0, cut = 3700.0 / rate;
    const int half = (int)(ROOM * step) + 1, taps = 2 * half + 1;
    *count = (size_t)((double)in_count / step);
    int16_t *out = memory_zeroed(*count + 1, sizeof *out);
    double *weights = memory_zeroed((size_t)PHASES * (size_t)taps, sizeof *weights);
    for (int phase = 0; phase < PHASES; phase++)
        for (int tap = 0; tap < taps; tap++)
            weights[phase * taps + tap] = wave_8k_weight(tap - half - (double)phase / PHASES, cut, half);
    for (size_t i = 0; i < *count; i++) {
        double moment = (double)i * step, sum = 0;
        long first = (long)moment - half;
        const double *row = weights + (int)((moment - floor(moment)) * PHASES) * taps;
        for (int tap = 0; tap < taps; tap++)
            if (first + tap >= 0 && (size_t)(first + tap) < in_count) sum += row[tap] * in[first + tap];
        out[i] = (int16_t)(sum > 32767 ? 32767 : sum < -32768 ? -32768 : lrint(sum));
    }
    free(weights);
    return out;
}

/* Reads a WAVE file. Unknown chunks are passed over; `fmt ` must come before `data`. A length beyond the end of the
 * file, as a program writes it into a pipe, means all bytes that are left. */
int16_t *wave8k_samples(const uint8_t *file, size_t length, size_t *count, const char **reason)
{
    unsigned rate = 0;
    *reason = "it is no WAVE file";
    if (length < 12 || memcmp(file, "RIFF", 4) != 0 || memcmp(file + 8, "WAVE", 4) != 0) return NULL;
    for (size_t at = 12; at <= length && length - at > 8;) {
        const uint8_t *chunk = file + at;
        size_t size = wave_8k_number(chunk + 4, 4), left = length - at - 8;
        if (memcmp(chunk, "fmt ", 4) == 0 && size >= 16 && left >= 16) {
            bool good = wave_8k_number(chunk + 8, 2) == 1 && wave_8k_number(chunk + 10, 2) == 1 &&
                        wave_8k_number(chunk + 22, 2) == 16;
            rate = wave_8k_number(chunk + 12, 4);
            *reason = "it is not of one channel of 16 bits, or of an odd rate";
            if (!good || rate < RATE_LEAST || rate > RATE_MOST) return NULL;
        }
        if (memcmp(chunk, "data", 4) == 0 && rate > 0) {
            size_t samples = (size < left ? size : left) / 2;
            int16_t *in = memory_zeroed(samples + 1, sizeof *in);
            for (size_t i = 0; i < samples; i++) in[i] = (int16_t)wave_8k_number(chunk + 8 + 2 * i, 2);
            int16_t *out = wave_8k_converted(in, samples, rate, count);
            free(in);
            if (*count > 0) return out;
            free(out);
            break;
        }
        at += 8 + (size < left ? size + size % 2 : left);
    }
    *reason = "it has no sound";
    return NULL;
}
