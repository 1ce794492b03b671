/* tests/unit/lists_persons.c - Who is dialled is a person, by whatever number and list: limits, rests, consent and
 * blocks hold through all of them, and over versions of the tables. */
#include <sqlite3.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/out.h"
#include "tests/unit/lists_session.h"

TestSuite(lists_persons, .timeout = 120);

Test(lists_persons, a_blocked_customer_is_called_by_no_number_of_theirs_in_any_list)
{
    struct lists_world world;
    session_begins(&world, "number,chain,customer\n030 1000001,a,4711\n030 1000002,a,4711\n030 1000005,,4713\n");
    struct lists_block block = {.customer = true, .value = span_of("4711"), .since = world.now};
    struct lists_terms terms = {0};
    int64_t version;
    IS(lists_block(world.lists, &block, &world.error), done);
    block = (struct lists_block){.tenant = "other", .customer = true, .value = span_of("4713"), .since = world.now};
    IS(lists_block(world.lists, &block, &world.error), done);
    cr_assert(lists_make(world.lists, NULL, "summer", world.now, &world.list, &world.error));
    cr_assert(world_import(&world, "number,chain,customer\n030 1000001,,\n030 1000003,b,\n030 1000002,b,\n"
                                   "030 1000004,c,4712\n030 1000006,,\n030 1000005,,\n"));
    static const struct {
        const char *digits;
        enum lists_answer answer;
    } all[] = {{"1000001", LISTS_do_not_call}, /* is a number of theirs */
               {"1000003", LISTS_do_not_call}, /* is of somebody who has a number of theirs */
               {"1000004", LISTS_done},
               {"1000005", LISTS_done}, /* another tenant's block */
               {"1000006", LISTS_done}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int64_t record = world_record(&world, all[i].digits, &version);
        enum lists_answer given = lists_check(world.lists, record, NULL, &terms, world.now, &world.error);
        cr_expect_eq(given, all[i].answer, "%s: %s: %s", all[i].digits, lists_answer_name(given), world.error.text);
    }
    int64_t record = world_record(&world, "1000004", &version); /* 4712 has that telephone, too */
    IS(lists_check(world.lists, record, "+49301000001", &terms, world.now, &world.error), done);
    world_free(&world);
}

/* Takes the number into one more list of the tenant, which is asked from then on. */
static void other_list(struct lists_world *world, const char *tenant, const char *name)
{
    cr_assert(lists_make(world->lists, tenant, name, world->now, &world->list, &world->error));
    cr_assert(world_import(world, "number\n030 1000001\n"), "%s", world->error.text);
}

