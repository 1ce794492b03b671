/* runtime/core/statistics/statistic_keep.h - Statistics as bytes: the operations `keep` and `sound` of their part. */
#ifndef CORE_STATISTIC_KEEP_H
#define CORE_STATISTIC_KEEP_H

#include <stdbool.h>

struct keeper;

void statistics_keep(void *, struct keeper *);
bool statistics_sound(void *);

#endif
