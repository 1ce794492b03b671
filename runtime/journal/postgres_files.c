/* runtime/journal/postgres_files.c - Transfers files of the state folder through the database to a second machine.
 *
 * Table gcx_file has the newest snapshot, in parts, once there is a follower; and small files: what administrators have
 * activated by hand, and who is logged in at a desk or has a chat open (struct journal_place). The leader writes a
 * small file when it has changed, and the next leader reads it. Small files are encrypted with the data key; a snapshot
 * is already encrypted by itself. One part of a file is sent with each beat, under the file's name with .new: so
 * appends and signs of life are not delayed, and only a complete file has its own name. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/host/real.h"
#include "runtime/journal/keys.h"
#include "runtime/journal/postgres_rows.h"
#include "runtime/journal/snapshots.h"
#include "base/file.h"
#include "base/memory.h"

enum {
    FILE_PART = 1 << 20,
    FILE_MOST = 100 << 20, /* limit of a snapshot; a larger one is better copied by hand */
    SMALL_MOST = 16 << 20,
    /* size of a part of a small file: little, as the journal's next batch waits while a part is sent */
    SMALL_PART = 1 << 18,
    FILES_REST_US = 60000000, /* after one that failed */
    FILE_ASK_MS = 60000,
    FILE_NAME = 64,
};

static struct line_values file_values(const struct batches_rows *store, const char *name, uint64_t part)
{
    struct line_values values = rows_values(store);
    line_bytes(&values, span_of(name));
    line_number(&values, part);
    return values;
}

static enum line_outcome file_ask(struct batches_rows *store, enum line_ask ask, struct line_values *values,
                                  struct error *error)
{
    return postgres_line_ask(store->line, ask, values, FILE_ASK_MS, error);
}

/* ---- small files ---- */

void rows_files_name(struct batches_rows *store, const char *const *further)
{
    static const char *const own[] = {"activations.json", "directory.sqlite", "directory.from"};
    size_t count = sizeof own / sizeof *own;
    memcpy(store->standby.names, own, sizeof own);
    for (size_t i = 0; further && further[i] && count < ROWS_FILES; i++) store->standby.names[count++] = further[i];
}

static void small_end(struct rows_putting *putting)
{
    free(putting->sealed);
    *putting = (struct rows_putting){0};
}

/* Takes the next changed file, reads it and encrypts it as a whole. False: no file has changed, or it cannot be
 * read. */
static bool small_begin(struct batches_rows *store, size_t which, const char *path)
{
    struct rows_putting *putting = &store->standby.putting;
    const struct timespec *known = &store->standby.files[which];
    struct stat found;
    const char *why;
    size_t length;
    if (stat(path, &found) != 0 || (found.st_mtim.tv_sec == known->tv_sec && found.st_mtim.tv_nsec == known->tv_nsec))
        return false;
    char *bytes = file_read(path, SMALL_MOST, &length, &why);
    if (!bytes) return false;
    *putting = (struct rows_putting){.which = which, .of = found.st_mtim, .length = length + KEY_SEALED};
    putting->sealed = memory_grown(NULL, putting->length, 1);
    keys_seal(store->keys, KEYS_FILE, span_of(store->standby.names[which]),
              (struct span){(uint8_t *)bytes, (uint32_t)length}, putting->sealed);
    free(bytes);
    return true;
}

/* Runs a statement of the leader about a small file. The statement writes one row; if it writes none, another process
 * leads or rows are missing. */
static bool small_ask(struct batches_rows *store, enum line_ask ask, struct line_values *values, bool *deposed)
{
    line_number(values, store->term);
    rows_session(store, values);
    uint64_t sent_us = host_monotonic_us();
    bool good = postgres_line_ask(store->line, ask, values, (unsigned)store->standby.lease_ms, NULL) == LINE_DONE;
    if (good && postgres_line_rows(store->line) == 0) {
        rows_unchanged(store, deposed);
        return false;
    }
    if (good && ask == ASK_small_part_put) rows_signed(store, sent_us);
    return good;
}

static bool small_install(struct batches_rows *store, bool *deposed)
{
    struct rows_putting *putting = &store->standby.putting;
    uint64_t parts = (putting->length + SMALL_PART - 1) / SMALL_PART;
    struct line_values values = file_values(store, store->standby.names[putting->which], parts);
    bool good = rows_copies_answer(store, NULL) == LINE_DONE && small_ask(store, ASK_small_install, &values, deposed);
    if (good) store->standby.files[putting->which] = putting->of;
    if (good) small_end(putting);
    return good;
}

