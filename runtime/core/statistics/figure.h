/* runtime/core/statistics/figure.h - Figures: the definition of one object each, found by both. */
#pragma once

#include "runtime/core/statistics/statistic.h"

enum { DEFINITION_LATCH = UINT32_MAX }; /* of figures that are latches */

uint64_t figure_key(const void *statistics, uint32_t slot);
bool figure_find(const struct statistics *, uint32_t definition, uint32_t object, uint32_t *figure);
/* Finds or makes the figure. A new one has had the same level since its definition is kept: as many as are counted now,
 * but for `changed`, which has changed this moment. */
struct figure *figure_of(struct statistics *, uint32_t definition, uint32_t object, int64_t changed);
/* Add to the total, or to the level. */
void figure_add(struct statistics *, uint32_t definition, uint32_t object, int64_t amount);
void figure_level(struct statistics *, uint32_t definition, uint32_t object, int64_t change);
/* Its watchers are told by the next statistic_wake. The second: of figures whose values stand in another table. */
void figure_changed(struct statistics *, struct figure *);
void figures_elsewhere_changed(struct statistics *, const struct fed *, uint32_t object);
