/* runtime/core/site/business.h - The rows of a business table as the directory has them, in the order of their keys: a
 * look-up takes one out where it stands.
 *
 * They come in parts and own what came; the last row of a key counts. */
#ifndef CORE_BUSINESS_H
#define CORE_BUSINESS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum { TABLE_ROWS_MAX = 1000000, TABLE_BYTES_MAX = 64 << 20 };

struct business {
    uint8_t *bytes; /* packed pairs: of each row its key and its columns */
    uint32_t length, capacity;
    struct business_row {
        uint32_t at, key, key_length; /* of the pair and of its key, in the bytes */
    } * all;
    uint32_t count, room;
};

void business_free(struct business *);
/* A part: pairs that have passed kv_check. False: the table would be too large. */
bool business_add(struct business *, struct span pairs);
/* Behind the last part. */
void business_sort(struct business *);

struct span business_all(const struct business *); /* as they came */
/* A row by its place in the order of the keys; false behind the last. */
bool business_at(const struct business *, uint32_t place, struct kv_pair *);
/* The row of a key, or of the longest key that the text begins with. */
bool business_find(const struct business *, struct span text, bool prefix, struct kv_value *);

#endif
