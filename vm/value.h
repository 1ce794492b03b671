/* vm/value.h - Values as 64-bit words without type tags: the contents of a register, a slot, a field or an element.
 *
 * The type is stored separately, in a table (of registers, slots, fields); the zero word is a safe value of every
 * type. Values are immutable. Words own nothing: text and objects are in the block or in the image to which the word
 * refers.
 *
 *     int, duration and time (us; time since 1970 UTC), date (days since 1970), percent (millionths), clock (us since
 *             midnight), bool, enum: two's complement; VALUE_NONE is none. int is +-(2^63 - 1).
 *     float   IEEE 754 binary64; its one NaN (FLOAT_NONE) is none.
 *     str     up to 7 bytes are always in the word, so equality is one comparison: bits 56..63 the length, byte i in
 *             bits 8i..8i+7. Longer text: bits 56..63 are VALUE_BLOCK or VALUE_IMAGE, bits 32..55 the length, bits
 *             0..31 the offset of the first byte.
 *     list, map, record, error, blob, value: bits 56..63 are VALUE_BLOCK or VALUE_IMAGE, bits 0..31 the offset of a
 *             `struct heap_object`; 0 is the shared zero object: no element, every field zero.
 *     skill, group, vq, queue, prompt, ... campaign: index of the image's names table. agent, target: only the core's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define VALUE_NONE 0x8000000000000000u
#define FLOAT_NONE 0x7ff8000000000000u

enum { VALUE_INLINE_MAX = 7, VALUE_BLOCK = 0x41, VALUE_IMAGE = 0x42, VALUE_TEXT_MAX = 0xffffff, VALUE_DEPTH_MAX = 16 };

/* Types. Numbers below TYPE_OWN mean the same in every image; from TYPE_OWN on they are rows of the image's types
 * (lists, maps, records, enums). TYPE_OPTIONAL set: T?. There is no T??. */
enum value_type {
    TYPE_VOID = 0, /* no value: the result of a function that returns nothing */
    TYPE_INT = 1,
    TYPE_FLOAT = 2,
    TYPE_BOOL = 3,
    TYPE_STR = 4,
    TYPE_DURATION = 5,
    TYPE_TIME = 6,
    TYPE_DATE = 7,
    TYPE_PERCENT = 8,
    TYPE_VALUE = 9,   /* boxed tag and payload: a value in user data */
    TYPE_ERROR = 10,  /* object of three fields: reason (int: enum code), code (str), step (int: steps.def) */
    TYPE_TARGET = 11, /* claimed by a selection */
    TYPE_AGENT = 12,
    TYPE_SKILL = 13, /* from here to TYPE_CATEGORY: index in the table of names */
    TYPE_GROUP = 14,
    TYPE_VQ = 15,
    TYPE_QUEUE = 16,
    TYPE_PROMPT = 17,
    TYPE_SOURCE = 18,
    TYPE_DN = 19,
    TYPE_PLACE = 20,
    TYPE_WORKBIN = 21,
    TYPE_TEMPLATE = 22,
    TYPE_CATEGORY = 23,
    TYPE_CLOCK = 24,    /* a time of day: us since midnight */
    TYPE_BLOB = 25,     /* object of five fields: store, key (str), length (int), sha256 (str: hex), media_type (str) */
    TYPE_SCHEDULE = 26, /* index in the table of names, as for TYPE_SKILL to TYPE_CATEGORY */
    TYPE_ZONE = 27,     /* the same */
    TYPE_STRATEGY = 28, /* the same */
    TYPE_CAMPAIGN = 29, /* the same */
    TYPE_BUILTIN_END = 30,
    TYPE_OWN = 32,
    TYPE_OPTIONAL = 0x8000,
};

static inline uint16_t type_base(uint16_t type)
{
    return type & (uint16_t)~TYPE_OPTIONAL;
}
static inline bool type_is_optional(uint16_t type)
{
    return (type & TYPE_OPTIONAL) != 0;
}
static inline bool type_is_name(uint16_t type)
{
    uint16_t base = type_base(type);
    return (base >= TYPE_SKILL && base <= TYPE_CATEGORY) || base == TYPE_SCHEDULE || base == TYPE_ZONE ||
           base == TYPE_STRATEGY || base == TYPE_CAMPAIGN;
}

/* Returns the word that means `none` in that type. */
static inline uint64_t value_none(uint16_t type)
{
    return type_base(type) == TYPE_FLOAT ? FLOAT_NONE : VALUE_NONE;
}
static inline bool value_is_none(uint16_t type, uint64_t word)
{
    return word == value_none(type);
}

