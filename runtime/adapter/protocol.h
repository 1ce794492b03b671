/* runtime/adapter/protocol.h - The adapter protocol: the two ends of a link as state machines over bytes.
 *
 * `struct link_client` is the adapter's end, `struct link_server` the core's. Neither end has a socket, a clock or a
 * thread: the owner passes in the received bytes, takes the bytes to send, and tells the time. So the daemon's loop,
 * the adapter's runner and tests in memory share them.
 *
 * The adapter's events are numbered and kept until the core has them durably; after a reconnect the uncommitted
 * events are sent again. The core's effects are numbered for each connection and not kept: the core decides by the
 * class of a lost effect what its loss means. If an end breaks the protocol, its link is closed, with a reason.
 *
 * Times are monotonic, in us. Callbacks are called from the functions here and must not free the link end that calls
 * them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

/* clang-format off */
/* Every queue between a switch and the journal: its bound in count and bytes, what happens beyond the bound, and a
 * test that reaches it.
 *
 *     | queue                         | bound                              | beyond                                        | test |
 *     |-------------------------------|------------------------------------|-----------------------------------------------|------|
 *     | switch link, out              | 100,000 open services, 64 MiB      | refused; a deaf switch is dropped after 15 s  | tests/unit/tserver_resync.c |
 *     | adapter: waiting for credit   | 65,536, 16 MiB                     | dropped, and told anew by a resync            | tests/unit/tserver_flows.c |
 *     | adapter: not committed        | LINK_UNCOMMITTED_COUNT, _MAX       | arrivals refused, states merged, then what was never sent forgotten, and a resync | tests/unit/adapter_protocol.c |
 *     | desktop, out                  | cti/limits.def                     | it is sent away                               | tests/unit/cti_wire.c |
 *     | link, adapter to core         | LINK_CREDIT_*, by class            | posted without credit: the link is closed     | tests/flows/link_lies.sh |
 *     | link, not durable yet         | LINK_OUTSTANDING_MAX, _BYTES       | the link is not read                          | tests/unit/adapter_protocol.c |
 *     | core's ring                   | 65,536, 64 MiB                     | links are not read                            | tests/unit/journal_partition.c |
 *     | host's and admin's backlog    | the queries under way, a directory | nobody else posts there                       | - |
 *     | batch; batches not durable    | 1,000, 256 KiB; 2                  | the ring fills                                | tests/unit/journal_partition.c |
 *     | living interactions           | `interactions`                     | arrivals refused at the switch                | tests/unit/daemon_intake.c |
 *     | what left (outbox)            | 64 MiB                             | no batch is made until it was taken           | tests/unit/daemon_engine.c |
 *     | link, effects without credit  | WAITING_COUNT_MAX, _BYTES_MAX      | the newest notice of an object stands for the older ones; then the link is ended | tests/unit/adapter_waiting.c |
 *     | link, not read by the adapter | 64 MiB                             | the link is ended                             | tests/flows/link_lies.sh |
 *     | queries of a source           | `waiting`, `waiting_bytes`         | the query fails as unavailable                | tests/unit/sources_sqlite.c |
 *     | admin client, out             | 64 MiB                             | it is let go                                  | - |
 *     | log                           | 2 buffers of 1 MiB                 | lines are counted instead                     | tests/unit/daemon_log.c |
 */
/* clang-format on */

enum {
    LINK_DEAD_US = 15000000, /* a link ends after so much silence; after a third of that time a Ping is sent */
    LINK_HELLO_US = 5000000, /* a link ends if its peer has not sent Hello or Welcome within this time */
    /* How many events of one link may be on their way to the journal. Arrivals: as many as come during a slow sync
     * at a good rate; the further a core is behind, the more arrivals it refuses. */
    LINK_CREDIT_CONTINUE = 8192,
    LINK_CREDIT_ARRIVE = 256,
    LINK_CREDIT_BYTES = 8 * 1024 * 1024,
    LINK_CREDIT_EFFECTS = 8192,
    LINK_DEBT_MAX = 65536, /* events beyond its credit that an adapter may bring from an earlier connection */
    LINK_OUTSTANDING_MAX =
        16384, /* events of all classes that are not durable yet: with more of them the link is not read */
    LINK_OUTSTANDING_BYTES = 16 * 1024 * 1024,
    LINK_UNCOMMITTED_MAX = 64 * 1024 * 1024, /* bytes of uncommitted events that an adapter keeps at most */
    LINK_UNCOMMITTED_COUNT = 1048576, /* number of uncommitted events kept at most: more than a site has calls, agents
                                       * and DNs */
    LINK_REPORT_US = 1000000,         /* time between two reports of what an adapter did without the core */
    LINK_ASIDE_US = 3000000,          /* time after which an adapter tries its other cores, if its core may not lead */
};

