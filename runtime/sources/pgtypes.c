/* runtime/sources/pgtypes.c - Reads and writes the text forms of PostgreSQL's types.
 *
 * Each reader accepts only the one form that the session has asked for (ISO dates and intervals, UTC): a value that
 * a future server writes in another form is a failure with a name, and never a number that is almost right. Numbers
 * stay exact: a numeric without a fraction is an integer, and a program that wants a text gets every digit. */
#include "runtime/sources/pgtypes.h"
#include "base/written.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The numbers of built-in types never change (pg_type.dat); values of all other types are read and written as text. */
enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_OID = 26,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_DATE = 1082,
    PG_TIME = 1083,
    PG_TIMESTAMP = 1114,
    PG_TIMESTAMPTZ = 1184,
    PG_INTERVAL = 1186,
    PG_TIMETZ = 1266,
    PG_NUMERIC = 1700
};
enum { SECOND_US = 1000000, DAY_S = 86400 };

/* Is the server's type a number? Times are written to such a column as seconds. */
static bool pgtype_counts(uint32_t type)
{
    return type == PG_INT2 || type == PG_INT4 || type == PG_INT8 || type == PG_OID || type == PG_NUMERIC ||
           type == PG_FLOAT4 || type == PG_FLOAT8;
}

/* Writes a time: as seconds for a column with numbers, as for SQLite; else as a date and time in UTC. */
static void write_moment(uint32_t type, int64_t us, char room[PGTYPE_ROOM])
{
    int64_t seconds = kv_seconds(us), rest = us % SECOND_US;
    time_t at = (time_t)seconds;
    struct tm day;
    if (pgtype_counts(type) || !gmtime_r(&at, &day) || day.tm_year + 1900 < 1)
        snprintf(room, PGTYPE_ROOM, "%lld", (long long)seconds);
    else
        snprintf(room, PGTYPE_ROOM, "%04d-%02d-%02d %02d:%02d:%02d.%06d+00", day.tm_year + 1900, day.tm_mon + 1,
                 day.tm_mday, day.tm_hour, day.tm_min, day.tm_sec, (int)(rest < 0 ? rest + SECOND_US : rest));
}

bool pgtype_write(uint32_t type, const struct kv_value *value, char room[PGTYPE_ROOM], const char **text,
                  size_t *length, bool *binary)
{
    *binary = false;
    *text = room;
    switch (value->tag) {
    case KV_NONE:
        *text = NULL;
        *length = 0;
        return true;
    case KV_INT: /* an interval is written in seconds */
        snprintf(room, PGTYPE_ROOM, "%lld", (long long)value->word);
        break;
    case KV_BOOL:
        snprintf(room, PGTYPE_ROOM, "%s", value->word != 0 ? "1" : "0"); /* a boolean accepts 1 and 0, too */
        break;
    case KV_TIME:
        write_moment(type, value->word, room);
        break;
    case KV_FLOAT:
        snprintf(room, PGTYPE_ROOM, "%.17g", value->number);
        break;
    case KV_TEXT:
    case KV_BINARY:
        *binary = value->tag == KV_BINARY;
        *text = value->span.length > 0 ? (const char *)value->span.bytes : "";
        *length = value->span.length;
        return *binary || !memchr(*text, '\0', *length);
    case KV_LIST:
    default:
        return false;
    }
    *length = strlen(room);
    return true;
}

/* The type of the elements, for arrays of those types whose values are written in several forms. */
static uint32_t element_of(uint32_t array)
{
    static const struct {
        uint32_t array, element;
    } arrays[] = {{1000, PG_BOOL},   {1005, PG_INT2},      {1007, PG_INT4},        {1016, PG_INT8},
                  {1021, PG_FLOAT4}, {1022, PG_FLOAT8},    {1028, PG_OID},         {1231, PG_NUMERIC},
                  {1182, PG_DATE},   {1115, PG_TIMESTAMP}, {1185, PG_TIMESTAMPTZ}, {1187, PG_INTERVAL}};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (arrays[i].array == array) return arrays[i].element;
    return PG_TEXT;
}

