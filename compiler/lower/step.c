/* compiler/lower/step.c - Wait points: arguments, timeouts, and the code of `else`.
 *
 *     let tier = ivr.digits(prompt account_number) else "";
 *
 *         0  STEP   r0 ivr.digits(prompt: prompt account_number) timeout 30s else 2
 *         1  JUMP   -> 3
 *         2  LOAD   r0 ""
 *
 * A wait point collects in one struct ir_wait all that the step needs while it waits: its arguments, its times, the
 * lines of a selection, the busy block, and the label of its `else`. All values are computed before the STEP
 * instruction, so lower_wait() must be called before it is added. An `else goto` leads directly to the label,
 * without code of its own.
 *
 * Without a written timeout the step has the timeout of steps.def for each try, and the pauses in addition.
 *
 * Four statements become more than one step, which the author does not see:
 *
 *     connect          select, route, exclude and back to select, with what is left of its time
 *     route, preview   preview, then route
 *     race, parallel   one STEP that begins all children; behind a race stand its arms (fork.c)
 *     mandatory        a step at its begin and one at its end
 */
#include "compiler/language/step_ids.h"
#include "compiler/lower/lowerer.h"

#include <assert.h>
#include <string.h>

static struct ir_wait *new_wait(struct lowerer *l)
{
    struct ir_wait *wait = ARENA_NEW(l->arena, struct ir_wait);
    *wait = (struct ir_wait){.label = l->label, .failure = IR_NONE, .error = IR_NONE};
    wait->timeout = wait->tries = wait->pause = wait->answer = IR_ABSENT;
    l->label = NULL; /* only the first wait of the statement has its label */
    return wait;
}

static struct ir_operand word_operand(struct lowerer *l, uint32_t type, int64_t word)
{
    return (struct ir_operand){.reg = IR_NONE, .constant = constant_word(l, type, word)};
}

static uint32_t in_register(struct lowerer *l, struct ir_operand operand)
{
    if (!operand.constant) return operand.reg;
    uint32_t reg = lower_new_register(l, operand.constant->type);
    lower_load(l, reg, operand.constant);
    return reg;
}

enum {
    EXCLUDED_US = 5000000, /* how long connect leaves a target out where it says nothing */
    DIALLED_US = 5000000,  /* the time to dial a number, in addition to the time for ringing */
    CHOOSE_ZONE = 2,       /* parameters set by the compiler: of ivr.choose, callback.slots and callback.book */
    SLOTS_ZONE = 4,
    BOOKED_GIVEN = 5,
    KEEP_JUDGED = 1,
    BOOK_JUDGED = 255, /* after all arguments of the booked strategy */
    ROUTE_REPLY_BY = 256,
    ROUTE_ABSENCE = 257,
    ROUTE_TELEPHONES = 258,
    ROUTE_REPLY = 255, /* after all arguments of the strategy of `then` */
};
#define REST_US INT64_C(86400000000) /* a day: a block that rests repeats a wait of this length */

/* Deadlines */

static struct ir_operand add_durations(struct lowerer *l, struct ir_operand a, struct ir_operand b)
{
    int64_t sum;
    if (a.constant && b.constant && !__builtin_add_overflow(a.constant->word, b.constant->word, &sum))
        return word_operand(l, IR_DURATION, sum);
    uint32_t reg = lower_new_register(l, IR_DURATION), left = in_register(l, a), right = in_register(l, b);
    lower_add_abc(l, I_ADD, reg, left, right);
    return (struct ir_operand){.reg = reg};
}

static struct ir_operand lower_times(struct lowerer *l, struct ir_operand duration, struct ir_operand count)
{
    int64_t product;
    if (duration.constant && count.constant &&
        !__builtin_mul_overflow(duration.constant->word, count.constant->word, &product) && product != INT64_MIN)
        return word_operand(l, IR_DURATION, product);
    uint32_t reg = lower_new_register(l, IR_DURATION), left = in_register(l, duration), right = in_register(l, count);
    lower_add_abc(l, I_MUL, reg, left, right);
    return (struct ir_operand){.reg = reg};
}

static uint32_t step_read_now(struct lowerer *l)
{
    uint32_t now = lower_new_register(l, IR_TIME);
    struct ir_instruction *attribute = lower_add(l, I_ATTRIBUTE);
    attribute->operand[0] = now;
    for (uint32_t i = 0; i < attribute_row_count; i++)
        if (!strcmp(attribute_rows[i].name, "now")) attribute->operand[1] = attribute_rows[i].number;
    return now;
}

/* A deadline that is a moment is kept for several steps: each of them gets the time that is left until then as its
 * timeout. */
