/* compiler/lsp/complete.c - The words that may be typed at the cursor, by the words before it and the declarations.
 *
 * A line seldom parses while a person types it, so its words are read as text (before.h); everything else is taken
 * from the tree.
 *
 * Only the words right before the cursor decide which list is offered, in the order of offer_all(): after a dot the
 * members of the value before it, after `skill` or `queue` the names of that kind, after `goto` labels, and else the
 * words that the grammar takes there (complete_places.c), with all names where a name can stand. The editor filters
 * by the letters typed so far, so a list is always complete (isIncomplete is 0). */
#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/language/measures.h"
#include "base/inside.h"
#include "compiler/language/media.h"
#include "compiler/language/step_ids.h"
#include "compiler/lsp/complete.h"
#include "compiler/lsp/rule_words.h"
#include "compiler/lsp/server.h"
#include "compiler/lsp/tell.h"
#include "compiler/lsp/words.h"
#include "compiler/sql/sql.h"
#include "compiler/syntax/library.h"
#include "vm/prefer.h"

/* ---- declarations around the cursor ---- */

static bool complete_around(const struct typing *typing, const struct node *node)
{
    return node->span.begin <= typing->at && typing->at <= node->span.end;
}

static void visit_scope(struct node *node, void *context)
{
    struct typing *typing = context;
    bool before = node->span.end <= typing->at;
    if (node->kind == NODE_LET && before) complete_declared(typing, node, NULL);
    if (!complete_around(typing, node)) return;
    if (node->kind == NODE_STRATEGY) typing->strategy = node;
    if (node->kind == NODE_FUNCTION)
        EACH_NODE (param, node->function.params) complete_declared(typing, param, node);
    if (node->kind == NODE_STRATEGY) {
        EACH_NODE (param, node->strategy.params) complete_declared(typing, param, node);
        EACH_NODE (field, node->strategy.attached) complete_declared(typing, field, node);
    }
    if (node->kind == NODE_FOR)
        EACH_NODE (name, node->each.names) complete_declared(typing, name, node);
    if (node->kind == NODE_HANDLER || node->kind == NODE_OTHERWISE || node->kind == NODE_RACE_ARM)
        complete_declared(typing, node, NULL);
    node_children(node, visit_scope, typing);
}

static void offer_plain(struct typing *typing, const struct node *node)
{
    if (node->kind == NODE_SITE) {
        EACH_NODE (item, node->site.items) {
            if (item->kind == NODE_SITE_KEYS)
                EACH_NODE (field, item->site_keys.fields) complete_declared(typing, field, item);
            else if (item->kind != NODE_SITE_NAMES && item->kind != NODE_SITE_SOURCE &&
                     item->kind != NODE_SITE_VIRTUAL && item->kind != NODE_SITE_ENDPOINT)
                complete_declared(typing, item, node);
        }
    } else {
        complete_declared(typing, node, NULL);
    }
}

static void offer_attributes(struct typing *typing)
{
    for (uint32_t i = 0; i < attribute_row_count; i++)
        complete_offer(typing, attribute_rows[i].name, ITEM_PROPERTY, "attribute", tell_attribute(i));
}

/* Offers the attributes after a first word and its dot: `number` after `contact`. */
static void offer_attributes_of(struct typing *typing, const char *before)
{
    size_t length = strlen(before);
    for (uint32_t i = 0; i < attribute_row_count; i++) {
        const char *name = attribute_rows[i].name;
        if (strncmp(name, before, length) == 0 && name[length] == '.')
            complete_offer(typing, name + length + 1, ITEM_PROPERTY, "attribute", tell_attribute(i));
    }
}

/* ---- after a word that decides what follows ---- */

static void offer_sources(struct typing *typing)
{
    const struct node *site = typing->analysis->program->site;
    for (struct node *item = site ? site->site.items.first : NULL; item; item = item->next)
        if (item->kind == NODE_SITE_SOURCE) complete_declared(typing, item, site);
}

