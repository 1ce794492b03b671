/* vm/dense.c - Converts tries to dense automata.
 *
 *     trie: "06" -> 1, "0611" -> 2        rows, by the classes of 0, 6, 1:
 *                                             begin   [0: next]   [6: none]   [1: none]
 *                                             "0"     [0: none]   [6: next]   [1: none]
 *                                             "06"    [0: none]   [6: none]   [1: next]   else 1
 *                                             "061"   [0: none]   [6: none]   [1: take 2] else 1
 *
 * The best rank on the path to a node is determined here, since each node has only one path. A node without children
 * where the end of the text makes no difference needs no row: its target is already known. */
#include "vm/dense.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/image_data.h"
#include "vm/memory.h"

/* Limit of the words of all automata of an image: an image from outside must not take much more memory than its
 * size. */
enum { DENSE_WORDS_MAX = 1 << 22, CLASSES_MAX = 255 };

/* A trie, and for each of its nodes: */
struct trie {
    const uint32_t *table;
    uint32_t count;
    uint32_t *best; /* the lowest rank on the path to the node, with its target */
    uint32_t *row;  /* number of the node's row, or DENSE_TAKEN */
};

static const uint32_t *trie_node(const struct trie *trie, uint32_t number)
{
    assert(number < trie->count);
    return trie->table + 4 + 4 * (size_t)number;
}

static uint32_t trie_target(const struct trie *trie, uint32_t ranked)
{
    return ranked == TABLE_NO ? trie->table[3] : ranked & 0xffff;
}

/* Gives each byte that occurs in a pattern a class, from 1 on. Returns the highest. */
static uint32_t number_classes(const struct trie *trie, uint8_t classes[256])
{
    uint32_t highest = 0;
    for (uint32_t n = 0; n < trie->count; n++) {
        const uint32_t *node = trie_node(trie, n);
        for (uint32_t c = 0; c < node[1] >> 16; c++) {
            uint32_t byte = (node[1] & 0xffff) + c;
            if (!trie->table[node[0] + c] || classes[byte]) continue;
            if (highest == CLASSES_MAX) return highest + 1;
            classes[byte] = (uint8_t)++highest;
        }
    }
    return highest;
}

/* Numbers the rows; parents come before their children. Returns the number of rows. */
static uint32_t number_rows(const struct trie *trie)
{
    uint32_t rows = 0;
    for (uint32_t n = 0; n < trie->count; n++) trie->best[n] = trie_node(trie, n)[3];
    for (uint32_t n = 0; n < trie->count; n++) {
        const uint32_t *node = trie_node(trie, n);
        bool needed = n == 0 || node[1] >> 16 || node[2] < trie->best[n];
        trie->row[n] = needed ? rows++ : DENSE_TAKEN;
        for (uint32_t c = 0; c < node[1] >> 16; c++) {
            uint32_t child = trie->table[node[0] + c];
            if (child && trie->best[n] < trie->best[child]) trie->best[child] = trie->best[n];
        }
    }
    return rows;
}

static void fill_rows(const struct trie *trie, struct dense *dense)
{
    uint32_t width = dense->last + 1;
    for (uint32_t n = 0; n < trie->count; n++) {
        if (trie->row[n] == DENSE_TAKEN) continue;
        const uint32_t *node = trie_node(trie, n);
        uint32_t *row = dense->rows + (size_t)trie->row[n] * width, best = trie->best[n];
        row[dense->last] = trie_target(trie, node[2] < best ? node[2] : best) << 16 | trie_target(trie, best);
        for (uint32_t c = 0; c < node[1] >> 16; c++) {
            uint32_t child = trie->table[node[0] + c];
            if (!child) continue;
            bool taken = trie->row[child] == DENSE_TAKEN;
            row[dense->classes[(node[1] & 0xffff) + c]] =
                taken ? DENSE_TAKEN | trie_target(trie, trie->best[child]) : trie->row[child] * width;
        }
    }
}

/* Makes an automaton; `*left`: how many words the image's automata may still take. NULL: it would take more, or has
 * too many classes. */
static struct dense *dense_of(const uint32_t *table, uint32_t *left)
{
    enum { HEAD_WORDS = sizeof(struct dense) / 4 };
    struct trie trie = {.table = table, .count = table[2]};
    struct dense *dense = NULL;
    uint8_t classes[256] = {0};
    uint32_t last = number_classes(&trie, classes) + 1;
    if (last > CLASSES_MAX + 1) return NULL;
    trie.best = memory_new(trie.count * sizeof *trie.best);
    trie.row = memory_new(trie.count * sizeof *trie.row);
    uint64_t words = (uint64_t)number_rows(&trie) * (last + 1);
    if (words + HEAD_WORDS <= *left) {
        *left -= (uint32_t)words + HEAD_WORDS;
        dense = memory_new(sizeof *dense + (size_t)words * sizeof *dense->rows);
        dense->last = last;
        memcpy(dense->classes, classes, sizeof classes);
        fill_rows(&trie, dense);
    }
    free(trie.best);
    free(trie.row);
    return dense;
}

static uint32_t tables_count(const struct image *image)
{
    return image->count[SECTION_TABLES] ? image->tables[0] : 0;
}

struct dense **dense_new(const struct image *image)
{
    uint32_t left = DENSE_WORDS_MAX;
    struct dense **all = memory_new(tables_count(image) * sizeof *all);
    for (uint32_t n = 0; n < tables_count(image); n++) {
        const uint32_t *table = image_table(image, n);
        if (table[0] == TABLE_TEXT) all[n] = dense_of(table, &left);
    }
    return all;
}

void dense_free(const struct image *image, struct dense **all)
{
    for (uint32_t n = 0; all && n < tables_count(image); n++) free(all[n]);
    free(all);
}
