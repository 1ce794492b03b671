/* tests/unit/postgres_world.c - A pool in a loop of its own, and what is asked of it. */
#include "tests/unit/postgres_world.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"

const struct source_options usual = {.name = "crm",
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

const struct source_column customer[] = {
    {"name", SOURCE_TEXT, false, false}, {"tier", SOURCE_TEXT, true, false}, {"level", SOURCE_INT, false, false}};
const struct source_column number[] = {{"", SOURCE_INT, false, false}}, word[] = {{"", SOURCE_TEXT, true, false}};

static void on_done(void *self, struct span frame)
{
    struct postgres_world *world = self;
    struct message message;
    struct answered *answer;
    if (!message_read(&message, frame.bytes, frame.length, NULL)) abort();
    answer = &world->answers[message_u(&message, ENVELOPE_ref) % ANSWERS_MAX];
    pthread_mutex_lock(&world->lock);
    free(answer->frame);
    answer->frame = malloc(frame.length);
    if (!answer->frame) abort();
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
    struct postgres_world *world = self;
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
    struct postgres_world *world = self;
    (void)fd, (void)what;
    if (atomic_load(&world->over)) event_base_loopbreak(world->base);
}

void control(const char *what)
{
    char command[512];
    snprintf(command, sizeof command, "%s %s", getenv("GCX_PG_CONTROL"), what);
    cr_assert_eq(system(command), 0, "%s", command);
}

void sql(struct postgres_world *world, const char *text)
{
    PGresult *result;
    if (PQstatus(world->other) != CONNECTION_OK) PQreset(world->other);
    result = PQexec(world->other, text);
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", text,
              PQerrorMessage(world->other));
    PQclear(result);
}

long ask_number(struct postgres_world *world, const char *text)
{
    PGresult *result = PQexec(world->other, text);
    long told = PQntuples(result) == 1 ? strtol(PQgetvalue(result, 0, 0), NULL, 10) : -1;
    PQclear(result);
    return told;
}

/* Rows that an earlier test left at the server would be taken for this one's. */
static void others_end(struct postgres_world *world)
{
    static const char ours[] = "from pg_stat_activity where application_name like 'gcx %'";
    char text[160];
    snprintf(text, sizeof text, "select pg_terminate_backend(pid) %s", ours);
    sql(world, text);
    snprintf(text, sizeof text, "select count(*) %s", ours);
    for (unsigned i = 0; i < 500 && ask_number(world, text) != 0; i++) usleep(10000);
}

struct postgres_world *world_of(struct source_options options)
{
    struct postgres_world *world = calloc(1, sizeof *world);
    struct error error = {0};
    const char *conninfo = getenv("GCX_PG_CONNINFO");
    cr_assert_not_null(world);
    if (!conninfo) cr_skip_test("no server: run tests/flows/postgres_sources.sh");
    world->other = PQconnectdb(conninfo);
    cr_assert_eq(PQstatus(world->other), CONNECTION_OK, "%s", PQerrorMessage(world->other));
    others_end(world);
    sql(world, "set client_min_messages to error; drop table if exists customer, note;"
               "create table customer (account text primary key, name text not null, tier text, level int not null "
               "default 1); insert into customer values ('4711', 'Dupont', 'gold', 9), ('4714', 'O''Brien', null, 5);"
               "create table note (id serial primary key, text text not null)");
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->arrived, NULL);
    world->base = event_base_new();
    world->sources =
        sources_new(&(struct sources_options){.base = world->base, .done = on_done, .note = on_note, .self = world});
    if (!options.postgres) options.postgres = conninfo;
    cr_assert(sources_add(world->sources, &options, &error), "%s", error.text);
    world->keep = event_new(world->base, -1, EV_PERSIST, on_keep, world);
    event_add(world->keep, &(struct timeval){.tv_usec = 20000});
    pthread_create(&world->loop, NULL, loop_main, world->base);
    return world;
}

struct postgres_world *world_new(void)
{
    return world_of(usual);
}

void world_free(struct postgres_world *world)
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

