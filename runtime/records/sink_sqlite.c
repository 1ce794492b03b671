/* runtime/records/sink_sqlite.c - Writes rows into an SQLite database, in one transaction from commit to commit.
 *
 *     sqlite_put     BEGIN, where none is open; INSERT OR IGNORE
 *     sqlite_put     INSERT OR IGNORE
 *     sqlite_commit  UPDATE gcx_journals; COMMIT
 *
 * A kill or a full disk before COMMIT leaves neither rows nor position, and the rows of the same batches are written
 * again. `moments` has a buffer for each column, as a value only points to its text until the statement has run. */
#include <assert.h>
#include <stdlib.h>

#include "runtime/records/sink_kind.h"
#include "base/memory.h"

struct sqlite_sink {
    struct sql *sql;
    struct out inserts[TABLES], moments[COLUMNS_MAX];
    struct sink_position at; /* what the database has */
    bool open;               /* a transaction is */
};

/* Makes the INSERT of a table; writing the same row a second time changes nothing. */
static void sink_sqlite_insert_make(struct out *sql, const struct record_table *table)
{
    out_format(sql, "INSERT OR IGNORE INTO %s(journal, batch, n", table->name);
    for (unsigned at = 0; at < table->count; at++) out_format(sql, ", %s", table->columns[at].name);
    out_text(sql, ") VALUES($1, $2, $3");
    for (unsigned at = 0; at < table->count; at++) out_format(sql, ", $%u", COMMON_COLUMNS + 1 + at);
    out_text(sql, ")");
}

static bool sqlite_begin(void *self, struct sink_position *position, struct error *error)
{
    struct sqlite_sink *sink = self;
    if (!sink_position_find(sink->sql, position, error)) return false;
    sink->at = *position;
    return true;
}

static bool open_transaction(struct sqlite_sink *sink, struct error *error)
{
    sink->open = sink->open || sql_begin(sink->sql, error);
    return sink->open;
}

static struct sql_value sink_sqlite_value_of(const struct record_value *value, struct out *moment)
{
    switch (value->kind) {
    case VALUE_IS_NULL:
        return sql_null();
    case VALUE_IS_NUMBER:
        return sql_number(value->number);
    case VALUE_IS_TEXT:
        return sql_span(value->text);
    case VALUE_IS_MOMENT:
        break;
    }
    moment->length = 0;
    out_moment(moment, value->number, ' ');
    return sql_text(moment->bytes);
}

static bool sqlite_put(void *self, const struct record_row *row, struct error *error)
{
    struct sqlite_sink *sink = self;
    unsigned count = record_tables[row->table].count;
    assert(row->table < TABLES && count <= COLUMNS_MAX);
    struct sql_value values[COMMON_COLUMNS + COLUMNS_MAX] = {sql_number(sink->at.journal),
                                                             sql_number((int64_t)row->batch), sql_number(row->n)};
    for (unsigned at = 0; at < count; at++)
        values[COMMON_COLUMNS + at] = sink_sqlite_value_of(&row->values[at], &sink->moments[at]);
    return open_transaction(sink, error) &&
           sql_do(sink->sql, error, sink->inserts[row->table].bytes, values, COMMON_COLUMNS + count);
}

/* The position also moves if no row was added, because the batches had none. */
static bool sqlite_commit(void *self, const struct sink_position *position, struct error *error)
{
    struct sqlite_sink *sink = self;
    assert(position->batch >= sink->at.batch);
    if (!open_transaction(sink, error) || !sink_position_move(sink->sql, &sink->at, position, error)) return false;
    if (!sql_commit(sink->sql, error)) return false;
    sink->open = false;
    sink->at = *position;
    return true;
}

static void sink_sqlite_close(void *self)
{
    struct sqlite_sink *sink = self;
    sql_close(sink->sql); /* rolls back */
    for (unsigned table = 0; table < TABLES; table++) out_free(&sink->inserts[table]);
    for (unsigned at = 0; at < COLUMNS_MAX; at++) out_free(&sink->moments[at]);
    free(sink);
}

struct sink *sink_open_sqlite(const char *target, struct error *error)
{
    static const struct sink_kind kind = {sqlite_begin, sqlite_put, sqlite_commit, sink_sqlite_close, false};
    struct sqlite_sink *sink = memory_zeroed(1, sizeof *sink);
    for (unsigned table = 0; table < TABLES; table++)
        sink_sqlite_insert_make(&sink->inserts[table], &record_tables[table]);
    sink->sql = sql_open(target, "the records' database", error);
    if (sink->sql && sql_run(sink->sql, "PRAGMA trusted_schema = OFF", error) && records_make(sink->sql, error))
        return sink_new(&kind, sink);
    sink_sqlite_close(sink);
    return NULL;
}
