/* tests/unit/post_commits.c - A contact store whose answer to one COMMIT is lost, and which has kept what it was given
 * or has not. Each commit of an item's life is lost once, in both ways, by each way of post_world.h: the item goes once
 * and is told as sent, or is with the core once. */
#include "tests/unit/post_world.h"

#include "runtime/sql/kind.h"
#include "runtime/vocabulary/effects_link.h"

TestSuite(post_commits, .timeout = 120);

enum { COMMITS_MOST = 200 };

static struct {
    struct sql_kind kind;
    const struct sql_kind *whole;
    unsigned count, lost; /* lost: this one is, from 1 */
    unsigned refused;     /* so many behind it are refused for good */
    bool kept;
} loses;

static bool commit_loses(struct sql *sql, struct error *error)
{
    if (++loses.count > loses.lost && loses.count <= loses.lost + loses.refused) {
        (void)loses.whole->run(sql, "ROLLBACK", error);
        return error_set(error, ERROR_LIMIT, "contact store: COMMIT: it is too much");
    }
    if (loses.count != loses.lost) return loses.whole->commit(sql, error);
    (void)(loses.kept ? loses.whole->commit(sql, error) : loses.whole->run(sql, "ROLLBACK", error));
    return error_set(error, ERROR_TIMEOUT, "contact store: COMMIT: no connection");
}

/* Until it is set, no commit is lost. */
static void store_loses(struct office *office)
{
    struct sql *sql = store_sql(office_store(office));
    loses.lost = loses.refused = 0;
    if (sql->kind == &loses.kind) return;
    loses.whole = sql->kind;
    loses.kind = *sql->kind;
    loses.kind.commit = commit_loses;
    sql->kind = &loses.kind;
}

/* Lets a life go by for each commit of it, twice: `life` says whether all is well. */
static void each_commit_is_lost(void (*life)(const char *what))
{
    store_loses(world.office);
    for (unsigned lost = 1; lost < COMMITS_MOST; lost++) {
        bool reached = false;
        for (unsigned kept = 0; kept < 2; kept++) {
            char what[60];
            snprintf(what, sizeof what, "commit %u, %s", lost, kept ? "kept" : "not kept");
            snprintf(world.text, sizeof world.text, "%u %s", ++cells, what);
            snprintf(out_name, sizeof out_name, "m-%u", cells);
            g_string_truncate(world.told, 0);
            world.acknowledged = 0;
            while (worker_waiting(world.office->worker) > 0) turn();
            loses.count = 0, loses.lost = lost, loses.kept = kept;
            life(what);
            reached = reached || loses.count >= lost;
        }
        if (!reached) return;
    }
    cr_assert_fail("a life has an end");
}

/* ---- goes out ---- */

static void one_goes(const char *what)
{
    wants(world.office, out_name);
    for (unsigned tries = 0; tries < 60 && !is_told(); tries++) turn();
    receipt_comes(POST_OUT_delivered);
    turns(20);
    char *told = g_strdup_printf("%s accepted;%s delivered;", out_name, out_name);
    cr_expect_str_eq(world.told->str, told, "%s: %s", what, world.told->str);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, world.text)), 1, "%s", what);
    cr_expect(went_is("delivered"), "%s", what);
    g_free(told);
}

/* There is no room at first: the book hears that it goes when it does. */
static void one_waits(const char *what)
{
    world.room = 0;
    wants(world.office, out_name);
    turns(6);
    world.room = 10;
    one_goes(what);
}

/* Two to one customer, in their order. */
static void two_go(const char *what)
{
    char first[sizeof world.text], order[3 * sizeof world.text];
    g_strlcpy(first, world.text, sizeof first);
    wants(world.office, out_name);
    snprintf(out_name, sizeof out_name, "m-%u", ++cells);
    snprintf(world.text, sizeof world.text, "%u %s", cells, what);
    snprintf(order, sizeof order, "%s;%s;", first, world.text);
    world.order = g_string_new(NULL);
    wants(world.office, out_name);
    turns(40);
    cr_expect_str_eq(world.order->str, order, "%s: %s", what, world.order->str);
    cr_expect_null(strstr(world.told->str, "failed"), "%s: %s", what, world.told->str);
    g_string_free(world.order, TRUE);
    world.order = NULL;
}

static void outgoing(void)
{
    each_commit_is_lost(one_goes);
    each_commit_is_lost(one_waits);
}

Test(post_commits, what_goes_goes_once_and_is_told, .init = begin_sms, .fini = end_world)
{
    outgoing();
}

Test(post_commits, what_a_conversation_says_goes_once_and_is_told, .init = begin_webhook, .fini = end_world)
{
    outgoing();
}

Test(post_commits, what_is_said_in_a_conversation_goes_in_its_order, .init = begin_webhook, .fini = end_world)
{
    each_commit_is_lost(two_go);
}

Test(post_commits, what_is_said_to_an_asker_goes_in_its_order, .init = begin_im, .fini = end_world)
{
    each_commit_is_lost(two_go);
}

