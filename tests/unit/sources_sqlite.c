/* tests/unit/sources_sqlite.c - Rows come back typed; whatever is wrong with a database is an exit that says so. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/sources/source.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "tests/unit/sources_texts.h"

struct world {
    char folder[32], path[64];
    struct sources *sources;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    unsigned answers;
    uint8_t frame[MESSAGE_EVENT_MAX];
    size_t length;
    struct message message; /* the answer that came last */
    char text[1024];
    char notes[1000]; /* what an operator was told */
};

static void on_done(void *self, struct span frame)
{
    struct world *world = self;
    pthread_mutex_lock(&world->lock);
    memcpy(world->frame, frame.bytes, frame.length);
    world->length = frame.length;
    world->answers++;
    pthread_cond_signal(&world->arrived);
    pthread_mutex_unlock(&world->lock);
}

static void on_note(void *self, const char *source, bool good, const char *text)
{
    struct world *world = self;
    (void)source;
    pthread_mutex_lock(&world->lock);
    size_t length = strlen(world->notes);
    snprintf(world->notes + length, sizeof world->notes - length, "%s%.60s\n", good ? "" : "! ", text);
    pthread_mutex_unlock(&world->lock);
}

static void sql(const char *path, const char *text)
{
    sqlite3 *db;
    char *why = NULL;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000); /* the source may not have ended its reading yet */
    cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, &why), SQLITE_OK, "%s", why);
    sqlite3_close(db);
}

static struct world *world_new(const char *schema)
{
    struct world *world = calloc(1, sizeof *world);
    struct source_options options = {.name = "customers",
                                     .timeout_us = 5000000,
                                     .busy_us = 50000,
                                     .rows_max = 1000,
                                     .bytes_max = 49152,
                                     .waiting_max = 100,
                                     .waiting_bytes = 65536};
    struct error error;
    cr_assert_not_null(world);
    strcpy(world->folder, "/tmp/gcx-sources-XXXXXX");
    cr_assert_not_null(mkdtemp(world->folder));
    snprintf(world->path, sizeof world->path, "%s/customers.db", world->folder);
    if (schema) sql(world->path, schema);
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->arrived, NULL);
    world->sources = sources_new(&(struct sources_options){.done = on_done, .note = on_note, .self = world});
    options.database = world->path;
    cr_assert(sources_add(world->sources, &options, &error), "%s", error.text);
    return world;
}

static void world_free(struct world *world)
{
    sources_free(world->sources);
    unlink(world->path);
    cr_expect_eq(rmdir(world->folder), 0);
    free(world);
}

static void statement(struct world *world, uint8_t mark, const char *text, const struct source_column *columns,
                      size_t n)
{
    struct source_statement it = {.text = text, .columns = columns, .column_count = n};
    memset(it.hash, mark, sizeof it.hash);
    sources_statement(world->sources, &it);
}

enum { SECRET_MARK = 200 }; /* of a statement whose answer goes into a secret key */

static void post(struct world *world, uint8_t mark, const char *source, const struct kv *params, uint64_t rows,
                 int64_t timeout_us)
{
    uint8_t hash[SOURCE_HASH];
    struct writer writer;
    struct message message;
    struct span frame;
    struct error error;
    memset(hash, mark, sizeof hash);
    writer_init(&writer);
    writer_begin(&writer, KIND_Query);
    writer_u(&writer, ENVELOPE_ixn, 7);
    writer_u(&writer, ENVELOPE_ref, 3);
    writer_i(&writer, ENVELOPE_timeout, timeout_us);
    writer_text(&writer, Query_source, source);
    writer_bytes(&writer, Query_statement, (struct span){hash, sizeof hash});
    if (params) writer_kv(&writer, Query_params, params);
    writer_u(&writer, Query_rows, rows);
    writer_u(&writer, Query_secret, mark == SECRET_MARK);
    frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, &error), "%s", error.text);
    sources_query(world->sources, &message);
    writer_free(&writer);
}

