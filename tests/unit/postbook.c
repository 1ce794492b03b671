/* tests/unit/postbook.c - The book of the post office in SQLite, with short messages as its way: parts in any order,
 * the same message again, gaps, words by which customers leave, messages that are asked for again. */
#include <criterion/criterion.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/lists/lists.h"
#include "runtime/post/talks.h"
#include "runtime/sql/sql.h"
#include "runtime/store/store.h"
#include "base/memory.h"

TestSuite(postbook, .timeout = 120);

#define SECOND INT64_C(1000000)
#define T0     INT64_C(1770000000000000)

static char *dir, *store, *lists;
static struct sms sms;
static struct postbook *book;
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
    postbook_close(book);
    book = postbook_open(&text_way, &sms.rules, &sms, why, sizeof why);
    cr_assert_not_null(book, "%s", why);
}

static void begin(void)
{
    char why[300] = "";
    dir = g_dir_make_tmp("gcx-sms-XXXXXX", NULL);
    store = g_strdup_printf("sqlite:%s/contacts", dir);
    lists = g_strdup_printf("sqlite:%s/lists", dir);
    cr_assert(sms_setting_read(&sms.setting, get, NULL, why, sizeof why), "%s", why);
    text_rules(&sms.setting, &sms.rules);
    again();
}

