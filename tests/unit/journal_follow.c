/* tests/unit/journal_follow.c - Machines beside the one that leads: what they fetch, see, keep and lose, and whose turn
 * it is. tests/flows/postgres_journal.sh has a server. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/real.h"
#include "runtime/journal/keys.h"
#include "tests/unit/journal_kept.h"
#include "tests/unit/relay.h"

Test(journal_follow, a_journal_of_another_site_leaves_nothing_in_a_folder, .timeout = 30, .init = server_make,
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

Test(journal_follow, a_slow_look_at_members_keeps_the_leaders_connection, .timeout = 30, .init = server_make,
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

/* Whoever leads next has to know of it: the database may have been put back, or may be a copy that lagged. */
Test(journal_follow, what_a_follower_has_seen_is_noted_beside_it, .timeout = 30, .init = server_make,
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

Test(journal_follow, a_journal_that_is_not_there_yet_is_not_followed, .timeout = 30, .init = server_make,
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

Test(journal_follow, who_follows_has_each_key_with_its_batch_and_loses_it_when_it_is_erased, .timeout = 30,
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
    uint64_t began_us = host_monotonic_us();
    batches_hear(follower, 10000);
    cr_assert_lt(host_monotonic_us() - began_us, 5000000, "the batch has woken it");
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

Test(journal_follow, what_was_erased_stays_so_whoever_leads_next, .timeout = 30, .init = server_make,
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

Test(journal_follow, a_snapshot_is_shared_with_who_follows_until_it_leaves, .timeout = 30, .init = server_make,
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

Test(journal_follow, a_sign_of_life_waits_for_no_copies, .timeout = 30, .init = server_make, .fini = directory_remove)
{
    struct batches *leader = leader_open();
    kept_append(leader, 1, "one");
    struct batches *follower = follower_open_in("second");
    struct batches_node nodes[BATCHES_NODES];
    struct batches_sign before = sign_of(follower);
    copies_answer(false);
    uint64_t began_us = host_monotonic_us();
    bool gave = batches_beat(leader);
    batches_hear(follower, 0);
    uint64_t took_us = host_monotonic_us() - began_us, seen = sign_of(follower).seen;
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

Test(journal_follow, the_machine_that_leads_fewest_journals_goes_first, .timeout = 30, .init = server_make,
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

Test(journal_follow, what_was_imported_by_hand_comes_in_parts, .timeout = 30, .init = server_make,
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

Test(journal_follow, copies_that_do_not_answer_are_waited_for_by_one, .timeout = 30, .init = server_make,
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

Test(journal_follow, two_who_take_the_lead_get_one_row_and_one_refusal, .timeout = 30, .init = server_make,
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

/* Else the lead would be handed to one that has to read for long before it can lead. */
Test(journal_follow, a_follower_is_where_it_has_read_to, .timeout = 30, .init = server_make, .fini = directory_remove)
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
Test(journal_follow, a_look_forgets_the_rows_that_were_read_ahead, .timeout = 30, .init = server_make,
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
Test(journal_follow, a_takeover_asks_the_database_few_questions, .timeout = 30, .init = server_make,
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