void statement(struct postgres_world *world, uint8_t mark, const char *text, const struct source_column *columns,
               size_t count)
{
    struct source_statement it = {.text = text, .columns = columns, .column_count = count};
    memset(it.hash, mark, sizeof it.hash);
    sources_statement(world->sources, &it);
}

void post(struct postgres_world *world, uint64_t ref, uint8_t mark, const struct kv *params, uint64_t rows, bool write,
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
    if (params) writer_kv(&writer, Query_params, params);
    writer_u(&writer, Query_rows, rows);
    writer_u(&writer, Query_write, write);
    frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    sources_query(world->sources, &message);
    writer_free(&writer);
}

bool wait_until(struct postgres_world *world, bool (*holds)(struct postgres_world *, uint64_t), uint64_t what)
{
    uint64_t end_us = host_monotonic_us() + WAIT_US;
    bool good;
    pthread_mutex_lock(&world->lock);
    while (!(good = holds(world, what)) && host_monotonic_us() < end_us) {
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

bool is_here(struct postgres_world *world, uint64_t ref)
{
    return world->answers[ref].here;
}

bool are_here(struct postgres_world *world, uint64_t count)
{
    return world->count >= count;
}

struct answered *await(struct postgres_world *world, uint64_t ref)
{
    cr_assert(wait_until(world, is_here, ref), "no answer to %llu; notes: %s", (unsigned long long)ref, world->notes);
    return &world->answers[ref];
}

/* As ref 1, each time anew. */
struct answered *ask(struct postgres_world *world, uint8_t mark, const struct kv *params, uint64_t rows)
{
    world->answers[1].here = false;
    post(world, 1, mark, params, rows, rows == 0, 0);
    return await(world, 1);
}

void failed(const struct answered *answer, enum outcome outcome, enum code code, const char *text)
{
    cr_expect_eq(answer->outcome, outcome, "%d: %s", (int)answer->outcome, answer->text);
    cr_expect_eq(answer->code, code, "%d: %s", (int)answer->code, answer->text);
    cr_expect_not_null(strstr(answer->text, "source crm: "), "%s", answer->text);
    cr_expect_not_null(strstr(answer->text, text), "expected `%s` in `%s`", text, answer->text);
}

struct kv_value cell(const struct answered *answer, const char *row, const char *column)
{
    struct kv_value value = {.tag = KV_BINARY};
    cr_expect_eq(answer->outcome, outcome_ok, "%s", answer->text);
    if (kv_get(message_text(&answer->message, EventDone_rows), row, &value)) {
        struct span pairs = value.span;
        if (!kv_get(pairs, column, &value)) value.tag = KV_BINARY;
    }
    return value;
}

void is_text(const struct answered *answer, const char *column, const char *text)
{
    struct kv_value value = cell(answer, "1", column);
    cr_expect_eq(value.tag, KV_TEXT, "%s", column);
    cr_expect(span_is(value.span, text), "%s is %.*s", column, (int)value.span.length, (const char *)value.span.bytes);
}

void is_number(const struct answered *answer, const char *column, enum kv_tag tag, int64_t value_word)
{
    struct kv_value value = cell(answer, "1", column);
    cr_expect_eq(value.tag, tag, "%s is of tag %d", column, (int)value.tag);
    cr_expect_eq(value.word, value_word, "%s is %lld", column, (long long)value.word);
}

struct answered *ask_account(struct postgres_world *world, const char *account)
{
    struct kv params;
    struct answered *answer;
    kv_init(&params);
    kv_put_text(&params, "1", span_of(account));
    answer = ask(world, 1, &params, 1);
    kv_free(&params);
    return answer;
}

bool nobody_sleeps(struct postgres_world *world, uint64_t what)
{
    (void)what;
    return ask_number(world, "select count(*) from pg_stat_activity where state = 'active' and pid <> "
                             "pg_backend_pid() and query like '%slow%'") == 0;
}

bool somebody_sleeps(struct postgres_world *world, uint64_t what)
{
    (void)what; /* while its statement is prepared it is active, too */
    return ask_number(world, "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and query like "
                             "'%slow%'") > 0;
}
