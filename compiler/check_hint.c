/* compiler/check_hint.c - What a message says beside what is wrong: what was perhaps meant. */
#include "compiler/checker.h"

#include <inttypes.h>
#include <string.h>

#include "compiler/habits.h"
#include "compiler/library.h"

void hint_near(struct diag *diag, const struct symbol *near)
{
    if (near) diag_did_you_mean(diag, near->name, near->where);
}

/* A module of the standard library as if it were a value. */
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

/* A name of the site without its kind, or a name that is nearly another one. */
void hint_unknown(struct checker *c, struct diag *diag, const char *name)
{
    for (enum lang_type kind = LANG_SKILL; kind <= LANG_CATEGORY; kind++) {
        const struct symbol *there = scope_find(c->scope, scope_space(kind), name);
        if (!there) continue;
        diag_hint(diag, "write %s %s", base(c, kind)->text, name);
        return;
    }
    const char *meant = habit_word(name, strlen(name));
    if (meant || !strncmp(name, "\xE2\x80", 2)) { /* typographic quotes are letters to the scanner */
        diag_hint(diag, "%s", meant ? meant : "a string stands in straight quotes: \"...\"");
        return;
    }
    if (hint_module(diag, name)) return;
    hint_near(diag, near_name(c, SPACE_PLAIN, name));
}

/* `play(...)`: the step ivr.play, where only one is called so. */
static const char *step_called(const char *name)
{
    const char *found = NULL;
    for (int i = 0; i < STEP_IDS; i++) {
        const char *dot = strchr(step_row((enum step_id)i)->name, '.');
        if (!dot || strcmp(dot + 1, name) != 0) continue;
        if (found) return NULL;
        found = step_row((enum step_id)i)->name;
    }
    return found;
}

void hint_unknown_function(struct checker *c, struct diag *diag, const char *name)
{
    const struct symbol *near = near_name(c, SPACE_PLAIN, name);
    const char *meant = habit_word(name, strlen(name)), *step = step_called(name);
    if (meant)
        diag_hint(diag, "%s", meant);
    else if (step)
        diag_hint(diag, "write %s(...)", step);
    else
        hint_near(diag, near);
}

/* Does a test narrow it? Only that of a local name or a declared key does. */
static bool is_tested_by_name(const struct node *node)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    return symbol && symbol->kind != SYMBOL_SETTING && symbol->kind != SYMBOL_ATTRIBUTE;
}

void hint_mismatch(struct checker *c, struct diag *diag, const struct node *node, const struct type *type,
                   const struct type *want)
{
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    if (symbol && symbol->kind == SYMBOL_KEY && !state_has(&c->state, symbol) && type_fits(want, symbol->type))
        diag_hint(diag, "it is not attached on every way here: write (%s else ...)", symbol->name);
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
    else if (node->kind == NODE_INTEGER && type_bare(want)->kind == LANG_DURATION)
        hint_duration(diag, node);
    else if (node->kind == NODE_INTEGER && type_bare(want)->kind == LANG_PERCENT)
        diag_hint(diag, "a percent is written %" PRId64 "%%", node->integer.value);
    else if (node->kind == NODE_NONE)
        diag_hint(diag, "only what is declared as %s? is perhaps none", want->text);
    else if (node->kind == NODE_STRING && type_bare(want)->kind == LANG_PROMPT)
        diag_hint(diag, "prompt welcome, which the site declares; ivr.say speaks a text");
    else if (want->kind == LANG_STR)
        diag_hint(diag, "a string shows values in braces: \"{x}\"");
}

void hint_duration(struct diag *diag, const struct node *node)
{
    diag_hint(diag, "a duration has a unit: %" PRId64 "s, %" PRId64 "m", node->integer.value, node->integer.value);
}

void hint_comparison(struct diag *diag, const struct type *left, const struct type *right)
{
    const struct type *one = type_bare(left), *other = type_bare(right);
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

void hint_waits(struct diag *diag)
{
    diag_hint(diag, "give its result a name before: let x = ... else ...;");
}

const struct type *no_member(struct checker *c, struct node *node, const struct type *object)
{
    const char *name = node->member.name.text;
    struct diag *diag = report(c, NO_MEMBER, node->member.name.span, object->text, name);
    if (object->kind == LANG_RECORD && c->names_compared < NAMES_COMPARED_MAX) {
        c->names_compared += object->record->count;
        const char *nearest = NULL;
        uint32_t least = UINT32_MAX;
        for (uint32_t i = 0; i < object->record->count; i++) {
            uint32_t distance = name_distance(name, object->record->fields[i].name);
            if (distance >= least) continue;
            least = distance;
            nearest = object->record->fields[i].name;
        }
        diag_did_you_mean(diag, nearest, (struct span){0, 0});
    }
    bool counted = object->kind == LANG_STR || object->kind == LANG_LIST || object->kind == LANG_MAP;
    const char *meant = counted ? habit_word(name, strlen(name)) : NULL;
    if (object->kind == LANG_VALUE || type_bare(object)->kind == LANG_VALUE)
        diag_hint(diag, "a pair of it is v[\"%s\"]", name);
    else if (meant)
        diag_hint(diag, "%s", meant);
    if (object->kind == LANG_TIME && (!strcmp(name, "hour") || !strcmp(name, "minute")))
        diag_hint(diag, "t.time is the time of day, as in now.time > 18:00");
    if (object->kind == LANG_DN) diag_hint(diag, "its number is a text: .name.%s", name);
    uint32_t measured = measured_of(object->kind);
    if (measured) diag_did_you_mean(diag, measure_near(name, measured), (struct span){0, 0});
    return base(c, LANG_POISON);
}
