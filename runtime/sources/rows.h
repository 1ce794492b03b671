/* runtime/sources/rows.h - Answers of PostgreSQL to a query: rows one by one, or its refusal. */
#pragma once

#include <libpq-fe.h>

#include "runtime/sources/kind.h"

struct rows {
    struct answer *answer; /* the answer that grows; NULL: nobody waits for it */
    int places[SOURCE_COLUMNS_MAX];
    size_t count;
    bool known;  /* true: the columns were looked for */
    bool enough; /* true: the first row was all that was wanted, or the answer has failed */
};

void rows_begin(struct rows *, const struct source_query *);
void rows_free(struct rows *);
/* Takes a result: one row, the end of the rows, or the end of a statement that has no rows. */
void rows_take(struct rows *, const struct source_query *, const PGresult *);
bool rows_enough(const struct rows *);
void rows_end(struct rows *, struct source_query *); /* answers the query */

struct rows_failure {
    enum outcome outcome;
    enum code code;
    bool lost;        /* the connection is lost, too */
    bool unavailable; /* the server can run no statement now */
    bool locked;
    bool cancelled;
    bool forgotten; /* the prepared statement is gone, or its columns have changed */
    char text[384];
};

void rows_failure(const struct source_options *, const PGresult *, struct rows_failure *);
