/* vm/ops_value.c - Instructions that the interpreter calls as functions: reading lists in user data.
 *
 * A list's payload is packed pairs as on the wire: key (length, bytes), tag, value; numbers are varints, zigzag if
 * signed. It came from outside and was checked then, but a block from elsewhere may contain anything: damaged data
 * ends the list. */
#include "vm/vm.h"
#include "base/utf8.h"

struct pair {
    struct text key, text; /* text: bytes of a text, binary or list */
    unsigned tag;
    uint64_t word; /* of the others */
};

struct packed {
    const char *at, *end;
};

/* Reads a number of at most ten bytes: more would shift beyond 64 bits. */
static bool read_varint(struct packed *list, uint64_t *word)
{
    *word = 0;
    for (unsigned shift = 0; shift < 64 && list->at < list->end; shift += 7) {
        uint8_t byte = (uint8_t)*list->at++;
        *word |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

static bool read_bytes(struct packed *list, struct text *text)
{
    uint64_t length;
    if (!read_varint(list, &length) || length > (uint64_t)(list->end - list->at)) return false;
    *text = (struct text){list->at, (uint32_t)length};
    list->at += length;
    return true;
}

/* Reads a pair; a length greater than what is left ends the list, so nothing after it is read. */
static bool packed_read(struct packed *list, struct pair *pair)
{
    switch (pair->tag & ~(unsigned)VALUE_TAG_SECRET) {
    case VALUE_TAG_NONE:
        return true;
    case VALUE_TAG_INT:
    case VALUE_TAG_TIME:
        if (!read_varint(list, &pair->word)) return false;
        pair->word = pair->word >> 1 ^ (0 - (pair->word & 1));
        return true;
    case VALUE_TAG_BOOL:
        if (!read_varint(list, &pair->word)) return false;
        pair->word = pair->word != 0;
        return true;
    case VALUE_TAG_FLOAT:
        if (list->end - list->at < 8) return false;
        for (unsigned i = 0; i < 8; i++) pair->word |= (uint64_t)(uint8_t)list->at[i] << 8 * i;
        list->at += 8;
        return true;
    case VALUE_TAG_TEXT:
        return read_bytes(list, &pair->text) && utf8_is_text(pair->text.bytes, pair->text.length);
    case VALUE_TAG_BINARY:
    case VALUE_TAG_LIST:
        return read_bytes(list, &pair->text);
    default:
        return false;
    }
}

static bool next_pair(struct packed *list, struct pair *pair)
{
    *pair = (struct pair){0};
    if (list->at >= list->end || !read_bytes(list, &pair->key)) return false;
    if (!utf8_is_text(pair->key.bytes, pair->key.length) || list->at >= list->end) return false;
    pair->tag = (uint8_t)*list->at++;
    return packed_read(list, pair);
}

/* Returns the packed pairs of a list value; empty for other values. The pairs are valid until the block may move. */
static struct packed packed_pairs(const struct vm *vm, uint64_t value, char inlined[8])
{
    uint64_t payload = 0;
    if (value == VALUE_NONE) return (struct packed){NULL, NULL};
    unsigned tag = block_boxed(vm->image, vm_block(vm), value, &payload) & ~(unsigned)VALUE_TAG_SECRET;
    if (tag != VALUE_TAG_LIST) return (struct packed){NULL, NULL};
    struct text text = vm_text(vm, payload, inlined);
    return (struct packed){text.bytes, text.bytes + text.length};
}

/* Returns the space that a pair needs in the block: its value with the text, and its key. */
static uint64_t packed_room(const struct pair *pair)
{
    return sizeof(struct heap_object) + 8 + heap_text_bytes(pair->text.length) + heap_text_bytes(pair->key.length) + 16;
}

/* Makes a value; the space is reserved, so nothing moves. */
static bool make_value(struct vm *vm, const struct pair *pair, uint64_t *word)
{
    unsigned tag = pair->tag & ~(unsigned)VALUE_TAG_SECRET;
    bool bytes = tag == VALUE_TAG_TEXT || tag == VALUE_TAG_BINARY || tag == VALUE_TAG_LIST;
    return block_make_value(vm->slab, vm->handle, pair->tag, bytes ? pair->text.bytes : NULL, pair->text.length,
                            pair->word, word) ||
           vm_faults(vm, FAULT_MEMORY);
}

bool op_value_at(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char inlined[8], key_inlined[8];
    struct packed list = packed_pairs(vm, r[word_b(i)], inlined);
    struct text key = vm_text(vm, r[word_c(i)], key_inlined);
    struct pair pair;
    bool found = false;
    (void)extension;
    vm->fuel -= (list.end - list.at) / FUEL_STEP;
    while (!found && next_pair(&list, &pair)) found = block_text_order(pair.key, key) == 0;
    if (!found || (pair.tag & ~(unsigned)VALUE_TAG_SECRET) == VALUE_TAG_NONE) {
        r[word_a(i)] = VALUE_NONE;
        return true;
    }
    /* Reserving space may move the list in the block, so the list is searched again. */
    if (!block_reserve(vm->slab, vm->handle, (uint32_t)packed_room(&pair))) return vm_faults(vm, FAULT_MEMORY);
    list = packed_pairs(vm, r[word_b(i)], inlined);
    key = vm_text(vm, r[word_c(i)], key_inlined);
    for (found = false; !found && next_pair(&list, &pair);) found = block_text_order(pair.key, key) == 0;
    return make_value(vm, &pair, &r[word_a(i)]);
}

/* Counts the pairs, and reserves space for all of them and for an object with `width` words per pair. */
static bool room_for_all(struct vm *vm, uint64_t value, uint32_t width, uint32_t *count)
{
    char inlined[8];
    struct pair pair;
    uint64_t bytes = sizeof(struct heap_object);
    *count = 0;
    struct packed list = packed_pairs(vm, value, inlined);
    vm->fuel -= (list.end - list.at) / FUEL_STEP;
    for (; next_pair(&list, &pair); ++*count) bytes += packed_room(&pair) + 8 * width;
    vm->fuel -= *count;
    return (bytes <= BLOCK_BYTES_MAX && block_reserve(vm->slab, vm->handle, (uint32_t)bytes)) ||
           vm_faults(vm, FAULT_MEMORY);
}

static bool packed_is_list(const struct vm *vm, uint64_t value)
{
    uint64_t payload;
    return value != VALUE_NONE &&
           (block_boxed(vm->image, vm_block(vm), value, &payload) & ~(unsigned)VALUE_TAG_SECRET) == VALUE_TAG_LIST;
}

/* Makes a list of values; it is read twice: room_for_all() counts and reserves everything, then the values are made.
 * In between nothing moves, so `at` stays valid. */
bool op_value_list(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t word, *at;
    uint32_t count, n = 0;
    char inlined[8];
    struct pair pair;
    (void)extension;
    if (!packed_is_list(vm, r[word_b(i)])) {
        r[word_a(i)] = VALUE_NONE;
        return true;
    }
    if (!room_for_all(vm, r[word_b(i)], 1, &count)) return false;
    if (!vm_object_room(vm, vm_register_type(vm, word_a(i)), count, count, &word, &at)) return false;
    struct packed list = packed_pairs(vm, r[word_b(i)], inlined);
    for (; n < count && next_pair(&list, &pair); n++)
        if (!make_value(vm, &pair, &at[n])) return false;
    r[word_a(i)] = word;
    return true;
}

/* Makes a map of values; a repeated key keeps its first value. The text of its later value has then been made
 * already and is garbage until compaction. */
bool op_value_map(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t word, *at;
    uint32_t count, kept = 0;
    uint16_t type = vm_register_type(vm, word_a(i));
    char inlined[8];
    struct pair pair;
    (void)extension;
    if (!packed_is_list(vm, r[word_b(i)])) {
        r[word_a(i)] = VALUE_NONE;
        return true;
    }
    if (!room_for_all(vm, r[word_b(i)], 2, &count)) return false;
    if (!vm_object_room(vm, type, count, 2 * count, &word, &at)) return false;
    struct packed list = packed_pairs(vm, r[word_b(i)], inlined);
    for (uint32_t n = 0; n < count && next_pair(&list, &pair); n++) {
        bool there;
        uint64_t key, value;
        if (!block_make_text(vm->slab, vm->handle, pair.key.bytes, pair.key.length, &key)) return false;
        uint32_t place = vm_key_place(vm, (const uint8_t *)at, kept, pair.key, &there);
        vm->fuel -= (kept - place) / 4;
        if (there) continue; /* lookups find the first pair of a key, so later pairs with it are left out */
        if (!make_value(vm, &pair, &value)) return false;
        memmove(at + 2 * place + 2, at + 2 * place, 16 * (size_t)(kept++ - place));
        at[2 * place] = key;
        at[2 * place + 1] = value;
    }
    struct heap_object object = {type_base(type), kept};
    memcpy((uint8_t *)at - sizeof object, &object, sizeof object);
    memset(at + 2 * kept, 0, 16 * (size_t)(count - kept));
    r[word_a(i)] = word;
    return true;
}
