/* compiler/check/names.h - The index of names: every word of the sources that declares or uses a name, in their order.
 *
 * The index is made from a checked tree, also from one with errors: a word without a meaning is searched by its name
 * among the declarations of files and site; it may have none. All entries are in the program's arena. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "compiler/check/scope.h"
#include "compiler/syntax/program.h"

enum name_use { NAME_DECLARED, NAME_READ, NAME_WRITTEN };

struct naming {
    struct source_span at;       /* the word in the source, with its quotes where it has them */
    struct source_span declared; /* the place of the word that declares the name; 0 to 0: the language declares it */
    enum name_use use;
    const char *name;
    const struct node *node;     /* the node of which the word is a part */
    const struct node *holder;   /* the node around that */
    const struct symbol *symbol; /* the symbol that the checker found, or NULL */
};

struct checked_names {
    const struct naming *all; /* all names, in the order of the text */
    size_t count;
};

struct checked_names names_index(struct program *);

/* Returns the index of the first name that begins at the offset or after it. */
size_t names_from(const struct checked_names *, uint32_t offset);

/* Returns the name whose word is at the offset or ends there; NULL where no name is. */
const struct naming *names_at(const struct checked_names *, uint32_t offset);

/* Returns the entry of the word at the span `declared`; NULL for names that the language declares. */
const struct naming *names_declaration(const struct checked_names *, struct source_span declared);

/* Returns the word that a node declares; its text is NULL where the node declares none. */
struct word names_declared_by(const struct node *);
