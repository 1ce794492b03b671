/* runtime/sources/odbc.c - Any database that has a driver for ODBC as a source: Oracle, SQL Server, Db2, MariaDB.
 *
 * The driver's library blocks: so threads run the queries, each by a connection of its own (workers.h). A connection
 * is made for the first query, and again after it was lost; a read that finds it lost is asked once more, but the
 * outcome of a write is unknown then. The time of a query is limited by the driver, and by SQLCancel when the query
 * is not wanted any more.
 *
 *     ?1 ?2 ?1 of a program's text  -->  ? ? ? of ODBC, each bound again
 *
 * The columns of a row are read from left to right, since drivers need not support another order, and given in the
 * order of the program. */
#include <ctype.h>
#include <pthread.h>
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/sources/conninfo.h"
#include "runtime/sources/kind.h"
#include "runtime/sources/list_text.h"
#include "runtime/sources/workers.h"
#include "base/memory.h"

enum { MARKERS_MAX = 128, PIECE = 4096, ODBC_TEXT = 300, VARCHAR_MOST = 4000 };

struct odbc {
    const struct source_options *options;
    SQLHENV environment;
    SQLHDBC connection;
    bool connected;
    pthread_mutex_t lock; /* protects `statement`, which SQLCancel uses from another thread */
    SQLHSTMT statement;
};

struct odbc_column {
    char name[128];
    SQLSMALLINT type, scale;
    struct kv_value value;
    char *text; /* owned, of the value */
};

struct odbc_row {
    const struct source_query *query;
    int count;
    struct odbc_column columns[SOURCE_COLUMNS_MAX];
};

/* The bound values, which must exist while the statement runs. */
struct odbc_bound {
    struct kv_value values[MARKERS_MAX];
    SQLLEN lengths[MARKERS_MAX];
    SQL_TIMESTAMP_STRUCT moments[MARKERS_MAX];
    char *lists[MARKERS_MAX]; /* owned */
    int count;
};

/* --- Failures --- */

/* Reads the first diagnosis: its state into `state`, its words without line ends. */
static void odbc_diagnosis(SQLSMALLINT kind, SQLHANDLE handle, char state[6], char text[ODBC_TEXT])
{
    SQLINTEGER native;
    SQLSMALLINT length;
    memset(state, 0, 6);
    snprintf(text, ODBC_TEXT, "the driver does not say why");
    if (SQLGetDiagRec(kind, handle, 1, (SQLCHAR *)state, &native, (SQLCHAR *)text, ODBC_TEXT, &length) == SQL_NO_DATA)
        return;
    for (char *at = text; *at; at++)
        if (iscntrl((unsigned char)*at)) *at = ' ';
}

static void odbc_disconnect(struct odbc *odbc)
{
    if (odbc->connected) SQLDisconnect(odbc->connection);
    odbc->connected = false;
}

/* Sets the exit of the step for a failed statement. True: the connection was lost. A SQLSTATE begins with its class:
 * 08 is the connection, 40 a transaction that was undone, HYT a timeout. */
static bool odbc_fail(struct odbc *odbc, const struct source_query *query, struct answer *answer)
{
    char state[6], text[ODBC_TEXT];
    odbc_diagnosis(SQL_HANDLE_STMT, odbc->statement, state, text);
    bool lost = strncmp(state, "08", 2) == 0, late = strncmp(state, "HYT", 3) == 0 || strcmp(state, "HY008") == 0;
    if (lost && query->write)
        answer_fail(answer, outcome_error, code_outcome_unknown, "the connection was lost: %s", text);
    else if (late)
        answer_fail(answer, outcome_timeout, code_timeout, "not done within the time given");
    else
        answer_fail(answer, outcome_error, lost || strncmp(state, "40", 2) == 0 ? code_unavailable : code_refused,
                    "%s (%s)", text, state);
    return lost;
}

/* --- Connections --- */

/* Makes the connection string; within its braces a } of the password is doubled. */
static char *odbc_how(const char *given, const char *password)
{
    char *how = memory_zeroed(strlen(given) + 2 * strlen(password) + sizeof ";PWD={}", 1);
    char *to = stpcpy(how, given);
    if (!*password) return how;
    to = stpcpy(to, ";PWD={");
    for (; *password; *to++ = *password++)
        if (*password == '}') *to++ = '}';
    *to = '}';
    return how;
}

