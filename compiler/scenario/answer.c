/* compiler/scenario/answer.c - The answers that a test defines for steps and queries: their outcomes.
 *
 * An answer replaces a real caller, server or database:
 *
 *     ivr.menu(prompt Main) -> "1", fail no_input after 5s;
 *     ^ step   ^ arguments     ^ the first time, ^ the second time: the step leaves by this exit, 5 seconds later
 *
 * An outcome is either a value or a failure. A value must be one that the step or the query could give, and a
 * failure must be one of the exits of that step: a test with impossible answers would prove nothing. A wrong outcome
 * is reported with a correct form. */
#include <assert.h>
#include <string.h>

#include "compiler/language/one_of.h"
#include "compiler/language/step_ids.h"
#include "compiler/scenario/maker.h"

/* Reports a failure that the step does not have. A step may fail with its own exits and with the common ones, with
 * exceptions: a route has only the exits for a call that the switch refuses, and email.return_to_author only its own
 * exits. */
static void check_exit(struct scenario_maker *maker, struct word code, const struct step_row *step, bool query)
{
    static const char *const common[] = {"timeout", "link_down", "unsupported"};
    /* The failures of dialling when the caller's turn in the queue comes. */
    static const char *const dialled[] = {"busy", "no_answer", "invalid_number", "no_circuit"};
    /* The exits of a call that the switch refuses. Whether a person answers is not part of this answer, but of a
     * line about that person. */
    static const char *const routed[] = {"busy", "invalid_destination", "out_of_service"};
    const char *codes[STEP_EXITS_MAX + 3 + sizeof dialled / sizeof *dialled];
    const char *title = query ? "query" : step ? step->name : "it";
    uint32_t count = 0;
    if (!query && !step) return;                    /* which has been said */
    if (query) step = step_row_named("query exec"); /* its exits are those of all forms of a query */
    bool route = step && step->id == STEP_ID_route;
    for (size_t i = 0; route && i < sizeof routed / sizeof *routed; i++) codes[count++] = routed[i];
    if (step && !route) count = step_exits(step, EXITS_ALL, codes);
    bool own = route || (step && step->id == STEP_ID_email_return_to_author); /* a step without the common failures */
    for (size_t i = 0; i < sizeof common / sizeof *common && !own; i++) codes[count++] = common[i];
    for (size_t i = 0; step && step->id == STEP_ID_callback_keep_place && i < sizeof dialled / sizeof *dialled; i++)
        codes[count++] = dialled[i];
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(codes[i], code.text) == 0) return;
    one_of_hint(diag_report(maker->diags, TEST_EXIT, code.span, title, code.text), "it fails with", code.text, codes,
                count);
}

/* The results that the queries of one source can have, in all strategies and subroutines together. */
struct returned {
    const char *source;
    bool row, rows, value, count; /* first, all, value, exec */
    const struct node *record;    /* the record of a first or all; NULL: not known */
    const struct scenario_maker *maker;
    struct returned *next;
};

/* Notes a query of the source, after those within its parts: a query may be part of another one's argument. */
static void note_query(struct node *node, void *context)
{
    struct returned *returned = context;
    node_children(node, note_query, returned);
    if (node->kind != NODE_QUERY || !node->query.source.text || !node->query.form.text ||
        strcmp(node->query.source.text, returned->source) != 0)
        return;
    const char *form = node->query.form.text;
    const struct type *type = node->query.type ? node->query.type->type : NULL;
    returned->row = returned->row || !strcmp(form, "first");
    returned->rows = returned->rows || !strcmp(form, "all");
    returned->value = returned->value || !strcmp(form, "value");
    returned->count = returned->count || !strcmp(form, "exec");
    if (type && type->kind == LANG_RECORD)
        returned->record = names_declared(returned->maker, NODE_RECORD, node->query.type->type_name.name.text);
}

/* Visits the whole program only once for each source: the test stores the result in `maker->returned`. */
static const struct returned *returned_by(struct scenario_maker *maker, const char *source)
{
    struct returned *returned = maker->returned;
    while (returned && strcmp(returned->source, source) != 0) returned = returned->next;
    if (returned) return returned;
    returned = ARENA_NEW(maker->arena, struct returned);
    *returned = (struct returned){.source = source, .maker = maker, .next = maker->returned};
    maker->returned = returned;
    EACH_NODE (file, maker->program->files) note_query(file, returned);
    return returned;
}

/* Returns an example of a row with its first fields: Customer(name: ..., tier: ...). */
static const char *row_shown(struct scenario_maker *maker, const struct returned *returned)
{
    enum { FIELDS_SHOWN = 4 };
    const char *text = "";
    uint32_t count = 0;
    if (!returned->record) return "Row(column: ...)";
    EACH_NODE (field, returned->record->record.fields) {
        if (count++ == FIELDS_SHOWN) return arena_printf(maker->arena, "%s, ...)", text);
        text = arena_printf(maker->arena, "%s%s%s: ...", text,
                            *text ? ", " : arena_printf(maker->arena, "%s(", returned->record->record.name.text),
                            field->field.name.text);
    }
    return arena_printf(maker->arena, "%s)", text);
}

