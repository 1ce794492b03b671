/* runtime/journal/snapshots.c - Cuts, verifies, names and removes snapshots.
 *
 * A snapshot is written as `new`, loaded again from the disk and compared, and only then renamed to its batch number
 * (snapshot_cut_begin, _write, _verify, _end). While a snapshot is cut the folder is locked, so that only one snapshot
 * is cut at a time. After each new one the older ones are examined (fates_find): two good ones are kept, since a start
 * that finds the newest damaged uses the other. */
#include "runtime/journal/snapshots.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/core/migration.h"
#include "runtime/core/snapshot.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/readers.h"
#include "base/file.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/semantics.h"

#define DAY_US (86400 * UINT64_C(1000000))
enum { SNAPSHOT_DIGITS = 20 }; /* fixed number of digits, so that names sort like batches */

struct cutting {
    int folder; /* locked */
    char state[SNAPSHOT_PATH], path[SNAPSHOT_PATH], rest[SNAPSHOTS_WHY];
    struct snapshot_head head;
    uint64_t bytes, below;
    bool written, verified, ended;
};

static void name_folder(const char *state, char path[SNAPSHOT_PATH])
{
    snprintf(path, SNAPSHOT_PATH, "%.3000s/snapshots", state);
}

/* Returns the batch number in a file name; 0: it is not a snapshot's name. */
static uint64_t snapshots_number_of(const char *name)
{
    return strlen(name) == SNAPSHOT_DIGITS && strspn(name, "0123456789") == SNAPSHOT_DIGITS ? strtoull(name, NULL, 10)
                                                                                            : 0;
}

void snapshots_path(const char *state, uint64_t number, char path[SNAPSHOT_PATH])
{
    snprintf(path, SNAPSHOT_PATH, "%.3000s/snapshots/%0*" PRIu64, state, SNAPSHOT_DIGITS, number);
}

static int newer_first(const void *a, const void *b)
{
    const struct snapshot_row *one = a, *other = b;
    return one->number > other->number ? -1 : one->number < other->number;
}

/* Newest first. Lists the snapshots; files with other names are ignored. */
size_t snapshots_list(const char *state, struct snapshot_row rows[SNAPSHOTS_MAX])
{
    char folder[SNAPSHOT_PATH];
    struct stat found;
    size_t count = 0;
    name_folder(state, folder);
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        uint64_t number = snapshots_number_of(entry->d_name);
        if (number == 0 || count == SNAPSHOTS_MAX) continue;
        struct snapshot_row *row = &rows[count];
        int length = snprintf(row->path, SNAPSHOT_PATH, "%.3000s/%.20s", folder, entry->d_name);
        if (length >= SNAPSHOT_PATH || stat(row->path, &found) != 0 || !S_ISREG(found.st_mode)) continue;
        row->number = number;
        row->bytes = (uint64_t)found.st_size;
        count++;
    }
    if (directory) closedir(directory);
    if (count > 0) qsort(rows, count, sizeof *rows, newer_first);
    return count;
}

/* Renames snapshots of batches that the journal does not have, so that no start uses them. */
size_t snapshots_set_aside(const char *state, uint64_t last)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    size_t aside = 0;
    for (size_t i = 0, count = snapshots_list(state, rows); i < count; i++) {
        char path[SNAPSHOT_PATH];
        if (rows[i].number <= last) continue;
        int length = snprintf(path, sizeof path, "%.3000s/snapshots/lost-%" PRIu64, state, rows[i].number);
        aside += length < SNAPSHOT_PATH && rename(rows[i].path, path) == 0;
    }
    free(rows);
    return aside;
}

static bool of_this(const struct snapshot_head *head, const struct core_options *options, struct error *error)
{
    if (!core_takes_over(head->semantics))
        return error_set(error, ERROR_VERSION,
                         "it was made by semantics number %" PRIu32
                         "; this program has %d: start the gcxvm that made it, or "
                         "see UPGRADES in gcxvm(8)",
                         head->semantics, SEMANTICS_NUMBER);
    if (options->partition != 0 && head->partition != options->partition)
        return error_set(error, ERROR_STATE, "it is of partition %u, and this is %u", head->partition,
                         options->partition);
    return true;
}

