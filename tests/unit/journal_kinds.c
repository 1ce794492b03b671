/* tests/unit/journal_kinds.c - What must hold of the journal's stores, the same for each kind; then what PostgreSQL's
 * alone can meet: answers that are lost, servers that go, others that lead. tests/flows/postgres_journal.sh has a
 * server. */
#include <criterion/criterion.h>
#include <errno.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/journal/copy_mark.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/place.h"
#include "runtime/journal/postgres_line.h"
#include "tests/unit/relay.h"

static char directory[64], conninfo[512];

struct kept {
    struct journal_place place;
    bool postgres;
};
static struct kept kept;

static void server_run(const char *sql)
{
    PGconn *connection = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    cr_assert_eq(PQstatus(connection), CONNECTION_OK, "%s", PQerrorMessage(connection));
    PGresult *result = PQexec(connection, sql);
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", sql,
              PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

/* True: the question has an answer with a row, within five seconds. */
static bool server_says(PGconn *connection, const char *sql)
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

static void directory_make(void)
{
    strcpy(directory, "/tmp/gcx-kinds-XXXXXX");
    cr_assert(mkdtemp(directory));
    kept = (struct kept){.place = {.database = "", .domain = 7, .wait_s = 30}};
}

static void directory_remove(void)
{
    char command[160];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    cr_assert_eq(system(command), 0);
}

static void server_make(void)
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

static struct batches *kept_open(void)
{
    struct error error = {0};
    struct batches *store = place_open(directory, &kept.place, NULL, &error);
    cr_assert(store, "%s", error.text);
    return store;
}

static void kept_append(struct batches *store, uint64_t number, const char *text)
{
    struct error error = {0};
    cr_assert_eq(batches_append(store, number, span_of(text), &error), APPEND_OK, "%s", error.text);
}

static void kept_is(struct batches *store, uint64_t number, const char *text)
{
    struct error error = {0};
    struct span bytes;
    cr_assert(batches_read(store, number, &bytes, &error), "%s", error.text);
    cr_assert(span_is(bytes, text));
}

static const uint8_t hash[32] = {1, 2, 3};

static void kept_fill(struct batches *store)
{
    struct error error = {0};
    struct span bytes;
    char text[32];
    cr_assert_eq(batches_last(store), 0);
    cr_assert_not(batches_read(store, 1, &bytes, &error));
    for (int number = 1; number <= 20; number++) {
        snprintf(text, sizeof text, "batch %d", number);
        kept_append(store, (uint64_t)number, text);
    }
    cr_assert_eq(batches_last(store), 20);
    cr_assert_not(batches_get_image(store, hash, &bytes, &error));
    cr_assert(batches_put_image(store, hash, span_of("image"), &error), "%s", error.text);
    cr_assert(batches_put_image(store, hash, span_of("image"), &error), "again");
}

/* A whole look, as of the leader's thread. */
static unsigned copies_of(struct batches *store)
{
    bool more = true;
    unsigned copies = 0;
    while (more) copies = batches_copies(store, &more);
    return copies;
}

/* A test for each kind. */
#define EACH_KIND(name)                                                                                                \
    static void name(void);                                                                                            \
    Test(journal_kinds, sqlite_##name, .timeout = 30, .init = directory_make, .fini = directory_remove)                \
    {                                                                                                                  \
        name();                                                                                                        \
    }                                                                                                                  \
    Test(journal_kinds, postgres_##name, .timeout = 60, .init = server_make, .fini = directory_remove)                 \
    {                                                                                                                  \
        name();                                                                                                        \
    }                                                                                                                  \
    static void name(void)

EACH_KIND(batches_and_images_are_there_after_a_restart)
{
    struct error error = {0};
    struct span bytes;
    uint8_t at[32];
    uint32_t count;
    struct batches *store = kept_open();
    kept_fill(store);
    cr_assert(batches_pass(store, 9, 4, &error), "%s", error.text);
    batches_close(store);
    store = kept_open();
    cr_assert(batches_first(store) == 1 && batches_last(store) == 20);
    for (uint64_t number = 1; number <= 20; number++) {
        char text[32];
        snprintf(text, sizeof text, "batch %d", (int)number);
        kept_is(store, number, text);
    }
    cr_assert(batches_get_image(store, hash, &bytes, &error) && span_is(bytes, "image"));
    cr_assert(batches_image_at(store, 0, at) && memcmp(at, hash, sizeof at) == 0);
    cr_assert_not(batches_image_at(store, 1, at), "it is there once");
    const uint32_t *places = batches_passes(store, 9, &count);
    cr_assert(places && count == 1 && places[0] == 4);
    cr_assert(batches_digest_unsure(store, 20));
    kept_append(store, 21, "next");
    batches_close(store);
}

EACH_KIND(what_is_pruned_is_told_by_its_number)
{
    struct error error = {0};
    struct span bytes;
    struct batches *store = kept_open();
    kept_fill(store);
    struct batches *reader = place_follow(directory, &error);
    cr_assert(reader, "%s", error.text);
    cr_assert(batches_prune(store, 9, 0, &error), "%s", error.text);
    cr_assert_eq(batches_first(store), 2, "a portion has one batch at least");
    cr_assert(batches_prune(store, 9, 1000000, &error), "%s", error.text);
    cr_assert_eq(batches_first(store), 9);
    kept_append(store, 21, "next");
    kept_is(store, 9, "batch 9");
    cr_assert_not(batches_read(reader, 8, &bytes, &error));
    cr_assert_str_eq(error.text, "the journal begins at batch 9; those before were pruned");
    cr_assert(batches_look(reader, &error) && batches_first(reader) == 9 && batches_last(reader) == 21);
    kept_is(reader, 21, "next");
    batches_close(reader);
    cr_assert(batches_prune(store, 100, 1000000, &error), "%s", error.text);
    cr_assert_eq(batches_first(store), 21, "the last one stays");
    batches_close(store);
    store = kept_open();
    cr_assert(batches_first(store) == 21 && batches_last(store) == 21);
    kept_append(store, 22, "more");
    batches_close(store);
}

EACH_KIND(a_copy_is_a_journal_in_a_folder)
{
    struct error error = {0};
    char folder[96];
    struct batches *store = kept_open();
    kept_fill(store);
    cr_assert(batches_pass(store, 9, 4, &error), "%s", error.text);
    struct batches *reader = place_follow_whole(directory, &error);
    cr_assert(reader, "%s", error.text);
    snprintf(folder, sizeof folder, "%s/copy", directory);
    char command[128];
    snprintf(command, sizeof command, "mkdir %s", folder);
    cr_assert_eq(system(command), 0);
    cr_assert(batches_copy(reader, folder, &error), "%s", error.text);
    batches_close(reader);
    batches_close(store);
    struct span bytes;
    uint32_t count;
    store = place_follow_whole(folder, &error);
    cr_assert(store && batches_last(store) == 20, "%s", error.text);
    kept_is(store, 20, "batch 20");
    cr_assert(batches_get_image(store, hash, &bytes, &error) && span_is(bytes, "image"));
    cr_assert(batches_passes(store, 9, &count) && count == 1);
    batches_close(store);
}

Test(journal_kinds, a_mark_says_up_to_which_batch_a_folder_was_put_back, .init = directory_make,
     .fini = directory_remove)
{
    struct error error = {0};
    char other[96];
    snprintf(other, sizeof other, "%s/other", directory);
    cr_assert(mkdir(other, 0700) == 0 && copy_mark_make(other, 9, &error), "%s", error.text);
    cr_expect_not(copy_mark_holds(directory, 1), "that of another folder");
    cr_assert(copy_mark_make(directory, 7, &error), "%s", error.text);
    cr_expect(copy_mark_holds(directory, 7) && copy_mark_holds(directory, 6) && !copy_mark_holds(directory, 8));
    cr_expect(copy_mark_holds(other, 9));
}

EACH_KIND(two_cannot_have_the_same_folder)
{
    struct batches *store = kept_open();
    struct error error = {0};
    cr_assert_null(place_open(directory, &kept.place, NULL, &error));
    cr_assert(error.code == ERROR_STATE && strstr(error.text, "is in use by another process"), "%s", error.text);
    batches_close(store);
    batches_close(kept_open());
}

EACH_KIND(an_end_that_was_cut_off_is_told)
{
    struct error error = {0};
    struct batches *store = kept_open();
    kept_fill(store);
    batches_close(store);
    char command[200];
    snprintf(command, sizeof command, "sqlite3 %s/journal.db 'DELETE FROM batch WHERE number > 18'", directory);
    if (kept.postgres)
        server_run("DELETE FROM gcx_batch WHERE batch > 18");
    else if (system(command) != 0)
        cr_skip_test("no sqlite3");
    cr_assert_null(place_open(directory, &kept.place, NULL, &error));
    cr_assert(strstr(error.text, "the journal ends at batch 18, but batch 20 was acknowledged"), "%s", error.text);
}

EACH_KIND(what_was_acknowledged_survives_kill_9)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct batches *store = place_open(directory, &kept.place, NULL, NULL);
        for (uint64_t number = 1; store; number++)
            if (batches_append(store, number, span_of("batch"), NULL) != APPEND_OK ||
                write(ends[1], &number, sizeof number) != sizeof number)
                break;
        _exit(1);
    }
    close(ends[1]);
    uint64_t number = 0, last = 0;
    while (last < 100 && read(ends[0], &number, sizeof number) == sizeof number) last = number;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &number, sizeof number) == sizeof number) last = number;
    close(ends[0]);
    cr_assert_geq(last, 100);
    kept.place.depose = true; /* the server may not know yet that the process is gone */
    struct batches *store = kept_open();
    cr_assert(batches_last(store) == last || batches_last(store) == last + 1);
    for (number = 1; number <= last; number++) kept_is(store, number, "batch");
    kept_append(store, batches_last(store) + 1, "next");
    batches_close(store);
}

