/* compiler/recovery/edits.c - Compares the text around an error with the rows of edits.def.
 *
 * A fit may begin at the error's place, at one of the few words and signs before it, or at the beginning of its
 * statement; it must reach the place. */
#include "compiler/recovery/edits.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "compiler/syntax/program.h"

enum {
    EDITS_CAUGHT = 9,
    EDITS_STEPS = 20000,
    EDITS_BEGINS = 7,
    EDITS_LINE = 2000, /* the most bytes of a line before and after the error; in a longer line it gets no edit */
};

static const struct edit_row {
    enum diag_code code;
    const char *elsewhere, *here;
} edit_rows[] = {
#define EDIT(code, elsewhere, here) {DIAG_##code, elsewhere, here},
#include "compiler/recovery/edits.def"
};

struct edit_fit {
    const char *begin, *end; /* the whole text */
    struct {
        const char *at;
        size_t length;
    } caught[EDITS_CAUGHT];
    int count, steps; /* steps bounds the work for a long line */
};

static bool edit_in_word(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool edit_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t edit_digits(const struct edit_fit *fit, const char *at)
{
    size_t length = 0;
    while (at + length < fit->end && edit_is_digit(at[length])) length++;
    return length;
}

static size_t edit_word(const struct edit_fit *fit, const char *at)
{
    size_t length = 0;
    while (at + length < fit->end && edit_in_word(at[length])) length++;
    return length;
}

static bool edit_is_type(const char *at, size_t length)
{
    static const char *const types[] = {"str", "int", "bool", "float", "duration", "percent"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i]) == length && memcmp(types[i], at, length) == 0) return true;
    return false;
}

static size_t edit_string(const struct edit_fit *fit, const char *at)
{
    if (*at != '"') return 0;
    for (const char *p = at + 1; p < fit->end && *p != '\n'; p++)
        if (*p == '\\')
            p++;
        else if (*p == '"')
            return (size_t)(p + 1 - at);
    return 0;
}

/* Returns the length of what a kind other than %e and %r stands for at `at`; 0: it is not there. */
static size_t edit_kind(const struct edit_fit *fit, char kind, const char *at)
{
    if (at >= fit->end) return 0;
    size_t word = edit_word(fit, at), digits = edit_digits(fit, at);
    switch (kind) {
    case 'n':
        return digits == 0 && !edit_is_type(at, word) ? word : 0;
    case 't':
        return edit_is_type(at, word) ? word : 0;
    case 'd':
        return digits == word ? digits : 0;
    case 'D':
        return digits > 0;
    case 'u':
        return digits > 0 && digits < word && strchr("mshd", at[digits]) ? word : 0;
    case 'c':
        return word == 2 && digits == 2 && at + 5 <= fit->end && at[2] == ':' && edit_word(fit, at + 3) == 2 ? 5 : 0;
    case 's':
    case 'q':
        return edit_string(fit, at);
    default:
        assert(kind == '$');
        return 0;
    }
}

static void edit_catch(struct edit_fit *fit, const char *at, size_t length)
{
    assert(fit->count < EDITS_CAUGHT);
    fit->caught[fit->count].at = at;
    fit->caught[fit->count++].length = length;
}

static const char *edit_past_blanks(const struct edit_fit *fit, const char *at)
{
    while (at < fit->end && (*at == ' ' || *at == '\t')) at++;
    return at;
}

static const char *edit_go(struct edit_fit *, const char *row, const char *at);

/* Catches the shortest text behind which the rest of the row fits: an expression, or any text of the line. */
static const char *edit_any(struct edit_fit *fit, bool expression, const char *row, const char *at)
{
    int depth = 0, count = fit->count;
    for (const char *p = at; p < fit->end && *p != '\n';) {
        size_t string = expression ? edit_string(fit, p) : 0;
        if (expression && depth == 0 && strchr(")];{}", *p)) return NULL;
        if (expression && strchr(";{}", *p)) return NULL;
        if (expression) depth += *p == '(' || *p == '[' ? 1 : *p == ')' || *p == ']' ? -1 : 0;
        p += string ? string : 1;
        if (depth > 0 || p[-1] == ' ') continue;
        if (edit_in_word(p[-1]) && p < fit->end && edit_in_word(*p)) continue;
        fit->count = count;
        edit_catch(fit, at, (size_t)(p - at));
        const char *end = edit_go(fit, row, p);
        if (end || --fit->steps < 0) return end;
    }
    return NULL;
}

