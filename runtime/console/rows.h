/* runtime/console/rows.h - Rows of gcxvm that are read again and again, and what has changed since the last reading.
 *
 *     console_rows_page() for each page of a reading   ->  console_rows_read()  ->  console_rows_changes(): { "rows":
 * [...], "gone": [...] }
 *
 * A row is known by one member of it, a text. Members that are null, false or empty are left out of a row, since each
 * page knows them by their absence. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct live_rows;

struct live_rows *console_rows_new(const char *key); /* `key` lives as long as the rows */
void console_rows_free(struct live_rows *);
/* Takes over the rows of one page; what is no object, or has no key, is left out. `page` is borrowed. */
void console_rows_page(struct live_rows *, const json_t *page);
void console_rows_read(struct live_rows *); /* the reading is whole: rows that it did not have are gone */
bool console_rows_changed(const struct live_rows *);
json_t *console_rows_changes(struct live_rows *);     /* what has changed since it was asked last; the caller owns it */
json_t *console_rows_whole(const struct live_rows *); /* all rows in the same form; the caller owns it */
