/* runtime/adapters/sip/dtmf.c - Finds keys in sound with eight filters, one for each tone.
 *
 * A key is two tones at once, one of each group (ITU-T Q.23):
 *
 *               1209  1336  1477  1633 Hz
 *        697      1     2     3     A
 *        770      4     5     6     B
 *        852      7     8     9     C
 *        941      *     0     #     D
 *
 * Each filter is one of Goertzel's: it gives the power of its frequency in a block of samples without a whole
 * Fourier transform. A key counts if two blocks in a row contain it. The same key counts again only after a pause. */
#include "runtime/adapters/sip/dtmf.h"

#include <math.h>
#include <stdbool.h>

static const unsigned short dtmf_hertz[DTMF_TONES] = {697, 770, 852, 941, 1209, 1336, 1477, 1633};

/* The strongest of four tones, at least 8 dB louder than the other three; -1: no tone is. */
static int dtmf_strongest(const double *powers)
{
    int best = 0;
    for (int i = 1; i < 4; i++)
        if (powers[i] > powers[best]) best = i;
    for (int i = 0; i < 4; i++)
        if (i != best && powers[i] * 6.3 > powers[best]) return -1; /* 8 dB */
    return best;
}

/* The key that a block contains; 0: none. Speech has such tones at times, too, but most of its energy is at other
 * frequencies. */
static char dtmf_key(const double *powers, double energy)
{
    static const char keys[4][5] = {"123A", "456B", "789C", "*0#D"};
    const double quiet = 4e4 * DTMF_BLOCK; /* each of the two tones has about -40 dBm0 */
    int low = dtmf_strongest(powers), high = dtmf_strongest(powers + 4);
    if (low < 0 || high < 0 || energy < quiet) return 0;
    double one = powers[low], other = powers[4 + high];
    bool level = one < other * 10 && other < one * 6.3; /* the two tones differ by at most +10 dB or -8 dB */
    return level && (one + other) * 2 / DTMF_BLOCK > energy * 0.6 ? keys[low][high] : 0;
}

/* Computes the powers, starts the next block, and returns a key when it is new; 0 otherwise. */
static char dtmf_block(struct dtmf *dtmf, const double *turns)
{
    double powers[DTMF_TONES];
    for (unsigned i = 0; i < DTMF_TONES; i++) {
        double a = dtmf->now[i], b = dtmf->before[i];
        powers[i] = a * a + b * b - turns[i] * a * b;
        dtmf->now[i] = dtmf->before[i] = 0;
    }
    char key = dtmf_key(powers, dtmf->energy), told = 0;
    dtmf->energy = 0;
    dtmf->filled = 0;
    dtmf->pause = key && key == dtmf->told ? 0 : dtmf->pause + 1;
    if (dtmf->pause > 2) dtmf->told = 0; /* one block spoiled by noise is no pause */
    if (key && key == dtmf->last && key != dtmf->told) told = dtmf->told = key, dtmf->pause = 0;
    dtmf->last = key;
    return told;
}

/* Feeds samples to the filters. `now` and `before` are the last two outputs of each filter: next = sample + 2 cos(2
 * pi f / 8000) now - before. Keys that do not fit into `keys` are dropped. */
void dtmf_hear(struct dtmf *dtmf, const int16_t *samples, size_t count, char *keys, size_t size)
{
    double turns[DTMF_TONES];
    size_t told = 0;
    for (unsigned i = 0; i < DTMF_TONES; i++) turns[i] = 2 * cos(2 * 3.14159265358979323846 * dtmf_hertz[i] / 8000);
    for (size_t at = 0; at < count; at++) {
        double sample = samples[at];
        for (unsigned i = 0; i < DTMF_TONES; i++) {
            double next = sample + turns[i] * dtmf->now[i] - dtmf->before[i];
            dtmf->before[i] = dtmf->now[i];
            dtmf->now[i] = next;
        }
        dtmf->energy += sample * sample;
        if (++dtmf->filled < DTMF_BLOCK) continue;
        char key = dtmf_block(dtmf, turns);
        if (key && told + 1 < size) keys[told++] = key;
    }
    keys[told] = '\0';
}