Test(journal_kinds, a_folder_is_gone_on_with_in_its_own_store_only, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct journal_place folder = {.database = "", .domain = 7}, other = kept.place;
    batches_close(kept_open());
    cr_assert_null(place_open(directory, &folder, NULL, &error));
    cr_assert(strstr(error.text, "is in PostgreSQL"), "%s", error.text);
    other.domain = 8;
    cr_assert_null(place_open(directory, &other, NULL, &error));
    cr_assert(strstr(error.text, "is of partition 7, not of 8"), "%s", error.text);
    server_run("UPDATE gcx_domain SET id = decode(repeat('ab', 16), 'hex')");
    cr_assert_null(place_open(directory, &kept.place, NULL, &error));
    cr_assert(strstr(error.text, "another one than this state folder's"), "%s", error.text);
    directory_remove();
    cr_assert_eq(system("true"), 0);
    directory_make();
    batches_close(batches_open_sqlite(directory, NULL, &error));
    struct journal_place database = {.database = conninfo, .domain = 7, .wait_s = 30};
    cr_assert_null(place_open(directory, &database, NULL, &error));
    cr_assert(strstr(error.text, "has a journal of its own, journal.db"), "%s", error.text);
    database.database = "host=nowhere password=geheim";
    directory_remove();
    directory_make();
    cr_assert_null(place_open(directory, &database, NULL, &error));
    cr_assert(strstr(error.text, "holds a password") && !strstr(error.text, "geheim"), "%s", error.text);
}

/* Another folder, as another machine has it. */
static struct batches *rival_open(bool depose, struct error *error)
{
    static char folder[96];
    struct journal_place place = kept.place;
    snprintf(folder, sizeof folder, "%s/rival", directory);
    mkdir(folder, 0700);
    place.depose = depose;
    return place_open(folder, &place, NULL, error);
}

static atomic_bool beats_end;

/* A leader with nothing to do. */
static void *beats_give(void *store)
{
    while (!atomic_load(&beats_end)) {
        batches_beat(store);
        usleep(20000);
    }
    return NULL;
}

Test(journal_kinds, a_second_gcxvm_is_refused_or_deposes_the_first, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    pthread_t beats;
    kept.place.lease_ms = 3000;
    struct batches *store = kept_open();
    server_run(
        "SELECT 1 / (node ~ '^[^,]+, process [0-9]+-[0-9a-f]{8}$' AND node !~ '-00000000$')::int FROM gcx_domain");
    kept_append(store, 1, "mine");
    pthread_create(&beats, NULL, beats_give, store);
    uint64_t began_us = clock_monotonic_us();
    cr_assert_null(rival_open(false, &error));
    cr_assert(error.code == ERROR_STATE && strstr(error.text, "another gcxvm has the journal"), "%s", error.text);
    cr_assert_lt(clock_monotonic_us() - began_us, 2500000, "one that gives a sign lives");
    atomic_store(&beats_end, true);
    pthread_join(beats, NULL);
    struct batches *rival = rival_open(true, &error);
    cr_assert(rival && batches_last(rival) == 1, "%s", error.text);
    cr_assert_eq(batches_append(store, 2, span_of("late"), &error), APPEND_DEPOSED, "before the rival has written");
    cr_assert(batches_deposed(store) && strstr(error.text, "another gcxvm has taken the journal"), "%s", error.text);
    cr_assert_eq(batches_append(store, 2, span_of("late"), &error), APPEND_UNKNOWN, "nothing more is tried");
    kept_append(rival, 2, "the rival's");
    batches_close(store);
    store = kept_open();
    kept_is(store, 2, "the rival's");
    batches_close(store);
    batches_close(rival);
}

Test(journal_kinds, an_idle_leader_prunes_nothing_and_hears_that_it_was_deposed, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct batches *store = kept_open();
    kept_append(store, 1, "one");
    kept_append(store, 2, "two");
    struct batches *rival = rival_open(true, &error);
    cr_assert(rival, "%s", error.text);
    cr_assert_not(batches_deposed(store));
    cr_assert(batches_prune(store, 2, 0, &error), "%s", error.text);
    kept_is(rival, 1, "one");
    copies_of(store);
    cr_assert(batches_deposed(store));
    batches_close(store);
    batches_close(rival);
}

Test(journal_kinds, the_key_refuses_what_the_term_let_through, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct batches *store = kept_open();
    kept_append(store, 1, "mine");
    server_run(
        "INSERT INTO gcx_batch SELECT domain, 2, term, decode(repeat('cd', 16), 'hex'), prev, bytes FROM gcx_batch");
    cr_assert_eq(batches_append(store, 2, span_of("mine"), &error), APPEND_DEPOSED);
    cr_assert(strstr(error.text, "another gcxvm has written batch 2"), "%s", error.text);
    batches_close(store);
}

Test(journal_kinds, answers_that_are_lost_lose_and_double_nothing, .timeout = 60, .init = server_make,
     .fini = directory_remove)
{
    enum { UNKNOWNS = 100 };
    struct relay *relay = relay_begin(getenv("GCX_PG_CONNINFO"), conninfo, sizeof conninfo);
    struct batches *store = kept_open();
    char text[32];
    for (uint64_t number = 1; number <= UNKNOWNS; number++) {
        snprintf(text, sizeof text, "batch %d", (int)number);
        if (number > 1) relay_eat(relay, number % 2 ? RELAY_ANSWER : RELAY_QUESTION);
        kept_append(store, number, text);
    }
    cr_assert_eq(relay_eaten(relay), UNKNOWNS - 1);
    batches_close(store);
    kept.place.depose = true;
    store = kept_open();
    cr_assert_eq(batches_last(store), UNKNOWNS);
    for (uint64_t number = 1; number <= UNKNOWNS; number++) {
        snprintf(text, sizeof text, "batch %d", (int)number);
        kept_is(store, number, text);
    }
    batches_close(store);
    relay_end(relay);
}

Test(journal_kinds, a_backend_that_is_killed_is_replaced, .timeout = 60, .init = server_make, .fini = directory_remove)
{
    struct batches *store = kept_open();
    for (uint64_t number = 1; number <= 5; number++) {
        kept_append(store, number, "batch");
        server_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gcx journal'");
    }
    batches_close(store);
}

/* An administrator cancels a statement that waits for a lock of theirs, and then gives the lock back. */
static void *lock_cancels(void *locking)
{
    static const char waits[] = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                                " WHERE wait_event_type = 'Lock' AND application_name = 'gcx journal'";
    PGconn *looking = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    bool waited = server_says(looking, waits);
    PQclear(PQexec(locking, "COMMIT"));
    PQfinish(looking);
    return waited ? NULL : "nothing has waited";
}

Test(journal_kinds, a_statement_that_somebody_cancels_is_sent_again, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    pthread_t other;
    void *failed;
    PGconn *locking = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    struct batches *store = kept_open();
    kept_append(store, 1, "one");
    PQclear(PQexec(locking, "BEGIN; LOCK TABLE gcx_batch"));
    pthread_create(&other, NULL, lock_cancels, locking);
    kept_append(store, 2, "two");
    pthread_join(other, &failed);
    cr_assert_null(failed, "%s", (const char *)failed);
    kept_is(store, 2, "two");
    batches_close(store);
    PQfinish(locking);
}

static void password_put(const char *path, const char *password)
{
    FILE *file = fopen(path, "w");
    cr_assert(file && fprintf(file, "*:*:*:*:%s\n", password) > 0 && fclose(file) == 0);
    cr_assert_eq(chmod(path, 0600), 0);
}

struct rotation {
    char path[128], told[400];
};

/* Somebody reads why the leader waits, and does what it says. */
static void on_rotation_told(void *self, const char *text)
{
    struct rotation *rotation = self;
    if (!strstr(text, "passfile")) return;
    snprintf(rotation->told, sizeof rotation->told, "%s", text);
    password_put(rotation->path, "new");
}

Test(journal_kinds, a_password_that_was_rotated_is_asked_for, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct rotation rotation = {0};
    const struct batches_watch watch = {.note = on_rotation_told, .self = &rotation};
    size_t length = strlen(conninfo);
    snprintf(rotation.path, sizeof rotation.path, "%s/pass", directory);
    snprintf(conninfo + length, sizeof conninfo - length, " user=secretive passfile=%s", rotation.path);
    password_put(rotation.path, "old");
    server_run("DROP ROLE IF EXISTS secretive; CREATE ROLE secretive SUPERUSER LOGIN PASSWORD 'old'");
    struct batches *store = place_open(directory, &kept.place, &watch, &error);
    cr_assert(store, "%s", error.text);
    kept_append(store, 1, "before");
    server_run("ALTER ROLE secretive PASSWORD 'new';"
               "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gcx journal'");
    kept_append(store, 2, "meanwhile");
    cr_expect(strstr(rotation.told, "password"), "%s", rotation.told);
    kept_is(store, 2, "meanwhile");
    batches_close(store);
    server_run("DROP OWNED BY secretive; DROP ROLE secretive");
}

