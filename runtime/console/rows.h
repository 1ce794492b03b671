/* runtime/console/rows.h - Rows of gcxvm that are read again and again, and what has changed since the last reading.
 *
 *     rows_page() for each page of a reading   ->  rows_read()  ->  rows_changes(): { "rows": [...], "gone": [...] }
 *
 * A row is known by one member of it, a text. Members that are null, false or empty are left out of a row, since each
 * page knows them by their absence. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct rows;

struct rows *rows_new(const char *key); /* `key` lives as long as the rows */
void rows_free(struct rows *);
/* Takes over the rows of one page; what is no object, or has no key, is left out. `page` is borrowed. */
void rows_page(struct rows *, const json_t *page);
void rows_read(struct rows *); /* the reading is whole: rows that it did not have are gone */
bool rows_changed(const struct rows *);
json_t *rows_changes(struct rows *);     /* what has changed since it was asked last; the caller owns it */
json_t *rows_whole(const struct rows *); /* all rows in the same form; the caller owns it */
