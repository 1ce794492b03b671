/* runtime/journal/postgres_line.c - A connection of libpq, waiting with poll(2). */
#include "runtime/journal/postgres_line.h"

#include <assert.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/vocabulary/target_fault.h"
#include "base/memory.h"
#include "base/why.h"

enum { LINE_SETTLE_MS = 5000 };

struct postgres_line {
    char *conninfo;
    bool writes, warned;
    PGconn *connection;
    PGresult *answer;
    char code[6];
    enum line_asked {
        ASKED_NEVER,
        ASKED_ONCE,
        ASKED_PREPARED /* the connection has prepared the statement */
    } asked[LINE_ASKS];
    atomic_uint_fast64_t answered_us; /* 0: never */
};

/* Settings of the connection: only the server's own end may end our statements, and a commit waits for the copies.
 * Settings that an older server does not have are left out. */
static const char line_settings[] =
    "SELECT set_config(s.name, v.value, false) FROM pg_settings s JOIN (VALUES"
    " ('synchronous_commit', 'on'), ('statement_timeout', '0'), ('lock_timeout', '0'),"
    " ('idle_session_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('client_min_messages', 'warning'),"
    " ('default_transaction_isolation', 'read committed'), ('client_connection_check_interval', '0'),"
    " ('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3'))"
    " v(name, value) ON s.name = v.name";

bool postgres_line_check(const char *conninfo, struct error *error)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    enum target_fault fault = target_fault(options);
    PQconninfoFree(options);
    if (!options)
        return error_set(error, ERROR_INPUT,
                         "`journal` is no connection string of PostgreSQL, such as "
                         "\"host=db1,db2 dbname=gcx user=gcx passfile=/etc/gcx/journal.pass\"");
    if (fault == TARGET_GOOD) return true;
    return error_set(error, ERROR_INPUT,
                     fault == TARGET_PASSWORD ? "`journal` holds a password; expected passfile=FILE in it"
                                              : "`journal` has a port that is no number");
}

struct postgres_line *postgres_line_new(const char *conninfo, bool writes, struct error *error)
{
    if (!postgres_line_check(conninfo, error)) return NULL;
    struct postgres_line *line = memory_zeroed(1, sizeof *line);
    line->conninfo = memory_text(conninfo);
    line->writes = writes;
    return line;
}

static void line_close(struct postgres_line *line)
{
    PQclear(line->answer);
    PQfinish(line->connection);
    line->answer = NULL;
    line->connection = NULL;
    memset(line->asked, 0, sizeof line->asked);
}

void postgres_line_free(struct postgres_line *line)
{
    if (!line) return;
    line_close(line);
    free(line->conninfo);
    free(line);
}

bool postgres_line_is_up(const struct postgres_line *line)
{
    return line->connection != NULL;
}

/* Handles a warning about a commit; its text is in the server's language. */
static void line_on_notice(void *self, const PGresult *notice)
{
    struct postgres_line *line = self;
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (!severity || strcmp(severity, "NOTICE") != 0) line->warned = true;
}

static enum line_outcome line_lost(struct postgres_line *line, const char *what, struct error *error)
{
    char why[400];
    why_connections(why, sizeof why, line->connection ? PQerrorMessage(line->connection) : "");
    error_set(error, ERROR_SYSTEM, "the journal's database: %s%s%s", what, why[0] ? ": " : "", why);
    line_close(line);
    return LINE_LOST;
}

/* Is the failure temporary? Temporary are: the server ends or begins (57P), the connection fails (08), there is no
 * space or too many clients (53), the server has become a copy (25006), a cancelled statement was rolled back
 * (57014). */
static bool line_code_passes(const char *code)
{
    static const char *const passing[] = {"57", "08", "53", "25006"};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (strncmp(code, passing[i], strlen(passing[i])) == 0) return true;
    return false;
}

bool postgres_line_lacks_table(const struct postgres_line *line)
{
    return strcmp(line->code, "42P01") == 0;
}

/* Waits until everything is sent and a whole answer is there. False: the time is over, or libpq has lost the
 * connection. */
