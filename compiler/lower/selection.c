/* compiler/lower/selection.c - Selections: their lines, the conditions that are computed during the wait, the busy
 * block.
 *
 *     select in vq service { skill French >= 3; after 20s: skill French >= 1 and dnis == "1"; }
 *
 *        11  ATTRIBUTE     r0 dnis                     these do not ask about a candidate:
 *        13  EQ_STR        r3 r0 r2                    they are computed once, as the wait begins
 *        14  STEP          r4 select(vq: vq service) ...
 *             line s.line.1#1()                        the core calls s.line.1 for each candidate,
 *             line after 20s s.line.2#2(r3)            s.line.2 with what was captured
 *
 *         s.line.2:  LEVEL  r2 skill French            a leaf function: it reads, computes and returns, and waits
 *                    LE     r4 1 r2                    for nothing
 *                    AND    r0 r4 r0
 *                    RETURN r0
 *
 * Lines that capture the same variable share one register for it. An `and` or `or` guards its right side: a part of
 * the right side is captured only where the left side makes that side count (branch.c). */
#include "compiler/lower/lowerer.h"

#include <assert.h>

static bool selection_depends(const struct node *node);

static void note_dependence(struct node *node, void *context)
{
    bool *found = context;
    if (selection_depends(node)) *found = true;
}

/* Does the node depend on the candidate? */
static bool selection_depends(const struct node *node)
{
    if (site_group_condition(node)) return true;
    if (node->kind == NODE_KIND_NAME) {
        const struct symbol *symbol = node->meaning;
        return node->type != symbol->type;
    }
    if (node->kind == NODE_KIND_INDEX || node->kind == NODE_IT) return true;
    bool found = false;
    node_children(node, note_dependence, &found);
    return found;
}

static bool is_taken_by_line(const struct node *node)
{
    const struct member *member = node->meaning;
    return node->member.object->kind == NODE_IT && member->kind == MEMBER_TAKEN;
}

struct captures_taken { /* the values captured so far by the lines of one selection */
    const struct symbol *symbols[CAPTURES_MAX];
    const struct type *types[CAPTURES_MAX];
    struct ir_operand operands[CAPTURES_MAX];
    uint32_t count;
};

struct collection {
    struct lowerer *l;
    const struct node *nodes[CAPTURES_MAX];
    const struct guard *guards[CAPTURES_MAX]; /* for each captured node: the guard under which it was found */
    const struct guard *guard;                /* the guard around the current node */
    uint32_t count;
    bool too_many;
    bool takes; /* the first node is the line's target, and the condition tests the candidate against it */
};

static bool value_stays(const struct node *node)
{
    return !selection_depends(node);
}

static void selection_collect(struct node *node, void *context);

static void collect_always(struct collection *collection, struct node *node)
{
    if (collection->count == CAPTURES_MAX)
        collection->too_many = true;
    else {
        collection->guards[collection->count] = collection->guard;
        collection->nodes[collection->count++] = node;
    }
}

static void collect_one(struct collection *collection, struct node *node)
{
    if (!lower_constant(collection->l, node, NULL)) collect_always(collection, node);
}

/* Collects the largest parts that do not depend on the candidate: they are computed once, when the wait begins. */
static void selection_collect(struct node *node, void *context)
{
    struct collection *collection = context;
    bool value = node->kind != NODE_RANGE && node->kind != NODE_ARG;
    if (value && !selection_depends(node))
        collect_one(collection, node);
    else if (site_group_condition(node))
        selection_collect(site_group_condition(node), context);
    else if (branch_is_condition(node) && node->kind == NODE_BINARY) {
        const struct guard *outer = collection->guard;
        selection_collect(node->binary.left, context);
        collection->guard = guard_right(collection->l, outer, node, value_stays);
        selection_collect(node->binary.right, context);
        collection->guard = outer;
    } else if (node->kind == NODE_KIND_INDEX)
        collect_one(collection, node->kind_index.index);
    /* the candidate may come from any line, so all their targets are captured */
    else if (node->kind == NODE_MEMBER && is_taken_by_line(node))
        EACH_NODE (line, collection->l->ordered->select.lines) collect_one(collection, line->line.target);
    else if (member_is_score(node)) /* captured even if it is a constant: the core reads the map */
        collect_always(collection, node->index.object);
    else if (node->kind == NODE_CALL) {
        EACH_NODE (argument, node->call.arguments) selection_collect(argument, context);
        if (node->call.callee->kind == NODE_MEMBER) selection_collect(node->call.callee->member.object, context);
    } else if (node->kind != NODE_KIND_NAME)
        node_children(node, selection_collect, context);
}

