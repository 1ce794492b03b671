/* compiler/view/graph.c - Draws the flow of strategies as boxes and edges: statements, jumps and loops.
 *
 * While drawing, the position is a list of open ends that wait for the next box. Jumps lead forward and outward, so
 * a label is drawn after all jumps to it; only loops lead back.
 *
 *     struct end   a way out of a box that leads nowhere yet: box, kind of edge, label
 *     d->here      the ends that the next box takes up: none behind a goto, several behind an if
 *
 *         [ choice ]                 draw_if() draws one branch from the end "yes", keeps what is open behind it,
 *       yes |     | no               draws the other from "no", and joins both lists: no box is needed where
 *       [ a ]   [ b ]                branches meet.
 *          \     /
 *           here
 */
#include "compiler/view/graph.h"

#include <assert.h>
#include <string.h>

#include "compiler/language/media.h"
#include "compiler/view/drawing.h"

enum { PATTERNS_MAX = 72, CHOICE_MAX = 160 };

/* ---- statements ---- */

static void draw_statement(struct drawing *, const struct node *);

/* Returns the words from the beginning of `node` to the end of `last`: "if x" for an if with its blocks. */
static const char *graph_head_words(struct drawing *d, const struct node *node, const struct node *last)
{
    return drawing_cut(d, drawing_words(d, (struct source_span){node->span.begin, last->span.end}), CHOICE_MAX);
}

static void draw_if(struct drawing *d, const struct node *node)
{
    assert(node->kind == NODE_IF);
    const struct node *condition = node->choice.condition;
    const char *text = arena_printf(d->arena, "%s?", drawing_cut(d, drawing_words(d, condition->span), CHOICE_MAX));
    uint32_t box = drawing_add_box(d, BOX_CHOICE, text, (struct source_span){node->span.begin, condition->span.end});
    d->here = end_new(d, box, EDGE_ON, "yes");
    draw_statement(d, node->choice.then);
    struct end *yes = d->here;
    d->here = end_new(d, box, EDGE_ON, "no");
    d->mergeable = FRAME_NONE;
    if (node->choice.otherwise) draw_statement(d, node->choice.otherwise);
    d->here = ends_join(yes, d->here);
    d->mergeable = FRAME_NONE;
}

static const char *graph_patterns(struct drawing *d, const struct node *arm)
{
    assert(arm->kind == NODE_ARM);
    const struct nodes *patterns = &arm->arm.patterns;
    if (!patterns->first) return "else";
    return drawing_cut(d, drawing_words(d, span_join(patterns->first->span, patterns->last->span)), PATTERNS_MAX);
}

static void draw_segment(struct drawing *d, const struct node *node)
{
    assert(node->kind == NODE_SEGMENT);
    const struct node *subject = node->segment.subject;
    const char *text =
        arena_printf(d->arena, "segment\n%s", drawing_cut(d, drawing_words(d, subject->span), CHOICE_MAX));
    uint32_t box = drawing_add_box(d, BOX_CHOICE, text, (struct source_span){node->span.begin, subject->span.end});
    struct end *after = NULL;
    EACH_NODE (arm, node->segment.arms) {
        d->here = end_new(d, box, EDGE_ON, graph_patterns(d, arm));
        d->mergeable = FRAME_NONE;
        draw_statement(d, arm->arm.action);
        after = ends_join(d->here, after);
    }
    bool all = node->meaning != NULL; /* some arm takes all remaining cases */
    d->here = all ? after : ends_join(after, end_new(d, box, EDGE_ON, "else"));
    d->mergeable = FRAME_NONE;
}