Test(lists_persons, a_number_of_two_lists_is_not_dialled_twice_at_once)
{
    struct lists_world world;
    int64_t attempt, version, record;
    session_begins(&world, "number\n030 1000001\n");
    FETCHED(9, "*1000001:retrieved");
    int64_t spring = world.list;
    other_list(&world, NULL, "summer");
    FETCHED(9, "*1000001:retrieved");
    int64_t summer = world.list;
    world.list = spring;
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    struct lists_change over = {.op = LISTS_OP_retry, .session = "one", .now = world.now, .result = cause_busy};
    over.record = world_record(&world, "1000001", &over.revision);
    world.list = summer;
    record = world_record(&world, "1000001", &version);
    IS(lists_check(world.lists, record, NULL, &(struct lists_terms){0}, world.now, &world.error), engaged);
    IS(session_dials(&world, "one", "1000001", &attempt), engaged);
    cr_expect_str_eq(world_asks(&world, "select count(*) from attempts"), "1");
    other_list(&world, "neighbour", "summer"); /* another tenant's */
    FETCHED(9, "*1000001:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    over.revision++, over.due = world.now + minute;
    IS(lists_change(world.lists, &over, &world.error), done);
    world.list = summer;
    IS(session_dials(&world, "one", "1000001", &attempt), rests);
    world.now += minute;
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    world_free(&world);
}

/* Who has answered is on the telephone until the call is over, whatever became of the record: neither fetched nor
 * dialled by any number of theirs, and for another tenant at once. */
Test(lists_persons, who_talks_is_engaged_though_the_record_is_closed)
{
    struct lists_world world;
    int64_t attempt;
    session_begins(&world, "number,customer\n030 1000001,4711\n");
    FETCHED(9, "*1000001:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    struct lists_change over = {.op = LISTS_OP_retry, .session = "one", .now = world.now, .result = cause_ok};
    over.record = world_record(&world, "1000001", &over.revision);
    over.revision++, over.due = world.now + 1, over.talks = true;
    GOOD(lists_hung_up(world.lists, over.record, 1, world.now, &world.error)); /* no: the record is not closed */
    cr_expect_str_eq(world_asks(&world, "select count(*) from attempts where ended is null"), "1");
    int64_t spring = world.list;
    session_list(&world, "summer", "number,customer\n030 1000002,4711\n");
    FETCHED(9, ""); /* the attempt is under way */
    world.list = spring;
    IS(lists_change(world.lists, &over, &world.error), done);
    cr_expect_str_eq(world_asks(&world, "select result, ended from attempts"), "ok|");
    world.now += minute;
    FETCHED(9, "");
    struct lists_portion portion = {.session = "one", .campaign = "spring", .now = world.now};
    struct lists_counts counts;
    portion.selection = lists_select(world.lists, world.list, NULL, NULL, &world.error);
    GOOD(lists_count(world.lists, &portion, 0, &counts, &world.error));
    cr_expect_eq(counts.due, 0);
    int64_t summer = world.list = session_list(&world, "autumn", "number,customer\n030 1000003,4711\n");
    FETCHED(9, "");
    other_list(&world, "neighbour", "spring");
    FETCHED(9, "*1000001:retrieved");
    world.list = summer;
    GOOD(lists_hung_up(world.lists, over.record, 2, world.now, &world.error)); /* another attempt's */
    FETCHED(9, "");
    GOOD(lists_hung_up(world.lists, over.record, 1, world.now, &world.error));
    GOOD(lists_hung_up(world.lists, over.record, 1, world.now + minute, &world.error));
    cr_expect_str_eq(world_asks(&world, "select ended - begun from attempts where ended is not null"), "60000000");
    FETCHED(9, "*1000003:retrieved");
    world.list = spring;
    GOOD(lists_count(world.lists, &portion, 0, &counts, &world.error));
    cr_expect_eq(counts.due, 1);
    lists_select_end((struct lists_selection *)(uintptr_t)portion.selection);
    FETCHED(9, "*1000001:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    world.list = summer;
    IS(session_dials(&world, "one", "1000003", &attempt), engaged);
    world_free(&world);
}

/* The session was taken for dead while it hung, and the person rests for a short time only: then it says that nobody
 * came in time. Another session's word counts nothing. */
Test(lists_persons, who_was_abandoned_rests_though_the_session_was_buried_meanwhile)
{
    struct lists_world world;
    struct lists_released released;
    int64_t attempt, version;
    session_begins(&world, "number\n030 1000001\n");
    FETCHED(9, "*1000001:retrieved");
    struct lists_dial dials = {.session = "one", .campaign = "spring", .now = world.now};
    dials.record = world_record(&world, "1000001", &dials.revision);
    dials.revision++, dials.terms.pause_us = 60 * minute;
    IS(lists_dial(world.lists, &dials, &attempt, &world.error), done);
    GOOD(lists_bury(world.lists, "one", world.now, minute, &released, &world.error));
    GOOD(lists_abandoned(world.lists, "two", dials.record, attempt, world.now, &world.error));
    GOOD(lists_abandoned(world.lists, "one", dials.record, attempt + 1, world.now, &world.error));
    GOOD(lists_abandoned(world.lists, "one", 4711, attempt, world.now, &world.error));
    cr_expect_str_eq(world_asks(&world, "select result from attempts"), "stale");
    GOOD(lists_abandoned(world.lists, "one", dials.record, attempt, world.now, &world.error));
    cr_expect_str_eq(world_asks(&world, "select result from attempts"), "abandoned");
    (void)world_record(&world, "1000001", &version);
    world.now += 59 * minute;
    FETCHED(9, "");
    world.now += minute;
    FETCHED(9, "*1000001:retrieved");
    world_free(&world);
}

/* The dialer dies during a talk whose record is closed, after it has given back all else: nobody knows when the call
 * ends, so the person rests. */
Test(lists_persons, who_talked_when_the_session_died_rests)
{
    struct lists_world world;
    struct lists_released released;
    int64_t attempt;
    char silent[64] = "";
    session_begins(&world, "number\n030 1000001\n030 1000002\n");
    FETCHED(9, "*1000001:retrieved|*1000002:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    struct lists_change over = {.op = LISTS_OP_retry, .session = "one", .now = world.now, .result = cause_ok};
    over.record = world_record(&world, "1000001", &over.revision);
    over.revision++, over.due = world.now + 1, over.talks = true;
    IS(lists_change(world.lists, &over, &world.error), done);
    GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    GOOD(lists_silent(world.lists, world.now + 1, session_is_silent, silent, &world.error));
    cr_expect_str_eq(silent, "one"); /* whom nobody buries is engaged for ever */
    GOOD(lists_bury(world.lists, "one", world.now, 10 * minute, &released, &world.error));
    cr_expect_str_eq(world_asks(&world, "select result, ended - begun from attempts"), "ok|0");
    cr_expect_str_eq(world_asks(&world, "select r.number, why, until > begun + 1 from rests r, attempts order by 2"),
                     getenv("GCX_PG_CONNINFO") ? "+49301000001|ok|f\n+49301000001|stale|t"
                                               : "+49301000001|ok|0\n+49301000001|stale|1");
    cr_expect_str_eq(world_asks(&world, "select count(*) from sessions"), "0");
    world.now += 9 * minute;
    FETCHED(9, "*1000002:retrieved");
    world.now += minute;
    FETCHED(9, "*1000001:retrieved");
    world_free(&world);
}

Test(lists_persons, the_attempts_of_a_day_are_those_of_the_number_in_all_lists)
{
    struct lists_world world;
    int64_t attempt, version;
    struct lists_released released;
    struct lists_terms day = {.of_day = 1};
    session_begins(&world, "number\n030 1000001\n");
    FETCHED(9, "*1000001:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    GOOD(lists_bury(world.lists, "one", world.now, 0, &released, &world.error));
    other_list(&world, NULL, "summer");
    int64_t record = world_record(&world, "1000001", &version);
    IS(lists_check(world.lists, record, NULL, &day, world.now, &world.error), limit);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &day, 9), "");
    world.now += 24 * 60 * minute;
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &day, 9), "*1000001:retrieved");
    world_free(&world);
}

/* The list has been taken before its person was abandoned, and after: neither is dialled. 1000001 and 1000002 are one
 * customer's; 1000003 stands beside 1000002 in a third list; 1000009 is of somebody who has 1000001 as well, and may
 * have been the one who answered. */
Test(lists_persons, who_was_abandoned_rests_by_all_numbers_in_all_lists)
{
    struct lists_world world;
    int64_t attempt, version;
    struct lists_terms none = {0};
    session_begins(&world, "number,customer\n030 1000001,4711\n");
    int64_t spring = world.list;
    int64_t summer = session_list(&world, "summer", "number,customer,chain\n030 1000002,4711,a\n030 1000004,4711,a\n");
    FETCHED(9, "*1000002:retrieved 1000004:retrieved");
    int64_t autumn = session_list(&world, "autumn",
                                  "number,customer,chain\n030 1000003,,b\n030 1000002,,b\n"
                                  "030 1000009,4712,c\n030 1000001,4712,c\n");
    world.list = spring;
    FETCHED(9, "*1000001:retrieved");
    struct lists_dial dials = {
        .session = "one", .campaign = "spring", .now = world.now, .terms = {.pause_us = 72 * 60 * minute}};
    dials.record = world_record(&world, "1000001", &dials.revision);
    dials.revision++;
    IS(lists_dial(world.lists, &dials, &attempt, &world.error), done);
    world.list = summer;
    IS(session_dials(&world, "one", "1000002", &attempt), engaged);
    world.list = spring;
    IS(session_ends(&world, "1000001", cause_abandoned, world.now + minute), done);
    world.now += 72 * 60 * minute - 1;
    FETCHED(9, "");
    world.list = summer;
    IS(session_dials(&world, "one", "1000002", &attempt), rests);
    world.list = autumn;
    FETCHED(9, "");
    cr_expect_str_eq(world_asks(&world, "select number, why from rests order by 2"),
                     "+49301000001|abandoned\n+49301000001|other");
    IS(lists_check(world.lists, world_record(&world, "1000009", &version), NULL, &none, world.now, &world.error),
       rests);
    IS(lists_check(world.lists, world_record(&world, "1000001", &version), NULL, &none, world.now, &world.error),
       rests);
    world.now++;
    world.list = summer;
    IS(session_dials(&world, "one", "1000002", &attempt), done);
    world_free(&world);
}

Test(lists_persons, limits_consent_and_hours_are_the_persons)
{
    struct lists_world world;
    int64_t attempt, version;
    struct lists_terms day = {.of_day = 1}, week = {.of_week = 1}, all = {.in_all = 1}, offers = {.consent = "offers"};
    const struct lists_terms *const limits[] = {&day, &week, &all};
    struct lists_block consent = {.value = span_of("+49301000002"), .purpose = span_of("offers"), .since = 1};
    session_begins(&world, "number,customer\n030 1000001,4711\n");
    FETCHED(9, "*1000001:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    IS(session_ends(&world, "1000001", cause_busy, world.now + minute), done);
    world_asks(&world, "delete from rests"); /* the limits alone are asked for */
    session_list(&world, "summer", "number,customer\n030 1000002,4711\n");
    int64_t record = world_record(&world, "1000002", &version);
    for (int days = 0; days <= 7; days++, world.now += 24 * 60 * minute)
        for (int at = 0; at < 3; at++) {
            bool over = days >= (int[]){1, 7, 8}[at];
            cr_expect_eq(lists_check(world.lists, record, NULL, limits[at], world.now, &world.error),
                         over ? LISTS_done : LISTS_limit, "%d %d", days, at);
            if (!over) cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, limits[at], 9), "");
        }
    world.now = world_moment("2026-03-02 12:00");
    session_list(&world, "autumn", "number,customer,chain\n030 1000009,4712,a\n030 1000001,4712,a\n");
    IS(lists_check(world.lists, world_record(&world, "1000009", &version), NULL, &day, world.now, &world.error), done);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &day, 9),
                     "*1000009:retrieved 1000001:retrieved");
    IS(lists_check(world.lists, world_record(&world, "1000001", &version), NULL, &day, world.now, &world.error), limit);
    lists_find(world.lists, NULL, "summer", &world.list, &world.error);
    IS(lists_check(world.lists, record, NULL, &offers, world.now, &world.error), consent);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &offers, 9), "");
    consent.value = span_of("+49301000001");
    IS(lists_consent(world.lists, &consent, &world.error), done);
    IS(lists_check(world.lists, record, NULL, &offers, world.now, &world.error), done);
    struct lists_hours hours = {.number = "+49301000001", .from = "13:30", .zone = "Europe/Berlin"};
    IS(lists_hours(world.lists, &hours, &world.error), done); /* it is 13:00 there */
    IS(lists_check(world.lists, record, NULL, &offers, world.now, &world.error), window);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &offers, 9), "");
    world.now += 30 * minute;
    IS(lists_check(world.lists, record, NULL, &offers, world.now, &world.error), done);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &offers, 9), "*1000002:retrieved");
    hours.till = "14:00";
    IS(lists_hours(world.lists, &hours, &world.error), done);
    world.now += 30 * minute;
    IS(session_dials(&world, "one", "1000002", &attempt), window);
    hours.from = hours.till = NULL;
    IS(lists_hours(world.lists, &hours, &world.error), done);
    IS(session_dials(&world, "one", "1000002", &attempt), done);
    hours = (struct lists_hours){.number = "+49301000001",
                                 .from = "09:00",
                                 .till = "12:00",
                                 .zone = "Europe/Berlin",
                                 .again_from = "14:00",
                                 .again_till = "15:00"}; /* it is 14:00 there */
    IS(lists_hours(world.lists, &hours, &world.error), done);
    IS(lists_check(world.lists, record, NULL, &offers, world.now, &world.error), done);
    hours.again_from = "14:01";
    IS(lists_hours(world.lists, &hours, &world.error), done);
    IS(lists_check(world.lists, record, NULL, &offers, world.now, &world.error), window);
    hours.from = hours.till = NULL; /* a second window alone would be one beside the whole day */
    IS(lists_hours(world.lists, &hours, &world.error), wrong);
    IS(lists_check(world.lists, record, NULL, &offers, world.now, &world.error), window);
    hours.again_till = NULL;
    IS(lists_hours(world.lists, &hours, &world.error), wrong);
    hours.again_from = NULL, hours.from = "25:00";
    IS(lists_hours(world.lists, &hours, &world.error), wrong);
    world_free(&world);
}

