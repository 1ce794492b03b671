/* runtime/core/base/total.h - Totals: how often each fact was told since the core began. People and metrics read them;
 * the core decides nothing by them. */
#ifndef CORE_TOTAL_H
#define CORE_TOTAL_H

#include <stdint.h>

#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts.h"

struct totals {
    uint64_t of[FACTS];
};

uint64_t total_of(const struct totals *, enum fact_name);

#endif
