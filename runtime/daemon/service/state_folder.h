/* runtime/daemon/service/state_folder.h - Checks whether the files of the state folder still exist
 * (state_folder.def).
 *
 * Owns nothing. The struct remembers which files were seen, because not every site has all of them, and their names are
 * written for the next start into STATE/kept and into the lock: somebody who removes one of these two still leaves the
 * other. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/journal/batches.h"

enum { STATE_NAMES_SIZE = 8192, STATE_WHY_SIZE = 512 };

struct state_folder {
    const struct conf *conf;
    struct batches *store;       /* NULL: the store is not open yet */
    int lock;                    /* descriptor of the lock file; -1: there is none */
    char seen[STATE_NAMES_SIZE]; /* the names of all files ever seen in the folder, a line each */
    size_t noted;                /* how many bytes of `seen` have been written for the next start */
    char why[2][STATE_WHY_SIZE]; /* the present reason why a file is not in its place, and the reason before it */
    bool second;                 /* true: `why[1]` is the present reason; false: `why[0]` */
    /* during a check: the reason found so far why a file is not in its place; NULL: none */
    const char *gone;
};

/* At a start, before a file is made: calls `gone` for each missing file that existed when a gcxvm last ran. */
void state_folder_missed(struct state_folder *, void (*gone)(void *self, const char *why), void *self);
/* Returns why a file is not at its path, for people; NULL: no file is missing. The same reason has the same pointer,
 * and its text stays valid until two other reasons were returned. `ends`: the next batch ends the process, because a
 * batch that it writes would be lost. */
const char *state_folder_gone(struct state_folder *, bool *ends);
