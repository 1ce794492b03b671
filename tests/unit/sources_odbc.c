/* tests/unit/sources_odbc.c - A database by its ODBC driver answers as the others do. SQLite's driver, Debian's
 * libsqliteodbc, stands for all: without it the tests are skipped. Where MariaDB is, with its driver (mariadb-server,
 * odbc-mariadb), one of its own is started and asked; FreeTDS's driver (tdsodbc) is asked for a server that is not
 * there. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/sources/source.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"

struct world {
    char folder[32], path[64], how[160];
    struct source_options options;
    struct sources *sources;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    unsigned answers;
    uint8_t frame[MESSAGE_EVENT_MAX];
    size_t length;
    struct message message; /* the answer that came last */
    char text[1024];
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

static void world_open(struct world *world, bool write, bool timestamps)
{
    struct error error;
    sources_free(world->sources);
    world->options = (struct source_options){.name = "crm",
                                             .odbc = world->how,
                                             .write = write,
                                             .timestamps = timestamps,
                                             .timeout_us = 5000000,
                                             .connect_us = 2000000,
                                             .connections = 2,
                                             .rows_max = 1000,
                                             .bytes_max = 49152,
                                             .waiting_max = 100,
                                             .waiting_bytes = 65536};
    world->sources = sources_new(&(struct sources_options){.done = on_done, .self = world});
    cr_assert(sources_add(world->sources, &world->options, &error), "%s", error.text);
}

static struct world *world_bare(void)
{
    struct world *world = calloc(1, sizeof *world);
    cr_assert_not_null(world);
    strcpy(world->folder, "/tmp/gcx-odbc-XXXXXX");
    cr_assert_not_null(mkdtemp(world->folder));
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->arrived, NULL);
    return world;
}

static struct world *world_new(const char *schema)
{
    struct world *world = world_bare();
    struct error error;
    sqlite3 *db;
    char *why = NULL;
    snprintf(world->path, sizeof world->path, "%s/crm.db", world->folder);
    snprintf(world->how, sizeof world->how, "DRIVER=SQLite3;Database=%s", world->path);
    cr_assert_eq(sqlite3_open(world->path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, schema, NULL, NULL, &why), SQLITE_OK, "%s", why);
    sqlite3_close(db);
    struct source_options options = {.name = "crm", .odbc = world->how};
    if (!source_check(&options, &error)) cr_skip_test("%s", error.text);
    world_open(world, false, false);
    return world;
}

static void world_free(struct world *world)
{
    sources_free(world->sources);
    char command[48];
    snprintf(command, sizeof command, "rm -r %s", world->folder);
    cr_expect_eq(system(command), 0);
    free(world);
}

static void statement(struct world *world, uint8_t mark, const char *text, const struct source_column *columns,
                      size_t n)
{
    struct source_statement it = {.text = text, .columns = columns, .column_count = n};
    memset(it.hash, mark, sizeof it.hash);
    sources_statement(world->sources, &it);
}

static void post(struct world *world, uint8_t mark, const struct kv *params, uint64_t rows, bool write)
{
    uint8_t hash[SOURCE_HASH];
    struct writer writer;
    struct message message;
    struct error error;
    memset(hash, mark, sizeof hash);
    writer_init(&writer);
    writer_begin(&writer, KIND_Query);
    writer_u(&writer, ENVELOPE_ixn, 7);
    writer_u(&writer, ENVELOPE_ref, 3);
    writer_text(&writer, Query_source, "crm");
    writer_bytes(&writer, Query_statement, (struct span){hash, sizeof hash});
    if (params) writer_kv(&writer, Query_params, params);
    writer_u(&writer, Query_rows, rows);
    writer_u(&writer, Query_write, write);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, &error), "%s", error.text);
    sources_query(world->sources, &message);
    writer_free(&writer);
}

static void ask(struct world *world, uint8_t mark, const struct kv *params, uint64_t rows, bool write)
{
    unsigned before = world->answers;
    struct error error;
    post(world, mark, params, rows, write);
    pthread_mutex_lock(&world->lock);
    while (world->answers <= before) pthread_cond_wait(&world->arrived, &world->lock);
    pthread_mutex_unlock(&world->lock);
    cr_assert(message_read(&world->message, world->frame, world->length, &error), "%s", error.text);
    struct span text = message_text(&world->message, EventDone_text);
    snprintf(world->text, sizeof world->text, "%.*s", (int)text.length, (const char *)text.bytes);
    if (!strstr(world->text, "Can't open lib") && !strstr(world->text, "no default driver")) return;
    world_free(world);
    cr_skip_test("the driver is not here (Debian: libsqliteodbc, odbc-mariadb, tdsodbc)");
}