static void *server_restart(void *self)
{
    char command[256];
    (void)self;
    snprintf(command, sizeof command, "%s start", getenv("GCX_PG_CONTROL"));
    return system(command) == 0 ? NULL : "failed";
}

Test(journal_kinds, a_server_that_is_away_is_waited_for, .timeout = 60, .init = server_make, .fini = directory_remove)
{
    char command[256];
    pthread_t starter;
    void *failed;
    if (!getenv("GCX_PG_CONTROL")) cr_skip_test("no server that may be stopped");
    struct batches *store = kept_open();
    kept_append(store, 1, "before");
    snprintf(command, sizeof command, "%s stop immediate", getenv("GCX_PG_CONTROL"));
    cr_assert_eq(system(command), 0);
    pthread_create(&starter, NULL, server_restart, NULL);
    kept_append(store, 2, "meanwhile");
    pthread_join(starter, &failed);
    cr_assert_null(failed);
    batches_close(store);
}

Test(journal_kinds, a_wait_has_an_end, .timeout = 60, .init = server_make, .fini = directory_remove)
{
    struct error error = {0};
    struct relay *relay = relay_begin(getenv("GCX_PG_CONNINFO"), conninfo, sizeof conninfo);
    kept.place.wait_s = 1;
    struct batches *store = kept_open();
    kept_append(store, 1, "before");
    relay_end(relay);
    cr_assert_eq(batches_append(store, 2, span_of("never"), &error), APPEND_UNKNOWN);
    cr_assert(error.code == ERROR_SYSTEM && strstr(error.text, "the journal's database"), "%s", error.text);
    batches_close(store);
}

/* The newest row is gone, as where tables were put back; nothing is written behind the gap. */
static void last_row_is_lost(struct batches *store, uint64_t number, const char *beside)
{
    struct error error = {0};
    char sql[256], lost[64];
    snprintf(sql, sizeof sql, "DELETE FROM gcx_batch WHERE batch = %d; %s", (int)number, beside);
    snprintf(lost, sizeof lost, "has lost batch %d, which was acknowledged", (int)number);
    kept_append(store, number, "last");
    server_run(sql);
    cr_expect_eq(batches_append(store, number + 1, span_of("behind"), &error), APPEND_UNKNOWN);
    cr_expect(error.code == ERROR_INPUT && strstr(error.text, lost), "%s", error.text);
    batches_close(store);
    server_run("SELECT 1 / (2 - count(*)) FROM gcx_batch");
}

/* An administrator accepts the loss. */
static struct batches *store_without_the_lost(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/journal.end", directory);
    cr_assert_eq(unlink(path), 0);
    return kept_open();
}

Test(journal_kinds, a_server_that_lost_what_was_acknowledged_is_written_no_more, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct batches *store = kept_open();
    kept_append(store, 1, "one");
    last_row_is_lost(store, 2,
                     "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gcx journal'");
    last_row_is_lost(store_without_the_lost(), 2, "");
    server_run("INSERT INTO gcx_member SELECT domain, 'a machine', 'follower', term, 1, 1000, now() FROM gcx_domain");
    kept.place.lease_ms = 1000;
    store = store_without_the_lost();
    copies_of(store); /* who follows is woken by another statement */
    last_row_is_lost(store, 2, "");
}

/* BLAKE2b over partition 7, batch 1, 32 zeros and the row: what earlier versions have written is read by it. */
Test(journal_kinds, a_row_has_the_hash_of_the_one_before_with_its_place, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct batches *store = kept_open();
    kept_append(store, 1, "one");
    kept_append(store, 2, "two");
    server_run(
        "SELECT 1 / (prev = decode('1205b3115bd72a1aa17fbd6c948f240f4ec599c12d861a4f21f8991f81d57f42', 'hex'))::int"
        " FROM gcx_batch WHERE batch = 2");
    batches_close(store);
}

Test(journal_kinds, a_row_that_was_altered_is_told, .timeout = 30, .init = server_make, .fini = directory_remove)
{
    struct error error = {0};
    struct span bytes;
    struct batches *store = kept_open();
    kept_fill(store);
    server_run("UPDATE gcx_batch SET bytes = 'other' WHERE batch = 4");
    cr_assert(batches_read(store, 4, &bytes, &error));
    cr_assert_not(batches_read(store, 5, &bytes, &error));
    cr_assert(strstr(error.text, "the row of batch 5 does not follow the one before"), "%s", error.text);
    batches_close(store);
}

Test(journal_kinds, a_row_that_was_removed_is_told, .timeout = 30, .init = server_make, .fini = directory_remove)
{
    struct error error = {0};
    struct span bytes;
    struct batches *store = kept_open();
    kept_fill(store);
    server_run("DELETE FROM gcx_batch WHERE batch = 4");
    cr_assert_not(batches_read(store, 4, &bytes, &error));
    cr_assert(error.code == ERROR_INPUT && strstr(error.text, "the journal goes on to batch 20"), "%s", error.text);
    cr_assert_not(batches_read(store, 21, &bytes, &error));
    cr_assert_eq(error.code, ERROR_UNKNOWN, "%s", error.text);
    server_run("ALTER TABLE gcx_image RENAME TO other");
    cr_assert_not(batches_get_image(store, hash, &bytes, &error));
    cr_assert(error.code == ERROR_SYSTEM && strstr(error.text, "the journal's database"), "%s", error.text);
    server_run("DROP TABLE other");
    batches_close(store);
}

static void copies_answer(bool they_do)
{
    server_run(they_do ? "ALTER SYSTEM RESET synchronous_standby_names"
                       : "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    server_run("SELECT pg_reload_conf()");
    usleep(100000); /* processes of the server read it when they are next asked */
}

static atomic_bool acknowledged;

/* Waits until an append waits for copies, and ends the wait by `sql` as an administrator may. The append asks for a
 * proof then, which waits, too; only now the copies answer. */
static void *waits_end(void *self)
{
    static const char waits[] = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    static const char proves[] = "SELECT 1 FROM pg_stat_activity p WHERE wait_event = 'SyncRep'"
                                 " AND NOT EXISTS (SELECT 1 FROM waited w WHERE w.query_start = p.query_start)";
    PGconn *connection = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    char *why = NULL;
    PQclear(PQexec(connection, "SET synchronous_commit = local"));
    if (!server_says(connection, waits)) why = "nothing has waited";
    PQclear(PQexec(connection, "CREATE TEMP TABLE waited AS SELECT query_start FROM pg_stat_activity"
                               " WHERE wait_event = 'SyncRep'"));
    PQclear(PQexec(connection, self));
    if (!why && !server_says(connection, proves)) why = "no proof was asked for";
    if (!why && atomic_load(&acknowledged)) why = "it was acknowledged, and no copy has it";
    PQfinish(connection);
    copies_answer(true);
    return why;
}

static void wait_cut_short(const char *by)
{
    pthread_t other;
    void *failed;
    char sql[200];
    struct batches *store = kept_open();
    kept_append(store, 1, "one");
    copies_answer(false);
    snprintf(sql, sizeof sql, "SELECT %s(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", by);
    pthread_create(&other, NULL, waits_end, sql);
    kept_append(store, 2, "two");
    atomic_store(&acknowledged, true);
    pthread_join(other, &failed);
    cr_assert_null(failed, "%s", (const char *)failed);
    kept_append(store, 3, "three");
    kept_is(store, 2, "two");
    batches_close(store);
}

Test(journal_kinds, a_wait_for_copies_that_is_cancelled_is_no_success, .timeout = 60, .init = server_make,
     .fini = directory_remove)
{
    wait_cut_short("pg_cancel_backend");
}

Test(journal_kinds, nor_is_one_whose_backend_is_ended, .timeout = 60, .init = server_make, .fini = directory_remove)
{
    wait_cut_short("pg_terminate_backend");
}

Test(journal_kinds, copies_are_counted, .timeout = 30, .init = server_make, .fini = directory_remove)
{
    struct batches *store = kept_open();
    bool more;
    batches_copies(store, &more);
    cr_assert(more, "an append may come between");
    kept_append(store, 1, "one");
    cr_assert_eq(copies_of(store), 1);
    cr_assert_eq(batches_copies(store, &more), 1);
    cr_assert_not(more, "the next one is due in some seconds");
    batches_close(store);
}

/* ---- a second machine ---- */

/* The site's key is in each folder, as an administrator has copied it. */
static void site_key_put(const char *state)
{
    char path[128];
    mkdir(state, 0700);
    snprintf(path, sizeof path, "%s/site.key", state);
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs("the key of this site, for both", file) >= 0 && fclose(file) == 0);
    cr_assert_eq(chmod(path, 0600), 0);
}

static void keys_ready(const char *state)
{
    struct error error = {0};
    bool made;
    cr_assert(keys_make(state, "", NULL, &made, &error), "%s", error.text);
}

/* The leader, with keys. */
static struct batches *leader_open(void)
{
    kept.place.lease_ms = 1000;
    site_key_put(directory);
    keys_ready(directory);
    return kept_open();
}

