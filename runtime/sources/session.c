/* runtime/sources/session.c - A connection's life: made, set up, ready, lost; and its flights. Rows are rows.c's. */
#include "runtime/sources/session.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/sources/pgtypes.h"
#include "runtime/sources/rows.h"
#include "runtime/vocabulary/memory.h"

enum {
    STATEMENTS_MAX = 512,
    PARAMS_MAX = 256,
    NULLS_MAX = 8,
    SLOW_US = 50000,
    UNWANTED_US = 50000,
    STRAY_US = 2000000
};

enum state { STATE_OFF, STATE_CONNECTING, STATE_SETTING, STATE_READY };

struct prepared {
    uint8_t hash[SOURCE_HASH];
    char name[24];
    bool ready;
    Oid types[PARAMS_MAX];
    int type_count;
    struct query_queue waiting; /* until it is ready */
};

struct flight {
    struct prepared *prepared;
    struct source_query *query; /* NULL: nobody waits for it any more, or it only prepares */
    bool runs;                  /* else it prepares */
    bool write;
};

struct session {
    struct event_base *base;
    struct aside *aside;
    const struct source_options *options;
    struct session_calls calls;
    enum state state;
    PGconn *pg;
    struct event *event;
    evutil_socket_t fd;
    short watched;
    uint64_t generation, since_us, names;
    struct prepared *prepared[STATEMENTS_MAX];
    size_t prepared_count;
    struct flight *flights; /* a ring */
    unsigned capacity, first, count, load;
    unsigned unsent;       /* of the load: they wait for their statement, and have no flight yet */
    struct rows rows;      /* of the first one */
    uint64_t head_us;      /* when it became the first */
    uint64_t unwanted_us;  /* since when nothing more is wanted of it; 0: it is wanted */
    bool cancelling;       /* a cancel is on its way to the server */
    uint64_t cancelled_us; /* when the last one had got there: it may hit the next statement */
    char *scratch;         /* texts of parameters */
    size_t scratch_size;
};

static void lost(struct session *, const char *why);

struct session *session_new(struct event_base *base, struct aside *aside, const struct source_options *options,
                            const struct session_calls *calls)
{
    struct session *session = memory_zeroed(1, sizeof *session);
    session->base = base;
    session->aside = aside;
    session->options = options;
    session->calls = *calls;
    session->fd = -1;
    session->capacity = 2 * options->pipeline + 2;
    session->flights = memory_zeroed(session->capacity, sizeof *session->flights);
    return session;
}

static struct flight *flight_at(const struct session *session, unsigned index)
{
    assert(index < session->count);
    return &session->flights[(session->first + index) % session->capacity];
}

/* Takes the query out of its flight: the answer begun for it goes. */
static struct source_query *flight_leave(struct session *session, struct flight *flight)
{
    struct source_query *query = flight->query;
    flight->query = NULL;
    if (query == NULL) return NULL;
    session->load--;
    if (flight == flight_at(session, 0)) {
        rows_free(&session->rows);
        session->unwanted_us = clock_monotonic_us();
    }
    return query;
}

static void disconnect(struct session *session)
{
    for (size_t i = 0; i < session->prepared_count; i++) {
        query_queue_free(&session->prepared[i]->waiting);
        free(session->prepared[i]);
    }
    session->prepared_count = 0;
    session->first = session->count = session->load = session->unsent = 0;
    rows_free(&session->rows);
    if (session->event != NULL) event_free(session->event); /* before its descriptor is closed */
    session->event = NULL;
    session->fd = -1;
    PQfinish(session->pg);
    session->pg = NULL;
    session->state = STATE_OFF;
    session->cancelling = false;
    session->cancelled_us = session->unwanted_us = 0;
    session->generation++;
}

void session_free(struct session *session)
{
    if (session == NULL) return;
    for (unsigned i = 0; i < session->count; i++) free(flight_at(session, i)->query);
    disconnect(session);
    free(session->flights);
    free(session->scratch);
    free(session);
}

