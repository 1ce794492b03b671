/* runtime/twin/rival_state.h - The struct of a rival, for the files rival*.c.
 *
 * Two sides: WAS is the present core, IS the rival's core. A call is an interaction of the present core, with the
 * rival's interaction that belongs to it. Floors, from below: rival_calls.c (calls and their lists), rival_compare.c
 * (decisions and questions), rival_hear.c (events in the rival's numbers), rival.c (life, batches, watching). */
#pragma once

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/table.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/wanted.h"
#include "runtime/twin/rival.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/memory.h"
#include "vm/exec.h"

enum side { WAS, IS, SIDES };
enum did_list { DID_DECISIONS, DID_DATA, DID_LISTS };

enum {
    KIND_ASK = 0,      /* no message: what a selection asks for, as a text (wanted.h) */
    PAIRS_BACK = 8192, /* the search for an earlier effect goes back at most so many pairs */
    PAIRS_KEPT = 16384,
    ROUNDS_MAX = 100,   /* stored answers that one batch may cause one after another */
    THOUGHT_LONG = 20,  /* so many turns without a step are a loop (strategy.c ends it soon) */
    RUNAWAYS_MAX = 100, /* so many loops end the comparison of later arrivals */
};

/* A condition that a strategy has tested, since its last step. */
struct rival_branch {
    const struct image *image; /* NULL: none */
    uint32_t function, pc;
};

/* A decision or a change of user data, without what differs between any two cores. */
struct rival_did {
    struct rival_did *next;
    uint64_t claim;
    uint32_t ref;
    uint64_t at_us;   /* KIND_ASK: when the selection began */
    uint16_t kind;    /* KIND_ASK: `bytes` is a text, and behind it another one with what was computed (rival_moment) */
    bool open;        /* KIND_ASK: the text has still to be written */
    struct span file; /* place of the step; borrowed from an image */
    uint32_t line;
    struct rival_branch by; /* the last condition on the way to the step */
    uint32_t length;
    uint8_t bytes[];
};

/* A question of the present core and its answer. */
struct rival_question {
    struct rival_question *next;
    struct rival_did *did;
    uint8_t *answer; /* the event's frame; NULL: there is none yet */
    uint32_t length;
    uint32_t other_ref; /* ref of the rival's question that waits for this answer; 0: none */
    bool used;          /* a question of the rival has taken it */
};

struct rival_pairs { /* numbers of the present core, each with the rival's number for the same thing */
    struct {
        uint64_t was, is;
    } * rows;
    size_t count;
};

struct rival_call {
    uint64_t ixn, conn, arrived_us; /* ixn: in both cores; 0: the row is free */
    struct rival_did *first[SIDES][DID_LISTS], *last[SIDES][DID_LISTS];
    struct rival_question *questions;
    struct rival_did *asking; /* questions of the rival for which there is no answer yet */
    struct rival_pairs refs;
    char strategy[72];
    uint32_t decisions;
    uint16_t thought;   /* how often the present core had acted while the rival computed without coming to a step */
    size_t next_free;   /* of a free row: the next one, plus 1; 0: none */
    bool there;         /* the rival's core has made it, too */
    bool renewed;       /* runs the other version in the rival's core */
    bool over;          /* has ended in the present core */
    bool left;          /* compared no more: it is told, or was not renewed and is out of step */
    bool touched;       /* is in the list of calls to be compared */
    bool chosen[SIDES]; /* its selection has found an agent, with whom nothing has been compared yet */
    bool lapsed;        /* a step of the rival failed while a question of it had no answer */
    bool computes;      /* when it was last compared, the rival was at no step: its turn's fuel was used up */
    bool data;          /* its user data differ */
    bool partly;        /* a selection began at another moment, so what it computed was not compared */
};

struct rival_ask { /* a selection whose text has still to be written */
    uint64_t ixn;
    struct rival_did *did;
};

struct rival_half {
    struct rival *rival;
    struct core *core;
    struct vm_watch watch;
    struct core_listener listener;
    uint64_t at_wait; /* the interaction that last came to a step, and the step's place */
    struct where_row place;
    struct rival_branch branch, by; /* the last condition of `branched`; the one on the way to that step */
    uint64_t branched;
    struct rival_ask *asks;
    size_t ask_count;
    struct rival_did **own; /* effects of the partition in this batch */
    size_t own_count;
};

struct rival_delivery {
    size_t row;
    uint64_t was_ref, is_ref;
};

