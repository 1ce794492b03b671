/* vm/keep.c - Implements keepers: a buffer for writing, a cursor for reading.
 *
 * Each type has one function that both writes and reads a value: field = keep_u32(keeper, field). So writing and
 * reading cannot differ, and a new field is one line, with keep_has() if older versions do not have it.
 *
 *      numbers     seven bits per byte, the lowest first, at most ten bytes; signed ones zigzag before that
 *      bytes       their count, then they
 *      lists       their count, which may not exceed the bytes that are left
 *
 * Reading trusts nothing. The first fault is kept, the remaining bytes are dropped, and every later value read is 0:
 * a caller asks once, at the end, whether all was good, and its loops end because counts are 0. */
#include "vm/keep.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/memory.h"

enum { PIECE = 64 * 1024, NUMBER_MAX = 10 };

struct keeper {
    void *self;
    /* Writing: */
    keep_write *write; /* NULL: it reads */
    uint8_t *piece;
    size_t filled;
    /* Reading: */
    keep_read *read;         /* NULL: all bytes to read are in memory */
    const uint8_t *at, *end; /* of the piece */
    uint64_t behind;         /* bytes in the pieces after this one */
    uint8_t *joined;         /* buffer in which keep_bytes joins parts of two pieces */
    uint32_t version;

    struct error error; /* without a code: no fault so far */
};

struct keeper *keep_begin_write(keep_write *write, void *self)
{
    assert(write);
    struct keeper *keeper = memory_new(sizeof *keeper);
    keeper->write = write;
    keeper->self = self;
    keeper->piece = memory_new(PIECE);
    return keeper;
}

struct keeper *keep_begin_read(const void *bytes, size_t length)
{
    struct keeper *keeper = memory_new(sizeof *keeper);
    keeper->at = bytes;
    keeper->end = keeper->at + length;
    return keeper;
}

struct keeper *keep_begin_read_from(keep_read *read, void *self, uint64_t length)
{
    assert(read);
    struct keeper *keeper = memory_new(sizeof *keeper);
    keeper->read = read;
    keeper->self = self;
    keeper->behind = length;
    return keeper;
}

void keep_set_version(struct keeper *keeper, uint32_t version)
{
    assert(!keeper->write); /* while writing, everything has the newest format */
    keeper->version = version;
}

/* Passes the piece on; after a fault nothing more is written, but the piece is emptied, so that the writer can
 * continue without checks. */
static void hand_on(struct keeper *keeper)
{
    if (keeper->filled > 0 && keep_good(keeper) && !keeper->write(keeper->self, keeper->piece, keeper->filled))
        keep_fail(keeper, "it cannot be written");
    keeper->filled = 0;
}

uint64_t keep_left(const struct keeper *keeper)
{
    return (uint64_t)(keeper->end - keeper->at) + keeper->behind;
}

bool keep_finish(struct keeper *keeper, struct error *error)
{
    if (keeper->write)
        hand_on(keeper);
    else if (keep_left(keeper) > 0)
        keep_fail(keeper, "more follows than belongs to it");
    bool good = keep_good(keeper);
    if (!good && error) *error = keeper->error;
    free(keeper->piece);
    free(keeper->joined);
    free(keeper);
    return good;
}

bool keep_reading(const struct keeper *keeper)
{
    return !keeper->write;
}

bool keep_good(const struct keeper *keeper)
{
    return keeper->error.code == ERROR_NONE;
}

