/* compiler/import/given.h - A block whose statements its reader has made, with marks where they jump to another block.
 *
 *     given_new() -> given_say(), given_way(), given_fall(), given_on() -> given_close()
 *
 * The reader knows blocks only by their numbers. When the order of the blocks is known, the writer replaces each mark
 * by a jump, or by nothing where the target is the next block. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "compiler/import/flow.h"

struct flow_given {
    const char *text;
    bool ends;   /* the block may end the strategy */
    bool passes; /* a test does not see the block, and the next one always follows */
    /* the event that a test expects for the block, as `ivr.play(prompt x)`; NULL: no event is certain */
    const char *first;
    const char *answers;      /* lines of a test by which the block's questions fail; NULL: the block asks nothing */
    const struct flow *calls; /* the subroutine that it calls; NULL: none */
    enum flow_grade grade;    /* the block's grade in the report */
    const char *remark;       /* for the report: what is to be decided about the block */
    /* While it is written: */
    struct arena *arena;
    FILE *out;
    char *bytes;
    size_t length;
    uint32_t room;
};

struct flow_given *given_new(struct arena *, struct flow_block *, enum flow_grade, const char *remark);
void given_close(struct flow_block *);
/* Raises the block's grade to at least this one, and adds the sentence to its remark. */
void given_remark(struct flow_block *, enum flow_grade, const char *format, ...) __attribute__((format(printf, 3, 4)));
void given_say(struct flow_block *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes a jump to the block as a statement; `exit` is the name of the link in the source's drawing. */
void given_way(struct flow_block *, const char *exit, uint32_t to);
/* Writes the jump to the block as the last statement; the writer leaves it out where that block comes next. */
void given_fall(struct flow_block *, const char *exit, uint32_t to);
/* The form of a jump: a statement, the last statement, the `else` of a step, a statement that only a failure of a step
 * reaches, as within the braces of its `else`. */
enum given_form { GIVEN_WAY, GIVEN_FALL, GIVEN_ELSE, GIVEN_FAILED };
/* Writes a jump to the block in that form; where `to` is FLOW_NOWHERE, the statement `end`, which ends the strategy. */
void given_on(struct flow_block *, enum given_form, const char *exit, uint32_t to, const char *end);
bool given_fails_to(const struct flow_block *, uint32_t to); /* does only a failure lead to the block? */
/* Called before the block is written: resets its grade and remark. */
void given_begin(struct flow_block *);
