/* tests/unit/vm_shadow.c - Shadow registers see every lie: of a table that the verifier did not see, of the host, of
 * who resumes, of who writes where its row does not say. Over the checked VM, in every build. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/vm_sample.h"
#include "vm/steps.h"
#include "vm/vm.h"

enum { NUMBER, TEXT, YES, POSITION, MAYBE, NAME };

static struct machine *the_machine;        /* for the host that writes behind the VM's back */
static void (*the_damage)(struct block *); /* to the block that waits, or NULL */

static struct machine machine_true(void)
{
    uint16_t strategy;
    struct image_writer *w = tiny_begin(&strategy);
    sample_name(w, TYPE_SKILL, "English"); /* number 0, which is good for every kind */
    uint16_t sales = sample_name(w, TYPE_SKILL, "Sales");
    uint16_t body = writer_function_begin(w, "body", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    const uint16_t types[] = {TYPE_INT, TYPE_STR, TYPE_BOOL, TYPE_INT, TYPE_INT | TYPE_OPTIONAL, TYPE_SKILL};
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++) writer_register(w, types[i]);
    writer_abx(w, OP_LOAD_INT, NUMBER, 4);
    writer_abx(w, OP_LOAD, TEXT, writer_constant_text(w, "too many of them", 16));
    writer_abx(w, OP_LOAD, NAME, writer_constant(w, TYPE_SKILL, sales));
    writer_abx(w, OP_ATTRIBUTE, POSITION, ATTRIBUTE_ID_position);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_ivr_digits_prompt, sample_k(w, TYPE_PROMPT, sample_name(w, TYPE_PROMPT, "main")));
    writer_wait_argument(w, PARAMETER_ivr_digits_max, sample_k(w, TYPE_INT, 4));
    writer_wait_timeout(w, sample_k(w, TYPE_DURATION, SECOND));
    writer_live(w, NUMBER);
    writer_live(w, NAME);
    writer_step(w, STEP_ID_ivr_digits, TEXT);
    writer_abc(w, OP_MOVE, MAYBE, NUMBER, 0);
    writer_abc(w, OP_UNWRAP, POSITION, MAYBE, 0);
    writer_abc(w, OP_EQ, YES, POSITION, NUMBER);
    tiny_stop(w, TEXT);
    writer_function_end(w);
    return machine_new(tiny_end(w, strategy, body, IMAGE_NONE));
}

static uint16_t *type_of(struct machine *m, unsigned reg)
{
    return (uint16_t *)(uintptr_t)&m->image->registers[m->image->functions[0].registers + reg];
}

/* The instruction of the body, which its loaded image owns. */
static uint32_t *instruction_of(struct machine *m, unsigned op)
{
    uint32_t *code = (uint32_t *)(uintptr_t)m->image->code;
    for (unsigned pc = 0; pc < m->image->functions[0].code_words;
         pc += opcode_layout_words(opcode_info(word_op(code[pc]))->layout))
        if (word_op(code[pc]) == op) return &code[pc];
    abort();
}

