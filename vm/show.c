/* vm/show.c - Writes values as text for people: for interpolation in strings, logs, screens. Integers only, no
 * locale.
 *
 * The text is the same on every machine, as it may be used in a prompt, a log or a comparison. A text that does not
 * fit is counted to its end, so that the caller can provide a larger buffer and repeat the call. Nested values are
 * cut after SHOW_NESTED_MAX bytes. */
#include <stdio.h>
#include <string.h>

#include "vm/show.h"

enum {
    SHOW_NESTED_MAX = 65536
}; /* nested values are cut after so many bytes: shared lists may repeat almost without end */

/* Appends bytes; `length` keeps counting when the buffer is full: it is then the size that would be needed. */
void shown_put(struct shown *out, const char *bytes, uint32_t length)
{
    if (out->length < out->size)
        memcpy(out->buffer + out->length, bytes, length < out->size - out->length ? length : out->size - out->length);
    out->length += length;
}

static void shown_append(struct shown *out, const char *text)
{
    shown_put(out, text, (uint32_t)strlen(text));
}

static void shown_put_int(struct shown *out, int64_t number)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)number);
    shown_put(out, digits, (uint32_t)length);
}

static void put_padded(struct shown *out, int64_t number, int width)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%0*lld", width, (long long)number);
    shown_put(out, digits, (uint32_t)length);
}

/* Appends number / 10^places, without trailing zeros. */
static void put_decimal(struct shown *out, uint64_t number, unsigned places)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < places; i++) scale *= 10;
    shown_put_int(out, (int64_t)(number / scale));
    for (number %= scale; places && number % 10 == 0; places--) number /= 10;
    if (!places) return;
    shown_append(out, ".");
    put_padded(out, (int64_t)number, (int)places);
}

/* Appends the sign and returns the absolute value; it is unsigned, as that of the smallest number does not fit into
 * a signed one. */
static uint64_t shown_sign(struct shown *out, int64_t number)
{
    if (number < 0) shown_append(out, "-");
    return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

/* Appends a duration as the language writes it: 1h30m, 20s, 250ms. */
static void shown_put_duration(struct shown *out, int64_t us)
{
    static const struct {
        uint64_t us;
        const char *unit;
    } units[] = {{86400000000, "d"}, {3600000000, "h"}, {60000000, "m"}, {1000000, "s"}};
    uint64_t left = shown_sign(out, us);
    if (!left) shown_append(out, "0s");
    for (unsigned i = 0; i < 4; i++) {
        if (left < units[i].us) continue;
        shown_put_int(out, (int64_t)(left / units[i].us));
        shown_append(out, units[i].unit);
        left %= units[i].us;
    }
    if (!left) return;
    put_decimal(out, left, 3);
    shown_append(out, "ms");
}

/* Converts days since 1970-01-01 to a date: Howard Hinnant's algorithm, proleptic Gregorian. Its years begin in
 * March, so that the leap day is the last day of a year, and 719,468 days are between 0000-03-01 and 1970-01-01. */
static void put_date(struct shown *out, int64_t days)
{
    if (days < -100000000 || days > 100000000) {
        shown_put_int(out, days);
        return;
    }
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * of_year + 2) / 153, month = shifted < 10 ? shifted + 3 : shifted - 9;
    put_padded(out, year_of_era + era * 400 + (month <= 2), 4);
    shown_append(out, "-");
    put_padded(out, month, 2);
    shown_append(out, "-");
    put_padded(out, of_year - (153 * shifted + 2) / 5 + 1, 2);
}

/* Appends a time; C rounds towards zero, so a time before 1970 has a negative remainder: it belongs to the day
 * before. */
static void shown_put_time(struct shown *out, int64_t us)
{
    int64_t day = 86400000000, rest = us % day, second = (rest < 0 ? rest + day : rest) / 1000000;
    put_date(out, us / day - (rest < 0));
    shown_append(out, "T");
    put_padded(out, second / 3600, 2);
    shown_append(out, ":");
    put_padded(out, second / 60 % 60, 2);
    shown_append(out, ":");
    put_padded(out, second % 60, 2);
    shown_append(out, "Z");
}

/* Appends a time of day: 08:00, with seconds if they are not zero. */
static void put_clock(struct shown *out, int64_t us)
{
    int64_t second = us / 1000000;
    put_padded(out, second / 3600, 2);
    shown_append(out, ":");
    put_padded(out, second / 60 % 60, 2);
    if (second % 60 == 0) return;
    shown_append(out, ":");
    put_padded(out, second % 60, 2);
}

/* Appends a float with at most six decimals; very large numbers with powers of ten. Computed without libm, so that
 * the result is the same everywhere. */
static void shown_put_float(struct shown *out, double number)
{
    int exponent = 0;
    if (number < 0) shown_append(out, "-");
    if (number < 0) number = -number;
    for (; number >= 1e12; exponent++) number /= 10;
    put_decimal(out, (uint64_t)(number * 1000000.0 + 0.5), 6);
    if (!exponent) return;
    shown_append(out, "e");
    shown_put_int(out, exponent);
}

static void show_put_text(const struct show *show, struct shown *out, uint64_t word)
{
    char inlined[8];
    struct text text = block_text(show->image, show->block, word, inlined);
    shown_put(out, text.bytes, text.length);
}

