/* tests/unit/sources_postgres.c - The PostgreSQL source against a real server: typed rows, named exits, nothing waits.
 *
 * Run by tests/flows/postgres_sources.sh, which starts the server and says where it is. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/sources/source.h"

enum { ANSWERS_MAX = 512, WAIT_US = 15000000 };

struct answered {
    bool here;
    unsigned times;
    enum outcome outcome;
    enum code code;
    char text[512];
    uint8_t *frame;
    struct message message;
};

struct world {
    struct sources *sources;
    struct event_base *base;
    struct event *keep;
    atomic_bool over;
    pthread_t loop;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct answered answers[ANSWERS_MAX]; /* by ref */
    unsigned count;
    char notes[2048];
    PGconn *other; /* our own connection */
};

static void on_done(void *self, struct span frame)
{
    struct world *world = self;
    struct message message;
    struct answered *answer;
    if (!message_read(&message, frame.bytes, frame.length, NULL)) abort();
    answer = &world->answers[message_u(&message, ENVELOPE_ref) % ANSWERS_MAX];
    pthread_mutex_lock(&world->lock);
    free(answer->frame);
    answer->frame = malloc(frame.length);
    if (answer->frame == NULL) abort();
    memcpy(answer->frame, frame.bytes, frame.length);
    if (!message_read(&answer->message, answer->frame, frame.length, NULL)) abort();
    answer->outcome = (enum outcome)message_u(&message, EventDone_outcome);
    answer->code = (enum code)message_u(&message, EventDone_code);
    snprintf(answer->text, sizeof answer->text, "%.*s", (int)message_text(&message, EventDone_text).length,
             (const char *)message_text(&message, EventDone_text).bytes);
    answer->here = true;
    answer->times++;
    world->count++;
    pthread_cond_broadcast(&world->arrived);
    pthread_mutex_unlock(&world->lock);
}

static void on_note(void *self, const char *source, bool good, const char *text)
{
    struct world *world = self;
    size_t at;
    (void)source;
    pthread_mutex_lock(&world->lock);
    at = strlen(world->notes);
    snprintf(world->notes + at, sizeof world->notes - at, "%s%s\n", good ? "" : "! ", text);
    pthread_cond_broadcast(&world->arrived);
    pthread_mutex_unlock(&world->lock);
}

static void *loop_main(void *self)
{
    event_base_loop(self, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

/* Now and then: has the test ended? */
static void on_keep(evutil_socket_t fd, short what, void *self)
{
    struct world *world = self;
    (void)fd, (void)what;
    if (atomic_load(&world->over)) event_base_loopbreak(world->base);
}

static void control(const char *what)
{
    char command[512];
    snprintf(command, sizeof command, "%s %s", getenv("GCX_PG_CONTROL"), what);
    cr_assert_eq(system(command), 0, "%s", command);
}

static void sql(struct world *world, const char *text)
{
    PGresult *result;
    if (PQstatus(world->other) != CONNECTION_OK) PQreset(world->other);
    result = PQexec(world->other, text);
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", text,
              PQerrorMessage(world->other));
    PQclear(result);
}

static long ask_number(struct world *world, const char *text)
{
    PGresult *result = PQexec(world->other, text);
    long number = PQntuples(result) == 1 ? strtol(PQgetvalue(result, 0, 0), NULL, 10) : -1;
    PQclear(result);
    return number;
}

static const struct source_options usual = {.name = "crm",
                                            .timeout_us = 10000000,
                                            .busy_us = 200000,
                                            .rows_max = 1000,
                                            .bytes_max = 49152,
                                            .waiting_max = 400,
                                            .waiting_bytes = 1 << 20,
                                            .connections = 3,
                                            .pipeline = 8,
                                            .connect_us = 2000000,
                                            .statement_us = 30000000,
                                            .retry_us = 50000,
                                            .retry_max_us = 400000,
                                            .failures = 5};

static struct world *world_of(struct source_options options)
{
    struct world *world = calloc(1, sizeof *world);
    struct error error = {0};
    const char *conninfo = getenv("GCX_PG_CONNINFO");
    cr_assert_not_null(world);
    if (conninfo == NULL) cr_skip_test("no server: run tests/flows/postgres_sources.sh");
    world->other = PQconnectdb(conninfo);
    cr_assert_eq(PQstatus(world->other), CONNECTION_OK, "%s", PQerrorMessage(world->other));
    sql(world, "set client_min_messages to error; drop table if exists customer, note;"
               "create table customer (account text primary key, name text not null, tier text, level int not null "
               "default 1); insert into customer values ('4711', 'Dupont', 'gold', 9), ('4714', 'O''Brien', null, 5);"
               "create table note (id serial primary key, text text not null)");
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->arrived, NULL);
    world->base = event_base_new();
    world->sources =
        sources_new(&(struct sources_options){.base = world->base, .done = on_done, .note = on_note, .self = world});
    if (options.postgres == NULL) options.postgres = conninfo;
    cr_assert(sources_add(world->sources, &options, &error), "%s", error.text);
    world->keep = event_new(world->base, -1, EV_PERSIST, on_keep, world);
    event_add(world->keep, &(struct timeval){.tv_usec = 20000});
    pthread_create(&world->loop, NULL, loop_main, world->base);
    return world;
}

