/* runtime/adapters/im/plugin.c - The descriptor that `im` exports: how the adapter starts and ends, and which
 * function gets each effect.
 *
 *     XMPP server <--> component --> route     --> talk    askers: a way of conversations
 *                                              '-> reply   workers: answers to questions, and words
 *     core --> im_perform()  Invite, Withdraw  --> offer   questions to workers
 *                            Reply to a worker --> reply
 *                            all others        --> offer_heard(), then the conversations
 *
 * The order of tests in im_perform() matters: an effect for a worker here must not get to the conversation, which
 * would send it to the asker. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/look.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapters/im/im.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/denied.h"
#include "base/memory.h"

static void im_on_up(void *self)
{
    experts_up(self);
    offer_server_up(self);
    talk_up(self);
}

static bool im_is_ours(void *self, const char *address)
{
    char *ours = g_strconcat("*@", ((const struct im *)self)->setting.domain, NULL);
    bool found = denied_is_ours(ours, span_of(address));
    g_free(ours);
    return found;
}

/* Starts the plugin. component_tick() connects only later, when everything that the server may need is ready. */
static bool im_start(struct im *im, struct event_base *base, char *why, size_t why_size)
{
    const struct im_setting *setting = &im->setting;
    struct component_setting component = {setting->server, setting->domain, &setting->secret, setting->ping};
    struct component_calls calls = {im, im_on_up, im_on_stanza, experts_down};
    im->component = component_new(im->link, im->services, &component, &calls);
    experts_open(im);
    if (!conversations_open(&im->conversations, base, NULL, why, why_size)) return false;
    im->robots = im->conversations.robots = robots_new(setting->answers, im_is_ours, im);
    component_tick(im->component);
    return true;
}

/* Closes the plugin. The conversations' thread ends first: its jobs use what is freed after it. */
static void im_close(void *self)
{
    struct im *im = self;
    conversations_stop(&im->conversations);
    conversations_free(&im->conversations);
    component_free(im->component);
    experts_free(im);
    robots_free(im->robots);
    g_hash_table_destroy(im->asked);
    im_setting_free(&im->setting);
    writer_free(&im->writer);
    free(im);
}

static void *im_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base || sodium_init() < 0) {
        snprintf(why, why_size, "it needs an event loop for its sockets, and random numbers");
        return NULL;
    }
    struct im *im = memory_zeroed(1, sizeof *im);
    im->link = link;
    im->services = services;
    im->asked = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, reply_request_free);
    writer_init(&im->writer);
    conversations_init(&im->conversations, link, services, &im_way, im);
    experts_init(im);
    watched_begin(&im->files, link, services);
    bool good = im_setting_read(&im->setting, watched_setting, &im->files, why, why_size);
    if (good) {
        im->conversations.setting = CONVERSATION_SETTING_OF(&im->setting);
        im->conversations.setting.remembers = im->setting.remembers;
        im->conversations.setting.reads = setting_yes(im->setting.read_receipts);
    }
    watched_secret(&im->files, &im->setting.secret);
    if (good && im_start(im, base, why, why_size)) return im;
    im_close(im);
    return NULL;
}

static bool im_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct im_setting setting;
    bool good = im_setting_read(&setting, get, self, why, why_size);
    im_setting_free(&setting);
    return good;
}

static void im_core_up(void *self, bool up)
{
    struct im *im = self;
    if (up)
        im->services->peer(im->link, "xmpp", true);
    else
        reply_core_down(im);
    conversations_core_up(&im->conversations, up);
}

static void im_credit(void *self)
{
    conversations_credit(&((struct im *)self)->conversations);
}

static void im_perform(void *self, const struct message *effect)
{
    struct im *im = self;
    if (effect->kind == KIND_Invite)
        offer_invite(im, effect);
    else if (effect->kind == KIND_Withdraw)
        offer_withdraw(im, effect);
    else if (effect->kind == KIND_Reply && message_u(effect, ENVELOPE_client) != 0)
        reply_answered(im, effect);
    else if (effect->kind == KIND_Notify)
        offer_party(im, effect), offer_reply_due(im, effect);
    else if (effect->kind != KIND_SendMessage || !offer_heard(im, effect))
        conversations_perform(&im->conversations, effect);
    if (effect->kind == KIND_Resync) experts_reasons(im);
}

/* Checks that each worker of the file is an agent of the directory, as the core invites that agent. */
static void im_workers_look(const struct gcx_look *look)
{
    struct im_setting setting;
    struct gcx_site_name found;
    char why[512];
    if (!look_site_known(look)) return;
    if (!im_setting_read(&setting, look->setting, look->self, why, sizeof why)) {
        im_setting_free(&setting);
        return;
    }
    for (guint i = 0; setting.all_workers && i < setting.all_workers->len; i++) {
        const struct worker_row *row = g_ptr_array_index(setting.all_workers, i);
        if (!look_site_has(look, "agent", row->agent, &found))
            look_tell(look, CHECK_worker_agent, "workers", LOOK_WORDS(row->agent));
    }
    im_setting_free(&setting);
}

static void im_look(const struct gcx_look *look)
{
    setting_looks(look);
    im_workers_look(look);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "im",
    .media = media_of_im,
    .caps = caps_of_im,
    .settings = setting_names,
    .open = im_open,
    .close = im_close,
    .perform = im_perform,
    .core_up = im_core_up,
    .credit = im_credit,
    .check = im_check,
    .look = im_look,
};
