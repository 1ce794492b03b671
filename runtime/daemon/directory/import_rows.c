/* runtime/daemon/directory/import_rows.c - Lists the tables of a directory's database, and reads the rows of one in
 * the order of its keys. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void import_rows_name_add(struct import_names *names, const char *name)
{
    names->all = memory_grown(names->all, names->count + 1, sizeof *names->all);
    names->all[names->count++] = memory_text(name);
}

void import_names_list(sqlite3 *db, struct import_names *names)
{
    assert(db && names);
    const struct sheet *table;
    *names = (struct import_names){0};
    for (size_t i = 0; (table = import_table_at(i)); i++)
        if (import_table_there(db, table->name)) import_rows_name_add(names, table->name);
    sqlite3_stmt *sheets =
        lite_ask(db, "select name from sqlite_schema where type = 'table' and name glob '" IMPORT_SHEET "?*' "
                     "order by name collate binary");
    while (lite_next(sheets)) import_rows_name_add(names, lite_text(sheets, 0));
    sqlite3_finalize(sheets);
}

void import_columns_doubt(sqlite3 *db, const char *file, struct import_names *doubts)
{
    const struct sheet *table;
    for (size_t at = 0; (table = import_table_at(at)); at++) {
        if (!import_table_there(db, table->name)) continue;
        sqlite3_stmt *columns = lite_ask(db, "select * from \"%w\"", table->name);
        for (int i = 0; i < sqlite3_column_count(columns); i++) {
            char what[COLUMN_WHAT_MAX];
            const char *name = sqlite3_column_name(columns, i);
            int k = 0;
            while (k < COLUMNS_MAX && table->columns[k].name && sqlite3_stricmp(table->columns[k].name, name) != 0) k++;
            if (k < COLUMNS_MAX && table->columns[k].name) continue;
            import_column_unknown(table, name, what);
            doubts->all = memory_more(doubts->all, doubts->count, sizeof *doubts->all);
            doubts->all[doubts->count++] = memory_format("%s: %s", file, what);
        }
        sqlite3_finalize(columns);
    }
}

void import_names_free(struct import_names *names)
{
    for (size_t i = 0; i < names->count; i++) free(names->all[i]);
    free(names->all);
    *names = (struct import_names){0};
}

char *import_key_of(sqlite3 *db, const char *name)
{
    sqlite3_stmt *columns = lite_ask(db, "select * from \"%w\"", name);
    char *key = NULL;
    unsigned keys = 0;
    for (int i = 0; i < sqlite3_column_count(columns); i++) {
        int primary = 0;
        const char *column = sqlite3_column_name(columns, i);
        if (sqlite3_table_column_metadata(db, NULL, name, column, NULL, NULL, NULL, &primary, NULL) != SQLITE_OK ||
            primary == 0)
            continue;
        if (keys++ == 0) key = memory_text(column);
    }
    sqlite3_finalize(columns);
    if (keys == 1) return key;
    free(key);
    return NULL;
}

/* Makes `select "number", "reason" from "table_blocked" order by "number" collate binary`, the key first. */
static sqlite3_stmt *sheet_select(sqlite3 *db, const char *name, const char *key)
{
    sqlite3_stmt *columns = lite_ask(db, "select * from \"%w\"", name);
    sqlite3_str *text = sqlite3_str_new(NULL);
    sqlite3_str_appendf(text, "select \"%w\"", key);
    for (int i = 0; i < sqlite3_column_count(columns); i++)
        if (strcmp(sqlite3_column_name(columns, i), key) != 0)
            sqlite3_str_appendf(text, ", \"%w\"", sqlite3_column_name(columns, i));
    sqlite3_str_appendf(text, " from \"%w\" order by \"%w\" collate binary", name, key);
    sqlite3_finalize(columns);
    return lite_ask(db, "%z", sqlite3_str_finish(text));
}

bool import_rows_open(sqlite3 *db, const char *name, struct import_rows *rows)
{
    assert(db && name && rows);
    const struct sheet *table = import_table_named(name);
    *rows = (struct import_rows){.keys = table ? 0 : 1};
    if (table) {
        while (column_is_key(&table->columns[rows->keys])) rows->keys++;
        rows->statement = import_table_select(db, table);
        return rows->statement != NULL;
    }
    char *key = import_key_of(db, name);
    rows->statement = key ? sheet_select(db, name, key) : NULL;
    free(key);
    return rows->statement != NULL;
}
