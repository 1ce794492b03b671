/* runtime/sources/pgsession.c - One connection to PostgreSQL: made, set up, ready, lost; and queries that end before
 * their answer.
 *
 *     off -> connecting -> setting -> ready -> off
 *                 \------------\-------------/   (pgsession_lost, from anywhere)
 *
 * A session begins with a connection by libpq (pgsession_start), sends its settings, and enters pipeline mode: from
 * then on flights.c uses the connection. A session always ends by pgsession_lost(): queries that only read, or were not
 * sent yet, go back to the pool, which asks them by another session; writes that were sent are answered as unknown; and
 * the pool is told. The session may be started again at once.
 *
 * The server is asked to cancel a statement whose answer nobody wants, so that it does not hold up the statements after
 * it; since a cancel hits whatever runs when it arrives, a statement that was cancelled by such a request for an
 * earlier one is asked again (stray). If the server then neither answers nor cancels, its connection is given up
 * (patience_end). */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/sources/pgsession_state.h"
#include "base/memory.h"
#include "base/why.h"

static void pgsession_take(struct pgsession *);

static void on_rest(evutil_socket_t fd, short what, void *self)
{
    struct pgsession *session = self;
    (void)fd, (void)what;
    if (session->state == STATE_READY && session->more) pgsession_take(session);
}

struct pgsession *pgsession_new(struct event_base *base, struct aside *aside, const struct source_options *options,
                                const struct pgsession_calls *calls)
{
    struct pgsession *session = memory_zeroed(1, sizeof *session);
    session->base = base;
    session->aside = aside;
    session->options = options;
    session->calls = *calls;
    session->fd = -1;
    session->rest = evtimer_new(base, on_rest, session);
    if (!session->rest) abort();
    session->capacity = 2 * options->pipeline + 2;
    session->flights = memory_zeroed(session->capacity, sizeof *session->flights);
    return session;
}

/* Frees all that belongs to the session's connection. The queries were taken out before, or are freed with the
 * session. */
static void pgsession_disconnect(struct pgsession *session)
{
    for (size_t i = 0; i < session->prepared_count; i++) {
        query_queue_free(&session->prepared[i]->waiting);
        free(session->prepared[i]);
    }
    session->prepared_count = 0;
    session->first = session->count = session->load = session->unsent = 0;
    rows_free(&session->rows);
    if (session->event) event_free(session->event); /* the event must end before its descriptor is closed */
    session->event = NULL;
    session->fd = -1;
    PQfinish(session->pg);
    session->pg = NULL;
    session->state = STATE_OFF;
    session->cancelling = session->more = false;
    event_del(session->rest);
    session->cancelled_us = session->unwanted_us = 0;
    session->generation++;
}

void pgsession_free(struct pgsession *session)
{
    if (!session) return;
    for (unsigned i = 0; i < session->count; i++) free(flight_at(session, i)->query);
    pgsession_disconnect(session);
    event_free(session->rest);
    free(session->flights);
    free(session->scratch);
    free(session);
}

enum { REASON_SIZE = 512 };

static const char *pgsession_reason(struct pgsession *session, char room[REASON_SIZE])
{
    why_connections(room, REASON_SIZE, session->pg ? PQerrorMessage(session->pg) : "");
    return room[0] != '\0' ? room : "the connection was lost";
}

/* Ends or gives back all queries of a lost connection, the oldest so that it will be the first again. `why` NULL:
 * the reason is libpq's error. */
static void pgsession_lost(struct pgsession *session, const char *why)
{
    char text[REASON_SIZE], room[REASON_SIZE];
    bool was_up = session->state == STATE_READY;
    struct source_query *query;
    snprintf(text, sizeof text, "%s", why ? why : pgsession_reason(session, room));
    for (size_t i = 0; i < session->prepared_count; i++)
        while ((query = query_queue_take(&session->prepared[i]->waiting)))
            session->calls.again(session->calls.self, query, text);
    for (unsigned i = session->count; i-- > 0;) {
        struct flight *flight = flight_at(session, i);
        bool write = flight->write;
        query = flight_leave(session, flight);
        if (!query) continue;
        if (write)
            source_fail(query, outcome_unknown, code_outcome_unknown,
                        "the connection was lost (%s): whether it was done is not known", text);
        else
            session->calls.again(session->calls.self, query, text);
    }
    pgsession_disconnect(session);
    session->calls.down(session->calls.self, was_up, text);
}

