/* compiler/check/native.c - Natives: functions of a library in C, which are called as functions are. The bodies of
 * natives are in the library, so only their parameters and results are checked: they must be scalars or texts, and the
 * names must suit a file and a C symbol. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

#include "compiler/language/limits.h"

#define NATIVE_TYPES "int, float, bool, str, duration, time, date and percent can"

static bool type_passes_to_native(const struct type *type)
{
    static const bool passes[] = {
        [LANG_INT] = true,  [LANG_FLOAT] = true, [LANG_BOOL] = true,    [LANG_STR] = true,   [LANG_DURATION] = true,
        [LANG_TIME] = true, [LANG_DATE] = true,  [LANG_PERCENT] = true, [LANG_POISON] = true};
    return type->kind < sizeof passes / sizeof *passes && passes[type->kind];
}

static void check_passed_type(struct checker *c, const struct type *type, struct source_span where, const char *doing)
{
    if (!type_passes_to_native(type)) diag_hint(report(c, NATIVE_TYPE, where, doing, type->text), NATIVE_TYPES);
}

static void check_native_name(struct checker *c, struct word name, const char *what)
{
    size_t length = strlen(name.text);
    bool good = length > 0 && length <= NATIVE_NAME_LIMIT && !(*name.text >= '0' && *name.text <= '9') &&
                strspn(name.text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
    if (!good)
        diag_hint(report(c, NATIVE_NAME, name.span, name.text, what), "letters, digits and _, at most %d",
                  NATIVE_NAME_LIMIT);
}

static void declare_native_param(struct checker *c, struct body *body, struct node *param)
{
    assert(param->kind == NODE_PARAM);
    struct symbol *local = check_declare_param(c, body, param);
    local->used = true;
    check_passed_type(c, local->type, param->param.type->span, "be given");
    for (uint32_t i = 0; i + 1 < body->param_count; i++)
        if (!strcmp(body->params[i]->name, local->name))
            diag_note(report(c, NAME_TAKEN, local->where, local->name), body->params[i]->where, "declared here");
}

void check_declare_native(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_NATIVE);
    struct symbol *symbol = node->meaning;
    struct body *body = check_body_new(c, BODY_FUNCTION, node->native.name.text, node);
    check_native_name(c, node->native.name, "a native");
    check_native_name(c, node->native.library, "a library");
    body->native = true;
    body->media = (struct media_set){{0}};
    body->height = 1;
    body->params = ARENA_ARRAY(c->arena, struct symbol *, NATIVE_ARGUMENTS_LIMIT);
    EACH_NODE (param, node->native.params) {
        if (body->param_count == NATIVE_ARGUMENTS_LIMIT) {
            report(c, NATIVE_PARAMETERS, param->span, NATIVE_ARGUMENTS_LIMIT);
            break;
        }
        declare_native_param(c, body, param);
    }
    body->result = node->native.result ? check_type(c, node->native.result) : checker_base(c, LANG_POISON);
    if (node->native.result)
        check_passed_type(c, body->result, node->native.result->span, "return");
    else
        diag_hint(report(c, NATIVE_RESULT, node->native.name.span, node->native.name.text),
                  "write what it computes: (...): int from ...");
    /* A native always returns without waiting; its result may reveal all its arguments. */
    body->summary =
        (struct summary){.returns = true, .returns_at_once = true, .returned = (UINT32_C(1) << body->param_count) - 1};
    symbol->body = body;
    check_body_done(c, body);
}
