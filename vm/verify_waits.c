/* vm/verify_waits.c - Checks whether wait points and tables match their instructions.
 *
 * A program stops only at wait points, so the core relies on them without checks: that arguments have the types in
 * the step's row, that the functions of lines take exactly the captured values, and that each register read
 * afterwards is kept. All of this is checked here once, when the image is loaded.
 *
 *     live    a bit per register that has a value while it waits; an operand may name no other
 *     lines   conditions, targets, queues and children, in the one order that check_lines() accepts
 *     exits   places at which the function goes on when a busy block or child leaves
 *
 * Tables are checked in the same way: sorted if they are searched by halving, without cycles if they are followed. */
#include "vm/capacity.h"
#include "vm/bin_view.h"
#include "vm/prefer.h"
#include "vm/bits.h"
#include "vm/exec.h"
#include "vm/steps.h"
#include "vm/verify.h"
#include "base/utf8.h"
#include "base/regex.h"

struct point {
    const struct image_wait *wait;
    const struct image_function *function;
    const uint32_t *live;
};

static bool point_is_live(const struct point *p, uint32_t reg)
{
    return p->live[reg / 32] >> reg % 32 & 1;
}

/* Returns the type of an operand: that of a constant, or of a register live at this wait point. TYPE_VOID: it is
 * neither. */
static uint16_t operand_type(const struct verify *v, const struct point *p, uint16_t operand)
{
    if (operand == OPERAND_NONE) return TYPE_VOID;
    if (operand & OPERAND_CONSTANT) {
        uint32_t row = operand & (uint16_t)~OPERAND_CONSTANT;
        return row < v->image->count[SECTION_CONSTANTS] ? v->image->constants[row].type : (uint16_t)TYPE_VOID;
    }
    return operand < p->function->register_count && point_is_live(p, operand) ? verify_register(v, p->function, operand)
                                                                              : (uint16_t)TYPE_VOID;
}

static bool is_absent_or(const struct verify *v, const struct point *p, uint16_t operand, uint16_t type)
{
    return operand == OPERAND_NONE || operand_type(v, p, operand) == type;
}

/* Checks the map of live registers: bits after the last register are zero, and the count is right, since parking
 * stores just so many words. */
static bool check_live(struct verify *v, struct point *p)
{
    const struct image *image = v->image;
    uint32_t words = (p->function->register_count + 31u) / 32, set = 0;
    if (p->wait->live > image->count[SECTION_LIVE] || words > image->count[SECTION_LIVE] - p->wait->live)
        return verify_refuse(v, &p->wait->live, RULE_LIVE_PLACE);
    p->live = image->live + p->wait->live;
    for (uint32_t i = 0; i < words; i++) set += bits_count(p->live[i]);
    uint32_t spare = p->function->register_count % 32;
    if (spare && p->live[words - 1] >> spare) return verify_refuse(v, p->live + words - 1, RULE_LIVE_REGISTER);
    return set == p->wait->live_count || verify_refuse(v, &p->wait->live_count, RULE_LIVE_COUNT);
}

static bool is_map_of_values(const struct verify *v, uint16_t type)
{
    return type_is_map(v->image, type) && !type_is_optional(type) && image_element(v->image, type) == TYPE_VALUE;
}

static bool is_list_of(const struct verify *v, uint16_t type, uint16_t element)
{
    return type_is_list(v->image, type) && !type_is_optional(type) && image_element(v->image, type) == element;
}

/* Does an argument of `type` fit a parameter of type `wanted`? Most parameters take one exact type; the cases are
 * those that take several. */
static bool wait_parameter_fits(const struct verify *v, uint16_t wanted, uint16_t type)
{
    uint16_t base = type_base(type);
    switch (wanted) {
    case PARAMETER_MAP_ANY:
        return type_is_map(v->image, type) && !type_is_optional(type);
    case PARAMETER_LIST_ANY:
        return type_is_list(v->image, type) && !type_is_optional(type);
    case PARAMETER_SCHEDULE:
        return is_list_of(v, type, TYPE_INT);
    case PARAMETER_ZONE:
        return base == TYPE_ZONE;
    case PARAMETER_MAP_VALUE:
        return is_map_of_values(v, type);
    case PARAMETER_DESTINATION:
        return base == TYPE_TARGET || base == TYPE_AGENT || base == TYPE_QUEUE || base == TYPE_DN || base == TYPE_STR ||
               base == TYPE_PLACE || base == TYPE_WORKBIN || base == TYPE_GROUP;
    case PARAMETER_OWNER:
        return base == TYPE_TARGET || base == TYPE_AGENT || base == TYPE_PLACE || base == TYPE_GROUP;
    case PARAMETER_SHOWN:
        return true;
    case PARAMETER_BOUND:
        if (type_is_list(v->image, type)) base = type_base(image_element(v->image, type));
        return (base >= TYPE_INT && base <= TYPE_PERCENT) || type_is_name(base) || type_is_enum(v->image, base);
    case PARAMETER_BODY:
        return type == TYPE_BLOB || type == TYPE_STR;
    case PARAMETER_SPOKEN:
        return type == TYPE_PROMPT || type == TYPE_STR;
    case PARAMETER_RETRIED:
        return type == TYPE_PROMPT || type == TYPE_STR || is_list_of(v, type, TYPE_PROMPT) ||
               is_list_of(v, type, TYPE_STR);
    case PARAMETER_SUBJECT:
        return type == TYPE_TEMPLATE || type == TYPE_STR;
    case PARAMETER_CATEGORIES:
        return is_list_of(v, type, TYPE_CATEGORY);
    case PARAMETER_JSON:
        return base != TYPE_VOID && base != TYPE_ERROR && base != TYPE_TARGET && base != TYPE_BLOB;
    default:
        return type == wanted;
    }
}

