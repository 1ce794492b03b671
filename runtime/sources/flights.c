/* runtime/sources/flights.c - Statements in flight: prepares, binds and sends them one behind the other, and takes
 * their results.
 *
 * A session is in libpq's pipeline mode. A flight is one statement that was sent and whose sync has not come back;
 * flights are in a ring in the order in which they were sent, which is the order of the results: each result belongs
 * to the first flight. A flight either prepares a statement (the queries for it wait in `prepared->waiting` until
 * the server has told the types of its parameters) or runs one (`runs`) for a query.
 *
 *     flights_send -> known and ready:  flight_run
 *                  -> not known:        flight_prepare, and flight_run for each that waits when it is described
 *
 * A query leaves its flight when it is answered, cancelled or late; the flight stays until its sync, and its results
 * are read and dropped. `load` counts the queries of the session, in flights or waiting; `unsent` those that wait
 * for a statement.
 *
 * Each function that is called back may end the connection: `generation` shows whether it is still the same one. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/sources/pgtypes.h"
#include "runtime/sources/pgsession_state.h"
#include "base/memory.h"

struct flight *flight_at(const struct pgsession *session, unsigned index)
{
    assert(index < session->count);
    return &session->flights[(session->first + index) % session->capacity];
}

/* Takes the query out of its flight, and drops the answer that was begun for the query. */
struct source_query *flight_leave(struct pgsession *session, struct flight *flight)
{
    struct source_query *query = flight->query;
    flight->query = NULL;
    if (!query) return NULL;
    assert(session->load > 0);
    session->load--;
    if (flight == flight_at(session, 0)) {
        rows_free(&session->rows);
        session->unwanted_us = host_monotonic_us();
    }
    return query;
}

/* Begins with the statement in flight that is the first now: its time counts from here, and the next results belong to
 * it. If nobody wants the query's answer any more, the flight begins as an unwanted one. */
static void head_begin(struct pgsession *session)
{
    struct flight *flight = flight_at(session, 0);
    session->head_us = host_monotonic_us();
    session->unwanted_us = flight->runs && !flight->query ? session->head_us : 0;
    if (!flight->runs) return;
    PQsetSingleRowMode(session->pg); /* row by row, so that a result needs no more memory than its limits allow */
    if (flight->query) rows_begin(&session->rows, flight->query);
}

static struct flight *flight_new(struct pgsession *session, struct prepared *prepared)
{
    struct flight *flight;
    assert(session->count < session->capacity);
    flight = &session->flights[(session->first + session->count++) % session->capacity];
    *flight = (struct flight){.prepared = prepared};
    return flight;
}

static struct prepared *prepared_find(struct pgsession *session, const uint8_t *hash)
{
    for (size_t i = 0; i < session->prepared_count; i++)
        if (memcmp(session->prepared[i]->hash, hash, SOURCE_HASH) == 0) return session->prepared[i];
    return NULL;
}

/* Prepares a statement, once for each connection, under a name that was not used before. */
static bool flight_prepare(struct pgsession *session, const struct source_query *query, struct prepared **made)
{
    assert(!prepared_find(session, query->hash));
    struct prepared *prepared = memory_zeroed(1, sizeof *prepared);
    memcpy(prepared->hash, query->hash, SOURCE_HASH);
    query_queue_init(&prepared->waiting, UINT32_MAX, UINT64_MAX);
    snprintf(prepared->name, sizeof prepared->name, "gcx_%llu", (unsigned long long)++session->names);
    session->prepared[session->prepared_count++] = *made = prepared;
    flight_new(session, prepared);
    if (session->count == 1) session->head_us = host_monotonic_us();
    return PQsendPrepare(session->pg, prepared->name, query->text, 0, NULL) == 1 &&
           PQsendDescribePrepared(session->pg, prepared->name) == 1 && PQpipelineSync(session->pg) == 1;
}

struct params {
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX], formats[PARAMS_MAX], count;
};