static void end(void)
{
    const char *name;
    GDir *all = g_dir_open(dir, 0, NULL);
    postbook_close(book);
    while ((name = g_dir_read_name(all))) {
        char *path = g_build_filename(dir, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    g_dir_close(all);
    g_rmdir(dir);
    g_free(dir), g_free(store), g_free(lists);
    sms_setting_free(&sms.setting);
}

static struct post_item *message_of(const char *text, unsigned ref, unsigned total, unsigned n, int64_t now)
{
    struct post_item *message = memory_zeroed(1, sizeof *message);
    *message = (struct post_item){.own = "+4930123",
                                  .customer = "+491701234501",
                                  .place = {.mark = ref, .total = total, .n = n},
                                  .text = g_strdup(text),
                                  .now = now,
                                  .journal = 7};
    return message;
}

/* It comes; `answered`: the other side was told. */
static struct post_item *comes(const char *text, unsigned ref, unsigned total, unsigned n, int64_t now, bool answered)
{
    struct post_item *message = message_of(text, ref, total, n, now);
    cr_assert(postbook_arrive(book, message, &error), "%s", error.text);
    if (answered)
        cr_assert(postbook_answered(book, message, message->arrived == POST_SUBMIT ? 1 : 0, now, &error), "%s",
                  error.text);
    return message;
}

Test(postbook, the_same_message_again_has_the_same_name, .init = begin, .fini = end)
{
    struct post_item *first = comes("hello", 0, 1, 1, T0, false);
    again(); /* killed before it was answered: it comes again whenever it likes */
    cr_expect(postbook_tidy(book, false, T0 + 3600 * SECOND, &error), "%s", error.text);
    struct post_item *second = comes("hello", 0, 1, 1, T0 + 3600 * SECOND, true);
    struct post_item *third = comes("hello", 0, 1, 1, T0 + 3605 * SECOND, true);
    struct post_item *fourth = comes("hello", 0, 1, 1, T0 + 3616 * SECOND, true);
    cr_expect_str_eq(first->external_id, second->external_id);
    cr_expect_str_eq(first->external_id, third->external_id);
    cr_expect_str_neq(first->external_id, fourth->external_id);
    cr_expect_eq(first->interaction, second->interaction);
    cr_expect_neq(first->interaction, fourth->interaction);
    post_item_free(first), post_item_free(second), post_item_free(third), post_item_free(fourth);
}

Test(postbook, what_has_come_is_known_for_a_day_and_then_forgotten, .init = begin, .fini = end)
{
    struct post_item *first = comes("hello", 0, 1, 1, T0, false);
    cr_expect(postbook_tidy(book, false, T0 + 24 * 3600 * SECOND, &error), "%s", error.text);
    struct post_item *second = comes("hello", 0, 1, 1, T0 + 23 * 3600 * SECOND, false);
    cr_expect_str_eq(first->external_id, second->external_id);
    struct post_item *third = comes("hello", 0, 1, 1, T0 + 24 * 3600 * SECOND + 1, false);
    cr_expect_str_neq(first->external_id, third->external_id);
    post_item_free(first), post_item_free(second), post_item_free(third);
}

/* Of an adapter that has left, or has forgotten them. */
Test(postbook, rows_of_conversations_that_nobody_takes_up_are_forgotten, .init = begin, .fini = end)
{
    struct store *kept = postbook_store(book);
    struct post_item *open = comes("hello", 0, 1, 1, T0, false);
    const struct talk_row rows[] = {
        {"sms", "1/gone", "recent 1", open->interaction, "{}"},
        {"sms", "1/gone", "waits", 0, "{}"},
        {"sms", "1/gone", open->external_id, open->interaction, "{}"},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) cr_assert(talk_put(kept, &rows[i], T0, &error), "%s", error.text);
    for (unsigned day = 8; day < 10; day++) {
        int64_t count;
        bool there;
        cr_assert(postbook_tidy(book, false, T0 + day * 86400 * SECOND, &error), "%s", error.text);
        cr_assert(sql_find(store_sql(kept), &error, &count, &there, "SELECT count(*) FROM post_talks", SQL_NONE));
        cr_expect_eq(count, day == 8 ? 3 : 1, "%u days", day);
    }
    post_item_free(open);
}

Test(postbook, steps_are_kept_together_and_each_whole_or_not_at_all, .init = begin, .fini = end)
{
    struct post_item *messages[3];
    cr_assert(postbook_together_begin(book, &error), "%s", error.text);
    for (int i = 0; i < 2; i++) {
        cr_assert(postbook_step_begin(book, &error), "%s", error.text);
        messages[i] = comes(i == 0 ? "kept" : "undone", 0, 1, 1, T0, false);
        cr_expect_eq(postbook_step_end(book, i == 0, &error), i == 0);
    }
    cr_assert(postbook_together_end(book, &error), "%s", error.text);
    again();
    messages[2] = comes("kept", 0, 1, 1, T0 + SECOND, false);
    cr_expect_eq(messages[2]->interaction, messages[0]->interaction);
    post_item_free(messages[2]);
    messages[2] = comes("undone", 0, 1, 1, T0 + SECOND, false); /* its names were free again */
    cr_expect_eq(messages[2]->interaction, messages[1]->interaction);
    cr_expect_str_neq(messages[2]->external_id, messages[1]->external_id); /* they have the time in them */
    for (int i = 0; i < 3; i++) post_item_free(messages[i]);
}

Test(postbook, parts_in_any_order_are_one_message_and_each_is_known_again, .init = begin, .fini = end)
{
    struct post_item *three = comes("c", 9, 3, 3, T0, true), *one = comes("a", 9, 3, 1, T0 + 1, false);
    again();
    struct post_item *two = comes("b", 9, 3, 2, T0 + 2, false), *more = comes("b", 9, 3, 2, T0 + 3 * SECOND, false);
    cr_expect(three->arrived == POST_PIECE && one->arrived == POST_PIECE && two->arrived == POST_SUBMIT);
    cr_expect_str_eq(two->text, "abc");
    cr_expect_str_eq(more->external_id, two->external_id); /* killed before the core had it */
    cr_expect_str_eq(more->text, "abc");
    cr_expect(postbook_answered(book, more, 1, T0 + 4 * SECOND, &error));
    struct post_item *late = comes("a", 9, 3, 1, T0 + 60 * SECOND, true); /* its answer was lost */
    cr_expect_str_eq(late->external_id, two->external_id);
    struct post_item *reused = comes("x", 9, 3, 1, T0 + 61 * SECOND, true); /* a cheap telephone counts from 9 again */
    cr_expect_eq(reused->arrived, POST_PIECE);
    post_item_free(one), post_item_free(two), post_item_free(three), post_item_free(more);
    post_item_free(late), post_item_free(reused);
}

Test(postbook, halves_of_an_emoji_meet_where_parts_are_joined, .init = begin, .fini = end)
{
    static const uint8_t bytes[] = {0, 'a', 0xd8, 0x3d, 0xde, 0, 0, 'b'};
    struct alphabet how = {.coding = CODING_UCS2};
    GString *first = g_string_new(NULL), *second = g_string_new(NULL);
    cr_assert(alphabet_part_put(how, bytes, 4, first) && alphabet_part_put(how, bytes + 4, 4, second));
    struct post_item *one = comes(first->str, 9, 2, 1, T0, true), *two = comes(second->str, 9, 2, 2, T0, true);
    cr_expect_str_eq(two->text, "a😀b");
    post_item_free(one), post_item_free(two);
    g_string_free(first, TRUE), g_string_free(second, TRUE);
}

static int64_t asks(const char *query)
{
    struct sql *sql = sql_open(store, "contact store", &error);
    int64_t number = -1;
    bool there;
    cr_assert(sql && sql_find(sql, &error, &number, &there, query, SQL_NONE), "%s", error.text);
    sql_close(sql);
    return number;
}

/* Items with a gap, each kept; one of which the set is bad is told and stays, and the others are kept. */
static bool gaps(int64_t now, GPtrArray *found)
{
    guint at = found->len;
    bool good = postbook_gaps(book, now, 7, found, &error), all = good;
    while (good && at < found->len) {
        good = postbook_gap(book, found->pdata[at], &error);
        all = all && good;
        if (good)
            at++;
        else
            g_ptr_array_remove_index(found, at), good = true;
    }
    return all;
}

Test(postbook, a_message_with_a_gap_is_found_once, .init = begin, .fini = end)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(post_item_free);
    post_item_free(comes("b", 9, 3, 2, T0, true));
    cr_assert(gaps(T0 + 59 * SECOND, found));
    cr_expect_eq(found->len, 0);
    cr_assert(gaps(T0 + 61 * SECOND, found), "%s", error.text);
    cr_assert(gaps(T0 + 62 * SECOND, found)); /* the core was away: it is the same one */
    cr_assert_eq(found->len, 2);
    struct post_item *first = found->pdata[0], *second = found->pdata[1];
    cr_expect_str_eq(first->text, "[...]b[...]");
    cr_expect_str_eq(first->external_id, second->external_id);
    cr_expect(postbook_answered(book, second, 1, T0 + 63 * SECOND, &error));
    cr_assert(gaps(T0 + 64 * SECOND, found));
    cr_expect_eq(found->len, 2);
    g_ptr_array_free(found, TRUE);
}

static void alters(const char *text)
{
    struct sql *sql = sql_open(store, "contact store", &error);
    cr_assert(sql && sql_run(sql, text, &error), "%s", error.text);
    sql_close(sql);
}

/* The store was put back, and the row of what was brought is gone. */
Test(postbook, pieces_of_nothing_that_was_brought_are_an_item, .init = begin, .fini = end)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(post_item_free);
    post_item_free(comes("b", 9, 3, 2, T0, true));
    post_item_free(comes("d", 10, 3, 2, T0, true));
    alters("DELETE FROM post_came WHERE id = 1");
    cr_assert(gaps(T0 + 61 * SECOND, found), "%s", error.text);
    cr_assert_eq(found->len, 2);
    cr_expect_str_eq(((struct post_item *)found->pdata[0])->text, "[...]b[...]");
    struct post_item *gone = memory_zeroed(1, sizeof *gone);
    *gone = (struct post_item){.own = "+4930123", .customer = "+491", .place = {.mark = 1, .total = 2, .n = 1}};
    cr_expect_not(postbook_gap(book, gone, &error));
    cr_expect_str_eq(error.text, "its pieces were erased");
    post_item_free(gone);
    g_ptr_array_free(found, TRUE);
}

Test(postbook, a_message_with_a_gap_is_found_after_days_without_a_core, .init = begin, .fini = end)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(post_item_free);
    post_item_free(comes("one ", 9, 3, 1, T0, true)), post_item_free(comes("three", 9, 3, 3, T0, true));
    cr_assert(postbook_tidy(book, false, T0 + 2 * 86400 * SECOND, &error), "%s", error.text);
    cr_assert(gaps(T0 + 2 * 86400 * SECOND, found), "%s", error.text);
    cr_assert_eq(found->len, 1);
    cr_expect_str_eq(((struct post_item *)found->pdata[0])->text, "one [...]three");
    g_ptr_array_free(found, TRUE);
}

