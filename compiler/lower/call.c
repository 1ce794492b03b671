/* compiler/lower/call.c - Members, and calls that do not wait.
 *
 * A member or method is a row of the language's table (language/members), and its kind decides here which
 * instructions it becomes. There are two forms: `a.b` on an object that is never none, and `a?.b`, which is none
 * where the object is none. The second form uses the first: member_into() and call_on() handle no none, their
 * callers jump over them.
 *
 * Arguments of a call are in neighbouring registers, in the order of the parameters (a run, regs.c). An argument
 * that the caller leaves out is none. */
#include "compiler/lower/lowerer.h"

#include <assert.h>
#include <string.h>

#include "vm/question.h"

static uint32_t call_zero(struct lowerer *l)
{
    uint32_t reg = lower_new_register(l, IR_INT);
    lower_load(l, reg, constant_word(l, IR_INT, 0));
    return reg;
}

/* Converts a time to the local time that a member such as weekday needs, if the checker has stored a zone in the
 * member. */
static uint32_t wall_of(struct lowerer *l, const struct member *member, uint32_t from)
{
    return member->zone ? lower_wall(l, from, member->zone, IR_NONE) : from;
}

static void step_into(struct lowerer *l, uint32_t error, uint32_t to)
{
    uint32_t number = lower_new_register(l, IR_INT);
    lower_add_abc(l, I_FIELD, number, error, ERROR_STEP);
    lower_add_ab(l, I_STEP_NAME, to, number);
}

/* Puts the text of an error into `to`: that of a `fail` or a fault, or else the step's name and its exit. */
static void text_into(struct lowerer *l, uint32_t from, uint32_t to)
{
    uint32_t code = lower_new_register(l, IR_STR), number = lower_new_register(l, IR_INT), end = lower_new_label(l);
    uint32_t *parts = ARENA_ARRAY(l->arena, uint32_t, 3), result = lower_new_register(l, IR_STR);
    for (int i = 0; i < 3; i++) parts[i] = lower_new_register(l, IR_STR);
    lower_add_abc(l, I_FIELD, code, from, ERROR_CODE);
    lower_move(l, result, code);
    lower_add_jump(l, I_JNE_K, code, end)->constant = constant_text(l, "", 0);
    step_into(l, from, parts[0]);
    lower_load(l, parts[1], constant_text(l, ": ", 2));
    lower_add_abc(l, I_FIELD, number, from, ERROR_REASON);
    lower_text(l, number, l->checked->code_type, parts[2]);
    struct ir_instruction *concat = lower_add(l, I_CONCAT);
    concat->operand[0] = result;
    concat->arguments = parts;
    concat->argument_count = 3;
    lower_add_label(l, end);
    lower_move(l, to, result);
}

