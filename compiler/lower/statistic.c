/* compiler/lower/statistic.c - Statistics: where one is read, its expression is computed from the measures of that
 * object. The core collects the measures from the moment at which the image is loaded.
 *
 *     statistic sl(vq) = answered(within: 20s) / offered over 30m;      the site; sl(vq service) reads it
 *
 *     MEASURE r1 answered of vq within 20000000 over 1800000000         a row of the image per measure that is read
 *     MEASURE r2 offered of vq over 1800000000
 *     QUOTIENT r3 r1 r2                                                 none where nobody was offered
 *
 * In a test a statistic may be set: a measure for tests then tells whether it is set, and to which value. */
#include <assert.h>
#include <string.h>

#include "compiler/language/measures.h"
#include "compiler/language/media.h"
#include "compiler/language/steps.h"
#include "compiler/lower/lowerer.h"

/* Returns the kind of object by the type of the register that holds it. */
static uint32_t measured_in(const struct lowerer *l, uint32_t object)
{
    uint32_t type = lower_register_type(l, object) & ~IR_OPTIONAL;
#define MEASURED(name, number, word)                                                                                   \
    if (type == IR_##name) return number;
#include "vm/measured.def"
    assert(false && "an object of which nothing is measured");
    return 0;
}

/* Sets the window in the form of the image's row. A time of day is that of the site's zone. */
static void set_window(struct lowerer *l, const struct node *window, struct ir_measure *row)
{
    if (!window) return;
    if (statistic_is_since_login(window)) {
        row->window_us = MEASURE_SINCE_LOGIN;
        return;
    }
    const struct ir_constant *worth = known_value(l, window->window.value, window->window.value->type);
    if (!worth) return; /* reported */
    row->window_us = window->window.since ? -(worth->word + 1) : worth->word;
    if (window->window.since) row->zone = lower_zone_rules(l, l->checked->zone);
}

/* Reads the arguments after the measure: (media: chat, within: 20s). */
static void set_filter(struct lowerer *l, const struct node *argument, struct ir_measure *row)
{
    const struct ir_constant *worth = known_value(l, argument->arg.value, argument->arg.value->type);
    if (!worth) return; /* reported */
    if (!strcmp(argument->arg.name.text, "within"))
        row->within_us = worth->word < 0 ? 0 : worth->word;
    else
        row->medium = media_unit_number((uint32_t)worth->word);
}

/* Computes the measure of the object (IR_NONE: of the candidate) over the window; `filters`: arguments, or NULL. */
static uint32_t measure_into(struct lowerer *l, const char *name, const struct node *window,
                             const struct nodes *filters, uint32_t object, uint32_t to)
{
    const struct measure *measure = measure_named(name);
    struct ir_measure *row = ARENA_NEW(l->arena, struct ir_measure);
    uint32_t type = measure->unit == LANG_INT ? IR_INT : measure->unit == LANG_DURATION ? IR_DURATION : IR_PERCENT;
    uint32_t of = object == IR_NONE ? MEASURED_AGENT : measured_in(l, object);
    *row = (struct ir_measure){.measure = measure->number, .of = of, .within_us = -1};
    set_window(l, window, row);
    if (filters)
        EACH_NODE (argument, *filters) set_filter(l, argument, row);
    uint32_t reg = to != IR_NONE && lower_register_type(l, to) == type ? to : lower_new_register(l, type);
    struct ir_instruction *made = lower_add(l, object == IR_NONE ? I_IT_MEASURE : I_MEASURE);
    made->operand[0] = reg;
    if (object != IR_NONE) made->operand[1] = object;
    made->measure = row;
    if (!(measure->filters & MEASURED_KNOWN)) return reg;
    return lower_known_wait(l, of == MEASURED_VQ ? object : IR_NONE, reg, to);
}

uint32_t lower_known_wait(struct lowerer *l, uint32_t vq, uint32_t wait, uint32_t to)
{
    uint32_t type = lower_register_type(l, wait) | IR_OPTIONAL, end = lower_new_label(l);
    uint32_t reg = to != IR_NONE && lower_register_type(l, to) == type ? to : lower_new_register(l, type);
    lower_add(l, I_LOAD_NONE)->operand[0] = reg;
    if (vq != IR_NONE) {
        uint32_t there = measure_into(l, "agents_logged_in", NULL, NULL, vq, IR_NONE);
        lower_add_jump(l, I_JEQ_K, there, end)->constant = constant_word(l, IR_INT, 0);
    }
    lower_add_jump(l, I_JEQ_K, wait, end)->constant = constant_word(l, IR_DURATION, 0);
    lower_move(l, reg, wait);
    lower_add_label(l, end);
    return reg;
}

uint32_t lower_measure(struct lowerer *l, const char *name, uint32_t object, uint32_t to)
{
    return measure_into(l, name, NULL, NULL, object, to);
}

bool lower_is_measured(const struct lowerer *l, const struct node *node)
{
    if (!l->measuring) return false;
    if (node->kind == NODE_NAME) return !node->meaning && measure_named(node->name.name.text);
    if (node->kind == NODE_BINARY) return node->binary.op == SIGN_DIV && type_is_option(node->type);
    return node->kind == NODE_CALL && node->meaning && ((const struct call_use *)node->meaning)->kind == CALL_MEASURE;
}

/* Computes a quotient: a share of counts or durations, or an average duration; none where the divisor is 0. */
static uint32_t lower_quotient(struct lowerer *l, const struct node *node)
{
    uint32_t of = lower_expr(l, node->binary.left, IR_NONE), by = lower_expr(l, node->binary.right, IR_NONE);
    uint32_t type = lower_type(l, node->type), reg = lower_new_register(l, type);
    if (node->binary.left->type == node->binary.right->type) {
        lower_add_abc(l, I_QUOTIENT, reg, of, by);
        return reg;
    }
    uint32_t each = lower_new_register(l, type & ~IR_OPTIONAL), end = lower_new_label(l);
    lower_add(l, I_LOAD_NONE)->operand[0] = reg;
    lower_add_jump(l, I_JEQ_K, by, end)->constant = constant_word(l, IR_INT, 0);
    lower_add_abc(l, I_DIV, each, of, by);
    lower_move(l, reg, each);
    lower_add_label(l, end);
    return reg;
}

uint32_t lower_measured(struct lowerer *l, const struct node *node, uint32_t to)
{
    const struct node *window = l->measuring->statistic.window;
    if (node->kind == NODE_BINARY) return lower_quotient(l, node);
    if (node->kind == NODE_NAME) return measure_into(l, node->name.name.text, window, NULL, l->measured, to);
    return measure_into(l, node->call.callee->name.name.text, window, &node->call.arguments, l->measured, to);
}

/* Reads the statistic's value that a test has set, by that row of enum measure_given; `object`: IR_NONE for the
 * candidate. */
static uint32_t given_into(struct lowerer *l, const char *statistic, uint32_t measure, uint32_t object)
{
    static const uint32_t types[] = {IR_INT, IR_INT, IR_DURATION, IR_PERCENT};
    struct ir_measure *row = ARENA_NEW(l->arena, struct ir_measure);
    uint32_t of = object == IR_NONE ? MEASURED_AGENT : measured_in(l, object);
    *row = (struct ir_measure){.measure = measure, .of = of, .given = statistic};
    uint32_t reg = lower_new_register(l, types[measure - MEASURE_GIVEN]);
    struct ir_instruction *made = lower_add(l, object == IR_NONE ? I_IT_MEASURE : I_MEASURE);
    made->operand[0] = reg;
    if (object != IR_NONE) made->operand[1] = object;
    made->measure = row;
    return reg;
}

/* Computes the value that a test has set, else the expression. */
static uint32_t lower_given(struct lowerer *l, const struct symbol *symbol)
{
    uint32_t type = lower_type(l, symbol->type), reg = lower_new_register(l, type);
    uint32_t bare = type & ~IR_OPTIONAL, plain = lower_new_label(l), end = lower_new_label(l);
    uint32_t measure = bare == IR_DURATION  ? MEASURE_GIVEN_DURATION
                       : bare == IR_PERCENT ? MEASURE_GIVEN_PERCENT
                                            : MEASURE_GIVEN_COUNT;
    uint32_t how = given_into(l, symbol->name, MEASURE_GIVEN, l->measured);
    lower_add_jump(l, I_JEQ_K, how, plain)->constant = constant_word(l, IR_INT, GIVEN_NOT);
    if (type & IR_OPTIONAL) {
        lower_add(l, I_LOAD_NONE)->operand[0] = reg;
        lower_add_jump(l, I_JEQ_K, how, end)->constant = constant_word(l, IR_INT, GIVEN_NONE);
    }
    lower_move(l, reg, given_into(l, symbol->name, measure, l->measured));
    lower_add_jump(l, I_JUMP, IR_NONE, end);
    lower_add_label(l, plain);
    lower_move(l, reg, lower_expr(l, symbol->node->statistic.value, IR_NONE));
    lower_add_label(l, end);
    return reg;
}

/* Computes a statistic, which may read another one: the fields of the outer statistic are restored at the end. */
uint32_t lower_statistic(struct lowerer *l, const struct symbol *symbol, const struct node *of)
{
    const struct node *outer = l->measuring;
    uint32_t before = l->measured, object = of->kind == NODE_IT ? IR_NONE : lower_expr(l, of, IR_NONE);
    if (object != IR_NONE && lower_register_type(l, object) & IR_OPTIONAL) { /* the group or queue of a line; a line
                                                                              * without one takes no candidates */
        uint32_t bare = lower_new_register(l, lower_register_type(l, object) & ~IR_OPTIONAL);
        lower_add_ab(l, I_UNWRAP, bare, object);
        object = bare;
    }
    l->measuring = symbol->node;
    l->measured = object;
    uint32_t reg = symbol->is_set ? lower_given(l, symbol) : lower_expr(l, symbol->node->statistic.value, IR_NONE);
    l->measuring = outer;
    l->measured = before;
    return reg;
}

uint32_t lower_occupancy(struct lowerer *l)
{
    static const char *const of[] = {"busy_time", "login_time"};
    enum { HOUR_US = 3600000000 };
    uint32_t registers[2], share = lower_new_register(l, IR_PERCENT | IR_OPTIONAL),
                           reg = lower_new_register(l, IR_PERCENT);
    for (unsigned i = 0; i < 2; i++) {
        struct ir_measure *row = ARENA_NEW(l->arena, struct ir_measure);
        *row = (struct ir_measure){
            .measure = measure_named(of[i])->number, .of = MEASURED_AGENT, .within_us = -1, .window_us = HOUR_US};
        struct ir_instruction *made = lower_add(l, I_IT_MEASURE);
        made->operand[0] = registers[i] = lower_new_register(l, IR_DURATION);
        made->measure = row;
    }
    lower_add_abc(l, I_QUOTIENT, share, registers[0], registers[1]);
    lower_add_ab(l, I_UNWRAP, reg, share);
    return reg;
}
