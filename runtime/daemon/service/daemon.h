/* runtime/daemon/service/daemon.h - One gcxvm as a whole: everything that it has made and owns, from its start to its
 * end.
 *
 * Owns: `struct daemon`, which run.c makes, fills and frees, and the loads of directory and strategies (load.h). Every
 * member belongs to the loop's thread, but for `engine`, `handover` and `queries`, which have locks of their own and
 * which hear.c uses on other threads. Rooms above this one (watch/, admin/) are known here as pointers only; what they
 * have to learn is told through `struct daemon_tells`. */
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
struct traces;

/* Events of this room for the one above, run.c. They are called on the loop's thread. */
struct daemon_tells {
    /* The load `number` has come to its end: `why` it failed, or NULL. */
    void (*loaded)(struct daemon *, uint64_t number, const struct error *why);
    /* The snapshot `number` (cuts.h) has come to its end: `why` it failed, or NULL. */
    void (*cut)(struct daemon *, uint64_t number, const struct error *why);
    /* The lead is given up, whatever comes, or kept: `why`. */
    void (*handed)(struct daemon *, const struct error *why);
    /* The process is to end in order, now. */
    void (*stop)(struct daemon *, const char *why);
};

/* How it was started, by options. */
struct daemon_how {
    bool accept_loss;  /* goes on with a journal whose end was lost */
    bool accept_plain; /* goes on with a journal that is older than encryption */
    bool depose;       /* takes over a journal in PostgreSQL that another gcxvm has */
    bool follow;       /* leads only when no other gcxvm does */
};

struct daemon {
    const struct conf *conf; /* borrowed, as is the log */
    const struct log *log;
    const struct daemon_tells *tells;
    struct event_base *base;
    int lock; /* descriptor of the lock file, which shows that this state folder is in use */
    struct batches *store;
    struct crashes *crashes; /* NULL: its file cannot be made */
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
    struct profiling *profiling; /* NULL: nobody has asked for a profile */
    struct event *wake, *hup, *term, *interrupt, *look;
    struct reload reload;
    struct loading {                  /* one at a time */
        struct reload_job *job;       /* NULL: none is under way */
        uint64_t number;              /* number of the last load that was begun */
        bool again;                   /* another load was asked for meanwhile */
        char *actor, *why;            /* who asked for it first, and why */
        struct difference difference; /* what the last look found; freed when who asked has it */
        struct event *later;          /* timer: tries a load again that was refused; NULL: none ever was */
        unsigned pause_s;             /* pause before that; 0: nothing has been refused */
    } loading;
    struct listening *listening; /* NULL: the directory is not in PostgreSQL */
    struct drain drain;
    uint64_t started_us;  /* monotonic */
    uint64_t durable_seq; /* last event of the admin source that is durable */
    uint64_t loaded_wall_us, load_failures, http_requests;
    char load_error[512]; /* why the last load failed; empty: it did not */
    bool ready;           /* the last load is in force, or was refused, and the service manager knows */
    bool reloading;       /* the service manager was told of a load, and waits to hear that it is ready */
    bool served;          /* it was ready once */
    /* Why the state folder, or a file in it, is not at its path, and since when (monotonic). NULL, 0: all is there. */
    const char *state_gone;
    bool state_ends; /* the next batch ends this process therefore */
    uint64_t state_gone_us;
    struct state_folder folder;
    bool stopping;
    bool no_space; /* it is stopping because the disk is full */
    struct daemon_how how;
    struct lead lead; /* does it lead? */
    unsigned terms;   /* how often a signal asked it to end */
    enum daemon_exit result;
};