/* The first line of what libpq says. */
static const char *reason(struct session *session, char room[256])
{
    const char *text = session->pg != NULL ? PQerrorMessage(session->pg) : "";
    snprintf(room, 256, "%.*s", (int)(strcspn(text, "\n") < 250 ? strcspn(text, "\n") : 250), text);
    return room[0] != '\0' ? room : "the connection was lost";
}

static void lost_now(struct session *session)
{
    char room[256];
    lost(session, reason(session, room));
}

/* Everything that was in flight finds its end, or its way back, the oldest to be the first again. */
static void lost(struct session *session, const char *why)
{
    char text[256];
    bool was_up = session->state == STATE_READY;
    struct source_query *query;
    snprintf(text, sizeof text, "%s", why);
    for (size_t i = 0; i < session->prepared_count; i++)
        while ((query = query_queue_take(&session->prepared[i]->waiting)) != NULL)
            session->calls.again(session->calls.self, query, text);
    for (unsigned i = session->count; i-- > 0;) {
        struct flight *flight = flight_at(session, i);
        bool write = flight->write;
        query = flight_leave(session, flight);
        if (query == NULL) continue;
        if (write)
            source_fail(query, outcome_unknown, code_outcome_unknown,
                        "the connection was lost (%s): whether it was done is not known", text);
        else
            session->calls.again(session->calls.self, query, text);
    }
    disconnect(session);
    session->calls.down(session->calls.self, was_up, text);
}

bool session_off(const struct session *session)
{
    return session->state == STATE_OFF;
}

bool session_up(const struct session *session)
{
    return session->state == STATE_READY;
}

bool session_ready(const struct session *session)
{
    return session->state == STATE_READY && session->prepared_count < STATEMENTS_MAX;
}

unsigned session_load(const struct session *session)
{
    return session->load;
}

bool session_room(const struct session *session, bool write, uint64_t now_us)
{
    if (!session_ready(session) || session->count + session->unsent + 2 > session->capacity) return false;
    if (session->load == 0 && session->count == 0) return true;
    if (write || session->load >= session->options->pipeline) return false;
    for (unsigned i = 0; i < session->count; i++)
        if (flight_at(session, i)->write) return false;
    for (size_t i = 0; i < session->prepared_count; i++)
        if (session->prepared[i]->waiting.first != NULL && session->prepared[i]->waiting.first->write) return false;
    return now_us - session->head_us < SLOW_US;
}

uint64_t session_look(const struct session *session)
{
    return session->unwanted_us != 0 && !session->cancelling ? session->unwanted_us + UNWANTED_US : UINT64_MAX;
}

/* ---- sending ---- */

static void on_socket(evutil_socket_t, short, void *);

static void watch(struct session *session, short what)
{
    evutil_socket_t fd = PQsocket(session->pg);
    if (fd == session->fd && what == session->watched) return;
    if (session->event != NULL) event_free(session->event);
    session->event = event_new(session->base, fd, (short)(what | EV_PERSIST), on_socket, session);
    if (session->event == NULL || event_add(session->event, NULL) != 0) abort();
    session->fd = fd;
    session->watched = what;
}

static bool flush(struct session *session)
{
    int result = PQflush(session->pg);
    if (result < 0) return false;
    watch(session, result > 0 ? EV_READ | EV_WRITE : EV_READ);
    return true;
}

static void head_begin(struct session *session)
{
    struct flight *flight = flight_at(session, 0);
    session->head_us = clock_monotonic_us();
    session->unwanted_us = flight->runs && flight->query == NULL ? session->head_us : 0;
    if (!flight->runs) return;
    PQsetSingleRowMode(session->pg); /* so that the bounds of a result are those of memory */
    if (flight->query != NULL) rows_begin(&session->rows, flight->query);
}

static struct flight *flight_new(struct session *session, struct prepared *prepared)
{
    struct flight *flight;
    assert(session->count < session->capacity);
    flight = &session->flights[(session->first + session->count++) % session->capacity];
    *flight = (struct flight){.prepared = prepared};
    return flight;
}

static struct prepared *prepared_find(struct session *session, const uint8_t *hash)
{
    for (size_t i = 0; i < session->prepared_count; i++)
        if (memcmp(session->prepared[i]->hash, hash, SOURCE_HASH) == 0) return session->prepared[i];
    return NULL;
}

