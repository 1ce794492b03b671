/* vm/shadow.c - Shadow registers: checks that every register is as the function's table, the row of opcodes.def and
 * the image say.
 *
 * For each register its word and its type as last written are stored separately. Before an instruction the registers
 * that it reads are compared with these, and after it those that it wrote: a word changed in any other way is a
 * mistake of the VM, and ends the process with the function, the place and the register. */
#include "vm/shadow.h"

#include <stdio.h>
#include <string.h>

#include "vm/instruction.h"
#include "vm/vm.h"

enum { NOT_YET = 0xffffffffu };

/* The place being checked: a frame and its last or next instruction. */
struct watched_frame {
    const struct vm *vm;
    struct shadow *shadow;
    const struct frame *frame;
    const struct image_function *function;
    const uint64_t *words; /* the frame's registers; and their stored copies: */
    uint64_t *kept;
    uint16_t *types;
    struct instruction i; /* `info` is NULL if there was no instruction yet */
};

static struct watched_frame shadow_look(const struct vm *vm, struct stack *stack, uint32_t frame)
{
    struct watched_frame l = {.vm = vm, .shadow = &stack->shadow, .frame = &stack->frames[frame]};
    l.function = &vm->image->functions[l.frame->function];
    l.words = stack->words + l.frame->base;
    l.kept = stack->shadow.words + l.frame->base;
    l.types = stack->shadow.types + l.frame->base;
    uint32_t pc = stack->shadow.begun[frame];
    if (pc == NOT_YET) return l;
    const uint32_t *code = vm->image->code + l.function->code + pc;
    l.i = (struct instruction){.function = l.function, .number = l.frame->function, .pc = pc, .word = code[0]};
    l.i.op = word_op(code[0]);
    l.i.info = opcode_info(l.i.op);
    if (opcode_layout_words(l.i.info->layout) == 2) l.i.extension = code[1];
    instruction_take(&l.i);
    return l;
}

static uint16_t shadow_declared(const struct watched_frame *l, uint32_t reg)
{
    return l->vm->image->registers[l->function->registers + reg];
}

/* Ends the process like an assertion: a wrong register is a mistake of the VM, or of whoever passed the word to it. */
static _Noreturn void shadow_wrong(const struct watched_frame *l, uint32_t reg, const char *what, const char *why)
{
    char text[400];
    uint16_t type = reg < l->function->register_count ? shadow_declared(l, reg) : (uint16_t)TYPE_VOID;
    uint64_t word = reg < l->function->register_count ? l->words[reg] : 0;
    snprintf(text, sizeof text, "%.*s at %u: %s: r%u of type %s%s is %s: 0x%016llx: %s",
             (int)(l->function->name.length < 40 ? l->function->name.length : 40),
             l->vm->image->strings + l->function->name.offset, l->i.info ? l->i.pc : l->frame->pc,
             l->i.info ? l->i.info->name : "begin", reg, show_type_name(type), type_is_optional(type) ? "?" : "", what,
             (unsigned long long)word, why);
    __assert_fail(text, __FILE__, __LINE__, __func__);
}

/* May the word stand for a map? A leaf function has no block: the contents of a captured map are with the candidate
 * (OP_SCORE, OP_SCORE_FLOAT). */
static bool stands_for_map(const struct vm *vm, uint16_t type)
{
    return vm->handle == BLOCK_HANDLE_NONE && type_is_scores(vm->image, type);
}

/* Notes that the register was written, with a value of that type. */
static void shadow_keep(const struct watched_frame *l, uint32_t reg, uint16_t type)
{
    struct error error;
    const struct vm *vm = l->vm;
    if (!type_like(shadow_declared(l, reg), type))
        shadow_wrong(l, reg, "written with another type", show_type_name(type));
    if (!stands_for_map(vm, type) &&
        !block_word_good(vm->image, vm->handle ? vm_block(vm) : NULL, type, l->words[reg], &error))
        shadow_wrong(l, reg, "written", error.text);
    l->types[reg] = type;
    l->kept[reg] = l->words[reg];
}

static void shadow_keep_all(const struct watched_frame *l)
{
    for (uint32_t r = 0; r < l->function->register_count; r++) shadow_keep(l, r, shadow_declared(l, r));
}

/* Has the word only been corrected by compaction, which moves data within the block? */
static bool only_moved(const struct watched_frame *l, uint32_t reg)
{
    uint64_t other = (l->words[reg] ^ l->kept[reg]) >> 32;
    return other == 0 && value_where(l->words[reg]) == VALUE_BLOCK &&
           type_is_object(l->vm->image, shadow_declared(l, reg));
}

static void check_read(const struct watched_frame *l, uint32_t reg)
{
    if (reg >= l->function->register_count) shadow_wrong(l, reg, "read", "there is no such register");
    if (!type_like(shadow_declared(l, reg), l->types[reg])) shadow_wrong(l, reg, "read", show_type_name(l->types[reg]));
    if (l->words[reg] != l->kept[reg]) shadow_wrong(l, reg, "read", "it is not what was written");
}

static bool is_register(const struct watched_frame *l, unsigned n)
{
    unsigned role = l->i.info->operand[n].role;
    return (role == ROLE_READ || role == ROLE_WRITE) && !(n == 0 && instruction_has_no_result(&l->i));
}

