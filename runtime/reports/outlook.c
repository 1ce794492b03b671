/* runtime/reports/outlook.c - Computes a forecast of arrivals, and how wrong such forecasts were. */
#include "runtime/reports/outlook.h"

#include <math.h>

enum { WEEK = 7 };
static const double SHRINK = 16, SHRINK_HALF = 10; /* k of a quarter without calls; it is half of that at 10 calls */
/* Beyond this mean the distribution is taken for a normal one; the quantile is that of 90 percent. */
static const double NORMAL_MEAN = 200, NORMAL_QUANTILE = 1.2816, PART_BELOW = 0.1;

static double outlook_at(const struct outlook_past *past, uint32_t day, unsigned slot)
{
    return past->counts[(uint64_t)day * OUTLOOK_SLOTS + slot];
}

static unsigned outlook_times(const struct outlook_past *past, uint32_t day, unsigned slot)
{
    return past->times[(uint64_t)day * OUTLOOK_SLOTS + slot];
}

static double outlook_sum(const struct outlook_past *past, uint32_t day)
{
    double sum = 0;
    for (unsigned slot = 0; slot < OUTLOOK_SLOTS; slot++) sum += outlook_at(past, day, slot);
    return sum;
}

/* The same weekdays as `day` that are known, newest first. Returns how many. */
static uint32_t outlook_weekdays(const struct outlook_past *past, uint32_t day, uint32_t known, uint32_t weeks,
                                 uint32_t found[OUTLOOK_WEEKS_MAX])
{
    uint32_t count = 0;
    for (uint32_t at = day; at >= past->begins + WEEK && count < weeks;) {
        at -= WEEK;
        if (at <= known) found[count++] = at;
    }
    return count;
}

/* The part of each quarter in all calls of these weeks, smoothed over its neighbours. */
static void outlook_profile(const struct outlook_past *past, uint32_t known, uint32_t weeks,
                            double parts[OUTLOOK_SLOTS])
{
    double sums[OUTLOOK_SLOTS] = {0}, all = 0;
    uint32_t from = known + 1 > past->begins + weeks * WEEK ? known + 1 - weeks * WEEK : past->begins;
    for (uint32_t day = from; day <= known; day++)
        for (unsigned slot = 0; slot < OUTLOOK_SLOTS; slot++) sums[slot] += outlook_at(past, day, slot);
    for (unsigned slot = 0; slot < OUTLOOK_SLOTS; slot++) {
        double before = sums[slot > 0 ? slot - 1 : slot], after = sums[slot + 1 < OUTLOOK_SLOTS ? slot + 1 : slot];
        parts[slot] = (before + 2 * sums[slot] + after) / 4;
        all += parts[slot];
    }
    for (unsigned slot = 0; slot < OUTLOOK_SLOTS && all > 0; slot++) parts[slot] /= all;
}

struct spread {                      /* how the sums of days differ from the means of their weekdays */
    double squares, means, expected; /* of the differences; of the means; what chance alone would make of the first */
};

static void outlook_spread_add(const struct outlook_past *past, const uint32_t *days, uint32_t count,
                               struct spread *spread)
{
    double mean = 0;
    for (uint32_t i = 0; i < count; i++) mean += outlook_sum(past, days[i]) / count;
    for (uint32_t i = 0; i < count; i++) {
        double off = outlook_sum(past, days[i]) - mean;
        spread->squares += off * off;
    }
    if (count > 1) spread->means += (count - 1) * mean * mean;
    if (count > 1) spread->expected += (count - 1) * mean;
}

/* The variance of a day's sum beyond that of chance, as a part of its square. Eight Mondays
 * say little of it: so the days of all weeks are taken, Mondays beside the mean of Mondays, Tuesdays beside theirs. */
static double outlook_excess(const struct outlook_past *past, uint32_t day, uint32_t known, uint32_t weeks)
{
    struct spread spread = {0};
    for (uint32_t before = 0; before < WEEK && before <= day; before++) {
        uint32_t days[OUTLOOK_WEEKS_MAX], count = outlook_weekdays(past, day - before, known, weeks, days);
        outlook_spread_add(past, days, count, &spread);
    }
    return spread.means > 0 ? fmax(0, (spread.squares - spread.expected) / spread.means) : 0;
}

