/* vm/compared.c - Evaluates a condition instruction by instruction, and lists its comparisons. The compiler has
 * named the registers of figures and parameters as in the source (compiler/lower/until.c); when a value is copied,
 * its name is copied too.
 *
 * It answers "why does the caller still wait?": the condition of a wait-until is run once more on a copy of its
 * state, and each comparison gives a row (figure, sign, bound, result). A row is turned so that the figure is on the
 * left, as people say it: 'waiting >= 3' and not '3 <= waiting'. Computed values have no name and give no row. */
#include "vm/compared.h"

#include "vm/image_data.h"
#include "vm/opcode.h"

enum { REGISTERS = 256 };

struct follower {
    const struct image *image;
    uint32_t function;
    struct vm_compared *rows;
    uint32_t count, most;
    struct text carried[REGISTERS]; /* the name of the value in a register, if it was copied there */
    bool setting[REGISTERS];        /* it holds a parameter */
    int latch;                      /* the register into which this instruction reads a latch, or -1 */
};

static struct text follower_name_of(const struct follower *f, uint32_t pc, unsigned reg)
{
    return f->carried[reg].length ? f->carried[reg] : image_variable(f->image, f->function, pc, (uint8_t)reg);
}

static void follower_add(struct follower *f, struct vm_compared row)
{
    if (f->count < f->most) f->rows[f->count++] = row;
}

static void follower_compare(struct follower *f, uint32_t pc, uint32_t word, const uint64_t *r)
{
    static const struct {
        uint8_t op;
        const char *sign, *turned;
    } signs[] = {{OP_LT, "<", ">"}, {OP_LE, "<=", ">="}, {OP_EQ, "==", "=="}, {OP_NE, "!=", "!="}};
    unsigned left = word_b(word), right = word_c(word), row = 0;
    while (signs[row].op != word_op(word)) row++;
    struct text a = follower_name_of(f, pc, left), b = follower_name_of(f, pc, right);
    bool turned = b.length > 0 && !f->setting[right] && (a.length == 0 || f->setting[left]);
    if (turned ? b.length == 0 : a.length == 0) return;
    int64_t x = (int64_t)r[left], y = (int64_t)r[right];
    bool holds = word_op(word) == OP_LT   ? x < y
                 : word_op(word) == OP_LE ? x <= y
                 : word_op(word) == OP_EQ ? x == y
                                          : x != y;
    follower_add(f, (struct vm_compared){.figure = turned ? b : a,
                                         .bound = turned ? a : b,
                                         .sign = turned ? signs[row].turned : signs[row].sign,
                                         .type = image_register(f->image, f->function, (uint8_t)left),
                                         .is = r[turned ? right : left],
                                         .than = r[turned ? left : right],
                                         .holds = holds});
}

static void follower_copied(struct follower *f, uint32_t pc, uint32_t word)
{
    struct text name = follower_name_of(f, pc, word_b(word));
    bool setting = f->setting[word_b(word)];
    f->carried[word_a(word)] = name;
    f->setting[word_a(word)] = setting;
}

static void follower_latch_read(struct follower *f, const uint64_t *r)
{
    if (f->latch < 0 || f->count == 0) return;
    f->rows[f->count - 1].is = f->rows[f->count - 1].holds = r[f->latch] != 0;
    f->latch = -1;
}

/* Is the type one whose values can be listed as numbers, not floats, texts or objects? */
static bool compared_is_number(uint16_t type)
{
    return type == TYPE_INT || type == TYPE_DURATION || type == TYPE_PERCENT || type == TYPE_TIME || type == TYPE_CLOCK;
}

static void follower_follow(void *self, const struct image *image, uint32_t function, uint32_t pc, const uint64_t *r)
{
    struct follower *f = self;
    if (image != f->image || function != f->function) return;
    uint32_t word = image->code[image->functions[function].code + pc];
    const struct opcode_info *info = opcode_info(word_op(word));
    follower_latch_read(f, r);
    switch (word_op(word)) {
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
        if (compared_is_number(image_register(image, function, (uint8_t)word_b(word))) &&
            compared_is_number(image_register(image, function, (uint8_t)word_c(word))))
            follower_compare(f, pc, word, r);
        break;
    case OP_MOVE:
    case OP_UNWRAP:
        follower_copied(f, pc, word);
        return;
    case OP_JNONE: {
        uint16_t type = image_register(image, function, (uint8_t)word_a(word));
        struct text name = follower_name_of(f, pc, word_a(word));
        if (name.length > 0 && value_is_none(type, r[word_a(word)]))
            follower_add(f, (struct vm_compared){.figure = name, .sign = "", .type = type, .is = r[word_a(word)]});
        return;
    }
    case OP_LATCH:
        if (f->count == f->most) break;
        f->latch = (int)word_a(word);
        follower_add(f, (struct vm_compared){.figure = image_text(image, image->latches[word_bc(word)].name),
                                             .sign = "",
                                             .type = TYPE_BOOL});
        break;
    default:
        break;
    }
    if (info->operand[0].role != ROLE_WRITE) return;
    f->carried[word_a(word)] = (struct text){"", 0};
    f->setting[word_a(word)] = word_op(word) == OP_SETTING;
}

uint32_t vm_compared(struct vm *vm, block_handle handle, uint8_t fiber, uint32_t line, struct vm_compared *rows,
                     uint32_t most)
{
    const struct block *block = block_at(vm_slab(vm), handle);
    const struct image_wait *wait = vm_step(vm_slab(vm), block, fiber);
    if (!wait || line >= wait->line_count) return 0;
    const struct image *image = block_image(vm_slab(vm), block);
    const struct image_line *row = &image->lines[wait->lines + line];
    if (row->kind != LINE_WHERE && row->kind != LINE_UNTIL) return 0;
    struct follower follower = {.image = image, .function = row->function, .rows = rows, .most = most, .latch = -1};
    const struct vm_watch watch = {.self = &follower, .registers = follower_follow};
    const struct vm_watch *before = vm_watched_by(vm, &watch);
    int64_t again_us;
    if (row->kind == LINE_WHERE)
        vm_where(vm, handle, fiber, line, &again_us);
    else
        vm_until(vm, handle, fiber, &again_us);
    vm_watched_by(vm, before);
    return follower.count;
}
