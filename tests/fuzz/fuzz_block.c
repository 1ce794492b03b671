/* tests/fuzz/fuzz_block.c - Blocks from outside: a strategy runs to a wait, its block is altered as the layout of
 * vm/block.h has it, and then it is refused, or its fibers go on safely under every answer of a host.
 *
 * The input is choices: the program, its answers, the changes, and what comes after. Changes know the fields, keep the
 * padding zero and the records whole where they can, so that most of them get past the header. */
#include "config.h"
#include <stdlib.h>
#include <string.h>

#include "compiler/compilation.h"
#include "compiler/lower/natives.h"
#include "tests/differential/program.h"
#include "tests/differential/world.h"
#include "tests/fuzz/fuzz.h"
#include "vm/block_data.h"

enum { PROGRAMS = 16, WRITTEN = 2, CHOICES = 3000, CHANGES = 4 };

static struct image *programs[PROGRAMS];

/* The block that is altered. */
struct altered {
    const struct image *image;
    struct input *in;
    uint32_t size;
    uint64_t words[BLOCK_BYTES_MAX / 8];
};

static struct block *altered_block(struct altered *a)
{
    return (struct block *)(void *)a->words;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The parts, in words: none is beyond the block, whatever its head says. */
static uint32_t heap_begin(struct altered *a)
{
    return least(block_heap_start(altered_block(a)) / 8, a->size / 8);
}

static uint32_t heap_end(struct altered *a)
{
    return least(altered_block(a)->used_words, a->size / 8);
}

static uint32_t fibers_begin(struct altered *a)
{
    return least(altered_block(a)->fibers_words, a->size / 8);
}

/* One of the words from `from` to `to`; IMAGE_NONE: there are none. */
static uint32_t word_within(struct altered *a, uint32_t from, uint32_t to)
{
    return from < to ? from + (uint32_t)input_below(a->in, to - from) : (uint32_t)IMAGE_NONE;
}

/* Another word instead: near, an end, another one's, or one that names something of the heap. */
static uint64_t other_word(struct altered *a, uint64_t word)
{
    static const uint64_t ends[] = {0, 1, VALUE_NONE, FLOAT_NONE, UINT64_MAX, INT64_MAX, 0xffff, 0x7fffffff, 0x10000};
    uint32_t at = word_within(a, heap_begin(a), heap_end(a)), length;
    switch (input_byte(a->in) % 6) {
    case 0:
        return word + input_below(a->in, 9) - 4;
    case 1:
        return ends[input_below(a->in, sizeof ends / sizeof *ends)];
    case 2:
        return a->words[input_below(a->in, a->size / 8)];
    case 3:
        return at == IMAGE_NONE ? word : value_object_at(VALUE_BLOCK, 8 * at);
    case 4:
        if (at == IMAGE_NONE) return word;
        memcpy(&length, &a->words[at], sizeof length);
        return value_text_at(VALUE_BLOCK, 8 * at + 4, length);
    default:
        return input_number(a->in, 1);
    }
}

static void alter_word(struct altered *a, uint32_t at)
{
    if (at != IMAGE_NONE) a->words[at] = other_word(a, a->words[at]);
}

static void alter_head(struct altered *a)
{
    static const struct {
        uint8_t at, width;
    } fields[] = {
        {offsetof(struct block, arrived), 8},
        {offsetof(struct block, priority), 8},
        {offsetof(struct block, waits), 4},
        {offsetof(struct block, random), 4},
        {offsetof(struct block, spent), 4},
        {offsetof(struct block, spent) + 4, 4}, /* the bit-fields */
        {BLOCK_WORDS_AT, 2},
        {BLOCK_WORDS_AT + 2, 2},
        {offsetof(struct block, strategy), 2},
        {offsetof(struct block, attempt), 2},
        {offsetof(struct block, class), 1},
        {offsetof(struct block, slots), 1},
        {offsetof(struct block, present), 1},
        {offsetof(struct block, fiber_count), 1},
        {offsetof(struct block, fiber_next), 1},
        {offsetof(struct block, fiber_next) + 1, 1},
    };
    uint8_t *head = (uint8_t *)a->words;
    uint32_t n = (uint32_t)input_below(a->in, sizeof fields / sizeof *fields);
    uint64_t value = 0;
    memcpy(&value, head + fields[n].at, fields[n].width);
    value =
        input_byte(a->in) % 2 ? value ^ UINT64_C(1) << input_below(a->in, 8u * fields[n].width) : other_word(a, value);
    memcpy(head + fields[n].at, &value, fields[n].width);
}

/* A half or a quarter of a word: lengths, types, counts, wait points, numbers of fibers and functions. */
static void alter_part(struct altered *a, uint32_t at)
{
    unsigned width = 1u << input_byte(a->in) % 3;
    if (at == IMAGE_NONE) return;
    uint8_t *part = (uint8_t *)&a->words[at] + input_below(a->in, 8 / width) * width;
    uint64_t value = 0;
    memcpy(&value, part, width);
    value = other_word(a, value);
    memcpy(part, &value, width);
}

/* A key that has no value gets one, or loses it. */
static void alter_presence(struct altered *a)
{
    struct block *block = altered_block(a);
    if (block->slots == 0 || sizeof *block / 8 + slots_words(block->slots) > a->size / 8) return;
    uint32_t slot = (uint32_t)input_below(a->in, block->slots);
    uint64_t bit = UINT64_C(1) << slot % 64;
    block_slots(block)[slot] = block_present(block) & bit ? 0 : other_word(a, 0);
    block_set_present(block, block_present(block) ^ bit);
}

/* The heap grows by some words, between which anything may be an object or a text. */
static void alter_heap(struct altered *a)
{
    uint32_t end = heap_end(a), room = fibers_begin(a) > end ? fibers_begin(a) - end : 0;
    uint32_t count = (uint32_t)input_below(a->in, 8);
    if (count > room) return;
    for (uint32_t i = 0; i < count; i++) a->words[end + i] = other_word(a, a->words[input_below(a->in, a->size / 8)]);
    altered_block(a)->used_words = (end + count) & WORDS_MASK;
}

/* One record more, like another, with a number of its own; or one less. */
static void alter_fibers(struct altered *a)
{
    struct block *block = altered_block(a);
    struct error error;
    if (!block_check(block, a->size, a->image, &error) || block->fiber_count == 0) return;
    uint32_t at = block_fibers(block), nth = (uint32_t)input_below(a->in, block->fiber_count);
    while (nth-- > 0) at += fiber_bytes(fiber_at(block, at));
    uint32_t bytes = fiber_bytes(fiber_at(block, at));
    if (input_byte(a->in) % 2) {
        fiber_remove(block, at);
    } else if (bytes <= block_fibers(block) - block_used(block)) {
        uint32_t to = block_fibers(block) - bytes;
        memcpy(block_bytes(block) + to, block_bytes(block) + at, bytes);
        block_set_fibers(block, to);
        block->fiber_count++;
        fiber_at(block, to)->id = input_byte(a->in);
    }
}

/* A fiber stands at another wait point. */
static void alter_wait(struct altered *a)
{
    uint32_t at = word_within(a, fibers_begin(a), a->size / 8);
    if (at == IMAGE_NONE) return;
    struct fiber *fiber = (struct fiber *)(void *)&a->words[at];
    fiber->wait = (uint16_t)(fiber->wait + input_below(a->in, 9) - 4);
    if (fiber->wait < a->image->count[SECTION_WAITS]) fiber->words = a->image->briefs[fiber->wait].words & 63u;
}

static void alter(struct altered *a)
{
    uint32_t all = a->size / 8, head = sizeof(struct block) / 8;
    switch (input_byte(a->in) % 12) {
    case 0:
        alter_head(a);
        break;
    case 1:
        alter_presence(a);
        break;
    case 2:
        alter_heap(a);
        break;
    case 3:
    case 4:
        alter_fibers(a);
        break;
    case 5:
        alter_wait(a);
        break;
    case 6:
        alter_word(a, word_within(a, head, heap_begin(a)));
        break;
    case 7:
        alter_word(a, word_within(a, heap_begin(a), heap_end(a)));
        break;
    case 8:
        alter_word(a, word_within(a, fibers_begin(a), all));
        break;
    case 9:
        alter_part(a, word_within(a, fibers_begin(a), all));
        break;
    case 10:
        alter_part(a, word_within(a, heap_begin(a), heap_end(a)));
        break;
    default:
        alter_word(a, word_within(a, head, all));
    }
}

static bool no_hash(void *self, const char *library, uint8_t hash[32], char *why, size_t size)
{
    (void)self, (void)library, (void)why, (void)size;
    memset(hash, 0, 32);
    return true;
}

static struct image *compiled(const char *path, bool site)
{
    static const struct compile_natives natives = {NULL, no_hash};
    const struct compile_options how = {.site = site ? path : NULL, .natives = &natives};
    struct compilation *compilation = compiler_compile(&path, 1, &how);
    size_t length;
    struct error error;
    const uint8_t *bytes = compilation_image(compilation, &length);
    struct image *image = bytes ? image_load(bytes, length, &error) : NULL;
    compilation_free(compilation);
    return image;
}

static struct image *of_the_tree(const char *within, bool site)
{
    char *path = fuzz_path(within);
    struct image *image = compiled(path, site);
    MUST(image);
    free(path);
    return image;
}

static struct image *of_a_seed(uint64_t seed)
{
    uint8_t choices[CHOICES];
    size_t length;
    for (unsigned i = 0; i < CHOICES; i++) choices[i] = (uint8_t)world_mixed(seed * CHOICES + i);
    struct input chosen = {choices, CHOICES, 0};
    char *text = program_random(&chosen, &length);
    struct image *image = compiled(fuzz_file(text, length), true);
    free(text);
    return image;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    programs[0] = of_the_tree("tests/rules/rules.gcx", true);
    programs[1] = of_the_tree("strategies/enterprise/enterprise.gcx", false);
    uint64_t seed = 1;
    for (unsigned i = WRITTEN; i < PROGRAMS; i++)
        while (!programs[i]) programs[i] = of_a_seed(seed++);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct altered a;
    struct input in = {bytes, length, 0};
    a.image = programs[input_below(&in, PROGRAMS)];
    a.in = &in;
    a.size = fuzz_parked(a.image, &in, a.words);
    for (uint64_t changes = input_below(&in, CHANGES + 1); changes > 0; changes--) {
        alter(&a);
        uint32_t end = heap_end(&a), fibers = fibers_begin(&a);
        if (end < fibers) memset(&a.words[end], 0, 8 * (size_t)(fibers - end));
    }
    fuzz_drive_block(a.image, a.words, a.size, &in);
    return 0;
}
