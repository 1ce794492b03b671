/* runtime/core/interactions/interaction_table.h - Shared by the files that make up interactions: interaction.c (the
 * table), interaction_keep.c (bytes), extra.c (fields that few of them have), party.c (who is on a call). */
#pragma once

#include "runtime/core/interactions/interaction.h"

struct keeper;

/* ---- interaction.c ---- */

/* Takes the free row with that number. */
struct interaction *interaction_row_take(struct interactions *, uint32_t slot);

/* ---- interaction_keep.c ---- */

/* The operations `keep` and `sound` of the part. */
void interactions_keep(void *, struct keeper *);
bool interactions_sound(void *);

/* ---- extra.c ---- */

void extras_init(struct interactions *);
void extras_free(struct interactions *);
void extra_drop(struct interactions *, struct interaction *); /* frees its row of extra fields, even if some are set */

/* ---- party.c ---- */

/* Returns the party's share of `party_content`. */
uint64_t party_content(const struct interaction *, const struct party *);
