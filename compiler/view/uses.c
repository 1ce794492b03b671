/* compiler/view/uses.c - The uses of a name: a search through all trees, with the nodes around each use.
 *
 * The search has a stack of the nodes around the current one: the nearest node that tells the purpose of a use (a
 * strategy, a handler, a test, a setting) is reported with it. Names are matched by their meaning where the checker
 * has found it, else by kind and text. */
#include "compiler/view/uses.h"

#include <assert.h>
#include <string.h>

#include "compiler/check/names.h"
#include "compiler/check/scope.h"
#include "compiler/language/types.h"

enum { AROUND_MAX = 1024 };

struct uses_search {
    struct program *program;
    const char *kind, *name;
    const struct node *around[AROUND_MAX]; /* the stack: from the declaration down to the current node */
    size_t depth;
    struct use *first, *last;
};

/* ---- declarations ---- */

struct declared declared_by(const struct node *node)
{
    static const char *const words[NODE_KINDS] = {
        [NODE_CONST] = "const",        [NODE_RECORD] = "record",          [NODE_ENUM] = "enum",
        [NODE_FUNCTION] = "function",  [NODE_NATIVE] = "function",        [NODE_STRATEGY] = "strategy",
        [NODE_SITE_SOURCE] = "source", [NODE_SITE_ENDPOINT] = "endpoint", [NODE_SITE_PARAMETER] = "parameter",
        [NODE_SITE_TABLE] = "table",   [NODE_SITE_SCHEDULE] = "schedule", [NODE_SITE_STATISTIC] = "statistic",
        [NODE_SITE_LATCH] = "latch",   [NODE_SITE_COUNTER] = "counter",   [NODE_SITE_CAPACITY] = "capacity",
        [NODE_SITE_SIGNAL] = "signal", [NODE_SITE_MEDIUM] = "medium",     [NODE_SITE_VIEW] = "view"};
    const char *word = words[node->kind];
    if (node->kind == NODE_SITE_VIRTUAL) word = ast_kind_word(node->site_virtual.kind);
    if (node->kind == NODE_FUNCTION && node->function.waits) word = "subroutine";
    return word ? (struct declared){word, names_declared_by(node)} : (struct declared){0};
}

static const char *const plain_kinds[] = {
    "const",    "record",    "enum",  "function", "subroutine", "key",    "source", "endpoint", "parameter", "table",
    "schedule", "statistic", "latch", "counter",  "capacity",   "signal", "medium", "view",     "word",      "field"};

bool uses_kind(const char *word)
{
    for (int i = 0; i < NAME_KINDS; i++)
        if (strcmp(ast_kind_word((enum name_kind)i), word) == 0) return true;
    for (size_t i = 0; i < sizeof plain_kinds / sizeof *plain_kinds; i++)
        if (strcmp(plain_kinds[i], word) == 0) return true;
    return false;
}

/* A search for the kind of a declaration named `name`. `want`: only a declaration of this kind counts; NULL: of any
 * kind. `found`: the kind of the declaration, or NULL. */
struct plain_search {
    const char *want, *name, *found;
    void (*tell)(void *self, const char *kind,
                 const char *name); /* called for every declaration; NULL: only `name` is searched */
    void *self;
};

static void uses_look(struct plain_search *looking, const char *kind, struct word name)
{
    if (!kind || !name.text) return;
    if (looking->tell) looking->tell(looking->self, kind, name.text);
    if (looking->tell || strcmp(name.text, looking->name) != 0) return;
    if (!looking->found && (!looking->want || strcmp(looking->want, kind) == 0)) looking->found = kind;
}

/* Is the field the one that is searched, as `tier` or `Customer.tier`? */
static bool asks_field(const char *asked, const char *record, const char *field)
{
    size_t length = strlen(record);
    if (strcmp(asked, field) == 0) return true;
    return strncmp(asked, record, length) == 0 && asked[length] == '.' && strcmp(asked + length + 1, field) == 0;
}

static void look_at_field(struct plain_search *looking, struct word record, struct word field)
{
    if (looking->tell)
        looking->tell(looking->self, "field", field.text);
    else if (record.text && field.text && asks_field(looking->name, record.text, field.text))
        looking->found = "field";
}

/* Searches the fields that the node declares, but only if fields are wanted: a name that some field also has mostly
 * means something else. */
