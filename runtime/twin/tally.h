/* runtime/twin/tally.h - Counts how two versions decided: how many interactions by result, at which lines, why; with
 * examples, and the time of a batch in each core.
 *
 * A tally has a fixed size and no pointers, so it may stand in memory that two processes share: one plays the versions
 * within bounds and may be ended, the other tells what was counted up to then. All zero is an empty tally. The lines
 * that differ are at most TALLY_ROWS; what does not fit there is counted as left out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/twin/rival.h"

enum {
    TALLY_ROWS = 200,
    TALLY_EXAMPLES = 10,
    TALLY_WORD = 96,     /* bytes of a name, a reason or a kind, with the final zero */
    TALLY_TEXT = 200,    /* bytes of what a side did, and of its place */
    TALLY_BUCKETS = 256, /* of a time: eight per power of two */
    TALLY_HOWS = RIVAL_FAILS + 1,
};

struct tally_side {
    char what[TALLY_TEXT], place[TALLY_TEXT]; /* an effect or a wait; file:line, "" where it is not known */
};

/* One result at one pair of lines, with one reason. */
struct tally_row {
    enum rival_how how;
    char strategy[TALLY_WORD], kind[TALLY_WORD], why[TALLY_WORD];
    struct tally_side was, is; /* of the first interaction counted here */
    uint64_t count;
    int64_t first_us, last_us; /* wall clock at which the first and the last of them parted */
};

struct tally_example {
    enum rival_how how;
    uint64_t ixn, conn;
    int64_t arrived_us; /* wall clock */
    size_t row;         /* the line of the tally that counts it */
};

struct tally_time { /* times of one of the two cores */
    uint64_t count, buckets[TALLY_BUCKETS];
};

struct rival_tally {
    uint64_t hows[TALLY_HOWS]; /* interactions by their result */
    uint64_t open;             /* of them: had not ended when the comparison did */
    uint64_t cut;              /* of the same: the same up to a selection, behind which nothing is known */
    uint64_t data;             /* interactions whose user data differ; alone that is no difference */
    uint64_t decisions;        /* decisions that were compared and equal */
    uint64_t partly;           /* of the same: times that a selection computed at another moment were not compared */
    uint64_t present_alone;    /* interactions that the present core alone has made: nothing is there to compare */
    uint64_t candidate_alone;  /* interactions that the candidate's core alone has made */
    uint64_t left_out;         /* interactions that differ at a line for which there was no row left */
    struct tally_row rows[TALLY_ROWS];
    size_t row_count;
    struct tally_example examples[TALLY_EXAMPLES];
    size_t example_count;
    struct tally_time present, candidate;
};

/* Counts an interaction. `clock_us`: the wall clock minus the logical time of the journal. */
void tally_take(struct rival_tally *, const struct rival_outcome *, int64_t clock_us);
uint64_t tally_all(const struct rival_tally *); /* how many interactions were compared */
/* Counts the time that a core took for a batch, in nanoseconds; then gives the time that so many percent of the batches
 * did not exceed, in nanoseconds, at most an eighth too much; 0: there was none. */
void tally_time_take(struct tally_time *, uint64_t ns);
uint64_t tally_time_at(const struct tally_time *, unsigned percent);
