/* runtime/daemon/directory/import_sql.c - Runs a file of SQL in an empty database in memory, bounded, and finds
 * lines for complaints.
 *
 * The SQL is written by a person and may be anything: it runs in an empty database in memory, may not attach files,
 * load modules or set pragmas (on_authorize), and is bounded in pages and time (progress handler). A complaint names
 * the line on which a statement begins; for a row of a table, the statement that wrote the row last is found by
 * running the file once more and watching that row (sql_row_line). */
#include "runtime/daemon/directory/import_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/sql/lite.h"
#include "runtime/vocabulary/bytes.h"
#include "base/file.h"
#include "base/memory.h"

enum {
    SQL_MAX = 64 * 1024 * 1024,
    PROGRESS_STEPS = 100000,
    PAGE = 4096,
    BYTES_MAX = 1024 * 1024 * 1024, /* pages of the database in memory, at most */
};

char *import_text(const char *file, struct error *error)
{
    size_t length;
    const char *why;
    char *text = file_read(file, SQL_MAX, &length, &why);
    if (!text) {
        error_set(error, ERROR_UNAVAILABLE, "%s cannot be read: %s", file, why);
    } else if (strlen(text) != length) {
        error_set(error, ERROR_INPUT, "%s cannot be read as SQL: it is no text file", file);
        free(text);
        text = NULL;
    }
    return text;
}

static unsigned sql_line(const char *text, const char *place)
{
    unsigned line = 1;
    for (; text < place; text++)
        if (*text == '\n') line++;
    return line;
}

bool sql_bound_over(const struct bound *bound)
{
    return (bound->stop && atomic_load(bound->stop)) || host_monotonic_us() > bound->deadline_us;
}

const char *sql_why(sqlite3 *db)
{
    return sqlite3_errcode(db) == SQLITE_INTERRUPT ? SQL_TOO_LONG : sqlite3_errmsg(db);
}

static int import_sql_on_progress(void *self)
{
    return sql_bound_over(self);
}

/* Pragmas are ignored: a dump begins with one, and none may lift a limit. Modules of SQLite may not be used as
 * tables here. */
static int on_authorize(void *self, int action, const char *one, const char *two, const char *schema, const char *inner)
{
    (void)self, (void)one, (void)two, (void)schema, (void)inner;
    return action == SQLITE_PRAGMA ? SQLITE_IGNORE : action == SQLITE_CREATE_VTABLE ? SQLITE_DENY : SQLITE_OK;
}

sqlite3 *sql_database(struct bound *bound, unsigned page_size)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        abort();
    if (page_size == 0) page_size = PAGE;
    if (!lite_do(db, "pragma page_size = %u; pragma max_page_count = %u", page_size, BYTES_MAX / page_size)) abort();
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, SQL_MAX);
    sqlite3_set_authorizer(db, on_authorize, NULL);
    sqlite3_progress_handler(db, PROGRESS_STEPS, import_sql_on_progress, bound);
    return db;
}

/* Finds the beginning of the statement's text, after blanks and comments: a complaint names this line. */
static const char *statement_begin(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n;");
        if (strncmp(at, "--", 2) == 0)
            at += strcspn(at, "\n");
        else if (strncmp(at, "/*", 2) == 0 && strstr(at, "*/"))
            at = strstr(at, "*/") + 2;
        else
            return at;
    }
}

bool import_run(sqlite3 *db, const char *file, const char *text, const struct sql_watch *watch, struct error *error)
{
    const char *at = text, *rest;
    for (at = statement_begin(at); *at != '\0'; at = statement_begin(rest)) {
        sqlite3_stmt *statement = NULL;
        int result = sqlite3_prepare_v2(db, at, -1, &statement, &rest);
        if (!statement && result == SQLITE_OK)
            return error_set(error, ERROR_INPUT, "%s:%u: a comment that does not end", file, sql_line(text, at));
        if (watch) watch->statement(watch->self, at, rest);
        if (result == SQLITE_OK) {
            do result = sqlite3_step(statement);
            while (result == SQLITE_ROW);
            sqlite3_finalize(statement);
            if (result == SQLITE_DONE) continue;
        } else if (sqlite3_error_offset(db) > 0) {
            at += sqlite3_error_offset(db);
        }
        char why[256];
        snprintf(why, sizeof why, "%s", sql_why(db));
        for (char *c = why; *c != '\0'; c++)
            if (*c == '\n' || *c == '\r') *c = ' '; /* SQLite's message quotes SQL, in which there may be line ends */
        return error_set(error, ERROR_INPUT, "%s:%u: %s", file, sql_line(text, at), why);
    }
    return true;
}