bool pgsession_off(const struct pgsession *session)
{
    return session->state == STATE_OFF;
}

bool pgsession_up(const struct pgsession *session)
{
    return session->state == STATE_READY;
}

/* Is the session ready for queries, with room for one more statement? */
static bool pgsession_ready(const struct pgsession *session)
{
    return session->state == STATE_READY && session->prepared_count < STATEMENTS_MAX;
}

unsigned pgsession_load(const struct pgsession *session)
{
    return session->load;
}

bool pgsession_room(const struct pgsession *session, bool write, uint64_t now_us)
{
    if (!pgsession_ready(session) || session->count + session->unsent + 2 > session->capacity) return false;
    if (session->load == 0 && session->count == 0) return true;
    if (write || session->load >= session->options->pipeline) return false;
    if (session->exclusive) return false;
    return now_us - session->head_us < SLOW_US;
}

/* Returns when to ask the server to cancel a query whose result nobody wants; UINT64_MAX: it runs no such query. */
static uint64_t cancel_due(const struct pgsession *session)
{
    uint64_t since_us = session->unwanted_us;
    if (since_us == 0 || session->cancelling) return UINT64_MAX;
    /* if the last cancel did not help, another one is sent after the same time */
    return (session->cancelled_us > since_us ? session->cancelled_us : since_us) + UNWANTED_US;
}

/* Returns when to give up a server that neither answers nor cancels a query whose result nobody wants. */
static uint64_t patience_end(const struct pgsession *session)
{
    const struct flight *head = session->count > 0 ? flight_at(session, 0) : NULL;
    bool forsaken =
        head && (head->runs ? session->unwanted_us != 0 : !head->prepared || !head->prepared->waiting.first);
    if (!forsaken) return UINT64_MAX;
    return (session->unwanted_us != 0 ? session->unwanted_us : session->head_us) + session->options->connect_us;
}

uint64_t pgsession_look(const struct pgsession *session)
{
    uint64_t due_us = cancel_due(session), end_us = patience_end(session);
    return due_us < end_us ? due_us : end_us;
}

/* ---- sending ---- */

static void pgsession_on_socket(evutil_socket_t, short, void *);

static void pgsession_watch(struct pgsession *session, short what)
{
    evutil_socket_t fd = PQsocket(session->pg);
    if (fd == session->fd && what == session->watched) return;
    if (session->event) event_free(session->event);
    session->event = event_new(session->base, fd, (short)(what | EV_PERSIST), pgsession_on_socket, session);
    if (!session->event || event_add(session->event, NULL) != 0) abort();
    session->fd = fd;
    session->watched = what;
}

/* Sends the buffered bytes; while some are left, the socket is also watched for room to write. */
static bool pgsession_flush(struct pgsession *session)
{
    int result = PQflush(session->pg);
    if (result < 0) return false;
    pgsession_watch(session, result > 0 ? EV_READ | EV_WRITE : EV_READ);
    return true;
}

/* Sends a query; the caller has checked pgsession_room() before. */
void pgsession_send(struct pgsession *session, struct source_query *query)
{
    if (!flights_send(session, query) || !pgsession_flush(session)) pgsession_lost(session, NULL);
}

/* Reads from the socket, and takes answers. The owner may end the connection when it is told of an answer:
 * `generation` shows that. */
static void pgsession_take(struct pgsession *session)
{
    uint64_t generation = session->generation;
    bool good = flights_take(session);
    if (session->generation != generation) return;
    if (!good || PQstatus(session->pg) == CONNECTION_BAD || !pgsession_flush(session)) {
        pgsession_lost(session, NULL);
        return;
    }
    if (session->prepared_count == STATEMENTS_MAX && session->count == 0) {
        pgsession_lost(session, "too many statements were prepared: it is made anew");
        return;
    }
    session->calls.room(session->calls.self);
    /* other sessions have their turn before the rest is taken */
    if (session->generation == generation && session->more) event_add(session->rest, &(struct timeval){0});
}

