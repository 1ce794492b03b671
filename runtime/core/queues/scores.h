/* runtime/core/queues/scores.h - Scores: what the maps that a selection has captured have for agents, by their names.
 *
 * A selector is shared by those who wait with the same lines, and may outlive the block of each. So it has the pairs of
 * each map themselves, as lines of kind LINE_SCORES between its order and its exclusions: in a captured map's place
 * stands the number of a set, from 1, and the set's lines say so in `target`. Eight agents and their figures are a
 * line's captures, in the order of the agents. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"

struct selector;

/* One selection may have so many; SCORES_MAX: manual. Each set may begin a line. */
enum { SCORES_MAX = 1000, SCORES_SETS = 16, SCORES_LINE = 8, SCORES_LINES = SCORES_MAX / SCORES_LINE + SCORES_SETS };

struct score {
    uint64_t agent; /* the word of an agent: the number plus 1 */
    int64_t figure;
};

/* Writes the scores, which it sorts by agent, as lines of the set, and returns their number. There is room for a line
 * per SCORES_LINE of them. */
uint32_t scores_lines(uint32_t set, struct score *, uint32_t count, struct vm_line *lines);
/* The agent's figure in the set. False: there is none, or no such set. */
bool scores_find(const struct selector *, uint64_t set, uint64_t agent, int64_t *figure);
