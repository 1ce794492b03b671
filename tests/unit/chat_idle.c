/* tests/unit/chat_idle.c - A chat in which nobody writes: warned, then closed; and one whose customer waits. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/chat/chat.h"
#include "runtime/adapters/conversation/internal.h"
#include "runtime/post/office_state.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "base/memory.h"

enum { CONN = 5 };

static uint64_t clock_us;
static unsigned posted;

static uint64_t now_us(const struct gcx_link *link)
{
    (void)link;
    return clock_us;
}

static bool post(struct gcx_link *link, struct span frame)
{
    (void)link, (void)frame;
    posted++;
    return true;
}

static void no_job(void *self, void *job)
{
    (void)self, (void)job;
}

static void no_request(void *self, struct evhttp_request *request)
{
    (void)self, (void)request;
}

static void not_heard(void *self, uint64_t ticket, const char *text, size_t length)
{
    (void)self, (void)ticket, (void)text, (void)length;
}

static void not_gone(void *self, uint64_t ticket)
{
    (void)self, (void)ticket;
}

__attribute__((format(printf, 5, 6))) static void no_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn,
                                                         const char *format, ...)
{
    (void)link, (void)level, (void)ixn, (void)conn, (void)format;
}

static uint64_t journal(const struct gcx_link *link)
{
    (void)link;
    return 7;
}

static const struct gcx_services services = {
    .post = post, .now_us = now_us, .wall_us = now_us, .log = no_log, .journal = journal};

/* Without a session. A chat lives as long as its process, which is the test's: tests have theirs in static memory,
 * where what it holds is no leak. */
static void begin_chat(struct chat *chat)
{
    static const struct worker_calls jobs = {NULL, no_job, no_job, no_job, NULL};
    static const struct door_calls calls = {.request = no_request, .heard = not_heard, .gone = not_gone};
    static const struct door_options options = {.message_max = 1000};
    struct event_base *base = event_base_new();
    struct office *office = memory_zeroed(1, sizeof *office); /* it has a thread, which does nothing */
    office->services = &services;
    office->worker = worker_new(base, &jobs);
    *chat = (struct chat){.services = &services, .setting = {.idle = 255, .idle_close = 45, .resume = 120}};
    clock_us = SECOND_US;
    conversations_init(&chat->conversations, NULL, &services, &chat_way, chat);
    chat->conversations.setting = CONVERSATION_SETTING_OF(&chat->setting);
    chat->tokens = g_hash_table_new(g_str_hash, g_str_equal);
    chat->tickets = g_hash_table_new(g_int64_hash, g_int64_equal);
    chat->conversations.office = office;
    chat->door = door_new(base, &options, &calls);
}

/* Its customer is there. NULL: there is no such session. */
static struct conversation *only(struct chat *chat)
{
    uint64_t conn = CONN;
    struct conversation *session = g_hash_table_lookup(chat->conversations.conns, &conn);
    if (session) chat_session(session)->ticket = 1;
    return session;
}

static void begun(struct chat *chat)
{
    begin_chat(chat);
    conversation_restore(&chat->conversations, "{\"id\":\"x\",\"token\":\"t\",\"conn\":5,\"name\":\"Anna\"}");
}

/* As the core tells who joins and leaves. */
static void tells(struct chat *chat, enum party_op op, enum party_role role, const char *agent)
{
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, KIND_RequestParty);
    writer_conn(&writer, ENVELOPE_conn, CONN);
    writer_u(&writer, RequestParty_change, op);
    writer_u(&writer, RequestParty_role, role);
    writer_text(&writer, RequestParty_agent, agent);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    conversations_perform(&chat->conversations, &message);
    writer_free(&writer);
}

static struct conversation *begin(struct chat *chat, bool agent)
{
    begun(chat);
    if (agent) tells(chat, party_op_add, party_role_agent, "marie");
    struct conversation *session = only(chat);
    session->jobs = 0; /* of its row, which the thread here does not bring back */
    return session;
}

/* Another process, which has only what the first one has saved. */
static struct conversation *begin_again(struct chat *before, struct chat *chat)
{
    char *row = conversation_row(only(before));
    begin_chat(chat);
    conversation_restore(&chat->conversations, row);
    g_free(row);
    struct conversation *session = only(chat);
    cr_assert(session);
    return session;
}

/* As the core sends what an agent, or a strategy, says. */
static void says(struct chat *chat, enum party_role role, uint64_t ref)
{
    struct writer writer;
    struct message message;
    writer_init(&writer);
    writer_begin(&writer, KIND_SendMessage);
    writer_u(&writer, ENVELOPE_ref, ref);
    writer_conn(&writer, ENVELOPE_conn, CONN);
    writer_text(&writer, SendMessage_msg_id, "m");
    writer_u(&writer, SendMessage_kind, message_kind_text);
    writer_text(&writer, SendMessage_text, "Hello");
    writer_u(&writer, SendMessage_visible, visible_all);
    writer_u(&writer, SendMessage_role, role);
    struct span frame = writer_end(&writer);
    cr_assert(message_read(&message, frame.bytes, frame.length, NULL));
    conversations_perform(&chat->conversations, &message);
    writer_free(&writer);
}

/* What the thread brings back. */
static void comes_back(struct chat *chat, struct conversation_job *job, bool good)
{
    job->keep.good = good;
    if (!good) error_set(&job->keep.error, ERROR_UNAVAILABLE, "the disk is full");
    static int64_t places;
    (void)chat;
    if (good) job->keep.n = ++places;
    conversation_done(job);
}

