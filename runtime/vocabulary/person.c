/* runtime/vocabulary/person.c - Brings numbers into one form by the rules of stdlib/phone.gcx, from whose tables
 * phone_tables.def is made; and mailboxes.
 *
 *     "(030) 123-4567" in DE          +49301234567      national: without the trunk digit
 *     "0049 30 1234567"               +49301234567      each country has its prefix for abroad
 *     "sip:+33145550101@host"         +33145550101      what stands around a number goes
 *     "Anna@Example.ORG."             anna@example.org
 *
 * People are recognised by these forms, so two spellings of one address must give one form. A text that is neither a
 * number nor a mailbox stays as it is, without blanks around it. */
#include "runtime/vocabulary/person.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { DIGITS_MIN = 7, DIGITS_MAX = 15, CODE_MAX = 7 };

static const struct plan {
    const char *country, *code, *trunk, *abroad;
    size_t least, most;
} plans[] = {
#define PLAN(country, code, trunk, abroad, least, most) {country, code, trunk, abroad, least, most},
#define CODE(digits)
#include "runtime/vocabulary/phone_tables.def"
#undef PLAN
#undef CODE
};

static const char *const codes[] = {
#define PLAN(country, code, trunk, abroad, least, most)
#define CODE(digits) digits,
#include "runtime/vocabulary/phone_tables.def"
#undef PLAN
#undef CODE
};

static const struct plan *plan_of(const char *country)
{
    for (size_t i = 0; country && i < sizeof plans / sizeof *plans; i++)
        if (strcmp(plans[i].country, country) == 0) return &plans[i];
    return NULL;
}

static bool person_starts(const char *digits, const char *with)
{
    return strncmp(digits, with, strlen(with)) == 0;
}

/* Writes country code and number as one number. False: no country has numbers that begin with these digits, or the
 * length is wrong. */
static bool person_checked(const char *code, const char *rest, char number[17])
{
    assert(code && rest);
    char digits[80];
    if (snprintf(digits, sizeof digits, "%s%s", code, rest) >= (int)sizeof digits) return false;
    size_t count = strlen(digits);
    if (count < DIGITS_MIN || count > DIGITS_MAX) return false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (person_starts(digits, codes[i])) {
            snprintf(number, 17, "+%.15s", digits);
            return true;
        }
    return false;
}

/* Reads the digits of the text, with or without the trunk digit in parentheses. False: the text has a character that
 * is no digit and is not allowed between digits. */