static void offer_signals(struct typing *typing)
{
    const struct node *site = typing->analysis->program->site;
    for (struct node *item = site ? site->site.items.first : NULL; item; item = item->next)
        if (item->kind == NODE_SITE_SIGNAL) complete_declared(typing, item, site);
}

/* Offers the labels to which code at the cursor can jump: those after the cursor, in the blocks around it. */
static void visit_labels(struct node *node, void *context)
{
    struct typing *typing = context;
    if (node->kind == NODE_LABELLED && node->span.begin >= typing->at) complete_declared(typing, node, NULL);
    if (complete_around(typing, node)) node_children(node, visit_labels, typing);
}

static void offer_type(struct typing *typing, const struct node *node)
{
    if (node->kind == NODE_RECORD || node->kind == NODE_ENUM) complete_declared(typing, node, NULL);
}

static void complete_types(struct typing *typing)
{
    static const char *const own[] = {"int",   "bool",   "str",    "duration", "time",  "percent",
                                      "value", "target", "list",   "map",      "skill", "group",
                                      "vq",    "queue",  "prompt", "agent",    "dn"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) complete_offer(typing, own[i], ITEM_KEYWORD, "type", NULL);
    complete_each(typing, offer_type);
}

/* ---- after a dot ---- */

/* Offers the measures that the objects have. Measures over a window need `windowed`. */
static void offer_measures(struct typing *typing, uint32_t objects, bool windowed)
{
    for (uint32_t i = 0; i < measure_count; i++) {
        const struct measure *measure = &measures[i];
        if (!(measure->objects & objects) || (measure->windowed && !windowed)) continue;
        const char *unit = measure->unit == LANG_INT ? "int" : measure->unit == LANG_DURATION ? "duration" : "percent";
        complete_offer(typing, measure->name, ITEM_PROPERTY, unit, measure->doc);
    }
}

/* Offers the questions about an object: the rows of questions.def whose names begin with the object's name. Other
 * rows are not members of the object. */
static void offer_asked(struct typing *typing, const struct type *type)
{
    static const struct {
        const char *argument, *name, *doc;
    } rows[] = {
#define QUESTION(name, number, of, argument, result, doc) {#argument, #name, doc},
#include "vm/questions.def"
    };
    size_t length = strlen(type->text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strncmp(rows[i].name, type->text, length) && rows[i].name[length] == '_')
            complete_offer(typing, rows[i].name + length + 1,
                           strcmp(rows[i].argument, "VOID") != 0 ? ITEM_METHOD : ITEM_PROPERTY, NULL, rows[i].doc);
    if (type->kind == LANG_AGENT || type->kind == LANG_TARGET)
        complete_offer(typing, "name", ITEM_PROPERTY, "str", NULL);
}

static void offer_members(struct typing *typing, const struct type *type)
{
    const struct type *bare = type_bare(type);
    bool sequence = bare->kind == LANG_LIST || bare->kind == LANG_MAP || bare->kind == LANG_STR;
    if (bare->kind == LANG_RECORD)
        for (uint32_t i = 0; i < bare->record->count; i++)
            complete_offer(typing, bare->record->fields[i].name, ITEM_FIELD, bare->record->fields[i].type->text, NULL);
    if (bare->kind == LANG_ERROR) {
        complete_offer(typing, "reason", ITEM_FIELD, "code", "by which exit the step failed");
        complete_offer(typing, "code", ITEM_FIELD, "str", "what `fail` said");
    }
    if (sequence) complete_offer(typing, "count", ITEM_PROPERTY, "int", "how many there are");
    if (bare->kind == LANG_LIST) {
        complete_offer(typing, "first", ITEM_PROPERTY, bare->of->text, NULL);
        complete_offer(typing, "last", ITEM_PROPERTY, bare->of->text, NULL);
    }
    if (bare->kind == LANG_LIST || bare->kind == LANG_MAP)
        complete_offer(typing, "get", ITEM_METHOD, "get(i)", "or none");
    if (bare->kind == LANG_LIST || bare->kind == LANG_STR)
        complete_offer(typing, "contains", ITEM_METHOD, "contains(x): bool", NULL);
    if (bare->kind == LANG_STR) {
        complete_offer(typing, "starts", ITEM_METHOD, "starts(s: str): bool", NULL);
        complete_offer(typing, "slice", ITEM_METHOD, "slice(from: int, to: int): str", NULL);
    }
    if (type_is_site_name(bare)) complete_offer(typing, "name", ITEM_PROPERTY, "str", NULL);
    offer_asked(typing, bare);
    offer_measures(typing, measure_object_bit(bare->kind), false);
}