/* Waits for one more answer than `before`. */
static void await(struct world *world, unsigned before)
{
    struct error error;
    pthread_mutex_lock(&world->lock);
    while (world->answers <= before) pthread_cond_wait(&world->arrived, &world->lock);
    pthread_mutex_unlock(&world->lock);
    cr_assert(message_read(&world->message, world->frame, world->length, &error), "%s", error.text);
    cr_expect_eq(message_u(&world->message, ENVELOPE_ixn), 7);
    cr_expect_eq(message_u(&world->message, ENVELOPE_ref), 3);
    snprintf(world->text, sizeof world->text, "%.*s", (int)message_text(&world->message, EventDone_text).length,
             (const char *)message_text(&world->message, EventDone_text).bytes);
}

static void ask(struct world *world, uint8_t mark, const struct kv *params, uint64_t rows)
{
    unsigned before = world->answers;
    post(world, mark, "customers", params, rows, 0);
    await(world, before);
}

static void failed(struct world *world, enum outcome outcome, enum code code, const char *text)
{
    cr_expect_eq(message_u(&world->message, EventDone_outcome), outcome, "%s", world->text);
    cr_expect_eq(message_u(&world->message, EventDone_code), code, "%s", world->text);
    cr_expect_not_null(strstr(world->text, "source customers: "), "%s", world->text);
    cr_expect_not_null(strstr(world->text, text), "expected `%s` in `%s`", text, world->text);
}

static struct kv_value cell(struct world *world, const char *row, const char *column)
{
    struct kv_value value = {.tag = KV_BINARY};
    cr_expect_eq(message_u(&world->message, EventDone_outcome), outcome_ok, "%s", world->text);
    if (kv_get(message_text(&world->message, EventDone_rows), row, &value)) {
        struct span pairs = value.span;
        cr_expect_eq(value.tag, KV_LIST);
        if (!kv_get(pairs, column, &value)) value.tag = KV_BINARY;
    }
    return value;
}

static void is_text(struct world *world, const char *row, const char *column, const char *text)
{
    struct kv_value value = cell(world, row, column);
    cr_expect_eq(value.tag, KV_TEXT, "%s.%s", row, column);
    cr_expect(span_is(value.span, text), "%s.%s is %.*s", row, column, (int)value.span.length,
              (const char *)value.span.bytes);
}

static const char customers[] =
    "create table customer (account text primary key, name text not null, tier text, language text, level integer, "
    "vip integer, since integer);"
    "insert into customer values ('4711', 'Dupont', 'gold', 'French', 9, 1, 1700000000),"
    "('4714', 'O''Brien', 'basic', null, 5, 0, null), ('9', x'ff', 'odd', 5.5, 'nine', 2, 1)";
static const struct source_column customer[] = {
    {"name", SOURCE_TEXT, false, false}, {"tier", SOURCE_TEXT, false, false}, {"language", SOURCE_TEXT, true, false}};
#define BY_ACCOUNT "select name, tier, language from customer where account = ?"

static void ask_account(struct world *world, uint8_t mark, const char *account)
{
    struct kv params;
    kv_init(&params);
    kv_put_text(&params, "1", span_of(account));
    ask(world, mark, &params, 1);
    kv_free(&params);
}

Test(sources_sqlite, a_secret_column_is_told_as_one, .timeout = 20)
{
    static const struct source_column columns[] = {{"name", SOURCE_TEXT, false, false},
                                                   {"tier", SOURCE_TEXT, false, true}};
    char shown[2000];
    struct world *world = world_new(customers);
    statement(world, 1, "select name, tier from customer where account = ?", columns, 2);
    ask_account(world, 1, "4711");
    is_text(world, "1", "tier", "gold");
    cr_expect(cell(world, "1", "tier").secret && !cell(world, "1", "name").secret);
    (void)message_print(&world->message, shown, sizeof shown);
    cr_expect(strstr(shown, "Dupont") && !strstr(shown, "gold"), "%s", shown);
    world_free(world);
}

