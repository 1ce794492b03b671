/* runtime/adapters/tserver/carried.h - Members of the switch's messages that strategies read and set as user data:
 * what a switch reports about a call besides its numbers, and what a route tells the switch. */
#pragma once

#include <jansson.h>

#include "runtime/vocabulary/kv.h"

/* Returns the user data in an event of the switch, with those of its members that count as user data; a new
 * reference. NULL: it brings none. */
json_t *carried_data(const json_t *event);
/* Adds to the arguments of a route those of the call's data that are for the switch. */
void carried_put(json_t *arguments, struct span data);
