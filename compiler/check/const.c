/* compiler/check/const.c - Constants, each after the constants in its value, wherever these are declared.
 *
 *     const a = b + 1;   const b = c;   const c = 3;        order: c, b, a
 *
 * The types of the constants in a value must be known when the value is checked. The order is found by a depth-first
 * search through these constants; `asked` links back to the constant that needs this one. Constants that need each
 * other in a circle get any order; the check then meets a constant without a type and reports it there. */
#include "compiler/check/checker.h"

#include <assert.h>

struct made { /* a constant that is searched for the constants in its value */
    struct node *node;
    struct part *parts; /* constants in its value that were not searched yet */
    struct made *asked; /* the constant that needs this one, or NULL */
    bool met;
};

struct part {
    struct made *of;
    struct part *next;
};

struct made_order {
    struct checker *c;
    struct made *all; /* an entry for each node of the program, by the node's number */
    struct made *at;
};

/* Finds the constants in a value; a name that is no constant, or is unknown, is left to the check of the expression. */
static void find_parts(struct node *node, void *self)
{
    struct made_order *order = self;
    const struct symbol *symbol =
        node->kind == NODE_NAME ? scope_find(order->c->scope, SPACE_PLAIN, node->name.name.text) : NULL;
    if (symbol && symbol->kind == SYMBOL_CONST) {
        struct part *part = ARENA_NEW(order->c->arena, struct part);
        *part = (struct part){&order->all[symbol->node->id], order->at->parts};
        part->of->node = symbol->node;
        order->at->parts = part;
    }
    node_children(node, find_parts, self);
}

static struct made *const_meet(struct made_order *order, struct made *made, struct made *asked)
{
    made->met = true;
    made->asked = asked;
    order->at = made;
    find_parts(made->node->constant.value, order);
    return made;
}

/* A chain of constants of any length is searched by one call, without recursion. Of a circle of constants any may
 * come first. */
static void order_one(struct made_order *order, struct node *node)
{
    struct checked *checked = order->c->checked;
    struct made *at = &order->all[node->id];
    at->node = node;
    if (at->met) return;
    for (at = const_meet(order, at, NULL); at;) {
        struct part *part = at->parts;
        if (!part) {
            checked->constants[checked->constant_count++] = at->node;
            at = at->asked;
        } else {
            at->parts = part->next;
            if (!part->of->met) at = const_meet(order, part->of, at);
        }
    }
}

static void check_const(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_CONST);
    struct symbol *symbol = node->meaning;
    const struct type *want = node->constant.type ? check_type(c, node->constant.type) : NULL;
    const struct type *type =
        want ? check_as(c, node->constant.value, want) : check_expr(c, node->constant.value, NULL);
    if (type_is_open(type)) {
        if (!want)
            diag_hint(report(c, TYPE_NOT_KNOWN, node->constant.value->span, symbol->name), "const %s: str? = ...",
                      symbol->name);
        type = checker_base(c, LANG_POISON);
    }
    symbol->type = want && !type_is_poison(type) ? want : type;
}

void check_constants(struct checker *c)
{
    uint32_t count = 0;
    EACH_NODE (file, c->program->files)
        EACH_NODE (node, file->file.declarations) count += node->kind == NODE_CONST;
    if (!count) return;
    c->checked->constants = ARENA_ARRAY(c->arena, struct node *, count);
    struct made_order order = {c, ARENA_ARRAY(c->arena, struct made, c->program->tree.next_id + 1), NULL};
    EACH_NODE (file, c->program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == NODE_CONST) order_one(&order, node);
    for (uint32_t i = 0; i < c->checked->constant_count; i++) check_const(c, c->checked->constants[i]);
}
