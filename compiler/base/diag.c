/* compiler/base/diag.c - Collecting diagnostics; sorting, quoting and printing them.
 *
 * A pass collects a diagnostic when it finds the fault; all are printed at the end, sorted by place, since each pass
 * finds faults in an order of its own. A diagnostic that equals an earlier one is dropped, since passes may look at
 * a node twice. Texts live in the arena; a diagnostic stays changeable until it is printed, which is how hints,
 * notes and edits are added to it. */
#include "compiler/base/diag.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/near.h"
#include "base/shown.h"
#include "base/utf8.h"

enum { LINE_SHOWN = 160 }; /* the most bytes of a source line that are printed */

struct diags {
    struct arena *arena;
    const struct source_set *sources;
    struct diag *first, *last;
    size_t count, errors;
};

static const struct {
    const char *code, *name, *format;
    enum diag_severity severity;
} codes[] = {
#define DIAG(NAME, code, severity, text) {code, #NAME, text, severity},
#include "compiler/base/diag.def"
#undef DIAG
};

const char *diag_code_text(enum diag_code code)
{
    return codes[code].code;
}

const char *diag_code_name(enum diag_code code)
{
    return codes[code].name;
}

const char *diag_code_format(enum diag_code code)
{
    return codes[code].format;
}

enum diag_severity diag_code_severity(enum diag_code code)
{
    return codes[code].severity;
}

bool diag_code_named(const char *text, enum diag_code *code)
{
    for (int i = 0; i < DIAG_CODES; i++) {
        if (strcasecmp(codes[i].code, text) != 0) continue;
        *code = (enum diag_code)i;
        return true;
    }
    return false;
}

const char *diag_severity_text(enum diag_severity severity)
{
    static const char *const texts[] = {[ERROR] = "error", [WARNING] = "warning", [NOTE] = "note"};
    return texts[severity];
}

/* The rules of lint have names without the word that keeps them apart from other codes. */
static const char *diag_bare_name(enum diag_code code)
{
    const char *name = codes[code].name;
    return strncmp(name, "LINT_", 5) == 0 ? name + 5 : name;
}

void diag_code_write(enum diag_code code, char *name)
{
    const char *bare = diag_bare_name(code);
    size_t i = 0;
    for (; bare[i] && i + 1 < DIAG_NAME_MAX; i++)
        name[i] = bare[i] == '_' ? '-' : (char)tolower((unsigned char)bare[i]);
    name[i] = '\0';
}

bool diag_code_is(enum diag_code code, const char *text, size_t length)
{
    const char *name = diag_bare_name(code);
    if (strlen(codes[code].code) == length && strncasecmp(codes[code].code, text, length) == 0) return true;
    if (strlen(name) != length) return false;
    for (size_t i = 0; i < length; i++)
        if (name[i] != (text[i] == '-' ? '_' : toupper((unsigned char)text[i]))) return false;
    return true;
}

bool diag_same_rule(const char *name, const char *text, size_t length)
{
    if (strlen(name) != length) return false;
    for (size_t i = 0; i < length; i++) {
        int one = name[i] == '-' ? '_' : toupper((unsigned char)name[i]);
        if (one != (text[i] == '-' ? '_' : toupper((unsigned char)text[i]))) return false;
    }
    return true;
}

const char *diag_called(const struct diag *diag)
{
    return diag->own ? diag->own->name : codes[diag->code].code;
}

bool diag_is_called(const struct diag *diag, const char *text, size_t length)
{
    return diag_code_is(diag->code, text, length) || (diag->own && diag_same_rule(diag->own->name, text, length));
}

bool diag_code_called(const char *text, enum diag_code *code)
{
    uint32_t least = UINT32_MAX;
    size_t length = strlen(text);
    char wanted[DIAG_NAME_MAX], name[DIAG_NAME_MAX];
    for (int i = 0; i < DIAG_CODES; i++) {
        if (!diag_code_is((enum diag_code)i, text, length)) continue;
        *code = (enum diag_code)i;
        return true;
    }
    *code = DIAG_CODES;
    for (size_t i = 0; length < sizeof wanted && i <= length; i++)
        wanted[i] = text[i] == '_' ? '-' : (char)tolower((unsigned char)text[i]);
    for (int i = 0; length < sizeof wanted && i < DIAG_CODES; i++) {
        diag_code_write((enum diag_code)i, name);
        if (near_is_nearer(wanted, name, &least)) *code = (enum diag_code)i;
    }
    return false;
}

