/* tests/unit/sip_say.c - Numbers, dates, times, amounts and durations in four languages, as pieces. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/sip/say.h"

TestSuite(sip_say, .timeout = 20);

/* The pieces without `say_`, with blanks between; or the reason, behind a `!`. */
static const char *said(const char *language, const char *value)
{
    static char text[4096];
    struct pieces pieces = {.count = 0};
    char why[256] = "";
    text[0] = '\0';
    if (!say_add_value(language, value, &pieces, why, sizeof why)) {
        snprintf(text, sizeof text, "!%s", why);
        return text;
    }
    for (unsigned i = 0; i < pieces.count; i++) {
        const char *name = pieces.names[i];
        if (i > 0) strcat(text, " ");
        strcat(text, strncmp(name, "say_", 4) == 0 ? name + 4 : name);
    }
    return text;
}

static void all_said(const char *language, const char *const rows[][2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = said(language, rows[i][0]);
        cr_expect_str_eq(got, rows[i][1], "%s, %s: `%s`, not `%s`", language, rows[i][0], got, rows[i][1]);
    }
}
#define ALL_SAID(language, ...)                                                                                        \
    all_said(language, (const char *const[][2])__VA_ARGS__,                                                            \
             sizeof((const char *const[][2])__VA_ARGS__) / sizeof(const char *const[2]))

Test(sip_say, english)
{
    ALL_SAID("en", {{"0", "0"},
                    {"1", "1"},
                    {"13", "13"},
                    {"20", "20"},
                    {"21", "20 1"},
                    {"71", "70 1"},
                    {"80", "80"},
                    {"91", "90 1"},
                    {"100", "1 100"},
                    {"101", "1 100 1"},
                    {"999", "9 100 90 9"},
                    {"1000", "1 1000"},
                    {"21000", "20 1 1000"},
                    {"1000001", "1 million 1"},
                    {"-5", "minus 5"},
                    {"12.05", "12 point 0 5"},
                    {"75%", "70 5 percent"},
                    {"2026-03-08", "month_3 day_8 2 1000 20 6"},
                    {"1999-12-31", "month_12 day_31 19 90 9"},
                    {"1905-01-01", "month_1 day_1 19 100 5"},
                    {"12:00", "noon"},
                    {"12:30", "12 30 pm"},
                    {"00:00", "midnight"},
                    {"0:05", "12 oh 5 am"},
                    {"09:00:30", "9 am"},
                    {"23:59", "11 50 9 pm"},
                    {"2026-03-08 10:00", "month_3 day_8 2 1000 20 6 10 am"},
                    {"1 EUR", "1 euro"},
                    {"1.01 EUR", "1 euro and 1 cent"},
                    {"0.5 USD", "50 cents"},
                    {"0 GBP", "0 pounds"},
                    {"21.10 GBP", "20 1 pounds and 10 pence"},
                    {"1h30m", "1 hour 30 minutes"},
                    {"1d", "1 day"},
                    {"20s", "20 seconds"},
                    {"250ms", "0 seconds"},
                    {"1m500.5ms", "1 minute 1 second"},
                    {"0s", "0 seconds"},
                    {"0712", "0 7 1 2"},
                    {"+331", "plus 3 3 1"},
                    {"digits:471#", "4 7 1 hash"},
                    {"welcome", "welcome"}});
}

Test(sip_say, french)
{
    ALL_SAID("fr-CA", {{"0", "0"},
                       {"16", "16"},
                       {"17", "10 7"},
                       {"21", "20 et 1"},
                       {"22", "20 2"},
                       {"60", "60"},
                       {"61", "60 et 1"},
                       {"70", "60 10"},
                       {"71", "60 et 11"},
                       {"77", "60 10 7"},
                       {"80", "80"},
                       {"81", "80 1"},
                       {"91", "80 11"},
                       {"99", "80 10 9"},
                       {"100", "100"},
                       {"101", "100 1"},
                       {"200", "2 100"},
                       {"1000", "1000"},
                       {"1071", "1000 60 et 11"},
                       {"21000", "20 et 1 1000"},
                       {"1000001", "1 million 1"},
                       {"2000000", "2 millions"},
                       {"2026-03-01", "premier month_3 2 1000 20 6"},
                       {"1999-12-31", "30 et 1 month_12 1000 9 100 80 10 9"},
                       {"12:00", "midi"},
                       {"0:05", "0 heure 5"},
                       {"01:01", "une heure une"},
                       {"21:21", "20 et une heures 20 et une"},
                       {"1.01 EUR", "1 euro 1 centime"},
                       {"81 EUR", "80 1 euros"},
                       {"21 GBP", "20 et une livres"},
                       {"2h1m", "2 heures une minute"},
                       {"1d", "1 jour"},
                       {"3.14", "3 point 1 4"}});
}

