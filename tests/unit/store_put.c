/* tests/unit/store_put.c - What the contact store was given is there, once, whole, and found again. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/sql/sql.h"
#include "runtime/store/look.h"
#include "tests/unit/store_world.h"

TestSuite(store_put, .timeout = 60);

Test(store_put, an_interaction_is_there_once_with_its_contact_and_its_thread)
{
    struct store_world world;
    world_new(&world);
    struct store_key first = world_mail(&world, "<1@x>", "Bob@X.org", "hello", "where is my order?");
    cr_expect_not(first.known);
    cr_expect_neq(first.contact, 0);
    cr_expect_eq(first.thread, first.interaction, "it begins a thread");
    world_again(&world);
    struct store_key same = world_mail(&world, "<1@x>", "Bob@X.org", "hello", "where is my order?");
    cr_expect(same.known);
    cr_expect_eq(same.interaction, first.interaction);
    cr_expect_eq(same.contact, first.contact);
    cr_expect_str_eq(world_asks(&world, "select count(*) from contacts"), "1", "the second put made none");
    cr_expect_str_eq(world_asks(&world, "select text from messages"), "where is my order?");
    struct store_key second = world_mail(&world, "<2@x>", "<bob@x.ORG>", "again", "");
    cr_expect_eq(second.contact, first.contact);
    cr_expect_neq(second.thread, first.thread);
    world_free(&world);
}

Test(store_put, something_else_under_the_same_id_is_kept_beside_it_and_told)
{
    struct store_world world;
    world_new(&world);
    struct store_key first = world_mail(&world, "<1@x>", "bob@x.org", "hello", "where is my order?");
    cr_expect_null(store_odd(world.store));
    struct store_key other = world_mail(&world, "<1@x>", "eve@x.org", "hello", "where is my order?");
    const char *odd = store_odd(world.store);
    cr_assert_not_null(odd, "somebody else's is not told");
    cr_expect_not_null(strstr(odd, "<1@x>"), "%s", odd);
    struct store_key third = world_mail(&world, "<1@x>", "bob@x.org", "hello", "and my money?");
    cr_expect_not_null(store_odd(world.store), "another text is not told");
    cr_expect(!other.known && !third.known && other.interaction != first.interaction);
    world_again(&world);
    struct store_key again = world_mail(&world, "<1@x>", "bob@x.org", "hello", "and my money?");
    cr_expect(again.known, "it is known again by what it says");
    cr_expect_eq(again.interaction, third.interaction);
    cr_expect_str_eq(world_asks(&world, "select count(*) from messages"), "3");
    int64_t n, before;
    struct store_message said = {.msg_id = span_of("1-7"), .at = 5, .role = "bot", .text = span_of("good morning")};
    GOOD(store_say(world.store, first.interaction, &said, &before, &world.error));
    said.text = span_of("good evening");
    GOOD(store_say(world.store, first.interaction, &said, &n, &world.error));
    cr_expect_not_null(store_odd(world.store));
    cr_expect_neq(n, before);
    GOOD(store_say(world.store, first.interaction, &said, &before, &world.error));
    cr_expect_eq(n, before);
    cr_expect_str_eq(world_asks(&world, "select text from messages where role = 'bot' order by n"),
                     "good morning\ngood evening");
    world_free(&world);
}

/* Puts a mail that comes under this name, with this head and these raw bytes. */
static int64_t mail_put(struct store_world *world, const char *id, const char *subject, const char *head,
                        const char *raw)
{
    static int64_t now = 100;
    now++;
    struct store_key key;
    struct store_part parts[] = {{.role = "text", .bytes = span_of("See the subject.")},
                                 {.role = "raw", .bytes = span_of(raw)}};
    struct store_arrival arrival = {.tenant = "",
                                    .media = "email",
                                    .external_id = span_of(id),
                                    .kind = STORE_email,
                                    .address = span_of("panel@example.org"),
                                    .received = now,
                                    .message = {.at = now,
                                                .subject = span_of(subject),
                                                .head = span_of(head),
                                                .text = span_of("See the subject."),
                                                .parts = parts,
                                                .part_count = 2}};
    cr_assert(store_put(world->store, &arrival, &key, &world->error), "%s", world->error.text);
    return key.interaction;
}

/* Panels that tell alarms give each the same name: the subject says which door it is, the date when it was. */
Test(store_put, another_subject_or_another_head_under_the_same_id_is_another_mail)
{
    static const char *const subjects[] = {"Door 1",         "Door 2",         "[Door 1] open",     "[Door 2] open",
                                           "***Door 1*** x", "***Door 2*** x", "[SPAM] Door 1",     "{Door 1} open",
                                           "{Door 2} open",  "[Door 1",        "[Extern][a] Door 1"};
    enum { SUBJECTS = sizeof subjects / sizeof *subjects };
    struct store_world world;
    int64_t kept[SUBJECTS];
    world_new(&world);
    for (size_t i = 0; i < SUBJECTS; i++) {
        kept[i] = mail_put(&world, "<a@x>", subjects[i], "h", "by mx1");
        cr_expect(i == 0 || store_odd(world.store), "%s", subjects[i]);
        for (size_t j = 0; j < i; j++) cr_expect_neq(kept[i], kept[j], "%s is %s", subjects[i], subjects[j]);
    }
    for (size_t i = 0; i < SUBJECTS; i++)
        cr_expect_eq(mail_put(&world, "<a@x>", subjects[i], "h", "by mx2"), kept[i], "%s by another way", subjects[i]);
    int64_t later = mail_put(&world, "<a@x>", "Door 1", "of another date", "by mx1");
    cr_expect_eq(mail_put(&world, "<a@x>", "Door 1", "of another date", "by mx2"), later);
    cr_expect_neq(later, kept[0]);
    cr_expect_eq(mail_put(&world, "<a@x>", "Door 1", "h", "by mx3"), kept[0]);
    world_free(&world);
}

