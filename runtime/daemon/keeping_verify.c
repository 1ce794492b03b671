/* runtime/daemon/keeping_verify.c - Checks a journal and its snapshots, and says what can be done if they are
 * damaged. */
#include "runtime/daemon/keeping.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/migration.h"
#include "runtime/daemon/directory/kept.h"
#include "runtime/daemon/keeping_work.h"
#include "runtime/daemon/service/state_folder.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/snapshots.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/sealed.h"
#include "runtime/vocabulary/semantics.h"
#include "runtime/vocabulary/state_files.h"

bool keeping_chain(struct batches *store, uint64_t *broken, struct error *error)
{
    uint8_t before[CORE_HASH], hash[CORE_HASH];
    struct error why = {0};
    for (uint64_t first = batches_first(store), number = first; number <= batches_last(store); number++) {
        struct span bytes;
        struct batch batch;
        bool good = batches_read(store, number, &bytes, &why) && batch_decode(&batch, bytes, hash, &why);
        if (!good && batches_first(store) > number) { /* a running gcxvm has removed the batch meanwhile */
            first = batches_first(store);
            number = first - 1;
            continue;
        }
        if (good && (batch.number != number || (number > first && memcmp(batch.previous, before, CORE_HASH) != 0)))
            good = error_set(&why, ERROR_INPUT, "it does not follow the one before");
        if (!good) {
            error_set(error, why.code, "batch %" PRIu64 ": %.180s", number, why.text);
            *broken = number;
            return false;
        }
        memcpy(before, hash, CORE_HASH);
    }
    return true;
}

static bool head_same(const struct journal_head *a, const struct journal_head *b)
{
    return a->number == b->number && a->time_us == b->time_us && a->epoch == b->epoch && a->events == b->events &&
           a->clock_offset == b->clock_offset && a->origin == b->origin && strcmp(a->boot, b->boot) == 0 &&
           memcmp(a->previous, b->previous, CORE_HASH) == 0 && memcmp(a->first, b->first, CORE_HASH) == 0;
}

/* True: an earlier version (semantics) has made the batch. Only the version of gcxvm that made a batch can replay
 * it; this version has taken over after it. */
static bool of_earlier(struct batches *store, uint64_t number)
{
    struct span bytes;
    struct batch batch;
    uint8_t hash[CORE_HASH];
    return number <= batches_last(store) && batches_read(store, number, &bytes, NULL) &&
           batch_decode(&batch, bytes, hash, NULL) && batch.semantics != SEMANTICS_NUMBER &&
           core_takes_over(batch.semantics);
}

/* Checks that a replay of the batches before the snapshot gives its state. If nothing before the snapshot is left,
 * this cannot be checked. `before`: the snapshot before this one; NULL: there is none, and the replay begins with
 * the journal. */
static bool row_follows(struct keeping *k, const struct snapshot_row *row, const struct snapshot_head *head,
                        const struct snapshot_row *before, struct error *error)
{
    bool replayed = head->semantics == SEMANTICS_NUMBER && !of_earlier(k->store, before ? before->number + 1 : 1);
    /* only the version with the earlier semantics, which made the batches, can replay them */
    if (!replayed) return true;
    if (k->broken > 0 || (!before && batches_first(k->store) > 1)) return true;
    if (!keeping_replay(k, row->number - 1, row->number, error)) return false;
    /* cannot be compared: without the erased secrets the replay gives another state */
    if (k->head.hidden > 0) return true;
    if (head_same(&k->head, &head->journal) && core_digest(k->core) == head->digest) return true;
    return error_set(error, ERROR_STATE, "it is not what the batches before it come to");
}

/* Is the snapshot good? A snapshot is good if its file is whole, its state is the result of the batches before it,
 * and the batches after it can be applied to it. */
static bool row_verify(struct keeping *k, const struct snapshot_row *row, const struct snapshot_row *before,
                       struct error *error)
{
    struct snapshot_head head;
    uint64_t until = of_earlier(k->store, row->number + 1) ? row->number : batches_last(k->store);
    return snapshot_check(row->path, &head, error) && row_follows(k, row, &head, before, error) &&
           keeping_replay(k, row->number, until, error) &&
           (k->recovery.snapshot == row->number || (error_set(error, ERROR_STATE, "it cannot be started from"), false));
}

static bool row_tell(struct keeping *k, const struct snapshot_row *row, const struct snapshot_row *before,
                     struct error *why)
{
    struct error error = {0};
    bool good = row_verify(k, row, before, &error);
    if (good && of_earlier(k->store, row->number + 1))
        printf("snapshot of batch %" PRIu64 ": good, %" PRIu64 " bytes; the batches after it are of an earlier "
               "semantics number\n",
               row->number, row->bytes);
    else if (good)
        printf("snapshot of batch %" PRIu64 ": good, %" PRIu64 " bytes, and the %" PRIu64 " batches after it follow\n",
               row->number, row->bytes, batches_last(k->store) - row->number);
    else
        shown_print(stdout, "snapshot of batch %" PRIu64 ": %s\n", row->number, error.text);
    return good || error_set(why, error.code, "snapshot of batch %" PRIu64 ": %.180s", row->number, error.text);
}

