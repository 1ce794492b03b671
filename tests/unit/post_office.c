/* tests/unit/post_office.c - Lives of items that are more than a state and a fault: many that wait, names that are
 * given anew, a store that is away for long, receipts of what nobody knows. The world is that of post_world.h. */
#include "tests/unit/post_world.h"

#include <event2/event.h>

#include "runtime/sql/sql.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/media.h"

TestSuite(post_office, .timeout = 120);

/* Where many wait, most of them are in the book alone; they go in their order, each once, also after a kill. */
Test(post_office, orders_wait_in_the_book_alone_where_there_are_many, .init = begin_sms, .fini = end_world)
{
    bool again;
    world.room = 0;
    world.office->most = 3;
    for (unsigned i = 0; i < 12; i++) {
        snprintf(out_name, sizeof out_name, "app-%u", i);
        cr_assert_null(office_order(world.office, ordered(out_name), world.store, &again));
        turns(1);
        if (i != 7) continue;
        cr_expect(g_hash_table_size(world.office->going) == 3 && world.office->behind == 5);
        killed();
        opens(false)->most = 3;
    }
    guint held = g_hash_table_size(world.office->going);
    cr_expect(world.office->behind > 0 && held + world.office->behind == 12, "%u %lld", held,
              (long long)world.office->behind);
    world.order = g_string_new(NULL);
    all_is_well();
    turns(16);
    cr_expect_str_eq(world.order->str, "app-0;app-1;app-2;app-3;app-4;app-5;app-6;app-7;app-8;app-9;app-10;app-11;");
    cr_expect_eq(world.office->behind, 0);
}

/* The office turns many times a second. */
Test(post_office, a_page_that_cannot_be_read_is_read_again_after_a_second, .init = begin_sms, .fini = end_world)
{
    bool again;
    world.room = 0;
    snprintf(out_name, sizeof out_name, "app-1");
    cr_assert_null(office_order(world.office, ordered(out_name), world.store, &again));
    turns(1);
    killed();
    opens(false);
    alters("ALTER TABLE messages RENAME TO aside");
    world.errors = 0;
    for (unsigned i = 0; i < 20; i++) {
        while (worker_waiting(world.office->worker) > 0) event_base_loop(world.base, EVLOOP_ONCE);
        waits_page(world.office);
    }
    cr_expect_eq(world.errors, 1, "%u", world.errors);
    alters("ALTER TABLE aside RENAME TO messages");
    turns(6);
    cr_expect(world.office->behind == 0 && g_hash_table_size(world.office->going) == 1);
}

/* Its order is asked for again, by an application that has not heard; and then another one under its name. */
Test(post_office, an_order_that_waits_is_the_same_after_a_kill_and_another_one_is_told, .init = begin_sms,
     .fini = end_world)
{
    bool again;
    g_strlcpy(world.text, "order", sizeof world.text);
    snprintf(out_name, sizeof out_name, "app-1");
    orders(POST_OUT_held);
    killed();
    opens(false);
    turns(4);
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    cr_expect(again);
    world.going = POST_OTHER;
    cr_assert_null(office_order(world.office, ordered("another"), world.store, &again));
    cr_expect_not(again);
    all_is_well();
    turns(8);
    cr_assert_null(office_order(world.office, ordered("another"), world.store, &again)); /* the book knows it */
    turns(4);
    world.going = POST_GONE;
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    turns(4);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "order")), 1);
    cr_expect_null(g_hash_table_lookup(world.got, "another"));
}

/* An application that has not heard asks again while the book is still asked: it may not take the first one. */
Test(post_office, an_order_is_taken_once_the_book_has_it, .init = begin_sms, .fini = end_world)
{
    bool again;
    alters("ALTER TABLE post_out RENAME TO aside");
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    cr_expect(!again && world.put_off == 1);
    cr_assert_null(office_order(world.office, ordered("another"), world.store, &again));
    cr_expect(!again && world.put_off == 2);
    turns(4);
    cr_expect_eq(world.put_off, 3);
    alters("ALTER TABLE aside RENAME TO post_out");
    cr_assert_null(office_order(world.office, ordered("order"), world.store, &again));
    turns(4);
    cr_expect_eq(world.put_off, 3);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "order")), 1);
}

