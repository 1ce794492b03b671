/* runtime/sim/provision.c - Writes directory and database for a test, and reads the DNs of a directory.
 *
 * The folder gets what an administrator of a site would have: a directory as SQL, and a database per source, both
 * made from the test. A value that the test gives as a query's answer becomes a row that the statement finds. Tests
 * whose answers cannot be given by rows are refused earlier (virtual_only.c). */
#include "runtime/sim/provision.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/sim/sheets.h"
#include "runtime/sim/statement.h"
#include "runtime/sim/values.h"
#include "runtime/sql/lite.h"
#include "base/file.h"
#include "base/inside.h"
#include "vm/image.h"

/* ---- the directory ---- */

static const char *const tables =
    "create table skill         (name text primary key);\n"
    "create table agent         (name text primary key, display text not null default '', "
    "capacity text);\n"
    "create table agent_skill   (agent text references agent, skill text references skill, level integer, "
    "primary key (agent, skill));\n"
    "create table \"group\"       (name text primary key);\n"
    "create table group_member  (\"group\" text references \"group\", agent text references agent, "
    "primary key (\"group\", agent));\n"
    "create table dn            (number text primary key, type text not null default 'extension');\n"
    "create table place         (name text primary key);\n"
    "create table place_dn      (dn text primary key references dn, place text references place);\n"
    "create table group_place   (\"group\" text references \"group\", place text references place, "
    "primary key (\"group\", place));\n"
    "create table queue         (name text primary key, dn text references dn);\n"
    "create table routing_point (dn text primary key references dn, strategy text not null, "
    "defaults text not null default '',\n    answer_timeout_s integer not null default 10, "
    "router_grace_s integer not null default 60);\n"
    "create table routing_point_given (dn text references routing_point, name text, value text not null, "
    "primary key (dn, name));\n\n";

/* Prints a row as SQL; all names are quoted, since "group" is also a word of SQL. */
static void print_row(void *self, const struct plan_row *row)
{
    FILE *out = self;
    fputs("insert into ", out);
    sheets_quoted(out, enum_name_table(row->table), '"');
    for (uint32_t i = 0; i < row->count; i++) {
        fputs(i == 0 ? " (" : ", ", out);
        sheets_quoted(out, row->columns[i].name, '"');
    }
    for (uint32_t i = 0; i < row->count; i++) {
        fputs(i == 0 ? ") values (" : ", ", out);
        if (row->columns[i].text)
            sheets_quoted(out, row->columns[i].text, '\'');
        else
            fprintf(out, "%lld", (long long)row->columns[i].number);
    }
    fputs(");\n", out);
}

/* Prints a test's title as a comment, on one line whatever characters it has. */
static void print_title(FILE *out, const char *title)
{
    for (; *title != '\0'; title++) fputc((unsigned char)*title < ' ' ? ' ' : *title, out);
}

