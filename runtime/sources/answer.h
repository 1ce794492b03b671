/* runtime/sources/answer.h - The answer to one query as it grows: typed rows within bounds, or the first failure. */
#pragma once

#include "runtime/sources/source.h"
#include "runtime/vocabulary/kv.h"

struct answer {
    const char *source; /* the name of the source, which all error texts contain */
    uint32_t rows_max, bytes_max;
    bool secret;          /* true: every column is secret */
    enum outcome outcome; /* ok until a failure */
    enum code code;
    char text[512];
    struct kv rows;
    uint32_t row_count;
    int64_t changed; /* how many rows a statement without a result has changed; -1: it has a result */
    char columns[SOURCE_COLUMNS_MAX][64];
    uint32_t column_count;
};

void answer_init(struct answer *, const char *source, uint32_t rows_max, uint32_t bytes_max);
void answer_free(struct answer *);

/* Sets the first failure of the answer; its rows are dropped. Returns false. */
bool answer_fail(struct answer *, enum outcome, enum code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool answer_ok(const struct answer *);

/* A result from a database library: the number of its columns, and the name of each. */
struct answer_result {
    const void *self;
    int count;
    const char *(*name)(const void *self, int column);
};
/* Finds the wanted columns, once, before the first row: `places` gets their numbers in the result. Returns how many
 * were found. */
size_t answer_columns(struct answer *, const struct source_column *demanded, size_t count, const struct answer_result *,
                      int places[SOURCE_COLUMNS_MAX]);
/* answer_row_begin(), then answer_value() for each column in its order, and answer_row_end() add a row. False: the
 * answer has failed, and no more rows are needed. */
bool answer_row_begin(struct answer *);
bool answer_value(struct answer *, const struct source_column *demanded, const char *name,
                  const struct kv_value *found);
/* Fails the answer because `what` was found instead of the wanted type. Returns false. */
bool answer_mismatch(struct answer *, const struct source_column *demanded, const char *name, const char *what);
bool answer_row_end(struct answer *);

/* Sets how many rows the statement has changed; such an answer has no rows. */
void answer_changed(struct answer *, int64_t rows);
/* Writes the event EventDone without source and seq; valid until the writer is used again. */
struct span answer_frame(const struct answer *, struct writer *, uint64_t ixn, uint64_t ref, uint64_t conn);
