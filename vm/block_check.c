/* vm/block_check.c - Checks whether a block from outside matches its image. Every word is followed from the slots,
 * attributes, user data and fibers; every object and text is checked once and must not overlap another.
 *
 *     slots, attributes, user data, registers of parked fibers --> words --> objects and texts in the heap
 *
 * `units` has an entry per 8 bytes of the heap: a text or object to which a word refers claims its bytes with its
 * type. A second word may refer to the same text or object with the same type; another one must not overlap it. So
 * the check ends, whatever the bytes are. */
#include <string.h>

#include "vm/block_data.h"
#include "base/utf8.h"

struct checker {
    const struct image *image;
    const struct block *block;
    uint32_t size;
    struct error *error;
    uint16_t *units; /* by offset / 8: 0 free, UNIT_INNER, else the type of what begins there; NULL: look no deeper */
};

enum { UNIT_INNER = 0xffff };

static bool block_refuse(struct checker *c, uint32_t offset, const char *reason)
{
    return error_at(c->error, ERROR_INPUT, offset, "not a good block: %s", reason);
}

static bool block_check_word(struct checker *c, uint16_t type, uint64_t word, uint32_t at);

/* Claims heap bytes for a value of the given type; `*known`: the bytes were claimed for that type before. */
static bool heap_claim(struct checker *c, uint32_t offset, uint64_t bytes, uint16_t type, bool *known)
{
    *known = false;
    if (offset % 8 || offset < block_heap_start(c->block) || offset > block_used(c->block) ||
        bytes > block_used(c->block) - offset)
        return block_refuse(c, offset, "something lies outside the heap");
    if (!c->units || c->units[offset / 8] == type) {
        *known = true;
        return true;
    }
    for (uint64_t i = 0; i < bytes / 8; i++)
        if (c->units[offset / 8 + i]) return block_refuse(c, offset, "two things overlap");
    for (uint64_t i = 0; i < bytes / 8; i++) c->units[offset / 8 + i] = UNIT_INNER;
    c->units[offset / 8] = type;
    return true;
}

static bool image_text_good(struct checker *c, uint64_t word)
{
    uint32_t size = c->image->count[SECTION_STRINGS], offset = value_offset(word), length = value_text_length(word);
    if (offset > size || length > size - offset) return false;
    const char *strings = c->image->strings;
    return (strings[offset] & 0xc0) != 0x80 && (offset + length == size || (strings[offset + length] & 0xc0) != 0x80);
}

/* Checks a text; `binary`: its bytes need not be UTF-8. */
static bool block_check_text(struct checker *c, uint64_t word, uint32_t at, bool binary)
{
    uint32_t length = value_text_length(word), offset = value_offset(word);
    char inlined[8];
    if (value_where(word) <= VALUE_INLINE_MAX) {
        memcpy(inlined, &word, sizeof inlined);
        bool good = value_text_inline(inlined, length) == word && (binary || utf8_is_text(inlined, length));
        return good || block_refuse(c, at, "a short text is damaged");
    }
    if (length <= VALUE_INLINE_MAX) return block_refuse(c, at, "a text is not in its shortest form");
    if (value_where(word) == VALUE_IMAGE)
        return image_text_good(c, word) || block_refuse(c, at, "a text lies outside the image");
    if (value_where(word) != VALUE_BLOCK || offset < 4) return block_refuse(c, at, "a text is damaged");
    bool known;
    if (!heap_claim(c, offset - 4, heap_text_bytes(length), TYPE_STR, &known)) return false;
    const char *bytes = (const char *)block_bytes(c->block) + offset;
    uint32_t stored;
    memcpy(&stored, bytes - 4, sizeof stored);
    if (stored != length) return block_refuse(c, at, "a text's length is not what its word says");
    if (known) return true;
    for (uint32_t i = length + 4; i < heap_text_bytes(length); i++)
        if (bytes[i - 4]) return block_refuse(c, offset, "padding is not zero");
    return binary || utf8_is_text(bytes, length) || block_refuse(c, offset, "a text is not UTF-8");
}

