/* runtime/records/sink.c - Calls the operations of a sink's kind; has the schema and the positions for databases.
 *
 *     gcx_journals    journal | partition | first        | batch | hash
 *                     1       | 0         | 9f3c... (64) | 4711  | 07ab...
 *
 * The table gcx_journals has one row for each journal that writes into the database. `first` identifies the journal,
 * whatever its folder is called; `batch` and `hash` say how far its rows are written. Rows and this position are
 * written in one transaction. The hash shows later whether the journal still has that batch. */
#include "runtime/records/sink.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/records/sink_kind.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

struct sink {
    const struct sink_kind *kind;
    void *self;
};

struct sink *sink_new(const struct sink_kind *kind, void *self)
{
    struct sink *sink = memory_zeroed(1, sizeof *sink);
    *sink = (struct sink){kind, self};
    return sink;
}

void sink_close(struct sink *sink)
{
    if (!sink) return;
    sink->kind->close(sink->self);
    free(sink);
}

bool sink_tells(const struct sink *sink)
{
    return sink->kind->tells;
}

bool sink_begin(struct sink *sink, struct sink_position *position, struct error *error)
{
    return sink->kind->begin(sink->self, position, error);
}

bool sink_put(struct sink *sink, const struct record_row *row, struct error *error)
{
    return sink->kind->put(sink->self, row, error);
}

bool sink_commit(struct sink *sink, const struct sink_position *position, struct error *error)
{
    return sink->kind->commit(sink->self, position, error);
}

/* ---- schema ---- */

static const char *const types[COLUMN_TYPES][SQL_DIALECTS] = {
    [COLUMN_IXN] = {"TEXT", "text"},
    [COLUMN_CONN] = {"TEXT", "text"},
    [COLUMN_TEXT] = {"TEXT", "text"},
    [COLUMN_INT] = {"INTEGER", "bigint"},
    [COLUMN_MS] = {"INTEGER", "bigint"},
    [COLUMN_TIME] = {"TEXT", "timestamptz"},
    [COLUMN_QUARTER] = {"TEXT", "timestamptz"},
    [COLUMN_JSON] = {"TEXT", "json"},
};

static const struct sql_view views[] = {
#define VIEW(name, doc, sql) {#name, sql},
#include "runtime/records/records.def"
#define REPORT(name, doc, sql) {"report_" #name, sql},
#include "runtime/reports/reports.def"
};

static const struct table_column common[COMMON_COLUMNS] = {
#define COMMON(column, doc) {#column, {"BIGINT NOT NULL", "BIGINT NOT NULL"}},
#include "runtime/records/records.def"
};

static const struct table_column journal_columns[] = {
    {"journal", {"BIGINT PRIMARY KEY", "BIGINT PRIMARY KEY"}},
    {"partition", {"BIGINT NOT NULL", "BIGINT NOT NULL"}},
    {"first", {"TEXT NOT NULL UNIQUE", "TEXT NOT NULL UNIQUE"}},
    {"batch", {"BIGINT NOT NULL", "BIGINT NOT NULL"}},
    {"hash", {"TEXT NOT NULL", "TEXT NOT NULL"}},
};

/* The tables of records.def, each beginning with the common columns, and after them the table of positions. */
struct tables {
    struct table_column columns[TABLES][COMMON_COLUMNS + COLUMNS_MAX];
    struct sql_table all[TABLES + 1];
    struct out indexes;
};

/* Describes a table for the schema, and adds its indexes: by interaction, ConnID and quarter of the hour. The primary
 * key is the row's place in the journal (journal, batch, row within the batch), so the same row cannot be there twice.
 */
static void table_set(struct tables *tables, unsigned number)
{
    const struct record_table *table = &record_tables[number];
    struct table_column *columns = tables->columns[number];
    assert(number < TABLES && table->count <= COLUMNS_MAX);
    memcpy(columns, common, sizeof common);
    for (unsigned at = 0; at < table->count; at++) {
        const struct record_column *column = &table->columns[at];
        const char *const *type = types[column->type];
        columns[COMMON_COLUMNS + at] = (struct table_column){column->name, {type[SQL_SQLITE], type[SQL_POSTGRES]}};
        if (strcmp(column->name, "ixn") == 0 || column->type == COLUMN_QUARTER || column->type == COLUMN_CONN)
            out_format(&tables->indexes, "CREATE INDEX IF NOT EXISTS %s_by_%s ON %s(%s);", table->name, column->name,
                       table->name, column->name);
    }
    tables->all[number] =
        (struct sql_table){table->name, columns, COMMON_COLUMNS + table->count, "PRIMARY KEY (journal, batch, n)"};
}

/* Creates the tables that are missing. */
bool records_make(struct sql *sql, struct error *error)
{
    struct tables *tables = memory_zeroed(1, sizeof *tables);
    for (unsigned number = 0; number < TABLES; number++) table_set(tables, number);
    tables->all[TABLES] =
        (struct sql_table){"gcx_journals", journal_columns, sizeof journal_columns / sizeof *journal_columns, ""};
    const char *const after[] = {tables->indexes.bytes, NULL};
    const struct table_schema schema = {
        .of = SQL_gcx_records,
        .tables = tables->all,
        .count = TABLES + 1,
        .views = views,
        .view_count = sizeof views / sizeof *views,
        .after = {after, after},
    };
    bool good = sql_schema_make(sql, &schema, error);
    out_free(&tables->indexes);
    free(tables);
    return good;
}

/* ---- positions ---- */

static bool position_read(struct sql *sql, struct sink_position *position, bool *there, struct error *error)
{
    struct sql_rows *rows = sql_ask(sql, error, "SELECT journal, batch, hash FROM gcx_journals WHERE first = $1",
                                    SQL_WITH(sql_text(position->first)));
    *there = sql_next(rows);
    if (*there) {
        position->journal = sql_int(rows, 0);
        position->batch = (uint64_t)sql_int(rows, 1);
        text_set_span(position->hash, sizeof position->hash, sql_string(rows, 2));
    }
    return sql_end(rows, error);
}

/* A journal that the database does not know gets the next number, and the position 0. */
bool sink_position_find(struct sql *sql, struct sink_position *position, struct error *error)
{
    bool there;
    if (!position_read(sql, position, &there, error)) return false;
    if (there) return true;
    return sql_do(sql, error,
                  "INSERT INTO gcx_journals SELECT coalesce(max(journal), 0) + 1, $1, $2, 0, '' FROM gcx_journals",
                  SQL_WITH(sql_number(position->partition), sql_text(position->first))) &&
           position_read(sql, position, &there, error);
}

/* The position's UPDATE has the old batch in its condition: if a second writer has moved the position, no row is
 * changed. */
bool sink_position_move(struct sql *sql, const struct sink_position *from, const struct sink_position *to,
                        struct error *error)
{
    assert(to->journal == from->journal && to->batch >= from->batch); /* a position goes forwards */
    if (!sql_do(sql, error, "UPDATE gcx_journals SET batch = $1, hash = $2 WHERE journal = $3 AND batch = $4",
                SQL_WITH(sql_number((int64_t)to->batch), sql_text(to->hash), sql_number(to->journal),
                         sql_number((int64_t)from->batch))))
        return false;
    if (sql_changes(sql) == 1) return true;
    return error_set(error, ERROR_STATE,
                     "another gcxrecords writes the same journal into this database: end one of them");
}
