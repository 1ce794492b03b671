/* compiler/check/hint.c - Hints: a message also says which word was perhaps meant in place of the wrong one.
 *
 * Hints are guesses, and a wrong guess is worse than none: a hint is given only where the change would repair the
 * program as far as the checker can tell. A function tries the likeliest hint first and gives the first one that
 * fits. near_distance() decides which names are near each other; it knows swapped and missing letters. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "compiler/language/step_ids.h"
#include "base/near.h"
#include "compiler/recovery/hints.h"
#include "compiler/syntax/lexer.h"
#include "compiler/syntax/library.h"
#include "compiler/syntax/literal.h"

/* Returns a name of the site as it is written, in quotes where it is no word. */
static const char *hint_written(struct checker *c, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    bool plain = *name && strspn(name, letters) == strlen(name) && !(*name >= '0' && *name <= '9') &&
                 !lexer_is_reserved(name, strlen(name));
    return plain ? name : arena_printf(c->arena, "\"%s\"", name);
}

void hint_near(struct diag *diag, const struct symbol *near)
{
    if (near) diag_did_you_mean(diag, near->name, near->where);
}

/* Names the module of the standard library that declares the name, if no file imports that module; false where none
 * does. */
static bool hint_import(struct diag *diag, const char *name)
{
    const char *module;
    size_t length = strlen(name);
    for (size_t i = 0; (module = library_module(i)); i++) {
        size_t size;
        for (const char *line = library_text(module, &size); line; line = strchr(line, '\n')) {
            line += *line == '\n';
            size_t word = strncmp(line, "function ", 9) == 0 || strncmp(line, "subroutine ", 11) == 0
                              ? strcspn(line, " ") + 1
                              : 0;
            if (!word || strncmp(line + word, name, length) != 0 || line[word + length] != '(') continue;
            diag_hint(diag, "import %s; brings it", module);
            return true;
        }
    }
    return false;
}

/* A search for a `let` of the name elsewhere in the body. */
struct name_made {
    struct checker *checker;
    const char *name;
    struct source_span place, statement;
};

/* Searches the whole body for a `let` of the name; `names_compared` bounds the work, so that a file full of mistakes
 * is still checked fast. */
static void find_made(struct node *node, void *context)
{
    struct name_made *made = context;
    if (made->place.end || made->checker->names_compared >= NAMES_COMPARED_MAX) return;
    made->checker->names_compared++;
    if (node->kind == NODE_LET && strcmp(node->let.name.text, made->name) == 0) {
        made->place = node->let.name.span;
        made->statement = node->span;
    }
    node_children(node, find_made, context);
}

/* Adds one of three notes: the name is declared later, it is declared by the very statement that reads it, or in a
 * block that has ended. */
bool hint_made_elsewhere(struct checker *c, struct diag *diag, const char *name)
{
    const struct body *body = c->body;
    while (body && body->outer) body = body->outer;
    if (!body || !body->block) return false;
    struct name_made made = {.checker = c, .name = name};
    find_made(body->block, &made);
    if (!made.place.end && body->kind == BODY_HANDLER) {
        find_made(body->strategy->node->strategy.body, &made);
        if (made.place.end)
            diag_note(diag, made.place, "a handler does not see it: it sees parameters and attached keys");
        return made.place.end;
    }
    if (!made.place.end) return false;
    diag_note(diag, made.place,
              made.statement.begin > diag->span.begin ? "it is made here, which comes later"
              : made.statement.end > diag->span.begin ? "it is only being made here"
                                                      : "it is made here, and known only in this block");
    return true;
}

/* Hints where a module of the standard library is used like a value. */
static bool hint_module(struct diag *diag, const char *name)
{
    static const char begins[] = "\nfunction ";
    size_t length;
    const char *text = library_text(name, &length), *first = text ? strstr(text, begins) : NULL;
    if (!first) return false;
    first += sizeof begins - 1;
    diag_hint(diag, "what import %s; brings is called by its own name, %.*s(...): gcx(7) lists it", name,
              (int)strcspn(first, "("), first);
    return true;
}

/* Hints where a measure is written without the object that has it, or before the object. */
static bool hint_measure(struct diag *diag, const char *name)
{
    const struct measure *measure = measure_named(name);
    if (!measure) return false;
    uint32_t others = measure->objects & ~(uint32_t)MEASURED_AGENT;
    const char *of = measure_object_word(others ? others : measure->objects);
    if (measure->windowed)
        diag_hint(diag, "the site declares over which time: statistic NAME(%s) = %s over 30m;", of, name);
    else if (!strcmp(of, "agent"))
        diag_hint(diag, "it.%s is the candidate's", name);
    else
        diag_hint(diag, "%s NAME.%s is that of one %s", of, name, of);
    return true;
}

