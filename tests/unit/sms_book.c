/* tests/unit/sms_book.c - The book of short messages in SQLite: parts in any order, the same message again, gaps, words
 * by which customers leave, messages that are asked for again. */
#include <criterion/criterion.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/book.h"
#include "runtime/lists/lists.h"
#include "runtime/sql/sql.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/memory.h"

TestSuite(sms_book, .timeout = 120);

#define SECOND INT64_C(1000000)
#define T0     INT64_C(1770000000000000)

static char *dir, *store, *lists;
static struct setting setting;
static struct book *book;
static struct error error;

static const char *get(void *self, const char *key)
{
    (void)self;
    return strcmp(key, "numbers") == 0     ? "+4930123=service"
           : strcmp(key, "store") == 0     ? store
           : strcmp(key, "lists") == 0     ? lists
           : strcmp(key, "provider") == 0  ? "127.0.0.1:1"
           : strcmp(key, "system_id") == 0 ? "shop"
           : strcmp(key, "help") == 0      ? "Call us."
                                           : NULL;
}

static void again(void)
{
    char why[300];
    book_close(book);
    book = book_open(&setting, why, sizeof why);
    cr_assert_not_null(book, "%s", why);
}

static void begin(void)
{
    char why[300] = "";
    dir = g_dir_make_tmp("gcx-sms-XXXXXX", NULL);
    store = g_strdup_printf("sqlite:%s/contacts", dir);
    lists = g_strdup_printf("sqlite:%s/lists", dir);
    cr_assert(sms_setting_read(&setting, get, NULL, why, sizeof why), "%s", why);
    again();
}

