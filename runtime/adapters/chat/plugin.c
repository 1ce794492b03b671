/* runtime/adapters/chat/plugin.c - The descriptor that `chat` exports: how the adapter starts and ends. */
#include <assert.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapters/chat/chat.h"
#include "runtime/adapters/unended/unended.h"
#include "runtime/vocabulary/why.h"
#include "runtime/web/saved.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/web/opening.h"

enum {
    MESSAGE_MAX = 32768, /* bytes of what a browser sends: JSON around a text */
    BODY_MAX = 1024,     /* where nobody is known: there is none */
    MIB = 1024 * 1024,
    BODIES_MAX = 256 * MIB, /* of all customers' files under way */
};

static const char *const media[] = {"chat", NULL};
static const char *const caps[] = {"sessions", "keyed", NULL};

static void each_session(struct chat *chat, void (*call)(struct session *, uint64_t now_us))
{
    GList *all = g_hash_table_get_values(chat->conns);
    uint64_t now_us = chat->services->now_us(chat->link);
    for (GList *one = all; one; one = one->next) call(one->data, now_us);
    g_list_free(all);
}

static void chat_on_tick(evutil_socket_t unused, short what, void *self)
{
    struct chat *chat = self;
    (void)unused, (void)what;
    outbox_flush(&chat->outbox);
    door_tick(chat->door);
    chat->services->figure(chat->link, "chats", (int64_t)g_hash_table_size(chat->conns));
    chat->services->figure(chat->link, "customers", (int64_t)g_hash_table_size(chat->tickets));
    each_session(chat, session_late);
    unended_tick(chat->unended);
    opening_refresh(chat->tls, chat->link, chat->services);
}

static void chat_open_door(struct chat *chat, struct event_base *base)
{
    assert(chat->worker && chat->unended); /* customers may come from now on */
    const struct setting *setting = &chat->setting;
    struct door_calls calls = {chat, chat_request, chat_heard, chat_gone, file_known};
    struct door_options options = {.message_max = MESSAGE_MAX,
                                   .body_max = setting->file_size * MIB + BODY_MAX,
                                   .unknown_max = BODY_MAX,
                                   .bodies_max = BODIES_MAX,
                                   .known_by = "Authorization",
                                   .connections = setting->connections,
                                   .per_address = setting->per_address,
                                   .messages_per_minute = setting->messages_per_minute,
                                   .proxy = setting_yes(setting->proxy),
                                   .tls = chat->tls};
    chat->door = door_new(base, &options, &calls);
}

static bool chat_restore(struct chat *chat, char *why, size_t why_size)
{
    char reason[200];
    if (!*chat->setting.state) return true;
    chat->saved = saved_open(chat->setting.state, session_restore, chat, reason, sizeof reason);
    return chat->saved || why_set(why, why_size, "state: %s", reason);
}

/* Sessions of the process before are there before the door is open. */
static bool chat_start(struct chat *chat, struct event_base *base, char *why, size_t why_size)
{
    struct error error;
    struct opening opening = OPENING_OF(&chat->setting);
    struct address address;
    struct timeval second = {1, 0};
    struct worker_calls calls = {chat, session_work, session_done, session_dropped};
    chat->store = store_open(chat->setting.store, &(struct store_options){.country = chat->setting.country}, &error);
    if (!chat->store) return why_set(why, why_size, "store: %s", error.text);
    if (!chat_restore(chat, why, why_size) || !opening_read(&opening, &address, &chat->tls, why, why_size))
        return false;
    chat->worker = worker_new(base, &calls);
    chat->look.target = chat->setting.store;
    chat->probe = probe_new(chat->link, chat->services, "store", &(struct probe_calls){&chat->look, store_look, NULL});
    if (!chat->worker || !chat->probe) return why_set(why, why_size, "no thread can be had");
    chat->unended = unheld_new(chat, base, why, why_size);
    if (!chat->unended) return false;
    chat_open_door(chat, base);
    chat->tick = event_new(base, -1, EV_PERSIST, chat_on_tick, chat);
    event_add(chat->tick, &second);
    return opening_listen(&opening, &address, chat->door, chat->link, chat->services, why, why_size);
}

/* The worker ends first: its jobs know their sessions. */
static void chat_plugin_close(void *self)
{
    struct chat *chat = self;
    if (chat->tick) event_free(chat->tick);
    unended_free(chat->unended);
    worker_free(chat->worker);
    probe_free(chat->probe);
    store_look_end(&chat->look);
    door_free(chat->door);
    tls_free(chat->tls);
    store_close(chat->store);
    saved_close(chat->saved);
    g_hash_table_destroy(chat->tickets);
    g_hash_table_destroy(chat->tokens);
    g_hash_table_destroy(chat->conns);
    outbox_free(&chat->outbox);
    writer_free(&chat->writer);
    chat_setting_free(&chat->setting);
    free(chat);
}

static void *chat_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base || sodium_init() < 0) {
        snprintf(why, why_size, "it needs an event loop for its sockets, and random numbers");
        return NULL;
    }
    struct chat *chat = memory_zeroed(1, sizeof *chat);
    chat->link = link;
    chat->services = services;
    chat->conns = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, chat_session_free);
    chat->tickets = g_hash_table_new(g_int64_hash, g_int64_equal);
    chat->tokens = g_hash_table_new(g_str_hash, g_str_equal);
    chat->requests = services->wall_us(link); /* other numbers than the process before */
    outbox_init(&chat->outbox, link, services);
    writer_init(&chat->writer);
    struct link_settings of_link = {link, services};
    if (chat_setting_read(&chat->setting, setting_of_link, &of_link, why, why_size) &&
        chat_start(chat, base, why, why_size))
        return chat;
    chat_plugin_close(chat);
    return NULL;
}

static bool chat_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct setting setting;
    struct address address;
    struct tls *tls = NULL;
    bool good = chat_setting_read(&setting, get, self, why, why_size);
    struct opening opening = OPENING_OF(&setting);
    good = good && opening_read(&opening, &address, &tls, why, why_size);
    tls_free(tls);
    chat_setting_free(&setting);
    return good;
}

/* An answer that came while the link was down is lost: the chat is submitted again, under the same external id. */
static void chat_ask_again(struct session *session, uint64_t now_us)
{
    (void)now_us;
    if (session->phase == CHAT_SUBMITTED && !session->over) session_submit(session);
}

static void chat_core_up(void *self, bool up)
{
    struct chat *chat = self;
    unended_core_up(chat->unended, up);
    if (!up) return;
    chat->services->peer(chat->link, "customers", true);
    each_session(chat, chat_ask_again);
}

static void chat_credit(void *self)
{
    outbox_flush(&((struct chat *)self)->outbox);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "chat",
    .media = media,
    .caps = caps,
    .settings = setting_names,
    .open = chat_open,
    .close = chat_plugin_close,
    .perform = chat_perform,
    .core_up = chat_core_up,
    .credit = chat_credit,
    .check = chat_check,
};