/* Loads a snapshot; `verified`: its digest was checked when it got its name, and since then only somebody with the
 * folder's keys can have altered it. Options that determine how a core is made come from the snapshot and overwrite
 * the caller's. */
static struct core *snapshots_load(const char *path, struct core_options *options, struct snapshot_head *head,
                                   bool verified, struct error *error)
{
    struct core *core = NULL;
    struct snapshot_reader *reader = snapshot_reader_new(path, head, error);
    if (reader && of_this(head, options, error)) {
        options->partition = head->partition;
        options->seed = head->seed;
        options->interactions_max = (uint32_t)head->interactions_max;
        core = core_load_from(options, snapshot_next, reader, head->length, verified && snapshot_sealed(reader), error);
        snapshot_good(reader, error); /* a wrong page is the cause of any other error */
        if (core && head->semantics == SEMANTICS_NUMBER && core_digest(core) != head->digest) {
            error_set(error, ERROR_STATE, "the core that it makes has the digest %016" PRIx64 ", and had %016" PRIx64,
                      core_digest(core), head->digest);
            core_free(core);
            core = NULL;
        }
    }
    snapshot_reader_free(reader);
    return core;
}

struct core *snapshot_load(const char *path, struct core_options *options, struct snapshot_head *head,
                           struct error *error)
{
    return snapshots_load(path, options, head, true, error);
}

/* Makes the folder; its name is durable before a snapshot in it allows batches to be pruned. */
static bool folder_make(const char *state, const char *folder)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return false;
    return file_synced(state);
}