/* Hints where the name is a word of another language, or of IRD; its edit replaces the whole place of the report. */
static bool hint_foreign(struct diag *diag, const char *name)
{
    struct hint_given given = hint_word(name, strlen(name));
    if (!given.meant) return false;
    diag_hint(diag, "%s", given.meant);
    if (given.write && diag->span.end - diag->span.begin == strlen(name)) diag_edit(diag, diag->span, given.write);
    return true;
}

static bool hint_is_weekday(const char *name)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (!strcmp(name, days[i])) return true;
    return false;
}

/* Hints where the name is a name of the site without its kind, a label, or nearly another name. */
void hint_unknown(struct checker *c, struct diag *diag, const char *name)
{
    bool label = scope_find(c->scope, SPACE_LABEL, name) != NULL;
    for (enum lang_type kind = LANG_SKILL; kind <= LANG_CATEGORY; kind++) {
        const struct symbol *there = scope_find(c->scope, scope_space(kind), name);
        if (!there) continue;
        diag_hint(diag, "write %s %s%s%s", checker_base(c, kind)->text, name, label ? ", or goto " : "",
                  label ? name : "");
        if (!label && diag->span.end - diag->span.begin == strlen(name))
            diag_edit(diag, diag->span,
                      arena_printf(c->arena, "%s %s", checker_base(c, kind)->text, hint_written(c, name)));
        return;
    }
    if (label) {
        diag_hint(diag, "it is a label: goto %s", name);
        return;
    }
    if (hint_foreign(diag, name)) return;
    if (hint_is_weekday(name)) {
        diag_hint(diag, "days are compared so: now.weekday in mon..fri, now.weekday == sat");
        return;
    }
    if (!strncmp(name, "\xE2\x80", 2) || !strncmp(name, "\xC2\xAB", 2) ||
        !strncmp(name, "\xC2\xBB", 2)) { /* to the scanner a typographic quote is a letter */
        diag_hint(diag, "a string stands in straight quotes: \"...\"");
        return;
    }
    if (hint_module(diag, name) || hint_made_elsewhere(c, diag, name) || hint_measure(diag, name)) return;
    hint_near(diag, nearest_symbol(c, SPACE_PLAIN, name));
}

/* Returns the full name of a step, as ivr.play for `play(...)`, if only one step has that last part; else NULL. */
static const char *step_called(const char *name)
{
    const char *found = NULL;
    for (unsigned i = 0; i < STEP_IDS; i++) {
        const char *dot = strchr(step_row(i)->name, '.');
        if (!dot || strcmp(dot + 1, name) != 0) continue;
        if (found) return NULL;
        found = step_row(i)->name;
    }
    return found;
}

/* Gives the first hint that fits: a word of other languages, then a step without its module, then a function that an
 * import would bring. */
void hint_unknown_function(struct checker *c, struct diag *diag, const char *name)
{
    const struct symbol *near = nearest_symbol(c, SPACE_PLAIN, name);
    const char *step = step_called(name);
    if (step) {
        diag_hint(diag, "write %s(...)", step);
        if (diag->span.end - diag->span.begin == strlen(name)) diag_edit(diag, diag->span, step);
        return;
    }
    if (!hint_foreign(diag, name) && !hint_import(diag, name) && !hint_measure(diag, name)) hint_near(diag, near);
}

/* Can a test make known that the node's value is not none? Only a test of a local variable or a declared key can. */
static bool is_tested_by_name(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind != SYMBOL_SETTING && symbol->kind != SYMBOL_ATTRIBUTE;
}

static bool is_named_kind(const struct type *type)
{
    return type->kind >= LANG_SKILL && type->kind <= LANG_CATEGORY;
}

