/* tests/fuzz/drive.c - The strategies of an image run, under every answer that a host may give. */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "vm/block_data.h"
#include "vm/exec.h"
#include "vm/steps.h"

enum { STRATEGIES = 4, WAITS = 24 };

struct machine {
    const struct image *image;
    struct slab *slab;
    struct vm *vm;
    block_handle block;
    struct input *input;
};

static bool attribute(void *self, block_handle block, uint8_t fiber, uint32_t number, uint64_t *word)
{
    (void)self, (void)block, (void)fiber;
    *word = number == ATTRIBUTE_ID_position ? 3 : 0;
    return number != ATTRIBUTE_ID_ewt;
}

static int64_t level(void *self, uint64_t skill)
{
    struct machine *m = self;
    MUST(skill < image_count(m->image, SECTION_NAMES) || skill == 0);
    return (int64_t)(skill % 10);
}

static struct block *block_of(const struct machine *m)
{
    return block_at(m->slab, m->block);
}

/* A block is what its image says, at every wait; and compaction does not show. */
static void check(const struct machine *m)
{
    struct error error;
    const struct block *block = block_of(m);
    if (!block_check(block, block_size(block), m->image, &error)) fuzz_broken(__FILE__, __LINE__, error.text);
    uint64_t hash = block_hash(m->slab, block, 1, 0);
    block_compact(m->slab, m->block);
    MUST(block_hash(m->slab, block_of(m), 1, 0) == hash);
}

static void ask_lines(struct machine *m, uint8_t fiber)
{
    const struct vm_candidate candidate = {.self = m, .level = level};
    struct vm_line line;
    uint32_t count = vm_line_count(m->slab, block_of(m), fiber);
    for (uint32_t i = 0; i < count; i++)
        if (vm_line(m->slab, block_of(m), fiber, i, &line) && line.kind == LINE_LEAF)
            vm_leaf(m->vm, m->image, line.function, line.captures, line.capture_count, &candidate);
}

/* Reads of a pending step as much as a log or the core does. */
static void read_step(struct machine *m, uint8_t fiber)
{
    char shown[64];
    uint64_t word;
    uint16_t type;
    for (uint16_t parameter = 0; parameter < 16; parameter++)
        if (vm_arg(m->slab, block_of(m), fiber, parameter, &word, &type))
            vm_show(m->vm, block_of(m), m->image, type, word, shown, sizeof shown);
    vm_timeout(m->slab, block_of(m), fiber);
    ask_lines(m, fiber);
}

/* Some of the children begin; one that leaves or ends may decide. */
static struct vm_result fork_all(struct machine *m, uint8_t fiber, unsigned choice)
{
    uint16_t count = vm_children(m->slab, block_of(m), fiber);
    for (uint16_t n = 0; n < count && n <= choice % 8; n++) {
        struct vm_result child = vm_fork(m->vm, m->block, fiber, n);
        check(m);
        if (child.status == VM_WAIT && choice & 1) child = vm_resume(m->vm, m->block, child.fiber, 0);
        if (child.status == VM_LEFT) return vm_exit(m->vm, m->block, fiber, child.exit);
        if (child.status == VM_ENDED && vm_step(m->slab, block_of(m), fiber)->step == STEP_ID_race)
            return vm_exit(m->vm, m->block, fiber, child.exit);
    }
    return vm_resume(m->vm, m->block, fiber, 0);
}

static struct vm_result answer(struct machine *m, struct vm_result last, unsigned choice)
{
    uint8_t fiber = last.fiber;
    uint64_t word = 0;
    if (last.status == VM_YIELD) return vm_continue(m->vm, m->block, fiber);
    read_step(m, fiber);
    uint16_t type = vm_result_type(m->slab, block_of(m), fiber);
    if (choice % 8 == 5) return vm_fail(m->vm, m->block, fiber, (uint16_t)(choice / 8));
    if (choice % 8 == 6 && fiber == 0 && vm_step(m->slab, block_of(m), fiber)->busy != IMAGE_NONE) {
        struct vm_result child = vm_spawn(m->vm, m->block, fiber);
        if (child.status == VM_WAIT || child.status == VM_YIELD) {
            check(m);
            vm_cancel(m->vm, m->block, child.fiber);
        } else if (child.status == VM_LEFT) {
            return vm_exit(m->vm, m->block, fiber, child.exit);
        }
    }
    if (vm_children(m->slab, block_of(m), fiber) != 0) return fork_all(m, fiber, choice / 8);
    if (type_is_optional(type) && choice % 2 == 1)
        word = value_none(type);
    else if (type_base(type) == TYPE_STR)
        block_make_text(m->slab, m->block, "4711 0815 a longer text", choice % 24, &word);
    return vm_resume(m->vm, m->block, fiber, word);
}

static void live(struct machine *m)
{
    struct vm_result result = vm_start(m->vm, m->block);
    for (int i = 0; i < WAITS && (result.status == VM_WAIT || result.status == VM_YIELD); i++) {
        check(m);
        result = answer(m, result, input_byte(m->input));
    }
    if (result.status == VM_FAULT)
        result = vm_handler(m->vm, m->block, HANDLER_ERROR, result.error);
    else if (result.status == VM_WAIT)
        result = vm_handler(m->vm, m->block, HANDLER_ABANDONED, 0);
    if (result.status == VM_WAIT || result.status == VM_YIELD) check(m);
}