/* The other side answers while the store is away: the core hears of it at once, whoever asks again too, and the book
 * later, so that a receipt is known. */
Test(post_office, an_answer_is_noted_once_the_store_is_back, .init = begin_sms, .fini = end_world)
{
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    world.mute = true;
    wants(world.office, out_name);
    turns(4);
    alters("ALTER TABLE post_names RENAME TO aside");
    world.mute = false;
    turns(8);
    cr_expect_str_eq(world.told->str, "5-1 accepted;");
    wants(world.office, out_name);
    turns(8);
    cr_expect_str_eq(world.told->str, "5-1 accepted;5-1 accepted;");
    cr_expect(went_is("begun"));
    alters("ALTER TABLE aside RENAME TO post_names");
    turns(12);
    cr_expect(went_is("given"));
    receipt_comes(POST_OUT_delivered);
    cr_expect(went_is("delivered"));
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "sent")), 1);
}

/* The same words a minute later are another message, though the store was away when the first one was answered. */
Test(post_office, what_was_answered_is_noted_once_the_store_is_back, .init = begin_sms, .fini = end_world)
{
    g_strlcpy(world.text, "yes", sizeof world.text);
    world.silent = true;
    brings(world.office, 0);
    turns(2);
    cr_assert(is_submitted());
    alters("ALTER TABLE post_came RENAME TO aside");
    world.silent = false;
    turns(8);
    cr_expect_eq(world.acknowledged, 1);
    alters("ALTER TABLE aside RENAME TO post_came");
    turns(60 * 4);
    cr_expect(came_is("owned"));
    brings(world.office, 0);
    turns(4);
    cr_expect(world.acknowledged == 2 && core_count("yes") == 2, "%u %u", world.acknowledged, core_count("yes"));
}

/* A core whose state was put back gives a name anew while the item that had it is on its way: both go, each once. */
Test(post_office, a_name_that_a_core_gives_anew_is_another_item, .init = begin_sms, .fini = end_world)
{
    snprintf(out_name, sizeof out_name, "5-1");
    g_strlcpy(world.text, "first", sizeof world.text);
    world.room = 0;
    wants(world.office, out_name);
    turns(4);
    g_strlcpy(world.text, "second", sizeof world.text);
    wants(world.office, out_name);
    wants(world.office, out_name);
    turns(4);
    all_is_well();
    turns(8);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "first")), 1);
    cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, "second")), 1);
    cr_expect_str_eq(world.told->str, "5-1 accepted;5-1 accepted;");
}

Test(post_office, a_receipt_is_put_off_while_the_store_is_away, .init = begin_sms, .fini = end_world)
{
    struct post_receipt receipt = {.state = POST_OUT_delivered, .form = "n1"};
    const struct post_ticket ticket = {.from = 1};
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    wants(world.office, out_name);
    turns(4);
    alters("ALTER TABLE post_names RENAME TO aside");
    office_receipt(world.office, &ticket, &receipt);
    turns(2);
    cr_expect(world.receipted[POST_LATER] == 1 && world.receipted[POST_TAKEN] == 0);
    cr_expect(world.store_away > 0, "a look finds nothing, so the job must tell it");
    alters("ALTER TABLE aside RENAME TO post_names");
    office_receipt(world.office, &ticket, &receipt);
    turns(2);
    cr_expect(world.receipted[POST_LATER] == 1 && world.receipted[POST_TAKEN] == 1);
    cr_expect(went_is("delivered"));
}

/* The other side limits a customer, to whom nothing more is written. */
Test(post_office, a_limit_of_a_customer_is_forgotten_when_it_is_over, .init = begin_sms, .fini = end_world)
{
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    world.mute = true;
    wants(world.office, out_name);
    turns(2);
    cr_assert_eq(world.mutes->len, 2);
    office_answered(world.office, world.mutes->pdata[1],
                    &(struct post_answered){.answer = POST_LESS, .wait_us = SECOND});
    g_ptr_array_set_size(world.mutes, 0);
    cr_expect_eq(g_hash_table_size(world.office->limited), 1);
    world.room = 0;
    turns(2 * 4);
    cr_expect_eq(g_hash_table_size(world.office->limited), 0);
}

