/* runtime/core/queues/match.h - Matching: whether an agent matches a line of a selection, the longest idle agent who
 * matches, and all agents who match.
 *
 * A pool remembers a search for the lines of one selection: the ready agents who match them, longest idle first. The
 * core makes a pool after a long search along the ready list, so that the next choice takes the pool's first agent. It
 * is only a cache: the choice is the one that the search would make. An entry is valid while its agent has been idle
 * without a break since the entry was made. */
#ifndef CORE_MATCH_H
#define CORE_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/exec.h"

struct core;
struct selector;

enum { POOLS_MAX = 32 };

struct pool {
    uint64_t used; /* when it was used last; the pool unused for longest makes room */
    uint16_t program, count;
    struct vm_line *lines;
    uint32_t line_capacity;
    struct pool_entry {
        uint64_t rank;
        uint32_t agent;
    } * entries;
    uint32_t from, length, capacity;
};

struct pools {
    struct pool all[POOLS_MAX];
    uint32_t count;
    uint64_t clock;
    uint32_t walk_max; /* a search longer than this makes a pool */
};

void pools_clear(struct pools *); /* skills have changed, or too many agents at once */

/* The first open line that the agent matches; -1: none. */
int32_t match_line(struct core *, const struct selector *, uint32_t agent);
/* True: the agent matches the line at place `at` and is not excluded. */
bool match_at(struct core *, const struct selector *, uint32_t at, uint32_t agent);
/* The name of the queue that the line at place `at` takes, since a queue needs no ready agent; 0: none. */
uint32_t match_queue(const struct core *, const struct selector *, uint32_t at);
/* The longest idle of the ready agents who match; AGENT_NONE: nobody. `looked` receives how many were asked. */
uint32_t match_first(struct core *, const struct selector *, uint32_t *looked);
/* Writes all ready agents who match into core->choice, longest idle first, where they stay until the next call. Returns
 * their number. */
uint32_t match_all(struct core *, const struct selector *, uint32_t *looked);
/* The figure by which a line of kind LINE_ORDER compares the agent with others. False: there is none. */
bool match_figure(struct core *, const struct selector *, const struct vm_line *by, uint32_t agent, int64_t *figure);
/* An agent is ready and no visit wants it: adds it to the pools that it matches. */
void match_ready(struct core *, uint32_t agent);

#endif
