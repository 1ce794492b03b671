/* runtime/core/base/facts_step.h - The names of the facts of steps of a strategy, and of their results:
 * FACT_treatment_begun and so on. */
#pragma once

#include "runtime/core/base/fact.h"

enum {
#define FACT(name, number, doc) FACT_##name = number,
#include "runtime/core/base/facts_columns.def"
#include "runtime/core/base/facts_step.def"
#include "runtime/core/base/facts_end.def"
};
