/* runtime/adapter/watched.c - Looks for files that have changed, and has them read again.
 *
 *     second 1    stat() differs: due
 *     second 2    the same as in second 1: read        a file that is being written is not read
 *     lines gone  and it may be half written: it counts after a minute without a change
 */
#include "runtime/adapter/watched.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/settings.h"

#define WATCHED_LOOK_US  UINT64_C(1000000)
#define WATCHED_LOSES_US UINT64_C(60000000)

/* Inode, size and the time of the last change of the inode are compared: a file that was renamed into place, written
 * to or given other rights counts as changed. */
bool watched_changed(struct watched *watched)
{
    struct stat info;
    if (!watched->path) return false;
    /* the file is gone: the function that reads it will report that once */
    if (stat(watched->path, &info) != 0) memset(&info, 0, sizeof info);
    bool same = watched->inode == info.st_ino && watched->size == (unsigned long long)info.st_size &&
                watched->changed.tv_sec == info.st_ctim.tv_sec && watched->changed.tv_nsec == info.st_ctim.tv_nsec;
    watched->changed = info.st_ctim;
    watched->inode = info.st_ino;
    watched->size = (unsigned long long)info.st_size;
    return !same;
}

bool watched_counts(const struct watched_lost *lost)
{
    return lost->gone == 0 || lost->meant || (lost->whole && lost->gone <= lost->of / 2);
}

/* --- The table --- */

void watched_begin(struct watched_files *files, struct gcx_link *link, const struct gcx_services *services)
{
    *files = (struct watched_files){.link = link, .services = services};
    files->looked_us = services->now_us(link);
}

/* Notes the present state of the file for later comparisons: whoever adds a file reads it after this call. */
void watched_add(struct watched_files *files, const char *what, const char *path, watched_again *again, void *self)
{
    assert(files->count < WATCHED_FILES);
    if (!path || !*path) return;
    struct watched_file *file = &files->all[files->count++];
    *file = (struct watched_file){.what = what, .again = again, .self = self, .file.path = path};
    (void)watched_changed(&file->file);
}

const char *watched_setting(void *self, const char *key)
{
    const struct watched_files *files = self;
    return files->services->setting(files->link, key);
}

void watched_settings(struct watched_files *files, const struct setting_row *rows, size_t count, const void *of)
{
    for (size_t i = 0; i < count; i++) {
        const char *path;
        bool read =
            rows[i].kind == SETTING_IS_again || rows[i].kind == SETTING_IS_secret || rows[i].kind == SETTING_IS_start;
        if (!read || rows[i].most != 0) continue;
        memcpy(&path, (const char *)of + rows[i].at, sizeof path);
        watched_add(files, rows[i].name, path, NULL, NULL);
    }
}

void watched_by(struct watched_files *files, const char *name, watched_again *again, void *self)
{
    for (unsigned i = 0; i < files->count; i++)
        if (strcmp(files->all[i].what, name) == 0) files->all[i].again = again, files->all[i].self = self;
}

static bool watched_secret_again(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct secret *secret = self;
    (void)lost;
    return secret_read(secret, secret->path, secret->name, why, why_size);
}

void watched_secret(struct watched_files *files, struct secret *secret)
{
    if (secret->name) watched_by(files, secret->name, watched_secret_again, secret);
}

static bool watched_ends_whole(const char *path)
{
    const char *reason;
    char last;
    int fd = file_open(path, O_RDONLY, 0, &reason);
    if (fd < 0) return false;
    bool whole = lseek(fd, -1, SEEK_END) >= 0 && read(fd, &last, 1) == 1 && last == '\n';
    close(fd);
    return whole;
}

/* `meant`: the file has stayed the same for a minute, so its missing entries are intended. */
static void watched_read(struct watched_files *files, struct watched_file *file, bool meant)
{
    struct watched_lost lost = {.whole = watched_ends_whole(file->file.path), .meant = meant};
    char why[512];
    file->loses_us = 0;
    if (!file->again) {
        files->services->log(files->link, GCX_LOG_WARNING, 0, 0,
                             "%s: %s has changed, which counts once the adapter is started anew", file->what,
                             file->file.path);
    } else if (!file->again(file->self, &lost, why, sizeof why)) {
        files->services->log(files->link, GCX_LOG_ERROR, 0, 0, "%s; what was read before goes on", why);
    } else if (!watched_counts(&lost)) {
        file->loses_us = files->looked_us + WATCHED_LOSES_US;
        files->services->log(files->link, GCX_LOG_WARNING, 0, 0,
                             "%s: %u of %u of before are not in the file, which may be half written: it counts in %u s",
                             file->what, lost.gone, lost.of, (unsigned)(WATCHED_LOSES_US / WATCHED_LOOK_US));
    } else {
        files->services->log(files->link, GCX_LOG_INFO, 0, 0, "%s: read again", file->what);
    }
}

void watched_tick(struct watched_files *files)
{
    if (files->count == 0 || files->services->now_us(files->link) - files->looked_us < WATCHED_LOOK_US) return;
    files->looked_us = files->services->now_us(files->link);
    for (unsigned i = 0; i < files->count; i++) {
        struct watched_file *file = &files->all[i];
        bool was_due = file->due, meant = file->loses_us > 0 && files->looked_us >= file->loses_us;
        file->due = watched_changed(&file->file);
        if (file->due)
            file->loses_us = 0;
        else if (was_due || meant)
            watched_read(files, file, !was_due);
    }
}
