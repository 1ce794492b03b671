/* compiler/check/names.c - Two passes over the tree: the first finds all declarations, the second all uses of names.
 *
 *     const limit = 5;                                              limit: declared
 *     strategy s on voice { priority = limit; route queue desk; }   s: declared, priority: written, the rest: read
 *
 * The first pass notes the declarations that are visible in all files and sorts them by space and name. The second
 * pass visits each node: a name to which the checker gave a meaning points to the symbol's declaration, any other
 * name is looked up by its spelling. At last the rows are sorted by their place, so that the word under a cursor is
 * found by binary search.
 *
 * The rows answer an editor's questions without the checker: where is a name declared, where else is it used, which
 * names differ between two versions (lsp/analysis.h, view/renamed.c). The rows are made of programs with errors,
 * too. A name that the checker could not give a meaning is then found by its spelling alone, which is a guess that
 * is mostly right. */
#include "compiler/check/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/check/typed.h"

/* clang-format off */
enum { /* the spaces of names visible in all files; the kinds of the site's names follow */
    WITH_PLAIN, WITH_TYPE, WITH_SOURCE, WITH_ENDPOINT, WITH_KEY, WITH_KIND
};
/* clang-format on */

struct known_name {
    int space;
    const char *name; /* interned: equal names have the same pointer */
    struct source_span declared;
    const struct node *node;
};

struct indexing {
    struct program *program;
    struct known_name *known;
    size_t known_count, known_room;
    struct naming *all;
    size_t count, room;
    const struct node *holder; /* the parent of the visited node */
    const struct node *test;   /* the test that contains the visited node, or NULL */
};

/* For each kind of node the offset of the name that the node declares; 0: it declares none. */
static const uint16_t declared_at[NODE_KINDS] = {[NODE_CONST] = offsetof(struct node, constant.name),
                                                 [NODE_RECORD] = offsetof(struct node, record.name),
                                                 [NODE_ENUM] = offsetof(struct node, enumeration.name),
                                                 [NODE_FIELD] = offsetof(struct node, field.name),
                                                 [NODE_FUNCTION] = offsetof(struct node, function.name),
                                                 [NODE_PARAM] = offsetof(struct node, param.name),
                                                 [NODE_NATIVE] = offsetof(struct node, native.name),
                                                 [NODE_STRATEGY] = offsetof(struct node, strategy.name),
                                                 [NODE_HANDLER] = offsetof(struct node, handler.binding),
                                                 [NODE_LABEL] = offsetof(struct node, label.name),
                                                 [NODE_SITE_VIRTUAL] = offsetof(struct node, site_virtual.name),
                                                 [NODE_SITE_SOURCE] = offsetof(struct node, site_source.name),
                                                 [NODE_SITE_ENDPOINT] = offsetof(struct node, endpoint.name),
                                                 [NODE_SITE_PARAMETER] = offsetof(struct node, parameter.name),
                                                 [NODE_SITE_TABLE] = offsetof(struct node, table.name),
                                                 [NODE_COLUMN] = offsetof(struct node, column.name),
                                                 [NODE_SITE_SCHEDULE] = offsetof(struct node, schedule.name),
                                                 [NODE_SITE_STATISTIC] = offsetof(struct node, statistic.name),
                                                 [NODE_SITE_LATCH] = offsetof(struct node, latch.name),
                                                 [NODE_SITE_COUNTER] = offsetof(struct node, counter.name),
                                                 [NODE_SITE_CAPACITY] = offsetof(struct node, capacity.name),
                                                 [NODE_SITE_VIEW] = offsetof(struct node, site_view.name),
                                                 [NODE_SITE_MEDIUM] = offsetof(struct node, site_medium.name),
                                                 [NODE_SITE_SIGNAL] = offsetof(struct node, signal.name),
                                                 [NODE_LABELLED] = offsetof(struct node, labelled.name),
                                                 [NODE_LET] = offsetof(struct node, let.name),
                                                 [NODE_OTHERWISE] = offsetof(struct node, otherwise.binding),
                                                 [NODE_RACE_ARM] = offsetof(struct node, race_arm.name),
                                                 [NODE_TEST_HAPPENING] = offsetof(struct node, test_happening.as)};

struct word names_declared_by(const struct node *node)
{
    uint16_t at = declared_at[node->kind];
    return at == 0 ? (struct word){0} : *(const struct word *)((const char *)node + at);
}

