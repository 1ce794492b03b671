/* runtime/sim/viewed.h - What a view of the site shows, as a test expects it. */
#pragma once

#include <jansson.h>

struct core;

/* Returns the column's value of each item that the view shows, in the view's order: a list with none where an item has
 * no value; for the column `count` how many items there are. `whose`: the agent, group or place whose workbin the view
 * shows; NULL: it is of a queue, or of a workbin that is everybody's. A new reference; NULL: there is no such view. */
json_t *viewed_column(const struct core *, const char *view, const char *whose, const char *column);
