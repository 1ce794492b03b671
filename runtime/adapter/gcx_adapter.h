/* gcx_adapter.h - For writing an adapter: a plugin that connects a switch, a mail server or a chat to gcx.
 *
 * A plugin is a shared object that exports one `const struct gcx_adapter gcx_adapter`. `gcxvm --adapter X.so` runs
 * it in a process of its own; tests run it in memory. The plugin posts events and performs effects, both as frames
 * of the vocabulary (message.h reads and writes frames). Single-threaded: every call comes from the loop's thread.
 *
 * The library numbers the events, keeps the uncommitted ones, spends credits, connects again, and runs the
 * handshake; the plugin answers Resync with the calls, agents and other objects that exist. */
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
#define GCX_OWN_FILES "gcx.own_files" /* GCX_OWN_FILES and GCX_NAME are settings for the library, not for a plugin */
#define GCX_NAME      "gcx.name"
/* The prefix of the key of a setting that gcxvm gives to all adapters: the setting counts if the adapter's own
 * section does not have it. */
#define GCX_OF_ALL "gcx.all."
/* A setting that gcxvm gives to all adapters: the site's names of its own media, "parcel=1,photo=3", where 1 is
 * own1. */
#define GCX_OWN_MEDIA "own_media"
enum { GCX_LOG_DEBUG, GCX_LOG_INFO, GCX_LOG_WARNING, GCX_LOG_ERROR };

