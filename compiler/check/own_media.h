/* compiler/check/own_media.h - The media to which the site gives a name:
 *
 *   medium claims = 1;     claims is own1 of runtime/vocabulary/media.def
 *
 * The number is the medium's for ever: interactions, journals and records have it, and the name is how people say it.
 */
#pragma once

#include "compiler/syntax/program.h"

struct arena;
struct checker;
struct enumeration;

/* The word of media.def that stands for the medium of that name: the word itself, unless the site gives it; "" where it
 * is own1 or the like, which only the site names. NULL for NULL. */
const char *own_media_word(const struct program *, const char *name);
/* The opposite: the name by which people know that word of media.def in this program. */
const char *own_media_said(const struct program *, const char *word);
/* The words that an interaction's medium may be in this program, and their numbers. */
struct enumeration *own_media_words(struct arena *, const struct program *);
/* The medium that may have been meant; NULL: none. */
const char *own_media_near(const struct program *, const char *name);
/* The declared name of the medium with that number, from 1 to MEDIA_OWN_MAX; NULL: it has none. */
const char *own_media_numbered(const struct program *, int64_t number);

void own_media_check(struct checker *, const struct node *site);
