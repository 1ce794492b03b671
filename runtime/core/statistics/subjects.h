/* runtime/core/statistics/subjects.h - The subjects of measures, as statistics.def names them. */
#ifndef CORE_STATISTICS_SUBJECTS_H
#define CORE_STATISTICS_SUBJECTS_H

enum {
#define MEASURED(name, number, word) name = number,
#include "vm/measured.def"
};

#endif
