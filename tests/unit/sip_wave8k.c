/* tests/unit/sip_wave8k.c - Sound of any rate, at 8000 samples a second: tones keep their pitch, higher ones are gone.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/speech.h"

TestSuite(sip_wave8k, .timeout = 20);

static uint8_t file[400000];
static size_t length;

static void put(size_t at, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) file[at + i] = (uint8_t)(value >> (8 * i));
}

/* A second of a tone. `says`: the bytes of sound that the header tells. */
static void make(unsigned rate, double hertz, uint32_t says)
{
    memcpy(file, "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\1\0", 24);
    put(24, rate, 4);
    put(28, rate * 2, 4);
    memcpy(file + 32, "\2\0\20\0data", 8);
    put(40, says, 4);
    for (unsigned i = 0; i < rate; i++)
        put(44 + 2 * i, (uint16_t)(int16_t)lrint(10000 * sin(2 * 3.14159265358979 * hertz * i / rate)), 2);
    length = 44 + 2 * rate;
}

/* Of the middle of the sound: how loud that tone is in it, and how loud all is. */
static void loudness(const int16_t *samples, size_t count, double hertz, double *tone, double *all)
{
    double a = 0, b = 0, sum = 0;
    size_t first = count / 4, last = count * 3 / 4;
    for (size_t i = first; i < last; i++) {
        double turn = 2 * 3.14159265358979 * hertz * (double)i / 8000;
        a += samples[i] * cos(turn), b += samples[i] * sin(turn), sum += samples[i] * samples[i];
    }
    *tone = 2 * sqrt(a * a + b * b) / (double)(last - first);
    *all = sqrt(2 * sum / (double)(last - first));
}

Test(sip_wave8k, a_tone_keeps_its_pitch_and_loudness)
{
    static const unsigned rates[] = {8000, 11025, 16000, 22050, 24000, 44100, 48000};
    for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++)
        for (double hertz = 300; hertz < 3400; hertz += 1000) {
            double tone, all;
            size_t count;
            const char *reason;
            make(rates[i], hertz, rates[i] * 2);
            int16_t *samples = wave8k_samples(file, length, &count, &reason);
            cr_assert(samples, "%u: %s", rates[i], reason);
            cr_expect(count >= 7990 && count <= 8000, "%u: %zu", rates[i], count);
            loudness(samples, count, hertz, &tone, &all);
            cr_expect(tone > 9000 && tone < 11000, "%u, %.0f Hz: %.0f", rates[i], hertz, tone);
            cr_expect_lt(all - tone, 100, "%u, %.0f Hz: %.0f of other sound", rates[i], hertz, all - tone);
            free(samples);
        }
}

Test(sip_wave8k, higher_tones_are_not_heard_as_lower_ones)
{
    double tone, all;
    size_t count;
    const char *reason;
    make(22050, 5000, 44100);
    int16_t *samples = wave8k_samples(file, length, &count, &reason);
    loudness(samples, count, 3000, &tone, &all);
    cr_expect_lt(all, 100, "%.0f", all);
    free(samples);
}

Test(sip_wave8k, a_length_that_was_not_known_is_that_of_the_file)
{
    size_t count;
    const char *reason;
    make(22050, 1000, 0x7ffff000);
    int16_t *samples = wave8k_samples(file, length, &count, &reason);
    cr_assert(samples);
    cr_expect_eq(count, 8000);
    free(samples);
}

Test(sip_wave8k, what_is_no_sound_is_refused)
{
    size_t count;
    const char *reason = NULL;
    make(22050, 1000, 44100);
    for (size_t cut = 0; cut < 46; cut++) {
        cr_expect_not(wave8k_samples(file, cut, &count, &reason), "%zu bytes", cut);
        cr_expect(reason);
    }
    put(24, 4000, 4);
    cr_expect_not(wave8k_samples(file, length, &count, &reason));
    put(24, 22050, 4);
    put(22, 2, 2);
    cr_expect_not(wave8k_samples(file, length, &count, &reason), "two channels");
    put(22, 1, 2);
    put(16, 0xffffffff, 4);
    cr_expect_not(wave8k_samples(file, length, &count, &reason), "a format without an end");
}
