/* compiler/view/differ_order.c - Decides whether the order of two statements matters.
 *
 * Steps and jumps keep their order. A statement that only computes, attaches or assigns may change places with
 * another such statement that uses none of the same names, and one that computes from local values only with any
 * statement. */
#include <string.h>

#include "compiler/check/scope.h"
#include "compiler/language/steps.h"
#include "compiler/view/differing.h"

enum { NAMES_MAX = 64, CALLS_FOLLOWED = 4 };

struct deeds {
    const struct program *program;
    const char *reads[NAMES_MAX], *writes[NAMES_MAX];
    int read_count, write_count;
    bool acts;  /* a caller, an agent or the outside may notice when it happens */
    bool plain; /* it uses no values but local ones */
    int depth;  /* how many calls of functions are being followed */
};

static void deeds_add(struct deeds *deeds, const char **names, int *count, const char *name)
{
    if (*count == NAMES_MAX || !name)
        deeds->acts = true; /* too many names, so the order counts as important */
    else
        names[(*count)++] = name;
}

static struct node *function_named(const struct program *program, const char *name)
{
    EACH_NODE (file, program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == NODE_FUNCTION && strcmp(node->function.name.text, name) == 0) return node;
    return NULL;
}

static bool deeds_is_step(const struct deeds *deeds, const struct node *callee)
{
    if (callee->kind == NODE_NAME) {
        const struct node *function = function_named(deeds->program, callee->name.name.text);
        return function && function->function.waits;
    }
    if (callee->kind != NODE_MEMBER || callee->member.object->kind != NODE_NAME) return false;
    const char *object = callee->member.object->name.name.text;
    return !callee->member.object->meaning &&
           (strcmp(object, "http") == 0 || step_row_named(node_step_name(deeds->program->arena, callee)));
}

static void deeds_target(struct deeds *deeds, const struct node *node)
{
    deeds_add(deeds, deeds->writes, &deeds->write_count, node->kind == NODE_NAME ? node->name.name.text : "user_data");
}

static void deeds_visit(struct node *, void *context);

/* Adds the names that a called function reads and attaches to those of its caller. Jumps that stay within the
 * function are ignored. */
static void deeds_called(struct deeds *deeds, const struct node *callee)
{
    struct node *function = callee->kind == NODE_NAME ? function_named(deeds->program, callee->name.name.text) : NULL;
    if (!function || deeds->acts) return;
    if (deeds->depth == CALLS_FOLLOWED) {
        deeds->acts = true;
        return;
    }
    struct deeds own = {.program = deeds->program, .depth = deeds->depth + 1};
    node_children(function, deeds_visit, &own);
    for (int i = 0; i < own.read_count; i++) deeds_add(deeds, deeds->reads, &deeds->read_count, own.reads[i]);
    for (int i = 0; i < own.write_count; i++) deeds_add(deeds, deeds->writes, &deeds->write_count, own.writes[i]);
    if (own.read_count == NAMES_MAX || own.write_count == NAMES_MAX) deeds->acts = true;
}

/* Kinds of nodes that do more than compute a value or set a name. */
static const bool acting[NODE_KINDS] = {
    [NODE_BLOCK] = true,     [NODE_LABELLED] = true, [NODE_IF] = true,      [NODE_WHILE] = true,
    [NODE_FOR] = true,       [NODE_REPEAT] = true,   [NODE_SEGMENT] = true, [NODE_SPLIT] = true,
    [NODE_MANDATORY] = true, [NODE_EXCLUDE] = true,  [NODE_BREAK] = true,   [NODE_CONTINUE] = true,
    [NODE_RETURN] = true,    [NODE_GOTO] = true,     [NODE_FAIL] = true,    [NODE_SWITCH] = true,
    [NODE_OTHERWISE] = true, [NODE_QUERY] = true,    [NODE_SELECT] = true,  [NODE_RACE] = true,
    [NODE_PARALLEL] = true,  [NODE_WAIT] = true,     [NODE_DELAY] = true,   [NODE_ROUTE] = true,
    [NODE_STOP] = true,      [NODE_REJECT] = true};

static void deeds_visit(struct node *node, void *context)
{
    struct deeds *deeds = context;
    switch (node->kind) {
    case NODE_LET:
        deeds_add(deeds, deeds->writes, &deeds->write_count, node->let.name.text);
        break;
    case NODE_ASSIGN:
        deeds->plain = false;
        deeds_target(deeds, node->assign.target);
        break;
    case NODE_ATTACH:
        deeds->plain = false;
        deeds_target(deeds, node->attach.target);
        break;
    case NODE_COUNT:
        deeds->plain = false;
        deeds_add(deeds, deeds->writes, &deeds->write_count, "count");
        break;
    case NODE_CALL:
        deeds->plain = false;
        if (deeds_is_step(deeds, node->call.callee)) deeds->acts = true;
        deeds_called(deeds, node->call.callee);
        break;
    case NODE_NAME: {
        const struct symbol *symbol = node->meaning;
        if (!symbol || (symbol->kind != SYMBOL_LOCAL && symbol->kind != SYMBOL_CONST && symbol->kind != SYMBOL_WORD))
            deeds->plain = false;
        deeds_add(deeds, deeds->reads, &deeds->read_count, node->name.name.text);
        break;
    }
    case NODE_INDEX:
    case NODE_KIND_INDEX:
    case NODE_OF:
        deeds->plain = false;
        break;
    case NODE_DO:
    case NODE_STEP:
    case NODE_CLAUSE:
        break;
    default:
        if (acting[node->kind]) deeds->acts = true;
        break;
    }
    node_children(node, deeds_visit, deeds);
}

static bool differ_order_shared(const char *const *a, int a_count, const char *const *b, int b_count)
{
    for (int i = 0; i < a_count; i++)
        for (int j = 0; j < b_count; j++)
            if (strcmp(a[i], b[j]) == 0) return true;
    return false;
}

static bool differ_order_disturbs(const struct deeds *writer, const struct deeds *other)
{
    return differ_order_shared(writer->writes, writer->write_count, other->reads, other->read_count) ||
           differ_order_shared(writer->writes, writer->write_count, other->writes, other->write_count);
}

bool differ_order(const struct program *program, const struct node *first, const struct node *second)
{
    struct deeds a = {.program = program, .plain = true}, b = {.program = program, .plain = true};
    deeds_visit((struct node *)first, &a);
    deeds_visit((struct node *)second, &b);
    if (differ_order_disturbs(&a, &b) || differ_order_disturbs(&b, &a)) return true;
    if (a.acts) return b.acts || !b.plain;
    return b.acts && !a.plain;
}
