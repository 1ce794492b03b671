/* compiler/check/name.c - Types and names: finds what a word means.
 *
 * A word may mean many things; the place of the word decides which meanings are tried, and in which order: a local
 * name, a key, an attribute, a constant, a word of the needed enumeration. Some names have effects that later passes
 * need: a name from outside a function body is captured, an attribute says which media the body needs, a secret name
 * is checked for where its value may go. */
#include "compiler/check/checker.h"
#include "compiler/check/own_media.h"
#include "compiler/syntax/lost.h"

#include <assert.h>
#include <string.h>

#include "base/near.h"

enum lang_type kind_type(enum name_kind kind)
{
    static const enum lang_type types[] = {
        [KIND_SKILL] = LANG_SKILL,       [KIND_GROUP] = LANG_GROUP,       [KIND_VQ] = LANG_VQ,
        [KIND_QUEUE] = LANG_QUEUE,       [KIND_AGENT] = LANG_AGENT,       [KIND_DN] = LANG_DN,
        [KIND_PROMPT] = LANG_PROMPT,     [KIND_WORKBIN] = LANG_WORKBIN,   [KIND_PLACE] = LANG_PLACE,
        [KIND_TEMPLATE] = LANG_TEMPLATE, [KIND_CATEGORY] = LANG_CATEGORY, [KIND_ZONE] = LANG_ZONE,
        [KIND_STRATEGY] = LANG_STRATEGY, [KIND_CAMPAIGN] = LANG_CAMPAIGN};
    return kind < sizeof types / sizeof *types ? types[kind] : LANG_POISON;
}

/* Types */

/* Returns the language's own word for a type that other languages name so, or NULL. */
static const char *type_elsewhere(const char *name)
{
    static const char *const types[][2] = {{"string", "str"},   {"text", "str"},     {"integer", "int"},
                                           {"boolean", "bool"}, {"double", "float"}, {"number", "int"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i][0], name)) return types[i][1];
    return NULL;
}

const struct type *check_type(struct checker *c, struct node *node)
{
    if (node->type) return node->type;
    switch (node->kind) {
    case NODE_TYPE_KIND:
        return set_node_type(node, checker_base(c, kind_type(node->type_kind.kind)));
    case NODE_TYPE_OPTION: {
        const struct type *of = check_type(c, node->type_option.of);
        if (type_is_option(of)) diag_hint(report(c, OPTION_TWICE, node->span), "one ? is enough");
        return set_node_type(node, types_option(c->types, of));
    }
    case NODE_TYPE_NAME:
        break;
    default:
        return set_node_type(node, checker_base(c, LANG_POISON));
    }
    const char *name = node->type_name.name.text;
    struct source_span where = node->type_name.name.span;
    bool is_list = !strcmp(name, "list");
    if (is_list || !strcmp(name, "map")) {
        if (!node->type_name.of) {
            diag_hint(report(c, TYPE_NEEDS_ELEMENT, where, name), "%s<str>", name);
            return set_node_type(node, checker_base(c, LANG_POISON));
        }
        const struct type *of = check_type(c, node->type_name.of);
        return set_node_type(node, is_list ? types_list(c->types, of) : types_map(c->types, of));
    }
    const struct type *type = types_named(c->types, name);
    struct symbol *symbol = type ? NULL : scope_find(c->scope, SPACE_TYPE, name);
    if (symbol) {
        symbol->used = true;
        type = symbol->type;
    }
    if (!type) {
        struct diag *diag = report(c, UNKNOWN_TYPE, where, name);
        const struct symbol *near = nearest_symbol(c, SPACE_TYPE, name);
        const char *own = type_elsewhere(name);
        if (!own) own = types_near(name);
        if (near && (!own || near_distance(name, near->name) <= near_distance(name, own)))
            hint_near(diag, near);
        else
            diag_did_you_mean(diag, own, (struct source_span){0, 0});
        return set_node_type(node, checker_base(c, LANG_POISON));
    }
    if (node->type_name.of) report(c, TYPE_WITHOUT_ELEMENT, node->type_name.of->span, name);
    return set_node_type(node, type);
}

/* Names */

/* May a local variable of the standard library have the same name as `there`? The standard library cannot know the
 * names in the files that import it. */
static bool may_hide(const struct checker *c, const struct symbol *there, struct source_span where)
{
    const struct source *source = source_set_at(c->program->sources, where.begin);
    if (!source || !source->built_in) return false;
    return there->kind != SYMBOL_LOCAL && source_set_at(c->program->sources, there->where.begin) != source;
}

