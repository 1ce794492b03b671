/* compiler/view/renamed.c - Renames the old program's names to the names that the new program has for the same things.
 *
 * Only names are paired of which each occurs in one of the two programs alone. So a renaming cannot change the meaning
 * of any other name. Each place with the name (names.c) is changed, arguments by name included. Names are paired by a
 * hash of their declarations (phrase_node_hash): so the cost grows only with their number. */
#include "compiler/view/renamed.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/check/names.h"
#include "compiler/view/phrase.h"

enum { ROUNDS = 16 }; /* the most rounds: one renamed name can make another one equal in the next round */

enum sort { SORT_NAME, SORT_LABEL, SORT_OTHER };

struct rename_side {
    struct program *program;
    struct arena *arena; /* the new program's arena, in which the comparison allocates */
    struct checked_names names;
    const char **now; /* for each name in `names` its current word */
};

struct name { /* a name declared in one of the two programs, and not used in the other */
    const char *text;
    uint64_t same, like; /* equal `same`: two declarations are equal; equal `like`: perhaps; 0: equal to none */
    uint64_t key;        /* `same` or `like`, whichever is used for the current pairing */
    struct source_span at;
    size_t first;   /* the first name of the list with this text: its pair is used for all of them */
    const char *to; /* the other program's word; NULL: no pair yet */
};
struct list {
    struct name *all;
    size_t count;
};
struct texts { /* sorted */
    const char **all;
    size_t count;
};

/* The sort of a name: names of different sorts are not confused. A plain name can be any declaration with such
 * names; a label occurs only after `goto`; a name after its kind or a dot is neither. */
static enum sort sort_of(const struct naming *naming)
{
    switch (naming->node->kind) {
    case NODE_LABELLED:
    case NODE_GOTO:
        return SORT_LABEL;
    case NODE_NAME:
    case NODE_TYPE_NAME:
    case NODE_FUNCTION:
    case NODE_STRATEGY:
    case NODE_CONST:
    case NODE_RECORD:
    case NODE_ENUM:
    case NODE_LET:
    case NODE_OTHERWISE:
    case NODE_HANDLER:
    case NODE_RACE_ARM:
    case NODE_PARAM:
        return SORT_NAME;
    case NODE_LABEL:
        return naming->holder->kind == NODE_FOR ? SORT_NAME : SORT_OTHER;
    default:
        return SORT_OTHER;
    }
}

/* ---- the uses of names ---- */

static struct rename_side renamed_side(struct program *program, struct arena *arena)
{
    struct rename_side side = {program, arena, names_index(program), NULL};
    side.now = ARENA_ARRAY(arena, const char *, side.names.count + 1);
    for (size_t i = 0; i < side.names.count; i++) side.now[i] = side.names.all[i].name;
    return side;
}

static int renamed_by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Replaces the word at the place in the node; returns the earlier text, or NULL: there is no such word. */
static const char *give_word(struct node *node, struct source_span at, const char *text)
{
    struct word *word = NULL;
#define WORD(f)                                                                                                        \
    if (part->f.text && part->f.span.begin == at.begin && part->f.span.end == at.end) word = &part->f;
#include "compiler/syntax/each_field.h"
    const char *had = word ? word->text : NULL;
    if (word) word->text = text;
    return had;
}

static struct texts texts_of(const struct rename_side *side, struct source_span span, enum sort sort)
{
    size_t from = names_from(&side->names, span.begin), end = names_from(&side->names, span.end);
    struct texts texts = {ARENA_ARRAY(side->arena, const char *, end - from + 1), 0};
    for (size_t i = from; i < end; i++)
        if (sort_of(&side->names.all[i]) == sort) texts.all[texts.count++] = side->now[i];
    if (texts.count > 1) qsort(texts.all, texts.count, sizeof *texts.all, renamed_by_text);
    return texts;
}

static bool texts_say(const struct texts *texts, const char *text)
{
    return texts->count > 0 && bsearch(&text, texts->all, texts->count, sizeof *texts->all, renamed_by_text);
}

/* ---- the declarations of names ---- */

static bool is_global(const struct naming *naming)
{
    enum node_kind kind = naming->node->kind;
    return kind == NODE_FUNCTION || kind == NODE_CONST || kind == NODE_RECORD || kind == NODE_ENUM;
}

/* Is the name declared in a body, and visible only there? */
static bool renamed_is_local(const struct naming *naming)
{
    const struct node *node = naming->node;
    switch (node->kind) {
    case NODE_LET:
    case NODE_OTHERWISE:
    case NODE_HANDLER:
    case NODE_RACE_ARM:
        return true;
    case NODE_PARAM:
        return naming->holder->kind == NODE_FUNCTION;
    case NODE_LABEL:
        return naming->holder->kind == NODE_FOR;
    case NODE_LABELLED:
        return node->labelled.statement->kind != NODE_SPLIT || !node->labelled.statement->split.by;
    default:
        return false;
    }
}

