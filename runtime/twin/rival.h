/* runtime/twin/rival.h - Plays a journal in two cores: the present core repeats what was done, and the rival's core
 * does what another version of the strategies would have done.
 *
 *     journal --- batch ---> present core --- decisions, questions, answers ---.
 *                   |                                                           compared, an interaction at a time
 *                   '--- events in the rival's numbers ---> rival's core ------'
 *
 * The caller owns the present core and applies the journal to it. The rival owns the other core, which begins as a
 * copy. From then on each new interaction runs the other version there, and an interaction that had begun before stays
 * as it is and is not compared. An interaction has the same id in both cores, so that random numbers are the same. One
 * that only a single core makes is counted.
 *
 * A decision is an effect that somebody meets: where a call is routed, which announcement is played, what is sent. The
 * decisions of an interaction are compared one after another. What a selection asks for is a decision, too: queue,
 * priority, skills, times. The agent that it gets is not: the rival's core gives each interaction the agent that the
 * present core gave it.
 *
 * A question is a query, a request, a native, a text to classify or bytes to read. Questions are not compared. The
 * rival's question gets the answer that the present core got for the same question, whenever that was asked in this
 * interaction. A question that the present core never asked cannot be answered, so what the rival would have done is
 * unknown.
 *
 * At the first decision that differs the interaction leaves the rival's core, since no later answer would be true. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "runtime/core/core.h"
#include "runtime/journal/replay.h"

struct rival;

enum { RIVAL_TEXT = 200 };

enum rival_how {
    RIVAL_SAME,    /* all decisions that were compared are the same */
    RIVAL_DIFFERS, /* a decision differs */
    RIVAL_UNKNOWN, /* the rival asked a question that has no answer */
    RIVAL_FAILS,   /* the rival's strategy had a fault where the present one had none */
    RIVAL_HOWS,
};

/* What one of the two cores did, or where its interaction waits instead. */
struct rival_side {
    char what[RIVAL_TEXT];
    char place[RIVAL_TEXT]; /* file:line of the step; "": unknown */
};

/* What became of one interaction. The pointers are valid during the call. */
struct rival_outcome {
    uint64_t ixn, conn;             /* in the present core */
    uint64_t arrived_us, parted_us; /* logical times; parted_us: 0 if nothing differs */
    enum rival_how how;
    const char *why;           /* a few words, the same for equal reasons */
    const char *kind;          /* kind of the decision that differs, or of the question; "": none */
    const char *strategy;      /* of the present core */
    struct rival_side was, is; /* the present core's side, and the rival's */
    uint32_t decisions;        /* how many decisions were compared and are the same */
    bool open;                 /* the interaction had not ended */
    bool data;                 /* the user data that were attached differ; they do not count as decisions */
    bool partly;               /* a selection that both came to at another moment has computed other times */
    bool cut; /* the same, but only up to a selection: the rival's core could not give it the present core's agent */
};

struct rival_options {
    const struct core_options *options; /* those of the present core */
    /* the other version, which the caller keeps; NULL: every point keeps its version, and only `settings` differ */
    const struct image *image;
    const char *point; /* only arrivals at this routing point or queue are compared; NULL: all */
    struct span
        settings; /* events that change the rival's core at its start: DirectoryRow, DirectoryCommit; or empty */
    /* Called once for each interaction that ran the other version, when its outcome is known. */
    void (*outcome)(void *self, const struct rival_outcome *);
    void *self;
};

/* Makes the rival of a core that has not yet applied the next batch. The rival becomes the core's watcher and listener,
 * until rival_free(). NULL with the reason. */
struct rival *rival_new(struct core *present, const struct rival_options *, struct error *);
void rival_free(struct rival *);
/* Returns the watch to be given to journal_next(), with which the present core applies its batches. */
const struct journal_watch *rival_watch(struct rival *);
/* Call after each batch of the present core: the rival's core applies its batch, and the two are compared. */
void rival_settle(struct rival *);
/* Tells the outcomes of the interactions that have not ended. */
void rival_end(struct rival *);
/* Returns how many interactions run the other version now, or have run it. */
uint64_t rival_count(const struct rival *);
/* Returns how many interactions one of the two cores alone has made, so that nothing is there to compare them with:
 * call-backs, contacts of campaigns, work that a strategy submits. `candidate`: the rival's core made them. */
uint64_t rival_alone(const struct rival *, bool candidate);
/* Returns of how many calls something is kept now. */
size_t rival_kept(const struct rival *);
/* True: too many interactions used up the fuel of their whole life, so later arrivals do not run the other version. */
bool rival_exhausted(const struct rival *);