/* Returns the parameter with that number; a STEP_REST parameter has all numbers from its own upwards. */
static const struct step_parameter *parameter_of(const struct step *step, uint32_t number)
{
    const struct step_parameter *found = NULL;
    for (uint32_t i = 0; i < step->parameter_count; i++)
        if (step->parameters[i].number == number ||
            (step->parameters[i].need == STEP_REST && step->parameters[i].number < number))
            found = &step->parameters[i];
    return found;
}

/* Checks the arguments: they ascend by their parameters' numbers, so none is repeated, and one count shows whether a
 * required one is missing. */
static bool verify_arguments(struct verify *v, const struct point *p, const struct step *step)
{
    const struct image_operand *row = v->image->operands + p->wait->operands;
    uint32_t next = 0, required = 0;
    for (uint32_t i = 0; i < p->wait->arguments; i++, row++) {
        const struct step_parameter *parameter = parameter_of(step, row->parameter);
        if (!parameter || row->parameter < next) return verify_refuse_of(v, row, RULE_STEP_PARAMETER, "%s", step->name);
        uint16_t type = operand_type(v, p, row->operand);
        if (type == TYPE_VOID || !wait_parameter_fits(v, parameter->type, type))
            return verify_refuse_of(v, row, RULE_STEP_ARGUMENT, "%s: %s", step->name, parameter->name);
        if (parameter->need == STEP_REST && row->parameter != next && next >= parameter->number)
            return verify_refuse_of(v, row, RULE_STEP_LEFT_OUT, "%s", step->name);
        required += parameter->need == STEP_REQUIRED;
        next = row->parameter + 1u;
    }
    for (uint32_t i = 0; i < step->parameter_count; i++) required -= step->parameters[i].need == STEP_REQUIRED;
    return required == 0 || verify_refuse_of(v, p->wait, RULE_STEP_LACKS, "%s", step->name);
}

/* Checks that the operands of a wait point are stored one after another: arguments, captures of the busy block,
 * exits. */
static bool verify_wait_operands(struct verify *v, const struct point *p)
{
    const struct image_wait *wait = p->wait;
    uint64_t rows = (uint64_t)wait->operands + wait->arguments + wait->captures + wait->exits;
    if (rows > v->image->count[SECTION_OPERANDS]) return verify_refuse(v, &wait->operands, RULE_OPERANDS_PLACE);
    if (!is_absent_or(v, p, wait->timeout, TYPE_DURATION) || !is_absent_or(v, p, wait->tries, TYPE_INT) ||
        !is_absent_or(v, p, wait->pause, TYPE_DURATION) || !is_absent_or(v, p, wait->answer, TYPE_DURATION))
        return verify_refuse(v, &wait->timeout, RULE_TIMES);
    if (wait->failure != IMAGE_NONE && !image_starts(v->image, p->function, wait->failure))
        return verify_refuse(v, &wait->failure, RULE_FAILURE);
    if (wait->error != REGISTER_NONE &&
        (verify_register(v, p->function, wait->error) != TYPE_ERROR || wait->failure == IMAGE_NONE))
        return verify_refuse(v, &wait->error, RULE_FAILURE_ERROR);
    const struct image_operand *exits = v->image->operands + wait->operands + wait->arguments + wait->captures;
    for (uint32_t i = 0; i < wait->exits; i++)
        if (exits[i].parameter || !image_starts(v->image, p->function, exits[i].operand))
            return verify_refuse(v, exits + i, RULE_POINT_EXIT);
    return true;
}

/* Checks the captured words, which go into the first registers of another function. That function must be earlier
 * than the one that waits, which keeps the order of verification, and the depth of the stack, known. */
static bool check_captures(struct verify *v, const struct point *p, uint32_t first, uint32_t count, uint32_t function,
                           enum function_kind kind)
{
    const struct image *image = v->image;
    if (function >= p->wait->function || image->functions[function].kind != kind)
        return verify_refuse(v, p->wait, RULE_CALLEE_BEFORE);
    const struct image_function *callee = &image->functions[function];
    if (callee->strategy != IMAGE_NONE && callee->strategy != p->function->strategy)
        return verify_refuse(v, p->wait, RULE_CALLEE_STRATEGY);
    if (count != callee->parameters || (uint64_t)first + count > image->count[SECTION_OPERANDS])
        return verify_refuse(v, p->wait, RULE_CALLEE_CAPTURES);
    for (uint32_t i = 0; i < count; i++) {
        const struct image_operand *row = &image->operands[first + i];
        uint16_t type = operand_type(v, p, row->operand);
        if (row->parameter != i || type == TYPE_VOID || !type_like(verify_register(v, callee, i), type))
            return verify_refuse(v, row, RULE_CAPTURE_TYPE);
        bool object = type_is_object(image, type) && !type_is_scores(image, type_base(type));
        if (kind == FUNCTION_LEAF && object) return verify_refuse(v, row, RULE_CAPTURE_OBJECT);
    }
    return true;
}

static bool verify_busy(struct verify *v, const struct point *p)
{
    const struct image_wait *wait = p->wait;
    if (wait->busy == IMAGE_NONE)
        return (!wait->captures && (!wait->exits || vm_step_forks(wait->step))) ||
               verify_refuse(v, wait, RULE_BUSY_NONE);
    if (!check_captures(v, p, wait->operands + wait->arguments, wait->captures, wait->busy, FUNCTION_BUSY))
        return false;
    if (v->image->functions[wait->busy].result != TYPE_VOID) return verify_refuse(v, &wait->busy, RULE_BUSY_RESULT);
    return v->exits[wait->busy] <= wait->exits || verify_refuse(v, &wait->exits, RULE_BUSY_EXITS);
}