static void value_hashes(struct name *name, const struct node *value)
{
    const struct node *head = value->kind == NODE_STEP ? value->step.head : value;
    name->same = phrase_node_hash(value);
    name->like += (uint64_t)head->kind << 8;
    if (head->kind == NODE_CALL) name->like += phrase_node_hash(head->call.callee);
}

/* Returns the hash of a declaration without its name. */
static uint64_t nameless_hash(struct node *node, struct source_span at)
{
    const char *text = give_word(node, at, "");
    uint64_t hash = phrase_node_hash(node);
    give_word(node, at, text);
    return hash;
}

static int by_text_and_place(const void *left, const void *right)
{
    const struct name *const *a = left, *const *b = right;
    int text = strcmp((*a)->text, (*b)->text);
    return text ? text : (*a)->at.begin < (*b)->at.begin ? -1 : (*a)->at.begin > (*b)->at.begin;
}

static void find_firsts(struct arena *arena, struct list *list)
{
    struct name **sorted = ARENA_ARRAY(arena, struct name *, list->count + 1);
    for (size_t i = 0; i < list->count; i++) sorted[i] = &list->all[i];
    if (list->count > 1) qsort(sorted, list->count, sizeof *sorted, by_text_and_place);
    for (size_t i = 0; i < list->count; i++) {
        bool again = i > 0 && strcmp(sorted[i - 1]->text, sorted[i]->text) == 0;
        sorted[i]->first = again ? sorted[i - 1]->first : (size_t)(sorted[i] - list->all);
    }
}

/* Lists the names that this program declares in the span and the other program does not use. */
static struct list renamed_unsaid(const struct rename_side *side, struct source_span span, enum sort sort,
                                  const struct texts *other, bool (*wanted)(const struct naming *))
{
    size_t from = names_from(&side->names, span.begin), end = names_from(&side->names, span.end);
    struct list list = {ARENA_ARRAY(side->arena, struct name, end - from + 1), 0};
    for (size_t i = from; i < end; i++) {
        const struct naming *naming = &side->names.all[i];
        if (naming->use != NAME_DECLARED || sort_of(naming) != sort || !wanted(naming)) continue;
        if (texts_say(other, side->now[i])) continue;
        struct node *node = (struct node *)(uintptr_t)naming->node;
        struct name name = {.text = side->now[i], .like = (uint64_t)node->kind + 1, .at = naming->at};
        if (node->kind == NODE_LET) value_hashes(&name, node->let.value);
        if (wanted == is_global) name.same = node_splits_by(node) ? 0 : nameless_hash(node, naming->at);
        list.all[list.count++] = name;
    }
    find_firsts(side->arena, &list);
    return list;
}

/* ---- pairs ---- */

static int renamed_by_key(const void *left, const void *right)
{
    const struct name *const *a = left, *const *b = right;
    if ((*a)->key != (*b)->key) return (*a)->key < (*b)->key ? -1 : 1;
    return (*a)->at.begin < (*b)->at.begin ? -1 : (*a)->at.begin > (*b)->at.begin;
}

struct open { /* sorts those without a partner by key, and then by their order */
    struct name **all;
    size_t count;
};

static struct open renamed_open(struct arena *arena, struct list *list, bool same)
{
    struct open open = {ARENA_ARRAY(arena, struct name *, list->count + 1), 0};
    for (size_t i = 0; i < list->count; i++) {
        struct name *name = &list->all[i];
        name->key = same ? name->same : name->like;
        if (name->first == i && !name->to && name->key) open.all[open.count++] = name;
    }
    if (open.count > 1) qsort(open.all, open.count, sizeof *open.all, renamed_by_key);
    return open;
}

/* Pairs the names of each key: the first with the first, the second with the second. */
static void renamed_pair(struct arena *arena, struct list *was, struct list *will, bool same)
{
    struct open a = renamed_open(arena, was, same), b = renamed_open(arena, will, same);
    for (size_t i = 0, j = 0; i < a.count && j < b.count;) {
        if (a.all[i]->key == b.all[j]->key) {
            a.all[i]->to = b.all[j]->text;
            b.all[j++]->to = a.all[i++]->text;
        } else if (a.all[i]->key < b.all[j]->key) {
            i++;
        } else {
            j++;
        }
    }
}

/* ---- giving them ---- */

