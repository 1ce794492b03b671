/* runtime/sources/rows.h - Answers of PostgreSQL to a query: rows one by one, or its refusal. */
#pragma once

#include <libpq-fe.h>

#include "runtime/sources/kind.h"

struct rows {
    struct answer *answer; /* the answer to which rows are added; NULL: nobody waits for it */
    int places[SOURCE_COLUMNS_MAX];
    size_t count;
    bool known;  /* true: the columns have been looked up */
    bool enough; /* true: only the first row was wanted and is there, or the answer failed */
};

void rows_begin(struct rows *, const struct source_query *);
void rows_free(struct rows *);
/* Takes one result from libpq: a row, the end of the rows, or the end of a statement that has no rows. */
void rows_take(struct rows *, const struct source_query *, const PGresult *);
bool rows_enough(const struct rows *);
void rows_end(struct rows *, struct source_query *); /* answers the query */

struct rows_failure {
    enum outcome outcome;
    enum code code;
    bool lost;        /* the error means that the connection is lost, too */
    bool unavailable; /* the server can run no statement at the moment */
    bool locked;
    bool cancelled;
    bool forgotten; /* the prepared statement is gone, or its columns have changed */
    char text[384];
};

void rows_failure(const struct source_options *, const PGresult *, struct rows_failure *);
