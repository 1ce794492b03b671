/* runtime/daemon/reload.h - Directory and strategies brought into force together, at start and again on request.
 *
 * All or nothing: files are read and checked first; only then images are made durable and rows, commit and activations
 * posted. Calls are not touched: they finish on the image on which they began. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/daemon/conf.h"
#include "runtime/daemon/engine.h"
#include "runtime/daemon/programs.h"

struct active {
    char *dn, *strategy, *file;
    uint8_t image[IMAGE_HASH];
};

/* What is in force, or will be when `seq` of the admin source is durable. */
struct reload {
    struct active *active;
    size_t active_count;
    uint64_t version; /* of the directory */
    size_t rows;
    uint64_t seq;
    uint64_t req;      /* what the events name as their request; replies do, too */
    char refused[256]; /* why the core would not have one of them; empty: it had them all */
};

/* Asked for by `actor`, whom the events name. False with the reason, and nothing has changed. Fills in a `struct
 * reload` anew. */
bool reload_do(struct reload *, const struct conf *, struct programs *, struct engine *, const char *actor,
               struct error *);
/* Only reads and checks. */
bool reload_check(const struct conf *, struct programs *, struct error *);
void reload_clear(struct reload *);

#endif
