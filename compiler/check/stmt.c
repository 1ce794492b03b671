/* compiler/check/stmt.c - Statements and blocks, and the paths through them; set.c has assignments.
 *
 * A check_ function finds in c->state the facts before its statement, and leaves there the facts after it; where no
 * path continues, it calls state_stop(). One walk is enough:
 *
 * - A jump leads forward, so a label has met the states of all jumps to it when the walk comes to it.
 * - A loop forgets at its head what its body might undo (values known not to be none), so that what holds there holds
 *   in every round. The edge from its end to its head is for the flow graph alone.
 * - Statements that no path reaches are checked, too, with the facts from before them, and warned of once.
 *
 *     goto desk;
 *     ivr.say("never");          W0912: nothing leads here
 *     desk: route queue desk;
 */
#include "compiler/check/checker.h"

#include <assert.h>

#include "compiler/check/endless.h"
#include "compiler/language/step_ids.h"

/* Labels and jumps */

static struct label *stmt_label(const struct checker *c, const char *name)
{
    /* must be the first member: a label is found by its symbol */
    return (struct label *)scope_find(c->scope, SPACE_LABEL, name);
}

/* Declares the labels of a block before its statements are checked: a jump leads forward, to a label that comes
 * later in the text. */
static void open_labels(struct checker *c, struct node *block)
{
    assert(block->kind == NODE_BLOCK);
    EACH_NODE (statement, block->block.statements) {
        if (statement->kind != NODE_LABELLED) continue;
        struct word name = statement->labelled.name;
        const struct label *there = stmt_label(c, name.text);
        if (there) diag_note(report(c, NAME_TAKEN, name.span, name.text), there->symbol.where, "declared here");
        struct label *label = ARENA_NEW(c->arena, struct label);
        *label = (struct label){.symbol = {.kind = SYMBOL_LABEL, .name = name.text, .where = name.span},
                                .node = statement,
                                .state = state_nowhere()};
        scope_declare(c->scope, SPACE_LABEL, &label->symbol);
    }
}

/* Notes a jump with its state, so that a message about a key that is not attached can show the jump on whose path
 * the key is missing (name.c). */
static void add_label_jump(struct checker *c, struct label *label, struct source_span where)
{
    struct jump *jump = ARENA_NEW(c->arena, struct jump);
    *jump = (struct jump){.state = c->state, .where = where, .next = c->jumps};
    c->jumps = jump;
    label->state = state_join(c, &label->state, &c->state, where);
}

/* Ends the path at a jump to an unknown label, which was reported: nothing else is reported about this path. */
static void jump_nowhere(struct checker *c, struct source_span where)
{
    if (state_is_live(&c->state)) state_advance(c, FLOW_ENDS, where);
    c->dead_said = true;
}

static void check_goto(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_GOTO);
    struct word name = node->jump.label;
    struct label *label = stmt_label(c, name.text);
    if (label && !label->passed) {
        label->symbol.used = true;
        node->meaning = label->node;
        if (state_is_live(&c->state)) {
            state_advance(c, FLOW_PLAIN, node->span);
            add_label_jump(c, label, node->span);
        }
    } else if (label) {
        struct diag *diag = report(c, JUMP_BACK, name.span, name.text);
        if (label->unused) label->unused->dropped = true; /* a jump would lead to the label, were it before the jump */
        diag_hint(diag, "jumps go forward: write a while or repeat around it");
        diag_note(diag, label->symbol.where, "it is here");
        jump_nowhere(c, node->span);
    } else {
        const struct label *near = (const struct label *)nearest_symbol(c, SPACE_LABEL, name.text);
        struct diag *diag = report(c, UNKNOWN_LABEL, name.span, name.text);
        diag->about = name.text;
        if (near && !near->passed) diag_did_you_mean(diag, near->symbol.name, near->symbol.where);
        c->goto_nowhere = true;
        jump_nowhere(c, node->span);
    }
    state_stop(c);
}

static void check_labelled(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_LABELLED);
    struct label *label = stmt_label(c, node->labelled.name.text);
    if (label && label->node == node) {
        label->passed = true;
        c->state = state_join(c, &c->state, &label->state, node->labelled.name.span);
        /* A split by customers uses the label's name, too, so that the parts stay the same when lines of the file
         * move. */
        if (!label->symbol.used && !c->goto_nowhere && !node_splits_by(node->labelled.statement))
            label->unused = report(c, LABEL_UNUSED, node->labelled.name.span, label->symbol.name);
    }
    check_statement(c, node->labelled.statement);
}

