/* runtime/adapters/sip/announce.h - An announcement: the sounds that a treatment plays one after another.
 *
 *     prompt balance, values 12.50 EUR  -->  balance.wav  say_12.wav  say_euros.wav ...
 *
 * An announcement is made of the treatment's parameters: its prompt, the values that follow it, the choices with their
 * keys. All values of one announcement are in one language: the caller's, else the site's, else that of the prompts
 * outside any language's folder. It holds its sounds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/adapters/sip/sound.h"
#include "runtime/vocabulary/kv.h"

enum { ANNOUNCED_MAX = 256 };

struct announcement {
    struct sound *sounds[ANNOUNCED_MAX];
    unsigned count;
};

/* False with the reason, such as a missing file. Without a prompt and values the announcement has no sound. */
bool announce_make(struct announcement *, struct sounds *, struct span params, const char *language, char *why,
                   size_t why_size);
/* Adds the further files of the prompt, NAME.2.wav and so on, which are music that goes on. */
void announce_music(struct announcement *, struct sounds *, struct span params, const char *language);
/* Takes the sound. False with the reason: the announcement has too many sounds already. */
bool announce_add(struct announcement *, struct sound *, char *why, size_t why_size);
void announce_release(struct announcement *);

/* Copies the text of a parameter; false: the parameter is missing, is no text, or is too long. */
bool announce_text(struct span params, const char *key, char *text, size_t size);
