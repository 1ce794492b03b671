/* runtime/lists/filter.c - Filters and orders of a site: reads and checks them, and writes them anew in the
 * database's dialect, so that nothing reaches the database that this grammar does not know.
 *
 *     or         = and { OR and }
 *     and        = not { AND not }
 *     not        = NOT not | "(" or ")" | comparison
 *     comparison = value ( operator value | IS [NOT] NULL | [NOT] IN "(" value { "," value } ")"
 *                | [NOT] BETWEEN value AND value | [NOT] LIKE text )
 *     value      = column | function "(" value { "," value } ")" | text | number
 *     order      = column [ASC | DESC] { "," column [ASC | DESC] }
 *
 * A time is compared with a text such as '2026-03-02 12:00', UTC. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"

enum filter_type { FILTER_ANY, FILTER_TEXT, FILTER_NUMBER, FILTER_MOMENT };
enum word { WORD_END, WORD_NAME, WORD_TEXT, WORD_NUMBER, WORD_OPERATOR, WORD_MARK, WORD_WRONG };

enum { WORD_SIZE = LISTS_WORD_MAX + 1, DIGITS_MAX = 15 };

struct filter {
    const struct fields *fields;
    enum sql_dialect dialect;
    const char *begin, *at, *start; /* of the word */
    enum word word;
    size_t length;
    unsigned depth;
    struct out *out;
    struct error *error;
};

static bool filter_refuse(struct filter *filter, const char *why)
{
    int length = filter->length > 40 ? 40 : (int)filter->length;
    if (filter->word == WORD_END)
        error_at(filter->error, ERROR_INPUT, (uint32_t)(filter->start - filter->begin), "at its end: %s", why);
    else
        error_at(filter->error, ERROR_INPUT, (uint32_t)(filter->start - filter->begin), "at '%.*s': %s", length,
                 filter->start, why);
    return false;
}

/* ---- words ---- */

static bool filter_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool filter_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Finds the place after the closing quote of a text whose first quote is before `at`; NULL: the closing quote is
 * missing. */
static const char *text_end(const char *at)
{
    for (; *at; at++)
        if (*at == '\'' && at[1] == '\'')
            at++;
        else if (*at == '\'')
            return at + 1;
    return NULL;
}

static const char *number_end(const char *at, bool *good)
{
    size_t digits = 0;
    if (*at == '-') at++;
    for (; filter_is_digit(*at); at++) digits++;
    *good = digits > 0;
    if (*at == '.' && filter_is_digit(at[1]))
        for (at++; filter_is_digit(*at); at++) digits++;
    *good = *good && digits <= DIGITS_MAX && !filter_is_letter(*at) && *at != '.';
    return at;
}

/* Reads the next word from `at` on, and moves `at` to its end. */
static enum word filter_word_read(struct filter *filter)
{
    const char *at = filter->at;
    bool good = true;
    if (*at == '\0') return WORD_END;
    if (filter_is_letter(*at)) {
        while (filter_is_letter(*at) || filter_is_digit(*at)) at++;
        filter->at = at;
        return WORD_NAME;
    }
    if (*at == '\'') {
        at = text_end(at + 1);
        if (at) filter->at = at;
        return at ? WORD_TEXT : WORD_WRONG;
    }
    if (filter_is_digit(*at) || *at == '-') {
        filter->at = number_end(at, &good);
        return good ? WORD_NUMBER : WORD_WRONG;
    }
    static const char *const operators[] = {"<=", ">=", "<>", "!=", "=", "<", ">"};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strncmp(at, operators[i], strlen(operators[i])) == 0) {
            filter->at = at + strlen(operators[i]);
            return WORD_OPERATOR;
        }
    filter->at = at + 1;
    return strchr("(),", *at) ? WORD_MARK : WORD_WRONG;
}

static void filter_next(struct filter *filter)
{
    while (*filter->at && strchr(" \t\r\n", *filter->at)) filter->at++;
    filter->start = filter->at;
    filter->word = filter_word_read(filter);
    filter->length = (size_t)(filter->at - filter->start);
}

static bool is_mark(const struct filter *filter, char mark)
{
    return filter->word == WORD_MARK && *filter->start == mark;
}

static bool mark_take(struct filter *filter, char mark)
{
    char why[24];
    snprintf(why, sizeof why, "expected %c", mark);
    if (!is_mark(filter, mark)) return filter_refuse(filter, why);
    filter_next(filter);
    return true;
}

