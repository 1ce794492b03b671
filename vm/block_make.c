/* vm/block_make.c - Makes texts, objects and user data in a block.
 *
 * A text or object is made at the end of the heap and never freed singly: compaction (compact.c) removes what no
 * word refers to. A full block is compacted if much of it may be garbage, else it moves to a larger size class
 * (slab.c); beyond 64 KiB making fails. So every function here may move the block, and pointers into it must be
 * fetched again.
 *
 *     block_make_text(slab, handle, "hello, world", 12, &word);     word: in the block, at an offset, of 12 bytes
 *     block_make_text(slab, handle, "hello", 5, &word);             word: the text itself, no bytes in the block
 */
#include "vm/block.h"

#include <assert.h>
#include <string.h>

#include "vm/block_data.h"

bool block_system_set(struct slab *slab, block_handle handle, uint32_t number, uint64_t word)
{
    const struct block *block = slab_block(slab, handle);
    struct roots roots = {TYPE_STR, &word, type_base(block_system_type(number)) == TYPE_STR};
    assert(number < BLOCK_SYSTEM);
    if (number >= block_system_count(block)) {
        if (word == block_system_unset(number)) return true;
        if (!block_widen(slab, handle, &roots)) return false;
        block = slab_block(slab, handle);
    }
    block_slots(block)[slots_words(block->slots) + number] = word;
    return true;
}

enum { GROWTH = 64 };

/* If the heap is full, moves the block to a larger class; compacts it first if much of it may be garbage, or if
 * there is no larger class. */
uint32_t block_allocate_more(struct slab *slab, block_handle handle, uint32_t bytes, const struct roots *roots)
{
    struct block *block = slab_block(slab, handle);
    assert(bytes % 8 == 0);
    if (bytes > BLOCK_BYTES_MAX) return 0;
    uint32_t heap = block_used(block) - block_heap_start(block);
    uint32_t needed = block_used(block) + bytes + block_size(block) - block_fibers(block);
    if (heap > 16u * block->live + 1024 || needed > BLOCK_BYTES_MAX) {
        block_compact_roots(slab, handle, roots);
        block = slab_block(slab, handle);
        needed = block_used(block) + bytes + block_size(block) - block_fibers(block);
    }
    if (needed > BLOCK_BYTES_MAX) return 0;
    if (needed > block_size(block)) {
        uint32_t roomy = needed + GROWTH; /* space for further texts; at a wait the block shrinks again */
        block_resize(slab, handle, block_class_of(roomy < BLOCK_BYTES_MAX ? roomy : BLOCK_BYTES_MAX));
        block = slab_block(slab, handle);
    }
    uint32_t offset = block_used(block);
    block_set_used(block, block_used(block) + bytes);
    return offset;
}

bool block_make_text(struct slab *slab, block_handle handle, const char *bytes, uint32_t length, uint64_t *word)
{
    if (length <= VALUE_INLINE_MAX) {
        *word = value_text_inline(bytes, length);
        return true;
    }
    if (length > BLOCK_BYTES_MAX) return false;
    uint32_t offset = block_allocate(slab, handle, heap_text_bytes(length), NULL);
    if (!offset) return false;
    uint8_t *at = block_bytes(slab_block(slab, handle)) + offset;
    memcpy(at, &length, sizeof length);
    memcpy(at + 4, bytes, length);
    *word = value_text_at(VALUE_BLOCK, offset + 4, length);
    return true;
}

/* Makes an object from words outside the block; `pairs` must be sorted. */
static bool block_make_object(struct slab *slab, block_handle handle, uint16_t type, uint64_t *words, uint32_t count,
                              uint64_t *word)
{
    const struct image *image = slab_image(slab, slab_block(slab, handle));
    uint32_t length = type_is_map(image, type) ? 2 * count : count;
    if (count > BLOCK_BYTES_MAX / 8) return false;
    struct roots roots = {type_base(type), words, count};
    uint32_t offset = block_allocate(slab, handle, (uint32_t)sizeof(struct heap_object) + 8 * length, &roots);
    if (!offset) return false;
    struct heap_object object = {type_base(type), count};
    uint8_t *at = block_bytes(slab_block(slab, handle)) + offset;
    memcpy(at, &object, sizeof object);
    words_copy((uint64_t *)(void *)(at + sizeof object), words, length);
    *word = value_object_at(VALUE_BLOCK, offset);
    return true;
}

bool block_make_list(struct slab *slab, block_handle handle, uint16_t type, uint64_t *elements, uint32_t count,
                     uint64_t *word)
{
    assert(type_is_list(slab_image(slab, slab_block(slab, handle)), type));
    return block_make_object(slab, handle, type, elements, count, word);
}

