/* tests/unit/disk_faults.c - Calls are counted while one of them is to fail. */
#include "tests/unit/disk_faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/disk_power.h"

struct disk_faults disk_faults;
const int disk_modes[DISK_MODES] = {0, EIO, ENOSPC};

static bool fails(void)
{
    if (disk_faults.at == 0 || ++disk_faults.calls < disk_faults.at) return false;
    if (disk_faults.error == 0) _exit(DISK_KILLED);
    errno = disk_faults.error;
    return true;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    return fails() ? -1 : syscall(SYS_write, fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    return fails() ? -1 : syscall(SYS_pwrite64, fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at)
{
    return fails() ? -1 : syscall(SYS_pwrite64, fd, bytes, length, at);
}

int fsync(int fd)
{
    int result = fails() ? -1 : (int)syscall(SYS_fsync, fd);
    if (result == 0) disk_power_synced(fd);
    return result;
}

int fdatasync(int fd)
{
    int result = fails() ? -1 : (int)syscall(SYS_fdatasync, fd);
    if (result == 0) disk_power_synced(fd);
    return result;
}

int msync(void *at, size_t length, int flags)
{
    int result = fails() ? -1 : (int)syscall(SYS_msync, at, length, flags);
    if (result == 0) disk_power_msynced(at);
    return result;
}

int rename(const char *from, const char *to)
{
    if (fails()) return -1;
    disk_power_unlinks(to);
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlink(const char *path)
{
    if (fails()) return -1;
    disk_power_unlinks(path);
    return unlinkat(AT_FDCWD, path, 0);
}

int ftruncate(int fd, off_t length)
{
    return fails() ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}
