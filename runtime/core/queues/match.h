/* runtime/core/queues/match.h - Matching: whether an agent matches a line of a selection, the longest idle agent who
 * matches, and all agents who match.
 *
 * A selector's lines are read once into clauses (vm/demand.h). Their terms are compared with the agent's skills and
 * groups; a line's leaf function runs only for an open clause. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/demand.h"
#include "vm/exec.h"

struct agent;
struct selector;
struct vqs;

/* Reads the lines of a new selector into its clauses. `owner` is the part vqs. */
void match_read(const void *owner, struct selector *);
/* True: the agent stands in the ready list, has room for one of the medium of those who wait, and can be reached from
 * their link. */
bool match_open(const struct vqs *, const struct selector *, uint32_t agent);
/* The first open line that the agent matches; -1: none. */
int32_t match_line(struct vqs *, const struct selector *, uint32_t agent);
/* The same by the lines' functions alone, to check the clauses. */
int32_t match_line_slowly(struct vqs *, const struct selector *, uint32_t agent);
/* True: the agent matches the line at place `at` and is not excluded. */
bool match_at(struct vqs *, const struct selector *, uint32_t at, uint32_t agent);
/* The name of the queue that the line at place `at` takes, since a queue needs no ready agent; 0: none. */
uint32_t match_queue(const struct vqs *, const struct selector *, uint32_t at);
/* The name of the virtual queue to which that line of the selector belongs. */
uint32_t match_vq(const struct vqs *, const struct selector *, int32_t line);
/* Tells of a fault within what the VM has just evaluated: a condition, a latch, or a function of a candidate. `ixn`:
 * who waits with it; 0: it is nobody's own. */
void match_tell_fault(struct vqs *, uint16_t program, uint64_t ixn);
/* The name of the first group of those that the line demands which has the agent; 0: none. */
uint32_t match_group(const struct selector *, int32_t line, const struct agent *);
/* Writes the line's demand on skills, groups and places as clauses; returns their number. 0: no agent. */
uint32_t match_takes(const struct vqs *, uint16_t program, const struct vm_line *,
                     struct demand_clause clauses[DEMAND_CLAUSES]);
/* True: the line takes the agent, by those clauses. */
bool match_could(struct vqs *, uint16_t program, const struct vm_line *, const struct demand_clause *, uint32_t count,
                 uint32_t agent);
/* The figure by which a line of kind LINE_ORDER compares the agent with others, or a queue (AGENT_NONE). `line`: the
 * line that takes it, -1: the figure is not of that. False: there is none. */
bool match_figure(struct vqs *, const struct selector *, const struct vm_line *by, uint32_t agent, int32_t line,
                  int64_t *figure);
