/* tests/unit/desk_held.c - Answered e-mails that the desk ends by itself: when it asks, how often, in whose name, and
 * what stops it. The test is the core, the clock, the pages and the file. */
#include <criterion/criterion.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/web/saved.h"

TestSuite(desk_held, .timeout = 30);

enum { MAIL = 42, ANSWER = 43, BEGAN_S = 1000000 };
#define DAY_US (INT64_C(86400) * SECOND_US)

static struct desk desk;
static struct desk_agent marie, paul;
static int64_t now_us;
static bool up;
static json_t *file, *said; /* rows by id; what the core was asked for in agents' names */
static unsigned told, notices;

static uint64_t wall_us(const struct gcx_link *link)
{
    (void)link;
    return (uint64_t)now_us;
}

static bool is_up(const struct gcx_link *link)
{
    (void)link;
    return up;
}

/* ---- what held.c calls ---- */

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

bool item_is_of(const struct item *item, const char *media)
{
    return !media || strcmp(media, desk_text(item->shown, "media")) == 0;
}

void item_tell(struct item *item)
{
    (void)item;
    told++;
}

const char *agent_notice_form(enum noted noted)
{
    cr_expect_eq(noted, NOTED_not_done);
    return "";
}

void agent_notice_of(struct desk_agent *agent, const char *code, const char *form, json_t *values, const char *more)
{
    (void)form, (void)more;
    cr_expect(agent == &marie && strcmp(code, "not_done") == 0);
    json_decref(values);
    notices++;
}

static void says(struct desk_agent *agent, const json_t *message, bool goes)
{
    json_t *one = json_deep_copy(message);
    json_object_set_new(one, "by", json_string(agent->name));
    if (goes) json_object_set_new(one, "goes", json_true());
    json_array_append_new(said, one);
}

/* ---- the desk ---- */

static void free_item(gpointer data)
{
    struct item *item = data;
    json_decref(item->shown);
    json_decref(item->held);
    free(item);
}

static struct item *has(struct desk_agent *agent, uint64_t ixn, const char *name)
{
    struct item *item = calloc(1, sizeof *item);
    cr_assert_not_null(item);
    item->agent = agent, item->ixn = ixn, item->open = true, item->kind = claim_kind_owner;
    item->shown = json_pack("{s:s, s:s}", "media", "email", "external_id", name);
    g_hash_table_replace(agent->items, &item->ixn, item);
    return item;
}

static void has_no_more(struct desk_agent *agent)
{
    g_hash_table_remove_all(agent->items);
}

static void begin_agent(struct desk_agent *agent, const char *name)
{
    *agent = (struct desk_agent){.desk = &desk};
    strcpy(agent->name, name);
    agent->items = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_item);
    g_hash_table_insert(desk.agents, agent->name, agent);
}

static void begin(void)
{
    static const struct gcx_services services = {.wall_us = wall_us, .up = is_up};
    desk = (struct desk){.services = &services, .saved = (struct saved *)&desk, .says_for = says, .held_shown = true};
    desk.held = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, held_free);
    desk.agents = g_hash_table_new(g_str_hash, g_str_equal);
    begin_agent(&marie, "marie");
    begin_agent(&paul, "paul");
    now_us = (int64_t)BEGAN_S * SECOND_US;
    up = true;
    desk.second = 100;
    file = json_object(), said = json_array();
    told = notices = 0;
}

static void end(void)
{
    g_hash_table_destroy(marie.items);
    g_hash_table_destroy(paul.items);
    g_hash_table_destroy(desk.agents);
    g_hash_table_destroy(desk.held);
    json_decref(file);
    json_decref(said);
}

/* Marie answers, and says what is done in ten seconds. NULL: without a code. */
static struct item *answered(const char *wrapup)
{
    struct item *item = has(&marie, MAIL, "<1@x>");
    json_t *mail = json_pack("{s:i, s:I, s:s*}", "finish", 300, "begins",
                             (json_int_t)(now_us + INT64_C(10) * SECOND_US), "wrapup", wrapup);
    held_begin(&marie, MAIL, ANSWER, mail);
    json_decref(mail);
    return item;
}