static struct world *world_new(void)
{
    return world_of(usual);
}

static void world_free(struct world *world)
{
    atomic_store(&world->over, true);
    pthread_join(world->loop, NULL);
    sources_free(world->sources);
    event_free(world->keep);
    event_base_free(world->base);
    PQfinish(world->other);
    for (size_t i = 0; i < ANSWERS_MAX; i++) free(world->answers[i].frame);
    free(world);
}

static void statement(struct world *world, uint8_t mark, const char *text, const struct source_column *columns,
                      size_t count)
{
    struct source_statement it = {.text = text, .columns = columns, .column_count = count};
    memset(it.hash, mark, sizeof it.hash);
    sources_statement(world->sources, &it);
}

static void post(struct world *world, uint64_t ref, uint8_t mark, const struct kv *params, uint64_t rows, bool write,
                 int64_t timeout_us)
{
    uint8_t hash[SOURCE_HASH];
    struct writer writer;
    struct message message;
    struct span frame;
    memset(hash, mark, sizeof hash);
    writer_init(&writer);
    writer_begin(&writer, KIND_Query);
    writer_u(&writer, ENVELOPE_ixn, 7);
    writer_u(&writer, ENVELOPE_ref, ref);
    writer_i(&writer, ENVELOPE_timeout, timeout_us);
    writer_text(&writer, Query_source, "crm");
    writer_bytes(&writer, Query_statement, (struct span){hash, sizeof hash});
    if (params != NULL) writer_kv(&writer, Query_params, params);
    writer_u(&writer, Query_rows, rows);
    writer_u(&writer, Query_write, write);
    frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    sources_query(world->sources, &message);
    writer_free(&writer);
}

static bool wait_until(struct world *world, bool (*holds)(struct world *, uint64_t), uint64_t what)
{
    uint64_t end_us = clock_monotonic_us() + WAIT_US;
    bool good;
    pthread_mutex_lock(&world->lock);
    while (!(good = holds(world, what)) && clock_monotonic_us() < end_us) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 20000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&world->arrived, &world->lock, &until);
    }
    pthread_mutex_unlock(&world->lock);
    return good;
}

static bool is_here(struct world *world, uint64_t ref)
{
    return world->answers[ref].here;
}

static bool are_here(struct world *world, uint64_t count)
{
    return world->count >= count;
}

static struct answered *await(struct world *world, uint64_t ref)
{
    cr_assert(wait_until(world, is_here, ref), "no answer to %llu; notes: %s", (unsigned long long)ref, world->notes);
    return &world->answers[ref];
}

/* As ref 1, each time anew. */
static struct answered *ask(struct world *world, uint8_t mark, const struct kv *params, uint64_t rows)
{
    world->answers[1].here = false;
    post(world, 1, mark, params, rows, rows == 0, 0);
    return await(world, 1);
}

static void failed(const struct answered *answer, enum outcome outcome, enum code code, const char *text)
{
    cr_expect_eq(answer->outcome, outcome, "%d: %s", (int)answer->outcome, answer->text);
    cr_expect_eq(answer->code, code, "%d: %s", (int)answer->code, answer->text);
    cr_expect_not_null(strstr(answer->text, "source crm: "), "%s", answer->text);
    cr_expect_not_null(strstr(answer->text, text), "expected `%s` in `%s`", text, answer->text);
}

static struct kv_value cell(const struct answered *answer, const char *row, const char *column)
{
    struct kv_value value = {.tag = KV_BINARY};
    cr_expect_eq(answer->outcome, outcome_ok, "%s", answer->text);
    if (kv_get(message_text(&answer->message, EventDone_rows), row, &value)) {
        struct span pairs = value.span;
        if (!kv_get(pairs, column, &value)) value.tag = KV_BINARY;
    }
    return value;
}

static void is_text(const struct answered *answer, const char *column, const char *text)
{
    struct kv_value value = cell(answer, "1", column);
    cr_expect_eq(value.tag, KV_TEXT, "%s", column);
    cr_expect(span_is(value.span, text), "%s is %.*s", column, (int)value.span.length, (const char *)value.span.bytes);
}

