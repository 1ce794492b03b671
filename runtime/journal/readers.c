/* runtime/journal/readers.c - Reads and writes the readers' files, which contain a number of twenty digits that is
 * overwritten in place.
 *
 *     STATE/readers/backup      00000000000000041207
 *
 * A reader's file keeps batches from its number on from being pruned. A reader's file is written without a sync: an old
 * number only keeps more batches. A reader that does not report for long is removed by readers_end_silent(), so that a
 * forgotten file does not fill the disk. */
#include "runtime/journal/readers.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { READER_PATH_SIZE = 4096, DIGITS = 20 };

static void readers_path(const char *state, const char *name, char path[READER_PATH_SIZE])
{
    snprintf(path, READER_PATH_SIZE, "%.3900s/readers%s%.63s", state, name[0] ? "/" : "", name);
}

/* Reads a reader's file; if it cannot be read it counts as batch 0, and so keeps all batches. False: it has gone. */
static bool readers_row_read(const char *path, uint64_t wall_us, struct readers_row *row)
{
    char text[DIGITS + 1] = "";
    struct stat found;
    /* without O_NONBLOCK, opening a pipe would wait */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    bool there = fd >= 0 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
    if (there) {
        bool whole = pread(fd, text, DIGITS, 0) == DIGITS && strspn(text, "0123456789") == DIGITS;
        uint64_t said_us = (uint64_t)found.st_mtim.tv_sec * 1000000 + (uint64_t)found.st_mtim.tv_nsec / 1000;
        row->batch = whole ? strtoull(text, NULL, 10) : 0;
        row->silent_us = wall_us > said_us ? wall_us - said_us : 0;
    }
    if (fd >= 0) close(fd);
    return there;
}

/* Finds the readers; files beginning with a dot are not readers, and longer names are not listed. `*whole`: false if
 * the folder cannot be read to its end; without a folder there are no readers. */
static size_t readers_found(const char *state, uint64_t wall_us, struct readers_row rows[READERS_MAX], bool *whole)
{
    char folder[READER_PATH_SIZE], path[READER_PATH_SIZE];
    size_t count = 0;
    readers_path(state, "", folder);
    errno = 0;
    DIR *list = opendir(folder);
    *whole = list || errno == ENOENT;
    while (list && count < READERS_MAX) {
        const struct dirent *entry = file_next(list);
        *whole = entry || errno == 0;
        if (!entry) break;
        struct readers_row *row = &rows[count];
        if (entry->d_name[0] == '.' || strlen(entry->d_name) >= READER_NAME) continue;
        snprintf(row->name, sizeof row->name, "%.63s", entry->d_name);
        readers_path(state, row->name, path);
        count += readers_row_read(path, wall_us, row);
    }
    if (list) closedir(list);
    return count;
}

size_t readers_list(const char *state, uint64_t wall_us, struct readers_row rows[READERS_MAX])
{
    bool whole;
    return readers_found(state, wall_us, rows, &whole);
}

/* Returns the least batch that any reader holds; UINT64_MAX: no reader holds one. 0: some reader cannot be read, and
 * might hold all batches. */
uint64_t readers_least(const char *state, struct readers_row *whose)
{
    struct readers_row rows[READERS_MAX];
    uint64_t least = UINT64_MAX;
    bool whole;
    size_t count = readers_found(state, 0, rows, &whole);
    if (!whole) {
        *whose = (struct readers_row){0};
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        if (rows[i].batch < least) {
            least = rows[i].batch;
            *whose = rows[i];
        }
    return least;
}

size_t readers_end_silent(const char *state, uint64_t wall_us, uint64_t silent_us, struct readers_row rows[READERS_MAX])
{
    size_t ended = 0;
    for (size_t i = 0, count = readers_list(state, wall_us, rows); i < count; i++) {
        if (rows[i].silent_us < silent_us) continue;
        readers_end(state, rows[i].name);
        rows[ended++] = rows[i];
    }
    return ended;
}

static bool write_number(const char *path, int flags, uint64_t batch, struct error *error)
{
    char text[DIGITS + 2];
    snprintf(text, sizeof text, "%0*" PRIu64 "\n", DIGITS, batch);
    /* Links are not followed: somebody who may write the folder must not make root write a file elsewhere. */
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
    bool good = fd >= 0 && pwrite(fd, text, DIGITS + 1, 0) == DIGITS + 1;
    if (!good) error_set(error, errno == ENOENT ? ERROR_STATE : ERROR_SYSTEM, "%.200s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return good;
}

/* Gives a file made by root to the owner of the state folder, so that gcxvm can read it. */
static void readers_give(const char *state, const char *path)
{
    struct stat found;
    if (geteuid() != 0 || stat(state, &found) != 0 || found.st_uid == 0) return;
    /* if the owner cannot be changed, gcxvm cannot read the file, and the reader keeps no batches */
    (void)!lchown(path, found.st_uid, found.st_gid);
}

/* Creates the reader's file; no other function does, so readers_say() fails if the reader has been removed
 * meanwhile. */
bool readers_begin(const char *state, const char *name, uint64_t batch, struct error *error)
{
    char path[READER_PATH_SIZE];
    readers_path(state, "", path);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return file_failed(path, error);
    readers_give(state, path);
    readers_path(state, name, path);
    struct readers_row rows[READERS_MAX];
    if (access(path, F_OK) != 0 && readers_list(state, 0, rows) == READERS_MAX)
        return error_set(error, ERROR_LIMIT,
                         "%d others read this journal, and no more can hold its batches: end one of them", READERS_MAX);
    bool good = write_number(path, O_CREAT, batch, error);
    if (good) readers_give(state, path);
    return good;
}

bool readers_say(const char *state, const char *name, uint64_t batch, struct error *error)
{
    char path[READER_PATH_SIZE];
    readers_path(state, name, path);
    return write_number(path, 0, batch, error);
}

void readers_end(const char *state, const char *name)
{
    char path[READER_PATH_SIZE];
    readers_path(state, name, path);
    unlink(path);
}

static char own_place[READER_PATH_SIZE];

static void readers_on_end(int number)
{
    unlink(own_place);
    raise(number); /* the signal's default action applies again */
}

/* For a tool that may be ended by a signal: installs a handler that removes the file. unlink() and raise() are
 * allowed in signal handlers. */
void readers_end_with_process(const char *state, const char *name)
{
    static const int ends[] = {SIGHUP, SIGTERM, SIGPIPE};
    struct sigaction act = {.sa_handler = readers_on_end, .sa_flags = (int)SA_RESETHAND}, before;
    sigemptyset(&act.sa_mask);
    readers_path(state, name, own_place);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sigaction(ends[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            (void)sigaction(ends[i], &act, NULL);
}
