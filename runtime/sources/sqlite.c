/* runtime/sources/sqlite.c - A SQLite database as a source: opened for the first query, reopened when its file was
 * replaced; statements stay prepared.
 *
 * SQLite blocks its caller: so one thread has the connection and runs one query after the other (workers.h). A
 * progress handler limits the time of a query, a busy handler the time it waits for locks; both check the query's
 * deadline and whether it was cancelled.
 *
 * The file is checked before each query: if it was replaced (another inode), the new file is opened and all
 * statements are prepared again. A statement is known by the hash of its text, as programs name it. */
#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/sources/beside.h"
#include "runtime/sources/kind.h"
#include "runtime/sources/list_text.h"
#include "runtime/sources/workers.h"
#include "base/file.h"
#include "base/memory.h"

enum { SQLITE_STATEMENTS_MAX = 256, PROGRESS_STEPS = 1000, BUSY_STEP_US = 2000 };

struct sqlite_prepared {
    uint8_t hash[SOURCE_HASH];
    sqlite3_stmt *statement;
};

struct sqlite {
    const struct source_options *options;
    sqlite3 *db;
    struct file_identity identity; /* inode of the file that was opened */
    struct sqlite_prepared prepared[SQLITE_STATEMENTS_MAX];
    size_t count;
    const struct source_query *query; /* running */
    struct beside *beside;            /* native functions; NULL: the source has none */
    uint64_t busy_since_us;
};

/* Closes the database, after its statements: SQLite keeps it open while a statement exists. */
static void source_sqlite_disconnect(struct sqlite *sqlite)
{
    for (size_t i = 0; i < sqlite->count; i++) sqlite3_finalize(sqlite->prepared[i].statement);
    sqlite->count = 0;
    sqlite3_close(sqlite->db);
    sqlite->db = NULL;
}

/* True: the query was cancelled or its time has passed. */
static bool source_sqlite_over(const struct sqlite *sqlite)
{
    return atomic_load(&sqlite->query->cancelled) || host_monotonic_us() >= sqlite->query->deadline_us;
}

static int source_sqlite_on_progress(void *self)
{
    return source_sqlite_over(self);
}

/* Waits for a lock; returns zero to give up, and the statement fails with SQLITE_BUSY. */
static int source_sqlite_on_busy(void *self, int attempt)
{
    struct sqlite *sqlite = self;
    uint64_t now = host_monotonic_us();
    if (attempt == 0) sqlite->busy_since_us = now;
    if (source_sqlite_over(sqlite) || now - sqlite->busy_since_us >= sqlite->options->busy_us) return 0;
    usleep(BUSY_STEP_US);
    return 1;
}

