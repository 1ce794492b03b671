/* vm/ops_site.c - Instructions that the interpreter calls as functions: the site's parameters, tables and schedules,
 * and a consultation's main interaction.
 *
 * A setting may have changed since the image was made, so the host is asked first:
 *
 *     host.setting, host.row ... --> the site's value, made in the block (VM_SETTING_MADE)
 *                                --> VM_SETTING_WRITTEN: unchanged; the value is the image's constant
 *     no host, or no block       --> the image's constant, too
 *
 * A cursor of a table is one word: the version of the table in the upper half, the position in the lower. Version 0
 * is the table in the image. */
#include "vm/schedule.h"
#include "vm/vm.h"

enum {
    ROW_FUEL = 4,   /* fuel for one access to a table outside the image */
    MAIN_FUEL = 500 /* fuel for a key of the main interaction, whose data are all searched */
};

/* Charges fuel for a newly made value, by its words. */
static bool setting_made(struct vm *vm, uint32_t used, enum vm_setting how)
{
    if (how == VM_SETTING_TOO_LARGE) return vm_faults(vm, FAULT_MEMORY);
    if (block_used(vm_block(vm)) > used) vm->fuel -= (block_used(vm_block(vm)) - used) / 8;
    return true;
}

/* Reads a setting; a leaf function has no block in which the host could make a value, so it gets the value in the
 * image. */
bool op_setting(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    const struct image_setting *setting = &vm->image->settings[word_bc(i)];
    uint64_t word = vm->image->constants[setting->constant].word;
    (void)extension;
    if (vm->handle && vm->host.setting) {
        uint32_t used = block_used(vm_block(vm));
        if (!setting_made(vm, used, vm->host.setting(vm->host.self, vm->handle, word_bc(i), &word))) return false;
    }
    r[word_a(i)] = word;
    return true;
}

/* Reads from the main interaction; none if the interaction is no consultation, or its main interaction is gone. */
bool op_main(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    bool slot = (i & 0xff) == OP_MAIN_SLOT;
    uint64_t word = 0;
    (void)extension;
    vm->fuel -= slot ? MAIN_FUEL : ROW_FUEL;
    bool there = vm->handle && vm->host.main && vm->host.main(vm->host.self, vm->handle, slot, word_bc(i), &word);
    r[word_a(i)] = there ? word : value_none(vm_register_type(vm, word_a(i)));
    return true;
}

/* Finds the longest key with which the text begins. The last key that does not sort after the text is that key, or
 * shares some first bytes with the text; then no longer key than these bytes can match. */
static bool ops_site_longest(struct vm *vm, uint64_t map, struct text text, uint64_t *value)
{
    const uint8_t *pairs = NULL;
    uint32_t count = block_object(vm->image, vm_block(vm), map, &pairs).count;
    while (count > 0) {
        bool there;
        char inlined[8];
        uint32_t place = vm_key_place(vm, pairs, count, text, &there), same = 0;
        vm->fuel--;
        if (there) *value = block_word_at(pairs + 16 * (size_t)place + 8);
        if (there || place == 0) return there;
        struct text key = vm_text(vm, block_word_at(pairs + 16 * (size_t)(place - 1)), inlined);
        while (same < key.length && same < text.length && key.bytes[same] == text.bytes[same]) same++;
        vm->fuel -= same / FUEL_STEP;
        text.length = same;
        count = place;
    }
    return false;
}

bool op_map_prefix(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char inlined[8];
    struct text text = vm_text(vm, r[word_c(i)], inlined);
    uint64_t value;
    (void)extension;
    bool there = r[word_c(i)] != VALUE_NONE && ops_site_longest(vm, r[word_b(i)], text, &value);
    r[word_a(i)] = there ? value : value_none(vm_register_type(vm, word_a(i)));
    return true;
}

