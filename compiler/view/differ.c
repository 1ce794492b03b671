/* compiler/view/differ.c - The changes for callers between two programs: makes the report, and compares
 * declarations, matched by their names.
 *
 * Declarations of both programs are matched by kind and name; a declaration on one side only is new or was removed,
 * and pairs are compared part by part. A change is reported as a caller or an agent would notice it, in the words of
 * the sources. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/view/differing.h"
#include "compiler/view/phrase.h"
#include "compiler/view/renamed.h"
#include "compiler/view/uses.h"

/* ---- telling ---- */

/* ---- declarations ---- */

struct item { /* a declaration with a name */
    const char *kind, *name;
    const struct node *node;
    bool known; /* the other program has the declaration, too */
};
struct items {
    struct item *rows;
    size_t count;
};

static void item_add(struct arena *arena, struct items *items, const char *kind, struct word name,
                     const struct node *node)
{
    if (!kind || !name.text) return;
    if ((items->count & (items->count + 1)) == 0) /* full: doubled */
        items->rows = arena_grow(arena, items->rows, items->count * sizeof *items->rows,
                                 (2 * items->count + 1) * sizeof *items->rows);
    items->rows[items->count++] = (struct item){kind, name.text, node, false};
}

static void differ_add_item(struct arena *arena, struct items *items, const struct node *node)
{
    struct declared declared = declared_by(node);
    item_add(arena, items, declared.kind, declared.name, node);
    if (node->kind == NODE_SITE_DEFAULT) {
        struct word name = node->site_default.name;
        const char *sep = "on";
        EACH_NODE (medium, node->site_default.media) {
            name.text =
                arena_printf(arena, "%s%s %s", name.text, sep[0] == 'o' ? " on" : sep, node_dotted(arena, medium));
            sep = ",";
        }
        item_add(arena, items, "default", name, node);
    }
    if (node->kind == NODE_SITE_ORDER) item_add(arena, items, "order for", node->order.who, node);
    if (node->kind == NODE_SITE_KEYS)
        EACH_NODE (field, node->site_keys.fields) item_add(arena, items, "key", field->field.name, field);
    if (node->kind == NODE_SITE_NAMES)
        EACH_NODE (label, node->site_names.labels)
            item_add(arena, items, ast_kind_word(node->site_names.kind), label->label.name, label);
}

static struct items differ_items(struct arena *arena, const struct program *program)
{
    struct items items = {0};
    EACH_NODE (file, program->files)
        EACH_NODE (node, file->file.declarations) {
            differ_add_item(arena, &items, node);
            if (node->kind == NODE_SITE)
                EACH_NODE (item, node->site.items) differ_add_item(arena, &items, item);
        }
    return items;
}

/* Compares by kind first: a table and a schedule may have the same name, and neither became the other. */
static int items_by_name(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    int kind = strcmp(a->kind, b->kind);
    return kind ? kind : strcmp(a->name, b->name);
}

/* Handlers are matched by their event, and for a signal by its name: a strategy has one handler for each, at any
 * place. */
static const struct node *handler_like(const struct node *strategy, const struct node *handler)
{
    assert(strategy->kind == NODE_STRATEGY);
    assert(handler->kind == NODE_HANDLER);
    EACH_NODE (other, strategy->strategy.handlers)
        if (phrase_words_same(other->handler.event, handler->handler.event) &&
            phrase_words_same(other->handler.signal, handler->handler.signal))
            return other;
    return NULL;
}

static void differ_handlers(struct differ *d, const struct node *old, const struct node *new)
{
    assert(old->kind == NODE_STRATEGY);
    assert(new->kind == NODE_STRATEGY);
    const char *in = d->in;
    EACH_NODE (handler, old->strategy.handlers)
        if (!handler_like(new, handler)) differ_compare(d, "handler", handler, NULL);
    EACH_NODE (handler, new->strategy.handlers) {
        const struct node *was = handler_like(old, handler);
        if (!was) differ_compare(d, "handler", NULL, handler);
        const char *signal = handler->handler.signal.text; /* none: of another event */
        d->in = arena_printf(d->arena, "%s, on %s%s%s", in, handler->handler.event.text, signal ? " " : "",
                             signal ? signal : "");
        if (was) differ_block(d, was->handler.body, handler->handler.body);
        d->in = in;
    }
}

