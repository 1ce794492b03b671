/* runtime/sources/rows.h - Answers of PostgreSQL to a query: rows one by one, or its refusal. */
#pragma once

#include <libpq-fe.h>

#include "runtime/sources/kind.h"

struct rows {
    struct answer *answer; /* NULL: nobody waits for one */
    int places[SOURCE_COLUMNS_MAX];
    size_t count;
    bool known;  /* the columns were looked for */
    bool enough; /* the first row was all that was asked for, or it has failed */
};

void rows_begin(struct rows *, const struct source_query *);
void rows_free(struct rows *);
/* One row, or the end of them, or of a statement that has none. */
void rows_take(struct rows *, const struct source_query *, const PGresult *);
bool rows_enough(const struct rows *);
void rows_end(struct rows *, struct source_query *); /* answers it */

struct rows_failure {
    enum outcome outcome;
    enum code code;
    bool lost;        /* the connection goes with it */
    bool unavailable; /* the server cannot, whatever the statement */
    bool locked;
    bool cancelled;
    bool forgotten; /* what was prepared is no more, or of another shape */
    char text[384];
};

void rows_failure(const struct source_options *, const PGresult *, struct rows_failure *);
