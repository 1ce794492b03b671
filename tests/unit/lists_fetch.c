/* tests/unit/lists_fetch.c - Who is fetched and dialled: by filter and order, in the daily window of the zone, once,
 * and by one session only, whatever becomes of it. */
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/lists_session.h"

TestSuite(lists_fetch, .timeout = 120);

Test(lists_fetch, chains_come_whole_and_once_the_promised_ones_first)
{
    struct lists_world world;
    session_begins(&world,
                   "number,chain,n,due\n"
                   "030 1000001,a,2,\n030 1000002,a,1,\n"
                   "030 1000003,,,2026-03-02 09:00\n030 1000004,,,2026-03-02 08:00\n030 1000005,,,2026-03-02 14:00\n");
    FETCHED(2, "*1000004:retrieved|*1000003:retrieved");
    FETCHED(9, "*1000002:retrieved 1000001:retrieved");
    FETCHED(9, "");
    cr_expect_str_eq(world_asks(&world, "select owner, campaign, count(*) from chains group by 1, 2 order by 1"),
                     world_asks(&world, "select null, null, 1 union all select 'one', 'spring', 3 order by 1"));
    world.now += 60 * minute; /* 14:00 in Berlin */
    FETCHED(9, "*1000005:retrieved");
    world_free(&world);
}

/* An agent's own call-back first, then what is due, then fresh records: each in the site's order, unless that says how
 * `due` ranks. */
Test(lists_fetch, what_was_promised_goes_before_fresh_records)
{
    static const struct {
        const char *order, *wanted;
    } cases[] = {{NULL, "4 3 5 1 2"},
                 {"number DESC", "4 5 3 2 1"},
                 {"due, number", "1 2 3 4 5"},
                 {"number, due DESC", "1 2 3 4 5"}};
    struct lists_world world;
    session_begins(&world,
                   "number,due,agent\n030 1000001,,\n030 1000002,,\n030 1000003,2026-03-02 08:00,\n"
                   "030 1000004,2026-03-02 09:00,anna\n030 1000005,2026-03-02 12:58,\n030 1000006,2026-03-02 14:00,\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned count = 1; count <= 9; count += 2) { /* as many as are wanted, and in portions */
            char got[64] = "";
            struct lists_released released;
            for (const char *at = "*"; *at;) {
                at = world_fetch(&world, world.lists, "one", NULL, cases[i].order, NULL, count);
                for (const char *one = at; (one = strstr(one, "100000")); one++)
                    strncat(got, one + 6, 1), strcat(got, " ");
            }
            got[strlen(got) - 1] = '\0';
            cr_expect_str_eq(got, cases[i].wanted, "%s, %u: %s", cases[i].order, count, got);
            GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
        }
    world_free(&world);
}

Test(lists_fetch, what_is_left_due_overdue_and_exhausted_is_counted)
{
    struct lists_world world;
    int64_t attempt;
    struct lists_counts counts;
    session_begins(
        &world, "number,due\n030 1000001,\n030 1000002,\n030 1000003,2026-03-02 08:00\n030 1000004,2026-03-02 12:58\n"
                "030 1000005,2026-03-02 14:00\n");
    struct lists_selection *selection = lists_select(world.lists, world.list, NULL, NULL, &world.error);
    struct lists_portion portion = {
        .selection = selection, .session = "one", .campaign = "spring", .terms = {.in_all = 1}, .now = world.now};
    GOOD(lists_count(world.lists, &portion, 5 * minute, &counts, &world.error));
    cr_expect(counts.left == 5 && counts.due == 2 && counts.overdue == 1 && counts.exhausted == 0, "%d %d %d %d",
              (int)counts.left, (int)counts.due, (int)counts.overdue, (int)counts.exhausted);
    FETCHED(3, "*1000003:retrieved|*1000004:retrieved|*1000001:retrieved");
    IS(session_dials(&world, "one", "1000004", &attempt), done);
    IS(session_ends(&world, "1000004", cause_busy, world.now), done);
    GOOD(lists_count(world.lists, &portion, 5 * minute, &counts, &world.error));
    cr_expect(counts.left == 2 && counts.due == 0 && counts.overdue == 1 && counts.exhausted == 1, "%d %d %d %d",
              (int)counts.left, (int)counts.due, (int)counts.overdue, (int)counts.exhausted);
    lists_select_end(selection);
    world_free(&world);
}

