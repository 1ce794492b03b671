/* base/file.c - Opens and writes regular files, and refuses all other kinds.
 *
 * A name may lead to a pipe, a device or a folder: opening a pipe would wait for a writer, reading a device might
 * never end. So files are opened without waiting, and anything but a regular file is refused with a sentence.
 *
 *     file_install()   NAME.new: written, synced -> renamed to NAME -> folder synced
 *     file_replace()   the same without syncing: whole, but perhaps lost if the machine fails
 *     file_renew()     a file without a name: mode and owner kept, written, synced -> named NAME.draft-PID-N -> renamed
 * to NAME. So a writer that is killed leaves nothing. Where the file system has no such files it is NAME.XXXXXX from
 * the beginning.
 *
 * After a crash or on a full disk, the file NAME has its old content or its new content, never a part. errno is that
 * of the call that failed. */
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/inside.h"
#include "base/memory.h"

static const char *file_instead(mode_t mode)
{
    return S_ISFIFO(mode)   ? "it is a named pipe; expected a file"
           : S_ISDIR(mode)  ? "it is a folder; expected a file"
           : S_ISSOCK(mode) ? "it is a socket; expected a file"
                            : "it is a device; expected a file";
}

/* Opens a regular file and returns the descriptor, or -1 with the reason in `*why`. O_NONBLOCK has no effect on a
 * regular file. */
int file_open(const char *path, int flags, mode_t mode, const char **why)
{
    struct stat info;
    if (!inside_allows(path)) {
        *why = INSIDE_REFUSES;
        return -1;
    }
    int fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode);
    int reason = errno;
    bool there = (fd >= 0 ? fstat(fd, &info) : stat(path, &info)) == 0;
    if (there && !S_ISREG(info.st_mode))
        *why = file_instead(info.st_mode); /* a socket, for example, cannot even be opened, and strerror() would not
                                            * say what kind of file it is */
    else if (fd < 0)
        *why = strerror(reason);
    else if (!there)
        *why = strerror(errno);
    else
        return fd;
    if (fd >= 0) close(fd);
    return -1;
}

FILE *file_reader(const char *path, const char **why)
{
    int fd = file_open(path, O_RDONLY, 0, why);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (fd >= 0 && !file) abort();
    return file;
}

bool file_may_become(const char *path, const char *begins)
{
    struct stat status;
    char begin[32];
    size_t wanted = strlen(begins);
    if (stat(path, &status) != 0) return true; /* there is no file, or writing will report the error */
    FILE *file = S_ISREG(status.st_mode) ? inside_open(path, "rbe") : NULL;
    assert(wanted < sizeof begin);
    size_t length = file ? fread(begin, 1, wanted, file) : 0;
    if (file) fclose(file);
    return file && (length == 0 || (length == wanted && memcmp(begin, begins, wanted) == 0));
}

