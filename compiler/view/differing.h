/* compiler/view/differing.h - For the files of the comparison: its state, and the functions that report changes. */
#pragma once

#include "compiler/view/differ.h"
#include "compiler/view/matched.h"

struct inlined { /* a subroutine whose steps replaced its calls */
    const struct node *function;
    struct inlined *next;
};

struct differ {
    struct program *old, *new;
    struct arena *arena;
    const char *in, *step;
    /* the declarations of the old and the new program that are being compared */
    const struct node *old_body, *new_body;
    struct inlined *inlined;
    struct differ_change *first, *last;
};

void differ_tell(struct differ *, const char *about, const char *before, const char *after, struct source_span old,
                 struct source_span new);
/* Reports the two nodes where they differ; NULL: that program has no such node. */
void differ_compare(struct differ *, const char *about, const struct node *old, const struct node *new);
void differ_words(struct differ *, const char *about, struct word old, struct word new);
/* Returns the source of the node on one line, cut where it is long; NULL for NULL. */
const char *differ_text(struct differ *, const struct program *, const struct node *);
const char *differ_cut(struct arena *, const char *text, size_t from);

/* Compares two lists: reports items that are in only one list as `about`, and compares the pairs with `each` (NULL:
 * by their texts). */
typedef void pair_fn(struct differ *, const struct node *old, const struct node *new, bool moved);
void differ_pairs(struct differ *, const char *about, struct nodes old, struct nodes new, alike_fn *, pair_fn *each);
/* Compare items whose order has no meaning; items by their place; FIELDs by their names. */
void differ_lines(struct differ *, const char *about, struct nodes old, struct nodes new);
void differ_each(struct differ *, const char *about, struct nodes old, struct nodes new);
void differ_fields(struct differ *, const char *about, struct nodes old, struct nodes new);

/* differ_steps.c: compares two actions, blocks or single statements. */
void differ_block(struct differ *, const struct node *old, const struct node *new);

/* differ_site.c: compares the parts of two declarations, and the files named there; false: the declaration has no
 * parts. */
bool differ_site(struct differ *, const struct node *old, const struct node *new);

/* differ_order.c: would a caller notice if the second statement came before the first? */
bool differ_order(const struct program *, const struct node *first, const struct node *second);

/* differ_inline.c: returns the statements, where each call of a subroutine that only this program has is replaced by
 * the subroutine's statements. */
struct nodes differ_inlined(struct differ *, const struct program *own, const struct program *other, struct nodes);
