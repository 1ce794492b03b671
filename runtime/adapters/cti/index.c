/* runtime/adapters/cti/index.c - Open addressing with linear probing; grown at three quarters, when tombstones are
 * swept too. */
#include "runtime/adapters/cti/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/vocabulary/memory.h"

static size_t home(const struct index *index, const char *key)
{
    return (size_t)XXH3_64bits(key, strlen(key)) & (index->capacity - 1);
}

void index_free(struct index *index)
{
    free(index->slots);
    *index = (struct index){0};
}

static struct index_slot *index_slot_of(const struct index *index, const char *key)
{
    if (index->capacity == 0) return NULL;
    for (size_t i = home(index, key);; i = (i + 1) & (index->capacity - 1)) {
        struct index_slot *slot = &index->slots[i];
        if (!slot->key) return NULL;
        if (slot->value && strcmp(slot->key, key) == 0) return slot;
    }
}

void *index_find(const struct index *index, const char *key)
{
    struct index_slot *slot = index_slot_of(index, key);
    return !slot ? NULL : slot->value;
}

static void index_put_slot(struct index *index, const char *key, void *value)
{
    size_t i = home(index, key);
    while (index->slots[i].key) i = (i + 1) & (index->capacity - 1);
    index->slots[i] = (struct index_slot){key, value};
    index->used++;
    index->count++;
}

static void index_grow(struct index *index)
{
    struct index old = *index;
    size_t capacity = 16;
    while (capacity < (old.count + 1) * 2) capacity *= 2;
    *index = (struct index){memory_zeroed(capacity, sizeof *old.slots), capacity, 0, 0};
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].value) index_put_slot(index, old.slots[i].key, old.slots[i].value);
    free(old.slots);
}

void index_add(struct index *index, const char *key, void *value)
{
    assert(value && !index_find(index, key));
    if ((index->used + 1) * 4 > index->capacity * 3) index_grow(index);
    index_put_slot(index, key, value);
}

void index_remove(struct index *index, const char *key)
{
    struct index_slot *slot = index_slot_of(index, key);
    if (slot) {
        *slot = (struct index_slot){"", NULL}; /* the key's bytes may go with its value */
        index->count--;
    }
}
