/* tests/differential/evaluate_calendar.c - Days and times of day, by what the C library knows of zones. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/differential/evaluate.h"

static const int64_t DAY_US = INT64_C(86400000000), SECOND_US = 1000000;
static const int64_t END_OF_RULES = INT64_C(4133980799); /* 2100-12-31 23:59:59 */

int64_t evaluate_days(int64_t us)
{
    int64_t days = us / DAY_US;
    return us % DAY_US < 0 ? days - 1 : days;
}

int64_t evaluate_clock(int64_t us)
{
    int64_t clock = us % DAY_US;
    return clock < 0 ? clock + DAY_US : clock;
}

int64_t evaluate_weekday(int64_t days)
{
    int64_t since_monday = (days + 3) % 7; /* 1970 began on a Thursday */
    return since_monday < 0 ? since_monday + 7 : since_monday;
}

/* Seconds east of UTC at a moment. A zone's rule goes on until the end of 2100; then the clocks stay as they are. */
static int64_t offset_at(int64_t seconds, const char *zone)
{
    struct tm tm;
    time_t moment = (time_t)(seconds < END_OF_RULES ? seconds : END_OF_RULES);
    const char *set = getenv("TZ");
    if (!set || strcmp(set, zone) != 0) {
        setenv("TZ", zone, 1);
        tzset();
    }
    localtime_r(&moment, &tm);
    return tm.tm_gmtoff;
}

static int64_t seconds_of(int64_t us)
{
    return us / SECOND_US - (us % SECOND_US < 0);
}

static int64_t shifted(struct evaluator *e, int64_t us, int64_t seconds)
{
    int64_t sum;
    if (__builtin_add_overflow(us, seconds * SECOND_US, &sum) || sum == INT64_MIN) evaluate_fault(e, FAULTS_OVERFLOW);
    return sum;
}

int64_t evaluate_wall(struct evaluator *e, int64_t us, const char *zone)
{
    return shifted(e, us, offset_at(seconds_of(us), zone));
}

/* Of a wall clock that comes twice the first time; one that is skipped counts as if the clocks were not yet set. What
 * the clocks may show is what they show at some time on the days around it. */
int64_t evaluate_instant(struct evaluator *e, int64_t local_us, const char *zone)
{
    int64_t local = seconds_of(local_us), earlier = 0;
    bool found = false;
    for (int64_t around = local - 2 * 86400; around <= local + 2 * 86400; around += 900) {
        int64_t offset = offset_at(around, zone), moment = local - offset;
        if (offset_at(moment, zone) != offset) continue;
        if (!found || moment < earlier) earlier = moment;
        found = true;
    }
    if (!found) earlier = local - offset_at(local - 86400, zone);
    return shifted(e, local_us, earlier - local);
}
