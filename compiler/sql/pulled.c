/* compiler/sql/pulled.c - Reads and writes the description of a source's statements.
 *
 * The description is made by `gcxc schema pull` at a database and stored with the sources: a compilation needs no
 * server, and a change of a schema is a difference in that file. A statement is found by the hash of its text; one
 * that was changed since has no description, which is reported.
 *
 *     gcx schema 1
 *     statement 3f0a...                       BLAKE2b of the text below
 *       |select name, tier from customers
 *       | where id = $1
 *       parameter bigint                      in the order of $1, $2 ...
 *       column "name" text not null           in the order of the result
 *
 * Statements are in the order of their texts, so the same statements give the same file and a change is a small
 * difference. The file may have been edited by hand: everything is checked when it is read, including its order and
 * its hashes. */
#include "compiler/sql/pulled.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char FIRST_LINE[] = "gcx schema 1";
enum { TYPE_MAX = 128 };

void pulled_hash(struct literal text, uint8_t hash[PULLED_HASH])
{
    crypto_generichash(hash, PULLED_HASH, (const uint8_t *)text.bytes, text.length, NULL, 0);
}

static bool pulled_begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

enum sql_type pulled_type(const char *name)
{
    static const struct {
        const char *name;
        enum sql_type type;
    } types[] = {
        {"bigint", SQL_INTEGER},
        {"integer", SQL_INTEGER},
        {"smallint", SQL_INTEGER},
        {"oid", SQL_INTEGER},
        {"numeric", SQL_NUMERIC},
        {"real", SQL_REAL},
        {"double precision", SQL_REAL},
        {"boolean", SQL_BOOLEAN},
        {"interval", SQL_INTERVAL},
        {"timestamp with time zone", SQL_MOMENT},
        {"bytea", SQL_BLOB},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0) return types[i].type;
    return SQL_TEXT; /* values of all other types are read and written as text */
}

/* ---- writing ---- */

static int pulled_by_text(const void *a, const void *b)
{
    const struct pulled_statement *one = a, *other = b;
    return strcmp(one->text.bytes, other->text.bytes);
}

static void write_text(FILE *out, struct literal text)
{
    const char *at = text.bytes, *end = text.bytes + text.length;
    while (at <= end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        if (!line) line = end;
        fprintf(out, "  |%.*s\n", (int)(line - at), at);
        at = line + 1;
    }
}

static void write_name(FILE *out, const char *name)
{
    putc('"', out);
    for (; *name; name++) {
        if (*name == '"') putc('"', out);
        putc(*name == '\n' ? ' ' : *name, out); /* a line end cannot be part of a record's field name */
    }
    putc('"', out);
}

static void write_statement(FILE *out, const struct pulled_statement *statement)
{
    static const char *const nulls[] = {"", " null", " not null"};
    fputs("\nstatement ", out);
    for (size_t i = 0; i < PULLED_HASH; i++) fprintf(out, "%02x", statement->hash[i]);
    putc('\n', out);
    write_text(out, statement->text);
    for (size_t i = 0; i < statement->parameter_count; i++)
        fprintf(out, "  parameter %s\n", statement->parameters[i].type_text);
    for (size_t i = 0; i < statement->column_count; i++) {
        const struct sql_column *column = &statement->columns[i];
        fputs("  column ", out);
        write_name(out, column->name);
        fprintf(out, " %s%s\n", column->type_text, nulls[column->null]);
    }
}

void pulled_write(FILE *out, const char *name, struct pulled_statement *statements, size_t count)
{
    if (count > 0) qsort(statements, count, sizeof *statements, pulled_by_text);
    fprintf(out,
            "%s\n# What PostgreSQL says of the statements of source %s.\n"
            "# Made by gcxc schema pull, and made anew when a statement or the database changes: not by hand.\n",
            FIRST_LINE, name);
    for (size_t i = 0; i < count; i++) write_statement(out, &statements[i]);
}

/* ---- reading ---- */

