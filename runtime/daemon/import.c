/* runtime/daemon/import.c - Reads directory.sql, checks what it says, and turns it into events. */
#include "config.h"
#include "runtime/daemon/import.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/business.h"
#include "runtime/daemon/import_sql.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

enum {
    COLUMNS_MAX = 6,
    DEFAULTS_MAX = 16,
    ROW_BYTES_MAX = KV_BYTES_MAX - 1000, /* of a business table: it goes into one event */
    LEVEL_MAX = 100, /* of a skill, as the core and the language have it */
};

#define SHEET "table_"

enum column_type { COLUMN_KEY, COLUMN_NAME, COLUMN_TEXT, COLUMN_LEVEL, COLUMN_SECONDS, COLUMN_DN_TYPE, COLUMN_DNS, COLUMN_VALUE };

/* What a table must look like. The keys, joined by a slash, name the row; `of` is the table that a value refers to. */
static const struct sheet {
    const char *name;
    enum table number;
    struct column {
        const char *name;
        enum column_type type;
        const char *of;
    } columns[COLUMNS_MAX];
} tables[] = {
    {"skill", table_skill, {{"name", COLUMN_KEY, NULL}}},
    {"agent", table_agent, {{"name", COLUMN_KEY, NULL}, {"display", COLUMN_TEXT, NULL}}},
    {"agent_skill",
     table_agent_skill,
     {{"agent", COLUMN_KEY, "agent"}, {"skill", COLUMN_KEY, "skill"}, {"level", COLUMN_LEVEL, NULL}}},
    {"group", table_group, {{"name", COLUMN_KEY, NULL}}},
    {"group_member", table_group_member, {{"group", COLUMN_KEY, "group"}, {"agent", COLUMN_KEY, "agent"}}},
    {"dn", table_dn, {{"number", COLUMN_KEY, NULL}, {"type", COLUMN_DN_TYPE, NULL}}},
    {"place", table_place, {{"name", COLUMN_KEY, NULL}}},
    {"place_dn", table_place_dn, {{"dn", COLUMN_KEY, "dn"}, {"place", COLUMN_NAME, "place"}}},
    {"queue", table_queue, {{"name", COLUMN_KEY, NULL}, {"dn", COLUMN_NAME, "dn"}}},
    {"routing_point",
     table_routing_point,
     {{"dn", COLUMN_KEY, "dn"},
      {"strategy", COLUMN_NAME, NULL},
      {"defaults", COLUMN_DNS, NULL},
      {"answer_timeout_s", COLUMN_SECONDS, NULL},
      {"router_grace_s", COLUMN_SECONDS, NULL}}},
    {"routing_point_given",
     table_routing_point_given,
     {{"dn", COLUMN_KEY, "routing_point"}, {"name", COLUMN_KEY, NULL}, {"value", COLUMN_TEXT, NULL}}},
    {"parameter", table_parameter, {{"name", COLUMN_KEY, NULL}, {"value", COLUMN_VALUE, NULL}}},
};
enum { TABLES = sizeof tables / sizeof *tables };

struct entry {
    enum table table;
    char *key;
    struct kv values;
};

/* A sheet "table_NAME": a business table of the site. */
struct business_sheet {
    char *name, *key;
    struct kv rows; /* by their keys, each a list of its columns */
    size_t count;
};

struct import {
    struct entry *rows;
    size_t count, capacity;
    struct point {
        char *dn, *strategy;
        struct kv given;
    } * points;
    size_t point_count, point_capacity;
    size_t parameter_count; /* the last rows */
    struct business_sheet *sheets;
    size_t sheet_count, sheet_capacity, sheet_rows;
};

void import_free(struct import *directory)
{
    if (directory == NULL) return;
    for (size_t i = 0; i < directory->count; i++) {
        free(directory->rows[i].key);
        kv_free(&directory->rows[i].values);
    }
    for (size_t i = 0; i < directory->point_count; i++) {
        free(directory->points[i].dn);
        free(directory->points[i].strategy);
        kv_free(&directory->points[i].given);
    }
    for (size_t i = 0; i < directory->sheet_count; i++) {
        free(directory->sheets[i].name);
        free(directory->sheets[i].key);
        kv_free(&directory->sheets[i].rows);
    }
    free(directory->sheets);
    free(directory->rows);
    free(directory->points);
    free(directory);
}

