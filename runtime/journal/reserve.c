/* runtime/journal/reserve.c - Keeps a file of allocated blocks that is never read. */
#include "runtime/journal/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESERVE_PATH_SIZE = 4096 };

static void reserve_path(const char *directory, char path[RESERVE_PATH_SIZE])
{
    snprintf(path, RESERVE_PATH_SIZE, "%.4000s/reserve", directory);
}

bool reserve_give_up(const char *directory)
{
    char path[RESERVE_PATH_SIZE];
    reserve_path(directory, path);
    return unlink(path) == 0;
}

bool reserve_take(const char *directory, uint64_t bytes, struct error *error)
{
    char path[RESERVE_PATH_SIZE];
    struct stat found;
    reserve_path(directory, path);
    if (stat(path, &found) == 0 && bytes > 0 && (uint64_t)found.st_size == bytes) return true;
    reserve_give_up(directory);
    if (bytes == 0) return true;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int result = fd < 0 ? errno : posix_fallocate(fd, 0, (off_t)bytes);
    if (fd >= 0) close(fd);
    if (result == 0) return true;
    error_set(error, ERROR_SYSTEM, "%.200s: %s", path, strerror(result));
    reserve_give_up(directory);
    return false;
}
