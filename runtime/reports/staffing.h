/* runtime/reports/staffing.h - How many agents each quarter of an hour of a day needs, by playing the day many times.
 *
 * A played day has calls at random moments, as many as the forecast says on average, and as far off as days were. A
 * call lasts as long as one of the past did, and whoever waits gives up as early as people did then. For one quarter
 * after the other the smallest number of agents is found with which enough of the quarter's calls are answered in time;
 * each quarter inherits the calls that are not over. An agent has one call at a time.
 *
 * Nothing depends on a clock: the same past gives the same answer. The work is bounded, since a day with many calls is
 * played a few times only, and there chance decides little. */
#pragma once

#include <stdint.h>

enum { STAFFING_WITHIN_S = 20, STAFFING_WITHIN_MAX_S = 86400, STAFFING_TIMES_MAX = 5000 };

struct staffing_asked {
    const double *calls; /* expected in each quarter of an hour */
    uint32_t quarters;
    double excess;              /* as that of an outlook */
    const int64_t *handle_ms;   /* how long agents had one call each, with the work after it; one at least */
    uint32_t handled;           /* how many of them */
    double patience_ms;         /* after how long people give up, on average; 0: never */
    uint32_t percent, within_s; /* so many of a hundred who come are answered within so many seconds */
};

/* Puts how many agents each quarter needs; 0 where nobody is expected. */
void staffing_find(const struct staffing_asked *, uint32_t *agents);
