/* tests/unit/reports_staffing.c - The staff of a day's quarters against Erlang's formula for a queue in balance, and
 * what it owes to small and to huge days. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "runtime/reports/staffing.h"

enum { QUARTERS = 24, TIMES = 1000, MEAN_MS = 180000, QUARTER_MS = 900000 };

static int64_t times[TIMES];

/* Times whose shares are those of an exponential distribution. */
static void times_fill(void)
{
    for (unsigned i = 0; i < TIMES; i++) times[i] = (int64_t)(-log(1 - (i + 0.5) / TIMES) * MEAN_MS) + 1;
}

static struct staffing_asked asked_of(const double *calls, uint32_t quarters)
{
    return (struct staffing_asked){
        .calls = calls, .quarters = quarters, .handle_ms = times, .handled = TIMES, .percent = 80, .within_s = 20};
}

/* Erlang C: the fewest agents with whom so many of a hundred are answered in time, where nobody gives up. */
static unsigned erlang(double calls, double percent, double within_s)
{
    double load = calls * MEAN_MS / QUARTER_MS;
    for (unsigned agents = (unsigned)load + 1;; agents++) {
        double blocked = 1;
        for (unsigned i = 1; i <= agents; i++) blocked = load * blocked / (i + load * blocked);
        double waits = blocked / (1 - load / agents * (1 - blocked));
        if (100 * (1 - waits * exp(-(agents - load) * within_s * 1000 / MEAN_MS)) >= percent) return agents;
    }
}

static void steady(double calls)
{
    double each[QUARTERS];
    uint32_t agents[QUARTERS];
    for (unsigned i = 0; i < QUARTERS; i++) each[i] = calls;
    struct staffing_asked asked = asked_of(each, QUARTERS);
    staffing_find(&asked, agents);
    double sum = 0;
    for (unsigned i = QUARTERS / 2; i < QUARTERS; i++) sum += agents[i] / (QUARTERS / 2.0);
    double wanted = erlang(calls, asked.percent, asked.within_s);
    cr_assert(fabs(sum - wanted) <= 1.0, "%.0f calls in a quarter: %.2f agents, and Erlang's formula says %.0f", calls,
              sum, wanted);
}

Test(staffing, is_erlangs_where_nobody_gives_up)
{
    times_fill();
    steady(1);
    steady(5);
    steady(50);
    steady(250);
}

Test(staffing, follows_the_day_and_what_is_asked)
{
    double calls[5] = {0, 3, 60, 60, 0};
    uint32_t agents[5], impatient[5], strict[5], again[5];
    times_fill();
    struct staffing_asked asked = asked_of(calls, 5);
    staffing_find(&asked, agents);
    cr_assert(agents[0] == 0 && agents[4] == 0 && agents[1] >= 1 && agents[2] > agents[1]);
    staffing_find(&asked, again);
    for (unsigned i = 0; i < 5; i++) cr_assert_eq(again[i], agents[i], "the same past gives another answer");
    asked.percent = 100;
    asked.within_s = 0;
    staffing_find(&asked, strict);
    cr_assert_gt(strict[2], agents[2]);
    /* Who gives up early is not answered in time, so hardly fewer agents are enough. */
    asked = asked_of(calls, 5);
    asked.percent = 50;
    staffing_find(&asked, agents);
    asked.patience_ms = 30000;
    staffing_find(&asked, impatient);
    cr_assert(impatient[2] >= 1 && impatient[2] <= agents[2], "%u agents, %u where people give up", agents[2],
              impatient[2]);
    /* Days that are far off the usual need more. */
    asked = asked_of(calls, 5);
    staffing_find(&asked, agents);
    asked.excess = 0.2;
    staffing_find(&asked, again);
    cr_assert_gt(again[3], agents[3]);
}

Test(staffing, huge_days_end)
{
    double calls[4] = {10000, 1e-9, 60000, 5};
    uint32_t agents[4];
    times_fill();
    struct staffing_asked asked = asked_of(calls, 4);
    staffing_find(&asked, agents);
    cr_assert(agents[0] > 1000 && agents[0] < 2500 && agents[1] == 0 && agents[2] == 4096);
}
