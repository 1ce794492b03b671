/* tests/unit/lists_forget.c - Who is erased is in no list any more, and is not called again too early either. */
#include <stdlib.h>

#include "tests/unit/lists_world.h"

TestSuite(lists_forget, .timeout = 120);

static const int64_t minute = INT64_C(60000000), hour = INT64_C(3600000000), day = INT64_C(86400000000);

#define FETCHED(wanted)                                                                                                \
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9), wanted, "%s", world.error.text)
#define FORGETS(whom) GOOD(lists_forget(world.lists, span_of(whom), "DE", world.now, &told, &world.error))

static int64_t list_is(struct lists_world *world, const char *tenant, const char *name, const char *csv)
{
    cr_assert(lists_make(world->lists, tenant, name, world->now, &world->list, &world->error));
    cr_assert(world_import(world, csv), "%s", world->error.text);
    return world->list;
}

static void dials(struct lists_world *world, const char *digits, int64_t pause_us)
{
    int64_t attempt;
    struct lists_dial dial = {.session = "one", .campaign = "spring", .now = world->now, .terms.pause_us = pause_us};
    dial.record = world_record(world, digits, &dial.revision);
    dial.revision++;
    cr_expect_eq(lists_dial(world->lists, &dial, &attempt, &world->error), LISTS_done, "%s", world->error.text);
}

static void ends(struct lists_world *world, const char *digits, struct lists_change change)
{
    change.record = world_record(world, digits, &change.revision);
    change.revision++, change.session = "one", change.now = world->now;
    cr_expect_eq(lists_change(world->lists, &change, &world->error), LISTS_done, "%s", world->error.text);
}

/* Who was called by that number, and found no agent. */
static void abandons(struct lists_world *world, const char *digits)
{
    dials(world, digits, 3 * day);
    ends(world, digits, (struct lists_change){.op = LISTS_OP_processed, .result = cause_abandoned});
}

/* The look for a person ends after some fifty rows, and somebody is to know that. */
Test(lists_forget, who_has_more_numbers_than_are_looked_for_is_told_of)
{
    for (unsigned rows = 50; rows <= 51; rows++) {
        struct lists_world world;
        struct lists_forgotten told;
        char csv[4096] = "number,customer\n";
        size_t length = strlen(csv);
        world_new(&world);
        for (unsigned row = 0; row < rows; row++)
            length += (size_t)snprintf(csv + length, sizeof csv - length, "030 10000%02u,4711\n", row);
        list_is(&world, NULL, "spring", csv);
        FORGETS("4711");
        cr_expect_eq(told.records, rows);
        cr_expect_eq(told.cut, rows > 50, "%u", rows);
        world_free(&world);
    }
}

/* The nightly import brings them back, in the same list and in another one. */
Test(lists_forget, whoever_was_abandoned_rests_though_erased_and_imported_anew)
{
    struct lists_world world;
    struct lists_forgotten told;
    world_new(&world);
    list_is(&world, NULL, "spring", "number,customer\n030 1000001,4711\n");
    FETCHED("*1000001:retrieved");
    abandons(&world, "1000001");
    FORGETS("030 1000001");
    cr_expect_eq(told.records, 1);
    cr_expect_eq(told.rests, 1);
    cr_expect_eq(told.rests_until, world.now + 3 * day);
    cr_expect_eq(told.attempts, 1);
    cr_expect_str_eq(world_asks(&world, "select count(*) from records"), "0");
    cr_expect_str_eq(world_asks(&world, "select number, campaign, session, result, agent, ixn, pause from attempts"),
                     "+49301000001||||||");
    world.now += minute;
    list_is(&world, NULL, "spring", "number,customer\n030 1000001,4711\n");
    FETCHED("");
    list_is(&world, NULL, "summer", "number,customer\n030 1000001,\n");
    FETCHED("");
    world.now += 3 * day - minute;
    FETCHED("*1000001:retrieved");
    GOOD(lists_tidy(world.lists, world.now, &world.error));
    cr_expect_str_eq(world_asks(&world, "select count(*) from attempts"), "1");
    world.now += 5 * day;
    GOOD(lists_tidy(world.lists, world.now, &world.error));
    cr_expect_str_eq(world_asks(&world, "select count(*) from attempts"), "0");
    cr_expect_str_eq(world_asks(&world, "select count(*) from rests"), "1");
    FORGETS("030 1000001");
    cr_expect_eq(told.rests, 0);
    cr_expect_eq(told.rests_until, 0, "it is over, and protects nobody");
    world.now += 3 * day;
    GOOD(lists_tidy(world.lists, world.now, &world.error));
    cr_expect_str_eq(world_asks(&world, "select count(*) from rests"), "0", "nothing is left of the person");
    world_free(&world);
}

