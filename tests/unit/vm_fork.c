/* tests/unit/vm_fork.c - The children of race and parallel: beside one another, each with what it took along. */
#include "vm/steps.h"
#include "tests/unit/vm_sample.h"

/* delay so long, then the text "<prefix> after the delay", long enough to lie in the block; `leave`: an exit
 * instead. */
static uint16_t child(struct image_writer *w, const char *name, const char *prefix, int32_t leave)
{
    uint16_t number = writer_function_begin(w, name, FUNCTION_BUSY, IMAGE_NONE, 1, leave < 0 ? TYPE_STR : TYPE_VOID);
    uint8_t wait = writer_register(w, TYPE_DURATION), first = writer_register(w, TYPE_STR),
            second = writer_register(w, TYPE_STR);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_delay_duration, wait);
    writer_step(w, STEP_ID_delay, NO_REGISTER);
    if (leave >= 0) {
        writer_abx(w, OP_EXIT, 0, leave);
    } else {
        writer_abx(w, OP_LOAD, first, writer_constant_text(w, prefix, (uint32_t)strlen(prefix)));
        writer_abx(w, OP_LOAD, second, writer_constant_text(w, " after the delay", 16));
        writer_abc(w, OP_CONCAT, first, first, 2);
        writer_abc(w, OP_RETURN, first, 0, 0);
    }
    writer_function_end(w);
    return number;
}

/* race or parallel of "one", "two" and one that leaves to `stop "left"`; then stop with what they gave. */
static struct image *forked(enum step_number step)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t one = child(w, "one", "one", -1), two = child(w, "two", "two", -1);
    uint16_t leaves = child(w, "leaves", "", step == STEP_ID_race ? 3 : 0);
    uint16_t body = writer_function_begin(w, "tiny", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t first = writer_register(w, TYPE_STR), second = writer_register(w, TYPE_STR),
            both = writer_register(w, TYPE_STR), gap = writer_register(w, TYPE_DURATION);
    uint32_t left = writer_label(w), won_one = writer_label(w), won_two = writer_label(w), failed = writer_label(w);
    writer_abx(w, OP_LOAD, gap, writer_constant(w, TYPE_DURATION, 2 * SECOND));
    uint16_t taken[] = {gap};
    writer_wait_begin(w, NULL);
    writer_wait_child(w, one, taken, 1, first);
    writer_wait_child(w, two, taken, 1, second);
    writer_wait_child(w, leaves, taken, 1, NO_REGISTER);
    if (step == STEP_ID_race) {
        writer_wait_exit(w, won_one);
        writer_wait_exit(w, won_two);
        writer_wait_exit(w, failed);
    }
    writer_wait_exit(w, left);
    writer_wait_failure(w, failed, NO_REGISTER);
    writer_step(w, (uint16_t)step, NO_REGISTER);
    writer_abc(w, OP_CONCAT, both, first, 2);
    tiny_stop(w, both);
    writer_place(w, won_one);
    tiny_stop(w, first);
    writer_place(w, won_two);
    tiny_stop(w, second);
    writer_place(w, left);
    tiny_stop(w, sample_text(w, "left"));
    writer_place(w, failed);
    tiny_stop(w, sample_text(w, "failed"));
    writer_function_end(w);
    return tiny_end(w, strategy, body, IMAGE_NONE);
}

static void machine_is_good(struct machine *m)
{
    struct error error = {0};
    const struct block *block = machine_block(m);
    cr_assert(block_check(block, block_size(block), m->image, &error), "at %u: %s", error.offset, error.text);
    uint64_t hash = block_hash(m->slab, block, 1, 0);
    block_compact(m->slab, m->block);
    cr_assert_eq(block_hash(m->slab, machine_block(m), 1, 0), hash);
}

static void stopped_with(struct machine *m, const char *text)
{
    uint64_t word;
    uint16_t type;
    char inlined[8];
    cr_assert(vm_arg(m->slab, machine_block(m), 0, PARAMETER_stop_why, &word, &type));
    struct text why = block_text(m->image, machine_block(m), word, inlined);
    cr_assert(why.length == strlen(text) && !memcmp(why.bytes, text, why.length), "%.*s", (int)why.length, why.bytes);
}

