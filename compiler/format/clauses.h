/* compiler/format/clauses.h - Puts the clauses of each step into their order (enum clause). */
#pragma once

#include "compiler/syntax/ast.h"

/* Returns the text with the clauses of each step in order, in the arena; NULL where they are in order already. A
 * step within a clause that moves is not ordered yet: the caller parses the text and calls again. */
char *format_clauses(struct arena *, const struct node *file, const struct source *, size_t *length);