/* Follows from an empty folder. */
static struct batches *follower_open_in(const char *name)
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

Test(journal_kinds, a_journal_of_another_site_leaves_nothing_in_a_folder, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    char state[128], key[140];
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    snprintf(state, sizeof state, "%s/other", directory);
    snprintf(key, sizeof key, "%s/site.key", state);
    site_key_put(state);
    kept.place.key_file = key;
    cr_assert(place_fetch(state, &kept.place, &error) && keys_are_there(state), "%s", error.text);
    cr_assert(keys_unmake(state, &error));
    FILE *file = fopen(key, "w");
    cr_assert(file && fputs("the key of another site, not of this", file) >= 0 && fclose(file) == 0);
    cr_assert_not(place_fetch(state, &kept.place, &error));
    cr_assert(error.code == ERROR_DENIED && strstr(error.text, "of another site"), "%s", error.text);
    cr_assert_not(keys_are_there(state));
    batches_close(leader);
}

static void *members_hold(void *held)
{
    PGconn *connection = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    PQclear(PQexec(connection, "BEGIN; LOCK TABLE gcx_member"));
    atomic_store((atomic_bool *)held, true);
    PQclear(PQexec(connection, "SELECT pg_sleep(2.2)")); /* longer than who follows waits for an answer */
    PQfinish(connection);
    return NULL;
}

Test(journal_kinds, a_slow_look_at_members_keeps_the_leaders_connection, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    pthread_t other;
    atomic_bool held = false;
    bool more;
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    server_run("CREATE TABLE before AS SELECT pid FROM pg_locks WHERE locktype = 'advisory'");
    pthread_create(&other, NULL, members_hold, &held);
    while (!atomic_load(&held)) usleep(1000);
    batches_copies(leader, &more);
    pthread_join(other, NULL);
    server_run("SELECT 1 / (SELECT count(*) FROM before JOIN pg_locks USING (pid) WHERE locktype = 'advisory');"
               "DROP TABLE before");
    batches_close(leader);
}

static struct batches_sign sign_of(struct batches *store)
{
    struct error error = {0};
    struct batches_sign sign;
    cr_assert(batches_look(store, &error), "%s", error.text);
    batches_sign(store, &sign);
    return sign;
}

/* What pg_restore(1) passes through: tables that are not there, and tables without rows; and how it ends. */
static const struct {
    const char *gone, *back, *told;
} away[] = {
    {"ALTER TABLE gcx_domain RENAME TO away", "ALTER TABLE away RENAME TO gcx_domain", "\"gcx_domain\" does not exist"},
    {"ALTER TABLE gcx_batch RENAME TO away", "ALTER TABLE away RENAME TO gcx_batch", "\"gcx_batch\" does not exist"},
    {"DELETE FROM gcx_domain", "INSERT INTO gcx_domain SELECT * FROM led", "no row in gcx_domain of partition"},
    {"DELETE FROM gcx_batch", "INSERT INTO gcx_batch SELECT * FROM kept", "no batch of partition"}};
enum { AWAY = sizeof away / sizeof *away };
static const char away_kept[] =
    "CREATE TABLE kept AS SELECT * FROM gcx_batch; CREATE TABLE led AS SELECT * FROM gcx_domain";

/* The database is whole when the leader has begun to wait. */
static void waits_told(void *self, const char *text)
{
    const char **back = self;
    if (!*back || !strstr(text, "waits for the database")) return;
    server_run(*back);
    *back = NULL;
}

Test(journal_kinds, a_leader_waits_while_the_database_is_put_back, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    static const char cut[] =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gcx journal'";
    struct error error = {0};
    const char *back = NULL;
    const struct batches_watch watch = {.note = waits_told, .self = &back};
    kept.place.lease_ms = 1000;
    struct batches *store = place_open(directory, &kept.place, &watch, &error);
    cr_assert(store, "%s", error.text);
    kept_append(store, 1, "one");
    for (uint64_t i = 0; i < 2 * AWAY; i++) {
        server_run(away_kept);
        server_run(away[i / 2].gone);
        if (i % 2) server_run(cut);
        batches_beat(store);
        copies_of(store);
        cr_expect_not(batches_deposed(store), "%s: nobody else leads", away[i / 2].gone);
        back = away[i / 2].back;
        cr_expect_eq(batches_append(store, 2 + i, span_of("x"), &error), APPEND_OK, "%s: %s", away[i / 2].gone,
                     error.text);
        cr_assert_null(back, "%s: it has waited", away[i / 2].gone);
        server_run("DROP TABLE kept, led");
    }
    batches_close(store);
}

Test(journal_kinds, a_wait_for_a_database_that_is_put_back_says_at_its_end_what_is, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct batches *store = leader_open();
    kept_append(store, 1, "one");
    batches_close(store);
    server_run(away_kept);
    kept.place.wait_s = 0;
    for (size_t i = 0; i < AWAY; i++) {
        store = kept_open();
        server_run("DROP TABLE led; CREATE TABLE led AS SELECT * FROM gcx_domain");
        server_run(away[i].gone);
        cr_expect_eq(batches_append(store, 2, span_of("never"), &error), APPEND_UNKNOWN);
        cr_expect(error.code == ERROR_SYSTEM && strstr(error.text, away[i].told), "%s: %s", away[i].gone, error.text);
        server_run(away[i].back);
        batches_close(store);
    }
}

Test(journal_kinds, a_take_without_the_row_before_says_so, .timeout = 30, .init = server_make, .fini = directory_remove)
{
    struct error error = {0};
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    kept_append(leader, 2, "two");
    struct batches *follower = follower_open_in("second");
    sign_of(follower);
    server_run(away_kept);
    server_run("DELETE FROM gcx_batch WHERE batch = 2");
    cr_expect_eq(batches_take(follower, 3, span_of("never"), &error), APPEND_UNKNOWN);
    cr_expect(error.code == ERROR_SYSTEM && strstr(error.text, "has no batch 2 at this moment"), "%s", error.text);
    server_run("INSERT INTO gcx_batch SELECT * FROM kept WHERE batch = 2; DELETE FROM gcx_domain");
    cr_expect_eq(batches_take(follower, 3, span_of("never"), &error), APPEND_UNKNOWN);
    cr_expect(error.code == ERROR_SYSTEM && strstr(error.text, away[2].told), "%s", error.text);
    batches_close(follower);
    batches_close(leader);
}

/* A server leads that had no copy of the last batch, or of the last term. */
Test(journal_kinds, what_the_database_has_lost_is_told_to_who_follows, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    static const char *const losses[] = {"DELETE FROM gcx_batch WHERE batch = 2",
                                         "UPDATE gcx_domain SET term = term - 1"};
    struct error error = {0};
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    kept_append(leader, 2, "two");
    struct batches *follower = follower_open_in("second");
    sign_of(follower);
    server_run(away_kept);
    for (size_t i = 0; i < AWAY; i++) {
        server_run(away[i].gone);
        cr_expect_not(batches_look(follower, &error), "%s", away[i].gone);
        cr_expect(error.code == ERROR_SYSTEM && strstr(error.text, away[i].told), "%s: %s", away[i].gone, error.text);
        server_run(away[i].back);
        cr_expect(batches_look(follower, &error), "%s: %s", away[i].gone, error.text);
    }
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        server_run(losses[i]);
        cr_expect_not(batches_look(follower, &error));
        cr_expect(error.code == ERROR_INPUT && strstr(error.text, "has lost what was in it"), "%s", error.text);
        server_run("INSERT INTO gcx_batch SELECT * FROM kept ON CONFLICT DO NOTHING");
        cr_expect(i > 0 || batches_look(follower, &error), "%s", error.text);
    }
    server_run("UPDATE gcx_domain SET term = term + 1; INSERT INTO gcx_batch SELECT domain, 3, term, nonce, prev, bytes"
               " FROM kept WHERE batch = 2; ALTER TABLE gcx_key RENAME TO other");
    cr_expect_not(batches_look(follower, &error), "the keys of batch 3 cannot be read");
    cr_expect_eq(error.code, ERROR_SYSTEM, "%s", error.text);
    server_run("DROP TABLE kept, led, other");
    batches_close(follower);
    batches_close(leader);
}

/* Whoever leads next has to know of it: the database may have been put back, or may be a copy that lagged. */
Test(journal_kinds, what_a_follower_has_seen_is_noted_beside_it, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    char state[128];
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    struct batches *follower = follower_open_in("second");
    kept_append(leader, 2, "two");
    sign_of(follower);
    batches_close(leader);
    batches_close(follower);
    server_run("DELETE FROM gcx_batch WHERE batch = 2");
    snprintf(state, sizeof state, "%s/second", directory);
    struct batches *(*const opens[])(const char *, const struct journal_place *, const struct batches_watch *,
                                     struct error *) = {place_open, place_stand_by};
    for (unsigned i = 0; i < 2; i++) {
        struct error error = {0};
        cr_expect_null(opens[i](state, &kept.place, NULL, &error));
        cr_expect(strstr(error.text, "ends at batch 1, but batch 2 was acknowledged"), "%s", error.text);
    }
}

Test(journal_kinds, a_journal_that_is_not_there_yet_is_not_followed, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    cr_assert_not(place_fetch(directory, &kept.place, &error));
    cr_assert_eq(error.code, ERROR_UNKNOWN, "%s", error.text);
}