static const struct sheet *table_named(const char *name)
{
    for (size_t i = 0; i < TABLES; i++)
        if (strcmp(tables[i].name, name) == 0) return &tables[i];
    return NULL;
}

static bool sheet_of(const char *name)
{
    return strncmp(name, SHEET, sizeof SHEET - 1) == 0 && name[sizeof SHEET - 1] != '\0';
}

/* A table nobody reads is a slip of the pen, and a file of none was cut or emptied: a directory that is in force must not
 * go with it, nor at a start the one that the journal has. Tables without rows are meant. */
static bool tables_check(sqlite3 *db, const char *file, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    bool good = true, any = false;
    int result = sqlite3_prepare_v2(
        db, "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'", -1, &statement, NULL);
    assert(result == SQLITE_OK);
    while (good && sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        any = true;
        if (table_named(name) != NULL || sheet_of(name)) continue;
        error_set(error, ERROR_UNKNOWN,
                  "%s: unknown table %s; expected skill, agent, agent_skill, group, group_member, dn, place, place_dn, "
                  "queue, routing_point, routing_point_given, parameter, table_NAME",
                  file, name);
        good = false;
    }
    sqlite3_finalize(statement);
    if (good && !any) error_set(error, ERROR_INPUT, "%s: has no tables; is it whole? Where nobody is meant, expected tables without rows", file);
    return good && any;
}

static bool table_there(sqlite3 *db, const struct sheet *table)
{
    sqlite3_stmt *statement = NULL;
    bool there;
    int result = sqlite3_prepare_v2(db, "select 1 from sqlite_schema where type in ('table', 'view') and name = ?", -1,
                                    &statement, NULL);
    assert(result == SQLITE_OK);
    sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
    there = sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_finalize(statement);
    return there;
}

/* Every list of DNs is of texts of at most 64 bytes without blanks, at most so many. */
static bool dns_good(const char *text)
{
    unsigned count = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        if (length == 0 || strcspn(text, " \t\r\n") < length || length > NAME_MAX_BYTES || ++count > DEFAULTS_MAX)
            return false;
        text += length;
        if (*text == ',' && *++text == '\0') return false;
    }
    return true;
}

/* Of a parameter or a business table, before its type is known; NULL is none. */
static bool value_good(int type, size_t length)
{
    return type != SQLITE_BLOB && (type != SQLITE_TEXT || length <= TEXT_MAX_BYTES);
}

static void value_put(struct kv *kv, const char *name, sqlite3_stmt *statement, int place)
{
    struct kv_value value = {.tag = KV_NONE};
    switch (sqlite3_column_type(statement, place)) {
    case SQLITE_INTEGER:
        value = (struct kv_value){.tag = KV_INT, .word = sqlite3_column_int64(statement, place)};
        break;
    case SQLITE_FLOAT:
        value = (struct kv_value){.tag = KV_FLOAT, .number = sqlite3_column_double(statement, place)};
        break;
    case SQLITE_TEXT:
        value = (struct kv_value){.tag = KV_TEXT,
                                  .span = span_of((const char *)sqlite3_column_text(statement, place))};
        break;
    default:
        break;
    }
    kv_put(kv, span_of(name), &value);
}