static void is_number(const struct answered *answer, const char *column, enum kv_tag tag, int64_t word)
{
    struct kv_value value = cell(answer, "1", column);
    cr_expect_eq(value.tag, tag, "%s is of tag %d", column, (int)value.tag);
    cr_expect_eq(value.word, word, "%s is %lld", column, (long long)value.word);
}

static const struct source_column customer[] = {
    {"name", SOURCE_TEXT, false}, {"tier", SOURCE_TEXT, true}, {"level", SOURCE_INT, false}};
static const struct source_column number[] = {{"", SOURCE_INT, false}}, word[] = {{"", SOURCE_TEXT, true}};
#define BY_ACCOUNT "select name, tier, level from customer where account = $1"

static struct answered *ask_account(struct world *world, const char *account)
{
    struct kv params;
    struct answered *answer;
    kv_init(&params);
    kv_put_text(&params, "1", span_of(account));
    answer = ask(world, 1, &params, 1);
    kv_free(&params);
    return answer;
}

Test(sources_postgres, a_row_is_typed_and_its_parameter_bound, .timeout = 30)
{
    struct world *world = world_new();
    struct answered *answer;
    statement(world, 1, BY_ACCOUNT, customer, 3);
    answer = ask_account(world, "4711");
    is_text(answer, "name", "Dupont");
    is_text(answer, "tier", "gold");
    is_number(answer, "level", KV_INT, 9);
    answer = ask_account(world, "4714");
    is_text(answer, "name", "O'Brien");
    cr_expect_eq(cell(answer, "1", "tier").tag, KV_NONE);
    answer = ask_account(world, "' or 1=1 --");
    cr_expect_eq(answer->outcome, outcome_ok);
    cr_expect_eq(message_text(&answer->message, EventDone_rows).length, 0, "no row");
    world_free(world);
}

Test(sources_postgres, every_type_is_read_exactly, .timeout = 30)
{
    static const struct source_column columns[] = {
        {"i", SOURCE_INT, false},      {"n", SOURCE_INT, false},       {"b", SOURCE_BOOL, false},
        {"b1", SOURCE_BOOL, false},    {"t", SOURCE_TIME, false},      {"s", SOURCE_TIME, false},
        {"d", SOURCE_DURATION, false}, {"d1", SOURCE_DURATION, false}, {"f", SOURCE_FLOAT, false},
        {"j", SOURCE_TEXT, false},     {"u", SOURCE_TEXT, false},      {"m", SOURCE_TEXT, false},
        {"day", SOURCE_TEXT, false},   {"x", SOURCE_ANY, false},       {"neg", SOURCE_DURATION, false}};
    struct world *world = world_new();
    struct answered *answer;
    statement(world, 2,
              "select 9223372036854775807 as i, sum(x)::numeric as n, true as b, 1 as b1, "
              "timestamptz '2026-03-02 10:00:00.25+01' as t, 1700000000 as s, interval '1 day 2 hours 1.5 seconds' "
              "as d, 90 as d1, 0.1::float8 as f, '{\"a\": 1}'::jsonb as j, "
              "'6c84fb90-12c4-11e1-840d-7b25c5ee775a'::uuid as u, 12345678901234567890.123::numeric as m, "
              "date '2026-03-02' as day, 7 as x, interval '-00:00:00.5' as neg from generate_series(1, 4) x",
              columns, 15);
    answer = ask(world, 2, NULL, 1);
    is_number(answer, "i", KV_INT, INT64_MAX);
    is_number(answer, "n", KV_INT, 10);
    is_number(answer, "b", KV_BOOL, 1);
    is_number(answer, "b1", KV_BOOL, 1);
    is_number(answer, "t", KV_TIME, 1772442000250000);
    is_number(answer, "s", KV_TIME, 1700000000000000);
    is_number(answer, "d", KV_INT, 93601500000);
    is_number(answer, "d1", KV_INT, 90000000);
    cr_expect_eq(cell(answer, "1", "f").number, 0.1);
    is_text(answer, "j", "{\"a\": 1}");
    is_text(answer, "u", "6c84fb90-12c4-11e1-840d-7b25c5ee775a");
    is_text(answer, "m", "12345678901234567890.123");
    is_text(answer, "day", "2026-03-02");
    is_number(answer, "x", KV_INT, 7);
    is_number(answer, "neg", KV_INT, -500000);
    world_free(world);
}

struct wrong {
    const char *text;
    enum source_type type;
    const char *said;
};