/* Computes the member of an object that is not none. */
static void member_into(struct lowerer *l, const char *name, const struct member *member, const struct type *object,
                        uint32_t from, uint32_t to)
{
    switch (member->kind) {
    case MEMBER_FIELD:
        lower_add_abc(l, I_FIELD, to, from, member->index);
        break;
    case MEMBER_COUNT:
        lower_add_ab(l, object->kind == LANG_STR ? I_STR_COUNT : I_COUNT, to, from);
        break;
    case MEMBER_FIRST:
        lower_add_abc(l, object->kind == LANG_STR ? I_STR_GET : I_LIST_GET_OPT, to, from, call_zero(l));
        break;
    case MEMBER_LAST: {
        uint32_t count = lower_new_register(l, IR_INT), last = lower_new_register(l, IR_INT);
        bool text = object->kind == LANG_STR;
        lower_add_ab(l, text ? I_STR_COUNT : I_COUNT, count, from);
        lower_add_ab(l, I_ADD_I, last, count)->literal = -1;
        lower_add_abc(l, text ? I_STR_GET : I_LIST_GET_OPT, to, from, last);
        break;
    }
    case MEMBER_NAME_OF:
        if (object->kind == LANG_DN)
            lower_move(l, to, from);
        else
            lower_add_ab(l, I_TEXT, to, from);
        break;
    case MEMBER_STEP:
        step_into(l, from, to);
        break;
    case MEMBER_TEXT:
        text_into(l, from, to);
        break;
    case MEMBER_UNBOX:
        lower_add_ab(l, I_UNBOX, to, expr_as_option(l, from));
        break;
    case MEMBER_LIST:
        lower_add_ab(l, I_VALUE_LIST, to, expr_as_option(l, from));
        break;
    case MEMBER_MAP:
        lower_add_ab(l, I_VALUE_MAP, to, expr_as_option(l, from));
        break;
    case MEMBER_CLOCK:
        lower_add_ab(l, I_CLOCK_OF, to, wall_of(l, member, from));
        break;
    case MEMBER_DATE:
        lower_add_ab(l, I_DATE_OF, to, wall_of(l, member, from));
        break;
    case MEMBER_WEEKDAY: {
        uint32_t date = object->kind == LANG_DATE ? from : lower_new_register(l, IR_DATE);
        if (date != from) lower_add_ab(l, I_DATE_OF, date, wall_of(l, member, from));
        lower_add_ab(l, I_WEEKDAY_OF, to, date);
        break;
    }
    case MEMBER_INT:
        lower_add_ab(l, I_FLOAT_TO_INT, to, from);
        break;
    case MEMBER_IDLE:
        lower_add(l, I_IDLE)->operand[0] = to;
        break;
    case MEMBER_TAKEN:
        assert(false && "lower_taken");
        break;
    case MEMBER_MAIN_ATTRIBUTE:
        lower_add_ab(l, I_MAIN_ATTRIBUTE, to, member->index);
        break;
    case MEMBER_MAIN_KEY:
        lower_add_ab(l, I_MAIN_SLOT, to, member->index);
        break;
    case MEMBER_CONTACT:
        lower_add_ab(l, I_ATTRIBUTE, to, member->index);
        break;
    case MEMBER_ASKED:
        lower_add_abc(l, I_ASK, to, from, member->index)->d = from; /* there is no argument */
        break;
    case MEMBER_MEASURE:
        lower_measure(l, name, from, to);
        break;
    }
}

/* May the member be none though its object is not none? */
static bool is_flat(const struct member *member)
{
    switch (member->kind) {
    case MEMBER_FIRST:
    case MEMBER_LAST:
    case MEMBER_UNBOX:
    case MEMBER_LIST:
    case MEMBER_MAP:
        return true;
    case MEMBER_ASKED:
        return member->index == QUESTION_target_agent || member->index == QUESTION_target_place ||
               member->index == QUESTION_target_vq || member->index == QUESTION_target_line ||
               member->index == QUESTION_target_group;
    default:
        return false;
    }
}

uint32_t lower_member(struct lowerer *l, const struct node *node, uint32_t to)
{
    assert(node->kind == NODE_MEMBER);
    const struct member *member = node->meaning;
    const struct type *object = type_bare(node->member.object->type);
    bool bodiless =
        member->kind == MEMBER_MAIN_ATTRIBUTE || member->kind == MEMBER_MAIN_KEY || member->kind == MEMBER_CONTACT;
    if (member->kind == MEMBER_MEASURE && node->member.object->kind == NODE_IT)
        return member->symbol ? lower_statistic(l, member->symbol, node->member.object)
                              : lower_measure(l, node->member.name.text, IR_NONE, to);
    if (member->kind == MEMBER_TAKEN) return lower_taken(l, node, to);
    if (member->kind == MEMBER_IDLE || bodiless) { /* `it`, `main`, `contact` have no register */
        uint32_t idle = expr_target(l, node->type, to);
        member_into(l, node->member.name.text, member, object, IR_NONE, idle);
        return idle;
    }
    const struct symbol *table = member->kind == MEMBER_COUNT ? lower_table_named(node->member.object) : NULL;
    if (table) {
        uint32_t count = expr_target(l, node->type, to);
        lower_row_count(l, table, count);
        return count;
    }
    uint32_t from = lower_expr(l, node->member.object, IR_NONE);
    bool walk = object->kind == LANG_VALUE; /* the instructions for a `value` accept none */
    if (!member->optional || walk) {
        uint32_t reg = expr_target(l, node->type, to);
        member_into(l, node->member.name.text, member, object, from, reg);
        return reg;
    }
    if (member->kind == MEMBER_FIELD && object->kind == LANG_RECORD) {
        uint32_t reg = expr_target(l, node->type, to);
        lower_add_abc(l, I_FIELD_OPT, reg, from, member->index);
        return reg;
    }
    uint32_t reg = lower_new_register(l, lower_type(l, node->type)),
             bare = lower_new_register(l, lower_type(l, object));
    bool flat = is_flat(member); /* a flat member may itself be none */
    uint32_t value = flat ? reg : lower_new_register(l, lower_type(l, type_bare(node->type))), end = lower_new_label(l);
    lower_add(l, I_LOAD_NONE)->operand[0] = reg;
    lower_add_jump(l, I_JNONE, from, end);
    lower_add_ab(l, I_UNWRAP, bare, from);
    member_into(l, node->member.name.text, member, object, bare, value);
    if (!flat) lower_move(l, reg, value);
    lower_add_label(l, end);
    return reg;
}