/* Sends one part, and after the last part gives the file its name. */
static bool small_go_on(struct batches_rows *store, bool *deposed)
{
    struct rows_putting *putting = &store->standby.putting;
    struct line_values values = file_values(store, store->standby.names[putting->which], putting->at / SMALL_PART);
    size_t length = putting->length - putting->at < SMALL_PART ? putting->length - putting->at : SMALL_PART;
    line_bytes(&values, (struct span){putting->sealed + putting->at, (uint32_t)length});
    putting->at += length;
    return small_ask(store, ASK_small_part_put, &values, deposed) &&
           (putting->at < putting->length || small_install(store, deposed));
}

bool rows_files_put(struct batches_rows *store, bool *deposed)
{
    struct rows_putting *putting = &store->standby.putting;
    uint64_t now_us = host_monotonic_us();
    if (now_us < store->standby.files_us) return false;
    for (size_t i = 0; i < ROWS_FILES && store->keys && !putting->sealed; i++) {
        size_t which = (store->standby.first + i) % ROWS_FILES;
        if (!store->standby.names[which]) continue;
        char *path = memory_format("%s/%s", store->state, store->standby.names[which]);
        if (small_begin(store, which, path)) store->standby.first = which + 1;
        free(path);
    }
    if (!putting->sealed) return false;
    if (small_go_on(store, deposed)) return true;
    if (!*deposed) {
        store->standby.files_us = now_us + FILES_REST_US;
        folder_note(&store->own, "%s is not in the database: who leads next would not have what it says",
                    store->standby.names[putting->which]);
    }
    small_end(putting);
    return false;
}

void rows_files_end(struct batches_rows *store)
{
    small_end(&store->standby.putting);
}

/* Reads all parts of that name; the caller frees the bytes. False: they cannot be read. */
static bool parts_get(struct batches_rows *store, const char *name, size_t most, uint8_t **bytes, size_t *length,
                      struct error *error)
{
    size_t capacity = 0;
    *bytes = NULL;
    *length = 0;
    for (uint64_t at = 0; *length <= most; at++) {
        struct line_values values = file_values(store, name, at);
        if (file_ask(store, ASK_file_get, &values, error) != LINE_DONE) return false;
        if (postgres_line_rows(store->line) != 1) return true;
        struct span part = postgres_line_bytes(store->line, 0, 0);
        memcpy(bytes_room(bytes, &capacity, *length, part.length), part.bytes, part.length);
        *length += part.length;
    }
    return error_set(error, ERROR_INPUT, "%s in the database is too large", name);
}

static bool small_get(struct batches_rows *store, const char *name, struct error *error)
{
    uint8_t *sealed;
    size_t length;
    bool good = parts_get(store, name, SMALL_MOST + KEY_SEALED, &sealed, &length, error);
    if (good && length > 0) {
        uint8_t *plain = memory_grown(NULL, length, 1);
        char *path = memory_format("%s/%s", store->state, name);
        good = keys_unseal(store->keys, KEYS_FILE, span_of(name), (struct span){sealed, (uint32_t)length}, plain) ||
               error_set(error, ERROR_INPUT, "%s in the database was altered", name);
        if (good && !file_install(path, plain, length - KEY_SEALED)) good = file_failed(path, error);
        free(path);
        free(plain);
    }
    free(sealed);
    return good;
}

bool rows_files_take(struct batches_rows *store, struct error *error)
{
    struct line_values values = rows_values(store);
    bool there[ROWS_FILES] = {false};
    if (!store->keys) return true;
    if (file_ask(store, ASK_files_there, &values, error) != LINE_DONE) return false;
    for (int row = 0; row < postgres_line_rows(store->line); row++)
        for (size_t i = 0; i < ROWS_FILES && store->standby.names[i]; i++)
            there[i] = there[i] || span_is(postgres_line_bytes(store->line, row, 0), store->standby.names[i]);
    for (size_t i = 0; i < ROWS_FILES; i++)
        if (there[i] && !small_get(store, store->standby.names[i], error)) return false;
    return true;
}

/* ---- the snapshot ---- */

static bool shared_parts_put(struct batches_rows *store, const char *name, FILE *file, struct error *error)
{
    uint8_t *part = memory_grown(NULL, FILE_PART, 1);
    bool good = true;
    size_t length;
    for (uint64_t at = 0; good && (length = fread(part, 1, FILE_PART, file)) > 0; at++) {
        struct line_values values = file_values(store, name, at);
        line_bytes(&values, (struct span){part, (uint32_t)length});
        good = file_ask(store, ASK_file_put, &values, error) == LINE_DONE;
    }
    free(part);
    return good && !ferror(file);
}

