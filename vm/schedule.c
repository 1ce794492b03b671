/* vm/schedule.c - Opening hours, day by day. */
#include "vm/schedule.h"

static const int64_t SECOND_US = 1000000, DAY_US = 86400 * INT64_C(1000000);
enum { YEARS_DAYS = 1098 };

struct hours { /* where the hours of a day stand */
    uint32_t first, count;
};

uint32_t schedule_day_cost(const struct schedule *s)
{
    return 1 + s->count / 16;
}

static int64_t day_of(int64_t us)
{
    return us / DAY_US - (us % DAY_US < 0);
}

static bool names_day(const struct schedule *s, uint32_t at, int64_t day)
{
    int64_t of_week = ((day % 7) + 10) % 7; /* 1970-01-01 was a Thursday */
    int64_t number = s->number(s->self, at) == SCHEDULE_WEEKDAYS ? of_week : day;
    return s->number(s->self, at + 1) <= number && number <= s->number(s->self, at + 2);
}

static struct hours hours_of(const struct schedule *s, int64_t day)
{
    struct hours hours = {0, 0};
    for (uint32_t at = 0; at + 4 <= s->count;) {
        int64_t count = s->number(s->self, at + 3);
        if (count < 0 || count > (int64_t)(s->count - at - 4) / 2) break;
        if (names_day(s, at, day)) hours = (struct hours){at + 4, (uint32_t)count};
        at += 4 + 2 * (uint32_t)count;
    }
    return hours;
}

static bool read_hours(const struct schedule *s, const struct hours *hours, uint32_t index, int64_t day, int64_t *from,
                       int64_t *to)
{
    int64_t begin = s->number(s->self, hours->first + 2 * index),
            end = s->number(s->self, hours->first + 2 * index + 1);
    if (begin < 0 || end <= begin || end > SCHEDULE_END_MAX) return false;
    *from = day * DAY_US + begin * SECOND_US;
    *to = day * DAY_US + end * SECOND_US;
    return true;
}

/* Times outside what a calendar has are never open. */
static bool far_away(int64_t us)
{
    return us < -INT64_C(1000000) * DAY_US || us > INT64_C(10000000) * DAY_US;
}

bool schedule_open(const struct schedule *s, int64_t us)
{
    if (far_away(us)) return false;
    for (int64_t day = day_of(us) - 1, last = day + 1; day <= last; day++) {
        struct hours hours = hours_of(s, day);
        int64_t from, to;
        for (uint32_t i = 0; i < hours.count; i++)
            if (read_hours(s, &hours, i, day, &from, &to) && from <= us && us < to) return true;
    }
    return false;
}

/* The first moment after `us`, and not after `last_day`, at which hours begin or end: perhaps it opens or closes. */
static bool edge_after(const struct schedule *s, int64_t us, int64_t last_day, int64_t *edge)
{
    bool found = false;
    for (int64_t day = day_of(us) - 1; day <= last_day; day++) {
        struct hours hours = hours_of(s, day);
        int64_t from, to;
        if (found && *edge < day * DAY_US) break; /* what is later begins later */
        if (++*s->days > SCHEDULE_WORK_MAX / schedule_day_cost(s)) return false;
        for (uint32_t i = 0; i < hours.count; i++) {
            if (!read_hours(s, &hours, i, day, &from, &to)) continue;
            if (from > us && (!found || from < *edge)) *edge = from, found = true;
            if (to > us && (!found || to < *edge)) *edge = to, found = true;
        }
    }
    return found;
}

bool schedule_next(const struct schedule *s, int64_t us, bool opens, int64_t *at)
{
    if (far_away(us)) return false;
    int64_t last = day_of(us) + SCHEDULE_DAYS_MAX;
    *at = us;
    while (edge_after(s, *at, last, at))
        if (schedule_open(s, *at) == opens && schedule_open(s, *at - 1) != opens) return true;
    return false;
}

bool schedule_add(const struct schedule *s, int64_t us, int64_t duration_us, int64_t *at)
{
    if (far_away(us) || duration_us < 0) return false;
    int64_t last = day_of(us) + YEARS_DAYS, edge;
    for (*at = us; edge_after(s, *at, last, &edge); *at = edge) {
        if (!schedule_open(s, *at)) continue;
        if (duration_us <= edge - *at) {
            *at += duration_us;
            return true;
        }
        duration_us -= edge - *at;
    }
    return false;
}

int64_t schedule_between(const struct schedule *s, int64_t from_us, int64_t to_us)
{
    if (far_away(from_us) || far_away(to_us)) return 0;
    if (from_us > to_us) return -schedule_between(s, to_us, from_us);
    int64_t sum = 0, last = day_of(from_us) + YEARS_DAYS, edge;
    for (int64_t at = from_us; at < to_us && edge_after(s, at, last, &edge); at = edge)
        if (schedule_open(s, at)) sum += (edge < to_us ? edge : to_us) - at;
    return sum;
}
