/* compiler/view/graph_step.c - Draws right sides, which are mostly steps, with their busy blocks and the edges of
 * their failures.
 *
 *     let who = select in vq a { ... }       one box; the edge on goes to the next statement
 *         busy { ivr.music(...); }           a frame beside it, whose last box leads back to its first
 *         else { stop "nobody"; }            an edge of failure with the exits as its label
 *
 * `d->here` is the list of open ends that wait for the next box: each function takes the list, draws, and leaves the
 * new open ends in it. */
#include <assert.h>
#include <string.h>

#include "compiler/language/steps.h"
#include "compiler/view/drawing.h"

enum { STEP_TEXT_MAX = 160, SQL_MAX = 110 };

static const struct node *graph_head(const struct node *value)
{
    return value->kind == NODE_STEP ? value->step.head : value;
}

static const struct node *otherwise_of(const struct node *value)
{
    return value->kind == NODE_STEP ? value->step.otherwise : NULL;
}

static const struct node *graph_clause(const struct node *value, enum clause which)
{
    if (value->kind != NODE_STEP) return NULL;
    EACH_NODE (clause, value->step.clauses)
        if (clause->clause.which == (int)which) return clause;
    return NULL;
}

/* Returns the subroutine that is called, or NULL. */
static const struct node *subroutine_of(const struct drawing *d, const struct node *head)
{
    if (head->kind != NODE_CALL || head->call.callee->kind != NODE_NAME) return NULL;
    const char *name = head->call.callee->name.name.text;
    EACH_NODE (file, d->program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == NODE_FUNCTION && node->function.waits && strcmp(node->function.name.text, name) == 0)
                return node;
    return NULL;
}

/* Each subroutine is drawn once, in the order of the first calls. */
void drawing_add_callee(struct drawing *d, const struct node *subroutine)
{
    for (const struct drawing_called *called = d->called; called; called = called->next)
        if (called->node == subroutine) return;
    struct drawing_called *called = ARENA_NEW(d->arena, struct drawing_called);
    called->node = subroutine;
    if (d->last_called)
        d->last_called->next = called;
    else
        d->called = called;
    d->last_called = called;
}

const char *graph_step_name(struct arena *arena, const struct node *head)
{
    switch (head->kind) {
    case NODE_SELECT:
        return head->select.connects ? "connect" : "select";
    case NODE_QUERY:
        return arena_printf(arena, "query %s", head->query.form.text);
    case NODE_CALL:
        return node_step_name(arena, head->call.callee);
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
    case NODE_DELAY:
    case NODE_WAIT:
    case NODE_RACE:
    case NODE_PARALLEL:
        return node_words(head->kind);
    default:
        return NULL;
    }
}

static bool ends_there(const struct node *head, const struct step_row *row)
{
    return head->kind == NODE_ROUTE || head->kind == NODE_STOP || head->kind == NODE_REJECT || (row && row->ends) ||
           (head->kind == NODE_SELECT && head->select.connects);
}

/* ---- words ---- */

/* Returns the text of a selection's line, without the sign at its end. */
static const char *line_words(struct drawing *d, const struct node *line)
{
    struct source_span span = line->span;
    const char *text = drawing_words(d, span);
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == ';') text = arena_copy(d->arena, text, length - 1);
    return drawing_cut(d, text, STEP_TEXT_MAX);
}

static const char *head_text(struct drawing *d, const struct node *head)
{
    if (head->kind == NODE_QUERY) {
        const char *what = drawing_words(d, (struct source_span){head->span.begin, head->query.sql->span.begin});
        return arena_printf(d->arena, "%s\n%s", what, drawing_cut(d, drawing_words(d, head->query.sql->span), SQL_MAX));
    }
    if (head->kind == NODE_RACE) return "race: the first one counts";
    if (head->kind == NODE_PARALLEL) return "parallel: all at once";
    if (head->kind != NODE_SELECT) return drawing_cut(d, drawing_words(d, head->span), STEP_TEXT_MAX);
    const char *text = drawing_words(d, (struct source_span){head->span.begin, head->select.in->span.end});
    EACH_NODE (line, head->select.lines) {
        if (line->line.in) text = arena_printf(d->arena, "%s\nin %s", text, drawing_words(d, line->line.in->span));
        text = arena_printf(d->arena, "%s\n%s", text, line_words(d, line));
    }
    return text;
}

