/* compiler/cli/simulate_records.c - A real day from the tables of gcxrecords: the moments of its calls, how long
 * they were handled and waited, how long it rang and how long after-call work took.
 *
 * The tables are read by SQL that SQLite and PostgreSQL share; JSON lines are first loaded into tables in memory.
 * How long callers would have waited is known only for callers who hung up; for others it is longer than they did
 * wait: the distribution of patience is the estimate of Kaplan and Meier.
 *
 *     interactions, owners, offers   one row per call: when, to which number, which strategy, how long talked and
 *                                    waited
 *     vq_visits                      how long callers waited, and whether they hung up
 *     agent_states                   when agents worked, and their after-call work
 *
 * A call's handling time is stored with its moment in the list of arrivals, so that long calls come at the time at
 * which they came. Patience, ringing and wrap-up are distributions of the whole day. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "compiler/cli/libpq.h"
#include "compiler/cli/simulate.h"
#include "runtime/sim/site_media.h"
#include "runtime/sql/lite.h"
#include "base/inside.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/target.h"

enum { CELLS_MAX = 9, QUANTILES = 1000 };
#define DAY_US 86400e6

/* ---- the tables ---- */

struct tables {
    const char *target;
    sqlite3 *file;
    const struct libpq *pq;
    PGconn *server;
};

/* The cells of a row; NULL: null. */
typedef void (*on_row)(void *self, const char *const *cells);

static bool wrong_records(const struct tables *tables, const char *why)
{
    return shown_refuse("gcxc: --records %s: %s\n", tables->server ? "(PostgreSQL)" : tables->target, why);
}

static bool ask_file(struct tables *tables, const char *sql, on_row each, void *self)
{
    const char *cells[CELLS_MAX];
    sqlite3_stmt *rows = lite_ask(tables->file, "%s", sql);
    while (lite_next(rows)) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) cells[i] = lite_text(rows, i);
        each(self, cells);
    }
    return lite_end(rows) || wrong_records(tables, sqlite3_errmsg(tables->file));
}

static bool ask_server(struct tables *tables, const char *sql, on_row each, void *self)
{
    const struct libpq *pq = tables->pq;
    const char *cells[CELLS_MAX];
    PGresult *result = pq->PQexecParams(tables->server, sql, 0, NULL, NULL, NULL, NULL, 0);
    bool good = pq->PQresultStatus(result) == PGRES_TUPLES_OK || pq->PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!good) wrong_records(tables, pq->PQerrorMessage(tables->server));
    for (int row = 0; good && row < pq->PQntuples(result); row++) {
        for (int i = 0; i < pq->PQnfields(result); i++)
            cells[i] = pq->PQgetisnull(result, row, i) ? NULL : pq->PQgetvalue(result, row, i);
        each(self, cells);
    }
    pq->PQclear(result);
    return good;
}

static bool records_query(struct tables *tables, const char *sql, on_row each, void *self)
{
    return tables->server ? ask_server(tables, sql, each, self) : ask_file(tables, sql, each, self);
}

/* ---- JSON lines ---- */

static const struct {
    const char *table, *columns[CELLS_MAX];
} lines_tables[] = {
    {"interactions", {"ixn", "media", "call_type", "dnis", "received", "ended", "outcome"}},
    {"owners", {"ixn", "kind", "name"}},
    {"offers", {"ixn", "answered", "ring_ms", "handle_ms", "outcome"}},
    {"vq_visits", {"ixn", "entered", "ended"}},
    {"agent_states", {"agent", "media", "state", "began", "ended", "ms"}},
};
enum { LINES_TABLES = sizeof lines_tables / sizeof *lines_tables };

static void records_bind(sqlite3_stmt *insert, int at, const json_t *value)
{
    if (json_is_integer(value))
        sqlite3_bind_int64(insert, at, json_integer_value(value));
    else if (json_is_string(value))
        sqlite3_bind_text(insert, at, json_string_value(value), (int)json_string_length(value), SQLITE_TRANSIENT);
    else
        sqlite3_bind_null(insert, at);
}

