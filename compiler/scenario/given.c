/* compiler/scenario/given.c - The arguments of a line, by the names of parameters: those of an arrival's strategy,
 * and those of a signal. */
#include <assert.h>
#include <string.h>

#include "compiler/language/types.h"
#include "compiler/scenario/maker.h"

static const struct node *param_of(struct nodes params, struct word name, const struct node **next)
{
    const struct node *param = *next;
    if (name.text)
        for (param = params.first; param && strcmp(param->param.name.text, name.text) != 0;) param = param->next;
    else if (param)
        *next = param->next;
    return param;
}

/* Returns the arguments for `title`, by the names of its parameters. */
static json_t *given_arguments(struct scenario_maker *maker, const char *title, struct nodes params,
                               struct nodes arguments)
{
    json_t *given = json_object();
    const struct node *next = params.first;
    size_t errors = diags_errors(maker->diags);
    EACH_NODE (arg, arguments) {
        const struct node *param = param_of(params, arg->arg.name, &next);
        const char *name = param ? param->param.name.text : arg->arg.name.text;
        /* an argument that does not fit may be one too many, and then moves those behind it */
        bool told = diags_errors(maker->diags) > errors;
        if (param && json_object_get(given, name) && told)
            continue;
        else if (param && json_object_get(given, name))
            diag_report(maker->diags, ARGUMENT_TWICE, arg->span, name);
        else if (!param && name)
            diag_report(maker->diags, NO_PARAMETER, arg->arg.name.span, title, name);
        else if (!param)
            diag_report(maker->diags, TOO_MANY_ARGUMENTS, arg->span, title,
                        diag_count(maker->diags, "only ", params.count, "argument"));
        if (param) json_object_set_new(given, name, value_typed(maker, arg->arg.value, param->param.type->type, param));
    }
    return given;
}

json_t *given_json(struct scenario_maker *maker, const struct node *strategy, struct nodes arguments,
                   struct source_span where)
{
    assert(strategy->kind == NODE_STRATEGY);
    const char *title = strategy->strategy.name.text;
    size_t errors = diags_errors(maker->diags);
    json_t *given = given_arguments(maker, title, strategy->strategy.params, arguments);
    EACH_NODE (param, strategy->strategy.params) {
        if (diags_errors(maker->diags) > errors) break; /* the wrong argument was perhaps meant for the missing one */
        const struct type *type = param->param.type->type;
        if (json_object_get(given, param->param.name.text) || param->param.value || !type || type_is_option(type) ||
            type_is_poison(type))
            continue;
        diag_report(maker->diags, ARGUMENT_MISSING, where, title, param->param.name.text, type->text);
    }
    return given;
}

static const struct node *declared_signal(const struct scenario_maker *maker, const char *name)
{
    EACH_NODE (file, maker->program->files)
        EACH_NODE (site, file->file.declarations) {
            if (site->kind != NODE_SITE) continue;
            EACH_NODE (item, site->site.items)
                if (item->kind == NODE_SITE_SIGNAL && !strcmp(item->signal.name.text, name)) return item;
        }
    return NULL;
}

void given_signal(struct scenario_maker *maker, const struct node *node, struct scenario_caller *caller)
{
    assert(node->kind == NODE_TEST_SIGNAL);
    struct word name = node->test_signal.name;
    caller->signal = name.text;
    const struct node *signal = declared_signal(maker, name.text);
    if (!signal) {
        diag_report(maker->diags, UNKNOWN_SIGNAL, name.span, name.text);
        return;
    }
    caller->data = given_arguments(maker, name.text, signal->signal.params, node->test_signal.arguments);
    EACH_NODE (param, signal->signal.params) /* an argument that may be none may be left out */
        if (param->param.type->kind != NODE_TYPE_OPTION && !json_object_get(caller->data, param->param.name.text))
            diag_report(maker->diags, STEP_ARGUMENT_MISSING, node->span, name.text, param->param.name.text);
}
