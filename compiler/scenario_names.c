/* compiler/scenario_names.c - What a test may name, found in the tree: the site, strategies, records, keys. */
#include <string.h>

#include "compiler/scenario_maker.h"
#include "compiler/scope.h"

/* So many names are compared for one suggestion, and so many errors get one: more than are shown. */
enum { COMPARED_MAX = 2000, SUGGESTIONS_MAX = 100 };

/* The closest of the names offered so far to the one that is sought. */
struct nearest {
    const char *sought, *name;
    struct span where;
    uint32_t distance;
    uint32_t left; /* how many may still be compared */
};

/* Nothing is compared where `nearest` is NULL: a name is looked for first, what was meant only where there is none. */
static void offer(struct nearest *nearest, struct word candidate)
{
    if (!nearest || nearest->left == 0) return;
    nearest->left--;
    uint32_t distance = name_distance(nearest->sought, candidate.text);
    if (distance >= nearest->distance) return;
    nearest->distance = distance;
    nearest->name = candidate.text;
    nearest->where = candidate.span;
}

static struct nearest seek(const struct maker *maker, const char *name)
{
    uint32_t left = diags_errors(maker->diags) < SUGGESTIONS_MAX ? COMPARED_MAX : 0;
    return (struct nearest){.sought = name, .distance = UINT32_MAX, .left = left};
}

static const struct node *find_declaration(const struct maker *maker, enum node_kind kind, const char *name,
                                           struct nearest *nearest)
{
    for EACH_NODE (file, maker->program->files) {
        for EACH_NODE (declaration, file->file.declarations) {
            if (declaration->kind != kind) continue;
            struct word word = kind == NODE_STRATEGY ? declaration->strategy.name
                               : kind == NODE_RECORD ? declaration->record.name
                                                     : declaration->constant.name;
            if (word.text == name) return declaration;
            offer(nearest, word);
        }
    }
    return NULL;
}

const struct node *names_strategy(struct maker *maker, struct word word)
{
    if (maker->found && maker->found->strategy.name.text == word.text) return maker->found;
    maker->found = find_declaration(maker, NODE_STRATEGY, word.text, NULL);
    if (maker->found) return maker->found;
    struct nearest nearest = seek(maker, word.text);
    find_declaration(maker, NODE_STRATEGY, word.text, &nearest);
    diag_did_you_mean(diag_report(maker->diags, TEST_STRATEGY, word.span, word.text), nearest.name, nearest.where);
    return NULL;
}

const struct node *names_record(const struct maker *maker, const char *name)
{
    return find_declaration(maker, NODE_RECORD, name, NULL);
}

const struct node *names_constant(const struct maker *maker, const char *name)
{
    return find_declaration(maker, NODE_CONST, name, NULL);
}

static bool find_kind(const struct maker *maker, enum name_kind kind, const char *name, struct nearest *nearest)
{
    if (kind == KIND_AGENT) {
        for (const struct named *agent = maker->agents; agent; agent = agent->next) {
            if (agent->name.text == name) return true;
            offer(nearest, agent->name);
        }
        return false;
    }
    struct nodes none = {0};
    for EACH_NODE (item, maker->program->site ? maker->program->site->site.items : none) {
        if (item->kind != NODE_SITE_NAMES || item->site_names.kind != kind) continue;
        for EACH_NODE (label, item->site_names.labels) {
            if (label->label.name.text == name) return true;
            offer(nearest, label->label.name);
        }
    }
    return false;
}

bool names_kind(struct maker *maker, enum name_kind kind, struct word word)
{
    if (kind == KIND_DN || find_kind(maker, kind, word.text, NULL)) return true; /* numbers are the switch's */
    struct nearest nearest = seek(maker, word.text);
    find_kind(maker, kind, word.text, &nearest);
    struct diag *diag = diag_report(maker->diags, UNKNOWN_KIND_NAME, word.span, kind_word(kind), word.text);
    diag_did_you_mean(diag, nearest.name, nearest.where);
    return false;
}