/* The core's end. One for each connection. */
struct link_server;
struct told;

struct link_welcome { /* the terms that Welcome tells the adapter; the owner's hello() fills them in */
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
    uint64_t born;     /* the number that the journal had before any restore */
    unsigned domain;   /* number of the core's selection domain */
};

/* The terms on which the core takes events at the moment. */
struct link_allowance {
    uint32_t arrivals;     /* how many more arrivals may get their credit back, until a new allowance */
    enum gate gate;        /* the gate for arrivals; it holds at once, whatever credit there is */
    uint64_t led_until_us; /* the time until which no other core leads; 0: no other core can ever lead */
    uint64_t now_us;       /* the present time, by the same monotonic clock as led_until_us */
};

struct link_counts {
    uint64_t events, effects; /* events taken, effects sent */
    uint64_t merged;          /* notices that newer notices about the same object replaced */
    uint32_t outstanding;     /* events not yet durable */
    int64_t credit_arrive,
        arrive_owed;               /* of arrivals: the credit that the adapter has, and the credit not yet given back */
    size_t waiting, waiting_bytes; /* effects without credit */
    uint64_t refused,
        defaulted; /* reported by the adapter: arrivals refused without credit; calls routed by its default lists */
    uint64_t uncommitted,
        forgotten; /* reported by the adapter: bytes of events that it keeps; events that it had to forget */
};

struct link_server_calls {
    void *self;
    /* Called when the peer has sent Hello: decides whether it is let in, and fills in the terms of link_welcome.
     * False: the adapter is refused, with the reason in `*why` and a sentence in `error`. */
    bool (*hello)(void *self, const struct message *hello, struct link_welcome *, enum refusal *why,
                  struct error *error);
    /* The handshake is over; link_server_up_event() has the LinkUp to be posted before anything else. */
    void (*up)(void *self);
    /* Takes an event; its frame, source and number have been checked. False: there is no room now; the event is
     * offered again after link_server_resume(), and nothing is read meanwhile. */
    bool (*event)(void *self, const struct message *event);
    /* The link is over: called once, whatever the reason, and no other callback comes after it. Not called by
     * link_server_free(). */
    void (*down)(void *self, enum down_reason, const char *why);
    /* Appends the answer to the adapter's Read to the writer. If this pointer is NULL, every answer is empty. */
    void (*read)(void *self, const struct message *read, struct kv *value);
};

struct link_server *link_server_new(const struct link_server_calls *, uint64_t now_us);
void link_server_free(struct link_server *);

/* Takes bytes that came from the adapter. False: the link is over; the caller may still send what
 * link_server_output() has, and then closes. */
bool link_server_feed(struct link_server *, const void *bytes, size_t length, uint64_t now_us);
/* Return the bytes to be sent, and note that the first `length` of them were sent. */
struct span link_server_output(const struct link_server *);
void link_server_sent(struct link_server *, size_t length);
/* Sends what is due, and ends the link of a silent peer; to be called about every second. False: the link is over. */
bool link_server_tick(struct link_server *, uint64_t now_us);
/* Offers the event again that the owner had no room for, and goes on reading. False: the link is over. */
bool link_server_resume(struct link_server *, uint64_t now_us);
/* true: an event waits for room, and the owner must not read more */
bool link_server_blocked(const struct link_server *);
/* The time when the event just handed on happened, by the owner's clock; 0: the adapter does not tell it. */
uint64_t link_server_moment(const struct link_server *);

/* Sends an effect to the adapter, and sets its number. The effect is dropped if the link is not up. */
void link_server_effect(struct link_server *, struct span frame);
/* The adapter's events up to `seq` are durable: tells the adapter so, and gives their credit back, as far as the
 * allowance permits. If the link was held back because too many of its events were on their way, the caller also
 * calls link_server_resume(). */
void link_server_committed(struct link_server *, uint64_t seq);
/* Sets the allowance: from now on only so much credit is given back; without a call, all. Returns how many arrivals
 * got credit since the last call, including those of Welcome. */
uint32_t link_server_allow(struct link_server *, const struct link_allowance *);
void link_server_counts(const struct link_server *, struct link_counts *);
const struct told *
link_server_told(const struct link_server *); /* what the adapter has reported; the `since` times are monotonic */
/* Ends the link on purpose, with a Bye to the adapter. `down` is called. */
void link_server_close(struct link_server *, enum down_reason);
/* Notes that the transport has ended: the link is over. Calls `down` unless it was called before. */
void link_server_lost(struct link_server *, const char *why);