/* So many seconds pass, each with its tick. */
static void pass(unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        desk.second++;
        now_us += SECOND_US;
        held_tick(&desk);
    }
}

static void ask_back(uint64_t answer, bool on)
{
    char text[IXN_TEXT];
    ident_print_ixn(answer, text);
    json_t *ids = json_pack("[s, s, s]", "1-000000000001", text, "1-000000000000");
    held_asked_back(&desk, ids, on);
    json_decref(ids);
}

static void expect_said(const char *expected)
{
    char *text = json_dumps(said, JSON_COMPACT | JSON_SORT_KEYS);
    cr_expect_str_eq(text, expected);
    free(text);
    json_array_clear(said);
}

#define DONE "\"ixn\":\"0-00000000002a\",\"type\":\"done\""

/* ---- the time ---- */

Test(desk_held, it_is_done_a_second_after_its_answer_cannot_be_taken_back, .init = begin, .fini = end)
{
    const struct item *item = answered("solved");
    cr_assert(item->held && held_is(&desk, MAIL));
    cr_expect_eq(json_integer_value(json_object_get(item->held, "ends")), (int64_t)(BEGAN_S + 10) * 1000);
    cr_expect_str_eq(desk_text(item->held, "wrapup"), "solved");
    cr_expect_not(json_object_get(item->held, "macro"));
    pass(10);
    expect_said("[]");
    pass(1);
    expect_said("[{\"by\":\"marie\"," DONE ",\"wrapup\":\"solved\"}]");
    pass(1);
    expect_said("[]"); /* the core is asked once, and has time to answer */
    held_done(&desk, MAIL);
    cr_expect_not(held_is(&desk, MAIL));
    cr_expect_eq(json_object_size(file), 0);
    held_done(&desk, MAIL); /* what is not held is left alone */
    pass(100);
    expect_said("[]");
}

Test(desk_held, what_is_sent_later_is_done_when_the_time_for_taking_it_back_is_over, .init = begin, .fini = end)
{
    struct item *item = has(&marie, MAIL, "<1@x>");
    json_t *mail = json_pack("{s:i, s:I, s:s}", "finish", 20, "begins", (json_int_t)(now_us + DAY_US), "macro", "Late");
    held_begin(&marie, MAIL, ANSWER, mail);
    cr_expect_eq(json_integer_value(json_object_get(item->held, "ends")), (int64_t)(BEGAN_S + 20) * 1000);
    cr_expect_str_eq(desk_text(item->held, "macro"), "Late");
    pass(21);
    expect_said("[{\"by\":\"marie\",\"ixn\":\"0-00000000002a\",\"name\":\"Late\",\"type\":\"macro\"}]");
    held_done(&desk, MAIL);
    json_object_set_new(mail, "begins", json_integer(1)); /* it has gone already */
    held_begin(&marie, MAIL, ANSWER, mail);
    cr_expect_eq(json_integer_value(json_object_get(item->held, "ends")), (int64_t)(BEGAN_S + 21) * 1000);
    json_decref(mail);
}

Test(desk_held, what_is_refused_six_times_is_the_agents_again_who_reads_it, .init = begin, .fini = end)
{
    const struct item *item = answered(NULL);
    pass(11 + 24);
    cr_expect_eq(json_array_size(said), 5, "%zu: each five seconds", json_array_size(said));
    pass(1);
    cr_expect_eq(json_array_size(said), 6);
    told = 0;
    pass(4);
    cr_expect(item->held && notices == 0 && told == 0);
    pass(1);
    cr_expect(json_array_size(said) == 6 && notices == 1 && told == 1 && !item->held && !held_is(&desk, MAIL));
    cr_expect_eq(json_object_size(file), 0);
    pass(10);
    cr_expect_eq(notices, 1);
}

