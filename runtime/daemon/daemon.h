/* runtime/daemon/daemon.h - gcxvm as a whole: what belongs together, from start to end.
 *
 * The loop's thread owns everything here but the engine's two threads and the sources' workers. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/daemon/admin.h"
#include "runtime/daemon/children.h"
#include "runtime/daemon/conf.h"
#include "runtime/daemon/drain.h"
#include "runtime/daemon/engine.h"
#include "runtime/daemon/http.h"
#include "runtime/daemon/links.h"
#include "runtime/daemon/log.h"
#include "runtime/daemon/notify.h"
#include "runtime/daemon/outbox.h"
#include "runtime/daemon/programs.h"
#include "runtime/daemon/pulse.h"
#include "runtime/daemon/queries.h"
#include "runtime/daemon/reload.h"
#include "runtime/daemon/traces.h"

enum daemon_exit {
#define EXIT(name, number, doc) EXIT_##name = number,
#include "runtime/daemon/exits.def"
#undef EXIT
};

struct event;
struct event_base;

struct daemon {
    const struct conf *conf;
    const struct log *log;
    struct event_base *base;
    int lock; /* file that shows that this state folder is in use */
    struct store *store;
    struct sources *sources;
    struct endpoints *endpoints;
    struct natives *natives;
    struct programs *programs;
    struct activations *activations;
    struct outbox *outbox;
    struct engine *engine;
    struct links *links;
    struct children *children;
    struct admin *admin;
    struct queries *queries;
    struct traces *traces; /* NULL: not configured */
    struct http *http;     /* NULL: not configured */
    struct notify_socket *notify;
    struct pulse *pulse;
    struct event *wake, *hup, *term, *interrupt;
    struct reload reload;
    struct loading { /* one at a time */
        struct reload_job *job; /* NULL: none is under way */
        uint64_t number;        /* of the last that was begun */
        bool again;             /* another was asked for meanwhile */
        char *actor, *why;      /* by whom, first */
    } loading;
    struct drain drain;
    uint64_t started_us;  /* monotonic */
    uint64_t durable_seq; /* of the admin source */
    uint64_t loaded_wall_us, load_failures, http_requests;
    char load_error[512]; /* why the last load failed; empty: it did not */
    bool ready;           /* what was loaded last is in force, or was refused, and the service manager knows */
    bool served;          /* it was ready once */
    bool stopping;
    unsigned terms; /* how often it was asked to end by a signal */
    enum daemon_exit result;
};

/* Runs until it is asked to end or cannot go on. */
enum daemon_exit daemon_run(const struct conf *, const struct log *);

/* Ends in order, now: nothing that was acknowledged is lost, calls in progress stay in the journal. */
void daemon_stop(struct daemon *, const char *why);

/* Reads strategies and directory, and brings them into force: beside the loop, and after the load that is under way.
 * `*load` is its number, by which admin_loaded() tells its end; it is durable when durable_seq reaches reload.seq, and
 * whether all was accepted reload.refused tells then. False with the reason: it was not begun. */
bool daemon_load(struct daemon *, const struct asker *, uint64_t *load, struct error *);
struct reload_world daemon_world(const struct daemon *);

#endif