static void failed(struct world *world, enum code code, const char *text)
{
    cr_expect_eq(message_u(&world->message, EventDone_code), code, "%s", world->text);
    cr_expect_not_null(strstr(world->text, text), "expected `%s` in `%s`", text, world->text);
}

static struct kv_value cell(struct world *world, const char *row, const char *column)
{
    struct kv_value value = {.tag = KV_BINARY};
    cr_expect_eq(message_u(&world->message, EventDone_outcome), outcome_ok, "%s", world->text);
    if (kv_get(message_text(&world->message, EventDone_rows), row, &value) && !kv_get(value.span, column, &value))
        value.tag = KV_BINARY;
    return value;
}

static const char customers[] =
    "create table customer (account varchar(10) primary key, NAME varchar(40) not null, tier text, level integer, "
    "score double, since timestamp);"
    "insert into customer values ('4711', 'Dupont', 'gold', 9, 1.5, '2026-03-02 10:00:00'),"
    "('4714', 'O''Brien', null, null, null, null)";
static const struct source_column customer[] = {{"level", SOURCE_INT, true, false},
                                                {"name", SOURCE_TEXT, false, false},
                                                {"tier", SOURCE_TEXT, true, false},
                                                {"score", SOURCE_FLOAT, true, false},
                                                {"since", SOURCE_TIME, true, false}};

Test(sources_odbc, a_row_is_typed_whatever_its_order_and_letters, .timeout = 20)
{
    struct world *world = world_new(customers);
    struct kv params;
    statement(world, 1,
              "select NAME, tier, level, score, since, '?1' as quoted from customer where account = ?1 or account = ?1",
              customer, 5);
    kv_init(&params);
    kv_put_text(&params, "1", span_of("4711"));
    ask(world, 1, &params, 1, false);
    cr_expect(span_is(cell(world, "1", "name").span, "Dupont"));
    cr_expect(span_is(cell(world, "1", "tier").span, "gold"));
    cr_expect_eq(cell(world, "1", "level").word, 9);
    cr_expect_eq(cell(world, "1", "score").number, 1.5);
    cr_expect_eq(cell(world, "1", "since").word, INT64_C(1772445600000000));
    kv_clear(&params);
    kv_put_text(&params, "1", span_of("4714"));
    ask(world, 1, &params, 1, false);
    cr_expect(span_is(cell(world, "1", "name").span, "O'Brien"));
    cr_expect_eq(cell(world, "1", "tier").tag, KV_NONE);
    cr_expect_eq(cell(world, "1", "level").tag, KV_NONE);
    cr_expect_eq(cell(world, "1", "since").tag, KV_NONE);
    kv_clear(&params);
    kv_put_text(&params, "1", span_of("' or 1=1 --"));
    ask(world, 1, &params, 1, false);
    cr_expect_eq(message_u(&world->message, EventDone_outcome), outcome_ok);
    cr_expect_eq(message_text(&world->message, EventDone_rows).length, 0, "no row");
    kv_free(&params);
    world_free(world);
}

Test(sources_odbc, what_is_written_is_counted_and_read_back, .timeout = 20)
{
    static const struct source_column row[] = {{"n", SOURCE_INT, false, false},
                                               {"f", SOURCE_FLOAT, false, false},
                                               {"t", SOURCE_TEXT, false, false},
                                               {"at", SOURCE_TIME, false, false}};
    static char text[20001];
    struct world *world = world_new("create table t (n bigint, f double, t text, at timestamp)");
    struct kv params;
    memset(text, 'x', sizeof text - 1);
    kv_init(&params);
    kv_put_int(&params, "1", INT64_MAX);
    kv_put(&params, span_of("2"), &(struct kv_value){.tag = KV_FLOAT, .number = 2.25});
    kv_put_text(&params, "3", span_of(text));
    kv_put_time(&params, "4", INT64_C(1772445600000000));
    statement(world, 1, "insert into t values (?1, ?2, ?3, ?4)", NULL, 0);
    ask(world, 1, &params, 0, true);
    failed(world, code_refused, "it is read-only");
    world_open(world, true, true);
    statement(world, 1, "insert into t values (?1, ?2, ?3, ?4)", NULL, 0);
    statement(world, 2, "select n, f, t, at from t", row, 4);
    ask(world, 1, &params, 0, true);
    struct kv_value changed;
    cr_expect(kv_get(message_text(&world->message, EventDone_value), "changed", &changed) && changed.word == 1, "%s",
              world->text);
    ask(world, 2, NULL, 10, false);
    cr_expect_eq(cell(world, "1", "n").word, INT64_MAX);
    cr_expect_eq(cell(world, "1", "f").number, 2.25);
    cr_expect_eq(cell(world, "1", "t").span.length, sizeof text - 1);
    cr_expect_eq(cell(world, "1", "at").word, INT64_C(1772445600000000));
    kv_free(&params);
    world_free(world);
}

