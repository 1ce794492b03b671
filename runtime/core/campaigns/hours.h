/* runtime/core/campaigns/hours.h - The hours of a day at which a record may be called, and the schedule outside of
 * which a campaign begins none. */
#ifndef CORE_CAMPAIGNS_HOURS_H
#define CORE_CAMPAIGNS_HOURS_H

#include <stdbool.h>
#include <stdint.h>

struct campaign;
struct core;
struct list_record;

/* True: at that moment (wall clock, microseconds) the clocks of the record's zone show a time at which it may be
 * called. The core knows the zones that the campaign's program names; the list itself looks at the others. */
bool hours_allow(const struct core *, const struct list_record *, int64_t at_us);

/* Whether the campaign's schedule is open now, by the clocks of its zone, as an enum campaign_reason: closed, no_hours;
 * pacer: it is open, or the campaign has none. */
unsigned hours_of_campaign(const struct core *, const struct campaign *);
/* When a schedule that is closed opens next (wall clock, microseconds); false: not within a year. */
bool hours_open_next(const struct core *, const struct campaign *, int64_t *at_us);

#endif
