/* runtime/adapter/protocol.h - The adapter protocol: the two ends of a link as state machines over bytes.
 *
 * `struct link_client` is the adapter's end, `struct link_server` the core's. Neither knows a socket, a clock or a
 * thread: the owner feeds what came in, takes what shall go out, and says what time it is. So the daemon's loop, the
 * adapter's runner and tests in memory share them.
 *
 * The adapter's events are numbered and kept until the core has them durably; after a reconnect what is not committed
 * is sent again. The core's effects are numbered for each connection and not kept: what a lost one means is decided by
 * the core, by the effect's class. An end that breaks the protocol loses the link, with a reason.
 *
 * Times are monotonic, in us. Callbacks come from within the functions here and must not free the end they are of. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

/* clang-format off */
/* Every queue between a switch and the journal: its bound in count and bytes, what happens there, a test that meets it.
 *
 * | queue                         | bound                              | beyond                                        | test |
 * |-------------------------------|------------------------------------|-----------------------------------------------|------|
 * | switch link, out              | 100,000 open services, 64 MiB      | refused; a deaf switch is dropped after 15 s  | tests/unit/tserver_resync.c |
 * | adapter: waiting for credit   | 65,536, 16 MiB                     | dropped, and told anew by a resync            | tests/unit/tserver_flows.c |
 * | adapter: not committed        | LINK_UNCOMMITTED_COUNT, _MAX       | arrivals refused, states merged, then what was never sent forgotten, and a resync | tests/unit/adapter_protocol.c |
 * | desktop, out                  | cti/limits.def                     | it is sent away                               | tests/unit/cti_wire.c |
 * | link, adapter to core         | LINK_CREDIT_*, by class            | posted without credit: the link is closed     | tests/flows/link_lies.sh |
 * | link, not durable yet         | LINK_OUTSTANDING_MAX, _BYTES       | the link is not read                          | tests/unit/adapter_protocol.c |
 * | core's ring                   | 65,536, 64 MiB                     | links are not read                            | tests/unit/journal_partition.c |
 * | host's and admin's backlog    | the queries under way, a directory | nobody else posts there                       | - |
 * | batch; batches not durable    | 1,000, 256 KiB; 2                  | the ring fills                                | tests/unit/journal_partition.c |
 * | living interactions           | `interactions`                     | arrivals refused at the switch                | tests/unit/daemon_intake.c |
 * | what left (outbox)            | 64 MiB                             | no batch is made until it was taken           | tests/unit/daemon_engine.c |
 * | link, effects without credit  | WAITING_COUNT_MAX, _BYTES_MAX      | the newest notice of an object stands for the older ones; then the link is ended | tests/unit/adapter_waiting.c |
 * | link, not read by the adapter | 64 MiB                             | the link is ended                             | tests/flows/link_lies.sh |
 * | queries of a source           | `waiting`, `waiting_bytes`         | the query fails as unavailable                | tests/unit/sources_sqlite.c |
 * | admin client, out             | 64 MiB                             | it is let go                                  | - |
 * | log                           | 2 buffers of 1 MiB                 | lines are counted instead                     | tests/unit/daemon_log.c |
 */
/* clang-format on */

enum {
    LINK_DEAD_US = 15000000, /* a link ends after so much silence; after a third of it, a Ping goes out */
    LINK_HELLO_US = 5000000, /* a link ends whose peer has not sent Hello or Welcome by then */
    /* Events that may be on their way to the journal, of one link. Arrivals: as many as come in the time of a slow sync
     * at a good rate; a core that falls behind refuses the more of them the further it does. */
    LINK_CREDIT_CONTINUE = 8192,
    LINK_CREDIT_ARRIVE = 256,
    LINK_CREDIT_BYTES = 8 * 1024 * 1024,
    LINK_CREDIT_EFFECTS = 8192,
    LINK_DEBT_MAX = 65536, /* events beyond its credit that an adapter may bring along from an earlier connection */
    LINK_OUTSTANDING_MAX =
        16384, /* events of all classes that are not durable yet: with more of them the link is not read */
    LINK_OUTSTANDING_BYTES = 16 * 1024 * 1024,
    LINK_UNCOMMITTED_MAX = 64 * 1024 * 1024, /* bytes of uncommitted events that an adapter keeps at most */
    LINK_UNCOMMITTED_COUNT =
        1048576,              /* uncommitted events that it keeps at most: more than a site has calls, agents and DNs */
    LINK_REPORT_US = 1000000, /* time between two reports of what an adapter did without the core */
    LINK_ASIDE_US = 3000000,  /* time after which an adapter tries its other cores, if its own may not lead */
};