/* Does the instruction read a row of registers? That is an operand COUNT: so many registers from B on, pairs for a
 * map. */
static bool is_run(const struct watched_frame *l)
{
    const struct opcode_info *info = l->i.info;
    return info->operand[2].role == ROLE_NUMBER && info->operand[2].what == NUMBER_COUNT;
}

static void check_reads(struct watched_frame *l)
{
    const struct opcode_info *info = l->i.info;
    for (unsigned n = 0; n < 3; n++)
        if (is_register(l, n)) l->i.type[n] = shadow_declared(l, l->i.operand[n]);
    for (unsigned n = 0; n < 3; n++) {
        if (!is_register(l, n)) continue;
        uint32_t reg = l->i.operand[n];
        if (!instruction_operand_fits(l->vm->image, &l->i, info->operand[n].what, l->i.type[n]))
            shadow_wrong(l, reg, info->operand[n].role == ROLE_READ ? "read" : "to be written",
                         "it does not fit the row");
        if (info->operand[n].role == ROLE_READ && !(n == 1 && is_run(l))) check_read(l, reg);
    }
    uint32_t run = !is_run(l) ? 0 : info->operand[0].what == CLASS_MAP ? 2 * l->i.operand[2] : l->i.operand[2];
    for (uint32_t n = 0; n < run; n++) check_read(l, l->i.operand[1] + n);
    if ((info->layout == LAYOUT_ABCD || info->layout == LAYOUT_ABCDX) && l->i.d < l->function->register_count)
        check_read(l, l->i.d);
}

/* Returns the type of what the instruction wrote to A; if the row says that it is an operand's type, the type of the
 * operand read. */
static uint16_t type_written(const struct watched_frame *l)
{
    uint16_t type = shadow_declared(l, l->i.operand[0]);
    for (unsigned n = 1; n < 3; n++) {
        if (l->i.info->operand[n].role != ROLE_READ || l->i.operand[n] == l->i.operand[0]) continue;
        uint16_t read = l->types[l->i.operand[n]];
        unsigned what = l->i.info->operand[n].what;
        if (what == CLASS_SAME || what == CLASS_LIKE) type = read;
        if (what == CLASS_INNER) type = type_base(read);
    }
    return type;
}

/* Checks that no other register of the frame has changed; the changed one is searched only if the registers differ
 * at all. */
static void check_writes(const struct watched_frame *l)
{
    const struct opcode_info *info = l->i.info;
    uint32_t count = l->function->register_count, a = l->i.operand[0], counts = l->i.operand[2], pair = l->i.d;
    bool writes = info && info->operand[0].role == ROLE_WRITE && is_register(l, 0) && a < count;
    if (writes) shadow_keep(l, a, type_written(l));
    if (info && info->flags & OPCODE_COUNTS && counts < count && !(writes && counts == a))
        shadow_keep(l, counts, shadow_declared(l, counts));
    if (info && info->flags & OPCODE_PAIR && pair < count && !(writes && pair == a))
        shadow_keep(l, pair, shadow_declared(l, pair));
    if (memcmp(l->words, l->kept, count * sizeof *l->words) == 0) return;
    for (uint32_t r = 0; r < count; r++) {
        if (l->words[r] == l->kept[r]) continue;
        if (!only_moved(l, r)) shadow_wrong(l, r, "changed", "its row does not say so");
        shadow_keep(l, r, l->types[r]);
    }
}

void shadow_begin(const struct vm *vm, struct stack *stack)
{
    struct shadow *shadow = &stack->shadow;
    for (uint32_t n = 0; n < stack->depth; n++) {
        const struct frame *frame = &stack->frames[n];
        bool innermost = n + 1 == stack->depth;
        shadow->begun[n] = NOT_YET;
        struct watched_frame l = shadow_look(vm, stack, n);
        shadow_keep_all(&l);
        if (!innermost) /* an outer frame has begun a call, which will write the result */
            shadow->begun[n] = frame->wait == IMAGE_NONE ? frame->pc - 2 : vm->image->waits[frame->wait].pc;
    }
    shadow->depth = stack->depth;
}

void shadow_step(const struct vm *vm, struct stack *stack, uint32_t pc)
{
    struct shadow *shadow = &stack->shadow;
    uint32_t top = stack->depth - 1;
    if (stack->depth > shadow->depth) {
        shadow->begun[top] = NOT_YET;
        struct watched_frame entered = shadow_look(vm, stack, top);
        shadow_keep_all(&entered);
    } else {
        struct watched_frame ended = shadow_look(vm, stack, top);
        check_writes(&ended);
    }
    shadow->depth = stack->depth;
    shadow->begun[top] = pc;
    struct watched_frame next = shadow_look(vm, stack, top);
    check_reads(&next);
}

void shadow_set(struct stack *stack, const struct frame *frame, uint8_t reg, uint16_t type)
{
    stack->shadow.types[frame->base + reg] = type;
    stack->shadow.words[frame->base + reg] = stack->words[frame->base + reg];
}

void shadow_block(const struct vm *vm)
{
    struct error error = {0};
    char text[sizeof error.text + 20];
    const struct block *block = vm_block(vm);
    if (block_check(block, block_size(block), vm->image, &error)) return;
    snprintf(text, sizeof text, "block at %u: %s", (unsigned)error.offset, error.text);
    __assert_fail(text, __FILE__, __LINE__, __func__);
}
