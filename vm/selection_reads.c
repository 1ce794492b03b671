/* vm/selection_reads.c - What an instruction reads that reaches a selection.
 *
 * Of a record only the fields that are wanted are followed, and of a call only the parameters that the called function
 * uses for a selection. So an announcement's text that passes through a subroutine does not count. */
#include <string.h>

#include "vm/memory.h"
#include "vm/selection_slice.h"

enum { TAG_PART = 0x10000, TAG_TIMES = 1, TAG_LINES = 2, TAG_CAPTURES = 3 };

uint64_t slice_field(uint32_t field)
{
    return field < SLICE_FIELDS ? UINT64_C(1) << field : SLICE_WHOLE;
}

uint32_t slice_rank(const struct slice_function *function, uint32_t parameter)
{
    uint32_t rank = 0;
    for (uint32_t i = 0; i < parameter; i++) rank += function->parameters[i] != 0;
    return rank;
}

static bool name_is(const char *name, const char *other)
{
    size_t length = strlen(name);
    return length == strlen(other) && memcmp(name, other, length) == 0;
}

void slice_classes(struct slice *s)
{
    static const struct {
        const char *step;
        enum slice_class class;
    } rows[] = {
#define STEP_SELECTS(name, class) {name, SLICE_##class},
#include "vm/selection_steps.def"
    };
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s->classes[step_named(rows[i].step, (uint32_t)strlen(rows[i].step))->number] = (uint8_t)rows[i].class;
}

enum slice_class slice_class(const struct slice *s, const struct image_wait *wait)
{
    return (enum slice_class)s->classes[wait->step];
}

/* Finds the parameter with that number; those of an argument that may be repeated begin with its own number. */
static const struct step_parameter *slice_parameter(const struct step *step, uint32_t number)
{
    const struct step_parameter *found = NULL;
    for (uint32_t i = 0; i < step->parameter_count; i++) {
        const struct step_parameter *one = &step->parameters[i];
        if (one->number == number) return one;
        if (one->need == STEP_REST && one->number < number) found = one;
    }
    return found;
}

enum slice_role slice_role(const struct image_wait *wait, uint32_t number)
{
    static const struct {
        const char *step, *parameter;
        enum slice_role role;
    } rows[] = {
#define PARAMETER_SELECTS(name, parameter, role) {name, parameter, SLICE_##role},
#include "vm/selection_steps.def"
    };
    const struct step *step = step_numbered(wait->step);
    const struct step_parameter *parameter = slice_parameter(step, number);
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows && parameter; i++)
        if (name_is(rows[i].step, step->name) && name_is(rows[i].parameter, parameter->name)) return rows[i].role;
    return SLICE_PLAIN;
}

static void read_add(struct slice *s, uint32_t tag, uint16_t operand, uint64_t wanted)
{
    if (s->read_count == s->read_room) {
        s->read_room = 2 * s->read_room + 16;
        s->reads = memory_resize(s->reads, s->read_room * sizeof *s->reads);
    }
    s->reads[s->read_count++] = (struct slice_read){tag, operand, wanted};
}

/* Reads what the function wants of the words that it is given, one after another in rows of operands. */
static void read_given(struct slice *s, uint32_t tag, uint32_t f, const struct image_operand *rows)
{
    const struct slice_function *function = &s->functions[f];
    for (uint32_t i = 0; i < s->image->functions[f].parameters; i++)
        if (function->parameters[i]) read_add(s, tag++, rows[i].operand, function->parameters[i]);
}

/* Does the parameter only say something? */
static bool parameter_says(const struct image_wait *wait, uint16_t number, enum slice_class class)
{
    if (class == SLICE_SAYS || class == SLICE_HALTS) return true;
    if (class == SLICE_SELECTS || class == SLICE_WAITS || class == SLICE_PASSES)
        return slice_role(wait, number) == SLICE_SAID;
    const struct step_parameter *parameter = slice_parameter(step_numbered(wait->step), number);
    return parameter && (parameter->type == PARAMETER_SPOKEN || parameter->type == PARAMETER_RETRIED ||
                         parameter->type == TYPE_PROMPT);
}

static void read_line(struct slice *s, const struct image_wait *wait, const struct image_line *line, uint32_t tag)
{
    const struct image_operand *rows = s->image->operands + line->operands;
    bool target = line->kind == LINE_TARGET || line->kind == LINE_IN;
    if (line->after != OPERAND_NONE) read_add(s, tag, line->after, SLICE_WHOLE);
    if (target) read_add(s, tag + 1, line->operand, SLICE_WHOLE);
    if (wait->order == ORDER_share && (line->kind == LINE_LEAF || line->kind == LINE_TARGET))
        read_add(s, tag + 2, rows[line->captures].operand, SLICE_WHOLE);
    if (!target && line->function != IMAGE_NONE) read_given(s, tag + 3, line->function, rows);
}

