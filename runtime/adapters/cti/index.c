/* runtime/adapters/cti/index.c - GLib's hash table, made when the first row is added. */
#include "runtime/adapters/cti/index.h"

#include <assert.h>
#include <glib.h>
#include <stdint.h>

void index_free(struct index *index)
{
    if (index->rows) g_hash_table_destroy(index->rows);
    index->rows = NULL;
}

unsigned index_count(const struct index *index)
{
    return index->rows ? g_hash_table_size(index->rows) : 0;
}

void *index_find(const struct index *index, const char *key)
{
    return index->rows ? g_hash_table_lookup(index->rows, key) : NULL;
}

void index_add(struct index *index, const char *key, void *value)
{
    assert(value && !index_find(index, key));
    if (!index->rows) index->rows = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(index->rows, (gpointer)(uintptr_t)key, value);
}

void index_remove(struct index *index, const char *key)
{
    if (index->rows) g_hash_table_remove(index->rows, key);
}