/* Where in doubt it is kept: of these only the raw bytes can tell. */
Test(store_put, a_mail_of_an_earlier_version_is_known_by_all_its_bytes)
{
    struct store_world world;
    world_new(&world);
    int64_t old = mail_put(&world, "<a@x>", "Door 1", "h", "Date: 1");
    world_asks(&world, "update messages set head = null");
    cr_expect_eq(mail_put(&world, "<a@x>", "Door 1", "h", "Date: 1"), old);
    int64_t other = mail_put(&world, "<a@x>", "Door 1", "h", "Date: 2");
    cr_expect_neq(other, old);
    cr_expect_eq(mail_put(&world, "<a@x>", "Door 1", "h", "Date: 2"), other, "it has a head");
    world_free(&world);
}

Test(store_put, another_mail_under_the_id_of_an_erased_one_is_kept)
{
    struct store_world world;
    int64_t count;
    world_new(&world);
    int64_t erased = mail_put(&world, "<a@x>", "Door 1", "h", "Date: 1");
    int64_t contact = strtoll(world_asks(&world, "select contact from interactions"), NULL, 10);
    GOOD(store_erase(world.store, contact, 1000, &count, &world.error));
    cr_expect_eq(mail_put(&world, "<a@x>", "Door 1", "h", "Date: 1"), erased);
    cr_expect_neq(mail_put(&world, "<a@x>", "Door 1", "of another date", "Date: 2"), erased);
    world_free(&world);
}

Test(store_put, of_the_same_id_in_another_medium_or_tenant_each_is_its_own)
{
    struct store_world world;
    struct store_key a, b, c;
    struct store_arrival arrival = {
        .tenant = "one", .media = "email", .external_id = span_of("1"), .kind = STORE_email, .address = span_of("a@b")};
    world_new(&world);
    GOOD(store_put(world.store, &arrival, &a, &world.error));
    arrival.media = "chat";
    GOOD(store_put(world.store, &arrival, &b, &world.error));
    arrival.tenant = "two";
    GOOD(store_put(world.store, &arrival, &c, &world.error));
    cr_expect(!b.known && !c.known && a.interaction != b.interaction && b.interaction != c.interaction);
    cr_expect_eq(a.contact, b.contact);
    cr_expect_neq(b.contact, c.contact, "tenants do not share contacts");
    world_free(&world);
}

Test(store_put, an_answer_is_of_the_thread_that_it_refers_to)
{
    struct store_world world;
    struct store_key key, found;
    struct span references[] = {span_of("<1@x>"), span_of("<sent@us>"), span_of("<unknown@y>")};
    world_new(&world);
    struct store_key first = world_mail(&world, "<1@x>", "bob@x.org", "hello", "text");
    int64_t n;
    struct store_message sent = {.msg_id = span_of("<sent@us>"), .role = "agent", .text = span_of("soon")};
    GOOD(store_say(world.store, first.interaction, &sent, &n, &world.error));
    cr_expect_eq(n, 2);
    struct store_arrival answer = {.tenant = "",
                                   .media = "email",
                                   .external_id = span_of("<3@x>"),
                                   .kind = STORE_email,
                                   .address = span_of("boss@x.org"),
                                   .references = references,
                                   .reference_count = 3};
    GOOD(store_put(world.store, &answer, &key, &world.error));
    cr_expect_eq(key.parent, first.interaction);
    cr_expect_eq(key.thread, first.thread);
    GOOD(store_by_reference(world.store, "", "email", references + 1, 1, &found, &world.error));
    cr_expect_eq(found.interaction, first.interaction, "found by the name of a message of it");
    GOOD(store_by_reference(world.store, "other", "email", references, 3, &found, &world.error));
    cr_expect_eq(found.interaction, 0, "not by another tenant");
    GOOD(store_by_external(world.store, "", "email", span_of("<3@x>"), &found, &world.error));
    cr_expect_eq(found.interaction, key.interaction);
    world_free(&world);
}

static void line(void *out, const struct store_line *line)
{
    struct listed *listed = out;
    size_t at = strlen(listed->text);
    snprintf(listed->text + at, sizeof listed->text - at, "%d %.*s: %.*s; ", (int)line->n, (int)line->sender.length,
             (const char *)line->sender.bytes, (int)line->text.length, (const char *)line->text.bytes);
}

