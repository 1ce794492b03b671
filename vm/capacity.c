/* vm/capacity.c - Reads rules of capacity from an image. */
#include "vm/capacity.h"

#include "vm/image_data.h"

uint32_t capacity_word(struct capacity_row row)
{
    return (uint32_t)row.what << 24 | (uint32_t)row.medium << 16 | (uint32_t)row.number << 8;
}

struct capacity_row capacity_row_of(uint32_t word)
{
    return (struct capacity_row){(enum capacity_what)(word >> 24), (uint8_t)(word >> 16), (uint8_t)(word >> 8)};
}

uint32_t capacity_table_count(const struct image *image)
{
    return image->count[SECTION_TABLES] == 0 ? 0 : image->tables[0];
}

/* Applies a row to the rule: two media of which one blocks the other cannot be combined. A medium that interrupts
 * another one excludes it, but is not excluded by it. */
static void capacity_apply(struct capacity_rule *rule, struct capacity_row row)
{
    struct media_set *shuts = &rule->shuts[row.medium];
    switch (row.what) {
    case CAPACITY_TAKES:
        rule->most[row.medium] = row.number;
        break;
    case CAPACITY_BLOCKS:
        *shuts = media_set_with(*shuts, row.number, true);
        rule->shuts[row.number] = media_set_with(rule->shuts[row.number], row.medium, true);
        break;
    case CAPACITY_INTERRUPTS:
        *shuts = media_set_with(*shuts, row.number, true);
        rule->shuts[row.number] = media_set_with(rule->shuts[row.number], row.medium, false);
        break;
    case CAPACITY_WHATS:
        break;
    }
}

bool capacity_rule_read(const struct image *image, uint32_t table, struct text *name, struct capacity_rule *rule)
{
    if (table >= capacity_table_count(image)) return false;
    const uint32_t *words = image->tables + image->tables[1 + table];
    if (words[0] != TABLE_CAPACITY) return false;
    *rule = (struct capacity_rule){0};
    *name = (struct text){(const char *)(words + 4 + words[2]), words[3]};
    for (uint32_t at = 0; at < words[2]; at++) capacity_apply(rule, capacity_row_of(words[4 + at]));
    return true;
}
