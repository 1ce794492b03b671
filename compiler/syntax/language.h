/* compiler/syntax/language.h - The language in which a file is written, and the forms in it that are deprecated.
 *
 *     language 2;        stands first in the file; a file without it is in language 1, which is there for ever
 *
 * Each file of a program may be in a language of its own. deprecated.def lists the forms that a later language does not
 * have; language 1 has both such a form and the form that replaces it. */
#pragma once

#include "compiler/base/source.h"
#include "compiler/syntax/ast.h"

enum { LANGUAGE_FIRST = 1, LANGUAGE_NEWEST = 2 };

enum deprecated {
#define DEPRECATED(NAME, code, since, gone, what, instead) DEPRECATED_##NAME,
#include "compiler/base/deprecated.def"
#undef DEPRECATED
};

enum { DEPRECATED_EDITS = 2 };
struct deprecated_form {
    enum deprecated which;
    struct source_span where;
    struct {
        struct source_span span; /* the text to replace; empty: `text` is inserted there */
        const char *text;
        /* in the order of the text; together they make the form that replaces the deprecated one */
    } edits[DEPRECATED_EDITS];
};

/* Returns the language that the file names; LANGUAGE_FIRST: it names none, or an unknown one. */
int language_of(const struct node *file);
/* Calls `visit` for each deprecated form in the file, in the order of the text. */
void language_each_deprecated(struct arena *, const struct source *, const struct node *file,
                              void (*visit)(const struct deprecated_form *, void *context), void *context);
