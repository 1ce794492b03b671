/* runtime/core/interactions/submitted.h - Interactions that were submitted: they need no call, and they wait in
 * queues and workbins (bins).
 *
 * A bin is a queue or a workbin. The table owns a row per submitted interaction, and the bins. A row says in which
 * bin its interaction is, or from which bin it was taken; an interaction that an agent has is in no bin. The table
 * also remembers the external ids of interactions that ended lately, so that a medium's server that asks again after
 * a crash hears which interaction it has already made.
 *
 * An interaction that a strategy has put into a workbin for a time is parked: the time goes on while an agent has
 * it, and is checked when the interaction is back in the workbin.
 *
 * The interactions of one thread, such as a mail and the next one about the same, are a list; beyond THREAD_MAX an
 * interaction counts as a thread of its own.
 *
 * Invariant: within a tenant and a medium, each external id belongs to one interaction. */
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

enum { BIN_NONE = UINT32_MAX, SUBMITTED_NONE = UINT32_MAX, ENDED_KEYS = 1 << 16, BINS_MAX = 1 << 20, THREAD_MAX = 64 };

struct bin {
    uint32_t name, whose;        /* whose: the owner of a workbin; 0: the bin is a queue */
    uint32_t first, last, count; /* first and last row in the bin, in the order of arrival; how many */
    /* Watched: somebody asked for reports of the bin's changes; changed: the bin is in `changed` of struct
     * submissions. */
    bool watched, changed;
};

struct submitted {
    uint64_t key; /* key made of the interaction's external id, tenant and medium */
    uint64_t parent;
    uint64_t thread;         /* key made of the thread's name, tenant and medium; 0: none */
    uint8_t *held;           /* owned: the external id, then where the body is stored (a record Blob) */
    uint32_t slot;           /* slot of the interaction; free row: the next free row */
    uint32_t bin;            /* bin where the interaction is, or from which it was taken; BIN_NONE: none yet */
    uint32_t next, previous; /* neighbours in the bin */
    /* neighbours in the thread; SUBMITTED_NONE: none */
    uint32_t thread_next, thread_previous;
    uint32_t author; /* name of the agent who has written the message; 0: none */
    uint16_t external_length, body_length;
    uint16_t home;      /* the link that has submitted the interaction, or that has the interaction which it answers */
    bool in : 1;        /* true: the interaction is in its bin now */
    bool online : 1;    /* true: the customer is online and waits for the answer */
    bool parked : 1;    /* true: `bin` is a workbin, where it stays until the interaction's `ends_us` at most */
    bool answers : 1;   /* true: a held mail, which counts as the reply to `parent` when it goes */
    bool split : 1;     /* true: it was split off from `parent`, a mail of a customer */
    bool came_back : 1; /* true: the interaction's parking time is over, and no agent has had it since */
    uint32_t queue;     /* bin of the last queue where the interaction was; BIN_NONE: none yet */
};