static const char *clauses_text(struct drawing *d, const struct node *value, const char *text)
{
    const char *between = "\n";
    if (value->kind != NODE_STEP) return text;
    EACH_NODE (clause, value->step.clauses) {
        if (clause->clause.which == CLAUSE_BUSY) continue;
        text = arena_printf(d->arena, "%s%s%s", text, between,
                            drawing_cut(d, drawing_words(d, clause->span), STEP_TEXT_MAX));
        between = ", ";
    }
    return text;
}

/* Returns a step's text for its box: "let who = select in vq service", then its lines and clauses. */
static const char *step_text(struct drawing *d, const struct node *statement, const struct node *value)
{
    const struct node *head = graph_head(value);
    const char *begin = statement->span.begin < head->span.begin
                            ? drawing_words(d, (struct source_span){statement->span.begin, head->span.begin})
                            : "";
    const char *text = arena_printf(d->arena, "%s%s%s", begin, *begin ? " " : "", head_text(d, head));
    text = clauses_text(d, value, text);
    if (head->kind == NODE_SELECT && d->busy && !graph_clause(value, CLAUSE_BUSY))
        text = arena_printf(d->arena, "%s\nbusy as the site says", text);
    return text;
}

static bool graph_awaits_reply(const struct drawing *d, const struct node *value)
{
    const struct node *reply = graph_clause(value, CLAUSE_REPLY), *absence = graph_clause(value, CLAUSE_ABSENCE);
    bool replied = reply ? reply->clause.value->kind != NODE_NONE : d->replied;
    return replied || (absence ? absence->clause.value->kind != NODE_NONE : d->absent);
}

/* Does the step have the argument on which some of its exits depend? */
static bool graph_has_exit_argument(const struct node *value, const struct step_row *row)
{
    const struct node *head = graph_head(value);
    const char *name = step_exit_argument(row);
    if (head->kind != NODE_CALL || !name) return false;
    EACH_NODE (argument, head->call.arguments)
        if (argument->arg.name.text && strcmp(argument->arg.name.text, name) == 0) return true;
    return false;
}

/* Returns the step's clauses on which exits depend. */
static unsigned exit_clauses(const struct drawing *d, const struct node *value, const struct step_row *row)
{
    return (graph_clause(value, CLAUSE_UNTIL) ? EXITS_OF(EXIT_UNTIL) : 0) |
           (graph_awaits_reply(d, value) ? EXITS_OF(EXIT_REPLY) : 0) |
           (graph_has_exit_argument(value, row) ? EXITS_OF(EXIT_ABORT) : 0);
}

/* Returns the failures that a step can have with its clauses: "no_input, invalid, timeout". */
static const char *exits_text(struct drawing *d, const struct node *value, const struct step_row *row)
{
    const char *codes[STEP_EXITS_MAX], *text = "", *between = "";
    int64_t us;
    if (graph_head(value)->kind == NODE_RACE || graph_head(value)->kind == NODE_PARALLEL) return "timeout";
    if (!row) return "fails";
    uint32_t count = step_exits(row, exit_clauses(d, value, row), codes);
    enum timeout_kind kind = step_timeout(row, &us);
    if (kind != TIMEOUT_AFTER && (kind != TIMEOUT_NONE || graph_clause(value, CLAUSE_TIMEOUT))) {
        text = "timeout";
        between = ", ";
    }
    for (uint32_t i = 0; i < count; i++) {
        text = arena_printf(d->arena, "%s%s%s", text, between, codes[i]);
        between = ", ";
    }
    return *text ? text : "fails";
}

/* ---- the edges of failures ---- */

/* Draws the action of an `else`: a jump, a block, another end; after a value the flow simply continues. `fails`: the
 * open ends of failures that lead here. */
static struct end *draw_otherwise(struct drawing *d, const struct node *otherwise, struct end *fails)
{
    assert(otherwise->kind == NODE_OTHERWISE);
    const struct node *action = otherwise->otherwise.action;
    struct end *on = d->here;
    if (ast_otherwise_kind(action) == OTHERWISE_VALUE) {
        fails->label = arena_printf(d->arena, "%s:\n%s", fails->label,
                                    drawing_cut(d, drawing_words(d, action->span), STEP_TEXT_MAX));
        return ends_join(on, fails);
    }
    d->here = fails;
    d->mergeable = FRAME_NONE;
    d->statement(d, action);
    return ends_join(on, d->here);
}