static void draw_split(struct drawing *d, const struct node *node)
{
    assert(node->kind == NODE_SPLIT);
    const struct node *by = node->split.by;
    const char *text = by ? arena_printf(d->arena, "split by\n%s", drawing_words(d, by->span)) : "split";
    uint32_t box =
        drawing_add_box(d, BOX_CHOICE, text, by ? by->span : (struct source_span){node->span.begin, node->span.begin});
    struct end *after = NULL;
    bool otherwise = false;
    EACH_NODE (arm, node->split.arms) {
        const struct node *share = arm->split_arm.share, *where = arm->split_arm.where;
        const char *label = arm->split_arm.otherwise ? "else" : drawing_words(d, share->span);
        if (where) label = arena_printf(d->arena, "%s\nwhere %s", label, drawing_words(d, where->span));
        d->here = end_new(d, box, EDGE_ON, label);
        d->mergeable = FRAME_NONE;
        draw_statement(d, arm->split_arm.action);
        after = ends_join(d->here, after);
        otherwise = otherwise || arm->split_arm.otherwise;
    }
    d->here = otherwise ? after : ends_join(after, end_new(d, box, EDGE_ON, "else"));
    d->mergeable = FRAME_NONE;
}

/* `again`, `done`: the words at the two edges from the loop's head; no `done`: only a break ends it. */
static void draw_loop(struct drawing *d, const struct node *node, const struct node *last, const char *again,
                      const char *done, const struct node *body)
{
    struct source_span span = {node->span.begin, last ? last->span.end : node->span.begin};
    uint32_t box =
        drawing_add_box(d, BOX_CHOICE, last ? graph_head_words(d, node, last) : node_words(node->kind), span);
    struct aim loop = {.node = node, .head = box, .outer = d->loops};
    d->loops = &loop;
    d->here = end_new(d, box, EDGE_ON, again);
    draw_statement(d, body);
    ends_lead_to(d, d->here, box);
    d->loops = loop.outer;
    d->here = done ? ends_join(end_new(d, box, EDGE_ON, done), loop.ends) : loop.ends;
    d->mergeable = FRAME_NONE;
}

/* The open ends that jump to a label are collected in an aim until the label is drawn. */
static struct aim *aim_of(struct drawing *d, const struct node *labelled)
{
    struct aim *aim = d->labels;
    while (aim && aim->node != labelled) aim = aim->outer;
    if (aim) return aim;
    aim = ARENA_NEW(d->arena, struct aim);
    *aim = (struct aim){.node = labelled, .outer = d->labels};
    return d->labels = aim;
}

static void draw_labelled(struct drawing *d, const struct node *node)
{
    assert(node->kind == NODE_LABELLED);
    struct aim *aim = aim_of(d, node);
    d->here = ends_join(d->here, aim->ends);
    aim->ends = NULL;
    d->mergeable = FRAME_NONE;
    draw_statement(d, node->labelled.statement);
}

static void draw_goto(struct drawing *d, const struct node *node)
{
    struct aim *aim = aim_of(d, node->meaning);
    aim->ends = ends_join(aim->ends, d->here);
    d->here = NULL;
}

static void draw_leave(struct drawing *d, bool again)
{
    assert(d->loops); /* the checker's */
    if (again)
        ends_lead_to(d, d->here, d->loops->head);
    else
        d->loops->ends = ends_join(d->loops->ends, d->here);
    d->here = NULL;
}

static void draw_ending(struct drawing *d, enum box_kind kind, const struct node *node)
{
    uint32_t box = drawing_add_box(d, kind, drawing_cut(d, drawing_words(d, node->span), CHOICE_MAX), node->span);
    if (kind == BOX_FAIL && d->failures) *d->failures = ends_join(end_new(d, box, EDGE_FAILURE, ""), *d->failures);
}

static void draw_mandatory(struct drawing *d, const struct node *node)
{
    assert(node->kind == NODE_MANDATORY);
    uint32_t outer = drawing_enter_frame(d, FRAME_MANDATORY, "mandatory: heard to its end");
    draw_statement(d, node->mandatory.body);
    d->frame = outer;
    d->mergeable = FRAME_NONE;
}

