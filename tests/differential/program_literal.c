/* tests/differential/program_literal.c - Random values as they are written: of each type, simple ones and the ends of
 * what it has. */
#include "tests/differential/program.h"

void write_one(struct program_maker *m, const char *const *texts, unsigned count)
{
    PUT("%s", texts[pick(m, count)]);
}

static void put_time(struct program_maker *m)
{
    PUT("2026-%02u-%02u %02u:%02u zone \"", 1 + pick(m, 12), 1 + pick(m, 28), pick(m, 24), pick(m, 60));
    ONE_OF(m, "UTC", "Europe/Paris", "America/New_York");
    PUT("\"");
}

/* Where arithmetic ends. */
static bool put_extreme(struct program_maker *m, const struct sort *sort)
{
    switch (sort->base) {
    case BASE_DURATION:
        ONE_OF(m, "106751991d", "(-106751991d)", "250ms", "(9223372036854 * 1s)");
        return true;
    case BASE_PERCENT:
        ONE_OF(m, "922337203685%", "(-100%)", "0.01%");
        return true;
    case BASE_TIME:
        ONE_OF(m, "1970-01-01 00:00 zone \"UTC\"", "2037-12-31 23:59 zone \"UTC\"", "2026-03-29 02:30",
               "2026-10-25 02:30 zone \"Europe/Paris\"");
        return true;
    case BASE_DATE:
        ONE_OF(m, "1970-01-01", "9999-12-31", "2024-02-29", "2000-02-29");
        return true;
    case BASE_CLOCK:
        ONE_OF(m, "00:00", "23:59:59", "12:00:30");
        return true;
    case BASE_FLOAT:
        ONE_OF(m, "999999999999.9999999", "0.0000005", "123456789012345678.0", "9007199254740993.0");
        return true;
    default:
        return false;
    }
}

static void put_plain(struct program_maker *m, const struct sort *sort)
{
    if (chance(m, 12) && put_extreme(m, sort)) return;
    switch (sort->base) {
    case BASE_INT:
        ONE_OF(m, "0", "1", "2", "3", "7", "10", "100", "(-1)", "(-5)", "127", "128", "32767", "32768", "LARGE",
               "limit", "1", "60", "(-LARGE)", "1000000", "4294967296", "often", "seen[\"4711\"]", "seen[\"\"]",
               "today", "nightly[\"\"]", "priority");
        break;
    case BASE_STR:
        ONE_OF(m, "\"\"", "\"a\"", "\"4711\"", "\"gr\303\274n\"", "\"seven77\"", "\"eight888\"", "\"+33145550101\"",
               "\"{{x}}\"", "\"a longer text, \\\"with\\\" more in it\"", "\"\\u{1F600}\\n\"", "\"gold\"", "ani",
               "locale");
        break;
    case BASE_BOOL:
        ONE_OF(m, "true", "false");
        break;
    case BASE_FLOAT:
        ONE_OF(m, "0.0", "1.0", "0.5", "(-2.25)", "1000000000000.5", "0.1", "3.75");
        break;
    case BASE_DURATION:
        ONE_OF(m, "0s", "1s", "90s", "1h30m", "250ms", "2d", "(-3m)");
        break;
    case BASE_PERCENT:
        ONE_OF(m, "0%", "10%", "100%", "0.25%", "33%", "250%");
        break;
    case BASE_TIME:
        put_time(m);
        break;
    case BASE_DATE:
        PUT("2026-%02u-%02u", 1 + pick(m, 12), 1 + pick(m, 28));
        break;
    case BASE_CLOCK:
        PUT("%02u:%02u", pick(m, 24), pick(m, 60));
        break;
    case BASE_SKILL:
        ONE_OF(m, "skill Sales", "skill French", "skill \"Pr\303\252ts immo\"");
        break;
    case BASE_WEEKDAY:
        PUT("(2026-03-%02u).weekday", 1 + pick(m, 28));
        break;
    default:
        PUT("E%u.w%u_%u", sort->number, sort->number, pick(m, sort->count));
        break;
    }
}

void write_record(struct program_maker *m, const struct sort *sort, unsigned depth)
{
    PUT("%s(", sort->text);
    for (unsigned i = 0; i < sort->count; i++) {
        PUT("%sf%u: ", i ? ", " : "", i);
        write_fitting(m, sort->fields[i], depth);
    }
    PUT(")");
}

void write_container(struct program_maker *m, const struct sort *sort, unsigned depth, bool fitting)
{
    unsigned count = fitting ? pick(m, 4) : 1 + pick(m, 3);
    PUT("[");
    if (!count && sort->base == BASE_MAP) PUT(":");
    for (unsigned i = 0; i < count; i++) {
        if (i) PUT(", ");
        if (sort->base == BASE_MAP) PUT("\"%c\": ", 'a' + (char)((i + 5 * pick(m, 3)) % 26));
        if (fitting)
            write_fitting(m, sort->of, depth);
        else
            write_exactly(m, sort->of, depth);
    }
    PUT("]");
}

void write_literal(struct program_maker *m, const struct sort *sort)
{
    switch (sort->base) {
    case BASE_RECORD:
        write_record(m, sort, 0);
        break;
    case BASE_LIST:
    case BASE_MAP:
        write_container(m, sort, 0, false);
        break;
    case BASE_OPTION:
        if (pick(m, 3) == 0) {
            PUT("no%u()", sort->number);
            break;
        }
        PUT("opt%u(", sort->number);
        write_literal(m, sort->of);
        PUT(")");
        break;
    case BASE_VALUE: /* there is none without an option of it: made in a list, and taken out of it */
        PUT("boxed(%u)", pick(m, 100));
        break;
    default:
        put_plain(m, sort);
        break;
    }
}
