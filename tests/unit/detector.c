/* tests/unit/detector.c - The detector tells sounds apart that the test makes: tones, special information tones, fax,
 * voices; and is not misled by noise, levels, frequencies that are off, and pieces. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "runtime/detector/detector.h"
#include "runtime/detector/wave.h"
#include "tests/unit/detector_sounds.h"

TestSuite(detector, .timeout = 60);

static struct detected_sound sound;
static int16_t samples[SOUND_MAX];

/* The last verdict on the sound, in pieces of so many samples. Ringing that came before is counted. */
static struct detector_verdict heard_in(size_t piece, const char *country, unsigned *rang)
{
    static struct detector detector;
    struct detector_verdict verdict = {0}, last = {0};
    detector_begin(&detector, &detector_rules_usual, detector_country(country));
    detector_answered(&detector);
    sound_samples(&sound, samples);
    *rang = 0;
    for (size_t at = 0; at < sound.count;) {
        size_t count = sound.count - at < piece ? sound.count - at : piece;
        at += detector_hear(&detector, samples + at, count, &verdict);
        if (verdict.sound == DETECTOR_ringing) ++*rang;
        if (verdict.sound != DETECTOR_nothing) last = verdict;
    }
    return last;
}

static enum detector_sound heard(const char *country)
{
    unsigned rang;
    return heard_in(160, country, &rang).sound;
}

static void expect(const char *country, enum detector_sound wanted, const char *what)
{
    enum detector_sound found = heard(country);
    cr_expect_eq(found, wanted, "%s, %s: heard %s, not %s", what, country, detector_sound_name(found),
                 detector_sound_name(wanted));
}

/* Each row of cadences.def, with frequencies and levels that lines have. */
static void every_cadence(double off, double dbm0, double noise)
{
    static const struct {
        const char *country;
        enum detector_sound sound;
        double f1, f2, times[4];
    } rows[] = {
#define COUNTRY(name, doc)
#define CADENCE(sound, f1, f2, on1, off1, on2, off2, cycles, slack)                                                    \
    {NULL, DETECTOR_##sound, f1, f2, {on1, off1, on2, off2}},
#define END_COUNTRY(name) {#name, DETECTOR_nothing, 0, 0, {0}},
#include "runtime/detector/cadences.def"
    };
    for (size_t at = 0, first = 0; at < sizeof rows / sizeof *rows; at++) {
        if (!rows[at].country) continue;
        for (; first < at; first++) {
            sound_begin(&sound, first);
            sound.off = off;
            sound_silence(&sound, 300);
            sound_cadence(&sound, rows[first].f1, rows[first].f2, dbm0, rows[first].times,
                          rows[first].times[0] < 1000 ? 4 : 2);
            if (noise < 0) sound_noise(&sound, SOUND_white, noise);
            expect(rows[at].country, rows[first].sound, "cadence");
        }
        first = at + 1;
    }
}

Test(detector, cadences_of_each_country_are_told_apart)
{
    every_cadence(1, -13, 0);
}

Test(detector, cadences_are_known_when_soft_off_by_a_percent_and_in_noise)
{
    every_cadence(1.01, -25, -40);
    every_cadence(0.99, -35, -50);
}

Test(detector, special_information_tones_are_told_apart)
{
    static const struct {
        enum detector_sound sound;
        double f1, ms1, f2, ms2;
    } rows[] = {
#define SIT(sound, f1, ms1, f2, ms2) {DETECTOR_##sound, (f1) / 10.0, ms1, (f2) / 10.0, ms2},
#include "runtime/detector/sit.def"
        {DETECTOR_sit, 950, 330, 1400, 330},
    };
    for (size_t at = 0; at < 3 * sizeof rows / sizeof *rows; at++) {
        size_t row = at / 3;
        sound_begin(&sound, at);
        sound.off = 1 + 0.005 * ((double)(at % 3) - 1);
        sound_silence(&sound, 500 + 3.3 * (double)at);
        sound_special(&sound, rows[row].f1, rows[row].ms1, rows[row].f2, rows[row].ms2, -16);
        sound_voice(&sound, 110, -16, 3000);
        sound_noise(&sound, SOUND_white, -35);
        expect("us", rows[row].sound, "special information tone");
    }
}

Test(detector, a_fax_is_known_whether_it_calls_or_answers)
{
    sound_begin(&sound, 1);
    sound_cadence(&sound, 1100, 0, -20, (const double[]){500, 3000, 0, 0}, 2);
    sound_noise(&sound, SOUND_white, -40);
    expect("us", DETECTOR_fax_calls, "fax");
    sound_begin(&sound, 2);
    sound_silence(&sound, 2000);
    for (int i = 0; i < 6; i++) sound_tone(&sound, 2100, 0, -20, 450); /* its phase turns */
    expect("us", DETECTOR_fax_answers, "fax");
}

Test(detector, who_greets_at_length_is_a_machine_and_who_stops_is_a_person)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        double pitch = seed % 2 ? 115 : 205;
        sound_begin(&sound, seed);
        sound_silence(&sound, 400);
        sound_voice(&sound, pitch, -20, sound_draw(&sound, 400, 1800));
        sound_silence(&sound, 2500);
        sound_noise(&sound, SOUND_pink, -45);
        expect("us", DETECTOR_person, "person");
        sound_begin(&sound, seed);
        sound_silence(&sound, 400);
        sound_voice(&sound, pitch, -20, 6000);
        sound_noise(&sound, SOUND_pink, -45);
        expect("us", DETECTOR_machine, "machine");
    }
}

