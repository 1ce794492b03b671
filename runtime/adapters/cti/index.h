/* runtime/adapters/cti/index.h - A hash table from a string to a pointer: calls by CallID, DNs by number.
 *
 * The table owns neither keys nor values: a key is part of its value, and is removed before the value is freed. */
#pragma once

struct index {
    struct _GHashTable *rows; /* NULL: none yet */
};

void index_free(struct index *); /* frees only the table; a zeroed struct is an empty table */
unsigned index_count(const struct index *);
void *index_find(const struct index *, const char *key);
/* The key must not be in the table. */
void index_add(struct index *, const char *key, void *value);
void index_remove(struct index *, const char *key);
