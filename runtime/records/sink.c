/* runtime/records/sink.c - Which kind of sink a target names; the schema and the positions of databases. */
#include "runtime/records/sink.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/records/sink_kind.h"
#include "runtime/vocabulary/memory.h"

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

struct sink *sink_open(const char *target, struct error *error)
{
    if (strncmp(target, "sqlite:", 7) == 0 && target[7] != '\0') return sink_open_sqlite(target + 7, error);
    if (strncmp(target, "jsonl:", 6) == 0 && target[6] != '\0') return sink_open_lines(target + 6, error);
    bool uri = strncmp(target, "postgresql://", 13) == 0 || strncmp(target, "postgres://", 11) == 0;
    if (uri || strchr(target, '=')) return sink_open_postgres(target, error);
    error_set(error, ERROR_INPUT,
              "'%.100s' names no place for records: expected sqlite:FILE, jsonl:FILE, postgresql://... or a connection "
              "string such as \"host=/run/postgresql dbname=records\"",
              target);
    return NULL;
}

void sink_close(struct sink *sink)
{
    if (!sink) return;
    sink->kind->close(sink->self);
    free(sink);
}

bool sink_begin(struct sink *sink, struct position *position, struct error *error)
{
    return sink->kind->begin(sink->self, position, error);
}

bool sink_put(struct sink *sink, const struct record_row *row, struct error *error)
{
    return sink->kind->put(sink->self, row, error);
}

bool sink_commit(struct sink *sink, const struct position *position, struct error *error)
{
    return sink->kind->commit(sink->self, position, error);
}

void value_text(struct out *out, const struct record_value *value)
{
    if (value->kind == VALUE_IS_NUMBER)
        out_format(out, "%" PRId64, value->number);
    else if (value->kind == VALUE_IS_MOMENT)
        out_moment(out, value->number, ' ');
    else
        out_put(out, (const char *)value->text.bytes, value->text.length);
}

/* ---- schema ---- */

static const char *const views[][2] = {
#define VIEW(name, doc, sql) {#name, sql},
#include "runtime/records/records.def"
};

static void table_sql(struct out *sql, const struct database *db, const struct record_table *table)
{
    out_format(sql, "CREATE TABLE %s(", table->name);
#define COMMON(column, doc) out_text(sql, #column " BIGINT NOT NULL, ");
#include "runtime/records/records.def"
    for (unsigned at = 0; at < table->count; at++)
        out_format(sql, "%s %s, ", table->columns[at].name, db->types[table->columns[at].type]);
    out_text(sql, "PRIMARY KEY (journal, batch, n));");
    for (unsigned at = 0; at < table->count; at++) {
        const struct record_column *column = &table->columns[at];
        bool named = strcmp(column->name, "ixn") == 0;
        if (named || column->type == COLUMN_QUARTER)
            out_format(sql, "CREATE INDEX %s_by_%s ON %s(%s);", table->name, column->name, table->name, column->name);
    }
}

/* Runs `format` with the names; `there`: it had a row. */
static bool look(const struct database *db, const char *format, const char *table, const char *column, bool *there,
                 struct error *error)
{
    char sql[512], answer[64];
    struct error why = {0};
    snprintf(sql, sizeof sql, format, table, column);
    *there = db->ask(db->self, sql, answer, sizeof answer, &why);
    if (*there || why.code == ERROR_NONE) return true;
    *error = why;
    return false;
}

static bool table_make(const struct database *db, const struct record_table *table, struct error *error)
{
    bool there, good;
    struct out sql = {0};
    if (!look(db, db->has_table, table->name, "", &there, error)) return false;
    if (!there) {
        table_sql(&sql, db, table);
    } else {
        out_text(&sql, "");
        for (unsigned at = 0; at < table->count; at++) {
            const struct record_column *column = &table->columns[at];
            if (!look(db, db->has_column, table->name, column->name, &there, error)) {
                out_free(&sql);
                return false;
            }
            if (!there)
                out_format(&sql, "ALTER TABLE %s ADD COLUMN %s %s;", table->name, column->name,
                           db->types[column->type]);
        }
    }
    good = sql.length == 0 || db->run(db->self, sql.bytes, error);
    out_free(&sql);
    return good;
}