static void (*const draws_of[NODE_KINDS])(struct drawing *, const struct node *) = {
    [NODE_LABELLED] = draw_labelled,    [NODE_IF] = draw_if,
    [NODE_SEGMENT] = draw_segment,      [NODE_SPLIT] = draw_split,
    [NODE_MANDATORY] = draw_mandatory,  [NODE_COUNT] = drawing_add_small,
    [NODE_EXCLUDE] = drawing_add_small, [NODE_GOTO] = draw_goto};

static void draw_statement(struct drawing *d, const struct node *node)
{
    if (draws_of[node->kind]) {
        draws_of[node->kind](d, node);
        return;
    }
    switch (node->kind) {
    case NODE_BLOCK:
        EACH_NODE (statement, node->block.statements) draw_statement(d, statement);
        break;
    case NODE_LET:
    case NODE_ATTACH:
    case NODE_ASSIGN:
    case NODE_DO:
        drawing_add_right_side(d, node, node_right_side(node));
        break;
    case NODE_WHILE:
        draw_loop(d, node, node->loop.condition, "again", "done", node->loop.body);
        break;
    case NODE_FOR:
        draw_loop(d, node, node->each.in, "next", "done", node->each.body);
        break;
    case NODE_REPEAT:
        draw_loop(d, node, node->repeat.times, "again", node->repeat.times ? "done" : NULL, node->repeat.body);
        break;
    case NODE_BREAK:
    case NODE_CONTINUE:
        draw_leave(d, node->kind == NODE_CONTINUE);
        break;
    case NODE_RETURN:
        draw_ending(d, BOX_RETURN, node);
        break;
    case NODE_FAIL:
        draw_ending(d, BOX_FAIL, node);
        break;
    case NODE_SWITCH:
        draw_ending(d, BOX_END, node);
        break;
    case NODE_STEP:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT: /* behind an else */
        drawing_add_right_side(d, node, node);
        break;
    default: /* declarations, expressions and parts of statements are drawn with their statement */
        assert(false && "a statement");
    }
}

/* ---- bodies ---- */

/* Draws a body from its beginning; its open ends lead to a last box with the text `over`. */
static void draw_body(struct drawing *d, const char *begins, const struct node *block, const char *over)
{
    d->here = NULL;
    d->loops = NULL;
    drawing_add_box(d, BOX_BEGIN, begins, (struct source_span){block->span.begin, block->span.begin});
    draw_statement(d, block);
    if (d->here) drawing_add_box(d, BOX_RETURN, over, (struct source_span){0, 0});
}

static const struct node *handler_for(const struct node *strategy, const char *event)
{
    assert(strategy->kind == NODE_STRATEGY);
    EACH_NODE (handler, strategy->strategy.handlers)
        if (!handler->handler.signal.text && strcmp(handler->handler.event.text, event) == 0) return handler;
    return NULL;
}

static void draw_handlers(struct drawing *d, const struct node *strategy, const struct node *errors, uint32_t *begins)
{
    assert(strategy->kind == NODE_STRATEGY);
    EACH_NODE (handler, strategy->strategy.handlers) {
        const struct word *signal = &handler->handler.signal;
        const char *title = arena_printf(d->arena, "on %s%s%s", handler->handler.event.text, signal->text ? " " : "",
                                         signal->text ? signal->text : "");
        uint32_t outer = drawing_enter_frame(d, FRAME_HANDLER, title);
        if (handler == errors) *begins = d->graph->box_count;
        draw_body(d, title + 3, handler->handler.body, "ends");
        d->frame = outer;
    }
}

/* Draws the edges of steps whose failure nothing catches: they lead to `on error`, or to the default destination. */
static void draw_failures(struct drawing *d, struct end *failures, const struct node *errors, uint32_t begins)
{
    if (!failures) return;
    if (errors) {
        ends_lead_to(d, failures, begins);
        return;
    }
    d->here = failures;
    drawing_add_box(d, BOX_FAIL, "default destination", (struct source_span){0, 0});
}