/* Many receipts of names that nobody knows wait, and few of them are asked about each second; that of an item of ours
 * is once the item has its name. */
Test(post_office, a_receipt_among_many_is_known_with_its_item, .init = begin_sms, .fini = end_world)
{
    struct post_receipt receipt = {.state = POST_OUT_delivered};
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    world.mute = true;
    wants(world.office, out_name);
    turns(4);
    for (unsigned i = 0; i < 500; i++) {
        snprintf(receipt.form, sizeof receipt.form, i == 400 ? "n1" : "of-others-%u", i);
        office_receipt(world.office, &(struct post_ticket){0}, &receipt);
    }
    while (worker_waiting(world.office->worker) > 0) event_base_loop(world.base, EVLOOP_ONCE);
    receipts_tick(world.office);
    cr_expect_eq(worker_waiting(world.office->worker), 200);
    world.mute = false;
    turns(3);
    cr_expect_str_eq(world.told->str, "5-1 accepted;5-1 delivered;");
}

/* The other side has a window: it hears of a receipt that was held within its few seconds, however many wait. */
Test(post_office, a_receipt_that_is_held_is_answered_in_time, .init = begin_sms, .fini = end_world)
{
    struct post_receipt receipt = {.state = POST_OUT_delivered};
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    world.mute = true;
    wants(world.office, out_name);
    turns(4);
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(receipt.form, sizeof receipt.form, "of-others-%u", i);
        office_receipt(world.office, &(struct post_ticket){.from = 1}, &receipt);
    }
    turns(1);
    cr_expect_gt(world.office->held, 0);
    turns(6 * 4);
    cr_expect_eq(world.office->held, 0);
    cr_expect_eq(world.receipted[POST_TAKEN], 2000);
}

/* The office notes the ends of what came alone: an item of ours ends when it is told, a conversation notes its own. */
Test(post_office, an_end_is_noted_of_what_came_and_of_nothing_else, .init = begin_sms, .fini = end_world)
{
    g_strlcpy(world.text, "waits", sizeof world.text);
    world.room = 0;
    snprintf(out_name, sizeof out_name, "5-1");
    wants(world.office, out_name);
    turns(4);
    cr_expect_eq(asks("SELECT count(*) FROM interactions WHERE ixn = '0-000000000005' AND direction = 'out'"), 1);
    core_ends("sms-out-0000000000000007-5-1");
    turns(4);
    cr_expect_eq(asks("SELECT count(*) FROM interactions WHERE ended IS NULL"), 1);
}

/* The event that told the end was lost with the link: the core, when it is asked, says how it was. */
Test(post_office, an_end_that_was_not_heard_is_noted_as_it_was, .init = begin_email, .fini = end_world)
{
    static const char *const hows[] = {"merged", "closed", "ended", "by a word of a later version"};
    for (unsigned i = 0; i < G_N_ELEMENTS(hows); i++) {
        snprintf(world.text, sizeof world.text, "heard of no end %u", i);
        brings(world.office, 0);
        turns(8);
        g_hash_table_remove_all(world.has);
        world.how = hows[i];
        happens(FAULT_core_killed, NULL);
        turns(24);
        char query[160];
        snprintf(query, sizeof query, "SELECT count(*) FROM interactions WHERE ended IS NOT NULL AND result = '%s'",
                 i < 2 ? hows[i] : "ended");
        cr_expect_eq(asks(query), i < 2 ? 1 : i - 1, "%s", hows[i]);
    }
}