static void end(void)
{
    const char *name;
    GDir *all = g_dir_open(dir, 0, NULL);
    book_close(book);
    while ((name = g_dir_read_name(all))) {
        char *path = g_build_filename(dir, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    g_dir_close(all);
    g_rmdir(dir);
    g_free(dir), g_free(store), g_free(lists);
    sms_setting_free(&setting);
}

static struct book_message *message_of(const char *text, unsigned ref, unsigned total, unsigned n, int64_t now)
{
    struct book_message *message = memory_zeroed(1, sizeof *message);
    *message = (struct book_message){.own = "+4930123",
                                     .customer = "+491701234501",
                                     .place = {.ref = ref, .total = total, .n = n},
                                     .text = g_strdup(text),
                                     .now = now,
                                     .journal = 7};
    return message;
}

/* It comes; `answered`: the other side was told. */
static struct book_message *comes(const char *text, unsigned ref, unsigned total, unsigned n, int64_t now,
                                  bool answered)
{
    struct book_message *message = message_of(text, ref, total, n, now);
    cr_assert(book_arrive(book, message, &error), "%s", error.text);
    if (answered)
        cr_assert(book_answered(book, message, message->arrived == BOOK_SUBMIT ? 1 : 0, now, &error), "%s", error.text);
    return message;
}

Test(sms_book, the_same_message_again_has_the_same_name, .init = begin, .fini = end)
{
    struct book_message *first = comes("hello", 0, 1, 1, T0, false);
    again(); /* killed before it was answered: it comes again whenever it likes */
    cr_expect(book_tidy(book, T0 + 3600 * SECOND, &error), "%s", error.text);
    struct book_message *second = comes("hello", 0, 1, 1, T0 + 3600 * SECOND, true);
    struct book_message *third = comes("hello", 0, 1, 1, T0 + 3605 * SECOND, true);
    struct book_message *fourth = comes("hello", 0, 1, 1, T0 + 3616 * SECOND, true);
    cr_expect_str_eq(first->external_id, second->external_id);
    cr_expect_str_eq(first->external_id, third->external_id);
    cr_expect_str_neq(first->external_id, fourth->external_id);
    cr_expect_eq(first->interaction, second->interaction);
    cr_expect_neq(first->interaction, fourth->interaction);
    book_message_free(first), book_message_free(second), book_message_free(third), book_message_free(fourth);
}

Test(sms_book, what_has_come_is_known_for_a_day_and_then_forgotten, .init = begin, .fini = end)
{
    struct book_message *first = comes("hello", 0, 1, 1, T0, false);
    cr_expect(book_tidy(book, T0 + 24 * 3600 * SECOND, &error), "%s", error.text);
    struct book_message *second = comes("hello", 0, 1, 1, T0 + 23 * 3600 * SECOND, false);
    cr_expect_str_eq(first->external_id, second->external_id);
    cr_expect(book_tidy(book, T0 + 24 * 3600 * SECOND + 1, &error), "%s", error.text);
    struct book_message *third = comes("hello", 0, 1, 1, T0 + 23 * 3600 * SECOND, false);
    cr_expect_str_neq(first->external_id, third->external_id);
    book_message_free(first), book_message_free(second), book_message_free(third);
}

Test(sms_book, steps_are_kept_together_and_each_whole_or_not_at_all, .init = begin, .fini = end)
{
    struct book_message *messages[3];
    cr_assert(book_together_begin(book, &error), "%s", error.text);
    for (int i = 0; i < 2; i++) {
        cr_assert(book_step_begin(book, &error), "%s", error.text);
        messages[i] = comes(i == 0 ? "kept" : "undone", 0, 1, 1, T0, false);
        cr_expect_eq(book_step_end(book, i == 0, &error), i == 0);
    }
    cr_assert(book_together_end(book, &error), "%s", error.text);
    again();
    messages[2] = comes("kept", 0, 1, 1, T0 + SECOND, false);
    cr_expect_eq(messages[2]->interaction, messages[0]->interaction);
    book_message_free(messages[2]);
    messages[2] = comes("undone", 0, 1, 1, T0 + SECOND, false); /* its names were free again */
    cr_expect_eq(messages[2]->interaction, messages[1]->interaction);
    cr_expect_str_neq(messages[2]->external_id, messages[1]->external_id); /* they have the time in them */
    for (int i = 0; i < 3; i++) book_message_free(messages[i]);
}

Test(sms_book, parts_in_any_order_are_one_message_and_each_is_known_again, .init = begin, .fini = end)
{
    struct book_message *three = comes("c", 9, 3, 3, T0, true), *one = comes("a", 9, 3, 1, T0 + 1, false);
    again();
    struct book_message *two = comes("b", 9, 3, 2, T0 + 2, false), *more = comes("b", 9, 3, 2, T0 + 3 * SECOND, false);
    cr_expect(three->arrived == BOOK_PART && one->arrived == BOOK_PART && two->arrived == BOOK_SUBMIT);
    cr_expect_str_eq(two->text, "abc");
    cr_expect_str_eq(more->external_id, two->external_id); /* killed before the core had it */
    cr_expect_str_eq(more->text, "abc");
    cr_expect(book_answered(book, more, 1, T0 + 4 * SECOND, &error));
    struct book_message *late = comes("a", 9, 3, 1, T0 + 60 * SECOND, true); /* its answer was lost */
    cr_expect_str_eq(late->external_id, two->external_id);
    struct book_message *reused =
        comes("x", 9, 3, 1, T0 + 61 * SECOND, true); /* a cheap telephone counts from 9 again */
    cr_expect_eq(reused->arrived, BOOK_PART);
    book_message_free(one), book_message_free(two), book_message_free(three), book_message_free(more);
    book_message_free(late), book_message_free(reused);
}

Test(sms_book, halves_of_an_emoji_meet_where_parts_are_joined, .init = begin, .fini = end)
{
    static const uint8_t bytes[] = {0, 'a', 0xd8, 0x3d, 0xde, 0, 0, 'b'};
    struct alphabet how = {.coding = CODING_UCS2};
    GString *first = g_string_new(NULL), *second = g_string_new(NULL);
    cr_assert(alphabet_part_put(how, bytes, 4, first) && alphabet_part_put(how, bytes + 4, 4, second));
    struct book_message *one = comes(first->str, 9, 2, 1, T0, true), *two = comes(second->str, 9, 2, 2, T0, true);
    cr_expect_str_eq(two->text, "a😀b");
    book_message_free(one), book_message_free(two);
    g_string_free(first, TRUE), g_string_free(second, TRUE);
}

Test(sms_book, a_message_with_a_gap_is_found_once, .init = begin, .fini = end)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(book_message_free);
    book_message_free(comes("b", 9, 3, 2, T0, true));
    cr_assert(book_gaps(book, T0 + 59 * SECOND, 7, found, &error));
    cr_expect_eq(found->len, 0);
    cr_assert(book_gaps(book, T0 + 61 * SECOND, 7, found, &error), "%s", error.text);
    cr_assert(book_gaps(book, T0 + 62 * SECOND, 7, found, &error)); /* the core was away: it is the same one */
    cr_assert_eq(found->len, 2);
    struct book_message *first = found->pdata[0], *second = found->pdata[1];
    cr_expect_str_eq(first->text, "[...]b[...]");
    cr_expect_str_eq(first->external_id, second->external_id);
    cr_expect(book_answered(book, second, 1, T0 + 63 * SECOND, &error));
    cr_assert(book_gaps(book, T0 + 64 * SECOND, 7, found, &error));
    cr_expect_eq(found->len, 2);
    g_ptr_array_free(found, TRUE);
}

/* Its conversation has it, and the book keeps nothing of it. */
Test(sms_book, parts_that_were_said_in_a_conversation_are_no_message_of_their_own, .init = begin, .fini = end)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(book_message_free);
    setting.route_count = 1;
    book_message_free(comes("a", 4, 2, 1, T0, true));
    struct book_message *whole = message_of("b", 4, 2, 2, T0);
    cr_assert(book_arrive(book, whole, &error), "%s", error.text);
    cr_assert(whole->arrived == BOOK_ASK && whole->interaction == 0);
    whole->said = true;
    cr_assert(book_answered(book, whole, 0, T0, &error), "%s", error.text);
    cr_assert(book_gaps(book, T0 + 61 * SECOND, 7, found, &error), "%s", error.text);
    cr_expect_eq(found->len, 0);
    book_message_free(whole);
    g_ptr_array_free(found, TRUE);
}

