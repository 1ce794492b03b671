/* compiler/check/own_media.h - The media that the site names:
 *
 *     medium claims = 1;     claims is own1 of runtime/vocabulary/media.def
 *
 * The number never changes: interactions, journals and records hold it, and the name is only its spelling. */
#pragma once

#include "compiler/syntax/program.h"

struct arena;
struct checker;
struct enumeration;

/* Returns the word of media.def for the medium of that name: the word itself, or own1 and so on for a name that the
 * site gives; "" where the author wrote own1 or the like. NULL for NULL. */
const char *own_media_word(const struct program *, const char *name);
/* Returns the opposite: the name by which people know that word of media.def in this program. */
const char *own_media_said(const struct program *, const char *word);
/* Returns the words that an interaction's medium may be in this program, with their numbers. */
struct enumeration *own_media_words(struct arena *, const struct program *);
/* Returns the near name of a medium that may have been meant; NULL: none. */
const char *own_media_near(const struct program *, const char *name);
/* Returns the declared name of the medium with that number, from 1 to MEDIA_OWN_MAX; NULL: it has none. */
const char *own_media_numbered(const struct program *, int64_t number);

void own_media_check(struct checker *, const struct node *site);