/* Reads a row; if the host has no other value, the table in the image is searched. */
bool op_setting_row(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t written = vm->image->constants[vm->image->settings[extension].constant].word;
    uint64_t key = r[word_b(i)], row = 0;
    bool prefix = word_op(i) == OP_SETTING_PREFIX;
    uint32_t used = vm->handle ? block_used(vm_block(vm)) : 0;
    char inlined[8];
    struct text text = vm_text(vm, key, inlined);
    enum vm_setting how = key == VALUE_NONE ? VM_SETTING_NO_ROW : VM_SETTING_WRITTEN;
    vm->fuel -= ROW_FUEL;
    if (how == VM_SETTING_WRITTEN && vm->handle && vm->host.row) {
        vm->fuel -= prefix ? text.length : 0;
        how = vm->host.row(vm->host.self, vm->handle, extension, text, prefix, &row);
        if (!setting_made(vm, used, how)) return false;
    }
    bool there = how == VM_SETTING_MADE;
    if (how == VM_SETTING_WRITTEN)
        there = prefix ? ops_site_longest(vm, written, text, &row) : vm_map_find(vm, written, text, &row);
    r[word_a(i)] = there ? row : value_none(vm_register_type(vm, word_a(i)));
    return true;
}

bool op_setting_count(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint32_t count = 0;
    (void)extension;
    bool made = vm->handle && vm->host.rows && vm->host.rows(vm->host.self, vm->handle, word_bc(i), &count);
    if (!made) {
        uint64_t written = vm->image->constants[vm->image->settings[word_bc(i)].constant].word;
        count = block_count(vm->image, vm_block(vm), written);
    }
    r[word_a(i)] = count;
    return true;
}

bool op_setting_walk(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    bool asks = vm->handle && vm->host.walk;
    (void)extension;
    r[word_a(i)] = (uint64_t)(asks ? vm->host.walk(vm->host.self, vm->handle, word_bc(i)) : 0) << CURSOR_PLACE_BITS;
    return true;
}

bool op_setting_walked(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint32_t version = (uint32_t)(r[word_a(i)] >> CURSOR_PLACE_BITS);
    (void)extension;
    if (version != 0 && vm->handle && vm->host.walked) vm->host.walked(vm->host.self, vm->handle, word_bc(i), version);
    return true;
}

/* Reads a row at a position; none after the last row, which ends a loop. */
bool op_setting_at(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t cursor = r[word_b(i)], word = 0, other;
    struct vm_place place = {extension, (uint32_t)(cursor >> CURSOR_PLACE_BITS), (uint32_t)cursor,
                             word_op(i) == OP_SETTING_KEY};
    bool there = false;
    if (place.version == 0) {
        uint64_t written = vm->image->constants[vm->image->settings[extension].constant].word;
        there = place.index < block_count(vm->image, vm_block(vm), written);
        if (there)
            block_pair(vm->image, vm_block(vm), written, place.index, place.key ? &word : &other,
                       place.key ? &other : &word);
    } else if (vm->handle && vm->host.at) {
        uint32_t used = block_used(vm_block(vm));
        vm->fuel -= 1;
        enum vm_setting how = vm->host.at(vm->host.self, vm->handle, &place, &word);
        if (!setting_made(vm, used, how)) return false;
        there = how == VM_SETTING_MADE;
    }
    r[word_a(i)] = there ? word : value_none(vm_register_type(vm, word_a(i)));
    return true;
}

struct numbers { /* of a schedule */
    const struct vm *vm;
    uint64_t list;
};

static int64_t site_number(const void *self, uint32_t index)
{
    const struct numbers *numbers = self;
    return (int64_t)block_element(numbers->vm->image, vm_block(numbers->vm), numbers->list, index);
}

static struct schedule schedule_of(const struct vm *vm, struct numbers *numbers, uint64_t list, uint32_t *days)
{
    uint32_t count = block_count(vm->image, vm_block(vm), list);
    *numbers = (struct numbers){vm, list};
    *days = 1;
    return (struct schedule){numbers, site_number, count < SCHEDULE_NUMBERS_MAX ? count : SCHEDULE_NUMBERS_MAX, days};
}

/* Each day examined costs fuel depending on the size of the schedule. */
static bool ops_site_searched(struct vm *vm, const struct schedule *schedule, uint64_t *to, bool found, int64_t at)
{
    vm->fuel -= (int64_t)*schedule->days * schedule_day_cost(schedule);
    *to = found ? (uint64_t)at : VALUE_NONE;
    return true;
}

