/* tests/unit/daemon_freeze.c - Windows in which nothing changes: over midnight, over weekends and years, and over
 * changes of the clocks. Moments were computed by Python's zoneinfo. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/daemon/site/freeze.h"

/* Reads "2026-10-23 14:00" in UTC; microseconds. */
static int64_t utc(const char *text)
{
    struct tm tm = {0};
    cr_assert_not_null(strptime(text, "%Y-%m-%d %H:%M", &tm), "%s", text);
    return (int64_t)timegm(&tm) * 1000000;
}

static void expect(const char *windows, const char *zone, const char *now, const char *from, const char *until)
{
    struct freeze freeze;
    struct error error = {0};
    int64_t begins = 0, ends = 0;
    cr_assert(freeze_read(windows, zone, &freeze, &error), "%s: %s", windows, error.text);
    cr_assert(freeze_window(&freeze, utc(now), &begins, &ends), "%s at %s", windows, now);
    cr_expect_eq(begins, utc(from), "%s at %s begins %lld, not %s", windows, now, (long long)begins / 1000000, from);
    cr_expect_eq(ends, utc(until), "%s at %s ends %lld, not %s", windows, now, (long long)ends / 1000000, until);
}

Test(daemon_freeze, the_window_that_is_on_or_next, .timeout = 60)
{
    const char *berlin = "Europe/Berlin";
    /* the clocks go back on Sunday, 25 October 2026: this weekend is an hour longer */
    expect("Fri 16:00-Mon 06:00", berlin, "2026-10-20 12:00", "2026-10-23 14:00", "2026-10-26 05:00");
    expect("fri 16:00-mon 06:00", berlin, "2026-10-25 23:00", "2026-10-23 14:00", "2026-10-26 05:00");
    expect("fri 16:00-mon 06:00", berlin, "2026-10-26 05:00", "2026-10-30 15:00", "2026-11-02 05:00");
    /* and forward on 29 March */
    expect("fri 16:00-mon 06:00", berlin, "2026-03-28 12:00", "2026-03-27 15:00", "2026-03-30 04:00");
    expect("22:00-05:00", berlin, "2026-07-01 12:00", "2026-07-01 20:00", "2026-07-02 03:00");
    expect("22:00-05:00", berlin, "2026-07-01 02:59", "2026-06-30 20:00", "2026-07-01 03:00");
    expect("dec 23 18:00-jan 2 06:00", berlin, "2026-12-31 23:00", "2026-12-23 17:00", "2027-01-02 05:00");
    expect("dec 23 - jan 2", berlin, "2026-03-01 00:00", "2026-12-22 23:00", "2027-01-01 23:00");
    expect("feb 29-mar 2", "UTC", "2026-01-01 00:00", "2026-03-01 00:00", "2026-03-02 00:00");
    /* windows that touch or overlap are one */
    expect("fri 16:00-sat 00:00, sat 00:00-mon 06:00", "UTC", "2026-11-27 17:00", "2026-11-27 16:00",
           "2026-11-30 06:00");
    expect("fri 16:00-mon 06:00, 22:00-06:30", "UTC", "2026-11-28 17:00", "2026-11-27 16:00", "2026-11-30 06:30");
    expect("sun 00:00-sun 24:00", "America/Sao_Paulo", "2026-11-29 12:00", "2026-11-29 03:00", "2026-11-30 03:00");
}

Test(daemon_freeze, the_machine_s_own_zone, .timeout = 60)
{
    setenv("TZ", "America/New_York", 1);
    tzset();
    expect("fri 16:00-mon 06:00", "", "2026-11-01 12:00", "2026-10-30 20:00", "2026-11-02 11:00");
}

Test(daemon_freeze, none_is_configured, .timeout = 60)
{
    struct freeze freeze;
    struct error error = {0};
    int64_t from, until;
    cr_assert(freeze_read("", "", &freeze, &error));
    cr_expect_not(freeze_window(&freeze, utc("2026-11-29 12:00"), &from, &until));
}

Test(daemon_freeze, mistakes_are_told_with_what_is_expected, .timeout = 60)
{
    static const struct {
        const char *windows, *zone, *told;
    } cases[] = {
        {"friday 16:00-mon 06:00", "", "no window"},
        {"fri 16:00", "", "no window"},
        {"fri 16:00-mon 25:00", "", "no window"},
        {"fri 16:00-06:00", "", "no window"},
        {"fri 16-mon 6", "", "no window"},
        {"jun 31-jul 2", "", "no window"},
        {"dec 0-jan 2", "", "no window"},
        {"fri 16:00-fri 16:00", "", "nothing could ever change"},
        {"fri 16:00-mon 06:60", "", "no window"},
        {"22:00-05:00", "Europe/Belrin", "no time zone"},
        {"22:00-05:00", "../etc/passwd", "no time zone"},
        {"-", "", "no window"},
        {",", "", "no window"},
        {"24:01-05:00", "", "no window"},
    };
    struct freeze freeze;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        cr_expect_not(freeze_read(cases[i].windows, cases[i].zone, &freeze, &error), "%s", cases[i].windows);
        cr_expect(strstr(error.text, cases[i].told), "%s: %s", cases[i].windows, error.text);
    }
}
