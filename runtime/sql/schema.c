/* runtime/sql/schema.c - Makes tables, or upgrades them to the version of the program.
 *
 *     database's version    program's version
 *     no tables             N      all tables are made
 *     N                     N      nothing is done
 *     less than N           N      columns that are missing are added, views are made anew
 *     more than N           N      refused: an older program must not write what it does not know
 *
 * A new version only adds tables and columns, so one function both makes and upgrades. A change is one transaction;
 * the version is written last, so that after a crash the old tables have the old version. */
#include "runtime/sql/schema.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/out.h"
#include "runtime/sql/lite.h"
#include "runtime/vocabulary/target.h"

static const struct version_row {
    const char *name, *asked, *program;
    int version;
} version_rows[SQL_SCHEMAS] = {
#define VERSION(name, program, number) {#name, "SELECT version FROM " #name, #program, number},
#include "runtime/sql/versions.def"
};

static const char *const has_table[SQL_DIALECTS] = {
    [SQL_SQLITE] = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
    [SQL_POSTGRES] = "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema()"
                     " AND table_name = $1",
};

static const char *const has_column[SQL_DIALECTS] = {
    [SQL_SQLITE] = "SELECT 1 FROM pragma_table_info($1) WHERE name = $2",
    [SQL_POSTGRES] = "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema()"
                     " AND table_name = $1 AND column_name = $2",
};

bool sql_table_there(struct sql *sql, const char *table, bool *there, struct error *error)
{
    int64_t one;
    return sql_find(sql, error, &one, there, has_table[sql_dialect(sql)], SQL_WITH(sql_text(table)));
}

bool sql_column_there(struct sql *sql, const char *table, const char *column, bool *there, struct error *error)
{
    int64_t one;
    return sql_find(sql, error, &one, there, has_column[sql_dialect(sql)], SQL_WITH(sql_text(table), sql_text(column)));
}

static void column_sql(struct out *out, const struct table_column *column, enum sql_dialect dialect)
{
    out_format(out, "%s ", column->name);
    out_text(out, column->types[dialect]);
}

/* Makes the statement that creates a table; a column without a type in this dialect is left out. */
static void table_sql(struct out *out, const struct sql_table *table, enum sql_dialect dialect)
{
    const char *between = "";
    out_format(out, "CREATE TABLE %s(", table->name);
    for (unsigned at = 0; at < table->count; at++) {
        if (!table->columns[at].types[dialect]) continue;
        out_text(out, between);
        column_sql(out, &table->columns[at], dialect);
        between = ", ";
    }
    if (*table->key) out_format(out, "%s%s", between, table->key);
    out_text(out, ");");
}

/* Adds the columns that the table lacks. Columns are compared by name only; the type of an existing column is not
 * checked. */
static bool columns_sql(struct sql *sql, struct out *out, const struct sql_table *table, struct error *error)
{
    enum sql_dialect dialect = sql_dialect(sql);
    for (unsigned at = 0; at < table->count; at++) {
        const struct table_column *column = &table->columns[at];
        bool there;
        if (!column->types[dialect]) continue;
        if (!sql_column_there(sql, table->name, column->name, &there, error)) return false;
        if (there) continue;
        out_format(out, "ALTER TABLE %s ADD COLUMN ", table->name);
        column_sql(out, column, dialect);
        out_text(out, ";");
    }
    return true;
}

static bool schema_table_make(struct sql *sql, const struct sql_table *table, struct error *error)
{
    struct out out = {0};
    bool there, good = sql_table_there(sql, table->name, &there, error);
    if (good && there)
        good = columns_sql(sql, &out, table, error);
    else if (good)
        table_sql(&out, table, sql_dialect(sql));
    if (good && out.length > 0) good = sql_run(sql, out.bytes, error);
    out_free(&out);
    return good;
}

/* Says what to do about a view that PostgreSQL does not drop; a lock that was waited for is told as it is. */
static bool view_stands(struct error *error)
{
    char why[sizeof error->text];
    if (!error || error->code == ERROR_TIMEOUT) return false;
    snprintf(why, sizeof why, "%s", error->text);
    return error_set(error, error->code,
                     "%.160s; drop the views of your own that stand on it, and make them again later", why);
}

