/* compiler/scenario_given.c - What the strategy of an arrival is given, as JSON. */
#include <string.h>

#include "compiler/scenario_maker.h"
#include "compiler/types.h"

bool value_fits(const struct type *type, const json_t *value)
{
    if (type->kind == LANG_OPTION && json_is_null(value)) return true;
    type = type_bare(type);
    if (type_is_site_name(type)) {
        const char *kind = json_string_value(json_object_get(value, "kind"));
        return kind && !strcmp(kind, type->text);
    }
    switch (type->kind) {
    case LANG_INT:
    case LANG_PERCENT:
    case LANG_DATE:
        return json_is_integer(value);
    case LANG_FLOAT:
        return json_is_number(value);
    case LANG_BOOL:
        return json_is_boolean(value);
    case LANG_STR:
    case LANG_DN:
    case LANG_ENUM:
        return json_is_string(value);
    case LANG_DURATION:
    case LANG_TIME:
    case LANG_CLOCK:
        return json_is_integer(json_object_get(value, "us"));
    case LANG_LIST:
        return json_is_array(value);
    case LANG_MAP:
    case LANG_RECORD:
        return json_is_object(value);
    default:
        return !json_is_null(value);
    }
}

json_t *value_typed(struct maker *maker, const struct node *node, const struct type *type)
{
    json_t *value = value_json(maker, node);
    bool told = json_is_null(value) && names_resolve(maker, node)->kind != NODE_NONE;
    if (type && !type_is_poison(type) && !told && !value_fits(type, value))
        diag_report(maker->diags, TEST_WANTS, node->span, type->text);
    return value;
}

static const struct node *param_of(const struct node *strategy, const struct node *arg, const struct node **next)
{
    const struct node *param = *next;
    struct word name = arg->arg.name;
    if (name.text)
        for (param = strategy->strategy.params.first; param && strcmp(param->param.name.text, name.text) != 0;)
            param = param->next;
    else if (param)
        *next = param->next;
    return param;
}

static void no_param(struct maker *maker, const struct node *strategy, const struct node *arg)
{
    const char *title = strategy->strategy.name.text;
    if (arg->arg.name.text)
        diag_report(maker->diags, NO_PARAMETER, arg->arg.name.span, title, arg->arg.name.text);
    else
        diag_report(maker->diags, TOO_MANY_ARGUMENTS, arg->span, title,
                    diag_count(maker->diags, "only ", strategy->strategy.params.count, "argument"));
}

json_t *given_json(struct maker *maker, const struct node *strategy, struct nodes arguments, struct span where)
{
    json_t *given = json_object();
    const struct node *next = strategy->strategy.params.first;
    for EACH_NODE (arg, arguments) {
        const struct node *param = param_of(strategy, arg, &next);
        if (!param) {
            no_param(maker, strategy, arg);
            continue;
        }
        const char *name = param->param.name.text;
        const struct type *type = param->param.type->type;
        if (json_object_get(given, name)) diag_report(maker->diags, ARGUMENT_TWICE, arg->span, name);
        json_object_set_new(given, name, value_typed(maker, arg->arg.value, type));
    }
    for EACH_NODE (param, strategy->strategy.params) {
        const struct type *type = param->param.type->type;
        if (json_object_get(given, param->param.name.text) || param->param.value || !type || type_is_option(type) ||
            type_is_poison(type))
            continue;
        diag_report(maker->diags, ARGUMENT_MISSING, where, strategy->strategy.name.text, param->param.name.text,
                    type->text);
    }
    return given;
}