struct diags *diags_new(struct arena *arena, const struct source_set *sources)
{
    struct diags *diags = ARENA_NEW(arena, struct diags);
    diags->arena = arena;
    diags->sources = sources;
    return diags;
}

enum { TEXT_MAX = 2000 }; /* the most bytes of a message: a name may be a megabyte long */

static bool diag_inside_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Cuts out the middle of a message: its beginning says what is wrong, its end has the words that follow the name. */
static void cut_middle(char *text, size_t length)
{
    assert(length > TEXT_MAX);
    size_t end = TEXT_MAX / 2, rest = length - TEXT_MAX / 2;
    while (end > 0 && diag_inside_character(text[end])) end--;
    while (rest < length && diag_inside_character(text[rest])) rest++;
    memcpy(text + end, "...", 3);
    memmove(text + end + 3, text + rest, length - rest + 1);
}

static const char *diag_format(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    if (length > TEXT_MAX) cut_middle(text, (size_t)length);
    return text;
}

void diags_take(struct diags *diags, struct diag *diag)
{
    assert(diag->code < DIAG_CODES && diag->owner != diags);
    diag->owner = diags;
    diag->next = NULL;
    diag->number = diags->count++;
    diags->errors += diag->severity == ERROR;
    if (diags->last)
        diags->last->next = diag;
    else
        diags->first = diag;
    diags->last = diag;
}

struct diag *diag_add(struct diags *diags, enum diag_code code, struct source_span span, const char *format, ...)
{
    struct diag *diag = ARENA_NEW(diags->arena, struct diag);
    va_list arguments;
    va_start(arguments, format);
    diag->text = diag_format(diags->arena, format, arguments);
    va_end(arguments);
    diag->code = code;
    diag->severity = codes[code].severity;
    diag->span = span;
    diags_take(diags, diag);
    return diag;
}

void diag_level(struct diag *diag, enum diag_severity severity)
{
    assert(diag->owner);
    diag->owner->errors -= diag->severity == ERROR;
    diag->severity = severity;
    diag->owner->errors += severity == ERROR;
}

const char *diag_count(struct diags *diags, const char *before, size_t count, const char *what)
{
    if (!count) return arena_printf(diags->arena, "no %ss", what);
    return arena_printf(diags->arena, "%s%zu %s%s", before, count, what, count == 1 ? "" : "s");
}

void diag_hint(struct diag *diag, const char *format, ...)
{
    va_list arguments;
    assert(diag->owner);
    va_start(arguments, format);
    diag->hint = diag_format(diag->owner->arena, format, arguments);
    va_end(arguments);
}

void diag_did_you_mean(struct diag *diag, const char *name, struct source_span where)
{
    if (!name) return;
    diag->meant = name;
    struct position at = source_set_position(diag->owner->sources, where.begin);
    if (at.source)
        diag_hint(diag, "did you mean '%s'? (%s:%u)", name, at.source->path, at.line);
    else
        diag_hint(diag, "did you mean '%s'?", name);
}

void diag_note(struct diag *diag, struct source_span span, const char *format, ...)
{
    struct diag_note *note = ARENA_NEW(diag->owner->arena, struct diag_note);
    va_list arguments;
    va_start(arguments, format);
    note->text = diag_format(diag->owner->arena, format, arguments);
    va_end(arguments);
    note->span = span;
    if (diag->last_note)
        diag->last_note->next = note;
    else
        diag->first_note = note;
    diag->last_note = note;
}

void diag_edit(struct diag *diag, struct source_span span, const char *text)
{
    struct diag_edit *edit = ARENA_NEW(diag->owner->arena, struct diag_edit);
    edit->span = span;
    edit->text = text;
    if (diag->last_edit)
        diag->last_edit->next = edit;
    else
        diag->first_edit = edit;
    diag->last_edit = edit;
}

const struct source_set *diags_sources(const struct diags *diags)
{
    return diags->sources;
}

