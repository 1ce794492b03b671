/* tests/differential/evaluate_step.c - What waits: a step asked for and answered, the rounds of its busy block, the
 * children of race and parallel. */
#include "compiler/language/step_ids.h"
#include "config.h"
#include "tests/differential/evaluate.h"

#include <inttypes.h>
#include <string.h>

static const int64_t WHOLE = 1000000;

/* The world */

void evaluate_trace_place(struct evaluator *e)
{
    struct position position = source_set_position(e->program->sources, e->at->span.begin);
    fprintf(e->trace, " at %u:%u\n", position.line, position.column);
}

void evaluate_trace_keys(struct evaluator *e)
{
    fprintf(e->trace, "keys");
    for (int i = 0; i < KEYS_MAX; i++) {
        if (!e->keys[i]) continue;
        fprintf(e->trace, " %d=", i);
        evaluate_dump(e->trace, e->keys[i]);
    }
    for (size_t i = 0; i < e->data_count; i++) {
        fputc(' ', e->trace);
        evaluate_dump(e->trace, e->data_keys[i]);
        fputc('=', e->trace);
        evaluate_dump(e->trace, e->data[i]);
    }
    fprintf(e->trace, " priority=%" PRId64 "\n", e->priority);
}

/* Steps */

const struct value *evaluate_error(struct evaluator *e, int64_t code, const struct value *text,
                                   const struct step_row *step)
{
    struct value *error = ARENA_NEW(e->arena, struct value);
    *error = (struct value){.worth = WORTH_ERROR, .number = code, .bytes = "", .step = step};
    if (text) error->bytes = text->bytes, error->length = text->length;
    return error;
}

static const struct value *clause(struct evaluator *e, const struct step_use *use, enum clause which)
{
    return use->clauses[which] ? evaluate_seen(e, evaluate_expr(e, use->clauses[which]), "in a clause") : NULL;
}

/* The whole of what it may take; -1: so long as it likes. */
static int64_t timeout_of(struct evaluator *e, const struct step_use *use, const struct value *const *arguments,
                          const struct value *tries, const struct value *pause)
{
    int64_t us;
    enum timeout_kind kind = step_timeout(use->row, &us);
    const struct value *written = clause(e, use, CLAUSE_TIMEOUT);
    if (written)
        return use->clauses[CLAUSE_TIMEOUT]->type->kind == LANG_TIME ? written->number - world_now_us : written->number;
    if (kind == TIMEOUT_NONE) return -1;
    if (use->endpoint && use->endpoint->timeout) us = evaluate_expr(e, use->endpoint->timeout)->number;
    if (kind == TIMEOUT_SITE) us = evaluate_expr(e, use->default_timeout)->number;
    if (kind == TIMEOUT_ARGUMENT) us += arguments[1]->number;
    if (use->row->id == STEP_ID_route && use->clauses[CLAUSE_ANSWER]) us = clause(e, use, CLAUSE_ANSWER)->number;
    if (!tries) return us;
    return us * tries->number + (pause ? pause->number * tries->number : 0);
}

static void trace_argument(struct evaluator *e, uint32_t number, const struct value *value)
{
    fprintf(e->trace, " %u=", number);
    evaluate_dump(e->trace, value);
}

struct asked { /* a step that was asked for, and has no answer */
    const struct step_use *use;
    const struct value *arguments[STEP_PARAMS_MAX];
};

/* An expression that is only looked at. A fault in it is none of the strategy's: false. */
static bool looked_at(struct evaluator *e, const struct node *node, bool condition, int64_t *number)
{
    jmp_buf outer;
    volatile bool known = false;
    memcpy(&outer, &e->out, sizeof outer);
    if (setjmp(e->out) == 0) {
        *number = condition ? evaluate_condition(e, node) : evaluate_expr(e, node)->number;
        known = true;
    }
    memcpy(&e->out, &outer, sizeof outer);
    if (e->gave_up) longjmp(e->out, 1);
    e->fault = 0;
    return known;
}