/* ---- the connection ---- */

static void on_notice(void *self, const char *text)
{
    (void)self, (void)text; /* drops a notice: otherwise libpq would write it to standard error */
}

/* Sends the settings: the forms of values in text, and time limits that the server keeps even if this process ends. */
static bool settings_send(struct pgsession *session)
{
    char text[640];
    snprintf(text, sizeof text,
             "set DateStyle to ISO; set IntervalStyle to iso_8601; set TimeZone to 'UTC'; set extra_float_digits to 1; "
             "set bytea_output to hex; set statement_timeout to %llu; set lock_timeout to %llu; "
             "set idle_in_transaction_session_timeout to 60000; set default_transaction_read_only to %s",
             (unsigned long long)(session->options->statement_us / 1000),
             (unsigned long long)(session->options->busy_us / 1000), session->options->write ? "off" : "on");
    session->state = STATE_SETTING;
    return PQsetnonblocking(session->pg, 1) == 0 && PQsendQuery(session->pg, text) == 1 && pgsession_flush(session);
}

/* Takes the results of the settings, which are several statements in one query: all of them must be good, else the
 * connection is lost. */
static bool pgsession_settings_take(struct pgsession *session)
{
    assert(session->state == STATE_SETTING);
    if (PQconsumeInput(session->pg) == 0) return false;
    while (!PQisBusy(session->pg)) {
        PGresult *result = PQgetResult(session->pg);
        bool good = !result || PQresultStatus(result) == PGRES_COMMAND_OK;
        bool over = !result;
        PQclear(result);
        if (!good) return false;
        if (!over) continue;
        if (PQenterPipelineMode(session->pg) == 0) return false;
        session->state = STATE_READY;
        pgsession_watch(session, EV_READ);
        session->calls.up(session->calls.self);
        return true;
    }
    return pgsession_flush(session);
}

