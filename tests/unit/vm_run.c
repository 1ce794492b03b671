/* tests/unit/vm_run.c - Strategies run: steps, results, failures, children, handlers, fuel, computing. */
#include "vm/image_data.h"
#include "vm/steps.h"
#include "tests/unit/vm_sample.h"

static uint64_t text_word(const struct machine *m, const char *text)
{
    uint64_t word;
    cr_assert(block_make_text(m->slab, m->block, text, (uint32_t)strlen(text), &word));
    return word;
}

static uint64_t customer(const struct machine *m, const struct sample *s, const char *tier)
{
    uint64_t fields[3] = {text_word(m, "Dupont-Martinez"), text_word(m, tier), VALUE_NONE}, word;
    cr_assert(block_make_record(m->slab, m->block, s->customer, fields, 3, &word));
    return word;
}

Test(vm_run, the_enterprise_strategy_reaches_its_agent, .timeout = 10)
{
    struct sample s;
    struct machine m = machine_new(sample_image(&s));
    uint64_t word;
    uint16_t type;
    struct vm_result r = vm_start(m.vm, m.block);
    cr_assert_eq(r.status, VM_WAIT);
    cr_assert_eq(r.step, STEP_ID_ivr_digits);
    cr_assert(vm_arg(m.slab, machine_block(&m), 0, PARAMETER_ivr_digits_min, &word, &type));
    cr_assert_eq(word, 4);
    cr_assert_not(vm_arg(m.slab, machine_block(&m), 0, PARAMETER_ivr_digits_end, &word, &type));
    cr_assert_eq(vm_timeout(m.slab, machine_block(&m), 0), 90 * SECOND);
    cr_assert_eq(vm_result_type(m.slab, machine_block(&m), 0), TYPE_STR);
    r = vm_resume(m.vm, m.block, 0, text_word(&m, "47110815"));
    cr_assert_eq(vm_changed(m.vm), 1);
    cr_assert_eq(r.step, STEP_ID_ivr_menu);
    r = vm_resume(m.vm, m.block, 0, s.french);
    cr_assert_eq(r.step, STEP_ID_query_first);
    cr_assert(vm_arg(m.slab, machine_block(&m), 0, 0, &word, &type));
    char buffer[32] = {0};
    vm_show(m.vm, machine_block(&m), m.image, type, word, buffer, sizeof buffer);
    cr_assert_str_eq(buffer, "47110815");
    r = vm_resume(m.vm, m.block, 0, customer(&m, &s, "gold"));
    cr_assert_eq(r.step, STEP_ID_select);
    cr_assert_eq(machine_block(&m)->priority, 50);
    r = vm_resume(m.vm, m.block, 0, 77);
    cr_assert_eq(r.step, STEP_ID_route);
    cr_assert(vm_arg(m.slab, machine_block(&m), 0, PARAMETER_route_target, &word, &type));
    cr_assert(word == 77 && type == TYPE_TARGET);
    r = vm_resume(m.vm, m.block, 0, 0);
    cr_assert_eq(r.status, VM_ENDED);
    cr_assert_eq(machine_block(&m)->fiber_count, 0);
    machine_free(&m);
}

struct watched {
    uint64_t instructions;
    uint32_t passed, failed;
    uint16_t prevents; /* a step fails, of steps.def */
};

static void see_instruction(void *self, const struct image *image, uint32_t function, uint32_t pc)
{
    struct watched *seen = self;
    cr_assert_lt(pc, image_function(image, function)->code_words);
    seen->instructions++;
}

static int32_t see_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber)
{
    (void)interaction, (void)fiber;
    const struct watched *seen = self;
    return image_wait(image, wait)->step == seen->prevents ? VM_CODE_TIMEOUT : VM_GO_ON;
}

static void see_end(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber,
                    int32_t code)
{
    struct watched *seen = self;
    (void)interaction, (void)fiber;
    cr_assert_lt(wait, image_count(image, SECTION_WAITS));
    seen->passed += code == VM_GO_ON;
    seen->failed += code == VM_CODE_TIMEOUT;
}

Test(vm_run, who_watches_sees_every_instruction_and_may_have_a_step_fail, .timeout = 10)
{
    struct sample s;
    struct machine m = machine_new(sample_image(&s));
    struct watched seen = {.prevents = STEP_ID_query_first};
    const struct vm_watch watch = {.self = &seen, .instruction = see_instruction, .wait = see_wait, .ended = see_end};
    vm_watched_by(m.vm, &watch);
    struct vm_result r = vm_start(m.vm, m.block);
    cr_assert_eq(r.step, STEP_ID_ivr_digits);
    r = vm_resume(m.vm, m.block, 0, text_word(&m, "4711"));
    cr_assert_eq(r.step, STEP_ID_ivr_menu);
    r = vm_resume(m.vm, m.block, 0, s.french);
    cr_assert_eq(r.step, STEP_ID_select, "the query failed before it was asked, and its else went on");
    cr_assert_eq(seen.passed, 2);
    cr_assert_eq(seen.failed, 1);
    uint64_t before = seen.instructions;
    cr_assert_gt(before, 5);
    vm_watched_by(m.vm, NULL);
    r = vm_resume(m.vm, m.block, 0, 77);
    cr_assert_eq(r.step, STEP_ID_route);
    cr_assert_eq(seen.instructions, before, "nobody watches any more");
    machine_free(&m);
}