/* Connects; the string with the password is overwritten in memory as soon as the driver has it. */
static bool odbc_connect(struct odbc *odbc, struct answer *answer)
{
    const struct source_options *options = odbc->options;
    char state[6], text[ODBC_TEXT], password[PASSWORD_MAX] = "";
    struct error error = {0};
    SQLUINTEGER dead = SQL_CD_FALSE;
    if (odbc->connected &&
        SQLGetConnectAttr(odbc->connection, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL) == SQL_SUCCESS &&
        dead == SQL_CD_TRUE)
        odbc_disconnect(odbc);
    if (odbc->connected) return true;
    if (options->password_file && *options->password_file &&
        !conninfo_password_read(options->password_file, password, &error))
        return answer_fail(answer, outcome_error, code_unavailable, "%s", error.text);
    char *how = odbc_how(options->odbc, password);
    SQLULEN seconds = (SQLULEN)((options->connect_us + 999999) / 1000000);
    SQLSetConnectAttr(odbc->connection, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)seconds, SQL_IS_UINTEGER);
    SQLRETURN result =
        SQLDriverConnect(odbc->connection, NULL, (SQLCHAR *)how, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
    explicit_bzero(password, sizeof password);
    explicit_bzero(how, strlen(how));
    free(how);
    odbc->connected = SQL_SUCCEEDED(result);
    if (odbc->connected) return true;
    odbc_diagnosis(SQL_HANDLE_DBC, odbc->connection, state, text);
    return answer_fail(answer, outcome_error, code_unavailable, "no connection: %s (%s)", text, state);
}

/* --- Its values --- */

/* Copies the program's text, replacing each numbered parameter (`a = ?2` becomes `a = ?`), and notes which value
 * belongs to each. NULL: there are too many parameters. Text in quotation marks is not changed. */
static char *odbc_text(const char *sql, int numbers[MARKERS_MAX], int *count)
{
    char *text = memory_text(sql), *to = text, quote = '\0';
    *count = 0;
    for (const char *at = sql; *at;) {
        if (quote ? *at == quote : *at == '\'' || *at == '"') quote = quote ? '\0' : *at;
        bool marker = !quote && *at == '?' && isdigit((unsigned char)at[1]);
        *to++ = *at++;
        if (!marker) continue;
        if (*count == MARKERS_MAX) {
            free(text);
            return NULL;
        }
        char *end;
        numbers[(*count)++] = (int)strtol(at, &end, 10);
        at = end;
    }
    *to = '\0';
    return text;
}

static bool odbc_value(struct span params, int number, struct kv_value *value)
{
    struct kv_pair pair;
    int index = 0;
    for (uint32_t at = 0; kv_next(params, &at, &pair);) {
        if (++index != number) continue;
        *value = pair.value;
        return true;
    }
    return false;
}

static SQL_TIMESTAMP_STRUCT odbc_moment(int64_t us)
{
    time_t seconds = (time_t)kv_seconds(us);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    return (SQL_TIMESTAMP_STRUCT){(SQLSMALLINT)(tm.tm_year + 1900),
                                  (SQLUSMALLINT)(tm.tm_mon + 1),
                                  (SQLUSMALLINT)tm.tm_mday,
                                  (SQLUSMALLINT)tm.tm_hour,
                                  (SQLUSMALLINT)tm.tm_min,
                                  (SQLUSMALLINT)tm.tm_sec,
                                  0};
}

static SQLRETURN odbc_bind_bytes(SQLHSTMT statement, SQLUSMALLINT at, const void *bytes, size_t length, bool text,
                                 SQLLEN *told)
{
    SQLSMALLINT type = text ? length > VARCHAR_MOST ? SQL_LONGVARCHAR : SQL_VARCHAR : SQL_LONGVARBINARY;
    *told = (SQLLEN)length;
    return SQLBindParameter(statement, at, SQL_PARAM_INPUT, text ? SQL_C_CHAR : SQL_C_BINARY, type,
                            length > 0 ? length : 1, 0, (SQLPOINTER)(uintptr_t)(length > 0 ? bytes : ""),
                            (SQLLEN)length, told);
}

/* Binds the values. ODBC gets pointers and reads the values when the statement runs, so `bound` must exist until
 * then. */
