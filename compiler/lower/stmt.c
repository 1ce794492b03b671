/* compiler/lower/stmt.c - Statements: setting values, and jumps.
 *
 * After a statement only variables have values in registers. Jumps go to labels by number; the places of labels are
 * known at the end (ir_prune). A jump out of a construct that has to be ended, such as a loop over a table or a
 * `mandatory` block, ends the construct first (lower_goto). */
#include "compiler/lower/lowerer.h"

#include <assert.h>

#include "compiler/lower/regs.h"

/* Labels */

/* The number is stored with 1 added: 0 means that the label has no number yet, as a goto may come before its label. */
uint32_t label_of(struct lowerer *l, const struct node *labelled)
{
    uint32_t *label = &l->labels[labelled->id];
    if (!*label) *label = lower_new_label(l) + 1;
    return *label - 1;
}

/* Is the label, in the text, outside the block whose function is being made? */
bool label_is_outside(const struct lowerer *l, const struct node *labelled)
{
    const struct source_span block = l->body->block->span;
    return labelled->span.begin < block.begin || labelled->span.end > block.end;
}

/* A busy block and a child are functions of their own, so they cannot jump into the body around them; this returns
 * the number of an exit. Such a function ends by EXIT with a number, and the wait point of the outer body maps that
 * number to a label. */
uint32_t stmt_busy_exit(struct lowerer *l, const struct node *labelled)
{
    const struct body *first = l->body->first_child; /* all children of a wait share one numbering */
    struct made_function *made = first ? first->made : l->body->made;
    for (uint32_t i = 0; i < made->exit_count; i++)
        if (made->exits[i] == labelled) return l->body->exits_before + i;
    uint32_t count = made->exit_count++;
    if ((count & (count + 1)) == 0) /* full: doubled */
        made->exits =
            arena_grow(l->arena, made->exits, count * sizeof *made->exits, (2 * count + 1) * sizeof *made->exits);
    made->exits[count] = labelled;
    return l->body->exits_before + count;
}

bool label_ends_mandatory(const struct lowerer *l, const struct node *labelled)
{
    return l->mandatory &&
           (labelled->span.begin < l->mandatory->span.begin || labelled->span.end > l->mandatory->span.end);
}

/* Is the label outside the loop, so that a jump to the label leaves the loop? */
static bool label_is_behind(const struct loop_labels *loop, const struct node *labelled)
{
    return labelled->span.begin < loop->node->span.begin || labelled->span.end > loop->node->span.end;
}

/* Would a jump to the label leave a loop over a table, whose cursor must then be released? */
bool label_ends_walk(const struct lowerer *l, const struct node *labelled)
{
    for (const struct loop_labels *loop = l->loop; loop && label_is_behind(loop, labelled); loop = loop->outer)
        if (loop->table) return true;
    return false;
}

/* Constructs end from the inside out: cursors are released first, then the mandatory block ends, then the jump
 * follows. */
static void lower_goto(struct lowerer *l, const struct node *labelled)
{
    if (label_is_outside(l, labelled)) {
        lower_add(l, I_EXIT)->operand[0] = stmt_busy_exit(l, labelled);
        return;
    }
    for (const struct loop_labels *loop = l->loop; loop && label_is_behind(loop, labelled); loop = loop->outer)
        lower_walked(l, loop);
    if (label_ends_mandatory(l, labelled)) lower_mandatory(l, false);
    lower_add_jump(l, I_JUMP, IR_NONE, label_of(l, labelled));
}

/* Only the outermost of nested mandatory blocks begins and ends the state without interruptions: otherwise the end
 * of an inner one would allow interruptions within the outer one. */
static void lower_mandatory_block(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_MANDATORY);
    const struct node *outer = l->mandatory;
    if (!outer) {
        l->mandatory = node;
        lower_mandatory(l, true);
    }
    lower_block(l, node->mandatory.body);
    if (!outer) lower_mandatory(l, false);
    l->mandatory = outer;
}

static void lower_labelled(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_LABELLED);
    lower_add_label(l, label_of(l, node));
    l->label = node->labelled.name.text;
    l->label_splits = 0;
    lower_statement(l, node->labelled.statement);
    l->label = NULL;
}

