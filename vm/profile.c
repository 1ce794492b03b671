/* vm/profile.c - Keeps counters by source place and chain of calls, as an observer of the VM.
 *
 * A row is found by its caller's row and its place; it is mostly the same as for the instruction before, so most
 * instructions need no lookup. An instruction is reported before it runs: its fuel and bytes are known when the next
 * one is reported, and are then added to the earlier row. */
#include "vm/profile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"
#include "vm/vm.h"

enum { ROWS_MAX = 1 << 16, ROW_BUCKETS = 1 << 14, OPEN_MAX = 1 << 18, OPEN_BUCKETS = 1 << 16 };

struct profiled_image {
    const struct image *image;
    uint32_t *place_of; /* the number of a place for each word of the image's code */
    uint32_t first;     /* number of the image's first place; those of earlier images come before */
    /* how many places: as many as image_place_at has; then one per function, for code without a place */
    uint32_t places;
};

struct counted {
    uint32_t caller, place, next; /* next: the next row in its hash bucket, by index + 1 */
    uint64_t counts[PROFILE_COUNTS];
};

struct open_wait {
    uint64_t interaction, since_us;
    uint32_t fiber, row, next;
};

struct profile {
    struct vm_watch watch;
    struct vm *vm; /* NULL: it watches none */
    struct profile_clock clock;
    struct profiled_image *images;
    struct counted *rows;
    struct open_wait *waits; /* waits, unsorted; hash buckets contain index + 1 */
    uint32_t image_count, row_count, row_room, wait_count, wait_room, free_wait;
    uint32_t row_buckets[ROW_BUCKETS], wait_buckets[OPEN_BUCKETS];
    uint64_t left_out;
    /* The chain of calls at the last instruction. */
    block_handle handle;
    uint32_t depth, function, caller;
    uint8_t fiber;
    /* The row for the last instruction; PROFILE_NONE: what follows belongs to no row. */
    uint32_t last;
    uint32_t used;
    int64_t fuel;
};

/* ---- places ---- */

/* Fills `place_of` with a place for each word of the code. Code before the first place of a function gets the place of
 * the function itself. */
static void profile_add_places(struct profiled_image *one)
{
    struct image_place at;
    uint32_t function, pc, words = image_count(one->image, SECTION_CODE);
    while (image_place_at(one->image, one->places, &function, &pc, &at)) one->places++;
    one->place_of = memory_new((words + 1u) * sizeof *one->place_of);
    for (uint32_t f = 0; f < image_count(one->image, SECTION_FUNCTIONS); f++) {
        const struct image_function *row = image_function(one->image, f);
        for (uint32_t i = 0; i < row->code_words; i++) one->place_of[row->code + i] = one->places + f;
    }
    /* the function's next place overwrites the rest of this one */
    for (uint32_t place = 0; place < one->places; place++) {
        image_place_at(one->image, place, &function, &pc, &at);
        const struct image_function *row = image_function(one->image, function);
        for (uint32_t i = pc; i < row->code_words; i++) one->place_of[row->code + i] = place;
    }
}

static const struct profiled_image *profiled_image_of(struct profile *p, const struct image *image)
{
    for (uint32_t i = 0; i < p->image_count; i++)
        if (p->images[i].image == image) return &p->images[i];
    const struct profiled_image *before = p->image_count > 0 ? &p->images[p->image_count - 1] : NULL;
    uint32_t first = !before ? 0 : before->first + before->places + image_count(before->image, SECTION_FUNCTIONS);
    p->images = memory_resize(p->images, (p->image_count + 1u) * sizeof *p->images);
    struct profiled_image *one = &p->images[p->image_count++];
    *one = (struct profiled_image){.image = image, .first = first};
    profile_add_places(one);
    return one;
}

/* ---- rows ---- */

/* Adds a row; beyond ROWS_MAX none is added, and `left_out` counts what has no row, so that a profile has a limited
 * size. */
