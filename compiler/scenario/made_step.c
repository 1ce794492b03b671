/* compiler/scenario/made_step.c - Makes a step with its arguments, for an answer or an expected event. */
#include <assert.h>
#include <string.h>
#include <time.h>

#include "compiler/check/own_media.h"
#include "compiler/check/scope.h"
#include "compiler/language/one_of.h"
#include "compiler/language/step_ids.h"
#include "compiler/scenario/maker.h"

bool made_step_is_noted(const struct step_row *step)
{
    return strncmp(step->name, "agents.", sizeof "agents." - 1) == 0 ||
           strncmp(step->name, "csat.", sizeof "csat." - 1) == 0;
}

static bool has_parameter(const struct step_row *step, const char *name)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(step, params);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(params[i]->name, name) == 0) return true;
    return false;
}

/* Returns the enumeration of a parameter whose values are words of the language; NULL: the parameter takes values. */
static const char *param_words(enum param_type type)
{
    return type == PARAM_TONE ? "tone" : type == PARAM_CAUSE ? "cause" : type == PARAM_MEDIUM ? "media" : NULL;
}

static const struct enumeration *argument_words(const struct scenario_maker *maker, enum param_type type)
{
    if (type == PARAM_MEDIUM) return own_media_words(maker->arena, maker->program);
    return step_enumeration_named(maker->arena, param_words(type));
}

/* Returns the word in ivr.tone(busy, 5s) or outbound.close(ok), where the step takes a word there; NULL: it takes a
 * value. */
static json_t *argument_word(struct scenario_maker *maker, const struct step_row *step, const char *name,
                             size_t position, const struct node *value)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step ? step_params(step, params) : 0;
    for (uint32_t i = 0; i < count && value->kind == NODE_NAME; i++) {
        if (!param_words(params[i]->type) || (name ? strcmp(params[i]->name, name) != 0 : i != position)) continue;
        const struct enumeration *words = argument_words(maker, params[i]->type);
        struct word said = value->name.name;
        for (uint32_t word = 0; word < words->count; word++)
            if (!strcmp(words->words[word], said.text)) return json_string(said.text);
        if (names_binding(maker, said.text) || names_declared(maker, NODE_CONST, said.text)) continue;
        one_of_hint_words(diag_report(maker->diags, UNKNOWN_NAME, said.span, said.text), words, said.text);
        return json_null();
    }
    return NULL;
}

/* Checks an argument: has the step such a parameter, and can a test know its value? */
static void check_answer_argument(struct scenario_maker *maker, const struct step_row *step, const struct node *arg,
                                  size_t position)
{
    const struct step_param *params[STEP_PARAMS_MAX];
    uint32_t count = step_params(step, params);
    const char *name = arg->arg.name.text;
    if (name && !has_parameter(step, name))
        one_of_hint_params(diag_report(maker->diags, NO_PARAMETER, arg->arg.name.span, step->name, name), step, name);
    else if (!name && position >= count && (count == 0 || params[count - 1]->need != PARAM_REST))
        diag_report(maker->diags, TOO_MANY_ARGUMENTS, arg->span, step->name,
                    diag_count(maker->diags, "only ", count, "argument"));
    else if (step->id == STEP_ID_ivr_verify && !strcmp(name ? name : params[position]->name, "secret"))
        diag_hint(diag_report(maker->diags, TEST_SECRET, arg->span), "leave it out: ivr.verify(prompt ...)");
    else if (step->id == STEP_ID_ivr_choose && !strcmp(name ? name : params[position]->name, "zone"))
        diag_hint(diag_report(maker->diags, NO_PARAMETER, arg->span, step->name, "zone"),
                  "what is read out tells: ivr.choose(prompt ..., [2026-03-02 10:00])");
}

static json_t *moment_said(struct scenario_maker *maker, const struct step_row *step, const struct node *value);

/* Returns the list of times that ivr.choose reads out, as texts. NULL: the list has other elements. */
static json_t *moments_said(struct scenario_maker *maker, const struct step_row *step, const struct node *list)
{
    json_t *array = json_array();
    EACH_NODE (item, list->list.items) {
        json_t *said = moment_said(maker, step, item);
        if (said) json_array_append_new(array, said);
    }
    if (json_array_size(array) > 0 && json_array_size(array) == list->list.items.count) return array;
    json_decref(array);
    return NULL;
}

