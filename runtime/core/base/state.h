/* runtime/core/base/state.h - The contents of a core. Private to runtime/core; all other code uses core.h and
 * read.h. */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "runtime/core/base/batch.h"
#include "runtime/core/base/table.h"

#define PART(name, type) struct type;
#include "runtime/core/base/parts.def"
#undef PART
struct core_listener;
struct media_ops;
struct fact;
struct interaction;
struct part_row;
struct slab;
struct step_ops;
struct timers;
struct vm;

enum { SOURCES_MAX = SOURCE_LINKS + LINKS_MAX, READERS_MAX = 16 };

struct core {
    struct core_options options;
    uint64_t number, epoch, time_us; /* of the last batch */
    int64_t wall_offset_us;
    uint64_t restored_s; /* the second since 1970 when the journal was put back last (Epoch_restored); 0: never */
    uint64_t last_seq[SOURCES_MAX];
    uint64_t last_conn[SOURCES_MAX];

    struct names *names;
    struct timers *timers;
    const struct part_row *parts;
    unsigned part_count;
    const struct media_ops *const *media;                             /* indexed by enum media */
    void (*readers[READERS_MAX])(struct core *, const struct fact *); /* of facts: the parts that hear them */
    unsigned reader_count;
    const struct core_listener *listener;   /* NULL: nobody outside listens */
    const struct step_ops *const *step_ops; /* indexed by step number, below `step_count` */
    unsigned step_count;
    struct vm *vm;
    struct vm *beside;      /* asks leaf functions for readers, who may come while a slice of `vm` stands */
    struct image *no_image; /* image of interactions that no strategy has served yet; it declares no keys */
    struct slab *slab;      /* the blocks of all interactions */
#define PART(name, type) struct type *name;
#include "runtime/core/base/parts.def"
#undef PART

    bool draining;              /* administrators let no more calls in; new arrivals are default-routed */
    bool gated;                 /* the host refuses arrivals: nothing new is dialled */
    bool settle_all;            /* many agents changed at once: selection looks at all of them */
    struct interaction *reader; /* stands for no call while a latch is evaluated (latch.h); otherwise NULL */
    struct kv scratch;
    struct kv given; /* the arguments that a strategy passes on in this slice (arguments.h) */
    uint8_t *kept;   /* copy of a block while the core tries something with it */
    uint32_t kept_capacity;
    const struct effect_sink *sink;
    uint64_t events;
    uint32_t running; /* number of running strategies */
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

#endif