/* Reports an answer that none of the source's queries could have: a text where a row is needed, a number where a
 * list is. Where no query uses the source at all, nothing is known and so nothing is reported. */
static void check_answer_returned(struct scenario_maker *maker, const char *source, const struct node *value,
                                  json_t *answer)
{
    const struct returned *returned = returned_by(maker, source);
    bool asked = returned->row || returned->rows || returned->value || returned->count;
    bool us = json_is_integer(json_object_get(answer, "us")), name = value_meant(maker, value)->kind == NODE_KIND_NAME;
    bool plain = !json_is_array(answer) && (!json_is_object(answer) || us || name);
    bool fits = json_is_null(answer)    ? true
                : json_is_array(answer) ? returned->rows
                : !plain                ? returned->row || returned->rows || returned->value /* its first column */
                                        : returned->value || (returned->count && json_is_integer(answer));
    if (fits || !asked) return;
    const char *wanted = returned->row     ? "a row"
                         : returned->rows  ? "a list of rows"
                         : returned->value ? "one value"
                                           : "how many rows were changed";
    struct diag *diag = diag_report(maker->diags, TEST_WANTS, value->span, wanted);
    const char *row = row_shown(maker, returned);
    if (returned->row)
        diag_hint(diag, "write %s, or none", row);
    else if (returned->rows)
        diag_hint(diag, "write [%s], or []", row);
    else
        diag_hint(diag, returned->value ? "it is of query value: \"...\", 3, or none" : "it is of query exec: 1");
}

/* The answer to a menu or to a request for digits is the keys that the caller presses, not their meaning. */
static void check_keyed(struct scenario_maker *maker, const struct node *value, json_t *answer)
{
    const char *keys = json_string_value(answer);
    if (keys && *keys)
        limit_digits(maker, keys, value->span);
    else if (!json_is_null(answer) && !(json_is_integer(answer) && value_type(maker, value) == LANG_INT))
        diag_hint(diag_report(maker->diags, TEST_WANTS, value->span, "what the caller keys"),
                  "write the key, \"1\", not what it stands for; fail no_input keys nothing");
}

static bool step_is_keyed(const struct step_row *step)
{
    return step && (step->id == STEP_ID_ivr_menu || step->id == STEP_ID_ivr_choose || step->id == STEP_ID_ivr_digits ||
                    step->id == STEP_ID_ivr_verify);
}

/* Can the outcome come later than at once? Keys, speech, the result of an application, and the answer to a dialled call
 * or a question can. Other steps cannot: a sound lasts as long as its recording, and a switch or a server answers at
 * once. */
static bool may_come_later(const struct step_row *step, const char *fail)
{
    if (!step) return true;
    switch (step->id) {
    case STEP_ID_ivr_menu:
    case STEP_ID_ivr_choose:
    case STEP_ID_ivr_digits:
    case STEP_ID_ivr_verify:
        return !fail || strcmp(fail, "invalid") == 0;
    case STEP_ID_ivr_application:
        return !fail || strcmp(fail, "failed") == 0;
    case STEP_ID_ivr_record:
        return !fail;
    case STEP_ID_outbound_dial:
    case STEP_ID_callback_dial:
    case STEP_ID_callback_keep_place:
    case STEP_ID_query_first:
    case STEP_ID_query_all:
    case STEP_ID_query_value:
    case STEP_ID_query_exec:
    case STEP_ID_http_get:
    case STEP_ID_http_put:
    case STEP_ID_http_post:
    case STEP_ID_http_delete:
        return true;
    default:
        return false;
    }
}

/* Makes one outcome. A value is checked further only where value_json() found no error in it: otherwise a wrong value
 * would be reported twice. */
static void make_outcome(struct scenario_maker *maker, const struct node *node, const struct step_row *step,
                         const char *source, struct scenario_outcome *outcome)
{
    int64_t after;
    struct word fail = node->test_outcome.fail;
    if (fail.text) {
        check_exit(maker, fail, step, source != NULL);
        outcome->fail = fail.text;
    } else {
        size_t errors = maker_errors(maker);
        json_t *value = outcome->value = value_json(maker, node->test_outcome.value);
        if (maker_errors(maker) == errors && source)
            check_answer_returned(maker, source, node->test_outcome.value, value);
        if (maker_errors(maker) == errors && step_is_keyed(step)) check_keyed(maker, node->test_outcome.value, value);
        if (step && step->id == STEP_ID_route && !json_is_true(value))
            diag_report(maker->diags, TEST_WANTS, node->test_outcome.value->span, "true, or a way to fail");
        if (step && step->id == STEP_ID_ivr_record && !json_is_integer(json_object_get(value, "us")))
            diag_report(maker->diags, TEST_WANTS, node->test_outcome.value->span,
                        "a duration (how long the caller speaks)");
    }
    if (node->test_outcome.after && !may_come_later(step, fail.text))
        diag_hint(diag_report(maker->diags, TEST_WANTS, node->test_outcome.after->span, "an outcome at once"),
                  "later come keys, a result, a dial, and answers of sources and endpoints");
    if (node->test_outcome.after && limited_duration(maker, node->test_outcome.after, &after))
        outcome->after_us = (uint64_t)after;
}

