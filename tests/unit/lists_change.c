/* tests/unit/lists_change.c - What becomes of records: each change once, refused with its reason, and the history
 * whole. */
#include <stdlib.h>

#include "tests/unit/lists_world.h"

TestSuite(lists_change, .timeout = 120);

static const int64_t minute = INT64_C(60000000);

/* Two chains, a with two numbers of customer 4711, and a number by itself; session "one" has all of them. */
static void begin(struct lists_world *world)
{
    world_new(world);
    cr_assert(world_import(world, "number,chain,customer,day_from,day_till,Saldo\n030 1000001,a,4711,09:00,20:00,5\n"
                                  "030 1000002,a,,09:00,20:00,\n030 1000003,,,,,\n"));
    world_fetch(world, world->lists, "one", NULL, NULL, NULL, 9);
}

static enum lists_answer dial(struct lists_world *world, const char *digits)
{
    int64_t attempt;
    struct lists_dial dial = {.session = "one", .campaign = "spring", .now = world->now};
    dial.record = world_record(world, digits, &dial.revision);
    dial.revision++;
    return lists_dial(world->lists, &dial, &attempt, &world->error);
}

/* The change, of session "one" where it says none, and of the next revision. */
static enum lists_answer change(struct lists_world *world, const char *digits, struct lists_change change)
{
    int64_t version;
    change.record = world_record(world, digits, &version);
    change.revision = version + 1;
    if (!change.session) change.session = "one";
    if (change.now == 0) change.now = world->now;
    return lists_change(world->lists, &change, &world->error);
}

#define CHANGE(digits, wanted, ...) IS(change(&world, digits, (struct lists_change){__VA_ARGS__}), wanted)
#define STATES(wanted)                                                                                                 \
    cr_expect_str_eq(world_asks(&world, "select r.status, r.result, c.owner from records r join chains c"              \
                                        " on c.id = r.chain order by r.number"),                                       \
                     wanted)
#define HISTORY(wanted)                                                                                                \
    cr_expect_str_eq(world_asks(&world,                                                                                \
                                "select substr(number, 12), n, result, agent, ixn, ended - begun from attempts"        \
                                " order by begun, number"),                                                            \
                     wanted)

Test(lists_change, updates_are_as_many_as_one_likes_and_processed_closes_the_chain)
{
    struct lists_world world;
    begin(&world);
    struct lists_text fields[] = {{"balance", span_of("-7.25")}};
    IS(dial(&world, "1000001"), done);
    HISTORY("1|1||||");
    CHANGE("1000001", done, .op = LISTS_OP_update, .result = cause_ok, .agent = "ann", .ixn = "x1");
    CHANGE("1000001", done, .op = LISTS_OP_update, .result = cause_wrong_number, .fields = fields, .field_count = 1);
    STATES("retrieved|wrong_number|one\nretrieved||one\nretrieved||one");
    HISTORY("1|1|wrong_number|ann|x1|");
    world.now += minute;
    CHANGE("1000001", done, .op = LISTS_OP_processed);
    STATES("updated|wrong_number|\nchain_updated||\nretrieved||one");
    HISTORY("1|1|wrong_number|ann|x1|60000000");
    CHANGE("1000001", closed, .op = LISTS_OP_processed);
    CHANGE("1000001", closed, .op = LISTS_OP_update, .result = cause_busy);
    cr_expect(strstr(world_asks(&world, "select fields from records where number = '+49301000001'"), "-7.25"));
    world_free(&world);
}

Test(lists_change, the_same_revision_again_changes_nothing)
{
    struct lists_world world;
    int64_t version;
    begin(&world);
    struct lists_change change = {.op = LISTS_OP_retry, .session = "one", .now = world.now, .result = cause_busy};
    change.record = world_record(&world, "1000003", &version);
    change.revision = version + 1;
    change.due = world.now + minute;
    IS(lists_change(world.lists, &change, &world.error), done);
    IS(lists_change(world.lists, &change, &world.error), before);
    change.op = LISTS_OP_processed;
    IS(lists_change(world.lists, &change, &world.error), before);
    change.session = "two";
    IS(lists_change(world.lists, &change, &world.error), changed);
    change.session = "one", change.revision = version + 2;
    IS(lists_change(world.lists, &change, &world.error), foreign);
    change.record = 4711;
    IS(lists_change(world.lists, &change, &world.error), unknown);
    STATES("retrieved||one\nretrieved||one\nready|busy|");
    world_free(&world);
}

Test(lists_change, a_newer_revision_stands_for_one_that_was_lost)
{
    struct lists_world world;
    int64_t version, now;
    begin(&world);
    struct lists_change change = {.op = LISTS_OP_update, .session = "one", .now = world.now, .result = cause_busy};
    change.record = world_record(&world, "1000003", &version);
    change.revision = version + 3;
    IS(lists_change(world.lists, &change, &world.error), done);
    world_record(&world, "1000003", &now);
    cr_expect_eq(now, version + 3);
    change.revision = version + 2, change.result = cause_machine; /* it comes late */
    IS(lists_change(world.lists, &change, &world.error), before);
    STATES("retrieved||one\nretrieved||one\nretrieved|busy|one");
    world_free(&world);
}

