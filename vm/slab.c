/* vm/slab.c - Stores blocks in slabs: size classes, handles, moving from one class to another.
 *
 *     handle --where--> place: chunk and offset --> block
 *     block_resize()    another place for the same handle: whoever holds the handle notices nothing
 *     block_free()      the place goes to the free list of its chunk, the handle to that of the handles
 *
 * A chunk contains blocks of one class while it has any. An empty one can be used for all classes; the pages of most
 * of these are returned to the system, so that the memory of a peak is not kept. The free lists need no memory: a
 * free position contains the next one in its chunk, and `where` of a free handle the next free handle. A snapshot
 * contains the order of the free handles (slab_keep), so that a loaded core assigns the same numbers. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/block_data.h"
#include "vm/keep.h"
#include "vm/memory.h"

enum { HANDLES_MAX = 1 << 30, USUAL_MAX = 512, LARGE = 1 << 16, WARM_MAX = 16 };

/* Makes a slab; handle 0 means no block (BLOCK_HANDLE_NONE), so the first one assigned is 1. */
struct slab *slab_new(uint32_t blocks_max)
{
    assert(blocks_max < HANDLES_MAX);
    struct slab *slab = memory_new(sizeof *slab);
    slab->blocks_max = blocks_max;
    slab->handles = 1;
    for (uint32_t class = 0; class < BLOCK_CLASSES; class ++) slab->roomy[class] = CHUNK_NONE;
    slab->spare = CHUNK_NONE;
    return slab;
}

void slab_free(struct slab *slab)
{
    if (!slab) return;
    for (uint32_t i = 0; i < slab->chunk_count; i++) free(slab->chunks[i].bytes);
    free(slab->chunks);
    free(slab->images);
    free(slab->where);
    free(slab);
}

uint64_t slab_bytes(const struct slab *slab)
{
    return slab->bytes;
}

uint32_t slab_blocks(const struct slab *slab)
{
    return slab->count;
}

/* Adds a chunk to the list of its class, which has exactly the chunks with space: a full chunk is in no list. */
static void chunk_link(struct slab *slab, uint32_t number)
{
    struct slab_chunk *chunk = &slab->chunks[number];
    uint32_t *first = &slab->roomy[chunk->class];
    chunk->previous = CHUNK_NONE;
    chunk->next = *first;
    if (*first != CHUNK_NONE) slab->chunks[*first].previous = number;
    *first = number;
}

static void chunk_unlink(struct slab *slab, const struct slab_chunk *chunk)
{
    *(chunk->previous == CHUNK_NONE ? &slab->roomy[chunk->class] : &slab->chunks[chunk->previous].next) = chunk->next;
    if (chunk->next != CHUNK_NONE) slab->chunks[chunk->next].previous = chunk->previous;
}

/* Takes a spare chunk, or makes a new one; returns its number. */
static uint32_t chunk_take(struct slab *slab)
{
    uint32_t number = slab->spare;
    if (number != CHUNK_NONE) {
        slab->spare = slab->chunks[number].next;
        slab->warm -= slab->chunks[number].warm;
        return number;
    }
    assert(slab->chunk_count < 1u << (32 - PLACE_BITS));
    if (slab->chunk_count == slab->chunk_capacity) {
        slab->chunk_capacity = slab->chunk_capacity ? slab->chunk_capacity * 2 : 4;
        slab->chunks = memory_resize(slab->chunks, slab->chunk_capacity * sizeof *slab->chunks);
    }
    slab->chunks[slab->chunk_count].bytes = memory_pages(CHUNK_BYTES);
    return slab->chunk_count++;
}

/* Gives a chunk back that is empty, while its class has another one with space. */
static void chunk_give(struct slab *slab, uint32_t number)
{
    struct slab_chunk *chunk = &slab->chunks[number];
    chunk_unlink(slab, chunk);
    chunk->warm = slab->warm < WARM_MAX;
    slab->warm += chunk->warm;
    if (!chunk->warm) memory_pages_idle(chunk->bytes, CHUNK_BYTES);
    chunk->next = slab->spare;
    slab->spare = number;
}

/* Adds a chunk to a class; `left` counts the positions never used, which are cut from the end of the chunk
 * downwards. */
static void chunk_add(struct slab *slab, uint32_t class)
{
    uint32_t number = chunk_take(slab);
    struct slab_chunk *chunk = &slab->chunks[number];
    *chunk = (struct slab_chunk){
        .bytes = chunk->bytes, .left = (uint16_t)(CHUNK_BYTES / class_bytes(class)), .class = (uint8_t) class};
    chunk_link(slab, number);
}