/* Writes the event LinkUp of this connection, with the host as its source. */
struct span link_server_up_event(const struct link_server *, struct writer *);

/* The adapter's end. An adapter's process has one struct link_client for its whole life, while connections come and
 * go. */
struct link_client;

struct link_client_options {
    const char *name;
    uint64_t instance;       /* a number that differs for each start of the process */
    const unsigned *media;   /* values of enum media; media_none ends the list */
    const char *const *caps; /* words of the adapter's abilities, with a NULL at the end; the pointer may be NULL */
    uint64_t version;        /* version of the plugin */
    struct span credential;
    bool elsewhere; /* cores at several addresses are configured: if one may not lead, the next is tried */
};

struct link_client_calls {
    void *self;
    void (*up)(void *self);
    void (*down)(void *self, enum down_reason, const char *why);
    void (*refused)(void *self, enum refusal, struct span text); /* before `down` */
    /* takes an effect, or the ReadReply to a link_client_read() */
    void (*effect)(void *self, const struct message *effect);
    void (*committed)(void *self, uint64_t posted); /* `posted`: how many of the successful posts are durable */
    void (*credit)(void *self);                     /* credit has come back after a refused post */
    /* May the link go on with a core that has another journal than the last core? Called before `up`. False, or no
     * such function: that core is refused. */
    bool (*another)(void *self);
    /* Returns the owner's clock, by which each posted event gets its time. NULL: the core is not told the age of
     * events that could not be sent at once. */
    uint64_t (*now_us)(void *self);
};

/* The options' texts and lists are borrowed while the client lives. */
struct link_client *link_client_new(const struct link_client_options *, const struct link_client_calls *);
void link_client_free(struct link_client *);

void link_client_connected(struct link_client *, uint64_t now_us); /* the transport is connected: sends Hello */
void link_client_lost(struct link_client *,
                      const char *why); /* the transport is gone: calls `down` unless it was called before */
bool link_client_feed(struct link_client *, const void *bytes, size_t length, uint64_t now_us);
struct span link_client_output(const struct link_client *);
void link_client_sent(struct link_client *, size_t length);
bool link_client_tick(struct link_client *, uint64_t now_us);
uint64_t link_client_due(const struct link_client *);
void link_client_close(struct link_client *, enum down_reason); /* Bye */

/* Posts an event; source and number are set here. The event is kept until it is committed, also while the link is
 * down. False if the event's class has no credit or too much is uncommitted: the switch's default then handles an
 * arrival. Relief is kept as long as there is room; then a state replaces an older one of the same object, and if
 * none can be replaced, the unsent events are forgotten: the resync after every connection tells the state again.
 * `counted`: the event counts in the number that `committed` gets. */
bool link_client_post(struct link_client *, struct span frame, bool counted);
/* True: the event is one that a link may take: well-formed, its texts UTF-8, not too large, and of a kind that
 * adapters post. The core would close the link on any other event, so link_client_post() always refuses it. False
 * with the reason; `message` is filled as far as the event could be read. */
bool link_client_takes(struct span frame, struct message *message, struct error *);
/* Sends `read`, a frame of the kind Read, to the core. False: the core is not connected. A Read that was sent before
 * the link went down gets no answer. */
bool link_client_read(struct link_client *, struct span read);
/* Sets whether the adapter is late with its own work: while it is, arrivals are refused. */
void link_client_busy(struct link_client *, bool busy);
/* Counts a call that the adapter has routed by its default lists; the core is told the total. */
void link_client_defaulted(struct link_client *);
/* Report a neighbour, or a figure, to the core (told.h): changes are sent at most once a second, or with the next
 * connection. link_client_neighbour() is true if the neighbour has gone or come back. */
bool link_client_neighbour(struct link_client *, const char *name, bool up, const char *why);
void link_client_figure(struct link_client *, const char *name, int64_t value);
void link_client_count(struct link_client *, const char *name, int64_t more);
bool link_client_is_up(const struct link_client *);
/* True: another core may lead by now, since the lease of this one is over, or was over when the link went down. */
bool link_client_is_aside(const struct link_client *, uint64_t now_us);
unsigned link_client_link(const struct link_client *); /* returns the link's number; 0 before the first Welcome */
/* the last ConnID of this link that the core had seen, as Welcome tells */
uint64_t link_client_last_conn(const struct link_client *);
uint64_t link_client_journal(const struct link_client *);
unsigned link_client_domain(const struct link_client *);
size_t link_client_uncommitted(const struct link_client *); /* bytes */