static struct ir_operand time_left(struct lowerer *l, uint32_t until)
{
    uint32_t now = step_read_now(l), left = lower_new_register(l, IR_DURATION);
    lower_add_abc(l, I_DIFF_TIME, left, until, now);
    return (struct ir_operand){.reg = left};
}

struct ir_operand lower_allowed(struct lowerer *l, const struct node *node, const struct type *want,
                                const struct allowed *allowed)
{
    struct ir_operand operand = lower_operand(l, node, want);
    const struct ir_constant *known = operand.constant;
    if (!allowed || !known) return operand;
    bool text = known->kind == IR_CONSTANT_TEXT && known->type == IR_STR;
    if ((known->kind == IR_CONSTANT_WORD && !allowed_word(allowed, known->word)) ||
        (text && !allowed_text(allowed, known->text, known->length)))
        diag_report(l->program->diags, VALUE_RANGE, node->span, allowed->rule);
    return operand;
}

static struct ir_operand lower_clause(struct lowerer *l, const struct step_use *use, enum clause clause)
{
    return lower_allowed(l, use->clauses[clause], NULL, allowed_clause(clause));
}

/* Lowers the text of a whisper, which must not be too long, as it would be cut off. */
static struct ir_operand lower_whisper(struct lowerer *l, const struct node *node)
{
    struct ir_operand operand = lower_operand(l, node, NULL);
    const struct ir_constant *known = operand.constant;
    if (known && known->kind == IR_CONSTANT_TEXT && known->type == IR_STR && known->length > WHISPER_MAX)
        diag_report(l->program->diags, WHISPER_LONG, node->span, (unsigned)known->length, (unsigned)WHISPER_MAX);
    return operand;
}

static struct ir_operand written_timeout(struct lowerer *l, const struct node *node)
{
    if (node->type->kind != LANG_TIME) return lower_allowed(l, node, NULL, allowed_clause(CLAUSE_TIMEOUT));
    uint32_t until = lower_expr(l, node, IR_NONE);
    return time_left(l, until);
}

/* Sets the timeout of the whole step, including its tries and the pauses between them. The times of steps.def are
 * used only where neither the author nor an endpoint nor the site sets a timeout. A step with several tries may take
 * the time of each try and pause, so its timeout grows with them. */
static void set_timeout(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    int64_t us;
    enum timeout_kind kind = step_timeout(use->row, &us);
    if (use->clauses[CLAUSE_TIMEOUT]) {
        wait->timeout = written_timeout(l, use->clauses[CLAUSE_TIMEOUT]);
        return;
    }
    if (kind == TIMEOUT_NONE || kind == TIMEOUT_AFTER) return;
    wait->timeout = word_operand(l, IR_DURATION, us);
    if (use->endpoint && use->endpoint->timeout) {
        wait->timeout = lower_allowed(l, use->endpoint->timeout, NULL, allowed_clause(CLAUSE_TIMEOUT));
    } else if (kind == TIMEOUT_SITE) {
        wait->timeout = lower_allowed(l, use->default_timeout, NULL, allowed_clause(CLAUSE_TIMEOUT));
    } else if (kind == TIMEOUT_ARGUMENT) {
        for (uint32_t i = 0; i < wait->argument_count; i++)
            if (wait->arguments[i].parameter == 1) /* how long it plays */
                wait->timeout = add_durations(l, wait->arguments[i].operand, wait->timeout);
    } else if (use->row->id == STEP_ID_route) {
        wait->timeout = wait->answer; /* a route lasts exactly as long as it may ring */
    } else if (use->clauses[CLAUSE_ANSWER] && use->row->id == STEP_ID_callback_dial) {
        wait->timeout = add_durations(l, wait->answer, word_operand(l, IR_DURATION, DIALLED_US));
    }
    /* this step only keeps the place: its tries are for the dialling later */
    if (use->row->id == STEP_ID_callback_keep_place) return;
    if (!wait->tries.constant && wait->tries.reg == IR_NONE) return;
    wait->timeout = lower_times(l, wait->timeout, wait->tries);
    if (wait->pause.constant || wait->pause.reg != IR_NONE)
        wait->timeout = add_durations(l, wait->timeout, lower_times(l, wait->pause, wait->tries));
}

/* Lowers the number of tries; a literal was checked before (check/step.c). */
static struct ir_operand lower_tries(struct lowerer *l, const struct node *node)
{
    struct ir_operand operand = lower_operand(l, node, NULL);
    const struct ir_constant *known = operand.constant;
    if (known && known->kind == IR_CONSTANT_WORD && (known->word < 1 || known->word > 100))
        diag_report(l->program->diags, TRIES_RANGE, node->span);
    return operand;
}

