/* vm/schedule.c - Computes with opening hours, day by day.
 *
 *     mon..fri 08:00..18:00;  2026-12-24 08:00..12:00;        the 24th has the second line: the last one that names it
 *
 * Hours of a day may end after midnight, so the day before is also examined. schedule_next() goes from edge to edge,
 * that is to each time at which some hours begin or end, and checks there whether it is open. The functions with _by
 * do the same by the clocks of a zone: for each period during which the clocks have the same offset from UTC. */
#include "vm/schedule.h"

#include "vm/clock.h"

static const int64_t SECOND_US = 1000000, DAY_US = 86400 * INT64_C(1000000);
enum { YEARS_DAYS = 1098 };

struct hours { /* where the hours of a day are in the schedule */
    uint32_t first, count;
};

uint32_t schedule_day_cost(const struct schedule *s)
{
    return 1 + s->count / 16;
}

/* Returns the day of a time; rounds down also for times before 1970, which are negative. */
static int64_t schedule_day_of(int64_t us)
{
    return us / DAY_US - (us % DAY_US < 0);
}

/* The schedule's lines with what a search remembers. Weekdays are looked up. The days around one that was examined
 * are remembered for which the same lines of dates apply: so a search of three years reads the lines only a few
 * times, and not at each edge. */
struct lines {
    const struct schedule *s;
    struct hours week[7];
    uint32_t week_at[7]; /* for each weekday: where its line begins; 0: the first line, or none */
    bool dates;          /* there are such lines */
    int64_t first, last; /* first and last day for which the hours of dates are remembered */
    struct hours dated;  /* their line's hours, */
    uint32_t dated_at;   /* 1 + where the line of dates for the remembered days begins; 0: there is no such line */
};

struct schedule_line {
    int64_t kind, first, last;
    struct hours hours;
};

/* Reads a line: | kind | first day | last day | count of hours | begin, end | begin, end | ...
 *
 * Hours are stored in seconds of the day. False: there is no valid line at that position. */
static bool schedule_read_line(const struct schedule *s, uint32_t at, struct schedule_line *line)
{
    if (at + 4 > s->count) return false;
    int64_t count = s->number(s->self, at + 3);
    if (count < 0 || count > (int64_t)(s->count - at - 4) / 2) return false;
    *line = (struct schedule_line){
        s->number(s->self, at), s->number(s->self, at + 1), s->number(s->self, at + 2), {at + 4, (uint32_t)count}};
    return true;
}

static uint32_t schedule_line_end(const struct schedule_line *line)
{
    return line->hours.first + 2 * line->hours.count;
}

static struct lines schedule_lines_of(const struct schedule *s)
{
    struct lines lines = {.s = s, .first = 1, .last = 0};
    struct schedule_line line;
    for (uint32_t at = 0; schedule_read_line(s, at, &line); at = schedule_line_end(&line)) {
        if (line.kind != SCHEDULE_WEEKDAYS) lines.dates = true;
        if (line.kind != SCHEDULE_WEEKDAYS) continue;
        for (int64_t day = line.first > 0 ? line.first : 0; day <= line.last && day < 7; day++) {
            lines.week[day] = line.hours;
            lines.week_at[day] = at;
        }
    }
    return lines;
}

/* Finds the last line of dates for the day, and for which days around it the same line applies. */
static void schedule_remember(struct lines *lines, int64_t day)
{
    struct schedule_line line;
    lines->first = INT64_MIN;
    lines->last = INT64_MAX;
    lines->dated_at = 0;
    for (uint32_t at = 0; schedule_read_line(lines->s, at, &line); at = schedule_line_end(&line)) {
        if (line.kind == SCHEDULE_WEEKDAYS || line.first > line.last) continue;
        bool names = line.first <= day && day <= line.last;
        if (names) lines->dated = line.hours;
        if (names) lines->dated_at = at + 1;
        int64_t from = names             ? line.first
                       : line.last < day ? line.last + 1
                                         : INT64_MIN,
                until = names              ? line.last
                        : line.first > day ? line.first - 1
                                           : INT64_MAX;
        if (from > lines->first) lines->first = from;
        if (until < lines->last) lines->last = until;
    }
}

/* Returns the hours of a day; the later line in the schedule applies, whether of weekdays or of dates; `dated_at` is
 * the position plus one, so 0 is less than any line. */