Test(detector, noise_is_nobody)
{
    for (int kind = SOUND_white; kind <= SOUND_hum; kind++)
        for (int dbm0 = -60; dbm0 <= -10; dbm0 += 10) {
            sound_begin(&sound, (uint64_t)(kind * 100 - dbm0));
            sound_silence(&sound, 10000);
            sound_noise(&sound, (enum sound_noise)kind, dbm0);
            for (unsigned country = 0; country < 2; country++) expect(country ? "eu" : "us", DETECTOR_silence, "noise");
        }
    sound_begin(&sound, 1);
    sound_silence(&sound, 2000);
    sound_noise(&sound, SOUND_white, -20);
    sound_silence(&sound, 6000); /* noise that stops */
    expect("us", DETECTOR_silence, "a hiss");
}

Test(detector, voices_are_no_tones)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        sound_begin(&sound, 1000 + seed);
        sound_voice(&sound, 80 + 10 * (double)seed, -15, 8000);
        expect("us", DETECTOR_machine, "a voice");
    }
}

Test(detector, ringing_is_told_once_and_is_not_final)
{
    unsigned rang;
    sound_begin(&sound, 1);
    sound_cadence(&sound, 440, 480, -15, (const double[]){2000, 4000, 0, 0}, 3);
    sound_voice(&sound, 120, -20, 900);
    sound_silence(&sound, 1500);
    struct detector_verdict verdict = heard_in(160, "us", &rang);
    cr_expect_eq(rang, 1);
    cr_expect_eq(verdict.sound, DETECTOR_person);
    cr_expect_eq(verdict.cause, cause_ok);
    cr_expect(verdict.final && verdict.sure_ms > 18900 && verdict.sure_ms < 20000, "%u", verdict.sure_ms);
}

Test(detector, voices_before_the_answer_are_nobody)
{
    struct detector detector;
    struct detector_verdict verdict;
    sound_begin(&sound, 5);
    sound_voice(&sound, 120, -20, 5000);
    sound_silence(&sound, 8000);
    sound_samples(&sound, samples);
    detector_begin(&detector, &detector_rules_usual, detector_country("us"));
    cr_expect_eq(detector_hear(&detector, samples, sound.count, &verdict), sound.count);
    cr_expect_eq(verdict.sound, DETECTOR_nothing);
    detector_answered(&detector);
    size_t taken = detector_hear(&detector, samples + 5 * SOUND_RATE, 8 * SOUND_RATE, &verdict);
    cr_expect_eq(verdict.sound, DETECTOR_silence);
    cr_expect(taken < 5 * SOUND_RATE && verdict.sure_ms >= 17000 && verdict.sure_ms < 17100, "%u", verdict.sure_ms);
}