struct diag *diags_first(const struct diags *diags)
{
    return diags->first;
}

struct diag *diags_last(const struct diags *diags)
{
    return diags->last;
}

struct arena *diags_arena(const struct diags *diags)
{
    return diags->arena;
}

size_t diags_errors(const struct diags *diags)
{
    return diags->errors;
}

/* Compares two diagnostics by place, at one place by the order of reporting. Offsets grow from file to file in the
 * order of reading, so the mistakes of an imported file come after those of the file that imports it. */
static int diags_in_order(const void *a, const void *b)
{
    const struct diag *left = *(struct diag *const *)a, *right = *(struct diag *const *)b;
    if (left->span.begin != right->span.begin) return left->span.begin < right->span.begin ? -1 : 1;
    return left->number < right->number ? -1 : 1;
}

static bool diags_are_equal(const struct diag *a, const struct diag *b)
{
    return a->code == b->code && a->own == b->own && a->span.begin == b->span.begin && strcmp(a->text, b->text) == 0;
}

/* Prints, for `count` bytes of a line from `from` on, one `fill` per character; tabs stay tabs. Every character
 * counts as one column, and a tab is repeated as a tab, so the caret is right in any terminal, whatever its tab
 * stops are; only wide characters (CJK) shift it. */
static void print_under(FILE *out, const char *line, size_t from, size_t count, char fill)
{
    for (size_t i = from; i < from + count; i++) {
        if (((unsigned char)line[i] & 0xC0) == 0x80) continue;
        fputc(line[i] == '\t' && fill == ' ' ? '\t' : fill, out);
    }
}

/* Prints a line: a character that would move the cursor, change the writing direction or be invisible takes one
 * column, as the caret counts. */
static void print_line(FILE *out, const char *line, size_t length)
{
    char shown[SHOWN_MAX];
    unsigned size;
    for (size_t at = 0; at < length; at += size) {
        bool itself = shown_next((const uint8_t *)line + at, length - at, &size, shown);
        fputs(line[at] == '\t' ? "\t" : itself ? shown : "?", out);
    }
}

/* The part of a line that is shown: all of it, or for a long line the part around the fault. The fault is in the
 * middle of the part, and the part cuts no character in two. */
static struct source_span diag_visible(const char *line, size_t length, size_t place)
{
    struct source_span part = {0, (uint32_t)length};
    if (length <= LINE_SHOWN) return part;
    if (place > LINE_SHOWN / 2) part.begin = utf8_cut(line, length, (uint32_t)(place - LINE_SHOWN / 2));
    if (length - part.begin > LINE_SHOWN) part.end = part.begin + LINE_SHOWN;
    while (part.end < length && ((unsigned char)line[part.end] & 0xC0) == 0x80) part.end++;
    return part;
}

void diags_quote_line(FILE *out, uint32_t number, const char *line, size_t length, size_t place)
{
    struct source_span part = diag_visible(line, length, place);
    fprintf(out, "%5u | %s", number, part.begin > 0 ? "..." : "");
    print_line(out, line + part.begin, part.end - part.begin);
    fprintf(out, "%s\n", part.end < length ? "..." : "");
}

/* Prints the caret and the line after it below the bytes begin..end of the shown part; the part has whole characters
 * only. */
static void print_caret(FILE *out, const char *line, struct source_span part, size_t begin, size_t end)
{
    print_under(out, line, part.begin, (begin < part.end ? begin : part.end) - part.begin, ' ');
    fputc('^', out);
    size_t first = begin + 1;
    while (first < end && ((unsigned char)line[first] & 0xC0) == 0x80) first++;
    if (end > part.end) end = part.end;
    if (end > first) print_under(out, line, first, end - first, '~');
}

static void print_quote(const struct diags *diags, FILE *out, struct source_span span, const char *remark)
{
    struct position at = source_set_position(diags->sources, span.begin);
    if (!at.source) return;
    size_t length;
    const char *line = source_line(at.source, at.line, &length);
    if (source_utf8_check(line, length) < length) {
        fprintf(out, "%5u | (not UTF-8)\n", at.line);
        return;
    }
    size_t begin = span.begin - at.source->base - at.source->lines[at.line - 1];
    size_t end = span.end - at.source->base - at.source->lines[at.line - 1];
    struct source_span part = diag_visible(line, length, begin);
    const char *before = part.begin > 0 ? "..." : "", *after = part.end < length ? "..." : "";
    fprintf(out, "%5u | %s", at.line, before);
    print_line(out, line + part.begin, part.end - part.begin);
    fprintf(out, "%s\n      | %*s", after, (int)strlen(before), "");
    print_caret(out, line, part, begin, end);
    if (remark) shown_print(out, " %s", remark);
    fputc('\n', out);
}

