/* compiler/view/differing.h - What the files of differ.c share: one comparison, and telling what it found. */
#ifndef COMPILER_VIEW_DIFFERING_H
#define COMPILER_VIEW_DIFFERING_H

#include "compiler/view/differ.h"
#include "compiler/view/matched.h"

struct inlined { /* a subroutine whose steps stand where it was, or will be, called */
    const struct node *function;
    struct inlined *next;
};

struct differ {
    struct program *old, *new;
    struct arena *arena;
    const char *in, *step;
    const struct node *old_body, *new_body; /* the declarations that one is in */
    struct inlined *inlined;
    struct change *first, *last;
};

void differ_tell(struct differ *, const char *about, const char *before, const char *after, struct span old,
                 struct span new);
/* Tells of the two where they are not the same: NULL is none. */
void differ_compare(struct differ *, const char *about, const struct node *old, const struct node *new);
void differ_words(struct differ *, const char *about, struct word old, struct word new);
/* Items of which each is one thing, in any order. */
void differ_lines(struct differ *, const char *about, struct nodes old, struct nodes new);

/* differ_site.c: of a parameter, table or schedule its parts, and the files behind them; false: it is none of these. */
bool differ_site(struct differ *, const struct node *old, const struct node *new);

/* differ_order.c: would a caller notice where the second stood before the first? */
bool differ_order(const struct program *, const struct node *first, const struct node *second);

/* differ_inline.c: the statements, with those of a subroutine that only this program has in place of its calls. */
struct nodes differ_inlined(struct differ *, const struct program *own, const struct program *other, struct nodes);

#endif