Test(desk_held, the_same_answer_again_changes_nothing_and_another_one_is_held_instead, .init = begin, .fini = end)
{
    struct item *item = answered(NULL);
    json_t *first = json_incref(json_object_get(item->held, "ends"));
    pass(5);
    json_t *mail = json_pack("{s:i, s:I}", "finish", 300, "begins", (json_int_t)(now_us + INT64_C(10) * SECOND_US));
    held_begin(&marie, MAIL, ANSWER, mail);
    cr_expect(json_equal(json_object_get(item->held, "ends"), first));
    held_begin(&marie, MAIL, ANSWER + 1, mail);
    cr_expect_eq(json_integer_value(json_object_get(item->held, "ends")), (int64_t)(BEGAN_S + 15) * 1000);
    held_begin(&paul, MAIL, ANSWER + 2, mail); /* who does not have the mail */
    cr_expect_eq(json_integer_value(json_object_get(item->held, "ends")), (int64_t)(BEGAN_S + 15) * 1000);
    json_decref(mail);
    json_decref(first);
}

/* ---- the answer comes back ---- */

Test(desk_held, while_the_answer_is_asked_back_nothing_is_done_for_half_a_minute, .init = begin, .fini = end)
{
    answered(NULL);
    pass(5);
    ask_back(ANSWER, true);
    ask_back(ANSWER + 1, false); /* another one is refused */
    pass(29);
    expect_said("[]");
    pass(1);
    expect_said("[{\"by\":\"marie\"," DONE "}]"); /* the answer had gone: the core has given nothing */
}

Test(desk_held, an_answer_that_is_refused_is_not_awaited, .init = begin, .fini = end)
{
    answered(NULL);
    pass(10);
    ask_back(ANSWER, true);
    pass(5);
    expect_said("[]");
    ask_back(ANSWER, false);
    ask_back(ANSWER + 1, true);
    pass(1);
    expect_said("[{\"by\":\"marie\"," DONE "}]");
}

Test(desk_held, a_core_that_has_gone_gives_nothing_back, .init = begin, .fini = end)
{
    answered(NULL);
    pass(10);
    ask_back(ANSWER, true);
    up = false;
    held_core_up(&desk, false);
    pass(5);
    up = true;
    held_core_up(&desk, true);
    pass(5);
    expect_said("[]"); /* it has not shown yet who has what */
    held_all_shown(&desk);
    pass(1);
    expect_said("[{\"by\":\"marie\"," DONE "}]");
    up = false;
    pass(10);
    expect_said("[]");
}

Test(desk_held, an_answer_that_came_back_is_awaited_though_the_core_is_told_to_be_up, .init = begin, .fini = end)
{
    answered(NULL);
    pass(10);
    ask_back(ANSWER, true);
    held_core_up(&desk, true);
    held_all_shown(&desk);
    pass(5);
    expect_said("[]");
}

Test(desk_held, whose_answer_is_theirs_again_has_the_mail_again, .init = begin, .fini = end)
{
    const struct item *item = answered(NULL);
    held_opens(has(&paul, ANSWER, "<2@x>")); /* a reviewer has taken it */
    cr_expect(item->held && held_is(&desk, MAIL));
    held_opens(has(&marie, ANSWER + 1, "<3@x>"));
    cr_expect(item->held && held_is(&desk, MAIL));
    told = 0;
    held_opens(has(&marie, ANSWER, "<2@x>"));
    cr_expect(!item->held && told == 1 && !held_is(&desk, MAIL) && json_object_size(file) == 0);
}

/* ---- who has the mail ---- */

Test(desk_held, whoever_has_the_mail_next_holds_it_and_ends_it, .init = begin, .fini = end)
{
    answered("solved");
    has_no_more(&marie);
    pass(60);
    expect_said("[]"); /* it lies in a queue */
    struct item *item = has(&paul, MAIL, "<1@x>");
    item->kind = claim_kind_consulted;
    held_shows(item);
    cr_expect_not(item->held);
    item->kind = claim_kind_owner, item->open = false;
    held_shows(item);
    cr_expect_not(item->held, "an offer is not held");
    item->open = true;
    told = 0;
    pass(1);
    cr_expect(item->held && told == 1);
    expect_said("[{\"by\":\"paul\"," DONE ",\"wrapup\":\"solved\"}]");
    pass(4);
    cr_expect_eq(told, 1, "it is told once");
    const json_t *before = item->held;
    held_shows(item); /* the core shows it again */
    cr_expect_eq(item->held, before);
}

