/* runtime/adapters/sip/sound.c - Reads prompts, makes tones, and keeps both in memory.
 *
 *     prompt "hello", language fr-CA, site en:
 *         folder/fr-CA/hello.wav   folder/fr/hello.wav   folder/en/hello.wav   folder/hello.wav
 *     the first file that exists counts; if that one cannot be read, the others are not tried
 *
 * References to a sound are counted: the list of files that were read holds one, and each player holds one. A file
 * that has changed on disk is read again when it is next asked for; whoever plays the old sound continues with it. */
#include "runtime/adapters/sip/sound.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/adapters/sip/sound_fault.h"
#include "runtime/detector/wave.h"
#include "base/file.h"
#include "base/memory.h"

enum { SOUND_MAX = 32 * 1024 * 1024, RATE = 8000 };

struct kept_sound {
    char *path;
    struct sound *sound;
    struct timespec changed;
    off_t size;
};

struct sounds {
    char *folder;
    struct kept_sound *kept;
    unsigned kept_count;
    struct sound *tones[TONE_SOUNDS];
};

void sound_hold(struct sound *sound)
{
    assert(sound->holders > 0); /* without references the sound would be freed already */
    sound->holders++;
}

void sound_release(struct sound *sound)
{
    if (!sound || --sound->holders > 0) return;
    for (unsigned law = 0; law < LAWS; law++) free(sound->codes[law]);
    free(sound);
}

/* Makes a sound of samples, in both laws of G.711 at once, so that no conversion is needed while the sound plays. */
struct sound *sound_of_samples(const int16_t *samples, size_t count)
{
    struct sound *sound = memory_zeroed(1, sizeof *sound);
    sound->holders = 1;
    sound->count = count;
    for (unsigned law = 0; law < LAWS; law++) {
        sound->codes[law] = memory_zeroed(count + 1, 1);
        for (size_t i = 0; i < count; i++) sound->codes[law][i] = g711_encode((enum law)law, samples[i]);
    }
    return sound;
}

/* --- Tones: one period of each, which is repeated without end --- */

static struct sound *tone_made(unsigned hertz, unsigned on_ms, unsigned off_ms)
{
    size_t on = (size_t)on_ms * RATE / 1000, count = on + (size_t)off_ms * RATE / 1000;
    int16_t *samples = memory_zeroed(count, sizeof *samples);
    const double turn = 2 * 3.14159265358979323846 * hertz / RATE;
    for (size_t i = 0; i < on; i++) samples[i] = (int16_t)lrint(6000 * sin(turn * (double)i));
    struct sound *sound = sound_of_samples(samples, count);
    free(samples);
    sound->tone = true;
    return sound;
}

struct sound *sounds_tone(struct sounds *sounds, enum tone_sound tone)
{
    static const unsigned short tones[TONE_SOUNDS][3] = {/* hertz, milliseconds of tone, milliseconds of silence */
                                                         [TONE_RINGBACK] = {425, 1000, 4000},
                                                         [TONE_BUSY] = {425, 500, 500},
                                                         [TONE_FAST_BUSY] = {425, 240, 240},
                                                         [TONE_BEEP] = {1000, 300, 0},
                                                         [TONE_SILENCE] = {0, 0, 1000}};
    if (!SOUND_HOLDS(tone < TONE_SOUNDS)) tone = TONE_SILENCE;
    if (!sounds->tones[tone]) sounds->tones[tone] = tone_made(tones[tone][0], tones[tone][1], tones[tone][2]);
    sound_hold(sounds->tones[tone]);
    return sounds->tones[tone];
}

/* --- Prompts --- */

struct sound *sound_read(const char *path, char *why, size_t why_size)
{
    size_t length;
    const char *reason;
    struct wave wave;
    struct error error = {0};
    char *file = file_read(path, SOUND_MAX, &length, &reason);
    if (!file) {
        snprintf(why, why_size, "%s: %s", path, reason);
        return NULL;
    }
    struct sound *sound = NULL;
    if (wave_parse((const uint8_t *)file, length, &wave, &error) && wave.count > 0) {
        int16_t *samples = memory_zeroed(wave.count, sizeof *samples);
        size_t count = wave_read(&wave, 0, samples, wave.count);
        sound = sound_of_samples(samples, count);
        free(samples);
    } else {
        snprintf(why, why_size, "%s: %s", path, wave.count == 0 && !*error.text ? "it has no sound" : error.text);
    }
    free(file);
    return sound;
}

