/* runtime/core/base/facts_queue.h - The names of the facts of virtual queues, offers and agents: FACT_queued and so on.
 */
#ifndef CORE_FACTS_QUEUE_H
#define CORE_FACTS_QUEUE_H

#include "runtime/core/base/fact.h"

enum {
#define FACT(name, number, doc) FACT_##name = number,
#include "runtime/core/base/facts_columns.def"
#include "runtime/core/base/facts_queue.def"
#include "runtime/core/base/facts_end.def"
};

#endif