/* An endpoint answers none only where its declaration allows that. */
static void check_some(struct scenario_maker *maker, const struct node *endpoint, const struct node *outcome)
{
    const struct type *type = endpoint->endpoint.result ? endpoint->endpoint.result->type : NULL;
    const struct node *value = outcome->test_outcome.value;
    if (!type || !value || type_is_poison(type) || type_is_option(type)) return;
    if (names_resolve(maker, value)->kind == NODE_NONE)
        diag_hint(diag_report(maker->diags, TEST_WANTS, value->span, type->text),
                  "fail bad_body is an answer that is not what was declared");
}

/* Makes an answer. Some steps a test cannot answer, as the simulated platform answers them itself: for these a hint
 * tells what the test can write instead. */
void scenario_make_answer(struct scenario_maker *maker, const struct node *node, struct scenario_answer *answer)
{
    assert(node->kind == NODE_TEST_ANSWER);
    const struct node *call = node->test_answer.call;
    const struct step_made made = scenario_make_step(maker, call);
    const struct step_row *step = made.row;
    answer->step = made.step;
    answer->source = made.source;
    answer->args = made.args;
    bool query = call->kind == NODE_TEST_QUERY;
    const struct node *callee = call->kind == NODE_CALL ? call->call.callee : call;
    bool http = callee->kind == NODE_MEMBER && callee->member.object->kind == NODE_NAME &&
                !strcmp(callee->member.object->name.name.text, "http"); /* names_endpoint() has judged it */
    if (!query && !step && !http) {
        const char *name = made.step;
        struct diag *diag = diag_report(maker->diags, UNKNOWN_STEP, call->span, name ? name : "?");
        diag_did_you_mean(diag, name ? step_row_near(name) : NULL, (struct source_span){0, 0});
    }
    if (step && (step->id == STEP_ID_callback_slots || step->id == STEP_ID_callback_book))
        diag_hint(diag_report(maker->diags, TEST_UNASKED, call->span, step->name),
                  "make it so: at 2026-03-07 03:00; sets the time, a call before it books");
    if (step && (step->id == STEP_ID_log_note || step->id == STEP_ID_log_refused || step->id == STEP_ID_work_submit ||
                 made_step_is_noted(step)))
        diag_hint(diag_report(maker->diags, TEST_UNASKED, call->span, step->name), "leave it out");
    bool whole = json_object_size(made.args) > 0 || node->test_answer.outcomes.count > 1;
    if (step && step->id == STEP_ID_email_return_to_author && whole)
        diag_hint(diag_report(maker->diags, TEST_WANTS, call->span, "one outcome, for whatever text"),
                  "a reply has an author or none from its arrival on: email.return_to_author -> fail refused");
    limit_list(maker, node->test_answer.outcomes, "outcomes");
    const struct node *endpoint = http ? names_endpoint(maker, callee) : NULL;
    EACH_NODE (outcome, node->test_answer.outcomes)
        if (endpoint) check_some(maker, endpoint, outcome);
    EACH_NODE (outcome, node->test_answer.outcomes)
        make_outcome(maker, outcome, step, made.source, scenario_add(SHAPE_outcome, &answer->outcomes, &answer->count));
}

static bool is_equal_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* Reports the second of two lines that answer the same step, of the same source, with the same arguments at the same
 * time: it would not be clear which of them applies. The hint shows how to write both outcomes in one line. */
void answer_check_repeated(struct scenario_maker *maker, const struct node *node, const struct scenario_item *earlier,
                           size_t count, const struct scenario_item *item)
{
    assert(item->kind == ITEM_ANSWER && node->kind == NODE_TEST_ANSWER);
    for (size_t i = 0; i < count; i++) {
        const struct scenario_answer *one = &earlier[i].answer, *other = &item->answer;
        if (earlier[i].kind != ITEM_ANSWER || earlier[i].at_us != item->at_us ||
            !is_equal_text(one->step, other->step) || !is_equal_text(one->source, other->source) ||
            (one->args != other->args && !json_equal(one->args, other->args)))
            continue;
        struct diag *diag =
            diag_report(maker->diags, TEST_ANSWERED, node->test_answer.call->span, (int)earlier[i].line);
        diag_hint(diag, node->test_answer.call->kind == NODE_TEST_QUERY
                            ? "one after another: -> a, b; to one of several statements: query crm(number: \"33\") -> a"
                            : "one after another: -> a, b");
        return;
    }
}