/* Hints where a text is written in place of a name of the site or a word of an enumeration. */
static bool hint_name_of_text(struct checker *c, struct diag *diag, const struct node *node, const struct type *want)
{
    const char *text = node->kind == NODE_STRING ? node->string.text.bytes : NULL;
    if (want->kind == LANG_ENUM && text) {
        const struct enumeration *words = want->enumeration;
        for (uint32_t i = 0; i < words->count; i++)
            if (strcmp(words->words[i], text) == 0) {
                diag_hint(diag, "write %s", text);
                diag_edit(diag, node->span, text);
                return true;
            }
        one_of_hint_words(diag, words, text);
    } else if (want->kind == LANG_ENUM) {
        diag_hint(diag, "segment x { \"a\" -> ...; else -> ...; } tells texts apart");
    } else if (is_named_kind(want) && text) {
        const struct symbol *there = scope_find(c->scope, scope_space(want->kind), text);
        if (!there && want->kind == LANG_PROMPT) return false;
        diag_hint(diag, "write %s %s", want->text, there ? there->name : "NAME, of those that the site declares");
        if (there)
            diag_edit(diag, node->span, arena_printf(c->arena, "%s %s", want->text, hint_written(c, there->name)));
    } else if (is_named_kind(want)) {
        diag_hint(diag, "%s.named(x) is the %s of that name, or none", want->text, want->text);
    } else {
        return false;
    }
    return true;
}

/* Hints where a number is written in place of a text: the number in quotes is one. */
static void hint_quoted(struct checker *c, struct diag *diag, const struct node *node)
{
    assert(node->kind == NODE_INTEGER);
    const char *text = arena_printf(c->arena, "\"%" PRId64 "\"", node->integer.value);
    diag_hint(diag, "write %s", text);
    diag_edit(diag, node->span, text);
}

/* Hints where a value is written as a text, in quotes: "3", "true". */
static bool hint_unquoted(struct diag *diag, const struct node *node, const struct type *want)
{
    const char *text = node->kind == NODE_STRING ? node->string.text.bytes : "";
    bool number = literal_is_digits(text) && want->kind == LANG_INT;
    bool truth = want->kind == LANG_BOOL && (!strcmp(text, "true") || !strcmp(text, "false"));
    if (number || truth) diag_hint(diag, "write %s", text);
    if (number || truth) diag_edit(diag, node->span, text);
    return number || truth;
}

/* Hints where a number is written in place of a duration or a percent. */
static bool hint_unit(struct diag *diag, const struct node *node, const struct type *want)
{
    if (hint_unquoted(diag, node, want)) return true;
    if (node->kind == NODE_FLOAT && want->kind == LANG_PERCENT && node->real.value >= 0 && node->real.value <= 1) {
        diag_hint(diag, "a percent is written %g%%", node->real.value * 100);
        return true;
    }
    if (node->kind == NODE_DURATION && want->kind == LANG_TIME) {
        diag_hint(diag, "a moment is written so: now + 30m");
        return true;
    }
    if (node->kind != NODE_INTEGER) return false;
    if (want->kind == LANG_DURATION)
        hint_duration(diag, node);
    else if (want->kind == LANG_PERCENT)
        diag_hint(diag, "a percent is written %" PRId64 "%%", node->integer.value);
    return want->kind == LANG_DURATION || want->kind == LANG_PERCENT;
}

/* `type` is what the value has, `want` what the place needs. A hint that an option has to be tested comes before
 * hints about the form of a value, since that mistake is the most frequent. */
void hint_mismatch(struct checker *c, struct diag *diag, const struct node *node, const struct type *type,
                   const struct type *want)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    if (symbol && symbol->kind == SYMBOL_KEY && !state_has(&c->state, symbol) && type_fits(want, symbol->type))
        diag_hint(diag, "it is not attached on every way here: write (%s%s else ...)",
                  node->name.key ? "attached." : "", symbol->name);
    else if (type_is_option(type) && type_fits(want, type->of))
        diag_hint(diag, is_tested_by_name(node)
                            ? "it may be none: test it first, or write (... else ...)"
                            : "it may be none: bind it, let x = ..., and test x, or write (... else ...)");
    else if (type_bare(want)->kind == LANG_VALUE && type_bare(type)->of)
        diag_hint(diag, "user data holds one value by a key: attach each part by its own");
    else if (type_bare(want)->kind == LANG_VALUE)
        hint_blob(diag, type);
    else if (type_bare(type)->kind == LANG_VALUE)
        diag_hint(diag, "x.str, x.int and so on say as what it is meant; that may be none");
    else if (hint_unit(diag, node, type_bare(want)))
        return;
    else if (node->kind == NODE_NONE)
        diag_hint(diag, "only what is declared as %s? is perhaps none", want->text);
    else if (type->kind == LANG_STR && hint_name_of_text(c, diag, node, type_bare(want)))
        return;
    else if (type->kind == LANG_STR && type_bare(want)->kind == LANG_ZONE)
        diag_hint(diag, "zone.named(s) is one of the site's, or none");
    else if (node->kind == NODE_STRING && type_bare(want)->kind == LANG_PROMPT)
        diag_hint(diag, "prompt welcome, which the site declares; ivr.say speaks a text");
    else if (node->kind == NODE_INTEGER && type_bare(want)->kind == LANG_STR)
        hint_quoted(c, diag, node);
    else if (type->kind == LANG_PROMPT && want->kind == LANG_STR)
        diag_hint(diag, "ivr.play plays a prompt; a text stands in quotes");
    else if (want->kind == LANG_STR && type_bare(type)->kind == LANG_ZONE)
        diag_hint(diag, type_is_option(type) ? "\"{x}\" is its name as a text, empty where there is none"
                                             : "\"{x}\" is its name as a text");
    else if (want->kind == LANG_STR)
        diag_hint(diag, "a string shows values in braces: \"{x}\"");
}

