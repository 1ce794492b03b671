/* runtime/adapters/tserver/tserver.c - The plugin `tserver`: its descriptor, its settings, its life. */
#include "runtime/adapters/tserver/tserver.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapters/cti/memory.h"

enum { TICK_US = 100000 };

static const char *setting(const struct gcx_services *services, struct gcx_link *link, const char *key,
                           const char *otherwise)
{
    const char *value = services->setting(link, key);
    return value != NULL ? value : otherwise;
}

static int64_t seconds(const struct gcx_services *services, struct gcx_link *link, const char *key, long otherwise)
{
    const char *value = services->setting(link, key);
    char *end = NULL;
    double given = value == NULL ? 0 : strtod(value, &end);
    bool good = value != NULL && end != value && *end == 0 && given > 0 && given < 86400;
    if (value != NULL && !good) {
        services->log(link, GCX_LOG_WARNING, 0, 0, "%s: `%s` is not a number of seconds; %ld is used", key, value,
                      otherwise);
    }
    return good ? (int64_t)(given * 1000000) : otherwise * INT64_C(1000000);
}

/* --- The link's callbacks --- */

static void on_event(void *self, const char *name, const json_t *event)
{
    tserver_event(self, name, event);
}

static void on_refused(void *self, const struct service *service, enum code code, const char *text)
{
    tserver_refused(self, service, code, text);
}

static void on_snapshot(void *self, bool begins)
{
    tserver_snapshot(self, begins);
}

void tserver_init(struct tserver *tserver, struct gcx_link *link, const struct gcx_services *services,
                  void (*send)(void *, const char *, size_t), void (*drop)(void *, const char *))
{
    struct cti_settings settings = {
        .name = setting(services, link, "name", "tserver"),
        .defaults = setting(services, link, "defaults", ""),
        .answer_timeout_us = seconds(services, link, "answer_timeout", 10),
        .router_grace_us = seconds(services, link, "router_grace", 60),
        .no_answer_us = seconds(services, link, "no_answer", 30),
        .desktop_grace_us = seconds(services, link, "desktop_grace", 60),
    };
    struct swlink_calls calls = {
        .self = tserver, .send = send, .drop = drop,
        .snapshot = on_snapshot, .event = on_event, .refused = on_refused,
    };
    cti_init(&tserver->cti, link, services, &tserver_services, tserver, &settings);
    swlink_init(&tserver->link, settings.name, &calls);
}

void tserver_free(struct tserver *tserver)
{
    swlink_free(&tserver->link);
    cti_free(&tserver->cti);
}

void tserver_tick(struct tserver *tserver)
{
    cti_tick(&tserver->cti);
    swlink_tick(&tserver->link, tserver->cti.now_us);
}

void tserver_connected(struct tserver *tserver)
{
    cti_clock(&tserver->cti);
    swlink_connected(&tserver->link, tserver->cti.now_us);
}

void tserver_feed(struct tserver *tserver, const char *bytes, size_t length)
{
    cti_clock(&tserver->cti);
    swlink_feed(&tserver->link, bytes, length, tserver->cti.now_us);
}

void tserver_lost(struct tserver *tserver)
{
    cti_clock(&tserver->cti);
    cti_switch_down(&tserver->cti);
    swlink_lost(&tserver->link);
}

/* --- The plugin --- */

static void on_timer(evutil_socket_t unused, short what, void *self)
{
    (void)unused;
    (void)what;
    tserver_tick(self);
}

static void plugin_close(void *self)
{
    struct tserver *tserver = self;
    if (tserver->timer != NULL) {
        event_free(tserver->timer);
    }
    connection_free(tserver->connection);
    server_free(tserver->server);
    tserver_free(tserver);
    free(tserver);
}

static bool open_sockets(struct tserver *tserver, struct event_base *base, char *why, size_t why_size)
{
    struct cti *cti = &tserver->cti;
    tserver->server = server_new(cti, setting(cti->services, cti->link, "listen", "127.0.0.1:0"),
                                 cti->services->setting(cti->link, "port_file"), why, why_size);
    if (tserver->server == NULL) {
        return false;
    }
    const char *address = cti->services->setting(cti->link, "switch");
    tserver->connection = connection_new(tserver, base, address == NULL ? "" : address, why, why_size);
    if (tserver->connection == NULL) {
        return false;
    }
    struct timeval interval = {0, TICK_US};
    tserver->timer = event_new(base, -1, EV_PERSIST, on_timer, tserver);
    event_add(tserver->timer, &interval);
    return true;
}

static void *plugin_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (base == NULL) {
        snprintf(why, why_size, "it needs an event loop for its sockets");
        return NULL;
    }
    struct tserver *tserver = memory_zeroed(1, sizeof *tserver);
    tserver_init(tserver, link, services, connection_send, connection_drop);
    if (!open_sockets(tserver, base, why, why_size)) {
        plugin_close(tserver);
        return NULL;
    }
    return tserver;
}

static void plugin_perform(void *self, const struct message *effect)
{
    struct tserver *tserver = self;
    cti_perform(&tserver->cti, effect);
}

static void plugin_core_up(void *self, bool up)
{
    struct tserver *tserver = self;
    cti_core_up(&tserver->cti, up);
}

static void plugin_credit(void *self)
{
    struct tserver *tserver = self;
    cti_credit(&tserver->cti);
}

static const char *const media[] = {"voice", NULL};
static const char *const caps[] = {"calls", "treatments", "pull_back", "set_agent", "correlator", "desktops", "probe",
                                   NULL};
static const char *const settings[] = {"*switch", "listen", "port_file", "defaults", "answer_timeout", "router_grace",
                                       "no_answer", "desktop_grace", "name", NULL};

extern const struct gcx_adapter gcx_adapter; /* what the plugin exports */

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "tserver",
    .media = media,
    .caps = caps,
    .settings = settings,
    .open = plugin_open,
    .close = plugin_close,
    .perform = plugin_perform,
    .core_up = plugin_core_up,
    .credit = plugin_credit,
};
