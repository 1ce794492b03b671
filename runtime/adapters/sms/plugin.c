/* runtime/adapters/sms/plugin.c - The descriptor that `sms` exports: how it starts and ends, and which function gets
 * each effect. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/look.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "base/memory.h"

/* ---- start and end ---- */

static bool sms_is_ours(void *self, const char *number)
{
    return numbers_are_ours(&((const struct sms *)self)->setting.own_numbers, number);
}

static void sms_changed(void *self)
{
    struct sms *sms = self;
    if (sms->office) office_pump(sms->office);
}

/* Closes the plugin. The order matters: the post office ends first, since it waits for answers over the connections;
 * conversations are freed before the post office. */
static void sms_close(void *self)
{
    struct sms *sms = self;
    office_close(sms->office);
    sms_links_free(sms->links);
    provider_free(sms->provider);
    session_free(sms);
    office_free(sms->office);
    robots_free(sms->robots);
    application_free(sms);
    sms_setting_free(&sms->setting);
    free(sms);
}

/* Starts the plugin. The post office is made first, as all other parts give it their messages. */
static bool sms_start(struct sms *sms, struct event_base *base, char *why, size_t why_size)
{
    struct sms_link_calls wire = {sms, text_came, text_answered, sms_changed};
    const struct provider_calls by_http = {text_provided, text_provided_receipt, text_provided_answer};
    text_rules(&sms->setting, &sms->rules);
    sms->robots = sms->conversations.robots = robots_new(sms->setting.answers, sms_is_ours, sms);
    const struct office_setup setup = {sms->link, sms->services, base, &text_way, &sms->rules, sms, sms->robots};
    if (!(sms->office = office_new(&setup, why, why_size)) || !session_open(sms, base, why, why_size) ||
        !application_open(sms, why, why_size))
        return false;
    if (!(sms->links = sms_links_new(sms->link, sms->services, &sms->setting, &wire, why, why_size))) return false;
    if (sms->setting.of && !(sms->provider = provider_new(sms, base, &by_http, why, why_size))) return false;
    return office_begin(sms->office, why, why_size);
}

static void sms_watch_files(struct sms *sms)
{
    struct sms_setting *setting = &sms->setting;
    struct watched_files *files = &sms->files;
    watched_secret(files, &setting->token);
    watched_secret(files, &setting->bind);
    watched_by(files, "peers", setting_peers_again, setting);
    if (setting->of) network_given_watched(&setting->given, files);
}

static void *sms_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base) {
        snprintf(why, why_size, "it needs an event loop for its sockets");
        return NULL;
    }
    struct sms *sms = memory_zeroed(1, sizeof *sms);
    sms->link = link;
    sms->services = services;
    session_init(sms);
    watched_begin(&sms->files, link, services);
    bool good = sms_setting_read(&sms->setting, watched_setting, &sms->files, why, why_size);
    sms_watch_files(sms);
    if (good && sms_start(sms, base, why, why_size)) return sms;
    sms_close(sms);
    return NULL;
}

static bool sms_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct sms_setting setting;
    bool good = sms_setting_read(&setting, get, self, why, why_size) && application_check(&setting, why, why_size) &&
                provider_check(&setting, why, why_size);
    sms_setting_free(&setting);
    return good;
}

/* ---- effects ---- */

/* Sends a message: a step that sends a short message names the recipient; agents only write into conversations that
 * they have. If the conversation that the step names is not open, the message is sent outside of it. */
static void sms_send_message(struct sms *sms, const struct message *effect)
{
    bool addressed = message_text(effect, SendMessage_to).length > 0;
    if (addressed && !session_is_open(sms, message_u(effect, ENVELOPE_conn)))
        office_perform(sms->office, effect);
    else
        conversations_perform(&sms->conversations, effect);
}

/* Hands effects of conversations to those, all others to the post office. */
static void sms_perform(void *self, const struct message *effect)
{
    struct sms *sms = self;
    bool of_conversation = message_u(effect, ENVELOPE_conn) != 0 && effect_class(effect->kind) != CLASS_NOTICE;
    if (effect->kind == KIND_SendMessage)
        sms_send_message(sms, effect);
    else if (effect->kind == KIND_Resync || (of_conversation && effect->kind != KIND_Cancel))
        conversations_perform(&sms->conversations, effect);
    else
        office_perform_all(sms->office, effect);
}

static void sms_core_up(void *self, bool up)
{
    struct sms *sms = self;
    session_core_up(sms, up);
    if (up) sms->services->peer(sms->link, "texts", true);
    office_core_up(sms->office, up);
}

static void sms_credit(void *self)
{
    struct sms *sms = self;
    office_credit(sms->office);
    conversations_credit(&sms->conversations);
}

/* Checks how a text gets from one of the plugin's numbers to a queue or a conversation, and what customers may
 * answer. */
static void sms_way_look(const struct gcx_look *look)
{
    static const char *const of_network[] = {"base", "account", "token_file", "secret_file", "public_url"};
    struct sms_setting setting;
    char why[512];
    /* check() has reported the mistake */
    if (!sms_setting_read(&setting, look->setting, look->self, why, sizeof why)) return;
    for (size_t i = 0; i < setting.route_count; i++)
        if (*setting.routes[i].queue) look_queue(look, "sessions", setting.routes[i].queue, "sms");
    look->adds(look->self, "way", setting.way, "");
    if (look_is_own(setting.provider, setting.listen))
        look_tell(look, CHECK_text_self, "provider", LOOK_WORDS(setting.provider));
    if (*setting.listen) setting_peers_look(&setting, look);
    for (size_t i = 0; !setting.of && i < sizeof of_network / sizeof *of_network; i++) {
        const char *value = look->setting(look->self, of_network[i]);
        if (value && *value) look_tell(look, CHECK_setting_alone, of_network[i], LOOK_WORDS("network"));
    }
    sms_setting_free(&setting);
}

static void sms_look(const struct gcx_look *look)
{
    setting_looks(look);
    sms_way_look(look);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "sms",
    .media = media_of_sms,
    .caps = caps_of_sms,
    .settings = setting_names,
    .open = sms_open,
    .close = sms_close,
    .perform = sms_perform,
    .core_up = sms_core_up,
    .credit = sms_credit,
    .check = sms_check,
    .look = sms_look,
};
