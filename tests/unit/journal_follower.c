/* tests/unit/journal_follower.c - Who follows: over a store whose leader gives the signs that a test says. */
#include <criterion/criterion.h>

#include "runtime/journal/follower.h"
#include "tests/unit/journal_bench.h"

enum { LEASE_US = 1000000, STEP_US = 10000 };

struct watched {
    struct partition_bench leader; /* it has ended, and its store has what it wrote */
    struct simulated *sim;
    struct batches *store;
    struct batches_sign sign;
    uint64_t look_us; /* so long a look takes */
    enum append_result taken;
    unsigned takes;
    bool away, beats; /* beats: the leader gives a sign before each look */
    struct follower *follower;
};

static bool watched_read(void *self, uint64_t number, struct span *batch, struct error *error)
{
    return batches_read(((struct watched *)self)->leader.store, number, batch, error);
}

static bool watched_image(void *self, const uint8_t hash[32], struct span *bytes, struct error *error)
{
    return batches_get_image(((struct watched *)self)->leader.store, hash, bytes, error);
}

static bool watched_look(void *self, uint64_t *first, uint64_t *last, struct error *error)
{
    struct watched *watched = self;
    simulated_advance(watched->sim, simulated_now(watched->sim) + watched->look_us);
    if (watched->away) return error_set(error, ERROR_SYSTEM, "the database is away");
    watched->sign.seen += watched->beats;
    watched->sign.last = batches_last(watched->leader.store);
    *first = 1;
    *last = watched->sign.last;
    return true;
}

static void watched_sign(void *self, struct batches_sign *sign)
{
    *sign = ((struct watched *)self)->sign;
}

static void watched_hear(void *self, unsigned within_ms)
{
    (void)self, (void)within_ms;
}

static enum append_result watched_take(void *self, uint64_t number, struct span row, struct error *error)
{
    struct watched *watched = self;
    watched->takes++;
    if (watched->taken == APPEND_OK) return batches_append(watched->leader.store, number, row, error);
    error_set(error, ERROR_SYSTEM, "the copies do not answer");
    return watched->taken;
}

static void watched_close(void *self)
{
    (void)self;
}

static struct image *no_image(void *self, const uint8_t hash[CORE_HASH])
{
    (void)self, (void)hash;
    return NULL;
}

static void watched_open(struct watched *watched)
{
    static const struct batches_kind kind = {.read = watched_read,
                                             .get_image = watched_image,
                                             .look = watched_look,
                                             .sign = watched_sign,
                                             .hear = watched_hear,
                                             .take = watched_take,
                                             .close = watched_close};
    struct error error = {0};
    *watched = (struct watched){.taken = APPEND_OK};
    bench_open(&watched->leader, 0);
    bench_post(&watched->leader, 1);
    bench_run(&watched->leader, 2000);
    bench_die(&watched->leader);
    uint64_t last = batches_last(watched->leader.store);
    watched->sim = simulated_new(&(struct simulated_options){.start_us = 1000000});
    watched->store = batches_new(&kind, watched, 1, last, NULL);
    watched->sign = (struct batches_sign){.term = 1, .last = last, .lease_us = LEASE_US};
    struct follower_options following = {
        .core = bench_options.core, .lease_us = LEASE_US, .host = simulated_host(watched->sim)};
    following.core.image = (const struct image *(*)(void *, const uint8_t *))no_image;
    watched->follower = follower_open(&following, watched->store, &error);
    cr_assert(watched->follower, "%s", error.text);
}

static void watched_end(struct watched *watched)
{
    follower_free(watched->follower);
    batches_close(watched->store);
    simulated_free(watched->sim);
    batches_close(watched->leader.store);
    writer_free(&watched->leader.writer);
}

/* Turns for so long, or until it leads; how long that took. */
static uint64_t watched_turns(struct watched *watched, uint64_t for_us, bool *leads)
{
    uint64_t began_us = simulated_now(watched->sim);
    struct error error = {0};
    *leads = false;
    while (!*leads && simulated_now(watched->sim) - began_us < for_us) {
        *leads = follower_turn(watched->follower, &error) == FOLLOWER_LEADS;
        if (!*leads) simulated_advance(watched->sim, simulated_now(watched->sim) + STEP_US);
    }
    return simulated_now(watched->sim) - began_us;
}

static struct follower_row watched_row(const struct watched *watched)
{
    struct follower_row row;
    follower_read(watched->follower, &row);
    return row;
}

Test(follower, the_lead_is_taken_when_the_leaders_own_lease_is_over, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched_turns(&watched, LEASE_US / 2, &leads);
    cr_assert_not(watched_row(&watched).led, "what was there at the start may be a dead one's");
    watched.beats = true;
    watched_turns(&watched, 5 * LEASE_US, &leads);
    cr_assert(watched_row(&watched).led, "another one leads");
    cr_assert(!leads && watched.takes == 0 && watched_row(&watched).unled_us == 0, "it gives signs");
    watched.beats = false;
    watched.sign.lease_us = 4 * LEASE_US;
    uint64_t took_us = watched_turns(&watched, 20 * LEASE_US, &leads);
    cr_assert(leads && took_us >= 4 * LEASE_US - STEP_US && took_us <= 4 * LEASE_US + LEASE_US / 2 + STEP_US);
    watched_end(&watched);
}

