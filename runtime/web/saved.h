/* runtime/web/saved.h - Rows in a file, so that what they say outlives the process: sessions of agents, and what
 * earlier versions have left so.
 *
 * A row is a JSON object on a line of its own, appended when it begins or changes and when it is over; the file is
 * written anew when most of its lines are of no use. It has tokens, so it is its owner's alone; and names of people, so
 * a line of before is overwritten when its row changes or is over. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct gcx_link;
struct gcx_services;
struct saved;

/* The log says how many lines the file has that are no rows, if any, before it is written without them. Calls `each`
 * with every row that is not over; false: it is of no use, and is over. A last line that is cut off is passed over:
 * whoever wrote it has told nobody that it is there. NULL with the reason, which begins with the path. */
struct saved *saved_open(const char *path, struct gcx_link *, const struct gcx_services *,
                         bool (*each)(void *self, const json_t *row), void *self, char *why, size_t why_size);
void saved_close(struct saved *); /* NULL is allowed */
/* Write a new state of the row with this id, or its end. `row` is an object without `id`, whose reference is taken.
 * False with errno: it cannot be written. */
bool saved_put(struct saved *, const char *id, json_t *row);
bool saved_over(struct saved *, const char *id);