struct text {
    char bytes[512];
};

static void numbers(void *self, const struct lists_record *record)
{
    struct text *text = self;
    size_t at = strlen(text->bytes);
    snprintf(text->bytes + at, sizeof text->bytes - at, "%.*s ", (int)record->number.length,
             (const char *)record->number.bytes);
}

static sqlite3 *opened; /* by the lists of the test below */

static int keep_opened(sqlite3 *db, char **why, const void *api)
{
    (void)why;
    (void)api;
    opened = db;
    return SQLITE_OK;
}

/* The plan has no such step. */
static void plan_lacks(const char *statement, const char *step)
{
    sqlite3_stmt *plan;
    char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", statement);
    cr_assert_eq(sqlite3_prepare_v2(opened, text, -1, &plan, NULL), SQLITE_OK);
    int rows = 0;
    for (; sqlite3_step(plan) == SQLITE_ROW; rows++)
        cr_expect_not(strstr((const char *)sqlite3_column_text(plan, 3), step), "%s: %s",
                      (const char *)sqlite3_column_text(plan, 3), statement);
    cr_expect_gt(rows, 3);
    sqlite3_finalize(plan);
    sqlite3_free(text);
}

/* A list may have 200,000 records. They are sorted only by an order of the site's own, and the numbers of a person are
 * looked up only until there are as many chains as are wanted. The count looks up no person's. */
Test(lists_fetch, a_fetch_looks_at_no_more_persons_than_are_wanted)
{
    enum { RECORDS = 200, PORTION = 3, SORTED_STEPS = 150 * RECORDS, STEPS = 3000 * PORTION };
    static const char *const orders[] = {NULL, "number DESC", "due, number"};
    struct lists_world world;
    char csv[32 * RECORDS] = "number,due\n";
    if (getenv("GCX_PG_CONNINFO")) cr_skip_test("the plans are those of SQLite");
    for (int i = 0; i < RECORDS; i++) sprintf(csv + strlen(csv), "030 1%06d,%s\n", i, i < 2 ? "2026-03-02 08:00" : "");
    cr_assert_eq(sqlite3_auto_extension((void (*)(void))keep_opened), SQLITE_OK);
    session_begins(&world, csv);
    sqlite3 *own = opened;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        int takes = 0, counts = 0;
        struct text seen = {0};
        struct lists_counts counted;
        struct lists_selection *selection = lists_select(world.lists, world.list, NULL, orders[i], &world.error);
        struct lists_portion portion = {.selection = selection,
                                        .session = "one",
                                        .campaign = "c",
                                        .ref = 70 + (int)i,
                                        .count = PORTION,
                                        .terms = {.of_day = 3, .of_week = 5},
                                        .now = world.now};
        GOOD(lists_fetch(world.lists, &portion, numbers, &seen, &world.error));
        GOOD(lists_count(world.lists, &portion, 5 * minute, &counted, &world.error));
        opened = own;
        for (sqlite3_stmt *each = NULL; (each = sqlite3_next_stmt(own, each));) {
            const char *text = sqlite3_sql(each);
            int steps = sqlite3_stmt_status(each, SQLITE_STMTSTATUS_VM_STEP, 0);
            if (strstr(text, "WITH t AS")) {
                takes++;
                cr_expect_lt(steps, i == 2 ? SORTED_STEPS : STEPS, "%d steps: %s", steps, text);
                if (!orders[i]) plan_lacks(text, "FOR ORDER BY"), plan_lacks(text, "PART OF ORDER BY");
                plan_lacks(text, "SCAN k");
            } else if (strstr(text, "LIMIT 10000")) {
                counts++;
                plan_lacks(text, "UNION"); /* of which a person's numbers are made */
                plan_lacks(text, "SCAN k");
            }
        }
        cr_expect(takes == (i == 2 ? 1 : 3) && counts == 1, "%d %d", takes, counts);
        lists_select_end(selection);
    }
    sqlite3_reset_auto_extension();
    world_free(&world);
}