/* NULL where the value may stand there, else what is expected. */
static const char *value_expected(const struct column *column, sqlite3_stmt *statement, int place)
{
    int type = sqlite3_column_type(statement, place);
    bool text = type == SQLITE_TEXT;
    const char *value = (const char *)sqlite3_column_text(statement, place);
    size_t length = (size_t)sqlite3_column_bytes(statement, place);
    int64_t number = sqlite3_column_int64(statement, place);
    if (text && (strlen(value) != length || !utf8_good(span_of(value)))) return "a text in UTF-8";
    switch (column->type) {
    case COLUMN_KEY:
    case COLUMN_NAME:
        return text && length > 0 && length <= NAME_MAX_BYTES ? NULL : "a text of 1 to 64 bytes";
    case COLUMN_TEXT:
        return text && length <= TEXT_MAX_BYTES ? NULL : "a text of at most 4096 bytes";
    case COLUMN_LEVEL:
        return type == SQLITE_INTEGER && number >= 0 && number <= LEVEL_MAX ? NULL : "a level from 0 to 100";
    case COLUMN_SECONDS:
        return type == SQLITE_INTEGER && number >= 1 && number <= 86400 ? NULL : "seconds, 1 to 86400";
    case COLUMN_DN_TYPE:
        return text && enum_value_dn_type(value, (uint32_t)length) > 0
                   ? NULL
                   : "extension, position, queue, routing_point, external_routing_point, ivr_port, trunk or "
                     "treatment_port";
    case COLUMN_VALUE:
        return value_good(type, length) ? NULL : "a number, or a text of at most 4096 bytes";
    case COLUMN_DNS:
        return text && dns_good(value) ? NULL : "at most 16 DNs with commas and no blanks between";
    }
    return "something else";
}

static struct entry *row_add(struct import *directory, enum table table)
{
    if (directory->count == directory->capacity) {
        directory->capacity = directory->capacity > 0 ? 2 * directory->capacity : 256;
        directory->rows = memory_grown(directory->rows, directory->capacity, sizeof *directory->rows);
    }
    directory->rows[directory->count] = (struct entry){.table = table, .key = memory_text("")};
    kv_init(&directory->rows[directory->count].values);
    return &directory->rows[directory->count++];
}

static void key_extend(struct entry *row, const char *value)
{
    char *longer;
    size_t length = strlen(row->key);
    longer = memory_grown(row->key, length + strlen(value) + 2, 1);
    if (length > 0) longer[length++] = '/';
    strcpy(longer + length, value);
    row->key = longer;
}

/* What is wrong with a row; with its line, where that can be told. */
static void row_wrong(const char *file, const char *sheet, const char *const *keys, const char *key, const char *what,
                      struct error *error)
{
    struct sql_place place;
    if (sql_row_line(file, sheet, keys, key, &place))
        error_set(error, ERROR_INPUT, "%s:%u: table %s, row %.80s: %s: %s", file, place.line, sheet, key, what,
                  place.quote);
    else
        error_set(error, ERROR_INPUT, "%s: table %s, row %.80s: %s", file, sheet, key, what);
}

static void told(const struct sheet *table, const char *key, const char *file, const char *what, struct error *error)
{
    const char *keys[COLUMNS_MAX + 1] = {NULL};
    for (int i = 0, n = 0; i < COLUMNS_MAX && table->columns[i].name != NULL; i++)
        if (table->columns[i].type == COLUMN_KEY) keys[n++] = table->columns[i].name;
    row_wrong(file, table->name, keys, key, what, error);
}

static bool row_read(struct import *directory, const struct sheet *table, sqlite3_stmt *statement, const char *file,
                     struct error *error)
{
    struct entry *row = row_add(directory, table->number);
    for (int i = 0; i < COLUMNS_MAX && table->columns[i].name != NULL; i++) {
        const struct column *column = &table->columns[i];
        const char *expected = value_expected(column, statement, i);
        const char *text = (const char *)sqlite3_column_text(statement, i);
        if (column->type == COLUMN_KEY) key_extend(row, text == NULL ? "NULL" : text);
        if (expected != NULL) {
            char what[256];
            snprintf(what, sizeof what, "column %s is %.60s; expected %s", column->name, text == NULL ? "NULL" : text,
                     expected);
            told(table, row->key, file, what, error);
            return false;
        }
        if (column->type == COLUMN_LEVEL || column->type == COLUMN_SECONDS)
            kv_put_int(&row->values, column->name, sqlite3_column_int64(statement, i));
        else if (column->type == COLUMN_VALUE)
            value_put(&row->values, column->name, statement, i);
        else
            kv_put_text(&row->values, column->name, span_of(text));
    }
    /* Rows come in the order of their keys. */
    if (directory->count > 1 && row[-1].table == row->table && strcmp(row[-1].key, row->key) == 0) {
        told(table, row->key, file, "stands twice", error);
        return false;
    }
    return true;
}

