/* vm/exec.c - Runs slices: begins and continues strategies, fails steps, runs handlers and children, and returns the
 * results to the core.
 *
 *     vm_start -> VM_WAIT -> vm_resume -> VM_WAIT -> vm_fail -> ... -> VM_ENDED
 *
 * Each call that runs a fiber is vm_begin(), setting up frames on the scratch stack (new, or taken from the block by
 * fiber_unpark()), vm_slice(), which runs until the interpreter stops, and counting the fuel. Between two calls the
 * stack is empty: whatever a fiber needs is in its block, so that a snapshot needs nothing from the vm.
 *
 *     let digits = ivr.digits(...) else "";        vm_fail: exec_unwind() finds the failure target of the wait point
 *     ask();    // a subroutine that fails         exec_unwind() drops its frame, and looks at the caller's CALL_WAIT
 */
#include "vm/exec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"
#include "vm/park.h"
#include "vm/steps.h"
#include "vm/vm.h"

enum { EACH_SECOND_US = 1000000 };

/* Makes a vm; the slab is told where the running registers are: when it compacts a block it corrects the words in
 * them, too. */
struct vm *vm_new(struct slab *slab, const struct vm_host *host)
{
    struct vm *vm = memory_new(sizeof *vm);
    vm->slab = slab;
    slab->running = &vm->stack;
    if (host) vm->host = *host;
    vm->left = VM_SLICE_FUEL;
    return vm;
}

/* Makes a second vm over the same blocks, with its own stack: for questions about a waiting fiber (core/read/why.c)
 * that must not disturb the first vm. */
struct vm *vm_beside(const struct vm *vm)
{
    struct vm *beside = memory_new(sizeof *beside);
    beside->slab = vm->slab;
    beside->host = vm->host;
    beside->left = VM_SLICE_FUEL;
    return beside;
}

void vm_free(struct vm *vm)
{
    if (vm && vm->slab->running == &vm->stack) vm->slab->running = NULL;
    free(vm);
}

struct slab *vm_slab(const struct vm *vm)
{
    return vm->slab;
}

/* Takes fuel for work that the core does for a program. Between slices, when the slices of a turn share one supply,
 * it is taken from what is left for the next slice. */
void vm_charge(struct vm *vm, uint32_t fuel)
{
    vm->fuel -= fuel;
    if (vm->shares && !vm->stack.depth) vm->left = vm->left > fuel ? vm->left - fuel : 0;
}

void vm_turn(struct vm *vm, uint32_t turns)
{
    vm->shares = true;
    vm->left = VM_SLICE_FUEL;
    vm->turns = turns;
}

uint32_t vm_turns(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    assert(vm_stands(slab, block, fiber));
    return fiber_at(block, fiber_find(block, fiber))->ticket;
}

const struct vm_watch *vm_watched_by(struct vm *vm, const struct vm_watch *watch)
{
    const struct vm_watch *before = vm->watch;
    vm->watch = watch;
    vm->observed = vm->watch || vm->stops;
    return before;
}

void vm_stopped_by(struct vm *vm, const struct vm_stops *stops)
{
    vm->stops = stops;
    vm->observed = vm->watch || vm->stops;
}

bool vm_code_is_watched(const struct vm *vm)
{
    return vm->watch && vm->watch->instruction && !vm->watch->beside;
}

uint64_t vm_changed(const struct vm *vm)
{
    return vm->changed;
}

bool vm_data_changed(const struct vm *vm)
{
    return vm->data_changed;
}

/* Prepares every call that may run code. All state in `vm` about a call is set here and nowhere else, so nothing of
 * the call before is left, neither its image nor its fault. `running_handle` tells the slab that this block's
 * registers are on the stack, where compaction must correct them too. */
static inline struct block *vm_begin(struct vm *vm, block_handle handle)
{
    struct block *block = slab_block(vm->slab, handle);
    vm->handle = handle;
    vm->image = slab_image(vm->slab, block);
    vm->changed = 0;
    vm->data_changed = false;
    vm->fault = FAULT_NONE;
    vm->fuel = vm->given = vm->left;
    vm->stack.depth = 0;
    vm->slab->running_handle = handle;
    shadow_block(vm);
    return block;
}

/* And ends here. */
static inline void vm_end(struct vm *vm, struct block *block)
{
    vm->stack.depth = 0; /* nothing runs: no register contains anything */
    block->spent += (uint32_t)(vm->given - vm->fuel + FUEL_UNIT - 1) / FUEL_UNIT;
    if (vm->shares) vm->left = vm->fuel > 0 ? vm->fuel : 0;
}