Test(lists_fetch, a_portion_that_is_asked_for_again_is_the_same)
{
    struct lists_world world;
    struct text first = {0}, second = {0};
    session_begins(&world, "number\n030 1000001\n030 1000002\n030 1000003\n");
    struct lists_selection *selection = lists_select(world.lists, world.list, NULL, "number DESC", &world.error);
    struct lists_portion portion = {
        .selection = selection, .session = "one", .campaign = "c", .ref = 7, .count = 2, .now = world.now};
    GOOD(lists_fetch(world.lists, &portion, numbers, &first, &world.error));
    GOOD(lists_fetch(world.lists, &portion, numbers, &second, &world.error));
    cr_expect_str_eq(first.bytes, "+49301000003 +49301000002 ");
    cr_expect_str_eq(second.bytes, first.bytes);
    lists_select_end(selection);
    world_free(&world);
}

Test(lists_fetch, two_sessions_never_have_the_same_chain)
{
    struct lists_world world;
    struct text seen[2] = {0};
    session_begins(&world, "number\n030 1000001\n030 1000002\n030 1000003\n030 1000004\n030 1000005\n");
    struct lists *other = world_opened(&world);
    for (int i = 0; i < 3; i++) {
        strcat(seen[0].bytes, world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 1));
        strcat(seen[1].bytes, world_fetch(&world, other, "two", NULL, NULL, NULL, 1));
    }
    cr_expect_str_eq(seen[0].bytes, "*1000001:retrieved*1000003:retrieved*1000005:retrieved");
    cr_expect_str_eq(seen[1].bytes, "*1000002:retrieved*1000004:retrieved");
    lists_close(other);
    world_free(&world);
}

static void count_one(void *self, const struct lists_record *record)
{
    (void)record;
    ++*(int *)self;
}

/* A dialer of its own, which fetches until nothing is left; it says how many records it was shown. */
static void dialer(struct lists_world *world, int number, int to)
{
    char session[16];
    int count = 0;
    snprintf(session, sizeof session, "s%d", number);
    struct lists *lists = world_opened(world);
    struct lists_selection *selection = lists_select(lists, world->list, NULL, NULL, &world->error);
    struct lists_portion portion = {
        .selection = selection, .session = session, .campaign = "c", .count = 7, .now = world->now};
    for (int before = -1; count != before;) {
        before = count;
        portion.ref++;
        if (!lists_fetch(lists, &portion, count_one, &count, &world->error)) abort();
    }
    lists_select_end(selection);
    lists_close(lists);
    if (write(to, &count, sizeof count) != sizeof count) abort();
    _exit(0);
}

Test(lists_fetch, processes_at_once_share_a_list_and_no_chain)
{
    enum { DIALERS = 3, RECORDS = 200 };
    struct lists_world world;
    char csv[8192] = "number\n";
    int pipes[2], total = 0, count;
    for (int i = 0; i < RECORDS; i++) sprintf(csv + strlen(csv), "030 1%06d\n", i);
    session_begins(&world, csv);
    cr_assert_eq(pipe(pipes), 0);
    for (int i = 0; i < DIALERS; i++)
        if (fork() == 0) dialer(&world, i, pipes[1]);
    for (int i = 0; i < DIALERS; i++) {
        int status;
        cr_assert_eq(read(pipes[0], &count, sizeof count), sizeof count);
        total += count;
        wait(&status);
        cr_expect_eq(status, 0);
    }
    const char *at = world_fetch(&world, world.lists, "rest", NULL, NULL, NULL, RECORDS);
    while ((at = strchr(at, '*'))) at++, total++; /* those that were locked when somebody looked last */
    cr_expect_eq(total, RECORDS);
    cr_expect_str_eq(world_asks(&world, "select count(*) from chains where owner is not null"), "200");
    close(pipes[0]);
    close(pipes[1]);
    world_free(&world);
}