/* Is there a default of `clause` that holds for the medium of a strategy? */
static bool default_reply_on(const struct program *program, const char *clause, const char *medium)
{
    bool usual = false;
    EACH_NODE (item, program->site->site.items) {
        if (item->kind != NODE_SITE_DEFAULT || strcmp(item->site_default.name.text, clause) != 0) continue;
        bool some = item->site_default.value->kind != NODE_NONE;
        if (!item->site_default.media.first) usual = some;
        EACH_NODE (one, item->site_default.media) {
            const char *word = node_dotted(program->arena, one);
            if (word && medium && !strcmp(word, medium)) return some;
        }
    }
    return usual;
}

/* Does the site have a default for `clause`, `reply` or `absence`, and does it apply to a medium of the strategy? */
static bool default_reply(const struct program *program, const struct node *strategy, const char *clause)
{
    if (!program->site) return false;
    EACH_NODE (medium, strategy->strategy.media) {
        const char *word = node_dotted(program->arena, medium);
        struct media_set known = word ? media_bit(word) : (struct media_set){{0}};
        /* a medium that is not known here is the site's own */
        bool written = media_set_is_empty(known) || !media_set_is_empty(media_set_and(known, media_set_replied()));
        if (written && default_reply_on(program, clause, word)) return true;
    }
    return false;
}

static void draw_strategy(struct drawing *d, const struct node *node)
{
    assert(node->kind == NODE_STRATEGY);
    const struct nodes *media = &node->strategy.media;
    const char *on = drawing_words(d, span_join(media->first->span, media->last->span));
    const char *title = arena_printf(d->arena, "strategy %s", node->strategy.name.text);
    const struct node *errors = handler_for(node, "error");
    uint32_t begins = 0, outer = drawing_enter_frame(d, FRAME_STRATEGY, title);
    struct end *failures = NULL;
    d->replied = default_reply(d->program, node, "reply");
    d->absent = default_reply(d->program, node, "absence");
    d->failures = &failures;
    draw_body(d, on, node->strategy.body, "ends");
    d->failures = NULL;
    draw_handlers(d, node, errors, &begins);
    draw_failures(d, failures, errors, begins);
    d->frame = outer;
}

/* Draws the called subroutines; these may call others: the list grows while it is drawn. */
static void draw_called(struct drawing *d)
{
    d->failures = NULL;
    for (struct drawing_called *called = d->called; called; called = called->next) {
        const struct node *node = called->node;
        const char *title = arena_printf(d->arena, "subroutine %s", node->function.name.text);
        uint32_t outer = drawing_enter_frame(d, FRAME_SUBROUTINE, title);
        draw_body(d, node->function.name.text, node->function.body, "returns");
        d->frame = outer;
    }
}

static const struct node *default_busy(const struct program *program)
{
    if (!program->site) return NULL;
    EACH_NODE (item, program->site->site.items)
        if (item->kind == NODE_SITE_DEFAULT && item->site_default.value->kind == NODE_BLOCK) return item;
    return NULL;
}

struct graph *graph_make(struct program *program, const char *strategy)
{
    struct drawing d = {.program = program,
                        .arena = program->arena,
                        .statement = draw_statement,
                        .frame = FRAME_NONE,
                        .mergeable = FRAME_NONE};
    d.graph = ARENA_NEW(d.arena, struct graph);
    d.busy = default_busy(program);
    EACH_NODE (file, program->files)
        EACH_NODE (node, file->file.declarations) {
            if (node->kind != NODE_STRATEGY) continue;
            if (strategy ? strcmp(node->strategy.name.text, strategy) == 0 : !file->file.imported)
                draw_strategy(&d, node);
        }
    if (d.graph->box_count == 0 && !strategy)
        EACH_NODE (file, program->files)
            EACH_NODE (node, file->file.declarations)
                if (!file->file.imported && node->kind == NODE_FUNCTION && node->function.waits)
                    drawing_add_callee(&d, node);
    draw_called(&d);
    return d.graph;
}