static void set_clauses(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    if (use->clauses[CLAUSE_TRIES]) wait->tries = lower_tries(l, use->clauses[CLAUSE_TRIES]);
    if (use->clauses[CLAUSE_PAUSE]) wait->pause = lower_clause(l, use, CLAUSE_PAUSE);
    if (use->clauses[CLAUSE_ANSWER] && use->row->id != STEP_ID_connect) {
        wait->answer = lower_clause(l, use, CLAUSE_ANSWER);
    } else if (use->row->id == STEP_ID_route) {
        int64_t us;
        step_timeout(use->row, &us);
        wait->answer = word_operand(l, IR_DURATION, us);
    }
    wait->order = use->order;
}

/* Arguments */

static void add_argument(struct ir_wait *wait, uint32_t parameter, struct ir_operand operand)
{
    wait->arguments[wait->argument_count++] = (struct ir_argument){.parameter = parameter, .operand = operand};
}

static uint32_t *given_registers(struct lowerer *l, const struct strategy *to, struct node *const *given)
{
    const struct type **types = ARENA_ARRAY(l->arena, const struct type *, to->param_count + 1);
    for (uint32_t i = 0; i < to->param_count; i++) types[i] = to->params[i]->type;
    return lower_arguments(l, given, to->param_count, types);
}

/* Sets the arguments of a switch: the strategy's number, then the arguments of the strategy in their order. */
static void set_given(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    assert(use->to && use->given);
    const struct strategy *to = use->to;
    wait->arguments = ARENA_ARRAY(l->arena, struct ir_argument, to->param_count + 1);
    add_argument(wait, 0, word_operand(l, IR_INT, to->number));
    uint32_t *registers = given_registers(l, to, use->given);
    for (uint32_t i = 0; i < to->param_count; i++) add_argument(wait, 1 + i, (struct ir_operand){.reg = registers[i]});
}

/* For a route: the strategy that gets the customer afterwards, and its arguments; none where the condition of `then`
 * does not hold. */
struct afterwards {
    struct ir_operand strategy;
    uint32_t *given;
};

static struct afterwards lower_then(struct lowerer *l, const struct step_use *then)
{
    struct afterwards after = {.strategy = word_operand(l, IR_INT, then->to->number)};
    if (then->arguments[0]) {
        uint32_t reg = lower_new_register(l, IR_INT), none = lower_new_label(l);
        lower_load(l, reg, constant_word(l, IR_INT, -1));
        lower_branch(l, then->arguments[0], none, false);
        lower_load(l, reg, after.strategy.constant);
        lower_add_label(l, none);
        after.strategy = (struct ir_operand){.reg = reg};
    }
    after.given = given_registers(l, then->to, then->given);
    return after;
}

static void set_then(const struct step_use *then, const struct afterwards *after, struct ir_wait *wait)
{
    assert(after->given && wait->arguments);
    add_argument(wait, 2, after->strategy);
    for (uint32_t i = 0; i < then->to->param_count; i++)
        add_argument(wait, 3 + i, (struct ir_operand){.reg = after->given[i]});
}

/* Sets the arguments of a booked strategy, after all other arguments. */
static void set_booked(struct lowerer *l, const struct step_use *booked, struct ir_wait *wait)
{
    uint32_t *registers = given_registers(l, booked->to, booked->given);
    for (uint32_t i = 0; i < booked->to->param_count; i++)
        add_argument(wait, BOOKED_GIVEN + i, (struct ir_operand){.reg = registers[i]});
}

static bool step_type_is_moment(const struct type *type)
{
    return type_bare(type)->kind == LANG_TIME || type_bare(type)->kind == LANG_LOCAL;
}

/* Converts a time that a prompt reads out to a text in local time. */
static struct ir_operand moment_operand(struct lowerer *l, const struct node *node)
{
    return (struct ir_operand){.reg = lower_text(l, lower_expr(l, node, IR_NONE), node->type, IR_NONE)};
}

static struct ir_operand lower_argument(struct lowerer *l, const struct step_use *use, uint32_t number,
                                        enum param_type type)
{
    const struct node *node = use->arguments[number];
    if (type == PARAM_SHOWN && step_type_is_moment(node->type)) return moment_operand(l, node);
    if (type == PARAM_STRATEGY) return word_operand(l, IR_INT, use->booked->to->number);
    const struct allowed *allowed = allowed_argument(use->row, number);
    if (!use->outside || number != 0) return lower_allowed(l, node, node->type, allowed);
    uint32_t reg = lower_new_register(l, IR_STR); /* the step refuses an empty number */
    lower_load(l, reg, constant_text(l, "", 0));
    lower_where_allowed(l, use->outside, lower_expr(l, node, IR_NONE), reg);
    return (struct ir_operand){.reg = reg};
}

