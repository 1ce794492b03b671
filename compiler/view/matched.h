/* compiler/view/matched.h - Finds the nodes that two lists have in common, for differ.c.
 *
 * First what is the same and in the same order, then what is the same elsewhere, then what `alike` says is one thing
 * that changed. Labels are looked through: a statement is the same with and without one. */
#pragma once

#include "compiler/syntax/ast.h"

enum { MATCHED_NONE = -1 };

struct list_side {
    const struct node **nodes;  /* the nodes of the list without their labels */
    const struct node **labels; /* the LABELLED around each, or NULL */
    int *partner;               /* the index of its partner on the other side; MATCHED_NONE: it has none */
    int count;
};
struct matched {
    struct list_side old, new;
    bool *moved; /* by old node: its partner stands at another place among the others */
};

typedef bool alike_fn(const struct node *old, const struct node *new);

struct matched matched_lists(struct arena *, struct nodes old, struct nodes new, alike_fn *alike);
