/* vm/block.c - Reads a block: its size, keys, attributes, texts, objects and user data.
 *
 *      struct block | keys | attributes | heap: texts and objects ---> | zeros | <--- records of parked fibers |
 *                                                           used_words ^       ^ fibers_words
 *
 * The other files use this one: block_check.c reads a block to be checked, slab.c stores blocks, compact.c moves
 * data within a block, and block_make.c makes texts and objects. No function here moves a block. */
#include "vm/block.h"

#include <assert.h>
#include <string.h>

#include "vm/block_data.h"

uint32_t block_size(const struct block *block)
{
    return class_bytes(block->class);
}

uint32_t block_class_bytes_coarse(uint32_t class)
{
    class -= FINE_CLASSES;
    return (5 + class % 4) << (class / 4 + 7);
}

/* Returns the size class: sizes go up in steps of FINE_STEP to FINE_MAX, then four per octave: 640, 768, 896, 1024,
 * 1280, 1536, ... For more bytes than the largest class it returns BLOCK_CLASSES, which is no class. */
uint32_t block_class_of(uint32_t bytes)
{
    if (bytes <= BLOCK_BYTES_MIN) return 0;
    if (bytes <= FINE_MAX) return (bytes - BLOCK_BYTES_MIN + FINE_STEP - 1) / FINE_STEP;
    if (bytes > BLOCK_BYTES_MAX) return BLOCK_CLASSES;
    uint32_t octave = 31u - (uint32_t)__builtin_clz(bytes - 1); /* 2^octave < bytes <= 2^(octave + 1) */
    uint32_t step = (bytes - 1) >> (octave - 2) & 3;
    return FINE_CLASSES + (octave - 9) * 4 + step;
}

/* Reads a key; whether it is attached is a bit in `present`, whatever its value: an attached key may have the value
 * none. */
bool block_slot(const struct block *block, uint32_t slot, uint64_t *word)
{
    assert(slot < block->slots);
    *word = block_slots(block)[slot];
    return block_present(block) >> slot & 1;
}

void block_slot_set(struct block *block, uint32_t slot, uint64_t word)
{
    assert(slot < block->slots);
    block_slots(block)[slot] = word;
    block_set_present(block, block_present(block) | UINT64_C(1) << slot);
}

void block_slot_clear(struct block *block, uint32_t slot)
{
    assert(slot < block->slots);
    block_slots(block)[slot] = 0;
    block_set_present(block, block_present(block) & ~(UINT64_C(1) << slot));
}

uint64_t block_system_unset(uint32_t number)
{
    return type_is_optional(block_system_type(number)) ? VALUE_NONE : 0;
}

/* Reads a system word; a block has only as many as were ever set, and others have their initial value. */
uint64_t block_system(const struct block *block, uint32_t number)
{
    assert(number < BLOCK_SYSTEM);
    if (number >= block_system_count(block)) return block_system_unset(number);
    return block_slots(block)[slots_words(block->slots) + number];
}

uint16_t block_system_type(uint32_t number)
{
    return number == 4   ? (uint16_t)(TYPE_TIME | TYPE_OPTIONAL)
           : number == 3 ? (uint16_t)(TYPE_STR | TYPE_OPTIONAL)
                         : (uint16_t)TYPE_STR;
}

/* Returns a text; a short text is in the word itself: it is copied to `inlined`, to which the result points. */
struct text block_text(const struct image *image, const struct block *block, uint64_t word, char inlined[8])
{
    uint32_t length = value_text_length(word);
    unsigned where = value_where(word);
    if (where == VALUE_BLOCK) return (struct text){(const char *)block_bytes(block) + value_offset(word), length};
    if (where == VALUE_IMAGE) return (struct text){image->strings + value_offset(word), length};
    memcpy(inlined, &word, 8);
    return (struct text){inlined, length};
}

struct text block_system_text(const struct image *image, const struct block *block, uint32_t number)
{
    char inlined[8];
    if (number >= block_system_count(block)) return (struct text){"", 0};
    struct text text = block_text(image, block, block_system(block, number), inlined);
    /* Little-endian: byte i of a short text is byte i of its word. */
    if (text.bytes == inlined) text.bytes = (const char *)(block_slots(block) + slots_words(block->slots) + number);
    return text;
}

int block_text_order(struct text a, struct text b)
{
    int order = memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length);
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

uint32_t block_count(const struct image *image, const struct block *block, uint64_t word)
{
    const uint8_t *words;
    return block_object(image, block, word, &words).count;
}

uint64_t block_element(const struct image *image, const struct block *block, uint64_t list, uint32_t index)
{
    return block_object_word(image, block, list, index);
}

uint64_t block_field(const struct image *image, const struct block *block, uint64_t record, uint32_t field)
{
    return block_object_word(image, block, record, field);
}

bool block_pair(const struct image *image, const struct block *block, uint64_t map, uint32_t index, uint64_t *key,
                uint64_t *value)
{
    const uint8_t *words;
    if (index >= block_object(image, block, map, &words).count) return false;
    *key = block_word_at(words + 16 * (size_t)index);
    *value = block_word_at(words + 16 * (size_t)index + 8);
    return true;
}

/* Finds a key in a map, for readers without a vm; vm_map_find() does the same and counts fuel. */
bool block_map_find(const struct image *image, const struct block *block, uint64_t map, const char *key,
                    uint32_t length, uint64_t *value)
{
    const uint8_t *words;
    uint32_t low = 0, high = block_object(image, block, map, &words).count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        char inlined[8];
        int order = block_text_order(block_text(image, block, block_word_at(words + 16 * (size_t)middle), inlined),
                                     (struct text){key, length});
        if (order == 0) {
            *value = block_word_at(words + 16 * (size_t)middle + 8);
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

unsigned block_boxed(const struct image *image, const struct block *block, uint64_t value, uint64_t *payload)
{
    const uint8_t *words;
    struct heap_object object = block_object(image, block, value, &words);
    *payload = object.type ? block_word_at(words) : 0;
    return object.count;
}

/* User data. */

uint32_t block_data_count(const struct block *block)
{
    if (!block->data) return 0;
    struct heap_object object;
    memcpy(&object, block_bytes(block) + 8u * block->data, sizeof object);
    return object.count;
}

void block_data_at(const struct block *block, uint32_t index, uint64_t *key, unsigned *tag, uint64_t *payload)
{
    assert(index < block_data_count(block));
    const uint8_t *pair = data_pair(block, index);
    *key = block_word_at(pair);
    *tag = (unsigned)block_word_at(pair + 8);
    *payload = block_word_at(pair + 16);
}

/* Returns the first pair with that key; keys may be repeated, because user data come from outside. */
int32_t block_data_find(const struct image *image, const struct block *block, const char *key, uint32_t length)
{
    for (uint32_t i = 0; i < block_data_count(block); i++) {
        char inlined[8];
        if (block_text_order(block_text(image, block, block_word_at(data_pair(block, i)), inlined),
                             (struct text){key, length}) == 0)
            return (int32_t)i;
    }
    return -1;
}

/* Deletes a pair; the pairs after it move up, so indices found before are no longer valid. The last word becomes
 * zero padding. */
void block_data_delete(struct block *block, uint32_t index)
{
    uint32_t count = block_data_count(block);
    assert(index < count);
    memmove(data_pair(block, index), data_pair(block, index + 1), 24 * (size_t)(count - 1 - index));
    memset(data_pair(block, count - 1), 0, 24);
    struct heap_object object = {OBJECT_USER_DATA, count - 1};
    memcpy(block_bytes(block) + 8u * block->data, &object, sizeof object);
    if (count == 1) block->data = 0;
}