/* Does ivr.choose read out times? The times are spoken in the local time of the given zone, else of the site's. */
static bool chooses_moment(const struct step_use *use)
{
    const struct type *list = use->arguments[1] ? use->arguments[1]->type : NULL;
    return list && list->kind == LANG_LIST && type_bare(list->of)->kind == LANG_TIME;
}

/* Sets two times of a route, for the person who has accepted: how long, or until when, without a reply, and how long
 * away. */
static void set_reply(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    const struct node *reply = use->clauses[CLAUSE_REPLY];
    if (reply && use->reply_in)
        add_argument(wait, ROUTE_REPLY_BY, (struct ir_operand){.reg = lower_open_later(l, use->reply_in, reply)});
    else if (reply && type_bare(reply->type)->kind == LANG_TIME)
        add_argument(wait, ROUTE_REPLY_BY, lower_operand(l, reply, NULL));
    else if (reply)
        add_argument(wait, ROUTE_REPLY, lower_clause(l, use, CLAUSE_REPLY));
    if (use->clauses[CLAUSE_ABSENCE]) add_argument(wait, ROUTE_ABSENCE, lower_clause(l, use, CLAUSE_ABSENCE));
}

/* Sets how many telephones ring, where the answer of a place is awaited: where the route says `answer` itself, and of a
 * group of places always. Without the argument a place without an agent has the call once the switch has sent it
 * there, as in images of older compilers. */
static void set_telephones(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    enum lang_type to = type_bare(use->arguments[0]->type)->kind;
    if (to != LANG_GROUP && !(use->answer_written && (to == LANG_PLACE || to == LANG_DN))) return;
    add_argument(wait, ROUTE_TELEPHONES,
                 use->clauses[CLAUSE_RING] ? lower_clause(l, use, CLAUSE_RING) : word_operand(l, IR_INT, 1));
}

/* An argument has the number of its parameter, because an argument that is left out has no row. Parameters that only
 * the compiler sets, such as the zone of a schedule, have numbers after those of the language. */
static void set_arguments(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(use->row, params);
    uint32_t given = use->then ? use->then->to->param_count + 1 : use->booked ? use->booked->to->param_count : 0;
    wait->arguments = ARENA_ARRAY(l->arena, struct ir_argument, count + use->rest_count + given + 6);
    if (use->signal)
        add_argument(
            wait, 0,
            (struct ir_operand){.reg = IR_NONE, .constant = constant_text(l, use->signal, strlen(use->signal))});
    if (use->to) set_given(l, use, wait);
    struct ir_operand zone = {.reg = IR_NONE};
    for (uint32_t i = 0; i < count; i++)
        if (use->arguments[i] && params[i]->type != PARAM_CLOCKS)
            add_argument(wait, i,
                         params[i]->type == PARAM_SCHEDULE ? lower_schedule_taken(l, use->arguments[i], &zone)
                                                           : lower_argument(l, use, i, params[i]->type));
    uint32_t rest = count ? count - 1 : 0; /* the last parameter takes all further arguments */
    for (uint32_t i = 0; i < use->rest_count; i++)
        add_argument(wait, rest + i,
                     params[rest]->type == PARAM_SHOWN && step_type_is_moment(use->rest[i]->type)
                         ? moment_operand(l, use->rest[i])
                         : lower_operand(l, use->rest[i], use->rest[i]->type));
    if (use->booked) set_booked(l, use->booked, wait);
    if (use->row->id == STEP_ID_callback_book || use->row->id == STEP_ID_callback_keep_place)
        add_argument(wait, use->row->id == STEP_ID_callback_book ? BOOK_JUDGED : KEEP_JUDGED,
                     word_operand(l, IR_INT, use->outside ? 1 : 0));
    if (use->row->id == STEP_ID_callback_slots) add_argument(wait, SLOTS_ZONE, zone);
    if (use->row->id == STEP_ID_ivr_choose && chooses_moment(use))
        add_argument(wait, CHOOSE_ZONE, lower_zone_taken(l, use->arguments[CHOOSE_ZONE]));
    if (use->row->id != STEP_ID_route) return;
    if (use->clauses[CLAUSE_WHISPER]) add_argument(wait, 1, lower_whisper(l, use->clauses[CLAUSE_WHISPER]));
    if (use->then) {
        struct afterwards after = lower_then(l, use->then);
        set_then(use->then, &after, wait);
    }
    set_reply(l, use, wait);
    set_telephones(l, use, wait);
}

