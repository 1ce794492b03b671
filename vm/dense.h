/* vm/dense.h - A trie of SEGMENT as a dense automaton, made when the image is loaded: it takes one memory access per
 * byte of the text.
 *
 * The trie in the image is small, but each node costs two memory accesses, one after the other. In the automaton a
 * state is a row with a word per class of bytes, and the class of a byte does not depend on the row. The image owns
 * its automata; they are not part of the file format and give the same results as the trie. */
#pragma once

#include <stdint.h>

/* A word of a row: 0: no pattern continues so; DENSE_TAKEN | target: the rest of the text does not matter; else the
 * position of the next row. The last word of a row: the target if the text ends there, and in its lower half the
 * target if no pattern continues. */
#define DENSE_TAKEN UINT32_C(0x80000000)
struct dense {
    uint32_t last; /* index of a row's last word */
    uint8_t classes[256];
    uint32_t rows[];
};

struct image;
/* Returns an automaton for each trie that is not too large, by the number of its table; NULL for others. Use
 * dense_free to free each of them and the array. */
struct dense **dense_new(const struct image *);
void dense_free(const struct image *, struct dense **);

static inline uint32_t dense_target(const struct dense *dense, const char *text, uint32_t length)
{
    const uint32_t *row = dense->rows;
    for (uint32_t i = 0; i < length; i++) {
        uint32_t next = row[dense->classes[(uint8_t)text[i]]];
        if (next & DENSE_TAKEN) return next & 0xffff;
        if (!next) return row[dense->last] & 0xffff;
        row = dense->rows + next;
    }
    return row[dense->last] >> 16;
}