/* let, attach, assignment */

static uint32_t local_register(struct lowerer *l, const struct symbol *symbol)
{
    uint32_t reg = lower_new_register(l, lower_type(l, symbol->type));
    lower_name_local(l, reg, symbol);
    l->locals[symbol->index] = reg;
    return reg;
}

/* The register gets the variable's name only after the right side: until then it does not hold the variable's value. */
static void lower_let(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_LET);
    const struct symbol *symbol = node->meaning;
    uint32_t reg = lower_new_register(l, lower_type(l, symbol->type));
    uint32_t value = lower_rhs(l, node->let.value, symbol->type, reg, true);
    if (value != reg) lower_move(l, reg, value);
    lower_name_local(l, reg, symbol);
    l->locals[symbol->index] = reg;
}

static void lower_attach(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_ATTACH);
    const struct node *to = node->attach.target;
    if (to->kind == NODE_INDEX) {
        uint32_t key = lower_expr(l, to->index.index, IR_NONE);
        uint32_t value = lower_rhs(l, node->attach.value, to->type, IR_NONE, true);
        lower_add_ab(l, I_DATA_SET, key, value);
        return;
    }
    const struct symbol *symbol = node->meaning;
    uint32_t value = lower_rhs(l, node->attach.value, symbol->type, IR_NONE, true);
    struct ir_instruction *set = lower_add(l, I_SLOT_SET);
    set->operand[0] = value;
    set->operand[1] = symbol->index;
}

static void set_attribute(struct lowerer *l, const struct symbol *symbol, uint32_t value)
{
    struct ir_instruction *set = lower_add(l, I_ATTRIBUTE_SET);
    set->operand[0] = value;
    set->operand[1] = attribute_rows[symbol->index].number;
}

/* m[k] = v makes a changed map and moves it to the variable's register: a map is a value, and other variables with
 * the old map must not see the change. */
static void assign_index(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_ASSIGN);
    const struct node *object = node->assign.target->index.object;
    uint32_t map = lower_expr(l, object, IR_NONE), key = lower_expr(l, node->assign.target->index.index, IR_NONE);
    uint32_t value = lower_rhs(l, node->assign.value, object->type->of, IR_NONE, true);
    uint32_t changed = lower_new_register(l, lower_register_type(l, map));
    lower_add_abc(l, I_MAP_SET, changed, map, key)->d = value;
    lower_move(l, l->locals[((const struct symbol *)object->meaning)->index], changed);
}

/* Lowers x += y: for numbers a sum, for a list an element added at its end. An optional x that is known not to be none
 * is first moved to a new register of the plain type. */
static uint32_t changed_by(struct lowerer *l, const struct node *node, uint32_t to)
{
    assert(node->kind == NODE_ASSIGN);
    const struct node *value = node->assign.value;
    const struct node *head = value->kind == NODE_STEP ? value->step.head : value;
    bool add_it = node->assign.op == SIGN_ADD;
    const struct type *type = node->assign.target->type;
    uint32_t left = lower_expr(l, node->assign.target, IR_NONE);
    if (lower_register_type(l, to) != lower_type(l, type)) to = lower_new_register(l, lower_type(l, type));
    if (type->kind == LANG_LIST) {
        uint32_t element = lower_rhs(l, value, type->of, IR_NONE, true);
        lower_add_abc(l, I_LIST_ADD, to, left, element);
        return to;
    }
    const struct ir_constant *constant = lower_constant(l, head, NULL);
    bool small = constant && constant->kind == IR_CONSTANT_WORD && constant->word > -128 && constant->word < 128;
    if (small && head->type == type && type->kind != LANG_FLOAT && value->kind != NODE_STEP) {
        lower_at_node(l, head); /* a value out of bounds is reported at the place of the step, as elsewhere */
        lower_add_ab(l, I_ADD_I, to, left)->literal = add_it ? constant->word : -constant->word;
        return to;
    }
    uint32_t right = lower_rhs(l, value, NULL, IR_NONE, true);
    const struct type *right_type = value->kind == NODE_STEP ? value->type : head->type;
    return lower_binary(l, add_it ? SIGN_ADD : SIGN_SUB, type, left, type, right, right_type, to);
}

