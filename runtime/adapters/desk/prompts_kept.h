/* runtime/adapters/desk/prompts_kept.h - The folder of sounds that callers hear, as people change it: NAME.wav, or
 * LANGUAGE/NAME.wav, the same folder as of the plugin `sip`.
 *
 *     welcome.wav  fr/welcome.wav          what is played; replaced in one step, so nobody hears half a file
 *     .changes/log.jsonl                   who has changed which, when, why and until when: a line for each act
 *     .changes/1796049584648.wav           what the change of this moment has replaced, until it is taken back
 *     .changes/1796049584648.new           the sound of the change of this moment, until it is noted
 *
 * A change is noted before its sound is heard, and one that is taken back after what it has replaced is heard: after a
 * stop between both, prompts_kept_new() does the second. A change with an end is taken back when it is over; one that
 * is made meanwhile takes its place, and what was there before both comes back. All functions block: a thread calls
 * them. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct prompts_kept;

struct prompt_change {           /* all borrowed */
    const char *name, *language; /* language "": outside of all languages */
    const char *by, *why;
    int64_t now_ms, until_ms; /* until_ms 0: no end */
    int64_t seen_ms; /* when it was changed last, as the person saw it; 0: it was not; -1: the person does not say */
};

/* Reads the log, and finishes what a stop has cut. NULL with the reason. */
struct prompts_kept *prompts_kept_new(const char *folder, struct error *);
void prompts_kept_free(struct prompts_kept *); /* NULL is allowed */
/* [{name, language, bytes, at_ms, changed_ms, until_ms, changes}]; `changes`: the last acts. */
json_t *prompts_kept_list(const struct prompts_kept *);
/* Replaces the sound by a WAVE file, of one channel of 8000 samples a second and 16 bits. False with a sentence:
 * ERROR_INPUT it is no such file; ERROR_STATE somebody has changed it meanwhile; ERROR_SYSTEM. */
bool prompts_kept_put(struct prompts_kept *, const struct prompt_change *, const uint8_t *file, size_t length,
                      struct error *);
/* Takes the last change of the sound back. False with a sentence. */
bool prompts_kept_undo(struct prompts_kept *, const struct prompt_change *, struct error *);
/* Takes back the changes that are over. Returns how many; where one does not come back, the error has why. */
unsigned prompts_kept_over(struct prompts_kept *, int64_t now_ms, struct error *);
/* Opens a sound for reading; -1: there is none. */
int prompts_kept_open(const char *folder, const char *name, const char *language);
