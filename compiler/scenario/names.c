/* compiler/scenario/names.c - Finds the names in a test in the tree: those of the site, strategies, records, keys.
 *
 * Tests are also made in programs with errors, where names have no meanings: so names are found by an index over the
 * trees of all files. A name of `for each` hides all others of that spelling in the test. */
#include <assert.h>
#include <string.h>

#include "base/near.h"

#include "compiler/scenario/maker.h"

/* The most names compared for one suggestion, and the most errors that get one: more than are shown. */
enum { COMPARED_MAX = 2000, SUGGESTIONS_MAX = 100 };

/* The index by name, for files with many tests: strategies, records, constants, enums (`what` is the node's kind),
 * keys of any strategy or the site (NODE_FIELD), words of any enum (NODE_LABEL), the site's names (NODE_KINDS and
 * their kind). Names are interned, so they are compared by their addresses. Of two equal names the index has the
 * first. */
struct name_index {
    struct entry {
        const char *name;
        uint32_t what;
        const struct node *node;
    } * entries;
    size_t room; /* the number of entries, a power of two; a name of NULL: the entry is free */
};

/* Linear probing; at most half of the entries are used, so the loop ends at a free entry. */
static struct entry *name_index_place(const struct name_index *index, uint32_t what, const char *name)
{
    assert(index->room > 0 && (index->room & (index->room - 1)) == 0);
    size_t at = ((uintptr_t)name / 8 * 31 + what) * 0x9e3779b1u;
    for (;; at++) {
        struct entry *entry = &index->entries[at & (index->room - 1)];
        if (!entry->name || (entry->name == name && entry->what == what)) return entry;
    }
}

const struct node *names_declared(const struct scenario_maker *maker, uint32_t what, const char *name)
{
    assert(maker->index);
    return name_index_place(maker->index, what, name)->node;
}

static void name_index_put(struct name_index *index, uint32_t what, struct word word, const struct node *node)
{
    struct entry *entry = name_index_place(index, what, word.text);
    if (!entry->name) *entry = (struct entry){word.text, what, node};
}

/* The nearest of the names compared so far to the unknown name. */
struct nearest {
    const char *sought, *name;
    struct source_span where;
    uint32_t distance;
    uint32_t left; /* how many names may still be compared */
};

/* Nothing is compared where `nearest` is NULL: a name is first searched exactly, and near names only where there is
 * none. */
static void nearest_offer(struct nearest *nearest, struct word candidate)
{
    if (!nearest || nearest->left == 0) return;
    nearest->left--;
    if (near_is_nearer(nearest->sought, candidate.text, &nearest->distance)) {
        nearest->name = candidate.text;
        nearest->where = candidate.span;
    }
}

/* After many mistakes no suggestions are made any more: comparing a thousand unknown names with a thousand known
 * ones would take a second. */
static struct nearest nearest_seek(const struct scenario_maker *maker, const char *name)
{
    uint32_t left = diags_errors(maker->diags) < SUGGESTIONS_MAX ? COMPARED_MAX : 0;
    return (struct nearest){.sought = name, .distance = UINT32_MAX, .left = left};
}

static void nearest_offer_strategies(const struct scenario_maker *maker, struct nearest *nearest)
{
    EACH_NODE (file, maker->program->files)
        EACH_NODE (declaration, file->file.declarations)
            if (declaration->kind == NODE_STRATEGY) nearest_offer(nearest, declaration->strategy.name);
}

const struct node *names_strategy(struct scenario_maker *maker, struct word word)
{
    const struct node *found = names_declared(maker, NODE_STRATEGY, word.text);
    limit_name(maker, word);
    if (found) return found;
    struct nearest nearest = nearest_seek(maker, word.text);
    if (nearest.left) nearest_offer_strategies(maker, &nearest);
    diag_did_you_mean(diag_report(maker->diags, TEST_STRATEGY, word.span, word.text), nearest.name, nearest.where);
    return NULL;
}

struct nodes names_site(const struct scenario_maker *maker)
{
    const struct node *site = maker->program->site;
    return site ? site->site.items : (struct nodes){0};
}