static void begin_three(struct machine *m, uint8_t children[3])
{
    cr_assert_eq(vm_start(m->vm, m->block).status, VM_WAIT);
    cr_assert_eq(vm_children(m->slab, machine_block(m), 0), 3);
    for (uint16_t n = 0; n < 3; n++) {
        struct vm_result r = vm_fork(m->vm, m->block, 0, n);
        uint64_t word;
        uint16_t type;
        cr_assert(r.status == VM_WAIT && r.step == STEP_ID_delay && r.fiber != 0);
        cr_assert(vm_arg(m->slab, machine_block(m), r.fiber, 0, &word, &type) && word == 2 * SECOND);
        cr_assert_eq(vm_children(m->slab, machine_block(m), r.fiber), 0);
        children[n] = r.fiber;
        machine_is_good(m);
    }
    cr_assert_eq(machine_block(m)->fiber_count, 4);
}

Test(vm_fork, parallel_goes_on_with_what_all_gave_in_whatever_order, .timeout = 10)
{
    struct machine m = machine_new(forked(STEP_ID_parallel));
    uint8_t children[3];
    begin_three(&m, children);
    struct vm_result r = vm_resume(m.vm, m.block, children[1], 0);
    cr_assert(r.status == VM_ENDED && r.fiber == children[1] && r.exit == 1);
    machine_is_good(&m);
    r = vm_resume(m.vm, m.block, children[0], 0);
    cr_assert(r.status == VM_ENDED && r.exit == 0);
    machine_is_good(&m);
    vm_cancel(m.vm, m.block, children[2]);
    r = vm_resume(m.vm, m.block, 0, 0);
    cr_assert_eq(r.step, STEP_ID_stop);
    stopped_with(&m, "one after the delaytwo after the delay");
    machine_free(&m);
}

Test(vm_fork, of_a_race_the_winner_is_known_and_the_others_are_gone, .timeout = 10)
{
    struct machine m = machine_new(forked(STEP_ID_race));
    uint8_t children[3];
    begin_three(&m, children);
    struct vm_result r = vm_resume(m.vm, m.block, children[1], 0);
    cr_assert(r.status == VM_ENDED && r.exit == 1);
    r = vm_exit(m.vm, m.block, 0, r.exit);
    cr_assert_eq(r.step, STEP_ID_stop);
    cr_assert_eq(machine_block(&m)->fiber_count, 1);
    stopped_with(&m, "two after the delay");
    machine_is_good(&m);
    machine_free(&m);
}

Test(vm_fork, a_child_leaves_by_an_exit_of_its_parent, .timeout = 10)
{
    for (int i = 0; i < 2; i++) {
        struct machine m = machine_new(forked(i ? STEP_ID_race : STEP_ID_parallel));
        uint8_t children[3];
        begin_three(&m, children);
        struct vm_result r = vm_resume(m.vm, m.block, children[2], 0);
        cr_assert(r.status == VM_LEFT && r.fiber == children[2]);
        vm_exit(m.vm, m.block, 0, r.exit);
        stopped_with(&m, "left");
        cr_assert_eq(machine_block(&m)->fiber_count, 1);
        machine_free(&m);
    }
}

Test(vm_fork, a_failure_without_else_is_told_and_the_parents_else_catches_it, .timeout = 10)
{
    struct machine m = machine_new(forked(STEP_ID_parallel));
    uint8_t children[3];
    begin_three(&m, children);
    struct vm_result r = vm_fail(m.vm, m.block, children[0], VM_CODE_TIMEOUT);
    cr_assert(r.status == VM_FAULT && r.fiber == children[0] && r.code == VM_CODE_TIMEOUT);
    r = vm_fail(m.vm, m.block, 0, VM_CODE_TIMEOUT);
    stopped_with(&m, "failed");
    machine_free(&m);
}

static void not_loaded(struct image_writer *w, const char *why)
{
    size_t length;
    struct error error = {0};
    void *bytes = image_writer_finish(w, &length, &error);
    cr_assert(bytes, "%s", error.text);
    image_writer_free(w);
    struct image *image = image_load(bytes, length, &error);
    cr_assert(!image && strstr(error.text, why), "%s", error.text);
    free(bytes);
}

