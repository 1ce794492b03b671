/* runtime/adapters/tserver/tserver.h - The T-Server: the call model, joined to a switch that speaks JSON lines.
 *
 * plugin.c is what the plugin exports, connection.c its socket to the switch, services.c what it asks of the switch,
 * events.c what the switch tells it. */
#pragma once

#include "runtime/adapters/cti/cti.h"
#include "runtime/adapters/cti/server.h"
#include "runtime/adapters/tserver/swlink.h"

struct connection;

enum {
    ENDED_CALLS = 256,
    ENDED_US = 2000000,
    COMPLAINTS = 256,   /* calls whose oddities are counted */
    COMPLAINTS_MAX = 5, /* lines of the log for one of them in COMPLAINTS_US */
    COMPLAINTS_US = 10000000,
};

struct ended_call {
    uint64_t id_hash;
    int64_t at_us; /* 0: none */
};

/* The calls that ended last. */
struct ended_calls {
    struct ended_call all[ENDED_CALLS];
    unsigned next;
};

/* Counts the complaints about lines of the switch, so that the log is not filled: a table by the hash of the line's
 * CallID, or by the kind of a line without a call. Calls of one place in the table share its allowance of log lines: if
 * each began it anew, two of them would log without an end. */
struct complaint {
    int64_t since_us;
    unsigned count, untold; /* all, and those that the log was not told of */
    char id[NAME_SIZE];     /* CallID of the last untold complaint */
};

struct tserver {
    struct cti cti;
    struct swlink link;            /* the protocol */
    struct connection *connection; /* its socket; NULL where a test is the other end */
    struct server *server;
    struct event *timer;
    int64_t lag_us; /* lag behind the switch from which on arrivals are refused */
    bool behind;
    struct ended_calls ended;
    struct complaint complaints[COMPLAINTS];
    unsigned muted; /* rows of `complaints` with complaints that the log was not told of */
};

extern const struct cti_switch tserver_services;

/* The link's callbacks, but send and drop, which are the transport's. */
void tserver_event(void *self, const char *name, const json_t *event);
void tserver_odd(void *self, const char *call_id, const char *what);
void tserver_odd_tick(struct tserver *); /* tells how much the log was not told of */
void tserver_refused(void *self, const struct service *, enum code, const char *text);
void tserver_snapshot(void *self, bool begins);

/* Sets up the model and the link; `send` and `drop` are the transport's, and get the tserver. */
void tserver_init(struct tserver *, struct gcx_link *, const struct gcx_services *,
                  void (*send)(void *, const char *, size_t), void (*drop)(void *, const char *));
void tserver_free(struct tserver *);
void tserver_tick(struct tserver *);
/* The transport: bytes of the switch, its loss. */
void tserver_connected(struct tserver *);
void tserver_feed(struct tserver *, const char *bytes, size_t length);
void tserver_lost(struct tserver *);

struct switch_settings {
    const char *address;     /* "host:port" */
    struct tls_settings tls; /* without a ca: in plain text */
    bool insecure;           /* plain text also to another machine */
};

/* connection.c: connects again and again, until it is freed; settings are borrowed. NULL with the reason. */
struct connection *switch_connection_new(struct tserver *, struct event_base *, const struct switch_settings *,
                                         char *why, size_t why_size);
bool connection_check(const struct switch_settings *, char *why, size_t why_size);
void switch_connection_free(struct connection *);
void connection_send(void *connection, const char *bytes, size_t length);
void connection_drop(void *connection, const char *why);