static bool prepare(struct session *session, const struct source_query *query, struct prepared **made)
{
    struct prepared *prepared = memory_zeroed(1, sizeof *prepared);
    memcpy(prepared->hash, query->hash, SOURCE_HASH);
    query_queue_init(&prepared->waiting, UINT32_MAX, UINT64_MAX);
    snprintf(prepared->name, sizeof prepared->name, "gcx_%llu", (unsigned long long)++session->names);
    session->prepared[session->prepared_count++] = *made = prepared;
    flight_new(session, prepared);
    if (session->count == 1) session->head_us = clock_monotonic_us();
    return PQsendPrepare(session->pg, prepared->name, query->text, 0, NULL) == 1 &&
           PQsendDescribePrepared(session->pg, prepared->name) == 1 && PQpipelineSync(session->pg) == 1;
}

struct params {
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX], formats[PARAMS_MAX], count;
};

/* The bound values by the types that the server named; false where the query was refused. */
static bool params_fill(struct session *session, const struct prepared *prepared, struct source_query *query,
                        struct params *params)
{
    struct kv_pair pair;
    size_t room = query->params.length + (size_t)(prepared->type_count + 1) * (PGTYPE_ROOM + 1), at = 0;
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
        if (n == prepared->type_count) {
            source_fail(query, outcome_error, code_refused, "the statement takes %d parameters; given were more", n);
            return false;
        }
        if (!pgtype_write(prepared->types[n], &pair.value, number, &text, &length, &binary)) {
            source_fail(query, outcome_error, code_refused, "parameter %d is a list, or a text with a zero byte",
                        n + 1);
            return false;
        }
        params->values[n] = NULL;
        params->lengths[n] = (int)length;
        params->formats[n] = binary;
        if (text == NULL) continue;
        params->values[n] = memcpy(session->scratch + at, text, length);
        session->scratch[at + length] = '\0';
        at += length + 1;
    }
    if (params->count == prepared->type_count) return true;
    source_fail(query, outcome_error, code_refused, "the statement takes %d parameters; given were %d",
                prepared->type_count, params->count);
    return false;
}