static bool check_pair_value(struct checker *c, uint32_t tag, uint64_t payload, uint32_t at)
{
    switch (tag & ~(uint32_t)VALUE_TAG_SECRET) {
    case VALUE_TAG_NONE:
    case VALUE_TAG_INT:
    case VALUE_TAG_TIME:
    case VALUE_TAG_FLOAT:
        return true;
    case VALUE_TAG_BOOL:
        return payload <= 1 || block_refuse(c, at, "a bool is 0 or 1");
    case VALUE_TAG_TEXT:
        return block_check_text(c, payload, at, false);
    case VALUE_TAG_BINARY:
    case VALUE_TAG_LIST:
        return block_check_text(c, payload, at, true);
    default:
        return block_refuse(c, at, "a value of no such tag");
    }
}

static int text_words_order(struct checker *c, uint64_t a, uint64_t b)
{
    char first[8], second[8];
    return block_text_order(block_text(c->image, c->block, a, first), block_text(c->image, c->block, b, second));
}

/* Checks the words of an object: a value has one word of its tag's type; user data have triples of key, tag and
 * word; a map's keys must ascend, because lookups use binary search. */
static bool check_contents(struct checker *c, uint16_t type, const struct heap_object *object, uint32_t offset)
{
    const uint8_t *words = block_bytes(c->block) + offset + sizeof *object;
    uint32_t at = offset + (uint32_t)sizeof *object;
    if (type == TYPE_VALUE) return check_pair_value(c, object->count, block_word_at(words), at);
    if (type == OBJECT_USER_DATA) {
        for (uint32_t i = 0; i < object->count; i++, words += 24, at += 24)
            if (block_word_at(words + 8) > 0xff || !block_check_text(c, block_word_at(words), at, false) ||
                !check_pair_value(c, (uint32_t)block_word_at(words + 8), block_word_at(words + 16), at + 16))
                return block_refuse(c, at, "a pair of user data is damaged");
        return true;
    }
    bool record = type_is_record(c->image, type), map = type_is_map(c->image, type);
    uint32_t count = map ? 2 * object->count : object->count;
    for (uint32_t i = 0; i < count; i++) {
        bool key = map && i % 2 == 0;
        uint16_t inner = key      ? (uint16_t)TYPE_STR
                         : record ? image_field_type(c->image, type, i)
                                  : image_element(c->image, type);
        if (!block_check_word(c, inner, block_word_at(words + 8 * (size_t)i), at + 8 * i)) return false;
        if (key && i &&
            text_words_order(c, block_word_at(words + 8 * (size_t)i - 16), block_word_at(words + 8 * (size_t)i)) >= 0)
            return block_refuse(c, at + 8 * i, "keys are not in order");
    }
    return true;
}

/* Checks an object; its count is not trusted, so the length is computed in 64 bits and checked before anything
 * beyond it is read. */
static bool block_check_object(struct checker *c, uint16_t type, uint32_t offset)
{
    struct heap_object object;
    if (offset % 8 || offset < block_heap_start(c->block) || offset > block_used(c->block) - (uint32_t)sizeof object)
        return block_refuse(c, offset, "something lies outside the heap");
    memcpy(&object, block_bytes(c->block) + offset, sizeof object);
    if (object.type != type) return block_refuse(c, offset, "an object is not of its type");
    uint64_t words = object.count;
    if (type == TYPE_VALUE)
        words = 1;
    else if (type == OBJECT_USER_DATA)
        words *= 3;
    else if (type_is_map(c->image, type))
        words *= 2;
    else if (type_is_record(c->image, type) && object.count != image_field_count(c->image, type))
        return block_refuse(c, offset, "a record has not its fields");
    bool known;
    if (!heap_claim(c, offset, sizeof object + 8 * words, type, &known)) return false;
    return known || check_contents(c, type, &object, offset);
}

/* Checks an object in the image's data, which was verified with the image. */
static bool image_object_good(struct checker *c, uint16_t type, uint32_t offset)
{
    return offset % 8 == 0 && offset < c->image->count[SECTION_DATA] && c->image->data_types[offset / 8] == type;
}