/* Blocks */

static void check_dead(struct checker *c, struct node *statement)
{
    if (state_is_live(&c->state) || c->dead_said || statement->kind == NODE_LABELLED) return;
    struct diag *diag = report(c, NEVER_REACHED, statement->span);
    if (c->dead_by) diag_note(diag, c->dead_by->where, "'%s' never returns: each of its ways fails", c->dead_by->name);
    c->dead_said = true; /* reported once for all code that follows */
}

void check_block(struct checker *c, struct node *block)
{
    assert(block->kind == NODE_BLOCK);
    bool dead = !state_is_live(&c->state);
    scope_enter(c->scope);
    open_labels(c, block);
    EACH_NODE (statement, block->block.statements) {
        if (!dead) check_dead(c, statement);
        if (!state_is_live(&c->state)) state_enter_dead(c);
        check_statement(c, statement);
        if (state_is_live(&c->state)) c->dead_said = false;
    }
    scope_leave(c->scope);
}

/* Returns a hint for a statement that is only a value, naming the word that may be missing before it (route, return or
 * stop); NULL: no word fits. */
static const char *ends_with(const struct checker *c, const struct node *node, const struct type *type)
{
    bool last = !node->next, returns = c->body->kind == BODY_FUNCTION || c->body->kind == BODY_SUBROUTINE;
    bool ends = c->body->kind == BODY_STRATEGY || c->body->kind == BODY_HANDLER;
    if (type->kind == LANG_QUEUE || type->kind == LANG_TARGET) return "route goes there";
    if (last && returns && c->body->result->kind != LANG_VOID) return "return gives it back";
    return last && ends && type->kind == LANG_STR ? "stop ends the interaction with it" : NULL;
}

/* Is the statement the bare name of a queue, like `desk;`, without its kind and without a word before it? */
static bool is_queue_alone(const struct checker *c, const struct node *head)
{
    const char *name = head->kind == NODE_NAME ? head->name.name.text : NULL;
    return name && !scope_find(c->scope, SPACE_PLAIN, name) && scope_find(c->scope, scope_space(LANG_QUEUE), name);
}

/* Is the statement a destination where only `route` is missing, like `who answer 15s else goto desk;`? */
static bool is_way_alone(const struct checker *c, const struct node *value)
{
    const struct node *head = value->kind == NODE_STEP ? value->step.head : NULL;
    const struct symbol *symbol =
        head && head->kind == NODE_NAME ? scope_find(c->scope, SPACE_PLAIN, head->name.name.text) : NULL;
    const struct type *type = symbol && symbol->kind == SYMBOL_LOCAL ? symbol->type : NULL;
    return (head && head->kind == NODE_KIND_NAME && head->kind_name.kind == KIND_QUEUE) ||
           (type && (type_bare(type)->kind == LANG_TARGET || type_bare(type)->kind == LANG_QUEUE));
}

static void check_do(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_DO);
    struct node *value = node->act.value;
    struct node *head = value->kind == NODE_STEP ? value->step.head : value;
    if (is_way_alone(c, value)) {
        const struct node *otherwise = value->step.otherwise;
        struct node *action = otherwise ? otherwise->otherwise.action : NULL;
        diag_hint(report(c, EXPRESSION_ALONE, head->span), "route goes there");
        check_expr(c, head, NULL);
        if (action && (action->kind == NODE_GOTO || action->kind == NODE_STOP)) check_statement(c, action);
        jump_nowhere(c, node->span);
        state_stop(c);
        return;
    }
    if (is_queue_alone(c, head)) {
        const char *name = head->name.name.text;
        diag_hint(report(c, UNKNOWN_NAME, head->span, name), "write route queue %s", name);
        jump_nowhere(c, node->span);
        state_stop(c);
        return;
    }
    const struct type *type = check_rhs(c, value, NULL, false);
    if (check_is_step(c, head) || head->kind == NODE_CALL || type_is_poison(type)) return;
    if (value->kind == NODE_STEP && value->step.clauses.first) return; /* its clauses were reported */
    struct diag *diag = report(c, EXPRESSION_ALONE, head->span);
    const char *way = ends_with(c, node, type);
    diag_hint(diag, "%s", way ? way : "let x = ... keeps it");
    if (!way) return;
    jump_nowhere(c, node->span); /* the author forgot a word that ends the path: so the path is taken to end here */
    state_stop(c);
}