static void look_at_fields(struct plain_search *looking, const struct node *node)
{
    if (!looking->tell && !(looking->want && strcmp(looking->want, "field") == 0)) return;
    if (node->kind == NODE_RECORD)
        EACH_NODE (field, node->record.fields) look_at_field(looking, node->record.name, field->field.name);
    if (node->kind == NODE_SITE_TABLE)
        EACH_NODE (column, node->table.columns) look_at_field(looking, node->table.name, column->column.name);
    if (node->kind == NODE_SITE_SIGNAL)
        EACH_NODE (param, node->signal.params) look_at_field(looking, node->signal.name, param->param.name);
}

static void uses_look_at(struct plain_search *looking, const struct node *node)
{
    const struct nodes *keys = node->kind == NODE_STRATEGY    ? &node->strategy.attached
                               : node->kind == NODE_SITE_KEYS ? &node->site_keys.fields
                                                              : NULL;
    struct declared declared = declared_by(node);
    uses_look(looking, declared.kind, declared.name);
    look_at_fields(looking, node);
    if (keys)
        EACH_NODE (field, *keys) uses_look(looking, "key", field->field.name);
    if (node->kind == NODE_ENUM)
        EACH_NODE (label, node->enumeration.words) uses_look(looking, "word", label->label.name);
    if (node->kind == NODE_SITE_NAMES)
        EACH_NODE (label, node->site_names.labels)
            uses_look(looking, ast_kind_word(node->site_names.kind), label->label.name);
}

static void look_at_all(struct plain_search *looking, const struct program *program)
{
    EACH_NODE (file, program->files)
        EACH_NODE (node, file->file.declarations) {
            uses_look_at(looking, node);
            if (node->kind == NODE_SITE)
                EACH_NODE (item, node->site.items) uses_look_at(looking, item);
        }
}

static const char *declared_kind(const struct program *program, const char *want, const char *name)
{
    struct plain_search looking = {.want = want, .name = name};
    look_at_all(&looking, program);
    return looking.found;
}

void uses_each(const struct program *program, void (*tell)(void *self, const char *kind, const char *name), void *self)
{
    look_at_all(&(struct plain_search){.tell = tell, .self = self}, program);
}

void uses_each_kind(void (*tell)(void *self, const char *kind, const char *name), void *self)
{
    for (int i = 0; i < NAME_KINDS; i++) tell(self, ast_kind_word((enum name_kind)i), "");
    for (size_t i = 0; i < sizeof plain_kinds / sizeof *plain_kinds; i++) tell(self, plain_kinds[i], "");
}

bool uses_declared(const struct program *program, const char *kind, const char *name)
{
    return declared_kind(program, kind, name) || (!kind && declared_kind(program, "field", name));
}

/* ---- the purpose of a use ---- */

static const char *kind_and_name(struct arena *arena, const struct node *node)
{
    struct declared declared = declared_by(node);
    return arena_printf(arena, "%s %s", declared.kind ? declared.kind : node_words(node->kind),
                        declared.name.text ? declared.name.text : "");
}

/* Returns "strategy enterprise", "strategy enterprise, on abandoned", "test \"...\"", "site". */
static const char *inside_of(const struct uses_search *s)
{
    assert(s->depth > 0);
    struct arena *arena = s->program->arena;
    const struct node *top = s->around[0];
    if (top->kind == NODE_TEST) return arena_printf(arena, "test \"%s\"", top->test.title.bytes);
    if (top->kind == NODE_SITE) return "site";
    const char *text = kind_and_name(arena, top);
    for (size_t i = 1; i < s->depth; i++)
        if (s->around[i]->kind == NODE_HANDLER) {
            const char *signal = s->around[i]->handler.signal.text;
            text = arena_printf(arena, "%s, on %s%s%s", text, s->around[i]->handler.event.text, signal ? " " : "",
                                signal ? signal : "");
        }
    return text;
}

/* The kinds of nodes whose own words tell the purpose of a use. */
static const bool told_by_words[NODE_KINDS] = {[NODE_ATTACH] = true,
                                               [NODE_ASSIGN] = true,
                                               [NODE_IF] = true,
                                               [NODE_WHILE] = true,
                                               [NODE_FOR] = true,
                                               [NODE_REPEAT] = true,
                                               [NODE_SEGMENT] = true,
                                               [NODE_ARM] = true,
                                               [NODE_SPLIT] = true,
                                               [NODE_SPLIT_ARM] = true,
                                               [NODE_COUNT] = true,
                                               [NODE_EXCLUDE] = true,
                                               [NODE_FAIL] = true,
                                               [NODE_RETURN] = true,
                                               [NODE_SWITCH] = true,
                                               [NODE_OTHERWISE] = true,
                                               [NODE_WAIT] = true,
                                               [NODE_DELAY] = true,
                                               [NODE_ROUTE] = true,
                                               [NODE_STOP] = true,
                                               [NODE_REJECT] = true,
                                               [NODE_HANDLER] = true,
                                               [NODE_TEST_SET] = true,
                                               [NODE_TEST_ANSWER] = true,
                                               [NODE_TEST_EXPECT] = true,
                                               [NODE_TEST_PARAMETER] = true,
                                               [NODE_TEST_STATISTIC] = true,
                                               [NODE_TEST_TABLE] = true,
                                               [NODE_TEST_SIGNAL] = true};

