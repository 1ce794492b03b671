/* compiler/recovery/hints.h - Hints for common mistakes, from the table hints.def: the right form in this language. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "compiler/syntax/grammar.h"

/* Returns the hint for a word of another language; NULL where the table has no such word. */
const char *hint_word(const char *word, size_t length);

/* A token that was not allowed where it is. Its texts reach to the end of the source, where there is a NUL. */
struct hint_place {
    int token, previous;              /* numbers of lexer.h: this token and the one before it, 0 where there is none */
    const char *text, *before, *line; /* where the token, the previous token and the statement begin */
    size_t length, before_length;
    const struct expected *expected;
};

/* Returns the hint of the first row that fits; NULL where none does. */
const char *hint_of(struct arena *, const struct hint_place *);