Test(sources_sqlite, an_answer_for_a_secret_key_is_told_as_one, .timeout = 20)
{
    static const struct source_column column = {"", SOURCE_TEXT, true, false};
    char shown[2000];
    struct world *world = world_new(customers);
    statement(world, SECRET_MARK, "select tier from customer where account = ?", &column, 1);
    ask_account(world, SECRET_MARK, "4711");
    (void)message_print(&world->message, shown, sizeof shown);
    cr_expect(strstr(shown, "***") && !strstr(shown, "gold"), "%s", shown);
    world_free(world);
}

Test(sources_sqlite, a_row_is_typed_and_its_parameter_bound, .timeout = 20)
{
    struct world *world = world_new(customers);
    struct span columns, name;
    uint32_t at = 0;
    statement(world, 1, BY_ACCOUNT, customer, 3);
    ask_account(world, 1, "4711");
    is_text(world, "1", "name", "Dupont");
    is_text(world, "1", "tier", "gold");
    is_text(world, "1", "language", "French");
    columns = message_text(&world->message, EventDone_columns);
    cr_expect(message_next_text(columns, &at, &name) && span_is(name, "name"));
    ask_account(world, 1, "4714");
    is_text(world, "1", "name", "O'Brien");
    cr_expect_eq(cell(world, "1", "language").tag, KV_NONE);
    ask_account(world, 1, "' or 1=1 --");
    cr_expect_eq(message_u(&world->message, EventDone_outcome), outcome_ok);
    cr_expect_eq(message_text(&world->message, EventDone_rows).length, 0, "no row");
    world_free(world);
}

Test(sources_sqlite, a_list_is_bound_as_json, .timeout = 20)
{
    static const struct source_column columns[] = {
        {"texts", SOURCE_TEXT, false, false}, {"sum", SOURCE_INT, false, false}, {"none", SOURCE_INT, false, false}};
    struct world *world = world_new(customers);
    struct kv params;
    statement(world, 1,
              "select (select group_concat(coalesce(value, 'NULL'), '|') from json_each(?1)) as texts, "
              "(select sum(value) from json_each(?2)) as sum, (select count(*) from json_each(?3)) as none",
              columns, 3);
    put_texts(&params);
    ask(world, 1, &params, 1);
    kv_free(&params);
    is_text(world, "1", "texts", "4711|O\"Brien|back\\slash|a,b|{}|line\n||NULL");
    cr_expect_eq(cell(world, "1", "sum").word, -2);
    cr_expect_eq(cell(world, "1", "none").word, 0);
    world_free(world);
}

