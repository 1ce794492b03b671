/* runtime/daemon/directory/import_sheets.c - Reads the business tables of a site, the tables "table_NAME" of its
 * directory. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/site/business.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { ROW_BYTES_MAX = KV_BYTES_MAX - 1000 }; /* size limit: the row goes into one event */

/* Reads the rows of the sheet in the order of its key. NULL: with the reason. */
static sqlite3_stmt *sheet_open(struct business_sheet *sheet, const char *name, sqlite3 *db, const char *file,
                                struct error *error)
{
    struct import_rows rows;
    if (!import_rows_open(db, name, &rows)) {
        error_set(error, ERROR_INPUT, "%s: table %s: expected one column as primary key, as the site has one `key`",
                  file, name);
        return NULL;
    }
    sheet->key = memory_text(sqlite3_column_name(rows.statement, 0));
    return rows.statement;
}

/* Says what is wrong with a value that no row may have, whatever the site's types are. */
static bool cell_good(sqlite3_stmt *statement, int place, bool is_key, const char **expected)
{
    int type = sqlite3_column_type(statement, place);
    const char *text = lite_text(statement, place);
    size_t length = (size_t)sqlite3_column_bytes(statement, place);
    *expected = is_key ? "a text of at most 256 bytes" : "a number, or a text of at most 4096 bytes, in UTF-8";
    if (is_key && (type != SQLITE_TEXT || length > ADDR_MAX_BYTES)) return false;
    return import_value_good(type, length) && (!text || (strlen(text) == length && bytes_are_utf8(span_of(text))));
}

/* Checks and stores one row of a business table. The types that the site declares are checked later
 * (import_check.h). */
static bool sheet_row(struct directory_import *directory, struct business_sheet *sheet, sqlite3_stmt *statement,
                      const char *file, struct error *error)
{
    assert(sheet->key);
    int count = sqlite3_column_count(statement), key = 0;
    char sheet_name[NAME_MAX_BYTES + sizeof IMPORT_SHEET];
    const char *const keys[] = {sheet->key, NULL}, *expected;
    snprintf(sheet_name, sizeof sheet_name, IMPORT_SHEET "%s", sheet->name);
    while (strcmp(sqlite3_column_name(statement, key), sheet->key) != 0) key++;
    const char *value = lite_text(statement, key);
    for (int i = 0; i < count; i++) {
        char what[256];
        if (cell_good(statement, i, i == key, &expected)) continue;
        snprintf(what, sizeof what, "column %.64s: expected %s", sqlite3_column_name(statement, i), expected);
        return import_row_wrong(file, sheet_name, keys, !value ? "NULL" : value, what, error);
    }
    size_t before = sheet->rows.length;
    kv_list_begin(&sheet->rows, span_of(value));
    for (int i = 0; i < count; i++) import_value_put(&sheet->rows, sqlite3_column_name(statement, i), statement, i);
    kv_list_end(&sheet->rows);
    if (sheet->rows.length - before > ROW_BYTES_MAX)
        return import_row_wrong(file, sheet_name, keys, value, "longer than a row may be, some 31,000 bytes", error);
    sheet->count++;
    directory->sheet_rows++;
    if (sheet->rows.length <= TABLE_BYTES_MAX && sheet->count <= TABLE_ROWS_MAX) return true;
    return error_set(error, ERROR_LIMIT, "%s: table %s: more than %d rows, or %d bytes", file, sheet_name,
                     TABLE_ROWS_MAX, TABLE_BYTES_MAX);
}

/* Reads one business table. */
static bool import_sheet_read(struct directory_import *directory, const char *name, sqlite3 *db, const char *file,
                              struct error *error)
{
    if (strlen(name) > NAME_MAX_BYTES + sizeof IMPORT_SHEET - 1)
        return error_set(error, ERROR_LIMIT, "%s: table %.80s...: its name is longer than %d bytes", file, name,
                         NAME_MAX_BYTES);
    directory->sheets = memory_more(directory->sheets, directory->sheet_count, sizeof *directory->sheets);
    struct business_sheet *sheet = &directory->sheets[directory->sheet_count++];
    *sheet = (struct business_sheet){.name = memory_text(name + sizeof IMPORT_SHEET - 1)};
    kv_init(&sheet->rows);
    sqlite3_stmt *rows = sheet_open(sheet, name, db, file, error);
    bool good = rows != NULL;
    while (good && lite_next(rows)) good = sheet_row(directory, sheet, rows, file, error);
    bool ended = lite_end(rows);
    return good && (ended || import_table_refused(db, file, name, error));
}

/* Reads the business tables, ordered by name. */
bool import_sheets_read(struct directory_import *directory, sqlite3 *db, const char *file, struct error *error)
{
    struct import_names names;
    bool good = true;
    import_names_list(db, &names);
    for (size_t i = 0; good && i < names.count; i++)
        good = !import_is_sheet(names.all[i]) || import_sheet_read(directory, names.all[i], db, file, error);
    import_names_free(&names);
    return good;
}
