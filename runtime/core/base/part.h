/* runtime/core/base/part.h - A part of a core: the operations that loops over parts.def call for every part.
 *
 * A part owns one kind of thing, for example claims, virtual queues or signals. To add a part one writes one file
 * and one row.
 *
 * The functions of a part take the part itself, `struct claims *`, and not the core. A part's struct holds pointers
 * to the lower parts that it uses, const where it only reads them, so the first lines of the struct say what the
 * part touches. `init` sets the pointers once, from struct parts; apart from that the part knows no other parts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct core_options;
struct fact;
struct facts;
struct image;
struct interaction;
struct keeper;
struct kv;
struct list_record_calls;
struct media_ops;
struct names;
struct now;
struct part_rows;
struct sessions;
struct slab;
struct timers;
#define PART(name, type, self) struct type;
#include "runtime/core/base/neighbours.def"

/* The other parts to which a part may keep pointers when it is made. All of them exist, but those of later rows are
 * still zero. The struct is borrowed during `init`; the pointers in it stay valid as long as the core lives. */
struct parts {
    const struct core_options *options;
    const struct now *now;
    const struct facts *facts;
    const struct part_rows *rows;
    const struct media_ops *const *media; /* indexed by enum media */
    const struct image *no_image;         /* image of interactions that have had no strategy yet; it declares no keys */
    struct names *names;
    struct timers *timers;
    struct slab *slab;         /* the blocks of all interactions */
    struct kv *scratch;        /* for lists that are built and at once sent or copied; empty between two uses */
    struct sessions *sessions; /* the part of agents' sessions */
    /* Functions by which the records of calling lists begin and end their interactions; copied during `init`. */
    const struct list_record_calls *record_calls;
#define PART(name, type, self) struct type *name;
#include "runtime/core/base/neighbours.def"
};

/* The operations of a part; an operation is NULL if the part has nothing to do. `self` is what the row in parts.def
 * says: the part itself, or the core for parts of higher folders, which use all of it. */
struct part_ops {
    size_t size;           /* size of the part's struct, which begins as zero */
    const char *kept_name; /* the part's name in snapshots; NULL: the name of its row */
    uint32_t since;        /* the first version of snapshots that has the part; 0: all have it. A part that an older
                            * snapshot lacks stays as `init` made it */
    void (*init)(void *self, const struct parts *);
    void (*free)(void *self);
    /* The interaction ends: the part gives up everything that it holds for the interaction. */
    void (*forget)(void *self, struct interaction *);
    /* The strategy's activation for the interaction is over: the part gives up what it holds for that strategy. */
    void (*over)(void *self, struct interaction *);
    /* The interaction leaves the virtual queue where it waits, if it waits in one. `end`: enum visit_end. */
    void (*leave)(void *self, struct interaction *, unsigned end);
    /* For some medium the agent is now reached at another link than before, or at none. */
    void (*agent_moves)(void *self, uint32_t agent);
    /* The core has just heard the agent's state, or the state of one of the agent's media. */
    void (*agent_told)(void *self, uint32_t agent);
    /* The interaction is no longer held: frozen timers of what the part holds for it run again (timer_thaw). */
    void (*thaw)(void *self, struct interaction *);
    /* The claim ends; it is still in the table. */
    void (*claim_ends)(void *self, uint32_t claim);
    /* The time limit of the claim has passed. True: the part has dealt with the claim. If every part returns false,
     * the claim ends. */
    bool (*claim_lapsed)(void *self, uint32_t claim);
    /* EventDone for the interaction. True: the message was the answer to an effect that the part awaits. */
    bool (*answered)(void *self, struct interaction *, const struct message *);
    /* The core has finished an event or a timer. The parts settle in the opposite order of parts.def. */
    void (*settle)(void *self);
    /* Hash of the state that the part's decisions depend on, for the digest of the core. A part that a later version
     * added (`since`) and that holds nothing gives 0, so the digest is the same as without it. */
    uint64_t (*hash)(const void *self);
    /* Hash of what the part holds for one interaction; it is part of the hash of all interactions' contents. */
    uint64_t (*content)(const void *self, const struct interaction *);
    /* True: the sum that the part maintains agrees with its rows. The sum is computed anew from all rows, slowly and
     * simply. */
    bool (*check)(const void *self);
    /* True: what the part holds for the interaction agrees with the interaction. */
    bool (*holds)(const void *self, const struct interaction *);
    /* Returns the present value of a measure (a row of the program's measures) for the object, which is a word of
     * the program's image. `watched`: the object is an agent, and when the value changes, selection looks at the
     * agent again. */
    int64_t (*figure)(void *self, uint16_t program, uint32_t row, uint64_t object, bool watched);
    /* Takes a fact that some code has reported (fact.h). */
    void (*hear)(void *self, const struct fact *);
    /* Writes or reads all that the part knows between two batches (vm/keep.h, snapshot.h). While reading, the part
     * is as `init` made it; it must not look at other parts, since their rows may not have been read yet. Names,
     * programs and timers have been read already. A table that only makes access faster, such as a lookup, is built
     * anew and not written; nor is scratch memory. */
    void (*keep)(void *self, struct keeper *);
    /* Called when all parts have been read from bytes that may be wrong. True: each row number in the part's rows
     * names a row that exists, and its lists end (marks.h), so that the other operations may be called. */
    bool (*sound)(void *self);
};

/* The parts of a core, in the order of parts.def. */
struct part_row {
    const char *name;
    const struct part_ops *ops;
    void *self; /* argument `self` of the operations: the part, or the core */
    void *part; /* owned */
};

enum { PARTS_MAX = 255 }; /* most rows of parts.def */

/* The places, in the table of all parts, of the parts that have a certain operation. Only few parts have the
 * operation, and each event calls it. */
struct part_places {
    uint8_t at[PARTS_MAX];
    unsigned count;
};

struct part_rows {
    const struct part_row *all;
    unsigned count;
    struct part_places settle, hash, content, agent_moves, agent_told, thaw;
};

/* Fills in the places of the parts that have each operation, from the table `all`. */
void parts_place(struct part_rows *);

/* The functions that follow call the operation of their name for every part that has it; parts_claim_lapsed and
 * parts_answered stop at the first part that returns true, and return whether one did; parts_figure asks only the first
 * part that has it. */
void parts_forget(const struct part_rows *, struct interaction *);
void parts_over(const struct part_rows *, struct interaction *);
void parts_leave(const struct part_rows *, struct interaction *, unsigned end);
void parts_agent_moves(const struct part_rows *, uint32_t agent);
void parts_agent_told(const struct part_rows *, uint32_t agent);
void parts_thaw(const struct part_rows *, struct interaction *);
void parts_claim_ends(const struct part_rows *, uint32_t claim);
bool parts_claim_lapsed(const struct part_rows *, uint32_t claim);
bool parts_answered(const struct part_rows *, struct interaction *, const struct message *);
void parts_settle(const struct part_rows *);
int64_t parts_figure(const struct part_rows *, uint16_t program, uint32_t row, uint64_t object,
                     bool watched); /* 0: no part knows */
uint64_t parts_hash(const struct part_rows *);
uint64_t parts_content(const struct part_rows *, const struct interaction *);
/* returns the name of the first part whose check fails; NULL: all parts are right */
const char *parts_check(const struct part_rows *);
/* Returns the name of the first part whose `holds` returns false for the interaction; NULL: there is none. */
const char *parts_hold(const struct part_rows *, const struct interaction *);
void parts_keep(const struct part_rows *, struct keeper *);
/* returns the name of the first part that is not sound; NULL: all parts are sound */
const char *parts_sound(const struct part_rows *);