static bool line_wait(struct postgres_line *line, uint64_t until_us)
{
    for (;;) {
        int flush = PQflush(line->connection);
        if (flush < 0) return false;
        if (flush == 0 && !PQisBusy(line->connection)) return true;
        uint64_t now_us = host_monotonic_us();
        if (now_us >= until_us) return false;
        struct pollfd waits = {PQsocket(line->connection), (short)(POLLIN | (flush ? POLLOUT : 0)), 0};
        if (poll(&waits, 1, (int)((until_us - now_us) / 1000 + 1)) > 0 && (waits.revents & ~POLLOUT) != 0 &&
            !PQconsumeInput(line->connection))
            return false;
    }
}

/* Reads the answers to everything that was sent. The first error counts, else the last answer. */
static enum line_outcome line_answer(struct postgres_line *line, int sent, unsigned within_ms, struct error *error)
{
    uint64_t until_us = host_monotonic_us() + within_ms * UINT64_C(1000);
    bool failed = false;
    PQclear(line->answer);
    line->answer = NULL;
    line->code[0] = '\0';
    if (!sent) return line_lost(line, "it cannot be asked", error);
    for (;;) {
        if (!line_wait(line, until_us)) return line_lost(line, "no answer", error);
        PGresult *next = PQgetResult(line->connection);
        if (!next) break;
        if (failed) {
            PQclear(next);
            continue;
        }
        PQclear(line->answer);
        line->answer = next;
        failed = PQresultStatus(next) != PGRES_COMMAND_OK && PQresultStatus(next) != PGRES_TUPLES_OK;
    }
    if (!failed && line->answer && PQstatus(line->connection) == CONNECTION_OK) {
        atomic_store(&line->answered_us, host_monotonic_us());
        return line->warned ? LINE_WARNED : LINE_DONE;
    }
    const char *code = PQresultErrorField(line->answer, PG_DIAG_SQLSTATE);
    const char *said = PQresultErrorField(line->answer, PG_DIAG_MESSAGE_PRIMARY);
    char what[200];
    snprintf(line->code, sizeof line->code, "%s", code ? code : "");
    snprintf(what, sizeof what, "%s", said ? said : "the connection is gone");
    if (!code || line_code_passes(code) || PQstatus(line->connection) != CONNECTION_OK)
        return line_lost(line, what, error);
    error_set(error, postgres_line_lacks_table(line) ? ERROR_SYSTEM : ERROR_UNAVAILABLE,
              "the journal's database: %s (%s)", what, line->code);
    return LINE_REFUSED;
}

enum line_outcome postgres_line_run(struct postgres_line *line, const char *sql, unsigned within_ms,
                                    struct error *error)
{
    assert(line->connection);
    line->warned = false;
    return line_answer(line, PQsendQuery(line->connection, sql), within_ms, error);
}

enum line_outcome postgres_line_up(struct postgres_line *line, bool *fresh, struct error *error)
{
    /* The connection string comes last, so that its values override those of the settings before it. */
    static const char *const keys[] = {"connect_timeout",
                                       "tcp_user_timeout",
                                       "keepalives_idle",
                                       "keepalives_interval",
                                       "keepalives_count",
                                       "gssencmode",
                                       "target_session_attrs",
                                       "application_name",
                                       "client_encoding",
                                       "dbname",
                                       NULL};
    const char *const values[] = {
        "3",    "5000",         "5", "2", "3", "disable", line->writes ? "read-write" : "primary", LINE_APPLICATION,
        "UTF8", line->conninfo, NULL};
    *fresh = false;
    if (line->connection) return LINE_DONE;
    line->connection = PQconnectdbParams(keys, values, 1);
    if (PQstatus(line->connection) != CONNECTION_OK) {
        bool asked = PQconnectionUsedPassword(line->connection) || PQconnectionNeedsPassword(line->connection);
        return line_lost(
            line, asked ? "no connection with the password in `passfile`, which is read at each try" : "no connection",
            error);
    }
    PQsetNoticeReceiver(line->connection, line_on_notice, line);
    PQsetnonblocking(line->connection, 1);
    *fresh = true;
    return postgres_line_run(line, line_settings, LINE_SETTLE_MS, error);
}

