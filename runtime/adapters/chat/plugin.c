/* runtime/adapters/chat/plugin.c - The descriptor that `chat` exports: how the adapter starts and ends.
 *
 *     chat_open    settings -> languages -> conversations -> callbacks -> door -> its port is bound
 *     close        conversations stop -> door -> callbacks -> conversations are freed
 *
 * The start restores the sessions of the process before first, so that a customer who comes early finds them.
 * chat_plugin_close() also serves a start that has failed: each part may be NULL then. */
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/look.h"
#include "runtime/adapter/tls.h"
#include "runtime/adapters/chat/callback.h"
#include "runtime/adapters/chat/chat.h"
#include "runtime/vocabulary/contract.h"
#include "base/memory.h"
#include "runtime/web/opening.h"
#include "runtime/web/origins.h"

enum {
    MESSAGE_MAX = 32768, /* most bytes of a browser's message: JSON around a text */
    BODY_MAX = 1024,     /* most bytes of a request body without a token */
    MIB = 1024 * 1024,
    BODIES_MAX = 256 * MIB, /* most bytes of the files of all customers on their way */
};

/* Opens the port for customers. A request without a known token brings no file: `unknown_max` limits its body.
 * `bodies_max` bounds the files of all customers together, which are in memory while they are received. */
static bool chat_open_door(struct chat *chat, char *why, size_t why_size)
{
    assert(chat->conversations.office); /* customers may come from now on */
    const struct chat_setting *setting = &chat->setting;
    struct opening opening = OPENING_OF(setting);
    struct door_calls calls = {chat, chat_request, chat_heard, chat_gone, file_known, NULL};
    struct door_options options = {.message_max = MESSAGE_MAX,
                                   .body_max = setting->file_size * MIB + BODY_MAX,
                                   .unknown_max = BODY_MAX,
                                   .bodies_max = BODIES_MAX,
                                   .known_by = "Authorization",
                                   .connections = setting->connections,
                                   .per_address = setting->per_address,
                                   .messages_per_minute = setting->messages_per_minute,
                                   .proxy = setting_yes(setting->proxy)};
    chat->door = opening_door(&opening, &options, &calls, chat->link, chat->services, why, why_size);
    return chat->door != NULL;
}

/* Starts the adapter: restores the sessions of the process before, then opens the port for customers. */
static bool chat_start(struct chat *chat, struct event_base *base, char *why, size_t why_size)
{
    chat->conversations.setting = CONVERSATION_SETTING_OF(&chat->setting);
    chat->conversations.setting.reads = setting_yes(chat->setting.read_receipts);
    chat->languages = languages_new(chat_languages, chat->setting.languages, chat->setting.language, why, why_size);
    if (!chat->languages) return false;
    chat->callbacks = callbacks_new(chat, why, why_size);
    if (!chat->callbacks && *chat->setting.callbacks) return false;
    if (!conversations_open(&chat->conversations, base, NULL, why, why_size)) return false;
    return chat_open_door(chat, why, why_size);
}

/* Ends the adapter. The conversations' thread ends first, as its jobs point to the requests that wait. */
static void chat_plugin_close(void *self)
{
    struct chat *chat = self;
    conversations_stop(&chat->conversations);
    door_free(chat->door);
    callbacks_free(chat->callbacks);
    languages_free(chat->languages);
    conversations_free(&chat->conversations);
    g_hash_table_destroy(chat->tickets);
    g_hash_table_destroy(chat->tokens);
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
    chat->tickets = g_hash_table_new(g_int64_hash, g_int64_equal);
    chat->tokens = g_hash_table_new(g_str_hash, g_str_equal);
    conversations_init(&chat->conversations, link, services, &chat_way, chat);
    struct link_settings of_link = {link, services};
    if (chat_setting_read(&chat->setting, setting_of_link, &of_link, why, why_size) &&
        chat_start(chat, base, why, why_size))
        return chat;
    chat_plugin_close(chat);
    return NULL;
}

static bool chat_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct chat_setting setting;
    bool good = chat_setting_read(&setting, get, self, why, why_size);
    struct opening opening = OPENING_OF(&setting);
    struct languages *languages =
        good ? languages_new(chat_languages, setting.languages, setting.language, why, why_size) : NULL;
    good = languages && opening_good(&opening, why, why_size);
    languages_free(languages);
    chat_setting_free(&setting);
    return good;
}

static void chat_core_up(void *self, bool up)
{
    struct chat *chat = self;
    if (up) chat->services->peer(chat->link, "customers", true);
    conversations_core_up(&chat->conversations, up);
}

static void chat_credit(void *self)
{
    conversations_credit(&((struct chat *)self)->conversations);
}

static void chat_perform(void *self, const struct message *effect)
{
    struct chat *chat = self;
    if (!callbacks_answered(chat->callbacks, effect)) conversations_perform(&chat->conversations, effect);
}

/* May the exchange dial a number with this beginning? "+49*" lets both "+4930" and "+4" through: one of the two must
 * begin the other. */
static bool beginning_is_dialled(const struct gcx_look *look, const char *beginning)
{
    struct gcx_site_name dials;
    for (size_t i = 0; look->site(look->self, "dials", i, &dials); i++) {
        size_t length = strcspn(dials.name, "*"), own = strlen(beginning);
        if (strncmp(dials.name, beginning, length < own ? length : own) == 0) return true;
    }
    return false;
}

/* The exchange must be allowed to dial the numbers that the widget offers to call back. A telephone switch decides
 * that by itself. */
static void callbacks_look(const struct gcx_look *look)
{
    struct gcx_site_name dials, adapter;
    const char *callbacks = look->setting(look->self, "callbacks");
    const char *numbers = look->setting(look->self, "callback_numbers");
    bool judged = callbacks && *callbacks && numbers && look->site(look->self, "dials", 0, &dials);
    for (size_t i = 0; judged && look->site(look->self, "adapter", i, &adapter); i++) {
        const struct contract *contract = contract_named(adapter.of);
        judged = contract && ((contract->caps & CAP_DIAL) == 0 || strcmp(adapter.of, "sip") == 0);
    }
    char **all = web_words_read(judged ? numbers : "");
    for (char **one = all; *one; one++)
        if (**one != '!' && !beginning_is_dialled(look, *one))
            look_tell(look, CHECK_callback_numbers, "callback_numbers", LOOK_WORDS(*one));
    g_strfreev(all);
}

static void chat_look(const struct gcx_look *look)
{
    setting_looks(look);
    callbacks_look(look);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "chat",
    .media = media_of_chat,
    .caps = caps_of_chat,
    .settings = setting_names,
    .open = chat_open,
    .close = chat_plugin_close,
    .perform = chat_perform,
    .core_up = chat_core_up,
    .credit = chat_credit,
    .check = chat_check,
    .look = chat_look,
};
