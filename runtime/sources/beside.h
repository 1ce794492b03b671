/* runtime/sources/beside.h - Natives as functions of a SQLite source: called in a process beside (natives/serve.h), so
 * that one that crashes or hangs is an exit of the step that asked. */
#ifndef SOURCES_BESIDE_H
#define SOURCES_BESIDE_H

#include <sqlite3.h>

#include "runtime/sources/kind.h"

struct beside;

/* Starts nothing yet. The options outlive it. */
struct beside *beside_new(const struct source_options *);
void beside_free(struct beside *); /* NULL is allowed; the process ends */

/* The query in whose time calls are made from now on. Functions of the library that its text names are made known to
 * the connection. False: the answer has failed. */
bool beside_begin(struct beside *, sqlite3 *, const struct source_query *, struct answer *);
/* A call has failed since: the answer says how. False: none has. */
bool beside_failed(const struct beside *, struct answer *);
void beside_forget(struct beside *); /* the connection is closed: its functions are gone */

#endif
