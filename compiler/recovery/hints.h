/* compiler/recovery/hints.h - What is written here instead of a common mistake, by the table hints.def. */
#ifndef COMPILER_HINTS_H
#define COMPILER_HINTS_H

#include <stddef.h>

#include "compiler/base/arena.h"
#include "compiler/syntax/grammar.h"

/* Of a word of another language; NULL where the table has no such word. */
const char *hint_word(const char *word, size_t length);

/* A token that could not stand where it does. The texts go on behind it, to a NUL. */
struct hint_place {
    int token, previous;              /* of lexer.h; the token before it, 0 where there is none */
    const char *text, *before, *line; /* the two tokens, and where the statement begins */
    size_t length, before_length;
    const struct expected *expected;
};

/* NULL where no row of the table fits. */
const char *hint_of(struct arena *, const struct hint_place *);

#endif
