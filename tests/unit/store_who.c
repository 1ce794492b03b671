/* tests/unit/store_who.c - Who a contact is: agents change, merge and link contacts and undo it; a customer who has
 * typed an address is not the person who has it; texts are found by the beginnings of their words. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/store_world.h"
#include "runtime/vocabulary/bytes.h"

#define GOOD_IN(world, call) cr_assert((call), "%s", (world)->error.text)
#define NOW                  INT64_C(1800000000000000)

static const char *found(struct store_world *world, const char *words)
{
    static struct listed listed;
    struct store_page page = {0};
    listed.text[0] = '\0';
    GOOD_IN(world, store_search(world->store, "", span_of(words), &page, world_list, &listed, &world->error));
    return listed.text;
}

static void who_id(void *out, const struct store_contact *contact)
{
    struct listed *listed = out;
    snprintf(listed->text + strlen(listed->text), sizeof listed->text - strlen(listed->text), "%.*s;",
             (int)contact->name.length, (const char *)contact->name.bytes);
}

static const char *people(struct store_world *world, const char *text)
{
    static struct listed listed;
    listed.text[0] = '\0';
    GOOD_IN(world, store_contacts(world->store, "", span_of(text), 0, who_id, &listed, &world->error));
    return listed.text;
}

Test(store_who, words_are_found_by_their_beginnings_and_without_accents)
{
    struct store_world world;
    world_new(&world);
    world_mail(&world, "a", "zoe@x.org", "caf\xc3\xa9", "La th\xc3\xa9i\xc3\xa8re fuit depuis No\xc3\xabl");
    world_mail(&world, "b", "hans@x.org", "kettle", "It leaks since Christmas (M\xc3\xbcnchen)");
    cr_expect_str_eq(found(&world, "theiere"), "caf\xc3\xa9 ");
    cr_expect_str_eq(found(&world, "TH\xc3\x89I"), "caf\xc3\xa9 ");
    cr_expect_str_eq(found(&world, "noel caf"), "caf\xc3\xa9 ");
    cr_expect_str_eq(found(&world, "munch"), "kettle ");
    cr_expect_str_eq(found(&world, "christ leak"), "kettle ");
    cr_expect_str_eq(found(&world, "eaks"), "");
    cr_expect_str_eq(found(&world, "'kettl\" & * :"), "kettle ");
    cr_expect_str_eq(found(&world, "\xe2\x80\x94"), "");
    world_mail(&world, "c", "lars@x.org",
               "stra\xc3\x9f"
               "e",
               "L\xc3\xb8gst\xc3\xb8r, \xc3\x86r\xc3\xb8, \xc5\x81\xc3\xb3"
               "d\xc5\xba, \xc5\x93uvre; Sorensen");
    static const char *const sought[] = {"logstor",    "l\xc3\xb8gst",  "LOGSTOR",           "aero",
                                         "\xc3\x86RO", "lodz",          "strasse",           "strass",
                                         "oeuvre",     "s\xc3\xb8rens", "lodz strasse logst"};
    for (unsigned at = 0; at < sizeof sought / sizeof *sought; at++)
        cr_expect_str_eq(found(&world, sought[at]),
                         "stra\xc3\x9f"
                         "e ",
                         "%s", sought[at]);
    cr_expect_str_eq(found(&world, "stros"), "");
    cr_expect_str_eq(found(&world, "loods"), "");
    char many[3 * 332 + 1] = "";
    for (unsigned at = 0; at + 3 < sizeof many; at += 3) memcpy(many + at, "lo ", 4);
    cr_expect_str_eq(found(&world, many), "stra\xc3\x9f"
                                          "e ");
    world_asks(&world, "UPDATE contacts SET name = 'Zo\xc3\xab L\xc3\xb3pez' WHERE id = 1");
    cr_expect_str_eq(people(&world, "lope"), "Zo\xc3\xab L\xc3\xb3pez;");
    cr_expect_str_eq(people(&world, "zoe lop"), "Zo\xc3\xab L\xc3\xb3pez;");
    cr_expect_str_eq(people(&world, "lop zo"), "Zo\xc3\xab L\xc3\xb3pez;");
    cr_expect_str_eq(people(&world, "opez"), "");
    world_free(&world);
}

static int64_t changed_of(struct store_world *world, int64_t contact)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT changed FROM contacts WHERE id = %lld", (long long)contact);
    return strtoll(world_asks(world, sql), NULL, 10);
}

static struct store_act act_of(struct store_world *world, int64_t contact, const char *agent)
{
    return (struct store_act){.contact = contact, .changed = changed_of(world, contact), .agent = agent, .at = NOW};
}

static void who_act(void *out, const struct store_act_shown *act)
{
    int64_t *last = out;
    if (act->last) *last = act->act;
}

static bool undo(struct store_world *world, int64_t contact)
{
    int64_t last = -1;
    GOOD_IN(world, store_acts(world->store, contact, who_act, &last, &world->error));
    return store_undo(world->store, last, "paul", NOW + 5, &world->error);
}

#define WHOLE                                                                                                          \
    "SELECT kind || ' ' || address || ' ' || contact FROM addresses UNION ALL SELECT 'field ' || name || '=' || value" \
    " || ' ' || contact FROM fields UNION ALL SELECT 'name ' || coalesce(name, '-') || ' ' || id || '>' ||"            \
    " coalesce(merged_into, 0) FROM contacts UNION ALL SELECT 'of ' || id || ' ' || coalesce(contact, 0)"              \
    " FROM interactions UNION ALL SELECT 'act ' || contact FROM refusal_acts ORDER BY 1"

Test(store_who, an_edit_is_all_or_nothing_and_can_be_undone)
{
    struct store_world world;
    world_new(&world);
    world_mail(&world, "a", "ann@x.org", "one", "text");
    world_mail(&world, "b", "bob@x.org", "two", "text");
    world_asks(&world, "INSERT INTO fields(contact, name, value) VALUES(1, 'account', '1'), (1, 'level', 'gold')");
    char *before = strdup(world_asks(&world, WHOLE));
    const struct store_change changes[] = {
        {STORE_CHANGE_NAME, "", span_of("Ann Miller")},
        {STORE_CHANGE_FIELD, "account", span_of("4711")},
        {STORE_CHANGE_FIELD, "level", {0}},
        {STORE_CHANGE_FIELD, "city", span_of("Ulm")},
        {STORE_CHANGE_ADD, "phone", span_of("+49 731 100")},
        {STORE_CHANGE_REMOVE, "email", span_of("Ann@X.org")},
    };
    struct store_act act = act_of(&world, 1, "marie"), late = act;
    GOOD(store_edit(world.store, &act, changes, 6, &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT name FROM contacts WHERE id = 1"), "Ann Miller");
    cr_expect_str_eq(world_asks(&world, "SELECT name, value FROM fields ORDER BY name"), "account|4711\ncity|Ulm");
    cr_expect_str_eq(world_asks(&world, "SELECT address, shown FROM addresses WHERE contact = 1"),
                     "+49731100|+49 731 100");
    /* Another agent who has seen what was before overwrites nothing, and reads who it was. */
    late.agent = "paul";
    cr_expect_not(store_edit(world.store, &late, changes, 1, &world.error));
    cr_expect(world.error.code == ERROR_STATE && strstr(world.error.text, "marie"), "%s", world.error.text);
    char *between = strdup(world_asks(&world, WHOLE));
    const struct store_change taken[] = {{STORE_CHANGE_NAME, "", span_of("X")},
                                         {STORE_CHANGE_ADD, "email", span_of("bob@x.org")}};
    act = act_of(&world, 1, "marie");
    cr_expect_not(store_edit(world.store, &act, taken, 2, &world.error), "the address is Bob's");
    cr_expect(world.error.code == ERROR_STATE && strstr(world.error.text, "contact 2"), "%s", world.error.text);
    const struct store_change odd[][1] = {{{STORE_CHANGE_REMOVE, "email", span_of("no@x.org")}},
                                          {{STORE_CHANGE_ADD, "email", span_of("none")}},
                                          {{STORE_CHANGE_ADD, "pigeon", span_of("x")}},
                                          {{STORE_CHANGE_FIELD, "email", span_of("x")}},
                                          {{STORE_CHANGE_FIELD, "a b", span_of("x")}}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        cr_expect_not(store_edit(world.store, &act, odd[i], 1, &world.error), "%zu", i);
    cr_expect_not(store_edit(world.store, &act, odd[0], 0, &world.error));
    cr_expect_str_eq(world_asks(&world, WHOLE), between, "all or nothing");
    GOOD(undo(&world, 1));
    cr_expect_str_eq(world_asks(&world, WHOLE), before);
    cr_expect_not(undo(&world, 1), "once");
    cr_expect_str_eq(world_asks(&world, "SELECT act, agent, undone_by FROM contact_acts"), "edit|marie|paul");
    const struct store_change again[] = {{STORE_CHANGE_ADD, "email", span_of("ann@x.org")}};
    act = act_of(&world, 1, "marie");
    GOOD(store_edit(world.store, &act, again, 1, &world.error)); /* the contact has it already */
    /* An address that another contact got meanwhile is not taken from it. */
    act = act_of(&world, 1, "marie");
    GOOD(store_edit(world.store, &act, changes + 5, 1, &world.error));
    world_mail(&world, "c", "ann@x.org", "three", "text");
    between = (free(between), strdup(world_asks(&world, WHOLE)));
    cr_expect_not(undo(&world, 1));
    cr_expect_str_eq(world_asks(&world, WHOLE), between);
    free(before), free(between);
    world_free(&world);
}

