/* compiler/scenario/given.c - The arguments of an arrival's strategy. */
#include <assert.h>
#include <string.h>

#include "compiler/language/types.h"
#include "compiler/scenario/maker.h"

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

static void no_param(struct scenario_maker *maker, const struct node *strategy, const struct node *arg)
{
    const char *title = strategy->strategy.name.text;
    if (arg->arg.name.text)
        diag_report(maker->diags, NO_PARAMETER, arg->arg.name.span, title, arg->arg.name.text);
    else
        diag_report(maker->diags, TOO_MANY_ARGUMENTS, arg->span, title,
                    diag_count(maker->diags, "only ", strategy->strategy.params.count, "argument"));
}

json_t *given_json(struct scenario_maker *maker, const struct node *strategy, struct nodes arguments,
                   struct source_span where)
{
    assert(strategy->kind == NODE_STRATEGY);
    json_t *given = json_object();
    const struct node *next = strategy->strategy.params.first;
    EACH_NODE (arg, arguments) {
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
    EACH_NODE (param, strategy->strategy.params) {
        const struct type *type = param->param.type->type;
        if (json_object_get(given, param->param.name.text) || param->param.value || !type || type_is_option(type) ||
            type_is_poison(type))
            continue;
        diag_report(maker->diags, ARGUMENT_MISSING, where, strategy->strategy.name.text, param->param.name.text,
                    type->text);
    }
    return given;
}
