/* compiler/lint/lint.c - Runs the chosen rules over the nodes, and drops the findings that remarks allow.
 *
 *     walk: parent of each node, use of each name --> rules, each over the nodes that it is about
 *                                                 --> remarks take findings away
 *
 * A rule sees a program without errors, so all names have meanings and all types are known. `// gcx:allow RULE
 * reason` drops the findings of one line; a remark without a reason, or one that drops nothing, is a finding itself,
 * so that no remark stays longer than its finding. */
#include "compiler/lint/lint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/syntax/library.h"
#include "compiler/syntax/trivia.h"

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

/* Rules whose findings come from reading the remarks. */
void lint_allow_without_reason(struct lint *lint)
{
    (void)lint;
}

void lint_allow_unused(struct lint *lint)
{
    (void)lint;
}

/* ---- Which rules ---- */

static bool lint_named(const char *name, const char *item, size_t length)
{
    if (strlen(name) != length) return false;
    for (size_t i = 0; i < length; i++) {
        char a = name[i] == '_' ? '-' : name[i], b = item[i] == '_' ? '-' : item[i];
        if (strncasecmp(&a, &b, 1) != 0) return false;
    }
    return true;
}

static bool set_item(const char *item, size_t length, bool on, bool *enabled)
{
    bool known = false;
    for (size_t i = 0; i < RULES; i++) {
        const struct lint_rule *rule = &rules[i].rule;
        if (!lint_named("all", item, length) && !lint_named(rule->code, item, length) &&
            !lint_named(rule->name, item, length) && !lint_named(rule->category, item, length))
            continue;
        known = true;
        enabled[i] = on;
    }
    return known;
}

static const char *lint_choose(const char *text, bool *enabled)
{
    bool all = !text || *text == '+' || *text == '-';
    for (size_t i = 0; i < RULES; i++) enabled[i] = all && rules[i].rule.preset;
    for (const char *item = text; item && *item; item += strcspn(item, ","), item += *item == ',') {
        bool on = *item != '-';
        const char *name = item + (*item == '-' || *item == '+');
        if (!set_item(name, strcspn(name, ","), on, enabled)) return item;
    }
    return NULL;
}

const char *lint_rules_wrong(const char *text)
{
    bool enabled[RULES];
    return lint_choose(text, enabled);
}

bool lint_rules_on(const char *text, size_t rule)
{
    bool enabled[RULES];
    assert(rule < RULES);
    lint_choose(text, enabled);
    return enabled[rule];
}

/* ---- The nodes, their parents, and the uses of names ---- */