static bool filter_is_word(const struct filter *filter, const char *word)
{
    return filter->word == WORD_NAME && filter->length == strlen(word) &&
           strncasecmp(filter->start, word, filter->length) == 0;
}

static bool word_take(struct filter *filter, const char *word)
{
    if (!filter_is_word(filter, word)) return false;
    filter_next(filter);
    return true;
}

/* ---- values ---- */

static bool filter_postgres(const struct filter *filter)
{
    return filter->dialect == SQL_POSTGRES;
}

static const struct {
    const char *table, *name, *sql;
    enum filter_type type;
} columns[] = {
#define FILTER_KEY                       FILTER_NUMBER
#define FILTER_REF_MUST                  FILTER_NUMBER
#define FILTER_INT                       FILTER_NUMBER
#define FILTER_INT_MUST                  FILTER_NUMBER
#define FILTER_US                        FILTER_MOMENT
#define FILTER_US_MUST                   FILTER_MOMENT
#define FILTER_TEXT_MUST                 FILTER_TEXT
#define FILTER_FIELDS                    FILTER_ANY
#define COLUMN(table, column, type, doc) {#table, #column, "k." #column, FILTER_##type},
#include "runtime/lists/lists.def"
    {"records", "customer", "c.customer", FILTER_TEXT}, /* the customer of the record's chain */
};

/* Makes PostgreSQL compare a text by its bytes, as SQLite does. */
static void text_order_put(struct filter *filter, enum filter_type type)
{
    if (type == FILTER_TEXT && filter_postgres(filter)) out_text(filter->out, " COLLATE \"C\"");
}

/* Writes the SQL for a field of the list. Other programs write fields, too: a numeric field without a number in it
 * is null. */
static void field_put(struct filter *filter, const struct list_field *field)
{
    struct out *out = filter->out;
    const char *name = field->name; /* the name has letters, digits and _ only, so it needs no escape */
    if (filter_postgres(filter) && field->number)
        out_format(out,
                   "(CASE WHEN k.fields ->> '%s' ~ '^-?[0-9]+([.][0-9]+)?$' THEN (k.fields ->> '%s')::numeric END)",
                   name, name);
    else if (filter_postgres(filter))
        out_format(out, "(k.fields ->> '%s') COLLATE \"C\"", name);
    else if (field->number)
        out_format(out, "(CASE WHEN json_valid(k.fields) THEN CAST(json_extract(k.fields, '$.%s') AS NUMERIC) END)",
                   name);
    else
        out_format(out, "(CASE WHEN json_valid(k.fields) THEN json_extract(k.fields, '$.%s') END)", name);
}

/* Writes the column, or the list's field, for the name at this place, and returns its type. */
static bool filter_column_put(struct filter *filter, enum filter_type *type)
{
    char name[WORD_SIZE] = "";
    if (filter->word != WORD_NAME || filter->length >= sizeof name) return filter_refuse(filter, "expected a column");
    for (size_t i = 0; i < filter->length; i++) {
        char c = filter->start[i];
        name[i] = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
    }
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (columns[i].type != FILTER_ANY && strcmp(columns[i].table, "records") == 0 &&
            strcmp(columns[i].name, name) == 0) {
            *type = columns[i].type;
            out_text(filter->out, columns[i].sql);
            text_order_put(filter, *type);
            filter_next(filter);
            return true;
        }
    const struct list_field *field = fields_find(filter->fields, name);
    if (!field) return filter_refuse(filter, "there is no such column or function, and no such field of this list");
    *type = field->number ? FILTER_NUMBER : FILTER_TEXT;
    field_put(filter, field);
    filter_next(filter);
    return true;
}

/* Writes the text as it is in the filter, in which '' means a quote. Backslashes are doubled for PostgreSQL, which
 * may be set to treat them as escapes. */
static bool filter_text_put(struct filter *filter)
{
    assert(filter->word == WORD_TEXT && filter->length >= 2); /* a text still has its two quotes */
    const char *inside = filter->start + 1;
    size_t length = filter->length - 2;
    const char *slash = memchr(inside, '\\', length);
    bool escape = slash && filter_postgres(filter);
    out_text(filter->out, escape ? "E'" : "'");
    for (size_t i = 0; i < length; i++) {
        if (inside[i] == '\\' && escape) out_put(filter->out, "\\", 1);
        out_put(filter->out, inside + i, 1);
    }
    out_text(filter->out, "'");
    filter_next(filter);
    return true;
}

