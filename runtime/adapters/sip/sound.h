/* runtime/adapters/sip/sound.h - Sounds that are played: prompts and music from files, and tones.
 *
 * A sound is kept in both laws of G.711 and shared by all who play it. A file is read when its sound is first asked
 * for, and again after the file has changed; whoever plays the old sound keeps it until the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/sip/g711.h"

struct sound {
    uint8_t *codes[LAWS];
    size_t count;
    unsigned holders;
    bool tone; /* a tone: one period that repeats without end */
};

struct sounds;

struct sounds *sounds_new(const char *folder); /* "": there is none */
void sounds_free(struct sounds *);

/* The prompt in that language (`fr-CA`, then `fr`), in the language `other`, or outside all languages; NULL with the
 * reason. The caller releases it. Languages may be NULL or "". */
struct sound *sounds_prompt(struct sounds *, const char *name, const char *language, const char *other, char *why,
                            size_t why_size);
/* The sound in that language alone, `fr` for `fr-CA`, too; "": outside all languages. */
struct sound *sounds_piece(struct sounds *, const char *name, const char *language, char *why, size_t why_size);

enum tone_sound { TONE_RINGBACK, TONE_BUSY, TONE_FAST_BUSY, TONE_BEEP, TONE_SILENCE, TONE_SOUNDS };
/* the function that asks for the tone holds a reference to it, too */
struct sound *sounds_tone(struct sounds *, enum tone_sound);

/* Reads a sound from a file, with a reference for the caller; NULL with the reason. */
struct sound *sound_read(const char *path, char *why, size_t why_size);
/* Makes a sound of samples, with a reference for the caller. */
struct sound *sound_of_samples(const int16_t *samples, size_t count);
void sound_hold(struct sound *);
void sound_release(struct sound *); /* NULL is nothing */