/* A row that a commit has not kept is no row: its number may be another item's by then. */
Test(post_office, an_item_whose_commit_has_failed_goes_once_it_is_kept, .init = begin_email, .fini = end_world)
{
    struct error error;
    cr_assert(sql_run(store_sql(office_store(world.office)), "PRAGMA foreign_keys = ON", &error), "%s", error.text);
    alters("CREATE TABLE whole(id INTEGER PRIMARY KEY)");
    alters("CREATE TABLE part(id INTEGER REFERENCES whole(id) DEFERRABLE INITIALLY DEFERRED)");
    alters("CREATE TRIGGER breaks AFTER INSERT ON post_out BEGIN INSERT INTO part VALUES(1); END");
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    wants(world.office, out_name);
    turns(2);
    cr_expect_str_eq(world.told->str, "");
    alters("DROP TRIGGER breaks");
    turns(12);
    cr_expect_str_eq(world.told->str, "5-1 accepted;");
    cr_expect(went_is("given"));
}

static unsigned line_takes; /* so many texts, before the line breaks */

static bool line_writes(void *self, const struct post_sending *sending, unsigned n, uint64_t where, void *piece)
{
    (void)self, (void)n, (void)where, (void)piece;
    if (line_takes == 0) world.room = 0;
    if (line_takes == 0) return false;
    line_takes--;
    g_string_append_printf(world.order, "%s;", sending->msg_id);
    return true;
}

static void line_gives(const struct post_sending *sending, char peer_id[POST_ADDRESS])
{
    g_strlcpy(peer_id, sending->msg_id, POST_ADDRESS);
}

/* A protocol without answers: what the line did not take waits for the next one. */
Test(post_office, what_a_line_that_breaks_did_not_take_waits, .init = begin_im, .fini = end_world)
{
    world.way.send = line_writes, world.way.given = line_gives;
    world.order = g_string_new(NULL);
    world.room = 0;
    for (unsigned i = 1; i <= 4; i++) {
        snprintf(out_name, sizeof out_name, "5-%u", i);
        wants(world.office, out_name);
        turns(2);
    }
    line_takes = 2, world.room = 10;
    turns(8);
    cr_expect_str_eq(world.order->str, "5-1;5-2;");
    line_takes = 10, world.room = 10;
    turns(8);
    cr_expect_str_eq(world.order->str, "5-1;5-2;5-3;5-4;");
    cr_expect_null(strstr(world.told->str, "failed"), "%s", world.told->str);
}

/* The core comes, goes before it has asked again, and is away for longer than a minute. */
Test(post_office, a_core_that_goes_at_once_asks_again_when_it_is_back, .init = begin_email, .fini = end_world)
{
    g_strlcpy(world.text, "sent", sizeof world.text);
    snprintf(out_name, sizeof out_name, "5-1");
    world.room = 0;
    wants(world.office, out_name);
    turns(2);
    killed();
    opens(false);
    turns(4);
    world.up = false;
    office_core_up(world.office, false);
    turns(4);
    world.clock_us += 120 * SECOND;
    turns(4);
    cr_expect(went_is("held"));
    world.up = true, world.room = 10;
    office_core_up(world.office, true);
    turns(4);
    wants(world.office, out_name);
    turns(8);
    cr_expect_str_eq(world.told->str, "5-1 accepted;");
}

/* The way's own words, which no book has, wait for the line as others do, and go once. */
Test(post_office, words_in_no_book_go_when_there_is_room, .init = begin_im, .fini = end_world)
{
    struct post_sending *sending = office_sending_new(world.office, 0, span_of("w-1"), g_strdup("joined"));
    g_strlcpy(sending->own, "+4930123", sizeof sending->own);
    g_strlcpy(sending->customer, "+491701234501", sizeof sending->customer);
    world.order = g_string_new(NULL);
    world.room = 0;
    office_pass(world.office, sending);
    turns(4);
    cr_expect_str_eq(world.order->str, "");
    world.room = 10;
    turns(8);
    cr_expect_str_eq(world.order->str, "joined;");
    cr_expect_eq(g_hash_table_size(world.office->going), 0);
}