void line_number(struct line_values *values, uint64_t number)
{
    assert(values->count < LINE_VALUES);
    uint8_t *to = values->numbers[values->count];
    for (int i = 0; i < 8; i++) to[i] = (uint8_t)(number >> (56 - 8 * i));
    values->values[values->count] = NULL;
    values->lengths[values->count++] = 8;
}

void line_bytes(struct line_values *values, struct span bytes)
{
    assert(values->count < LINE_VALUES);
    values->values[values->count] = bytes.bytes ? (const char *)bytes.bytes : "";
    values->lengths[values->count++] = (int)bytes.length;
}

static const char *const line_asks[] = {
#define ASK(name, fence, sql) [ASK_##name] = sql,
#include "runtime/journal/postgres_statements.def"
};

/* Runs a statement; it is prepared when it is used for the second time, as preparing costs a round trip and many
 * statements of a takeover are used once. */
enum line_outcome postgres_line_ask(struct postgres_line *line, enum line_ask ask, struct line_values *values,
                                    unsigned within_ms, struct error *error)
{
    static const int binary[LINE_VALUES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const char *sent[LINE_VALUES];
    char name[16];
    assert(line->connection && ask < LINE_ASKS);
    line->warned = false;
    for (int i = 0; values && i < values->count; i++)
        sent[i] = values->values[i] ? values->values[i] : (const char *)values->numbers[i];
    snprintf(name, sizeof name, "s%u", (unsigned)ask);
    int count = values ? values->count : 0;
    const int *lengths = values ? values->lengths : NULL;
    if (line->asked[ask] == ASKED_NEVER) {
        line->asked[ask] = ASKED_ONCE;
        return line_answer(line,
                           PQsendQueryParams(line->connection, line_asks[ask], count, NULL, sent, lengths, binary, 1),
                           within_ms, error);
    }
    if (line->asked[ask] == ASKED_ONCE) {
        enum line_outcome prepared =
            line_answer(line, PQsendPrepare(line->connection, name, line_asks[ask], 0, NULL), LINE_SETTLE_MS, error);
        if (prepared != LINE_DONE) return prepared;
        line->asked[ask] = ASKED_PREPARED;
    }
    return line_answer(line, PQsendQueryPrepared(line->connection, name, count, sent, lengths, binary, 1), within_ms,
                       error);
}

void postgres_line_hear(struct postgres_line *line, unsigned within_ms)
{
    uint64_t until_us = host_monotonic_us() + within_ms * UINT64_C(1000), now_us;
    PGnotify *heard = NULL;
    while (line->connection && !(heard = PQnotifies(line->connection)) && (now_us = host_monotonic_us()) < until_us) {
        struct pollfd waits = {PQsocket(line->connection), POLLIN, 0};
        if (poll(&waits, 1, (int)((until_us - now_us) / 1000 + 1)) > 0 && !PQconsumeInput(line->connection))
            line_lost(line, "the connection is gone", NULL);
    }
    for (; heard; heard = PQnotifies(line->connection)) PQfreemem(heard);
}

uint64_t postgres_line_silent_us(const struct postgres_line *line)
{
    uint64_t answered_us = atomic_load(&line->answered_us), now_us = host_monotonic_us();
    return now_us > answered_us ? now_us - answered_us : 0;
}

const char *postgres_line_code(const struct postgres_line *line)
{
    return line->code;
}

int postgres_line_rows(const struct postgres_line *line)
{
    if (PQresultStatus(line->answer) == PGRES_TUPLES_OK) return PQntuples(line->answer);
    return (int)strtol(PQcmdTuples(line->answer), NULL, 10);
}

struct span postgres_line_bytes(const struct postgres_line *line, int row, int column)
{
    assert(row < PQntuples(line->answer) && column < PQnfields(line->answer));
    return (struct span){(const uint8_t *)PQgetvalue(line->answer, row, column),
                         (uint32_t)PQgetlength(line->answer, row, column)};
}

uint64_t postgres_line_number(const struct postgres_line *line, int row, int column)
{
    struct span bytes = postgres_line_bytes(line, row, column);
    uint64_t number = 0;
    for (uint32_t i = 0; bytes.length == 8 && i < 8; i++) number = number << 8 | bytes.bytes[i];
    return number;
}