/* As far as the selection. */
static struct vm_result to_select(struct machine *m, const struct sample *s)
{
    vm_start(m->vm, m->block);
    vm_resume(m->vm, m->block, 0, text_word(m, "4711"));
    vm_resume(m->vm, m->block, 0, s->french);
    return vm_resume(m->vm, m->block, 0, customer(m, s, "silver"));
}

static int64_t levels(void *self, uint64_t skill)
{
    return ((const int64_t *)self)[skill];
}

Test(vm_run, lines_of_a_selection_are_read_from_the_block, .timeout = 10)
{
    struct sample s;
    struct machine m = machine_new(sample_image(&s));
    struct vm_line line;
    cr_assert_eq(to_select(&m, &s).step, STEP_ID_select);
    cr_assert_eq(machine_block(&m)->priority, 0);
    cr_assert_eq(vm_line_count(m.slab, machine_block(&m), 0), 3);
    cr_assert(vm_line(m.slab, machine_block(&m), 0, 0, &line));
    cr_assert(line.kind == LINE_LEAF && line.after_us == 0 && line.capture_count == 1 && line.captures[0] == s.french);
    int64_t marie[3] = {0, 9, 2}, paul[3] = {7, 0, 0};
    struct vm_candidate good = {.self = marie, .level = levels}, bad = {.self = paul, .level = levels};
    cr_assert(vm_leaf(m.vm, m.image, line.function, line.captures, line.capture_count, &good));
    cr_assert_not(vm_leaf(m.vm, m.image, line.function, line.captures, line.capture_count, &bad));
    marie[2] = 0;
    cr_assert_not(vm_leaf(m.vm, m.image, line.function, line.captures, line.capture_count, &good));
    cr_assert(vm_line(m.slab, machine_block(&m), 0, 1, &line));
    cr_assert_eq(line.after_us, 20 * SECOND);
    cr_assert(vm_leaf(m.vm, m.image, line.function, line.captures, line.capture_count, &good));
    cr_assert(vm_line(m.slab, machine_block(&m), 0, 2, &line));
    cr_assert(line.kind == LINE_TARGET && line.type == TYPE_GROUP && line.target == s.overflow);
    machine_free(&m);
}

Test(vm_run, a_busy_block_runs_beside_the_wait, .timeout = 10)
{
    struct sample s;
    struct machine m = machine_new(sample_image(&s));
    uint32_t ticket = to_select(&m, &s).ticket, now;
    for (int round = 0; round < 3; round++) {
        struct vm_result r = vm_spawn(m.vm, m.block, 0);
        uint8_t child = r.fiber;
        uint64_t word;
        uint16_t type;
        char said[64] = {0};
        cr_assert(r.status == VM_WAIT && r.step == STEP_ID_ivr_music && child != 0);
        r = vm_resume(m.vm, m.block, child, 0);
        cr_assert_eq(r.step, STEP_ID_ivr_say);
        cr_assert(vm_arg(m.slab, machine_block(&m), child, 0, &word, &type));
        vm_show(m.vm, machine_block(&m), m.image, type, word, said, sizeof said);
        cr_assert_str_eq(said, "You are number 3. Please stay with us.");
        cr_assert(vm_parked(m.slab, machine_block(&m), 0, &now) && now == ticket);
        r = vm_resume(m.vm, m.block, child, 0);
        cr_assert(r.status == VM_ENDED && r.fiber == child);
    }
    vm_spawn(m.vm, m.block, 0);
    cr_assert_eq(machine_block(&m)->fiber_count, 2);
    struct vm_result r = vm_fail(m.vm, m.block, 0, VM_CODE_TIMEOUT);
    cr_assert_eq(r.step, STEP_ID_route, "the else of the selection is the desk");
    cr_assert_eq(machine_block(&m)->fiber_count, 1, "the child went with its parent's wait");
    r = vm_fail(m.vm, m.block, 0, 23);
    cr_assert(r.status == VM_FAULT && r.code == 23 && r.step == STEP_ID_route);
    cr_assert_eq(vm_handler(m.vm, m.block, HANDLER_ERROR, r.error).status, VM_NONE);
    machine_free(&m);
}

Test(vm_run, abandoning_runs_the_handler, .timeout = 10)
{
    struct sample s;
    struct machine m = machine_new(sample_image(&s));
    to_select(&m, &s);
    vm_spawn(m.vm, m.block, 0);
    cr_assert_eq(vm_handler(m.vm, m.block, HANDLER_ABANDONED, 0).status, VM_ENDED);
    cr_assert_eq(machine_block(&m)->fiber_count, 0);
    machine_free(&m);
}