/* Opens what a program of that version wrote. */
static void begin_with_golden(struct lists_world *world, const char *name)
{
    const char *top = getenv("top_srcdir"), *why;
    char path[512];
    size_t length;
    sqlite3 *db;
    world_new(world);
    if (getenv("GCX_PG_CONNINFO")) cr_skip_test("the golden is a file of SQLite");
    lists_close(world->lists);
    snprintf(world->target, sizeof world->target, "sqlite:%s/%s.db", world->folder, name);
    snprintf(path, sizeof path, "%s/tests/unit/golden/%s.sql", top ? top : "..", name);
    char *golden = file_read(path, 100000, &length, &why);
    cr_assert(golden, "%s: %s", path, why);
    cr_assert_eq(sqlite3_open(strchr(world->target, ':') + 1, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, golden, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    free(golden);
    world->lists = world_opened(world);
    cr_expect_str_eq(world_asks(world, "select version from gcx_lists"), "6");
    cr_assert(lists_find(world->lists, NULL, "spring", &world->list, &world->error), "%s", world->error.text);
}

/* 1000001 of customer 4711 was abandoned an hour ago in spring, and 1000003 was busy in summer. */
Test(lists_persons, who_was_abandoned_before_version_3_rests_in_all_lists)
{
    struct lists_world world;
    begin_with_golden(&world, "lists_2");
    int64_t spring = world.list;
    GOOD(lists_find(world.lists, NULL, "summer", &world.list, &world.error));
    FETCHED(9, "*1000003:retrieved");
    world.list = spring;
    world.now = world_moment("2026-03-05 11:00");
    FETCHED(9, "*1000003:retrieved");
    world.now += minute;
    FETCHED(9, "*1000001:retrieved 1000002:retrieved");
    world_free(&world);
}

/* 1000001 was abandoned an hour ago, and rests for a day. So was 1000003, for 72 hours, which a pause of seven days
 * hid. 1000004 wants to be called after 14:00. */
Test(lists_persons, version_3_kept_the_longest_rest_and_the_others_are_found)
{
    struct lists_world world;
    begin_with_golden(&world, "lists_3");
    cr_expect_str_eq(world_asks(&world, "select number, why, until from rests order by 1, 2"),
                     "+49301000001|abandoned|1772535600000000\n+49301000003|abandoned|1772708400000000\n"
                     "+49301000003|no_answer|1773054000000000");
    FETCHED(9, "");
    world.now += 60 * minute; /* 14:00 in Berlin */
    FETCHED(9, "*1000004:retrieved");
    world.now = world_moment("2026-03-03 11:00");
    FETCHED(9, "*1000001:retrieved 1000002:retrieved");
    world_free(&world);
}

/* Version 4 wrote the end of an attempt with the end of its record. 1000001 has none, by whatever program, and would be
 * engaged for ever; 1000002 is being dialled. Names of
 * customers, chains and agents had blanks around them. */
Test(lists_persons, version_4_had_no_open_attempts_of_closed_records_and_blanks_in_names)
{
    struct lists_world world;
    begin_with_golden(&world, "lists_4");
    cr_expect_str_eq(world_asks(&world, "select number, ended - begun from attempts order by 1"),
                     "+49301000001|0\n+49301000002|");
    cr_expect_str_eq(world_asks(&world, "select id, name, customer from chains order by id"),
                     "1||4711\n2||4712\n3||4711\n4|C1|Anna\n5|C2    |Anna\n6|C2|\n7|C1\t|\n8||");
    cr_expect_str_eq(world_asks(&world, "select agent from records where agent is not null"), "anna");
    cr_expect_str_eq(world_asks(&world, "select number from persons"), "+49301000002", "the other row says nothing");
    cr_expect_str_eq(world_asks(&world, "select value, reason, since, until from do_not_call order by 1"),
                     "+49301000009|asked|7|\n4713|asked|5|\nAnna|asked|7|");
    cr_expect_str_eq(world_asks(&world, "select value, source from consents order by 1"), "4711|by mail\n4712|by mail");
    cr_assert(world_import(&world, "number,chain,customer\n030 1000005,C1,\n030 1000006,,Anna\n"), "%s",
              world.error.text);
    cr_expect_str_eq(world_asks(&world, "select chain from records where number = '+49301000005'"), "4");
    FETCHED(9, "*1000003:retrieved"); /* Anna is called by no number */
    world_free(&world);
}

/* Version 5 had one window a day: 1000001 from 9:00 to 20:00, 1000003 from 22:00 to 6:00. 1000002 wants to be called
 * from 10:00 to 12:00. */
Test(lists_persons, version_5_had_one_window_a_day)
{
    struct lists_world world;
    begin_with_golden(&world, "lists_5");
    FETCHED(9, "*1000001:retrieved"); /* 13:00 in Berlin */
    world.now = world_moment("2026-03-03 10:00");
    FETCHED(9, "*1000002:retrieved");
    world.now = world_moment("2026-03-03 22:00");
    FETCHED(9, "*1000003:retrieved");
    cr_expect_str_eq(world_asks(&world, "select count(*) from records where again_from is null"), "3");
    cr_assert(
        world_import(&world, "number,day_from,day_till,again_from,again_till\n030 1000004,07:00,08:00,17:00,20:00\n"),
        "%s", world.error.text);
    world.now = world_moment("2026-03-04 16:00");
    FETCHED(9, "*1000004:retrieved");
    world_free(&world);
}

/* A supervisor has ended the rest of 1000001, and somebody has blocked a number in the words of a person's own. The
 * next change of version leaves both, though the attempt is there still. -1 stands for a version that is not of those
 * before. */
Test(lists_persons, what_people_have_changed_since_outlives_the_next_version)
{
    struct lists_world world;
    int64_t ended;
    begin_with_golden(&world, "lists_3");
    IS(lists_unrest(world.lists, NULL, "+49301000001", world.now, &ended, &world.error), done);
    world_asks(&world, "insert into do_not_call(tenant, kind, value, reason, since)"
                       " values('', 'number', '+49301000008', '" LISTS_BY_WORD "', 1)");
    world_asks(&world, "update gcx_lists set version = -1");
    lists_close(world.lists);
    world.lists = world_opened(&world);
    cr_expect_str_eq(world_asks(&world, "select version from gcx_lists"), "6");
    cr_expect_str_eq(world_asks(&world, "select number from rests where why = 'abandoned'"), "+49301000003");
    cr_expect_str_eq(world_asks(&world, "select count(*) from do_not_call where otherwise is null"), "1");
    world_free(&world);
}

/* An attempt of the record is abandoned, as the dialer says it: the person rests for so long. */
static void is_abandoned(struct lists_world *world, const char *digits, int64_t pause_us)
{
    int64_t attempt;
    struct lists_dial dials = {.session = "one", .campaign = "spring", .now = world->now, .terms.pause_us = pause_us};
    dials.record = world_record(world, digits, &dials.revision);
    dials.revision++;
    cr_assert_eq(lists_dial(world->lists, &dials, &attempt, &world->error), LISTS_done, "%s", world->error.text);
    struct lists_change change = {.op = LISTS_OP_update,
                                  .session = "one",
                                  .record = dials.record,
                                  .revision = dials.revision + 1,
                                  .now = world->now,
                                  .result = cause_abandoned};
    cr_assert_eq(lists_change(world->lists, &change, &world->error), LISTS_done, "%s", world->error.text);
}

/* Says when that record is to be called back, or tried again, with that result. */
static enum lists_answer is_due(struct lists_world *world, const char *digits, enum lists_op op, enum cause result,
                                int64_t due)
{
    struct lists_change change = {.op = op, .session = "one", .now = world->now, .result = result, .due = due};
    change.record = world_record(world, digits, &change.revision);
    change.revision++;
    return lists_change(world->lists, &change, &world->error);
}

/* An agent came too late, and the person wants to be called back: the attempt stays abandoned in the history, the
 * call-back is put off until the rest is over, and no other word ends that before, but for that of a supervisor. */
Test(lists_persons, who_was_abandoned_rests_whatever_is_said_afterwards)
{
    struct lists_world world;
    int64_t attempt, ended, rest = 72 * 60 * minute;
    session_begins(&world, "number,customer\n030 1000001,4711\n030 1000002,4711\n030 1000003,4711\n");
    FETCHED(9, "*1000001:retrieved|*1000002:retrieved|*1000003:retrieved");
    is_abandoned(&world, "1000001", rest);
    cr_expect_str_eq(world_asks(&world, "select result, ended is not null from attempts"),
                     getenv("GCX_PG_CONNINFO") ? "abandoned|f" : "abandoned|0");
    /* Nobody has dialled 1000002, whose agent puts it off. */
    IS(is_due(&world, "1000002", LISTS_OP_reschedule, cause_other, world.now + minute), done);
    IS(is_due(&world, "1000001", LISTS_OP_reschedule, cause_ok, world.now + 60 * minute), done);
    cr_expect_str_eq(world_asks(&world, "select a.result, r.result from attempts a join records r on r.id = a.record"),
                     "abandoned|ok");
    cr_expect_str_eq(world_asks(&world, "select distinct due from records where due > 0"), "1772712000000000");
    world.now += rest - 1;
    FETCHED(9, "");
    world.now++;
    FETCHED(9, "*1000001:retrieved|*1000002:retrieved");
    is_abandoned(&world, "1000001", rest);
    IS(is_due(&world, "1000001", LISTS_OP_retry, cause_abandoned, world.now + 7 * 24 * 60 * minute), done);
    IS(session_dials(&world, "one", "1000002", &attempt), rests);
    GOOD(lists_unrest(world.lists, NULL, "+49301000003", world.now, &ended, &world.error) == LISTS_done);
    cr_expect_eq(ended, 2);
    IS(lists_unrest(world.lists, NULL, "+49301000003", world.now, &ended, &world.error), unknown);
    IS(session_dials(&world, "one", "1000002", &attempt), done);
    world_free(&world);
}

/* The call-back is asked for by the very change that tells of the abandoned call. */
Test(lists_persons, a_call_back_waits_for_the_rest_that_begins_with_it)
{
    struct lists_world world;
    int64_t attempt, rest = 72 * 60 * minute;
    session_begins(&world, "number\n030 1000001\n");
    FETCHED(9, "*1000001:retrieved");
    struct lists_dial dials = {.session = "one", .campaign = "spring", .now = world.now, .terms.pause_us = rest};
    dials.record = world_record(&world, "1000001", &dials.revision), dials.revision++;
    IS(lists_dial(world.lists, &dials, &attempt, &world.error), done);
    IS(is_due(&world, "1000001", LISTS_OP_reschedule, cause_abandoned, world.now + minute), done);
    char due[32];
    snprintf(due, sizeof due, "%lld", (long long)(world.now + rest));
    cr_expect_str_eq(world_asks(&world, "select due from records"), due);
    world_free(&world);
}

/* A pause of seven days is longer than the 72 hours of who was abandoned: a call-back waits for these. */
Test(lists_persons, a_longer_pause_does_not_hide_that_somebody_was_abandoned)
{
    struct lists_world world;
    int64_t attempt, day = 24 * 60 * minute;
    session_begins(&world, "number,customer\n030 1000001,4711\n030 1000002,4711\n");
    FETCHED(9, "*1000001:retrieved|*1000002:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    IS(is_due(&world, "1000001", LISTS_OP_retry, cause_no_answer, world.now + 7 * day), done);
    world_asks(&world, "update records set type = 'campaign_callback' where number = '+49301000002'");
    is_abandoned(&world, "1000002", 3 * day);
    IS(is_due(&world, "1000002", LISTS_OP_retry, cause_abandoned, world.now + minute), done);
    world.now += 3 * day - 1;
    FETCHED(9, "");
    world.now++;
    FETCHED(9, "*1000002:retrieved");
    world_free(&world);
}

/* Three ways from one number to another: by a customer's name that the asking record does not have, by a chain of
 * another list, and by a number that was dialled for a record and stands in no list. Whoever has another name is
 * somebody else. The rest, a day's limit, hours and consent of the one number are those of the other. */
Test(lists_persons, a_person_is_found_through_all_lists)
{
    static const struct {
        const char *first, *second, *asks, *dials;
        bool same;
    } ways[] = {
        {"030 1000001,4711,\n", "030 1000002,4711,\n", "030 1000002,,\n", NULL, true},
        {"030 1000001,,a\n030 1000005,,a\n", "030 1000002,,a\n030 1000005,,a\n", "030 1000002,,\n", NULL, true},
        {"030 1000001,,\n", "030 1000004,,\n", "030 1000001,,\n", "+49301000009", true},
        {"030 1000001,4711,\n", "030 1000002,4711,\n", "030 1000002,4712,\n", NULL, false},
    };
    for (size_t at = 0; at < sizeof ways / sizeof *ways; at++) {
        struct lists_world world;
        int64_t attempt, version, ended;
        char csv[128];
        struct lists_terms none = {0}, day = {.of_day = 1}, offers = {.consent = "offers"};
        struct lists_block consent = {.value = span_of("+49301000001"), .purpose = span_of("offers"), .since = 1};
        snprintf(csv, sizeof csv, "number,customer,chain\n%s", ways[at].first);
        session_begins(&world, csv);
        int64_t spring = world.list;
        snprintf(csv, sizeof csv, "number,customer,chain\n%s", ways[at].second);
        session_list(&world, "summer", csv);
        snprintf(csv, sizeof csv, "number,customer,chain\n%s", ways[at].asks);
        int64_t autumn = session_list(&world, "autumn", csv);
        int64_t asks = world_record(&world, ways[at].dials ? "1000001" : "1000002", &version);
        IS(lists_consent(world.lists, &consent, &world.error), done);
        cr_expect_eq(lists_check(world.lists, asks, NULL, &offers, world.now, &world.error),
                     ways[at].same ? LISTS_done : LISTS_consent, "%zu", at);
        consent.value = span_of(ways[at].dials ? "+49301000001" : "+49301000002");
        cr_expect_eq(lists_withdraw(world.lists, &consent, &ended, &world.error), LISTS_done, "%zu", at);
        cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &offers, 9), "");
        world.list = spring;
        world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9);
        struct lists_dial dials = {.session = "one", .campaign = "spring", .now = world.now, .number = ways[at].dials};
        dials.record = world_record(&world, "1000001", &dials.revision);
        dials.revision++, dials.terms.pause_us = 72 * 60 * minute;
        IS(lists_dial(world.lists, &dials, &attempt, &world.error), done);
        struct lists_change over = {.op = LISTS_OP_processed, .session = "one", .record = dials.record};
        over.revision = dials.revision + 1, over.now = world.now, over.result = cause_abandoned;
        IS(lists_change(world.lists, &over, &world.error), done);
        world.list = autumn;
        cr_expect_eq(lists_check(world.lists, asks, NULL, &none, world.now, &world.error),
                     ways[at].same ? LISTS_rests : LISTS_done, "%zu", at);
        if (ways[at].same) FETCHED(9, "");
        world_asks(&world, "delete from rests");
        if (!ways[at].dials)
            cr_expect_eq(lists_check(world.lists, asks, NULL, &day, world.now, &world.error),
                         ways[at].same ? LISTS_limit : LISTS_done, "%zu", at);
        struct lists_hours hours = {.number = "+49301000001", .from = "13:30", .zone = "Europe/Berlin"};
        IS(lists_hours(world.lists, &hours, &world.error), done); /* it is 13:00 there */
        cr_expect_eq(lists_check(world.lists, asks, NULL, &none, world.now, &world.error),
                     ways[at].same ? LISTS_window : LISTS_done, "%zu", at);
        world_free(&world);
    }
}

