/* runtime/daemon/links/intake.h - Decides what is let in: everything, no arrivals, only relief, or nothing more.
 *
 * Owns the present level and the samples behind it: how long an event takes to be durable, how many interactions
 * live, how much memory is used, and how much of the disk is left. Arrivals are refused first, by giving adapters no
 * credit for them: new calls go to their default destinations at the switch, and calls that are in go on. Besides, a
 * configured rate of arrivals is kept.
 *
 * Invariant: each bound has a lower one at which its level ends, so that the level does not flutter. On the loop's
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/engine/engine.h"
#include "runtime/daemon/site/conf.h"

enum intake_level { INTAKE_OPEN, INTAKE_NO_ARRIVALS, INTAKE_RELIEF, INTAKE_STOP };

enum { SPACE_ARRIVALS, SPACE_RELIEF, SPACE_STOP, SPACE_BOUNDS }; /* in the order of conf.space */

struct intake_limits { /* bounds; 0: no bound */
    uint64_t lag_us, interactions, memory;
    unsigned space[SPACE_BOUNDS]; /* thousandths, at or below which a level begins; it ends ten above */
};

struct intake_sample {
    uint64_t lag_us, interactions, memory;
    unsigned space; /* free share of the disk, in thousandths */
    bool gave_up;   /* a batch had no room, and has used the reserved space */
};

/* The level that follows the level `now`. `why`: its reason in a word ("lag", "interactions", "memory", "space"; ""
 * where open). */
enum intake_level intake_level_of(const struct intake_limits *, const struct intake_sample *, enum intake_level now,
                                  const char *before, const char **why);

struct intake;

struct intake *intake_new(const struct conf *, struct engine *, const struct log *);
void intake_free(struct intake *);
/* Looks at the state of things; to be called several times a second. */
enum intake_level intake_look(struct intake *, uint64_t now_us);

/* intake_arrivals(): how many arrivals may be let in now? UINT32_MAX: any number. intake_let_in() notes that so many
 * were. */
uint32_t intake_arrivals(const struct intake *);
void intake_let_in(struct intake *, uint32_t arrivals);

struct intake_row {
    enum intake_level level;
    const char *why;
    struct intake_sample sample;
    uint64_t since_us; /* wall clock */
    uint64_t closings; /* how often arrivals began to be refused */
};
void intake_read(const struct intake *, struct intake_row *);
/* Writes the sentence about a level for the log. */
void intake_words(const struct intake_row *, char *text, size_t size);
const char *intake_level_name(enum intake_level);

/* The bytes that the state folder may use, and how many of them are left, with the `reusable` bytes within its
 * journal. */
struct intake_space {
    uint64_t all, left;
};
void intake_space(const char *folder, uint64_t space_mb, uint64_t reusable, struct intake_space *);
unsigned intake_share(const struct intake_space *); /* the share that is left, in thousandths */
unsigned intake_bound(const struct conf_space *, const struct intake_space *); /* a setting's bound, in thousandths */
/* Is there so much space that a start does not lead to a stop at once? False with a sentence. */
bool intake_may_begin(const struct conf *, uint64_t reusable, struct error *);
uint64_t intake_memory(void); /* resident memory of this process, in bytes */
