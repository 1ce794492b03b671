/* runtime/daemon/directory/import_table.c - The tables that a directory may have, and their rows in a database. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/daemon/directory/import_sql.h"
#include "base/near.h"

// clang-format off
static const struct sheet directory_tables[] = {
#define SHEET(name, number, doc)                         {#name, number, {
#define COLUMN(sheet, name, type, of, missing, doc) {name, COLUMN_##type, of, missing},
#define END_SHEET(name)                             }},
#include "runtime/daemon/directory/directory.def"
};
// clang-format on
enum { DIRECTORY_TABLES = sizeof directory_tables / sizeof *directory_tables };

const struct sheet *import_table_at(size_t index)
{
    return index < DIRECTORY_TABLES ? &directory_tables[index] : NULL;
}

const struct sheet *import_table_named(const char *name)
{
    assert(name);
    for (size_t i = 0; i < DIRECTORY_TABLES; i++)
        if (strcmp(directory_tables[i].name, name) == 0) return &directory_tables[i];
    return NULL;
}

const char *import_table_names(char names[IMPORT_TABLES_TEXT])
{
    size_t at = 0;
    for (size_t i = 0; i < DIRECTORY_TABLES; i++)
        at += (size_t)snprintf(names + at, IMPORT_TABLES_TEXT - at, "%s, ", directory_tables[i].name);
    assert(at + sizeof IMPORT_SHEET + 4 < IMPORT_TABLES_TEXT);
    strcpy(names + at, IMPORT_SHEET "NAME");
    return names;
}

void import_column_unknown(const struct sheet *table, const char *column, char what[COLUMN_WHAT_MAX])
{
    uint32_t least = UINT32_MAX;
    const char *near = NULL;
    for (int i = 0; i < COLUMNS_MAX && table->columns[i].name; i++)
        if (near_is_nearer(column, table->columns[i].name, &least)) near = table->columns[i].name;
    snprintf(what, COLUMN_WHAT_MAX, "table %s has no column %.64s%s%s%s", table->name, column,
             near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

bool import_table_there(sqlite3 *db, const char *table)
{
    return lite_has(db, NULL, "select 1 from sqlite_schema where type in ('table', 'view') and name = %Q", table);
}

bool import_table_refused(sqlite3 *db, const char *file, const char *name, struct error *error)
{
    return error_set(error, ERROR_INPUT, "%s: table %s: %s", file, name, sql_why(db));
}

sqlite3_stmt *import_table_select(sqlite3 *db, const struct sheet *table)
{
    sqlite3_str *text = sqlite3_str_new(NULL);
    for (int i = 0; i < COLUMNS_MAX && table->columns[i].name; i++)
        sqlite3_str_appendf(text, "%s\"%s\".\"%s\"", i > 0 ? ", " : "select ", table->name, table->columns[i].name);
    sqlite3_str_appendf(text, " from \"%s\"", table->name);
    for (int i = 0; column_is_key(&table->columns[i]); i++) /* keys stand first */
        sqlite3_str_appendf(text, "%s \"%s\".\"%s\" collate binary", i > 0 ? "," : " order by", table->name,
                            table->columns[i].name);
    return lite_ask(db, "%z", sqlite3_str_finish(text));
}

bool import_is_sheet(const char *name)
{
    assert(name);
    return strncmp(name, IMPORT_SHEET, sizeof IMPORT_SHEET - 1) == 0 && name[sizeof IMPORT_SHEET - 1] != '\0';
}
