/* compiler/view/phrase.h - A tree's source on one line, and the comparison of two trees.
 *
 * Both use the table of nodes and the tokens, not single kinds of nodes: a new form of the language needs no change
 * here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "compiler/base/source.h"
#include "compiler/syntax/ast.h"

/* Returns the text of a span on one line: without comments, with white space only where it was or is needed. */
const char *view_phrase(struct arena *, const struct source_set *, struct source_span);

/* Do both trees have the same form, names and values in the same order? Their places do not count; NULL equals NULL. */
bool phrase_node_same(const struct node *, const struct node *);
bool phrase_nodes_same(struct nodes, struct nodes);
bool phrase_words_same(struct word, struct word);
/* Returns a hash of the node's form, names and values: equal nodes have equal hashes. */
uint64_t phrase_node_hash(const struct node *);
