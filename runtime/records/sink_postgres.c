/* runtime/records/sink_postgres.c - Writes rows into a PostgreSQL database, by COPY.
 *
 * Rows are kept as text, one buffer per table, until the commit: then one transaction moves the position, which also
 * locks it, and copies the buffers. The buffers are kept until the transaction has succeeded. If the connection was
 * lost, the position in the database shows whether the commit has happened. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "runtime/records/sink_kind.h"
#include "base/memory.h"

struct postgres_sink {
    struct sql *sql;
    struct out rows[TABLES];
    struct sink_position at; /* what the database has */
    bool unknown;            /* whether the last commit has happened is not known */
};

static bool postgres_begin(void *self, struct sink_position *position, struct error *error)
{
    struct postgres_sink *sink = self;
    if (!sink_position_find(sink->sql, position, error)) return false;
    sink->at = *position;
    return true;
}

/* Returns the escape of a byte in COPY's text format; NULL: the byte itself. U+0000, which PostgreSQL cannot store,
 * becomes U+FFFD. */
static const char *escape_of(uint8_t byte)
{
    switch (byte) {
    case '\\':
        return "\\\\";
    case '\t':
        return "\\t";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\0':
        return "\xef\xbf\xbd";
    default:
        return NULL;
    }
}

static void sink_postgres_copy_text(struct out *out, struct span text)
{
    uint32_t plain = 0; /* bytes before are written */
    for (uint32_t at = 0; at < text.length; at++) {
        const char *escape = escape_of(text.bytes[at]);
        if (!escape) continue;
        out_put(out, (const char *)text.bytes + plain, at - plain);
        out_text(out, escape);
        plain = at + 1;
    }
    out_put(out, (const char *)text.bytes + plain, text.length - plain);
}

static void copy_value(struct out *out, const struct record_value *value)
{
    switch (value->kind) {
    case VALUE_IS_NULL:
        out_text(out, "\\N");
        break;
    case VALUE_IS_NUMBER:
        out_format(out, "%" PRId64, value->number);
        break;
    case VALUE_IS_TEXT:
        sink_postgres_copy_text(out, value->text);
        break;
    case VALUE_IS_MOMENT:
        out_moment(out, value->number, ' ');
        out_text(out, "Z");
        break;
    }
}

static bool postgres_put(void *self, const struct record_row *row, struct error *error)
{
    struct postgres_sink *sink = self;
    assert(row->table < TABLES);
    struct out *out = &sink->rows[row->table];
    (void)error;
    out_format(out, "%lld\t%llu\t%u", (long long)sink->at.journal, (unsigned long long)row->batch, row->n);
    for (unsigned at = 0; at < record_tables[row->table].count; at++) {
        out_text(out, "\t");
        copy_value(out, &row->values[at]);
    }
    out_text(out, "\n");
    return true;
}

static bool sink_postgres_copy(struct postgres_sink *sink, enum table_name table, struct error *error)
{
    assert(table < TABLES);
    struct out command = {0};
    const struct out *rows = &sink->rows[table];
    out_format(&command, "COPY %s(journal, batch, n", record_tables[table].name);
    for (unsigned at = 0; at < record_tables[table].count; at++)
        out_format(&command, ", %s", record_tables[table].columns[at].name);
    out_text(&command, ") FROM STDIN");
    bool good = sql_copy(sink->sql, command.bytes, rows->bytes, rows->length, error);
    out_free(&command);
    return good;
}

static bool sink_postgres_write_all(struct postgres_sink *sink, const struct sink_position *position,
                                    struct error *error)
{
    if (!sink_position_move(sink->sql, &sink->at, position, error)) return false;
    for (unsigned table = 0; table < TABLES; table++)
        if (sink->rows[table].length > 0 && !sink_postgres_copy(sink, table, error)) return false;
    return sql_commit(sink->sql, error);
}

/* Finds out by the position whether the last commit has happened, if that is not known. */
static bool sink_postgres_written(struct postgres_sink *sink, const struct sink_position *position, bool *done,
                                  struct error *error)
{
    struct sink_position there = *position;
    if (sink->unknown && !sink_position_find(sink->sql, &there, error)) return false;
    *done = sink->unknown && there.batch == position->batch;
    sink->unknown = false;
    return true;
}

/* Copies the buffers in one transaction. The buffers are emptied only after the transaction has succeeded. */
static bool postgres_commit(void *self, const struct sink_position *position, struct error *error)
{
    struct postgres_sink *sink = self;
    assert(position->batch >= sink->at.batch);
    bool done;
    if (!sink_postgres_written(sink, position, &done, error)) return false;
    if (!done && !sql_begin(sink->sql, error)) return false;
    if (!done && !sink_postgres_write_all(sink, position, error)) {
        sink->unknown = sql_lost(sink->sql);
        sql_rollback(sink->sql);
        return false;
    }
    for (unsigned table = 0; table < TABLES; table++) sink->rows[table].length = 0;
    sink->at = *position;
    return true;
}

static void sink_postgres_close(void *self)
{
    struct postgres_sink *sink = self;
    sql_close(sink->sql);
    for (unsigned table = 0; table < TABLES; table++) out_free(&sink->rows[table]);
    free(sink);
}

struct sink *sink_open_postgres(const char *target, struct error *error)
{
    static const struct sink_kind kind = {postgres_begin, postgres_put, postgres_commit, sink_postgres_close, false};
    struct postgres_sink *sink = memory_zeroed(1, sizeof *sink);
    sink->sql = sql_open(target, "the records' database", error);
    if (sink->sql && records_make(sink->sql, error)) return sink_new(&kind, sink);
    sink_postgres_close(sink);
    return NULL;
}