Test(store_put, a_transcript_has_each_message_once_in_its_place)
{
    struct store_world world;
    struct listed listed = {0};
    int64_t n;
    world_new(&world);
    struct store_key chat = world_mail(&world, "session", "bob@x.org", "chat", "");
    struct store_message said[] = {
        {.msg_id = span_of("a"), .sender = span_of("bob"), .text = span_of("hi")},
        {.msg_id = span_of("b"), .role = "agent", .sender = span_of("ann"), .text = span_of("hello")},
        {.role = "supervisor", .visible = "agents", .sender = span_of("sue"), .text = span_of("be kind")},
    };
    for (int i = 0; i < 3; i++) GOOD(store_say(world.store, chat.interaction, &said[i], &n, &world.error));
    GOOD(store_say(world.store, chat.interaction, &said[0], &n, &world.error));
    cr_expect_eq(n, 2, "said again it keeps its place");
    GOOD(store_say(world.store, chat.interaction, &said[1], &n, &world.error));
    GOOD(store_transcript(world.store, chat.interaction, 0, 0, true, line, &listed, &world.error));
    cr_expect_str_eq(listed.text, "1 : ; 2 bob: hi; 3 ann: hello; 4 sue: be kind; ");
    listed.text[0] = '\0';
    GOOD(store_transcript(world.store, chat.interaction, 2, 1, false, line, &listed, &world.error));
    cr_expect_str_eq(listed.text, "3 ann: hello; ");
    cr_expect_not(store_say(world.store, 4711, &said[0], &n, &world.error));
    cr_expect_eq(world.error.code, ERROR_UNKNOWN);
    cr_expect_not(store_again(&world.error));
    world_free(&world);
}

Test(store_put, the_subject_of_a_chat_is_no_message)
{
    struct store_world world;
    struct listed listed = {0};
    struct store_key key;
    int64_t n;
    world_new(&world);
    struct store_arrival arrival = {.tenant = "",
                                    .media = "chat",
                                    .external_id = span_of("session"),
                                    .received = 1,
                                    .message = {.at = 1, .subject = span_of("My parcel")}};
    struct store_message said = {.msg_id = span_of("a"), .sender = span_of("bob"), .text = span_of("hi")};
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    GOOD(store_say(world.store, key.interaction, &said, &n, &world.error));
    GOOD(store_transcript(world.store, key.interaction, 0, 10, true, line, &listed, &world.error));
    cr_expect_str_eq(listed.text, "2 bob: hi; ");
    world_free(&world);
}

struct bytes {
    size_t length;
    unsigned sum;
};

static bool summed(void *self, struct span piece)
{
    struct bytes *bytes = self;
    bytes->length += piece.length;
    for (uint32_t i = 0; i < piece.length; i++) bytes->sum = bytes->sum * 31 + piece.bytes[i];
    return true;
}

static void part_of(void *self, const struct store_part_shown *part)
{
    struct store_part_shown *parts = self;
    if (part->n <= 3) parts[part->n - 1] = *part;
}

Test(store_put, parts_are_read_as_they_were_brought_small_and_large)
{
    enum { LARGE = 700000 };
    struct store_world world;
    struct bytes sent = {0}, small = {0}, large = {0};
    struct store_part_shown shown[3] = {0};
    struct store_key key;
    uint8_t *bytes = malloc(LARGE);
    world_new(&world);
    for (int i = 0; i < LARGE; i++) bytes[i] = (uint8_t)(i * 7 + i / 256);
    summed(&sent, (struct span){bytes, LARGE});
    struct store_part named = {.role = "attachment", .type = span_of("image/png"), .name = span_of("../../etc/x\0y")};
    int64_t number = store_upload_bytes(world.store, &named, (struct span){bytes, LARGE}, 1, &world.error);
    cr_assert_neq(number, 0, "%s", world.error.text);
    struct store_part parts[] = {{.role = "raw", .bytes = {bytes, LARGE}}, {.role = "html"}, {.upload = number}};
    struct store_arrival arrival = {
        .tenant = "", .media = "email", .external_id = span_of("1"), .message = {.parts = parts, .part_count = 3}};
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    cr_expect_eq(key.contact, 0, "a sender that is no address is nobody");
    GOOD(store_parts(world.store, key.interaction, part_of, shown, &world.error));
    cr_expect_eq(shown[0].length, LARGE);
    cr_expect_eq(shown[1].length, 0);
    cr_expect_eq(shown[2].part, number);
    GOOD(store_read(world.store, shown[0].part, summed, &small, &world.error));
    GOOD(store_read(world.store, number, summed, &large, &world.error));
    cr_expect(small.length == LARGE && small.sum == sent.sum);
    cr_expect(large.length == LARGE && large.sum == sent.sum);
    GOOD(store_by_external(world.store, "", "email", span_of("1"), &key, &world.error));
    arrival.external_id = span_of("2");
    cr_expect_not(store_put(world.store, &arrival, &key, &world.error), "the upload is another message's");
    cr_expect_str_eq(world_asks(&world, "select count(*) from interactions"), "1", "all or nothing");
    free(bytes);
    world_free(&world);
}

