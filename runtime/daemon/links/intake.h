/* runtime/daemon/links/intake.h - Decides which events are let in: all, no arrivals, only relief, or none.
 *
 * Owns the present level and the samples from which it follows: how long an event takes to be durable, how many
 * interactions live, how much memory is used, and how much of the disk is left. Arrivals are refused first, by
 * giving adapters no credit for them: new calls go to their default destinations at the switch, and calls already in
 * the system go on. A configured rate of arrivals is kept as well.
 *
 * Invariant: each bound has a lower one at which its level ends, so that the level does not change to and fro. On
 * the loop's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/engine/engine.h"
#include "runtime/daemon/site/conf.h"

enum intake_level { INTAKE_OPEN, INTAKE_NO_ARRIVALS, INTAKE_RELIEF, INTAKE_STOP };

enum { SPACE_ARRIVALS, SPACE_RELIEF, SPACE_STOP, SPACE_BOUNDS }; /* order as in conf.space */

struct intake_limits { /* bounds; 0: no bound */
    uint64_t lag_us, interactions, memory;
    /* thousandths of the space, at or below which a level begins; it ends ten thousandths above */
    unsigned space[SPACE_BOUNDS];
};

struct intake_sample {
    uint64_t lag_us, interactions, memory;
    unsigned space; /* free share of the disk, in thousandths */
    bool gave_up;   /* a batch found no free space, and has used the reserved space */
};

/* Returns the level that follows the level `now`. `why`: the reason in a word ("lag", "interactions", "memory",
 * "space"; "" if the level is open). */
enum intake_level intake_level_of(const struct intake_limits *, const struct intake_sample *, enum intake_level now,
                                  const char *before, const char **why);

struct intake;

struct intake *intake_new(const struct conf *, struct engine *, const struct log *);
void intake_free(struct intake *);
/* Takes new samples and decides the level; to be called several times a second. */
enum intake_level intake_look(struct intake *, uint64_t now_us);

/* intake_arrivals(): how many arrivals may be let in now. UINT32_MAX: any number. intake_let_in() notes how many
 * were let in. */
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

/* The bytes that the state folder may use, and how many of them are free, including the `reusable` bytes within its
 * journal. */
struct intake_space {
    uint64_t all, left;
};
void intake_space(const char *folder, uint64_t space_mb, uint64_t reusable, struct intake_space *);
unsigned intake_share(const struct intake_space *); /* the share of the space that is left, in thousandths */
/* returns a setting's bound, in thousandths */
unsigned intake_bound(const struct conf_space *, const struct intake_space *);
/* True: there is so much space that a start does not lead to a stop at once. False with a sentence. */
bool intake_may_begin(const struct conf *, uint64_t reusable, struct error *);
uint64_t intake_memory(void); /* returns the resident memory of this process, in bytes */
