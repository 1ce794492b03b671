/* compiler/import/shape.h - Orders a graph of blocks for a language that jumps forward and outward only.
 *
 * Blocks outside of cycles come one after the other, each after all blocks that lead to it. The blocks of a cycle
 * are one item: a loop with a body of its own, in which the edges back to its heads begin the next round. A cycle
 * that is entered at several blocks has several heads; a number tells at which head a round begins. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum { SHAPE_DEPTH = 6 }; /* the deepest nesting of loops; deeper ones become one loop with many heads */

struct shape_graph {
    uint32_t count;
    uint32_t *const *ways; /* the blocks to which each block leads, first the one that usually follows */
    const uint32_t *way_counts;
    const bool *ends; /* for each block: it may end the whole flow */
    /* For each block and each of its ways: the way is taken only after a failure, so an end behind it does not count as
     * an end of the loop. */
    bool *const *failures;
    uint32_t root;
};

struct shape {
    struct shape_item {
        uint32_t block;     /* the block's number, where the item is a block */
        struct shape *loop; /* the loop; NULL: the item is a block */
    } * items;
    uint32_t count;
    struct shape *outer; /* the shape around this loop; NULL: this is the whole flow */
    uint32_t place;      /* the index of this loop among the items of `outer` */
    uint32_t number;     /* the loop's number, from 1 */
    uint32_t *heads;
    uint32_t head_count;
    bool endless; /* from within the loop no end can be reached */
};

struct shape_place {
    struct shape *in; /* for a block: NULL: no path leads to it */
    uint32_t index;
};

/* Returns the order of the blocks. *places: the place of each block in that order; *loops: the number of loops. */
struct shape *shape_make(struct arena *, const struct shape_graph *, struct shape_place **places, uint32_t *loops);