/* Writes the bound values by the types that the server has told; false: the query was refused. */
static bool params_fill(struct pgsession *session, const struct prepared *prepared, struct source_query *query,
                        struct params *params)
{
    assert(prepared->ready && prepared->type_count <= PARAMS_MAX);
    struct kv_pair pair;
    /* An element of a list needs at most eight times its bytes. */
    size_t room = 8 * query->params.length + (size_t)(prepared->type_count + 1) * (PGTYPE_ROOM + 1), at = 0;
    params->count = 0;
    if (room > session->scratch_size) {
        session->scratch = memory_grown(session->scratch, room, 1);
        session->scratch_size = room;
    }
    for (uint32_t next = 0; kv_next(query->params, &next, &pair); params->count++) {
        const char *text;
        char number[PGTYPE_ROOM];
        size_t length;
        bool binary;
        int n = params->count;
        if (n == prepared->type_count)
            return source_fail(query, outcome_error, code_refused, "the statement takes %d parameters; given were more",
                               n);
        bool list = pair.value.tag == KV_LIST;
        char *to = session->scratch + at;
        binary = false;
        text = to;
        if (list ? !pgtype_write_list(prepared->types[n], pair.value.span, to, room - at - 1, &length)
                 : !pgtype_write(prepared->types[n], &pair.value, number, &text, &length, &binary))
            return source_fail(query, outcome_error, code_refused,
                               "parameter %d is a list of lists, or has a text with a zero byte", n + 1);
        params->values[n] = NULL;
        params->lengths[n] = (int)length;
        params->formats[n] = binary;
        if (!text) continue;
        assert(at + length < room);
        if (!list) memcpy(to, text, length);
        params->values[n] = to;
        session->scratch[at + length] = '\0';
        at += length + 1;
    }
    if (params->count == prepared->type_count) return true;
    return source_fail(query, outcome_error, code_refused, "the statement takes %d parameters; given were %d",
                       prepared->type_count, params->count);
}

/* Runs a prepared statement for a query. False: the connection is lost. */
static bool flight_run(struct pgsession *session, struct prepared *prepared, struct source_query *query)
{
    struct params params;
    struct flight *flight;
    bool good;
    assert(prepared->ready && session->load > 0);
    if (!params_fill(session, prepared, query, &params)) {
        session->load--;
        session->calls.settled(session->calls.self, NEWS_NEUTRAL);
        return true;
    }
    flight = flight_new(session, prepared);
    flight->runs = true;
    flight->query = query;
    flight->write = query->write;
    good = PQsendQueryPrepared(session->pg, prepared->name, params.count, params.values, params.lengths, params.formats,
                               0) == 1;
    if (session->count == 1) head_begin(session);
    return good && PQpipelineSync(session->pg) == 1;
}

bool flights_send(struct pgsession *session, struct source_query *query)
{
    struct prepared *prepared = prepared_find(session, query->hash);
    bool good = true;
    session->load++;
    /* no query is sent after a write until its answer has come; statements sent before it only read */
    session->exclusive = query->write;
    if (!prepared) good = flight_prepare(session, query, &prepared);
    if (prepared->ready) {
        good = flight_run(session, prepared, query);
    } else {
        query_queue_put(&prepared->waiting, query);
        session->unsent++;
    }
    return good;
}

/* ---- results ---- */

static void prepared_drop(struct pgsession *session, struct prepared *prepared)
{
    assert(!prepared->waiting.first); /* no query waits for the statement */
    for (size_t i = 0; i < session->prepared_count; i++)
        if (session->prepared[i] == prepared) session->prepared[i--] = session->prepared[--session->prepared_count];
    for (unsigned i = 0; i < session->count; i++)
        if (flight_at(session, i)->prepared == prepared) flight_at(session, i)->prepared = NULL;
    free(prepared);
}

static void prepared_describe(struct prepared *prepared, const PGresult *result)
{
    prepared->type_count = PQnparams(result) < PARAMS_MAX ? PQnparams(result) : PARAMS_MAX;
    for (int i = 0; i < prepared->type_count; i++) prepared->types[i] = PQparamtype(result, i);
    prepared->ready = true;
}

/* Sends the queries that waited for the statement to be prepared. */
static bool prepared_run(struct pgsession *session, struct prepared *prepared)
{
    assert(prepared->ready);
    struct source_query *query;
    bool good = true;
    while (good && (query = query_queue_take(&prepared->waiting))) {
        assert(session->unsent > 0);
        session->unsent--;
        good = flight_run(session, prepared, query);
    }
    return good;
}

/* May a cancel for another statement have hit this one? A cancel is sent for a connection, and hits the statement
 * that runs there when it comes. */
static bool flights_stray(const struct pgsession *session)
{
    return session->cancelling ||
           (session->cancelled_us != 0 && host_monotonic_us() - session->cancelled_us < STRAY_US);
}

/* The server has refused the statement: the queries that wait for it fail, or are asked again if the reason was not
 * their own. */