/* Returns the words by which this node tells the purpose of a use within it; NULL: the node does not tell it. */
static const char *purpose_in(struct arena *arena, const struct node *node)
{
    const char *step;
    switch (node->kind) {
    case NODE_CALL:
        step = node_dotted(arena, node->call.callee);
        return step ? step : "call";
    case NODE_QUERY:
        return arena_printf(arena, "query %s", node->query.form.text);
    case NODE_SELECT:
        return node->select.connects ? "connect" : "select";
    case NODE_TEST_HAPPENING:
        return node->test_happening.verb.text;
    case NODE_DO:
        return "call";
    case NODE_LINE:
        return "line of a selection";
    case NODE_CLAUSE:
        return ast_clause_word((enum clause)node->clause.which);
    case NODE_LET:
        return arena_printf(arena, "let %s", node->let.name.text);
    case NODE_FIELD:
        return arena_printf(arena, "type of %s", node->field.name.text);
    case NODE_PARAM:
        return arena_printf(arena, "parameter %s", node->param.name.text);
    case NODE_SITE_DEFAULT:
        return arena_printf(arena, "default %s", node->site_default.name.text);
    default:
        if (told_by_words[node->kind]) return node_words(node->kind);
        return declared_by(node).kind ? kind_and_name(arena, node) : NULL;
    }
}

/* `at`: the node with the name; for a called name the search begins outside of its call. Searches outward from the
 * use to the nearest node that tells a purpose: not an argument, but the call around it. */
static const char *purpose_of(const struct uses_search *s, const struct node *at)
{
    const struct node *below = at;
    for (size_t i = s->depth; i-- > 0; below = s->around[i]) {
        const struct node *node = s->around[i];
        if (node->kind == NODE_CALL && node->call.callee == below) continue;
        bool itself = node == at && node->kind != NODE_QUERY && node->kind != NODE_HANDLER;
        const char *purpose = itself ? NULL : purpose_in(s->program->arena, node);
        if (purpose) return purpose;
    }
    return node_words(at->kind);
}

/* ---- uses ---- */

/* Adds a use at the end of the list: uses are found in the order of the texts. */
static void found_as(struct uses_search *s, const struct node *node, struct source_span where, const char *kind,
                     const char *name)
{
    if (!kind || (s->kind && strcmp(s->kind, kind) != 0)) return;
    struct use *use = ARENA_NEW(s->program->arena, struct use);
    *use = (struct use){where, kind, name, inside_of(s), purpose_of(s, node), NULL};
    if (s->last)
        s->last->next = use;
    else
        s->first = use;
    s->last = use;
}

static void uses_found(struct uses_search *s, const struct node *node, struct source_span where, const char *kind)
{
    found_as(s, node, where, kind, s->name);
}

/* Adds a use where the word is the name that is searched; the word can only mean a declaration of `kind`. */
static void uses_word(struct uses_search *s, const struct node *node, struct word word, const char *kind)
{
    if (word.text && strcmp(word.text, s->name) == 0) uses_found(s, node, word.span, kind);
}

/* Adds the uses in a word of an enum, gold or Tier.gold: one of the word, and one of its enum. */
static void enum_word(struct uses_search *s, const struct node *node)
{
    const struct type *type = node->type ? type_bare(node->type) : NULL;
    if (!type || type->kind != LANG_ENUM) return;
    bool medium = strcmp(type->enumeration->name, "media") == 0 && declared_kind(s->program, "medium", s->name);
    if (strcmp(node->name.name.text, s->name) == 0)
        uses_found(s, node, node->name.name.span, medium ? "medium" : "word");
    if (strcmp(type->enumeration->name, s->name) == 0) uses_found(s, node, node->span, "enum");
}

/* Adds the use of a plain name: of what it means here, or else of any declaration of that name. The meaning found by
 * the checker comes first, then declarations of that name. A local variable hides a name of the site, and is no use
 * of that name. */
