/* tests/unit/sources_postgres_lost.c - Servers that go, hang, refuse or are not there: who is asked again, who is told
 * what. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "tests/unit/postgres_world.h"

Test(sources_postgres, a_lost_connection_is_found_again_and_reads_are_asked_again, .timeout = 60)
{
    struct source_options options = usual;
    struct postgres_world *world;
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
    struct postgres_world *world = world_new();
    struct source_row row;
    statement(world, 1, "select 1 from pg_sleep(0.05)", number, 1);
    for (uint64_t ref = 1; ref <= 60; ref++) post(world, ref, 1, NULL, 1, false, 0);
    await(world, 5);
    sql(world, "select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' and query "
               "like '%pg_sleep(0.05)%' and pid <> pg_backend_pid() limit 1");
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
    struct postgres_world *world;
    long pid;
    options.connections = 1;
    options.connect_us = 500000;
    world = world_of(options);
    statement(world, 1, "select 1 from pg_sleep(20) /* slow */", number, 1);
    statement(world, 2, "select 2", number, 1);
    post(world, 1, 1, NULL, 1, false, 5000000); /* a busy machine has to connect and prepare, too */
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
    struct postgres_world *world;
    struct source_row row;
    char conninfo[256];
    if (!getenv("GCX_PG_CONNINFO")) cr_skip_test("no server: run tests/flows/postgres_sources.sh");
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

static bool is_open(struct postgres_world *world, uint64_t wanted)
{
    struct source_row row;
    return sources_read(world->sources, 0, &row) && row.open == (wanted != 0);
}

Test(sources_postgres, the_circuit_opens_after_failures_and_closes_again, .timeout = 60)
{
    struct postgres_world *world = world_new();
    uint64_t began_us;
    struct source_row row;
    statement(world, 3, "select 3", number, 1);
    cr_expect_eq(ask(world, 3, NULL, 1)->outcome, outcome_ok);
    control("stop fast");
    cr_expect(wait_until(world, is_open, 1));
    began_us = host_monotonic_us();
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "circuit open after ");
    cr_expect_not_null(strstr(world->answers[1].text, "No such file or directory"), "%s", world->answers[1].text);
    cr_expect_lt(host_monotonic_us() - began_us, 1000000, "at once");
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
    struct postgres_world *world;
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
    struct postgres_world *world;
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
    struct postgres_world *world;
    options.postgres = "host=crm.invalid dbname=crm user=gcx";
    options.timeout_us = 3000000;
    world = world_of(options);
    statement(world, 3, "select 3", number, 1);
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "crm.invalid: ");
    world_free(world);
    options.postgres = "host=crm.invalid,localhost port=1 dbname=crm user=gcx"; /* nobody listens there */
    world = world_of(options);
    statement(world, 3, "select 3", number, 1);
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "Connection refused");
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
    not_a_source("postgresql://gcx@[hunter2/crm", "nothing of it is shown");
    not_a_source("postgresql://gcx:hunter2/crm", "its port is no number");
    not_a_source("service=crm", "it names a service");
    options.postgres = "host=/x";
    options.database = "y.db";
    cr_expect_not(source_check(&options, &error));
    cr_expect_not_null(strstr(error.text, "names several databases"), "%s", error.text);
}

static void write_password(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file, "%s\nmore\n", text);
    fclose(file);
}

Test(sources_postgres, a_password_is_read_from_its_file_at_each_attempt, .timeout = 30)
{
    struct source_options options = usual;
    struct postgres_world *world;
    char path[] = "/tmp/gcx-password-XXXXXX", conninfo[256];
    int fd = mkstemp(path);
    if (!getenv("GCX_PG_CONNINFO")) cr_skip_test("no server: run tests/flows/postgres_sources.sh");
    cr_assert(fd >= 0);
    world = world_new();
    sql(world, "set client_min_messages to error; drop role if exists secretive");
    sql(world, "create role secretive login password 'hunter2'");
    world_free(world);
    snprintf(conninfo, sizeof conninfo, "%s user=secretive", getenv("GCX_PG_CONNINFO"));
    write_password(path, "hunter3");
    options.postgres = conninfo;
    options.password_file = path;
    options.timeout_us = 700000;
    world = world_of(options);
    statement(world, 3, "select 3", number, 1);
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "password authentication failed");
    cr_expect_null(strstr(world->answers[1].text, "hunter"), "%s", world->answers[1].text);
    cr_expect_null(strstr(world->notes, "hunter"), "%s", world->notes);
    write_password(path, "hunter2");
    for (unsigned i = 0; i < 100 && ask(world, 3, NULL, 1)->outcome != outcome_ok; i++) usleep(20000);
    cr_expect_eq(world->answers[1].outcome, outcome_ok, "%s", world->answers[1].text);
    close(fd);
    unlink(path);
    world_free(world);
}

Test(sources_postgres, a_password_file_that_others_may_read_is_not_used, .timeout = 30)
{
    struct source_options options = usual;
    struct postgres_world *world;
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

static unsigned notes_of(const struct postgres_world *world, const char *text)
{
    unsigned count = 0;
    for (const char *at = world->notes; (at = strstr(at, text)); at++) count++;
    return count;
}

static bool is_told(struct postgres_world *world, uint64_t still)
{
    return notes_of(world, "! still no connection: ") >= still;
}

Test(sources_postgres, each_reason_why_there_is_no_connection_is_told_once_until_there_is_one, .timeout = 30)
{
    struct source_options options = usual;
    struct postgres_world *world;
    char path[] = "/tmp/gcx-password-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, "hunter2\n", 8) == 8 && fchmod(fd, 0644) == 0);
    options.password_file = path;
    options.timeout_us = 1000000;
    world = world_of(options);
    statement(world, 3, "select 3", number, 1);
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "others may read it");
    cr_assert_eq(unlink(path), 0);
    cr_assert(wait_until(world, is_told, 1), "%s", world->notes);
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "No such file");
    cr_expect_eq(notes_of(world, "! no connection: "), 1, "%s", world->notes);
    cr_expect_eq(notes_of(world, "! still no connection: "), 1, "%s", world->notes);
    close(fd);
    world_free(world);
}

Test(sources_postgres, a_password_file_that_is_a_pipe_is_not_waited_for, .timeout = 30)
{
    struct source_options options = usual;
    struct postgres_world *world;
    char folder[] = "/tmp/gcx-password-XXXXXX", path[64];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pipe", folder);
    cr_assert_eq(mkfifo(path, 0600), 0);
    options.password_file = path;
    options.timeout_us = 1000000;
    world = world_of(options);
    statement(world, 3, "select 3", number, 1);
    failed(ask(world, 3, NULL, 1), outcome_error, code_unavailable, "it is a named pipe; expected a file");
    unlink(path);
    rmdir(folder);
    world_free(world);
}
