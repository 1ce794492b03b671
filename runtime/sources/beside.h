/* runtime/sources/beside.h - Natives as functions of a SQLite source: called in a second process (natives/serve.h), so
 * that a native that crashes or hangs becomes an exit of the step that asked. */
#pragma once

#include <sqlite3.h>

#include "runtime/sources/kind.h"

struct beside;

/* Makes the object; the process is started later. The options outlive it. */
struct beside *beside_new(const struct source_options *);
void beside_free(struct beside *); /* NULL is allowed; ends the process */

/* Sets the query whose deadline limits the next calls. */
void beside_begin(struct beside *, const struct source_query *);
/* Offers a name that SQL does not know: if the library has a native of that name in small letters, it becomes a
 * function of the connection, which must end before this object. False: the library has no such native, or has
 * failed. */
bool beside_offer(struct beside *, sqlite3 *, const char *name);
/* Has a call failed since beside_begin()? The failure of a call is written to the answer. */
bool beside_failed(const struct beside *, struct answer *);
