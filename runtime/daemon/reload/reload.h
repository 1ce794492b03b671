/* runtime/daemon/reload/reload.h - Brings directory and strategies into force together, at the start and again on
 * request; makes single images known; activates them by hand.
 *
 * All or nothing: files are read and checked first; only then images are made durable and rows, activations and the
 * commit are posted, as far as the core does not have them: what changes nothing adds nothing to the journal. Calls are
 * not touched: each finishes on the image on which it began.
 *
 * Owns a load while it is under way, and its thread: a directory may take seconds to read and a disk seconds to
 * sync, so both happen beside the loop while calls are served. All other functions are called on the loop's thread.
 * A `struct reload` is the caller's; reload_clear() frees what it holds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/daemon/engine/engine.h"
#include "runtime/daemon/site/activations.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/daemon/directory/difference.h"
#include "runtime/daemon/site/programs.h"

struct active {
    char *dn, *strategy, *file; /* file "": activated by hand */
    char *configured;           /* the strategy that the directory names for this routing point */
    struct kv given;            /* values that the directory gives to strategies at this routing point */
    uint8_t image[IMAGE_HASH];
    bool by_hand;
};

/* Faults in files that are good enough to be in force: a sentence each, with file and line. */
struct warnings {
    char **texts;
    size_t count;
};
void warnings_clear(struct warnings *);
/* Adds a warning, unless the list has it already. */
void warnings_add(struct warnings *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Names that the strategies use and the directory has: "group overflow". */
struct names_used {
    char **all;
    size_t count;
};
void names_used_free(struct names_used *);

/* Directory and strategies in force, or to be in force when `seq` of the admin source is durable. */
struct reload {
    struct active *active;
    size_t active_count;
    const struct image **images; /* of the configuration's files, in their order */
    size_t image_count;
    uint64_t version; /* the directory's version */
    bool kept;        /* the state folder has a new copy of the directory, for kept_settle() */
    size_t rows;
    char *source;     /* the file or folder that the directory was read from; NULL: none was read */
    char *by_hand_of; /* who has imported the directory; NULL: it is the configuration's */
    uint64_t seq;
    uint64_t req;      /* number of the request that the events and the core's replies name */
    char refused[256]; /* why the core refused one of the events; empty: it refused none */
    struct warnings warnings;
    struct names_used used;
    struct reload *before; /* owned: what is in force until the core has this one; NULL: it has answered */
};

/* The parts of the daemon that all functions here need. */
struct reload_world {
    const struct conf *conf;
    struct programs *programs;
    struct engine *engine;
    struct activations *activations;
    const struct names_used *used; /* names of the directory in force, which a load may not take away */
    uint64_t version;              /* of the directory in force */
};

/* Which directory a load reads: by default that which was imported by hand last, else the configuration's. */
struct reload_from {
    const char *file;              /* another directory, to be imported by hand; or NULL */
    bool configured;               /* read the configuration's directory again */
    struct difference *difference; /* only finds out what the load would change; or NULL */
    bool if_changed;               /* nothing comes into force where nothing differs */
};

/* Does a whole load in one step, before anything is served, and fills in the `struct reload` anew. False with the
 * reason, and nothing has changed. */
bool reload_do(struct reload *, const struct reload_world *, const struct activation_asker *, struct error *);

/* Begins a load in two steps, one load at a time: `ready` is called on the load's thread when that has done its part,
 * and may only tell the loop, which then calls reload_end() or reload_cancel(). */
struct reload_job;
struct reload_job *reload_begin(const struct reload_world *, const struct activation_asker *,
                                const struct reload_from *, void (*ready)(void *self), void *self, struct error *);
/* Does the load only find out differences, or has it found none? Then reload_end() changes nothing. */
bool reload_only_looks(const struct reload_job *);
bool reload_finds_same(const struct reload_job *); /* it has found nothing that differs from what is in force */
bool reload_end(struct reload_job *, struct reload *, const struct reload_world *, struct error *);
void reload_cancel(struct reload_job *); /* gives the load up at any time: nothing has changed; NULL is allowed */
/* A name of the site: kind, `of` and `where` as in struct gcx_look. Borrowed. */
typedef void reload_name(void *self, const char *kind, const char *name, const char *of, const char *where);
/* Reads and checks directory and strategies, and changes nothing. Adds warnings to the caller's list; `hear` is told
 * the site's names. */
bool reload_check(const struct conf *, struct programs *, struct warnings *, reload_name *hear, void *self,
                  struct error *);
/* Called when the core has accepted what a load posted, or has refused it: then directory and strategies from before
 * the load are in force as they were. */
void reload_settled(struct reload *);
void reload_refused(struct reload *, const struct reload_world *);
void reload_clear(struct reload *);

/* Warns of names that the image uses and the directory in force does not have, DNs left out: it need not list them. */
void reload_image_warnings(const struct reload_world *, const struct image *, const char *file, struct warnings *);
/* The image with this hash among those that are known; NULL: none. */
const struct image *reload_hashed(struct programs *, const uint8_t hash[IMAGE_HASH]);

/* Reads and checks an image that the configuration does not name, and makes it durable. NULL with the reason. */
const struct image *reload_image(const struct reload_world *, const char *file, struct error *);

/* `what`: the first digits of a hash, with ":STRATEGY" behind it or without; or a strategy. */
struct reload_activate {
    const char *point, *what;
    uint64_t client, req; /* the client and request that the core's reply is for */
};
/* The routing point with the activation that holds from now on, or NULL with the reason. reload_answered() follows. */
const struct active *reload_activate(struct reload *, const struct reload_world *, const struct reload_activate *,
                                     const struct activation_asker *, struct error *);
/* Takes the core's reply to an activation. Takes back a change that the core has refused; false where that could not be
 * made durable. */
bool reload_answered(struct reload *, const struct reload_world *, struct activation_ask, bool good, struct error *);
