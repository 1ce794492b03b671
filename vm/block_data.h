/* vm/block_data.h - The internals of blocks and slabs, for the files of the VM. */
#pragma once

#include <assert.h>
#include <string.h>

#include "vm/block.h"
#include "vm/image_data.h"
#include "vm/shadow.h"

/* A parked fiber's record: this struct; struct fiber_more if `words` is 0; then its frames, outermost first, each a
 * struct parked_frame and its words. The innermost frame of a fiber at a wait point has only its words, since the
 * wait point determines the rest. Nearly every fiber needs no struct fiber_more: see `words` of struct wait_brief. */
enum fiber_kind { FIBER_STRATEGY, FIBER_HANDLER, FIBER_BUSY, FIBER_KINDS };
struct fiber {
    uint32_t ticket; /* number of this wait; for a fiber that waits for nothing: how many turns it has had since its
                      * last wait (vm_turn) */
    uint16_t wait; /* the innermost frame's wait point; IMAGE_NONE: the fuel was used up, or a debugger has stopped the
                    * fiber */
    uint8_t id;
    unsigned char kind : 2, words : 6; /* words: length of the whole record */
};
struct fiber_more {
    uint16_t words, attempt;
    uint16_t function; /* the innermost frame's function */
    uint8_t parent, frames;
};
enum { FIBER_WORDS = 1, FIBER_MORE_WORDS = 2 }; /* words before a record's frames, without and with struct fiber_more */

static_assert(sizeof(struct fiber) == 8 * FIBER_WORDS &&
                  sizeof(struct fiber) + sizeof(struct fiber_more) == 8 * FIBER_MORE_WORDS,
              "records consist of words");
static_assert(sizeof(struct block) == 48, "millions may wait");
enum {
    BLOCK_WORD_MASK = BLOCK_BYTES_MAX / 8 - 1
}; /* mask for a word's position in a block, as struct block's bit-fields store it */

enum { STACK_SLACK = 8 }; /* spare words, as registers are zeroed eight at a time */

/* The stack on which a fiber runs. The registers of frame n begin at words[base]. */
struct frame {
    uint32_t function, base, pc;
    uint16_t wait;  /* wait point of the frame's CALL_WAIT, while the called function runs; else IMAGE_NONE */
    uint8_t result; /* register of this frame for the result of the called function */
};
struct stack {
    struct frame frames[IMAGE_DEPTH_MAX];
    uint32_t depth; /* frames in use */
    uint64_t words[IMAGE_STACK_MAX + STACK_SLACK];
#ifdef VM_CHECKED
    struct shadow shadow;
#endif
};

/* A position in a slab: the number of its chunk, and in the lower PLACE_BITS the offset in the chunk, in words. */
typedef uint32_t slab_place;
enum { PLACE_BITS = 13, PLACE_NONE = UINT32_MAX };

/* A chunk is divided into blocks of one size. A free block contains the position of the next free one in its chunk. */
enum { CHUNK_BYTES = 64 * 1024, CHUNK_NONE = UINT32_MAX };
struct slab_chunk {
    uint8_t *bytes;
    uint32_t next,
        previous;        /* links of the chunks of a class that have space; `next` also links chunks without a class */
    uint16_t used, left; /* blocks in use; blocks not yet cut from the chunk */
    uint16_t free;       /* offset of the first free block in words + 1, 0: none */
    uint8_t class;
    bool warm; /* the chunk has no class, and its pages are still in memory */
};

struct slab {
    uint32_t blocks_max, count;
    uint32_t *where; /* by handle: position of its block; for a free handle: the next free one */
    struct slab_chunk *chunks;
    uint32_t chunk_count, chunk_capacity;
    uint32_t spare, warm; /* first chunk without a class; how many such chunks are warm */
    uint32_t handles, handle_capacity, handle_free;
    uint32_t roomy[BLOCK_CLASSES]; /* by class: a chunk of that class with space */
    uint32_t usual;                /* size of the last freed block, which a new one will probably need */
    uint64_t bytes;
    const struct image **images;
    uint32_t image_count, image_capacity;
    const struct stack *running; /* the vm's stack for block `running_handle`: compaction corrects its registers */
    block_handle running_handle;
    uint64_t scratch[BLOCK_BYTES_MAX / 8];
};

/* Words outside the block that compaction must correct, treated as the contents of an object of `type`. */
struct roots {
    uint16_t type;
    uint64_t *words;
    uint32_t count;
};

uint32_t block_class_of(uint32_t bytes); /* the smallest class with so many bytes; BLOCK_CLASSES: there is none */
/* 128, 136, 144, ... 512: nearly all waiting blocks have such sizes, and waste no bytes. Then 640, 768, 896, 1024,
 * ...: four steps per octave. */
enum { FINE_MAX = 512, FINE_STEP = 8, FINE_CLASSES = (FINE_MAX - BLOCK_BYTES_MIN) / FINE_STEP + 1 };
uint32_t block_class_bytes_coarse(uint32_t class);
static inline uint32_t class_bytes(uint32_t class)
{
    if (__builtin_expect(class < FINE_CLASSES, true)) return BLOCK_BYTES_MIN + FINE_STEP * class;
    return block_class_bytes_coarse(class);
}
/* moves the block to the given size class, which must be large enough */
void block_resize(struct slab *, block_handle, uint32_t class);

