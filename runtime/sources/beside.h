/* runtime/sources/beside.h - Natives as functions of a SQLite source: called in a process beside (natives/serve.h), so
 * that one that crashes or hangs is an exit of the step that asked. */
#pragma once

#include <sqlite3.h>

#include "runtime/sources/kind.h"

struct beside;

/* Starts nothing yet. The options outlive it. */
struct beside *beside_new(const struct source_options *);
void beside_free(struct beside *); /* NULL is allowed; the process ends */

/* The query in whose time calls are made from now on. */
void beside_begin(struct beside *, const struct source_query *);
/* A name that SQL does not know: where the library has it, in small letters, it becomes a function of the connection,
 * which ends before the process. False: it has none, or has failed. */
bool beside_offer(struct beside *, sqlite3 *, const char *name);
/* A call has failed since: the answer says how. False: none has. */
bool beside_failed(const struct beside *, struct answer *);