Test(lists_change, a_retry_is_of_the_same_number_and_the_chain_waits_for_it)
{
    struct lists_world world;
    begin(&world);
    IS(dial(&world, "1000001"), done);
    CHANGE("1000001", wrong, .op = LISTS_OP_retry, .result = cause_busy);
    CHANGE("1000001", done, .op = LISTS_OP_retry, .result = cause_busy, .due = world.now + 30 * minute,
           .treatment = "busy@1");
    STATES("ready|busy|\nready||\nretrieved||one");
    HISTORY("1|1|busy|||0");
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9), "");
    world.now += 30 * minute;
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9),
                     "*1000001:retrieved 1000002:retrieved");
    world_free(&world);
}

Test(lists_change, the_next_number_of_the_chain_is_dialled_at_once_or_later)
{
    struct lists_world world;
    begin(&world);
    IS(dial(&world, "1000001"), done);
    CHANGE("1000001", done, .op = LISTS_OP_next, .result = cause_no_answer);
    STATES("updated|no_answer|one\nretrieved||one\nretrieved||one");
    IS(dial(&world, "1000002"), done);
    CHANGE("1000002", done, .op = LISTS_OP_next, .result = cause_busy);
    STATES("updated|no_answer|\nupdated|busy|\nretrieved||one");
    world_free(&world);
    begin(&world);
    CHANGE("1000001", done, .op = LISTS_OP_next, .due = world.now + minute);
    STATES("updated||\nready||\nretrieved||one");
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9), "");
    world.now += minute;
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9),
                     "1000001:updated *1000002:retrieved");
    world_free(&world);
}

Test(lists_change, call_backs_are_of_an_agent_or_of_anybody)
{
    struct lists_world world;
    begin(&world);
    CHANGE("1000001", wrong, .op = LISTS_OP_reschedule);
    CHANGE("1000001", wrong, .op = LISTS_OP_reschedule, .due = world.now + minute, .callback = callback_type_personal);
    CHANGE("1000001", done, .op = LISTS_OP_reschedule, .due = world_moment("2026-03-29 07:00"), .agent = "ann",
           .callback = callback_type_personal);
    CHANGE("1000003", done, .op = LISTS_OP_reschedule, .due = world.now + minute, .callback = callback_type_campaign);
    cr_expect_str_eq(world_asks(&world, "select status, type, agent, due from records order by number"),
                     "ready|personal_rescheduled|ann|1774767600000000\nready|general||0\n"
                     "ready|campaign_rescheduled||1772452860000000");
    world_free(&world);
}

/* When the call-back of a record with the window, in Berlin, is due that somebody wants at `wanted`. */
static int64_t put_off_to(int64_t from, int64_t till, int64_t again, int64_t again_till, const char *wanted)
{
    struct lists_world world;
    char window[160];
    begin(&world);
    snprintf(window, sizeof window,
             "update records set day_from = %d, day_till = %d, again_from = nullif(%d, 0),"
             " again_till = nullif(%d, 0)",
             (int)from, (int)till, (int)again, (int)again_till);
    world_asks(&world, window);
    CHANGE("1000001", done, .op = LISTS_OP_reschedule, .due = world_moment(wanted));
    int64_t due = strtoll(world_asks(&world, "select due from records where number like '%1'"), NULL, 10);
    world_free(&world);
    return due;
}

static int64_t put_off(int64_t from, int64_t till, const char *wanted)
{
    return put_off_to(from, till, 0, 0, wanted);
}