/* One dialer of several has a wrong clock for a moment, or the machine on which somebody is erased. */
Test(lists_forget, a_clock_that_jumps_ahead_for_a_moment_ends_nobodys_rest)
{
    struct lists_world world;
    struct lists_forgotten told;
    world_new(&world);
    list_is(&world, NULL, "spring", "number\n030 1000001\n");
    FETCHED("*1000001:retrieved");
    abandons(&world, "1000001");
    GOOD(lists_tidy(world.lists, world.now + 10 * day, &world.error));
    world.now += 10 * day;
    FORGETS("030 1000009");
    world.now -= 10 * day;
    list_is(&world, NULL, "summer", "number\n030 1000001\n");
    FETCHED("");
    world_free(&world);
}

/* A dialer has their other record in hand. */
Test(lists_forget, what_a_dialer_has_in_hand_is_not_dialled_in_the_rest)
{
    struct lists_world world;
    struct lists_forgotten told;
    struct lists_terms any = {0};
    int64_t version;
    world_new(&world);
    int64_t spring = list_is(&world, NULL, "spring", "number\n030 1000001\n");
    FETCHED("*1000001:retrieved");
    int64_t summer = list_is(&world, NULL, "summer", "number\n030 1000001\n");
    FETCHED("*1000001:retrieved");
    world.list = spring;
    abandons(&world, "1000001");
    FORGETS("+49301000001");
    cr_expect_eq(told.dialled, 1);
    world.list = summer;
    int64_t record = world_record(&world, "1000001", &version);
    IS(lists_check(world.lists, record, NULL, &any, world.now, &world.error), rests);
    world_free(&world);
}

/* Their numbers knew of each other by chains and by the customer's name, and each gets what held for all. */
Test(lists_forget, each_number_keeps_what_held_for_the_person)
{
    struct lists_world world;
    struct lists_forgotten told;
    world_new(&world);
    int64_t spring = list_is(&world, NULL, "spring", "number,chain,customer\n030 1000001,a,4711\n030 1000002,a,\n");
    FETCHED("*1000001:retrieved 1000002:retrieved");
    list_is(&world, NULL, "summer", "number,customer\n030 1000003,4711\n");
    int64_t other = list_is(&world, "neighbour", "summer", "number,customer\n030 1000003,4711\n");
    struct lists_hours hours = {.number = "+49301000003", .from = "12:00", .till = "15:00", .zone = "UTC"};
    IS(lists_hours(world.lists, &hours, &world.error), done);
    world.list = spring;
    abandons(&world, "1000001");
    FORGETS("030 1000001");
    cr_expect_eq(told.records, 2);
    cr_expect_eq(told.rests, 2, "of both numbers that are erased");
    cr_expect_eq(told.hours, 2);
    cr_expect_str_eq(world_asks(&world, "select number, tenant from rests order by 1"),
                     "+49301000001|\n+49301000002|\n+49301000003|");
    list_is(&world, NULL, "autumn", "number\n030 1000001\n030 1000002\n030 1000003\n");
    FETCHED("");
    world.now += 3 * day - 2 * hour; /* 10:00 */
    FETCHED("");
    world.now += 2 * hour + 1;
    FETCHED("*1000001:retrieved|*1000002:retrieved|*1000003:retrieved");
    world.now += 4 * hour;
    list_is(&world, NULL, "winter", "number\n030 1000001\n030 1000002\n030 1000003\n");
    FETCHED("");
    world.list = other;
    FETCHED("*1000003:retrieved"); /* another tenant's */
    world_free(&world);
}

