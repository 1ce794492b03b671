/* compiler/recovery/braces.c - Goes through the braces of a text, without those in strings, SQL and remarks. The walk
 * notes the open braces and compares the indentation of their lines with that of each further line. */
#include "compiler/recovery/braces.h"

#include <assert.h>
#include <string.h>

enum { BRACES_DEEP = 64, LINES_BEFORE = 64 };

struct braces_walk {
    const char *text;
    size_t length, at;
    size_t line; /* the beginning of the line that contains `at` */
    bool torn;   /* a string has no end, so the braces cannot be told from its text */
    bool first;  /* there are only spaces before `at` on its line */
    struct open {
        size_t at, line;
    } open[BRACES_DEEP];
    int depth;
};

static size_t brace_indentation(const struct braces_walk *walk, size_t line)
{
    size_t in = 0;
    while (line + in < walk->length && (walk->text[line + in] == ' ' || walk->text[line + in] == '\t')) in++;
    return in;
}

/* Skips a remark, string or SQL that begins at `at`; false where none does. */
static bool braces_skip(struct braces_walk *walk)
{
    assert(walk->at < walk->length);
    const char *text = walk->text;
    char begin = text[walk->at];
    if (begin == '/' && walk->at + 1 < walk->length && text[walk->at + 1] == '/') {
        while (walk->at < walk->length && text[walk->at] != '\n') walk->at++;
        return true;
    }
    if (begin != '"' && begin != '`') return false;
    for (walk->at++; walk->at < walk->length && text[walk->at] != begin; walk->at++) {
        if (begin == '"' && text[walk->at] == '\n') return walk->torn = true;
        if (begin == '"' && text[walk->at] == '\\') walk->at++;
    }
    walk->at += walk->at < walk->length;
    return true;
}

/* Returns the nearest line above with the same indentation; the line itself where there is none within LINES_BEFORE
 * lines. */
static size_t line_as_far_in(const struct braces_walk *walk, size_t line)
{
    assert(line <= walk->length);
    size_t far = brace_indentation(walk, line), before = line;
    for (int i = 0; i < LINES_BEFORE && before > 0; i++) {
        for (before--; before > 0 && walk->text[before - 1] != '\n';) before--;
        size_t in = brace_indentation(walk, before);
        if (in == far && before + in < walk->length && walk->text[before + in] != '\n') return before;
    }
    return line;
}

/* Compares a line's indentation with that of the innermost open block: a block with at least this indentation should
 * have been closed above. */
static struct odd_brace look_at_line(const struct braces_walk *walk)
{
    if (walk->depth == 0 || walk->depth > BRACES_DEEP) return (struct odd_brace){0};
    const struct open *inner = &walk->open[walk->depth - 1];
    size_t here = brace_indentation(walk, walk->line), there = brace_indentation(walk, inner->line);
    bool closes = walk->text[walk->at] == '}';
    if (inner->line != walk->line && (closes ? here < there : here <= there))
        return (struct odd_brace){true, true, inner->at};
    if (closes && here > there) return (struct odd_brace){true, false, line_as_far_in(walk, walk->line)};
    return (struct odd_brace){0};
}

/* Opens or closes a block. A '}' at the end of a line must close a block of the same line. */
static struct odd_brace look_at_brace(struct braces_walk *walk)
{
    assert(walk->text[walk->at] == '{' || walk->text[walk->at] == '}');
    if (walk->text[walk->at] == '{') {
        if (walk->depth < BRACES_DEEP) walk->open[walk->depth] = (struct open){walk->at, walk->line};
        walk->depth++;
    } else if (walk->depth > 0) {
        walk->depth--;
        bool alone = !walk->first && walk->depth < BRACES_DEEP && walk->open[walk->depth].line != walk->line;
        if (alone) return (struct odd_brace){true, false, walk->line};
    }
    return (struct odd_brace){0};
}

/* Is there at `at` a word that begins a declaration? */
static bool brace_declares(const struct braces_walk *walk)
{
    static const char *const words[] = {"import", "const",      "record",   "enum", "function",
                                        "native", "subroutine", "strategy", "site", "test"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (walk->length - walk->at <= length || memcmp(walk->text + walk->at, words[i], length) != 0) continue;
        if (strchr(" \t\n{", walk->text[walk->at + length])) return true;
    }
    return false;
}

/* Returns the beginning of the next declaration. *depth counts how many more '{' than '}' come before it; 0 where a
 * string has no end. */
static size_t look_ahead(struct braces_walk walk, long *depth)
{
    size_t begin = walk.at;
    *depth = 0;
    while (walk.at < walk.length) {
        if (walk.at > begin && walk.text[walk.at - 1] == '\n' && brace_declares(&walk)) break;
        if (braces_skip(&walk)) continue;
        *depth += walk.text[walk.at] == '{' ? 1 : walk.text[walk.at] == '}' ? -1 : 0;
        walk.at++;
    }
    if (walk.torn) *depth = 0;
    return walk.at;
}

/* Returns the first odd brace before `end`: one found by a line's indentation, or else the last '{' that is still
 * open. */
static struct odd_brace odd_until(struct braces_walk walk, size_t end)
{
    while (walk.at < end) {
        char c = walk.text[walk.at];
        if (c == '\n') {
            walk.line = ++walk.at;
            walk.first = true;
            continue;
        }
        bool space = c == ' ' || c == '\t' || c == '\r';
        bool remark = c == '/' && walk.at + 1 < end && walk.text[walk.at + 1] == '/';
        struct odd_brace odd = {0};
        if (walk.first && !space && !remark) odd = look_at_line(&walk);
        if (!odd.found && (c == '{' || c == '}')) odd = look_at_brace(&walk);
        if (odd.found) return odd;
        walk.first = walk.first && space;
        if (!braces_skip(&walk)) walk.at++;
    }
    if (walk.depth == 0 || walk.depth > BRACES_DEEP) return (struct odd_brace){0};
    return (struct odd_brace){true, true, walk.open[walk.depth - 1].at};
}

struct odd_brace braces_odd(const char *text, size_t length, size_t from)
{
    struct odd_brace odd = {0};
    assert(text && from <= length);
    while (from < length && !odd.found) {
        struct braces_walk walk = {.text = text, .length = length, .at = from, .line = from, .first = true};
        long depth;
        size_t end = look_ahead(walk, &depth);
        if (depth != 0) odd = odd_until(walk, end);
        from = end;
    }
    return odd;
}