static bool filter_moment_put(struct filter *filter)
{
    char text[32];
    int64_t us;
    size_t length = filter->length - 2;
    if (length + 2 > sizeof text) return filter_refuse(filter, "expected a moment, as '2026-03-02 12:00'");
    snprintf(text, sizeof text, "%.*s%s", (int)length, filter->start + 1,
             length > 0 && filter->start[length] == 'Z' ? "" : "Z");
    if (!lists_moment_read(NULL, span_of(text), NULL, &us))
        return filter_refuse(filter, "expected a moment, as '2026-03-02 12:00'");
    out_format(filter->out, "%lld", (long long)us);
    filter_next(filter);
    return true;
}

static bool filter_value_put(struct filter *filter, enum filter_type wanted, enum filter_type *type);

static const struct function {
    const char *name;
    enum filter_type takes, gives;
    unsigned count;
} functions[] = {
#define FUNCTION(name, takes, gives, count, doc) {#name, FILTER_##takes, FILTER_##gives, count},
#include "runtime/lists/functions.def"
};

static bool function_put(struct filter *filter, const struct function *function, enum filter_type *type)
{
    enum filter_type taken = function->takes;
    out_format(filter->out, "%s(", function->name);
    filter_next(filter);
    if (!mark_take(filter, '(')) return false;
    for (unsigned i = 0; i < function->count; i++) {
        if (i > 0 && !mark_take(filter, ',')) return false;
        if (i > 0) out_text(filter->out, ", ");
        enum filter_type given;
        if (!filter_value_put(filter, taken, &given)) return false;
        if (taken == FILTER_ANY) taken = given;
    }
    out_text(filter->out, ")");
    *type = function->gives == FILTER_ANY ? taken : function->gives;
    return mark_take(filter, ')');
}

static bool filter_name_put(struct filter *filter, enum filter_type *type)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (filter_is_word(filter, functions[i].name)) {
            if (++filter->depth > LISTS_FILTER_DEPTH_MAX)
                return filter_refuse(filter, "too much stands in one another");
            bool good = function_put(filter, &functions[i], type);
            assert(filter->depth > 0);
            filter->depth--;
            return good;
        }
    return filter_column_put(filter, type);
}

/* Writes the value, which must have the type `wanted`; FILTER_ANY: any type will do. */
static bool filter_value_put(struct filter *filter, enum filter_type wanted, enum filter_type *type)
{
    static const char *const expected[] = {"expected a value", "expected a text", "expected a number",
                                           "expected a moment, as '2026-03-02 12:00'"};
    struct filter before = *filter;
    if (filter->word == WORD_TEXT && wanted == FILTER_MOMENT) {
        *type = FILTER_MOMENT;
        return filter_moment_put(filter);
    }
    if (filter->word == WORD_TEXT) {
        *type = FILTER_TEXT;
        filter_text_put(filter);
    } else if (filter->word == WORD_NUMBER) {
        *type = FILTER_NUMBER;
        out_put(filter->out, filter->start, filter->length);
        filter_next(filter);
    } else if (filter->word != WORD_NAME)
        return filter_refuse(filter, "expected a column, a text in single quotes or a number");
    else if (!filter_name_put(filter, type))
        return false;
    return wanted == FILTER_ANY || *type == wanted || filter_refuse(&before, expected[wanted]);
}

/* ---- comparisons ---- */

static bool or_put(struct filter *filter);

/* Writes the pattern of LIKE. A backslash at the pattern's end is refused: it would escape nothing, and PostgreSQL
 * would fail at the first record. */
static bool like_put(struct filter *filter, enum filter_type type)
{
    size_t slashes = 0;
    if (type != FILTER_TEXT) return filter_refuse(filter, "LIKE compares texts");
    if (filter->word != WORD_TEXT) return filter_refuse(filter, "expected a text in single quotes");
    for (const char *at = filter->start + filter->length - 2; at > filter->start && *at == '\\'; at--) slashes++;
    if (slashes % 2 != 0) return filter_refuse(filter, "there is nothing behind the last backslash");
    filter_text_put(filter);
    out_text(filter->out, filter_postgres(filter) ? " ESCAPE E'\\\\'" : " ESCAPE '\\'");
    return true;
}

static bool in_put(struct filter *filter, enum filter_type type)
{
    enum filter_type given;
    out_text(filter->out, "(");
    if (!mark_take(filter, '(') || !filter_value_put(filter, type, &given)) return false;
    while (is_mark(filter, ',')) {
        filter_next(filter);
        out_text(filter->out, ", ");
        if (!filter_value_put(filter, type, &given)) return false;
    }
    out_text(filter->out, ")");
    return mark_take(filter, ')');
}

