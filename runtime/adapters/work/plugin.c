/* runtime/adapters/work/plugin.c - The descriptor that `work` exports: how it starts and ends, and which function
 * gets each effect.
 *
 *     application -- POST /work --> work_ask() -- Submit --> core
 *     application <-- 200, 503 -----------------  Reply  <-- work_perform()
 *
 * The adapter stores nothing: an application that gets no answer repeats its request under the same id, which the
 * core recognizes. */
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>

#include "runtime/adapter/look.h"
#include "runtime/adapter/outbox.h"
#include "runtime/adapters/work/work.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/media.h"
#include "base/memory.h"
#include "base/why.h"

static void work_on_tick(evutil_socket_t unused, short what, void *self)
{
    struct work *work = self;
    (void)unused, (void)what;
    watched_tick(&work->files);
    work_application_tick(work);
}

/* Closes the adapter: first the timer, and the HTTP server with its connections before the settings that they use. */
static void work_close(void *self)
{
    struct work *work = self;
    if (work->tick) event_free(work->tick);
    work_application_close(work);
    writer_free(&work->writer);
    work_setting_free(&work->setting);
    free(work);
}

static void *work_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    struct timeval second = {1, 0};
    if (!base || sodium_init() < 0) {
        why_set(why, why_size, "it needs an event loop for its sockets, and random numbers");
        return NULL;
    }
    struct work *work = memory_zeroed(1, sizeof *work);
    work->link = link;
    work->services = services;
    work->name = services->setting(link, GCX_NAME);
    submits_init(&work->asking, services->wall_us(link), work_application_answered, work);
    writer_init(&work->writer);
    work->tick = event_new(base, -1, EV_PERSIST, work_on_tick, work);
    watched_begin(&work->files, link, services);
    if (work->tick && work_setting_read(&work->setting, watched_setting, &work->files, why, why_size) &&
        work_application_open(work, why, why_size)) {
        watched_secret(&work->files, &work->setting.token);
        event_add(work->tick, &second);
        return work;
    }
    work_close(work);
    return NULL;
}

static bool work_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct work_setting setting;
    bool good =
        work_setting_read(&setting, get, self, why, why_size) && work_application_check(&setting, why, why_size);
    work_setting_free(&setting);
    return good;
}

static void work_perform(void *self, const struct message *effect)
{
    struct work *work = self;
    if (effect->kind == KIND_Reply)
        submits_replied(&work->asking, effect); /* otherwise the request was answered 503 already */
    else
        adapter_answer_other(work->link, work->services, &work->writer, effect);
}

/* The core has come or gone. An answer of the core may be lost meanwhile, so waiting applications get 503 and repeat
 * their requests. */
static void work_core_up(void *self, bool up)
{
    if (!up) work_application_put_off(self);
}

static void work_site_look(const struct gcx_look *look)
{
    struct work_setting setting;
    char why[512];
    setting_looks(look);
    if (work_setting_read(&setting, look->setting, look->self, why, sizeof why) && *setting.queue) {
        char said[MEDIUM_SAID_MAX];
        setting_medium_said(look->setting, look->self, setting.medium, said);
        look_queue(look, "queue", setting.queue, said);
    }
    work_setting_free(&setting);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "work",
    .media = media_of_work,
    .caps = caps_of_work,
    .settings = setting_names,
    .open = work_open,
    .close = work_close,
    .perform = work_perform,
    .core_up = work_core_up,
    .check = work_check,
    .look = work_site_look,
};