/* Computes the arguments into fresh registers, even values that are in registers already: the run must be free to
 * lie anywhere in the frame, and the callee may overwrite its parameters. */
uint32_t *lower_arguments(struct lowerer *l, struct node *const *nodes, uint32_t count, const struct type *const *types)
{
    assert(nodes && types);
    uint32_t *registers = ARENA_ARRAY(l->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        registers[i] = lower_new_register(l, lower_type(l, types[i]));
        if (nodes[i]) {
            uint32_t reg = lower_as(l, nodes[i], types[i], registers[i]);
            if (reg != registers[i]) lower_move(l, registers[i], reg);
        } else {
            lower_add(l, I_LOAD_NONE)->operand[0] = registers[i];
        }
    }
    return registers;
}

static uint32_t lower_record_call(struct lowerer *l, const struct node *node, const struct call_use *use, uint32_t to)
{
    const struct record *record = node->type->record;
    assert(record && use->arguments);
    const struct type **types = ARENA_ARRAY(l->arena, const struct type *, record->count + 1);
    for (uint32_t i = 0; i < record->count; i++) types[i] = record->fields[i].type;
    uint32_t *registers = lower_arguments(l, use->arguments, record->count, types);
    uint32_t reg = expr_target(l, node->type, to);
    struct ir_instruction *make = lower_add(l, I_RECORD);
    make->operand[0] = reg;
    make->arguments = registers;
    make->argument_count = record->count;
    return reg;
}

static uint32_t lower_function_call(struct lowerer *l, const struct node *node, const struct call_use *use, uint32_t to)
{
    const struct body *callee = use->callee;
    assert(callee && (callee->native || callee->made)); /* callees come first */
    const struct type **types = ARENA_ARRAY(l->arena, const struct type *, callee->param_count + 1);
    for (uint32_t i = 0; i < callee->param_count; i++) types[i] = callee->params[i]->type;
    uint32_t *registers = lower_arguments(l, use->arguments, callee->param_count, types);
    uint32_t reg = callee->result->kind == LANG_VOID ? IR_NONE : expr_target(l, node->type, to);
    if (callee->native) return lower_native_call(l, callee, registers, reg);
    struct ir_instruction *call = lower_add(l, I_CALL);
    call->operand[0] = reg;
    call->arguments = registers;
    call->argument_count = callee->param_count;
    call->callee = callee->made->function;
    return reg;
}

static uint32_t call_slice(struct lowerer *l, const struct call_use *use, bool text, uint32_t of, uint32_t reg)
{
    uint32_t first = lower_expr(l, use->arguments[0], IR_NONE), end;
    if (use->argument_count > 1) {
        end = lower_expr(l, use->arguments[1], IR_NONE);
    } else { /* without a second argument to the end; a start after the end gives nothing */
        end = lower_new_register(l, IR_INT);
        lower_add_ab(l, text ? I_STR_COUNT : I_COUNT, end, of);
        lower_add_abc(l, I_MAX, end, end, first);
    }
    lower_add_abc(l, text ? I_STR_SLICE : I_LIST_SLICE, reg, of, first)->d = end;
    return reg;
}

/* Lowers a method: text, lists and maps have methods of the same names, and the object's type decides on the
 * instruction. */