static void point_add(struct import *directory, sqlite3_stmt *statement)
{
    struct point *point;
    if (directory->point_count == directory->point_capacity) {
        directory->point_capacity = directory->point_capacity > 0 ? 2 * directory->point_capacity : 256;
        directory->points = memory_grown(directory->points, directory->point_capacity, sizeof *directory->points);
    }
    point = &directory->points[directory->point_count++];
    point->dn = memory_text((const char *)sqlite3_column_text(statement, 0));
    point->strategy = memory_text((const char *)sqlite3_column_text(statement, 1));
    kv_init(&point->given);
}

/* Both tables are in the order of the DNs. What is given at none is found when references are looked at. */
static bool point_give(struct import *directory, sqlite3_stmt *statement, const char *file, struct error *error)
{
    const char *dn = (const char *)sqlite3_column_text(statement, 0);
    const char *name = (const char *)sqlite3_column_text(statement, 1);
    size_t low = 0, high = directory->point_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(directory->points[middle].dn, dn) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == directory->point_count || strcmp(directory->points[low].dn, dn) != 0) return true;
    struct kv *given = &directory->points[low].given;
    kv_put_text(given, name, span_of((const char *)sqlite3_column_text(statement, 2)));
    if (kv_span(given).length <= KV_BYTES_MAX) return true;
    error_set(error, ERROR_INPUT, "%s: table routing_point_given, row %s/%s: with it %s is given more than %d bytes", file,
              dn, name, dn, KV_BYTES_MAX);
    return false;
}

/* `select "agent", "skill", ... from "agent_skill" order by "agent_skill"."agent" collate binary, ...`: the same file,
 * the same events, and the order of strcmp, whatever collation the file gives its columns. */
static void select_print(const struct sheet *table, char *text, size_t size)
{
    size_t at = (size_t)snprintf(text, size, "select ");
    int keys = 0;
    for (int i = 0; i < COLUMNS_MAX && table->columns[i].name != NULL; i++) {
        at += (size_t)snprintf(text + at, size - at, "%s\"%s\".\"%s\"", i > 0 ? ", " : "", table->name,
                               table->columns[i].name);
        if (table->columns[i].type == COLUMN_KEY) keys++;
    }
    at += (size_t)snprintf(text + at, size - at, " from \"%s\"", table->name);
    for (int i = 0; i < keys; i++) /* keys stand first */
        at += (size_t)snprintf(text + at, size - at, "%s \"%s\".\"%s\" collate binary", i > 0 ? "," : " order by",
                               table->name, table->columns[i].name);
}

static bool table_read(struct import *directory, const struct sheet *table, sqlite3 *db, const char *file,
                       struct error *error)
{
    char text[512];
    sqlite3_stmt *statement = NULL;
    int result;
    bool good = true;
    if (!table_there(db, table)) return true; /* nobody of that kind */
    select_print(table, text, sizeof text);
    result = sqlite3_prepare_v2(db, text, -1, &statement, NULL);
    if (result != SQLITE_OK) {
        error_set(error, ERROR_INPUT, "%s: table %s: %s", file, table->name, sqlite3_errmsg(db));
        return false;
    }
    while (good && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        if (directory->count == IMPORT_ROWS_MAX) {
            error_set(error, ERROR_LIMIT, "%s: more than %d rows", file, IMPORT_ROWS_MAX);
            good = false;
            break;
        }
        good = row_read(directory, table, statement, file, error);
        directory->parameter_count += table->number == table_parameter;
        if (good && table->number == table_routing_point) point_add(directory, statement);
        if (good && table->number == table_routing_point_given) good = point_give(directory, statement, file, error);
    }
    if (good && result != SQLITE_DONE) {
        error_set(error, ERROR_INPUT, "%s: table %s: %s", file, table->name, sqlite3_errmsg(db));
        good = false;
    }
    sqlite3_finalize(statement);
    return good;
}

