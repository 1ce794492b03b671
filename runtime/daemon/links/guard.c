/* runtime/daemon/links/guard.c - Locks of fcntl(2): a process holds them, and others find the holder by F_GETLK. */
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
#include <time.h>
#include <unistd.h>

#include "runtime/adapter/runner.h"
#include "base/memory.h"

enum {
    /* digits of the mark, with which the file begins; MARK_SERVES or MARK_STAYS follows it */
    MARK_HEX = 2 * crypto_generichash_BYTES,
    MARK_SERVES = '-',
    MARK_STAYS = 's',
    /* after the mark and that letter: `e` if the process was told to end, then its conversations in decimal */
    HELD_AT = MARK_HEX + 1,
    HELD_SIZE = 11,
    FRESH_S = 5,     /* for so many seconds a lock's file counts as fresh; a process that stays writes it each second */
    MISSED_MOST = 60 /* so many checks, one a second: within that time a process that cannot open its port has ended */
};

/* The lock of this process, until the process ends. The loop writes into the file, while guard_watch() may replace
 * it by another. */
static int own_lock = -1;
static unsigned own_held; /* conversations, as said last */
static pthread_mutex_t own_lock_is_used = PTHREAD_MUTEX_INITIALIZER;

/* Adds a file of the program to the mark: after an upgrade another file is at the same path. */
static void mark_file(crypto_generichash_state *state, const char *path)
{
    struct stat file;
    if (stat(path, &file) != 0) return;
    const int64_t facts[] = {(int64_t)file.st_ino, (int64_t)file.st_size, (int64_t)file.st_mtim.tv_sec,
                             (int64_t)file.st_mtim.tv_nsec};
    crypto_generichash_update(state, (const uint8_t *)facts, sizeof facts);
}

/* Makes the mark: a hash of the arguments (without the first, which only names the process), of the program and of
 * the plugin. */
static void mark_of(char *const *arguments, char hex[MARK_HEX + 1])
{
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 1; arguments[0] && arguments[i]; i++) {
        crypto_generichash_update(&state, (const uint8_t *)arguments[i], strlen(arguments[i]) + 1);
        if (strcmp(arguments[i - 1], "--adapter") == 0) mark_file(&state, arguments[i]);
    }
    mark_file(&state, "/proc/self/exe");
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(hex, MARK_HEX + 1, hash, sizeof hash);
}

/* Returns the process that holds the lock; 0: none. A process does not see its own lock this way. */
static pid_t guard_holder_of(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_GETLK, &whole) != 0 || whole.l_type == F_UNLCK) return 0;
    return whole.l_pid;
}

/* True: the file was written within the last seconds. A change of the clock can make it look old, or written in the
 * future. */
static bool guard_is_fresh(int fd)
{
    struct stat file;
    time_t now = time(NULL);
    return fstat(fd, &file) == 0 && file.st_mtim.tv_sec <= now + FRESH_S && now <= file.st_mtim.tv_sec + FRESH_S;
}

int guard_open(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

struct guard_found guard_holder_at(int fd, char *const *arguments)
{
    assert(arguments);
    char mark[MARK_HEX + 1], found[MARK_HEX + 1], held[HELD_SIZE + 1] = "";
    struct guard_found holder = {0};
    if (fd < 0) return holder;
    holder.pid = guard_holder_of(fd);
    mark_of(arguments, mark);
    ssize_t length = pread(fd, found, sizeof found, 0);
    holder.same = length >= MARK_HEX && memcmp(mark, found, MARK_HEX) == 0;
    holder.renews = length == sizeof found;
    holder.stays = holder.renews && found[MARK_HEX] == MARK_STAYS && guard_is_fresh(fd);
    if (pread(fd, held, HELD_SIZE, HELD_AT) != HELD_SIZE) return holder;
    unsigned conversations = (unsigned)strtoul(held + 1, NULL, 10);
    if (holder.pid == 0) {
        holder.left = conversations;
        return holder;
    }
    holder.ends = held[0] == 'e';
    holder.held = conversations;
    return holder;
}

struct guard_found guard_holder(const char *path, char *const *arguments)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct guard_found holder = guard_holder_at(fd, arguments);
    if (fd >= 0) close(fd);
    return holder;
}