static struct vm_result vm_finish(struct vm *vm, enum vm_status status)
{
    const struct frame *top = &vm->stack.frames[vm->stack.depth > 0 ? vm->stack.depth - 1 : 0];
    uint32_t function = status == VM_YIELD ? top->function : 0, pc = status == VM_YIELD ? top->pc : 0;
    vm_end(vm, vm_block(vm));
    return (struct vm_result){
        .status = status, .fiber = vm->fiber, .parent = vm->parent, .function = function, .pc = pc};
}

/* Makes a frame of the function, the only one on the stack. The frame's registers are zero, which is a valid value
 * of every type. */
static void push_function(struct vm *vm, uint16_t function)
{
    assert(function < vm->image->count[SECTION_FUNCTIONS]);
    vm->stack.depth = 1;
    vm->stack.frames[0] = (struct frame){function, 0, 0, IMAGE_NONE, REGISTER_NONE};
    zero_registers(vm->stack.words, vm->image->functions[function].register_count);
}

/* Makes an error object and returns its word; 0, meaning an error whose fields are all zero, if the block is full. */
static uint64_t make_error(struct vm *vm, uint16_t code, uint64_t text, uint16_t step)
{
    uint64_t fields[ERROR_FIELDS] = {code, text, step}, word;
    return block_make_record(vm->slab, vm->handle, TYPE_ERROR, fields, ERROR_FIELDS, &word) ? word : 0;
}

/* Returns the text of a fault, which becomes the code of the error in the program's handler. */
const char *vm_fault_text(enum vm_fault fault)
{
    static const char *const texts[] = {
        [FAULT_NONE] = "",
        [FAULT_OVERFLOW] = "overflow",
        [FAULT_DIVISION] = "division by zero",
        [FAULT_NOT_A_NUMBER] = "not a number",
        [FAULT_INDEX] = "no such element",
        [FAULT_UNEXPECTED_NONE] = "unexpected none",
        [FAULT_MEMORY] = "too large",
        [FAULT_FUEL] = "no fuel left",
        [FAULT_ATTRIBUTE] = "attribute not readable now",
        [FAULT_NATIVE] = "native not loaded",
        [FAULT_NATIVE_LONG] = "native's text too long",
        [FAULT_NATIVE_TEXT] = "native's text not UTF-8",
        [FAULT_NATIVE_TWICE] = "native gave two results",
        [FAULT_NATIVE_DATE] = "native's date out of range",
    };
    return (unsigned)fault < sizeof texts / sizeof texts[0] ? texts[fault] : "";
}

/* Ends the slice with a failure, whose place is that of the innermost frame; it is noted before the stack is
 * emptied: making the error may compact the block, which reads the stack. */
static __attribute__((noinline, cold)) struct vm_result exec_failed(struct vm *vm, uint16_t code, uint64_t text,
                                                                    uint16_t step)
{
    const struct frame *top = &vm->stack.frames[0];
    uint32_t function = top->function, pc = top->pc;
    if (vm->stack.depth > 1) function = vm->stack.frames[vm->stack.depth - 1].function;
    if (vm->stack.depth > 1) pc = vm->stack.frames[vm->stack.depth - 1].pc;
    if (vm->fault) {
        const char *words = vm_fault_text(vm->fault);
        if (!block_make_text(vm->slab, vm->handle, words, (uint32_t)strlen(words), &text)) text = 0;
    }
    vm->stack.depth = 0;
    uint64_t error = make_error(vm, code, text, step);
    vm_end(vm, vm_block(vm));
    return (struct vm_result){.status = VM_FAULT,
                              .fiber = vm->fiber,
                              .parent = vm->parent,
                              .fault = (uint8_t)vm->fault,
                              .code = code,
                              .step = step,
                              .function = function,
                              .pc = pc,
                              .error = error};
}

/* Handles a failure of the innermost frame at wait point `wait`; or, with IMAGE_NONE, of the frame itself. True:
 * continues at the next failure target outwards. False: there is none. An interaction whose handler cannot be
 * entered would be lost, so the jump is made even if there is no space for the error object (0, all its fields
 * zero). */