/* Catches one of the words between < and >; `row` is behind the <. */
static const char *edit_one_of(struct edit_fit *fit, const char *row, const char *at)
{
    const char *close = strchr(row, '>');
    int count = fit->count;
    assert(close);
    for (const char *word = row; word < close; word += strcspn(word, "|>") + 1) {
        size_t length = strcspn(word, "|>");
        if ((size_t)(fit->end - at) < length || memcmp(word, at, length) != 0) continue;
        if (edit_in_word(word[length - 1]) && at + length < fit->end && edit_in_word(at[length])) continue;
        fit->count = count;
        edit_catch(fit, at, length);
        const char *end = edit_go(fit, close + 1, at + length);
        if (end) return end;
    }
    return NULL;
}

/* Does a word of the row that ends at `row` end in the text, too? `row` and `at` are at the same letter. */
static bool edit_whole(const struct edit_fit *fit, const char *row, const char *at)
{
    if (!edit_in_word(*row) || edit_in_word(row[1]) || row[1] == '%') return true;
    return at + 1 >= fit->end || !edit_in_word(at[1]);
}

/* Returns the end of what the rest of the row fits at `at`, or NULL. */
static const char *edit_go(struct edit_fit *fit, const char *row, const char *at)
{
    if (--fit->steps < 0) return NULL;
    for (; *row; row++) {
        if (*row == ' ') {
            const char *behind = edit_past_blanks(fit, at);
            if (behind == at && at > fit->begin && edit_in_word(at[-1]) && at < fit->end && edit_in_word(*at))
                return NULL;
            at = behind;
        } else if (*row == '<' && (row[1] == '"' || edit_in_word(row[1]))) {
            return edit_one_of(fit, row + 1, at);
        } else if (*row != '%' || row[1] == '%') {
            if (at >= fit->end || *at != *row || !edit_whole(fit, row, at)) return NULL;
            at++;
            row += *row == '%';
        } else if (*++row == '$') {
            at = edit_past_blanks(fit, at);
            if (at < fit->end && *at != '\n' && *at != '\r') return NULL;
        } else if (*row == 'e' || *row == 'r') {
            return edit_any(fit, *row == 'e', row + 1, at);
        } else {
            size_t length = edit_kind(fit, *row, at);
            if (!length) return NULL;
            bool quoted = *row == 'q';
            edit_catch(fit, at + quoted, length - 2 * (size_t)quoted);
            at += length;
        }
    }
    return at;
}

/* Returns the second text of the row with what was caught. */
static const char *edit_text(struct arena *arena, const struct edit_fit *fit, const char *here)
{
    const char *text = "";
    for (const char *p = here; *p;) {
        size_t plain = strcspn(p, "%");
        text = arena_printf(arena, "%s%.*s", text, (int)plain, p);
        p += plain;
        if (!*p) break;
        int which = p[1] - '1';
        if (p[1] == '%')
            text = arena_printf(arena, "%s%%", text);
        else if (which < fit->count)
            text = arena_printf(arena, "%s%.*s", text, (int)fit->caught[which].length, fit->caught[which].at);
        p += 2;
    }
    return text;
}

/* Tries the row at a place of the source; `line` is the end of the line. */
static bool edit_fits(const struct edit_row *row, const struct source *source, const char *at, const char *line,
                      const struct diag *diag, struct edit_fit *fit)
{
    const char *place = source->text + (diag->span.begin - source->base);
    *fit = (struct edit_fit){.begin = source->text, .end = line, .steps = EDITS_STEPS};
    if (at >= fit->end || (at > source->text && edit_in_word(at[-1]) && edit_in_word(*at))) return false;
    const char *end = edit_go(fit, row->elsewhere + (*row->elsewhere == '^'), at);
    bool reaches = end && end >= place && (end > place || diag->span.begin == diag->span.end);
    fit->begin = at;
    fit->end = end;
    return reaches;
}