static bool is_of_agents(const struct node *statistic)
{
    assert(statistic->kind == NODE_SITE_STATISTIC);
    EACH_NODE (kind, statistic->statistic.kinds)
        if (kind->type_kind.kind == KIND_AGENT) return true;
    return false;
}

static void offer_statistics(struct typing *typing, const struct node *site)
{
    for (struct node *item = site->kind == NODE_SITE ? site->site.items.first : NULL; item; item = item->next)
        if (item->kind == NODE_SITE_STATISTIC && is_of_agents(item)) complete_declared(typing, item, site);
}

/* Offers the members of `it`, the candidate of a selection. */
static void offer_of_it(struct typing *typing)
{
    complete_each(typing, offer_statistics);
    offer_measures(typing, MEASURED_AGENT, false);
    complete_offer(typing, "level", ITEM_METHOD, "level(skill): int", "the candidate's level of a skill");
}

/* A search for the type of a plain name at the cursor: that of the nearest declaration before it. */
struct seek {
    struct typing *typing;
    const char *name;
    const struct type *type;
};

static void visit_seek(struct node *node, void *context)
{
    struct seek *seek = context;
    struct word word = names_declared_by(node);
    bool reaches = node->kind != NODE_LET || node->span.end <= seek->typing->at;
    if (word.text && strcmp(word.text, seek->name) == 0 && reaches) {
        const struct naming *declared = names_declaration(&seek->typing->analysis->names, word.span);
        const struct type *type = declared ? tell_declared_type(declared) : NULL;
        if (type) seek->type = type;
    }
    bool open = node->kind != NODE_RECORD && node->kind != NODE_SITE_NAMES;
    if (open && (complete_around(seek->typing, node) || node->kind == NODE_SITE || node->kind == NODE_SITE_KEYS))
        node_children(node, visit_seek, seek);
    /* The types of the names of `for`, of `else e` and of handlers are found at the uses of these names. */
    if (node->kind == NODE_NAME && node->type && strcmp(node->name.name.text, seek->name) == 0 && !seek->type)
        seek->type = node->type;
}

static const struct type *type_named(struct typing *typing, const char *name)
{
    struct seek seek = {typing, name, NULL};
    EACH_NODE (file, typing->analysis->program->files) node_children(file, visit_seek, &seek);
    return seek.type;
}