/* A number that stands in no list is dialled for a record: what holds for the person of the record holds there, too,
 * and the person is one who is called in another list. */
Test(lists_persons, by_another_number_the_person_of_the_record_is_dialled)
{
    static const char other[] = "+49301000009";
    struct lists_world world;
    int64_t attempt;
    struct lists_terms none = {0}, day = {.of_day = 1};
    session_begins(&world, "number,customer,chain\n030 1000001,,a\n030 1000002,,a\n");
    int64_t spring = world.list, summer = session_list(&world, "summer", "number\n030 1000001\n");
    world.list = spring;
    FETCHED(9, "*1000001:retrieved 1000002:retrieved");
    world.list = summer;
    FETCHED(9, "*1000001:retrieved");
    struct lists_dial dials = {.session = "one", .campaign = "spring", .now = world.now, .number = other};
    dials.record = world_record(&world, "1000001", &dials.revision), dials.revision++;
    world.list = spring;
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    IS(lists_dial(world.lists, &dials, &attempt, &world.error), engaged);
    IS(session_ends(&world, "1000001", cause_abandoned, world.now + minute), done);
    IS(lists_check(world.lists, dials.record, other, &none, world.now, &world.error), rests);
    world_asks(&world, "delete from rests");
    IS(lists_check(world.lists, dials.record, other, &none, world.now, &world.error), done);
    IS(lists_check(world.lists, dials.record, other, &day, world.now, &world.error), limit);
    IS(lists_check(world.lists, dials.record, NULL, &day, world.now, &world.error), limit);
    struct lists_hours hours = {.number = "+49301000002", .from = "13:30", .zone = "Europe/Berlin"};
    IS(lists_hours(world.lists, &hours, &world.error), done); /* it is 13:00 there */
    IS(lists_check(world.lists, dials.record, other, &none, world.now, &world.error), window);
    world_free(&world);
}

