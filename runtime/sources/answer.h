/* runtime/sources/answer.h - The answer to one query as it grows: typed rows within bounds, or the first failure. */
#pragma once

#include "runtime/sources/source.h"
#include "runtime/vocabulary/kv.h"

struct answer {
    const char *source; /* named in every text */
    uint32_t rows_max, bytes_max;
    bool secret;          /* every column */
    enum outcome outcome; /* ok until a failure */
    enum code code;
    char text[512];
    struct kv rows;
    uint32_t row_count;
    int64_t changed; /* rows, by a statement that reads nothing: -1: it reads */
    char columns[SOURCE_COLUMNS_MAX][64];
    uint32_t column_count;
};

void answer_init(struct answer *, const char *source, uint32_t rows_max, uint32_t bytes_max);
void answer_free(struct answer *);

/* The first failure stays; the rows are forgotten. False, as every refusal is. */
bool answer_fail(struct answer *, enum outcome, enum code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool answer_ok(const struct answer *);

/* A result as its database's library has it: the number of its columns, and the name of each. */
struct answer_result {
    const void *self;
    int count;
    const char *(*name)(const void *self, int column);
};
/* Finds the demanded columns, once, before the first row: `places` are theirs in the result. Returns how many were. */
size_t answer_columns(struct answer *, const struct source_column *demanded, size_t count, const struct answer_result *,
                      int places[SOURCE_COLUMNS_MAX]);
/* A row: begin, its values in the order of the columns, end. False where the answer has failed: stop. */
bool answer_row_begin(struct answer *);
bool answer_value(struct answer *, const struct source_column *demanded, const char *name,
                  const struct kv_value *found);
/* Fails with what was found instead, in words. False. */
bool answer_mismatch(struct answer *, const struct source_column *demanded, const char *name, const char *what);
bool answer_row_end(struct answer *);

/* In place of rows. */
void answer_changed(struct answer *, int64_t rows);
/* The event, without source and seq; valid until the writer is used again. */
struct span answer_frame(const struct answer *, struct writer *, uint64_t ixn, uint64_t ref, uint64_t conn);