/* Adds a note that shows where the name that is taken was declared. A name declared for all files is visible
 * everywhere, so no declaration within a file may have the same name. */
static void note_name_taken(struct diag *diag, const struct symbol *there)
{
    const char *what = there->kind == SYMBOL_STRATEGY     ? "a strategy"
                       : there->kind == SYMBOL_FUNCTION   ? "a function"
                       : there->kind == SYMBOL_SUBROUTINE ? "a subroutine"
                       : there->kind == SYMBOL_CONST      ? "a constant"
                       : there->kind == SYMBOL_KEY        ? (there->given ? "a parameter" : "an attached key")
                                                          : NULL;
    if (what)
        diag_note(diag, there->where, "%s is called so, and nothing within a body may be", what);
    else
        diag_note(diag, there->where, "declared here");
}

void check_hiding(struct checker *c, const struct symbol *there, struct word name)
{
    if (there && there->kind != SYMBOL_ATTRIBUTE && !may_hide(c, there, name.span))
        note_name_taken(report(c, NAME_TAKEN, name.span, name.text), there);
}

const struct symbol *check_key_name(struct checker *c, struct word name)
{
    const struct symbol *there = scope_find(c->scope, SPACE_PLAIN, name.text);
    if (there && there->kind == SYMBOL_ATTRIBUTE && attribute_gives_way(&attribute_rows[there->index])) return there;
    if (there && there->kind == SYMBOL_ATTRIBUTE)
        diag_hint(report(c, NAME_TAKEN, name.span, name.text),
                  "it is an attribute of every interaction; the user data of that name is user_data[\"%s\"]",
                  name.text);
    else if (there)
        note_name_taken(report(c, NAME_TAKEN, name.span, name.text), there);
    return there;
}

/* Every local gets a number within the body; busy blocks and children use the numbers of the body around them, so
 * that one set of bits says which locals are known (paths.c). */
struct symbol *check_declare_local(struct checker *c, struct word name, const struct type *type)
{
    struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
    struct body *owner = c->body;
    /* the whole flow graph numbers its locals together */
    while (owner->kind == BODY_BUSY && owner->outer) owner = owner->outer;
    *symbol =
        (struct symbol){.kind = SYMBOL_LOCAL, .name = name.text, .type = type, .where = name.span, .body = c->body};
    const struct symbol *there = scope_find(c->scope, SPACE_PLAIN, name.text);
    bool unknown = there && there->kind == SYMBOL_CONST && type_is_poison(there->type); /* that has been said */
    if (!unknown) check_hiding(c, there, name);
    if (owner->local_count < LOCALS_MAX) symbol->index = owner->local_count;
    if (owner->local_count++ == LOCALS_MAX) report(c, TOO_MANY_LOCALS, name.span, LOCALS_MAX); /* once */
    if (there && there->kind == SYMBOL_KEY) symbol->hides = there;
    scope_declare(c->scope, SPACE_PLAIN, symbol);
    return symbol;
}

/* Notes that a busy block or child reads a variable of the body around it, and so gets a copy of the variable. All
 * blocks between the two bodies get a copy, too. */
static void name_capture(struct checker *c, struct symbol *symbol)
{
    for (struct body *body = c->body; body->kind == BODY_BUSY && symbol->body != body; body = body->outer) {
        for (uint32_t i = 0; i < body->capture_count; i++)
            if (body->captures[i] == symbol) return;
        body->captures = arena_grow(c->arena, body->captures, body->capture_count * sizeof(struct symbol *),
                                    (body->capture_count + 1) * sizeof(struct symbol *));
        body->captures[body->capture_count++] = symbol;
        if (!body->outer) return;
    }
}

/* Checks that a local variable has a value on every path that leads here; a jump may have skipped its `let`. */
static const struct type *check_local(struct checker *c, struct node *node, struct symbol *symbol)
{
    if (!state_has(&c->state, symbol)) {
        struct diag *diag = report(c, NOT_DEFINITE, node->span, symbol->name);
        for (const struct jump *jump = c->jumps; jump; jump = jump->next)
            if (!state_has(&jump->state, symbol)) {
                diag_note(diag, jump->where, "this jump passes over its value");
                break;
            }
        diag_note(diag, symbol->where, "here it gets its value");
        state_set_local(&c->state, symbol); /* said once */
    }
    name_capture(c, symbol);
    return state_knows(&c->state, symbol) ? type_bare(symbol->type) : symbol->type;
}