Test(lists_fetch, windows_are_those_of_the_zone_over_midnight_and_changes_of_the_clocks)
{
    static const struct {
        const char *utc, *wanted;
    } cases[] = {
        {"2026-03-02 07:59", "*1000003"},          /* 8:59 in Berlin, 2:59 in New York, 13:29 in Kolkata */
        {"2026-03-02 08:00", "*1000001|*1000003"}, /* 9:00 in Berlin */
        {"2026-03-02 19:00", ""},                  /* 20:00 in Berlin, 14:00 in New York, 0:30 in Kolkata */
        {"2026-03-03 04:00", "*1000002|*1000003"}, /* 23:00 in New York, 9:30 in Kolkata */
        {"2026-03-03 06:59", "*1000002|*1000003"}, /* 1:59 in New York */
        {"2026-03-03 07:00", "*1000003"},          /* 2:00 in New York, whose window is over */
        {"2026-03-08 06:30", "*1000002|*1000003"}, /* 1:30, half an hour before the clocks of New York skip 2:00 */
        {"2026-03-08 07:00", "*1000003"},          /* 3:00 */
        {"2026-03-29 00:59", ""},                  /* 1:59 in Berlin */
        {"2026-03-29 07:00", "*1000001|*1000003"}, /* 9:00 in Berlin, an hour earlier than before */
        {"2026-10-25 07:59", "*1000003"},          /* 8:59 in Berlin */
        {"2026-10-25 01:30", ""},                  /* the hour that comes twice */
        {"2026-11-01 05:30", "*1000002|*1000003"}, /* 1:30 in New York */
        {"2026-11-01 06:30", "*1000002|*1000003"}, /* 1:30 again: the window is an hour longer */
        {"2026-11-01 07:00", "*1000003"},
    };
    struct lists_world world;
    session_begins(&world, "number,zone,day_from,day_till\n030 1000001,,09:00,20:00\n"
                           "030 1000002,America/New_York,22:00,02:00\n030 1000003,Asia/Kolkata,09:30,18:00\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wanted[128] = "";
        struct lists_released released;
        for (const char *at = cases[i].wanted; *at; at += strcspn(at, "|") + (at[strcspn(at, "|")] == '|'))
            sprintf(wanted + strlen(wanted), "%s%.*s:retrieved", *wanted ? "|" : "", (int)strcspn(at, "|"), at);
        world.now = world_moment(cases[i].utc);
        cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9), wanted, "%s", cases[i].utc);
        for (int n = 1; n <= 3; n++) {
            char digits[24];
            int64_t version;
            snprintf(digits, sizeof digits, "100000%d", n);
            enum lists_answer given = lists_check(world.lists, world_record(&world, digits, &version), NULL,
                                                  &(struct lists_terms){0}, world.now, &world.error);
            cr_expect_eq(given, strstr(wanted, digits) ? LISTS_done : LISTS_window, "%s %s: %s", cases[i].utc, digits,
                         lists_answer_name(given));
        }
        GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    }
    world_free(&world);
}

Test(lists_fetch, two_windows_a_day_are_those_of_the_zone_of_each_record)
{
    static const struct {
        const char *utc, *wanted;
    } cases[] = {
        {"2026-03-03 07:59", ""},
        {"2026-03-03 08:00", "*1000001:retrieved"}, /* 9:00 in Berlin, and 3:00 in New York */
        {"2026-03-03 11:00", ""},
        {"2026-03-03 14:00", "*1000002:retrieved"}, /* 9:00 in New York */
        {"2026-03-03 16:00", "*1000001:retrieved|*1000002:retrieved"},
        {"2026-03-03 17:00", "*1000001:retrieved"},
        {"2026-03-03 19:00", ""},
        {"2026-03-03 22:00", "*1000002:retrieved"}, /* 17:00 in New York */
        {"2026-03-04 01:00", ""},
    };
    struct lists_world world;
    session_begins(&world, "number,zone,day_from,day_till,again_from,again_till\n"
                           "030 1000001,,09:00,12:00,17:00,20:00\n"
                           "030 1000002,America/New_York,09:00,12:00,17:00,20:00\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lists_released released;
        world.now = world_moment(cases[i].utc);
        cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9), cases[i].wanted, "%s",
                         cases[i].utc);
        for (int n = 1; n <= 2; n++) {
            char digits[24];
            int64_t version;
            snprintf(digits, sizeof digits, "100000%d", n);
            enum lists_answer given = lists_check(world.lists, world_record(&world, digits, &version), NULL,
                                                  &(struct lists_terms){0}, world.now, &world.error);
            cr_expect_eq(given, strstr(cases[i].wanted, digits) ? LISTS_done : LISTS_window, "%s %s", cases[i].utc,
                         digits);
        }
        GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    }
    world_free(&world);
}