bool file_may_be_read(const char *path, const char **why)
{
    int fd = file_open(path, O_RDONLY, 0, why);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

/* Reads a whole file into malloc'ed memory and adds a zero byte. Reads at most `most` bytes; one byte more is tried,
 * to notice a longer file. */
char *file_read(const char *path, size_t most, size_t *length, const char **why)
{
    enum { FIRST = 64 * 1024 };
    FILE *file = file_reader(path, why);
    char *text = NULL;
    *length = 0;
    if (!file) return NULL;
    for (size_t room = FIRST; *length <= most; room *= 2) {
        text = memory_grown(text, room, 1);
        *length += fread(text + *length, 1, room - 1 - *length, file);
        if (*length < room - 1) break;
    }
    text[*length] = '\0';
    bool good = !ferror(file) && *length <= most;
    if (!good) {
        *why = *length > most ? "it is too long" : strerror(errno);
        free(text);
    }
    fclose(file);
    return good ? text : NULL;
}

ssize_t file_take_all(int fd, void *bytes, size_t most)
{
    size_t done = 0;
    while (done < most) {
        ssize_t got = read(fd, (char *)bytes + done, most - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

struct dirent *file_next(DIR *folder)
{
    struct dirent *entry;
    do {
        errno = 0;
        entry = readdir(folder);
    } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry;
}

bool file_put_all(int fd, const void *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t put = write(fd, (const char *)bytes + done, length - done);
        if (put < 0 && errno == EINTR) continue;
        if (put == 0) errno = ENOSPC;
        if (put <= 0) return false;
        done += (size_t)put;
    }
    return true;
}

char *file_secret(char *text)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) text += 3;
    text[strcspn(text, "\r\n")] = '\0';
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t", text[length - 1])) length--;
    text[length] = '\0';
    return text;
}

bool file_failed(const char *path, struct error *error)
{
    return error_set(error, ERROR_SYSTEM, "%.200s: %s", path, strerror(errno));
}

bool file_synced(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    int reason = errno;
    if (fd >= 0) close(fd);
    errno = reason;
    return good;
}

/* Calls fsync(2) for the folder of the file, since a new name is only durable when its folder is. */
static bool folder_synced(const char *file)
{
    const char *slash = strrchr(file, '/');
    char *folder = slash ? memory_format("%.*s", (int)(slash - file) + 1, file) : memory_text(".");
    bool good = file_synced(folder);
    int reason = errno;
    free(folder);
    errno = reason;
    return good;
}

/* Writes the bytes to a new file and renames it to `path`; a new file left from an earlier attempt is removed first.
 * O_EXCL makes sure that nobody has put a link there in the meantime. */
static bool file_renamed_to(const char *path, const void *bytes, size_t length, bool durable)
{
    char *fresh = memory_format("%s.new", path);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && file_put_all(fd, bytes, length) && (!durable || fsync(fd) == 0) &&
                rename(fresh, path) == 0 && (!durable || folder_synced(path));
    int reason = errno;
    if (fd >= 0) close(fd);
    if (!good) unlink(fresh);
    free(fresh);
    errno = reason;
    return good;
}

bool file_install(const char *path, const void *bytes, size_t length)
{
    return file_renamed_to(path, bytes, length, true);
}

bool file_replace(const char *path, const void *bytes, size_t length)
{
    return file_renamed_to(path, bytes, length, false);
}

/* Writes the draft, which gets the mode and the owner of the file that is there. */
static bool draft_write(int fd, const char *path, const void *bytes, size_t length)
{
    struct stat status;
    bool old = stat(path, &status) == 0;
    /* only root can keep the owner: for anybody else the failure does not matter */
    if (old && fchown(fd, status.st_uid, status.st_gid) != 0) errno = 0;
    return fchmod(fd, old ? status.st_mode & 0777 : 0644) == 0 && file_put_all(fd, bytes, length) && fsync(fd) == 0;
}

/* Opens a file without a name in the folder of the path; -1: the file system has none such. */
static int draft_unnamed(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = memory_format("%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    free(folder);
    return fd;
}

/* Names the file beside the path; returns the name, which the caller frees, or NULL with errno. */
static char *draft_name(int fd, const char *path)
{
    char *opened = memory_format("/proc/self/fd/%d", fd), *draft = NULL;
    bool good = false;
    for (int number = 0; !good && number < 100 && (number == 0 || errno == EEXIST); number++) {
        free(draft);
        draft = memory_format("%s.draft-%d-%d", path, (int)getpid(), number);
        good = linkat(AT_FDCWD, opened, AT_FDCWD, draft, AT_SYMLINK_FOLLOW) == 0;
    }
    int reason = errno;
    free(opened);
    if (!good) free(draft);
    errno = reason;
    return good ? draft : NULL;
}

bool file_renew(const char *path, const void *bytes, size_t length)
{
    char *real = realpath(path, NULL), *draft = NULL; /* NULL: there is no file yet */
    const char *to = real ? real : path;
    int fd = draft_unnamed(to);
    bool written = fd >= 0 && draft_write(fd, to, bytes, length);
    if (written) draft = draft_name(fd, to);
    if (fd < 0 || (written && !draft)) {
        if (fd >= 0) close(fd);
        draft = memory_format("%s.XXXXXX", to);
        fd = mkstemp(draft);
        written = fd >= 0 && draft_write(fd, to, bytes, length);
    }
    bool good = written && rename(draft, to) == 0;
    int reason = errno;
    if (fd >= 0) close(fd);
    if (fd >= 0 && draft && !good) unlink(draft);
    free(draft);
    free(real);
    errno = reason;
    return good;
}

struct file_identity file_identity(const struct stat *info)
{
    return (struct file_identity){info->st_dev, info->st_ino};
}

/* Is the file under that name the one that was opened? A log that was rotated has been replaced by another file. */
bool file_still(const char *path, const struct file_identity *identity, bool *there)
{
    struct stat now;
    bool any = stat(path, &now) == 0;
    if (there) *there = any;
    return any && now.st_dev == identity->device && now.st_ino == identity->inode;
}
