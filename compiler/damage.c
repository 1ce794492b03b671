/* compiler/damage.c - Syntax errors damage declarations; which errors of the others can they not have caused?
 *
 * Where all of them lie in strategies, functions and tests, it is known what these declare: their names. (Of a site
 * whose text is wrong it is not, so of the rest nothing is told then.) With such a declaration is damaged what stands
 * behind it, up to the next one. What an error elsewhere speaks of must not be named there: a name alone nowhere in
 * damaged text, anything else must not hold the name of what is damaged. What a way through the calls leads to (E06) is
 * told of a declaration that names none of these at all. */
#include "compiler/damage.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/lexer.h"

enum { SPAN_LONGEST = 4096 }; /* of an error that can be told: what speaks of more, speaks of much */

struct text {
    const char *at;
    uint32_t length;
};

struct words {
    struct arena *arena;
    struct text *all;
    size_t count, room;
};

struct damage {
    struct program *program;
    struct span *parts; /* damaged, in the order of the text */
    size_t part_count;
    const struct node **units; /* all declarations, in the order of the text */
    size_t unit_count;
    struct words named;       /* by anything there */
    struct words declared;    /* perhaps, by what is damaged */
    const struct node *asked; /* the unit that was asked last */
    bool asked_names;         /* whether it names anything that is damaged */
};

static bool is_of_words(enum diag_code code)
{
    const char *text = diag_code_text(code);
    return !strncmp(text, "E01", 3) || !strncmp(text, "E02", 3);
}

bool damage_is_local(const struct program *program)
{
    for (const struct diag *diag = diags_first(program->diags); diag; diag = diag->next)
        if (diag_code_severity(diag->code) == ERROR &&
            (!is_of_words(diag->code) || diag->code == DIAG_NESTED_TOO_DEEP || diag->code == DIAG_NOT_UTF8))
            return false;
    return true;
}

/* Words */

static int compare_texts(const void *a, const void *b)
{
    const struct text *x = a, *y = b;
    if (x->length != y->length) return x->length < y->length ? -1 : 1;
    return memcmp(x->at, y->at, x->length);
}

static void add_word(struct words *words, struct text text)
{
    if (words->count == words->room) {
        size_t room = words->room ? 2 * words->room : 64;
        struct text *all = ARENA_ARRAY(words->arena, struct text, room);
        if (words->count) memcpy(all, words->all, words->count * sizeof *all);
        words->all = all;
        words->room = room;
    }
    words->all[words->count++] = text;
}

static void sort_words(struct words *words)
{
    if (words->count) qsort(words->all, words->count, sizeof *words->all, compare_texts);
}

static bool has_word(const struct words *words, struct text text)
{
    return words->count && bsearch(&text, words->all, words->count, sizeof text, compare_texts);
}

static bool in_word(char c)
{
    return c == '_' || isalnum((unsigned char)c);
}

/* Past the remark or string that begins here, else past one byte. */
static const char *past(const char *p, const char *end)
{
    bool remark = end - p > 1 && p[0] == '/' && p[1] == '/', long_remark = end - p > 1 && p[0] == '/' && p[1] == '*';
    bool string = *p == '"';
    if (!remark && !long_remark && !string) return p + 1;
    for (p += long_remark ? 2 : 1; p < end; p++) {
        if (*p == '\n' && !long_remark) return p;
        if (string && *p == '\\' && p + 1 < end)
            p++;
        else if (string && *p == '"')
            return p + 1;
        else if (long_remark && end - p > 1 && p[0] == '*' && p[1] == '/')
            return p + 2;
    }
    return p;
}

/* The next name at or behind *at that is no reserved word, remarks and strings left out; false at the end. */
static bool next_word(const char **at, const char *end, struct text *word)
{
    const char *p = *at;
    for (;;) {
        while (p < end && !in_word(*p)) p = past(p, end);
        const char *begin = p;
        while (p < end && in_word(*p)) p++;
        *at = p;
        if (p == begin) return false;
        *word = (struct text){begin, (uint32_t)(p - begin)};
        if (!isdigit((unsigned char)*begin) && !lexer_is_reserved(begin, word->length)) return true;
    }
}

/* The text of a span, as far as its file goes; empty where it is none. */
static struct text text_of(const struct damage *damage, struct span span)
{
    const struct source *source = source_set_at(damage->program->sources, span.begin);
    if (!source || span.end <= span.begin) return (struct text){"", 0};
    uint32_t at = span.begin - source->base, length = span.end - span.begin;
    return (struct text){source->text + at, length < source->length - at ? length : source->length - at};
}

static void add_words(const struct damage *damage, struct words *words, struct span span)
{
    struct text text = text_of(damage, span), word;
    for (const char *at = text.at; next_word(&at, text.at + text.length, &word);) add_word(words, word);
}

static bool names_any(const struct damage *damage, struct span span, const struct words *words)
{
    struct text text = text_of(damage, span), word;
    for (const char *at = text.at; next_word(&at, text.at + text.length, &word);)
        if (has_word(words, word)) return true;
    return false;
}

