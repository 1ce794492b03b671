/* compiler/lower/fork.c - race and parallel: a function for each child, one wait point for all children, and the
 * code after it.
 *
 *     race {                                          0  STEP  race() else 6
 *         ivr.music(prompt hold, 20s) -> { A }              child r.child.1#4()
 *         delay 5s -> { B }                                 child r.child.2#5()
 *     } else {};                                      1  A, JUMP -> 6
 *                                                     4  B
 *
 * A child is a function that the core runs as a fiber of its own; it has copies of the variables that it reads. The
 * parent continues at the arm of the child that ends first. */
#include "compiler/lower/lowerer.h"

#include <assert.h>

/* Returns the label for a jump to a statement's label. A child of race or parallel is a function of its own and cannot
 * jump out: for a statement outside of the child the label is a new one in the child's function, at an instruction EXIT
 * whose number leads to the statement. */
uint32_t lower_way_out(struct lowerer *l, const struct node *labelled)
{
    if (!l->body->child || !label_is_outside(l, labelled)) return label_of(l, labelled);
    struct way_out *way = ARENA_NEW(l->arena, struct way_out);
    *way = (struct way_out){.label = lower_new_label(l), .to = labelled, .next = l->ways_out};
    l->ways_out = way;
    return way->label;
}

/* Makes the code of a child: its step with all clauses, and its result. */
void lower_child(struct lowerer *l, const struct body *body)
{
    const struct node *child = body->child;
    if (child->kind == NODE_LET || (body->result && child->kind != NODE_ATTACH && child->kind != NODE_DO)) {
        const struct node *value = child->kind == NODE_LET ? child->let.value : child;
        uint32_t reg = lower_new_register(l, lower_type(l, body->result));
        uint32_t result = lower_rhs(l, value, body->result, reg, true);
        lower_add(l, I_RETURN)->operand[0] = result;
    } else {
        if (child->kind == NODE_ATTACH || child->kind == NODE_DO)
            lower_statement(l, child);
        else
            lower_rhs(l, child, NULL, IR_NONE, false);
        lower_add(l, I_END);
    }
    for (struct way_out *way = l->ways_out; way; way = way->next) {
        lower_add_label(l, way->label);
        lower_add(l, I_EXIT)->operand[0] = stmt_busy_exit(l, way->to);
    }
    l->ways_out = NULL;
}

/* A child has a function like a strategy's own body, without parameters but with captures: the core copies their
 * values when the race begins, so no child sees what another one changes. */
static void set_child(struct lowerer *l, const struct child_use *child, struct ir_line *line)
{
    const struct body *body = child->body;
    *line = (struct ir_line){
        .after = IR_ABSENT, .share = IR_ABSENT, .target = IR_ABSENT, .leaf = body->made->function, .child = true};
    line->captures = ARENA_ARRAY(l->arena, struct ir_operand, body->capture_count + 1);
    for (uint32_t i = 0; i < body->capture_count; i++)
        line->captures[line->capture_count++] = (struct ir_operand){.reg = l->locals[body->captures[i]->index]};
    if (!child->symbol) return;
    uint32_t reg = lower_new_register(l, lower_type(l, child->symbol->type));
    lower_name_local(l, reg, child->symbol);
    l->locals[child->symbol->index] = reg;
    line->target = (struct ir_operand){.reg = reg};
}

/* All exits of the wait point share one numbering, the arms of a race first, then the labels outside to which a
 * child may jump; stmt_busy_exit() counts in the same order. */
void lower_children(struct lowerer *l, const struct node *head, const struct step_use *use, struct ir_wait *wait)
{
    const struct made_function *made = use->children[0].body->made;
    uint32_t arms = head->kind == NODE_RACE ? use->child_count : 0;
    wait->lines = ARENA_ARRAY(l->arena, struct ir_line, use->child_count + 1);
    for (uint32_t i = 0; i < use->child_count; i++) set_child(l, &use->children[i], &wait->lines[wait->line_count++]);
    wait->exits = ARENA_ARRAY(l->arena, uint32_t, arms + made->exit_count + 1);
    for (uint32_t i = 0; i < arms; i++) wait->exits[wait->exit_count++] = lower_new_label(l);
    for (uint32_t i = 0; i < made->exit_count; i++) wait->exits[wait->exit_count++] = label_of(l, made->exits[i]);
}

/* Makes the code of a race's arms, after the wait point. A race continues at one of its arms only, so the code of
 * the first arm can follow directly. */
void lower_arms(struct lowerer *l, const struct node *race, const struct ir_wait *wait)
{
    assert(race->kind == NODE_RACE);
    uint32_t done = lower_new_label(l), arm = 0;
    EACH_NODE (node, race->race.arms) {
        lower_add_label(l, wait->exits[arm++]);
        lower_statement(l, node->race_arm.action);
        lower_add_jump(l, I_JUMP, IR_NONE, done);
    }
    lower_add_label(l, done);
}