/* Returns the sound of a file, read anew if the file has changed; NULL with the reason; `*there`: the file exists. A
 * file is unchanged if its size and modification time are the same. If a changed file cannot be read, the old sound
 * stays in the list but is not returned. */
static struct sound *sound_at(struct sounds *sounds, const char *path, bool *there, char *why, size_t why_size)
{
    struct stat now;
    struct kept_sound *kept = NULL;
    *there = stat(path, &now) == 0;
    if (!*there) {
        snprintf(why, why_size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    for (unsigned i = 0; i < sounds->kept_count && !kept; i++)
        if (strcmp(sounds->kept[i].path, path) == 0) kept = &sounds->kept[i];
    bool same = kept && kept->size == now.st_size && kept->changed.tv_sec == now.st_mtim.tv_sec &&
                kept->changed.tv_nsec == now.st_mtim.tv_nsec;
    if (!same) {
        struct sound *fresh = sound_read(path, why, why_size);
        if (!fresh) return NULL;
        if (!kept) {
            sounds->kept = memory_more(sounds->kept, sounds->kept_count, sizeof *sounds->kept);
            kept = &sounds->kept[sounds->kept_count++];
            *kept = (struct kept_sound){.path = memory_text(path)};
        }
        sound_release(kept->sound);
        *kept = (struct kept_sound){kept->path, fresh, now.st_mtim, now.st_size};
    }
    sound_hold(kept->sound);
    return kept->sound;
}

/* Can the word be one part of a path, so that it leads to no other folder? */
static bool path_word_good(const char *word)
{
    return *word && *word != '.' && strlen(word) < 128 && !strpbrk(word, "/\\");
}

static struct sound *sound_in(struct sounds *sounds, const char *language, const char *name, bool *there, char *why,
                              size_t why_size)
{
    char path[1024];
    int length = *language ? snprintf(path, sizeof path, "%s/%s/%s.wav", sounds->folder, language, name)
                           : snprintf(path, sizeof path, "%s/%s.wav", sounds->folder, name);
    *there = false;
    return length > 0 && (size_t)length < sizeof path ? sound_at(sounds, path, there, why, why_size) : NULL;
}

/* `fr-CA`, then `fr`. */
static struct sound *sound_in_language(struct sounds *sounds, const char *language, const char *name, bool *there,
                                       char *why, size_t why_size)
{
    char word[128];
    *there = false;
    if (!language || !path_word_good(language)) return NULL;
    snprintf(word, sizeof word, "%s", language);
    for (char *dash;; *dash = '\0') {
        struct sound *sound = sound_in(sounds, word, name, there, why, why_size);
        if (*there || !(dash = strrchr(word, '-'))) return sound;
    }
}

static bool sounds_have_name(const struct sounds *sounds, const char *name, char *why, size_t why_size)
{
    if (*sounds->folder && path_word_good(name)) return true;
    snprintf(why, why_size, *sounds->folder ? "this is no name of a prompt" : "no folder of prompts is set");
    return false;
}

struct sound *sounds_piece(struct sounds *sounds, const char *name, const char *language, char *why, size_t why_size)
{
    bool there;
    if (!sounds_have_name(sounds, name, why, why_size)) return NULL;
    return *language ? sound_in_language(sounds, language, name, &there, why, why_size)
                     : sound_in(sounds, "", name, &there, why, why_size);
}

struct sound *sounds_prompt(struct sounds *sounds, const char *name, const char *language, const char *other, char *why,
                            size_t why_size)
{
    bool there = false;
    struct sound *sound;
    if (!sounds_have_name(sounds, name, why, why_size)) return NULL;
    sound = sound_in_language(sounds, language, name, &there, why, why_size);
    if (!there) sound = sound_in_language(sounds, other, name, &there, why, why_size);
    if (!there) sound = sound_in(sounds, "", name, &there, why, why_size);
    return sound;
}

struct sounds *sounds_new(const char *folder)
{
    struct sounds *sounds = memory_zeroed(1, sizeof *sounds);
    sounds->folder = memory_text(folder);
    return sounds;
}

void sounds_free(struct sounds *sounds)
{
    if (!sounds) return;
    for (unsigned i = 0; i < sounds->kept_count; i++) {
        sound_release(sounds->kept[i].sound);
        free(sounds->kept[i].path);
    }
    for (unsigned i = 0; i < TONE_SOUNDS; i++) sound_release(sounds->tones[i]);
    free(sounds->kept);
    free(sounds->folder);
    free(sounds);
}
