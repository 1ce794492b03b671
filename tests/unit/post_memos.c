/* tests/unit/post_memos.c - What an adapter remembers is there for its next process, as it was put last; and what has
 * lost its person never has one again. The world is that of post_world.h. */
#include "tests/unit/post_world.h"

#include <event2/event.h>

#include "runtime/post/memos.h"

TestSuite(post_memos, .timeout = 120);

static const struct memo_owner ours = {"callback", "1/chat"};
static struct memos *memos;
static GString *heard; /* "NAME;" of each that is kept; with ! in front: that has lost its person; ?: that is refused */

static void memo_is_kept(void *self, const char *name)
{
    (void)self;
    g_string_append_printf(heard, "%s;", name);
}

static void memo_is_erased(void *self, const char *name)
{
    (void)self;
    g_string_append_printf(heard, "!%s;", name);
}

static void memo_is_refused(void *self, const char *name)
{
    (void)self;
    g_string_append_printf(heard, "?%s;", name);
}

static void begin(void)
{
    begin_sms();
    heard = g_string_new(NULL);
    memos = memos_new(world.office, &ours, &(struct memo_calls){NULL, memo_is_kept, memo_is_erased, memo_is_refused});
}

static void end(void)
{
    office_stop(world.office);
    memos_free(memos);
    end_world();
}

static void put(const char *name, const char *person, const char *saved)
{
    memos_put(memos, &(struct memo){name, person, saved});
}

static void settled(void)
{
    while (office_waiting(world.office) > 0) event_base_loop(world.base, EVLOOP_ONCE);
}

static void memo_show(void *text, const struct memo *memo)
{
    g_string_append_printf(text, "%s %s %s;", memo->name, memo->person ? memo->person : "-", memo->saved);
}

/* What the next process would read. */
static const char *rows(void)
{
    static GString *text;
    struct error error;
    if (!text) text = g_string_new(NULL);
    g_string_truncate(text, 0);
    struct store *store = store_open(world.store, NULL, &error);
    cr_assert(store && memo_each(store, &ours, memo_show, text, &error), "%s", error.text);
    store_close(store);
    return text->str;
}

static int64_t withdrawn(const char *person)
{
    struct error error;
    int64_t count;
    struct store *store = store_open(world.store, &(struct store_options){.country = "FR"}, &error);
    cr_assert(store && store_withdraw(store, span_of(person), &count, &error), "%s", error.text);
    store_close(store);
    return count;
}

Test(post_memos, the_newest_of_each_name_is_there_and_told_once, .init = begin, .fini = end)
{
    put("a", "+33145550101", "1"), put("a", "+33145550101", "2"), put("b", NULL, "3");
    cr_expect(!memos_have_kept(memos, "a") && memos_have_kept(memos, "c"));
    settled();
    cr_expect_str_eq(heard->str, "a;b;");
    cr_expect(memos_have_kept(memos, "a"));
    cr_expect_str_eq(rows(), "a +33145550101 2;b - 3;");
    memos_drop(memos, "a");
    settled();
    cr_expect_str_eq(rows(), "b - 3;");
    struct memo_owner other = {"callback", "1/another"};
    struct error error;
    struct store *store = store_open(world.store, NULL, &error);
    cr_assert(memo_add(store, &other, &(struct memo){"b", NULL, "4"}, 1, &error));
    cr_assert(memo_add(store, &ours, &(struct memo){"b", NULL, "5"}, 1, &error), "an older one");
    store_close(store);
    cr_expect_str_eq(rows(), "b - 3;");
}

Test(post_memos, while_the_store_is_away_nothing_older_takes_the_place_of_the_newest, .init = begin, .fini = end)
{
    alters("ALTER TABLE post_memos RENAME TO aside");
    put("a", NULL, "1");
    settled();
    put("a", NULL, "2");
    settled();
    cr_expect_str_eq(heard->str, "");
    cr_expect(!memos_have_kept(memos, "a"));
    alters("ALTER TABLE aside RENAME TO post_memos");
    turns(8);
    cr_expect_str_eq(heard->str, "a;");
    cr_expect_str_eq(rows(), "a - 2;");
}

Test(post_memos, what_is_not_kept_as_the_office_ends_is_told, .init = begin, .fini = end)
{
    alters("ALTER TABLE post_memos RENAME TO aside");
    world.errors = 0, world.office->ends = true;
    put("a", NULL, "1");
    settled();
    cr_expect_eq(world.errors, 1);
    world.office->ends = false;
    alters("ALTER TABLE aside RENAME TO post_memos");
}

/* `again`: the store is there again when the office ends. */
static void ends_with_two_parked(bool again)
{
    alters("ALTER TABLE post_memos RENAME TO aside");
    put("a", NULL, "1"), put("b", NULL, "2");
    settled();
    put("a", NULL, "3");
    settled();
    if (again) alters("ALTER TABLE aside RENAME TO post_memos");
    world.errors = 0;
    office_stop(world.office);
    if (!again) alters("ALTER TABLE aside RENAME TO post_memos");
}

Test(post_memos, what_waits_for_the_store_is_tried_once_more_as_the_office_ends, .init = begin, .fini = end)
{
    ends_with_two_parked(true);
    cr_expect_str_eq(rows(), "a - 3;b - 2;");
    cr_expect_eq(world.errors, 0);
}

Test(post_memos, what_the_last_try_does_not_keep_is_told, .init = begin, .fini = end)
{
    ends_with_two_parked(false);
    cr_expect_str_eq(rows(), "");
    cr_expect_eq(world.errors, 2, "one line for each name");
}

Test(post_memos, one_that_has_lost_its_person_never_has_one_again, .init = begin, .fini = end)
{
    put("a", "+33145550101", "1"), put("b", "+33145550102", "2"), put("c", NULL, "3");
    settled();
    cr_expect_eq(withdrawn("01 45 55 01 01"), 1, "however it is written");
    cr_expect_eq(withdrawn("+33145550101"), 0, "it is not counted twice");
    memos_look(memos), memos_look(memos);
    settled();
    cr_expect_str_eq(heard->str, "a;b;c;!a;", "it is looked once at a time");
    put("a", "+33145550101", "4"); /* its adapter did not know it yet */
    settled();
    cr_expect_str_eq(rows(), "a  4;b +33145550102 2;c - 3;");
    put("a", NULL, "5"); /* it is over */
    settled();
    g_string_truncate(heard, 0);
    memos_look(memos);
    settled();
    cr_expect_str_eq(heard->str, "");
    cr_expect_str_eq(rows(), "a - 5;b +33145550102 2;c - 3;");
}

Test(post_memos, erasing_a_contact_takes_its_address_from_them, .init = begin, .fini = end)
{
    struct error error;
    int64_t contacts, count;
    put("a", "+33145550101", "1"), put("b", "+33145550102", "2");
    settled();
    struct store *store = store_open(world.store, &(struct store_options){.country = "FR"}, &error);
    const struct store_arrival arrival = {.tenant = "",
                                          .media = "voice",
                                          .external_id = span_of("x"),
                                          .kind = STORE_phone,
                                          .address = span_of("+33145550102")};
    struct store_key key;
    cr_assert(store_put(store, &arrival, &key, &error), "%s", error.text);
    cr_assert(store_erase(store, key.contact, 2, &count, &error), "%s", error.text);
    cr_expect_str_eq(rows(), "a +33145550101 1;b  2;");
    cr_assert(store_forget(store, span_of("0145550101"), 3, &contacts, &count, &error), "%s", error.text);
    store_close(store);
    cr_expect_str_eq(rows(), "a  1;b  2;");
}