/* Checks one child of a race or parallel: each child is a different function, and it may leave by the exits of this
 * wait point. */
static bool check_child(struct verify *v, const struct point *p, uint32_t number)
{
    const struct image_wait *wait = p->wait;
    const struct image_line *line = &v->image->lines[wait->lines + number];
    if (line->type || line->after != OPERAND_NONE) return verify_refuse(v, line, RULE_UNUSED);
    if (!check_captures(v, p, line->operands, line->captures, line->function, FUNCTION_BUSY)) return false;
    const struct image_function *child = &v->image->functions[line->function];
    for (uint32_t i = 0; i < number; i++)
        if (v->image->lines[wait->lines + i].function == line->function)
            return verify_refuse(v, line, RULE_CHILDREN_TWICE);
    if (v->exits[line->function] > wait->exits) return verify_refuse(v, &wait->exits, RULE_BUSY_EXITS);
    if (line->operand == OPERAND_NONE) return true;
    uint16_t type = line->operand & OPERAND_CONSTANT ? (uint16_t)TYPE_VOID : operand_type(v, p, line->operand);
    return (type != TYPE_VOID && child->result != TYPE_VOID && type_like(type, child->result)) ||
           verify_refuse(v, line, RULE_CHILD_RESULT);
}

static bool verify_children(struct verify *v, const struct point *p)
{
    const struct image_wait *wait = p->wait;
    if (!wait->line_count || wait->line_count > IMAGE_CHILDREN_MAX) return verify_refuse(v, wait, RULE_CHILDREN);
    if (wait->step == STEP_ID_race && wait->exits < wait->line_count)
        return verify_refuse(v, &wait->exits, RULE_CHILDREN_EXITS);
    for (uint32_t i = 0; i < wait->line_count; i++) {
        const struct image_line *line = &v->image->lines[wait->lines + i];
        if (line->zero8 || line->kind != LINE_CHILD) return verify_refuse(v, line, RULE_LINE_KIND);
        if (!check_child(v, p, i)) return false;
    }
    return true;
}

/* Checks the line with the figure by which candidates are ordered: it comes after the others if the order needs a
 * figure, and is otherwise forbidden. */
static bool check_order_line(struct verify *v, const struct point *p, const struct image_line *line)
{
    if (line->after != OPERAND_NONE || line->operand != OPERAND_NONE || line->type)
        return verify_refuse(v, line, RULE_UNUSED);
    return check_captures(v, p, line->operands, line->captures, line->function, FUNCTION_LEAF) &&
           (v->image->functions[line->function].result != TYPE_BOOL || verify_refuse(v, line, RULE_ORDER_BOOL));
}

/* Checks a condition whose answer several waits share: it must capture nothing from its block, and the core has room
 * for only so many captures. */
static bool check_shared(struct verify *v, const struct image_line *line)
{
    const struct image_function *function = &v->image->functions[line->function];
    if (line->captures > IMAGE_CAPTURES_MAX) return verify_refuse(v, line, RULE_CAPTURES_LIMIT);
    for (uint32_t i = 0; i < line->captures; i++)
        if (type_is_object(v->image, verify_register(v, function, i)))
            return verify_refuse(v, line, RULE_CAPTURE_OBJECT);
    return true;
}

/* Checks the condition that ends the wait: it computes like a function of the strategy, waits for nothing, and
 * changes nothing, however often it is evaluated. */
static bool check_until_line(struct verify *v, const struct point *p, const struct image_line *line)
{
    if (line->after != OPERAND_NONE || line->operand != OPERAND_NONE || line->zero8 ||
        line->type & ~(LINE_TICKS | LINE_SHARED | LINE_HEARS) || (line->type & LINE_HEARS && line->type & LINE_SHARED))
        return verify_refuse(v, line, RULE_UNUSED);
    if (!check_captures(v, p, line->operands, line->captures, line->function, FUNCTION_PLAIN)) return false;
    if (v->changes[line->function]) return verify_refuse(v, line, RULE_UNTIL_CHANGES);
    if (v->image->functions[line->function].result != TYPE_BOOL) return verify_refuse(v, line, RULE_UNTIL_CONDITION);
    return !(line->type & LINE_SHARED) || check_shared(v, line);
}

/* Checks the condition for the next line. Waits always share its answer. */
static bool check_where_line(struct verify *v, const struct point *p, const struct image_line *line)
{
    if (line->type & (LINE_SHARED | LINE_HEARS)) return verify_refuse(v, line, RULE_UNUSED);
    return check_until_line(v, p, line) && check_shared(v, line);
}

/* Checks a value that is computed anew in place of a capture of the next line of candidates, or of the order: it is
 * shared, too, and a word of the capture's type. Values of one line ascend by their captures, so there are no more of
 * them than captures. */
static bool check_value_line(struct verify *v, const struct point *p, uint32_t index)
{
    const struct image_line *line = &v->image->lines[p->wait->lines + index], *next = line;
    uint32_t capture = line->type >> LINE_VALUE_CAPTURE, end = p->wait->lines + p->wait->line_count;
    if (line->after != OPERAND_NONE || line->operand != OPERAND_NONE || line->zero8 ||
        (line->type & ((1u << LINE_VALUE_CAPTURE) - 1) & ~(unsigned)LINE_TICKS))
        return verify_refuse(v, line, RULE_UNUSED);
    if (!check_captures(v, p, line->operands, line->captures, line->function, FUNCTION_PLAIN)) return false;
    if (v->changes[line->function]) return verify_refuse(v, line, RULE_UNTIL_CHANGES);
    if (!check_shared(v, line)) return false;
    do next++;
    while (next < v->image->lines + end &&
           (next->kind == LINE_VALUE || next->kind == LINE_WHERE || next->kind == LINE_UNTIL));
    if (index > 0 && line[-1].kind == LINE_VALUE && line[-1].type >> LINE_VALUE_CAPTURE >= capture)
        return verify_refuse(v, line, RULE_LINE_VALUE);
    if (next == v->image->lines + end ||
        (next->kind != LINE_LEAF && next->kind != LINE_ORDER && next->kind != LINE_TIE) || capture >= next->captures ||
        next->function >= v->image->count[SECTION_FUNCTIONS])
        return verify_refuse(v, line, RULE_LINE_VALUE);
    uint16_t type = verify_register(v, &v->image->functions[next->function], capture);
    return (type == v->image->functions[line->function].result && !type_is_object(v->image, type)) ||
           verify_refuse(v, line, RULE_LINE_VALUE_TYPE);
}

