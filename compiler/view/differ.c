/* compiler/view/differ.c - What changes for callers between two programs.
 *
 * Declarations are matched by their names. Lists of statements are matched by the longest common part; of what is left
 * over between, statements that do the same kind of thing to the same thing are one that changed, and told apart by
 * their parts: the step, its clauses, its exit. */
#include "compiler/view/differ.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/view/phrase.h"
#include "compiler/view/uses.h"

enum { TEXT_MAX = 100, PAIRS_MAX = 4000000 };

struct differ {
    struct program *old, *new;
    struct arena *arena;
    const char *in, *step;
    struct change *first, *last;
};

static void differ_statement(struct differ *, const struct node *, const struct node *);
static void differ_block(struct differ *, const struct node *, const struct node *);

/* ---- telling ---- */

static const char *words_of(struct differ *d, const struct program *program, const struct node *node)
{
    if (!node) return NULL;
    const char *text = phrase(d->arena, program->sources, node->span);
    size_t length = strlen(text), end = TEXT_MAX;
    if (length <= TEXT_MAX) return text;
    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80) end--;
    return arena_printf(d->arena, "%.*s...", (int)end, text);
}

static void tell(struct differ *d, const char *about, const char *before, const char *after, struct span old,
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

/* Where the two are not the same: NULL is none. */
static void compare(struct differ *d, const char *about, const struct node *old, const struct node *new)
{
    if (node_same(old, new)) return;
    tell(d, about, words_of(d, d->old, old), words_of(d, d->new, new), span_of(old), span_of(new));
}

static bool same_word(struct word a, struct word b)
{
    return a.text && b.text ? strcmp(a.text, b.text) == 0 : a.text == b.text;
}

/* ---- lists ---- */

/* What two lists of nodes have in common: of each old one its new one, or NULL. */
struct matched {
    const struct node **old, **new, **partner; /* partner: of old ones; NULL: gone */
    size_t old_count, new_count;
    bool *taken; /* new ones that are somebody's partner */
};

static const struct node **array_of(struct arena *arena, struct nodes nodes)
{
    const struct node **array = ARENA_ARRAY(arena, const struct node *, nodes.count + 1);
    size_t count = 0;
    for EACH_NODE (node, nodes) array[count++] = node;
    return array;
}

/* The longest common part of what lies between `from` and the ends, by the table of its lengths. */
static void match_between(struct matched *m, size_t from, size_t old_end, size_t new_end)
{
    size_t rows = old_end - from, columns = new_end - from;
    if (rows == 0 || columns == 0 || columns > PAIRS_MAX / rows) return; /* then they are paired as they come */
    uint32_t *length = calloc((rows + 1) * (columns + 1), sizeof *length);
    if (!length) abort();
    for (size_t i = rows; i-- > 0;)
        for (size_t j = columns; j-- > 0;) {
            uint32_t down = length[(i + 1) * (columns + 1) + j], right = length[i * (columns + 1) + j + 1];
            length[i * (columns + 1) + j] = node_same(m->old[from + i], m->new[from + j])
                                                ? length[(i + 1) * (columns + 1) + j + 1] + 1
                                            : down > right ? down
                                                           : right;
        }
    for (size_t i = 0, j = 0; i < rows && j < columns;) {
        if (node_same(m->old[from + i], m->new[from + j])) {
            m->partner[from + i++] = m->new[from + j];
            m->taken[from + j++] = true;
        } else if (length[(i + 1) * (columns + 1) + j] >= length[i * (columns + 1) + j + 1]) {
            i++;
        } else {
            j++;
        }
    }
    free(length);
}

static struct matched match(struct differ *d, struct nodes old, struct nodes new)
{
    struct matched m = {array_of(d->arena, old), array_of(d->arena, new), NULL, old.count, new.count, NULL};
    m.partner = ARENA_ARRAY(d->arena, const struct node *, old.count + 1);
    m.taken = ARENA_ARRAY(d->arena, bool, new.count + 1);
    size_t from = 0, old_end = old.count, new_end = new.count;
    while (from < old_end && from < new_end && node_same(m.old[from], m.new[from])) {
        m.partner[from] = m.new[from];
        m.taken[from++] = true;
    }
    while (old_end > from && new_end > from && node_same(m.old[old_end - 1], m.new[new_end - 1])) {
        m.partner[--old_end] = m.new[--new_end];
        m.taken[new_end] = true;
    }
    match_between(&m, from, old_end, new_end);
    return m;
}

/* Pairs what is left where `alike` says so: each with the first that follows the last pair. */
static void pair(struct matched *m, bool (*alike)(const struct node *, const struct node *))
{
    size_t next = 0;
    for (size_t i = 0; i < m->old_count; i++) {
        if (m->partner[i]) {
            while (next < m->new_count && m->new[next] != m->partner[i]) next++;
            continue;
        }
        for (size_t j = next; j < m->new_count; j++) {
            if (m->taken[j] || !alike(m->old[i], m->new[j])) continue;
            m->partner[i] = m->new[j];
            m->taken[j] = true;
            break;
        }
    }
}

/* ---- right sides ---- */

static const struct node *head_of(const struct node *value)
{
    return value && value->kind == NODE_STEP ? value->step.head : value;
}

static const struct node *value_of(const struct node *statement)
{
    switch (statement->kind) {
    case NODE_LET:
        return statement->let.value;
    case NODE_ATTACH:
        return statement->attach.value;
    case NODE_ASSIGN:
        return statement->assign.value;
    case NODE_DO:
        return statement->act.value;
    case NODE_STEP:
    case NODE_ROUTE:
    case NODE_STOP:
    case NODE_REJECT:
        return statement;
    default:
        return NULL;
    }
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

static void differ_lines(struct differ *d, const char *about, struct nodes old, struct nodes new)
{
    struct matched m = match(d, old, new);
    pair(&m, any);
    for (size_t i = 0; i < m.old_count; i++)
        if (!m.partner[i] || !node_same(m.old[i], m.partner[i])) compare(d, about, m.old[i], m.partner[i]);
    for (size_t j = 0; j < m.new_count; j++)
        if (!m.taken[j]) compare(d, about, NULL, m.new[j]);
}

static void differ_arguments(struct differ *d, struct nodes old, struct nodes new)
{
    const struct node *a = old.first, *b = new.first;
    for (; a || b; a = a ? a->next : NULL, b = b ? b->next : NULL) compare(d, about_value(a, b, "argument"), a, b);
}

static void differ_head(struct differ *d, const struct node *old, const struct node *new)
{
    if (node_same(old, new)) return;
    if (old->kind != new->kind) {
        compare(d, "step", old, new);
    } else if (new->kind == NODE_SELECT && old->select.connects == new->select.connects) {
        compare(d, "vq", old->select.in, new->select.in);
        differ_lines(d, "condition", old->select.lines, new->select.lines);
    } else if (new->kind == NODE_CALL && call_alike(old, new)) {
        differ_arguments(d, old->call.arguments, new->call.arguments);
    } else if (new->kind == NODE_ROUTE) {
        compare(d, about_value(old->route.target, new->route.target, "target"), old->route.target, new->route.target);
    } else if (new->kind == NODE_QUERY) {
        compare(d, "query", old, new);
    } else if (new->kind == NODE_RACE || new->kind == NODE_PARALLEL) {
        struct nodes was = new->kind == NODE_RACE ? old->race.arms : old->parallel.children;
        struct nodes is = new->kind == NODE_RACE ? new->race.arms : new->parallel.children;
        differ_lines(d, new->kind == NODE_RACE ? "arm" : "child", was, is);
    } else {
        compare(d, value_of(new) ? node_words(new->kind) : "value", old, new);
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
            compare(d, clause_word((enum clause)which), a, b);
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
        compare(d, "exit", a, b);
}

/* The step as it is named to people: "let who = select in vq service", without what it does beside. */
static const char *step_words(struct differ *d, const struct node *statement)
{
    const struct node *head = head_of(value_of(statement));
    struct span span = {statement->span.begin, head->span.end};
    if (head->kind == NODE_RACE || head->kind == NODE_PARALLEL) return node_words(head->kind);
    if (head->kind == NODE_SELECT) span.end = head->select.in->span.end;
    if (head->kind == NODE_QUERY) span.end = head->query.sql->span.begin;
    if (head->kind == NODE_CALL) span.end = head->call.callee->span.end;
    return phrase(d->arena, d->new->sources, span);
}

static void differ_right_side(struct differ *d, const struct node *old, const struct node *new)
{
    const char *outer = d->step;
    d->step = step_words(d, new);
    if (new->kind == NODE_ASSIGN && old->assign.op != new->assign.op)
        tell(d, "step", words_of(d, d->old, old), words_of(d, d->new, new), old->span, new->span);
    differ_head(d, head_of(value_of(old)), head_of(value_of(new)));
    differ_clauses(d, value_of(old), value_of(new));
    differ_exit(d, value_of(old), value_of(new));
    d->step = outer;
}

/* ---- statements ---- */

static void differ_statements(struct differ *d, struct nodes old, struct nodes new)
{
    struct matched m = match(d, old, new);
    size_t next = 0;
    pair(&m, alike);
    for (size_t i = 0; i < m.old_count; i++) {
        for (; m.partner[i] && next < m.new_count && m.new[next] != m.partner[i]; next++)
            if (!m.taken[next]) compare(d, "step", NULL, m.new[next]);
        if (m.partner[i])
            differ_statement(d, m.old[i], m.partner[i]);
        else
            compare(d, "step", m.old[i], NULL);
    }
    for (; next < m.new_count; next++)
        if (!m.taken[next]) compare(d, "step", NULL, m.new[next]);
}

/* An action may be a block or a statement alone. */
static void differ_block(struct differ *d, const struct node *old, const struct node *new)
{
    if (node_same(old, new)) return;
    struct node one = *old, other = *new; /* a list of one */
    one.next = other.next = NULL;
    struct nodes was = old->kind == NODE_BLOCK ? old->block.statements : (struct nodes){&one, &one, 1};
    struct nodes is = new->kind == NODE_BLOCK ? new->block.statements : (struct nodes){&other, &other, 1};
    differ_statements(d, was, is);
}

static void differ_arms(struct differ *d, struct nodes old, struct nodes new)
{
    struct matched m = match(d, old, new);
    pair(&m, arms_alike);
    for (size_t i = 0; i < m.old_count; i++) {
        const struct node *a = m.old[i], *b = m.partner[i];
        if (!b) {
            compare(d, "arm", a, NULL);
        } else if (a->kind == NODE_ARM) {
            differ_block(d, a->arm.action, b->arm.action);
        } else {
            compare(d, "share", a->split_arm.share, b->split_arm.share);
            compare(d, "condition", a->split_arm.where, b->split_arm.where);
            differ_block(d, a->split_arm.action, b->split_arm.action);
        }
    }
    for (size_t j = 0; j < m.new_count; j++)
        if (!m.taken[j]) compare(d, "arm", NULL, m.new[j]);
}

static void differ_if(struct differ *d, const struct node *old, const struct node *new)
{
    const struct node *a = old->choice.otherwise, *b = new->choice.otherwise;
    compare(d, "condition", old->choice.condition, new->choice.condition);
    differ_block(d, old->choice.then, new->choice.then);
    if (a && b)
        differ_block(d, a, b);
    else
        compare(d, "else", a, b);
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
        compare(d, "segment", old->segment.subject, new->segment.subject);
        differ_arms(d, old->segment.arms, new->segment.arms);
        break;
    case NODE_SPLIT:
        compare(d, "split", old->split.by, new->split.by);
        differ_arms(d, old->split.arms, new->split.arms);
        break;
    case NODE_WHILE:
        compare(d, "condition", old->loop.condition, new->loop.condition);
        differ_block(d, old->loop.body, new->loop.body);
        break;
    case NODE_REPEAT:
        compare(d, "times", old->repeat.times, new->repeat.times);
        differ_block(d, old->repeat.body, new->repeat.body);
        break;
    case NODE_FOR:
        compare(d, "for", old->each.in, new->each.in);
        differ_block(d, old->each.body, new->each.body);
        break;
    case NODE_MANDATORY:
        differ_block(d, old->mandatory.body, new->mandatory.body);
        break;
    default:
        compare(d, "step", old, new);
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
        compare(d, "key", field, other);
    }
    for EACH_NODE (field, new) {
        const struct node *other = old.first;
        while (other && !same_word(field->field.name, other->field.name)) other = other->next;
        if (!other) compare(d, "key", NULL, field);
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
        if (!handler_like(new, handler)) compare(d, "handler", handler, NULL);
    for EACH_NODE (handler, new->strategy.handlers) {
        const struct node *was = handler_like(old, handler);
        if (!was) compare(d, "handler", NULL, handler);
        d->in = arena_printf(d->arena, "%s, on %s", in, handler->handler.event.text);
        if (was) differ_block(d, was->handler.body, handler->handler.body);
        d->in = in;
    }
}

static void differ_each(struct differ *d, const char *about, struct nodes old, struct nodes new)
{
    const struct node *a = old.first, *b = new.first;
    for (; a || b; a = a ? a->next : NULL, b = b ? b->next : NULL) compare(d, about, a, b);
}

/* A declaration that both have. */
static void differ_item(struct differ *d, const struct item *old, const struct item *new)
{
    const struct node *a = old->node, *b = new->node;
    if (a->kind != b->kind || node_same(a, b)) return;
    d->in = arena_printf(d->arena, "%s %s", new->kind, new->name);
    if (b->kind == NODE_STRATEGY) {
        differ_each(d, "medium", a->strategy.media, b->strategy.media);
        differ_each(d, "parameter", a->strategy.params, b->strategy.params);
        compare(d, "within", a->strategy.within, b->strategy.within);
        differ_keys(d, a->strategy.attached, b->strategy.attached);
        differ_block(d, a->strategy.body, b->strategy.body);
        differ_handlers(d, a, b);
    } else if (b->kind == NODE_FUNCTION) {
        differ_each(d, "parameter", a->function.params, b->function.params);
        compare(d, "result", a->function.result, b->function.result);
        differ_block(d, a->function.body, b->function.body);
    } else {
        compare(d, new->kind, a, b);
    }
}

const struct change *differ_find(struct program *old, struct program *new)
{
    struct differ d = {.old = old, .new = new, .arena = new->arena, .in = "", .step = ""};
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
            tell(&d, is.rows[i].kind, NULL, is.rows[i].name, (struct span){0, 0}, is.rows[i].node->span);
        }
    }
    for (size_t i = 0; i < was.count; i++) {
        d.in = arena_printf(d.arena, "%s %s", was.rows[i].kind, was.rows[i].name);
        if (!was.rows[i].known)
            tell(&d, was.rows[i].kind, was.rows[i].name, NULL, was.rows[i].node->span, (struct span){0, 0});
    }
    return d.first;
}