static uint32_t profile_add_row(struct profile *p, uint32_t caller, uint32_t place, uint32_t *bucket)
{
    if (p->row_count == ROWS_MAX) return PROFILE_NONE;
    if (p->row_count == p->row_room) {
        p->row_room = p->row_room == 0 ? 256 : 2 * p->row_room;
        p->rows = memory_resize(p->rows, p->row_room * sizeof *p->rows);
    }
    p->rows[p->row_count] = (struct counted){.caller = caller, .place = place, .next = *bucket};
    *bucket = ++p->row_count;
    return p->row_count - 1;
}

static uint32_t profile_find_row(struct profile *p, uint32_t caller, uint32_t place)
{
    uint32_t *bucket = &p->row_buckets[((caller + 1) * 0x9e3779b1u ^ place * 0x85ebca6bu) >> 18 & (ROW_BUCKETS - 1)];
    for (uint32_t at = *bucket; at > 0; at = p->rows[at - 1].next)
        if (p->rows[at - 1].caller == caller && p->rows[at - 1].place == place) return at - 1;
    return profile_add_row(p, caller, place, bucket);
}

/* Returns the row for the calls that led to the innermost frame. */
static uint32_t profile_find_caller(struct profile *p, const struct profiled_image *one)
{
    const struct stack *stack = &p->vm->stack;
    uint32_t caller = PROFILE_NONE;
    for (uint32_t i = 0; i + 1 < stack->depth; i++) {
        const struct frame *frame = &stack->frames[i];
        const struct image_function *function = image_function(one->image, frame->function);
        assert(frame->pc > 0); /* an outer frame's pc is already behind the call that it has made */
        caller = profile_find_row(p, caller, one->first + one->place_of[function->code + frame->pc - 1]);
    }
    return caller;
}

/* Returns the row for an instruction of the running fiber. Calls and returns are seen one by one, so the chain of
 * calls is unchanged if fiber, depth and function are. */
static uint32_t profile_row_at(struct profile *p, const struct profiled_image *one, uint32_t function, uint32_t pc)
{
    const struct vm *vm = p->vm;
    if (vm->handle != p->handle || vm->fiber != p->fiber || vm->stack.depth != p->depth || function != p->function) {
        p->caller = profile_find_caller(p, one);
        p->handle = vm->handle;
        p->fiber = vm->fiber;
        p->depth = vm->stack.depth;
        p->function = function;
    }
    uint32_t place = one->first + one->place_of[image_function(one->image, function)->code + pc];
    if (p->last != PROFILE_NONE && p->rows[p->last].caller == p->caller && p->rows[p->last].place == place)
        return p->last;
    return profile_find_row(p, p->caller, place);
}

/* Adds fuel and bytes used since the last instruction to that instruction's row. */
static void profile_settle(struct profile *p)
{
    const struct vm *vm = p->vm;
    uint32_t used = block_used(vm_block(vm));
    if (p->last != PROFILE_NONE && vm->handle == p->handle && vm->fiber == p->fiber && vm->fuel <= p->fuel) {
        p->rows[p->last].counts[PROFILE_fuel] += (uint64_t)(p->fuel - vm->fuel);
        if (used > p->used) p->rows[p->last].counts[PROFILE_bytes] += used - p->used;
    }
    p->fuel = vm->fuel;
    p->used = used;
}

/* ---- the watch ---- */

/* Does the instruction belong to a fiber? Otherwise it belongs to a condition or an order of candidates. */
static bool profile_is_fibers(const struct vm *vm, uint32_t function)
{
    const struct stack *stack = &vm->stack;
    return !vm->looks && stack->depth > 0 && stack->frames[stack->depth - 1].function == function;
}

/* Counts an instruction; `runs` counts how often a place was entered: at the begin of a function, or from another
 * place. */
