/* runtime/daemon/admin/reads_directory.c - The directory in force, as the state folder keeps it, a page of rows at a
 * time; and the changes that another directory would make.
 *
 * A page is read from a file, in a bounded time; the core does not wait for it. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "runtime/daemon/admin/reads.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/directory/kept.h"
#include "runtime/sql/lite.h"

enum { ROWS_MOST = 1000, BYTES_ENOUGH = 256 * 1024, CURSOR_TEXT = 64 };

struct page {
    struct asking *asking;
    sqlite3 *db;
    struct kept_import kept;
    uint64_t table, row; /* where the page begins: the table's number, and the row after which it begins */
    json_t *rows;
    size_t bytes;
};

static bool page_wrong(struct page *page, enum error_code code, const char *text)
{
    error_set(page->asking->error, code, "%s", text);
    page->asking->good = false;
    return false;
}

/* `from`: the version, the table's number and the row. */
static bool cursor_read(struct page *page)
{
    const char *from = reads_asked_text(page->asking, "from");
    uint64_t version;
    char behind;
    if (!from || *from == '\0') return true;
    if (sscanf(from, "%" SCNu64 ":%" SCNu64 ":%" SCNu64 "%c", &version, &page->table, &page->row, &behind) != 3 ||
        page->table > INT32_MAX || page->row > INT64_MAX)
        return page_wrong(page, ERROR_INPUT, "`from` is what an answer said as `next`");
    if (version != page->kept.version)
        return page_wrong(page, ERROR_STATE, "another directory has come into force meanwhile: begin again");
    return true;
}

static json_t *column_value_json(sqlite3_stmt *statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(statement, column));
    case SQLITE_NULL:
        return json_null();
    default:
        return json_string(lite_text(statement, column)); /* empty is not null */
    }
}

/* Writes the heading of a table before its rows: its name, and how many of its columns are the key. */
static void heading_put(struct page *page, const char *name, sqlite3_stmt *statement)
{
    json_t *columns = json_array(), *heading = json_object();
    uint64_t keys = 0;
    for (int i = 1; i < sqlite3_column_count(statement); i++) {
        int primary = 0;
        const char *column = sqlite3_column_name(statement, i);
        sqlite3_table_column_metadata(page->db, NULL, name, column, NULL, NULL, NULL, &primary, NULL);
        keys += primary != 0;
        json_append(columns, json_text_of(span_of(column)));
    }
    json_put(heading, "table", json_text_of(span_of(name)));
    json_put_number(heading, "keys", keys);
    json_put(heading, "columns", columns);
    json_append(page->rows, heading);
}

static bool page_full(const struct page *page)
{
    return json_array_size(page->rows) >= reads_asked_rows(page->asking, ROWS_MOST) || page->bytes >= BYTES_ENOUGH;
}

/* Writes the rows of a table after `page->row`. False: the page is full before the table ends. */
static bool table_put(struct page *page, const char *name)
{
    sqlite3_stmt *statement =
        lite_ask(page->db, "select rowid, * from \"%w\" where rowid > %lld order by rowid", name, (long long)page->row);
    bool full = false;
    if (statement && page->row == 0) heading_put(page, name, statement);
    while (statement && !(full = page_full(page)) && lite_next(statement)) {
        json_t *row = json_array();
        for (int i = 1; i < sqlite3_column_count(statement); i++) {
            json_append(row, column_value_json(statement, i));
            page->bytes += 16 + (size_t)sqlite3_column_bytes(statement, i);
        }
        json_append(page->rows, row);
        page->row = (uint64_t)sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return !full;
}

/* Writes the tables in the order in which they were created. */
static void tables_put(struct page *page)
{
    sqlite3_stmt *names = lite_ask(
        page->db, "select name from sqlite_schema where type = 'table' and name <> 'gcx_import' order by rowid");
    bool whole = true;
    char next[CURSOR_TEXT];
    for (uint64_t number = 0; whole && lite_next(names); number++) {
        if (number < page->table) continue;
        page->table = number;
        whole = table_put(page, lite_text(names, 0));
        if (whole) page->row = 0;
    }
    sqlite3_finalize(names);
    snprintf(next, sizeof next, "%" PRIu64 ":%" PRIu64 ":%" PRIu64, page->kept.version, page->table, page->row);
    json_put(page->asking->into, "next", whole ? json_null() : json_string(next));
}

void reads_directory_rows_fill(struct asking *asking)
{
    const char *state = asking->daemon->conf->state;
    struct page page = {.asking = asking, .db = kept_open(state)};
    if (!page.db || !kept_about(state, &page.kept)) {
        page_wrong(&page, ERROR_STATE,
                   "the state folder has no copy of the directory in force: see the log, and reload");
    } else if (cursor_read(&page)) {
        page.rows = json_array();
        json_put_number(asking->into, "version", page.kept.version);
        json_put(asking->into, "rows", page.rows);
        tables_put(&page);
    }
    kept_forget(&page.kept);
    sqlite3_close(page.db);
}

void reads_difference(const struct difference *difference, json_t *into)
{
    assert(difference && into);
    json_t *lines = json_array();
    for (size_t i = 0; i < difference->line_count; i++) json_append(lines, json_text_of(span_of(difference->lines[i])));
    json_put(into, "lines", lines);
    json_put_number(into, "added", difference->added);
    json_put_number(into, "removed", difference->removed);
    json_put_number(into, "changed", difference->changed);
}
