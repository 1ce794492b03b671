/* runtime/core/base/total.h - Totals: how often each fact was reported since the core began. People and metrics read
 * the totals; no decision of the core depends on them. */
#pragma once

#include <stdint.h>

struct totals;

uint64_t total_of(const struct totals *, unsigned fact); /* fact: FACT_name */
