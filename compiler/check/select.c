/* compiler/check/select.c - Selections: which agents or queues a line takes, under which condition, and in which
 * order.
 *
 *     select in vq service {
 *         skill French >= 8;                a condition of each candidate: in_line, a skill is the candidate's level
 *         after 20s: group overflow;        a target, with the time at which the line begins
 *     } by max(it.idle_time)                in_order: `it` is the candidate
 *
 * The flags in struct checker tell expr.c and member.c the meaning of names within a line; they are set around one
 * check_expr() or check_condition(). */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "base/near.h"

enum { SELECT_LINES_MAX = 64 }; /* vm/image.h: IMAGE_LINES_MAX */

/* True: the type is a list of agents, each of whom the line takes. */
static bool is_of_listed(const struct type *type)
{
    return type->kind == LANG_LIST && type->of->kind == LANG_AGENT;
}

static bool is_target(const struct type *type)
{
    static const bool targets[] = {[LANG_GROUP] = true, [LANG_AGENT] = true,  [LANG_PLACE] = true,
                                   [LANG_QUEUE] = true, [LANG_TARGET] = true, [LANG_POISON] = true};
    enum lang_type kind = type_bare(type)->kind;
    if (is_of_listed(type)) return true;
    return kind < sizeof targets / sizeof *targets && targets[kind];
}

static bool sorting_is_leaf(struct checker *c, const struct node *node)
{
    if (node->kind == NODE_KIND_NAME && node->kind_name.kind == KIND_GROUP) {
        const struct symbol *symbol = scope_find(c->scope, scope_space(LANG_GROUP), node->kind_name.name.text);
        return symbol && symbol->node->kind == NODE_SITE_VIRTUAL;
    }
    return node->kind == NODE_BINARY || node->kind == NODE_UNARY || node->kind == NODE_BOOL;
}

bool select_lines_take(struct checker *c, const struct node *select, enum lang_type kind)
{
    EACH_NODE (line, select->select.lines) {
        const struct node *target = line->line.target;
        bool named = target && target->type && !sorting_is_leaf(c, target);
        if (!named || type_bare(target->type)->kind != kind) return false;
    }
    return true;
}

/* Checks the condition of a line. `of`: the kind of the line's target, a bit of measures.h, or 0 for a skill
 * expression or a place. `candidates`: the condition may ask about each candidate. */
static void check_where(struct checker *c, struct node *where, uint32_t of, bool candidates)
{
    struct state yes, no;
    c->in_line = c->in_order = candidates;
    c->in_where = true;
    c->where_of = of;
    check_condition(c, where, &yes, &no);
    c->in_line = c->in_order = c->in_where = false;
}

/* Reports a skill without its level, with the edit that asks for any level. */
static void level_alone(struct checker *c, const struct node *target)
{
    struct diag *diag = report(c, LEVEL_ALONE, target->span);
    diag_hint(diag, "compare its level: >= 1");
    diag_edit(diag, (struct source_span){target->span.end, target->span.end}, " >= 1");
}

/* Checks a line's target; returns the kind of object that the line takes, a bit of measures.h. */
static uint32_t check_taken(struct checker *c, struct node *target)
{
    if (sorting_is_leaf(c, target)) {
        struct state yes, no;
        c->in_line = true;
        check_condition(c, target, &yes, &no);
        c->in_line = false;
        return 0;
    }
    if (target->kind == NODE_KIND_INDEX && target->kind_index.kind == KIND_SKILL) {
        c->in_line = true;
        check_expr(c, target, NULL);
        c->in_line = false;
        diag_hint(report(c, LEVEL_ALONE, target->span), "compare it: >= 1");
        return 0;
    }
    const struct type *type = check_expr(c, target, NULL);
    if (type->kind == LANG_SKILL)
        level_alone(c, target);
    else if (!is_target(type))
        report(c, NOT_A_LINE, target->span, type->text);
    else if (type_is_poison(type))
        return MEASURED_AGENT | MEASURED_GROUP | MEASURED_QUEUE;
    return measure_object_bit(type_bare(type)->kind);
}

void check_timing(struct checker *c, struct node *value, const char *as)
{
    check_as(c, value, checker_base(c, LANG_DURATION));
    check_given_away(c, value, as);
}