static void uses_plain(struct uses_search *s, const struct node *node)
{
    assert(node->kind == NODE_NAME);
    const struct word *word = &node->name.name;
    const struct symbol *symbol = node->meaning;
    if (symbol && symbol->kind == SYMBOL_WORD) enum_word(s, node);
    if (strcmp(word->text, s->name) != 0) return;
    if (symbol && (symbol->kind == SYMBOL_LOCAL || symbol->kind == SYMBOL_WORD || symbol->kind == SYMBOL_ATTRIBUTE))
        return;
    const char *want = symbol && symbol->kind == SYMBOL_KEY ? "key" : s->kind;
    if (want && s->kind && strcmp(want, s->kind) != 0) return;
    const char *kind = declared_kind(s->program, want, s->name);
    for (int i = 0; kind && i < NAME_KINDS; i++) /* names of these kinds are never plain names, except strategies */
        if (i != KIND_STRATEGY && strcmp(ast_kind_word((enum name_kind)i), kind) == 0)
            kind = want ? NULL : declared_kind(s->program, "medium", s->name);
    uses_found(s, node, word->span, kind);
}

static const struct type *key_in(const struct nodes *keys, const char *name)
{
    EACH_NODE (field, *keys)
        if (strcmp(field->field.name.text, name) == 0) return field->field.type->type;
    return NULL;
}

/* The first declaration of the key counts, whether a strategy's or the site's. */
static const struct type *key_type(const struct program *program, const char *name)
{
    const struct type *type = NULL;
    EACH_NODE (file, program->files)
        EACH_NODE (node, file->file.declarations) {
            if (!type && node->kind == NODE_STRATEGY) type = key_in(&node->strategy.attached, name);
            if (type || node->kind != NODE_SITE) continue;
            EACH_NODE (item, node->site.items)
                if (!type && item->kind == NODE_SITE_KEYS) type = key_in(&item->site_keys.fields, name);
        }
    return type;
}

/* Returns the record of which the node is a value, or NULL. Nodes of a test have no types: a name there is that of a
 * key. */
static const struct record *uses_record(const struct uses_search *s, const struct node *node)
{
    const struct type *type = node->type;
    if (!type && s->around[0]->kind == NODE_TEST && node->kind == NODE_NAME)
        type = key_type(s->program, node->name.name.text);
    if (!type && node->kind == NODE_MEMBER) {
        const struct record *outer = uses_record(s, node->member.object);
        for (uint32_t i = 0; outer && i < outer->count; i++)
            if (strcmp(outer->fields[i].name, node->member.name.text) == 0) type = outer->fields[i].type;
    }
    return type && type_bare(type)->kind == LANG_RECORD ? type_bare(type)->record : NULL;
}

/* Customer(tier: gold) */
static const char *made_by(const struct uses_search *s, const struct node *call)
{
    if (call->kind != NODE_CALL || call->call.callee->kind != NODE_NAME) return NULL;
    const char *name = call->call.callee->name.name.text;
    return declared_kind(s->program, "record", name) ? name : NULL;
}

/* Adds a use of a field, with its record's name: of the record that the call `of` makes, or that the value `of` has. */
static void uses_field(struct uses_search *s, const struct node *node, const struct node *of, struct word field)
{
    const char *point = strrchr(s->name, '.');
    if (!field.text || strcmp(point ? point + 1 : s->name, field.text) != 0) return;
    const struct record *is = node->kind == NODE_ARG ? NULL : uses_record(s, of);
    const char *record = node->kind == NODE_ARG ? made_by(s, of) : is ? is->name : NULL;
    if (record && asks_field(s->name, record, field.text))
        found_as(s, node, field.span, "field", arena_printf(s->program->arena, "%s.%s", record, field.text));
}

/* Adds the uses of fields by a query whose rows are a record's: the query fills all fields of the record, by the
 * names of its columns. */
static void filled_by(struct uses_search *s, const struct node *query)
{
    assert(query->kind == NODE_QUERY);
    const char *point = strrchr(s->name, '.'), *field = point ? point + 1 : s->name;
    const struct type *type = query->query.type ? query->query.type->type : NULL;
    const struct record *record = type && type_bare(type)->kind == LANG_RECORD ? type_bare(type)->record : NULL;
    for (uint32_t i = 0; record && i < record->count; i++)
        if (!strcmp(record->fields[i].name, field) && asks_field(s->name, record->name, field))
            found_as(s, query, query->query.type->span, "field",
                     arena_printf(s->program->arena, "%s.%s", record->name, field));
}

