/* base/zone.c - Reading TZif files (RFC 8536): the 64-bit transitions, then the rule of the footer.
 *
 *     header 1, data with 4-byte times     passed over
 *     header 2, data with 8-byte times     times | one type index per time | types of 6 bytes | ...
 *     footer                               \n rule \n, which holds after the last time
 *
 * A transition is the moment from which another type applies, and a type says how many seconds the zone is ahead of
 * UTC. Although the file is not a user's input, every length is checked against the number of bytes read. Times are
 * seconds since 1970 in UTC inside this file, and microseconds in calls from outside. */
#include "base/zone.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/written.h"

static const char DATABASE[] = "/usr/share/zoneinfo";
static const int64_t DAY = 86400, ZONE_SECOND_US = 1000000;

enum { FILE_LIMIT = 65536, HEADER_SIZE = 44 };

struct zone {
    uint8_t bytes[FILE_LIMIT + 1];
    size_t length;
    /* the 64-bit block: transition times, their type numbers, 6 bytes per type */
    const uint8_t *times, *indexes, *types;
    size_t transitions, type_count;
    const char *rule; /* the text of the footer, with a final zero; "" without a footer */
};

static int64_t read_integer(const uint8_t *bytes, size_t count)
{
    assert(count > 0 && count <= 8);
    uint64_t value = bytes[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < count; i++) value = value << 8 | bytes[i];
    return (int64_t)value;
}

/* Is the text a zone name of the database, which cannot lead out of the database's folder? */
static bool is_zone_name(const char *zone)
{
    if (!isalpha((unsigned char)*zone) || strstr(zone, "..") || strlen(zone) > 64) return false;
    for (; *zone; zone++)
        if (!isalnum((unsigned char)*zone) && !strchr("/_+-", *zone)) return false;
    return true;
}

static bool zone_read_file(struct zone *zone, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", DATABASE, name);
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    zone->length = fread(zone->bytes, 1, FILE_LIMIT, file);
    bool good = !ferror(file) && feof(file);
    fclose(file);
    zone->bytes[zone->length] = '\0';
    return good;
}

struct header {
    size_t utc_flags, standard_flags, leaps, transitions, types, characters, size; /* size: with `width`-byte times */
};

static bool zone_read_header(const struct zone *zone, size_t at, size_t width, struct header *header)
{
    if (zone->length < at + HEADER_SIZE || memcmp(zone->bytes + at, "TZif", 4) != 0) return false;
    size_t counts[6];
    for (int i = 0; i < 6; i++) {
        int64_t count = read_integer(zone->bytes + at + 20 + 4 * i, 4);
        if (count < 0 || count > FILE_LIMIT) return false;
        counts[i] = (size_t)count;
    }
    *header = (struct header){counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], 0};
    header->size = HEADER_SIZE + header->transitions * (width + 1) + header->types * 6 + header->characters +
                   header->leaps * (width + 4) + header->standard_flags + header->utc_flags;
    return at + header->size <= zone->length;
}

/* Reads the zone's file and finds the parts of its second block. False: there is no such zone, or the file is not a
 * TZif file. */
static bool read_zone(struct zone *zone, const char *name)
{
    struct header first, second;
    if (!is_zone_name(name) || !zone_read_file(zone, name) || !zone_read_header(zone, 0, 4, &first)) return false;
    size_t at = first.size; /* the block of version 1 is skipped */
    if (zone->bytes[4] < '2' || !zone_read_header(zone, at, 8, &second) || second.types == 0) return false;
    zone->transitions = second.transitions;
    zone->type_count = second.types;
    zone->times = zone->bytes + at + HEADER_SIZE;
    zone->indexes = zone->times + 8 * second.transitions;
    zone->types = zone->indexes + second.transitions;
    char *footer = (char *)zone->bytes + at + second.size, *end = *footer == '\n' ? strchr(footer + 1, '\n') : NULL;
    if (end) *end = '\0';
    zone->rule = end ? footer + 1 : "";
    return true;
}