/* The core's end. One for each connection. */
struct link_server;
struct told;

struct link_welcome { /* what Welcome tells the adapter; filled in by the owner's hello() */
    unsigned link;    /* SOURCE_LINKS or above */
    uint64_t epoch;
    uint64_t last_seq;  /* the last number of this source's events that is durable */
    uint64_t last_conn; /* the last ConnID of this link that the core has seen */
    uint32_t arrivals;  /* arrivals that may be under way at once; 0: LINK_CREDIT_ARRIVE */
    uint64_t silent_us; /* silence after which the link ends; 0: LINK_DEAD_US */
    uint64_t grace_us;  /* for LinkUp: how long a loss of the link counts as short; 0: the usual time */
    uint64_t resync_us;
    uint64_t audit_us; /* for LinkUp: time between two audits; 0: no audits */
    uint64_t journal;  /* the number that the core's journal has from its birth */
    uint64_t born;     /* the journal's number before any restore */
    unsigned domain;   /* number of the core's selection domain */
};

/* How many events the core lets in now. */
struct link_allowance {
    uint32_t arrivals;     /* arrivals whose credit may still be given back; then none until more is allowed */
    enum gate gate;        /* the gate for arrivals, which holds at once, whatever credit there is */
    uint64_t led_until_us; /* until then no other core leads; 0: no other core ever can */
    uint64_t now_us;       /* the time now, by the same monotonic clock as led_until_us */
};

struct link_counts {
    uint64_t events, effects; /* events taken, effects sent */
    uint64_t merged;          /* notices that were replaced by newer ones of their object */
    uint32_t outstanding;     /* events not yet durable */
    int64_t credit_arrive,
        arrive_owed; /* arrivals: the credit that the adapter has; the credit that is not given back yet */
    size_t waiting, waiting_bytes; /* effects without credit */
    uint64_t refused,
        defaulted; /* as the adapter reports: arrivals refused without credit; calls routed by its default lists */
    uint64_t uncommitted,
        forgotten; /* as the adapter reports: bytes of events that it keeps; events that it had to forget */
};

struct link_server_calls {
    void *self;
    /* The peer has sent Hello: is it let in, with the terms in link_welcome? False: it is refused, with the reason in
     * `*why` and a sentence in `error`. */
    bool (*hello)(void *self, const struct message *hello, struct link_welcome *, enum refusal *why,
                  struct error *error);
    /* The handshake is over; link_server_up_event() has the LinkUp to be posted before anything else. */
    void (*up)(void *self);
    /* Takes an event, whose frame, source and number were checked. False: there is no room now; the event is offered
     * again after link_server_resume(), and nothing is read meanwhile. */
    bool (*event)(void *self, const struct message *event);
    /* The link is over: called once, whatever the reason, and no other callback comes after it. Not called by
     * link_server_free(). */
    void (*down)(void *self, enum down_reason, const char *why);
    /* Appends the answer to the adapter's Read. If the pointer is NULL, every answer is empty. */
    void (*read)(void *self, const struct message *read, struct kv *value);
};

struct link_server *link_server_new(const struct link_server_calls *, uint64_t now_us);
void link_server_free(struct link_server *);

/* Takes bytes that came in. False: the link is over; what link_server_output() has may still be sent, then close. */
bool link_server_feed(struct link_server *, const void *bytes, size_t length, uint64_t now_us);
/* The bytes to be sent, and a report that so many of them were. */
struct span link_server_output(const struct link_server *);
void link_server_sent(struct link_server *, size_t length);
/* Sends what is due, and ends a silent link; to be called every second or so. False: the link is over. */
bool link_server_tick(struct link_server *, uint64_t now_us);
/* Offers the event again for which there was no room, and goes on reading. False: the link is over. */
bool link_server_resume(struct link_server *, uint64_t now_us);
bool link_server_blocked(const struct link_server *); /* an event waits: read no more */
/* The moment when the event happened that is being handed on, by the owner's clock; 0: the adapter does not say it. */
uint64_t link_server_moment(const struct link_server *);

/* Sends an effect to the adapter, and sets its number. Drops it if the link is not up. */
void link_server_effect(struct link_server *, struct span frame);
/* The adapter's events up to `seq` are durable: it is told, and has its credit back, as far as that is allowed. Where
 * the link was held back for what it had on its way, link_server_resume() goes on. */
void link_server_committed(struct link_server *, uint64_t seq);
/* From now on only so much credit is given back; without a call, all. Returns how many arrivals were paid since the
 * last call: Welcome's are among them. */
