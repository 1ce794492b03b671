/* compiler/view/differ_steps.c - Changes in steps and lists of them.
 *
 * Lists of statements are matched by their longest common part; of the statements between, two that do the same kind
 * of thing to the same object are one statement that changed, and are compared by their parts: the step, its
 * clauses, its exit. */
#include <assert.h>
#include <string.h>

#include "compiler/view/differing.h"
#include "compiler/view/phrase.h"

static void differ_statement(struct differ *, const struct node *, const struct node *);

/* Returns the name of a step in reports of changes: the names of the steps around it, then `words`. */
static const char *differ_steps_inner(const struct differ *d, const char *words)
{
    return *d->step ? arena_printf(d->arena, "%s: %s", d->step, words) : words;
}

/* ---- right sides ---- */

static const struct node *differ_step_head(const struct node *value)
{
    return value && value->kind == NODE_STEP ? value->step.head : value;
}

static const struct node *statement_value(const struct node *statement)
{
    bool step = statement->kind == NODE_STEP || statement->kind == NODE_ROUTE || statement->kind == NODE_STOP ||
                statement->kind == NODE_REJECT; /* behind an else */
    return step ? statement : node_right_side(statement);
}

static bool call_alike(const struct node *old, const struct node *new)
{
    return old->kind != NODE_CALL || phrase_node_same(old->call.callee, new->call.callee);
}

/* Is it the same step with different arguments? */
static bool differ_steps_alike(const struct node *old, const struct node *new)
{
    if (old->kind != new->kind) return false;
    if (old->kind == NODE_LABELLED) return phrase_words_same(old->labelled.name, new->labelled.name);
    if (old->kind == NODE_ATTACH) return phrase_node_same(old->attach.target, new->attach.target);
    if (old->kind == NODE_LET) return phrase_words_same(old->let.name, new->let.name);
    if (old->kind == NODE_ASSIGN) return phrase_node_same(old->assign.target, new->assign.target);
    const struct node *a = differ_step_head(statement_value(old)), *b = differ_step_head(statement_value(new));
    return !a || !b || (a->kind == b->kind && call_alike(a, b));
}

static bool arms_alike(const struct node *old, const struct node *new)
{
    if (old->kind == NODE_SPLIT_ARM) return old->split_arm.otherwise == new->split_arm.otherwise;
    return old->arm.otherwise == new->arm.otherwise &&phrase_nodes_same(old->arm.patterns, new->arm.patterns);
}

/* Returns the subject of a value's change: the kind of a name with a kind, else `otherwise`. */
static const char *about_value(const struct node *old, const struct node *new, const char *otherwise)
{
    const struct node *node = new ? new : old;
    if (node && node->kind == NODE_ARG) node = node->arg.value;
    return node && node->kind == NODE_KIND_NAME ? ast_kind_word(node->kind_name.kind) : otherwise;
}

/* Returns the argument with the same name, or at the same place where the wanted one has no name; NULL: there is
 * none. */
static const struct node *argument_like(struct nodes arguments, const struct node *wanted, size_t at)
{
    size_t i = 0;
    EACH_NODE (argument, arguments) {
        bool named = argument->arg.name.text || wanted->arg.name.text;
        if (named ? phrase_words_same(argument->arg.name, wanted->arg.name) : i == at) return argument;
        i++;
    }
    return NULL;
}

static void differ_arguments(struct differ *d, struct nodes old, struct nodes new)
{
    size_t at = 0;
    EACH_NODE (argument, old) {
        const struct node *now = argument_like(new, argument, at++);
        differ_compare(d, about_value(argument, now, "argument"), argument, now);
    }
    at = 0;
    EACH_NODE (argument, new)
        if (!argument_like(old, argument, at++))
            differ_compare(d, about_value(NULL, argument, "argument"), NULL, argument);
}

static bool arms_of_race_alike(const struct node *old, const struct node *new)
{
    return phrase_words_same(old->race_arm.name, new->race_arm.name);
}