void hint_duration(struct diag *diag, const struct node *node)
{
    assert(node->kind == NODE_INTEGER);
    diag_hint(diag, "a duration has a unit: %" PRId64 "s, %" PRId64 "m", node->integer.value, node->integer.value);
}

/* A time of day in quotes gets the edit without them. */
static void hint_clock(struct diag *diag, const struct node *node)
{
    static const char digits[] = "0123456789";
    const char *text = node->kind == NODE_STRING ? node->string.text.bytes : NULL;
    bool clock =
        text && strlen(text) == 5 && text[2] == ':' && strspn(text, digits) == 2 && strspn(text + 3, digits) == 2;
    if (clock) diag_edit(diag, node->span, text);
}

/* Hints where a moment is compared with times of day. */
void hint_moment(struct diag *diag, const struct node *node)
{
    diag_hint(diag, "t.time is the time of day, as in now.time in 08:00..18:00");
    if (node->kind == NODE_NAME) diag_edit(diag, (struct source_span){node->span.end, node->span.end}, ".time");
}

/* Each side is looked at with the other side's type as the needed one: either may be the wrong one. */
void hint_comparison(struct checker *c, struct diag *diag, const struct node *node, const struct type *left,
                     const struct type *right)
{
    assert(node->kind == NODE_BINARY);
    const struct type *one = type_bare(left), *other = type_bare(right);
    if (hint_unit(diag, node->binary.left, other) || hint_unit(diag, node->binary.right, one)) return;
    if (one->kind == LANG_STR && hint_name_of_text(c, diag, node->binary.left, other)) return;
    if (other->kind == LANG_STR && hint_name_of_text(c, diag, node->binary.right, one)) return;
    if (node->binary.left->kind == NODE_INTEGER && other->kind == LANG_STR) hint_quoted(c, diag, node->binary.left);
    if (node->binary.right->kind == NODE_INTEGER && one->kind == LANG_STR) hint_quoted(c, diag, node->binary.right);
    if (one->kind == LANG_DATE || other->kind == LANG_DATE) diag_hint(diag, "a date is written 2026-03-02");
    if (one->kind == LANG_CLOCK || other->kind == LANG_CLOCK) {
        diag_hint(diag, "a time of day is written 18:00");
        hint_clock(diag, node->binary.left);
        hint_clock(diag, node->binary.right);
    }
    bool zone = one->kind == LANG_ZONE || other->kind == LANG_ZONE;
    if (zone && (one->kind == LANG_STR || other->kind == LANG_STR))
        diag_hint(diag, "compare it with zone.named(\"Area/Place\"), of those that the site names");
    bool time = one->kind == LANG_TIME || other->kind == LANG_TIME;
    bool clock = one->kind == LANG_CLOCK || other->kind == LANG_CLOCK;
    bool value = one->kind == LANG_VALUE || other->kind == LANG_VALUE;
    if (time && clock)
        diag_hint(diag, "t.time is the time of day, as in now.time > 18:00");
    else if (value && one != other)
        diag_hint(diag, "x.str, x.int and so on say as what it is meant");
    else if (left->kind != right->kind && (left->kind == LANG_NONE || right->kind == LANG_NONE))
        diag_hint(diag, "it is never none");
}

/* Hints for a sum such as `timeout + 5` where 5s was meant: a number beside a duration or a percent. */
bool hint_operands(struct diag *diag, const struct node *node, const struct type *left, const struct type *right)
{
    const struct node *a = node->kind == NODE_BINARY ? node->binary.left : NULL;
    const struct node *b = a ? node->binary.right : node->kind == NODE_ASSIGN ? node->assign.value : NULL;
    return (b && hint_unit(diag, b, type_bare(left))) || (a && hint_unit(diag, a, type_bare(right)));
}

