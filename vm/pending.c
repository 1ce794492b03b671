/* vm/pending.c - Reads the pending step of a parked fiber from its block.
 *
 * The core uses this for everything it needs to carry out a step: the arguments, the timeout, the lines of a
 * selection. An operand is a constant of the image or a register live at the wait point, which is in the fiber's
 * record. */
#include <assert.h>

#include "vm/exec.h"
#include "vm/park.h"

/* Returns the record of a fiber at a step, and its wait point; NULL: there is none. */
static inline const struct fiber *vm_pending(const struct slab *slab, const struct block *block, uint8_t fiber,
                                             const struct image **image, const struct image_wait **wait)
{
    uint32_t offset = fiber_find(block, fiber);
    if (!offset || fiber_at(block, offset)->wait == IMAGE_NONE) return NULL;
    *image = block_image(slab, block);
    *wait = &(*image)->waits[fiber_at(block, offset)->wait];
    return fiber_at(block, offset);
}

bool vm_parked(const struct slab *slab, const struct block *block, uint8_t fiber, uint32_t *ticket)
{
    const struct image *image;
    const struct image_wait *wait;
    const struct fiber *record = vm_pending(slab, block, fiber, &image, &wait);
    if (record && ticket) *ticket = record->ticket;
    return record != NULL;
}

struct cursor_sought {
    uint32_t version;
    bool there;
};

static void seek_cursor(void *self, uint16_t type, uint64_t *word, uint32_t function, uint32_t reg, uint32_t frame)
{
    struct cursor_sought *sought = self;
    (void)function, (void)reg, (void)frame;
    sought->there = sought->there || (type == TYPE_INT && *word >> CURSOR_PLACE_BITS == sought->version);
}

/* May a parked fiber continue a loop over this version of a table? A cursor is an int whose upper half is the
 * version. Any other int of that form counts, too: then the old version is kept although nobody uses it. */
bool vm_walks(const struct slab *slab, const struct block *block, uint32_t version)
{
    struct cursor_sought sought = {.version = version};
    fiber_words(block_image(slab, block), (struct block *)(uintptr_t)(const void *)block, seek_cursor, &sought);
    return sought.there;
}

uint8_t vm_parent(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    (void)slab;
    uint32_t offset = fiber_find(block, fiber);
    return offset ? fiber_more(fiber_at(block, offset)).parent : 0;
}

const struct image_wait *vm_step(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    const struct image *image;
    const struct image_wait *wait;
    return vm_pending(slab, block, fiber, &image, &wait) ? wait : NULL;
}

/* Finds the place of the outermost frame, which is in the strategy's own code. If the step is in a subroutine, that
 * is the place of the call. */
bool vm_outer_place(const struct slab *slab, const struct block *block, uint8_t fiber, uint32_t *function, uint32_t *pc)
{
    const struct image *image;
    const struct image_wait *wait;
    if (!vm_pending(slab, block, fiber, &image, &wait)) return false;
    const struct fiber *parked = fiber_at(block, fiber_find(block, fiber));
    const uint64_t *words = fiber_frames(parked);
    struct parked_frame outer = fiber_frame(image, parked, 0, &words);
    wait = outer.wait != IMAGE_NONE ? &image->waits[outer.wait] : NULL;
    *function = wait ? wait->function : outer.function;
    *pc = wait ? wait->pc : outer.pc;
    return true;
}

uint16_t vm_result_type(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    const struct image *image;
    const struct image_wait *wait;
    if (!vm_pending(slab, block, fiber, &image, &wait) || wait->result == REGISTER_NONE) return TYPE_VOID;
    return image->registers[image->functions[wait->function].registers + wait->result];
}

bool vm_operand(const struct slab *slab, const struct block *block, uint8_t fiber, uint16_t operand, uint64_t *word,
                uint16_t *type)
{
    const struct image *image;
    const struct image_wait *wait;
    const struct fiber *record = vm_pending(slab, block, fiber, &image, &wait);
    return record && park_operand(image, block, record, operand, word, type);
}

