/* tests/bench/outlook.c - How wrong the forecast of arrivals is per quarter of an hour, on simulated weeks of centres
 * of several sizes: beside the same day of the week before, the mean of the same weekdays, and who knows the true rate,
 * whose error is that of chance alone. A day has the curve of `quickstart --stay` and its weekday's share, and is by
 * chance as a whole busier or calmer (10 %). The forecast is made the day before, from eight weeks. Usage: outlook
 * [SEED...] - with each seed (1 2 3 4 5) four weeks of each centre are forecast. The error is the sum of all
 * differences without their sign, in percent of all that came. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/reports/outlook.h"
#include "runtime/sim/draw.h"

enum { WEEKS = 8, DAYS = 7 * (WEEKS + 5), BUSY = 10 };
static const double HOURS[24] = {
#define HOUR(hour, parts) [hour] = parts,
#include "tests/quick/hours.def"
};
static const double WEEKDAYS[7] = {1.16, 1.08, 1.0, 0.92, 0.84, 0.4, 0.2}; /* as in tests/quick/world.c */

static double counts[DAYS * OUTLOOK_SLOTS], rates[DAYS * OUTLOOK_SLOTS];
static uint8_t times[DAYS * OUTLOOK_SLOTS];

/* How many come in a quarter of an hour. */
static double come(struct draws *draws, double mean)
{
    double sum = 0, number = -1;
    while (sum < mean) {
        sum += draws_exponential(draws);
        number++;
    }
    return mean > 0 ? number : 0;
}

static void weeks_make(double of_day, uint64_t seed)
{
    struct draws draws = draws_of(seed, 0, 0);
    double all = 0;
    for (unsigned hour = 0; hour < 24; hour++) all += HOURS[hour];
    for (unsigned day = 0; day < DAYS; day++) {
        double sum = 0;
        for (unsigned i = 0; i < 12; i++) sum += draws_unit(&draws);
        double whole = of_day * WEEKDAYS[day % 7] * (1 + (sum - 6) * BUSY / 100);
        for (unsigned slot = 0; slot < OUTLOOK_SLOTS; slot++) {
            unsigned cell = day * OUTLOOK_SLOTS + slot;
            rates[cell] = whole * HOURS[slot / 4] / all / 4;
            counts[cell] = come(&draws, rates[cell]);
            times[cell] = 1;
        }
    }
}

/* The error of who knows the rate of each quarter, on the days that are tried. */
static double chance(void)
{
    double error = 0;
    for (unsigned cell = (DAYS - OUTLOOK_TRIED_DAYS) * OUTLOOK_SLOTS; cell < DAYS * OUTLOOK_SLOTS; cell++)
        error += fabs(counts[cell] - rates[cell]);
    return error;
}

int main(int count, char **words)
{
    static const double centres[] = {50, 500, 5000, 20000};
    static char *const seeds[] = {"1", "2", "3", "4", "5"};
    unsigned seed_count = count > 1 ? (unsigned)count - 1 : 5;
    printf("%-16s %12s %12s %12s %12s %12s %12s %12s\n", "calls a day", "forecast", "week before", "weekdays", "chance",
           "day", "week before", "in interval");
    printf("%-16s %12s %12s %12s %12s %12s %12s %12s\n", "", "% quarter", "% quarter", "% quarter", "% quarter",
           "% day", "% day", "% quarters");
    for (unsigned c = 0; c < sizeof centres / sizeof *centres; c++) {
        struct outlook_trial sum = {0}, one;
        double by_chance = 0;
        for (unsigned i = 0; i < seed_count; i++) {
            weeks_make(centres[c], strtoull(count > 1 ? words[1 + i] : seeds[i], NULL, 10));
            const struct outlook_past past = {.days = DAYS, .counts = counts, .times = times};
            outlook_try(&past, 1, WEEKS, &one);
            by_chance += chance();
            sum.calls += one.calls;
            sum.quarters += one.quarters;
            sum.held += one.held;
            for (unsigned rival = 0; rival < RIVALS; rival++) {
                sum.quarter_errors[rival] += one.quarter_errors[rival];
                sum.day_errors[rival] += one.day_errors[rival];
            }
        }
        double percent = 100 / sum.calls;
        printf("%-16.0f %12.1f %12.1f %12.1f %12.1f %12.1f %12.1f %12.1f\n", centres[c],
               percent * sum.quarter_errors[RIVAL_own], percent * sum.quarter_errors[RIVAL_week],
               percent * sum.quarter_errors[RIVAL_mean], percent * by_chance, percent * sum.day_errors[RIVAL_own],
               percent * sum.day_errors[RIVAL_week], 100.0 * (double)sum.held / (double)sum.quarters);
    }
    return 0;
}
