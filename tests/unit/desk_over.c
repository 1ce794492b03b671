/* tests/unit/desk_over.c - Conversations that are over: which stay, until when, and what becomes of them. The test is
 * the core, the clock, the store, the pages and the file. */
#include <criterion/criterion.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/over.h"
#include "runtime/adapters/desk/said.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/web/saved.h"

TestSuite(desk_over, .timeout = 30);

enum { CHAT = 42, STORED = 7, JOURNAL = 5, BEGAN_S = 1000000 };
#define DAY_US (INT64_C(86400) * SECOND_US)
#define IXN    "0-00000000002a"

static struct desk desk;
static struct desk_agent marie, paul;
static int64_t now_us;
static uint64_t journal;
static json_t *file, *told, *replies; /* rows by id; what pages were told */
static struct desk_job *job;          /* that the store has to do */
static json_t *asked, *erased;        /* numbers for which the store was asked; those that it has erased */
static int64_t removed;               /* a number that the store does not have any more */
static bool store_is_away;
static unsigned notes; /* RequestWrapUp that the core got */

static uint64_t wall_us(const struct gcx_link *link)
{
    (void)link;
    return (uint64_t)now_us;
}

static uint64_t journal_of(const struct gcx_link *link)
{
    (void)link;
    return journal;
}

/* ---- what over.c calls ---- */

bool saved_put(struct saved *saved, const char *id, json_t *row)
{
    (void)saved;
    return json_object_set_new(file, id, row) == 0;
}

bool saved_over(struct saved *saved, const char *id)
{
    (void)saved;
    cr_expect_eq(json_object_del(file, id), 0, "%s was never written", id);
    return true;
}

struct item *item_of(const struct desk_agent *agent, uint64_t ixn)
{
    return g_hash_table_lookup(agent->items, &ixn);
}

enum claim_kind item_kind(const struct item *item)
{
    return item->kind;
}

void agent_tell(struct desk_agent *agent, json_t *message)
{
    json_object_set_new(message, "to", json_string(agent->name));
    json_array_append_new(told, message);
}

void agent_reply(struct desk_agent *agent, uint64_t ticket, json_int_t id, const char *code, const char *text,
                 json_t *more)
{
    (void)text, (void)more;
    json_array_append_new(replies, json_pack("{s:s, s:I, s:I, s:s*}", "to", agent->name, "ticket", (json_int_t)ticket,
                                             "id", id, "code", code));
}

struct desk_request *core_ask(struct desk_agent *agent, unsigned kind, uint64_t ixn, json_int_t id)
{
    cr_expect(kind == KIND_RequestWrapUp && ixn == CHAT && id == 0);
    struct desk_request *request = calloc(1, sizeof *request);
    cr_assert_not_null(request);
    request->agent = agent;
    writer_clear(&desk.writer);
    writer_begin(&desk.writer, kind);
    return request;
}

void core_send(struct desk_request *request)
{
    struct message message;
    struct error error;
    struct span frame = writer_end(&desk.writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, &error), "%s", error.text);
    cr_expect(span_is(message_text(&message, RequestWrapUp_code), "solved"));
    cr_expect_eq(request->agent, &marie);
    free(request);
    notes++;
}

const char *said_text(const struct desk_said *of, const char *key)
{
    return desk_text(of->message, key);
}

struct desk_job *desk_job_new(struct desk *of, json_t *params)
{
    struct desk_job *made = calloc(1, sizeof *made);
    cr_assert(made && of == &desk && params);
    made->params = params;
    return made;
}

void desk_job_give(struct desk *of, struct desk_job *given)
{
    cr_assert(of == &desk && !job);
    job = given;
}

void said_keep(const struct desk_said *of, struct desk_job *given)
{
    given->id = of->id, given->ticket = of->agent->ticket;
    strcpy(given->agent, of->agent->name);
    job = given;
}

struct desk_agent *said_kept(struct desk *of, const struct desk_job *of_job)
{
    return of_job->good ? g_hash_table_lookup(of->agents, of_job->agent) : NULL;
}

bool desk_keep_result(struct store *store, struct desk_job *of)
{
    (void)store;
    cr_expect_str_eq(desk_text(of->params, "result"), "solved");
    cr_expect_eq(json_integer_value(json_object_get(of->params, "interaction")), STORED);
    cr_expect_str_eq(desk_text(of->params, "of"), "chat-1");
    cr_expect_str_eq(desk_text(of->params, "of_media"), "chat");
    return !store_is_away;
}