/* Returns the end of the line; NULL: the line is too long behind the place. */
static const char *edit_line_end(const struct source *source, const char *place)
{
    const char *last = source->text + source->length;
    size_t left = (size_t)(last - place);
    const char *line = memchr(place, '\n', left < EDITS_LINE ? left : EDITS_LINE);
    return line || left > EDITS_LINE ? line : last;
}

/* The place of the error before, and how far its statement was followed back. */
struct edit_seen {
    const struct source *source;
    const char *place, *begin;
};

/* Returns the beginning of the statement that contains the place, on its line; NULL: the statement is too long. Errors
 * mostly come in the order of their places: each byte is looked at once, however many errors a statement has. */
static const char *edit_statement(struct edit_seen *seen, const struct source *source, const char *place)
{
    const char *at = place, *least = place - source->text > EDITS_LINE ? place - EDITS_LINE : source->text;
    bool goes_on = seen->source == source && seen->place <= place && seen->place > least;
    const char *last = goes_on ? seen->place : least;
    while (at > last && *(at - 1) != ';' && *(at - 1) != '{' && *(at - 1) != '}' && *(at - 1) != '\n') at--;
    if (goes_on && at == last) at = seen->begin;
    *seen = (struct edit_seen){source, place, at};
    if (place - at >= EDITS_LINE) return NULL;
    while (at < place && (*at == ' ' || *at == '\t')) at++;
    return at;
}

/* Returns the beginning of the word or sign before the place, which is in a statement that is not too long. */
static const char *edit_before(const struct source *source, const char *place)
{
    const char *at = place, *least = place - source->text > EDITS_LINE ? place - EDITS_LINE : source->text;
    while (at > least && (at[-1] == ' ' || at[-1] == '\t')) at--;
    if (at == least) return place;
    if (at[-1] == '"')
        for (at--; at > least && at[-1] != '"' && at[-1] != '\n';) at--;
    if (at > least && !edit_in_word(at[-1])) return at - 1;
    while (at > least && edit_in_word(at[-1])) at--;
    return at;
}

static void edits_add_one(struct program *program, struct edit_seen *seen, struct diag *diag)
{
    const struct source *source = source_set_at(program->sources, diag->span.begin);
    if (!source) return;
    const char *place = source->text + (diag->span.begin - source->base);
    const char *line = edit_line_end(source, place);
    const char *begins[EDITS_BEGINS] = {edit_statement(seen, source, place), place};
    if (!line || !begins[0]) return;
    for (size_t i = 2; i < EDITS_BEGINS; i++) begins[i] = edit_before(source, begins[i - 1]);
    for (size_t i = 0; i < sizeof edit_rows / sizeof *edit_rows; i++) {
        if (edit_rows[i].code != diag->code) continue;
        bool first = *edit_rows[i].elsewhere == '^';
        for (size_t j = 0; j < (first ? 1 : EDITS_BEGINS); j++) {
            struct edit_fit fit;
            if (!edit_fits(&edit_rows[i], source, begins[j], line, diag, &fit)) continue;
            struct source_span span = {source->base + (uint32_t)(fit.begin - source->text),
                                       source->base + (uint32_t)(fit.end - source->text)};
            size_t length = span.end - span.begin;
            const char *here = edit_text(program->arena, &fit, edit_rows[i].here);
            if (strlen(here) == length && memcmp(here, fit.begin, length) == 0) continue;
            diag_edit(diag, span, here);
            if (!diag->hint && *here) diag_hint(diag, "write %s", here);
            return;
        }
    }
}

/* A word in other sizes of letters is meant for sure. */
static bool edit_add_meant(struct program *program, struct diag *diag)
{
    const struct source *source = source_set_at(program->sources, diag->span.begin);
    size_t length = diag->span.end - diag->span.begin;
    if (!diag->meant || !source || strlen(diag->meant) != length) return false;
    if (strncasecmp(diag->meant, source->text + (diag->span.begin - source->base), length) != 0) return false;
    diag_edit(diag, diag->span, diag->meant);
    return true;
}

void edits_add(struct program *program)
{
    struct edit_seen seen = {0};
    for (struct diag *diag = diags_first(program->diags); diag; diag = diag->next)
        if (diag->severity == ERROR && !diag->first_edit && !edit_add_meant(program, diag))
            edits_add_one(program, &seen, diag);
}