Test(vm_run, a_subroutine_waits_and_its_failure_is_the_callers, .timeout = 10)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t sub = writer_function_begin(w, "ask", FUNCTION_SUBROUTINE, IMAGE_NONE, 1, TYPE_STR);
    uint8_t kept = writer_register(w, TYPE_INT), why = writer_register(w, TYPE_STR);
    uint32_t fails = writer_label(w);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, 0, sample_k(w, TYPE_DURATION, SECOND));
    writer_live(w, kept);
    writer_step(w, STEP_ID_delay, NO_REGISTER);
    writer_jump_x(w, OP_JGT_I, kept, 5, fails);
    writer_abc(w, OP_TEXT, why, kept, 0);
    writer_abc(w, OP_RETURN, why, 0, 0);
    writer_place(w, fails);
    writer_abx(w, OP_LOAD, why, writer_constant_text(w, "too many of them", 16));
    writer_abc(w, OP_FAIL, why, 0, 0);
    writer_function_end(w);

    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t number = writer_register(w, TYPE_INT), text = writer_register(w, TYPE_STR),
            error = writer_register(w, TYPE_ERROR);
    uint32_t again = writer_label(w), caught = writer_label(w);
    writer_abx(w, OP_LOAD_INT, number, 4);
    writer_place(w, again);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, 0, number);
    writer_wait_failure(w, caught, error);
    writer_call_wait(w, sub, text);
    writer_abc(w, OP_ADD_I, number, number, 1);
    writer_jump(w, OP_LOOP, 0, 0, again);
    writer_place(w, caught);
    writer_abc(w, OP_FIELD, text, error, ERROR_FIELD_CODE);
    tiny_stop(w, text);
    writer_function_end(w);

    struct machine m = machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
    struct vm_result r = vm_start(m.vm, m.block);
    for (int i = 0; i < 2; i++) {
        cr_assert(r.status == VM_WAIT && r.step == STEP_ID_delay);
        block_compact(m.slab, m.block);
        r = vm_resume(m.vm, m.block, 0, 0);
    }
    cr_assert_eq(r.step, STEP_ID_delay);
    r = vm_resume(m.vm, m.block, 0, 0);
    cr_assert_str_eq(machine_stop(&m, r), "too many of them");
    machine_free(&m);
}

/* A loop of so many rounds over a function, then stop with the sum. */
static struct image *looping(int64_t rounds)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t twice = writer_function_begin(w, "twice", FUNCTION_PLAIN, IMAGE_NONE, 1, TYPE_INT);
    uint8_t x = writer_register(w, TYPE_INT);
    writer_abc(w, OP_ADD, x, x, x);
    writer_abc(w, OP_RETURN, x, 0, 0);
    writer_function_end(w);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t i = writer_register(w, TYPE_INT), end = writer_register(w, TYPE_INT), sum = writer_register(w, TYPE_INT),
            got = writer_register(w, TYPE_INT), text = writer_register(w, TYPE_STR);
    uint32_t top = writer_label(w), done = writer_label(w);
    writer_abx(w, OP_LOAD, end, writer_constant(w, TYPE_INT, (uint64_t)rounds));
    writer_place(w, top);
    writer_jump(w, OP_JLE, end, i, done);
    writer_call(w, twice, got, i);
    writer_abc(w, OP_ADD, sum, sum, got);
    writer_abc(w, OP_ADD_I, i, i, 1);
    writer_jump(w, OP_LOOP, 0, 0, top);
    writer_place(w, done);
    writer_abc(w, OP_TEXT, text, sum, 0);
    tiny_stop(w, text);
    writer_function_end(w);
    return tiny_end(w, strategy, body, IMAGE_NONE);
}

Test(vm_run, fuel_ends_a_slice_and_nothing_is_lost, .timeout = 20)
{
    struct machine m = machine_new(looping(100000));
    struct vm_result r = vm_start(m.vm, m.block);
    int slices = 1;
    for (; r.status == VM_YIELD; slices++) {
        block_compact(m.slab, m.block);
        r = vm_continue(m.vm, m.block, 0);
    }
    cr_assert_eq(slices, 10, "200,000 units of 20,000 a slice: %d", slices);
    cr_assert_str_eq(machine_stop(&m, r), "9999900000");
    machine_free(&m);
}

Test(vm_run, a_life_has_an_end, .timeout = 60)
{
    struct machine m = machine_new(looping(INT64_C(1) << 40));
    struct vm_result r = vm_start(m.vm, m.block);
#ifdef VM_CHECKED
    /* With shadow registers a whole life takes half a minute: all but its last hundredth has been spent before. */
    cr_assert_geq(machine_block(&m)->spent, VM_SLICE_FUEL / 64);
    machine_block(&m)->spent = 990 * 1000;
#endif
    while (r.status == VM_YIELD) r = vm_continue(m.vm, m.block, 0);
    cr_assert(r.status == VM_FAULT && r.code == VM_CODE_FAULT && r.fault == FAULT_FUEL);
    machine_free(&m);
}

/* The shapes that loading does together, and two functions that go on in copies: for (i = 0; i < 9000; i += 1) { x =
 * step(x, i); sum += grade(Row(x, i, text)); }. */
struct shapes {
    int64_t start, mod;
    int by, by_small;
    const char *text;
};

static uint16_t step_function(struct image_writer *w, const struct shapes *s)
{
    uint16_t number = writer_function_begin(w, "step", FUNCTION_PLAIN, IMAGE_NONE, 2, TYPE_INT);
    uint8_t a = writer_register(w, TYPE_INT), b = writer_register(w, TYPE_INT), k = writer_register(w, TYPE_INT);
    writer_abx(w, OP_LOAD_INT, k, (uint16_t)s->by);
    writer_abc(w, OP_MUL, a, a, k);
    writer_abc(w, OP_ADD, a, a, b);
    writer_abx(w, OP_LOAD, b, writer_constant(w, TYPE_INT, (uint64_t)s->mod));
    writer_abc(w, OP_MOD, a, a, b);
    writer_abc(w, OP_RETURN, a, 0, 0);
    writer_function_end(w);
    return number;
}