struct rival {
    struct rival_options options;
    struct core_options core_options;
    struct rival_half half[SIDES];
    struct journal_watch watch;
    struct batch batch; /* the present core's batch; its events are borrowed */
    uint64_t number;    /* of the rival's next batch */
    bool begun;
    struct writer events, scratch;
    uint32_t event_count;
    struct rival_call *calls; /* rows; one is free again once its call is over and left */
    size_t call_count, call_free;
    struct lookup by_number;
    size_t *gone; /* rows that are to be free when the batch is settled */
    size_t gone_count;
    struct rival_fresh {
        uint64_t ixn;
        bool taken; /* the rival's core has made it, too */
    } * fresh;      /* interactions that the present core has made in this batch */
    size_t fresh_count;
    bool contact;       /* the contact of a campaign that is made next runs the other version */
    uint64_t *contacts; /* such contacts of this batch */
    size_t contact_count;
    uint64_t newest, before;    /* newest id of the present core: up to now, and at the beginning */
    uint64_t own, alone[SIDES]; /* how many ids the rival's core has made; interactions that one core alone has made */
    size_t *touched;
    size_t touched_count;
    uint64_t *leaving; /* interactions of the rival's core that leave their strategies */
    size_t leaving_count;
    struct rival_delivery *deliveries;
    size_t delivery_count;
    struct rival_pairs refs, claims; /* of the partition, and of all */
    char (*dns)[NAME_MAX_BYTES + 1]; /* routing points that run the other version */
    size_t dn_count;
    char (*given)[NAME_MAX_BYTES + 1]; /* agents whom the present core has chosen in this batch */
    size_t given_count;
    uint64_t renewed;
    unsigned runaways;
    bool ends; /* the calls that have not ended are told */
};

/* rival_calls.c. Returns the call of this number; NULL: there is none. The call_add functions make it, if the present
 * core, or both, have such an interaction. A call is borrowed until the next one is added. */
struct rival_call *rival_call_named(const struct rival *, uint64_t ixn);
struct rival_call *rival_call_add(struct rival *, uint64_t ixn);
struct rival_call *rival_call_add_other(struct rival *, uint64_t ixn);
/* The present core has told something of the interaction: notes it if it is new. */
void rival_fresh_note(struct rival *, uint64_t ixn);
/* Returns the id of an interaction that the rival's core is about to make. */
uint64_t rival_number(struct rival *, unsigned media, uint64_t conn);
/* Called when the batch is settled: counts new interactions that the rival's core has not made. */
void rival_fresh_settle(struct rival *);
/* The call is over and left: its row is to be free when the batch is settled, which rival_calls_settle does. */
void rival_call_gone(struct rival *, const struct rival_call *);
void rival_calls_settle(struct rival *);
void rival_calls_init(struct rival *);
void rival_calls_free(struct rival *);
/* Frees what only a call that is still compared needs. */
void rival_call_forget(struct rival_call *);
/* Does the interaction live in that core? */
bool rival_lives(const struct core *, uint64_t ixn);
void rival_touch(struct rival *, struct rival_call *);
void rival_pair_add(struct rival_pairs *, uint64_t was, uint64_t is);
bool rival_mapped(const struct rival_pairs *, uint64_t from, uint64_t *to);
void rival_did_add(struct rival_call *, enum side, enum did_list, struct rival_did *);
struct rival_did *rival_did_take(struct rival_call *, enum side, enum did_list);
const char *rival_moment(const struct rival_did *);
bool rival_did_same(const struct rival_did *, const struct rival_did *);

/* rival_compare.c. Takes an effect of one of the cores. */
void rival_on_effect(struct rival_half *, struct span frame);
/* The interaction has come to a selection. */
void rival_on_ask(struct rival_half *, struct rival_call *);
void rival_asks_write(struct rival_half *, uint64_t ixn);
/* Compares what both have done, and tells what is decided. */
void rival_compare(struct rival *);
/* The rival's question has no answer. */
void rival_unknown(struct rival *, struct rival_call *, const char *why);
/* Tells the outcome of a call whose decisions were all the same, or whatever else is known of it at the end. */
void rival_close(struct rival *, struct rival_call *);

/* rival_hear.c. Does the routing point run the other version? */
bool rival_has_dn(const struct rival *, struct span dn);
/* Makes the rival's events from those of the batch, and from answers that wait. */
void rival_hear_batch(struct rival *, struct span events);
void rival_hear_deliveries(struct rival *);
