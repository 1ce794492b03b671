/* runtime/core/campaigns/hours.h - The hours of a day at which a record may be called. */
#ifndef CORE_CAMPAIGNS_HOURS_H
#define CORE_CAMPAIGNS_HOURS_H

#include <stdbool.h>
#include <stdint.h>

struct core;
struct list_record;

/* True: at that moment (wall clock, microseconds) the clocks of the record's zone show a time at which it may be
 * called. The core knows the zones that the campaign's program names; the list itself looks at the others. */
bool hours_allow(const struct core *, const struct list_record *, int64_t at_us);

#endif
