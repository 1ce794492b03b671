/* compiler/view/differ.c - What changes for callers between two programs.
 *
 * Declarations are matched by their names. Lists of statements are matched by the longest common part; of what is left
 * over between, statements that do the same kind of thing to the same thing are one that changed, and told apart by
 * their parts: the step, its clauses, its exit. */
#include <stdlib.h>
#include <string.h>

#include "compiler/view/differing.h"
#include "compiler/view/phrase.h"
#include "compiler/view/renamed.h"
#include "compiler/view/uses.h"

enum { TEXT_MAX = 100, BEFORE_MAX = 30 };

static void differ_statement(struct differ *, const struct node *, const struct node *);
static void differ_block(struct differ *, const struct node *, const struct node *);

/* ---- telling ---- */

static bool inside_character(const char *text, size_t at)
{
    return ((unsigned char)text[at] & 0xc0) == 0x80;
}

/* At most TEXT_MAX bytes, from `from`. */
static const char *cut(struct arena *arena, const char *text, size_t from)
{
    size_t length = strlen(text), end = from + TEXT_MAX;
    if (from + TEXT_MAX >= length) end = length;
    while (from > 0 && inside_character(text, from)) from--;
    while (end < length && end > from && inside_character(text, end)) end--;
    return arena_printf(arena, "%s%.*s%s", from ? "..." : "", (int)(end - from), text + from,
                        end < length ? "..." : "");
}

static const char *words_of(struct differ *d, const struct program *program, const struct node *node)
{
    return node ? cut(d->arena, phrase(d->arena, program->sources, node->span), 0) : NULL;
}

void differ_tell(struct differ *d, const char *about, const char *before, const char *after, struct span old,
                 struct span new)
{
    struct change *change = ARENA_NEW(d->arena, struct change);
    *change = (struct change){d->in, d->step, about, before, after, old, new, NULL};
    if (d->last)
        d->last->next = change;
    else
        d->first = change;
    d->last = change;
}

static struct span span_of(const struct node *node)
{
    return node ? node->span : (struct span){0, 0};
}

void differ_compare(struct differ *d, const char *about, const struct node *old, const struct node *new)
{
    if (node_same(old, new)) return;
    const char *before = old ? phrase(d->arena, d->old->sources, old->span) : NULL;
    const char *after = new ? phrase(d->arena, d->new->sources, new->span) : NULL;
    size_t same = 0, from = 0; /* long texts begin a little before they part */
    if (before && after && (strlen(before) > TEXT_MAX || strlen(after) > TEXT_MAX)) {
        while (before[same] && before[same] == after[same]) same++;
        from = same > BEFORE_MAX ? same - BEFORE_MAX : 0;
    }
    differ_tell(d, about, before ? cut(d->arena, before, from) : NULL, after ? cut(d->arena, after, from) : NULL,
                span_of(old), span_of(new));
}

static bool same_word(struct word a, struct word b)
{
    return a.text && b.text ? strcmp(a.text, b.text) == 0 : a.text == b.text;
}

void differ_words(struct differ *d, const char *about, struct word old, struct word new)
{
    if (!same_word(old, new)) differ_tell(d, about, old.text, new.text, old.span, new.span);
}

/* ---- right sides ---- */

static const struct node *head_of(const struct node *value)
{
    return value && value->kind == NODE_STEP ? value->step.head : value;
}

static const struct node *value_of(const struct node *statement)
{
    bool step = statement->kind == NODE_STEP || statement->kind == NODE_ROUTE || statement->kind == NODE_STOP ||
                statement->kind == NODE_REJECT; /* behind an else */
    return step ? statement : node_right_side(statement);
}

static bool call_alike(const struct node *old, const struct node *new)
{
    return old->kind != NODE_CALL || node_same(old->call.callee, new->call.callee);
}