/* Checks a line after which lines belong to a further virtual queue. */
static bool check_in_line(struct verify *v, const struct point *p, const struct image_line *line)
{
    if (line->after != OPERAND_NONE || line->zero8 || line->function != IMAGE_NONE || line->captures)
        return verify_refuse(v, line, RULE_UNUSED);
    return (line->type == TYPE_VQ && operand_type(v, p, line->operand) == TYPE_VQ) ||
           verify_refuse(v, line, RULE_LINE_QUEUE);
}

/* Checks a selection by shares: each of its lines has a share, after the line's captures. */
static bool verify_share(struct verify *v, const struct point *p, const struct image_line *line)
{
    const struct image *image = v->image;
    if (p->wait->order != ORDER_share) return true;
    if ((uint64_t)line->operands + line->captures >= image->count[SECTION_OPERANDS])
        return verify_refuse(v, line, RULE_LINE_SHARE);
    const struct image_operand *row = &image->operands[line->operands + line->captures];
    return (row->parameter == line->captures && operand_type(v, p, row->operand) == TYPE_PERCENT) ||
           verify_refuse(v, row, RULE_LINE_PERCENT);
}

/* Checks a line with only a condition: a function that returns true or false. */
static bool check_leaf_line(struct verify *v, const struct point *p, const struct image_line *line)
{
    if (line->operand != OPERAND_NONE || line->type) return verify_refuse(v, line, RULE_UNUSED);
    if (!check_captures(v, p, line->operands, line->captures, line->function, FUNCTION_LEAF)) return false;
    return v->image->functions[line->function].result == TYPE_BOOL || verify_refuse(v, line, RULE_LINE_CONDITION);
}

/* Checks a line with a target, or with several agents if the order is not by shares. */
static bool check_target_line(struct verify *v, const struct point *p, const struct image_line *line)
{
    uint16_t base = type_base(line->type);
    bool target =
        base == TYPE_GROUP || base == TYPE_AGENT || base == TYPE_QUEUE || base == TYPE_PLACE || base == TYPE_TARGET;
    if (is_list_of(v, line->type, TYPE_AGENT) && p->wait->order != ORDER_share) target = true;
    if (!target || operand_type(v, p, line->operand) != line->type) return verify_refuse(v, line, RULE_LINE_TARGET);
    return (line->function == IMAGE_NONE && !line->captures) || verify_refuse(v, line, RULE_UNUSED);
}

/* Checks a line of candidates: by a leaf function, or as a target. */
static bool check_sought_line(struct verify *v, const struct point *p, const struct image_line *line)
{
    if (!is_absent_or(v, p, line->after, TYPE_DURATION)) return verify_refuse(v, line, RULE_LINE_AFTER);
    if (line->zero8 || line->kind > LINE_TARGET) return verify_refuse(v, line, RULE_LINE_KIND);
    if (!verify_share(v, p, line)) return false;
    return line->kind == LINE_LEAF ? check_leaf_line(v, p, line) : check_target_line(v, p, line);
}

/* Checks an order among equal candidates. One that needs no figure leaves nobody equal: it is the last one. */
static bool check_tie_line(struct verify *v, const struct point *p, const struct image_line *line, bool last)
{
    if (line->after != OPERAND_NONE || line->operand != OPERAND_NONE || line->zero8)
        return verify_refuse(v, line, RULE_UNUSED);
    if (line->type >= ORDERS || line->type == ORDER_share || line->type == ORDER_everyone)
        return verify_refuse(v, line, RULE_ORDER_TIE);
    if (!order_numbered(line->type)->by)
        return (last && line->function == IMAGE_NONE && !line->captures) || verify_refuse(v, line, RULE_ORDER_TIE);
    return check_captures(v, p, line->operands, line->captures, line->function, FUNCTION_LEAF) &&
           (v->image->functions[line->function].result != TYPE_BOOL || verify_refuse(v, line, RULE_ORDER_BOOL));
}

/* Checks the lines after the order, from `at` on: the further orders, and before each the values that its captures
 * have while one waits. */
static bool check_ties(struct verify *v, const struct point *p, uint32_t at)
{
    uint32_t left = IMAGE_TIES_MAX;
    for (; at < p->wait->line_count; at++) {
        const struct image_line *line = &v->image->lines[p->wait->lines + at];
        if (line->kind == LINE_VALUE) {
            if (!check_value_line(v, p, at)) return false;
            continue;
        }
        if (line->kind != LINE_TIE || left-- == 0) return verify_refuse(v, line, RULE_ORDER_TIE);
        if (!check_tie_line(v, p, line, at + 1u == p->wait->line_count)) return false;
    }
    return true;
}

/* Checks the order of the lines with a small state machine: a queue's line begins a group, a condition belongs to
 * the next line, `until` and the order's figure come last. Anything else is not a selection that the core supports. */
