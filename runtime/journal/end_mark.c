/* runtime/journal/end_mark.c - Reads and writes the mark: two places in one small file are written alternately, so
 * that a half-written one leaves the other intact. Each place has "GCXE", format u16, two zeros, number u64,
 * BLAKE2b-256 of these; little-endian. */
#include "runtime/journal/end_mark.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/vocabulary/bytes.h"
#include "base/file.h"
#include "base/memory.h"

enum {
    END_FORMAT = 1,
    END_HASH = 32,
    SAID = 16,
    PLACE = SAID + END_HASH,
    APART = 512,
    FILE_SIZE = 2 * APART,
    END_PATH_SIZE = 4096
};

struct end_mark {
    int fd;
};

static void end_mark_path(const char *directory, char path[END_PATH_SIZE])
{
    snprintf(path, END_PATH_SIZE, "%.3900s/journal.end", directory);
}

static void end_mark_encode(uint64_t number, uint8_t out[PLACE])
{
    memcpy(out, "GCXE\1\0\0\0", 8);
    bytes_put_eight(out + 8, number);
    crypto_generichash(out + SAID, END_HASH, out, SAID, NULL, 0);
}

static bool end_mark_decode(const uint8_t in[PLACE], uint64_t *number)
{
    uint8_t again[PLACE];
    *number = bytes_get_eight(in + 8);
    end_mark_encode(*number, again);
    return memcmp(again, in, PLACE) == 0;
}

static bool end_mark_failed(struct error *error, const char *path)
{
    return error_set(error, errno == ENOENT ? ERROR_UNKNOWN : ERROR_SYSTEM, "%.200s: %s", path, strerror(errno));
}

bool end_mark_read(const char *directory, uint64_t *number, struct error *error)
{
    char path[END_PATH_SIZE];
    uint8_t bytes[FILE_SIZE] = {0};
    uint64_t one, other;
    end_mark_path(directory, path);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* without O_NONBLOCK, opening a pipe would wait */
    if (fd < 0) return end_mark_failed(error, path);
    ssize_t got = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    if (got < 0) return end_mark_failed(error, path);
    bool first = end_mark_decode(bytes, &one), second = end_mark_decode(bytes + APART, &other);
    *number = first && (!second || one > other) ? one : other;
    if (first || second) return true;
    return error_set(
        error, ERROR_INPUT,
        "%.140s is damaged: whether the journal has lost its end cannot be told; --accept-loss makes it anew", path);
}

bool end_mark_said(const char *directory, uint64_t *number, struct error *error)
{
    struct error why = {0};
    *number = 0;
    if (end_mark_read(directory, number, &why) || why.code == ERROR_UNKNOWN) return true;
    if (error) *error = why;
    return false;
}

bool end_mark_holds(uint64_t number, uint64_t last, struct error *error)
{
    if (number <= last) return true;
    return error_set(
        error, ERROR_INPUT,
        "the journal ends at batch %" PRIu64 ", but batch %" PRIu64 " was acknowledged: the %" PRIu64
        " at its end were lost; put the whole journal back, or start gcxvm once with --accept-loss and without "
        "--follow",
        last, number, number - last);
}

bool end_mark_check(const char *directory, uint64_t last, struct error *error)
{
    uint64_t number = 0;
    return end_mark_said(directory, &number, error) && end_mark_holds(number, last, error);
}

bool end_mark_drop(const char *directory, uint64_t *number, struct error *error)
{
    char path[END_PATH_SIZE];
    end_mark_path(directory, path);
    *number = 0;
    if (!end_mark_read(directory, number, NULL)) *number = 0;
    return unlink(path) == 0 || errno == ENOENT || end_mark_failed(error, path);
}

/* Makes the file, which gets its name only when it is complete and on the disk. */
static bool end_mark_make(const char *path, struct error *error)
{
    uint8_t bytes[FILE_SIZE] = {0};
    end_mark_encode(0, bytes);
    end_mark_encode(0, bytes + APART);
    return file_install(path, bytes, sizeof bytes) || end_mark_failed(error, path);
}

struct end_mark *end_mark_open(const char *directory, struct error *error)
{
    char path[END_PATH_SIZE];
    end_mark_path(directory, path);
    if (access(path, F_OK) != 0 && !end_mark_make(path, error)) return NULL;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        end_mark_failed(error, path);
        return NULL;
    }
    struct end_mark *mark = memory_grown(NULL, 1, sizeof *mark);
    mark->fd = fd;
    return mark;
}

bool end_mark_write(struct end_mark *mark, uint64_t number)
{
    assert(mark->fd >= 0);
    uint8_t bytes[PLACE];
    end_mark_encode(number, bytes);
    return pwrite(mark->fd, bytes, sizeof bytes, (off_t)(number % 2) * APART) == (ssize_t)sizeof bytes;
}

void end_mark_close(struct end_mark *mark)
{
    if (!mark) return;
    close(mark->fd);
    free(mark);
}
