/* vm/ops.c - Instructions that the interpreter calls as functions: records, lists, maps, values, attributes, user
 * data.
 *
 * Objects never change after they are made: an instruction that sets a field, adds an element or sets a key makes a
 * new object, so two registers may refer to one object without affecting each other.
 *
 *     1. room       vm_object_room() or block_allocate(): may compact the block, which corrects the words in registers
 *     2. words      read from the registers, after the room is made
 *     3. result     written into the register; nothing is allocated between 2 and 3
 *
 * Words are left in registers until all space is allocated, because compaction corrects registers only. A function
 * returns false after vm_faults(): the interpreter then stops at that instruction. */
#include "base/utf8.h"
#include "vm/system_words.h"
#include "vm/vm.h"

/* By contents. Compares two values; compared words cost fuel, so that comparing nested lists with shared parts ends,
 * too. Fuel falls below zero by at most one slice: then this returns false, and op_equal() makes it a fault. */
static bool values_equal(struct vm *vm, uint16_t type, uint64_t a, uint64_t b)
{
    const struct block *block = vm_block(vm);
    const struct image *image = vm->image;
    char first[8], second[8];
    if (a == b) return true;
    if (value_is_none(type, a) || value_is_none(type, b) || vm->fuel < -VM_SLICE_FUEL) return false;
    vm->fuel--;
    uint16_t base = type_base(type);
    if (base == TYPE_FLOAT) return value_float(a) == value_float(b);
    if (base == TYPE_STR)
        return value_text_length(a) == value_text_length(b) &&
               vm_order(vm, block_text(image, block, a, first), block_text(image, block, b, second)) == 0;
    if (!type_is_object(image, base)) return false;
    if (base == TYPE_VALUE) {
        uint64_t x, y;
        unsigned tag = block_boxed(image, block, a, &x);
        if (tag != block_boxed(image, block, b, &y)) return false;
        bool text = tag == VALUE_TAG_TEXT || tag == VALUE_TAG_BINARY || tag == VALUE_TAG_LIST;
        return values_equal(vm, text ? TYPE_STR : TYPE_INT, x, y);
    }
    bool record = type_is_record(image, base), map = type_is_map(image, base);
    uint32_t count = record ? image_field_count(image, base) : block_count(image, block, a);
    if (!record && count != block_count(image, block, b)) return false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key_a = 0, key_b = 0, x, y;
        if (map) {
            block_pair(image, block, a, i, &key_a, &x);
            block_pair(image, block, b, i, &key_b, &y);
            if (!values_equal(vm, TYPE_STR, key_a, key_b)) return false;
        } else {
            x = block_element(image, block, a, i);
            y = block_element(image, block, b, i);
        }
        if (!values_equal(vm, record ? image_field_type(image, base, i) : image_element(image, base), x, y))
            return false;
    }
    return true;
}

/* Compares two values as optional if one of the two types is: then none equals none. */
bool op_equal(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    (void)extension;
    uint16_t type = vm_register_type(vm, word_b(i)) | vm_register_type(vm, word_c(i));
    r[word_a(i)] = values_equal(vm, type, r[word_b(i)], r[word_c(i)]);
    return vm->fuel >= -VM_SLICE_FUEL || vm_faults(vm, FAULT_FUEL);
}

/* Records, lists, maps. */

/* Allocates an object; `*at` points into the block and is valid until the next allocation. `count` is stored in the
 * object, `words` is how many words follow; for a map that is twice its count. */
bool vm_object_room(struct vm *vm, uint16_t type, uint32_t count, uint32_t words, uint64_t *word, uint64_t **at)
{
    if (words > BLOCK_BYTES_MAX / 8) return vm_faults(vm, FAULT_MEMORY);
    uint32_t offset = block_allocate(vm->slab, vm->handle, (uint32_t)sizeof(struct heap_object) + 8 * words, NULL);
    if (!offset) return vm_faults(vm, FAULT_MEMORY);
    struct heap_object object = {type_base(type), count};
    uint8_t *bytes = block_bytes(vm_block(vm)) + offset;
    memcpy(bytes, &object, sizeof object);
    *word = value_object_at(VALUE_BLOCK, offset);
    *at = (uint64_t *)(void *)(bytes + sizeof object);
    vm->fuel -= 1 + words / 8;
    return true;
}