/* A row of persons may have no hours: whoever rested before version 4 had one. It hides nobody's hours, nor stays. */
Test(lists_forget, a_row_without_hours_does_not_keep_those_of_the_person_out)
{
    struct lists_world world;
    struct lists_forgotten told;
    world_new(&world);
    list_is(&world, NULL, "spring", "number,chain\n030 1000001,a\n030 1000002,a\n030 1000003,a\n030 1000009,b\n");
    world_asks(&world, "insert into persons(tenant, number, rests) values('', '+49301000001', 0),"
                       " ('', '+49301000002', 0), ('', '+49301000009', 0)");
    struct lists_hours hours = {.number = "+49301000001", .from = "09:00", .till = "10:00", .zone = "UTC"};
    IS(lists_hours(world.lists, &hours, &world.error), done);
    hours.number = "+49301000003", hours.from = "08:00";
    IS(lists_hours(world.lists, &hours, &world.error), done);
    FORGETS("030 1000001");
    cr_expect_eq(told.hours, 3);
    cr_expect_str_eq(
        world_asks(&world, "select number, day_from / 3600, day_till / 3600, zone from persons order by 1"),
        "+49301000001|9|10|UTC\n+49301000002|9|10|UTC\n+49301000003|8|10|UTC\n+49301000009|||");
    list_is(&world, NULL, "summer", "number\n030 1000002\n");
    FETCHED("");
    FORGETS("030 1000009");
    hours.from = hours.till = NULL;
    IS(lists_hours(world.lists, &hours, &world.error), done);
    cr_expect_str_eq(world_asks(&world, "select number from persons order by 1"), "+49301000001\n+49301000002",
                     "a number without hours is kept by nobody");
    world_free(&world);
}

Test(lists_forget, a_blocked_customer_is_not_called_though_nobody_knows_the_name_any_more)
{
    struct lists_world world;
    struct lists_forgotten told;
    world_new(&world);
    struct lists_block block = {
        .customer = true, .value = span_of("4711"), .since = world.now, .until = world.now + day};
    block.reason = span_of("asked");
    IS(lists_block(world.lists, &block, &world.error), done);
    block.value = span_of("4712"), block.until = world.now + 1;
    IS(lists_block(world.lists, &block, &world.error), done);
    list_is(&world, NULL, "spring",
            "number,chain,customer\n030 1000001,a,4711\n030 1000002,a,4711\n030 1000003,b,4712\n030 1000004,c,4711\n");
    FORGETS("030 1000001");
    cr_expect_eq(told.blocked, 2);
    world.now++;
    FORGETS("030 1000003");
    cr_expect_str_eq(world_asks(&world, "select value, reason from do_not_call where kind = 'number' order by 1"),
                     "+49301000001|asked\n+49301000002|asked", "1000004 is in a chain that still says whose it is");
    list_is(&world, NULL, "summer", "number\n030 1000001\n030 1000002\n030 1000003\n");
    FETCHED("*1000003:retrieved");
    world.now += day;
    FETCHED("*1000001:retrieved|*1000002:retrieved");
    world_free(&world);
}

