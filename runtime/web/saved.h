/* runtime/web/saved.h - Rows in a file, so that their data survive a restart of the process: sessions of agents, and
 * rows that earlier versions saved.
 *
 * A row is a JSON object on a line of its own, appended when the row begins, changes or is over; the file is
 * rewritten when most of its lines are obsolete. Only the file's owner can read it, since it contains tokens; it
 * also contains names of people, so the old line is overwritten when its row changes or is over. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct gcx_link;
struct gcx_services;
struct saved;

/* Opens the file; how many lines are no rows is logged before the file is rewritten without these. Calls `each` with
 * every row that is not over; if it returns false, the row is obsolete and is ended. An incomplete last line is
 * ignored: the process that wrote it has not reported it to anybody yet. NULL with the reason, which begins with the
 * path. */
struct saved *saved_open(const char *path, struct gcx_link *, const struct gcx_services *,
                         bool (*each)(void *self, const json_t *row), void *self, char *why, size_t why_size);
void saved_close(struct saved *); /* NULL is allowed */
/* Write a new state of the row with this id, or that it is over. `row` is an object without `id`, whose reference
 * passes to this function. False with errno: it cannot be written. */
bool saved_put(struct saved *, const char *id, json_t *row);
bool saved_over(struct saved *, const char *id);