static SQLRETURN odbc_bind_one(struct odbc *odbc, struct odbc_bound *bound, int index)
{
    SQLUSMALLINT at = (SQLUSMALLINT)(index + 1);
    struct kv_value *value = &bound->values[index];
    SQLLEN *length = &bound->lengths[index];
    switch (value->tag) {
    case KV_NONE:
        *length = SQL_NULL_DATA;
        return SQLBindParameter(odbc->statement, at, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 1, 0, NULL, 0, length);
    case KV_TIME:
        if (odbc->options->timestamps) {
            bound->moments[index] = odbc_moment(value->word);
            return SQLBindParameter(odbc->statement, at, SQL_PARAM_INPUT, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 19,
                                    0, &bound->moments[index], 0, NULL);
        }
        value->word = kv_seconds(value->word);
        __attribute__((fallthrough));
    case KV_INT:
    case KV_BOOL:
        return SQLBindParameter(odbc->statement, at, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 19, 0, &value->word, 0,
                                NULL);
    case KV_FLOAT:
        return SQLBindParameter(odbc->statement, at, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 15, 0, &value->number,
                                0, NULL);
    case KV_TEXT:
    case KV_BINARY:
        return odbc_bind_bytes(odbc->statement, at, value->span.bytes, value->span.length, value->tag == KV_TEXT,
                               length);
    case KV_LIST:
        bound->lists[index] = list_as_json(value->span);
        return bound->lists[index] ? odbc_bind_bytes(odbc->statement, at, bound->lists[index],
                                                     strlen(bound->lists[index]), true, length)
                                   : SQL_ERROR;
    }
    return SQL_ERROR;
}

static bool odbc_bind(struct odbc *odbc, const struct source_query *query, const int *numbers, int count,
                      struct odbc_bound *bound, struct answer *answer)
{
    for (int i = 0; i < count; i++, bound->count++) {
        if (!odbc_value(query->params, numbers[i], &bound->values[i]))
            return answer_fail(answer, outcome_error, code_refused, "the statement has a value %d that is not given",
                               numbers[i]);
        if (!SQL_SUCCEEDED(odbc_bind_one(odbc, bound, i)))
            return answer_fail(answer, outcome_error, code_refused, "value %d cannot be bound", numbers[i]);
    }
    return true;
}

/* --- Rows --- */

/* Returns a column's name as the program writes it; the driver may return names in capitals, so case is ignored. */
static const char *odbc_name(const void *self, int column)
{
    const struct odbc_row *row = self;
    const char *name = row->columns[column].name;
    for (size_t i = 0; i < row->query->column_count; i++)
        if (strcasecmp(row->query->columns[i].name, name) == 0) return row->query->columns[i].name;
    return name;
}

static bool odbc_describe(struct odbc *odbc, struct odbc_row *row, struct answer *answer)
{
    SQLSMALLINT count = 0, length, nullable;
    SQLULEN size;
    SQLNumResultCols(odbc->statement, &count);
    if (count > SOURCE_COLUMNS_MAX)
        return answer_fail(answer, outcome_error, code_too_large, "%d columns; at most %d", count, SOURCE_COLUMNS_MAX);
    row->count = count;
    for (int i = 0; i < count; i++) {
        struct odbc_column *column = &row->columns[i];
        if (!SQL_SUCCEEDED(SQLDescribeCol(odbc->statement, (SQLUSMALLINT)(i + 1), (SQLCHAR *)column->name,
                                          sizeof column->name, &length, &column->type, &size, &column->scale,
                                          &nullable)))
            return answer_fail(answer, outcome_error, code_bad_row, "column %d has no description", i + 1);
    }
    return true;
}

static bool odbc_is_whole(const struct odbc_column *column)
{
    switch (column->type) {
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
    case SQL_BIT:
        return true;
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return column->scale == 0;
    default:
        return false;
    }
}

static bool odbc_is_real(const struct odbc_column *column)
{
    return column->type == SQL_FLOAT || column->type == SQL_REAL || column->type == SQL_DOUBLE ||
           column->type == SQL_DECIMAL || column->type == SQL_NUMERIC;
}

/* Reads a text of any length, up to the most bytes that an answer may have. The length of the text is not known before:
 * it is read in pieces, and each piece overwrites the zero byte of the last. */
static SQLRETURN odbc_read_text(struct odbc *odbc, SQLUSMALLINT at, struct odbc_column *column, uint32_t most)
{
    size_t used = 0, room = PIECE;
    SQLLEN told = 0;
    SQLRETURN result;
    column->text = memory_grown(NULL, room, 1);
    for (;;) {
        result = SQLGetData(odbc->statement, at, SQL_C_CHAR, column->text + used, (SQLLEN)(room - used), &told);
        if (!SQL_SUCCEEDED(result) || told == SQL_NULL_DATA) break;
        used += strlen(column->text + used);
        if (result == SQL_SUCCESS || used > most) break;
        room *= 2;
        column->text = memory_grown(column->text, room, 1);
    }
    if (result == SQL_NO_DATA) result = SQL_SUCCESS;
    column->value = (struct kv_value){.tag = told == SQL_NULL_DATA ? KV_NONE : KV_TEXT,
                                      .span = {(const uint8_t *)column->text, (uint32_t)used}};
    return result;
}

