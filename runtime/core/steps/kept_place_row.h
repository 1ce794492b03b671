/* runtime/core/steps/kept_place_row.h - The rows of kept places, for the two files of them. */
#pragma once

#include "runtime/core/steps/kept_place.h"

/* Pause before a link that cannot dial is asked again; time for an answer beyond the ringing. */
enum { KEPT_PLACE_LINK_AWAY_US = 5000000 };

struct kept_place *kept_place_of(const struct core *, const struct interaction *); /* NULL: it has no row */
struct kept_place *kept_place_new(struct core *, struct interaction *);
/* Removes the row, if there is one. The interaction's timers run again if no link holds them now. */
void kept_place_forget(void *, struct interaction *);
/* Dials the number. Both effects that dial have the same fields. */
void kept_place_ring(struct core *, struct interaction *, struct kept_place *, uint64_t deadline_us);
/* The next try comes after a pause. */
void kept_place_pause(struct core *, struct interaction *, struct kept_place *, uint64_t pause_us);
/* The claims that are only reserved last so long; 0: without an end. */
void kept_place_reserved(struct core *, const struct interaction *, uint64_t deadline_us);
/* The interaction has no call any more, and nobody is on it: an agent who had handed the call back is free. */
void kept_place_without_leg(struct core *, struct interaction *);
