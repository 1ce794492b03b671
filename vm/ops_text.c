/* vm/ops_text.c - Instructions that the interpreter calls as functions: comparing, making and splitting text.
 *
 *     up to 7 bytes    the text stands in its word; nothing is allocated, and equal texts are equal words
 *     longer           | length, 4 bytes | text | zeros to a multiple of 8 |    in the heap; the word has the offset
 *
 * Programs count positions in characters, offsets in this file are bytes. Texts are never cut inside a character. */
#include <assert.h>

#include <string.h>

#include "base/utf8.h"
#include "vm/vm.h"

enum { TEXT_MAX = 60000 };

/* Comparing text. */

bool op_text_equal(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char a[8], b[8];
    (void)extension;
    r[word_a(i)] = vm_order(vm, vm_text(vm, r[word_b(i)], a), vm_text(vm, r[word_c(i)], b)) == 0;
    return true;
}

bool op_text_less(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char a[8], b[8];
    (void)extension;
    int order = vm_order(vm, vm_text(vm, r[word_b(i)], a), vm_text(vm, r[word_c(i)], b));
    r[word_a(i)] = word_op(i) == OP_LT_STR ? order < 0 : order <= 0;
    return true;
}

/* Making text. */

/* Allocates a text of that length at the end of the heap; `*bytes` is valid until the next allocation. */
static bool text_room(struct vm *vm, uint32_t length, uint32_t *offset, char **bytes)
{
    if (length > TEXT_MAX) return vm_faults(vm, FAULT_MEMORY);
    *offset = block_allocate(vm->slab, vm->handle, heap_text_bytes(length), NULL);
    if (!*offset) return vm_faults(vm, FAULT_MEMORY);
    uint8_t *at = block_bytes(vm_block(vm)) + *offset;
    memcpy(at, &length, sizeof length);
    *bytes = (char *)at + 4;
    vm->fuel -= length / FUEL_UNIT;
    return true;
}

enum { CONCAT_SHORT = 64 };

/* Joins the parts in a buffer outside the block: a part of at most 7 bytes needs only one store of its whole word.
 * Returns the length; more than CONCAT_SHORT: the text is too long for this. */
static uint32_t concat_short(const struct vm *vm, const uint64_t *parts, uint32_t count, char *bytes)
{
    uint32_t length = 0;
    for (uint32_t n = 0; n < count && length <= CONCAT_SHORT; n++) {
        unsigned where = value_where(parts[n]);
        if (where <= VALUE_INLINE_MAX) {
            memcpy(bytes + length, &parts[n], 8);
            length += where;
        } else {
            char inlined[8];
            struct text part = vm_text(vm, parts[n], inlined);
            if (part.length > CONCAT_SHORT - length) return CONCAT_SHORT + 1;
            memcpy(bytes + length, part.bytes, part.length);
            length += part.length;
        }
    }
    return length;
}

static bool concat_long(struct vm *vm, const uint64_t *parts, uint32_t count, uint64_t *word)
{
    uint64_t length = 0;
    uint32_t offset;
    char inlined[8], *at;
    for (uint32_t n = 0; n < count; n++) length += value_text_length(parts[n]);
    if (length > TEXT_MAX) return vm_faults(vm, FAULT_MEMORY);
    if (!text_room(vm, (uint32_t)length, &offset, &at)) return false;
    for (uint32_t n = 0; n < count; n++) {
        struct text part = vm_text(vm, parts[n], inlined);
        memcpy(at, part.bytes, part.length);
        at += part.length;
    }
    *word = value_text_at(VALUE_BLOCK, offset + 4, (uint32_t)length);
    return true;
}

/* Joins texts; short results are first made in a buffer: many have at most 7 bytes and need no space in the block. */
bool op_concat(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    const uint64_t *parts = r + word_b(i);
    uint32_t offset;
    char small[CONCAT_SHORT + 8], *bytes;
    (void)extension;
    uint32_t length = concat_short(vm, parts, word_c(i), small);
    if (length > CONCAT_SHORT) return concat_long(vm, parts, word_c(i), &r[word_a(i)]);
    if (length <= VALUE_INLINE_MAX) {
        r[word_a(i)] = value_text_inline(small, length);
        return true;
    }
    if (!text_room(vm, length, &offset, &bytes)) return false;
    memcpy(bytes, small, length);
    r[word_a(i)] = value_text_at(VALUE_BLOCK, offset + 4, length);
    return true;
}

/* Makes the text of a value; it is written into a small buffer. If that was too small, `out.length` is the size
 * needed, and the value is written again, into the block. */
bool op_text(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char small[256];
    struct show show = {vm->image, vm_block(vm), vm->host.name, vm->host.self};
    struct shown out = {small, sizeof small, 0};
    uint16_t type = vm_register_type(vm, word_b(i));
    (void)extension;
    if (type == TYPE_STR) {
        r[word_a(i)] = r[word_b(i)];
        return true;
    }
    show_value(&show, &out, type, r[word_b(i)]);
    vm->fuel -= out.length / FUEL_STEP;
    if (out.length <= sizeof small)
        return block_make_text(vm->slab, vm->handle, small, out.length, &r[word_a(i)]) || vm_faults(vm, FAULT_MEMORY);
    uint32_t offset, length = out.length;
    char *bytes;
    if (!text_room(vm, length, &offset, &bytes)) return false;
    show.block = vm_block(vm);
    out = (struct shown){bytes, length, 0};
    show_value(&show, &out, type, r[word_b(i)]);
    assert(out.length == length);
    r[word_a(i)] = value_text_at(VALUE_BLOCK, offset + 4, length);
    return true;
}

