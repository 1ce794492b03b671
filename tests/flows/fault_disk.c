/* tests/flows/fault_disk.c - A disk that fails when it is told to; preloaded. While the file that FAULT_DISK names says
 * `write NAME ERRNO`, all that is written or synced of files whose path ends with NAME fails with that number; `sync`
 * and `read` likewise, and `list` of what a folder has. With `hold NAME 1` a sync of such a file waits until the line
 * is gone. A line for each; without the file all is as it is. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static bool ends_with(const char *path, const char *name)
{
    size_t length = strlen(path), tail = strlen(name);
    return tail > 0 && length >= tail && strcmp(path + length - tail, name) == 0;
}

/* The error that this is to fail with; 0: none. */
static int fault_of(int fd, const char *what)
{
    char path[PATH_BYTES], link[64], does[16], name[256];
    int error = 0;
    const char *control = getenv("FAULT_DISK");
    FILE *file = !control ? NULL : fopen(control, "re");
    if (!file) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    bool said = false;
    while (!said && fscanf(file, "%15s %255s %d", does, name, &error) == 3)
        said = strcmp(does, what) == 0 && ends_with(path, name);
    fclose(file);
    return said ? error : 0;
}

static bool fails(int fd, const char *what)
{
    int before = errno, error = fault_of(fd, what);
    errno = error != 0 ? error : before;
    return error != 0;
}

static void held(int fd)
{
    int before = errno;
    while (fault_of(fd, "hold") != 0) usleep(5000);
    errno = before;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at)
{
    return fails(fd, "write") ? -1 : NEXT(pwrite64)(fd, bytes, length, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    return fails(fd, "write") ? -1 : NEXT(pwrite)(fd, bytes, length, at);
}

int fsync(int fd)
{
    held(fd);
    return fails(fd, "sync") || fails(fd, "write") ? -1 : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
    held(fd);
    return fails(fd, "sync") || fails(fd, "write") ? -1 : NEXT(fdatasync)(fd);
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t at)
{
    return fails(fd, "read") ? -1 : NEXT(pread64)(fd, bytes, length, at);
}

ssize_t pread(int fd, void *bytes, size_t length, off_t at)
{
    return fails(fd, "read") ? -1 : NEXT(pread)(fd, bytes, length, at);
}

struct dirent *readdir(DIR *folder)
{
    return fails(dirfd(folder), "list") ? NULL : NEXT(readdir)(folder);
}

struct dirent64 *readdir64(DIR *folder)
{
    return fails(dirfd(folder), "list") ? NULL : NEXT(readdir64)(folder);
}