/* Its conversation has it, and the book keeps nothing of it. */
Test(postbook, parts_that_were_said_in_a_conversation_are_no_message_of_their_own, .init = begin, .fini = end)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(post_item_free);
    sms.rules.conversations = true;
    post_item_free(comes("a", 4, 2, 1, T0, true));
    struct post_item *whole = message_of("b", 4, 2, 2, T0);
    cr_assert(postbook_arrive(book, whole, &error), "%s", error.text);
    cr_assert(whole->arrived == POST_ASK && whole->interaction == 0);
    whole->said = true;
    cr_assert(postbook_answered(book, whole, 0, T0, &error), "%s", error.text);
    cr_assert(gaps(T0 + 61 * SECOND, found), "%s", error.text);
    cr_expect_eq(found->len, 0);
    post_item_free(whole);
    g_ptr_array_free(found, TRUE);
}

static struct post_order sending_of(const char *msg_id, const char *customer, bool notice)
{
    return (struct post_order){.journal = 7,
                               .ixn = 5,
                               .msg_id = msg_id,
                               .own = "+4930123",
                               .customer = customer,
                               .text = "hi",
                               .reply_to = "",
                               .digest = "",
                               .pieces = 2,
                               .now = T0 + SECOND,
                               .asked = T0 + SECOND,
                               .notice = notice};
}

static enum post_going going(const char *msg_id, const char *customer, bool notice, int64_t *message)
{
    struct post_order sending = sending_of(msg_id, customer, notice);
    cr_assert(postbook_send(book, &sending, &error), "%s", error.text);
    *message = sending.item;
    return sending.going;
}

static enum post_going begins(int64_t message, const char *customer, bool notice, bool begun)
{
    struct post_order sending = sending_of("", customer, notice);
    sending.item = message, sending.begun = begun;
    cr_assert(postbook_begin(book, &sending, &error), "%s", error.text);
    return sending.going;
}

Test(postbook, who_leaves_is_not_written_to_until_they_come_back, .init = begin, .fini = end)
{
    int64_t message;
    struct post_item *stop = comes("\"Stop\"", 0, 1, 1, T0, true), *more = comes("stop", 0, 1, 1, T0, true);
    cr_expect(stop->arrived == POST_WORD && stop->anew && !more->anew);
    cr_expect_eq(going("a", "+491701234501", false, &message), POST_STOPPED);
    cr_expect_eq(going("b", "+491701234501", true, &message), POST_GO); /* that is what tells them */
    cr_expect_eq(going("c", "+491701234502", false, &message), POST_GO);
    again();
    cr_expect_eq(going("d", "+491701234501", false, &message), POST_STOPPED);
    struct post_item *start = comes("Start", 0, 1, 1, T0 + SECOND, true);
    cr_expect(start->arrived == POST_WORD && start->anew);
    cr_expect_eq(going("e", "+491701234501", false, &message), POST_GO); /* also not on the do-not-call list any more */
    struct post_item *sentence = comes("Please stop this", 0, 1, 1, T0, true);
    cr_expect_eq(sentence->arrived, POST_SUBMIT);
    post_item_free(stop), post_item_free(more), post_item_free(start), post_item_free(sentence);
}

Test(postbook, who_leaves_is_not_sent_what_waits, .init = begin, .fini = end)
{
    int64_t waits, tells, other, same;
    going("a", "+491701234501", false, &waits);
    going("b", "+491701234501", true, &tells);
    going("c", "+491701234502", false, &other);
    post_item_free(comes("stop", 0, 1, 1, T0, true));
    cr_expect_eq(begins(waits, "+491701234501", false, true), POST_STOPPED);
    cr_expect_eq(begins(tells, "+491701234501", true, true), POST_GO);
    cr_expect_eq(begins(other, "+491701234502", false, true), POST_GO);
    post_item_free(comes("start", 0, 1, 1, T0 + SECOND, true));
    cr_expect_eq(going("a", "+491701234501", false, &same), POST_FAILED); /* it was told as refused */
}

Test(postbook, who_leaves_while_it_is_under_way_changes_nothing_of_it, .init = begin, .fini = end)
{
    int64_t message;
    cr_expect_eq(going("1-a", "+491701234501", false, &message), POST_GO);
    cr_expect_eq(begins(message, "+491701234501", false, true), POST_GO);
    post_item_free(comes("stop", 0, 1, 1, T0, true));
    cr_expect_eq(begins(message, "+491701234501", false, true), POST_LOST, "another process has it");
    cr_expect_eq(begins(message, "+491701234501", false, false), POST_GO, "it waits again");
    cr_expect_eq(begins(message, "+491701234501", false, true), POST_STOPPED);
}

Test(postbook, who_leaves_is_blocked_beyond_an_entry_for_a_time, .init = begin, .fini = end)
{
    int64_t message;
    struct lists *all = lists_open(lists, true, &error);
    struct lists_block week = {
        .value = span_of("+491701234501"), .reason = span_of("not this week"), .since = T0, .until = T0 + 5 * SECOND};
    bool blocks;
    cr_assert_not_null(all, "%s", error.text);
    cr_assert_eq(lists_block(all, &week, &error), LISTS_done, "%s", error.text);
    post_item_free(comes("stop", 0, 1, 1, T0 + SECOND, true));
    cr_assert(lists_blocks(all, "", "+491701234501", T0 + 9 * SECOND, &blocks, &error) && blocks);
    post_item_free(comes("start", 0, 1, 1, T0 + 2 * SECOND, true));
    cr_assert(lists_blocks(all, "", "+491701234501", T0 + 9 * SECOND, &blocks, &error) && !blocks);
    cr_expect_eq(going("a", "+491701234501", false, &message), POST_STOPPED); /* it is this week still */
    lists_close(all);
}

static enum post_arrived word_comes(const char *text, const char *name, int64_t now)
{
    struct post_item *message = message_of(text, 0, 1, 1, now);
    g_strlcpy(message->peer_id, name, sizeof message->peer_id);
    cr_assert(postbook_arrive(book, message, &error) && postbook_answered(book, message, 0, now, &error), "%s",
              error.text);
    enum post_arrived arrived = message->arrived;
    post_item_free(message);
    return arrived;
}

