/* runtime/journal/crashes.h - The crashes: what the core was doing when the process before this one ended, and how
 * often.
 *
 * STATE/working is mapped into memory, and the core writes into it what it begins next (core_options.mark). Nothing is
 * synced: the pages are the kernel's, so they outlive the process whatever ends it, a signal of the watchdog included;
 * only a loss of power may lose them, which costs one crash more. The next process finds there what crashed, counts it,
 * and at the second time it is due: what stands in the journal is passed over by replays (batches_pass), the rest is
 * put into quarantine by the event Quarantined in the leader's first batch. It stays due until a core is recovered that
 * knows of it; so whoever is killed meanwhile, the next one goes on.
 *
 * A thread ends the process when the core stays in one event or timer for CRASHES_BOUND_S seconds; for
 * CRASHES_SUSPECT_S, where something has crashed before. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/core/core.h"
#include "runtime/journal/batches.h"
#include "base/error.h"

struct crashes;

enum { CRASHES_MAX = 32, CRASHES_DUE = 2, CRASHES_BOUND_S = 120, CRASHES_SUSPECT_S = 30 };

enum crash_phase {
    CRASH_NOWHERE,
    CRASH_LOADING, /* it loads a snapshot */
    CRASH_REPLAY,  /* it applies a batch that is in the journal */
    CRASH_LIVE,    /* it applies a batch that is not in the journal yet */
};

struct crash {
    struct core_mark mark;
    uint64_t snapshot; /* CRASH_LOADING: the batch of the snapshot that was loaded */
    uint32_t phase, times;
    bool bare; /* true: routing its interaction by default has crashed, too */
};

/* Finds what the last process was doing when it crashed, counts that, and tells it. `bound_s`: how long the core may
 * stay in one event or timer; 0: CRASHES_BOUND_S. The lock on the state folder is held (batches.h). NULL: the file
 * cannot be made. */
struct crashes *crashes_open(const char *state, unsigned bound_s, const struct batches_watch *told, struct error *);
/* `in_order`: the process ends as it was asked to, and what has crashed once is forgotten. NULL is allowed. */
void crashes_free(struct crashes *, bool in_order);

/* For core_options. */
volatile struct core_mark *crashes_mark(struct crashes *);
/* Notes what the core does from now on. `snapshot`: the batch of the snapshot that is loaded; else 0. */
void crashes_phase(struct crashes *, enum crash_phase, uint64_t snapshot);

/* Returns the crash that is due, from 0; NULL past the last. */
const struct crash *crashes_due(const struct crashes *, size_t index);
/* Has loading this snapshot crashed twice? */
bool crashes_by_loading(const struct crashes *, uint64_t snapshot);
/* The core is recovered: forgets the crashes that this core knows of, or has taken into quarantine since. */
void crashes_recovered(struct crashes *, const struct core *);
/* Writes the event Quarantined for this crash, which the host posts. */
void crash_write(const struct crash *, struct writer *);
