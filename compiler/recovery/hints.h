/* compiler/recovery/hints.h - Hints for common mistakes, by the table hints.def: the right form in this language. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "compiler/syntax/grammar.h"

/* The hint for a word of another language; NULL where the table has no such word. */
const char *hint_word(const char *word, size_t length);

/* A token that could not stand where it does. Its texts go on to the end of the source, which is a NUL. */
struct hint_place {
    int token, previous;              /* tokens of lexer.h: this one and the one before it, 0 where there is none */
    const char *text, *before, *line; /* the token, the one before it, and the statement's beginning */
    size_t length, before_length;
    const struct expected *expected;
};

/* The hint of the first row that fits; NULL where none does. */
const char *hint_of(struct arena *, const struct hint_place *);
