/* runtime/core/interactions/submitted.h - Interactions that were submitted: they need no call, and they wait in bins.
 *
 * A bin is a queue or a workbin. The table owns a row per submitted interaction, and the bins. A row says in which bin
 * its interaction is, or from which bin it was taken; an interaction that an agent has stands in no bin. The table also
 * remembers the external ids that ended last, so that a medium's server that asks again after a crash hears which
 * interaction it has made already.
 *
 * An interaction that a strategy has put into a workbin for a time is parked: while an agent has it the time goes on,
 * and it is looked at again when the interaction is back in the workbin.
 *
 * Invariant: of a tenant's medium each external id is one interaction. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/vocabulary/message.h"

struct agents;
struct claims;
struct core_options;
struct effects;
struct facts;
struct interactions;
struct links;
struct now;
struct slab;
struct timers;
struct interaction;

enum { BIN_NONE = UINT32_MAX, SUBMITTED_NONE = UINT32_MAX, ENDED_KEYS = 1 << 16, BINS_MAX = 1 << 20 };

struct bin {
    uint32_t name, whose;        /* whose: the owner of a workbin; 0: it is a queue */
    uint32_t first, last, count; /* the rows in it, in the order in which they came */
    bool watched, changed; /* somebody wants to hear of its content; it stands in `changed` of struct submissions */
};

struct submitted {
    uint64_t key; /* of its external id, its tenant and medium */
    uint64_t parent;
    uint8_t *held;           /* owned: the external id, then where the body is stored (a record of vocabulary) */
    uint32_t slot;           /* the interaction's; of a free row: the next free row */
    uint32_t bin;            /* in which it is, or from which it was taken; BIN_NONE: none yet */
    uint32_t next, previous; /* rows of the bin */
    uint32_t author;         /* name of the agent who has written it; 0: none */
    uint16_t external_length, body_length;
    uint16_t home;      /* the link that has submitted it, or the one whose interaction it answers */
    bool in : 1;        /* it is in its bin */
    bool online : 1;    /* somebody waits for the answer */
    bool parked : 1;    /* `bin` is a workbin, which has it until the interaction's `ends_us` at most */
    bool came_back : 1; /* that time was over, and nobody has had it since */
    uint32_t queue;     /* the bin of the queue in which it stood last; BIN_NONE: none yet */
};

struct submissions {
    struct unfit {           /* the last one that came into a queue whose strategy is for other media */
        uint64_t ixn, count; /* count: of all since the core began */
        uint32_t queue;      /* its name */
    } unfit;
    const struct core_options *options;
    const struct now *now;
    const struct facts *facts;
    const struct names *names;
    const struct agents *agents;
    const struct claims *claims;
    const struct links *links;
    struct timers *timers;
    struct slab *slab;
    struct interactions *interactions;
    struct effects *effects;
    struct submitted *all;
    uint32_t count, capacity, free;
    uint32_t *by_slot, slot_capacity; /* of the interaction in that slot: its row + 1, or 0 */
    struct lookup by_key;
    struct bin *bins; /* one without name and owner is free */
    uint32_t bin_count, bin_capacity, bins_free, bin_free_from;
    struct lookup by_bin;
    uint32_t *changed, changed_count, changed_capacity; /* watched bins whose content is another one than before */
    struct ended_key {
        uint64_t key, ixn;
    } * ended; /* a ring of ENDED_KEYS */
    uint64_t ended_count, ended_content;
    struct lookup by_ended;
};

/* The key of an external id. `medium`: enum media. */
uint64_t submitted_key(const struct submissions *, struct span external, struct span tenant, unsigned medium);
/* The interaction that was submitted with this key, also if it ended lately; 0: none. */
uint64_t submitted_before(const struct submissions *, uint64_t key);
/* Is there one that has ended and is not remembered any more? */
bool submitted_forgets(const struct submissions *);
/* The interaction gets its row, which is in no bin yet. */
void submitted_add(struct submissions *, struct interaction *, uint64_t key, const struct message *);
/* NULL: it was not submitted. Borrowed until the next submitted_add. */
const struct submitted *submitted_of(const struct submissions *, const struct interaction *);
/* The queue where it stands, or from which it was taken; 0: it is a workbin, or it was not submitted. */
uint32_t submitted_queue(const struct submissions *, const struct interaction *);
struct span submitted_external_id(const struct submitted *);
/* The place of the body, or of the transcript, from now on; empty: as before. */
void submitted_set_body(struct submissions *, struct interaction *, struct span body);
struct span submitted_body(const struct submitted *); /* a record Blob; empty: none */

/* Puts it into the queue, or into the workbin of `whose`, and makes that its owner. */
void submitted_put(struct submissions *, struct interaction *, uint32_t name, uint32_t whose);
/* The workbin into which it was put has it until then, also when an agent takes it and it goes back there. To put it
 * elsewhere, or there anew, ends that. An interaction that has stood in no queue stays in the workbin. */
void submitted_park(struct submissions *, struct interaction *, uint64_t until_us);
/* The time is over: puts it into the queue in which it stood last. */
void submitted_unpark(struct submissions *, struct interaction *);
/* The queue in which it stood last, which may have been deleted; 0: it stood in none. */
uint32_t submitted_last_queue(const struct submissions *, const struct interaction *);
/* When it leaves the workbin in which it stands; 0: it stands in none, or stays. */
uint64_t submitted_back_us(const struct submissions *, const struct interaction *);
/* It stays in its workbin until somebody takes it. */
void submitted_stays(struct submissions *, struct interaction *);
/* Puts it back where it was taken from. */
void submitted_return(struct submissions *, struct interaction *);
/* An agent has it now: it is in no bin. */
void submitted_take(struct submissions *, struct interaction *);

/* Before agents go: the owners of the workbins in which something is, or from which it was taken, stay. */
void submitted_refer_owners(const struct submissions *);
/* Workbins in which nothing is, of which nothing has been taken and which nobody watches go: anybody may name some. */
void submitted_sweep(struct submissions *);
bool submitted_bins_full(const struct submissions *); /* there is no room for another bin */

/* NULL: nothing is there, and nothing was since the last sweep. */
const struct bin *submitted_bin(const struct submissions *, uint32_t name, uint32_t whose);
/* Notes from now on that the content of the bin has changed, or no longer. It is made where it is not there yet; NULL:
 * there are too many. */
const struct bin *submitted_watch(struct submissions *, uint32_t name, uint32_t whose, bool watched);
/* A watched bin whose content has changed, each once; NULL: no more. */
const struct bin *submitted_changed(struct submissions *);
/* The interactions of a bin, in the order in which they came: `row` is SUBMITTED_NONE at first. NULL: no more. */
struct interaction *submitted_next(const struct submissions *, const struct bin *, uint32_t *row);
