/* runtime/lists/export.c - Writes records as comma-separated values, which an import can read.
 *
 *     number,...,chain,...,<fields of the list>           a line of names first
 *     +493012345,...,"Low, Bea",...                       quoted where needed (RFC 4180)
 *
 * Rows are read in pages, each after the last record of the page before: so neither the whole list nor a lock on it
 * is held while the file is written. A record that is added meanwhile may be in the file or not. */
#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "runtime/lists/state.h"

enum { PIECE = 65536, PAGE = 1000 };

/* Writes a value, in quotes if it contains a separator or quote. */
static void export_value_put(struct out *out, struct span value)
{
    bool quotes = false;
    for (uint32_t at = 0; at < value.length; at++) quotes = quotes || memchr(",\"\r\n", value.bytes[at], 4);
    if (quotes) out_put(out, "\"", 1);
    for (uint32_t at = 0; at < value.length; at++) {
        if (value.bytes[at] == '"') out_put(out, "\"", 1);
        out_put(out, (const char *)value.bytes + at, 1);
    }
    if (quotes) out_put(out, "\"", 1);
}

static void clock_put(struct out *out, int64_t seconds)
{
    out_format(out, "%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    if (seconds % 60 != 0) out_format(out, ":%02d", (int)(seconds % 60));
}

static void export_moment_put(struct out *out, int64_t us)
{
    struct out moment = {0};
    if (us == 0) return;
    out_moment(&moment, us, ' ');
    out_format(out, "%.19sZ", moment.bytes);
    out_free(&moment);
}

/* Selects rows and columns as columns.def lists them. A chain without a name was made for a single record: its name
 * and position are left empty. */
static const char asked[] =
    "SELECT r.id, r.number, r.number_type, c.name, CASE WHEN c.name IS NULL THEN NULL ELSE r.n END, c.customer, r.zone,"
    " r.day_from, r.day_till, r.again_from, r.again_till, r.due, r.agent, r.type, r.status, r.result, r.attempt, "
    "r.last_try, r.cancelled, r.cancelled_by, r.cancelled_why, r.fields"
    " FROM records r JOIN chains c ON c.id = r.chain WHERE r.list = $1 AND r.id > $2 ORDER BY r.id LIMIT 1000";

static void export_column_put(struct out *out, const struct sql_rows *rows, const char *name, int column)
{
    bool clock = strncmp(name, "day_", 4) == 0 || strncmp(name, "again_", 6) == 0;
    if (sql_is_null(rows, column)) return;
    if (clock)
        clock_put(out, sql_int(rows, column));
    else if (strcmp(name, "due") == 0 || strcmp(name, "last_try") == 0 || strcmp(name, "cancelled") == 0)
        export_moment_put(out, sql_int(rows, column));
    else
        export_value_put(out, sql_string(rows, column));
}

static void export_row_put(struct out *out, const struct fields *fields, const struct sql_rows *rows)
{
    static const char *const names[] = {
#define COLUMN(name, doc) #name,
#define LEFT(name, doc)   #name,
#include "runtime/lists/columns.def"
    };
    int count = (int)(sizeof names / sizeof *names);
    for (int i = 0; i < count; i++) {
        if (i > 0) out_put(out, ",", 1);
        export_column_put(out, rows, names[i], i + 1);
    }
    struct span json = sql_string(rows, count + 1);
    json_t *object = json.length > 0 ? json_loadb((const char *)json.bytes, json.length, 0, NULL) : NULL;
    for (size_t i = 0; i < fields->count; i++) {
        const char *text = json_string_value(json_object_get(object, fields->rows[i].name));
        out_put(out, ",", 1);
        if (text) export_value_put(out, span_of(text));
    }
    json_decref(object);
    out_text(out, "\r\n");
}

static void head_put(struct out *out, const struct fields *fields)
{
    const char *between = "";
#define COLUMN(name, doc) out_format(out, "%s" #name, between), between = ",";
#define LEFT(name, doc)   COLUMN(name, doc)
#include "runtime/lists/columns.def"
    for (size_t i = 0; i < fields->count; i++) out_format(out, ",%s", fields->rows[i].name);
    out_text(out, "\r\n");
}

/* Reads the rows after record `*last`; `*more`: there may be others. The statement's LIMIT is PAGE: a page that is
 * not full is the last one. */
static bool page_put(struct lists *lists, int64_t list, const struct fields *fields, struct out *out, int64_t *last,
                     bool *more, struct error *error)
{
    int count = 0;
    struct sql_rows *rows = sql_ask(lists->sql, error, asked, SQL_WITH(sql_number(list), sql_number(*last)));
    for (; sql_next(rows); count++) {
        *last = sql_int(rows, 0);
        export_row_put(out, fields, rows);
    }
    *more = count == PAGE;
    assert(count <= PAGE);
    return sql_end(rows, error);
}

/* Reads the list's fields again, as another program may have added some. */
bool lists_export(struct lists *lists, int64_t list, bool (*write)(void *self, struct span), void *self,
                  struct error *error)
{
    struct out out = {0};
    int64_t last = 0;
    bool good = true, more = true, wanted = true;
    fields_forget(lists);
    const struct fields *fields = fields_of(lists, list, error);
    if (!fields) return false;
    head_put(&out, fields);
    while (good && more && wanted) {
        good = page_put(lists, list, fields, &out, &last, &more, error);
        wanted = good && write(self, (struct span){(const uint8_t *)out.bytes, (uint32_t)out.length});
        out.length = 0;
    }
    out_free(&out);
    return good;
}
