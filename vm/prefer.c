/* vm/prefer.c - Reads the order for agents from an image. */
#include "vm/prefer.h"

#include "vm/image_data.h"

_Static_assert(sizeof(struct prefer_row) == 3 * sizeof(uint32_t), "a row is three words of the table");

bool prefer_read(const struct image *image, enum prefer_order *order, const struct prefer_row **rows, uint32_t *count)
{
    uint32_t tables = image->count[SECTION_TABLES] == 0 ? 0 : image->tables[0];
    for (uint32_t table = 0; table < tables; table++) {
        const uint32_t *words = image->tables + image->tables[1 + table];
        if (words[0] != TABLE_PREFER) continue;
        *order = (enum prefer_order)words[3];
        *rows = (const struct prefer_row *)(const void *)(words + 4);
        *count = words[2];
        return true;
    }
    return false;
}