static void differ_race_arm(struct differ *d, const struct node *old, const struct node *new, bool moved)
{
    assert(old->kind == NODE_RACE_ARM);
    assert(new->kind == NODE_RACE_ARM);
    (void)moved; /* the order of the arms has no meaning in a race */
    const struct node *a = old->race_arm.action, *b = new->race_arm.action;
    if (phrase_node_same(old->race_arm.step, new->race_arm.step)) {
        const char *outer = d->step;
        d->step = differ_steps_inner(d, differ_text(d, d->new, new->race_arm.step));
        differ_block(d, a, b);
        d->step = outer;
    } else if (phrase_node_same(a, b)) {
        differ_compare(d, "arm", old->race_arm.step, new->race_arm.step);
    } else {
        differ_compare(d, "arm", old, NULL);
        differ_compare(d, "arm", NULL, new);
    }
}

/* Is the head a step, and not only a value? A call can be both, and is taken for a step. */
static bool head_is_step(const struct node *head)
{
    return head->kind == NODE_QUERY || head->kind == NODE_SELECT || head->kind == NODE_RACE ||
           head->kind == NODE_PARALLEL || head->kind == NODE_WAIT || head->kind == NODE_DELAY || statement_value(head);
}

static void differ_head(struct differ *d, const struct node *old, const struct node *new)
{
    if (phrase_node_same(old, new)) return;
    if (old->kind != new->kind) {
        differ_compare(d, head_is_step(old) || head_is_step(new) ? "step" : "value", old, new);
        return;
    }
    switch (new->kind) {
    case NODE_SELECT:
        if (old->select.connects != new->select.connects)
            differ_tell(d, "step", old->select.connects ? "connect" : "select",
                        new->select.connects ? "connect" : "select", old->span, new->span);
        differ_compare(d, "vq", old->select.in, new->select.in);
        differ_lines(d, "condition", old->select.lines, new->select.lines);
        break;
    case NODE_CALL:
        if (call_alike(old, new))
            differ_arguments(d, old->call.arguments, new->call.arguments);
        else
            differ_compare(d, "value", old, new);
        break;
    case NODE_ROUTE:
        differ_compare(d, about_value(old->route.target, new->route.target, "target"), old->route.target,
                       new->route.target);
        break;
    case NODE_STOP:
        differ_compare(d, "reason", old->stop.why, new->stop.why);
        break;
    case NODE_REJECT:
        differ_compare(d, "code", old->reject.code, new->reject.code);
        break;
    case NODE_DELAY:
        differ_compare(d, "time", old->delay.value, new->delay.value);
        break;
    case NODE_WAIT:
        differ_words(d, "signal", old->wait.signal, new->wait.signal);
        break;
    case NODE_QUERY:
        differ_compare(d, "query", old, new);
        break;
    case NODE_RACE:
        differ_pairs(d, "arm", old->race.arms, new->race.arms, arms_of_race_alike, differ_race_arm);
        break;
    case NODE_PARALLEL:
        differ_lines(d, "child", old->parallel.children, new->parallel.children);
        break;
    default:
        differ_compare(d, "value", old, new);
        break;
    }
}

static const struct node *differ_clause(const struct node *value, int which)
{
    if (!value || value->kind != NODE_STEP) return NULL;
    EACH_NODE (clause, value->step.clauses)
        if (clause->clause.which == which) return clause;
    return NULL;
}

static void differ_clauses(struct differ *d, const struct node *old, const struct node *new)
{
    for (int which = 0; which < CLAUSES; which++) {
        const struct node *a = differ_clause(old, which), *b = differ_clause(new, which);
        if (which == CLAUSE_BUSY && a && b)
            differ_block(d, a->clause.value, b->clause.value);
        else
            differ_compare(d, ast_clause_word((enum clause)which), a, b);
    }
}

static void differ_exit(struct differ *d, const struct node *old, const struct node *new)
{
    const struct node *a = old && old->kind == NODE_STEP ? old->step.otherwise : NULL;
    const struct node *b = new &&new->kind == NODE_STEP ? new->step.otherwise : NULL;
    bool blocks = a && b && a->otherwise.action->kind == NODE_BLOCK && b->otherwise.action->kind == NODE_BLOCK;
    if (blocks)
        differ_block(d, a->otherwise.action, b->otherwise.action);
    else
        differ_compare(d, "exit", a, b);
}

/* Returns the words that name a step's head, as far as `other` has the same words: the report of the change has the
 * rest. NULL: the heads have no words in common. */