struct lint_walk {
    struct lint *lint;
    struct node *parent;
    const struct source *source;
    bool own;
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
    if (node->kind == NODE_NAME && walk->own) take_name(walk, node);
    lint->first[node->id] = lint->count;
    if (walk->own) lint->nodes[lint->count++] = node;
    struct lint_walk below = {lint, node, walk->source, walk->own, walk->in_test || node->kind == NODE_TEST};
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
        struct lint_walk walk = {lint, NULL, source_set_at(program->sources, file->span.begin), !file->file.imported,
                                 false};
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

/* ---- Remarks that allow a finding ---- */

struct allowance {
    uint32_t line;             /* the line whose finding is allowed */
    struct source_span remark; /* the place of the remark in the text */
    struct source_span code;
    const char *text; /* the code or name, as the remark has it */
    bool used;
};

struct allowances {
    struct lint *lint;
    const struct source *source;
    struct allowance *of;
    size_t count, room;
};

/* Returns the first line after `line` that has more than a remark: several remarks may allow the findings of one
 * line. */
static uint32_t line_below(const struct source *source, uint32_t line)
{
    for (line++; line <= source->line_count; line++) {
        const char *text = source->text + source->lines[line - 1];
        if (strncmp(text + strspn(text, " \t"), "//", 2) != 0) break;
    }
    return line;
}

/* Reads `// gcx:allow L0101 reason` at `remark`; alone on its line it applies to the next line. */
static void read_allowance(struct allowances *all, struct source_span remark)
{
    static const char word[] = "gcx:allow";
    struct arena *arena = all->lint->arena;
    const char *begin = all->source->text + (remark.begin - all->source->base), *at = begin + strspn(begin, "/");
    const char *stop = begin + (remark.end - remark.begin);
    at += strspn(at, " \t");
    if ((size_t)(stop - at) < sizeof word - 1 || strncmp(at, word, sizeof word - 1) != 0) return;
    at += sizeof word - 1;
    at += strspn(at, " \t");
    size_t length = strcspn(at, " \t\r\n");
    struct position where = source_set_position(all->lint->program->sources, remark.begin);
    const char *line = all->source->text + all->source->lines[where.line - 1];
    bool alone = line + strspn(line, " \t") == begin;
    uint32_t code = remark.begin + (uint32_t)(at - begin);
    if (all->count == all->room) {
        all->of = arena_grow(arena, all->of, all->room * sizeof *all->of, (all->room * 2 + 8) * sizeof *all->of);
        all->room = all->room * 2 + 8;
    }
    struct allowance *allowance = &all->of[all->count++];
    *allowance = (struct allowance){.line = alone ? line_below(all->source, where.line) : where.line, .remark = remark};
    allowance->code = length ? (struct source_span){code, code + (uint32_t)length} : remark;
    allowance->text = arena_copy(arena, at, length);
    const char *reason = at + length;
    if (length > 0 && reason + strspn(reason, " \t\r") >= stop)
        lint_report(all->lint, ALLOW_WITHOUT_REASON, allowance->code, allowance->text);
}

static void read_allowances(struct allowances *all)
{
    struct raw_token *tokens;
    size_t count;
    uint32_t at = all->source->base;
    trivia_tokens(all->lint->arena, all->source, &tokens, &count);
    for (size_t i = 0; i < count; i++) {
        for (;;) {
            struct source_span remark = trivia_remark(all->source, at, tokens[i].span.begin);
            if (remark.begin == remark.end) break;
            read_allowance(all, remark);
            at = remark.end;
        }
        at = tokens[i].span.end;
    }
}

static void lint_allow(struct allowances *all, struct diag *first)
{
    for (struct diag *diag = first; diag; diag = diag->next) {
        struct position at = source_set_position(all->lint->program->sources, diag->span.begin);
        if (at.source != all->source || diag_code_severity(diag->code) == ERROR) continue;
        for (size_t i = 0; i < all->count; i++) {
            if (all->of[i].line != at.line || strcasecmp(all->of[i].text, diag_code_text(diag->code)) != 0) continue;
            all->of[i].used = true;
            diag->dropped = true;
        }
    }
}

/* A remark for a rule that is switched off is not reported as unused. */
static void report_unused(struct allowances *all, const bool *enabled)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct allowance *one = &all->of[i];
        enum diag_code code = DIAG_CODES;
        bool known = diag_code_named(one->text, &code), off = false;
        for (size_t j = 0; j < RULES; j++) off = off || (rules[j].code == code && known && !enabled[j]);
        if (one->used || off) continue;
        struct diag *diag =
            lint_report(all->lint, ALLOW_UNUSED, one->code, known ? one->text : "a finding of this code");
        if (!known) diag_hint(diag, "one code stands here, such as L0101, then the reason");
        diag_edit(diag, lint_whole_line(all->lint, one->remark), "");
    }
}

static void take_allowances(struct lint *lint, const bool *enabled)
{
    EACH_NODE (file, lint->program->files) {
        struct allowances all = {.lint = lint};
        all.source = source_set_at(lint->program->sources, file->span.begin);
        if (file->file.imported || !all.source) continue;
        read_allowances(&all);
        lint_allow(&all, diags_first(lint->diags));
        report_unused(&all, enabled);
    }
}

bool lint_program(struct program *program, const struct checked *checked, const struct lint_options *options,
                  const char **why)
{
    bool enabled[RULES];
    struct lint lint = {.program = program, .checked = checked, .arena = program->arena, .diags = program->diags};
    lint_choose(options->rules, enabled);
    lint.directory = options->directory;
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].code == DIAG_LINT_NEVER_ROUTED) lint.never_routed = enabled[i];
    lint_gather(&lint);
    if (lint.directory && !lint_directory_open(&lint, why)) return false;
    for (size_t i = 0; i < RULES; i++)
        if (enabled[i]) rules[i].run(&lint);
    lint_directory_close(&lint);
    take_allowances(&lint, enabled);
    for (struct diag *diag = diags_first(lint.diags); diag; diag = diag->next)
        for (size_t i = 0; i < RULES; i++)
            if (rules[i].code == diag->code && !enabled[i])
                diag->dropped = true; /* the rules on remarks themselves
                                       * are off */
    return true;
}

bool lint_fields_name(const struct nodes *fields, const char *name)
{
    EACH_NODE (field, *fields)
        if (strcmp(field->field.name.text, name) == 0) return true;
    return false;
}