Test(postbook, an_old_word_that_is_brought_again_beats_no_newer_one, .init = begin, .fini = end)
{
    int64_t message;
    cr_expect_eq(word_comes("STOP", "M1", T0), POST_WORD);
    cr_expect_eq(word_comes("START", "M2", T0 + SECOND), POST_WORD);
    cr_expect_eq(word_comes("STOP", "M3", T0 + 2 * SECOND), POST_WORD);
    again();
    cr_expect_eq(word_comes("START", "M2", T0 + 3 * SECOND), POST_PIECE);
    cr_expect_eq(going("a", "+491701234501", false, &message), POST_STOPPED);
    cr_expect_eq(word_comes("START", "M4", T0 + 4 * SECOND), POST_WORD);
    cr_expect_eq(word_comes("STOP", "M3", T0 + 5 * SECOND), POST_PIECE);
    cr_expect_eq(going("b", "+491701234501", false, &message), POST_GO);
    cr_expect_eq(word_comes("HELP", "M5", T0 + 5 * SECOND), POST_WORD);
    cr_expect_eq(word_comes("HELP", "M5", T0 + 6 * SECOND), POST_WORD, "who asks again for help gets it");
    /* Without names: the same word within ten seconds may be another one, and to leave holds. */
    cr_expect_eq(word_comes("stop", "", T0 + 6 * SECOND), POST_WORD);
    cr_expect_eq(word_comes("start", "", T0 + 7 * SECOND), POST_WORD);
    cr_expect_eq(word_comes("stop", "", T0 + 8 * SECOND), POST_WORD);
    cr_expect_eq(word_comes("start", "", T0 + 9 * SECOND), POST_PIECE);
    cr_expect_eq(going("c", "+491701234501", false, &message), POST_STOPPED);
}

Test(postbook, what_is_asked_for_again_is_not_sent_again, .init = begin, .fini = end)
{
    int64_t message, same;
    cr_expect_eq(going("a", "+491701234502", false, &message), POST_GO);
    again();
    cr_expect_eq(going("a", "+491701234502", false, &same), POST_GO); /* none of it has gone */
    cr_expect_eq(same, message);
    cr_expect_eq(begins(message, "+491701234502", false, true), POST_GO);
    cr_expect_eq(begins(message, "+491701234502", false, true), POST_LOST); /* another process is too late */
    again();
    cr_expect_eq(going("a", "+491701234502", false, &same), POST_LOST); /* it was on its way */
    cr_expect_eq(begins(message, "+491701234502", false, false), POST_GO);
    cr_expect_eq(going("a", "+491701234502", false, &same), POST_GO); /* it could not go after all */
    cr_expect_eq(begins(message, "+491701234502", false, true), POST_GO);
    cr_assert(postbook_out_becomes(book, message, POST_OUT_given, T0, &error));
    cr_expect_eq(going("a", "+491701234502", false, &same), POST_GONE);
    cr_assert(postbook_out_becomes(book, message, POST_OUT_unknown, T0, &error));
    cr_expect_eq(going("a", "+491701234502", false, &same), POST_GONE, "what is given is known");
    going("b", "+491701234502", false, &message);
    cr_assert(postbook_out_becomes(book, message, POST_OUT_failed, T0, &error));
    cr_expect_eq(going("b", "+491701234502", false, &same), POST_FAILED);
    going("c", "+491701234502", false, &message);
    cr_expect_eq(begins(message, "+491701234502", false, true), POST_GO);
    cr_assert(postbook_out_becomes(book, message, POST_OUT_unknown, T0, &error));
    cr_expect_eq(going("c", "+491701234502", false, &same), POST_LOST); /* nobody knows, however often it is asked */
    sms.rules.resends = true;
    cr_expect_eq(going("c", "+491701234502", false, &same), POST_GO);
    cr_expect_eq(begins(message, "+491701234502", false, true), POST_GO, "it waits until it is begun anew");
}

static unsigned strays(uint64_t journal, int64_t now)
{
    GHashTable *none = g_hash_table_new(g_str_hash, g_str_equal);
    int64_t after = 0;
    unsigned count = 0;
    cr_assert(postbook_strays(book, journal, none, now, now, &after, &count, &error), "%s", error.text);
    g_hash_table_destroy(none);
    return count;
}

/* Else its text would stay in the contact store for ever, as of something that goes on. */
Test(postbook, what_waits_for_a_core_that_was_lost_is_over_after_days, .init = begin, .fini = end)
{
    int64_t message;
    going("a", "+491701234502", false, &message);
    cr_expect_eq(strays(8, T0 + 7 * 86400 * SECOND), 0, "its core may come back");
    cr_assert(store_serve(postbook_store(book), 7, 0, &error), "%s", error.text);
    cr_expect_eq(strays(8, T0 + 9 * 86400 * SECOND), 0, "its core lives");
    cr_assert(sql_run(store_sql(postbook_store(book)), "UPDATE served SET until = 1", &error), "%s", error.text);
    cr_expect_eq(strays(8, T0 + 9 * 86400 * SECOND), 1);
    cr_expect_eq(asks("SELECT count(*) FROM post_out WHERE state = 'failed'"), 1);
    cr_expect_eq(asks("SELECT count(*) FROM interactions WHERE ended IS NULL"), 0);
}

/* The plugin was taken out of the configuration. */
Test(postbook, rows_of_a_way_that_is_there_no_more_are_forgotten, .init = begin, .fini = end)
{
    static const char *const rows[] = {
        "INSERT INTO post_came(id, way, digest, external_id, state, came) VALUES(70, 'fax', 'd', 'x', 'said', 1)",
        "INSERT INTO post_pieces(way, own, customer, mark, total, n, text, came, brought) VALUES('fax', 'o', 'c', 1, 2,"
        " 1, 'half', 1, 70)",
        "INSERT INTO post_out(id, way, journal, ixn, msg_id, digest, state, pieces, asked) VALUES(71, 'fax', 1, 1, 'm',"
        " '', 'given', 1, 1)",
        "INSERT INTO post_names(peer_id, item, n, state) VALUES('p', 71, 1, 'given')",
        "INSERT INTO post_talks(way, owner, name, saved, changed) VALUES('fax', '1/fax', 'n', '{}', 1)"};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        cr_assert(sql_run(store_sql(postbook_store(book)), rows[i], &error), "%s", error.text);
    cr_assert(postbook_tidy(book, true, T0, &error), "%s", error.text);
    cr_expect_eq(asks("SELECT (SELECT count(*) FROM post_came) + (SELECT count(*) FROM post_pieces) + (SELECT count(*)"
                      " FROM post_out) + (SELECT count(*) FROM post_names) + (SELECT count(*) FROM post_talks)"),
                 0);
}

