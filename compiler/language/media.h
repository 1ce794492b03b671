/* compiler/language/media.h - The media of runtime/vocabulary/media.def, which is their only list, and the sets of
 * vm/media_sets.def, which steps and attributes name. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/media_set.h"

enum media_kind {
#define MEDIA_SET(name, text, words) MEDIA_##name,
#include "vm/media_sets.def"
};

/* The media of media.def. media_allow(): does the step or attribute that is only for the media `needed` exist for
 * each medium of a set? If not, `missing` is the first medium for which it does not exist. */
/* returns the set of this one medium; empty where no medium has that name */
struct media_set media_bit(const char *word);
bool media_is(const char *word);
const char *media_nth(size_t i);         /* returns the i-th medium that every site has; NULL after the last one */
uint32_t media_number(const char *word); /* returns the medium's number on the wire; 0 where no medium has that name */
/* Returns the medium whose capacity at an agent an interaction of this medium uses: voice for a call-back. NULL
 * where no medium has that name. */
const char *media_unit(const char *word);
uint32_t media_unit_number(uint32_t number); /* the same as media_unit(), for numbers of enum media */
struct media_set media_every(void);          /* returns the set of all media */
/* Returns the set of the media whose attribute `media` has that number of enum media. */
struct media_set media_numbered(uint32_t number);
struct media_set media_set_replied(void); /* the set of the media that people answer in writing or by their work */
/* returns the inner word (as own1) of a site's own medium, by its number from 0 on */
const char *media_own(unsigned own);
/* Returns the nearest name among the media of media.def, by near_is_nearer(). */
const char *media_near(const char *word, uint32_t *least);
const char *media_word(struct media_set); /* returns the first medium of a set; NULL: the set is empty */
bool media_allow(struct media_set, struct media_set needed, const char **missing);
struct media_set media_set(enum media_kind); /* empty: all media */
/* returns "text", "sms and voice" and so on, or the set's first medium */
const char *media_set_text(struct media_set);
struct media_set media_numbers(struct media_set); /* returns the same set as numbers of enum media */
int64_t media_lifetime_s(struct media_set);