Test(store_who, a_merge_is_undone_to_the_letter_and_not_after_an_erasing)
{
    struct store_world world;
    int64_t count;
    world_new(&world);
    world_mail(&world, "a", "ann@x.org", "one", "text");
    world_mail(&world, "b", "bob@x.org", "two", "text");
    world_mail(&world, "c", "cid@x.org", "three", "text");
    world_asks(&world, "INSERT INTO fields(contact, name, value) VALUES(1, 'account', '1'), (2, 'account', '2'),"
                       " (2, 'level', 'gold'), (3, 'city', 'Ulm')");
    world_asks(&world, "UPDATE contacts SET name = NULL WHERE id = 1");
    struct store_act inner = act_of(&world, 2, "marie");
    inner.other = 3;
    char *apart = strdup(world_asks(&world, WHOLE));
    GOOD(store_act_merge(world.store, &inner, &world.error));
    char *before = strdup(world_asks(&world, WHOLE));
    struct store_act act = act_of(&world, 1, "marie");
    act.other = 2;
    GOOD(store_act_merge(world.store, &act, &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT DISTINCT contact FROM interactions"), "1");
    cr_expect_str_eq(world_asks(&world, "SELECT name, value FROM fields ORDER BY name"),
                     "account|1\ncity|Ulm\nlevel|gold");
    cr_expect_not(undo(&world, 2), "what is merged has no last act");
    struct store_act late = act;
    cr_expect_not(store_act_merge(world.store, &late, &world.error), "it was changed since");
    /* What comes from Bob after the merge is Bob's after the undoing. */
    world_mail(&world, "d", "bob@x.org", "four", "text");
    world_asks(&world, "UPDATE interactions SET received = 1900000000000000 WHERE subject = 'four'");
    GOOD(undo(&world, 1));
    cr_expect_str_eq(world_asks(&world, "SELECT contact FROM interactions WHERE subject = 'four'"), "2");
    world_asks(&world, "DELETE FROM messages WHERE interaction = 4");
    world_asks(&world, "DELETE FROM interactions WHERE id = 4");
    cr_expect_str_eq(world_asks(&world, WHOLE), before);
    GOOD(undo(&world, 2));
    cr_expect_str_eq(world_asks(&world, WHOLE), apart);
    act = act_of(&world, 1, "marie"), act.other = 2;
    GOOD(store_act_merge(world.store, &act, &world.error));
    GOOD(store_erase(world.store, 1, NOW, &count, &world.error));
    cr_expect_eq(count, 2);
    cr_expect_not(undo(&world, 1), "it was erased");
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM contact_kept"), "0");
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM addresses WHERE contact <> 3"), "0");
    free(before), free(apart);
    world_free(&world);
}

static struct store_key chat(struct store_world *world, const char *id, const char *email)
{
    struct store_key key = {0};
    struct store_arrival arrival = {.tenant = "",
                                    .media = "chat",
                                    .external_id = span_of(id),
                                    .kind = STORE_email,
                                    .address = span_of(email),
                                    .received = NOW,
                                    .message = {.subject = span_of(id)}};
    GOOD_IN(world, store_put(world->store, &arrival, &key, &world->error));
    return key;
}

static bool closed(struct store_world *world, int64_t contact, const char *agent)
{
    int64_t contacts[STORE_CLOSED_MAX] = {0};
    size_t count;
    GOOD_IN(world, store_closed(world->store, agent, contacts, &count, &world->error));
    cr_expect(count < 2);
    return count > 0 && contacts[0] == contact;
}

static enum store_code_result code_try(struct store_world *world, int64_t interaction, const char *text, int64_t at)
{
    enum store_code_result result;
    int64_t tries;
    GOOD_IN(world, store_code_try(world->store, interaction, span_of(text), at, &result, &tries, &world->error));
    cr_expect(tries >= (result != STORE_CODE_NONE) && tries <= STORE_TRIES_MAX &&
              (result != STORE_CODE_SPENT || tries == STORE_TRIES_MAX));
    return result;
}

static const char *standing(struct store_world *world, int64_t contact)
{
    static struct listed listed;
    listed.text[0] = '\0';
    GOOD_IN(world, store_standing(world->store, contact, 0, world_list, &listed, &world->error));
    return listed.text;
}

static char all_who_had[200];

static void who_had(void *self, const struct store_shown *shown)
{
    (void)self;
    text_set_span(all_who_had, sizeof all_who_had, shown->agents);
}

Test(store_who, all_who_had_an_interaction_are_listed_once_in_their_order)
{
    struct store_world world;
    world_new(&world);
    int64_t ixn = world_mail(&world, "a", "ann@x.org", "one", "text").interaction;
    GOOD(store_interaction(world.store, ixn, who_had, NULL, &world.error));
    cr_expect_str_eq(all_who_had, "");
    for (size_t i = 0; i < 4; i++)
        GOOD(store_taken(world.store, ixn, (const char *[]){"mar", "marie", "mar", "paul"}[i], NOW, &world.error));
    GOOD(store_ended(world.store, ixn, NULL, "done", NOW, &world.error));
    GOOD(store_ended(world.store, ixn, "olga", NULL, 0, &world.error));
    GOOD(store_had(world.store, ixn, "jean", &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT agent FROM interactions"), "olga", "Jean was only asked");
    GOOD(store_interaction(world.store, ixn, who_had, NULL, &world.error));
    cr_expect_str_eq(all_who_had, "mar\nmarie\npaul\nolga\njean");
    world_free(&world);
}

static void whose(void *out, const struct store_named *found)
{
    struct listed *listed = out;
    snprintf(listed->text + strlen(listed->text), sizeof listed->text - strlen(listed->text), "%.*s %lld %.*s;",
             (int)found->external_id.length, (const char *)found->external_id.bytes, (long long)found->contact,
             (int)found->name.length, (const char *)found->name.bytes);
}

Test(store_who, whose_many_interactions_are_is_found_at_once)
{
    struct store_world world;
    struct listed listed = {.text = ""};
    char expected[80];
    world_new(&world);
    int64_t ann = world_mail(&world, "a", "ann@x.org", "one", "text").contact;
    chat(&world, "c", "ann@x.org");
    struct store_act act = act_of(&world, ann, "marie");
    struct store_change change = {.what = STORE_CHANGE_NAME, .value = span_of("Ann")};
    GOOD(store_edit(world.store, &act, &change, 1, &world.error));
    GOOD(store_named(world.store, "", "email", (struct span[]){span_of("c"), span_of("none"), span_of("a")}, 3, whose,
                     &listed, &world.error));
    GOOD(store_named(world.store, "", "chat", (struct span[]){span_of("c")}, 1, whose, &listed, &world.error));
    snprintf(expected, sizeof expected, "a %lld Ann;c 0 ;", (long long)ann);
    cr_expect_str_eq(listed.text, expected, "an address that was only typed names nobody");
    world_free(&world);
}

static void taken_at(void *at, const struct store_shown *shown)
{
    *(int64_t *)at = shown->taken;
}

Test(store_who, a_code_that_was_sent_verifies_and_tries_are_bounded)
{
    int64_t taken;
    struct store_world world;
    char code[STORE_CODE], text[64];
    world_new(&world);
    int64_t ann = world_mail(&world, "a", "ann@x.org", "one", "text").contact;
    struct store_key key = chat(&world, "c1", "Ann@x.org");
    cr_expect_eq(key.contact, ann);
    cr_expect_not(closed(&world, ann, "marie"));
    GOOD(store_taken(world.store, key.interaction, "marie", NOW, &world.error));
    cr_expect(closed(&world, ann, "marie"));
    cr_expect_not(closed(&world, ann, "paul"), "who has not this chat looks as before");
    struct store_act act = act_of(&world, ann, "marie");
    cr_expect_not(store_act_link(world.store, &act, key.interaction, &world.error), "no agent links it by hand");
    cr_expect_str_eq(standing(&world, ann), "one ");
    GOOD(store_taken(world.store, 1, "marie", NOW, &world.error));
    cr_expect_not(closed(&world, ann, "marie"), "whoever has a mail of hers sees her");
    GOOD(store_given_back(world.store, 1, "marie", &world.error));
    cr_expect(closed(&world, ann, "marie"));
    GOOD(store_had(world.store, key.interaction, "paul", &world.error));
    cr_expect(closed(&world, ann, "paul"), "to who helps, too");
    cr_expect(closed(&world, ann, "marie"), "and to whose chat it is, as before");
    GOOD(store_taken(world.store, key.interaction, "jean", NOW, &world.error));
    cr_expect(closed(&world, ann, "marie"), "to who had it before");
    GOOD(store_taken(world.store, key.interaction, "marie", NOW, &world.error));
    GOOD(store_given_back(world.store, key.interaction, "marie", &world.error));
    cr_expect(closed(&world, ann, "marie"), "to who has had it, also while it waits for the next one");
    cr_expect(closed(&world, ann, "jean"));
    GOOD(store_interaction(world.store, key.interaction, taken_at, &taken, &world.error));
    cr_expect_eq(taken, 0, "nobody has it");
    GOOD(store_taken(world.store, key.interaction, "marie", NOW + 1, &world.error));
    GOOD(store_interaction(world.store, key.interaction, taken_at, &taken, &world.error));
    cr_expect_eq(taken, NOW + 1);
    cr_expect_eq(code_try(&world, key.interaction, "123456", NOW), STORE_CODE_NONE, "none was sent");
    GOOD(store_code_new(world.store, key.interaction, NOW, code, &world.error));
    cr_expect_eq(code_try(&world, key.interaction, "my number is 12345", NOW), STORE_CODE_NONE);
    cr_expect_eq(code_try(&world, key.interaction, "call +49 30 1234567", NOW), STORE_CODE_NONE);
    snprintf(text, sizeof text, "%06d", (atoi(code) + 1) % 1000000);
    for (int i = 1; i < STORE_TRIES_MAX; i++)
        cr_expect_eq(code_try(&world, key.interaction, text, NOW), STORE_CODE_WRONG);
    cr_expect_eq(code_try(&world, key.interaction, text, NOW), STORE_CODE_SPENT);
    cr_expect_eq(code_try(&world, key.interaction, code, NOW), STORE_CODE_NONE, "it does not hold any more");
    GOOD(store_code_new(world.store, key.interaction, NOW, code, &world.error));
    cr_expect_eq(code_try(&world, key.interaction, code, NOW + INT64_C(600000000)), STORE_CODE_NONE, "ten minutes");
    cr_expect_eq(code_try(&world, chat(&world, "c2", "ann@x.org").interaction, code, NOW), STORE_CODE_NONE,
                 "of another chat");
    GOOD(store_code_new(world.store, key.interaction, NOW, code, &world.error));
    char again[STORE_CODE];
    cr_expect_not(store_code_new(world.store, key.interaction, NOW, again, &world.error));
    cr_expect_eq(world.error.code, ERROR_LIMIT);
    snprintf(text, sizeof text, "It is %.3s %s.", code, code + 3);
    cr_expect_eq(code_try(&world, key.interaction, text, NOW + INT64_C(599999999)), STORE_CODE_RIGHT);
    cr_expect_not(closed(&world, ann, "marie"));
    cr_expect_str_eq(standing(&world, ann), "one c1 ");
    cr_expect_str_eq(world_asks(&world, "SELECT verified_by FROM interactions WHERE verified IS NOT NULL"), "code");
    cr_expect_not(store_code_new(world.store, key.interaction, NOW, again, &world.error), "it is verified");
    GOOD(store_act_link(world.store, &act, key.interaction, &world.error));
    /* So many in a day, however many chats somebody begins. */
    for (int i = 0; i < STORE_CODES_DAY_MAX - STORE_CODES_MAX; i++) {
        snprintf(text, sizeof text, "more-%d", i);
        GOOD(store_code_new(world.store, chat(&world, text, "ann@x.org").interaction, NOW, again, &world.error));
    }
    cr_expect_not(store_code_new(world.store, chat(&world, "last", "ann@x.org").interaction, NOW, again, &world.error));
    cr_expect_not(store_code_new(world.store, 1, NOW, again, &world.error), "a mail's address needs none");
    world_free(&world);
}

static int64_t taken_of(struct store_world *world, int64_t interaction)
{
    int64_t taken = -1;
    GOOD_IN(world, store_interaction(world->store, interaction, taken_at, &taken, &world->error));
    return taken;
}

Test(store_who, each_agent_has_it_from_their_own_moment_on)
{
    struct store_world world;
    world_new(&world);
    int64_t mail = world_mail(&world, "a", "ann@x.org", "one", "text").interaction;
    GOOD(store_taken(world.store, mail, "marie", NOW, &world.error));
    GOOD(store_taken(world.store, mail, "jean", NOW + 1, &world.error));
    cr_expect_eq(taken_of(&world, mail), NOW + 1);
    GOOD(store_taken(world.store, mail, "jean", NOW + 2, &world.error));
    cr_expect_eq(taken_of(&world, mail), NOW + 1, "it is told again");
    GOOD(store_given_back(world.store, mail, "marie", &world.error));
    cr_expect_eq(taken_of(&world, mail), NOW + 1, "it is another agent's meanwhile");
    GOOD(store_given_back(world.store, mail, "jean", &world.error));
    cr_expect_eq(taken_of(&world, mail), 0);
    world_free(&world);
}

Test(store_who, what_is_over_or_waits_opens_nothing_and_a_chat_that_is_over_closes_nothing)
{
    struct store_world world;
    bool verified;
    world_new(&world);
    struct store_key mail = world_mail(&world, "a", "ann@x.org", "one", "text"), one = chat(&world, "c1", "ann@x.org"),
                     two = chat(&world, "c2", "ann@x.org");
    GOOD(store_taken(world.store, one.interaction, "marie", NOW, &world.error));
    GOOD(store_taken(world.store, mail.interaction, "marie", NOW, &world.error));
    cr_expect_not(closed(&world, mail.contact, "marie"));
    GOOD(store_ended(world.store, mail.interaction, "marie", "done", NOW + 1, &world.error));
    cr_expect(closed(&world, mail.contact, "marie"), "the mail is over");
    GOOD(store_taken(world.store, two.interaction, "marie", NOW, &world.error));
    GOOD(store_given_back(world.store, two.interaction, "marie", &world.error));
    GOOD(store_prove(world.store, "", two.interaction, "d1", NOW + 60, NOW, &verified, &world.error));
    cr_expect(closed(&world, mail.contact, "marie"), "she has not the chat that is verified");
    GOOD(store_taken(world.store, two.interaction, "marie", NOW, &world.error));
    cr_expect_not(closed(&world, mail.contact, "marie"));
    GOOD(store_given_back(world.store, two.interaction, "marie", &world.error));
    GOOD(store_ended(world.store, one.interaction, "marie", "done", NOW + 1, &world.error));
    cr_expect_not(closed(&world, mail.contact, "marie"), "the chat is over");
    world_free(&world);
}

Test(store_who, a_token_of_the_site_holds_once)
{
    struct store_world world;
    bool verified;
    int64_t count;
    world_new(&world);
    struct store_key one = chat(&world, "c1", "ann@x.org"), two = chat(&world, "c2", "ann@x.org");
    GOOD(store_prove(world.store, "", one.interaction, "d1", NOW + 60, NOW, &verified, &world.error));
    cr_expect(verified);
    GOOD(store_prove(world.store, "", one.interaction, "d1", NOW + 60, NOW, &verified, &world.error));
    cr_expect(verified, "the same question again, after a kill");
    GOOD(store_prove(world.store, "", two.interaction, "d1", NOW + 60, NOW, &verified, &world.error));
    cr_expect_not(verified);
    GOOD(store_tidy(world.store, NOW + 60, &count, &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM proofs"), "1");
    GOOD(store_tidy(world.store, NOW + 61, &count, &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM proofs"), "0");
    world_free(&world);
}

Test(store_who, an_interaction_that_is_linked_goes_back)
{
    struct store_world world;
    world_new(&world);
    int64_t ann = world_mail(&world, "a", "ann@x.org", "one", "text").contact;
    int64_t bob = world_mail(&world, "b", "bob@x.org", "two", "text").contact;
    world_asks(&world, "INSERT INTO interactions(id, tenant, media, external_id, direction, thread, received, messages)"
                       " VALUES(50, '', 'voice', 'v', 'in', 50, 1, 0)");
    struct store_act act = act_of(&world, ann, "marie");
    GOOD(store_act_link(world.store, &act, 50, &world.error));
    struct store_act next = act_of(&world, ann, "marie");
    GOOD(store_act_link(world.store, &next, 2, &world.error));
    cr_expect_not(store_act_link(world.store, &next, 2, &world.error), "it was changed since");
    cr_expect_str_eq(world_asks(&world, "SELECT contact FROM interactions ORDER BY id"), "1\n1\n1");
    GOOD(undo(&world, ann));
    GOOD(undo(&world, ann));
    cr_expect_eq(bob, 2);
    cr_expect_str_eq(world_asks(&world, "SELECT coalesce(contact, 0) FROM interactions ORDER BY id"), "1\n2\n0");
    act = act_of(&world, ann, "marie");
    cr_expect_not(store_act_link(world.store, &act, 51, &world.error), "there is none");
    world_free(&world);
}

/* Whose the interaction was may be another one by now. */
Test(store_who, a_link_is_undone_to_who_is_there_now)
{
    struct store_world world;
    int64_t count;
    world_new(&world);
    int64_t ann = world_mail(&world, "a", "ann@x.org", "one", "text").contact;
    int64_t bob = world_mail(&world, "b", "bob@x.org", "two", "text").contact;
    int64_t cid = world_mail(&world, "c", "cid@x.org", "three", "text").contact;
    struct store_act act = act_of(&world, ann, "marie");
    GOOD(store_act_link(world.store, &act, 2, &world.error));
    act = act_of(&world, cid, "marie"), act.other = bob;
    GOOD(store_act_merge(world.store, &act, &world.error));
    GOOD(undo(&world, ann));
    cr_expect_str_eq(world_asks(&world, "SELECT contact FROM interactions ORDER BY id"), "1\n3\n3");
    act = act_of(&world, ann, "marie");
    GOOD(store_act_link(world.store, &act, 2, &world.error));
    GOOD(store_erase(world.store, cid, NOW, &count, &world.error));
    cr_expect_not(undo(&world, ann));
    cr_expect_str_eq(world_asks(&world, "SELECT contact FROM interactions ORDER BY id"), "1\n1\n3");
    world_free(&world);
}

Test(store_who, an_erased_address_is_in_no_copy_of_another_contact)
{
    struct store_world world;
    int64_t contacts, count;
    world_new(&world);
    int64_t ann = world_mail(&world, "a", "ann@x.org", "one", "text").contact;
    for (int with = 0; with < 2; with++) {
        struct store_change changes[] = {{STORE_CHANGE_ADD, "email", span_of("bob@x.org")},
                                         {STORE_CHANGE_REMOVE, "email", span_of("bob@x.org")}};
        for (int i = 0; i < 2; i++) {
            struct store_act act = act_of(&world, ann, "marie");
            GOOD(store_edit(world.store, &act, &changes[i], 1, &world.error));
        }
        cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM contact_kept"), "2");
        if (with) (void)world_mail(&world, "b", "bob@x.org", "two", "text");
        (void)store_forget(world.store, span_of("Bob@x.org"), NOW, &contacts, &count, &world.error);
        cr_expect_eq(contacts, with);
        cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM contact_kept"), "0");
        cr_expect_not(undo(&world, ann));
    }
    world_free(&world);
}

/* Questions to colleagues and forwarded mails tell of the customer, and belong to others; a mail of another customer of
 * the thread is that customer's. */
Test(store_who, what_agents_wrote_of_an_erased_contact_to_others_goes)
{
    struct store_world world;
    int64_t count;
    world_new(&world);
    struct store_key key = world_mail(&world, "a", "ann@x.org", "one", "text");
    struct store_key other = world_mail(&world, "b", "bob@x.org", "two", "Bob's");
    world_asks(&world, "INSERT INTO interactions(id, tenant, media, external_id, direction, contact, parent, thread,"
                       " address, subject, received, messages) VALUES"
                       " (50, '', 'im', 'q', 'in', NULL, 1, 1, 'marie', 'Is Ann in debt?', 1, 1),"
                       " (51, '', 'email', 'f', 'out', 2, 1, 1, 'bob@x.org', 'Fwd: one', 1, 1),"
                       " (52, '', 'email', 'r', 'in', 2, 1, 1, 'bob@x.org', 'Re: one', 1, 1),"
                       " (53, '', 'im', 'o', 'in', NULL, 2, 2, 'marie', 'Is Bob in debt?', 1, 1)");
    world_asks(&world,
               "INSERT INTO messages(interaction, n, msg_id, kind, role, visible, at, sender, text) SELECT id, 1,"
               " external_id, 'text', 'customer', 'all', 1, address, subject FROM interactions WHERE id >= 50");
    struct store_mention mention = {.tenant = "",
                                    .agent = "paul",
                                    .by = "marie",
                                    .interaction = 51,
                                    .at = NOW,
                                    .note = span_of("marie:1"),
                                    .draft = span_of("Ann is in debt")};
    GOOD(store_mention(world.store, &mention, &world.error));
    GOOD(store_erase(world.store, key.contact, NOW, &count, &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM mentions"), "0", "its draft tells of her, too");
    cr_expect_eq(count, 1, "of the customer");
    cr_expect_str_eq(
        world_asks(
            &world,
            "SELECT id, coalesce(subject, '-'), CASE WHEN erased IS NULL THEN 0 ELSE 1 END, coalesce(address, '-')"
            " FROM interactions WHERE id >= 50 ORDER BY id"),
        "50|-|1|marie\n51|-|1|bob@x.org\n52|Re: one|0|bob@x.org\n53|Is Bob in debt?|0|marie");
    cr_expect_str_eq(world_asks(&world, "SELECT interaction, coalesce(text, '-') FROM messages WHERE interaction >= 50"
                                        " ORDER BY interaction"),
                     "50|-\n51|-\n52|Re: one\n53|Is Bob in debt?");
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM messages WHERE msg_id IN ('q', 'f')"), "0",
                     "a message that comes again is known");
    cr_expect_str_eq(world_asks(&world, "SELECT coalesce(erased, 0) FROM interactions WHERE id = 2"), "0");
    cr_expect_eq(other.interaction, 2);
    world_free(&world);
}

static void who_mention(void *out, const struct store_mention_shown *shown)
{
    struct listed *listed = out;
    size_t used = strlen(listed->text);
    snprintf(listed->text + used, sizeof listed->text - used, "%.*s %.*s %.*s %.*s;", (int)shown->by.length,
             (const char *)shown->by.bytes, (int)shown->text.length, (const char *)shown->text.bytes,
             (int)shown->draft.length, (const char *)shown->draft.bytes, (int)shown->subject.length,
             (const char *)shown->subject.bytes);
}

static const char *named(struct store_world *world, const char *agent)
{
    static struct listed listed;
    listed.text[0] = '\0';
    GOOD_IN(world, store_mentions(world->store, "", agent, who_mention, &listed, &world->error));
    return listed.text;
}

Test(store_who, a_note_waits_for_whom_it_names_and_goes_with_the_contact)
{
    struct store_world world;
    int64_t count;
    world_new(&world);
    struct store_key key = world_mail(&world, "a", "anna@x.org", "kettle", "It leaks");
    struct store_mention mention = {.tenant = "",
                                    .agent = "marie",
                                    .by = "paul",
                                    .interaction = key.interaction,
                                    .at = NOW,
                                    .note = span_of("paul:1"),
                                    .text = span_of("look"),
                                    .draft = span_of("Dear Anna")};
    GOOD(store_mention(world.store, &mention, &world.error));
    GOOD(store_mention(world.store, &mention, &world.error));
    cr_expect_str_eq(named(&world, "marie"), "paul look Dear Anna kettle;");
    cr_expect_str_eq(named(&world, "paul"), "");
    cr_expect_not(store_mention_seen(world.store, "", "paul", 1, NOW, &world.error), "it is another's");
    GOOD(store_mention_seen(world.store, "", "marie", 1, NOW, &world.error));
    GOOD(store_mention_seen(world.store, "", "marie", 1, NOW, &world.error));
    cr_expect_str_eq(named(&world, "marie"), "");
    mention.note = span_of("paul:2");
    GOOD(store_mention(world.store, &mention, &world.error));
    GOOD(store_erase(world.store, key.contact, NOW, &count, &world.error));
    cr_expect_str_eq(named(&world, "marie"), "");
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM mentions"), "0");
    /* an agent who has the conversation still, and says something of it */
    mention.note = span_of("paul:3");
    GOOD(store_mention(world.store, &mention, &world.error));
    cr_expect_str_eq(world_asks(&world, "SELECT count(*) FROM mentions"), "0");
    world_free(&world);
}
