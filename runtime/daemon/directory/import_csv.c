/* runtime/daemon/directory/import_csv.c - Reads a folder of sheets as a directory: each table is a file TABLE.csv,
 * whose first line has the names of the columns (RFC 4180). An empty field without quotes counts as not given.
 *
 * Every sheet becomes a table of an SQLite database in memory, and from then on a directory of sheets is treated
 * like one of SQL (import_sql.c). Rows keep their line number as rowid, so a complaint found much later still names
 * the line. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/host/real.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"

enum { SHEET_MAX = 64 * 1024 * 1024, FIELDS_MAX = 100 };

static const char ending[] = ".csv";

char *import_csv_file(const char *folder, const char *table)
{
    return memory_format("%s/%s%s", folder, table, ending);
}

struct loading {
    sqlite3 *db;
    const char *path, *name;   /* name of the sheet, and of its table */
    const struct sheet *table; /* NULL: a business table */
    struct csv_text csv;
    char *columns[FIELDS_MAX];
    int count;
    struct error *error;
};

static bool csv_wrong(struct loading *loading, const char *what)
{
    return error_set(loading->error, ERROR_INPUT, "%s:%u: %s", loading->path, loading->csv.line, what);
}

/* Finds the table's column for a heading of the sheet; NULL: the table has no such column. */
static const struct column *csv_column_named(const struct sheet *table, const char *name)
{
    for (int i = 0; i < COLUMNS_MAX && table->columns[i].name; i++)
        if (strcmp(table->columns[i].name, name) == 0) return &table->columns[i];
    return NULL;
}

static int csv_place_of(const struct loading *loading, const char *name)
{
    for (int i = 0; i < loading->count; i++)
        if (strcmp(loading->columns[i], name) == 0) return i;
    return -1;
}

/* Checks that the sheet's columns are those of the table, each once; of a business table the first is the key. No
 * column may be named rowid, where the database keeps the line number of a row. A column that the sheet may leave
 * out has a value in its definition (`missing`). */
static bool csv_columns_good(struct loading *loading)
{
    char what[COLUMN_WHAT_MAX];
    for (int i = 0; i < loading->count; i++) {
        if (sqlite3_stricmp(loading->columns[i], "rowid") == 0)
            return csv_wrong(loading, "no column may be called rowid; expected another name, in the site as well");
        bool known = !loading->table || csv_column_named(loading->table, loading->columns[i]);
        if (known && csv_place_of(loading, loading->columns[i]) == i) continue;
        if (known)
            snprintf(what, sizeof what, "column %.64s stands twice", loading->columns[i]);
        else
            import_column_unknown(loading->table, loading->columns[i], what);
        return csv_wrong(loading, what);
    }
    for (int i = 0; loading->table && i < COLUMNS_MAX && loading->table->columns[i].name; i++) {
        const struct column *column = &loading->table->columns[i];
        if (column->missing || csv_place_of(loading, column->name) >= 0) continue;
        snprintf(what, sizeof what, "there is no column %s; its first line names the columns", column->name);
        return csv_wrong(loading, what);
    }
    return true;
}

/* Writes the SQL type of a column: numbers are kept as numbers, all else as it is written. */
static const char *kept_as(const struct column *column)
{
    return column && column_is_number(column) ? "integer" : "";
}

static bool csv_table_make(struct loading *loading)
{
    sqlite3_str *text = sqlite3_str_new(NULL), *keys = sqlite3_str_new(NULL);
    sqlite3_str_appendf(text, "create table \"%w\" (", loading->name);
    for (int i = 0; i < loading->count; i++) {
        const struct column *column = loading->table ? csv_column_named(loading->table, loading->columns[i]) : NULL;
        bool key = loading->table ? column_is_key(column) : i == 0;
        sqlite3_str_appendf(text, "\"%w\" %s, ", loading->columns[i], kept_as(column));
        if (key) sqlite3_str_appendf(keys, "%s\"%w\"", sqlite3_str_length(keys) > 0 ? ", " : "", loading->columns[i]);
    }
    char *listed = sqlite3_str_finish(keys);
    sqlite3_str_appendf(text, "primary key (%s))", listed ? listed : "");
    sqlite3_free(listed);
    return lite_do(loading->db, "%z", sqlite3_str_finish(text)) || csv_wrong(loading, sql_why(loading->db));
}

/* Reads the heading, and creates the table. */
static bool heading_read(struct loading *loading)
{
    struct csv_field fields[FIELDS_MAX];
    int count = csv_text_next(&loading->csv, fields, FIELDS_MAX);
    if (count < 0) return csv_wrong(loading, loading->csv.wrong);
    if (count == 0) return csv_wrong(loading, "the sheet is empty; its first line names the columns");
    if (count > FIELDS_MAX) return csv_wrong(loading, "more columns than a table may have");
    while (loading->count < count) {
        loading->columns[loading->count] = memory_text(fields[loading->count].bytes);
        loading->count++;
    }
    return csv_columns_good(loading) && csv_table_make(loading);
}