static bool check_lines(struct verify *v, const struct point *p)
{
    const struct image *image = v->image;
    const struct image_wait *wait = p->wait;
    if ((uint64_t)wait->lines + wait->line_count > image->count[SECTION_LINES])
        return verify_refuse(v, &wait->lines, RULE_LINES_PLACE);
    if (wait->order >= ORDERS) return verify_refuse(v, &wait->order, RULE_ORDER);
    uint32_t by = order_numbered(wait->order)->by, count = image_order_at(image, wait);
    bool until = count > 0 && !vm_step_forks(wait->step) && image->lines[wait->lines + count - 1].kind == LINE_UNTIL;
    if (by && count == wait->line_count) return verify_refuse(v, wait, RULE_ORDER_FIGURE);
    if (vm_step_forks(wait->step)) return verify_children(v, p);
    uint32_t left = IMAGE_LINES_MAX;
    bool where = false; /* the line before was a condition for this one */
    bool begins = true; /* no candidates' line of this queue has come yet */
    for (uint32_t i = 0; i < wait->line_count; i++) {
        const struct image_line *line = &image->lines[wait->lines + i];
        if (i == count && line->kind == LINE_ORDER) return check_order_line(v, p, line) && check_ties(v, p, i + 1);
        if (until && i == count - 1) {
            if (!check_until_line(v, p, line)) return false;
            continue;
        }
        if (line->kind == LINE_IN) {
            if (where || begins || i + 1 >= count - until) return verify_refuse(v, line, RULE_LINE_IN);
            if (!check_in_line(v, p, line)) return false;
            begins = true;
            continue;
        }
        begins = false;
        if (line->kind == LINE_VALUE) {
            if (where) return verify_refuse(v, line, RULE_LINE_WHERE);
            if (!check_value_line(v, p, i)) return false;
            continue;
        }
        if (line->kind == LINE_WHERE) {
            if (where || i + 1 >= count - until) return verify_refuse(v, line, RULE_LINE_WHERE);
            if (!check_where_line(v, p, line)) return false;
            where = true;
            continue;
        }
        where = false;
        if (left-- == 0) return verify_refuse(v, wait, RULE_LINES_LIMIT);
        if (!check_sought_line(v, p, line)) return false;
    }
    return !by || verify_refuse(v, wait, RULE_ORDER_FIGURE);
}

/* Checks that a selection with the order `everyone` has a preview: all who match are asked with it, or nobody is. */
static bool check_everyone(struct verify *v, const struct point *p)
{
    const struct image_operand *row = v->image->operands + p->wait->operands;
    if (p->wait->order != ORDER_everyone) return true;
    for (uint32_t i = 0; i < p->wait->arguments; i++)
        if (row[i].parameter == PARAMETER_select_preview) return true;
    return verify_refuse(v, &p->wait->order, RULE_ORDER_EVERYONE);
}

static bool check_result(struct verify *v, const struct point *p, const struct step *step)
{
    const struct image_wait *wait = p->wait;
    if (wait->result == REGISTER_NONE) return true;
    uint16_t type = verify_register(v, p->function, wait->result), base = type_base(type), wanted = TYPE_VOID;
    switch ((enum step_result)step->result) {
    case STEP_NOTHING:
        break;
    case STEP_STR:
        wanted = TYPE_STR;
        break;
    case STEP_INT:
        wanted = TYPE_INT;
        break;
    case STEP_TARGET:
        wanted = TYPE_TARGET;
        break;
    case STEP_PAYLOAD:
        wanted = type_is_record(v->image, type) && base >= TYPE_OWN ? base : (uint16_t)TYPE_VOID;
        break;
    case STEP_ROW:
        wanted = v->image->statements[wait->statement].type;
        break;
    case STEP_ELEMENT:
        for (uint32_t i = 0; i < wait->arguments; i++) {
            uint16_t map = operand_type(v, p, v->image->operands[wait->operands + i].operand);
            if (type_is_map(v->image, map) || type_is_list(v->image, map)) wanted = image_element(v->image, map);
        }
        break;
    case STEP_BOOL:
        wanted = TYPE_BOOL;
        break;
    case STEP_BLOB:
        wanted = TYPE_BLOB;
        break;
    case STEP_CATEGORY:
        wanted = TYPE_CATEGORY;
        break;
    case STEP_CATEGORIES:
        wanted = is_list_of(v, base, TYPE_CATEGORY) ? base : (uint16_t)TYPE_VOID;
        break;
    case STEP_VALUES:
        wanted = is_map_of_values(v, base) ? base : (uint16_t)TYPE_VOID;
        break;
    case STEP_TIMES:
        wanted = is_list_of(v, base, TYPE_TIME) ? base : (uint16_t)TYPE_VOID;
        break;
    }
    if (type == TYPE_VOID || wanted == TYPE_VOID || !type_like(type, wanted))
        return verify_refuse_of(v, &wait->result, RULE_STEP_RESULT, "%s", step->name);
    return true;
}

/* Checks the wait point against the step's row of steps.def: flags, timeout, whether a child may be cancelled in the
 * step, whether the step has a statement, and the type of the result. */