/* A message that may go at once stands in the book as going from the first. One that was there before waits there, and
 * has to be begun: else nobody would know that it was on its way. */
Test(postbook, a_message_is_begun_with_its_first_row_only, .init = begin, .fini = end)
{
    struct post_order first = sending_of("a", "+491701234502", false), second = first;
    first.begun = second.begun = true;
    cr_assert(postbook_send(book, &first, &error), "%s", error.text);
    cr_expect(first.going == POST_GO && first.begun);
    cr_expect_eq(begins(first.item, "+491701234502", false, false), POST_GO); /* it could not go after all */
    cr_assert(postbook_send(book, &second, &error), "%s", error.text);
    cr_expect(second.going == POST_GO && !second.begun);
    cr_expect_eq(begins(first.item, "+491701234502", false, true), POST_GO);
}

static int64_t put_application(const char *msg_id, const char *own)
{
    struct post_order sending = {.msg_id = msg_id,
                                 .own = own,
                                 .customer = "+491701234502",
                                 .text = msg_id,
                                 .reply_to = "",
                                 .digest = "",
                                 .pieces = 1,
                                 .now = T0,
                                 .asked = T0};
    cr_assert(postbook_send(book, &sending, &error), "%s", error.text);
    return sending.item;
}

/* What a restart finds, as text: what was going, then what waits. */
static bool resumes(GString *found)
{
    static const enum post_out states[] = {POST_OUT_begun, POST_OUT_held};
    bool good = true;
    for (unsigned at = 0; good && at < 2; at++) {
        int64_t after = 0;
        GPtrArray *page = post_left_new();
        good = postbook_resume(book, states[at], T0, T0, &after, page, &error) && after == 0;
        for (guint i = 0; good && i < page->len; i++) {
            const struct post_left *left = page->pdata[i];
            g_string_append_printf(found, "%s %s %s%s;", left->msg_id, left->customer, left->text,
                                   left->gone ? "gone"
                                   : at == 0  ? " lost"
                                              : "");
        }
        g_ptr_array_free(page, TRUE);
    }
    return good;
}

static void store_does(const char *text)
{
    struct sql *sql = sql_open(store, "contact store", &error);
    cr_assert(sql && sql_do(sql, &error, text, SQL_NONE), "%s", error.text);
    sql_close(sql);
}

static void store_renames(const char *table, const char *to)
{
    char text[100];
    snprintf(text, sizeof text, "ALTER TABLE %s RENAME TO %s", table, to);
    store_does(text);
}

/* Somebody has removed the interactions. The book tells it once, and a receipt of one is no error. */
Test(postbook, what_waits_and_is_not_in_the_contact_store_any_more_ends, .init = begin, .fini = end)
{
    char state[POST_WORD_SIZE];
    GString *found = g_string_new(NULL);
    struct post_receipt receipt = {.state = POST_OUT_delivered};
    struct post_fate fate;
    put_application("waits", "+4930123");
    int64_t went = put_application("went", "+4930123");
    cr_assert(postbook_out_becomes(book, went, POST_OUT_begun, T0, &error));
    text_way.names(&sms, "AB1", receipt.form);
    cr_assert(postbook_named(book, went, 1, receipt.form, &error));
    cr_assert(postbook_out_becomes(book, went, POST_OUT_given, T0, &error));
    store_does("DELETE FROM messages"), store_does("DELETE FROM interactions");
    cr_expect(postbook_receipt(book, &receipt, T0, &fate, &error) && fate.told, "%s", error.text);
    cr_assert(resumes(found), "%s", error.text);
    cr_expect_str_eq(found->str, "waits  gone;");
    cr_assert(postbook_sent_state(book, "waits", state, &error));
    cr_expect_str_eq(state, "failed");
    g_string_truncate(found, 0);
    cr_assert(resumes(found), "%s", error.text);
    cr_expect_str_eq(found->str, "");
    g_string_free(found, TRUE);
}

Test(postbook, what_no_core_asks_for_goes_on_after_a_restart, .init = begin, .fini = end)
{
    char state[POST_WORD_SIZE];
    GString *found = g_string_new(NULL);
    int64_t message;
    put_application("waits", "+4930123");
    int64_t gone = put_application("went", "+4930123"), told = put_application("told", "+4930123");
    put_application("of another adapter", "+4930124");
    going("of a core", "+491701234502", false, &message);
    cr_expect_eq(begins(gone, "+491701234502", false, true), POST_GO);
    cr_expect_eq(begins(told, "+491701234502", false, true), POST_GO);
    cr_assert(postbook_out_becomes(book, told, POST_OUT_given, T0, &error));
    again();
    cr_assert(resumes(found), "%s", error.text);
    cr_expect_str_eq(found->str, "went +491701234502 went lost;waits +491701234502 waits;");
    cr_assert(postbook_sent_state(book, "went", state, &error));
    cr_expect_str_eq(state, "unknown");
    cr_assert(postbook_sent_state(book, "waits", state, &error));
    cr_expect_str_eq(state, "going");
    g_string_truncate(found, 0);
    cr_assert(resumes(found), "%s", error.text);
    cr_expect_str_eq(found->str, "waits +491701234502 waits;");
    /* A store that cannot be read fails nothing: all is there as soon as it can be. */
    static const char *const tables[][2] = {{"interactions", "kept"}, {"messages", "kept"}};
    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++) {
        store_renames(tables[i][0], tables[i][1]);
        g_string_truncate(found, 0);
        cr_expect_not(resumes(found), "%s", tables[i][0]);
        cr_expect_str_eq(found->str, "");
        store_renames(tables[i][1], tables[i][0]);
    }
    cr_assert(postbook_sent_state(book, "waits", state, &error));
    cr_expect_str_eq(state, "going");
    struct store *contacts = store_open(store, &(struct store_options){.country = NULL}, &error);
    int64_t forgotten, erased;
    cr_assert(contacts && store_forget(contacts, span_of("+491701234502"), T0, &forgotten, &erased, &error));
    cr_expect_eq(forgotten, 1);
    store_close(contacts);
    g_string_truncate(found, 0);
    cr_assert(resumes(found), "%s", error.text);
    cr_expect_str_eq(found->str, "", "nobody is left to whom it could go");
    cr_assert(postbook_sent_state(book, "waits", state, &error));
    cr_expect_str_eq(state, "failed");
    cr_expect_eq(asks("SELECT count(*) FROM post_out WHERE (msg_id NOT LIKE 'sha256:%' OR digest <> '') AND interaction"
                      " IN (SELECT id FROM interactions WHERE erased IS NOT NULL)"),
                 0);
    cr_expect_eq(going("of a core", "+491701234502", false, &message), POST_FAILED, "nothing goes to them any more");
    g_string_free(found, TRUE);
}