Test(sip_say, german)
{
    ALL_SAID("de", {{"1", "1"},
                    {"12", "12"},
                    {"20", "20"},
                    {"21", "ein und 20"},
                    {"71", "ein und 70"},
                    {"80", "80"},
                    {"92", "2 und 90"},
                    {"100", "ein 100"},
                    {"101", "ein 100 1"},
                    {"1000", "ein 1000"},
                    {"21021", "ein und 20 1000 ein und 20"},
                    {"101000", "ein 100 ein 1000"},
                    {"1000001", "eine million 1"},
                    {"2000000", "2 millionen"},
                    {"2026-03-08", "day_8 month_3 2 1000 6 und 20"},
                    {"1999-12-31", "day_31 month_12 19 100 9 und 90"},
                    {"12:00", "12 uhr"},
                    {"0:05", "0 uhr 5"},
                    {"01:30", "ein uhr 30"},
                    {"1.01 EUR", "ein euro ein cent"},
                    {"0.99 EUR", "9 und 90 cent"},
                    {"1h1s", "eine stunde eine sekunde"},
                    {"2d", "2 tage"}});
}

Test(sip_say, spanish)
{
    ALL_SAID("es-MX", {{"1", "1"},
                       {"21", "21"},
                       {"31", "30 y 1"},
                       {"71", "70 y 1"},
                       {"80", "80"},
                       {"91", "90 y 1"},
                       {"100", "cien"},
                       {"101", "ciento 1"},
                       {"500", "500"},
                       {"1000", "1000"},
                       {"21000", "veintiun 1000"},
                       {"31000", "30 y un 1000"},
                       {"1000001", "un millon 1"},
                       {"2000000", "2 millones"},
                       {"2026-03-08", "8 de month_3 de 2 1000 26"},
                       {"12:00", "las 12"},
                       {"1:05", "la una y 5"},
                       {"0:05", "las 0 y 5"},
                       {"21:00", "las veintiuna"},
                       {"1.01 EUR", "un euro con un centimo"},
                       {"21 EUR", "veintiun euros"},
                       {"200 GBP", "200a libras"},
                       {"1h1m", "una hora un minuto"}});
}

Test(sip_say, what_has_no_form_is_refused)
{
    static const char *const odd[] = {"",
                                      "-",
                                      "1.",
                                      "1 euro",
                                      "1.234 EUR",
                                      "1 XXX",
                                      "25:00",
                                      "1:5",
                                      "a b",
                                      "1h30",
                                      "../x",
                                      "12:60",
                                      "digits:",
                                      "1e3",
                                      "2026-13-01",
                                      "digits:x",
                                      "--1",
                                      "%",
                                      "2026-03-08T10:00:00Z",
                                      "1234567890123456"};
    for (unsigned i = 0; i < sizeof odd / sizeof *odd; i++)
        cr_expect_eq(said("en", odd[i])[0], '!', "`%s` is said: %s", odd[i], said("en", odd[i]));
    cr_expect_eq(said("it", "1")[0], '!');
    cr_expect_eq(said("", "1")[0], '!');
}

Test(sip_say, a_choice_has_its_key)
{
    struct pieces pieces = {.count = 0};
    char why[256];
    cr_assert(say_add_choice("de", "14:00", 2, &pieces, why, sizeof why), "%s", why);
    cr_assert_eq(pieces.count, 5);
    cr_expect_str_eq(pieces.names[0], "say_fuer");
    cr_expect_str_eq(pieces.names[1], "say_14");
    cr_expect_str_eq(pieces.names[2], "say_uhr");
    cr_expect_str_eq(pieces.names[3], "say_druecken");
    cr_expect_str_eq(pieces.names[4], "say_2");
}

Test(sip_say, more_than_fits_is_refused)
{
    struct pieces pieces = {.count = 0};
    char why[256] = "", digits[PIECES_MAX + 16] = "digits:";
    memset(digits + 7, '7', PIECES_MAX + 1);
    cr_assert_not(say_add_value("en", digits, &pieces, why, sizeof why));
}