Test(lists_change, a_call_back_outside_of_both_windows_is_put_off_to_the_one_that_opens_next)
{
    const int64_t hour = 3600;
    static const struct {
        const char *wanted, *due;
    } cases[] = {{"2026-03-03 07:59", "2026-03-03 08:00"}, {"2026-03-03 10:59", "2026-03-03 10:59"},
                 {"2026-03-03 11:00", "2026-03-03 16:00"}, {"2026-03-03 18:59", "2026-03-03 18:59"},
                 {"2026-03-03 19:00", "2026-03-04 08:00"}, {"2026-03-28 22:30", "2026-03-29 07:00"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t due = world_moment(cases[i].due);
        cr_expect_eq(put_off_to(9 * hour, 12 * hour, 17 * hour, 20 * hour, cases[i].wanted), due, "%s",
                     cases[i].wanted);
        cr_expect_eq(put_off_to(17 * hour, 20 * hour, 9 * hour, 12 * hour, cases[i].wanted), due, "%s",
                     cases[i].wanted);
    }
    /* the first is skipped by the clocks on that day; each alone is as if it were the only one */
    cr_expect_eq(put_off_to(2 * hour, 3 * hour, 17 * hour, 18 * hour, "2026-03-28 20:00"),
                 world_moment("2026-03-29 15:00"));
    cr_expect_eq(put_off_to(9 * hour, 10 * hour, 22 * hour, hour, "2026-03-03 23:30"),
                 world_moment("2026-03-03 23:30"));
}

Test(lists_change, a_call_back_outside_of_the_window_is_put_off_to_its_next_opening)
{
    const int64_t hour = 3600;
    cr_expect_eq(put_off(9 * hour, 20 * hour, "2026-03-03 18:59"), world_moment("2026-03-03 18:59"));
    cr_expect_eq(put_off(9 * hour, 20 * hour, "2026-03-03 19:00"), world_moment("2026-03-04 08:00"));
    cr_expect_eq(put_off(9 * hour, 20 * hour, "2026-03-03 07:59"), world_moment("2026-03-03 08:00"));
    cr_expect_eq(put_off(9 * hour, 20 * hour, "2026-03-28 22:30"), world_moment("2026-03-29 07:00")); /* summer */
    cr_expect_eq(put_off(2 * hour, 3 * hour, "2026-03-28 20:00"), world_moment("2026-03-30 00:00"));  /* skipped */
    cr_expect_eq(put_off(hour, 4 * hour, "2026-10-24 20:00"), world_moment("2026-10-24 23:00"));
    cr_expect_eq(put_off(22 * hour, hour, "2026-03-03 00:00"), world_moment("2026-03-03 21:00")); /* over midnight */
}

Test(lists_change, a_call_back_whose_time_has_passed_meanwhile_is_due_now)
{
    struct lists_world world;
    begin(&world);
    CHANGE("1000001", done, .op = LISTS_OP_reschedule, .due = world.now - 1);
    int64_t due = strtoll(world_asks(&world, "select due from records where number like '%1'"), NULL, 10);
    cr_expect_eq(due, world.now);
    world_free(&world);
}

Test(lists_change, a_call_back_that_can_never_be_is_refused)
{
    struct lists_world world;
    begin(&world);
    CHANGE("1000001", window, .op = LISTS_OP_reschedule, .due = INT64_MAX);
    world_asks(&world, "update records set zone = 'Mars/Olympus'");
    CHANGE("1000001", window, .op = LISTS_OP_reschedule, .due = world.now + minute);
    cr_expect(strstr(world.error.text, "Mars/Olympus"), "%s", world.error.text);
    world_free(&world);
}

Test(lists_change, what_is_given_back_is_as_it_was_unless_it_was_dialled)
{
    struct lists_world world;
    begin(&world);
    CHANGE("1000001", done, .op = LISTS_OP_reject);
    STATES("ready||\nready||\nretrieved||one");
    CHANGE("1000001", foreign, .op = LISTS_OP_reject);
    IS(dial(&world, "1000003"), done);
    CHANGE("1000003", dialled, .op = LISTS_OP_reject);
    CHANGE("1000003", foreign, .op = LISTS_OP_reject, .session = "two");
    STATES("ready||\nready||\nretrieved||one");
    world_free(&world);
}

Test(lists_change, an_attempt_that_was_not_made_is_not_in_the_history)
{
    struct lists_world world;
    begin(&world);
    IS(dial(&world, "1000003"), done);
    CHANGE("1000003", done, .op = LISTS_OP_retry, .result = cause_busy, .due = world.now + minute);
    world.now += minute;
    world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9);
    IS(dial(&world, "1000003"), done);
    CHANGE("1000003", done, .op = LISTS_OP_undial, .due = world.now + minute);
    HISTORY("3|1|busy|||0");
    cr_expect_str_eq(
        world_asks(&world, "select status, result, attempt, due, last_try, begun from records where number like '%3'"),
        "ready|busy|1|1772452920000000|1772452800000000|");
    world_free(&world);
}

/* The person of the number leaves the campaigns; how many records that are. */
static int64_t leaves(struct lists_world *world, const char *number, const char *list, const char *customer)
{
    const struct lists_cancel cancel = {
        .number = number, .list = list, .customer = customer, .by = "7.2", .why = "has paid", .now = world->now};
    int64_t records;
    enum lists_answer given = lists_cancel(world->lists, &cancel, &records, &world->error);
    cr_expect_eq(given, LISTS_done, "%s", world->error.text);
    return records;
}

Test(lists_change, who_has_settled_it_is_taken_out_though_a_session_has_the_record)
{
    struct lists_world world;
    int64_t version, record;
    struct lists_released released;
    begin(&world);
    cr_expect_eq(leaves(&world, "+49301000002", NULL, NULL), 2, "the chain has two numbers");
    cr_expect_eq(leaves(&world, "+49301000002", NULL, NULL), 0, "again");
    STATES("cancelled||\ncancelled||\nretrieved||one");
    cr_expect_str_eq(world_asks(&world, "select cancelled, cancelled_by, cancelled_why from records order by number"),
                     "1772452800000000|7.2|has paid\n1772452800000000|7.2|has paid\n||");
    record = world_record(&world, "1000001", &version);
    IS(lists_check(world.lists, record, NULL, &(struct lists_terms){0}, world.now, &world.error), cancelled);
    IS(dial(&world, "1000001"), cancelled);
    CHANGE("1000001", closed, .op = LISTS_OP_retry, .due = world.now + minute);
    CHANGE("1000001", closed, .op = LISTS_OP_reject);
    IS(dial(&world, "1000003"), done);
    cr_assert(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9), "");
    HISTORY("3|1||||");
    world_free(&world);
}

