/* runtime/core/media/properties.h - RequestUserData with ChangeProperties: a supervisor, or the administration,
 * changes the priority, the due time and the data of an interaction by hand. While a strategy works on it only the
 * priority may be changed: a waiting interaction gets its new place at once, and the strategy continues with that
 * priority. */
#pragma once

#include "runtime/vocabulary/message.h"

struct core;

/* Makes all of the requested changes or none, and replies. The pairs `priority` (int) and `due` (a time) are
 * properties; all other pairs are user data. */
void properties_on_request(struct core *, const struct message *);
