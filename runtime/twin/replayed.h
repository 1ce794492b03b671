/* runtime/twin/replayed.h - A journal that is played beside the gcxvm that writes it: the store, the present core, the
 * rival, and what is counted. The journal is only read, without a lock. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/journal/images.h"
#include "runtime/journal/recovery.h"
#include "runtime/natives/natives.h"
#include "runtime/twin/rival.h"
#include "runtime/twin/tally.h"

struct replayed {
    struct batches *store; /* owned, as the images, the core and the rival are */
    struct images *images;
    struct core_options options;
    struct recovery recovery;
    struct core *present; /* the caller makes it after replayed_open() */
    struct journal_head head;
    uint64_t last; /* batch at which the journal ended when it was opened by replayed_start() */
    struct rival *rival;
    struct rival_tally *tally; /* borrowed */
    uint64_t since_us;         /* logical time: interactions that arrived before are counted alone in `before` */
    uint64_t before;
};

/* Takes the store of the journal in the folder, which place_follow() or place_follow_whole() has opened (NULL: `why`
 * says why not). False with the reason in `why`: it cannot be read. */
bool replayed_open(struct replayed *, struct batches *store, const char *state, struct natives *, struct error *why);
/* Opens the journal in the folder and makes the present core: that of the newest snapshot from `back_us` before the
 * journal's end, or the journal's earliest; 0: the earliest. False with the reason. */
bool replayed_start(struct replayed *, const char *state, struct natives *, uint64_t back_us, struct error *);
/* Returns the core of the newest snapshot from before `since_us`. NULL: there is none. */
struct core *replayed_snapshot(struct replayed *);
/* Makes the rival by the options' image, point and settings. False with the reason. */
bool replayed_begin(struct replayed *, struct rival_options, struct error *);
/* Brings the tally up to date after a batch. */
void replayed_count(struct replayed *);
void replayed_end(struct replayed *); /* tells what has not ended */
void replayed_free(struct replayed *);