static bool block_check_word(struct checker *c, uint16_t type, uint64_t word, uint32_t at)
{
    uint16_t base = type_base(type);
    if (value_is_none(type, word))
        return type_is_optional(type) || block_refuse(c, at, "none where there must be a value");
    if (base == TYPE_STR) return block_check_text(c, word, at, false);
    if (type_is_object(c->image, base)) {
        if (word == 0) return true;
        if (word == value_object_at(VALUE_BLOCK, value_offset(word)))
            return block_check_object(c, base, value_offset(word));
        if (word == value_object_at(VALUE_IMAGE, value_offset(word)) && image_object_good(c, base, value_offset(word)))
            return true;
        return block_refuse(c, at, "an object is not where it should be");
    }
    if (base == TYPE_BOOL && word > 1) return block_refuse(c, at, "a bool is 0 or 1");
    if (base == TYPE_CLOCK && !value_is_clock(word)) return block_refuse(c, at, "a time of day is beyond the day");
    if (base == TYPE_FLOAT && !value_is_finite(word)) return block_refuse(c, at, "a float is no number");
    if (type_is_name(base) && word && (word >= c->image->count[SECTION_NAMES] || c->image->names[word].kind != base))
        return block_refuse(c, at, "a name is of another kind");
    if (type_is_enum(c->image, base) && word >= image_type(c->image, base)->count && word)
        return block_refuse(c, at, "an enum has no such value");
    return true;
}

/* Checks the header first, as later checks compute with its fields. The gap between heap and fibers must be zero, so
 * that each state has only one sequence of bytes. */
static bool block_check_header(struct checker *c, size_t length)
{
    const struct block *b = c->block;
    if (length < BLOCK_BYTES_MIN || length > BLOCK_BYTES_MAX || length % 8) return block_refuse(c, 0, "wrong size");
    if (b->version != BLOCK_VERSION) return block_refuse(c, 0, "another layout version");
    if (b->class >= BLOCK_CLASSES || block_size(b) != length)
        return block_refuse(c, offsetof(struct block, class), "its size is not what it says");
    if (b->strategy >= c->image->count[SECTION_STRATEGIES] ||
        b->slots != image_slot_count(&c->image->strategies[b->strategy]))
        return block_refuse(c, offsetof(struct block, strategy), "it has not its strategy's keys");
    if (block_used(b) < block_heap_start(b) || block_used(b) > block_fibers(b) || block_fibers(b) > block_size(b))
        return block_refuse(c, BLOCK_WORDS_AT, "its parts overlap");
    if (b->fiber_count > BLOCK_FIBERS_MAX)
        return block_refuse(c, offsetof(struct block, fiber_count), "it has too many fibers");
    if (8u * b->live > block_used(b) - block_heap_start(b))
        return block_refuse(c, BLOCK_WORDS_AT, "more live than used");
    if ((b->slots < 64 && block_present(b) >> b->slots) || (b->slots > BLOCK_PRESENT && b->present))
        return block_refuse(c, offsetof(struct block, present), "no such key");
    for (uint32_t i = block_used(b); i < block_fibers(b); i++)
        if (block_bytes(b)[i]) return block_refuse(c, i, "padding is not zero");
    return true;
}

/* Checks the keys, the system words after them, and the user data, which the header refers to. */
static bool block_check_slots(struct checker *c)
{
    const struct image_strategy *strategy = &c->image->strategies[c->block->strategy];
    const uint64_t *slots = block_slots(c->block);
    uint32_t at = sizeof(struct block);
    for (uint32_t i = 0; i < c->block->slots; i++, at += 8) {
        bool present = block_present(c->block) >> i & 1;
        if (!present && slots[i]) return block_refuse(c, at, "a key that is not attached has a value");
        if (present && !block_check_word(c, image_slot(c->image, strategy, i)->type, slots[i], at)) return false;
    }
    at = sizeof(struct block) + 8 * slots_words(c->block->slots);
    for (uint32_t i = 0; i < block_system_count(c->block); i++, at += 8)
        if (!block_check_word(c, block_system_type(i), block_system(c->block, i), at)) return false;
    return !c->block->data || block_check_object(c, OBJECT_USER_DATA, 8u * c->block->data);
}

