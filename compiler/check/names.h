/* compiler/check/names.h - The index of names: every word of the sources that declares or uses a name, in their order.
 *
 * Made from a tree that was checked, also from one with errors: a word to which the checker gave no meaning is found by
 * its name among the declarations of files and site, or not at all. Everything is in the program's arena. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "compiler/check/scope.h"
#include "compiler/syntax/program.h"

enum name_use { NAME_DECLARED, NAME_READ, NAME_WRITTEN };

struct naming {
    struct source_span at;       /* the word, with its quotes where it has them */
    struct source_span declared; /* the word that declares it; 0 to 0: the language does */
    enum name_use use;
    const char *name;
    const struct node *node;     /* the node that has the word */
    const struct node *holder;   /* the node around that */
    const struct symbol *symbol; /* the symbol that the checker found; perhaps NULL */
};

struct checked_names {
    const struct naming *all; /* in the order of the text */
    size_t count;
};

struct checked_names names_index(struct program *);

/* Returns the index of the first name that begins at the offset or behind it. */
size_t names_from(const struct checked_names *, uint32_t offset);

/* The word at the offset, or the one that ends there; NULL where no name is. */
const struct naming *names_at(const struct checked_names *, uint32_t offset);

/* The naming at the span `declared`; NULL for names that the language declares. */
const struct naming *names_declaration(const struct checked_names *, struct source_span declared);

/* The word that a node declares; its text is NULL where it declares none. */
struct word names_declared_by(const struct node *);
