/* runtime/core/queues/line_keep.c - How lines and clauses are written to snapshots and read. For each of them one
 * function both writes and reads; the keeper says which.
 *
 * A snapshot may come from outside, so a line that was read is compared with its program: if it names a function
 * that does not judge candidates, or a name that the program does not have, the whole snapshot fails with a reason.
 * After that the interpreter may run the line without another check. */
#include "runtime/core/queues/line_keep.h"

#include "vm/keep.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/site/program.h"

enum { CAPTURES_MAX = 16, LINE_KINDS = LINE_TIE + 1 };

void line_captures_keep(struct keeper *keeper, uint64_t captures[16], uint32_t count)
{
    for (uint32_t at = 0; at < count && at < CAPTURES_MAX; at++) captures[at] = keep_u64(keeper, captures[at]);
}

/* True: the line's function judges candidates, and takes as many values as the line has. */
static bool is_leaf(const struct image *image, const struct vm_line *line)
{
    return line->function < image_count(image, SECTION_FUNCTIONS) &&
           image_function(image, line->function)->kind == FUNCTION_LEAF &&
           image_function(image, line->function)->parameters == line->capture_count;
}

/* True: the line is an order that may decide among equals, and has a figure if it needs one. */
static bool tie_is_sound(const struct image *image, const struct vm_line *line)
{
    if (line->type >= ORDERS || line->type == ORDER_share || line->type == ORDER_everyone) return false;
    return order_numbered(line->type)->by ? is_leaf(image, line) : line->function == IMAGE_NONE;
}

/* True: the line fits its program; a line without a program could not be evaluated. */
static bool line_is_sound(const struct vqs *vqs, uint16_t program, const struct vm_line *line)
{
    if (program == PROGRAM_NONE) return false;
    const struct image *image = vqs->strategies->programs[program].image;
    if (line->kind == LINE_LEAF) return is_leaf(image, line);
    if (line->kind == LINE_ORDER) return line->type < ORDERS && (line->function == IMAGE_NONE || is_leaf(image, line));
    if (line->kind == LINE_TIE) return tie_is_sound(image, line);
    /* no snapshot has a line of the kind LINE_VALUE: its value is in the line for which it was computed */
    if (line->kind == LINE_VALUE) return false;
    return line->kind != LINE_IN || line->target < image_count(image, SECTION_NAMES);
}

void line_keep(struct vqs *vqs, struct keeper *keeper, uint16_t program, struct vm_line *line)
{
    line->kind = (enum line_kind)keep_index(keeper, line->kind, LINE_KINDS, LINE_LEAF);
    line->after_us = keep_i64(keeper, line->after_us);
    line->function = keep_u16(keeper, line->function);
    line->type = keep_u16(keeper, line->type);
    line->shared = keep_bool(keeper, line->shared);
    line->share = keep_u32(keeper, line->share);
    line->target = keep_u64(keeper, line->target);
    line->at = keep_u16(keeper, line->at);
    line->capture_count = keep_index(keeper, line->capture_count, CAPTURES_MAX + 1, 0);
    line_captures_keep(keeper, line->captures, line->capture_count);
    if (keep_reading(keeper) && keep_good(keeper) && !line_is_sound(vqs, program, line))
        keep_fail(keeper, "a line of a selection says what its program cannot do");
}

/* Writes or reads a term. A level of 0 is refused: everybody would fulfil it, and no compiler writes it. */
static void keep_term(struct vqs *vqs, struct keeper *keeper, struct demand_term *term)
{
    term->type = keep_u16(keeper, term->type);
    /* a term's name is an agent's number or a name */
    term->name = term->type == TYPE_AGENT ? keep_u32(keeper, term->name) : name_keep(vqs->names, keeper, term->name);
    term->least = (uint16_t)keep_index(keeper, term->least, DEMAND_LEVEL_MAX + 1, 1);
    bool known =
        term->type == TYPE_SKILL || term->type == TYPE_GROUP || term->type == TYPE_AGENT || term->type == TYPE_PLACE;
    if (!known || term->least == 0) keep_fail(keeper, "a selection demands what nobody can have");
}

void line_clause_keep(struct vqs *vqs, struct keeper *keeper, struct demand_clause *clause, uint32_t lines)
{
    clause->count = (uint8_t)keep_index(keeper, clause->count, DEMAND_TERMS + 1, 0);
    for (uint32_t at = 0; at < clause->count; at++) keep_term(vqs, keeper, &clause->terms[at]);
    clause->line = (uint16_t)keep_index(keeper, clause->line, lines, UINT16_MAX);
    if (clause->line == UINT16_MAX) keep_fail(keeper, "a clause belongs to no line");
    clause->open = keep_bool(keeper, clause->open);
}