/* A list that was imported a second time, shifted by one row, makes one person of all: who is near rests with whom they
 * stand beside, and who is far does not. */
Test(lists_persons, a_person_is_found_through_some_numbers_and_not_all)
{
    enum { ROWS = 400 };
    struct lists_world world;
    int64_t version;
    struct lists_terms none = {0};
    struct out lists[2] = {0};
    for (int at = 0; at < 2; at++) {
        out_text(&lists[at], "number,chain\n");
        for (int row = 0; row < ROWS; row++) out_format(&lists[at], "030 1%06d,c%d\n", row + at, row / 2);
    }
    session_begins(&world, lists[0].bytes);
    int64_t near = world_record(&world, "1000003", &version), far = world_record(&world, "1000200", &version);
    session_list(&world, "summer", lists[1].bytes);
    world_asks(&world, "insert into rests(tenant, number, why, until) values('', '+49301000000', 'abandoned', 9e15)");
    IS(lists_check(world.lists, near, NULL, &none, world.now, &world.error), rests);
    IS(lists_check(world.lists, far, NULL, &none, world.now, &world.error), done);
    bool cut = false;
    GOOD(lists_person_cut(world.lists, far, &cut, &world.error));
    cr_expect(cut, "and somebody may know that");
    session_list(&world, "autumn", "number,customer\n030 9000001,1\n030 9000002,1\n");
    GOOD(lists_person_cut(world.lists, world_record(&world, "9000001", &version), &cut, &world.error));
    cr_expect_not(cut);
    for (int row = 0; row < 51; row++) {
        char csv[64];
        snprintf(csv, sizeof csv, "number,chain,customer\n030 80000%02d,many,1000\n", row);
        cr_assert(world_import(&world, csv), "%s", world.error.text);
        GOOD(lists_person_cut(world.lists, world_record(&world, "8000000", &version), &cut, &world.error));
        cr_expect_eq(cut, row == 50, "%d", row);
    }
    for (int at = 0; at < 2; at++) out_free(&lists[at]);
    world_free(&world);
}