/* Sets all arguments of an endpoint's request, in the order of its parameters. */
static void set_request(struct lowerer *l, const struct call_use *call, struct ir_wait *wait)
{
    const struct endpoint *endpoint = call->step->endpoint;
    struct ir_statement *statement = ARENA_NEW(l->arena, struct ir_statement);
    *statement = (struct ir_statement){.source = endpoint->name,
                                       .form = endpoint->row->name + strlen("http "),
                                       .type = lower_type(l, endpoint->result),
                                       .parameters = endpoint->param_count,
                                       .sql = endpoint->text,
                                       .length = strlen(endpoint->text)};
    wait->statement = statement;
    wait->arguments = ARENA_ARRAY(l->arena, struct ir_argument, endpoint->param_count + 1);
    const struct type **types = ARENA_ARRAY(l->arena, const struct type *, endpoint->param_count + 1);
    for (uint32_t i = 0; i < endpoint->param_count; i++) types[i] = endpoint->params[i]->type;
    uint32_t *registers = lower_arguments(l, call->arguments, endpoint->param_count, types);
    for (uint32_t i = 0; i < endpoint->param_count; i++)
        add_argument(wait, i, (struct ir_operand){.reg = registers[i]});
}

static void set_statement(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    struct ir_statement *statement = ARENA_NEW(l->arena, struct ir_statement);
    *statement = (struct ir_statement){.source = use->source,
                                       .form = use->form,
                                       .type = lower_type(l, use->result),
                                       .parameters = use->rest_count,
                                       .sql = use->sql.text.bytes,
                                       .length = use->sql.text.length};
    wait->statement = statement;
}

/* Sets how long an agent is asked (`preview`), and how long an agent is left out who declines or, with `ring`, does
 * not answer. */
static void set_asking(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    if (use->clauses[CLAUSE_PREVIEW]) add_argument(wait, 1, lower_clause(l, use, CLAUSE_PREVIEW));
    if (!use->clauses[CLAUSE_PREVIEW] && !use->clauses[CLAUSE_RING]) return;
    if (use->clauses[CLAUSE_EXCLUDE]) add_argument(wait, 2, lower_clause(l, use, CLAUSE_EXCLUDE));
}

/* Makes the wait point of a step or of a subroutine's call. The code for its operands is added here, so no other
 * code may be added between the end of this function and the STEP. */
static struct ir_wait *lower_wait(struct lowerer *l, const struct node *head, const struct step_use *use)
{
    struct ir_wait *wait = new_wait(l);
    if (!use->row) { /* a subroutine */
        const struct call_use *call = head->meaning;
        const struct body *callee = call->callee;
        wait->arguments = ARENA_ARRAY(l->arena, struct ir_argument, callee->param_count + 1);
        for (uint32_t i = 0; i < callee->param_count; i++) {
            const struct type *type = callee->params[i]->type;
            struct ir_operand operand;
            if (call->arguments[i]) {
                operand = lower_operand(l, call->arguments[i], type);
            } else {
                operand = (struct ir_operand){.reg = lower_new_register(l, lower_type(l, type))};
                lower_add(l, I_LOAD_NONE)->operand[0] = operand.reg;
            }
            add_argument(wait, i, operand);
        }
        wait->callee = callee->made->function;
        return wait;
    }
    wait->step = use->row->number;
    wait->ends = use->row->ends;
    wait->secret = use->secret;
    wait->hidden = use->hidden;
    if (use->endpoint)
        set_request(l, head->meaning, wait);
    else
        set_arguments(l, use, wait);
    if (head->kind == NODE_QUERY) set_statement(l, use, wait);
    set_clauses(l, use, wait);
    set_timeout(l, use, wait);
    if (head->kind == NODE_SELECT) {
        set_asking(l, use, wait);
        if (use->clauses[CLAUSE_GOAL]) add_argument(wait, 3, lower_clause(l, use, CLAUSE_GOAL));
        if (select_age_is_fresh(use->clauses[CLAUSE_AGE])) add_argument(wait, 4, word_operand(l, IR_INT, 1));
        if (use->clauses[CLAUSE_RING]) add_argument(wait, 5, lower_clause(l, use, CLAUSE_RING));
        selection_set_lines(l, head, use, wait);
    }
    selection_set_busy(l, use, wait);
    if (use->child_count) lower_children(l, head, use, wait);
    return wait;
}

void lower_mandatory(struct lowerer *l, bool on)
{
    struct ir_wait *wait = new_wait(l);
    wait->step = step_row(STEP_ID_mandatory)->number;
    wait->arguments = ARENA_ARRAY(l->arena, struct ir_argument, 1);
    add_argument(wait, 0, word_operand(l, IR_INT, on));
    lower_add(l, I_STEP)->wait = wait;
}

