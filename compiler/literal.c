/* compiler/literal.c - Values of literals. The scanner has already seen to their form. */
#include "compiler/literal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/arena.h"

static const int64_t SECOND_US = 1000000;

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool add_digit(int64_t *value, char c)
{
    return !__builtin_mul_overflow(*value, 10, value) && !__builtin_add_overflow(*value, c - '0', value);
}

bool literal_integer(const char *text, size_t length, int64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < length; i++)
        if (!add_digit(value, text[i])) return false;
    return true;
}

/* strtod() of the C locale, which gcxc never leaves, rounds as IEEE 754 says. */
bool literal_float(struct arena *arena, const char *text, size_t length, double *value)
{
    *value = strtod(arena_copy(arena, text, length), NULL);
    return isfinite(*value);
}

static int64_t unit_us(const char *unit, size_t length)
{
    if (length == 2 && memcmp(unit, "ms", 2) == 0) return 1000;
    if (length != 1) return 0;
    switch (*unit) {
    case 's':
        return SECOND_US;
    case 'm':
        return 60 * SECOND_US;
    case 'h':
        return 3600 * SECOND_US;
    case 'd':
        return 86400 * SECOND_US;
    default:
        return 0;
    }
}

bool literal_duration(const char *text, size_t length, int64_t *us)
{
    int64_t last_unit = INT64_MAX;
    *us = 0;
    for (size_t i = 0; i < length;) {
        int64_t number = 0;
        for (; i < length && digit(text[i]); i++)
            if (!add_digit(&number, text[i])) return false;
        size_t begin = i;
        while (i < length && !digit(text[i])) i++;
        int64_t unit = unit_us(text + begin, i - begin);
        if (unit == 0 || unit >= last_unit) return false;
        last_unit = unit;
        if (__builtin_mul_overflow(number, unit, &number) || __builtin_add_overflow(*us, number, us)) return false;
    }
    return true;
}

bool literal_percent(const char *text, size_t length, int64_t *hundredths)
{
    *hundredths = 0;
    int decimals = -1; /* none read; 0 and more: after the point */
    for (size_t i = 0; i + 1 < length; i++) {
        if (text[i] == '.')
            decimals = 0;
        else if (!add_digit(hundredths, text[i]))
            return false;
        else if (decimals >= 0)
            decimals++;
    }
    for (int left = decimals < 0 ? 2 : 2 - decimals; left > 0; left--)
        if (!add_digit(hundredths, '0')) return false;
    return *hundredths <= INT64_MAX / 100; /* a word has millionths */
}

static int64_t two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date
 * algorithms"): years begin in March, so that the leap day is the last. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    if (month <= 2) year--;
    int64_t era = year / 400, year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

bool literal_date(const char *text, int64_t *us)
{
    int64_t year = two_digits(text) * 100 + two_digits(text + 2);
    int64_t month = two_digits(text + 5), day = two_digits(text + 8);
    if (year < 1970 || month < 1 || month > 12 || day < 1) return false;
    int64_t next_year = month == 12 ? year + 1 : year, next_month = month == 12 ? 1 : month + 1;
    int64_t first = days_from_civil(year, month, 1), next = days_from_civil(next_year, next_month, 1);
    *us = (first + day - 1) * 86400 * SECOND_US;
    return day <= next - first;
}

bool literal_time(const char *text, size_t length, int64_t *us)
{
    int64_t hour = two_digits(text), minute = two_digits(text + 3), second = length > 5 ? two_digits(text + 6) : 0;
    *us = ((hour * 60 + minute) * 60 + second) * SECOND_US;
    return hour < 24 && minute < 60 && second < 60;
}

size_t literal_code_point(uint32_t c, char bytes[4])
{
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
    if (c < 0x80) {
        bytes[0] = (char)c;
        return 1;
    }
    size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    bytes[0] = (char)((0xF00U >> length & 0xF0U) | c); /* 110xxxxx, 1110xxxx, 11110xxx */
    return length;
}
