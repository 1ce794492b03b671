/* runtime/sources/answer.h - The answer to one query as it grows: typed rows within bounds, or the first failure. */
#pragma once

#include "runtime/sources/source.h"
#include "runtime/vocabulary/kv.h"

struct answer {
    const char *source; /* the source's name, which is in every error text */
    uint32_t rows_max, bytes_max;
    bool secret;          /* true: every column is secret */
    enum outcome outcome; /* ok until a failure */
    enum code code;
    char text[512];
    struct kv rows;
    uint32_t row_count;
    int64_t changed; /* how many rows a statement has changed that reads nothing; -1: it reads */
    char columns[SOURCE_COLUMNS_MAX][64];
    uint32_t column_count;
};

void answer_init(struct answer *, const char *source, uint32_t rows_max, uint32_t bytes_max);
void answer_free(struct answer *);

/* The first failure stays; the rows are forgotten. False, as every refusal is. */
bool answer_fail(struct answer *, enum outcome, enum code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool answer_ok(const struct answer *);

/* A result of a database's library: the number of its columns, and the name of each. */
struct answer_result {
    const void *self;
    int count;
    const char *(*name)(const void *self, int column);
};
/* Finds the demanded columns, once, before the first row: `places` gets their numbers in the result. Returns how many
 * were found. */
size_t answer_columns(struct answer *, const struct source_column *demanded, size_t count, const struct answer_result *,
                      int places[SOURCE_COLUMNS_MAX]);
/* Add a row: begin, its values in the order of the columns, end. False: the answer has failed, and no more rows are
 * wanted. */
bool answer_row_begin(struct answer *);
bool answer_value(struct answer *, const struct source_column *demanded, const char *name,
                  const struct kv_value *found);
/* Fails the answer with `what` was found instead, in words. Returns false. */
bool answer_mismatch(struct answer *, const struct source_column *demanded, const char *name, const char *what);
bool answer_row_end(struct answer *);

/* Sets how many rows the statement has changed, in place of rows. */
void answer_changed(struct answer *, int64_t rows);
/* Writes the event EventDone without source and seq; valid until the writer is used again. */
struct span answer_frame(const struct answer *, struct writer *, uint64_t ixn, uint64_t ref, uint64_t conn);
