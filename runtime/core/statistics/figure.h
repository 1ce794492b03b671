/* runtime/core/statistics/figure.h - Figures: the definition of one object each, found by both. */
#pragma once

#include "runtime/core/statistics/statistic.h"

struct keeper;

enum { DEFINITION_LATCH = UINT32_MAX }; /* of figures that are latches */

uint64_t figure_key(const void *statistics, uint32_t slot);
bool figure_find(const struct statistics *, uint32_t definition, uint32_t object, uint32_t *figure);
/* Finds or makes the figure. The level of a new one is what is counted now, without `changed`, which has just been
 * added to that count; the figure behaves as if it had had this level ever since its definition began. */
struct figure *figure_of(struct statistics *, uint32_t definition, uint32_t object, int64_t changed);
/* Add to the total, or to the level. */
void figure_add(struct statistics *, uint32_t definition, uint32_t object, int64_t amount);
void figure_level(struct statistics *, uint32_t definition, uint32_t object, int64_t change);
/* Its watchers are told by the next statistic_wake. The second: of figures whose values stand in another table. */
void figure_changed(struct statistics *, struct figure *);
void figures_elsewhere_changed(struct statistics *, const struct fed *, uint32_t object);

/* watch.c: which figures each watcher has read. */
void watch_figure(struct statistics *, struct figure *); /* by the watcher that reads now */
/* Selection looks at the agent again; what it asks then is watched anew. */
void watch_look_again(struct statistics *, uint32_t agent);

/* feed.c: facts and the changes of agents become figures. */
void feed_hear(void *, const struct fact *);
/* Counts the agents whose states may have changed since it looked last. */
void feed_catch_up(struct statistics *);
/* Has a test set a statistic since it looked last? */
bool feed_given_is_old(const struct statistics *);

/* asked.c: the figure that a line asks about the object. `watched`: the object is an agent, and selection looks at it
 * again when the figure changes. */
int64_t asked_figure(void *, uint16_t program, uint32_t row, uint64_t object, bool watched);
/* The row of the agent's questions; borrowed until another agent's is asked for. */
struct asked_agent *asked_agent_of(struct statistics *, uint32_t agent);

/* statistic_keep.c: the operations `keep` and `sound` of the part. */
void statistics_keep(void *, struct keeper *);
bool statistics_sound(void *);