/* Takes a position; a freed one is used before a new one is cut. `free` is the word of the first one + 1 (0: none),
 * and the first two bytes of a free position contain the earlier value of `free`:
 *
 *     chunk->free = 65 --> word 64: [ 33 | ... ] --> word 32: [ 0 | ... ]
 */
static inline slab_place slab_place_take(struct slab *slab, uint32_t class)
{
    if (slab->roomy[class] == CHUNK_NONE) chunk_add(slab, class);
    uint32_t number = slab->roomy[class], bytes = class_bytes(class), word;
    struct slab_chunk *chunk = &slab->chunks[number];
    slab->bytes += bytes;
    chunk->used++;
    if (chunk->free) {
        word = chunk->free - 1u;
        memcpy(&chunk->free, chunk->bytes + 8 * (size_t)word, sizeof chunk->free);
    } else {
        word = --chunk->left * bytes / 8;
    }
    if (!chunk->free && !chunk->left) chunk_unlink(slab, chunk);
    return number << PLACE_BITS | word;
}

/* Frees a position; a chunk that becomes empty can be used for all classes, but not the last one of its class with
 * space: otherwise a single block that comes and goes would move a chunk each time. */
static void place_give(struct slab *slab, slab_place place)
{
    uint32_t number = place >> PLACE_BITS, word = place & ((1u << PLACE_BITS) - 1);
    struct slab_chunk *chunk = &slab->chunks[number];
    assert(chunk->used > 0 && slab->bytes >= class_bytes(chunk->class));
    slab->bytes -= class_bytes(chunk->class);
    if (!chunk->free && !chunk->left) chunk_link(slab, number);
    memcpy(chunk->bytes + 8 * (size_t)word, &chunk->free, sizeof chunk->free);
    chunk->free = (uint16_t)(word + 1);
    if (--chunk->used == 0 && (chunk->previous != CHUNK_NONE || chunk->next != CHUNK_NONE)) chunk_give(slab, number);
}

/* Returns the number, two bytes, by which blocks name their image. The newest images are tried first, as most new
 * blocks use them. */
static uint16_t image_number(struct slab *slab, const struct image *image)
{
    for (uint32_t i = slab->image_count; i-- > 0;)
        if (slab->images[i] == image) return (uint16_t)i;
    assert(slab->image_count < 0xffff);
    if (slab->image_count == slab->image_capacity) {
        slab->image_capacity = slab->image_capacity ? slab->image_capacity * 2 : 4;
        slab->images = memory_resize(slab->images, slab->image_capacity * sizeof *slab->images);
    }
    slab->images[slab->image_count] = image;
    return (uint16_t)slab->image_count++;
}

/* Enlarges the table of handles: while small it is doubled, later it grows by an eighth, so that little memory is
 * unused. */
static void handles_room(struct slab *slab, uint32_t count)
{
    while (count > slab->handle_capacity) {
        uint32_t capacity = slab->handle_capacity;
        slab->handle_capacity += capacity < 64 ? 64 : capacity < LARGE ? capacity : capacity / 8;
        slab->where = memory_resize(slab->where, slab->handle_capacity * sizeof *slab->where);
    }
}

static block_handle handle_take(struct slab *slab)
{
    if (slab->handle_free) {
        block_handle handle = slab->handle_free;
        slab->handle_free = slab->where[handle];
        return handle;
    }
    handles_room(slab, slab->handles + 1);
    return slab->handles++;
}

/* Makes a block of a class, with undefined contents. */
static inline block_handle slab_take(struct slab *slab, uint32_t class)
{
    assert(class < BLOCK_CLASSES);
    if (slab->count >= slab->blocks_max) return BLOCK_HANDLE_NONE;
    block_handle handle = handle_take(slab);
    slab->where[handle] = slab_place_take(slab, class);
    slab->count++;
    return handle;
}

/* Makes a block at least as large as the one freed last (`usual`, limited): it will probably need that much, and
 * growing later needs a copy. */
block_handle block_new(struct slab *slab, const struct image *image, const struct image_strategy *strategy)
{
    uint32_t slots = image_slot_count(strategy);
    uint32_t bytes = (uint32_t)sizeof(struct block) + 8 * (slots_words(slots) + (uint32_t)BLOCK_SYSTEM_USUAL);
    uint32_t room = bytes + 64 > slab->usual ? bytes + 64 : slab->usual;
    uint32_t class = block_class_of(room), size = class_bytes(class);
    block_handle handle = slab_take(slab, class);
    if (handle == BLOCK_HANDLE_NONE) return handle;
    struct block *block = slab_block(slab, handle);
    memset(block, 0, size);
    block->class = (uint8_t) class;
    block_move_words(block, bytes / 8 | size / 8 << WORDS_SHIFT);
    block->image = image_number(slab, image);
    block->strategy = (uint16_t)image_strategy_index(image, strategy);
    block->slots = (uint8_t)slots;
    block->version = BLOCK_VERSION & 7;
    block_slots(block)[slots_words(slots) + 3] = VALUE_NONE; /* no digits, no subject */
    return handle;
}