static bool exec_unwind(struct vm *vm, uint16_t wait, uint16_t code, uint64_t text, uint16_t step)
{
    struct stack *stack = &vm->stack;
    assert(stack->depth > 0);
    for (;;) {
        const struct image_wait *row = wait == IMAGE_NONE ? NULL : &vm->image->waits[wait];
        struct frame *frame = &stack->frames[stack->depth - 1];
        if (row && row->failure != IMAGE_NONE) {
            frame->pc = row->failure;
            frame->wait = IMAGE_NONE;
            if (row->error != REGISTER_NONE) {
                uint64_t error = make_error(vm, code, text, step);
                stack->words[frame->base + row->error] = error;
            }
            return true;
        }
        if (stack->depth == 1) return false;
        stack->depth--;
        wait = stack->frames[stack->depth - 1].wait;
        assert(wait != IMAGE_NONE);
    }
}

/* Compacts a waiting block if that is worth its cost, which grows with the words in use: if the heap is about
 * sixteen times its used part, or if a block of half the size would do. */
static inline void vm_tidy(struct vm *vm, const struct block *block)
{
    uint32_t heap = block_used(block) - block_heap_start(block);
    if (heap > 16u * block->live + 128 || 16 * block_free_words(block) >= class_bytes(block->class))
        block_compact(vm->slab, vm->handle);
}

/* Parks the fiber at a wait; the order matters: it is parked first, which may move the block; then the fuel is
 * counted; then the block is compacted, while no register on the stack contains a word of it. If the block has no
 * space for the fiber, this is a fault. */
static struct vm_result vm_waits(struct vm *vm)
{
    uint16_t wait = (uint16_t)vm->number;
    struct block *block = fiber_park(vm, wait);
    if (!block) {
        vm->fault = FAULT_MEMORY;
        return exec_failed(vm, VM_CODE_FAULT, 0, 0);
    }
    const struct wait_brief *row = &vm->image->briefs[wait];
    vm_end(vm, block);
    uint32_t ticket = block->waits;
    vm_tidy(vm, block);
    return (struct vm_result){.status = VM_WAIT,
                              .fiber = vm->fiber,
                              .parent = vm->parent,
                              .step = row->step,
                              .function = row->frame.function,
                              .pc = row->frame.pc,
                              .ticket = ticket};
}

/* Runs code with a watcher or a debugger; conditions and leaf functions are never stopped: they have no fiber that
 * could be parked. */
static __attribute__((noinline, cold)) enum stop run_observed(struct vm *vm, struct stack *stack)
{
    bool fiber = stack == &vm->stack && !vm->looks;
    bool told = vm->watch && (vm->watch->instruction || vm->watch->registers);
    vm->stopping = fiber && vm->stops && vm->stops->may(vm->stops->self, vm->handle);
    return told || vm->stopping ? vm_run_watched(vm, stack) : vm_run(vm, stack);
}

static enum stop vm_run_stack(struct vm *vm, struct stack *stack)
{
    return vm->observed ? run_observed(vm, stack) : vm_run(vm, stack);
}

/* Does the watcher make the step fail for which the fiber is about to wait? */
static __attribute__((noinline, cold)) bool exec_prevented(struct vm *vm, uint16_t *code)
{
    int32_t answer = vm->watch->wait(vm->watch->self, vm->image, vm->number, vm_id(vm), vm->fiber);
    if (answer == VM_GO_ON) return false;
    vm->watch->ended(vm->watch->self, vm->image, vm->number, vm_id(vm), vm->fiber, answer);
    *code = (uint16_t)answer;
    return true;
}

/* Ends the fiber. A child of a race or parallel has ended: its result is stored in the parent, which waits for it.
 * The wait of a race or parallel has a line per child, in the order of the source; the child's line is found by its
 * function. A failed child returns nothing, and its line's variable keeps its value. */
static struct vm_result vm_ended_task(struct vm *vm, bool returned)
{
    struct vm_result result = vm_finish(vm, VM_ENDED);
    if (vm->fiber == 0) return result;
    struct block *block = slab_block(vm->slab, vm->handle);
    const struct fiber *parent = fiber_at(block, fiber_find(block, vm->parent));
    const struct image_wait *wait = &vm->image->waits[parent->wait];
    for (uint16_t n = 0; n < wait->line_count; n++) {
        const struct image_line *line = &vm->image->lines[wait->lines + n];
        if (line->kind != LINE_CHILD || line->function != vm->stack.frames[0].function) continue;
        result.exit = n;
        if (!returned || line->operand == OPERAND_NONE) break;
        uint8_t *place = block_bytes(block) + park_place(vm->image, block, parent, line->operand);
        memcpy(place, &vm->value, sizeof vm->value);
        break;
    }
    return result;
}

/* Runs a slice until the fiber waits, yields, ends or fails. A failure that some frame handles does not end the
 * slice: exec_unwind() has set that frame's pc to its failure target, and the loop continues there. */
