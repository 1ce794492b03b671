/* gcx_adapter.h - Writing an adapter: a plugin that joins a switch, a mail server, a chat to gcx.
 *
 * A plugin is a shared object that exports one `const struct gcx_adapter gcx_adapter`. `gcxvm --adapter X.so` runs it
 * in a process of its own; tests run it in memory. It posts events and performs effects, both as frames of the
 * vocabulary (message.h reads and writes them). Single-threaded: every call comes from the loop.
 *
 * The library numbers the events, keeps those not yet committed, spends credits, connects again, and runs the
 * handshake; the plugin answers Resync with what is there. */
#ifndef GCX_ADAPTER_H
#define GCX_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base; /* of libevent */
struct message;
struct span;
struct gcx_link;

enum { GCX_ADAPTER_INTERFACE = 2 };
#define GCX_OWN_FILES "gcx.own_files" /* this setting and the next belong to the library, not to a plugin */
#define GCX_NAME      "gcx.name"
/* The prefix of the key of a setting that gcxvm gives to all adapters: the setting holds if the adapter's own section
 * does not have it. */
#define GCX_OF_ALL "gcx.all."
/* A setting that gcxvm gives to all adapters: how the site calls its own media, "parcel=1,photo=3", where 1 is own1. */
#define GCX_OWN_MEDIA "own_media"
enum { GCX_LOG_DEBUG, GCX_LOG_INFO, GCX_LOG_WARNING, GCX_LOG_ERROR };

