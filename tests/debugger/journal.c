/* tests/debugger/journal.c - Keeps the journal of a test's play: journal IMAGE FOLDER TEST [SEMANTICS |
 * cut BATCH | snapshot BATCH].
 * With SEMANTICS, that number stands in its last batch instead of this program's; with cut, a snapshot is made after
 * that batch, and the batches before it are removed; with snapshot, they stay. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/journal/batch.h"
#include "runtime/journal/images.h"
#include "runtime/journal/recovery.h"
#include "runtime/journal/snapshots.h"
#include "runtime/journal/batches.h"
#include "runtime/sim/sim.h"

static bool good = true;

static void on_failure(void *self, const char *file, uint32_t line, const char *text)
{
    (void)self;
    fprintf(stderr, "%s:%u: %s\n", file, line, text);
    good = false;
}

static void on_result(void *self, const struct sim_result *result)
{
    (void)self, (void)result;
}

/* Appends an empty batch that says of itself that it was made by another program. */
static bool add_batch(const char *folder, uint32_t semantics, struct error *error)
{
    struct batches *store = batches_open_sqlite(folder, NULL, error);
    struct span bytes;
    struct batch batch;
    uint8_t hash[CORE_HASH], *encoded = NULL;
    bool added =
        store && batches_read(store, batches_last(store), &bytes, error) && batch_decode(&batch, bytes, hash, error);
    if (added) {
        batch.number++;
        batch.semantics = semantics;
        batch.count = 0;
        batch.events.length = 0;
        memcpy(batch.previous, hash, CORE_HASH);
        encoded = malloc(batch_size(&batch));
        if (!encoded) abort();
        batch_encode(&batch, encoded, hash);
        struct span whole = {encoded, (uint32_t)batch_size(&batch)};
        added = batches_append(store, batch.number, whole, error) == APPEND_OK;
    }
    free(encoded);
    batches_close(store);
    return added;
}

static bool cut(const char *folder, uint64_t number, bool prunes, struct error *error)
{
    struct batches *store = batches_open_sqlite(folder, NULL, error);
    struct images *images = images_new(store, NULL, NULL);
    struct core_options options = {.image = images_get, .self = images};
    struct recovery recovery = {.store = store, .core = &options};
    struct journal_head head;
    uint8_t first[CORE_HASH];
    bool made = store && journal_identity(&recovery, first, error);
    struct core *core = made ? core_new(&options) : NULL;
    if (made) journal_begin(&options, &head);
    while (made && head.number < number) made = journal_next(store, &options, core, &head, NULL, error);
    made = made && snapshots_cut(folder, core, &options, &head, 0, error) &&
           (!prunes || batches_prune(store, number, 10000000, error));
    core_free(core);
    images_free(images);
    batches_close(store);
    return made;
}

int main(int count, char **words)
{
    static uint8_t image[64 * 1024 * 1024];
    struct error error = {0};
    if (count < 4) return 2;
    FILE *file = fopen(words[1], "rb");
    size_t length = file ? fread(image, 1, sizeof image, file) : 0;
    if (file) fclose(file);
    struct sim_tests *tests = sim_tests_open(image, length, NULL, &error);
    const struct sim_options options = {.journal = words[2], .brief = true};
    const struct sim_report report = {NULL, on_failure, on_result};
    for (uint32_t i = 0; tests && i < sim_tests_count(tests); i++)
        if (strcmp(sim_tests_at(tests, i).name, words[3]) == 0) (void)sim_play(tests, i, &options, &report);
    sim_tests_close(tests);
    bool prunes = count > 5 && strcmp(words[4], "cut") == 0;
    bool cuts = prunes || (count > 5 && strcmp(words[4], "snapshot") == 0);
    if (cuts && !cut(words[2], strtoull(words[5], NULL, 10), prunes, &error)) good = false;
    if (count > 4 && !cuts && !add_batch(words[2], (uint32_t)strtoul(words[4], NULL, 10), &error)) good = false;
    if (error.code != ERROR_NONE) fprintf(stderr, "journal: %s\n", error.text);
    return good && error.code == ERROR_NONE ? 0 : 1;
}
