/* compiler/check/step.c - Right sides: steps with their parameters and clauses, and their `else`.
 *
 *     let tier = ivr.digits(prompt account_number) tries 3 else "";
 *
 * The head tells which step it is; check_head() checks its arguments, check_clause() each clause, and default_take()
 * adds the site's default clauses. Then the flow graph gets a wait (FLOW_WAIT), and after it two states. c->state is
 * the state where the step has succeeded; `failed` continues in the else, or without an else in the failures of the
 * whole body and in the summary for its callers. */
#include "compiler/check/checker.h"
#include "compiler/language/step_ids.h"

#include <assert.h>

static const struct type *poisoned_step(const struct checker *c)
{
    return checker_base(c, LANG_POISON);
}

static struct symbol *called_subroutine(struct checker *c, const struct node *head)
{
    if (head->kind != NODE_CALL || head->call.callee->kind != NODE_NAME) return NULL;
    struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, head->call.callee->name.name.text);
    return symbol && symbol->kind == SYMBOL_SUBROUTINE ? symbol : NULL;
}

bool check_is_step(struct checker *c, struct node *head)
{
    return head->kind == NODE_QUERY || head_row(c, head) || called_subroutine(c, head);
}

static bool step_selects(const struct step_row *row)
{
    return row->id == STEP_ID_select || row->id == STEP_ID_connect;
}

static bool step_forks(const struct step_row *row)
{
    return row->id == STEP_ID_race || row->id == STEP_ID_parallel;
}

static bool step_dials(const struct step_row *row)
{
    return row->id == STEP_ID_callback_keep_place || row->id == STEP_ID_callback_dial ||
           row->id == STEP_ID_outbound_dial;
}

/* Clauses */

/* May the clause be used with this step? The site's defaults use this, too: a default applies to a step only where
 * the clause could have been written. */
bool step_may_have_clause(enum clause clause, const struct step_row *row)
{
    int64_t us;
    switch (clause) {
    case CLAUSE_BY:
    case CLAUSE_GOAL:
    case CLAUSE_AGE:
    case CLAUSE_RING:
    case CLAUSE_UNTIL:
        return step_selects(row) || (clause == CLAUSE_RING && row->id == STEP_ID_route);
    case CLAUSE_BUSY:
        return step_selects(row) || row->id == STEP_ID_wait_for;
    case CLAUSE_EXCLUDE:
        return step_selects(row);
    case CLAUSE_PREVIEW:
        return step_selects(row) || row->id == STEP_ID_route;
    case CLAUSE_ANSWER:
        return row->id == STEP_ID_route || row->id == STEP_ID_connect || step_dials(row);
    case CLAUSE_REPLY:
    case CLAUSE_ABSENCE:
    case CLAUSE_WHISPER:
    case CLAUSE_THEN:
        return row->id == STEP_ID_route || row->id == STEP_ID_connect;
    case CLAUSE_TRIES:
    case CLAUSE_PAUSE:
        return !row->ends && (step_is_tried_again(row) || row->id == STEP_ID_callback_keep_place);
    case CLAUSE_TIMEOUT:
        return row->id == STEP_ID_race || row->id == STEP_ID_parallel || step_timeout(row, &us) != TIMEOUT_NONE;
    case CLAUSE_EVERY:
    case CLAUSE_TO:
    case CLAUSES:
        break;
    }
    return false;
}

static const char *default_says(struct checker *c, enum clause which)
{
    return arena_printf(c->arena, "what '%s' says", ast_clause_word(which));
}

static void check_number(struct checker *c, struct node *value, enum lang_type type, enum clause which)
{
    check_as(c, value, checker_base(c, type));
    check_given_away(c, value, default_says(c, which));
}