/* A receipt comes; what it says of the whole item: its state, "" where nothing is told, NULL where nobody knows it. */
static const char *receipt_from(const char *peer_id, const char *from, enum post_out state)
{
    struct post_receipt receipt = {.state = state};
    struct post_fate fate;
    text_way.names(&sms, peer_id, receipt.form);
    g_strlcpy(receipt.from, from, sizeof receipt.from);
    cr_assert(postbook_receipt(book, &receipt, T0, &fate, &error), "%s", error.text);
    if (fate.told) cr_expect(fate.ixn == 5 && fate.journal == 7);
    return !fate.known ? NULL : fate.told ? post_out_shown(fate.state) : "";
}

static const char *receipt(const char *peer_id, enum post_out state)
{
    return receipt_from(peer_id, "", state);
}

/* Two pieces are given. */
static int64_t given(const char *msg_id, const char *one, const char *two)
{
    int64_t message;
    char form[POST_ADDRESS];
    cr_expect_eq(going(msg_id, "+491701234502", false, &message), POST_GO);
    cr_expect_eq(begins(message, "+491701234502", false, true), POST_GO);
    text_way.names(&sms, one, form);
    cr_assert(postbook_named(book, message, 1, form, &error));
    text_way.names(&sms, two, form);
    cr_assert(!*two || postbook_named(book, message, 2, form, &error));
    cr_assert(postbook_out_becomes(book, message, POST_OUT_given, T0, &error));
    return message;
}

Test(postbook, receipts_of_all_parts_make_a_fate, .init = begin, .fini = end)
{
    cr_expect_null(receipt("0AB1", POST_OUT_delivered));
    given("a", "0AB1", "0AB2");
    cr_expect_str_eq(receipt("ab1", POST_OUT_delivered), "", "the other one is not known yet");
    cr_expect_str_eq(receipt("ab2", POST_OUT_given), "");
    cr_expect_str_eq(receipt("AB2", POST_OUT_delivered), "delivered");
    given("b", "0AC1", "");
    cr_expect_str_eq(receipt("ac1", POST_OUT_failed), "failed");
    cr_expect_null(receipt_from("ac1", "+491701234509", POST_OUT_failed));
    cr_expect_str_eq(receipt_from("ac1", "+491701234502", POST_OUT_failed), "failed");
    cr_assert(
        postbook_tidy(book, false, T0 + 7 * 86400 * SECOND, &error)); /* a telephone was switched off for a week */
    cr_expect_str_eq(receipt("AB2", POST_OUT_failed), "");
    cr_assert(postbook_tidy(book, false, T0 + 9 * 86400 * SECOND, &error));
    cr_expect_null(receipt("AB2", POST_OUT_failed));
}

/* Two providers count their messages from 1: a receipt that comes to us names one from a number of ours. */
Test(postbook, a_receipt_is_of_a_message_from_a_number_of_this_adapter, .init = begin, .fini = end)
{
    int64_t ours = given("a", "AD1", "AD2"), others = given("b", "AD1", "AD2"), found;
    bool there;
    struct sql *sql = sql_open(store, "contact store", &error);
    cr_assert_not_null(sql, "%s", error.text);
    cr_assert(sql_do(sql, &error,
                     "UPDATE messages SET sender = '+4930124' WHERE interaction = (SELECT interaction FROM post_out"
                     " WHERE id = $1)",
                     SQL_WITH(sql_number(others))));
    cr_expect_str_eq(receipt("ad1", POST_OUT_delivered), "");
    cr_expect_str_eq(receipt("ad2", POST_OUT_delivered), "delivered");
    cr_assert(sql_find(sql, &error, &found, &there, "SELECT id FROM post_out WHERE state = 'delivered'", SQL_NONE));
    cr_expect(there && found == ours);
    given("c", "AD1", "");
    cr_expect_str_eq(receipt("ad1", POST_OUT_failed), "failed", "the newest of ours");
    sql_close(sql);
}

/* Late, twice, and in any order: a later one never takes a better one back, and is not told then. */
Test(postbook, a_later_receipt_takes_no_better_one_back, .init = begin, .fini = end)
{
    given("a", "a1", "a2");
    cr_expect_str_eq(receipt("a1", POST_OUT_delivered), "");
    cr_expect_str_eq(receipt("a1", POST_OUT_failed), "", "the piece is delivered");
    cr_expect_str_eq(receipt("a2", POST_OUT_expired), "expired");
    cr_expect_str_eq(receipt("a2", POST_OUT_expired), "expired", "the first one may not have reached the core");
    cr_expect_str_eq(receipt("a2", POST_OUT_failed), "failed");
    cr_expect_str_eq(receipt("a2", POST_OUT_expired), "");
    cr_expect_str_eq(receipt("a2", POST_OUT_delivered), "delivered");
    cr_expect_str_eq(receipt("a2", POST_OUT_delivered), "delivered");
    cr_expect_str_eq(receipt("a2", POST_OUT_failed), "");
    cr_expect_str_eq(receipt("a1", POST_OUT_expired), "");
}

Test(postbook, the_same_name_with_other_words_is_another_item, .init = begin, .fini = end)
{
    static const struct {
        const char *text;
        int64_t at;
    } come[] = {{"one", T0}, {"two", T0 + SECOND}, {"one", T0 + 2 * SECOND}, {"one", T0 + 7 * 86400 * SECOND}};
    struct post_item *all[G_N_ELEMENTS(come)];
    for (unsigned i = 0; i < G_N_ELEMENTS(come); i++) {
        all[i] = message_of(come[i].text, 0, 1, 1, come[i].at);
        g_strlcpy(all[i]->peer_id, "M1", sizeof all[i]->peer_id);
        cr_assert(postbook_tidy(book, false, come[i].at, &error) && postbook_arrive(book, all[i], &error), "%s",
                  error.text);
        cr_assert(postbook_answered(book, all[i], 0, come[i].at, &error));
    }
    cr_expect_neq(all[0]->interaction, all[1]->interaction);
    cr_expect_eq(all[0]->interaction, all[2]->interaction);
    cr_expect_eq(all[0]->interaction, all[3]->interaction, "networks repeat for seven days");
    for (unsigned i = 0; i < G_N_ELEMENTS(come); i++) post_item_free(all[i]);

    struct post_order asked = sending_of("5-1", "+491701234502", false), again = asked;
    asked.digest = "of one", again.digest = "of another";
    cr_assert(postbook_send(book, &asked, &error) && postbook_send(book, &again, &error), "%s", error.text);
    cr_expect(asked.going == POST_GO && again.going == POST_GO && asked.item != again.item);
    again = asked, again.item = 0;
    cr_assert(postbook_send(book, &again, &error));
    cr_expect_eq(again.item, asked.item);
    asked.ixn = 0, asked.item = 0, asked.msg_id = "app-1";
    cr_assert(postbook_send(book, &asked, &error), "%s", error.text);
    again = asked, again.item = 0, again.digest = "of another";
    cr_assert(postbook_send(book, &again, &error));
    cr_expect_eq(again.going, POST_OTHER, "an application is told");
}

