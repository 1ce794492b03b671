/* runtime/core/read/queue_row.h - A virtual queue as readers see it (core_queue of read.h): totals from the lines
 * QUEUE of facts_queue.def, and present values. */
#pragma once

#include "runtime/core/read/read.h"

struct queue_row {
    struct span name;
/* how often the fact of this counter has been reported since the core began */
#define QUEUE(fact, field, waiting) uint64_t field;
#include "runtime/core/base/facts_columns.def"
#include "runtime/core/base/facts_queue.def"
#include "runtime/core/base/facts_end.def"
    uint64_t waiting, longest_wait_us, wait_us; /* interactions that wait; the longest wait; sum of the waits of
                                                 * distributed visits */
    uint64_t expected_us; /* the expected wait of an interaction that comes now; UINT64_MAX: unknown */
};