static void check_clause(struct checker *c, const struct node *head, struct node *clause, struct step_use *use)
{
    assert(clause->kind == NODE_CLAUSE);
    struct node *value = clause->clause.value;
    enum clause which = (enum clause)clause->clause.which;
    if (!use->row || !step_may_have_clause(which, use->row)) {
        struct diag *diag = report(c, CLAUSE_NOT_HERE, clause->span, ast_clause_word(which),
                                   use->row ? use->row->name : "a subroutine");
        if (use->row && (which == CLAUSE_TRIES || which == CLAUSE_PAUSE)) hint_not_tried(c, diag, use->row);
        return;
    }
    use->clauses[which] = value;
    switch (which) {
    case CLAUSE_BY:
        if (use->order == BY_share) {
            diag_hint(report(c, SHARES_BY, clause->span, "by"),
                      "of the line whose turn it is, the longest idle is taken");
            break;
        }
        use->by = value;
        c->ordered = head->kind == NODE_SELECT ? head : NULL;
        check_order(c, value, use);
        c->ordered = NULL;
        break;
    case CLAUSE_AGE:
        check_age(c, value);
        break;
    case CLAUSE_RING:
        check_number(c, value, LANG_INT, which);
        break;
    case CLAUSE_TRIES: {
        check_number(c, value, LANG_INT, which);
        if (value->kind == NODE_INTEGER && (value->integer.value < 1 || value->integer.value > 100))
            report(c, TRIES_RANGE, value->span);
        break;
    }
    case CLAUSE_REPLY:
        check_reply_time(c, value, clause->clause.schedule);
        use->reply_in = clause->clause.schedule;
        if (value->kind != NODE_NONE) check_given_away(c, value, default_says(c, which));
        break;
    case CLAUSE_TIMEOUT: {
        const struct type *type = check_expr(c, value, checker_base(c, LANG_DURATION));
        if (type->kind != LANG_DURATION && type->kind != LANG_TIME && !type_is_poison(type)) {
            struct diag *diag = report(c, TYPE_MISMATCH, value->span, type->text, "a duration or a time");
            if (value->kind == NODE_INTEGER) hint_duration(diag, value);
        }
        check_given_away(c, value, default_says(c, which));
        break;
    }
    case CLAUSE_ABSENCE:
        if (value->kind == NODE_NONE) break;
        check_number(c, value, LANG_DURATION, which);
        break;
    case CLAUSE_ANSWER:
    case CLAUSE_PAUSE:
    case CLAUSE_EXCLUDE:
    case CLAUSE_GOAL:
    case CLAUSE_PREVIEW:
        check_number(c, value, LANG_DURATION, which);
        break;
    case CLAUSE_THEN:
        check_then(c, clause, use);
        break;
    case CLAUSE_WHISPER: {
        const struct type *type = check_expr(c, value, checker_base(c, LANG_STR));
        if (type->kind != LANG_STR && type->kind != LANG_PROMPT && !type_is_poison(type))
            report(c, TYPE_MISMATCH, value->span, type->text, "a text or a prompt");
        else
            check_told(c, value);
        break;
    }
    case CLAUSE_UNTIL: {
        struct state yes, no, before = c->state;
        check_condition(c, value, &yes, &no);
        c->state = before; /* the facts of the condition hold only within it */
        bool condition = value->type && type_bare(value->type)->kind == LANG_BOOL;
        if (condition && !until_may_change(value)) report(c, UNTIL_FIXED, value->span);
        break;
    }
    case CLAUSE_BUSY:
        break; /* check_busy() checks the block when the wait begins */
    case CLAUSE_EVERY:
    case CLAUSE_TO:
    case CLAUSES:
        break;
    }
}

