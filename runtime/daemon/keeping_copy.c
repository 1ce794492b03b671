/* runtime/daemon/keeping_copy.c - Copies journal and snapshots, even while a gcxvm is running.
 *
 * The order makes the copy complete although the journal grows meanwhile:
 *
 *     keys -> snapshots -> batches -> keys again -> chain of hashes read back -> mark
 *
 * A batch written during the copying may be encrypted with a key made during the copying, so the keys are copied
 * twice. The mark is written last: a folder without the mark is an incomplete copy. */
#include "runtime/daemon/keeping.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/daemon/keeping_work.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/journal/copy_mark.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/place.h"
#include "runtime/journal/snapshots.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/shown.h"

/* The file must be new: a copy never overwrites another one. */
bool keeping_file_copy(const char *from, const char *to, struct error *error)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t moved = in < 0 || out < 0 ? -1 : 1;
    while (moved > 0) moved = sendfile(out, in, NULL, 1 << 20);
    bool good = moved == 0 && fsync(out) == 0;
    if (!good) file_failed(in < 0 ? from : to, error);
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    return good;
}

/* Copies the snapshots before the journal, so that the journal's copy has the batch of each. A snapshot that is
 * removed meanwhile is no longer needed. */
static bool snapshots_copy(const char *state, const char *folder, size_t *copied, struct error *error)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct snapshot_head head;
    char path[SNAPSHOT_PATH];
    size_t count = snapshots_list(state, rows);
    snprintf(path, sizeof path, "%.3000s/snapshots", folder);
    bool good = mkdir(path, 0700) == 0 || file_failed(path, error);
    for (size_t i = 0; good && i < count; i++) {
        snprintf(path, sizeof path, "%.3000s/snapshots%s", folder, strrchr(rows[i].path, '/'));
        if (access(rows[i].path, F_OK) != 0) continue;
        good = keeping_file_copy(rows[i].path, path, error) && snapshot_check(path, &head, error);
        *copied += good;
    }
    free(rows);
    return good;
}

/* The copied files are checked, not the journal, so a disk that lost bytes is noticed now and not when the copy is
 * needed. */
bool keeping_export_to(const char *state, const char *folder, struct error *error)
{
    size_t snapshots = 0;
    uint64_t broken = 0;
    if (sodium_init() < 0) abort();
    struct batches *store = place_follow_whole(state, error);
    bool good = store && (mkdir(folder, 0700) == 0 || file_failed(folder, error)) && keys_copy(state, folder, error) &&
                snapshots_copy(state, folder, &snapshots, error) && batches_copy(store, folder, error) &&
                keys_copy(state, folder, error);
    struct batches *copy = good ? batches_follow_sqlite(folder, error) : NULL;
    good = copy && keeping_chain(copy, &broken, error) && copy_mark_make(folder, batches_last(copy), error);
    if (good)
        shown_print(stdout, "batches %" PRIu64 " to %" PRIu64 " and %zu snapshots are copied to %s, and are whole\n",
                    batches_first(copy), batches_last(copy), snapshots, folder);
    batches_close(copy);
    batches_close(store);
    return good;
}

/* Runs with low priority, and makes files that only their owner can read. */
bool keeping_export(const struct conf *conf, const char *folder)
{
    struct error error = {0};
    setpriority(PRIO_PROCESS, 0, KEEPING_NICE);
    umask(077);
    if (keeping_export_to(conf->state, folder, &error)) return true;
    shown_print(stdout, "no copy: %s\n", error.text);
    return false;
}