static void lower_assign(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_ASSIGN);
    const struct node *to = node->assign.target;
    if (to->kind == NODE_INDEX) {
        assign_index(l, node);
        return;
    }
    if (node->assign.op != SIGN_SET && clause_of(node->assign.value, CLAUSE_EVERY)) {
        lower_growth(l, node);
        return;
    }
    const struct symbol *symbol = node->meaning;
    bool local = symbol->kind == SYMBOL_LOCAL;
    uint32_t value;
    if (node->assign.op == SIGN_SET) {
        value = lower_rhs(l, node->assign.value, symbol->type, IR_NONE, true);
    } else {
        uint32_t reg = local ? l->locals[symbol->index] : lower_new_register(l, lower_type(l, symbol->type));
        value = changed_by(l, node, reg);
    }
    if (local)
        lower_move(l, l->locals[symbol->index], value);
    else
        set_attribute(l, symbol, value);
}

/* Control */

static void lower_if(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_IF);
    uint32_t no = lower_new_label(l), end = node->choice.otherwise ? lower_new_label(l) : no;
    lower_branch(l, node->choice.condition, no, false);
    lower_block(l, node->choice.then);
    if (node->choice.otherwise) {
        lower_add_jump(l, I_JUMP, IR_NONE, end);
        lower_add_label(l, no);
        lower_statement(l, node->choice.otherwise);
    }
    lower_add_label(l, end);
}

/* The labels of a loop's beginning and end. `again` is the place where the condition is computed; LOOP jumps back to
 * it and costs fuel: that limits how long a program can run without a wait. */
static struct loop_labels loop_enter(struct lowerer *l, const struct node *node)
{
    struct loop_labels loop = {
        .node = node, .again = lower_new_label(l), .leave = lower_new_label(l), .outer = l->loop};
    lower_add_label(l, loop.again);
    return loop;
}

static void loop_leave(struct lowerer *l, const struct loop_labels *loop)
{
    lower_add_jump(l, I_LOOP, IR_NONE, loop->again);
    lower_add_label(l, loop->leave);
    l->loop = loop->outer;
}

static void lower_while(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_WHILE);
    struct loop_labels loop = loop_enter(l, node);
    l->loop = &loop;
    lower_branch(l, node->loop.condition, loop.leave, false);
    lower_block(l, node->loop.body);
    loop_leave(l, &loop);
}

/* Lowers a loop with a count, which counts down in a register of its own. The count is computed once, before the
 * loop, so a later change of the variables in it does not change how often the body runs. */
static void lower_repeat(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_REPEAT);
    uint32_t left = IR_NONE;
    if (node->repeat.times) {
        left = lower_new_register(l, IR_INT);
        uint32_t value = lower_as(l, node->repeat.times, node->repeat.times->type, left);
        if (value != left) lower_move(l, left, value);
    }
    struct loop_labels loop = loop_enter(l, node);
    l->loop = &loop;
    if (left != IR_NONE) {
        lower_add_jump(l, I_JLE_I, left, loop.leave)->literal = 0;
        lower_add_ab(l, I_ADD_I, left, left)->literal = -1;
    }
    lower_block(l, node->repeat.body);
    loop_leave(l, &loop);
}

/* Lowers a loop over a table without copying it: the loop sees the version that is in force when it begins. */
static void lower_for_row(struct lowerer *l, const struct node *node, const struct symbol *table)
{
    assert(node->kind == NODE_FOR);
    struct symbol *const *symbols = node->meaning;
    uint32_t cursor = lower_walk(l, table);
    struct loop_labels loop = loop_enter(l, node);
    loop.table = table;
    loop.cursor = cursor;
    l->loop = &loop;
    uint32_t key = local_register(l, symbols[0]), row = local_register(l, symbols[1]);
    lower_walk_next(l, &loop, key, row);
    lower_block(l, node->each.body);
    loop_leave(l, &loop);
    lower_walked(l, &loop);
}

/* NEXT reads the element at the position in `at` and increases the position, or jumps to `leave` after the last
 * element. */