/* A receipt that anybody may send waits for no name: else strangers fill the places of true ones. */
Test(post_office, a_receipt_of_anybody_waits_for_no_name, .init = begin_sms, .fini = end_world)
{
    struct post_receipt receipt = {.state = POST_OUT_delivered, .form = "of-others", .of_anybody = true};
    office_receipt(world.office, &(struct post_ticket){0}, &receipt);
    turns(2);
    cr_expect_eq(g_queue_get_length(&world.office->parked), 0);
    receipt.of_anybody = false;
    office_receipt(world.office, &(struct post_ticket){0}, &receipt);
    turns(2);
    cr_expect_eq(g_queue_get_length(&world.office->parked), 1);
}

/* Nobody brings it again. What is in quarantine may come out of it. */
Test(post_office, what_the_core_refuses_for_good_has_its_end, .init = begin_email, .fini = end_world)
{
    static const enum code codes[] = {code_fault, code_invalid};
    for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++) {
        world.refuses = codes[i];
        snprintf(world.text, sizeof world.text, "refused %u", i);
        brings(world.office, 0);
        turns(8);
        cr_expect_eq(asks("SELECT count(*) FROM interactions WHERE result = 'refused' AND ended IS NOT NULL"), i);
        cr_expect(came_is(i == 0 ? "kept" : "ended"));
    }
}

/* The other side does not take it now, and its pause is longer than the next one waits. */
Test(post_office, what_is_to_go_later_keeps_its_place, .init = begin_email, .fini = end_world)
{
    world.order = g_string_new(NULL);
    world.room = 0;
    for (unsigned i = 1; i <= 3; i++) {
        snprintf(world.text, sizeof world.text, "mail %u", i);
        snprintf(out_name, sizeof out_name, "m-%u", i);
        wants(world.office, out_name);
        turns(2);
    }
    world.room = 10, world.answer = POST_NOT_YET;
    for (unsigned tries = 0; tries < 20 && world.order->len == 0; tries++) turn();
    turn();
    world.answer = POST_GIVEN;
    turns(8 * 4);
    cr_expect_str_eq(world.order->str, "mail 1;mail 1;mail 2;mail 3;", "%s", world.order->str);
}

/* The other side asks for less of each of several that are on their way. */
Test(post_office, several_that_go_again_keep_their_order, .init = begin_im, .fini = end_world)
{
    world.order = g_string_new(NULL);
    world.mute = true;
    for (unsigned i = 1; i <= 3; i++) {
        snprintf(world.text, sizeof world.text, "mail %u", i);
        snprintf(out_name, sizeof out_name, "m-%u", i);
        wants(world.office, out_name);
        turns(2);
    }
    cr_assert_str_eq(world.order->str, "mail 1;mail 2;mail 3;", "%s", world.order->str);
    world.mute = false, world.answer = POST_LESS;
    turn();
    g_string_truncate(world.order, 0);
    world.answer = POST_GIVEN;
    turns(8 * 4);
    cr_expect_str_eq(world.order->str, "mail 1;mail 2;mail 3;", "%s", world.order->str);
}

/* The store finds only then that the mail is not to go; the core may not have heard of it. */
Test(post_office, what_is_suppressed_is_so_when_it_is_asked_for_again, .init = begin_email, .fini = end_world)
{
    world.suppresses = true;
    for (unsigned i = 0; i < 2; i++) {
        wants(world.office, "m-1");
        turns(8);
    }
    cr_expect_str_eq(world.told->str, "suppressed;suppressed;");
    cr_expect_eq(g_hash_table_size(world.got), 0);
}

/* By the reason of the way's row in refusals.def: what comes back later, or was given, is none. */
Test(post_office, what_the_other_side_refuses_is_counted_once_by_its_reason, .init = begin_sms, .fini = end_world)
{
    static const struct {
        enum post_answer answer;
        unsigned counted;
    } rows[] = {{POST_GIVEN, 0}, {POST_LESS, 0}, {POST_REFUSED, 1}, {POST_WRONG_ADDRESS, 2}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        snprintf(out_name, sizeof out_name, "m-%u", i);
        world.answer = rows[i].answer;
        wants(world.office, out_name);
        turns(8);
        cr_expect_eq(world.refusals, rows[i].counted, "%u: %u", i, world.refusals);
        world.answer = POST_GIVEN;
        turns(60);
    }
    cr_expect_str_eq(world.refused, "by_provider");
    cr_expect_eq(world.refusals, 2, "%u", world.refusals);
}

