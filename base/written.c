/* base/written.c - Reads durations, percentages, times and dates from left to right; each part is known by its first
 * characters.
 *
 *     1h30m  -> 5,400,000,000 us     units from the largest to the smallest, each at most once
 *     12.5%  -> 125,000              millionths
 *     2026-11-22T09:02:15Z           as RFC 3339 has it, with Z or an offset
 *
 * Every function reads the whole text or refuses it: text left over makes it wrong, and so does a number that does
 * not fit. Only the digits of a second that are finer than a microsecond are dropped. */
#include "base/written.h"

#include <string.h>

#define WRITTEN_SECOND_US INT64_C(1000000)

struct written_reading {
    const char *at, *end;
};

static struct written_reading reading_of(const char *text, size_t length)
{
    return (struct written_reading){text, text + length};
}

static bool written_is_over(const struct written_reading *r)
{
    return r->at == r->end;
}

static bool next_is(struct written_reading *r, char byte)
{
    if (written_is_over(r) || *r->at != byte) return false;
    r->at++;
    return true;
}

static bool next_digit(struct written_reading *r, int64_t *digit)
{
    if (written_is_over(r) || *r->at < '0' || *r->at > '9') return false;
    *digit = *r->at++ - '0';
    return true;
}

/* Reads a number. False: there is no digit, or the number does not fit. */
static bool written_digits(struct written_reading *r, int64_t *number)
{
    int64_t digit;
    *number = 0;
    if (!next_digit(r, &digit)) return false;
    do
        if (__builtin_mul_overflow(*number, 10, number) || __builtin_add_overflow(*number, digit, number)) return false;
    while (next_digit(r, &digit));
    return true;
}

bool written_integer(const char *text, size_t length, int64_t *value)
{
    struct written_reading r = reading_of(text, length);
    return written_digits(&r, value) && written_is_over(&r);
}

static int64_t next_unit(struct written_reading *r)
{
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {{"ms", 1000},
                 {"d", 86400 * WRITTEN_SECOND_US},
                 {"h", 3600 * WRITTEN_SECOND_US},
                 {"m", 60 * WRITTEN_SECOND_US},
                 {"s", WRITTEN_SECOND_US}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = strlen(units[i].unit);
        if ((size_t)(r->end - r->at) < length || memcmp(r->at, units[i].unit, length) != 0) continue;
        r->at += length;
        return units[i].us;
    }
    return 0;
}

/* Reads a duration; `last` is the unit of the part before: units must become smaller, so 30m1h and 1h1h are refused. */
bool written_duration(const char *text, size_t length, int64_t *us)
{
    struct written_reading r = reading_of(text, length);
    int64_t last = INT64_MAX;
    *us = 0;
    if (written_is_over(&r)) return false;
    while (!written_is_over(&r)) {
        int64_t number, unit;
        if (!written_digits(&r, &number) || (unit = next_unit(&r)) == 0 || unit >= last) return false;
        if (__builtin_mul_overflow(number, unit, &number) || __builtin_add_overflow(*us, number, us)) return false;
        last = unit;
    }
    return true;
}

bool written_percent(const char *text, size_t length, int64_t *millionths)
{
    struct written_reading r = reading_of(text, length);
    int64_t digit, part = 10000;
    if (!written_digits(&r, millionths) || __builtin_mul_overflow(*millionths, part, millionths)) return false;
    if (next_is(&r, '.')) {
        if (written_is_over(&r) || *r.at == '%') return false;
        while (next_digit(&r, &digit)) {
            if (part == 1) return false; /* finer than there is */
            part /= 10;
            if (__builtin_add_overflow(*millionths, digit * part, millionths)) return false;
        }
    }
    return next_is(&r, '%') && written_is_over(&r);
}

bool written_clock(const char *text, size_t length, int64_t *us)
{
    struct written_reading r = reading_of(text, length);
    int64_t hours, minutes, seconds = 0;
    if (!written_digits(&r, &hours) || !next_is(&r, ':') || !written_digits(&r, &minutes)) return false;
    if (next_is(&r, ':') && !written_digits(&r, &seconds)) return false;
    if (hours > 23 || minutes > 59 || seconds > 59) return false;
    *us = ((hours * 60 + minutes) * 60 + seconds) * WRITTEN_SECOND_US;
    return written_is_over(&r);
}

/* Counts the days since 1970-01-01; years begin in March here, so that the leap day is their last day (Howard Hinnant's
 * "chrono-compatible low-level date algorithms"). */
int64_t written_days(int64_t year, int64_t month, int64_t day)
{
    if (month <= 2) year--;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719468;
}

bool written_date(const char *text, size_t length, int64_t *days)
{
    static const uint8_t lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct written_reading r = reading_of(text, length);
    int64_t year, month, day;
    if (!written_digits(&r, &year) || !next_is(&r, '-') || !written_digits(&r, &month) || !next_is(&r, '-') ||
        !written_digits(&r, &day) || !written_is_over(&r))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] ||
        (month == 2 && day == 29 && !leap))
        return false;
    *days = written_days(year, month, day);
    return true;
}

static bool next_two(struct written_reading *r, int64_t *number)
{
    int64_t tens;
    if (!next_digit(r, &tens) || !next_digit(r, number)) return false;
    *number += 10 * tens;
    return true;
}

/* "10:00", as minutes. */
static bool next_minutes(struct written_reading *r, int64_t *minutes)
{
    int64_t hours;
    if (!next_two(r, &hours) || !next_is(r, ':') || !next_two(r, minutes) || hours > 23 || *minutes > 59) return false;
    *minutes += 60 * hours;
    return true;
}

static bool next_fraction(struct written_reading *r, int64_t *us)
{
    int64_t digit, part = WRITTEN_SECOND_US;
    *us = 0;
    if (!next_is(r, '.')) return true;
    if (!next_digit(r, &digit)) return false;
    do *us += digit * (part /= 10);
    while (next_digit(r, &digit));
    return true;
}

/* Minutes east of UTC. */
static bool next_offset(struct written_reading *r, int64_t *minutes)
{
    *minutes = 0;
    if (next_is(r, 'Z') || next_is(r, 'z')) return true;
    bool west = next_is(r, '-');
    if ((!west && !next_is(r, '+')) || !next_minutes(r, minutes)) return false;
    if (west) *minutes = -*minutes;
    return true;
}

bool written_moment(const char *text, size_t length, int64_t *us)
{
    enum { DATE = 10, LEAST = 20 };
    const int64_t day_us = 86400 * WRITTEN_SECOND_US;
    struct written_reading r = reading_of(text, length);
    int64_t days, minutes, seconds, fraction, offset;
    if (length < LEAST || text[4] != '-' || text[7] != '-' || !written_date(text, DATE, &days)) return false;
    r.at += DATE;
    if (!next_is(&r, 'T') && !next_is(&r, 't')) return false;
    if (!next_minutes(&r, &minutes) || !next_is(&r, ':') || !next_two(&r, &seconds) || seconds > 60) return false;
    if (!next_fraction(&r, &fraction) || !next_offset(&r, &offset)) return false;
    *us = days * day_us + ((minutes - offset) * 60 + seconds) * WRITTEN_SECOND_US + fraction;
    bool leap = seconds == 60; /* only the last second of a day in UTC can be a leap second */
    return written_is_over(&r) && (!leap || (*us % day_us + day_us) % day_us < WRITTEN_SECOND_US);
}
