/* tests/unit/store_find.c - The contact store is searched by contact, address and words; contacts are merged and
 * erased; standard responses are filled in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/store_world.h"

TestSuite(store_find, .timeout = 60);

enum { NOW = 1000 };

static void good_in(struct store_world *world, bool good)
{
    cr_assert(good, "%s", world->error.text);
}

static const char *history(struct store_world *world, int64_t contact)
{
    static struct listed listed;
    struct store_page page = {0};
    listed.text[0] = '\0';
    good_in(world, store_history(world->store, contact, &page, world_list, &listed, &world->error));
    return listed.text;
}

static const char *searched(struct store_world *world, const char *words)
{
    static struct listed listed;
    struct store_page page = {0};
    listed.text[0] = '\0';
    good_in(world, store_search(world->store, "", span_of(words), &page, world_list, &listed, &world->error));
    return listed.text;
}

Test(store_find, the_history_of_a_contact_is_one_line_of_time_in_pages)
{
    struct store_world world;
    struct listed listed = {0};
    struct store_page page = {.limit = 2};
    struct store_key last = {0};
    world_new(&world);
    for (int i = 1; i <= 5; i++) {
        char id[16];
        snprintf(id, sizeof id, "m%d", i);
        last = world_mail(&world, id, "bob@x.org", id, "text");
        world_mail(&world, id + 1, "eve@x.org", "other", "text");
    }
    for (int i = 0; i < 4; i++) {
        GOOD(store_history(world.store, last.contact, &page, world_list, &listed, &world.error));
        strcat(listed.text, "/ ");
    }
    cr_expect_str_eq(listed.text, "m5 m4 / m3 m2 / m1 / / ");
    struct store_message sent = {.role = "bot", .at = 500, .text = span_of("we have your mail")};
    int64_t n;
    GOOD(store_say(world.store, last.interaction, &sent, &n, &world.error));
    GOOD(store_ended(world.store, last.interaction, "ann", "answered", 77, &world.error));
    GOOD(store_submitted(world.store, last.interaction, 7, "1.4711", &world.error));
    cr_expect_str_eq(world_asks(&world, "select agent, result, ended, ixn from interactions where ended is not null"),
                     "ann|answered|77|1.4711");
    cr_expect_not(store_ended(world.store, 4711, "ann", NULL, 0, &world.error));
    cr_expect_eq(world.error.code, ERROR_UNKNOWN);
    world_free(&world);
}

Test(store_find, what_came_since_is_listed_from_the_newest_one_on)
{
    struct store_world world;
    struct listed listed = {0};
    world_new(&world);
    GOOD(store_came(world.store, 0, world_list, &listed, &world.error));
    world_mail(&world, "m1", "bob@x.org", "m1", "a parcel");
    struct store_key second = world_mail(&world, "m2", "bob@x.org", "m2", "a parcel");
    GOOD(store_came(world.store, 0, world_list, &listed, &world.error));
    strcat(listed.text, "/ ");
    world_mail(&world, "m3", "ann@x.org", "m3", "a parcel");
    world_mail(&world, "m4", "bob@x.org", "m4", "a parcel");
    GOOD(store_came(world.store, second.interaction, world_list, &listed, &world.error));
    cr_expect_str_eq(listed.text, "m2 / m3 m4 ");
    world_free(&world);
}

Test(store_find, what_came_in_some_days_is_found_among_all_that_came_before_and_after)
{
    struct store_world world;
    struct store_key last = {0};
    world_new(&world);
    for (int i = 1; i <= 12; i++) {
        char id[16], when[100];
        snprintf(id, sizeof id, "m%d", i);
        last = world_mail(&world, id, "bob@x.org", id, "the same parcel");
        snprintf(when, sizeof when, "update interactions set received = %d where id = %lld", 100 * i,
                 (long long)last.interaction);
        world_asks(&world, when);
    }
    for (int words = 0; words < 2; words++) {
        struct listed listed = {0};
        struct store_page page = {.from = 300, .received = 700, .interaction = INT64_MAX, .limit = 3};
        for (int i = 0; i < 3; i++) {
            GOOD(words ? store_search(world.store, "", span_of("parcel"), &page, world_list, &listed, &world.error)
                       : store_history(world.store, last.contact, &page, world_list, &listed, &world.error));
            strcat(listed.text, "/ ");
        }
        cr_expect_str_eq(listed.text, "m7 m6 m5 / m4 m3 / / ");
    }
    world_free(&world);
}

static void thread_line(void *out, const struct store_said *said)
{
    struct listed *listed = out;
    size_t at = strlen(listed->text);
    snprintf(listed->text + at, sizeof listed->text - at, "%lld %.*s %.*s %.*s; ", (long long)said->at,
             (int)said->media.length, (const char *)said->media.bytes, (int)said->text.length,
             (const char *)said->text.bytes, (int)said->result.length, (const char *)said->result.bytes);
}

Test(store_find, all_that_was_said_with_a_contact_is_one_thread_in_pages)
{
    struct store_world world;
    struct listed listed = {0};
    struct store_page page = {.limit = 2};
    struct store_key text, call;
    int64_t n;
    world_new(&world);
    struct store_arrival arrival = {.tenant = "",
                                    .media = "sms",
                                    .external_id = span_of("t1"),
                                    .kind = STORE_phone,
                                    .address = span_of("+33145550101"),
                                    .received = 10,
                                    .message = {.at = 10, .text = span_of("hello")}};
    GOOD(store_put(world.store, &arrival, &text, &world.error));
    GOOD(store_submitted(world.store, text.interaction, 7, "1-00000000002a", &world.error));
    struct store_message said = {.role = "agent", .at = 30, .msg_id = span_of("ann:1"), .text = span_of("good day")};
    GOOD(store_say(world.store, text.interaction, &said, &n, &world.error));
    arrival.media = "voice", arrival.external_id = span_of("c1"), arrival.received = 20;
    arrival.message = (struct store_message){0};
    GOOD(store_put(world.store, &arrival, &call, &world.error));
    cr_expect_eq(call.contact, text.contact);
    world_mail(&world, "m1", "eve@x.org", "other", "another's");

    /* What has reached the customer stays so; another core's message of that name is another one. */
    GOOD(store_delivered(world.store, 7, "1-00000000002a", "ann:1", "accepted", &world.error));
    GOOD(store_delivered(world.store, 8, "1-00000000002a", "ann:1", "failed", &world.error));
    GOOD(store_delivered(world.store, 7, "1-00000000002a", "ann:1", "delivered", &world.error));
    GOOD(store_delivered(world.store, 7, "1-00000000002a", "ann:1", "failed", &world.error));
    for (int i = 0; i < 3; i++) {
        GOOD(store_thread(world.store, text.contact, &page, thread_line, &listed, &world.error));
        strcat(listed.text, "/ ");
    }
    cr_expect_str_eq(listed.text, "30 sms good day delivered; 20 voice  ; / 10 sms hello ; / / ");
    world_free(&world);
}