static bool shared_snapshot_put(struct batches_rows *store, uint64_t number, FILE *file, struct error *error)
{
    char name[FILE_NAME];
    snprintf(name, sizeof name, "snapshot %" PRIu64, number);
    struct line_values older = rows_values(store);
    line_number(&older, number);
    return postgres_line_run(store->line, "BEGIN", FILE_ASK_MS, error) == LINE_DONE &&
           shared_parts_put(store, name, file, error) &&
           file_ask(store, ASK_snapshot_older, &older, error) == LINE_DONE &&
           postgres_line_run(store->line, "COMMIT", FILE_ASK_MS, error) == LINE_DONE;
}

bool postgres_share_snapshot(const char *state, const struct journal_place *place, const uint8_t id[POSTGRES_ID],
                             struct error *error)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct batches_rows *store = rows_new(place, true, id, error);
    size_t count = snapshots_list(state, rows);
    FILE *file = store && count > 0 ? fopen(rows[0].path, "re") : NULL;
    struct line_values values = store ? rows_values(store) : (struct line_values){0};
    struct span node;
    if (file) line_number(&values, rows[0].number);
    bool good = !file || (rows_up(store, error) == LINE_DONE && batches_know_domain(store, &node, error) == LINE_DONE &&
                          file_ask(store, ASK_snapshot_wanted, &values, error) == LINE_DONE);
    bool wanted = good && file && postgres_line_number(store->line, 0, 0) > 0;
    if (wanted && rows[0].bytes > FILE_MOST)
        good = error_set(error, ERROR_STATE,
                         "it has %" PRIu64 " MB, and one above 100 MB is copied by hand, from snapshots/%020" PRIu64
                         ", to a machine that needs it",
                         rows[0].bytes >> 20, rows[0].number);
    else if (wanted)
        good = shared_snapshot_put(store, rows[0].number, file, error);
    if (file) fclose(file);
    if (store) postgres_close(store);
    free(rows);
    return good && store;
}

bool rows_snapshots_forget(struct batches_rows *store, const char *state, struct error *error)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    struct line_values values = rows_values(store);
    line_number(&values, snapshots_list(state, rows) > 0 ? rows[0].number : INT64_MAX);
    free(rows);
    return file_ask(store, ASK_snapshot_older, &values, error) == LINE_DONE;
}

static bool shared_snapshot_get(struct batches_rows *store, const char *state, uint64_t number, struct error *error)
{
    char name[FILE_NAME], path[SNAPSHOT_PATH];
    char *folder = memory_format("%s/snapshots", state);
    snapshots_path(state, number, path);
    uint8_t *bytes = NULL;
    size_t length = 0;
    snprintf(name, sizeof name, "snapshot %" PRIu64, number);
    bool good = (mkdir(folder, 0700) == 0 || errno == EEXIST || file_failed(folder, error)) &&
                parts_get(store, name, FILE_MOST, &bytes, &length, error);
    if (good && !file_install(path, bytes, length)) good = file_failed(path, error);
    free(bytes);
    free(folder);
    return good;
}

/* Does a replay from the given batch on need batches that were pruned, or keys that were erased since? */
static bool snapshot_needed(struct batches_rows *store, uint64_t newest, uint64_t first, bool *needed,
                            struct error *error)
{
    struct line_values values = rows_values(store);
    line_number(&values, newest);
    *needed = newest + 1 < first;
    if (*needed) return true;
    if (rows_ask(store, ASK_keys_gone, &values, error) != LINE_DONE) return false;
    *needed = postgres_line_number(store->line, 0, 0) > 0;
    return true;
}

bool rows_snapshot_fetch(struct batches_rows *store, const char *state, uint64_t first, struct error *error)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    uint64_t newest = snapshots_list(state, rows) > 0 ? rows[0].number : 0;
    bool needed;
    free(rows);
    if (!snapshot_needed(store, newest, first, &needed, error)) return false;
    struct line_values values = rows_values(store);
    /* Reads all parts at one moment, as the leader may meanwhile replace them by a newer snapshot. */
    static const char at_one_moment[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    if (postgres_line_run(store->line, at_one_moment, FILE_ASK_MS, error) != LINE_DONE ||
        file_ask(store, ASK_snapshot_name, &values, error) != LINE_DONE)
        return false;
    uint64_t number = postgres_line_number(store->line, 0, 0);
    if (number > newest && number + 1 >= first)
        return shared_snapshot_get(store, state, number, error) &&
               postgres_line_run(store->line, "COMMIT", FILE_ASK_MS, error) == LINE_DONE;
    if (!needed || (newest > 0 && newest + 1 >= first))
        return true; /* the folder's own snapshot may be newer than what was erased */
    return error_set(error, ERROR_STATE,
                     "the journal begins at batch %" PRIu64
                     "%s, and no snapshot is in the database yet: `gcxctl snapshot` "
                     "where it is led brings one; one above 100 MB is copied by hand",
                     first, first > 1 ? "" : ", secrets in it are erased");
}