/* A busy block or a child of a fork runs on the medium of the body around it. So a medium that the block needs is
 * noted as a need of that body, and callers of the body see the need. */
bool check_medium(struct checker *c, struct media_set needed, const char **missing)
{
    struct body *body = c->body;
    while (body->kind == BODY_BUSY && body->outer) body = body->outer;
    if (media_set_is_empty(needed)) return true;
    needed = media_set_or(needed, c->state.not_media); /* an earlier condition excludes these media here */
    if (media_set_is_empty(media_set_but(media_every(), needed))) return true;
    bool anywhere = body->kind == BODY_FUNCTION || body->kind == BODY_SUBROUTINE || body->kind == BODY_BUSY;
    bool free = media_set_is_empty(body->needs);
    struct media_set both = free ? needed : media_set_and(body->needs, needed);
    bool good = anywhere ? !media_set_is_empty(both) : media_allow(c->body->media, needed, missing);
    if (!good) *missing = own_media_said(c->program, anywhere ? media_set_text(body->needs) : *missing);
    if (good && anywhere) body->needs = both;
    return good;
}

void check_report_not_constant(struct checker *c, struct source_span where)
{
    if (c->live)
        diag_hint(report(c, NOT_OF_SITE, where), "parameters, tables, schedules, statistics, latches, counters");
    else
        report(c, NOT_CONSTANT, where);
}

const struct type *check_attribute(struct checker *c, struct node *node, const struct symbol *symbol)
{
    const struct attribute_row *row = &attribute_rows[symbol->index];
    const char *missing = NULL;
    if (!c->body) {
        check_report_not_constant(c, node->span);
        return checker_base(c, LANG_POISON);
    }
    if (!check_medium(c, media_set(row->media), &missing)) {
        if (lost_key_is(c->program, c->body->strategy ? c->body->strategy->node : NULL, row->name))
            return checker_base(c, LANG_POISON); /* a key of that name was meant */
        report(c, ATTRIBUTE_MEDIUM, node->span, row->name, missing);
        return checker_base(c, LANG_POISON);
    }
    if (row->when == WHEN_WAITING && c->body->kind != BODY_BUSY) {
        diag_hint(report(c, ATTRIBUTE_WAITING, node->span, row->name), "it may be read in the busy block of a select");
        return checker_base(c, LANG_POISON);
    }
    return symbol->type;
}

/* Hints where `timeout` is written in place of the reason of a failure. */
bool check_word(struct checker *c, struct node *node, const struct type *want)
{
    const struct enumeration *enumeration =
        want && type_bare(want)->kind == LANG_ENUM ? type_bare(want)->enumeration : NULL;
    for (uint32_t i = 0; enumeration && i < enumeration->count; i++) {
        if (strcmp(enumeration->words[i], node->name.name.text)) continue;
        struct symbol *symbol = ARENA_NEW(c->arena, struct symbol);
        *symbol = (struct symbol){.kind = SYMBOL_WORD,
                                  .name = enumeration->words[i],
                                  .type = type_bare(want),
                                  .index = enumeration->numbers[i]};
        node->meaning = symbol;
        return true;
    }
    return false;
}

/* May a declaration of the site read the symbol? Only where the declared value is computed again and again while the
 * site runs. */
static bool symbol_is_live(const struct checker *c, const struct symbol *symbol)
{
    if (symbol->kind == SYMBOL_SETTING) return c->live || c->measuring;
    return c->live &&
           (symbol->kind == SYMBOL_STATISTIC || symbol->kind == SYMBOL_LATCH || symbol->kind == SYMBOL_COUNTER);
}

/* Decides whether a hint is needed for an unknown name where a text is needed: has the name that was perhaps meant a
 * text as its value? If there is no such name: does the message already have a hint or a note? */
static bool is_meant_text(const struct checker *c, const struct diag *diag)
{
    const struct symbol *symbol = diag->meant ? scope_find(c->scope, SPACE_PLAIN, diag->meant) : NULL;
    if (!diag->meant) return diag->hint || diag->first_note;
    return symbol && symbol->type && type_bare(symbol->type)->kind == LANG_STR;
}

/* Reports an unknown name, with the name that may have been meant. `attribute`: the name is that of an attribute,
 * and is used as a key. */
