/* base/regex_tree.h - The syntax tree of an expression, from which the automaton is built. Only regex*.c include
 * this file; everything is allocated in the arena of the parser. */
#pragma once

#include <stdint.h>

#include "base/arena.h"

enum { REGEX_LAST_CODE_POINT = 0x10FFFF };
#define REGEX_ANY UINT32_MAX

struct regex_range {
    uint32_t low, high;
};

enum tree_kind { TREE_EMPTY, TREE_SET, TREE_BEGIN, TREE_END, TREE_THEN, TREE_OR, TREE_REPEAT };

struct regex_tree {
    enum tree_kind kind;
    struct regex_tree *left, *right;
    struct regex_range *ranges; /* ranges of a SET, ascending, with gaps between them */
    uint32_t count;
    uint32_t least, most; /* how often in a REPEAT; `most` REGEX_ANY: no limit */
};

struct regex_reading {
    struct arena *arena;
    const char *at, *end;
    uint32_t depth;
    const char *wrong; /* what is wrong in the expression; NULL: nothing */
};

/* Parses the expression from `at` to `end` into a tree; if it is wrong, sets `wrong` and returns some tree. */
struct regex_tree *regex_read(struct regex_reading *);