Test(store_put, a_part_whose_bytes_were_changed_is_told)
{
    struct store_world world;
    struct bytes bytes = {0};
    struct store_key key;
    struct store_part part = {.role = "raw", .bytes = span_of("all of it")};
    struct store_arrival arrival = {
        .tenant = "", .media = "email", .external_id = span_of("1"), .message = {.parts = &part, .part_count = 1}};
    world_new(&world);
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    world_asks(&world, "update pieces set bytes = 'nothing'");
    cr_expect_not(store_read(world.store, 1, summed, &bytes, &world.error));
    cr_expect(strstr(world.error.text, "damaged"), "%s", world.error.text);
    world_free(&world);
}

Test(store_put, what_is_no_text_becomes_one_and_what_is_too_long_is_cut_or_refused)
{
    struct store_world world;
    struct store_key key, same;
    char *large = malloc(STORE_TEXT_MAX + 1);
    memset(large, 'x', STORE_TEXT_MAX + 1);
    world_new(&world);
    struct store_arrival arrival = {
        .tenant = "",
        .media = "email",
        .external_id = {(const uint8_t *)large, 5000},
        .kind = STORE_email,
        .address = span_of("bob@x.org"),
        .name = {(const uint8_t *)"B\xff\0b", 4},
        .message = {.subject = {(const uint8_t *)large, 5000},
                    .text = {(const uint8_t *)"a\0b\xc3(\xed\xa0\x80)\xf0\x9f\x98\x80", 13}},
    };
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    GOOD(store_put(world.store, &arrival, &same, &world.error));
    cr_expect(same.known, "a long name outside is known by its digest");
    cr_expect_str_eq(world_asks(&world, "select text from messages"),
                     "a\xef\xbf\xbd"
                     "b\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd)\xf0\x9f\x98\x80");
    cr_expect_str_eq(world_asks(&world, "select name from contacts"), "B\xef\xbf\xbd\xef\xbf\xbd"
                                                                      "b");
    cr_expect_str_eq(world_asks(&world, "select length(subject) from interactions"), "1000");
    arrival.external_id = span_of("2");
    arrival.message.text = (struct span){(const uint8_t *)large, STORE_TEXT_MAX + 1};
    cr_expect_not(store_put(world.store, &arrival, &key, &world.error));
    cr_expect_eq(world.error.code, ERROR_LIMIT);
    cr_expect_not(store_again(&world.error), "it never will");
    arrival.message.text.length--;
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    free(large);
    world_free(&world);
}