static struct book_sending sending_of(const char *msg_id, const char *customer, bool notice)
{
    return (struct book_sending){.journal = 7,
                                 .ixn = 5,
                                 .msg_id = msg_id,
                                 .own = "+4930123",
                                 .customer = customer,
                                 .text = "hi",
                                 .reply_to = "",
                                 .parts = 2,
                                 .now = T0 + SECOND,
                                 .notice = notice};
}

static enum book_going going(const char *msg_id, const char *customer, bool notice, int64_t *message)
{
    struct book_sending sending = sending_of(msg_id, customer, notice);
    cr_assert(book_send(book, &sending, &error), "%s", error.text);
    *message = sending.message;
    return sending.going;
}

static enum book_going begins(int64_t message, const char *customer, bool notice, bool begun)
{
    struct book_sending sending = sending_of("", customer, notice);
    sending.message = message, sending.begun = begun;
    cr_assert(book_begin(book, &sending, &error), "%s", error.text);
    return sending.going;
}

Test(sms_book, who_leaves_is_not_written_to_until_they_come_back, .init = begin, .fini = end)
{
    int64_t message;
    struct book_message *stop = comes("\"Stop\"", 0, 1, 1, T0, true), *more = comes("stop", 0, 1, 1, T0, true);
    cr_expect(stop->arrived == BOOK_WORD && stop->anew && !more->anew);
    cr_expect_eq(going("a", "+491701234501", false, &message), BOOK_STOPPED);
    cr_expect_eq(going("b", "+491701234501", true, &message), BOOK_GO); /* that is what tells them */
    cr_expect_eq(going("c", "+491701234502", false, &message), BOOK_GO);
    again();
    cr_expect_eq(going("d", "+491701234501", false, &message), BOOK_STOPPED);
    struct book_message *start = comes("Start", 0, 1, 1, T0 + SECOND, true);
    cr_expect(start->arrived == BOOK_WORD && start->anew);
    cr_expect_eq(going("e", "+491701234501", false, &message), BOOK_GO); /* also not on the do-not-call list any more */
    struct book_message *sentence = comes("Please stop this", 0, 1, 1, T0, true);
    cr_expect_eq(sentence->arrived, BOOK_SUBMIT);
    book_message_free(stop), book_message_free(more), book_message_free(start), book_message_free(sentence);
}

Test(sms_book, who_leaves_is_not_sent_what_waits, .init = begin, .fini = end)
{
    int64_t waits, tells, other, same;
    going("a", "+491701234501", false, &waits);
    going("b", "+491701234501", true, &tells);
    going("c", "+491701234502", false, &other);
    book_message_free(comes("stop", 0, 1, 1, T0, true));
    cr_expect_eq(begins(waits, "+491701234501", false, true), BOOK_STOPPED);
    cr_expect_eq(begins(tells, "+491701234501", true, true), BOOK_GO);
    cr_expect_eq(begins(other, "+491701234502", false, true), BOOK_GO);
    book_message_free(comes("start", 0, 1, 1, T0 + SECOND, true));
    cr_expect_eq(going("a", "+491701234501", false, &same), BOOK_FAILED); /* it was told as refused */
}

