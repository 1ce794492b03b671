/* runtime/core/statistics/statistic_keep.h - Statistics as bytes: the operations `keep` and `sound` of their part. */
#pragma once

#include <stdbool.h>

struct keeper;

void statistics_keep(void *, struct keeper *);
bool statistics_sound(void *);