static void unknown_name_told(struct checker *c, const struct node *node, const struct type *want, bool attribute)
{
    const char *name = node->name.name.text;
    bool key = node->name.key;
    if (c->body && lost_key_is(c->program, c->body->strategy ? c->body->strategy->node : NULL, name)) return;
    struct diag *diag = report(c, UNKNOWN_NAME, node->span, name);
    if (attribute)
        diag_hint(diag, "%s is an attribute; the user data of that name is user_data[\"%s\"]", name, name);
    else if (key)
        diag_hint(diag, "attached.%s is the key of that name; declare it: attached { %s: ... }", name, name);
    else if (want && type_bare(want)->kind == LANG_ENUM)
        one_of_hint_words(diag, type_bare(want)->enumeration, name);
    else
        hint_unknown(c, diag, name);
    if (!key && strcmp(name, "reason") == 0) {
        diag_hint(diag, "why a step failed: else e { ... e.reason ... }");
        diag->meant = NULL;
    } else if (want && type_bare(want)->kind == LANG_STR && !key && !is_meant_text(c, diag)) {
        diag_hint(diag, "a text stands in quotes: \"%s\"", name);
        diag->meant = NULL;
    }
}

/* Checks a word: it is looked up as a word of the needed enumeration, then within a statistic as a measure, then
 * among all declared names. For each meaning it is checked whether the word may be read here. */
const struct type *check_name(struct checker *c, struct node *node, const struct type *want)
{
    assert(node->kind == NODE_NAME);
    const char *name = node->name.name.text;
    bool key = node->name.key;
    if (!key && check_word(c, node, want)) return type_bare(want);
    const struct type *measure = c->measuring && !key ? check_measure(c, node) : NULL;
    if (measure) return measure;
    struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, name);
    bool attribute = key && symbol && symbol->kind == SYMBOL_ATTRIBUTE;
    if (key && symbol && (symbol->kind != SYMBOL_KEY || symbol->given)) symbol = NULL;
    if (!key && main_is_called(c, node)) {
        diag_hint(report(c, MAIN_ALONE, node->span), "main.ani, main.priority");
        return checker_base(c, LANG_POISON);
    }
    if (!symbol) {
        if (want && type_is_poison(want) && !key) return want; /* perhaps a word of the enumeration that is not known */
        unknown_name_told(c, node, want, attribute);
        return checker_base(c, LANG_POISON);
    }
    symbol->used = true;
    node->meaning = symbol;
    if (!c->body && symbol->kind != SYMBOL_CONST && !schedule_named(node) && !symbol_is_live(c, symbol)) {
        check_report_not_constant(c, node->span);
        return checker_base(c, LANG_POISON);
    }
    switch (symbol->kind) {
    case SYMBOL_STATISTIC:
        return check_statistic_name(c, node, symbol);
    case SYMBOL_COUNTER:
        return check_counter_name(c, node, symbol);
    case SYMBOL_LATCH:
        if (symbol->type) return symbol->type;
        report(c, LATCH_CIRCLE, node->span, name);
        break;
    case SYMBOL_CONST:
        if (!symbol->type) { /* its own value is being checked, or was not checked yet */
            report(c, CONST_CIRCLE, node->span, name);
            return checker_base(c, LANG_POISON);
        }
        return symbol->type;
    case SYMBOL_LOCAL:
        return check_local(c, node, symbol);
    case SYMBOL_SETTING:
        return symbol->type;
    case SYMBOL_KEY:
        if (state_knows(&c->state, symbol)) return type_bare(symbol->type);
        return state_has(&c->state, symbol) ? symbol->type : types_option(c->types, symbol->type);
    case SYMBOL_ATTRIBUTE:
        return check_attribute(c, node, symbol);
    case SYMBOL_FUNCTION:
    case SYMBOL_SUBROUTINE:
        report(c, NOT_A_VALUE, node->span, "a function without its arguments");
        break;
    default:
        report(c, NOT_A_VALUE, node->span, "this name");
        break;
    }
    return checker_base(c, LANG_POISON);
}

static struct symbol *find_kind_name(struct checker *c, enum name_kind kind, struct word word)
{
    enum space space = scope_space(kind_type(kind));
    struct symbol *symbol = scope_find(c->scope, space, word.text);
    if (symbol) {
        symbol->used = true;
        return symbol;
    }
    struct diag *diag = report(c, UNKNOWN_KIND_NAME, word.span, ast_kind_word(kind), word.text);
    hint_unknown_of_kind(c, diag, kind, word.text);
    return NULL;
}

/* True: the name after the word of a kind is a value, not a name of that kind: in `queue desk`, desk is a variable or
 * key of the strategy. Within a line `skill x` is the candidate's level. */
