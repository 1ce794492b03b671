/* runtime/vocabulary/bytes.c - Varints, bounded reading, UTF-8, texts in fields of a fixed
 * size.
 *
 *     varint: 7 bits a byte, lowest first, the upper bit says that more follow
 *             1 = 01    300 = ac 02    a longer form of the same number is refused
 *
 * A reader never reads beyond its length. The first error sets `bad`, and every later read returns 0 or nothing, so
 * callers read a whole message and check once at the end. Numbers of fixed size are written little endian on every
 * machine. */
#include "runtime/vocabulary/bytes.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

uint8_t reader_byte(struct reader *reader)
{
    if (reader->bad || reader->at >= reader->length) {
        reader->bad = true;
        return 0;
    }
    return reader->bytes[reader->at++];
}

/* The tenth byte of a varint has only one of the number's 64 bits. A last byte of 0 would be a second form of the
 * same number, and two forms would have two hashes: it is refused. */
uint64_t reader_varint(struct reader *reader)
{
    if (!reader->bad && reader->at < reader->length && reader->bytes[reader->at] < 0x80)
        return reader->bytes[reader->at++]; /* as nearly all are */
    uint64_t word = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = reader_byte(reader);
        if (reader->bad) return 0;
        if (shift == 63 && byte > 1) break;
        word |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80) continue;
        if (byte == 0 && shift > 0) break; /* not the shortest form */
        return word;
    }
    reader->bad = true;
    return 0;
}

uint64_t reader_eight(struct reader *reader)
{
    if (reader->bad || reader->length - reader->at < 8) {
        reader->bad = true;
        return 0;
    }
    reader->at += 8;
    return bytes_get_eight(reader->bytes + reader->at - 8);
}

/* Reads a length and that many bytes; the length is compared with the bytes that are left before it is used. The
 * span points into the reader's memory. */
struct span reader_bytes(struct reader *reader)
{
    uint64_t length = reader_varint(reader);
    if (reader->bad || length > reader->length - reader->at || length > UINT32_MAX) {
        reader->bad = true;
        return (struct span){0};
    }
    struct span span = {reader->bytes + reader->at, (uint32_t)length};
    reader->at += length;
    assert(reader->at <= reader->length);
    return span;
}

size_t bytes_put_varint(uint8_t *out, uint64_t word)
{
    size_t length = 0;
    for (; word >= 0x80; word >>= 7) out[length++] = (uint8_t)(word | 0x80);
    out[length++] = (uint8_t)word;
    return length;
}

/* Moves the bytes and writes their length before them; the caller has reserved VARINT_MAX more bytes. */
size_t bytes_insert_varint(uint8_t *bytes, size_t length)
{
    uint8_t head[VARINT_MAX];
    size_t size = bytes_put_varint(head, length);
    memmove(bytes + size, bytes, length);
    memcpy(bytes, head, size);
    return size;
}

void bytes_put_four(uint8_t *out, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++) out[i] = (uint8_t)(word >> (8 * i));
}

uint32_t bytes_get_four(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

void bytes_put_eight(uint8_t *out, uint64_t word)
{
    for (unsigned i = 0; i < 8; i++) out[i] = (uint8_t)(word >> (8 * i));
}

uint64_t bytes_get_eight(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++) word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

/* Grows the buffer to twice its size, so that many small additions take linear time. The old address is no longer
 * valid. */
uint8_t *bytes_room(uint8_t **bytes, size_t *capacity, size_t length, size_t more)
{
    if (length + more > *capacity) {
        size_t wanted = *capacity ? *capacity : 256;
        while (wanted < length + more) wanted *= 2;
        *bytes = memory_grown(*bytes, wanted, 1);
        *capacity = wanted;
    }
    return *bytes + length;
}

bool bytes_are_utf8(struct span span)
{
    return utf8_is_text((const char *)span.bytes, span.length);
}

/* Replaces each invalid byte by a question mark, for texts from outside that are only shown. */
void bytes_clean_utf8(char *text)
{
    for (size_t at = 0, end = strlen(text); at < end;) {
        uint32_t length = utf8_character((const uint8_t *)text + at, end - at);
        if (length == 0) text[at] = '?';
        at += length > 0 ? length : 1;
    }
}

/* A text that does not fit leaves the field empty and returns 0. Texts are not cut, since half a name is another
 * name. */
int text_set(char *field, size_t size, const char *text)
{
    struct span span = {(const uint8_t *)text, !text ? 0 : (uint32_t)strnlen(text, UINT32_MAX)};
    return text_set_span(field, size, span);
}

int text_set_span(char *field, size_t size, struct span text)
{
    if (text.length >= size) {
        field[0] = 0;
        return 0;
    }
    if (text.length > 0) memcpy(field, text.bytes, text.length);
    field[text.length] = 0;
    return 1;
}