/* Compares the agents of the test, or the site's names of that kind. */
static bool find_kind(const struct scenario_maker *maker, enum name_kind kind, const char *name)
{
    if (kind != KIND_AGENT) return names_declared(maker, NODE_KINDS + (uint32_t)kind, name) != NULL;
    for (const struct test_list *agent = maker->agents; agent; agent = agent->next)
        if (agent->name.text == name) return true;
    return false;
}

static void nearest_offer_kind(const struct scenario_maker *maker, enum name_kind kind, struct nearest *nearest)
{
    for (const struct test_list *agent = kind == KIND_AGENT ? maker->agents : NULL; agent; agent = agent->next)
        nearest_offer(nearest, agent->name);
    EACH_NODE (item, names_site(maker))
        if (item->kind == NODE_SITE_NAMES && item->site_names.kind == kind)
            EACH_NODE (label, item->site_names.labels) nearest_offer(nearest, label->label.name);
}

/* Perhaps in quotes. */
static const char *as_written(const struct scenario_maker *maker, struct word word)
{
    const struct source *source = source_set_at(maker->program->sources, word.span.begin);
    if (!source) return word.text;
    return arena_printf(maker->arena, "%.*s", (int)(word.span.end - word.span.begin),
                        source->text + (word.span.begin - source->base));
}

/* Gives the likeliest hint: it is a name of another kind, it is misspelt, the test has no such agent, the site has
 * not declared it. */
bool names_kind(struct scenario_maker *maker, enum name_kind kind, struct word word)
{
    limit_name(maker, word);
    if (!*word.text) return false;
    if (kind == KIND_STRATEGY) return names_strategy(maker, word) != NULL;
    if (kind == KIND_DN || kind == KIND_CAMPAIGN || find_kind(maker, kind, word.text))
        return true; /* of switch and directory */
    struct nearest nearest = nearest_seek(maker, word.text);
    if (nearest.left) nearest_offer_kind(maker, kind, &nearest);
    struct diag *diag = diag_report(maker->diags, UNKNOWN_KIND_NAME, word.span, ast_kind_word(kind), word.text);
    enum name_kind other;
    if (names_kind_of(maker, word.text, &other))
        diag_hint(diag, "there is %s %s", ast_kind_word(other), word.text);
    else if (nearest.name)
        diag_did_you_mean(diag, nearest.name, nearest.where);
    else if (kind == KIND_AGENT)
        diag_hint(diag, "a line of the test makes one: agent %s ready;", word.text);
    else
        diag_hint(diag, "if it is right, the site declares it: %s %s;", ast_kind_word(kind), as_written(maker, word));
    return false;
}

bool names_kind_of(const struct scenario_maker *maker, const char *name, enum name_kind *kind)
{
    for (int i = 0; i < NAME_KINDS; i++) {
        *kind = (enum name_kind)i;
        if (find_kind(maker, *kind, name)) return true;
    }
    return false;
}

bool names_source(struct scenario_maker *maker, struct word word)
{
    struct nearest nearest = nearest_seek(maker, word.text);
    EACH_NODE (item, names_site(maker)) {
        if (item->kind != NODE_SITE_SOURCE) continue;
        if (item->site_source.name.text == word.text) {
            limit_name(maker, word);
            return true;
        }
        nearest_offer(&nearest, item->site_source.name);
    }
    struct diag *diag = diag_report(maker->diags, TEST_SOURCE, word.span, word.text);
    diag_did_you_mean(diag, nearest.name, nearest.where);
    return false;
}

const struct node *names_endpoint(struct scenario_maker *maker, const struct node *member)
{
    assert(member->kind == NODE_MEMBER);
    struct nearest nearest = nearest_seek(maker, member->member.name.text);
    if (member->member.object->kind != NODE_NAME || strcmp(member->member.object->name.name.text, "http") != 0)
        return NULL;
    EACH_NODE (item, names_site(maker)) {
        if (item->kind != NODE_SITE_ENDPOINT) continue;
        if (item->endpoint.name.text == member->member.name.text) return item;
        nearest_offer(&nearest, item->endpoint.name);
    }
    struct diag *diag = diag_report(maker->diags, UNKNOWN_ENDPOINT, member->member.name.span, member->member.name.text);
    diag_did_you_mean(diag, nearest.name, nearest.where);
    return NULL;
}