/* A damaged image is refused, not run. */
static void refused(uint16_t function_of_second, uint8_t result, const char *why)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t one = child(w, "one", "one", -1);
    child(w, "two", "two", -1);
    uint16_t body = writer_function_begin(w, "tiny", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t gap = writer_register(w, TYPE_DURATION);
    uint16_t taken[] = {gap};
    writer_wait_begin(w, NULL);
    writer_wait_child(w, one, taken, 1, NO_REGISTER);
    writer_wait_child(w, function_of_second, taken, 1, result);
    writer_step(w, STEP_ID_parallel, NO_REGISTER);
    tiny_stop(w, sample_text(w, "done"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    not_loaded(w, why);
}

Test(vm_fork, children_that_are_not_what_they_say_are_refused, .timeout = 10)
{
    refused(0, NO_REGISTER, "two children are one");
    refused(1, 0, "a child's result is of the wrong type");
}

/* Waits for a signal, with another function beside it. */
static void wait_beside(struct image_writer *w, uint16_t busy)
{
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_wait_for_signal, sample_text(w, "payment"));
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, SECOND));
    if (busy != IMAGE_NONE) writer_wait_busy(w, busy, NULL, 0);
    writer_step(w, STEP_ID_wait_for, NO_REGISTER);
}

/* A step that begins beside the strategy's wait stops the call, or has a subroutine wait for it. */
static struct image_writer *not_cut_off(bool calls)
{
    uint16_t strategy, subroutine = IMAGE_NONE;
    struct image_writer *w = tiny_begin(&strategy);
    if (calls) {
        subroutine = writer_function_begin(w, "waits", FUNCTION_SUBROUTINE, IMAGE_NONE, 0, TYPE_VOID);
        wait_beside(w, IMAGE_NONE);
        writer_abc(w, OP_RETURN_VOID, 0, 0, 0);
        writer_function_end(w);
    }
    uint16_t busy = writer_function_begin(w, "busy", FUNCTION_BUSY, strategy, 0, TYPE_VOID);
    if (calls) {
        writer_wait_begin(w, NULL);
        writer_call_wait(w, subroutine, NO_REGISTER);
        writer_abc(w, OP_END, 0, 0, 0);
    } else {
        tiny_stop(w, sample_text(w, "busy"));
    }
    writer_function_end(w);
    uint16_t body = writer_function_begin(w, "tiny", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    wait_beside(w, busy);
    tiny_stop(w, sample_text(w, "done"));
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    return w;
}

Test(vm_fork, what_cannot_be_cut_off_stands_in_no_child_and_no_busy_block, .timeout = 10)
{
    not_loaded(not_cut_off(false), "stop: it cannot be cut off");
    not_loaded(not_cut_off(true), "calls what waits");
}

/* Each busy block beside the wait of the one before: no compiler makes that. */
Test(vm_fork, there_are_only_so_many_fibers, .timeout = 10)
{
    uint16_t strategy, busy = IMAGE_NONE;
    struct image_writer *w = tiny_begin(&strategy);
    for (unsigned n = 0; n < BLOCK_FIBERS_MAX; n++) {
        uint16_t inner = busy;
        char name[16];
        snprintf(name, sizeof name, "busy.%u", n);
        busy = writer_function_begin(w, name, FUNCTION_BUSY, strategy, 0, TYPE_VOID);
        wait_beside(w, inner);
        writer_abc(w, OP_END, 0, 0, 0);
        writer_function_end(w);
    }
    uint16_t body = writer_function_begin(w, "tiny", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    wait_beside(w, busy);
    tiny_stop(w, sample_text(w, "done"));
    writer_function_end(w);
    struct machine m = machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
    struct vm_result r = vm_start(m.vm, m.block);
    for (unsigned n = 1; n < BLOCK_FIBERS_MAX; n++) {
        r = vm_spawn(m.vm, m.block, r.fiber);
        cr_assert_eq(r.status, VM_WAIT);
    }
    machine_is_good(&m);
    uint8_t last = r.fiber;
    r = vm_spawn(m.vm, m.block, last);
    cr_assert(r.status == VM_FAULT && r.fault == FAULT_MEMORY && r.parent == last);
    machine_is_good(&m);
    cr_assert_eq(vm_fail(m.vm, m.block, last, r.code).status, VM_FAULT);
    struct block *block = machine_block(&m);
    struct error error = {0};
    block->fiber_count = BLOCK_FIBERS_MAX + 1;
    cr_assert(!block_check(block, block_size(block), m.image, &error) && strstr(error.text, "too many fibers"), "%s",
              error.text);
    block->fiber_count = BLOCK_FIBERS_MAX - 1;
    machine_free(&m);
}
