/* runtime/journal/folder.c - Takes the lock, opens the keys and checks the end mark of a state folder. */
#include "runtime/journal/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void folder_note(const struct journal_folder *folder, const char *format, ...)
{
    char text[240];
    va_list arguments;
    if (!folder->watch.note) return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    folder->watch.note(folder->watch.self, text);
}

/* Writes this process's id into the lock file, for processes that it keeps out. */
static void lock_sign(int lock)
{
    char pid[16];
    int length = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    /* a failed write of the id does no harm: the lock is held nevertheless */
    if (ftruncate(lock, 0) != 0 || pwrite(lock, pid, (size_t)length, 0) != length) return;
}

static bool lock_take(struct journal_folder *folder, const char *directory, struct error *error)
{
    char path[4096];
    if (mkdir(directory, 0700) < 0 && errno != EEXIST)
        return error_set(error, ERROR_SYSTEM, "%s: %s", directory, strerror(errno));
    snprintf(path, sizeof path, "%s/lock", directory);
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (folder->lock < 0) return error_set(error, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
    if (flock(folder->lock, LOCK_EX | LOCK_NB) == 0) {
        lock_sign(folder->lock);
        return true;
    }
    char pid[16] = "";
    ssize_t got = pread(folder->lock, pid, sizeof pid - 1, 0);
    pid[got > 0 ? strspn(pid, "0123456789") : 0] = '\0';
    return error_set(error, ERROR_STATE, "the journal in %.180s is in use by another process%s%s", directory,
                     pid[0] ? ", " : "", pid);
}

static bool folder_keys_open(struct journal_folder *folder, const char *directory, bool writes, struct error *error)
{
    struct error why = {0};
    folder->keys = keys_open(directory, writes, &why);
    if (!folder->keys && why.code != ERROR_NONE && error) *error = why;
    return folder->keys || why.code == ERROR_NONE;
}

bool folder_own(struct journal_folder *folder, const char *directory, const struct batches_watch *watch,
                struct error *error)
{
    *folder = (struct journal_folder){.lock = -1};
    if (watch) folder->watch = *watch;
    return lock_take(folder, directory, error) && folder_keys_open(folder, directory, true, error);
}

bool folder_follow(struct journal_folder *folder, const char *directory, struct error *error)
{
    *folder = (struct journal_folder){.lock = -1};
    return folder_keys_open(folder, directory, false, error);
}

/* Does the journal reach its first encrypted batch? A journal that ends before that batch has lost its end, even if the
 * end mark says otherwise: whoever may write the folder can write the mark. */
bool folder_older_there(const struct journal_folder *folder, uint64_t last, struct error *error)
{
    uint64_t number = folder->keys ? keys_older(folder->keys)->number : 0;
    if (last >= number) return true;
    return error_set(error, ERROR_INPUT,
                     "the journal ends at batch %" PRIu64 ", and had batch %" PRIu64
                     " when its encryption began: put the whole journal back",
                     last, number);
}

bool folder_mark_begin(struct journal_folder *folder, const char *directory, uint64_t last, struct error *error)
{
    assert(!folder->mark);
    if (!folder_older_there(folder, last, error) || !end_mark_check(directory, last, error)) return false;
    folder->mark = end_mark_open(directory, error);
    if (folder->mark && last > 0) folder_mark(folder, last);
    return folder->mark != NULL;
}

void folder_mark(struct journal_folder *folder, uint64_t number)
{
    assert(folder->mark);
    bool good = end_mark_write(folder->mark, number);
    if (!good && !folder->mark_behind)
        folder_note(folder, "journal.end cannot be written (errno %d): a loss of batches from now on could not be told",
                    errno);
    folder->mark_behind = !good;
}

struct keys *folder_keys(struct journal_folder *folder)
{
    struct keys *keys = folder->keys;
    folder->keys = NULL;
    return keys;
}

void folder_close(struct journal_folder *folder)
{
    keys_close(folder->keys);
    end_mark_close(folder->mark);
    if (folder->lock >= 0) close(folder->lock);
    *folder = (struct journal_folder){.lock = -1};
}