/* Checks `preview`: it needs lines that name agents, and clauses about asking an agent need `preview`. */
static void check_preview(struct checker *c, const struct node *head, const struct step_use *use)
{
    const struct node *preview = use->clauses[CLAUSE_PREVIEW], *exclude = use->clauses[CLAUSE_EXCLUDE];
    if (!use->row) return;
    if (preview && head->kind == NODE_ROUTE && head->route.target->type) {
        const struct type *type = head->route.target->type;
        if (type->kind == LANG_QUEUE || type->kind == LANG_DN || type->kind == LANG_WORKBIN ||
            type->kind == LANG_GROUP) /* others: E0560 */
            diag_hint(report(c, PREVIEW_OF_NOBODY, preview->span, type->text), "leave preview away");
    }
    if (preview && head->kind == NODE_SELECT && default_takes_nobody(head))
        diag_hint(report(c, PREVIEW_OF_NOBODY, preview->span, "queue"), "%s",
                  use->order == BY_everyone ? "leave preview and by everyone away" : "leave preview away");
    if (!preview && step_selects(use->row) && use->order == BY_everyone && use->by)
        diag_hint(report(c, EVERYONE_UNASKED, use->by->span), "write preview 20s");
    if (!preview && exclude && use->row->id == STEP_ID_select && !use->clauses[CLAUSE_RING])
        diag_hint(report(c, EXCLUDE_UNASKED, exclude->span), "write preview 15s, too, or connect in select's place");
}

/* Checks `ring`: only calls ring, and only agents who are not asked first (`preview`). With shares only one agent is
 * chosen, so `ring` and shares exclude each other. */
static void check_ring(struct checker *c, const struct node *head, const struct step_use *use)
{
    const struct node *ring = use->clauses[CLAUSE_RING];
    const char *missing = NULL;
    if (!use->row || !ring) return;
    if (head->kind == NODE_ROUTE) {
        const struct type *type = head->route.target->type;
        if (type && type->kind != LANG_GROUP && !type_is_poison(type))
            diag_hint(report(c, RING_OF_NOBODY, ring->span), "leave ring away, or route to a group of places");
        else if (use->clauses[CLAUSE_PREVIEW])
            diag_hint(report(c, RING_ASKED, ring->span), "leave preview or ring away");
        return;
    }
    if (use->clauses[CLAUSE_PREVIEW] || use->order == BY_everyone)
        diag_hint(report(c, RING_ASKED, ring->span), "leave %s away",
                  use->order == BY_everyone ? "ring away, or by everyone and preview" : "preview or ring");
    else if (use->order == BY_share)
        diag_hint(report(c, SHARES_BY, ring->span, "ring"), "of the line whose turn it is, one agent is taken");
    else if (default_takes_nobody(head))
        diag_hint(report(c, RING_OF_NOBODY, ring->span), "leave ring away");
    else if (!check_medium(c, media_set(MEDIA_CALLS), &missing))
        diag_hint(report(c, RING_OF_CALLS, ring->span, missing), "by everyone preview 20s asks several desks");
}

/* Checks that a group of places or a number is the destination of calls: other media go to agents and queues. */
static void check_telephones(struct checker *c, const struct node *head, const struct step_use *use)
{
    const struct type *type = use->row && head->kind == NODE_ROUTE ? head->route.target->type : NULL;
    const char *missing = NULL;
    if (!type || (type->kind != LANG_GROUP && type->kind != LANG_DN) ||
        check_medium(c, media_set(MEDIA_CALLS), &missing))
        return;
    bool group = type->kind == LANG_GROUP;
    diag_hint(report(c, STEP_MEDIUM, head->span, group ? "route group" : "route to a number", missing),
              group ? "choose an agent: connect in vq NAME { group NAME; }" : "route to an agent or a queue");
}

/* Checks whether a step is allowed in the body around it: a function must not wait, a subroutine must not end the
 * strategy, a handler must end by itself, and a step that runs during another wait must be cancellable. Only the
 * first reason that applies is reported. */