uint32_t link_server_allow(struct link_server *, const struct link_allowance *);
void link_server_counts(const struct link_server *, struct link_counts *);
const struct told *
link_server_told(const struct link_server *); /* what the adapter has reported; its times `since` are monotonic */
/* Ends the link on purpose: Bye goes out. `down` is called. */
void link_server_close(struct link_server *, enum down_reason);
/* Ends the link, as the transport has ended. Calls `down` unless it was called before. */
void link_server_lost(struct link_server *, const char *why);

/* Writes the event LinkUp of this connection, whose source is the host. */
struct span link_server_up_event(const struct link_server *, struct writer *);

/* The adapter's end. One for the life of the process; connections come and go. */
struct link_client;

struct link_client_options {
    const char *name;
    uint64_t instance;       /* a number that differs for each start of the process */
    const unsigned *media;   /* values of enum media; media_none ends the list */
    const char *const *caps; /* NULL at the end; may be NULL */
    uint64_t version;        /* version of the plugin */
    struct span credential;
    bool elsewhere; /* several addresses are configured: if a core may not lead, the next address is tried */
};

struct link_client_calls {
    void *self;
    void (*up)(void *self);
    void (*down)(void *self, enum down_reason, const char *why);
    void (*refused)(void *self, enum refusal, struct span text); /* before `down` */
    void (*effect)(void *self, const struct message *effect); /* an effect, or the ReadReply to a link_client_read() */
    void (*committed)(void *self, uint64_t posted); /* `posted`: how many of the successful posts are durable */
    void (*credit)(void *self);                     /* credit has come back after a post was refused */
    /* May the link go on with a core whose journal is not the last core's? Called before `up`. False, or no such
     * function: that core is refused. */
    bool (*another)(void *self);
    /* Returns the owner's clock, by which each posted event gets its time. NULL: the core is not told the age of events
     * that could not be sent at once. */
    uint64_t (*now_us)(void *self);
};

/* Options are borrowed while the client lives. */
struct link_client *link_client_new(const struct link_client_options *, const struct link_client_calls *);
void link_client_free(struct link_client *);

void link_client_connected(struct link_client *, uint64_t now_us); /* the transport is there: sends Hello */
void link_client_lost(struct link_client *,
                      const char *why); /* the transport is gone: calls `down` unless it was called before */
bool link_client_feed(struct link_client *, const void *bytes, size_t length, uint64_t now_us);
struct span link_client_output(const struct link_client *);
void link_client_sent(struct link_client *, size_t length);
bool link_client_tick(struct link_client *, uint64_t now_us);
uint64_t link_client_due(const struct link_client *);
void link_client_close(struct link_client *, enum down_reason); /* Bye */

/* Posts an event; source and number are set here. Kept until committed, also while the link is down. False where its
 * class has no credit or too much is uncommitted: an arrival is then defaulted at the switch. Relief is kept as long as
 * there is room; then a state replaces an older one of the same object, and where none can, what was never sent is
 * forgotten: the resync that follows every connection says what is there. `counted`: it counts in `committed`. */
bool link_client_post(struct link_client *, struct span frame, bool counted);
/* Is it an event that a link may take: well-formed, its texts UTF-8, not too large, and an adapter's to post? For what
 * is not the core would close the link, so link_client_post() refuses it, whenever it is tried. False with the reason;
 * `message` is as far as it could be read. */
bool link_client_takes(struct span frame, struct message *message, struct error *);
/* Sends `read`, a frame of the kind Read, to the core. False: the core is not there. A Read that was sent before the
 * link went down gets no answer. */
bool link_client_read(struct link_client *, struct span read);
/* Sets whether the adapter itself is behind: while it is, arrivals are refused. */
void link_client_busy(struct link_client *, bool busy);
/* Counts a call that the adapter has routed by its default lists; the core is told the sum. */
void link_client_defaulted(struct link_client *);
/* Report a neighbour, or a figure, to the core (told.h): changes go out once a second at most, or with the next
 * connection. link_client_neighbour() is true if the neighbour has gone or come back. */
bool link_client_neighbour(struct link_client *, const char *name, bool up, const char *why);
void link_client_figure(struct link_client *, const char *name, int64_t value);
void link_client_count(struct link_client *, const char *name, int64_t more);
bool link_client_is_up(const struct link_client *);
/* May another core lead by now, as the lease of this one is over, or was when the link went down? */
bool link_client_is_aside(const struct link_client *, uint64_t now_us);
unsigned link_client_link(const struct link_client *);      /* 0 before the first Welcome */
uint64_t link_client_last_conn(const struct link_client *); /* the last ConnID that the core has seen, by Welcome */
uint64_t link_client_journal(const struct link_client *);
unsigned link_client_domain(const struct link_client *);
size_t link_client_uncommitted(const struct link_client *); /* bytes */