static bool between_put(struct filter *filter, enum filter_type type)
{
    enum filter_type given;
    if (!filter_value_put(filter, type, &given)) return false;
    if (!word_take(filter, "and")) return filter_refuse(filter, "expected AND");
    out_text(filter->out, " AND ");
    return filter_value_put(filter, type, &given);
}

static bool null_put(struct filter *filter)
{
    bool negated = word_take(filter, "not");
    if (!word_take(filter, "null")) return filter_refuse(filter, "expected NULL");
    out_text(filter->out, negated ? " IS NOT NULL" : " IS NULL");
    return true;
}

static bool comparison_put(struct filter *filter)
{
    enum filter_type type, given;
    if (!filter_value_put(filter, FILTER_ANY, &type)) return false;
    if (filter->word == WORD_OPERATOR) {
        out_format(filter->out, " %.*s ", (int)filter->length, filter->start);
        filter_next(filter);
        return filter_value_put(filter, type, &given);
    }
    if (word_take(filter, "is")) return null_put(filter);
    if (word_take(filter, "not")) out_text(filter->out, " NOT");
    if (word_take(filter, "like")) {
        out_text(filter->out, filter_postgres(filter) ? " ILIKE " : " LIKE ");
        return like_put(filter, type);
    }
    if (word_take(filter, "in")) {
        out_text(filter->out, " IN ");
        return in_put(filter, type);
    }
    if (word_take(filter, "between")) {
        out_text(filter->out, " BETWEEN ");
        return between_put(filter, type);
    }
    return filter_refuse(filter, "expected a comparison: = <> < <= > >=, IS NULL, IN, BETWEEN or LIKE");
}

static bool not_put(struct filter *filter)
{
    bool good;
    if (!filter_is_word(filter, "not") && !is_mark(filter, '(')) return comparison_put(filter);
    if (++filter->depth > LISTS_FILTER_DEPTH_MAX) return filter_refuse(filter, "too much stands in one another");
    if (word_take(filter, "not")) {
        out_text(filter->out, "NOT (");
        good = not_put(filter);
    } else {
        filter_next(filter);
        out_text(filter->out, "(");
        good = or_put(filter) && mark_take(filter, ')');
    }
    out_text(filter->out, ")");
    assert(filter->depth > 0);
    filter->depth--;
    return good;
}

static bool and_put(struct filter *filter)
{
    if (!not_put(filter)) return false;
    while (word_take(filter, "and")) {
        out_text(filter->out, " AND ");
        if (!not_put(filter)) return false;
    }
    return true;
}

static bool or_put(struct filter *filter)
{
    if (!and_put(filter)) return false;
    while (word_take(filter, "or")) {
        out_text(filter->out, " OR ");
        if (!and_put(filter)) return false;
    }
    return true;
}

static bool filter_begin(struct filter *filter, const char *text)
{
    filter->begin = filter->start = filter->at = text;
    size_t length = strlen(text);
    if (length > LISTS_FILTER_MAX || !bytes_are_utf8(span_of(text)))
        return error_set(filter->error, ERROR_INPUT, "it is longer than %d bytes, or no UTF-8", LISTS_FILTER_MAX);
    filter_next(filter);
    return true;
}

bool filter_check(const struct fields *fields, enum sql_dialect dialect, const char *text, struct out *where,
                  struct error *error)
{
    struct filter filter = {.fields = fields, .dialect = dialect, .out = where, .error = error};
    if (!filter_begin(&filter, text ? text : "")) return false;
    if (filter.word == WORD_END) {
        out_text(where, "TRUE");
        return true;
    }
    return or_put(&filter) && (filter.word == WORD_END || filter_refuse(&filter, "expected AND, OR or the end"));
}

bool filter_order_check(const struct fields *fields, enum sql_dialect dialect, const char *text, struct out *by,
                        struct error *error)
{
    struct filter filter = {.fields = fields, .dialect = dialect, .out = by, .error = error};
    enum filter_type type;
    if (!filter_begin(&filter, text ? text : "")) return false;
    while (filter.word != WORD_END) {
        if (!filter_column_put(&filter, &type)) return false;
        bool down = word_take(&filter, "desc");
        if (!down) word_take(&filter, "asc");
        out_text(by, down ? " DESC NULLS LAST, " : " ASC NULLS LAST, ");
        if (filter.word == WORD_END) break;
        if (!mark_take(&filter, ',')) return false;
        if (filter.word == WORD_END) return filter_refuse(&filter, "expected a column");
    }
    out_text(by, "k.due");
    return true;
}