/* Control */

static void check_if(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_IF);
    struct state yes, no;
    state_advance(c, FLOW_PLAIN, node->choice.condition->span);
    check_condition(c, node->choice.condition, &yes, &no);
    check_compared_none(c, node->choice.condition);
    yes.how = "the condition holds";
    no.how = "the condition does not hold";
    c->state = yes;
    check_block(c, node->choice.then);
    struct state then = c->state;
    c->state = no;
    if (node->choice.otherwise) {
        if (node->choice.otherwise->kind == NODE_BLOCK)
            check_block(c, node->choice.otherwise);
        else
            check_statement(c, node->choice.otherwise);
    }
    c->state = state_join(c, &then, &c->state, node->span);
}

static void forget_assigned(struct node *node, void *context)
{
    struct checker *c = context;
    if (node->kind == NODE_ASSIGN && node->assign.target->kind == NODE_NAME) {
        const struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, node->assign.target->name.name.text);
        if (symbol && symbol->kind == SYMBOL_LOCAL) state_know(&c->state, symbol, false);
    }
    node_children(node, forget_assigned, context);
}

/* Facts at the head of a loop: those from before the loop that the loop does not undo. Such facts must hold in every
 * round of the loop. Keys that are the strategy's parameters stay known, all other keys may be changed by a wait in the
 * body; of locals only those are forgotten that the body assigns. */
static void loop_begin(struct checker *c, struct loop *loop, struct node *node, struct node *body, enum flow_kind kind)
{
    if (state_is_live(&c->state)) {
        c->state.known_keys &= c->given;
        node_children(body, forget_assigned, c);
    }
    *loop = (struct loop){.node = node,
                          .body = c->body,
                          .leave = state_nowhere(),
                          .secrets = secrets_here(c),
                          .queueings = c->queueings,
                          .outer = c->loop};
    loop->head = state_advance(c, kind, node->span);
    c->loop = loop;
}

static void loop_end(struct checker *c, struct loop *loop, const struct state *after)
{
    flow_edge(c->flow, c->state.at, loop->head, c->state.how, false);
    flow_loop_ends(c->flow, loop->head);
    /* the uses in inner loops are checked with those of the outermost */
    if (!loop->outer) secrets_come_round(c, loop->secrets);
    bool waited = loop->waited || (state_is_live(&c->state) && c->state.waited);
    if (waited) queueings_come_round(c, loop->queueings);
    c->loop = loop->outer;
    c->state = state_join(c, after, &loop->leave, loop->node->span);
    c->state.waited |= waited;
}

static void check_while(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_WHILE);
    struct loop loop;
    struct state yes, no;
    struct node *condition = node->loop.condition;
    bool live = state_is_live(&c->state);
    loop_begin(c, &loop, node, node->loop.body, FLOW_LOOP);
    check_condition(c, condition, &yes, &no);
    check_compared_none(c, condition);
    if (condition->kind == NODE_BOOL) *(condition->boolean.value ? &no : &yes) = state_nowhere();
    no.how = "the condition does not hold";
    c->state = yes;
    check_block(c, node->loop.body);
    loop_end(c, &loop, &no);
    const struct symbol *fixed = live && !type_is_poison(condition->type) ? endless_loop_variable(node) : NULL;
    if (!fixed) return;
    diag_hint(report(c, LOOP_ENDLESS, node->span, fixed->name), "change it in the loop, or leave the loop by break");
    struct endless *endless = ARENA_NEW(c->arena, struct endless);
    *endless = (struct endless){node->span.begin, c->endless};
    c->endless = endless;
}

static void check_repeat(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_REPEAT);
    struct loop loop;
    struct node *times = node->repeat.times;
    if (times) check_as(c, times, checker_base(c, LANG_INT));
    loop_begin(c, &loop, node, node->repeat.body, times ? FLOW_PLAIN : FLOW_LOOP);
    struct state after = times ? c->state : state_nowhere();
    if (times) after.how = "it was often enough";
    check_block(c, node->repeat.body);
    loop_end(c, &loop, &after);
}

