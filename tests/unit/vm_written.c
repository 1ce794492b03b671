/* tests/unit/vm_written.c - Moments as RFC 3339 has them, and what is none. The others are read in core_coerce.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/written.h"

#define SECOND INT64_C(1000000)

static void written_is(const char *text, int64_t expected)
{
    int64_t us = -1;
    cr_expect(written_moment(text, strlen(text), &us), "`%s` is refused", text);
    cr_expect_eq(us, expected, "`%s` is %lld", text, (long long)us);
}

static void refused(const char *text)
{
    int64_t us;
    cr_expect_not(written_moment(text, strlen(text), &us), "`%s` is taken", text);
}

Test(vm_written, a_moment_is_the_same_by_every_offset, .timeout = 10)
{
    written_is("1970-01-01T00:00:00Z", 0);
    written_is("2026-03-02t10:00:00z", INT64_C(1772445600) * SECOND);
    written_is("2026-03-02T11:00:00+01:00", INT64_C(1772445600) * SECOND);
    written_is("2026-03-02T04:30:00-05:30", INT64_C(1772445600) * SECOND);
    written_is("2026-03-03T09:59:00+23:59", INT64_C(1772445600) * SECOND);
    written_is("2026-03-02T10:00:00-00:00", INT64_C(1772445600) * SECOND);
    written_is("1969-12-31T23:59:59Z", -SECOND);
    written_is("0001-01-01T00:00:00Z", INT64_C(-62135596800) * SECOND);
    written_is("9999-12-31T23:59:59-23:59", INT64_C(253402387139) * SECOND);
    written_is("2024-02-29T00:00:00Z", INT64_C(1709164800) * SECOND);
}

Test(vm_written, fractions_are_cut_to_the_microsecond, .timeout = 10)
{
    written_is("1970-01-01T00:00:00.5Z", 500000);
    written_is("1970-01-01T00:00:00.000001Z", 1);
    written_is("1970-01-01T00:00:00.0000019Z", 1);
    written_is("1970-01-01T00:00:00.123456789Z", 123456);
    written_is("1970-01-01T01:00:00.123456789012345678901234567890+01:00", 123456);
    written_is("1969-12-31T23:59:59.25Z", -750000);
    refused("1970-01-01T00:00:00.Z");
    refused("1970-01-01T00:00:00,5Z");
    refused("1970-01-01T00:00:00.5.5Z");
}

Test(vm_written, a_leap_second_ends_a_day_in_utc, .timeout = 10)
{
    written_is("2016-12-31T23:59:60Z", INT64_C(1483228800) * SECOND);
    written_is("2017-01-01T00:59:60.25+01:00", INT64_C(1483228800) * SECOND + 250000);
    written_is("2016-12-31T18:29:60-05:30", INT64_C(1483228800) * SECOND);
    written_is("1969-12-31T23:59:60Z", 0);
    refused("2016-12-31T23:58:60Z");
    refused("2016-12-31T23:59:60+01:00");
    refused("2016-12-31T23:59:61Z");
}

Test(vm_written, what_is_shaped_otherwise_is_none, .timeout = 10)
{
    static const char *const texts[] = {"",
                                        "2026-03-02",
                                        "2026-03-02T10:00:00",
                                        "2026-03-02 10:00:00Z",
                                        "2026-03-02T10:00Z",
                                        "2026-3-2T10:00:00Z00",
                                        "2026-02-29T10:00:00Z",
                                        "2026-13-01T10:00:00Z",
                                        "2026-00-01T10:00:00Z",
                                        "2026-01-32T10:00:00Z",
                                        "0000-01-01T10:00:00Z",
                                        "2026-03-02T24:00:00Z",
                                        "2026-03-02T10:60:00Z",
                                        "2026-03-02T1:00:000Z",
                                        "2026-03-02T10:00:00+1:000",
                                        "2026-03-02T10:00:00+24:00",
                                        "2026-03-02T10:00:00+01:60",
                                        "2026-03-02T10:00:00+0100",
                                        "2026-03-02T10:00:00 Z",
                                        "2026-03-02T10:00:00Zz",
                                        "-026-03-02T10:00:00Z",
                                        "9999999999T00:00:00Z",
                                        "9999999999T99999999Z",
                                        "2026-03-02T00000001Z",
                                        "2026-03-02T10:00:00+00001",
                                        "+2026-03-2T10:00:00Z"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) refused(texts[i]);
    char text[] = "2026-03-02T10:00:00Z";
    for (size_t length = 0; length + 1 < sizeof text; length++) {
        int64_t us;
        cr_expect_not(written_moment(text, length, &us), "%zu of its bytes are taken", length);
        char kept = text[length];
        text[length] = '\0';
        cr_expect_not(written_moment(text, sizeof text - 1, &us), "with a NUL at %zu it is taken", length);
        text[length] = kept;
    }
}