/* Makes `insert into T (rowid, ...) values (?, coalesce(?, 'extension'), ...)`: the rowid is the line number. */
static sqlite3_stmt *csv_insert_make(const struct loading *loading)
{
    sqlite3_str *text = sqlite3_str_new(NULL);
    sqlite3_str_appendf(text, "insert into \"%w\" (rowid", loading->name);
    for (int i = 0; i < loading->count; i++) sqlite3_str_appendf(text, ", \"%w\"", loading->columns[i]);
    sqlite3_str_appendall(text, ") values (?");
    for (int i = 0; i < loading->count; i++) {
        const struct column *column = loading->table ? csv_column_named(loading->table, loading->columns[i]) : NULL;
        sqlite3_str_appendf(text, column && column->missing ? ", coalesce(?, %s)" : ", ?",
                            column && column->missing ? column->missing : "");
    }
    sqlite3_str_appendchar(text, 1, ')');
    sqlite3_stmt *insert = lite_ask(loading->db, "%z", sqlite3_str_finish(text));
    assert(insert);
    return insert;
}

/* Inserts a row of the sheet; the primary key refuses a key that is there twice. */
static bool row_insert(struct loading *loading, sqlite3_stmt *insert, const struct csv_field *fields)
{
    char what[256];
    sqlite3_bind_int64(insert, 1, loading->csv.line);
    for (int i = 0; i < loading->count; i++)
        if (fields[i].length == 0 && !fields[i].quoted)
            sqlite3_bind_null(insert, i + 2);
        else
            sqlite3_bind_text(insert, i + 2, fields[i].bytes, (int)fields[i].length, SQLITE_STATIC);
    int result = sqlite3_step(insert);
    sqlite3_reset(insert);
    if (result == SQLITE_DONE) return true;
    if (result == SQLITE_CONSTRAINT)
        snprintf(what, sizeof what, "a row of the key %.80s stands twice", fields[0].bytes);
    else
        snprintf(what, sizeof what, "%s", sql_why(loading->db));
    return csv_wrong(loading, what);
}

static bool rows_read(struct loading *loading)
{
    struct csv_field fields[FIELDS_MAX];
    sqlite3_stmt *insert = csv_insert_make(loading);
    char what[128];
    bool good = true;
    for (int count; good && (count = csv_text_next(&loading->csv, fields, FIELDS_MAX)) != 0;) {
        snprintf(what, sizeof what, "the line has %d fields, and the first line names %d columns", count,
                 loading->count);
        good = count < 0                 ? csv_wrong(loading, loading->csv.wrong)
               : count != loading->count ? csv_wrong(loading, what)
                                         : row_insert(loading, insert, fields);
    }
    sqlite3_finalize(insert);
    return good;
}

bool import_csv_text(sqlite3 *db, const char *path, const char *table, char *text, size_t length, struct error *error)
{
    assert(db && path && table && text);
    struct loading loading = {
        .db = db, .path = path, .name = table, .table = import_table_named(table), .error = error};
    csv_text_begin(&loading.csv, text, length);
    bool good = heading_read(&loading) && rows_read(&loading);
    for (int i = 0; i < loading.count; i++) free(loading.columns[i]);
    return good;
}

/* Reads FOLDER/NAME.csv into a table of that name. */
static bool csv_sheet_read(sqlite3 *db, const char *folder, const char *name, struct error *error)
{
    const char *why;
    size_t length;
    char *path = import_csv_file(folder, name);
    char *text = file_read(path, SHEET_MAX, &length, &why);
    if (!text) error_set(error, ERROR_UNAVAILABLE, "%s cannot be read: %s", path, why);
    bool good = text && import_csv_text(db, path, name, text, length, error);
    free(text);
    free(path);
    return good;
}

/* Returns the name of the table whose sheet the file is, owned by the caller; NULL: the file is no sheet. */
static char *csv_table_of(const char *file)
{
    size_t length = strlen(file);
    if (file[0] == '.' || length < sizeof ending || strcmp(file + length - sizeof ending + 1, ending) != 0) return NULL;
    return strndup(file, length - sizeof ending + 1);
}

static bool table_known(const char *folder, const char *name, struct error *error)
{
    char names[IMPORT_TABLES_TEXT];
    if (import_table_named(name) || import_is_sheet(name)) return true;
    return error_set(error, ERROR_UNKNOWN, "%s/%s%s: unknown table %.64s; expected %s", folder, name, ending, name,
                     import_table_names(names));
}

/* Reads the sheets in one transaction, ordered by name: after a mistake nothing is left. Files that are no sheets
 * are skipped; a sheet of an unknown table is an error. */
bool import_csv_read(sqlite3 *db, const char *folder, struct error *error)
{
    assert(db && folder);
    struct dirent **files;
    int count = scandir(folder, &files, NULL, alphasort);
    bool good = count >= 0 && lite_do(db, "begin");
    if (count < 0) error_set(error, ERROR_UNAVAILABLE, "%s cannot be read: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *name = csv_table_of(files[i]->d_name);
        good = good && (!name || (table_known(folder, name, error) && csv_sheet_read(db, folder, name, error)));
        free(name);
        free(files[i]);
    }
    if (count >= 0) free(files);
    return good && lite_do(db, "commit");
}

/* Reads one sheet again to find the line of a complaint. Complaints are rare, so the lines of all rows need not be
 * kept. */
bool import_csv_line(const char *folder, const char *table, const char *const *keys, const char *key, unsigned *line)
{
    struct error error = {0};
    struct stat found;
    if (stat(folder, &found) != 0 || !S_ISDIR(found.st_mode)) return false;
    struct bound bound = {host_monotonic_us() + SQL_LOOK_S * UINT64_C(1000000), NULL};
    sqlite3 *db = sql_database(&bound, 0);
    bool good = csv_sheet_read(db, folder, table, &error);
    sqlite3_int64 row = good ? sql_row_of(db, table, keys, key) : 0;
    *line = (unsigned)row;
    sqlite3_close(db);
    return row != 0;
}
