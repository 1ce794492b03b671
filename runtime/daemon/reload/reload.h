/* runtime/daemon/reload/reload.h - Puts directory and strategies in force together, at the start and again on
 * request; loads single images; activates them by hand.
 *
 * All or nothing: files are read and checked first; only then images are made durable, and the rows, activations and
 * commit that the core lacks are posted: a load that changes nothing adds nothing to the journal. Calls are not
 * affected: each finishes on the image on which it began.
 *
 * Owns a running load and its thread: reading a directory may take seconds, and syncing to the disk, too, so both
 * happen on that thread while the loop serves calls. All other functions are called on the loop's thread. A `struct
 * reload` belongs to the caller; reload_clear() frees its content. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/daemon/engine/engine.h"
#include "runtime/daemon/site/activations.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/daemon/directory/difference.h"
#include "runtime/daemon/site/programs.h"
#include "runtime/vocabulary/rows.h"

struct active {
    char *dn, *strategy, *file; /* file "": the image was activated by hand */
    char *configured;           /* the strategy that the directory names for this routing point */
    struct kv given;            /* parameters that the directory gives to strategies at this routing point */
    uint8_t image[IMAGE_HASH];
    bool by_hand;
};

/* Mistakes in files that can be put in force all the same: a sentence each, with file and line. */
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

/* The directory and strategies that are in force, or will be when `seq` of the admin source is durable. */
struct reload {
    struct active *active;
    size_t active_count;
    const struct image **images; /* the images of the configuration's files, in their order */
    size_t image_count;
    uint64_t version; /* the directory's version */
    bool kept;        /* the state folder has a new copy of the directory, which kept_settle() takes or removes */
    size_t rows;
    char *source;     /* the file or folder that the directory was read from; NULL: none was read */
    char *by_hand_of; /* who has imported the directory; NULL: the configuration names it */
    uint64_t seq;
    uint64_t req;      /* number of the request in the events and the core's replies */
    char refused[256]; /* why the core refused one of the events; empty: none was refused */
    struct warnings warnings;
    struct names_used used;
    /* owned: what is in force until the core has accepted this load; NULL: the core has answered */
    struct reload *before;
};

/* The parts of the daemon that all functions here need. */
struct reload_world {
    const struct conf *conf;
    struct programs *programs;
    struct engine *engine;
    struct activations *activations;
    const struct names_used *used; /* names of the directory in force, which a load must not remove */
    uint64_t version;              /* version of the directory in force */
    /* the images of files in force while a freeze is on: a load with others is refused; NULL: none is on */
    const struct reload *frozen;
};

/* Which directory a load reads: by default the one that was imported by hand last, else the configuration's. */
struct reload_from {
    const char *file;              /* another directory, which is imported by hand; or NULL */
    bool configured;               /* read the configuration's directory again */
    struct difference *difference; /* not NULL: the load only finds out what it would change */
    bool if_changed;               /* a load without differences puts nothing in force */
};

/* Does a whole load in one step, before anything is served, and fills in the `struct reload` anew. False with the
 * reason, and nothing has changed. */
bool reload_do(struct reload *, const struct reload_world *, const struct activation_asker *, struct error *);

/* Begins a load in two steps, one load at a time: `ready` is called on the load's thread when its part is done, and
 * may only notify the loop, which then calls reload_end() or reload_cancel(). */
struct reload_job;
struct reload_job *reload_begin(const struct reload_world *, const struct activation_asker *,
                                const struct reload_from *, void (*ready)(void *self), void *self, struct error *);
/* True: the load only compares, or has found no differences. Then reload_end() changes nothing. */
bool reload_only_looks(const struct reload_job *);
bool reload_finds_same(const struct reload_job *); /* true: nothing that was read differs from what is in force */
bool reload_end(struct reload_job *, struct reload *, const struct reload_world *, struct error *);
void reload_cancel(struct reload_job *); /* cancels the load at any time: nothing is changed; NULL is allowed */
/* A name of the site: kind, name, `of` and `where` as in struct gcx_look. Borrowed. */
typedef void reload_name(void *self, const char *kind, const char *name, const char *of, const char *where);
/* Reads and checks directory and strategies, and changes nothing. Adds warnings to the caller's list; `hear` is
 * called for each of the site's names. */
bool reload_check(const struct conf *, struct programs *, struct warnings *, reload_name *hear, void *self,
                  struct error *);
/* Called when the core has accepted what a load posted, or has refused it: then the directory and strategies from
 * before the load stay in force. */
void reload_settled(struct reload *);
void reload_refused(struct reload *, const struct reload_world *);
void reload_clear(struct reload *);

/* Warns of names that the image uses and the directory in force does not have, except DNs, which it need not list. */
void reload_image_warnings(const struct reload_world *, const struct image *, const char *file, struct warnings *);
/* Finds the image with this hash among the known ones; NULL: there is none. */
const struct image *reload_hashed(struct programs *, const uint8_t hash[IMAGE_HASH]);

/* Finds the image whose hash begins with these digits, six or more. NULL with the reason. */
const struct image *reload_image_of(struct programs *, const char *digits, struct error *);

/* Reads and checks an image that the configuration does not name, and makes it durable. NULL with the reason. */
const struct image *reload_image(const struct reload_world *, const char *file, struct error *);

/* `what`: the first digits of a hash, with ":STRATEGY" after them or without; or a strategy. */
struct reload_activate {
    const char *point, *what;
    uint64_t client, req; /* the client and request that the core's reply is for */
};
/* Activates an image at a routing point, and returns the point, or NULL with the reason. reload_answered() follows. */
const struct active *reload_activate(struct reload *, const struct reload_world *, const struct reload_activate *,
                                     const struct activation_asker *, struct error *);
/* Finds what would be activated: as reload_activate(), and changes nothing but that an image of a file, whose whole
 * path `what` is, becomes known. `strategy` gets its name, `given` the directory's arguments for it, which the caller
 * frees. NULL with the reason. */
const struct image *reload_asked(struct reload *, const struct reload_world *, const char *point, const char *what,
                                 char strategy[NAME_MAX_BYTES + 1], struct kv *given, struct error *);
/* Notes in activations.json that a rollout has given its version all arrivals at the routing point, unless the files
 * know or have a newer one. False: the note could not be made durable. */
bool reload_rollout_note(const struct reload *, const struct reload_world *, const char *point, struct error *);
/* Takes the core's reply to an activation. If the core has refused the change, it is undone; false: the undoing
 * could not be made durable. */
bool reload_answered(struct reload *, const struct reload_world *, struct activation_ask, bool good, struct error *);