Test(follower, one_of_an_earlier_version_has_the_followers_lease, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched.sign.lease_us = 0;
    uint64_t took_us = watched_turns(&watched, 20 * LEASE_US, &leads);
    cr_assert(leads && took_us >= LEASE_US && took_us <= LEASE_US + LEASE_US / 2 + 2 * STEP_US);
    watched_end(&watched);
}

Test(follower, who_leads_more_journals_waits_longer_and_not_for_ever, .timeout = 20)
{
    uint64_t took_us[3];
    for (unsigned i = 0; i < 3; i++) { /* the random part is the same each time */
        struct watched watched;
        bool leads;
        watched_open(&watched);
        watched.sign.first = i == 2 ? 1000 : i;
        took_us[i] = watched_turns(&watched, 20 * LEASE_US, &leads);
        cr_assert(leads);
        watched_end(&watched);
    }
    cr_assert_eq(took_us[1], took_us[0] + LEASE_US / 2);
    cr_assert_eq(took_us[2], took_us[0] + 4 * LEASE_US / 2);
}

Test(follower, what_is_free_or_its_own_already_is_taken_at_once, .timeout = 20)
{
    for (unsigned own = 0; own < 2; own++) {
        struct watched watched;
        bool leads;
        watched_open(&watched);
        watched.beats = true;
        watched_turns(&watched, LEASE_US, &leads);
        watched.sign.left = !own;
        watched.sign.ours = own;
        cr_assert_eq(watched_turns(&watched, LEASE_US, &leads), 0);
        cr_assert(leads);
        watched_end(&watched);
    }
}

Test(follower, a_slow_database_does_not_count_against_the_leader, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched.look_us = LEASE_US / 2;
    watched_turns(&watched, 20 * LEASE_US, &leads);
    cr_assert(!leads && watched.takes == 0);
    watched.look_us = LEASE_US / 2 - STEP_US;
    watched_turns(&watched, 20 * LEASE_US, &leads);
    cr_assert(leads);
    watched_end(&watched);
}

Test(follower, a_try_that_fails_is_repeated_and_told_with_how_long_nobody_leads, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched.taken = APPEND_UNKNOWN;
    watched_turns(&watched, LEASE_US, &leads);
    cr_assert_eq(watched_row(&watched).unled_us, 0, "its lease is not over");
    watched_turns(&watched, 9 * LEASE_US, &leads);
    struct follower_row row = watched_row(&watched);
    cr_assert(!leads && watched.takes > 2, "%u", watched.takes);
    cr_assert_eq(row.unled_us, 10 * LEASE_US - 0, "%llu", (unsigned long long)row.unled_us);
    cr_assert_str_eq(row.why, "the copies do not answer");
    watched.takes = 0;
    watched.sign.ours = true; /* the first one was committed; the next ones are not tried all the time */
    watched_turns(&watched, LEASE_US, &leads);
    cr_assert(!leads && watched.takes >= 3 && watched.takes <= 5, "%u", watched.takes);
    watched.away = true;
    watched_turns(&watched, LEASE_US, &leads);
    cr_assert_eq(watched_row(&watched).unled_us, 0, "it is not known");
    watched.away = false;
    watched.taken = APPEND_OK;
    watched_turns(&watched, LEASE_US, &leads);
    cr_assert(leads);
    watched_end(&watched);
}

Test(follower, how_long_nobody_leads_leaves_out_the_time_without_answers_and_no_other, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched.taken = APPEND_UNKNOWN;
    watched_turns(&watched, LEASE_US / 2, &leads);
    watched.away = true;
    watched_turns(&watched, 5 * LEASE_US, &leads);
    watched.away = false;
    watched_turns(&watched, LEASE_US / 4, &leads);
    cr_assert_eq(watched_row(&watched).unled_us, 0, "its lease is not over");
    watched.look_us = LEASE_US / 4; /* an answer that comes late is one */
    watched_turns(&watched, 4 * LEASE_US, &leads);
    cr_assert_geq(watched_row(&watched).unled_us, 4 * LEASE_US);
    watched_end(&watched);
}

Test(follower, the_lease_begins_anew_when_the_database_is_there_again, .timeout = 20)
{
    struct watched watched;
    bool leads;
    watched_open(&watched);
    watched_turns(&watched, LEASE_US / 2, &leads);
    watched.away = true;
    watched_turns(&watched, 5 * LEASE_US, &leads);
    watched.away = false;
    uint64_t took_us = watched_turns(&watched, 5 * LEASE_US, &leads);
    cr_assert(leads && took_us >= LEASE_US);
    watched_end(&watched);
}