/* Do they do the same to the same thing, if perhaps in another way? */
static bool alike(const struct node *old, const struct node *new)
{
    if (old->kind != new->kind) return false;
    if (old->kind == NODE_LABELLED) return same_word(old->labelled.name, new->labelled.name);
    if (old->kind == NODE_ATTACH) return node_same(old->attach.target, new->attach.target);
    if (old->kind == NODE_LET) return same_word(old->let.name, new->let.name);
    if (old->kind == NODE_ASSIGN) return node_same(old->assign.target, new->assign.target);
    const struct node *a = head_of(value_of(old)), *b = head_of(value_of(new));
    return !a || !b || (a->kind == b->kind && call_alike(a, b));
}

static bool any(const struct node *old, const struct node *new)
{
    return old->kind == new->kind;
}

static bool arms_alike(const struct node *old, const struct node *new)
{
    if (old->kind == NODE_SPLIT_ARM) return old->split_arm.otherwise == new->split_arm.otherwise;
    return old->arm.otherwise == new->arm.otherwise && nodes_same(old->arm.patterns, new->arm.patterns);
}

/* What a value is about: of a name its kind, for that is what is looked for. */
static const char *about_value(const struct node *old, const struct node *new, const char *otherwise)
{
    const struct node *node = new ? new : old;
    if (node && node->kind == NODE_ARG) node = node->arg.value;
    return node && node->kind == NODE_KIND_NAME ? kind_word(node->kind_name.kind) : otherwise;
}

void differ_lines(struct differ *d, const char *about, struct nodes old, struct nodes new)
{
    struct matched m = match_lists(d->arena, old, new, any);
    for (int i = 0; i < m.old.count; i++)
        differ_compare(d, about, m.old.nodes[i],
                       m.old.partner[i] == MATCHED_NONE ? NULL : m.new.nodes[m.old.partner[i]]);
    for (int j = 0; j < m.new.count; j++)
        if (m.new.partner[j] == MATCHED_NONE) differ_compare(d, about, NULL, m.new.nodes[j]);
}

static void differ_arguments(struct differ *d, struct nodes old, struct nodes new)
{
    const struct node *a = old.first, *b = new.first;
    for (; a || b; a = a ? a->next : NULL, b = b ? b->next : NULL)
        differ_compare(d, about_value(a, b, "argument"), a, b);
}

static void differ_head(struct differ *d, const struct node *old, const struct node *new)
{
    if (node_same(old, new)) return;
    if (old->kind != new->kind) {
        differ_compare(d, "step", old, new);
    } else if (new->kind == NODE_SELECT && old->select.connects == new->select.connects) {
        differ_compare(d, "vq", old->select.in, new->select.in);
        differ_lines(d, "condition", old->select.lines, new->select.lines);
    } else if (new->kind == NODE_CALL && call_alike(old, new)) {
        differ_arguments(d, old->call.arguments, new->call.arguments);
    } else if (new->kind == NODE_ROUTE) {
        differ_compare(d, about_value(old->route.target, new->route.target, "target"), old->route.target,
                       new->route.target);
    } else if (new->kind == NODE_QUERY) {
        differ_compare(d, "query", old, new);
    } else if (new->kind == NODE_RACE || new->kind == NODE_PARALLEL) {
        struct nodes was = new->kind == NODE_RACE ? old->race.arms : old->parallel.children;
        struct nodes is = new->kind == NODE_RACE ? new->race.arms : new->parallel.children;
        differ_lines(d, new->kind == NODE_RACE ? "arm" : "child", was, is);
    } else {
        differ_compare(d, value_of(new) ? node_words(new->kind) : "value", old, new);
    }
}

static const struct node *clause_of(const struct node *value, int which)
{
    if (!value || value->kind != NODE_STEP) return NULL;
    for EACH_NODE (clause, value->step.clauses)
        if (clause->clause.which == which) return clause;
    return NULL;
}

static void differ_clauses(struct differ *d, const struct node *old, const struct node *new)
{
    for (int which = 0; which < CLAUSES; which++) {
        const struct node *a = clause_of(old, which), *b = clause_of(new, which);
        if (which == CLAUSE_BUSY && a && b)
            differ_block(d, a->clause.value, b->clause.value);
        else
            differ_compare(d, clause_word((enum clause)which), a, b);
    }
}

