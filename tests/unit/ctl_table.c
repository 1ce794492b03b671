/* tests/unit/ctl_table.c - Times as people read them: two units at most, and none below a millisecond's hundredth. */
#include <criterion/criterion.h>

#include "runtime/ctl/show.h"

Test(ctl_table, a_duration_has_the_units_of_its_size)
{
    static const struct {
        long long us;
        const char *text;
    } rows[] = {{-1, "-"},
                {0, "0s"},
                {8532, "8.53ms"},
                {9999, "9.99ms"},
                {10000, "10ms"},
                {999999, "999ms"},
                {1000000, "1.0s"},
                {59999999, "59.9s"},
                {60000000, "1m00s"},
                {3600000000, "1h00m"},
                {86399000000, "23h59m"},
                {90000000000, "1d01h"}};
    for (size_t at = 0; at < sizeof rows / sizeof *rows; at++) {
        char text[DURATION_TEXT];
        show_duration(rows[at].us, text);
        cr_expect_str_eq(text, rows[at].text);
    }
}
