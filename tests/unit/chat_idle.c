/* tests/unit/chat_idle.c - A chat in which nobody writes: warned, then closed; and one whose customer waits. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/chat/chat.h"
#include "runtime/vocabulary/memory.h"

enum { SECOND_US = 1000000, CONN = 5 };

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

static const struct gcx_services services = {.post = post, .now_us = now_us, .wall_us = now_us};

static struct session *begin(struct chat *chat, bool agent)
{
    static const struct worker_calls jobs = {NULL, no_job, no_job, no_job};
    static const struct door_calls calls = {.request = no_request};
    static const struct door_options options = {.message_max = 1000};
    struct event_base *base = event_base_new();
    uint64_t conn = CONN;
    *chat = (struct chat){.services = &services, .setting = {.idle = 255, .idle_close = 45, .resume = 120}};
    chat->conns = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, session_free);
    chat->tokens = g_hash_table_new(g_str_hash, g_str_equal);
    chat->tickets = g_hash_table_new(g_int64_hash, g_int64_equal);
    chat->worker = worker_new(base, &jobs);
    chat->door = door_new(base, &options, &calls);
    outbox_init(&chat->outbox, NULL, &services);
    writer_init(&chat->writer);
    clock_us = SECOND_US;
    json_t *row = json_pack("{s:s, s:s, s:i, s:b}", "id", "x", "token", "t", "conn", CONN, "agent", agent);
    session_restore(chat, row);
    json_decref(row);
    struct session *session = g_hash_table_lookup(chat->conns, &conn);
    session->ticket = 1; /* its customer is there */
    return session;
}

static void after(struct session *session, unsigned seconds)
{
    clock_us += seconds * (uint64_t)SECOND_US;
    session_late(session, clock_us);
}

Test(chat_idle, who_is_silent_is_warned_and_then_the_chat_is_closed)
{
    struct chat chat;
    struct session *session = begin(&chat, true);
    after(session, 255);
    cr_assert_not(session->warned);
    after(session, 1);
    cr_assert(session->warned);
    after(session, 45);
    cr_assert_eq(session->phase, CHAT_OPEN);
    after(session, 1);
    cr_assert_eq(session->phase, CHAT_CLOSING);
    cr_assert_str_eq(session->result, "idle");
    cr_assert_eq(posted, 1); /* the customer is gone */
}

Test(chat_idle, who_writes_after_the_warning_stays)
{
    struct chat chat;
    struct session *session = begin(&chat, true);
    after(session, 256);
    cr_assert(session->warned);
    session_typing(session, true);
    cr_assert_not(session->warned);
    after(session, 255);
    cr_assert_eq(session->phase, CHAT_OPEN);
}

Test(chat_idle, who_waits_for_an_agent_may_be_silent)
{
    struct chat chat;
    struct session *session = begin(&chat, false);
    after(session, 3000);
    after(session, 3000);
    cr_assert_eq(session->phase, CHAT_OPEN);
    cr_assert_not(session->warned);
}

Test(chat_idle, with_zero_nobody_is_warned)
{
    struct chat chat;
    struct session *session = begin(&chat, true);
    chat.setting.idle = 0;
    after(session, 3000);
    cr_assert_not(session->warned);
}