/* Appends a boxed value; a secret is shown as ***, whatever its type. */
static void put_boxed(const struct show *show, struct shown *out, uint64_t value)
{
    uint64_t payload;
    unsigned tag = block_boxed(show->image, show->block, value, &payload);
    switch (tag & VALUE_TAG_SECRET ? (unsigned)VALUE_TAG_SECRET : tag) {
    case VALUE_TAG_SECRET:
        shown_append(out, "***");
        break;
    case VALUE_TAG_INT:
        shown_put_int(out, (int64_t)payload);
        break;
    case VALUE_TAG_TEXT:
        show_put_text(show, out, payload);
        break;
    case VALUE_TAG_FLOAT:
        shown_put_float(out, value_float(payload));
        break;
    case VALUE_TAG_BOOL:
        shown_append(out, payload ? "true" : "false");
        break;
    case VALUE_TAG_TIME:
        shown_put_time(out, (int64_t)payload);
        break;
    default:
        break;
    }
}

static void show_put_record(const struct show *show, struct shown *out, uint16_t type, uint64_t word)
{
    const struct image_type *row = image_type(show->image, type);
    struct text name = row ? image_text(show->image, row->name) : (struct text){"error", 5};
    shown_put(out, name.bytes, name.length);
    shown_append(out, "(");
    for (uint32_t i = 0; i < image_field_count(show->image, type) && out->length < SHOW_NESTED_MAX; i++) {
        struct text field = image_field_name(show->image, type, i);
        if (i) shown_append(out, ", ");
        shown_put(out, field.bytes, field.length);
        shown_append(out, ": ");
        show_value(show, out, image_field_type(show->image, type, i), block_field(show->image, show->block, word, i));
    }
    shown_append(out, ")");
}

/* Appends the place where the blob is stored: the text by which others find it. */
static void show_put_blob(const struct show *show, struct shown *out, uint64_t word)
{
    show_put_text(show, out, block_field(show->image, show->block, word, BLOB_FIELD_STORE));
    shown_append(out, "/");
    show_put_text(show, out, block_field(show->image, show->block, word, BLOB_FIELD_KEY));
}

/* Appends a list or map; an empty map is [:], to distinguish it from an empty list. */
static void put_sequence(const struct show *show, struct shown *out, uint16_t type, uint64_t word)
{
    bool map = type_is_map(show->image, type);
    uint32_t count = block_count(show->image, show->block, word);
    shown_append(out, map && !count ? "[:" : "[");
    for (uint32_t i = 0; i < count && out->length < SHOW_NESTED_MAX; i++) {
        uint64_t key, value;
        if (i) shown_append(out, ", ");
        if (map) {
            block_pair(show->image, show->block, word, i, &key, &value);
            show_put_text(show, out, key);
            shown_append(out, ": ");
        } else {
            value = block_element(show->image, show->block, word, i);
        }
        show_value(show, out, image_element(show->image, type), value);
    }
    shown_append(out, "]");
}

static void put_own(const struct show *show, struct shown *out, uint16_t type, uint64_t word)
{
    const struct image_type *row = image_type(show->image, type);
    if (type_is_name(type)) {
        if (word >= show->image->count[SECTION_NAMES]) return;
        struct text name = image_text(show->image, show->image->names[word].text);
        shown_put(out, name.bytes, name.length);
    } else if (type_base(type) == TYPE_AGENT || type_base(type) == TYPE_TARGET) {
        struct text name = show->name ? show->name(show->self, type_base(type), word) : (struct text){"", 0};
        shown_put(out, name.bytes, name.length);
    } else if (row && row->kind == KIND_ENUM) {
        if (word >= row->count) return;
        struct text name = image_text(show->image, show->image->fields[row->first + word].name);
        shown_put(out, name.bytes, name.length);
    } else if (type_base(type) == TYPE_BLOB) {
        show_put_blob(show, out, word);
    } else if (type_is_record(show->image, type)) {
        show_put_record(show, out, type, word);
    } else {
        put_sequence(show, out, type, word);
    }
}

void show_value(const struct show *show, struct shown *out, uint16_t type, uint64_t word)
{
    if (type_is_optional(type) && value_is_none(type, word)) return;
    switch ((enum value_type)type_base(type)) {
    case TYPE_VOID:
        break;
    case TYPE_INT:
        shown_put_int(out, (int64_t)word);
        break;
    case TYPE_FLOAT:
        shown_put_float(out, value_float(word));
        break;
    case TYPE_BOOL:
        shown_append(out, word ? "true" : "false");
        break;
    case TYPE_STR:
        show_put_text(show, out, word);
        break;
    case TYPE_DURATION:
        shown_put_duration(out, (int64_t)word);
        break;
    case TYPE_TIME:
        shown_put_time(out, (int64_t)word);
        break;
    case TYPE_DATE:
        put_date(out, (int64_t)word);
        break;
    case TYPE_CLOCK:
        put_clock(out, (int64_t)word);
        break;
    case TYPE_PERCENT:
        put_decimal(out, shown_sign(out, (int64_t)word), 4), shown_append(out, "%");
        break;
    case TYPE_VALUE:
        put_boxed(show, out, word);
        break;
    default:
        put_own(show, out, type, word);
        break;
    }
}
