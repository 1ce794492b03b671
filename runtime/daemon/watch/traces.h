/* runtime/daemon/watch/traces.h - Traces of interactions that have ended, appended to a file: an OTLP/JSON
 * ExportTraceServiceRequest per line.
 *
 * Owns the file's descriptor and a timer. The file may be moved away at any time: a new one is then created. On the
 * loop's thread. */
#pragma once

#include <stdint.h>

#include "runtime/daemon/base/log.h"
#include "runtime/daemon/engine/engine.h"
#include "base/error.h"

struct traces;
struct event_base;

struct traces_options {
    struct event_base *base;
    struct engine *engine;
    const struct log *log;
    const char *file;
    uint64_t one_in; /* one in so many interactions is traced, chosen by their ids; 1: all */
};

/* Begins to write traces; NULL with the reason: the file cannot be written. */
struct traces *traces_new(const struct traces_options *, struct error *);
/* Writes the interactions that have ended so far, and frees the struct. */
void traces_free(struct traces *);

uint64_t traces_written(const struct traces *); /* number of interactions written; a NULL argument: 0 */
/* number of interactions that the core forgot before they were written, or that could not be written */
uint64_t traces_lost(const struct traces *);