static uint16_t grade_function(struct image_writer *w, const struct shapes *s, uint16_t row)
{
    uint16_t number = writer_function_begin(w, "grade", FUNCTION_PLAIN, IMAGE_NONE, 1, TYPE_INT);
    uint8_t c = writer_register(w, row), sum = writer_register(w, TYPE_INT), f = writer_register(w, TYPE_INT),
            k = writer_register(w, TYPE_INT), t = writer_register(w, TYPE_STR);
    uint32_t other = writer_label(w), small = writer_label(w);
    for (int i = 0; i < 4; i++) {
        writer_abc(w, OP_FIELD, f, c, (uint8_t)(i % 2));
        writer_abx(w, OP_LOAD_INT, k, (uint16_t)(i + s->by_small));
        writer_abc(w, OP_MUL, f, i < 2 ? f : k, i < 2 ? k : f);
        writer_abc(w, i == 3 ? OP_SUB : OP_ADD, sum, i == 1 ? f : sum, i == 1 ? sum : f);
    }
    writer_abc(w, OP_FIELD, t, c, 2);
    writer_jump_x(w, OP_JNE_K, t, writer_constant_text(w, "gold", 4), other);
    writer_abc(w, OP_ADD_I, sum, sum, 7);
    writer_place(w, other);
    writer_abx(w, OP_LOAD_INT, k, 8);
    writer_abc(w, OP_MOD, f, sum, k);
    writer_jump_x(w, OP_JLE_I, f, 3, small);
    writer_abc(w, OP_RETURN, sum, 0, 0);
    writer_place(w, small);
    writer_abx(w, OP_LOAD_INT, k, -5 & 0xffff);
    writer_abc(w, OP_RETURN, k, 0, 0);
    writer_function_end(w);
    return number;
}

static struct image *shaped(const struct shapes *s)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    const struct writer_field fields[] = {
        {"a", 1, TYPE_INT, false}, {"b", 1, TYPE_INT, false}, {"c", 1, TYPE_STR, false}};
    uint16_t row = writer_record(w, "Row", fields, 3), step = step_function(w, s), grade = grade_function(w, s, row);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t x = writer_register(w, TYPE_INT), i = writer_register(w, TYPE_INT), sum = writer_register(w, TYPE_INT),
            a = writer_register(w, TYPE_INT), b = writer_register(w, TYPE_INT), c = writer_register(w, TYPE_STR),
            made = writer_register(w, row), got = writer_register(w, TYPE_INT), text = writer_register(w, TYPE_STR);
    uint32_t top = writer_label(w), done = writer_label(w);
    writer_abx(w, OP_LOAD, x, writer_constant(w, TYPE_INT, (uint64_t)s->start));
    writer_abx(w, OP_LOAD, c, writer_constant_text(w, s->text, (uint32_t)strlen(s->text)));
    writer_place(w, top);
    writer_jump_x(w, OP_JGE_I, i, 9000, done);
    writer_abc(w, OP_MOVE, a, x, 0);
    writer_abc(w, OP_MOVE, b, i, 0);
    writer_call(w, step, a, a);
    writer_abc(w, OP_MOVE, x, a, 0);
    writer_abc(w, OP_RECORD, made, a, 3);
    writer_call(w, grade, NO_REGISTER, made);
    writer_call(w, grade, got, made);
    writer_abc(w, OP_ADD, sum, sum, got);
    writer_abc(w, OP_ADD_I, i, i, 1);
    writer_jump(w, OP_LOOP, 0, 0, top);
    writer_place(w, done);
    writer_abc(w, OP_TEXT, text, sum, 0);
    tiny_stop(w, text);
    writer_function_end(w);
    return tiny_end(w, strategy, body, IMAGE_NONE);
}

/* Slice by slice: where each ended, and how. The last line is what it stopped with, or its fault. */
static void trace_slices(const struct shapes *s, bool watches, char *said, size_t room)
{
    struct machine m = machine_new(shaped(s));
    struct watched seen = {0};
    const struct vm_watch watch = {.self = &seen, .instruction = see_instruction, .wait = see_wait, .ended = see_end};
    size_t at = 0;
    if (watches) vm_watched_by(m.vm, &watch);
    struct vm_result r = vm_start(m.vm, m.block);
    for (; r.status == VM_YIELD; r = vm_continue(m.vm, m.block, 0)) {
        at += (size_t)snprintf(said + at, room - at, "%u:%u %u\n", r.function, r.pc, machine_block(&m)->spent);
        cr_assert_lt(at, room);
    }
    if (r.status == VM_WAIT)
        snprintf(said + at, room - at, "%s %u", machine_stop(&m, r), machine_block(&m)->spent);
    else
        snprintf(said + at, room - at, "fault %u at %u:%u %u", r.fault, r.function, r.pc, machine_block(&m)->spent);
    machine_free(&m);
}