bool op_record(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t word, *at;
    uint32_t count = word_c(i);
    (void)extension;
    if (!vm_object_room(vm, vm_register_type(vm, word_a(i)), count, count, &word, &at)) return false;
    words_copy(at, r + word_b(i), count);
    r[word_a(i)] = word;
    return true;
}

/* Reads a field; FIELD_OPT: of a record that may be none. */
bool op_field(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t record = r[word_b(i)];
    (void)extension;
    r[word_a(i)] = record == VALUE_NONE ? value_none(vm_register_type(vm, word_a(i)))
                                        : block_field(vm->image, vm_block(vm), record, word_c(i));
    return true;
}

/* Copies the record with one field changed; the record in B is not changed. */
bool op_field_set(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t word, *at;
    uint16_t type = vm_register_type(vm, word_a(i));
    uint32_t count = image_field_count(vm->image, type);
    if (!vm_object_room(vm, type, count, count, &word, &at)) return false;
    for (uint32_t n = 0; n < count; n++) at[n] = block_field(vm->image, vm_block(vm), r[word_b(i)], n);
    at[word_c(i)] = r[extension];
    r[word_a(i)] = word;
    return true;
}

bool op_list_get(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t index = r[word_c(i)];
    bool there = index < block_count(vm->image, vm_block(vm), r[word_b(i)]);
    (void)extension;
    if (!there && word_op(i) == OP_LIST_GET) return vm_faults(vm, FAULT_INDEX);
    r[word_a(i)] = there ? block_element(vm->image, vm_block(vm), r[word_b(i)], (uint32_t)index)
                         : value_none(vm_register_type(vm, word_a(i)));
    return true;
}

/* Copies the list with one more element, so the cost of adding n elements one by one grows with the square of n, as
 * the fuel counts. */
bool op_list_add(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t word, *at;
    const uint8_t *old = NULL;
    uint32_t count = block_count(vm->image, vm_block(vm), r[word_b(i)]);
    (void)extension;
    if (!vm_object_room(vm, vm_register_type(vm, word_a(i)), count + 1, count + 1, &word, &at)) return false;
    block_object(vm->image, vm_block(vm), r[word_b(i)], &old);
    if (count) memcpy(at, old, count * sizeof *at);
    at[count] = r[word_c(i)];
    r[word_a(i)] = word;
    return true;
}

/* Copies a part of a list; `to` beyond the end means the end. A begin below 0 or after `to` is a fault. */
bool op_list_slice(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t word, *at;
    const uint8_t *old = NULL;
    int64_t from = (int64_t)r[word_c(i)], to = (int64_t)r[extension];
    int64_t count = block_count(vm->image, vm_block(vm), r[word_b(i)]);
    if (from < 0 || to < from) return vm_faults(vm, FAULT_INDEX);
    if (to > count) to = count;
    if (from > to) from = to;
    uint32_t kept = (uint32_t)(to - from);
    if (!vm_object_room(vm, vm_register_type(vm, word_a(i)), kept, kept, &word, &at)) return false;
    block_object(vm->image, vm_block(vm), r[word_b(i)], &old);
    if (kept) memcpy(at, old + 8 * (size_t)from, kept * sizeof *at);
    r[word_a(i)] = word;
    return true;
}

bool op_list_starts(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t whole = r[word_b(i)], part = r[word_c(i)];
    uint16_t type = image_element(vm->image, vm_register_type(vm, word_b(i)));
    uint32_t count = block_count(vm->image, vm_block(vm), part);
    bool same = count <= block_count(vm->image, vm_block(vm), whole);
    (void)extension;
    for (uint32_t n = 0; n < count && same; n++)
        same = values_equal(vm, type, block_element(vm->image, vm_block(vm), whole, n),
                            block_element(vm->image, vm_block(vm), part, n));
    vm->fuel -= count / 8;
    r[word_a(i)] = same;
    return vm->fuel >= -VM_SLICE_FUEL || vm_faults(vm, FAULT_FUEL);
}

