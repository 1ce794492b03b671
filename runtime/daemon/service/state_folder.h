/* runtime/daemon/service/state_folder.h - Looks whether the files of the state folder are still there
 * (state_folder.def).
 *
 * Owns nothing. It remembers which files it has seen, because not every site has all of them, and writes their names
 * down for the next start, in STATE/kept and in the lock: whoever takes one of these away does not take the other. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/journal/batches.h"

enum { STATE_NAMES_SIZE = 8192, STATE_WHY_SIZE = 512 };

struct state_folder {
    const struct conf *conf;
    struct batches *store;       /* NULL: there is none yet */
    int lock;                    /* descriptor of the lock file; -1: there is none */
    char seen[STATE_NAMES_SIZE]; /* the names of all files that have ever been seen in the folder, a line each */
    size_t noted;                /* how many bytes of `seen` are written down for the next start */
    char why[2][STATE_WHY_SIZE]; /* the reason that is told now, and the one before */
    bool second;                 /* `why[1]` is told now; false: `why[0]` */
    const char *gone;            /* during a look: the reason found so far; NULL: none */
};

/* At a start, before a file is made: calls `gone` for each that was there when a gcxvm ran last. */
void state_folder_missed(struct state_folder *, void (*gone)(void *self, const char *why), void *self);
/* Why a file is not at its path, for people; NULL: all is there. The same reason has the same pointer, and its text
 * stays until two other reasons were given. `ends`: the next batch ends the process, because what it writes would be
 * lost. */
const char *state_folder_gone(struct state_folder *, bool *ends);
