/* compiler/check/split.c - Shares: those of the arms of a split, of which each interaction takes one, and those of
 * the lines of a selection. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <inttypes.h>

enum { WHOLE = 1000000 }; /* 100 % */

static void check_split_share(struct checker *c, const struct node *arm, struct node *node, int64_t *sum, bool *known)
{
    int64_t share;
    if (type_is_poison(check_as(c, node, checker_base(c, LANG_PERCENT))) || !segment_node_worth(node, &share)) {
        *known = false;
        return;
    }
    if (share <= 0) diag_hint(report(c, ARM_NEVER, arm->span), "its share is nothing");
    *sum += share;
}

static const char *percent_text(const struct checker *c, int64_t sum)
{
    return arena_printf(c->arena, "%" PRId64 ".%02" PRId64, sum / 10000, sum / 100 % 100);
}

static void check_over(struct checker *c, struct source_span head, int64_t sum)
{
    if (sum > WHOLE) report(c, SHARES_OVER, head, percent_text(c, sum));
}

static void check_split_sum(struct checker *c, const struct node *node, const struct node *otherwise, int64_t sum,
                            bool where)
{
    check_over(c, (struct source_span){node->span.begin, node->split.arms.first->span.begin}, sum);
    if (sum == WHOLE && otherwise && !where)
        diag_hint(report(c, ARM_NEVER, otherwise->span), "the shares before it are 100%% together");
}

/* Checks each arm with the state in which the split begins; afterwards the states of all arms are joined. If no arm
 * takes the rest, the path past the split is joined, too. */
void check_split(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_SPLIT);
    struct node *by = node->split.by, *otherwise = NULL;
    const struct type *key = by ? check_expr(c, by, NULL) : NULL;
    if (key && !type_is_shown(key)) report(c, SPLIT_KEY, by->span, key->text);
    state_advance(c, FLOW_PLAIN, node->span);
    struct state entry = c->state, after = state_nowhere();
    int64_t sum = 0;
    bool known = true, where = false;
    EACH_NODE (arm, node->split.arms) {
        struct state yes = entry, no;
        c->state = entry;
        if (otherwise) diag_note(report(c, ARM_NEVER, arm->span), otherwise->span, "else takes it already");
        if (arm->split_arm.otherwise) otherwise = arm;
        if (arm->split_arm.share) check_split_share(c, arm, arm->split_arm.share, &sum, &known);
        if (arm->split_arm.where) {
            check_condition(c, arm->split_arm.where, &yes, &no);
            check_compared_none(c, arm->split_arm.where);
            where = true;
        }
        c->state = yes;
        c->state.how = otherwise == arm ? "no other arm takes it" : "this arm takes it";
        check_statement(c, arm->split_arm.action);
        after = state_join(c, &after, &c->state, node->span);
    }
    if (known && sum) check_split_sum(c, node, otherwise, sum, where);
    /* the last arm takes the rest */
    if (!otherwise && known && sum >= WHOLE && !where) otherwise = node->split.arms.last;
    node->meaning = otherwise;
    if (!otherwise) {
        c->state = entry;
        c->state.how = "no arm takes it";
        if (known && sum && !where)
            c->state.how = arena_printf(c->arena, "the shares are %s%% together, and no else takes the rest",
                                        percent_text(c, sum));
        after = state_join(c, &after, &c->state, node->span);
    }
    c->state = after;
}

/* Checks that all lines of a selection have a share or none has. */
void check_shares(struct checker *c, struct node *select, struct step_use *use)
{
    assert(select->kind == NODE_SELECT);
    const struct node *first = NULL;
    int64_t sum = 0;
    bool known = true;
    EACH_NODE (line, select->select.lines)
        if (!first && line->line.share) first = line;
    if (!first) return;
    use->order = BY_share;
    EACH_NODE (line, select->select.lines)
        if (line->line.share)
            check_split_share(c, line, line->line.share, &sum, &known);
        else
            diag_note(report(c, SHARES_SOME, line->span), first->span, "this one has");
    check_over(c, (struct source_span){select->span.begin, select->select.lines.first->span.begin}, sum);
}