Test(sources_sqlite, all_types_are_read_and_checked, .timeout = 20)
{
    static const struct source_column good[] = {
        {"level", SOURCE_INT, false, false}, {"vip", SOURCE_BOOL, false, false}, {"since", SOURCE_TIME, true, false}};
    static const struct source_column number[] = {{"", SOURCE_INT, false, false}};
    static const struct source_column text[] = {{"", SOURCE_TEXT, false, false}};
    static const struct source_column moment[] = {{"", SOURCE_TIME, false, false}};
    static const struct source_column flag[] = {{"", SOURCE_BOOL, false, false}};
    static const struct source_column real[] = {{"f", SOURCE_FLOAT, false, false}};
    struct world *world = world_new(customers);
    statement(world, 1, "select vip, since, level from customer where account in ('4711', '4714') order by 3 desc",
              good, 3);
    statement(world, 2, "select level from customer where account = '9'", number, 1);
    statement(world, 3, "select name from customer where account = '9'", text, 1);
    statement(world, 4, "select since from customer where account = '4714'", moment, 1);
    statement(world, 5, "select vip from customer where account = '9'", flag, 1);
    statement(world, 6, "select count(*) from customer", number, 1);
    statement(world, 7, "select cast(x'fffe' as text)", text, 1);
    statement(world, 8, "select 1, 2", number, 1);
    statement(world, 9, "select 0.873 as f", real, 1);
    statement(world, 10, "select 2 as f", real, 1);
    ask(world, 1, NULL, 1000);
    cr_expect_eq(cell(world, "1", "level").word, 9);
    cr_expect_eq(cell(world, "1", "vip").tag, KV_BOOL);
    cr_expect_eq(cell(world, "1", "since").tag, KV_TIME);
    cr_expect_eq(cell(world, "1", "since").word, 1700000000000000);
    cr_expect_eq(cell(world, "2", "since").tag, KV_NONE);
    ask(world, 9, NULL, 1);
    cr_expect(cell(world, "1", "f").number == 0.873);
    ask(world, 10, NULL, 1);
    cr_expect(cell(world, "1", "f").number == 2.0);
    ask(world, 2, NULL, 1);
    failed(world, outcome_error, code_bad_row, "column level of row 1 is a text; expected an integer");
    ask(world, 3, NULL, 1);
    failed(world, outcome_error, code_bad_row, "column name of row 1 is a blob; expected a text");
    ask(world, 4, NULL, 1);
    failed(world, outcome_error, code_bad_row, "column since of row 1 is NULL; expected seconds since 1970");
    ask(world, 5, NULL, 1);
    failed(world, outcome_error, code_bad_row, "expected 0 or 1");
    ask(world, 6, NULL, 1);
    cr_expect_eq(cell(world, "1", "count(*)").word, 3);
    ask(world, 7, NULL, 1);
    failed(world, outcome_error, code_bad_row, "is not UTF-8");
    ask(world, 8, NULL, 1);
    failed(world, outcome_error, code_bad_row, "2 columns; expected one");
    world_free(world);
}

static unsigned notes_of(struct world *world, const char *text)
{
    unsigned count = 0;
    pthread_mutex_lock(&world->lock);
    for (const char *at = world->notes; (at = strstr(at, text)); at++) count++;
    pthread_mutex_unlock(&world->lock);
    return count;
}

Test(sources_sqlite, each_reason_why_it_is_away_is_told_once_until_it_is_there_again, .timeout = 20)
{
    struct world *world = world_new(NULL);
    statement(world, 1, BY_ACCOUNT, customer, 3);
    for (unsigned i = 0; i < 3; i++) {
        ask_account(world, 1, "4711");
        failed(world, outcome_error, code_unavailable, "No such file");
    }
    for (unsigned i = 0; i < 2; i++) {
        cr_assert_eq(mkdir(world->path, 0700), 0);
        ask_account(world, 1, "4711");
        failed(world, outcome_error, code_unavailable, "is no file");
        cr_assert_eq(rmdir(world->path), 0);
        ask_account(world, 1, "4711");
        failed(world, outcome_error, code_unavailable, "No such file");
    }
    cr_expect_eq(notes_of(world, "! is away: "), 1, "%s", world->notes);
    cr_expect_eq(notes_of(world, "! is still away: "), 1, "%s", world->notes);
    sql(world->path, customers);
    ask_account(world, 1, "4711");
    is_text(world, "1", "name", "Dupont");
    cr_expect_eq(notes_of(world, "is there again"), 1, "%s", world->notes);
    cr_assert_eq(unlink(world->path), 0);
    cr_assert_eq(mkdir(world->path, 0700), 0);
    ask_account(world, 1, "4711");
    cr_expect_eq(notes_of(world, "! is away: "), 2, "it was told the time before: %s", world->notes);
    cr_assert_eq(rmdir(world->path), 0);
    world_free(world);
}