/* A tag of a line has its number among the lines above bit 24, so lines of two images are paired by their places. */
static void slice_read_wait(struct slice *s, const struct image_wait *wait)
{
    const struct image_operand *rows = s->image->operands + wait->operands;
    if (wait->flags & WAIT_CALL) {
        read_given(s, 0, wait->callee, rows);
        return;
    }
    enum slice_class class = slice_class(s, wait);
    for (uint32_t i = 0; i < wait->arguments; i++) {
        bool strategy = slice_role(wait, rows[i].parameter) == SLICE_STRATEGY;
        if (!parameter_says(wait, rows[i].parameter, class))
            read_add(s, rows[i].parameter, rows[i].operand, SLICE_WHOLE | (strategy ? SLICE_STRATEGY_NUMBER : 0));
    }
    if (wait->busy != IMAGE_NONE) read_given(s, TAG_CAPTURES * TAG_PART, wait->busy, rows + wait->arguments);
    if (class == SLICE_SAYS || class == SLICE_HALTS) return;
    const uint16_t times[] = {wait->timeout, wait->tries, wait->pause, wait->answer};
    for (uint32_t i = 0; i < 4; i++)
        if (times[i] != OPERAND_NONE) read_add(s, TAG_TIMES * TAG_PART + i, times[i], SLICE_WHOLE);
    for (uint32_t i = 0; i < wait->line_count; i++)
        read_line(s, wait, &s->image->lines[wait->lines + i], TAG_LINES * TAG_PART + (i << 20));
}

/* Reads registers that stand in a row. Of a record those whose fields are wanted. */
static void read_run(struct slice *s, const struct instruction *i, uint64_t wanted)
{
    bool record = i->op == OP_RECORD, whole = !record || wanted & SLICE_WHOLE;
    uint32_t count = i->op == OP_MAP ? 2 * i->operand[2] : i->operand[2], tag = 0;
    for (uint32_t n = 0; n < count; n++)
        if (whole || wanted & slice_field(n)) read_add(s, tag++, (uint16_t)(i->operand[1] + n), SLICE_WHOLE);
}

static void read_call(struct slice *s, const struct instruction *i)
{
    uint32_t callee = i->operand[1] | i->operand[2] << 8, tag = 0;
    if (i->op == OP_NATIVE) {
        for (uint32_t n = 0; n < image_native(s->image, callee)->parameter_count; n++)
            read_add(s, tag++, (uint16_t)(i->d + n), SLICE_WHOLE);
        return;
    }
    const struct slice_function *function = &s->functions[callee];
    for (uint32_t n = 0; n < s->image->functions[callee].parameters; n++)
        if (function->parameters[n]) read_add(s, tag++, (uint16_t)(i->d + n), function->parameters[n]);
}

/* What an instruction wants of the value in its first register that it reads. */
static uint64_t read_wants(const struct slice *s, const struct instruction *i, uint64_t wanted)
{
    switch (i->op) {
    case OP_MOVE:
    case OP_UNWRAP:
        return wanted;
    case OP_IS_NONE:
    case OP_JNONE:
    case OP_JSOME:
        return SLICE_EXISTS;
    case OP_FIELD:
    case OP_FIELD_OPT:
        return SLICE_EXISTS | slice_field(i->operand[2]);
    case OP_FIELD_SET:
        return wanted & SLICE_WHOLE ? wanted : wanted & ~slice_field(i->operand[2]);
    case OP_RETURN:
        return s->functions[i->number].result;
    default:
        return SLICE_WHOLE;
    }
}

void slice_reads(struct slice *s, uint32_t f, uint32_t node)
{
    const struct image_wait *wait = slice_wait(s, f, node);
    struct instruction i = slice_instruction(s, f, node);
    uint64_t wanted = s->functions[f].nodes[node].wanted;
    s->read_count = 0;
    if (wait) {
        slice_read_wait(s, wait);
        return;
    }
    if (i.op == OP_CALL || i.op == OP_NATIVE) {
        read_call(s, &i);
        return;
    }
    if (i.info->operand[2].role == ROLE_NUMBER && i.info->operand[2].what == NUMBER_COUNT) {
        read_run(s, &i, wanted);
        return;
    }
    uint64_t wants = read_wants(s, &i, wanted);
    for (unsigned n = 0; n < 3; n++)
        if (i.info->operand[n].role == ROLE_READ && wants) read_add(s, n, (uint16_t)i.operand[n], wants);
    bool fourth = i.info->layout == LAYOUT_ABCD || i.info->layout == LAYOUT_ABCDX;
    if (i.op == OP_FIELD_SET) fourth = (wanted & (SLICE_WHOLE | slice_field(i.operand[2]))) != 0;
    if (fourth) read_add(s, 3, (uint16_t)i.d, SLICE_WHOLE);
}
