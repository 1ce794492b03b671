/* compiler/view/renamed.c - Giving the old program's names the words that the new one has for them.
 *
 * A word of the one program that occurs nowhere in the other, for one of the other that occurs nowhere here: so nothing
 * means something else by it. What calls have by a name (arguments) goes with it. */
#include "compiler/view/renamed.h"

#include <string.h>

#include "compiler/scope.h"
#include "compiler/view/phrase.h"

enum { NAMES_MAX = 300, ROUNDS = 4 };

enum sort { SORT_LOCAL, SORT_LABEL, SORT_GLOBAL };

struct name {
    const char *text;
    const struct node *node; /* that declares it */
    bool taken;
};
struct list {
    struct name all[NAMES_MAX];
    int count;
};

struct walk {
    enum sort sort;
    struct list *list;          /* of what is declared, */
    const char *seek;           /* a word that is looked for, */
    bool found;
    const char *from, *to;      /* or one that is given */
    const char *called;         /* only to arguments of calls of this function */
    bool hashed;                /* a `split by` is in it: it counts by the names around it */
};

static bool is(struct word word, const char *text)
{
    return word.text && strcmp(word.text, text) == 0;
}

static void declare(struct walk *walk, struct word word, const struct node *node)
{
    if (!walk->list || !word.text || walk->list->count == NAMES_MAX) return;
    for (int i = 0; i < walk->list->count; i++)
        if (is(word, walk->list->all[i].text)) return;
    walk->list->all[walk->list->count++] = (struct name){word.text, node, false};
}

/* The word with which a body declares something of its own. */
static struct word *own_word(struct node *node, const struct node *holder)
{
    switch (node->kind) {
    case NODE_LET:
        return &node->let.name;
    case NODE_OTHERWISE:
        return &node->otherwise.binding;
    case NODE_HANDLER:
        return &node->handler.binding;
    case NODE_RACE_ARM:
        return &node->race_arm.name;
    case NODE_PARAM:
        return holder->kind == NODE_FUNCTION ? &node->param.name : NULL;
    case NODE_LABEL:
        return holder->kind == NODE_FOR ? &node->label.name : NULL;
    default:
        return NULL;
    }
}

static void look(struct walk *, struct node *, struct node *holder);

struct around {
    struct walk *walk;
    struct node *holder;
};

static void visit(struct node *node, void *context)
{
    struct around *around = context;
    look(around->walk, node, around->holder);
}

static void below(struct walk *walk, struct node *node)
{
    struct around around = {walk, node};
    node_children(node, visit, &around);
}

static bool global_symbol(const struct symbol *symbol)
{
    return !symbol || symbol->kind == SYMBOL_CONST || symbol->kind == SYMBOL_FUNCTION ||
           symbol->kind == SYMBOL_SUBROUTINE || symbol->kind == SYMBOL_RECORD || symbol->kind == SYMBOL_ENUMERATION;
}

static void give(const struct walk *walk, struct word *word)
{
    if (walk->to && is(*word, walk->from)) word->text = walk->to;
}

static void look_at_name(struct walk *walk, struct node *node)
{
    const struct symbol *symbol = node->meaning;
    if (walk->seek && walk->sort != SORT_LABEL && is(node->name.name, walk->seek)) walk->found = true;
    if (walk->sort == SORT_LOCAL && (!symbol || symbol->kind == SYMBOL_LOCAL)) give(walk, &node->name.name);
    if (walk->sort == SORT_GLOBAL && global_symbol(symbol)) give(walk, &node->name.name);
}

static void look(struct walk *walk, struct node *node, struct node *holder)
{
    if (walk->called) {
        bool call = node->kind == NODE_CALL && node->call.callee->kind == NODE_NAME &&
                    is(node->call.callee->name.name, walk->called);
        if (call)
            for EACH_NODE (argument, node->call.arguments) give(walk, &argument->arg.name);
        below(walk, node);
        return;
    }
    struct word *own = own_word(node, holder);
    if (own && walk->sort == SORT_LOCAL) {
        declare(walk, *own, node);
        give(walk, own);
    }
    if (own && walk->seek && walk->sort != SORT_LABEL && is(*own, walk->seek)) walk->found = true;
    if (node->kind == NODE_NAME) look_at_name(walk, node);
    if (node->kind == NODE_TYPE_NAME) {
        if (walk->seek && walk->sort != SORT_LABEL && is(node->type_name.name, walk->seek)) walk->found = true;
        if (walk->sort == SORT_GLOBAL) give(walk, &node->type_name.name);
    }
    if (node->kind == NODE_LABELLED) {
        bool hashed = node->labelled.statement->kind == NODE_SPLIT && node->labelled.statement->split.by;
        if (walk->seek && walk->sort == SORT_LABEL && is(node->labelled.name, walk->seek)) walk->found = true;
        if (walk->sort == SORT_LABEL && !hashed) declare(walk, node->labelled.name, node);
        if (walk->sort == SORT_LABEL) give(walk, &node->labelled.name);
    }
    if (node->kind == NODE_GOTO) {
        if (walk->seek && walk->sort == SORT_LABEL && is(node->jump.label, walk->seek)) walk->found = true;
        if (walk->sort == SORT_LABEL) give(walk, &node->jump.label);
    }
    if (node->kind == NODE_SPLIT && node->split.by) walk->hashed = true;
    below(walk, node);
}

/* Labels have a space of their own. */
static bool says(struct node *node, const char *text, enum sort sort)
{
    struct walk walk = {.sort = sort, .seek = text};
    look(&walk, node, node);
    return walk.found;
}

/* ---- within a body ---- */