bool store_interaction(struct store *store, int64_t interaction, store_each_interaction *each, void *self,
                       struct error *error)
{
    struct store_shown shown = {.interaction = interaction};
    (void)store;
    json_array_append_new(asked, json_integer(interaction));
    if (store_is_away) return error_set(error, ERROR_UNAVAILABLE, "away");
    if (interaction == removed) return error_set(error, ERROR_UNKNOWN, "removed");
    for (size_t i = 0; i < json_array_size(erased); i++)
        if (json_integer_value(json_array_get(erased, i)) == interaction) shown.erased = 1;
    each(self, &shown);
    return true;
}

/* ---- the desk ---- */

/* Returns false if it could not. */
static bool store_works(void)
{
    struct desk_job *its = job;
    cr_assert_not_null(its);
    job = NULL;
    its->good = its->work(NULL, its);
    bool good = its->good;
    its->done(&desk, its);
    json_decref(its->params);
    json_decref(its->out);
    free(its);
    return good;
}

static void free_item(gpointer data)
{
    json_decref(((struct item *)data)->shown);
    free(data);
}

static void begin_agent(struct desk_agent *agent, const char *name)
{
    *agent = (struct desk_agent){.desk = &desk, .ticket = 3};
    strcpy(agent->name, name);
    agent->items = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_item);
    g_hash_table_insert(desk.agents, agent->name, agent);
}

static void begin(void)
{
    static const struct gcx_services services = {.wall_us = wall_us, .journal = journal_of};
    desk = (struct desk){.services = &services, .saved = (struct saved *)&desk, .overs = json_object()};
    desk.agents = g_hash_table_new(g_str_hash, g_str_equal);
    writer_init(&desk.writer);
    begin_agent(&marie, "marie");
    begin_agent(&paul, "paul");
    now_us = (int64_t)BEGAN_S * SECOND_US;
    journal = JOURNAL, removed = 0, store_is_away = false, notes = 0, job = NULL;
    file = json_object(), told = json_array(), replies = json_array(), asked = json_array(), erased = json_array();
}

static void end(void)
{
    json_t *const all[] = {desk.overs, file, told, replies, asked, erased};
    cr_expect_not(job);
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) json_decref(all[i]);
    g_hash_table_destroy(marie.items);
    g_hash_table_destroy(paul.items);
    g_hash_table_destroy(desk.agents);
    writer_free(&desk.writer);
}

static struct item *has(struct desk_agent *agent, uint64_t ixn, int64_t stored)
{
    struct item *item = calloc(1, sizeof *item);
    char text[IXN_TEXT], name[24];
    cr_assert_not_null(item);
    ident_print_ixn(ixn, text);
    snprintf(name, sizeof name, "chat-%d", (int)(ixn - CHAT + 1));
    item->agent = agent, item->ixn = ixn, item->open = true, item->kind = claim_kind_owner, item->stored = stored;
    item->shown = json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s}}", "ixn", text, "claim", (json_int_t)9,
                            "media", "chat", "external_id", name, "from", "anna@example.org", "secret", "no", "data",
                            "sender_name", "Anna", "tags", "urgent", "parcel", "4711");
    g_hash_table_replace(agent->items, &item->ixn, item);
    return item;
}

static bool ends(const struct item *item, const char *reason)
{
    bool stays = over_begin(item, reason);
    g_hash_table_remove(item->agent->items, &item->ixn);
    return stays;
}

static bool is_over(struct desk_agent *agent, uint64_t ixn, int64_t stored)
{
    return ends(has(agent, ixn, stored), "abandoned");
}

static void expect_told(const char *expected)
{
    char *text = json_dumps(told, JSON_COMPACT | JSON_SORT_KEYS);
    cr_expect_str_eq(text, expected);
    free(text);
    json_array_clear(told);
}

static size_t rows_of(const struct desk_agent *agent)
{
    json_t *items = json_array();
    over_put_all(agent, items);
    size_t count = json_array_size(items);
    json_decref(items);
    return count;
}

static bool says_done(struct desk_agent *agent, const char *wrapup)
{
    json_t *message = json_pack("{s:s, s:s*}", "ixn", IXN, "wrapup", wrapup);
    struct desk_said of = {.desk = &desk, .agent = agent, .message = message, .id = 11, .ixn = CHAT};
    bool taken = over_done(&of);
    json_decref(message);
    return taken;
}

#define CLOSED(to, reason)                                                                                             \
    "{\"claim\":9,\"ixn\":\"" IXN "\",\"reason\":\"" reason "\",\"to\":\"" to "\",\"type\":\"closed\"}"

/* ---- which stay ---- */