static void profile_on_instruction(void *self, const struct image *image, uint32_t function, uint32_t pc)
{
    struct profile *p = self;
    const struct profiled_image *one = profiled_image_of(p, image);
    uint32_t word = image_function(image, function)->code + pc, row;
    if (profile_is_fibers(p->vm, function)) {
        profile_settle(p);
        p->last = row = profile_row_at(p, one, function, pc);
    } else {
        p->last = PROFILE_NONE;
        row = profile_find_row(p, PROFILE_NONE, one->first + one->place_of[word]);
    }
    if (row == PROFILE_NONE) {
        p->left_out++;
        return;
    }
    p->rows[row].counts[PROFILE_instructions]++;
    p->rows[row].counts[PROFILE_runs] += pc == 0 || one->place_of[word - 1] != one->place_of[word];
}

static uint32_t *profile_wait_bucket(struct profile *p, uint64_t interaction, uint8_t fiber)
{
    return &p->wait_buckets[((interaction * 0x9e3779b97f4a7c15u >> 40) + fiber) & (OPEN_BUCKETS - 1)];
}

/* Returns where the number of an open wait is stored, or the end of its bucket. */
static uint32_t *profile_find_wait(struct profile *p, uint64_t interaction, uint8_t fiber)
{
    uint32_t *at = profile_wait_bucket(p, interaction, fiber);
    while (*at > 0 && (p->waits[*at - 1].interaction != interaction || p->waits[*at - 1].fiber != fiber))
        at = &p->waits[*at - 1].next;
    return at;
}

/* Returns an entry for a wait; an older open wait of the same fiber was left without an end, so its entry is reused. */
static struct open_wait *profile_open_wait(struct profile *p, uint64_t interaction, uint8_t fiber)
{
    uint32_t *at, slot = *profile_find_wait(p, interaction, fiber);
    if (slot > 0) return &p->waits[slot - 1];
    if (p->free_wait > 0) {
        slot = p->free_wait;
        p->free_wait = p->waits[slot - 1].next;
    } else {
        if (p->wait_count == OPEN_MAX) return NULL;
        if (p->wait_count == p->wait_room) {
            p->wait_room = p->wait_room == 0 ? 256 : 2 * p->wait_room;
            p->waits = memory_resize(p->waits, p->wait_room * sizeof *p->waits);
        }
        slot = ++p->wait_count;
    }
    at = profile_wait_bucket(p, interaction, fiber);
    p->waits[slot - 1] = (struct open_wait){.interaction = interaction, .fiber = fiber, .next = *at};
    *at = slot;
    return &p->waits[slot - 1];
}

/* Notes the begin of a wait; what is added to the block until the fiber continues is the core's work and belongs to
 * no row (`last` is none). */
static int32_t profile_on_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction,
                               uint8_t fiber)
{
    struct profile *p = self;
    const struct image_wait *at = image_wait(image, wait);
    profile_settle(p);
    uint32_t row = profile_row_at(p, profiled_image_of(p, image), at->function, at->pc);
    struct open_wait *open = row == PROFILE_NONE ? NULL : profile_open_wait(p, interaction, fiber);
    p->last = PROFILE_NONE; /* what is added to the block until the fiber continues is the core's work */
    p->left_out += !open;
    if (!open) return VM_GO_ON;
    open->row = row;
    open->since_us = p->clock.now_us(p->clock.self);
    p->rows[row].counts[PROFILE_waits]++;
    return VM_GO_ON;
}

static void profile_on_ended(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber,
                             int32_t code)
{
    struct profile *p = self;
    uint32_t *at = profile_find_wait(p, interaction, fiber), slot = *at;
    (void)image, (void)wait, (void)code;
    p->last = PROFILE_NONE;
    if (slot == 0) return; /* the wait began before the profile did */
    struct open_wait *open = &p->waits[slot - 1];
    p->rows[open->row].counts[PROFILE_over]++;
    p->rows[open->row].counts[PROFILE_waited] += p->clock.now_us(p->clock.self) - open->since_us;
    *at = open->next;
    open->next = p->free_wait;
    p->free_wait = slot;
}

/* ---- its life ---- */

