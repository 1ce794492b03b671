/* runtime/core/base/facts_queue.h - The names of the facts of virtual queues, offers and agents: FACT_queued and so on.
 */
#pragma once

#include "runtime/core/base/fact.h"

enum {
#define FACT(name, number, doc) FACT_##name = number,
#include "runtime/core/base/facts_columns.def"
#include "runtime/core/base/facts_queue.def"
#include "runtime/core/base/facts_end.def"
};