void lower_rest(struct lowerer *l, struct media_set but)
{
    uint32_t row = 0, hears = lower_new_label(l), media = lower_new_register(l, IR_INT);
    struct media_set numbers = media_numbers(but);
    while (strcmp(attribute_rows[row].name, "media") != 0) row++;
    lower_add_ab(l, I_ATTRIBUTE, media, attribute_rows[row].number);
    for (unsigned medium = 0; medium <= UINT8_MAX; medium++)
        if (has_medium(numbers, medium))
            lower_add_jump(l, I_JEQ_K, media, hears)->constant = constant_word(l, IR_INT, medium);
    struct ir_wait *wait = new_wait(l);
    wait->step = step_row(STEP_ID_delay)->number;
    wait->arguments = ARENA_ARRAY(l->arena, struct ir_argument, 1);
    add_argument(wait, 0, word_operand(l, IR_DURATION, REST_US));
    lower_add(l, I_STEP)->wait = wait;
    lower_add(l, I_END);
    lower_add_label(l, hears);
}

void lower_growth(struct lowerer *l, const struct node *assign)
{
    assert(assign->kind == NODE_ASSIGN);
    const struct node *value = assign->assign.value, *to = clause_of(value, CLAUSE_TO);
    struct ir_operand by = lower_operand(l, value->step.head, NULL);
    if (assign->assign.op == SIGN_SUB) {
        uint32_t less = lower_new_register(l, IR_INT), reg = in_register(l, by);
        lower_add_ab(l, I_NEG, less, reg);
        by = (struct ir_operand){.reg = less};
    }
    struct ir_wait *wait = new_wait(l);
    wait->step = step_row(STEP_ID_grow)->number;
    wait->arguments = ARENA_ARRAY(l->arena, struct ir_argument, 3);
    add_argument(wait, 0, by);
    add_argument(wait, 1,
                 lower_allowed(l, clause_of(value, CLAUSE_EVERY)->clause.value, NULL, allowed_clause(CLAUSE_EVERY)));
    if (to) add_argument(wait, 2, lower_operand(l, to->clause.value, NULL));
    lower_add(l, I_STEP)->wait = wait;
}

/* The parts of connect: the wait for a target, the route to it, and, if the route fails, the wait again, with the same
 * place in the queue and the rest of its time. A target with which routing failed is left out for that time, or until
 * others have been tried. A person who has accepted and has not replied is left out, too, and connect fails. */
struct connection {
    uint32_t until, again;
    const struct step_use *use;
    struct ir_operand answer, excluded, whisper;
    const struct step_use *then;
    struct afterwards after;
};

static struct ir_operand clause_or(struct lowerer *l, const struct step_use *use, enum clause clause, int64_t us)
{
    return use->clauses[clause] ? lower_clause(l, use, clause) : word_operand(l, IR_DURATION, us);
}

/* The timeout is computed once, before the first select: however often routing fails, the caller does not wait
 * longer than the author has written. */
static struct connection connect_begin(struct lowerer *l, const struct step_use *use, struct ir_wait *wait)
{
    struct connection connection = {.use = use, .until = lower_new_register(l, IR_TIME), .again = lower_new_label(l)};
    int64_t us;
    step_timeout(step_row(STEP_ID_route), &us);
    connection.answer = clause_or(l, use, CLAUSE_ANSWER, us);
    connection.excluded = clause_or(l, use, CLAUSE_EXCLUDE, EXCLUDED_US);
    connection.whisper = IR_ABSENT;
    if (use->clauses[CLAUSE_WHISPER]) connection.whisper = lower_whisper(l, use->clauses[CLAUSE_WHISPER]);
    connection.then = use->then;
    if (use->then) connection.after = lower_then(l, use->then);
    uint32_t now = step_read_now(l), whole = in_register(l, wait->timeout);
    lower_add_abc(l, I_ADD_TIME, connection.until, now, whole);
    lower_add_label(l, connection.again);
    wait->timeout = time_left(l, connection.until);
    wait->step = step_row(STEP_ID_select)->number;
    wait->ends = false;
    return connection;
}

/* Leaves out the target with which routing failed. */
static void connect_exclude(struct lowerer *l, const struct connection *connection, uint32_t who)
{
    struct ir_wait *exclude = new_wait(l);
    exclude->step = step_row(STEP_ID_exclude)->number;
    exclude->arguments = ARENA_ARRAY(l->arena, struct ir_argument, 2);
    add_argument(exclude, 0, (struct ir_operand){.reg = who});
    add_argument(exclude, 1, connection->excluded);
    lower_add(l, I_STEP)->wait = exclude;
}

/* The target has accepted and has not replied: connect fails with the same reason as the route. `failed`: the label of
 * its `else`, or IR_NONE. */
