/* compiler/view/uses.h - The uses of a name: all places in a program that refer to it. */
#pragma once

#include "compiler/syntax/program.h"

struct use {
    struct source_span where;
    const char *kind; /* "skill", "source", "key", ... */
    const char *name;
    const char *in;   /* "strategy enterprise" */
    const char *what; /* the purpose of the use: "ivr.menu", "line of select" */
    struct use *next;
};

/* Returns the uses of a name in the order of the text; NULL where there are none. A NULL `kind` means any kind. The
 * program must have been checked without errors. */
const struct use *uses_find(struct program *, const char *kind, const char *name);

/* uses_declared(): is there a declaration of that kind (NULL: of any kind) with that name? uses_kind(): is the word
 * one of the kinds of names? */
bool uses_declared(const struct program *, const char *kind, const char *name);
bool uses_kind(const char *word);

/* The kind, in words, and the name that a declaration declares. A NULL kind: it declares no name that uses_find()
 * knows, or several names, as the site's lists of names and keys do. */
struct declared {
    const char *kind;
    struct word name;
};
struct declared declared_by(const struct node *);

/* uses_each() calls `tell` for each name that uses_find() knows, with its kind; uses_each_kind() calls it for each
 * kind, with an empty name. */
void uses_each(const struct program *, void (*tell)(void *self, const char *kind, const char *name), void *self);
void uses_each_kind(void (*tell)(void *self, const char *kind, const char *name), void *self);