/* The first batches cannot be read without a key that was erased, though all of them are there. */
static void newcomer_needs_a_snapshot(void)
{
    struct error error = {0};
    char state[128], path[160];
    snprintf(state, sizeof state, "%s/newcomer", directory);
    snprintf(path, sizeof path, "%s/snapshots/00000000000000000002", state);
    site_key_put(state);
    cr_assert_not(place_fetch(state, &kept.place, &error));
    cr_assert(error.code == ERROR_STATE && strstr(error.text, "erased, and no snapshot"), "%s", error.text);
    server_run("INSERT INTO gcx_file SELECT domain, 'snapshot 2', 0, 'all' FROM gcx_domain");
    cr_assert(place_fetch(state, &kept.place, &error), "%s", error.text);
    cr_assert_eq(access(path, R_OK), 0, "%s", path);
    server_run("DELETE FROM gcx_file; DELETE FROM gcx_batch WHERE batch <= 2");
    cr_assert(place_fetch(state, &kept.place, &error), "its own goes up to where the journal begins: %s", error.text);
    server_run("INSERT INTO gcx_file SELECT domain, 'snapshot 2', 0, 'all' FROM gcx_domain;"
               "ALTER TABLE gcx_key RENAME COLUMN bytes TO other");
    snprintf(state, sizeof state, "%s/late", directory);
    site_key_put(state);
    cr_assert_not(place_fetch(state, &kept.place, &error), "the keys cannot be read");
    cr_assert_eq(error.code, ERROR_UNAVAILABLE, "%s", error.text);
}

Test(journal_kinds, who_follows_has_each_key_with_its_batch_and_loses_it_when_it_is_erased, .timeout = 30,
     .init = server_make, .fini = directory_remove)
{
    struct error error = {0};
    struct key_name early, late;
    uint8_t ours[KEY_BYTES], theirs[KEY_BYTES];
    uint64_t owner = 11, last;
    uint32_t held;
    struct batches *leader = leader_open();
    struct keys *keys = batches_keys(leader);
    cr_assert(keys_for(keys, owner, 1, &early, ours, &error), "%s", error.text);
    kept_append(leader, 1, "one");
    struct batches *follower = follower_open_in("second");
    cr_assert_eq(keys_find(batches_keys(follower), early, 1, theirs), KEY_THERE);
    cr_assert_arr_eq(ours, theirs, KEY_BYTES);
    cr_assert(keys_for(keys, 12, 2, &late, ours, &error), "%s", error.text);
    sign_of(follower);
    kept_append(leader, 2, "two");
    uint64_t began_us = clock_monotonic_us();
    batches_hear(follower, 10000);
    cr_assert_lt(clock_monotonic_us() - began_us, 5000000, "the batch has woken it");
    sign_of(follower);
    cr_assert_eq(keys_find(batches_keys(follower), late, 2, theirs), KEY_THERE);
    kept_is(follower, 2, "two");
    cr_assert_eq(keys_erase(keys, &owner, 1, 2, &held, &last, &error), 1);
    copies_of(leader); /* looks what has changed */
    kept_append(leader, 3, "three");
    sign_of(follower);
    cr_assert_eq(keys_find(batches_keys(follower), early, 1, theirs), KEY_ERASED);
    cr_assert_eq(keys_find(batches_keys(follower), late, 2, theirs), KEY_THERE);
    owner = 12;
    cr_assert_eq(keys_erase(keys, &owner, 1, 3, &held, &last, &error), 1);
    cr_assert(batches_leave(leader, &error), "%s", error.text);
    cr_assert(sign_of(follower).left);
    cr_assert_eq(batches_take(follower, 4, span_of("four"), &error), APPEND_OK, "%s", error.text);
    cr_assert_eq(keys_find(batches_keys(follower), late, 2, theirs), KEY_ERASED, "no batch has come since");
    batches_close(follower);
    newcomer_needs_a_snapshot();
    batches_close(leader);
}

Test(journal_kinds, what_was_erased_stays_so_whoever_leads_next, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct key_name one, two;
    uint8_t key[KEY_BYTES];
    uint64_t owner = 11, last, term;
    uint32_t held;
    bool led;
    struct batches *leader = leader_open();
    struct keys *keys = batches_keys(leader);
    cr_assert(keys_for(keys, 11, 1, &one, key, &error) && keys_for(keys, 12, 1, &two, key, &error), "%s", error.text);
    kept_append(leader, 1, "one");
    struct batches *follower = follower_open_in("second");
    sign_of(follower);
    cr_assert(place_term(directory, &term, &led, &error) && term == 1 && led, "%s", error.text);
    cr_assert_eq(keys_erase(keys, &owner, 1, 2, &held, &last, &error), 1);
    cr_assert(place_keys_erase(directory, term, &error), "%s", error.text);
    cr_assert_eq(batches_take(follower, 2, span_of("the leader is dead"), &error), APPEND_OK, "%s", error.text);
    cr_assert_eq(keys_find(batches_keys(follower), one, 1, key), KEY_ERASED);
    owner = 12; /* it asks for that beside one that was deposed meanwhile */
    cr_assert_eq(keys_erase(keys, &owner, 1, 2, &held, &last, &error), 1);
    cr_assert_not(place_keys_erase(directory, term, &error));
    cr_assert(error.code == ERROR_STATE && strstr(error.text, "another gcxvm leads"), "%s", error.text);
    cr_assert_eq(keys_find(batches_keys(follower), two, 1, key), KEY_THERE);
    batches_close(leader);
    leader = place_stand_by(directory, &kept.place, NULL, &error);
    cr_assert(leader, "%s", error.text);
    cr_assert_eq(keys_find(batches_keys(leader), two, 1, key), KEY_ERASED, "it came back from the database");
    cr_assert_eq(keys_find(batches_keys(leader), one, 1, key), KEY_ERASED);
    batches_close(follower);
    batches_close(leader);
    cr_assert(place_term(directory, &term, &led, &error) && term == 2 && !led, "%s", error.text);
    cr_assert(place_keys_erase(directory, term, &error), "nobody leads: %s", error.text);
    server_run("SELECT 1 / (count(*) FILTER (WHERE bytes <> '') = 1)::int FROM gcx_key"); /* the head */
}

Test(journal_kinds, a_snapshot_is_shared_with_who_follows_until_it_leaves, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    char path[160];
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    snprintf(path, sizeof path, "%s/snapshots", directory);
    cr_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
    strcat(path, "/00000000000000000002");
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs("all", file) >= 0 && fclose(file) == 0);
    server_run("INSERT INTO gcx_file SELECT domain, 'snapshot 1', 0, 'less' FROM gcx_domain");
    cr_assert(place_share_snapshot(directory, &error), "%s", error.text);
    server_run("SELECT 1 / (min(name) = 'snapshot 1')::int FROM gcx_file"); /* nobody follows */
    server_run("INSERT INTO gcx_member SELECT domain, 'b', 'follower', term, 0, 3000, now() FROM gcx_domain");
    cr_assert(place_share_snapshot(directory, &error), "%s", error.text);
    struct batches *follower = follower_open_in("second");
    sign_of(follower);
    server_run("SELECT 1 / (count(*) = 2)::int FROM gcx_member WHERE role = 'follower'");
    cr_assert(batches_leave(follower, &error), "%s", error.text);
    server_run("SELECT 1 / (count(*) = 1)::int FROM gcx_member WHERE role = 'follower'");
    batches_close(follower);
    server_run("SELECT 1 / (min(name) = 'snapshot 2' AND min(encode(bytes, 'escape')) = 'all' AND count(*) = 1)::int "
               "FROM gcx_file"
               " WHERE name LIKE 'snapshot%'");
    batches_close(leader);
}

Test(journal_kinds, a_sign_of_life_waits_for_no_copies, .timeout = 30, .init = server_make, .fini = directory_remove)
{
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    struct batches *follower = follower_open_in("second");
    struct batches_node nodes[BATCHES_NODES];
    struct batches_sign before = sign_of(follower);
    copies_answer(false);
    uint64_t began_us = clock_monotonic_us();
    bool gave = batches_beat(leader);
    batches_hear(follower, 0);
    uint64_t took_us = clock_monotonic_us() - began_us, seen = sign_of(follower).seen;
    copies_answer(true);
    cr_expect(gave && seen != before.seen);
    uint64_t until_us = batches_led_until_us(leader), lease_us = kept.place.lease_ms * 1000;
    cr_expect(until_us >= began_us + lease_us && until_us <= began_us + took_us + lease_us,
              "the lease from its sending");
    cr_expect(batches_nodes(follower, nodes) > 0 && took_us < 900000, "%llu us", (unsigned long long)took_us);
    batches_close(follower);
    batches_close(leader);
}

/* A leader of another journal in the same database, in a folder of its own. */
static struct batches *other_leader_open(uint64_t domain)
{
    struct error error = {0};
    char state[128];
    snprintf(state, sizeof state, "%s/other", directory);
    site_key_put(state);
    struct journal_place other = kept.place;
    other.domain = domain;
    cr_assert(place_begin(state, &other, &error), "%s", error.text);
    keys_ready(state);
    struct batches *store = place_open(state, &other, NULL, &error);
    cr_assert(store, "%s", error.text);
    return store;
}

