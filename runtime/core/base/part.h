/* runtime/core/base/part.h - A part of a core: the operations that loops over parts.def call for every part.
 *
 * A part owns one kind of thing, for example claims, virtual queues or signals. A new part needs one file and one
 * row. */
#ifndef CORE_PART_H
#define CORE_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core;
struct fact;
struct interaction;
struct keeper;

/* The operations of a part; an operation is NULL if the part has nothing to do. */
struct part_ops {
    size_t size;    /* size of the part's struct, which begins as zero */
    uint32_t since; /* the version of snapshots that has the part first; 0: all have. Of an older one it stays as `init`
                       made it */
    void (*init)(struct core *);
    void (*free)(struct core *);
    /* The interaction ends: the part gives up all that it holds for it. */
    void (*forget)(struct core *, struct interaction *);
    /* The activation of the interaction is over: the part gives up what it holds for the strategy. */
    void (*over)(struct core *, struct interaction *);
    /* The interaction leaves the virtual queue where it waits, if it waits in one. `end`: enum visit_end. */
    void (*leave)(struct core *, struct interaction *, unsigned end);
    /* The agent may be reached at another link for some medium than before, or no longer. */
    void (*agent_moves)(struct core *, uint32_t agent);
    /* The claim ends; it is still in the table. */
    void (*claim_ends)(struct core *, uint32_t claim);
    /* The claim's time is over. True: the part has seen to it. If no part has, the claim ends. */
    bool (*claim_lapsed)(struct core *, uint32_t claim);
    /* EventDone for the interaction. True: it was the answer to an effect that the part awaits. */
    bool (*answered)(struct core *, struct interaction *, const struct message *);
    /* An event or a timer is done with. The parts settle in the opposite order of parts.def. */
    void (*settle)(struct core *);
    /* Hash of the state that the part's decisions depend on, for the digest of the core. A part that came later
     * (`since`) and holds nothing gives 0, and the digest is the one from before it was there. */
    uint64_t (*hash)(const struct core *);
    /* Hash of what the part holds for one interaction, for the sum of the contents of all interactions. */
    uint64_t (*content)(const struct core *, const struct interaction *);
    /* True: the part's sum agrees with its rows. Computed in the slow and obvious way. */
    bool (*check)(const struct core *);
    /* True: what the part holds for the interaction agrees with the interaction. */
    bool (*holds)(const struct core *, const struct interaction *);
    /* The agent's value of that row of the program's measures, now. `watched`: where it becomes another one, selection
     * looks at the agent again. */
    int64_t (*figure)(struct core *, uint16_t program, uint32_t row, uint32_t agent, bool watched);
    /* A fact is told (fact.h). */
    void (*hear)(struct core *, const struct fact *);
    /* Writes or reads all that the part knows between two batches (vm/keep.h, snapshot.h). While reading, the part is
     * as `init` made it; it must not look at other parts, whose rows may not have been read yet. Names, programs and
     * timers are there already. What only serves speed, such as lookups, is made anew; scratch is left out. */
    void (*keep)(struct core *, struct keeper *);
    /* All parts have been read, from bytes that may be anybody's. True: the numbers in the part's rows name rows that
     * there are, and its lists end (marks.h), so that the other operations may be called. */
    bool (*sound)(struct core *);
};

/* The parts of a core, in the order of parts.def; the last row has no operations. */
struct part_row {
    const char *name;
    const struct part_ops *ops;
};

/* Each calls the operation of its name for every part; parts_claim_lapsed and parts_answered end with the first part
 * that returns true, and return whether one did. */
void parts_forget(struct core *, struct interaction *);
void parts_over(struct core *, struct interaction *);
void parts_leave(struct core *, struct interaction *, unsigned end);
void parts_agent_moves(struct core *, uint32_t agent);
void parts_claim_ends(struct core *, uint32_t claim);
bool parts_claim_lapsed(struct core *, uint32_t claim);
bool parts_answered(struct core *, struct interaction *, const struct message *);
void parts_settle(struct core *);
int64_t parts_figure(struct core *, uint16_t program, uint32_t row, uint32_t agent,
                     bool watched); /* 0: no part knows */
uint64_t parts_hash(const struct core *);
uint64_t parts_content(const struct core *, const struct interaction *);
const char *parts_check(const struct core *); /* name of the first part whose check fails; NULL: all checks hold */
const char *parts_hold(const struct core *, const struct interaction *); /* the same for one interaction */
void parts_keep(struct core *, struct keeper *);
const char *parts_sound(struct core *); /* name of the first part that is not; NULL: all are */

#endif