struct submissions {
    struct unfit { /* the last interaction that came into a queue whose strategy does not serve its medium */
        /* count: how many interactions came into a queue whose strategy does not serve their medium */
        uint64_t ixn, count;
        uint32_t queue; /* name of the queue */
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
    uint32_t *by_slot, slot_capacity; /* array, by slot of the interaction: row + 1, or 0 */
    struct lookup by_key, by_thread;  /* by_thread: the first row of a thread */
    struct bin *bins;                 /* a bin without name and owner is free */
    uint32_t bin_count, bin_capacity, bins_free, bin_free_from;
    struct lookup by_bin;
    uint32_t *changed, changed_count, changed_capacity; /* array of the watched bins whose content has changed */
    uint64_t *noted; /* keys of threads of which somebody else may have one, until the event is over */
    uint32_t noted_count, noted_capacity;
    struct ended_key {
        uint64_t key, ixn;
    } * ended; /* a ring of ENDED_KEYS */
    uint64_t ended_count, ended_content;
    struct lookup by_ended;
};

/* Returns the key of an external id. `medium`: enum media. */
uint64_t submitted_key(const struct submissions *, struct span external, struct span tenant, unsigned medium);
/* Returns the interaction that was submitted with this key, also if it ended lately; 0: none. */
uint64_t submitted_before(const struct submissions *, uint64_t key);
/* How an interaction ended, as its keeper is told: ended, closed, merged, passed on. */
const char *submitted_ended_word(unsigned outcome);
/* Have external ids of ended interactions been forgotten already? */
bool submitted_forgets(const struct submissions *);
/* Makes the row of a submitted interaction, which is in no bin yet. */
void submitted_add(struct submissions *, struct interaction *, uint64_t key, const struct message *);
/* Returns the row of the interaction, borrowed until the next submitted_add; NULL: it was not submitted. */
const struct submitted *submitted_of(const struct submissions *, const struct interaction *);
/* Returns the name of the queue where the interaction is, or from which it was taken; 0: its bin is a workbin, or it
 * was not submitted. */
uint32_t submitted_queue(const struct submissions *, const struct interaction *);
struct span submitted_external_id(const struct submitted *);
/* Returns the name of the agent who has another interaction of the same thread, in hand or in a workbin: of several the
 * oldest one counts. 0: nobody has one. */
uint32_t submitted_thread_agent(const struct submissions *, const struct interaction *);
/* Tells of each interaction in whose thread somebody else may have one since the last call: threads in which one came
 * to another owner, or has ended. */
void submitted_threads_settle(struct submissions *, void *self, void (*told)(void *self, const struct interaction *));
/* Sets where the body, or the transcript, is stored (a record Blob); empty: unchanged. */
void submitted_set_body(struct submissions *, struct interaction *, struct span body);
/* returns where the body is stored, a record Blob; empty: there is none */
struct span submitted_body(const struct submitted *);

/* Notes whether the mail, which is held, counts as the reply to its parent when it goes. */
void submitted_answers(struct submissions *, const struct interaction *, bool answers);

/* Puts the interaction into the queue `name`, or into the workbin of `whose`, which becomes its owner. */
void submitted_put(struct submissions *, struct interaction *, uint32_t name, uint32_t whose);
/* Parks the interaction in the workbin into which it was put, until `until_us`, even if an agent takes it and gives
 * it back. A later submitted_put ends the parking. An interaction that was never in a queue stays in the workbin
 * afterwards, too. */
void submitted_park(struct submissions *, struct interaction *, uint64_t until_us);
/* Puts the interaction, whose parking time is over, into the last queue in which it was. */
void submitted_unpark(struct submissions *, struct interaction *);
/* Returns the last queue in which the interaction was; the queue may have been deleted. 0: the interaction was in no
 * queue. */
uint32_t submitted_last_queue(const struct submissions *, const struct interaction *);
/* Returns when the interaction leaves its workbin; 0: it is in none, or is not parked. */
uint64_t submitted_back_us(const struct submissions *, const struct interaction *);
/* Ends the parking: the interaction stays in its workbin until somebody takes it. */
void submitted_stays(struct submissions *, struct interaction *);
/* Puts the interaction back into the bin from which it was taken. */
void submitted_return(struct submissions *, struct interaction *);
/* Takes the interaction out of its bin, since an agent has it now. */
void submitted_take(struct submissions *, struct interaction *);

/* Called before agents are removed: counts references to the owners of workbins that hold an interaction, or from
 * which one was taken. */
void submitted_refer_owners(const struct submissions *);
/* Frees workbins that are empty, from which nothing is taken and which nobody watches: any request may make one by
 * naming it. */
void submitted_sweep(struct submissions *);
bool submitted_bins_full(const struct submissions *); /* True: there is no room for another bin */

/* Returns the bin of the given name and owner; NULL: there is none, so it holds nothing. */
const struct bin *submitted_bin(const struct submissions *, uint32_t name, uint32_t whose);
/* Begins or ends the watch on changes in the bin, which is made if it does not exist. NULL: there are too many bins. */
const struct bin *submitted_watch(struct submissions *, uint32_t name, uint32_t whose, bool watched);
/* Returns the next watched bin whose content has changed; each one once. NULL: no more. */
const struct bin *submitted_changed(struct submissions *);
/* Returns the next interaction of a bin, in the order of arrival; `row` is SUBMITTED_NONE at first. NULL: no more. */
struct interaction *submitted_next(const struct submissions *, const struct bin *, uint32_t *row);
