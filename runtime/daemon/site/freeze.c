/* runtime/daemon/site/freeze.c - Reads windows such as "fri 16:00-mon 06:00", and finds their moments.
 *
 * A window has two edges on the calendar of a zone. The days around the moment that is asked about are tried in turn:
 * a day on which the window begins gives a start, and the next day on which the window ends gives its end. Both become
 * moments by the zone's rules, so a window over a change of the clocks is longer or shorter by that hour.
 *
 *     sep 25 | fri 26 16:00 ... sat ... sun ... mon 29 06:00 |
 *              from                              until */
#include "runtime/daemon/site/freeze.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/zone.h"

static const char *const weekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};
static const int64_t FREEZE_MINUTE_US = 60000000, FREEZE_DAY_US = 86400000000;
enum { DAYS_BACK = 370, DAYS_AHEAD = 370, WINDOW_TEXT = 64 };

/* A day of the calendar. */
struct freeze_day {
    int64_t number; /* days since 1970 */
    int weekday, month, day;
};

/* ---- reading ---- */

static int freeze_word(const char *const *words, int count, const char *text)
{
    for (int i = 0; i < count; i++)
        if (strncasecmp(words[i], text, 3) == 0 && !isalpha((unsigned char)text[3])) return i;
    return -1;
}

/* Reads a whole number of one or two digits, and returns what follows; NULL: there is none, or it is above `most`. */
static const char *freeze_number(const char *text, int most, int *number)
{
    char *end;
    if (!isdigit((unsigned char)*text)) return NULL;
    long read = strtol(text, &end, 10);
    *number = (int)read;
    return end - text <= 2 && read <= most ? end : NULL;
}

/* Reads "16:00"; an edge that is only a date begins with its day. */
static const char *freeze_time(const char *text, bool dated, struct freeze_edge *edge)
{
    int hour, minute;
    if (dated && *text == '\0') return text;
    const char *at = freeze_number(text, 24, &hour);
    at = at && *at == ':' ? freeze_number(at + 1, 59, &minute) : NULL;
    if (!at || (hour == 24 && minute != 0)) return NULL;
    edge->in_day_us = (hour * 60 + minute) * FREEZE_MINUTE_US;
    return at;
}

/* Returns how many days the month has at most. */
static int freeze_month_days(int month)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    return days[month - 1];
}

/* Reads "fri 16:00", "dec 24 18:00", "dec 24" or "16:00". */
static bool freeze_edge(const char *text, struct freeze_edge *edge)
{
    *edge = (struct freeze_edge){.weekday = freeze_word(weekdays, 7, text)};
    edge->month = edge->weekday < 0 ? freeze_word(months, 12, text) + 1 : 0;
    if (edge->weekday >= 0 || edge->month > 0) text += 3;
    text += strspn(text, " ");
    if (edge->month > 0) {
        text = freeze_number(text, freeze_month_days(edge->month), &edge->day);
        if (!text || edge->day == 0) return false;
        text += strspn(text, " ");
    }
    text = freeze_time(text, edge->month > 0, edge);
    return text && text[strspn(text, " ")] == '\0';
}

static bool freeze_edges_same(const struct freeze_edge *a, const struct freeze_edge *b)
{
    return a->weekday == b->weekday && a->month == b->month && a->day == b->day && a->in_day_us == b->in_day_us;
}

/* Reads one window. Both edges must be of one kind, and they must differ: a window without an end would never let
 * anything change. */
static bool freeze_window_read(const char *text, struct freeze_window *window, struct error *error)
{
    char first[WINDOW_TEXT];
    const char *second = strchr(text, '-');
    size_t length = second ? (size_t)(second - text) : 0;
    if (second && length < sizeof first) {
        snprintf(first, sizeof first, "%.*s", (int)length, text);
        second++;
        second += strspn(second, " ");
        if (freeze_edge(first, &window->from) && freeze_edge(second, &window->until) &&
            (window->from.weekday < 0) == (window->until.weekday < 0) &&
            (window->from.month == 0) == (window->until.month == 0)) {
            if (!freeze_edges_same(&window->from, &window->until)) return true;
            return error_set(error, ERROR_INPUT, "\"%.60s\" ends where it begins: nothing could ever change", text);
        }
    }
    return error_set(error, ERROR_INPUT,
                     "\"%.60s\" is no window; expected \"fri 16:00-mon 06:00\", \"dec 23 18:00-jan 2 06:00\" or "
                     "\"22:00-05:00\", with commas between windows",
                     text);
}

