/* runtime/core/base/record.h - Records for people to look at: decisions, history, and interactions that ended lately.
 *
 * The records are rings of fixed size, filled from facts: the history takes the facts that have a LINE in facts.def.
 * The rings get memory as they fill. No decision of the core depends on the records. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct image;
struct names;
struct now;
struct slab;

enum {
    DECISIONS_KEPT = 1 << 16,
    HISTORY_KEPT = 1 << 17,
    ENDED_KEPT = 10000,
    CORRECTIONS_KEPT = 64,
    ENDED_BYTES = 8 << 20, /* bytes of the ring of ended interactions' data; more than the data of one interaction */
    NOTE_BYTES = 1 << 20
};

struct decision { /* 88 bytes */
    uint64_t at_us, ixn;
    uint32_t vq, chosen; /* names of the virtual queue and of the chosen target; chosen 0: no target was chosen */
    /* numbers of agents; claimed: agents whose capacity is used up */
    uint32_t candidates, not_ready, not_matching, claimed;
    uint32_t line;
    uint32_t waited_ms;  /* how long the interaction had been in the virtual queue, in milliseconds, at most 49 days */
    uint32_t among;      /* how many agents matched, among those that the core examined */
    uint8_t order;       /* enum wait_order */
    uint8_t figure_type; /* type of the figure by which agents were compared; TYPE_VOID: they were not compared */
    int64_t figure;      /* the chosen agent's figure */
    uint32_t others;     /* how many other interactions waited in the virtual queue then */
    uint32_t equal;      /* how many agents a further order had to decide among; 0: none was asked */
    uint8_t tie;         /* the further order that decided last: enum wait_order */
    uint8_t tie_type;    /* type of that order's figure; TYPE_VOID: it has none */
    int64_t tie_figure;
};

struct happening {
    uint64_t at_us, ixn;
    uint16_t fact, value; /* enum of facts: FACT_name; value of the fact */
    uint32_t name; /* what the fact was about: a name; for a note the position of its text in `notes`, mod 2^32 */
};

struct ended {
    uint64_t ixn, conn, arrived_us, changed_us;
    int64_t priority;
    uint64_t data_at; /* position of the interaction's data in the ring `data`; old data are overwritten */
    uint32_t data_length;
    uint32_t strategy, owner; /* names */
    uint8_t media, outcome, owner_kind;
};

/* The last fault in a condition of a strategy. */
struct condition_fault {
    uint64_t count; /* how many faults conditions have had in all */
    uint64_t ixn;
    const struct image *image; /* image of the program; borrowed: images live as long as the core */
    uint32_t function, pc;
    uint16_t kind; /* enum vm_fault */
};

/* An agent whose state an audit has corrected. */
struct correction {
    uint32_t name;    /* name of the agent */
    uint16_t was, is; /* enum agent_state */
};

/* A ring that holds the last bytes of a stream. A piece of the stream never wraps around the ring's end, so it can
 * be borrowed as one span. */
struct byte_ring {
    uint8_t *bytes;
    uint32_t capacity;
    uint64_t count; /* bytes added so far, including the gaps that were left before the ring's end */
};

struct records {
    const struct names *names;
    const struct slab *slab; /* used when a snapshot is written or read, for the image in `fault` */
    const struct now *now;
    struct condition_fault fault; /* the last fault in a condition; count 0: there was none */
    struct correction corrections[CORRECTIONS_KEPT];
    uint64_t correction_count;
    struct decision *decisions;
    struct happening *history;
    struct ended *ended;
    struct byte_ring data;  /* data of the interactions in `ended`; capacity ENDED_BYTES */
    struct byte_ring notes; /* texts of notes; capacity NOTE_BYTES */
    uint32_t decision_capacity, happening_capacity, ended_capacity;
    uint64_t decision_count, happening_count, ended_count;
};

/* Each function returns the record with the given number, counted from the beginning; NULL: it is overwritten or
 * does not exist yet. Borrowed until the next record. */
const struct decision *record_decision_at(const struct records *, uint64_t number);
const struct happening *record_happening_at(const struct records *, uint64_t number);
const struct ended *record_ended_at(const struct records *, uint64_t number);
/* Finds the data of an ended interaction, borrowed from the ring. False: they are overwritten. */
bool record_ended_data(const struct records *, const struct ended *, struct span *);
/* Returns the text of a note, borrowed from the ring; empty: the text is overwritten or erased, or the happening is no
 * note. */
struct span record_note(const struct records *, const struct happening *);
/* Erases the data of an ended interaction, its agents, and the names and notes in its history. Records of decisions
 * and their times are kept. False: the records contain nothing about the interaction. */
bool record_forget(struct records *, uint64_t ixn);
/* Called by a sweep of names (table.h): removes from the records the names that the sweep is about to free. The
 * records do not keep a name alive: for example, a caller's number disappears when nothing else holds it any more. */
void records_sweep(struct records *);