struct pulled_reading {
    struct arena *arena;
    struct diags *diags;
    const struct source *source;
    const char *at; /* the line after the current one */
    char *line;     /* the current line; NULL at the end */
    struct source_span span;
    bool wrong;
};

static void pulled_complain(struct pulled_reading *reading, const char *what)
{
    if (!reading->wrong) diag_report(reading->diags, PULLED_WRONG, reading->span, what);
    reading->wrong = true;
}

/* Reads on to the next line that is neither empty nor a remark. */
static void pulled_next_line(struct pulled_reading *reading)
{
    const struct source *source = reading->source;
    for (;;) {
        const char *begin = reading->at, *end;
        size_t left = (size_t)(source->text + source->length - begin);
        if (left == 0) {
            reading->line = NULL;
            return;
        }
        end = memchr(begin, '\n', left);
        if (!end) end = begin + left;
        reading->at = end < begin + left ? end + 1 : end;
        reading->span.begin = source->base + (uint32_t)(begin - source->text);
        reading->span.end = reading->span.begin + (uint32_t)(end > begin ? end - begin : 1);
        if (end == begin || *begin == '#') continue;
        reading->line = arena_copy(reading->arena, begin, (size_t)(end - begin));
        if (strlen(reading->line) != (size_t)(end - begin)) pulled_complain(reading, "a byte of it is zero");
        return;
    }
}

static bool read_hash(const char *text, uint8_t hash[PULLED_HASH])
{
    size_t length = 0;
    return strlen(text) == 2 * PULLED_HASH &&
           sodium_hex2bin(hash, PULLED_HASH, text, 2 * PULLED_HASH, NULL, &length, NULL) == 0 && length == PULLED_HASH;
}

/* Reads the lines that begin with a bar, and joins their texts with line ends. */
static struct literal pulled_read_text(struct pulled_reading *reading)
{
    size_t room = 0, length = 0;
    char *text = NULL;
    for (bool first = true; reading->line && pulled_begins(reading->line, "  |") && !reading->wrong; first = false) {
        const char *line = reading->line + 3;
        size_t more = strlen(line);
        if (length + more + 2 > room) {
            room = 2 * (length + more + 2);
            text = arena_grow(reading->arena, text, length, room);
        }
        if (!first) text[length++] = '\n';
        memcpy(text + length, line, more + 1);
        length += more;
        pulled_next_line(reading);
    }
    return (struct literal){text ? text : "", length};
}

/* Reads "NAME", where quotes in the name are doubled. Returns the text after the name, or NULL. */
static const char *pulled_read_name(struct pulled_reading *reading, const char *text, const char **name)
{
    char *out = arena_alloc(reading->arena, strlen(text) + 1);
    size_t length = 0;
    if (*text++ != '"') return NULL;
    for (; *text; text++) {
        if (*text == '"' && text[1] != '"') {
            *name = arena_intern(reading->arena, out, length);
            return text + 1;
        }
        if (*text == '"') text++;
        out[length++] = *text;
    }
    return NULL;
}

/* Reads "timestamp with time zone not null": the type, and whether it may be null. */
static bool read_type(struct pulled_reading *reading, const char *text, struct sql_column *column)
{
    static const struct {
        const char *words;
        enum sql_null null;
    } ends[] = {{" not null", SQL_NOT_NULL}, {" null", SQL_NULL}};
    size_t length = strlen(text);
    column->null = SQL_NULL_UNKNOWN;
    for (size_t i = 0; i < 2 && column->null == SQL_NULL_UNKNOWN; i++) {
        size_t end = strlen(ends[i].words);
        if (length <= end || strcmp(text + length - end, ends[i].words) != 0) continue;
        column->null = ends[i].null;
        length -= end;
    }
    if (length == 0 || length > TYPE_MAX || *text == ' ') return false;
    column->type_text = arena_copy(reading->arena, text, length);
    column->type = pulled_type(column->type_text);
    return true;
}