Test(lists_fetch, who_is_on_the_do_not_call_list_or_has_not_agreed_is_left)
{
    struct lists_world world;
    session_begins(&world, "number,customer\n030 1000001,\n030 1000002,4711\n030 1000003,4712\n");
    struct lists_block block = {.value = span_of("+49301000001"), .since = world.now};
    struct lists_terms terms = {.consent = "offers"};
    int64_t version, record = world_record(&world, "1000001", &version);
    IS(lists_block(world.lists, &block, &world.error), done);
    IS(lists_check(world.lists, record, NULL, &terms, world.now, &world.error), do_not_call);
    block =
        (struct lists_block){.customer = true, .value = span_of("4711"), .since = world.now, .until = world.now + 5};
    IS(lists_block(world.lists, &block, &world.error), done);
    block = (struct lists_block){.tenant = "other", .value = span_of("+49301000003"), .since = 1};
    IS(lists_block(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &terms, 9), "", "there is no consent");
    block = (struct lists_block){.customer = true, .value = span_of("4712"), .purpose = span_of("offers"), .since = 1};
    IS(lists_consent(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &terms, 9), "*1000003:retrieved");
    FETCHED(9, "");
    world.now += 5; /* until then */
    FETCHED(9, "*1000002:retrieved");
    record = world_record(&world, "1000002", &version);
    IS(lists_check(world.lists, record, NULL, &terms, world.now, &world.error), consent);
    world_free(&world);
}

Test(lists_fetch, an_attempt_is_written_before_it_is_dialled_and_once)
{
    struct lists_world world;
    int64_t attempt;
    session_begins(&world, "number,chain\n030 1000001,a\n030 1000002,a\n030 1000003,\n");
    IS(session_dials(&world, "one", "1000001", &attempt), foreign);
    FETCHED(1, "*1000001:retrieved 1000002:retrieved");
    IS(session_dials(&world, "two", "1000001", &attempt), foreign);
    IS(session_dials(&world, "one", "1000002", &attempt), wrong);
    struct lists_dial again = {.session = "one", .campaign = "spring", .now = world.now};
    again.record = world_record(&world, "1000001", &again.revision);
    again.revision++;
    IS(lists_dial(world.lists, &again, &attempt, &world.error), done);
    cr_expect_eq(attempt, 1);
    IS(lists_dial(world.lists, &again, &attempt, &world.error), before);
    cr_expect_eq(attempt, 1);
    again.session = "two";
    IS(lists_dial(world.lists, &again, &attempt, &world.error), changed);
    IS(session_dials(&world, "one", "1000001", &attempt), dialled);
    again.record = 4711;
    IS(lists_dial(world.lists, &again, &attempt, &world.error), unknown);
    cr_expect_str_eq(world_asks(&world, "select n, campaign, session, number, begun, ended, result from attempts"),
                     "1|spring|one|+49301000001|1772452800000000||");
    world_free(&world);
}

Test(lists_fetch, the_last_check_is_at_the_moment_of_dialling)
{
    struct lists_world world;
    int64_t attempt;
    session_begins(&world, "number,day_till\n030 1000001,13:05\n");
    FETCHED(1, "*1000001:retrieved");
    world.now += 5 * minute;
    IS(session_dials(&world, "one", "1000001", &attempt), window);
    world.now -= 1;
    struct lists_block block = {.value = span_of("+49301000001"), .since = world.now};
    IS(lists_block(world.lists, &block, &world.error), done);
    IS(session_dials(&world, "one", "1000001", &attempt), do_not_call);
    IS(lists_unblock(world.lists, &block, &world.error), done);
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    world_free(&world);
}