/* What a value refers to is there, whether or not the file declares it as a foreign key. */
static bool reference_check(const struct sheet *table, const struct column *column, sqlite3 *db, const char *file,
                            struct error *error)
{
    const struct sheet *of = table_named(column->of);
    char text[512];
    sqlite3_stmt *statement = NULL;
    bool good = true;
    assert(of != NULL);
    if (!table_there(db, of))
        snprintf(text, sizeof text, "select \"%s\".\"%s\" from \"%s\" limit 1", table->name, column->name, table->name);
    else
        snprintf(
            text, sizeof text,
            "select \"%s\".\"%s\" from \"%s\" where \"%s\".\"%s\" not in (select \"%s\".\"%s\" from \"%s\") limit 1",
            table->name, column->name, table->name, table->name, column->name, of->name, of->columns[0].name, of->name);
    if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK) {
        error_set(error, ERROR_INPUT, "%s: table %s: %s", file, table->name, sqlite3_errmsg(db));
        return false;
    }
    if (sqlite3_step(statement) == SQLITE_ROW) {
        error_set(error, ERROR_INPUT, "%s: table %s names %s %.80s, which is not in table %s", file, table->name,
                  column->name, (const char *)sqlite3_column_text(statement, 0), of->name);
        good = false;
    }
    sqlite3_finalize(statement);
    return good;
}

static bool references_check(const struct sheet *table, sqlite3 *db, const char *file, struct error *error)
{
    if (!table_there(db, table)) return true;
    for (int i = 0; i < COLUMNS_MAX && table->columns[i].name != NULL; i++) {
        const struct column *column = &table->columns[i];
        if (column->of != NULL && !reference_check(table, column, db, file, error)) return false;
    }
    return true;
}

/* The columns of the sheet, its rows in the order of its key. NULL: with the reason. */
static sqlite3_stmt *sheet_open(struct business_sheet *sheet, const char *name, sqlite3 *db, const char *file,
                                struct error *error)
{
    sqlite3_stmt *columns = NULL, *rows = NULL;
    const char *key = NULL;
    unsigned keys = 0;
    char *text = sqlite3_mprintf("select * from \"%w\"", name);
    if (text == NULL) abort();
    bool good = sqlite3_prepare_v2(db, text, -1, &columns, NULL) == SQLITE_OK;
    for (int i = 0; good && i < sqlite3_column_count(columns); i++) {
        int primary = 0;
        const char *column = sqlite3_column_name(columns, i);
        if (sqlite3_table_column_metadata(db, NULL, name, column, NULL, NULL, NULL, &primary, NULL) == SQLITE_OK &&
            primary != 0) {
            key = column;
            keys++;
        }
    }
    if (good && keys == 1) {
        sheet->key = memory_text(key);
        text = sqlite3_mprintf("%z order by \"%w\" collate binary", text, key);
        good = text != NULL && sqlite3_prepare_v2(db, text, -1, &rows, NULL) == SQLITE_OK;
    }
    if (!good)
        error_set(error, ERROR_INPUT, "%s: table %s: %s", file, name, sqlite3_errmsg(db));
    else if (keys != 1)
        error_set(error, ERROR_INPUT, "%s: table %s: expected one column as primary key, as the site has one `key`", file,
                  name);
    sqlite3_finalize(columns);
    sqlite3_free(text);
    return rows;
}

/* A value that may not stand in any row, before the site's types are looked at. */
static bool cell_good(sqlite3_stmt *statement, int place, bool is_key, const char **expected)
{
    int type = sqlite3_column_type(statement, place);
    const char *text = (const char *)sqlite3_column_text(statement, place);
    size_t length = (size_t)sqlite3_column_bytes(statement, place);
    *expected = is_key ? "a text of at most 256 bytes" : "a number, or a text of at most 4096 bytes, in UTF-8";
    if (is_key && (type != SQLITE_TEXT || length > ADDR_MAX_BYTES)) return false;
    return value_good(type, length) && (text == NULL || (strlen(text) == length && utf8_good(span_of(text))));
}