/* Who has agreed by two numbers takes it back by one of them. */
Test(lists_persons, consent_is_taken_back_by_all_numbers)
{
    struct lists_world world;
    int64_t ended;
    struct lists_terms offers = {.consent = "offers"};
    const char *const given[] = {"+49301000001", "+49301000002", "4711", "+49301000003"};
    struct lists_block consent = {.purpose = span_of("offers"), .since = 1};
    session_begins(&world, "number,customer\n030 1000001,4711\n030 1000002,4711\n030 1000003,4712\n");
    for (int at = 0; at < 4; at++) {
        consent.value = span_of(given[at]), consent.customer = at == 2;
        IS(lists_consent(world.lists, &consent, &world.error), done);
    }
    consent.customer = false, consent.value = span_of(given[0]);
    IS(lists_withdraw(world.lists, &consent, &ended, &world.error), done);
    cr_expect_eq(ended, 3);
    IS(lists_withdraw(world.lists, &consent, &ended, &world.error), unknown);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &offers, 9), "*1000003:retrieved");
    consent.customer = true, consent.value = span_of("4712");
    IS(lists_withdraw(world.lists, &consent, &ended, &world.error), done);
    world_free(&world);
}

/* A number is busy and tried again in a quarter of an hour: until then the person is called from no other list, at none
 * of their numbers. A call-back that was promised to the person is made nevertheless. */