static void make_tables(sqlite3 *file, sqlite3_stmt *inserts[LINES_TABLES])
{
    for (unsigned t = 0; t < LINES_TABLES; t++) {
        char names[200] = "journal, batch, n", marks[80] = "?, ?, ?";
        for (unsigned c = 0; c < CELLS_MAX && lines_tables[t].columns[c]; c++) {
            (void)snprintf(names + strlen(names), sizeof names - strlen(names), ", %s", lines_tables[t].columns[c]);
            (void)snprintf(marks + strlen(marks), sizeof marks - strlen(marks), ", ?");
        }
        lite_do(file, "CREATE TABLE %s(%s)", lines_tables[t].table, names);
        if (strcmp(lines_tables[t].columns[0], "ixn") == 0)
            lite_do(file, "CREATE INDEX %s_by_ixn ON %s(ixn)", lines_tables[t].table, lines_tables[t].table);
        inserts[t] = lite_ask(file, "INSERT INTO %s VALUES(%s)", lines_tables[t].table, marks);
        if (!inserts[t]) abort();
    }
}

static void records_put_line(sqlite3_stmt *inserts[LINES_TABLES], const json_t *line)
{
    const char *table = json_string_value(json_object_get(line, "table"));
    unsigned t = 0;
    while (t < LINES_TABLES && (!table || strcmp(table, lines_tables[t].table) != 0)) t++;
    if (t == LINES_TABLES) return;
    records_bind(inserts[t], 1, json_object_get(line, "journal"));
    records_bind(inserts[t], 2, json_object_get(line, "batch"));
    records_bind(inserts[t], 3, json_object_get(line, "n"));
    for (int c = 0; c < CELLS_MAX && lines_tables[t].columns[c]; c++)
        records_bind(inserts[t], 4 + c, json_object_get(line, lines_tables[t].columns[c]));
    sqlite3_step(inserts[t]);
    sqlite3_reset(inserts[t]);
}

/* The last line of the table "position" ends the complete records: later lines are rolled back. */
static bool records_read_lines(struct tables *tables, const char *path)
{
    sqlite3_stmt *inserts[LINES_TABLES];
    FILE *in = inside_open(path, "r");
    struct stat status;
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    bool good = true;
    if (!in) return wrong_records(tables, "the file cannot be read");
    if (fstat(fileno(in), &status) != 0 || (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))) {
        fclose(in);
        return wrong_records(tables, "it is no file of lines");
    }
    make_tables(tables->file, inserts);
    lite_do(tables->file, "BEGIN");
    while (good && (length = getline(&line, &size, in)) > 0) {
        json_t *row = json_loadb(line, (size_t)length, 0, NULL);
        const char *table = json_string_value(json_object_get(row, "table"));
        if (table && strcmp(table, "position") == 0)
            lite_do(tables->file, "COMMIT; BEGIN");
        else if (table)
            records_put_line(inserts, row);
        good = table || line[length - 1] != '\n';
        json_decref(row);
    }
    lite_do(tables->file, "ROLLBACK");
    for (unsigned t = 0; t < LINES_TABLES; t++) sqlite3_finalize(inserts[t]);
    free(line);
    fclose(in);
    return good || wrong_records(tables, "a line is none of gcxrecords");
}

static bool tables_open(struct tables *tables, const char *target)
{
    *tables = (struct tables){.target = target};
    bool lines = strncmp(target, "jsonl:", 6) == 0;
    if (lines || target_file(target)) {
        const char *path = lines ? strchr(target, ':') + 1 : target_file(target);
        if (!inside_allows(path)) return wrong_records(tables, INSIDE_REFUSES);
        if (sqlite3_open_v2(lines ? ":memory:" : path, &tables->file,
                            lines ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY,
                            NULL) != SQLITE_OK)
            return wrong_records(tables, sqlite3_errmsg(tables->file));
        return !lines || records_read_lines(tables, path);
    }
    if (strncmp(target, "postgres", 8) != 0 && !strchr(target, '='))
        return wrong_records(tables,
                             "expected what gcxrecords writes to: sqlite:FILE, jsonl:FILE, postgresql://... or a "
                             "connection string such as \"host=/run/postgresql dbname=records\"");
    tables->pq = libpq_load();
    tables->server = tables->pq ? libpq_connect(tables->pq, "records", target) : NULL;
    return tables->server && ask_server(tables, "SET TimeZone = 'UTC'", NULL, NULL);
}