static void lower_for(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_FOR);
    struct symbol *const *symbols = node->meaning;
    if (lower_table_named(node->each.in)) {
        lower_for_row(l, node, lower_table_named(node->each.in));
        return;
    }
    bool map = node->each.names.count == 2;
    uint32_t from = lower_expr(l, node->each.in, IR_NONE),
             in = lower_new_register(l, lower_type(l, node->each.in->type));
    uint32_t at = lower_new_register(l, IR_INT);
    lower_move(l, in, from); /* the loop uses the list as it was at its beginning */
    lower_load(l, at, constant_word(l, IR_INT, 0));
    struct loop_labels loop = loop_enter(l, node);
    l->loop = &loop;
    uint32_t first = local_register(l, symbols[0]), second = map ? local_register(l, symbols[1]) : IR_NONE;
    struct ir_instruction *next = lower_add_abc(l, map ? I_NEXT_PAIR : I_NEXT, first, in, at);
    next->d = second;
    next->label = loop.leave;
    lower_block(l, node->each.body);
    loop_leave(l, &loop);
}

/* Releases the cursors of all loops inside the loop that is left; its own cursor is released at `leave`. */
static void lower_leave(struct lowerer *l, const struct node *node)
{
    const struct loop_labels *loop = l->loop;
    for (; loop && loop->node != node->meaning; loop = loop->outer) lower_walked(l, loop);
    assert(loop);
    if (node->kind == NODE_BREAK)
        lower_add_jump(l, I_JUMP, IR_NONE, loop->leave);
    else
        lower_add_jump(l, I_LOOP, IR_NONE, loop->again);
}

/* The value is computed first, since it may still read through the cursors that are released then. */
static void lower_return(struct lowerer *l, const struct node *node)
{
    assert(node->kind == NODE_RETURN);
    if (node->result.value) {
        uint32_t value = lower_as(l, node->result.value, l->body->result, IR_NONE);
        for (const struct loop_labels *loop = l->loop; loop; loop = loop->outer) lower_walked(l, loop);
        lower_add(l, I_RETURN)->operand[0] = value;
    } else {
        for (const struct loop_labels *loop = l->loop; loop; loop = loop->outer) lower_walked(l, loop);
        lower_add(l, I_RETURN_VOID);
    }
}

void lower_block(struct lowerer *l, const struct node *block)
{
    assert(block->kind == NODE_BLOCK);
    EACH_NODE (statement, block->block.statements) lower_statement(l, statement);
}

static void lower_fail(struct lowerer *l, const struct node *node)
{
    uint32_t code = lower_as(l, node->fail.code, node->fail.code->type, IR_NONE);
    lower_add(l, I_FAIL)->operand[0] = code;
}

static void (*const lowers_of[NODE_KINDS])(struct lowerer *, const struct node *) = {
    [NODE_BLOCK] = lower_block,    [NODE_LABELLED] = lower_labelled,
    [NODE_LET] = lower_let,        [NODE_ATTACH] = lower_attach,
    [NODE_ASSIGN] = lower_assign,  [NODE_IF] = lower_if,
    [NODE_WHILE] = lower_while,    [NODE_FOR] = lower_for,
    [NODE_COUNT] = lower_count,    [NODE_MANDATORY] = lower_mandatory_block,
    [NODE_REPEAT] = lower_repeat,  [NODE_SEGMENT] = lower_segment,
    [NODE_SPLIT] = lower_split,    [NODE_BREAK] = lower_leave,
    [NODE_CONTINUE] = lower_leave, [NODE_RETURN] = lower_return,
    [NODE_FAIL] = lower_fail};

/* A function that becomes too long is cut: no more code is made for it. */
void lower_statement(struct lowerer *l, const struct node *node)
{
    if (l->function->count > REGS_INSTRUCTIONS_MAX) l->function->cut = true;
    if (l->function->cut) return;
    lower_at_node(l, node);
    if (lowers_of[node->kind])
        lowers_of[node->kind](l, node);
    else if (node->kind == NODE_GOTO)
        lower_goto(l, node->meaning);
    else
        lower_rhs(l, node->kind == NODE_DO ? node->act.value : node, NULL, IR_NONE, false);
}