/* Locks the folder; the lock ends when the folder is closed, which the kernel also does for a killed process. */
struct cutting *snapshot_cut_begin(const char *state, struct error *error)
{
    struct cutting *cutting = memory_zeroed(1, sizeof *cutting);
    char folder[SNAPSHOT_PATH];
    snprintf(cutting->state, sizeof cutting->state, "%.3000s", state);
    name_folder(cutting->state, folder);
    snprintf(cutting->path, sizeof cutting->path, "%.3100s/new", folder);
    cutting->folder = -1;
    if (!folder_make(cutting->state, folder))
        file_failed(folder, error);
    else if ((cutting->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        file_failed(folder, error);
    else if (flock(cutting->folder, LOCK_EX | LOCK_NB) != 0)
        error_set(error, ERROR_STATE, "another snapshot is being cut in %.160s", folder);
    /* a file `new` may have been left by a process that was killed */
    else if (unlink(cutting->path) != 0 && errno != ENOENT)
        file_failed(cutting->path, error);
    else
        return cutting;
    snapshot_cut_free(cutting);
    return NULL;
}

/* Ends the cutting; a snapshot that did not get its name is removed. */
void snapshot_cut_free(struct cutting *cutting)
{
    if (!cutting) return;
    if (cutting->written && !cutting->ended) unlink(cutting->path);
    if (cutting->folder >= 0) close(cutting->folder);
    free(cutting);
}

bool snapshot_cut_write(struct cutting *cutting, struct core *core, const struct core_options *options,
                        const struct journal_head *head, struct error *error)
{
    struct snapshot_writer *writer = snapshot_writer_new(cutting->path, error);
    if (!writer) return false;
    cutting->written = true;
    cutting->head = (struct snapshot_head){.journal = *head,
                                           .partition = options->partition,
                                           .semantics = SEMANTICS_NUMBER,
                                           .seed = options->seed,
                                           .interactions_max = options->interactions_max,
                                           .digest = core_digest(core)};
    core_save(core, snapshot_put, writer); /* a failure of core_save() is reported by snapshot_writer_end() */
    bool good = snapshot_writer_end(writer, &cutting->head, error);
    snapshot_writer_free(writer);
    return good;
}

/* Reads the file from the disk and makes a core from it. The options' callbacks are removed, so that making the core
 * triggers nothing. */
bool snapshot_cut_verify(struct cutting *cutting, const struct core_options *options, struct error *error)
{
    assert(cutting->written);
    struct core_options own = *options;
    struct snapshot_head head;
    struct stat found;
    struct error why;
    own.deciding = NULL;
    own.ending = NULL;
    struct core *core = snapshots_load(cutting->path, &own, &head, false, &why);
    cutting->verified = core != NULL;
    core_free(core);
    if (!cutting->verified)
        return error_set(error, why.code, "the snapshot was read back and is wrong: %.200s", why.text);
    if (stat(cutting->path, &found) == 0) cutting->bytes = (uint64_t)found.st_size;
    return true;
}

/* What happens with a snapshot when old ones are removed. FATE_UNREAD: it cannot be read now because of the disk or
 * the key file; it stays. */
enum fate { FATE_UNKNOWN, FATE_KEPT, FATE_BELOW, FATE_GONE, FATE_UNREAD };

/* Writes why batches from the second newest snapshot, `older`, on cannot be pruned. `older` NULL: there is no second
 * snapshot yet. */
static void rest_tell(char rest[SNAPSHOTS_WHY], const struct snapshot_row *older, bool is_below, uint64_t age_us,
                      uint64_t period_us, const struct readers_row *last)
{
    if (!older)
        snprintf(rest, SNAPSHOTS_WHY, "batches go below the second newest snapshot, and there are not two good ones");
    else if (is_below)
        snprintf(rest, SNAPSHOTS_WHY, "a start may need them: two snapshots are kept");
    else if (period_us == SNAPSHOTS_FOR_EVER)
        snprintf(rest, SNAPSHOTS_WHY, "none is removed for its age (journal_days)");
    else if (age_us < period_us)
        snprintf(rest, SNAPSHOTS_WHY, "those of the last %" PRIu64 " days are kept (journal_days, or --days)",
                 period_us / DAY_US);
    else if (!last->name[0])
        snprintf(rest, SNAPSHOTS_WHY, "a reader may need them: the folder `readers` cannot be read");
    else
        snprintf(rest, SNAPSHOTS_WHY, "the reader %s stands at batch %" PRIu64, last->name, last->batch);
}

/* Thins out the snapshots that nothing else needs: of these some are kept, at least a quarter of the period apart. The
 * fate of the snapshot `below` is not changed. */
static void fates_thin(const struct snapshot_head *heads, size_t count, size_t below, uint64_t period_us,
                       enum fate *fates)
{
    uint64_t last_us = 0; /* time of the last snapshot kept */
    bool any = false;
    for (size_t i = count; i-- > 0;) {
        if (fates[i] == FATE_GONE || fates[i] == FATE_UNREAD) continue;
        uint64_t time_us = heads[i].journal.time_us;
        bool apart = period_us != SNAPSHOTS_FOR_EVER && (!any || time_us - last_us >= period_us / 4);
        if (fates[i] == FATE_UNKNOWN) fates[i] = i > below || (i != below && !apart) ? FATE_GONE : FATE_KEPT;
        if (i == below) fates[i] = FATE_BELOW;
        if (fates[i] == FATE_GONE) continue;
        any = true;
        last_us = time_us;
    }
}

/* Decides the fate of each snapshot: the two newest good ones are kept. Of the others the newest that is older than the
 * period is kept as FATE_BELOW: the journal can be replayed from it when the batches before it are gone. Between
 * FATE_BELOW and the two newest some are kept, a quarter of the period apart: each will later become FATE_BELOW.
 * Readers hold FATE_BELOW back. Sets the fate of each row, and returns the batch of FATE_BELOW, or 0; `rest` says why
 * the batches from there on are kept. */
static uint64_t fates_find(const char *state, const struct snapshot_row *rows, size_t count, uint64_t period_us,
                           enum fate *fates, char rest[SNAPSHOTS_WHY])
{
    struct snapshot_head heads[SNAPSHOTS_MAX];
    size_t newest = count, older = count, below = count;
    struct readers_row last = {0};
    uint64_t held = readers_least(state, &last), age_us = 0;
    for (size_t i = 0; i < count; i++) {
        struct error why = {0};
        /* A start falls back to the second newest, so every byte of it is checked. */
        bool good = newest < count && older == count ? snapshot_check(rows[i].path, &heads[i], &why)
                                                     : snapshot_head_read(rows[i].path, &heads[i], &why);
        fates[i] = good && core_takes_over(heads[i].semantics) ? FATE_UNKNOWN : FATE_GONE;
        if (!good && (why.code == ERROR_DENIED || why.code == ERROR_SYSTEM)) fates[i] = FATE_UNREAD;
        if (good && newest < count && memcmp(heads[i].journal.first, heads[newest].journal.first, CORE_HASH) != 0)
            fates[i] = FATE_GONE; /* the snapshot is of another journal */
        if (fates[i] != FATE_UNKNOWN) continue;
        if (newest == count)
            newest = i;
        else if (older == count)
            older = i;
        if (i == newest || i == older) fates[i] = FATE_KEPT;
        uint64_t row_us = heads[newest].journal.time_us - heads[i].journal.time_us;
        if (i == older) age_us = row_us;
        bool old = period_us != SNAPSHOTS_FOR_EVER && row_us >= period_us && rows[i].number <= held;
        if (i != newest && below == count && old) below = i;
    }
    if (rest) rest_tell(rest, older < count ? &rows[older] : NULL, below == older, age_us, period_us, &last);
    fates_thin(heads, count, below, period_us, fates);
    return below < count ? rows[below].number : 0;
}

/* Removes old snapshots, and returns the batch below which the journal may be pruned; 0: no batch may be. */
uint64_t snapshots_remove_old(const char *state, uint64_t period_us, char rest[SNAPSHOTS_WHY])
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    enum fate fates[SNAPSHOTS_MAX];
    size_t count = snapshots_list(state, rows);
    uint64_t below = fates_find(state, rows, count, period_us, fates, rest);
    for (size_t i = 0; i < count; i++)
        if (fates[i] == FATE_GONE) snapshot_erase(rows[i].path);
    free(rows);
    return below;
}

/* Removes the snapshots from batch `from` on, except those that a start may need. Returns in `left` the snapshots
 * that stay. */
size_t snapshots_forget(const char *state, uint64_t from, uint64_t first, struct snapshot_row left[SNAPSHOTS_MAX],
                        size_t *left_count)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct snapshot_head head;
    size_t gone = 0, good = 0, count = snapshots_list(state, rows), begins = count;
    *left_count = 0;
    /* the journal begins after the snapshots that are skipped here */
    while (first > 1 && begins > 0 && rows[begins - 1].number < first) begins--;
    for (size_t i = 0; i < count; i++) {
        bool needed = first > 1 && i + 1 == begins;
        if (good < 2) {
            needed = true; /* a start uses this snapshot, or tries it before the two good ones */
            good += snapshot_check(rows[i].path, &head, NULL);
        }
        if (rows[i].number < from) continue;
        if (!needed && snapshot_erase(rows[i].path))
            gone++;
        else
            left[(*left_count)++] = rows[i];
    }
    free(rows);
    return gone;
}

