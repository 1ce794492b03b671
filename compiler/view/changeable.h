/* compiler/view/changeable.h - What can be changed of one statement from a diagram: its values, each with its place in
 * the text.
 *
 * A value has the word by which it is written: of a clause its word (timeout, answer), `else`, `in` and `line` of a
 * selection, `prompt`, `if`, `while`, the name of an argument, else `value`. The second value of the same word is
 * `line.2`. The block of a clause, or of an `else`, is a value; the other blocks inside of a statement belong to the
 * statements in them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "compiler/syntax/program.h"

enum { CHANGEABLE_MAX = 64 };

struct changeable_value {
    const char *word;                /* interned, or static */
    unsigned number;                 /* 1 for the first value of this word */
    struct source_span value, whole; /* `whole`: with its word; empty where the statement needs the value */
};

struct step_row;

struct changeable {
    const struct node *statement; /* with its label */
    bool alone;                   /* it stands where only one statement can: behind the arrow of an arm */
    const struct node *side;      /* its right side, where it is a step or may become one; else NULL */
    const struct step_row *row;   /* NULL: the right side is no step of the language */
    struct changeable_value values[CHANGEABLE_MAX];
    size_t count;
};

/* Finds the innermost statement that contains the place, and its values. False: no statement is there. */
bool changeable_find(const struct program *, uint32_t place, struct changeable *);
/* Returns the value that is named `word` or `word.NUMBER`; NULL: the statement has none. */
const struct changeable_value *changeable_named(const struct changeable *, const char *name);
/* Returns the place where a step that has no such clause, or no `else`, would have it; 0: the word is no clause, or the
 * statement is no step. */
uint32_t changeable_room(const struct changeable *, const char *word);
