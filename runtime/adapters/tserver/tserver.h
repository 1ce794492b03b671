/* runtime/adapters/tserver/tserver.h - The T-Server: the call model, joined to a switch that speaks JSON lines.
 *
 * plugin.c has what the plugin exports, connection.c the socket to the switch, services.c the requests to the
 * switch, events.c the switch's events. */
#pragma once

#include "runtime/adapters/cti/cti.h"
#include "runtime/adapters/cti/server.h"
#include "runtime/adapters/tserver/swlink.h"

struct connection;

enum {
    ENDED_CALLS = 256,
    ENDED_US = 2000000,
    COMPLAINTS = 256,   /* size of the table that counts odd lines for each call */
    COMPLAINTS_MAX = 5, /* log lines for one of these calls within COMPLAINTS_US */
    COMPLAINTS_US = 10000000,
};

struct ended_call {
    uint64_t id_hash;
    int64_t at_us; /* 0: none */
};

/* Hashes of the calls that ended last. */
struct ended_calls {
    struct ended_call all[ENDED_CALLS];
    unsigned next;
};

/* Counts complaints about the switch's lines, so that they do not fill the log: a table by the hash of the line's
 * CallID, or by the kind of a line without a call. Calls that share an entry of the table share its number of log
 * lines: if each of two began it anew, both would log without end. */
struct complaint {
    int64_t since_us;
    unsigned count, untold; /* number of all complaints, and of those that were not logged */
    char id[NAME_SIZE];     /* CallID of the last complaint that was not logged */
};

struct tserver {
    struct cti cti;
    struct swlink link;            /* the protocol */
    struct connection *connection; /* the link's socket; NULL in a test that replaces the switch */
    struct server *server;
    struct event *timer;
    int64_t lag_us; /* lag of the switch at which new calls are refused */
    bool behind;
    struct ended_calls ended;
    struct complaint complaints[COMPLAINTS];
    unsigned muted; /* entries of `complaints` with complaints that were not logged */
};

extern const struct cti_switch tserver_services;

/* Functions that the link calls, except `send` and `drop`, which belong to the socket. */
void tserver_event(void *self, const char *name, const json_t *event);
void tserver_odd(void *self, const char *call_id, const char *what);
void tserver_odd_tick(struct tserver *); /* logs the number of complaints that were counted but not logged */
void tserver_refused(void *self, const struct service *, enum code, const char *text);
void tserver_snapshot(void *self, bool begins);

/* Sets up the model and the link; `send` and `drop` are functions of the socket, which get the tserver. */
void tserver_init(struct tserver *, struct gcx_link *, const struct gcx_services *,
                  void (*send)(void *, const char *, size_t), void (*drop)(void *, const char *));
void tserver_free(struct tserver *);
void tserver_tick(struct tserver *);
/* Called by the socket: it is connected, bytes have come, it is lost. */
void tserver_connected(struct tserver *);
void tserver_feed(struct tserver *, const char *bytes, size_t length);
void tserver_lost(struct tserver *);

struct switch_settings {
    const char *address;     /* "host:port" */
    struct tls_settings tls; /* without a `ca` the link is not encrypted */
    bool insecure;           /* plain text is allowed even to another machine */
};

/* connection.c: connects again and again, until it is freed; the settings are not copied. NULL with the reason. */
struct connection *switch_connection_new(struct tserver *, struct event_base *, const struct switch_settings *,
                                         char *why, size_t why_size);
bool connection_check(const struct switch_settings *, char *why, size_t why_size);
void switch_connection_free(struct connection *);
void connection_send(void *connection, const char *bytes, size_t length);
void connection_drop(void *connection, const char *why);
