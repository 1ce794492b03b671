/* compiler/cli/file.c - Writes the file that a command has made. */
#include "compiler/cli/file.h"
#include "base/file.h"
#include "base/inside.h"
#include "base/memory.h"
#include "base/shown.h"
#include "compiler/base/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGE_LIMIT = 64 * 1024 * 1024 };

bool file_may_replace(const char *path, const char *begins, const char *what)
{
    if (file_may_become(path, begins)) return true;
    return shown_refuse("gcxc: %s is there, and is no %s: it is left as it is\n", path, what);
}

bool file_write(const char *path, const uint8_t *bytes, size_t length)
{
    if (file_renew(path, bytes, length)) return true;
    return shown_refuse("gcxc: cannot write %s: %s\n", path, strerror(errno));
}

/* Has the open file the old text, and is it still the one at the path? */
static bool has_old(int descriptor, const struct source_change *change)
{
    struct stat status;
    char *text = memory_grown(NULL, change->old_length + 1, 1);
    bool same = file_take_all(descriptor, text, change->old_length + 1) == (ssize_t)change->old_length &&
                memcmp(text, change->old, change->old_length) == 0;
    free(text);
    if (!same || fstat(descriptor, &status) != 0) return false;
    struct file_identity identity = file_identity(&status);
    return file_still(change->path, &identity, NULL);
}

/* The lock is of the file that is replaced: a command that waited for it would find another file at the path, so
 * nobody waits. A file system without locks has none. */
bool file_change(const struct source_change *change)
{
    const char *why = NULL;
    int descriptor = file_open(change->path, O_RDONLY, 0, &why);
    if (descriptor < 0) return shown_refuse("gcxc: cannot write %s: %s\n", change->path, why);
    bool busy = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    bool good = !busy && has_old(descriptor, change);
    if (!good)
        shown_print(stderr, "gcxc: %s has changed meanwhile, and is left as it is\n", change->path);
    else
        good = file_write(change->path, (const uint8_t *)change->text, change->length);
    close(descriptor);
    return good;
}

bool file_mend(const struct source_change *change)
{
    struct stat status;
    const char *path = change->path;
    if (lstat(path, &status) != 0) return shown_refuse("gcxc: cannot write %s: %s\n", path, strerror(errno));
    if (S_ISLNK(status.st_mode))
        return shown_refuse("gcxc: %s is a link, and left as it is; name the file itself\n", path);
    if (!S_ISREG(status.st_mode)) return shown_refuse("gcxc: %s is no file, and left as it is\n", path);
    if (!(status.st_mode & 0222) || access(path, W_OK) != 0)
        return shown_refuse("gcxc: %s is read-only, and left as it is\n", path);
    return file_change(change);
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

json_t *file_read_json(const char *path, json_error_t *why)
{
    if (inside_allows(path)) return json_load_file(path, 0, why);
    (void)snprintf(why->text, sizeof why->text, "%s", INSIDE_REFUSES);
    return NULL;
}

bool file_is_image(const char *path)
{
    char magic[4] = {0};
    FILE *file = inside_open(path, "rb");
    bool is = file && fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "GCXB", sizeof magic) == 0;
    if (file) fclose(file);
    return is;
}
