/* tests/differential/evaluate_step.c - What waits: a step asked for and answered, the rounds of its busy block, the children
 * of race and parallel. */
#include "config.h"
#include "tests/differential/evaluate.h"

#include <inttypes.h>
#include <string.h>

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

const struct value *evaluate_error(struct evaluator *e, int64_t code, const struct value *text, const struct step_row *step)
{
    struct value *error = ARENA_NEW(e->arena, struct value);
    *error = (struct value){.worth = WORTH_ERROR, .number = code, .bytes = "", .step = step};
    if (text) error->bytes = text->bytes, error->length = text->length;
    return error;
}

static const struct value *clause(struct evaluator *e, const struct step_use *use, enum clause which)
{
    return use->clauses[which] ? evaluate_expr(e, use->clauses[which]) : NULL;
}

/* The whole of what it may take; -1: so long as it likes. */
static int64_t timeout_of(struct evaluator *e, const struct step_use *use, const struct value *const *arguments,
                          const struct value *tries, const struct value *pause)
{
    int64_t us;
    enum timeout_kind kind = step_timeout(use->row, &us);
    const struct value *written = clause(e, use, CLAUSE_TIMEOUT);
    if (written) return use->clauses[CLAUSE_TIMEOUT]->type->kind == LANG_TIME ? written->number - world_now_us : written->number;
    if (kind == TIMEOUT_NONE) return -1;
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

static void trace_lines(struct evaluator *e, const struct node *select)
{
    for EACH_NODE (line, select->select.lines) {
        const struct node *target = line->line.target;
        fprintf(e->trace, " line %" PRId64, line->line.after ? evaluate_expr(e, line->line.after)->number : 0);
        bool condition = target->kind == NODE_BINARY || target->kind == NODE_UNARY || target->kind == NODE_BOOL;
        e->in_line = true;
        if (condition) fprintf(e->trace, "=%d", evaluate_condition(e, target));
        e->in_line = false;
    }
}

/* What the strategy that is switched to is given. */
static void evaluate_given(struct evaluator *e, const struct step_use *use, const struct value **given)
{
    for (uint32_t i = 0; i < use->to->param_count; i++)
        given[i] = use->given && use->given[i] ? evaluate_as(e, use->given[i], use->to->params[i]->type) : value_none_of(e);
}

static void ask(struct evaluator *e, const struct node *head, const struct step_use *use, struct asked *asked)
{
    const struct value *rest[32], *given[CALL_ARGUMENTS_MAX] = {NULL};
    *asked = (struct asked){.use = use};
    if (use->rest_count > 32 || head->kind == NODE_QUERY) evaluate_unknown(e);
    for (uint32_t i = 0; i < STEP_PARAMS_MAX; i++)
        if (use->arguments[i]) asked->arguments[i] = evaluate_expr(e, use->arguments[i]);
    for (uint32_t i = 0; i < use->rest_count; i++) rest[i] = evaluate_expr(e, use->rest[i]);
    if (use->to) evaluate_given(e, use, given);
    const struct value *tries = clause(e, use, CLAUSE_TRIES), *pause = clause(e, use, CLAUSE_PAUSE);
    int64_t timeout = timeout_of(e, use, asked->arguments, tries, pause);
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(use->row, params);
    evaluate_trace_keys(e);
    fprintf(e->trace, "step %s", use->row->name);
    if (use->signal) trace_argument(e, 0, value_bytes(e, use->signal, strlen(use->signal)));
    if (use->to) trace_argument(e, 0, value_number(e, use->to->number));
    for (uint32_t i = 0; use->to && i < use->to->param_count; i++) trace_argument(e, 1 + i, given[i]);
    for (uint32_t i = 0; i < STEP_PARAMS_MAX; i++)
        if (asked->arguments[i]) trace_argument(e, i, asked->arguments[i]);
    for (uint32_t i = 0; i < use->rest_count; i++) trace_argument(e, (count ? count - 1 : 0) + i, rest[i]);
    if (head->kind == NODE_SELECT) trace_lines(e, head);
    fprintf(e->trace, " timeout %" PRId64, timeout);
    evaluate_trace_place(e);
}

static const struct value *payload(struct evaluator *e, const struct answer *answer)
{
    const struct value *fields[3] = {value_number(e, answer->which), value_none_of(e),
                                     value_bytes(e, answer->text, strlen(answer->text))};
    if (answer->which % 2) fields[1] = fields[2];
    return value_of_items(e, WORTH_RECORD, fields, 3);
}

static enum way answer(struct evaluator *e, const struct asked *asked, const struct value **out, const struct value **failure)
{
    const struct step_use *use = asked->use;
    enum step_id id = use->row->id;
    bool gives = use->result->kind != LANG_VOID, menu = id == STEP_ID_ivr_menu;
    struct answer is = world_answer(e->seed, e->waits++, true);
    if (is.gone && !e->inside && !e->handling) {
        fprintf(e->trace, "hangs up\n");
        e->gone = true;
        longjmp(e->out, 1);
    }
    if (is.fails || (menu && asked->arguments[1]->count == 0)) {
        *failure = evaluate_error(e, world_exit(use->row->name, is.which), NULL, use->row);
        fprintf(e->trace, "fails %" PRId64 "\n", (*failure)->number);
        return WAY_FAIL;
    }
    fprintf(e->trace, "succeeds\n");
    if (use->row->ends) return WAY_END;
    if (menu)
        *out = asked->arguments[1]->items[is.which % asked->arguments[1]->count];
    else if (id == STEP_ID_wait_for)
        *out = payload(e, &is);
    else if (id == STEP_ID_select)
        *out = value_number(e, is.which);
    else if (gives)
        *out = value_bytes(e, is.text, strlen(is.text));
    return WAY_ON;
}

/* A call of its own, which sees the variables around it. */
static struct call *within(struct evaluator *e, const struct body *body)
{
    struct call *call = ARENA_NEW(e->arena, struct call);
    *call = (struct call){.name = e->call->name, .body = body, .outer = e->call, .result = e->call->result};
    return call;
}

const struct value **evaluate_local(struct evaluator *e, const struct symbol *symbol)
{
    struct call *call = e->call;
    while (call->body != symbol->body && call->outer) call = call->outer;
    return &call->locals[symbol->index];
}

struct piece { /* of a strategy, that faults for itself */
    enum way (*run)(struct evaluator *, void *context);
    void *context;
};

/* Its way, and of WAY_FAIL the code. */
static enum way guarded(struct evaluator *e, struct call *call, struct piece piece, int64_t *code)
{
    jmp_buf outer;
    struct call *here = e->call;
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
    } else if (e->gave_up) {
        memcpy(&e->out, &outer, sizeof outer);
        longjmp(e->out, 1);
    } else {
        way = WAY_FAIL;
        *code = CODE_FAULT;
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
        fprintf(e->trace, "round\n");
        enum way way = guarded(e, within(e, use->busy), (struct piece){run_round, use->busy->block}, &code);
        if (way == WAY_GOTO) return way;
        if (way != WAY_FAIL) continue;
        fprintf(e->trace, "round fails %" PRId64 "\n", code);
        if (code != CODE_FAULT && code != CODE_FAILED) continue;
        *failure = evaluate_error(e, code, NULL, use->row);
        return WAY_FAIL;
    }
    return WAY_ON;
}