static struct vm_result vm_run_slice(struct vm *vm, const struct block *block)
{
    uint16_t code;
    if (block->spent > VM_LIFE_FUEL / FUEL_UNIT) {
        vm->fault = FAULT_FUEL;
        return exec_failed(vm, VM_CODE_FAULT, 0, 0);
    }
    for (;;) {
        enum stop stop = vm_run_stack(vm, &vm->stack);
        if (stop == STOP_WAIT && !(vm->watch && exec_prevented(vm, &code)))
            return vm_waits(vm); /* a wait is the most frequent reason to stop, so it is checked first */
        switch (stop) {
        case STOP_WAIT: {
            uint16_t step = vm->image->waits[vm->number].step;
            if (!exec_unwind(vm, (uint16_t)vm->number, code, 0, step)) return exec_failed(vm, code, 0, step);
            break;
        }
        case STOP_END:
        case STOP_RETURN:
            return vm_ended_task(vm, stop == STOP_RETURN);
        case STOP_EXIT:
            vm_end(vm, vm_block(vm));
            return (struct vm_result){
                .status = VM_LEFT, .fiber = vm->fiber, .parent = vm->parent, .exit = (uint16_t)vm->number};
        case STOP_FAIL:
            if (vm->stack.depth == 1) return exec_failed(vm, VM_CODE_FAILED, vm->value, 0);
            vm->stack.depth--;
            if (!exec_unwind(vm, vm->stack.frames[vm->stack.depth - 1].wait, VM_CODE_FAILED, vm->value, 0))
                return exec_failed(vm, VM_CODE_FAILED, vm->value, 0);
            break;
        case STOP_YIELD:
            if (park_any_fiber(vm, IMAGE_NONE)) return vm_finish(vm, VM_YIELD);
            vm->fault = FAULT_MEMORY;
            return exec_failed(vm, VM_CODE_FAULT, 0, 0);
        case STOP_STANDS:
            if (park_any_fiber(vm, IMAGE_NONE)) return vm_finish(vm, VM_STANDS);
            vm->going =
                true; /* the block has no room to park the fiber: a debugger's stop must not make the program fail */
            break;
        case STOP_FAULT:
            return exec_failed(vm, VM_CODE_FAULT, 0, 0);
        }
    }
}

/* Runs the frames on the stack until the slice ends, then counts the slice's fuel. `block` is the block of `handle`. */
static inline struct vm_result vm_slice(struct vm *vm, const struct block *block)
{
    struct vm_result result = vm_run_slice(vm, block);
    shadow_block(vm);
    return result;
}

struct vm_result vm_start(struct vm *vm, block_handle handle)
{
    const struct block *block = vm_begin(vm, handle);
    assert(block->fiber_count == 0);
    for (uint32_t at = 0; at < VM_MISSED_KEPT && at < vm->missed_count; at++)
        if (vm->missed[at].of == handle) vm->missed[at] = (struct vm_missed){0};
    vm->fiber = vm->parent = 0;
    vm->kind = FIBER_STRATEGY;
    push_function(vm, vm->image->strategies[block->strategy].function);
    return vm_slice(vm, block);
}

/* Returns the wait point of a parked fiber that waits for a step; IMAGE_NONE if the fiber waits for none. */
static uint16_t wait_of(const struct block *block, uint8_t fiber)
{
    uint32_t offset = fiber_find(block, fiber);
    return offset ? fiber_at(block, offset)->wait : (uint16_t)IMAGE_NONE;
}

/* Continues a fiber: it is taken from its block, then the result word goes into the register named by the wait
 * point. A text or an object must be in the block before this call. */
struct vm_result vm_resume(struct vm *vm, block_handle handle, uint8_t fiber, uint64_t word)
{
    struct block *block = vm_begin(vm, handle);
    uint16_t number = fiber_unpark(vm, block, fiber);
    assert(number != IMAGE_NONE);
    if (vm->watch) vm->watch->ended(vm->watch->self, vm->image, number, vm_id(vm), fiber, VM_GO_ON);
    const struct wait_brief *wait = &vm->image->briefs[number];
    if (wait->flags & WAIT_ENDS) return vm_finish(vm, VM_ENDED);
    const struct frame *frame = &vm->stack.frames[vm->stack.depth - 1];
    if (wait->result != REGISTER_NONE) vm->stack.words[frame->base + wait->result] = word;
    return vm_slice(vm, block);
}