/* Reads the schedule in B; used in every operation below. */
#define SCHEDULE                                                                                                       \
    struct numbers numbers;                                                                                            \
    uint32_t days;                                                                                                     \
    const struct schedule schedule = schedule_of(vm, &numbers, r[word_b(i)], &days)

/* While a condition is evaluated: notes when the schedule next opens or closes. */
static void site_noted(struct vm *vm, const struct schedule *schedule, int64_t at)
{
    int64_t next;
    if (!vm->looks) return;
    if (schedule_next(schedule, at, true, &next)) vm_look_again(vm, next - at);
    if (schedule_next(schedule, at, false, &next)) vm_look_again(vm, next - at);
}

/* `days` counts the days examined, and is reset to 1, so that the program does not pay for the search of
 * site_noted(). */
bool op_open_at(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    SCHEDULE;
    (void)extension;
    site_noted(vm, &schedule, (int64_t)r[word_c(i)]);
    days = 1;
    return ops_site_searched(vm, &schedule, &r[word_a(i)], true, schedule_open(&schedule, (int64_t)r[word_c(i)]));
}

bool op_opens_after(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    SCHEDULE;
    int64_t at = 0;
    (void)extension;
    site_noted(vm, &schedule, (int64_t)r[word_c(i)]);
    days = 1;
    bool found = schedule_next(&schedule, (int64_t)r[word_c(i)], word_op(i) == OP_OPENS_AFTER, &at);
    return ops_site_searched(vm, &schedule, &r[word_a(i)], found, at);
}

bool op_add_open(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    SCHEDULE;
    int64_t at = 0;
    bool found = schedule_add(&schedule, (int64_t)r[word_c(i)], (int64_t)r[extension], &at);
    return ops_site_searched(vm, &schedule, &r[word_a(i)], found, at);
}

bool op_between_open(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    SCHEDULE;
    int64_t us = schedule_between(&schedule, (int64_t)r[word_c(i)], (int64_t)r[extension]);
    return ops_site_searched(vm, &schedule, &r[word_a(i)], true, us);
}

/* Returns the zone's table; the extension word has the register D in its low byte and the table's number above it. */
static const uint32_t *site_zone(const struct vm *vm, uint32_t extension)
{
    return vm->image->tables + vm->image->tables[1 + (extension >> 8)];
}

/* While a condition is evaluated: notes when its answer may change by the zone's clocks. */
static void noted_by(struct vm *vm, const struct schedule *schedule, const uint32_t *zone, int64_t at)
{
    int64_t next;
    if (!vm->looks) return;
    if (schedule_next_by(schedule, zone, at, true, &next)) vm_look_again(vm, next - at);
    if (schedule_next_by(schedule, zone, at, false, &next)) vm_look_again(vm, next - at);
}

bool op_opens_by(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    SCHEDULE;
    const uint32_t *zone = site_zone(vm, extension);
    int64_t at = 0;
    noted_by(vm, &schedule, zone, (int64_t)r[word_c(i)]);
    days = 1;
    bool found = schedule_next_by(&schedule, zone, (int64_t)r[word_c(i)], word_op(i) == OP_OPENS_BY, &at);
    return ops_site_searched(vm, &schedule, &r[word_a(i)], found, at);
}

bool op_add_open_by(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    SCHEDULE;
    int64_t at = 0, duration = (int64_t)r[extension & 0xff];
    noted_by(vm, &schedule, site_zone(vm, extension), (int64_t)r[word_c(i)]);
    days = 1;
    bool found = schedule_add_by(&schedule, site_zone(vm, extension), (int64_t)r[word_c(i)], duration, &at);
    return ops_site_searched(vm, &schedule, &r[word_a(i)], found, at);
}

bool op_between_by(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    SCHEDULE;
    int64_t to = (int64_t)r[extension & 0xff];
    noted_by(vm, &schedule, site_zone(vm, extension), (int64_t)r[word_c(i)]);
    days = 1;
    int64_t us = schedule_between_by(&schedule, site_zone(vm, extension), (int64_t)r[word_c(i)], to);
    return ops_site_searched(vm, &schedule, &r[word_a(i)], true, us);
}
