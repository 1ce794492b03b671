/* compiler/base/frame.c - Reads and writes whole messages of editors' protocols.
 *
 *     Content-Length: 42 CR LF  CR LF  { ... 42 bytes ... }       as LSP and DAP have them
 *
 *     bytes: | taken | begin ... end: has come, and is not taken yet | room |
 *
 * frames_next() returns the body of the next whole message, or NULL: the caller then reads more. The body is not the
 * caller's; it is valid until the next frames_read(), which moves the unread bytes to the front of the buffer.
 * `broken`: the bytes are no such message; nothing after them can be read, because nobody knows where the next
 * message begins. */
#include "compiler/base/frame.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/file.h"

enum { PIECE = 64 * 1024 };

void frames_free(struct frames *frames)
{
    free(frames->bytes);
    *frames = (struct frames){.in = frames->in, .out = frames->out, .most = frames->most, .ended = true};
}

/* Calls read() at most once, so it waits only while the descriptor has no bytes. */
void frames_read(struct frames *frames)
{
    assert(frames->begin <= frames->end && frames->end <= frames->room);
    if (frames->begin > 0) {
        memmove(frames->bytes, frames->bytes + frames->begin, frames->end - frames->begin);
        frames->end -= frames->begin;
        frames->begin = 0;
    }
    if (frames->room - frames->end < PIECE) {
        /* frames_next() limits how far the buffer grows */
        frames->room = frames->room < PIECE ? 2 * PIECE : 2 * frames->room;
        frames->bytes = memory_grown(frames->bytes, frames->room, 1);
    }
    ssize_t got = read(frames->in, frames->bytes + frames->end, PIECE);
    if (got > 0)
        frames->end += (size_t)got;
    else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        frames->ended = true;
}

/* Reads one line of a header; *is: the line gives the length of the body. False where the line is no header. */
static bool frame_read_length(const char *line, size_t size, size_t most, size_t *length, bool *is)
{
    static const char name[] = "content-length:";
    *is = size > sizeof name - 1 && strncasecmp(line, name, sizeof name - 1) == 0;
    if (!*is) return memchr(line, ':', size) != NULL;
    size_t at = sizeof name - 1;
    while (at < size && line[at] == ' ') at++;
    size_t value = 0, begin = at;
    for (; at < size && line[at] >= '0' && line[at] <= '9'; at++) {
        value = 10 * value + (size_t)(line[at] - '0');
        if (value > most) return false;
    }
    *length = value;
    return at == size && at > begin;
}

/* Returns the offset of the body, and its length in *length; 0 where the header is not complete yet, or is no
 * header. */
static size_t frame_read_header(struct frames *frames, size_t *length)
{
    const char *begin = frames->bytes + frames->begin, *line = begin;
    size_t there = frames->end - frames->begin;
    bool known = false;
    for (;;) {
        size_t left = there - (size_t)(line - begin);
        const char *end = left ? memchr(line, '\n', left) : NULL;
        if (!end) {
            frames->broken = there > FRAME_HEADER;
            return 0;
        }
        size_t size = (size_t)(end - line);
        if (size > 0 && line[size - 1] == '\r') size--;
        if (size == 0) {
            frames->broken = !known;
            return known ? (size_t)(end + 1 - begin) : 0;
        }
        bool is;
        if (!frame_read_length(line, size, frames->most, length, &is) || (size_t)(end - begin) > FRAME_HEADER) {
            frames->broken = true;
            return 0;
        }
        known = known || is;
        line = end + 1;
    }
}

const char *frames_next(struct frames *frames, size_t *length)
{
    if (frames->broken || frames->begin == frames->end) return NULL;
    size_t header = frame_read_header(frames, length);
    if (!header || frames->end - frames->begin - header < *length) return NULL;
    const char *body = frames->bytes + frames->begin + header;
    frames->begin += header + *length;
    assert(frames->begin <= frames->end);
    return body;
}

bool frames_write(struct frames *frames, const char *body)
{
    char header[64];
    size_t length = strlen(body);
    int size = snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n", length);
    return file_put_all(frames->out, header, (size_t)size) && file_put_all(frames->out, body, length);
}
