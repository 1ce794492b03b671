/* runtime/core/base/total.h - Totals: how often each fact was told since the core began. People and metrics read them;
 * the core decides nothing by them. */
#pragma once

#include <stdint.h>

struct totals;

uint64_t total_of(const struct totals *, unsigned fact); /* fact: FACT_name */
