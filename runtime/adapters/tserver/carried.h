/* runtime/adapters/tserver/carried.h - Members of the switch link that strategies read and set as user data: what a
 * switch says of a call beside its numbers, and what a route says to the switch. */
#pragma once

#include <jansson.h>

#include "runtime/vocabulary/kv.h"

/* Returns the user data that an event of the switch brings, and those of its members that count as user data; a new
 * reference. NULL: it brings none. */
json_t *carried_data(const json_t *event);
/* Adds to the arguments of a route what the call's data say to the switch. */
void carried_put(json_t *arguments, struct span data);