static bool is_name(const struct damage *damage, struct span span)
{
    struct text text = text_of(damage, span);
    for (uint32_t i = 0; i < text.length; i++)
        if (!in_word(text.at[i])) return false;
    return true;
}

/* Declarations */

static int compare_units(const void *a, const void *b)
{
    uint32_t x = (*(const struct node *const *)a)->span.begin, y = (*(const struct node *const *)b)->span.begin;
    return x < y ? -1 : x > y;
}

static void list_units(struct damage *damage)
{
    size_t count = 0;
    for
        EACH_NODE (file, damage->program->files)
    for
        EACH_NODE (declaration, file->file.declarations) count++;
    damage->units = ARENA_ARRAY(damage->program->arena, const struct node *, count + 1);
    for
        EACH_NODE (file, damage->program->files)
    for
        EACH_NODE (declaration, file->file.declarations) damage->units[damage->unit_count++] = declaration;
    qsort(damage->units, damage->unit_count, sizeof *damage->units, compare_units);
}

/* The first unit that begins behind the offset. */
static size_t unit_behind(const struct damage *damage, uint32_t offset)
{
    size_t low = 0, high = damage->unit_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (damage->units[middle]->span.begin > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static const struct node *unit_of(const struct damage *damage, uint32_t offset)
{
    size_t behind = unit_behind(damage, offset);
    const struct node *unit = behind ? damage->units[behind - 1] : NULL;
    return unit && offset < unit->span.end ? unit : NULL;
}

static bool is_damaged(const struct damage *damage, uint32_t offset)
{
    size_t low = 0, high = damage->part_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (offset < damage->parts[middle].begin)
            high = middle;
        else if (offset >= damage->parts[middle].end)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

/* What a declaration with a body declares to others, and no more; NULL: it has none. */
static const char *name_of(const struct node *unit)
{
    if (unit->kind == NODE_STRATEGY) return unit->strategy.name.text;
    if (unit->kind == NODE_FUNCTION) return unit->function.name.text;
    return unit->kind == NODE_TEST ? "" : NULL;
}

/* What the error damages; false where it is not known what that declares. */
static bool note_error(struct damage *damage, uint32_t at)
{
    const struct source *source = source_set_at(damage->program->sources, at);
    size_t behind = unit_behind(damage, at), index = behind;
    if (index && damage->units[index - 1]->span.begin == at) index--; /* at its first word: the one before it */
    const struct node *unit = index ? damage->units[index - 1] : NULL;
    const char *name = unit ? name_of(unit) : NULL;
    if (!source || !name || unit->span.begin < source->base || (index == behind && at >= unit->span.end)) return false;
    struct span part = {unit->span.begin, source->base + source->length};
    if (index < damage->unit_count && damage->units[index]->span.begin < part.end)
        part.end = damage->units[index]->span.begin;
    damage->parts[damage->part_count++] = part;
    add_words(damage, &damage->named, part);
    if (*name) add_word(&damage->declared, (struct text){name, (uint32_t)strlen(name)});
    add_words(damage, &damage->declared, (struct span){unit->span.end, part.end});
    return true;
}

static bool look_at_errors(struct damage *damage)
{
    size_t count;
    struct diag **errors = diags_sorted(damage->program->diags, &count);
    damage->parts = ARENA_ARRAY(damage->program->arena, struct span, count + 1);
    for (size_t i = 0; i < count; i++) {
        uint32_t at = errors[i]->span.begin;
        if (diag_code_severity(errors[i]->code) != ERROR || is_damaged(damage, at)) continue;
        if (!note_error(damage, at)) return false;
    }
    sort_words(&damage->named);
    sort_words(&damage->declared);
    return true;
}

static bool unit_names_any(struct damage *damage, const struct node *unit)
{
    if (damage->asked != unit) damage->asked_names = names_any(damage, unit->span, &damage->declared);
    damage->asked = unit;
    return damage->asked_names;
}

static bool stands_by_itself(struct damage *damage, const struct diag *diag)
{
    if (diag_code_severity(diag->code) != ERROR || diag->span.begin == diag->span.end) return false;
    if (diag->span.end - diag->span.begin > SPAN_LONGEST) return false;
    if (!source_set_at(damage->program->sources, diag->span.begin)) return false;
    const struct node *unit = unit_of(damage, diag->span.begin);
    if (!unit || is_damaged(damage, diag->span.begin)) return false;
    if (!strncmp(diag_code_text(diag->code), "E06", 3) && unit_names_any(damage, unit)) return false;
    if (is_name(damage, diag->span)) return !names_any(damage, diag->span, &damage->named);
    return !names_any(damage, diag->span, &damage->declared);
}

void damage_tell(struct program *program, struct diags *found)
{
    struct damage damage = {
        .program = program, .named = {.arena = program->arena}, .declared = {.arena = program->arena}};
    list_units(&damage);
    if (!look_at_errors(&damage)) return;
    for (struct diag *diag = diags_first(found), *next; diag; diag = next) {
        next = diag->next;
        if (stands_by_itself(&damage, diag)) diags_take(program->diags, diag);
    }
}