bool vm_arg(const struct slab *slab, const struct block *block, uint8_t fiber, uint16_t parameter, uint64_t *word,
            uint16_t *type)
{
    const struct image *image;
    const struct image_wait *wait;
    const struct fiber *record = vm_pending(slab, block, fiber, &image, &wait);
    if (!record) return false;
    const struct image_operand *row = image->operands + wait->operands;
    for (uint32_t i = 0; i < wait->arguments; i++)
        if (row[i].parameter == parameter) return park_operand(image, block, record, row[i].operand, word, type);
    return false;
}

int64_t vm_timeout(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    const struct image_wait *wait = vm_step(slab, block, fiber);
    uint64_t word;
    uint16_t type;
    if (!wait || !vm_operand(slab, block, fiber, wait->timeout, &word, &type)) return -1;
    return (int64_t)word < 0 ? 0 : (int64_t)word;
}

uint16_t vm_attempt(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    (void)slab;
    uint32_t offset = fiber_find(block, fiber);
    return offset ? fiber_more(fiber_at(block, offset)).attempt : 0;
}

void vm_attempt_set(struct slab *slab, block_handle handle, uint8_t fiber, uint16_t attempt)
{
    struct block *block = block_at(slab, handle);
    uint32_t offset = fiber_find(block, fiber);
    assert(offset && !fiber_at(block, offset)->words);
    ((struct fiber_more *)(void *)(fiber_at(block, offset) + 1))->attempt = attempt;
}

uint32_t vm_line_count(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    const struct image_wait *wait = vm_step(slab, block, fiber);
    return wait ? wait->line_count : 0;
}

enum line_kind vm_line_kind(const struct slab *slab, const struct block *block, uint8_t fiber, uint32_t index)
{
    const struct image *image;
    const struct image_wait *wait;
    const struct fiber *record = vm_pending(slab, block, fiber, &image, &wait);
    assert(record && index < wait->line_count);
    return (enum line_kind)image->lines[wait->lines + index].kind;
}

bool vm_line(const struct slab *slab, const struct block *block, uint8_t fiber, uint32_t index, struct vm_line *line)
{
    const struct image *image;
    const struct image_wait *wait;
    const struct fiber *record = vm_pending(slab, block, fiber, &image, &wait);
    if (!record || index >= wait->line_count) return false;
    const struct image_line *row = &image->lines[wait->lines + index];
    uint64_t word;
    uint16_t type;
    *line = (struct vm_line){
        .kind = (enum line_kind)row->kind, .function = row->function, .type = TYPE_VOID, .at = (uint16_t)index};
    if (park_operand(image, block, record, row->after, &word, &type) && (int64_t)word > 0)
        line->after_us = (int64_t)word;
    bool shared = wait->order == ORDER_share && row->kind <= LINE_TARGET;
    if (shared &&
        park_operand(image, block, record, image->operands[row->operands + row->captures].operand, &word, &type))
        line->share = (int64_t)word <= 0 ? 0 : word < SHARE_WHOLE ? (uint32_t)word : SHARE_WHOLE;
    if (row->kind == LINE_TARGET || row->kind == LINE_IN) {
        if (park_operand(image, block, record, row->operand, &word, &type) &&
            !(type_is_optional(type) && value_is_none(type, word))) {
            line->type = type_base(type);
            line->target = word;
        }
        return true;
    }
    line->shared = row->kind == LINE_UNTIL && row->type & LINE_SHARED;
    /* vm_until() reads the captures of its condition itself */
    if (row->kind == LINE_UNTIL && !line->shared) return true;
    if (row->kind == LINE_ORDER) line->type = wait->order;
    if (row->kind == LINE_TIE) line->type = row->type;
    if (row->kind == LINE_VALUE) line->type = row->type >> LINE_VALUE_CAPTURE;
    line->capture_count = row->captures;
    for (uint32_t i = 0; i < row->captures; i++)
        park_operand(image, block, record, image->operands[row->operands + i].operand, &line->captures[i], &type);
    return true;
}