static void read_columns(struct pulled_reading *reading, struct pulled_statement *statement)
{
    struct sql_column *parameters = NULL, *columns = NULL;
    for (; reading->line && !reading->wrong && !pulled_begins(reading->line, "statement "); pulled_next_line(reading)) {
        bool is_parameter = pulled_begins(reading->line, "  parameter "),
             is_column = pulled_begins(reading->line, "  column ");
        size_t *count = is_parameter ? &statement->parameter_count : &statement->column_count;
        struct sql_column **list = is_parameter ? &parameters : &columns;
        struct sql_column column = {0};
        const char *rest = is_parameter ? reading->line + strlen("  parameter ") : NULL;
        if (is_column) {
            rest = pulled_read_name(reading, reading->line + strlen("  column "), &column.name);
            if (rest) rest = *rest == ' ' ? rest + 1 : NULL;
        }
        if (!rest || !read_type(reading, rest, &column) || (is_parameter && columns)) {
            pulled_complain(reading,
                            "expected `  parameter TYPE`, `  column \"NAME\" TYPE [not null]` or `statement NUMBER`");
        } else if (*count == PULLED_COLUMNS_MAX) {
            pulled_complain(reading, "there are too many columns");
        } else {
            if ((*count & (*count - 1)) == 0) /* grows by doubling */
                *list = arena_grow(reading->arena, *list, *count * sizeof column,
                                   (*count ? 2 * *count : 1) * sizeof column);
            (*list)[(*count)++] = column;
        }
    }
    statement->parameters = parameters;
    statement->columns = columns;
}

static void read_statement(struct pulled_reading *reading, struct pulled_statement *statement)
{
    uint8_t hash[PULLED_HASH];
    struct source_span head = reading->span;
    if (!pulled_begins(reading->line, "statement ") ||
        !read_hash(reading->line + strlen("statement "), statement->hash)) {
        pulled_complain(reading, "expected `statement` and its number");
        return;
    }
    pulled_next_line(reading);
    statement->text = pulled_read_text(reading);
    if (reading->wrong) return;
    pulled_hash(statement->text, hash);
    if (memcmp(hash, statement->hash, sizeof hash) != 0) {
        reading->span = head;
        pulled_complain(reading, "this is not the number of the text below");
        return;
    }
    read_columns(reading, statement);
}

const struct pulled *pulled_read(struct arena *arena, struct diags *diags, const struct source *source)
{
    struct pulled_reading reading = {.arena = arena, .diags = diags, .source = source, .at = source->text};
    struct pulled *pulled = ARENA_NEW(arena, struct pulled);
    struct pulled_statement *statements = NULL;
    reading.span = (struct source_span){source->base, source->base + 1};
    if (source_utf8_check(source->text, source->length) != source->length) pulled_complain(&reading, "it is not UTF-8");
    if (!reading.wrong) pulled_next_line(&reading);
    if (!reading.wrong && (!reading.line || strcmp(reading.line, FIRST_LINE) != 0))
        pulled_complain(&reading, "its first line is not `gcx schema 1`");
    if (!reading.wrong) pulled_next_line(&reading);
    while (reading.line && !reading.wrong) {
        struct source_span head = reading.span;
        size_t n = pulled->count;
        if (n == PULLED_STATEMENTS_MAX) pulled_complain(&reading, "there are too many statements");
        if ((n & (n - 1)) == 0)
            statements = arena_grow(arena, statements, n * sizeof *statements, (n ? 2 * n : 1) * sizeof *statements);
        statements[n] = (struct pulled_statement){0};
        if (!reading.wrong) read_statement(&reading, &statements[n]);
        if (!reading.wrong && n > 0 && pulled_by_text(&statements[n - 1], &statements[n]) >= 0) {
            reading.span = head;
            pulled_complain(&reading, "this statement does not stand in the order of the texts");
        }
        pulled->count++;
    }
    pulled->statements = statements;
    return reading.wrong ? NULL : pulled;
}

const struct pulled_statement *pulled_find(const struct pulled *pulled, struct literal text)
{
    size_t low = 0, high = pulled->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(pulled->statements[middle].text.bytes, text.bytes);
        if (order == 0) return &pulled->statements[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