/* Returns the node as it was before the line's tests: a name, or a member of a name, that the line tests for none is
 * captured with its optional type, and its value is taken out only where the line needs it. A changed node is a copy;
 * otherwise it is the node itself. */
const struct node *selection_before_tests(struct lowerer *l, const struct node *node)
{
    struct types *types = l->checked->types;
    if (node->kind == NODE_NAME) {
        const struct symbol *symbol = node->meaning;
        bool narrowed = symbol->kind == SYMBOL_LOCAL || symbol->kind == SYMBOL_KEY;
        if (!narrowed || !type_is_option(symbol->type) || type_is_option(node->type)) return node;
    } else if (node->kind != NODE_MEMBER || selection_before_tests(l, node->member.object) == node->member.object) {
        return node;
    }
    struct node *whole = node_copy(l->arena, node);
    whole->type = types_option(types, node->type);
    if (node->kind != NODE_MEMBER) return whole;
    struct member *member = ARENA_NEW(l->arena, struct member);
    *member = *(const struct member *)node->meaning;
    member->optional = true;
    whole->meaning = member;
    whole->member.object = (struct node *)selection_before_tests(l, node->member.object);
    return whole;
}

/* Makes code that tests whether the candidate is the agent or place, or a member of the group, in the register
 * `named`. The answer is false where the register is none. */
static uint32_t selection_is_taken(struct lowerer *l, uint32_t named)
{
    uint32_t of = lower_register_type(l, named), bare = named, yes = lower_new_register(l, IR_BOOL),
             end = lower_new_label(l);
    enum ir_op asks = (of & ~IR_OPTIONAL) == IR_GROUP   ? I_MEMBER
                      : (of & ~IR_OPTIONAL) == IR_AGENT ? I_IS_AGENT
                                                        : I_AT_PLACE;
    if (of & IR_OPTIONAL) {
        lower_load(l, yes, constant_word(l, IR_BOOL, 0));
        lower_add_jump(l, I_JNONE, named, end);
        bare = lower_new_register(l, of & ~IR_OPTIONAL);
        lower_add_ab(l, I_UNWRAP, bare, named);
    }
    lower_add_ab(l, asks, yes, bare);
    lower_add_label(l, end);
    return yes;
}

/* Makes a leaf function: of a condition, or of the value by which candidates are compared; NULL: their occupancy. */
static struct ir_function *make_leaf(struct lowerer *l, const struct node *condition, uint32_t type,
                                     const struct collection *collection)
{
    struct ir_function *outer = l->function;
    const char *name =
        arena_printf(l->arena, "%s.line.%u", l->body->strategy ? l->body->strategy->name : l->body->name, ++l->lines);
    if (condition && site_group_condition(condition))
        name = arena_printf(l->arena, "group %s", condition->kind_name.name.text);
    struct ir_function *leaf = ir_function_new(l->ir, IR_LEAF, name, type);
    struct leaf_capture captures[CAPTURES_MAX];
    leaf->strategy = outer->strategy;
    leaf->parameters = collection->count;
    l->function = leaf;
    for (uint32_t i = 0; i < collection->count; i++) {
        const struct node *node = collection->nodes[i];
        captures[i] =
            (struct leaf_capture){node, lower_new_register(l, lower_type(l, selection_before_tests(l, node)->type))};
    }
    l->captures = captures;
    l->capture_count = collection->count;
    uint32_t result = condition ? lower_expr(l, condition, IR_NONE) : lower_occupancy(l);
    if (type == IR_BOOL) result = lower_truth(l, result);
    if (collection->takes) {
        uint32_t both = lower_new_register(l, IR_BOOL);
        lower_add_abc(l, I_AND, both, selection_is_taken(l, captures[0].reg), result);
        result = both;
    }
    if (lower_register_type(l, result) != type) { /* the function fails for a candidate without a value */
        uint32_t bare = lower_new_register(l, type);
        lower_add_ab(l, I_UNWRAP, bare, result);
        result = bare;
    }
    lower_add(l, I_RETURN)->operand[0] = result;
    l->captures = NULL;
    l->capture_count = 0;
    l->function = outer;
    for (uint32_t i = 0; i < leaf->count; i++) {
        if (ir_ops[leaf->code[i].op].leaf) continue;
        assert(condition);
        diag_report(l->program->diags, LINE_OPERATION, condition->span);
        break;
    }
    ir_function_add(l->ir, leaf);
    return leaf;
}

