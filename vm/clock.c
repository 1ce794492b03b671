/* vm/clock.c - Reads the table of a time zone. */
#include "vm/clock.h"

#include <string.h>

#include "vm/image_data.h"

const uint32_t *clock_zone(const struct image *image, uint64_t number)
{
    const uint32_t *tables = image->tables;
    if (image->count[SECTION_TABLES] == 0 || number >= tables[0] || tables[tables[1 + number]] != TABLE_ZONE)
        return NULL;
    return tables + tables[1 + number];
}

const uint32_t *clock_zone_named(const struct image *image, struct text name)
{
    uint32_t count = image->count[SECTION_TABLES] != 0 ? image->tables[0] : 0;
    for (uint32_t number = 0; number < count; number++) {
        const uint32_t *table = clock_zone(image, number);
        if (!table || table[3] != name.length) continue;
        if (memcmp(clock_zone_name(table).bytes, name.bytes, name.length) == 0) return table;
    }
    return NULL;
}

struct text clock_zone_only(const struct image *image)
{
    uint32_t count = image->count[SECTION_TABLES] != 0 ? image->tables[0] : 0;
    struct text name = {0};
    for (uint32_t number = 0; number < count; number++) {
        const uint32_t *table = clock_zone(image, number);
        if (!table) continue;
        if (name.length > 0) return (struct text){0};
        name = clock_zone_name(table);
    }
    return name;
}

struct text clock_zone_name(const uint32_t *table)
{
    return (struct text){(const char *)(table + 4 + 3 * (size_t)table[2]), table[3]};
}

static int64_t zone_row_at(const uint32_t *row)
{
    return (int64_t)(row[0] | (uint64_t)row[1] << 32);
}

/* Returns the offset; the table's first row applies from the beginning of time. */
int64_t clock_zone_offset(const uint32_t *table, int64_t seconds)
{
    uint32_t low = 0, high = table[2];
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (zone_row_at(table + 4 + 3 * (size_t)middle) <= seconds)
            low = middle;
        else
            high = middle;
    }
    return (int32_t)table[4 + 3 * (size_t)low + 2];
}

bool clock_zone_change_after(const uint32_t *table, int64_t seconds, int64_t *at)
{
    uint32_t low = 0, high = table[2]; /* finds the first row that is later than `seconds` */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zone_row_at(table + 4 + 3 * (size_t)middle) <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < table[2]) *at = zone_row_at(table + 4 + 3 * (size_t)low);
    return low < table[2];
}

int64_t clock_zone_offset_shown(const uint32_t *table, int64_t local)
{
    const int64_t day = 86400;
    int64_t before = clock_zone_offset(table, local - day), after = clock_zone_offset(table, local + day);
    bool later = clock_zone_offset(table, local - before) != before && clock_zone_offset(table, local - after) == after;
    return later ? after : before;
}