Test(vm_run, what_loading_does_together_is_what_stands_there, .timeout = 60)
{
    static const struct shapes all[] = {
        {1, 1000003, 3, 1, "gold"},
        {7, 97, -3, 2, "silver"},
        {-12345, 8, 32767, 0, "gold"},
        {INT64_MAX, 1000003, 2, 1, "gold"},                       /* a MUL leaves the range */
        {INT64_MAX / 3, INT64_MAX, 3, 3, "gold"},                 /* an ADD, once i is large enough */
        {INT64_MAX - 1, INT64_MAX, 1, 2, "a text of some words"}, /* a MUL of a field */
        {5, -7, 3, 1, "gold"},                                    /* remainders of other signs */
        {5, 0, 3, 1, "gold"},                                     /* a division by zero, within a copy */
        {INT64_C(5000000000), INT64_C(4000000001), 1, 1, "none"},
        {-(INT64_MAX / 4), INT64_MAX, 1, 4, "gold"},
    };
    bool faults = false;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char quick[1024], plain[1024];
        trace_slices(&all[i], false, quick, sizeof quick);
        trace_slices(&all[i], true, plain, sizeof plain);
        cr_assert_str_eq(quick, plain, "%zu", i);
        faults |= strstr(quick, "fault") != NULL;
        if (i == 0) cr_assert(strchr(quick, '\n'), "no slice has ended within it");
    }
    cr_assert(faults);
}

/* One instruction over two ints, its result as text. */
static struct vm_result computed(struct machine *m, enum opcode op, int64_t a, int64_t b)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t x = writer_register(w, TYPE_INT), y = writer_register(w, TYPE_INT), text = writer_register(w, TYPE_STR);
    writer_abx(w, OP_LOAD, x, writer_constant(w, TYPE_INT, (uint64_t)a));
    writer_abx(w, OP_LOAD, y, writer_constant(w, TYPE_INT, (uint64_t)b));
    writer_abc(w, op, x, x, y);
    writer_abc(w, OP_TEXT, text, x, 0);
    tiny_stop(w, text);
    writer_function_end(w);
    *m = machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
    return vm_start(m->vm, m->block);
}

Test(vm_run, arithmetic_is_exact_or_a_fault, .timeout = 10)
{
    static const struct {
        enum opcode op;
        int64_t a, b;
        const char *text;
        enum vm_fault fault;
    } cases[] = {
        {OP_ADD, 2, 3, "5", 0},
        {OP_ADD, INT64_MAX, 1, NULL, FAULT_OVERFLOW},
        {OP_SUB, -INT64_MAX, 1, NULL, FAULT_OVERFLOW},
        {OP_MUL, INT64_MAX, 2, NULL, FAULT_OVERFLOW},
        {OP_DIV, 7, -2, "-3", 0},
        {OP_DIV, 1, 0, NULL, FAULT_DIVISION},
        {OP_MOD, -7, 3, "-1", 0},
        {OP_MOD, 7, 0, NULL, FAULT_DIVISION},
        {OP_DIV, -INT64_MAX, -1, "9223372036854775807", 0},
        {OP_MIN, 4, -4, "-4", 0},
        {OP_MAX, 4, -4, "4", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct machine m;
        struct vm_result r = computed(&m, cases[i].op, cases[i].a, cases[i].b);
        if (cases[i].text)
            cr_assert_str_eq(machine_stop(&m, r), cases[i].text);
        else
            cr_assert(r.status == VM_FAULT && r.fault == cases[i].fault, "case %zu", i);
        machine_free(&m);
    }
}

Test(vm_run, a_fault_enters_on_error_once_with_the_error, .timeout = 10)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t handler = writer_function_begin(w, "on error", FUNCTION_HANDLER, strategy, 1, TYPE_VOID);
    uint8_t e = writer_register(w, TYPE_ERROR), text = writer_register(w, TYPE_STR);
    writer_abc(w, OP_FIELD, text, e, ERROR_FIELD_CODE);
    tiny_stop(w, text);
    writer_function_end(w);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t x = writer_register(w, TYPE_INT);
    writer_abc(w, OP_DIV, x, x, x);
    tiny_stop(w, sample_text(w, "not here"));
    writer_function_end(w);
    struct machine m = machine_new(tiny_end(w, strategy, body, handler));
    struct vm_result r = vm_start(m.vm, m.block);
    cr_assert(r.status == VM_FAULT && r.code == VM_CODE_FAULT && r.fault == FAULT_DIVISION);
    r = vm_handler(m.vm, m.block, HANDLER_ERROR, r.error);
    cr_assert_str_eq(machine_stop(&m, r), "division by zero");
    cr_assert_eq(vm_handler(m.vm, m.block, HANDLER_ERROR, 0).status, VM_NONE);
    machine_free(&m);
}