Test(store_put, addresses_have_one_form)
{
    static const struct {
        enum store_kind kind;
        const char *shown, *address; /* NULL: refused */
    } cases[] = {
        {STORE_email, " <Bob.Smith@EXAMPLE.org.> ", "bob.smith@example.org"},
        {STORE_email, "\"odd one\"@x.org", "\"odd one\"@x.org"},
        {STORE_email,
         "b\xc3\xb6"
         "b@x.org",
         "b\xc3\xb6"
         "b@x.org"},
        {STORE_email, "a@b@c", NULL},
        {STORE_email, "bob", NULL},
        {STORE_email, "@x.org", NULL},
        {STORE_email, "bob@", NULL},
        {STORE_email, "bob@x.org, eve@x.org", NULL},
        {STORE_email, "bob@x\nBcc: eve", NULL},
        {STORE_email, "", NULL},
        {STORE_phone, "+49 (30) 123-45.67", "+49301234567"},
        {STORE_phone, "0049 30/1234567", "+49301234567"},
        {STORE_phone, "030 1234567", "+49301234567"},
        {STORE_phone, "7002", "7002"},
        {STORE_phone, "+0301", NULL},
        {STORE_phone, "+1234567890123456", NULL},
        {STORE_phone, "anonymous", NULL},
        {STORE_phone, "+", NULL},
        {STORE_phone, "00", NULL},
        {STORE_chat, " web:Bob ", "web:Bob"},
        {STORE_chat, " ", NULL},
        {STORE_chat, "\xff", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char address[STORE_ADDRESS_MAX + 1] = "";
        bool good = store_address(cases[i].kind, span_of(cases[i].shown), "DE", address, NULL);
        cr_expect_eq(good, cases[i].address != NULL, "%s", cases[i].shown);
        if (good && cases[i].address) cr_expect_str_eq(address, cases[i].address);
    }
}

/* A file that is moved away and back, or a server that is stopped and started. */
static void away(const struct store_world *world, bool gone)
{
    char file[320];
    snprintf(file, sizeof file, "%s/away.db", world->folder);
    if (world_is_file(world)) {
        cr_assert_eq(gone ? rename(world->target + 7, file) : rename(file, world->target + 7), 0);
        return;
    }
    snprintf(file, sizeof file, "%s %s", getenv("GCX_PG_CONTROL"), gone ? "stop immediate" : "start");
    cr_assert_eq(system(file), 0);
}

Test(store_put, a_store_that_is_away_says_that_the_same_may_be_tried_again)
{
    struct store_world world;
    struct store_key key;
    struct store_arrival arrival = {.tenant = "", .media = "email", .external_id = span_of("1")};
    world_new(&world);
    away(&world, true);
    cr_expect_not(store_put(world.store, &arrival, &key, &world.error));
    cr_expect(store_again(&world.error), "%s", world.error.text);
    cr_expect_not(store_by_external(world.store, "", "chat", span_of("1"), &key, &world.error) &&
                  !world_is_file(&world));
    away(&world, false);
    GOOD(store_by_external(world.store, "", "chat", span_of("1"), &key, &world.error));
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    cr_expect_not(key.known, "nothing was kept before");
    world_free(&world);
}

Test(store_put, a_server_that_only_reads_is_away)
{
    struct store_world world;
    world_new(&world);
    struct store_look look = {.target = world.target};
    char why[300] = "";
    cr_expect(store_look(&look, false, why, sizeof why), "%s", why);
    if (!world_is_file(&world)) { /* as a standby that nobody has promoted yet */
        store_look_end(&look);
        world_asks(&world, "ALTER DATABASE crm SET default_transaction_read_only = on");
        cr_expect_not(store_look(&look, false, why, sizeof why));
        cr_expect_not_null(strstr(why, "read-only"), "%s", why);
        world_asks(&world, "BEGIN READ WRITE; ALTER DATABASE crm RESET default_transaction_read_only; COMMIT");
        cr_expect(store_look(&look, false, why, sizeof why), "%s", why);
    }
    store_look_end(&look);
    world_free(&world);
}

/* One table that is not there, or not ours, refuses each mail. */
Test(store_put, a_look_asks_each_table)
{
    static const char *const names[] = {"contacts", "messages", "pieces", "post_came", "post_names"};
    struct store_world world;
    char change[200], why[300] = "";
    world_new(&world);
    struct store_look look = {.target = world.target};
    cr_expect(store_look(&look, false, why, sizeof why), "%s", why);
    for (unsigned at = 0; at < sizeof names / sizeof *names; at++) {
        snprintf(change, sizeof change, "ALTER TABLE %s RENAME TO elsewhere", names[at]);
        world_asks(&world, change);
        cr_expect_not(store_look(&look, false, why, sizeof why), "%s", names[at]);
        cr_expect_not_null(strstr(why, names[at]), "%s", why);
        snprintf(change, sizeof change, "ALTER TABLE elsewhere RENAME TO %s", names[at]);
        world_asks(&world, change);
        cr_expect(store_look(&look, false, why, sizeof why), "%s", why);
    }
    store_look_end(&look);
    if (!world_is_file(&world)) {
        char target[300];
        snprintf(target, sizeof target, "%s user=looks", world.target);
        world_asks(&world, "CREATE ROLE looks LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO looks;"
                           " GRANT USAGE ON SCHEMA public TO looks");
        look.target = target;
        cr_expect(store_look(&look, false, why, sizeof why), "%s", why);
        world_asks(&world, "REVOKE DELETE ON post_came FROM looks");
        cr_expect_not(store_look(&look, false, why, sizeof why));
        cr_expect_not_null(strstr(why, "post_came"), "%s", why);
        store_look_end(&look);
        world_asks(&world, "DROP OWNED BY looks; DROP ROLE looks");
    }
    world_free(&world);
}

static void in_folder(const struct store_world *world, const char *commands)
{
    char text[600];
    snprintf(text, sizeof text, "cd %s && %s", world->folder, commands);
    cr_assert_eq(system(text), 0, "%s", text);
}

static bool has_mail(struct store *store, const char *id)
{
    struct store_key key;
    struct error error = {0};
    cr_expect(store_by_external(store, "", "email", span_of(id), &key, &error), "%s", error.text);
    return key.known;
}

/* Another process's answer. */
static bool file_has_mail(const char *file, const char *id)
{
    char target[300];
    struct error error = {0};
    snprintf(target, sizeof target, "sqlite:%s", file);
    struct store *store = store_open_as_is(target, &error);
    cr_assert_not_null(store, "%s", error.text);
    bool has = has_mail(store, id);
    store_close(store);
    return has;
}

/* `how` puts another file in its place. Those who look and those who write had the one before open, with a log that was
 * not in the file yet. */
static void is_replaced(const char *how, bool has_second)
{
    struct store_world world;
    char why[300] = "", was[200];
    world_new(&world);
    if (!world_is_file(&world)) {
        world_free(&world);
        return;
    }
    struct store_look look = {.target = world.target};
    struct store *other = store_open(world.target, NULL, &world.error);
    cr_assert(other);
    world_mail(&world, "1", "a@x.org", "one", "text");
    cr_expect(store_look(&look, false, why, sizeof why), "%s", why);
    in_folder(&world, "mkdir was copy && sqlite3 store.db \"vacuum into 'copy/store.db'\"");
    world_mail(&world, "2", "b@x.org", "two", "text");
    in_folder(&world, how);
    cr_expect(store_look(&look, true, why, sizeof why), "%s", why);
    cr_expect(has_mail(world.store, "1"));
    cr_expect_eq(has_mail(world.store, "2"), has_second, "it asks the file that is there");
    world_mail(&world, "3", "c@x.org", "three", "text");
    cr_expect(has_mail(other, "3"), "who was asked last of the old file asks the new one");
    cr_expect(store_look(&look, true, why, sizeof why), "%s", why);
    cr_expect_str_eq(world_asks(&world, "PRAGMA integrity_check"), "ok");
    snprintf(was, sizeof was, "%s/was/store.db", world.folder);
    if (access(was, F_OK) == 0) cr_expect(file_has_mail(was, "2"), "what was acknowledged is in the file of before");
    store_close(other);
    store_look_end(&look);
    world_again(&world);
    cr_expect(has_mail(world.store, "1") && has_mail(world.store, "3"));
    world_free(&world);
}

Test(store_put, a_file_that_was_replaced_is_opened_anew)
{
    is_replaced("mv store.db was && cp copy/store.db .", false);
    is_replaced("mv copy/store.db store.db", false);
    is_replaced("mv store.db* was && cp copy/store.db .", false);
    is_replaced("cp store.db* copy && mv store.db* was && cp copy/store.db* .", true);
}

static void third_says(FILE *third, const char *folder, const char *words)
{
    char done[300];
    snprintf(done, sizeof done, "%s/done", folder);
    unlink(done);
    fprintf(third, "%s\n.shell touch %s\n", words, done);
    fflush(third);
    for (unsigned tries = 0; tries < 500 && access(done, F_OK) != 0; tries++) usleep(20000);
    cr_assert_eq(access(done, F_OK), 0, "%s", words);
}

/* Its log is the one of the file before, which a commit of it would go with. */
Test(store_put, a_replaced_file_that_a_third_program_has_opened_is_left_alone)
{
    struct store_world world;
    char why[300] = "", command[300];
    world_new(&world);
    if (world_is_file(&world)) {
        struct store_look look = {.target = world.target};
        world_mail(&world, "1", "a@x.org", "one", "text");
        cr_expect(store_look(&look, false, why, sizeof why), "%s", why);
        in_folder(&world,
                  "mkdir was copy && sqlite3 store.db 'pragma wal_checkpoint(truncate)' &&"
                  " sqlite3 store.db \"vacuum into 'copy/store.db'\" &&"
                  " sqlite3 copy/store.db 'pragma journal_mode = wal' && mv store.db was && cp copy/store.db .");
        snprintf(command, sizeof command, "sqlite3 %s/store.db >/dev/null", world.folder);
        FILE *third = popen(command, "w");
        cr_assert(third);
        third_says(third, world.folder, "create table thirds (n); insert into thirds values (1);");
        cr_expect_not(store_look(&look, true, why, sizeof why));
        cr_expect_not_null(strstr(why, "end that program"), "%s", why);
        third_says(third, world.folder, "insert into thirds values (2);");
        cr_expect_not(store_look(&look, true, why, sizeof why));
        cr_expect_eq(pclose(third), 0);
        cr_expect(store_look(&look, true, why, sizeof why), "%s", why);
        cr_expect(has_mail(world.store, "1"));
        cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM thirds"), "2", "each commit is in the file");
        cr_expect_str_eq(world_asks(&world, "PRAGMA integrity_check"), "ok");
        store_look_end(&look);
    }
    world_free(&world);
}

/* Until then all is refused so that it may be tried again. */
Test(store_put, a_file_that_is_being_put_back_is_not_opened_before_it_is_whole)
{
    struct store_world world;
    struct store_key key;
    char why[300] = "";
    struct store_arrival arrival = {.tenant = "", .media = "email", .external_id = span_of("9")};
    world_new(&world);
    if (world_is_file(&world)) {
        struct store_look look = {.target = world.target};
        cr_expect(store_look(&look, false, why, sizeof why), "%s", why);
        world_mail(&world, "1", "a@x.org", "one", "text");
        in_folder(&world, "mkdir was && sqlite3 store.db \"vacuum into 'whole'\" && mv store.db was");
        cr_expect_not(store_look(&look, false, why, sizeof why));
        cr_expect_not_null(strstr(why, "removed"), "%s", why);
        const char *const parts[] = {": >store.db", "head -c 20000 whole >store.db"};
        for (unsigned i = 0; i < 2; i++) {
            in_folder(&world, parts[i]);
            cr_expect_not(store_look(&look, false, why, sizeof why), "%u", i);
            cr_expect_not(store_put(world.store, &arrival, &key, &world.error), "%u", i);
            cr_expect(store_again(&world.error), "%u: %s", i, world.error.text);
        }
        in_folder(&world, "cat whole >store.db"); /* the same file, whole now */
        cr_expect(store_look(&look, true, why, sizeof why), "%s", why);
        GOOD(store_put(world.store, &arrival, &key, &world.error));
        cr_expect(has_mail(world.store, "1") && has_mail(world.store, "9"));
        in_folder(&world, "sqlite3 other 'create table one (a)' && mv other store.db");
        cr_expect_not(store_look(&look, true, why, sizeof why), "it is another program's");
        cr_expect_not_null(strstr(why, "without tables"), "%s", why);
        in_folder(&world, "mv was/store.db store.db");
        cr_expect(store_look(&look, true, why, sizeof why), "%s", why);
        store_look_end(&look);
    }
    world_free(&world);
}

Test(store_put, a_transaction_that_stands_still_is_ended_by_the_server)
{
    struct store_world world;
    int64_t number;
    bool there;
    world_new(&world);
    struct sql *sql = world_is_file(&world) ? NULL : sql_open(world.target, "the store", &world.error);
    if (sql) {
        GOOD(sql_find(sql, &world.error, &number, &there,
                      "SELECT setting::integer FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'",
                      SQL_NONE));
        cr_expect_eq(number, 5000, "milliseconds: %d", (int)number);
        GOOD(sql_run(sql, "CREATE TABLE one (n integer)", &world.error));
        GOOD(sql_begin(sql, &world.error));
        GOOD(sql_run(sql, "LOCK TABLE one; SET idle_in_transaction_session_timeout = 1", &world.error));
        cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM one"), "0", "nobody waits for its lock for ever");
        cr_expect_not(sql_run(sql, "INSERT INTO one VALUES (1)", &world.error));
        cr_expect(sql_lost(sql) && store_again(&world.error), "%s", world.error.text);
        sql_rollback(sql);
        GOOD(sql_begin(sql, &world.error));
        sql_rollback(sql);
    }
    sql_close(sql);
    world_free(&world);
}

/* A disk that is full often has room for a few bytes. */
Test(store_put, a_thorough_look_finds_a_store_that_takes_little_and_leaves_nothing)
{
    struct store_world world;
    struct rlimit before, little;
    world_new(&world);
    struct store_look look = {.target = world.target};
    char why[300] = "";
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    if (world_is_file(&world)) {
        char log[300];
        struct stat written;
        snprintf(log, sizeof log, "%s-wal", world.target + strlen("sqlite:"));
        cr_assert_eq(stat(log, &written), 0);
        little = (struct rlimit){(rlim_t)written.st_size + 65536, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &little);
        cr_expect(store_look(&look, false, why, sizeof why), "%s", why);
        cr_expect_not(store_look(&look, true, why, sizeof why));
        cr_expect_not_null(strstr(why, "the contact store: "), "%s", why);
        setrlimit(RLIMIT_FSIZE, &before);
        cr_expect(store_look(&look, true, why, sizeof why), "%s", why);
    } else { /* PostgreSQL compresses a long text that repeats itself: such a row needs no room */
        cr_expect(store_look(&look, true, why, sizeof why), "%s", why);
        const char *size = world_asks(&world, "SELECT pg_total_relation_size('settings')");
        cr_expect_gt(strtol(size, NULL, 10), 256 * 1024, "%s", size);
    }
    store_look_end(&look);
    world_free(&world);
}

Test(store_put, a_store_that_is_full_says_so_and_keeps_what_it_has)
{
    struct store_world world;
    struct store_key key;
    char *text = malloc(STORE_TEXT_MAX);
    memset(text, 'x', STORE_TEXT_MAX);
    world_new(&world);
    if (world_is_file(&world)) {
        struct rlimit none = {65536, 65536}, before;
        world_mail(&world, "1", "bob@x.org", "kept", "kept");
        struct store_arrival arrival = {.tenant = "",
                                        .media = "email",
                                        .external_id = span_of("2"),
                                        .message = {.text = {(const uint8_t *)text, STORE_TEXT_MAX}}};
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        none.rlim_max = before.rlim_max;
        setrlimit(RLIMIT_FSIZE, &none);
        cr_expect_not(store_put(world.store, &arrival, &key, &world.error));
        setrlimit(RLIMIT_FSIZE, &before);
        cr_expect(store_again(&world.error), "%s", world.error.text);
        GOOD(store_by_external(world.store, "", "email", span_of("1"), &key, &world.error));
        cr_expect(key.known);
        GOOD(store_put(world.store, &arrival, &key, &world.error));
        cr_expect_not(key.known);
    }
    free(text);
    world_free(&world);
}

/* SQLite undoes the whole group by itself: nothing that is said afterwards is kept without what came before. */
Test(store_put, where_the_disk_is_full_nothing_of_a_group_is_kept)
{
    struct store_world world;
    int64_t n;
    char *text = malloc(STORE_TEXT_MAX);
    memset(text, 'x', STORE_TEXT_MAX);
    world_new(&world);
    if (world_is_file(&world)) {
        struct rlimit none = {65536, 65536}, before;
        struct store_key key = world_mail(&world, "1", "bob@x.org", "kept", "kept");
        struct store_message small = {.msg_id = span_of("small"), .role = "customer", .text = span_of("one")};
        struct store_message late = {.msg_id = span_of("late"), .role = "customer", .text = span_of("two")};
        struct store_message large = {.role = "customer", .text = {(const uint8_t *)text, STORE_TEXT_MAX}};
        char id[16];
        unsigned i = 0;
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        none.rlim_max = before.rlim_max;
        GOOD(store_group_begin(world.store, &world.error));
        GOOD(store_say(world.store, key.interaction, &small, &n, &world.error));
        setrlimit(RLIMIT_FSIZE, &none);
        do {
            snprintf(id, sizeof id, "large %u", i++);
            large.msg_id = span_of(id);
        } while (i < 1000 && store_say(world.store, key.interaction, &large, &n, &world.error));
        cr_expect(i < 1000, "no limit was met");
        cr_expect_not(store_say(world.store, key.interaction, &late, &n, &world.error));
        setrlimit(RLIMIT_FSIZE, &before);
        cr_expect_not(store_say(world.store, key.interaction, &late, &n, &world.error));
        cr_expect_not(store_group_end(world.store, &world.error));
        cr_expect_str_eq(world_asks(&world, "select count(*) from messages where msg_id in ('small', 'late')"), "0");
        GOOD(store_say(world.store, key.interaction, &late, &n, &world.error));
    }
    free(text);
    world_free(&world);
}

Test(store_put, a_database_of_a_later_version_is_refused)
{
    struct store_world world;
    world_new(&world);
    store_close(world.store);
    world.store = NULL;
    world_asks(&world, "update gcx_store set version = 99");
    cr_expect_not(store_open(world.target, NULL, &world.error));
    cr_expect_eq(world.error.code, ERROR_VERSION);
    world_asks(&world, "alter table contacts drop column erased");
    world_asks(&world, "drop table responses");
    world_asks(&world, "update gcx_store set version = -1");
    world_again(&world);
    cr_expect_str_eq(world_asks(&world, "select count(*) from responses"), "0", "an earlier one is brought forward");
    cr_expect_str_eq(world_asks(&world, "select count(erased) from contacts"), "0");
    store_close(world.store);
    world.store = NULL;
    world_asks(&world, "drop table gcx_store");
    cr_expect_not(store_open(world.target, &(struct store_options){.there = true}, &world.error));
    cr_expect(strstr(world.error.text, "no contact store"), "%s", world.error.text);
    world_free(&world);
}

/* Puts one after the other and says each that was acknowledged, until it is killed. */
static void put_for_ever(const struct store_world *world, int acknowledged)
{
    struct error error;
    struct store *store = store_open(world->target, NULL, &error);
    for (int i = 1; store; i++) {
        char id[16];
        struct store_key key;
        snprintf(id, sizeof id, "%d", i);
        struct store_arrival arrival = {
            .tenant = "", .media = "email", .external_id = span_of(id), .message = {.text = span_of("kept")}};
        if (!store_put(store, &arrival, &key, &error) || write(acknowledged, &i, sizeof i) != sizeof i) break;
    }
    _exit(1);
}

Test(store_put, what_was_acknowledged_before_a_kill_is_there)
{
    struct store_world world;
    world_new(&world);
    int last = 0;
    for (int round = 1; round <= 3; round++) {
        int pipes[2], one;
        cr_assert_eq(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0) put_for_ever(&world, pipes[1]);
        close(pipes[1]);
        for (int i = 0; i < 25 * round; i++) cr_assert_eq(read(pipes[0], &one, sizeof one), (ssize_t)sizeof one);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(pipes[0], &one, sizeof one) == (ssize_t)sizeof one) continue;
        close(pipes[0]);
        if (one > last) last = one;
        world_again(&world);
        for (int i = 1; i <= last; i++) {
            char id[16];
            struct store_key key;
            snprintf(id, sizeof id, "%d", i);
            GOOD(store_by_external(world.store, "", "email", span_of(id), &key, &world.error));
            cr_expect(key.known, "%d was acknowledged", i);
        }
    }
    world_free(&world);
}