uint32_t lower_taken(struct lowerer *l, const struct node *node, uint32_t to)
{
    uint32_t reg = to != IR_NONE ? to : lower_new_register(l, lower_type(l, node->type)),
             line = lower_new_register(l, IR_INT);
    uint32_t end = lower_new_label(l), left = (uint32_t)l->ordered->select.lines.count;
    const uint32_t *place = l->places;
    lower_add(l, I_IT_LINE)->operand[0] = line;
    EACH_NODE (one, l->ordered->select.lines) {
        uint32_t next = --left > 0 ? lower_new_label(l) : end;
        if (left > 0) lower_add_jump(l, I_JNE_K, line, next)->constant = constant_word(l, IR_INT, *place++);
        uint32_t value = lower_expr(l, one->line.target, IR_NONE);
        if (lower_register_type(l, value) & IR_OPTIONAL)
            lower_add_ab(l, I_UNWRAP, reg, value);
        else
            lower_move(l, reg, value);
        if (left > 0) {
            lower_add_jump(l, I_JUMP, IR_NONE, end);
            lower_add_label(l, next);
        }
    }
    lower_add_label(l, end);
    return reg;
}

static bool is_condition_line(const struct node *target)
{
    return site_group_condition(target) || target->kind == NODE_BINARY || target->kind == NODE_UNARY ||
           target->kind == NODE_BOOL;
}

/* Returns the capture of the same name by an earlier line of the same selection. */
static struct ir_operand take_along(struct lowerer *l, struct captures_taken *taken, const struct node *part,
                                    const struct guard *guard)
{
    const struct node *node = selection_before_tests(l, part);
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    for (uint32_t i = 0; symbol && i < taken->count; i++)
        if (taken->symbols[i] == symbol && taken->types[i] == node->type) return taken->operands[i];
    struct ir_operand operand = lower_guarded(l, part, guard);
    if (symbol && taken->count < CAPTURES_MAX) {
        taken->symbols[taken->count] = symbol;
        taken->types[taken->count] = node->type;
        taken->operands[taken->count++] = operand;
    }
    return operand;
}

/* Adds, before a line, the lines that compute those of its captures that the site may change during the wait:
 * parameters, figures, counters, schedules. The strategy's own values stay as they were when the wait began. */
static void add_values(struct lowerer *l, struct node *node, struct node *target, struct node *of, struct ir_wait *wait)
{
    struct collection collection = {.l = l, .takes = target != NULL};
    if (target) collection.nodes[collection.count++] = target;
    selection_collect(node, &collection);
    for (uint32_t i = target ? 1 : 0; i < collection.count && !collection.too_many; i++) {
        const struct node *part = collection.nodes[i];
        /* a part that fails unless a test before it holds is left out, since that test is not repeated */
        if (collection.guards[i] && !until_is_of_site(part)) continue;
        if (lower_live_value(l, of, (struct node *)(uintptr_t)part, i, &wait->lines[wait->line_count]))
            wait->line_count++;
    }
}

/* Sets the leaf function of a line; `target`: the target of a line that names somebody without a condition; or NULL.
 * A condition has two parts that run at different times: values that do not depend on the candidate are captured
 * once when the wait begins, the remaining function is called per candidate. */