/* False where the connection is lost. */
static bool run(struct session *session, struct prepared *prepared, struct source_query *query)
{
    struct params params;
    struct flight *flight;
    bool good;
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

void session_send(struct session *session, struct source_query *query)
{
    struct prepared *prepared = prepared_find(session, query->hash);
    bool good = true;
    session->load++;
    if (prepared == NULL) good = prepare(session, query, &prepared);
    if (prepared->ready) {
        good = run(session, prepared, query);
    } else {
        query_queue_put(&prepared->waiting, query);
        session->unsent++;
    }
    if (!good || !flush(session)) lost_now(session);
}

/* ---- results ---- */

static void prepared_drop(struct session *session, struct prepared *prepared)
{
    for (size_t i = 0; i < session->prepared_count; i++)
        if (session->prepared[i] == prepared) session->prepared[i--] = session->prepared[--session->prepared_count];
    for (unsigned i = 0; i < session->count; i++)
        if (flight_at(session, i)->prepared == prepared) flight_at(session, i)->prepared = NULL;
    assert(prepared->waiting.first == NULL);
    free(prepared);
}

static void prepared_describe(struct prepared *prepared, const PGresult *result)
{
    prepared->type_count = PQnparams(result) < PARAMS_MAX ? PQnparams(result) : PARAMS_MAX;
    for (int i = 0; i < prepared->type_count; i++) prepared->types[i] = PQparamtype(result, i);
    prepared->ready = true;
}

/* What waited for the statement is sent now. */
static bool prepared_run(struct session *session, struct prepared *prepared)
{
    struct source_query *query;
    bool good = true;
    while (good && (query = query_queue_take(&prepared->waiting)) != NULL) {
        session->unsent--;
        good = run(session, prepared, query);
    }
    return good;
}

static void prepared_fail(struct session *session, struct prepared *prepared, const PGresult *result)
{
    struct source_query *query;
    struct rows_failure failure;
    rows_failure(session->options, result, &failure);
    while ((query = query_queue_take(&prepared->waiting)) != NULL) {
        session->load--;
        session->unsent--;
        source_fail(query, failure.outcome, failure.code, "%s", failure.text);
    }
    prepared_drop(session, prepared);
    session->calls.settled(session->calls.self, failure.unavailable ? NEWS_BAD : NEWS_GOOD);
}

/* Was a cancel meant for another statement? It is told to a connection, and hits what runs there. */
static bool stray(const struct session *session)
{
    return session->cancelling ||
           (session->cancelled_us != 0 && clock_monotonic_us() - session->cancelled_us < STRAY_US);
}

static void run_fail(struct session *session, struct flight *flight, const PGresult *result)
{
    struct rows_failure failure;
    struct source_query *query;
    rows_failure(session->options, result, &failure);
    if (flight->query == NULL || rows_enough(&session->rows)) return; /* it was ours to cancel */
    if ((failure.cancelled && stray(session)) || failure.forgotten) {
        if (failure.forgotten && flight->prepared != NULL && flight->prepared->waiting.first == NULL)
            prepared_drop(session, flight->prepared);
        query = flight_leave(session, flight);
        if (query != NULL) session->calls.again(session->calls.self, query, failure.text);
        return;
    }
    if (failure.lost && !flight->write) return; /* the connection goes, and then it is asked again */
    query = flight_leave(session, flight);
    if (failure.lost)
        source_fail(query, outcome_unknown, code_outcome_unknown, "%s: whether it was done is not known", failure.text);
    else
        source_fail(query, failure.outcome, failure.code, "%s", failure.text);
    session->calls.settled(session->calls.self, failure.locked        ? NEWS_NEUTRAL
                                                : failure.unavailable ? NEWS_BAD
                                                                      : NEWS_GOOD);
}

/* The sync after a statement: it is over. False where the connection is lost. */
static bool flight_end(struct session *session)
{
    struct flight *flight = flight_at(session, 0);
    struct source_query *query = flight->query;
    struct prepared *fresh = flight->runs ? NULL : flight->prepared;
    if (query != NULL) {
        flight->query = NULL;
        session->load--;
        rows_end(&session->rows, query);
        session->calls.settled(session->calls.self, NEWS_GOOD);
    }
    session->first = (session->first + 1) % session->capacity;
    session->count--;
    session->unwanted_us = 0;
    if (session->count > 0) head_begin(session);
    return fresh == NULL || !fresh->ready || prepared_run(session, fresh);
}

static bool take(struct session *session, PGresult *result)
{
    struct flight *flight = flight_at(session, 0);
    switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
        return flight_end(session);
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        if (flight->query != NULL) rows_take(&session->rows, flight->query, result);
        if (rows_enough(&session->rows) && session->unwanted_us == 0) session->unwanted_us = clock_monotonic_us();
        return true;
    case PGRES_COMMAND_OK:
        if (!flight->runs && flight->prepared != NULL)
            prepared_describe(flight->prepared, result); /* of the two that come the last, the description, counts */
        else if (flight->query != NULL)
            rows_take(&session->rows, flight->query, result);
        return true;
    case PGRES_FATAL_ERROR:
        if (flight->runs)
            run_fail(session, flight, result);
        else if (flight->prepared != NULL)
            prepared_fail(session, flight->prepared, result);
        return true;
    case PGRES_PIPELINE_ABORTED:
        return true;
    default: /* a COPY, or no statement at all */
        if (flight->query != NULL) {
            source_fail(flight_leave(session, flight), outcome_error, code_refused, "the text is not one statement");
            session->calls.settled(session->calls.self, NEWS_NEUTRAL);
        }
        return PQresultStatus(result) == PGRES_EMPTY_QUERY;
    }
}