/* Compares a declaration that both programs have. For a declaration with parts the changes of its parts are
 * reported; if it differs as a whole, though no part does, its parts have another order, which is reported as one
 * change. */
static void differ_item(struct differ *d, const struct item *old, const struct item *new)
{
    const struct node *a = old->node, *b = new->node;
    bool files = a->kind == NODE_SITE_TABLE || a->kind == NODE_SITE_SCHEDULE; /* stand behind it */
    if (a->kind != b->kind || (phrase_node_same(a, b) && !files)) return;
    d->in = arena_printf(d->arena, "%s %s", new->kind, new->name);
    d->old_body = a;
    d->new_body = b;
    if (b->kind == NODE_STRATEGY) {
        differ_each(d, "medium", a->strategy.media, b->strategy.media);
        differ_each(d, "parameter", a->strategy.params, b->strategy.params);
        differ_compare(d, "within", a->strategy.within, b->strategy.within);
        differ_fields(d, "key", a->strategy.attached, b->strategy.attached);
        differ_block(d, a->strategy.body, b->strategy.body);
        differ_handlers(d, a, b);
    } else if (b->kind == NODE_FUNCTION) {
        differ_each(d, "parameter", a->function.params, b->function.params);
        differ_compare(d, "result", a->function.result, b->function.result);
        differ_block(d, a->function.body, b->function.body);
    } else {
        const struct differ_change *before = d->last;
        bool parted = differ_site(d, a, b);
        if (d->last == before && (!parted || !files)) differ_compare(d, new->kind, a, b); /* another order of parts */
    }
}

/* Drops the report of a new or removed subroutine whose steps are compared at its calls. */
static void forget_inlined(struct differ *d)
{
    struct differ_change **at = &d->first;
    while (*at) {
        bool inlined = false;
        for (const struct inlined *one = d->inlined; one && !strcmp((*at)->about, "subroutine"); one = one->next) {
            const char *name = (*at)->before ? (*at)->before : (*at)->after;
            inlined = inlined || strcmp(name, one->function->function.name.text) == 0;
        }
        if (inlined)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

/* Reports an item that only one of the programs has; a default with its value, as its name alone tells nothing. */
static void tell_lone(struct differ *d, const struct item *item, bool gone)
{
    const struct node *node = item->node;
    d->in = arena_printf(d->arena, "%s %s", item->kind, item->name);
    if (node->kind == NODE_SITE_DEFAULT)
        differ_compare(d, "value", gone ? node->site_default.value : NULL, gone ? NULL : node->site_default.value);
    else if (gone)
        differ_tell(d, item->kind, item->name, NULL, node->span, (struct source_span){0, 0});
    else
        differ_tell(d, item->kind, NULL, item->name, (struct source_span){0, 0}, node->span);
}

const struct differ_change *differ_find(struct program *old, struct program *new)
{
    struct differ d = {.old = old, .new = new, .arena = new->arena, .in = "", .step = ""};
    renamed_align(old, new);
    struct items was = differ_items(d.arena, old), is = differ_items(d.arena, new);
    if (was.count > 1) qsort(was.rows, was.count, sizeof *was.rows, items_by_name);
    for (size_t i = 0; i < is.count; i++) {
        struct item *before =
            was.count ? bsearch(&is.rows[i], was.rows, was.count, sizeof *was.rows, items_by_name) : NULL;
        if (before) {
            before->known = true;
            differ_item(&d, before, &is.rows[i]);
        } else {
            tell_lone(&d, &is.rows[i], false);
        }
    }
    for (size_t i = 0; i < was.count; i++)
        if (!was.rows[i].known) tell_lone(&d, &was.rows[i], true);
    forget_inlined(&d);
    return d.first;
}