/* Does one step of connecting, when the socket is ready for it. */
static void pgsession_connecting(struct pgsession *session)
{
    bool good = true;
    event_free(session->event); /* libpq may use another socket next: this one must not be watched any more then */
    session->event = NULL;
    session->fd = -1;
    switch (PQconnectPoll(session->pg)) {
    case PGRES_POLLING_READING:
        pgsession_watch(session, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        pgsession_watch(session, EV_WRITE);
        break;
    case PGRES_POLLING_OK:
        good = settings_send(session);
        break;
    default:
        good = false;
        break;
    }
    if (!good) pgsession_lost(session, NULL);
}

static void pgsession_on_socket(evutil_socket_t fd, short what, void *self)
{
    struct pgsession *session = self;
    (void)fd, (void)what;
    switch (session->state) {
    case STATE_CONNECTING:
        pgsession_connecting(session);
        break;
    case STATE_SETTING:
        if (!pgsession_settings_take(session)) pgsession_lost(session, NULL);
        break;
    case STATE_READY:
        if (!session->more && PQconsumeInput(session->pg) == 0)
            pgsession_lost(session, NULL);
        else
            pgsession_take(session);
        break;
    case STATE_OFF:
        break;
    }
}

void pgsession_start(struct pgsession *session, PGconn *pg)
{
    assert(session->state == STATE_OFF && !session->pg);
    session->pg = pg;
    session->state = STATE_CONNECTING;
    session->since_us = host_monotonic_us();
    if (!pg || PQstatus(pg) == CONNECTION_BAD) {
        pgsession_lost(session, NULL);
        return;
    }
    PQsetNoticeProcessor(pg, on_notice, NULL);
    pgsession_watch(session, EV_WRITE); /* PQconnectPoll begins when the socket can be written */
}

/* ---- queries that end before their answer ---- */

struct cancel_job {
    struct aside_job job;
    struct pgsession *session;
    uint64_t generation;
    PGcancel *cancel;
};

static void cancel_work(struct aside_job *job)
{
    char why[256];
    /* if the cancel fails, the statement runs until its time limit */
    PQcancel(((struct cancel_job *)job)->cancel, why, sizeof why);
}

static void cancel_finish(struct aside_job *job)
{
    struct cancel_job *it = (struct cancel_job *)job;
    if (it->session->generation != it->generation) return;
    it->session->cancelling = false;
    it->session->cancelled_us = host_monotonic_us();
    it->session->calls.room(it->session->calls.self);
}

static void cancel_drop(struct aside_job *job)
{
    PQfreeCancel(((struct cancel_job *)job)->cancel);
    free(job);
}

/* Has the server asked to cancel: libpq uses a new connection for that, and blocks, so a thread outside of the loop
 * does it. */
static bool cancel_at_server(struct pgsession *session)
{
    struct cancel_job *it = memory_zeroed(1, sizeof *it);
    *it = (struct cancel_job){.job = {.work = cancel_work, .finish = cancel_finish, .drop = cancel_drop},
                              .session = session,
                              .generation = session->generation,
                              .cancel = PQgetCancel(session->pg)};
    session->cancelling = aside_do(session->aside, &it->job);
    return session->cancelling;
}

/* Takes out a query that is answered now, wherever it is; its flight goes on without the query. */
bool pgsession_cancel(struct pgsession *session, uint64_t ixn, uint64_t ref)
{
    struct source_query *query = NULL;
    bool sent = false;
    for (size_t i = 0; i < session->prepared_count && !query; i++)
        query = query_queue_pick(&session->prepared[i]->waiting, ixn, ref);
    if (query) {
        assert(session->load > 0 && session->unsent > 0);
        session->load--;
        session->unsent--;
    }
    for (unsigned i = 0; i < session->count && !query; i++) {
        struct flight *flight = flight_at(session, i);
        if (!flight->query || flight->query->ixn != ixn || flight->query->ref != ref) continue;
        query = flight_leave(session, flight);
        sent = true;
    }
    if (!query) return false;
    uint64_t now_us = host_monotonic_us(), given_us = query->deadline_us - query->asked_us;
    /* True: the server did not answer in time; the core's own timer fires a little earlier than ours, so a cancel
     * near the deadline means that, too. */
    bool late = query->deadline_us <= now_us || query->deadline_us - now_us < given_us / 5;
    atomic_store(&query->cancelled, true);
    source_fail(query, outcome_timeout, code_timeout, "cancelled");
    session->calls.settled(session->calls.self, sent && late ? NEWS_BAD : NEWS_NEUTRAL);
    return true;
}

/* Answers a query that is late. A late write gets "outcome unknown", because the server may have done it. */
static void flight_late(struct pgsession *session, struct flight *flight)
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

static void pgsession_sooner(uint64_t *next_us, uint64_t at_us)
{
    if (at_us < *next_us) *next_us = at_us;
}

unsigned pgsession_late(struct pgsession *session, uint64_t now_us, uint64_t *next_us)
{
    struct source_query *query;
    if (session->state == STATE_CONNECTING || session->state == STATE_SETTING) {
        if (now_us - session->since_us >= session->options->connect_us)
            pgsession_lost(session, "it did not answer in time");
        else
            pgsession_sooner(next_us, session->since_us + session->options->connect_us);
        return 0;
    }
    if (session->state != STATE_READY) return 0;
    for (size_t i = 0; i < session->prepared_count; i++)
        while ((query = query_queue_late(&session->prepared[i]->waiting, now_us, next_us))) {
            assert(session->load > 0 && session->unsent > 0);
            session->load--;
            session->unsent--;
            source_fail(query, outcome_timeout, code_timeout, "not prepared within the time given");
            session->calls.settled(session->calls.self, NEWS_BAD);
        }
    for (unsigned i = 0; i < session->count; i++) {
        struct flight *flight = flight_at(session, i);
        if (!flight->query) continue;
        if (flight->query->deadline_us <= now_us)
            flight_late(session, flight);
        else
            pgsession_sooner(next_us, flight->query->deadline_us);
    }
    if (patience_end(session) <= now_us) {
        pgsession_lost(session, "the server does not answer");
        return 0;
    }
    bool due = cancel_due(session) <= now_us, asked = due && cancel_at_server(session);
    pgsession_sooner(next_us, pgsession_look(session));
    return asked ? 1 : 0;
}
