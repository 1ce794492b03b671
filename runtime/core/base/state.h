/* runtime/core/base/state.h - The contents of a core. Private to runtime/core; all other code uses core.h and
 * read.h. */
#pragma once

#include "runtime/core/base/batch.h"
#include "runtime/core/base/source.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/table.h"

#define PART(name, type, self) struct type;
#include "runtime/core/base/neighbours.def"
struct media_ops;
struct part_rows;
struct sessions;
struct slab;
struct step_ops;
struct timer_selves;
struct timers;
struct vm;

struct core {
    struct core_options options;
    struct now *now;
    uint64_t last_seq[SOURCES_MAX];
    uint64_t last_conn[SOURCES_MAX];

    struct names *names;
    struct timers *timers;
    struct timer_selves *timer_selves; /* for each kind of timer, the `self` of its operations (core.c) */
    struct facts *facts;
    uint16_t *handlers;      /* for each event below `handled`, its first row among the handlers (core.c) */
    uint16_t *handlers_next; /* for each row among the handlers, the next row of the same event */
    unsigned handled;
    const struct part_rows *parts;
    const struct media_ops *const *media;   /* indexed by enum media */
    const struct step_ops *const *step_ops; /* array, indexed by step number, below `step_count` */
    unsigned step_count;
    struct vm *vm;
    struct vm *beside;      /* runs leaf functions for readers, who may ask while `vm` is in the middle of a slice */
    struct image *no_image; /* image of interactions that have had no strategy yet; it declares no keys */
    struct slab *slab;      /* the blocks of all interactions */
#define PART(name, type, self) struct type *name;
#include "runtime/core/base/neighbours.def"

    struct sessions *sessions; /* the part of agents' sessions (session.h) */

    bool draining;   /* true: an administrator drains the core: new arrivals are default-routed */
    bool gated;      /* true: the host refuses arrivals: nothing new is dialled */
    bool dials_held; /* true: another gcxvm is about to become the leader: nothing new is dialled */
    bool settle_all; /* true: many agents changed at once: selection looks at all agents */
    struct kv scratch;
    struct kv given; /* the arguments that a strategy passes on in this slice (arguments.h) */
    uint64_t events;
    uint32_t running; /* number of running strategies */
    uint32_t turns;   /* further turns of strategies in this batch (run/strategy.c) */
};

/* May nothing new be dialled: no record, no call-back, no kept place? */
static inline bool core_dials_nothing(const struct core *core)
{
    return core->draining || core->gated || core->dials_held;
}

static inline struct span core_name(const struct core *core, uint32_t name)
{
    return names_text(core->names, name);
}