/* race and parallel */

struct strand {
    struct call *call;
    const struct node *node; /* the LET, ATTACH, DO, or its right side */
    struct asked asked;
    const struct value *value;
    bool parked;
};

static const struct node *rhs_of(const struct node *node)
{
    return node->kind == NODE_LET ? node->let.value : node->kind == NODE_ATTACH ? node->attach.value
                                                  : node->kind == NODE_DO       ? node->act.value
                                                                                : node;
}

static enum way begin_strand(struct evaluator *e, void *context)
{
    struct strand *strand = context;
    const struct node *rhs = rhs_of(strand->node), *head = rhs->kind == NODE_STEP ? rhs->step.head : rhs;
    e->at = head;
    ask(e, head, evaluate_use(head), &strand->asked);
    return WAY_ON;
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

static enum way run_arm(struct evaluator *e, const struct node *arm, const struct child_use *child, const struct value *value)
{
    if (child->symbol) *evaluate_local(e, child->symbol) = value;
    return evaluate_statement(e, arm->race_arm.action);
}

static enum way fork_steps(struct evaluator *e, const struct node *head, const struct step_use *use, const struct value **failure)
{
    bool race = head->kind == NODE_RACE;
    struct strand strands[8] = {{0}};
    const struct node *arms[8];
    uint32_t count = 0, left = use->child_count;
    int64_t code;
    for EACH_NODE (node, (race ? head->race.arms : head->parallel.children)) {
        arms[count] = node;
        strands[count++].node = race ? node->race_arm.step : node;
    }
    for (uint32_t i = 0; i < count; i++) {
        strands[i].call = within(e, use->children[i].body);
        strands[i].parked = guarded(e, strands[i].call, (struct piece){begin_strand, &strands[i]}, &code) == WAY_ON;
        if (strands[i].parked) continue;
        fprintf(e->trace, "child fails %" PRId64 "\n", code);
        left--;
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
            if (!race || left == 0) goto failed;
        } else if (race) {
            return run_arm(e, arms[which], &use->children[which], strand->value);
        } else if (use->children[which].symbol) {
            *evaluate_local(e, use->children[which].symbol) = strand->value;
        }
    }
    return WAY_ON;
failed:
    *failure = evaluate_error(e, code, NULL, use->row);
    return WAY_FAIL;
}

enum way evaluate_step(struct evaluator *e, const struct node *head, const struct step_use *use, const struct value **out,
                       const struct value **failure)
{
    struct asked asked;
    enum way way = WAY_ON;
    ask(e, head, use, &asked);
    if (use->row->id == STEP_ID_race || use->row->id == STEP_ID_parallel) return fork_steps(e, head, use, failure);
    if (use->busy) way = busy_rounds(e, use, failure);
    if (way != WAY_ON) return way;
    if (use->row->id == STEP_ID_exclude) return WAY_ON;
    if (use->row->ends && use->row->id != STEP_ID_route) return WAY_END;
    return answer(e, &asked, out, failure);
}
