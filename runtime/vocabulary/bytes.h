/* runtime/vocabulary/bytes.h - The basic reading and writing of the codec: varints, four and eight bytes, bounded
 * reading, UTF-8.
 *
 * Varints are little-endian groups of seven bits; only the shortest form is allowed. A `struct reader` borrows its
 * bytes, never reads past their end, and sets `bad` after a mistake. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

enum { VARINT_MAX = 10 };

struct reader {
    const uint8_t *bytes;
    size_t length, at;
    bool bad;
};

uint8_t reader_byte(struct reader *);
uint64_t reader_varint(struct reader *);
uint64_t reader_eight(struct reader *);
struct span reader_bytes(struct reader *); /* reads a length as a varint, and that number of bytes */

/* Writes a varint of at most VARINT_MAX bytes to `out`; returns its length. */
size_t bytes_put_varint(uint8_t *out, uint64_t word);
/* Writes the varint `length` before the `length` bytes at `bytes`, which are moved; the buffer has room for
 * VARINT_MAX more bytes. */
size_t bytes_insert_varint(uint8_t *bytes, size_t length);
void bytes_put_four(uint8_t *out, uint32_t word);
uint32_t bytes_get_four(const uint8_t *);
void bytes_put_eight(uint8_t *out, uint64_t word);
uint64_t bytes_get_eight(const uint8_t *);

static inline uint64_t bytes_zigzag(int64_t word)
{
    return ((uint64_t)word << 1) ^ (uint64_t)(word >> 63);
}
static inline int64_t bytes_unzigzag(uint64_t word)
{
    return (int64_t)(word >> 1) ^ -(int64_t)(word & 1);
}

/* Makes room for `more` bytes after `length`, and returns where to write them. */
uint8_t *bytes_room(uint8_t **bytes, size_t *capacity, size_t length, size_t more);

/* True: the text is well-formed UTF-8 (RFC 3629: shortest form, no surrogates), and without U+0000, which no peer's
 * text contains and at which many programs would cut it. */
bool bytes_are_utf8(struct span);
/* Writes a `?` in place of each byte that is no UTF-8, for texts that were cut or come from outside and are only
 * read by people. */
void bytes_clean_utf8(char *text);

/* Checks a list like kv_check, with another limit: results may be longer than user data. */
bool kv_check_within(struct span list, uint32_t bytes, struct error *);

/* Copies a text into a field of `size` bytes; false, and empty, if it is too long. */
int text_set(char *field, size_t size, const char *text);
int text_set_span(char *field, size_t size, struct span);