Test(sources_postgres, a_wrong_type_and_a_null_are_named, .timeout = 30)
{
    static const struct wrong wrongs[] = {
        {"select tier from customer where account = '4714'", SOURCE_TEXT,
         "column tier of row 1 is NULL; expected a text"},
        {"select name from customer", SOURCE_INT, "column name of row 1 is a text; expected an integer"},
        {"select level from customer", SOURCE_TEXT, "column level of row 1 is an integer; expected a text"},
        {"select true as b", SOURCE_INT, "column b of row 1 is a boolean; expected an integer"},
        {"select 2 as b", SOURCE_BOOL, "column b of row 1 is an integer; expected 0 or 1"},
        {"select 1.5 as n", SOURCE_INT, "column n of row 1 is a real number; expected an integer"},
        {"select 'NaN'::float8 as f", SOURCE_FLOAT, "column f of row 1 is no finite number"},
        {"select localtimestamp as t", SOURCE_TIME, "is a timestamp without time zone; expected"},
        {"select 'infinity'::timestamptz as t", SOURCE_TIME, "is a moment before the year 1, or without end"},
        {"select interval '1 month' as d", SOURCE_DURATION, "an interval of months, which has no length in seconds"},
        {"select 'x'::bytea as x", SOURCE_TEXT, "is a bytea; expected a text"},
        {"select 1, 2", SOURCE_INT, "2 columns; expected one"},
    };
    static const struct source_column other[] = {{"rank", SOURCE_TEXT, false}};
    struct source_column columns[sizeof wrongs / sizeof *wrongs];
    struct world *world = world_new();
    for (uint8_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        columns[i] = (struct source_column){"", wrongs[i].type, false};
        statement(world, (uint8_t)(10 + i), wrongs[i].text, &columns[i], 1);
        failed(ask(world, (uint8_t)(10 + i), NULL, 1), outcome_error, code_bad_row, wrongs[i].said);
    }
    statement(world, 9, "select name from customer", other, 1);
    failed(ask(world, 9, NULL, 1), outcome_error, code_bad_row, "no column rank in the result");
    world_free(world);
}

Test(sources_postgres, parameters_go_by_the_type_of_their_place, .timeout = 30)
{
    static const struct source_column columns[] = {
        {"a", SOURCE_INT, false},  {"b", SOURCE_BOOL, false},     {"c", SOURCE_TIME, false}, {"d", SOURCE_INT, false},
        {"e", SOURCE_BOOL, false}, {"f", SOURCE_DURATION, false}, {"g", SOURCE_TEXT, false}};
    struct world *world = world_new();
    struct answered *answer;
    struct kv params;
    kv_init(&params);
    kv_put_int(&params, "1", -42);
    kv_put_bool(&params, "2", true);
    kv_put_time(&params, "3", 1700000000250000);
    kv_put_time(&params, "4", 1700000000250000);
    kv_put_none(&params, "5");
    kv_put_int(&params, "6", 90);
    kv_put_text(&params, "7", span_of("l'été"));
    statement(world, 2,
              "select $1::int8 as a, $2::bool as b, $3::timestamptz as c, $4::int8 as d, $5::text is null as e, "
              "$6::interval as f, $7::text as g",
              columns, 7);
    statement(world, 3, "select 1 where $1 = 'x'", number, 1);
    answer = ask(world, 2, &params, 1);
    is_number(answer, "a", KV_INT, -42);
    is_number(answer, "b", KV_BOOL, 1);
    is_number(answer, "c", KV_TIME, 1700000000250000);
    is_number(answer, "d", KV_INT, 1700000000);
    is_number(answer, "e", KV_BOOL, 1);
    is_number(answer, "f", KV_INT, 90000000);
    is_text(answer, "g", "l'été");
    failed(ask(world, 3, &params, 1), outcome_error, code_refused, "the statement takes 1 parameters; given were more");
    failed(ask(world, 3, NULL, 1), outcome_error, code_refused, "the statement takes 1 parameters; given were 0");
    kv_free(&params);
    world_free(world);
}

Test(sources_postgres, an_error_hits_only_its_own, .timeout = 30)
{
    struct world *world = world_new();
    unsigned good = 0;
    statement(world, 1, "select 10 / $1::int4", number, 1);
    for (uint64_t ref = 1; ref <= 300; ref++) {
        struct kv params;
        kv_init(&params);
        kv_put_int(&params, "1", ref % 50 == 0 ? 0 : 5);
        post(world, ref, 1, &params, 1, false, 0);
        kv_free(&params);
    }
    cr_assert(wait_until(world, are_here, 300), "%u answers", world->count);
    for (uint64_t ref = 1; ref <= 300; ref++) {
        cr_expect_eq(world->answers[ref].times, 1);
        if (ref % 50 == 0)
            failed(&world->answers[ref], outcome_error, code_refused, "division by zero (22012)");
        else
            good += world->answers[ref].outcome == outcome_ok && cell(&world->answers[ref], "1", "?column?").word == 2;
    }
    cr_expect_eq(good, 294);
    world_free(world);
}