static void differ_exit(struct differ *d, const struct node *old, const struct node *new)
{
    const struct node *a = old && old->kind == NODE_STEP ? old->step.otherwise : NULL;
    const struct node *b = new && new->kind == NODE_STEP ? new->step.otherwise : NULL;
    bool blocks = a && b && a->otherwise.action->kind == NODE_BLOCK && b->otherwise.action->kind == NODE_BLOCK;
    if (blocks)
        differ_block(d, a->otherwise.action, b->otherwise.action);
    else
        differ_compare(d, "exit", a, b);
}

/* The step as it is named to people: "let who = select in vq service", without what it does beside. */
static const char *step_words(struct differ *d, const struct program *program, const struct node *statement)
{
    const struct node *head = head_of(value_of(statement));
    struct span span = {statement->span.begin, head->span.end};
    if (head->kind == NODE_RACE || head->kind == NODE_PARALLEL) return node_words(head->kind);
    if (head->kind == NODE_SELECT) span.end = head->select.in->span.end;
    if (head->kind == NODE_QUERY) span.end = head->query.sql->span.begin;
    if (head->kind == NODE_CALL) span.end = head->call.callee->span.end;
    return cut(d->arena, phrase(d->arena, program->sources, span), 0);
}

static void differ_right_side(struct differ *d, const struct node *old, const struct node *new)
{
    const char *outer = d->step;
    d->step = step_words(d, d->new, new);
    if (new->kind == NODE_ASSIGN && old->assign.op != new->assign.op)
        differ_tell(d, "step", words_of(d, d->old, old), words_of(d, d->new, new), old->span, new->span);
    differ_head(d, head_of(value_of(old)), head_of(value_of(new)));
    differ_clauses(d, value_of(old), value_of(new));
    differ_exit(d, value_of(old), value_of(new));
    d->step = outer;
}

/* ---- statements ---- */

struct labels {
    const char *name;
    bool found;
};

static void find_label(struct node *node, void *context)
{
    struct labels *labels = context;
    if (node->kind == NODE_LABELLED && strcmp(node->labelled.name.text, labels->name) == 0) labels->found = true;
    if (!labels->found) node_children(node, find_label, labels);
}

static bool has_label(const struct node *body, const char *name)
{
    struct labels labels = {name, false};
    if (body) node_children(body, find_label, &labels);
    return labels.found;
}

/* A name for the statement among others. */
static const char *short_words(struct differ *d, const struct program *program, const struct node *node)
{
    return value_of(node) ? step_words(d, program, node) : words_of(d, program, node);
}

/* A label that both have, at another statement: who jumps goes on there. One of a share counts for itself. */
static void differ_labels(struct differ *d, const struct node *old, const struct node *new, const struct node *at)
{
    const char *was = old ? old->labelled.name.text : NULL, *is = new ? new->labelled.name.text : NULL;
    if (was && is ? strcmp(was, is) == 0 : was == is) return;
    const char *outer = d->step;
    d->step = short_words(d, d->new, at);
    if (at->kind == NODE_SPLIT && at->split.by) {
        differ_tell(d, "label", was, is, span_of(old), span_of(at));
    } else {
        if (was && has_label(d->new_body, was))
            differ_tell(d, arena_printf(d->arena, "goto %s", was), "leads here", NULL, old->span, at->span);
        if (is && has_label(d->old_body, is))
            differ_tell(d, arena_printf(d->arena, "goto %s", is), NULL, "leads here", span_of(old), new->span);
    }
    d->step = outer;
}

