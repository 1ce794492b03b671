/* runtime/daemon/service/daemon.h - One gcxvm as a whole: everything that it makes and owns, from its start to its
 * end.
 *
 * Owns: `struct daemon`, which run.c makes, fills and frees, and the loads of directory and strategies (load.h).
 * Every member belongs to the loop's thread, except `engine`, `handover` and `queries`, which have locks of their
 * own and which hear.c uses on other threads. The folders above this one (watch/, admin/) are known here as pointers
 * only; they learn of events through `struct daemon_tells`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/base/notify.h"
#include "runtime/daemon/engine/engine.h"
#include "runtime/daemon/engine/handover.h"
#include "runtime/daemon/engine/queries.h"
#include "runtime/daemon/links/children.h"
#include "runtime/daemon/links/links.h"
#include "runtime/daemon/reload/reload.h"
#include "runtime/daemon/service/drain.h"
#include "runtime/daemon/service/lead.h"
#include "runtime/daemon/service/state_folder.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/daemon/site/programs.h"

enum daemon_exit {
#define EXIT(name, number, doc) EXIT_##name = number,
#include "runtime/daemon/service/exits.def"
#undef EXIT
};

struct admin;
struct cuts;
struct daemon;
struct http;
struct listening;
struct profiling;
struct pulse;
struct rollout_watch;
struct traces;

/* Events that this folder reports to the one above, run.c. The functions are called on the loop's thread. */
struct daemon_tells {
    /* The load `number` has ended: `why` is the reason if it failed, or NULL. */
    void (*loaded)(struct daemon *, uint64_t number, const struct error *why);
    /* The snapshot `number` (cuts.h) has ended: `why` is the reason if it failed, or NULL. */
    void (*cut)(struct daemon *, uint64_t number, const struct error *why);
    /* The lead will be given up, whatever happens, or is kept: then `why` is the reason. */
    void (*handed)(struct daemon *, const struct error *why);
    /* The process has to end in order, now. */
    void (*stop)(struct daemon *, const char *why);
};

/* The options with which the process was started. */
struct daemon_how {
    bool accept_loss;  /* accept a journal whose end was lost */
    bool accept_plain; /* accept a journal that is older than encryption */
    bool depose;       /* take over a journal in PostgreSQL that another gcxvm has */
    bool follow;       /* lead only when no other gcxvm does */
};

struct daemon {
    const struct conf *conf; /* the configuration and the log are borrowed */
    const struct log *log;
    const struct daemon_tells *tells;
    struct event_base *base;
    int lock; /* descriptor of the lock file; the lock shows that this state folder is in use */
    struct batches *store;
    struct crashes *crashes; /* NULL: the file of crashes cannot be made */
    struct sources *sources;
    struct endpoints *endpoints;
    struct natives *natives;
    struct programs *programs;
    struct activations *activations;
    struct handover *handover;
    struct engine *engine;
    struct daemon_links *links;
    struct children *children;
    struct admin *admin;
    struct queries *queries;
    struct traces *traces; /* NULL: not configured */
    struct http *http;     /* NULL: not configured */
    struct notify_socket *notify;
    struct pulse *pulse;
    struct cuts *cuts;
    struct rollout_watch *rollout_watch;
    struct profiling *profiling; /* NULL: no profile was ever requested */
    struct event *wake, *hup, *term, *interrupt, *look;
    struct reload reload;
    struct loading {            /* one at a time */
        struct reload_job *job; /* NULL: no load is running */
        uint64_t number;        /* number of the last load that was begun */
        bool again;             /* another load was requested meanwhile */
        bool despite;           /* an admin wants the next load although a freeze is on */
        char *actor, *why;      /* who first asked for the load that follows the running one, and why */
        /* the differences that the last comparison found; freed when the asker has them */
        struct difference difference;
        struct event *later; /* timer: repeats a load that was refused; NULL: none ever was */
        unsigned pause_s;    /* pause before the refused load is repeated; 0: nothing has been refused */
    } loading;
    struct listening *listening; /* NULL: the directory is not in PostgreSQL */
    struct drain drain;
    uint64_t started_us;  /* monotonic */
    uint64_t durable_seq; /* last event of the admin source that is durable */
    uint64_t loaded_wall_us, load_failures, http_requests;
    char load_error[512]; /* why the last load failed; empty: it did not fail */
    bool ready;           /* the last load is in force, or was refused, and the service manager has been told */
    bool reloading;       /* the service manager was told that a load is running, and waits to hear its end */
    bool served;          /* it was ready once */
    /* Why the state folder, or a file in it, is not at its path, and since when (monotonic). NULL, 0: no file is
     * missing. */
    const char *state_gone;
    bool state_ends; /* the next batch ends this process: with that file missing, the batch would be lost */
    uint64_t state_gone_us;
    struct state_folder folder;
    bool stopping;
    bool no_space; /* the process is stopping because the disk is full */
    struct daemon_how how;
    struct lead lead; /* does it lead? */
    unsigned terms;   /* how often a signal asked the process to end */
    enum daemon_exit result;
};
