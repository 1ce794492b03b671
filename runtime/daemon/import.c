/* runtime/daemon/import.c - Reads directory.sql, checks what it says, and turns it into events. */
#include "config.h"
#include "runtime/daemon/import.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/file.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

enum {
    COLUMNS_MAX = 6,
    SQL_MAX = 64 * 1024 * 1024,
    PROGRESS_STEPS = 100000,
    DEFAULTS_MAX = 16,
    LEVEL_MAX = 100, /* of a skill, as the core and the language have it */
    PAGES_MAX = 256 * 1024, /* of the database in memory, 4 KiB each */
};

enum column_type { COLUMN_KEY, COLUMN_NAME, COLUMN_TEXT, COLUMN_LEVEL, COLUMN_SECONDS, COLUMN_DN_TYPE, COLUMN_DNS };

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
};
enum { TABLES = sizeof tables / sizeof *tables };

struct entry {
    enum table table;
    char *key;
    struct kv values;
};

struct import {
    struct entry *rows;
    size_t count, capacity;
    struct point {
        char *dn, *strategy;
        struct kv given;
    } * points;
    size_t point_count, point_capacity;
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
    free(directory->rows);
    free(directory->points);
    free(directory);
}

/* The file's text with its terminating zero, or NULL. */
static char *text_read(const char *file, struct error *error)
{
    size_t length;
    const char *why;
    char *text = file_read(file, SQL_MAX, &length, &why);
    if (text == NULL) {
        error_set(error, ERROR_UNAVAILABLE, "%s cannot be read: %s", file, why);
    } else if (strlen(text) != length) {
        error_set(error, ERROR_INPUT, "%s cannot be read as SQL: it is no text file", file);
        free(text);
        text = NULL;
    }
    return text;
}

static unsigned line_of(const char *text, const char *place)
{
    unsigned line = 1;
    for (; text < place; text++)
        if (*text == '\n') line++;
    return line;
}

struct bound { /* of the whole import */
    uint64_t deadline_us;
    const atomic_bool *stop;
};

static int on_progress(void *self)
{
    const struct bound *bound = self;
    return (bound->stop != NULL && atomic_load(bound->stop)) || clock_monotonic_us() > bound->deadline_us;
}

/* Pragmas do nothing: a dump begins with one, and none may lift a bound. Modules of SQLite are nobody's tables here. */
static int on_authorize(void *self, int action, const char *one, const char *two, const char *schema, const char *inner)
{
    (void)self, (void)one, (void)two, (void)schema, (void)inner;
    return action == SQLITE_PRAGMA ? SQLITE_IGNORE : action == SQLITE_CREATE_VTABLE ? SQLITE_DENY : SQLITE_OK;
}

/* An empty one in memory. The file is a text of facts: nothing outside it is touched, and it is bounded. */
static sqlite3 *database_open(struct bound *bound)
{
    sqlite3 *db = NULL;
    char pages[64];
    if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        abort();
    snprintf(pages, sizeof pages, "pragma page_size = 4096; pragma max_page_count = %d", PAGES_MAX);
    if (sqlite3_exec(db, pages, NULL, NULL, NULL) != SQLITE_OK) abort();
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, SQL_MAX);
    sqlite3_set_authorizer(db, on_authorize, NULL);
    sqlite3_progress_handler(db, PROGRESS_STEPS, on_progress, bound);
    return db;
}

/* Where the statement's own text begins, behind blanks and comments: the line to name. */
static const char *statement_begin(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n;");
        if (strncmp(at, "--", 2) == 0)
            at += strcspn(at, "\n");
        else if (strncmp(at, "/*", 2) == 0 && strstr(at, "*/") != NULL)
            at = strstr(at, "*/") + 2;
        else
            return at;
    }
}

/* Statement by statement, so that a mistake is given its line. */
static bool sql_run(sqlite3 *db, const char *file, const char *text, struct error *error)
{
    const char *at = text, *rest;
    for (at = statement_begin(at); *at != '\0'; at = statement_begin(rest)) {
        sqlite3_stmt *statement = NULL;
        int result = sqlite3_prepare_v2(db, at, -1, &statement, &rest);
        if (statement == NULL && result == SQLITE_OK) {
            error_set(error, ERROR_INPUT, "%s:%u: a comment that does not end", file, line_of(text, at));
            return false;
        }
        if (result == SQLITE_OK) {
            do result = sqlite3_step(statement);
            while (result == SQLITE_ROW);
            sqlite3_finalize(statement);
            if (result == SQLITE_DONE) continue;
        } else if (sqlite3_error_offset(db) > 0) {
            at += sqlite3_error_offset(db);
        }
        error_set(error, ERROR_INPUT, "%s:%u: %s", file, line_of(text, at), sqlite3_errmsg(db));
        return false;
    }
    return true;
}

static const struct sheet *table_named(const char *name)
{
    for (size_t i = 0; i < TABLES; i++)
        if (strcmp(tables[i].name, name) == 0) return &tables[i];
    return NULL;
}

/* A table nobody reads is a slip of the pen, and a file of none was cut or emptied. */
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
        if (table_named(name) != NULL) continue;
        error_set(error, ERROR_UNKNOWN,
                  "%s: unknown table %s; expected skill, agent, agent_skill, group, group_member, dn, place, place_dn, "
                  "queue, routing_point, routing_point_given",
                  file, name);
        good = false;
    }
    sqlite3_finalize(statement);
    if (good && !any) error_set(error, ERROR_INPUT, "%s: has no tables; is it whole?", file);
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
            error_set(error, ERROR_INPUT, "%s: table %s, row %.80s: column %s is %.60s; expected %s", file, table->name,
                      row->key, column->name, text == NULL ? "NULL" : text, expected);
            return false;
        }
        if (column->type == COLUMN_LEVEL || column->type == COLUMN_SECONDS)
            kv_put_int(&row->values, column->name, sqlite3_column_int64(statement, i));
        else
            kv_put_text(&row->values, column->name, span_of(text));
    }
    /* Rows come in the order of their keys. */
    if (directory->count > 1 && row[-1].table == row->table && strcmp(row[-1].key, row->key) == 0) {
        error_set(error, ERROR_INPUT, "%s: table %s, row %.80s: stands twice", file, table->name, row->key);
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

struct import *import_read(const char *file, const atomic_bool *stop, struct error *error)
{
    struct import *directory = NULL;
    struct bound bound = {clock_monotonic_us() + IMPORT_SECONDS_MAX * UINT64_C(1000000), stop};
    bool good;
    sqlite3 *db;
    char *text = text_read(file, error);
    if (text == NULL) return NULL;
    db = database_open(&bound);
    good = sql_run(db, file, text, error) && tables_check(db, file, error);
    if (good) {
        directory = memory_grown(NULL, 1, sizeof *directory);
        *directory = (struct import){0};
    }
    for (size_t i = 0; good && i < TABLES; i++) good = table_read(directory, &tables[i], db, file, error);
    for (size_t i = 0; good && i < TABLES; i++) good = references_check(&tables[i], db, file, error);
    sqlite3_close(db);
    free(text);
    if (good) return directory;
    import_free(directory);
    return NULL;
}

size_t import_count(const struct import *directory)
{
    return directory->count;
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