static struct hours hours_of(struct lines *lines, int64_t day)
{
    int64_t of_week = ((day % 7) + 10) % 7; /* 1970-01-01 was a Thursday */
    if (lines->dates && (day < lines->first || day > lines->last)) schedule_remember(lines, day);
    return lines->dated_at > lines->week_at[of_week] ? lines->dated : lines->week[of_week];
}

static bool schedule_read_hours(const struct schedule *s, const struct hours *hours, uint32_t index, int64_t day,
                                int64_t *from, int64_t *to)
{
    int64_t begin = s->number(s->self, hours->first + 2 * index),
            end = s->number(s->self, hours->first + 2 * index + 1);
    if (begin < 0 || end <= begin || end > SCHEDULE_END_MAX) return false;
    *from = day * DAY_US + begin * SECOND_US;
    *to = day * DAY_US + end * SECOND_US;
    return true;
}

/* Is the time outside the calendar's range? A schedule is never open then. */
static bool far_away(int64_t us)
{
    return us < -INT64_C(1000000) * DAY_US || us > INT64_C(10000000) * DAY_US;
}

/* Is it open? Yesterday's hours may extend into today, so both days are examined. */
static bool schedule_is_open(struct lines *lines, int64_t us)
{
    if (far_away(us)) return false;
    for (int64_t day = schedule_day_of(us) - 1, last = day + 1; day <= last; day++) {
        struct hours hours = hours_of(lines, day);
        int64_t from, to;
        for (uint32_t i = 0; i < hours.count; i++)
            if (schedule_read_hours(lines->s, &hours, i, day, &from, &to) && from <= us && us < to) return true;
    }
    return false;
}

bool schedule_open(const struct schedule *s, int64_t us)
{
    struct lines lines = schedule_lines_of(s);
    return schedule_is_open(&lines, us);
}

/* Finds the first time after `us`, and not after `last_day`, at which hours begin or end: it may open or close then. */
static bool edge_after(struct lines *lines, int64_t us, int64_t last_day, int64_t *edge)
{
    const struct schedule *s = lines->s;
    bool found = false;
    for (int64_t day = schedule_day_of(us) - 1; day <= last_day; day++) {
        struct hours hours = hours_of(lines, day);
        int64_t from, to;
        if (found && *edge < day * DAY_US) break; /* hours of later days begin later */
        if (++*s->days > SCHEDULE_WORK_MAX / schedule_day_cost(s)) return false;
        for (uint32_t i = 0; i < hours.count; i++) {
            if (!schedule_read_hours(s, &hours, i, day, &from, &to)) continue;
            if (from > us && (!found || from < *edge)) *edge = from, found = true;
            if (to > us && (!found || to < *edge)) *edge = to, found = true;
        }
    }
    return found;
}

/* Finds the next opening or closing; hours may touch or overlap, so an edge need not change anything. It only counts
 * if the state just before was the opposite. */
bool schedule_next(const struct schedule *s, int64_t us, bool opens, int64_t *at)
{
    if (far_away(us)) return false;
    struct lines lines = schedule_lines_of(s);
    int64_t last = schedule_day_of(us) + SCHEDULE_DAYS_MAX;
    *at = us;
    while (edge_after(&lines, *at, last, at))
        if (schedule_is_open(&lines, *at) == opens && schedule_is_open(&lines, *at - 1) != opens) return true;
    return false;
}

/* Finds when a schedule has been open for the duration: goes from edge to edge and subtracts the open time. False:
 * three years do not have so much open time. */
bool schedule_add(const struct schedule *s, int64_t us, int64_t duration_us, int64_t *at)
{
    if (far_away(us) || duration_us < 0) return false;
    struct lines lines = schedule_lines_of(s);
    int64_t last = schedule_day_of(us) + YEARS_DAYS, edge;
    for (*at = us; edge_after(&lines, *at, last, &edge); *at = edge) {
        if (!schedule_is_open(&lines, *at)) continue;
        if (duration_us <= edge - *at) {
            *at += duration_us;
            return true;
        }
        duration_us -= edge - *at;
    }
    return false;
}