static uint32_t lower_method_call(struct lowerer *l, const struct call_use *use, const struct type *object, uint32_t of,
                                  const struct type *result, uint32_t to)
{
    bool text = object->kind == LANG_STR, list = object->kind == LANG_LIST;
    if (use->method == METHOD_SLICE) return call_slice(l, use, text, of, expr_target(l, result, to));
    const struct type *type = use->method == METHOD_GET                ? use->arguments[0]->type
                              : use->method == METHOD_CONTAINS && list ? object->of
                                                                       : object;
    uint32_t first = lower_as(l, use->arguments[0], type, IR_NONE), reg = expr_target(l, result, to);
    if (use->method == METHOD_GET)
        lower_add_abc(l, text ? I_STR_GET : list ? I_LIST_GET_OPT : I_MAP_GET, reg, of, first);
    else if (use->method == METHOD_STARTS)
        lower_add_abc(l, text ? I_STR_STARTS : I_LIST_STARTS, reg, of, first);
    else if (text)
        lower_add_abc(l, I_STR_CONTAINS, reg, of, first);
    else
        lower_add_abc(l, I_LIST_IN, reg, first, of);
    return reg;
}

/* Lowers a sample: a number is drawn between 0 and 100 %, and compared with the share: it is lower as often as the
 * share says. */
static uint32_t lower_sample_call(struct lowerer *l, const struct node *node, const struct call_use *use, uint32_t to)
{
    uint32_t share = lower_expr(l, use->arguments[0], IR_NONE), drawn = lower_draw(l),
             reg = expr_target(l, node->type, to);
    lower_add_abc(l, I_LT, reg, drawn, share);
    return reg;
}

static uint32_t call_date_at(struct lowerer *l, const struct call_use *use, uint32_t date, const struct type *result,
                             uint32_t to)
{
    uint32_t clock = lower_expr(l, use->arguments[0], IR_NONE);
    uint32_t wall = lower_new_register(l, IR_TIME), reg = expr_target(l, result, to);
    lower_add_abc(l, I_DATE_AT, wall, date, clock);
    struct clocks clocks = use->rules ? (struct clocks){use->rules, IR_NONE} : lower_clocks_of(l, NULL, use->zone_of);
    return lower_clocks(l, I_INSTANT, clocks, wall, reg);
}

/* Lowers a method of an object that is not none, in the register `of`. */
static uint32_t call_on(struct lowerer *l, const struct call_use *use, const struct type *object, uint32_t of,
                        const struct type *result, uint32_t to)
{
    if (use->kind == CALL_METHOD) return lower_method_call(l, use, object, of, result, to);
    if (use->kind == CALL_IN_ZONE && use->rules) return lower_wall(l, of, use->rules, to);
    if (use->kind == CALL_IN_ZONE)
        return lower_clocks(l, I_WALL, lower_clocks_of(l, NULL, use->zone_of), of, expr_target(l, result, to));
    if (use->kind == CALL_DATE_AT) return call_date_at(l, use, of, result, to);
    /* a group is asked for its next agent, an agent for the level of a skill */
    bool group = object->kind == LANG_GROUP;
    const struct node *argument = use->arguments[0];
    uint32_t asked = group ? lower_as(l, argument, result, IR_NONE) : lower_expr(l, argument, IR_NONE);
    uint32_t reg = expr_target(l, result, to);
    lower_add_abc(l, I_ASK, reg, of, group ? QUESTION_group_after : QUESTION_agent_level)->d = asked;
    return reg;
}

/* a.f(...) and a?.f(...) */
static uint32_t call_of_object(struct lowerer *l, const struct node *node, const struct call_use *use, uint32_t to)
{
    assert(node->kind == NODE_CALL);
    const struct node *object = node->call.callee->member.object;
    const struct type *bare_type = type_bare(object->type);
    uint32_t from = lower_as(l, object, object->type, IR_NONE);
    if (!use->optional) return call_on(l, use, bare_type, from, node->type, to);
    bool flat = use->kind == CALL_METHOD && use->method == METHOD_GET; /* a flat result may itself be none */
    uint32_t reg = lower_new_register(l, lower_type(l, node->type)),
             bare = lower_new_register(l, lower_type(l, bare_type));
    uint32_t end = lower_new_label(l);
    lower_add(l, I_LOAD_NONE)->operand[0] = reg;
    lower_add_jump(l, I_JNONE, from, end);
    lower_add_ab(l, I_UNWRAP, bare, from);
    lower_move(l, reg, call_on(l, use, bare_type, bare, flat ? node->type : type_bare(node->type), IR_NONE));
    lower_add_label(l, end);
    return reg;
}