static void check_place(struct checker *c, struct node *head, const struct step_use *use)
{
    const struct symbol *callee = use->row ? NULL : called_subroutine(c, head);
    const char *name = use->row ? use->row->name : "a subroutine", *missing = NULL;
    if (c->body->kind == BODY_FUNCTION) {
        diag_hint(report(c, STEP_IN_FUNCTION, head->span, name), "make it a subroutine");
    } else if (c->body->kind == BODY_SUBROUTINE && use->row && use->row->ends) {
        diag_hint(report(c, END_IN_SUBROUTINE, head->span, name),
                  "return what is to be done, and do it in the strategy");
    } else if (c->body->kind == BODY_HANDLER && c->loop) {
        diag_hint(report(c, WAIT_IN_HANDLER, head->span, name), "what a handler does comes to an end by itself");
    } else if (c->body->kind == BODY_HANDLER && callee && callee->body && callee->body->summary.looped.end) {
        struct diag *diag = report(c, WAIT_IN_HANDLER, head->span, callee->name);
        diag_hint(diag, "what a handler does comes to an end by itself");
        diag_note(diag, callee->body->summary.looped, "here");
    } else if (use->row && use->row->id == STEP_ID_callback_keep_place &&
               (!c->body->selects || check_is_child(c, head))) {
        diag_hint(report(c, KEEP_PLACE_HERE, head->span, name),
                  "it keeps the place in the queue, so it stands beside the wait");
    } else if (check_is_child(c, head)) {
        check_child_step(c, head, use);
    } else if (c->body->kind == BODY_BUSY && (!use->row || !use->row->cancellable || use->row->id == STEP_ID_select)) {
        diag_hint(report(c, NOT_IN_BUSY, head->span, name), "what stands in busy must be such that it can be cut off");
    } else if (use->row && !check_medium(c, media_set(use->row->media), &missing)) {
        report(c, STEP_MEDIUM, head->span, name, missing);
    }
}

static void check_timeout(struct checker *c, struct node *head, struct step_use *use)
{
    int64_t us;
    if (!use->row || use->clauses[CLAUSE_TIMEOUT] || step_timeout(use->row, &us) != TIMEOUT_SITE) return;
    use->default_timeout = c->defaults[CLAUSE_TIMEOUT];
    if (!use->default_timeout)
        diag_hint(report(c, NO_TIMEOUT, head->span, use->row->name),
                  "write timeout 3m, or `default timeout 10m;` in the site");
}

void check_growth(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_ASSIGN);
    static const char words[] = "priority every";
    struct node *value = node->assign.value;
    if (c->body->kind == BODY_FUNCTION)
        diag_hint(report(c, STEP_IN_FUNCTION, node->span, words), "make it a subroutine");
    else if (c->body->kind == BODY_BUSY)
        diag_hint(report(c, NOT_IN_BUSY, node->span, words), "it goes on by itself: say it before the wait");
    state_advance(c, FLOW_PLAIN, node->span);
    check_as(c, value->step.head, checker_base(c, LANG_INT));
    EACH_NODE (clause, value->step.clauses)
        if (clause->clause.which == CLAUSE_EVERY)
            check_number(c, clause->clause.value, LANG_DURATION, CLAUSE_EVERY);
        else if (clause->clause.which == CLAUSE_TO)
            check_number(c, clause->clause.value, LANG_INT, CLAUSE_TO);
        else
            report(c, CLAUSE_NOT_HERE, clause->span, ast_clause_word((enum clause)clause->clause.which), words);
    if (value->step.otherwise) report(c, CLAUSE_NOT_HERE, value->step.otherwise->span, "else", words);
    set_node_type(value, checker_base(c, LANG_INT));
}

static bool step_says_answer(const struct node *node)
{
    if (node->kind == NODE_STEP)
        EACH_NODE (clause, node->step.clauses)
            if (clause->clause.which == CLAUSE_ANSWER) return true;
    return false;
}

/* Checks the step itself: afterwards c->state is the state after success, *failed that after a failure. The order is
 * that of time: the arguments are computed before the wait, then others may change keys that were known, then the
 * busy block runs during the wait, and only then does the step end, with success or failure. */