Test(sms_book, who_leaves_while_it_is_under_way_changes_nothing_of_it, .init = begin, .fini = end)
{
    int64_t message;
    cr_expect_eq(going("1-a", "+491701234501", false, &message), BOOK_GO);
    cr_expect_eq(begins(message, "+491701234501", false, true), BOOK_GO);
    book_message_free(comes("stop", 0, 1, 1, T0, true));
    cr_expect_eq(begins(message, "+491701234501", false, true), BOOK_LOST, "another process has it");
    cr_expect_eq(begins(message, "+491701234501", false, false), BOOK_GO, "it waits again");
    cr_expect_eq(begins(message, "+491701234501", false, true), BOOK_STOPPED);
}

Test(sms_book, who_leaves_is_blocked_beyond_an_entry_for_a_time, .init = begin, .fini = end)
{
    int64_t message;
    struct lists *all = lists_open(lists, true, &error);
    struct lists_block week = {
        .value = span_of("+491701234501"), .reason = span_of("not this week"), .since = T0, .until = T0 + 5 * SECOND};
    bool blocks;
    cr_assert_not_null(all, "%s", error.text);
    cr_assert_eq(lists_block(all, &week, &error), LISTS_done, "%s", error.text);
    book_message_free(comes("stop", 0, 1, 1, T0 + SECOND, true));
    cr_assert(lists_blocks(all, "", "+491701234501", T0 + 9 * SECOND, &blocks, &error) && blocks);
    book_message_free(comes("start", 0, 1, 1, T0 + 2 * SECOND, true));
    cr_assert(lists_blocks(all, "", "+491701234501", T0 + 9 * SECOND, &blocks, &error) && !blocks);
    cr_expect_eq(going("a", "+491701234501", false, &message), BOOK_STOPPED); /* it is this week still */
    lists_close(all);
}

static enum book_arrived word_comes(const char *text, const char *name, int64_t now)
{
    struct book_message *message = message_of(text, 0, 1, 1, now);
    g_strlcpy(message->peer_id, name, sizeof message->peer_id);
    cr_assert(book_arrive(book, message, &error) && book_answered(book, message, 0, now, &error), "%s", error.text);
    enum book_arrived arrived = message->arrived;
    book_message_free(message);
    return arrived;
}

Test(sms_book, an_old_word_that_is_brought_again_beats_no_newer_one, .init = begin, .fini = end)
{
    int64_t message;
    cr_expect_eq(word_comes("STOP", "M1", T0), BOOK_WORD);
    cr_expect_eq(word_comes("START", "M2", T0 + SECOND), BOOK_WORD);
    cr_expect_eq(word_comes("STOP", "M3", T0 + 2 * SECOND), BOOK_WORD);
    again();
    cr_expect_eq(word_comes("START", "M2", T0 + 3 * SECOND), BOOK_PART);
    cr_expect_eq(going("a", "+491701234501", false, &message), BOOK_STOPPED);
    cr_expect_eq(word_comes("START", "M4", T0 + 4 * SECOND), BOOK_WORD);
    cr_expect_eq(word_comes("STOP", "M3", T0 + 5 * SECOND), BOOK_PART);
    cr_expect_eq(going("b", "+491701234501", false, &message), BOOK_GO);
    cr_expect_eq(word_comes("HELP", "M5", T0 + 5 * SECOND), BOOK_WORD);
    cr_expect_eq(word_comes("HELP", "M5", T0 + 6 * SECOND), BOOK_WORD, "who asks again for help gets it");
    /* Without names: the same word within ten seconds may be another one, and to leave holds. */
    cr_expect_eq(word_comes("stop", "", T0 + 6 * SECOND), BOOK_WORD);
    cr_expect_eq(word_comes("start", "", T0 + 7 * SECOND), BOOK_WORD);
    cr_expect_eq(word_comes("stop", "", T0 + 8 * SECOND), BOOK_WORD);
    cr_expect_eq(word_comes("start", "", T0 + 9 * SECOND), BOOK_PART);
    cr_expect_eq(going("c", "+491701234501", false, &message), BOOK_STOPPED);
}