/* Continues a fiber that has yielded or was stopped; it is at no wait point, so it gets no result. */
struct vm_result vm_continue(struct vm *vm, block_handle handle, uint8_t fiber)
{
    struct block *block = vm_begin(vm, handle);
    uint16_t wait = fiber_unpark(vm, block, fiber);
    assert(wait == IMAGE_NONE);
    return vm_slice(vm, block);
}

bool vm_stands(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    (void)slab;
    uint32_t offset = fiber_find(block, fiber);
    return offset && fiber_at(block, offset)->wait == IMAGE_NONE;
}

struct vm_result vm_go_on(struct vm *vm, block_handle handle, uint8_t fiber)
{
    vm->going = true;
    struct vm_result result = vm_continue(vm, handle, fiber);
    vm->going = false; /* `going` may still be set, if the stopper was not asked at all */
    return result;
}

/* For a debugger: sets a register; only the innermost frame of a stopped fiber can be changed, since only its record
 * has all registers. At a wait point, registers that are not live are not stored. */
bool vm_set_register(struct vm *vm, block_handle handle, uint8_t fiber, uint32_t function, uint32_t reg, uint64_t word)
{
    struct block *block = slab_block(vm->slab, handle);
    const struct image *image = slab_image(vm->slab, block);
    if (!vm_stands(vm->slab, block, fiber)) return false;
    uint32_t offset = fiber_find(block, fiber);
    const struct fiber *record = fiber_at(block, offset);
    if (fiber_function(image, record) != function || reg >= image->functions[function].register_count) return false;
    /* The registers of the innermost frame are at the end of the record. */
    uint32_t end = offset + fiber_bytes(record);
    memcpy(block_bytes(block) + end - 8 * (image->functions[function].register_count - reg), &word, sizeof word);
    return true;
}

uint64_t vm_error(struct vm *vm, block_handle handle, uint16_t code, uint16_t step)
{
    const char *words = vm_fault_text(FAULT_FUEL);
    uint64_t text = 0;
    vm_begin(vm, handle);
    if (code == VM_CODE_FAULT && !block_make_text(vm->slab, handle, words, (uint32_t)strlen(words), &text)) text = 0;
    return make_error(vm, code, text, step);
}

/* Returns the error's word if it is an error object in the block, else 0: the caller may have kept the word too
 * long. */
static uint64_t error_in(const struct image *image, const struct block *block, uint64_t word)
{
    const uint8_t *fields;
    uint32_t offset = value_offset(word);
    if (word != value_object_at(VALUE_BLOCK, offset) || offset % 8 || offset < block_heap_start(block) ||
        offset + sizeof(struct heap_object) + 8 * ERROR_FIELDS > block_used(block))
        return 0;
    return block_object(image, block, word, &fields).type == TYPE_ERROR ? word : 0;
}

/* Fails a step; the error's text is read before the fiber is unparked, while its offset in the block is still valid;
 * it is copied into the error that each failure target gets. */
struct vm_result vm_fail_with(struct vm *vm, block_handle handle, uint8_t fiber, uint16_t code, uint64_t error)
{
    struct block *block = vm_begin(vm, handle);
    bool said = error_in(vm->image, block, error) != 0;
    uint64_t text = said ? block_field(vm->image, block, error, ERROR_FIELD_CODE) : 0;
    uint16_t wait = fiber_unpark(vm, block, fiber);
    assert(wait != IMAGE_NONE);
    if (vm->watch) vm->watch->ended(vm->watch->self, vm->image, wait, vm_id(vm), fiber, code);
    uint16_t step = vm->image->waits[wait].step;
    vm->stack.frames[vm->stack.depth - 1].pc = vm->image->waits[wait].pc;
    if (!exec_unwind(vm, wait, code, text, step)) return exec_failed(vm, code, text, step);
    return vm_slice(vm, vm_block(vm)); /* making an error may have moved the block */
}

struct vm_result vm_fail(struct vm *vm, block_handle handle, uint8_t fiber, uint16_t code)
{
    return vm_fail_with(vm, handle, fiber, code, 0);
}

struct text vm_error_text(const struct vm *vm, block_handle handle, uint64_t error, char inlined[8])
{
    const struct block *block = block_at(vm->slab, handle);
    const struct image *image = block_image(vm->slab, block);
    uint64_t text = error_in(image, block, error) ? block_field(image, block, error, ERROR_FIELD_CODE) : 0;
    return block_text(image, block, text, inlined);
}

/* Runs a handler in place of what ran: all fibers are dropped. If on_error itself fails, on_error is not started
 * again. A program that has used up its fuel gets a reserve (VM_RESERVE_FUEL), so that its handler can still route
 * the interaction. */
