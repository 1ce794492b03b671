/* runtime/adapters/sip/sound.h - Sounds that are played: prompts and music of a folder, and tones.
 *
 * A sound is kept in both laws of G.711 and shared by all who play it. The folder's sounds are read when they are first
 * asked for, and again when their file has changed; those who play the old one have it until they end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/sip/g711.h"

struct sound {
    uint8_t *codes[LAWS];
    size_t count;
    unsigned holders;
    bool tone; /* made, and the same from period to period */
};

struct sounds;

struct sounds *sounds_new(const char *folder); /* "": there is none */
void sounds_free(struct sounds *);

/* The prompt in the language (`fr-CA`, then `fr`), in the other language, or in none; NULL with the reason. The caller
 * releases it. Languages may be NULL or "". */
struct sound *sounds_prompt(struct sounds *, const char *name, const char *language, const char *other, char *why,
                            size_t why_size);
/* In that language alone, `fr` for `fr-CA` too; "": in none. */
struct sound *sounds_piece(struct sounds *, const char *name, const char *language, char *why, size_t why_size);

enum tone_sound { TONE_RINGBACK, TONE_BUSY, TONE_FAST_BUSY, TONE_BEEP, TONE_SILENCE, TONE_SOUNDS };
struct sound *sounds_tone(struct sounds *, enum tone_sound); /* held for the caller, too */

/* Read from a file and held for the caller; NULL with the reason. */
struct sound *sound_read(const char *path, char *why, size_t why_size);
/* Made of samples, held for the caller. */
struct sound *sound_of_samples(const int16_t *samples, size_t count);
void sound_hold(struct sound *);
void sound_release(struct sound *); /* NULL is nothing */