/* Draws a busy block; the state of the drawing is restored at the end, since no edge leads from it into the flow. */
static void draw_busy(struct drawing *d, uint32_t box, const struct node *clause)
{
    assert(clause->kind == NODE_CLAUSE);
    struct end *on = d->here, **failures = d->failures;
    struct aim *loops = d->loops;
    uint32_t outer = drawing_enter_frame(d, FRAME_BUSY, "meanwhile, over and over"), first = d->graph->box_count;
    d->here = end_new(d, box, EDGE_BESIDE, "");
    d->failures = NULL;
    d->statement(d, clause->clause.value);
    if (d->graph->box_count > first)
        for (const struct end *end = d->here; end; end = end->next)
            drawing_add_edge(d, end->box, first, EDGE_BESIDE, end->label);
    d->frame = outer;
    d->here = on;
    d->loops = loops;
    d->failures = failures;
}

/* Each arm begins at the fork and has its own edges; all their open ends lead to the next box. */
static void draw_race(struct drawing *d, uint32_t fork, const struct node *race)
{
    assert(race->kind == NODE_RACE);
    struct end *after = NULL;
    EACH_NODE (arm, race->race.arms) {
        const struct node *step = arm->race_arm.step;
        const char *name = arm->race_arm.name.text, *text = clauses_text(d, step, head_text(d, graph_head(step)));
        d->here = end_new(d, fork, EDGE_ON, "");
        drawing_add_box(d, BOX_STEP, name ? arena_printf(d->arena, "let %s = %s", name, text) : text, step->span);
        d->statement(d, arm->race_arm.action);
        after = ends_join(after, d->here);
    }
    d->here = after;
    d->mergeable = FRAME_NONE;
}

static void draw_parallel(struct drawing *d, uint32_t fork, const struct node *parallel)
{
    assert(parallel->kind == NODE_PARALLEL);
    struct end *after = NULL;
    EACH_NODE (child, parallel->parallel.children) {
        d->here = end_new(d, fork, EDGE_ON, "");
        d->mergeable = FRAME_NONE;
        d->statement(d, child);
        after = ends_join(after, d->here);
    }
    d->here = after;
    if (after) drawing_add_box(d, BOX_FORK, "all are done", (struct source_span){0, 0});
}

static enum box_kind graph_box_kind(const struct node *head, const struct step_row *row, bool calls)
{
    if (head->kind == NODE_RACE || head->kind == NODE_PARALLEL) return BOX_FORK;
    if (ends_there(head, row)) return BOX_END;
    return calls ? BOX_CALL : BOX_STEP;
}

static void draw_step(struct drawing *d, const struct node *statement, const struct node *value,
                      const struct step_row *row, const struct node *subroutine)
{
    const struct node *head = graph_head(value), *otherwise = otherwise_of(value);
    const struct node *busy = graph_clause(value, CLAUSE_BUSY);
    struct source_span span = {statement->span.begin, head->span.end};
    uint32_t box =
        drawing_add_box(d, graph_box_kind(head, row, subroutine != NULL), step_text(d, statement, value), span);
    if (subroutine) drawing_add_callee(d, subroutine);
    if (busy) draw_busy(d, box, busy);
    if (head->kind == NODE_RACE) draw_race(d, box, head);
    if (head->kind == NODE_PARALLEL) draw_parallel(d, box, head);
    if (otherwise) {
        struct end *fails = end_new(d, box, EDGE_FAILURE, exits_text(d, value, row));
        d->here = draw_otherwise(d, otherwise, fails);
    } else if (d->failures && head->kind != NODE_STOP && head->kind != NODE_DELAY) { /* which hardly fail */
        *d->failures = ends_join(end_new(d, box, EDGE_FAILURE, ""), *d->failures);
    }
    d->mergeable = FRAME_NONE;
}

void drawing_add_right_side(struct drawing *d, const struct node *statement, const struct node *value)
{
    const struct node *head = graph_head(value), *otherwise = otherwise_of(value), *subroutine = subroutine_of(d, head);
    const char *name = graph_step_name(d->arena, head);
    const struct step_row *row = name ? step_row_named(name) : NULL;
    bool step = subroutine || row || (name && head->kind != NODE_CALL);
    if (step) {
        draw_step(d, statement, value, row, subroutine);
    } else if (!otherwise) {
        drawing_add_small(d, statement);
    } else { /* a value, and another one where it is none */
        struct source_span span = {statement->span.begin, head->span.end};
        uint32_t box = drawing_add_box(d, BOX_DO, drawing_cut(d, drawing_words(d, span), STEP_TEXT_MAX), span);
        d->here = draw_otherwise(d, otherwise, end_new(d, box, EDGE_ON, "none"));
        d->mergeable = FRAME_NONE;
    }
}
