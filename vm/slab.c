/* vm/slab.c - Blocks in slabs: size classes, handles, moving from one class to another. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/block_data.h"
#include "vm/memory.h"

enum { CLASS_SHIFT = 26, CHUNK_BYTES = 64 * 1024 };

/* 128, 160, 192, 224, 256, 320, ...: four steps an octave. */
uint32_t class_bytes(uint32_t class)
{
    return (4 + class % 4) << (class / 4 + 5);
}

uint32_t class_of(uint32_t bytes)
{
    if (bytes <= BLOCK_BYTES_MIN) return 0;
    if (bytes > BLOCK_BYTES_MAX) return BLOCK_CLASSES;
    uint32_t octave = 31u - (uint32_t)__builtin_clz(bytes - 1); /* 2^octave < bytes <= 2^(octave + 1) */
    uint32_t step = (bytes - 1) >> (octave - 2) & 3;
    return (octave - 7) * 4 + step + 1;
}

struct slab *slab_new(uint32_t blocks_max)
{
    assert(blocks_max < 1u << CLASS_SHIFT);
    struct slab *slab = memory_new(sizeof *slab);
    slab->blocks_max = blocks_max;
    slab->handles = 1;
    for (uint32_t c = 0; c < BLOCK_CLASSES; c++)
        while (class_bytes(c) << (slab->classes[c].shift + 1) <= CHUNK_BYTES) slab->classes[c].shift++;
    return slab;
}

void slab_free(struct slab *slab)
{
    if (!slab) return;
    for (uint32_t c = 0; c < BLOCK_CLASSES; c++) {
        for (uint32_t i = 0; i < slab->classes[c].chunk_count; i++) free(slab->classes[c].chunks[i]);
        free(slab->classes[c].chunks);
    }
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

static uint8_t *place_of(const struct slab *slab, uint32_t class, uint32_t index)
{
    const struct size_class *c = &slab->classes[class];
    return c->chunks[index >> c->shift] + (size_t)(index & ((1u << c->shift) - 1)) * class_bytes(class);
}

static uint32_t place_take(struct slab *slab, uint32_t class)
{
    struct size_class *c = &slab->classes[class];
    slab->bytes += class_bytes(class);
    if (c->free) {
        uint32_t index = c->free - 1;
        memcpy(&c->free, place_of(slab, class, index), sizeof c->free);
        return index;
    }
    if (c->used == c->chunk_count << c->shift) {
        if (c->chunk_count == c->chunk_capacity) {
            c->chunk_capacity = c->chunk_capacity ? c->chunk_capacity * 2 : 4;
            c->chunks = memory_resize(c->chunks, c->chunk_capacity * sizeof *c->chunks);
        }
        c->chunks[c->chunk_count++] = memory_resize(NULL, (size_t)class_bytes(class) << c->shift);
    }
    return c->used++;
}

static void place_give(struct slab *slab, uint32_t class, uint32_t index)
{
    struct size_class *c = &slab->classes[class];
    memcpy(place_of(slab, class, index), &c->free, sizeof c->free);
    c->free = index + 1;
    slab->bytes -= class_bytes(class);
}

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

static block_handle handle_take(struct slab *slab)
{
    if (slab->handle_free) {
        block_handle handle = slab->handle_free;
        slab->handle_free = slab->where[handle];
        return handle;
    }
    if (slab->handles >= slab->handle_capacity) {
        slab->handle_capacity = slab->handle_capacity ? slab->handle_capacity * 2 : 64;
        slab->where = memory_resize(slab->where, slab->handle_capacity * sizeof *slab->where);
    }
    return slab->handles++;
}

/* A block of so many bytes, with undefined contents. */
static block_handle take(struct slab *slab, uint32_t bytes)
{
    if (slab->count >= slab->blocks_max) return BLOCK_HANDLE_NONE;
    uint32_t class = class_of(bytes), index = place_take(slab, class);
    block_handle handle = handle_take(slab);
    slab->where[handle] = class << CLASS_SHIFT | index;
    slab->count++;
    return handle;
}

block_handle block_new(struct slab *slab, const struct image *image, const struct image_strategy *strategy, uint64_t id)
{
    uint32_t slots = image_slot_count(strategy);
    uint32_t bytes = (uint32_t)sizeof(struct block) + 8 * (slots + (uint32_t)BLOCK_SYSTEM);
    block_handle handle = take(slab, bytes + 64); /* room for a fiber that waits */
    if (handle == BLOCK_HANDLE_NONE) return handle;
    struct block *block = block_at(slab, handle);
    uint32_t size = class_bytes(slab->where[handle] >> CLASS_SHIFT);
    memset(block, 0, size);
    block->id = id;
    block->size = block->fibers = size;
    block->used = bytes;
    block->image = image_number(slab, image);
    block->strategy = (uint16_t)image_strategy_index(image, strategy);
    block->slots = (uint8_t)slots;
    block->version = BLOCK_VERSION;
    block_system_set(block, 3, VALUE_NONE); /* no digits, no subject, not due */
    block_system_set(block, 4, VALUE_NONE);
    return handle;
}

block_handle block_adopt(struct slab *slab, const struct image *image, const void *bytes, size_t length,
                         struct error *error)
{
    if (!block_check(bytes, length, image, error)) return BLOCK_HANDLE_NONE;
    block_handle handle = take(slab, (uint32_t)length);
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
    uint32_t where = slab->where[handle];
    place_give(slab, where >> CLASS_SHIFT, where & ((1u << CLASS_SHIFT) - 1));
    slab->where[handle] = slab->handle_free;
    slab->handle_free = handle;
    slab->count--;
}

struct block *block_at(const struct slab *slab, block_handle handle)
{
    assert(handle != BLOCK_HANDLE_NONE && handle < slab->handles);
    uint32_t where = slab->where[handle];
    return (struct block *)(void *)place_of(slab, where >> CLASS_SHIFT, where & ((1u << CLASS_SHIFT) - 1));
}

const struct image *block_image(const struct slab *slab, const struct block *block)
{
    return slab->images[block->image];
}

const struct image_strategy *block_strategy(const struct slab *slab, const struct block *block)
{
    return image_strategy(block_image(slab, block), block->strategy);
}

void block_resize(struct slab *slab, block_handle handle, uint32_t class)
{
    const struct block *old = block_at(slab, handle);
    uint32_t where = slab->where[handle], size = class_bytes(class), parked = old->size - old->fibers;
    assert(old->used + parked <= size);
    uint32_t index = place_take(slab, class);
    uint8_t *bytes = place_of(slab, class, index);
    memcpy(bytes, old, old->used);
    memset(bytes + old->used, 0, size - parked - old->used);
    memcpy(bytes + size - parked, block_bytes(old) + old->fibers, parked);
    struct block *block = (struct block *)(void *)bytes;
    block->size = size;
    block->fibers = size - parked;
    place_give(slab, where >> CLASS_SHIFT, where & ((1u << CLASS_SHIFT) - 1));
    slab->where[handle] = class << CLASS_SHIFT | index;
}