static int64_t odbc_us(const SQL_TIMESTAMP_STRUCT *moment)
{
    struct tm tm = {.tm_year = moment->year - 1900,
                    .tm_mon = moment->month - 1,
                    .tm_mday = moment->day,
                    .tm_hour = moment->hour,
                    .tm_min = moment->minute,
                    .tm_sec = moment->second};
    return (int64_t)timegm(&tm) * 1000000;
}

static SQLRETURN odbc_read_one(struct odbc *odbc, SQLUSMALLINT at, struct odbc_column *column, uint32_t most)
{
    SQLLEN told = 0;
    SQLRETURN result;
    SQL_TIMESTAMP_STRUCT moment = {0};
    bool timed = column->type == SQL_TYPE_TIMESTAMP;
    column->value = (struct kv_value){.tag = KV_NONE};
    if (odbc_is_whole(column)) {
        column->value.tag = KV_INT;
        result = SQLGetData(odbc->statement, at, SQL_C_SBIGINT, &column->value.word, 0, &told);
    } else if (odbc_is_real(column)) {
        column->value.tag = KV_FLOAT;
        result = SQLGetData(odbc->statement, at, SQL_C_DOUBLE, &column->value.number, 0, &told);
    } else if (timed) {
        column->value.tag = KV_TIME;
        result = SQLGetData(odbc->statement, at, SQL_C_TYPE_TIMESTAMP, &moment, 0, &told);
        column->value.word = odbc_us(&moment);
    } else {
        return odbc_read_text(odbc, at, column, most);
    }
    if (told == SQL_NULL_DATA) column->value.tag = KV_NONE;
    return result;
}

/* Does the column's text fit into an answer? A text that is too long was not read to its end, and may end within a
 * character. */
static bool odbc_value_fits(const struct odbc *odbc, const struct odbc_column *column, struct answer *answer)
{
    unsigned most = odbc->options->bytes_max;
    return !column->text || column->value.span.length <= most ||
           answer_fail(answer, outcome_error, code_too_large, "more than %u bytes", most);
}

/* Reads a row. False: the answer has failed. */
static bool odbc_row_take(struct odbc *odbc, struct odbc_row *row, const int *places, size_t count,
                          struct answer *answer)
{
    bool good = answer_row_begin(answer);
    for (int i = 0; good && i < row->count; i++) {
        good = SQL_SUCCEEDED(odbc_read_one(odbc, (SQLUSMALLINT)(i + 1), &row->columns[i], odbc->options->bytes_max));
        if (!good) odbc_fail(odbc, row->query, answer);
    }
    for (size_t i = 0; good && i < count; i++)
        good = odbc_value_fits(odbc, &row->columns[places[i]], answer) &&
               answer_value(answer, &row->query->columns[i], answer->columns[i], &row->columns[places[i]].value);
    for (int i = 0; i < row->count; i++) {
        free(row->columns[i].text);
        row->columns[i].text = NULL;
    }
    return good && answer_row_end(answer);
}

static void odbc_rows_take(struct odbc *odbc, const struct source_query *query, struct answer *answer)
{
    struct odbc_row *row = memory_zeroed(1, sizeof *row);
    const struct answer_result *columns = NULL;
    int places[SOURCE_COLUMNS_MAX];
    SQLRETURN result = SQL_NO_DATA;
    row->query = query;
    if (odbc_describe(odbc, row, answer)) {
        columns = &(const struct answer_result){row, row->count, odbc_name};
        size_t count = answer_columns(answer, query->columns, query->column_count, columns, places);
        while (answer_ok(answer) && SQL_SUCCEEDED(result = SQLFetch(odbc->statement))) {
            if (!odbc_row_take(odbc, row, places, count, answer)) break;
            if (query->rows == 1) break; /* only the first row was asked for */
        }
        if (answer_ok(answer) && !SQL_SUCCEEDED(result) && result != SQL_NO_DATA) odbc_fail(odbc, query, answer);
    }
    free(row);
}

/* --- A query --- */

static void odbc_statement_set(struct odbc *odbc, SQLHSTMT statement)
{
    pthread_mutex_lock(&odbc->lock);
    SQLHSTMT before = odbc->statement;
    odbc->statement = statement;
    pthread_mutex_unlock(&odbc->lock);
    if (before) SQLFreeHandle(SQL_HANDLE_STMT, before);
}