Test(desk_over, what_its_customer_ended_stays_without_more_than_the_page_shows, .init = begin, .fini = end)
{
    cr_assert(is_over(&marie, CHAT, STORED));
    expect_told("[{\"as\":\"none\",\"claim\":9,\"data\":{\"sender_name\":\"Anna\",\"tags\":\"urgent\"},\"external_id\":"
                "\"chat-1\",\"from\":\"anna@example.org\",\"ixn\":\"" IXN
                "\",\"may\":[],\"media\":\"chat\",\"over\":1000000000,\"to\":\"marie\",\"type\":\"opened\"}]");
    cr_expect(rows_of(&marie) == 1 && rows_of(&paul) == 0);
    cr_expect_eq(json_object_size(file), 1);
    cr_expect(json_equal(json_object_get(file, "over " IXN), json_object_get(desk.overs, IXN)));
}

Test(desk_over, all_else_ends_with_its_end, .init = begin, .fini = end)
{
    struct item *item = has(&marie, CHAT, STORED);
    cr_expect_not(over_begin(item, "taken"), "the agent does not have it any more, and somebody else may");
    item->open = false;
    cr_expect_not(over_begin(item, "abandoned"), "an offer");
    item->open = true, item->stored = 0;
    cr_expect_not(over_begin(item, "abandoned"), "not in the store");
    item->stored = STORED, item->kind = claim_kind_party;
    cr_expect_not(over_begin(item, "abandoned"), "another one owns it");
    item->kind = claim_kind_owner;
    json_object_set_new(json_object_get(item->shown, "data"), "asker", json_string("paul"));
    cr_expect_not(over_begin(item, "abandoned"), "a question of a colleague");
    json_object_del(json_object_get(item->shown, "data"), "asker");
    json_object_set_new(item->shown, "media", json_string("email"));
    cr_expect_not(over_begin(item, "abandoned"), "no conversation");
    json_object_set_new(item->shown, "media", json_string("nothing"));
    cr_expect_not(over_begin(item, "abandoned"), "no medium");
    expect_told("[]");
    cr_expect_eq(json_object_size(desk.overs), 0);
}

Test(desk_over, of_very_many_the_oldest_of_the_same_agent_goes, .init = begin, .fini = end)
{
    is_over(&paul, CHAT + 1000, 1000);
    now_us -= SECOND_US; /* the clock was put back: this one is older */
    for (int i = 0; i < 200; i++) {
        if (i == 1) now_us += SECOND_US;
        if (i == 7) now_us -= INT64_C(3) * SECOND_US;
        if (i == 8) now_us += INT64_C(3) * SECOND_US;
        is_over(&marie, (uint64_t)(CHAT + i - 7), i + 1);
    }
    cr_expect_eq(rows_of(&marie), 200);
    json_array_clear(told);
    is_over(&marie, CHAT + 500, 500);
    cr_expect(rows_of(&marie) == 200 && rows_of(&paul) == 1);
    json_array_remove(told, 1); /* the new one */
    expect_told("[" CLOSED("marie", "gone") "]");
    cr_expect_eq(json_object_size(file), 201);
}

Test(desk_over, another_interaction_of_that_number_takes_its_place, .init = begin, .fini = end)
{
    is_over(&marie, CHAT, STORED);
    json_array_clear(told);
    struct item *same = has(&marie, CHAT, STORED);
    over_shown(same); /* the same, which a core that was started anew has still */
    over_shown(has(&marie, CHAT + 1, STORED));
    json_object_set_new(same->shown, "external_id", json_string("chat-99"));
    struct item *others = has(&paul, CHAT, STORED);
    json_object_set_new(others->shown, "external_id", json_string("chat-99"));
    over_shown(others);
    cr_expect_eq(rows_of(&marie), 1);
    over_shown(same);
    cr_expect_eq(rows_of(&marie), 0);
    expect_told("[" CLOSED("marie", "gone") "]");
    cr_expect_eq(json_object_size(file), 0);
}

/* ---- done ---- */

Test(desk_over, done_without_a_code_is_the_end, .init = begin, .fini = end)
{
    is_over(&marie, CHAT, STORED);
    json_array_clear(told);
    cr_expect_not(says_done(&paul, NULL), "it is not his");
    cr_assert(says_done(&marie, NULL));
    expect_told("[" CLOSED("marie", "done") "]");
    cr_expect(json_array_size(replies) == 1 && !json_object_get(json_array_get(replies, 0), "code"));
    cr_expect(notes == 0 && json_object_size(file) == 0);
    cr_expect_not(says_done(&marie, NULL), "it is nothing any more");
}