static bool verify_step(struct verify *v, const struct point *p)
{
    const struct image_wait *wait = p->wait;
    const struct step *step = step_numbered(wait->step);
    if (!step || wait->callee != IMAGE_NONE) return verify_refuse(v, &wait->step, RULE_STEP);
    unsigned secret = step->result == STEP_ROW           ? (unsigned)(WAIT_SECRET | WAIT_SECRET_ANSWER)
                      : wait->step == STEP_ID_ivr_digits ? (unsigned)WAIT_SECRET
                                                         : 0;
    if ((wait->flags & ~secret) != (unsigned)((step->cancellable ? WAIT_CANCEL : 0) | (step->ends ? WAIT_ENDS : 0)))
        return verify_refuse(v, &wait->flags, RULE_STEP_FLAGS);
    bool may = step->timeout_us == STEP_TIMEOUT_OPTIONAL || step->timeout_us == STEP_TIMEOUT_AFTER;
    if (!may && (wait->timeout == OPERAND_NONE) != (step->timeout_us == STEP_TIMEOUT_NONE))
        return verify_refuse_of(v, &wait->timeout, RULE_STEP_DEADLINE, "%s", step->name);
    /* a child that cannot be cancelled in the step is refused, and so is a child with children */
    if (p->function->kind == FUNCTION_BUSY && !step->cancellable)
        return verify_refuse_of(v, &wait->step, RULE_STEP_CUT, "%s", step->name);
    bool query = step->result == STEP_ROW;
    if (query ? wait->statement >= v->image->count[SECTION_STATEMENTS] : wait->statement != IMAGE_NONE)
        return verify_refuse_of(v, &wait->statement, RULE_STEP_STATEMENT, "%s", step->name);
    if (query) {
        const struct image_statement *statement = &v->image->statements[wait->statement];
        unsigned mode = wait->step >= STEP_ID_http_get ? wait->step - (unsigned)STEP_ID_http_get + STATEMENT_GET
                                                       : wait->step - (unsigned)STEP_ID_query_first;
        if (statement->mode != mode || statement->parameters != wait->arguments)
            return verify_refuse_of(v, &wait->statement, RULE_STEP_STATEMENT, "%s", step->name);
    }
    bool select = wait->step == STEP_ID_select;
    bool busy = select || wait->step == STEP_ID_wait_for;
    if ((wait->busy != IMAGE_NONE && !busy) ||
        (!select && ((wait->line_count && !vm_step_forks(wait->step)) || wait->order)))
        return verify_refuse_of(v, wait, RULE_STEP_LINES, "%s", step->name);
    return verify_arguments(v, p, step) && check_result(v, p, step) && verify_busy(v, p) && check_lines(v, p) &&
           check_everyone(v, p);
}

/* Checks the wait point of a call: arguments and perhaps a failure target, and nothing else that wait points can
 * have. */
static bool verify_call_wait(struct verify *v, const struct point *p)
{
    const struct image_wait *wait = p->wait;
    const struct image_function *callee = &v->image->functions[wait->callee];
    if (wait->step || wait->line_count || wait->order || wait->busy != IMAGE_NONE || wait->captures || wait->exits ||
        wait->statement != IMAGE_NONE || wait->flags != WAIT_CALL || wait->arguments != callee->parameters)
        return verify_refuse(v, wait, RULE_PLAIN_CALL);
    if (p->function->kind == FUNCTION_BUSY) return verify_refuse(v, wait, RULE_BUSY_CALLS);
    for (uint32_t i = 0; i < wait->arguments; i++) {
        const struct image_operand *row = &v->image->operands[wait->operands + i];
        uint16_t type = operand_type(v, p, row->operand);
        if (row->parameter != i || type == TYPE_VOID || !type_like(verify_register(v, callee, i), type))
            return verify_refuse(v, row, RULE_ARGUMENT_TYPE);
    }
    return true;
}

/* Checks the wait points; each row must be used by exactly the instruction that it names. */
bool verify_waits(struct verify *v)
{
    const struct image *image = v->image;
    for (uint32_t n = 0; n < image->count[SECTION_WAITS]; n++) {
        const struct image_wait *wait = &image->waits[n];
        struct point p = {.wait = wait};
        if (wait->function >= image->count[SECTION_FUNCTIONS]) return verify_refuse(v, wait, RULE_POINT_FUNCTION);
        p.function = &image->functions[wait->function];
        bool call = (wait->flags & WAIT_CALL) != 0;
        if (!image_starts(image, p.function, wait->pc) ||
            image->code[p.function->code + wait->pc] !=
                ((call ? (uint32_t)OP_CALL_WAIT : (uint32_t)OP_STEP) | (uint32_t)wait->result << 8 | n << 16))
            return verify_refuse(v, &wait->pc, RULE_POINT_CODE);
        uint32_t size = image->count[SECTION_STRINGS];
        if (wait->label.offset > size || wait->label.length > size - wait->label.offset)
            return verify_refuse(v, &wait->label, RULE_TEXT_PLACE);
        if (!check_live(v, &p) || !verify_wait_operands(v, &p)) return false;
        if (!(call ? verify_call_wait(v, &p) : verify_step(v, &p))) return false;
    }
    return true;
}

/* Checks rows of first, last and target. They must ascend and not overlap, because values are found by binary
 * search. */
static bool check_ranges(struct verify *v, const uint32_t *table, uint32_t words)
{
    if (table[2] != words / 5 || words % 5) return verify_refuse(v, table, RULE_TABLE_ROWS);
    int64_t before = 0;
    for (uint32_t i = 0; i < table[2]; i++) {
        const uint32_t *row = table + 4 + 5 * (size_t)i;
        int64_t first = (int64_t)(row[0] | (uint64_t)row[1] << 32), last = (int64_t)(row[2] | (uint64_t)row[3] << 32);
        if (first > last || (i && first <= before)) return verify_refuse(v, row, RULE_TABLE_ORDER);
        before = last;
    }
    return true;
}

/* Checks a trie: nodes are in breadth-first order, with their children numbered in the order met, so there are no
 * cycles. */