static void results_take(struct session *session)
{
    uint64_t generation = session->generation;
    for (unsigned nulls = 0; session->count > 0 && !PQisBusy(session->pg);) {
        PGresult *result = PQgetResult(session->pg);
        bool good;
        if (result == NULL && ++nulls < NULLS_MAX) continue;
        if (result == NULL) break;
        nulls = 0;
        good = take(session, result);
        PQclear(result);
        if (session->generation != generation) return;
        if (!good) {
            lost_now(session);
            return;
        }
    }
    if (PQstatus(session->pg) == CONNECTION_BAD || !flush(session))
        lost_now(session);
    else if (session->prepared_count == STATEMENTS_MAX && session->count == 0)
        lost(session, "too many statements were prepared: it is made anew");
    else
        session->calls.up(session->calls.self);
}

/* ---- the connection ---- */

static void on_notice(void *self, const char *text)
{
    (void)self, (void)text; /* else libpq writes it to standard error */
}

/* What the text of values depends on, and bounds that hold whatever becomes of this process. */
static bool settings_send(struct session *session)
{
    char text[640];
    snprintf(text, sizeof text,
             "set DateStyle to ISO; set IntervalStyle to iso_8601; set TimeZone to 'UTC'; set extra_float_digits to 1; "
             "set bytea_output to hex; set statement_timeout to %llu; set lock_timeout to %llu; "
             "set idle_in_transaction_session_timeout to 60000; set default_transaction_read_only to %s",
             (unsigned long long)(session->options->statement_us / 1000),
             (unsigned long long)(session->options->busy_us / 1000), session->options->write ? "off" : "on");
    session->state = STATE_SETTING;
    return PQsetnonblocking(session->pg, 1) == 0 && PQsendQuery(session->pg, text) == 1 && flush(session);
}

static bool settings_take(struct session *session)
{
    if (PQconsumeInput(session->pg) == 0) return false;
    while (!PQisBusy(session->pg)) {
        PGresult *result = PQgetResult(session->pg);
        bool good = result == NULL || PQresultStatus(result) == PGRES_COMMAND_OK;
        bool over = result == NULL;
        PQclear(result);
        if (!good) return false;
        if (!over) continue;
        if (PQenterPipelineMode(session->pg) == 0) return false;
        session->state = STATE_READY;
        watch(session, EV_READ);
        session->calls.up(session->calls.self);
        return true;
    }
    return flush(session);
}

