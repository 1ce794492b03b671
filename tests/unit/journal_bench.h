/* tests/unit/journal_bench.h - A partition of a journal around a core that only counts, for the tests of both its ends.
 *
 * The core here answers every event of a link with one effect to it, and every Signal with a timer a millisecond later.
 * Its digest is over all that it was given, so replay must give it the same. */
#pragma once

#include "runtime/core/core.h"
#include "runtime/host/simulated.h"
#include "runtime/journal/batches_kind.h"
#include "runtime/journal/partition.h"

enum { CRASHED = 9 };

/* What the core has counted. */
struct core_counts {
    struct core_options options;
    uint64_t recovered_us; /* time of the batch that told of the recovery */
    uint64_t digest, time_us, timer_us, events, recovered, batches;
    uint64_t last_seq[32];
    uint64_t quarantined; /* the batch that Quarantined named last */
    int64_t gap, offset, held_us, behind_us;
    uint64_t at_us[8]; /* when the link's event of that number was applied, and how old it was */
    int64_t ago_us[8];
    uint64_t until_us; /* its effects are not to be given out later */
    uint64_t refused;  /* the last one of which it has heard that, */
    uint64_t refusals; /* all, and the most of a batch */
    unsigned refusals_most;
    struct writer writer;
};

/* A partition in a simulated host, over a store that outlives it. */
struct partition_bench {
    struct batches *store;
    struct simulated *sim;
    struct partition *partition;
    struct writer writer;
    unsigned stored, released, timers;
    enum append_result fails; /* APPEND_OK: it does not */
    const char *boot;
    uint64_t start_us;
    uint64_t committed, last_ref;
    bool good, deaf; /* deaf: what becomes of appends is not heard any more */
};

extern struct partition_options bench_options;
extern uint64_t bench_salt;       /* to make a core of another mind */
extern unsigned bench_crashes_at; /* a kind of event: where a core that is marked takes it, the process ends */

void bench_open(struct partition_bench *bench, uint64_t delay_us);
bool bench_try(struct partition_bench *bench, uint64_t delay_us, int64_t wall_us, struct error *error);
void bench_appended(void *self, enum append_result result);
bool bench_post(struct partition_bench *bench, uint64_t seq);
bool bench_post_kind(struct partition_bench *bench, unsigned kind, unsigned source, uint64_t seq);
/* Everything that is due until then happens. */
void bench_run(struct partition_bench *bench, uint64_t until_us);
/* The process ends here, whatever was under way; the store stays. */
void bench_die(struct partition_bench *bench);
void bench_close(struct partition_bench *bench);

struct core_counts *core_counts(struct core *core);
struct core_counts *bench_counts(const struct partition_bench *bench);