static void list_refusal(void *out, const struct store_refusal *refusal)
{
    struct listed *listed = out;
    size_t at = strlen(listed->text);
    snprintf(listed->text + at, sizeof listed->text - at, "%s %.*s %.*s; ", refusal->media, (int)refusal->own.length,
             (const char *)refusal->own.bytes, (int)refusal->word.length, (const char *)refusal->word.bytes);
}

static bool wants_none(struct store_world *world, const char *media, const char *own)
{
    bool refused = false;
    struct store_refusal refusal = {.tenant = "",
                                    .media = media,
                                    .kind = STORE_phone,
                                    .address = span_of("+33 1 45 55 01 01"),
                                    .own = span_of(own)};
    good_in(world, store_refuses(world->store, &refusal, &refused, &world->error));
    return refused;
}

static bool notes(struct store_world *world, int64_t contact, const char *media, bool noted, const char *reason,
                  int64_t at)
{
    struct store_refusal_act act = {
        .media = media, .agent = "ann", .noted = noted, .reason = span_of(reason), .at = at};
    return store_contact_refuse(world->store, contact, &act, &world->error);
}

Test(store_find, who_wants_no_messages_is_known_after_being_erased)
{
    struct store_world world;
    struct listed listed = {0};
    struct store_key key;
    int64_t count;
    bool changed;
    world_new(&world);
    struct store_arrival arrival = {.tenant = "",
                                    .media = "sms",
                                    .external_id = span_of("t1"),
                                    .kind = STORE_phone,
                                    .address = span_of("+33145550101"),
                                    .received = NOW};
    struct store_refusal word = {.tenant = "",
                                 .media = "sms",
                                 .kind = STORE_phone,
                                 .address = span_of("+33145550101"),
                                 .own = span_of("1800"),
                                 .word = span_of("STOP"),
                                 .since = NOW};
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    GOOD(store_refuse(world.store, &word, true, &changed, &world.error));
    cr_expect(changed);
    GOOD(store_refuse(world.store, &word, true, &changed, &world.error));
    cr_expect_not(changed);
    cr_expect(wants_none(&world, "sms", "1800") && !wants_none(&world, "sms", "1900"));
    GOOD(notes(&world, key.contact, "social", true, "", NOW));
    GOOD(notes(&world, key.contact, "social", true, "", NOW)); /* which notes nothing more */
    cr_expect(wants_none(&world, "social", "any") && !wants_none(&world, "sms", "any"));
    GOOD(store_refusals(world.store, key.contact, list_refusal, &listed, &world.error));
    cr_expect_str_eq(listed.text, "sms 1800 STOP; social  ; ");
    /* An agent takes back what agents have noted, and not what the customer has said. */
    cr_expect_not(notes(&world, key.contact, "social", false, "", NOW), "a reason is asked for");
    cr_expect_not(notes(&world, key.contact, "social", false, " \n ", NOW), "blanks are no reason");
    GOOD(notes(&world, key.contact, "sms", false, "they wrote", NOW));
    GOOD(notes(&world, key.contact, "social", false, "they wrote again", NOW + 1));
    cr_expect(wants_none(&world, "sms", "1800") && !wants_none(&world, "social", "any"));
    GOOD(store_erase(world.store, key.contact, NOW, &count, &world.error));
    cr_expect(wants_none(&world, "sms", "1800"));
    cr_expect_str_eq(world_asks(&world, "select count(*), sum(noted), count(reason) from refusal_acts"), "2|1|0");
    /* Whoever writes again is a new contact, who wants none either; nor after all with this number are erased. */
    int64_t erased = key.contact, contacts, interactions;
    arrival.external_id = span_of("t2");
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    cr_expect(key.contact != erased && wants_none(&world, "sms", "1800"));
    GOOD(store_forget(world.store, span_of("+33 1 45 55 01 01"), NOW, &contacts, &interactions, &world.error));
    cr_expect(contacts == 1 && wants_none(&world, "sms", "1800") && !wants_none(&world, "sms", "1900"));
    GOOD(store_refuse(world.store, &word, false, &changed, &world.error));
    cr_expect(changed && !wants_none(&world, "sms", "1800"));
    /* A number of ours is the same however it is written. */
    word.own = span_of("+33 1 99 00 18 00");
    GOOD(store_refuse(world.store, &word, true, &changed, &world.error));
    cr_expect(wants_none(&world, "sms", "+33199001800") && !wants_none(&world, "sms", "+33199001801"));
    word.own = span_of("+33199001800");
    GOOD(store_refuse(world.store, &word, false, &changed, &world.error));
    cr_expect(changed && !wants_none(&world, "sms", "+33199001800"));
    world_free(&world);
}

Test(store_find, refusals_are_noted_and_taken_back_so_often_in_a_day_and_no_more)
{
    struct store_world world;
    struct store_key key;
    world_new(&world);
    struct store_arrival arrival = {.tenant = "",
                                    .media = "sms",
                                    .external_id = span_of("t1"),
                                    .kind = STORE_phone,
                                    .address = span_of("+33145550101"),
                                    .received = NOW};
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    GOOD(notes(&world, key.contact, "voice", true, "", NOW));
    GOOD(notes(&world, key.contact, "voice", true, "", NOW)); /* which changes nothing, and is no act */
    for (int i = 1; i < STORE_REFUSAL_ACTS_MAX; i++)
        GOOD(notes(&world, key.contact, "voice", i % 2 == 0, "again", NOW + i));
    GOOD(notes(&world, key.contact, "voice", true, "", NOW + 99)); /* who wants none is always heard */
    cr_expect(wants_none(&world, "voice", ""));
    cr_expect_not(notes(&world, key.contact, "voice", false, "again", NOW + 100));
    cr_expect_not(store_again(&world.error));
    cr_expect_not(notes(&world, key.contact, "voice", false, " \n", NOW + INT64_C(86400000000) + 1000));
    GOOD(notes(&world, key.contact, "voice", false, "the next day", NOW + INT64_C(86400000000) + 1000));
    GOOD(notes(&world, key.contact, "voice", true, "", NOW + INT64_C(86400000000) + 1001));
    cr_expect(wants_none(&world, "voice", ""));
    char longer[STORE_REASON_MAX + 2] = "";
    memset(longer, 'x', sizeof longer - 1);
    cr_expect_not(notes(&world, key.contact, "voice", false, longer, NOW + INT64_C(86400000000) + 2000));
    world_free(&world);
}

