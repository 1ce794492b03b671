/* runtime/debugger/twin.h - Plays a journal in two cores: the old core repeats what was done, the new core runs
 * another version of the strategies.
 *
 * Both cores get the recorded events. After each Activate the new core gets an Activate of the new image, if that
 * has a strategy of the same name. The events answer what the old core did, so they are right for an interaction of
 * the new core as long as it does the same: effect by effect, apart from user data. At the first effect that
 * differs, the new core gets no more answers for that interaction, and an administrator's `end` removes it from its
 * strategy, so that it does not occupy an agent or a place in a queue for ever. Events of the links about agents and
 * calls still come. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/journal/replay.h"
#include "runtime/sim/sim.h"
#include "vm/image.h"

struct past;
struct twin;

enum { TWIN_TEXT = 200 };

/* Numbers of the old core, each with the new core's number for the same thing. */
struct twin_pairs {
    struct {
        uint64_t was, is;
    } * rows;
    size_t count;
};

/* One side of a difference between the two versions. */
struct twin_side {
    char what[TWIN_TEXT];  /* the effect, or the wait where the interaction is instead */
    char place[TWIN_TEXT]; /* file:line of that step; "": unknown */
};

struct twin_call {
    uint64_t ixn, conn, arrived_us; /* in the old core */
    uint64_t other;                 /* the interaction's number in the new core; 0: it has none */
    bool renewed;                   /* runs the new version */
    bool parted;
    bool looked; /* has asked, in the new core, for something that others share: agents, queues, counters */
    uint64_t parted_us;
    struct twin_side was, is;           /* the first effect that differs, in the old core and in the new one */
    struct twin_side data_was, data_is; /* the first change of user data that differs; "": none differs */
    struct twin_pairs refs;
};

/* Makes the two cores; which interactions run the new version? The one whose number in the old core is `only`; 0:
 * all of them. */
struct twin *twin_new(struct past *, uint64_t only);
void twin_free(struct twin *);
struct core *twin_core(struct twin *); /* the new core */
/* Sets watches of the new core: of its strategies, and of its journal with the effects. */
void twin_watch(struct twin *, const struct vm_watch *, const struct journal_watch *);
/* Applies the next batch to both cores. False: there is no further batch, or, with the reason, it cannot be applied. */
bool twin_next(struct twin *, struct error *);
uint64_t twin_batches(const struct twin *);
/* Returns the interactions that have arrived so far, in order; NULL after the last. */
size_t twin_count(const struct twin *);
const struct twin_call *twin_call(const struct twin *, size_t index);
/* returns the interaction of this number; NULL: it has not arrived */
struct twin_call *twin_named(const struct twin *, uint64_t ixn);
/* Returns the interaction that was the first to differ; NULL: none has. */
const struct twin_call *twin_first(const struct twin *);