/* Lowers a call that gives the number as a dn if the directory has the number, else none. */
static uint32_t call_dn_named(struct lowerer *l, const struct node *node, const struct call_use *use)
{
    uint32_t text = lower_expr(l, use->arguments[0], IR_NONE), end = lower_new_label(l), number = text;
    uint32_t reg = lower_new_register(l, lower_type(l, node->type)), known = lower_new_register(l, IR_BOOL);
    lower_add(l, I_LOAD_NONE)->operand[0] = reg;
    if (lower_register_type(l, text) & IR_OPTIONAL) {
        number = lower_new_register(l, IR_STR);
        lower_add_jump(l, I_JNONE, text, end);
        lower_add_ab(l, I_UNWRAP, number, text);
    }
    lower_add_abc(l, I_ASK, known, number, QUESTION_dn_known)->d = number;
    lower_add_jump(l, I_JFALSE, known, end);
    lower_move(l, reg, number);
    lower_add_label(l, end);
    return reg;
}

/* Copies the text `number` into `to` if a row of the site's table allows the number and it can be dialled; else `to`
 * stays as it is. Each refused number is counted, so that many attempts are noticed. */
void lower_where_allowed(struct lowerer *l, const struct node *rule, uint32_t number, uint32_t to)
{
    const struct type *row_type = rule->type->of;
    uint32_t refused = lower_new_label(l), end = lower_new_label(l), yes = lower_new_register(l, IR_BOOL), index;
    uint32_t found = lower_new_register(l, lower_type(l, types_option(l->checked->types, row_type)));
    uint32_t row = lower_new_register(l, lower_type(l, row_type)), allowed = lower_new_register(l, IR_BOOL);
    type_field(row_type, "allowed", &index);
    lower_found_row(l, rule, number, found);
    lower_add_jump(l, I_JNONE, found, refused);
    lower_add_ab(l, I_UNWRAP, row, found);
    lower_add_abc(l, I_FIELD, allowed, row, index);
    lower_add_jump(l, I_JFALSE, allowed, refused);
    lower_add_abc(l, I_ASK, yes, number, QUESTION_number_dialable)->d = number;
    lower_add_jump(l, I_JFALSE, yes, refused);
    lower_move(l, to, number);
    lower_add_jump(l, I_JUMP, IR_NONE, end);
    lower_add_label(l, refused);
    lower_count_named(l, "numbers_refused");
    lower_add_label(l, end);
}

static uint32_t lower_outside(struct lowerer *l, const struct node *node, const struct call_use *use)
{
    uint32_t number = lower_expr(l, use->arguments[0], IR_NONE), reg = lower_new_register(l, lower_type(l, node->type));
    lower_add(l, I_LOAD_NONE)->operand[0] = reg;
    lower_where_allowed(l, use->arguments[1], number, reg);
    return reg;
}

/* Lowers min, max and abs of floats. */
static uint32_t call_float(struct lowerer *l, const struct node *node, const struct call_use *use)
{
    uint32_t result = lower_new_register(l, IR_FLOAT), other = lower_new_register(l, IR_FLOAT),
             less = lower_new_register(l, IR_BOOL);
    uint32_t end = lower_new_label(l);
    lower_move(l, result, lower_as(l, use->arguments[0], node->type, IR_NONE));
    if (use->kind == CALL_ABS)
        lower_add_ab(l, I_NEG_FLOAT, other, result);
    else
        lower_move(l, other, lower_as(l, use->arguments[1], node->type, IR_NONE));
    lower_add_abc(l, I_LE_FLOAT, less, use->kind == CALL_MIN ? result : other, use->kind == CALL_MIN ? other : result);
    lower_add_jump(l, I_JTRUE, less, end);
    lower_move(l, result, other);
    lower_add_label(l, end);
    return result;
}

static uint32_t question_of_queue(const struct symbol *attribute)
{
    switch (attribute_rows[attribute->index].number) {
    case ATTRIBUTE_ID_ewt:
        return QUESTION_ewt_there;
    case ATTRIBUTE_ID_ewt_low:
        return QUESTION_ewt_low_there;
    case ATTRIBUTE_ID_ewt_high:
        return QUESTION_ewt_high_there;
    default:
        return QUESTION_position_there;
    }
}

