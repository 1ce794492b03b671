/* tests/unit/journal_kept.c - A journal, and machines that lead it and follow it, for the tests (journal_kept.h). */
#include "tests/unit/journal_kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/journal/keys.h"

struct kept kept;
char directory[64], conninfo[512];

void server_run(const char *sql)
{
    PGconn *connection = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    cr_assert_eq(PQstatus(connection), CONNECTION_OK, "%s", PQerrorMessage(connection));
    PGresult *result = PQexec(connection, sql);
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", sql,
              PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

bool server_says(PGconn *connection, const char *sql)
{
    bool there = false;
    for (int i = 0; !there && i < 1000; i++) {
        PGresult *result = PQexec(connection, sql);
        there = PQntuples(result) > 0;
        PQclear(result);
        if (!there) usleep(5000);
    }
    return there;
}

void directory_make(void)
{
    strcpy(directory, "/tmp/gcx-kinds-XXXXXX");
    cr_assert(mkdtemp(directory));
    kept = (struct kept){.place = {.database = "", .domain = 7, .wait_s = 30}};
}

void directory_remove(void)
{
    char command[160];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    cr_assert_eq(system(command), 0);
}

void server_make(void)
{
    const char *server = getenv("GCX_PG_CONNINFO");
    if (!server) cr_skip_test("no server: run tests/flows/postgres_journal.sh");
    directory_make();
    server_run("ALTER SYSTEM RESET synchronous_standby_names"); /* a test that has failed leaves it */
    server_run("SELECT pg_reload_conf()");
    server_run("SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    snprintf(conninfo, sizeof conninfo, "%s", server);
    kept.place.database = conninfo;
    kept.postgres = true;
}

struct batches *kept_open(void)
{
    struct error error = {0};
    struct batches *store = place_open(directory, &kept.place, NULL, &error);
    cr_assert(store, "%s", error.text);
    return store;
}

void kept_append(struct batches *store, uint64_t number, const char *text)
{
    struct error error = {0};
    cr_assert_eq(batches_append(store, number, span_of(text), &error), APPEND_OK, "%s", error.text);
}

void kept_is(struct batches *store, uint64_t number, const char *text)
{
    struct error error = {0};
    struct span bytes;
    cr_assert(batches_read(store, number, &bytes, &error), "%s", error.text);
    cr_assert(span_is(bytes, text));
}

unsigned copies_of(struct batches *store)
{
    bool more = true;
    unsigned copies = 0;
    while (more) copies = batches_copies(store, &more);
    return copies;
}

void copies_answer(bool they_do)
{
    server_run(they_do ? "ALTER SYSTEM RESET synchronous_standby_names"
                       : "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    server_run("SELECT pg_reload_conf()");
    usleep(100000); /* processes of the server read it when they are next asked */
}

void site_key_put(const char *state)
{
    char path[128];
    mkdir(state, 0700);
    snprintf(path, sizeof path, "%s/site.key", state);
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs("the key of this site, for both", file) >= 0 && fclose(file) == 0);
    cr_assert_eq(chmod(path, 0600), 0);
}

void keys_ready(const char *state)
{
    struct error error = {0};
    bool made;
    cr_assert(keys_make(state, "", NULL, &made, &error), "%s", error.text);
}

struct batches *leader_open(void)
{
    kept.place.lease_ms = 1000;
    site_key_put(directory);
    keys_ready(directory);
    return kept_open();
}

struct batches *follower_open_in(const char *name)
{
    struct error error = {0};
    char state[128];
    snprintf(state, sizeof state, "%s/%s", directory, name);
    site_key_put(state);
    cr_assert(place_fetch(state, &kept.place, &error), "%s", error.text);
    keys_ready(state);
    struct batches *store = place_stand_by(state, &kept.place, NULL, &error);
    cr_assert(store, "%s", error.text);
    return store;
}

struct batches_sign sign_of(struct batches *store)
{
    struct error error = {0};
    struct batches_sign sign;
    cr_assert(batches_look(store, &error), "%s", error.text);
    batches_sign(store, &sign);
    return sign;
}