/* Copies a block from outside; its bytes are checked before a position is taken. The image's number in it is that of
 * another process and is replaced. */
block_handle block_adopt(struct slab *slab, const struct image *image, const void *bytes, size_t length,
                         struct error *error)
{
    if (!block_check(bytes, length, image, error)) return BLOCK_HANDLE_NONE;
    block_handle handle = slab_take(slab, block_class_of((uint32_t)length));
    if (handle == BLOCK_HANDLE_NONE) {
        error_set(error, ERROR_LIMIT, "there are as many interactions as there may be");
        return handle;
    }
    struct block *block = block_at(slab, handle);
    memcpy(block, bytes, length);
    block->image = image_number(slab, image);
    return handle;
}

void block_free(struct slab *slab, block_handle handle)
{
    if (handle == BLOCK_HANDLE_NONE) return;
    assert(slab->count > 0);
    uint32_t size = block_size(block_at(slab, handle));
    slab->usual = size < USUAL_MAX ? size : USUAL_MAX;
    place_give(slab, slab->where[handle]);
    slab->where[handle] = slab->handle_free;
    slab->handle_free = handle;
    slab->count--;
}

/* `handle` gets the contents of `other`, and `other` is freed: the two are exchanged, and the old position is freed
 * with it. */
void block_replace(struct slab *slab, block_handle handle, block_handle other)
{
    assert(handle != other && other != BLOCK_HANDLE_NONE);
    slab_place place = slab->where[handle];
    slab->where[handle] = slab->where[other];
    slab->where[other] = place;
    block_free(slab, other);
}

struct block *block_at(const struct slab *slab, block_handle handle)
{
    assert(handle != BLOCK_HANDLE_NONE && handle < slab->handles);
    return slab_block(slab, handle);
}

const struct image *block_image(const struct slab *slab, const struct block *block)
{
    assert(block->image < slab->image_count);
    return slab->images[block->image];
}

const struct image_strategy *block_strategy(const struct slab *slab, const struct block *block)
{
    return image_strategy(block_image(slab, block), block->strategy);
}

/* Moves a block to another class: the part from the front (up to `used`) and the parked fibers at the end are
 * copied; the gap in between grows or shrinks and is zero. `old` stays valid until its position is freed at the end. */
void block_resize(struct slab *slab, block_handle handle, uint32_t class)
{
    assert(class < BLOCK_CLASSES && handle < slab->handles);
    slab_place before = slab->where[handle];
    slab->where[handle] = slab_place_take(slab, class);
    const struct block *old = (struct block *)(void *)slab_bytes_at(slab, before);
    struct block *block = slab_block(slab, handle);
    uint32_t size = class_bytes(class), used = block_used(old), parked = block_size(old) - block_fibers(old);
    assert(used + parked <= size);
    uint8_t *bytes = block_bytes(block);
    memcpy(bytes, old, used);
    memset(bytes + used, 0, size - parked - used);
    memcpy(bytes + size - parked, block_bytes(old) + block_fibers(old), parked);
    block->class = (uint8_t) class;
    block_set_fibers(block, size - parked);
    place_give(slab, before);
}

/* Returns a byte for each handle, which says whether the handle is free. The caller frees the array. */
static uint8_t *free_handles(const struct slab *slab)
{
    uint8_t *is_free = memory_new(slab->handles);
    for (block_handle at = slab->handle_free; at != BLOCK_HANDLE_NONE; at = slab->where[at]) is_free[at] = 1;
    return is_free;
}

/* Writes or reads the images by their hashes; the loading process must have them all, and gives them the same
 * numbers. */
static void keep_images(struct slab *slab, struct keeper *keeper,
                        const struct image *(*find)(void *self, const uint8_t *hash), void *self)
{
    uint32_t count = keep_count(keeper, slab->image_count, 0xffff);
    for (uint32_t at = 0; at < count && keep_good(keeper); at++) {
        uint8_t hash[IMAGE_HASH];
        if (!keep_reading(keeper)) memcpy(hash, image_hash(slab->images[at]), sizeof hash);
        keep_raw(keeper, hash, sizeof hash);
        if (!keep_reading(keeper) || !keep_good(keeper)) continue;
        const struct image *image = find(self, hash);
        if (!image || image_number(slab, image) != at) keep_fail(keeper, "a block's image is not known");
    }
}