struct profile *profile_new(bool beside)
{
    struct profile *p = memory_new(sizeof *p);
    p->watch = (struct vm_watch){.self = p,
                                 .instruction = profile_on_instruction,
                                 .wait = profile_on_wait,
                                 .ended = profile_on_ended,
                                 .beside = beside};
    p->last = p->caller = PROFILE_NONE;
    return p;
}

void profile_free(struct profile *p)
{
    if (!p) return;
    assert(!p->vm);
    for (uint32_t i = 0; i < p->image_count; i++) free(p->images[i].place_of);
    free(p->images);
    free(p->rows);
    free(p->waits);
    free(p);
}

void profile_begin(struct profile *p, struct vm *vm, const struct profile_clock *clock)
{
    assert(!p->vm);
    p->vm = vm;
    p->clock = *clock;
    vm_watched_by(vm, &p->watch);
}

void profile_end(struct profile *p)
{
    if (p->vm) vm_watched_by(p->vm, NULL);
    p->vm = NULL;
    p->depth = 0;
    p->last = PROFILE_NONE;
}

/* ---- reading ---- */

bool profile_row_read(const struct profile *p, uint32_t index, struct profile_row *row)
{
    uint32_t function, pc, i = 0;
    if (index >= p->row_count) return false;
    const struct counted *from = &p->rows[index];
    *row = (struct profile_row){.caller = from->caller, .place = from->place};
    memcpy(row->counts, from->counts, sizeof row->counts);
    while (i + 1 < p->image_count && p->images[i + 1].first <= from->place) i++;
    const struct image *image = p->images[i].image;
    row->image = i;
    uint32_t place = from->place - p->images[i].first;
    if (!image_place_at(image, place, &function, &pc, &row->at)) function = place - p->images[i].places;
    row->function = image_text(image, image_function(image, function)->name);
    return true;
}

const struct image *profile_image(const struct profile *p, uint32_t number)
{
    assert(number < p->image_count);
    return p->images[number].image;
}

uint64_t profile_left_out(const struct profile *p)
{
    return p->left_out;
}

void profile_write(const struct profile *p, void (*put)(void *self, const void *bytes, size_t length), void *self)
{
    put(self, &p->left_out, sizeof p->left_out);
    for (uint32_t i = 0; i < p->row_count; i++) put(self, &p->rows[i], sizeof p->rows[i]);
}

/* Adds rows from bytes; callers come before the rows that they call, so one pass converts the numbers. The bytes
 * come from another process: a row whose caller comes later, or whose place does not exist, is refused. */
bool profile_add(struct profile *p, const struct image *image, const uint8_t *bytes, size_t length)
{
    const struct profiled_image *one = profiled_image_of(p, image);
    uint32_t places = one->places + image_count(image, SECTION_FUNCTIONS), *known, count;
    uint64_t left_out;
    if (length < sizeof left_out || (length - sizeof left_out) % sizeof *p->rows != 0) return false;
    memcpy(&left_out, bytes, sizeof left_out);
    count = (uint32_t)((length - sizeof left_out) / sizeof *p->rows);
    known = memory_new((count + 1u) * sizeof *known); /* the numbers that the added rows get in this profile */
    bool good = true;
    for (uint32_t i = 0; good && i < count; i++) {
        struct counted from;
        memcpy(&from, bytes + sizeof left_out + i * sizeof from, sizeof from);
        bool outermost = from.caller == PROFILE_NONE;
        good = from.place < places && (outermost || from.caller < i);
        if (!good) break;
        uint32_t caller = outermost ? PROFILE_NONE : known[from.caller];
        bool room = outermost || caller != PROFILE_NONE;
        known[i] = room ? profile_find_row(p, caller, one->first + from.place) : PROFILE_NONE;
        if (known[i] == PROFILE_NONE) {
            p->left_out += from.counts[PROFILE_instructions] + from.counts[PROFILE_waits];
            continue;
        }
        for (unsigned c = 0; c < PROFILE_COUNTS; c++) p->rows[known[i]].counts[c] += from.counts[c];
    }
    p->left_out += left_out;
    free(known);
    return good;
}
