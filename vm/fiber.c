/* vm/fiber.c - Reads and writes the records of parked fibers within a block.
 *
 * A record is struct fiber, perhaps struct fiber_more, then its frames, outermost first. The fiber parked last has
 * the first record in the block, so that fiber_find() usually ends at the first one. */
#include <string.h>

#include "vm/block_data.h"

uint32_t fiber_find_behind(const struct block *block, uint8_t id)
{
    uint32_t at = block_fibers(block);
    for (uint32_t i = 0; i < block->fiber_count; i++) {
        const struct fiber *fiber = fiber_at(block, at);
        if (fiber->id == id) return at;
        at += fiber_bytes(fiber);
    }
    return 0;
}

/* Removes a record; those before it move up to its place, and the freed space becomes zero. */
void fiber_remove(struct block *block, uint32_t offset)
{
    uint32_t bytes = fiber_bytes(fiber_at(block, offset));
    assert(block->fiber_count > 0 && offset >= block_fibers(block) && offset + bytes <= block_size(block));
    uint8_t *base = block_bytes(block) + block_fibers(block);
    if (offset != block_fibers(block)) memmove(base + bytes, base, offset - block_fibers(block));
    for (uint32_t i = 0; i < bytes; i += 8) memset(base + i, 0, 8);
    block_set_fibers(block, block_fibers(block) + bytes);
    block->fiber_count--;
}

static uint64_t *frame_words(const struct image *image, const struct fiber *fiber, uint64_t *at, uint32_t number,
                             fiber_word *each, void *self)
{
    const uint64_t *words = at;
    const struct parked_frame frame = fiber_frame(image, fiber, number, &words);
    at += words - at;
    assert(frame.function < image->count[SECTION_FUNCTIONS]);
    const struct image_function *function = &image->functions[frame.function];
    const uint32_t *live = frame.wait == IMAGE_NONE ? NULL : image->live + image->waits[frame.wait].live;
    for (uint32_t r = 0; r < function->register_count; r++)
        if (!live || (live[r / 32] >> r % 32 & 1))
            each(self, image->registers[function->registers + r], at++, frame.function, r, number);
    return at;
}

void fiber_words(const struct image *image, struct block *block, fiber_word *each, void *self)
{
    uint32_t at = block_fibers(block);
    for (uint32_t i = 0; i < block->fiber_count; i++) {
        const struct fiber *fiber = fiber_at(block, at);
        uint64_t *words = (uint64_t *)(uintptr_t)(const void *)fiber_frames(fiber);
        for (uint32_t f = 0; f < fiber_more(fiber).frames; f++) words = frame_words(image, fiber, words, f, each, self);
        at += fiber_bytes(fiber);
    }
}