Test(sources_postgres, what_the_server_does_not_take_is_refused, .timeout = 30)
{
    struct world *world = world_new();
    struct kv params;
    statement(world, 1, "select nam from customer", word, 1);
    statement(world, 2, "select 1; select 2", number, 1);
    statement(world, 3, "  ", number, 1);
    statement(world, 4, "insert into note (text) values ('x')", NULL, 0);
    statement(world, 5, "copy customer to stdout", word, 1);
    failed(ask(world, 1, NULL, 1), outcome_error, code_refused, "column \"nam\" does not exist (42703)");
    failed(ask(world, 2, NULL, 1), outcome_error, code_refused, "cannot insert multiple commands");
    failed(ask(world, 3, NULL, 1), outcome_error, code_refused, "not one statement");
    failed(ask(world, 4, NULL, 0), outcome_error, code_refused, "it is read-only: `write = true` is not set");
    cr_expect_neq(ask(world, 5, NULL, 1)->outcome, outcome_ok);
    statement(world, 7, "select $1::int4", number, 1);
    kv_init(&params);
    kv_put_text(&params, "1", span_of("hunter2"));
    failed(ask(world, 7, &params, 1), outcome_error, code_refused, "invalid input syntax for type integer (22P02)");
    cr_expect_null(strstr(world->answers[1].text, "hunter2"), "a value is shown: %s", world->answers[1].text);
    kv_free(&params);
    statement(world, 6, "select 6", number, 1);
    cr_expect_eq(cell(ask(world, 6, NULL, 1), "1", "?column?").word, 6);
    world_free(world);
}

static bool nobody_sleeps(struct world *world, uint64_t what)
{
    (void)what;
    return ask_number(world, "select count(*) from pg_stat_activity where state = 'active' and pid <> "
                             "pg_backend_pid() and query like '%slow%'") == 0;
}

static bool somebody_sleeps(struct world *world, uint64_t what)
{
    return !nobody_sleeps(world, what);
}

Test(sources_postgres, a_query_ends_at_its_timeout_and_is_cancelled_at_the_server, .timeout = 30)
{
    struct world *world = world_new();
    struct source_row row;
    statement(world, 1, "select 1 from pg_sleep(20) /* slow */", number, 1);
    statement(world, 2, "select 2", number, 1);
    post(world, 1, 1, NULL, 1, false, 300000);
    cr_expect(wait_until(world, somebody_sleeps, 0));
    failed(await(world, 1), outcome_timeout, code_timeout, "not done within the time given");
    cr_expect(wait_until(world, nobody_sleeps, 0), "it still runs");
    for (uint64_t ref = 2; ref < 40; ref++) post(world, ref, 2, NULL, 1, false, 0);
    for (uint64_t ref = 2; ref < 40; ref++) cr_expect_eq(cell(await(world, ref), "1", "?column?").word, 2);
    cr_expect(sources_read(world->sources, 0, &row));
    cr_expect_geq(row.cancelled, 1);
    cr_expect_eq(row.lost, 0);
    world_free(world);
}

Test(sources_postgres, what_the_core_cancels_is_not_answered, .timeout = 30)
{
    struct world *world = world_new();
    statement(world, 1, "select 1 from pg_sleep(20) /* slow */", number, 1);
    statement(world, 2, "select 2", number, 1);
    post(world, 1, 1, NULL, 1, false, 0);
    cr_expect(wait_until(world, somebody_sleeps, 0));
    sources_cancel(world->sources, 7, 1);
    cr_expect(wait_until(world, nobody_sleeps, 0), "it still runs");
    post(world, 2, 2, NULL, 1, false, 0);
    await(world, 2);
    cr_expect_eq(world->answers[1].times, 0);
    world_free(world);
}

Test(sources_postgres, a_slow_statement_does_not_hold_up_the_others, .timeout = 30)
{
    struct world *world = world_new();
    statement(world, 1, "select 1 from pg_sleep(3) /* slow */", number, 1);
    statement(world, 2, "select 2", number, 1);
    post(world, 1, 1, NULL, 1, false, 0);
    cr_expect(wait_until(world, somebody_sleeps, 0));
    usleep(60000);
    uint64_t began_us = clock_monotonic_us();
    for (uint64_t ref = 2; ref < 200; ref++) post(world, ref, 2, NULL, 1, false, 0);
    for (uint64_t ref = 2; ref < 200; ref++) await(world, ref);
    cr_expect_lt(clock_monotonic_us() - began_us, 2000000);
    cr_expect_eq(world->answers[1].times, 0);
    cr_expect_eq(await(world, 1)->outcome, outcome_ok);
    world_free(world);
}

