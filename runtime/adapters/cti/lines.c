/* runtime/adapters/cti/lines.c - Cuts a stream into lines.
 *
 *     fed "ab", then "c\nde\n"   ->  line "abc", line "de"
 *     kept between                   "ab"
 *
 * A carriage return before the line feed is removed, and an empty line is skipped. A line that is too long is
 * refused, or is cut if `cuts` is set: the rest up to the line feed is dropped, and `cut` is true while `line` is
 * called. */
#include "runtime/adapters/cti/lines.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void cti_lines_free(struct switch_lines *lines)
{
    free(lines->bytes);
    *lines = (struct switch_lines){.limit = lines->limit, .cuts = lines->cuts};
}

static void lines_append_bytes(struct switch_lines *lines, const char *bytes, size_t length)
{
    assert(lines->length <= lines->capacity);
    if (lines->length + length + 1 > lines->capacity) {
        lines->capacity = (lines->length + length + 1) * 2;
        lines->bytes = memory_grown(lines->bytes, lines->capacity, 1);
    }
    memcpy(lines->bytes + lines->length, bytes, length);
    lines->length += length;
}

/* Hands a whole line to `line`. `length` is set to zero before the call, so `line` may free or feed these lines.
 * There is always room for the terminating zero: lines_append_bytes() allocates one byte more. */
static bool lines_deliver(struct switch_lines *lines, bool (*line)(void *, char *, size_t), void *self)
{
    assert(lines->length < lines->capacity); /* there is room for the line's terminating zero */
    size_t length = lines->length;
    lines->length = 0;
    lines->bytes[length] = 0;
    if (length > 0 && lines->bytes[length - 1] == '\r') lines->bytes[--length] = 0;
    bool goes_on = length == 0 || line(self, lines->bytes, length);
    lines->cut = false;
    return goes_on;
}

/* False: a line is too long. When `line` returns false, the rest of `bytes` is dropped. */
bool lines_feed(struct switch_lines *lines, const char *bytes, size_t length,
                bool (*line)(void *self, char *text, size_t length), void *self)
{
    size_t limit = lines->limit == 0 ? LINE_BYTES_MAX : lines->limit;
    assert(lines->length < limit);
    while (length > 0) {
        const char *feed = memchr(bytes, '\n', length);
        size_t part = !feed ? length : (size_t)(feed - bytes);
        size_t room = limit - 1 - lines->length;
        if (part > room && !lines->cuts) return false;
        lines->cut = lines->cut || part > room;
        lines_append_bytes(lines, bytes, part < room ? part : room);
        if (!feed) return true;
        if (!lines_deliver(lines, line, self)) return true;
        bytes += part + 1;
        length -= part + 1;
    }
    return true;
}