static bool source_sqlite_connect_to(struct sqlite *sqlite, const char *database, int flags, struct answer *answer)
{
    if (sqlite->db) return true;
    int result = sqlite3_open_v2(database, &sqlite->db, flags, NULL);
    if (result != SQLITE_OK) {
        answer_fail(answer, outcome_error, code_unavailable, "database %s: %s", database, sqlite3_errstr(result));
        source_sqlite_disconnect(sqlite);
        return false;
    }
    sqlite3_extended_result_codes(sqlite->db, 1);
    sqlite3_limit(sqlite->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_progress_handler(sqlite->db, PROGRESS_STEPS, source_sqlite_on_progress, sqlite);
    sqlite3_busy_handler(sqlite->db, source_sqlite_on_busy, sqlite);
    return true;
}

/* Opens the database; false: it is not there, and the answer has the reason. Other databases cannot be attached: a
 * statement of a program can use this file only. */
static bool source_sqlite_connect(struct sqlite *sqlite, struct answer *answer)
{
    const struct source_options *options = sqlite->options;
    struct stat info;
    int flags = SQLITE_OPEN_NOMUTEX | (options->write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    if (sqlite->beside)
        return source_sqlite_connect_to(sqlite, ":memory:", SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE, answer);
    if (stat(options->database, &info) != 0) {
        source_sqlite_disconnect(sqlite);
        return answer_fail(answer, outcome_error, code_unavailable, "database %s: %s", options->database,
                           strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) { /* with a pipe SQLite would wait for the other end */
        source_sqlite_disconnect(sqlite);
        return answer_fail(answer, outcome_error, code_unavailable, "database %s is no file", options->database);
    }
    if (sqlite->db && file_still(options->database, &sqlite->identity, NULL)) return true;
    source_sqlite_disconnect(sqlite);
    if (!source_sqlite_connect_to(sqlite, options->database, flags, answer)) return false;
    sqlite->identity = file_identity(&info);
    return true;
}

/* Sets the exit of the step from SQLite's result code. After a fault of the file the connection is closed: the next
 * query opens it again, and works if the file was repaired meanwhile. */
static void source_sqlite_fail(struct sqlite *sqlite, struct answer *answer, int result)
{
    const char *text = sqlite3_errmsg(sqlite->db);
    if (sqlite->beside && beside_failed(sqlite->beside, answer)) return;
    switch (result & 0xff) {
    case SQLITE_INTERRUPT:
        answer_fail(answer, outcome_timeout, code_timeout, "not done within the time given");
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        if (source_sqlite_over(sqlite))
            answer_fail(answer, outcome_timeout, code_timeout, "locked for all of the time given");
        else
            answer_fail(answer, outcome_error, code_unavailable, "%s (waited %llu ms)", text,
                        (unsigned long long)(sqlite->options->busy_us / 1000));
        break;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FULL:
    case SQLITE_PERM:
        answer_fail(answer, outcome_error, code_unavailable, "database %s: %s", sqlite->options->database, text);
        source_sqlite_disconnect(sqlite);
        break;
    case SQLITE_TOOBIG:
        answer_fail(answer, outcome_error, code_too_large, "%s", text);
        break;
    default:
        answer_fail(answer, outcome_error, code_refused, "%s", text);
        break;
    }
}

/* Offers the function that the statement names to SQLite, if it is a native; true: SQLite knows it from now on. */
static bool source_sqlite_learns(struct sqlite *sqlite)
{
    static const char unknown[] = "no such function: ";
    const char *text = sqlite3_errmsg(sqlite->db);
    if (!sqlite->beside || strncmp(text, unknown, strlen(unknown)) != 0) return false;
    return beside_offer(sqlite->beside, sqlite->db, text + strlen(unknown));
}

/* Returns the prepared statement for the query's text, the same one as last time if there is one. A text with
 * several statements is refused: SQLite would run only the first and ignore the others silently. */
static sqlite3_stmt *source_sqlite_prepare(struct sqlite *sqlite, const struct source_query *query,
                                           struct answer *answer)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    int result;
    assert(sqlite->db && sqlite->count <= SQLITE_STATEMENTS_MAX);
    for (size_t i = 0; i < sqlite->count; i++)
        if (memcmp(sqlite->prepared[i].hash, query->hash, SOURCE_HASH) == 0) return sqlite->prepared[i].statement;
    if (sqlite->count == SQLITE_STATEMENTS_MAX) { /* full: statements of many programs have been prepared */
        for (size_t i = 0; i < sqlite->count; i++) sqlite3_finalize(sqlite->prepared[i].statement);
        sqlite->count = 0;
    }
    do result = sqlite3_prepare_v3(sqlite->db, query->text, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest);
    while (result != SQLITE_OK && source_sqlite_learns(sqlite));
    if (result != SQLITE_OK) {
        source_sqlite_fail(sqlite, answer, result);
        return NULL;
    }
    if (!statement || rest[strspn(rest, " \t\r\n;")] != '\0') {
        sqlite3_finalize(statement);
        answer_fail(answer, outcome_error, code_refused, "the text is not one statement");
        return NULL;
    }
    memcpy(sqlite->prepared[sqlite->count].hash, query->hash, SOURCE_HASH);
    sqlite->prepared[sqlite->count++].statement = statement;
    return statement;
}

static int bind_list(sqlite3_stmt *statement, int index, struct span list)
{
    char *text = list_as_json(list);
    return !text ? SQLITE_MISMATCH : sqlite3_bind_text(statement, index, text, -1, free);
}

static int bind_value(sqlite3_stmt *statement, int index, const struct kv_value *value)
{
    switch (value->tag) {
    case KV_NONE:
        return sqlite3_bind_null(statement, index);
    case KV_INT:
    case KV_BOOL:
        return sqlite3_bind_int64(statement, index, value->word);
    case KV_TIME:
        return sqlite3_bind_int64(statement, index, kv_seconds(value->word));
    case KV_FLOAT:
        return sqlite3_bind_double(statement, index, value->number);
    case KV_TEXT:
        return sqlite3_bind_text(statement, index, value->span.length > 0 ? (const char *)value->span.bytes : "",
                                 (int)value->span.length, SQLITE_STATIC);
    case KV_BINARY:
        return sqlite3_bind_blob(statement, index, value->span.bytes, (int)value->span.length, SQLITE_STATIC);
    case KV_LIST:
        return bind_list(statement, index, value->span);
    }
    return SQLITE_MISMATCH;
}

/* Binds the query's parameters and refuses a wrong number of them: SQLite would take missing ones for NULL, and the
 * strategy would never learn why it finds nothing. */
static bool source_sqlite_bind(struct sqlite *sqlite, sqlite3_stmt *statement, struct span params,
                               struct answer *answer)
{
    int index = 0, demanded = sqlite3_bind_parameter_count(statement), result;
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(params, &at, &pair);) {
        if (++index > demanded) break;
        result = bind_value(statement, index, &pair.value);
        if (result == SQLITE_MISMATCH)
            answer_fail(answer, outcome_error, code_refused, "parameter %d is a list of no plain values", index);
        else if (result != SQLITE_OK)
            source_sqlite_fail(sqlite, answer, result);
    }
    if (index != demanded)
        answer_fail(answer, outcome_error, code_refused, "the statement takes %d parameters; given were %s%d", demanded,
                    index > demanded ? "at least " : "", index);
    return answer_ok(answer);
}

static const char *source_sqlite_column_name(const void *statement, int column)
{
    return sqlite3_column_name((sqlite3_stmt *)(uintptr_t)statement, column);
}

/* Reads a column's value, which points to memory of the statement until the next step. Of a blob only the length is
 * given. */
static struct kv_value column_value(sqlite3_stmt *statement, int place)
{
    struct kv_value value = {.tag = KV_NONE};
    switch (sqlite3_column_type(statement, place)) {
    case SQLITE_INTEGER:
        value.tag = KV_INT;
        value.word = sqlite3_column_int64(statement, place);
        break;
    case SQLITE_FLOAT:
        value.tag = KV_FLOAT;
        value.number = sqlite3_column_double(statement, place);
        break;
    case SQLITE_TEXT:
        value.tag = KV_TEXT;
        value.span.bytes = sqlite3_column_text(statement, place);
        value.span.length = (uint32_t)sqlite3_column_bytes(statement, place);
        break;
    case SQLITE_BLOB:
        value.tag = KV_BINARY;
        value.span.length = (uint32_t)sqlite3_column_bytes(statement, place);
        break;
    default:
        break;
    }
    return value;
}

static bool source_sqlite_row_take(sqlite3_stmt *statement, const struct source_query *query, const int *places,
                                   size_t count, struct answer *answer)
{
    if (!answer_row_begin(answer)) return false;
    for (size_t i = 0; i < count; i++) {
        struct kv_value value = column_value(statement, places[i]);
        if (!answer_value(answer, &query->columns[i], answer->columns[i], &value)) return false;
    }
    return answer_row_end(answer);
}

/* Takes the rows. The places of the columns are looked up after the first step, since that step prepares the
 * statement again if tables were changed. */
static void source_sqlite_rows_take(struct sqlite *sqlite, sqlite3_stmt *statement, const struct source_query *query,
                                    struct answer *answer)
{
    int places[SOURCE_COLUMNS_MAX], result = sqlite3_step(statement);
    const struct answer_result columns = {statement, sqlite3_column_count(statement), source_sqlite_column_name};
    size_t count = 0;
    /* the first step prepares the statement again if the schema has changed */
    if (result == SQLITE_ROW || result == SQLITE_DONE)
        count = answer_columns(answer, query->columns, query->column_count, &columns, places);
    for (; answer_ok(answer) && result == SQLITE_ROW; result = sqlite3_step(statement)) {
        if (!source_sqlite_row_take(statement, query, places, count, answer)) return;
        if (query->rows == 1) return; /* only the first row was asked for */
    }
    if (answer_ok(answer) && result != SQLITE_DONE) source_sqlite_fail(sqlite, answer, result);
}

/* Runs a statement that reads nothing; the answer is the number of changed rows or, with natives, the value returned
 * last. */
static void source_sqlite_change(struct sqlite *sqlite, sqlite3_stmt *statement, struct answer *answer)
{
    int result;
    int64_t returned = 0;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) returned = sqlite3_column_int64(statement, 0);
    if (result == SQLITE_DONE)
        answer_changed(answer, sqlite->beside ? returned : sqlite3_changes64(sqlite->db));
    else
        source_sqlite_fail(sqlite, answer, result);
}

