/* compiler/view/uses.h - The dependents of a name: everything in a program that refers to it. */
#pragma once

#include "compiler/syntax/program.h"

struct use {
    struct source_span where;
    const char *kind; /* "skill", "source", "key", ... */
    const char *name;
    const char *in;   /* "strategy enterprise" */
    const char *what; /* the purpose: "ivr.menu", "line of select" */
    struct use *next;
};

/* The uses of a name in the order of the text; NULL where there are none. A NULL `kind` stands for any kind. The
 * program has been checked without errors. */
const struct use *uses_find(struct program *, const char *kind, const char *name);

/* uses_declared(): is a name of that kind (NULL: of any) declared? uses_kind(): is the word a kind of names? */
bool uses_declared(const struct program *, const char *kind, const char *name);
bool uses_kind(const char *word);

/* The kind, in words, and the name that a declaration declares. A NULL kind: it declares none that uses_find() knows,
 * or several, as the site's names and keys do. */
struct declared {
    const char *kind;
    struct word name;
};
struct declared declared_by(const struct node *);

/* Call `tell` for each name that uses_find() knows, with its kind; and for each kind, with an empty name. */
void uses_each(const struct program *, void (*tell)(void *self, const char *kind, const char *name), void *self);
void uses_each_kind(void (*tell)(void *self, const char *kind, const char *name), void *self);
