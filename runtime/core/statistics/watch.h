/* runtime/core/statistics/watch.h - Watches: which figures each watcher has read. */
#pragma once

#include "runtime/core/statistics/statistic.h"

void watch_figure(struct statistics *, struct figure *); /* by the watcher that reads now */
/* Selection looks at the agent again; what it asks then is watched anew. */
void watch_look_again(struct statistics *, uint32_t agent);
