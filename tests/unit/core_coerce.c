/* tests/unit/core_coerce.c - What a text is worth as a number, a duration, a share, a time of day, a date. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core/interactions/coerce.h"
#include "vm/value.h"

static void coerced_is(uint16_t type, const char *text, int64_t expected)
{
    uint64_t word = 0;
    struct span span = {(const uint8_t *)text, (uint32_t)strlen(text)};
    cr_expect(coerce_text(type, span, &word), "`%s` is refused", text);
    cr_expect_eq((int64_t)word, expected, "`%s` is %lld", text, (long long)(int64_t)word);
}

static void refused(uint16_t type, const char *text)
{
    uint64_t word;
    struct span span = {(const uint8_t *)text, (uint32_t)strlen(text)};
    cr_expect_not(coerce_text(type, span, &word), "`%s` is taken", text);
}

Test(core_coerce, numbers_are_digits, .timeout = 10)
{
    coerced_is(TYPE_INT, "0", 0);
    coerced_is(TYPE_INT, "-4711", -4711);
    coerced_is(TYPE_TIME, "1700000000000000", 1700000000000000);
    refused(TYPE_INT, "");
    refused(TYPE_INT, "-");
    refused(TYPE_INT, "12a");
    refused(TYPE_INT, "30s");
    refused(TYPE_INT, "99999999999999999999");
    refused(TYPE_INT, "-9223372036854775808");
}

Test(core_coerce, durations_have_units_or_are_microseconds, .timeout = 10)
{
    coerced_is(TYPE_DURATION, "1h30m", INT64_C(5400000000));
    coerced_is(TYPE_DURATION, "250ms", 250000);
    coerced_is(TYPE_DURATION, "-3s", -3000000);
    coerced_is(TYPE_DURATION, "7", 7);
    refused(TYPE_DURATION, "3x");
    refused(TYPE_DURATION, "s");
    refused(TYPE_DURATION, "-");
    refused(TYPE_DURATION, "3s4");
    refused(TYPE_DURATION, "30m1h");
    refused(TYPE_DURATION, "2m2m");
    refused(TYPE_DURATION, "9999999999999999d");
}

Test(core_coerce, shares_times_and_dates_are_written_as_in_the_language, .timeout = 10)
{
    coerced_is(TYPE_PERCENT, "10%", 100000);
    coerced_is(TYPE_PERCENT, "0.5%", 5000);
    coerced_is(TYPE_PERCENT, "-1.25%", -12500);
    refused(TYPE_PERCENT, "0.00001%");
    refused(TYPE_PERCENT, "1.%");
    coerced_is(TYPE_BOOL, "true", 1);
    coerced_is(TYPE_BOOL, "false", 0);
    coerced_is(TYPE_BOOL, "1", 1);
    refused(TYPE_BOOL, "yes");
    refused(TYPE_BOOL, "2");
    refused(TYPE_BOOL, "-1");
    coerced_is(TYPE_CLOCK, "08:30", INT64_C(30600000000));
    coerced_is(TYPE_CLOCK, "08:30:01", INT64_C(30601000000));
    refused(TYPE_CLOCK, "24:00");
    refused(TYPE_CLOCK, "86400000000");
    refused(TYPE_CLOCK, "-8:00");
    coerced_is(TYPE_DATE, "1970-01-01", 0);
    coerced_is(TYPE_DATE, "2026-03-02", 20514);
    coerced_is(TYPE_DATE, "2024-02-29", 19782);
    refused(TYPE_DATE, "2026-02-29");
    refused(TYPE_DATE, "2026-13-01");
}

Test(core_coerce, floats_are_exact_or_refused, .timeout = 10)
{
    coerced_is(TYPE_FLOAT, "0.25", (int64_t)value_from_float(0.25));
    coerced_is(TYPE_FLOAT, "-3", (int64_t)value_from_float(-3));
    coerced_is(TYPE_FLOAT, "-0.0", (int64_t)value_from_float(0));
    coerced_is(TYPE_FLOAT, "0.1", (int64_t)value_from_float(0.1));
    refused(TYPE_FLOAT, "1e3");
    refused(TYPE_FLOAT, ".5");
    refused(TYPE_FLOAT, "1.");
    refused(TYPE_FLOAT, "");
    refused(TYPE_FLOAT, "1234567890123456");
}
