/* runtime/core/read/queue_row.h - A virtual queue as it is read (core_queue of read.h): totals made of the lines QUEUE
 * of facts_queue.def, and levels. */
#pragma once

#include "runtime/core/read/read.h"

struct queue_row {
    struct span name;
#define QUEUE(fact, field, waiting) uint64_t field; /* total of the fact since the core began */
#include "runtime/core/base/facts_columns.def"
#include "runtime/core/base/facts_queue.def"
#include "runtime/core/base/facts_end.def"
    uint64_t waiting, longest_wait_us, wait_us; /* wait_us: sum of the waits of distributed visits */
};