static bool digits_read_all(struct span text, bool with_trunk, bool *plus, char *digits, size_t size)
{
    assert(size > 0);
    size_t count = 0;
    *plus = false;
    for (uint32_t at = 0; at < text.length; at++) {
        uint8_t byte = text.bytes[at];
        if (!with_trunk && byte == '(' && at + 2 < text.length && memcmp(text.bytes + at, "(0)", 3) == 0)
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

/* In Italy and San Marino the zero in parentheses is a part of the number. */
static bool has_own_zero(const char *digits, bool plus, const char *country)
{
    const struct plan *plan = plan_of(country);
    const char *abroad = plan ? plan->abroad : "00";
    bool foreign = plus || person_starts(digits, abroad);
    if (!foreign) return country && (strcmp(country, "IT") == 0 || strcmp(country, "SM") == 0);
    const char *dialled = person_starts(digits, abroad) ? digits + strlen(abroad) : digits;
    return person_starts(dialled, "39") || person_starts(dialled, "378");
}

/* Returns how many digits between the country code and the number do not belong to it: all zeros, if zero is the trunk
 * digit, since no number there begins with a zero; other digits if the length shows it. */
static size_t trunk_digits(const struct plan *plan, const char *within)
{
    size_t trunk = strlen(plan->trunk);
    if (strcmp(plan->trunk, "0") == 0) return strspn(within, "0");
    if (trunk == 0 || !person_starts(within, plan->trunk)) return 0;
    size_t rest = strlen(within + trunk);
    return rest >= plan->least && rest <= plan->most ? trunk : 0;
}

/* Removes the trunk digit after the country code, where nobody dials it: +33 0 8 99 becomes +33 8 99, so that rules
 * for allowed numbers apply; and +1 1 415 555 2671 becomes +1 415 555 2671. */
static void drop_trunk(char *foreign)
{
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        char *within = foreign + strlen(plans[i].code);
        if (!person_starts(foreign, plans[i].code)) continue;
        size_t trunk = trunk_digits(&plans[i], within);
        memmove(within, within + trunk, strlen(within + trunk) + 1);
        return;
    }
}

/* Reads the digits of the text as a person in that country writes them. */
static bool digits_read(struct span text, const char *country, bool *plus, char *digits, size_t size)
{
    if (!digits_read_all(text, false, plus, digits, size) ||
        (has_own_zero(digits, *plus, country) && !digits_read_all(text, true, plus, digits, size)))
        return false;
    const struct plan *plan = plan_of(country);
    const char *abroad = plan ? plan->abroad : "00";
    if (*plus)
        drop_trunk(digits);
    else if (person_starts(digits, abroad))
        drop_trunk(digits + strlen(abroad));
    return true;
}

bool person_country(const char *country)
{
    return plan_of(country) != NULL;
}

/* ---- around it ---- */

struct span person_name(struct span text)
{
    while (text.length > 0 && (text.bytes[0] <= ' ' || text.bytes[0] == 0x7f)) text.bytes++, text.length--;
    while (text.length > 0 && (text.bytes[text.length - 1] <= ' ' || text.bytes[text.length - 1] == 0x7f))
        text.length--;
    return text;
}

static struct span person_trimmed_text(struct span text)
{
    text = person_name(text);
    while (text.length > 2 && text.bytes[0] == '<' && text.bytes[text.length - 1] == '>')
        text = person_name((struct span){text.bytes + 1, text.length - 2});
    return text;
}

static bool scheme_taken(struct span *text, const char *scheme)
{
    uint32_t length = (uint32_t)strlen(scheme);
    if (text->length <= length || strncasecmp((const char *)text->bytes, scheme, length) != 0) return false;
    *text = (struct span){text->bytes + length, text->length - length};
    return true;
}

static struct span person_before(struct span text, char end)
{
    const uint8_t *at = text.length > 0 ? memchr(text.bytes, end, text.length) : NULL;
    return at ? (struct span){text.bytes, (uint32_t)(at - text.bytes)} : text;
}

/* Returns the number in "sip:+33145550101@host;user=phone", "tel:+33-1-45550101;ext=3" or "Anna <SIP:...>";
 * otherwise the whole text. */
static struct span person_number_in(struct span text)
{
    const uint8_t *opened = text.length > 0 ? memchr(text.bytes, '<', text.length) : NULL;
    if (opened) {
        uint32_t behind = (uint32_t)(opened + 1 - text.bytes);
        text = person_before((struct span){text.bytes + behind, text.length - behind}, '>');
    }
    text = person_name(text);
    if (scheme_taken(&text, "sip:") || scheme_taken(&text, "sips:")) text = person_before(text, '@');
    scheme_taken(&text, "tel:");
    return person_trimmed_text(person_before(text, ';'));
}

/* ---- numbers ---- */

/* Accepts only a complete number: with its country, and of a length that the country's plan allows. */
bool person_number(struct span text, const char *country, char number[PERSON_NUMBER])
{
    char digits[64];
    bool plus;
    text = person_number_in(text);
    if (text.length > PERSON_MAX || !digits_read(text, country, &plus, digits, sizeof digits)) return false;
    if (plus) return person_checked("", digits, number);
    const struct plan *plan = plan_of(country);
    if (!plan) return false;
    if (person_starts(digits, plan->abroad)) return person_checked("", digits + strlen(plan->abroad), number);
    const char *within = digits;
    if (*plan->trunk && person_starts(digits, plan->trunk)) within += strlen(plan->trunk);
    /* A number without the trunk digit would be an extension, except in North America, where the length shows what
     * it is. */
    if (strcmp(plan->trunk, "0") == 0 && within == digits) return false;
    size_t length = strlen(within);
    return length >= plan->least && length <= plan->most && person_checked(plan->code, within, number);
}

/* Accepts also a number that is only valid where it is dialled, such as an extension or a short code, and leaves its
 * digits as they are. */
bool person_dialled(struct span text, const char *country, char number[PERSON_MAX + 1], const char **why)
{
    char digits[64];
    bool plus;
    if (person_number(text, country, number)) return true;
    *why = "expected digits, spaces and + - . / ( )";
    if (!digits_read(person_number_in(text), country, &plus, digits, sizeof digits)) return false;
    const char *rest = digits;
    if (!plus && person_starts(digits, "00")) plus = true, rest += 2;
    *why = "expected at most 15 digits, as +49 30 1234567";
    if (*rest == '\0' || (plus && *rest == '0') || strlen(rest) > DIGITS_MAX) return false;
    if (plus && person_checked("", rest, number)) return true;
    snprintf(number, PERSON_MAX + 1, "%s%.*s", plus ? "+" : "", DIGITS_MAX, rest);
    return true;
}

/* ---- mailboxes ---- */

/* Writes a mail address in small letters: RFC 5321 lets each host decide about the case of a mailbox, but no host is
 * known that distinguishes people by it. `why` gets the reason if the address is refused. */
bool person_mail(struct span text, char address[PERSON_MAX + 1], const char **why)
{
    text = person_trimmed_text(text);
    if (scheme_taken(&text, "mailto:")) text = person_trimmed_text(person_before(text, '?'));
    if (text.length > 0 && text.bytes[text.length - 1] == '.') text.length--;
    *why = "it is too long";
    if (text.length > PERSON_MAX) return false;
    uint32_t sign = UINT32_MAX;
    bool quoted = text.length > 0 && text.bytes[0] == '"';
    for (uint32_t at = 0; at < text.length; at++) {
        uint8_t byte = text.bytes[at];
        *why = "it has a control character";
        if (byte < ' ' || byte == 0x7f) return false;
        *why = "it has more than one @";
        if (byte == '@' && sign != UINT32_MAX && !quoted) return false;
        if (byte == '@') sign = at;
        address[at] = (char)(byte >= 'A' && byte <= 'Z' ? byte + 'a' - 'A' : byte);
    }
    address[text.length] = '\0';
    *why = "expected mailbox@domain";
    if (sign == UINT32_MAX || sign == 0 || sign + 1 >= text.length || address[text.length - 1] == '.') return false;
    *why = "it has a character that stands in quotes only";
    return !strpbrk(quoted ? address + sign : address, " <>,;");
}

/* ---- either ---- */

bool person_trimmed(struct span text, char form[PERSON_MAX + 1])
{
    text = person_name(text);
    if (text.length == 0 || text.length > PERSON_MAX) return false;
    memcpy(form, text.bytes, text.length);
    form[text.length] = '\0';
    return true;
}

bool person_form(struct span text, const char *country, char form[PERSON_MAX + 1])
{
    const char *why;
    struct span inside = person_trimmed_text(text), name = inside;
    bool sip = scheme_taken(&name, "sip:") || scheme_taken(&name, "sips:");
    if (person_dialled(inside, country, form, &why) || person_mail(sip ? person_before(name, ';') : inside, form, &why))
        return true;
    return person_trimmed(text, form);
}

/* Compares two addresses; a plus sign makes no difference, since some networks leave it out. */
bool person_same(struct span one, struct span other, const char *country)
{
    char ours[PERSON_MAX + 1], theirs[PERSON_MAX + 1];
    if (!person_form(one, country, ours) || !person_form(other, country, theirs)) return false;
    return strcmp(ours + (*ours == '+'), theirs + (*theirs == '+')) == 0;
}
