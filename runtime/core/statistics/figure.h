/* runtime/core/statistics/figure.h - Figures: a figure is the value of a definition for one object, and is found by
 * definition and object. */
#pragma once

#include "runtime/core/statistics/statistic.h"

struct keeper;

enum { DEFINITION_LATCH = UINT32_MAX }; /* number used in place of a definition for a figure that is a latch */

uint64_t figure_key(const void *statistics, uint32_t slot);
bool figure_find(const struct statistics *, uint32_t definition, uint32_t object, uint32_t *figure);
/* Finds or makes the figure. The level of a new figure is what is counted now without `changed`, which was just
 * added to that count; the figure behaves as if it had had this level ever since its definition began. */
struct figure *figure_of(struct statistics *, uint32_t definition, uint32_t object, int64_t changed);
/* Two functions: they add to the total of the object's figure, or to its level. */
void figure_add(struct statistics *, uint32_t definition, uint32_t object, int64_t amount);
void figure_level(struct statistics *, uint32_t definition, uint32_t object, int64_t change);
/* figure_changed and figures_elsewhere_changed mark figures as changed: the next statistic_wake tells the watchers
 * of the figures. figures_elsewhere_changed is for the object's figures whose values are in another table. */
void figure_changed(struct statistics *, struct figure *);
void figures_elsewhere_changed(struct statistics *, const struct fed *, uint32_t object);

/* From watch.c: which figures each watcher has read. */
void watch_figure(struct statistics *, struct figure *); /* notes that the watcher that reads now has read the figure */
/* Makes selection look at the agent again; the figures that it reads then are watched anew. */
void watch_look_again(struct statistics *, uint32_t agent);

/* From feed.c: facts and changes of agents change figures. */
void feed_hear(void *, const struct fact *);
/* Counts the agents whose states may have changed since the last call. */
void feed_catch_up(struct statistics *);
/* True: a test has set a statistic since the values that tests set were last read. */
bool feed_given_is_old(const struct statistics *);

/* From asked.c: returns the figure about the object that a line asks for. `watched`: the object is an agent, and
 * selection looks at it again when the figure changes. */
int64_t asked_figure(void *, uint16_t program, uint32_t row, uint64_t object, bool watched);
/* Returns the row for the figures that lines ask about the agent; borrowed until the next call for another agent. */
struct asked_agent *asked_agent_of(struct statistics *, uint32_t agent);

/* From statistic_keep.c: the operations `keep` and `sound` of the part. */
void statistics_keep(void *, struct keeper *);
bool statistics_sound(void *);
