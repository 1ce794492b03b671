/* compiler/format/tree.h - What the layout of a text asks of its tree: a mark for places where words alone do not
 * tell. */
#ifndef COMPILER_FORMAT_TREE_H
#define COMPILER_FORMAT_TREE_H

#include "compiler/syntax/ast.h"

enum {
    MARK_ITEM = 1,    /* a statement, declaration, arm, line of a selection or the like begins */
    MARK_TIGHT = 2,   /* what stands here, or the first word behind it, follows without a space: f(x), list<str> */
    MARK_UNARY = 4,   /* a '-' that is no difference */
    MARK_IF = 8,      /* the first block of an if ends: its else stays beside it */
    MARK_CLAUSE = 16, /* a clause of a step, or its else, begins */
};

/* Sets marks by offset from `base` on, in `marks`, which has a byte for each place of the source and one more. */
void format_marks(const struct node *file, uint32_t base, uint8_t *marks);

#endif