static bool sheet_row(struct import *directory, struct business_sheet *sheet, sqlite3_stmt *statement, const char *file,
                      struct error *error)
{
    int count = sqlite3_column_count(statement), key = 0;
    char sheet_name[NAME_MAX_BYTES + sizeof SHEET];
    const char *const keys[] = {sheet->key, NULL}, *expected;
    snprintf(sheet_name, sizeof sheet_name, SHEET "%s", sheet->name);
    while (strcmp(sqlite3_column_name(statement, key), sheet->key) != 0) key++;
    const char *value = (const char *)sqlite3_column_text(statement, key);
    for (int i = 0; i < count; i++) {
        char what[256];
        if (cell_good(statement, i, i == key, &expected)) continue;
        snprintf(what, sizeof what, "column %.64s: expected %s", sqlite3_column_name(statement, i), expected);
        row_wrong(file, sheet_name, keys, value == NULL ? "NULL" : value, what, error);
        return false;
    }
    size_t before = sheet->rows.length;
    kv_list_begin(&sheet->rows, span_of(value));
    for (int i = 0; i < count; i++) value_put(&sheet->rows, sqlite3_column_name(statement, i), statement, i);
    kv_list_end(&sheet->rows);
    if (sheet->rows.length - before > ROW_BYTES_MAX) {
        row_wrong(file, sheet_name, keys, value, "longer than a row may be, some 31,000 bytes", error);
        return false;
    }
    sheet->count++;
    directory->sheet_rows++;
    if (sheet->rows.length <= TABLE_BYTES_MAX && sheet->count <= TABLE_ROWS_MAX) return true;
    error_set(error, ERROR_LIMIT, "%s: table %s: more than %d rows, or %d bytes", file, sheet_name, TABLE_ROWS_MAX,
              TABLE_BYTES_MAX);
    return false;
}

static bool sheet_read(struct import *directory, const char *name, sqlite3 *db, const char *file, struct error *error)
{
    if (strlen(name) > NAME_MAX_BYTES + sizeof SHEET - 1) {
        error_set(error, ERROR_LIMIT, "%s: table %.80s...: its name is longer than %d bytes", file, name, NAME_MAX_BYTES);
        return false;
    }
    if (directory->sheet_count == directory->sheet_capacity) {
        directory->sheet_capacity = directory->sheet_capacity > 0 ? 2 * directory->sheet_capacity : 8;
        directory->sheets = memory_grown(directory->sheets, directory->sheet_capacity, sizeof *directory->sheets);
    }
    struct business_sheet *sheet = &directory->sheets[directory->sheet_count++];
    *sheet = (struct business_sheet){.name = memory_text(name + sizeof SHEET - 1)};
    kv_init(&sheet->rows);
    sqlite3_stmt *rows = sheet_open(sheet, name, db, file, error);
    int result = SQLITE_DONE;
    bool good = rows != NULL;
    while (good && (result = sqlite3_step(rows)) == SQLITE_ROW) good = sheet_row(directory, sheet, rows, file, error);
    if (good && result != SQLITE_DONE) {
        error_set(error, ERROR_INPUT, "%s: table %s: %s", file, name, sqlite3_errmsg(db));
        good = false;
    }
    sqlite3_finalize(rows);
    return good;
}

/* The business tables of the site, by their names. */
static bool sheets_read(struct import *directory, sqlite3 *db, const char *file, struct error *error)
{
    sqlite3_stmt *names = NULL;
    bool good = true;
    int result = sqlite3_prepare_v2(db,
                                    "select name from sqlite_schema where type = 'table' and name glob '" SHEET "?*' "
                                    "order by name collate binary",
                                    -1, &names, NULL);
    assert(result == SQLITE_OK);
    while (good && sqlite3_step(names) == SQLITE_ROW)
        good = sheet_read(directory, (const char *)sqlite3_column_text(names, 0), db, file, error);
    sqlite3_finalize(names);
    return good;
}

struct import *import_read(const char *file, const atomic_bool *stop, struct error *error)
{
    struct import *directory = NULL;
    struct bound bound = {clock_monotonic_us() + SQL_SECONDS_MAX * UINT64_C(1000000), stop};
    bool good;
    sqlite3 *db;
    char *text = sql_text(file, error);
    if (text == NULL) return NULL;
    db = sql_database(&bound);
    good = sql_run(db, file, text, NULL, error) && tables_check(db, file, error);
    if (good) {
        directory = memory_grown(NULL, 1, sizeof *directory);
        *directory = (struct import){0};
    }
    for (size_t i = 0; good && i < TABLES; i++) good = table_read(directory, &tables[i], db, file, error);
    good = good && sheets_read(directory, db, file, error);
    for (size_t i = 0; good && i < TABLES; i++) good = references_check(&tables[i], db, file, error);
    sqlite3_close(db);
    free(text);
    if (good) return directory;
    import_free(directory);
    return NULL;
}