Test(sources_odbc, whatever_is_wrong_is_an_exit_that_says_so, .timeout = 20)
{
    static const struct source_column number[] = {{"", SOURCE_INT, false, false}};
    static const struct source_column text[] = {{"name", SOURCE_TEXT, false, false}};
    static const struct source_column lacking[] = {{"nothing", SOURCE_INT, false, false}};
    struct world *world = world_new(customers);
    struct error error;
    statement(world, 1, "select level from customer where account = ?1", number, 1);
    statement(world, 2, "select level from nowhere", number, 1);
    statement(world, 3, "select NAME from customer", number, 1);
    statement(world, 4, "select level from customer where account = '4711'", lacking, 1);
    ask(world, 1, NULL, 1, false);
    failed(world, code_refused, "the statement has a value 1 that is not given");
    ask(world, 2, NULL, 1, false);
    failed(world, code_refused, "no such table");
    ask(world, 3, NULL, 1, false);
    failed(world, code_bad_row, "is a text; expected an integer");
    ask(world, 4, NULL, 1, false);
    failed(world, code_bad_row, "no column nothing");
    statement(world, 5, "select 'x' || replace(hex(zeroblob(30000)), '0', 'é') as name", text, 1);
    ask(world, 5, NULL, 1, false);
    failed(world, code_too_large, "more than");
    snprintf(world->how, sizeof world->how, "DRIVER=/nowhere.so");
    sources_free(world->sources);
    world->sources = sources_new(&(struct sources_options){.done = on_done, .self = world});
    cr_assert(sources_add(world->sources, &world->options, &error), "%s", error.text);
    statement(world, 1, "select 1", number, 1);
    unsigned before = world->answers;
    post(world, 1, NULL, 1, false);
    pthread_mutex_lock(&world->lock);
    while (world->answers <= before) pthread_cond_wait(&world->arrived, &world->lock);
    pthread_mutex_unlock(&world->lock);
    cr_assert(message_read(&world->message, world->frame, world->length, &error));
    cr_expect_eq(message_u(&world->message, EventDone_code), code_unavailable);
    world_free(world);
}

Test(sources_odbc, a_password_stands_in_a_file_and_one_database_is_named)
{
    struct error error;
    struct source_options options = {.name = "crm", .odbc = "DSN=crm;UID=gcx;Pwd=geheim"};
    cr_expect(!source_check(&options, &error) && !strstr(error.text, "geheim"), "%s", error.text);
    options = (struct source_options){.name = "crm", .odbc = "DSN=crm", .database = "crm.db"};
    cr_expect(!source_check(&options, &error) && strstr(error.text, "several databases"), "%s", error.text);
}

Test(sources_odbc, a_query_that_is_cancelled_ends, .timeout = 20)
{
    static const struct source_column number[] = {{"", SOURCE_INT, false, false}};
    struct world *world = world_new(customers);
    statement(world, 1, "select count(*) from customer", number, 1);
    statement(
        world, 2,
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < 2000000000) select max(n) from c",
        number, 1);
    ask(world, 1, NULL, 1, false);
    post(world, 2, NULL, 1, false);
    sources_cancel(world->sources, 7, 3);
    ask(world, 1, NULL, 1, false); /* by the other connection, or this one */
    world_free(world);             /* ends what runs */
}

static const char mariadbd[] = "/usr/sbin/mariadbd";