/* Returns how long the schedule is open between two times; negative if `to_us` is before `from_us`. */
int64_t schedule_between(const struct schedule *s, int64_t from_us, int64_t to_us)
{
    if (far_away(from_us) || far_away(to_us)) return 0;
    if (from_us > to_us) return -schedule_between(s, to_us, from_us);
    struct lines lines = schedule_lines_of(s);
    int64_t sum = 0, last = schedule_day_of(from_us) + YEARS_DAYS, edge;
    for (int64_t at = from_us; at < to_us && edge_after(&lines, at, last, &edge); at = edge)
        if (schedule_is_open(&lines, at)) sum += (edge < to_us ? edge : to_us) - at;
    return sum;
}

/* By the clocks of a zone */

/* Is the search too long? An image may have clocks that change each second: then the search ends as a search without
 * a zone does. */
static bool is_worn(const struct schedule *s)
{
    return *s->days > SCHEDULE_WORK_MAX / schedule_day_cost(s);
}

/* A period during which the clocks show `us + shift_us`: until they change, at `until_us`. */
struct stretch {
    int64_t shift_us, until_us;
    bool ends; /* they are set */
};

static struct stretch schedule_stretch_at(const uint32_t *zone, int64_t us)
{
    int64_t seconds = us / SECOND_US - (us % SECOND_US < 0), change = 0;
    struct stretch stretch = {.shift_us = clock_zone_offset(zone, seconds) * SECOND_US};
    /* the clocks of a zone in an image may change later than the latest time in microseconds */
    const int64_t most = INT64_MAX / SECOND_US;
    stretch.ends = clock_zone_change_after(zone, seconds, &change) && change <= most && !far_away(change * SECOND_US);
    if (stretch.ends) stretch.until_us = change * SECOND_US;
    return stretch;
}

/* Searches each period of a zone by its offset; at its end the clocks jump, and the schedule may open or close just
 * by that. */
bool schedule_next_by(const struct schedule *s, const uint32_t *zone, int64_t us, bool opens, int64_t *at)
{
    if (far_away(us)) return false;
    const int64_t last = us + SCHEDULE_DAYS_MAX * DAY_US;
    struct lines lines = schedule_lines_of(s);
    for (;;) {
        struct stretch stretch = schedule_stretch_at(zone, us);
        int64_t local;
        bool found = schedule_next(s, us + stretch.shift_us, opens, &local);
        if (found) *at = local - stretch.shift_us;
        if (!stretch.ends || (found && *at < stretch.until_us)) return found && *at <= last;
        if (stretch.until_us > last || is_worn(s)) return false;
        us = stretch.until_us; /* the clocks jump: a schedule may open or close by that */
        bool before = schedule_is_open(&lines, us - 1 + stretch.shift_us);
        if (before != opens && schedule_is_open(&lines, us + schedule_stretch_at(zone, us).shift_us) == opens) {
            *at = us;
            return true;
        }
    }
}

/* In each period of the zone the search is as in UTC, shifted. The open time of a period is subtracted before the
 * next one. */
bool schedule_add_by(const struct schedule *s, const uint32_t *zone, int64_t us, int64_t duration_us, int64_t *at)
{
    if (far_away(us)) return false;
    for (const int64_t last = us + YEARS_DAYS * DAY_US; us <= last && !is_worn(s);) {
        struct stretch stretch = schedule_stretch_at(zone, us);
        int64_t local;
        if (!schedule_add(s, us + stretch.shift_us, duration_us, &local)) return false;
        *at = local - stretch.shift_us;
        bool before = *at < stretch.until_us || (*at == stretch.until_us && duration_us > 0);
        if (!stretch.ends || before) return *at <= last;
        duration_us -= schedule_between(s, us + stretch.shift_us, stretch.until_us + stretch.shift_us);
        us = stretch.until_us;
    }
    return false;
}

int64_t schedule_between_by(const struct schedule *s, const uint32_t *zone, int64_t from_us, int64_t to_us)
{
    if (far_away(from_us) || far_away(to_us)) return 0;
    if (from_us > to_us) return -schedule_between_by(s, zone, to_us, from_us);
    int64_t sum = 0, last = from_us + YEARS_DAYS * DAY_US;
    for (to_us = to_us < last ? to_us : last; from_us < to_us && !is_worn(s);) {
        struct stretch stretch = schedule_stretch_at(zone, from_us);
        int64_t until_us = stretch.ends && stretch.until_us < to_us ? stretch.until_us : to_us;
        sum += schedule_between(s, from_us + stretch.shift_us, until_us + stretch.shift_us);
        from_us = until_us;
    }
    return sum;
}
