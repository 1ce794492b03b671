/* compiler/scenario_answer.c - What steps and queries of a test are answered: their outcomes, as JSON. */
#include <string.h>

#include "compiler/one_of.h"
#include "compiler/scenario_maker.h"

static void check_exit(struct maker *maker, struct word code, const struct step_row *step, bool query)
{
    static const char *const common[] = {"timeout", "link_down", "unsupported"};
    /* What becomes of a number that is dialled when the turn comes. */
    static const char *const dialled[] = {"busy", "no_answer", "invalid_number", "no_circuit"};
    const char *codes[STEP_EXITS_MAX + 3 + sizeof dialled / sizeof *dialled];
    const char *title = query ? "query" : step ? step->name : "it";
    uint32_t count = 0;
    if (!query && !step) return; /* which has been said */
    if (query) step = step_row_named("query exec"); /* whose exits are those of all forms */
    if (step) count = step_exits(step, codes);
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) codes[count++] = common[i];
    for (size_t i = 0; step && step->id == STEP_ID_callback_keep_place && i < sizeof dialled / sizeof *dialled; i++)
        codes[count++] = dialled[i];
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(codes[i], code.text) == 0) return;
    diag_one_of(diag_report(maker->diags, TEST_EXIT, code.span, title, code.text), "it fails with", code.text, codes,
                count);
}

static json_t *outcome_json(struct maker *maker, const struct node *outcome, const struct step_row *step, bool query)
{
    json_t *object = json_object();
    int64_t after = 0;
    struct word fail = outcome->test_outcome.fail;
    if (fail.text) {
        check_exit(maker, fail, step, query);
        json_object_set_new(object, "fail", json_string(fail.text));
    } else {
        json_t *value = value_json(maker, outcome->test_outcome.value);
        if (step && step->id == STEP_ID_ivr_record && !json_is_integer(json_object_get(value, "us")))
            diag_report(maker->diags, TEST_WANTS, outcome->test_outcome.value->span,
                        "a duration (how long the caller speaks)");
        json_object_set_new(object, "value", value);
    }
    if (outcome->test_outcome.after) limited_duration(maker, outcome->test_outcome.after, &after);
    json_object_set_new(object, "after_us", json_integer(after));
    return object;
}

/* What an endpoint answers is perhaps none only where it is declared so. */
static void check_some(struct maker *maker, const struct node *endpoint, const struct node *outcome)
{
    const struct type *type = endpoint->endpoint.result ? endpoint->endpoint.result->type : NULL;
    const struct node *value = outcome->test_outcome.value;
    if (!type || !value || type_is_poison(type) || type_is_option(type)) return;
    if (names_resolve(maker, value)->kind == NODE_NONE)
        diag_hint(diag_report(maker->diags, TEST_WANTS, value->span, type->text),
                  "fail bad_body is an answer that is not what was declared");
}

json_t *answer_json(struct maker *maker, const struct node *node)
{
    const struct node *call = node->test_answer.call;
    const struct step_row *step;
    json_t *object = json_pack("{s:s}", "do", "answer"), *outcomes = json_array();
    step_members(maker, object, call, &step);
    bool query = call->kind == NODE_TEST_QUERY;
    const struct node *callee = call->kind == NODE_CALL ? call->call.callee : call;
    bool http = callee->kind == NODE_MEMBER && callee->member.object->kind == NODE_NAME &&
                !strcmp(callee->member.object->name.name.text, "http"); /* which names_endpoint() has judged */
    if (!query && !step && !http) {
        const char *name = json_string_value(json_object_get(object, "step"));
        struct diag *diag = diag_report(maker->diags, UNKNOWN_STEP, call->span, name ? name : "?");
        diag_did_you_mean(diag, name ? step_row_near(name) : NULL, (struct span){0, 0});
    }
    if (step && (step->id == STEP_ID_callback_slots || step->id == STEP_ID_callback_book))
        diag_hint(diag_report(maker->diags, TEST_UNASKED, call->span, step->name),
                  "make it so: at 2026-03-07 03:00; sets the time, a call before it books");
    limited_list(maker, node->test_answer.outcomes, "outcomes");
    const struct node *endpoint = http ? names_endpoint(maker, callee) : NULL;
    for EACH_NODE (outcome, node->test_answer.outcomes)
        if (endpoint) check_some(maker, endpoint, outcome);
    for EACH_NODE (outcome, node->test_answer.outcomes)
        json_array_append_new(outcomes, outcome_json(maker, outcome, step, query));
    json_object_set_new(object, "outcomes", outcomes);
    return object;
}


void check_answered(struct maker *maker, const struct node *item, json_t *earlier, const json_t *object)
{
    static const char *const members[] = {"do", "at_us", "step", "source", "args"};
    size_t index;
    json_t *other;
    if (item->kind != NODE_TEST_ANSWER) return;
    json_array_foreach(earlier, index, other)
    {
        bool same = true;
        for (size_t i = 0; i < sizeof members / sizeof *members && same; i++) {
            const json_t *one = json_object_get(object, members[i]), *two = json_object_get(other, members[i]);
            same = one == two || json_equal(one, two);
        }
        if (!same) continue;
        struct diag *diag = diag_report(maker->diags, TEST_ANSWERED, item->test_answer.call->span,
                                        (int)json_integer_value(json_object_get(other, "line")));
        diag_hint(diag, item->test_answer.call->kind == NODE_TEST_QUERY
                            ? "one after another: -> a, b; to one of several statements: query crm(number: \"33\") -> a"
                            : "one after another: -> a, b");
        return;
    }
}