/* Views name columns, so they are dropped before the tables change and created again afterwards. */
static bool views_drop(struct sql *sql, const struct table_schema *schema, struct error *error)
{
    bool good = true;
    for (unsigned at = 0; good && at < schema->view_count; at++) {
        char text[128];
        snprintf(text, sizeof text, "DROP VIEW IF EXISTS %s", schema->views[at].name);
        good = sql_run(sql, text, error) || view_stands(error);
    }
    return good;
}

static bool views_make(struct sql *sql, const struct table_schema *schema, struct error *error)
{
    bool good = true;
    for (unsigned at = 0; good && at < schema->view_count; at++) {
        struct out out = {0};
        out_format(&out, "CREATE VIEW %s AS ", schema->views[at].name);
        out_text(&out, schema->views[at].query);
        good = sql_run(sql, out.bytes, error);
        out_free(&out);
    }
    return good;
}

static bool version_lacks(const struct version_row *row, struct error *error)
{
    return error_set(error, ERROR_STATE,
                     "its table %s says no version: it is damaged, or another program's; write into another database",
                     row->name);
}

/* Finds the version of the tables; 0: there are no tables yet. */
static bool version_find(struct sql *sql, const struct version_row *row, int64_t *version, struct error *error)
{
    bool there, good = false;
    *version = 0;
    if (!sql_table_there(sql, row->name, &there, error)) return false;
    if (!there) return true;
    struct sql_rows *rows = sql_ask(sql, error, row->asked, SQL_NONE);
    if (!rows) return false;
    if (sql_next(rows)) {
        struct span span = sql_string(rows, 0);
        char *end;
        *version = strtoll((const char *)span.bytes, &end, 10);
        good = span.length > 0 && *end == '\0' && *version != 0;
    }
    if (!sql_end(rows, error)) return false;
    return good || version_lacks(row, error);
}

static bool version_may(const struct version_row *row, int64_t version, struct error *error)
{
    if (version <= row->version) return true;
    return error_set(error, ERROR_VERSION,
                     "its tables are of version %" PRId64
                     "; this %s writes version %d: use the %s that made them, or another database",
                     version, row->program, row->version, row->program);
}

/* Takes a lock, since two programs may find the same database without tables. */
static bool schema_lock(struct sql *sql, const struct table_schema *schema, struct error *error)
{
    if (sql_dialect(sql) == SQL_SQLITE) return true; /* SQLite runs one transaction after the other */
    return sql_do(sql, error, "SELECT pg_advisory_xact_lock(hashtext($1))",
                  SQL_WITH(sql_text(version_rows[schema->of].name)));
}

/* Changes the tables; the version is read again under the lock, since another program may have made the tables
 * meanwhile. */
static bool schema_change(struct sql *sql, const struct table_schema *schema, struct error *error)
{
    const struct version_row *row = &version_rows[schema->of];
    int64_t version;
    char text[160];
    if (!schema_lock(sql, schema, error) || !version_find(sql, row, &version, error)) return false;
    if (!version_may(row, version, error)) return false;
    if (version == row->version) return true; /* another program has made the change before */
    snprintf(text, sizeof text, "CREATE TABLE %s(version BIGINT NOT NULL); INSERT INTO %s VALUES(0)", row->name,
             row->name);
    bool good = version != 0 || sql_run(sql, text, error);
    good = good && views_drop(sql, schema, error);
    for (unsigned at = 0; good && at < schema->count; at++) good = schema_table_make(sql, &schema->tables[at], error);
    const char *const *after = schema->after[sql_dialect(sql)];
    for (; good && after && *after; after++) good = sql_run(sql, *after, error);
    snprintf(text, sizeof text, "UPDATE %s SET version = %d", row->name, row->version);
    return good && views_make(sql, schema, error) && sql_run(sql, text, error);
}

