/* runtime/core/statistics/subjects.h - The subjects of measures, as statistics.def names them. */
#pragma once

enum {
#define MEASURED(name, number, word) name = number,
#include "vm/measured.def"
};
