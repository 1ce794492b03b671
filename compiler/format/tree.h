/* compiler/format/tree.h - Marks the places of a text whose layout depends on its tree, not on its tokens alone. */
#pragma once

#include "compiler/syntax/ast.h"

enum {
    MARK_ITEM = 1,    /* a statement, declaration, arm, line of a selection or the like begins here */
    MARK_TIGHT = 2,   /* no space before the token at or after this place: f(x), list<str> */
    MARK_UNARY = 4,   /* a '-' here is a sign, not a subtraction */
    MARK_IF = 8,      /* the first block of an if ends here: its else stays on that line */
    MARK_CLAUSE = 16, /* a clause of a step, or its else, begins here */
};

/* Sets marks in `marks`, by offset from `base`; the array must be zeroed and have one byte per byte of the source
 * and one more. */
void format_marks(const struct node *file, uint32_t base, uint8_t *marks);