Test(lists_change, who_settles_it_while_the_first_call_rings_is_not_dialled_a_second_time)
{
    struct lists_world world;
    int64_t attempt;
    begin(&world);
    IS(dial(&world, "1000001"), done);
    cr_expect_eq(leaves(&world, "+49301000001", NULL, NULL), 2);
    struct lists_dial again = {.session = "one", .campaign = "spring", .now = world.now + minute, .ended = cause_busy};
    again.record = world_record(&world, "1000001", &again.revision);
    again.revision++;
    IS(lists_dial(world.lists, &again, &attempt, &world.error), cancelled);
    HISTORY("1|1|busy|||60000000");
    world_free(&world);
}

/* The telephone of 1000001 rings meanwhile: what becomes of the record afterwards. */
static const char *leaves_and(const struct lists_change *then)
{
    static char after[200];
    struct lists_world world;
    begin(&world);
    IS(dial(&world, "1000001"), done);
    cr_expect_eq(leaves(&world, "+49301000001", "spring", NULL), 2);
    STATES("retrieved||one\ncancelled||one\nretrieved||one");
    if (then) IS(change(&world, "1000001", *then), done);
    struct lists_released released;
    if (!then) cr_assert(lists_bury(world.lists, "one", world.now, 5 * minute, &released, &world.error));
    snprintf(after, sizeof after, "%s",
             world_asks(&world, "select r.status, r.result, c.owner, a.result, r.begun, r.cancelled_by from records r"
                                " join chains c on c.id = r.chain join attempts a on a.record = r.id"
                                " where r.number like '%1'"));
    world.now += 24 * 60 * minute;
    const char *again = world_fetch(&world, world.lists, "two", NULL, "due", NULL, 9);
    bool called = strstr(again, "1000001") != NULL;
    cr_expect_eq(called, then && then->op == LISTS_OP_reschedule, "%s", again);
    world_free(&world);
    return after;
}

Test(lists_change, what_is_dialled_while_its_person_settles_it_ends_as_cancelled)
{
    const int64_t noon = world_moment("2026-03-02 12:00");
    static const char *const busy = "cancelled|||busy||7.2";
    cr_expect_str_eq(
        leaves_and(&(struct lists_change){.op = LISTS_OP_retry, .result = cause_busy, .due = noon + minute}), busy);
    cr_expect_str_eq(leaves_and(&(struct lists_change){.op = LISTS_OP_next, .result = cause_busy}), busy);
    cr_expect_str_eq(leaves_and(&(struct lists_change){.op = LISTS_OP_processed, .result = cause_ok}),
                     "cancelled|||ok||7.2");
    cr_expect_str_eq(leaves_and(&(struct lists_change){.op = LISTS_OP_undial, .due = noon + minute}), "");
    cr_expect_str_eq(leaves_and(NULL), "cancelled|||stale||7.2");
    /* a call-back that is agreed with the person later is their newest word */
    cr_expect_str_eq(
        leaves_and(&(struct lists_change){.op = LISTS_OP_reschedule, .result = cause_ok, .due = noon + minute}),
        "ready|ok||ok||");
}

Test(lists_change, one_list_or_all_and_one_customer_of_those_who_share_a_number)
{
    struct lists_world world;
    const char *all = "select l.name, r.number, c.customer, r.status from records r join lists l on l.id = r.list"
                      " join chains c on c.id = r.chain order by r.id";
    world_new(&world);
    cr_assert(world_import(&world, "number,customer\n030 1000001,4711\n030 1000002,4711\n"));
    cr_assert(lists_make(world.lists, NULL, "summer", world.now, &world.list, &world.error));
    cr_assert(world_import(&world, "number,customer\n030 1000001,4712\n030 1000003,\n"));
    cr_expect_eq(leaves(&world, "+49301000001", "summer", "4711"), 0, "4712 has that record");
    cr_expect_eq(leaves(&world, "+49301000001", NULL, " 4711 "), 2);
    cr_expect_str_eq(world_asks(&world, all), "spring|+49301000001|4711|cancelled\nspring|+49301000002|4711|cancelled\n"
                                              "summer|+49301000001|4712|ready\nsummer|+49301000003||ready");
    cr_expect_eq(leaves(&world, "+49301000001", "winter", NULL), 0);
    cr_expect_eq(leaves(&world, "+49301000001", "summer", NULL), 1);
    cr_expect_eq(leaves(&world, "+49301000003", "", ""), 1);
    const struct lists_cancel odd = {.number = "0301000001", .now = world.now};
    int64_t records;
    IS(lists_cancel(world.lists, &odd, &records, &world.error), wrong);
    world_free(&world);
}

