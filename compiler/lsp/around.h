/* compiler/lsp/around.h - The files around a document: those of its site, also where the editor has not opened them. */
#pragma once

#include "compiler/lsp/analysis.h"

/* Returns the folder of the document's site, or without a site the document's own; malloc'ed. */
char *around_folder(const struct document *);

/* Calls `visit` for every source below the folder, a linked one once; false: there are more than are looked at, and
 * the rest was left out. */
typedef void around_visit(void *self, const char *path);
bool around_each(const char *folder, around_visit *, void *self);

/* Compiles the sources below the folder, the files of each site as one program, as gcxc check does it, with the open
 * documents there. Calls `each` with every program; it has no document of its own, and is freed after the call. */
typedef void around_program(void *self, const struct analysis *);
void around_programs(const struct documents *, const char *folder, around_program *each, void *self);

/* Compiles the document with the other files of its site beside it, so that what they use of it counts as used; the
 * caller frees the result. */
struct analysis *around_beside(const struct documents *, const struct document *);
