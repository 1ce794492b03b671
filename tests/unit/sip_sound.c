/* tests/unit/sip_sound.c - G.711, prompts from files, and tones. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/sip/sound.h"

TestSuite(sip_sound, .timeout = 20);

Test(sip_sound, every_code_comes_back_from_its_sample)
{
    for (unsigned law = 0; law < LAWS; law++)
        for (unsigned code = 0; code < 256; code++) {
            int16_t sample = g711_decode((enum law)law, (uint8_t)code);
            uint8_t again = g711_encode((enum law)law, sample);
            /* mu-law has two codes for nothing. */
            cr_assert(again == code || (law == LAW_MU && sample == 0), "law %u: code %u, %d, %u", law, code, sample,
                      again);
        }
}

Test(sip_sound, a_sample_is_nearly_what_it_was)
{
    for (unsigned law = 0; law < LAWS; law++)
        for (int sample = -32768; sample <= 32767; sample += 7) {
            int got = g711_decode((enum law)law, g711_encode((enum law)law, (int16_t)sample));
            int off = abs(got - sample), size = abs(sample);
            cr_assert(off <= 16 + size / 25, "law %u: %d became %d", law, sample, got);
        }
}

Test(sip_sound, the_other_law_says_the_same)
{
    for (unsigned code = 0; code < 256; code++) {
        uint8_t codes[2] = {(uint8_t)code, (uint8_t)code};
        g711_convert(LAW_A, LAW_MU, codes, 1);
        int was = g711_decode(LAW_A, (uint8_t)code), is = g711_decode(LAW_MU, codes[0]);
        cr_assert(abs(was - is) <= 16 + abs(was) / 25, "%d became %d", was, is);
        g711_convert(LAW_A, LAW_A, codes + 1, 1);
        cr_assert_eq(codes[1], code);
    }
    cr_assert_eq(g711_encode(LAW_A, 0), law_silence(LAW_A));
    cr_assert_eq(g711_encode(LAW_MU, 0), law_silence(LAW_MU));
}

/* --- Prompts --- */

static char folder[] = "/tmp/gcx-sip-sound-XXXXXX";

static void begin(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void finish(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

static void write_wave(const char *name, int16_t sample, uint32_t count)
{
    char path[128];
    uint8_t head[44] = "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\100\37\0\0\200\76\0\0\2\0\20\0data";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    cr_assert(out, "%s", path);
    for (unsigned i = 0; i < 4; i++) head[40 + i] = (uint8_t)(count * 2 >> (8 * i));
    fwrite(head, 1, sizeof head, out);
    for (uint32_t i = 0; i < count; i++) fwrite(&sample, 2, 1, out);
    fclose(out);
}

static int16_t first_of(struct sound *sound)
{
    int16_t sample = g711_decode(LAW_A, sound->codes[LAW_A][0]);
    sound_release(sound);
    return sample;
}

Test(sip_sound, a_prompt_is_looked_for_in_its_language, .init = begin, .fini = finish)
{
    char path[128], why[512];
    struct sounds *sounds = sounds_new(folder);
    snprintf(path, sizeof path, "%s/fr", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    write_wave("hello.wav", 1000, 10);
    write_wave("fr/hello.wav", 8000, 10);
    struct sound *sound = sounds_prompt(sounds, "hello", "fr-CA", NULL, why, sizeof why);
    cr_assert(sound, "%s", why);
    cr_assert_eq(sound->count, 10);
    cr_assert_gt(first_of(sound), 4000);
    cr_assert_gt(first_of(sounds_prompt(sounds, "hello", "de", "fr", why, sizeof why)), 4000);
    cr_assert_lt(first_of(sounds_prompt(sounds, "hello", "de", "", why, sizeof why)), 4000);
    sounds_free(sounds);
}

Test(sip_sound, a_file_that_has_changed_is_read_again, .init = begin, .fini = finish)
{
    char why[512];
    struct sounds *sounds = sounds_new(folder);
    write_wave("hello.wav", 1000, 10);
    struct sound *held = sounds_prompt(sounds, "hello", NULL, NULL, why, sizeof why);
    write_wave("hello.wav", 8000, 20);
    struct sound *fresh = sounds_prompt(sounds, "hello", NULL, NULL, why, sizeof why);
    cr_assert_eq(held->count, 10, "whoever plays the old one has it");
    cr_assert_eq(fresh->count, 20);
    sound_release(fresh);
    sounds_free(sounds);
    sound_release(held);
}

Test(sip_sound, what_is_no_prompt_is_refused_with_a_reason, .init = begin, .fini = finish)
{
    char why[512] = "", path[128];
    struct sounds *sounds = sounds_new(folder);
    cr_assert_not(sounds_prompt(sounds, "hello", NULL, NULL, why, sizeof why));
    cr_assert(strstr(why, "No such file"), "%s", why);
    cr_assert_not(sounds_prompt(sounds, "../hello", NULL, NULL, why, sizeof why));
    cr_assert_str_eq(why, "this is no name of a prompt");
    cr_assert_not(sounds_prompt(sounds, "hello", "..", "a/b", why, sizeof why));
    snprintf(path, sizeof path, "%s/hello.wav", folder);
    FILE *out = fopen(path, "w");
    fputs("RIFFxxxxWAVEjunk", out);
    fclose(out);
    cr_assert_not(sounds_prompt(sounds, "hello", NULL, NULL, why, sizeof why));
    write_wave("empty.wav", 0, 0);
    cr_assert_not(sounds_prompt(sounds, "empty", NULL, NULL, why, sizeof why));
    sounds_free(sounds);
}

Test(sip_sound, tones_have_their_cadence)
{
    struct sounds *sounds = sounds_new("");
    struct sound *busy = sounds_tone(sounds, TONE_BUSY);
    int loud = 0;
    cr_assert_eq(busy->count, 8000);
    for (size_t i = 0; i < 4000; i++) loud += abs(g711_decode(LAW_A, busy->codes[LAW_A][i])) > 1000;
    cr_assert_gt(loud, 3000);
    for (size_t i = 4000; i < 8000; i++) cr_assert_lt(abs(g711_decode(LAW_MU, busy->codes[LAW_MU][i])), 20);
    sound_release(busy);
    sounds_free(sounds);
}