/* The functions of the library that a plugin may call. */
struct gcx_services {
    /* Posts an event frame (source and seq are set by the library). While the core is away it is kept. False where
     * there is no credit for its class or too much is uncommitted: an arrival is then defaulted at the switch, a
     * `continue` is posted again on `credit`. Relief needs no credit: where it is refused, more is uncommitted than the
     * library may keep, and the resync that the core asks for next tells what it said. False also, with a line in
     * the log, of what no core would take from an adapter: a frame that is malformed or too large, a text that is not
     * UTF-8, an event that is not an adapter's. Posting it again is in vain. */
    bool (*post)(struct gcx_link *, struct span frame);
    bool (*up)(const struct gcx_link *);       /* is the core there, and no other one may lead? */
    unsigned (*link)(const struct gcx_link *); /* number of this link: the high part of ConnIDs */
    uint64_t (*new_conn)(struct gcx_link *);   /* a ConnID never used before */
    /* now_us: the monotonic clock, for timers. wall_us: the wall clock, which may jump, for records. */
    uint64_t (*now_us)(const struct gcx_link *);
    uint64_t (*wall_us)(const struct gcx_link *);
    struct event_base *(*base)(struct gcx_link *); /* the loop; NULL in memory */
    /* A value of the configuration file; NULL: not set. GCX_OWN_FILES: how the paths begin of the files that an adapter
     * may keep from process to process; NULL: gcxvm has not started it. GCX_NAME: how the configuration calls the
     * adapter. */
    const char *(*setting)(const struct gcx_link *, const char *key);
    void (*log)(struct gcx_link *, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
        __attribute__((format(printf, 5, 6)));
    /* Posts PeerLink: the plugin's peer, such as the switch, is there or gone. */
    void (*peer)(struct gcx_link *, const char *name, bool up);
    /* Sets whether the plugin is behind with what its peer says: while it is, arrivals are refused as if there were no
     * credit. */
    void (*busy)(struct gcx_link *, bool busy);
    /* Counts a call that the plugin has routed by its own default lists, for the core's figures. */
    void (*defaulted)(struct gcx_link *);
    /* Sends a frame of the kind Read (controls.def), a question to the core outside of the journal. perform() gets its
     * ReadReply, with the same token. False: the core is not there, or the frame is of another kind. A question from
     * before core_up(false) gets no answer. */
    bool (*read)(struct gcx_link *, struct span read);
    /* The number that the core's journal has from its birth: a core with another number knows nothing of what was
     * before, and counts its refs from 1 again. The number changes with core_up() only, and only for a plugin that
     * holds conversations. 0: the core does not say it. */
    uint64_t (*journal)(const struct gcx_link *);
    /* Reports that a neighbour of the plugin, such as a database or a mail server, is there or away, and why. The first
     * time that it is away, and each time that it goes or comes back, is a line of the log; gcxctl status, /readyz and
     * /metrics show it. Telling the same again is allowed. `name`: printable ASCII without blanks. */
    void (*neighbour)(struct gcx_link *, const char *name, bool up, const char *why);
    /* figure() sets a figure of /metrics, count() adds to one. The figures of figures.def have a metric of their
     * own. */
    void (*figure)(struct gcx_link *, const char *name, int64_t value);
    void (*count)(struct gcx_link *, const char *name, int64_t more);
    /* The number of the core's selection domain (`partition` of gcxvm.conf). 0: a core that does not say it. */
    unsigned (*domain)(const struct gcx_link *);
    /* Reports that the plugin has refused something of its peer: counted in gcx_refused_total by `reason`, shown by
     * gcxctl status, and a line of the log, one in ten seconds per reason. `reason`: printable ASCII without blanks, 39
     * characters at most. `whom`: who was refused, for the log. The plugins of the tree have their reasons in
     * refusals.def. */
    void (*refused)(struct gcx_link *, const char *reason, const char *whom);
    /* May another core lead by now (gcx-standby(7)), as this one has not reached the database of its journal within the
     * lease, or has gone and its lease is over? Arrivals are given over to it (refused so that the peer tries
     * elsewhere, or left where it is), and the plugin says nothing to its peer of its own accord. Ends when the core
     * leads again, or another one has greeted; `up` is false meanwhile. */
    bool (*aside)(const struct gcx_link *);
    /* Sets how many conversations would end with the plugin's process, such as calls whose sound goes through it. While
     * there are any, a process that is asked to end lives on. A plugin that never says holds none. */
    void (*holds)(struct gcx_link *, unsigned conversations);
    /* Does the process end as soon as it holds no conversation? Then the plugin begins none any more. */
    bool (*ends)(const struct gcx_link *);
};

/* A name that the site has. `of` and `where` are "" where there is none. */
struct gcx_site_name {
    const char *name;
    const char *of;    /* what the name belongs to */
    const char *where; /* the file and line that say so */
};

/* What a plugin's look() is given. The strings that its functions hand out live as long as the look. */
struct gcx_look {
    void *self;
    const char *(*setting)(void *self, const char *key); /* NULL: not set */
    /* The names of one kind, from index 0 on; false past the last. The kinds: "directory", once, if the site's names
     * are known; "journal", once, if several machines may lead it; "adapter" (of: its plugin); "point" (of: its
     * strategy); "default" (a default destination; of: its routing point); "campaign" (of: its calling list); "filter",
     * "order" and "number" (of: the campaign); "medium" (one of those for which the strategy at a routing point is; of:
     * the routing point; none: it is for any); "dn" (of: its type); "queue" (of: its DN); "elsewhere" (a queue that
     * another domain has); "shown" (one that a desk shows); "agent"; "prompt"; "language"; "destination" (the DN of a
     * queue to which strategies route calls; of: the queue); "step" (one that strategies take); "promise" (one that has
     * any number called back, as its site has no table `outside`); "said" (one that says a text to a caller); "plays"
     * (the first of a strategy that needs a call which is answered; of: the strategy); "reads" (a strategy for mails
     * that came in alone); "chooses" (a strategy that chooses agents); "template"; "parameter", "workbin", "category"
     * and "key" (of user data), which strategies declare; "admin" (gcxvm's socket). Plugins add "answered" (a medium at
     * a desk), "address" (of e-mail, to which somebody writes), "way" (by which short messages go), "dials" (how
     * numbers outside begin), "desktops" (where they are let in), "login" (a user there). */
    bool (*site)(void *self, const char *kind, size_t index, struct gcx_site_name *);
    /* A finding: GCX_LOG_ERROR for what would fail, GCX_LOG_WARNING for what the site may mean. `key`: the setting. */
    void (*tell)(void *self, int level, const char *key, const char *text);
    /* Says that the setting takes something that nobody else can have at the same time: "tcp 127.0.0.1:5060", "file
     * /var/x". */
    void (*takes)(void *self, const char *key, const char *thing);
    /* Adds a name of the site that this plugin knows, for the looks of the other plugins. */
    void (*adds)(void *self, const char *kind, const char *name, const char *of);
};

struct gcx_adapter {
    unsigned interface;          /* GCX_ADAPTER_INTERFACE */
    const char *name;            /* "tserver" */
    const char *const *media;    /* names of media.def, NULL at the end */
    const char *const *caps;     /* calls, treatments, pull_back, set_agent, ...: vocabulary of the handshake */
    const char *const *settings; /* keys that open() understands, NULL at the end; "*key" is mandatory */
    /* Called once, when the core has been reached for the first time: link and ConnIDs are known from the beginning.
     * NULL with the reason in `why` ends the process. The services outlive what it returns. */
    void *(*open)(struct gcx_link *, const struct gcx_services *, char *why, size_t why_size);
    void (*close)(void *self);
    /* Performs one effect, or takes the ReadReply to a read(). Effects are answered by the events that the vocabulary
     * names, EventDone with its ref where there is none. */
    void (*perform)(void *self, const struct message *effect);
    /* The core is there (after the handshake), or gone. */
    void (*core_up)(void *self, bool up);
    /* Everything posted up to here is durable. `posted` counts the plugin's own successful posts. May be NULL. */
    void (*committed)(void *self, uint64_t posted);
    /* Credit has come back after a post was refused. May be NULL. */
    void (*credit)(void *self);
    /* Would open() go well with these settings, as far as can be told without opening anything? `gcxvm --check` asks,
     * in a process of its own. False with the reason, the name of the wrong setting first: "key: FILE: ...". May be
     * NULL. */
    bool (*check)(const char *(*setting)(void *self, const char *key), void *self, char *why, size_t why_size);
    /* Tells everything that would go wrong in service with these settings, on this machine and with this site. `gcxvm
     * --check` asks, in a process of its own, once check() is content; a start does not ask. It opens and listens to
     * nothing that outlasts it. May be NULL; a plugin that was built before this member existed is taken as one with
     * NULL. */
    void (*look)(const struct gcx_look *);
};

/* Each plugin defines this, and need export nothing else. */
extern const struct gcx_adapter gcx_adapter __attribute__((visibility("default")));

#endif
