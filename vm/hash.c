/* vm/hash.c - The hash of what a block means: a sum of hashes of its parts, each by its value and not its position.
 * Replays and standbys compare these hashes. */
#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "vm/block_data.h"
#include "vm/memory.h"

/* Hashes of objects in the heap are remembered if several words may share them, so that the time depends on the size
 * of nested lists in memory, not on their expanded size. Few blocks need this: the memory is allocated only then. */
enum { STEPS_FEW = 1024, TEXT_LONG = 256 };
struct hasher {
    const struct image *image;
    const struct block *block;
    uint64_t *known; /* by offset / 8; 0: not yet computed; NULL: not needed so far */
    uint32_t steps;
    uint64_t sum;
};

static uint64_t hash_mix(uint64_t a, uint64_t b)
{
    uint64_t both[2] = {a, b};
    return XXH3_64bits(both, sizeof both);
}

static uint64_t hash_word(struct hasher *h, uint16_t type, uint64_t word);

static bool hashed_tag_is_text(uint32_t tag)
{
    tag &= ~(uint32_t)VALUE_TAG_SECRET;
    return tag == VALUE_TAG_TEXT || tag == VALUE_TAG_BINARY || tag == VALUE_TAG_LIST;
}

/* Hashes the words of an object; a map's in the order of its keys, so two maps with the same pairs have one hash. */
static uint64_t hash_contents(struct hasher *h, uint16_t type, const uint8_t *words, const struct heap_object *object)
{
    uint64_t hash = hash_mix(type, object->count);
    if (type == TYPE_VALUE)
        return hash_mix(hash, hash_word(h, hashed_tag_is_text(object->count) ? TYPE_STR : TYPE_INT,
                                        object->count ? block_word_at(words) : 0));
    bool record = type_is_record(h->image, type), map = type_is_map(h->image, type);
    uint32_t count = map ? 2 * object->count : object->count;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t inner = record              ? image_field_type(h->image, type, i)
                         : map && i % 2 == 0 ? (uint16_t)TYPE_STR
                                             : image_element(h->image, type);
        hash = hash_mix(hash, hash_word(h, inner, block_word_at(words + 8 * (size_t)i)));
    }
    return hash;
}

/* Hashes the zero object of a record like a record of zeros. */
static uint64_t hash_zero_record(struct hasher *h, uint16_t type)
{
    uint32_t count = image_field_count(h->image, type);
    uint64_t hash = hash_mix(type, count);
    for (uint32_t i = 0; i < count; i++) hash = hash_mix(hash, hash_word(h, image_field_type(h->image, type, i), 0));
    return hash;
}

static uint64_t hash_there(struct hasher *h, uint16_t base, uint64_t word)
{
    if (base == TYPE_STR) {
        char inlined[8];
        struct text text = block_text(h->image, h->block, word, inlined);
        return hash_mix(2, XXH3_64bits(text.bytes, text.length));
    }
    const uint8_t *words = NULL;
    struct heap_object object = block_object(h->image, h->block, word, &words);
    if (!words && type_is_record(h->image, base)) return hash_zero_record(h, base);
    return hash_contents(h, base, words, &object);
}

/* Hashes a value; the first STEPS_FEW words without remembering hashes. After that, each object and text in the heap
 * is hashed once. */
static uint64_t hash_word(struct hasher *h, uint16_t type, uint64_t word)
{
    uint16_t base = type_base(type);
    if (value_is_none(type, word) || !type_is_object(h->image, base)) return hash_mix(1, word);
    if (value_where(word) != VALUE_BLOCK) return hash_there(h, base, word);
    if (base == TYPE_STR && value_text_length(word) >= TEXT_LONG) h->steps += value_text_length(word) / TEXT_LONG;
    if (++h->steps > STEPS_FEW && !h->known) h->known = memory_new(block_used(h->block) / 8u * sizeof *h->known);
    if (!h->known) return hash_there(h, base, word);
    uint64_t *known = &h->known[value_offset(word) / 8];
    if (*known == 0) *known = hash_there(h, base, word);
    return *known;
}

/* Adds a part; as a sum does not depend on the order, each part is mixed with its kind and number. */
static void hasher_add(struct hasher *h, uint64_t what, uint64_t number, uint64_t value)
{
    h->sum += hash_mix(hash_mix(what, number), value);
}

static void add_fiber_word(void *self, uint16_t type, uint64_t *word, uint32_t function, uint32_t reg, uint32_t frame)
{
    struct hasher *h = self;
    hasher_add(h, 0x500 + frame, (uint64_t)function << 8 | reg, hash_word(h, type, *word));
}

static void hasher_add_header(struct hasher *h, const struct block *b, uint64_t id, uint64_t conn)
{
    const uint64_t fields[] = {conn, b->arrived, (uint64_t)b->priority, block_present(b), b->waits, b->random, b->spent,
                               b->strategy, b->attempt,
                               /* 0 in place of a former field: without it the digests of earlier journals would
                                * change */
                               0, b->media, b->call_type, (uint64_t)b->handling | (uint64_t)b->exhausted << 1,
                               b->fiber_next};
    hasher_add(h, 0x100, id, XXH3_64bits(fields, sizeof fields));
}

/* Returns the hash; positions, garbage and the block's size do not matter: two cores that compacted at different
 * times agree. */
uint64_t block_hash(const struct slab *slab, const struct block *block, uint64_t id, uint64_t conn)
{
    const struct image *image = block_image(slab, block);
    const struct image_strategy *strategy = block_strategy(slab, block);
    struct hasher h = {.image = image, .block = block};
    hasher_add_header(&h, block, id, conn);
    for (uint32_t i = 0; i < block->slots; i++)
        if (block_present(block) >> i & 1)
            hasher_add(&h, 0x200, i, hash_word(&h, image_slot(image, strategy, i)->type, block_slots(block)[i]));
    for (uint32_t i = 0; i < BLOCK_SYSTEM; i++)
        hasher_add(&h, 0x300, i, hash_word(&h, block_system_type(i), block_system(block, i)));
    for (uint32_t i = 0; i < block_data_count(block); i++) {
        uint64_t key, payload;
        unsigned tag;
        block_data_at(block, i, &key, &tag, &payload);
        hasher_add(&h, 0x400 + i, hash_word(&h, TYPE_STR, key),
                   hash_mix(tag, hash_word(&h, hashed_tag_is_text(tag) ? TYPE_STR : TYPE_INT, payload)));
    }
    uint32_t at = block_fibers(block);
    for (uint32_t i = 0; i < block->fiber_count; i++) {
        const struct fiber *fiber = fiber_at(block, at);
        const struct fiber_more more = fiber_more(fiber);
        hasher_add(&h, 0x600 + fiber->id, (uint64_t)fiber_function(image, fiber) << 16 | fiber->wait,
                   hash_mix(fiber->ticket, (uint64_t)more.attempt << 16 | (uint64_t)more.parent << 8 | fiber->kind));
        at += 8u * more.words;
    }
    fiber_words(image, (struct block *)(uintptr_t)(const void *)block, add_fiber_word, &h);
    free(h.known);
    return h.sum;
}
