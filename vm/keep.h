/* vm/keep.h - Writes state as bytes and reads it back: one function per struct does both.
 *
 * A keeper either writes or reads. Each keep_ function of a value takes the present value and returns the new one:
 * while writing the same value, while reading the one that was written. So one list of fields is used in both
 * directions, and the two cannot differ:
 *
 *     row->agent = keep_u32(keeper, row->agent);
 *
 * Bytes that are read are not trusted. A keeper that finds a fault fails: it keeps the first reason, and from then
 * on every value that it reads is 0 and every count is 0, so loops end and the caller only needs to ask once, at the
 * end. Counts are checked against the number of bytes left. Read the number of a row with keep_index.
 *
 * The format: whole numbers in groups of seven bits, lowest first (signed ones zigzag), texts as length and bytes.
 * The format is the same on every machine. Written bytes are passed on in pieces, and bytes to read come in pieces. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct keeper;

/* Takes the next piece of written bytes. False: that failed; then the keeper has failed. */
typedef bool keep_write(void *self, const void *bytes, size_t length);

/* Returns the next piece to read, which must not change until the next call. NULL: there is none, although bytes are
 * missing; then the keeper fails. */
typedef const uint8_t *keep_read(void *self, size_t *length);

/* Begins to write; all bytes have been passed to `write` when keep_finish returns. */
struct keeper *keep_begin_write(keep_write *write, void *self);
/* Begins to read the given bytes, which are borrowed. */
struct keeper *keep_begin_read(const void *bytes, size_t length);
/* Begins to read so many bytes, which come in pieces. */
struct keeper *keep_begin_read_from(keep_read *read, void *self, uint64_t length);
/* Sets the version of the format being read, for keep_has; 0 until then. */
void keep_set_version(struct keeper *, uint32_t version);
/* Passes on the remaining bytes and frees the keeper. False: it has failed; a reader with bytes left counts as
 * failed, too. */
bool keep_finish(struct keeper *, struct error *);

bool keep_reading(const struct keeper *);
bool keep_good(const struct keeper *);     /* no fault so far */
uint64_t keep_left(const struct keeper *); /* how many bytes have not been read */
/* Makes the keeper fail for the given reason; only the first reason is kept. */
void keep_fail(struct keeper *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As keep_fail(), with another code than ERROR_INPUT. */
void keep_fail_as(struct keeper *, enum error_code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* True: the format being read is of the given version or newer. Always, while writing. */
bool keep_has(const struct keeper *, uint32_t version);

/* The functions for values: each takes the present value and returns the new one. */
bool keep_bool(struct keeper *, bool);
uint8_t keep_u8(struct keeper *, uint8_t);
uint16_t keep_u16(struct keeper *, uint16_t);
uint32_t keep_u32(struct keeper *, uint32_t);
uint64_t keep_u64(struct keeper *, uint64_t);
int64_t keep_i64(struct keeper *, int64_t);
/* A value of at most `bits` bits (1 to 32), for narrower fields; a larger one is a fault. */
uint32_t keep_bits(struct keeper *, uint32_t, unsigned bits);
/* The number of a row: below `limit`, or `none`, which means no row. Any other number is a fault, and `none` is
 * returned. */
uint32_t keep_index(struct keeper *, uint32_t, uint32_t limit, uint32_t none);
/* How many rows follow. A count; while reading, one above `max` or above the number of bytes left is a fault. */
uint32_t keep_count(struct keeper *, uint32_t, uint32_t max);
/* Writes or reads so many bytes at the given address, unchanged. */
void keep_raw(struct keeper *, void *bytes, size_t length);
/* Bytes of any length. While writing, `*bytes` are written; while reading, `*bytes` is valid until the next value is
 * read, and `*length` is at most `max`. */
void keep_bytes(struct keeper *, const uint8_t **bytes, uint32_t *length, uint32_t max);
/* Bytes that a row owns, allocated for free(). While reading, a new copy is returned; NULL: there are none. */
uint8_t *keep_owned(struct keeper *, uint8_t *bytes, uint32_t *length, uint32_t max);
/* A number that must be the same when it is read: the mark at a section's begin, or the size of a compiled table. */
void keep_same(struct keeper *, uint64_t, const char *reason);

/* An array of rows, as memory_grow allocates it. While reading it returns a new array of exactly so many rows, all
 * zero, for free(); the caller then keeps the fields of each. `max`: as keep_count. */
void *keep_rows(struct keeper *, void *rows, uint32_t *count, uint32_t *capacity, uint32_t max, size_t size);