/* Writes an array such as {"a","b",NULL}: all elements in quotation marks, which every type accepts. Room for twice
 * the length and some more is needed before an element is written, since each of its bytes may need a backslash. */
bool pgtype_write_list(uint32_t type, struct span list, char *to, size_t room, size_t *length)
{
    struct kv_pair pair;
    size_t at = 0;
    char before = '{';
    for (uint32_t next = 0; kv_next(list, &next, &pair); before = ',') {
        char number[PGTYPE_ROOM];
        const char *text;
        size_t count = 0;
        bool binary;
        if (!pgtype_write(element_of(type), &pair.value, number, &text, &count, &binary) || binary) return false;
        if (at + 2 * count + sizeof ",NULL}" > room) return false;
        to[at++] = before;
        if (!text) {
            memcpy(to + at, "NULL", 4);
            at += 4;
            continue;
        }
        to[at++] = '"';
        for (size_t i = 0; i < count; i++) {
            if (text[i] == '"' || text[i] == '\\') to[at++] = '\\';
            to[at++] = text[i];
        }
        to[at++] = '"';
    }
    if (at + 2 > room) return false;
    if (before == '{') to[at++] = before;
    to[at++] = '}';
    *length = at;
    return true;
}

/* Reads exactly `count` digits. */
static bool pgtypes_digits(const char **at, unsigned count, int64_t *number)
{
    *number = 0;
    for (unsigned i = 0; i < count; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9') return false;
        *number = *number * 10 + ((*at)[i] - '0');
    }
    *at += count;
    return true;
}

static bool pgtypes_sign(const char **at, char c)
{
    if (**at != c) return false;
    (*at)++;
    return true;
}

/* Reads a fraction: ".5" is 500,000; no point: 0. */
static bool pgtypes_fraction(const char **at, int64_t *us)
{
    int64_t unit = SECOND_US / 10;
    *us = 0;
    if (!pgtypes_sign(at, '.')) return true;
    for (; **at >= '0' && **at <= '9'; (*at)++, unit /= 10) *us += unit * (**at - '0');
    return true;
}