static void trace_lines(struct evaluator *e, const struct node *select)
{
    EACH_NODE (line, select->select.lines) {
        const struct node *target = line->line.target;
        if (line->line.in) {
            fputs(" in", e->trace);
            evaluate_dump(e->trace, evaluate_expr(e, line->line.in));
        }
        int64_t share = line->line.share ? evaluate_expr(e, line->line.share)->number : 0;
        share = share < 0 ? 0 : share > WHOLE ? WHOLE : share;
        fprintf(e->trace, " line %" PRId64 " share %" PRId64,
                line->line.after ? evaluate_seen(e, evaluate_expr(e, line->line.after), "in a line")->number : 0,
                share);
        bool condition = target->kind == NODE_BINARY || target->kind == NODE_UNARY || target->kind == NODE_BOOL ||
                         site_group_condition(target);
        int64_t holds;
        e->in_line = condition;
        if (condition)
            fprintf(e->trace, "=%d", looked_at(e, target, true, &holds) && holds);
        else
            evaluate_dump(e->trace, evaluate_expr(e, target));
        e->in_line = false;
    }
}

static void know_lines(struct evaluator *e, const struct node *select, const struct step_use *use)
{
    const struct node *at = e->at;
    EACH_NODE (line, select->select.lines) {
        e->at = line;
        evaluate_known_parts(e, line->line.target, true);
    }
    if (use->order_by) e->at = use->order_by, evaluate_known_parts(e, use->order_by, true);
    for (uint32_t i = 0; i < use->tie_count; i++)
        if (use->ties[i].by) e->at = use->ties[i].by, evaluate_known_parts(e, use->ties[i].by, true);
    if (use->clauses[CLAUSE_UNTIL]) e->at = use->clauses[CLAUSE_UNTIL];
    if (use->clauses[CLAUSE_UNTIL]) evaluate_known_parts(e, use->clauses[CLAUSE_UNTIL], false);
    e->at = at;
}

static struct captured captured_now(struct evaluator *e)
{
    struct captured captured = {.data_count = e->data_count, .locale = e->locale};
    captured.data = ARENA_ARRAY(e->arena, const struct value *, e->data_count + 1);
    if (e->data_count) memcpy(captured.data, e->data, e->data_count * sizeof *e->data);
    memcpy(captured.keys, e->keys, sizeof captured.keys);
    return captured;
}

static void captured_again(struct evaluator *e, const struct captured *captured)
{
    if (captured->data_count) memcpy(e->data, captured->data, captured->data_count * sizeof *e->data);
    memcpy(e->keys, captured->keys, sizeof e->keys);
    e->data_count = captured->data_count;
    e->locale = captured->locale;
}

/* Does what ends the wait hold now? A fault in it is no. */
static void trace_until(struct evaluator *e, const struct step_use *use)
{
    int64_t holds;
    if (!use->clauses[CLAUSE_UNTIL]) return;
    const struct captured now = captured_now(e); /* what the strategy knows is as it was when the wait began */
    captured_again(e, &e->captured);
    e->ending = true;
    bool ends = looked_at(e, use->clauses[CLAUSE_UNTIL], true, &holds) && holds;
    e->ending = false;
    captured_again(e, &now);
    fprintf(e->trace, " until %d", ends);
}

static void trace_figure(struct evaluator *e, const struct node *by)
{
    int64_t figure = 0;
    e->in_line = true;
    bool known = looked_at(e, by, false, &figure);
    e->in_line = false;
    fprintf(e->trace, known ? " by %" PRId64 : " by none", figure);
}

static void trace_order(struct evaluator *e, const struct step_use *use)
{
    if (!use->order_by) return;
    trace_figure(e, use->order_by);
    for (uint32_t i = 0; i < use->tie_count; i++)
        if (use->ties[i].by)
            trace_figure(e, use->ties[i].by);
        else
            fprintf(e->trace, " then %s", order_rows[use->ties[i].order].word);
}

static void trace_as_begun(struct evaluator *e, const struct node *select, const struct step_use *use)
{
    const struct captured now = captured_now(e);
    unsigned waits = e->waits;
    captured_again(e, &e->captured);
    e->waits = e->began;
    trace_lines(e, select);
    trace_order(e, use);
    e->waits = waits;
    captured_again(e, &now);
}

/* The arguments of the strategy that is switched to. */
static void evaluate_given(struct evaluator *e, const struct step_use *use, const struct value **given)
{
    for (uint32_t i = 0; i < use->to->param_count; i++)
        given[i] =
            use->given && use->given[i]
                ? evaluate_seen(e, evaluate_as(e, use->given[i], use->to->params[i]->type), "given to a strategy")
                : value_none_of(e);
}