/* The old statement i, which stands elsewhere now: told where a caller notices, with what it passed by. */
static void differ_moved(struct differ *d, const struct matched *m, int i)
{
    int j = m->old.partner[i];
    for (int other = 0; other < m->old.count; other++) {
        int there = m->old.partner[other];
        bool passed = there != MATCHED_NONE && other != i && (other < i) != (there < j);
        if (!passed || !differ_order(d->new, m->new.nodes[j], m->new.nodes[there])) continue;
        const char *outer = d->step, *by = short_words(d, d->new, m->new.nodes[there]);
        const char *before = arena_printf(d->arena, "before %s", by), *after = arena_printf(d->arena, "after %s", by);
        d->step = short_words(d, d->new, m->new.nodes[j]);
        differ_tell(d, "order", i < other ? before : after, i < other ? after : before, m->old.nodes[i]->span,
                    m->new.nodes[j]->span);
        d->step = outer;
        return;
    }
}

static const struct node *labelled(const struct side *side, int at)
{
    return side->labels[at] ? side->labels[at] : side->nodes[at];
}

static void differ_statements(struct differ *d, struct nodes old, struct nodes new)
{
    struct nodes was = differ_inlined(d, d->old, d->new, old), is = differ_inlined(d, d->new, d->old, new);
    struct matched m = match_lists(d->arena, was, is, alike);
    int next = 0;
    for (int i = 0; i < m.old.count; i++) {
        int j = m.old.partner[i];
        if (j == MATCHED_NONE) {
            differ_compare(d, "step", labelled(&m.old, i), NULL);
            continue;
        }
        for (; !m.moved[i] && next < j; next++)
            if (m.new.partner[next] == MATCHED_NONE) differ_compare(d, "step", NULL, labelled(&m.new, next));
        if (m.moved[i]) differ_moved(d, &m, i);
        differ_labels(d, m.old.labels[i], m.new.labels[j], m.new.nodes[j]);
        differ_statement(d, m.old.nodes[i], m.new.nodes[j]);
    }
    for (; next < m.new.count; next++)
        if (m.new.partner[next] == MATCHED_NONE) differ_compare(d, "step", NULL, labelled(&m.new, next));
}

/* An action may be a block or a statement alone, which is a list of one. */
static struct nodes statements_of(const struct differ *d, const struct node *action)
{
    if (action->kind == NODE_BLOCK) return action->block.statements;
    struct node *one = node_copy(d->arena, action);
    one->next = NULL;
    return (struct nodes){one, one, 1};
}

static void differ_block(struct differ *d, const struct node *old, const struct node *new)
{
    if (node_same(old, new)) return;
    differ_statements(d, statements_of(d, old), statements_of(d, new));
}

/* Which of two arms is taken may depend on which stands first. */
static bool arm_overlaps(const struct node *arm)
{
    if (arm->kind != NODE_ARM) return false;
    for EACH_NODE (pattern, arm->arm.patterns)
        if (pattern->kind == NODE_RANGE || pattern->kind == NODE_PREFIX || pattern->kind == NODE_MATCH ||
            pattern->kind == NODE_WITHIN)
            return true;
    return false;
}

static void differ_arms(struct differ *d, struct nodes old, struct nodes new, bool keyed)
{
    struct matched m = match_lists(d->arena, old, new, arms_alike);
    for (int i = 0; i < m.old.count; i++) {
        const struct node *a = m.old.nodes[i],
                          *b = m.old.partner[i] == MATCHED_NONE ? NULL : m.new.nodes[m.old.partner[i]];
        if (b && m.moved[i] && (keyed || arm_overlaps(b)))
            differ_tell(d, "order", words_of(d, d->old, a), "at another place among the arms", a->span, b->span);
        if (!b) {
            differ_compare(d, "arm", a, NULL);
        } else if (a->kind == NODE_ARM) {
            differ_block(d, a->arm.action, b->arm.action);
        } else {
            differ_compare(d, "share", a->split_arm.share, b->split_arm.share);
            differ_compare(d, "condition", a->split_arm.where, b->split_arm.where);
            differ_block(d, a->split_arm.action, b->split_arm.action);
        }
    }
    for (int j = 0; j < m.new.count; j++)
        if (m.new.partner[j] == MATCHED_NONE) differ_compare(d, "arm", NULL, m.new.nodes[j]);
}