static void check_for(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_FOR);
    struct loop loop;
    const struct type *in = check_expr(c, node->each.in, NULL);
    size_t names = node->each.names.count;
    const struct type *of = checker_base(c, LANG_POISON), *key = in->kind == LANG_MAP ? checker_base(c, LANG_STR) : of;
    if ((in->kind == LANG_LIST && names == 1) || (in->kind == LANG_MAP && names == 2))
        of = in->of;
    else if (!type_is_poison(in)) {
        struct diag *diag = report(c, NOT_ITERABLE, node->each.in->span, in->text, names == 1 ? "a list" : "a map");
        if (type_is_option(in))
            diag_hint(diag, "it may be none: test it first");
        else if (in->kind == LANG_MAP)
            diag_hint(diag, "for key, value in m");
        else if (in->kind == LANG_LIST)
            diag_hint(diag, "for x in xs");
        else if (in->kind == LANG_INT)
            diag_hint(diag, "repeat n { ... } goes round n times");
    }
    loop_begin(c, &loop, node, node->each.body, FLOW_PLAIN);
    struct state after = c->state;
    after.how = "there is no further one";
    scope_enter(c->scope);
    struct symbol **symbols = ARENA_ARRAY(c->arena, struct symbol *, names);
    size_t i = 0;
    EACH_NODE (name, node->each.names) {
        const struct type *type = names == 2 && i == 0 ? key : of;
        symbols[i] = check_declare_local(c, name->label.name, type);
        check_set(c, symbols[i], node->each.in);
        state_set_local(&c->state, symbols[i++]);
    }
    node->meaning = symbols;
    check_block(c, node->each.body);
    scope_leave(c->scope);
    loop_end(c, &loop, &after);
}

static void check_leave(struct checker *c, struct node *node)
{
    struct loop *loop = c->loop;
    if (!loop || loop->body != c->body) {
        report(c, NO_LOOP, node->span, node_words(node->kind));
        jump_nowhere(c, node->span);
    } else {
        node->meaning = loop->node;
        state_advance(c, FLOW_PLAIN, node->span);
        if (node->kind == NODE_BREAK)
            loop->leave = state_join(c, &loop->leave, &c->state, node->span);
        else {
            flow_edge(c->flow, c->state.at, loop->head, c->state.how, false);
            loop->waited |= state_is_live(&c->state) && c->state.waited;
        }
    }
    state_stop(c);
}

/* Checks a `mandatory` block. A break or continue in the block cannot leave a loop around the block. */
static void check_mandatory(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_MANDATORY);
    struct loop *loop = c->loop;
    bool within = c->in_mandatory;
    if (within) report(c, CLAUSE_NOT_HERE, node->span, "mandatory", "what is mandatory already");
    if (!c->body->selects)
        diag_hint(report(c, CLAUSE_NOT_HERE, node->span, "mandatory", "anything but the busy block of a selection"),
                  "elsewhere nothing cuts it off");
    state_advance(c, FLOW_PLAIN, node->span);
    c->loop = NULL;
    c->in_mandatory = true;
    check_block(c, node->mandatory.body);
    c->in_mandatory = within;
    c->loop = loop;
}

static void check_end_allowed(struct checker *c, struct source_span where, enum flow_kind kind)
{
    state_advance(c, kind, where);
    state_stop(c);
}

static void check_return(struct checker *c, struct node *node)
{
    struct body *body = c->body;
    if (body->kind != BODY_FUNCTION && body->kind != BODY_SUBROUTINE) {
        diag_hint(report(c, RETURN_OUTSIDE, node->span),
                  body->kind == BODY_BUSY ? "goto leaves the wait" : "a strategy ends with route or stop");
        jump_nowhere(c, node->span);
        if (node->result.value) check_expr(c, node->result.value, NULL);
    } else if (node->result.value) {
        if (body->result->kind == LANG_VOID) {
            struct diag *diag = report(c, RETURN_VALUE, node->result.value->span, body->name);
            const struct type *type = check_expr(c, node->result.value, NULL);
            if (type_is_data(type)) diag_hint(diag, "declare what it returns: %s(...): %s", body->name, type->text);
            body->result = checker_base(c, LANG_POISON); /* other returns and callers are not reported as well */
        } else if (!type_is_poison(check_as(c, node->result.value, body->result))) {
            body->returns_fit = true;
        } else if (!type_is_poison(node->result.value->type)) {
            body->returns_misfit = true;
            diags_last(c->diags)->about = body;
        }
    } else if (body->result->kind != LANG_VOID && !type_is_poison(body->result)) {
        report(c, RETURN_NOTHING, node->span, body->name, body->result->text);
    }
    summary_returns(c, node->result.value);
    check_end_allowed(c, node->span, FLOW_RETURNS);
}