static void keeper_fail(struct keeper *keeper, enum error_code code, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void keeper_fail(struct keeper *keeper, enum error_code code, const char *format, va_list arguments)
{
    if (keep_good(keeper)) {
        keeper->error.code = code;
        vsnprintf(keeper->error.text, sizeof keeper->error.text, format, arguments);
    }
    keeper->at = keeper->end;
    keeper->behind = 0;
}

/* Notes a fault; only the first one is reported. Reading has no bytes left after that, so the caller's loops end. */
void keep_fail(struct keeper *keeper, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keeper_fail(keeper, ERROR_INPUT, format, arguments);
    va_end(arguments);
}

void keep_fail_as(struct keeper *keeper, enum error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keeper_fail(keeper, code, format, arguments);
    va_end(arguments);
}

bool keep_has(const struct keeper *keeper, uint32_t version)
{
    return keeper->write || keeper->version >= version;
}

static void keeper_put(struct keeper *keeper, const void *bytes, size_t length)
{
    const uint8_t *from = bytes;
    while (length > 0) {
        size_t now = length < PIECE - keeper->filled ? length : PIECE - keeper->filled;
        memcpy(keeper->piece + keeper->filled, from, now);
        keeper->filled += now;
        from += now;
        length -= now;
        if (keeper->filled == PIECE) hand_on(keeper);
    }
}

/* Takes the next piece of the bytes when one has been read. False: there is none. */
static bool keeper_take_piece(struct keeper *keeper)
{
    size_t length = 0;
    assert(keeper->at == keeper->end);
    if (keeper->behind == 0) return false;
    const uint8_t *piece = keeper->read(keeper->self, &length);
    if (!piece || length == 0 || length > keeper->behind) {
        keep_fail(keeper, "it is cut off");
        return false;
    }
    keeper->at = piece;
    keeper->end = piece + length;
    keeper->behind -= length;
    return true;
}

static void keeper_get(struct keeper *keeper, void *bytes, size_t length)
{
    uint8_t *to = bytes;
    while (length > 0) {
        if (keeper->at == keeper->end && !keeper_take_piece(keeper)) {
            keep_fail(keeper, "it is cut off");
            memset(to, 0, length);
            return;
        }
        size_t there = (size_t)(keeper->end - keeper->at), now = length < there ? length : there;
        memcpy(to, keeper->at, now);
        keeper->at += now;
        to += now;
        length -= now;
    }
}

void keep_raw(struct keeper *keeper, void *bytes, size_t length)
{
    if (keeper->write)
        keeper_put(keeper, bytes, length);
    else
        keeper_get(keeper, bytes, length);
}

/* Writes a number: 300 = 0b10_0101100 is written as 0xac 0x02. A number is never divided between two pieces. */
static void keeper_write_number(struct keeper *keeper, uint64_t value)
{
    if (PIECE - keeper->filled < NUMBER_MAX) hand_on(keeper);
    uint8_t *bytes = keeper->piece + keeper->filled;
    size_t length = 0;
    for (; value > 127; value >>= 7) bytes[length++] = (uint8_t)(value | 128);
    bytes[length++] = (uint8_t)value;
    keeper->filled += length;
}

/* Reads a number, seven bits per byte, lowest first; the tenth byte has only one bit. */
static uint64_t keeper_read_number(struct keeper *keeper)
{
    if (keeper->at < keeper->end && *keeper->at < 128) return *keeper->at++; /* most are small */
    uint64_t value = 0;
    for (unsigned shift = 0; (keeper->at < keeper->end || keeper_take_piece(keeper)) && shift < 64; shift += 7) {
        uint8_t byte = *keeper->at++;
        if (shift == 63 && byte > 1) break;
        value |= (uint64_t)(byte & 127u) << shift;
        if (byte < 128) return value;
    }
    keep_fail(keeper, "a number is cut off or too large");
    return 0;
}

/* Writes or reads a number of at most `max`. */
static uint64_t keeper_number(struct keeper *keeper, uint64_t value, uint64_t max)
{
    if (keeper->write) {
        assert(value <= max);
        keeper_write_number(keeper, value);
        return value;
    }
    uint64_t read = keeper_read_number(keeper);
    if (read <= max) return read;
    keep_fail(keeper, "a number is too large");
    return 0;
}

bool keep_bool(struct keeper *keeper, bool value)
{
    return keeper_number(keeper, value, 1) != 0;
}

uint8_t keep_u8(struct keeper *keeper, uint8_t value)
{
    keep_raw(keeper, &value, 1);
    return value;
}

uint16_t keep_u16(struct keeper *keeper, uint16_t value)
{
    return (uint16_t)keeper_number(keeper, value, UINT16_MAX);
}

uint32_t keep_u32(struct keeper *keeper, uint32_t value)
{
    return (uint32_t)keeper_number(keeper, value, UINT32_MAX);
}

uint64_t keep_u64(struct keeper *keeper, uint64_t value)
{
    return keeper_number(keeper, value, UINT64_MAX);
}

/* The numbers 0, -1, 1, -2 are written as 0, 1, 2, 3, so that small numbers are short whatever their sign. This is
 * computed with unsigned words, because shifting a negative number is not portable. */
int64_t keep_i64(struct keeper *keeper, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    uint64_t folded = keep_u64(keeper, bits << 1 ^ (0 - (bits >> 63)));
    bits = folded >> 1 ^ (0 - (folded & 1));
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t keep_bits(struct keeper *keeper, uint32_t value, unsigned bits)
{
    assert(bits >= 1 && bits <= 32);
    return (uint32_t)keeper_number(keeper, value, UINT32_MAX >> (32 - bits));
}

/* Writes or reads the number of a row in a table with `limit` rows, or `none`. A fault while reading gives `none`. */
uint32_t keep_index(struct keeper *keeper, uint32_t value, uint32_t limit, uint32_t none)
{
    value = keep_u32(keeper, value);
    if (!keep_good(keeper)) return none;
    if (value < limit || value == none) return value;
    assert(!keeper->write);
    keep_fail(keeper, "it names a row that is not there");
    return none;
}

/* Writes or reads a count; each element takes at least one byte. So a count above the number of bytes left is a
 * fault, and no damaged count makes the reader allocate much memory. */
uint32_t keep_count(struct keeper *keeper, uint32_t count, uint32_t max)
{
    count = (uint32_t)keeper_number(keeper, count, max);
    if (keeper->write || count <= keep_left(keeper)) return count;
    keep_fail(keeper, "it is cut off");
    return 0;
}

/* Writes or reads bytes; while reading, `*bytes` is borrowed: from the piece, or from `joined` if they extend into
 * the next piece. They are valid until the next call with this keeper. */
void keep_bytes(struct keeper *keeper, const uint8_t **bytes, uint32_t *length, uint32_t max)
{
    *length = keep_count(keeper, keeper->write ? *length : 0, max);
    if (keeper->write) {
        keeper_put(keeper, *bytes, *length);
        return;
    }
    if (*length > (size_t)(keeper->end - keeper->at)) {
        keeper->joined = memory_resize(keeper->joined, *length);
        keeper_get(keeper, keeper->joined, *length);
        if (!keep_good(keeper)) *length = 0;
        *bytes = keeper->joined;
        return;
    }
    *bytes = keeper->at;
    keeper->at += *length;
}

/* As keep_bytes(), but the caller owns the bytes: earlier ones are freed while reading. */
uint8_t *keep_owned(struct keeper *keeper, uint8_t *bytes, uint32_t *length, uint32_t max)
{
    const uint8_t *from = bytes;
    keep_bytes(keeper, &from, length, max);
    if (keeper->write) return bytes;
    free(bytes);
    if (*length == 0) return NULL;
    bytes = memory_new(*length);
    memcpy(bytes, from, *length);
    return bytes;
}

void keep_same(struct keeper *keeper, uint64_t value, const char *reason)
{
    if (keep_u64(keeper, value) != value) keep_fail(keeper, "%s", reason);
}

/* While reading, the returned rows are zero; the caller then reads each of them. */
void *keep_rows(struct keeper *keeper, void *rows, uint32_t *count, uint32_t *capacity, uint32_t max, size_t size)
{
    *count = keep_count(keeper, *count, max);
    if (keeper->write) return rows;
    free(rows);
    *capacity = *count;
    return *count == 0 ? NULL : memory_new(*count * size);
}
