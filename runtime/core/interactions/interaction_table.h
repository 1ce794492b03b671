/* runtime/core/interactions/interaction_table.h - Shared by the files that implement interactions: interaction.c
 * (the table), interaction_keep.c (snapshots), extra.c (rare fields), party.c (who is on a call). */
#pragma once

#include "runtime/core/interactions/interaction.h"

struct keeper;

/* ---- interaction.c ---- */

/* Takes the free row with the given number. */
struct interaction *interaction_row_take(struct interactions *, uint32_t slot);

/* ---- interaction_keep.c ---- */

/* interactions_keep and interactions_sound are the operations `keep` and `sound` of the part. */
void interactions_keep(void *, struct keeper *);
bool interactions_sound(void *);

/* ---- extra.c ---- */

void extras_init(struct interactions *);
void extras_free(struct interactions *);
/* frees the interaction's row of extra fields, even if some are set */
void extra_drop(struct interactions *, struct interaction *);

/* ---- party.c ---- */

/* Returns what the party adds to `party_content`. */
uint64_t party_content(const struct interaction *, const struct party *);