static int64_t type_offset(const struct zone *zone, size_t type)
{
    return type < zone->type_count ? read_integer(zone->types + 6 * type, 4) : 0;
}

/* One change of clocks from the footer, POSIX TZ such as "CET-1CEST,M3.5.0,M10.5.0/3". */
struct rule_change {
    int month, week, day;
    int64_t seconds; /* seconds of the day, by the clock before the change */
};

static const char *skip_name(const char *p)
{
    if (*p == '<') {
        while (*p && *p != '>') p++;
        return *p ? p + 1 : p;
    }
    while (isalpha((unsigned char)*p)) p++;
    return p;
}

/* Reads hours, and minutes and seconds if they are there, as "-3", "5:30" or "2:00:00". Returns what follows. */
static const char *zone_read_clock(const char *p, int64_t *seconds)
{
    int sign = *p == '-' ? -1 : 1;
    if (*p == '-' || *p == '+') p++;
    *seconds = 0;
    int64_t unit = 3600;
    for (; isdigit((unsigned char)*p) && unit > 0; unit /= 60) {
        char *end;
        *seconds += (int64_t)(strtoul(p, &end, 10) % 1000) * unit;
        p = *end == ':' ? end + 1 : end;
    }
    *seconds *= sign;
    return p;
}

static const char *read_change(const char *p, struct rule_change *change)
{
    int used = 0;
    change->seconds = 2 * 3600;
    if (sscanf(p, ",M%2d.%1d.%1d%n", &change->month, &change->week, &change->day, &used) != 3) return NULL;
    p += used;
    return *p == '/' ? zone_read_clock(p + 1, &change->seconds) : p;
}

static int64_t day_number(int year, int month, int day)
{
    char text[32];
    int64_t days;
    int length = snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    bool there = written_date(text, (size_t)length, &days) && days >= 0;
    return there ? days : INT64_MAX / 2 / ZONE_SECOND_US / DAY; /* no such year: never */
}

/* Returns when the clocks change in that year, in seconds since 1970: on the week-th such weekday of the month, 5
 * being the last. */
