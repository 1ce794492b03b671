/* runtime/debugger/twin.h - A journal in two cores: the old one does what was done, the new one runs another version of
 * the strategies.
 *
 * Both get the recorded events. Behind each Activate the new core gets one more, of the new image, where that has a
 * strategy of the same name. The events answer what the old core did, so they hold for an interaction of the new core
 * as long as it does the same: effect by effect, but for user data. With the first effect that differs the two part:
 * the new core hears no more answers for that interaction, and an administrator's `end` takes it out of its strategy,
 * so that it holds no agent and no place in a queue which nobody would give back. The links still tell of agents and
 * calls. */
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

/* Numbers of the old core, and what the new core has for them. */
struct twin_pairs {
    struct {
        uint64_t was, is;
    } * rows;
    size_t count;
};

/* One side of a difference. */
struct twin_side {
    char what[TWIN_TEXT];  /* the effect, or where it waits instead */
    char place[TWIN_TEXT]; /* file:line of its step; "": unknown */
};

struct twin_call {
    uint64_t ixn, conn, arrived_us; /* in the old core */
    uint64_t other;                 /* in the new core; 0: it does not have it */
    bool renewed;                   /* runs the new version */
    bool parted;
    bool looked; /* has asked, in the new core, for what others have a part in: agents, queues, counters */
    uint64_t parted_us;
    struct twin_side was, is;           /* the first effect that differs, in the old core and in the new one */
    struct twin_side data_was, data_is; /* of the first change of user data that differs; "": none does */
    struct twin_pairs refs;
};

/* Which interactions run the new version? Those of which `only` is the number in the old core; 0: all. */
struct twin *twin_new(struct past *, uint64_t only);
void twin_free(struct twin *);
struct core *twin_core(struct twin *); /* the new core */
/* Somebody looks at what the new core does: its strategies, and its journal with the effects. */
void twin_watch(struct twin *, const struct vm_watch *, const struct journal_watch *);
/* Applies the next batch to both cores. False: there is none, or, with the reason, it cannot be applied. */
bool twin_next(struct twin *, struct error *);
uint64_t twin_batches(const struct twin *);
/* The interactions that arrived so far, in order; NULL past the last. */
size_t twin_count(const struct twin *);
const struct twin_call *twin_call(const struct twin *, size_t index);
struct twin_call *twin_named(const struct twin *, uint64_t ixn); /* NULL: it has not arrived */
/* The first interaction that has parted; NULL: none has. */
const struct twin_call *twin_first(const struct twin *);