/* Checks the version of a SQLite file without changing it; other programs' tables in it do not matter. */
bool sql_versions_good(const char *file, const char *setting, struct error *error)
{
    /* a version table's name begins with this; the rest is the name of the setting: `lists` for gcx_lists */
    static const char before[] = "gcx_";
    sqlite3 *db = NULL;
    bool good = true, open = sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;
    for (unsigned at = 0; open && good && at < SQL_SCHEMAS; at++) {
        sqlite3_int64 version;
        if (strcmp(version_rows[at].name + sizeof before - 1, setting) != 0) continue;
        bool there =
            lite_has(db, NULL, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = %Q", version_rows[at].name);
        if (!there) continue;
        good = lite_has(db, &version, "%s", version_rows[at].asked) && version != 0
                   ? version_may(&version_rows[at], version, error)
                   : version_lacks(&version_rows[at], error);
    }
    sqlite3_close(db);
    return good;
}

bool sql_schema_make(struct sql *sql, const struct table_schema *schema, struct error *error)
{
    const struct version_row *row = &version_rows[schema->of];
    int64_t version;
    if (!version_find(sql, row, &version, error) || !version_may(row, version, error)) return false;
    if (version == row->version) return true;
    if (!sql_begin(sql, error)) return false;
    if (schema_change(sql, schema, error) && sql_commit(sql, error)) return true;
    sql_rollback(sql);
    return false;
}

/* Asks whether this user may write each table, by statements that are explained but not run. */
bool sql_schema_takes(struct sql *sql, const struct table_schema *schema, struct error *error)
{
    bool good = true;
    for (unsigned at = 0; good && at < schema->count; at++) {
        const char *table = schema->tables[at].name, *column = schema->tables[at].columns[0].name;
        struct out out = {0};
        out_format(&out, "EXPLAIN INSERT INTO %s(%s) SELECT %s FROM %s WHERE 1 = 0;", table, column, column, table);
        out_format(&out, "EXPLAIN UPDATE %s SET %s = %s WHERE 1 = 0;", table, column, column);
        out_format(&out, "EXPLAIN DELETE FROM %s WHERE 1 = 0", table);
        good = sql_run(sql, out.bytes, error);
        out_free(&out);
    }
    return good;
}

/* Makes the file, readable by its owner only: other users must not read what customers write. If the file cannot be
 * made, SQLite will report that. */
static void file_make(const char *target)
{
    const char *path = target_file(target);
    if (!path) return;
    int file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file >= 0) close(file);
}

static bool schema_is_missing(const char *target, const char *what, const struct table_schema *schema,
                              struct error *error)
{
    const char *file = target_file(target);
    return error_set(error, ERROR_UNKNOWN, "there is no %s %s%.150s: %s migrate makes one", what + 4,
                     file ? "at " : "in this database", file ? file : "", version_rows[schema->of].program);
}

/* Does the SQLite file of the target exist? SQLite would create a missing file. */
static bool file_there(const char *target)
{
    struct stat info;
    if (!target_file(target)) return true;
    return stat(target_file(target), &info) == 0 ? info.st_size > 0 : errno != ENOENT;
}

static bool tables_there(struct sql *sql, const char *target, const char *what, const struct table_schema *schema,
                         struct error *error)
{
    bool there;
    return sql_table_there(sql, version_rows[schema->of].name, &there, error) &&
           (there || schema_is_missing(target, what, schema, error));
}

bool sql_schema_anew(struct sql *sql, const struct table_schema *schema, struct error *error)
{
    bool there;
    if (!sql_table_there(sql, version_rows[schema->of].name, &there, error)) return false;
    return there ? sql_schema_make(sql, schema, error)
                 : error_set(error, ERROR_UNAVAILABLE, "the file was replaced by one without tables of %s",
                             version_rows[schema->of].program);
}

/* `there`: the tables must exist; nothing is made. Otherwise a missing file is made first, readable by its owner
 * only. */
struct sql *sql_schema_open(const char *target, const char *what, const struct table_schema *schema, bool there,
                            struct error *error)
{
    assert(strncmp(what, "the ", 4) == 0);
    if (!there) file_make(target);
    if (there && !file_there(target)) {
        schema_is_missing(target, what, schema, error);
        return NULL;
    }
    struct sql *sql = sql_open(target, what, error);
    if (sql && (!there || tables_there(sql, target, what, schema, error)) && sql_schema_make(sql, schema, error))
        return sql;
    sql_close(sql);
    return NULL;
}
