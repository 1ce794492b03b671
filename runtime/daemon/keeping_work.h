/* runtime/daemon/keeping_work.h - What reads a journal beside the gcxvm that may be writing it: the store, its images,
 * and a core on it. The files of keeping.h, `past`, `erasing` and `upgrade` share it.
 *
 * struct keeping owns what keeping_on has made, also where that has failed; keeping_close ends it. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/daemon/keeping.h"
#include "runtime/journal/images.h"
#include "runtime/journal/recovery.h"
#include "runtime/natives/natives.h"

enum { KEEPING_NICE = 10 }; /* nice value of these processes, so that calls come first */

struct keeping {
    struct batches *store;
    struct images *images;
    struct natives *natives;
    struct core_options options;
    struct recovery recovery;
    struct core *core;
    struct journal_head head;
    uint64_t broken; /* the first batch that is missing or damaged; 0: none is */
};

/* Makes ready to replay a journal with the programs of the configuration. `store` is its place, which belongs to the
 * keeping from now on. False where it is NULL. */
bool keeping_on(struct keeping *, const struct conf *, struct batches *store);
/* Makes ready as keeping_on() does, for the whole journal of the state folder, into which a gcxvm may be writing.
 * False: the journal is missing, or has lost its end. */
bool keeping_open(struct keeping *, const struct conf *, struct error *);
void keeping_close(struct keeping *);
/* Applies the next batch. If it fails because an image is missing that was refused before, the
 * error says why that one was refused. */
bool keeping_next(struct keeping *, const struct journal_watch *, struct error *);
/* Makes a core by replaying to the batch `until`, from the newest good snapshot at or before `from`. */
bool keeping_replay(struct keeping *, uint64_t from, uint64_t until, struct error *);
void keeping_drop(struct keeping *); /* frees the core alone */

/* Checks each batch by itself, and that it follows the batch before. `broken`: the first batch that does not. */
bool keeping_chain(struct batches *, uint64_t *broken, struct error *);

uint64_t keeping_period_us(uint64_t days);

/* Copies a file to a new file, durably. */
bool keeping_file_copy(const char *from, const char *to, struct error *);
/* As keeping_export(), for a state folder; an error is returned, not printed. */
bool keeping_export_to(const char *state, const char *folder, struct error *);