static void differ_if(struct differ *d, const struct node *old, const struct node *new)
{
    const struct node *a = old->choice.otherwise, *b = new->choice.otherwise;
    differ_compare(d, "condition", old->choice.condition, new->choice.condition);
    differ_block(d, old->choice.then, new->choice.then);
    if (a && b)
        differ_block(d, a, b);
    else
        differ_compare(d, "else", a, b);
}

static void differ_statement(struct differ *d, const struct node *old, const struct node *new)
{
    if (node_same(old, new)) return;
    if (value_of(new)) {
        differ_right_side(d, old, new);
        return;
    }
    switch (new->kind) {
    case NODE_BLOCK:
        differ_block(d, old, new);
        break;
    case NODE_LABELLED:
        differ_statement(d, old->labelled.statement, new->labelled.statement);
        break;
    case NODE_IF:
        differ_if(d, old, new);
        break;
    case NODE_SEGMENT:
        differ_compare(d, "segment", old->segment.subject, new->segment.subject);
        differ_arms(d, old->segment.arms, new->segment.arms, false);
        break;
    case NODE_SPLIT:
        differ_compare(d, "split", old->split.by, new->split.by);
        differ_arms(d, old->split.arms, new->split.arms, new->split.by != NULL);
        break;
    case NODE_WHILE:
        differ_compare(d, "condition", old->loop.condition, new->loop.condition);
        differ_block(d, old->loop.body, new->loop.body);
        break;
    case NODE_REPEAT:
        differ_compare(d, "repeat", old->repeat.times, new->repeat.times);
        differ_block(d, old->repeat.body, new->repeat.body);
        break;
    case NODE_FOR:
        differ_compare(d, "for", old->each.in, new->each.in);
        differ_block(d, old->each.body, new->each.body);
        break;
    case NODE_MANDATORY:
        differ_block(d, old->mandatory.body, new->mandatory.body);
        break;
    default:
        differ_compare(d, "step", old, new);
        break;
    }
}

/* ---- declarations ---- */

