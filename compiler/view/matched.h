/* compiler/view/matched.h - Finds the nodes that two lists have in common, for differ.c.
 *
 * First nodes that are equal and in the same order are paired, then nodes that are equal elsewhere, then nodes that
 * `alike` takes for one that changed. Labels are ignored: a statement is the same with and without one. */
#pragma once

#include "compiler/syntax/ast.h"

enum { MATCHED_NONE = -1 };

struct list_side {
    const struct node **nodes;  /* the nodes of the list without their labels */
    const struct node **labels; /* the LABELLED node around each, or NULL */
    int *partner;               /* the index of the node's partner on the other side; MATCHED_NONE: none */
    int count;
};
struct matched {
    struct list_side old, new;
    bool *moved; /* for each old node: its partner has moved among the other partners */
};

typedef bool alike_fn(const struct node *old, const struct node *new);

struct matched matched_lists(struct arena *, struct nodes old, struct nodes new, alike_fn *alike);