static void check_line(struct checker *c, struct node *line)
{
    assert(line->kind == NODE_LINE);
    if (!line->line.target) {
        report(c, SELECT_EMPTY, line->span);
        return;
    }
    if (line->line.after) check_timing(c, line->line.after, "when a line begins");
    uint32_t taken = check_taken(c, line->line.target);
    const struct type *type = line->line.target->type;
    enum lang_type kind = type ? type_bare(type)->kind : LANG_POISON;
    bool each = kind != LANG_QUEUE && kind != LANG_TARGET && kind != LANG_LIST;
    if (line->line.where) check_where(c, line->line.where, taken, each);
    if (line->line.share && kind == LANG_LIST) report(c, NOT_A_LINE, line->line.target->span, type->text);
}

static bool names_candidate(const struct node *node, const struct node *as)
{
    return node->kind == NODE_KIND_NAME && !strcmp(node->kind_name.name.text, as->kind_name.name.text);
}

/* Checks the further virtual queue that is joined at that line. */
static void check_further(struct checker *c, const struct node *select, const struct node *first)
{
    const struct node *in = first->line.in;
    check_as(c, first->line.in, checker_base(c, LANG_VQ));
    if (in->kind != NODE_KIND_NAME) return;
    const struct node *same = names_candidate(select->select.in, in) ? select->select.in : NULL;
    EACH_NODE (line, select->select.lines) {
        if (line == first) break;
        if (!same && line->line.in && names_candidate(line->line.in, in)) same = line->line.in;
    }
    if (same) diag_note(report(c, VQ_TWICE, in->span, in->kind_name.name.text), same->span, "here first");
}

void check_select(struct checker *c, struct node *node, struct step_use *use)
{
    assert(node->kind == NODE_SELECT);
    check_as(c, node->select.in, checker_base(c, LANG_VQ));
    use->arguments[0] = node->select.in;
    if (!node->select.lines.first || node->select.lines.first->line.in) report(c, SELECT_EMPTY, node->span);
    if (node->select.lines.count > SELECT_LINES_MAX)
        report(c, SELECT_TOO_LONG, node->span, (int)node->select.lines.count, SELECT_LINES_MAX);
    EACH_NODE (line, node->select.lines) {
        if (line->line.in) check_further(c, node, line);
        check_line(c, line);
    }
    check_shares(c, node, use);
}

static bool is_other_queue(const struct node *one, const struct node *other)
{
    bool named = one->kind == NODE_KIND_NAME && other->kind == NODE_KIND_NAME;
    return !named || strcmp(one->kind_name.name.text, other->kind_name.name.text) != 0;
}

/* Notes a selection. If an earlier selection in the same queue found somebody, the interaction has not left that queue,
 * and `again` stays false. */
void queueing_note(struct checker *c, const struct node *head, struct step_use *use, const struct body *callee,
                   struct state *failed)
{
    const struct node *in = callee ? NULL : head->select.in, *before = c->state.chosen_in;
    struct queueing *queueing = ARENA_NEW(c->arena, struct queueing);
    *queueing = (struct queueing){use, c->body, c->queueings};
    c->queueings = queueing;
    use->again = state_is_live(&c->state) && (c->state.waited || (before && (!in || is_other_queue(before, in))));
    c->body->queues = true;
    c->body->ages_on |= callee ? callee->ages_on : !use->clauses[CLAUSE_AGE];
    c->state.chosen_in = in;
    failed->waited = true;
    if (callee) c->state.waited = true;
}

void queueings_come_round(struct checker *c, const struct queueing *until)
{
    for (const struct queueing *at = c->queueings; at != until; at = at->before)
        if (at->body == c->body) at->use->again = true;
}

bool select_age_is_fresh(const struct node *value)
{
    return value && value->kind == NODE_NAME && strcmp(value->name.name.text, "fresh") == 0;
}

void check_age(struct checker *c, const struct node *value)
{
    bool kept = value->kind == NODE_NAME && strcmp(value->name.name.text, "kept") == 0;
    if (!kept && !select_age_is_fresh(value))
        diag_hint(report(c, UNKNOWN_AGE, value->span),
                  "age fresh: it begins at this selection; age kept: it is that of the first wait");
}

/* Checks the value by which candidates are compared. The value may name the candidate; a variable in it keeps the
 * value that it has when the wait begins. */
