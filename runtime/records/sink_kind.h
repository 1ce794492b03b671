/* runtime/records/sink_kind.h - What a sink is made of, and the SQL that databases share. Internal to the room. */
#ifndef RECORDS_SINK_KIND_H
#define RECORDS_SINK_KIND_H

#include "runtime/records/sink.h"

struct sink_kind {
    bool (*begin)(void *self, struct position *, struct error *);
    bool (*put)(void *self, const struct record_row *, struct error *);
    bool (*commit)(void *self, const struct position *, struct error *);
    void (*close)(void *self);
};

struct sink *sink_new(const struct sink_kind *, void *self);

struct sink *sink_open_sqlite(const char *file, struct error *);
struct sink *sink_open_postgres(const char *conninfo, struct error *);
struct sink *sink_open_lines(const char *file, struct error *);

/* A database, as the schema and the positions need it. */
struct database {
    void *self;
    bool (*run)(void *self, const char *sql, struct error *);
    /* The first column of the first row as text; false with `error` empty (ERROR_NONE): there is no row. */
    bool (*ask)(void *self, const char *sql, char *answer, size_t size, struct error *);
    const char *types[COLUMN_TYPES];
    const char *has_table, *has_column; /* queries with %s for the table, and for the column */
};

/* Makes the tables and views, or brings those of an earlier version up to this one, in one transaction. */
bool schema_make(const struct database *, struct error *);
/* sink_begin: finds the journal's position, or makes one. */
bool position_find(const struct database *, struct position *, struct error *);

/* A value that is not null as a database reads it. */
void value_text(struct out *, const struct record_value *);

#endif
