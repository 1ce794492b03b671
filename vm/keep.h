/* vm/keep.h - State written as bytes and read back: one function per thing does both.
 *
 * A keeper either writes or reads. Each keep_ function of a value gets the value as it is and returns it as it is to
 * be: while writing that is the same value, while reading it is the value that was written. So one list of fields
 * serves both directions, and the two cannot differ:
 *
 *     row->agent = keep_u32(keeper, row->agent);
 *
 * Bytes that are read may come from anybody. A keeper that meets something wrong fails: it keeps the first reason, and
 * from then on every value that it reads is 0 and every count is 0, so loops end and the caller needs to ask once, at
 * the end. Counts are held against the bytes that are left. Numbers that name a row are to be read with keep_index.
 *
 * The bytes: whole numbers in groups of seven bits, the lowest first (signed ones zigzag), texts as length and bytes.
 * They are the same on every machine. Written bytes are handed on in pieces, and read bytes come in pieces. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct keeper;

/* Takes the next piece of what is written. False: it could not; the keeper has failed then. */
typedef bool keep_write(void *self, const void *bytes, size_t length);

/* Gives the next piece of what is read, which stays as it is until the next call. NULL: there is none, whatever was
 * promised; the keeper fails then. */
typedef const uint8_t *keep_read(void *self, size_t *length);

/* Writes; the bytes reach `write` by keep_finish at the latest. */
struct keeper *keep_begin_write(keep_write *write, void *self);
/* Reads these bytes, which are borrowed. */
struct keeper *keep_begin_read(const void *bytes, size_t length);
/* Reads so many bytes, which come in pieces. */
struct keeper *keep_begin_read_from(keep_read *read, void *self, uint64_t length);
/* The version of the format that is read, for keep_has; 0 until it is known. */
void keep_set_version(struct keeper *, uint32_t version);
/* Hands on what is left and frees the keeper. False: it has failed; a reader that has bytes left has, too. */
bool keep_finish(struct keeper *, struct error *);

bool keep_reading(const struct keeper *);
bool keep_good(const struct keeper *);     /* nothing has been wrong so far */
uint64_t keep_left(const struct keeper *); /* so many bytes are not read yet */
/* It fails for this reason; only the first one counts. */
void keep_fail(struct keeper *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Likewise, with another code than ERROR_INPUT. */
void keep_fail_as(struct keeper *, enum error_code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* True: what came with that version of the format is there. Always, while writing. */
bool keep_has(const struct keeper *, uint32_t version);

/* Values: in and out, as above. */
bool keep_bool(struct keeper *, bool);
uint8_t keep_u8(struct keeper *, uint8_t);
uint16_t keep_u16(struct keeper *, uint16_t);
uint32_t keep_u32(struct keeper *, uint32_t);
uint64_t keep_u64(struct keeper *, uint64_t);
int64_t keep_i64(struct keeper *, int64_t);
/* A value of at most `bits` bits (1 to 32), for fields of fewer bits; a larger one fails. */
uint32_t keep_bits(struct keeper *, uint32_t, unsigned bits);
/* The number of a row: below `limit`, or `none`, which stands for no row. Another one fails, and `none` comes back. */
uint32_t keep_index(struct keeper *, uint32_t, uint32_t limit, uint32_t none);
/* How many rows follow. While reading: at most `max`, and no more than there are bytes left. */
uint32_t keep_count(struct keeper *, uint32_t, uint32_t max);
/* So many bytes at that place, as they are. */
void keep_raw(struct keeper *, void *bytes, size_t length);
/* Bytes of any length. While writing: those; while reading: `*bytes` are good until the next value is read, `*length`
 * is at most `max`. */
void keep_bytes(struct keeper *, const uint8_t **bytes, uint32_t *length, uint32_t max);
/* Bytes that a row owns, for free(). While reading: a copy of its own; NULL if there are none. */
uint8_t *keep_owned(struct keeper *, uint8_t *bytes, uint32_t *length, uint32_t max);
/* A number that must be the same when it is read: the begin of a section, the size of a table that is compiled in. */
void keep_same(struct keeper *, uint64_t, const char *reason);

/* An array of rows, as memory_grow has them. While reading it becomes an array of its own of exactly so many rows, all
 * zero, for free(); the caller then keeps the fields of each. `max`: as keep_count. */
void *keep_rows(struct keeper *, void *rows, uint32_t *count, uint32_t *capacity, uint32_t max, size_t size);