static bool alike(const struct name *old, const struct name *new)
{
    if (old->node->kind != new->node->kind) return false;
    if (old->node->kind != NODE_LET) return true;
    const struct node *a = old->node->let.value, *b = new->node->let.value;
    if (a->kind == NODE_STEP) a = a->step.head;
    if (b->kind == NODE_STEP) b = b->step.head;
    return a->kind == b->kind && (a->kind != NODE_CALL || node_same(a->call.callee, b->call.callee));
}

static bool equal(const struct name *old, const struct name *new)
{
    return old->node->kind == NODE_LET && new->node->kind == NODE_LET &&
           node_same(old->node->let.value, new->node->let.value);
}

/* f(n: 3): what calls it by its parameters' names. */
static void give_arguments(struct program *program, struct node *function, struct walk walk)
{
    walk.called = function->function.name.text;
    for EACH_NODE (file, program->files) look(&walk, file, file);
}

static void pair_names(struct program *program, struct node *old, struct list *was, struct list *will, enum sort sort,
                       bool exact)
{
    int next = 0;
    for (int i = 0; i < was->count; i++) {
        if (was->all[i].taken) continue;
        for (int j = exact ? 0 : next; j < will->count; j++) {
            if (will->all[j].taken) continue;
            if (exact ? !equal(&was->all[i], &will->all[j])
                      : sort == SORT_LOCAL && !alike(&was->all[i], &will->all[j]))
                continue;
            struct walk walk = {.sort = sort, .from = was->all[i].text, .to = will->all[j].text};
            was->all[i].taken = will->all[j].taken = true;
            look(&walk, old, old);
            if (was->all[i].node->kind == NODE_PARAM) give_arguments(program, old, walk);
            next = j + 1;
            break;
        }
    }
}

static void keep_unsaid(struct list *list, struct node *other, enum sort sort)
{
    for (int i = 0; i < list->count; i++)
        if (says(other, list->all[i].text, sort)) list->all[i].taken = true;
}

static void align_body(struct program *program, struct arena *arena, struct node *old, struct node *new, enum sort sort)
{
    struct list *was = ARENA_NEW(arena, struct list), *will = ARENA_NEW(arena, struct list);
    struct walk walk = {.sort = sort, .list = was}, other = {.sort = sort, .list = will};
    look(&walk, old, old);
    look(&other, new, new);
    keep_unsaid(was, new, sort);
    keep_unsaid(will, old, sort);
    if (sort == SORT_LOCAL) pair_names(program, old, was, will, sort, true);
    pair_names(program, old, was, will, sort, false);
}

/* ---- in all files ---- */

static struct word *global_word(struct node *node)
{
    switch (node->kind) {
    case NODE_FUNCTION:
        return &node->function.name;
    case NODE_CONST:
        return &node->constant.name;
    case NODE_RECORD:
        return &node->record.name;
    case NODE_ENUM:
        return &node->enumeration.name;
    default:
        return NULL;
    }
}

static struct node *declared(const struct program *program, enum node_kind kind, const char *name)
{
    for EACH_NODE (file, program->files)
    for EACH_NODE (node, file->file.declarations) {
        if (node->kind != kind) continue;
        if (node->kind == NODE_STRATEGY ? is(node->strategy.name, name) : is(*global_word(node), name)) return node;
    }
    return NULL;
}

static bool program_says(const struct program *program, const char *text)
{
    for EACH_NODE (file, program->files) {
        if (says(file, text, SORT_GLOBAL)) return true;
        for EACH_NODE (node, file->file.declarations) {
            struct word *word = global_word(node);
            if ((word && is(*word, text)) || (node->kind == NODE_STRATEGY && is(node->strategy.name, text)))
                return true;
        }
    }
    return false;
}

static bool same_but_for_name(struct node *old, const struct node *new)
{
    struct word *word = global_word(old);
    const char *name = word->text;
    word->text = global_word((struct node *)new)->text;
    bool same = node_same(old, new);
    word->text = name;
    return same;
}

static void align_global(struct program *old, const struct program *new, struct node *node)
{
    struct word *word = global_word(node);
    struct walk hashed = {0};
    if (declared(new, node->kind, word->text) || program_says(new, word->text)) return;
    look(&hashed, node, node);
    if (hashed.hashed) return;
    for EACH_NODE (file, new->files)
    for EACH_NODE (other, file->file.declarations) {
        if (other->kind != node->kind || !same_but_for_name(node, other)) continue;
        const char *name = global_word(other)->text;
        if (program_says(old, name)) continue;
        struct walk walk = {.sort = SORT_GLOBAL, .from = word->text, .to = name};
        for EACH_NODE (each, old->files) below(&walk, each);
        word->text = name;
        return;
    }
}

static void align_globals(struct program *old, const struct program *new)
{
    for (int round = 0; round < ROUNDS; round++) /* what calls another one whose name has changed */
        for EACH_NODE (file, old->files)
        for EACH_NODE (node, file->file.declarations)
            if (global_word(node)) align_global(old, new, node);
}

void renamed_align(struct program *old, const struct program *new)
{
    align_globals(old, new);
    for EACH_NODE (file, old->files)
    for EACH_NODE (node, file->file.declarations) {
        bool body = node->kind == NODE_FUNCTION || node->kind == NODE_STRATEGY;
        const char *name = !body                         ? NULL
                           : node->kind == NODE_FUNCTION ? node->function.name.text
                                                         : node->strategy.name.text;
        struct node *other = name ? declared(new, node->kind, name) : NULL;
        if (!other || node_same(node, other)) continue;
        align_body(old, new->arena, node, other, SORT_LOCAL);
        align_body(old, new->arena, node, other, SORT_LABEL);
    }
    align_globals(old, new);
}
