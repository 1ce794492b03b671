/* compiler/recovery/hints.h - What one writes who is used to other languages, or tired; and what is meant here. */
#ifndef COMPILER_HABITS_H
#define COMPILER_HABITS_H

#include <stddef.h>

#include "compiler/base/arena.h"
#include "compiler/syntax/grammar.h"

/* Of a word of another language; NULL: it is none. */
const char *habit_word(const char *word, size_t length);

/* Around a token that could not stand where it does. The texts go on behind, to a NUL. */
struct habit_place {
    int token, previous;              /* of lexer.h; what stands before it */
    const char *text, *before, *line; /* the two, and where the statement begins */
    size_t length, before_length;
    const struct expected *expected;
};
const char *habit_meant(struct arena *, const struct habit_place *);

#endif