static void tables_close(struct tables *tables)
{
    sqlite3_close(tables->file);
    if (tables->server) tables->pq->PQfinish(tables->server);
}

/* ---- the day ---- */

/* How long a caller waited, and whether the caller then hung up. */
struct wait {
    double us;
    bool gave_up;
};

/* The calls of a strategy, or what comes to it of another medium. */
struct kind_of_call {
    char strategy[SIMULATION_NAME + 1];
    enum media medium; /* media_none: calls */
    struct wait *waits;
    uint32_t wait_count;
    struct spread handling;
};

struct day {
    struct simulation_plan *plan;
    const struct image *image; /* knows the site's words for media */
    const struct options *options;
    double begins_us;      /* since the epoch */
    double from_us, to_us; /* of the 24 hours, the time whose calls come */
    struct kind_of_call *kinds;
    uint32_t kind_count;
    uint64_t calls, answered, gave_up;
    uint64_t without, strange; /* `without` counts calls that met no strategy, `strange` what is of an unknown medium */
    struct spread ringing, wrap_up;
    char last[11]; /* the last day */
    char odd[64];  /* the first cell that should be a time or duration, and is not; "": none */
};

/* Reads "2026-11-22 03:15:00.123", where T may stand for the blank, as microseconds since 1970 in UTC. What follows the
 * seconds is ignored. */
static bool records_read_moment(const char *text, double *us)
{
    struct tm date = {0};
    double seconds = 0;
    if (!text ||
        sscanf(text, "%4d-%2d-%2d%*[ T]%2d:%2d:%lf", &date.tm_year, &date.tm_mon, &date.tm_mday, &date.tm_hour,
               &date.tm_min, &seconds) != 6 ||
        !isfinite(seconds))
        return false;
    date.tm_year -= 1900;
    date.tm_mon--;
    *us = (double)timegm(&date) * 1e6 + seconds * 1e6;
    return true;
}

static void note_odd(struct day *day, const char *text)
{
    if (day->odd[0] == '\0') (void)snprintf(day->odd, sizeof day->odd, "%s", text);
}

/* False: the cell is null, or is no time. */
static bool moment_of(struct day *day, const char *cell, double *us)
{
    bool good = records_read_moment(cell, us);
    if (cell && !good) note_odd(day, cell);
    return good;
}

/* Returns a cell of milliseconds as microseconds; -1: the cell is null. */
static double ms_of(struct day *day, const char *cell)
{
    double ms = !cell ? -1 : strtod(cell, NULL);
    if (isfinite(ms)) return ms * 1e3;
    note_odd(day, cell);
    return -1;
}

static struct kind_of_call *records_kind(struct day *day, const char *strategy, enum media medium)
{
    for (uint32_t i = 0; i < day->kind_count; i++)
        if (day->kinds[i].medium == medium && strcmp(day->kinds[i].strategy, strategy) == 0) return &day->kinds[i];
    day->kinds = memory_more(day->kinds, day->kind_count, sizeof *day->kinds);
    struct kind_of_call *kind = &day->kinds[day->kind_count++];
    *kind = (struct kind_of_call){.medium = medium, .handling = {.kind = SPREAD_never}};
    (void)snprintf(kind->strategy, sizeof kind->strategy, "%s", strategy);
    return kind;
}

/* Returns the flow of the callers who called this number and met this strategy. In a simulation one number leads to
 * one strategy, but on a real day the calls of a number may have met several strategies: the flow of the first one
 * gets the number, flows of further strategies get none. What comes by another medium calls no number. */
static struct simulation_flow *records_flow(struct day *day, const char *strategy, enum media medium,
                                            const char *number)
{
    struct simulation_plan *plan = day->plan;
    bool digits = medium == media_none && number && strlen(number) <= SIMULATION_NAME &&
                  number[strspn(number, "+*#0123456789")] == '\0';
    bool taken = !digits;
    for (uint32_t i = 0; i < plan->flow_count; i++) {
        struct simulation_flow *flow = &plan->flows[i];
        bool same = flow->medium == medium && strcmp(flow->strategy, strategy) == 0;
        if (same && (!digits ? flow->number[0] == '\0' : strcmp(flow->number, number) == 0)) return flow;
        taken = taken || strcmp(flow->number, number) == 0; /* by another strategy's flow */
    }
    for (uint32_t i = 0; taken && i < plan->flow_count; i++)
        if (plan->flows[i].medium == medium && strcmp(plan->flows[i].strategy, strategy) == 0 &&
            plan->flows[i].number[0] == '\0')
            return &plan->flows[i];
    struct simulation_flow *flow = simulate_add_flow(plan, strategy, taken ? "" : number);
    flow->medium = medium;
    flow->submitted = medium != media_none;
    return flow;
}