static void connecting(struct session *session)
{
    bool good = true;
    switch (PQconnectPoll(session->pg)) {
    case PGRES_POLLING_READING:
        watch(session, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        watch(session, EV_WRITE);
        break;
    case PGRES_POLLING_OK:
        good = settings_send(session);
        break;
    default:
        good = false;
        break;
    }
    if (!good) lost_now(session);
}

static void on_socket(evutil_socket_t fd, short what, void *self)
{
    struct session *session = self;
    (void)fd, (void)what;
    switch (session->state) {
    case STATE_CONNECTING:
        session->fd = -1; /* the number may be another's now: the event is made anew */
        connecting(session);
        break;
    case STATE_SETTING:
        if (!settings_take(session)) lost_now(session);
        break;
    case STATE_READY:
        if (PQconsumeInput(session->pg) == 0)
            lost_now(session);
        else
            results_take(session);
        break;
    case STATE_OFF:
        break;
    }
}

void session_start(struct session *session, PGconn *pg)
{
    assert(session->state == STATE_OFF && session->pg == NULL);
    session->pg = pg;
    session->state = STATE_CONNECTING;
    session->since_us = clock_monotonic_us();
    if (pg == NULL || PQstatus(pg) == CONNECTION_BAD) {
        lost_now(session);
        return;
    }
    PQsetNoticeProcessor(pg, on_notice, NULL);
    watch(session, EV_WRITE); /* as if PQconnectPoll had said so */
}

/* ---- ends before the answer ---- */

struct cancel_job {
    struct aside_job job;
    struct session *session;
    uint64_t generation;
    PGcancel *cancel;
};

static void cancel_work(struct aside_job *job)
{
    char why[256];
    PQcancel(((struct cancel_job *)job)->cancel, why, sizeof why); /* in vain: the statement goes on until its bound */
}

static void cancel_finish(struct aside_job *job)
{
    struct cancel_job *it = (struct cancel_job *)job;
    if (it->session->generation != it->generation) return;
    it->session->cancelling = false;
    it->session->cancelled_us = clock_monotonic_us();
    if (it->session->unwanted_us != 0) it->session->unwanted_us = it->session->cancelled_us;
    it->session->calls.up(it->session->calls.self);
}

static void cancel_drop(struct aside_job *job)
{
    PQfreeCancel(((struct cancel_job *)job)->cancel);
    free(job);
}

static bool cancel_at_server(struct session *session)
{
    struct cancel_job *it = memory_zeroed(1, sizeof *it);
    *it = (struct cancel_job){.job = {.work = cancel_work, .finish = cancel_finish, .drop = cancel_drop},
                              .session = session,
                              .generation = session->generation,
                              .cancel = PQgetCancel(session->pg)};
    session->cancelling = aside_do(session->aside, &it->job);
    return session->cancelling;
}

bool session_cancel(struct session *session, uint64_t ixn, uint64_t ref)
{
    struct source_query *query = NULL;
    bool sent = false;
    for (size_t i = 0; i < session->prepared_count && query == NULL; i++)
        query = query_queue_pick(&session->prepared[i]->waiting, ixn, ref);
    if (query != NULL) {
        session->load--;
        session->unsent--;
    }
    for (unsigned i = 0; i < session->count && query == NULL; i++) {
        struct flight *flight = flight_at(session, i);
        if (flight->query == NULL || flight->query->ixn != ixn || flight->query->ref != ref) continue;
        query = flight_leave(session, flight);
        sent = true;
    }
    if (query == NULL) return false;
    uint64_t now_us = clock_monotonic_us(), given_us = query->deadline_us - query->asked_us;
    /* The core's own timer is a little earlier than ours: a cancel near the end is a server that did not answer. */
    bool late = query->deadline_us <= now_us || query->deadline_us - now_us < given_us / 5;
    atomic_store(&query->cancelled, true);
    source_fail(query, outcome_timeout, code_timeout, "cancelled");
    session->calls.settled(session->calls.self, sent && late ? NEWS_BAD : NEWS_NEUTRAL);
    return true;
}

static void flight_late(struct session *session, struct flight *flight)
{
    bool write = flight->write;
    struct source_query *query = flight_leave(session, flight);
    if (write)
        source_fail(query, outcome_unknown, code_outcome_unknown,
                    "not answered within the time given: whether it was done is not known");
    else
        source_fail(query, outcome_timeout, code_timeout, "not done within the time given");
    session->calls.settled(session->calls.self, NEWS_BAD);
}

static void sooner(uint64_t *next_us, uint64_t at_us)
{
    if (at_us < *next_us) *next_us = at_us;
}

unsigned session_late(struct session *session, uint64_t now_us, uint64_t *next_us)
{
    struct source_query *query;
    if (session->state == STATE_CONNECTING || session->state == STATE_SETTING) {
        if (now_us - session->since_us >= session->options->connect_us)
            lost(session, "it did not answer in time");
        else
            sooner(next_us, session->since_us + session->options->connect_us);
        return 0;
    }
    if (session->state != STATE_READY) return 0;
    for (size_t i = 0; i < session->prepared_count; i++)
        while ((query = query_queue_late(&session->prepared[i]->waiting, now_us, next_us)) != NULL) {
            session->load--;
            session->unsent--;
            source_fail(query, outcome_timeout, code_timeout, "not prepared within the time given");
            session->calls.settled(session->calls.self, NEWS_BAD);
        }
    for (unsigned i = 0; i < session->count; i++) {
        struct flight *flight = flight_at(session, i);
        if (flight->query == NULL) continue;
        if (flight->query->deadline_us <= now_us)
            flight_late(session, flight);
        else
            sooner(next_us, flight->query->deadline_us);
    }
    if (session->count == 0) return 0;
    if (session->unwanted_us == 0 || session->cancelling) return 0;
    if (now_us - session->unwanted_us < UNWANTED_US) {
        sooner(next_us, session->unwanted_us + UNWANTED_US);
        return 0;
    }
    session->unwanted_us = now_us; /* again, should it go on */
    sooner(next_us, now_us + UNWANTED_US);
    return cancel_at_server(session) ? 1 : 0;
}