/* As the core sends them: a duration as its seconds, a time as a time. */
Test(sources_sqlite, what_was_stored_of_durations_and_times_is_read_back, .timeout = 20)
{
    static const struct source_column row[] = {{"due", SOURCE_DURATION, false, false},
                                               {"since", SOURCE_TIME, false, false}};
    struct world *world = world_new("create table t (due integer, since integer)");
    struct kv params;
    sources_free(world->sources);
    struct source_options options = {.name = "customers",
                                     .database = world->path,
                                     .write = true,
                                     .timeout_us = 5000000,
                                     .busy_us = 50000,
                                     .rows_max = 1000,
                                     .bytes_max = 49152,
                                     .waiting_max = 100,
                                     .waiting_bytes = 65536};
    world->sources = sources_new(&(struct sources_options){.done = on_done, .self = world});
    struct error error;
    cr_assert(sources_add(world->sources, &options, &error), "%s", error.text);
    statement(world, 1, "insert into t values (?, ?)", NULL, 0);
    statement(world, 2, "select due, since from t order by rowid", row, 2);
    static const int64_t times[] = {1772442000250000, -1};
    for (size_t at = 0; at < 2; at++) {
        kv_init(&params);
        kv_put_int(&params, "1", kv_seconds(5400500000));
        kv_put_time(&params, "2", times[at]);
        ask(world, 1, &params, 0);
        cr_expect_eq(message_u(&world->message, EventDone_outcome), outcome_ok, "%s", world->text);
        kv_free(&params);
    }
    ask(world, 2, NULL, 1000);
    cr_expect_eq(cell(world, "1", "due").word, 5400000000);
    cr_expect_eq(cell(world, "1", "since").tag, KV_TIME);
    cr_expect_eq(cell(world, "1", "since").word, 1772442000000000);
    cr_expect_eq(cell(world, "2", "since").word, -1000000, "rounded down, before 1970 too");
    world_free(world);
}

Test(sources_sqlite, a_missing_database_is_unavailable_until_it_is_there, .timeout = 20)
{
    struct world *world = world_new(NULL);
    statement(world, 1, BY_ACCOUNT, customer, 3);
    ask_account(world, 1, "4711");
    failed(world, outcome_error, code_unavailable, "customers.db: No such file or directory");
    sql(world->path, customers);
    ask_account(world, 1, "4711");
    is_text(world, "1", "name", "Dupont");
    unlink(world->path);
    ask_account(world, 1, "4711");
    failed(world, outcome_error, code_unavailable, "No such file or directory");
    world_free(world);
}

Test(sources_sqlite, what_is_no_database_is_unavailable, .timeout = 20)
{
    struct world *world = world_new(NULL);
    FILE *file = fopen(world->path, "w");
    cr_assert_not_null(file);
    for (int i = 0; i < 1000; i++) fputs("this is no database. ", file);
    fclose(file);
    statement(world, 1, BY_ACCOUNT, customer, 3);
    ask_account(world, 1, "4711");
    failed(world, outcome_error, code_unavailable, "file is not a database");
    world_free(world);
}

