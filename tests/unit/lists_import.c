/* tests/unit/lists_import.c - Records are taken in from files; what is wrong with a row is told, the others are taken.
 */
#include <stdlib.h>

#include "runtime/lists/zones.h"
#include "tests/unit/lists_world.h"
#include "runtime/vocabulary/person.h"

TestSuite(lists_import, .timeout = 60);

Test(lists_import, numbers_have_the_normal_form_of_the_standard_library)
{
    static const struct {
        const char *text, *country, *number;
    } cases[] = {
        {"030 1234567", "DE", "+49301234567"},
        {"+49 (0)30 / 123-4567", NULL, "+49301234567"},
        {"0033 1 45 55 01 01", "DE", "+33145550101"},
        {"01 45 55 01 01", "FR", "+33145550101"},
        {"(212) 555-0100", "US", "+12125550100"},
        {"1 212 555 0100", "US", "+12125550100"},
        {"061234567", "IT", "+39061234567"},
        {"1234567", "DE", ""},      /* an extension: it has no trunk digit */
        {"030 1234567", NULL, ""},  /* no country */
        {"030 1234567", "XX", ""},  /* none that is known */
        {"+999 1234567", "DE", ""}, /* no country has it */
        {"+4930", "DE", ""},
        {"+4930123456789012", "DE", ""},
        {"030 12x4567", "DE", ""},
        {"", "DE", ""},
        {"+", "DE", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char number[17] = "";
        bool good = person_number(span_of(cases[i].text), cases[i].country, number);
        cr_expect_eq(good, *cases[i].number != '\0', "%s", cases[i].text);
        cr_expect_str_eq(number, cases[i].number);
    }
}

Test(lists_import, windows_go_by_the_clocks_of_the_zone)
{
    struct zones *zones = zones_new();
    struct zone_clock clock;
    static const struct {
        const char *utc, *zone;
        int64_t second, midnight_hour; /* when its day began, hours before or after 00:00 UTC of that day */
    } cases[] = {
        {"2026-03-02 12:00", "Europe/Berlin", 13 * 3600, -1},
        {"2026-03-29 00:59", "Europe/Berlin", 3600 + 59 * 60, -1}, /* the clocks go from 2:00 to 3:00 */
        {"2026-03-29 01:00", "Europe/Berlin", 3 * 3600, -1},
        {"2026-10-25 00:30", "Europe/Berlin", 2 * 3600 + 1800, -2}, /* 2:30 comes twice */
        {"2026-10-25 01:30", "Europe/Berlin", 2 * 3600 + 1800, -2},
        {"2026-03-02 12:00", "Asia/Kolkata", 17 * 3600 + 1800, -5},
        {"2026-07-01 03:00", "America/New_York", 23 * 3600, -20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t now = world_moment(cases[i].utc), day = now - now % INT64_C(86400000000);
        cr_assert(zones_clock(zones, cases[i].zone, now, &clock));
        cr_expect_eq(zone_second(&clock, now), cases[i].second, "%s %s", cases[i].utc, cases[i].zone);
        cr_expect_eq((clock.midnight - day) / INT64_C(3600000000), cases[i].midnight_hour, "%s %s", cases[i].utc,
                     cases[i].zone);
        cr_expect(clock.since <= now && now < clock.until);
    }
    cr_expect_not(zones_clock(zones, "Europe/Nowhere", 0, &clock));
    cr_expect_not(zones_clock(zones, "../passwd", 0, &clock));
    const struct zone_windows hour = {3600, 7200, 0, 0}, night = {79200, 21600, 0, 0}, two = {9, 12, 17, 20};
    cr_expect(zone_is_open(&hour, 3600) && !zone_is_open(&hour, 7200) && !zone_is_open(&hour, 0));
    cr_expect(zone_is_open(&night, 80000) && zone_is_open(&night, 3600) && !zone_is_open(&night, 40000));
    cr_expect(zone_is_open(&two, 9) && !zone_is_open(&two, 12) && zone_is_open(&two, 17) && !zone_is_open(&two, 20));
    zones_free(zones);
}

Test(lists_import, a_day_is_whole_across_each_change_of_the_clocks)
{
    struct zones *zones = zones_new();
    static const char *const names[] = {"Europe/Berlin", "America/Sao_Paulo",   "Asia/Beirut",
                                        "Pacific/Apia",  "Australia/Lord_Howe", "Africa/Casablanca"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone_clock clock, last = {0};
        for (int64_t now = world_moment("2011-12-01 00:00"); now < world_moment("2018-12-01 00:00");
             now = clock.until) {
            cr_assert(zones_clock(zones, names[i], now, &clock));
            cr_assert(clock.since <= now && clock.until > now && clock.midnight <= now, "%s", names[i]);
            cr_assert(last.until == 0 || last.until == clock.since, "%s: no gap and no overlap", names[i]);
            last = clock;
        }
    }
    zones_free(zones);
}

Test(lists_import, rows_become_records_with_their_chains)
{
    struct lists_world world;
    world_new(&world);
    GOOD(world_import(&world,
                      "\xef\xbb\xbfnumber,chain,n,customer,zone,day_from,day_till,due,agent,Saldo,Notes,number_type\r\n"
                      "030 1234567,c1,2,4711,,09:00,20:30,,,12.50,x,home\r\n"
                      "+491701234567,c1,1,4711,,,,,,,,mobile\r\n"
                      "1 45550101,,,,Europe/Paris,22:00,06:00,2026-03-29 02:30,ann,-3,\"a \"\"b\"\", c\",\r\n"
                      "+33145550101,,,,Europe/Paris,22:00,06:00,2026-03-29 02:30,ann,-3,\"a \"\"b\"\", c\",\r\n"));
    cr_expect_str_eq(world.said, "3 4 wrong;", "it lacks the digit 0 in front");
    cr_expect_eq(world.told.taken, 3);
    cr_expect_str_eq(world_asks(&world,
                                "select c.name, c.customer, c.at, r.n, r.number, r.number_type, r.type, r.status,"
                                " r.day_from, r.day_till, r.zone, r.due, r.agent from records r join chains c"
                                " on c.id = r.chain order by r.id"),
                     "c1|4711|1|2|+49301234567|home|general|ready|32400|73800|Europe/Berlin|0|\n"
                     "c1|4711|1|1|+491701234567|mobile|general|ready|0|86400|Europe/Berlin|0|\n"
                     "||1|1|+33145550101||personal_callback|ready|79200|21600|Europe/Paris|1774747800000000|ann");
    cr_expect_str_eq(world_asks(&world, "select kind from list_fields where name = 'balance'"), "number");
    world_free(&world);
}

Test(lists_import, a_record_has_two_windows_a_day)
{
    struct lists_world world;
    const char *all = "select number, day_from / 3600, day_till / 3600, again_from / 3600, again_till / 3600"
                      " from records order by number";
    world_new(&world);
    GOOD(world_import(&world, "number,day_from,day_till,again_from,again_till\n"
                              "030 1000001,09:00,12:00,17:00,20:00\n"
                              "030 1000002,09:00,12:00,,\n"
                              "030 1000003,,,22:00,06:00\n" /* its first window is the whole day */
                              "030 1000004,09:00,12:00,17:00,\n"
                              "030 1000005,09:00,12:00,17:00,17:00\n"
                              "030 1000006,09:00,12:00,24:00,20:00\n"
                              "030 1000007,09:00,12:00,,20:00\n"));
    cr_expect_str_eq(world.said, "3 4 wrong;4 5 wrong;5 6 wrong;6 7 wrong;7 8 wrong;");
    cr_expect_str_eq(world_asks(&world, all), "+49301000001|9|12|17|20\n+49301000002|9|12||");
    const struct lists_form form = {.country = "DE", .day_from = "08:00", .again_from = "18:00", .again_till = "19:00"};
    const struct lists_row says_none = {.number = span_of("030 1000008")},
                           says_one = {.number = span_of("030 1000009"), .day_till = span_of("10:00")};
    int64_t record;
    cr_assert_eq(lists_add(world.lists, world.list, &form, &says_none, world.now, &record, &world.error), LISTS_done);
    cr_assert_eq(lists_add(world.lists, world.list, &form, &says_one, world.now, &record, &world.error), LISTS_done);
    cr_expect_str_eq(world_asks(&world, all), "+49301000001|9|12|17|20\n+49301000002|9|12||\n"
                                              "+49301000008|8|24|18|19\n+49301000009|8|10||");
    world_free(&world);
}

Test(lists_import, wrong_rows_are_told_and_the_rest_goes_on)
{
    struct lists_world world;
    world_new(&world);
    GOOD(world_import(&world, "number,zone,day_from,day_till,due,chain,n,Saldo\n"
                              "030 1000001,,,,,,,\n"
                              "030 1000001,,,,,,,\n"                         /* row 2: again */
                              "hello,,,,,,,\n"                               /* 3 */
                              "030 1000002,Mars/Base,,,,,,\n"                /* 4 */
                              "030 1000002,,25:00,,,,,\n"                    /* 5 */
                              "030 1000002,,09:00,09:00,,,,\n"               /* 6: no time is in it */
                              "030 1000002,,,,tomorrow,,,\n"                 /* 7 */
                              "030 1000002,,,,2026-02-30 10:00,,,\n"         /* 8: no such day */
                              "030 1000002,,,,,c,101,\n"                     /* 9 */
                              "030 1000002,,,,,,2,\n"                        /* 10: a position and no chain */
                              "030 1000002,,,,,,,much\n"                     /* 11 */
                              "030 1000002,,,,,,,1.2.3\n"                    /* 12 */
                              "030 1000002,\xff\xfe,,,,,,\n"                 /* 13 */
                              "030 1000002,,,\n"                             /* 14: too few */
                              "030 1000002,\"\n\",,,,,,\n"                   /* 15, two lines */
                              "030 1000003,,,,,c,1,\n030 1000004,,,,,c,1,\n" /* 16, 17: the position is taken */
                              "030 1000005,,,,,,,\n"));
    cr_expect_str_eq(world.said, "2 3 duplicate;3 4 wrong;4 5 wrong;5 6 wrong;6 7 wrong;7 8 wrong;8 9 wrong;9 10 wrong;"
                                 "10 11 wrong;11 12 wrong;12 13 wrong;13 14 wrong;14 15 wrong;15 16 wrong;"
                                 "17 19 duplicate;");
    cr_expect_eq(world.told.rows, 18);
    cr_expect_eq(world.told.taken, 3);
    cr_expect_eq(world.told.duplicates, 2);
    cr_expect_str_eq(world_asks(&world, "select count(*) from chains"), "3", "a row that was refused leaves no chain");
    world_free(&world);
}

static void counted(void *self, uint64_t row, unsigned line, enum lists_answer given, const char *why)
{
    struct lists_world *world = self;
    (void)line, (void)given, (void)why;
    snprintf(world->said, sizeof world->said, "%u of %s", (unsigned)row,
             world_asks(world, "SELECT count(*) FROM records"));
}

/* Whoever reads what is told may be slow, and no lock waits for them. */
Test(lists_import, rows_are_told_when_their_transaction_has_ended)
{
    struct lists_world world;
    world_new(&world);
    char text[] = "number\n030 1000001\nnobody\n030 1000003\n";
    struct lists_import asked = {
        .form = {.country = "DE"}, .list = world.list, .now = world.now, .refused = counted, .self = &world};
    GOOD(lists_import(world.lists, &asked, text, strlen(text), &world.told, &world.error));
    cr_expect_str_eq(world.said, "2 of 2");
    world_free(&world);
}

Test(lists_import, a_header_that_says_nothing_is_refused)
{
    struct lists_world world;
    world_new(&world);
    static const char *const headers[] = {"",
                                          "zone\n",
                                          "number,number\n",
                                          "number,colour\n",
                                          "number,Saldo,Saldo\n",
                                          "number,\"x\n",
                                          "number,\"x\"y\n",
                                          "number,\xff\n"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        cr_expect_not(world_import(&world, headers[i]), "%s", headers[i]);
        cr_expect_eq(world.error.code, ERROR_INPUT, "%s", world.error.text);
    }
    cr_expect_not(world_import(&world, "number\n030 1000001\n\"030 1000002\n030 1000003\n"));
    cr_expect(strstr(world.error.text, "line 3: a quote is not closed"), "%s", world.error.text);
    cr_expect_str_eq(world_asks(&world, "select number from records"), "+49301000001", "what stands before is taken");
    world_free(&world);
}

Test(lists_import, chains_are_unique_per_list_and_grow_at_their_end)
{
    struct lists_world world;
    int64_t other, record;
    world_new(&world);
    GOOD(lists_make(world.lists, NULL, "other", world.now, &other, &world.error));
    struct lists_form form = {.country = "DE"};
    struct lists_row row = {.number = span_of("030 1000001"), .chain = span_of("c")};
    IS(lists_add(world.lists, world.list, &form, &row, world.now, &record, &world.error), done);
    IS(lists_add(world.lists, other, &form, &row, world.now, &record, &world.error), done);
    IS(lists_add(world.lists, other, &form, &row, world.now, &record, &world.error), duplicate);
    row.number = span_of("030 1000002");
    IS(lists_add(world.lists, other, &form, &row, world.now, &record, &world.error), done);
    row.number = span_of("1");
    IS(lists_add(world.lists, other, &form, &row, world.now, &record, &world.error), wrong);
    cr_expect_str_eq(world_asks(&world,
                                "select l.name, c.name, c.at, r.n from records r join chains c on c.id = r.chain"
                                " join lists l on l.id = r.list order by r.id"),
                     "spring|c|1|1\nother|c|1|1\nother|c|1|2");
    world_free(&world);
}

static bool keep(void *self, struct span piece)
{
    char *text = self;
    size_t at = strlen(text);
    memcpy(text + at, piece.bytes, piece.length);
    text[at + piece.length] = '\0';
    return true;
}

Test(lists_import, an_export_is_imported_again_as_it_was)
{
    struct lists_world world;
    char first[2048] = "", second[2048] = "";
    world_new(&world);
    GOOD(world_import(
        &world, "number,chain,n,customer,zone,day_from,day_till,again_from,again_till,due,Saldo\n"
                "030 1000001,\"a, \"\"b\"\"\",1,4711,Asia/Tokyo,22:00,06:30:15,17:00,20:00:30,2026-03-02 12:00,1.5\n"
                "030 1000002,,,,,,,,,,\n"));
    GOOD(lists_export(world.lists, world.list, keep, first, &world.error));
    GOOD(lists_make(world.lists, NULL, "copy", world.now, &world.list, &world.error));
    cr_expect_not(world_import(&world, first), "the field is not known in this list");
    GOOD(lists_field(world.lists, world.list, "balance", true, &world.error));
    GOOD(world_import(&world, first));
    cr_expect_str_eq(world.said, "");
    GOOD(lists_export(world.lists, world.list, keep, second, &world.error));
    cr_expect_str_eq(first, second);
    cr_expect(
        strstr(first,
               "+49301000001,,\"a, \"\"b\"\"\",1,4711,Asia/Tokyo,22:00,06:30:15,17:00,20:00:30,2026-03-02 03:00:00Z,,"
               "campaign_callback,ready,,0,,,,,1.5\r\n"),
        "%s", first);
    world_free(&world);
}

Test(lists_import, the_do_not_call_list_takes_normal_forms_only)
{
    struct lists_world world;
    int64_t ended;
    world_new(&world);
    struct lists_block block = {.value = span_of("030 1000001"), .since = world.now};
    IS(lists_block(world.lists, &block, &world.error), wrong);
    block.value = span_of("+49301000001");
    IS(lists_unblock(world.lists, &block, &world.error), unknown);
    IS(lists_block(world.lists, &block, &world.error), done);
    block.since += 5, block.reason = span_of("asked twice");
    IS(lists_block(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_asks(&world, "select kind, value, reason, since from do_not_call"),
                     "number|+49301000001|asked twice|1772452800000000", "since the first time");
    IS(lists_unblock(world.lists, &block, &world.error), done);
    block.customer = true, block.value = span_of("4711"), block.purpose = span_of("offers");
    IS(lists_consent(world.lists, &block, &world.error), done);
    IS(lists_withdraw(world.lists, &block, &ended, &world.error), done);
    IS(lists_withdraw(world.lists, &block, &ended, &world.error), unknown);
    world_free(&world);
}

/* reason|seconds until it ends, 0: never|otherwise, -1: null */
static const char *entry(struct lists_world *world)
{
    return world_asks(world, "select coalesce(reason, 'none'), (coalesce(until, 1772452800000000) - 1772452800000000) /"
                             " 1000000, coalesce(otherwise, -1) from do_not_call");
}

Test(lists_import, who_leaves_by_a_word_is_blocked_for_ever_and_takes_back_no_more_than_that)
{
    struct lists_world world;
    world_new(&world);
    struct lists_block word = {.value = span_of("+49301000001"), .reason = span_of("a word"), .since = world.now},
                       other = {.value = word.value, .since = world.now};
    IS(lists_leave(world.lists, &word, &world.error), done);
    IS(lists_leave(world.lists, &word, &world.error), done);
    cr_expect_str_eq(entry(&world), "a word|0|0");
    IS(lists_return(world.lists, &word, &world.error), done);
    cr_expect_str_eq(entry(&world), "");
    /* For a week, by somebody else; and that again while the person has left. */
    other.reason = span_of("not this week"), other.until = world.now + 7 * INT64_C(1000000);
    IS(lists_block(world.lists, &other, &world.error), done);
    IS(lists_leave(world.lists, &word, &world.error), done);
    cr_expect_str_eq(entry(&world), "not this week|0|1772452807000000");
    other.until += INT64_C(1000000);
    IS(lists_block(world.lists, &other, &world.error), done);
    IS(lists_return(world.lists, &word, &world.error), done);
    IS(lists_return(world.lists, &word, &world.error), done);
    cr_expect_str_eq(entry(&world), "not this week|8|-1");
    IS(lists_unblock(world.lists, &other, &world.error), done);
    /* For ever, by somebody else and with no reason, while the person has left. */
    IS(lists_leave(world.lists, &word, &world.error), done);
    other.reason = (struct span){0}, other.until = 0;
    IS(lists_block(world.lists, &other, &world.error), done);
    IS(lists_return(world.lists, &word, &world.error), done);
    cr_expect_str_eq(entry(&world), "none|0|-1");
    world_free(&world);
}

Test(lists_import, who_has_left_by_a_word_before_version_2_comes_back_also_behind_a_block_of_somebody_else)
{
    struct lists_world world;
    world_new(&world);
    struct lists_block word = {.value = span_of("+49301000001"), .reason = span_of(LISTS_BY_WORD), .since = world.now},
                       other = {.value = word.value, .reason = span_of("not this week"), .since = world.now};
    other.until = world.now + 7 * INT64_C(1000000);
    IS(lists_leave(world.lists, &word, &world.error), done);
    world_asks(&world, "UPDATE do_not_call SET otherwise = NULL");
    world_asks(&world, "UPDATE gcx_lists SET version = 1");
    lists_close(world.lists);
    world.lists = world_opened(&world);
    IS(lists_block(world.lists, &other, &world.error), done);
    IS(lists_return(world.lists, &word, &world.error), done);
    cr_expect_str_eq(entry(&world), "not this week|7|-1");
    world_free(&world);
}

/* Columns of an export are often padded, and names are typed. */
Test(lists_import, a_name_has_no_spaces_around_it_whoever_says_it)
{
    struct lists_world world;
    struct lists_forgotten told;
    int64_t ended;
    world_new(&world);
    GOOD(world_import(&world, "number,customer,chain,n,due,agent\n030 1000001,K1 , a,1,,\n030 1000002,\tK1,a ,2,,\n"
                              "030 1000003, ,\t,,2026-03-03 12:00, ann \n030 1000004,K 2,,,2026-03-03 12:00, \n"));
    cr_assert_str_eq(world.said, "");
    cr_expect_str_eq(world_asks(&world, "select name, customer, count(*) from chains c join records r on r.chain = c.id"
                                        " group by c.id order by c.id"),
                     "a|K1|2\n||1\n|K 2|1");
    cr_expect_str_eq(world_asks(&world, "select type, agent from records where n = 1 and due > 0 order by number"),
                     "personal_callback|ann\ncampaign_callback|");
    struct lists_block block = {.customer = true, .value = span_of(" K1\t"), .since = 1};
    IS(lists_block(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_asks(&world, "select value from do_not_call"), "K1");
    block.value = span_of("K1 ");
    IS(lists_unblock(world.lists, &block, &world.error), done);
    block.purpose = span_of("offers");
    IS(lists_consent(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_asks(&world, "select value from consents"), "K1");
    block.value = span_of("  K1");
    IS(lists_withdraw(world.lists, &block, &ended, &world.error), done);
    IS(lists_leave(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_asks(&world, "select value from do_not_call"), "K1");
    IS(lists_return(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_asks(&world, "select count(*) from do_not_call"), "0");
    block.value = span_of(" \t ");
    IS(lists_block(world.lists, &block, &world.error), wrong);
    GOOD(lists_forget(world.lists, span_of("K1 "), NULL, world.now, &told, &world.error));
    cr_expect_eq(told.records, 2);
    world_free(&world);
}