static int renamed_by_place(const void *left, const void *right)
{
    const struct name *a = left, *b = right;
    return a->at.begin < b->at.begin ? -1 : a->at.begin > b->at.begin;
}

static void add_paired(struct list *paired, const struct list *was)
{
    for (size_t i = 0; i < was->count; i++) {
        const char *to = was->all[was->all[i].first].to;
        if (!to) continue;
        paired->all[paired->count] = was->all[i];
        paired->all[paired->count++].to = to;
    }
}

/* Writes the new words at all uses in the old program of renamed declarations. */
static void renamed_give(struct rename_side *old, struct list *paired)
{
    if (paired->count > 1) qsort(paired->all, paired->count, sizeof *paired->all, renamed_by_place);
    for (size_t i = 0; i < old->names.count; i++) {
        const struct naming *naming = &old->names.all[i];
        struct name wanted = {.at = naming->declared};
        const struct name *name =
            paired->count ? bsearch(&wanted, paired->all, paired->count, sizeof *paired->all, renamed_by_place) : NULL;
        if (!name) continue;
        give_word((struct node *)(uintptr_t)naming->node, naming->at, name->to);
        old->now[i] = name->to;
    }
}

/* Returns an empty list with room for all pairs: each entry of names can declare one name. */
static struct list no_pairs(const struct rename_side *old)
{
    return (struct list){ARENA_ARRAY(old->arena, struct name, old->names.count + 1), 0};
}

static const struct source_span everywhere = {0, UINT32_MAX};

static void align_globals(struct rename_side *old, const struct rename_side *new)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct texts old_says = texts_of(old, everywhere, SORT_NAME), new_says = texts_of(new, everywhere, SORT_NAME);
        struct list was = renamed_unsaid(old, everywhere, SORT_NAME, &new_says, is_global);
        struct list will = renamed_unsaid(new, everywhere, SORT_NAME, &old_says, is_global);
        struct list paired = no_pairs(old);
        renamed_pair(new->arena, &was, &will, true);
        add_paired(&paired, &was);
        if (paired.count == 0) break;
        renamed_give(old, &paired);
    }
}

/* ---- bodies ---- */

static int renamed_by_name(const void *left, const void *right)
{
    const struct node *a = *(const struct node *const *)left, *b = *(const struct node *const *)right;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    return strcmp(names_declared_by(a).text, names_declared_by(b).text);
}

struct bodies { /* a function or strategy, by its name */
    const struct node **all;
    size_t count;
};

static struct bodies bodies_of(const struct rename_side *side)
{
    size_t room = 1;
    EACH_NODE (file, side->program->files) room += file->file.declarations.count;
    struct bodies bodies = {ARENA_ARRAY(side->arena, const struct node *, room), 0};
    EACH_NODE (file, side->program->files)
        EACH_NODE (node, file->file.declarations)
            if (node->kind == NODE_FUNCTION || node->kind == NODE_STRATEGY) bodies.all[bodies.count++] = node;
    if (bodies.count > 1) qsort(bodies.all, bodies.count, sizeof *bodies.all, renamed_by_name);
    return bodies;
}

/* Labels are paired with labels only, and any label with any other. */
static void align_body(const struct rename_side *old, const struct rename_side *new, const struct node *a,
                       const struct node *b, enum sort sort, struct list *paired)
{
    struct texts old_says = texts_of(old, a->span, sort), new_says = texts_of(new, b->span, sort);
    struct list was = renamed_unsaid(old, a->span, sort, &new_says, renamed_is_local);
    struct list will = renamed_unsaid(new, b->span, sort, &old_says, renamed_is_local);
    renamed_pair(new->arena, &was, &will, true);
    renamed_pair(new->arena, &was, &will, false);
    add_paired(paired, &was);
}

static void align_bodies(struct rename_side *old, const struct rename_side *new)
{
    struct bodies was = bodies_of(old), will = bodies_of(new);
    struct list paired = no_pairs(old);
    for (size_t i = 0; i < was.count; i++) {
        const struct node **other =
            will.count ? bsearch(&was.all[i], will.all, will.count, sizeof *will.all, renamed_by_name) : NULL;
        if (!other || phrase_node_same(was.all[i], *other)) continue;
        align_body(old, new, was.all[i], *other, SORT_NAME, &paired);
        align_body(old, new, was.all[i], *other, SORT_LABEL, &paired);
    }
    renamed_give(old, &paired);
}

void renamed_align(struct program *old, const struct program *new)
{
    struct rename_side was = renamed_side(old, new->arena),
                       will = renamed_side((struct program *)(uintptr_t) new, new->arena);
    align_globals(&was, &will);
    align_bodies(&was, &will);
    align_globals(&was, &will);
}
