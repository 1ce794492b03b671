/* compiler/view/uses.h - The dependents of a name: everything in a program that refers to it. */
#ifndef COMPILER_VIEW_USES_H
#define COMPILER_VIEW_USES_H

#include "compiler/syntax/program.h"

struct use {
    struct span where;
    const char *kind; /* "skill", "source", "key", ... */
    const char *name;
    const char *in;   /* "strategy enterprise" */
    const char *what; /* the purpose: "ivr.menu", "line of select" */
    struct use *next;
};

/* In the order of the text; NULL: nobody does. `kind`: NULL: of any. The program has been checked without errors. */
const struct use *uses_find(struct program *, const char *kind, const char *name);

/* Is anything called so? `word`: is it a kind that may be asked for? */
bool uses_declared(const struct program *, const char *kind, const char *name);
bool uses_kind(const char *word);

/* What a declaration declares: its kind in words and its name; a NULL kind: nothing that is asked for. Names of the
 * site and keys, of which one declaration makes several, are not among them. */
struct declared {
    const char *kind;
    struct word name;
};
struct declared declared_by(const struct node *);

/* Each name that may be asked for, and each kind. */
void uses_each(const struct program *, void (*tell)(void *self, const char *kind, const char *name), void *self);
void uses_each_kind(void (*tell)(void *self, const char *kind, const char *name), void *self);

#endif
