/* compiler/language/media.h - The media of runtime/vocabulary/media.def, which is their only list, and the sets of
 * vm/media_sets.def, of which steps and attributes are. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/media_set.h"

enum media_kind {
#define MEDIA_SET(name, text, words) MEDIA_##name,
#include "vm/media_sets.def"
};

/* The media of media.def: the set of one row, and whether each of a set is of the medium that a step or attribute asks
 * for. `missing` is then the first that is not. */
struct media_set media_bit(const char *word); /* empty where there is none of that name */
bool media_is(const char *word);
uint32_t media_number(const char *word); /* its number on the wire; 0 where there is none of that name */
/* The medium of which an interaction of this medium takes a unit of its agent: voice, of a call-back. NULL where there
 * is none of that name. */
const char *media_unit(const char *word);
uint32_t media_unit_number(uint32_t number);      /* the same as numbers of enum media */
struct media_set media_every(void);               /* all rows */
struct media_set media_numbered(uint32_t number); /* those whose attribute `media` has that word of enum media */
const char *media_own(unsigned own);              /* the word of the own medium of a site with that number, from 0 on */
const char *media_near(const char *word, uint32_t *least); /* of those that have their names here; near_is_nearer() */
const char *media_word(struct media_set);                  /* the first of a set; NULL */
bool media_allow(struct media_set, struct media_set needed, const char **missing);
struct media_set media_set(enum media_kind);      /* empty: all media */
const char *media_set_text(struct media_set);     /* "text", "sms and voice", or its first medium */
struct media_set media_numbers(struct media_set); /* the same set as numbers of enum media of the wire */
int64_t media_lifetime_s(struct media_set);