static inline uint8_t *slab_bytes_at(const struct slab *slab, slab_place place)
{
    return slab->chunks[place >> PLACE_BITS].bytes + 8 * (size_t)(place & ((1u << PLACE_BITS) - 1));
}
/* As block_at and block_image, inline for the VM's own files. */
static inline struct block *slab_block(const struct slab *slab, block_handle handle)
{
    return (struct block *)(void *)slab_bytes_at(slab, slab->where[handle]);
}
static inline const struct image *slab_image(const struct slab *slab, const struct block *block)
{
    return slab->images[block->image];
}

/* The offset of the word that the bit-fields used_words and fibers_words share, the largest value of each, and the
 * place of the second one in the word. */
enum { BLOCK_WORDS_AT = offsetof(struct block, image) - sizeof(uint32_t), WORDS_MASK = 0x3fff, WORDS_SHIFT = 14 };
static_assert(BLOCK_BYTES_MAX / 8 <= (int)WORDS_MASK, "the end of a block has 14 bits");

static inline uint8_t *block_bytes(const struct block *block)
{
    return (uint8_t *)(uintptr_t)(const void *)block;
}

/* Return and set the block's offsets in bytes; the block stores them in words. */
static inline uint32_t block_used(const struct block *block)
{
    return 8u * block->used_words;
}
static inline void block_set_used(struct block *block, uint32_t bytes)
{
    assert(bytes % 8 == 0 && bytes <= BLOCK_BYTES_MAX);
    block->used_words = bytes / 8 & WORDS_MASK;
}
static inline uint32_t block_fibers(const struct block *block)
{
    return 8u * block->fibers_words;
}
static inline void block_set_fibers(struct block *block, uint32_t bytes)
{
    assert(bytes % 8 == 0 && bytes <= BLOCK_BYTES_MAX);
    block->fibers_words = bytes / 8 & WORDS_MASK;
}
/* Returns used_words and fibers_words as the one word that they share. To read or change the word as a whole takes
 * fewer instructions than its bit-fields do, and each slice of a program does it several times. */
static inline uint32_t block_words(const struct block *block)
{
    uint32_t both;
    memcpy(&both, block_bytes(block) + BLOCK_WORDS_AT, sizeof both);
    return both;
}
/* Returns how many words are free between the heap and the fibers. The mask drops what else the shared word has, since
 * the upper bits of a difference do not reach its lower ones. */
static inline uint32_t block_free_words(const struct block *block)
{
    uint32_t both = block_words(block);
    return ((both >> WORDS_SHIFT) - both) & WORDS_MASK;
}
/* Adds to the word that used_words and fibers_words share. The caller has made sure that neither offset leaves its
 * 14 bits. */
static inline void block_move_words(struct block *block, uint32_t by)
{
    uint32_t both = block_words(block) + by;
    memcpy(block_bytes(block) + BLOCK_WORDS_AT, &both, sizeof both);
}

static inline uint64_t *block_slots(const struct block *block)
{
    return (uint64_t *)(uintptr_t)(const void *)(block + 1);
}
static inline uint32_t block_system_count(const struct block *block)
{
    return block->wide ? BLOCK_SYSTEM : BLOCK_SYSTEM_USUAL;
}
/* Returns how many words precede the attributes' words: one per key, and one for the presence bits if these have a
 * word. */
static inline uint32_t slots_words(uint32_t slots)
{
    return slots + (slots > BLOCK_PRESENT);
}
static inline uint32_t block_heap_start(const struct block *block)
{
    return (uint32_t)sizeof *block + 8u * (slots_words(block->slots) + block_system_count(block));
}
/* Returns the presence bits of keys: bit n: declared key n is attached. */
static inline uint64_t block_present(const struct block *block)
{
    return block->slots > BLOCK_PRESENT ? block_slots(block)[block->slots] : block->present;
}
static inline void block_set_present(struct block *block, uint64_t present)
{
    if (block->slots > BLOCK_PRESENT)
        block_slots(block)[block->slots] = present;
    else
        block->present = (uint8_t)present;
}
static inline uint64_t block_word_at(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}
/* Copies word by word, since the source was mostly just written that way, and a wider read would wait for all these
 * writes. */
static inline void words_copy(uint64_t *to, const uint64_t *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) to[i] = from[i];
}
static inline uint32_t heap_text_bytes(uint32_t length)
{
    return (length + 4 + 7) & ~7u;
}

/* Returns pair `index` of the user data: its key, tag and payload. */
static inline uint8_t *data_pair(const struct block *block, uint32_t index)
{
    assert(block->data);
    return block_bytes(block) + 8u * block->data + sizeof(struct heap_object) + 24 * (size_t)index;
}