/* Which interactions are played: calls from outside; with --situation also what comes by other media, of which the
 * records say unknown. */
#define WHICH_CALLS "i.media = 'voice' AND i.call_type = 'inbound'"
#define WHICH_ALL                                                                                                      \
    "(" WHICH_CALLS " OR i.media <> 'voice' AND coalesce(i.call_type, 'unknown') IN ('inbound', 'unknown'))"
/* `+ 0` keeps SQLite from the index of places in the journal, in whose order it would read the whole journal for each
 * call; it takes the index of interactions then. */
#define CALLS_OF(which)                                                                                                \
    "SELECT i.received, i.dnis,"                                                                                       \
    " (SELECT o.name FROM owners o WHERE o.journal + 0 = i.journal AND o.ixn = i.ixn AND o.kind = 'strategy'"          \
    " ORDER BY o.batch, o.n LIMIT 1),"                                                                                 \
    " (SELECT f.handle_ms FROM offers f WHERE f.journal + 0 = i.journal AND f.ixn = i.ixn AND f.outcome = 'answered'"  \
    " ORDER BY f.batch, f.n LIMIT 1),"                                                                                 \
    " (SELECT min(v.entered) FROM vq_visits v WHERE v.journal + 0 = i.journal AND v.ixn = i.ixn),"                     \
    " (SELECT max(v.ended) FROM vq_visits v WHERE v.journal + 0 = i.journal AND v.ixn = i.ixn),"                       \
    " i.ended, i.outcome, i.media FROM interactions i WHERE " which                                                    \
    " AND i.received >= '%s' AND i.received < '%s' ORDER BY i.received, i.batch, i.n"
static const char CALLS[] = CALLS_OF(WHICH_CALLS), CALLS_AND_OTHERS[] = CALLS_OF(WHICH_ALL);
static const char RINGING[] =
    "SELECT ring_ms FROM offers WHERE outcome = 'answered' AND answered >= '%s' AND answered < '%s'";
static const char WRAP_UP[] =
    "SELECT ms FROM agent_states WHERE state = 'after_call_work' AND began >= '%s' AND began < '%s'";
static const char STATES[] = "SELECT agent, state, began, ended FROM agent_states WHERE media = 'voice'"
                             " AND state NOT IN ('logged_out', 'unknown') AND ended > '%s' AND began < '%s'"
                             " ORDER BY began";
static const char LAST[] = "SELECT max(received) FROM interactions WHERE media = 'voice' AND call_type = 'inbound'";

#define ANY_OF(which)                                                                                                  \
    "SELECT max(received) FROM interactions i WHERE " which " AND received >= '%s' AND received < '%s'"
static const char ANY[] = ANY_OF(WHICH_CALLS), ANY_OR_OTHERS[] = ANY_OF(WHICH_ALL);

static bool ask_day(struct tables *tables, struct day *day, const char *format, on_row each)
{
    char sql[1200], from[24], to[24]; /* 10000-01-01 follows 9999-12-31 */
    time_t begins = (time_t)(day->begins_us / 1e6), ends = begins + 86400;
    const char *form = begins % 86400 == 0 ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S";
    strftime(from, sizeof from, form, gmtime(&begins));
    strftime(to, sizeof to, form, gmtime(&ends));
    (void)snprintf(sql, sizeof sql, format, from, to);
    if (!records_query(tables, sql, each, day)) return false;
    if (day->odd[0] == '\0') return true;
    char why[120];
    (void)snprintf(why, sizeof why, "a row of the day has %s, which is no time", day->odd);
    return wrong_records(tables, why);
}

/* Finds the medium of a flow, which is media_none for calls. False: the site has no such medium any more. */
static bool records_medium(const struct day *day, const char *word, enum media *medium)
{
    const enum media named = word ? media_named(day->image, span_of(word)) : media_voice;
    *medium = named == media_voice ? media_none : named;
    return named != media_none;
}