/* The arm that a text or number takes: stop with its name. */
static const char *segmented(enum table_kind kind, const char *text, int64_t number, int patterns)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t x = writer_register(w, kind == TABLE_TEXT ? TYPE_STR : TYPE_INT);
    uint32_t arms[4];
    for (int i = 0; i < 4; i++) arms[i] = writer_label(w);
    if (kind == TABLE_TEXT)
        writer_abx(w, OP_LOAD, x, writer_constant_text(w, text, (uint32_t)strlen(text)));
    else
        writer_abx(w, OP_LOAD, x, writer_constant(w, TYPE_INT, (uint64_t)number));
    writer_segment_begin(w, x, kind);
    for (int i = 0; i < patterns; i++) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "9%05d", i * 7);
        writer_segment_text(w, prefix, (uint32_t)strlen(prefix), true, arms[2]);
    }
    if (kind == TABLE_TEXT) {
        writer_segment_text(w, "1800", 4, false, arms[0]);
        writer_segment_text(w, "+32", 3, true, arms[1]);
        writer_segment_text(w, "+3", 2, true, arms[2]);
        writer_segment_text(w, "+3245", 5, true, arms[0]); /* never: +32 stands before it */
    } else {
        writer_segment_range(w, 10, 19, arms[0]);
        writer_segment_range(w, 0, 99, arms[1]);
        writer_segment_range(w, -5, -1, arms[2]);
    }
    writer_segment_end(w, arms[3]);
    static const char *const names[] = {"first", "second", "third", "else"};
    for (int i = 0; i < 4; i++) {
        writer_place(w, arms[i]);
        tiny_stop(w, sample_text(w, names[i]));
    }
    writer_function_end(w);
    struct machine m = machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
    const char *taken = machine_stop(&m, vm_start(m.vm, m.block));
    machine_free(&m);
    return taken;
}

Test(vm_run, the_first_arm_that_fits_is_taken, .timeout = 10)
{
    cr_assert_str_eq(segmented(TABLE_TEXT, "1800", 0, 0), "first");
    cr_assert_str_eq(segmented(TABLE_TEXT, "18001", 0, 0), "else");
    cr_assert_str_eq(segmented(TABLE_TEXT, "180", 0, 0), "else");
    cr_assert_str_eq(segmented(TABLE_TEXT, "+32475111", 0, 0), "second");
    cr_assert_str_eq(segmented(TABLE_TEXT, "+3245111", 0, 0), "second");
    cr_assert_str_eq(segmented(TABLE_TEXT, "+33145550101", 0, 0), "third");
    cr_assert_str_eq(segmented(TABLE_TEXT, "", 0, 0), "else");
    cr_assert_str_eq(segmented(TABLE_TEXT, "900070123456", 0, 10000), "third");
    cr_assert_str_eq(segmented(TABLE_TEXT, "900071", 0, 10000), "else");
    cr_assert_str_eq(segmented(TABLE_RANGES, "", 15, 0), "first");
    cr_assert_str_eq(segmented(TABLE_RANGES, "", 9, 0), "second");
    cr_assert_str_eq(segmented(TABLE_RANGES, "", 20, 0), "second");
    cr_assert_str_eq(segmented(TABLE_RANGES, "", 99, 0), "second");
    cr_assert_str_eq(segmented(TABLE_RANGES, "", 100, 0), "else");
    cr_assert_str_eq(segmented(TABLE_RANGES, "", -3, 0), "third");
    cr_assert_str_eq(segmented(TABLE_RANGES, "", -6, 0), "else");
}

struct pattern {
    char text[8];
    bool prefix;
};

/* Stops with the number of the pattern that `text` takes, `*` where it takes none. `walks`: by the trie itself. */
static const char *matched(const struct pattern *patterns, uint32_t count, const char *text, bool walks)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t x = writer_register(w, TYPE_STR);
    uint32_t arms[16];
    for (uint32_t i = 0; i <= count; i++) arms[i] = writer_label(w);
    writer_abx(w, OP_LOAD, x, writer_constant_text(w, text, (uint32_t)strlen(text)));
    writer_segment_begin(w, x, TABLE_TEXT);
    for (uint32_t i = 0; i < count; i++)
        writer_segment_text(w, patterns[i].text, (uint32_t)strlen(patterns[i].text), patterns[i].prefix, arms[i]);
    writer_segment_end(w, arms[count]);
    for (uint32_t i = 0; i <= count; i++) {
        char name[] = {(char)('a' + i), 0};
        writer_place(w, arms[i]);
        tiny_stop(w, sample_text(w, i == count ? "*" : name));
    }
    writer_function_end(w);
    struct machine m = machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
    cr_assert(m.image->dense[0]);
    if (walks) {
        free(m.image->dense[0]);
        m.image->dense[0] = NULL;
    }
    const char *taken = machine_stop(&m, vm_start(m.vm, m.block));
    machine_free(&m);
    return taken;
}

/* Over two letters patterns lie on one another's way. */
Test(vm_run, an_automaton_takes_what_its_trie_takes, .timeout = 20)
{
    uint32_t seed = 1;
    for (int round = 0; round < 400; round++) {
        struct pattern patterns[10];
        char text[12] = {0};
        uint32_t count = 1 + (seed = seed * 1103515245 + 12345) / 65536 % 10, taken = count;
        for (uint32_t i = 0; i <= count; i++) {
            char *letters = i < count ? patterns[i].text : text;
            uint32_t length = (seed = seed * 1103515245 + 12345) / 65536 % (i < count ? 7 : 11);
            for (uint32_t n = 0; n < length; n++)
                letters[n] = (char)('a' + (seed = seed * 1103515245 + 12345) / 65536 % 2);
            letters[length] = 0;
            if (i < count) patterns[i].prefix = (seed = seed * 1103515245 + 12345) / 65536 % 2;
        }
        for (uint32_t i = count; i-- > 0;) {
            size_t length = strlen(patterns[i].text);
            if (patterns[i].prefix ? !strncmp(patterns[i].text, text, length) : !strcmp(patterns[i].text, text))
                taken = i;
        }
        char expected[] = {(char)(taken == count ? '*' : 'a' + taken), 0};
        cr_assert_str_eq(matched(patterns, count, text, false), expected, "round %d, %s", round, text);
        cr_assert_str_eq(matched(patterns, count, text, true), expected, "round %d, %s", round, text);
    }
}

