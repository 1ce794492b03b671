/* tests/unit/compiler_literal.c - Values of literals, and wall clocks of time zones. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/zone.h"
#include "base/written.h"
#include "compiler/syntax/literal.h"

static const int64_t SECOND = 1000000;

static bool duration(const char *text, int64_t *us)
{
    return written_duration(text, strlen(text), us);
}

Test(compiler_literal, durations_go_from_large_to_small)
{
    int64_t us;
    cr_assert(duration("250ms", &us) && us == 250000);
    cr_assert(duration("1h30m", &us) && us == 5400 * SECOND);
    cr_assert(duration("2d3h4m5s6ms", &us) && us == (2 * 86400 + 3 * 3600 + 4 * 60 + 5) * SECOND + 6000);
    cr_assert_not(duration("30m1h", &us));
    cr_assert_not(duration("1s1s", &us));
    cr_assert_not(duration("999999999999999d", &us));
}

Test(compiler_literal, numbers_that_do_not_fit_are_refused)
{
    int64_t number;
    cr_assert(written_integer("9223372036854775807", 19, &number) && number == INT64_MAX);
    cr_assert_not(written_integer("9223372036854775808", 19, &number));
    cr_assert(literal_percent("0.25%", 5, &number) && number == 25);
    cr_assert(literal_percent("0.5%", 4, &number) && number == 50);
    cr_assert(literal_percent("10%", 3, &number) && number == 1000);
}

Test(compiler_literal, days_that_are_in_no_calendar_are_refused)
{
    int64_t us;
    cr_assert(literal_date("1970-01-01", &us) && us == 0);
    cr_assert(literal_date("2024-02-29", &us) && us == INT64_C(1709164800) * SECOND);
    cr_assert_not(literal_date("2026-02-29", &us));
    cr_assert_not(literal_date("2026-04-31", &us));
    cr_assert_not(literal_date("2026-00-01", &us));
    cr_assert_not(written_clock("24:00", 5, &us));
    cr_assert(written_clock("23:59:59", 8, &us) && us == 86399 * SECOND);
}

Test(compiler_literal, code_points_become_utf8)
{
    char bytes[4];
    cr_assert(literal_code_point(0x41, bytes) == 1 && bytes[0] == 'A');
    cr_assert(literal_code_point(0xE9, bytes) == 2 && memcmp(bytes, "\xc3\xa9", 2) == 0);
    cr_assert(literal_code_point(0x20AC, bytes) == 3 && memcmp(bytes, "\xe2\x82\xac", 3) == 0);
    cr_assert(literal_code_point(0x1F600, bytes) == 4 && memcmp(bytes, "\xf0\x9f\x98\x80", 4) == 0);
    cr_assert_eq(literal_code_point(0xD800, bytes), 0);
    cr_assert_eq(literal_code_point(0, bytes), 0);
}

/* Seconds since 1970 of a wall clock, which is given as date and time. */
static int64_t instant(const char *zone, const char *date, const char *time)
{
    int64_t day, clock, us;
    cr_assert(literal_date(date, &day) && written_clock(time, strlen(time), &clock));
    if (!zone_instant(zone, day + clock, &us)) return -1;
    return us / SECOND;
}

Test(compiler_literal, a_wall_clock_is_an_instant)
{
    cr_assert_eq(instant("UTC", "2026-03-02", "10:00"), 1772445600);
    cr_assert_eq(instant("Europe/Paris", "2026-03-02", "10:00"), 1772442000);
    cr_assert_eq(instant("Europe/Paris", "2026-07-02", "10:00"), 1782979200, "summer time");
    cr_assert_eq(instant("Europe/Paris", "2045-07-02", "10:00"), 2382595200, "by the rule, beyond the table");
    cr_assert_eq(instant("Australia/Sydney", "2045-12-02", "10:00"), 2395782000, "summer is in December");
    cr_assert_eq(instant("Europe/Paris", "2026-10-25", "02:30"), 1792888200, "twice: the first");
    cr_assert_eq(instant("Europe/Paris", "2026-03-29", "02:30"), 1774747800, "never: as if not yet changed");
}

Test(compiler_literal, a_zone_is_a_name_of_the_database)
{
    cr_assert_eq(instant("Europe/Pari", "2026-03-02", "10:00"), -1);
    cr_assert_eq(instant("../../../etc/passwd", "2026-03-02", "10:00"), -1);
    cr_assert_eq(instant("", "2026-03-02", "10:00"), -1);
    cr_assert_eq(instant("Europe", "2026-03-02", "10:00"), -1);
    cr_assert_eq(instant("tzdata.zi", "2026-03-02", "10:00"), -1);
}
