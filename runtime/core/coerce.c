/* runtime/core/coerce.c - Texts as numbers, durations, shares, times of day and dates. */
#include "runtime/core/coerce.h"

#include <string.h>

#include "vm/image.h"

#define SECOND_US INT64_C(1000000)

struct reading {
    struct span text;
    uint32_t at;
};

static bool over(const struct reading *r)
{
    return r->at == r->text.length;
}

static bool next_is(struct reading *r, char byte)
{
    if (over(r) || r->text.bytes[r->at] != (uint8_t)byte) return false;
    r->at++;
    return true;
}

/* At least one digit; no more than fit. */
static bool digits(struct reading *r, int64_t *number)
{
    uint32_t from = r->at;
    *number = 0;
    for (; !over(r) && r->text.bytes[r->at] >= '0' && r->text.bytes[r->at] <= '9'; r->at++) {
        if (*number > (INT64_MAX - 9) / 10) return false;
        *number = *number * 10 + (r->text.bytes[r->at] - '0');
    }
    return r->at > from;
}

/* What stands behind a point, as so many parts of `whole`, a power of ten; finer ones are refused. */
static bool fraction(struct reading *r, int64_t whole, int64_t *parts)
{
    *parts = 0;
    if (!next_is(r, '.')) return true;
    uint32_t from = r->at;
    for (; !over(r) && r->text.bytes[r->at] >= '0' && r->text.bytes[r->at] <= '9'; r->at++) {
        if (whole == 1) return false;
        whole /= 10;
        *parts += (r->text.bytes[r->at] - '0') * whole;
    }
    return r->at > from;
}

static bool duration(struct reading *r, int64_t *us)
{
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {{"d", 86400 * SECOND_US}, {"h", 3600 * SECOND_US}, {"ms", 1000},
                 {"m", 60 * SECOND_US},    {"s", SECOND_US}};
    *us = 0;
    if (over(r)) return false;
    while (!over(r)) {
        int64_t number, part;
        size_t unit = 0, count = sizeof units / sizeof *units;
        if (!digits(r, &number)) return false;
        for (; unit < count; unit++) {
            uint32_t length = (uint32_t)strlen(units[unit].unit);
            if (r->text.length - r->at < length || memcmp(r->text.bytes + r->at, units[unit].unit, length) != 0)
                continue;
            r->at += length;
            break;
        }
        if (unit == count || __builtin_mul_overflow(number, units[unit].us, &part) ||
            __builtin_add_overflow(*us, part, us))
            return false;
    }
    return true;
}

/* In millionths: of a percent four more digits fit. */
static bool percent(struct reading *r, int64_t *millionths)
{
    int64_t whole, parts;
    if (!digits(r, &whole) || !fraction(r, 10000, &parts) || !next_is(r, '%')) return false;
    return !__builtin_mul_overflow(whole, 10000, millionths) && !__builtin_add_overflow(*millionths, parts, millionths);
}

static bool clock(struct reading *r, int64_t *us)
{
    int64_t hours, minutes, seconds = 0;
    if (!digits(r, &hours) || !next_is(r, ':') || !digits(r, &minutes)) return false;
    if (next_is(r, ':') && !digits(r, &seconds)) return false;
    if (hours > 23 || minutes > 59 || seconds > 59) return false;
    *us = ((hours * 60 + minutes) * 60 + seconds) * SECOND_US;
    return true;
}

/* Days since 1970. Leap years are counted from March on, so that the odd day is a year's last (Hinnant). */
static bool date(struct reading *r, int64_t *days)
{
    static const uint8_t lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year, month, day;
    if (!digits(r, &year) || !next_is(r, '-') || !digits(r, &month) || !next_is(r, '-') || !digits(r, &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] ||
        (month == 2 && day == 29 && !leap))
        return false;
    year -= month <= 2;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    *days = year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719468;
    return true;
}