static int64_t change_at(int year, const struct rule_change *change)
{
    int64_t first = day_number(year, change->month, 1);
    int64_t next = change->month == 12 ? day_number(year + 1, 1, 1) : day_number(year, change->month + 1, 1);
    int64_t weekday = (first + 4) % 7; /* 1970-01-01 was a Thursday */
    int64_t day = first + (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
    while (day >= next) day -= 7;
    return day * DAY + change->seconds;
}

struct rule {
    int64_t standard, summer;
    struct rule_change begin, end;
};

/* Reads the footer; false: there is no summer time, and only `standard` is set. */
static bool zone_read_rule(const char *text, struct rule *rule)
{
    const char *p = zone_read_clock(skip_name(text), &rule->standard);
    rule->standard = -rule->standard; /* POSIX counts westwards */
    if (!isalpha((unsigned char)*p) && *p != '<') return false;
    p = skip_name(p);
    rule->summer = rule->standard + 3600;
    if (*p != ',') {
        p = zone_read_clock(p, &rule->summer);
        rule->summer = -rule->summer;
    }
    return (p = read_change(p, &rule->begin)) && read_change(p, &rule->end);
}

/* Returns how many seconds the zone is ahead of UTC at the given moment, by the rule of the footer. */
static int64_t rule_offset(const char *text, int64_t utc)
{
    struct rule rule = {0};
    if (!zone_read_rule(text, &rule)) return rule.standard;
    int year = 1970;
    while (day_number(year + 1, 1, 1) * DAY <= utc + rule.standard) year++;
    int64_t from = change_at(year, &rule.begin) - rule.standard, to = change_at(year, &rule.end) - rule.summer;
    bool is_summer = from < to ? utc >= from && utc < to : utc >= from || utc < to;
    return is_summer ? rule.summer : rule.standard;
}

/* Returns how many seconds the zone is ahead of UTC at that moment: by the file's transitions, after the last
 * transition by the rule. */
static int64_t offset_at(const struct zone *zone, int64_t utc)
{
    size_t low = 0, high = zone->transitions; /* after the loop `low` is the first transition after `utc` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (read_integer(zone->times + 8 * middle, 8) <= utc)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->transitions && *zone->rule) return rule_offset(zone->rule, utc);
    return type_offset(zone, low == 0 ? 0 : zone->indexes[low - 1]);
}

/* Converts a local time to UTC; a local time that a change skips, or that occurs twice, is read with the offset
 * valid before the change. */
bool zone_instant(const char *name, int64_t local_us, int64_t *utc_us)
{
    assert(name && utc_us);
    struct zone *zone = calloc(1, sizeof *zone);
    if (!zone) abort();
    bool good = read_zone(zone, name);
    if (good) {
        int64_t local = local_us / ZONE_SECOND_US;
        int64_t before = offset_at(zone, local - DAY), after = offset_at(zone, local + DAY);
        bool later = offset_at(zone, local - before) != before && offset_at(zone, local - after) == after;
        *utc_us = local_us - (later ? after : before) * ZONE_SECOND_US;
    }
    free(zone);
    return good;
}

bool zone_exists(const char *name)
{
    int64_t us;
    return zone_instant(name, 0, &us);
}

struct rows {
    struct arena *arena;
    int64_t *from;
    int32_t *offsets;
    uint32_t count, room;
};

/* Adds a row unless the offset is the one of the last row. */
static void add_row(struct rows *rows, int64_t from, int64_t offset)
{
    assert(rows->count <= rows->room);
    if (rows->count && rows->offsets[rows->count - 1] == offset) return;
    if (rows->count == rows->room) return; /* rows that do not fit are dropped: no zone has so many changes */
    rows->from[rows->count] = from;
    rows->offsets[rows->count++] = (int32_t)offset;
}

/* Adds the changes of one year by the rule, in order, if they are after the last one that the file lists. */
static void add_year(struct rows *rows, const struct rule *rule, int year, int64_t last)
{
    int64_t begin = change_at(year, &rule->begin) - rule->standard, end = change_at(year, &rule->end) - rule->summer;
    bool summer_first = begin < end;
    int64_t first = summer_first ? begin : end, second = summer_first ? end : begin;
    if (first > last) add_row(rows, first, summer_first ? rule->summer : rule->standard);
    if (second > last) add_row(rows, second, summer_first ? rule->standard : rule->summer);
}

/* Lists the changes of the file, and after them those by the rule until ZONE_LAST_YEAR. */
const struct zone_rules *zone_rules(struct arena *arena, const char *name)
{
    struct zone *zone = calloc(1, sizeof *zone);
    if (!zone) abort();
    if (!read_zone(zone, name)) {
        free(zone);
        return NULL;
    }
    struct rows rows = {.arena = arena, .room = (uint32_t)zone->transitions + 2 * ZONE_LAST_YEAR};
    rows.from = ARENA_ARRAY(arena, int64_t, rows.room);
    rows.offsets = ARENA_ARRAY(arena, int32_t, rows.room);
    add_row(&rows, INT64_MIN, type_offset(zone, 0));
    int64_t last = 0;
    for (size_t i = 0; i < zone->transitions; i++) {
        last = read_integer(zone->times + 8 * i, 8);
        add_row(&rows, last, type_offset(zone, zone->indexes[i]));
    }
    int year = 1970;
    while (day_number(year + 1, 1, 1) * DAY <= last) year++;
    struct rule rule = {0};
    bool changes = *zone->rule && zone_read_rule(zone->rule, &rule);
    for (; changes && year <= ZONE_LAST_YEAR; year++) add_year(&rows, &rule, year, last);
    free(zone);
    struct zone_rules *rules = ARENA_NEW(arena, struct zone_rules);
    *rules = (struct zone_rules){name, rows.from, rows.offsets, rows.count};
    return rules;
}