static void check_figure(struct checker *c, struct node *value, bool level)
{
    c->in_line = c->in_order = true;
    const struct type *type = check_expr(c, value, NULL);
    c->in_line = c->in_order = false;
    bool skill = (value->kind == NODE_KIND_NAME && value->kind_name.kind == KIND_SKILL) ||
                 (value->kind == NODE_KIND_INDEX && value->kind_index.kind == KIND_SKILL);
    if (type_is_poison(type)) return;
    /* candidates without such a value come after the others */
    if (statistic_is_one(value) || member_is_score(value)) type = type_bare(type);
    if (level && !skill)
        report(c, TYPE_MISMATCH, value->span, type->text, "a skill");
    else if (type->kind != LANG_INT && type->kind != LANG_DURATION && type->kind != LANG_PERCENT &&
             type->kind != LANG_FLOAT)
        report(c, TYPE_MISMATCH, value->span, type->text, "an int, a float, a duration or a percent");
}

/* An order as it is written: a row of order_rows, and the value that is compared; NULL: the order needs none. */
struct order_written {
    uint32_t order;
    struct node *by;
};

/* Checks an order's argument. False: an argument is missing, or the order takes none. */
static bool check_order_value(struct checker *c, struct node *value, struct order_written *written)
{
    bool call = value->kind == NODE_CALL;
    const struct order_row *row = &order_rows[written->order];
    const char *name = row->word;
    bool of_level = !strcmp(name, "highest_level");
    bool takes = row->by && written->order != BY_least_occupied;
    uint32_t given = call ? (uint32_t)value->call.arguments.count : 0;
    if (given != takes)
        diag_hint(
            report(c, ARGUMENT_COUNT, value->span, name, diag_count(c->diags, "", takes ? 1 : 0, "argument"), given),
            "%s",
            !takes     ? name
            : of_level ? "highest_level(skill French)"
                       : "max(it.idle_time)");
    if (!takes || given != takes) return given == takes;
    EACH_NODE (argument, value->call.arguments) {
        if (argument->arg.name.text) report(c, NO_PARAMETER, argument->arg.name.span, name, argument->arg.name.text);
        written->by = argument->arg.value;
        check_figure(c, argument->arg.value, of_level);
    }
    return true;
}

/* Checks one order. False: no order has this name, which was reported. */
static bool check_one_order(struct checker *c, struct node *value, struct order_written *written)
{
    bool call = value->kind == NODE_CALL && value->call.callee->kind == NODE_NAME;
    const struct node *word = call ? value->call.callee : value;
    const char *name = word->kind == NODE_NAME ? word->name.name.text : "", *near = NULL;
    for (uint32_t i = 0; i < order_row_count; i++) {
        if (i == BY_share) continue; /* `share` is a clause of a line, no order */
        if (near_distance(name, order_rows[i].word) != UINT32_MAX) near = order_rows[i].word;
        if (strcmp(order_rows[i].word, name)) continue;
        written->order = i;
        check_order_value(c, value, written);
        return true;
    }
    struct diag *diag = report(c, UNKNOWN_ORDER, value->span);
    if (near)
        diag_did_you_mean(diag, near, (struct source_span){0, 0});
    else
        diag_hint(diag, "longest_idle, round_robin, random, everyone, highest_level(skill), max(...) or min(...)");
    return false;
}

/* Checks that a further order has something to decide: the order before it must compare a figure, which may be equal.
 */
static bool check_tie(struct checker *c, const struct node *value, uint32_t before, uint32_t order, uint32_t count)
{
    const char *why = order == BY_everyone ? "'everyone' asks all of them, and stands alone"
                      : !order_rows[before].by
                          ? arena_printf(c->arena, "'%s' before it leaves nobody equal", order_rows[before].word)
                      : count == ORDER_TIES_MAX ? "there are three at most"
                                                : NULL;
    if (!why) return true;
    diag_hint(report(c, ORDER_TIE, value->span, why), "by min(skill Penalty), round_robin");
    return false;
}

void check_order(struct checker *c, struct node *value, struct step_use *use)
{
    struct order_written written = {.order = use->order};
    bool several = value->kind == NODE_ORDERS;
    struct node *first = several ? value->orders.orders.first : value;
    bool known = check_one_order(c, first, &written);
    use->order = written.order;
    use->order_by = written.by;
    uint32_t before = written.order;
    for (struct node *next = several ? first->next : NULL; next; next = next->next) {
        written = (struct order_written){.order = BY_longest_idle};
        if (!check_one_order(c, next, &written) || !known) continue;
        if (!check_tie(c, next, before, written.order, use->tie_count)) return;
        before = written.order;
        if (written.order == BY_longest_idle) continue; /* longest_idle decides anyway where no order is written */
        use->ties[use->tie_count].order = written.order;
        use->ties[use->tie_count++].by = written.by;
    }
}