static bool check_trie(struct verify *v, const uint32_t *table, uint32_t words)
{
    uint32_t nodes = table[2], children, next = 1;
    if (!nodes || nodes > words / 4) return verify_refuse(v, table, RULE_TABLE_ROWS);
    children = 4 + 4 * nodes;
    for (uint32_t i = 0; i < nodes; i++) {
        const uint32_t *row = table + 4 + 4 * (size_t)i;
        uint32_t low = row[1] & 0xffff, span = row[1] >> 16;
        if (span == 0 && (row[0] || low)) return verify_refuse(v, row, RULE_UNUSED);
        if (span == 0) continue;
        if (row[0] != children || low + span > 256 || span > words + 4 - children)
            return verify_refuse(v, row, RULE_TRIE_CHILDREN);
        for (uint32_t c = 0; c < span; c++) {
            uint32_t child = table[children + c];
            if (child ? child != next++ : c == 0 || c == span - 1)
                return verify_refuse(v, table + children + c, RULE_TRIE_CHILD);
        }
        children += span;
    }
    if (next != nodes || children != words + 4) return verify_refuse(v, table, RULE_TRIE_REST);
    return true;
}

/* Checks an automaton: classes in the order of their first bytes, each used; existing states only; nothing after
 * them. */
static bool verify_automaton_table(struct verify *v, const uint32_t *table, uint32_t words)
{
    uint32_t states = table[2], width = words ? table[4] : 0, seen = 0;
    if (!states || states > AUTOMATON_STATES_MAX || !width || width > 256 ||
        words != 1 + AUTOMATON_CLASS_WORDS + states + (states * width + 1) / 2)
        return verify_refuse(v, table, RULE_TABLE_ROWS);
    const uint8_t *classes = (const uint8_t *)(table + 5);
    for (uint32_t i = 0; i < 256; i++) {
        if (classes[i] > seen || classes[i] >= width) return verify_refuse(v, classes + i, RULE_TABLE_ORDER);
        if (classes[i] == seen) seen++;
    }
    if (seen != width) return verify_refuse(v, table + 4, RULE_AUTOMATON_CLASS);
    const uint32_t *next = table + 5 + AUTOMATON_CLASS_WORDS + states;
    for (uint32_t i = 0; i < states * width + (states * width & 1); i++) {
        uint32_t state = next[i / 2] >> 16 * (i % 2) & 0xffff;
        if (i < states * width ? state >= states && state != AUTOMATON_DEAD : state != 0)
            return verify_refuse(v, next + i / 2, RULE_AUTOMATON_STATE);
    }
    return true;
}

static bool verify_zone_table(struct verify *v, const uint32_t *table, uint32_t words)
{
    enum { FARTHEST = 26 * 3600 };
    uint32_t rows = table[2], name = table[3];
    if (!rows || rows > words / 3 || name > ZONE_NAME_MAX || !name || words != 3 * rows + (name + 3) / 4 ||
        table[1] != IMAGE_NONE)
        return verify_refuse(v, table, RULE_TABLE_ROWS);
    for (uint32_t i = 0; i < rows; i++) {
        const uint32_t *row = table + 4 + 3 * (size_t)i;
        int64_t at = (int64_t)(row[0] | (uint64_t)row[1] << 32);
        int64_t before = i ? (int64_t)(row[-3] | (uint64_t)row[-2] << 32) : 0;
        if (i ? at <= before : at != INT64_MIN) return verify_refuse(v, row, RULE_TABLE_ORDER);
        if ((int32_t)row[2] > FARTHEST || (int32_t)row[2] < -FARTHEST)
            return verify_refuse(v, row + 2, RULE_ZONE_CLOCK);
    }
    const char *bytes = (const char *)(table + 4 + 3 * (size_t)rows);
    for (uint32_t i = name; i < ((name + 3) & ~3u); i++)
        if (bytes[i]) return verify_refuse(v, bytes + i, RULE_PADDING);
    return utf8_is_text(bytes, name) || verify_refuse(v, bytes, RULE_TABLE_NAME);
}

/* Checks a rule of capacity. Its rows ascend: first how much of each medium an agent takes, one row per medium, then
 * which of these media exclude each other. */
static bool check_capacity(struct verify *v, const uint32_t *table, uint32_t words)
{
    uint32_t rows = table[2], name = table[3];
    uint8_t most[MEDIA_KINDS] = {0};
    if (!rows || rows > CAPACITY_ROWS_MAX || !name || name > CAPACITY_NAME_MAX || words != rows + (name + 3) / 4 ||
        table[1] != IMAGE_NONE)
        return verify_refuse(v, table, RULE_TABLE_ROWS);
    for (uint32_t i = 0; i < rows; i++) {
        const uint32_t *at = table + 4 + i;
        const struct capacity_row row = capacity_row_of(*at), last = capacity_row_of(i ? at[-1] : 0);
        bool takes = row.what == CAPACITY_TAKES, same = i && row.what == last.what && row.medium == last.medium;
        if (capacity_word(row) != *at || row.what >= CAPACITY_WHATS || !row.medium)
            return verify_refuse(v, at, RULE_CAPACITY_ROW);
        if ((i && *at <= at[-1]) || (takes && same)) return verify_refuse(v, at, RULE_TABLE_ORDER);
        if (takes && (!row.number || row.number > CAPACITY_MOST)) return verify_refuse(v, at, RULE_CAPACITY_TAKES);
        if (!takes && (row.number == row.medium || !most[row.number] || !most[row.medium]))
            return verify_refuse(v, at, RULE_CAPACITY_BOTH);
        if (takes) most[row.medium] = row.number;
    }
    const char *bytes = (const char *)(table + 4 + rows);
    for (uint32_t i = name; i < ((name + 3) & ~3u); i++)
        if (bytes[i]) return verify_refuse(v, bytes + i, RULE_PADDING);
    return utf8_is_text(bytes, name) || verify_refuse(v, bytes, RULE_TABLE_NAME);
}

