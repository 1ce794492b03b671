/* runtime/daemon/links/links_state.h - Shared by links.c, link_names.c, link_connection.c and link_removed.c; no other
 * file includes it.
 *
 * Invariants: `name.connection` is up, and its `name` points back; no name refers to a connection with `over_us`,
 * which is freed when its last bytes are sent. */
#pragma once

#include <event2/event.h>
#include <event2/listener.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapter/told.h"
#include "runtime/daemon/links/links.h"
#include "runtime/daemon/links/remote.h"

struct name { /* a name that the configuration has, or had once */
    char *text;
    unsigned link; /* the name's number; 0: it has none yet, or has lost it */
    bool configured;
    struct connection *connection; /* the connection of this name that is up, or NULL */
    uint64_t since_us;
    uint64_t changed_us; /* when the name's connection last came or went, monotonic; before that, when it was added */
    bool expected;       /* there is no connection: it was lost, and the adapter may have kept events */
    uint64_t committed;  /* number of the adapter's last event that is durable */
    uint64_t taken;      /* number of the adapter's last event that was put into the core's queue */
    uint64_t began;      /* number of the adapter's last event from before the process that was greeted last */
    uint64_t instance;   /* the process that was greeted last; 0: none */
    unsigned breaches;   /* recent breaches of the protocol */
    uint64_t breach_us;  /* when the last breach was, monotonic */
    struct link_counts counts;
    struct told told; /* neighbours and figures that the last connection has reported */
    struct {          /* what is left of an adapter that the configuration no longer has */
        uint32_t interactions, claims;
        bool able; /* the core still relies on the adapter's abilities */
        bool down; /* its grace is over */
        bool told; /* the log has a line with what the adapter had */
        bool over; /* the core has nothing of the adapter any more */
    } removed;
};

struct connection {
    struct connection *next;
    struct daemon_links *links;
    struct bufferevent *stream;
    struct link_server *server;
    struct event *late;      /* timer: sends the news gathered for this connection */
    uint64_t awaited_seq;    /* the last event that the adapter waits to be durable; 0: none */
    struct name *name;       /* set by Hello */
    uint64_t instance;       /* number of the adapter's process, set by Hello */
    struct tls_names *shown; /* names in a remote adapter's certificate; NULL: it runs on this machine */
    uint64_t over_us;        /* since when the connection is over, and to be freed after its last bytes; 0: not over */
};

struct daemon_links {
    struct links_options options;
    struct evconnlistener *listener;
    struct remote *remote; /* NULL: no adapters of other machines are configured */
    struct event *tick;
    unsigned ticks;
    struct intake *intake;
    enum gate told; /* the gate that the core was last told */
    struct connection *connections;
    unsigned count;
    struct name *names;
    size_t name_count;
    char *file;
    bool mended; /* names were added or changed and are not in `file` yet */
};

/* link_names.c */
struct name *name_find(struct daemon_links *, struct span text);
struct name *name_of_link(struct daemon_links *, unsigned link);
/* Collects the names of the configuration and of the state folder; the number of a new name is durable before its
 * first event. */
bool names_open(struct daemon_links *, struct error *);
/* Gives the name a number, durably, unless it already has one. False with the reason. */
bool name_number(struct daemon_links *, struct name *, struct error *);
/* How long the adapter is still kept out for its breaches: as long as a process would wait that has ended so often. */
uint64_t name_barred_for(const struct name *, const struct conf_adapter *, uint64_t now_us);
void name_breach(struct name *, uint64_t now_us);
/* link_connection.c */
struct connection *connection_new(struct daemon_links *, struct bufferevent *);
void connection_free(struct connection *);
/* Sends the bytes that the protocol has, and ends a connection that is over. The connection must not be used
 * afterwards. */
void connection_flush(struct connection *, bool alive);
void connection_read(struct bufferevent *, void *self);
/* Tells the adapter that its events up to `seq` are durable: at once, or together with what is sent soon. */
void connection_committed(struct connection *, uint64_t seq);
/* link_removed.c */
/* Once a second. */
void removed_tick(struct daemon_links *);
/* link_allowance.c */
enum gate links_gate(const struct daemon_links *); /* returns the classes of events that are accepted */
/* How many arrivals a link may bring now, if `sharing` links share them; and which classes of events are taken. */
struct link_allowance links_allowance(const struct daemon_links *, uint32_t sharing);