static const struct type *check_step_at_head(struct checker *c, struct node *node, struct node *head,
                                             const struct type *want, struct state *failed)
{
    struct step_use *use = ARENA_NEW(c->arena, struct step_use);
    use->row = head_row(c, head);
    use->answer_written = step_says_answer(node);
    check_place(c, head, use);
    if (use->row && (use->row->media == MEDIA_VOICE || use->row->media == MEDIA_CALLS)) c->body->plays = true;
    const struct type *type = check_head(c, head, use, want);
    if (head->kind != NODE_CALL)
        head->meaning = use;
    else if (!use->row)
        ((struct call_use *)head->meaning)->step = use;
    use->result = type;
    struct node *busy = NULL;
    if (node->kind == NODE_STEP)
        EACH_NODE (clause, node->step.clauses) {
            check_clause(c, head, clause, use);
            if (clause->clause.which == CLAUSE_BUSY) busy = clause->clause.value;
        }
    default_take(c, head, use);
    check_preview(c, head, use);
    check_ring(c, head, use);
    check_telephones(c, head, use);
    check_reply(c, head, use);
    check_timeout(c, head, use);
    const struct symbol *callee = use->row ? NULL : called_subroutine(c, head);
    bool passes = head->kind == NODE_EXCLUDE || callee; /* the summary of a subroutine says whether it waits */
    state_advance(c, passes ? FLOW_PLAIN : FLOW_WAIT, head->span);
    if (head->kind != NODE_EXCLUDE) summary_waits(c, head->span, callee ? callee->body : NULL);
    /* others may have changed all other keys during the wait */
    if (state_is_live(&c->state)) c->state.known_keys &= c->given;
    bool has_busy = use->row && (step_selects(use->row) || (busy && use->row->id == STEP_ID_wait_for));
    if (has_busy) check_busy(c, use, busy);
    *failed = c->state;
    failed->how = "it fails, or takes too long";
    failed->failure = true;
    if (callee && callee->body) summary_call(c, callee, head->span, failed);
    if (head->kind == NODE_SELECT || (callee && callee->body && callee->body->queues))
        queueing_note(c, head, use, callee ? callee->body : NULL, failed);
    if (use->row && step_forks(use->row)) check_children(c, head, use);
    if (use->row && use->row->ends) {
        if (state_is_live(&c->state))
            flow_edge(c->flow, c->state.at, flow_point(c->flow, FLOW_ENDS, head->span), NULL, false);
        state_stop(c);
    }
    return set_node_type(head, type);
}

/* Reports a value after the `else` of a statement, where nothing uses it; if it is a target, perhaps `route` was left
 * out. */
static void hint_else_unused(struct checker *c, const struct node *action, const struct type *type)
{
    struct diag *diag = report(c, ELSE_VALUE_UNUSED, action->span);
    if (type->kind == LANG_QUEUE || type->kind == LANG_DN || type->kind == LANG_AGENT || type->kind == LANG_TARGET) {
        diag_hint(diag, "a step stands there: else route queue ...;");
        diag_edit(diag, (struct source_span){action->span.begin, action->span.begin}, "route ");
    } else {
        diag_hint(diag, "write else {} to go on");
    }
}

/* Checks the part after `else`: a value, or a jump. `error`: the error type of the step that failed; NULL: there was
 * no step, the value was none. Returns the type of the value after `else`, or NULL. */