Test(journal_kinds, the_machine_that_leads_fewest_journals_goes_first, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    kept.place.node = "west";
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    kept.place.node = "east";
    struct batches *other = other_leader_open(kept.place.domain + 1), *east = follower_open_in("second");
    cr_assert_eq(sign_of(east).first, 0, "nobody else follows");
    kept.place.node = "south";
    struct batches *south = follower_open_in("third");
    cr_assert_eq(sign_of(east).first, 1);
    cr_assert_eq(sign_of(south).first, 0);
    cr_assert(batches_leave(other, &error), "%s", error.text);
    cr_assert_eq(sign_of(east).first, 0, "what has ended in order is led by nobody");
    batches_close(south);
    batches_close(east);
    batches_close(other);
    batches_close(leader);
}

/* Makes STATE/directory.sqlite, or holds it against that. */
static bool imported_there(const char *state, const char *mode)
{
    enum { SIZE = 700000 };
    char path[160];
    static uint8_t bytes[SIZE + 1];
    snprintf(path, sizeof path, "%s/directory.sqlite", state);
    FILE *file = fopen(path, mode);
    if (!file) return false;
    for (size_t i = 0; i < SIZE; i++) bytes[i] = (uint8_t)(i / 997);
    bool same = true;
    if (*mode == 'w')
        same = fwrite(bytes, 1, SIZE, file) == SIZE;
    else
        for (size_t i = 0; i < SIZE; i++) same = same && fgetc(file) == bytes[i];
    same = same && (*mode == 'w' || fgetc(file) == EOF);
    return fclose(file) == 0 && same;
}

Test(journal_kinds, what_was_imported_by_hand_comes_in_parts, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    char state[128];
    struct batches *leader = leader_open();
    snprintf(state, sizeof state, "%s/second", directory);
    kept_append(leader, 1, "one");
    struct batches *follower = follower_open_in("second");
    cr_assert(imported_there(directory, "w"));
    cr_assert(batches_beat(leader));
    server_run("SELECT 1 / (min(name) = 'directory.sqlite.new' AND count(*) = 1)::int FROM gcx_file");
    cr_assert(batches_leave(leader, &error), "%s", error.text);
    cr_assert(sign_of(follower).left);
    cr_assert_eq(batches_take(follower, 2, span_of("two"), &error), APPEND_OK, "%s", error.text);
    cr_assert(imported_there(state, "r"));
    batches_close(follower);
    batches_close(leader);
}

Test(journal_kinds, copies_that_do_not_answer_are_waited_for_by_one, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    kept.place.wait_s = 3;
    struct batches *store = kept_open();
    kept_append(store, 1, "one");
    copies_answer(false);
    enum append_result result = batches_append(store, 2, span_of("two"), &error);
    PGconn *connection = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    PGresult *waiting = PQexec(connection, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    int count = PQntuples(waiting);
    PQclear(waiting);
    PQfinish(connection);
    copies_answer(true);
    cr_expect(result == APPEND_UNKNOWN && strstr(error.text, "copies, which do not answer"), "%s", error.text);
    cr_expect_eq(count, 1);
    batches_close(store);
}

Test(journal_kinds, two_who_take_the_lead_get_one_row_and_one_refusal, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    struct batches *second = follower_open_in("second"), *third = follower_open_in("third");
    struct batches_node nodes[BATCHES_NODES];
    struct batches_sign sign = sign_of(second); /* all three are one node here, whose row says that it follows */
    cr_assert(sign.lease_us == 1000000 && !sign.left && !sign.ours && sign.last == 1);
    cr_assert(batches_beat(leader));
    cr_assert_neq(sign_of(second).seen, sign.seen, "an idle leader gives a sign");
    server_run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gcx journal'");
    batches_beat(leader), batches_look(second, &error), batches_look(third, &error); /* each finds out */
    sign = sign_of(second);
    cr_assert(batches_beat(leader));
    cr_assert_neq(sign_of(second).seen, sign.seen, "also over a connection that it makes anew");
    sign_of(third);
    batches_hear(second, 0);
    cr_assert_gt(batches_nodes(second, nodes), 0);
    cr_assert_eq(batches_take(second, 2, span_of("the second's"), &error), APPEND_OK, "%s", error.text);
    cr_assert_eq(batches_nodes(second, nodes), 0, "it stood there as one to which a lead could be handed");
    copies_of(second);
    cr_assert(batches_nodes(second, nodes) == 1 && nodes[0].leads, "and does not stand there so in the database");
    cr_assert_eq(batches_take(third, 2, span_of("the third's"), &error), APPEND_DEPOSED);
    cr_assert_eq(sign_of(third).last, 2, "it reads on");
    kept_is(third, 2, "the second's");
    kept_append(second, 3, "and goes on");
    cr_assert_eq(batches_append(leader, 2, span_of("late"), &error), APPEND_DEPOSED);
    cr_assert(batches_beat(second));
    batches_beat(leader);
    cr_assert(batches_deposed(leader) && !batches_deposed(second));
    cr_assert(batches_leave(second, &error), "%s", error.text);
    cr_assert(sign_of(third).left, "it ends in order, and is not waited for");
    cr_assert_eq(batches_take(third, 4, span_of("the third's turn"), &error), APPEND_OK, "%s", error.text);
    batches_close(third);
    batches_close(second);
    batches_close(leader);
}

/* ---- the one row that says who leads ---- */

static const struct {
    const char *name, *fence, *sql;
} statements[] = {
#define ASK(name, fence, sql) {#name, #fence, sql},
#include "runtime/journal/postgres_statements.def"
};

static bool writes(const char *sql)
{
    return strstr(sql, "INSERT ") || strstr(sql, "UPDATE gcx") || strstr(sql, "DELETE ");
}

/* What a statement says to keep those who lead no more from what another one leads. */
static bool is_fenced(const char *fence, const char *sql)
{
    static const char ours[] = "domain = $1::bigint AND term = $";
    if (strcmp(fence, "OURS") != 0) return true;
    const char *at = strstr(sql, ours);
    return at && strstr(at, "AND session = $");
}

Test(journal_kinds, a_statement_that_writes_says_what_fences_it)
{
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        const char *fence = statements[i].fence, *sql = statements[i].sql;
        bool reads = strcmp(fence, "READS") == 0;
        cr_expect_eq(reads, !writes(sql), "%s", statements[i].name);
        cr_expect(is_fenced(fence, sql), "%s has no fence", statements[i].name);
        cr_expect(strcmp(fence, "TAKES") != 0 || strstr(sql, "term = $2"), "%s", statements[i].name);
        cr_expect(strcmp(fence, "TELLS") != 0 || (strstr(sql, "gcx_member") && !strstr(sql, "gcx_domain")), "%s",
                  statements[i].name);
    }
}