Test(post_commits, what_is_more_than_a_text_goes_once_and_is_told, .init = begin_email, .fini = end_world)
{
    outgoing();
}

Test(post_commits, what_is_more_than_a_text_goes_in_its_order, .init = begin_email, .fini = end_world)
{
    each_commit_is_lost(two_go);
}

/* An application hears at once that it is to ask again, and does. */
static void one_is_ordered(const char *what)
{
    bool again = false;
    world.going = POST_GO;
    for (unsigned tries = 0; tries < 4; tries++) {
        unsigned put_off = world.put_off;
        cr_assert_null(office_order(world.office, ordered(world.text), world.store, &again));
        turns(4);
        if (world.put_off == put_off) break;
    }
    turns(40);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, world.text)), 1, "%s", what);
    cr_expect(went_is("given"), "%s", what);
}

Test(post_commits, what_an_application_orders_goes_once, .init = begin_sms, .fini = end_world)
{
    each_commit_is_lost(one_is_ordered);
}

/* The first commit was kept, and the store refuses the item the next time: the row has its end, too. */
Test(post_commits, what_is_kept_and_refused_later_has_failed, .init = begin_sms, .fini = end_world)
{
    store_loses(world.office);
    g_strlcpy(world.text, "refused", sizeof world.text);
    snprintf(out_name, sizeof out_name, "m-1");
    loses.count = 0, loses.lost = 1, loses.kept = true, loses.refused = 3;
    wants(world.office, out_name);
    turns(60);
    cr_expect_str_eq(world.told->str, "m-1 failed;");
    cr_expect_eq(g_hash_table_size(world.got), 0);
    cr_expect(went_is("failed"));
}

/* An application that was told to ask again and does not: a later start of the process sends it no more. */
static void order_waits_for(int64_t seconds, bool goes)
{
    bool again = false;
    store_loses(world.office);
    g_strlcpy(world.text, "ordered", sizeof world.text);
    snprintf(out_name, sizeof out_name, "m-1");
    loses.count = 0, loses.lost = 1, loses.kept = true;
    cr_assert_null(office_order(world.office, ordered(world.text), world.store, &again));
    turns(4);
    cr_assert(world.put_off == 1 && went_is("held"));
    killed();
    world.clock_us += (uint64_t)(seconds * SECOND);
    opens(false);
    turns(40);
    cr_expect_eq(g_hash_table_size(world.got), goes ? 1 : 0);
    cr_expect(went_is(goes ? "given" : "failed"));
}

Test(post_commits, what_nobody_has_asked_for_again_is_sent_no_more, .init = begin_sms, .fini = end_world)
{
    order_waits_for(30 * 86400, false);
}

Test(post_commits, what_an_application_has_ordered_goes_after_a_restart, .init = begin_sms, .fini = end_world)
{
    order_waits_for(3600, true);
}

/* ---- comes in ---- */

static void one_comes(const char *what)
{
    for (unsigned tries = 0; tries < 6 && world.acknowledged == 0; tries++) {
        brings(world.office, 0);
        turns(12);
    }
    turns(8);
    cr_expect_gt(world.acknowledged, 0, "%s", what);
    if (trial_is(TRIAL_talks))
        cr_expect_eq(names_of(world.talk, world.text), 1, "%s", what);
    else
        cr_expect_eq(core_count(world.text), 1, "%s", what);
    if (trial_is(TRIAL_talks)) return;
    in_core_ends();
    turns(20);
    cr_expect(came_is("ended"), "%s", what);
}

Test(post_commits, what_comes_is_with_the_core_once, .init = begin_sms, .fini = end_world)
{
    each_commit_is_lost(one_comes);
}

Test(post_commits, what_comes_to_a_conversation_has_one_name, .init = begin_webhook, .fini = end_world)
{
    each_commit_is_lost(one_comes);
}

Test(post_commits, what_a_way_keeps_itself_is_with_the_core_once, .init = begin_email, .fini = end_world)
{
    each_commit_is_lost(one_comes);
}

/* A core that was put back has it again, and names it once. */
static void one_lives_on(const char *what)
{
    struct writer writer;
    struct message message;
    unsigned lost = loses.lost;
    loses.lost = 0;
    one_comes(what);
    loses.count = 0, loses.lost = lost;
    writer_init(&writer);
    writer_begin(&writer, KIND_Restore);
    GHashTableIter at;
    gpointer name, text;
    g_hash_table_iter_init(&at, world.has);
    while (g_hash_table_iter_next(&at, &name, &text))
        if (strcmp(text, world.text) == 0) writer_text(&writer, Restore_external_id, name);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    cr_expect_eq(core_count(world.text), 1);
    office_perform(world.office, &message);
    writer_free(&writer);
    turns(12);
    cr_expect_eq(core_count(world.text), 0, "%s", what);
}

Test(post_commits, what_has_ended_ends_in_a_core_that_was_put_back, .init = begin_email, .fini = end_world)
{
    each_commit_is_lost(one_lives_on);
}
