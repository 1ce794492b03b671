/* runtime/daemon/links/guard.c - Locks of fcntl(2): held by the process, asked about with F_GETLK. */
#include "config.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/daemon/links/guard.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MARK_HEX = 2 * crypto_generichash_BYTES + 1 };

/* A hash of the arguments but the first, which only names the process. */
static void mark_of(char *const *arguments, char hex[MARK_HEX])
{
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 1; arguments[0] && arguments[i]; i++)
        crypto_generichash_update(&state, (const uint8_t *)arguments[i], strlen(arguments[i]) + 1);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(hex, MARK_HEX, hash, sizeof hash);
}

/* The process that holds the lock; 0: none does. A process does not see its own lock. */
static pid_t guard_holder_of(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_GETLK, &whole) != 0 || whole.l_type == F_UNLCK) return 0;
    return whole.l_pid;
}

pid_t guard_holder(const char *path, char *const *arguments, bool *same)
{
    assert(path && arguments && same);
    char mark[MARK_HEX], found[MARK_HEX] = "";
    int fd = open(path, O_RDWR | O_CLOEXEC);
    pid_t pid;
    *same = false;
    if (fd < 0) return 0;
    pid = guard_holder_of(fd);
    mark_of(arguments, mark);
    if (pread(fd, found, sizeof found - 1, 0) == sizeof found - 1) *same = strcmp(mark, found) == 0;
    close(fd);
    return pid;
}

bool guard_take(const char *path, char *const *arguments, struct error *error)
{
    assert(path && arguments);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char mark[MARK_HEX];
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fcntl(fd, F_SETLK, &whole) != 0) {
        error_set(error, ERROR_STATE, "%s: %s", path,
                  errno == EAGAIN || errno == EACCES ? "another process of this adapter runs" : strerror(errno));
        if (fd >= 0) close(fd);
        return false;
    }
    mark_of(arguments, mark);
    if (pwrite(fd, mark, sizeof mark - 1, 0) == sizeof mark - 1) return true; /* fd stays open with the lock */
    return error_set(error, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
}

struct watch {
    char *core, *lock; /* lock: NULL where none was taken */
    uint64_t seconds;
    struct stat own; /* of the lock, when it was taken */
};

/* Is another file, or none, at the path of the lock that this process holds? */
static bool lock_was_moved(const struct watch *watch)
{
    struct stat now;
    if (!watch->lock) return false;
    return stat(watch->lock, &now) != 0 || now.st_dev != watch->own.st_dev || now.st_ino != watch->own.st_ino;
}

/* A thread of the adapter's process: looks once a second whether a gcxvm lives, and ends the process when none has
 * for too long. */
static void *watch_main(void *argument)
{
    struct watch *watch = argument;
    uint64_t alone = 0;
    while (alone < watch->seconds) {
        int fd;
        sleep(1);
        fd = open(watch->core, O_RDWR | O_CLOEXEC);
        bool lives = fd >= 0 && guard_holder_of(fd) != 0;
        alone = lives ? 0 : alone + 1;
        if (fd >= 0) close(fd);
        if (lives && lock_was_moved(watch)) break;
    }
    kill(getpid(), SIGTERM);
    free(watch->core);
    free(watch->lock);
    free(watch);
    return NULL;
}

void guard_watch(const char *core, const char *lock, uint64_t seconds)
{
    assert(core);
    struct watch *watch;
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    if (seconds == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() == 1) raise(SIGTERM);
        return;
    }
    watch = memory_grown(NULL, 1, sizeof *watch);
    *watch = (struct watch){.core = strdup(core), .seconds = seconds};
    if (lock && stat(lock, &watch->own) == 0) watch->lock = strdup(lock);
    if (!watch->core) abort();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the loop's */
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, watch_main, watch) != 0) abort();
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
