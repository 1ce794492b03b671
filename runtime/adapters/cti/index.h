/* runtime/adapters/cti/index.h - A hash table from a string to a pointer: calls by CallID, DNs by number.
 *
 * It owns neither keys nor values: a key lives in its value, and is taken out before the value is freed. */
#ifndef CTI_INDEX_H
#define CTI_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_slot {
    const char *key; /* NULL: never used; a tombstone has a value of NULL */
    void *value;
};

struct index {
    struct index_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t used;     /* slots that are not free, tombstones included */
    size_t count;
};

void index_free(struct index *); /* of the table only; a zeroed struct is an empty table */
void *index_find(const struct index *, const char *key);
/* The key must not be there. */
void index_add(struct index *, const char *key, void *value);
void index_remove(struct index *, const char *key);

#endif
