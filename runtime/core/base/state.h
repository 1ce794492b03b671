/* runtime/core/base/state.h - What a core consists of. Private to this room: everybody else sees core.h and read.h. */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "runtime/core/base/batch.h"
#include "runtime/core/base/table.h"

#define PART(name, type) struct type;
#include "runtime/core/base/parts.def"
#undef PART
struct contenders;
struct part_row;
struct slab;
struct step_ops;
struct timers;
struct vm;

enum { SOURCES_MAX = SOURCE_LINKS + LINKS_MAX };

struct core {
    struct core_options options;
    uint64_t number, epoch, time_us; /* of the last batch */
    int64_t wall_offset_us;
    uint64_t last_seq[SOURCES_MAX];
    uint64_t last_conn[SOURCES_MAX];

    struct names *names;
    struct timers *timers;
    const struct part_row *parts;
    const struct step_ops *const *step_ops; /* by the numbers of steps, which are below `step_count` */
    unsigned step_count;
    struct vm *vm;
    struct image *no_image; /* of interactions that no strategy has served yet: it declares no key */
    struct slab *slab; /* the blocks of all interactions */
#define PART(name, type) struct type *name;
#include "runtime/core/base/parts.def"
#undef PART

    bool draining;   /* administrators let no more calls in: those that arrive are default-routed */
    bool pools_stale; /* what is remembered of who matches a selection is not true any more */
    bool settle_all; /* something changed for many: selection looks at everybody */
    uint64_t *fresh; /* interactions that joined a queue while somebody ready had not been looked at yet */
    uint32_t fresh_count, fresh_capacity;
    uint32_t *choice; /* those among whom somebody is chosen just now */
    uint32_t choice_capacity;
    struct contenders *contenders, *fresh_of; /* fresh_of: of whom `choice` is made, while it is */
    uint32_t contenders_next;
    struct kv scratch;
    struct kv given; /* what a strategy passes on to the one that it switches to, within a slice */
    uint8_t *kept; /* a block as it was, while something is tried with it */
    uint32_t kept_capacity;
    const struct effect_sink *sink;
    uint64_t events, refused;
    uint64_t routed, abandoned, defaulted, ended, overload;
    uint32_t running; /* strategies */
    uint64_t content; /* additive hash of the logical contents of all interactions */
};

/* The wall clock's time of this batch. */
static inline int64_t core_wall_us(const struct core *core)
{
    return (int64_t)core->time_us + core->wall_offset_us;
}

static inline struct span core_name(const struct core *core, uint32_t name)
{
    return names_text(core->names, name);
}

/* After each event and timer: whoever became ready meets those who wait. */
void core_settle(struct core *);

#endif