enum {
    CALL_received,
    CALL_dnis,
    CALL_strategy,
    CALL_handle_ms,
    CALL_entered,
    CALL_left,
    CALL_ended,
    CALL_outcome,
    CALL_media
};

static void on_call(void *self, const char *const *cells)
{
    struct day *day = self;
    double at_us, entered_us, until_us, talk_us = ms_of(day, cells[CALL_handle_ms]);
    bool gave_up = cells[CALL_outcome] && strcmp(cells[CALL_outcome], "abandoned") == 0;
    if (!moment_of(day, cells[CALL_received], &at_us)) return;
    enum media medium;
    if (!cells[CALL_strategy]) {
        day->without++;
        return;
    }
    if (!records_medium(day, cells[CALL_media], &medium)) {
        day->strange++;
        return;
    }
    day->calls++;
    day->answered += talk_us >= 0 && medium == media_none; /* each answered call has a time of work after it */
    day->gave_up += gave_up;
    struct kind_of_call *kind = records_kind(day, cells[CALL_strategy], medium);
    if (talk_us >= 0) spread_add(&kind->handling, talk_us);
    if (moment_of(day, cells[CALL_entered], &entered_us) &&
        moment_of(day, cells[gave_up ? CALL_ended : CALL_left], &until_us)) {
        kind->waits = memory_more(kind->waits, kind->wait_count, sizeof *kind->waits);
        kind->waits[kind->wait_count++] = (struct wait){fmax(until_us - entered_us, 0), gave_up};
    }
    const double after_us = at_us - day->begins_us;
    if (day->options->arrivals.count > 0 || after_us < day->from_us || after_us >= day->to_us) return;
    struct simulation_flow *flow = records_flow(day, cells[CALL_strategy], medium, cells[CALL_dnis]);
    bool as_it_was = day->options->handling.count == 0;
    arrivals_add(&flow->arrivals, (struct arrivals_call){after_us, as_it_was ? talk_us : -1});
}

static void on_ring(void *self, const char *const *cells)
{
    struct day *day = self;
    if (cells[0]) spread_add(&day->ringing, ms_of(day, cells[0]));
}

static void on_wrap_up(void *self, const char *const *cells)
{
    struct day *day = self;
    if (cells[0]) spread_add(&day->wrap_up, ms_of(day, cells[0]));
}

enum { STATE_agent, STATE_state, STATE_began, STATE_ended };

static void records_on_state(void *self, const char *const *cells)
{
    struct day *day = self;
    struct simulation_shift shift = {0};
    if (!cells[STATE_agent] || !moment_of(day, cells[STATE_began], &shift.from_us) ||
        !moment_of(day, cells[STATE_ended], &shift.to_us))
        return;
    shift.from_us = fmax(shift.from_us - day->begins_us, 0);
    shift.to_us = fmin(shift.to_us - day->begins_us, DAY_US);
    for (uint32_t i = 0; i < day->plan->agents_count; i++) {
        struct simulation_agents *agent = &day->plan->agents[i];
        if (strcmp(agent->name, cells[STATE_agent]) != 0) continue;
        simulate_add_shift(agent, shift);
        shift.pause = true;
        if (strcmp(cells[STATE_state], "not_ready") == 0) simulate_add_shift(agent, shift);
    }
}

/* Sets the shifts of the directory's agents: they work as the records say, or not at all. */
static bool read_states(struct tables *tables, struct day *day)
{
    if (!day->options->people || day->options->shifts) return true;
    for (uint32_t i = 0; i < day->plan->agents_count; i++)
        if (day->plan->agents[i].name[0] != '\0')
            simulate_add_shift(&day->plan->agents[i], (struct simulation_shift){0});
    return ask_day(tables, day, STATES, records_on_state);
}

static void on_last(void *self, const char *const *cells)
{
    struct day *day = self;
    (void)snprintf(day->last, sizeof day->last, "%s", cells[0] ? cells[0] : "");
}

static int by_wait(const void *a, const void *b)
{
    const struct wait *left = a, *right = b;
    if (left->us != right->us) return left->us < right->us ? -1 : 1;
    return right->gave_up - left->gave_up; /* a caller who hangs up at a moment was there until then */
}

