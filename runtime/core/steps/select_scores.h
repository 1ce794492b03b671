/* runtime/core/steps/select_scores.h - Reads the maps that the lines of a selection have captured, as scores of agents.
 */
#pragma once

#include <stdint.h>

#include "runtime/core/queues/scores.h"

struct block;
struct core;
struct image;

/* The different maps of one selection that were found so far. */
struct score_maps {
    uint64_t maps[SCORES_SETS];
    uint32_t count;
};

/* Replaces each map that the line has captured by the number of the map's set; 0: there were SCORES_SETS sets
 * already. */
void score_maps_note(struct score_maps *, const struct image *, struct vm_line *);
/* Writes the maps' scores for agents of the directory, at most SCORES_MAX in all, and returns the number of lines,
 * at most SCORES_LINES. */
uint32_t score_maps_lines(const struct score_maps *, const struct core *, const struct block *, struct vm_line *lines);