/* Returns the offset of the character `index`, or the end. */
static uint32_t ops_text_character(struct text text, uint64_t index)
{
    uint32_t at = 0;
    for (; at < text.length; at++) {
        if ((text.bytes[at] & 0xc0) == 0x80) continue;
        if (index-- == 0) break;
    }
    return at;
}

bool op_str_count(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char inlined[8];
    struct text text = vm_text(vm, r[word_b(i)], inlined);
    uint64_t count = 0;
    (void)extension;
    for (uint32_t n = 0; n < text.length; n++) count += (text.bytes[n] & 0xc0) != 0x80;
    vm->fuel -= text.length / FUEL_STEP;
    r[word_a(i)] = count;
    return true;
}

bool op_str_contains(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char a[8], b[8];
    struct text text = vm_text(vm, r[word_b(i)], a), part = vm_text(vm, r[word_c(i)], b);
    (void)extension;
    vm->fuel -= (text.length + part.length) / FUEL_STEP;
    r[word_a(i)] = text_holds(text, part);
    return true;
}

bool op_str_starts(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char a[8], b[8];
    struct text text = vm_text(vm, r[word_b(i)], a), part = vm_text(vm, r[word_c(i)], b);
    (void)extension;
    vm->fuel -= part.length / FUEL_UNIT;
    r[word_a(i)] = part.length <= text.length && memcmp(text.bytes, part.bytes, part.length) == 0;
    return true;
}

bool op_str_slice(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char inlined[8], small[8] = {0}, *bytes;
    struct text text = vm_text(vm, r[word_b(i)], inlined);
    int64_t from = (int64_t)r[word_c(i)], to = (int64_t)r[extension];
    if (from < 0 || to < from) return vm_faults(vm, FAULT_INDEX);
    uint32_t first = ops_text_character(text, (uint64_t)from), last = ops_text_character(text, (uint64_t)to), offset;
    vm->fuel -= (first + last) / FUEL_STEP;
    if (last - first <= VALUE_INLINE_MAX) {
        memcpy(small, text.bytes + first, last - first);
        r[word_a(i)] = value_text_inline(small, last - first);
        return true;
    }
    if (!text_room(vm, last - first, &offset, &bytes)) return false;
    memcpy(bytes, vm_text(vm, r[word_b(i)], inlined).bytes + first, last - first);
    r[word_a(i)] = value_text_at(VALUE_BLOCK, offset + 4, last - first);
    return true;
}

bool op_str_get(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char inlined[8], small[8] = {0};
    struct text text = vm_text(vm, r[word_b(i)], inlined);
    int64_t index = (int64_t)r[word_c(i)];
    uint32_t at = index < 0 ? text.length : ops_text_character(text, (uint64_t)index), end = at + 1;
    (void)extension;
    vm->fuel -= at / FUEL_STEP;
    if (at >= text.length) {
        r[word_a(i)] = VALUE_NONE;
        return true;
    }
    while (end < text.length && (text.bytes[end] & 0xc0) == 0x80) end++;
    memcpy(small, text.bytes + at, end - at);
    r[word_a(i)] = value_text_inline(small, end - at);
    return true;
}

bool op_parse_int(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char inlined[8];
    struct text text = vm_text(vm, r[word_b(i)], inlined);
    int64_t number = 0;
    uint32_t at = text.length && text.bytes[0] == '-';
    bool good = text.length > at, negative = at == 1;
    (void)extension;
    for (; good && at < text.length; at++) {
        int digit = text.bytes[at] - '0';
        good = digit >= 0 && digit <= 9 && !__builtin_mul_overflow(number, 10, &number) &&
               !__builtin_add_overflow(number, digit, &number);
    }
    vm->fuel -= at / FUEL_STEP;
    r[word_a(i)] = good ? (uint64_t)(negative ? -number : number) : VALUE_NONE;
    return true;
}

/* Finds a name among those in the image; agents are only known to the core. */
static uint64_t text_find_named(struct vm *vm, uint16_t kind, struct text text)
{
    uint64_t agent;
    if (kind == TYPE_AGENT) return vm->host.agent && vm->host.agent(vm->host.self, text, &agent) ? agent : VALUE_NONE;
    int32_t name = image_name_find(vm->image, kind, text.bytes, text.length);
    return name < 0 ? VALUE_NONE : (uint64_t)name;
}

static void named_missed(struct vm *vm, uint16_t kind, struct text text)
{
    struct vm_missed *missed = &vm->missed[vm->missed_count++ % VM_MISSED_KEPT];
    uint32_t length = text.length;
    if (length > VM_MISSED_BYTES) length = utf8_cut(text.bytes, length, VM_MISSED_BYTES);
    *missed = (struct vm_missed){.of = vm->handle, .kind = kind, .length = (uint16_t)length};
    memcpy(missed->text, text.bytes, length);
}

bool op_named(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char inlined[8];
    struct text text = vm_text(vm, r[word_b(i)], inlined);
    (void)extension;
    vm->fuel -= text.length / FUEL_STEP;
    uint16_t kind = type_base(vm_register_type(vm, word_a(i)));
    bool none = r[word_b(i)] == VALUE_NONE;
    r[word_a(i)] = none ? VALUE_NONE : text_find_named(vm, kind, text);
    if (!none && text.length > 0 && r[word_a(i)] == VALUE_NONE) named_missed(vm, kind, text);
    return true;
}