struct writer_search {               /* the search for the statement that wrote a row last */
    const char *sheet, *begin, *end; /* the statement that runs */
    struct run {
        const char *begin, *end;
        sqlite3_int64 first, last; /* rows of the table: how many the statement has written so far */
    } * runs;
    size_t count;
};

static void on_statement(void *self, const char *begin, const char *end)
{
    struct writer_search *looking = self;
    looking->begin = begin;
    looking->end = end;
}

static void import_sql_on_row(void *self, int action, const char *schema, const char *table, sqlite3_int64 row)
{
    struct writer_search *looking = self;
    (void)action, (void)schema;
    if (strcmp(table, looking->sheet) != 0) return;
    struct run *last = looking->count > 0 ? &looking->runs[looking->count - 1] : NULL;
    if (last && last->begin == looking->begin && row == last->last + 1) {
        last->last = row;
        return;
    }
    looking->runs = memory_more(looking->runs, looking->count, sizeof *looking->runs);
    looking->runs[looking->count++] = (struct run){looking->begin, looking->end, row, row};
}

sqlite3_int64 sql_row_of(sqlite3 *db, const char *sheet, const char *const *keys, const char *key)
{
    char *text = sqlite3_mprintf("select rowid from \"%w\" where cast(\"%w\" as text)", sheet, keys[0]);
    sqlite3_int64 row;
    for (int at = 1; keys[at]; at++) text = sqlite3_mprintf("%z || '/' || cast(\"%w\" as text)", text, keys[at]);
    lite_has(db, &row, "%z = %Q", text, key);
    return row;
}

/* In a statement that writes many rows, finds the line that has the key literally. */
static const char *import_sql_place_of(const struct run *run, const char *key)
{
    const char *part = strrchr(key, '/') ? strrchr(key, '/') + 1 : key;
    size_t length = strlen(part);
    for (const char *at = run->begin; (at = memchr(at, '\'', (size_t)(run->end - at))); at++)
        if ((size_t)(run->end - at) > length + 1 && memcmp(at + 1, part, length) == 0 && at[length + 1] == '\'')
            return at;
    return run->begin;
}

bool sql_row_line(const char *file, const char *sheet, const char *const *keys, const char *key,
                  struct sql_place *place)
{
    struct error error = {0};
    struct bound bound = {host_monotonic_us() + SQL_LOOK_S * UINT64_C(1000000), NULL};
    struct writer_search looking = {.sheet = sheet};
    struct sql_watch watch = {&looking, on_statement};
    const char *at = NULL;
    char *text = import_text(file, &error);
    if (!text) return false;
    sqlite3 *db = sql_database(&bound, 0);
    sqlite3_update_hook(db, import_sql_on_row, &looking);
    if (import_run(db, file, text, &watch, &error)) {
        sqlite3_int64 row = sql_row_of(db, sheet, keys, key);
        for (size_t i = looking.count; row != 0 && !at && i-- > 0;)
            if (looking.runs[i].first <= row && row <= looking.runs[i].last)
                at = import_sql_place_of(&looking.runs[i], key);
    }
    if (at) {
        place->line = sql_line(text, at);
        while (at > text && at[-1] != '\n') at--;
        at += strspn(at, " \t");
        int length = (int)strcspn(at, "\r\n");
        snprintf(place->quote, sizeof place->quote, "%.*s", length, at);
        bytes_clean_utf8(place->quote);
    }
    free(looking.runs);
    sqlite3_close(db);
    free(text);
    return at != NULL;
}