Test(sms_book, what_is_asked_for_again_is_not_sent_again, .init = begin, .fini = end)
{
    int64_t message, same;
    cr_expect_eq(going("a", "+491701234502", false, &message), BOOK_GO);
    again();
    cr_expect_eq(going("a", "+491701234502", false, &same), BOOK_GO); /* none of it has gone */
    cr_expect_eq(same, message);
    cr_expect_eq(begins(message, "+491701234502", false, true), BOOK_GO);
    cr_expect_eq(begins(message, "+491701234502", false, true), BOOK_LOST); /* another process is too late */
    again();
    cr_expect_eq(going("a", "+491701234502", false, &same), BOOK_LOST); /* it was on its way */
    cr_expect_eq(begins(message, "+491701234502", false, false), BOOK_GO);
    cr_expect_eq(going("a", "+491701234502", false, &same), BOOK_GO); /* it could not go after all */
    cr_expect_eq(begins(message, "+491701234502", false, true), BOOK_GO);
    cr_assert(book_told(book, message, "accepted", T0, &error));
    cr_expect_eq(going("a", "+491701234502", false, &same), BOOK_GONE);
    cr_assert(book_told(book, message, "failed", T0, &error));
    cr_expect_eq(going("a", "+491701234502", false, &same), BOOK_FAILED);
    cr_assert(book_told(book, message, "unknown", T0, &error));
    cr_expect_eq(going("a", "+491701234502", false, &same), BOOK_LOST); /* nobody knows, however often it is asked */
    setting.resends = true;
    cr_expect_eq(going("a", "+491701234502", false, &same), BOOK_GO);
    cr_expect_eq(begins(message, "+491701234502", false, true), BOOK_GO, "it waits until it is begun anew");
}

/* A message that may go at once stands in the book as going from the first. One that was there before waits there, and
 * has to be begun: else nobody would know that it was on its way. */
Test(sms_book, a_message_is_begun_with_its_first_row_only, .init = begin, .fini = end)
{
    struct book_sending first = sending_of("a", "+491701234502", false), second = first;
    first.begun = second.begun = true;
    cr_assert(book_send(book, &first, &error), "%s", error.text);
    cr_expect(first.going == BOOK_GO && first.begun);
    cr_expect_eq(begins(first.message, "+491701234502", false, false), BOOK_GO); /* it could not go after all */
    cr_assert(book_send(book, &second, &error), "%s", error.text);
    cr_expect(second.going == BOOK_GO && !second.begun);
    cr_expect_eq(begins(first.message, "+491701234502", false, true), BOOK_GO);
}

static int64_t put_application(const char *msg_id, const char *own)
{
    struct book_sending sending = {.msg_id = msg_id,
                                   .own = own,
                                   .customer = "+491701234502",
                                   .text = msg_id,
                                   .reply_to = "",
                                   .parts = 1,
                                   .now = T0};
    cr_assert(book_send(book, &sending, &error), "%s", error.text);
    return sending.message;
}

static void note_left(void *found, const struct book_sending *sending)
{
    g_string_append_printf(found, "%s %s %s%s;", sending->msg_id, sending->customer, sending->text,
                           sending->going == BOOK_LOST ? " lost" : "");
}

static void store_renames(const char *table, const char *to)
{
    struct sql *sql = sql_open(store, "contact store", &error);
    char text[100];
    cr_assert_not_null(sql, "%s", error.text);
    snprintf(text, sizeof text, "ALTER TABLE %s RENAME TO %s", table, to);
    cr_assert(sql_do(sql, &error, text, SQL_NONE), "%s", error.text);
    sql_close(sql);
}

