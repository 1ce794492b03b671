/* runtime/sources/rows.c - Reads PostgreSQL results: columns by name, values by type, errors by SQLSTATE.
 *
 * Rows come one by one, so that only one copy of a result is in memory, whatever its size. The columns are looked up
 * by their exact names when the first row comes. An error is judged by its SQLSTATE, never by its text, which is in
 * the server's language: whether it ends the session, whether the server or the statement is at fault, and whether
 * another try is worthwhile. The error's text is shown to people without the values it quotes, since these may be a
 * caller's. */
#include "runtime/sources/rows.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sources/pgtypes.h"
#include "base/memory.h"

void rows_begin(struct rows *rows, const struct source_query *query)
{
    rows_free(rows);
    rows->answer = memory_zeroed(1, sizeof *rows->answer);
    source_answer_init(query, rows->answer);
}

void rows_free(struct rows *rows)
{
    if (rows->answer) answer_free(rows->answer);
    free(rows->answer);
    *rows = (struct rows){0};
}

bool rows_enough(const struct rows *rows)
{
    return rows->enough;
}

static const char *rows_column_name(const void *result, int column)
{
    return PQfname(result, column);
}

static void rows_columns_find(struct rows *rows, const struct source_query *query, const PGresult *result)
{
    assert(!rows->known && rows->count == 0);
    const struct answer_result columns = {result, PQnfields(result), rows_column_name};
    rows->known = true;
    rows->count = answer_columns(rows->answer, query->columns, query->column_count, &columns, rows->places);
}

static bool value_take(struct rows *rows, const PGresult *result, int row, size_t index,
                       const struct source_column *demanded)
{
    assert(index < rows->count);
    static const struct kv_value none = {.tag = KV_NONE};
    int place = rows->places[index];
    const char *name = rows->answer->columns[index], *why;
    struct kv_value found;
    struct source_column as = *demanded;
    bool micros;
    if (PQgetisnull(result, row, place)) return answer_value(rows->answer, demanded, name, &none);
    why = pgtype_read(PQftype(result, place), PQgetvalue(result, row, place), (size_t)PQgetlength(result, row, place),
                      demanded->type, &found, &micros);
    if (why) return answer_mismatch(rows->answer, demanded, name, why);
    if (micros) as.type = SOURCE_INT; /* a duration in microseconds needs no conversion from seconds */
    return answer_value(rows->answer, &as, name, &found);
}

static bool rows_row_take(struct rows *rows, const struct source_query *query, const PGresult *result, int row)
{
    if (!answer_row_begin(rows->answer)) return false;
    for (size_t i = 0; i < rows->count; i++)
        if (!value_take(rows, result, row, i, &query->columns[i])) return false;
    return answer_row_end(rows->answer);
}

void rows_take(struct rows *rows, const struct source_query *query, const PGresult *result)
{
    if (rows->enough) return;
    /* the statement returns no rows: the answer is the number of rows that it changed */
    if (PQnfields(result) == 0 || query->column_count == 0) {
        if (PQresultStatus(result) != PGRES_SINGLE_TUPLE)
            answer_changed(rows->answer, strtoll(PQcmdTuples((PGresult *)result), NULL, 10));
        return;
    }
    if (!rows->known) rows_columns_find(rows, query, result);
    for (int row = 0; row < PQntuples(result) && answer_ok(rows->answer) && !rows->enough; row++) {
        rows_row_take(rows, query, result, row);
        rows->enough = query->rows == 1; /* only the first row was asked for */
    }
    rows->enough = rows->enough || !answer_ok(rows->answer);
}

void rows_end(struct rows *rows, struct source_query *query)
{
    assert(rows->answer);
    source_answer(query, rows->answer);
    free(rows->answer);
    *rows = (struct rows){0};
}

static bool of_class(const char *state, const char *class)
{
    return strncmp(state, class, strlen(class)) == 0;
}

/* Has the session with the server ended with this error? The class of the SQLSTATE alone is not enough: the error
 * may be about another server that the statement used. */
static bool ends_session(const PGresult *result, const char *state)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity && strcmp(severity, "ERROR") == 0) return false;
    return of_class(state, "08") || of_class(state, "57P") || strcmp(state, "25P03") == 0;
}

/* Shows the first line of the error's text, without the quoted value if a value did not fit: `invalid input syntax for
 * type integer: "4711x"`, `value "4711" is out of range for type integer`. The value may contain quotes and line feeds
 * itself. */
static void rows_show_error(const char *message, const char *state, char *text, size_t room)
{
    const char *value = of_class(state, "22") ? strchr(message, '"') : NULL;
    size_t before = strcspn(message, "\n");
    if (!value) {
        snprintf(text, room, "%.*s (%s)", (int)(before < 320 ? before : 320), message, state);
        return;
    }
    const char *after = strrchr(value, '"') + 1;
    before = (size_t)(value - message);
    if (after == value + 1) after += strlen(after); /* the server has cut the value */
    if (*after == '\0' && before >= 2 && strncmp(value - 2, ": ", 2) == 0)
        snprintf(text, room, "%.*s (%s)", (int)(before - 2 < 320 ? before - 2 : 320), message, state);
    else
        snprintf(text, room, "%.*s...%.*s (%s)", (int)(before < 160 ? before : 160), message,
                 (int)(strcspn(after, "\n") < 160 ? strcspn(after, "\n") : 160), after, state);
}

void rows_failure(const struct source_options *options, const PGresult *result, struct rows_failure *failure)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    *failure = (struct rows_failure){.outcome = outcome_error, .code = code_refused};
    if (!state) state = "08000"; /* libpq's own failure: the connection is lost */
    if (!message) message = PQresultErrorMessage(result);
    rows_show_error(message, state, failure->text, sizeof failure->text);
    failure->lost = ends_session(result, state);
    failure->locked = strcmp(state, "55P03") == 0 || of_class(state, "40");
    failure->cancelled = strcmp(state, "57014") == 0;
    failure->forgotten = strcmp(state, "26000") == 0 ||
                         (strcmp(state, "0A000") == 0 && PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION) &&
                          strcmp(PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION), "RevalidateCachedQuery") == 0);
    failure->unavailable = failure->lost || failure->cancelled || of_class(state, "08") || of_class(state, "53") ||
                           of_class(state, "57P") || of_class(state, "58") || of_class(state, "XX");
    if (failure->unavailable || failure->locked) failure->code = code_unavailable;
    if (strcmp(state, "55P03") == 0)
        snprintf(failure->text, sizeof failure->text, "locked (waited %llu ms)",
                 (unsigned long long)(options->busy_us / 1000));
    if (strcmp(state, "25006") == 0)
        snprintf(failure->text, sizeof failure->text, "it is read-only: `write = true` is not set");
    if (failure->cancelled) {
        failure->outcome = outcome_timeout;
        failure->code = code_timeout;
    }
}