struct vm_result vm_handler(struct vm *vm, block_handle handle, enum vm_handler_kind kind, uint64_t error)
{
    struct block *block = vm_begin(vm, handle);
    const struct image_strategy *strategy = block_strategy(vm->slab, block);
    uint16_t function = kind == HANDLER_ERROR ? strategy->on_error : strategy->on_abandoned;
    vm->fiber = vm->parent = 0;
    if (function == IMAGE_NONE || (kind == HANDLER_ERROR && block->handling)) return vm_finish(vm, VM_NONE);
    while (block->fiber_count) fiber_remove(block, block_fibers(block));
    block->handling = true;
    if (block->spent > (VM_LIFE_FUEL - VM_RESERVE_FUEL) / FUEL_UNIT) {
        block->exhausted = true;
        block->spent = (VM_LIFE_FUEL - VM_RESERVE_FUEL) / FUEL_UNIT;
    }
    vm->kind = FIBER_HANDLER;
    push_function(vm, function);
    if (vm->image->functions[function].parameters) vm->stack.words[0] = error_in(vm->image, block, error);
    return vm_slice(vm, block);
}

/* Runs a signal's handler; as with other handlers, all fibers are dropped first. `payload` is the word of the
 * handler's parameter. */
struct vm_result vm_signal(struct vm *vm, block_handle handle, uint16_t function, uint64_t payload)
{
    struct block *block = vm_begin(vm, handle);
    while (block->fiber_count) fiber_remove(block, block_fibers(block));
    block->handling = true;
    vm->fiber = vm->parent = 0;
    vm->kind = FIBER_HANDLER;
    push_function(vm, function);
    assert(vm->image->functions[function].kind == FUNCTION_HANDLER);
    if (vm->image->functions[function].parameters) vm->stack.words[0] = payload;
    return vm_slice(vm, block);
}

bool vm_handling(const struct slab *slab, const struct block *block)
{
    (void)slab;
    return block->handling;
}

/* Returns a number for a child; it is a byte and wraps around: 0 is the strategy's own fiber, and numbers in use are
 * skipped. */
static uint8_t new_child(struct block *block)
{
    do {
        if (++block->fiber_next == 0) block->fiber_next = 1;
    } while (fiber_find(block, block->fiber_next));
    return block->fiber_next;
}

/* Returns the wait point of the parent for which a child begins. */
static const struct image_wait *parent_wait(struct vm *vm, const struct block *block, uint8_t parent)
{
    uint16_t number = wait_of(block, parent);
    assert(number != IMAGE_NONE);
    return &vm->image->waits[number];
}

/* Begins a child fiber; the parent's registers that the wait point captures are copied to the child. */
static struct vm_result begin_child(struct vm *vm, struct block *block, uint8_t parent, uint16_t function,
                                    const struct image_operand *captures, uint32_t count)
{
    const struct fiber *record = fiber_at(block, fiber_find(block, parent));
    assert(count <= vm->image->functions[function].register_count);
    push_function(vm, function);
    for (uint32_t n = 0; n < count; n++) {
        uint16_t type;
        park_operand(vm->image, block, record, captures[n].operand, &vm->stack.words[n], &type);
    }
    vm->fiber = new_child(block);
    vm->parent = parent;
    vm->kind = FIBER_BUSY;
    if (block->fiber_count < BLOCK_FIBERS_MAX) return vm_slice(vm, block);
    vm->fault = FAULT_MEMORY; /* the block has no space for parking the child later */
    return exec_failed(vm, VM_CODE_FAULT, 0, 0);
}

struct vm_result vm_spawn(struct vm *vm, block_handle handle, uint8_t parent)
{
    struct block *block = vm_begin(vm, handle);
    const struct image_wait *wait = parent_wait(vm, block, parent);
    assert(wait->busy != IMAGE_NONE);
    return begin_child(vm, block, parent, wait->busy, vm->image->operands + wait->operands + wait->arguments,
                       wait->captures);
}

struct vm_result vm_fork(struct vm *vm, block_handle handle, uint8_t parent, uint16_t child)
{
    struct block *block = vm_begin(vm, handle);
    const struct image_wait *wait = parent_wait(vm, block, parent);
    assert(child < wait->line_count);
    const struct image_line *line = &vm->image->lines[wait->lines + child];
    assert(line->kind == LINE_CHILD);
    return begin_child(vm, block, parent, line->function, vm->image->operands + line->operands, line->captures);
}