/* The other arguments of a route. */
struct asked_route {
    const struct value *whisper, *given[CALL_ARGUMENTS_MAX];
    int64_t then;
};

static struct asked_route route_of(struct evaluator *e, const struct step_use *use)
{
    struct asked_route route = {.whisper = clause(e, use, CLAUSE_WHISPER)};
    const struct step_use *then = use->then;
    if (!then) return route;
    route.then = !then->arguments[0] || evaluate_condition(e, then->arguments[0]) ? (int64_t)then->to->number : -1;
    evaluate_given(e, then, route.given);
    return route;
}

static void trace_route(struct evaluator *e, const struct step_use *use, const struct asked_route *route)
{
    if (route->whisper) trace_argument(e, 1, route->whisper);
    if (!use->then) return;
    trace_argument(e, 2, value_number(e, route->then));
    for (uint32_t i = 0; i < use->then->to->param_count; i++) trace_argument(e, 3 + i, route->given[i]);
}

static enum way answer(struct evaluator *, const struct asked *, const struct value **out,
                       const struct value **failure);

/* The agent is asked before it is routed, with all that the route is given known already. */
static enum way ask_first(struct evaluator *e, const struct step_use *use, const struct asked *asked, int64_t timeout,
                          const struct value **failure)
{
    const struct step_use preview = {.row = step_row(STEP_ID_preview), .result = use->result};
    const struct asked first = {.use = &preview};
    const struct value *countdown = clause(e, use, CLAUSE_PREVIEW), *ignored;
    const struct node *at = e->at;
    evaluate_trace_keys(e);
    fprintf(e->trace, "step preview");
    trace_argument(e, 0, asked->arguments[0]);
    trace_argument(e, 1, countdown);
    fprintf(e->trace, " timeout %" PRId64, use->clauses[CLAUSE_TIMEOUT] ? timeout : countdown->number);
    evaluate_trace_place(e);
    enum way way = answer(e, &first, &ignored, failure);
    e->at = at;
    return way;
}

/* A query binds it, an endpoint is told, and the switch compares what is keyed with it. */
static bool takes_secrets(const struct node *head, const struct step_use *use)
{
    return use->endpoint || head->kind == NODE_QUERY || use->row->id == STEP_ID_ivr_verify;
}