Test(sources_postgres, results_are_bounded, .timeout = 30)
{
    struct world *world = world_new();
    statement(world, 1, "select generate_series(1, 1000000000) as i /* slow */", number, 1);
    statement(world, 2, "select repeat('x', 60000)", word, 1);
    statement(world, 3, "select i from generate_series(1, 1000) i", number, 1);
    failed(ask(world, 1, NULL, 1000), outcome_error, code_too_large, "more than 1000 rows");
    cr_expect(wait_until(world, nobody_sleeps, 0), "it still runs");
    failed(ask(world, 2, NULL, 1), outcome_error, code_too_large, "more than 49152 bytes");
    cr_expect_eq(cell(ask(world, 3, NULL, 1000), "1000", "i").word, 1000);
    cr_expect_eq(cell(ask(world, 1, NULL, 1), "1", "i").word, 1, "the first row is enough");
    world_free(world);
}

Test(sources_postgres, a_locked_table_is_waited_for_and_then_unavailable, .timeout = 30)
{
    struct world *world = world_new();
    statement(world, 1, BY_ACCOUNT, customer, 3);
    is_text(ask_account(world, "4711"), "name", "Dupont");
    sql(world, "begin; lock table customer in access exclusive mode");
    failed(ask_account(world, "4711"), outcome_error, code_unavailable, "locked (waited 200 ms)");
    sql(world, "commit");
    is_text(ask_account(world, "4711"), "name", "Dupont");
    world_free(world);
}

Test(sources_postgres, a_statement_is_prepared_anew_when_its_table_has_changed, .timeout = 30)
{
    struct world *world = world_new();
    statement(world, 1, "select * from customer where account = $1", customer, 3);
    is_text(ask_account(world, "4711"), "name", "Dupont");
    sql(world, "alter table customer add column more text");
    is_text(ask_account(world, "4711"), "name", "Dupont");
    sql(world, "alter table customer drop column tier");
    failed(ask_account(world, "4711"), outcome_error, code_bad_row, "no column tier in the result");
    world_free(world);
}

Test(sources_postgres, a_write_says_how_many_rows_it_changed, .timeout = 30)
{
    struct source_options options = usual;
    struct world *world;
    struct answered *answer;
    struct kv_value value;
    options.write = true;
    world = world_of(options);
    statement(world, 1, "update customer set level = level + 1", NULL, 0);
    statement(world, 2, "select sum(level) from customer", number, 1);
    answer = ask(world, 1, NULL, 0);
    cr_expect_eq(answer->outcome, outcome_ok, "%s", answer->text);
    cr_expect(kv_get(message_text(&answer->message, EventDone_value), "changed", &value) && value.word == 2);
    cr_expect_eq(cell(ask(world, 2, NULL, 1), "1", "sum").word, 16);
    world_free(world);
}

Test(sources_postgres, a_lost_connection_is_found_again_and_reads_are_asked_again, .timeout = 60)
{
    struct source_options options = usual;
    struct world *world;
    options.write = true;
    options.failures = 100;
    world = world_of(options);
    statement(world, 1, "select 1 from pg_sleep(1) /* slow */", number, 1);
    statement(world, 2, "insert into note (text) select 'x' from pg_sleep(5) /* slow */", NULL, 0);
    statement(world, 3, "select 3", number, 1);
    post(world, 1, 1, NULL, 1, false, 0);
    post(world, 2, 2, NULL, 0, true, 0);
    cr_expect(wait_until(world, somebody_sleeps, 0));
    usleep(100000);
    control("stop immediate");
    failed(await(world, 2), outcome_unknown, code_outcome_unknown, "whether it was done is not known");
    post(world, 3, 3, NULL, 1, false, 0);
    control("start");
    cr_expect_eq(await(world, 3)->outcome, outcome_ok, "%s", world->answers[3].text);
    cr_expect_eq(await(world, 1)->outcome, outcome_ok, "%s", world->answers[1].text);
    cr_expect_not_null(strstr(world->notes, "! connection lost: "), "%s", world->notes);
    cr_expect_not_null(strstr(strstr(world->notes, "! connection lost: "), "\nconnected"), "%s", world->notes);
    world_free(world);
}