/* Another number than the record's own: what is checked, counted and written down is that one. */
Test(lists_fetch, the_number_that_is_truly_dialled_is_checked_and_noted)
{
    struct lists_world world;
    int64_t attempt;
    session_begins(&world, "number,day_till\n030 1000001,\n030 1000002,13:05\n");
    FETCHED(1, "*1000001:retrieved");
    struct lists_dial other = {.session = "one", .campaign = "spring", .now = world.now, .number = "+49301000002"};
    other.record = world_record(&world, "1000001", &other.revision);
    other.revision++;
    other.now += 5 * minute;
    IS(lists_dial(world.lists, &other, &attempt, &world.error), window); /* its own hours */
    other.now = world.now;
    struct lists_block block = {.value = span_of("+49301000002"), .since = world.now};
    IS(lists_block(world.lists, &block, &world.error), done);
    IS(lists_dial(world.lists, &other, &attempt, &world.error), do_not_call);
    IS(lists_unblock(world.lists, &block, &world.error), done);
    FETCHED(1, "*1000002:retrieved");
    IS(lists_dial(world.lists, &other, &attempt, &world.error), done);
    cr_expect_str_eq(world_asks(&world, "select n, number from attempts"), "1|+49301000002");
    struct lists_terms once = {.of_day = 1};
    struct lists_dial own = {.session = "one", .campaign = "spring", .now = world.now, .terms = once};
    own.record = world_record(&world, "1000002", &own.revision);
    own.revision++;
    IS(lists_dial(world.lists, &own, &attempt, &world.error), limit);
    own.terms.of_day = 0;
    IS(lists_dial(world.lists, &own, &attempt, &world.error), engaged);
    world_free(&world);
}

/* Both the record's window and those of the number that is dialled, in whatever list of the tenant, have to be open. */
Test(lists_fetch, the_windows_of_record_and_number_hold)
{
    struct lists_world world;
    struct lists_terms any = {0};
    int64_t version;
    session_begins(&world, "number,day_from,day_till\n030 1000001,09:00,20:00\n030 1000002,00:00,24:00\n");
    int64_t record = world_record(&world, "1000001", &version);
    session_list(&world, "summer", "number,day_from,day_till\n030 1000003,15:00,16:00\n");
    IS(lists_check(world.lists, record, "+49301000003", &any, world.now, &world.error), window); /* it is 13:00 */
    world.now += 120 * minute;
    IS(lists_check(world.lists, record, "+49301000003", &any, world.now, &world.error), done);
    world.now += 60 * minute;
    IS(lists_check(world.lists, record, "+49301000003", &any, world.now, &world.error), window);
    IS(lists_check(world.lists, record, "+49301000002", &any, world.now, &world.error), done);
    world.now += 5 * 60 * minute; /* 21:00: not the record's */
    IS(lists_check(world.lists, record, "+49301000002", &any, world.now, &world.error), window);
    IS(lists_check(world.lists, record, NULL, &any, world.now, &world.error), window);
    world_free(&world);
}

/* A customer is one, however many blanks a file has around the name. */
Test(lists_fetch, blanks_around_the_name_of_a_customer_are_not_of_it)
{
    struct lists_world world;
    struct lists_forgotten told;
    session_begins(&world, "number,customer\n030 1000001,K1\n030 1000002,K1  \n030 1000003, K1\n030 1000004,\"  \"\n");
    struct lists_block block = {.customer = true, .value = span_of(" K1 "), .since = world.now};
    block.purpose = span_of("offers");
    IS(lists_block(world.lists, &block, &world.error), done);
    FETCHED(9, "*1000004:retrieved");
    block.value = span_of("K1");
    IS(lists_unblock(world.lists, &block, &world.error), done);
    block.value = span_of("K1 ");
    IS(lists_consent(world.lists, &block, &world.error), done);
    struct lists_terms offers = {.consent = "offers"};
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, &offers, 1), "*1000001:retrieved");
    GOOD(lists_forget(world.lists, span_of("K1"), NULL, world.now, &told, &world.error));
    cr_expect_eq(told.records, 2);
    cr_expect_eq(told.dialled, 1);
    world_free(&world);
}