/* Returns the object to which a word refers: its words are at `*words`. The zero object has count 0. */
static inline struct heap_object block_object(const struct image *image, const struct block *block, uint64_t word,
                                              const uint8_t **words)
{
    struct heap_object object = {0, 0};
    unsigned where = value_where(word);
    if (where != VALUE_BLOCK && where != VALUE_IMAGE) return object;
    const uint8_t *at =
        where == VALUE_BLOCK ? block_bytes(block) + value_offset(word) : image->data + value_offset(word);
    memcpy(&object, at, sizeof object);
    *words = at + sizeof object;
    return object;
}
/* Returns word `index` of an object; 0 beyond its end. */
static inline uint64_t block_object_word(const struct image *image, const struct block *block, uint64_t word,
                                         uint32_t index)
{
    const uint8_t *words;
    return index < block_object(image, block, word, &words).count ? block_word_at(words + 8 * (size_t)index) : 0;
}

/* Allocates so many bytes (divisible by 8) at the end of the heap. Returns their offset; 0: the block would become
 * too large. The block may move or be compacted. */
uint32_t block_allocate_more(struct slab *, block_handle, uint32_t bytes, const struct roots *);
static inline uint32_t block_allocate(struct slab *slab, block_handle handle, uint32_t bytes, const struct roots *roots)
{
    struct block *block = slab_block(slab, handle);
    uint32_t offset = block_used(block);
    if (bytes > block_fibers(block) - offset) return block_allocate_more(slab, handle, bytes, roots);
    assert(bytes % 8 == 0);
    block_move_words(block, bytes / 8);
    return offset;
}
bool block_data_set_words(struct slab *, block_handle, int32_t index, uint64_t key, unsigned tag, uint64_t payload);
int block_text_order(struct text, struct text); /* by bytes */
/* Can the word be a value of that type: canonical, none only if optional, its text or object existing and of that
 * type? Contents of objects are not checked here; block_check() does that. `block` may be NULL. */
bool block_word_good(const struct image *, const struct block *, uint16_t type, uint64_t word, struct error *);

/* Returns the type of a system slot: 0..3 and 5 str, 4 time; optional if the attribute is. */
uint16_t block_system_type(uint32_t number);
uint64_t block_system_unset(uint32_t number); /* returns the initial word of an attribute that is not set */

void block_compact_roots(struct slab *, block_handle, const struct roots *);
/* Adds the words of all attributes to the block, with their initial values. It may move the block, whose words
 * change as in a compaction. False: the block would exceed 64 KiB; nothing is changed. */
bool block_widen(struct slab *, block_handle, const struct roots *);

/* Fibers. Return offsets of fiber records; 0: there is none. */
uint32_t fiber_find_behind(const struct block *, uint8_t id);
static inline struct fiber *fiber_at(const struct block *block, uint32_t offset)
{
    return (struct fiber *)(void *)(block_bytes(block) + offset);
}
static inline uint32_t fiber_find(const struct block *block, uint8_t id) /* mostly the first */
{
    if (block->fiber_count && fiber_at(block, block_fibers(block))->id == id) return block_fibers(block);
    return fiber_find_behind(block, id);
}
void fiber_remove(struct block *, uint32_t offset);
/* Returns the contents of struct fiber_more, except `function`. */
static inline struct fiber_more fiber_more(const struct fiber *fiber)
{
    if (fiber->words) return (struct fiber_more){.words = fiber->words, .frames = 1};
    return *(const struct fiber_more *)(const void *)(fiber + 1);
}
static inline uint32_t fiber_bytes(const struct fiber *fiber)
{
    return 8u * fiber_more(fiber).words;
}
/* Returns where the fiber's frames begin. */
static inline const uint64_t *fiber_frames(const struct fiber *fiber)
{
    return (const uint64_t *)(const void *)fiber + (fiber->words ? FIBER_WORDS : FIBER_MORE_WORDS);
}
/* Returns the function of the innermost frame. */
static inline uint16_t fiber_function(const struct image *image, const struct fiber *fiber)
{
    return fiber->wait == IMAGE_NONE ? fiber_more(fiber).function : image->waits[fiber->wait].function;
}
/* Returns the frame with that number of a parked fiber. `*words` must point to its record, and is set to where its
 * words begin. */
static inline struct parked_frame fiber_frame(const struct image *image, const struct fiber *fiber, uint32_t number,
                                              const uint64_t **words)
{
    struct parked_frame frame;
    uint32_t frames = fiber_more(fiber).frames;
    assert(number < frames);
    if (number + 1u == frames && fiber->wait != IMAGE_NONE) return image->briefs[fiber->wait].frame;
    memcpy(&frame, (*words)++, sizeof frame);
    return frame;
}
/* The cursor of a loop over a table, an int: the table's version, and in the lower half the position. */
enum { CURSOR_PLACE_BITS = 32 };

/* Calls back for each word of each frame of each parked fiber, with the word's type. */
typedef void fiber_word(void *self, uint16_t type, uint64_t *word, uint32_t function, uint32_t reg, uint32_t frame);
void fiber_words(const struct image *, struct block *, fiber_word *, void *self);