Test(sources_postgres, a_connection_that_is_ended_costs_nobody_an_answer, .timeout = 30)
{
    struct world *world = world_new();
    struct source_row row;
    statement(world, 1, "select 1 from pg_sleep(0.05)", number, 1);
    for (uint64_t ref = 1; ref <= 60; ref++) post(world, ref, 1, NULL, 1, false, 0);
    await(world, 5);
    sql(world, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gcx crm' limit 1");
    cr_assert(wait_until(world, are_here, 60), "%u answers", world->count);
    for (uint64_t ref = 1; ref <= 60; ref++)
        cr_expect_eq(world->answers[ref].outcome, outcome_ok, "%s", world->answers[ref].text);
    cr_expect(sources_read(world->sources, 0, &row));
    cr_expect_eq(row.lost, 1);
    cr_expect_not(row.open);
    world_free(world);
}

Test(sources_postgres, a_connection_that_hangs_is_given_up, .timeout = 30)
{
    struct source_options options = usual;
    struct world *world;
    long pid;
    options.connections = 1;
    options.connect_us = 500000;
    world = world_of(options);
    statement(world, 1, "select 1 from pg_sleep(20) /* slow */", number, 1);
    statement(world, 2, "select 2", number, 1);
    post(world, 1, 1, NULL, 1, false, 300000);
    cr_expect(wait_until(world, somebody_sleeps, 0));
    pid = ask_number(world, "select pid from pg_stat_activity where query like '%slow%' and pid <> pg_backend_pid()");
    cr_assert(pid > 1 && kill((pid_t)pid, SIGSTOP) == 0);
    post(world, 2, 2, NULL, 1, false, 0);
    failed(await(world, 1), outcome_timeout, code_timeout, "not done within the time given");
    cr_expect_eq(await(world, 2)->outcome, outcome_ok, "%s", world->answers[2].text);
    kill((pid_t)pid, SIGCONT);
    cr_expect_not_null(strstr(world->notes, "the server does not answer"), "%s", world->notes);
    world_free(world);
}

Test(sources_postgres, a_server_that_gives_fewer_connections_costs_only_speed, .timeout = 30)
{
    struct source_options options = usual;
    struct world *world;
    struct source_row row;
    char conninfo[256];
    if (getenv("GCX_PG_CONNINFO") == NULL) cr_skip_test("no server: run tests/flows/postgres_sources.sh");
    world = world_new();
    sql(world, "drop role if exists few; create role few login connection limit 1");
    world_free(world);
    snprintf(conninfo, sizeof conninfo, "%s user=few", getenv("GCX_PG_CONNINFO"));
    options.postgres = conninfo;
    world = world_of(options);
    statement(world, 1, "select 1 from pg_sleep(0.02)", number, 1);
    for (uint64_t ref = 1; ref <= 40; ref++) post(world, ref, 1, NULL, 1, false, 0);
    cr_assert(wait_until(world, are_here, 40), "%u answers", world->count);
    for (uint64_t ref = 1; ref <= 40; ref++)
        cr_expect_eq(world->answers[ref].outcome, outcome_ok, "%s", world->answers[ref].text);
    cr_expect(sources_read(world->sources, 0, &row));
    cr_expect_eq(row.connected, 1);
    cr_expect_not(row.open);
    cr_expect_not_null(strstr(row.trouble, "too many connections"), "%s", row.trouble);
    world_free(world);
}

static bool is_open(struct world *world, uint64_t wanted)
{
    struct source_row row;
    return sources_read(world->sources, 0, &row) && row.open == (wanted != 0);
}

Test(sources_postgres, the_circuit_opens_after_failures_and_closes_again, .timeout = 60)
{
    struct world *world = world_new();
    uint64_t began_us;
    struct source_row row;
    statement(world, 3, "select 3", number, 1);
    cr_expect_eq(ask(world, 3, NULL, 1)->outcome, outcome_ok);
    control("stop fast");
    cr_expect(wait_until(world, is_open, 1));
    began_us = clock_monotonic_us();
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "circuit open after ");
    cr_expect_not_null(strstr(world->answers[1].text, "No such file or directory"), "%s", world->answers[1].text);
    cr_expect_lt(clock_monotonic_us() - began_us, 1000000, "at once");
    control("start");
    for (unsigned i = 0; i < 200 && ask(world, 3, NULL, 1)->outcome != outcome_ok; i++) usleep(20000);
    cr_expect_eq(world->answers[1].outcome, outcome_ok, "%s", world->answers[1].text);
    cr_expect(wait_until(world, is_open, 0));
    cr_expect(sources_read(world->sources, 0, &row) && row.opened >= 1 && row.trouble[0] == '\0');
    cr_expect_not_null(strstr(world->notes, "circuit closed"), "%s", world->notes);
    world_free(world);
}