static bool is_value_of_kind(struct checker *c, const struct node *node)
{
    if (node->kind != NODE_KIND_NAME) return false;
    enum lang_type kind = kind_type(node->kind_name.kind);
    const char *name = node->kind_name.name.text;
    if (kind == LANG_AGENT || kind == LANG_DN || kind == LANG_STRATEGY || kind == LANG_CAMPAIGN ||
        (c->in_line && kind == LANG_SKILL))
        return false;
    if (scope_find(c->scope, scope_space(kind), name)) return false;
    const struct symbol *value = scope_find(c->scope, SPACE_PLAIN, name);
    bool fits = value && value->type && type_bare(value->type)->kind == kind;
    if (!c->program->site && !fits) return false; /* there is no site: it might declare a name of this kind */
    return value && (value->kind == SYMBOL_LOCAL || value->kind == SYMBOL_KEY || value->kind == SYMBOL_CONST ||
                     (value->kind == SYMBOL_SETTING && value->node->kind == NODE_SITE_PARAMETER));
}

bool check_kind_said(struct checker *c, const struct node *node, struct kind_said *said)
{
    struct node *first = (struct node *)node;
    while (first->kind == NODE_MEMBER) first = first->member.object;
    if (!is_value_of_kind(c, first)) return false;
    *said = (struct kind_said){first, checker_base(c, kind_type(first->kind_name.kind))};
    struct word name = first->kind_name.name;
    first->kind = NODE_NAME;
    first->name.name = name;
    first->name.key = false;
    return true;
}

const struct type *check_kind_kept(struct checker *c, struct node *node, const struct type *type,
                                   const struct kind_said *said)
{
    if (type_is_poison(type) || type_bare(type) == said->type) return type;
    for (const struct node *part = node; part != said->first;) {
        part = part->member.object;
        if (part->type && type_bare(part->type) == said->type) return type;
    }
    report(c, TYPE_MISMATCH, node->span, type->text, said->type->text);
    return checker_base(c, LANG_POISON);
}

/* Checks `strategy sales`: the name must be a strategy of the program. */
static const struct type *check_strategy_name(struct checker *c, struct node *node)
{
    struct word name = node->kind_name.name;
    struct symbol *symbol = scope_find(c->scope, SPACE_PLAIN, name.text);
    if (symbol && symbol->kind == SYMBOL_STRATEGY) {
        node->meaning = symbol;
        return checker_base(c, LANG_STRATEGY);
    }
    struct diag *diag = report(c, UNKNOWN_STRATEGY, name.span, name.text);
    const struct symbol *near = nearest_symbol(c, SPACE_PLAIN, name.text);
    if (near && near->kind == SYMBOL_STRATEGY) hint_near(diag, near);
    return checker_base(c, LANG_POISON);
}

const struct type *check_kind_name(struct checker *c, struct node *node)
{
    assert(node->kind == NODE_KIND_NAME);
    enum name_kind kind = node->kind_name.kind;
    if (kind == KIND_STRATEGY) return check_strategy_name(c, node);
    if (kind == KIND_CAMPAIGN)
        return checker_base(c, LANG_CAMPAIGN);   /* campaigns are in the directory, which the compiler does not read */
    if (kind == KIND_AGENT || kind == KIND_DN) { /* agents and numbers are in the directory, and known only there */
        diag_hint(report(c, KIND_OF_DIRECTORY, node->span, ast_kind_word(kind)),
                  "ask for a skill, group or queue; %s.named(\"%s\") is that one, or none", ast_kind_word(kind),
                  node->kind_name.name.text);
        return checker_base(c, LANG_POISON);
    }
    struct symbol *symbol = find_kind_name(c, kind, node->kind_name.name);
    node->meaning = symbol;
    if (!symbol) return checker_base(c, LANG_POISON);
    if (site_group_condition(node)) {
        if (!c->in_line)
            diag_note(report(c, GROUP_OF_CONDITION, node->span, symbol->name), symbol->where, "made here");
        else if (!symbol->node->meaning)
            diag_note(report(c, VIRTUAL_LATER, symbol->where, symbol->name), node->span, "named here before");
        return checker_base(c, c->in_line ? LANG_BOOL : LANG_POISON);
    }
    if (c->in_line && kind == KIND_SKILL) return checker_base(c, LANG_INT); /* the candidate's level */
    /* true: the candidate belongs to the group */
    if (c->in_line && kind == KIND_GROUP) return checker_base(c, LANG_BOOL);
    return symbol->type;
}
