/* compiler/sql/sqltext.c - Scans a statement once, from left to right.
 *
 *     with x as (insert into t values ($1) returning id) select id from x left outer join y on ...
 *     kind: WRITES (an insert within a with)              outer_join: rows of y may be made up of nulls
 *
 * Quoted text ('...', "...", $tag$...$tag$) and remarks are skipped: a word in them means nothing. `marks` are the
 * places of the author's placeholders; one within quotes would never be filled, so it is reported. No database is
 * used: this is not a parser, and knows only what the checks need. */
#include "compiler/sql/sqltext.h"

#include <ctype.h>
#include <string.h>

struct scan {
    const char *text, *end;
    bool has_begun, has_ended;
    char before[16]; /* the word before the current one: "left", "outer" */
    struct sqltext *found;
};

static bool sqltext_is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (c & 0x80);
}

static bool sqltext_is_part(char c)
{
    return sqltext_is_letter(c) || isdigit((unsigned char)c) || c == '$';
}

/* Skips a quoted text; a doubled quote is one character of it. Where the last quote is missing, the text ends with
 * the statement. */
static const char *after_quote(const struct scan *scan, const char *at, char quote, bool escapes)
{
    for (at++; at < scan->end; at++)
        if (escapes && *at == '\\')
            at++;
        else if (*at == quote && at + 1 < scan->end && at[1] == quote)
            at++;
        else if (*at == quote)
            return at + 1;
    return scan->end;
}

/* Remarks nest. */
static const char *after_remark(const struct scan *scan, const char *at)
{
    unsigned depth = 0;
    for (; at + 1 < scan->end; at++) {
        if (at[0] == '/' && at[1] == '*') {
            depth++;
            at++;
        } else if (at[0] == '*' && at[1] == '/') {
            at++;
            if (--depth == 0) return at + 1;
        }
    }
    return scan->end;
}

/* $tag$ ... Returns the end of the tag $tag$; NULL where there is none. */
static const char *after_dollar(const struct scan *scan, const char *at)
{
    const char *tag = at + 1;
    size_t length;
    if (tag < scan->end && isdigit((unsigned char)*tag)) return NULL;
    while (tag < scan->end && sqltext_is_part(*tag) && *tag != '$') tag++;
    if (tag == scan->end || *tag != '$') return NULL;
    length = (size_t)(tag + 1 - at);
    for (const char *close = tag + 1; close + length <= scan->end; close++)
        if (memcmp(close, at, length) == 0) return close + length;
    return scan->end;
}

/* Skips a quoted text or a remark; NULL where there is none. `after`: a letter comes before, so that $ is part of a
 * name. */
static const char *after_quoted(const struct scan *scan, const char *at)
{
    size_t left = (size_t)(scan->end - at);
    if ((*at == 'e' || *at == 'E') && left > 1 && at[1] == '\'') return after_quote(scan, at + 1, '\'', true);
    if (*at == '\'' || *at == '"') return after_quote(scan, at, *at, false);
    if (*at == '$') return after_dollar(scan, at);
    if (left > 1 && at[0] == '-' && at[1] == '-') {
        const char *line = memchr(at, '\n', left);
        return line ? line : scan->end;
    }
    return left > 1 && at[0] == '/' && at[1] == '*' ? after_remark(scan, at) : NULL;
}

static bool sqltext_is_word(const char *word, size_t length, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == length && strncasecmp(word, *list, length) == 0) return true;
    return false;
}

/* Reads a word: the first one tells what the statement does. The previous word is remembered for pairs such as `left
 * join`. */
static void take_word(struct scan *scan, const char *word, size_t length)
{
    static const char *const reads[] = {"select", "with", "values", "table", NULL};
    static const char *const writes[] = {"insert", "update", "delete", "merge", NULL};
    static const char *const sides[] = {"left", "right", "full", NULL}, *const outer[] = {"outer", NULL};
    static const char *const join[] = {"join", NULL};
    struct sqltext *found = scan->found;
    if (!scan->has_begun)
        found->kind = sqltext_is_word(word, length, reads)    ? SQLTEXT_READS
                      : sqltext_is_word(word, length, writes) ? SQLTEXT_WRITES
                                                              : SQLTEXT_OTHER;
    else if (found->kind == SQLTEXT_READS && sqltext_is_word(word, length, writes) &&
             strcasecmp(scan->before, "for") != 0 && strcasecmp(scan->before, "key") != 0)
        found->kind = SQLTEXT_WRITES; /* a write within a `with`; `for update` only locks */
    if (sqltext_is_word(word, length, join) && sqltext_is_word(scan->before, strlen(scan->before), sides))
        found->outer_join = true;
    if (sqltext_is_word(word, length, outer) && sqltext_is_word(scan->before, strlen(scan->before), sides))
        return; /* left outer */
    if (length >= sizeof scan->before) length = sizeof scan->before - 1;
    memcpy(scan->before, word, length);
    scan->before[length] = '\0';
}

/* Reads one piece of code: a word, a number or a sign. */
static const char *take_code(struct scan *scan, const char *at, bool is_mark)
{
    const char *begin = at;
    if (*at == ';') {
        scan->has_ended = scan->has_begun;
        return at + 1;
    }
    if (scan->has_ended && scan->found->second == (size_t)(scan->end - scan->text))
        scan->found->second = (size_t)(at - scan->text);
    if (*at == '$' && !is_mark && at + 1 < scan->end && isdigit((unsigned char)at[1]) &&
        scan->found->foreign == (size_t)(scan->end - scan->text))
        scan->found->foreign = (size_t)(at - scan->text);
    if (sqltext_is_letter(*at)) {
        while (at < scan->end && sqltext_is_part(*at)) at++;
        if (!scan->has_ended) take_word(scan, begin, (size_t)(at - begin));
    } else if (isdigit((unsigned char)*at) || *at == '$') {
        for (at++; at < scan->end && (isalnum((unsigned char)*at) || *at == '.');) at++;
        scan->before[0] = '\0';
    } else {
        at++;
        if (*begin != '(' || scan->has_begun) scan->before[0] = '\0';
        if (*begin == '(' && !scan->has_begun) return at; /* (select ...) union ... */
    }
    scan->has_begun = true;
    return at;
}

/* `foreign`, `second` and `quoted` are the places of mistakes; the text's length, or the number of marks, where
 * there is none. */
void sqltext_scan(const char *text, size_t length, const size_t *marks, size_t mark_count, struct sqltext *found)
{
    struct scan scan = {.text = text, .end = text + length, .found = found};
    size_t mark = 0;
    *found = (struct sqltext){.kind = SQLTEXT_EMPTY, .foreign = length, .second = length, .quoted = mark_count};
    for (const char *at = text; at < scan.end;) {
        const char *quoted;
        size_t offset = (size_t)(at - text);
        bool is_mark = mark < mark_count && marks[mark] == offset;
        if (isspace((unsigned char)*at)) {
            at++;
            continue;
        }
        quoted = is_mark ? NULL : after_quoted(&scan, at);
        if (!quoted) {
            at = take_code(&scan, at, is_mark);
            mark += is_mark;
            continue;
        }
        for (; mark < mark_count && marks[mark] < (size_t)(quoted - text); mark++)
            if (found->quoted == mark_count) found->quoted = mark;
        if (*at == '\'' || *at == '"') scan.has_begun = true;
        at = quoted;
    }
}