/* Says how many of them were new to it; exit status 255: one has failed. */
static void put_all(const struct store_world *world, int pipe)
{
    struct error error;
    int fresh = 0;
    struct store *store = store_open(world->target, NULL, &error);
    for (int i = 1; i <= 40; i++) {
        char id[16], from[32];
        struct store_key key;
        snprintf(id, sizeof id, "%d", i);
        snprintf(from, sizeof from, "s%d@x.org", i / 4);
        struct store_arrival arrival = {.tenant = "",
                                        .media = "email",
                                        .external_id = span_of(id),
                                        .kind = STORE_email,
                                        .address = span_of(from),
                                        .message = {.text = span_of("text")}};
        if (!store || !store_put(store, &arrival, &key, &error)) _exit(255);
        fresh += !key.known;
    }
    _exit(write(pipe, &fresh, sizeof fresh) == sizeof fresh ? 0 : 255);
}

Test(store_put, of_two_who_put_the_same_at_once_one_has_put_it)
{
    struct store_world world;
    int pipes[2], fresh, all = 0, status;
    world_new(&world);
    cr_assert_eq(pipe(pipes), 0);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) put_all(&world, pipes[1]);
    for (int i = 0; i < 3; i++) {
        cr_assert_gt(wait(&status), 0);
        cr_expect_eq(status, 0, "one of them has failed");
        cr_assert_eq(read(pipes[0], &fresh, sizeof fresh), (ssize_t)sizeof fresh);
        all += fresh;
    }
    cr_expect_eq(all, 40);
    cr_expect_str_eq(world_asks(&world, "select count(*), count(distinct thread) from interactions"), "40|40");
    cr_expect_str_eq(world_asks(&world, "select count(*) from contacts"), "11");
    cr_expect_str_eq(world_asks(&world, "select count(*) from messages"), "40");
    world_free(&world);
}
