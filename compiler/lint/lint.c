/* compiler/lint/lint.c - Runs the chosen rules over the nodes.
 *
 *     walk: parent of each node, use of each name --> rules, each over the nodes that it is about
 *
 * A rule sees a program without errors, so all names have meanings and all types are known. Which rules run, and what
 * becomes of their findings, the judge decides (judge.h). */
#include "compiler/lint/lint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/syntax/library.h"

enum { USE_READ = 1, USE_WRITTEN = 2, USE_ABROAD = 4 };

static const struct {
    struct lint_rule rule;
    enum diag_code code;
    void (*run)(struct lint *);
} rules[] = {
#define ON     true
#define OFF    false
#define FIX    true
#define NO_FIX false
#define LINT(NAME, id, code, category, preset, fix, text, doc)                                                         \
    {{code, #id, #category, doc, preset, fix}, DIAG_LINT_##NAME, lint_##id},
#include "compiler/base/lint.def"
#undef LINT
#undef ON
#undef OFF
#undef FIX
#undef NO_FIX
};

enum { RULES = sizeof rules / sizeof *rules };

const struct lint_rule *lint_rule(size_t i)
{
    return i < RULES ? &rules[i].rule : NULL;
}

/* Rules whose findings come from reading the remarks (allowances.c). */
void lint_allow_without_reason(struct lint *lint)
{
    (void)lint;
}

void lint_allow_unused(struct lint *lint)
{
    (void)lint;
}

/* ---- Which rules ---- */

static bool lint_word_is(const char *name, const char *item, size_t length)
{
    return strlen(name) == length && strncasecmp(name, item, length) == 0;
}

bool lint_item_names(const char *item, size_t length, enum diag_code code)
{
    if (diag_code_severity(code) == ERROR) return false;
    if (lint_word_is("all", item, length) || diag_code_is(code, item, length)) return true;
    if (diag_code_text(code)[0] == 'W') return lint_word_is("warnings", item, length);
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].code == code) return lint_word_is(rules[i].rule.category, item, length);
    return false;
}

bool lint_item_known(const char *item, size_t length)
{
    for (int code = 0; code < DIAG_CODES; code++)
        if (lint_item_names(item, length, (enum diag_code)code)) return true;
    return false;
}

const char *lint_items_wrong(const char *text)
{
    for (const char *item = text; item && *item; item += strcspn(item, ","), item += *item == ',') {
        const char *name = item + (*item == '-' || *item == '+');
        if (!lint_item_known(name, strcspn(name, ","))) return name;
    }
    return NULL;
}

enum diag_code lint_rule_code(size_t rule)
{
    assert(rule < RULES);
    return rules[rule].code;
}

bool lint_code_preset(enum diag_code code)
{
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].code == code) return rules[i].rule.preset;
    return true;
}

/* ---- The nodes, their parents, and the uses of names ---- */

struct lint_walk {
    struct lint *lint;
    struct node *parent;
    const struct source *source;
    bool own;     /* the file is named */
    bool of_site; /* it is named, or added by --whole-site */
    bool in_test;
};

/* Is a use in `source` one by another file than that of the declaration? False in a module of the standard library,
 * since its modules import each other's functions. */
static bool is_abroad(const struct source *source, uint32_t declared)
{
    bool here = declared >= source->base && declared - source->base <= source->length;
    return !here && !library_owns(source->path, strlen(source->path));
}

static void lint_mark(const struct lint_walk *walk, const struct symbol *symbol, unsigned use)
{
    struct lint *lint = walk->lint;
    if (!symbol || !symbol->where.begin || symbol->where.begin >= lint->uses_size) return;
    if (walk->source && is_abroad(walk->source, symbol->where.begin)) use |= USE_ABROAD;
    lint->uses[symbol->where.begin] |= (uint8_t)use;
}

/* A word such as Tier.gold is a use of its enumeration. Values in tests are taken literally: no name in them has a
 * meaning. */
static void take_name(const struct lint_walk *walk, const struct node *node)
{
    struct lint *lint = walk->lint;
    assert(node->kind == NODE_NAME);
    const struct symbol *word = node->meaning;
    bool is_word = word && word->kind == SYMBOL_WORD && word->type && word->type->kind == LANG_ENUM;
    if (is_word) lint->enums.of[lint->enums.count++] = word->type->enumeration->name;
    if (walk->in_test) lint->in_tests.of[lint->in_tests.count++] = node->name.name.text;
}

/* A name alone at the left of = or after `attach` is set, any other name is read. */
static unsigned lint_use_of(const struct node *name, const struct node *parent)
{
    if (parent->kind == NODE_ATTACH && parent->attach.target == name) return USE_WRITTEN;
    if (parent->kind == NODE_ASSIGN && parent->assign.target == name) return USE_WRITTEN;
    return USE_READ;
}