bool op_list_in(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint16_t type = vm_register_type(vm, word_b(i)) | image_element(vm->image, vm_register_type(vm, word_c(i)));
    uint32_t count = block_count(vm->image, vm_block(vm), r[word_c(i)]);
    bool found = false;
    (void)extension;
    for (uint32_t n = 0; n < count && !found; n++)
        found = values_equal(vm, type, r[word_b(i)], block_element(vm->image, vm_block(vm), r[word_c(i)], n));
    vm->fuel -= count / 8;
    r[word_a(i)] = found;
    return vm->fuel >= -VM_SLICE_FUEL || vm_faults(vm, FAULT_FUEL);
}

/* Binary search in the pairs, which ascend by key. `*there`: the key is at the returned position; else it would be
 * inserted there. */
uint32_t vm_key_place(struct vm *vm, const uint8_t *pairs, uint32_t count, struct text key, bool *there)
{
    uint32_t low = 0, high = count;
    *there = false;
    while (low < high && !*there) { /* an image's data may not be aligned for words, so no pointers to words are used */
        uint32_t middle = low + (high - low) / 2;
        char inlined[8];
        int order = vm_order(vm, vm_text(vm, block_word_at(pairs + 16 * (size_t)middle), inlined), key);
        *there = order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return *there ? high : low;
}

/* Makes a map by inserting pair after pair in order; a later pair with an equal key replaces the earlier. The space
 * saved thereby is at the end of the block's heap, because the map was made last, and is freed there. */
bool op_map(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    const uint64_t *pairs = r + word_b(i);
    uint64_t word, *at;
    uint32_t count = word_c(i), kept = 0;
    (void)extension;
    if (!vm_object_room(vm, vm_register_type(vm, word_a(i)), count, 2 * count, &word, &at)) return false;
    for (uint32_t n = 0; n < count; n++) {
        bool there;
        char inlined[8];
        uint32_t place = vm_key_place(vm, (const uint8_t *)at, kept, vm_text(vm, pairs[2 * n], inlined), &there);
        if (!there) memmove(at + 2 * place + 2, at + 2 * place, 16 * (size_t)(kept++ - place));
        at[2 * place] = pairs[2 * n];
        at[2 * place + 1] = pairs[2 * n + 1];
    }
    struct heap_object object = {type_base(vm_register_type(vm, word_a(i))), kept};
    memcpy((uint8_t *)at - sizeof object, &object, sizeof object);
    memset(at + 2 * kept, 0, 16 * (size_t)(count - kept));
    block_set_used(vm_block(vm), block_used(vm_block(vm)) - 16 * (count - kept));
    r[word_a(i)] = word;
    return true;
}

bool vm_map_find(struct vm *vm, uint64_t map, struct text key, uint64_t *value)
{
    const uint8_t *pairs = NULL;
    bool there;
    uint32_t count = block_object(vm->image, vm_block(vm), map, &pairs).count;
    uint32_t place = vm_key_place(vm, pairs, count, key, &there);
    if (there) *value = block_word_at(pairs + 16 * (size_t)place + 8);
    return there;
}

bool op_map_get(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char inlined[8];
    uint64_t value;
    (void)extension;
    bool there =
        r[word_c(i)] != VALUE_NONE && vm_map_find(vm, r[word_b(i)], vm_text(vm, r[word_c(i)], inlined), &value);
    r[word_a(i)] = there ? value : value_none(vm_register_type(vm, word_a(i)));
    vm->fuel--;
    return true;
}

bool op_map_set(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t word, *at;
    const uint8_t *old = NULL;
    uint32_t count = block_object(vm->image, vm_block(vm), r[word_b(i)], &old).count;
    char inlined[8];
    bool there;
    uint32_t place = vm_key_place(vm, old, count, vm_text(vm, r[word_c(i)], inlined), &there);
    uint32_t after = count + !there;
    if (!vm_object_room(vm, vm_register_type(vm, word_a(i)), after, 2 * after, &word, &at)) return false;
    block_object(vm->image, vm_block(vm), r[word_b(i)], &old);
    if (place) memcpy(at, old, 16 * (size_t)place);
    at[2 * place] = r[word_c(i)];
    at[2 * place + 1] = r[extension];
    uint32_t rest = count - place - there;
    if (rest) memcpy(at + 2 * place + 2, old + 16 * (size_t)(place + there), 16 * (size_t)rest);
    r[word_a(i)] = word;
    return true;
}

/* Values. */

/* Returns the tag for a type; durations, dates and percentages become plain numbers in user data. */
static unsigned tag_of(const struct image *image, uint16_t type)
{
    switch ((enum value_type)type_base(type)) {
    case TYPE_INT:
    case TYPE_DURATION:
    case TYPE_DATE:
    case TYPE_CLOCK:
    case TYPE_PERCENT:
        return VALUE_TAG_INT;
    case TYPE_FLOAT:
        return VALUE_TAG_FLOAT;
    case TYPE_BOOL:
        return VALUE_TAG_BOOL;
    case TYPE_TIME:
        return VALUE_TAG_TIME;
    default:
        return type_is_name(type) || type_is_enum(image, type) || type_base(type) == TYPE_STR ? VALUE_TAG_TEXT
                                                                                              : VALUE_TAG_NONE;
    }
}

bool op_box(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint16_t type = vm_register_type(vm, word_b(i));
    unsigned tag = value_is_none(type, r[word_b(i)]) ? (unsigned)VALUE_TAG_NONE : tag_of(vm->image, type);
    uint64_t word, *at, payload = 0;
    (void)extension;
    if (tag == VALUE_TAG_TEXT && type_base(type) != TYPE_STR) { /* a name: its text */
        char text[256];
        struct show show = {vm->image, vm_block(vm), NULL, NULL};
        struct shown out = {text, sizeof text, 0};
        show_value(&show, &out, type, r[word_b(i)]);
        uint32_t length = out.length < sizeof text ? out.length : utf8_cut(text, out.length, sizeof text - 1);
        if (!block_make_text(vm->slab, vm->handle, text, length, &payload)) return vm_faults(vm, FAULT_MEMORY);
        struct roots roots = {TYPE_STR, &payload, 1};
        uint32_t offset = block_allocate(vm->slab, vm->handle, 16, &roots);
        if (!offset) return vm_faults(vm, FAULT_MEMORY);
        /* The space was allocated only to move the block now, if at all: nothing moves before the text is stored. */
        block_set_used(vm_block(vm), block_used(vm_block(vm)) - 16);
    }
    if (!vm_object_room(vm, TYPE_VALUE, tag, 1, &word, &at)) return false;
    *at = tag == VALUE_TAG_NONE ? 0 : tag == VALUE_TAG_TEXT && type_base(type) != TYPE_STR ? payload : r[word_b(i)];
    r[word_a(i)] = word;
    return true;
}

/* Reads a value; none if it has another type: user data come from outside, and must not make a program fail. */
bool op_unbox(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint16_t type = vm_register_type(vm, word_a(i));
    uint64_t payload = 0;
    (void)extension;
    unsigned tag = r[word_b(i)] == VALUE_NONE ? (unsigned)VALUE_TAG_NONE
                                              : block_boxed(vm->image, vm_block(vm), r[word_b(i)], &payload);
    tag &= ~(unsigned)VALUE_TAG_SECRET;
    bool good = tag != VALUE_TAG_NONE && tag == tag_of(vm->image, type) &&
                (tag != VALUE_TAG_FLOAT || value_is_finite(payload)); /* user data may contain any bits */
    r[word_a(i)] = good ? payload : value_none(type);
    return true;
}

/* The interaction. */

static bool vm_ask_core(struct vm *vm, uint32_t attribute, uint64_t *word)
{
    if (vm->host.attribute && vm->host.attribute(vm->host.self, vm->handle, vm->fiber, attribute, word)) return true;
    return vm_faults(vm, FAULT_ATTRIBUTE);
}

/* Reads an attribute as the column `where` of its row says: from the block's header, from its system words, or by
 * asking the core. */
bool op_attribute(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    const struct block *block = vm_block(vm);
    uint64_t word = 0;
    (void)extension;
    /* clang-format off */
    switch ((enum attribute_number)word_bc(i)) {
#define HEADER(field) word = (uint64_t)block->field; break;
#define SYSTEM(n)     word = block_system(block, n); break;
#define CORE          if (!vm_ask_core(vm, word_bc(i), &word)) return false; break;
#define SLOT          break;
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc, changes) case number: where
#include "vm/attributes.def"
#undef ATTRIBUTE
#undef HEADER
#undef SYSTEM
#undef CORE
#undef SLOT
    default: break;
    }
    /* clang-format on */
    r[word_a(i)] = word;
    return true;
}