const struct node *names_field(struct nodes fields, const char *name)
{
    EACH_NODE (field, fields)
        if (field->field.name.text == name) return field;
    return NULL;
}

void names_no_field(const struct scenario_maker *maker, const struct node *record, struct word word)
{
    assert(record->kind == NODE_RECORD);
    struct nearest nearest = nearest_seek(maker, word.text);
    EACH_NODE (field, record->record.fields) nearest_offer(&nearest, field->field.name);
    struct diag *diag = diag_report(maker->diags, NO_MEMBER, word.span, record->record.name.text, word.text);
    diag_did_you_mean(diag, nearest.name, nearest.where);
}

/* Returns the fields of a declaration that are declared keys: those of a strategy, or of the site. */
static struct nodes declaration_keys(const struct node *declaration)
{
    return declaration->kind == NODE_STRATEGY    ? declaration->strategy.attached
           : declaration->kind == NODE_SITE_KEYS ? declaration->site_keys.fields
                                                 : (struct nodes){0};
}

/* Returns how many names the index has to hold. */
static size_t count_names(const struct scenario_maker *maker)
{
    size_t count = 0;
    EACH_NODE (file, maker->program->files)
        EACH_NODE (declaration, file->file.declarations)
            count += 1 + declaration_keys(declaration).count +
                     (declaration->kind == NODE_ENUM ? declaration->enumeration.words.count : 0);
    EACH_NODE (item, names_site(maker))
        count += 1 + declaration_keys(item).count + (item->kind == NODE_SITE_NAMES ? item->site_names.labels.count : 0);
    return count;
}

static void put_declaration(struct name_index *index, const struct node *node)
{
    if (node->kind == NODE_STRATEGY) name_index_put(index, node->kind, node->strategy.name, node);
    if (node->kind == NODE_RECORD) name_index_put(index, node->kind, node->record.name, node);
    if (node->kind == NODE_CONST) name_index_put(index, node->kind, node->constant.name, node);
    EACH_NODE (field, declaration_keys(node)) name_index_put(index, NODE_FIELD, field->field.name, field);
    if (node->kind != NODE_ENUM) return;
    name_index_put(index, node->kind, node->enumeration.name, node);
    EACH_NODE (word, node->enumeration.words) name_index_put(index, NODE_LABEL, word->label.name, word);
}

void names_collect(struct scenario_maker *maker)
{
    struct name_index *index = ARENA_NEW(maker->arena, struct name_index);
    size_t count = count_names(maker);
    for (index->room = 16; index->room < 2 * count;) index->room *= 2;
    index->entries = ARENA_ARRAY(maker->arena, struct entry, index->room);
    EACH_NODE (item, names_site(maker)) {
        if (item->kind == NODE_SITE_SCHEDULE) name_index_put(index, item->kind, item->schedule.name, item);
        EACH_NODE (field, declaration_keys(item)) name_index_put(index, NODE_FIELD, field->field.name, field);
        if (item->kind != NODE_SITE_NAMES) continue;
        EACH_NODE (label, item->site_names.labels)
            name_index_put(index, NODE_KINDS + (uint32_t)item->site_names.kind, label->label.name, label);
    }
    EACH_NODE (file, maker->program->files)
        EACH_NODE (declaration, file->file.declarations) put_declaration(index, declaration);
    maker->index = index;
}

const struct node *names_key(const struct scenario_maker *maker, const char *name)
{
    if (!maker->strategy) return names_declared(maker, NODE_FIELD, name);
    EACH_NODE (item, names_site(maker)) {
        const struct node *field = names_field(declaration_keys(item), name);
        if (field) return field;
    }
    return names_field(declaration_keys(maker->strategy), name);
}

const struct node *names_strategy_of_key(const struct scenario_maker *maker, const char *name,
                                         const struct node **field)
{
    EACH_NODE (file, maker->program->files)
        EACH_NODE (declaration, file->file.declarations) {
            *field = declaration->kind == NODE_STRATEGY ? names_field(declaration_keys(declaration), name) : NULL;
            if (*field) return declaration;
        }
    return NULL;
}