static const struct type *check_otherwise(struct checker *c, struct node *otherwise, const struct type *want,
                                          bool value, const struct type *error)
{
    assert(otherwise->kind == NODE_OTHERWISE);
    struct node *action = otherwise->otherwise.action;
    scope_enter(c->scope);
    if (otherwise->otherwise.binding.text) {
        if (!error) report(c, ERROR_OF_NONE, otherwise->otherwise.binding.span);
        /* an unknown type, so that its uses are no errors */
        const struct type *named = error ? error : poisoned_step(c);
        state_set_local(&c->state, check_declare_local(c, otherwise->otherwise.binding, named));
        otherwise->meaning = error ? scope_find(c->scope, SPACE_PLAIN, otherwise->otherwise.binding.text) : NULL;
    }
    const struct type *type = NULL;
    switch (ast_otherwise_kind(action)) {
    case OTHERWISE_JUMP:
        check_statement(c, action);
        break;
    case OTHERWISE_BLOCK:
        check_block(c, action);
        if (value && state_is_live(&c->state)) {
            diag_hint(report(c, BLOCK_FALLS_THROUGH, action->span), "end it with goto, return, fail or route");
            state_advance(c, FLOW_ENDS, action->span); /* so that no other check reports the same mistake */
            state_stop(c);
        }
        break;
    case OTHERWISE_STEP:
        check_rhs(c, action, NULL, false);
        break;
    case OTHERWISE_VALUE:
        if (!value) {
            type = check_expr(c, action, NULL);
            if (!type_is_poison(type)) hint_else_unused(c, action, type);
            break;
        }
        type = want && !type_is_poison(want) ? check_as(c, action, want) : check_expr(c, action, want);
        break;
    }
    scope_leave(c->scope);
    return type;
}

/* Reports the first clause after an expression that is no step. Further clauses are not reported, since their cause
 * is the same: the step is missing. */
static bool has_clauses(struct checker *c, const struct node *node)
{
    const struct node *clause = node->kind == NODE_STEP ? node->step.clauses.first : NULL;
    if (!clause) return false;
    enum clause which = (enum clause)clause->clause.which;
    struct diag *diag = report(c, CLAUSE_NOT_HERE, clause->span, ast_clause_word(which), "an expression");
    if (which == CLAUSE_EVERY || which == CLAUSE_TO)
        diag_hint(diag, "only the priority grows: priority += 1 every 10s to 120");
    return true;
}

/* Checks a right side that is an expression, and its `else`, which is taken where the expression is none. */
static const struct type *check_value_rhs(struct checker *c, struct node *node, struct node *head,
                                          const struct type *want, bool value)
{
    struct node *otherwise = node->kind == NODE_STEP ? node->step.otherwise : NULL;
    state_advance(c, FLOW_PLAIN, head->span);
    if (!otherwise) {
        const struct type *type = want && value ? check_as(c, head, want) : check_expr(c, head, want);
        if (!type_is_poison(type)) has_clauses(c, node);
        return type;
    }
    const struct type *type = check_expr(c, head, want ? types_option(c->types, want) : NULL);
    if (expr_was_optional(head)) type = check_asked_again(c, head);
    if (!type_is_poison(type) && has_clauses(c, node))
        type = poisoned_step(c);
    else if (!type_is_poison(type) && !type_is_option(type)) {
        diag_hint(report(c, ELSE_WITHOUT_NONE, otherwise->span, type->text), "leave the else away");
        type = poisoned_step(c);
    }
    const struct type *bare = type_bare(type);
    if (want && value && !type_fits(want, bare)) {
        report(c, TYPE_MISMATCH, head->span, bare->text, want->text);
        bare = poisoned_step(c);
    }
    struct state some = c->state;
    c->state.how = "it is none";
    const struct type *unknown = type_is_poison(type) ? type : NULL; /* perhaps a step */
    const struct type *other = check_otherwise(c, otherwise, want ? want : NULL, value, unknown);
    c->state = state_join(c, &some, &c->state, otherwise->span);
    bool joins = other && !(want && value) && !type_is_poison(bare);
    const struct type *joined = joins ? types_join(c->types, bare, other) : bare;
    const struct node *action = otherwise->otherwise.action;
    if (!joined) hint_mismatch(c, report(c, TYPE_MISMATCH, action->span, other->text, bare->text), action, other, bare);
    return set_node_type(node, want && value ? want : joined ? joined : poisoned_step(c));
}

