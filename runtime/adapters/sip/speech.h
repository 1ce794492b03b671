/* runtime/adapters/sip/speech.h - Text to speech: a command of the site's speaks, and what it said is kept.
 *
 *     text -- stdin --> command, with the language as an argument -- stdout --> WAVE --> 8000 samples/s --> sound
 *
 * The command runs beside the loop, without a shell, for so long at most; some run at once, the others wait. Sounds are
 * kept under the hash of language and text, the longest unused going first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/sip/sound.h"

/* --- wave8k.c --- */

/* The sound of a WAVE file of 16 bits and one channel, whatever its rate; a length that it does not know yet is no
 * mistake. NULL with the reason; else the caller frees the samples. */
int16_t *wave8k_samples(const uint8_t *file, size_t length, size_t *count, const char **reason);

/* --- speech.c --- */

struct speeches;

/* Waits for a text to be spoken; the waiter's own. */
struct speech_wait {
    void (*spoken)(void *self, struct sound *, const char *why); /* the sound is lent; NULL: why not */
    void *self;
    struct speech_wait *next;
};

/* After each text: NULL, or why it was not spoken. A minute without a text has a word spoken in the language
 * of the last one, for an hour after that text; after a failure, five seconds later, until the word is spoken. */
struct speeches_tell {
    void (*told)(void *self, const char *why);
    void *self;
};

/* Is there such a program? False with the reason; "" is none, and good. */
bool speeches_check(const char *command, char *why, size_t why_size);
bool speech_is_web(const char *command); /* an address of HTTP, which curl asks */
struct speeches *speeches_new(const char *command, uint64_t timeout_ms, const struct speeches_tell *);
void speeches_free(struct speeches *); /* nobody waits any more */

/* Held for the caller; NULL: it is not kept. */
struct sound *speeches_find(struct speeches *, const char *language, const char *text);
/* Has it spoken: spoken() is called later, once. False with the reason. */
bool speeches_ask(struct speeches *, const char *language, const char *text, struct speech_wait *, char *why,
                  size_t why_size);
void speeches_forget(struct speeches *, struct speech_wait *); /* one that waits no more, too */
