/* runtime/adapters/webhook/plugin.c - The descriptor that `webhook` exports: how the adapter starts and ends. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/last.h"
#include "runtime/adapter/look.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapter/tls.h"
#include "runtime/adapters/webhook/webhook.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "base/memory.h"
#include "base/why.h"
#include "runtime/web/door.h"
#include "runtime/web/opening.h"

enum { BODY_MAX = 1024 * 1024, BODIES_MAX = 64 * BODY_MAX, MESSAGE_MAX = 1024 };

static bool webhook_is_ours(void *self, const char *address)
{
    return webhook_address_is_ours(&((const struct webhook *)self)->setting, address);
}

/* Starts the plugin; the HTTP server is opened last, so that requests find all other parts ready. */
static bool webhook_start(struct webhook *webhook, struct event_base *base, char *why, size_t why_size)
{
    const struct webhook_setting *setting = &webhook->setting;
    struct opening opening = OPENING_OF(setting);
    webhook->robots = webhook->conversations.robots = robots_new(setting->answers, webhook_is_ours, webhook);
    hook_init(webhook);
    if (!post_init(webhook, base, why, why_size)) return false;
    if (!turn_init(webhook, base)) return why_set(why, why_size, "no thread can be had");
    if (!post_open_office(webhook, base, why, why_size)) return false;
    if (!conversations_open(&webhook->conversations, base, webhook->office, why, why_size)) return false;
    if (!office_begin(webhook->office, why, why_size)) return false;
    struct door_calls calls = {.self = webhook, .request = hook_request};
    struct door_options options = {.message_max = MESSAGE_MAX,
                                   .body_max = BODY_MAX,
                                   .unknown_max = BODY_MAX,
                                   .bodies_max = BODIES_MAX,
                                   .connections = setting->connections,
                                   .per_address = setting->connections,
                                   .proxy = setting_yes(setting->proxy)};
    webhook->door = opening_door(&opening, &options, &calls, webhook->link, webhook->services, why, why_size);
    return webhook->door != NULL;
}

static bool webhook_awaits(const void *self)
{
    return conversations_await(&((const struct webhook *)self)->conversations);
}

/* Closes the plugin. The order matters: requests being sent get their answers, then the threads end, and then what
 * they have used is freed. */
static void webhook_close(void *self)
{
    struct webhook *webhook = self;
    if (webhook->door) office_close(webhook->office);
    /* network_second() is not called in this loop, and need not be: no limit of silence is reached in so short a time,
     * and the next process fetches files, polls, and repeats what the store did not take. Events that wait for credit
     * are posted all the same (webhook_credit). */
    if (webhook->door) last_answers(webhook->services->base(webhook->link), webhook_awaits, webhook);
    atomic_store(&webhook->stopping, true);
    senders_free(webhook->senders);
    turn_stop(webhook);
    conversations_stop(&webhook->conversations);
    door_free(webhook->door);
    conversations_free(&webhook->conversations);
    hook_free(webhook);
    office_free(webhook->office);
    turn_end(webhook);
    robots_free(webhook->robots);
    webhook_setting_free(&webhook->setting);
    free(webhook);
}

/* Opens the adapter; medium and kind of address are those of the network's data file, so one plugin serves many
 * networks. */
static void *webhook_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base || sodium_init() < 0) {
        snprintf(why, why_size, "it needs an event loop for its sockets, and random numbers");
        return NULL;
    }
    struct webhook *webhook = memory_zeroed(1, sizeof *webhook);
    webhook->link = link;
    webhook->services = services;
    webhook->way = posting_way;
    conversations_init(&webhook->conversations, link, services, &webhook->way, webhook);
    watched_begin(&webhook->files, link, services);
    bool good = webhook_setting_read(&webhook->setting, watched_setting, &webhook->files, why, why_size);
    if (good) {
        webhook->way.kind = webhook->setting.of->phones ? STORE_phone : STORE_social;
        if (webhook->setting.of->texts) webhook->way.media = media_sms;
        webhook->way.files = webhook->way.file_bytes = webhook->setting.of->write.file.upload != NULL;
        webhook->conversations.setting = CONVERSATION_SETTING_OF(&webhook->setting);
        webhook->conversations.setting.remembers = webhook->setting.remembers;
        webhook->conversations.setting.templates = webhook->setting.templates;
    }
    network_given_watched(&webhook->setting.given, &webhook->files);
    if (good && webhook_start(webhook, base, why, why_size)) return webhook;
    webhook_close(webhook);
    return NULL;
}

static bool webhook_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct webhook_setting setting;
    bool good = webhook_setting_read(&setting, get, self, why, why_size);
    struct opening opening = OPENING_OF(&setting);
    good = good && opening_good(&opening, why, why_size);
    webhook_setting_free(&setting);
    return good;
}

static void webhook_core_up(void *self, bool up)
{
    struct webhook *webhook = self;
    if (up) webhook->services->peer(webhook->link, webhook->setting.of->name, true);
    conversations_core_up(&webhook->conversations, up);
    office_core_up(webhook->office, up);
}

static void webhook_credit(void *self)
{
    struct webhook *webhook = self;
    office_credit(webhook->office);
    conversations_credit(&webhook->conversations);
}

static void webhook_perform(void *self, const struct message *effect)
{
    struct webhook *webhook = self;
    if (effect->kind == KIND_Cancel) office_perform(webhook->office, effect);
    if (effect->kind == KIND_ReadReply && office_perform(webhook->office, effect)) return;
    conversations_perform(&webhook->conversations, effect);
}

static void webhook_look(const struct gcx_look *look)
{
    struct webhook_setting setting;
    char why[512];
    setting_looks(look);
    /* otherwise check() has reported the mistake */
    if (webhook_setting_read(&setting, look->setting, look->self, why, sizeof why)) {
        look_queue(look, "queue", setting.queue, setting.of->texts ? "sms" : "social");
        if (look_is_own(setting.base, setting.listen))
            look_tell(look, CHECK_web_self, "base", LOOK_WORDS(setting.base));
    }
    webhook_setting_free(&setting);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "webhook",
    .media = media_of_networks,
    .caps = caps_of_webhook,
    .settings = setting_names,
    .open = webhook_open,
    .close = webhook_close,
    .perform = webhook_perform,
    .core_up = webhook_core_up,
    .credit = webhook_credit,
    .check = webhook_check,
    .look = webhook_look,
};
