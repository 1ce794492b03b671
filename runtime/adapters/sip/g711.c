/* runtime/adapters/sip/g711.c - ITU-T G.711: eight segments of sixteen steps, each segment twice as wide as the last.
 *
 *     code (8 bits, mu-law is inverted, A-law has every other bit inverted)
 *     | sign | segment 0..7 | step 0..15 |
 *
 * Both laws are close to a logarithm: soft sounds get as many steps as loud ones. */
#include "runtime/adapters/sip/g711.h"

#include <stdbool.h>

#include "runtime/adapters/sip/sound_fault.h"
#include "runtime/detector/wave.h"

enum { MU_BIAS = 132, MU_CLIP = 32767 - MU_BIAS };

/* `first` is the smallest value of segment 1. */
static unsigned segment_of(int value, int first)
{
    unsigned segment = 0;
    while (segment < 7 && value >= first << segment) segment++;
    return segment;
}

/* Encodes a sample by mu-law. The bias makes the segments powers of two; a sample above the clip would not fit into
 * eight segments. */
static uint8_t encode_mu(int sample)
{
    int value = sample < 0 ? -sample : sample;
    value = (value > MU_CLIP ? MU_CLIP : value) + MU_BIAS;
    unsigned segment = segment_of(value, 256);
    unsigned code = segment << 4 | ((unsigned)value >> (segment + 3) & 15);
    return (uint8_t) ~(code | (sample < 0 ? 0x80U : 0));
}

/* Encodes a sample by A-law, whose first two segments have the same width (steps of 16), unlike those of mu-law. */
static uint8_t encode_a(int sample)
{
    int value = sample < 0 ? -sample - 1 : sample;
    unsigned segment = segment_of(value, 256);
    unsigned step = (unsigned)value >> (segment < 2 ? 4 : segment + 3) & 15;
    return (uint8_t)((segment << 4 | step | (sample < 0 ? 0 : 0x80U)) ^ 0x55U);
}

uint8_t g711_encode(enum law law, int16_t sample)
{
    return law == LAW_A ? encode_a(sample) : encode_mu(sample);
}

/* Decodes a code in the same way as the reader of sound files. */
int16_t g711_decode(enum law law, uint8_t code)
{
    int16_t sample = 0;
    struct wave wave = {.bytes = &code, .count = 1, .format = law == LAW_A ? 6 : 7};
    size_t read = wave_read(&wave, 0, &sample, 1);
    return SOUND_HOLDS(read == 1) ? sample : 0;
}

/* Recodes sound into the other law by two tables, which are made at the first call. A process has only one loop, so
 * no lock is needed. */
void g711_convert(enum law from, enum law to, uint8_t *codes, size_t count)
{
    static uint8_t tables[LAWS][256];
    static bool made;
    if (!SOUND_HOLDS(from < LAWS && to < LAWS)) return;
    for (unsigned i = 0; !made && i < 256; i++) {
        tables[LAW_MU][i] = g711_encode(LAW_A, g711_decode(LAW_MU, (uint8_t)i));
        tables[LAW_A][i] = g711_encode(LAW_MU, g711_decode(LAW_A, (uint8_t)i));
    }
    made = true;
    for (size_t i = 0; from != to && i < count; i++) codes[i] = tables[from][codes[i]];
}