/* Converts a block of version 2, which had half a byte for the medium and the other half for the call's type. */
static void block_from_2(struct block *block)
{
    uint16_t words[2];
    memcpy(words, (const uint8_t *)block + BLOCK_WORDS_AT, sizeof words);
    uint8_t halves = block->media;
    block->used_words = words[0] & (unsigned)WORDS_MASK;
    block->fibers_words = words[1] & (unsigned)WORDS_MASK;
    block->call_type = halves >> 4 & 15u;
    block->media = halves & 15;
    block->version = BLOCK_VERSION & 7;
}

/* Writes or reads a block; a block that was read is checked like one from outside: a snapshot may be damaged. */
static void keep_block(struct slab *slab, struct keeper *keeper, block_handle handle, uint32_t class)
{
    struct error error;
    slab->where[handle] = slab_place_take(slab, class);
    slab->count++;
    struct block *block = slab_block(slab, handle);
    keep_raw(keeper, block, class_bytes(class));
    if (!keep_good(keeper)) return;
    if (keep_reading(keeper) && block->version == BLOCK_VERSION_READ) block_from_2(block);
    if (block->class != class || block->image >= slab->image_count)
        keep_fail(keeper, "a block is not of its size, or has no image");
    else if (!block_check(block, class_bytes(class), slab->images[block->image], &error))
        keep_fail(keeper, "%s", error.text);
}

/* Writes or reads the free handles from first to last: the one freed last is assigned first. */
static void slab_keep_free(struct slab *slab, struct keeper *keeper, uint8_t *is_free)
{
    block_handle *at = &slab->handle_free;
    for (uint32_t left = slab->handles - 1 - slab->count; left > 0 && keep_good(keeper); left--) {
        block_handle handle = keep_index(keeper, *at, slab->handles, BLOCK_HANDLE_NONE);
        if (keep_reading(keeper)) {
            if (!is_free[handle]) keep_fail(keeper, "a handle is free that is not");
            is_free[handle] = 0;
            *at = handle;
        }
        at = &slab->where[handle];
    }
    if (keep_reading(keeper)) *at = BLOCK_HANDLE_NONE;
}

/* Writes or reads the images by their hashes, then each handle with the class and bytes of its block, then the free
 * handles in order. */
void slab_keep(struct slab *slab, struct keeper *keeper, const struct image *(*find)(void *self, const uint8_t *hash),
               void *self)
{
    keep_images(slab, keeper, find, self);
    slab->usual = keep_index(keeper, slab->usual, USUAL_MAX + 1, 0);
    slab->handles = keep_count(keeper, slab->handles - 1, slab->blocks_max) + 1;
    uint8_t *is_free;
    if (keep_reading(keeper)) {
        assert(slab->count == 0);
        handles_room(slab, slab->handles);
        is_free = memory_new(slab->handles);
    } else {
        is_free = free_handles(slab);
    }
    for (block_handle handle = 1; handle < slab->handles; handle++) {
        uint32_t class = keep_reading(keeper) || is_free[handle] ? BLOCK_CLASSES : slab_block(slab, handle)->class;
        class = keep_index(keeper, class, BLOCK_CLASSES, BLOCK_CLASSES);
        is_free[handle] = class == BLOCK_CLASSES;
        if (is_free[handle]) continue;
        if (keep_reading(keeper))
            keep_block(slab, keeper, handle, class);
        else
            keep_raw(keeper, slab_block(slab, handle), class_bytes(class));
    }
    slab_keep_free(slab, keeper, is_free);
    free(is_free);
}

const struct image *slab_keep_image(const struct slab *slab, struct keeper *keeper, const struct image *image)
{
    uint32_t number = 0;
    while (number < slab->image_count && slab->images[number] != image) number++;
    assert(keep_reading(keeper) || number < slab->image_count);
    number = keep_index(keeper, number, slab->image_count, UINT32_MAX);
    if (number != UINT32_MAX) return slab->images[number];
    keep_fail(keeper, "it names an image that it does not have");
    return NULL;
}

uint32_t slab_handles(const struct slab *slab)
{
    return slab->handles;
}

block_handle slab_next_free(const struct slab *slab, block_handle handle)
{
    assert(handle < slab->handles);
    return handle == BLOCK_HANDLE_NONE ? slab->handle_free : slab->where[handle];
}