Test(desk_held, another_mail_of_that_number_is_left_alone, .init = begin, .fini = end)
{
    answered(NULL);
    has_no_more(&marie);
    struct item *item = has(&marie, MAIL, "<other@x>");
    held_shows(item);
    held_leaves(&marie, NULL);
    held_withdrawn(item, cause_taken);
    pass(60);
    cr_expect_not(item->held);
    expect_said("[]");
    cr_expect(held_is(&desk, MAIL));
    now_us = (int64_t)(BEGAN_S + 9) * SECOND_US + 7 * DAY_US;
    pass(1);
    cr_expect(held_is(&desk, MAIL), "a row waits for seven days");
    pass(1);
    cr_expect(!held_is(&desk, MAIL) && json_object_size(file) == 0);
}

Test(desk_held, what_somebody_has_waits_for_ever, .init = begin, .fini = end)
{
    answered(NULL);
    ask_back(ANSWER, true);
    now_us += 30 * DAY_US;
    held_tick(&desk);
    cr_expect(held_is(&desk, MAIL));
}

Test(desk_held, what_the_core_takes_for_good_is_not_held, .init = begin, .fini = end)
{
    struct item *item = answered(NULL), *other = has(&paul, MAIL, "<1@x>");
    held_withdrawn(item, cause_gone); /* it comes again, or goes on elsewhere */
    held_withdrawn(item, cause_link_down);
    held_withdrawn(item, cause_lost);
    other->kind = claim_kind_consulted;
    held_withdrawn(other, cause_taken); /* it is not the owner's */
    held_withdrawn(has(&marie, ANSWER + 5, "<5@x>"), cause_taken);
    cr_expect(held_is(&desk, MAIL));
    held_withdrawn(item, cause_taken);
    cr_expect_not(held_is(&desk, MAIL));
}

/* ---- the agent goes ---- */

Test(desk_held, who_logs_out_has_it_done_at_once_and_of_that_medium_alone, .init = begin, .fini = end)
{
    answered("solved");
    held_leaves(&paul, NULL);
    held_leaves(&marie, "chat");
    expect_said("[]");
    held_leaves(&marie, "email");
    expect_said("[{\"by\":\"marie\",\"goes\":true," DONE ",\"wrapup\":\"solved\"}]");
    ask_back(ANSWER, true);
    held_leaves(&marie, NULL); /* the answer comes back in a moment */
    expect_said("[]");
}

Test(desk_held, who_goes_while_the_core_is_away_is_kept, .init = begin, .fini = end)
{
    answered(NULL);
    cr_expect_not(held_keeps(&marie));
    up = false;
    cr_expect(held_keeps(&marie) && !held_keeps(&paul));
    up = true, desk.held_shown = false;
    cr_expect(held_keeps(&marie) && !held_keeps(&paul));
}

/* ---- the file ---- */

Test(desk_held, the_next_process_holds_the_same_and_the_file_names_no_customer, .init = begin, .fini = end)
{
    answered("solved");
    json_t *row = json_deep_copy(json_object_get(file, "held 0-00000000002a"));
    cr_assert_not_null(row);
    char *text = json_dumps(row, 0);
    cr_expect_not(strstr(text, "<1@x>"), "%s", text);
    free(text);
    g_hash_table_remove_all(desk.held);
    has_no_more(&marie);
    cr_assert(held_restore(&desk, row));
    struct item *item = has(&marie, MAIL, "<1@x>");
    held_shows(item);
    cr_expect_eq(json_integer_value(json_object_get(item->held, "ends")), (int64_t)(BEGAN_S + 10) * 1000);
    pass(11);
    expect_said("[{\"by\":\"marie\"," DONE ",\"wrapup\":\"solved\"}]");
    static const char *const needed[] = {"held", "answer", "agent"};
    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
        json_t *wrong = json_copy(row);
        json_object_set_new(wrong, needed[i], json_string(""));
        cr_expect_not(held_restore(&desk, wrong), "%s", needed[i]);
        json_decref(wrong);
    }
    json_decref(row);
}

Test(desk_held, a_desk_without_a_file_writes_none, .init = begin, .fini = end)
{
    desk.saved = NULL;
    answered(NULL);
    pass(11);
    expect_said("[{\"by\":\"marie\"," DONE "}]");
    held_done(&desk, MAIL);
    cr_expect_eq(json_object_size(file), 0);
}
