/* runtime/core/rollouts/judge.h - What the guards of a rollout say, and what a person's word does. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct evidence;
struct rollout;
struct rollout_measure;
struct rollouts;

/* Computes what the guard says now. `more`, unless NULL: how many interactions (with slices: pairs of quarters) each
 * arm still needs, EVIDENCE_NEVER: no number is enough; it costs some 50 times as much as the answer. */
void rollout_judges(const struct rollout *, const struct rollout_measure *, struct evidence *, uint64_t *more);
/* A person says `on`: a rollout that is held goes on by itself, any other takes its next step. True: that is the last
 * one, and the caller activates the candidate. */
bool rollout_goes_on(struct rollouts *, struct rollout *);
