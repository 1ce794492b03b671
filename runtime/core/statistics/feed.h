/* runtime/core/statistics/feed.h - Feeding: facts and the changes of agents become figures. */
#pragma once

#include "runtime/core/statistics/statistic.h"

void feed_hear(void *, const struct fact *);
/* Counts the agents whose states may have changed since it looked last. */
void feed_catch_up(struct statistics *);
/* Has a test set a statistic since it looked last? */
bool feed_given_is_old(const struct statistics *);