Test(postbook, what_was_written_earlier_has_its_time, .init = begin, .fini = end)
{
    struct post_item *late = message_of("late", 0, 1, 1, T0);
    late->written = T0 - 3600 * SECOND;
    cr_assert(postbook_arrive(book, late, &error), "%s", error.text);
    cr_expect_eq(asks("SELECT at FROM messages"), T0 - 3600 * SECOND);
    cr_expect_eq(asks("SELECT received FROM interactions"), T0);
    post_item_free(late);
}

Test(postbook, what_the_core_has_is_known_until_it_ends, .init = begin, .fini = end)
{
    post_item_free(comes("hello", 0, 1, 1, T0, true));
    cr_assert(postbook_tidy(book, false, T0 + 30 * 86400 * SECOND, &error), "%s", error.text);
    cr_expect_eq(asks("SELECT count(*) FROM post_came WHERE state = 'owned'"), 1);
    const char *over;
    struct post_item *lost = memory_zeroed(1, sizeof *lost);
    lost->interaction = asks("SELECT id FROM interactions");
    cr_assert(postbook_again(book, lost, T0 + 30 * 86400 * SECOND, &over, &error), "%s", error.text);
    cr_expect_null(over);
    cr_expect_str_eq(lost->own, "+4930123");
    cr_expect_eq(asks("SELECT count(*) FROM post_came WHERE state = 'kept'"), 1);
    cr_assert(postbook_answered(book, lost, 9, T0, &error));
    cr_assert(postbook_end_named(book, lost->external_id, "done", T0, &error), "%s", error.text);
    cr_expect_eq(asks("SELECT count(*) FROM post_came WHERE state = 'ended'"), 1);
    cr_assert(postbook_tidy(book, false, T0 + 30 * 86400 * SECOND, &error));
    cr_expect_eq(asks("SELECT count(*) FROM post_came"), 0);
    post_item_free(lost);
}

Test(postbook, what_nobody_knows_the_address_of_is_ended_as_lost, .init = begin, .fini = end)
{
    const char *over;
    post_item_free(comes("hello", 0, 1, 1, T0, true));
    asks("UPDATE post_came SET own = NULL RETURNING 1");
    struct post_item *lost = memory_zeroed(1, sizeof *lost);
    lost->interaction = asks("SELECT id FROM interactions");
    cr_assert(postbook_step_begin(book, &error));
    bool good = postbook_again(book, lost, T0, &over, &error);
    cr_assert(postbook_step_end(book, good, &error), "%s", error.text);
    cr_expect_str_eq(over, "lost");
    cr_expect_eq(asks("SELECT count(*) FROM interactions WHERE result = 'lost' AND ended IS NOT NULL"), 1);
    post_item_free(lost);
}

/* tests/unit/golden/sms_7.sql: an item in each state, as the last release without a post office wrote them. */
Test(postbook, a_book_of_the_plugin_before_goes_on, .init = begin, .fini = end)
{
    static const char *const counts[][2] = {
        {"SELECT count(*) FROM post_out WHERE state = 'held'", "2"},
        {"SELECT count(*) FROM post_out WHERE state = 'begun'", "1"},
        {"SELECT count(*) FROM post_out WHERE state IN ('given', 'unknown', 'failed', 'expired', 'delivered')", "5"},
        {"SELECT count(*) FROM post_came WHERE state = 'brought'", "1"},
        {"SELECT count(*) FROM post_came WHERE state = 'kept'", "1"},
        {"SELECT count(*) FROM post_came WHERE state = 'owned'", "1"},
        {"SELECT count(*) FROM post_came WHERE state = 'ended'", "1"},
        {"SELECT count(*) FROM post_came c JOIN post_pieces p ON p.brought = c.id WHERE c.answered IS NOT NULL", "1"},
        {"SELECT count(*) FROM post_out o JOIN post_names n ON n.item = o.id WHERE n.state = o.state", "3"},
        {"SELECT version FROM gcx_store", "16"},
        /* Of SQLite alone: */
        {"SELECT count(*) FROM sqlite_schema WHERE name = 'post_out_by_state'", "1"},
        {"SELECT count(*) FROM sqlite_schema WHERE name LIKE '%sms%'", "0"}};
    const char *top = getenv("top_srcdir"), *server = getenv("GCX_PG_CONNINFO");
    char *path = g_strdup_printf("%s/tests/unit/golden/sms_7.sql", top ? top : ".."), *golden;
    GString *found = g_string_new(NULL);
    int64_t message;
    postbook_close(book);
    book = NULL;
    g_free(store);
    store = server ? g_strdup(server) : g_strdup_printf("sqlite:%s/before", dir);
    sms.rules.store = store;
    cr_assert(g_file_get_contents(path, &golden, NULL, NULL), "%s", path);
    if (!server) alters(golden); /* tests/flows/postgres_store.sh has put it into the server's database */
    again();
    for (unsigned i = 0; i < sizeof counts / sizeof *counts - (server ? 2 : 0); i++)
        cr_expect_eq(asks(counts[i][0]), atoi(counts[i][1]), "%s", counts[i][0]);
    /* What came is known, the long one is put together, a provider's name of the old kind is understood. */
    struct post_item *kept = comes("kept and not answered", 0, 1, 1, T0 + 600 * SECOND, true);
    cr_expect_eq(kept->interaction, 1);
    struct post_item *named = message_of("the core has it", 0, 1, 1, T0 + 600 * SECOND);
    g_strlcpy(named->peer_id, "M1", sizeof named->peer_id);
    cr_assert(postbook_arrive(book, named, &error), "%s", error.text);
    cr_expect_eq(named->interaction, 2);
    post_item_free(comes("two of three ", 9, 3, 2, T0 + 601 * SECOND, true));
    struct post_item *whole = comes(" and three", 9, 3, 3, T0 + 602 * SECOND, true);
    cr_expect_str_eq(whole->text, "one of threetwo of three  and three");
    /* What was sent stays sent, what waits goes on, what was on its way is unknown. */
    cr_expect_eq(going("5-1", "+491701234502", false, &message), POST_GO);
    cr_expect_eq(going("5-2", "+491701234502", false, &message), POST_GONE);
    cr_expect_eq(going("5-4", "+491701234502", false, &message), POST_FAILED);
    cr_expect_eq(going("5-5", "+491701234502", false, &message), POST_LOST);
    cr_expect_str_eq(receipt("AB1", POST_OUT_delivered), "delivered");
    cr_expect_str_eq(receipt("AB2", POST_OUT_failed), "");
    cr_assert(resumes(found), "%s", error.text);
    cr_expect_str_eq(found->str, "app-went +491701234502 it went lost;app-waits +491701234502 it waits;");
    post_item_free(kept), post_item_free(named), post_item_free(whole);
    g_string_free(found, TRUE);
    g_free(path), g_free(golden);
}

