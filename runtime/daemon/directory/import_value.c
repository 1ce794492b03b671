/* runtime/daemon/directory/import_value.c - Checks values of an import, and writes complaints about rows. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/daemon/directory/import_sql.h"
#include "runtime/vocabulary/rows.h"

/* Checks that a value of a parameter or a business table has an allowed type and length. The type that the site
 * declares is checked later. */
bool import_value_good(int type, size_t length)
{
    return type != SQLITE_BLOB && (type != SQLITE_TEXT || length <= TEXT_MAX_BYTES);
}

void import_value_put(struct kv *kv, const char *name, sqlite3_stmt *statement, int place)
{
    assert(kv && name && statement);
    struct kv_value value = {.tag = KV_NONE};
    switch (sqlite3_column_type(statement, place)) {
    case SQLITE_INTEGER:
        value = (struct kv_value){.tag = KV_INT, .word = sqlite3_column_int64(statement, place)};
        break;
    case SQLITE_FLOAT:
        value = (struct kv_value){.tag = KV_FLOAT, .number = sqlite3_column_double(statement, place)};
        break;
    case SQLITE_TEXT:
        value = (struct kv_value){.tag = KV_TEXT, .span = span_of((const char *)sqlite3_column_text(statement, place))};
        break;
    default:
        break;
    }
    kv_put(kv, span_of(name), &value);
}

bool import_row_wrong(const char *file, const char *sheet, const char *const *keys, const char *key, const char *what,
                      struct error *error)
{
    assert(file && sheet && keys && key && what);
    struct sql_place place;
    unsigned line;
    if (import_csv_line(file, sheet, keys, key, &line)) {
        char *path = import_csv_file(file, sheet);
        error_set(error, ERROR_INPUT, "%s:%u: row %.80s: %s", path, line, key, what);
        free(path);
        return false;
    }
    if (sql_row_line(file, sheet, keys, key, &place))
        error_set(error, ERROR_INPUT, "%s:%u: table %s, row %.80s: %s: %s", file, place.line, sheet, key, what,
                  place.quote);
    else
        error_set(error, ERROR_INPUT, "%s: table %s, row %.80s: %s", file, sheet, key, what);
    return false;
}
