/* runtime/core/steps/kept_place_row.h - The rows of kept places, for the two files that use them. */
#pragma once

#include "runtime/core/steps/kept_place.h"

/* Pause before a link that cannot dial is tried again; time for an answer in addition to the ringing. */
enum { KEPT_PLACE_LINK_AWAY_US = 5000000 };

/* returns the interaction's row; NULL: the interaction has none */
struct kept_place *kept_place_of(const struct core *, const struct interaction *);
struct kept_place *kept_place_new(struct core *, struct interaction *);
/* Removes the row, if there is one. The interaction's timers run again unless a link still holds them. */
void kept_place_forget(void *, struct interaction *);
/* Dials the number. Dials; the two kinds of effects that dial have the same fields. */
void kept_place_ring(struct core *, struct interaction *, struct kept_place *, uint64_t deadline_us);
/* Pauses before the next try. */
void kept_place_pause(struct core *, struct interaction *, struct kept_place *, uint64_t pause_us);
/* Sets how long the claims that are only reserved last; 0: without a limit. */
void kept_place_reserved(struct core *, const struct interaction *, uint64_t deadline_us);
/* The interaction has no call any more, and nobody is on it: an agent who had returned the call is freed. */
void kept_place_without_leg(struct core *, struct interaction *);
