/* base/letters.h - Letters for which people type others: Sørensen is sought as sorensen, Straße as strasse. Accents
 * are left to the databases and to normalization; here are the letters that are none with an accent (letters.def). */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { LETTERS_FORMS = 16 };

/* Returns the plain letters for the letter at the front of `left` bytes, which has `*length` bytes; NULL: it stays as
 * it is. */
const char *letters_plain(const char *at, size_t left, uint32_t *length);
/* Passes each form in which a text may have the word, at most LETTERS_FORMS: the plain one first, then those with
 * letters for the plain ones, either one of them or all of a kind. The form is borrowed during the call. */
void letters_forms(const char *word, size_t length, void (*each)(void *self, const char *form, size_t length),
                   void *self);