static void set_leaf(struct lowerer *l, struct node *node, struct node *target, uint32_t type, struct ir_line *line,
                     struct captures_taken *taken)
{
    struct collection collection = {.l = l, .takes = target != NULL};
    if (target) collection.nodes[collection.count++] = target;
    selection_collect(node, &collection);
    if (collection.too_many) {
        diag_report(l->program->diags, LINE_TOO_LARGE, node->span, CAPTURES_MAX);
        collection.count = 0;
        line->leaf = ir_function_new(l->ir, IR_LEAF, "", type);
        return;
    }
    struct leaf_capture made[CAPTURES_MAX];
    line->captures = ARENA_ARRAY(l->arena, struct ir_operand, collection.count + 1);
    branch_taking_begin(l, made);
    for (uint32_t i = 0; i < collection.count; i++) {
        line->captures[i] = take_along(l, taken, collection.nodes[i], collection.guards[i]);
        branch_taken_note(l, made, collection.nodes[i], line->captures[i]);
    }
    branch_taking_end(l);
    line->capture_count = collection.count;
    line->leaf = make_leaf(l, node, type, &collection);
}

static struct node *selection_conjunction(struct lowerer *l, const struct node *like, struct node *left,
                                          struct node *right)
{
    if (!left || !right) return left ? left : right;
    struct node *both = ARENA_NEW(l->arena, struct node);
    both->kind = NODE_BINARY;
    both->span = like->span;
    both->type = types_base(l->checked->types, LANG_BOOL);
    both->binary.op = SIGN_AND;
    both->binary.left = left;
    both->binary.right = right;
    return both;
}

/* Returns the parts of a condition, joined by `and`, that depend on the candidate, or those that do not; NULL: there
 * are none. */
static struct node *condition_parts(struct lowerer *l, struct node *condition, bool of_candidates)
{
    if (!condition) return NULL;
    bool asks = selection_depends(condition);
    if (!asks || condition->kind != NODE_BINARY || condition->binary.op != SIGN_AND)
        return asks == of_candidates ? condition : NULL;
    return selection_conjunction(l, condition, condition_parts(l, condition->binary.left, of_candidates),
                                 condition_parts(l, condition->binary.right, of_candidates));
}

/* Does the line take its candidates by a condition? True for a line that names a group, too. */
static bool is_taken_by_condition(const struct node *target)
{
    return is_condition_line(target) || (target->kind == NODE_KIND_NAME && target->kind_name.kind == KIND_GROUP);
}

/* Returns the line's target as a condition on the candidate. */
static struct node *taken_of(struct lowerer *l, const struct node *target)
{
    struct node *taken = node_copy(l->arena, target);
    taken->id = 0; /* a new node without a number: what was noted for the target does not apply to it */
    if (target->kind == NODE_KIND_NAME && !site_group_condition(target))
        taken->type = types_base(l->checked->types, LANG_BOOL);
    return taken;
}

/* What the core calls for each candidate of a line; both NULL: the line names somebody, whom the core looks up. */
struct line_asked {
    struct node *node; /* the condition */
    struct node
        *target; /* the line's target, which must also take the candidate; NULL: the condition tests this itself */
};

/* With a `where` about the candidate the line's target and the `where` become one condition. */
static struct line_asked line_asked_of(struct lowerer *l, const struct node *node)
{
    struct node *target = node->line.target, *of_candidates = condition_parts(l, node->line.where, true);
    if (!of_candidates) return (struct line_asked){is_condition_line(target) ? target : NULL, NULL};
    if (!is_taken_by_condition(target)) return (struct line_asked){of_candidates, target};
    return (struct line_asked){selection_conjunction(l, node, taken_of(l, target), of_candidates), NULL};
}

/* Sets a line: its target is a condition, which becomes a leaf function, or a value, which the core looks up. */
static void lower_line(struct lowerer *l, const struct node *node, struct line_asked asked, struct ir_line *line,
                       struct captures_taken *taken)
{
    assert(node->kind == NODE_LINE);
    struct node *target_node = node->line.target;
    *line = (struct ir_line){.after = IR_ABSENT, .share = IR_ABSENT, .target = IR_ABSENT};
    lower_at_node(l, node);
    line->source_line = l->place.line;
    if (node->line.after) line->after = lower_allowed(l, node->line.after, NULL, allowed_clause(CLAUSE_PAUSE));
    if (node->line.share) line->share = lower_operand(l, node->line.share, NULL);
    if (asked.node) {
        l->where_of = asked.node == target_node ? NULL : target_node;
        set_leaf(l, asked.node, asked.target, IR_BOOL, line, taken);
        l->where_of = NULL;
        return;
    }
    line->target = lower_operand(l, target_node, NULL);
    line->type = line->target.constant ? line->target.constant->type : lower_register_type(l, line->target.reg);
}