static bool check_media_table(struct verify *v, const uint32_t *table, uint32_t words)
{
    if (table[1] != IMAGE_NONE || table[2] == 0 || table[2] != words || table[3] != 0)
        return verify_refuse(v, table, RULE_TABLE_ROWS);
    for (uint32_t i = 0; i < words; i++) {
        const uint32_t *at = table + 4 + i;
        if (*at < STRATEGY_MEDIA_BITS || *at >= MEDIA_KINDS || (i && *at <= at[-1]))
            return verify_refuse(v, at, RULE_MEDIA_ROW);
    }
    return true;
}

static bool check_prefer(struct verify *v, const uint32_t *table, uint32_t words)
{
    if (table[1] != IMAGE_NONE || table[2] > PREFER_RULES_MAX || words != 3 * table[2] || table[3] >= PREFER_ORDERS)
        return verify_refuse(v, table, RULE_TABLE_ROWS);
    for (uint32_t i = 0; i < table[2]; i++) {
        const uint32_t *at = table + 4 + 3 * i;
        bool named = at[0] < v->image->count[SECTION_NAMES] && v->image->names[at[0]].kind == TYPE_VQ;
        if ((!named && at[0] != PREFER_OTHERS) || at[1] > PREFER_RANK_MAX || at[2] > PREFER_DELAY_MAX_MS)
            return verify_refuse(v, at, RULE_PREFER_ROW);
        if (i && at[0] <= at[-3]) return verify_refuse(v, at, RULE_TABLE_ORDER);
    }
    return true;
}

/* Checks a text of a view: its two words are a place of SECTION_STRINGS, offset and length. */
static bool check_view_text(struct verify *v, const uint32_t *words, bool empty)
{
    const struct image_text text = {words[0], words[1]};
    if (!verify_text(v, (const struct image_text *)(const void *)words)) return false;
    return (text.length > 0 || empty) || verify_refuse(v, words, RULE_VIEW_ROW);
}

static bool check_view_condition(struct verify *v, const uint32_t *row)
{
    uint32_t sign = row[2] & 255, kind = row[2] >> 8;
    bool text = kind == BIN_TEXT, ordered = sign != BIN_EQ && sign != BIN_NE;
    if (!check_view_text(v, row, false) || !check_view_text(v, row + 3, true)) return false;
    bool good = sign < BIN_SIGNS && kind < BIN_KINDS && (text || (row[3] == 0 && row[4] == 0)) &&
                (!text || (row[5] == 0 && row[6] == 0)) && (!ordered || kind != BIN_BOOL) &&
                (!ordered || text == (sign == BIN_HAS));
    return good || verify_refuse(v, row + 2, RULE_VIEW_ROW);
}

static bool check_view_table(struct verify *v, const uint32_t *table, uint32_t words)
{
    uint32_t columns = table[2], conditions = table[3];
    if (table[1] != IMAGE_NONE || columns > VIEW_COLUMNS_MAX || conditions > VIEW_CONDITIONS_MAX ||
        words != VIEW_HEAD_WORDS + VIEW_COLUMN_WORDS * columns + VIEW_CONDITION_WORDS * conditions)
        return verify_refuse(v, table, RULE_TABLE_ROWS);
    const uint32_t *head = table + 4, *row = head + VIEW_HEAD_WORDS;
    uint16_t kind = head[2] < v->image->count[SECTION_NAMES] ? v->image->names[head[2]].kind : TYPE_VOID;
    if (kind != TYPE_QUEUE && kind != TYPE_WORKBIN) return verify_refuse(v, head + 2, RULE_VIEW_BIN);
    if (!check_view_text(v, head, false) || !check_view_text(v, head + 3, true)) return false;
    if (head[1] > VIEW_NAME_MAX) return verify_refuse(v, head, RULE_VIEW_ROW);
    for (uint32_t i = 0; i < columns; i++, row += VIEW_COLUMN_WORDS)
        if (!check_view_text(v, row, false)) return false;
    for (uint32_t i = 0; i < conditions; i++, row += VIEW_CONDITION_WORDS)
        if (!check_view_condition(v, row)) return false;
    return true;
}

static bool verify_table(struct verify *v, const uint32_t *table, uint32_t words)
{
    switch (table[0]) {
    case TABLE_RANGES:
        return check_ranges(v, table, words);
    case TABLE_TEXT:
        return check_trie(v, table, words);
    case TABLE_AUTOMATON:
        return verify_automaton_table(v, table, words);
    case TABLE_ZONE:
        return verify_zone_table(v, table, words);
    case TABLE_CAPACITY:
        return check_capacity(v, table, words);
    case TABLE_PREFER:
        return check_prefer(v, table, words);
    case TABLE_VIEW:
        return check_view_table(v, table, words);
    case TABLE_MEDIA:
        return check_media_table(v, table, words);
    default:
        return verify_refuse(v, table, RULE_TABLE_KIND);
    }
}

bool verify_tables(struct verify *v)
{
    const struct image *image = v->image;
    const uint32_t *tables = image->tables;
    uint32_t words = image->count[SECTION_TABLES];
    if (!words) return true;
    if (!tables[0] || tables[0] > words - 1 || tables[0] >= IMAGE_NONE) return verify_refuse(v, tables, RULE_TABLES);
    uint32_t end = 1 + tables[0];
    for (uint32_t i = 0; i < tables[0]; i++) {
        uint32_t start = tables[1 + i], stop = i + 1 < tables[0] ? tables[2 + i] : words;
        if (start != end || stop > words || stop < start || stop - start < 4)
            return verify_refuse(v, tables + 1 + i, RULE_TABLE_PLACE);
        const uint32_t *table = tables + start;
        if (!verify_table(v, table, stop - start - 4)) return false;
        end = stop;
    }
    return true;
}