/* WAY_ON, or WAY_FAIL where who was asked first has declined. */
static enum way ask(struct evaluator *e, const struct node *head, const struct step_use *use, struct asked *asked,
                    const struct value **failure)
{
    const struct value *rest[32], *given[CALL_ARGUMENTS_MAX] = {NULL};
    uint32_t rest_count = use->endpoint ? use->endpoint->param_count : use->rest_count;
    *asked = (struct asked){.use = use};
    if (rest_count > 32) evaluate_unknown(e, "too many arguments");
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(use->row, params);
    for (uint32_t i = 0; i < count; i++) {
        if (!use->arguments[i]) continue;
        asked->arguments[i] = params[i]->type == PARAM_STRATEGY ? value_number(e, use->booked->to->number)
                                                                : evaluate_expr(e, use->arguments[i]);
    }
    for (uint32_t i = 0; i < use->rest_count; i++) rest[i] = evaluate_expr(e, use->rest[i]);
    for (uint32_t i = 0; use->endpoint && i < rest_count; i++) {
        const struct node *argument = ((const struct call_use *)head->meaning)->arguments[i];
        rest[i] = argument ? evaluate_as(e, argument, use->endpoint->params[i]->type) : value_none_of(e);
    }
    for (uint32_t i = 0; i < count && !takes_secrets(head, use); i++)
        evaluate_seen(e, asked->arguments[i], "in a step");
    for (uint32_t i = 0; i < rest_count && !takes_secrets(head, use); i++) evaluate_seen(e, rest[i], "in a step");
    struct asked_route route = {0};
    if (use->row->id == STEP_ID_route) route = route_of(e, use);
    if (use->to) evaluate_given(e, use, given);
    if (use->booked) evaluate_given(e, use->booked, given);
    const struct value *tries = clause(e, use, CLAUSE_TRIES), *pause = clause(e, use, CLAUSE_PAUSE);
    int64_t timeout = timeout_of(e, use, asked->arguments, tries, pause);
    bool asks = use->clauses[CLAUSE_PREVIEW];
    if (use->row->id == STEP_ID_route && asks && ask_first(e, use, asked, timeout, failure) != WAY_ON) return WAY_FAIL;
    if (head->kind == NODE_SELECT && !e->again) know_lines(e, head, use);
    if (head->kind == NODE_SELECT && !e->again) e->captured = captured_now(e), e->began = e->waits;
    evaluate_trace_keys(e);
    fprintf(e->trace, "step %s", use->row->name);
    if (use->signal) trace_argument(e, 0, value_bytes(e, use->signal, strlen(use->signal)));
    if (use->to) trace_argument(e, 0, value_number(e, use->to->number));
    for (uint32_t i = 0; use->to && i < use->to->param_count; i++) trace_argument(e, 1 + i, given[i]);
    for (uint32_t i = 0; i < STEP_PARAMS_MAX; i++)
        if (asked->arguments[i]) trace_argument(e, i, asked->arguments[i]);
    for (uint32_t i = 0; i < rest_count; i++) trace_argument(e, (count ? count - 1 : 0) + i, rest[i]);
    for (uint32_t i = 0; use->booked && i < use->booked->to->param_count; i++) trace_argument(e, count + i, given[i]);
    trace_route(e, use, &route);
    if (head->kind == NODE_SELECT && asks) trace_argument(e, 1, clause(e, use, CLAUSE_PREVIEW));
    bool rests = asks || use->clauses[CLAUSE_RING];
    if (head->kind == NODE_SELECT && rests && use->clauses[CLAUSE_EXCLUDE])
        trace_argument(e, 2, clause(e, use, CLAUSE_EXCLUDE));
    if (head->kind == NODE_SELECT && use->clauses[CLAUSE_GOAL]) trace_argument(e, 3, clause(e, use, CLAUSE_GOAL));
    if (head->kind == NODE_SELECT && select_age_is_fresh(use->clauses[CLAUSE_AGE]))
        trace_argument(e, 4, value_number(e, 1));
    if (head->kind == NODE_SELECT && use->clauses[CLAUSE_RING]) trace_argument(e, 5, clause(e, use, CLAUSE_RING));
    if (head->kind == NODE_SELECT) trace_as_begun(e, head, use);
    trace_until(e, use);
    fprintf(e->trace, " timeout %" PRId64, timeout);
    evaluate_trace_place(e);
    return WAY_ON;
}

/* `signal`: NULL where the event has no name. */
static const struct body *handler_of(const struct evaluator *e, enum ir_event event, const char *signal)
{
    for (const struct signal_handler *handler = e->strategy->signals; handler; handler = handler->next)
        if (handler->event == event && (!signal || !strcmp(handler->signal->name, signal))) return handler->body;
    return NULL;
}

/* The store, the key and the length of it; no hash, no media type. */
static const struct value *recording(struct evaluator *e, const struct world_answer *answer)
{
    const struct value *text = value_bytes(e, answer->text, strlen(answer->text)), *none = value_bytes(e, "", 0);
    const struct value *fields[] = {text, value_bytes(e, "a key of many letters", 21), value_number(e, answer->which),
                                    none, none};
    return value_of_items(e, WORTH_RECORD, fields, 5);
}