static struct conversation_job *sent(struct conversation *session, enum party_role role, uint64_t ref)
{
    struct conversation_job *job = conversation_job(session, KEEP_SAY);
    job->ref = ref;
    job->keep.role = role == party_role_bot ? "bot" : "agent";
    session->jobs++;
    return job;
}

static void after(struct conversation *session, unsigned seconds)
{
    clock_us += seconds * (uint64_t)SECOND_US;
    conversation_late(session, clock_us);
}

TestSuite(chat_idle, .timeout = 60);

Test(chat_idle, who_is_silent_is_warned_and_then_the_chat_is_closed)
{
    static struct chat chat;
    struct conversation *session = begin(&chat, true);
    after(session, 255);
    cr_assert_not(session->warned);
    after(session, 1);
    cr_assert(session->warned);
    after(session, 45);
    cr_assert_eq(session->phase, CONVERSATION_OPEN);
    after(session, 1);
    cr_assert_eq(session->phase, CONVERSATION_CLOSING);
    cr_assert_str_eq(session->result, "idle");
    cr_assert_eq(posted, 1); /* the customer is gone */
}

Test(chat_idle, who_writes_after_the_warning_stays)
{
    static struct chat chat;
    struct conversation *session = begin(&chat, true);
    after(session, 256);
    cr_assert(session->warned);
    conversation_typing(session, true);
    cr_assert_not(session->warned);
    after(session, 255);
    cr_assert_eq(session->phase, CONVERSATION_OPEN);
}

Test(chat_idle, who_waits_for_an_agent_may_be_silent)
{
    static struct chat chat;
    struct conversation *session = begin(&chat, false);
    after(session, 3000);
    after(session, 3000);
    cr_assert_eq(session->phase, CONVERSATION_OPEN);
    cr_assert_not(session->warned);
}

Test(chat_idle, with_zero_nobody_is_warned)
{
    static struct chat chat;
    struct conversation *session = begin(&chat, true);
    chat.conversations.setting.idle = 0;
    after(session, 3000);
    cr_assert_not(session->warned);
}

Test(chat_idle, who_waits_again_may_be_silent_after_a_restart_too)
{
    static struct chat before, chat;
    struct conversation *session = begin(&before, true);
    tells(&before, party_op_remove, party_role_agent, "marie");
    after(session, 3000);
    cr_assert_eq(session->phase, CONVERSATION_OPEN);
    session = begin_again(&before, &chat);
    after(session, 3000);
    after(session, 3000);
    cr_assert_eq(session->phase, CONVERSATION_OPEN);
    cr_assert(session->agent); /* one has been there */
}

Test(chat_idle, after_a_restart_all_of_a_conference_are_there)
{
    static struct chat before, chat;
    (void)begin(&before, true);
    tells(&before, party_op_add, party_role_agent, "paul");
    struct conversation *session = begin_again(&before, &chat);
    tells(&chat, party_op_remove, party_role_agent, "marie");
    cr_assert_eq(session->here, 1);
    after(session, 256);
    cr_assert(session->warned);
}

Test(chat_idle, who_has_left_is_not_told_to_be_there_after_a_reload)
{
    static struct chat chat;
    struct conversation *session = begin(&chat, true);
    tells(&chat, party_op_add, party_role_agent, "paul");
    cr_assert_str_eq(session->agent_name, "paul");
    tells(&chat, party_op_remove, party_role_agent, "paul");
    cr_assert_eq(session->here, 1);
    cr_assert_str_empty(session->agent_name);
}

Test(chat_idle, who_only_looks_on_neither_comes_nor_leaves)
{
    static struct chat chat;
    struct conversation *session = begin(&chat, true);
    tells(&chat, party_op_observe, party_role_supervisor, "paul");
    tells(&chat, party_op_remove, party_role_supervisor, "paul");
    cr_assert_eq(session->here, 1);
    after(session, 256);
    cr_assert(session->warned);
}

Test(chat_idle, what_an_agent_says_waits_in_its_order_until_the_store_takes_it)
{
    static struct chat chat;
    struct conversation *session = begin(&chat, true);
    struct conversation_job *first = sent(session, party_role_agent, 1), *second = sent(session, party_role_agent, 2);
    unsigned before = posted;
    comes_back(&chat, first, false);
    comes_back(&chat, second, false);
    says(&chat, party_role_agent, 3); /* behind them */
    cr_assert_eq(posted, before);     /* nothing is answered */
    cr_assert_eq(session->unkept.length, 3);
    after(session, 1);
    cr_assert_eq(session->again, first);
    comes_back(&chat, first, false);
    after(session, 1);
    cr_assert_eq(session->again, first);
    comes_back(&chat, first, true);
    cr_assert_eq(posted, before + 1);
    cr_assert_eq(session->again, second);
    comes_back(&chat, second, true);
    cr_assert_eq(session->again->ref, 3);
    comes_back(&chat, session->again, true);
    cr_assert_eq(posted, before + 3);
    cr_assert_eq(session->jobs, 0);
    cr_assert_null(session->again);
}

Test(chat_idle, what_a_strategy_says_and_the_store_does_not_take_is_answered_at_once)
{
    static struct chat chat;
    struct conversation *session = begin(&chat, true);
    unsigned before = posted;
    comes_back(&chat, sent(session, party_role_bot, 1), false);
    cr_assert_eq(posted, before + 1);
    cr_assert_eq(session->unkept.length, 0);
}

Test(chat_idle, what_waits_goes_to_the_store_before_the_end)
{
    static struct chat chat;
    struct conversation *session = begin(&chat, true);
    comes_back(&chat, sent(session, party_role_agent, 1), false);
    conversation_close(session, "closed", cause_ok);
    cr_assert_eq(session->unkept.length, 0);
    cr_assert_eq(session->jobs, 2);
}