/* ---- declarations visible in all files ---- */

static void naming_know(struct indexing *in, int space, const struct node *node)
{
    struct word word = names_declared_by(node);
    if (!word.text) return;
    if (in->known_count == in->known_room) {
        size_t room = in->known_room ? 2 * in->known_room : 64, size = sizeof *in->known;
        in->known = arena_grow(in->program->arena, in->known, in->known_count * size, room * size);
        in->known_room = room;
    }
    in->known[in->known_count++] = (struct known_name){space, word.text, word.span, node};
}

static void know_site(struct indexing *in, const struct node *site)
{
    assert(site->kind == NODE_SITE);
    EACH_NODE (item, site->site.items) {
        if (item->kind == NODE_SITE_NAMES)
            EACH_NODE (label, item->site_names.labels) naming_know(in, WITH_KIND + (int)item->site_names.kind, label);
        else if (item->kind == NODE_SITE_VIRTUAL)
            naming_know(in, WITH_KIND + (int)item->site_virtual.kind, item);
        else if (item->kind == NODE_SITE_SOURCE)
            naming_know(in, WITH_SOURCE, item);
        else if (item->kind == NODE_SITE_ENDPOINT)
            naming_know(in, WITH_ENDPOINT, item);
        else if (item->kind == NODE_SITE_KEYS)
            EACH_NODE (field, item->site_keys.fields) naming_know(in, WITH_KEY, field);
        else if (item->kind != NODE_SITE_DEFAULT)
            naming_know(in, WITH_PLAIN, item);
    }
}

static void know_file(struct indexing *in, const struct node *file)
{
    assert(file->kind == NODE_FILE);
    EACH_NODE (node, file->file.declarations) {
        if (node->kind == NODE_SITE)
            know_site(in, node);
        else
            naming_know(in, node->kind == NODE_RECORD || node->kind == NODE_ENUM ? WITH_TYPE : WITH_PLAIN, node);
        if (node->kind == NODE_STRATEGY)
            EACH_NODE (field, node->strategy.attached) naming_know(in, WITH_KEY, field);
    }
}

/* Compares two names for sorting: names are interned, so equal names have one pointer, and the order of the pointers
 * is good enough for a binary search. */
static int compare_known(const void *a, const void *b)
{
    const struct known_name *left = a, *right = b;
    if (left->space != right->space) return left->space < right->space ? -1 : 1;
    if (left->name != right->name) return (uintptr_t)left->name < (uintptr_t)right->name ? -1 : 1;
    return left->declared.begin < right->declared.begin ? -1 : left->declared.begin > right->declared.begin;
}

