/* runtime/core/site/business.h - The rows of a business table from the directory, sorted by key so that a search
 * finds a row quickly.
 *
 * The rows of a table come in several parts. The table owns a copy of the parts. If a key comes twice, the last row
 * counts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct keeper;

enum { TABLE_ROWS_MAX = 1000000, TABLE_BYTES_MAX = 64 << 20 };

struct business {
    uint8_t *bytes; /* packed pairs, one per row: its key and its columns */
    uint32_t length, capacity;
    struct business_row {
        uint32_t at, key, key_length; /* offsets in `bytes` of the pair and of its key */
    } * all;
    uint32_t count, room;
};

void business_free(struct business *);
/* Writes or reads the rows, sorted (vm/keep.h). The memory that the rows take up stays the same, since it counts for
 * limits. */
void business_keep(struct business *, struct keeper *);
/* Adds a part: pairs that have passed kv_check. False: the table would be too large. */
bool business_add(struct business *, struct span pairs);
/* Sorts the rows; call it after the last part and before a look-up. */
void business_sort(struct business *);

/* Adds the row at the given place of another table. False: this table would be too large. */
bool business_add_row(struct business *, const struct business *from, uint32_t place);

struct span business_all(const struct business *); /* returns all pairs in the order in which they came; borrowed */
/* Finds the row at the given place in the order of the keys. False: there is no such place. */
bool business_at(const struct business *, uint32_t place, struct kv_pair *);
/* Finds the row of the key `text`, or with `prefix` the row of the longest key with which `text` begins. False:
 * there is none. */
bool business_find(const struct business *, struct span text, bool prefix, struct kv_value *);