const char *names_near_key(const struct scenario_maker *maker, const char *name, bool attributes)
{
    struct nearest nearest = nearest_seek(maker, name);
    if (!nearest.left) return NULL;
    EACH_NODE (item, names_site(maker))
        EACH_NODE (field, declaration_keys(item)) nearest_offer(&nearest, field->field.name);
    EACH_NODE (file, maker->program->files)
        EACH_NODE (declaration, file->file.declarations)
            if (!maker->strategy || declaration == maker->strategy)
                EACH_NODE (field, declaration_keys(declaration)) nearest_offer(&nearest, field->field.name);
    for (uint32_t i = 0; attributes && i < attribute_row_count; i++)
        nearest_offer(&nearest, (struct word){attribute_rows[i].name, {0, 0}});
    return nearest.name;
}

const struct node *names_binding(const struct scenario_maker *maker, const char *name)
{
    for (const struct test_list *binding = maker->bindings; binding; binding = binding->next)
        if (binding->name.text == name) return binding->node;
    return NULL;
}

struct word names_kind_bound(const struct scenario_maker *maker, enum name_kind kind, struct word word)
{
    const struct node *bound = names_binding(maker, word.text);
    bool fits = bound && bound->kind == NODE_KIND_NAME && bound->kind_name.kind == kind;
    return fits ? bound->kind_name.name : word;
}

const struct node *names_resolve(const struct scenario_maker *maker, const struct node *node)
{
    const struct node *bound = node->kind == NODE_NAME ? names_binding(maker, node->name.name.text) : NULL;
    return bound ? bound : node;
}

static bool is_weekday(const char *name)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++)
        if (!strcmp(days[i], name)) return true;
    return false;
}

bool names_word(const struct scenario_maker *maker, const char *name)
{
    return is_weekday(name) || names_declared(maker, NODE_LABEL, name);
}

bool names_word_in(const struct scenario_maker *maker, const char *type, const char *word)
{
    const struct node *found = names_declared(maker, NODE_ENUM, type);
    struct nodes none = {0};
    EACH_NODE (label, found ? found->enumeration.words : none)
        if (label->label.name.text == word) return true;
    return !strcmp(type, "weekday") && is_weekday(word);
}

bool names_word_of(const struct scenario_maker *maker, const struct node *member)
{
    assert(member->kind == NODE_MEMBER);
    const struct node *object = member->member.object;
    return object->kind == NODE_NAME && names_declared(maker, NODE_ENUM, object->name.name.text) &&
           names_word_in(maker, object->name.name.text, member->member.name.text);
}

const char *names_enum_of(const struct scenario_maker *maker, const char *word)
{
    EACH_NODE (file, maker->program->files)
        EACH_NODE (declaration, file->file.declarations)
            if (declaration->kind == NODE_ENUM && names_word_in(maker, declaration->enumeration.name.text, word))
                return declaration->enumeration.name.text;
    return is_weekday(word) ? "weekday" : NULL;
}

struct word names_zone(const struct scenario_maker *maker)
{
    EACH_NODE (item, names_site(maker)) {
        bool zone = item->kind == NODE_SITE_DEFAULT && strcmp(item->site_default.name.text, "zone") == 0;
        const struct node *value = item->site_default.value;
        if (zone && value->kind == NODE_STRING) return (struct word){value->string.text.bytes, value->span};
    }
    return (struct word){"UTC", {0, 0}};
}

const char *names_near_arrival(const struct scenario_maker *maker, const char *name, uint32_t *distance)
{
    const char *near = NULL;
    *distance = UINT32_MAX;
    for (const struct test_list *arrival = maker->arrivals; arrival; arrival = arrival->next) {
        uint32_t far = arrival->name.text ? near_distance(name, arrival->name.text) : UINT32_MAX;
        if (far < *distance) near = arrival->name.text, *distance = far;
    }
    return near;
}

bool names_arrival(const struct scenario_maker *maker, const char *name)
{
    for (const struct test_list *arrival = maker->arrivals; arrival; arrival = arrival->next)
        if (arrival->name.text == name) return true;
    return false;
}