static void prepared_fail(struct pgsession *session, struct prepared *prepared, const PGresult *result)
{
    struct source_query *query;
    struct rows_failure failure;
    rows_failure(session->options, result, &failure);
    while ((query = query_queue_take(&prepared->waiting))) {
        assert(session->load > 0 && session->unsent > 0);
        session->load--;
        session->unsent--;
        if (failure.lost || (failure.cancelled && flights_stray(session))) {
            session->calls.again(session->calls.self, query, failure.text);
            continue;
        }
        source_fail(query, failure.outcome, failure.code, "%s", failure.text);
    }
    prepared_drop(session, prepared);
    session->calls.settled(session->calls.self, failure.cancelled     ? NEWS_NEUTRAL
                                                : failure.unavailable ? NEWS_BAD
                                                                      : NEWS_GOOD);
}

/* Takes the failure of a statement that ran: it is the answer to the query. A query that was hit by the cancel for
 * another one is asked again, and so is a read whose connection is lost; a write whose result is not known is never
 * asked again. */
static void run_fail(struct pgsession *session, struct flight *flight, const PGresult *result)
{
    struct rows_failure failure;
    struct source_query *query;
    rows_failure(session->options, result, &failure);
    /* this session has cancelled the statement, or needs no more rows */
    if (!flight->query || rows_enough(&session->rows)) return;
    if ((failure.cancelled && flights_stray(session)) || failure.forgotten) {
        if (failure.forgotten && flight->prepared && !flight->prepared->waiting.first)
            prepared_drop(session, flight->prepared);
        query = flight_leave(session, flight);
        if (query) session->calls.again(session->calls.self, query, failure.text);
        return;
    }
    if (failure.lost && !flight->write) return; /* a read of a lost connection: the query is asked again */
    query = flight_leave(session, flight);
    if (failure.lost)
        source_fail(query, outcome_unknown, code_outcome_unknown, "%s: whether it was done is not known", failure.text);
    else
        source_fail(query, failure.outcome, failure.code, "%s", failure.text);
    session->calls.settled(session->calls.self, failure.locked        ? NEWS_NEUTRAL
                                                : failure.unavailable ? NEWS_BAD
                                                                      : NEWS_GOOD);
}

/* Ends the first statement in flight, because the sync after it has come. False: the connection is lost. */
static bool flight_end(struct pgsession *session)
{
    assert(session->count > 0);
    struct flight *flight = flight_at(session, 0);
    struct source_query *query = flight->query;
    struct prepared *fresh = flight->runs ? NULL : flight->prepared;
    if (query) {
        flight->query = NULL;
        assert(session->load > 0);
        session->load--;
        rows_end(&session->rows, query);
        session->calls.settled(session->calls.self, NEWS_GOOD);
    }
    session->first = (session->first + 1) % session->capacity;
    session->count--;
    session->unwanted_us = 0;
    if (session->count > 0) head_begin(session);
    return !fresh || !fresh->ready || prepared_run(session, fresh);
}

/* Takes one result by its status; a sync is a result, too. */
static bool flight_take(struct pgsession *session, PGresult *result)
{
    struct flight *flight = flight_at(session, 0);
    switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
        return flight_end(session);
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        if (flight->query) rows_take(&session->rows, flight->query, result);
        if (rows_enough(&session->rows) && session->unwanted_us == 0) session->unwanted_us = host_monotonic_us();
        return true;
    case PGRES_COMMAND_OK:
        if (!flight->runs && flight->prepared && ++flight->results == 2)
            prepared_describe(flight->prepared, result);
        else if (flight->query)
            rows_take(&session->rows, flight->query, result);
        return true;
    case PGRES_FATAL_ERROR:
        if (flight->runs)
            run_fail(session, flight, result);
        else if (flight->prepared)
            prepared_fail(session, flight->prepared, result);
        return true;
    case PGRES_PIPELINE_ABORTED:
        return true;
    default: /* COPY, or a text without a statement */
        if (flight->query) {
            source_fail(flight_leave(session, flight), outcome_error, code_refused, "the text is not one statement");
            session->calls.settled(session->calls.self, NEWS_NEUTRAL);
        }
        return PQresultStatus(result) == PGRES_EMPTY_QUERY;
    }
}

/* Takes the results that have come, at most RESULTS_MAX in a row, so that other sessions have their turn: the rest
 * is taken by a timer that fires at once. */
bool flights_take(struct pgsession *session)
{
    uint64_t generation = session->generation;
    unsigned taken = 0;
    for (unsigned nulls = 0; session->count > 0 && taken < RESULTS_MAX && !PQisBusy(session->pg);) {
        PGresult *result = PQgetResult(session->pg);
        bool good;
        if (!result && ++nulls < NULLS_MAX) continue;
        if (!result) break;
        nulls = 0;
        taken++;
        good = flight_take(session, result);
        PQclear(result);
        if (session->generation != generation) return true;
        if (!good) return false;
    }
    session->more = taken == RESULTS_MAX;
    return true;
}