Test(lists_persons, a_pause_between_tries_is_the_persons_and_puts_off_no_promise)
{
    struct lists_world world;
    int64_t attempt, version;
    struct lists_terms none = {0};
    session_begins(&world, "number,customer\n030 1000001,4711\n");
    int64_t spring = world.list;
    int64_t summer = session_list(&world, "summer", "number,customer\n030 1000001,4711\n030 1000002,4711\n");
    world.list = spring;
    FETCHED(9, "*1000001:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    struct lists_change change = {
        .op = LISTS_OP_retry, .session = "one", .now = world.now, .due = world.now + 15 * minute, .result = cause_busy};
    change.record = world_record(&world, "1000001", &version);
    change.revision = version + 1;
    IS(lists_change(world.lists, &change, &world.error), done);
    cr_expect_str_eq(world_asks(&world, "select number, why from rests"), "+49301000001|busy");
    world.list = summer;
    world.now += 15 * minute - 1;
    FETCHED(9, "");
    int64_t record = world_record(&world, "1000002", &version);
    IS(lists_check(world.lists, record, NULL, &none, world.now, &world.error), rests);
    world_asks(&world, "update records set type = 'campaign_rescheduled', due = 1 where number = '+49301000002'");
    IS(lists_check(world.lists, record, NULL, &none, world.now, &world.error), done);
    FETCHED(9, "*1000002:retrieved");
    IS(session_dials(&world, "one", "1000002", &attempt), done);
    change.op = LISTS_OP_processed, change.result = cause_ok;
    change.record = world_record(&world, "1000002", &version), change.revision = version + 1;
    IS(lists_change(world.lists, &change, &world.error), done);
    world.now++;
    FETCHED(9, "*1000001:retrieved");
    world_free(&world);
}