bool guard_take(const char *path, char *const *arguments, struct error *error)
{
    assert(path && arguments && own_lock < 0);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char mark[MARK_HEX + 1];
    int fd = guard_open(path);
    if (fd < 0 || fcntl(fd, F_SETLK, &whole) != 0) {
        error_set(error, ERROR_STATE, "%s: %s", path,
                  errno == EAGAIN || errno == EACCES ? "another process of this adapter runs" : strerror(errno));
        if (fd >= 0) close(fd);
        return false;
    }
    own_lock = fd;
    mark_of(arguments, mark);
    mark[MARK_HEX] = MARK_SERVES; /* replaces the final zero of the mark */
    if (pwrite(fd, mark, sizeof mark, 0) == sizeof mark && ftruncate(fd, sizeof mark) == 0) return true;
    return error_set(error, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
}

/* Writes into the own lock's file. A failed write leaves the old text: a process that does not report that it stays
 * is killed as hanging. */
static void own_lock_says(const void *bytes, size_t length, off_t at)
{
    pthread_mutex_lock(&own_lock_is_used);
    ssize_t written = own_lock >= 0 ? pwrite(own_lock, bytes, length, at) : 0;
    (void)written;
    pthread_mutex_unlock(&own_lock_is_used);
}

void guard_stay(bool stays)
{
    const char state = stays ? MARK_STAYS : MARK_SERVES;
    own_lock_says(&state, 1, MARK_HEX);
}

void guard_hold(unsigned conversations, bool ends)
{
    char text[HELD_SIZE + 1];
    snprintf(text, sizeof text, "%c%010u", ends ? 'e' : '-', conversations);
    own_lock_says(text, HELD_SIZE, HELD_AT);
    pthread_mutex_lock(&own_lock_is_used);
    own_held = conversations;
    pthread_mutex_unlock(&own_lock_is_used);
}

struct watch {
    char *core, *lock; /* lock: NULL if no lock was taken */
    uint64_t seconds;  /* ADAPTER_ALONE is sent after so long without a gcxvm; 0: as soon as the parent dies */
    struct stat own;   /* the lock's file when it was taken */
    unsigned missed;   /* successive checks in which another process had the lock */
    bool told;         /* to end */
};

/* True: at the path of the lock that this process holds there is another file, or none. */
static bool lock_was_moved(const struct watch *watch)
{
    struct stat now;
    if (!watch->lock) return false;
    return stat(watch->lock, &now) != 0 || now.st_dev != watch->own.st_dev || now.st_ino != watch->own.st_ino;
}

/* Takes the lock that is at the path now, and copies the content of the earlier file into it: the mark of this
 * process's program, whether it stays, and how many conversations it has. False: another process holds the lock, or
 * the file cannot be written. */
static bool lock_take_anew(struct watch *watch)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char text[HELD_AT + HELD_SIZE];
    int fd = guard_open(watch->lock);
    if (fd < 0) return false;
    if (fcntl(fd, F_SETLK, &whole) != 0) {
        close(fd);
        return false;
    }
    pthread_mutex_lock(&own_lock_is_used);
    ssize_t length = pread(own_lock, text, sizeof text, 0);
    bool said = length > 0 && pwrite(fd, text, (size_t)length, 0) == length && ftruncate(fd, length) == 0;
    close(said ? own_lock : fd);
    own_lock = said ? fd : own_lock;
    said = said && fstat(fd, &watch->own) == 0;
    pthread_mutex_unlock(&own_lock_is_used);
    return said;
}

/* Returns the process that holds the lock of gcxvm; 0: none. */
static pid_t core_holder(const char *core)
{
    int fd = open(core, O_RDWR | O_CLOEXEC);
    pid_t holder = fd >= 0 ? guard_holder_of(fd) : 0;
    if (fd >= 0) close(fd);
    return holder;
}

static bool own_lock_holds(void)
{
    pthread_mutex_lock(&own_lock_is_used);
    bool holds = own_held > 0;
    pthread_mutex_unlock(&own_lock_is_used);
    return holds;
}

/* Reacts to a lock file that was moved: the next gcxvm looks for this process at the lock's path. If it has
 * conversations, this process takes the lock that is there now. A process started meanwhile has that lock for a
 * moment, until it finds its port taken and ends; if that one keeps the lock, it serves, and this one ends. */
static void lock_follow(struct watch *watch)
{
    if (watch->told || !lock_was_moved(watch)) {
        watch->missed = 0;
        return;
    }
    bool holds = own_lock_holds();
    if ((holds && lock_take_anew(watch)) || (holds && ++watch->missed < MISSED_MOST)) return;
    watch->told = true; /* a second SIGTERM would end the process at once, and its conversations with it */
    kill(getpid(), SIGTERM);
}

/* A thread of the adapter's process: checks once a second whether a gcxvm is alive. */
static void *watch_main(void *argument)
{
    struct watch *watch = argument;
    for (uint64_t alone = 0;;) {
        sleep(1);
        bool lives = core_holder(watch->core) != 0;
        alone = lives ? 0 : alone + 1;
        if (lives)
            lock_follow(watch);
        else if (alone == watch->seconds)
            kill(getpid(), ADAPTER_ALONE);
    }
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
        /* The parent may have died before this call; it is compared with the holder of the core's lock, since in a
         * container the parent may rightly be process 1. */
        if (prctl(PR_SET_PDEATHSIG, ADAPTER_ALONE) != 0 || getppid() != core_holder(core)) raise(ADAPTER_ALONE);
        if (!lock) return;
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
