/* base/file.h - Opening what a user named as a file.
 *
 * Opening a named pipe or a device waits for whoever is at its other end, perhaps for ever; so only regular files are
 * opened, and nothing is waited for. Not for the core, which has no files (tests/checks/symbols.sh). */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

/* open(2) with O_CLOEXEC. -1 with the reason, which does not name the path: a text of strerror(), or our own. */
int file_open(const char *path, int flags, mode_t mode, const char **why);
FILE *file_reader(const char *path, const char **why); /* the same, to read; NULL with the reason */
/* For libraries that open a path themselves. */
bool file_may_be_read(const char *path, const char **why);

/* The whole of it with a zero behind, malloc'ed. NULL with the reason, also where it has more than `most` bytes. */
char *file_read(const char *path, size_t most, size_t *length, const char **why);

/* Reads on through signals and short reads, until the file ends or `most` bytes are there; so many it has. -1: errno
 * has the reason. */
ssize_t file_take_all(int fd, void *bytes, size_t most);
/* The folder's next entry but `.` and `..`. NULL: errno is 0 where it has no more, else the reason why it cannot be
 * read on. */
struct dirent *file_next(DIR *folder);

/* Writes all of it, also through signals. False: errno has the reason; what takes nothing more is full. */
bool file_put_all(int fd, const void *bytes, size_t length);

/* The file's bytes from now on, durable, for its owner alone. It has them or what it had before, also where the process
 * is killed meanwhile: they are written beside it, as PATH.new, and renamed. False: errno has the reason. */
bool file_install(const char *path, const void *bytes, size_t length);
/* The same without a wait for the disk: a loss of power may leave what was before, or what is damaged. */
bool file_replace(const char *path, const void *bytes, size_t length);

/* The first line of a file of a secret, within `text` and ended there: without the blanks at its ends, which nobody
 * sees, and without the byte order mark that editors put in front. */
char *file_secret(char *text);

/* Sets the error of errno, which names the path, and is false. */
bool file_failed(const char *path, struct error *);
/* fsync(2) of a file, or of a folder, which makes new names in it durable. False: errno has the reason. */
bool file_synced(const char *path);

/* Which file has a name: another one may take its place. */
struct file_identity {
    dev_t device;
    ino_t inode;
};
struct file_identity file_identity(const struct stat *);
/* Has this file the name still? `*there`, which may be NULL: any file has it. */
bool file_still(const char *path, const struct file_identity *, bool *there);
