/* tests/unit/disk_faults.h - A disk that fails, or a process that is killed, at a chosen call that changes the disk: in
 * place of libc's write, pwrite, fsync, fdatasync, msync, rename, unlink and ftruncate, for the program and its
 * libraries. */
#pragma once

#include <stdbool.h>

enum { DISK_KILLED = 9 };

struct disk_faults {
    unsigned at; /* this call, from 1, and all after it; 0: none */
    int error;   /* errno of them; 0: the process ends there with DISK_KILLED */
    unsigned calls;
};
extern struct disk_faults disk_faults;

/* The modes that a test goes through: killed, EIO, ENOSPC. */
enum { DISK_MODES = 3 };
extern const int disk_modes[DISK_MODES];
