/* runtime/sim/statement.c - Scans a statement word by word: the last word before an operator followed by `?` or `$1`
 * is the column. */
#include "runtime/sim/statement.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool statement_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

static bool is_operator(const char *word)
{
    static const char *const operators[] = {"like", "in", "is", "not", "glob", "between", "any", NULL};
    for (const char *const *o = operators; *o; o++)
        if (strcasecmp(word, *o) == 0) return true;
    return false;
}

static bool opens_table(const char *word)
{
    return strcasecmp(word, "from") == 0 || strcasecmp(word, "into") == 0 || strcasecmp(word, "update") == 0;
}

static void statement_keep(char *to, const char *word)
{
    (void)snprintf(to, STATEMENT_NAME, "%.*s", STATEMENT_NAME - 1, word);
}

/* Returns the end of a quoted text that begins at `at`. */
static size_t past_quote(const char *sql, size_t at, size_t length)
{
    char quote = sql[at++];
    while (at < length && sql[at] != quote) at++;
    return at;
}

static size_t past_space(const char *sql, size_t at, size_t length)
{
    while (at < length && isspace((unsigned char)sql[at])) at++;
    return at;
}

/* Returns the end of a name, which may have a table's name before it, or quotes. */
static size_t past_name(const char *sql, size_t at, size_t length)
{
    while (at < length && (statement_is_word(sql[at]) || sql[at] == '.' || sql[at] == '"')) at++;
    return at;
}

static bool is_the_word(const char *sql, size_t begin, size_t end, const char *word)
{
    return end - begin == strlen(word) && strncasecmp(sql + begin, word, end - begin) == 0;
}

/* Reads the column c of `select c from`, or of `select t.c from`, into `selected`. Other statements leave `selected`
 * empty. */
static void read_selected(const char *sql, size_t length, char *selected)
{
    size_t begin = past_space(sql, 0, length), end = past_name(sql, begin, length);
    if (!is_the_word(sql, begin, end, "select")) return;
    size_t name = past_space(sql, end, length), name_end = past_name(sql, name, length);
    begin = past_space(sql, name_end, length);
    if (!is_the_word(sql, begin, past_name(sql, begin, length), "from")) return;
    for (size_t at = name; at < name_end; at++) name = sql[at] == '.' ? at + 1 : name;
    bool quoted = name_end - name > 2 && sql[name] == '"' && sql[name_end - 1] == '"';
    (void)snprintf(selected, STATEMENT_NAME, "%.*s", (int)(name_end - name - (quoted ? 2 : 0)), sql + name + quoted);
}

void statement_read(const char *sql, size_t length, struct statement_words *out)
{
    char word[STATEMENT_NAME] = "", column[STATEMENT_NAME] = "";
    bool table_next = false;
    memset(out, 0, sizeof *out);
    read_selected(sql, length, out->selected);
    for (size_t at = 0; at < length; at++) {
        if (sql[at] == '\'') {
            at = past_quote(sql, at, length);
        } else if (sql[at] == '?' || (sql[at] == '$' && at + 1 < length && sql[at + 1] >= '0' && sql[at + 1] <= '9')) {
            if (out->count < STATEMENT_PARAMETERS) statement_keep(out->columns[out->count++], column);
        } else if (sql[at] == ',' || sql[at] == ';') {
            column[0] = '\0';
        } else if (statement_is_word(sql[at]) || sql[at] == '"') {
            size_t begin = sql[at] == '"' ? at + 1 : at, end;
            if (sql[at] == '"') {
                end = at = past_quote(sql, at, length);
            } else {
                while (at + 1 < length && statement_is_word(sql[at + 1])) at++;
                end = at + 1;
            }
            (void)snprintf(word, sizeof word, "%.*s", (int)(end - begin < sizeof word ? end - begin : sizeof word - 1),
                           sql + begin);
            if (table_next && out->table[0] == '\0') statement_keep(out->table, word);
            table_next = opens_table(word);
            if (!is_operator(word)) statement_keep(column, word);
        }
    }
}
