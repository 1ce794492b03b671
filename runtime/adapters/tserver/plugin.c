/* runtime/adapters/tserver/plugin.c - What `tserver` exports: its descriptor, and its sockets on the adapter's loop. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapters/tserver/tserver.h"
#include "runtime/vocabulary/memory.h"

enum { TICK_US = 100000 };

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
    const char *listen = cti->services->setting(cti->link, "listen");
    tserver->server = server_new(cti, listen == NULL ? "127.0.0.1:0" : listen,
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

static void plugin_committed(void *self, uint64_t posted)
{
    struct tserver *tserver = self;
    cti_committed(&tserver->cti, posted);
}

static void plugin_credit(void *self)
{
    struct tserver *tserver = self;
    cti_credit(&tserver->cti);
}

static const char *const media[] = {"voice", NULL};
static const char *const caps[] = {"calls",      "treatments", "pull_back", "set_agent",
                                   "correlator", "desktops",   "probe",     NULL};
static const char *const settings[] = {"*switch",        "listen",       "port_file", "defaults",
                                       "answer_timeout", "router_grace", "no_answer", "desktop_grace",
                                       "wrap_up",        "name",         NULL};

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
    .committed = plugin_committed,
    .credit = plugin_credit,
};
