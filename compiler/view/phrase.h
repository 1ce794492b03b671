/* compiler/view/phrase.h - A tree's source again: on one line, and whether two times the same was written.
 *
 * Both are of the tree or the tokens, not of any one kind of node: what the language gains is told without more ado. */
#ifndef COMPILER_VIEW_PHRASE_H
#define COMPILER_VIEW_PHRASE_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/base/source.h"
#include "compiler/syntax/ast.h"

/* The text of a span on one line: without comments, white space only where it was or is needed. */
const char *phrase(struct arena *, const struct source_set *, struct span);

/* The same form, names and values in the same order, wherever they stand. NULL is the same as NULL. */
bool node_same(const struct node *, const struct node *);
bool nodes_same(struct nodes, struct nodes);
/* One number for those that are the same, and hardly for others. */
uint64_t node_hash(const struct node *);

#endif
