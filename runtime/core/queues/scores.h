/* runtime/core/queues/scores.h - Scores: the values for agents in the maps that a selection has captured.
 *
 * A selector is shared by all interactions that wait with the same lines, and may exist longer than the block of each.
 * So the selector contains the pairs of each map, as lines of kind LINE_SCORES between its order and its exclusions: a
 * captured map is replaced by the number of a set, from 1, which the lines of the set have in `target`. A line has
 * eight agents and their figures as captures, in the order of the agents. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"

struct selector;

/* The most scores that one selection may have (SCORES_MAX is in the manual). Each set begins a new line. */
enum { SCORES_MAX = 1000, SCORES_SETS = 16, SCORES_LINE = 8, SCORES_LINES = SCORES_MAX / SCORES_LINE + SCORES_SETS };

struct score {
    uint64_t agent; /* the word of an agent: the agent's number plus 1 */
    int64_t figure;
};

/* Sorts the scores by agent, writes them as lines of the set, and returns the number of lines. `lines` must have
 * room for one line per SCORES_LINE scores. */
uint32_t scores_lines(uint32_t set, struct score *, uint32_t count, struct vm_line *lines);
/* Finds the agent's figure in the set. False: there is no figure, or no such set. */
bool scores_find(const struct selector *, uint64_t set, uint64_t agent, int64_t *figure);