/* Replays the journal from its beginning, if there is no snapshot. */
static bool beginning_tell(struct keeping *k, struct error *why)
{
    if (of_earlier(k->store, 1)) {
        printf("from the beginning: not replayed, an earlier semantics number made those batches\n");
        return true;
    }
    k->recovery.state = NULL;
    bool good = keeping_replay(k, UINT64_MAX, batches_last(k->store), why);
    shown_print(stdout, "from the beginning: %s\n", good ? "good" : why->text);
    return good;
}

/* Of several things that are missing or damaged, the first that was found is reported. */
static void on_verify_missed(void *self, const char *gone)
{
    struct error *why = self;
    if (why->text[0] == '\0') error_set(why, ERROR_STATE, "%s", gone);
}

/* Checks the encrypted files of adapters. The configuration need not name these adapters. */
static void sealed_verify(const char *state, struct error *missed)
{
    struct dirent *entry;
    const char *why;
    bool whole;
    DIR *all = opendir(state);
    while (all && (entry = file_next(all))) {
        const char *ending = strrchr(entry->d_name, '.');
        if (!ending || strcmp(ending, state_endings.telephones) != 0) continue;
        char *path = memory_format("%s/%s", state, entry->d_name), *text = sealed_read(path, &whole, &why),
             *told = memory_format("its file `%s` is damaged: %s", entry->d_name,
                                   text ? "lines were changed, or are gone" : why);
        if (!whole) on_verify_missed(missed, told);
        free(told), free(text), free(path);
    }
    if (!all || errno != 0) {
        char *told = memory_format("the state folder cannot be read: %s", strerror(errno));
        on_verify_missed(missed, told);
        free(told);
    }
    if (all) closedir(all);
}

/* Reports the first file that was there once and is missing, or is damaged. */
static void state_files_verify(const struct conf *conf, struct error *missed)
{
    char *path = memory_format("%s/lock", conf->state);
    struct state_folder *folder = memory_zeroed(1, sizeof *folder);
    folder->conf = conf;
    folder->lock = open(path, O_RDONLY | O_CLOEXEC);
    state_folder_missed(folder, on_verify_missed, missed);
    sealed_verify(conf->state, missed);
    if (folder->lock >= 0) close(folder->lock);
    free(folder), free(path);
}

/* Says what can be done if a batch is missing or damaged. */
static void keeping_verify_advise(bool starts)
{
    printf("%s; put journal and snapshots of a backup in their place: BACKUP in gcxvm(8)\n",
           starts ? "gcxvm starts from a snapshot after that batch, but what was before cannot be replayed any more"
                  : "gcxvm cannot start, as no good snapshot was cut after that batch");
}

bool keeping_verify(const struct conf *conf)
{
    struct keeping k = {0};
    struct error why = {0};
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    size_t count = snapshots_list(conf->state, rows), starts = 0;
    bool open = keeping_open(&k, conf, &why), good = open && keeping_chain(k.store, &k.broken, &why), all = good;
    if (good)
        printf("journal: batches %" PRIu64 " to %" PRIu64 " are whole and unaltered\n", batches_first(k.store),
               batches_last(k.store));
    else
        shown_print(stdout, "journal: %s\n", why.text);
    for (size_t i = 0; open && i < count; i++) {
        if (rows[i].number <= k.broken || access(rows[i].path, F_OK) != 0) continue; /* removed meanwhile */
        bool one = row_tell(&k, &rows[i], i + 1 < count ? &rows[i + 1] : NULL, all ? &why : &(struct error){0});
        starts += one;
        all = all && one;
    }
    if (good && batches_first(k.store) == 1) {
        all = beginning_tell(&k, all ? &why : &(struct error){0}) && all;
    } else if (good && count == 0) {
        error_set(&why, ERROR_STATE,
                  "no snapshot is there, and the journal does not begin at batch 1: gcxvm cannot start");
        all = false;
    }
    if (open && !keys_start(conf->state, conf->key_file, all ? &why : &(struct error){0})) all = false;
    if (!kept_check(conf->state, all ? &why : &(struct error){0})) all = false;
    struct error missed = {0};
    state_files_verify(conf, &missed);
    if (missed.text[0] != '\0' && all) why = missed;
    if (missed.text[0] != '\0') all = false;
    if (k.broken > 0) keeping_verify_advise(starts > 0);
    if (!all) shown_print(stdout, "NOT GOOD: %s\n", why.text);
    free(rows);
    keeping_close(&k);
    return all;
}

bool keeping_verify_folder(const char *state)
{
    char *copy = memory_text(state);
    bool good = keeping_verify(&(struct conf){.state = copy});
    free(copy);
    return good;
}