uint16_t vm_children(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    const struct image_wait *wait = vm_step(slab, block, fiber);
    return wait && vm_step_forks(wait->step) ? wait->line_count : 0;
}

void vm_cancel(struct vm *vm, block_handle handle, uint8_t fiber)
{
    struct block *block = slab_block(vm->slab, handle);
    park_drop_children(block, fiber);
    uint32_t offset = fiber_find(block, fiber);
    if (offset) fiber_remove(block, offset);
}

/* A busy block or child was left by `exit`. Continues the parent at the place that its wait point lists for that
 * exit, after the arguments and captures:
 *
 *     operands: | arguments | captures | exits |
 */
struct vm_result vm_exit(struct vm *vm, block_handle handle, uint8_t parent, uint16_t exit)
{
    struct block *block = vm_begin(vm, handle);
    uint16_t number = fiber_unpark(vm, block, parent);
    assert(number != IMAGE_NONE);
    const struct image_wait *wait = &vm->image->waits[number];
    assert(exit < wait->exits);
    struct frame *frame = &vm->stack.frames[vm->stack.depth - 1];
    frame->pc = vm->image->operands[wait->operands + wait->arguments + wait->captures + exit].operand;
    return vm_slice(vm, block);
}

/* Keeps the place where a condition or leaf function has failed, for vm_condition_fault. Returns false. */
static bool vm_keep_fault(struct vm *vm, const struct stack *stack)
{
    assert(stack->depth > 0);
    const struct frame *top = &stack->frames[stack->depth - 1];
    if (vm->fault == FAULT_NONE) vm->fault = FAULT_FUEL;
    vm->fault_function = top->function;
    vm->fault_pc = top->pc;
    return false;
}

/* Runs a leaf function, which has a separate stack and no block, so it may run while a fiber's registers are on the
 * other stack. The function gets its captured values, and reads the candidate by the functions of `candidate`. */
static bool run_leaf(struct vm *vm, const struct image *image, uint16_t function, const uint64_t *captures,
                     uint32_t count, const struct vm_candidate *candidate)
{
    const struct image_function *row = &image->functions[function];
    assert(row->kind == FUNCTION_LEAF && count == row->parameters);
    vm->image = image;
    vm->handle = BLOCK_HANDLE_NONE;
    vm->candidate = candidate;
    vm->leaf.depth = 1;
    vm->leaf.frames[0] = (struct frame){function, 0, 0, IMAGE_NONE, REGISTER_NONE};
    zero_registers(vm->leaf.words, row->register_count);
    if (count) memcpy(vm->leaf.words, captures, count * sizeof *captures);
    vm->fault = FAULT_NONE;
    vm->fuel = VM_SLICE_FUEL;
    bool good = vm_run_stack(vm, &vm->leaf) == STOP_RETURN || vm_keep_fault(vm, &vm->leaf);
    vm->candidate = NULL;
    return good;
}

bool vm_leaf(struct vm *vm, const struct image *image, uint16_t function, const uint64_t *captures, uint32_t count,
             const struct vm_candidate *candidate)
{
    return run_leaf(vm, image, function, captures, count, candidate) && vm->value != 0;
}

/* As vm_leaf(), for a function that returns a number, by which candidates are ordered. */
bool vm_figure(struct vm *vm, const struct image *image, uint16_t function, const uint64_t *captures, uint32_t count,
               const struct vm_candidate *candidate, int64_t *figure)
{
    if (!run_leaf(vm, image, function, captures, count, candidate)) return false;
    *figure = (int64_t)vm->value;
    return true;
}

const struct vm_missed *vm_missed(const struct vm *vm, block_handle handle, uint16_t kind)
{
    const struct image *image = block_image(vm->slab, slab_block(vm->slab, handle));
    if (image_holds_secrets(image)) return NULL;
    for (uint32_t back = 1; back <= VM_MISSED_KEPT && back <= vm->missed_count; back++) {
        const struct vm_missed *missed = &vm->missed[(vm->missed_count - back) % VM_MISSED_KEPT];
        if (missed->of == handle && missed->kind == kind) return missed;
    }
    return NULL;
}

/* Returns the line of `until`: the selection's last line, or the one before the lines of its orders. */
static const struct image_line *until_line(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    const struct image_wait *wait = vm_step(slab, block, fiber);
    if (!wait || wait->step != STEP_ID_select) return NULL;
    const struct image *image = block_image(slab, block);
    uint32_t count = image_order_at(image, wait);
    if (count == 0) return NULL;
    const struct image_line *line = &image->lines[wait->lines + count - 1u];
    return line->kind == LINE_UNTIL ? line : NULL;
}

