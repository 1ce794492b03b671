/* runtime/daemon/service/state_folder.h - Looks whether the files of the state folder are still there
 * (state_folder.def).
 *
 * Owns nothing. It remembers which files it has seen, because not every site has all of them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/daemon/site/conf.h"
#include "runtime/journal/batches.h"

struct state_folder {
    const struct conf *conf;
    struct batches *store; /* NULL: there is none yet */
    int lock;
    uint32_t seen;  /* a bit for each row that once was there */
    uint32_t noted; /* those of them that STATE/kept has */
};

/* At a start, before a file is made: calls `gone` for each that was there when a gcxvm ran last. */
void state_folder_missed(struct state_folder *, void (*gone)(void *self, const char *why), void *self);
/* Why a file is not at its path, for people: a constant text, so that two are the same if their pointers are. `ends`:
 * the next batch ends the process, because what it writes would be lost. NULL: all is there. */
const char *state_folder_gone(struct state_folder *, bool *ends);