/* The dialer dies while a person of two lists is called: the person rests in both. */
Test(lists_persons, whose_call_has_an_unknown_end_rests_in_all_lists)
{
    struct lists_world world;
    int64_t attempt;
    struct lists_released released;
    session_begins(&world, "number,customer\n030 1000001,4711\n");
    FETCHED(9, "*1000001:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    GOOD(lists_bury(world.lists, "one", world.now, 10 * minute, &released, &world.error));
    session_list(&world, "summer", "number,customer\n030 1000002,4711\n");
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9), "");
    world.now += 10 * minute;
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9), "*1000002:retrieved");
    world_free(&world);
}

Test(lists_persons, limits_are_by_the_persons_own_day)
{
    struct lists_world world;
    int64_t attempt;
    struct lists_released released;
    session_begins(&world, "number,chain,zone\n030 1000001,a,Asia/Tokyo\n030 1000002,a,Asia/Tokyo\n");
    struct lists_terms day = {.of_day = 1}, chain = {.of_chain = 1}, all = {.in_all = 1};
    cr_assert_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &day, 9),
                     "*1000001:retrieved 1000002:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    GOOD(lists_bury(world.lists, "one", world.now, 0, &released, &world.error));
    int64_t version, record = world_record(&world, "1000001", &version);
    for (int hour = 0; hour <= 3; hour++, world.now += 60 * minute) { /* 21:00 to midnight in Tokyo */
        bool over = hour == 3;
        cr_expect_eq(lists_check(world.lists, record, NULL, &day, world.now, &world.error),
                     over ? LISTS_done : LISTS_limit);
        cr_expect_eq(lists_check(world.lists, record, NULL, &chain, world.now, &world.error),
                     over ? LISTS_done : LISTS_limit);
        IS(lists_check(world.lists, record, NULL, &all, world.now, &world.error), limit);
        cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &all, 9), "");
        if (!over) cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &chain, 9), "");
        cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &day, 9),
                         over ? "*1000001:retrieved 1000002:retrieved" : "", "hour %d", hour);
    }
    world_free(&world);
}
