/* runtime/lists/phone.c - E.164 by the rules of stdlib/phone.gcx, whose tables phone_tables.def is made from. */
#include <stdio.h>
#include <string.h>

#include "runtime/lists/lists.h"

enum { DIGITS_MIN = 7, DIGITS_MAX = 15, CODE_MAX = 7 };

static const struct plan {
    const char *country, *code, *trunk, *abroad;
    size_t least, most;
} plans[] = {
#define PLAN(country, code, trunk, abroad, least, most) {country, code, trunk, abroad, least, most},
#define CODE(digits)
#include "runtime/lists/phone_tables.def"
#undef PLAN
#undef CODE
};

static const char *const codes[] = {
#define PLAN(country, code, trunk, abroad, least, most)
#define CODE(digits) digits,
#include "runtime/lists/phone_tables.def"
#undef PLAN
#undef CODE
};

static const struct plan *plan_of(const char *country)
{
    for (size_t i = 0; country && i < sizeof plans / sizeof *plans; i++)
        if (strcmp(plans[i].country, country) == 0) return &plans[i];
    return NULL;
}

static bool starts(const char *digits, const char *with)
{
    return strncmp(digits, with, strlen(with)) == 0;
}

/* Has some country numbers that begin so? */
static bool checked(const char *code, const char *rest, char number[17])
{
    char digits[80];
    if (snprintf(digits, sizeof digits, "%s%s", code, rest) >= (int)sizeof digits) return false;
    size_t count = strlen(digits);
    if (count < DIGITS_MIN || count > DIGITS_MAX) return false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (starts(digits, codes[i])) {
            snprintf(number, 17, "+%.15s", digits);
            return true;
        }
    return false;
}

/* The digits, without the trunk digit in parentheses. False: what is no digit and does not stand between digits. */
static bool digits_read(struct span text, bool *plus, char *digits, size_t size)
{
    size_t count = 0;
    *plus = false;
    for (uint32_t at = 0; at < text.length; at++) {
        uint8_t byte = text.bytes[at];
        if (byte == '(' && at + 2 < text.length && memcmp(text.bytes + at, "(0)", 3) == 0)
            at += 2;
        else if (byte == '+' && count == 0 && !*plus)
            *plus = true;
        else if (byte >= '0' && byte <= '9' && count + 1 < size)
            digits[count++] = (char)byte;
        else if (!memchr(" -./()", byte, 6))
            return false;
    }
    digits[count] = '\0';
    return true;
}

bool lists_number(struct span text, const char *country, char number[17])
{
    char digits[64];
    bool plus;
    if (text.length > LISTS_NUMBER_MAX || !digits_read(text, &plus, digits, sizeof digits)) return false;
    if (plus) return checked("", digits, number);
    const struct plan *plan = plan_of(country);
    if (!plan) return false;
    if (starts(digits, plan->abroad)) return checked("", digits + strlen(plan->abroad), number);
    const char *within = digits;
    if (*plan->trunk && starts(digits, plan->trunk)) within += strlen(plan->trunk);
    /* Without its trunk digit it would be an extension, but for North America, where the length tells. */
    if (strcmp(plan->trunk, "0") == 0 && within == digits) return false;
    size_t length = strlen(within);
    return length >= plan->least && length <= plan->most && checked(plan->code, within, number);
}
