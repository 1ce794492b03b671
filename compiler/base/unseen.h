/* compiler/base/unseen.h - Characters of a source that nobody sees: a person must see the same text as the compiler.
 *
 *     U+202E and the like   turn the direction of writing       refused wherever they stand
 *     U+00A0 and the like   look like a blank, and are none      refused outside of strings and remarks
 *     U+200B and the like   have no width                       the same; in a string a warning
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum unseen_kind { UNSEEN_TURN, UNSEEN_BLANK, UNSEEN_NO_WIDTH };

/* Returns the length in bytes of the unseen character that begins here, and sets its kind and number; 0: none begins
 * here. */
size_t unseen_here(const char *bytes, size_t left, enum unseen_kind *, unsigned *code_point);

enum unseen_place { UNSEEN_CODE, UNSEEN_STRING, UNSEEN_REMARK };

struct unseen { /* an unseen character found in a source */
    size_t at, length;
    unsigned code_point;
    enum unseen_kind kind;
    enum unseen_place place; /* a value in a string is code, and a string in that value a string */
};

/* Does the character join letters or pictures, as scripts of India and families in pictures need it in a text? */
bool unseen_joins(unsigned code_point);
/* Calls `each` for all unseen characters of the text, in their order. */
void unseen_each(const char *text, size_t length, void (*each)(void *self, const struct unseen *), void *self);
