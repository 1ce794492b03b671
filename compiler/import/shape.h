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
    uint32_t *const *ways; /* of each block, to others; the first one is where it mostly goes on */
    const uint32_t *way_counts;
    const bool *ends; /* the block may end it all */
    uint32_t root;
};

struct shape {
    struct shape_item {
        uint32_t block;     /* where it is no loop */
        struct shape *loop; /* NULL: a block */
    } * items;
    uint32_t count;
    struct shape *outer; /* NULL: it is the whole */
    uint32_t place;      /* within the outer one */
    uint32_t number;     /* of the loop, from 1 */
    uint32_t *heads;
    uint32_t head_count;
    bool endless; /* no way leads out of it to an end */
};

struct shape_place {
    struct shape *in; /* NULL: no way leads there */
    uint32_t index;
};

/* *places: of each block, where it stands. */
struct shape *shape_make(struct arena *, const struct shape_graph *, struct shape_place **places, uint32_t *loops);