/* Estimates patience from these waits, of which some ended by an answer. Callers who would have waited longer than
 * the longest wait that ended by hanging up are taken to wait for ever. The estimate is Kaplan-Meier: at each moment
 * a share of the callers who still wait hangs up. A caller who was answered counts as waiting until the answer, and
 * not at all after it. */
static void simulate_records_estimate(const struct kind_of_call *kind, struct spread *patience)
{
    double stay = 1, sure = 0;
    uint32_t at = 0;
    if (kind->wait_count != 0) qsort(kind->waits, kind->wait_count, sizeof *kind->waits, by_wait);
    for (unsigned i = 0; i < QUANTILES; i++) {
        double wanted = (i + 0.5) / QUANTILES;
        for (; at < kind->wait_count && 1 - stay < wanted; at++) {
            if (!kind->waits[at].gave_up) continue;
            stay *= 1 - 1.0 / (kind->wait_count - at);
            sure = kind->waits[at].us;
        }
        spread_add(patience, 1 - stay >= wanted ? sure : INFINITY);
    }
}

/* Returns the length of the text that says a day, or a day and a time; 0: it says neither. */
static int records_read_day(const char *text, double *us)
{
    char moment[40];
    const bool hour = strlen(text) == sizeof "2026-03-02 20:00" - 1 && text[10] == ' ';
    (void)snprintf(moment, sizeof moment, hour ? "%.16s:00" : "%.20s 00:00:00", text);
    if ((!hour && strlen(text) != 10) || !records_read_moment(moment, us)) return 0;
    return hour ? 16 : 10;
}

/* ---- how things stand now ---- */

static bool situation_call(void *self, uint32_t line, char cells[DRAW_CELLS][DRAW_CELL], uint32_t count,
                           struct error *error)
{
    struct day *day = self;
    double ago_us = 0;
    if (count < 3 || !draw_duration(cells[2], strlen(cells[2]), &ago_us))
        return error_set(error, ERROR_INPUT, "line %u: expected strategy, number, how long ago, medium",
                         (unsigned)line);
    enum media medium;
    if (!records_medium(day, count > 3 ? cells[3] : NULL, &medium)) return true;
    struct simulation_flow *flow = records_flow(day, cells[0], medium, cells[1]);
    /* Nobody else may come: then they are counted, each as from now on. */
    const double at_us = day->options->records ? fmax(day->from_us - ago_us, 0) : day->from_us;
    arrivals_add(&flow->arrivals, (struct arrivals_call){at_us, -1});
    return true;
}

/* Takes the calls of --situation that are there now: the records have a call when it is over. */
static bool read_situation(struct day *day)
{
    struct error error = {0};
    if (!day->options->situation) return true;
    char *path = memory_format("%s/calls.csv", day->options->situation);
    bool good = access(path, F_OK) != 0 || draw_csv(path, situation_call, day, &error) ||
                shown_refuse("gcxc: --situation: %s: %s\n", path, error.text);
    free(path);
    return good;
}

static const char *records_calls(const struct day *day)
{
    return day->options->situation ? CALLS_AND_OTHERS : CALLS;
}

/* Has the callers of the warm-up come as from that moment on, and those of the day when it is over: what is counted
 * begins with who waited and talked then. */
static bool read_lead_in(struct tables *tables, struct day *day)
{
    const char *said = day->options->lead_in, *lasts = day->options->warm_up;
    const double begins_us = day->begins_us;
    day->from_us = 0;
    day->to_us = DAY_US;
    if (!said) return true;
    if (!lasts || !draw_duration(lasts, strlen(lasts), &day->to_us) || records_read_day(said, &day->begins_us) != 16)
        return shown_refuse("gcxc: --lead-in %s: write the date and time at which --warm-up begins, and how long that "
                            "lasts: --lead-in \"2026-03-02 20:00\" --warm-up 1h\n",
                            said);
    const uint64_t calls = day->calls;
    if (!ask_day(tables, day, records_calls(day), on_call)) return false;
    day->begins_us = begins_us;
    day->from_us = day->to_us;
    day->to_us = DAY_US;
    if (day->calls == calls)
        shown_print(stderr, "gcxc: nobody called in %s from %s on: the warm-up has nobody\n", lasts, said);
    day->calls = day->answered = day->gave_up = day->without = day->strange = 0;
    return read_situation(day);
}