static void check_fail(struct checker *c, struct node *node)
{
    check_as(c, node->fail.code, checker_base(c, LANG_STR));
    check_told(c, node->fail.code);
    summary_fails_by_text(c, node->fail.code);
    check_end_allowed(c, node->span, FLOW_FAILS);
}

static void (*const checks_of[NODE_KINDS])(struct checker *, struct node *) = {
    [NODE_BLOCK] = check_block,   [NODE_LABELLED] = check_labelled,   [NODE_LET] = check_let,
    [NODE_ATTACH] = check_attach, [NODE_ASSIGN] = check_assign,       [NODE_DO] = check_do,
    [NODE_IF] = check_if,         [NODE_WHILE] = check_while,         [NODE_FOR] = check_for,
    [NODE_REPEAT] = check_repeat, [NODE_SEGMENT] = check_segment,     [NODE_SPLIT] = check_split,
    [NODE_BREAK] = check_leave,   [NODE_CONTINUE] = check_leave,      [NODE_RETURN] = check_return,
    [NODE_GOTO] = check_goto,     [NODE_MANDATORY] = check_mandatory, [NODE_COUNT] = check_counted,
    [NODE_FAIL] = check_fail};

void check_statement(struct checker *c, struct node *node)
{
    if (checks_of[node->kind])
        checks_of[node->kind](c, node);
    else
        check_rhs(c, node, NULL, false);
}

void check_rounds(struct checker *c, struct node *block)
{
    uint32_t begin = state_advance(c, FLOW_PLAIN, block->span);
    size_t errors = diags_errors(c->diags);
    check_block(c, block);
    if (diags_errors(c->diags) != errors) return; /* a statement with an error may be a step that takes time */
    if (begin == FLOW_NONE || !state_is_live(&c->state)) return;
    uint32_t end = state_advance(c, FLOW_PLAIN, block->span);
    flow_edge(c->flow, end, begin, NULL, false);
    if (block->block.statements.first && flow_comes_round(c->flow, begin, end))
        report(c, BUSY_WITHOUT_WAIT, block->span);
}

/* Returns the site's busy block as the selection has it: only where a medium of the selection has all of its steps. On
 * the selection's other media the block rests. */
static struct body *default_busy_here(const struct checker *c)
{
    struct body *busy = c->default_busy, *body = c->body;
    if (!busy || media_set_is_empty(busy->needs)) return busy;
    while (body->kind == BODY_BUSY && body->outer) body = body->outer;
    bool anywhere = body->kind == BODY_FUNCTION || body->kind == BODY_SUBROUTINE;
    struct media_set here = anywhere ? body->needs : body->media;
    if (anywhere && media_set_is_empty(here)) here = media_every();
    here = media_set_but(here, c->state.not_media);
    if (media_set_is_empty(media_set_and(here, busy->needs))) return NULL;
    busy->rests |= !media_set_is_empty(media_set_but(here, busy->needs));
    return busy;
}

/* Checks the busy block of a step, which is repeated during the wait; in the flow graph it begins and ends at the
 * wait's point. */
void check_busy(struct checker *c, struct step_use *use, struct node *block)
{
    if (!block) {
        use->busy = default_busy_here(c);
        return;
    }
    struct body *outer = c->body;
    struct state waiting = c->state;
    struct loop *loop = c->loop;
    struct body *body = check_body_new(
        c, BODY_BUSY,
        arena_printf(c->arena, "%s.busy.%u", outer->strategy ? outer->strategy->name : outer->name, ++c->busy_count),
        block);
    body->outer = outer;
    body->strategy = outer->strategy;
    body->media = media_set_but(outer->media, c->state.not_media);
    body->waits = true;
    body->selects = use->row->id == STEP_ID_select || use->row->id == STEP_ID_connect;
    use->busy = body;
    c->body = body;
    c->state.how = "while it waits";
    check_rounds(c, block);
    flow_edge(c->flow, c->state.at, waiting.at, NULL, false);
    check_body_done(c, body);
    c->body = outer;
    c->loop = loop;
    c->state = waiting;
}