static enum way answer(struct evaluator *e, const struct asked *asked, const struct value **out,
                       const struct value **failure)
{
    const struct step_use *use = asked->use;
    unsigned id = use->row->id;
    bool gives = use->result->kind != LANG_VOID, chooses = id == STEP_ID_ivr_menu || id == STEP_ID_ivr_choose;
    struct world_answer is = world_answer(e->seed, e->waits, true);
    struct stream stream = world_stream(e->seed, e->waits++);
    if (is.gone && !e->inside && !e->handling) {
        fprintf(e->trace, "hangs up\n");
        e->gone = true;
        longjmp(e->out, 1);
    }
    const struct body *handler = handler_of(e, IR_ON_SIGNAL, "paid"),
                      *of_main = is.transferred     ? handler_of(e, IR_ON_TRANSFERRED, NULL)
                                 : is.main_released ? handler_of(e, IR_ON_MAIN_RELEASED, NULL)
                                                    : NULL;
    if (is.signals && !e->inside && !e->handling && handler && !use->row->ends && id != STEP_ID_wait_for) {
        e->signalled = handler;
        e->brought = evaluate_made(e, handler->params[0]->type, &stream);
        longjmp(e->out, 1);
    }
    if (of_main && !e->inside && !e->handling && !use->row->ends) {
        e->signalled = of_main;
        e->brought = NULL;
        longjmp(e->out, 1);
    }
    if (is.fails || (chooses && asked->arguments[1]->count == 0)) {
        *failure = evaluate_error(e, world_exit(use->row->name, is.which), NULL, use->row);
        fprintf(e->trace, "fails %" PRId64 "\n", (*failure)->number);
        return WAY_FAIL;
    }
    fprintf(e->trace, "succeeds\n");
    if (use->row->ends) return WAY_END;
    if (chooses)
        *out = asked->arguments[1]->items[is.which % asked->arguments[1]->count];
    else if (id == STEP_ID_ivr_record)
        *out = recording(e, &is);
    else if (id == STEP_ID_select)
        *out = value_number(e, is.which);
    else if (gives)
        *out = evaluate_made(e, use->result, &stream);
    return WAY_ON;
}

/* A call of its own, which sees the variables around it. */
static struct evaluated_call *within(struct evaluator *e, const struct body *body)
{
    struct evaluated_call *call = ARENA_NEW(e->arena, struct evaluated_call);
    *call = (struct evaluated_call){.name = e->call->name, .body = body, .outer = e->call, .result = e->call->result};
    return call;
}

const struct value **evaluate_local(struct evaluator *e, const struct symbol *symbol)
{
    struct evaluated_call *call = e->call;
    while (call->body != symbol->body && call->outer) call = call->outer;
    return &call->locals[symbol->index];
}

struct piece { /* of a strategy, that fails for itself; its faults are the strategy's */
    enum way (*run)(struct evaluator *, void *context);
    void *context;
};

/* Its way, and of WAY_FAIL the code. */
static enum way guarded(struct evaluator *e, struct evaluated_call *call, struct piece piece, int64_t *code)
{
    jmp_buf outer;
    struct evaluated_call *here = e->call;
    const char *label = e->label;
    memcpy(&outer, &e->out, sizeof outer);
    enum way way = WAY_FAIL;
    e->call = call;
    e->label = NULL;
    e->inside++;
    e->fault = 0;
    if (setjmp(e->out) == 0) {
        way = piece.run(e, piece.context);
        *code = way == WAY_FAIL ? call->failure->number : 0;
    } else {
        memcpy(&e->out, &outer, sizeof outer);
        e->call = here;
        e->label = label;
        e->inside--;
        longjmp(e->out, 1);
    }
    memcpy(&e->out, &outer, sizeof outer);
    e->call = here;
    e->label = label;
    e->inside--;
    if (way == WAY_GOTO) here->target = call->target;
    return way;
}

static enum way run_round(struct evaluator *e, void *context)
{
    const struct node *block = context;
    return evaluate_block(e, block);
}

/* Beside the wait. A treatment that cannot be had is no reason to end it; anything else is. */
static enum way busy_rounds(struct evaluator *e, const struct step_use *use, const struct value **failure)
{
    unsigned rounds = world_answer(e->seed, e->waits, false).rounds;
    for (unsigned i = 0; i < rounds; i++) {
        int64_t code;
        fprintf(e->trace, "round");
        trace_until(e, use);
        fputc('\n', e->trace);
        bool mandatory = e->mandatory;
        e->mandatory = false;
        struct evaluated_call *call = within(e, use->busy);
        enum way way = guarded(e, call, (struct piece){run_round, use->busy->block}, &code);
        e->mandatory = mandatory;
        if (way == WAY_GOTO) return way;
        if (way != WAY_FAIL) continue;
        fprintf(e->trace, "round fails %" PRId64 "\n", code);
        if (code != CODE_FAILED) continue;
        *failure = evaluate_error(e, code, call->failure, use->row);
        return WAY_FAIL;
    }
    return WAY_ON;
}

/* race and parallel */

struct strand {
    struct evaluated_call *call;
    const struct node *node; /* the LET, ATTACH, DO, or its right side */
    struct asked asked;
    const struct value *value;
    bool parked;
};