/* One of our own, in the world's folder: without InnoDB, accounts and network it is there in half a second. */
static pid_t mariadb_begin(struct world *world)
{
    char data[64], socket_at[64];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(data, sizeof data, "--datadir=%s", world->folder);
    snprintf(socket_at, sizeof socket_at, "--socket=%s/socket", world->folder);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", world->folder);
    pid_t server = fork();
    cr_assert(server >= 0);
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* where the test fails, too */
        int nowhere = open("/dev/null", O_RDWR);
        dup2(nowhere, 1), dup2(nowhere, 2);
        execl(mariadbd, mariadbd, "--no-defaults", "--user=root", data, socket_at, "--skip-networking", "--innodb=OFF",
              "--default-storage-engine=Aria", "--skip-grant-tables", "--skip-log-bin", "--pid-file=pid", (char *)NULL);
        _exit(127);
    }
    for (bool there = false; !there; usleep(10000)) {
        int s = socket(AF_UNIX, SOCK_STREAM, 0);
        there = connect(s, (const struct sockaddr *)&address, sizeof address) == 0;
        close(s);
        cr_assert(there || waitpid(server, NULL, WNOHANG) == 0, "mariadbd has ended");
    }
    snprintf(world->how, sizeof world->how, "DRIVER=MariaDB Unicode;SOCKET=%s/socket;UID=root;CHARSET=utf8mb4",
             world->folder);
    return server;
}

Test(sources_odbc, mariadb_answers_as_the_others_do, .timeout = 30)
{
    static const struct source_column number[] = {{"", SOURCE_INT, false, false}};
    if (access(mariadbd, X_OK) != 0) cr_skip_test("MariaDB is not here (Debian: mariadb-server)");
    struct world *world = world_bare();
    struct kv params;
    pid_t server = mariadb_begin(world);
    world_open(world, true, false);
    statement(world, 1, "create database crm character set utf8mb4", NULL, 0);
    statement(world, 2,
              "create table crm.customer (account varchar(10) primary key, NAME varchar(40) not null, tier text, "
              "level integer, score double, since datetime)",
              NULL, 0);
    statement(world, 3, "insert into crm.customer values (?1, ?2, null, 9, 1.5, '2026-03-02 10:00:00')", NULL, 0);
    statement(world, 4, "select NAME, tier, level, score, since from crm.customer where account = ?1", customer, 5);
    statement(world, 5, "select level from crm.nowhere", number, 1);
    statement(world, 6, "select count(*) from crm.customer", number, 1);
    ask(world, 1, NULL, 0, true);
    ask(world, 2, NULL, 0, true);
    cr_expect_eq(message_u(&world->message, EventDone_outcome), outcome_ok, "%s", world->text);
    kv_init(&params);
    kv_put_text(&params, "1", span_of("4711"));
    kv_put_text(&params, "2", span_of("O'Bri\xc3\xabn"));
    ask(world, 3, &params, 0, true);
    cr_expect_eq(message_u(&world->message, EventDone_outcome), outcome_ok, "%s", world->text);
    kv_clear(&params);
    kv_put_text(&params, "1", span_of("4711"));
    ask(world, 4, &params, 1, false);
    cr_expect(span_is(cell(world, "1", "name").span, "O'Bri\xc3\xabn"));
    cr_expect_eq(cell(world, "1", "tier").tag, KV_NONE);
    cr_expect_eq(cell(world, "1", "level").word, 9);
    cr_expect_eq(cell(world, "1", "score").number, 1.5);
    cr_expect_eq(cell(world, "1", "since").word, INT64_C(1772445600000000));
    kv_free(&params);
    ask(world, 5, NULL, 1, false);
    failed(world, code_refused, "nowhere");
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    ask(world, 6, NULL, 1, false);
    cr_expect_eq(message_u(&world->message, EventDone_code), code_unavailable, "%s", world->text);
    world_free(world);
}

Test(sources_odbc, freetds_tells_that_its_server_is_not_there, .timeout = 20)
{
    static const struct source_column number[] = {{"", SOURCE_INT, false, false}};
    struct world *world = world_bare();
    snprintf(world->how, sizeof world->how, "DRIVER=FreeTDS;Server=127.0.0.1;Port=1;TDS_Version=7.4;UID=gcx");
    world_open(world, false, false);
    statement(world, 1, "select 1", number, 1);
    ask(world, 1, NULL, 1, false);
    failed(world, code_unavailable, "nable to connect");
    world_free(world);
}
