/* vm/bin_view.c - Reads the views of a site from an image. */
#include "vm/bin_view.h"

#include <string.h>

#include "vm/image_data.h"

const struct bin_column_row bin_columns[BIN_COLUMNS] = {
#define COLUMN(id, word, kind, uses, doc) {word, kind, uses, doc},
#include "vm/bin_columns.def"
};

enum bin_column bin_column_named(const char *word, uint32_t length)
{
    for (unsigned at = 0; at < BIN_COLUMNS; at++)
        if (strlen(bin_columns[at].word) == length && memcmp(bin_columns[at].word, word, length) == 0)
            return (enum bin_column)at;
    return BIN_COLUMNS;
}

uint32_t image_view_tables(const struct image *image)
{
    return image->count[SECTION_TABLES] == 0 ? 0 : image->tables[0];
}

static struct text view_text(const struct image *image, const uint32_t *words)
{
    return image_text(image, (struct image_text){words[0], words[1]});
}

bool image_view_at(const struct image *image, uint32_t table, struct image_view *view)
{
    if (table >= image_view_tables(image)) return false;
    const uint32_t *words = image->tables + image->tables[1 + table];
    if (words[0] != TABLE_VIEW) return false;
    *view = (struct image_view){.name = view_text(image, words + 4),
                                .bin = words[6],
                                .order = view_text(image, words + 7),
                                .columns = words[2],
                                .conditions = words[3],
                                .words = words + 4 + VIEW_HEAD_WORDS};
    return true;
}

bool image_view_find(const struct image *image, const char *name, uint32_t length, struct image_view *view)
{
    for (uint32_t table = 0; table < image_view_tables(image); table++)
        if (image_view_at(image, table, view) && view->name.length == length &&
            memcmp(view->name.bytes, name, length) == 0)
            return true;
    return false;
}

struct text image_view_column(const struct image *image, const struct image_view *view, uint32_t column)
{
    return view_text(image, view->words + VIEW_COLUMN_WORDS * column);
}

struct view_condition image_view_condition(const struct image *image, const struct image_view *view, uint32_t condition)
{
    const uint32_t *words = view->words + VIEW_COLUMN_WORDS * view->columns + VIEW_CONDITION_WORDS * condition;
    return (struct view_condition){.column = view_text(image, words),
                                   .sign = (uint8_t)words[2],
                                   .kind = (uint8_t)(words[2] >> 8),
                                   .text = view_text(image, words + 3),
                                   .number = (int64_t)(words[5] | (uint64_t)words[6] << 32)};
}