static const struct node *rhs_of(const struct node *node)
{
    return node->kind == NODE_LET      ? node->let.value
           : node->kind == NODE_ATTACH ? node->attach.value
           : node->kind == NODE_DO     ? node->act.value
                                       : node;
}

static enum way begin_strand(struct evaluator *e, void *context)
{
    struct strand *strand = context;
    const struct node *rhs = rhs_of(strand->node), *head = rhs->kind == NODE_STEP ? rhs->step.head : rhs;
    e->at = head;
    const struct value *none;
    return ask(e, head, evaluate_use(head), &strand->asked, &none); /* nothing that stands there asks first */
}

static enum way end_strand(struct evaluator *e, void *context)
{
    struct strand *strand = context;
    const struct symbol *symbol =
        strand->node->kind == NODE_LET || strand->node->kind == NODE_ATTACH ? strand->node->meaning : NULL;
    const struct value *failure = NULL;
    strand->value = NULL;
    enum way way = answer(e, &strand->asked, &strand->value, &failure);
    way = evaluate_after(e, rhs_of(strand->node), symbol ? symbol->type : NULL, way, &strand->value, failure);
    if (way == WAY_ON && strand->node->kind == NODE_ATTACH) e->keys[symbol->index] = strand->value;
    return way;
}

static struct strand *next_strand(struct evaluator *e, struct strand *strands, uint32_t count)
{
    unsigned parked = 0;
    for (uint32_t i = 0; i < count; i++) parked += strands[i].parked;
    unsigned which = world_pick(e->seed, e->waits, parked);
    for (uint32_t i = 0;; i++)
        if (strands[i].parked && which-- == 0) return &strands[i];
}

static enum way run_arm(struct evaluator *e, const struct node *arm, const struct child_use *child,
                        const struct value *value)
{
    if (child->symbol) *evaluate_local(e, child->symbol) = value;
    return evaluate_statement(e, arm->race_arm.action);
}

static enum way fork_steps(struct evaluator *e, const struct node *head, const struct step_use *use,
                           const struct value **failure)
{
    bool race = head->kind == NODE_RACE;
    struct strand strands[8] = {{0}};
    const struct node *arms[8];
    uint32_t count = 0, left = use->child_count;
    int64_t code;
    const struct evaluated_call *failed;
    EACH_NODE (node, (race ? head->race.arms : head->parallel.children)) {
        arms[count] = node;
        strands[count++].node = race ? node->race_arm.step : node;
    }
    for (uint32_t i = 0; i < count; i++) {
        strands[i].call = within(e, use->children[i].body);
        strands[i].parked = guarded(e, strands[i].call, (struct piece){begin_strand, &strands[i]}, &code) == WAY_ON;
        if (strands[i].parked) continue;
        fprintf(e->trace, "child fails %" PRId64 "\n", code);
        left--;
        failed = strands[i].call;
        if (!race || left == 0) goto failed;
    }
    while (left) {
        struct strand *strand = next_strand(e, strands, count);
        uint32_t which = (uint32_t)(strand - strands);
        strand->parked = false;
        left--;
        enum way way = guarded(e, strand->call, (struct piece){end_strand, strand}, &code);
        if (way == WAY_GOTO) return way;
        if (way == WAY_FAIL) {
            fprintf(e->trace, "child fails %" PRId64 "\n", code);
            failed = strand->call;
            if (!race || left == 0) goto failed;
        } else if (race) {
            return run_arm(e, arms[which], &use->children[which], strand->value);
        } else if (use->children[which].symbol) {
            *evaluate_local(e, use->children[which].symbol) = strand->value;
        }
    }
    return WAY_ON;
failed:
    *failure = evaluate_error(e, code, failed->failure, use->row);
    return WAY_FAIL;
}

static void trace_plain(struct evaluator *e, const char *step, const struct value *const *arguments, unsigned count)
{
    evaluate_trace_keys(e);
    fprintf(e->trace, "step %s", step);
    for (unsigned i = 0; i < count; i++) trace_argument(e, i, arguments[i]);
}

