/* compiler/format/clauses.h - Clauses in the order in which they are written (enum clause). */
#ifndef COMPILER_FORMAT_CLAUSES_H
#define COMPILER_FORMAT_CLAUSES_H

#include "compiler/syntax/ast.h"

/* The text with the clauses of steps in order, from the arena; NULL where they are already. Steps within clauses that
 * are moved wait for another round. */
char *format_clauses(struct arena *, const struct node *file, const struct source *, size_t *length);

#endif
