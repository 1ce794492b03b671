/* tests/bench/detector.c - How often the detector is right on sounds as calls have them, and what it costs; libspandsp
 * beside it, where that was there when gcx was configured.
 *
 * Usage: detector COUNT SEED [person-N.wav | machine-N.wav]... The sounds are made from the seed: each kind of tone,
 * voices (of the files, else synthetic ones), noise and nothing; levels of -35 to -8 dBm0, noise 10 to 35 dB below,
 * frequencies that are off by up to 1 %, times by up to 5 %. A line a kind: its name, how many, and how many of them
 * ours and then libspandsp told rightly and wrongly; the others had no verdict. Then `cost`: microseconds for each
 * second of sound, and `bytes` of a call. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "runtime/detector/detector.h"
#include "runtime/detector/wave.h"
#include "base/file.h"
#include "tests/unit/detector_sounds.h"
#ifdef HAVE_SPANDSP
#include "tests/unit/detector_rival.h"
#endif

enum { KIND_cadence, KIND_special, KIND_fax, KIND_person, KIND_machine, KIND_nobody, KINDS, CLIPS_MAX = 100 };
static const char *const kind_names[] = {"cadence", "special", "fax", "person", "machine", "nobody"};
/* What of a thousand sounds each is. */
static const unsigned parts[KINDS] = {300, 180, 80, 160, 160, 120};

struct tally {
    unsigned count, right[2], wrong[2]; /* ours, libspandsp's */
};
struct cost {
    double us, seconds;
};
struct clip {
    int16_t *samples;
    size_t count;
};
static struct clip clips[2][CLIPS_MAX];
static unsigned clip_count[2];

static struct detected_sound sound;
static int16_t samples[SOUND_MAX];

