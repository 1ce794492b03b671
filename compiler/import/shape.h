/* compiler/import/shape.h - Puts a graph of blocks in an order for a language that jumps forward and outward only.
 *
 * Blocks that form no cycle stand one after the other, each behind all from which ways lead to it. The blocks of a
 * cycle are one item: a loop with a body of its own, in which the ways back to its heads begin the next round. A cycle
 * that is entered at several blocks has several heads; a number says at which one a round begins. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum { SHAPE_DEPTH = 6 }; /* loops within loops; deeper ones become one loop with many heads */

struct shape_graph {
    uint32_t count;
    uint32_t *const *ways; /* the blocks to which each block leads, first the one at which it mostly goes on */
    const uint32_t *way_counts;
    const bool *ends; /* by block: it may end the whole flow */
    uint32_t root;
};

struct shape {
    struct shape_item {
        uint32_t block;     /* the block's number, where the item is no loop */
        struct shape *loop; /* the loop; NULL: the item is a block */
    } * items;
    uint32_t count;
    struct shape *outer; /* the shape around this loop; NULL: this is the whole flow */
    uint32_t place;      /* the index of this loop among the items of `outer` */
    uint32_t number;     /* the loop's number, from 1 */
    uint32_t *heads;
    uint32_t head_count;
    bool endless; /* no way leads out of it to an end */
};

struct shape_place {
    struct shape *in; /* NULL: no way leads there */
    uint32_t index;
};

/* Returns the order of the blocks. *places: the place of each block in it; *loops: how many loops there are. */
struct shape *shape_make(struct arena *, const struct shape_graph *, struct shape_place **places, uint32_t *loops);