bool outlook_make(const struct outlook_past *past, uint32_t day, uint32_t known, uint32_t weeks,
                  struct outlook *forecast)
{
    uint32_t days[OUTLOOK_WEEKS_MAX];
    double parts[OUTLOOK_SLOTS], mean = 0;
    uint32_t count = outlook_weekdays(past, day, known, weeks, days);
    *forecast = (struct outlook){.weekdays = count};
    if (count == 0) return false;
    for (uint32_t i = 0; i < count; i++) mean += outlook_sum(past, days[i]) / count;
    outlook_profile(past, known, weeks, parts);
    /* the day is off the mean, and so is the mean of so few days */
    forecast->excess = outlook_excess(past, day, known, weeks) * (1 + 1.0 / count);
    for (unsigned slot = 0; slot < OUTLOOK_SLOTS; slot++) {
        double sum = 0, times = 0;
        for (uint32_t i = 0; i < count; i++) {
            sum += outlook_at(past, days[i], slot);
            times += outlook_times(past, days[i], slot);
        }
        double drawn = mean * parts[slot], k = SHRINK / (1 + drawn / SHRINK_HALF);
        forecast->means[slot] = (sum + k * drawn) / (times + k);
    }
    return true;
}

/* The smallest number that at least this part of the distribution does not exceed. Without excess it is Poisson's. */
static double outlook_quantile(double mean, double excess, double part)
{
    double r = excess > 1e-9 ? 1 / excess : 0, number = 0;
    double probability = r > 0 ? exp(r * log(r / (r + mean))) : exp(-mean), sum = probability;
    while (sum < part && number < 100 * NORMAL_MEAN) {
        number++;
        probability *= r > 0 ? (r + number - 1) / number * (mean / (r + mean)) : mean / number;
        sum += probability;
    }
    return number;
}

void outlook_interval(double mean, double excess, double *low, double *high)
{
    double off = NORMAL_QUANTILE * sqrt(mean + excess * mean * mean);
    if (mean > NORMAL_MEAN) {
        *low = fmax(0, floor(mean - off));
        *high = ceil(mean + off);
        return;
    }
    *low = mean > 0 ? outlook_quantile(mean, excess, PART_BELOW) : 0;
    *high = mean > 0 ? outlook_quantile(mean, excess, 1 - PART_BELOW) : 0;
}

/* What a rival expects for the quarter. */
static double outlook_rival(const struct outlook_past *past, enum outlook_rival rival, const struct outlook *own,
                            const uint32_t *days, uint32_t count, unsigned slot)
{
    double sum = 0, times = 0;
    if (rival == RIVAL_own) return own->means[slot];
    for (uint32_t i = 0; i < (rival == RIVAL_week ? 1 : count); i++) {
        sum += outlook_at(past, days[i], slot);
        times += outlook_times(past, days[i], slot);
    }
    return times > 0 ? sum / times : 0;
}

static void outlook_try_day(const struct outlook_past *past, uint32_t day, uint32_t known, uint32_t weeks,
                            struct outlook_trial *trial)
{
    struct outlook own;
    uint32_t days[OUTLOOK_WEEKS_MAX], count = outlook_weekdays(past, day, known, weeks, days);
    double sums[RIVALS] = {0};
    if (!outlook_make(past, day, known, weeks, &own)) return;
    trial->days++;
    trial->calls += outlook_sum(past, day);
    for (unsigned slot = 0; slot < OUTLOOK_SLOTS; slot++) {
        double came = outlook_at(past, day, slot), times = outlook_times(past, day, slot), low, high;
        for (unsigned rival = 0; rival < RIVALS; rival++) {
            double mean = times * outlook_rival(past, (enum outlook_rival)rival, &own, days, count, slot);
            sums[rival] += mean;
            trial->quarter_errors[rival] += fabs(came - mean);
        }
        if (times * own.means[slot] < 0.05) continue; /* closed: that nobody comes is no merit */
        outlook_interval(times * own.means[slot], own.excess, &low, &high);
        trial->quarters++;
        trial->held += came >= low && came <= high;
    }
    for (unsigned rival = 0; rival < RIVALS; rival++)
        trial->day_errors[rival] += fabs(outlook_sum(past, day) - sums[rival]);
}

void outlook_try(const struct outlook_past *past, uint32_t ahead, uint32_t weeks, struct outlook_trial *trial)
{
    *trial = (struct outlook_trial){0};
    uint32_t first = past->days > OUTLOOK_TRIED_DAYS ? past->days - OUTLOOK_TRIED_DAYS : 0;
    for (uint32_t day = first; day < past->days; day++)
        if (day >= past->begins + ahead) outlook_try_day(past, day, day - ahead, weeks, trial);
}