bool block_make_record(struct slab *slab, block_handle handle, uint16_t type, uint64_t *fields, uint32_t count,
                       uint64_t *word)
{
    assert(count == image_field_count(slab_image(slab, slab_block(slab, handle)), type));
    return block_make_object(slab, handle, type, fields, count, word);
}

bool block_make_value(struct slab *slab, block_handle handle, unsigned tag, const char *bytes, uint32_t length,
                      uint64_t payload, uint64_t *word)
{
    struct roots roots = {TYPE_STR, &payload, 1};
    if (bytes && !block_make_text(slab, handle, bytes, length, &payload)) return false;
    struct heap_object object = {TYPE_VALUE, tag};
    uint32_t offset = block_allocate(slab, handle, (uint32_t)sizeof object + 8, bytes ? &roots : NULL);
    if (!offset) return false;
    uint8_t *at = block_bytes(slab_block(slab, handle)) + offset;
    memcpy(at, &object, sizeof object);
    memcpy(at + sizeof object, &payload, sizeof payload);
    *word = value_object_at(VALUE_BLOCK, offset);
    return true;
}

/* Insertion sort: maps are small, and often sorted already. Of equal keys the last one is kept. */
bool block_make_map(struct slab *slab, block_handle handle, uint16_t type, uint64_t *pairs, uint32_t count,
                    uint64_t *word)
{
    const struct block *block = slab_block(slab, handle);
    const struct image *image = slab_image(slab, block);
    assert(type_is_map(image, type));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key = pairs[2 * i], value = pairs[2 * i + 1];
        char a[8], b[8];
        struct text text = block_text(image, block, key, a);
        uint32_t at = kept;
        int order = -1;
        while (at > 0 && (order = block_text_order(block_text(image, block, pairs[2 * at - 2], b), text)) > 0) at--;
        if (at > 0 && order == 0) {
            pairs[2 * at - 1] = value;
            continue;
        }
        memmove(pairs + 2 * at + 2, pairs + 2 * at, (kept - at) * 2 * sizeof *pairs);
        pairs[2 * at] = key, pairs[2 * at + 1] = value;
        kept++;
    }
    return block_make_object(slab, handle, type, pairs, kept, word);
}

bool block_reserve(struct slab *slab, block_handle handle, uint32_t bytes)
{
    if (bytes > BLOCK_BYTES_MAX) return false;
    uint32_t rounded = (bytes + 7) & ~UINT32_C(7);
    if (!block_allocate(slab, handle, rounded, NULL)) return false;
    struct block *block = slab_block(slab, handle);
    /* the bytes given back here were never written, and are still zero */
    block_set_used(block, block_used(block) - rounded);
    return true;
}

/* User data. */

static bool tag_has_text(unsigned tag)
{
    unsigned plain = tag & ~(unsigned)VALUE_TAG_SECRET;
    return plain == VALUE_TAG_TEXT || plain == VALUE_TAG_BINARY || plain == VALUE_TAG_LIST;
}

static uint32_t packed_bytes(uint64_t key, unsigned tag, uint64_t payload)
{
    return value_text_length(key) + 8 + (tag_has_text(tag) ? value_text_length(payload) : 8);
}

static bool data_too_large(const struct block *block, int32_t index, uint64_t key, unsigned tag, uint64_t payload)
{
    uint32_t bytes = packed_bytes(key, tag, payload), count = block_data_count(block);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t k, p;
        unsigned t;
        block_data_at(block, i, &k, &t, &p);
        if ((int32_t)i != index) bytes += packed_bytes(k, t, p);
    }
    return bytes > DATA_BYTES_MAX;
}

/* Sets a pair; its words go through compaction like those of a map of str, except the payload of a number. */
bool block_data_set_words(struct slab *slab, block_handle handle, int32_t index, uint64_t key, unsigned tag,
                          uint64_t payload)
{
    struct block *block = slab_block(slab, handle);
    if (data_too_large(block, index, key, tag, payload)) return false;
    bool text = tag_has_text(tag);
    uint64_t words[2] = {key, text ? payload : 0}, wide = tag;
    uint32_t count = block_data_count(block);
    if (index < 0) { /* the user data get a new vector with one more pair */
        struct roots roots = {TYPE_STR, words, 2};
        uint32_t offset = block_allocate(slab, handle, (uint32_t)sizeof(struct heap_object) + 24 * (count + 1), &roots);
        if (!offset) return false;
        block = slab_block(slab, handle);
        struct heap_object object = {OBJECT_USER_DATA, count + 1};
        memcpy(block_bytes(block) + offset, &object, sizeof object);
        if (count) memcpy(block_bytes(block) + offset + sizeof object, data_pair(block, 0), 24 * (size_t)count);
        block->data = offset / 8 & BLOCK_WORD_MASK;
        index = (int32_t)count;
    }
    uint8_t *pair = data_pair(block, (uint32_t)index);
    if (text) payload = words[1];
    memcpy(pair, &words[0], 8);
    memcpy(pair + 8, &wide, 8);
    memcpy(pair + 16, &payload, 8);
    return true;
}