/* The colours of a terminal, where the output is one and NO_COLOR is not set (no-color.org). */
static bool diags_coloured(FILE *out)
{
    const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return !(none && *none) && terminal && strcmp(terminal, "dumb") != 0 && isatty(fileno(out));
}

static void print_severity(FILE *out, enum diag_severity severity)
{
    static const char *const colours[] = {[ERROR] = "\033[1;31m", [WARNING] = "\033[1;35m", [NOTE] = "\033[1;36m"};
    bool coloured = diags_coloured(out);
    fprintf(out, "%s%s:%s ", coloured ? colours[severity] : "", diag_severity_text(severity),
            coloured ? "\033[0m" : "");
}

static void print_one(const struct diags *diags, FILE *out, const struct diag *diag)
{
    struct position at = source_set_position(diags->sources, diag->span.begin);
    if (at.source) shown_print(out, "%s:%u:%u: ", at.source->path, at.line, at.column);
    print_severity(out, diag->severity);
    shown_print(out, "%s [%s]\n", diag->text, diag_called(diag));
    print_quote(diags, out, diag->span, diag->hint);
    for (const struct diag_note *note = diag->first_note; note; note = note->next) {
        struct position there = source_set_position(diags->sources, note->span.begin);
        if (there.source && there.source != at.source) shown_print(out, "  %s:\n", there.source->path);
        print_quote(diags, out, note->span, note->text);
    }
}

struct diag **diags_sorted(struct diags *diags, size_t *kept)
{
    struct diag **sorted = ARENA_ARRAY(diags->arena, struct diag *, diags->count + 1);
    size_t count = 0;
    for (struct diag *diag = diags->first; diag; diag = diag->next)
        if (!diag->dropped) sorted[count++] = diag;
    qsort(sorted, count, sizeof *sorted, diags_in_order);
    *kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool again = false;
        for (size_t j = *kept; j > 0 && sorted[j - 1]->span.begin == sorted[i]->span.begin; j--)
            again = again || diags_are_equal(sorted[j - 1], sorted[i]);
        if (!again) sorted[(*kept)++] = sorted[i];
    }
    return sorted;
}

/* A file that two programs import is checked with both, and its mistakes would be reported twice. Two diagnostics
 * with the same words at the same place of the same path are one mistake; their offsets differ, as each program
 * counts its own. */
static bool told_by(const struct diags *diags, const struct diag *diag, const struct diags *told)
{
    struct position at = source_set_position(diags->sources, diag->span.begin);
    for (const struct diag *other = told->first; other; other = other->next) {
        if (!other->shown || other->code != diag->code || strcmp(other->text, diag->text) != 0) continue;
        struct position there = source_set_position(told->sources, other->span.begin);
        bool same = at.source && there.source && strcmp(at.source->path, there.source->path) == 0;
        if (same && at.line == there.line && at.column == there.column) return true;
    }
    return false;
}

void diags_leave_out(struct diags *diags, const struct diags *told)
{
    for (struct diag *diag = diags->first; diag; diag = diag->next)
        diag->dropped = diag->dropped || told_by(diags, diag, told);
}

/* Do the hints say the same? `write 4711` and `write 4712` do: each is a value in the other form. */
static bool same_cure(const char *hint, const char *other)
{
    static const char write[] = "write ";
    if (!hint || !other) return hint == other;
    return strcmp(hint, other) == 0 ||
           (strncmp(hint, write, sizeof write - 1) == 0 && strncmp(other, write, sizeof write - 1) == 0);
}

/* Do both miss the same word? A key that is not declared is an unknown name where it is read, and a strategy that is
 * not there is missing where it is called and where a test calls it. */