/* Runs it to its end in a child. What that said before it was aborted; empty where it ended well. */
static const char *said(struct machine m, uint64_t digits)
{
    static char text[1024];
    int ends[2], status;
    size_t length = 0;
    ssize_t got;
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        struct vm_result r = vm_start(m.vm, m.block);
        if (the_damage) the_damage(machine_block(&m));
        if (r.status == VM_WAIT) r = vm_resume(m.vm, m.block, 0, digits);
        _exit(r.status == VM_WAIT && r.step == STEP_ID_stop ? 0 : 1);
    }
    close(ends[1]);
    while (length < sizeof text - 1 && (got = read(ends[0], text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)got;
    close(ends[0]);
    text[length] = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(length ? WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT : WIFEXITED(status) && !WEXITSTATUS(status),
              "status %d: %s", status, text);
    machine_free(&m);
    return text;
}

static uint64_t digits(void)
{
    return value_text_inline("4711", 4);
}

static void says(const char *text, const char *part)
{
    cr_assert(strstr(text, part), "'%s' is not in: %s", part, text);
}

Test(vm_shadow, the_truth_passes, .timeout = 10)
{
    cr_assert_str_empty(said(machine_true(), digits()));
}

Test(vm_shadow, a_register_of_another_type_than_its_instruction_writes, .timeout = 10)
{
    struct machine m = machine_true();
    *type_of(&m, YES) = TYPE_INT;
    const char *text = said(m, digits());
    says(text, "body at ");
    says(text, "EQ: r2 of type int is to be written");
}

Test(vm_shadow, an_operand_of_another_type_than_its_row_says, .timeout = 10)
{
    struct machine m = machine_true();
    uint32_t *word = instruction_of(&m, OP_EQ);
    *word = (*word & 0xff00ffff) | TEXT << 16;
    says(said(m, digits()), "EQ: r1 of type str is read: 0x0400000031313734: it does not fit the row");
}

Test(vm_shadow, a_constant_that_is_no_such_name, .timeout = 10)
{
    struct machine m = machine_true();
    struct image_name *names = (struct image_name *)(uintptr_t)m.image->names;
    for (uint32_t i = 0; i < m.image->count[SECTION_NAMES]; i++)
        if (names[i].kind == TYPE_SKILL) names[i].kind = TYPE_GROUP;
    says(said(m, digits()),
         "LOAD: r5 of type skill is written: 0x0000000000000001: not a good block: a name is of another kind");
}

static bool wild_attribute(void *self, block_handle block, uint8_t fiber, uint32_t attribute, uint64_t *word)
{
    (void)self, (void)block, (void)fiber, (void)attribute;
    *word = VALUE_NONE;
    return true;
}

Test(vm_shadow, a_host_that_answers_with_none, .timeout = 10)
{
    struct machine m = machine_true();
    m.vm->host.attribute = wild_attribute;
    says(said(m, digits()), "ATTRIBUTE: r3 of type int is written: 0x8000000000000000: not a good block: none where");
}

static bool writing_attribute(void *self, block_handle block, uint8_t fiber, uint32_t attribute, uint64_t *word)
{
    (void)self, (void)block, (void)fiber, (void)attribute;
    the_machine->vm->stack.words[NUMBER]++;
    *word = 3;
    return true;
}

Test(vm_shadow, who_writes_a_register_that_its_row_does_not_name, .timeout = 10)
{
    struct machine m = machine_true();
    the_machine = &m;
    m.vm->host.attribute = writing_attribute;
    says(said(m, digits()), "ATTRIBUTE: r0 of type int is changed: 0x0000000000000005: its row does not say so");
}

Test(vm_shadow, a_result_that_is_not_of_its_type, .timeout = 10)
{
    says(said(machine_true(), 1234), "begin: r1 of type str is written: 0x00000000000004d2: ");
    says(said(machine_true(), value_text_at(VALUE_BLOCK, 60000, 20)), "something lies outside the heap");
    says(said(machine_true(), value_object_at(VALUE_IMAGE, 0)), "a text is not in its shortest form");
}

static void one_fiber_more(struct block *block)
{
    block->fiber_count++;
}

static void a_parked_name_of_no_kind(struct block *block)
{
    uint64_t *last = (uint64_t *)(void *)((char *)block + block_size(block)) - 1;
    *last = 60000;
}

static bool spoiling_attribute(void *self, block_handle handle, uint8_t fiber, uint32_t attribute, uint64_t *word)
{
    (void)self, (void)fiber, (void)attribute;
    block_at(the_machine->slab, handle)->live = 5;
    *word = 3;
    return true;
}

Test(vm_shadow, a_block_that_is_damaged_while_it_waits, .timeout = 10)
{
    the_damage = one_fiber_more;
    says(said(machine_true(), digits()), "block at ");
    the_damage = a_parked_name_of_no_kind;
    says(said(machine_true(), digits()), "not a good block: a name is of another kind");
}

Test(vm_shadow, a_block_that_is_damaged_within_a_slice, .timeout = 10)
{
    struct machine m = machine_true();
    the_machine = &m;
    m.vm->host.attribute = spoiling_attribute;
    says(said(m, digits()), "not a good block: more live than used");
}