Test(detector, silence_counts_from_the_answer_though_it_rang_before)
{
    struct detector detector;
    struct detector_verdict verdict;
    sound_begin(&sound, 6);
    sound_cadence(&sound, 440, 480, -15, (const double[]){2000, 4000, 0, 0}, 2);
    sound_silence(&sound, 6000);
    sound_samples(&sound, samples);
    detector_begin(&detector, &detector_rules_usual, detector_country("us"));
    size_t at = detector_hear(&detector, samples, 12 * SOUND_RATE, &verdict);
    cr_expect_eq(verdict.sound, DETECTOR_ringing);
    at += detector_hear(&detector, samples + at, 12 * SOUND_RATE - at, &verdict);
    cr_expect_eq(verdict.sound, DETECTOR_nothing);
    detector_answered(&detector);
    detector_hear(&detector, samples + at, sound.count - at, &verdict);
    cr_expect_eq(verdict.sound, DETECTOR_silence);
    cr_expect(verdict.sure_ms >= 16000 && verdict.sure_ms < 16100, "%u", verdict.sure_ms);
}

Test(detector, a_fax_that_speaks_first_is_a_fax)
{
    sound_begin(&sound, 7);
    sound_voice(&sound, 120, -20, 1000);
    sound_silence(&sound, 300);
    sound_tone(&sound, 2100, 0, -20, 2600);
    sound_noise(&sound, SOUND_white, -45);
    expect("us", DETECTOR_fax_answers, "a fax after a voice");
}

Test(detector, pieces_of_any_size_come_to_the_same)
{
    unsigned rang;
    sound_begin(&sound, 9);
    sound_voice(&sound, 150, -20, 1200);
    sound_silence(&sound, 1500);
    sound_noise(&sound, SOUND_white, -40);
    struct detector_verdict whole = heard_in(SOUND_MAX, "us", &rang);
    cr_assert_eq(whole.sound, DETECTOR_person);
    for (size_t piece = 1; piece < 1000; piece = piece * 2 + 1) {
        struct detector_verdict verdict = heard_in(piece, "us", &rang);
        cr_expect_eq(verdict.sound, whole.sound);
        cr_expect_eq(verdict.sure_ms, whole.sure_ms);
    }
}

Test(detector, rules_outside_their_bounds_are_refused)
{
    struct detector_rules rules = detector_rules_usual;
    cr_expect(detector_rule_set(&rules, "greeting", 1800) && rules.greeting == 1800);
    cr_expect(!detector_rule_set(&rules, "greeting", 1) && !detector_rule_set(&rules, "greeting", INT64_MAX));
    cr_expect(!detector_rule_set(&rules, "greetings", 1800) && rules.greeting == 1800);
    cr_expect_eq(detector_country("xx"), -1);
}

static const uint8_t head[] =
    "RIFF\x2a\0\0\0WAVEfmt \x12\0\0\0\7\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\10\0\0\0data\4\0\0\0\xff\x7f\0\x80";

Test(detector, files_are_read_or_refused_with_the_reason)
{
    struct wave wave;
    struct error error;
    uint8_t file[sizeof head - 1];
    memcpy(file, head, sizeof file);
    cr_assert(wave_parse(file, sizeof file, &wave, &error));
    int16_t four[8] = {0};
    cr_expect_eq(wave_read(&wave, 0, four, 8), 4);
    cr_expect(four[0] == 0 && four[1] == 0 && four[2] == -32124 && four[3] == 32124);
    for (size_t length = 0; length < sizeof file; length++) {
        uint8_t *cut = malloc(length + 1); /* so that the sanitizer sees its end */
        memcpy(cut, file, length);
        cr_expect(!wave_parse(cut, length, &wave, &error) && error.text[0], "%zu", length);
        free(cut);
    }
    static const struct {
        size_t at;
        uint8_t byte;
        const char *why;
    } wrong[] = {{0, 'X', "no WAVE"}, {20, 1, "of format 1 with 8 bits"}, {22, 2, "2 channels"},
                 {24, 0, "of 7936"},  {12, 'x', "before its format"},     {16, 4, "has 4 bytes"},
                 {43, 1, "cut off"}};
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        memcpy(file, head, sizeof file);
        file[wrong[at].at] = wrong[at].byte;
        cr_expect(!wave_parse(file, sizeof file, &wave, &error) && strstr(error.text, wrong[at].why), "%s: %s",
                  wrong[at].why, error.text);
    }
}