static void offer_hours(struct typing *typing)
{
    static const char *const rows[][3] = {
        {"open", "open(at: time): bool", "whether it is open then, or now"},
        {"closed", "closed(at: time): bool", "whether it is closed then, or now"},
        {"opens", "opens(at: time): time?", "when it opens next; none within 400 days"},
        {"closes", "closes(at: time): time?", "when it closes next; none within 400 days"},
        {"add", "add(t: time, d: duration): time?", "when it has been open for so long since then"},
        {"between", "between(a: time, b: time): duration", "how long it is open between the two"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        complete_offer(typing, rows[i][0], ITEM_METHOD, rows[i][1], rows[i][2]);
}

/* Offers the members of a declared name: the questions to a schedule, the words of an enumeration. */
static void offer_of_declared(struct typing *typing, const char *name)
{
    EACH_NODE (file, typing->analysis->program->files)
        EACH_NODE (node, file->file.declarations) {
            if (node->kind == NODE_ENUM && strcmp(node->enumeration.name.text, name) == 0)
                EACH_NODE (label, node->enumeration.words)
                    complete_offer(typing, label->label.name.text, ITEM_PROPERTY, name, NULL);
            for (const struct node *item = node->kind == NODE_SITE ? node->site.items.first : NULL; item;
                 item = item->next)
                if (item->kind == NODE_SITE_SCHEDULE && strcmp(item->schedule.name.text, name) == 0)
                    offer_hours(typing);
        }
}

/* Offers what may follow `a.b?.` before the cursor: members of its type, or steps of that family. The fields of
 * records are followed from the first name on. A chain with an unknown type offers nothing, which is better than all
 * members of all types. */
static void offer_after_dot(struct typing *typing, const char *chain)
{
    char *rest = arena_copy(typing->arena, chain, strlen(chain));
    char *part = strtok_r(rest, "?.", &rest);
    const struct type *type = part ? type_named(typing, part) : NULL;
    if (part && !strchr(chain, '.')) {
        complete_steps(typing, part);
        offer_attributes_of(typing, part);
        offer_of_declared(typing, part);
    }
    if (strcmp(chain, "it") == 0) {
        offer_of_it(typing);
        return;
    }
    while (type && (part = strtok_r(NULL, "?.", &rest))) {
        const struct type_field *field = type_field(type_bare(type), part, NULL);
        type = field ? field->type : NULL;
    }
    if (type) offer_members(typing, type);
}

/* ---- the choice between these lists ---- */

static uint32_t measured_kind(enum name_kind kind)
{
#define MEASURED(name, number, word)                                                                                   \
    if (kind == KIND_##name) return number;
#include "vm/measured.def"
    return 0;
}

/* Is the cursor within the value of a statistic of the site? */
static bool in_statistic(const struct typing *typing)
{
    static const char word[] = "statistic";
    const char *text = typing->analysis->source->text;
    size_t at = typing->at - typing->analysis->source->base;
    bool equals = false;
    for (; at > 0 && !strchr(";{}", text[at - 1]); at--) equals = equals || text[at - 1] == '=';
    while (isspace((unsigned char)text[at])) at++;
    return equals && strncmp(text + at, word, sizeof word - 1) == 0;
}

/* ---- order for agents ---- */

static const char *const agents_orders[PREFER_ORDERS][2] = {
#define PREFER(id, number, word, first, doc) [number] = {word, doc},
#include "vm/prefer_orders.def"
};

static bool is_order_head(const char *text, size_t begin)
{
    static const char word[] = "order";
    while (isspace((unsigned char)text[begin])) begin++;
    return strncmp(text + begin, word, sizeof word - 1) == 0 && isspace((unsigned char)text[begin + sizeof word - 1]);
}

/* Offers what follows in the head of an order: `order for agents by rank`. */
static void offer_order_head(struct typing *typing, const struct typed_before *before)
{
    const char *word = before->word[0];
    if (complete_word_is(word, "order")) complete_offer(typing, "for", ITEM_KEYWORD, NULL, NULL);
    if (complete_word_is(word, "for"))
        complete_offer(typing, "agents", ITEM_KEYWORD, "order for agents",
                       "of a site: from which virtual queues agents take first; of a test, the name of a profile");
    if (complete_word_is(word, "agents")) complete_offer(typing, "by", ITEM_KEYWORD, NULL, NULL);
    for (unsigned i = 0; complete_word_is(word, "by") && i < PREFER_ORDERS; i++)
        complete_offer(typing, agents_orders[i][0], ITEM_VALUE, "order", agents_orders[i][1]);
}

/* Offers what belongs into an order for agents, where the cursor is in one: a rule of it has queues and what follows
 * them. False: the cursor is in no such order, or a name or a time is being typed. */
static bool offer_order(struct typing *typing, const struct typed_before *before)
{
    const char *text = typing->analysis->source->text;
    size_t begin = complete_item_begin(text, typing->at - typing->analysis->source->base), brace = begin;
    if (is_order_head(text, begin)) {
        offer_order_head(typing, before);
        return true;
    }
    while (brace > 0 && !strchr("{}", text[brace - 1])) brace--;
    if (brace == 0 || text[brace - 1] != '{' || !is_order_head(text, complete_item_begin(text, brace - 1)))
        return false;
    if (complete_word_is(before->word[0], "vq") || complete_word_is(before->word[0], "after")) return false;
    if (before->ends) {
        complete_offer(typing, "after", ITEM_KEYWORD, NULL, "how long somebody must have waited before");
        complete_offer(typing, "never", ITEM_KEYWORD, NULL, "these agents do not take from there");
        return true;
    }
    complete_offer(typing, "vq", ITEM_KEYWORD, NULL, NULL);
    complete_offer(typing, "others", ITEM_KEYWORD, NULL, "the virtual queues that no rule names");
    return true;
}

static void complete_value(struct typing *typing)
{
    static const char *const beginnings[] = {"skill", "group", "vq", "queue",  "prompt", "not", "none",
                                             "true",  "false", "it", "select", "query",  "wait"};
    node_children(typing->analysis->file, visit_scope, typing);
    complete_each(typing, offer_plain);
    offer_attributes(typing);
    complete_steps(typing, NULL);
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        complete_offer(typing, beginnings[i], ITEM_KEYWORD, NULL, NULL);
    complete_each(typing, offer_type);
}

/* ---- places that have words of their own ---- */

/* Offers the modules that an import can name: the library's, and the files beside this one. */
static void offer_modules(struct typing *typing)
{
    for (size_t i = 0; library_module(i); i++) complete_offer(typing, library_module(i), ITEM_CLASS, "library", NULL);
    const char *path = typing->analysis->source->path, *slash = strrchr(path, '/');
    const char *folder = slash ? arena_copy(typing->arena, path, (size_t)(slash - path) + 1) : ".";
    struct dirent **all = NULL;
    int count = inside_scan(folder, &all, NULL);
    for (int i = 0; i < count; i++) {
        const char *dot = strrchr(all[i]->d_name, '.');
        if (dot && strcmp(dot, ".gcx") == 0 && strcmp(all[i]->d_name, slash ? slash + 1 : path) != 0) {
            const char *name = arena_copy(typing->arena, all[i]->d_name, (size_t)(dot - all[i]->d_name));
            if (word_can_be_name(name) && strcmp(name, "site") != 0)
                complete_offer(typing, name, ITEM_CLASS, "file", NULL);
        }
        free(all[i]);
    }
    free(all);
}

/* Offers what can stand behind `on`: the media in the head of a strategy, in its body what a handler is for. */
static void offer_on(struct typing *typing, bool head)
{
    if (!head) {
        complete_offer(typing, "abandoned", ITEM_KEYWORD, "handler", "the caller has gone");
        complete_offer(typing, "error", ITEM_KEYWORD, "handler", "a step has failed that has no else");
        offer_signals(typing);
        return;
    }
    const struct node *site = typing->analysis->program->site;
    for (size_t i = 0; media_nth(i); i++) complete_offer(typing, media_nth(i), ITEM_VALUE, "medium", NULL);
    for (struct node *item = site ? site->site.items.first : NULL; item; item = item->next)
        if (item->kind == NODE_SITE_MEDIUM) complete_declared(typing, item, site);
}

/* Offers what a test can expect, the most frequent first, then the steps and the values. */
static void offer_expected(struct typing *typing, const char *word)
{
    complete_events(typing);
    if (strcmp(word, "expect") == 0) complete_offer(typing, "never", ITEM_KEYWORD, "expectation", NULL);
    complete_test_names(typing);
    complete_steps(typing, NULL);
    complete_value(typing);
}

struct offer_columns {
    struct typing *typing;
    const char *sql; /* the text of the SQL */
    size_t length;
    bool tables, named; /* tables: offers the tables; named: offers columns only of tables that the SQL names */
};

/* Does the text have the word? */
static bool sql_names(const struct offer_columns *offer, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= offer->length; i++)
        if (strncasecmp(offer->sql + i, word, length) == 0 && (i == 0 || !before_is_name_byte(offer->sql[i - 1])) &&
            (i + length == offer->length || !before_is_name_byte(offer->sql[i + length])))
            return true;
    return false;
}

static void visit_column(void *self, const char *table, const char *column, const char *type)
{
    struct offer_columns *offer = self;
    struct arena *arena = offer->typing->arena;
    if (!table || !column || !type) return;
    if (offer->tables)
        complete_offer(offer->typing, arena_copy(arena, table, strlen(table)), ITEM_STRUCT, "table", NULL);
    else if (!offer->named || sql_names(offer, table))
        complete_offer(offer->typing, arena_copy(arena, column, strlen(column)), ITEM_FIELD,
                       arena_printf(arena, "%s of %s", type, table), NULL);
}

static bool is_before_table(const char *word)
{
    static const char *const words[] = {"from", "join", "into", "update", "table"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(word, words[i]) == 0) return true;
    return false;
}

/* Offers the tables and columns of the source of which the SQL asks. */
static void offer_sql(struct typing *typing, const struct typed_before *before)
{
    static const char *const words[] = {
        "select", "from",        "where",  "and",    "or",  "order by",    "limit", "join",     "on",      "not",
        "null",   "insert into", "values", "update", "set", "delete from", "count", "distinct", "group by"};
    const char *text = typing->analysis->source->text;
    size_t item = complete_item_begin(text, before->sql_begin), at = item;
    char name[WORD_LENGTH] = "";
    for (; at + 6 < before->sql_begin; at++)
        if (strncmp(text + at, "query ", 6) == 0) {
            size_t length = 0;
            at += 6;
            while (length < sizeof name - 1 && before_is_name_byte(text[at + length])) length++;
            memcpy(name, text + at, length);
            name[length] = '\0';
        }
    size_t end = before->sql_begin + 1;
    while (text[end] != '\0' && text[end] != '`') end++;
    struct offer_columns offer = {typing, text + before->sql_begin + 1, end - before->sql_begin - 1,
                                  is_before_table(before->word[0]), true};
    for (const struct schema_entry *entry = typing->analysis->program->schemas; entry; entry = entry->next) {
        if (strcmp(entry->source, name) != 0) continue;
        sql_schema_columns(entry->schema, &offer, visit_column);
        if (offer.tables) return;
        offer.named = false;
        if (before->dot || strcasecmp(before->word[0], "select") == 0)
            sql_schema_columns(entry->schema, &offer, visit_column);
        offer.tables = !before->dot;
        if (offer.tables) sql_schema_columns(entry->schema, &offer, visit_column);
    }
    for (size_t i = 0; !before->dot && i < sizeof words / sizeof *words; i++)
        complete_offer(typing, words[i], ITEM_KEYWORD, "SQL", NULL);
}

/* Offers the words of a place that has its own; false: it has none. */
static bool offer_own(struct typing *typing, const struct typed_before *before)
{
    const char *word = before->word[0], *other = before->word[1];
    if (before->in_sql) {
        offer_sql(typing, before);
    } else if (before->dot || before->begins) {
        return false;
    } else if (complete_word_is(word, "import")) {
        offer_modules(typing);
    } else if (complete_word_is(word, "on")) {
        offer_on(typing, complete_item_is(complete_item(typing), "strategy"));
    } else if (complete_word_is(word, "expect") ||
               (complete_word_is(word, "never") && complete_word_is(other, "expect"))) {
        offer_expected(typing, word);
    } else if (complete_word_is(word, "to") &&
               (complete_word_is(other, "routed") || complete_word_is(other, "offered"))) {
        static const char *const kinds[] = {"queue", "agent", "group", "vq", "dn"};
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            complete_offer(typing, kinds[i], ITEM_KEYWORD, "kind", NULL);
    } else if (complete_word_is(word, "in") &&
               (complete_word_is(other, "connect") || complete_word_is(other, "select"))) {
        complete_offer(typing, "vq", ITEM_KEYWORD, "kind", NULL);
        return false;
    } else if (complete_word_is(word, "route")) {
        complete_offer(typing, "queue", ITEM_KEYWORD, "kind", NULL);
        return false;
    } else {
        return false;
    }
    return true;
}

static void offer_all(struct typing *typing, const struct typed_before *before)
{
    static const char *const forms[] = {"first", "all", "value", "exec"};
    const struct node *file = typing->analysis->file;
    enum name_kind kind;
    const char *word = before->word[0];
    if (complete_view(typing, before) || offer_own(typing, before) || offer_order(typing, before)) return;
    if (before->dot && complete_kind_named(word, &kind) && !strchr(before->chain, '.')) {
        offer_measures(typing, measured_kind(kind), false);
        complete_offer(typing, "name", ITEM_PROPERTY, "str", NULL);
        if (kind == KIND_DN)
            complete_offer(typing, "outside", ITEM_METHOD, "outside(number, table): dn?",
                           "the number, where a table of the site allows it");
    } else if (before->dot) {
        if (complete_kind_named(before->chain, &kind))
            complete_offer(typing, "named", ITEM_METHOD, "named(name: str)", "the one of that name, or none");
        offer_after_dot(typing, before->chain);
    } else if (complete_kind_named(word, &kind)) {
        complete_kind(typing, kind);
    } else if (complete_word_is(word, "goto")) {
        node_children(file, visit_labels, typing);
    } else if (complete_word_is(before->word[1], "wait") && complete_word_is(word, "for")) {
        offer_signals(typing);
    } else if (complete_word_is(word, "query")) {
        offer_sources(typing);
    } else if (complete_word_is(before->word[1], "query")) {
        for (size_t i = 0; i < 4; i++) complete_offer(typing, forms[i], ITEM_KEYWORD, NULL, NULL);
    } else if (complete_word_is(word, "by") || before->further_order) {
        for (uint32_t i = 0; i < order_row_count; i++)
            if (i != BY_share) complete_offer(typing, order_rows[i].word, ITEM_VALUE, "order", NULL);
    } else if (complete_places(typing, before)) {
        if (before->begins) {
            node_children(file, visit_scope, typing);
            complete_steps(typing, NULL);
            complete_each(typing, offer_plain);
            offer_attributes(typing);
        } else {
            if (before->colon) complete_types(typing);
            if (in_statistic(typing)) offer_measures(typing, UINT32_MAX, true);
            complete_value(typing);
        }
    }
}

static void offer_rule_word(void *self, const char *word, const char *what, const char *doc)
{
    complete_offer(self, word, ITEM_VALUE, what, doc);
}

void lsp_completion(struct server *server, const struct document *document, const json_t *params,
                    struct lsp_answer *answer)
{
    const struct analysis *analysis = document->analysis;
    struct typing typing = {.analysis = analysis,
                            .arena = analysis->arena,
                            .at = analysis_offset(analysis, json_object_get(params, "position")),
                            .items = json_array(),
                            .labels = json_object()};
    (void)server;
    if (typing.at && analysis->file) {
        size_t at = typing.at - analysis->source->base;
        struct typed_before before = before_read(analysis->source->text, at);
        if (!rule_words_offer(analysis, at, offer_rule_word, &typing) && !before.quiet) offer_all(&typing, &before);
        complete_sort(&typing);
    }
    json_decref(typing.labels);
    answer->result = json_pack("{sb so}", "isIncomplete", 0, "items", typing.items);
}