static bool read_day(struct tables *tables, struct day *day)
{
    const char *which = day->options->day;
    if (!which && !records_query(tables, LAST, on_last, day)) return false;
    if (!which && day->last[0] == '\0') return wrong_records(tables, "it has no calls");
    const int length = records_read_day(which ? which : day->last, &day->begins_us);
    if (length == 0)
        return shown_refuse("gcxc: --day %s: write a date, or the date and time at which the 24 hours begin: "
                            "2026-03-02, \"2026-03-02 20:00\"\n",
                            which ? which : day->last);
    if (!read_lead_in(tables, day) || !ask_day(tables, day, records_calls(day), on_call) ||
        !ask_day(tables, day, RINGING, on_ring) || !ask_day(tables, day, WRAP_UP, on_wrap_up) ||
        !read_states(tables, day))
        return false;
    if (day->calls == 0 && !day->options->situation) return wrong_records(tables, "no strategy had a call on that day");
    shown_print(stderr, "gcxc: of %.*s: %" PRIu64 " calls, %" PRIu64 " of them answered, %" PRIu64 " hung up before\n",
                length, which ? which : day->last, day->calls, day->answered, day->gave_up);
    if (day->without > 0) fprintf(stderr, "gcxc: left out: %" PRIu64 " calls that no strategy had\n", day->without);
    if (day->strange > 0)
        fprintf(stderr, "gcxc: left out: %" PRIu64 " of a medium that the site does not have\n", day->strange);
    return true;
}

bool simulate_records_called(const struct options *options, const char *which, bool *called)
{
    struct tables tables;
    struct day day = {.options = options};
    *called = false;
    if (!options->records || records_read_day(which, &day.begins_us) == 0)
        return shown_refuse("gcxc: --day %s: write dates of --records, with commas: 2026-03-02,2026-03-09\n", which);
    bool good = tables_open(&tables, options->records) &&
                ask_day(&tables, &day, options->situation ? ANY_OR_OTHERS : ANY, on_last);
    *called = *day.last != '\0';
    tables_close(&tables);
    return good;
}

static void spread_give(struct spread *to, const struct spread *from)
{
    spread_free(to);
    *to = (struct spread){.kind = SPREAD_never};
    for (size_t i = 0; i < from->count; i++) spread_add(to, from->values[i]);
}

/* Nobody comes but who is there: no day of the records is played. */
static bool read_nobody(struct day *day)
{
    return draw_duration(day->options->warm_up, strlen(day->options->warm_up), &day->from_us) && read_situation(day);
}

bool simulate_records_read(struct simulation_plan *plan, const struct image *image, const struct options *options)
{
    struct tables tables = {0};
    struct day day = {.plan = plan, .image = image, .options = options};
    bool good =
        options->records ? tables_open(&tables, options->records) && read_day(&tables, &day) : read_nobody(&day);
    if (good && options->arrivals.count == 0)
        for (uint32_t i = 0; i < plan->flow_count; i++) arrivals_listed(&plan->flows[i].arrivals);
    if (!options->records) return good; /* times are as without a day */
    if (good) plan->start_us = (int64_t)day.begins_us;
    for (uint32_t i = 0; good && i < plan->flow_count; i++) {
        struct simulation_flow *flow = &plan->flows[i];
        const struct kind_of_call *kind = records_kind(&day, flow->strategy, flow->medium);
        if (kind->handling.count > 0) spread_give(&flow->handling, &kind->handling);
        spread_free(&flow->patience);
        simulate_records_estimate(kind, &flow->patience);
    }
    plan->ringing = day.ringing;
    /* Agents who were ready at once have no state of after-call work. */
    for (uint64_t n = day.wrap_up.count; good && day.wrap_up.count > 0 && n < day.answered; n++)
        spread_add(&day.wrap_up, 0);
    plan->wrap_up = day.wrap_up;
    for (uint32_t i = 0; i < day.kind_count; i++) {
        spread_free(&day.kinds[i].handling);
        free(day.kinds[i].waits);
    }
    free(day.kinds);
    tables_close(&tables);
    return good;
}