/* Notes that a step may fail without an `else` of its own: the body then fails. */
static void fails_outwards(struct checker *c, struct node *head, const struct state *failed)
{
    if (!state_is_live(failed)) return;
    const struct step_row *row = head_row(c, head);
    const struct symbol *callee = row ? NULL : called_subroutine(c, head);
    if (callee && callee->body)
        summary_fails_by_call(c, callee->body);
    else
        summary_fails_by_step(c, row);
    if (failed->failure) {
        if (c->failed == FLOW_NONE) c->failed = flow_point(c->flow, FLOW_FAILED, head->span);
        flow_edge_because(c->flow, failed->at, c->failed, failed->how, failed->because, true);
    } else {
        uint32_t end = flow_point(c->flow, FLOW_FAILS, head->span);
        flow_edge_because(c->flow, failed->at, end, failed->how, failed->because, false);
    }
}

/* True: the step has a clause or argument that brings an exit of its own: `reply` of a route or connect, a row of
 * vm/exits.def. */
static bool asks_for_exit(const struct node *head)
{
    if (head->kind == NODE_CALL) {
        const struct call_use *call = head->meaning;
        return call && call->kind == CALL_STEP && call->step && check_exit_argument(call->step);
    }
    if (head->kind != NODE_ROUTE && head->kind != NODE_SELECT) return false;
    const struct step_use *use = head->meaning;
    return use->clauses[CLAUSE_REPLY] || use->clauses[CLAUSE_ABSENCE];
}

static void hint_no_value(struct diag *diag, const struct node *head)
{
    if (head->kind == NODE_SELECT) diag_hint(diag, "select gives whom it has found: let x = select in vq ...");
}

/* Checks a right side: where its value is used and the place needs no type, it gets the common type of the step's
 * value and of the value after `else`. */
const struct type *check_rhs(struct checker *c, struct node *node, const struct type *want, bool value)
{
    struct node *head = node->kind == NODE_STEP ? node->step.head : node;
    struct node *otherwise = node->kind == NODE_STEP ? node->step.otherwise : NULL;
    if (!check_is_step(c, head)) return check_value_rhs(c, node, head, want, value);
    struct state failed;
    const struct type *type = check_step_at_head(c, node, head, want ? type_bare(want) : NULL, &failed);
    if (value && type->kind == LANG_VOID) {
        hint_no_value(report(c, NO_VALUE, head->span), head);
        type = poisoned_step(c);
    }
    if (value && want && !type_fits(want, type) && !(otherwise && type_is_option(want) && type_fits(want, type))) {
        struct diag *diag = report(c, TYPE_MISMATCH, head->span, type->text, want->text);
        if (type_is_option(type)) diag_hint(diag, "it may be none, which else does not catch after a step");
        type = poisoned_step(c);
    }
    if (!otherwise) {
        fails_outwards(c, head, &failed);
        if (node != head) set_node_type(node, value && want ? want : type);
        return value && want ? want : type;
    }
    struct state good = c->state;
    c->state = failed;
    const struct symbol *callee = head_row(c, head) ? NULL : called_subroutine(c, head);
    const struct type *error = callee && callee->body ? summary_error(c, callee->body)
                                                      : check_step_error(c, head_row(c, head), asks_for_exit(head));
    const struct type *other = check_otherwise(c, otherwise, want, value, error);
    c->state = state_join(c, &good, &c->state, otherwise->span);
    bool joins = other && value && !want && !type_is_poison(type); /* otherwise each of the two was checked by itself */
    const struct type *joined = joins ? types_join(c->types, type, other) : type;
    if (!joined) {
        const struct node *action = otherwise->otherwise.action;
        hint_mismatch(c, report(c, TYPE_MISMATCH, action->span, other->text, type->text), action, other, type);
        joined = poisoned_step(c);
    }
    return set_node_type(node, value && want ? want : joined);
}