Test(desk_over, done_with_a_code_is_the_end_once_the_store_has_it, .init = begin, .fini = end)
{
    is_over(&marie, CHAT, STORED);
    json_array_clear(told);
    store_is_away = true;
    cr_assert(says_done(&marie, "solved"));
    store_works();
    expect_told("[]");
    cr_expect(rows_of(&marie) == 1 && json_array_size(replies) == 0 && notes == 0);
    store_is_away = false;
    cr_assert(says_done(&marie, "solved"));
    struct desk_job *first = job; /* a second word, while the store writes the first */
    cr_assert(says_done(&marie, "solved"));
    store_works();
    expect_told("[" CLOSED("marie", "done") "]");
    cr_expect(notes == 1 && json_array_size(replies) == 1 && json_object_size(file) == 0);
    job = first;
    store_works();
    expect_told("[]");
    cr_expect(notes == 1 && json_array_size(replies) == 2, "each is answered, and counts once");
}

Test(desk_over, a_core_that_counts_anew_is_told_nothing, .init = begin, .fini = end)
{
    is_over(&marie, CHAT, STORED);
    journal = JOURNAL + 1;
    cr_assert(says_done(&marie, "solved"));
    store_works();
    cr_expect(notes == 0 && rows_of(&marie) == 0);
}

Test(desk_over, what_is_open_under_that_number_is_what_done_means, .init = begin, .fini = end)
{
    is_over(&marie, CHAT, STORED);
    struct item *other = has(&marie, CHAT, STORED);
    cr_expect_not(says_done(&marie, NULL));
    other->open = false;
    cr_expect(says_done(&marie, NULL));
}

/* ---- rows that go by themselves ---- */

/* Ten seconds pass. Returns true if the store is asked. */
static bool ten_seconds(void)
{
    for (unsigned i = 0; i < 10; i++) {
        bool before = job != NULL;
        desk.second++;
        over_tick(&desk);
        cr_expect(before == (job != NULL) || desk.second % 10 == 0, "it looks each ten seconds");
    }
    return job != NULL;
}

Test(desk_over, what_is_erased_or_removed_goes_from_page_and_file, .init = begin, .fini = end)
{
    cr_expect_not(ten_seconds(), "there is nothing to ask for");
    is_over(&marie, CHAT, STORED);
    is_over(&marie, CHAT + 1, STORED + 1);
    is_over(&paul, CHAT + 2, STORED + 2);
    json_array_clear(told);
    cr_assert(ten_seconds());
    cr_expect(ten_seconds(), "it is not asked a second time meanwhile");
    store_works();
    expect_told("[]");
    json_array_append_new(erased, json_integer(STORED));
    removed = STORED + 2;
    store_is_away = true;
    cr_assert(ten_seconds());
    cr_expect_not(store_works(), "the store has failed, and is told so");
    expect_told("[]");
    store_is_away = false;
    cr_assert(ten_seconds());
    store_works();
    cr_expect_eq(json_array_size(told), 2);
    json_array_remove(told, 1);
    expect_told("[" CLOSED("marie", "gone") "]");
    cr_expect(rows_of(&marie) == 1 && rows_of(&paul) == 0 && json_object_size(file) == 1);
    g_hash_table_remove(desk.agents, "marie"); /* she has logged out: nobody is told, and it goes from the file */
    json_array_append_new(erased, json_integer(STORED + 1));
    cr_assert(ten_seconds());
    store_works();
    cr_expect_eq(json_object_size(file), 0);
}

Test(desk_over, what_stood_there_for_seven_days_goes, .init = begin, .fini = end)
{
    is_over(&marie, CHAT, STORED);
    json_array_clear(told);
    now_us += 7 * DAY_US;
    cr_assert(ten_seconds());
    store_works();
    expect_told("[]");
    now_us += MS;
    cr_expect_not(ten_seconds());
    expect_told("[" CLOSED("marie", "gone") "]");
    cr_expect_eq(json_object_size(file), 0);
}

Test(desk_over, the_store_is_asked_for_all_of_them_in_turns, .init = begin, .fini = end)
{
    static const struct {
        json_int_t first;
        size_t count;
    } each[] = {{1, 50}, {51, 50}, {1, 50}, {51, 50}, {101, 1}, {1, 50}};
    for (int i = 0; i < 100; i++) is_over(&marie, (uint64_t)(CHAT + i), i + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(each); i++) {
        if (i == 3) is_over(&marie, CHAT + 100, 101);
        cr_assert(ten_seconds());
        json_array_clear(asked);
        store_works();
        cr_expect_eq(json_array_size(asked), each[i].count, "%zu: %zu", i, json_array_size(asked));
        cr_expect_eq(json_integer_value(json_array_get(asked, 0)), each[i].first);
    }
}

Test(desk_over, a_desk_without_a_file_writes_none, .init = begin, .fini = end)
{
    desk.saved = NULL;
    is_over(&marie, CHAT, STORED);
    cr_expect(says_done(&marie, NULL) && json_object_size(file) == 0);
}