/* Is the outer frame at a call of the inner frame's function? */
static bool frame_calls(struct checker *c, const struct parked_frame *frame, const struct parked_frame *inner)
{
    const struct image_function *function = &c->image->functions[frame->function];
    if (frame->wait != IMAGE_NONE) return c->image->waits[frame->wait].callee == inner->function;
    uint32_t word = c->image->code[function->code + frame->pc];
    return (word & 0xff) == OP_CALL && (word >> 16) == inner->function;
}

/* Checks a frame; only the innermost frame may be at a step, others must be at a call. */
static bool check_frame(struct checker *c, const struct parked_frame *frame, bool innermost)
{
    const struct image *image = c->image;
    if (frame->function >= image->count[SECTION_FUNCTIONS]) return false;
    const struct image_function *function = &image->functions[frame->function];
    if (function->kind == FUNCTION_LEAF) return false;
    if (function->strategy != IMAGE_NONE && function->strategy != c->block->strategy) return false;
    if (frame->wait == IMAGE_NONE) return image_starts(image, function, frame->pc);
    if (frame->wait >= image->count[SECTION_WAITS]) return false;
    const struct image_wait *wait = &image->waits[frame->wait];
    return wait->function == frame->function && wait->pc == frame->pc && innermost == !(wait->flags & WAIT_CALL);
}

static bool check_outermost(struct checker *c, const struct fiber *fiber, const struct parked_frame *frame)
{
    static const uint8_t kinds[FIBER_KINDS] = {FUNCTION_STRATEGY, FUNCTION_HANDLER, FUNCTION_BUSY};
    return fiber->kind < FIBER_KINDS && c->image->functions[frame->function].kind == kinds[fiber->kind] &&
           (fiber->kind == FIBER_BUSY) == (fiber->id != 0) && (fiber->id != 0 || fiber_more(fiber).parent == 0);
}

/* Checks a fiber from its outermost frame inwards: each must be at a call of the next one's function, and the
 * innermost at the wait point that the fiber names. */
static bool check_fiber(struct checker *c, uint32_t at)
{
    const struct fiber *fiber = fiber_at(c->block, at);
    const struct fiber_more more = fiber_more(fiber);
    uint32_t end = at + 8u * more.words, depth = 0;
    uint32_t next = (uint32_t)((const uint8_t *)fiber_frames(fiber) - block_bytes(c->block));
    struct parked_frame frame = {0}, before = {0};
    if (!more.frames || more.frames > IMAGE_DEPTH_MAX || end > block_size(c->block) ||
        (fiber->wait == IMAGE_NONE ? fiber->words : fiber->wait >= c->image->count[SECTION_WAITS]) ||
        (fiber->words && fiber->words != c->image->briefs[fiber->wait].words))
        return block_refuse(c, at, "a fiber is damaged");
    for (uint32_t n = 0; n < more.frames; n++) {
        bool innermost = n + 1u == more.frames;
        const uint64_t *words_at = (const uint64_t *)(const void *)(block_bytes(c->block) + next);
        bool told = innermost && fiber->wait != IMAGE_NONE; /* by the wait point */
        if (!told && next + 8 > end) return block_refuse(c, next, "a fiber is too short");
        frame = fiber_frame(c->image, fiber, n, &words_at);
        if (!check_frame(c, &frame, innermost) ||
            (n ? !frame_calls(c, &before, &frame) : !check_outermost(c, fiber, &frame)))
            return block_refuse(c, next, "a frame is not where its function waits");
        const struct image_function *function = &c->image->functions[frame.function];
        uint32_t words = frame.wait == IMAGE_NONE ? function->register_count : c->image->waits[frame.wait].live_count;
        depth += function->register_count;
        next += 8 * words + (told ? 0 : 8);
        if (next > end || depth > IMAGE_STACK_MAX) return block_refuse(c, next, "a fiber is too short");
        before = frame;
    }
    if (next != end || fiber->wait != frame.wait || (!fiber->words && more.function != frame.function))
        return block_refuse(c, at, "a fiber is damaged");
    return true;
}

struct word_check {
    struct checker *c;
    bool good;
};