/* Adds the lines of those captures of an order that the site may change during the wait. */
static void lower_values_of_order(struct lowerer *l, const struct node *head, struct node *by, struct ir_wait *wait)
{
    if (!by) return;
    l->ordered = head;
    lower_at_node(l, by);
    add_values(l, by, NULL, NULL, wait);
    l->ordered = NULL;
}

/* Adds the line of an order. An order that compares a figure compares the value `by` or, where that is NULL, how
 * occupied the candidate is. */
static struct ir_line *lower_order_line(struct lowerer *l, const struct node *head, uint32_t number, struct node *by,
                                        struct captures_taken *taken, struct ir_wait *wait)
{
    struct ir_line *order = &wait->lines[wait->line_count++];
    *order = (struct ir_line){.after = IR_ABSENT, .share = IR_ABSENT, .target = IR_ABSENT};
    lower_at_node(l, by ? by : head);
    l->ordered = head;
    if (by)
        set_leaf(l, by, NULL, lower_type(l, type_bare(by->type)), order, taken);
    else if (order_rows[number].by)
        order->leaf = make_leaf(l, NULL, IR_PERCENT, &(struct collection){.l = l});
    l->ordered = NULL;
    return order;
}

void selection_set_lines(struct lowerer *l, const struct node *head, const struct step_use *use, struct ir_wait *wait)
{
    assert(head->kind == NODE_SELECT);
    wait->lines =
        ARENA_ARRAY(l->arena, struct ir_line, (3 + CAPTURES_MAX) * (head->select.lines.count + 1 + ORDER_TIES_MAX));
    struct captures_taken taken = {.count = 0};
    uint32_t lines = 0;
    l->places = ARENA_ARRAY(l->arena, uint32_t, head->select.lines.count);
    EACH_NODE (line, head->select.lines) {
        if (line->line.in) {
            lower_at_node(l, line->line.in);
            wait->lines[wait->line_count++] = (struct ir_line){.in = true,
                                                               .source_line = l->place.line,
                                                               .after = IR_ABSENT,
                                                               .share = IR_ABSENT,
                                                               .target = lower_operand(l, line->line.in, NULL)};
        }
        struct line_asked asked = line_asked_of(l, line);
        lower_at_node(l, line);
        if (asked.node) add_values(l, asked.node, asked.target, line->line.target, wait);
        struct node *of_site = condition_parts(l, line->line.where, false);
        if (of_site) lower_where(l, line, of_site, &wait->lines[wait->line_count++]);
        l->places[lines++] = wait->line_count;
        lower_line(l, line, asked, &wait->lines[wait->line_count++], &taken);
    }
    lower_values_of_order(l, head, use->order_by, wait);
    if (use->clauses[CLAUSE_UNTIL]) lower_until(l, use->clauses[CLAUSE_UNTIL], &wait->lines[wait->line_count++]);
    if (!use->order_by && use->order != BY_least_occupied) return;
    lower_order_line(l, head, use->order, use->order_by, &taken, wait)->order = true;
    for (uint32_t i = 0; i < use->tie_count; i++) {
        lower_values_of_order(l, head, use->ties[i].by, wait);
        struct ir_line *tie = lower_order_line(l, head, use->ties[i].order, use->ties[i].by, &taken, wait);
        tie->tie = true;
        tie->type = use->ties[i].order;
    }
}

void selection_set_busy(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    struct made_function *busy = use->busy ? use->busy->made : NULL;
    if (!busy) return;
    wait->busy = busy->function;
    wait->captures = ARENA_ARRAY(l->arena, struct ir_operand, use->busy->capture_count + 1);
    for (uint32_t i = 0; i < use->busy->capture_count; i++)
        wait->captures[wait->capture_count++] = (struct ir_operand){.reg = l->locals[use->busy->captures[i]->index]};
    wait->exits = ARENA_ARRAY(l->arena, uint32_t, busy->exit_count + 1);
    for (uint32_t i = 0; i < busy->exit_count; i++) wait->exits[wait->exit_count++] = lower_way_out(l, busy->exits[i]);
}
