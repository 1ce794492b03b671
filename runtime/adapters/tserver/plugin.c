/* runtime/adapters/tserver/plugin.c - The descriptor that `tserver` exports, and its sockets on the adapter's loop.
 *
 *     desktops --> server_    \
 *                              > struct cti, struct swlink <-- tserver_on_timer(), each TICK_US
 *     switch   --> connection /
 *
 * All runs on the adapter's one loop, so nothing is locked. Settings are read in two ways: from the running adapter,
 * and from the configuration that somebody checks. `struct getter` hides which of the two, so both say the same about
 * a mistake. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/look.h"
#include "runtime/adapter/settings.h"
#include "runtime/adapters/tserver/tserver.h"
#include "runtime/vocabulary/contract.h"
#include "base/memory.h"
#include "runtime/vocabulary/state_files.h"
#include "base/why.h"

enum { TICK_US = 100000 };

static void tserver_on_timer(evutil_socket_t unused, short what, void *self)
{
    (void)unused;
    (void)what;
    tserver_tick(self);
}

static void tserver_close(void *self)
{
    struct tserver *tserver = self;
    if (tserver->timer) event_free(tserver->timer);
    switch_connection_free(tserver->connection);
    server_free(tserver->server);
    tserver_free(tserver);
    free(tserver);
}

/* --- The settings for sockets --- */

struct getter { /* reads a setting, from the adapter's services or from the look of a check */
    const char *(*setting)(void *self, const char *key);
    void *self;
};

static const char *getter_get(const struct getter *getter, const char *key)
{
    return getter->setting(getter->self, key);
}

static bool plugin_says(const struct getter *getter, const char *key, const char *yes, const char *no, bool *value,
                        char *why, size_t why_size)
{
    const char *text = getter_get(getter, key);
    *value = text && strcmp(text, yes) == 0;
    if (!text || *value || strcmp(text, no) == 0) return true;
    return why_set(why, why_size, "%s: `%s` is neither %s nor %s", key, text, yes, no);
}

struct sockets {
    char token_key[4096];
    struct server_settings server;
    struct switch_settings link;
    struct limits limits;
};

/* Returns the path of the token key: the one in the settings, or else a file next to the adapter's lock, if gcxvm
 * has started the adapter. */
static const char *token_key(struct sockets *sockets, const struct getter *getter)
{
    const char *named = getter_get(getter, "token_key"), *own = getter_get(getter, GCX_OWN_FILES);
    if (named || !own) return named;
    int length = snprintf(sockets->token_key, sizeof sockets->token_key, "%s%s", own, state_endings.tokens);
    return (size_t)length < sizeof sockets->token_key ? sockets->token_key : NULL;
}

/* Reads the settings; their texts are not copied, but the path of the key's file may be made here. */
static bool read_settings(struct sockets *sockets, const struct getter *getter, char *why, size_t why_size)
{
    const char *listen = getter_get(getter, "listen"), *to = getter_get(getter, "switch");
    bool insecure;
    *sockets = (struct sockets){
        .server = {.address = !listen ? "127.0.0.1:0" : listen,
                   .port_file = getter_get(getter, "port_file"),
                   .users = getter_get(getter, "users"),
                   .tls = {.certificate = getter_get(getter, "certificate"),
                           .key = getter_get(getter, "key"),
                           .ca = getter_get(getter, "client_ca"),
                           .certificate_setting = "certificate",
                           .key_setting = "key",
                           .ca_setting = "client_ca"}},
        .link = {.address = !to ? "" : to,
                 .tls = {.certificate = getter_get(getter, "switch_certificate"),
                         .key = getter_get(getter, "switch_key"),
                         .ca = getter_get(getter, "switch_ca"),
                         .peer = getter_get(getter, "switch_name"),
                         .certificate_setting = "switch_certificate",
                         .key_setting = "switch_key",
                         .ca_setting = "switch_ca"}},
    };
    if (!plugin_says(getter, "insecure", "yes", "no", &insecure, why, why_size) ||
        !plugin_says(getter, "client_certificate", "required", "asked", &sockets->server.tls.required, why, why_size))
        return false;
    sockets->server.token_key = token_key(sockets, getter);
    sockets->server.insecure = sockets->link.insecure = insecure;
    return limits_read(&sockets->limits, getter->setting, getter->self, why, why_size);
}

