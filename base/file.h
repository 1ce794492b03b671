/* base/file.h - Opening files whose paths a user has given.
 *
 * Opening a named pipe or a device may wait for its other end for ever; so only regular files are opened, and no
 * call here waits. Not used by the core, which has no files (tests/checks/symbols.sh). */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

/* open(2) with O_CLOEXEC. Opens a regular file and returns its descriptor; -1: `*why` has the reason without the
 * path, a text of strerror() or our own. A path that GCX_INSIDE forbids is refused (base/inside.h). */
int file_open(const char *path, int flags, mode_t mode, const char **why);
FILE *file_reader(const char *path, const char **why); /* opens a regular file for reading; NULL with the reason */
/* Is it a regular file that may be opened for reading? Used before calling libraries that open a path themselves. */
bool file_may_be_read(const char *path, const char **why);

/* Returns the whole file with a zero behind it, malloc'ed. NULL with the reason, also where the file has more than
 * `most` bytes. */
char *file_read(const char *path, size_t most, size_t *length, const char **why);

/* Reads until the file ends or `most` bytes are there, also through signals and short reads; returns the number of
 * bytes read. -1: errno has the reason. */
ssize_t file_take_all(int fd, void *bytes, size_t most);
/* Returns the folder's next entry, leaving out `.` and `..`. NULL with errno 0: there are no more entries; NULL with
 * another errno: the folder cannot be read further. */
struct dirent *file_next(DIR *folder);

/* Writes all `length` bytes, also through signals. False: errno has the reason, such as ENOSPC if the file accepts
 * no more bytes. */
bool file_put_all(int fd, const void *bytes, size_t length);

/* Makes the given bytes the file's whole content, durable and readable for its owner alone: they are written to
 * PATH.new, which is then renamed. So the file has either the old or the new content, also where the process is
 * killed meanwhile. False: errno has the reason. */
bool file_install(const char *path, const void *bytes, size_t length);
/* As file_install(), but does not wait for the disk: after a loss of power the file may have its old content, or a
 * damaged one. */
bool file_replace(const char *path, const void *bytes, size_t length);

/* As file_install(), for a file that a person reads or wrote: a link to it stays a link, mode and owner stay, and
 * a new file is readable for all. Two may write at once: the file has the bytes of the last one. */
bool file_renew(const char *path, const void *bytes, size_t length);

/* Returns the secret in a file's text: its first line, ended within `text`, without blanks at both ends and without a
 * byte order mark in front. */
char *file_secret(char *text);

/* Sets the error by errno, with the path in its text, and returns false. */
bool file_failed(const char *path, struct error *);
/* Calls fsync(2) for a file, or for a folder, whose new names it makes durable. False: errno has the reason. */
bool file_synced(const char *path);

/* May an output be written to this path? True where there is no file, an empty file, or a file that begins with
 * `begins`, at most 31 bytes by which such outputs are known; so a mistyped path overwrites neither a source nor a
 * device. */
bool file_may_become(const char *path, const char *begins);

/* Identifies the file at a path, to find out later whether another file has replaced it. */
struct file_identity {
    dev_t device;
    ino_t inode;
};
struct file_identity file_identity(const struct stat *);
/* Does the path still lead to this file? Unless `there` is NULL, `*there` is set to whether the path leads to any
 * file. */
bool file_still(const char *path, const struct file_identity *, bool *there);
