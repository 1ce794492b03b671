/* runtime/records/sink_kind.h - The operations of a sink, and the SQL that databases share. Internal to the room. */
#pragma once

#include "runtime/records/sink.h"
#include "runtime/sql/schema.h"
#include "base/out.h"

struct sink_kind {
    bool (*begin)(void *self, struct sink_position *, struct error *);
    bool (*put)(void *self, const struct record_row *, struct error *);
    bool (*commit)(void *self, const struct sink_position *, struct error *);
    void (*close)(void *self);
    bool tells; /* it takes rows of events.def, too */
};

struct sink *sink_new(const struct sink_kind *, void *self);

struct sink *sink_open_sqlite(const char *target, struct error *);
struct sink *sink_open_postgres(const char *target, struct error *);
struct sink *sink_open_lines(const char *file, struct error *);
struct sink *sink_open_hook(const char *file, struct error *);
/* Writes the row as one JSON object, without an end of the line. */
void sink_line_put(struct out *, int64_t journal, const struct record_row *);

/* Creates the tables and views, or brings those of an earlier version to this one. */
bool records_make(struct sql *, struct error *);
/* Finds the journal's position for sink_begin, or creates one. */
bool sink_position_find(struct sql *, struct sink_position *, struct error *);
/* Moves the journal's position, within a transaction; fails if another writer has moved it (ERROR_STATE). */
bool sink_position_move(struct sql *, const struct sink_position *from, const struct sink_position *to, struct error *);