/* Returns a time, or a list of times, as the step reads it out: a text in local time. NULL: it is none. */
static json_t *moment_said(struct scenario_maker *maker, const struct step_row *step, const struct node *value)
{
    const struct node *meant = value_meant(maker, value);
    if (!step || (step->id != STEP_ID_ivr_play && step->id != STEP_ID_ivr_choose)) return NULL;
    if (step->id == STEP_ID_ivr_choose && meant->kind == NODE_LIST) return moments_said(maker, step, meant);
    if (meant->kind != NODE_INSTANT) return NULL;
    time_t seconds = (time_t)(meant->instant.local_us / 1000000);
    struct tm tm;
    char text[32];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, tm.tm_sec ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M", &tm);
    return json_string(text);
}

/* Returns the arguments as a JSON object; `step`: NULL for a query. */
static json_t *step_arguments(struct scenario_maker *maker, struct nodes arguments, const struct step_row *step)
{
    json_t *object = json_object();
    size_t position = 0;
    EACH_NODE (arg, arguments) {
        const char *name = arg->arg.name.text;
        if (step) check_answer_argument(maker, step, arg, position);
        json_t *word = argument_word(maker, step, name, position, arg->arg.value);
        if (!name) name = arena_printf(maker->arena, "%zu", position++);
        if (!word) word = moment_said(maker, step, arg->arg.value);
        json_object_set_new(object, name, word ? word : value_json(maker, arg->arg.value));
    }
    return object;
}

/* Reads http.parcel(number: "123"): each argument is one of the endpoint's parameters. */
static void check_endpoint_arguments(struct scenario_maker *maker, const struct node *endpoint, struct nodes arguments)
{
    const char *title = endpoint->endpoint.name.text;
    const char **names = ARENA_ARRAY(maker->arena, const char *, endpoint->endpoint.params.count + 1);
    uint32_t position = 0, count = 0;
    EACH_NODE (param, endpoint->endpoint.params) names[count++] = param->param.name.text;
    EACH_NODE (arg, arguments) {
        struct word name = arg->arg.name;
        bool found = !name.text && position++ < count;
        for (uint32_t i = 0; name.text && i < count && !found; i++) found = names[i] == name.text;
        if (found) continue;
        if (name.text)
            one_of_hint(diag_report(maker->diags, NO_PARAMETER, name.span, title, name.text), "it takes", name.text,
                        names, count);
        else
            diag_report(maker->diags, TOO_MANY_ARGUMENTS, arg->span, title,
                        diag_count(maker->diags, "only ", count, "argument"));
    }
}

struct step_made scenario_make_step(struct scenario_maker *maker, const struct node *call)
{
    assert(call->kind == NODE_TEST_QUERY || call->kind == NODE_CALL || call->kind == NODE_MEMBER ||
           call->kind == NODE_NAME);
    struct step_made made = {0};
    if (call->kind == NODE_TEST_QUERY) {
        names_source(maker, call->test_query.source);
        made.step = "query";
        made.source = call->test_query.source.text;
        made.args = step_arguments(maker, call->test_query.arguments, NULL);
        return made;
    }
    const struct node *callee = call->kind == NODE_CALL ? call->call.callee : call;
    struct nodes none = {0};
    const char *name = node_dotted(maker->arena, callee);
    bool route = callee->kind == NODE_NAME && !strcmp(name, "route"); /* the only statement that a test can answer */
    if (!name || (callee->kind != NODE_MEMBER && !route)) return made;
    made.row = step_row_named(name);
    struct nodes arguments = call->kind == NODE_CALL ? call->call.arguments : none;
    const struct node *endpoint = made.row ? NULL : names_endpoint(maker, callee);
    made.step = name;
    made.args = step_arguments(maker, arguments, made.row);
    if (!endpoint) return made;
    check_endpoint_arguments(maker, endpoint, arguments);
    made.row = step_row_named(arena_printf(maker->arena, "http %s", endpoint->endpoint.method.text));
    return made;
}