/* Sets an attribute; the block only keeps those that programs can read back, but the core is told of every
 * assignment. 4 and 5 are the system words of `due` and `locale`. */
bool op_attribute_set(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    struct block *block = vm_block(vm);
    uint32_t attribute = word_bc(i);
    uint64_t word = r[word_a(i)];
    (void)extension;
    if (attribute == ATTRIBUTE_ID_priority) block->priority = (int64_t)word;
    if (attribute == ATTRIBUTE_ID_due && !block_system_set(vm->slab, vm->handle, SYSTEM_due, word))
        return vm_faults(vm, FAULT_MEMORY);
    if (attribute == ATTRIBUTE_ID_locale && !block_system_set(vm->slab, vm->handle, SYSTEM_locale, word))
        return vm_faults(vm, FAULT_MEMORY);
    word = r[word_a(i)]; /* the word is read again from the register, as the block may have been compacted */
    if (vm->host.assigned) vm->host.assigned(vm->host.self, vm->handle, attribute, word);
    return true;
}

static int32_t find_pair(struct vm *vm, uint64_t key)
{
    char inlined[8];
    struct text text = vm_text(vm, key, inlined);
    vm->fuel -= block_data_count(vm_block(vm)) / 4 + text.length / FUEL_UNIT;
    return block_data_find(vm->image, vm_block(vm), text.bytes, text.length);
}

