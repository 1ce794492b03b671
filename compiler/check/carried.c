/* compiler/check/carried.c - The list of features that this version checks but has no engine for, so that no such
 * feature is silently left out: a program with one is refused before an image is made. A feature that gets an engine
 * leaves the list. */
#include "compiler/check/carried.h"

#include <stddef.h>

#include "compiler/base/diag.h"
#include "compiler/check/scope.h"
#include "compiler/check/typed.h"
#include "compiler/language/steps.h"

/* Returns the name of a feature that is checked but has no engine; NULL where the node has an engine, or needs none. */
static const char *without_engine(const struct node *node)
{
    switch (node->kind) {
    case NODE_OF:
        return "workbin";
    case NODE_ROUTE: {
        const struct node *target = node->route.target;
        bool written = target->kind == NODE_OF || target->kind == NODE_KIND_NAME;
        return !written && target->type && target->type->kind == LANG_WORKBIN ? "route workbin" : NULL;
    }
    case NODE_CALL: {
        const struct call_use *use = node->meaning;
        bool step = use && use->kind == CALL_STEP && use->step && use->step->row;
        return step && !use->step->row->carried ? use->step->row->name : NULL;
    }
    case NODE_NAME: {
        const struct symbol *symbol = node->meaning;
        bool attribute = symbol && symbol->kind == SYMBOL_ATTRIBUTE;
        return attribute && !attribute_rows[symbol->index].carried ? symbol->name : NULL;
    }
    default:
        return NULL;
    }
}

struct engines {
    const struct program *program;
    bool all; /* all nodes so far have an engine */
};

static void look_for_engine(struct node *node, void *self)
{
    struct engines *engines = self;
    const char *words = without_engine(node);
    const struct node *where = words ? node : NULL;
    if (node->kind == NODE_ROUTE && node->route.target->kind == NODE_OF) {
        node_children(node->route.target, look_for_engine, engines);
        return;
    }
    if (!where) {
        node_children(node, look_for_engine, engines);
        return;
    }
    diag_report(engines->program->diags, NOT_CARRIED_OUT, where->span, words);
    engines->all = false;
}

bool carried_engines(struct program *program)
{
    struct engines engines = {.program = program, .all = true};
    EACH_NODE (file, program->files) look_for_engine(file, &engines);
    return engines.all;
}
