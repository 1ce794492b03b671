/* compiler/recovery/hints.h - Hints for common mistakes, from the table hints.def: the right form in this language. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "compiler/syntax/grammar.h"

struct hint_given {
    const char *meant; /* the hint; NULL where there is none */
    const char *write; /* what can be written in its place as it stands, or NULL */
    size_t over;       /* the length of what the edit replaces, from the token on */
    bool of_word;      /* the hint is for a word of another language */
    bool of_before;    /* this word stands before the token */
};

/* Returns the hint for a word of another language, or for a name of IRD. */
struct hint_given hint_word(const char *word, size_t length);

/* A token that was not allowed where it is. Its texts reach to the end of the source, where there is a NUL. */
struct hint_place {
    int token, previous;              /* numbers of lexer.h: this token and the one before it, 0 where there is none */
    const char *text, *before, *line; /* where the token, the previous token and the statement begin */
    size_t length, before_length;
    const struct expected *expected;
};

/* Returns the hint of the first row that fits. */
struct hint_given hint_of(struct arena *, const struct hint_place *);
