/* tests/unit/lists_fetch.c - Who is fetched and dialled: by filter and order, in the daily window of the zone, within
 * the limits, once, and by one session only, whatever becomes of it. */
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/out.h"
#include "tests/unit/lists_world.h"

TestSuite(lists_fetch, .timeout = 120);

static const int64_t minute = INT64_C(60000000);

static void begin(struct lists_world *world, const char *csv)
{
    world_new(world);
    cr_assert(world_import(world, csv), "%s", world->error.text);
    cr_assert_str_eq(world->said, "");
}

#define FETCHED(count, wanted)                                                                                         \
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, NULL, count), wanted)

Test(lists_fetch, chains_come_whole_and_once_the_promised_ones_first)
{
    struct lists_world world;
    begin(&world, "number,chain,n,due\n"
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

static enum lists_answer dial(struct lists_world *world, const char *session, const char *digits, int64_t *attempt)
{
    struct lists_dial dial = {.session = session, .campaign = "spring", .now = world->now};
    dial.record = world_record(world, digits, &dial.revision);
    dial.revision++;
    return lists_dial(world->lists, &dial, attempt, &world->error);
}

/* The record's attempt is over so. */
static enum lists_answer ends(struct lists_world *world, const char *digits, enum cause result, int64_t due)
{
    struct lists_change over = {
        .op = LISTS_OP_retry, .session = "one", .now = world->now, .result = result, .due = due};
    over.record = world_record(world, digits, &over.revision);
    over.revision++;
    return lists_change(world->lists, &over, &world->error);
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
    begin(&world, "number,due,agent\n030 1000001,,\n030 1000002,,\n030 1000003,2026-03-02 08:00,\n"
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
    begin(&world, "number,due\n030 1000001,\n030 1000002,\n030 1000003,2026-03-02 08:00\n030 1000004,2026-03-02 12:58\n"
                  "030 1000005,2026-03-02 14:00\n");
    struct lists_selection *selection = lists_select(world.lists, world.list, NULL, NULL, &world.error);
    struct lists_portion portion = {
        .selection = selection, .session = "one", .campaign = "spring", .terms = {.in_all = 1}, .now = world.now};
    GOOD(lists_count(world.lists, &portion, 5 * minute, &counts, &world.error));
    cr_expect(counts.left == 5 && counts.due == 2 && counts.overdue == 1 && counts.exhausted == 0, "%d %d %d %d",
              (int)counts.left, (int)counts.due, (int)counts.overdue, (int)counts.exhausted);
    FETCHED(3, "*1000003:retrieved|*1000004:retrieved|*1000001:retrieved");
    IS(dial(&world, "one", "1000004", &attempt), done);
    IS(ends(&world, "1000004", cause_busy, world.now), done);
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
    begin(&world, csv);
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
    begin(&world, "number\n030 1000001\n030 1000002\n030 1000003\n");
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
    begin(&world, "number\n030 1000001\n030 1000002\n030 1000003\n030 1000004\n030 1000005\n");
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
    begin(&world, csv);
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
    begin(&world, "number,zone,day_from,day_till\n030 1000001,,09:00,20:00\n"
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

Test(lists_fetch, who_is_on_the_do_not_call_list_or_has_not_agreed_is_left)
{
    struct lists_world world;
    begin(&world, "number,customer\n030 1000001,\n030 1000002,4711\n030 1000003,4712\n");
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

Test(lists_fetch, a_blocked_customer_is_called_by_no_number_of_theirs_in_any_list)
{
    struct lists_world world;
    begin(&world, "number,chain,customer\n030 1000001,a,4711\n030 1000002,a,4711\n030 1000005,,4713\n");
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

Test(lists_fetch, an_attempt_is_written_before_it_is_dialled_and_once)
{
    struct lists_world world;
    int64_t attempt;
    begin(&world, "number,chain\n030 1000001,a\n030 1000002,a\n030 1000003,\n");
    IS(dial(&world, "one", "1000001", &attempt), foreign);
    FETCHED(1, "*1000001:retrieved 1000002:retrieved");
    IS(dial(&world, "two", "1000001", &attempt), foreign);
    IS(dial(&world, "one", "1000002", &attempt), wrong);
    struct lists_dial again = {.session = "one", .campaign = "spring", .now = world.now};
    again.record = world_record(&world, "1000001", &again.revision);
    again.revision++;
    IS(lists_dial(world.lists, &again, &attempt, &world.error), done);
    cr_expect_eq(attempt, 1);
    IS(lists_dial(world.lists, &again, &attempt, &world.error), before);
    cr_expect_eq(attempt, 1);
    again.session = "two";
    IS(lists_dial(world.lists, &again, &attempt, &world.error), changed);
    IS(dial(&world, "one", "1000001", &attempt), dialled);
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
    begin(&world, "number,day_till\n030 1000001,13:05\n");
    FETCHED(1, "*1000001:retrieved");
    world.now += 5 * minute;
    IS(dial(&world, "one", "1000001", &attempt), window);
    world.now -= 1;
    struct lists_block block = {.value = span_of("+49301000001"), .since = world.now};
    IS(lists_block(world.lists, &block, &world.error), done);
    IS(dial(&world, "one", "1000001", &attempt), do_not_call);
    IS(lists_unblock(world.lists, &block, &world.error), done);
    IS(dial(&world, "one", "1000001", &attempt), done);
    world_free(&world);
}

/* Another number than the record's own: what is checked, counted and written down is that one. */
Test(lists_fetch, the_number_that_is_truly_dialled_is_checked_and_noted)
{
    struct lists_world world;
    int64_t attempt;
    begin(&world, "number,day_till\n030 1000001,\n030 1000002,13:05\n");
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

/* One more list of the tenant with these records; its number is world.list from then on. */
static int64_t list_of(struct lists_world *world, const char *name, const char *csv)
{
    cr_assert(lists_make(world->lists, NULL, name, world->now, &world->list, &world->error));
    cr_assert(world_import(world, csv), "%s", world->error.text);
    return world->list;
}

/* Both the record's window and those of the number that is dialled, in whatever list of the tenant, have to be open. */
Test(lists_fetch, the_windows_of_record_and_number_hold)
{
    struct lists_world world;
    struct lists_terms any = {0};
    int64_t version;
    begin(&world, "number,day_from,day_till\n030 1000001,09:00,20:00\n030 1000002,00:00,24:00\n");
    int64_t record = world_record(&world, "1000001", &version);
    list_of(&world, "summer", "number,day_from,day_till\n030 1000003,15:00,16:00\n");
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
    begin(&world, "number,customer\n030 1000001,K1\n030 1000002,K1  \n030 1000003, K1\n030 1000004,\"  \"\n");
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
    begin(&world, "number,chain\n030 1000001,a\n030 1000002,a\n030 1000003,\n030 1000004,b\n030 1000005,b\n");
    FETCHED(9, "*1000001:retrieved 1000002:retrieved|*1000003:retrieved|*1000004:retrieved 1000005:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
    IS(dial(&world, "one", "1000004", &attempt), done);
    world_asks(&world, "update records set result = 'busy' where number = '+49301000004'");
    world_asks(&world, "update attempts set result = 'busy' where number = '+49301000004'");
    GOOD(lists_bury(world.lists, "one", world.now, 10 * minute, &released, &world.error));
    cr_expect(released.back == 2 && released.stale == 1 && released.closed == 1, "%d %d %d", (int)released.back,
              (int)released.stale, (int)released.closed);
    cr_expect_str_eq(world_asks(&world, "select status, result from records order by number"),
                     "ready|stale\nready|\nready|\nupdated|busy\nchain_updated|");
    cr_expect_str_eq(world_asks(&world, "select number, result from attempts where ended is not null order by number"),
                     "+49301000001|stale\n+49301000004|busy");
    IS(dial(&world, "one", "1000003", &attempt), foreign);
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
    begin(&world, "number\n030 1000001\n");
    FETCHED(1, "*1000001:retrieved");
    struct lists_dial late = {.session = "one", .campaign = "spring", .now = world.now};
    late.record = world_record(&world, "1000001", &late.revision);
    late.revision++;
    GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    FETCHED(1, "*1000001:retrieved");
    IS(lists_dial(world.lists, &late, &attempt, &world.error), changed);
    IS(dial(&world, "one", "1000001", &attempt), done);
    late.revision++;
    IS(lists_dial(world.lists, &late, &attempt, &world.error), changed);
    world_free(&world);
}

static void told(void *self, const char *session)
{
    strcat(self, session);
}

Test(lists_fetch, an_unload_leaves_what_is_under_way_and_silence_is_told)
{
    struct lists_world world;
    struct lists_released released;
    int64_t attempt;
    char silent[64] = "";
    begin(&world, "number\n030 1000001\n030 1000002\n");
    FETCHED(9, "*1000001:retrieved|*1000002:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
    GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    cr_expect_eq(released.back, 1);
    cr_expect_str_eq(world_asks(&world,
                                "select r.number, r.status, c.owner from records r join chains c on c.id = r.chain"
                                " order by 1"),
                     "+49301000001|retrieved|one\n+49301000002|ready|");
    GOOD(lists_silent(world.lists, world.now, told, silent, &world.error));
    cr_expect_str_eq(silent, "");
    GOOD(lists_silent(world.lists, world.now + 1, told, silent, &world.error));
    cr_expect_str_eq(silent, "one");
    GOOD(lists_alive(world.lists, "one", world.now + 1, &world.error));
    silent[0] = '\0';
    GOOD(lists_silent(world.lists, world.now + 1, told, silent, &world.error));
    cr_expect_str_eq(silent, "");
    world_free(&world);
}

/* Takes the number into one more list of the tenant, which is asked from then on. */
static void other_list(struct lists_world *world, const char *tenant, const char *name)
{
    cr_assert(lists_make(world->lists, tenant, name, world->now, &world->list, &world->error));
    cr_assert(world_import(world, "number\n030 1000001\n"), "%s", world->error.text);
}

Test(lists_fetch, a_number_of_two_lists_is_not_dialled_twice_at_once)
{
    struct lists_world world;
    int64_t attempt, version, record;
    begin(&world, "number\n030 1000001\n");
    FETCHED(9, "*1000001:retrieved");
    int64_t spring = world.list;
    other_list(&world, NULL, "summer");
    FETCHED(9, "*1000001:retrieved");
    int64_t summer = world.list;
    world.list = spring;
    IS(dial(&world, "one", "1000001", &attempt), done);
    struct lists_change over = {.op = LISTS_OP_retry, .session = "one", .now = world.now, .result = cause_busy};
    over.record = world_record(&world, "1000001", &over.revision);
    world.list = summer;
    record = world_record(&world, "1000001", &version);
    IS(lists_check(world.lists, record, NULL, &(struct lists_terms){0}, world.now, &world.error), engaged);
    IS(dial(&world, "one", "1000001", &attempt), engaged);
    cr_expect_str_eq(world_asks(&world, "select count(*) from attempts"), "1");
    other_list(&world, "neighbour", "summer"); /* another tenant's */
    FETCHED(9, "*1000001:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
    over.revision++, over.due = world.now + minute;
    IS(lists_change(world.lists, &over, &world.error), done);
    world.list = summer;
    IS(dial(&world, "one", "1000001", &attempt), rests);
    world.now += minute;
    IS(dial(&world, "one", "1000001", &attempt), done);
    world_free(&world);
}

/* Who has answered is on the telephone until the call is over, whatever became of the record: neither fetched nor
 * dialled by any number of theirs, and for another tenant at once. */
Test(lists_fetch, who_talks_is_engaged_though_the_record_is_closed)
{
    struct lists_world world;
    int64_t attempt;
    begin(&world, "number,customer\n030 1000001,4711\n");
    FETCHED(9, "*1000001:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
    struct lists_change over = {.op = LISTS_OP_retry, .session = "one", .now = world.now, .result = cause_ok};
    over.record = world_record(&world, "1000001", &over.revision);
    over.revision++, over.due = world.now + 1, over.talks = true;
    GOOD(lists_hung_up(world.lists, over.record, 1, world.now, &world.error)); /* no: the record is not closed */
    cr_expect_str_eq(world_asks(&world, "select count(*) from attempts where ended is null"), "1");
    int64_t spring = world.list;
    list_of(&world, "summer", "number,customer\n030 1000002,4711\n");
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
    int64_t summer = world.list = list_of(&world, "autumn", "number,customer\n030 1000003,4711\n");
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
    IS(dial(&world, "one", "1000001", &attempt), done);
    world.list = summer;
    IS(dial(&world, "one", "1000003", &attempt), engaged);
    world_free(&world);
}

/* The session was taken for dead while it hung, and the person rests for a short time only: then it says that nobody
 * came in time. Another session's word counts nothing. */
Test(lists_fetch, who_was_abandoned_rests_though_the_session_was_buried_meanwhile)
{
    struct lists_world world;
    struct lists_released released;
    int64_t attempt, version;
    begin(&world, "number\n030 1000001\n");
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
Test(lists_fetch, who_talked_when_the_session_died_rests)
{
    struct lists_world world;
    struct lists_released released;
    int64_t attempt;
    char silent[64] = "";
    begin(&world, "number\n030 1000001\n030 1000002\n");
    FETCHED(9, "*1000001:retrieved|*1000002:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
    struct lists_change over = {.op = LISTS_OP_retry, .session = "one", .now = world.now, .result = cause_ok};
    over.record = world_record(&world, "1000001", &over.revision);
    over.revision++, over.due = world.now + 1, over.talks = true;
    IS(lists_change(world.lists, &over, &world.error), done);
    GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    GOOD(lists_silent(world.lists, world.now + 1, told, silent, &world.error));
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

Test(lists_fetch, the_attempts_of_a_day_are_those_of_the_number_in_all_lists)
{
    struct lists_world world;
    int64_t attempt, version;
    struct lists_released released;
    struct lists_terms day = {.of_day = 1};
    begin(&world, "number\n030 1000001\n");
    FETCHED(9, "*1000001:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
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
Test(lists_fetch, who_was_abandoned_rests_by_all_numbers_in_all_lists)
{
    struct lists_world world;
    int64_t attempt, version;
    struct lists_terms none = {0};
    begin(&world, "number,customer\n030 1000001,4711\n");
    int64_t spring = world.list;
    int64_t summer = list_of(&world, "summer", "number,customer,chain\n030 1000002,4711,a\n030 1000004,4711,a\n");
    FETCHED(9, "*1000002:retrieved 1000004:retrieved");
    int64_t autumn = list_of(&world, "autumn",
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
    IS(dial(&world, "one", "1000002", &attempt), engaged);
    world.list = spring;
    IS(ends(&world, "1000001", cause_abandoned, world.now + minute), done);
    world.now += 72 * 60 * minute - 1;
    FETCHED(9, "");
    world.list = summer;
    IS(dial(&world, "one", "1000002", &attempt), rests);
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
    IS(dial(&world, "one", "1000002", &attempt), done);
    world_free(&world);
}

Test(lists_fetch, limits_consent_and_hours_are_the_persons)
{
    struct lists_world world;
    int64_t attempt, version;
    struct lists_terms day = {.of_day = 1}, week = {.of_week = 1}, all = {.in_all = 1}, offers = {.consent = "offers"};
    const struct lists_terms *const limits[] = {&day, &week, &all};
    struct lists_block consent = {.value = span_of("+49301000002"), .purpose = span_of("offers"), .since = 1};
    begin(&world, "number,customer\n030 1000001,4711\n");
    FETCHED(9, "*1000001:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
    IS(ends(&world, "1000001", cause_busy, world.now + minute), done);
    world_asks(&world, "delete from rests"); /* the limits alone are asked for */
    list_of(&world, "summer", "number,customer\n030 1000002,4711\n");
    int64_t record = world_record(&world, "1000002", &version);
    for (int days = 0; days <= 7; days++, world.now += 24 * 60 * minute)
        for (int at = 0; at < 3; at++) {
            bool over = days >= (int[]){1, 7, 8}[at];
            cr_expect_eq(lists_check(world.lists, record, NULL, limits[at], world.now, &world.error),
                         over ? LISTS_done : LISTS_limit, "%d %d", days, at);
            if (!over) cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, limits[at], 9), "");
        }
    world.now = world_moment("2026-03-02 12:00");
    list_of(&world, "autumn", "number,customer,chain\n030 1000009,4712,a\n030 1000001,4712,a\n");
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
    IS(dial(&world, "one", "1000002", &attempt), window);
    hours.from = hours.till = NULL;
    IS(lists_hours(world.lists, &hours, &world.error), done);
    IS(dial(&world, "one", "1000002", &attempt), done);
    hours.from = "25:00";
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
    cr_expect_str_eq(world_asks(world, "select version from gcx_lists"), "5");
    cr_assert(lists_find(world->lists, NULL, "spring", &world->list, &world->error), "%s", world->error.text);
}

/* 1000001 of customer 4711 was abandoned an hour ago in spring, and 1000003 was busy in summer. */
Test(lists_fetch, who_was_abandoned_before_version_3_rests_in_all_lists)
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
Test(lists_fetch, version_3_kept_the_longest_rest_and_the_others_are_found)
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
Test(lists_fetch, version_4_had_no_open_attempts_of_closed_records_and_blanks_in_names)
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

/* A supervisor has ended the rest of 1000001, and somebody has blocked a number in the words of a person's own. The
 * next change of version leaves both, though the attempt is there still. -1 stands for a version that is not of those
 * before. */
Test(lists_fetch, what_people_have_changed_since_outlives_the_next_version)
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
    cr_expect_str_eq(world_asks(&world, "select version from gcx_lists"), "5");
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
Test(lists_fetch, who_was_abandoned_rests_whatever_is_said_afterwards)
{
    struct lists_world world;
    int64_t attempt, ended, rest = 72 * 60 * minute;
    begin(&world, "number,customer\n030 1000001,4711\n030 1000002,4711\n030 1000003,4711\n");
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
    IS(dial(&world, "one", "1000002", &attempt), rests);
    GOOD(lists_unrest(world.lists, NULL, "+49301000003", world.now, &ended, &world.error) == LISTS_done);
    cr_expect_eq(ended, 2);
    IS(lists_unrest(world.lists, NULL, "+49301000003", world.now, &ended, &world.error), unknown);
    IS(dial(&world, "one", "1000002", &attempt), done);
    world_free(&world);
}

/* The call-back is asked for by the very change that tells of the abandoned call. */
Test(lists_fetch, a_call_back_waits_for_the_rest_that_begins_with_it)
{
    struct lists_world world;
    int64_t attempt, rest = 72 * 60 * minute;
    begin(&world, "number\n030 1000001\n");
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
Test(lists_fetch, a_longer_pause_does_not_hide_that_somebody_was_abandoned)
{
    struct lists_world world;
    int64_t attempt, day = 24 * 60 * minute;
    begin(&world, "number,customer\n030 1000001,4711\n030 1000002,4711\n");
    FETCHED(9, "*1000001:retrieved|*1000002:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
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
Test(lists_fetch, a_person_is_found_through_all_lists)
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
        begin(&world, csv);
        int64_t spring = world.list;
        snprintf(csv, sizeof csv, "number,customer,chain\n%s", ways[at].second);
        list_of(&world, "summer", csv);
        snprintf(csv, sizeof csv, "number,customer,chain\n%s", ways[at].asks);
        int64_t autumn = list_of(&world, "autumn", csv);
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
Test(lists_fetch, by_another_number_the_person_of_the_record_is_dialled)
{
    static const char other[] = "+49301000009";
    struct lists_world world;
    int64_t attempt;
    struct lists_terms none = {0}, day = {.of_day = 1};
    begin(&world, "number,customer,chain\n030 1000001,,a\n030 1000002,,a\n");
    int64_t spring = world.list, summer = list_of(&world, "summer", "number\n030 1000001\n");
    world.list = spring;
    FETCHED(9, "*1000001:retrieved 1000002:retrieved");
    world.list = summer;
    FETCHED(9, "*1000001:retrieved");
    struct lists_dial dials = {.session = "one", .campaign = "spring", .now = world.now, .number = other};
    dials.record = world_record(&world, "1000001", &dials.revision), dials.revision++;
    world.list = spring;
    IS(dial(&world, "one", "1000001", &attempt), done);
    IS(lists_dial(world.lists, &dials, &attempt, &world.error), engaged);
    IS(ends(&world, "1000001", cause_abandoned, world.now + minute), done);
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
Test(lists_fetch, a_person_is_found_through_some_numbers_and_not_all)
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
    begin(&world, lists[0].bytes);
    int64_t near = world_record(&world, "1000003", &version), far = world_record(&world, "1000200", &version);
    list_of(&world, "summer", lists[1].bytes);
    world_asks(&world, "insert into rests(tenant, number, why, until) values('', '+49301000000', 'abandoned', 9e15)");
    IS(lists_check(world.lists, near, NULL, &none, world.now, &world.error), rests);
    IS(lists_check(world.lists, far, NULL, &none, world.now, &world.error), done);
    bool cut = false;
    GOOD(lists_person_cut(world.lists, far, &cut, &world.error));
    cr_expect(cut, "and somebody may know that");
    list_of(&world, "autumn", "number,customer\n030 9000001,1\n030 9000002,1\n");
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
Test(lists_fetch, consent_is_taken_back_by_all_numbers)
{
    struct lists_world world;
    int64_t ended;
    struct lists_terms offers = {.consent = "offers"};
    const char *const given[] = {"+49301000001", "+49301000002", "4711", "+49301000003"};
    struct lists_block consent = {.purpose = span_of("offers"), .since = 1};
    begin(&world, "number,customer\n030 1000001,4711\n030 1000002,4711\n030 1000003,4712\n");
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
Test(lists_fetch, a_pause_between_tries_is_the_persons_and_puts_off_no_promise)
{
    struct lists_world world;
    int64_t attempt, version;
    struct lists_terms none = {0};
    begin(&world, "number,customer\n030 1000001,4711\n");
    int64_t spring = world.list;
    int64_t summer = list_of(&world, "summer", "number,customer\n030 1000001,4711\n030 1000002,4711\n");
    world.list = spring;
    FETCHED(9, "*1000001:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
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
    IS(dial(&world, "one", "1000002", &attempt), done);
    change.op = LISTS_OP_processed, change.result = cause_ok;
    change.record = world_record(&world, "1000002", &version), change.revision = version + 1;
    IS(lists_change(world.lists, &change, &world.error), done);
    world.now++;
    FETCHED(9, "*1000001:retrieved");
    world_free(&world);
}

/* The dialer dies while a person of two lists is called: the person rests in both. */
Test(lists_fetch, whose_call_has_an_unknown_end_rests_in_all_lists)
{
    struct lists_world world;
    int64_t attempt;
    struct lists_released released;
    begin(&world, "number,customer\n030 1000001,4711\n");
    FETCHED(9, "*1000001:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
    GOOD(lists_bury(world.lists, "one", world.now, 10 * minute, &released, &world.error));
    list_of(&world, "summer", "number,customer\n030 1000002,4711\n");
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9), "");
    world.now += 10 * minute;
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9), "*1000002:retrieved");
    world_free(&world);
}

Test(lists_fetch, limits_are_by_the_persons_own_day)
{
    struct lists_world world;
    int64_t attempt;
    struct lists_released released;
    begin(&world, "number,chain,zone\n030 1000001,a,Asia/Tokyo\n030 1000002,a,Asia/Tokyo\n");
    struct lists_terms day = {.of_day = 1}, chain = {.of_chain = 1}, all = {.in_all = 1};
    cr_assert_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, &day, 9),
                     "*1000001:retrieved 1000002:retrieved");
    IS(dial(&world, "one", "1000001", &attempt), done);
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
    begin(&world, "number,number_type,customer,Saldo,due\n030 1000001,home,A_b,150,\n"
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