/* Adds the names in an arrival: call s(tier: "x") sets the strategy's parameters, ... with (account: "1") attaches. */
static bool attached_by(const struct uses_search *s, const struct node *with)
{
    assert(s->depth <= AROUND_MAX);
    const struct node *arrival = s->depth > 2 ? s->around[s->depth - 3] : NULL;
    return arrival && arrival->kind == NODE_TEST_HAPPENING && arrival->test_happening.parts.first &&
           arrival->test_happening.parts.first->next != with;
}

/* Adds the uses in each kind of node that can contain a name: the word that is a name, and the kind of its
 * declaration. */
static void uses_refers(struct uses_search *s, const struct node *node)
{
    switch (node->kind) {
    case NODE_NAME:
        uses_plain(s, node);
        break;
    case NODE_KIND_NAME:
        uses_word(s, node, node->kind_name.name, ast_kind_word(node->kind_name.kind));
        break;
    case NODE_TYPE_NAME:
        uses_word(s, node, node->type_name.name, declared_kind(s->program, "enum", s->name) ? "enum" : "record");
        break;
    case NODE_QUERY:
        uses_word(s, node, node->query.source, "source");
        filled_by(s, node);
        break;
    case NODE_MEMBER:
        if (node->member.object->kind == NODE_NAME && strcmp(node->member.object->name.name.text, "http") == 0)
            uses_word(s, node, node->member.name, "endpoint");
        if (node->member.object->kind == NODE_IT && declared_kind(s->program, "statistic", s->name))
            uses_word(s, node, node->member.name, "statistic"); /* it.occupancy */
        uses_field(s, node, node->member.object, node->member.name);
        break;
    case NODE_WAIT:
        uses_word(s, node, node->wait.signal, "signal");
        break;
    case NODE_HANDLER:
        uses_word(s, node, node->handler.signal, "signal");
        break;
    case NODE_CAPACITY_RULE:
        uses_word(s, node, node->capacity_rule.medium, "medium");
        uses_word(s, node, node->capacity_rule.other, "medium");
        break;
    case NODE_TEST_HAPPENING:
        if (declared_kind(s->program, "medium", s->name)) uses_word(s, node, node->test_happening.verb, "medium");
        break;
    case NODE_TEST_QUERY:
        uses_word(s, node, node->test_query.source, "source");
        break;
    case NODE_TEST_SET:
        uses_word(s, node, node->test_set.name, ast_kind_word(node->test_set.kind));
        break;
    case NODE_TEST_PARAMETER:
        uses_word(s, node, node->test_parameter.name, "parameter");
        break;
    case NODE_TEST_STATISTIC:
        uses_word(s, node, node->test_statistic.name, "statistic");
        break;
    case NODE_TEST_TABLE:
        uses_word(s, node, node->test_table.name, "table");
        break;
    case NODE_TEST_SIGNAL:
        uses_word(s, node, node->test_signal.name, "signal");
        break;
    case NODE_TEST_CAPACITY:
        uses_word(s, node, node->test_capacity.name, "capacity");
        break;
    case NODE_ARG:
        if (s->depth > 1 && s->around[s->depth - 2]->kind == NODE_TEST_SET)
            uses_word(s, node, node->arg.name, "skill"); /* skills of a test's agent: marie (French: 9) */
        if (s->depth > 1 && s->around[s->depth - 2]->kind == NODE_TEST_WITH && attached_by(s, s->around[s->depth - 2]))
            uses_word(s, node, node->arg.name, "key");
        if (s->depth > 1) uses_field(s, node, s->around[s->depth - 2], node->arg.name);
        break;
    default:
        break;
    }
}

static void uses_visit(struct node *node, void *context)
{
    struct uses_search *s = context;
    if (s->depth == AROUND_MAX) return; /* the stack is large enough: the parser's limit is far below */
    s->around[s->depth++] = node;
    uses_refers(s, node);
    node_children(node, uses_visit, s);
    s->depth--;
}

const struct use *uses_find(struct program *program, const char *kind, const char *name)
{
    struct uses_search *s = ARENA_NEW(program->arena, struct uses_search);
    s->program = program;
    s->kind = kind;
    s->name = name;
    EACH_NODE (file, program->files)
        EACH_NODE (node, file->file.declarations) {
            if (node->kind == NODE_IMPORT) continue;
            uses_visit(node, s);
        }
    return s->first;
}