static void take_use(const struct lint_walk *walk, const struct node *node)
{
    if (node->kind == NODE_NAME || node->kind == NODE_KIND_NAME)
        lint_mark(walk, node->meaning, lint_use_of(node, walk->parent));
    if (node->kind == NODE_CALL && node->meaning) {
        const struct call_use *use = node->meaning;
        if (use->kind == CALL_FUNCTION || use->kind == CALL_RECORD) lint_mark(walk, use->symbol, USE_READ);
    }
}

static void lint_visit(struct node *node, void *context)
{
    struct lint_walk *walk = context;
    struct lint *lint = walk->lint;
    assert(node->id > 0 && node->id <= lint->program->tree.next_id);
    lint->parents[node->id] = walk->parent;
    if (walk->parent) take_use(walk, node);
    if (node->kind == NODE_TYPE_NAME) lint->types.of[lint->types.count++] = node->type_name.name.text;
    if (node->kind == NODE_NAME && walk->of_site) take_name(walk, node);
    lint->first[node->id] = lint->count;
    if (walk->own) lint->nodes[lint->count++] = node;
    struct lint_walk below = {lint,      node,          walk->source,
                              walk->own, walk->of_site, walk->in_test || node->kind == NODE_TEST};
    node_children(node, lint_visit, &below);
    lint->behind[node->id] = lint->count;
}

static int by_address(const void *a, const void *b)
{
    uintptr_t one = (uintptr_t) * (const char *const *)a, other = (uintptr_t) * (const char *const *)b;
    return one < other ? -1 : one > other;
}

static void lint_gather(struct lint *lint)
{
    struct program *program = lint->program;
    size_t ids = program->tree.next_id + 2;
    lint->nodes = ARENA_ARRAY(lint->arena, struct node *, ids);
    lint->parents = ARENA_ARRAY(lint->arena, struct node *, ids);
    lint->first = ARENA_ARRAY(lint->arena, size_t, ids);
    lint->behind = ARENA_ARRAY(lint->arena, size_t, ids);
    lint->types.of = ARENA_ARRAY(lint->arena, const char *, ids);
    lint->enums.of = ARENA_ARRAY(lint->arena, const char *, ids);
    lint->in_tests.of = ARENA_ARRAY(lint->arena, const char *, ids);
    EACH_NODE (file, program->files) {
        const struct source *source = source_set_at(program->sources, file->span.begin);
        if (source && source->base + source->length >= lint->uses_size)
            lint->uses_size = source->base + source->length + 1;
    }
    lint->uses = ARENA_ARRAY(lint->arena, uint8_t, lint->uses_size + 1);
    EACH_NODE (file, program->files) {
        struct lint_walk walk = {.lint = lint,
                                 .source = source_set_at(program->sources, file->span.begin),
                                 .own = !file->file.imported,
                                 .of_site = !file->file.imported || file->file.beside};
        lint_visit(file, &walk);
    }
    qsort(lint->types.of, lint->types.count, sizeof *lint->types.of, by_address);
    qsort(lint->enums.of, lint->enums.count, sizeof *lint->enums.of, by_address);
    qsort(lint->in_tests.of, lint->in_tests.count, sizeof *lint->in_tests.of, by_address);
}

static bool lint_among(const struct lint_names *names, const char *name)
{
    return bsearch(&name, names->of, names->count, sizeof *names->of, by_address) != NULL;
}

bool lint_names_type(const struct lint *lint, const char *name)
{
    return lint_among(&lint->types, name);
}

bool lint_names_word(const struct lint *lint, const char *enumeration)
{
    return lint_among(&lint->enums, enumeration);
}

bool lint_names_in_test(const struct lint *lint, const char *name)
{
    return lint_among(&lint->in_tests, name);
}

bool lint_program(struct program *program, const struct checked *checked, const struct lint_options *options,
                  bool (*runs)(const struct judge *, size_t), const struct judge *judge, const char **why)
{
    bool enabled[RULES], any = false;
    struct lint lint = {.program = program, .checked = checked, .arena = program->arena, .diags = program->diags};
    for (size_t i = 0; i < RULES; i++) any = (enabled[i] = runs(judge, i)) || any;
    if (!any) return true;
    lint.directory = options ? options->directory : NULL;
    lint.judge = judge;
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].code == DIAG_LINT_NEVER_ROUTED) lint.never_routed = enabled[i];
    lint_gather(&lint);
    if (lint.directory && !lint_directory_open(&lint, why)) return false;
    for (size_t i = 0; i < RULES; i++)
        if (enabled[i]) rules[i].run(&lint);
    lint_directory_close(&lint);
    return true;
}

bool lint_fields_name(const struct nodes *fields, const char *name)
{
    EACH_NODE (field, *fields)
        if (strcmp(field->field.name.text, name) == 0) return true;
    return false;
}