static bool data_put(struct slab *slab, block_handle handle, const char *key, uint32_t length, unsigned tag,
                     const void *text, uint32_t text_length, uint64_t payload, bool another)
{
    bool is_text = tag_has_text(tag);
    if (length > DATA_BYTES_MAX || (is_text && text_length > DATA_BYTES_MAX)) return false;
    /* Space for everything is reserved together, so that nothing is compacted in between. */
    uint32_t room = heap_text_bytes(length) + (is_text ? heap_text_bytes(text_length) : 0) + 16;
    room += 24 * (block_data_count(slab_block(slab, handle)) + 1);
    uint32_t offset = block_allocate(slab, handle, room, NULL);
    if (!offset) return false;
    struct block *block = slab_block(slab, handle);
    memset(block_bytes(block) + offset, 0, room);
    block_set_used(block, offset);
    uint64_t key_word;
    bool good = block_make_text(slab, handle, key, length, &key_word) &&
                (!is_text || block_make_text(slab, handle, text, text_length, &payload));
    assert(good);
    block = slab_block(slab, handle);
    int32_t index = another ? -1 : block_data_find(slab_image(slab, block), block, key, length);
    return block_data_set_words(slab, handle, index, key_word, tag, payload);
}

bool block_data_set(struct slab *slab, block_handle handle, const char *key, uint32_t length, unsigned tag,
                    const void *text, uint32_t text_length, uint64_t payload)
{
    return data_put(slab, handle, key, length, tag, text, text_length, payload, false);
}

bool block_data_add(struct slab *slab, block_handle handle, const char *key, uint32_t length, unsigned tag,
                    const void *text, uint32_t text_length, uint64_t payload)
{
    return data_put(slab, handle, key, length, tag, text, text_length, payload, true);
}

/* Copies a text from one block into another, which must have space for it. */
static uint64_t text_copied(struct slab *slab, const struct block *from, block_handle to, uint64_t word)
{
    char inlined[8];
    struct text text = block_text(slab_image(slab, from), from, word, inlined);
    bool made = block_make_text(slab, to, text.bytes, text.length, &word);
    assert(made);
    (void)made;
    return word;
}

/* Copies the pairs; the space for all is reserved first, so that the vector does not move while the texts are made
 * after it. */
bool block_data_copy(struct slab *slab, block_handle from, block_handle to)
{
    const struct block *source = slab_block(slab, from);
    uint32_t count = block_data_count(source);
    assert(from != to && block_data_count(slab_block(slab, to)) == 0);
    if (count == 0) return true;
    uint32_t vector = (uint32_t)sizeof(struct heap_object) + 24 * count, room = vector;
    for (uint32_t at = 0; at < count; at++) {
        uint64_t key, payload;
        unsigned tag;
        block_data_at(source, at, &key, &tag, &payload);
        room += heap_text_bytes(value_text_length(key));
        if (tag_has_text(tag)) room += heap_text_bytes(value_text_length(payload));
    }
    if (!block_reserve(slab, to, room)) return false;
    uint32_t offset = block_allocate(slab, to, vector, NULL);
    source = slab_block(slab, from);
    for (uint32_t at = 0; at < count; at++) {
        uint64_t words[3];
        memcpy(words, data_pair(source, at), sizeof words); /* key, tag, payload */
        words[0] = text_copied(slab, source, to, words[0]);
        if (tag_has_text((unsigned)words[1])) words[2] = text_copied(slab, source, to, words[2]);
        memcpy(block_bytes(slab_block(slab, to)) + offset + sizeof(struct heap_object) + 24 * (size_t)at, words,
               sizeof words);
    }
    struct block *block = slab_block(slab, to);
    struct heap_object object = {OBJECT_USER_DATA, count};
    memcpy(block_bytes(block) + offset, &object, sizeof object);
    block->data = offset / 8 & BLOCK_WORD_MASK;
    return true;
}
