/* base/regex_tree.h - An expression as a tree: read from its text, before it becomes an automaton. Only
 * regex*.c include this; everything is in the arena of the reading. */
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
    struct regex_range *ranges; /* SET: ascending, apart from each other */
    uint32_t count;
    uint32_t least, most; /* REPEAT; most REGEX_ANY: any number */
};

struct regex_reading {
    struct arena *arena;
    const char *at, *end;
    uint32_t depth;
    const char *wrong; /* the fault; NULL: there is none */
};

/* Reads the expression from `at` to `end` to a tree; where it is wrong, sets `wrong` and returns some tree. */
struct regex_tree *regex_read(struct regex_reading *);