Test(sources_postgres, timeouts_in_a_row_open_the_circuit_too, .timeout = 60)
{
    struct source_options options = usual;
    struct world *world;
    options.failures = 3;
    world = world_of(options);
    statement(world, 1, "select 1 from pg_sleep(20) /* slow */", number, 1);
    statement(world, 3, "select 3", number, 1);
    cr_expect_eq(ask(world, 3, NULL, 1)->outcome, outcome_ok);
    world->answers[1].here = false;
    for (uint64_t ref = 1; ref <= 3; ref++) post(world, ref, 1, NULL, 1, false, 400000);
    for (uint64_t ref = 1; ref <= 3; ref++) failed(await(world, ref), outcome_timeout, code_timeout, "time");
    cr_expect(wait_until(world, is_open, 1));
    for (unsigned i = 0; i < 200 && ask(world, 3, NULL, 1)->outcome != outcome_ok; i++) usleep(20000);
    cr_expect_eq(world->answers[1].outcome, outcome_ok, "%s", world->answers[1].text);
    world_free(world);
}

Test(sources_postgres, what_waits_is_bounded, .timeout = 30)
{
    struct source_options options = usual;
    struct world *world;
    unsigned refused = 0;
    options.waiting_max = 10;
    options.connections = 1;
    options.pipeline = 1;
    world = world_of(options);
    statement(world, 1, "select 1 from pg_sleep(0.3)", number, 1);
    for (uint64_t ref = 1; ref <= 50; ref++) post(world, ref, 1, NULL, 1, false, 0);
    cr_assert(wait_until(world, are_here, 50), "%u answers", world->count);
    for (uint64_t ref = 1; ref <= 50; ref++) {
        if (world->answers[ref].outcome == outcome_ok) continue;
        failed(&world->answers[ref], outcome_error, code_unavailable, "too many queries wait");
        refused++;
    }
    cr_expect(refused >= 35 && refused < 50, "%u", refused);
    world_free(world);
}

Test(sources_postgres, a_name_without_an_address_holds_nobody_up, .timeout = 30)
{
    struct source_options options = usual;
    struct world *world;
    options.postgres = "host=crm.invalid dbname=crm user=gcx";
    options.timeout_us = 3000000;
    world = world_of(options);
    statement(world, 3, "select 3", number, 1);
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "crm.invalid: ");
    world_free(world);
}

static void not_a_source(const char *postgres, const char *text)
{
    struct source_options options = usual;
    struct error error = {0};
    options.postgres = postgres;
    cr_expect_not(source_check(&options, &error), "%s", postgres);
    cr_expect_not_null(strstr(error.text, text), "expected `%s` in `%s`", text, error.text);
    cr_expect_null(strstr(error.text, "hunter2"), "%s", error.text);
}

Test(sources_postgres, a_wrong_connection_string_is_refused_and_shows_no_password, .timeout = 30)
{
    struct source_options options = usual;
    struct error error = {0};
    not_a_source("hots=/run/postgresql", "invalid connection option \"hots\"");
    not_a_source("host", "missing \"=\" after \"host\"");
    not_a_source("host=/x password=hunter2", "it holds a password");
    not_a_source("postgresql://gcx:hunter2@db/crm", "it holds a password");
    not_a_source("postgresql://gcx:hunter2@db:%zz/crm", "nothing of it is shown");
    not_a_source("host=/x password hunter2", "nothing of it is shown");
    not_a_source("service=crm", "it names a service");
    options.postgres = "host=/x";
    options.database = "y.db";
    cr_expect_not(source_check(&options, &error));
    cr_expect_not_null(strstr(error.text, "both `database` and `postgres`"), "%s", error.text);
}

Test(sources_postgres, a_password_file_that_others_may_read_is_not_used, .timeout = 30)
{
    struct source_options options = usual;
    struct world *world;
    char path[] = "/tmp/gcx-password-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, "hunter2\n", 8) == 8 && fchmod(fd, 0644) == 0);
    options.password_file = path;
    options.timeout_us = 1000000;
    world = world_of(options);
    statement(world, 3, "select 3", number, 1);
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "others may read it; expected a file of mode 0600");
    cr_assert_eq(fchmod(fd, 0600), 0);
    for (unsigned i = 0; i < 100 && ask(world, 3, NULL, 1)->outcome != outcome_ok; i++) usleep(20000);
    cr_expect_eq(world->answers[1].outcome, outcome_ok, "%s", world->answers[1].text);
    close(fd);
    unlink(path);
    world_free(world);
}
