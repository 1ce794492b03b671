/* compiler/view/differ_inline.c - Steps that moved into a subroutine, or out of one.
 *
 * If only one of the two programs has a subroutine, and calls it as a statement, the steps of the subroutine are
 * compared in place of the call. The subroutine must have no parameters, or arguments of the same names, and may return
 * only at its end. */
#include <assert.h>
#include <string.h>

#include "compiler/view/differing.h"

static const struct node *differ_inline_subroutine(const struct program *program, const char *name)
{
    EACH_NODE (file, program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == NODE_FUNCTION && node->function.waits && strcmp(node->function.name.text, name) == 0)
                return node;
    return NULL;
}

static const struct node *inline_called(const struct node *statement)
{
    const struct node *value = statement->kind == NODE_DO       ? statement->act.value
                               : statement->kind == NODE_LET    ? statement->let.value
                               : statement->kind == NODE_ATTACH ? statement->attach.value
                                                                : NULL;
    return value && value->kind == NODE_CALL && value->call.callee->kind == NODE_NAME ? value : NULL;
}

struct returns {
    int count;
    bool hashed; /* it has a `split by`, which depends on the names around it */
};

static void inline_visit(struct node *node, void *context)
{
    struct returns *returns = context;
    returns->count += node->kind == NODE_RETURN;
    returns->hashed = returns->hashed || (node->kind == NODE_SPLIT && node->split.by);
    node_children(node, inline_visit, returns);
}

static bool inline_takes(const struct node *function, const struct node *call)
{
    assert(function->kind == NODE_FUNCTION);
    assert(call->kind == NODE_CALL);
    const struct node *argument = call->call.arguments.first;
    EACH_NODE (param, function->function.params) {
        if (!argument || argument->arg.name.text || argument->arg.value->kind != NODE_NAME) return false;
        if (strcmp(argument->arg.value->name.name.text, param->param.name.text) != 0) return false;
        argument = argument->next;
    }
    return !argument;
}

/* Returns the subroutine whose steps replace the statement, or NULL. */
static const struct node *stands_for(const struct program *own, const struct program *other,
                                     const struct node *statement)
{
    const struct node *call = inline_called(statement);
    const char *name = call ? call->call.callee->name.name.text : NULL;
    const struct node *function =
        name && !differ_inline_subroutine(other, name) ? differ_inline_subroutine(own, name) : NULL;
    if (!function || !inline_takes(function, call)) return NULL;
    const struct node *last = function->function.body->block.statements.last;
    bool returns = last && last->kind == NODE_RETURN, valued = returns && last->result.value;
    struct returns all = {0, false};
    inline_visit(function->function.body, &all);
    return all.count == (returns ? 1 : 0) && !all.hashed && valued == (statement->kind != NODE_DO) ? function : NULL;
}

static struct node *with_value(struct arena *arena, const struct node *statement, struct node *value)
{
    struct node *copy = node_copy(arena, statement);
    if (copy->kind == NODE_LET)
        copy->let.value = value;
    else
        copy->attach.value = value;
    return copy;
}

static void inline_add(struct nodes *nodes, struct node *copy)
{
    copy->next = NULL;
    nodes_add(nodes, copy);
}

/* Returns the value of the last `let`, where the next statement returns only that variable; else NULL. */
static struct node *given_back(const struct node *let)
{
    const struct node *next = let->next, *value = next && next->kind == NODE_RETURN ? next->result.value : NULL;
    bool is = let->kind == NODE_LET && value && value->kind == NODE_NAME &&
              strcmp(value->name.name.text, let->let.name.text) == 0;
    return is ? let->let.value : NULL;
}

static void add_steps(struct differ *d, struct nodes *nodes, const struct node *function, const struct node *statement)
{
    assert(function->kind == NODE_FUNCTION);
    struct inlined *inlined = ARENA_NEW(d->arena, struct inlined);
    *inlined = (struct inlined){function, d->inlined};
    d->inlined = inlined;
    EACH_NODE (step, function->function.body->block.statements) {
        struct node *given = given_back(step); /* the form let l = ...; return l; */
        if (given) {
            inline_add(nodes, with_value(d->arena, statement, given));
            break;
        }
        if (step->kind != NODE_RETURN)
            inline_add(nodes, node_copy(d->arena, step));
        else if (step->result.value)
            inline_add(nodes, with_value(d->arena, statement, step->result.value));
    }
}

struct nodes differ_inlined(struct differ *d, const struct program *own, const struct program *other,
                            struct nodes nodes)
{
    bool any = false;
    EACH_NODE (node, nodes) any = any || stands_for(own, other, node);
    if (!any) return nodes;
    struct nodes all = {0};
    EACH_NODE (node, nodes) {
        const struct node *function = stands_for(own, other, node);
        if (function)
            add_steps(d, &all, function, node);
        else
            inline_add(&all, node_copy(d->arena, node));
    }
    return all;
}
