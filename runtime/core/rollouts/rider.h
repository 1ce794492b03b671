/* runtime/core/rollouts/rider.h - What the files of rollouts share: how a rider counts, and what brings a rollout back
 * at once. */
#pragma once

#include "runtime/core/rollouts/rollout.h"

struct keeper;

/* Returns the key of an interaction: the value of its user data that the rollout names, or who calls or writes; else
 * its id. */
uint64_t rollout_key(const struct rollouts *, const struct rollout *, const struct interaction *);
/* True: an interaction of the same customer was compared before. Notes the customer. */
bool rollout_key_comes_again(const struct rollouts *, struct rollout *, const struct interaction *);
void rollout_seen_keep(struct rollout *, struct keeper *);

uint64_t rider_hash(const struct rider *, uint32_t slot);
/* The interaction leaves its arm. `ended`: it was counted as ended. */
void rider_leaves(struct rollouts *, uint32_t slot, bool ended);
/* The row is used again: its riders are in no arm any more. */
void riders_forget(struct rollouts *, const struct rollout *);
/* The present pair of quarters, counted from the rollout's first. */
uint32_t rollout_pair(const struct rollouts *, const struct rollout *);
/* Hears what becomes of riders, from the first rollout on. */
void rollouts_listen(struct rollouts *);
void rollouts_keep(void *self, struct keeper *); /* rollout_keep.c */

/* Counts one interaction for a guard of rates; with slices, in its pair of quarters (measure.c). */
void rollout_counts(struct rollout *, struct rollout_measure *, const struct rider *, uint64_t ixn, bool hit);
/* Keeps the interaction as an example of what the guard is about. */
void rollout_shows(struct rollout_measure *, uint64_t ixn, uint64_t weight);
/* Adds the pairs of quarters that are over to what the guards know. */
void rollout_pairs_turn(struct rollout *, uint32_t pair);

void rollout_row_free(struct rollouts *, struct rollout *);
/* An interaction of the candidate has met a guard that allows none. ROLLOUT_GUARDS: it has not. */
void rollout_hard(struct rollouts *, struct rollout *, unsigned guard, uint64_t ixn);
/* Something was counted: the rollout looks at its guards soon. */
void rollout_stirs(struct rollouts *, struct rollout *);
