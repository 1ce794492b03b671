/* runtime/journal/crashes.h - Records what the core was doing when the previous process ended by a crash, and how
 * often that has happened.
 *
 * STATE/working is mapped into memory, and the core writes there what it does next (core_options.mark). Nothing is
 * synced: the kernel keeps the pages whatever ends the process, even a signal of the watchdog; only a loss of power may
 * lose them, at the cost of one more crash. The next process finds there what crashed and counts it; the second time it
 * is due: what is in the journal is skipped by replays (batches_pass), anything else is put into quarantine by the
 * event Quarantined in the leader's first batch. A crash stays due until a core has recovered that knows of the crash,
 * so if a process is killed meanwhile, the next process goes on with it.
 *
 * A thread ends the process when the core stays in one event or timer for CRASHES_BOUND_S seconds, or for
 * CRASHES_SUSPECT_S if something has crashed before. */
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
    CRASH_REPLAY,  /* the core applies a batch that is in the journal */
    CRASH_LIVE,    /* the core applies a batch that is not yet in the journal */
};

struct crash {
    struct core_mark mark;
    uint64_t snapshot; /* CRASH_LOADING: the batch of the snapshot being loaded */
    uint32_t phase, times;
    bool bare; /* true: routing its interaction by default has crashed as well */
};

/* Finds out what the last process was doing if it crashed, counts and reports it. `bound_s`: how long the core may
 * stay in one event or timer; 0: CRASHES_BOUND_S. The caller holds the lock on the state folder (batches.h). NULL:
 * the file cannot be made. */
struct crashes *crashes_open(const char *state, unsigned bound_s, const struct batches_watch *told, struct error *);
/* `in_order`: the process ends as requested, so that single crashes are forgotten. NULL is allowed. */
void crashes_free(struct crashes *, bool in_order);

/* For core_options. */
volatile struct core_mark *crashes_mark(struct crashes *);
/* Notes the phase in which the core is from now on. `snapshot`: the batch of the snapshot being loaded; else 0. */
void crashes_phase(struct crashes *, enum crash_phase, uint64_t snapshot);

/* Returns the crash that is due, by index from 0; NULL after the last. */
const struct crash *crashes_due(const struct crashes *, size_t index);
/* Has loading the given snapshot crashed twice? */
bool crashes_by_loading(const struct crashes *, uint64_t snapshot);
/* The core is recovered: forgets the crashes that this core knows of, or has put into quarantine since. */
void crashes_recovered(struct crashes *, const struct core *);
/* Writes the event Quarantined for a crash, which the host posts. */
void crash_write(const struct crash *, struct writer *);