Test(sources_sqlite, a_locked_database_is_waited_for_and_then_unavailable, .timeout = 20)
{
    struct world *world = world_new(customers);
    sqlite3 *other;
    statement(world, 1, BY_ACCOUNT, customer, 3);
    cr_assert_eq(sqlite3_open(world->path, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 10000);
    cr_assert_eq(sqlite3_exec(other, "begin exclusive", NULL, NULL, NULL), SQLITE_OK);
    ask_account(world, 1, "4711");
    failed(world, outcome_error, code_unavailable, "database is locked (waited 50 ms)");
    cr_assert_eq(sqlite3_exec(other, "commit", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    ask_account(world, 1, "4711");
    is_text(world, "1", "name", "Dupont");
    world_free(world);
}

Test(sources_sqlite, another_column_is_named, .timeout = 20)
{
    struct world *world = world_new("create table customer (account text, name text, level text, language text);"
                                    "insert into customer values ('4711', 'Dupont', 'gold', 'French')");
    statement(world, 1, BY_ACCOUNT, customer, 3);
    statement(world, 2, "select * from customer where account = ?", customer, 3);
    ask_account(world, 1, "4711");
    failed(world, outcome_error, code_refused, "no such column: tier");
    ask_account(world, 2, "4711");
    failed(world, outcome_error, code_bad_row, "no column tier in the result");
    world_free(world);
}

Test(sources_sqlite, columns_that_move_are_found_where_they_are, .timeout = 20)
{
    struct world *world = world_new(customers);
    statement(world, 1, "select * from customer where account = ?", customer, 3);
    ask_account(world, 1, "4711");
    is_text(world, "1", "name", "Dupont");
    sql(world->path, "drop table customer; create table customer (tier text, account text, language text, name text);"
                     "insert into customer values ('silver', '4711', 'Dutch', 'Durand')");
    ask_account(world, 1, "4711");
    is_text(world, "1", "name", "Durand");
    is_text(world, "1", "tier", "silver");
    is_text(world, "1", "language", "Dutch");
    world_free(world);
}

Test(sources_sqlite, a_query_ends_at_its_timeout, .timeout = 20)
{
    static const struct source_column number[] = {{"", SOURCE_INT, false, false}};
    struct world *world = world_new(customers);
    unsigned before = world->answers;
    statement(world, 1, "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
              number, 1);
    statement(world, 2, "select 1", number, 1);
    post(world, 1, "customers", NULL, 1, 100000);
    await(world, before);
    failed(world, outcome_timeout, code_timeout, "not done within the time given");
    before = world->answers;
    post(world, 1, "customers", NULL, 1, 200000);
    post(world, 2, "customers", NULL, 1, 1000);
    await(world, before + 1);
    failed(world, outcome_timeout, code_timeout, "no time left when its turn came");
    world_free(world);
}

Test(sources_sqlite, a_cancelled_query_is_not_answered, .timeout = 20)
{
    static const struct source_column number[] = {{"", SOURCE_INT, false, false}};
    struct world *world = world_new(customers);
    statement(world, 1, "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
              number, 1);
    statement(world, 2, "select 2", number, 1);
    post(world, 1, "customers", NULL, 1, 10000000);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    sources_cancel(world->sources, 7, 3);
    ask(world, 2, NULL, 1);
    cr_expect_eq(cell(world, "1", "2").word, 2);
    cr_expect_eq(world->answers, 1);
    world_free(world);
}

Test(sources_sqlite, results_are_bounded, .timeout = 20)
{
    static const struct source_column number[] = {{"i", SOURCE_INT, false, false}},
                                      text[] = {{"", SOURCE_TEXT, false, false}};
    struct world *world = world_new(customers);
    statement(world, 1, "with recursive n(i) as (select 1 union all select i + 1 from n limit 5000) select i from n",
              number, 1);
    statement(world, 2, "select printf('%.*c', 60000, 'x')", text, 1);
    ask(world, 1, NULL, 1000);
    failed(world, outcome_error, code_too_large, "more than 1000 rows");
    ask(world, 1, NULL, 1);
    cr_expect_eq(cell(world, "1", "i").word, 1, "the first row only");
    ask(world, 2, NULL, 1);
    failed(world, outcome_error, code_too_large, "more than 49152 bytes");
    world_free(world);
}

Test(sources_sqlite, writing_needs_leave, .timeout = 20)
{
    struct source_options options = {.name = "ledger",
                                     .write = true,
                                     .timeout_us = 1000000,
                                     .rows_max = 10,
                                     .bytes_max = 4096,
                                     .waiting_max = 10,
                                     .waiting_bytes = 65536};
    struct world *world = world_new(customers);
    struct kv_value changed = {.tag = KV_NONE};
    unsigned before;
    statement(world, 1, "update customer set tier = 'silver' where account like '471%'", NULL, 0);
    statement(world, 2, "attach ':memory:' as other", NULL, 0);
    ask(world, 1, NULL, 0);
    failed(world, outcome_error, code_refused, "it is read-only");
    ask(world, 2, NULL, 0);
    failed(world, outcome_error, code_refused, "too many attached databases");
    options.database = world->path;
    cr_assert(sources_add(world->sources, &options, NULL));
    before = world->answers;
    post(world, 1, "ledger", NULL, 0, 0);
    await(world, before);
    cr_expect_eq(message_u(&world->message, EventDone_outcome), outcome_ok, "%s", world->text);
    cr_expect(kv_get(message_text(&world->message, EventDone_value), "changed", &changed));
    cr_expect_eq(changed.word, 2);
    cr_expect_not(changed.secret);
    statement(world, SECRET_MARK, "update customer set tier = 'gold' where account like '471%'", NULL, 0);
    before = world->answers;
    post(world, SECRET_MARK, "ledger", NULL, 0, 0);
    await(world, before);
    cr_expect(kv_get(message_text(&world->message, EventDone_value), "changed", &changed));
    cr_expect(changed.word == 2 && changed.secret);
    world_free(world);
}

Test(sources_sqlite, what_nobody_knows_is_refused_at_once, .timeout = 20)
{
    struct world *world = world_new(customers);
    struct kv params;
    kv_init(&params);
    ask(world, 9, NULL, 1);
    failed(world, outcome_error, code_refused, "of no loaded program");
    post(world, 9, "elsewhere", NULL, 1, 0);
    await(world, 1);
    cr_expect_eq(message_u(&world->message, EventDone_code), code_unavailable);
    cr_expect_str_eq(world->text, "source elsewhere: no source of this name in the configuration");
    statement(world, 1, BY_ACCOUNT, customer, 3);
    ask(world, 1, NULL, 1);
    failed(world, outcome_error, code_refused, "takes 1 parameters; given were 0");
    kv_put_int(&params, "1", 1);
    kv_put_int(&params, "2", 1);
    ask(world, 1, &params, 1);
    failed(world, outcome_error, code_refused, "given were at least 2");
    statement(world, 2, "select 1; drop table customer", customer, 3);
    ask(world, 2, NULL, 1);
    failed(world, outcome_error, code_refused, "not one statement");
    kv_free(&params);
    world_free(world);
}

Test(sources_sqlite, a_text_read_in_two_ways_is_two_statements, .timeout = 20)
{
    static const struct source_column strict[] = {{"language", SOURCE_TEXT, false, false}},
                                      loose[] = {{"language", SOURCE_TEXT, true, false}};
    struct world *world = world_new(customers);
    statement(world, 1, "select language from customer where account = ?", strict, 1);
    ask_account(world, 1, "4714");
    failed(world, outcome_error, code_bad_row, "column language of row 1 is NULL; expected a text");
    statement(world, 2, "select language from customer where account = ?", loose, 1);
    ask_account(world, 2, "4714");
    cr_expect_eq(cell(world, "1", "language").tag, KV_NONE);
    ask_account(world, 1, "4714");
    failed(world, outcome_error, code_bad_row, "column language of row 1 is NULL; expected a text");
    world_free(world);
}

static bool is_away(const struct world *world, const char *why)
{
    struct source_row row;
    cr_assert(sources_read(world->sources, 0, &row));
    return row.open && strstr(row.trouble, why);
}

static bool is_there(const struct world *world)
{
    struct source_row row;
    cr_assert(sources_read(world->sources, 0, &row));
    return !row.open && row.trouble[0] == '\0';
}

#define UNTIL(condition)                                                                                               \
    while (!(condition)) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL)

Test(sources_sqlite, a_file_that_is_not_there_is_away_though_nobody_asks, .timeout = 20)
{
    struct world *world = world_new(NULL);
    UNTIL(is_away(world, "No such file"));
    sql(world->path, "create table t (n integer)");
    UNTIL(is_there(world));
    FILE *file = fopen(world->path, "w");
    cr_assert(file && fprintf(file, "%2000d", 7) > 0 && fclose(file) == 0);
    statement(world, 1, "select n from t", NULL, 0);
    ask(world, 1, NULL, 1);
    UNTIL(is_away(world, "not a database"));
    unlink(world->path);
    sql(world->path, "create table t (n integer)");
    UNTIL(is_there(world));
    world_free(world);
}