static void connect_unreplied(struct lowerer *l, const struct connection *connection, uint32_t who, uint32_t error,
                              uint32_t failed)
{
    uint32_t reason = lower_new_register(l, IR_INT), others = lower_new_label(l);
    lower_add_abc(l, I_FIELD, reason, error, ERROR_REASON);
    lower_add_jump(l, I_JNE_K, reason, others)->constant = constant_word(l, IR_INT, step_exit_number("no_reply"));
    connect_exclude(l, connection, who);
    if (failed != IR_NONE) {
        lower_add_jump(l, I_JUMP, IR_NONE, failed);
    } else {
        uint32_t code = lower_new_register(l, IR_STR);
        lower_load(l, code, constant_text(l, "no_reply", strlen("no_reply")));
        lower_add(l, I_FAIL)->operand[0] = code;
    }
    lower_add_label(l, others);
}

/* Routes to the target that select has found. If that fails, the target is left out for a while and the wait begins
 * again: a telephone that does not answer must not be selected at once again as the best one. `select`: the wait for
 * the target; if no reply comes in time, its `else` runs. The end of the time to reply is computed after the target is
 * known, not before the wait for it. */
static void connect_route(struct lowerer *l, const struct connection *connection, const struct ir_wait *select,
                          uint32_t who)
{
    struct ir_wait *route = new_wait(l);
    bool replied = connection->use->clauses[CLAUSE_REPLY] || connection->use->clauses[CLAUSE_ABSENCE];
    route->step = step_row(STEP_ID_route)->number;
    route->ends = true;
    uint32_t given = connection->then ? connection->then->to->param_count + 1 : 0;
    route->arguments = ARENA_ARRAY(l->arena, struct ir_argument, given + 4);
    add_argument(route, 0, (struct ir_operand){.reg = who});
    if (connection->whisper.constant || connection->whisper.reg != IR_NONE) add_argument(route, 1, connection->whisper);
    if (connection->then) set_then(connection->then, &connection->after, route);
    set_reply(l, connection->use, route);
    route->answer = route->timeout = connection->answer;
    route->failure = lower_new_label(l);
    if (replied) route->error = select->error != IR_NONE ? select->error : lower_new_register(l, IR_ERROR);
    lower_add(l, I_STEP)->wait = route;
    lower_add_label(l, route->failure);
    if (replied) connect_unreplied(l, connection, who, route->error, select->failure);
    connect_exclude(l, connection, who);
    lower_add_jump(l, I_LOOP, IR_NONE, connection->again);
}

/* Lowers a route with `preview`: the preview is a step of its own before the route, and a failure of either one has the
 * same `else`. The route has the rest of the timeout. */
static void lower_preview(struct lowerer *l, const struct step_use *use, struct ir_wait *route)
{
    struct ir_wait *ask = new_wait(l);
    uint32_t until = IR_NONE;
    ask->step = step_row(STEP_ID_preview)->number;
    ask->failure = route->failure;
    ask->error = route->error;
    ask->arguments = ARENA_ARRAY(l->arena, struct ir_argument, 2);
    add_argument(ask, 0, route->arguments[0].operand);
    ask->timeout = lower_clause(l, use, CLAUSE_PREVIEW);
    add_argument(ask, 1, ask->timeout);
    if (use->clauses[CLAUSE_TIMEOUT]) {
        until = lower_new_register(l, IR_TIME);
        ask->timeout = route->timeout;
        uint32_t now = step_read_now(l), whole = in_register(l, route->timeout);
        lower_add_abc(l, I_ADD_TIME, until, now, whole);
    }
    lower_add(l, I_STEP)->wait = ask;
    if (until != IR_NONE) route->timeout = time_left(l, until);
}

static const struct step_use *lower_step_use(const struct node *head)
{
    switch (head->kind) {
    case NODE_QUERY:
    case NODE_SELECT:
    case NODE_DELAY:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_WAIT:
    case NODE_REJECT:
    case NODE_SWITCH:
    case NODE_EXCLUDE:
    case NODE_RACE:
    case NODE_PARALLEL:
        return head->meaning;
    case NODE_CALL:
        return head->meaning ? ((const struct call_use *)head->meaning)->step : NULL;
    default:
        return NULL;
    }
}

/* Lowers the action after `else`; its value is computed into `to`. */
static void lower_otherwise(struct lowerer *l, const struct node *otherwise, const struct type *want, uint32_t to)
{
    assert(otherwise->kind == NODE_OTHERWISE);
    const struct node *action = otherwise->otherwise.action;
    lower_at_node(l, action);
    switch (ast_otherwise_kind(action)) {
    case OTHERWISE_JUMP:
    case OTHERWISE_BLOCK:
        lower_statement(l, action);
        break;
    case OTHERWISE_STEP:
        lower_rhs(l, action, NULL, IR_NONE, false);
        break;
    case OTHERWISE_VALUE:
        if (to == IR_NONE)
            lower_expr(l, action, IR_NONE);
        else
            lower_as(l, action, want, to);
        break;
    }
}

