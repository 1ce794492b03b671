/* compiler/lsp/before.c - The text before the cursor: two words, a chain of members, the kinds of words that may
 * follow. */
#include "compiler/lsp/before.h"

#include <ctype.h>
#include <string.h>

bool before_is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static size_t word_before(const char *text, size_t at, char *word)
{
    size_t begin = at;
    while (begin > 0 && before_is_name_byte(text[begin - 1])) begin--;
    size_t length = at - begin < WORD_LENGTH - 1 ? at - begin : WORD_LENGTH - 1;
    memcpy(word, text + at - length, length);
    word[length] = '\0';
    return begin;
}

/* Returns the beginning of the remark that contains the place, or the place itself. */
static size_t remark_before(const char *text, size_t at)
{
    size_t line = at;
    while (line > 0 && text[line - 1] != '\n') line--;
    bool quoted = false;
    for (size_t i = line; i + 1 < at; i++) {
        if (text[i] == '"' && (i == line || text[i - 1] != '\\')) quoted = !quoted;
        if (!quoted && text[i] == '/' && text[i + 1] == '/') return i;
    }
    return at;
}

static size_t space_before(const char *text, size_t at)
{
    for (size_t from = at + 1; at < from;) {
        from = at;
        while (at > 0 && isspace((unsigned char)text[at - 1])) at--;
        at = remark_before(text, at);
    }
    return at;
}

/* True: the comma that ends there stands after an order of a selection: by max(skill French), */
static bool order_before(const char *text, size_t end)
{
    char word[WORD_LENGTH];
    while (end > 0 && text[end - 1] == ',') {
        size_t at = space_before(text, end - 1);
        if (at > 0 && text[at - 1] == ')') {
            unsigned depth = 0;
            do {
                at--;
                depth += text[at] == ')';
                depth -= text[at] == '(';
            } while (at > 0 && depth > 0);
            at = space_before(text, at);
        }
        end = space_before(text, word_before(text, at, word));
        word_before(text, end, word);
        if (strcmp(word, "by") == 0) return true;
    }
    return false;
}

enum { NESTED_MAX = 32 };

/* Notes whether the cursor is in a text or an SQL. A value in braces within a text or an SQL is code; a string and its
 * values end with their line. */
static void before_texts(const char *text, size_t at, struct typed_before *before)
{
    char open[NESTED_MAX];
    int depth = 0;
    for (size_t i = 0; i < at; i++) {
        char c = text[i], in = depth > 0 ? open[depth - 1] : '\0';
        if (in == '"' || in == '`') {
            bool ends = c == in || (in == '"' && c == '\n');
            if (in == '"' && c == '\\') i++;
            if (c == '{' && text[i + 1] == '{')
                i++;
            else if (c == '{' && depth < NESTED_MAX)
                open[depth++] = '{';
            depth -= ends;
        } else if (c == '/' && text[i + 1] == '/') {
            while (i + 1 < at && text[i + 1] != '\n') i++;
        } else if ((c == '"' || c == '`') && depth < NESTED_MAX) {
            if (c == '`') before->sql_begin = i;
            open[depth++] = c;
        } else if (in == '{' && c == '}') {
            depth--;
        } else if (in == '{' && c == '\n' && open[depth - 2] == '"') {
            depth -= 2;
        }
    }
    before->in_sql = depth > 0 && open[depth - 1] == '`';
    before->in_value = depth > 0 && open[depth - 1] == '{';
    before->quiet = before->quiet || (depth > 0 && open[depth - 1] == '"');
}

struct typed_before before_read(const char *text, size_t at)
{
    struct typed_before before = {0};
    before.quiet = remark_before(text, at) < at;
    before_texts(text, at, &before);
    while (at > 0 && before_is_name_byte(text[at - 1])) at--;
    if (at > 0 && text[at - 1] == '.' && !(at > 1 && text[at - 2] == '.')) {
        size_t end = at - 1 - (at > 1 && text[at - 2] == '?'), begin = end;
        while (begin > 0 && (before_is_name_byte(text[begin - 1]) || text[begin - 1] == '.' || text[begin - 1] == '?'))
            begin--;
        before.dot = true;
        if (end - begin < WORD_LENGTH) memcpy(before.chain, text + begin, end - begin);
        word_before(text, space_before(text, begin), before.word[0]); /* the word may be a kind, as in vq service */
        return before;
    }
    size_t end = space_before(text, at);
    char last = end > 0 ? text[end - 1] : '\0';
    before.begins = last == '\0' || last == ';' || last == '{' || last == '}';
    before.colon = last == ':';
    before.further_order = order_before(text, end);
    before.ends = end < at && (before_is_name_byte(last) || last == ')' || last == ']' || last == '"' || last == '`' ||
                               last == '%');
    size_t first = word_before(text, end, before.word[0]);
    word_before(text, space_before(text, first), before.word[1]);
    return before;
}