/* xs += x, n times, in a map too; the text of both. */
Test(vm_run, lists_and_maps_are_values_that_grow_and_are_walked, .timeout = 10)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t ints = writer_list(w, TYPE_INT), texts = writer_map(w, TYPE_INT);
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t list = writer_register(w, ints), map = writer_register(w, texts), i = writer_register(w, TYPE_INT),
            element = writer_register(w, TYPE_INT), key = writer_register(w, TYPE_STR),
            at = writer_register(w, TYPE_INT), sum = writer_register(w, TYPE_INT), value = writer_register(w, TYPE_INT);
    uint8_t parts[3];
    for (int n = 0; n < 3; n++) parts[n] = writer_register(w, TYPE_STR);
    uint8_t all = writer_register(w, TYPE_STR);
    uint32_t top = writer_label(w), walk = writer_label(w), pairs = writer_label(w), done = writer_label(w);
    writer_place(w, top);
    writer_abc(w, OP_LIST_ADD, list, list, i);
    writer_abc(w, OP_TEXT, key, i, 0);
    writer_abcd(w, OP_MAP_SET, map, map, key, i);
    writer_abc(w, OP_ADD_I, i, i, 1);
    uint32_t over = writer_label(w);
    writer_jump_x(w, OP_JGE_I, i, 12, over);
    writer_jump(w, OP_LOOP, 0, 0, top);
    writer_place(w, over);
    writer_place(w, walk);
    writer_jump_abcd(w, OP_NEXT, element, list, at, 0, pairs);
    writer_abc(w, OP_ADD, sum, sum, element);
    writer_jump(w, OP_LOOP, 0, 0, walk);
    writer_place(w, pairs);
    writer_abx(w, OP_LOAD_INT, at, 0);
    uint32_t next = writer_label(w);
    writer_place(w, next);
    writer_jump_abcd(w, OP_NEXT_PAIR, key, map, at, value, done);
    writer_abc(w, OP_ADD, sum, sum, value);
    writer_jump(w, OP_LOOP, 0, 0, next);
    writer_place(w, done);
    writer_abc(w, OP_TEXT, parts[0], list, 0);
    writer_abc(w, OP_TEXT, parts[1], map, 0);
    writer_abc(w, OP_TEXT, parts[2], sum, 0);
    writer_abc(w, OP_CONCAT, all, parts[0], 3);
    tiny_stop(w, all);
    writer_function_end(w);
    struct machine m = machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
    cr_assert_str_eq(machine_stop(&m, vm_start(m.vm, m.block)),
                     "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]"
                     "[0: 0, 1: 1, 10: 10, 11: 11, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9]132");
    machine_free(&m);
}

Test(vm_run, values_are_shown_as_the_language_writes_them, .timeout = 10)
{
    struct sample s;
    struct image *image = sample_image(&s);
    static const struct {
        uint16_t type;
        int64_t word;
        const char *text;
    } cases[] = {
        {TYPE_INT, -42, "-42"},
        {TYPE_BOOL, 1, "true"},
        {TYPE_DURATION, 5400 * INT64_C(1000000), "1h30m"},
        {TYPE_DURATION, 20 * SECOND, "20s"},
        {TYPE_DURATION, 250000, "250ms"},
        {TYPE_DURATION, 0, "0s"},
        {TYPE_DURATION, -1500, "-1.5ms"},
        {TYPE_TIME, INT64_C(1772442000000000), "2026-03-02T09:00:00Z"},
        {TYPE_DATE, 0, "1970-01-01"},
        {TYPE_DATE, -1, "1969-12-31"},
        {TYPE_PERCENT, 100000, "10%"},
        {TYPE_PERCENT, 5000, "0.5%"},
        {TYPE_SKILL, 1, "French"},
        {TYPE_INT | TYPE_OPTIONAL, INT64_MIN, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64] = {0};
        vm_show(NULL, NULL, image, cases[i].type, (uint64_t)cases[i].word, text, sizeof text);
        cr_assert_str_eq(text, cases[i].text);
    }
    char text[64] = {0};
    vm_show(NULL, NULL, image, TYPE_FLOAT, value_from_float(-2.5), text, sizeof text);
    cr_assert_str_eq(text, "-2.5");
    image_free(image);
}