size_t import_count(const struct import *directory)
{
    return directory->count + directory->sheet_rows;
}

bool import_setting(const struct import *directory, size_t index, struct import_setting *setting)
{
    if (index < directory->parameter_count) {
        const struct entry *row = &directory->rows[directory->count - directory->parameter_count + index];
        *setting = (struct import_setting){.name = row->key};
        return kv_get(kv_span(&row->values), "value", &setting->value);
    }
    index -= directory->parameter_count;
    if (index >= directory->sheet_count) return false;
    const struct business_sheet *sheet = &directory->sheets[index];
    *setting = (struct import_setting){sheet->name, sheet->key, {.tag = KV_LIST, .span = kv_span(&sheet->rows)}};
    return true;
}

void import_setting_wrong(const char *file, const struct import_setting *setting, const char *row, const char *what,
                          struct error *error)
{
    char sheet[NAME_MAX_BYTES + sizeof SHEET];
    const char *const keys[] = {setting->key != NULL ? setting->key : "name", NULL};
    snprintf(sheet, sizeof sheet, setting->key != NULL ? SHEET "%s" : "parameter", setting->name);
    if (row == NULL)
        error_set(error, ERROR_INPUT, "%s: table %s: %s", file, sheet, what);
    else
        row_wrong(file, sheet, keys, row, what, error);
}

bool import_point(const struct import *directory, size_t index, struct import_point *point)
{
    if (index >= directory->point_count) return false;
    const struct point *row = &directory->points[index];
    *point = (struct import_point){row->dn, row->strategy, kv_span(&row->given)};
    return true;
}

void import_events(const struct import *directory, uint64_t version, const char *actor, const char *why,
                   void (*event)(void *self, struct span frame), void *self)
{
    struct writer writer;
    writer_init(&writer);
    for (size_t i = 0; i < directory->count; i++) {
        const struct entry *row = &directory->rows[i];
        writer_clear(&writer);
        writer_begin(&writer, KIND_DirectoryRow);
        writer_text(&writer, ENVELOPE_actor, actor);
        writer_u(&writer, DirectoryRow_version, version);
        writer_u(&writer, DirectoryRow_table, row->table);
        writer_text(&writer, DirectoryRow_key, row->key);
        writer_kv(&writer, DirectoryRow_row, &row->values);
        event(self, writer_end(&writer));
    }
    for (size_t i = 0; i < directory->sheet_count; i++) {
        const struct business_sheet *sheet = &directory->sheets[i];
        struct kv part;
        uint32_t at = 0;
        kv_init(&part);
        for (uint64_t number = 0; number == 0 || at < sheet->rows.length; number++) {
            kv_part(kv_span(&sheet->rows), &at, "value", &part);
            writer_clear(&writer);
            writer_begin(&writer, KIND_DirectoryRow);
            writer_text(&writer, ENVELOPE_actor, actor);
            writer_u(&writer, DirectoryRow_version, version);
            writer_u(&writer, DirectoryRow_table, table_business);
            writer_text(&writer, DirectoryRow_key, sheet->name);
            writer_kv(&writer, DirectoryRow_row, &part);
            if (number > 0) writer_u(&writer, DirectoryRow_part, number);
            event(self, writer_end(&writer));
        }
        kv_free(&part);
    }
    writer_clear(&writer);
    writer_begin(&writer, KIND_DirectoryCommit);
    writer_u(&writer, ENVELOPE_req, version); /* its reply says so, too */
    writer_text(&writer, ENVELOPE_actor, actor);
    writer_u(&writer, DirectoryCommit_version, version);
    writer_u(&writer, DirectoryCommit_whole, true);
    writer_text(&writer, DirectoryCommit_why, why);
    event(self, writer_end(&writer));
    writer_free(&writer);
}