bool names_source(struct maker *maker, struct word word)
{
    struct nearest nearest = seek(maker, word.text);
    struct nodes none = {0};
    for EACH_NODE (item, maker->program->site ? maker->program->site->site.items : none) {
        if (item->kind != NODE_SITE_SOURCE) continue;
        if (item->site_source.name.text == word.text) return true;
        offer(&nearest, item->site_source.name);
    }
    struct diag *diag = diag_report(maker->diags, TEST_SOURCE, word.span, word.text);
    diag_did_you_mean(diag, nearest.name, nearest.where);
    return false;
}

const struct node *names_field(struct nodes fields, const char *name)
{
    for EACH_NODE (field, fields)
        if (field->field.name.text == name) return field;
    return NULL;
}

/* The lists of fields that hold declared keys: of the strategy in question, or of all; and of the site. */
static struct nodes keys_of(const struct node *declaration)
{
    return declaration->kind == NODE_STRATEGY    ? declaration->strategy.attached
           : declaration->kind == NODE_SITE_KEYS ? declaration->site_keys.fields
                                                 : (struct nodes){0};
}

static const struct node *look_for_key(const struct maker *maker, const char *name, struct nearest *nearest)
{
    struct nodes none = {0};
    for EACH_NODE (item, maker->program->site ? maker->program->site->site.items : none) {
        for EACH_NODE (field, keys_of(item)) {
            if (field->field.name.text == name) return field;
            offer(nearest, field->field.name);
        }
    }
    for EACH_NODE (file, maker->program->files) {
        for EACH_NODE (declaration, file->file.declarations) {
            if (maker->strategy && declaration != maker->strategy) continue;
            for EACH_NODE (field, keys_of(declaration)) {
                if (field->field.name.text == name) return field;
                offer(nearest, field->field.name);
            }
        }
    }
    return NULL;
}

const struct node *names_key(const struct maker *maker, const char *name)
{
    return look_for_key(maker, name, NULL);
}

const char *names_near_key(const struct maker *maker, const char *name, bool attributes)
{
    struct nearest nearest = seek(maker, name);
    look_for_key(maker, name, &nearest);
    for (uint32_t i = 0; attributes && i < attribute_row_count; i++)
        offer(&nearest, (struct word){attribute_rows[i].name, {0, 0}});
    return nearest.name;
}

const struct node *names_binding(const struct maker *maker, const char *name)
{
    for (const struct named *binding = maker->bindings; binding; binding = binding->next)
        if (binding->name.text == name) return binding->node;
    return NULL;
}

const struct node *names_resolve(const struct maker *maker, const struct node *node)
{
    const struct node *bound = node->kind == NODE_NAME ? names_binding(maker, node->name.name.text) : NULL;
    return bound ? bound : node;
}

/* The zone that times of day without one are in: the site's, or UTC. */
static bool is_weekday(const char *name)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++)
        if (!strcmp(days[i], name)) return true;
    return false;
}

/* NULL: of any enum. */
static bool has_word(const struct maker *maker, const char *enumeration, const char *name)
{
    for EACH_NODE (file, maker->program->files)
        for EACH_NODE (node, file->file.declarations) {
            if (node->kind != NODE_ENUM || (enumeration && node->enumeration.name.text != enumeration)) continue;
            for EACH_NODE (word, node->enumeration.words)
                if (word->label.name.text == name) return true;
        }
    return false;
}

bool names_word(const struct maker *maker, const char *name)
{
    return is_weekday(name) || has_word(maker, NULL, name);
}

bool names_word_of(const struct maker *maker, const struct node *member)
{
    const struct node *object = member->member.object;
    return object->kind == NODE_NAME && has_word(maker, object->name.name.text, member->member.name.text);
}

struct word names_zone(const struct maker *maker)
{
    struct nodes none = {0};
    for EACH_NODE (item, maker->program->site ? maker->program->site->site.items : none) {
        bool zone = item->kind == NODE_SITE_DEFAULT && strcmp(item->site_default.name.text, "zone") == 0;
        const struct node *value = item->site_default.value;
        if (zone && value->kind == NODE_STRING) return (struct word){value->string.text.bytes, value->span};
    }
    return (struct word){"UTC", {0, 0}};
}
