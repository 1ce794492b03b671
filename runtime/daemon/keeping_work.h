/* runtime/daemon/keeping_work.h - Reads a journal while a gcxvm may be writing it: the store, its images, and a core
 * on it. Shared by the files of keeping.h, `past`, `erasing` and `upgrade`.
 *
 * struct keeping owns what keeping_on has made, also if that has failed; keeping_close frees it. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/daemon/keeping.h"
#include "runtime/journal/images.h"
#include "runtime/journal/recovery.h"
#include "runtime/natives/natives.h"

enum { KEEPING_NICE = 10 }; /* nice value of the processes that read a journal, so that calls have priority */

struct keeping {
    struct batches *store;
    struct images *images;
    struct natives *natives;
    struct core_options options;
    struct recovery recovery;
    struct core *core;
    struct journal_head head;
    uint64_t broken; /* the first batch that is missing or damaged; 0: none */
};

/* Prepares to replay a journal with the programs of the configuration. `store`: the journal's store, which the
 * struct owns from now on. False if `store` is NULL. */
bool keeping_on(struct keeping *, const struct conf *, struct batches *store);
/* Prepares as keeping_on() does, for the whole journal of the state folder, into which a gcxvm may be writing.
 * False: the journal is missing, or has lost its end. */
bool keeping_open(struct keeping *, const struct conf *, struct error *);
void keeping_close(struct keeping *);
/* Applies the next batch. If a batch needs an image that was refused before, the error says why that image was
 * refused. */
bool keeping_next(struct keeping *, const struct journal_watch *, struct error *);
/* Makes a core by replaying to the batch `until`, from the newest good snapshot at or before `from`. */
bool keeping_replay(struct keeping *, uint64_t from, uint64_t until, struct error *);
void keeping_drop(struct keeping *); /* frees the core alone */

/* Checks each batch by itself, and that it follows the batch before it. `broken`: the first batch that fails. */
bool keeping_chain(struct batches *, uint64_t *broken, struct error *);

uint64_t keeping_period_us(uint64_t days);

/* Copies a file to a new file, durably. */
bool keeping_file_copy(const char *from, const char *to, struct error *);
/* Like keeping_export(), for a state folder; the error is returned, not printed. */
bool keeping_export_to(const char *state, const char *folder, struct error *);
