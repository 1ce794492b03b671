/* vm/compact.c - Compaction: copies what is used in a heap to the slab's buffer, then back without gaps.
 *
 * Shared objects stay shared: a moved object or text leaves its new offset in its old header (bit 31 set). Every
 * size in the heap is a multiple of 8, so the copy is never longer. The depth of recursion is limited by the nesting
 * of types.
 *
 *     heap:     | "long text" | garbage | list: a, b | garbage |
 *     scratch:  | "long text" | list: a, b |
 *
 * In use is what can be reached from slots, attributes, user data, and the registers of parked fibers and of the
 * running one. Words outside the block that must be corrected are passed as `roots`. */
#include <assert.h>
#include <string.h>

#include "vm/block_data.h"

#define MOVED 0x80000000u

struct mover {
    const struct image *image;
    uint8_t *from;  /* the block */
    uint8_t *to;    /* scratch: becomes the heap */
    uint32_t start; /* of the heap */
    uint32_t length;
};

static void move_word(struct mover *m, uint16_t type, uint64_t *word);

static void move_in_place(struct mover *m, uint16_t type, uint8_t *at)
{
    uint64_t word = block_word_at(at);
    move_word(m, type, &word);
    memcpy(at, &word, sizeof word);
}

/* Moves a text; its length is in the 4 bytes before it. After the move these contain its new offset and MOVED, so
 * that the next word that refers to the text gets that offset. */
static void move_text(struct mover *m, uint64_t *word)
{
    uint32_t offset = value_offset(*word) - 4, header;
    memcpy(&header, m->from + offset, sizeof header);
    if (!(header & MOVED)) {
        uint32_t bytes = heap_text_bytes(header), place = m->start + m->length;
        assert(m->length + bytes <= BLOCK_BYTES_MAX); /* the buffer is as large as the largest block */
        memcpy(m->to + m->length, m->from + offset, bytes);
        m->length += bytes;
        header = MOVED | (place + 4);
        memcpy(m->from + offset, &header, sizeof header);
    }
    *word = (*word & ~(uint64_t)0xffffffff) | (header & ~MOVED);
}

static bool mover_tag_is_text(uint32_t tag)
{
    tag &= ~(uint32_t)VALUE_TAG_SECRET;
    return tag == VALUE_TAG_TEXT || tag == VALUE_TAG_BINARY || tag == VALUE_TAG_LIST;
}

static uint32_t mover_words_of(const struct mover *m, const struct heap_object *object)
{
    if (object->type == TYPE_VALUE) return 1;
    if (object->type == OBJECT_USER_DATA) return 3 * object->count;
    return type_is_map(m->image, (uint16_t)object->type) ? 2 * object->count : object->count;
}

/* Moves what the words of an object refer to, after the object was copied to `at`. */
static void move_contents(struct mover *m, const struct heap_object *object, uint8_t *at)
{
    uint16_t type = (uint16_t)object->type;
    uint32_t words = mover_words_of(m, object);
    if (type == TYPE_VALUE) {
        if (mover_tag_is_text(object->count)) move_in_place(m, TYPE_STR, at);
    } else if (type == OBJECT_USER_DATA) {
        for (uint32_t i = 0; i < object->count; i++, at += 24) {
            move_in_place(m, TYPE_STR, at);
            if (mover_tag_is_text((uint32_t)block_word_at(at + 8))) move_in_place(m, TYPE_STR, at + 16);
        }
    } else if (type_is_record(m->image, type)) {
        for (uint32_t i = 0; i < words; i++) move_in_place(m, image_field_type(m->image, type, i), at + 8 * (size_t)i);
    } else {
        uint16_t element = image_element(m->image, type);
        bool map = type_is_map(m->image, type);
        for (uint32_t i = 0; i < words; i++)
            move_in_place(m, map && i % 2 == 0 ? (uint16_t)TYPE_STR : element, at + 8 * (size_t)i);
    }
}

/* Moves an object; its header is marked before its contents are moved: another word that refers to it gets the same
 * copy. */
static uint32_t move_object(struct mover *m, uint32_t offset)
{
    struct heap_object object;
    memcpy(&object, m->from + offset, sizeof object);
    if (object.type & MOVED) return object.type & ~MOVED;
    uint32_t bytes = (uint32_t)sizeof object + 8 * mover_words_of(m, &object), place = m->start + m->length;
    assert(m->length + bytes <= BLOCK_BYTES_MAX);
    uint8_t *copy = m->to + m->length;
    memcpy(copy, m->from + offset, bytes);
    m->length += bytes;
    uint32_t header = MOVED | place;
    memcpy(m->from + offset, &header, sizeof header);
    move_contents(m, &object, copy + sizeof object);
    return place;
}

static void move_word(struct mover *m, uint16_t type, uint64_t *word)
{
    if (value_where(*word) != VALUE_BLOCK || !type_is_object(m->image, type)) return;
    if (type_base(type) == TYPE_STR)
        move_text(m, word);
    else
        *word = value_object_at(VALUE_BLOCK, move_object(m, value_offset(*word)));
}

static void move_fiber_word(void *self, uint16_t type, uint64_t *word, uint32_t function, uint32_t reg, uint32_t frame)
{
    (void)function, (void)reg, (void)frame;
    move_word(self, type, word);
}