/* Runs a query and resets the statement at the end in any case: else it would hold a lock on the database until the
 * next query. */
static void source_sqlite_run(void *self, const struct source_query *query, struct answer *answer)
{
    struct sqlite *sqlite = self;
    sqlite3_stmt *statement;
    sqlite->query = query;
    if (!source_sqlite_connect(sqlite, answer)) return;
    if (sqlite->beside) beside_begin(sqlite->beside, query);
    statement = source_sqlite_prepare(sqlite, query, answer);
    if (!statement) return;
    if (!sqlite->options->write && !sqlite3_stmt_readonly(statement))
        answer_fail(answer, outcome_error, code_refused, "it is read-only: `write = true` is not set");
    else if (source_sqlite_bind(sqlite, statement, query->params, answer)) {
        if (sqlite3_column_count(statement) == 0 || query->column_count == 0)
            source_sqlite_change(sqlite, statement, answer);
        else
            source_sqlite_rows_take(sqlite, statement, query, answer);
    }
    if (!sqlite->db) return; /* the connection was closed, and its statements were freed with it */
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

/* Checks whether the database is there, by reading the head of its file; a locked database is there. */
static void source_sqlite_look(void *self, struct answer *answer)
{
    struct sqlite *sqlite = self;
    const struct source_query look = {.deadline_us = host_monotonic_us()};
    sqlite->query = &look;
    if (source_sqlite_connect(sqlite, answer)) {
        int result = sqlite3_exec(sqlite->db, "PRAGMA schema_version", NULL, NULL, NULL);
        if (result != SQLITE_OK && (result & 0xff) != SQLITE_INTERRUPT) source_sqlite_fail(sqlite, answer, result);
    }
    sqlite->query = NULL;
}

static void *source_sqlite_begin(const struct source_options *options)
{
    struct sqlite *sqlite = memory_zeroed(1, sizeof *sqlite);
    sqlite->options = options;
    if (options->natives && *options->natives) sqlite->beside = beside_new(options);
    return sqlite;
}

static void source_sqlite_end(void *self)
{
    struct sqlite *sqlite = self;
    source_sqlite_disconnect(sqlite);
    beside_free(sqlite->beside);
    free(sqlite);
}

static bool sqlite_check(const struct source_options *options, struct error *error)
{
    (void)options, (void)error; /* nothing is checked: the file may appear later */
    return true;
}

static void *sqlite_open(struct source *source, const struct source_options *options, struct event_base *base,
                         struct error *error)
{
    static const struct workers_ops ops = {
        .begin = source_sqlite_begin, .run = source_sqlite_run, .look = source_sqlite_look, .end = source_sqlite_end};
    (void)base;
    /* Only natives may use several threads, since they do not depend on each other. */
    return workers_new(source, options, options->natives && *options->natives ? options->connections : 1, &ops, error);
}

static bool sqlite_tries(const struct source_options *options, const char *statement, struct error *error)
{
    struct source_query query = {.text = statement, .hash = (const uint8_t[SOURCE_HASH]){0}};
    struct answer answer;
    if (options->natives && *options->natives) return true;
    query.deadline_us = host_monotonic_us() + options->timeout_us;
    answer_init(&answer, options->name, 1, options->bytes_max);
    struct sqlite *sqlite = source_sqlite_begin(options);
    sqlite->query = &query;
    bool good = source_sqlite_connect(sqlite, &answer) && source_sqlite_prepare(sqlite, &query, &answer);
    if (!good) error_set(error, answer.code == code_unavailable ? ERROR_UNAVAILABLE : ERROR_INPUT, "%s", answer.text);
    source_sqlite_end(sqlite);
    answer_free(&answer);
    return good;
}

const struct source_kind source_sqlite = {"sqlite",    sqlite_check,   sqlite_open,         workers_free,
                                          workers_ask, workers_cancel, source_workers_read, sqlite_tries};