struct item { /* what has a name of its own */
    const char *kind, *name;
    const struct node *node;
    bool known; /* the other program has it, too */
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

static void item_of(struct arena *arena, struct items *items, const struct node *node)
{
    struct declared declared = declared_by(node);
    item_add(arena, items, declared.kind, declared.name, node);
    if (node->kind == NODE_SITE_DEFAULT) item_add(arena, items, "default", node->site_default.name, node);
    if (node->kind == NODE_SITE_KEYS)
        for EACH_NODE (field, node->site_keys.fields) item_add(arena, items, "key", field->field.name, field);
    if (node->kind == NODE_SITE_NAMES)
        for EACH_NODE (label, node->site_names.labels)
            item_add(arena, items, kind_word(node->site_names.kind), label->label.name, label);
}

static struct items items_of(struct arena *arena, const struct program *program)
{
    struct items items = {0};
    for EACH_NODE (file, program->files)
    for EACH_NODE (node, file->file.declarations) {
        item_of(arena, &items, node);
        if (node->kind == NODE_SITE)
            for EACH_NODE (item, node->site.items) item_of(arena, &items, item);
    }
    return items;
}

static int by_name(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    int kind = strcmp(a->kind, b->kind);
    return kind ? kind : strcmp(a->name, b->name);
}

static void differ_keys(struct differ *d, struct nodes old, struct nodes new)
{
    for EACH_NODE (field, old) {
        const struct node *other = new.first;
        while (other && !same_word(field->field.name, other->field.name)) other = other->next;
        differ_compare(d, "key", field, other);
    }
    for EACH_NODE (field, new) {
        const struct node *other = old.first;
        while (other && !same_word(field->field.name, other->field.name)) other = other->next;
        if (!other) differ_compare(d, "key", NULL, field);
    }
}

static const struct node *handler_like(const struct node *strategy, const struct node *handler)
{
    for EACH_NODE (other, strategy->strategy.handlers)
        if (same_word(other->handler.event, handler->handler.event) &&
            same_word(other->handler.signal, handler->handler.signal))
            return other;
    return NULL;
}

static void differ_handlers(struct differ *d, const struct node *old, const struct node *new)
{
    const char *in = d->in;
    for EACH_NODE (handler, old->strategy.handlers)
        if (!handler_like(new, handler)) differ_compare(d, "handler", handler, NULL);
    for EACH_NODE (handler, new->strategy.handlers) {
        const struct node *was = handler_like(old, handler);
        if (!was) differ_compare(d, "handler", NULL, handler);
        d->in = arena_printf(d->arena, "%s, on %s", in, handler->handler.event.text);
        if (was) differ_block(d, was->handler.body, handler->handler.body);
        d->in = in;
    }
}

static void differ_each(struct differ *d, const char *about, struct nodes old, struct nodes new)
{
    const struct node *a = old.first, *b = new.first;
    for (; a || b; a = a ? a->next : NULL, b = b ? b->next : NULL) differ_compare(d, about, a, b);
}

/* A declaration that both have. */
static void differ_item(struct differ *d, const struct item *old, const struct item *new)
{
    const struct node *a = old->node, *b = new->node;
    bool files = a->kind == NODE_SITE_TABLE || a->kind == NODE_SITE_SCHEDULE; /* stand behind it */
    if (a->kind != b->kind || (node_same(a, b) && !files)) return;
    d->in = arena_printf(d->arena, "%s %s", new->kind, new->name);
    d->old_body = a;
    d->new_body = b;
    if (b->kind == NODE_STRATEGY) {
        differ_each(d, "medium", a->strategy.media, b->strategy.media);
        differ_each(d, "parameter", a->strategy.params, b->strategy.params);
        differ_compare(d, "within", a->strategy.within, b->strategy.within);
        differ_keys(d, a->strategy.attached, b->strategy.attached);
        differ_block(d, a->strategy.body, b->strategy.body);
        differ_handlers(d, a, b);
    } else if (b->kind == NODE_FUNCTION) {
        differ_each(d, "parameter", a->function.params, b->function.params);
        differ_compare(d, "result", a->function.result, b->function.result);
        differ_block(d, a->function.body, b->function.body);
    } else if (!differ_site(d, a, b)) {
        differ_compare(d, new->kind, a, b);
    }
}

/* A subroutine whose steps are told where it is called is no news itself. */
static void forget_inlined(struct differ *d)
{
    struct change **at = &d->first;
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

const struct change *differ_find(struct program *old, struct program *new)
{
    struct differ d = {.old = old, .new = new, .arena = new->arena, .in = "", .step = ""};
    renamed_align(old, new);
    struct items was = items_of(d.arena, old), is = items_of(d.arena, new);
    if (was.count > 1) qsort(was.rows, was.count, sizeof *was.rows, by_name);
    for (size_t i = 0; i < is.count; i++) {
        struct item *before =
            was.count ? bsearch(&is.rows[i], was.rows, was.count, sizeof *was.rows, by_name) : NULL;
        d.in = arena_printf(d.arena, "%s %s", is.rows[i].kind, is.rows[i].name);
        if (before) {
            before->known = true;
            differ_item(&d, before, &is.rows[i]);
        } else {
            differ_tell(&d, is.rows[i].kind, NULL, is.rows[i].name, (struct span){0, 0}, is.rows[i].node->span);
        }
    }
    for (size_t i = 0; i < was.count; i++) {
        d.in = arena_printf(d.arena, "%s %s", was.rows[i].kind, was.rows[i].name);
        if (!was.rows[i].known)
            differ_tell(&d, was.rows[i].kind, was.rows[i].name, NULL, was.rows[i].node->span, (struct span){0, 0});
    }
    forget_inlined(&d);
    return d.first;
}
