/* runtime/adapters/desk/chosen.h - What people have chosen of the console: of a table its columns, order and filters,
 * and the telephone at which they listen. One JSON value per person and name, bounded: beyond CHOSEN_NAMES_MAX the one
 * that was set longest ago goes.
 *
 * The rows are kept in the file of the setting `state` (web/saved.h); without it they end with the process. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct desk;

enum { CHOSEN_NAMES_MAX = 64, CHOSEN_BYTES_MAX = 4096 };

/* Returns all values of the person, by name; the caller owns the reference. */
json_t *chosen_of(const struct desk *, const char *person);
/* False: the value is too long. */
bool chosen_set(struct desk *, const char *person, const char *name, json_t *value);
/* Takes a row of the file. False: its user is gone. */
bool chosen_restore(struct desk *, const json_t *row);
