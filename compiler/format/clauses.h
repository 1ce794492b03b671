/* compiler/format/clauses.h - Puts the clauses of steps in their order (enum clause). */
#pragma once

#include "compiler/syntax/ast.h"

/* Returns the text with the clauses of each step in order, from the arena; NULL where they are in order already. A step
 * within a clause that moves waits for another round: the caller parses the text and calls again. */
char *format_clauses(struct arena *, const struct node *file, const struct source *, size_t *length);
