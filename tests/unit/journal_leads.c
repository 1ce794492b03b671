/* tests/unit/journal_leads.c - Who leads: the row that says so, takes whose answer is lost, leaders that were deposed
 * or killed, and a database that is put back or is of an earlier version. tests/flows/postgres_journal.sh has a server.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/postgres_line.h"
#include "tests/unit/journal_kept.h"
#include "tests/unit/relay.h"

/* ---- a database that is put back ---- */

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

Test(journal_leads, a_leader_waits_while_the_database_is_put_back, .timeout = 30, .init = server_make,
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

Test(journal_leads, a_wait_for_a_database_that_is_put_back_says_at_its_end_what_is, .timeout = 30, .init = server_make,
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

Test(journal_leads, a_take_without_the_row_before_says_so, .timeout = 30, .init = server_make, .fini = directory_remove)
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
Test(journal_leads, what_the_database_has_lost_is_told_to_who_follows, .timeout = 30, .init = server_make,
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

Test(journal_leads, a_statement_that_writes_says_what_fences_it)
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

Test(journal_leads, one_who_led_alone_and_was_killed_is_followed, .timeout = 30, .init = server_make,
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

Test(journal_leads, one_who_was_killed_leads_again_alone_when_its_lease_is_over, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    kept.place.lease_ms = 500;
    leader_killed();
    struct batches *store = kept_open();
    cr_assert_eq(batches_last(store), 1);
    kept_append(store, 2, "two");
    batches_close(store);
}

Test(journal_leads, a_journal_without_a_batch_whose_leader_is_gone_is_begun_by_the_next, .timeout = 30,
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

Test(journal_leads, a_take_whose_answer_is_lost_is_known_by_its_session, .timeout = 60, .init = server_make,
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

Test(journal_leads, a_take_is_not_tried_while_an_append_waits_for_copies, .timeout = 60, .init = server_make,
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
    uint64_t began_us = host_monotonic_us();
    enum append_result result = batches_take(second, 3, span_of("three"), &error);
    uint64_t took_us = host_monotonic_us() - began_us;
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
Test(journal_leads, a_lead_whose_answer_is_lost_is_taken_once_more_by_the_same, .timeout = 30, .init = server_make,
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

/* The table as an earlier version has it. */
static void domain_older(void)
{
    server_run("ALTER TABLE gcx_domain DROP COLUMN session, DROP COLUMN session_term, DROP COLUMN lease_ms");
}

Test(journal_leads, a_database_of_an_earlier_version_is_brought_up_to_this_one, .timeout = 30, .init = server_make,
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

Test(journal_leads, a_role_that_may_not_change_the_tables_is_told_what_to_do, .timeout = 30, .init = server_make,
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

Test(journal_leads, a_deposed_leader_puts_no_part_of_a_small_file, .timeout = 30, .init = server_make,
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
Test(journal_leads, a_deposed_leader_hears_so_by_its_next_sign, .timeout = 30, .init = server_make,
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
Test(journal_leads, a_deposed_leader_installs_no_small_file, .timeout = 30, .init = server_make,
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
Test(journal_leads, a_small_file_is_told_where_rows_lack_and_not_where_the_database_is_away, .timeout = 30,
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
Test(journal_leads, who_has_taken_the_lead_has_given_a_sign_by_that, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    batches_close(leader_open());
    server_run("CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS"
               " 'BEGIN RAISE EXCEPTION USING MESSAGE = 1; END'");
    server_run("CREATE TRIGGER refuses BEFORE INSERT OR UPDATE ON gcx_member EXECUTE FUNCTION refuses()");
    kept.place.depose = true;
    kept.place.lease_ms = 60000;
    struct batches *leader = kept_open();
    cr_expect_gt(batches_led_until_us(leader), host_monotonic_us());
    batches_close(leader);
}

Test(journal_leads, a_journal_is_set_aside_when_nobody_leads_it, .timeout = 30, .init = server_make,
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

Test(journal_leads, a_journal_moves_into_a_database_that_has_none, .timeout = 30, .init = server_make,
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
Test(journal_leads, an_erasing_waits_for_a_take_that_is_under_way, .timeout = 30, .init = server_make,
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

static void *open_beside(void *ignored)
{
    (void)ignored;
    return kept_open();
}

/* Two that begin at once find no tables: the second waits until the first has made them. */
Test(journal_leads, tables_are_made_by_one_after_the_other, .timeout = 30, .init = server_make,
     .fini = directory_remove)
{
    pthread_t opening;
    void *store;
    PGconn *making = PQconnectdb(getenv("GCX_PG_CONNINFO")), *looking = PQconnectdb(getenv("GCX_PG_CONNINFO"));
    PQclear(PQexec(making, "BEGIN; SELECT pg_advisory_xact_lock(hashtext('gcx_domain'))"));
    pthread_create(&opening, NULL, open_beside, NULL);
    bool waits = server_says(looking, "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'");
    PQclear(PQexec(making, "COMMIT"));
    pthread_join(opening, &store);
    cr_expect(waits);
    kept_append(store, 1, "one");
    batches_close(store);
    PQfinish(making);
    PQfinish(looking);
}