/* An object in a block's heap or an image's data, at an offset divisible by 8, followed by words: list: `count`
 * elements; map: `count` pairs of key and value, in the order of the keys' bytes; record, error, blob: `count`
 * fields; value: `count` is its tag (enum value_tag), and one word follows; user data: `count` triples of key, tag,
 * payload. */
struct heap_object {
    uint32_t type; /* base type; OBJECT_USER_DATA */
    uint32_t count;
};

enum { OBJECT_USER_DATA = 0x7fff };

/* Tags of a `value`; the numbers are those of lists of pairs on the wire. The payload of a list is a str word whose
 * bytes are packed pairs. */
enum value_tag {
    VALUE_TAG_NONE = 0,
    VALUE_TAG_INT = 1,
    VALUE_TAG_TEXT = 2,
    VALUE_TAG_BINARY = 3,
    VALUE_TAG_LIST = 4,
    VALUE_TAG_FLOAT = 5,
    VALUE_TAG_BOOL = 6,
    VALUE_TAG_TIME = 7,
    VALUE_TAG_SECRET = 0x80, /* may be added to a tag: the value is masked wherever it is shown */
};

enum { ERROR_FIELD_REASON, ERROR_FIELD_CODE, ERROR_FIELD_STEP, ERROR_FIELDS };
/* A blob's bytes are in the store, under the key, and never in a block. */
enum { BLOB_FIELD_STORE, BLOB_FIELD_KEY, BLOB_FIELD_LENGTH, BLOB_FIELD_SHA256, BLOB_FIELD_MEDIA_TYPE, BLOB_FIELDS };

/* Bytes of a str, borrowed: from the word itself, the block or the image. */
struct text {
    const char *bytes;
    uint32_t length;
};

static inline unsigned value_where(uint64_t word)
{
    return (unsigned)(word >> 56);
}
static inline uint32_t value_offset(uint64_t word)
{
    return (uint32_t)word;
}
static inline uint32_t value_text_length(uint64_t word)
{
    unsigned where = value_where(word);
    if (where <= VALUE_INLINE_MAX) return where;
    return where == VALUE_BLOCK || where == VALUE_IMAGE ? (uint32_t)(word >> 32) & VALUE_TEXT_MAX : 0;
}
/* Returns the inline word for a text of at most 7 bytes. The bytes are taken by two reads that may overlap, or as three
 * bytes that may be the same one, so no loop is needed. */
static inline uint64_t value_text_inline(const char *bytes, uint32_t length)
{
    uint64_t word = (uint64_t)length << 56;
    if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, bytes, 4);
        memcpy(&last, bytes + length - 4, 4);
        return word | first | (uint64_t)last << 8 * (length - 4);
    }
    if (length == 0) return word;
    uint32_t half = length / 2, end = length - 1;
    return word | (uint8_t)bytes[0] | (uint64_t)(uint8_t)bytes[half] << 8 * half |
           (uint64_t)(uint8_t)bytes[end] << 8 * end;
}
static inline uint64_t value_text_at(unsigned where, uint32_t offset, uint32_t length)
{
    return (uint64_t)where << 56 | (uint64_t)length << 32 | offset;
}
static inline uint64_t value_object_at(unsigned where, uint32_t offset)
{
    return (uint64_t)where << 56 | offset;
}

static inline double value_float(uint64_t word)
{
    double number;
    memcpy(&number, &word, sizeof number);
    return number;
}
/* Is the float neither infinite nor NaN, and so another one than none? */
static inline bool value_is_finite(uint64_t word)
{
    return (word >> 52 & 0x7ff) != 0x7ff;
}
static inline uint64_t value_from_float(double number)
{
    uint64_t word;
    memcpy(&word, &number, sizeof word);
    return word;
}
/* Returns an integer that sorts like the float. */
static inline int64_t value_float_order(uint64_t word)
{
    int64_t bits = (int64_t)word;
    return bits < 0 ? INT64_MIN - bits : bits; /* -0 is 0 */
}

/* Is the word a valid time of day? */
#define VALUE_DAY_US UINT64_C(86400000000)
static inline bool value_is_clock(uint64_t word)
{
    return word < VALUE_DAY_US;
}

/* Is the word a valid date or time, in the years 1 to 9999: days or microseconds since 1970? */
#define VALUE_DAY_FIRST INT64_C(-719162)
#define VALUE_DAY_LAST  INT64_C(2932896)
static inline bool value_is_dated(uint16_t type, int64_t word)
{
    int64_t day_us = type == TYPE_TIME ? (int64_t)VALUE_DAY_US : 1;
    return word >= VALUE_DAY_FIRST * day_us && word < (VALUE_DAY_LAST + 1) * day_us;
}

/* Is the part contained in the whole? The time needed is proportional to the sum of their lengths, whatever they
 * contain. */
bool text_holds(struct text whole, struct text part);