/* The functions of the library that a plugin may call. */
struct gcx_services {
    /* Posts an event frame (source and seq are set by the library). While the core is away the event is kept. False
     * if there is no credit for the class of the event or too much is uncommitted: the switch's default then handles
     * an arrival, and the plugin posts a `continue` event again on `credit`. Relief needs no credit: if it is
     * refused, more is uncommitted than the library may keep, and the resync that the core asks for next tells the
     * same. Also false, with a line in the log, for an event that no core would take from an adapter: a frame that
     * is malformed or too large, a text that is not UTF-8, an event that adapters may not post. Posting such an
     * event again is useless. */
    bool (*post)(struct gcx_link *, struct span frame);
    bool (*up)(const struct gcx_link *);       /* true: the core is connected, and no other core may lead */
    unsigned (*link)(const struct gcx_link *); /* number of this link: the high part of ConnIDs */
    uint64_t (*new_conn)(struct gcx_link *);   /* returns a ConnID that was never used before */
    /* now_us: the monotonic clock, for timers. wall_us: the wall clock, which may jump, for records. */
    uint64_t (*now_us)(const struct gcx_link *);
    uint64_t (*wall_us)(const struct gcx_link *);
    struct event_base *(*base)(struct gcx_link *); /* the event loop of libevent; NULL in memory */
    /* A value of the configuration file; NULL: not set. GCX_OWN_FILES: the beginning of the paths of files that an
     * adapter may keep from process to process; NULL: gcxvm has not started the adapter. GCX_NAME: the adapter's
     * name in the configuration. */
    const char *(*setting)(const struct gcx_link *, const char *key);
    void (*log)(struct gcx_link *, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
        __attribute__((format(printf, 5, 6)));
    /* Posts PeerLink: the plugin's peer, such as the switch, is connected or gone. */
    void (*peer)(struct gcx_link *, const char *name, bool up);
    /* Sets whether the plugin is late with the messages of its peer: while it is, arrivals are refused as if there
     * were no credit. */
    void (*busy)(struct gcx_link *, bool busy);
    /* Counts a call that the plugin has routed by its own default lists, for the core's figures. */
    void (*defaulted)(struct gcx_link *);
    /* Sends a frame of the kind Read (controls.def), a question to the core that is not in the journal. perform()
     * gets the ReadReply with the same token. False: the core is not connected, or the frame is of another kind. A
     * question that was sent before core_up(false) gets no answer. */
    bool (*read)(struct gcx_link *, struct span read);
    /* The number that the core's journal has from its birth: a core with another number knows nothing of earlier
     * calls, and counts its refs from 1 again. The number changes only with core_up(), and only for a plugin that
     * has conversations. 0: the core does not tell the number. */
    uint64_t (*journal)(const struct gcx_link *);
    /* Reports that a neighbour of the plugin, such as a database or a mail server, is reachable or not, and why. The
     * log has a line for the first failure and for each change; gcxctl status, /readyz and /metrics show the state.
     * Reporting the same state again is allowed. `name`: printable ASCII without blanks. */
    void (*neighbour)(struct gcx_link *, const char *name, bool up, const char *why);
    /* figure() sets a figure of /metrics, count() adds to one. The figures of figures.def have a metric of their
     * own. */
    void (*figure)(struct gcx_link *, const char *name, int64_t value);
    void (*count)(struct gcx_link *, const char *name, int64_t more);
    /* The number of the core's selection domain (`partition` of gcxvm.conf). 0: the core does not tell the number. */
    unsigned (*domain)(const struct gcx_link *);
    /* Reports that the plugin has refused a request of its peer: gcx_refused_total counts it by `reason`, gcxctl
     * status shows it, and the log has a line, at most one in ten seconds per reason. `reason`: printable ASCII
     * without blanks, 39 characters at most. `whom`: the peer that was refused, for the log. The reasons of the
     * plugins in this tree are in refusals.def. */
    void (*refused)(struct gcx_link *, const char *reason, const char *whom);
    /* True: another core may lead by now (gcx-standby(7)), because this core has not reached the database of its
     * journal within the lease, or has gone and its lease is over. Arrivals are left to the other core (refused so that
     * the peer tries elsewhere, or not fetched), and the plugin starts nothing at its peer by itself. This state ends
     * when the core leads again, or another core has greeted; `up` is false meanwhile. */
    bool (*aside)(const struct gcx_link *);
    /* Sets how many conversations would end with the plugin's process, such as calls whose sound passes through it.
     * A process that is asked to end goes on as long as there are such conversations. A plugin that never calls this
     * has none. */
    void (*holds)(struct gcx_link *, unsigned conversations);
    /* True: the process ends as soon as it has no conversation. The plugin then begins no new conversation. */
    bool (*ends)(const struct gcx_link *);
};

/* A name that the site's configuration or directory has. `of` and `where` are "" if there is nothing to say. */
struct gcx_site_name {
    const char *name;
    const char *of;    /* the object to which the name belongs */
    const char *where; /* the file and line where the name is declared */
};

/* What a plugin's look() gets: questions to ask and functions that report. The strings that these functions return
 * are valid as long as the look. */
struct gcx_look {
    void *self;
    const char *(*setting)(void *self, const char *key); /* NULL: not set */
    /* clang-format off */
    /* Gets the name number `index` of one kind, counted from 0; false after the last name. The kinds, and what `of` is:
     *
     *     directory    once, if the names of the site are known
     *     journal      once, if several machines may lead the journal
     *     adapter      an adapter; of: its plugin
     *     point        a routing point; of: its strategy
     *     default      a default destination; of: its routing point
     *     campaign     a campaign; of: its calling list
     *     filter, order, number
     *                  of a campaign; of: the campaign
     *     medium       a medium for which a strategy at a routing point is (none: it is for any); of: the routing point
     *     dn           a DN; of: its type
     *     queue        a queue; of: its DN
     *     elsewhere    a queue that another domain has
     *     shown        a queue that a desk shows
     *     agent, prompt, language, template
     *     destination  the DN of a queue to which strategies route calls; of: the queue
     *     step         a step that strategies take
     *     promise      a step that has any number called back, because its site has no table `outside`
     *     said         a step that says a text to a caller
     *     plays        the first step of a strategy that needs an answered call; of: the strategy
     *     reads        a strategy for mails that came in alone
     *     chooses      a strategy that chooses agents
     *     parameter, workbin, category, view, key (of user data)
     *                  what strategies declare
     *     admin        the socket of gcxvm
     *
     * Plugins add these:
     *
     *     answered     a medium at a desk
     *     address      an address of e-mail, to which somebody writes
     *     way          a way by which short messages go
     *     dials        how numbers outside begin
     *     desktops     where desktops are let in
     *     login        a user there
     */
    /* clang-format on */
    bool (*site)(void *self, const char *kind, size_t index, struct gcx_site_name *);
    /* Reports a finding: GCX_LOG_ERROR for a thing that would fail, GCX_LOG_WARNING for one that the site may
     * intend. `key`: the setting. */
    void (*tell)(void *self, int level, const char *key, const char *text);
    /* Reports that the setting uses a thing that nobody else can use at the same time: "tcp 127.0.0.1:5060", "file
     * /var/x". */
    void (*takes)(void *self, const char *key, const char *thing);
    /* Adds a name of the site that this plugin knows, for the checks of the other plugins. */
    void (*adds)(void *self, const char *kind, const char *name, const char *of);
};

struct gcx_adapter {
    unsigned interface;          /* GCX_ADAPTER_INTERFACE */
    const char *name;            /* "tserver" */
    const char *const *media;    /* names of media.def, with a NULL at the end */
    const char *const *caps;     /* words of the handshake such as calls, treatments, pull_back, set_agent */
    const char *const *settings; /* keys that open() understands, NULL at the end; "*key": a mandatory setting */
    /* Called once, when the core has been reached for the first time: link and ConnIDs are already known. NULL with
     * the reason in `why`: the process ends. The services stay valid as long as the plugin is open. */
    void *(*open)(struct gcx_link *, const struct gcx_services *, char *why, size_t why_size);
    void (*close)(void *self);
    /* Performs one effect, or takes the ReadReply to a read(). A plugin answers an effect by the events that the
     * vocabulary names for it, or by EventDone with the effect's ref if it names none. */
    void (*perform)(void *self, const struct message *effect);
    /* The core is connected (after the handshake), or gone. */
    void (*core_up)(void *self, bool up);
    /* The first `posted` events are durable. `posted` counts the plugin's own successful posts. May be NULL. */
    void (*committed)(void *self, uint64_t posted);
    /* Credit has come back after a post was refused. May be NULL. */
    void (*credit)(void *self);
    /* Returns whether open() would succeed with these settings, as far as that can be found out without opening
     * anything. `gcxvm --check` calls this, in a process of its own. False with the reason, which begins with the
     * name of the wrong setting: "key: FILE: ...". May be NULL. */
    bool (*check)(const char *(*setting)(void *self, const char *key), void *self, char *why, size_t why_size);
    /* Reports everything that would go wrong in service with these settings, on this machine and with this site. `gcxvm
     * --check` calls this, in a process of its own, after check() has succeeded; a start does not call it. The function
     * leaves nothing open and no listening socket behind. May be NULL; a plugin that was built before this member
     * existed counts as one with NULL. */
    void (*look)(const struct gcx_look *);
};

/* Each plugin defines this symbol, and need not export anything else. */
extern const struct gcx_adapter gcx_adapter __attribute__((visibility("default")));

#endif