static void check_fiber_word(void *self, uint16_t type, uint64_t *word, uint32_t function, uint32_t reg, uint32_t frame)
{
    struct word_check *check = self;
    (void)function, (void)reg, (void)frame;
    uint32_t at = (uint32_t)((const uint8_t *)word - block_bytes(check->c->block));
    check->good = check->good && block_check_word(check->c, type, *word, at);
}

static struct parked_frame outermost_frame(const struct image *image, const struct fiber *fiber)
{
    const uint64_t *words = fiber_frames(fiber);
    return fiber_frame(image, fiber, 0, &words);
}

/* Is the child a busy child of its parent, or one of the children of the race or parallel where the parent waits?
 * Each may exist once. */
static bool child_good(struct checker *c, uint32_t at)
{
    const struct fiber *fiber = fiber_at(c->block, at);
    const uint8_t of = fiber_more(fiber).parent;
    uint32_t parent = fiber_find(c->block, of);
    uint16_t number = parent && of != fiber->id ? fiber_at(c->block, parent)->wait : (uint16_t)IMAGE_NONE;
    if (number == IMAGE_NONE) return false;
    const struct image_wait *wait = &c->image->waits[number];
    const struct parked_frame outermost = outermost_frame(c->image, fiber);
    bool good = wait->busy == outermost.function;
    for (uint32_t i = 0; i < wait->line_count && !good; i++) {
        const struct image_line *line = &c->image->lines[wait->lines + i];
        good = line->kind == LINE_CHILD && line->function == outermost.function;
    }
    for (uint32_t before = block_fibers(c->block); before < at; before += fiber_bytes(fiber_at(c->block, before))) {
        const struct fiber *other = fiber_at(c->block, before);
        good = good && !(other->id && fiber_more(other).parent == of &&
                         outermost_frame(c->image, other).function == outermost.function);
    }
    return good;
}

/* Checks each fiber record by itself first, then children against their parents, which may come after them, then the
 * words in all registers. */
static bool check_fibers(struct checker *c)
{
    uint32_t at = block_fibers(c->block);
    for (uint32_t i = 0; i < c->block->fiber_count; i++) {
        uint32_t left = block_size(c->block) - at;
        if (left < 8 * FIBER_WORDS || (!fiber_at(c->block, at)->words && left < 8 * FIBER_MORE_WORDS))
            return block_refuse(c, at, "a fiber is missing");
        if (!check_fiber(c, at)) return false;
        if (fiber_find(c->block, fiber_at(c->block, at)->id) != at)
            return block_refuse(c, at, "two fibers have one number");
        at += fiber_bytes(fiber_at(c->block, at));
    }
    if (at != block_size(c->block)) return block_refuse(c, at, "there is something behind the fibers");
    for (at = block_fibers(c->block); at < block_size(c->block); at += fiber_bytes(fiber_at(c->block, at)))
        if (fiber_at(c->block, at)->id != 0 && !child_good(c, at))
            return block_refuse(c, at, "a child is not its parent's");
    struct word_check check = {c, true};
    fiber_words(c->image, (struct block *)(uintptr_t)(const void *)c->block, check_fiber_word, &check);
    return check.good;
}

/* Checks a whole block; `units` is on the stack and has at most 16 KiB, because a block has at most BLOCK_BYTES_MAX
 * bytes. */
bool block_check(const void *bytes, size_t length, const struct image *image, struct error *error)
{
    struct checker c = {.image = image, .block = bytes, .error = error};
    if (length < sizeof(struct block)) return block_refuse(&c, 0, "wrong size");
    if (!block_check_header(&c, length)) return false;
    uint16_t units[BLOCK_BYTES_MAX / 8];
    memset(units, 0, length / 8 * sizeof *units);
    c.units = units;
    return block_check_slots(&c) && check_fibers(&c);
}

bool block_word_good(const struct image *image, const struct block *block, uint16_t type, uint64_t word,
                     struct error *error)
{
    struct checker c = {.image = image, .block = block, .error = error};
    if (!block && value_where(word) == VALUE_BLOCK && type_is_object(image, type))
        return block_refuse(&c, 0, "something of a block where there is none");
    return block_check_word(&c, type, word, 0);
}