static bool tserver_check(const char *(*setting)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct getter getter = {setting, self};
    struct sockets sockets;
    return read_settings(&sockets, &getter, why, why_size) && cti_server_check(&sockets.server, why, why_size) &&
           connection_check(&sockets.link, why, why_size);
}

static void tserver_look(const struct gcx_look *look)
{
    static const struct setting_row rows[] = {{.name = "switch", .kind = SETTING_IS_peer},
                                              {.name = "switch_certificate", .kind = SETTING_IS_certificate},
                                              {.name = "switch_ca", .kind = SETTING_IS_certificate},
                                              {.name = "switch_key", .kind = SETTING_IS_key},
                                              {.name = "users", .kind = SETTING_IS_again},
                                              {.name = "certificate", .kind = SETTING_IS_path},
                                              {.name = "key", .kind = SETTING_IS_key},
                                              {.name = "client_ca", .kind = SETTING_IS_path},
                                              {.name = "token_key", .kind = SETTING_IS_start}};
    struct getter getter = {look->setting, look->self};
    struct sockets sockets;
    char why[512], thing[512];
    if (!read_settings(&sockets, &getter, why, sizeof why)) return; /* check() has reported the mistake */
    cti_server_look(look, &sockets.server);
    look_settings(look, rows, sizeof rows / sizeof *rows);
    if (strcmp(sockets.link.address, sockets.server.address) == 0)
        look_tell(look, CHECK_switch_own, "switch", LOOK_WORDS(sockets.link.address));
    snprintf(thing, sizeof thing, "switch %s", sockets.link.address);
    look->takes(look->self, "switch", thing);
}

/* Opens the sockets, first the one for desktops. After a failure tserver_close() frees the parts that are open, of
 * which each may be NULL. */
static bool open_sockets(struct tserver *tserver, struct event_base *base, char *why, size_t why_size)
{
    struct link_settings of_link = {tserver->cti.link, tserver->cti.services};
    struct getter getter = {setting_of_link, &of_link};
    struct sockets sockets;
    if (!read_settings(&sockets, &getter, why, why_size)) return false;
    tserver->cti.limits = sockets.limits;
    tserver->server = server_new(&tserver->cti, &sockets.server, why, why_size);
    if (!tserver->server) return false;
    tserver->connection = switch_connection_new(tserver, base, &sockets.link, why, why_size);
    if (!tserver->connection) return false;
    struct timeval interval = {0, TICK_US};
    tserver->timer = event_new(base, -1, EV_PERSIST, tserver_on_timer, tserver);
    event_add(tserver->timer, &interval);
    return true;
}

static void *tserver_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base) {
        snprintf(why, why_size, "it needs an event loop for its sockets");
        return NULL;
    }
    struct tserver *tserver = memory_zeroed(1, sizeof *tserver);
    tserver_init(tserver, link, services, connection_send, connection_drop);
    if (!open_sockets(tserver, base, why, why_size)) {
        tserver_close(tserver);
        return NULL;
    }
    return tserver;
}

CTI_ENTRIES(tserver, tserver)

static const char *const settings[] = {"*switch",
                                       "switch_ca",
                                       "switch_name",
                                       "switch_certificate",
                                       "switch_key",
                                       "listen",
                                       "port_file",
                                       "certificate",
                                       "key",
                                       "client_ca",
                                       "client_certificate",
                                       "users",
                                       "token_key",
                                       "insecure",
                                       "defaults",
                                       "answer_timeout",
                                       "router_grace",
                                       "no_answer",
                                       "desktop_grace",
                                       "lag",
                                       "wrap_up",
                                       "name",
#define LIMIT(name, otherwise, lowest, highest, doc) #name,
#include "runtime/adapters/cti/limits.def"
                                       NULL};

extern const struct gcx_adapter gcx_adapter; /* what the plugin exports */

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "tserver",
    .media = media_of_voice,
    .caps = caps_of_tserver,
    .settings = settings,
    .open = tserver_open,
    .close = tserver_close,
    .perform = tserver_perform,
    .core_up = tserver_core_up,
    .committed = tserver_committed,
    .credit = tserver_credit,
    .check = tserver_check,
    .look = tserver_look,
};