/* Writes the directory's file anew; later changes of the test are appended (sheets.c). */
bool provision_directory(const struct plan *plan, const char *path, struct error *error)
{
    assert(plan->test);
    FILE *out = inside_open(path, "w");
    if (!out) return error_set(error, ERROR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    fputs("-- Made by gcxsim provision for the test \"", out);
    print_title(out, plan->test->name);
    fprintf(out, "\".\n%s", tables);
    plan_rows(plan, print_row, out);
    sheets_settings(out, plan->test);
    if (fclose(out) != 0) return error_set(error, ERROR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    return true;
}

/* ---- the database ---- */

static char *provision_read_file(const char *path, struct error *error)
{
    size_t length;
    const char *why;
    char *text = file_read(path, 1024 * 1024, &length, &why);
    if (!text) error_set(error, ERROR_UNAVAILABLE, "cannot read %s: %s", path, why);
    return text;
}

/* Binds a value to a parameter of the statement. */
static void provision_bind(sqlite3_stmt *insert, int at, json_t *value)
{
    json_t *plain = value_of_sql(value);
    switch (json_typeof(plain)) {
    case JSON_STRING:
        sqlite3_bind_text(insert, at, json_string_value(plain), -1, SQLITE_TRANSIENT);
        break;
    case JSON_INTEGER:
        sqlite3_bind_int64(insert, at, json_integer_value(plain));
        break;
    case JSON_REAL:
        sqlite3_bind_double(insert, at, json_real_value(plain));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        sqlite3_bind_int(insert, at, json_is_true(plain));
        break;
    default:
        sqlite3_bind_null(insert, at);
        break;
    }
    json_decref(plain);
}

enum placed { PLACED, MISFIT, PLACE_FAILED };

/* Inserts a row; MISFIT: the table does not have these columns. If a column is missing, the
 * statement cannot be prepared, and nothing is written. MISFIT is not an error, as the row may belong to another table.
 */
static enum placed insert_row(sqlite3 *db, const char *table, json_t *row, struct error *error)
{
    sqlite3_str *names = sqlite3_str_new(NULL), *marks = sqlite3_str_new(NULL);
    const char *column;
    json_t *value;
    int at = 0;
    json_object_foreach(row, column, value)
    {
        sqlite3_str_appendf(names, "%s\"%w\"", at == 0 ? "" : ", ", column);
        sqlite3_str_appendall(marks, at++ == 0 ? "?" : ", ?");
    }
    sqlite3_stmt *insert = lite_ask(db, "insert or ignore into \"%s\" (%z) values (%z)", table,
                                    sqlite3_str_finish(names), sqlite3_str_finish(marks));
    bool fits = insert != NULL;
    at = 0;
    json_object_foreach(row, column, value)
    {
        if (fits) provision_bind(insert, ++at, value);
    }
    (void)lite_next(insert);
    bool done = lite_end(insert);
    if (!done) error_set(error, ERROR_INPUT, "a row for %s: %s", table, sqlite3_errmsg(db));
    return done ? PLACED : fits ? PLACE_FAILED : MISFIT;
}

/* Returns the value that callers enter: the row for an answer without arguments is found by it. */
static json_t *provision_entered(const struct scenario_test *test)
{
    for (size_t i = 0; i < test->count; i++) {
        const struct scenario_item *item = &test->items[i];
        if (item->kind == ITEM_ANSWER && strcmp(item->answer.step, "ivr.digits") == 0) {
            for (size_t o = 0; o < item->answer.count; o++)
                if (item->answer.outcomes[o].value) return item->answer.outcomes[o].value;
        }
    }
    return NULL;
}

/* Returns the number from which all callers call; NULL: there are several. */
static json_t *only_caller(const struct scenario_test *test)
{
    const char *from = NULL;
    for (size_t i = 0; i < test->count; i++) {
        const struct scenario_item *item = &test->items[i];
        if (item->kind != ITEM_ARRIVE) continue;
        if (from && strcmp(from, item->arrival.from) != 0) return NULL;
        from = item->arrival.from;
    }
    return !from || from[0] == '\0' ? NULL : json_string(from);
}

/* Returns the value bound to that parameter, if the test determines it: a new reference. In order of certainty: the
 * test names the column, or the position, or has only one argument; else the digits that callers enter, and last the
 * caller's number. */
static json_t *bound_value(const struct scenario_test *test, const struct scenario_answer *answer, const char *column,
                           unsigned number)
{
    char position[12];
    (void)snprintf(position, sizeof position, "%u", number);
    json_t *value = json_object_get(answer->args, column);
    if (!value) value = json_object_get(answer->args, position);
    if (!value && json_object_size(answer->args) == 1 && number == 0)
        value = json_object_iter_value(json_object_iter(answer->args));
    value = value ? value : provision_entered(test);
    return value ? json_incref(value) : only_caller(test);
}

/* Fills columns that must not be empty and that the test does not mention; otherwise the row could not be inserted. */
static void fill_required(sqlite3 *db, const char *table, json_t *row)
{
    sqlite3_stmt *columns =
        lite_ask(db, "select name from pragma_table_info(%Q) where \"notnull\" and dflt_value is null", table);
    while (lite_next(columns)) {
        const char *name = lite_text(columns, 0);
        if (name && !json_object_get(row, name)) json_object_set_new(row, name, json_string(""));
    }
    sqlite3_finalize(columns);
}

/* Returns the answer as a row; a single value becomes a row with the column that the statement reads. NULL: that is
 * not possible, which provision_virtual_only() reports. */
static json_t *provision_row_of(json_t *found, bool asks, const struct statement_words *words)
{
    if (words->table[0] == '\0' || json_is_array(found) || json_is_null(found)) return NULL;
    if (value_is_single(found)) return asks ? json_pack("{s:O}", words->selected, found) : NULL;
    return json_copy(found);
}

/* Inserts one row of the answer, with the columns that the statement compares. */
static enum placed answer_row(sqlite3 *db, const struct scenario_test *test, const struct scenario_answer *answer,
                              bool asks, const struct statement_words *words, json_t *found, struct error *error)
{
    json_t *row = provision_row_of(found, asks, words);
    if (!row) return PLACED;
    for (unsigned i = 0; i < words->count; i++) {
        json_t *value = bound_value(test, answer, words->columns[i], i);
        if (words->columns[i][0] != '\0' && value && !json_object_get(row, words->columns[i]))
            json_object_set(row, words->columns[i], value);
        json_decref(value);
    }
    fill_required(db, words->table, row);
    enum placed placed = insert_row(db, words->table, row, error);
    json_decref(row);
    return placed;
}

/* Inserts an answer's rows; as a test does not say which of the source's statements it answers, the rows go to each
 * statement's table that has their columns. */
static bool provision_answer_rows(sqlite3 *db, const struct scenario_test *test, const struct scenario_answer *answer,
                                  const struct image *image, struct error *error)
{
    json_t *value = answer->outcomes[0].value, *row;
    bool fitted = false, misfit = false;
    for (uint32_t i = 0; i < image_count(image, SECTION_STATEMENTS); i++) {
        const struct image_statement *statement = image_statement(image, i);
        struct text source = image_text(image, image_name(image, statement->source)->text);
        struct text sql = image_text(image, statement->sql);
        struct statement_words words;
        enum placed placed = PLACED;
        size_t index;
        bool of_rows, asks = provision_value_statement(image, answer->source, &of_rows) == statement;
        if (strlen(answer->source) != source.length || memcmp(answer->source, source.bytes, source.length) != 0)
            continue;
        statement_read(sql.bytes, sql.length, &words);
        json_array_foreach(value, index, row)
        {
            placed = answer_row(db, test, answer, false, &words, row, error);
            if (placed != PLACED) break;
        }
        placed = placed == PLACED ? answer_row(db, test, answer, asks, &words, value, error) : placed;
        if (placed == PLACE_FAILED) return false;
        fitted = fitted || placed == PLACED;
        misfit = misfit || placed == MISFIT;
    }
    return fitted || !misfit;
}

/* Makes a new file with the schema in it; NULL with the reason. */
static sqlite3 *new_database(const char *path, const char *schema, struct error *error)
{
    sqlite3 *db = NULL;
    char *text = NULL;
    if (strcmp(path, ":memory:") != 0) (void)unlink(path);
    bool done = inside_allows(path) && sqlite3_open(path, &db) == SQLITE_OK;
    if (!done) {
        error_set(error, ERROR_SYSTEM, "cannot make %s: %s", path, sqlite3_errmsg(db));
    } else if (!(text = provision_read_file(schema, error))) {
        done = false;
    } else if (!lite_do(db, "%s", text)) {
        error_set(error, ERROR_INPUT, "%s: %s", schema, sqlite3_errmsg(db));
        done = false;
    }
    free(text);
    if (!done) {
        sqlite3_close(db);
        return NULL;
    }
    return db;
}

bool provision_database(const struct scenario_test *test, const struct image *image, const char *schema,
                        const char *path, struct error *error)
{
    sqlite3 *db = new_database(path, schema, error);
    bool done = db != NULL;
    for (size_t i = 0; done && i < test->count; i++) {
        const struct scenario_item *item = &test->items[i];
        if (item->kind == ITEM_ANSWER && strcmp(item->answer.step, "query") == 0 && item->answer.source)
            done = provision_answer_rows(db, test, &item->answer, image, error);
        for (size_t n = 0; done && item->kind == ITEM_ARRIVE && n < item->arrival.count; n++) {
            const struct scenario_item *own = &item->arrival.items[n];
            if (own->kind == ITEM_ANSWER && strcmp(own->answer.step, "query") == 0 && own->answer.source)
                done = provision_answer_rows(db, test, &own->answer, image, error);
        }
    }
    sqlite3_close(db);
    return done;
}

/* ---- reading an existing directory ---- */

static bool each_pair(const char *path, const char *query, void (*each)(void *, const char *, const char *), void *self,
                      struct error *error)
{
    /* As in the daemon, a missing table counts as empty. */
    static const char none[] = "create table if not exists dn (number, type);"
                               "create table if not exists queue (name, dn);";
    sqlite3 *db = new_database(":memory:", path, error);
    if (!db) return false;
    sqlite3_stmt *rows = lite_do(db, none) ? lite_ask(db, "%s", query) : NULL;
    bool done = rows != NULL;
    if (!done) error_set(error, ERROR_INPUT, "%s: %s", path, sqlite3_errmsg(db));
    while (lite_next(rows)) {
        const char *first = lite_text(rows, 0), *second = lite_text(rows, 1);
        if (first && second) each(self, first, second);
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return done;
}

struct dn_reader {
    void (*each)(void *self, const char *dn, enum dn_type);
    void *self;
};

static void one_dn(void *self, const char *number, const char *type)
{
    const struct dn_reader *reader = self;
    int known = enum_value_dn_type(type, (uint32_t)strlen(type));
    reader->each(reader->self, number, known < 0 ? dn_type_extension : (enum dn_type)known);
}

bool provision_dns(const char *path, void (*each)(void *self, const char *dn, enum dn_type), void *self,
                   struct error *error)
{
    struct dn_reader reader = {each, self};
    return each_pair(path, "select number, type from dn order by number", one_dn, &reader, error);
}

bool provision_queues(const char *path, void (*each)(void *self, const char *name, const char *dn), void *self,
                      struct error *error)
{
    return each_pair(path, "select name, dn from queue order by name", each, self, error);
}
