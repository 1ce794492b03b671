/* vm/dense.h - A trie of SEGMENT as a dense automaton, made when the image is loaded: one load per byte of the text.
 *
 * The trie of the image is small, and each of its nodes costs two loads that wait for one another. Here a state is a
 * row with a word per class of bytes, and the class of a byte does not depend on the row. The image owns its automata;
 * they are no part of the format and say what the trie says. */
#pragma once

#include <stdint.h>

/* A word of a row: 0 where no pattern goes on so; DENSE_TAKEN | target where whatever follows changes nothing; else the
 * place of the next row. The last word of a row: the target where the text ends there, and in its lower half the one
 * where no pattern goes on. */
#define DENSE_TAKEN UINT32_C(0x80000000)
struct dense {
    uint32_t last; /* number of a row's last word */
    uint8_t classes[256];
    uint32_t rows[];
};

struct image;
/* An automaton for each trie that is not too large, by the number of its table; NULL for the others. For free(), each
 * of them and the array: dense_free. */
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