static const char *differ_head_words(struct differ *d, const struct program *program, const struct node *head,
                                     const struct node *other)
{
    if (head->kind != other->kind) return NULL;
    struct source_span span = head->span;
    switch (head->kind) {
    case NODE_RACE:
    case NODE_PARALLEL:
        return node_words(head->kind);
    case NODE_SELECT:
        if (head->select.connects != other->select.connects) return NULL;
        if (!phrase_node_same(head->select.in, other->select.in)) return head->select.connects ? "connect" : "select";
        span.end = head->select.in->span.end;
        break;
    case NODE_QUERY:
        if (!phrase_words_same(head->query.source, other->query.source)) return "query";
        span.end = phrase_words_same(head->query.form, other->query.form) &&
                           phrase_node_same(head->query.type, other->query.type)
                       ? head->query.sql->span.begin
                       : head->query.source.span.end;
        break;
    case NODE_CALL:
        if (!phrase_node_same(head->call.callee, other->call.callee)) return NULL;
        span.end = head->call.callee->span.end;
        break;
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
    case NODE_DELAY:
    case NODE_WAIT:
        if (!phrase_node_same(head, other)) return node_words(head->kind);
        break;
    default:
        if (!phrase_node_same(head, other)) return NULL;
        break;
    }
    return view_phrase(d->arena, program->sources, span);
}

/* Returns the end of the name that the statement sets; 0 where it sets none. */
static uint32_t given_end(const struct node *statement)
{
    return statement->kind == NODE_LET      ? statement->let.name.span.end
           : statement->kind == NODE_ATTACH ? statement->attach.target->span.end
           : statement->kind == NODE_ASSIGN ? statement->assign.target->span.end
                                            : 0;
}

/* Returns the name of a step in reports, such as "let who = select in vq service": without its clauses, and without
 * words that its partner `other` does not have. */
static const char *step_words(struct differ *d, const struct program *program, const struct node *statement,
                              const struct node *other)
{
    const struct node *head = differ_step_head(statement_value(statement));
    const char *words = differ_head_words(d, program, head, differ_step_head(statement_value(other)));
    uint32_t end = given_end(statement);
    if (!end) return differ_cut(d->arena, words ? words : node_words(head->kind), 0);
    const char *given = view_phrase(d->arena, program->sources, (struct source_span){statement->span.begin, end}),
               *sign = "";
    if (statement->kind == NODE_ASSIGN) {
        if (statement->assign.op != other->assign.op) return differ_cut(d->arena, given, 0);
        if (statement->assign.op != SIGN_SET) sign = ast_operator_sign((enum operator)statement->assign.op);
    }
    if (!words && !*sign) return differ_cut(d->arena, given, 0);
    const char *all = arena_printf(d->arena, "%s %s=%s%s", given, sign, words ? " " : "", words ? words : "");
    return differ_cut(d->arena, all, 0);
}

static const struct node *let_type(const struct node *statement)
{
    return statement->kind == NODE_LET ? statement->let.type : NULL;
}

static void differ_right_side(struct differ *d, const struct node *old, const struct node *new)
{
    const char *outer = d->step;
    d->step = differ_steps_inner(d, step_words(d, d->new, new, old));
    if (new->kind == NODE_ASSIGN && old->assign.op != new->assign.op)
        differ_tell(d, "step", differ_text(d, d->old, old), differ_text(d, d->new, new), old->span, new->span);
    else
        differ_head(d, differ_step_head(statement_value(old)), differ_step_head(statement_value(new)));
    differ_compare(d, "type", let_type(old), let_type(new));
    differ_clauses(d, statement_value(old), statement_value(new));
    differ_exit(d, statement_value(old), statement_value(new));
    d->step = outer;
}

/* ---- statements ---- */

struct labels {
    const char *name;
    bool found;
};

static void differ_find_label(struct node *node, void *context)
{
    struct labels *labels = context;
    if (node->kind == NODE_LABELLED && strcmp(node->labelled.name.text, labels->name) == 0) labels->found = true;
    if (!labels->found) node_children(node, differ_find_label, labels);
}

static bool has_label(const struct node *body, const char *name)
{
    struct labels labels = {name, false};
    if (body) node_children(body, differ_find_label, &labels);
    return labels.found;
}