Test(post_office, a_receipt_says_why_it_has_failed, .init = begin_sms, .fini = end_world)
{
    static const struct {
        unsigned cause, told;
    } rows[] = {{0, cause_refused}, {cause_gone, cause_gone}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct post_receipt receipt = {.state = POST_OUT_failed, .cause = (enum cause)rows[i].cause};
        snprintf(world.text, sizeof world.text, "text %u", i);
        snprintf(receipt.form, sizeof receipt.form, "n%u", world.names + 1);
        wants(world.office, i == 0 ? "m-1" : "m-2");
        turns(8);
        office_receipt(world.office, &(struct post_ticket){0}, &receipt);
        turns(4);
        cr_expect_eq(world.cause, rows[i].told, "%d", world.cause);
    }
}

/* The core asks for a text with a code to the customer of that chat, under the name 5-1. */
static void asks_for_code(int64_t chat)
{
    struct writer writer;
    struct message message;
    struct kv headers;
    kv_init(&headers), writer_init(&writer);
    kv_put_int(&headers, VERIFY_CODE_OF, chat);
    writer_begin(&writer, KIND_SendMessage);
    writer_u(&writer, ENVELOPE_ixn, 5);
    writer_u(&writer, ENVELOPE_ref, 1);
    writer_text(&writer, SendMessage_msg_id, "5-1");
    writer_list_begin(&writer, SendMessage_to);
    writer_list_text(&writer, span_of("+491701234501"));
    writer_list_end(&writer);
    writer_text(&writer, SendMessage_text, "Code " VERIFY_DIGITS ".");
    writer_kv(&writer, SendMessage_headers, &headers);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    office_perform(world.office, &message);
    kv_free(&headers), writer_free(&writer);
}

static void wants_code(int64_t chat)
{
    asks_for_code(chat);
    turns(8);
}

/* The core asks for the text with a code again, as it has not heard of it: the text waited through a kill, and has gone
 * when it is asked for a third time. The customer gets one code, and that code holds. */
Test(post_office, a_code_stays_when_its_text_is_asked_for_again, .init = begin_sms, .fini = end_world)
{
    uint64_t room = world.room;
    alters("INSERT INTO interactions(tenant, media, external_id, direction, address, received, messages) VALUES"
           "('', 'chat', 'c1', 'in', '+491701234501', 1, 0)");
    int64_t chat = asks("SELECT max(id) FROM interactions");
    world.room = 0;
    wants_code(chat);
    killed();
    opens(false);
    world.room = room;
    for (unsigned i = 0; i < 2; i++) {
        wants_code(chat);
        cr_expect_eq(asks("SELECT sent FROM codes"), 1);
        cr_assert_eq(g_hash_table_size(world.got), 1);
        cr_expect_eq(g_hash_table_lookup(world.got, "Code " VERIFY_DIGITS "."), NULL);
    }
    cr_expect_str_eq(world.told->str, "5-1 accepted;5-1 accepted;");
}

/* A core that was killed asks again while the text still waits for its code: it gets no second one. */
Test(post_office, a_text_that_waits_for_its_code_gets_one, .init = begin_sms, .fini = end_world)
{
    alters("INSERT INTO interactions(tenant, media, external_id, direction, address, received, messages) VALUES"
           "('', 'chat', 'c1', 'in', '+491701234501', 1, 0)");
    int64_t chat = asks("SELECT max(id) FROM interactions");
    asks_for_code(chat);
    wants_code(chat);
    cr_expect_eq(asks("SELECT sent FROM codes"), 1);
    cr_expect_eq(g_hash_table_size(world.got), 1);
    cr_expect_str_eq(world.told->str, "5-1 accepted;");
}