/* Attempts count for eight days at most, and have nothing but number and moment. */
Test(lists_forget, limits_of_a_day_and_a_week_count_on)
{
    struct lists_world world;
    struct lists_forgotten told;
    struct lists_terms once = {.of_day = 1}, week = {.of_week = 1};
    world_new(&world);
    list_is(&world, NULL, "spring", "number,customer\n030 1000001,4711\n");
    FETCHED("*1000001:retrieved");
    dials(&world, "1000001", 0);
    ends(&world, "1000001", (struct lists_change){.op = LISTS_OP_processed, .result = cause_busy, .agent = "ann"});
    FORGETS(" 4711 ");
    cr_expect_eq(told.attempts, 1);
    list_is(&world, NULL, "summer", "number\n030 1000001\n");
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &once, 9), "");
    world.now += 6 * day;
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &week, 9), "");
    GOOD(lists_tidy(world.lists, world.now + 2 * day - 1 - minute, &world.error));
    cr_expect_str_eq(world_asks(&world, "select count(*) from attempts"), "1");
    world.now += day;
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &week, 9), "*1000001:retrieved");
    world.now += day;
    FORGETS("030 1000005");
    cr_expect_str_eq(world_asks(&world, "select count(*) from attempts"), "0");
    world_free(&world);
}

/* Who is erased during a talk whose record is closed is not dialled in it; then it leaves nothing more. */
Test(lists_forget, who_is_erased_while_they_talk_is_engaged_until_the_call_is_over)
{
    for (unsigned dies = 0; dies < 2; dies++) {
        struct lists_world world;
        struct lists_forgotten told;
        struct lists_released released;
        int64_t version;
        world_new(&world);
        list_is(&world, NULL, "spring", "number\n030 1000001\n");
        FETCHED("*1000001:retrieved");
        int64_t record = world_record(&world, "1000001", &version);
        dials(&world, "1000001", 0);
        ends(&world, "1000001",
             (struct lists_change){.op = LISTS_OP_processed, .result = cause_ok, .agent = "ann", .talks = true});
        FORGETS("030 1000001");
        list_is(&world, NULL, "summer", "number\n030 1000001\n");
        FETCHED("");
        if (dies)
            GOOD(lists_bury(world.lists, "one", world.now, minute, &released, &world.error));
        else
            GOOD(lists_hung_up(world.lists, record, 1, world.now, &world.error));
        cr_expect_str_eq(world_asks(&world, "select number, session, agent from attempts"), "+49301000001||");
        cr_expect_str_eq(world_asks(&world, "select number, why from rests"), dies ? "+49301000001|stale" : "");
        world.now += minute;
        FETCHED("*1000001:retrieved");
        world_free(&world);
    }
}

/* Nobody has served them, and the list hears of it after they were erased: they rest as anybody does. */
Test(lists_forget, who_is_erased_during_a_call_and_abandoned_rests)
{
    struct lists_world world;
    struct lists_forgotten told;
    int64_t version;
    world_new(&world);
    list_is(&world, NULL, "spring", "number\n030 1000001\n");
    FETCHED("*1000001:retrieved");
    int64_t record = world_record(&world, "1000001", &version);
    dials(&world, "1000001", 3 * day);
    ends(&world, "1000001", (struct lists_change){.op = LISTS_OP_processed, .result = cause_ok, .talks = true});
    FORGETS("030 1000001");
    GOOD(lists_abandoned(world.lists, "two", record, 1, world.now, &world.error)); /* another dialer's */
    cr_expect_str_eq(world_asks(&world, "select count(*) from rests"), "0");
    int64_t until = world.now + 3 * day;
    for (unsigned said = 0; said < 2; said++) {
        GOOD(lists_abandoned(world.lists, "one", record, 1, world.now, &world.error));
        world.now += minute;
    }
    char rests[64];
    snprintf(rests, sizeof rests, "+49301000001|abandoned|%lld", (long long)until);
    cr_expect_str_eq(world_asks(&world, "select number, why, until from rests"), rests);
    GOOD(lists_hung_up(world.lists, record, 1, world.now, &world.error));
    list_is(&world, NULL, "summer", "number\n030 1000001\n");
    FETCHED("");
    world.now = until;
    FETCHED("*1000001:retrieved");
    world_free(&world);
}
