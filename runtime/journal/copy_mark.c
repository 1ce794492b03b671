/* runtime/journal/copy_mark.c - Reads and writes the mark, a line of text with the number. */
#include "runtime/journal/copy_mark.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

enum { COPY_PATH_SIZE = 4096, LINE = 32 };

static void copy_mark_path(const char *folder, char path[COPY_PATH_SIZE])
{
    snprintf(path, COPY_PATH_SIZE, "%.3900s/journal.copy", folder);
}

bool copy_mark_make(const char *folder, uint64_t last, struct error *error)
{
    char path[COPY_PATH_SIZE], line[LINE];
    copy_mark_path(folder, path);
    int length = snprintf(line, sizeof line, "%" PRIu64 "\n", last);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && file_put_all(fd, line, (size_t)length) && fsync(fd) == 0;
    if (!good) file_failed(path, error);
    if (fd >= 0) close(fd);
    return good;
}

bool copy_mark_holds(const char *folder, uint64_t last)
{
    char path[COPY_PATH_SIZE], line[LINE] = "";
    copy_mark_path(folder, path);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* without O_NONBLOCK, opening a pipe would wait */
    ssize_t got = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
    if (fd >= 0) close(fd);
    return got > 0 && strtoull(line, NULL, 10) >= last;
}