bool op_data(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int32_t pair = find_pair(vm, r[word_b(i)]);
    uint64_t word = VALUE_NONE, *at, key, payload;
    unsigned tag = 0;
    (void)extension;
    if (pair >= 0) block_data_at(vm_block(vm), (uint32_t)pair, &key, &tag, &payload);
    if (pair >= 0 && !(tag & VALUE_TAG_SECRET)) { /* a secret can only be read under the declared key */
        if (!vm_object_room(vm, TYPE_VALUE, tag, 1, &word, &at)) return false;
        block_data_at(vm_block(vm), (uint32_t)pair, &key, &tag, &payload); /* it may have moved */
        *at = payload;
    }
    r[word_a(i)] = word;
    return true;
}

/* Sets a key; none deletes all pairs with that key: data from outside may have several. */
bool op_data_set(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int32_t pair = find_pair(vm, r[word_a(i)]);
    (void)extension;
    vm->data_changed = true;
    if (r[word_b(i)] == VALUE_NONE) {
        for (; pair >= 0; pair = find_pair(vm, r[word_a(i)])) block_data_delete(vm_block(vm), (uint32_t)pair);
        return true;
    }
    /* The space is allocated first, so that the words read from the registers afterwards do not change. */
    uint32_t room = (uint32_t)sizeof(struct heap_object) + 24 * (block_data_count(vm_block(vm)) + 1);
    if (!block_allocate(vm->slab, vm->handle, room, NULL)) return vm_faults(vm, FAULT_MEMORY);
    block_set_used(vm_block(vm), block_used(vm_block(vm)) - room);
    uint64_t key, payload;
    unsigned before = 0;
    if (pair >= 0) block_data_at(vm_block(vm), (uint32_t)pair, &key, &before, &payload);
    unsigned tag = block_boxed(vm->image, vm_block(vm), r[word_b(i)], &payload);
    tag |= before & VALUE_TAG_SECRET; /* a key that was secret stays so */
    return block_data_set_words(vm->slab, vm->handle, pair, r[word_a(i)], tag, payload) || vm_faults(vm, FAULT_MEMORY);
}
