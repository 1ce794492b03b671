/* tests/unit/journal_kinds.c - What must hold of the journal's stores, the same for each kind; then what PostgreSQL's
 * alone can meet: answers that are lost, servers that go, rows that were altered, copies that do not answer.
 * tests/flows/postgres_journal.sh has a server. */
#include <criterion/criterion.h>
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
#include "tests/unit/journal_kept.h"
#include "tests/unit/relay.h"

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
    static const char *const secrets[][2] = {{"host=nowhere password=geheim", "holds a password"},
                                             {"host=nowhere sslpassword=geheim", "holds a password"},
                                             {"postgresql://gcx:geheim/gcx", "port that is no number"}};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        database.database = secrets[i][0];
        directory_remove();
        directory_make();
        cr_assert_null(place_open(directory, &database, NULL, &error));
        cr_assert(strstr(error.text, secrets[i][1]) && !strstr(error.text, "geheim"), "%s", error.text);
    }
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
    uint64_t began_us = host_monotonic_us();
    cr_assert_null(rival_open(false, &error));
    cr_assert(error.code == ERROR_STATE && strstr(error.text, "another gcxvm has the journal"), "%s", error.text);
    cr_assert_lt(host_monotonic_us() - began_us, 2500000, "one that gives a sign lives");
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
