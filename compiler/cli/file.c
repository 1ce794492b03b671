/* compiler/cli/file.c - Writes the file that a command has made. */
#include "compiler/cli/file.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/shown.h"
#include "compiler/base/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGE_LIMIT = 64 * 1024 * 1024 };

static bool file_write_all(FILE *file, const uint8_t *bytes, size_t length)
{
    bool good = fwrite(bytes, 1, length, file) == length && fflush(file) == 0 && fsync(fileno(file)) == 0;
    return fclose(file) == 0 && good;
}

bool file_may_replace(const char *path, const char *begins, const char *what)
{
    if (file_may_become(path, begins)) return true;
    return shown_refuse("gcxc: %s is there, and is no %s: it is left as it is\n", path, what);
}

static bool write_real(const char *path, const uint8_t *bytes, size_t length)
{
    size_t room = strlen(path) + 8;
    char *draft = memory_grown(NULL, room, 1);
    snprintf(draft, room, "%s.XXXXXX", path);
    struct stat status;
    bool old = stat(path, &status) == 0;
    mode_t mode = old ? status.st_mode & 0777 : 0644;
    int descriptor = mkstemp(draft);
    /* keeps the old file's owner, which only root can do: for anybody else the failure does not matter */
    if (old && descriptor >= 0 && fchown(descriptor, status.st_uid, status.st_gid) != 0) errno = 0;
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "wb");
    bool good =
        file && fchmod(descriptor, mode) == 0 && file_write_all(file, bytes, length) && rename(draft, path) == 0;
    if (!good) {
        shown_print(stderr, "gcxc: cannot write %s: %s\n", path, strerror(errno));
        if (descriptor >= 0) unlink(draft);
    }
    free(draft);
    return good;
}

bool file_write(const char *path, const uint8_t *bytes, size_t length)
{
    char *real = realpath(path, NULL); /* a symbolic link is kept; NULL: there is no file yet */
    bool good = write_real(real ? real : path, bytes, length);
    free(real);
    return good;
}

bool file_mend(const char *path, const uint8_t *bytes, size_t length)
{
    struct stat status;
    if (lstat(path, &status) != 0) return shown_refuse("gcxc: cannot write %s: %s\n", path, strerror(errno));
    if (S_ISLNK(status.st_mode))
        return shown_refuse("gcxc: %s is a link, and left as it is; name the file itself\n", path);
    if (!S_ISREG(status.st_mode)) return shown_refuse("gcxc: %s is no file, and left as it is\n", path);
    if (!(status.st_mode & 0222) || access(path, W_OK) != 0)
        return shown_refuse("gcxc: %s is read-only, and left as it is\n", path);
    return write_real(path, bytes, length);
}

uint8_t *file_read_image(const char *path, size_t *length)
{
    struct stat status;
    const char *why = NULL;
    FILE *file = source_open(path, &status, &why);
    uint8_t *bytes = file ? malloc(IMAGE_LIMIT) : NULL;
    if (bytes) *length = fread(bytes, 1, IMAGE_LIMIT, file);
    if (!bytes || ferror(file)) {
        shown_print(stderr, "gcxc: cannot read %s: %s\n", path, why ? why : strerror(errno));
        free(bytes);
        bytes = NULL;
    }
    if (file) fclose(file);
    return bytes;
}