Test(postbook, what_was_tried_before_its_customer_was_erased_is_not_tried_again, .init = begin, .fini = end)
{
    int64_t contacts, erased, tried, waiting;
    cr_expect_eq(going("a", "+491701234501", false, &tried), POST_GO);
    cr_expect_eq(going("b", "+491701234501", false, &waiting), POST_GO);
    cr_expect_eq(begins(tried, "+491701234501", false, true), POST_GO);
    struct store *contact_store = store_open(store, &(struct store_options){.country = NULL}, &error);
    cr_assert(contact_store && store_forget(contact_store, span_of("+491701234501"), T0, &contacts, &erased, &error));
    store_close(contact_store);
    cr_expect_eq(begins(tried, "+491701234501", false, false), POST_GO); /* the other side has refused it for now */
    cr_expect_eq(begins(tried, "+491701234501", false, true), POST_FAILED);
    cr_expect_eq(begins(waiting, "+491701234501", false, true), POST_FAILED);
    cr_expect_eq(asks("SELECT count(*) FROM post_out WHERE state = 'failed'"), 2);
    cr_expect_eq(asks("SELECT count(*) FROM interactions WHERE result = 'failed' AND ended IS NOT NULL"), 2);
}

Test(postbook, of_an_erased_customer_a_name_that_others_gave_is_a_digest, .init = begin, .fini = end)
{
    int64_t contacts, erased;
    post_item_free(comes("hello", 0, 1, 1, T0, true));
    post_item_free(comes("more", 0, 1, 1, T0 + 1, true));
    alters("UPDATE interactions SET external_id = 'anna@example.org' WHERE id = 2"); /* as of a mail */
    alters("UPDATE post_came SET external_id = 'anna@example.org' WHERE id = 2");
    struct store *contact_store = store_open(store, &(struct store_options){.country = NULL}, &error);
    cr_assert(contact_store && store_forget(contact_store, span_of("+491701234501"), T0, &contacts, &erased, &error));
    store_close(contact_store);
    cr_expect_eq(asks("SELECT count(*) FROM post_came WHERE external_id LIKE '%anna%'"), 0);
    cr_expect_eq(asks("SELECT count(*) FROM post_came c JOIN interactions i ON i.external_id = c.external_id"), 1);
    cr_expect_eq(asks("SELECT count(*) FROM post_came WHERE external_id LIKE 'sms-1-%'"), 1, "it is the book's own");
}

Test(postbook, of_an_erased_customer_no_piece_waits_and_nothing_goes, .init = begin, .fini = end)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(post_item_free);
    int64_t contacts, erased;
    post_item_free(comes("hello", 0, 1, 1, T0, true)); /* now there is a contact */
    post_item_free(comes("half of a secret", 4, 2, 1, T0, true));
    struct post_item *other = message_of("of a number that nobody knows", 4, 2, 1, T0);
    g_strlcpy(other->customer, "+491701234509", sizeof other->customer);
    cr_assert(postbook_arrive(book, other, &error), "%s", error.text);
    post_item_free(other);
    struct store *contact_store = store_open(store, &(struct store_options){.country = NULL}, &error);
    const char *const waiting[] = {"{\"name\": \"Anna\", \"address\": \"+491701234501\"}",
                                   "{\"name\": \"\", \"address\": \"+4917012345010\"}",
                                   "{\"address\":\"+491701234509\"}"};
    for (unsigned i = 0; i < G_N_ELEMENTS(waiting); i++) /* conversations in which nothing was said */
        cr_assert(talk_put(contact_store, &(struct talk_row){"sms", "1/a", &"one\0two\0six"[4 * i], 0, waiting[i]}, T0,
                           &error));
    cr_assert(contact_store && store_forget(contact_store, span_of("+491701234501"), T0, &contacts, &erased, &error));
    cr_expect_eq(asks("SELECT count(*) FROM post_pieces"), 1);
    cr_expect_eq(asks("SELECT count(*) FROM post_talks"), 2);
    cr_assert(store_forget(contact_store, span_of("+491701234509"), T0, &contacts, &erased, &error));
    cr_expect_eq(contacts, 0);
    store_close(contact_store);
    cr_expect_eq(asks("SELECT count(*) FROM post_pieces"), 0);
    cr_expect_eq(asks("SELECT count(*) FROM post_talks"), 1);
    cr_assert(gaps(T0 + 61 * SECOND, found), "%s", error.text);
    cr_expect_eq(found->len, 0);
    struct post_item *again = comes("hello", 0, 1, 1, T0 + SECOND, true);
    cr_expect_eq(asks("SELECT count(*) FROM interactions"), 1, "its answer was lost: it is the erased one");
    cr_assert(postbook_tidy(book, false, T0 + 9 * 86400 * SECOND, &error), "%s", error.text);
    cr_expect_eq(asks("SELECT count(*) FROM post_came"), 0);
    post_item_free(again);
    g_ptr_array_free(found, TRUE);
}