/* Runs a query. True: the connection was lost, and nothing has been done. */
static bool odbc_execute(struct odbc *odbc, const struct source_query *query, const char *text, const int *numbers,
                         int count, struct answer *answer)
{
    struct odbc_bound *bound = memory_zeroed(1, sizeof *bound);
    uint64_t now = host_monotonic_us();
    SQLULEN seconds = now < query->deadline_us ? (SQLULEN)((query->deadline_us - now + 999999) / 1000000) : 1;
    bool lost = false;
    SQLSetStmtAttr(odbc->statement, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)seconds, SQL_IS_UINTEGER);
    if (atomic_load(&query->cancelled)) { /* the query was cancelled before there was a statement to cancel */
        answer_fail(answer, outcome_timeout, code_timeout, "it is not wanted any more");
    } else if (odbc_bind(odbc, query, numbers, count, bound, answer)) {
        SQLRETURN result = SQLExecDirect(odbc->statement, (SQLCHAR *)(uintptr_t)text, SQL_NTS);
        SQLLEN changed = 0;
        if (!SQL_SUCCEEDED(result) && result != SQL_NO_DATA)
            lost = odbc_fail(odbc, query, answer);
        else if (query->column_count > 0)
            odbc_rows_take(odbc, query, answer);
        else if (SQL_SUCCEEDED(SQLRowCount(odbc->statement, &changed)))
            answer_changed(answer, changed < 0 ? 0 : changed);
    }
    for (int i = 0; i < MARKERS_MAX; i++) free(bound->lists[i]);
    free(bound);
    return lost;
}

static bool odbc_once(struct odbc *odbc, const struct source_query *query, const char *text, const int *numbers,
                      int count, struct answer *answer)
{
    SQLHSTMT statement = NULL;
    if (!odbc_connect(odbc, answer)) return false;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, odbc->connection, &statement))) {
        odbc_disconnect(odbc);
        answer_fail(answer, outcome_error, code_unavailable, "the driver has no more statements");
        return true;
    }
    odbc_statement_set(odbc, statement);
    bool lost = odbc_execute(odbc, query, text, numbers, count, answer);
    odbc_statement_set(odbc, NULL);
    if (lost) odbc_disconnect(odbc);
    return lost;
}

static void odbc_run(void *self, const struct source_query *query, struct answer *answer)
{
    struct odbc *odbc = self;
    int numbers[MARKERS_MAX], count;
    char *text = odbc_text(query->text, numbers, &count);
    bool connected = odbc->connected;
    if (!text)
        answer_fail(answer, outcome_error, code_refused, "the statement takes more than %d values", MARKERS_MAX);
    else if (odbc_once(odbc, query, text, numbers, count, answer) && connected && !query->write &&
             !atomic_load(&query->cancelled)) {
        answer_free(answer); /* the connection had been lost before this query, which is asked once more */
        source_answer_init(query, answer);
        odbc_once(odbc, query, text, numbers, count, answer);
    }
    free(text);
}

static void odbc_interrupt(void *self)
{
    struct odbc *odbc = self;
    pthread_mutex_lock(&odbc->lock);
    if (odbc->statement) SQLCancel(odbc->statement);
    pthread_mutex_unlock(&odbc->lock);
}

static void *odbc_begin(const struct source_options *options)
{
    struct odbc *odbc = memory_zeroed(1, sizeof *odbc);
    odbc->options = options;
    pthread_mutex_init(&odbc->lock, NULL);
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &odbc->environment)) ||
        !SQL_SUCCEEDED(SQLSetEnvAttr(odbc->environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0)) ||
        !SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, odbc->environment, &odbc->connection)))
        abort(); /* no memory */
    return odbc;
}

static void odbc_end(void *self)
{
    struct odbc *odbc = self;
    odbc_disconnect(odbc);
    SQLFreeHandle(SQL_HANDLE_DBC, odbc->connection);
    SQLFreeHandle(SQL_HANDLE_ENV, odbc->environment);
    pthread_mutex_destroy(&odbc->lock);
    free(odbc);
}

static bool odbc_check(const struct source_options *options, struct error *error)
{
    if (!strcasestr(options->odbc, "pwd=") && !strcasestr(options->odbc, "password=")) return true;
    return error_set(error, ERROR_INPUT,
                     "source `%s`: `odbc` holds a password (nothing of it is shown here); expected `password_file`",
                     options->name);
}

static void *odbc_open(struct source *source, const struct source_options *options, struct event_base *base,
                       struct error *error)
{
    static const struct workers_ops ops = {
        .begin = odbc_begin, .run = odbc_run, .interrupt = odbc_interrupt, .end = odbc_end};
    (void)base;
    return workers_new(source, options, options->connections, &ops, error);
}

const struct source_kind source_odbc = {"odbc",      odbc_check,     odbc_open,           workers_free,
                                        workers_ask, workers_cancel, source_workers_read, NULL};