static struct machine machine_on(const struct image *image, struct input *input)
{
    static const struct vm_host host = {.attribute = attribute};
    struct machine m = {.image = image, .slab = slab_new(8), .input = input};
    m.vm = vm_new(m.slab, &host);
    return m;
}

static void machine_over(struct machine *m)
{
    vm_free(m->vm);
    if (m->block != BLOCK_HANDLE_NONE) block_free(m->slab, m->block);
    slab_free(m->slab);
}

void fuzz_drive(const struct image *image, struct input *input)
{
    uint32_t count = image_count(image, SECTION_STRATEGIES);
    for (uint32_t i = 0; i < count && i < STRATEGIES; i++) {
        struct machine m = machine_on(image, input);
        m.block = block_new(m.slab, image, image_strategy(image, i));
        live(&m);
        machine_over(&m);
    }
}

/* --- Blocks from outside --- */

/* Children of a fiber that waits stay parked beside it. */
static void fork_some(struct machine *m, uint8_t fiber)
{
    uint16_t count = vm_children(m->slab, block_of(m), fiber);
    uint32_t some = input_byte(m->input) % 5;
    for (uint16_t n = 0; n < count && n < some && vm_step(m->slab, block_of(m), fiber); n++) {
        struct vm_result child = vm_fork(m->vm, m->block, fiber, n);
        if (child.status == VM_LEFT || child.status == VM_ENDED || child.status == VM_FAULT) break;
    }
    if (count == 0 && some && vm_step(m->slab, block_of(m), fiber)->busy != IMAGE_NONE)
        vm_spawn(m->vm, m->block, fiber);
}

uint32_t fuzz_parked(const struct image *image, struct input *input, uint64_t words[])
{
    struct machine m = machine_on(image, input);
    uint32_t count = image_count(image, SECTION_STRATEGIES);
    m.block = block_new(m.slab, image, image_strategy(image, (uint32_t)input_below(input, count)));
    uint64_t word;
    for (uint32_t n = input_byte(input) % 4; n > 0; n--)
        block_data_set(m.slab, m.block, &"a key of some length"[n], 19 - n, VALUE_TAG_TEXT, "its value, which is one",
                       7 * n, 0);
    if (block_make_text(m.slab, m.block, "+33123456789", 12, &word)) block_system_set(m.slab, m.block, 1, word);
    struct vm_result result = vm_start(m.vm, m.block);
    for (unsigned waits = input_byte(input) % WAITS; waits > 0 && result.status == VM_WAIT; waits--)
        result = answer(&m, result, input_byte(input));
    if (result.status == VM_FAULT) result = vm_handler(m.vm, m.block, HANDLER_ERROR, result.error);
    if (result.status == VM_WAIT) fork_some(&m, result.fiber);
    uint32_t size = block_size(block_of(&m));
    memcpy(words, block_of(&m), size);
    machine_over(&m);
    return size;
}

/* The child with that number, as the core lets it: what it decides goes to its parent. */
static struct vm_result go_on_child(struct machine *m, uint8_t fiber, unsigned choice)
{
    struct vm_result result = {.status = VM_NONE};
    uint8_t parent = fiber_more(fiber_at(block_of(m), fiber_find(block_of(m), fiber))).parent;
    const struct image_wait *step = vm_step(m->slab, block_of(m), parent);
    if (choice % 8 == 7)
        vm_cancel(m->vm, m->block, fiber);
    else if (vm_stands(m->slab, block_of(m), fiber))
        result = vm_continue(m->vm, m->block, fiber);
    else
        result =
            choice % 8 == 6 ? vm_fail(m->vm, m->block, fiber, (uint16_t)choice) : vm_resume(m->vm, m->block, fiber, 0);
    if (result.status == VM_LEFT || (result.status == VM_ENDED && step && step->step == STEP_ID_race))
        return vm_exit(m->vm, m->block, parent, result.exit);
    return result;
}

static struct vm_result go_on(struct machine *m, unsigned choice)
{
    const struct block *block = block_of(m);
    uint32_t at = block_fibers(block);
    for (unsigned nth = choice / 8 % block->fiber_count; nth > 0; nth--) at += fiber_bytes(fiber_at(block, at));
    uint8_t fiber = fiber_at(block, at)->id;
    if (fiber != 0) return go_on_child(m, fiber, choice);
    if (vm_stands(m->slab, block, 0)) return vm_continue(m->vm, m->block, 0);
    read_step(m, 0);
    if (block_of(m)->fiber_count == 1) return answer(m, (struct vm_result){.status = VM_WAIT}, choice);
    return choice % 2 ? vm_resume(m->vm, m->block, 0, 0) : vm_fail(m->vm, m->block, 0, (uint16_t)choice);
}

void fuzz_drive_block(const struct image *image, const void *block, size_t length, struct input *input)
{
    struct error error;
    struct machine m = machine_on(image, input);
    m.block = block_adopt(m.slab, image, block, length, &error);
    for (int i = 0; i < WAITS && m.block != BLOCK_HANDLE_NONE && block_of(&m)->fiber_count; i++) {
        check(&m);
        struct vm_result result = go_on(&m, input_byte(input));
        if (result.status == VM_FAULT && result.fiber == 0) vm_handler(m.vm, m.block, HANDLER_ERROR, result.error);
    }
    if (m.block != BLOCK_HANDLE_NONE) check(&m);
    machine_over(&m);
}