void hint_waits(struct diag *diag)
{
    diag_hint(diag, "give its result a name before: let x = ... else ...;");
}

void hint_not_tried(struct checker *c, struct diag *diag, const struct step_row *row)
{
    const char *codes[STEP_EXITS_MAX], *all = NULL;
    uint32_t count = row->ends ? 0 : step_exits(row, EXITS_ALL, codes);
    for (uint32_t i = 0; i < count; i++) all = all ? arena_printf(c->arena, "%s, %s", all, codes[i]) : codes[i];
    if (all) diag_hint(diag, "another try mends none of its failures (%s): what follows them stands after else", all);
}

/* Hints where a schedule is asked without parentheses: s.open in place of s.open(). */
static void hint_schedule_member(struct diag *diag, const char *name)
{
    static const char *const asked[] = {"open", "closed", "opens", "closes"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (!strcmp(name, asked[i])) {
            diag_hint(diag, "write %s()", name);
            diag_edit(diag, (struct source_span){diag->span.end, diag->span.end}, "()");
            return;
        }
    diag_hint(diag, "open(), closed(), opens(), closes(), add(t, d), between(a, b)");
}

/* Returns the span with the () behind it, if there are some. */
static struct source_span hint_with_call(const struct checker *c, struct source_span span)
{
    const struct source *source = source_set_at(c->program->sources, span.begin);
    const char *behind = source ? source->text + (span.end - source->base) : "";
    if (behind[0] == '(' && behind[1] == ')') span.end += 2;
    return span;
}

/* Hints where `size` or the like is written for a number: a queue has `waiting`, a list has `count`. */
static void hint_size(const struct checker *c, struct diag *diag, const char *name, const struct type *object,
                      bool counted)
{
    bool size = !strcmp(name, "size") || !strcmp(name, "length") || !strcmp(name, "count");
    bool waits = size && measure_object_bit(object->kind) & (MEASURED_VQ | MEASURED_QUEUE);
    if (waits) diag_hint(diag, ".waiting is how many wait");
    if (waits || (counted && (size || !strcmp(name, "len"))))
        diag_edit(diag, hint_with_call(c, diag->span), waits ? "waiting" : "count");
}

const struct type *hint_no_member(struct checker *c, struct node *node, const struct type *object)
{
    assert(node->kind == NODE_MEMBER);
    const char *name = node->member.name.text;
    struct diag *diag = report(c, NO_MEMBER, node->member.name.span, object->text, name);
    if (object->kind == LANG_RECORD && c->names_compared < NAMES_COMPARED_MAX) {
        c->names_compared += object->record->count;
        const char *nearest = NULL;
        uint32_t least = UINT32_MAX;
        for (uint32_t i = 0; i < object->record->count; i++)
            if (near_is_nearer(name, object->record->fields[i].name, &least)) nearest = object->record->fields[i].name;
        diag_did_you_mean(diag, nearest, (struct source_span){0, 0});
    }
    bool counted = object->kind == LANG_STR || object->kind == LANG_LIST || object->kind == LANG_MAP;
    const char *meant = counted ? hint_word(name, strlen(name)).meant : NULL;
    hint_size(c, diag, name, object, counted);
    if (object->kind == LANG_SCHEDULE) hint_schedule_member(diag, name);
    if (object->kind == LANG_VALUE || type_bare(object)->kind == LANG_VALUE)
        diag_hint(diag, "a pair of it is v[\"%s\"]", name);
    else if (meant)
        diag_hint(diag, "%s", meant);
    if (object->kind == LANG_TIME && (!strcmp(name, "hour") || !strcmp(name, "minute")))
        diag_hint(diag, "t.time is the time of day, as in now.time > 18:00");
    if (object->kind == LANG_TARGET)
        diag_hint(diag,
                  "it has .name, .agent and .place; while it is claimed .vq, .line and .group of the select, too");
    if (object->kind == LANG_BLOB) diag_hint(diag, "where it lies is its text: \"{message}\"");
    if (object->kind == LANG_DN) diag_hint(diag, "its number is a text: .name.%s", name);
    uint32_t measured = measure_object_bit(object->kind);
    const struct symbol *statistic = measured ? scope_find(c->scope, SPACE_PLAIN, name) : NULL;
    if (statistic && statistic->kind == SYMBOL_STATISTIC && statistic->index & measured)
        diag_hint(diag, "%s is a statistic of the site: %s(%s ...)", name, name, measure_object_word(measured));
    else if (measured)
        diag_did_you_mean(diag, measure_near(name, measured), (struct source_span){0, 0});
    return checker_base(c, LANG_POISON);
}

/* Gives the first hint that fits: a name of another kind, a parameter that holds such a value, a near name; else
 * that the site should declare the name. */
void hint_unknown_of_kind(struct checker *c, struct diag *diag, enum name_kind kind, const char *name)
{
    enum lang_type sought = kind_type(kind);
    for (enum lang_type other = LANG_SKILL; other <= LANG_CATEGORY; other++) {
        const struct symbol *there = other == sought ? NULL : scope_find(c->scope, scope_space(other), name);
        if (!there) continue;
        if (sought == LANG_QUEUE && other == LANG_VQ)
            diag_hint(diag, "it is a vq: select in vq %s { ... } waits there", name);
        else
            diag_hint(diag, "there is %s %s", checker_base(c, other)->text, name);
        return;
    }
    const struct symbol *own = scope_find(c->scope, SPACE_PLAIN, name);
    if (own && own->type && own->type->kind == sought) {
        diag_hint(diag, "%s is a %s by itself: write %s%s%s", name, ast_kind_word(kind),
                  sought == LANG_SKILL ? "skill[" : "", name, sought == LANG_SKILL ? "]" : "");
        return;
    }
    const struct symbol *near = nearest_symbol(c, scope_space(sought), name);
    const struct source *source = source_set_at(c->program->sources, diag->span.begin);
    if (near)
        hint_near(diag, near);
    else if (source) /* the name as the author wrote it, perhaps in quotes */
        diag_hint(diag, "if it is right, the site declares it: %s %.*s;", ast_kind_word(kind),
                  (int)(diag->span.end - diag->span.begin), source->text + (diag->span.begin - source->base));
}

void hint_shown(struct diag *diag, const struct type *type)
{
    const struct type *bare = type_bare(type);
    if (bare->kind == LANG_LIST && bare->of->kind == LANG_STR)
        diag_hint(diag, "import text; text_join(xs, \", \") is a text of it");
    else if (bare->kind == LANG_MAP && bare->of->kind == LANG_STR)
        diag_hint(diag, "import maps; map_shown(m, \", \", \"=\") is a text of it");
    else if (bare->kind == LANG_LIST || bare->kind == LANG_MAP)
        diag_hint(diag, "show what is in it, one by one");
    else if (bare->kind == LANG_RECORD && bare->record->count)
        diag_hint(diag, "show its fields: {x.%s}", bare->record->fields[0].name);
    else if (bare->kind == LANG_ERROR)
        diag_hint(diag, "show what it is: {e.text}");
}

void hint_condition(struct diag *diag, const struct node *node, const struct type *type)
{
    struct source_span behind = {node->span.end, node->span.end};
    if (type_is_option(type)) {
        diag_hint(diag, "write != none");
        if (node->kind == NODE_NAME || node->kind == NODE_MEMBER) diag_edit(diag, behind, " != none");
    } else if (type->kind == LANG_SCHEDULE && node->kind == NODE_NAME) {
        diag_hint(diag, "write %s.open()", node->name.name.text);
        diag_edit(diag, behind, ".open()");
    }
    if (type->kind == LANG_LIST || type->kind == LANG_MAP)
        diag_hint(diag, "x.count > 0 holds where there is something in it");
    else if (type->kind == LANG_STR)
        diag_hint(diag, "compare it: != \"\"");
    else if (type->kind == LANG_INT)
        diag_hint(diag, "compare it: >= 1");
}

void hint_assigned(struct diag *diag, const struct symbol *symbol)
{
    if (!symbol) return;
    if (symbol->kind == SYMBOL_SETTING)
        diag_hint(diag, "who may edit it changes it, while the site runs");
    else if (symbol->kind == SYMBOL_CONST)
        diag_hint(diag, "a constant keeps its value: let x = ... makes a variable");
    else if (symbol->kind == SYMBOL_COUNTER)
        diag_hint(diag, "count %s; adds one", symbol->name);
    else if (symbol->kind == SYMBOL_STATISTIC)
        diag_hint(diag, "a statistic follows from what happens");
    else if (symbol->kind == SYMBOL_LATCH)
        diag_hint(diag, "a latch follows from its two conditions");
    else if (symbol->given)
        diag_hint(diag, "what a strategy is given it keeps");
}