Test(lists_change, a_record_or_its_chain_is_cancelled)
{
    struct lists_world world;
    begin(&world);
    CHANGE("1000001", done, .op = LISTS_OP_cancel);
    STATES("cancelled||\nready||\nretrieved||one");
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9),
                     "1000001:cancelled *1000002:retrieved");
    world_free(&world);
    begin(&world);
    CHANGE("1000002", done, .op = LISTS_OP_cancel_chain);
    STATES("cancelled||\ncancelled||\nretrieved||one");
    world_free(&world);
}

Test(lists_change, do_not_call_is_of_a_number_a_customer_or_a_chain)
{
    struct lists_world world;
    begin(&world);
    CHANGE("1000003", wrong, .op = LISTS_OP_do_not_call, .scope = LISTS_customer);
    CHANGE("1000001", done, .op = LISTS_OP_do_not_call, .scope = LISTS_number, .reason = span_of("asked"));
    STATES("cancelled||\nready||\nretrieved||one");
    CHANGE("1000002", done, .op = LISTS_OP_do_not_call, .scope = LISTS_customer, .session = "two");
    STATES("cancelled||\nready||\nretrieved||one"); /* two does not have it: only the entry is made */
    cr_expect_str_eq(world_asks(&world, "select kind, value, reason from do_not_call order by value"),
                     "number|+49301000001|asked\ncustomer|4711|");
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9), "");
    world_free(&world);
    begin(&world);
    CHANGE("1000001", done, .op = LISTS_OP_do_not_call, .scope = LISTS_chain);
    cr_expect_str_eq(world_asks(&world, "select status, type from records order by number"),
                     "cancelled|no_call\ncancelled|no_call\nretrieved|general");
    cr_expect_str_eq(world_asks(&world, "select value from do_not_call order by value"), "+49301000001\n+49301000002");
    world_free(&world);
}

Test(lists_change, chains_go_on_past_numbers_that_are_not_called)
{
    struct lists_world world;
    struct lists_released released;
    int64_t count;
    begin(&world);
    GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    struct lists_block block = {.value = span_of("+49301000001"), .since = world.now};
    IS(lists_block(world.lists, &block, &world.error), done);
    block.value = span_of("+49301000003"), block.until = world.now + 1; /* not for ever */
    IS(lists_block(world.lists, &block, &world.error), done);
    GOOD(lists_sweep(world.lists, world.list, world.now, &count, &world.error));
    cr_expect_eq(count, 1);
    cr_expect_str_eq(world_fetch(&world, world.lists, "two", NULL, NULL, NULL, 9),
                     "1000001:cancelled *1000002:retrieved");
    world_free(&world);
}

