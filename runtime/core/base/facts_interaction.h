/* runtime/core/base/facts_interaction.h - The names of the facts of interactions, from arrival to end: FACT_arrived and
 * so on. */
#pragma once

#include "runtime/core/base/fact.h"

enum {
#define FACT(name, number, doc) FACT_##name = number,
#include "runtime/core/base/facts_columns.def"
#include "runtime/core/base/facts_interaction.def"
#include "runtime/core/base/facts_end.def"
};