/* Reads a moment: "2026-03-02 10:00:00.5+00". */
static bool read_moment(const char *text, int64_t *us)
{
    const char *at = text;
    int64_t year, month, day, hour, minute, second, rest;
    unsigned width = (unsigned)strspn(text, "0123456789");
    if (width < 4 || width > 6 || !pgtypes_digits(&at, width, &year) || !pgtypes_sign(&at, '-') ||
        !pgtypes_digits(&at, 2, &month) || !pgtypes_sign(&at, '-') || !pgtypes_digits(&at, 2, &day) ||
        !pgtypes_sign(&at, ' ') || !pgtypes_digits(&at, 2, &hour) || !pgtypes_sign(&at, ':') ||
        !pgtypes_digits(&at, 2, &minute) || !pgtypes_sign(&at, ':') || !pgtypes_digits(&at, 2, &second) ||
        !pgtypes_fraction(&at, &rest) || strcmp(at, "+00") != 0 || month < 1 || month > 12)
        return false;
    /* PostgreSQL's years end in 294276, those of the language in 294247. */
    int64_t seconds = written_days(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second;
    return !__builtin_mul_overflow(seconds, SECOND_US, us) && !__builtin_add_overflow(*us, rest, us);
}

/* A part of an ISO interval: a number, which may be negative or have a fraction, and its letter. */
/* Reads a part such as "4.5S": the number, its fraction with the same sign, and the letter after it; 0: the end. */
static bool read_part(const char **at, int64_t *whole, int64_t *us, char *letter)
{
    char *end;
    const char *begin = *at;
    errno = 0;
    *whole = strtoll(begin, &end, 10);
    if (end == begin || errno != 0) return false;
    *at = end;
    if (!pgtypes_fraction(at, us)) return false;
    if (*begin == '-') *us = -*us;
    *letter = **at;
    if (*letter != '\0') (*at)++;
    return true;
}

static bool interval_add(int64_t *sum, int64_t count, int64_t unit_us)
{
    int64_t us;
    return !__builtin_mul_overflow(count, unit_us, &us) && !__builtin_add_overflow(*sum, us, sum);
}

/* Reads an interval: "P1DT2H3M4.5S". A day has 24 hours; an interval with months or years has no exact length. NULL:
 * good. */
static const char *read_interval(const char *text, int64_t *sum)
{
    static const char bad[] = "an interval that is not understood";
    const char *at = text;
    bool time = false;
    *sum = 0;
    if (!pgtypes_sign(&at, 'P')) return bad;
    while (*at != '\0') {
        int64_t whole, us, unit;
        char letter;
        if (pgtypes_sign(&at, 'T')) {
            time = true;
            continue;
        }
        if (!read_part(&at, &whole, &us, &letter)) return bad;
        if (!time && (letter == 'Y' || letter == 'M')) {
            if (whole != 0) return "an interval of months, which has no length in seconds";
            continue;
        }
        unit = !time && letter == 'D'   ? DAY_S
               : !time && letter == 'W' ? 7 * DAY_S
               : time && letter == 'H'  ? 3600
               : time && letter == 'M'  ? 60
               : time && letter == 'S'  ? 1
                                        : 0;
        if (unit == 0 || !interval_add(sum, whole, unit * SECOND_US) || __builtin_add_overflow(*sum, us, sum))
            return bad;
    }
    return NULL;
}

static bool read_int(const char *text, int64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

static const char *read_float(const char *text, struct kv_value *found)
{
    char *end;
    found->tag = KV_FLOAT;
    found->number = strtod(text, &end);
    return *end == '\0' && isfinite(found->number) ? NULL : "no finite number";
}

/* Reads a numeric exactly: whole numbers become integers, and a program that wants a text gets every digit. */
static const char *read_numeric(const char *text, enum source_type wanted, struct kv_value *found)
{
    if (wanted == SOURCE_TEXT) return NULL;
    if (wanted != SOURCE_FLOAT && read_int(text, &found->word)) {
        found->tag = KV_INT;
        return NULL;
    }
    return read_float(text, found);
}

static const char *read_interval_for(enum source_type wanted, const char *text, struct kv_value *found, bool *micros)
{
    const char *why;
    if (wanted == SOURCE_TEXT) return NULL;
    why = read_interval(text, &found->word);
    if (why) return why;
    *micros = wanted == SOURCE_DURATION;
    found->tag = KV_INT;
    if (!*micros) found->word /= SECOND_US;
    return wanted == SOURCE_DURATION || wanted == SOURCE_ANY ? NULL : "an interval";
}

const char *pgtype_read(uint32_t type, const char *text, size_t length, enum source_type wanted, struct kv_value *found,
                        bool *micros)
{
    *micros = false;
    *found = (struct kv_value){.tag = KV_TEXT, .span = {(const uint8_t *)text, (uint32_t)length}};
    switch (type) {
    case PG_BOOL:
        found->tag = KV_BOOL;
        found->word = text[0] == 't';
        return wanted == SOURCE_BOOL || wanted == SOURCE_ANY ? NULL : "a boolean";
    case PG_INT2:
    case PG_INT4:
    case PG_INT8:
    case PG_OID:
        found->tag = KV_INT;
        return read_int(text, &found->word) ? NULL : "a number that is not understood";
    case PG_FLOAT4:
    case PG_FLOAT8:
        return read_float(text, found);
    case PG_NUMERIC:
        return read_numeric(text, wanted, found);
    case PG_TIMESTAMPTZ:
        if (wanted == SOURCE_TEXT) return NULL;
        found->tag = KV_TIME;
        if (!read_moment(text, &found->word)) return "a moment before the year 1, after 294246, or without end";
        return wanted == SOURCE_TIME || wanted == SOURCE_ANY ? NULL : "a timestamp with time zone";
    case PG_TIMESTAMP:
        return wanted == SOURCE_TIME ? "a timestamp without time zone" : NULL;
    case PG_INTERVAL:
        return read_interval_for(wanted, text, found, micros);
    case PG_BYTEA:
        found->tag = KV_BINARY;
        return "a bytea";
    default:
        return NULL;
    }
}
