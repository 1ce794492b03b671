/* runtime/detector/wave.c - Reads sound files: their chunks, and their samples as 16 bits.
 *
 *     "RIFF" size "WAVE" | "fmt " size format, channels, rate, ..., bits | ... | "data" size samples |
 *
 * Unknown chunks are passed over. Numbers are little-endian, and a chunk of odd length is followed by a zero byte.
 * Files come from outside: a size is compared with the bytes that are left before the bytes are read. */
#include <string.h>

#include "runtime/detector/wave.h"

enum { PCM = 1, A_LAW = 6, MU_LAW = 7, EXTENSIBLE = 0xfffe };

static uint32_t wave_number(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;
    while (count-- > 0) value = value << 8 | bytes[count];
    return value;
}

/* Reads the fields of `fmt `. The extensible form has the format in the first bytes of a longer identifier. */
static bool format_parse(const uint8_t *bytes, uint32_t length, struct wave *wave, struct error *error)
{
    if (length < 16) return error_set(error, ERROR_INPUT, "its format has %u bytes; expected 16 or more", length);
    uint32_t format = wave_number(bytes, 2), channels = wave_number(bytes + 2, 2), rate = wave_number(bytes + 4, 4);
    uint32_t bits = wave_number(bytes + 14, 2);
    if (format == EXTENSIBLE && length >= 40) format = wave_number(bytes + 24, 2);
    if ((format != PCM || bits != 16) && ((format != A_LAW && format != MU_LAW) || bits != 8))
        return error_set(error, ERROR_INPUT,
                         "its samples are of format %u with %u bits; expected 16 bits, A-law or mu-law", format, bits);
    if (channels != 1 || rate != 8000)
        return error_set(error, ERROR_INPUT,
                         "it has %u channels of %u samples a second; expected one of 8000: sox IN -r 8000 -c 1 OUT",
                         channels, rate);
    wave->format = (uint16_t)format;
    return true;
}

static bool data_parse(const uint8_t *bytes, uint32_t length, size_t left, struct wave *wave, struct error *error)
{
    if (wave->format == 0)
        error_set(error, ERROR_INPUT, "its sound comes before its format");
    else if (length > left)
        error_set(error, ERROR_INPUT, "it was cut off: it says %u bytes of sound, and has %zu", length, left);
    else {
        wave->bytes = bytes;
        wave->count = wave->format == PCM ? length / 2 : length;
        return true;
    }
    return false;
}

bool wave_parse(const uint8_t *file, size_t length, struct wave *wave, struct error *error)
{
    *wave = (struct wave){0};
    if (length < 12 || memcmp(file, "RIFF", 4) != 0 || memcmp(file + 8, "WAVE", 4) != 0)
        return error_set(error, ERROR_INPUT, "it is no WAVE file");
    for (size_t at = 12; length - at >= 8;) {
        const uint8_t *chunk = file + at;
        uint32_t size = wave_number(chunk + 4, 4);
        size_t left = length - at - 8;
        if (memcmp(chunk, "data", 4) == 0) return data_parse(chunk + 8, size, left, wave, error);
        if (size > left) break;
        if (memcmp(chunk, "fmt ", 4) == 0 && !format_parse(chunk + 8, size, wave, error)) return false;
        at += 8 + size;
        if (size % 2 != 0 && at < length) at++;
    }
    return error_set(error, ERROR_INPUT, "it has no sound, or was cut off before it");
}

/* ITU-T G.711: a sign, three bits of a segment and four bits within it; every other bit is inverted. */
static int16_t of_a_law(uint8_t code)
{
    code ^= 0x55;
    int segment = code >> 4 & 7, value = (code & 15) * 16 + 8;
    if (segment > 0) value = (value + 256) << (segment - 1);
    return (int16_t)(code & 0x80 ? value : -value);
}

static int16_t of_mu_law(uint8_t code)
{
    code = (uint8_t)~code;
    int value = (((code & 15) * 8 + 132) << (code >> 4 & 7)) - 132;
    return (int16_t)(code & 0x80 ? -value : value);
}

size_t wave_read(const struct wave *wave, size_t at, int16_t *samples, size_t count)
{
    if (count > wave->count - at) count = wave->count - at;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *byte = wave->bytes + (at + i) * (wave->format == PCM ? 2 : 1);
        samples[i] = wave->format == PCM     ? (int16_t)wave_number(byte, 2)
                     : wave->format == A_LAW ? of_a_law(*byte)
                                             : of_mu_law(*byte);
    }
    return count;
}
