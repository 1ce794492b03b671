/* runtime/adapter/plugin.h - A running plugin: its struct gcx_adapter, its link to the core, and the services it may
 * call.
 *
 * `struct gcx_link` owns the adapter's end of the link and what the plugin's open() returned. The link has no socket:
 * the runner (a process, libevent) or a test (in memory) passes bytes to and from its client and tells the wall
 * clock. */
#pragma once

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/protocol.h"
#include "base/error.h"

/* Its surroundings. */
struct plugin_host {
    void *self;
    uint64_t (*now_us)(void *self); /* monotonic */
    uint64_t (*wall_us)(void *self);
    const char *(*setting)(void *self, const char *key);
    void (*log)(void *self, int level, uint64_t ixn, uint64_t conn, const char *text);
    void (*output)(void *self);                /* called when the client has bytes to send; may be NULL */
    void (*over)(void *self, const char *why); /* the connection has ended: close it, then link_client_lost() */
    /* The process must end: open() failed, or (`refused`) the core does not accept this adapter. */
    void (*failed)(void *self, bool refused, const char *why);
    struct event_base *base;
    bool elsewhere; /* the cores have several addresses (protocol.h) */
    /* called with the number of conversations that would end with the process; may be NULL */
    void (*held)(void *self, unsigned conversations);
    bool (*ends)(void *self); /* true: the process begins no new conversation; NULL: never */
};

/* True: the plugin has this version of the interface and all mandatory members. Must be checked before any other member
 * of the plugin is used. */
bool plugin_good(const struct gcx_adapter *, struct error *);

/* NULL: the plugin has another interface or a mandatory setting is missing. `name`: of the link; `instance`: a
 * number that differs for each start. Everything is borrowed. */
struct gcx_link *plugin_new(const struct gcx_adapter *, const char *name, uint64_t instance, struct span credential,
                            const struct plugin_host *, struct error *);
void plugin_free(struct gcx_link *); /* closes the plugin first */
struct link_client *plugin_client(struct gcx_link *);