Test(lists_change, a_number_that_is_blocked_again_stays_so_as_long_and_for_its_reason)
{
    struct lists_world world;
    struct lists_released released;
    int64_t count;
    const char *row = "select reason, since, until from do_not_call";
    world_new(&world);
    cr_assert(world_import(&world, "number\n030 1000001\n"));
    struct lists_block block = {.value = span_of("+49301000001"), .reason = span_of("asked"), .since = 10, .until = 20};
    IS(lists_block(world.lists, &block, &world.error), done);
    block.reason = span_of(""), block.until = 15; /* sooner */
    IS(lists_block(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_asks(&world, row), "asked|10|20");
    block.until = 30;
    IS(lists_block(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_asks(&world, row), "asked|10|30");
    block.until = 0, block.reason = span_of("a judge"), block.since = 12;
    IS(lists_block(world.lists, &block, &world.error), done);
    block.until = 40, block.reason = span_of("");
    IS(lists_block(world.lists, &block, &world.error), done);
    cr_expect_str_eq(world_asks(&world, row), "a judge|10|");
    world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9);
    CHANGE("1000001", done, .op = LISTS_OP_do_not_call, .scope = LISTS_chain, .until = 50);
    cr_expect_str_eq(world_asks(&world, row), "a judge|10|");
    GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    GOOD(lists_sweep(world.lists, world.list, world.now, &count, &world.error));
    cr_expect_str_eq(world_asks(&world, row), "a judge|10|");
    world_free(&world);
}

Test(lists_change, a_sweep_cancels_and_blocks_nothing_anew)
{
    struct lists_world world;
    int64_t count;
    world_new(&world);
    cr_assert(world_import(&world, "number\n030 1000001\n"));
    struct lists_block block = {.value = span_of("+49301000001"), .reason = span_of("asked"), .since = 10};
    IS(lists_block(world.lists, &block, &world.error), done);
    GOOD(lists_sweep(world.lists, world.list, world.now, &count, &world.error));
    cr_expect_eq(count, 1);
    cr_expect_str_eq(world_asks(&world, "select status, type from records"), "cancelled|no_call");
    cr_expect_str_eq(world_asks(&world, "select reason, since, until from do_not_call"), "asked|10|");
    world_free(&world);
}

Test(lists_change, an_administrator_changes_what_nobody_has)
{
    struct lists_world world;
    int64_t version;
    struct lists_released released;
    begin(&world);
    struct lists_change cancel = {.op = LISTS_OP_cancel_chain, .now = world.now};
    cancel.record = world_record(&world, "1000001", &version);
    IS(lists_change(world.lists, &cancel, &world.error), foreign);
    GOOD(lists_unload(world.lists, "one", NULL, world.now, &released, &world.error));
    IS(lists_change(world.lists, &cancel, &world.error), done);
    IS(lists_change(world.lists, &cancel, &world.error), closed);
    STATES("cancelled||\ncancelled||\nready||");
    world_free(&world);
}

Test(lists_change, fields_are_of_the_list_and_of_their_kind)
{
    struct lists_world world;
    begin(&world);
    struct lists_text bad[] = {{"colour", span_of("red")}, {"balance", span_of("much")}, {"balance", span_of("\xff")}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHANGE("1000001", wrong, .op = LISTS_OP_update, .fields = &bad[i], .field_count = 1);
    CHANGE("1000001", wrong, .op = LISTS_OP_update, .agent = "\xff");
    CHANGE("1000001", wrong, .op = LISTS_OP_processed, .status = record_status_ready);
    struct lists_text empty = {"balance", span_of("")};
    CHANGE("1000001", done, .op = LISTS_OP_update, .fields = &empty, .field_count = 1);
    cr_expect_str_eq(world_asks(&world, "select fields from records where number = '+49301000001'"), "{}");
    CHANGE("1000001", done, .op = LISTS_OP_processed, .status = record_status_agent_error);
    STATES("agent_error||\nchain_updated||\nretrieved||one");
    world_free(&world);
}

/* Any changes in any order, by two sessions of which one dies now and then: each record is in one state, its history is
 * whole, and nobody has it twice. */
Test(lists_change, whatever_comes_no_record_is_lost)
{
    struct lists_world world;
    unsigned seed = 16;
    char csv[4096] = "number,chain\n";
    world_new(&world);
    for (int i = 0; i < 60; i++) sprintf(csv + strlen(csv), "030 10000%02d,c%d\n", i, i / 3);
    GOOD(world_import(&world, csv));
    for (int round = 0; round < 600; round++) {
        char digits[24];
        const char *session = (seed = seed * 1103515245 + 12345) >> 16 & 1 ? "one" : "two";
        unsigned what = (seed >> 17) % 16, which = (seed >> 21) % 60;
        struct lists_released released;
        int64_t attempt, version;
        snprintf(digits, sizeof digits, "10000%02u", which);
        world.now += minute / 4;
        if (what == 0)
            GOOD(lists_bury(world.lists, session, world.now, 5 * minute, &released, &world.error));
        else if (what < 3)
            world_fetch(&world, world.lists, session, NULL, NULL, NULL, 4);
        else if (what < 9) {
            struct lists_dial dial = {.session = session, .campaign = "c", .now = world.now};
            dial.record = world_record(&world, digits, &version);
            dial.revision = version + 1;
            cr_expect_neq(lists_dial(world.lists, &dial, &attempt, &world.error), LISTS_failed, "%s", world.error.text);
        } else {
            struct lists_change any = {
                .op = what % LISTS_OPS, .session = session, .result = cause_busy, .due = world.now + minute};
            cr_expect_neq(change(&world, digits, any), LISTS_failed, "%s", world.error.text);
        }
        if (round % 20 != 0) continue;
        cr_expect_str_eq(world_asks(&world,
                                    "select count(*) from records r join chains c on c.id = r.chain where"
                                    " (r.status = 'retrieved') <> (c.owner is not null and r.status in"
                                    " ('ready', 'retrieved')) or (r.begun is not null and r.status <> 'retrieved')"),
                         "0");
        cr_expect_str_eq(world_asks(&world, "select count(*) from records r where r.attempt <> (select count(*) from"
                                            " attempts a where a.record = r.id) or (r.begun is null) <> not exists"
                                            " (select 1 from attempts a where a.record = r.id and a.ended is null)"),
                         "0");
        cr_expect_str_eq(world_asks(&world, "select count(*) from chains c where exists (select 1 from records r where"
                                            " r.chain = c.id and r.status in ('ready', 'retrieved')) and not exists"
                                            " (select 1 from records r where r.chain = c.id and r.n = c.at and r.status"
                                            " in ('ready', 'retrieved'))"),
                         "0");
    }
    cr_expect_str_eq(world_asks(&world, "select count(*) from attempts a join attempts b on a.record = b.record and"
                                        " b.n = a.n + 1 where a.result = 'stale' and b.begun - a.ended < 300000000"),
                     "0");
    world_free(&world);
}

/* The strategy has dialled another number for the record: whoever says there that they want no calls means that one. */
Test(lists_change, do_not_call_is_said_on_the_telephone_that_was_called)
{
    static const enum lists_scope scopes[] = {LISTS_number, LISTS_customer, LISTS_chain};
    for (size_t at = 0; at < sizeof scopes / sizeof *scopes; at++) {
        struct lists_world world;
        int64_t attempt;
        begin(&world);
        struct lists_dial other = {.session = "one", .campaign = "spring", .now = world.now, .number = "+49309999999"};
        other.record = world_record(&world, "1000001", &other.revision);
        other.revision++;
        IS(lists_dial(world.lists, &other, &attempt, &world.error), done);
        CHANGE("1000001", done, .op = LISTS_OP_do_not_call, .scope = scopes[at], .reason = span_of("asked"));
        cr_expect_str_eq(world_asks(&world, "select value, reason from do_not_call where value = '+49309999999'"),
                         "+49309999999|asked");
        cr_expect_str_eq(world_asks(&world, "select count(*) from do_not_call"), at == 2 ? "3" : "2");
        world_free(&world);
    }
}

/* A strategy has dialled another number for a record than its own, and that one is in no list. */
Test(lists_change, numbers_that_were_dialled_rest_in_a_database_that_was_put_back)
{
    struct lists_world world;
    int64_t attempt, rest;
    begin(&world);
    struct lists_dial dial = {.session = "one", .campaign = "spring", .number = "+49301000008", .now = world.now};
    dial.record = world_record(&world, "1000003", &dial.revision);
    dial.revision++;
    IS(lists_dial(world.lists, &dial, &attempt, &world.error), done);
    GOOD(lists_restored(world.lists, world.now, minute, &rest, &world.error));
    cr_expect_eq(rest, 4);
    cr_expect_str_eq(world_asks(&world, "select number from rests where why = 'stale' order by 1"),
                     "+49301000001\n+49301000002\n+49301000003\n+49301000008");
    world_free(&world);
}

/* The clock shows 2099 for an hour. Whoever was abandoned before rests on, and whoever was by that clock, or is tried
 * again or called back, does not wait until then. */
Test(lists_change, a_clock_that_was_ahead_keeps_nobody_waiting_for_years)
{
    struct lists_world world;
    struct lists_ahead ahead;
    int64_t attempt, until;
    char sql[120];
    begin(&world);
    const int64_t years = (int64_t)73 * 365 * 24 * 60 * minute, hour = 60 * minute;
    struct lists_dial dial = {.session = "one", .campaign = "spring", .now = world.now, .terms.pause_us = 72 * hour};
    dial.record = world_record(&world, "1000001", &dial.revision);
    dial.revision++;
    IS(lists_dial(world.lists, &dial, &attempt, &world.error), done);
    GOOD(lists_abandoned(world.lists, "one", dial.record, attempt, world.now, &world.error));
    CHANGE("1000001", done, .op = LISTS_OP_processed, .result = cause_abandoned);
    GOOD(lists_writes(world.lists, "a", world.now, &world.error));
    GOOD(lists_ahead(world.lists, world.now, &ahead, &world.error));
    cr_expect_eq(ahead.until, 0);
    GOOD(lists_set_right(world.lists, world.now, &ahead, &world.error));
    cr_expect_eq(ahead.until, 0, "a clock that is right is put right by nobody");
    world.now += years;
    GOOD(lists_tidy(world.lists, world.now, &world.error));
    cr_expect_str_eq(world_asks(&world, "select count(*) from rests"), "0");
    world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9);
    dial.now = world.now;
    dial.record = world_record(&world, "1000003", &dial.revision);
    dial.revision++;
    IS(lists_dial(world.lists, &dial, &attempt, &world.error), done);
    GOOD(lists_abandoned(world.lists, "one", dial.record, attempt, world.now, &world.error));
    CHANGE("1000003", done, .op = LISTS_OP_retry, .result = cause_abandoned, .due = world.now + 2 * hour);
    GOOD(lists_writes(world.lists, "a", world.now, &world.error));
    world.now -= years;
    snprintf(sql, sizeof sql, "insert into rests values('', '+49301000002', 'busy', %lld)",
             (long long)(world.now + 5 * hour));
    world_asks(&world, sql); /* by a clock that is right */
    snprintf(sql, sizeof sql, "insert into rests values('', '+49301000003', 'stale', %lld)",
             (long long)(world.now + 7 * hour));
    world_asks(&world, sql); /* so was this, of whom that clock has called */
    GOOD(lists_ahead(world.lists, world.now, &ahead, &world.error));
    cr_expect_eq(ahead.until, world.now + years);
    cr_expect_eq(ahead.rests, 2, "for being abandoned, and for the next try");
    cr_expect_eq(ahead.records, 1);
    cr_expect_str_eq(world_asks(&world, "select count(*) from rests where number = '+49301000001'"), "1",
                     "whoever was abandoned before rests again");
    GOOD(lists_set_right(world.lists, world.now, &ahead, &world.error));
    cr_expect_eq(ahead.rests, 2);
    cr_expect_eq(atoll(world_asks(&world, "select max(until) from rests")), world.now + 72 * hour);
    cr_expect_eq(atoll(world_asks(&world, "select max(due) from records")), world.now + 2 * hour);
    cr_expect_eq(atoll(world_asks(&world, "select until from rests where why = 'busy'")), world.now + 5 * hour);
    cr_expect_eq(atoll(world_asks(&world, "select until from rests where why = 'stale'")), world.now + 7 * hour);
    cr_expect_str_eq(world_asks(&world, "select count(*) from rests where why = 'abandoned'"), "2");
    cr_expect_eq(atoll(world_asks(&world, "select max(begun) from attempts")), world.now);
    GOOD(lists_written(world.lists, "a", &until, &world.error));
    cr_expect_eq(until, world.now, "an older copy is noticed again");
    GOOD(lists_ahead(world.lists, world.now, &ahead, &world.error));
    cr_expect_eq(ahead.until, 0);
    world_free(&world);
}

/* Every time that there is was written by a clock that is years ahead: none stays there, of no table. */
Test(lists_change, no_time_of_any_table_stays_ahead_with_a_clock)
{
    static const struct column {
        const char *table, *name, *type;
    } columns[] = {
#define COLUMN(table, column, type, doc) {#table, #column, #type},
#include "runtime/lists/lists.def"
    };
    static const char *const rows[] = {
        "insert into rests values('', '+49301000001', 'busy', 0)",
        "insert into do_not_call(tenant, kind, value, since) values('', 'number', '+49301000009', 0)",
        "insert into consents(tenant, kind, value, purpose, since) values('', 'number', '+49301000009', 'offers', 0)",
    };
    struct lists_world world;
    struct lists_ahead ahead;
    char sql[200];
    begin(&world);
    IS(dial(&world, "1000001"), done);
    const int64_t then = world.now + (int64_t)73 * 365 * 24 * 60 * minute;
    for (size_t at = 0; at < sizeof rows / sizeof *rows; at++) world_asks(&world, rows[at]);
    GOOD(lists_writes(world.lists, "a", then, &world.error));
    bool timed[sizeof columns / sizeof *columns] = {false};
    for (size_t at = 0; at < sizeof columns / sizeof *columns; at++) {
        const struct column *column = &columns[at];
        bool before = strcmp(column->name, "otherwise") == 0; /* of the row that was there before */
        bool unused = strcmp(column->table, "persons") == 0, kept_true = strcmp(column->table, "zones") == 0;
        timed[at] = strncmp(column->type, "US", 2) == 0 && !before && !unused && !kept_true;
        snprintf(sql, sizeof sql, "update %s set %s = %lld", column->table, column->name, (long long)then);
        if (timed[at]) world_asks(&world, sql);
    }
    GOOD(lists_set_right(world.lists, world.now, &ahead, &world.error));
    for (size_t at = 0; at < sizeof columns / sizeof *columns; at++) {
        if (!timed[at]) continue;
        snprintf(sql, sizeof sql,
                 "select count(*) > 0 and count(*) = sum(case when %s = %lld then 1 else 0 end) from %s",
                 columns[at].name, (long long)world.now, columns[at].table);
        const char *good = world_asks(&world, sql);
        cr_expect(strcmp(good, "1") == 0 || strcmp(good, "t") == 0, "%s.%s", columns[at].table, columns[at].name);
    }
    world_free(&world);
}

/* A strategy has dialled another number for a record. Nobody dials the record's own meanwhile, not for the record
 * itself either, which the agent has put off before the call was over. */
Test(lists_change, who_talks_on_another_number_is_not_called_by_the_records_own)
{
    struct lists_world world;
    int64_t attempt, version;
    struct lists_terms none = {0};
    begin(&world);
    struct lists_dial dial = {.session = "one", .campaign = "spring", .number = "+49301000008", .now = world.now};
    dial.record = world_record(&world, "1000003", &dial.revision);
    dial.revision++;
    IS(lists_dial(world.lists, &dial, &attempt, &world.error), done);
    GOOD(lists_make(world.lists, NULL, "summer", world.now, &world.list, &world.error));
    GOOD(world_import(&world, "number\n030 1000003\n030 1000008\n030 1000009\n"));
    int64_t spring = dial.record, summer = world_record(&world, "1000003", &version);
    IS(lists_check(world.lists, summer, NULL, &none, world.now, &world.error), engaged);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9), "*1000009:retrieved");
    GOOD(lists_find(world.lists, NULL, "spring", &world.list, &world.error));
    CHANGE("1000003", done, .op = LISTS_OP_retry, .result = cause_ok, .due = world.now + minute, .talks = true);
    world_asks(&world, "delete from rests");
    world.now += minute;
    IS(lists_check(world.lists, spring, NULL, &none, world.now, &world.error), engaged);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9), "");
    GOOD(lists_hung_up(world.lists, spring, 1, world.now, &world.error));
    IS(lists_check(world.lists, spring, NULL, &none, world.now, &world.error), done);
    cr_expect_str_eq(world_fetch(&world, world.lists, "one", NULL, NULL, NULL, 9), "*1000003:retrieved");
    world_free(&world);
}