bool vm_has_until(const struct slab *slab, const struct block *block, uint8_t fiber)
{
    return until_line(slab, block, fiber) != NULL;
}

void vm_look_again(struct vm *vm, int64_t in_us)
{
    if (vm->looks && in_us > 0 && in_us < vm->again_us) vm->again_us = in_us;
}

/* Runs a condition's function with fuel of its own, which no turn pays for. False: a fault in it, which is kept for
 * vm_condition_fault. */
static bool vm_look_at_line(struct vm *vm, bool ticks, int64_t *again_us)
{
    vm->looks = true;
    vm->again_us = ticks ? EACH_SECOND_US : INT64_MAX;
    vm->fuel = VM_SLICE_FUEL;
    bool good = vm_run_stack(vm, &vm->stack) == STOP_RETURN || vm_keep_fault(vm, &vm->stack);
    vm->looks = false;
    vm->stack.depth = 0;
    *again_us = vm->again_us;
    return good;
}

enum vm_fault vm_condition_fault(const struct vm *vm, uint32_t *function, uint32_t *pc)
{
    *function = vm->fault_function;
    *pc = vm->fault_pc;
    return vm->fault;
}

/* Runs the function of a condition or value on the stack, with copies of the parked registers: the fiber in the block
 * is not changed. False: a fault in it. */
static bool line_computed(struct vm *vm, block_handle handle, uint8_t fiber, const struct image_line *line,
                          int64_t *again_us)
{
    const struct block *block = vm_begin(vm, handle);
    const struct fiber *record = fiber_at(block, fiber_find(block, fiber));
    push_function(vm, line->function);
    for (uint32_t n = 0; n < line->captures; n++) {
        uint16_t type, operand = vm->image->operands[line->operands + n].operand;
        park_operand(vm->image, block, record, operand, &vm->stack.words[n], &type);
    }
    vm->fiber = fiber;
    vm->parent = fiber_more(record).parent;
    bool good = vm_look_at_line(vm, line->type & LINE_TICKS, again_us);
    vm_tidy(vm, vm_block(vm)); /* may have moved */
    return good;
}

static bool line_holds(struct vm *vm, block_handle handle, uint8_t fiber, const struct image_line *line,
                       int64_t *again_us)
{
    return line_computed(vm, handle, fiber, line, again_us) && vm->value != 0;
}

bool vm_until(struct vm *vm, block_handle handle, uint8_t fiber, int64_t *again_us)
{
    const struct image_line *line = until_line(vm->slab, slab_block(vm->slab, handle), fiber);
    assert(line);
    return line_holds(vm, handle, fiber, line, again_us);
}

static const struct image_line *line_of(struct vm *vm, block_handle handle, uint8_t fiber, uint32_t index)
{
    const struct block *block = slab_block(vm->slab, handle);
    const struct image_wait *wait = vm_step(vm->slab, block, fiber);
    assert(wait && index < wait->line_count);
    return &block_image(vm->slab, block)->lines[wait->lines + index];
}

bool vm_where(struct vm *vm, block_handle handle, uint8_t fiber, uint32_t index, int64_t *again_us)
{
    const struct image_line *line = line_of(vm, handle, fiber, index);
    assert(line->kind == LINE_WHERE || line->type & LINE_SHARED);
    return line_holds(vm, handle, fiber, line, again_us);
}

bool vm_line_value(struct vm *vm, block_handle handle, uint8_t fiber, uint32_t index, uint64_t *word, int64_t *again_us)
{
    const struct image_line *line = line_of(vm, handle, fiber, index);
    assert(line->kind == LINE_VALUE);
    bool good = line_computed(vm, handle, fiber, line, again_us);
    if (good) *word = vm->value;
    return good;
}

bool vm_latch(struct vm *vm, block_handle handle, uint32_t row, bool set, int64_t *again_us)
{
    vm_begin(vm, handle);
    const struct image_latch *latch = image_latch(vm->image, row);
    push_function(vm, latch->function);
    vm->stack.words[0] = set;
    vm->fiber = vm->parent = 0;
    return vm_look_at_line(vm, latch->ticks, again_us) ? vm->value != 0 : set;
}

uint32_t vm_show(const struct vm *vm, const struct block *block, const struct image *image, uint16_t type,
                 uint64_t word, char *buffer, uint32_t size)
{
    struct show show = {image, block, vm ? vm->host.name : NULL, vm ? vm->host.self : NULL};
    struct shown out = {buffer, size, 0};
    show_value(&show, &out, type, word);
    return out.length;
}
