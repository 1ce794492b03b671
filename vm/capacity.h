/* vm/capacity.h - Rules of capacity: how many interactions of each medium an agent can have at once, and which media
 * exclude one another. Each is a table of an image, TABLE_CAPACITY. */
#pragma once

#include "vm/image.h"
#include "vm/media_set.h"

enum { CAPACITY_MOST = 100, CAPACITY_NAME_MAX = 64, CAPACITY_ROWS_MAX = 1 << 16 };

/* A row is one word: what | medium << 16 | number << 8; the number is that of units, or of the other medium. */
enum capacity_what { CAPACITY_TAKES, CAPACITY_BLOCKS, CAPACITY_INTERRUPTS, CAPACITY_WHATS };
struct capacity_row {
    enum capacity_what what;
    uint8_t medium, number;
};
uint32_t capacity_word(struct capacity_row);
struct capacity_row capacity_row_of(uint32_t word);

/* A rule in the form that the core uses. Media are numbered as in enum media. */
struct capacity_rule {
    uint8_t most[MEDIA_KINDS];
    /* media that are not given to an agent who has an interaction of this medium */
    struct media_set shuts[MEDIA_KINDS];
};

/* Reads the rule of that table. False: the table is not a rule, or does not exist. Texts are borrowed from the
 * image. */
bool capacity_rule_read(const struct image *, uint32_t table, struct text *name, struct capacity_rule *);
uint32_t capacity_table_count(const struct image *); /* returns how many tables the image has */