/* Gives the snapshot its name; keys are synced first, as a snapshot must not be durable without its keys. */
bool snapshot_cut_end(struct cutting *cutting, uint64_t period_us, struct error *error)
{
    assert(cutting->verified && !cutting->ended);
    char path[SNAPSHOT_PATH];
    snapshots_path(cutting->state, cutting->head.journal.number, path);
    if (!keys_sync(cutting->state, error)) return false;
    if (rename(cutting->path, path) != 0) return file_failed(path, error);
    cutting->ended = true;
    if (fsync(cutting->folder) != 0) return file_failed(path, error);
    cutting->below = snapshots_remove_old(cutting->state, period_us, cutting->rest);
    return true;
}

const struct snapshot_head *snapshot_cut_head(const struct cutting *cutting)
{
    return &cutting->head;
}

uint64_t snapshot_cut_bytes(const struct cutting *cutting)
{
    return cutting->bytes;
}

uint64_t snapshot_cut_below(const struct cutting *cutting)
{
    return cutting->below;
}

const char *snapshot_cut_rest(const struct cutting *cutting)
{
    return cutting->rest;
}

bool snapshots_cut(const char *state, struct core *core, const struct core_options *options,
                   const struct journal_head *head, uint64_t period_us, struct error *error)
{
    struct cutting *cutting = snapshot_cut_begin(state, error);
    bool good = cutting && snapshot_cut_write(cutting, core, options, head, error) &&
                snapshot_cut_verify(cutting, options, error) && snapshot_cut_end(cutting, period_us, error);
    snapshot_cut_free(cutting);
    return good;
}
