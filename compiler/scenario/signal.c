/* compiler/scenario/signal.c - A signal that a test sends, with what it brings. */
#include <assert.h>
#include <string.h>

#include "compiler/scenario/maker.h"

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

void make_signal(struct scenario_maker *maker, const struct node *node, struct scenario_caller *caller)
{
    assert(node->kind == NODE_TEST_SIGNAL);
    struct word name = node->test_signal.name;
    json_t *data = caller->data = json_object();
    caller->signal = name.text;
    const struct node *signal = declared_signal(maker, name.text);
    if (!signal) {
        diag_report(maker->diags, UNKNOWN_SIGNAL, name.span, name.text);
        return;
    }
    const struct node *next = signal->signal.params.first;
    EACH_NODE (arg, node->test_signal.arguments) {
        const struct node *param = next;
        if (arg->arg.name.text)
            for (param = signal->signal.params.first; param && strcmp(param->param.name.text, arg->arg.name.text);)
                param = param->next;
        else if (next)
            next = next->next;
        if (param)
            json_object_set_new(data, param->param.name.text,
                                value_typed(maker, arg->arg.value, param->param.type->type));
        else if (arg->arg.name.text)
            diag_report(maker->diags, NO_PARAMETER, arg->arg.name.span, name.text, arg->arg.name.text);
        else
            diag_report(maker->diags, TOO_MANY_ARGUMENTS, arg->span, name.text,
                        diag_count(maker->diags, "only ", signal->signal.params.count, "argument"));
    }
    EACH_NODE (param, signal->signal.params) /* an argument that may be none may be left out */
        if (param->param.type->kind != NODE_TYPE_OPTION && !json_object_get(data, param->param.name.text))
            diag_report(maker->diags, STEP_ARGUMENT_MISSING, node->span, name.text, param->param.name.text);
}