static bool same_missing(const struct diags *diags, const struct diag *a, const struct diag *b)
{
    static const enum diag_code missing[] = {DIAG_UNKNOWN_NAME, DIAG_NOT_ATTACHABLE, DIAG_UNKNOWN_STRATEGY,
                                             DIAG_TEST_STRATEGY};
    int both = 0;
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        both += (a->code == missing[i]) + (b->code == missing[i]);
    const struct source *one = source_set_at(diags->sources, a->span.begin);
    const struct source *other = source_set_at(diags->sources, b->span.begin);
    uint32_t length = a->span.end - a->span.begin;
    return both == 2 && a->code != b->code && one && other && length > 0 && b->span.end - b->span.begin == length &&
           memcmp(one->text + (a->span.begin - one->base), other->text + (b->span.begin - other->base), length) == 0;
}

/* Do both diagnostics say that the same name is unknown, or the same of one key? One of the two reports is enough to
 * mend the mistake. */
static bool same_name(const struct diag *a, const struct diag *b)
{
    static const enum diag_code unknown[] = {
        DIAG_UNKNOWN_NAME,     DIAG_UNKNOWN_FUNCTION, DIAG_UNKNOWN_STEP, DIAG_UNKNOWN_LABEL,   DIAG_UNKNOWN_KIND_NAME,
        DIAG_UNKNOWN_ENDPOINT, DIAG_TEST_STRATEGY,    DIAG_TEST_SOURCE,  DIAG_UNKNOWN_TYPE,    DIAG_NO_PARAMETER,
        DIAG_COLUMN_MISSING,   DIAG_TEST_ARRIVAL,     DIAG_TEST_FIELD,   DIAG_ATTRIBUTE_MEDIUM};
    bool names = false;
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) names = names || a->code == unknown[i];
    bool subject = same_cure(a->hint, b->hint) && (a->about || a->code == DIAG_NO_MEMBER);
    return (names || subject) && a->about == b->about && a->code == b->code && strcmp(a->text, b->text) == 0;
}

/* Prints a diagnostic with the lines of all diagnostics that say the same; these are taken out of the list. An agent
 * misspelt once in the site may be used a hundred times. The first use is reported in full, of the other uses only
 * the lines are named. */
static void print_all_of(struct diags *diags, FILE *out, struct diag **sorted, size_t count)
{
    enum { LINES_SHOWN = 8 };
    const struct diag *first = *sorted;
    struct position last = source_set_position(diags->sources, first->span.begin);
    uint32_t shown = 0;
    print_one(diags, out, first);
    sorted[0]->shown = true;
    for (size_t i = 1; i < count; i++) {
        if (!sorted[i] || !(same_name(first, sorted[i]) || same_missing(diags, first, sorted[i]))) continue;
        struct position at = source_set_position(diags->sources, sorted[i]->span.begin);
        bool here = at.source == last.source;
        if ((!here || at.line != last.line) && shown++ < LINES_SHOWN) {
            fputs(shown > 1 ? ", " : here ? "      | also in line " : "      | also in ", out);
            if (!here) fprintf(out, "%s:", at.source->path);
            fprintf(out, "%u", at.line);
        }
        sorted[i]->shown = true;
        sorted[i] = NULL;
        last = at;
    }
    if (shown > 0) fprintf(out, "%s\n", shown > LINES_SHOWN ? " and more" : "");
}

/* Where not all diagnostics fit, errors come before warnings; errors and warnings each keep their order by place. */
size_t diags_print(struct diags *diags, FILE *out, size_t limit)
{
    size_t count, errors = 0;
    struct diag **sorted = diags_sorted(diags, &count);
    for (size_t i = 0; i < count; i++) errors += sorted[i]->severity == ERROR;
    size_t room[] = {[ERROR] = limit, [WARNING] = errors < limit ? limit - errors : 0}, more = 0;
    for (size_t i = 0; i < count; i++) {
        if (!sorted[i]) continue;
        size_t *left = &room[sorted[i]->severity == ERROR ? ERROR : WARNING];
        if (*left > 0)
            --*left, print_all_of(diags, out, sorted + i, count - i);
        else
            more++;
    }
    if (more > 0) fprintf(out, "and %zu more\n", more);
    return errors;
}