/* Over all texts of two letters: 1 to 5 in one of up to 11. */
Test(vm_run, a_part_is_found_wherever_it_stands, .timeout = 30)
{
    for (uint32_t length = 0; length <= 11; length++) {
        for (uint32_t bits = 0; bits < 1u << length; bits++) {
            char whole[16], part[16];
            for (uint32_t at = 0; at < length; at++) whole[at] = bits >> at & 1 ? 'b' : 'a';
            for (uint32_t number = 0; number < 6 * 32; number++) {
                uint32_t shorter = number / 32;
                bool found = false;
                for (uint32_t at = 0; at < shorter; at++) part[at] = number >> at & 1 ? 'b' : 'a';
                for (uint32_t at = 0; at + shorter <= length; at++)
                    found = found || memcmp(whole + at, part, shorter) == 0;
                cr_assert_eq(text_holds((struct text){whole, length}, (struct text){part, shorter}), found,
                             "%.*s in %.*s", (int)shorter, part, (int)length, whole);
            }
        }
    }
}

enum { LETTERS_MAX = 60000, OFTEN = 64 };

static uint16_t letters(struct image_writer *w, char letter, uint32_t count, char last)
{
    static char text[LETTERS_MAX];
    memset(text, letter, count);
    text[count - 1] = last;
    return writer_constant_text(w, text, count);
}

/* The fuel that one such instruction takes of a life for a text of so many bytes: it is counted by 64, and so is the
 * instruction. */
static uint32_t fuel_of(enum opcode op, uint32_t bytes)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    uint16_t list = writer_list(w, TYPE_STR), map = writer_map(w, TYPE_INT);
    uint64_t same[8], pairs[4];
    for (unsigned i = 0; i < 8; i++) {
        static char text[LETTERS_MAX];
        memset(text, 'a', bytes);
        text[bytes - 1] = (char)('b' + i);
        same[i] = writer_text_word(w, text, bytes);
    }
    pairs[0] = same[1], pairs[1] = 1, pairs[2] = same[3], pairs[3] = 3;
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint8_t text = writer_register(w, TYPE_STR), part = writer_register(w, TYPE_STR),
            yes = writer_register(w, TYPE_BOOL), count = writer_register(w, TYPE_INT),
            none = writer_register(w, TYPE_INT | TYPE_OPTIONAL), letter = writer_register(w, TYPE_STR | TYPE_OPTIONAL),
            share = writer_register(w, TYPE_PERCENT), texts = writer_register(w, list),
            numbers = writer_register(w, map);
    writer_abx(w, OP_LOAD, text, letters(w, op == OP_PARSE_INT ? '0' : 'a', bytes, op == OP_PARSE_INT ? '0' : 'a'));
    writer_abx(w, OP_LOAD, part, letters(w, 'a', bytes / 2, 'b'));
    writer_abx(w, OP_LOAD, texts, writer_constant(w, list, writer_object(w, list, same, 8)));
    writer_abx(w, OP_LOAD, numbers, writer_constant(w, map, writer_object(w, map, pairs, 2)));
    writer_abx(w, OP_LOAD, count, writer_constant(w, TYPE_INT, bytes - 1));
    for (unsigned i = 0; i < OFTEN; i++)
        if (op == OP_STR_CONTAINS)
            writer_abc(w, op, yes, text, part);
        else if (op == OP_STR_COUNT)
            writer_abc(w, op, count, text, 0);
        else if (op == OP_PARSE_INT)
            writer_abc(w, op, none, text, 0);
        else if (op == OP_STR_GET)
            writer_abc(w, op, letter, text, count);
        else if (op == OP_POINT)
            writer_abc(w, op, share, text, 0);
        else if (op == OP_LIST_IN)
            writer_abc(w, op, yes, text, texts);
        else
            writer_abc(w, op, none, numbers, text); /* MAP_GET, MAP_PREFIX */
    tiny_stop(w, sample_text(w, "end"));
    writer_function_end(w);
    struct machine m = machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
    cr_assert_str_eq(machine_stop(&m, vm_start(m.vm, m.block)), "end");
    uint32_t spent = machine_block(&m)->spent;
    machine_free(&m);
    return spent;
}

/* 64 bytes that are compared at once are one unit, and so are eight that are looked at. Nothing takes the product of
 * two lengths, and nothing goes through bytes for nothing. */
Test(vm_run, fuel_is_taken_for_the_bytes_that_an_instruction_goes_through, .timeout = 60)
{
    static const struct {
        enum opcode op;
        uint32_t bytes; /* how many of the text are one unit, about */
    } rows[] = {
        {OP_STR_CONTAINS, 5}, {OP_STR_COUNT, 8}, {OP_PARSE_INT, 8}, {OP_STR_GET, 8},
        {OP_POINT, 8},        {OP_LIST_IN, 8},   {OP_MAP_GET, 32},  {OP_MAP_PREFIX, 32},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum { BYTES = 1600 };
        uint32_t once = fuel_of(rows[i].op, BYTES), twice = fuel_of(rows[i].op, 2 * BYTES);
        cr_expect_geq(once, BYTES / rows[i].bytes * 9 / 10, "row %zu: %u for %u bytes", i, once, BYTES);
        cr_expect_leq(once, BYTES / rows[i].bytes * 12 / 10 + 12, "row %zu: %u for %u bytes", i, once, BYTES);
        cr_expect_geq(twice, once * 18 / 10 - 10, "row %zu: %u, and %u for twice as many", i, once, twice);
        cr_expect_leq(twice, once * 22 / 10 + 4, "row %zu: %u, and %u for twice as many", i, once, twice);
    }
}