/* Exact: both numbers of the quotient are. */
static bool real(struct reading *r, bool negative, uint64_t *word)
{
    enum { EXACT_DIGITS = 15 };
    double number = 0, scale = 1;
    unsigned count = 0;
    bool behind = false;
    for (; !over(r); r->at++) {
        uint8_t byte = r->text.bytes[r->at];
        if (byte == '.' && !behind && count > 0) {
            behind = true;
            continue;
        }
        if (byte < '0' || byte > '9' || ++count > EXACT_DIGITS) return false;
        number = number * 10 + (byte - '0');
        if (behind) scale *= 10;
    }
    *word = value_from_float((negative && number > 0 ? -number : number) / scale); /* one zero */
    return count > 0 && r->text.bytes[r->text.length - 1] != '.';
}

bool coerce_text(uint16_t base, struct span text, uint64_t *word)
{
    struct reading r = {text, 0};
    int64_t number = 0;
    bool negative = next_is(&r, '-'), good = false;
    struct reading plain = r;
    if (base == TYPE_FLOAT) return real(&r, negative, word);
    if (base == TYPE_BOOL && (span_is(text, "true") || span_is(text, "false"))) {
        *word = span_is(text, "true");
        return true;
    }
    if (digits(&plain, &number) && over(&plain))
        good = true;
    else if (base == TYPE_DURATION)
        good = duration(&r, &number);
    else if (base == TYPE_PERCENT)
        good = percent(&r, &number);
    else if (base == TYPE_CLOCK)
        good = !negative && clock(&r, &number);
    else if (base == TYPE_DATE)
        good = !negative && date(&r, &number);
    if (!over(&r) && !over(&plain)) return false;
    *word = (uint64_t)(negative ? -number : number);
    return good && *word != VALUE_NONE && (base != TYPE_BOOL || *word <= 1) &&
           (base != TYPE_CLOCK || value_is_clock(*word));
}

static bool is_number(uint16_t base)
{
    return base == TYPE_INT || base == TYPE_DURATION || base == TYPE_TIME || base == TYPE_DATE ||
           base == TYPE_PERCENT || base == TYPE_CLOCK || base == TYPE_BOOL;
}

bool coerce_is_plain(const struct image *image, uint16_t base)
{
    return is_number(base) || base == TYPE_FLOAT || type_is_name(base) || type_is_enum(image, base);
}

static bool plain_float(const struct kv_value *value, uint64_t *word)
{
    if (value->tag == KV_TEXT) return coerce_text(TYPE_FLOAT, value->span, word);
    *word = value_from_float(value->tag == KV_INT ? (double)value->word : value->number);
    return value->tag == KV_INT || (value->tag == KV_FLOAT && value_is_finite(*word));
}

static bool plain_number(uint16_t base, const struct kv_value *value, uint64_t *word)
{
    if (value->tag == KV_TEXT) return coerce_text(base, value->span, word);
    *word = (uint64_t)value->word;
    return (value->tag == KV_INT || value->tag == KV_TIME || value->tag == KV_BOOL) && *word != VALUE_NONE &&
           (base != TYPE_CLOCK || value_is_clock(*word)) && (base != TYPE_BOOL || *word <= 1);
}

bool coerce_plain(const struct image *image, uint16_t base, const struct kv_value *value, uint64_t *word)
{
    const char *bytes = (const char *)value->span.bytes;
    int32_t at = -1;
    if (is_number(base)) return plain_number(base, value, word);
    if (base == TYPE_FLOAT) return plain_float(value, word);
    if (value->tag == KV_TEXT)
        at = type_is_name(base) ? image_name_find(image, base, bytes, value->span.length)
                                : image_field_find(image, base, bytes, value->span.length);
    else if (value->tag == KV_INT && !type_is_name(base) && value->word >= 0 &&
             value->word < image_type(image, base)->count)
        at = (int32_t)value->word;
    *word = (uint64_t)at;
    return at >= 0;
}