Test(sms_book, what_no_core_asks_for_goes_on_after_a_restart, .init = begin, .fini = end)
{
    char state[BOOK_STATE];
    GString *found = g_string_new(NULL);
    int64_t message;
    put_application("waits", "+4930123");
    int64_t gone = put_application("went", "+4930123"), told = put_application("told", "+4930123");
    put_application("of another adapter", "+4930124");
    going("of a core", "+491701234502", false, &message);
    cr_expect_eq(begins(gone, "+491701234502", false, true), BOOK_GO);
    cr_expect_eq(begins(told, "+491701234502", false, true), BOOK_GO);
    cr_assert(book_told(book, told, "accepted", T0, &error));
    again();
    cr_assert(book_resume(book, T0, note_left, found, &error), "%s", error.text);
    cr_expect_str_eq(found->str, "waits +491701234502 waits;went +491701234502 went lost;");
    cr_assert(book_sent_state(book, "went", state, &error));
    cr_expect_str_eq(state, "unknown");
    cr_assert(book_sent_state(book, "waits", state, &error));
    cr_expect_str_eq(state, "going");
    g_string_truncate(found, 0);
    cr_assert(book_resume(book, T0, note_left, found, &error), "%s", error.text);
    cr_expect_str_eq(found->str, "waits +491701234502 waits;");
    /* A store that cannot be read fails nothing: all is there as soon as it can be. */
    static const char *const tables[][2] = {{"interactions", "kept"}, {"messages", "kept"}};
    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++) {
        store_renames(tables[i][0], tables[i][1]);
        g_string_truncate(found, 0);
        cr_expect_not(book_resume(book, T0, note_left, found, &error), "%s", tables[i][0]);
        cr_expect_str_eq(found->str, "");
        store_renames(tables[i][1], tables[i][0]);
    }
    cr_assert(book_sent_state(book, "waits", state, &error));
    cr_expect_str_eq(state, "going");
    struct store *contacts = store_open(store, &(struct store_options){.country = NULL}, &error);
    int64_t forgotten, erased;
    cr_assert(contacts && store_forget(contacts, span_of("+491701234502"), T0, &forgotten, &erased, &error));
    cr_expect_eq(forgotten, 1);
    store_close(contacts);
    g_string_truncate(found, 0);
    cr_assert(book_resume(book, T0, note_left, found, &error), "%s", error.text);
    cr_expect_str_eq(found->str, "", "nobody is left to whom it could go");
    cr_assert(book_sent_state(book, "waits", state, &error));
    cr_expect_str_eq(state, "failed");
    g_string_free(found, TRUE);
}

Test(sms_book, receipts_of_all_parts_make_a_fate, .init = begin, .fini = end)
{
    int64_t message;
    bool known;
    struct book_fate fate;
    going("a", "+491701234502", false, &message);
    cr_assert(book_receipt(book, "0AB1", "", RECEIPT_DELIVERED, T0, &known, &fate, &error) && !known);
    cr_assert(book_named(book, message, 1, "0AB1", &error) && book_named(book, message, 2, "0AB2", &error));
    cr_assert(book_receipt(book, "ab1", "", RECEIPT_DELIVERED, T0, &known, &fate, &error) && known);
    cr_expect_eq(fate.state, RECEIPT_NONE); /* the other one is not known yet */
    cr_assert(book_receipt(book, "ab2", "", RECEIPT_ON_ITS_WAY, T0, &known, &fate, &error) && known);
    cr_expect_eq(fate.state, RECEIPT_NONE);
    cr_assert(book_receipt(book, "AB2", "", RECEIPT_DELIVERED, T0, &known, &fate, &error) && known);
    cr_expect_eq(fate.state, RECEIPT_DELIVERED);
    cr_expect_eq(fate.ixn, 5);
    cr_expect_str_eq(fate.msg_id, "a");
    cr_assert(book_receipt(book, "AB2", "", RECEIPT_FAILED, T0, &known, &fate, &error) && known);
    cr_expect_eq(fate.state, RECEIPT_DELIVERED); /* what was delivered stays so */
    going("b", "+491701234502", false, &message);
    cr_assert(book_named(book, message, 1, "0AC1", &error));
    cr_assert(book_receipt(book, "ac1", "", RECEIPT_FAILED, T0, &known, &fate, &error) && known);
    cr_expect_eq(fate.state, RECEIPT_FAILED);
    cr_assert(book_receipt(book, "ac1", "", RECEIPT_EXPIRED, T0, &known, &fate, &error) && known);
    cr_expect_eq(fate.state, RECEIPT_FAILED);
    cr_assert(book_receipt(book, "ac1", "", RECEIPT_DELIVERED, T0, &known, &fate, &error) && known);
    cr_expect_neq(fate.state, RECEIPT_FAILED); /* it was, after all */
    cr_assert(book_receipt(book, "ac1", "+491701234509", RECEIPT_FAILED, T0, &known, &fate, &error) && !known);
    cr_assert(book_receipt(book, "ac1", "+491701234502", RECEIPT_FAILED, T0, &known, &fate, &error) && known);
    cr_assert(book_tidy(book, T0 + 3 * 86400 * SECOND, &error));
    cr_assert(book_receipt(book, "AB2", "", RECEIPT_FAILED, T0, &known, &fate, &error) && !known);
}