/* Returns a short name for the statement. */
static const char *short_words(struct differ *d, const struct program *program, const struct node *node)
{
    return statement_value(node) ? step_words(d, program, node, node) : differ_text(d, program, node);
}

/* Reports a label that now belongs to another statement: jumps to the label continue there. A changed label of a
 * `split by` is reported by itself, not as the target of jumps. */
static void differ_labels(struct differ *d, const struct node *old, const struct node *new, const struct node *at)
{
    const char *was = old ? old->labelled.name.text : NULL, *is = new ? new->labelled.name.text : NULL;
    if (was && is ? strcmp(was, is) == 0 : was == is) return;
    const char *outer = d->step;
    d->step = differ_steps_inner(d, short_words(d, d->new, at));
    if (at->kind == NODE_SPLIT && at->split.by) {
        differ_tell(d, "label", was, is, old ? old->span : at->span, at->span);
    } else {
        if (was && has_label(d->new_body, was))
            differ_tell(d, arena_printf(d->arena, "goto %s", was), "leads here", NULL, old->span, at->span);
        if (is && has_label(d->old_body, is))
            differ_tell(d, arena_printf(d->arena, "goto %s", is), NULL, "leads here", (struct source_span){0, 0},
                        new->span);
    }
    d->step = outer;
}

/* Reports that the old statement i has moved, if a caller can notice the new order, and a statement that was passed
 * by it. */
static void differ_moved(struct differ *d, const struct matched *m, int i)
{
    int j = m->old.partner[i];
    for (int other = 0; other < m->old.count; other++) {
        int there = m->old.partner[other];
        bool passed = there != MATCHED_NONE && other != i && (other < i) != (there < j);
        if (!passed || !differ_order(d->new, m->new.nodes[j], m->new.nodes[there])) continue;
        const char *outer = d->step, *by = short_words(d, d->new, m->new.nodes[there]);
        const char *before = arena_printf(d->arena, "before %s", by), *after = arena_printf(d->arena, "after %s", by);
        d->step = differ_steps_inner(d, short_words(d, d->new, m->new.nodes[j]));
        differ_tell(d, "order", i < other ? before : after, i < other ? after : before, m->old.nodes[i]->span,
                    m->new.nodes[j]->span);
        d->step = outer;
        return;
    }
}

static const struct node *differ_labelled(const struct list_side *side, int at)
{
    return side->labels[at] ? side->labels[at] : side->nodes[at];
}

static void differ_statements(struct differ *d, struct nodes old, struct nodes new)
{
    struct nodes was = differ_inlined(d, d->old, d->new, old), is = differ_inlined(d, d->new, d->old, new);
    struct matched m = matched_lists(d->arena, was, is, differ_steps_alike);
    int next = 0;
    for (int i = 0; i < m.old.count; i++) {
        int j = m.old.partner[i];
        if (j == MATCHED_NONE) {
            differ_compare(d, "step", differ_labelled(&m.old, i), NULL);
            continue;
        }
        for (; !m.moved[i] && next < j; next++)
            if (m.new.partner[next] == MATCHED_NONE) differ_compare(d, "step", NULL, differ_labelled(&m.new, next));
        if (m.moved[i]) differ_moved(d, &m, i);
        differ_labels(d, m.old.labels[i], m.new.labels[j], m.new.nodes[j]);
        differ_statement(d, m.old.nodes[i], m.new.nodes[j]);
    }
    for (; next < m.new.count; next++)
        if (m.new.partner[next] == MATCHED_NONE) differ_compare(d, "step", NULL, differ_labelled(&m.new, next));
}

/* Returns an action as a list of statements: it may be a block, or a single statement. */
static struct nodes statements_of(const struct differ *d, const struct node *action)
{
    if (action->kind == NODE_BLOCK) return action->block.statements;
    struct node *one = node_copy(d->arena, action);
    one->next = NULL;
    return (struct nodes){one, one, 1};
}

void differ_block(struct differ *d, const struct node *old, const struct node *new)
{
    if (phrase_node_same(old, new)) return;
    differ_statements(d, statements_of(d, old), statements_of(d, new));
}

