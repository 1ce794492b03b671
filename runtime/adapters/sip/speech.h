/* runtime/adapters/sip/speech.h - Text to speech: a command of the site speaks the text, and its sound is kept.
 *
 *     text -- stdin --> command, with the language as an argument -- stdout --> WAVE --> 8000 samples/s --> sound
 *
 * The command runs in its own process, without a shell, for a limited time; a few run at once, other texts wait.
 * Sounds are kept by the hash of language and text; those that were not used for longest are dropped first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/sip/sound.h"

/* --- wave8k.c --- */

/* The sound of a WAVE file of 16 bits and one channel, at any rate, converted to 8000 samples a second; a length of
 * the file that was not known when its header was written is accepted. NULL with the reason; else the caller of this
 * function frees the samples. */
int16_t *wave8k_samples(const uint8_t *file, size_t length, size_t *count, const char **reason);

/* --- speech.c --- */

struct speeches;

/* One who waits for a text to be spoken; the struct is in the owner's memory. */
struct speech_wait {
    /* gets the sound and must hold it itself to keep it; NULL: `why` is the reason */
    void (*spoken)(void *self, struct sound *, const char *why);
    void *self;
    struct speech_wait *next;
};

/* told() is called after each text with NULL, or with the reason why it was not spoken. If no text is spoken for a
 * minute, the voice is checked by one word in the language of the last text. Such checks end an hour after the last
 * text. After a failure the check is repeated every five seconds until the word is spoken. */
struct speeches_tell {
    void (*told)(void *self, const char *why);
    void *self;
};

/* Does the program of that command exist? False with the reason; "" means no text to speech, and is true. */
bool speeches_check(const char *command, char *why, size_t why_size);
bool speech_is_web(const char *command); /* is it an HTTP address, to which curl posts the text? */
struct speeches *speeches_new(const char *command, uint64_t timeout_ms, const struct speeches_tell *);
void speeches_free(struct speeches *); /* nobody waits any more */

/* The kept sound of that text, held for the caller; NULL: it is not kept. */
struct sound *speeches_find(struct speeches *, const char *language, const char *text);
/* Has the text spoken: spoken() is called later, once. False with the reason. */
bool speeches_ask(struct speeches *, const char *language, const char *text, struct speech_wait *, char *why,
                  size_t why_size);
void speeches_forget(struct speeches *, struct speech_wait *); /* does nothing if the entry does not wait any more */
