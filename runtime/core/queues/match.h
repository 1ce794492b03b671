/* runtime/core/queues/match.h - Matching: whether an agent matches a line of a selection.
 *
 * A selector's lines are read once into clauses (vm/demand.h). The terms of clauses are compared with the agent's
 * skills and groups; a line's leaf function runs only for an open clause. */
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
/* True: the agent is in the ready list, has room for an interaction of the selector's medium, and can be reached
 * from the selector's link. */
bool match_open(const struct vqs *, const struct selector *, uint32_t agent);
/* Returns the first open line that the agent matches; -1: none. If agents have preferences, it returns the line whose
 * queue has the best rank for the agent, and leaves out the lines of queues from which the agent does not take now. */
int32_t match_line(struct vqs *, const struct selector *, uint32_t agent);
/* Returns what match_line() returns, and sets `rank` to what match_rank() returns, but computes both without clauses
 * and classes: assertions compare the two ways. */
int32_t match_line_slowly(struct vqs *, const struct selector *, uint32_t agent, uint8_t *rank);
/* True: could the agent match a line, as far as terms and preferences say? No leaf function runs. */
bool match_demand(const struct vqs *, const struct selector *, uint32_t agent);
/* Returns the rank of the selector for the agent, by the line that the agent takes (prefer.h): the smallest one of the
 * lines that the agent matches. 0: no line takes the agent now. Called only if agents have preferences. */
uint8_t match_rank(struct vqs *, const struct selector *, uint32_t agent);
/* True: the agent matches a line; preferences are not looked at. */
bool match_plain(struct vqs *, const struct selector *, uint32_t agent);
/* Gives each clause the class of preferences of its line's queue. */
void match_classes(const struct vqs *, struct selector *);
/* Returns the agent's rank of the queue of the line at place `at`, 1 where agents have no preferences; 0: the agent
 * does not match the line or is excluded. */
uint8_t match_at(struct vqs *, const struct selector *, uint32_t at, uint32_t agent);
/* Returns the name of the queue that the line at place `at` takes; a queue needs no ready agent. 0: the line takes
 * no queue. */
uint32_t match_queue(const struct vqs *, const struct selector *, uint32_t at);
/* Returns the name of the virtual queue to which that line of the selector belongs. */
uint32_t match_vq(const struct vqs *, const struct selector *, int32_t line);
/* Reports the fact condition_failed for the VM's last fault: in a condition, a latch, or a function that judges
 * candidates. `ixn`: the interaction that waits with this condition; 0: none. */
void match_tell_fault(struct vqs *, uint16_t program, uint64_t ixn);
/* Returns the name of the first group that the line demands and to which the agent belongs; 0: none. */
uint32_t match_group(const struct selector *, int32_t line, const struct agent *);
/* Writes the clauses with the skills, groups and places that the line demands; returns their number. 0: no agent. */
uint32_t match_takes(const struct vqs *, uint16_t program, const struct vm_line *,
                     struct demand_clause clauses[DEMAND_CLAUSES]);
/* Does the line take the agent, as far as the given clauses say? */
bool match_could(struct vqs *, uint16_t program, const struct vm_line *, const struct demand_clause *, uint32_t count,
                 uint32_t agent);
/* Computes the figure by which a line of kind LINE_ORDER compares the agent, or a queue (AGENT_NONE), with others.
 * `line`: the line that takes the agent or queue; -1: the figure does not depend on it. False: there is no figure. */
bool match_figure(struct vqs *, const struct selector *, const struct vm_line *by, uint32_t agent, int32_t line,
                  int64_t *figure);