Test(store_find, words_are_found_whatever_is_asked)
{
    struct store_world world;
    world_new(&world);
    world_mail(&world, "1", "bob@x.org", "order", "The kettle is broken, it's leaking");
    world_mail(&world, "2", "bob@x.org", "kettle", "thanks");
    world_mail(&world, "3", "bob@x.org", "invoice",
               "wrong amount: 42 EUR; Stra\xc3\x9f"
               "e");
    cr_expect_str_eq(searched(&world, "kettle"), "kettle order ");
    cr_expect_str_eq(searched(&world, "KETTLE broken"), "order ");
    cr_expect_str_eq(searched(&world, "it's"), "order ");
    cr_expect_str_eq(searched(&world, "amount:42"), "invoice ");
    cr_expect_str_eq(searched(&world, "stra\xc3\x9f"
                                      "e"),
                     "invoice ");
    static const char *const odd[] = {"",
                                      "\"",
                                      "*",
                                      "a OR b",
                                      "NEAR(",
                                      "kettle NOT",
                                      "-",
                                      "^x",
                                      "text:kettle*\"(",
                                      "& | !",
                                      "''",
                                      "\xff\xfe",
                                      "$1; drop table messages"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) cr_expect_str_eq(searched(&world, odd[i]), "", "%s", odd[i]);
    world_free(&world);
}

static void contact_ids(void *out, const struct store_contact *contact)
{
    struct listed *listed = out;
    size_t at = strlen(listed->text);
    snprintf(listed->text + at, sizeof listed->text - at, "%d ", (int)contact->contact);
}

static const char *contacts(struct store_world *world, const char *text)
{
    static struct listed listed;
    listed.text[0] = '\0';
    good_in(world, store_contacts(world->store, "", span_of(text), 0, contact_ids, &listed, &world->error));
    return listed.text;
}

static void detail(void *out, struct span kind, struct span name, struct span value)
{
    struct listed *listed = out;
    size_t at = strlen(listed->text);
    snprintf(listed->text + at, sizeof listed->text - at, "%.*s %.*s %.*s; ", (int)kind.length,
             (const char *)kind.bytes, (int)name.length, (const char *)name.bytes, (int)value.length,
             (const char *)value.bytes);
}

static const char *details(struct store_world *world, int64_t contact)
{
    static struct listed listed;
    listed.text[0] = '\0';
    good_in(world, store_details(world->store, contact, detail, &listed, &world->error));
    return listed.text;
}

Test(store_find, a_name_may_stand_beside_words_and_one_history_is_searched)
{
    struct store_world world;
    struct listed listed = {0};
    static const struct {
        const char *words, *found;
    } rows[] = {{"schm elan", "one "},     {"ELAN Schmidt", "one "}, {"anna schmidt elan", "one "},
                {"elan anna sch", "one "}, {"bob elan", "two "},     {"schmidt bob", ""},
                {"elan", "two one "},      {"schmidt", ""},          {"chmidt elan", ""}};
    world_new(&world);
    struct store_key one = world_mail(&world, "one", "anna@x.org", "one", "The elan");
    world_mail(&world, "two", "bob@x.org", "two", "elan");
    (void)world_asks(&world, "update contacts set name = 'Anna Schmidt' where id = (select contact from addresses where"
                             " address = 'anna@x.org')");
    (void)world_asks(&world, "update contacts set name = 'Bob' where id = (select contact from addresses where"
                             " address = 'bob@x.org')");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_str_eq(searched(&world, rows[i].words), rows[i].found, "%s", rows[i].words);
    struct store_page page = {.contact = one.contact};
    GOOD(store_search(world.store, "", span_of("elan"), &page, world_list, &listed, &world.error));
    cr_expect_str_eq(listed.text, "one ");
    /* What is open is found by the core's number, of the own core only. */
    GOOD(store_submitted(world.store, one.interaction, 7, "1-2a", &world.error));
    for (uint64_t journal = 7; journal <= 8; journal++) {
        listed.text[0] = '\0';
        GOOD(store_by_ixn(world.store, "", journal, span_of("1-2a"), world_list, &listed, &world.error));
        cr_expect_str_eq(listed.text, journal == 7 ? "one " : "");
    }
    GOOD(store_ended(world.store, one.interaction, "ann", "done", 77, &world.error));
    listed.text[0] = '\0';
    GOOD(store_by_ixn(world.store, "", 7, span_of("1-2a"), world_list, &listed, &world.error));
    cr_expect_str_eq(listed.text, "");
    world_free(&world);
}