bool freeze_read(const char *text, const char *zone, struct freeze *freeze, struct error *error)
{
    assert(text && zone && freeze);
    *freeze = (struct freeze){0};
    if (zone[0] != '\0' && (strlen(zone) >= sizeof freeze->zone || !zone_exists(zone)))
        return error_set(error, ERROR_INPUT, "\"%.60s\" is no time zone; expected one such as \"Europe/Berlin\"", zone);
    snprintf(freeze->zone, sizeof freeze->zone, "%s", zone);
    text += strspn(text, " ");
    while (*text != '\0') {
        char one[2 * WINDOW_TEXT];
        size_t length = strcspn(text, ",");
        snprintf(one, sizeof one, "%.*s", (int)length, text);
        if (freeze->count == FREEZE_WINDOWS_MAX)
            return error_set(error, ERROR_LIMIT, "there may be %d windows", FREEZE_WINDOWS_MAX);
        if (!freeze_window_read(one, &freeze->windows[freeze->count++], error)) return false;
        text += length;
        if (*text == ',') text++;
        text += strspn(text, " ");
    }
    return true;
}

/* ---- finding ---- */

static struct freeze_day freeze_day_at(int64_t number)
{
    time_t seconds = (time_t)(number * 86400);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    return (struct freeze_day){number, tm.tm_wday, tm.tm_mon + 1, tm.tm_mday};
}

/* Converts a time of the zone's calendar to a moment. A time that the clocks skip is read by the clock before. */
static int64_t freeze_moment(const struct freeze *freeze, int64_t day, int64_t in_day_us)
{
    int64_t local_us = day * FREEZE_DAY_US + in_day_us, utc_us = local_us;
    if (freeze->zone[0] != '\0') {
        (void)zone_instant(freeze->zone, local_us, &utc_us);
        return utc_us;
    }
    time_t seconds = (time_t)(local_us / 1000000);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * 1000000;
}

/* True: the edge is on that day. An edge on February 29 is on March 1 in other years. */
static bool freeze_is_on(const struct freeze_edge *edge, const struct freeze_day *day)
{
    if (edge->weekday >= 0) return edge->weekday == day->weekday;
    if (edge->month == 0 || (edge->month == day->month && edge->day == day->day)) return true;
    return edge->month == 2 && edge->day > 28 && day->month == 3 && day->day == 1 &&
           freeze_day_at(day->number - 1).day < edge->day;
}

/* Finds the end of a window that begins on the given day: the first time of the other edge behind its start. */
static int64_t freeze_end(const struct freeze *freeze, const struct freeze_window *window, int64_t first)
{
    for (int64_t number = first; number <= first + DAYS_AHEAD; number++) {
        struct freeze_day day = freeze_day_at(number);
        bool behind = number > first || window->until.in_day_us > window->from.in_day_us;
        if (behind && freeze_is_on(&window->until, &day)) return freeze_moment(freeze, number, window->until.in_day_us);
    }
    return INT64_MIN; /* never: each day of a window comes within a year */
}

/* Finds of one window the earliest time that ends behind the given moment. */
static bool freeze_of_window(const struct freeze *freeze, const struct freeze_window *window, int64_t now_us,
                             int64_t *from, int64_t *until)
{
    int64_t today = now_us / FREEZE_DAY_US;
    int64_t back = window->from.month > 0 ? DAYS_BACK : 9;
    for (int64_t number = today - back; number <= today + DAYS_AHEAD; number++) {
        struct freeze_day day = freeze_day_at(number);
        if (!freeze_is_on(&window->from, &day)) continue;
        *until = freeze_end(freeze, window, number);
        *from = freeze_moment(freeze, number, window->from.in_day_us);
        if (*until > now_us && *from < *until) return true;
    }
    return false;
}

bool freeze_window(const struct freeze *freeze, int64_t now_us, int64_t *from, int64_t *until)
{
    assert(freeze && from && until);
    int64_t one_from, one_until;
    bool found = false, longer = true;
    for (unsigned i = 0; i < freeze->count; i++) {
        if (!freeze_of_window(freeze, &freeze->windows[i], now_us, &one_from, &one_until)) continue;
        if (found && one_from >= *from) continue;
        *from = one_from;
        *until = one_until;
        found = true;
    }
    /* a window that begins before this one has ended makes it longer; at most a year ahead */
    while (found && longer && *until < now_us + DAYS_AHEAD * FREEZE_DAY_US) {
        longer = false;
        for (unsigned i = 0; i < freeze->count; i++) {
            if (!freeze_of_window(freeze, &freeze->windows[i], *until, &one_from, &one_until)) continue;
            if (one_from > *until || one_until <= *until) continue;
            *until = one_until;
            longer = true;
        }
    }
    return found;
}

bool freeze_now(const struct freeze *freeze, int64_t now_us, char ends[FREEZE_TEXT])
{
    int64_t from, until;
    struct tm tm;
    if (!freeze_window(freeze, now_us, &from, &until) || now_us < from) return false;
    time_t seconds = (time_t)(until / 1000000);
    localtime_r(&seconds, &tm);
    strftime(ends, FREEZE_TEXT, "%Y-%m-%d %H:%M", &tm);
    return true;
}
