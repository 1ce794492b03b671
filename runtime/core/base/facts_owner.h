/* runtime/core/base/facts_owner.h - The names of the facts of owners, parties, claims, states, requests: FACT_owned and
 * so on. */
#pragma once

#include "runtime/core/base/fact.h"

enum {
#define FACT(name, number, doc) FACT_##name = number,
#include "runtime/core/base/facts_columns.def"
#include "runtime/core/base/facts_owner.def"
#include "runtime/core/base/facts_end.def"
};