/* For a jump forward to a label of this function no code is needed. */
static uint32_t direct_label(struct lowerer *l, const struct node *otherwise)
{
    assert(otherwise->kind == NODE_OTHERWISE);
    const struct node *action = otherwise->otherwise.action;
    if (action->kind != NODE_GOTO || otherwise->otherwise.binding.text || label_is_outside(l, action->meaning) ||
        label_ends_mandatory(l, action->meaning) || label_ends_walk(l, action->meaning))
        return IR_NONE;
    return label_of(l, action->meaning);
}

/* The value is computed into `to` where `to` has its form, else into a register of its own, and is converted after
 * the step. */
static uint32_t lower_step_rhs(struct lowerer *l, const struct node *node, const struct node *head,
                               const struct step_use *use, const struct type *want, uint32_t to, bool value)
{
    const struct node *otherwise = node->kind == NODE_STEP ? node->step.otherwise : NULL;
    bool gives = value && use->result->kind != LANG_VOID;
    const struct type *type = want ? want : node->kind == NODE_STEP ? node->type : use->result;
    bool changed = gives && expr_is_changed(type, use->result);
    lower_at_node(l, head);
    struct ir_wait *wait = lower_wait(l, head, use);
    bool connects = head->kind == NODE_SELECT && head->select.connects;
    struct connection connection = {0};
    if (connects) connection = connect_begin(l, use, wait);
    uint32_t reg = connects                    ? lower_new_register(l, IR_TARGET)
                   : !gives                    ? IR_NONE
                   : to != IR_NONE && !changed ? to
                                               : lower_new_register(l, lower_type(l, type));
    uint32_t raw = changed ? lower_new_register(l, lower_type(l, use->result)) : reg;
    uint32_t direct = otherwise ? direct_label(l, otherwise) : IR_NONE;
    uint32_t failed = otherwise && direct == IR_NONE ? lower_new_label(l) : direct;
    wait->failure = failed;
    const struct symbol *binding = otherwise ? otherwise->meaning : NULL;
    if (binding) {
        wait->error = lower_new_register(l, IR_ERROR);
        l->function->registers[wait->error].name = binding->name;
        l->locals[binding->index] = wait->error;
    }
    lower_at_node(l, head);
    if (head->kind == NODE_ROUTE && use->clauses[CLAUSE_PREVIEW]) lower_preview(l, use, wait);
    struct ir_instruction *step = lower_add(l, use->row ? I_STEP : I_CALL_WAIT);
    step->operand[0] = raw;
    step->wait = wait;
    if (changed) expr_convert(l, raw, use->result, type, reg);
    if (head->kind == NODE_RACE) lower_arms(l, head, wait);
    if (connects) connect_route(l, &connection, wait, reg);
    if (otherwise && direct == IR_NONE) {
        uint32_t done = lower_new_label(l);
        lower_add_jump(l, I_JUMP, IR_NONE, done);
        lower_add_label(l, failed);
        lower_otherwise(l, otherwise, type, reg);
        lower_add_label(l, done);
    }
    return reg;
}

/* Lowers the right side of an assignment, an attach or a let, or a statement alone: a step with its `else`, or an
 * expression whose `else` is taken where the expression is none. */
uint32_t lower_rhs(struct lowerer *l, const struct node *node, const struct type *want, uint32_t to, bool value)
{
    const struct node *head = node->kind == NODE_STEP ? node->step.head : node;
    const struct step_use *use = lower_step_use(head);
    if (use) return lower_step_rhs(l, node, head, use, want, to, value);
    lower_at_node(l, head);
    const struct node *otherwise = node->kind == NODE_STEP ? node->step.otherwise : NULL;
    const struct type *type = want ? want : node->kind == NODE_STEP ? node->type : head->type;
    if (!otherwise) {
        if (!value) {
            lower_expr(l, head, IR_NONE);
            return IR_NONE;
        }
        return lower_as(l, head, type, to);
    }
    uint32_t some = lower_expr(l, head, IR_NONE), none = lower_new_label(l), done = lower_new_label(l);
    uint32_t reg = !value ? IR_NONE : to != IR_NONE ? to : lower_new_register(l, lower_type(l, type));
    lower_add_jump(l, I_JNONE, some, none);
    if (value) {
        const struct type *bare = type_bare(head->type);
        uint32_t unwrapped = lower_new_register(l, lower_type(l, bare));
        lower_add_ab(l, I_UNWRAP, unwrapped, some);
        expr_convert(l, unwrapped, bare, type, reg);
    }
    lower_add_jump(l, I_JUMP, IR_NONE, done);
    lower_add_label(l, none);
    lower_otherwise(l, otherwise, type, reg);
    lower_add_label(l, done);
    return reg;
}