Test(lists_fetch, what_a_dead_session_has_dialled_is_stale_for_a_pause_and_the_rest_is_ready)
{
    struct lists_world world;
    struct lists_released released;
    int64_t attempt;
    session_begins(&world, "number,chain\n030 1000001,a\n030 1000002,a\n030 1000003,\n030 1000004,b\n030 1000005,b\n");
    FETCHED(9, "*1000001:retrieved 1000002:retrieved|*1000003:retrieved|*1000004:retrieved 1000005:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    IS(session_dials(&world, "one", "1000004", &attempt), done);
    world_asks(&world, "update records set result = 'busy' where number = '+49301000004'");
    world_asks(&world, "update attempts set result = 'busy' where number = '+49301000004'");
    GOOD(lists_bury(world.lists, "one", world.now, 10 * minute, &released, &world.error));
    cr_expect(released.back == 2 && released.stale == 1 && released.closed == 1, "%d %d %d", (int)released.back,
              (int)released.stale, (int)released.closed);
    cr_expect_str_eq(world_asks(&world, "select status, result from records order by number"),
                     "ready|stale\nready|\nready|\nupdated|busy\nchain_updated|");
    cr_expect_str_eq(world_asks(&world, "select number, result from attempts where ended is not null order by number"),
                     "+49301000001|stale\n+49301000004|busy");
    IS(session_dials(&world, "one", "1000003", &attempt), foreign);
    cr_expect_str_eq(world_asks(&world, "select count(*) from sessions"), "0");
    world.now += 10 * minute - 1;
    FETCHED(9, "*1000003:retrieved");
    world.now += 1;
    FETCHED(9, "*1000001:retrieved 1000002:retrieved");
    world_free(&world);
}

Test(lists_fetch, what_was_fetched_for_another_campaign_is_not_dialled_for_the_one_before)
{
    struct lists_world world;
    struct lists_released released;
    int64_t attempt;
    session_begins(&world, "number\n030 1000001\n");
    FETCHED(1, "*1000001:retrieved");
    struct lists_dial late = {.session = "one", .campaign = "spring", .now = world.now};
    late.record = world_record(&world, "1000001", &late.revision);
    late.revision++;
    GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    FETCHED(1, "*1000001:retrieved");
    IS(lists_dial(world.lists, &late, &attempt, &world.error), changed);
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    late.revision++;
    IS(lists_dial(world.lists, &late, &attempt, &world.error), changed);
    world_free(&world);
}

Test(lists_fetch, an_unload_leaves_what_is_under_way_and_silence_is_told)
{
    struct lists_world world;
    struct lists_released released;
    int64_t attempt;
    char silent[64] = "";
    session_begins(&world, "number\n030 1000001\n030 1000002\n");
    FETCHED(9, "*1000001:retrieved|*1000002:retrieved");
    IS(session_dials(&world, "one", "1000001", &attempt), done);
    GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    cr_expect_eq(released.back, 1);
    cr_expect_str_eq(world_asks(&world,
                                "select r.number, r.status, c.owner from records r join chains c on c.id = r.chain"
                                " order by 1"),
                     "+49301000001|retrieved|one\n+49301000002|ready|");
    GOOD(lists_silent(world.lists, world.now, session_is_silent, silent, &world.error));
    cr_expect_str_eq(silent, "");
    GOOD(lists_silent(world.lists, world.now + 1, session_is_silent, silent, &world.error));
    cr_expect_str_eq(silent, "one");
    GOOD(lists_alive(world.lists, "one", world.now + 1, &world.error));
    silent[0] = '\0';
    GOOD(lists_silent(world.lists, world.now + 1, session_is_silent, silent, &world.error));
    cr_expect_str_eq(silent, "");
    world_free(&world);
}

Test(lists_fetch, filters_and_orders_are_as_they_say)
{
    static const struct {
        const char *filter, *order, *wanted;
    } cases[] = {
        {"balance > 100 and number_type = 'home'", "balance desc", "3 1"},
        {"balance >= 99.5 AND NOT (balance > 200)", "balance", "2 1"},
        {"balance < -1", NULL, "4"},
        {"number_type in ('home', 'it''s \\ odd')", "number DESC", "5 3 1"},
        {"number_type is null", "", "4"},
        {"number_type IS NOT NULL and number_type <> 'home'", "number", "2 5"},
        {"customer like 'A%'", "customer, number desc", "1 3"}, /* without regard to case */
        {"customer not like 'a\\_%'", "customer", "3 4"},
        {"lower(upper(customer)) = 'a_b' or length(customer) between 2 and 2", "number", "1 3 4"},
        {"coalesce(balance, 0) = 0 AND attempt = 0", NULL, "5"},
        {"due between '2026-03-02 00:00' and '2026-03-02 10:00'", NULL, "2"},
        {"due > '2026-03-02T07:59:59Z'", NULL, "2"},
        {"\n\tzone='Europe/Berlin'", "number_type, number desc", "2 3 1 5 4"},
    };
    struct lists_world world;
    session_begins(&world,
                   "number,number_type,customer,Saldo,due\n030 1000001,home,A_b,150,\n"
                   "030 1000002,mobile,,99.5,2026-03-02 09:00\n030 1000003,home,ax,1000,\n030 1000004,,zz,-20,\n"
                   "030 1000005,it's \\ odd,,,\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lists_released released;
        char got[64] = "";
        const char *text =
            world_fetch(&world, world.lists, "one", cases[i].filter, cases[i].order, &(struct lists_terms){0}, 9);
        for (const char *at = text; (at = strstr(at, "*100000")); at += 7)
            sprintf(got + strlen(got), "%s%c", *got ? " " : "", at[7]);
        cr_expect_str_eq(got, cases[i].wanted, "%s: %s", cases[i].filter, got);
        GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    }
    world_free(&world);
}

Test(lists_fetch, a_filter_that_says_anything_else_is_refused)
{
    static const char *const filters[] = {"number = 'a'; drop table records",
                                          "number = 'a' -- '",
                                          "/* */ number = 'a'",
                                          "1 = 1 union select 1",
                                          "exists (select 1 from records)",
                                          "number in (select number from records)",
                                          "number = \"number\"",
                                          "fields = 'x'",
                                          "password = 'x'",
                                          "balance = '1'",
                                          "number = 1",
                                          "number like 5",
                                          "attempt like 'x'",
                                          "number like 'x\\'",
                                          "lower(5) = 'a'",
                                          "lower(number, number) = 'a'",
                                          "random() = 1",
                                          "load_extension('x') = 1",
                                          "number",
                                          "number =",
                                          "= number",
                                          "(number = 'a'",
                                          "number = 'a')",
                                          "number = 'a",
                                          "number = 'a' number = 'b'",
                                          "due = 'soon'",
                                          "due = 5",
                                          "attempt = 1234567890123456",
                                          "attempt = 1e5",
                                          "attempt = 1.",
                                          "attempt = $1",
                                          "attempt = ?",
                                          "attempt = :a",
                                          "attempt + 1 = 2",
                                          "number = null",
                                          "number is 'a'",
                                          "number in ()",
                                          "number between 'a'",
                                          "k.number = 'a'",
                                          "number::text = 'a'",
                                          "number = E'a'",
                                          "number = 'a' collate nocase",
                                          "number = 'a\xff'",
                                          "not",
                                          "and",
                                          "((((((((((((((((((((((((((((((((((((number = 'a'",
                                          ")"};
    static const char *const orders[] = {"number;",  "1",      "number desc, ", "lower(number)",      "number asc desc",
                                         "random()", "colour", "(number)",      "number nulls first", ","};
    struct lists_world world;
    world_new(&world);
    GOOD(lists_field(world.lists, world.list, "balance", true, &world.error));
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        cr_expect_not(lists_select(world.lists, world.list, filters[i], NULL, &world.error), "%s", filters[i]);
        cr_expect_eq(world.error.code, ERROR_INPUT, "%s: %s", filters[i], world.error.text);
    }
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        cr_expect_not(lists_select(world.lists, world.list, NULL, orders[i], &world.error), "%s", orders[i]);
    for (int i = 0; i < 300; i++) /* statements are forgotten with their selection */
        cr_expect_str_eq(world_fetch(&world, world.lists, "one", "attempt = 0", NULL, NULL, 1), "");
    world_free(&world);
}
