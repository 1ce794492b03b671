/* runtime/core/interactions/coerce.c - Reads numbers, durations, shares, times of day and dates
 * from texts.
 *
 * User data come as texts from many systems, while a declared key has a type. So the text "90" must become the word
 * that the type has. A text that cannot be read is refused and not guessed: the caller then keeps the text beside
 * the key, or answers with an error. */
#include "runtime/core/interactions/coerce.h"

#include "vm/image.h"
#include "base/written.h"

/* Reads a decimal fraction. With at most 15 digits both the digits and the power of ten are exact doubles, so the
 * quotient is the double nearest to the text. */
static bool coerce_real(struct span text, bool negative, uint64_t *word)
{
    enum { EXACT_DIGITS = 15 };
    double number = 0, scale = 1;
    unsigned count = 0;
    bool behind = false;
    for (uint32_t at = 0; at < text.length; at++) {
        uint8_t byte = text.bytes[at];
        if (byte == '.' && !behind && count > 0) {
            behind = true;
            continue;
        }
        if (byte < '0' || byte > '9' || ++count > EXACT_DIGITS) return false;
        number = number * 10 + (byte - '0');
        if (behind) scale *= 10;
    }
    *word = value_from_float((negative && number > 0 ? -number : number) / scale); /* -0 becomes 0 */
    return count > 0 && text.bytes[text.length - 1] != '.';
}

/* Reads a text as a word of the type; for each type the form as an integer is tried first. A time of day or a date
 * has no sign. */
bool coerce_text(uint16_t base, struct span text, uint64_t *word)
{
    bool negative = text.length > 0 && text.bytes[0] == '-', good;
    struct span rest = {text.bytes + negative, text.length - negative};
    const char *bytes = (const char *)rest.bytes;
    int64_t number = 0;
    if (base == TYPE_FLOAT) return coerce_real(rest, negative, word);
    if (base == TYPE_BOOL && (span_is(text, "true") || span_is(text, "false"))) {
        *word = span_is(text, "true");
        return true;
    }
    good = written_integer(bytes, rest.length, &number) ||
           (base == TYPE_DURATION && written_duration(bytes, rest.length, &number)) ||
           (base == TYPE_PERCENT && written_percent(bytes, rest.length, &number)) ||
           (base == TYPE_CLOCK && !negative && written_clock(bytes, rest.length, &number)) ||
           (base == TYPE_DATE && !negative && written_date(bytes, rest.length, &number));
    /* negates also the least number, which has no positive counterpart */
    *word = negative ? 0 - (uint64_t)number : (uint64_t)number;
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

/* Makes a word of a number; a number that equals VALUE_NONE is refused, since the language would read it as "no
 * value". */
static bool plain_number(uint16_t base, const struct kv_value *value, uint64_t *word)
{
    if (value->tag == KV_TEXT) return coerce_text(base, value->span, word);
    *word = (uint64_t)value->word;
    return (value->tag == KV_INT || value->tag == KV_TIME || value->tag == KV_BOOL) && *word != VALUE_NONE &&
           (base != TYPE_CLOCK || value_is_clock(*word)) && (base != TYPE_BOOL || *word <= 1);
}

/* Makes a word of a value; a name or an enumerated value is looked up in the image, and a text that the image does
 * not know has no word. */
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