/* Can the arm overlap another one, so that their order decides? */
static bool arm_overlaps(const struct node *arm)
{
    if (arm->kind != NODE_ARM) return false;
    EACH_NODE (pattern, arm->arm.patterns)
        if (pattern->kind == NODE_RANGE || pattern->kind == NODE_PREFIX || pattern->kind == NODE_MATCH ||
            pattern->kind == NODE_WITHIN)
            return true;
    return false;
}

/* Returns the arm's name in reports: its share, its patterns or "else". */
static const char *arm_words(struct differ *d, const struct node *arm)
{
    const struct node *share = arm->kind == NODE_SPLIT_ARM ? arm->split_arm.share : NULL;
    struct nodes patterns = arm->kind == NODE_ARM ? arm->arm.patterns : (struct nodes){0};
    if (share) return differ_text(d, d->new, share);
    if (!patterns.first) return "else";
    struct source_span span = {patterns.first->span.begin, patterns.last->span.end};
    return differ_cut(d->arena, view_phrase(d->arena, d->new->sources, span), 0);
}

static void differ_arm(struct differ *d, const struct node *old, const struct node *new, bool moved)
{
    const char *outer = d->step;
    bool split = new->kind == NODE_SPLIT_ARM;
    if (moved && arm_overlaps(new))
        differ_tell(d, "order", differ_text(d, d->old, old), "at another place among the arms", old->span, new->span);
    if (split) {
        differ_compare(d, "share", old->split_arm.share, new->split_arm.share);
        differ_compare(d, "condition", old->split_arm.where, new->split_arm.where);
    }
    d->step = differ_steps_inner(d, arm_words(d, new));
    differ_block(d, split ? old->split_arm.action : old->arm.action, split ? new->split_arm.action : new->arm.action);
    d->step = outer;
}

/* Compares two arms of a `split by`; the order of arms decides which customers are in which arm. */
static void differ_keyed_arm(struct differ *d, const struct node *old, const struct node *new, bool moved)
{
    if (moved)
        differ_tell(d, "order", differ_text(d, d->old, old), "at another place among the arms", old->span, new->span);
    differ_arm(d, old, new, false);
}

static void differ_if(struct differ *d, const struct node *old, const struct node *new)
{
    assert(old->kind == NODE_IF);
    assert(new->kind == NODE_IF);
    const struct node *a = old->choice.otherwise, *b = new->choice.otherwise;
    differ_compare(d, "condition", old->choice.condition, new->choice.condition);
    differ_block(d, old->choice.then, new->choice.then);
    if (a && b)
        differ_block(d, a, b);
    else
        differ_compare(d, "else", a, b);
}

static void differ_statement(struct differ *d, const struct node *old, const struct node *new)
{
    if (phrase_node_same(old, new)) return;
    if (statement_value(new)) {
        differ_right_side(d, old, new);
        return;
    }
    switch (new->kind) {
    case NODE_BLOCK:
        differ_block(d, old, new);
        break;
    case NODE_LABELLED:
        differ_statement(d, old->labelled.statement, new->labelled.statement);
        break;
    case NODE_IF:
        differ_if(d, old, new);
        break;
    case NODE_SEGMENT:
        differ_compare(d, "segment", old->segment.subject, new->segment.subject);
        differ_pairs(d, "arm", old->segment.arms, new->segment.arms, arms_alike, differ_arm);
        break;
    case NODE_SPLIT:
        differ_compare(d, "split", old->split.by, new->split.by);
        differ_pairs(d, "arm", old->split.arms, new->split.arms, arms_alike,
                     new->split.by ? differ_keyed_arm : differ_arm);
        break;
    case NODE_WHILE:
        differ_compare(d, "condition", old->loop.condition, new->loop.condition);
        differ_block(d, old->loop.body, new->loop.body);
        break;
    case NODE_REPEAT:
        differ_compare(d, "repeat", old->repeat.times, new->repeat.times);
        differ_block(d, old->repeat.body, new->repeat.body);
        break;
    case NODE_FOR:
        differ_compare(d, "for", old->each.in, new->each.in);
        differ_block(d, old->each.body, new->each.body);
        break;
    case NODE_MANDATORY:
        differ_block(d, old->mandatory.body, new->mandatory.body);
        break;
    default:
        differ_compare(d, "step", old, new);
        break;
    }
}