/* Moves what `roots` refer to: words outside the block that are treated as the words of one object of the type in
 * `roots`. */
static void move_roots(struct mover *m, const struct roots *roots)
{
    if (roots->type == TYPE_STR) {
        for (uint32_t i = 0; i < roots->count; i++) move_word(m, TYPE_STR, &roots->words[i]);
        return;
    }
    struct heap_object object = {roots->type, roots->count};
    uint32_t words = mover_words_of(m, &object);
    for (uint32_t i = 0; i < words; i++) {
        uint16_t type = type_is_map(m->image, roots->type) && i % 2 == 0 ? (uint16_t)TYPE_STR
                        : type_is_record(m->image, roots->type)          ? image_field_type(m->image, roots->type, i)
                        : roots->type == TYPE_VALUE                      ? (uint16_t)TYPE_STR /* text payloads only */
                                                                         : image_element(m->image, roots->type);
        move_word(m, type, &roots->words[i]);
    }
}

/* Moves what the registers of the running fiber refer to, and corrects the registers. */
static void move_stack(struct mover *m, const struct stack *stack)
{
    for (uint32_t f = 0; f < stack->depth; f++) {
        const struct image_function *function = &m->image->functions[stack->frames[f].function];
        uint64_t *words = (uint64_t *)(uintptr_t)(const void *)stack->words + stack->frames[f].base;
        for (uint32_t r = 0; r < function->register_count; r++)
            move_word(m, m->image->registers[function->registers + r], &words[r]);
    }
}

/* Compacts a block; the order of the roots determines the order of the new heap, which is part of snapshots, so it
 * must not be changed. `wider`: the heap afterwards begins so many bytes later. There must be space for that. */
static void vm_compact(struct slab *slab, block_handle handle, const struct roots *roots, uint32_t wider)
{
    struct block *block = slab_block(slab, handle);
    const struct image *image = slab_image(slab, block);
    const struct image_strategy *strategy = block_strategy(slab, block);
    struct mover m = {image, block_bytes(block), (uint8_t *)slab->scratch, block_heap_start(block) + wider, 0};
    const uint32_t used = block_used(block);
    uint64_t *slots = block_slots(block);
    for (uint32_t i = 0; i < block->slots; i++)
        if (block_present(block) >> i & 1) move_word(&m, image_slot(image, strategy, i)->type, &slots[i]);
    for (uint32_t i = 0; i < block_system_count(block); i++)
        move_word(&m, block_system_type(i), &slots[slots_words(block->slots) + i]);
    if (block->data) block->data = move_object(&m, 8u * block->data) / 8 & BLOCK_WORD_MASK;
    fiber_words(image, block, move_fiber_word, &m);
    if (slab->running && slab->running_handle == handle) move_stack(&m, slab->running);
    if (roots) move_roots(&m, roots);
    block_set_used(block, m.start + m.length);
    block->live = m.length / 8 & BLOCK_WORD_MASK;
    assert(block_used(block) <= used + wider && block_used(block) <= block_fibers(block));
    memcpy(m.from + m.start, m.to, m.length);
    if (block_used(block) < used) memset(m.from + block_used(block), 0, used - block_used(block));
}

void block_compact_roots(struct slab *slab, block_handle handle, const struct roots *roots)
{
    vm_compact(slab, handle, roots, 0);
}

/* Makes space for the system words that few blocks have. The system words are before the heap, so the heap moves by
 * their size. The space is allocated first with block_allocate(), which may move or compact the block. */
bool block_widen(struct slab *slab, block_handle handle, const struct roots *roots)
{
    const uint32_t wider = 8 * (BLOCK_SYSTEM - BLOCK_SYSTEM_USUAL);
    assert(!(slab_block(slab, handle)->wide));
    if (!block_allocate(slab, handle, wider, roots)) return false;
    struct block *block = slab_block(slab, handle);
    /* the bytes given back here were never written, and are still zero */
    block_set_used(block, block_used(block) - wider);
    vm_compact(slab, handle, roots, wider);
    block->wide = true;
    for (uint32_t i = BLOCK_SYSTEM_USUAL; i < BLOCK_SYSTEM; i++)
        block_slots(block)[slots_words(block->slots) + i] = type_is_optional(block_system_type(i)) ? VALUE_NONE : 0;
    return true;
}

/* Returns the smallest class for what the block contains, including garbage. */
static uint32_t fitting_class(const struct block *block)
{
    return block_class_of(block_used(block) + block_size(block) - block_fibers(block));
}

void block_compact(struct slab *slab, block_handle handle)
{
    block_compact_roots(slab, handle, NULL);
    const struct block *block = slab_block(slab, handle);
    if (class_bytes(fitting_class(block)) < block_size(block)) block_resize(slab, handle, fitting_class(block));
}

void block_fit(struct slab *slab, block_handle handle)
{
    const struct block *block = slab_block(slab, handle);
    bool garbage = block_used(block) - block_heap_start(block) > 8u * block->live;
    if (garbage || class_bytes(fitting_class(block)) < block_size(block)) block_compact(slab, handle);
}