/* Returns the first declaration of the name; NULL where there is none. */
static const struct known_name *naming_find(const struct indexing *in, int space, const char *name)
{
    size_t low = 0, high = in->known_count;
    struct known_name wanted = {.space = space, .name = name};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_known(&in->known[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is = low < in->known_count && in->known[low].space == space && in->known[low].name == name;
    return is ? &in->known[low] : NULL;
}

/* ---- uses of names ---- */

static void naming_add(struct indexing *in, struct naming naming)
{
    if (!naming.name || !naming.at.begin || naming.at.end == naming.at.begin) return;
    if (in->count == in->room) {
        size_t room = in->room ? 2 * in->room : 256, size = sizeof *in->all;
        in->all = arena_grow(in->program->arena, in->all, in->count * size, room * size);
        in->room = room;
    }
    naming.holder = in->holder;
    in->all[in->count++] = naming;
}

static void add_known(struct indexing *in, const struct node *node, struct word word, int space)
{
    const struct known_name *known = word.text ? naming_find(in, space, word.text) : NULL;
    if (known) naming_add(in, (struct naming){word.span, known->declared, NAME_READ, word.text, node, NULL, NULL});
}

static void add_symbol(struct indexing *in, const struct node *node, struct word word, const struct symbol *symbol)
{
    naming_add(in, (struct naming){word.span, symbol->where, NAME_READ, word.text, node, NULL, symbol});
}

/* Returns the node within a test that declares the name: a name of the test itself or of an arrival in it. */
static const struct node *named_by_test(const struct node *test, const char *name)
{
    assert(test->kind == NODE_TEST);
    EACH_NODE (label, test->test.names)
        if (label->label.name.text == name) return label;
    EACH_NODE (item, test->test.items)
        for (const struct node *at = item; at; at = at->kind == NODE_TEST_AFTER ? at->test_after.item : NULL)
            if (at->kind == NODE_TEST_HAPPENING && at->test_happening.as.text == name) return at;
    return NULL;
}

/* Adds a plain word to which the checker gave no meaning. */
static void add_plain(struct indexing *in, const struct node *node, struct word word)
{
    const struct node *own = in->test && word.text ? named_by_test(in->test, word.text) : NULL;
    if (own) {
        naming_add(in, (struct naming){word.span, names_declared_by(own).span, NAME_READ, word.text, node, NULL, NULL});
        return;
    }
    size_t before = in->count;
    add_known(in, node, word, WITH_PLAIN);
    if (in->test && in->count == before) add_known(in, node, word, WITH_KEY);
}

static const struct node *naming_field(struct nodes fields, const char *name)
{
    EACH_NODE (field, fields)
        if (names_declared_by(field).text == name) return field;
    return NULL;
}

static void naming_add_field(struct indexing *in, const struct node *node, struct word word, struct nodes fields)
{
    const struct node *field = word.text ? naming_field(fields, word.text) : NULL;
    if (field)
        naming_add(in,
                   (struct naming){word.span, names_declared_by(field).span, NAME_READ, word.text, node, NULL, NULL});
}

/* Adds a member: fields of a table's row, of a record and of a signal are declared by three kinds of nodes, and the
 * name of the type's record tells which kind it is. */
static void add_member(struct indexing *in, const struct node *node)
{
    assert(node->kind == NODE_MEMBER);
    const struct node *object = node->member.object;
    if (object->kind == NODE_NAME && !object->meaning && !strcmp(object->name.name.text, "http")) {
        add_known(in, node, node->member.name, WITH_ENDPOINT);
        return;
    }
    const struct type *type = node->member.object->type;
    if (node->member.object->kind == NODE_IT) { /* it.occupancy: the site's statistic */
        const struct known_name *known =
            node->member.name.text ? naming_find(in, WITH_PLAIN, node->member.name.text) : NULL;
        if (known && known->node->kind == NODE_SITE_STATISTIC) add_known(in, node, node->member.name, WITH_PLAIN);
        return;
    }
    type = type ? type_bare(type) : NULL;
    if (!type || type->kind != LANG_RECORD) return;
    const struct known_name *record = naming_find(in, WITH_TYPE, type->record->name),
                            *plain = naming_find(in, WITH_PLAIN, type->record->name);
    if (record && record->node->kind == NODE_RECORD)
        naming_add_field(in, node, node->member.name, record->node->record.fields);
    else if (plain && plain->node->kind == NODE_SITE_TABLE) /* the record is that of a table's rows, */
        naming_add_field(in, node, node->member.name, plain->node->table.columns);
    /* or of a signal's values: this record has the name of the table or signal */
    else if (plain && plain->node->kind == NODE_SITE_SIGNAL)
        naming_add_field(in, node, node->member.name, plain->node->signal.params);
}

/* Adds a word of an enumeration, perhaps written after the enumeration's name: Tier.gold. */
static void add_enum_word(struct indexing *in, const struct node *node, const struct enumeration *of)
{
    assert(node->kind == NODE_NAME);
    const struct known_name *known = naming_find(in, WITH_TYPE, of->name);
    struct word word = node->name.name;
    if (!known || known->node->kind != NODE_ENUM) return;
    uint32_t begin = node->span.begin, end = begin + (uint32_t)strlen(of->name);
    if (end < word.span.begin)
        naming_add(in, (struct naming){{begin, end}, known->declared, NAME_READ, of->name, known->node, NULL, NULL});
    EACH_NODE (label, known->node->enumeration.words)
        if (!strcmp(label->label.name.text, word.text))
            naming_add(in, (struct naming){word.span, label->label.name.span, NAME_READ, word.text, node, NULL,
                                           node->meaning});
}

/* Adds arguments by name, which use the names of fields or parameters. */
static void add_arguments(struct indexing *in, struct nodes arguments, struct nodes named)
{
    EACH_NODE (argument, arguments)
        if (argument->kind == NODE_ARG) naming_add_field(in, argument, argument->arg.name, named);
}

/* Adds the arguments of http.parcel(number: n); add_member() adds the endpoint's name. */
static void add_endpoint_call(struct indexing *in, const struct node *call)
{
    assert(call->kind == NODE_CALL);
    const struct node *callee = call->call.callee, *object = callee->member.object;
    if (object->kind != NODE_NAME || object->meaning || strcmp(object->name.name.text, "http") != 0) return;
    const struct known_name *endpoint =
        callee->member.name.text ? naming_find(in, WITH_ENDPOINT, callee->member.name.text) : NULL;
    if (endpoint) add_arguments(in, call->call.arguments, endpoint->node->endpoint.params);
}

static void naming_add_call(struct indexing *in, const struct node *call)
{
    assert(call->kind == NODE_CALL);
    const struct node *callee = call->call.callee;
    if (callee->kind == NODE_MEMBER) add_endpoint_call(in, call);
    if (callee->kind != NODE_NAME || callee->meaning) return;
    struct word word = callee->name.name;
    const struct known_name *known = naming_find(in, WITH_TYPE, word.text);
    if (!known) known = naming_find(in, WITH_PLAIN, word.text);
    if (!known) return;
    naming_add(in, (struct naming){word.span, known->declared, NAME_READ, word.text, callee, NULL, NULL});
    const struct nodes *named = known->node->kind == NODE_RECORD     ? &known->node->record.fields
                                : known->node->kind == NODE_FUNCTION ? &known->node->function.params
                                : known->node->kind == NODE_NATIVE   ? &known->node->native.params
                                : known->node->kind == NODE_STRATEGY ? &known->node->strategy.params
                                                                     : NULL;
    if (named) add_arguments(in, call->call.arguments, *named);
}

/* Adds the names in an arrival of a test: call s(tier: "x") uses the strategy's parameters, ... with (account: "1")
 * attaches. */
static void add_arrival(struct indexing *in, const struct node *arrival)
{
    assert(arrival->kind == NODE_TEST_HAPPENING);
    const struct node *name = arrival->test_happening.parts.first;
    if (!name || name->kind != NODE_NAME) return;
    const struct known_name *strategy = naming_find(in, WITH_PLAIN, name->name.name.text);
    for (const struct node *part = name->next; part; part = part->next) {
        if (part->kind != NODE_TEST_WITH) continue;
        if (part != name->next)
            EACH_NODE (argument, part->test_with.arguments) add_known(in, argument, argument->arg.name, WITH_KEY);
        else if (strategy && strategy->node->kind == NODE_STRATEGY)
            add_arguments(in, part->test_with.arguments, strategy->node->strategy.params);
    }
}

static void add_test_signal(struct indexing *in, const struct node *node)
{
    assert(node->kind == NODE_TEST_SIGNAL);
    struct word name = node->test_signal.name;
    const struct known_name *signal = name.text ? naming_find(in, WITH_PLAIN, name.text) : NULL;
    add_plain(in, node, name);
    if (signal && signal->node->kind == NODE_SITE_SIGNAL)
        add_arguments(in, node->test_signal.arguments, signal->node->signal.params);
}

/* Adds the names in nodes that only tests have. */
static void add_test_use(struct indexing *in, const struct node *node)
{
    switch (node->kind) {
    case NODE_TEST_QUERY:
        add_known(in, node, node->test_query.source, WITH_SOURCE);
        break;
    case NODE_TEST_SET:
        add_known(in, node, node->test_set.name, WITH_KIND + (int)node->test_set.kind);
        EACH_NODE (level, node->test_set.arguments)
            if (level->kind == NODE_ARG) add_known(in, level, level->arg.name, WITH_KIND + KIND_SKILL);
        break;
    case NODE_TEST_EXPECT:
        add_plain(in, node, node->test_expect.of);
        break;
    case NODE_TEST_PARAMETER:
        add_plain(in, node, node->test_parameter.name);
        break;
    case NODE_TEST_STATISTIC:
        add_plain(in, node, node->test_statistic.name);
        break;
    case NODE_TEST_TABLE:
        add_plain(in, node, node->test_table.name);
        break;
    case NODE_TEST_SIGNAL:
        add_test_signal(in, node);
        break;
    case NODE_TEST_HAPPENING:
        add_arrival(in, node);
        break;
    case NODE_TEST_CAPACITY:
        add_plain(in, node, node->test_capacity.name);
        break;
    default:
        break;
    }
}

static void naming_add_use(struct indexing *in, const struct node *node)
{
    switch (node->kind) {
    case NODE_NAME:
        if (in->holder->kind == NODE_CALL && in->holder->call.callee == node && !node->meaning)
            break; /* naming_add_call() */
        if (in->holder->kind == NODE_IMPORT) break;
        if (node->meaning && ((const struct symbol *)node->meaning)->kind == SYMBOL_WORD && node->type &&
            type_bare(node->type)->kind == LANG_ENUM)
            add_enum_word(in, node, type_bare(node->type)->enumeration);
        else if (node->meaning)
            add_symbol(in, node, node->name.name, node->meaning);
        else
            add_plain(in, node, node->name.name);
        break;
    case NODE_KIND_NAME:
        if (node->meaning)
            add_symbol(in, node, node->kind_name.name, node->meaning);
        else
            add_known(in, node, node->kind_name.name, WITH_KIND + (int)node->kind_name.kind);
        break;
    case NODE_MEMBER:
        add_member(in, node);
        break;
    case NODE_CALL:
        naming_add_call(in, node);
        break;
    case NODE_TYPE_NAME:
        add_known(in, node, node->type_name.name, WITH_TYPE);
        break;
    case NODE_QUERY:
        add_known(in, node, node->query.source, WITH_SOURCE);
        break;
    case NODE_GOTO:
        if (node->meaning)
            naming_add(in,
                       (struct naming){node->jump.label.span, ((const struct node *)node->meaning)->labelled.name.span,
                                       NAME_READ, node->jump.label.text, node, NULL, NULL});
        break;
    case NODE_WAIT:
        add_plain(in, node, node->wait.signal);
        break;
    case NODE_HANDLER:
        add_plain(in, node, node->handler.signal);
        break;
    default:
        add_test_use(in, node);
        break;
    }
}

static void naming_visit(struct node *node, void *context)
{
    struct indexing *in = context;
    struct word word = names_declared_by(node);
    if (word.text) {
        bool has_symbol = node->kind == NODE_LET || node->kind == NODE_OTHERWISE; /* typed.h */
        naming_add(in, (struct naming){word.span, word.span, NAME_DECLARED, word.text, node, NULL,
                                       has_symbol ? node->meaning : NULL});
    }
    size_t before = in->count;
    naming_add_use(in, node);
    const struct node *holder = in->holder;
    bool sets = (holder->kind == NODE_ASSIGN && holder->assign.target == node) ||
                (holder->kind == NODE_ATTACH && holder->attach.target == node);
    if (sets && in->count > before) in->all[before].use = NAME_WRITTEN;
    const struct node *test = in->test;
    if (node->kind == NODE_TEST) in->test = node;
    in->holder = node;
    node_children(node, naming_visit, in);
    in->holder = holder;
    in->test = test;
}

static int compare_naming(const void *a, const void *b)
{
    const struct naming *left = a, *right = b;
    if (left->at.begin != right->at.begin) return left->at.begin < right->at.begin ? -1 : 1;
    return (int)left->use - (int)right->use;
}

struct checked_names names_index(struct program *program)
{
    struct indexing in = {.program = program};
    EACH_NODE (file, program->files) know_file(&in, file);
    if (in.known_count) qsort(in.known, in.known_count, sizeof *in.known, compare_known);
    EACH_NODE (file, program->files) {
        in.holder = file;
        node_children(file, naming_visit, &in);
    }
    if (in.count) qsort(in.all, in.count, sizeof *in.all, compare_naming);
    return (struct checked_names){in.all, in.count};
}

size_t names_from(const struct checked_names *names, uint32_t offset)
{
    size_t low = 0, high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (names->all[middle].at.begin < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct naming *names_at(const struct checked_names *names, uint32_t offset)
{
    size_t behind = names_from(names, offset + 1);
    if (behind == 0 || names->all[behind - 1].at.end < offset) return NULL;
    return &names->all[behind - 1];
}

const struct naming *names_declaration(const struct checked_names *names, struct source_span declared)
{
    const struct naming *naming = declared.begin ? names_at(names, declared.begin) : NULL;
    while (naming && naming > names->all && naming[-1].at.begin == declared.begin) naming--;
    return naming && naming->use == NAME_DECLARED ? naming : NULL;
}