enum way evaluate_growth(struct evaluator *e, const struct node *assign)
{
    const struct node *value = assign->assign.value, *to = clause_of(value, CLAUSE_TO);
    const struct value *arguments[3];
    int64_t by = evaluate_expr(e, value->step.head)->number;
    arguments[0] = value_number(e, assign->assign.op == SIGN_SUB ? -by : by);
    arguments[1] = evaluate_expr(e, clause_of(value, CLAUSE_EVERY)->clause.value);
    if (to) arguments[2] = evaluate_expr(e, to->clause.value);
    trace_plain(e, "priority every", arguments, to ? 3 : 2);
    fprintf(e->trace, " timeout -1");
    evaluate_trace_place(e);
    return WAY_ON;
}

static void trace_mandatory(struct evaluator *e, bool on)
{
    const struct value *argument = value_number(e, on);
    trace_plain(e, "mandatory", &argument, 1);
    fprintf(e->trace, " timeout -1\n");
}

/* Within one that is mandatory already it is nothing. It ends where it is left within the busy block; what leaves that
 * ends the wait. */
enum way evaluate_mandatory(struct evaluator *e, const struct node *node)
{
    if (e->mandatory) return evaluate_block(e, node->mandatory.body);
    e->mandatory = true;
    trace_mandatory(e, true);
    enum way way = evaluate_block(e, node->mandatory.body);
    e->mandatory = false;
    const struct source_span all = e->call->body->block->span;
    bool inside = way == WAY_GOTO && e->call->target->span.begin >= all.begin && e->call->target->span.end <= all.end;
    if (way == WAY_ON || inside) trace_mandatory(e, false);
    return way;
}

/* Routes to whom it finds, and waits on where that fails; whom it tried is left out for some time. */
static enum way connect(struct evaluator *e, const struct node *head, const struct step_use *use,
                        const struct value **failure)
{
    const struct value *given[2];
    struct asked asked;
    const struct value *whisper = NULL;
    int64_t answered = 0, excluded = 5000000;
    bool known = false;
    for (;;) {
        e->at = head;
        struct step_use select = *use;
        select.row = step_row(STEP_ID_select);
        e->again = known;
        ask(e, head, &select, &asked, failure);
        e->again = false;
        asked.use = &select;
        if (!known) {
            int64_t us;
            step_timeout(step_row(STEP_ID_route), &us);
            answered = use->clauses[CLAUSE_ANSWER] ? clause(e, use, CLAUSE_ANSWER)->number : us;
            if (use->clauses[CLAUSE_EXCLUDE]) excluded = clause(e, use, CLAUSE_EXCLUDE)->number;
            whisper = clause(e, use, CLAUSE_WHISPER);
            known = true;
        }
        enum way way = use->busy ? busy_rounds(e, &select, failure) : WAY_ON;
        if (way != WAY_ON) return way;
        way = answer(e, &asked, &given[0], failure);
        if (way != WAY_ON) return way;
        const struct value *who = given[0];
        e->at = head;
        evaluate_trace_keys(e);
        fprintf(e->trace, "step route");
        trace_argument(e, 0, who);
        if (whisper) trace_argument(e, 1, whisper);
        fprintf(e->trace, " timeout %" PRId64, answered);
        evaluate_trace_place(e);
        struct step_use route = {.row = step_row(STEP_ID_route), .result = use->result};
        struct asked routed = {.use = &route};
        const struct value *ignored, *why;
        if (answer(e, &routed, &ignored, &why) == WAY_END) return WAY_END;
        given[1] = value_number(e, excluded);
        trace_plain(e, "exclude", given, 2);
        fprintf(e->trace, " timeout -1");
        evaluate_trace_place(e);
    }
}

enum way evaluate_step(struct evaluator *e, const struct node *head, const struct step_use *use,
                       const struct value **out, const struct value **failure)
{
    struct asked asked;
    enum way way = WAY_ON;
    if (use->row->id == STEP_ID_connect) return connect(e, head, use, failure);
    way = ask(e, head, use, &asked, failure);
    if (way != WAY_ON) return way;
    if (use->row->id == STEP_ID_race || use->row->id == STEP_ID_parallel) return fork_steps(e, head, use, failure);
    if (use->busy) way = busy_rounds(e, use, failure);
    if (way != WAY_ON) return way;
    if (use->row->id == STEP_ID_exclude || use->row->id == STEP_ID_log_note) return WAY_ON;
    if (use->row->ends && use->row->id != STEP_ID_route) return WAY_END;
    return answer(e, &asked, out, failure);
}