/* A leader of its own process, which is killed behind its first batch. */
static void leader_killed(void)
{
    site_key_put(directory);
    keys_ready(directory);
    pid_t child = fork();
    if (child == 0) {
        struct batches *store = place_open(directory, &kept.place, NULL, NULL);
        bool good = store && batches_append(store, 1, span_of("one"), NULL) == APPEND_OK && batches_beat(store);
        _exit(good ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

Test(journal_kinds, one_who_led_alone_and_was_killed_is_followed, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    uint64_t term;
    bool led = true;
    kept.place.lease_ms = 500;
    leader_killed();
    struct batches *follower = follower_open_in("second");
    struct batches_sign sign = sign_of(follower);
    cr_assert(!sign.left && sign.lease_us == 500000);
    while (led) cr_assert(place_term(directory, &term, &led, &error), "%s", error.text);
    cr_assert_eq(sign_of(follower).seen, sign.seen);
    cr_assert_eq(batches_take(follower, 2, span_of("two"), &error), APPEND_OK, "%s", error.text);
    cr_assert(place_term(directory, &term, &led, &error) && led && term == 2);
    batches_close(follower);
    cr_assert(place_term(directory, &term, &led, &error) && !led, "a store that is closed leads nothing");
}

Test(journal_kinds, one_who_was_killed_leads_again_alone_when_its_lease_is_over, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    kept.place.lease_ms = 500;
    leader_killed();
    struct batches *store = kept_open();
    cr_assert_eq(batches_last(store), 1);
    kept_append(store, 2, "two");
    batches_close(store);
}

Test(journal_kinds, a_journal_without_a_batch_whose_leader_is_gone_is_begun_by_the_next, .timeout = 30,
     .init = server_make, .fini = directory_remove)
{
    struct error error = {0};
    char state[128];
    struct batches *leader = leader_open();
    snprintf(state, sizeof state, "%s/second", directory);
    site_key_put(state);
    cr_assert_not(place_fetch(state, &kept.place, &error));
    cr_assert_eq(error.code, ERROR_STATE, "somebody is about to begin it");
    batches_close(leader);
    cr_assert_not(place_fetch(state, &kept.place, &error));
    cr_assert_eq(error.code, ERROR_UNKNOWN, "nobody is: %s", error.text);
}

Test(journal_kinds, a_take_whose_answer_is_lost_is_known_by_its_session, .timeout = 60, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    PGconn *connection = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    struct batches *second = follower_open_in("second"), *third = follower_open_in("third");
    sign_of(second), sign_of(third);
    copies_answer(false); /* the leader is dead, and its machine had the copy */
    enum append_result result = batches_take(second, 2, span_of("the second's"), &error);
    struct batches_sign sign = sign_of(second);
    enum append_result again = batches_take(second, 2, span_of("again"), &error);
    bool one = server_says(connection,
                           "SELECT 1 FROM pg_stat_activity HAVING count(*) FILTER (WHERE wait_event = 'SyncRep') = 1");
    copies_answer(true);
    cr_assert(result == APPEND_UNKNOWN && sign.term == 1 && !sign.ours, "its commit is seen by nobody yet");
    cr_assert(again == APPEND_UNKNOWN && strstr(error.text, "copies, which do not answer"), "%s", error.text);
    cr_assert(one, "one waits for the copies, and no more");
    cr_assert(server_says(connection, "SELECT 1 FROM gcx_domain WHERE term = 2"));
    cr_assert(!sign_of(third).ours && sign_of(third).term == 2);
    cr_assert(sign_of(second).ours && sign_of(second).last == 2);
    cr_assert_eq(batches_take(second, 3, span_of("now"), &error), APPEND_OK, "%s", error.text);
    kept_append(second, 4, "and goes on");
    kept_is(second, 2, "the second's");
    cr_assert_eq(batches_append(leader, 2, span_of("late"), &error), APPEND_DEPOSED);
    batches_close(third);
    batches_close(second);
    batches_close(leader);
    PQfinish(connection);
}

Test(journal_kinds, a_take_is_not_tried_while_an_append_waits_for_copies, .timeout = 60, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    PGconn *connection = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    struct batches *second = follower_open_in("second");
    sign_of(second);
    kept_append(leader, 2, "two");
    cr_assert_eq(batches_take(second, 2, span_of("the second's"), &error), APPEND_DEPOSED);
    sign_of(second);
    copies_answer(false); /* they did answer when this connection asked first */
    PQsendQuery(connection, "SET application_name = 'gcx journal'; CREATE TABLE waits()");
    server_run("SELECT pg_sleep(1.2)");
    uint64_t began_us = clock_monotonic_us();
    enum append_result result = batches_take(second, 3, span_of("three"), &error);
    uint64_t took_us = clock_monotonic_us() - began_us;
    copies_answer(true);
    cr_expect(result == APPEND_UNKNOWN && strstr(error.text, "copies, which do not answer"), "%s", error.text);
    cr_expect_lt(took_us, 1500000);
    PQfinish(connection);
    server_run("DROP TABLE waits");
    cr_assert(!sign_of(second).ours && sign_of(second).term == 1);
    batches_close(second);
    batches_close(leader);
}

/* The commit of an opening is told as a warning, and of its retry: the row says that both were ours. */
Test(journal_kinds, a_lead_whose_answer_is_lost_is_taken_once_more_by_the_same, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct relay *relay = relay_begin(getenv("GCX_PG_CONNINFO"), conninfo, sizeof conninfo);
    for (unsigned lost = 0; lost < 12; lost++) {
        struct batches *store = kept_open();
        kept_append(store, batches_last(store) + 1, "one");
        batches_close(store);
        relay_eat(relay, lost % 2 ? RELAY_ANSWER : RELAY_QUESTION);
    }
    batches_close(kept_open());
    relay_end(relay);
}

/* Else the lead would be handed to one that has to read for long before it can lead. */
Test(journal_kinds, a_follower_is_where_it_has_read_to, .timeout = 30, .init = server_make, .fini = directory_remove)
{
    struct batches_node nodes[BATCHES_NODES];
    struct batches *leader = leader_open();
    for (unsigned number = 1; number <= 3; number++) kept_append(leader, number, "one");
    for (unsigned begins = 0; begins < 2; begins++) {
        struct batches *follower = follower_open_in("second");
        cr_assert_eq(sign_of(follower).last, 3);
        if (begins == 0) kept_is(follower, 1, "one"), kept_is(follower, 2, "one");
        if (begins == 1) batches_stands(follower, 3); /* nothing is behind its snapshot */
        batches_hear(follower, 0);
        copies_of(leader);
        cr_assert_eq(batches_nodes(leader, nodes), 1, "both are one node here");
        cr_assert(!nodes[0].leads && nodes[0].batch == 2 + begins, "%u", (unsigned)nodes[0].batch);
        batches_close(follower);
    }
    batches_close(leader);
}

/* Another server may lead now, which has another batch of that number. */
Test(journal_kinds, a_look_forgets_the_rows_that_were_read_ahead, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct span bytes;
    struct batches *leader = leader_open();
    for (unsigned number = 1; number <= 3; number++) kept_append(leader, number, "one");
    struct batches *who_follows = follower_open_in("second"), *who_reads = place_follow(directory, &error);
    struct batches *const readers[] = {who_follows, who_reads};
    sign_of(who_follows);
    for (unsigned i = 0; i < 2; i++) kept_is(readers[i], 1, "one"), kept_is(readers[i], 2, "one");
    server_run("UPDATE gcx_batch SET bytes = 'other' WHERE batch = 3");
    for (unsigned i = 0; i < 2; i++) {
        cr_assert(batches_look(readers[i], &error), "%s", error.text);
        cr_expect_not(batches_read(readers[i], 3, &bytes, &error));
        cr_expect(strstr(error.text, "it is not encrypted"), "%u: %s", i, error.text);
        batches_close(readers[i]);
    }
    batches_close(leader);
}

/* On a slow line each question costs its time, and nobody leads meanwhile. */
Test(journal_kinds, a_takeover_asks_the_database_few_questions, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    enum { ROWS = 100, READ_QUESTIONS = 12, TAKE_QUESTIONS = 8 };
    struct error error = {0};
    struct batches *leader = leader_open();
    for (unsigned number = 1; number <= ROWS; number++) kept_append(leader, number, "one");
    struct relay *relay = relay_begin(getenv("GCX_PG_CONNINFO"), conninfo, sizeof conninfo);
    struct batches *follower = follower_open_in("second");
    unsigned before = relay_questions(relay);
    for (unsigned number = 1; number <= ROWS; number++) kept_is(follower, number, "one");
    cr_assert_leq(relay_questions(relay) - before, READ_QUESTIONS, "%u", relay_questions(relay) - before);
    cr_assert(batches_leave(leader, &error), "%s", error.text);
    cr_assert(sign_of(follower).left);
    before = relay_questions(relay);
    cr_assert_eq(batches_take(follower, ROWS + 1, span_of("mine"), &error), APPEND_OK, "%s", error.text);
    cr_assert_leq(relay_questions(relay) - before, TAKE_QUESTIONS, "%u", relay_questions(relay) - before);
    batches_close(follower);
    batches_close(leader);
    relay_end(relay);
}

/* The table as an earlier version has it. */
static void domain_older(void)
{
    server_run("ALTER TABLE gcx_domain DROP COLUMN session, DROP COLUMN session_term, DROP COLUMN lease_ms");
}

Test(journal_kinds, a_database_of_an_earlier_version_is_brought_up_to_this_one, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    batches_close(leader);
    domain_older();
    leader = kept_open();
    kept_append(leader, 2, "two");
    batches_close(leader);
    domain_older();
    struct batches *reader = place_follow(directory, &error);
    cr_assert(reader && batches_last(reader) == 2, "%s", error.text);
    batches_close(reader);
    server_run("SELECT 1 / (count(*) = 0)::int FROM pg_attribute WHERE attrelid = 'gcx_domain'::regclass"
               " AND attname = 'session' AND NOT attisdropped");                   /* who only reads changes nothing */
    server_run("UPDATE gcx_domain SET term = term + 1, node = 'west, process 7'"); /* an earlier version leads */
    struct batches *follower = follower_open_in("second");
    struct batches_sign sign = sign_of(follower);
    cr_assert(sign.lease_us == 0 && !sign.left && !sign.ours);
    server_run("UPDATE gcx_domain SET node = ''"); /* it hands over */
    cr_assert(sign_of(follower).left);
    cr_assert_eq(batches_take(follower, 3, span_of("three"), &error), APPEND_OK, "%s", error.text);
    server_run("UPDATE gcx_domain SET term = term + 1, node = 'west, process 7'"); /* it takes, and knows no session */
    cr_assert_eq(batches_append(follower, 4, span_of("late"), &error), APPEND_DEPOSED);
    batches_close(follower);
    follower = follower_open_in("second");
    cr_assert(!sign_of(follower).left && !sign_of(follower).ours, "what is there of a session is of an earlier term");
    batches_close(follower);
}

Test(journal_kinds, a_role_that_may_not_change_the_tables_is_told_what_to_do, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    batches_close(kept_open());
    domain_older();
    server_run(
        "DROP ROLE IF EXISTS tenant; CREATE ROLE tenant LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO tenant;"
        "GRANT ALL ON SCHEMA public TO tenant");
    size_t length = strlen(conninfo);
    snprintf(conninfo + length, sizeof conninfo - length, " user=tenant");
    cr_expect_null(place_open(directory, &kept.place, NULL, &error));
    cr_expect(strstr(error.text, "their owner has to run once: ALTER TABLE gcx_domain ADD COLUMN"), "%s", error.text);
    server_run("DROP OWNED BY tenant; DROP ROLE tenant");
}

/* STATE/activations.json, and what the database has of it. */
static void small_put(const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/activations.json", directory);
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

Test(journal_kinds, a_deposed_leader_puts_no_part_of_a_small_file, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    small_put("first");
    cr_assert(batches_beat(leader));
    server_run("CREATE TABLE kept AS SELECT * FROM gcx_file");
    server_run("SELECT 1 / count(*) FROM kept");
    struct batches *follower = follower_open_in("second");
    sign_of(follower);
    cr_assert_eq(batches_take(follower, 2, span_of("two"), &error), APPEND_OK, "%s", error.text);
    small_put("second");
    batches_beat(leader);
    cr_assert(batches_deposed(leader), "it hears so by that");
    server_run(
        "SELECT 1 / (count(*) = 1 AND bool_and(f.bytes = k.bytes))::int FROM gcx_file f, kept k; DROP TABLE kept");
    batches_close(follower);
    batches_close(leader);
}

/* A leader with nothing to do knows it by its signs alone. What it signs when it is deposed is no lease. */
Test(journal_kinds, a_deposed_leader_hears_so_by_its_next_sign, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    struct batches *follower = follower_open_in("second");
    sign_of(follower);
    cr_assert_eq(batches_take(follower, 2, span_of("two"), &error), APPEND_OK, "%s", error.text);
    uint64_t until_us = batches_led_until_us(leader);
    cr_assert(batches_beat(leader) && until_us > 0);
    cr_expect(batches_deposed(leader));
    cr_expect_eq(batches_led_until_us(leader), until_us);
    batches_close(follower);
    batches_close(leader);
}

/* The take comes between the last part and the name. */
Test(journal_kinds, a_deposed_leader_installs_no_small_file, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    small_put("first");
    cr_assert(batches_beat(leader));
    server_run("CREATE TABLE kept AS SELECT * FROM gcx_file");
    server_run("CREATE FUNCTION deposes() RETURNS trigger LANGUAGE plpgsql AS"
               " 'BEGIN UPDATE gcx_domain SET term = term + 1; RETURN NULL; END'");
    server_run("CREATE TRIGGER deposes AFTER INSERT ON gcx_file EXECUTE FUNCTION deposes()");
    small_put("second");
    batches_beat(leader);
    server_run("DROP TRIGGER deposes ON gcx_file; DROP FUNCTION deposes");
    cr_expect(batches_deposed(leader));
    server_run("SELECT 1 / (count(*) = 1)::int FROM gcx_file WHERE name LIKE '%.new'");
    server_run("SELECT 1 / bool_and(f.bytes = k.bytes)::int FROM gcx_file f JOIN kept k USING (name); DROP TABLE kept");
    batches_close(leader);
}

static void on_small_told(void *self, const char *text)
{
    *(unsigned *)self += strstr(text, "activations.json is not in the database") != NULL;
}

/* It is put again when it can be, and until then it is told: who leads next would lack it. */
Test(journal_kinds, a_small_file_is_told_where_rows_lack_and_not_where_the_database_is_away, .timeout = 30,
     .init = server_make, .fini = directory_remove)
{
    struct error error = {0};
    unsigned told = 0;
    const struct batches_watch watch = {.note = on_small_told, .self = &told};
    batches_close(leader_open());
    struct relay *relay = relay_begin(getenv("GCX_PG_CONNINFO"), conninfo, sizeof conninfo);
    struct batches *leader = place_open(directory, &kept.place, &watch, &error);
    cr_assert(leader, "%s", error.text);
    kept_append(leader, 1, "one");
    relay_end(relay);
    batches_beat(leader);
    small_put("first");
    batches_beat(leader);
    cr_expect_eq(told, 0, "it goes when the database is there");
    batches_close(leader);
    snprintf(conninfo, sizeof conninfo, "%s", getenv("GCX_PG_CONNINFO"));
    kept.place.depose = true;
    leader = place_open(directory, &kept.place, &watch, &error);
    cr_assert(leader, "%s", error.text);
    server_run(away_kept);
    server_run(away[2].gone);
    small_put("second");
    cr_assert(batches_beat(leader));
    cr_expect_eq(told, 1);
    cr_expect_not(batches_deposed(leader));
    batches_close(leader);
}

/* The first sign that is no part of a take is refused. */
Test(journal_kinds, who_has_taken_the_lead_has_given_a_sign_by_that, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    batches_close(leader_open());
    server_run("CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS"
               " 'BEGIN RAISE EXCEPTION USING MESSAGE = 1; END'");
    server_run("CREATE TRIGGER refuses BEFORE INSERT OR UPDATE ON gcx_member EXECUTE FUNCTION refuses()");
    kept.place.depose = true;
    kept.place.lease_ms = 60000;
    struct batches *leader = kept_open();
    cr_expect_gt(batches_led_until_us(leader), clock_monotonic_us());
    batches_close(leader);
}

Test(journal_kinds, a_journal_is_set_aside_when_nobody_leads_it, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    uint64_t number = 7;
    bool there = true, led = true;
    cr_assert(place_aside(&kept.place, &number, &error), "%s", error.text);
    cr_expect_eq(number, 0, "there is none");
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    cr_expect_not(place_aside(&kept.place, &number, &error));
    cr_expect(error.code == ERROR_STATE && strstr(error.text, "a gcxvm leads the journal"), "%s", error.text);
    cr_assert(batches_leave(leader, &error), "%s", error.text);
    batches_close(leader);
    cr_assert(place_taken(&kept.place, &there, &led, &error) && there && !led, "%s", error.text);
    cr_assert(place_aside(&kept.place, &number, &error), "%s", error.text);
    cr_expect_eq(number, 1);
    cr_assert(place_taken(&kept.place, &there, &led, &error) && !there && !led, "%s", error.text);
    server_run("SELECT 1 / (count(*) = 1)::int FROM gcx_batch WHERE domain = -1");
    relay_end(relay_begin(getenv("GCX_PG_CONNINFO"), conninfo, sizeof conninfo));
    error = (struct error){0};
    cr_expect_not(place_aside(&kept.place, &number, &error), "nobody knows whether it is led");
    cr_expect_eq(error.code, ERROR_SYSTEM, "%s", error.text);
}

static struct batches *folder_fill(void)
{
    struct error error = {0};
    directory_remove();
    struct journal_place place = kept.place;
    directory_make();
    kept.place = place;
    kept.postgres = true;
    struct batches *store = batches_open_sqlite(directory, NULL, &error);
    cr_assert(store, "%s", error.text);
    kept_append(store, 1, "one");
    kept_append(store, 2, "two");
    return store;
}

Test(journal_kinds, a_journal_moves_into_a_database_that_has_none, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    uint64_t last = 0;
    batches_close(folder_fill());
    relay_end(relay_begin(getenv("GCX_PG_CONNINFO"), conninfo, sizeof conninfo));
    cr_expect_not(place_move(directory, &kept.place, &last, &error));
    cr_expect_eq(error.code, ERROR_SYSTEM, "%s", error.text);
    snprintf(conninfo, sizeof conninfo, "%s", getenv("GCX_PG_CONNINFO"));
    cr_assert(place_move(directory, &kept.place, &last, &error), "%s", error.text);
    cr_expect_eq(last, 2);
    struct batches *store = kept_open();
    kept_is(store, 2, "two");
    batches_close(store);
    cr_expect_not(place_move(directory, &kept.place, &last, &error));
    cr_expect(strstr(error.text, "is in a database already"), "%s", error.text);
    batches_close(folder_fill());
    cr_expect_not(place_move(directory, &kept.place, &last, &error));
    cr_expect(strstr(error.text, "has a journal of this partition already"), "%s", error.text);
    server_run("SELECT 1 / (count(*) = 2)::int FROM gcx_batch");
}

static void *erase_beside(void *term)
{
    static struct error error;
    return place_keys_erase(directory, *(uint64_t *)term, &error) ? NULL : error.text;
}

/* The take has written its row, and is not committed: who erases beside the leader waits, and then erases nothing. */
Test(journal_kinds, an_erasing_waits_for_a_take_that_is_under_way, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    struct error error = {0};
    struct key_name one;
    uint8_t key[KEY_BYTES];
    uint64_t owner = 11, last, term = 1;
    uint32_t held;
    pthread_t erasing;
    void *said;
    PGconn *taking = PQconnectdb(getenv("GCX_PG_CONNINFO")), *looking = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    struct batches *leader = leader_open();
    cr_assert(keys_for(batches_keys(leader), owner, 1, &one, key, &error), "%s", error.text);
    kept_append(leader, 1, "one");
    cr_assert_eq(keys_erase(batches_keys(leader), &owner, 1, 2, &held, &last, &error), 1);
    PQclear(PQexec(taking, "BEGIN; UPDATE gcx_domain SET term = term + 1"));
    pthread_create(&erasing, NULL, erase_beside, &term);
    bool waits = server_says(looking, "SELECT 1 FROM pg_locks WHERE NOT granted");
    PQclear(PQexec(taking, "COMMIT"));
    pthread_join(erasing, &said);
    cr_expect(waits);
    cr_expect(said && strstr(said, "another gcxvm leads the journal since"), "%s", said ? (char *)said : "erased");
    server_run("SELECT 1 / (count(*) FILTER (WHERE bytes <> '') = 2)::int FROM gcx_key"); /* the head, and the key */
    batches_close(leader);
    PQfinish(taking);
    PQfinish(looking);
}