Test(store_find, two_contacts_that_are_one_become_one)
{
    struct store_world world;
    const int64_t bob = 1, robert = 2;
    world_new(&world);
    world_asks(&world, "INSERT INTO contacts(id, tenant, name, made, changed)"
                       " VALUES(1, '', 'Bob', 1, 1), (2, '', 'Robert S.', 1, 1)");
    world_asks(&world, "INSERT INTO addresses(tenant, kind, address, shown, contact, made) VALUES"
                       "('', 'email', 'bob@x.org', 'bob@x.org', 1, 1), ('', 'phone', '+4930100', '030 100', 2, 1)");
    cr_expect_str_eq(contacts(&world, "rob"), "2 ");
    cr_expect_str_eq(contacts(&world, "bob@X"), "1 ");
    static const char *const numbers[] = {"+4930", "+49 30", "0049 (30) 1", "49/30-100", "030 100", "030"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        cr_expect_str_eq(contacts(&world, numbers[i]), "2 ", "%s", numbers[i]);
    cr_expect_str_eq(contacts(&world, "100"), "", "a number is found by its beginning");
    cr_expect_str_eq(contacts(&world, "bob@x.org +49"), "");
    cr_expect_str_eq(contacts(&world, "_"), "", "what LIKE would take for any character is itself");
    world_asks(&world, "INSERT INTO fields(contact, name, value)"
                       " VALUES(1, 'account', '4711'), (2, 'account', '4712'), (2, 'level', 'gold')");
    world_mail(&world, "1", "bob@x.org", "mail", "text");
    struct store_arrival call = {.tenant = "",
                                 .media = "voice",
                                 .external_id = span_of("c1"),
                                 .kind = STORE_phone,
                                 .address = span_of("0049 30 100"),
                                 .received = 5,
                                 .message = {.subject = span_of("call")}};
    struct store_key key;
    GOOD(store_put(world.store, &call, &key, &world.error));
    cr_expect_eq(key.contact, robert);
    cr_expect_not(store_merge(world.store, bob, bob, NOW, &world.error));
    /* An agent's note reaches the address that the contact gets; a word to one number of ours does not. */
    GOOD(notes(&world, bob, "voice", true, "", NOW));
    world_asks(&world, "INSERT INTO refusals(tenant, kind, address, media, own, word, since)"
                       " VALUES('', 'phone', '+4930100', 'sms', '1800', 'STOP', 1)");
    GOOD(store_merge(world.store, bob, robert, NOW, &world.error));
    cr_expect_str_eq(world_asks(&world, "select address, media, own, word from refusals order by address, media"),
                     "+4930100|sms|1800|STOP\n+4930100|voice||\nbob@x.org|voice||");
    GOOD(notes(&world, bob, "voice", false, "they call again", NOW + 1));
    cr_expect_str_eq(world_asks(&world, "select count(*) from refusals"), "1");
    cr_expect_str_eq(history(&world, bob), "mail call ");
    cr_expect_str_eq(details(&world, bob),
                     "email bob@x.org bob@x.org; phone +4930100 030 100; field account 4711; field level gold; ");
    cr_expect_not(store_merge(world.store, bob, robert, NOW, &world.error), "it is one already");
    cr_expect_str_eq(world_asks(&world, "select name, merged_into from contacts where merged_into is null"), "Bob|");
    world_asks(&world, "INSERT INTO contacts(id, tenant, name, made, changed) VALUES(700, '', NULL, 1, 1)");
    GOOD(store_merge(world.store, 700, bob, NOW, &world.error));
    cr_expect_str_eq(world_asks(&world, "select id, name from contacts where merged_into is null"), "700|Bob");
    world_free(&world);
}

/* The contact of somebody who writes from that address. */
static int64_t writer(struct store_world *world, enum store_kind kind, const char *address)
{
    struct store_key key;
    struct store_arrival arrival = {.tenant = "",
                                    .media = "sms",
                                    .external_id = span_of(address),
                                    .kind = kind,
                                    .address = span_of(address),
                                    .received = NOW};
    good_in(world, store_put(world->store, &arrival, &key, &world->error));
    return key.contact;
}

/* As a store of version 1 has it, whose plugins set no country: one person twice. */
Test(store_find, addresses_that_are_there_get_the_form_of_today)
{
    struct store_world world;
    const int64_t anna = 800;
    world_new(&world);
    world_asks(&world, "INSERT INTO contacts(id, tenant, name, made, changed)"
                       " VALUES(800, '', 'Anna', 1, 1), (900, '', 'A.', 1, 1)");
    world_asks(&world, "INSERT INTO addresses(tenant, kind, address, shown, contact, made) VALUES"
                       "('', 'phone', '+49301234567', '+49 30 1234567', 800, 1),"
                       "('', 'phone', '0301234567', '030 1234567', 900, 1),"
                       "('', 'email', 'anna@x.org', 'anna@x.org', 900, 1),"
                       "('', 'phone', '7001', '7001', 900, 1)");
    world_asks(&world, "DROP TABLE settings");
    world_asks(&world, "UPDATE gcx_store SET version = 1");
    world_again(&world);
    cr_expect_eq(writer(&world, STORE_phone, "(030) 123 45 67"), anna);
    cr_expect_eq(writer(&world, STORE_email, "Anna@X.org"), anna, "one contact, the older");
    cr_expect_str_eq(world_asks(&world, "select count(*) from addresses"), "3");
    cr_expect_str_eq(world_asks(&world, "select value from settings where name = 'country'"), "DE");
    store_close(world.store);
    world.store = store_open(world.target, NULL, &world.error);
    cr_assert(world.store, "%s", world.error.text);
    cr_expect_eq(writer(&world, STORE_phone, "030 1234567"), anna, "the store knows its country");
    world_free(&world);
}

Test(store_find, who_wants_no_messages_is_known_by_the_form_of_another_country)
{
    struct store_world world;
    world_new(&world);
    int64_t anna = writer(&world, STORE_phone, "01 45 55 01 01");
    GOOD(notes(&world, anna, "voice", true, "", NOW));
    cr_expect_str_eq(world_asks(&world, "select address from refusals"), "+49145550101");
    store_close(world.store);
    world.store = store_open(world.target, &(struct store_options){.country = "FR"}, &world.error);
    cr_assert(world.store, "%s", world.error.text);
    cr_expect_str_eq(world_asks(&world, "select address from refusals"), "+33145550101");
    cr_expect(wants_none(&world, "voice", ""));
    world_free(&world);
}

/* ---- several cores ---- */

enum { A = 4711, LATER_A = 4712, B = 815, TWIN = 99 };

/* The open e-mails that the core with this journal looks at. */
static const char *of_core(struct store_world *world, uint64_t journal)
{
    static struct listed listed;
    listed = (struct listed){0};
    cr_assert(store_unended(world->store, "", "email", journal, 0, 0, world_list, &listed, &world->error), "%s",
              world->error.text);
    return listed.text;
}

static void mail_of(struct store_world *world, const char *name, uint64_t journal, const char *ixn)
{
    struct store_key key = world_mail(world, name, "anna@x.org", name, "a text");
    cr_assert(store_submitted(world->store, key.interaction, journal, ixn, &world->error), "%s", world->error.text);
}

Test(store_find, a_core_takes_over_what_a_lost_one_had_and_leaves_alone_what_is_of_others)
{
    struct store_world world;
    world_new(&world);
    mail_of(&world, "a", A, "1-000000000001");
    mail_of(&world, "b", B, "2-000000000001");
    cr_expect_str_eq(of_core(&world, A), "a b ", "nobody has said who lives: as before");
    GOOD(store_serve(world.store, B, 2, &world.error));
    GOOD(store_leave(world.store, B, &world.error));
    GOOD(store_serve(world.store, A, 1, &world.error));
    cr_expect_str_eq(of_core(&world, A), "a ", "another domain's, even where it does not live");
    cr_expect_str_eq(of_core(&world, B), "b ");
    cr_expect_str_eq(of_core(&world, 0), "a b ", "a core that does not say who it is");
    world_free(&world);
}

Test(store_find, a_core_whose_program_is_older_has_what_begins_with_its_domain)
{
    struct store_world world;
    world_new(&world);
    mail_of(&world, "a", LATER_A, "1-000000000001");
    mail_of(&world, "b", B, "2-000000000001");
    mail_of(&world, "c", TWIN, "12-000000000001");
    world_mail(&world, "new", "anna@x.org", "new", "a text");
    GOOD(store_serve(world.store, A, 1, &world.error));
    cr_expect_str_eq(of_core(&world, A), "a new ", "of another domain, though that core was never served");
    cr_expect_str_eq(of_core(&world, 0), "a b c new ", "a core that does not say who it is");
    GOOD(store_serve(world.store, A, 0, &world.error));
    cr_expect_str_eq(of_core(&world, A), "a b c new ", "a core that does not know its domain");
    world_free(&world);
}

Test(store_find, of_one_domain_a_lost_state_is_taken_over_once_its_lease_is_over)
{
    struct store_world world;
    bool twin;
    world_new(&world);
    mail_of(&world, "a", A, "1-000000000001");
    struct store *before = store_open(world.target, NULL, &world.error);
    cr_assert(before);
    GOOD(store_serve(before, A, 1, &world.error));
    GOOD(store_serve(world.store, LATER_A, 1, &world.error));
    cr_expect_str_eq(of_core(&world, LATER_A), "", "it may live");
    GOOD(store_has_twin(world.store, LATER_A, &twin, &world.error));
    cr_expect(twin);
    world_asks(&world, "UPDATE served SET until = until - 60000000 WHERE journal = 4711");
    cr_expect_str_eq(of_core(&world, LATER_A), "a ");
    GOOD(store_has_twin(world.store, LATER_A, &twin, &world.error));
    cr_expect_not(twin);
    GOOD(store_serve(before, A, 1, &world.error));
    cr_expect_str_eq(of_core(&world, LATER_A), "");
    store_close(before);
    cr_expect_str_eq(of_core(&world, LATER_A), "a ", "it was given up in order");
    GOOD(store_serve(world.store, TWIN, 1, &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM served s WHERE s.journal <> 99 AND s.until >"
                                        " (SELECT until FROM served WHERE journal = 99) - 9000000"),
                     "0", "through one handle a new journal gives up the one before");
    world_free(&world);
}

Test(store_find, a_store_of_before_learns_who_works_with_it)
{
    struct store_world world;
    world_new(&world);
    mail_of(&world, "a", A, "1-000000000001");
    world_asks(&world, "DROP TABLE served");
    world_asks(&world, "UPDATE gcx_store SET version = 3");
    world_again(&world);
    GOOD(store_serve(world.store, A, 1, &world.error));
    cr_expect_str_eq(of_core(&world, B), "", "a core that lives");
    world_free(&world);
}

static void back_write(void *self, const struct store_line *line)
{
    struct out *out = self;
    out_format(out, "%.*s %d;", (int)line->text.length, (const char *)line->text.bytes, line->taken_back != 0);
}

static void part_write(void *self, const struct store_part_shown *part)
{
    out_format(self, "%.*s %d;", (int)part->name.length, (const char *)part->name.bytes, part->taken_back);
}

/* A post of one customer: an interaction, with a message of this name and a file. */
static struct store_key posted(struct store_world *of, const char *session, const char *msg_id, const char *text)
{
    struct store_world world = *of;
    struct store_key key;
    int64_t n;
    struct store_part part = {.role = "attachment", .bytes = span_of("bytes"), .name = span_of(text)};
    struct store_arrival arrival = {.tenant = "",
                                    .media = "social",
                                    .external_id = span_of(session),
                                    .kind = STORE_social,
                                    .address = span_of("ann"),
                                    .received = NOW,
                                    .message = {.at = NOW, .subject = span_of("s")}};
    struct store_message message = {
        .msg_id = span_of(msg_id), .at = NOW, .text = span_of(text), .parts = &part, .part_count = 1};
    GOOD(store_put(world.store, &arrival, &key, &world.error));
    GOOD(store_say(world.store, key.interaction, &message, &n, &world.error));
    return key;
}

static const char *told(struct store_world *of, int64_t interaction, struct out *out)
{
    struct store_world world = *of;
    out_free(out);
    *out = (struct out){0};
    GOOD(store_transcript(world.store, interaction, 1, 10, true, back_write, out, &world.error));
    GOOD(store_parts(world.store, interaction, part_write, out, &world.error));
    return out->bytes;
}

Test(store_find, what_its_customer_takes_back_is_not_told_whichever_comes_first)
{
    struct store_world world;
    int64_t n, found;
    struct out out = {0};
    world_new(&world);
    struct store_key first = posted(&world, "one", "c:m1", "kettle"), other = posted(&world, "two", "c:m2", "pot");
    struct store_message back = {.msg_id = span_of("c:deleted:m1"),
                                 .at = NOW + 5,
                                 .kind = "deletion",
                                 .visible = "agents",
                                 .of_id = span_of("c:m1"),
                                 .text = span_of("back")};
    GOOD(store_say(world.store, other.interaction, &back, &n, &world.error));
    cr_expect_str_eq(told(&world, first.interaction, &out), " 1;kettle 1;");
    cr_expect_str_eq(told(&world, other.interaction, &out), "pot 0;back 0;pot 0;");
    cr_expect_str_eq(searched(&world, "kettle"), "");
    back.msg_id = span_of("c:deleted:m3"), back.of_id = span_of("c:m3");
    GOOD(store_say(world.store, other.interaction, &back, &n, &world.error));
    struct store_key late = posted(&world, "three", "c:m3", "late");
    cr_expect_str_eq(told(&world, late.interaction, &out), " 1;late 1;");
    /* whoever calls a text so has taken back nothing */
    struct store_message text = {.msg_id = span_of("c:deleted:m2"), .at = NOW, .text = span_of("word")};
    GOOD(store_say(world.store, other.interaction, &text, &n, &world.error));
    cr_expect_str_eq(told(&world, other.interaction, &out), "pot 0;back 0;back 0;word 0;pot 0;");
    GOOD(store_said_in(world.store, "", "social", span_of("ann"), span_of("c:m1"), &found, &world.error));
    cr_expect_eq(found, first.interaction);
    GOOD(store_said_in(world.store, "", "social", span_of("bob"), span_of("c:m1"), &found, &world.error));
    cr_expect_eq(found, 0, "it is another customer's");
    out_free(&out);
    world_free(&world);
}

Test(store_find, of_an_erased_contact_times_and_results_stay_and_nothing_else)
{
    struct store_world world;
    int64_t count;
    struct store_part part = {.role = "raw", .bytes = span_of("raw kettle"), .name = span_of("bob.txt")};
    struct store_message more = {
        .text = span_of("more kettle"), .sender = span_of("Bob"), .parts = &part, .part_count = 1};
    world_new(&world);
    struct store_key key = world_mail(&world, "<bob-1@x>", "bob@x.org", "kettle", "secretword");
    world_mail(&world, "<eve>", "eve@x.org", "eve", "kettle");
    more.of_id = span_of("kettle-id"), more.about = span_of("{\"name\":\"kettle\"}");
    GOOD(store_say(world.store, key.interaction, &more, &count, &world.error));
    GOOD(store_ended(world.store, key.interaction, "ann", "answered", 77, &world.error));
    GOOD(store_field(world.store, key.contact, span_of("account"), span_of("4712"), NOW, &world.error));
    GOOD(store_field(world.store, key.contact, span_of("account"), span_of("4711"), NOW, &world.error));
    cr_expect_not_null(strstr(details(&world, key.contact), "account 4711"));
    GOOD(store_erase(world.store, key.contact, NOW, &count, &world.error));
    cr_expect_eq(count, 1);
    cr_expect_str_eq(world_asks(&world, "select coalesce(subject, '-'), coalesce(address, '-'), agent, result, ended, "
                                        "messages from interactions where erased is not null"),
                     "-|-|ann|answered|77|2");
    cr_expect_str_eq(world_asks(&world, "select count(*) from messages where text is not null"), "1");
    cr_expect_str_eq(world_asks(&world, "select count(*) from messages where of_id is not null or about is not null"),
                     "0");
    GOOD(store_erase(world.store, key.contact, NOW + 5, &count, &world.error));
    cr_expect_str_eq(world_asks(&world,
                                "select c.erased, i.erased from contacts c join interactions i on i.contact = c.id"
                                " where c.erased is not null"),
                     "1000|1000", "the first moment stays");
    cr_expect_str_eq(world_asks(&world, "select count(*) from parts"), "0");
    cr_expect_str_eq(world_asks(&world, "select count(*) from pieces"), "0");
    cr_expect_str_eq(details(&world, key.contact), "");
    cr_expect_str_eq(searched(&world, "kettle"), "eve ");
    struct store_key again = world_mail(&world, "<bob-1@x>", "bob@x.org", "kettle", "secretword");
    cr_expect(again.known, "the mail that comes once more is the erased one");
    cr_expect_eq(again.interaction, key.interaction);
    struct store_key next = world_mail(&world, "<bob-2@x>", "bob@x.org", "new", "new");
    cr_expect_neq(next.contact, key.contact, "who writes again is a new contact");
    if (world_is_file(&world)) {
        char command[700];
        store_close(world.store);
        world.store = NULL;
        snprintf(command, sizeof command, "! grep -qa -e secretword -e bob-1@x %s", world.target + 7);
        cr_expect_eq(system(command), 0, "the file has the erased text");
    }
    world_free(&world);
}

Test(store_find, what_was_merged_is_erased_with_whoever_has_written_it)
{
    struct store_world world;
    int64_t n;
    world_new(&world);
    struct store_key eve = world_mail(&world, "<eve>", "eve@x.org", "eve", "hers");
    struct store_key bob = world_mail(&world, "<bob>", "bob@x.org", "bob", "his");
    struct store_key ann = world_mail(&world, "<ann>", "ann@x.org", "ann", "a third one's");
    const char *const senders[] = {"bob@x.org", "ann@x.org"};
    for (unsigned i = 0; i < 2; i++) {
        char id[40], text[100];
        snprintf(id, sizeof id, STORE_MERGED "%u", i);
        snprintf(text, sizeof text, "Merged: it leaks" STORE_MERGED_FROM "%s" STORE_MERGED_END "As I said", senders[i]);
        struct store_message line = {.msg_id = span_of(id), .at = NOW, .role = "agent", .text = span_of(text)};
        GOOD(store_say(world.store, eve.interaction, &line, &n, &world.error));
        line = (struct store_message){.at = NOW, .sender = span_of(senders[i]), .text = span_of("As I said")};
        GOOD(store_say(world.store, i == 0 ? bob.interaction : ann.interaction, &line, &n, &world.error));
    }
    GOOD(store_ended(world.store, ann.interaction, "marie", "merged", NOW, &world.error));
    GOOD(store_ended(world.store, bob.interaction, "marie", "merged", NOW, &world.error));
    GOOD(store_erase(world.store, bob.contact, NOW, &n, &world.error));
    cr_expect_str_eq(world_asks(&world, "select count(*) from messages where text like '%bob@x.org%'"), "0");
    cr_expect_str_eq(world_asks(&world, "select count(*) from messages where text like '%ann@x.org%'"), "1");
    cr_expect_str_eq(world_asks(&world, "select text from messages where interaction = 1 and n = 1"), "hers");
    world_free(&world);
}

Test(store_find, messages_of_a_group_are_kept_together_and_one_of_them_fails_by_itself)
{
    struct store_world world;
    int64_t n;
    struct store_message said[] = {{.msg_id = span_of("1"), .role = "customer", .text = span_of("one")},
                                   {.msg_id = span_of("2"), .role = "customer", .text = span_of("two")}};
    world_new(&world);
    struct store_key key = world_mail(&world, "<bob-1@x>", "bob@x.org", "kettle", "first");
    GOOD(store_group_begin(world.store, &world.error));
    GOOD(store_say(world.store, key.interaction, &said[0], &n, &world.error));
    cr_expect_not(store_say(world.store, key.interaction + 9, &said[0], &n, &world.error), "there is no such one");
    GOOD(store_say(world.store, key.interaction, &said[1], &n, &world.error));
    GOOD(store_group_end(world.store, &world.error));
    world_again(&world);
    cr_expect_str_eq(world_asks(&world, "select msg_id, text from messages where role = 'customer' and text in ('one', "
                                        "'two') order by n"),
                     "1|one\n2|two");
    /* A group that never ends keeps nothing. */
    said[0].msg_id = span_of("3");
    GOOD(store_group_begin(world.store, &world.error));
    GOOD(store_say(world.store, key.interaction, &said[0], &n, &world.error));
    world_again(&world);
    cr_expect_str_eq(world_asks(&world, "select count(*) from messages where msg_id = '3'"), "0");
    world_free(&world);
}

Test(store_find, what_comes_late_for_an_erased_contact_is_not_kept_and_its_answer_is_known_as_sent)
{
    struct store_world world;
    int64_t contacts, count, n, first;
    struct store_part part = {.role = "raw", .bytes = span_of("raw kettle"), .name = span_of("bob.txt")};
    struct store_message sent = {
        .msg_id = span_of("<answer-1@shop>"), .role = "system", .text = span_of("To bob@x.org")};
    struct store_message late = {.msg_id = span_of("late-1"),
                                 .text = span_of("late kettle"),
                                 .sender = span_of("Bob"),
                                 .subject = span_of("kettle"),
                                 .parts = &part,
                                 .part_count = 1};
    world_new(&world);
    struct store_key key = world_mail(&world, "<bob-1@x>", "bob@x.org", "kettle", "secretword"), found;
    GOOD(store_say(world.store, key.interaction, &sent, &first, &world.error));
    GOOD(store_forget(world.store, span_of("Bob@X.org"), NOW, &contacts, &count, &world.error));
    cr_expect(contacts == 1 && count == 1);
    GOOD(store_say(world.store, key.interaction, &sent, &n, &world.error));
    cr_expect_eq(n, first, "the answer that was on its way is known");
    GOOD(store_by_reference(world.store, "", "email", &sent.msg_id, 1, &found, &world.error));
    cr_expect_eq(found.interaction, key.interaction);
    GOOD(store_told(world.store, key.interaction, first, "accepted", span_of("To bob@x.org: accepted"), &world.error));
    GOOD(store_say(world.store, key.interaction, &late, &n, &world.error));
    GOOD(store_say(world.store, key.interaction, &late, &count, &world.error));
    cr_expect(n == first + 1 && count == n, "one place for what comes twice");
    cr_expect_str_eq(world_asks(&world, "select count(*) from messages where text is not null or sender is not null or "
                                        "subject is not null or msg_id not like 'sha256:%'"),
                     "0");
    cr_expect_str_eq(world_asks(&world, "select count(*) from parts"), "0");
    cr_expect_str_eq(world_asks(&world, "select result from messages where n = 2"), "accepted");
    struct store_arrival answer = {.tenant = "",
                                   .media = "email",
                                   .external_id = span_of("<answer-2@shop>"),
                                   .outbound = true,
                                   .kind = STORE_email,
                                   .address = span_of("bob@x.org"),
                                   .contact = key.contact,
                                   .parent = key.interaction,
                                   .received = NOW,
                                   .message = {.text = span_of("Dear Bob")}};
    GOOD(store_put(world.store, &answer, &found, &world.error));
    cr_expect_neq(found.contact, key.contact, "an answer to somebody erased is somebody new's");
    GOOD(store_forget(world.store, span_of("bob@x.org"), NOW, &contacts, &count, &world.error));
    cr_expect(contacts == 1 && count == 1, "who is erased like the first");
    if (world_is_file(&world)) {
        char command[700];
        store_close(world.store);
        world.store = NULL;
        snprintf(command, sizeof command, "! grep -qai -e secretword -e bob -e kettle -e answer-1 %s*",
                 world.target + 7);
        cr_expect_eq(system(command), 0, "the file has the erased person");
    }
    world_free(&world);
}

/* Who erases a person has to hear that nobody was looked for. */
Test(store_find, what_is_no_address_is_not_forgotten_but_refused)
{
    struct store_world world;
    int64_t contacts, count;
    char text[STORE_ADDRESS_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const struct span wrong[] = {span_of(""), span_of(text), span_of("\xff")};
    world_new(&world);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_not(store_forget(world.store, wrong[i], NOW, &contacts, &count, &world.error), "%zu", i);
        cr_expect_not(store_withdraw(world.store, wrong[i], &count, &world.error), "%zu", i);
        cr_expect_eq(strncmp(world.error.text, "this is no", 10), 0, "%s", world.error.text);
    }
    world_free(&world);
}

static void fault(void *count, const char *text)
{
    (void)text;
    ++*(int *)count;
}

Test(store_find, what_ended_before_is_removed_with_all_it_has)
{
    struct store_world world;
    int64_t count;
    int faults = 0;
    struct store_part part = {.role = "raw", .bytes = span_of("raw")};
    struct store_message more = {.text = span_of("more"), .parts = &part, .part_count = 1};
    world_new(&world);
    struct store_key key = world_mail(&world, "1", "bob@x.org", "old", "old");
    world_mail(&world, "2", "eve@x.org", "open", "open");
    GOOD(store_say(world.store, key.interaction, &more, &count, &world.error));
    GOOD(store_ended(world.store, key.interaction, NULL, "done", 77, &world.error));
    GOOD(store_expire(world.store, "", 77, 10, &count, &world.error));
    cr_expect_eq(count, 0);
    GOOD(store_expire(world.store, "acme", INT64_C(1895317300000000), 10, &count, &world.error));
    cr_expect_eq(count, 0, "it is another tenant's");
    GOOD(store_expire(world.store, "", INT64_C(1895317300000000), 10, &count, &world.error));
    cr_expect_eq(count, 1);
    cr_expect_str_eq(world_asks(&world, "select subject from interactions"), "open");
    cr_expect_str_eq(world_asks(&world, "select address from addresses"), "eve@x.org");
    cr_expect_str_eq(world_asks(&world, "select count(*) from messages"), "1");
    cr_expect_str_eq(world_asks(&world, "select count(*) from pieces"), "0");
    cr_assert_neq(store_upload_bytes(world.store, &part, span_of("bytes"), NOW, &world.error), 0);
    GOOD(store_tidy(world.store, NOW, &count, &world.error));
    cr_expect_eq(count, 0);
    GOOD(store_check(world.store, fault, &faults, &world.error));
    cr_expect_eq(faults, 0);
    world_asks(&world, "update pieces set bytes = 'other'");
    world_asks(&world, "update interactions set messages = 5");
    GOOD(store_check(world.store, fault, &faults, &world.error));
    cr_expect_eq(faults, 2);
    GOOD(store_tidy(world.store, NOW + 1, &count, &world.error));
    cr_expect_eq(count, 1);
    world_free(&world);
}

Test(store_find, what_is_another_tenants_is_not_there)
{
    struct store_world world;
    struct store_part part = {.role = "raw", .bytes = span_of("raw")};
    struct store_message more = {.text = span_of("more"), .parts = &part, .part_count = 1};
    struct store_key key, child;
    int64_t n;
    world_new(&world);
    key = world_mail(&world, "1", "bob@x.org", "kettle", "text");
    GOOD(store_say(world.store, key.interaction, &more, &n, &world.error));
    GOOD(store_owns(world.store, "", STORE_OF_contact, key.contact, &world.error));
    GOOD(store_owns(world.store, "", STORE_OF_interaction, key.interaction, &world.error));
    GOOD(store_owns(world.store, "", STORE_OF_part, 1, &world.error));
    cr_expect_not(store_owns(world.store, "acme", STORE_OF_contact, key.contact, &world.error));
    cr_expect_eq(world.error.code, ERROR_UNKNOWN);
    cr_expect_str_eq(world.error.text, "the contact store has no contact 1 of tenant `acme`");
    cr_expect_not(store_owns(world.store, "acme", STORE_OF_interaction, key.interaction, &world.error));
    cr_expect_not(store_owns(world.store, "acme", STORE_OF_part, 1, &world.error));
    cr_expect_not(store_owns(world.store, "", STORE_OF_part, 77, &world.error));
    struct store_arrival arrival = {.tenant = "acme",
                                    .media = "email",
                                    .external_id = span_of("2"),
                                    .kind = STORE_email,
                                    .address = span_of("bob@x.org"),
                                    .parent = key.interaction};
    cr_expect_not(store_put(world.store, &arrival, &child, &world.error), "the parent is another tenant's");
    arrival.parent = 0;
    arrival.contact = key.contact;
    cr_expect_not(store_put(world.store, &arrival, &child, &world.error), "the contact is another tenant's");
    cr_expect_str_eq(world_asks(&world, "select count(*) from interactions where tenant = 'acme'"), "0");
    world_free(&world);
}

static void named(void *out, const struct store_response *response)
{
    struct listed *listed = out;
    size_t at = strlen(listed->text);
    snprintf(listed->text + at, sizeof listed->text - at, "%.*s/%.*s:%.*s ", (int)response->category.length,
             (const char *)response->category.bytes, (int)response->name.length, (const char *)response->name.bytes,
             (int)response->text.length, (const char *)response->text.bytes);
}

static const char *responses(struct store_world *world, const char *category, const char *language)
{
    static struct listed listed;
    listed.text[0] = '\0';
    good_in(world,
            store_responses(world->store, "", span_of(category), span_of(language), named, &listed, &world->error));
    return listed.text;
}

Test(store_find, standard_responses_are_found_by_category_and_filled_in)
{
    struct store_world world;
    struct out out = {0};
    unsigned unknown;
    size_t wrong, same;
    const int64_t bob = 7;
    world_new(&world);
    static const struct {
        const char *category, *name, *language, *text;
    } all[] = {{"Billing/Invoices", "copy", "", "a"},
               {"/Billing/", "late", "de", "b"},
               {"Billing2", "x", "", "c"},
               {"Billing", "late", "en", "d"},
               {"Billing", "late", "en", "e"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct store_response response = {.category = span_of(all[i].category),
                                          .name = span_of(all[i].name),
                                          .language = span_of(all[i].language),
                                          .text = span_of(all[i].text)};
        GOOD(store_responses_put(world.store, "", &response, 1, NOW, &wrong, &same, &world.error));
    }
    cr_expect_str_eq(responses(&world, "Billing", ""), "Billing/late:b Billing/late:e Billing/Invoices/copy:a ");
    cr_expect_str_eq(responses(&world, "Billing", "en"), "Billing/late:e Billing/Invoices/copy:a ");
    cr_expect_str_eq(responses(&world, "", "de"), "Billing/late:b Billing/Invoices/copy:a Billing2/x:c ");
    struct store_response twice[] = {{.name = span_of("n"), .text = span_of("1")},
                                     {.name = span_of("m"), .text = span_of("2")},
                                     {.category = span_of("/"), .name = span_of("n"), .text = span_of("3")}};
    cr_expect_not(store_responses_put(world.store, "", twice, 3, NOW, &wrong, &same, &world.error));
    cr_expect(wrong == 2 && same == 0);
    twice[2].name = span_of("");
    cr_expect_not(store_responses_put(world.store, "", twice, 3, NOW, &wrong, &same, &world.error));
    cr_expect(wrong == 2 && same == 2);
    cr_expect_str_eq(responses(&world, "", "de"), "Billing/late:b Billing/Invoices/copy:a Billing2/x:c ");
    world_asks(&world, "INSERT INTO contacts(id, tenant, name, made, changed)"
                       " VALUES(7, '', '<b>{contact.email}\r\nBcc: x', 1, 1)");
    world_asks(&world, "INSERT INTO addresses(tenant, kind, address, shown, contact, made)"
                       " VALUES('', 'email', 'bob@x.org', 'bob@x.org', 7, 1)");
    world_asks(&world, "INSERT INTO fields(contact, name, value) VALUES(7, 'account', '4711')");
    struct store_value more[] = {{"agent.name", span_of("Ann")}};
    struct span text =
        span_of("{contact.name}|{contact.email}|{contact.account}|{agent.name}|{contact.phone}|{x|{}|{a b}|{");
    GOOD(store_fill(world.store, bob, text, FILL_LINE, more, 1, &out, &unknown, &world.error));
    cr_expect_str_eq(out.bytes, "<b>{contact.email}  Bcc: x|bob@x.org|4711|Ann|{contact.phone}|{x|{}|{a b}|{");
    cr_expect_eq(unknown, 1);
    out.length = 0;
    GOOD(store_fill(world.store, bob, span_of("{contact.name}"), FILL_MARKUP, NULL, 0, &out, &unknown, &world.error));
    cr_expect_str_eq(out.bytes, "&lt;b&gt;{contact.email}\r\nBcc: x");
    world_asks(&world, "UPDATE contacts SET name = '' WHERE id = 7");
    out.length = 0;
    GOOD(
        store_fill(world.store, bob, span_of("Dear {contact.name}"), FILL_LINE, NULL, 0, &out, &unknown, &world.error));
    cr_expect_str_eq(out.bytes, "Dear bob@x.org");
    cr_expect_eq(unknown, 0);
    out_free(&out);
    world_free(&world);
}
