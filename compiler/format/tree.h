/* compiler/format/tree.h - Marks for the places of a text whose layout depends on its tree, not on its tokens alone. */
#pragma once

#include "compiler/syntax/ast.h"

enum {
    MARK_ITEM = 1,  /* a statement, declaration, arm, line of a selection or the like begins */
    MARK_TIGHT = 2, /* the token at this place, or the first one behind it, follows without a space: f(x), list<str> */
    MARK_UNARY = 4, /* a '-' that is a sign */
    MARK_IF = 8,    /* the first block of an if ends: its else stays beside it */
    MARK_CLAUSE = 16, /* a clause of a step, or its else, begins */
};

/* Sets marks in `marks`, by offset from `base`: it is zeroed, with one byte per byte of the source and one more. */
void format_marks(const struct node *file, uint32_t base, uint8_t *marks);