static const struct row {
    const char *country; /* of the rows before */
    enum detector_sound sound;
    double f1, f2, times[4];
} rows[] = {
#define COUNTRY(name, doc)
#define CADENCE(sound, f1, f2, on1, off1, on2, off2, cycles, slack)                                                    \
    {NULL, DETECTOR_##sound, f1, f2, {on1, off1, on2, off2}},
#define END_COUNTRY(name) {#name, DETECTOR_nothing, 0, 0, {0}},
#include "runtime/detector/cadences.def"
};

static const struct {
    enum detector_sound sound;
    double f1, ms1, f2, ms2;
} specials[] = {
#define SIT(sound, f1, ms1, f2, ms2) {DETECTOR_##sound, (f1) / 10.0, ms1, (f2) / 10.0, ms2},
#include "runtime/detector/sit.def"
    {DETECTOR_sit, 950, 330, 1400, 330},
};

static unsigned draw(unsigned below)
{
    return (unsigned)sound_draw(&sound, 0, below);
}

static enum detector_sound make_cadence(const char **country, double dbm0)
{
    unsigned at = draw(sizeof rows / sizeof *rows);
    while (rows[at].country) at = draw(sizeof rows / sizeof *rows);
    const struct row *row = &rows[at];
    double times[4], late = sound_draw(&sound, 0.95, 1.05);
    for (unsigned i = 0; i < 4; i++) times[i] = row->times[i] * late;
    sound.off = sound_draw(&sound, 0.99, 1.01);
    sound_cadence(&sound, row->f1, row->f2, dbm0, times, row->times[0] < 1000 ? 5 : 2);
    while (!rows[at].country) at++;
    *country = rows[at].country;
    return row->sound;
}

static enum detector_sound make_special(const char **country, double dbm0)
{
    unsigned at = draw(sizeof specials / sizeof *specials);
    double late = sound_draw(&sound, 0.95, 1.05);
    sound.off = sound_draw(&sound, 0.995, 1.005);
    sound_special(&sound, specials[at].f1, specials[at].ms1 * late, specials[at].f2, specials[at].ms2 * late, dbm0);
    sound_silence(&sound, 400);
    sound_voice(&sound, sound_draw(&sound, 90, 230), dbm0, 3000);
    if (specials[at].sound == DETECTOR_sit) *country = "eu";
    return specials[at].sound;
}

static enum detector_sound make_fax(double dbm0)
{
    sound.off = sound_draw(&sound, 0.994, 1.006);
    if (draw(2)) {
        sound_cadence(&sound, 1100, 0, dbm0, (const double[]){500, 3000, 0, 0}, 2);
        return DETECTOR_fax_calls;
    }
    sound_tone(&sound, 2100, 0, dbm0, 3300);
    return DETECTOR_fax_answers;
}

static enum detector_sound make_voice(bool machine, double dbm0)
{
    if (clip_count[machine] > 0) {
        const struct clip *clip = &clips[machine][draw(clip_count[machine])];
        sound_add(&sound, clip->samples, clip->count, dbm0);
    } else
        sound_voice(&sound, sound_draw(&sound, 90, 230), dbm0,
                    machine ? sound_draw(&sound, 4000, 10000) : sound_draw(&sound, 400, 1900));
    sound_silence(&sound, 2500);
    return machine ? DETECTOR_machine : DETECTOR_person;
}

/* A sound of the kind, and what is to be told of it. */
static enum detector_sound make(unsigned kind, uint64_t seed, const char **country)
{
    enum detector_sound wanted = DETECTOR_silence;
    sound_begin(&sound, seed);
    double dbm0 = sound_draw(&sound, -35, -8), noise = dbm0 - sound_draw(&sound, 10, 35);
    *country = "us";
    sound_silence(&sound, sound_draw(&sound, 0, 1500));
    if (kind == KIND_cadence)
        wanted = make_cadence(country, dbm0);
    else if (kind == KIND_special)
        wanted = make_special(country, dbm0);
    else if (kind == KIND_fax)
        wanted = make_fax(dbm0);
    else if (kind == KIND_nobody)
        sound_silence(&sound, 10000);
    else
        wanted = make_voice(kind == KIND_machine, dbm0);
    if (kind == KIND_nobody) noise = sound_draw(&sound, -70, -15);
    sound_noise(&sound, (enum sound_noise)draw(kind == KIND_nobody ? 3 : 2), noise);
    sound_samples(&sound, samples);
    return wanted;
}

static enum detector_sound ours(const char *country, size_t *taken)
{
    static struct detector detector;
    struct detector_verdict verdict = {0};
    enum detector_sound heard = DETECTOR_nothing;
    size_t at = 0;
    detector_begin(&detector, &detector_rules_usual, detector_country(country));
    detector_answered(&detector);
    while (at < sound.count && !verdict.final) {
        at += detector_hear(&detector, samples + at, sound.count - at < 160 ? sound.count - at : 160, &verdict);
        if (verdict.sound != DETECTOR_nothing) heard = verdict.sound;
    }
    *taken = at;
    return heard;
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void judge(unsigned who, const char *country, enum detector_sound wanted, struct tally *tally, struct cost *cost)
{
    size_t taken = 0;
    double began = now_us();
    enum detector_sound heard = DETECTOR_nothing;
    if (who == 0) heard = ours(country, &taken);
#ifdef HAVE_SPANDSP
    if (who == 1) heard = rival_hears(country, samples, sound.count, &taken);
#endif
    cost->us += now_us() - began;
    cost->seconds += (double)taken / DETECTOR_RATE;
    if (heard == wanted)
        tally->right[who]++;
    else if (heard != DETECTOR_nothing)
        tally->wrong[who]++;
    if (who == 0 && heard != wanted && getenv("DETECTOR_SAYS"))
        fprintf(stderr, "%s: %s, not %s\n", country, detector_sound_name(heard), detector_sound_name(wanted));
}

static bool clip_read(const char *path)
{
    const char *why, *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    size_t length;
    struct wave wave;
    struct error error = {.text = ""};
    bool machine = strncmp(name, "machine", 7) == 0;
    char *file = file_read(path, 1 << 28, &length, &why);
    if (!file || !wave_parse((const uint8_t *)file, length, &wave, &error) || clip_count[machine] == CLIPS_MAX) {
        fprintf(stderr, "%s: %s\n", path, file ? error.text : why);
        return false;
    }
    struct clip *clip = &clips[machine][clip_count[machine]++];
    clip->samples = malloc(wave.count * sizeof *clip->samples + 1);
    clip->count = wave_read(&wave, 0, clip->samples, wave.count);
    free(file);
    return true;
}

int main(int argc, char **argv)
{
    struct tally tallies[KINDS] = {0};
    struct cost costs[2] = {0};
    if (argc < 3) return 2;
    unsigned count = (unsigned)atoi(argv[1]);
    uint64_t seed = (uint64_t)atoll(argv[2]);
    for (int at = 3; at < argc; at++)
        if (!clip_read(argv[at])) return 1;
    for (unsigned at = 0; at < count; at++) {
        unsigned kind = 0, place = at * 1000 / count;
        while (place >= parts[kind]) place -= parts[kind++];
        const char *country;
        enum detector_sound wanted = make(kind, seed + at, &country);
        tallies[kind].count++;
        for (unsigned who = 0; who < 2; who++) judge(who, country, wanted, &tallies[kind], &costs[who]);
    }
    for (unsigned kind = 0; kind < KINDS; kind++)
        printf("%s %u %u %u %u %u\n", kind_names[kind], tallies[kind].count, tallies[kind].right[0],
               tallies[kind].wrong[0], tallies[kind].right[1], tallies[kind].wrong[1]);
    printf("cost %.1f", costs[0].us / costs[0].seconds);
    if (costs[1].seconds > 0) printf(" %.1f", costs[1].us / costs[1].seconds);
    printf("\nbytes %zu\n", sizeof(struct detector));
    return 0;
}