/* Lowers ewt and its range, of the virtual queue in which the interaction waits. */
uint32_t lower_own_wait(struct lowerer *l, uint32_t number, uint32_t to)
{
    uint32_t any = lower_new_register(l, IR_INT), own = lower_new_register(l, IR_VQ | IR_OPTIONAL);
    uint32_t vq = lower_new_register(l, IR_VQ), wait = lower_new_register(l, IR_DURATION);
    uint32_t type = IR_DURATION | IR_OPTIONAL, end = lower_new_label(l);
    uint32_t reg = to != IR_NONE && lower_register_type(l, to) == type ? to : lower_new_register(l, type);
    lower_load(l, any, constant_word(l, IR_INT, 0));
    lower_add(l, I_LOAD_NONE)->operand[0] = reg;
    lower_add_abc(l, I_ASK, own, any, QUESTION_own_vq)->d = any;
    lower_add_jump(l, I_JNONE, own, end);
    lower_add_ab(l, I_UNWRAP, vq, own);
    lower_add_ab(l, I_ATTRIBUTE, wait, number);
    lower_move(l, reg, lower_known_wait(l, vq, wait, IR_NONE));
    lower_add_label(l, end);
    return reg;
}

uint32_t lower_call(struct lowerer *l, const struct node *node, uint32_t to)
{
    const struct call_use *use = node->meaning;
    switch (use->kind) {
    case CALL_RECORD:
        return lower_record_call(l, node, use, to);
    case CALL_FUNCTION:
        return lower_function_call(l, node, use, to);
    case CALL_METHOD:
    case CALL_IN_ZONE:
    case CALL_DATE_AT:
    case CALL_ASKED:
        return call_of_object(l, node, use, to);
    case CALL_SCHEDULE:
        return lower_schedule_call(l, node, use, to);
    case CALL_STEP:
    case CALL_STRATEGY:
    case CALL_MEASURE: /* statistic.c */
        break;
    case CALL_STATISTIC:
        return lower_statistic(l, use->symbol, use->arguments[0]);
    case CALL_OF_QUEUE: {
        uint32_t vq = lower_expr(l, use->arguments[0], IR_NONE), question = question_of_queue(use->symbol);
        uint32_t reg =
            question == QUESTION_position_there ? expr_target(l, node->type, to) : lower_new_register(l, IR_DURATION);
        lower_add_abc(l, I_ASK, reg, vq, question)->d = vq;
        return question == QUESTION_position_there ? reg : lower_known_wait(l, vq, reg, to);
    }
    case CALL_SAMPLE:
        return lower_sample_call(l, node, use, to);
    case CALL_LEVEL: {
        uint32_t skill = lower_expr(l, use->arguments[0], IR_NONE), reg = expr_target(l, node->type, to);
        lower_add_ab(l, I_LEVEL, reg, skill);
        return reg;
    }
    case CALL_OUTSIDE:
        return lower_outside(l, node, use);
    case CALL_NAMED:
    case CALL_PARSE_INT:
    case CALL_ABS: {
        if (node->type->kind == LANG_FLOAT) return call_float(l, node, use);
        if (type_bare(node->type)->kind == LANG_DN) return call_dn_named(l, node, use);
        uint32_t value = lower_expr(l, use->arguments[0], IR_NONE), reg = expr_target(l, node->type, to);
        lower_add_ab(l, use->kind == CALL_NAMED ? I_NAMED : use->kind == CALL_ABS ? I_ABS : I_PARSE_INT, reg, value);
        return reg;
    }
    case CALL_MIN:
    case CALL_MAX: {
        if (node->type->kind == LANG_FLOAT) return call_float(l, node, use);
        uint32_t a = lower_expr(l, use->arguments[0], IR_NONE), b = lower_expr(l, use->arguments[1], IR_NONE);
        uint32_t reg = expr_target(l, node->type, to);
        lower_add_abc(l, use->kind == CALL_MIN ? I_MIN : I_MAX, reg, a, b);
        return reg;
    }
    }
    assert(false && "a step among expressions");
    return 0;
}