static bool views_drop(const struct database *db, struct error *error)
{
    struct out sql = {0};
    for (size_t at = 0; at < sizeof views / sizeof *views; at++)
        out_format(&sql, "DROP VIEW IF EXISTS %s;", views[at][0]);
    bool good = db->run(db->self, sql.bytes, error);
    out_free(&sql);
    return good;
}

static bool views_make(const struct database *db, struct error *error)
{
    struct out sql = {0};
    for (size_t at = 0; at < sizeof views / sizeof *views; at++) {
        out_format(&sql, "CREATE VIEW %s AS ", views[at][0]);
        out_text(&sql, views[at][1]);
        out_text(&sql, ";");
    }
    bool good = db->run(db->self, sql.bytes, error);
    out_free(&sql);
    return good;
}

/* 0: there are no tables yet. */
static bool version_find(const struct database *db, long *version, struct error *error)
{
    char answer[32], *end = answer;
    bool there;
    *version = 0;
    if (!look(db, db->has_table, "gcx_records", "", &there, error)) return false;
    if (!there) return true;
    error->code = ERROR_NONE;
    if (db->ask(db->self, "SELECT version FROM gcx_records", answer, sizeof answer, error))
        *version = strtol(answer, &end, 10);
    else if (error->code != ERROR_NONE)
        return false;
    if (end == answer || *end != '\0' || *version == 0) {
        error_set(error, ERROR_STATE,
                  "its table gcx_records says no version: it is damaged, or another program's; write the records into "
                  "another database");
        return false;
    }
    if (*version <= SCHEMA_VERSION) return true;
    error_set(error, ERROR_VERSION,
              "its tables are of version %ld; this gcxrecords writes version %d: use the gcxrecords that made them, or "
              "another database",
              *version, SCHEMA_VERSION);
    return false;
}

static bool schema_change(const struct database *db, long version, struct error *error)
{
    char sql[256];
    bool good =
        version != 0 || db->run(db->self,
                                "CREATE TABLE gcx_records(version BIGINT NOT NULL); INSERT INTO gcx_records VALUES(0);"
                                "CREATE TABLE gcx_journals(journal BIGINT PRIMARY KEY, partition BIGINT NOT NULL,"
                                " first TEXT NOT NULL UNIQUE, batch BIGINT NOT NULL, hash TEXT NOT NULL);",
                                error);
    good = good && views_drop(db, error);
    for (unsigned at = 0; good && at < TABLES; at++) good = table_make(db, &record_tables[at], error);
    snprintf(sql, sizeof sql, "UPDATE gcx_records SET version = %d", SCHEMA_VERSION);
    return good && views_make(db, error) && db->run(db->self, sql, error);
}

bool schema_make(const struct database *db, struct error *error)
{
    long version;
    if (!version_find(db, &version, error)) return false;
    if (version == SCHEMA_VERSION) return true;
    if (!db->run(db->self, "BEGIN", error)) return false;
    if (schema_change(db, version, error)) return db->run(db->self, "COMMIT", error);
    db->run(db->self, "ROLLBACK", NULL);
    return false;
}

/* ---- positions ---- */

static bool position_ask(const struct database *db, const char *column, const char *first, char *answer, size_t size,
                         struct error *error)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT %s FROM gcx_journals WHERE first = '%s'", column, first);
    return db->ask(db->self, sql, answer, size, error);
}

bool position_find(const struct database *db, struct position *position, struct error *error)
{
    char answer[JOURNAL_HASH + 1], sql[512];
    error->code = ERROR_NONE;
    if (!position_ask(db, "journal", position->first, answer, sizeof answer, error)) {
        if (error->code != ERROR_NONE) return false;
        snprintf(sql, sizeof sql,
                 "INSERT INTO gcx_journals SELECT coalesce(max(journal), 0) + 1, %u, '%s', 0, '' FROM gcx_journals",
                 position->partition, position->first);
        if (!db->run(db->self, sql, error)) return false;
        if (!position_ask(db, "journal", position->first, answer, sizeof answer, error)) return false;
    }
    position->journal = strtoll(answer, NULL, 10);
    if (!position_ask(db, "batch", position->first, answer, sizeof answer, error)) return false;
    position->batch = strtoull(answer, NULL, 10);
    return position_ask(db, "hash", position->first, position->hash, sizeof position->hash, error);
}
