/* runtime/adapters/mms/plugin.c - The descriptor that `mms` exports: how it starts and ends, and which function gets
 * each effect. */
#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/last.h"
#include "runtime/adapter/worker.h"
#include "runtime/adapter/look.h"
#include "runtime/adapters/mms/mms.h"
#include "runtime/mail/parts.h"
#include "runtime/vocabulary/contract.h"
#include "base/memory.h"

static bool mms_awaits(const void *self)
{
    const struct mms *mms = self;
    return worker_waiting(mms->sender) > 0;
}

/* Closes the plugin. Answers by mail that are being sent are waited for: otherwise their messages would be sent
 * again and answered again. Messages are freed before the servers that would answer them. */
static void mms_close(void *self)
{
    struct mms *mms = self;
    office_close(mms->office);
    if (mms->sender) last_answers(mms->services->base(mms->link), mms_awaits, mms);
    mms_gate_close(mms);
    office_free(mms->office);
    g_hash_table_destroy(mms->asking);
    mms_hook_close(mms);
    mms_setting_free(&mms->setting);
    free(mms);
}

static bool mms_start(struct mms *mms, struct event_base *base, char *why, size_t why_size)
{
    const struct mms_setting *setting = &mms->setting;
    const struct office_setup setup = {mms->link, mms->services, base, &mms_way, &mms->rules, mms, NULL};
    mms_rules(setting, &mms->rules);
    if (!(mms->office = office_new(&setup, why, why_size))) return false;
    return office_begin(mms->office, why, why_size) && mms_hook_open(mms, why, why_size) &&
           mms_gate_open(mms, base, why, why_size);
}

static void *mms_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base || sodium_init() < 0) {
        snprintf(why, why_size, "it needs an event loop for its sockets, and random numbers");
        return NULL;
    }
    parts_begin();
    curl_global_init(CURL_GLOBAL_ALL);
    struct mms *mms = memory_zeroed(1, sizeof *mms);
    mms->link = link;
    mms->services = services;
    mms->asking = g_hash_table_new(g_int64_hash, g_int64_equal);
    watched_begin(&mms->files, link, services);
    bool good = mms_setting_read(&mms->setting, watched_setting, &mms->files, why, why_size);
    watched_by(&mms->files, "password_file", mms_read_credentials, &mms->setting);
    if (good && mms_start(mms, base, why, why_size)) return mms;
    mms_close(mms);
    return NULL;
}

static bool mms_check_settings(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct mms_setting setting;
    bool good = mms_setting_read(&setting, get, self, why, why_size) && mms_hook_check(&setting, why, why_size);
    mms_setting_free(&setting);
    return good;
}

static void mms_perform(void *self, const struct message *effect)
{
    office_perform_all(((struct mms *)self)->office, effect);
}

static void mms_core_up(void *self, bool up)
{
    struct mms *mms = self;
    if (up) mms->services->peer(mms->link, "messages", true);
    office_core_up(mms->office, up);
}

static void mms_credit(void *self)
{
    office_credit(((struct mms *)self)->office);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "mms",
    .media = media_of_mms,
    .caps = caps_of_mms,
    .settings = setting_names,
    .open = mms_open,
    .close = mms_close,
    .perform = mms_perform,
    .core_up = mms_core_up,
    .credit = mms_credit,
    .check = mms_check_settings,
    .look = setting_looks,
};
